#!/usr/bin/env python3
"""The table of docs/real-models.md: what each way of judging does to the vote on the same recorded samples.

usage: real_table.py [--few N --subsets N] NAME=RESULTS.jsonl... > table.md

RESULTS are results of `surety score` or `grade` on the same samples, with gold answers; the first one's names the
samples. Printed for each: pass@1, Cons@K, CLR@K, pass@K; the area under the curve (AUC) of r within problems
beside that of the own group's size; rescue, harm, the paired difference with its interval over problems
(bootstrap); and at equal tokens CLR over N of the samples against Cons over as many as cost the same, averaged over
random subsets. Tokens are those that were computed: prompt and completion, cached ones not counted. What K samples
share of a prompt is counted once.
"""
import argparse
import json
import random
from collections import defaultdict

RESAMPLES = 10000


def read(path):
    with open(path, encoding="utf-8") as f:
        results = (json.loads(line) for line in f)
        return {r["id"]: r for r in results if "correct" in r}


class Problem:
    """One result: for each trajectory its group, r, correctness and cost."""

    def __init__(self, result):
        group_of = {k: g for g, group in enumerate(result["groups"]) for k in group["members"]}
        size = [group["count"] for group in result["groups"]]
        ts, usage = result["trajectories"], result["usage"]
        self.group = [group_of.get(t["index"]) for t in ts]
        self.r = [t["r"] for t in ts]
        self.right = [t.get("correct") is True for t in ts]
        self.size = [size[g] if g is not None else 0 for g in self.group]
        self.tokens = [t["tokens"] for t in ts]
        judged = (usage["verify_tokens"] + usage.get("verify_prompt_tokens", 0)
                  - usage.get("verify_cached_tokens", 0))
        self.judging = judged / len(ts)
        self.cons = result["correct"]["cons"] is True
        self.clr = result["correct"]["clr"] is True
        self.any = any(self.right)

    def vote(self, chosen, weigh):
        """Whether the group with the most weight is right: ties go to the larger, then to the earlier one."""
        score, count, first = defaultdict(float), defaultdict(int), {}
        for k in chosen:
            g = self.group[k]
            if g is not None:
                score[g] += self.r[k] if weigh else 1
                count[g] += 1
                first.setdefault(g, k)
        if not score:
            return False
        best = max(score, key=lambda g: (round(score[g], 12), count[g], -first[g]))
        return self.right[first[best]]


def auc(problems, value):
    """The chance that a right sample is above a wrong one of the same problem, and over how many problems."""
    areas = []
    for p in problems:
        values = value(p)
        right = [v for v, ok in zip(values, p.right) if ok]
        wrong = [v for v, ok in zip(values, p.right) if not ok]
        if right and wrong:
            above = sum((a > b) + 0.5 * (a == b) for a in right for b in wrong)
            areas.append(above / (len(right) * len(wrong)))
    return (sum(areas) / len(areas) if areas else float("nan")), len(areas)


def interval(differences):
    chooser, n = random.Random(2), len(differences)
    means = sorted(sum(chooser.choices(differences, k=n)) / n for _ in range(RESAMPLES))
    return means[int(0.025 * RESAMPLES)], means[int(0.975 * RESAMPLES) - 1]


def equal_tokens(problems, few, subsets):
    """For each problem (CLR over few, Cons over as many as cost the same), shares over random subsets."""
    chooser = random.Random(3)
    outcomes = []
    for p in problems:
        every = range(len(p.r))
        mean = sum(p.tokens) / len(p.tokens)
        clr = cons = 0
        for _ in range(subsets):
            chosen = sorted(chooser.sample(every, min(few, len(p.r))))
            cost = sum(p.tokens[k] for k in chosen) + p.judging * len(chosen)
            many = min(len(p.r), max(1, round(cost / mean))) if mean else len(p.r)
            clr += p.vote(chosen, True)
            cons += p.vote(sorted(chooser.sample(every, many)), False)
        outcomes.append((clr / subsets, cons / subsets))
    return outcomes


def percent(values):
    values = list(values)
    return f"{100 * sum(values) / len(values):.1f}"


def signed(differences):
    low, high = interval(differences)
    return f"{100 * sum(differences) / len(differences):+.1f} [{100 * low:+.1f}, {100 * high:+.1f}]"


def row(name, problems, few, subsets):
    area, n = auc(problems, lambda p: p.r)
    size, _ = auc(problems, lambda p: p.size)
    equal = equal_tokens(problems, few, subsets)
    tokens = sum(sum(p.tokens) for p in problems)
    judging = sum(p.judging * len(p.r) for p in problems)
    cells = [
        name, len(problems), percent(ok for p in problems for ok in p.right), percent(p.cons for p in problems),
        percent(p.clr for p in problems), percent(p.any for p in problems), f"{area:.2f} / {size:.2f} ({n})",
        sum(p.clr and not p.cons for p in problems), sum(p.cons and not p.clr for p in problems),
        signed([p.clr - p.cons for p in problems]), f"{100 * judging / tokens:.0f} %" if tokens else "-",
        f"{percent(a for a, _ in equal)} / {percent(b for _, b in equal)}", signed([a - b for a, b in equal]),
    ]
    return "| " + " | ".join(map(str, cells)) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", metavar="NAME=RESULTS.jsonl")
    parser.add_argument("--few", type=int, default=8)
    parser.add_argument("--subsets", type=int, default=200)
    arguments = parser.parse_args()
    runs = [run.split("=", 1) for run in arguments.runs]
    found = [(name, read(path)) for name, path in runs]
    common = set.intersection(*(set(results) for _, results in found))
    head = ["way", "n", "pass@1", "Cons@K", "CLR@K", "pass@K", "AUC r / group size (problems)", "rescue", "harm",
            "CLR - Cons", "judging's tokens", f"CLR@{arguments.few} / Cons at equal tokens", "difference"]
    print("| " + " | ".join(head) + " |")
    print("|" + " --- |" * len(head))
    for name, results in found:
        problems = [Problem(r) for i, r in results.items() if i in common]
        print(row(name, problems, arguments.few, arguments.subsets))


if __name__ == "__main__":
    main()
