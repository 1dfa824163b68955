#!/usr/bin/env python3
"""A chat server that behaves like those that are met, one habit at a time. Standard library only.

    openai_server.py            prints its port on a line, serves until its stdin ends

Without a habit it is a small llama-server: four slots, seeds that repeat, a stream with the usage at
its end, /props, /tokenize, /apply-template and /completion. Habits are the first part of the path, joined by '+':
http://127.0.0.1:PORT/whole+nousage/v1. Each names in HABITS what behaves so. GET /stats tells what
was seen: {"trials", "chats", "at_once" (most), "open", "aborted" (left by the client), "keys", "bodies",
"raw" (the same as texts, trials too)}.

The model: a token is a word of four letters, which follows from the prompt, the temperature and the
seed; a prompt that asks for 6*7 is answered with a box, and a verdict is asked for with "claim".
"""
import asyncio
import hashlib
import json
import math
import sys
import threading
import zlib

HABITS = {
    "slots1": "llama-server -np 1: one request at a time, others wait in its queue",
    "noprops": "vLLM, Ollama, LM Studio, hosted APIs: no /props, so no slots are told",
    "notokenize": "Ollama, LM Studio, hosted APIs",
    "whole": "gateways without streaming: one JSON object, although a stream was asked for",
    "seedless": "hosted APIs: the seed is 'best effort'; some servers drop it",
    "sameseed": "a cache keyed without the seed in front of a server: all samples are equal",
    "busy": "hosted APIs: 429 with Retry-After, first for every prompt",
    "shaky": "a reverse proxy whose server restarts: 503 twice, then fine",
    "loading": "llama-server while it loads its model: 503 on all paths",
    "drops": "a server that is killed and comes back: the connection ends in the stream, once a seed",
    "alwaysdrops": "a server that dies of this prompt",
    "endless": "llama-server with n_predict -1 in a loop, Ollama with num_predict ignored",
    "pings": "OpenRouter: ': PROCESSING' comments; here for ever, without a word",
    "longline": "no server; a hostile one: a line of a gigabyte",
    "junk": "proxies that add text behind [DONE]",
    "nodone": "servers that close behind the last chunk",
    "negative": "servers that subtract cached tokens twice: negative counts",
    "nousage": "older servers that do not know stream_options",
    "badutf8": "servers that cut a character at a token's end (older llama-cpp-python)",
    "reasoning": "Ollama, newer vLLM, OpenRouter: what is thought is in 'reasoning'",
    "reasoning_content": "llama-server, DeepSeek, older vLLM: in 'reasoning_content'",
    "completion": "OpenAI's reasoning models: only max_completion_tokens, and a 400 for max_tokens",
    "strict": "OpenAI: unknown fields are a 400 that names one of them",
    "html": "a web server or a proxy: pages of HTML, status 200",
    "badgateway": "nginx: its own page with status 502",
    "slow": "a long prompt on a slow machine: the first word comes after three seconds",
    "key": "hosted APIs: 401 without the key 'sesame-open-42'; the wrong key is quoted back",
    "models2": "Ollama, LM Studio: several models",
    "nolist": "gateways without /models",
    "cut": "Ollama: a prompt beyond the context loses its beginning, silently",
    "parts": "servers that send content as a list of parts",
    "errorchunk": "llama-server, OpenRouter: an error object in the stream, status 200",
    "onefails": "one sample in eight fails with 500",
    "allfail": "all samples fail with 500 (but the engine's own trial)",
    "unfunded": "OpenAI: 429 insufficient_quota, which no waiting helps",
    "moved": "http:// that sends to https://: 301",
    "vllm": "vLLM (protocol.py of its chat_completion): none of llama-server's paths, a last assistant turn goes on "
            "only with continue_final_message, which add_generation_prompt excludes (400); max_logprobs 20",
    "ollama": "Ollama since 0.12.11 (its issue 16117, pull request 16867): top_logprobs in /v1, unknown fields are "
              "ignored, a last assistant turn goes on, no /tokenize",
    "deaf": "Ollama before 0.12.11, mlx servers (vllm-mlx issue 786): logprobs are ignored, status 200",
    "shy": "all with top_logprobs: a label that is not among the likeliest tokens does not come",
    "newturn": "OpenAI: a last assistant turn is followed by another one, whose tokens begin without a blank",
    "oldprobs": "llama-server before post_sampling_probs (examples/server of 2024): 'probs' with 'tok_str'",
    "garbage": "something else that listens on the port: no HTTP",
}
SLOTS, CONTEXT, TOKEN_S = 4, 4096, 0.002
KEY = "sesame-open-42"
TRIALS = ("eight random digits", "Is six an even number?")  # the engine's own questions
LLAMA = ("props", "tokenize", "apply-template", "completion")  # paths beside /v1


