"""Broker, workers and clients as processes of their own, over ipc and tcp."""
import json
import os
import signal
import socket
import time

from rig import (Rig, engine, expect, free_port, main, recording, wait_for, without_cost)

PROBLEM = "What is 6*7?"
ASK = ["-k", "8", "-m", "2", "--gamma", "1000", "--json", PROBLEM]


def worker(rig, endpoint, *args, source=None, options=()):
    source = source or rig.write_lines("r.jsonl", [recording()])
    return rig.start("worker", "--broker", endpoint, "--engine", engine(source) + "".join(args), *options)


def solve_over(rig, client, workers):
    broker, client, endpoint = rig.broker(client, workers)
    started = [worker(rig, endpoint) for _ in range(2)]
    wait_for(lambda: len(rig.status(client)["workers"]) == 2, "two workers")
    result = rig.run("solve", "--broker", client, *ASK)
    expect(result.code == 0 and result.json["answer"] == "42", result.err)
    alone = rig.run("solve", "--engine", engine(rig.path("r.jsonl")), *ASK)
    expect(without_cost(result.json) == without_cost(alone.json), result.out, alone.out)
    broker.send_signal(signal.SIGTERM)
    expect(rig.finish(broker).code == 0)
    for process in started:
        process.send_signal(signal.SIGTERM)
        expect(rig.finish(process).code in (0, 5), "worker")


def test_broker_workers_and_client_over_ipc(rig: Rig):
    solve_over(rig, None, None)


def test_broker_workers_and_client_over_tcp(rig: Rig):
    ports = {free_port() for _ in range(3)}
    a, b = list(ports)[:2]
    solve_over(rig, f"tcp://127.0.0.1:{a}", f"tcp://127.0.0.1:{b}")


def test_clients_at_once(rig: Rig):
    broker, client, endpoint = rig.broker()
    worker(rig, endpoint)
    clients = [rig.start("solve", "--broker", client, *ASK) for _ in range(4)]
    answers = [rig.finish(c) for c in clients]
    expect(all(a.code == 0 for a in answers), [a.err for a in answers])
    expect(all(without_cost(a.json) == without_cost(answers[0].json) for a in answers))


def test_status_shows_workers_and_requests(rig: Rig):
    broker, client, endpoint = rig.broker()
    empty = rig.run("status", "--broker", client)
    expect(empty.code == 0 and "none: start one" in empty.out and "No requests" in empty.out, empty.out)
    running = worker(rig, endpoint, ",model=mymodel", options=["--name", "left one"], source=rig.write_lines(
        "slow.jsonl", [recording(delay_ms=600000)]))
    asking = rig.start("solve", "--broker", client, *ASK)
    wait_for(lambda: any(w["busy"] for w in rig.status(client)["workers"]), "a busy worker")
    text = rig.run("status", "--broker", client).out
    expect("mymodel" in text and "running" in text, text)
    expect(f"left one: pid {running.pid} on {socket.gethostname()}" in text and "tokens/s" in text, text)
    known = rig.status(client)["workers"][0]
    expect(known["pid"] == running.pid and known["host"] == socket.gethostname() and
           known["name"] == "left one" and known["tokens_per_s"] >= 0, known)
    asking.send_signal(signal.SIGINT)
    expect(rig.finish(asking).code == 130)


def test_status_of_no_broker_exits_5(rig: Rig):
    began = time.monotonic()
    result = rig.run("status", "--broker", f"ipc://{rig.path('nobody')}")
    expect(result.code == 5 and "nobody" in result.err, result.err)
    expect(time.monotonic() - began < 10)


