"""Verdicts by choice through broker and worker: recorded, by a command, and by the shipped model."""
import math
import os
import sys

from rig import engine, expect, main, solution

PROFILE = """name: choosing
verdict: choice
labels: Yes, No
valid: yes
refuted: no

[sample user]
{problem}

[each user]
{problem}
Finish with a line that says Yes or No. Is this right? {claim}

[each assistant]
VERDICT:
"""
PROBLEM = "How many pens are there?"
SAMPLES = [{"text": solution(5, ["the lid is blue"])}, {"text": solution(5, ["the lid is blue"])},
           {"text": solution(4, ["the lid is red"])}]
VERDICTS = [{"claim": "the lid is blue", "labels": {"Yes": -3.0, "No": -1.0}},
            {"claim": "the lid is red", "labels": {"Yes": -0.5, "No": -2.5}}]
COMMAND = """
import json, sys
for line in sys.stdin:
    request = json.loads(line)
    answer = {"id": request["id"], "text": "VERDICT: YES" if request["stage"] == "verify" else
              "It is \\\\boxed{4}.\\nClaims:\\n1. the lid is red"}
    if "labels" in request:
        assert request["labels"] == [" Yes", " No"] and request["opened"] == "VERDICT:"
        answer = {"id": request["id"], "logprobs": LOGPROBS}
    print(json.dumps(answer), flush=True)
"""


def p(yes, no):
    return 1 / (1 + math.exp(no - yes))


def solve(rig, name, *args, k=3):
    return rig.run("solve", "--json", "-k", str(k), "-m", "1", "--profile", rig.write("choosing.profile", PROFILE),
                   "--engine", name, *args, PROBLEM)


def claims(result):
    return [c for t in result.json["trajectories"] for c in t["claims"]]


def test_recorded_choices_are_soft_verdicts(rig):
    recording = rig.write_lines("r.jsonl", [{"problem": PROBLEM, "samples": SAMPLES, "verdicts": VERDICTS}])
    result = solve(rig, engine(recording))
    expect(result.code == 0 and result.json["answer"] == "4" and result.json["baselines"]["cons"] == "5", result.out)
    for claim, value in zip(claims(result), [p(-3, -1), p(-3, -1), p(-0.5, -2.5)]):
        expect(abs(claim["signals"]["self"] - value) < 1e-6, claim, value)
        expect(claim["verdict"] == ("valid" if value > 0.5 else "refuted"), claim)
    expect(result.json["usage"]["verify_tokens"] == 0 and result.json["usage"]["calls"] == 3 + 2, result.out)
    refused = solve(rig, engine(recording), "--verify-repeats", "2")
    expect(refused.code == 2 and "verify-repeats to 1" in refused.err, refused.err)


def test_recording_without_choices_answers_by_text(rig):
    verdicts = [{"claim": "the lid is blue", "text": "VERDICT: No"}, {"claim": "the lid is red", "text": "VERDICT: Yes"}]
    recording = rig.write_lines("t.jsonl", [{"problem": PROBLEM, "samples": SAMPLES, "verdicts": verdicts}])
    result = solve(rig, engine(recording))
    expect(result.code == 0 and result.json["answer"] == "4", result.out)
    expect([c["signals"]["self"] for c in claims(result)] == [0, 0, 1], result.out)


def test_command_chooses_when_it_says_so(rig):
    for logprobs, options, value in (("[-0.2, -2.0]", ",chooses=yes", p(-0.2, -2)), ("[-0.2, -2.0]", "", 1)):
        path = rig.write("choose.py", COMMAND.replace("LOGPROBS", logprobs))
        result = solve(rig, f"exec:command={sys.executable} {path}{options}", k=1)
        expect(result.code == 0 and abs(claims(result)[0]["signals"]["self"] - value) < 1e-6, result.out, result.err)
    for logprobs in ("[-1]", "[-1, 2]", '["a", -1]', "{}", "[-1, -1, -1]"):
        path = rig.write("choose.py", COMMAND.replace("LOGPROBS", logprobs))
        result = solve(rig, f"exec:command={sys.executable} {path},chooses=yes", k=1)
        expect(claims(result)[0]["verdict"] == "unparsed" and "logprobs" in claims(result)[0]["reason"], result.out)


def test_whole_solutions_are_judged_by_choice(rig):
    verdicts = [{"claim": sample["text"], "labels": {"CORRECT": yes, "WRONG": no}}
                for sample, yes, no in zip(SAMPLES, (-3, -3, -0.5), (-1, -1, -2.5))]
    recording = rig.write_lines("w.jsonl", [{"problem": PROBLEM, "samples": SAMPLES, "verdicts": verdicts[1:]}])
    result = rig.run("solve", "--json", "-k", "3", "-m", "1", "--verify", "whole", "--engine", engine(recording), PROBLEM)
    expect(result.code == 0 and result.json["answer"] == "4" and result.json["baselines"]["cons"] == "5", result.out)
    for claim, value in zip(claims(result), [p(-3, -1), p(-3, -1), p(-0.5, -2.5)]):
        expect(abs(claim["signals"]["whole"] - value) < 1e-6 and claim["decided_by"] == "whole", claim, value)
    expect(result.json["run"]["signals"] == ["symbolic", "whole"], result.json["run"])
    mixed = rig.run("solve", "-k", "3", "--verify", "each", "--signals", "whole", "--engine", engine(recording), PROBLEM)
    expect(mixed.code == 2 and "needs verify whole, not each" in mixed.err, mixed.err)


def test_shipped_model_chooses(rig):
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    with open(os.path.join(root, "claims", "read", "profiles", "demo.profile"), encoding="utf-8") as f:
        text = f.read().replace("verdict: word", "verdict: choice\nlabels: yes, no").replace("name: demo", "name: chooser")
    problem = "For 3 days Will works 3 hours daily for 8 dollars an hour. How much does he earn?"
    args = ["solve", "--json", "-k", "4", "--seed", "3", "--verify", "each", "--profile", rig.write("demo.profile", text),
            "--model", os.path.join(root, "examples", "demo", "clr-tiny.f16.gguf"), problem]
    result, again = rig.run(*args), rig.run(*args, "--threads", "1")
    expect(result.code == 0, result.out, result.err)
    values = [c["signals"]["self"] for c in claims(result) if c["signals"]["self"] is not None]
    expect(values and all(0 < v < 1 for v in values), values)
    expect(result.json["verifier"]["unparsed_rate"] == 0 and result.json["usage"]["verify_tokens"] == 0, result.out)
    usage = result.json["usage"]
    computed = usage["verify_prompt_tokens"] - usage["verify_cached_tokens"]
    expect(computed < usage["verify_prompt_tokens"] / 2, usage)  # the problem is computed once
    expect([c["signals"] for c in claims(again)] == [c["signals"] for c in claims(result)], again.out)


main(globals())
