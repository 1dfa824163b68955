"""surety grade: files of problems on the replay engine."""
import json
import os
import re
import select
import signal
import subprocess
import time

from rig import (Rig, SURETY, engine, expect, main, recording, solution, wait_for)


def files(rig, n=20, bad=(), delay=0):
    """A file of n problems, with other lines put in at places, and a recording."""
    problems = [{"id": f"p{i}", "problem": f"problem {i}", "gold": "42" if i % 4 else "41"}
                for i in range(n)]
    recorded = [recording(p["problem"], right=3, wrong=1, delay_ms=delay) for p in problems]
    lines = list(problems)
    for place, line in bad:
        lines.insert(place, line)
    return rig.write_lines("in.jsonl", lines), engine(rig.write_lines("r.jsonl", recorded))


def made(rig, source, replay):
    """The results of a run."""
    return rig.run("grade", "--stable", "-k", "4", "--engine", replay, source, "-o", "-").lines


def test_grade_writes_results_and_the_table(rig: Rig):
    source, replay = files(rig)
    result = rig.run("grade", "--engine", replay, "-k", "4", "-m", "2", "--gamma", "1000", source, "-o",
                     rig.path("out.jsonl"), "--summary", rig.path("sum.json"))
    expect(result.code == 0 and result.err == "", result.code, result.err)
    lines = {line["id"]: line for line in rig.read_lines("out.jsonl")}
    expect(len(lines) == 20 and lines["p1"]["correct"]["clr"] and not lines["p0"]["correct"]["clr"])
    expect(lines["p1"]["correct"]["pass_at_1"] == 0.75 and lines["p0"]["correct"]["pass_at_k"] is True)
    expect(len({line["run"]["seed"] for line in lines.values()}) == 20, "seeds")
    for words in ["pass@1", "Cons@4", "CLR@4", "pass@4", "rescue 0, harm 0", "tokens", "calls",
                  "about Cons (near ties may flip)"]:
        expect(words in result.out, words, result.out)
    summary = json.load(open(rig.path("sum.json")))
    expect(summary["n"] == 20 and abs(summary["clr"]["value"] - 0.75) < 1e-9, summary)


def test_grade_stable_is_byte_identical(rig: Rig):
    source, replay = files(rig, 12)
    runs = [rig.run("grade", "--stable", "--engine", replay + ",slots=5", "--workers", n, "-k", "4",
                    source, "-o", "-").bytes for n in ("1", "2", "2")]
    expect(runs[0] and runs[0] == runs[1] == runs[2])
    expect([json.loads(l)["id"] for l in runs[0].splitlines()] == [f"p{i}" for i in range(12)])
    other = rig.run("grade", "--stable", "--seed", "5", "--engine", replay, "-k", "4", source, "-o", "-")
    expect(other.bytes != runs[0])


def test_grade_bad_lines_fail_alone(rig: Rig):
    source, replay = files(rig, 6, [(2, "{broken"), (4, {"id": "c", "problem": "x", "context": []}),
                                    (5, {"id": "e", "problem": ""}), (8, b"\xff".decode("latin-1"))])
    result = rig.run("grade", "--engine", replay, "-k", "4", source, "-o", rig.path("out.jsonl"))
    expect(result.code == 4, result.code, result.err)
    for number in (3, 5, 6, 9):
        expect(f"in.jsonl:{number}:" in result.err, number, result.err)
    lines = rig.read_lines("out.jsonl")
    expect(len(lines) == 10)
    failed = {line["error"]["line"]: line for line in lines if "error" in line}
    expect(sorted(failed) == [3, 5, 6, 9], failed)
    expect("context" in failed[5]["error"]["message"] and failed[5]["id"] == "c")
    expect(sum(line["answer"] == "42" for line in lines) == 6)


def test_grade_failed_problem_is_a_result_too(rig: Rig):
    source, replay = files(rig, 3, [(1, {"id": "stranger", "problem": "not recorded"})])
    result = rig.run("grade", "--engine", replay, "-k", "4", source, "-o", rig.path("out.jsonl"))
    lines = {line["id"]: line for line in rig.read_lines("out.jsonl")}
    expect(len(lines) == 4 and lines["stranger"]["answer"] is None, result.code, result.err)
    expect(sum(line["answer"] == "42" for line in lines.values()) == 3)


