"""What a broker tells on stderr with --log: who comes and goes, and each request, with times."""
import json
import os
import re
import shlex
import signal
import socket
import time
from datetime import datetime, timezone

from rig import Rig, engine, expect, free_port, main, recording, wait_for

ASK = ["-k", "8", "-m", "2", "--gamma", "1000", "--json", "What is 6*7?"]
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


class Broker:
    """A broker whose log is read while it runs."""
    def __init__(self, rig, form, client, worker):
        self.form, self.client, self.worker, self.file = form, client, worker, rig.path("log." + form)
        with open(self.file, "wb") as out:
            self.process = rig.start("broker", "--client-endpoint", client, "--worker-endpoint", worker,
                                     "--log", form, stderr=out)
        wait_for(lambda: len(self.lines("message")) == 2, "the addresses in the log")

    def lines(self, event, **wanted):
        with open(self.file, encoding="ascii") as f:
            found = [self.read(line) for line in f if line.endswith("\n")]
        return [line for line in found if line["event"] == event
                and all(line.get(key) == value for key, value in wanted.items())]

    def read(self, text):
        if self.form == "json":
            line = json.loads(text)
        else:
            at, event, *pairs = shlex.split(text)
            line = {"time": at, "event": event}
            for pair in pairs:
                key, value = pair.split("=", 1)
                line[key] = int(value) if value.isdigit() else value
        expect(TIME.fullmatch(line["time"]), text)
        return line

    def wait_for(self, event, **wanted):
        wait_for(lambda: self.lines(event, **wanted), lambda: (event, wanted, open(self.file).read()))
        return self.lines(event, **wanted)[0]


def life(rig, form, client, endpoint):
    broker = Broker(rig, form, client, endpoint)
    slow = rig.write_lines("slow.jsonl", [recording(delay_ms=600000)])
    quick = rig.write_lines("quick.jsonl", [recording()])
    began = time.time()
    victim = rig.start("worker", "--broker", endpoint, "--engine", engine(slow), "--name", "the victim")
    joined = broker.wait_for("worker_joined", pid=victim.pid)
    expect(joined["name"] == "the victim" and joined["host"] == socket.gethostname(), joined)
    expect(joined["model"] == "replay" and joined["slots"] > 0, joined)
    told = datetime.strptime(joined["time"], "%Y-%m-%dT%H:%M:%S.%f%z")
    expect(told.tzinfo == timezone.utc and began - 2 < told.timestamp() < time.time() + 2, joined, began)
    asking = rig.start("solve", "--broker", client, *ASK)
    accepted = broker.wait_for("request_accepted", k=8)
    expect(broker.lines("client_joined", client=accepted["client"]), accepted)
    wait_for(lambda: any(w["busy"] for w in rig.status(client)["workers"]), "a busy worker")
    os.kill(victim.pid, signal.SIGKILL)
    lost = broker.wait_for("worker_lost", pid=victim.pid)
    expect(lost["why"] and lost["worker"] == joined["worker"], lost)
    other = rig.start("worker", "--broker", endpoint, "--engine", engine(quick))
    expect(rig.finish(asking).code == 0)
    ended = broker.wait_for("request_ended", request=accepted["request"])
    expect(ended["how"] == "complete" and ended["tokens"] > 0 and ended["ms"] > 0, ended)
    broker.wait_for("client_left", client=accepted["client"])
    counters = rig.status(client)["counters"]
    expect(counters["workers_lost"] == 1, counters)
    other.send_signal(signal.SIGTERM)
    rig.finish(other)
    left = broker.wait_for("worker_left", pid=other.pid)
    expect("name" not in left and not broker.lines("worker_lost", pid=other.pid), left)
    broker.process.send_signal(signal.SIGTERM)
    expect(broker.process.wait(30) == 0)


def test_json_over_ipc(rig: Rig):
    life(rig, "json", f"ipc://{rig.path('c')}", f"ipc://{rig.path('w')}")


