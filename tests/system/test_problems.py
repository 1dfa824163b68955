"""The demo model's problems and lessons: plain Python, and what the program makes of their texts."""
import collections
import json
import os
import random
import re
import signal
import subprocess
import sys

from rig import Rig, engine, expect, main

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(ROOT, "examples", "demo"))

import lessons  # noqa: E402 (from examples/demo)
import problems  # noqa: E402
import tokens  # noqa: E402

SEED, N = 4, 400


SCRIPT = [sys.executable, os.path.join(ROOT, "scripts", "problems")]


def script(*args):
    return subprocess.run([*SCRIPT, *args], capture_output=True, text=True, timeout=60)


def test_script_prints_fresh_problems_by_seed(rig: Rig):
    lines = [json.loads(line) for line in script("--seed", "1", "-n", "50").stdout.splitlines()]
    expect(len({p["problem"] for p in lines}) == len({p["id"] for p in lines}) == 50, lines[:2])
    expect(all(set(p) == {"id", "problem", "gold", "steps"} and
               p["steps"][-1].endswith("=" + p["gold"]) and int(p["gold"]) > 0 for p in lines), lines[:2])
    expect(script("--seed", "1", "-n", "50").stdout == script("--seed", "1", "-n", "50").stdout)
    other = {json.loads(line)["problem"] for line in script("--seed", "2", "-n", "50").stdout.splitlines()}
    expect(not other & {p["problem"] for p in lines}, "two seeds give the same problem")


def test_script_refuses_the_seeds_of_training(rig: Rig):
    for seed in ("1000000000", "-1"):
        refused = script("--seed", seed)
        expect(refused.returncode == 2 and not refused.stdout and "training" in refused.stderr,
               refused.stderr)
    expect(script("--seed", "999999999", "-n", "1").returncode == 0)