def test_grade_failed_with_gold_counts_as_wrong(rig: Rig):
    source, replay = files(rig, 4, [(1, {"id": "e", "problem": "", "gold": "42"}), (3, {"id": "c", "problem": "x", "gold": 42, "context": []}),
                                    (4, {"id": "stranger", "problem": "not recorded", "gold": "42"}), (5, {"id": "u", "problem": ""})])
    out, wrong = rig.path("out.jsonl"), {"clr": False, "cons": False, "pass_at_1": 0, "pass_at_k": False}
    for more in ([], ["--resume"]):  # which tries the failed ones again
        run = rig.run("grade", "--engine", replay, "-k", "4", source, "-o", out, "--summary", rig.path("sum.json"), *more)
        expect(run.code == 4 and "8 results (7 with a gold answer)" in run.out, run.code, run.out, run.err)
        lines = {line["id"]: line for line in rig.read_lines("out.jsonl")}
        expect(all(lines[i].get("correct") == wrong for i in ("e", "c", "stranger")) and "correct" not in lines["u"], lines)
        summary = json.load(open(rig.path("sum.json")))
        expect(summary["n"] == 7 and summary["failed"] == 4, summary)
        for key, value in (("clr", 3 / 7), ("cons", 3 / 7), ("pass_at_k", 4 / 7), ("pass_at_1", 2.5 / 7)):
            expect(abs(summary[key]["value"] - value) < 1e-9, key, summary)
    compared = rig.run("compare", out, out, "--json").json
    expect(compared["n"] == 7 and compared["ungraded"] == 1 and abs(compared["rows"][0]["a_right"] - 3 / 7) < 1e-9, compared)
    only = rig.write_lines("only.jsonl", [{"problem": "x", "gold": "1", "context": []}])
    run = rig.run("grade", "--engine", replay, only, "-o", "-")
    expect(run.code == 4 and "No gold" not in run.err, run.err)


def test_grade_duplicate_ids_are_refused_before_anything_runs(rig: Rig):
    source, replay = files(rig, 3, [(3, {"id": "p1", "problem": "again"})])
    result = rig.run("grade", "--engine", replay, source, "-o", rig.path("out.jsonl"))
    expect(result.code == 2 and "in.jsonl:4:" in result.err and "line 2" in result.err, result.err)
    expect(not os.path.exists(rig.path("out.jsonl")))


def test_grade_settings_that_no_request_can_have_are_refused_first(rig: Rig):
    source, replay = files(rig, 4, [(0, "{broken")])
    each = rig.write("each", "name: e\n[sample user]\n{problem}\n[each user]\n{problem} {claim} {nonce}\n")
    out, summary = rig.path("out.jsonl"), rig.path("sum.json")
    ask = ["--verify", "each", "--verify-repeats", "3", "--verify-temperature", "0"]
    for more, word in ((ask, "verify-temperature"), (["--profile", "demo", "--verify", "each", "--verify-repeats", "3"], "verify-temperature"),
                       (["--profile", each, "--verify", "blind"], "blind"),
                       (["--verify", "each", "--signals", "blind"], "verify blind"),
                       (["--verify", "none", "--signals", "symbolic,self"], "verify each or joint")):
        run = rig.run("grade", "--engine", replay, source, "-o", out, "--summary", summary, *more)
        expect(run.code == 2 and word in run.err and run.err.count("\n") == 1 and run.out == "", more, run.code, run.err)
        expect(not os.path.exists(out) and not os.path.exists(summary), more)
        solved = rig.run("solve", "--engine", replay, "problem 1", *more)
        expect(solved.code == 2 and word in solved.err and solved.out == "", more, solved.code, solved.err)
    kept = [dict(line, stop_reason="failed") if i == 1 else line for i, line in enumerate(made(rig, source, replay))]
    before = open(rig.write_lines("out.jsonl", kept)).read()
    run = rig.run("grade", "--engine", replay, source, "-o", out, "--resume", *ask)
    expect(run.code == 2 and open(out).read() == before, run.code, run.err)