def is_trial(prompt):
    return any(t in prompt for t in TRIALS)


class Refused(Exception):
    def __init__(self, status, message, headers="", **error):
        super().__init__(message)
        self.status, self.headers = status, headers
        self.body = json.dumps({"error": {"message": message, "code": status, **error}})


class Stats:
    def __init__(self):
        self.trials = self.chats = self.open = self.at_once = self.aborted = 0
        self.keys, self.bodies, self.raw = [], [], []


stats = Stats()
seen = {}      # how often, for habits that change with time
gates = {}     # slots


def count(*what):
    seen[what] = seen.get(what, 0) + 1
    return seen[what]


def words_of(prompt, temperature, seed):
    """Endless pseudo-random words."""
    state = hashlib.sha256(f"{prompt}|{temperature}|{seed if temperature else 0}".encode()).digest()
    while True:
        for i in range(0, 32, 4):
            yield " " + "".join("abcdefghijklmnopqrstuvwxyz"[b % 26] for b in state[i:i + 4])
        state = hashlib.sha256(state).digest()


def text_of(body, prompt):
    seed = int(body.get("seed", 0))
    if "6*7" in prompt and not is_trial(prompt):
        if "laim" in prompt.split("6*7")[-1] and "VALID" in prompt:
            return [" VALID"]
        value = 41 if seed % 6 == 0 else 42
        return [f" Six times seven, try {seed}:", f" 6*7={value}.", " The answer is", f" \\boxed{{{value}}}."]
    temperature = body.get("temperature", 1)
    words = words_of(prompt, temperature, seed)
    length = 40 + (seed % 60 if temperature else 7)
    return [next(words) for _ in range(length)]


def tokens_of(text):
    return len(text) // 4 + 1


# ---- choices ----
def pieces_of(text):
    """Tokens for /tokenize: labels that begin alike behind an opened reply share some."""
    return [text[:3]] + [text[i:i + 4] for i in range(3, len(text), 4)]


def id_of(piece):
    return zlib.crc32(piece.encode()) & 0x7fffffff


def odds_of(prompt, token):
    return int.from_bytes(hashlib.sha256(f"{prompt}|{token}".encode()).digest()[:2], "big") / 13107


def shares_of(odds):
    """Tokens with their probabilities, the likeliest first."""
    total = sum(math.exp(o - max(odds.values())) for o in odds.values())
    shares = {t: math.exp(o - max(odds.values())) / total for t, o in odds.items()}
    return sorted(shares.items(), key=lambda s: -s[1])


def complete(habits, body):
    prompt = json.dumps(body["prompt"])
    odds = {token: 3 + odds_of(prompt, token) for token in range(100)}
    for token, raised in body["logit_bias"]:
        odds[token] = odds_of(prompt, token) + raised
    if body["samplers"] or not body["post_sampling_probs"]:
        raise Refused(400, "this model knows no samplers")
    top = shares_of(odds)[:body["n_probs"]]
    if "oldprobs" in habits:
        entry = {"content": "x", "probs": [{"tok_str": str(t), "prob": p} for t, p in top]}
    else:
        entry = {"id": top[0][0], "token": "x", "bytes": [], "prob": top[0][1],
                 "top_probs": [{"id": t, "token": "x", "bytes": [], "prob": p} for t, p in top if p > 0]}
    tokens = tokens_of(prompt)
    return {"content": "x", "tokens_evaluated": tokens, "timings": {"cache_n": min(3, tokens)},
            "completion_probabilities": [entry]}


