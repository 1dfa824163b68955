"""A client that asks and does not read: it is lost, and neither the broker nor another client is."""
import json
import os
import time

import msgpack
import zmq
from rig import Rig, engine, expect, main, recording, solution, wait_for

MIB = 1 << 20
LIMIT_MIB = 64
SLOWER = int(os.environ.get("SURETY_SLOWER", "1"))
LARGE = "Which long text?"


def peak_mib(process):
    with open(f"/proc/{process.pid}/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmHWM")) / 1024


def send(socket, command, **body):
    socket.send_multipart([b"SURETY/1", command.encode(), msgpack.packb(body)], zmq.NOBLOCK)


def test_client_that_reads_nothing_is_lost_and_memory_stays_bounded(rig: Rig):
    log = rig.path("log")
    client, endpoint = f"ipc://{rig.path('c')}", f"ipc://{rig.path('w')}"
    with open(log, "wb") as out:
        broker = rig.start("broker", "--client-endpoint", client, "--worker-endpoint", endpoint,
                           "--queue-mib", str(LIMIT_MIB), "--log", "json", stderr=out)
    text = solution(42) + "x" * (2 * MIB)
    source = rig.write_lines("r.jsonl", [recording(), {
        "problem": LARGE, "samples": [{"text": f"{i} {text}"} for i in range(2)], "verdicts": []}])
    rig.start("worker", "--broker", endpoint, "--engine", engine(source) + ",slots=4")
    wait_for(lambda: os.path.exists(rig.path("c")) and rig.status(client)["workers"], "a worker")

    def events(name):
        with open(log, encoding="ascii") as f:
            return [line for line in map(json.loads, f) if line["event"] == name]

    def solve():
        return rig.run("solve", "--broker", client, "-k", "2", "--verify", "none", "--json", "What is 6*7?")

    others = 0
    with zmq.Context() as context, context.socket(zmq.DEALER) as deaf:
        deaf.linger = 0
        deaf.rcvhwm = 1
        deaf.connect(client)
        send(deaf, "HELLO", role="client", version="deaf")
        end = time.monotonic() + 60
        number = 0
        while not events("client_lost"):
            expect(time.monotonic() < end, "it is never lost", rig.status(client))
            for _ in range(2):
                number += 1
                try:
                    send(deaf, "REQUEST", id=str(number), problem=LARGE,
                         settings={"k": 2, "verify": "none", "signals": ["symbolic"], "text": True})
                except zmq.Again:
                    pass
            result = solve()
            expect(result.code == 0 or "try again later" in result.err, result.out, result.err)
            others += result.code == 0
    expect(broker.poll() is None and others)
    lost = events("client_lost")
    expect(len(lost) == 1 and "reads no answers" in lost[0]["why"], lost)
    wait_for(lambda: rig.status(client)["queued_bytes"] < 8 * MIB, lambda: rig.status(client))
    expect(solve().code == 0, "another client is refused")
    print(f"# {number} requests of 4 MiB, peak {peak_mib(broker):.0f} MiB, {others} solved beside it")
    expect(peak_mib(broker) < 4 * LIMIT_MIB * SLOWER,  # a sanitizer keeps what was freed
           f"{peak_mib(broker):.0f} MiB with a limit of {LIMIT_MIB}")


main(globals())
