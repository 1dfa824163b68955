#!/usr/bin/env python3
"""What kind the first error of each wrong solution is, and how many claims of each kind are refuted.

usage: first_errors.py PROBLEMS.jsonl RESULTS.jsonl...

A problem has "steps", its right claims in order ("sum: 42+96=138"); results are those of
`surety grade`. A claim is held against the step with its label. It is right if it has its value, else

  arithmetic   it calculates what the step does, and wrongly
  operator     it has other operators
  carried      it has other numbers: a value was carried on or read wrongly
  other        there is no such step, or no calculation; or no claim of a wrong solution differs

Prints one JSON object: {"first": {kind: solutions}, "claims": {kind or "right": [claims, refuted by
the signals self or blind]}}; equal claims of a result count once if they were judged alike.
"""
import json
import re
import sys

KINDS = ("arithmetic", "operator", "carried", "other")


def parts(claim):
    """Label, calculation and value of "sum: 42+96=138"; the whole as its label where it is none."""
    label, colon, rest = claim.partition(":")
    left, equals, value = re.sub(r"\s", "", rest).rpartition("=")
    if not (colon and equals):
        return claim.strip(), "", ""
    if re.fullmatch(r"\d+[+*]\d+", left):  # its terms or factors may change places
        left = re.search(r"[+*]", left)[0].join(sorted(re.split(r"[+*]", left)))
    return label.strip(), left, value


def kind_of(claim, step):
    """None: it is right."""
    _, left, value = parts(claim)
    if step is None or not left:
        return "other"
    _, right_left, right_value = parts(step)
    if value == right_value:
        return None
    if left == right_left:
        return "arithmetic"
    operators, right_operators = (re.sub(r"[\d.]", "", t) for t in (left, right_left))
    if operators != right_operators:
        return "operator"
    return "carried"


def first_error(claims, steps):
    by_label = {parts(s)[0]: s for s in steps}
    for claim in claims:
        kind = kind_of(claim, by_label.get(parts(claim)[0]))
        if kind:
            return kind
    return "other"


def first_errors(steps, results):
    """steps: id -> claims; results as grade writes them."""
    counts = dict.fromkeys(KINDS, 0)
    for result in results:
        for t in result["trajectories"]:
            if t.get("correct") is False and result["id"] in steps:
                counts[first_error([c["text"] for c in t["claims"]], steps[result["id"]])] += 1
    return counts


def refuted(steps, results):
    """kind -> [claims that a model judged, and how many of them it refuted]."""
    judged = set()
    for number, result in enumerate(results):
        by_label = {parts(s)[0]: s for s in steps.get(result["id"], ())}
        for t in result["trajectories"] if by_label else ():
            for claim in t["claims"]:
                values = [v for v in map(claim["signals"].get, ("self", "blind")) if v is not None]
                if values:
                    kind = kind_of(claim["text"], by_label.get(parts(claim["text"])[0])) or "right"
                    judged.add((number, kind, claim["text"], values[0] < 0.5))
    counts = {kind: [0, 0] for kind in (*KINDS, "right")}
    for _, kind, _, no in judged:
        counts[kind][0] += 1
        counts[kind][1] += no
    return counts


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as f:
        problems = [json.loads(line) for line in f]
    steps = {str(p["id"]): p["steps"] for p in problems if "steps" in p}
    results = [json.loads(line) for path in sys.argv[2:] for line in open(path, encoding="utf-8")]
    print(json.dumps({"first": first_errors(steps, results), "claims": refuted(steps, results)}))


if __name__ == "__main__":
    main()
