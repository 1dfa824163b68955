"""A new thing of a kind touches the table of its kind and its own files: each is added to a copy of
the tree, which is built and run."""
import json
import os
import subprocess

from rig import Rig, engine, expect, main, solution
from toy_tree import ToyTree


def add_way_and_signal(tree):
    """A way of judging that feeds a signal of its own."""
    tables = ["proto/include/surety/types.h", "proto/include/surety/types.h",
              "claims/read/profile_way.c", "claims/plan/plan_signal.c",
              "claims/plan/meson.build", "claims/plan/meson.build"]
    files = ["claims/plan/plan_way_toy.c", "claims/plan/plan_signal_toy.c"]
    for name in files:
        tree.add_file(name)
    tree.add_row(tables[0], "X(EACH,", "    X(TOY, toy, TOY) \\")
    tree.add_row(tables[0], "X(BLIND, blind, 4,", '    X(TOY, toy, 64, "the toy") \\')
    tree.add_row(tables[2], "{.verify = SURETY_VERIFY_JOINT",
                 '    {.verify = SURETY_VERIFY_TOY, .asked = "{claim}"},')
    tree.add_row(tables[3], "&plan_signal_self,", "    &plan_signal_toy,")
    for name in files:
        tree.add_row(tables[4], "'plan_claim.c',", f"    '{os.path.basename(name)}',")
    return tables, files


PROFILE = """name: with-toy
valid: good
refuted: bad

[sample user]
{problem}

[toy user]
{problem} {claim}
"""


def run(rig, program, *args):
    done = subprocess.run([program, *args], env=rig.environment(), capture_output=True, text=True, check=False)
    expect(done.returncode == 0, args, done.stderr)
    return done.stdout


def expect_way_and_signal(rig, program):
    """The plurality is 5, and its claim is refuted by the toy."""
    problem = "How many?"
    recording = rig.write_lines("r.jsonl", [{
        "problem": problem,
        "samples": [{"text": solution(5, ["the lid is blue"])}, {"text": solution(5, ["the lid is blue"])},
                    {"text": solution(4, ["the lid is red", "2 * 3 = 6"])}],
        "verdicts": [{"claim": "the lid is blue", "text": "VERDICT: BAD - it is red"},
                     {"claim": "the lid is red", "text": "VERDICT: GOOD"}]}])
    common = ["solve", "--json", "-k", "3", "-m", "1", "--profile", rig.write("toy.profile", PROFILE),
              "--engine", engine(recording)]
    for verify, signals in (("toy", "symbolic,toy"), ("toy", None), (None, "symbolic,toy"), (None, None)):
        args = common + (["--verify", verify] if verify else []) + (["--signals", signals] if signals else [])
        result = json.loads(run(rig, program, *args, problem))
        expect(result["answer"] == "4" and result["baselines"]["cons"] == "5", result)
        expect(result["run"]["verify"] == "toy" and result["run"]["signals"] == ["symbolic", "toy"], result["run"])
        expect(result["usage"]["calls"] == 3 + 2, result["usage"])
        blue, red = (result["trajectories"][i]["claims"][0] for i in (0, 2))
        expect(blue["verdict"] == "refuted" and blue["decided_by"] == "toy" and blue["reason"] == "it is red", blue)
        expect(blue["signals"]["toy"] == 0 and blue["signals"]["self"] is None, blue)
        expect(red["verdict"] == "valid" and red["signals"]["toy"] == 1, red)
    refused = subprocess.run([program, *common, "--verify", "toy", "--signals", "self", problem],
                             env=rig.environment(), capture_output=True, text=True, check=False)
    expect(refused.returncode == 2 and "needs verify each or joint, not toy" in refused.stderr, refused.stderr)


def expect_planted_and_counted(rig, program):
    """A false value is planted in the one claim that has a value, and the toy is asked about it."""
    claims = ["pens: 2*3=6", "pens: 2*3=6", "the lid is blue"]
    verdicts = [{"claim": f"pens: 2*3={n}", "text": "VERDICT: " + ("GOOD" if n == 6 else "BAD")} for n in range(10)]
    recording = rig.write_lines("g.jsonl", [{
        "problem": "How many pens?", "gold": "6",
        "samples": [{"text": solution(6, [claim])} for claim in claims],
        "verdicts": [*verdicts, {"claim": "the lid is blue", "text": "VERDICT: BAD"}]}])
    summary = rig.path("summary.json")
    run(rig, program, "grade", recording, "-o", rig.path("graded.jsonl"), "-k", "3", "-m", "1", "--controls", "1",
        "--profile", rig.path("toy.profile"), "--engine", engine(recording), "--summary", summary)
    with open(summary, encoding="utf-8") as f:
        summary = json.load(f)
    expect(summary["planted"] == {"n": 1, "refuted_true": 0, "refuted_false": 1, "uninformative": 0}, summary)
    expect(summary["calls"] == 3 + 2 + 1, summary)
    curve = [(point["k"], point["calls"]) for point in summary["curve"]]  # two questions bear three calls
    expect(curve == [(1, 1 + 1.5), (2, 2 + 1.5), (3, 3 + 2 * 1.5)], curve)


def expect_recorded_and_shown(rig, program):
    """What a toy said of a recorded claim counts as if it were asked, and people read its words."""
    def sample(answer, text, value):
        return {"answer": answer, "claims": [{"text": text, "signals": {"toy": value}}]}
    samples = [sample("5", "the lid is blue", 0), sample("5", "the lid is blue", 0), sample("4", "it is red", 1)]
    source = rig.write_lines("s.jsonl", [{"problem": "How many?", "gold": "4", "samples": samples}])
    table = run(rig, program, "score", source, "-m", "1", "-o", rig.path("scored.jsonl"))
    expect("nothing for recorded verdicts" in table, table)
    result = rig.read_lines("scored.jsonl")[0]
    expect(result["answer"] == "4" and result["run"]["signals"] == ["symbolic", "toy"], result)
    expect(result["run"]["rule"] == "power" and result["trajectories"][0]["claims"][0]["signals"]["toy"] == 0, result)
    shown = run(rig, program, "show", rig.path("scored.jsonl"))
    expect("the lid is blue" in shown and "(the toy, 2 trajectories)" in shown, shown)
    expect(run(rig, program, "profile") == rig.run("profile").out, "no built-in profile words a toy")


def test_toy_needs_its_tables_and_its_own_files(rig: Rig):
    tree = ToyTree(rig.path("tree"))
    tree.expect_touched(*add_way_and_signal(tree))
    program = tree.build()
    expect_way_and_signal(rig, program)
    expect_planted_and_counted(rig, program)
    expect_recorded_and_shown(rig, program)


main(globals())
