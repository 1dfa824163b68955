"""`score` with an engine: recorded samples are judged by another model, and nothing is sampled."""
import json
import os
import sys

from rig import expect, main

JUDGE = """
import json, sys
for line in sys.stdin:
    request = json.loads(line)
    assert request["stage"] == "verify", "nothing is sampled"
    text = "VERDICT: VALID" if "the lid is red" in request["messages"][-1]["content"] else "VERDICT: REFUTED - no"
    print(json.dumps({"id": request["id"], "text": text}), flush=True)
"""
SAMPLES = [{"text": f"It is \\boxed{{{a}}}.\nClaims:\n1. the lid is {c}\n", "seed": 7}
           for a, c in ((5, "blue"), (5, "blue"), (4, "red"))]


def lines(n):
    return [{"id": f"p{i}", "problem": f"How many pens are in box {i}?", "gold": "4", "samples": SAMPLES[i % 2:]}
            for i in range(n)]


def score(rig, name, *args):
    judge = f"exec:command={sys.executable} {rig.write('judge.py', JUDGE)},model=judge"
    return rig.run("score", "--engine", judge, "--verify", "each", name, "-o", rig.path("out.jsonl"), *args)


def test_recorded_samples_are_judged(rig):
    name = rig.write_lines("samples, of two\\.jsonl", lines(4))
    result = score(rig, name)
    expect(result.code == 0, result.out, result.err)
    results = {r["id"]: r for r in rig.read_lines("out.jsonl")}
    expect(len(results) == 4, results)
    for i in range(4):
        r = results[f"p{i}"]
        expect(r["answer"] == "4" and len(r["trajectories"]) == 3 - i % 2 and r["correct"]["clr"], r)
        expect(r["run"]["model"] == "recorded" and r["run"]["verifier_model"] == "judge", r["run"])
        expect(r["usage"]["verify_tokens"] > 0, r["usage"])
    expect(results["p0"]["baselines"]["cons"] == "5", results["p0"])


def test_samples_that_are_texts_alone_are_judged(rig):
    alone = [dict(line, samples=[sample["text"] for sample in line["samples"]]) for line in lines(2)]
    result = score(rig, rig.write_lines("alone.jsonl", alone))
    expect(result.code == 0 and [r["answer"] for r in rig.read_lines("out.jsonl")] == ["4", "4"], result.out, result.err)


def test_a_problem_with_two_sets_of_samples_is_refused(rig):
    twice = [dict(lines(1)[0], id="a"), dict(lines(1)[0], id="b")]
    result = score(rig, rig.write_lines("same.jsonl", twice))
    expect(result.code == 0 and not result.err and len(rig.read_lines("out.jsonl")) == 2, result.code, result.err)
    os.remove(rig.path("out.jsonl"))
    twice[1]["samples"] = SAMPLES[::-1]
    result = score(rig, rig.write_lines("other.jsonl", twice))
    expect(result.code != 0 and "other.jsonl:2: the problem of line 1" in result.err, result.code, result.err)


def test_judging_is_resumed(rig):
    name = rig.write_lines("s.jsonl", lines(3))
    expect(score(rig, name, "--limit", "1").code == 0, "the first")
    first = rig.read_lines("out.jsonl")
    expect(score(rig, name, "--resume").code == 0, "the rest")
    expect(rig.read_lines("out.jsonl")[:1] == first and len(rig.read_lines("out.jsonl")) == 3, first)
    fewer = rig.run("score", "--engine", f"exec:command={sys.executable} {rig.path('judge.py')},model=judge", "--verify",
                    "each", "-k", "1", name, "-o", rig.path("one.jsonl"))
    expect(fewer.code == 0 and all(len(r["trajectories"]) == 1 for r in rig.read_lines("one.jsonl")), fewer.err)


def test_what_cannot_be_judged_is_said(rig):
    bare = [{"problem": "How many?", "samples": [{"answer": "4"}]}]
    result = score(rig, rig.write_lines("bare.jsonl", bare))
    expect(result.code != 0 and "text" in result.err and "bare.jsonl" in result.err, result.err)
    name = rig.write_lines("s.jsonl", lines(1))
    result = score(rig, name, "--verify", "none")
    expect(result.code == 2 and "nothing to ask" in result.err, result.err)
    result = rig.run("score", "--engine", f"exec:command={sys.executable} {rig.path('judge.py')},model=recorded", name,
                     "-o", rig.path("o.jsonl"))
    expect(result.code == 2 and "another name" in result.err, result.err)
    result = score(rig, "-")
    expect(result.code == 2 and "give a file" in result.err, result.err)
    result = rig.run("score", "--verify", "each", name, "-o", rig.path("o.jsonl"))
    expect(result.code == 2 and "--engine" in result.err, result.err)


main(globals())
