#!/usr/bin/env python3
"""Wraps a Python function for surety: surety solve --engine "exec:python3 exec_engine.py" "What is 14*23?" """
import json
import random
import re
import sys


def complete(messages, seed, temperature, **_):
    """Ask your model here. This one multiplies, and slips once in four times."""
    a, b = map(int, re.search(r"(\d+)\s*\*\s*(\d+)", messages[-1]["content"] + " 6*7").groups())
    chance = random.Random(seed if temperature else 0)
    value = a * b + (10 if chance.random() < 0.25 else 0)
    return f"We have {a}*{b}={value}. The answer is \\boxed{{{value}}}."


out, sys.stdout = sys.stdout, sys.stderr  # what the function prints must not come between
for line in sys.stdin:
    request = json.loads(line)
    try:
        reply = {"text": complete(**request)}
    except Exception as e:
        reply = {"error": repr(e)}
    print(json.dumps({"id": request["id"], **reply}), file=out, flush=True)
