"""kill -9 of the worker, of the program, and of both, at several points of a solve."""
import os
import signal

from rig import (Rig, engine, expect, main, recording, wait_for, without_cost)

PROBLEM = "What is 6*7?"
SETTINGS = ["-k", "8", "-m", "2", "--gamma", "1000", "--json", PROBLEM]


def slow(rig, gate_ms=1500):
    """Half of the samples come at once, half later: there is time to kill between them."""
    source = recording(right=5, wrong=3)
    for i, sample in enumerate(source["samples"]):
        sample["delay_ms"] = gate_ms if i % 2 else 0
    return rig.write_lines("slow.jsonl", [source])


def endpoint(rig):
    wait_for(rig.homes, "a private directory")
    return f"ipc://{rig.path(rig.homes()[0])}/c"


def await_half(rig):
    client = endpoint(rig)

    def half():
        status = rig.run("status", "--broker", client, "--json")
        return status.code == 0 and [r["samples"]["done"] for r in status.json["requests"]] == [4]
    wait_for(half, "half of the samples")


def test_killed_worker_costs_time_not_the_answer(rig: Rig):
    quiet = rig.run("solve", "--engine", engine(slow(rig, 0)), *SETTINGS).json
    source = slow(rig)
    for when in ("start", "half"):
        process = rig.start("solve", "--engine", engine(source), *SETTINGS)
        worker = rig.await_workers()[0]
        if when == "half":
            await_half(rig)
        os.kill(worker, signal.SIGKILL)
        result = rig.finish(process)
        expect(result.code == 0, result.code, result.err)
        expect(without_cost(result.json) == without_cost(quiet), when, result.json, quiet)
        expect("started again" in result.err, result.err)


def test_one_of_two_workers_killed(rig: Rig):
    quiet = rig.run("solve", "--engine", engine(slow(rig, 0)), *SETTINGS).json
    process = rig.start("solve", "--engine", engine(slow(rig)) + ",slots=4", "--workers", "2", *SETTINGS)
    workers = rig.await_workers(2)
    await_half(rig)
    os.kill(workers[0], signal.SIGKILL)
    result = rig.finish(process)
    expect(result.code == 0 and without_cost(result.json) == without_cost(quiet), result.out, result.err)


def test_worker_that_always_dies_is_a_clear_failure(rig: Rig):
    process = rig.start("solve", "--engine", engine(slow(rig, 600000)), "-k", "8", PROBLEM)
    killed = set()
    while process.poll() is None and len(killed) < 20:
        for worker in set(rig.workers()) - killed:
            os.kill(worker, signal.SIGKILL)
            killed.add(worker)
    result = rig.finish(process)
    expect(result.code == 5 and "started again 3 times" in result.err, result.code, result.err)


def test_killed_program_leaves_nothing(rig: Rig):
    for when in ("start", "worker", "half"):
        process = rig.start("solve", "--engine", engine(slow(rig, 600000)), "--workers", "2", *SETTINGS)
        if when == "start":
            wait_for(rig.homes, "a private directory")
        else:
            rig.await_workers(2)
        if when == "half":
            await_half(rig)
        process.kill()
        process.wait()
        rig.expect_nothing_left()


def test_both_killed_leave_nothing(rig: Rig):
    for first in ("parent", "worker"):
        process = rig.start("solve", "--engine", engine(slow(rig, 600000)), "--workers", "2", *SETTINGS)
        victims = [process.pid, *rig.await_workers(2)]
        await_half(rig)
        for pid in victims if first == "parent" else reversed(victims):
            os.kill(pid, signal.SIGKILL)
        process.wait()
        rig.expect_nothing_left()


def test_whole_process_group_killed_leaves_nothing(rig: Rig):
    process = rig.start("solve", "--engine", engine(slow(rig, 600000)), *SETTINGS, start_new_session=True)
    rig.await_workers()
    await_half(rig)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    rig.expect_nothing_left()


def test_hangup_that_is_ignored_stays_ignored(rig: Rig):
    source = slow(rig)
    process = rig.start("solve", "--engine", engine(source), *SETTINGS,
                        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    rig.await_workers()
    await_half(rig)
    process.send_signal(signal.SIGHUP)
    result = rig.finish(process)
    expect(result.code == 0 and result.json["stop_reason"] == "complete", result.code, result.err)


def test_killed_grade_leaves_nothing_and_resumes(rig: Rig):
    problems = [{"id": f"p{i}", "problem": f"problem {i}", "gold": "42"} for i in range(12)]
    recorded = [recording(p["problem"], right=2, wrong=1, delay_ms=5 if i < 6 else 600000)
                for i, p in enumerate(problems)]
    source = rig.write_lines("in.jsonl", problems)
    args = ["grade", source, "-o", rig.path("out.jsonl"), "-k", "3", "-m", "2", "--gamma", "1000", "--stable"]
    process = rig.start(*args, "--engine", engine(rig.write_lines("slow.jsonl", recorded)) + ",slots=40")
    done = lambda: os.path.exists(rig.path("out.jsonl")) and len(rig.read_lines("out.jsonl")) >= 6
    wait_for(done, "six results")
    process.kill()
    process.wait()
    rig.expect_nothing_left()
    with open(rig.path("out.jsonl"), "ab") as f:
        f.write(b'{"schema":1,"id":"p7","ans')  # as if it had been torn
    fast = rig.write_lines("fast.jsonl", [recording(p["problem"], right=2, wrong=1) for p in problems])
    result = rig.run(*args, "--engine", engine(fast) + ",slots=40", "--resume")
    expect(result.code == 0, result.err)
    lines = rig.read_lines("out.jsonl")
    expect([line["id"] for line in lines] == [p["id"] for p in problems], [l["id"] for l in lines])
    straight = rig.run("grade", source, "-o", "-", "-k", "3", "-m", "2", "--gamma", "1000", "--stable", "--engine",
                       engine(fast) + ",slots=40")
    expect(straight.lines == lines, "resumed and straight runs differ")


main(globals())
