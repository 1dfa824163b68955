#!/usr/bin/env python3
"""What programs that were built against libsurety rely on stays where it is, as TAP.

usage: abi.py ROOT CC...            compares the public headers with tests/data/abi.txt
       abi.py --write ROOT CC...    records what was added

The table has the size of every public struct, the place and size of every member, every enumerator
and every function, on 64-bit Linux (docs/abi.md). What is recorded must not change, but for the room
(reserved_), whose end stays where it is. Where a change is meant to break programs, raise the
soversion, delete the table and write it anew.
"""
import os
import re
import struct
import subprocess
import sys
import tempfile

HEADERS = ["base/include/surety/err.h", "base/include/surety/arena.h", "proto/include/surety/types.h",
           "proto/include/surety/settings.h", "proto/include/surety/result.h",
           "scaler/client/include/surety/grade.h", "scaler/client/include/surety/surety.h"]
# Of the program's own parts; no function of the library takes or gives them.
INTERNAL = {"surety_message", "surety_item", "surety_task", "surety_output", "surety_model"}


def block(text, start):
    """What stands between the brace that opens before start and the one that closes it, and its end."""
    depth, end = 1, start
    while depth:
        depth += {"{": 1, "}": -1}.get(text[end], 0)
        end += 1
    return text[start:end - 1], end


def members(body, prefix=""):
    """The names of the members in a struct's body; those of a struct inside it as outer.inner."""
    at = 0
    while True:
        inner = re.match(r"\s*struct \{", body[at:])
        stop = body.find(";", at)
        if stop < 0:
            return
        if inner:
            inside, end = block(body, at + inner.end())
            stop = body.index(";", end)
            name = prefix + body[end:stop].strip()
            yield name
            yield from members(inside, name + ".")
        else:
            for part in body[at:stop].split(","):
                yield prefix + re.search(r"(\w+)\s*(?:\[[^\]]*\])?\s*$", part)[1]
        at = stop + 1


def rows(root, compiler):
    """The names of the table's rows, each with the C expressions of its numbers."""
    names = "".join(f"#include <{h.split('/include/')[1]}>\n" for h in HEADERS)
    text = subprocess.run(compiler + ["-E", "-P", "-x", "c", "-"] + folders(root), input=names, check=True,
                          capture_output=True, text=True).stdout
    found = {}
    for m in re.finditer(r"\bstruct\s+(surety_\w+|arena)\s*\{", text):
        if m[1] not in INTERNAL:
            found["struct " + m[1]] = [f"sizeof(struct {m[1]})"]
            for member in members(block(text, m.end())[0]):
                found[f"{m[1]}.{member}"] = [f"offsetof(struct {m[1]}, {member})",
                                             f"sizeof(((struct {m[1]} *)0)->{member})"]
    for m in re.finditer(r"\benum\s+surety_\w+\s*\{([^}]*)\}", text):
        for name in re.findall(r"\b(SURETY_\w+)\s*(?=[,=]|$)", m[1].strip()):
            if not name.endswith("_"):  # a count
                found["enum " + name] = [name]
    for header in HEADERS:
        with open(os.path.join(root, header), encoding="utf-8") as f:
            for name in re.findall(r"^SURETY_API [^;(]*?(\w+)\(", f.read(), re.M):
                found["function " + name] = []
    return found


def folders(root):
    return ["-I" + os.path.join(root, folder) for folder in sorted({h.split("/surety/")[0] for h in HEADERS})]


def measured(root, compiler):
    """The lines of the table as the headers say now, by name."""
    found = rows(root, compiler)
    source = "".join(f"#include <{h.split('/include/')[1]}>\n" for h in HEADERS)
    source += "#include <stdio.h>\nint main(void)\n{\n"
    for name, values in found.items():
        source += f'    printf("{name}{" %zu" * len(values)}\\n"'
        source += "".join(f", (size_t)({v})" for v in values) + ");\n"
    source += "    return 0;\n}\n"
    with tempfile.TemporaryDirectory() as folder:
        path, program = os.path.join(folder, "abi.c"), os.path.join(folder, "abi")
        with open(path, "w", encoding="utf-8") as f:
            f.write(source)
        subprocess.run(compiler + folders(root) + [path, "-o", program], check=True)
        lines = subprocess.run([program], check=True, capture_output=True, text=True).stdout.splitlines()
    return dict(zip(found, lines))


def compared(recorded, now):
    """(what would break programs, what is not recorded)"""
    broken, new = [], []
    for name, line in recorded.items():
        other = now.get(name)
        if other == line:
            continue
        if other and name.endswith("reserved_"):
            ends = [int(a) + int(b) for a, b in (x.split()[-2:] for x in (line, other))]
            if ends[0] == ends[1] and int(other.split()[-1]) < int(line.split()[-1]):
                new.append(f"{name} became smaller: {line} -> {other}")
                continue
        broken.append(f"{line} -> {other or 'gone'}")
    new += [line for name, line in now.items() if name not in recorded]
    return broken, new


def main():
    write = sys.argv[1] == "--write"
    root, compiler = sys.argv[1 + write], sys.argv[2 + write:]
    path = os.path.join(root, "tests/data/abi.txt")
    if struct.calcsize("P") != 8:
        print("1..0 # SKIP the table is for 64-bit systems")
        return 0
    recorded = {}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            lines = f.read().splitlines()
        recorded = {re.match(r"((?:struct |enum |function )?[\w.]+)", line)[1]: line for line in lines}
    now = measured(root, compiler)
    broken, new = compared(recorded, now)
    if write and not broken:
        with open(path, "w", encoding="utf-8") as f:
            f.write("".join(line + "\n" for line in now.values()))
        new = []
    for title, problems in [("programs that were built before still fit", broken),
                            ("what was added is recorded (tests/lint/abi.py --write)", new)]:
        for problem in problems:
            print("#", problem)
        print("not ok -" if problems else "ok -", title)
    print("1..2")
    return 1 if broken or new else 0


if __name__ == "__main__":
    sys.exit(main())
