"""Several models behind one broker: one samples, another one judges."""
import json
import os
import signal
import subprocess
import sys

from rig import Rig, expect, main, solution, wait_for, without_cost

PROBLEM = "What is 6*7?"
RIGHT, WRONG = "six times seven is 42", "six times seven is 41"
# 41 has the majority; the sampler believes it, and the judge does not.
SAMPLES = [{"text": solution(41, [WRONG])}] * 5 + [{"text": solution(42, [RIGHT])}] * 3
ASK = ["-k", "8", "-m", "1", "--verify", "each", "--json", PROBLEM]


def write(rig, name, samples, wrong, **verdict):
    verdicts = [{"claim": RIGHT, "text": "VERDICT: VALID", **verdict},
                {"claim": WRONG, "text": f"VERDICT: {wrong}", **verdict}]
    return rig.write_lines(name + ".jsonl", [{"problem": PROBLEM, "samples": samples, "verdicts": verdicts}])


def worker(rig, endpoint, name, samples, wrong, **verdict):
    source = write(rig, name, samples, wrong, **verdict)
    return rig.start("worker", "--broker", endpoint, "--engine", f"replay:file={source},model={name}")


def sampler(rig, endpoint):
    return worker(rig, endpoint, "sampler", SAMPLES, "VALID")


def judge(rig, endpoint, **verdict):
    return worker(rig, endpoint, "judge", [], "REFUTED it is 42", **verdict)


def await_models(rig, client, *names):
    wait_for(lambda: sorted(w["model"] for w in rig.status(client)["workers"]) == sorted(names), names)


def test_samples_of_one_model_and_verdicts_of_another(rig: Rig):
    broker, client, endpoint = rig.broker()
    sampler(rig, endpoint)
    judge(rig, endpoint)
    await_models(rig, client, "sampler", "judge")
    alone = rig.run("solve", "--broker", client, "--model-name", "sampler", *ASK)
    expect(alone.code == 0 and alone.json["answer"] == "41", alone.out, alone.err)
    expect(not any(key.startswith("verifier") for key in alone.json["run"]), alone.json["run"])
    result = rig.run("solve", "--broker", client, "--model-name", "sampler", "--verifier-model", "judge", *ASK)
    expect(result.code == 0 and result.json["answer"] == "42", result.out, result.err)
    run = result.json["run"]
    expect(run["model"] == "sampler" and run["verifier_model"] == "judge", run)
    expect(run["verifier_model_id"] != run["model_id"] == alone.json["run"]["model_id"], run)
    expect(run["reproducible"] and run["verifier_repro"] not in ("", "none"), run)
    expect("verifier_profile" not in run, run)  # both are asked in the same words
    usage = result.json["usage"]
    expect(usage["calls"] == 8 + 2 and usage["verify_tokens"] > 0, usage)
    client_py = os.path.join(os.path.dirname(__file__), "..", "..", "examples", "client.py")
    python = subprocess.run([sys.executable, client_py, "--broker", client, "--model", "sampler", "--verifier-model",
                             "judge", "-k", "8", "-m", "1", "--verify", "each", "--json", "--quiet", PROBLEM],
                            capture_output=True, timeout=60)
    expect(python.returncode == 0, python.stderr)
    expect(without_cost(json.loads(python.stdout))["run"] == run, python.stdout)
    table = rig.run("solve", "--broker", client, "--model-name", "sampler", "--verifier-model", "judge",
                    *[a for a in ASK if a != "--json"])
    expect("sampler, judged by judge, seed 0, reproducible" in table.out, table.out)


def test_demo_model_judges_in_its_own_words(rig: Rig):
    broker, client, endpoint = rig.broker()
    problem = "Ann has 41 coins and finds 9 more. How many coins has Ann now?"
    source = rig.write_lines("s.jsonl", [{"problem": problem, "samples": [
        {"text": solution(50, ["sum: 41+9=50"])}, {"text": solution(51, ["sum: 41+9=51"])}]}])
    rig.start("worker", "--broker", endpoint, "--engine", f"replay:file={source},model=sampler")
    demo = os.path.join(os.path.dirname(__file__), "..", "..", "examples", "demo", "clr-tiny.f16.gguf")
    rig.start("worker", "--broker", endpoint, "--model", demo, "--threads", "1")
    await_models(rig, client, "sampler", "clr-tiny")
    result = rig.run("solve", "--broker", client, "--model-name", "sampler", "--verifier-model", "clr-tiny",
                     "--verify", "each", "-k", "2", "-m", "1", "--json", problem)
    expect(result.code == 0, result.out, result.err)
    run = result.json["run"]
    expect(run["profile"] == "instruct" and run["verifier_profile"] == "demo", run)
    expect(result.json["verifier"]["unparsed_rate"] == 0, result.json["verifier"])


