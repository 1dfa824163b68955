#!/usr/bin/env python3
"""Pairs of expressions with branches whose truth is known: an identity, or one that is broken on one
side of a branch. Counts what `surety equal` says about them.

Each pair starts as an expression and a rewriting of it. A broken pair adds what is zero on one side
of a place and not on the other, so that the two differ on an open set (and at whole numbers). Fails
when a broken pair is called equal or an identity different.

    branch_pairs.py SURETY [--pairs N] [--seed S] [--show]
"""
import argparse
import json
import random
import subprocess
import sys
from collections import Counter

LETTERS = "xyzabtnmk"


def number(r):
    """A place from 0.01 to 10^4, mostly a whole number."""
    if r.random() < 0.15:
        return f"{r.uniform(0.01, 9):.2f}"
    return str(r.choice([r.randint(1, 12), r.randint(1, 99), int(10 ** r.uniform(0, 4))]))


def linear(r, names):
    """A linear expression that changes its sign, and its negative."""
    c = number(r)
    shape = r.randrange(4)
    x = r.choice(names)
    if shape == 0:
        return f"{x}-{c}", f"{c}-{x}"
    if shape == 1:
        return f"{x}+{c}", f"-{c}-{x}"
    if shape == 2:
        k = r.randint(2, 9)
        return f"{k}{x}-{c}", f"{c}-{k}{x}"
    if len(names) > 1:
        x, y = r.sample(names, 2)
        return f"{x}-{y}+{c}", f"{y}-{x}-{c}"
    return f"{x}", f"-{x}"


def smooth(r, names):
    """Two looks of one polynomial."""
    x, c = r.choice(names), r.randint(1, 9)
    return r.choice([(f"({x}+{c})^2", f"{x}^2+{2 * c}{x}+{c * c}"), (f"{c}{x}", f"{x}\\cdot {c}"),
                     (f"{x}+{c}", f"{c}+{x}"), (f"{x}^3", f"{x}\\cdot {x}^2"),
                     (f"{c}", f"{c}+{x}-{x}")])


def square(r, names):
    """A square that is written out, and what it is the square of (with its negative)."""
    x = r.choice(names)
    c = r.randint(1, 60)
    if len(names) > 1 and r.random() < 0.5:
        y = r.choice([v for v in names if v != x])
        return r.choice([(f"{x}^2{y}^2", f"{x}{y}", f"-{x}{y}"),
                         (f"{x}^2-2{x}{y}+{y}^2", f"{x}-{y}", f"{y}-{x}"),
                         (f"{c * c}{x}^2{y}^2", f"{c}{x}{y}", f"-{c}{x}{y}")])
    return r.choice([(f"{x}^2-{2 * c}{x}+{c * c}", f"{x}-{c}", f"{c}-{x}"),
                     (f"{x}^2+{2 * c}{x}+{c * c}", f"{x}+{c}", f"-{c}-{x}"),
                     (f"({x}-{c})^2", f"{x}-{c}", f"{c}-{x}")])


def identity(r, names):
    """(kind, left, right): equal everywhere."""
    p, n = linear(r, names)
    s, q, m = square(r, names)
    w = r.randint(2, 400)
    x = r.choice(names)
    return r.choice([
        ("abs", f"|{p}|", f"|{n}|"),
        ("abs", f"|{p}|", f"\\max({p},{n})"),
        ("sgn", f"|{p}|", f"({p})\\operatorname{{sgn}}({p})"),
        ("max", f"\\max({p},{n})", f"\\max({n},{p})"),
        ("max", f"\\max({p},0)", f"\\frac{{|{p}|+{p}}}{{2}}"),
        ("min", f"\\min({p},0)", f"\\frac{{{p}-|{p}|}}{{2}}"),
        ("min", f"\\min({p},{n})", f"-|{p}|"),
        ("even root", f"\\sqrt{{({p})^2}}", f"|{p}|"),
        ("even root", f"\\sqrt[4]{{({p})^4}}", f"|{n}|"),
        ("square under a root", f"\\sqrt{{{s}}}", f"|{q}|"),
        ("square under a root", f"({s})^{{3/2}}", f"|{q}|^3"),
        ("floor", f"\\lfloor {x}+{w} \\rfloor", f"\\lfloor {x} \\rfloor+{w}"),
        ("floor", f"\\lceil {x} \\rceil", f"-\\lfloor -{x} \\rfloor"),
        ("mod", f"{x} \\bmod {w}", f"{x}-{w}\\lfloor {x}/{w} \\rfloor"),
    ])


