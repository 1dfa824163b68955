"""The Python package over libsurety, with nothing but the standard library."""
import concurrent.futures
import multiprocessing
import os
import random
import subprocess
import sys
import threading

from rig import SURETY, Rig, expect, main

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
PACKAGE = os.path.join(ROOT, "examples", "python")
LIBRARY = os.path.join(os.path.dirname(SURETY), "client", "libsurety.so.0")
os.environ["SURETY_LIBRARY"] = LIBRARY
sys.path.insert(0, PACKAGE)
sys.dont_write_bytecode = True

import surety  # noqa: E402
from surety import reward  # noqa: E402

WORKERS = 8
PAIRS = 10000


def pairs(n, seed):
    """(gold, text, right): pairs whose truth follows from how they are made."""
    chooser = random.Random(seed)
    made = []
    for _ in range(n):
        a, b = chooser.randint(2, 9999), chooser.randint(2, 99)
        right = chooser.random() < 0.5
        c = a if right else a + chooser.choice([-1, 1, 10])
        gold, answer = chooser.choice([
            (f"{a}", f"{c}.0"), (f"{a}/{b}", f"\\frac{{{2 * c}}}{{{2 * b}}}"), (f"{a}", f"{c * b}/{b}"),
            (f"{a}\\sqrt{{{b}}}", f"\\sqrt{{{c * c * b}}}"), (f"x+{a}", f"{c}+x"), (f"({a}, {b})", f"({c},{b})"),
        ])
        made.append((gold, f"I think so.\nThus the answer is \\boxed{{{answer}}}.", right))
    return made


def grade(pair):
    return surety.check(pair[0], pair[1]).correct


def expect_right(made, verdicts):
    wrong = [(pair, verdict) for pair, verdict in zip(made, verdicts) if verdict is not pair[2]]
    expect(len(verdicts) == len(made) and not wrong, len(wrong), wrong[:3])


def raises(kind, function, *arguments, **keywords):
    try:
        function(*arguments, **keywords)
    except kind as error:
        return str(error)
    raise AssertionError(f"no {kind.__name__} from {arguments}")


def test_verify_takes_all_forms_of_gold(rig: Rig):
    for gold, answer, options, wanted in [
            (r"\frac12", "0.5", {}, True), (3, "4", {}, False), (0.5, "1/2", {}, True), (True, "yes", {}, True),
            ("1, 2", "2", {}, False), (["1", "2"], "2", {}, True), ("She has 18.\n#### 18", "18", {}, True),
            ("1/3", "0.333", {}, False), ("1/3", "0.333", {"lenient": True}, True),
            ("10^{10^{10}}", "10^{10^{10}}+1", {}, None), ("B", "42", {"problem": "A) 41 B) 42", "lenient": True}, True),
            ({"answer": 9.81, "kind": "number", "tolerance": 0.05}, "9.8 m", {}, True),
            ({"answer": "1/2", "kind": "text"}, "0.5", {}, False)]:
        expect(surety.verify(gold, answer, **options) is wanted, gold, answer, options)


def test_check_says_what_how_and_where(rig: Rig):
    text = "Sö\0 \ud800 it is \\boxed{18} dollars."
    found = surety.check("18", text)
    expect(found.correct is True and found.answer == "18" and found.relation == "exact" and found.found == "boxed", found)
    expect("18" in text[found.start:found.end] and text[found.start] == "\\", found)
    none = surety.check("18", "I give up.")
    expect(none.correct is False and none.answer is None and none.how == "no answer", none)
    expect(surety.check("1", "The answer is 1", truncated=True).answer is None)
    expect(surety.extract("x = \\boxed{\\frac12}") == "\\frac12" and surety.extract("I give up.") is None)
    expect(surety.version().count(".") == 2)


def test_bad_input_is_an_exception(rig: Rig):
    for gold in ["", [], ["1", " "], {"answer": "x", "kind": "number"}, {"answer": 1, "tolerance": -1},
                 {"answer": 1, "tolerence": 1}, {"kind": "text"}, {"answer": 1, "kind": "numeric"}, ["1"] * 1000]:
        expect(raises(ValueError, surety.verify, gold, "1"), gold)
    for gold in [None, ["1", None], [["1"]], {"answer": {}}, b"1"]:
        raises(TypeError, surety.verify, gold, "1")
    raises(TypeError, surety.extract, None)
    expect("16777216" in raises(surety.SuretyError, surety.extract, "7" * (16 << 20) + "7"))


def test_rewards_have_the_signatures_of_trl_and_verl(rig: Rig):
    replies = ["\\boxed{18}", "\\boxed{17}", "Answer: 10^{10^{10}}+1"]
    golds = ["#### 18", "18", "10^{10^{10}}"]
    expect(reward.accuracy_reward(completions=replies, solution=golds, prompts=["?"] * 3) == [1.0, 0.0, None])
    messages = [[{"role": "assistant", "content": r}] for r in replies]
    expect(reward.accuracy_reward(messages, answer=golds) == [1.0, 0.0, None])
    expect(reward.compute_score("gsm8k", replies[0], "18", {"index": 1}) == {"score": 1.0, "acc": True, "pred": "18"})
    expect(reward.compute_score("gsm8k", "I give up.", "18") == {"score": 0.0, "acc": False, "pred": ""})


def test_threads_agree(rig: Rig):
    made = pairs(PAIRS, 1)
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        expect_right(made, list(pool.map(grade, made)))


def test_forked_workers_agree(rig: Rig):
    made = pairs(PAIRS, 2)
    with multiprocessing.get_context("fork").Pool(WORKERS) as pool:
        expect_right(made, pool.map_async(grade, made, chunksize=100).get(60))


def test_workers_may_be_forked_while_threads_grade(rig: Rig):
    """Which is where time-outs by signals, and locks that a fork leaves taken, hang."""
    made, stop, bad = pairs(500, 3), threading.Event(), []

    def busy():
        while not stop.is_set():
            for pair in made:
                if grade(pair) is not pair[2]:
                    bad.append(pair)

    threads = [threading.Thread(target=busy) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(3):
            with multiprocessing.get_context("fork").Pool(WORKERS) as pool:
                expect_right(made, pool.map_async(grade, made, chunksize=20).get(60))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    expect(not bad, bad[:3])


def test_a_missing_library_says_what_to_do(rig: Rig):
    program = "import surety\ntry:\n    surety.verify('1', '1')\nexcept ImportError as e:\n    print(e)\n"
    for library in [rig.path("nowhere.so"), rig.write("none.so", "no library")]:
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60,
                              env=rig.environment({"SURETY_LIBRARY": library, "PYTHONPATH": PACKAGE}))
        expect("meson install" in done.stdout and "SURETY_LIBRARY=" in done.stdout, done.stdout, done.stderr)


main(globals())
