"""The model's tokenizer: byte-level BPE as in GPT-2, split as Qwen2 does, trained on the lessons."""

import collections
import json
import re

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
SPECIAL_SPLIT = re.compile("(" + "|".join(map(re.escape, SPECIAL)) + ")")
# Qwen2's pattern, as far as ASCII goes: every digit stands alone.
WORDS = re.compile(r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\nA-Za-z0-9]?[A-Za-z]+|[0-9]"
                   r"| ?[^\sA-Za-z0-9]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def byte_letters():
    """GPT-2's printable stand-in for each byte, in the order of the vocabulary's first 256."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {b: chr(b) for b in plain}
    for b in range(256):
        if b not in letters:
            letters[b] = chr(256 + len(letters) - len(plain))
    return letters


LETTERS = byte_letters()
BYTES = {c: b for b, c in LETTERS.items()}


def train(texts, n):
    """Up to n merges, the most frequent pair first."""
    counts = collections.Counter()
    for text in texts:
        for part in SPECIAL_SPLIT.split(text):
            if part not in SPECIAL:
                counts.update(WORDS.findall(part))
    words = [([LETTERS[b] for b in word.encode()], n) for word, n in counts.items()]
    merges = []
    while len(merges) < n:
        pairs = collections.Counter()
        for parts, count in words:
            for pair in zip(parts, parts[1:]):
                pairs[pair] += count
        if not pairs:
            break
        pair = max(pairs, key=lambda p: (pairs[p], p))
        merges.append(pair)
        for parts, _ in words:
            merge(parts, pair)
    return merges


def merge(parts, pair):
    i = 0
    while i < len(parts) - 1:
        if (parts[i], parts[i + 1]) == pair:
            parts[i:i + 2] = [pair[0] + pair[1]]
        i += 1


class Tokenizer:
    def __init__(self, merges):
        self.merges = [tuple(m) for m in merges]
        self.rank = {m: i for i, m in enumerate(self.merges)}
        self.tokens = list(LETTERS.values()) + [a + b for a, b in self.merges] + list(SPECIAL)
        self.ids = {t: i for i, t in enumerate(self.tokens)}
        self.end = self.ids["<|im_end|>"]
        self.cache = {}

    @staticmethod
    def load(path):
        with open(path, encoding="utf-8") as f:
            return Tokenizer(json.load(f))

    def save(self, path):
        with open(path, "w", encoding="utf-8") as f:
            json.dump(self.merges, f)

    def word(self, word):
        if word not in self.cache:
            parts = [LETTERS[b] for b in word.encode()]
            while True:
                known = [p for p in zip(parts, parts[1:]) if p in self.rank]
                if not known:
                    break
                merge(parts, min(known, key=self.rank.get))
            self.cache[word] = [self.ids[p] for p in parts]
        return self.cache[word]

    def encode(self, text):
        ids = []
        for part in SPECIAL_SPLIT.split(text):
            if part in SPECIAL:
                ids.append(self.ids[part])
            else:
                for word in WORDS.findall(part):
                    ids += self.word(word)
        return ids

    def decode(self, ids):
        out = b""
        for i in ids:
            token = self.tokens[i]
            out += token.encode() if token in SPECIAL else bytes(BYTES[c] for c in token)
        return out.decode("utf-8", "replace")