def test_verifier_that_nobody_serves_is_named(rig: Rig):
    broker, client, endpoint = rig.broker(None, None, "--heartbeat-ms", "50")
    sampler(rig, endpoint)
    await_models(rig, client, "sampler")
    result = rig.run("solve", "--broker", client, "--verifier-model", "judge", *ASK)
    expect(result.code != 0 and "no worker serves the verifier model 'judge'" in result.err, result.code, result.err)
    source = write(rig, "alone", SAMPLES, "VALID")
    result = rig.run("grade", "--engine", f"replay:file={source}", "--verifier-model", "judge", source, "-o",
                     rig.path("out.jsonl"))
    expect(result.code == 2 and "no worker serves the verifier model 'judge'" in result.err, result.code, result.err)
    expect(not os.path.exists(rig.path("out.jsonl")))


def test_grade_judges_by_the_other_model_too(rig: Rig):
    broker, client, endpoint = rig.broker()
    sampler(rig, endpoint)
    judge(rig, endpoint)
    await_models(rig, client, "sampler", "judge")
    source = rig.write_lines("in.jsonl", [{"id": "a", "problem": PROBLEM, "gold": "42"}])
    result = rig.run("grade", "--broker", client, "--model-name", "sampler", "--verifier-model", "judge", source,
                     "-o", rig.path("out.jsonl"), *ASK[:-2])
    line = rig.read_lines("out.jsonl")[0]
    expect(result.code == 0 and line["correct"]["clr"] and not line["correct"]["cons"], result.err, line)
    expect(line["run"]["verifier_model"] == "judge", line["run"])


def test_verifier_that_is_gone_for_good_is_named(rig: Rig):
    broker, client, endpoint = rig.broker(None, None, "--heartbeat-ms", "100")
    second = judge(rig, endpoint, delay_ms=600000)
    await_models(rig, client, "judge")
    asking = rig.start("solve", "--broker", client, "--verifier-model", "judge", "--deadline", "6", *ASK)
    sampler(rig, endpoint)
    wait_for(lambda: any(w["busy"] for w in rig.status(client)["workers"] if w["model"] == "judge"), "a busy judge")
    os.kill(second.pid, signal.SIGKILL)
    wait_for(lambda: rig.status(client)["requests"][0]["missing"] == ["judge"], "a judge that is missing")
    text = rig.run("status", "--broker", client).out
    expect("  waits for a worker of judge\n" in text, text)
    result = rig.finish(asking).json
    expect(result["stop_reason"] == "deadline" and result["run"]["verifier_model"] == "judge", result)
    expect(result["error"]["message"].endswith("no worker was there to go on with 'judge'"), result)


def test_killed_verifier_costs_time_not_the_answer(rig: Rig):
    broker, client, endpoint = rig.broker(None, None, "--heartbeat-ms", "200")
    ask = ["solve", "--broker", client, "--model-name", "sampler", "--verifier-model", "judge", *ASK]
    sampler(rig, endpoint)
    second = judge(rig, endpoint, delay_ms=0)
    await_models(rig, client, "sampler", "judge")
    calm = rig.run(*ask).json
    second.kill()
    await_models(rig, client, "sampler")
    second = judge(rig, endpoint, delay_ms=1000)
    await_models(rig, client, "sampler", "judge")
    asking = rig.start(*ask)
    wait_for(lambda: any(w["busy"] for w in rig.status(client)["workers"] if w["model"] == "judge"), "a busy judge")
    os.kill(second.pid, signal.SIGKILL)
    await_models(rig, client, "sampler")
    judge(rig, endpoint, delay_ms=1000)
    result = rig.finish(asking)
    expect(result.code == 0, result.err)

    def strip(r):  # the recording with delays is another one
        run = {k: v for k, v in r["run"].items() if not k.startswith("verifier_") or k == "verifier_model"}
        return dict(without_cost(r), run=run)
    expect(strip(result.json) == strip(calm), result.out, calm)
    expect(result.json["run"]["reproducible"], result.json["run"])


main(globals())
