"""Reads and writes the container GGUF, version 3 (the ggml project's docs/gguf.md)."""
import struct

import numpy as np

from quants import TYPES

ALIGNMENT = 32
STRING, ARRAY = 8, 9
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}


class Reader:
    """A trusted file. keys: {name: (type, raw bytes of the value)}; tensors: {name: values}."""

    def __init__(self, path):
        self._data = np.memmap(path, np.uint8, "r")
        self._at = 0
        magic, version, n_tensors, n_keys = self._read("<4sIQQ")
        if magic != b"GGUF" or version != 3:
            raise ValueError(f"{path} is no GGUF file of version 3")
        self.keys = {}
        for _ in range(n_keys):
            name, kind = self._string(), self._read("<I")[0]
            start = self._at
            self._skip(kind)
            self.keys[name] = kind, self._data[start:self._at].tobytes()
        self._tensors = {}
        for _ in range(n_tensors):
            name, n = self._string(), self._read("<I")[0]
            shape = self._read(f"<{n}Q")[::-1]
            self._tensors[name] = shape, *self._read("<IQ")
        self._start = -(-self._at // ALIGNMENT) * ALIGNMENT

    def _read(self, form):
        out = struct.unpack_from(form, self._data, self._at)
        self._at += struct.calcsize(form)
        return out

    def _string(self):
        n = self._read("<Q")[0]
        self._at += n
        return self._data[self._at - n:self._at].tobytes().decode()

    def _skip(self, kind):
        if kind == STRING:
            self._string()
        elif kind == ARRAY:
            element, n = self._read("<IQ")
            for _ in range(n if element == STRING else 0):
                self._at += 8 + int(struct.unpack_from("<Q", self._data, self._at)[0])
            if element != STRING:
                self._at += n * struct.calcsize(SCALARS[element])
        else:
            self._at += struct.calcsize(SCALARS[kind])

    def value(self, name, default=None):
        """A scalar or string."""
        if name not in self.keys:
            return default
        kind, raw = self.keys[name]
        return raw[8:].decode() if kind == STRING else struct.unpack("<" + SCALARS[kind], raw)[0]

    def count(self, name):
        """The length of an array."""
        return struct.unpack_from("<Q", self.keys[name][1], 4)[0]

    def tensor(self, name, default=None):
        """Its values as float32, slowest dimension first."""
        if name not in self._tensors:
            return default
        shape, code, offset = self._tensors[name]
        kind = next(t for t in TYPES.values() if t.code == code)
        size = kind.row_bytes(shape[-1])
        n = int(np.prod(shape[:-1], dtype=np.int64)) * size
        start = self._start + offset
        return kind.decode(self._data[start:start + n].reshape(*shape[:-1], size))


def string(text):
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw


def key(value):
    """(type, raw bytes) of a Python value: int is U32, float F32."""
    if isinstance(value, str):
        return STRING, string(value)
    if isinstance(value, float):
        return 6, struct.pack("<f", value)
    return 4, struct.pack("<I", value)


def write(path, keys, tensors):
    """keys: {name: (type, raw)}; tensors: [(name, shape, type name, function that yields bytes)].
    Tensors are written one by one, so the file may be larger than the memory."""
    with open(path, "wb") as f:
        f.write(struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(keys)))
        for name, (kind, raw) in keys.items():
            f.write(string(name) + struct.pack("<I", kind) + raw)
        offset = 0
        for name, shape, kind, _ in tensors:
            f.write(string(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape[::-1],
                                               TYPES[kind].code, offset))
            size = int(np.prod(shape[:-1], dtype=np.int64)) * TYPES[kind].row_bytes(shape[-1])
            offset += -(-size // ALIGNMENT) * ALIGNMENT
        for _, _, _, parts in tensors:
            f.write(bytes(-f.tell() % ALIGNMENT))
            for part in parts():
                f.write(part)
        f.write(bytes(-f.tell() % ALIGNMENT))
