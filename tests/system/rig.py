"""What the system tests share: real processes of the program in a place of their own, as TAP.

Every test gets a fresh folder, which is also TMPDIR of everything it starts, and a mark in the
environment of its processes. When a test ends, no process with its mark may live and no private
directory may stand: that is part of every test. Conditions are polled for, with a deadline.
"""
import contextlib
import json
import os
import signal
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import traceback

SURETY = os.path.abspath(sys.argv[1])
PATIENCE = 30  # seconds that a condition may take; sanitizers are slow


class Skip(Exception):
    """What the test needs is not here; said by its TAP line."""


class Result:
    def __init__(self, code, out, err):
        self.code, self.bytes, self.err = code, out, err.decode("utf-8", "replace")
        self.out = out.decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def lines(self):
        return [json.loads(line) for line in self.out.splitlines()]


class Rig:
    def __init__(self, folder):
        self.folder = folder
        self.mark = f"SURETY_TEST_MARK={os.path.basename(folder)}-{os.getpid()}"
        self.started = []

    # ---- files ----
    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        with open(self.path(name), "wb") as f:
            f.write(content if isinstance(content, bytes) else content.encode())
        return self.path(name)

    def write_lines(self, name, objects):
        return self.write(name, "".join(
            o + "\n" if isinstance(o, str) else json.dumps(o) + "\n" for o in objects))

    def read_lines(self, name):
        with open(self.path(name), "rb") as f:
            return [json.loads(line) for line in f]

    def homes(self):
        return [f for f in os.listdir(self.folder) if f.startswith("surety-")]

    # ---- processes ----
    def environment(self, extra=None):
        key, value = self.mark.split("=")
        env = dict(os.environ, TMPDIR=self.folder, **{key: value})
        env.pop("COLUMNS", None)
        env.update(extra or {})
        return env

    def start(self, *args, stdin=subprocess.DEVNULL, env=None, stops=False, **options):
        """stops: with the default of --stop; else all samples are asked for, which most tests count."""
        if args[:1] in (("solve",), ("gateway",), ("serve",)) and "--stop" not in args and not stops:
            args = (args[0], "--stop", "none", *args[1:])
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        options.setdefault("preexec_fn", default_signals)
        process = subprocess.Popen([SURETY, *args], stdin=stdin, env=self.environment(env), **options)
        self.started.append(process)
        return process

    def finish(self, process, timeout=PATIENCE * 2, stdin=None):
        out, err = process.communicate(stdin, timeout=timeout)
        return Result(process.returncode, out or b"", err or b"")

    def run(self, *args, stdin=None, timeout=PATIENCE * 2, env=None):
        if isinstance(stdin, str):
            stdin = stdin.encode()
        process = self.start(*args, env=env,
                             stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE)
        return self.finish(process, timeout, stdin)

    def processes(self):
        """Ids and command lines of all living processes with this test's mark."""
        found = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/environ", "rb") as f:
                    if self.mark.encode() not in f.read().split(b"\0"):
                        continue
                with open(f"/proc/{pid}/stat") as f:
                    if f.read().rsplit(")", 1)[1].split()[0] == "Z":
                        continue
                with open(f"/proc/{pid}/cmdline", "rb") as f:
                    found[int(pid)] = f.read().split(b"\0")
            except OSError:
                pass
        return found

    def workers(self):
        return [pid for pid, command in self.processes().items() if command[1:2] == [b"worker"]]

    def await_workers(self, n=1):
        wait_for(lambda: len(self.workers()) >= n, f"{n} worker processes")
        return self.workers()

    def end_services(self):
        """Asks the brokers and workers that a test left running to end."""
        for process in self.started:
            if process.poll() is None:
                process.terminate()
        for process in self.started:
            process.wait(PATIENCE)

    def clean_up(self):
        for process in self.started:
            if process.poll() is None:
                process.kill()
                process.wait()
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream:
                    stream.close()

    def expect_nothing_left(self):
        wait_for(lambda: not self.processes(), lambda: f"the end of {self.processes()}")
        wait_for(lambda: not self.homes(), lambda: f"the removal of {self.homes()}")

    # ---- broker, worker and client as processes of their own ----
    def broker(self, client=None, worker=None, *args):
        client = client or f"ipc://{self.path('c')}"
        worker = worker or f"ipc://{self.path('w')}"
        process = self.start("broker", "--client-endpoint", client, "--worker-endpoint", worker, *args)
        wait_for(lambda: process.poll() is not None or
                 self.run("status", "--broker", client).code == 0, "a broker that answers")
        return process, client, worker

    def status(self, client):
        return self.run("status", "--broker", client, "--json").json


def default_signals():
    """A test run in the background ignores some, and ignored signals are inherited."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(condition, what, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s for {what() if callable(what) else what}")
        time.sleep(0.01)


def expect(condition, *evidence):
    if not condition:
        raise AssertionError(" | ".join(str(e) for e in evidence))


def without_cost(result):
    """What must be the same whatever happened on the way."""
    return {k: v for k, v in result.items() if k != "usage"}


# ---- recordings for the replay engine ----
def solution(answer, claims=()):
    listed = "".join(f"{i}. {claim}\n" for i, claim in enumerate(claims, 1))
    return f"The answer is \\boxed{{{answer}}}.\n\nClaims:\n{listed}" if claims else \
        f"The answer is \\boxed{{{answer}}}."


def recording(problem="What is 6*7?", right=5, wrong=3, **sample):
    """right samples say 42, wrong ones 41; each has two claims, and verdicts refute one of the wrong."""
    shared = "the numbers are six and seven"
    samples, verdicts = [], [{"claim": shared, "text": "VALID"}]
    for value, n in ((42, right), (41, wrong)):
        for i in range(n):
            claim = f"six times seven is {value}, way {i}"
            samples.append({"text": solution(value, [shared, claim]), **sample})
            verdicts.append({"claim": claim, "text": "VALID" if value == 42 else "REFUTED - it is 42"})
    return {"problem": problem, "samples": samples, "verdicts": verdicts}


def engine(path):
    return "replay:file=" + path


def main(tests):
    """Runs the functions whose names begin with test_, one folder each."""
    functions = [(name, f) for name, f in tests.items() if name.startswith("test_")]
    only = sys.argv[2:]
    failed = 0
    for number, (name, function) in enumerate(functions, 1):
        if only and name not in only:
            continue
        folder = tempfile.mkdtemp(prefix="st-", dir="/tmp")
        rig = Rig(folder)
        began = time.monotonic()
        try:
            function(rig)
            rig.end_services()
            rig.expect_nothing_left()
            print(f"ok {number} - {name} # {time.monotonic() - began:.2f} s", flush=True)
        except Skip as why:
            print(f"ok {number} - {name} # SKIP {why}", flush=True)
        except Exception:
            failed += 1
            traceback.print_exc()  # to stderr, which meson shows
            print(f"not ok {number} - {name}", flush=True)
        finally:
            rig.clean_up()
            for pid in rig.processes():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            shutil.rmtree(folder, ignore_errors=True)
    print(f"1..{len(functions)}")
    sys.exit(1 if failed else 0)