def test_grade_settings_are_refused_by_a_broker_too(rig: Rig):
    source, replay = files(rig, 4)
    _, client, worker = rig.broker()
    ask = ["grade", "--broker", client, source, "-o", rig.path("out.jsonl"), "--profile", "demo", "--verify", "each",
           "--verify-repeats", "3"]
    waiting = rig.start(*ask)  # before any worker: the broker says so itself
    wait_for(lambda: rig.status(client)["requests"], "requests")
    rig.start("worker", "--broker", worker, "--engine", replay)
    run = rig.finish(waiting)
    expect(run.code == 2 and "verify-temperature" in run.err and rig.read_lines("out.jsonl") == [], run.code, run.err)
    os.remove(rig.path("out.jsonl"))
    run = rig.run(*ask)
    expect(run.code == 2 and not os.path.exists(rig.path("out.jsonl")), run.code, run.err)


def test_grade_existing_results_are_not_overwritten(rig: Rig):
    source, replay = files(rig, 2)
    out = rig.write("out.jsonl", "precious\n")
    result = rig.run("grade", "--engine", replay, source, "-o", out)
    expect(result.code == 2 and "--resume" in result.err, result.err)
    expect(open(out).read() == "precious\n")


def test_grade_resume_skips_what_is_done_and_tries_failed_ones_again(rig: Rig):
    source, replay = files(rig, 8)
    args = ["grade", "--stable", "-k", "4", source, "-o", rig.path("out.jsonl"), "--engine", replay]
    expect(rig.run(*args).code == 0)
    whole = open(rig.path("out.jsonl"), "rb").read()
    lines = whole.splitlines(keepends=True)
    failed = json.loads(lines[3])
    failed.update(stop_reason="failed", answer=None, error={"code": "worker_lost", "message": "x"})
    lines[3] = json.dumps(failed).encode() + b"\n"
    del lines[5]
    rig.write("out.jsonl", b"".join(lines))
    result = rig.run(*args, "--resume")
    expect(result.code == 0, result.err)
    expect(open(rig.path("out.jsonl"), "rb").read() == whole, "resumed file differs")
    expect("8 results" in result.out, result.out)
    again = rig.run(*args, "--resume")
    expect(again.code == 0 and open(rig.path("out.jsonl"), "rb").read() == whole)


def test_grade_resume_leaves_files_of_another_kind_alone(rig: Rig):
    source, replay = files(rig, 3)
    run = rig.run("grade", "-k", "4", "--engine", replay, source, "-o", rig.path("out.jsonl"))
    expect(run.code == 0, run.err)
    results = open(rig.path("out.jsonl")).read()
    for text in ("my notes\n", "my notes", open(source).read(), results + '{"id":"mine"}\n', "\0\0"):
        notes = rig.write("notes", text)
        run = rig.run("grade", "-k", "4", "--engine", replay, source, "-o", notes, "--resume")
        expect(run.code == 2 and "is no result" in run.err, text, run.code, run.err)
        expect(open(notes).read() == text, text)
    torn = rig.write("torn", results + results[:200])
    run = rig.run("grade", "-k", "4", "--engine", replay, source, "-o", torn, "--resume")
    expect(run.code == 0 and open(torn).read() == results, run.code, run.err)


def test_grade_resume_refuses_other_settings(rig: Rig):
    source, replay = files(rig, 6)
    out = rig.path("out.jsonl")
    args = ["grade", "--engine", replay, source, "-o", out]
    expect(rig.run(*args, "-k", "4").code == 0)
    lines = open(out).read().splitlines(keepends=True)
    kept = "".join(lines[:3]) + lines[3][:40]
    for more, words in ((["-k", "2"], "-k is 4 there and 2 here"), (["--gamma", "2"], "--gamma is 5 there and 2 here"),
                        (["--controls", "1"], "--controls"), (["--max-thinking", "9"], "--max-thinking"),
                        (["--seed", "3"], "--seed than 3"), (["--signals", "self"], "--signals"),
                        (["--temperature", "0.5"], "--temperature is 1 there and 0.5 here")):
        more = ["-k", "4", *more]
        rig.write("out.jsonl", kept)
        run = rig.run(*args, "--resume", *more)
        expect(run.code == 2 and words in run.err and "--force" in run.err, more, run.code, run.err)
        expect(open(out).read() == kept, more)
        run = rig.run(*args, "--resume", "--force", *more)
        expect(run.code == 0 and run.err.count("\n") == 1 and "mixes" in run.err, more, run.code, run.err)
        expect(len(rig.read_lines("out.jsonl")) == 6, more)
    for more in ([], ["--text"], ["--gamma", "5"], ["--workers", "2"], ["--limit", "5"], ["--lenient"]):
        rig.write("out.jsonl", kept)
        run = rig.run(*args, "-k", "4", "--resume", *more)
        expect(run.code == 0 and run.err == "", more, run.code, run.err)


