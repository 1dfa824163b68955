#!/usr/bin/env python3
"""Writes a GGUF file of a known shape with random weights: what an engine computes on it means
nothing, but takes as long and can be checked as well as on the real model.

usage: make_model.py [--seed N] [--fast] PRESET TYPE VOCABULARY.gguf OUT.gguf

VOCABULARY is any GGUF file with a tokenizer; its keys are copied. TYPE is that of the matrices; of
the embedding it is EMBEDDING's, as llama.cpp's own mixes do it. Q4_K_M is Q4_K with Q6_K for the
value and down projections of some layers. Matrices without a multiple of 256 columns get INSTEAD's
types. Weights have the standard deviation 1/sqrt(columns), so
that activations stay near 1. --fast draws random blocks and quantises nothing: for benchmarks. The
same arguments give the same bytes.
"""
import argparse

import numpy as np

import ggufio
import quants

# The real Qwen2.5-0.5B is 896 wide, so most of its "Q4_K" is Q5_0. qwen2.5-0.5b-1024 is its shape
# with the next width that Q4_K fits.
PRESETS = {
    "qwen2.5-0.5b": dict(arch="qwen2", width=896, layers=24, heads=14, kv=2, hidden=4864),
    "qwen2.5-0.5b-1024": dict(arch="qwen2", width=1024, layers=24, heads=16, kv=2, hidden=4864),
    "qwen2.5-3b": dict(arch="qwen2", width=2048, layers=36, heads=16, kv=2, hidden=11008),
    "qwen3-0.6b": dict(arch="qwen3", width=1024, layers=28, heads=16, kv=8, hidden=3072, head=128),
    "llama-3.2-1b": dict(arch="llama", width=2048, layers=16, heads=32, kv=8, hidden=8192),
    "tiny-qwen2": dict(arch="qwen2", width=256, layers=3, heads=4, kv=2, hidden=512),
    "tiny-qwen3": dict(arch="qwen3", width=256, layers=3, heads=4, kv=2, hidden=512, head=128),
    "tiny-llama": dict(arch="llama", width=256, layers=3, heads=8, kv=2, hidden=512, untied=True),
}
ROPE_BASE = {"qwen2": 1e6, "qwen3": 1e6, "llama": 5e5}
EPSILON = {"qwen2": 1e-6, "qwen3": 1e-6, "llama": 1e-5}
PRE = {"qwen2": "qwen2", "qwen3": "qwen2", "llama": "llama-bpe"}
CONTEXT = 32768
EMBEDDING = {"Q4_0": "Q8_0", "Q5_0": "Q8_0", "Q4_K": "Q6_K", "Q5_K": "Q6_K", "Q4_K_M": "Q6_K"}
INSTEAD = {"Q4_K": "Q5_0", "Q6_K": "Q8_0"}
FILE_TYPE = {"F32": 0, "F16": 1, "Q4_0": 2, "Q8_0": 7, "Q5_0": 8, "Q4_K": 14, "Q4_K_M": 15, "Q5_K": 16,
             "Q6_K": 18, "BF16": 32}
CHATML = ("{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + "
          "message['content'] + '<|im_end|>\\n' }}{% endfor %}"
          "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}")
LLAMA3 = ("{{ bos_token }}{% for message in messages %}{{ '<|start_header_id|>' + message['role'] + "
          "'<|end_header_id|>\\n\\n' + message['content'] + '<|eot_id|>' }}{% endfor %}"
          "{% if add_generation_prompt %}"
          "{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}")
CHUNK = 1 << 22  # weights drawn at a time


def more_bits(layer, layers):
    """The layers to which llama.cpp's mix Q4_K_M gives Q6_K: the first and last eighth, and every
    third between."""
    return layer < layers // 8 or layer >= 7 * layers // 8 or (layer - layers // 8) % 3 == 2


def rope_factors(head):
    """Llama 3.1's stretching of the slow angles by 8 (llama-models, apply_scaling), as divisors."""
    wavelength = 2 * np.pi * 5e5 ** (np.arange(0, head, 2) / head)
    smooth = np.clip((8192 / wavelength - 1) / (4 - 1), 0, 1)
    return (1 / ((1 - smooth) / 8 + smooth)).astype(np.float32)


