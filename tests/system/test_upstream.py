"""Servers with a chat endpoint behind the engine openai: real processes against openai_server.py.

Every habit of that server is met; then a server that is killed, clients that leave, and the key.
"""
import json
import re
import resource
import signal
import subprocess
import time

from rig import SURETY, expect, main, wait_for
from upstream import PROBLEM, Server

KEY = "sesame-open-42"


def answers(result):
    return [t["answer"] for t in result.json["trajectories"]]


def test_habits_that_do_not_matter_give_the_same_answers(rig):
    with Server(rig) as server:
        plain = server.solve()
        expect(plain.code == 0 and plain.json["answer"] == "42", plain.out, plain.err)
        expect(plain.json["run"]["reproducible"], plain.out)
        expect(plain.json["usage"]["cached_tokens"] > 0, plain.json["usage"])
        for habit in ("whole", "noprops", "notokenize", "slots1", "shaky", "loading", "drops", "junk", "nodone",
                      "nousage", "negative", "badutf8", "reasoning", "reasoning_content", "completion",
                      "strict", "parts", "whole+parts+reasoning", "busy"):
            other = server.solve(habit)
            expect(other.code == 0, habit, other.out, other.err)
            expect(answers(other) == answers(plain), habit, other.out)
            expect(other.json["usage"]["completion_tokens"] > 0, habit, other.json["usage"])
        expect(server.stats["aborted"] == 0, server.stats)


def test_requests_at_once_are_never_more_than_slots(rig):
    with Server(rig) as server:
        server.solve(k=32)
        expect(server.stats["at_once"] == 4, server.stats)
        server.solve("noprops", ",concurrency=6", k=32)
        expect(server.stats["at_once"] == 6, server.stats)


def test_seeds_are_distinct_and_tried(rig):
    with Server(rig) as server:
        expect(not server.solve("seedless").json["run"]["reproducible"])
        same = server.solve("sameseed")
        expect("two seeds gave the same text" in same.err, same.err)
        expect(not same.json["run"]["reproducible"], same.out)
        server.solve(k=16)
        seeds = [b["seed"] for b in server.stats["bodies"][-16:]]
        expect(len(set(seeds)) == 16, seeds)
        expect(all("n" not in b for b in server.stats["bodies"]))


def test_errors_say_what_to_check(rig):
    with Server(rig) as server:
        closed = f"http://127.0.0.1:{server.port + 1 if server.port < 65535 else 1}"
        for upstream, words in (
                (server.url("html"), "gives no list of models"),
                (server.url("badgateway"), "status 502"),
                (server.url("key"), "key-env="),
                (server.url("models2"), "tiny, other:latest"),
                (server.url() + ",model=gpt-9", 'no model "gpt-9"'),
                (server.url("nolist+noprops") + ",model=gpt-9", 'does not serve the model "gpt-9"'),
                (server.url("nosuch"), "status 404"),
                (server.url("moved"), "not followed"),
                (server.url("garbage"), "speaks no HTTP"),
                (f"https://127.0.0.1:{server.port}", "no encrypted connection"),
                (closed, "no server answers there"),
                ("http://no-such-host.invalid/v1", "host is not known"),
                ("127.0.0.1:8080", "is no URL"),
                ("http://me:secret@127.0.0.1/v1", "no password in a URL"),
                (server.url() + ",timeout=soon", "timeout must be a number"),
                (server.url() + ",key-env=NO_SUCH_VARIABLE", "no such variable")):
            result = rig.run("solve", "--upstream", upstream, PROBLEM)
            expect(result.code in (2, 5) and words in result.err, upstream, words, result.err)
            expect("secret" not in result.err, result.err)
            expect(result.err.count("\n") == 1, result.err)


def test_failed_samples_are_failed_samples(rig):
    with Server(rig) as server:
        one = server.solve("onefails", k=16)
        expect(one.code == 0 and one.json["answer"] == "42", one.out)
        errors = [t["error"] for t in one.json["trajectories"] if t.get("error")]
        expect(0 < len(errors) < 8 and "this one fails" in json.dumps(errors), errors)
        for habit, words in (("allfail", "CUDA out of memory"), ("alwaysdrops", "in the middle|lost"),
                             ("errorchunk", "failed to decode"), ("unfunded", "nothing is left to spend")):
            none = server.solve(habit)
            expect(none.code == 1 and re.search(words, none.out), habit, none.out, none.err)