def test_script_ends_quietly_with_its_reader(rig: Rig):
    with subprocess.Popen([*SCRIPT, "-n", "5000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        expect(process.wait(60) == -signal.SIGPIPE, process.returncode)
        expect(not process.stderr.read(), "it complains")


def test_exact_signal_stands_by_every_gold_chain(rig: Rig):
    drawn = list(problems.fresh(SEED, N))
    expect({p.family for p in drawn} == {f.__name__ for f in problems.FAMILIES}, "a family is missing")
    source = rig.write_lines("gold.jsonl", [
        {"problem": p.text, "gold": str(p.gold), "samples": [{"text": problems.solution_of(p.chain)}]}
        for p in drawn])
    result = rig.run("score", "--profile", "demo", "--signals", "symbolic", "--stable", source, "-o", "-")
    expect(result.code == 0, result.err)
    lines = result.out.split("\n")
    for problem, line in zip(drawn, map(json.loads, lines[:N])):
        claims = line["trajectories"][0]["claims"]
        expect([c["text"] for c in claims] == [problems.claim_of(s) for s in problem.chain], claims)
        expect(all(c["signals"]["symbolic"] == 1 for c in claims), problem.text, claims)
        expect(line["answer"] == str(problem.gold), line["answer"])


def value_of_columns(operator, a, b, text):
    """Reads the columns back, knowing nothing of how they were made."""
    if operator == "/":
        return int("".join(part.split(":")[1] for part in text.split(",")))
    if ";" in text:
        lines = text.split(";")
        if len(lines) > 1:
            text = lines[-1]
    columns = text.split(",")
    if operator == "-":
        return int("".join(reversed([c.rstrip("'") for c in columns])))
    return int(columns[-1] + "".join(c[-1] for c in reversed(columns[:-1])))


def test_columns_give_the_value(rig: Rig):
    rng = random.Random(SEED)
    for _ in range(5000):
        a, operator, b, value = lessons.bare_sum(rng)
        text = lessons.sum_with_columns(a, operator, b, value)
        columns = text[text.index("(") + 1:text.index(")")]
        expect(value_of_columns(operator, a, b, columns) == value, text)
        expect(eval(f"{a}{operator}{b}") == value, text)


def test_wrong_chains_slip_in_sums_operators_and_operands(rig: Rig):
    rng, kinds = random.Random(SEED), collections.Counter()
    for problem in problems.fresh(SEED, N):
        chain, at = lessons.wrong_chain(rng, problem)
        (_, a, operator, b, value), gold = chain[at], problem.chain[at]
        kinds["sum" if problems.EVALUATE[operator](a, b) != value else
              "operator" if operator != gold[2] else "operand"] += 1
        kinds["carried"] += any(
            not lessons.same(s, g) and problems.EVALUATE[s[2]](s[1], s[3]) == s[4]
            for s, g in zip(chain[at + 1:], problem.chain[at + 1:]))
    expect(all(kinds[k] > N / 8 for k in ("sum", "operator", "operand", "carried")), kinds)


def test_replies_are_read_as_the_verdicts_they_teach(rig: Rig):
    rng, lines, truths = random.Random(SEED), [], []
    for problem in problems.fresh(SEED, 40):
        chain, _ = lessons.wrong_chain(rng, problem)
        claims = [problems.claim_of(s) for s in chain]
        verdicts = [{"claim": c, "text": lessons.each(problem, s)[1]} for c, s in zip(claims, chain)]
        verdicts.append({"claim": "\n".join(claims), "text": lessons.joint(problem, chain)[1]})
        lines.append({"problem": problem.text, "gold": str(problem.gold), "verdicts": verdicts,
                      "samples": [{"text": problems.solution_of(chain)}]})
        truths.append([lessons.same(s, g) for s, g in zip(chain, problem.chain)])
    source = rig.write_lines("r.jsonl", lines)
    for way in ("each", "joint"):
        result = rig.run("grade", "--engine", engine(source), "--profile", "demo", "-k", "1", "--verify",
                         way, "--signals", "self", "--stable", source, "-o", "-")
        expect(result.code == 0, result.err)
        for truth, line in zip(truths, map(json.loads, result.out.splitlines()[:len(truths)])):
            found = [c["signals"]["self"] for c in line["trajectories"][0]["claims"]]
            expect(found == [float(t) for t in truth], way, found, truth)


def test_marks_compare_digit_by_digit(rig: Rig):
    rng = random.Random(SEED)
    for problem in problems.fresh(SEED, 100):
        chain, _ = lessons.wrong_chain(rng, problem)
        for step, gold in zip(chain, problem.chain):
            reply = lessons.each(problem, step)[1].split("\n")
            marks = reply[-2].split(": ")[-1].split(",")
            expect(("#" in reply[-2]) == (reply[-1] == "no") == (step[4] != gold[4]), reply)
            expect(all(("#" in m) == (m[0] + "=" + m[0] != m) for m in marks), reply)
            found, asserted = ("".join(part) for part in
                               zip(*(m.replace("=", "#").split("#") for m in marks)))
            expect((found, asserted) == (str(gold[4]), str(step[4])), reply)


# By the label of a family's fourth step: a step, the place of a number in it (left, right or value),
# and the least that stands there in a problem with large numbers.
LEAST = {"to pay": (0, 1, 13), "each": (0, 1, 25), "done": (0, 1, 31), "then": (0, 0, 380),
         "smaller": (1, 2, 16), "times": (2, 2, 13), "over": (0, 1, 20), "three": (0, 0, 16),
         "cost": (0, 0, 31), "average": (0, 0, 40), "bought": (1, 1, 11), "eggs": (0, 1, 10)}


def has_large_numbers(line):
    steps = [step.split(": ") for step in json.loads(line)["steps"]]
    step, place, least = LEAST[steps[3][0]]
    return int(re.findall(r"\d+", steps[step][1])[place]) >= least


def test_large_problems_are_large(rig: Rig):
    large, mixed = (list(map(has_large_numbers, script("--seed", "1", "-n", "1000", *more).stdout.splitlines()))
                    for more in (["--large"], []))
    expect(len(large) == 1000 and all(large), large.count(False))
    # Two in five, and some whose small numbers reach as far.
    expect(len(mixed) == 1000 and 400 < sum(mixed) < 540, sum(mixed))


def test_tokenizer_takes_every_text_apart_and_together_again(rig: Rig):
    rng, texts = random.Random(SEED), []
    for problem in problems.fresh(SEED, 100):
        chain, at = lessons.wrong_chain(rng, problem)
        for ask, reply in (lessons.solve(problem), lessons.each(problem, chain[at]),
                           lessons.joint(problem, chain), lessons.blind(problem, chain[at][0])):
            texts.append(lessons.prompt(problem.text, ask) + reply + lessons.END)
    tokenizer = tokens.Tokenizer(tokens.train(texts[:200], 100))
    for text in texts + ["Zoë €5\r\n\x00  'S x"]:
        ids = tokenizer.encode(text)
        expect(tokenizer.decode(ids) == text and len(ids) < len(text) + 4, text)


main(globals())