def crack(r, names):
    """(kind, d): zero on one side of a place only."""
    p, n = linear(r, names)
    s, q, m = square(r, names)
    w = int(10 ** r.uniform(0.5, 4))
    x = r.choice(names)
    kinds = [
        ("abs", f"|{p}|-({p})"), ("abs", f"|{p}|-({n})"),
        ("max", f"\\max({p},0)"), ("max", f"\\max({p},{n})-({p})"),
        ("min", f"\\min({p},0)"), ("min", f"\\min({p},{n})-({n})"),
        ("sgn", f"\\operatorname{{sgn}}({p})-1"), ("sgn", f"\\operatorname{{sgn}}({p})+1"),
        ("floor", f"\\lfloor {x}/{w} \\rfloor"), ("mod", f"({x} \\bmod {w})-{x}"),
        ("even root", f"\\sqrt[4]{{({p})^4}}-({p})"),
        ("square under a root", f"\\sqrt{{{s}}}-({q})"),
        ("square under a root", f"\\sqrt{{{s}}}-({m})"),
        ("square under a root", f"({s})^{{3/2}}-({q})^3"),
    ]
    if len(names) > 1:
        x, y = r.sample(names, 2)
        kinds += [("several variables", f"|{x}|+|{y}|-|{x}+{y}|"),
                  ("several variables", f"|{x}{y}|-{x}{y}"),
                  ("several variables", f"\\max({x},{y})-{x}"),
                  ("several variables", f"\\operatorname{{sgn}}({x}{y})-1"),
                  ("several variables", f"\\sqrt{{{x}^2{y}^2}}-{x}{y}")] * 2
    return r.choice(kinds)


def pair(r):
    """(kind, left, right, equal)"""
    names = r.sample(LETTERS, r.choice([1, 1, 1, 2, 2, 3]))
    broken = r.random() < 0.7
    if not broken or r.random() < 0.4:
        kind, left, right = identity(r, names)
    else:
        kind, (left, right) = "", smooth(r, names)
    if r.random() < 0.5:
        a, b = smooth(r, names)
        left, right = f"{left}+{a}", f"{b}+{right}"
    if broken:
        kind, d = crack(r, names)
        left = f"{left}+{d}" if r.random() < 0.7 else f"{d}+{left}"
    return (kind, left, right, not broken) if r.random() < 0.5 else (kind, right, left, not broken)


def judge(surety, pairs):
    lines = "".join(json.dumps({"gold": a, "pred": b}) + "\n" for _, a, b, _ in pairs)
    done = subprocess.run([surety, "equal", "--jsonl", "-"], input=lines, text=True, check=False,
                          capture_output=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("surety")
    parser.add_argument("--pairs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true")
    o = parser.parse_args()
    r = random.Random(o.seed)
    pairs = [pair(r) for _ in range(o.pairs)]
    answers = judge(o.surety, pairs)
    if len(answers) != len(pairs):
        sys.exit(f"{len(answers)} answers to {len(pairs)} pairs")
    counts, wrong = Counter(), Counter()
    for (kind, a, b, equal), answer in zip(pairs, answers):
        counts[equal, answer["relation"]] += 1
        if answer["relation"] != "unknown" and (answer["relation"] != "different") != equal:
            wrong[equal, kind] += 1
            if o.show:
                print(f"{kind}: {a} | {b}: {answer['relation']} ({answer['how']})")
    for equal, name in ((True, "identities"), (False, "broken")):
        parts = [f"{n} {v}" for (e, v), n in sorted(counts.items()) if e == equal]
        print(f"{name}: {', '.join(parts)}")
    for (equal, kind), n in sorted(wrong.items()):
        print(f"  {n} {'identities called different' if equal else 'called equal'}: {kind}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
