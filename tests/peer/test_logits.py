#!/usr/bin/env python3
"""How far both engines' logits are from the reference, as TAP. usage: test_logits.py LOGITS MODEL

LOGITS is the program of logits.c, MODEL a file whose tokenizer the tiny models get. For every
architecture and tensor type a model of random weights is made; ours passes when neither its root
mean square error nor its largest one exceeds the peer's by more than 10 %. "Largest" is the mean
over all steps of a step's largest error: one extreme of all steps says more about chance than about
an engine (the peer's own changes by 20 % with the type of its cache). The peer runs as it does by
default (keys and values as F16); errors are in units of the reference's standard deviation.
"""
import os
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError:
    print("1..0 # SKIP numpy is not installed")
    sys.exit(0)

import ggufio
from make_model import PRESETS, make, keys_of
from reference import Model

LOGITS, VOCABULARY = sys.argv[1:3]
ARCHITECTURES = ["tiny-qwen2", "tiny-qwen3", "tiny-llama"]
KINDS = ["F32", "F16", "BF16", "Q8_0", "Q4_0", "Q5_0", "Q4_K", "Q6_K", "Q4_K_M"]
PROMPTS, TOKENS, STEPS = 8, 48, 8
ALLOWED = 1.10


def run(side, model, ids, cache="f16"):
    out = subprocess.run([LOGITS, side, model, cache, str(STEPS), *map(str, ids)],
                         capture_output=True, timeout=60)
    if out.returncode:
        raise RuntimeError(f"{side}: {out.stderr.decode().strip()}")
    return np.frombuffer(out.stdout, np.float32).reshape(1 + STEPS, -1)


def errors(pairs):
    """Root mean square and largest error of [(computed, true)], per standard deviation."""
    off = np.concatenate([a - b for a, b in pairs])
    scale = np.concatenate([b for _, b in pairs]).std()
    return np.sqrt((off * off).mean()) / scale, np.abs(off).max(1).mean() / scale


def compare(path, n_vocab):
    """((rms, largest) of ours, of the peer, of the peer with its cache as F32)"""
    model, rng = Model(ggufio.Reader(path)), np.random.default_rng(7)
    found = [], [], []
    for _ in range(PROMPTS):
        ids = rng.integers(0, n_vocab, TOKENS).tolist()
        truth = model.logits(ids)[TOKENS - STEPS - 1:]
        for pairs, side, cache in zip(found, ("surety", "llama.cpp", "llama.cpp"),
                                      ("f16", "f16", "f32")):
            pairs.append((run(side, path, ids, cache), truth))
    return [errors(pairs) for pairs in found]


def main():
    vocabulary = ggufio.Reader(VOCABULARY)
    n_vocab = vocabulary.count("tokenizer.ggml.tokens")
    cases = [(preset, kind) for preset in ARCHITECTURES for kind in KINDS]
    bad = 0
    print(f"1..{len(cases)}")
    print("# errors in units of the standard deviation: ours rms, max; llama.cpp's rms, max; "
          "its rms with an F32 cache")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "tiny.gguf")
        for number, (preset, kind) in enumerate(cases, 1):
            shape = PRESETS[preset]
            ggufio.write(path, keys_of(shape, kind, preset, vocabulary),
                         make(shape, kind, n_vocab, 1, False))
            try:
                ours, theirs, wide = compare(path, n_vocab)
            except RuntimeError as e:
                print(f"not ok {number} - {preset} {kind}\n# {e}")
                bad += 1
                continue
            ok = ours[0] <= ALLOWED * theirs[0] and ours[1] <= ALLOWED * theirs[1]
            bad += not ok
            print(f"{'ok' if ok else 'not ok'} {number} - {preset} {kind}\n"
                  f"# {preset:11} {kind:7} {ours[0]:.2e} {ours[1]:.2e}  {theirs[0]:.2e} "
                  f"{theirs[1]:.2e}  {wide[0]:.2e}  ratio {ours[0] / theirs[0]:.2f} "
                  f"{ours[1] / theirs[1]:.2f}", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
