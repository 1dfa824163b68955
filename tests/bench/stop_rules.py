#!/usr/bin/env python3
"""What the stop rules would cost and change: a row for each file and rule.

usage: stop_rules.py SURETY [-k K] FILE...
FILE: recorded votes ({"id", "problem", "gold", "samples"}), which `surety score` reads, or results of `surety grade`
under one rule and seed each, told as none=FILE,beta=FILE,... with what they really cost.
"""
import argparse
import json
import subprocess
import sys

RULES = ("none", "beta", "sure", "certified")


def score(surety, rule, path):
    out = subprocess.run([surety, "score", "--stop", rule, "-o", "-", path], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in out.stdout.splitlines() if line.startswith("{")]


def tokens(result):
    return result["usage"]["completion_tokens"] + result["usage"]["verify_tokens"]


def describe(name, rule, results, plain):
    graded = [r for r in results if r.get("correct")]
    changed = sum(r["answer"] != plain[r["id"]]["answer"] for r in results if r["id"] in plain)
    right = sum(r["correct"]["clr"] is True for r in graded)
    accepted = sum(map(tokens, results)) / max(right, 1)
    print(f"| {name} | {rule} | {len(results)} | {sum(r['used'] for r in results) / len(results):.1f} | "
          f"{sum(map(tokens, results)) / len(results):.0f} | {sum(r['usage']['wall_ms'] for r in results) / len(results):.0f} | "
          f"{changed} | {100 * right / max(len(graded), 1):.1f} % | {accepted:.0f} |")


def majority(name, results, k):
    """Plain majority of the first k, by the groups of the whole."""
    right = spent = 0
    for r in results:
        first = {t["index"] for t in r["trajectories"] if t["index"] < k}
        groups = [sorted(first & set(g["members"])) for g in r["groups"]]
        best = max((g for g in groups if g), key=lambda g: (len(g), -g[0]), default=[])
        correct = {t["index"]: t.get("correct") for t in r["trajectories"]}
        right += bool(best) and correct[best[0]] is True
        spent += sum(t["tokens"] for t in r["trajectories"] if t["index"] in first)
    print(f"| {name} | Cons@{k} | {len(results)} | {k} | {spent / len(results):.0f} | | | {100 * right / len(results):.1f} % | "
          f"{spent / max(right, 1):.0f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("surety")
    parser.add_argument("files", nargs="+")
    parser.add_argument("-k", type=int, default=16, help="of the plain majority (16)")
    arguments = parser.parse_args()
    print("| what | rule | problems | mean K | tokens | wall ms | answers changed | right | tokens for one right answer |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for path in arguments.files:
        if "=" in path:
            runs = {rule: [json.loads(line) for line in open(name, encoding="utf-8")]
                    for rule, name in (part.split("=", 1) for part in path.split(","))}
            name = "graded"
        else:
            runs = {rule: score(arguments.surety, rule, path) for rule in RULES}
            name = path.rsplit("/", 1)[-1].removesuffix(".jsonl")
        plain = {r["id"]: r for r in runs["none"]}
        for rule, results in runs.items():
            describe(name, rule, results, plain)
        majority(name, runs["none"], arguments.k)


if __name__ == "__main__":
    sys.exit(main())
