"""Writes a trained model as GGUF (architecture qwen2, F16).

    python3 examples/demo/export.py TRAINED.gguf FOLDER      # FOLDER as train.py --out made it

Sources: the GGUF specification (ggml, docs/gguf.md), version 3, and llama.cpp's names of qwen2's
tensors and keys.
"""

import os
import struct
import sys

import numpy
import torch

import model as models
import tokens

ALIGNMENT = 32
U32, I32, F32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9
F32_TENSOR, F16_TENSOR = 0, 1
NORMAL, CONTROL = 1, 3  # types of tokens
CHAT_TEMPLATE = ("{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + "
                 "message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
                 "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")


def string(text):
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw


PACK = {U32: lambda v: struct.pack("<I", v), I32: lambda v: struct.pack("<i", v),
        F32: lambda v: struct.pack("<f", v), BOOL: lambda v: struct.pack("<B", v), STRING: string}


def pair(key, kind, value):
    return string(key) + struct.pack("<I", kind) + PACK[kind](value)


def array(key, kind, values):
    return (string(key) + struct.pack("<IIQ", ARRAY, kind, len(values))
            + b"".join(map(PACK[kind], values)))


def metadata(config, tokenizer):
    plain = len(tokenizer.tokens) - len(tokens.SPECIAL)
    ids = tokenizer.ids
    return [
        pair("general.architecture", STRING, "qwen2"),
        pair("general.name", STRING, "clr-tiny"),
        pair("general.alignment", U32, ALIGNMENT),
        pair("general.file_type", U32, 1),  # mostly F16
        pair("general.quantization_version", U32, 2),
        pair("surety.profile", STRING, "demo"),
        pair("qwen2.context_length", U32, config.context),
        pair("qwen2.embedding_length", U32, config.width),
        pair("qwen2.block_count", U32, config.layers),
        pair("qwen2.feed_forward_length", U32, config.hidden),
        pair("qwen2.attention.head_count", U32, config.heads),
        pair("qwen2.attention.head_count_kv", U32, config.kv_heads),
        pair("qwen2.attention.layer_norm_rms_epsilon", F32, config.epsilon),
        pair("qwen2.rope.freq_base", F32, config.theta),
        pair("qwen2.vocab_size", U32, config.vocabulary),
        pair("tokenizer.ggml.model", STRING, "gpt2"),
        pair("tokenizer.ggml.pre", STRING, "qwen2"),
        array("tokenizer.ggml.tokens", STRING, tokenizer.tokens),
        array("tokenizer.ggml.token_type", I32,
              [NORMAL] * plain + [CONTROL] * len(tokens.SPECIAL)),
        array("tokenizer.ggml.merges", STRING, [f"{a} {b}" for a, b in tokenizer.merges]),
        pair("tokenizer.ggml.eos_token_id", U32, ids["<|im_end|>"]),
        pair("tokenizer.ggml.bos_token_id", U32, ids["<|endoftext|>"]),
        pair("tokenizer.ggml.padding_token_id", U32, ids["<|endoftext|>"]),
        pair("tokenizer.ggml.add_bos_token", BOOL, False),
        pair("tokenizer.chat_template", STRING, CHAT_TEMPLATE),
    ]


def tensors(model):
    """The weights under llama.cpp's names: what is joined in training stands apart there."""
    c = model.config
    parts = {"attn_qkv": ("attn_q", "attn_k", "attn_v"), "ffn_gate_up": ("ffn_gate", "ffn_up")}
    rows = {"attn_qkv": [c.heads * c.head, c.kv_heads * c.head, c.kv_heads * c.head],
            "ffn_gate_up": [c.hidden, c.hidden]}
    for name, weight in model.state_dict().items():
        joined = next((j for j in parts if f".{j}." in name), None)
        if joined:
            for part, piece in zip(parts[joined], weight.split(rows[joined])):
                yield name.replace(joined, part), piece
        else:
            yield name, weight


def padding(length):
    return b"\0" * (-length % ALIGNMENT)


def write(path, model, tokenizer):
    """Matrices as F16, vectors as F32. The output matrix is the embedding's: it stands once."""
    info, data = b"", b""
    weights = list(tensors(model))
    for name, weight in weights:
        matrix = weight.dim() == 2
        raw = weight.numpy().astype(numpy.float16 if matrix else numpy.float32).tobytes()
        info += string(name) + struct.pack("<I", weight.dim())
        info += b"".join(struct.pack("<Q", n) for n in reversed(weight.shape))
        info += struct.pack("<IQ", F16_TENSOR if matrix else F32_TENSOR, len(data))
        data += raw + padding(len(raw))
    pairs = metadata(model.config, tokenizer)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(weights), len(pairs)) + b"".join(pairs) + info
    with open(path, "wb") as f:
        f.write(head + padding(len(head)) + data)


def load(folder):
    """(model, tokenizer), the matrices rounded to F16 as they are written."""
    checkpoint = os.path.join(folder, "checkpoint.pt")
    if not os.path.exists(checkpoint):
        sys.exit(f"{folder}: no checkpoint.pt yet (train.py keeps one every three minutes)")
    tokenizer = tokens.Tokenizer.load(os.path.join(folder, "merges.json"))
    model = models.Model(models.Config(len(tokenizer.tokens)))
    model.load_state_dict(torch.load(checkpoint)["model"])
    for p in model.parameters():
        if p.dim() == 2:
            p.data = p.data.half().float()
    return model.eval(), tokenizer


if __name__ == "__main__":
    write(sys.argv[1], *load(sys.argv[2]))
