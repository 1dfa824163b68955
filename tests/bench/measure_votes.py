#!/usr/bin/env python3
"""What every rule without a model does to the plain vote, on recorded samples.

usage: measure_votes.py SURETY SAMPLES.jsonl... [-- OPTION...]

Runs `SURETY score` once for each file and rule and prints a markdown table: accuracy of the plain
vote (Cons) and of the rule (CLR), their difference with its 95 % interval over problems, the
problems rescued and harmed, and the exact McNemar p. OPTIONs are handed on to score (--reextract).
"""
import json
import os
import subprocess
import sys
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


def score(surety, path, options):
    with tempfile.TemporaryDirectory() as folder:
        summary = os.path.join(folder, "summary.json")
        subprocess.run([surety, "score", *options, "--verify", "none", "--summary", summary,
                        "-o", os.path.join(folder, "results.jsonl"), path],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(summary, encoding="utf-8") as f:
            return json.load(f)


def main():
    arguments = sys.argv[1:]
    extra = []
    if "--" in arguments:
        at = arguments.index("--")
        arguments, extra = arguments[:at], arguments[at + 1:]
    if len(arguments) < 2:
        sys.exit(__doc__)
    surety, files = arguments[0], arguments[1:]
    print("| samples | problems | K | rule | Cons % | CLR % | CLR - Cons | rescue | harm | p |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for path in files:
        name = os.path.basename(path).removesuffix(".jsonl")
        for rule, options in RULES:
            s = score(surety, path, options + extra)
            d = s["clr_minus_cons"]
            print(f"| {name} | {s['n']} | {s['k']} | {rule} | {100 * s['cons']['value']:.1f} | "
                  f"{100 * s['clr']['value']:.1f} | {100 * d['value']:+.1f} "
                  f"[{100 * d['low']:+.1f}, {100 * d['high']:+.1f}] | {s['rescue']} | {s['harm']} | "
                  f"{d['p']:.2g} |", flush=True)


if __name__ == "__main__":
    main()
