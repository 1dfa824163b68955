#!/usr/bin/env python3
"""Draws the problems of docs/real-models.md: GSM8K test problems that no other data of the project holds.

usage: real_problems.py TEST.jsonl SEEN.jsonl... > PROBLEMS.jsonl

TEST.jsonl is grade_school_math/data/test.jsonl of openai/grade-school-math (MIT). What SEEN files hold under
"problem" or "question" is left out; the rest comes in the order of the hash of its text, so that the first N are
the same N for everyone.
"""
import hashlib
import json
import sys


def words(text):
    return " ".join(text.split())


def lines(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    seen = {words(row[key]) for path in sys.argv[2:] for row in lines(path)
            for key in ("problem", "question") if isinstance(row.get(key), str)}
    drawn = []
    for number, row in enumerate(lines(sys.argv[1])):
        problem = row["question"]
        if words(problem) in seen:
            continue
        gold = row["answer"].split("####")[-1].strip().replace(",", "")
        line = {"id": "gsm8k-test-%04d" % number, "problem": problem, "gold": gold}
        drawn.append((hashlib.sha256(words(problem).encode()).hexdigest(), line))
    for _, line in sorted(drawn, key=lambda pair: pair[0]):
        print(json.dumps(line, ensure_ascii=False))


if __name__ == "__main__":
    main()
