"""Tensor types of GGUF: round-to-nearest quantisers, their inverses, and random blocks, in numpy.

Layouts are facts of the ggml project (ggml-common.h); the rounding here is the plain one: the scale
follows from the largest value, and every weight goes to the nearest step. All functions are
vectorised over blocks: `values` are float32 [..., columns], `data` are bytes [..., row bytes].
"""
import numpy as np


def half(x):
    """float32 -> bytes of binary16, and what they stand for. [n, k] -> [n, 2k] uint8, [n, k]"""
    h = x.astype(np.float16)
    return h.view(np.uint8).reshape(x.shape[0], -1), h.astype(np.float32)


def read_half(data):
    return np.ascontiguousarray(data).view(np.float16).astype(np.float32)


def divide(x, by):
    """x / by, and 0 where by is 0."""
    return np.divide(x, by, out=np.zeros(np.broadcast(x, by).shape, np.float32), where=by != 0)


# ---- Q8_0: d, 32 int8 ----

def q8_0(x):
    d, scale = half(np.abs(x).max(1, keepdims=True) / 127)
    q = np.clip(np.rint(divide(x, scale)), -127, 127).astype(np.int8)
    return np.hstack([d, q.view(np.uint8)])


def q8_0_values(b):
    return read_half(b[:, :2]) * np.ascontiguousarray(b[:, 2:]).view(np.int8)


# ---- Q4_0: d, 16 bytes: low nibbles are elements 0-15, high ones 16-31; (q - 8) d ----

def q4_0(x):
    extreme = np.take_along_axis(x, np.abs(x).argmax(1)[:, None], 1)
    d, scale = half(extreme / -8)
    q = (np.clip(np.rint(divide(x, scale)), -8, 7) + 8).astype(np.uint8)
    return np.hstack([d, q[:, :16] | q[:, 16:] << 4])


def q4_0_values(b):
    q = np.hstack([b[:, 2:] & 15, b[:, 2:] >> 4]).astype(np.float32) - 8
    return read_half(b[:, :2]) * q


# ---- Q5_0: d, the fifth bits (bit i of 32: element i), 16 bytes as in Q4_0; (q - 16) d ----

def q5_0(x):
    extreme = np.take_along_axis(x, np.abs(x).argmax(1)[:, None], 1)
    d, scale = half(extreme / -16)
    q = (np.clip(np.rint(divide(x, scale)), -16, 15) + 16).astype(np.uint8)
    fifth = np.packbits(q >> 4, 1, "little")
    return np.hstack([d, fifth, q[:, :16] & 15 | (q[:, 16:] & 15) << 4])


def q5_0_values(b):
    q = np.hstack([b[:, 6:] & 15, b[:, 6:] >> 4]) | np.unpackbits(b[:, 2:6], 1, bitorder="little") << 4
    return read_half(b[:, :2]) * (q.astype(np.float32) - 16)


# ---- Q4_K, Q5_K: d, dmin, 8 x (scale, min) of 6 bits, 8 x 32 quants; d scale q - dmin min ----

def pack_scales(s, m):
    """Two uint8 [n, 8] below 64 -> [n, 12]: the upper two bits of the last four fill the first."""
    return np.hstack([s[:, :4] | s[:, 4:] >> 4 << 6, m[:, :4] | m[:, 4:] >> 4 << 6,
                      s[:, 4:] & 15 | (m[:, 4:] & 15) << 4])


def unpack_scales(p):
    a, b, c = p[:, :4], p[:, 4:8], p[:, 8:]
    return np.hstack([a & 63, c & 15 | a >> 6 << 4]), np.hstack([b & 63, c >> 4 | b >> 6 << 4])


def pack_nibbles(q):
    """[n, 8, 32] -> [n, 128]: sub-blocks 2i and 2i + 1 are the low and high nibbles of 32 bytes."""
    return (q[:, 0::2] & 15 | (q[:, 1::2] & 15) << 4).reshape(len(q), 128)


def unpack_nibbles(p):
    p = p.reshape(-1, 4, 32)
    return np.stack([p & 15, p >> 4], 2).reshape(-1, 8, 32)


def with_minimum(x, top):
    """The header of Q4_K and Q5_K and the quants [n, 8, 32] from 0 to top."""
    x = x.reshape(-1, 8, 32)
    low = np.minimum(x.min(2), 0)
    step = (x.max(2) - low) / top
    d, scale = half(step.max(1, keepdims=True) / 63)
    dmin, minimum = half(-low.min(1, keepdims=True) / 63)
    s = np.minimum(np.rint(divide(step, scale)), 63).astype(np.uint8)
    m = np.minimum(np.rint(divide(-low, minimum)), 63).astype(np.uint8)
    q = divide(x + (minimum * m)[:, :, None], (scale * s)[:, :, None])
    return (np.hstack([d, dmin, pack_scales(s, m)]),
            np.clip(np.rint(q), 0, top).astype(np.uint8))


def without_minimum(b, q):
    s, m = unpack_scales(b[:, 4:16])
    scale, minimum = read_half(b[:, :2]) * s, read_half(b[:, 2:4]) * m
    return (scale[:, :, None] * q - minimum[:, :, None]).reshape(-1, 256)


def q4_k(x):
    header, q = with_minimum(x, 15)
    return np.hstack([header, pack_nibbles(q)])


def q4_k_values(b):
    return without_minimum(b, unpack_nibbles(b[:, 16:]))


BITS = np.arange(8, dtype=np.uint8)[None, :, None]


