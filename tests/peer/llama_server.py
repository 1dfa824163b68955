#!/usr/bin/env python3
"""What a real llama-server shows to the engine openai. usage: llama_server.py LLAMA_SERVER MODEL.gguf BUILD

Starts the server with four slots and prints, each from trying: slots and context, whether equal seeds
repeat (alone, beside others), how it streams, whether closing a connection frees its slot, which field
thinking would be in, what it refuses. Then runs the conformance suite and a solve against it.
"""
import concurrent.futures
import http.client
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

LLAMA, MODEL, BUILD = sys.argv[1:4]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


PORT = free_port()
URL = f"http://127.0.0.1:{PORT}"


def get(path):
    try:
        with urllib.request.urlopen(URL + path, timeout=60) as reply:
            return json.load(reply)
    except urllib.error.HTTPError as e:
        return {"status": e.code, "body": e.read().decode()[:200]}


def post(path, **body):
    request = urllib.request.Request(URL + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=600) as reply:
            return json.load(reply)
    except urllib.error.HTTPError as e:
        return {"status": e.code, "body": e.read().decode()[:300]}


def chat(question="Tell me of the sea.", **settings):
    return post("/v1/chat/completions", messages=[{"role": "user", "content": question}],
                **{"max_tokens": 60, "temperature": 1, "top_p": 0.95, "top_k": 0, "min_p": 0, **settings})


def text(reply):
    return reply["choices"][0]["message"]["content"] if "choices" in reply else str(reply)


def stream(settings, stop_after=None):
    """The chunks of a stream with their times; leaves after stop_after of them."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=600)
    body = {"messages": [{"role": "user", "content": "Tell me of the sea."}], "stream": True,
            "stream_options": {"include_usage": True}, **settings}
    connection.request("POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
    reply, chunks = connection.getresponse(), []
    for line in reply:
        if line.startswith(b"data: "):
            chunks.append((time.monotonic(), line[6:].strip().decode()))
        if stop_after and len(chunks) >= stop_after:
            break
    connection.close()
    return chunks


def busy():
    slots = get("/slots")
    return sum(s["is_processing"] for s in slots) if isinstance(slots, list) else None


def show(what, value):
    print(f"{what:44} {value}", flush=True)


def try_it():
    props = get("/props")
    show("total_slots, n_ctx of a slot (-np 4 -c 8192)",
         (props.get("total_slots"), props.get("default_generation_settings", {}).get("n_ctx")))
    first = text(chat(seed=5))
    show("equal seeds repeat, alone", [text(chat(seed=5)) == first for _ in range(3)])
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        many = list(pool.map(lambda s: text(chat(seed=s)), [5, 6, 7, 5, 8, 5, 9, 5]))
    show("equal seeds repeat, beside others", [many[i] == first for i in (0, 3, 5, 7)])
    show("other seeds differ", len(set(many)) >= 5)
    reply = chat(seed=5)
    show("usage of a repeated prompt", reply.get("usage"))
    show("system_fingerprint", reply.get("system_fingerprint"))
    show("n=2", str(chat(n=2, max_tokens=4))[:150])
    chunks = stream({"max_tokens": 40, "seed": 5})
    show("chunks of a stream of 40 tokens", len(chunks))
    show("its last three", [c[:160] for _, c in chunks[-3:]])
    before = busy()
    stream({"max_tokens": 2000, "seed": 5}, stop_after=5)
    began = time.monotonic()
    while busy() and time.monotonic() - began < 30:
        time.sleep(0.005)
    show("slots busy before, ms until free after leaving", (before, round(1000 * (time.monotonic() - began))))
    show("a prompt beyond the context", str(chat("word " * 4000, max_tokens=4))[:230])
    show("/tokenize", str(post("/tokenize", content="one two"))[:80])
    show("logprobs", str(chat(max_tokens=1, logprobs=True).get("choices", [{}])[0].get("logprobs"))[:150])
    for name, extra in (("40 tokens", {}), ("40 tokens with logprobs", {"logprobs": True})):
        began = time.monotonic()
        chat(max_tokens=40, seed=5, **extra)
        show(name + ", ms", round(1000 * (time.monotonic() - began)))


def main():
    server = subprocess.Popen([LLAMA, "-m", MODEL, "-np", "4", "-c", "8192", "--port", str(PORT), "--slots"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while get_health() != 200:
            if server.poll() is not None:
                sys.exit(f"{LLAMA} ended with {server.returncode}")
            time.sleep(0.2)
        try_it()
        test = os.path.join(BUILD, "tests", "conformance", "test_engine")
        code = subprocess.run([test, "openai", URL], env=dict(os.environ, SURETY_PATIENCE_S="600")).returncode
        show("conformance suite: tests that failed", code)
        subprocess.run([os.path.join(BUILD, "scaler", "surety"), "solve", "--upstream", URL, "-k", "8", "--verify",
                        "none", "--max-tokens", "200", "What is 14*23?"])
    finally:
        server.terminate()
        server.wait()


def get_health():
    try:
        with urllib.request.urlopen(URL + "/health", timeout=5) as reply:
            return reply.status
    except (OSError, urllib.error.HTTPError):
        return 0


if __name__ == "__main__":
    main()
