"""What a model computes, in float64 on its dequantised weights: the truth that engines round from.

Reads from top to bottom like the papers: Qwen2 (arXiv 2407.10671, section 2.2), Qwen3 (arXiv
2505.09388, section 2: as Qwen2 with RMSNorm on queries and keys and without biases), Llama 3 (arXiv
2407.21783, section 3.2; rotated pairs stand side by side in its GGUF files, halves apart in
the others). For tiny models: nothing is cached and every weight is widened.
"""
import numpy as np


def rms_norm(x, weight, epsilon):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + epsilon) * weight


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


class Model:
    def __init__(self, file):
        arch = file.value("general.architecture")

        def number(name, default=None):
            return file.value(f"{arch}.{name}", default)
        self.file, self.arch = file, arch
        self.layers, self.heads = number("block_count"), number("attention.head_count")
        self.kv = number("attention.head_count_kv", self.heads)
        self.head = number("attention.key_length", number("embedding_length") // self.heads)
        self.epsilon = number("attention.layer_norm_rms_epsilon")
        self.angles = number("rope.freq_base") ** (-np.arange(0, self.head, 2) / self.head)
        factors = self.weight("rope_freqs.weight")
        if factors is not None:
            self.angles = self.angles / factors

    def weight(self, name):
        values = self.file.tensor(name)
        return None if values is None else values.astype(np.float64)

    def linear(self, x, name):
        bias = self.weight(name + ".bias")
        y = x @ self.weight(name + ".weight").T
        return y if bias is None else y + bias

    def norm(self, x, name):
        return rms_norm(x, self.weight(name + ".weight"), self.epsilon)

    def rotate(self, x):
        """[tokens, heads, head]: position t turns pair i by t times angles[i]."""
        turn = np.arange(len(x))[:, None, None] * self.angles
        c, s = np.cos(turn), np.sin(turn)
        out = np.empty_like(x)
        a, b = ((slice(0, None, 2), slice(1, None, 2)) if self.arch == "llama" else
                (slice(0, self.head // 2), slice(self.head // 2, None)))
        out[..., a] = x[..., a] * c - x[..., b] * s
        out[..., b] = x[..., b] * c + x[..., a] * s
        return out

    def attention(self, x, at):
        n = len(x)
        q = self.linear(x, at + "attn_q").reshape(n, self.heads, self.head)
        k = self.linear(x, at + "attn_k").reshape(n, self.kv, self.head)
        v = self.linear(x, at + "attn_v").reshape(n, self.kv, self.head)
        if self.arch == "qwen3":
            q, k = self.norm(q, at + "attn_q_norm"), self.norm(k, at + "attn_k_norm")
        q, k = self.rotate(q), self.rotate(k)
        k, v = (np.repeat(y, self.heads // self.kv, 1) for y in (k, v))
        scores = np.einsum("ihd,jhd->hij", q, k) / np.sqrt(self.head)
        scores += np.triu(np.full((n, n), -np.inf), 1)
        out = np.einsum("hij,jhd->ihd", softmax(scores), v)
        return self.linear(out.reshape(n, -1), at + "attn_output")

    def logits(self, ids):
        """[tokens, vocabulary]"""
        embedding = self.weight("token_embd.weight")
        output = self.weight("output.weight")
        x = embedding[np.asarray(ids)]
        for i in range(self.layers):
            at = f"blk.{i}."
            x = x + self.attention(self.norm(x, at + "attn_norm"), at)
            y = self.norm(x, at + "ffn_norm")
            gate, up = self.linear(y, at + "ffn_gate"), self.linear(y, at + "ffn_up")
            x = x + self.linear(gate / (1 + np.exp(-gate)) * up, at + "ffn_down")
        return self.norm(x, "output_norm") @ (embedding if output is None else output).T