def q5_k(x):
    header, q = with_minimum(x, 31)
    fifth = np.bitwise_or.reduce(q >> 4 << BITS, 1)  # bit s of byte i: element i of sub-block s
    return np.hstack([header, fifth, pack_nibbles(q)])


def q5_k_values(b):
    fifth = b[:, None, 16:48] >> BITS & 1
    return without_minimum(b, unpack_nibbles(b[:, 48:]) | fifth << 4)


# ---- Q6_K: 128 bytes of low nibbles, 64 of upper bit pairs, 16 int8 scales, d; d scale (q - 32) ----
# Each half of 128 elements is four runs of 32; runs 0 and 2 are the nibbles of bytes 0-31, runs 1
# and 3 of bytes 32-63; pair r of byte i belongs to run r.

PAIRS = np.arange(0, 8, 2, dtype=np.uint8)[None, None, :, None]


def q6_k(x):
    sub = x.reshape(-1, 16, 16)
    extreme = np.take_along_axis(sub, np.abs(sub).argmax(2)[:, :, None], 2)[:, :, 0]
    step = extreme / -32
    widest = np.take_along_axis(step, np.abs(step).argmax(1)[:, None], 1)
    d, scale = half(widest / 127)
    s = np.clip(np.rint(divide(step, scale)), -128, 127).astype(np.int8)
    q = np.clip(np.rint(divide(sub, (scale * s)[:, :, None])), -32, 31) + 32
    runs = q.astype(np.uint8).reshape(-1, 2, 4, 32)
    low = (runs[:, :, :2] & 15 | (runs[:, :, 2:] & 15) << 4).reshape(-1, 128)
    high = np.bitwise_or.reduce(runs >> 4 << PAIRS, 2).reshape(-1, 64)
    return np.hstack([low, high, s.view(np.uint8), d])


def q6_k_values(b):
    low = b[:, :128].reshape(-1, 2, 2, 32)
    runs = np.concatenate([low & 15, low >> 4], 2)
    runs = runs | (b[:, 128:192].reshape(-1, 2, 1, 32) >> PAIRS & 3) << 4
    q = runs.reshape(-1, 16, 16).astype(np.float32) - 32
    s = read_half(b[:, 208:]) * np.ascontiguousarray(b[:, 192:208]).view(np.int8)
    return (s[:, :, None] * q).reshape(-1, 256)


# ---- plain numbers ----

def bf16(x):
    """Rounded to nearest, ties to even."""
    bits = np.ascontiguousarray(x).view(np.uint32)
    return ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype(np.uint16).view(np.uint8)


def bf16_values(b):
    return (np.ascontiguousarray(b).view(np.uint16).astype(np.uint32) << 16).view(np.float32)


class Type:
    def __init__(self, code, elements, size, encode, decode):
        self.code, self.elements, self.size = code, elements, size
        self._encode, self._decode = encode, decode

    def row_bytes(self, columns):
        if columns % self.elements:
            raise ValueError(f"{columns} columns are no multiple of {self.elements}")
        return columns // self.elements * self.size

    def encode(self, x):
        """float32 [..., columns] -> uint8 [..., row bytes]"""
        size = self.row_bytes(x.shape[-1])
        blocks = np.ascontiguousarray(x, np.float32).reshape(-1, self.elements)
        return self._encode(blocks).reshape(*x.shape[:-1], size)

    def decode(self, data):
        values = self._decode(data.reshape(-1, self.size))
        return values.astype(np.float32).reshape(*data.shape[:-1], -1)


TYPES = {
    "F32": Type(0, 1, 4, lambda x: x.view(np.uint8), lambda b: np.ascontiguousarray(b).view(np.float32)),
    "F16": Type(1, 1, 2, lambda x: x.astype(np.float16).view(np.uint8), read_half),
    "Q4_0": Type(2, 32, 18, q4_0, q4_0_values),
    "Q5_0": Type(6, 32, 22, q5_0, q5_0_values),
    "Q8_0": Type(8, 32, 34, q8_0, q8_0_values),
    "Q4_K": Type(12, 256, 144, q4_k, q4_k_values),
    "Q5_K": Type(13, 256, 176, q5_k, q5_k_values),
    "Q6_K": Type(14, 256, 210, q6_k, q6_k_values),
    "BF16": Type(30, 1, 2, bf16, bf16_values),
}


def random_rows(rng, name, rows, columns, deviation):
    """Blocks of random quants with scales that give about this standard deviation: some 20 times
    faster than encode(), for files of which only the speed counts."""
    t = TYPES[name]
    n = rows * t.row_bytes(columns) // t.size
    if t.elements == 1:
        return t.encode(rng.standard_normal((rows, columns), np.float32) * np.float32(deviation))
    b = np.frombuffer(bytearray(rng.bytes(n * t.size)), np.uint8).reshape(n, t.size)

    def put(at, value):
        b[:, at:at + 2] = np.frombuffer(np.float16(value).tobytes(), np.uint8)
    if name == "Q8_0":
        put(0, deviation / 73.9)  # of a uniform int8
    elif name == "Q4_0":
        put(0, deviation / 4.6)
    elif name == "Q5_0":
        put(0, deviation / 9.2)
    elif name == "Q6_K":
        b[:, 192:208] |= 64  # scales of 64-127 and -64 to -1
        put(208, deviation / 18.5 / 75)
    else:
        top = 15 if name == "Q4_K" else 31
        put(0, deviation / (top * 0.3) / 50)
        put(2, deviation / (top * 0.3) / 50 * top / 2)
        s = rng.integers(32, 64, (n, 8), np.uint8)
        b[:, 4:16] = pack_scales(s, s)
    return b.reshape(rows, -1)
