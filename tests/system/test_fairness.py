"""Who asks little does not wait for who asks much."""
import os
import signal
import threading
import time

from endpoint import Endpoint
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


def test_user_of_a_gateway_does_not_wait_for_the_batch_of_another(rig: Rig):
    """64 requests of 16 samples of 100 ms on four slots: 25 s of work, and all of the window."""
    problems = [f"What is 6*7, for the {i}th time?" for i in range(64)]
    source = rig.write_lines("r.jsonl", [recording(right=16, wrong=0, delay_ms=100)] + [
        recording(p, right=16, wrong=0, delay_ms=100) for p in problems])
    e = Endpoint(rig, "--engine", engine(source) + ",slots=4", "-k", "16", "--verify", "none")

    def ask(problem, k, **who):
        began = time.monotonic()
        fields = {"user": who.pop("user")} if "user" in who else {}
        body = {"model": "surety-replay", "messages": [{"role": "user", "content": problem}],
                "surety": {"k": k}, **fields}
        reply = e.post(body, **who)
        expect(reply.status == 200 and reply.own["answer"] == "42", reply.body)
        return time.monotonic() - began

    def batch(problem):
        try:
            ask(problem, 16, Authorization="Bearer batch")
        except (OSError, AssertionError):
            pass  # the endpoint is ending

    alone = ask("What is 6*7?", 4, Authorization="Bearer somebody")
    threads = [threading.Thread(target=batch, args=(p,), daemon=True) for p in problems]
    for thread in threads:
        thread.start()
    end = time.monotonic() + 2
    wait_for(lambda: time.monotonic() > end, "a batch that runs")
    for who in {"Authorization": "Bearer somebody"}, {"user": "one"}, {"X_Forwarded_For": "10.0.0.1"}:
        beside = ask("What is 6*7?", 4, **who)
        print(f"# alone {alone:.2f} s, beside another user's batch {beside:.2f} s ({list(who)[0]})")
        expect(beside < 4 * alone + 0.5 * SLOWER, f"{beside:.2f} s beside a batch, {alone:.2f} s alone")
    expect(any(t.is_alive() for t in threads), "the batch was done before")
    e.process.send_signal(signal.SIGINT)
    e.process.wait(20)


main(globals())
