"""A Qwen2 transformer small enough for two cores, and sampling from it with a cache."""

import torch
from torch import nn
from torch.nn import functional as F

MASKED = -1e9


class Config:
    width, layers, heads, kv_heads, head, hidden = 192, 4, 4, 2, 48, 512
    theta, epsilon, context = 10000.0, 1e-6, 512

    def __init__(self, vocabulary):
        self.vocabulary = vocabulary


class Norm(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.weight, self.epsilon = nn.Parameter(torch.ones(config.width)), config.epsilon

    def forward(self, x):  # (..., width)
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.epsilon) * self.weight


def rotate(x, cos, sin):
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)


class Block(nn.Module):
    def __init__(self, config):
        super().__init__()
        c = self.config = config
        self.attn_norm, self.ffn_norm = Norm(c), Norm(c)
        self.attn_qkv = nn.Linear(c.width, (c.heads + 2 * c.kv_heads) * c.head)
        self.attn_output = nn.Linear(c.heads * c.head, c.width, bias=False)
        self.ffn_gate_up = nn.Linear(c.width, 2 * c.hidden, bias=False)
        self.ffn_down = nn.Linear(c.hidden, c.width, bias=False)

    def forward(self, x, cos, sin, mask, past):
        """x (batch, time, width), mask (batch, 1, time, seen); past: [keys, values] or None."""
        c, (n, time, _) = self.config, x.shape
        qkv = self.attn_qkv(self.attn_norm(x)).view(n, time, -1, c.head).transpose(1, 2)
        qk, v = qkv.split((c.heads + c.kv_heads, c.kv_heads), 1)
        q, k = rotate(qk.float(), cos, sin).split((c.heads, c.kv_heads), 1)
        if past is not None:
            k, v = (torch.cat((old, new), 2) if old is not None else new
                    for old, new in zip(past, (k, v)))
            past[:] = k, v
        seen, group = k.shape[2], c.heads // c.kv_heads
        q = (q * c.head**-.5).reshape(n * c.kv_heads, group * time, c.head)
        k, v = (t.reshape(n * c.kv_heads, seen, c.head) for t in (k, v))
        scores = torch.bmm(q, k.transpose(1, 2)).view(n, c.heads, time, seen) + mask
        mixed = torch.bmm(F.softmax(scores, -1).view(n * c.kv_heads, group * time, seen), v)
        mixed = mixed.view(n, c.heads, time, c.head).transpose(1, 2).reshape(n, time, -1)
        x = x + self.attn_output(mixed)
        gate, up = self.ffn_gate_up(self.ffn_norm(x)).chunk(2, -1)
        return x + self.ffn_down(F.silu(gate) * up)


class Model(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.token_embd = nn.Embedding(config.vocabulary, config.width)  # also the output matrix
        self.blk = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.output_norm = Norm(config)
        for name, p in self.named_parameters():
            if name.startswith("token_embd"):
                nn.init.normal_(p, 0, .02)
            elif p.dim() == 2:
                into = "output" in name or "down" in name
                nn.init.normal_(p, 0, p.shape[1]**-.5 * (.5 if into else 1))
            elif name.endswith("bias"):
                nn.init.zeros_(p)
        pairs = torch.arange(0, config.head, 2).float() / config.head
        self.register_buffer("frequency", config.theta**-pairs, persistent=False)

    def forward(self, ids, positions, mask, cache=None):
        """The last hidden states (batch, time, width); cache: new_cache(), filled as it goes."""
        angle = positions.float()[:, None, :, None] * self.frequency
        cos, sin = angle.cos(), angle.sin()
        x = self.token_embd(ids)
        for i, block in enumerate(self.blk):
            x = block(x, cos, sin, mask, None if cache is None else cache[i])
        return self.output_norm(x)

    def logits(self, hidden):
        return hidden @ self.token_embd.weight.t()


def new_cache(config):
    return [[None, None] for _ in range(config.layers)]


def choose(logits, temperature, top_p, generator):
    if temperature == 0:
        return logits.argmax(-1)
    p, order = F.softmax(logits / temperature, -1).sort(-1, descending=True)
    p[(p.cumsum(-1) - p) >= top_p] = 0
    return order.gather(1, torch.multinomial(p, 1, generator=generator)).squeeze(1)


@torch.no_grad()
def sample(model, tokenizer, prompts, k=1, temperature=1.0, top_p=.95, limit=224, seed=0):
    """k replies to each prompt. A batch of prompts is padded on the left, prefilled once, and goes
    on until all its replies have ended."""
    generator = torch.Generator().manual_seed(seed)
    encoded = [tokenizer.encode(p) for p in prompts]
    order = sorted(range(len(prompts)), key=lambda i: len(encoded[i]))
    replies, group = [None] * len(prompts), max(1, 256 // k)
    for at in range(0, len(order), group):
        batch = order[at:at + group]
        longest = max(len(encoded[i]) for i in batch)
        pad = torch.tensor([longest - len(encoded[i]) for i in batch])
        ids = torch.tensor([[0] * (longest - len(encoded[i])) + encoded[i] for i in batch])
        steps = torch.arange(longest)
        allowed = (steps[None, None, :] <= steps[None, :, None]) & \
                  (steps[None, None, :] >= pad[:, None, None])
        cache = new_cache(model.config)
        hidden = model(ids, (steps[None] - pad[:, None]).clamp(min=0),
                       torch.where(allowed, 0., MASKED)[:, None], cache)
        logits = model.logits(hidden[:, -1]).repeat_interleave(k, 0)
        cache = [[t.repeat_interleave(k, 0) for t in kv] for kv in cache]
        pad, out = pad.repeat_interleave(k), [[] for _ in range(len(batch) * k)]
        live = torch.arange(len(out))
        for n in range(limit):
            chosen = choose(logits, temperature, top_p, generator)
            for row, token in zip(live.tolist(), chosen.tolist()):
                out[row].append(token)
            keep = (chosen != tokenizer.end).nonzero().squeeze(1)
            if not len(keep) or n == limit - 1:
                break
            if len(keep) < len(live):
                live, pad, chosen = live[keep], pad[keep], chosen[keep]
                cache = [[t[keep] for t in kv] for kv in cache]
            seen = torch.arange(longest + n + 1)
            mask = torch.where(seen[None] >= pad[:, None], 0., MASKED)[:, None, None]
            hidden = model(chosen[:, None], (longest + n - pad)[:, None], mask, cache)
            logits = model.logits(hidden[:, 0])
        for j, i in enumerate(batch):
            ended = [o[:-1] if o[-1] == tokenizer.end else o for o in out[j * k:(j + 1) * k]]
            replies[i] = [tokenizer.decode(o) for o in ended]
    return replies
