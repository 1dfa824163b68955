"""Claims that are asked for behind the solution: recorded, by a command that sees the conversation, and by the
shipped model."""
import json
import os
import sys

from rig import engine, expect, main

PROFILE = """name: asking
claims: ask
claims-max-tokens: 60

[sample user]
{problem}

[claims user]
What does it hang on? At most {max_claims}.

[each user]
{problem}
Is this right? {claim}
"""
PROBLEM = "How many pens are there?"
SAMPLES = [{"text": "So there are \\boxed{5}."}, {"text": "So there are \\boxed{5}."}, {"text": "I count \\boxed{4}."}]
REPLIES = [{"claim": SAMPLES[0]["text"], "text": "Claims:\n1. the lid is blue\n"},
           {"claim": SAMPLES[2]["text"], "text": "- the lid is red\n"}]
VERDICTS = [{"claim": "the lid is blue", "text": "VERDICT: REFUTED"}, {"claim": "the lid is red", "text": "VERDICT: VALID"}]
COMMAND = """
import json, sys
for line in sys.stdin:
    request = json.loads(line)
    with open(sys.argv[1], "a") as log:
        log.write(line)
    text = {"sample": "It is \\\\boxed{4}.", "claims": "1. the lid is red", "verify": "VERDICT: VALID"}[request["stage"]]
    print(json.dumps({"id": request["id"], "text": text}), flush=True)
"""


def solve(rig, name, *args, k=3):
    return rig.run("solve", "--json", "-k", str(k), "-m", "2", "--profile", rig.write("asking.profile", PROFILE),
                   "--engine", name, *args, PROBLEM)


def texts(result):
    return [[c["text"] for c in t["claims"]] for t in result.json["trajectories"]]


def test_recorded_claims_are_judged(rig):
    recording = rig.write_lines("r.jsonl", [{"problem": PROBLEM, "samples": SAMPLES, "verdicts": REPLIES + VERDICTS}])
    result = solve(rig, engine(recording))
    expect(result.code == 0 and result.json["answer"] == "4" and result.json["baselines"]["cons"] == "5", result.out)
    expect(texts(result) == [["the lid is blue"], ["the lid is blue"], ["the lid is red"]], result.out)
    usage = result.json["usage"]
    expect(usage["calls"] == 3 + 2 + 2 and 0 < usage["claims_tokens"] < usage["verify_tokens"], usage)
    none = solve(rig, engine(recording), "--verify", "none")
    expect(none.code == 0 and none.json["answer"] == "5" and "claims_tokens" not in none.json["usage"], none.out)
    lacking = rig.write_lines("l.jsonl", [{"problem": PROBLEM, "samples": SAMPLES, "verdicts": VERDICTS}])
    result = solve(rig, engine(lacking))
    expect(result.code == 0 and result.json["answer"] == "5" and result.json["stop_reason"] == "complete", result.out)


def test_budget_that_ends_before_leaves_claims_unchecked(rig):
    recording = rig.write_lines("r.jsonl", [{"problem": PROBLEM, "samples": SAMPLES, "verdicts": REPLIES + VERDICTS}])
    result = solve(rig, engine(recording), "--budget-tokens", "12")
    expect(result.code == 0 and result.json["answer"] == "5", result.out)
    expect(all(c["verdict"] == "unchecked" for t in result.json["trajectories"] for c in t["claims"]), result.out)


def test_conversation_goes_on_behind_the_solution(rig):
    path, log = rig.write("ask.py", COMMAND), rig.path("log.jsonl")
    result = solve(rig, f"exec:command={sys.executable} {path} {log}", k=1)
    expect(result.code == 0 and texts(result) == [["the lid is red"]], result.out, result.err)
    with open(log, encoding="utf-8") as f:
        asked = {r["stage"]: r for r in map(json.loads, f)}
    expect(asked["sample"]["messages"] == [{"role": "user", "content": PROBLEM}], asked)
    expect(asked["claims"]["messages"] == asked["sample"]["messages"] + [
        {"role": "assistant", "content": "It is \\boxed{4}."},
        {"role": "user", "content": "What does it hang on? At most 2."}], asked)
    expect(asked["claims"]["temperature"] == 0 and asked["claims"]["max_tokens"] == 60, asked)


def test_shipped_model_computes_the_new_turn_alone(rig):
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    with open(os.path.join(root, "claims", "read", "profiles", "demo.profile"), encoding="utf-8") as f:
        plain = f.read()
    asking = plain.replace("claims: lines", "claims: ask\nclaims-max-tokens: 40").replace("name: demo", "name: asker")
    problem = "For 3 days Will works 3 hours daily for 8 dollars an hour. How much does he earn?"
    args = ["solve", "--json", "--text", "-k", "4", "--seed", "3", "--verify", "each", "--controls", "2", "--profile",
            rig.write("demo.profile", asking + "\n[claims user]\nList them.\n"),
            "--model", os.path.join(root, "examples", "demo", "clr-tiny.f16.gguf"), problem]
    result, again = rig.run(*args), rig.run(*args, "--workers", "2", "--threads", "1")
    args[args.index("--profile") + 1] = rig.write("plain.profile", plain)
    before = rig.run(*args)
    expect(result.code == 0 and again.code == 0, result.out, result.err, again.err)
    expect([t["text"] for t in before.json["trajectories"]] == [t["text"] for t in result.json["trajectories"]], before.out)
    expect(texts(again) == texts(result), again.out)
    usage = result.json["usage"]
    computed = usage["claims_prompt_tokens"] - usage["claims_cached_tokens"]
    expect(0 < computed < usage["claims_prompt_tokens"] / 3, usage)


main(globals())
