"""The chat endpoint, not streamed: real processes, the demo model and recordings, http.client alone."""
import json
import os
import re
import sys

from endpoint import ASK, Endpoint, chat
from rig import engine, expect, main, recording, wait_for

LOG_TURNS = """
import json, sys
for line in sys.stdin:
    request = json.loads(line)
    with open({path!r}, "a") as f:
        f.write(line)
    print(json.dumps({{"id": request["id"], "text": "So it is \\\\boxed{{42}}.\\n\\nClaims:\\n1. the first number is twenty"}}), flush=True)
"""


PROSE = ("I would be glad to help with that. There are several ways to look at it, and none is best.",
         "That depends on what you like. Some prefer one thing, others another, and both have reasons.")


def replay(rig, *args, lines=None, **kinds):
    path = rig.write_lines("recording.jsonl", lines or [recording(**kinds)])
    return Endpoint(rig, "--engine", engine(path), "-k", "8", *args)


def listener(rig, *args, **env):
    """An engine that notes what it is asked."""
    path = rig.path("asked")
    script = rig.write("listen.py", LOG_TURNS.format(path=path))
    endpoint = Endpoint(rig, "--engine", f"exec:command={sys.executable} {script}", "-k", "4", *args, env=env)
    name = endpoint.call("GET", "/v1/models").json["data"][0]["id"]

    def asked():
        with open(path) as f:
            found = [json.loads(line) for line in f]
        os.remove(path)
        return found
    return endpoint, name, asked


def expect_error(reply, status, param, *words):
    expect(reply.status == status and reply.error["param"] == param, status, param, reply.status, reply.body)
    expect(all(w in reply.error["message"] for w in words), words, reply.body)
    expect(reply.error["type"] and reply.error["code"], reply.body)