def test_grade_resume_refuses_other_problems_and_golds(rig: Rig):
    source, replay = files(rig, 4)
    out = rig.path("out.jsonl")
    args = ["grade", "--engine", replay, "-k", "4", "-o", out]
    expect(rig.run(*args, source).code == 0)
    whole = open(out).read()
    problems = [json.loads(line) for line in open(source)]
    others = [({"gold": "43"}, "the gold answer is '42' there and '43' here"), ({"gold": None}, "not given here"),
              ({"problem": "problem 2"}, "of another problem")]
    for change, words in others:
        changed = rig.write_lines("changed.jsonl", [problems[0], {**problems[1], **change}])
        run = rig.run(*args, changed, "--resume")
        expect(run.code == 2 and "'p1'" in run.err and words in run.err, run.code, run.err)
        expect(open(out).read() == whole, change)
        run = rig.run(*args, changed, "--resume", "--force")
        expect(run.code == 0 and "mixes" in run.err and open(out).read() == whole, run.code, run.err)
    expect(rig.run(*args, rig.write_lines("fewer.jsonl", problems[2:]), "--resume").code == 0, "fewer problems")
    expect(open(out).read() == whole)
    results = rig.read_lines("out.jsonl")[:3]
    for result in results:  # as they were before they told of their problem
        del result["problem_hash"], result["gold"]
    rig.write_lines("out.jsonl", results)
    run = rig.run(*args, source, "--resume")
    expect(run.code == 0 and run.err.count("\n") == 1 and "which problem it is of" in run.err, run.code, run.err)


def test_grade_resume_knows_golds_of_every_kind(rig: Rig):
    golds = [["42", "43"], {"answer": "42", "kind": "number"}, True, 42, "... #### 42", None]
    problems = [{"id": f"p{i}", "problem": f"problem {i}", "gold": gold} for i, gold in enumerate(golds)]
    replay = engine(rig.write_lines("r.jsonl", [recording(p["problem"], right=3, wrong=1) for p in problems]))
    args = ["grade", "--engine", replay, "-k", "4", "-o", rig.path("out.jsonl"), rig.write_lines("in.jsonl", problems)]
    expect(rig.run(*args).code == 0)
    run = rig.run(*args, "--resume")
    expect(run.code == 0 and run.err == "" and len(rig.read_lines("out.jsonl")) == len(golds), run.code, run.err)
    run = rig.run(*args, "--resume", "--seed", "7")
    expect(run.code == 2 and "--seed" in run.err, run.code, run.err)


def test_grade_resume_with_another_model_is_refused(rig: Rig):
    source, replay = files(rig, 4)
    out = rig.path("out.jsonl")
    args = ["grade", "-k", "4", source, "-o", out]
    expect(rig.run(*args, "--engine", replay).code == 0)
    kept = "".join(open(out).read().splitlines(keepends=True)[:2])
    other = engine(rig.write_lines("other.jsonl", [recording(f"problem {i}", right=1, wrong=3) for i in range(4)]))
    rig.write("out.jsonl", kept)
    run = rig.run(*args, "--engine", other, "--resume")
    expect(run.code == 2 and "the model is another one" in run.err, run.code, run.err)
    expect(open(out).read() == kept)
    run = rig.run(*args, "--engine", other, "--resume", "--force")
    expect(run.code == 0 and len(rig.read_lines("out.jsonl")) == 4 and "mixes" in run.err, run.code, run.err)


def test_grade_two_writers_on_one_file_are_refused(rig: Rig):
    source, slow = files(rig, 4, delay=1500)
    out = rig.path("out.jsonl")
    args = ["grade", "-k", "4", "--engine", slow, source, "-o", out]
    first = rig.start(*args)
    wait_for(lambda: os.path.exists(out), "the results")
    for more in ([], ["--resume"]):
        second = rig.run(*args, *more)
        expect(second.code == 2 and ("another process" in second.err or "already holds" in second.err),
               second.code, second.err)
    first.kill()  # leaves no lock behind
    first.wait()
    run = rig.run(*args, "--resume")
    expect(run.code == 0 and len(rig.read_lines("out.jsonl")) == 4, run.code, run.err)


