"""Sampling that stops when the vote is decided, with real processes."""
import time

from rig import Rig, engine, expect, main, recording, without_cost

PROBLEM = "What is 6*7?"


def test_beta_stops_and_does_not_depend_on_workers(rig: Rig):
    mixed = recording(right=9, wrong=7)
    for i, sample in enumerate(mixed["samples"]):
        sample["delay_ms"] = (i * 37) % 50
    source = rig.write_lines("r.jsonl", [mixed])
    results = [rig.run("solve", "--stop", "beta", "--engine", engine(source) + f",slots={slots}", "--workers", n,
                       "-k", "16", "--json", PROBLEM).json for n, slots in (("1", 1), ("1", 8), ("3", 3))]
    expect(all(without_cost(r) == without_cost(results[0]) for r in results), results)
    expect(results[0]["used"] <= 16 and results[0]["answer"] == "42", results[0])


def test_what_is_outstanding_is_cancelled(rig: Rig):
    slow = recording(right=20, wrong=0)
    for sample in slow["samples"][9:]:
        sample["delay_ms"] = 60000
    source = rig.write_lines("r.jsonl", [slow])
    began = time.monotonic()
    result = rig.run("solve", "--stop", "certified", "--verify", "none", "--engine", engine(source) + ",slots=20",
                     "-k", "20", "--json", PROBLEM).json
    expect(result["used"] == 9 and result["settled_by"] == "certified", result)
    expect(result["stop_reason"] == "early_stop" and result["run"]["reproducible"], result)
    expect(time.monotonic() - began < 30, "time")


def test_solve_stops_by_default_and_grade_does_not(rig: Rig):
    source = rig.write_lines("r.jsonl", [recording(right=8, wrong=0)])
    problems = rig.write_lines("p.jsonl", [{"id": "a", "problem": PROBLEM, "gold": "42"}])
    # the rig says --stop none itself, unless something is said
    solved = rig.finish(rig.start("solve", "--engine", engine(source), "-k", "8", "--json", PROBLEM, stops=True)).json
    expect(solved["used"] == 4 and solved["settled_by"] == "beta" and solved["reliability"] is None, solved)
    graded = rig.run("grade", "--engine", engine(source), "-k", "8", "-o", "-", problems).json
    expect(graded["used"] == 8 and "settled_by" not in graded and "stop" not in graded["run"], graded)


def test_certified_is_refused_by_name(rig: Rig):
    source = rig.write_lines("r.jsonl", [recording()])
    for more, word in ((("--verify", "blind"), "blind"), (("--signals", "symbolic,agreement"), "agreement")):
        result = rig.run("solve", "--stop", "certified", *more, "--engine", engine(source), "-k", "8", PROBLEM)
        expect(result.code != 0 and word in result.err, result.err)


def test_score_tells_where_it_would_have_stopped(rig: Rig):
    samples = [{"text": f"The answer is \\boxed{{{1 if i == 1 else 42}}}."} for i in range(12)]
    source = rig.write_lines("s.jsonl", [{"id": "a", "problem": PROBLEM, "gold": "42", "samples": samples}])
    for rule, used in (("none", 12), ("beta", 7), ("sure", 8), ("certified", 12)):
        result = rig.run("score", "--stop", rule, "-o", "-", source).json
        expect(result["used"] == used, rule, result)
        expect(result["stop_reason"] == ("complete" if used == 12 else "early_stop"), result)


main(globals())