def test_text_over_tcp(rig: Rig):
    life(rig, "text", f"tcp://127.0.0.1:{free_port()}", f"tcp://127.0.0.1:{free_port()}")


def test_lost_client_ends_its_request(rig: Rig):
    broker = Broker(rig, "json", f"ipc://{rig.path('c')}", f"ipc://{rig.path('w')}")
    asking = rig.start("solve", "--broker", broker.client, *ASK)
    accepted = broker.wait_for("request_accepted")
    asking.kill()
    broker.wait_for("client_lost", client=accepted["client"])
    ended = broker.wait_for("request_ended", request=accepted["request"])
    expect(ended["how"] == "cancelled" and ended["why"] == "the client is gone", ended)


def test_refused_request_has_a_line_with_its_reason(rig: Rig):
    import msgpack
    import zmq
    broker = Broker(rig, "json", f"ipc://{rig.path('c')}", f"ipc://{rig.path('w')}")
    with zmq.Context() as context, context.socket(zmq.DEALER) as client:
        client.linger = 0
        client.connect(broker.client)
        for command, body in (("HELLO", {"role": "client", "version": "1"}),
                              *(("REQUEST", {"id": f"bad {i}", "problem": "x", "settings": {"k": 0}})
                                for i in range(40))):
            client.send_multipart([b"SURETY/1", command.encode(), msgpack.packb(body)])
        refused = broker.wait_for("request_refused", id="bad 9")
        expect("k" in refused["why"] and refused["client"] == broker.lines("client_joined")[0]["client"], refused)
        wait_for(lambda: rig.status(broker.client)["counters"]["errors"] == 40, "40 refusals")
    expect(len(broker.lines("request_refused")) == 10, "a peer could fill a disk")
    expect(not broker.lines("request_ended"))


def full_pipe():
    """Its ends, and how much is in it."""
    reads, writes = os.pipe()
    os.set_blocking(writes, False)
    size = 0
    try:
        while True:
            size += os.write(writes, b"x" * 4096)
    except BlockingIOError:
        os.set_blocking(writes, True)
    return reads, writes, size


def test_log_that_nobody_reads_holds_nobody_up(rig: Rig):
    for form in (["--log", "json"], ["--log", "text"], []):
        reads, writes, size = full_pipe()
        client, endpoint = f"ipc://{rig.path('c')}", f"ipc://{rig.path('w')}"
        broker = rig.start("broker", "--client-endpoint", client, "--worker-endpoint", endpoint, *form,
                           stderr=writes)
        os.close(writes)
        source = rig.write_lines("r.jsonl", [recording()])
        worker = rig.start("worker", "--broker", endpoint, "--engine", engine(source))
        for _ in range(3):
            expect(rig.run("solve", "--broker", client, *ASK, timeout=20).code == 0, form)
        while size > 0:
            size -= len(os.read(reads, size))
        expect(rig.run("solve", "--broker", client, *ASK, timeout=20).code == 0, form)
        for process in worker, broker:
            process.send_signal(signal.SIGTERM)
            expect(process.wait(20) == 0, form)
        with open(reads, encoding="ascii") as f:
            lines = f.read().splitlines()
        if form:
            expect("lines_lost" in lines[0] and "request_accepted" in "".join(lines), lines)


def test_without_it_stderr_is_as_quiet_as_before(rig: Rig):
    broker, client, _ = rig.broker()
    rig.status(client)
    broker.send_signal(signal.SIGTERM)
    told = rig.finish(broker).err.splitlines()
    expect(len(told) == 2 and all("connect to" in line for line in told), told)


def test_unknown_form_is_a_usage_error(rig: Rig):
    result = rig.run("broker", "--client-endpoint", f"ipc://{rig.path('c')}", "--worker-endpoint",
                     f"ipc://{rig.path('w')}", "--log", "xml")
    expect(result.code == 2 and "text or json" in result.err, result.err)


main(globals())
