#!/usr/bin/env python3
"""Ask a surety broker from another language: a whole client of proto/PROTOCOL.md.

    client.py --broker ipc:///tmp/surety.c "A box holds 14 eggs. How many are in 23 boxes?"
    client.py --broker tcp://127.0.0.1:7001 -k 16 --jsonl problems.jsonl > results.jsonl

Problems are arguments, or lines {"id"?, "problem"} of a file. Progress goes to stderr, answers to
stdout; with --json or --jsonl each answer is one line with the whole result. Ctrl-C cancels what
runs and prints the best answers so far. Needs python3-zmq and python3-msgpack, nothing else.

exit: 0 all answered, 1 some without an answer, 2 usage, 5 broker unreachable, 130 interrupted
"""
import argparse
import collections
import json
import sys
import time

import msgpack
import zmq

SIGNATURE = b"SURETY/1"
SILENT_BEATS = 10
BUSY_PAUSE = 0.2  # seconds before a request that was refused as busy is sent again


class Unreachable(Exception):
    """The broker does not answer, or speaks another protocol."""


class Broker:
    """A connection to a broker: one DEALER socket, three frames a message."""

    def __init__(self, endpoint, timeout):
        self.endpoint = endpoint
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.linger = 500
        try:
            self.socket.connect(endpoint)
        except zmq.ZMQError as error:
            self.close()
            raise Unreachable(f"{endpoint}: {error}") from error
        self.beat = self.window = None
        self._join(timeout)

    def _join(self, timeout):
        """HELLO until WELCOME."""
        self.send("HELLO", {"role": "client", "version": "client.py"})
        until = time.monotonic() + timeout
        while self.beat is None:
            command, body = self.receive(until - time.monotonic())
            if command == "WELCOME":
                self.beat = body["heartbeat_ms"] / 1000
                self.window = max(1, body.get("window", 1))
                self.knows_users = body.get("users", False)
            elif command == "ERROR":
                raise Unreachable(f"{self.endpoint}: {body['code']}: {body['message']}")
            elif command is None and time.monotonic() >= until:
                raise Unreachable(f"no broker answers at {self.endpoint} (is `surety broker` "
                                  "running, and is this its client endpoint?)")
        self.heard = time.monotonic()

    def send(self, command, body):
        self.socket.send_multipart([SIGNATURE, command.encode(), msgpack.packb(body)])

    def receive(self, timeout):
        """The next message as (command, body), or (None, None) after timeout seconds."""
        if not self.socket.poll(max(0, int(timeout * 1000))):
            return None, None
        frames = self.socket.recv_multipart()
        self.heard = time.monotonic()
        if len(frames) != 3:
            return None, None
        # In every version an ERROR can be read, so look at the signature only for the rest.
        signature, command, body = frames
        if signature != SIGNATURE and command != b"ERROR":
            return None, None
        return command.decode("ascii", "replace"), msgpack.unpackb(body)

    def silent(self):
        return time.monotonic() - self.heard > SILENT_BEATS * self.beat

    def close(self):
        if getattr(self, "beat", None) is not None:
            self.send("BYE", {})
        self.socket.close()
        self.context.term()


class Batch:
    """Problems on their way: keeps the window full, takes what comes, in any order."""

    def __init__(self, broker, requests, on_progress, on_end):
        self.broker = broker
        self.waiting = collections.deque(requests)
        self.running = {}
        self.on_progress = on_progress
        self.on_end = on_end
        self.not_before = 0

    def run(self):
        while self.waiting or self.running:
            self.fill()
            command, body = self.broker.receive(min(self.broker.beat, BUSY_PAUSE))
            if command is not None:
                self.take(command, body)
            elif self.broker.silent():
                raise Unreachable(f"the broker at {self.broker.endpoint} has gone silent")

    def fill(self):
        while (self.waiting and len(self.running) < self.broker.window
               and time.monotonic() >= self.not_before):
            request = self.waiting.popleft()
            self.running[request["id"]] = request
            if not self.broker.knows_users:
                request.pop("user", None)
            self.broker.send("REQUEST", request)

    def take(self, command, body):
        if command == "ERROR" and body.get("id") is None:
            raise Unreachable(f"{self.broker.endpoint}: {body['code']}: {body['message']}")
        request = self.running.get(body.get("id"))
        if request is None:
            return  # HEARTBEAT, or of a request that has ended
        if command == "PROGRESS":
            self.on_progress(request, json.loads(body["json"]))
        elif command == "DELTA":
            print(body["text"], end="", flush=True)
        elif command == "RESULT":
            del self.running[request["id"]]
            self.on_end(request, json.loads(body["json"]), None)
        elif command == "ERROR":
            del self.running[request["id"]]
            if body["code"] == "busy":
                self.waiting.appendleft(request)
                self.not_before = time.monotonic() + BUSY_PAUSE
            else:
                self.on_end(request, None, body)

    def cancel(self):
        """Enough: what has not begun never will, the rest ends with its best result so far."""
        self.waiting.clear()
        for name in self.running:
            self.broker.send("CANCEL", {"id": name})