def test_grade_files_must_differ(rig: Rig):
    source, replay = files(rig, 3)
    before = open(source).read()
    os.link(source, rig.path("link"))
    other, out = rig.path("other"), rig.path("out")
    for more in (["-o", source, "--resume"], ["-o", rig.path("link"), "--resume"],
                 ["-o", other, "--summary", source], ["-o", out, "--summary", rig.path("./out")]):
        run = rig.run("grade", "-k", "4", "--engine", replay, source, *more)
        expect(run.code == 2 and "different files" in run.err or "is no result" in run.err, run.code, run.err)
        expect(open(source).read() == before and not os.path.exists(other), more)
    run = rig.run("grade", "-k", "4", "--engine", replay, source, "-o", out, "--resume")
    expect(run.code == 0, run.err)
    results = open(out).read()
    run = rig.run("grade", "-k", "4", "--engine", replay, source, "-o", out, "--resume", "--summary", out)
    expect(run.code == 2 and open(out).read() == results, run.code, run.err)


def test_grade_no_problems_make_an_empty_table(rig: Rig):
    _, replay = files(rig, 1)
    run = rig.run("grade", "--engine", replay, rig.write("none", ""), "-o", rig.path("out"), "--summary",
                  rig.path("sum"))
    expect(run.code == 0 and json.load(open(rig.path("sum")))["results"] == 0, run.code, run.err)


def test_grade_interrupted_keeps_what_is_done(rig: Rig):
    problems = [{"problem": f"problem {i}", "gold": "42"} for i in range(8)]
    recorded = [recording(p["problem"], right=2, wrong=0, delay_ms=0 if i < 5 else 600000)
                for i, p in enumerate(problems)]
    source = rig.write_lines("in.jsonl", problems)
    process = rig.start("grade", "-k", "2", "-m", "2", "--gamma", "1000", source, "-o", rig.path("out.jsonl"), "--engine",
                        engine(rig.write_lines("r.jsonl", recorded)))
    wait_for(lambda: os.path.exists(rig.path("out.jsonl")) and len(rig.read_lines("out.jsonl")) == 5,
             "five results")
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    result = rig.finish(process)
    expect(result.code == 130 and "5 results" in result.out, result.code, result.out, result.err)
    expect(result.out.startswith("Partial: this is of 5 of 8 problems; the other 3 are"), result.out)
    expect(time.monotonic() - began < 10, "slow")
    expect(len(rig.read_lines("out.jsonl")) == 5)


def test_grade_interrupted_with_nothing_done_leaves_no_empty_summary(rig: Rig):
    source = rig.write_lines("in.jsonl", [{"problem": "problem 0", "gold": "42"}])
    slow = engine(rig.write_lines("r.jsonl", [recording("problem 0", delay_ms=600000)]))
    process = rig.start("grade", source, "-o", rig.path("out.jsonl"), "--summary", rig.path("sum.json"), "--engine", slow)
    wait_for(lambda: os.path.exists(rig.path("out.jsonl")), "the beginning")
    process.send_signal(signal.SIGINT)
    result = rig.finish(process)
    expect(result.code == 130 and "1 of 1 problem" in result.err, result.code, result.err)
    expect(not os.path.exists(rig.path("sum.json")), "a summary of nothing")


def test_grade_summary_names_where_it_is_from(rig: Rig):
    source, replay = files(rig, 4, [(2, "{broken")])
    out, summary = rig.path("out.jsonl"), rig.path("sum.json")
    run = rig.run("grade", "--engine", replay, "-k", "4", "--seed", "9", source, "-o", out, "--summary", summary)
    expect(run.code == 4 and "Partial" not in run.out, run.out, run.err)
    told = json.load(open(summary))
    expect(told["partial"] is False and told["lines"] == 5 and told["seed"] == 9 and told["model"] == "replay", told)
    expect(told["files"] == {"problems": source, "results": out}, told)
    run = [line["run"] for line in rig.read_lines("out.jsonl") if line["id"] == "p0"][0]
    own = ("version", "model", "model_id", "seed")
    expect(told["settings"] == {k: v for k, v in run.items() if k not in own}, told, run)
    expect(told["version"] == run["version"])