def test_hostile_replies_are_bounded(rig):
    with Server(rig) as server:
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        long = server.solve("longline", k=4)
        expect(long.code == 1 and "too long" in long.out, long.out, long.err)
        endless = server.solve("endless", "", "--max-tokens", "50")
        expect(endless.code == 0 and endless.json["answer"] == "42", endless.out)
        expect(all(t["tokens"] <= 80 for t in endless.json["trajectories"]), endless.out)
        endless = server.solve("endless", k=2)  # ends where the context does
        expect(all(4000 < t["tokens"] < 4200 for t in endless.json["trajectories"]), endless.out)
        pings = server.solve("pings", ",timeout=1", k=2)
        expect(pings.code == 1 and "said nothing for 1 s" in pings.out, pings.out)
        wait_for(lambda: server.stats["open"] == 0, lambda: f"the end of requests: {server.stats}")
        after = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        expect(after < max(before, 200000), before, after)


def test_prompt_that_was_cut_is_no_answer(rig):
    with Server(rig) as server:
        for habits, n, cut in (("cut+notokenize", 1500, True), ("cut", 250, True), ("cut+notokenize", 50, False),
                               ("", 250, False)):
            long = "".join(f"Number {i} is {i * 7919 % 1000}. " for i in range(n)) + PROBLEM
            result = rig.run("solve", "--upstream", server.url(habits), "-k", "6", "--verify", "none", "--json",
                             "-", stdin=long)
            expect(result.code == int(cut) and ("probably cut" in result.out) == cut, habits, n, result.out)


def test_slow_first_word_is_no_stall(rig):
    """Signs of life pass through worker and broker: a stall time far below the server's silence."""
    with Server(rig) as server:
        _, client, worker = rig.broker(None, None, "--stall-ms", "500", "--heartbeat-ms", "50")
        rig.start("worker", "--broker", worker, "--upstream", server.url("slow"), stderr=subprocess.DEVNULL)
        wait_for(lambda: rig.status(client)["workers"], "a worker")
        result = rig.run("solve", "--broker", client, "-k", "2", "--verify", "none", "--json", PROBLEM)
        expect(result.code == 0 and len(answers(result)) == 2, result.out, result.err)
        expect(server.stats["chats"] == 2, server.stats)


def test_key_comes_from_the_environment_and_goes_nowhere_else(rig):
    with Server(rig) as server:
        process = rig.start("solve", "--upstream", server.url("key+slow") + ",key-env=MY_KEY", "-k", "2",
                            "--verify", "none", "--json", PROBLEM, env={"MY_KEY": KEY})
        rig.await_workers()
        wait_for(lambda: server.stats["open"], "requests")
        lines = [b" ".join(c) for c in rig.processes().values()]
        expect(not any(KEY.encode() in line for line in lines), lines)
        result = rig.finish(process)
        expect(result.code == 0 and KEY not in result.out + result.err, result.out, result.err)
        expect("Bearer " + KEY in server.stats["keys"], server.stats["keys"])
        wrong = server.solve("key", ",key-env=MY_KEY", env={"MY_KEY": "wrong-key-77"})
        expect(wrong.code == 5 and "refuses the key in MY_KEY" in wrong.err, wrong.err)
        expect("wrong-key-77" not in wrong.err, wrong.err)