def first_token(habits, body):
    """logprobs of a chat's first token: what the prompt's words begin with, and others."""
    last = body["messages"][-1]
    goes_on = last["role"] == "assistant" and "newturn" not in habits
    if "vllm" in habits:
        if body.get("top_logprobs", 0) > 20:
            raise Refused(400, "Requested sample logprobs of 25, which is greater than max allowed: 20")
        if body.get("continue_final_message") and body.get("add_generation_prompt", True):
            raise Refused(400, "Cannot set both `continue_final_message` and `add_generation_prompt` to True.")
        goes_on = goes_on and body.get("continue_final_message", False)
    if "deaf" in habits:
        return None
    prompt = "\n".join(m["content"] for m in body["messages"])
    words = {w.strip(".,:;'\"")[:4] for m in body["messages"] for w in m["content"].split()}
    if "shy" in habits and not is_trial(prompt):
        words.discard("WRON")
    odds = {(" " if goes_on else "") + w: odds_of(prompt, w) + 5 * w.isupper() for w in words if w.isalnum()}
    top = [{"token": t, "logprob": math.log(p), "bytes": list(t.encode())} for t, p in shares_of(odds)]
    top = top[:body["top_logprobs"]]
    if "vllm" in habits:
        top[-1]["logprob"] = -9999.0  # its name for minus infinity
    return {"content": [{**top[0], "top_logprobs": top}]}


async def respond(writer, status, body, kind="application/json", headers=""):
    data = body if isinstance(body, bytes) else body.encode()
    writer.write(f"HTTP/1.1 {status} x\r\nContent-Type: {kind}\r\n{headers}"
                 f"Content-Length: {len(data)}\r\n\r\n".encode() + data)
    await writer.drain()


class Stream:
    """A chunked reply of events."""
    def __init__(self, writer):
        self.writer, self.began = writer, False

    async def raw(self, data):
        if not self.began:
            self.writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                              b"Transfer-Encoding: chunked\r\n\r\n")
            self.began = True
        data = data if isinstance(data, bytes) else data.encode()
        self.writer.write(b"%x\r\n%s\r\n" % (len(data), data))
        await self.writer.drain()

    async def event(self, value):
        await self.raw(f"data: {json.dumps(value)}\n\n")

    async def end(self):
        self.writer.write(b"0\r\n\r\n")
        await self.writer.drain()


def check(habits, body, prompt):
    """What is refused before anything is computed."""
    if body.get("n", 1) != 1:
        raise Refused(400, "Only one completion choice is allowed")  # older llama-server
    if "completion" in habits and "max_tokens" in body:
        raise Refused(400, "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
                      "'max_completion_tokens' instead.", param="max_tokens")
    if "strict" in habits:
        for field in ("top_k", "min_p"):
            if field in body:
                raise Refused(400, f"Unrecognized request argument supplied: {field}", param=None)
    if body["model"] not in ("tiny", "other:latest"):
        raise Refused(404, f"The model `{body['model']}` does not exist", param="model")
    trial = is_trial(prompt)
    if "busy" in habits and not trial and count("busy", prompt) == 1:
        raise Refused(429, "Rate limit reached", "Retry-After: 1\r\n")
    if "shaky" in habits and not trial and count("shaky") <= 2:
        raise Refused(503, "upstream is restarting")
    if "unfunded" in habits and not trial:
        raise Refused(429, "You exceeded your current quota", type="insufficient_quota")
    if "allfail" in habits and not trial:
        raise Refused(500, "CUDA out of memory")
    if "onefails" in habits and not trial and body.get("seed", 0) % 8 == 3:
        raise Refused(500, "this one fails")
    if tokens_of(prompt) > CONTEXT and "cut" not in habits:
        raise Refused(400, f"the request exceeds the available context size ({CONTEXT} tokens)",
                      type="exceed_context_size_error")


async def hostile(habits, stream, trial):
    """True when the whole reply was made here."""
    if trial:
        return False
    if "pings" in habits:
        while True:
            await stream.raw(": PROCESSING\n\n")
            await asyncio.sleep(0.05)
    if "longline" in habits:
        await stream.raw('data: {"choices":[{"delta":{"content":"')
        for _ in range(1024):
            await stream.raw(b"a" * (1 << 20))
        await stream.end()
        return True
    if "errorchunk" in habits:
        await stream.event({"choices": [{"delta": {"content": " well"}}]})
        await stream.event({"error": {"message": "failed to decode the batch", "code": 500}})
        await stream.end()
        return True
    return False