def test_grade_table_of_a_full_disk_is_partial(rig: Rig):
    source, replay = files(rig, 5)
    args = ["grade", "--engine", replay, "-k", "4", source, "-o", rig.path("out.jsonl"), "--summary", rig.path("sum.json")]
    limit = ["prlimit", "--fsize=9000", "--", SURETY] + args  # a write beyond it fails, as on a full disk
    run = subprocess.run(["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"] + limit, env=rig.environment(),
                         capture_output=True, text=True, timeout=60)
    n = len(rig.read_lines("out.jsonl"))
    expect(run.returncode == 5 and 0 < n < 5, run.returncode, n, run.stderr)
    expect(run.stdout.startswith(f"Partial: this is of {n} of 5 problems"), run.stdout)
    expect(json.load(open(rig.path("sum.json")))["partial"] is True)
    run = rig.run(*args, "--resume")
    expect(run.code == 0 and "Partial" not in run.out and f" s for the {5 - n} of this run." in run.out, run.out, run.err)
    expect(json.load(open(rig.path("sum.json")))["partial"] is False)


def test_grade_takes_other_names_and_a_limit(rig: Rig):
    _, replay = files(rig, 6)
    source = rig.write_lines("q.jsonl", [{"n": i, "q": f"problem {i}", "a": 42} for i in range(6)])
    args = ["grade", "--engine", replay, "-k", "4", "--problem-key", "q", "--gold-key", "a", "--id-key", "n", source,
            "-o", rig.path("out.jsonl")]
    run = rig.run(*args, "--limit", "2")
    expect(run.code == 0 and "Partial" not in run.out and "2 results" in run.out, run.out, run.err)
    expect(sorted(line["id"] for line in rig.read_lines("out.jsonl")) == ["0", "1"])
    run = rig.run(*args, "--limit", "5", "--resume")
    expect(run.code == 0 and "5 results" in run.out and " s for the 3 of this run." in run.out, run.out, run.err)


def test_grade_time_left_after_resume_is_that_of_what_is_left(rig: Rig):
    problems = [{"id": f"p{i}", "problem": f"problem {i}", "gold": "42"} for i in range(40)]
    recorded = [recording(p["problem"], right=2, wrong=0, delay_ms=0 if i < 36 else 1000) for i, p in enumerate(problems)]
    replay = engine(rig.write_lines("r.jsonl", recorded))
    source = rig.write_lines("in.jsonl", problems)
    args = ["grade", "-k", "2", "--verify", "none", "--engine", replay, source, "-o", rig.path("out.jsonl")]
    expect(rig.run(*args, "--limit", "36").code == 0)
    terminal, other = os.openpty()
    # with a deadline one problem is under way at once
    process = rig.start(*args, "--resume", "--deadline", "60", stderr=other, env={"TERM": "xterm"})
    os.close(other)
    shown = b""
    while process.poll() is None or select.select([terminal], [], [], 0)[0]:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                shown += os.read(terminal, 65536)
            except OSError:
                break
    os.close(terminal)
    expect(process.wait() == 0)
    left = [int(seconds) for seconds in re.findall(rb", 0:(\d\d) left", shown)]
    expect(b"36 of 40" in shown and left and 2 <= left[0] <= 9, left, shown[-300:])


def test_grade_without_a_terminal_tells_how_far_it_is(rig: Rig):
    source, replay = files(rig, 8, delay=1000)
    args = ["grade", "-k", "4", "--verify", "none", "--engine", replay + ",slots=4", source, "-o"]
    run = rig.run(*args, rig.path("a.jsonl"), "--report-every", "0.4")
    lines = run.err.splitlines()
    expect(run.code == 0 and len(lines) > 3 and all(l.startswith("surety grade: 0:") for l in lines), run.err)
    early = [l for l in lines if ", 0 of 8" in l and " tokens" in l]  # words of the recording, as the worker's beats tell
    expect(early and "right" not in early[0], run.err)
    late = re.search(r", (\d) of 8, .* (left), ([\d,]+) tokens.*, (\d) of (\d) right \(([\d.]+) %\)", run.err)
    expect(late and late[1] == late[5] and abs(100 * int(late[4]) / int(late[5]) - float(late[6])) < 0.1, run.err)
    expect("\x1b" not in run.err)
    expect(rig.run(*args, rig.path("b.jsonl"), "--report-every", "0").err == "")