def test_spending_is_bounded(rig):
    with Server(rig) as server:
        free = server.solve(k=16)
        used = free.json["usage"]["prompt_tokens"] + free.json["usage"]["completion_tokens"]
        result = server.solve("", f",spend-limit-tokens={used // 2}", k=16)
        usage = result.json["usage"]
        expect(0 < usage["prompt_tokens"] + usage["completion_tokens"] <= used // 2, usage)
        expect("is used up" in result.out, result.out)
        began = time.monotonic()
        slow = server.solve("", ",requests-per-minute=240", k=28)  # a tenth at once, then four a second
        expect(slow.code == 0 and time.monotonic() - began >= 0.9, time.monotonic() - began)


def test_pool_shares_the_work_and_does_without_a_dead_server(rig):
    with Server(rig) as first, Server(rig) as second:
        pool = f"openai:url={first.url()},url={second.url()},timeout=20"
        result = rig.run("solve", "--engine", pool, "-k", "32", "--verify", "none", "--json", PROBLEM)
        expect(result.code == 0 and len(answers(result)) == 32, result.out, result.err)
        expect(min(first.stats["chats"], second.stats["chats"]) >= 8, first.stats, second.stats)
        process = rig.start("solve", "--engine", pool.replace(second.url(), second.url("slow")), "-k", "32",
                            "--verify", "none", "--json", PROBLEM)
        wait_for(lambda: second.stats["open"] == 4, "requests")
        second.process.kill()
        result = rig.finish(process)
        expect(result.code == 0 and len([a for a in answers(result) if a]) == 32, result.out, result.err)


def test_killed_server_ends_in_errors_soon(rig):
    with Server(rig) as server:
        process = rig.start("solve", "--upstream", server.url("slow") + ",timeout=2", "-k", "8", "--verify",
                            "none", "--json", PROBLEM)
        wait_for(lambda: server.stats["open"], "requests")
        server.process.kill()
        result = rig.finish(process)
        expect(result.code == 1 and "is it running" in result.out, result.out, result.err)


def test_leaving_closes_the_connections(rig):
    with Server(rig) as server:
        process = rig.start("solve", "--upstream", server.url("endless"), "-k", "4", "--verify", "none",
                            "--json", "--max-tokens", "1000000000", PROBLEM)
        wait_for(lambda: server.stats["open"] == 4, "requests")
        process.send_signal(signal.SIGINT)
        expect(rig.finish(process).code == 130)
        wait_for(lambda: server.stats["open"] == 0, lambda: f"the end of requests: {server.stats}")
        expect(server.stats["aborted"] == 4, server.stats)
        result = server.solve("endless", "", "--deadline", "1", "--max-tokens", "1000000000", k=4)
        expect(result.json["stop_reason"] == "deadline", result.out)
        wait_for(lambda: server.stats["open"] == 0, lambda: f"the end of requests: {server.stats}")
        expect(server.stats["aborted"] == 8, server.stats)


def test_verdicts_are_choices_where_the_labels_come(rig):
    """By /completion, by top_logprobs with and without flags; by text where they do not come."""
    def judge(habits, options=""):
        result = rig.run("solve", "--upstream", server.url(habits) + options, "-k", "12", "--verify", "whole",
                         "--stop", "none", "--profile", "instruct", "--json", PROBLEM)
        expect(result.code == 0 and result.json["answer"] == "42", habits, result.out, result.err)
        shares = [c["signals"]["whole"] for t in result.json["trajectories"] for c in t["claims"]]
        return result.json["usage"]["verify_tokens"], [s for s in shares if s is not None]

    with Server(rig) as server:
        for habits, field in (("", "n_probs"), ("vllm", "continue_final_message"), ("ollama", "top_logprobs"),
                              ("oldprobs", "top_logprobs"), ("vllm+completion+shaky", "max_completion_tokens")):
            tokens, shares = judge(habits)
            expect(tokens == 0 and len(set(shares)) > 5 and all(0 < s < 1 for s in shares), habits, tokens, shares)
            expect(field in server.stats["bodies"][-1], habits, server.stats["bodies"][-1])
            expect(judge(habits) == (tokens, shares), habits)
        expect(judge("ollama+busy") == judge("ollama"))
        for habits in ("newturn", "ollama+deaf", "reasoning", "ollama+shy"):
            tokens, shares = judge(habits)
            expect(tokens > 0 and not shares, habits, tokens, shares)
            asked = ["top_logprobs" in b for b in server.stats["bodies"][-20:]]
            expect(any(asked) == (habits == "ollama+shy"), habits, asked)
        both = rig.run("solve", "--engine", f"openai:url={server.url()},url={server.url('newturn')}", "-k", "12",
                       "--verify", "whole", "--stop", "none", "--profile", "instruct", "--json", PROBLEM)
        expect(both.code == 0 and both.json["usage"]["verify_tokens"] > 0, both.out, both.err)


def test_grade_by_the_environment(rig):
    with Server(rig) as server:
        path = rig.write_lines("p.jsonl", [{"id": str(i), "problem": PROBLEM + " " * i, "gold": "42"}
                                           for i in range(4)])
        env = {"SURETY_UPSTREAM": server.url("onefails")}
        result = rig.run("grade", path, "-o", rig.path("r.jsonl"), "-k", "8", "--verify", "none", env=env)
        expect(result.code == 0, result.out, result.err)
        expect(all(r["answer"] == "42" for r in rig.read_lines("r.jsonl")), result.out)
        verified = rig.run("solve", "-k", "4", "--verify", "each", "--json", PROBLEM,
                           env={"SURETY_UPSTREAM": server.url()})
        expect(verified.code == 0 and verified.json["answer"] == "42", verified.out, verified.err)
        both = rig.run("solve", "--engine", "replay:x", "--upstream", server.url(), PROBLEM)
        expect(both.code == 2 and "--upstream" in both.err, both.err)
        broker = rig.run("solve", "--upstream", server.url(), "-k", "1", "--verify", "none", PROBLEM,
                         env={"SURETY_BROKER": "ipc:///nonexistent"})
        expect(broker.code == 0, broker.err)
        broker = rig.run("solve", PROBLEM, env={"SURETY_BROKER": f"ipc://{rig.path('nobody')}", **env})
        expect(broker.code == 5 and "nobody" in broker.err, broker.err)


main(globals())
