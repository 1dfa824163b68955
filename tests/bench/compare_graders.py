#!/usr/bin/env python3
"""The grader next to Math-Verify and lm-eval's graders, on the same pairs in one run.

usage: compare_graders.py [--show N] [--seed S] [--texts SAMPLES] [PAIRS...]

PAIRS are files of pairs: JSON lines with "gold", "pred" and perhaps "equal" (the truth), or lines
"verdict<TAB>gold<TAB>pred" as tests/data/equal.tsv and reading.tsv have. Prints a markdown table for each file: what each
grader calls equal, where it differs from the truth in either direction, where it differs from surety in
either direction, and the median and the 99th percentile of a pair's time. --show prints N pairs of each kind
of disagreement, drawn with the seed. SAMPLES are JSON lines with "gold" and "samples" (as for surety score) or
lines "kind<TAB>answer<TAB>text" as tests/data/answers.tsv has (those with an answer, which is the gold answer): of
a thousand of their texts, drawn with the seed, what each grader of whole texts calls right, how often it differs
from surety in either direction, and its time. Needs the package surety (examples/python) and, for the others,
math-verify and lm_eval with antlr4-python3-runtime==4.11; a grader that is not installed is left out.
"""
import argparse
import contextlib
import importlib
import json
import logging
import random
import re
import statistics
import sys
import time

import surety


def surety_exact(gold, pred):
    return surety.verify(gold, pred)


def surety_lenient(gold, pred):
    return surety.verify(gold, pred, lenient=True)


def math_verify():
    module = importlib.import_module("math_verify")

    def dressed(text):  # it reads LaTeX inside of dollars, plain expressions outside
        return module.parse(text if "$" in text else f"${text}$")

    return lambda gold, pred: module.verify(dressed(gold), dressed(pred))


def minerva():
    """lm-eval's minerva_math: normalised, then sympy."""
    utils = importlib.import_module("lm_eval.tasks.minerva_math.utils")
    return lambda gold, pred: utils.is_equiv(utils.normalize_final_answer(gold), utils.normalize_final_answer(pred))


def hendrycks():
    """lm-eval's hendrycks_math: strings, normalised."""
    return importlib.import_module("lm_eval.tasks.hendrycks_math.utils").is_equiv


def gsm8k():
    """lm-eval's gsm8k: exact_match with its regexes, as it is set there."""
    importlib.import_module("lm_eval")

    def clean(text):
        for pattern in (",", r"\$", r"(?s).*#### ", r"\.$"):
            text = re.sub(pattern, "", text)
        return text.lower()

    return lambda gold, pred: clean(gold) == clean(pred)


def graders():
    found = [("surety", surety_exact), ("surety, lenient", surety_lenient)]
    for name, make in [("Math-Verify", math_verify), ("lm-eval minerva_math", minerva),
                       ("lm-eval hendrycks_math", hendrycks), ("lm-eval gsm8k", gsm8k)]:
        try:
            found.append((name, make()))
        except (ImportError, AssertionError) as error:
            print(f"# {name} is left out: {error!r}", file=sys.stderr)
    return found


def read(path):
    """(gold, pred, truth): True, False, "either" (compatible) or None (not known)."""
    truths = {"exact": True, "different": False, "compatible": "either", "unknown": None,
              "equal": "either", "unequal": False}
    with open(path, encoding="utf-8") as f:
        for line in f:
            if path.endswith(".tsv"):
                parts = line.rstrip("\n").split("\t")
                if parts[0] in truths and len(parts) >= 3:
                    yield parts[1], parts[2], truths[parts[0]]
            else:
                row = json.loads(line)
                yield row["gold"], row["pred"], row.get("equal")


def run(grade, pairs):
    """Verdicts (an error is None) and milliseconds."""
    verdicts, times = [], []
    for gold, pred, _ in pairs:
        began = time.perf_counter()
        try:
            with contextlib.redirect_stdout(sys.stderr):
                verdict = grade(gold, pred)
        except Exception:  # of a grader that does not take the pair
            verdict = None
        times.append(1000 * (time.perf_counter() - began))
        verdicts.append(None if verdict is None else bool(verdict))
    return verdicts, times