class Printer:
    """Progress to stderr, ends to stdout."""

    def __init__(self, as_json, quiet):
        self.as_json = as_json
        self.quiet = quiet
        self.unanswered = 0

    def progress(self, request, result):
        if self.quiet:
            return
        done = len(result["trajectories"])
        groups = ", ".join(f"{g['answer']} x{g['count']}" for g in result["groups"][:3])
        print(f"{request['id']}: {done} solutions, {groups or 'no answer yet'}", file=sys.stderr)

    def end(self, request, result, error):
        if error is not None:
            self.unanswered += 1
            print(f"{request['id']}: {error['code']}: {error['message']}", file=sys.stderr)
            return
        if "body" in request and "error" not in result:
            return  # the reply was its answer
        if result["answer"] is None:
            self.unanswered += 1
        if self.as_json:
            print(json.dumps(result, ensure_ascii=False), flush=True)
        else:
            self.show(request, result)

    @staticmethod
    def show(request, result):
        if result["answer"] is None:
            why = result.get("error", {}).get("message", "no solution stated one")
            print(f"{request['id']}: no answer ({why})", flush=True)
            return
        share = result["reliability"]
        evidence = "ranked, no vote was possible" if result["mode"] == "rank" else (
            f"settled unjudged, {result['used']} samples") if share is None else (
            f"score share {share:.2f}, {result['effective_votes']:.1f} effective votes of "
            f"{len(result['trajectories'])}")
        print(f"{request['id']}: {result['answer']}  ({evidence}; {result['stop_reason']})")
        for trajectory in result["trajectories"]:
            for claim in trajectory["claims"]:
                if claim["verdict"] == "refuted":
                    reason = f": {claim['reason']}" if claim.get("reason") else ""
                    print(f"  refuted in solution {trajectory['index']}: {claim['text']}{reason}")
        sys.stdout.flush()