def test_demo_model_answers_without_anything(rig):
    e = Endpoint(rig)
    expect("model clr-tiny: engine gguf" in e.err and "/v1, model surety-clr-tiny" in e.err, e.err)
    models = e.call("GET", "/v1/models").json
    expect([m["id"] for m in models["data"]] == ["surety-clr-tiny"] and models["object"] == "list", models)
    expect(e.call("GET", "/healthz").status == 200 and e.call("GET", "/readyz").status == 200)
    problem = "If 8x + 20 = 3x + 30, what is 6x + 23?"
    reply = e.chat(problem, model="surety-clr-tiny", surety={"k": 8})
    expect(reply.status == 200, reply.body)
    solved = rig.run("solve", "-k", "8", "--json", problem).json
    whole, own = reply.json, reply.own
    expect(own["answer"] == solved["answer"] and own["run"] == solved["run"], own, solved)
    expect(re.findall(r"-?[\d.,]*\d", reply.text)[-1] == own["answer"], reply.text)
    for key in ("id", "object", "created", "model", "choices", "usage", "system_fingerprint"):
        expect(key in whole, key)
    choice, usage = whole["choices"][0], whole["usage"]
    expect(whole["object"] == "chat.completion" and whole["model"] == "surety-clr-tiny", whole)
    expect(choice["index"] == 0 and choice["message"]["role"] == "assistant" and choice["logprobs"] is None and
           choice["finish_reason"] == "stop", choice)
    expect(usage["completion_tokens"] == solved["usage"]["completion_tokens"] + solved["usage"]["verify_tokens"] and
           usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"], usage, solved["usage"])


def test_text_is_the_best_sample_of_the_winning_group(rig):
    told = recording(right=3, wrong=5)
    e = replay(rig, lines=[told])
    reply = e.chat(n=8)
    choices = [c["message"]["content"] for c in reply.json["choices"]]
    expect(choices[0] == "The answer is \\boxed{42}.", choices)  # the claims behind it are left out
    expect("41" in choices[1] and len(choices) == 8, choices)
    expect(reply.own["answer"] == "42" and reply.own["baselines"]["cons"] == "41", reply.own)
    expect([g["answer"] for g in reply.own["groups"]] == ["42", "41"] and
           abs(sum(g["share"] for g in reply.own["groups"]) - 1) < 1e-9, reply.own["groups"])
    refuted = reply.own["refuted"]
    expect(len(refuted) == 5 and all(c["reason"] == "it is 42" and c["decided_by"] == "self" for c in refuted),
           refuted)
    expect(sorted(reply.own["samples"]) == list(range(8)) and "trajectories" not in reply.own, reply.own)
    expect(len(e.chat(surety={"text": True}).own["trajectories"]) == 8)
    expect_error(e.chat(n=9), 400, "n", "k = 8")


def test_thinking_is_a_field_of_its_own(rig):
    told = recording(right=1, wrong=0)
    told["samples"] = [{"text": "<think>\nsix sevens\n</think>\n\nIt is \\boxed{42}."}] * 2
    message = replay(rig, lines=[told]).chat(surety={"k": 2, "verify": "none"}).json["choices"][0]["message"]
    expect(message["content"] == "It is \\boxed{42}." and message["reasoning_content"] == "six sevens", message)


def test_what_cannot_be_compared_is_passed_on(rig):
    told = {"problem": ASK, "samples": [{"text": text} for text in PROSE], "verdicts": []}
    reply = replay(rig, lines=[told]).chat(surety={"k": 2, "verify": "none"})
    expect(reply.text == PROSE[0] and reply.own["mode"] == "pass" and reply.own["answer"] is None, reply.body)


def test_conversation_reaches_the_samplers_as_it_is(rig):
    e, model, asked = listener(rig, "--verify", "none")
    turns = [("system", "Be {problem}."), "Twice 20?", "40", "And 2 more?"]
    reply = e.chat(*turns, model=model, stop=["Q:", "\n\n"], temperature=0.5, seed=1234, max_tokens=77, top_p=0.5)
    expect(reply.status == 200 and reply.own["answer"] == "42", reply.body)
    samples = asked()
    expect(len(samples) == 4 and len({s["seed"] for s in samples}) == 4, samples)
    for s in samples:
        expect([(m["role"], m["content"]) for m in s["messages"]] ==
               [("system", "Be {problem}."), ("user", "Twice 20?"), ("assistant", "40"), ("user", "And 2 more?")], s)
        expect(s["stop"] == ["Q:", "\n\n"] and s["temperature"] == 0.5 and s["max_tokens"] == 77 and
               s["top_p"] == 0.5, s)
    seeds = [s["seed"] for s in samples]
    e.chat(*turns, model=model, seed=1234)
    expect(sorted(s["seed"] for s in asked()) == sorted(seeds), "the request's seed is not the base seed")
    e.chat(*turns, model=model, seed=-1, max_tokens=9, max_completion_tokens=33)
    other = asked()
    expect({s["seed"] for s in other} != set(seeds) and other[0]["max_tokens"] == 33, other)
    parts = [{"type": "text", "text": "Twice"}, {"type": "text", "text": "21?"}]
    e.post({"model": model, "messages": [{"role": "developer", "content": "Be brief."},
                                         {"role": "user", "content": parts}]})
    expect([m["content"] for m in asked()[0]["messages"]] == ["Be brief.", "Twice\n21?"])


def test_judges_see_what_the_last_turn_needs(rig):
    e, model, asked = listener(rig, "--verify", "joint")
    e.chat(("system", "Be brief."), "Twice 20?", "40", "And 2 more?", model=model)
    verify = [a for a in asked() if a["stage"] == "verify"]
    prompt = verify[0]["messages"][-1]["content"]
    expect(all(w in prompt for w in ("User: Twice 20?", "Assistant: 40", "What is asked now:\n\nAnd 2 more?")), prompt)
    expect("brief" not in prompt, prompt)
    e.chat(("system", "Be brief."), "Twice 21?", model=model)
    prompt = [a for a in asked() if a["stage"] == "verify"][0]["messages"][-1]["content"]
    expect("Problem:\nTwice 21?\n" in prompt and "conversation" not in prompt, prompt)


def test_integer_too_large_for_one_field_spoils_no_other(rig):
    reply = replay(rig).chat(max_tokens=64, n=1, metadata={"id": 99999999999999999999})
    expect(reply.status == 200, reply.status, reply.body)


def test_temperature_zero_becomes_the_default(rig):
    e, model, asked = listener(rig, "--verify", "none", "--temperature", "0.8")
    reply = e.chat(model=model, temperature=0, seed=1234)
    expect({s["temperature"] for s in asked()} == {0.8}, "temperature")
    expect(reply.own["run"]["temperature"] == 0.8 and reply.own["run"]["seed"] == 1234 and
           "temperature 0" in reply.own["notes"][0], reply.own)
    e.chat(model=model, temperature=0, surety={"k": 1})
    expect([s["temperature"] for s in asked()] == [0], "one sample may be greedy")


def test_settings_by_body_and_header(rig):
    e = replay(rig, right=20, wrong=12)
    run = e.chat(surety={"k": 3, "m": 2, "gamma": 1.5, "verify": "none", "signals": ["symbolic"], "deadline": 50,
                         "budget_tokens": 9000}).own["run"]
    expect((run["k"], run["m"], run["gamma"], run["verify"], run["signals"]) ==
           (3, 2, 1.5, "none", ["symbolic"]), run)
    run = e.post(chat(surety={"k": 3, "m": 2}), X_Surety='{"k": 4, "m": 3}', X_Surety_K="5",
                 X_Surety_Signals="self,symbolic", x_surety_rule="soft").own["run"]
    expect((run["k"], run["m"], run["rule"], run["signals"]) == (5, 3, "soft", ["symbolic", "self"]), run)
    expect(e.chat().own["run"]["k"] == 8)
    for settings, param in (({"kk": 3}, "surety.kk"), ({"k": 0}, "surety.k"), ({"k": "3"}, "surety.k"),
                            ({"verify": "maybe"}, "surety.verify"), ({"signals": ["x"]}, "surety.signals"),
                            ({"deadline": 0}, "surety.deadline"), ({"profile": "x"}, "surety.profile"),
                            ({"budget_tokens": 1.5}, "surety.budget_tokens"), ({"top_p": 0}, "surety.top_p")):
        expect_error(e.chat(surety=settings), 400, param, param)
    expect_error(e.chat(surety=[]), 400, "surety", "object")
    expect_error(e.post(chat(), X_Surety_Kk="5"), 400, "X-Surety.kk", "no setting")
    expect_error(e.post(chat(), X_Surety="{"), 400, "X-Surety", "JSON")
    expect(e.post(chat(), X_Suretyship="5").status == 200)


def test_errors_name_the_field(rig):
    e = replay(rig)
    good = chat()
    for change, param in (({"model": None}, "model"), ({"model": 3}, "model"), ({"messages": []}, "messages"),
                          ({"messages": "x"}, "messages"), ({"messages": [3]}, "messages[0]"),
                          ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].role"),
                          ({"messages": [{"role": "user", "content": 3}]}, "messages[0].content"),
                          ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
                           "messages[0].content"),
                          ({"messages": [{"role": "user", "content": " "}]}, "messages"),
                          ({"messages": [{"role": "assistant", "content": "x"}]}, "messages"),
                          ({"n": 0}, "n"), ({"temperature": -1}, "temperature"), ({"temperature": "hot"}, "temperature"),
                          ({"top_p": 2}, "top_p"), ({"max_tokens": 0}, "max_tokens"), ({"seed": 1.5}, "seed"),
                          ({"stop": [""]}, "stop"), ({"stop": ["a"] * 17}, "stop"), ({"stream": "yes"}, "stream"),
                          ({"logprobs": True}, "logprobs"), ({"top_logprobs": 3}, "top_logprobs"),
                          ({"echo": True}, "echo"), ({"tools": [{}]}, "tools"), ({"tool_choice": "auto"}, "tool_choice"),
                          ({"response_format": {"type": "json_object"}}, "response_format"),
                          ({"logit_bias": {"5": 1}}, "logit_bias"), ({"presence_penalty": 1}, "presence_penalty")):
        expect_error(e.post({**good, **change}), 400, param, *([] if param == "messages" else [param.split("[")[0]]))
    fine = e.post({**good, "tools": [], "logprobs": False, "response_format": {"type": "text"}, "user": "x",
                   "presence_penalty": 0, "strange": 1})
    expect(fine.status == 200 and fine.own["ignored"] == ["strange"], fine.body)
    expect_error(e.post({**good, "model": "replay"}), 404, "model", "'surety-replay'")
    expect_error(e.post({**good, "model": "surety-other"}), 404, "model", "served: surety-replay")
    expect_error(e.post("{"), 400, None, "JSON")
    expect_error(e.post("[]"), 400, None, "object")
    expect_error(e.call("POST", "/v1/chat/completions", "a=b", {"Content-Type": "application/x-www-form-urlencoded"}),
                 415, None, "application/json")
    got = e.call("GET", "/v1/chat/completions")
    expect_error(got, 405, None, "POST")
    expect(got.headers["Allow"] == "POST", got.headers)
    expect_error(e.call("POST", "/v1/models", "{}"), 405, None, "GET")
    expect_error(e.call("GET", "/v1/nothing"), 404, None, "/v1/nothing")
    failed = e.chat("What is 6*8?")
    expect_error(failed, 404, None, "not in the recording")