def test_broker_endpoints_are_checked(rig: Rig):
    good = f"ipc://{rig.path('c')}"
    for bad in ["tcp://0.0.0.0:5555", "tcp://192.0.2.1:5555", "nonsense", "ipc://" + "x" * 200, "tcp://*:1"]:
        for args in (["--client-endpoint", bad, "--worker-endpoint", good],
                     ["--client-endpoint", good, "--worker-endpoint", bad]):
            result = rig.run("broker", *args)
            expect(result.code == 2 and result.err, bad, result.code, result.err)
        result = rig.run("worker", "--broker", bad)
        expect(result.code == 2 and result.err, bad, result.code, result.err)
    result = rig.run("broker", "--client-endpoint", good, "--worker-endpoint", good)
    expect(result.code == 2 and "different endpoints" in result.err, result.code, result.err)
    expect(rig.run("broker").code == 2)


def test_port_in_use_is_told(rig: Rig):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        endpoint = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        result = rig.run("broker", "--client-endpoint", endpoint, "--worker-endpoint",
                         f"ipc://{rig.path('w')}")
    expect(result.code == 5 and endpoint in result.err, result.code, result.err)


def test_second_broker_on_the_same_ipc_path_is_refused(rig: Rig):
    broker, client, endpoint = rig.broker()
    second = rig.run("broker", "--client-endpoint", client, "--worker-endpoint", endpoint)
    expect(second.code == 5, second.code, second.err)
    expect(rig.run("status", "--broker", client).code == 0, "the first one still answers")


def test_worker_of_another_protocol_is_told_so(rig: Rig):
    import zmq
    with zmq.Context() as context, context.socket(zmq.ROUTER) as broker:
        port = broker.bind_to_random_port("tcp://127.0.0.1")
        process = worker(rig, f"tcp://127.0.0.1:{port}")
        broker.poll(20000)
        identity = broker.recv_multipart()[0]
        broker.send_multipart([identity, b"SURETY/2", b"WELCOME", b"\x80"])
        result = rig.finish(process)
        broker.close(0)
    expect(result.code == 5 and "version" in result.err.lower(), result.code, result.err)


def test_broker_survives_strangers(rig: Rig):
    import zmq
    broker, client, endpoint = rig.broker()
    with zmq.Context() as context:
        for target in (client, endpoint):
            for frames in ([b"SURETY/9", b"HELLO", b"\x80"], [b"SURETY/1", b"HELLO", b"\xdd\xff\xff\xff\xff"],
                           [b""], [b"x"] * 50, [b"SURETY/1", b"NOPE", b"\x80"], [b"SURETY/1", b"OUTPUT", b"\x80"]):
                with context.socket(zmq.DEALER) as stranger:
                    stranger.linger = 1000
                    stranger.connect(target)
                    stranger.send_multipart(frames)
    worker(rig, endpoint)
    result = rig.run("solve", "--broker", client, *ASK)
    expect(result.code == 0, result.err)
    expect(broker.poll() is None)


def test_client_that_dies_takes_its_requests_along(rig: Rig):
    broker, client, endpoint = rig.broker(None, None, "--heartbeat-ms", "100")
    worker(rig, endpoint, source=rig.write_lines("slow.jsonl", [recording(delay_ms=600000)]))
    asking = rig.start("solve", "--broker", client, *ASK)
    wait_for(lambda: any(w["busy"] for w in rig.status(client)["workers"]), "a busy worker")
    asking.kill()
    wait_for(lambda: not rig.status(client)["requests"], "the end of the request")


def test_work_of_a_killed_worker_goes_to_another(rig: Rig):
    broker, client, endpoint = rig.broker(None, None, "--heartbeat-ms", "100")
    slow = rig.write_lines("slow.jsonl", [recording(delay_ms=1500)])
    first = worker(rig, endpoint, source=slow)
    asking = rig.start("solve", "--broker", client, *ASK)
    wait_for(lambda: any(w["busy"] for w in rig.status(client)["workers"]), "a busy worker")
    worker(rig, endpoint, source=slow)
    first.kill()
    result = rig.finish(asking)
    expect(result.code == 0 and result.json["answer"] == "42", result.err)
    expect(rig.status(client)["counters"]["workers_lost"] == 1)


