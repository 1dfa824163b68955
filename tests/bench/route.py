#!/usr/bin/env python3
"""Holds the demo model's two routes against each other: solving as usual, and working the last
quantity out as its verifier does.

usage: route.py [-k K] SURETY PROBLEMS.jsonl [-- OPTION...]

PROBLEMS are those of scripts/problems, with "gold" and "steps". The second route's prompt is the
`blind` one of the profile `demo` about the last step's label, given as a problem, for the solver's
prompt is the problem alone. Both are sampled K times (8) and read here, for the second route ends
in "label: ...=value" and not in an answer. OPTIONs go to grade (--model FILE, --seed S).

Prints one JSON object: {route: {pass_at_1 and cons, each with its 95 % interval over problems; calls;
tokens made and read of a call}}.
"""
import argparse
import collections
import json
import random
import re
import subprocess
import sys

ROUTES = {"solver": "{problem}", "verifier": "{problem}\nBlind:\n{quantity}=?"}
RESAMPLES = 10000


def interval(values):
    """The mean and where 95 % of the means of resampled problems lie."""
    rng, n = random.Random(1), len(values)
    means = sorted(sum(rng.choices(values, k=n)) / n for _ in range(RESAMPLES))
    return {"value": sum(values) / n, "low": means[RESAMPLES // 40], "high": means[-1 - RESAMPLES // 40]}


def value_of(text):
    """What the last line says, as an answer or behind its last equals sign."""
    found = re.search(r"(?:\\boxed\{|=)([^={}\n]+)\}?\s*$", text)
    return found and found[1].strip()


def measure(args, prompt):
    problems = [json.loads(line) for line in open(args.problems, encoding="utf-8")]
    lines = "".join(json.dumps({"id": p["id"], "problem": prompt.format(
        problem=p["problem"], quantity=p["steps"][-1].partition(":")[0])}) + "\n" for p in problems)
    run = subprocess.run([args.surety, "grade", "--verify", "none", "-k", str(args.k), "--text", "--stable", "-", "-o", "-",
                          *args.options], input=lines, capture_output=True, text=True)
    if run.returncode:
        sys.exit(run.stderr)
    usage, single, plurality = collections.Counter(), [], []
    for problem, line in zip(problems, run.stdout.splitlines()):
        result = json.loads(line)
        said = [value_of(t["text"]) for t in result["trajectories"]]
        usage.update({key: result["usage"][key] for key in ("calls", "completion_tokens", "prompt_tokens")})
        single.append(said.count(problem["gold"]) / len(said))
        votes = collections.Counter(filter(None, said)).most_common(1)
        plurality.append(bool(votes) and votes[0][0] == problem["gold"])
    return {"pass_at_1": interval(single), "cons": interval(plurality), "calls": usage["calls"],
            "tokens_made": usage["completion_tokens"] / usage["calls"], "tokens_read": usage["prompt_tokens"] / usage["calls"]}


def main():
    parser = argparse.ArgumentParser(description="Hold the demo model's two routes against each other.")
    parser.add_argument("-k", type=int, default=8, help="solutions of a problem (8)")
    parser.add_argument("surety")
    parser.add_argument("problems")
    cut = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    args = parser.parse_args(sys.argv[1:cut])
    args.options = sys.argv[cut + 1:]
    json.dump({name: measure(args, prompt) for name, prompt in ROUTES.items()}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