def test_a_part_that_fails_is_no_failure(rig):
    told = recording(right=3, wrong=1)
    told["samples"][0] = {"text": "x", "fail": "error"}
    reply = replay(rig, lines=[told]).chat(surety={"k": 6})
    expect(reply.status == 200 and reply.own["answer"] == "42", reply.body)


def test_deadline_gives_the_best_so_far(rig):
    told = recording(right=4, wrong=0)
    told["samples"] += [{"text": "x", "delay_ms": 600000}] * 4
    e = replay(rig, lines=[told])
    reply = e.chat(surety={"deadline": 2, "verify": "none"})
    expect(reply.status == 200 and reply.own["stop_reason"] == "deadline" and reply.own["answer"] == "42", reply.body)
    told["samples"] = told["samples"][4:]
    other = Endpoint(rig, "--engine", engine(rig.write_lines("slow.jsonl", [told])), "-k", "2", "--deadline", "1")
    expect_error(other.chat(), 504, None, "deadline")


def test_gateway_outlives_its_broker(rig):
    broker, client, worker = rig.broker()
    e = Endpoint(rig, command="gateway", env={"SURETY_BROKER": client}, ready=False)
    expect(e.call("GET", "/readyz").status == 503 and e.call("GET", "/healthz").status == 200)
    early = e.chat()
    expect_error(early, 503, None, "no worker")
    expect(early.headers["Retry-After"] == "1", early.headers)
    path = rig.write_lines("recording.jsonl", [recording()])
    rig.start("worker", "--broker", worker, "--engine", engine(path))
    wait_for(lambda: e.call("GET", "/readyz").status == 200, "a model")
    expect(e.chat(surety={"k": 8}).own["answer"] == "42")
    broker.terminate()
    broker.wait()
    wait_for(lambda: e.call("GET", "/readyz").status == 503, "that the broker is missed")
    expect(e.chat().status == 503 and e.call("GET", "/v1/models").json["data"] == [])
    rig.broker()
    rig.start("worker", "--broker", worker, "--engine", engine(path))
    wait_for(lambda: e.call("GET", "/readyz").status == 200, "the broker again")
    expect(e.chat(surety={"k": 8}).own["answer"] == "42")


