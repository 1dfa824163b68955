#!/usr/bin/env python3
"""Writes the built-in profiles as C data. usage: embed.py OUT.c NAME.profile..."""
import os
import sys


def main():
    out, paths = sys.argv[1], sorted(sys.argv[2:])
    names = [os.path.splitext(os.path.basename(path))[0] for path in paths]
    lines = ['#include <stddef.h>', '', '#include "claims/read/profiles/builtin.h"']
    for i, path in enumerate(paths):
        with open(path, "rb") as f:
            data = f.read() + b"\0"
        lines += ["", f"static const char text_{i}[] = {{"]
        for at in range(0, len(data), 20):
            lines.append("    " + " ".join(f"{b - 256 * (b > 127)}," for b in data[at:at + 20]))
        lines.append("};")
    lines += ["", "const char *const builtin_profile_names[] = {"]
    lines += [f'    "{name}",' for name in names] + ["    NULL};", ""]
    lines += ["const char *const builtin_profile_texts[] = {"]
    lines += [f"    text_{i}," for i in range(len(names))] + ["    NULL};", ""]
    with open(out, "w", encoding="ascii") as f:
        f.write("\n".join(lines))


main()
