"""examples/client.py, a client that knows proto/PROTOCOL.md and nothing of the program's code."""
import contextlib
import importlib.util
import os
import signal
import subprocess
import sys

from rig import PATIENCE, Result, Rig, engine, expect, main, recording, wait_for, without_cost

CLIENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples", "client.py")
PROBLEM = "What is 6*7?"


def start_client(rig, *args):
    process = subprocess.Popen([sys.executable, CLIENT, *args], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               env=rig.environment())
    rig.started.append(process)
    return process


def client(rig, *args):
    return rig.finish(start_client(rig, *args))


@contextlib.contextmanager
def serving(rig, lines, workers=1):
    """A broker and its workers over these recordings; the endpoint for clients. They end with it."""
    path = rig.write_lines("recorded.jsonl", lines)
    broker, endpoint, for_workers = rig.broker()
    for _ in range(workers):
        rig.start("worker", "--broker", for_workers, "--engine", engine(path))
    wait_for(lambda: len(rig.status(endpoint)["workers"]) == workers, "the workers")
    yield endpoint
    broker.terminate()
    rig.finish(broker)


# ---- the seeds of PROTOCOL.md, computed here a second time ----

def hash_bytes(state, data):
    mask = (1 << 64) - 1
    h = 0xCBF29CE484222325 ^ state
    for byte in data:
        h = (h ^ byte) * 0x100000001B3 & mask
    h = h + 0x9E3779B97F4A7C15 & mask
    h = (h ^ h >> 30) * 0xBF58476D1CE4E5B9 & mask
    h = (h ^ h >> 27) * 0x94D049BB133111EB & mask
    return h ^ h >> 31


def hash_number(state, number):
    return hash_bytes(state, number.to_bytes(8, "little"))


def sample_seeds(request_seed, k):
    state = hash_number(hash_number(0, request_seed), 0)
    seeds = []
    for index in range(k):
        seed, again = hash_number(state, index) & 0x7FFFFFFF, 0
        while seed in seeds:
            again += 1
            seed = hash_number(state, hash_number(index, again)) & 0x7FFFFFFF
        seeds.append(seed)
    return seeds


def test_answers_with_evidence_and_progress(rig: Rig):
    with serving(rig, [recording()]) as endpoint:
        result = client(rig, "--broker", endpoint, "-k", "8", "--verify", "each", PROBLEM)
        expect(result.code == 0, result.err)
        expect("1: 42" in result.out and "score share 0.9" in result.out, result.out)
        expect(result.out.count("refuted in solution") == 3 and "it is 42" in result.out, result.out)


def test_result_is_the_one_of_solve_and_of_the_documented_seeds(rig: Rig):
    with serving(rig, [recording()], workers=2) as endpoint:
        settings = ["-k", "8", "--verify", "each", "--seed", "11"]
        mine = client(rig, "--broker", endpoint, "--json", "--quiet", *settings, PROBLEM)
        solve = rig.run("solve", "--broker", endpoint, "--json", *settings, PROBLEM)
        expect(mine.code == 0 and solve.code == 0, mine.err, solve.err)
        expect(not mine.err, mine.err)
        a, b = without_cost(mine.json), without_cost(solve.json)
        a.pop("id"), b.pop("id")
        expect(a == b, a, b)
        expect([t["seed"] for t in a["trajectories"]] == sample_seeds(11, 8), a["trajectories"])


def test_many_problems_keep_within_the_window(rig: Rig):
    n = 150  # more than a window holds
    lines = [recording(f"What is 6*7, asked for the {i}th time?", 3, 1) for i in range(n)]
    with serving(rig, lines, workers=2) as endpoint:
        problems = rig.write_lines("problems.jsonl", [
            {"id": f"p{i}", "problem": line["problem"]} for i, line in enumerate(lines)])
        result = client(rig, "--broker", endpoint, "-k", "4", "--quiet", "--jsonl", problems)
        expect(result.code == 0, result.err)
        expect(sorted(r["id"] for r in result.lines) == sorted(f"p{i}" for i in range(n)), result.out[:500])
        expect(all(r["answer"] == "42" for r in result.lines))


def test_deadline_returns_the_best_so_far(rig: Rig):
    line = recording(right=4, wrong=0)
    line["samples"][3]["delay_ms"] = 600000
    with serving(rig, [line]) as endpoint:
        result = client(rig, "--broker", endpoint, "-k", "4", "--deadline", "1", "--json", PROBLEM)
        expect(result.code == 0, result.err)
        expect(result.json["stop_reason"] == "deadline" and result.json["answer"] == "42", result.out)
        expect("3 solutions, 42 x3" in result.err, result.err)


def test_interrupt_cancels_and_prints_the_best_so_far(rig: Rig):
    line = recording(right=4, wrong=0)
    line["samples"][3]["delay_ms"] = 600000
    with serving(rig, [line]) as endpoint:
        process = start_client(rig, "--broker", endpoint, "-k", "4", "--json", PROBLEM)
        seen = b""
        while b"3 solutions" not in seen:
            line = process.stderr.readline()
            expect(line, seen)
            seen += line
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
        result = Result(process.returncode, out, err)
        expect(result.code == 130, result.code, result.err)
        expect(result.json["stop_reason"] == "cancelled" and result.json["answer"] == "42", result.out)
        wait_for(lambda: not rig.status(endpoint)["requests"], "the end of the request")


def test_refused_request_says_why_and_others_go_on(rig: Rig):
    with serving(rig, [recording()]) as endpoint:
        result = client(rig, "--broker", endpoint, "-k", "0", PROBLEM)
        expect(result.code == 1 and "invalid_argument" in result.err and "k is 0" in result.err, result.err)
        result = client(rig, "--broker", endpoint, "-k", "2", "--model", "nowhere", "--deadline", "1",
                        PROBLEM)
        expect(result.code == 1 and "no worker had come" in result.out, result.err, result.out)
        result = client(rig, "--broker", endpoint, "-k", "8", PROBLEM, "  ")
        expect(result.code == 1 and "2: invalid_argument" in result.err, result.err)
        expect("1: 42" in result.out, result.out)


def test_unknown_key_or_setting_is_refused_by_name(rig: Rig):
    spec = importlib.util.spec_from_file_location("client", CLIENT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    ends = []
    with serving(rig, [recording()]) as endpoint:
        broker = module.Broker(endpoint, PATIENCE)
        requests = [{"id": name, "problem": PROBLEM, "settings": {"k": 2, **more}, **beside} for name, more, beside in
                    (("old", {}, {}), ("new", {"warp": 0.9}, {}), ("unset", {"warp": None}, {"warp": None}),
                     ("wrong", {}, {"verifer_model": "judge"}))]
        module.Batch(broker, requests, None, lambda *end: ends.append(end)).run()
        broker.close()
    told = {request["id"]: error or result["answer"] for request, result, error in ends}
    expect(told["old"] == told["unset"] == "42", told)
    expect(told["new"]["code"] == "unsupported", told)
    expect("does not know the setting 'warp': use the same version" in told["new"]["message"], told)
    expect(told["wrong"]["code"] == "unsupported", told)
    expect("does not know the key of a request 'verifer_model': use the same" in told["wrong"]["message"], told)


def test_missing_broker_is_unreachable(rig: Rig):
    result = client(rig, "--broker", f"ipc://{rig.path('nobody')}", "--timeout", "0.3", PROBLEM)
    expect(result.code == 5 and "no broker answers" in result.err, result.err)
    result = client(rig, "--broker", "nonsense", PROBLEM)
    expect(result.code == 5 and "Traceback" not in result.err, result.err)


main(globals())
