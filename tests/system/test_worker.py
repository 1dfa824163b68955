"""Workers that crash, hang, stop, leave and come back; brokers that go away; the shipped recording."""
import json
import os
import signal

from rig import Rig, engine, expect, main, recording, wait_for, without_cost

PROBLEM = "What is 6*7?"
ASK = ["-k", "8", "-m", "2", "--gamma", "1000", "--json", PROBLEM]
EXAMPLE = os.path.join(os.path.dirname(__file__), "..", "..", "examples", "recorded.jsonl")


def worker(rig, endpoint, source):
    return rig.start("worker", "--broker", endpoint, "--engine", engine(source))


def await_worker(rig, client, n=1):
    wait_for(lambda: len(rig.status(client)["workers"]) == n, f"{n} workers")


def await_busy(rig, client):
    wait_for(lambda: any(w["busy"] for w in rig.status(client)["workers"]), "a busy worker")


def quiet(rig):
    return rig.run("solve", "--engine", engine(rig.write_lines("quiet.jsonl", [recording()])), *ASK).json


def same_but_for_the_recording(result, other):
    def strip(r):
        run = {k: v for k, v in r["run"].items() if k not in ("model_id", "repro")}
        return dict(without_cost(r), run=run)
    return strip(result) == strip(other)


def failing(rig, fail):
    """The first attempts of two samples and of one verdict fail in this way."""
    source = recording()
    for item in (source["samples"][1], source["samples"][6], source["verdicts"][2]):
        item.update(fail=fail, fail_attempts=1)
    return rig.write_lines("failing.jsonl", [source])


def test_shipped_recording_is_a_rescue(rig: Rig):
    with open(EXAMPLE, encoding="utf-8") as f:
        problem = json.loads(f.readline())["problem"]
    for verify in ("joint", "each"):
        result = rig.run("solve", "--engine", engine(EXAMPLE), "-k", "8", "-m", "3", "--verify", verify,
                         "--json", problem)
        expect(result.code == 0, result.err)
        expect(result.json["answer"] == "307" and result.json["baselines"]["cons"] == "297", result.out)
        expect(result.json["verifier"]["unparsed_rate"] == 0, result.json["verifier"])


def test_recorded_errors_and_crashes_cost_no_answer(rig: Rig):
    calm = quiet(rig)
    for fail in ("error", "crash"):
        result = rig.run("solve", "--engine", engine(failing(rig, fail)), *ASK)
        expect(result.code == 0, fail, result.err)
        expect(same_but_for_the_recording(result.json, calm), fail, result.out, calm)


def test_recorded_hang_is_retried_when_it_stalls(rig: Rig):
    calm = quiet(rig)
    broker, client, endpoint = rig.broker(None, None, "--heartbeat-ms", "200", "--stall-ms", "1000")
    worker(rig, endpoint, failing(rig, "hang"))
    await_worker(rig, client)
    result = rig.run("solve", "--broker", client, *ASK)
    expect(result.code == 0, result.err)
    expect(same_but_for_the_recording(result.json, calm), result.out, calm)


def test_worker_joins_the_broker_that_came_back(rig: Rig):
    source = rig.write_lines("r.jsonl", [recording()])
    slow = rig.write_lines("slow.jsonl", [recording("How long?", delay_ms=600000)])
    with open(slow, encoding="utf-8") as more, open(source, "a", encoding="utf-8") as f:
        f.write(more.read())
    broker, client, endpoint = rig.broker(None, None, "--heartbeat-ms", "200")
    process = worker(rig, endpoint, source)
    asking = rig.start("solve", "--broker", client, "-k", "8", "How long?")
    await_busy(rig, client)
    broker.kill()
    asking.kill()
    asking.wait()
    broker.wait()
    broker, client, endpoint = rig.broker(None, None, "--heartbeat-ms", "200")
    await_worker(rig, client)
    result = rig.run("solve", "--broker", client, *ASK)  # what it held before fills no slot
    expect(result.code == 0 and result.json["answer"] == "42", result.err)
    expect(process.poll() is None)


def test_suspended_worker_is_lost_and_joins_again(rig: Rig):
    broker, client, endpoint = rig.broker(None, None, "--heartbeat-ms", "200")
    process = worker(rig, endpoint, rig.write_lines("r.jsonl", [recording()]))
    await_worker(rig, client)
    process.send_signal(signal.SIGSTOP)
    await_worker(rig, client, 0)
    process.send_signal(signal.SIGCONT)
    await_worker(rig, client)
    result = rig.run("solve", "--broker", client, *ASK)
    expect(result.code == 0 and result.json["answer"] == "42", result.err)


def test_worker_that_leaves_gives_its_work_back_at_once(rig: Rig):
    broker, client, endpoint = rig.broker(None, None, "--heartbeat-ms", "30000")
    slow = rig.write_lines("r.jsonl", [recording(delay_ms=2000)])
    first = worker(rig, endpoint, slow)
    asking = rig.start("solve", "--broker", client, *ASK)
    await_busy(rig, client)
    first.send_signal(signal.SIGTERM)
    expect(rig.finish(first).code == 0)
    await_worker(rig, client, 0)  # long before five beats
    worker(rig, endpoint, slow)
    result = rig.finish(asking)
    expect(result.code == 0 and result.json["answer"] == "42", result.err)


def test_flood_of_texts_ends_its_request_and_not_the_broker(rig: Rig):
    long = recording("Flood?", right=64, wrong=0)
    for i, sample in enumerate(long["samples"]):
        sample["text"] = f"{i} " + "word " * 50000 + "\n" + sample["text"]
    source = rig.write_lines("long.jsonl", [long, recording()])
    broker, client, endpoint = rig.broker(None, None, "--queue-mib", "4")
    worker(rig, endpoint, source)
    await_worker(rig, client)
    flood = rig.run("solve", "--broker", client, "-k", "64", "--verify", "none", "--text", "--json", "Flood?")
    expect(flood.json["stop_reason"] == "failed" and flood.json["error"]["code"] == "limit_exceeded", flood.out[:500])
    expect("--queue-mib" in flood.json["error"]["message"], flood.json["error"])
    after = rig.run("solve", "--broker", client, *ASK)
    expect(after.code == 0 and after.json["answer"] == "42", after.err)
    expect(broker.poll() is None and rig.status(client)["queued_bytes"] < 4 << 20)


main(globals())
