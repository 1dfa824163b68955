"""A chat endpoint of the program, and a client of it that knows nothing but Python's http.client."""
import http.client
import json
import re
import threading

from rig import expect, wait_for

ASK = "What is 6*7?"


class Reply:
    def __init__(self, response, body):
        self.status, self.headers, self.body = response.status, response.headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        expect(self.headers["Content-Type"].startswith("application/json"), self.headers, self.body)
        return self.json["error"]

    @property
    def text(self):
        return self.json["choices"][0]["message"]["content"]

    @property
    def own(self):
        return self.json["surety"]


class Endpoint:
    """Starts `surety serve` or `surety gateway`; port is where it listens."""

    def __init__(self, rig, *args, command="serve", env=None, ready=True):
        self.process = rig.start(command, *args, "--http", "127.0.0.1:0", env=env)
        self.said = []
        threading.Thread(target=self._listen, daemon=True).start()
        word = "ready: base URL" if ready else "listening at"
        wait_for(lambda: self.process.poll() is not None or word in self.err, lambda: f"{word}: {self.err}")
        expect(self.process.poll() is None, self.err)
        self.port = int(re.search(r"http://127\.0\.0\.1:(\d+)", self.err)[1])

    def _listen(self):
        for line in self.process.stderr:
            self.said.append(line.decode("utf-8", "replace"))

    @property
    def err(self):
        return "".join(self.said)

    def connect(self, timeout=60):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def call(self, method, path, body=None, headers=(), connection=None):
        connection = connection or self.connect()
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        connection.request(method, path, body, {"Content-Type": "application/json", **dict(headers)})
        response = connection.getresponse()
        return Reply(response, response.read())

    def post(self, body, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.call("POST", "/v1/chat/completions", body, named)

    def chat(self, *turns, model="surety-replay", **fields):
        return self.post(chat(*turns, model=model, **fields))

    def memory(self):
        """Kilobytes that are resident."""
        with open(f"/proc/{self.process.pid}/status") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read())[1])


def chat(*turns, model="surety-replay", **fields):
    """Turns are texts, by turns of the user and the assistant, or (role, text)."""
    messages = []
    for turn in turns or (ASK,):
        role, text = turn if isinstance(turn, tuple) else (None, turn)
        after_user = messages and messages[-1]["role"] == "user"
        messages.append({"role": role or ("assistant" if after_user else "user"), "content": text})
    return {"model": model, "messages": messages, **fields}