def usage_of(habits, prompt, n):
    if "negative" in habits:
        return {"prompt_tokens": -5, "completion_tokens": -17, "prompt_tokens_details": {"cached_tokens": -9}}
    tokens = tokens_of(prompt)
    if "cut" in habits:
        tokens = min(tokens, 512)
    return {"prompt_tokens": tokens, "completion_tokens": n, "total_tokens": tokens + n,
            "prompt_tokens_details": {"cached_tokens": min(3, tokens)}}


async def chat(habits, body, writer):
    prompt = "\n".join(m["content"] for m in body["messages"])
    trial = is_trial(prompt)
    check(habits, body, prompt)
    if "seedless" in habits:
        body["seed"] = count("seed")
    if "sameseed" in habits:
        body["seed"] = 7
    if "slow" in habits and not trial:
        await asyncio.sleep(3)
    most = body.get("max_tokens") or body.get("max_completion_tokens") or 1 << 30
    pieces, finish = text_of(body, prompt), "stop"
    if "endless" in habits and not trial:
        pieces, most = pieces * 1000000, 1 << 30
    if len(pieces) > most:
        pieces, finish = pieces[:most], "length"
    for stop in body.get("stop", []):
        text = "".join(pieces)
        if stop in text:
            pieces, finish = [text[:text.index(stop)]], "stop"
    thought = [" hm,", " well,"] if habits & {"reasoning", "reasoning_content"} else []
    field = "reasoning" if "reasoning" in habits else "reasoning_content"
    usage = None if "nousage" in habits else usage_of(habits, prompt, len(pieces) + len(thought))
    head = {"id": "x", "object": "chat.completion.chunk", "model": "tiny", "system_fingerprint": "b1"}
    if "whole" in habits or not body.get("stream"):
        logprobs = first_token(habits, body) if body.get("top_logprobs") else None
        await asyncio.sleep(TOKEN_S * len(pieces))
        message = {"role": "assistant", "content": "".join(pieces)}
        if "parts" in habits:
            message["content"] = [{"type": "text", "text": p} for p in pieces]
        if thought:
            message[field] = "".join(thought)
        await respond(writer, 200, json.dumps({
            **head, "object": "chat.completion", "usage": usage,
            "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": logprobs}]}))
        return
    stream = Stream(writer)
    if await hostile(habits, stream, trial):
        return
    await stream.event({**head, "choices": [{"index": 0, "delta": {"role": "assistant", "content": None}}]})
    drops = "alwaysdrops" in habits or ("drops" in habits and count("drops", body["seed"]) == 1)
    for n, piece in enumerate(thought + pieces):
        if drops and n == 2 and not trial:
            writer.transport.abort()
            return
        key = field if n < len(thought) else "content"
        value = [{"type": "text", "text": piece}] if "parts" in habits else piece
        chunk = json.dumps({**head, "choices": [{"index": 0, "delta": {key: value}, "finish_reason": None}]})
        data = f"data: {chunk}\n\n".encode()
        if "badutf8" in habits:
            data = data.replace(b'": " ', b'": "\xc3 \xff')
        await stream.raw(data)
        await asyncio.sleep(0 if "endless" in habits else TOKEN_S)
    await stream.event({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    if usage and body.get("stream_options"):
        await stream.event({**head, "choices": [], "usage": usage})
    if "nodone" not in habits:
        await stream.raw("data: [DONE]\n\n")
    if "junk" in habits:
        await stream.raw('data: {"choices":[{"delta":{"content":"junk"}}]}\n\n{{{\x00\n\nHTTP/1.1 500\n\n')
    await stream.end()


async def serve_chat(habits, body, writer, reader):
    trial = any(is_trial(m["content"]) for m in body["messages"])
    stats.trials += trial
    stats.chats += not trial
    stats.open += not trial
    stats.at_once = max(stats.at_once, stats.open)
    if not trial:
        stats.bodies = (stats.bodies + [body])[-50:]
    work = asyncio.ensure_future(in_slot(habits, body, writer))
    left = asyncio.ensure_future(reader.read(1))  # a client that waits sends nothing: it is its end
    try:
        await asyncio.wait({work, left}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done() or isinstance(work.exception(), ConnectionError):
            stats.aborted += not trial
            work.cancel()
        left.cancel()
        await asyncio.wait({left})
        await work
    finally:
        stats.open -= not trial


async def in_slot(habits, body, writer):
    slots = 1 if "slots1" in habits else SLOTS if "noprops" not in habits else 64
    async with gates.setdefault(slots, asyncio.Semaphore(slots)):
        await chat(habits, body, writer)


async def answer(path, headers, body, writer, reader):
    """One request of a connection."""
    first, _, rest = path.lstrip("/").partition("/")
    is_path = first == "v1" if rest else first in ("", "stats", *LLAMA)
    habits = set() if is_path else set(first.split("+"))
    rest = rest if habits else path.lstrip("/")
    if habits - set(HABITS):
        raise Refused(404, "no such path")
    if "garbage" in habits:
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        await writer.drain()
        raise ConnectionError
    if "html" in habits:
        return await respond(writer, 200, "<html><body>It works!</body></html>", "text/html")
    if "badgateway" in habits:
        return await respond(writer, 502, "<html><h1>502 Bad Gateway</h1></html>", "text/html")
    if "moved" in habits:
        return await respond(writer, 301, "", "text/html", "Location: https://example.org/\r\n")
    if "loading" in habits and count("loading") <= 3:
        raise Refused(503, "Loading model", type="unavailable_error")
    key = headers.get("authorization", "")
    stats.keys = sorted(set(stats.keys + [key]))
    if "key" in habits and key != "Bearer " + KEY:
        raise Refused(401, f"Incorrect API key provided: {key[7:]}")
    if rest == "stats":
        return await respond(writer, 200, json.dumps(vars(stats)))
    if rest == "v1/models" and "nolist" not in habits:
        names = ["tiny", "other:latest"] if "models2" in habits else ["tiny"]
        return await respond(writer, 200, json.dumps(
            {"object": "list", "data": [{"id": n, "object": "model", "meta": {"n_params": 1}} for n in names]}))
    hidden = LLAMA if habits & {"ollama", "newturn"} else set(LLAMA) - {"tokenize"} if "vllm" in habits else ()
    if rest in hidden:
        raise Refused(404, "File Not Found", type="not_found_error")
    if rest == "apply-template":
        return await respond(writer, 200, json.dumps({"prompt": json.dumps(body["messages"])}))
    if rest == "completion":
        stats.bodies = (stats.bodies + [body])[-50:]
        return await respond(writer, 200, json.dumps(complete(habits, body)))
    if rest == "props" and "noprops" not in habits:
        slots = 1 if "slots1" in habits else SLOTS
        return await respond(writer, 200, json.dumps(
            {"total_slots": slots, "default_generation_settings": {"n_ctx": CONTEXT}}))
    if rest == "tokenize" and "notokenize" not in habits:
        return await respond(writer, 200, json.dumps({"tokens": [id_of(p) for p in pieces_of(body["content"])]}))
    if rest == "v1/chat/completions":
        return await serve_chat(habits, body, writer, reader)
    raise Refused(404, "File Not Found", type="not_found_error")


async def connection(reader, writer):
    try:
        first = await reader.readexactly(1)
        if first == b"\x16":  # TLS, spoken to a server without it
            return await respond(writer, 400, "no TLS here", "text/plain")
        while True:
            head = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            first = b""
            headers = dict(h.lower().split(": ", 1) if "authorization" not in h.lower() else
                           ("authorization", h.split(": ", 1)[1]) for h in head[1:] if ": " in h)
            data = await reader.readexactly(int(headers.get("content-length", 0)))
            stats.raw = (stats.raw + [data.decode()])[-20:] if data else stats.raw
            try:
                await answer(head[0].split()[1], headers, json.loads(data or b"{}"), writer, reader)
            except Refused as r:
                await respond(writer, r.status, r.body, headers=r.headers)
    except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(connection, "127.0.0.1", 0, limit=1 << 26)
    print(server.sockets[0].getsockname()[1], flush=True)
    loop, ended = asyncio.get_running_loop(), asyncio.Event()

    def wait_for_parent():
        sys.stdin.buffer.read()
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=wait_for_parent, daemon=True).start()
    await ended.wait()


if __name__ == "__main__":
    asyncio.run(main())
