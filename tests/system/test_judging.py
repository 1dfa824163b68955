"""Answers that are hard to compare: nobody waits for them, and the whole stays bounded."""
import os
import re
import signal
import time

from rig import Rig, engine, expect, main, recording, solution, wait_for

HARD, EASY = "Which fifty numbers?", "What is 6*7?"
SOLVE = ["-m", "1", "--verify", "none", "--signals", "symbolic", "--json"]

# Promises are made for a build without sanitizers, which compute several times as long.
SLOWER = float(os.environ.get("SURETY_SLOWER", "1"))


def lists(form):
    """256 different lists of 50 numbers: every pair of members may have to be compared."""
    return {"problem": HARD, "verdicts": [], "samples": [
        {"text": solution(", ".join(form(i, j) for j in range(50)))} for i in range(256)]}


def whole(i, j):
    return str(i + 7 * j)


def decimal(i, j):
    """Each may be another one rounded."""
    return f"{i + 7 * j}.{j % 9 + 1}25"


def service(rig: Rig, form=decimal):
    broker, client, endpoint = rig.broker()
    source = rig.write_lines("r.jsonl", [lists(form), recording(EASY)])
    rig.start("worker", "--broker", endpoint, "--engine", engine(source) + ",slots=64")
    wait_for(lambda: rig.status(client)["workers"], "a worker")
    return broker, client


def solve_hard(rig: Rig, client):
    return rig.start("solve", "--broker", client, "-k", "256", *SOLVE, HARD)


def judged(rig: Rig, client, n):
    """True when n requests have all their samples and wait for nothing but being judged."""
    return [r["samples"]["done"] for r in rig.status(client)["requests"]].count(256) >= n


def beside(rig: Rig, form):
    _, client = service(rig, form)
    hard = [solve_hard(rig, client) for _ in range(2)]
    wait_for(lambda: judged(rig, client, 1) or all(h.poll() is not None for h in hard), "samples")
    began = time.monotonic()
    easy = rig.run("solve", "--broker", client, "-k", "1", "--deadline", "2", *SOLVE, EASY)
    took = time.monotonic() - began
    expect(easy.code == 0 and easy.json["stop_reason"] == "complete", easy.out, easy.err)
    expect(took < 2.5 * SLOWER, f"{took:.2f} s beside hard requests")
    return [rig.finish(h, timeout=60 * SLOWER) for h in hard]


def test_request_beside_hard_ones_keeps_its_deadline(rig: Rig):
    one, two = beside(rig, decimal)
    for result in one, two:
        expect(result.code == 0 and result.json["stop_reason"] == "complete", result.err)
        expect(result.json["verifier"]["comparisons_skipped"] > 0, result.json["verifier"])
    expect(one.json["groups"] == two.json["groups"], "the budget is no time")


def test_lists_of_whole_numbers_are_all_compared(rig: Rig):
    for result in beside(rig, whole):
        expect(len(result.json["groups"]) == 256, len(result.json["groups"]))
        expect("comparisons_skipped" not in result.json["verifier"], result.json["verifier"])


def test_deadline_of_a_hard_request_gives_the_best_so_far(rig: Rig):
    _, client = service(rig)
    began = time.monotonic()
    result = rig.run("solve", "--broker", client, "-k", "256", "--deadline", "1", *SOLVE, HARD)
    took = time.monotonic() - began
    expect(result.code == 0 and result.json["answer"], result.out[:300], result.err)
    expect(took < 2.5 * SLOWER, f"{took:.2f} s with a deadline of 1 s")


def test_sigterm_ends_a_judging_broker(rig: Rig):
    broker, client = service(rig)
    hard = [solve_hard(rig, client) for _ in range(4)]
    wait_for(lambda: judged(rig, client, 1) or all(h.poll() is not None for h in hard), "samples")
    began = time.monotonic()
    broker.send_signal(signal.SIGTERM)
    expect(rig.finish(broker).code == 0)
    took = time.monotonic() - began
    expect(took < 5 * SLOWER, f"{took:.2f} s")
    for process in hard:
        rig.finish(process)


def interrupted(rig: Rig):
    """Seconds from Ctrl-C to the end."""
    source = rig.write_lines("r.jsonl", [lists(decimal)])
    with open(rig.path("err"), "wb") as err:
        process = rig.start("solve", "--engine", engine(source) + ",slots=64", "-k", "256", "--report-every", "0.1", *SOLVE,
                            HARD, stderr=err)
    wait_for(lambda: re.search(r", [1-9]\d* repl", open(rig.path("err")).read()), "samples; judging all takes much longer")
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    result = rig.finish(process)
    took = time.monotonic() - began
    expect(result.json["answer"], result.out[:300], result.err)
    return took


def test_interrupt_prints_the_best_so_far(rig: Rig):
    """The promise is the program's, not that of a machine with other work: the best of five counts."""
    took = []
    while len(took) < 5 and (not took or min(took) >= 1 * SLOWER):
        took.append(interrupted(rig))
    expect(min(took) < 1 * SLOWER, took)


main(globals())