def test_beyond_the_window_requests_wait(rig):
    e = replay(rig, delay_ms=100)
    connections = [e.connect() for _ in range(200)]
    for c in connections:
        c.request("POST", "/v1/chat/completions", json.dumps(chat(surety={"k": 1, "verify": "none"})),
                  {"Content-Type": "application/json"})
    expect(all(c.getresponse().status == 200 for c in connections), "not all were answered")


def test_command_line(rig):
    for at, word in (("0.0.0.0:8484", "loopback"), ("192.168.0.1:80", "loopback"), ("example.org:80", "loopback"),
                     ("8484", "HOST:PORT"), ("127.0.0.1:x", "HOST:PORT"), ("127.0.0.1:70000", "HOST:PORT")):
        result = rig.run("serve", "--http", at)
        expect(result.code == 2 and word in result.err, at, result.code, result.err)
    expect(rig.run("serve").code == 2 and rig.run("gateway", "--http", "127.0.0.1:0").code == 2)
    nobody = rig.run("gateway", "--broker", f"ipc://{rig.path('none')}", "--http", "127.0.0.1:0")
    expect(nobody.code == 5, nobody.err)
    e = replay(rig)
    taken = rig.run("serve", "--http", f"127.0.0.1:{e.port}")
    expect(taken.code == 5 and "listens there already" in taken.err, taken.code, taken.err)
    broken = rig.run("serve", "--http", "127.0.0.1:0", "--engine", "replay:file=nowhere")
    expect(broken.code in (2, 5) and "nowhere" in broken.err, broken.code, broken.err)
    e.process.terminate()
    expect(e.process.wait(30) == 0)


def test_profile_from_the_environment(rig):
    path = rig.write_lines("recording.jsonl", [recording()])
    e = Endpoint(rig, "--engine", engine(path), "-k", "8", env={"SURETY_PROFILE": "demo"})
    expect(e.chat(surety={"verify": "none"}).own["run"]["profile"] == "demo")
    solved = rig.run("solve", "--engine", engine(path), "-k", "2", "--verify", "none", "--json", ASK,
                     env={"SURETY_PROFILE": "demo"})
    expect(solved.json["run"]["profile"] == "demo", solved.out)


if __name__ == "__main__":
    main(globals())
