#!/usr/bin/env python3
"""The grader next to Math-Verify and lm-eval's graders, on the same pairs in one run.

usage: compare_graders.py [--show N] [--seed S] [--texts SAMPLES] [PAIRS...]

PAIRS are files of pairs: JSON lines with "gold", "pred" and perhaps "equal" (the truth), or lines
"verdict<TAB>gold<TAB>pred" as tests/data/equal.tsv and reading.tsv have. Prints a markdown table for each file: what each
grader calls equal, where it differs from the truth in either direction, where it differs from surety in
either direction, and the median and the 99th percentile of a pair's time. --show prints N pairs of each kind
of disagreement, drawn with the seed. SAMPLES are JSON lines with "gold" and "samples" (as for surety score): of
a thousand of their texts, drawn with the seed, the time of a whole check next to that of Math-Verify's parse
and verify, and how often the two agree. Needs the package surety (examples/python) and, for the others,
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


def texts(path, seed):
    """Whole texts: surety.check next to Math-Verify's parse and verify, and in what share they agree."""
    with open(path, encoding="utf-8") as f:
        rows = [(row["gold"], sample["text"]) for row in map(json.loads, f) for sample in row["samples"]]
    rows = random.Random(seed).sample(rows, min(1000, len(rows)))
    found = [("surety.check", lambda gold, text: surety.check(gold, text).correct)]
    with contextlib.suppress(ImportError):
        module = importlib.import_module("math_verify")
        found.append(("Math-Verify", lambda gold, text: module.verify(module.parse(f"${gold}$"), module.parse(text))))
    size = statistics.median(len(text) for _, text in rows)
    print(f"\n{path}: {len(rows)} texts, the median has {size:.0f} characters\n")
    print("| grader | right | undecided | median ms | p99 ms | times surety's median |\n| --- | --- | --- | --- | --- | --- |")
    results = [(name, *run(grade, [(*row, None) for row in rows])) for name, grade in found]
    for name, verdicts, times in results:
        times = sorted(times)
        ratio = statistics.median(times) / statistics.median(results[0][2])
        print(f"| {name} | {verdicts.count(True)} | {verdicts.count(None)} | {statistics.median(times):.3f} "
              f"| {times[int(0.99 * len(times))]:.2f} | {ratio:.0f} |")
    if len(results) > 1:
        pairs = list(zip(results[0][1], results[1][1]))
        print(f"\nRight for surety alone: {sum(a is True and b is not True for a, b in pairs)}; for Math-Verify alone: "
              f"{sum(a is not True and b is True for a, b in pairs)}")


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