def test_grade_tells_what_it_waits_for(rig: Rig):
    source, replay = files(rig, 2)
    _, client, endpoint = rig.broker()
    process = rig.start("grade", "--broker", client, "-k", "4", "--report-every", "0.2", source, "-o", rig.path("o.jsonl"),
                        stderr=open(rig.path("err"), "wb"))
    wait_for(lambda: "no worker has joined yet, 0 of 2\n" in open(rig.path("err")).read(), "word of the missing worker")
    rig.start("worker", "--broker", endpoint, "--engine", replay)
    expect(rig.finish(process).code == 0, open(rig.path("err")).read())


def test_grade_tells_when_all_workers_are_gone_and_when_one_has_come(rig: Rig):
    """At once, not with the next line of every minute."""
    source, _ = files(rig, 2)
    slow = rig.write_lines("slow.jsonl", [recording("problem 0", delay_ms=10), recording("problem 1", delay_ms=600000)])
    _, client, endpoint = rig.broker()
    victim = rig.start("worker", "--broker", endpoint, "--engine", engine(slow))
    wait_for(lambda: rig.status(client)["workers"], "a worker")
    process = rig.start("grade", "--broker", client, "-k", "4", "--verify", "none", source, "-o", rig.path("o.jsonl"),
                        stderr=open(rig.path("err"), "wb"))

    def told(words):
        wait_for(lambda: words in open(rig.path("err")).read(), lambda: (words, open(rig.path("err")).read()))
    wait_for(lambda: os.path.getsize(rig.path("o.jsonl")) if os.path.exists(rig.path("o.jsonl")) else 0, "a result")
    victim.kill()
    told("no worker is left; waiting 0 s, 1 of 2")
    rig.start("worker", "--broker", endpoint, "--engine", engine(slow))
    told(", it goes on after ")
    process.send_signal(signal.SIGINT)
    rig.finish(process)


def test_grade_tells_which_model_it_waits_for_and_which_are_served(rig: Rig):
    source, replay = files(rig, 2)
    _, client, endpoint = rig.broker()
    workers = [rig.start("worker", "--broker", endpoint, "--engine", f"{replay},model={name}") for name in ("one", "two")]
    wait_for(lambda: len(rig.status(client)["workers"]) == 2, "two workers")
    workers[0].terminate()
    wait_for(lambda: len(rig.status(client)["workers"]) == 1, "one worker")
    process = rig.start("grade", "--broker", client, "--model-name", "one", "-k", "4", "--report-every", "0.2", source,
                        "-o", rig.path("o.jsonl"), stderr=open(rig.path("err"), "wb"))
    wait_for(lambda: "no worker serves 'one' yet; served: 'two', 0 of 2\n" in open(rig.path("err")).read(),
             lambda: open(rig.path("err")).read())
    rig.start("worker", "--broker", endpoint, "--engine", replay + ",model=one")
    expect(rig.finish(process).code == 0, open(rig.path("err")).read())


def test_grade_one_sample_is_one_row(rig: Rig):
    source, replay = files(rig, 5)
    run = rig.run("grade", "--engine", replay, "-k", "1", source, "-o", rig.path("out.jsonl"))
    expect(run.out.count("@") == 1 and "one sample: nothing to vote on" in run.out, run.out)


def test_grade_reads_the_gold_of_a_worked_solution(rig: Rig):
    _, replay = files(rig, 1)
    source = rig.write_lines("gold.jsonl", [{"problem": "problem 0", "gold": "He has 6 * 7 = 42 pens.\n#### 42"}])
    line = rig.run("grade", "--engine", replay, "-k", "4", source, "-o", "-").lines[0]
    expect(line["correct"]["clr"] is True and line["gold"].endswith("#### 42"), line)


def test_grade_head_tells_of_units_also_after_resume(rig: Rig):
    _, replay = files(rig, 2)
    problems = [{"problem": f"problem {i}", "gold": "42 cm"} for i in range(2)]
    args = ["grade", "--engine", replay, "-k", "4", "-o", rig.path("out.jsonl")]
    head = "{} more are equal but for a unit, a rounding or the like"
    run = rig.run(*args, rig.write_lines("one.jsonl", problems[:1]))
    expect(run.out.startswith(head.format(3)), run.out)
    run = rig.run(*args, rig.write_lines("both.jsonl", problems), "--resume")
    expect(run.out.startswith(head.format(6)), run.out, run.err)


