"""Streams of the chat endpoint: what comes when, clients that go, and clients that do not read."""
import json
import os
import socket
import time

from endpoint import ASK, Endpoint, chat
from rig import PATIENCE, engine, expect, main, recording, wait_for

SLOWER = int(os.environ.get("SURETY_SLOWER", "1"))


def serve(rig, told, *args):
    return Endpoint(rig, "--engine", engine(rig.write_lines("recording.jsonl", [told])), *args)


def late(n, ms, text="So it is \\boxed{42}."):
    return {"problem": ASK, "samples": [{"text": text, "delay_ms": ms}] * n, "verdicts": []}


def events(response):
    """(seconds since the call, the line) of each line of a stream; a comment is a text, data is parsed."""
    began = time.monotonic()
    for line in response:
        line = line.decode().rstrip("\n")
        if line.startswith(": "):
            yield time.monotonic() - began, line
        elif line.startswith("data: ") and line != "data: [DONE]":
            yield time.monotonic() - began, json.loads(line[6:])
        elif line:
            expect(line == "data: [DONE]", line)
            yield time.monotonic() - began, "[DONE]"


def ask(endpoint, connection=None, **fields):
    connection = connection or endpoint.connect()
    connection.request("POST", "/v1/chat/completions", json.dumps(chat(stream=True, **fields)),
                       {"Content-Type": "application/json"})
    return connection.getresponse()


def test_stream_says_what_the_whole_reply_says(rig):
    told = recording(right=3, wrong=5)
    told["samples"][0]["text"] = "<think>\nso\n</think>\n" + "Six sevens, \u00fcber all: " * 40 + told["samples"][0]["text"]
    e = serve(rig, told, "-k", "8")
    whole = e.chat(n=2).json
    response = ask(e, n=2, stream_options={"include_usage": True})
    expect(response.status == 200 and response.headers["Content-Type"].startswith("text/event-stream"))
    got = [event for _, event in events(response)]
    expect(got[-1] == "[DONE]" and len(got) > 10, got)
    chunks = got[:-1]
    expect(chunks[-1]["choices"] == [] and chunks[-1]["usage"] == whole["usage"], chunks[-1])
    expect(all(c["usage"] is None and c["object"] == "chat.completion.chunk" for c in chunks[:-1]))
    expect(len({c["id"] for c in chunks}) == 1 and chunks[0]["id"].startswith("chatcmpl-"))
    texts, thoughts, roles, ends = ["", ""], ["", ""], [], []
    for chunk in chunks[:-1]:
        [choice] = chunk["choices"]
        delta = choice["delta"]
        roles += [delta["role"]] if "role" in delta else []
        texts[choice["index"]] += delta.get("content", "")
        thoughts[choice["index"]] += delta.get("reasoning_content", "")
        ends += [choice["finish_reason"]] if choice["finish_reason"] else []
    expect(chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""} and len(roles) == 2, chunks[0])
    expect(texts == [c["message"]["content"] for c in whole["choices"]], texts)
    expect(thoughts == ["so", ""] and ends == ["stop", "stop"], thoughts, ends)
    own, other = chunks[-2]["surety"], whole["surety"]
    for same in (own, other):
        same["usage"].pop("wall_ms")
    expect(own == other, own)
    expect(all("usage" not in c for _, c in events(ask(e)) if isinstance(c, dict)), "usage that nobody asked for")


def test_progress_comes_early_and_steadily(rig):
    response = ask(serve(rig, late(2, 9000), "-k", "2", "--verify", "none"))
    comments = [at for at, event in events(response) if isinstance(event, str) and event.startswith(": ")]
    expect(len(comments) >= 3 and comments[0] < 5 * SLOWER, comments)
    expect(max(b - a for a, b in zip(comments, comments[1:])) < 5 * SLOWER, comments)


def test_errors_before_the_stream_have_their_status_and_later_ones_are_events(rig):
    e = serve(rig, late(2, 600000), "-k", "2")
    expect(ask(e, surety={"kk": 1}).status == 400)
    response = ask(e, surety={"deadline": 4})
    got = [event for _, event in events(response)]
    expect(response.status == 200 and "deadline" in got[-1]["error"]["message"], got)


def busy(rig, client):
    return sum(w["busy"] for w in rig.status(client)["workers"])


def together(rig, told, *args):
    """Broker, worker and gateway apart, so that the broker can be asked."""
    _, client, worker = rig.broker()
    rig.start("worker", "--broker", worker, "--engine", engine(rig.write_lines("recording.jsonl", [told])))
    return client, Endpoint(rig, "--broker", client, *args, command="gateway")


def test_client_that_goes_frees_the_slots(rig):
    client, e = together(rig, late(8, 600000), "-k", "8", "--verify", "none")
    for stream in (True, False):
        connection = e.connect()
        connection.request("POST", "/v1/chat/completions", json.dumps(chat(stream=stream)),
                           {"Content-Type": "application/json"})
        wait_for(lambda: busy(rig, client) == 8, "samples that run")
        connection.close()
        wait_for(lambda: busy(rig, client) == 0, "slots that are free", PATIENCE)
    expect(e.call("GET", "/healthz").status == 200)


def test_slow_client_slows_nobody(rig):
    long = "word " * 400000 + "\\boxed{42}"
    told = [late(1, 0, long), {**late(1, 0), "problem": "Short?"}]
    e = Endpoint(rig, "--engine", engine(rig.write_lines("recording.jsonl", told)), "-k", "1", "--verify", "none")
    slow = []
    for _ in range(4):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.connect(("127.0.0.1", e.port))
        body = json.dumps(chat(stream=True)).encode()
        s.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                  b"Content-Length: %d\r\n\r\n" % len(body) + body)
        expect(s.recv(100).startswith(b"HTTP/1.1 200"))
        slow.append(s)
    began = time.monotonic()
    for _ in range(20):
        expect(e.chat("Short?").own["answer"] == "42")
    expect(time.monotonic() - began < 10 * SLOWER, time.monotonic() - began)
    for s in slow:
        s.close()


def test_streams_end_with_the_program(rig):
    e = serve(rig, late(2, 600000), "-k", "2", "--verify", "none")
    response = ask(e)
    response.readline()
    other = e.connect()
    other.request("POST", "/v1/chat/completions", json.dumps(chat()), {"Content-Type": "application/json"})
    expect(e.call("GET", "/healthz").status == 200)  # by then the other one was read
    e.process.terminate()
    expect("ending" in response.read().decode(), "no reason")
    expect(other.getresponse().status == 503)
    expect(e.process.wait(PATIENCE) == 0)


if __name__ == "__main__":
    main(globals())
