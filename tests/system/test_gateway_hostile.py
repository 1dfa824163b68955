"""Bad input at the chat endpoint: a clear refusal each, and it goes on serving, in the memory it had."""
import json
import os
import re
import socket
import time

from endpoint import Endpoint, chat
from rig import PATIENCE, engine, expect, main, recording, wait_for

SLOWER = int(os.environ.get("SURETY_SLOWER", "1"))

HEAD = b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


def serve(rig, *args):
    path = rig.write_lines("recording.jsonl", [recording()])
    return Endpoint(rig, "--engine", engine(path), "-k", "8", *args)


def dial(e):
    s = socket.create_connection(("127.0.0.1", e.port))
    s.settimeout(PATIENCE * 4)
    return s


def read_all(s):
    out = b""
    try:
        while chunk := s.recv(65536):
            out += chunk
    except (ConnectionError, TimeoutError):
        pass
    return out


def say(e, data, wait=PATIENCE * 4):
    with dial(e) as s:
        s.settimeout(wait)
        try:
            s.sendall(data)
        except ConnectionError:
            pass
        return read_all(s)


def with_body(body, *headers):
    return HEAD + b"".join(h + b"\r\n" for h in headers) + \
        b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def expect_alive(e):
    reply = e.chat()
    expect(reply.status == 200 and reply.own["answer"] == "42", reply.status, reply.body)


def test_bodies_that_are_no_request(rig):
    e = serve(rig)
    for body in (b"", b"{", b"null", b'"x"', b"[" * 100000, b'{"messages":' + b"[" * 100000, b"\xff\xfe\xfd",
                 b'{"model":"surety-replay","messages":[{"role":"user","content":"\xc3("}],"n":1' + b" " * 1000,
                 b'{"a":' * 5000 + b"1" + b"}" * 5000, b'{"model":"\\u0000"}', b"0" * 1000000):
        answer = say(e, with_body(body))
        expect(re.match(rb"HTTP/1.1 4\d\d ", answer), body[:60], answer[:300])
        error = json.loads(answer.split(b"\r\n\r\n", 1)[1])["error"]
        expect(error["message"] and error["type"] == "invalid_request_error", error)
    broken = e.post(b'{"model":"surety-replay","messages":[{"role":"user","content":"What is \xff?"}]}')
    expect(broken.status == 404 and "\ufffd" in broken.error["message"], broken.body)  # it is no known problem
    expect_alive(e)


def test_body_that_is_too_long(rig):
    e = serve(rig)
    expect_alive(e)
    before = e.memory()
    told = say(e, HEAD + b"Content-Length: 104857600\r\n\r\n" + b"x" * 100000)
    expect(told.startswith(b"HTTP/1.1 413 ") and b"32 MiB" in told, told[:300])
    with dial(e) as s:  # without a length it is known only when too much has come
        s.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        for _ in range(40):
            s.sendall(b"100000\r\n" + b"y" * (1 << 20) + b"\r\n")
        s.sendall(b"0\r\n\r\n")
        answer = s.recv(1000)
    expect(answer.startswith(b"HTTP/1.1 413 "), answer)
    with dial(e) as s:  # and who goes on for ever is hung up on
        s.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        try:
            for _ in range(200):
                s.sendall(b"100000\r\n" + b"y" * (1 << 20) + b"\r\n")
            expect(False, "200 MiB were taken")
        except ConnectionError:
            pass
    long = e.chat("x" * (5 << 20))
    expect(long.status == 413 and long.error["param"] == "messages", long.status, long.body[:200])
    for _ in range(20):
        say(e, HEAD + b"Content-Length: 104857600\r\n\r\n" + b"x" * 100000)
    expect(e.memory() - before < 150000 * SLOWER, before, e.memory())
    expect_alive(e)