def table(path, pairs, results):
    print(f"\n{path}: {len(pairs)} pairs, of {sum(isinstance(t, bool) for *_, t in pairs)} the truth is known\n")
    print("| grader | equal | undecided | false equal | false different | equal, surety not | surety equal, it not "
          "| median ms | p99 ms |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    ours = results[0][1]
    for name, verdicts, times in results:
        truth = [t for *_, t in pairs]
        false_equal = sum(v is True and t is False for v, t in zip(verdicts, truth))
        false_different = sum(v is False and t is True for v, t in zip(verdicts, truth))
        more = sum(v is True and o is not True for v, o in zip(verdicts, ours))
        less = sum(v is not True and o is True for v, o in zip(verdicts, ours))
        times = sorted(times)
        print(f"| {name} | {verdicts.count(True)} | {verdicts.count(None)} | {false_equal} | {false_different} | {more} "
              f"| {less} | {statistics.median(times):.3f} | {times[int(0.99 * len(times))]:.2f} |", flush=True)


def show(pairs, results, n, seed):
    chooser = random.Random(seed)
    ours = results[0][1]
    for name, verdicts, _ in results[1:]:
        for title, differs in [(f"{name}: equal, surety not", lambda v, o: v is True and o is not True),
                               (f"surety: equal, {name} not", lambda v, o: v is not True and o is True)]:
            found = [i for i, (v, o) in enumerate(zip(verdicts, ours)) if differs(v, o)]
            print(f"\n# {title}: {len(found)}")
            for i in sorted(chooser.sample(found, min(n, len(found)))):
                gold, pred, truth = pairs[i]
                print(f"#   {gold!r}  {pred!r}  truth {truth}, surety {ours[i]}, {name} {verdicts[i]}")


def gsm8k_text(pattern):
    """lm-eval's gsm8k on a text: the last match of its filter's regex, then exact_match."""
    clean = gsm8k()

    def grade(gold, text):
        found = re.findall(pattern, text)
        last = found[-1] if found else "[invalid]"
        return clean(gold, next((part for part in last if part), "") if isinstance(last, tuple) else last)

    return grade


def boxed_text(module, normalize):
    """lm-eval's reading of the last box, then the task's own equality."""
    utils = importlib.import_module(module)

    def grade(gold, text):
        box = utils.last_boxed_only_string(text)
        return bool(box) and utils.is_equiv(normalize(utils, gold), normalize(utils, utils.remove_boxed(box)))

    return grade


def text_graders():
    yield "surety.check", lambda: lambda gold, text: surety.check(gold, text).correct

    def math_verify_text():
        module = importlib.import_module("math_verify")
        return lambda gold, text: module.verify(module.parse(f"${gold}$"), module.parse(text))

    yield "Math-Verify", math_verify_text
    yield "lm-eval gsm8k, strict", lambda: gsm8k_text(r"#### (\-?[0-9\.\,]+)")
    yield "lm-eval gsm8k, flexible", lambda: gsm8k_text(r"(-?[$0-9.,]{2,})|(-?[0-9]+)")
    yield "lm-eval hendrycks_math", lambda: boxed_text("lm_eval.tasks.hendrycks_math.utils", lambda _, text: text)
    yield "lm-eval minerva_math, last box", lambda: boxed_text(
        "lm_eval.tasks.minerva_math.utils", lambda utils, text: utils.normalize_final_answer(text))


def read_texts(path):
    """(gold, text)"""
    with open(path, encoding="utf-8") as f:
        for line in f:
            if path.endswith(".tsv"):
                parts = line.rstrip("\n").split("\t")
                if len(parts) == 3 and parts[1]:
                    yield parts[1], parts[2].replace("\u23ce", "\n")
            else:
                row = json.loads(line)
                yield from ((row["gold"], sample["text"]) for sample in row["samples"])


def texts(path, seed):
    """Whole texts, as a reward reads them."""
    rows = list(read_texts(path))
    rows = random.Random(seed).sample(rows, min(1000, len(rows)))
    size = statistics.median(len(text) for _, text in rows)
    print(f"\n{path}: {len(rows)} texts, the median has {size:.0f} characters\n")
    print("| grader | right | undecided | right, surety not | surety right, it not | median ms | p99 ms |"
          "\n| --- | --- | --- | --- | --- | --- | --- |")
    ours = None
    for name, make in text_graders():
        try:
            verdicts, times = run(make(), [(*row, None) for row in rows])
        except (ImportError, AssertionError) as error:
            print(f"# {name} is left out: {error!r}", file=sys.stderr)
            continue
        ours = ours or verdicts
        more = sum(v is True and o is not True for v, o in zip(verdicts, ours))
        less = sum(v is not True and o is True for v, o in zip(verdicts, ours))
        times = sorted(times)
        print(f"| {name} | {verdicts.count(True)} | {verdicts.count(None)} | {more} | {less} "
              f"| {statistics.median(times):.3f} | {times[int(0.99 * len(times))]:.2f} |", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--show", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--texts")
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    if options.texts:
        texts(options.texts, options.seed)
    found = graders() if options.files else []
    for path in options.files:
        pairs = list(read(path))
        results = [(name, *run(grade, pairs)) for name, grade in found]
        table(path, pairs, results)
        if options.show:
            show(pairs, results, options.show, options.seed)


if __name__ == "__main__":
    main()