def test_grade_crashing_samples_cost_themselves_only(rig: Rig):
    problems = [{"problem": f"problem {i}", "gold": "42"} for i in range(3)]
    recorded = [recording(p["problem"], right=16, wrong=0) for p in problems]
    for place in (1, 5, 6, 9, 13):
        recorded[1]["samples"][place]["fail"] = "crash"
    result = rig.run("grade", "-k", "16", "--stable", "--engine", engine(rig.write_lines("r.jsonl", recorded)),
                     rig.write_lines("in.jsonl", problems), "-o", "-")
    expect(result.code == 0 and [line["answer"] for line in result.lines] == ["42"] * 3, result.err)
    failed = [t["index"] for t in result.lines[1]["trajectories"] if t["finish_reason"] == "error"]
    expect(failed == [1, 5, 6, 9, 13], failed)


def test_grade_full_disk(rig: Rig):
    source, replay = files(rig, 5)
    result = rig.run("grade", "--engine", replay, "-k", "4", source, "-o", "/dev/full")
    expect(result.code == 5 and "No space left" in result.err, result.code, result.err)


def test_grade_engine_that_cannot_open(rig: Rig):
    source, _ = files(rig, 5)
    result = rig.run("grade", "--engine", "replay:file=" + rig.path("nothing"), source, "-o",
                     rig.path("out.jsonl"))
    expect(result.code == 5 and "nothing" in result.err, result.code, result.err)


def test_grade_model_that_nobody_serves(rig: Rig):
    source, replay = files(rig, 5)
    result = rig.run("grade", "--engine", replay, "--model-name", "nope", source, "-o", rig.path("out.jsonl"))
    expect(result.code == 2 and "'nope'; served: 'replay'" in result.err, result.code, result.err)
    expect(not os.path.exists(rig.path("out.jsonl")))


def test_grade_folder_that_is_not_there(rig: Rig):
    source, _ = files(rig, 5)
    result = rig.run("grade", "--engine", "replay:file=" + rig.path("nothing"), source, "-o", rig.path("no/out.jsonl"))
    expect(result.code == 2 and "no/out.jsonl: No such file" in result.err, result.code, result.err)
    expect("--resume" not in result.err, result.err)


def test_grade_takes_a_deadline_without_a_worker_for_no_other_model(rig: Rig):
    broker, client, endpoint = rig.broker()
    source, replay = files(rig, 2)
    asking = rig.start("grade", "--broker", client, "-k", "4", "-m", "2", "--deadline", "3", source, "-o",
                       rig.path("out.jsonl"), "--summary", rig.path("sum.json"))
    wait_for(lambda: any(r["id"].endswith("1") for r in rig.status(client)["requests"]), "the second problem")
    rig.start("worker", "--broker", endpoint, "--engine", replay)
    result = rig.finish(asking)
    lines = {line["id"]: line for line in rig.read_lines("out.jsonl")}
    empty, full = lines["p0"]["run"], lines["p1"]["run"]
    expect(lines["p0"]["stop_reason"] == "deadline" and lines["p1"]["stop_reason"] == "complete", lines)
    expect("another model" not in result.err, result.err)
    expect(empty["model_id"] == "" and empty["gamma"] == 2 and "default" not in empty.values(), empty)
    expect({k: empty[k] for k in ("rule", "signals", "verify")} == {k: full[k] for k in ("rule", "signals", "verify")}, empty, full)
    with open(rig.path("sum.json"), encoding="utf-8") as file:
        expect(full["model_id"] in file.read())


def test_grade_reads_a_pipe(rig: Rig):
    source, replay = files(rig, 5)
    result = rig.run("grade", "--engine", replay, "-k", "4", "-", "-o", "-",
                     stdin=open(source, "rb").read())
    expect(result.code == 0 and len(result.lines) == 5, result.err)


def test_grade_more_problems_than_the_window(rig: Rig):
    source, replay = files(rig, 200)
    result = rig.run("grade", "--engine", replay, "-k", "2", "--verify", "none", source, "-o", "-")
    expect(result.code == 0 and len(result.lines) == 200, result.code, result.err)


main(globals())
