"""No circle of files in a room, as TAP. usage: circles.py NM BUILD

A room's static library says which object calls which: an object that needs a name and another that
defines it. Objects that need each other in a circle cannot be read, tested or moved one by one.
Includes alone do not tell: a header may be shared by two files that call each other.

Data counts as calls do. A call through a pointer does not, and is what breaks a circle by meaning:
the file below says what it calls, the file above hands it in.
"""
import json
import os
import re
import subprocess
import sys


def rooms(build):
    """(room, library) of each static library of a build folder."""
    with open(os.path.join(build, "meson-info", "intro-targets.json"), encoding="utf-8") as f:
        for target in json.load(f):
            if target["type"] == "static library":
                library = target["filename"][0]
                yield os.path.relpath(os.path.dirname(library), os.path.realpath(build)), library


def symbols(nm, library):
    """For each object of a library: the names it defines for others, and those it needs."""
    defined, needed, member = {}, {}, None
    out = subprocess.run([nm, "-g", library], check=True, capture_output=True, text=True).stdout
    for line in out.splitlines():
        if line.endswith(":"):
            member = re.sub(r"(\.c)?\.o$", "", os.path.basename(line[:-1]))
            defined[member], needed[member] = set(), set()
        elif line and member:
            kind, name = line.split()[-2:]
            if name.startswith("__"):
                continue  # the compiler's and the sanitizers'
            (needed if kind in "Uwv" else defined)[member].add(name)
    return defined, needed


def circles(edges):
    """The strongly connected components of more than one node (Tarjan)."""
    order, low, stack, found = {}, {}, [], []

    def visit(node):
        order[node] = low[node] = len(order)
        stack.append(node)
        for other in sorted(edges[node]):
            if other not in order:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], order[other])
        if low[node] == order[node]:
            component = [stack.pop()]
            while component[-1] != node:
                component.append(stack.pop())
            if len(component) > 1:
                found.append(sorted(component))

    for node in sorted(edges):
        if node not in order:
            visit(node)
    return found


def main():
    nm, build = sys.argv[1:]
    bad, libraries = 0, sorted(rooms(build))
    print(f"1..{len(libraries)}")
    for number, (room, library) in enumerate(libraries, 1):
        defined, needed = symbols(nm, library)
        home = {name: member for member in defined for name in defined[member]}
        edges = {member: {home[n] for n in needed[member] if n in home} - {member} for member in defined}
        found = circles(edges)
        for circle in found:
            print(f"# {room}: a circle: {', '.join(circle)}")
            for member in circle:
                for other in sorted(edges[member] & set(circle)):
                    print(f"#   {member} -> {other}: {', '.join(sorted(needed[member] & defined[other]))}")
        bad += bool(found)
        print("not ok" if found else "ok", number, "-", os.path.basename(library))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