def test_heads_that_are_none(rig):
    e = serve(rig)
    for head in (b"\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00" * 20, b"GET / HTTP/9.9\r\n\r\n",
                 b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\n\r\n",
                 b"GET / HTTP/1.1\r\n" + b"X: " + b"a" * 100000 + b"\r\n\r\n",
                 b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: a\r\n" % i for i in range(5000)) + b"\r\n",
                 HEAD + b"Content-Length: -5\r\n\r\n", HEAD + b"Content-Length: 5x\r\n\r\n12345",
                 HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
                 HEAD + b"Content-Length: 999999999999999999999999\r\n\r\n"):
        answer = say(e, head, wait=2)  # what has no end is waited for, up to the limit for what stands still
        expect(not answer or re.match(rb"HTTP/1.[01] [45]\d\d ", answer), head[:60], answer[:200])
    expect_alive(e)


def test_client_that_leaves_is_gone(rig):
    told = recording()
    told["samples"] = [{"text": "x", "delay_ms": 600000}] * 2
    lines = [told, recording(problem="What is 6*8?")]
    e = Endpoint(rig, "--engine", engine(rig.write_lines("slow.jsonl", lines)) + ",slots=2", "-k", "2")
    for data in (HEAD, HEAD + b"Content-Length: 100\r\n\r\n{"):
        s = dial(e)
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
    for leave in (lambda s: s.close(), lambda s: (s.shutdown(socket.SHUT_WR), s.close())):
        s = dial(e)
        s.sendall(with_body(json.dumps(chat()).encode()))
        leave(s)
    expect(e.chat("What is 6*8?").own["answer"] == "42")  # its slots are free, and not after ten minutes


def test_client_that_closes_its_side_alone_gets_its_reply(rig):
    told = recording()
    told["samples"] = [{**sample, "delay_ms": 1500} for sample in told["samples"]]
    e = Endpoint(rig, "--engine", engine(rig.write_lines("slow.jsonl", [told])), "-k", "2")
    for stream in (False, True):
        with dial(e) as s:
            s.sendall(with_body(json.dumps(chat(stream=stream)).encode()))
            s.shutdown(socket.SHUT_WR)
            answer = read_all(s)
        expect(answer.startswith(b"HTTP/1.1 200 ") and b"42" in answer, answer[:300])


def test_slow_loris_holds_nobody_up(rig):
    e = serve(rig)
    lame = [dial(e) for _ in range(500)]
    for i, s in enumerate(lame):
        s.sendall(HEAD[:20] if i % 2 else HEAD + b"Content-Length: 1000\r\n\r\n{")
    began = time.monotonic()
    for _ in range(10):
        expect_alive(e)
    expect(time.monotonic() - began < PATIENCE, time.monotonic() - began)
    for s in lame:
        s.close()


def test_many_connections_that_say_nothing(rig):
    e = serve(rig)
    idle = [dial(e) for _ in range(700)]
    expect_alive(e)
    for s in idle:
        s.close()
    expect_alive(e)


def test_memory_stays_flat(rig):
    """3,000 requests, or SURETY_REQUESTS of them: whole, streamed, refused and broken off."""
    rounds = int(os.environ.get("SURETY_REQUESTS", "3000")) // 10
    e = serve(rig, "--verify", "none")
    connection = e.connect()
    body = json.dumps(chat(surety={"k": 2}))
    streamed = json.dumps(chat(surety={"k": 2}, stream=True))
    wrong = json.dumps(chat(surety={"kk": 2}))

    def go(times):
        for _ in range(times):
            for text, status in ((body, 200), (streamed, 200), (body, 200), (wrong, 400), (streamed, 200), (body, 200),
                                 ("{", 400), (body, 200), (body, 200)):
                reply = e.call("POST", "/v1/chat/completions", text, connection=connection)
                expect(reply.status == status, reply.status, reply.body)
            with dial(e) as s:
                s.sendall(with_body(body.encode()))
    go(max(100, rounds // 10))
    before = e.memory()
    go(rounds)
    after = e.memory()
    print(f"# {rounds * 10} requests: {before} to {after} KiB resident", flush=True)
    expect(after - before < 12000 * SLOWER, before, after)  # a sanitizer keeps what was freed
    wait_for(lambda: e.chat().status == 200, "an answer")


if __name__ == "__main__":
    main(globals())
