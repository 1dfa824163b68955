"""The shipped model as a verifier, on problems that nothing else draws: it must tell right claims from
wrong ones of every kind. One that agrees with everything, or with nothing, or goes by arithmetic cannot.
"""
import collections
import json
import os
import random
import re
import sys

from rig import Rig, expect, main

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(ROOT, "examples", "demo"))

import lessons  # noqa: E402 (from examples/demo)
import problems  # noqa: E402

SEED, OF_EACH_KIND, ENOUGH = 70411, 40, 36
LONG = 300  # seconds; sanitizers are slow
RIGHT, WRONG = ("right", "right beside wrong"), ("sum", "operator", "operand", "carried")


def kind_of(chain, gold, at, slip):
    """Of claim at in a chain that goes wrong at slip. Of the wrong ones only "sum" is wrong arithmetic;
    None: more than one thing is wrong."""
    (_, a, operator, b, value), true = chain[at], gold[at]
    if lessons.same(chain[at], true):
        return "right beside wrong"
    if operator == "/" and a % b or problems.EVALUATE[operator](a, b) != value:
        return "sum" if (a, operator, b) == true[1:4] else None
    if at > slip:
        return "carried"
    return "operand" if operator == true[2] else "operator"


def planted():
    """{kind: [(problem, chain, index of the claim)]}, at most one of a kind from a problem."""
    rng, kinds = random.Random(SEED), collections.defaultdict(list)
    for problem in problems.fresh(SEED, 250):
        chain, slip = lessons.wrong_chain(rng, problem)
        found = {"right": (problem, problem.chain, rng.randrange(problems.STEPS))}
        for at in rng.sample(range(problems.STEPS), problems.STEPS):
            found[kind_of(chain, problem.chain, at, slip)] = problem, chain, at
        for kind, claim in found.items():
            kinds[kind].append(claim)
    return {kind: kinds[kind][:OF_EACH_KIND] for kind in RIGHT + WRONG}


def prompts_of_profile():
    with open(os.path.join(ROOT, "claims", "read", "profiles", "demo.profile"), encoding="utf-8") as f:
        parts = re.split(r"^\[(\w+) user\]\n", f.read(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], map(str.strip, parts[2::2])))


def expect_told_apart(rig, form, read):
    """Asks about the planted claims in one of the profile's forms. The solver's prompt is the problem
    alone, so any prompt can be given as a problem. read(reply, index of the claim, its step)"""
    kinds, prompt = planted(), prompts_of_profile()[form]
    asked = {kind: [prompt.format(
        problem=problem.text, claim=problems.claim_of(chain[at]), quantity=chain[at][0],
        claims="\n".join(f"{i}. {problems.claim_of(s)}" for i, s in enumerate(chain, 1)))
        for problem, chain, at in claims] for kind, claims in kinds.items()}
    once = list(dict.fromkeys(sum(asked.values(), [])))
    source = rig.write_lines("in.jsonl", [{"problem": text} for text in once])
    result = rig.run("grade", "--verify", "none", "-k", "1", "--temperature", "0", "--text", "--stable",
                     source, "-o", rig.path("out.jsonl"), timeout=LONG)
    expect(result.code == 0, result.err)
    replies = {text: line["trajectories"][0]["text"]
               for text, line in zip(once, rig.read_lines("out.jsonl"))}
    for kind, claims in kinds.items():
        verdicts = [read(replies[text], at, chain[at]) for text, (_, chain, at) in zip(asked[kind], claims)]
        expect(len(verdicts) == OF_EACH_KIND, kind, len(verdicts))
        expect(verdicts.count("yes" if kind in RIGHT else "no") >= ENOUGH, form, kind, verdicts)


def test_each_tells_claims_apart(rig: Rig):
    expect_told_apart(rig, "each", lambda reply, at, step: reply.split("\n")[-1])


def test_joint_tells_claims_apart(rig: Rig):
    expect_told_apart(rig, "joint", lambda reply, at, step: dict(
        re.findall(r"^(\d): (yes|no)$", reply, re.MULTILINE)).get(str(at + 1)))


def test_blind_values_tell_claims_apart(rig: Rig):
    def read(reply, at, step):
        value = re.search(r"=(\d+)$", reply)
        return value and ("yes" if int(value[1]) == step[4] else "no")
    expect_told_apart(rig, "blind", read)


def test_verdicts_of_the_model_alone_rescue_problems(rig: Rig):
    source = rig.write_lines("in.jsonl", [
        {"problem": p.text, "gold": str(p.gold)} for p in problems.fresh(SEED, 60, True)])
    result = rig.run("grade", "--verify", "each", "--signals", "self", "-k", "8", source,
                     "-o", rig.path("out.jsonl"), "--summary", rig.path("table.json"), timeout=LONG)
    expect(result.code == 0, result.err)
    with open(rig.path("table.json"), encoding="utf-8") as f:
        table = json.load(f)
    expect(table["n"] == 60 and table["rescue"] - table["harm"] >= 2, table)  # 4 and 0 when it was written


main(globals())
