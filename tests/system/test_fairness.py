"""Who asks little does not wait for who asks much."""
import os
import signal
import time

from rig import Rig, engine, expect, main, recording, wait_for

SLOWER = float(os.environ.get("SURETY_SLOWER", "1"))
SOLVE = ["-k", "4", "-m", "2", "--verify", "none", "--json"]


def timed(rig: Rig, client):
    began = time.monotonic()
    result = rig.run("solve", "--broker", client, *SOLVE, "What is 6*7?")
    expect(result.code == 0 and result.json["stop_reason"] == "complete", result.out, result.err)
    return time.monotonic() - began


def samples_done(rig: Rig, client):
    return sum(r["samples"]["done"] for r in rig.status(client)["requests"])


def test_solve_does_not_wait_for_the_batch_of_another(rig: Rig):
    """40 problems of 16 samples of 100 ms on four slots: 16 s of work."""
    _, client, endpoint = rig.broker()
    problems = [f"What is 6*7, for the {i}th time?" for i in range(40)]
    source = rig.write_lines("r.jsonl", [recording(right=16, wrong=0, delay_ms=100)] + [
        recording(p, right=16, wrong=0, delay_ms=100) for p in problems])
    rig.start("worker", "--broker", endpoint, "--engine", engine(source) + ",slots=4")
    wait_for(lambda: rig.status(client)["workers"], "a worker")
    alone = timed(rig, client)
    lines = rig.write_lines("in.jsonl", [{"problem": p, "gold": "42"} for p in problems])
    batch = rig.start("grade", "--broker", client, "-k", "16", "--verify", "none", lines,
                      "-o", rig.path("out.jsonl"))
    wait_for(lambda: samples_done(rig, client) > 4, "a batch that runs")
    beside = timed(rig, client)
    print(f"# alone {alone:.2f} s, beside a batch {beside:.2f} s")
    expect(batch.poll() is None, "the batch was done before")
    expect(beside < 4 * alone + 0.5 * SLOWER, f"{beside:.2f} s beside a batch, {alone:.2f} s alone")
    batch.send_signal(signal.SIGINT)
    rig.finish(batch)


main(globals())