def test_ended_broker_gives_clients_what_there_is(rig: Rig):
    broker, client, endpoint = rig.broker()
    slow = recording()
    slow["samples"][0]["delay_ms"] = 600000
    worker(rig, endpoint, source=rig.write_lines("slow.jsonl", [slow]))
    asking = rig.start("solve", "--broker", client, "--verify", "none", *ASK)
    wait_for(lambda: any(r["samples"]["done"] == 7 for r in rig.status(client)["requests"]), "7 samples")
    broker.send_signal(signal.SIGINT)
    result = rig.finish(asking)
    expect(result.json["answer"] == "42" and result.json["stop_reason"] == "cancelled", result.out, result.err)
    expect(rig.finish(broker).code == 0)


def graded(rig, n=6, quick=2):
    """Problems of which the first few are answered at once, on a broker; and the arguments."""
    problems = [{"id": f"p{i}", "problem": f"problem {i}", "gold": "42"} for i in range(n)]
    slow = [recording(p["problem"], right=2, wrong=0, delay_ms=0 if i < quick else 600000) for i, p in enumerate(problems)]
    fast = [recording(p["problem"], right=2, wrong=0) for p in problems]
    return (rig.write_lines("in.jsonl", problems), rig.write_lines("slow.jsonl", slow), rig.write_lines("fast.jsonl", fast))


def test_what_an_ended_broker_cancelled_is_no_result(rig: Rig):
    source, slow, fast = graded(rig)
    broker, client, endpoint = rig.broker()
    worker(rig, endpoint, source=slow)
    args = ["grade", "--broker", client, "-k", "2", source, "-o", rig.path("out.jsonl"), "--summary", rig.path("sum.json")]
    asking = rig.start(*args)
    wait_for(lambda: os.path.exists(rig.path("out.jsonl")) and len(rig.read_lines("out.jsonl")) == 2, "two results")
    broker.terminate()
    expect(rig.finish(broker).code == 0)
    began = time.monotonic()
    result = rig.finish(asking)
    expect(10 < time.monotonic() - began < 25, time.monotonic() - began)
    expect(result.code == 5 and "4 of 6 problems are left: --resume" in result.err, result.code, result.err)
    expect("another one may take its place; waiting 0 s" in result.err and "it goes on" not in result.err, result.err)
    lines = rig.read_lines("out.jsonl")
    expect(sorted(line["id"] for line in lines) == ["p0", "p1"] and all(line["correct"]["clr"] for line in lines), lines)
    expect(result.out.startswith("Partial: this is of 2 of 6") and json.load(open(rig.path("sum.json")))["partial"], result.out)
    _, _, endpoint = rig.broker(client, endpoint)
    worker(rig, endpoint, source=fast)
    result = rig.run(*args, "--resume")
    expect(result.code == 0 and len(rig.read_lines("out.jsonl")) == 6 and "Partial" not in result.out, result.out, result.err)


def test_grade_goes_on_with_a_broker_that_was_started_again(rig: Rig):
    source, slow, fast = graded(rig)
    broker, client, endpoint = rig.broker()
    worker(rig, endpoint, source=slow)
    asking = rig.start("grade", "--broker", client, "-k", "2", source, "-o", rig.path("out.jsonl"))
    wait_for(lambda: os.path.exists(rig.path("out.jsonl")) and len(rig.read_lines("out.jsonl")) == 2, "two results")
    broker.terminate()
    expect(rig.finish(broker).code == 0)
    _, _, endpoint = rig.broker(client, endpoint)
    worker(rig, endpoint, source=fast)
    result = rig.finish(asking)
    expect(result.code == 0 and "100.0 %" in result.out and "left" not in result.err, result.code, result.out, result.err)
    expect(sorted(line["id"] for line in rig.read_lines("out.jsonl")) == [f"p{i}" for i in range(6)])


main(globals())
