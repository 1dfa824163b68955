#!/usr/bin/env python3
"""In how many wrong solutions a claim carries the first wrong step: a claim that was never made cannot be refuted.

usage: extraction_recall.py [-m N] SURETY [PROFILE]         claims as `surety claims` cuts them from the texts
       extraction_recall.py [-m N] --results RESULTS.jsonl  claims of results whose ids are ID/SAMPLE

-m N: only the first N claims of a solution. The solutions are tests/data/recorded/wrong-steps-gsm8k.jsonl;
--samples prints them as problems for `surety score`. A step is carried by a claim that holds one of its
values and one of its words.
"""
import argparse
import json
import math
import re
import subprocess
from collections import Counter
from fractions import Fraction
from pathlib import Path

STEPS = Path(__file__).parent.parent / "data/recorded/wrong-steps-gsm8k.jsonl"
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:/\d+)?(?:\.\d+)?(?![\w/]|\.\d)")


def plain(text):
    """LaTeX's fractions, products and spacing as plain text, without spaces between."""
    text = re.sub(r"\\(?:text|mathrm)\s*\{([^{}]*)\}", r" \1 ", text)
    text = re.sub(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}", r"\1/\2", text)
    text = re.sub(r"\\times|\\cdot|×", "*", text).replace("\\div", "/").replace("÷", "/")
    return re.sub(r"(?<=\d),(?=\d{3})", "", re.sub(r"[\\$]", " ", text)).replace("−", "-")


def numbers(text):
    found = set()
    for number in NUMBER.findall(text):
        try:
            found.add(Fraction(number))
        except (ValueError, ZeroDivisionError):
            pass
    return found


def carries(claim, step):
    text = plain(claim)
    words = step["words"]
    if words and not any(re.search(r"(?<!\w)%s" % re.escape(word), text, re.I) or word in claim for word in words):
        return False
    tight = re.sub(r"\s", "", text)
    there = numbers(text) | numbers(tight)
    for value in step["values"]:
        if NUMBER.fullmatch(value):
            if Fraction(value) in there:
                return True
        elif re.sub(r"\s", "", value) in tight:
            return True
    return False


def wilson(right, n, z=1.96):
    if n == 0:
        return math.nan, math.nan
    p = right / n
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


def cut(surety, profile, m, step):
    command = [surety, "claims", "-m", str(m), "--problem", step["problem"]]
    command += ["--profile", profile] if profile else []
    reply = subprocess.run(command + ["-"], input=step["text"], capture_output=True, text=True, check=True)
    return [claim["text"] for claim in json.loads(reply.stdout)["claims"]]


def report(steps, claims_of, m):
    carried, total, without, count = Counter(), Counter(), 0, 0
    for step in steps:
        claims = claims_of(step)[:m]
        count += len(claims)
        without += not claims
        total[step["kind"]] += 1
        carried[step["kind"]] += any(carries(claim, step) for claim in claims)
    n, right = sum(total.values()), sum(carried.values())
    low, high = wilson(right, n)
    return {
        "solutions": n, "without_claims": without, "claims_each": round(count / n, 2),
        "recall": {"value": round(right / n, 3), "low": round(low, 3), "high": round(high, 3)},
        "kinds": {kind: [carried[kind], total[kind]] for kind in sorted(total)},
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("surety", nargs="?")
    parser.add_argument("profile", nargs="?")
    parser.add_argument("-m", type=int, default=5)
    parser.add_argument("--results")
    parser.add_argument("--samples", action="store_true")
    arguments = parser.parse_args()
    with STEPS.open(encoding="utf-8") as f:
        steps = [json.loads(line) for line in f]
    if arguments.samples:
        for step in steps:
            print(json.dumps({"id": f"{step['id']}/{step['sample']}", "problem": step["problem"], "gold": step["gold"],
                              "samples": [{"text": step["text"]}]}, ensure_ascii=False))
        return
    if arguments.results:
        with open(arguments.results, encoding="utf-8") as f:
            results = {r["id"]: [c["text"] for c in r["trajectories"][0]["claims"]] for r in map(json.loads, f)}
        steps = [step for step in steps if f"{step['id']}/{step['sample']}" in results]
        found = report(steps, lambda step: results[f"{step['id']}/{step['sample']}"], arguments.m)
    elif arguments.surety:
        found = report(steps, lambda step: cut(arguments.surety, arguments.profile, arguments.m, step), arguments.m)
    else:
        parser.error("name the program, or --results")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