class Maker:
    def __init__(self, kind, seed, fast):
        self.kind, self.seed, self.fast = kind, seed, fast
        self.tensors = []

    def matrix(self, name, rows, columns, kind=None):
        kind = kind or self.kind.replace("_M", "")
        if columns % quants.TYPES[kind].elements:
            kind = INSTEAD[kind]
        deviation, rng = columns ** -0.5, np.random.default_rng([self.seed, len(self.tensors)])
        step = max(1, CHUNK // columns)

        def parts():
            for first in range(0, rows, step):
                n = min(step, rows - first)
                if self.fast:
                    yield quants.random_rows(rng, kind, n, columns, deviation)
                else:
                    x = rng.standard_normal((n, columns), np.float32) * np.float32(deviation)
                    yield quants.TYPES[kind].encode(x)
        self.tensors.append((name, (rows, columns), kind, parts))

    def vector(self, name, values):
        self.tensors.append((name, values.shape, "F32", lambda: [values.astype(np.float32)]))

    def noise(self, n, mean, deviation):
        rng = np.random.default_rng([self.seed, len(self.tensors)])
        return mean + deviation * rng.standard_normal(n)


def make(shape, kind, n_vocab, seed, fast):
    m = Maker(kind, seed, fast)
    width, layers, hidden = shape["width"], shape["layers"], shape["hidden"]
    head = shape.get("head", width // shape["heads"])
    q_size, kv_size = shape["heads"] * head, shape["kv"] * head
    m.matrix("token_embd.weight", n_vocab, width, EMBEDDING.get(kind, kind))
    m.vector("output_norm.weight", m.noise(width, 1, 0.1))
    if shape.get("untied"):
        m.matrix("output.weight", n_vocab, width, EMBEDDING.get(kind, kind))
    if shape["arch"] == "llama":
        m.vector("rope_freqs.weight", rope_factors(head))
    for i in range(layers):
        at = f"blk.{i}."
        better = "Q6_K" if kind == "Q4_K_M" and more_bits(i, layers) else None
        m.vector(at + "attn_norm.weight", m.noise(width, 1, 0.1))
        for part, rows in ("q", q_size), ("k", kv_size), ("v", kv_size):
            m.matrix(f"{at}attn_{part}.weight", rows, width, better if part == "v" else None)
            if shape["arch"] == "qwen2":
                m.vector(f"{at}attn_{part}.bias", m.noise(rows, 0, 0.3))
            if shape["arch"] == "qwen3" and part != "v":
                m.vector(f"{at}attn_{part}_norm.weight", m.noise(head, 1, 0.1))
        m.matrix(at + "attn_output.weight", width, q_size)
        m.vector(at + "ffn_norm.weight", m.noise(width, 1, 0.1))
        m.matrix(at + "ffn_gate.weight", hidden, width)
        m.matrix(at + "ffn_up.weight", hidden, width)
        m.matrix(at + "ffn_down.weight", width, hidden, better)
    return m.tensors


def keys_of(shape, kind, preset, vocabulary):
    arch = shape["arch"]
    head = shape.get("head", shape["width"] // shape["heads"])
    keys = {"general.architecture": arch, "general.name": f"random {preset} {kind}",
            "general.file_type": FILE_TYPE[kind], "general.quantization_version": 2,
            f"{arch}.context_length": CONTEXT, f"{arch}.embedding_length": shape["width"],
            f"{arch}.block_count": shape["layers"], f"{arch}.feed_forward_length": shape["hidden"],
            f"{arch}.attention.head_count": shape["heads"],
            f"{arch}.attention.head_count_kv": shape["kv"],
            f"{arch}.attention.layer_norm_rms_epsilon": EPSILON[arch],
            f"{arch}.rope.freq_base": ROPE_BASE[arch]}
    if arch == "qwen3":
        keys |= {f"{arch}.attention.key_length": head, f"{arch}.attention.value_length": head}
    if arch == "llama":
        keys |= {f"{arch}.rope.dimension_count": head,
                 f"{arch}.vocab_size": vocabulary.count("tokenizer.ggml.tokens")}
    keys = {name: ggufio.key(value) for name, value in keys.items()}
    keys |= {name: pair for name, pair in vocabulary.keys.items() if name.startswith("tokenizer.")}
    keys["tokenizer.ggml.pre"] = ggufio.key(PRE[arch])
    has_llama3 = b"<|start_header_id|>" in vocabulary.keys["tokenizer.ggml.tokens"][1]
    keys["tokenizer.chat_template"] = ggufio.key(LLAMA3 if has_llama3 else CHATML)
    return keys


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("preset", choices=PRESETS)
    parser.add_argument("type", choices=FILE_TYPE)
    parser.add_argument("vocabulary")
    parser.add_argument("out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fast", action="store_true")
    args = parser.parse_args()
    shape, vocabulary = PRESETS[args.preset], ggufio.Reader(args.vocabulary)
    n_vocab = vocabulary.count("tokenizer.ggml.tokens")
    ggufio.write(args.out, keys_of(shape, args.type, args.preset, vocabulary),
                 make(shape, args.type, n_vocab, args.seed, args.fast))


if __name__ == "__main__":
    main()
