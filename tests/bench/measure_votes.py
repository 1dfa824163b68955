#!/usr/bin/env python3
"""What every rule without a model does to the plain vote, on recorded samples.

usage: measure_votes.py [--draws N --k K] SURETY SAMPLES.jsonl... [-- OPTION...]

Runs `SURETY score` once for each file and rule and prints a markdown table: accuracy of the plain
vote (Cons) and of the rule (CLR), their difference with its 95 % interval over problems (bootstrap),
and the votes rescued and harmed. All samples of a problem vote once; with --draws, N times K of
them drawn without replacement (fixed seed), averaged inside a problem: few votes tie often, which
is where a rule that only breaks ties can show what it does. OPTIONs go to score (--reextract).
"""
import argparse
import json
import os
import random
import subprocess
import tempfile

RULES = [
    ("soft, symbolic (default)", ["--rule", "soft", "--signals", "symbolic"]),
    ("soft, agreement", ["--rule", "soft", "--signals", "agreement"]),
    ("power, symbolic, gamma 5", ["--rule", "power", "--signals", "symbolic", "--gamma", "5"]),
    ("power, symbolic, gamma 1", ["--rule", "power", "--signals", "symbolic", "--gamma", "1"]),
    ("power, agreement, gamma 5", ["--rule", "power", "--signals", "agreement", "--gamma", "5"]),
    ("power, agreement, gamma 1", ["--rule", "power", "--signals", "agreement", "--gamma", "1"]),
    ("power, both, gamma 1", ["--rule", "power", "--signals", "symbolic,agreement", "--gamma", "1"]),
]
RESAMPLES = 2000


def votes(problems, draws, k):
    """One line for each vote; its id begins with the number of its problem."""
    chooser = random.Random(1)
    for number, line in enumerate(problems):
        problem = json.loads(line)
        samples = problem["samples"]
        for draw in range(draws or 1):
            problem["id"] = f"{number}.{draw}"
            if draws:
                problem["samples"] = chooser.sample(samples, min(k, len(samples)))
            yield json.dumps(problem) + "\n"


def score(surety, path, out, options):
    """For each problem, the list of (cons right, rule right)."""
    if os.path.exists(out):
        os.remove(out)
    subprocess.run([surety, "score", *options, "--verify", "none", "-o", out, path],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    outcomes = {}
    with open(out, encoding="utf-8") as f:
        for line in f:
            result = json.loads(line)
            right = result.get("correct") or {}
            outcomes.setdefault(result["id"].split(".")[0], []).append(
                (right.get("cons") is True, right.get("clr") is True))
    return list(outcomes.values())


def interval(differences):
    chooser, n = random.Random(2), len(differences)
    means = sorted(sum(chooser.choices(differences, k=n)) / n for _ in range(RESAMPLES))
    return means[int(0.025 * RESAMPLES)], means[int(0.975 * RESAMPLES) - 1]


def row(name, rule, outcomes):
    def mean(of):
        return sum(sum(map(of, votes)) / len(votes) for votes in outcomes) / len(outcomes)
    low, high = interval([sum(b - a for a, b in votes) / len(votes) for votes in outcomes])
    flat = [vote for votes in outcomes for vote in votes]
    cons, clr = mean(lambda v: v[0]), mean(lambda v: v[1])
    rescue = sum(b and not a for a, b in flat)
    harm = sum(a and not b for a, b in flat)
    return (f"| {name} | {len(outcomes)} | {rule} | {100 * cons:.1f} | {100 * clr:.1f} | "
            f"{100 * (clr - cons):+.2f} [{100 * low:+.2f}, {100 * high:+.2f}] | {rescue} | {harm} | "
            f"{len(flat)} |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--draws", type=int, default=0)
    parser.add_argument("--k", type=int, default=4)
    parser.add_argument("surety")
    parser.add_argument("files", nargs="+")
    options, extra = parser.parse_known_args()
    print("| samples | problems | rule | Cons % | CLR % | CLR - Cons | rescue | harm | votes |")
    print("|---|---|---|---|---|---|---|---|---|")
    for path in options.files:
        name = os.path.basename(path).removesuffix(".jsonl")
        with tempfile.TemporaryDirectory() as folder:
            drawn, out = os.path.join(folder, "in.jsonl"), os.path.join(folder, "out.jsonl")
            with open(path, encoding="utf-8") as f, open(drawn, "w", encoding="utf-8") as g:
                g.writelines(votes(f, options.draws, options.k))
            for rule, arguments in RULES:
                print(row(name, rule, score(options.surety, drawn, out, arguments + extra)),
                      flush=True)


if __name__ == "__main__":
    main()