def parse_arguments():
    parser = argparse.ArgumentParser(
        description="Ask a surety broker for the most reliable answer to each problem.")
    parser.add_argument("problems", nargs="*", metavar="PROBLEM")
    parser.add_argument("--broker", required=True, metavar="ENDPOINT",
                        help="the broker's client endpoint (ipc://PATH, tcp://127.0.0.1:PORT)")
    parser.add_argument("--jsonl", type=argparse.FileType("r", encoding="utf-8"), metavar="FILE",
                        help='lines {"id"?, "problem"}; - is stdin')
    parser.add_argument("--json", action="store_true", help="print whole results, one a line")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    parser.add_argument("--timeout", type=float, default=5, metavar="SECONDS",
                        help="how long to wait for the broker (5)")
    parser.add_argument("--model", help="which model, where a broker serves several")
    parser.add_argument("--verifier-model", metavar="MODEL", help="which one judges (the one that samples)")
    parser.add_argument("--profile", type=argparse.FileType("r", encoding="utf-8"), metavar="FILE")
    parser.add_argument("--messages", type=argparse.FileType("r", encoding="utf-8"), metavar="FILE",
                        help="a conversation, [{\"role\", \"content\"}], whose last turn asks the problem")
    parser.add_argument("--user", metavar="TEXT", help="for whom: users of a client take turns")
    parser.add_argument("--body", type=argparse.FileType("r", encoding="utf-8"), metavar="FILE",
                        help="of a chat completion, passed through to the model's server; PROBLEM is a name")
    parser.add_argument("--stop-string", action="append", metavar="TEXT", help="ends a sample")
    parser.add_argument("--deadline", type=float, metavar="SECONDS")
    parser.add_argument("--budget-tokens", type=int, metavar="N")
    settings = parser.add_argument_group("settings (defaults are the broker's)")
    settings.add_argument("-k", type=int, help="solutions")
    settings.add_argument("-m", type=int, help="claims of each")
    settings.add_argument("--gamma", type=float)
    settings.add_argument("--verify", choices=["none", "each", "joint", "blind", "whole"])
    settings.add_argument("--verify-repeats", type=int)
    settings.add_argument("--verify-temperature", type=float)
    settings.add_argument("--controls", type=int)
    settings.add_argument("--stop", choices=["none", "sure", "beta", "certified"])
    settings.add_argument("--stop-d", type=float)
    settings.add_argument("--signals", type=lambda text: text.split(","), metavar="LIST")
    settings.add_argument("--rule", choices=["power", "soft"])
    settings.add_argument("--temperature", type=float)
    settings.add_argument("--top-p", type=float)
    settings.add_argument("--top-k", type=int)
    settings.add_argument("--max-tokens", type=int)
    settings.add_argument("--max-thinking", type=int)
    settings.add_argument("--seed", type=int)
    settings.add_argument("--text", action="store_true", default=None,
                          help="results carry the solutions' texts")
    arguments = parser.parse_args()
    if bool(arguments.problems) == bool(arguments.jsonl):
        parser.error("give problems, or --jsonl FILE")
    return parser, arguments


SETTINGS = ("k m gamma verify verify_repeats verify_temperature controls stop stop_d signals rule "
            "temperature top_p top_k max_tokens max_thinking seed text").split()


def read_problems(parser, arguments):
    """Pairs of id and problem; ids default to the number of the problem."""
    if arguments.problems:
        return [(str(i), problem) for i, problem in enumerate(arguments.problems, 1)]
    pairs = []
    for number, line in enumerate(arguments.jsonl, 1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
            pairs.append((str(item.get("id", number)), item["problem"]))
        except (ValueError, KeyError, AttributeError) as error:
            parser.error(f"{arguments.jsonl.name}:{number}: {error!r}")
    if len({name for name, _ in pairs}) < len(pairs):
        parser.error(f"{arguments.jsonl.name}: an id occurs twice")
    return pairs


def make_requests(parser, arguments):
    settings = {name: getattr(arguments, name) for name in SETTINGS
                if getattr(arguments, name) is not None}
    extra = {"model": arguments.model,
             "verifier_model": arguments.verifier_model,
             "profile": arguments.profile.read() if arguments.profile else None,
             "deadline_ms": int(arguments.deadline * 1000) if arguments.deadline else None,
             "budget_tokens": arguments.budget_tokens,
             "messages": json.load(arguments.messages) if arguments.messages else None,
             "stop": arguments.stop_string,
             "user": arguments.user,
             "body": arguments.body.read() if arguments.body else None}
    extra = {key: value for key, value in extra.items() if value is not None}
    return [{"id": name, "problem": problem, "settings": settings,
             "progress": not arguments.quiet, **extra}
            for name, problem in read_problems(parser, arguments)]


def main():
    parser, arguments = parse_arguments()
    requests = make_requests(parser, arguments)
    printer = Printer(arguments.json or arguments.jsonl is not None, arguments.quiet)
    interrupted = False
    broker = None
    try:
        broker = Broker(arguments.broker, arguments.timeout)
        batch = Batch(broker, requests, printer.progress, printer.end)
        try:
            batch.run()
        except KeyboardInterrupt:
            interrupted = True
            print("cancelling; once more to leave at once", file=sys.stderr)
            batch.cancel()
            batch.run()
    except KeyboardInterrupt:
        interrupted = True
    except Unreachable as error:
        print(f"client.py: {error}", file=sys.stderr)
        return 5
    finally:
        if broker is not None:
            broker.close()
    if interrupted:
        return 130
    return 1 if printer.unanswered else 0


if __name__ == "__main__":
    sys.exit(main())
