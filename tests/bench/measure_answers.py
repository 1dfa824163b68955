#!/usr/bin/env python3
"""How often the answer that surety finds in a recorded solution is the one its source recorded.

usage: measure_answers.py SURETY SAMPLES.jsonl... [-v]

Prints a CSV line for each file: samples with a recorded answer; the shares whose extracted answer
has the same text (spacing, markup, case and a closing stop aside), is equal for `surety equal`,
differs, is undecided, is missing; and the samples with an answer found but none recorded. -v also
prints the differences.
"""
import json
import os
import subprocess
import sys
import tempfile

NOTHING = {None, "", "No answer!"}  # how sources write that there was none


def folded(text):
    return "".join(c for c in text.lower() if c not in " $,*`\\()").rstrip(".")


def extracted(surety, path):
    """The answers of all samples, in order, as `score --reextract` finds them."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "results.jsonl")
        subprocess.run([surety, "score", "--reextract", "--stable", "--verify", "none", "-o", out,
                        path], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(out, encoding="utf-8") as f:
            for line in f:
                yield {t["index"]: t["answer"] for t in json.loads(line)["trajectories"]}


def verdicts(surety, pairs):
    lines = "".join(json.dumps({"gold": a, "pred": b}) + "\n" for a, b in pairs)
    done = subprocess.run([surety, "equal", "--jsonl", "-"], input=lines, text=True,
                          capture_output=True, check=False)
    return [json.loads(line) for line in done.stdout.splitlines()]


def measure(surety, path, verbose):
    same = missing = extra = total = 0
    pairs = []
    with open(path, encoding="utf-8") as f:
        for line, found in zip(f, extracted(surety, path)):
            for index, sample in enumerate(json.loads(line)["samples"]):
                recorded, answer = sample.get("answer"), found.get(index)
                if recorded in NOTHING:
                    extra += answer is not None
                    continue
                total += 1
                if answer is None:
                    missing += 1
                elif folded(answer) == folded(recorded):
                    same += 1
                else:
                    pairs.append((recorded, answer))
    equal = different = unknown = 0
    for (recorded, answer), verdict in zip(pairs, verdicts(surety, pairs)):
        state = str(verdict.get("equal", verdict.get("verdict"))).lower()
        equal += state == "true"
        different += state == "false"
        unknown += state not in ("true", "false")
        if verbose and state != "true":
            print(f"# {state}: recorded {recorded!r}, found {answer!r}")
    name = os.path.basename(path).removesuffix(".jsonl")
    print(f"{name},{total},{same / total:.4f},{(same + equal) / total:.4f},{different},{unknown},"
          f"{missing},{extra}", flush=True)


def main():
    arguments = [a for a in sys.argv[1:] if a != "-v"]
    if len(arguments) < 2:
        sys.exit(__doc__)
    print("samples,recorded,same_text,same_or_equal,different,undecided,missing,extra")
    for path in arguments[1:]:
        measure(arguments[0], path, "-v" in sys.argv)


if __name__ == "__main__":
    main()
