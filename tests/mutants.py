#!/usr/bin/env python3
"""How many small faults in a room its own unit tests notice.

usage: tests/mutants.py ROOM [-n 25] [--seed S] [--build DIR] [--file NAME]

A developer's tool, which no test runs. It draws mutants in the .c files of a room ("claims/math"):
the kind of change first, each kind alike, then the place. A mutant is built and the room's unit
suites run, those that mirror the changed file first, until one fails:

  killed      a test fails, or takes far longer than it did without the change
  survived    no test notices; listed at the end with file:line and the change

A mutant that does not compile, or from which the compiler makes the same code, is drawn again. Of
the survivors some change nothing that can be seen from outside; only a reader can tell.

The work is done on a copy of the tree, changes that are not committed included, in DIR/tree with
its build in DIR/build (build-mutants here by default); the tree itself is only read. The copy is
brought up to date at each start, so what a killed run left in it does no harm. The build has
AddressSanitizer, as scripts/test has: reading one byte too far is noticed. The same seed draws the
same mutants of the same sources.
"""
import argparse
import filecmp
import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# Tests of a room that do not carry its name.
ALSO = {"scaler/broker": ["sim.core"]}
SETUP = ["-Dtests=enabled", "--buildtype=plain", "-Doptimization=1", "-Db_sanitize=address", "-Db_lundef=false"]
RELATIONS = {"==": ["!="], "!=": ["=="], "<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"]}


def bare(text):
    """text with comments, strings, characters and preprocessor lines blanked; offsets stay."""
    def blank(m):
        return re.sub(r"[^\n]", " ", m.group())
    text = re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.S)
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", blank, text, flags=re.M)


def closing(text, start):
    """The place of the bracket that closes the one at start; None when there is none."""
    depth = 0
    for at in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth == 0:
            return at
    return None


# Each kind yields (start, end, replacement).

def relations(text):
    for m in re.finditer(r" (==|!=|<=|>=|<|>) ", text):
        for other in RELATIONS[m[1]]:
            yield m.start(1), m.end(1), other


def logic(text):
    for m in re.finditer(r"(?<=\s)(&&|\|\|)(?=\s)", text):
        yield m.start(), m.end(), "||" if m[1] == "&&" else "&&"


def conditions(text):
    for m in re.finditer(r"\b(?:if|while) \(", text):
        end = closing(text, m.end() - 1)
        if end:
            yield m.end(), end, "!(" + "\0" + ")"  # \0: what stands there


def arithmetic(text):
    other = {"+": "-", "-": "+", "+=": "-=", "-=": "+=", "++": "--", "--": "++"}
    for m in re.finditer(r"(?<= )(\+=|-=|\+|-)(?= )|(?<=[\w\]])(\+\+|--)", text):
        yield m.start(), m.end(), other[m.group()]


def constants(text):
    for m in re.finditer(r"(?<![\w.])\d+(?![\w.])", text):
        line = text[text.rfind("\n", 0, m.start()) + 1:text.find("\n", m.end())]
        if re.fullmatch(r"\s*(?:static )?[\w ]+ \**\w+\[\d+\](?: = \{.*|;|, .*)", line):
            continue  # a larger array is as good
        for step in (-1, 1):
            if int(m.group()) + step >= 0:
                yield m.start(), m.end(), str(int(m.group()) + step)


def deletions(text):
    for m in re.finditer(r"^ +(?!return\b|goto\b|case\b|else\b|do\b|for\b|if\b|while\b|switch\b)"
                         r"\*?\(?\w[\w.>*\[\]-]*(?:\(| [-+*/%|&^]?=\s|\+\+|--)[^;{}]*;", text, re.M):
        begin = m.start() + len(m.group()) - len(m.group().lstrip())
        yield begin, m.end(), ";"


def results(text):
    for m in re.finditer(r"\breturn ([^;]+);", text):
        value = m[1].strip()
        fixed = {"true": "false", "false": "true", "0": "1", "NULL": None}
        replacement = fixed.get(value, "0")
        if replacement:
            yield m.start(1), m.end(1), replacement


def jumps(text):
    for m in re.finditer(r"\b(break|continue);", text):
        yield m.start(1), m.end(1), "continue" if m[1] == "break" else "break"


KINDS = [relations, logic, conditions, arithmetic, constants, deletions, results, jumps]


class Mutant:
    def __init__(self, path, text, start, end, replacement):
        self.path, self.start, self.end = path, start, end
        self.new = replacement.replace("\0", text[start:end])
        self.line = text.count("\n", 0, start) + 1
        first = text.rfind("\n", 0, start) + 1
        last = text.find("\n", end)
        squeeze = re.compile(r"\s+")
        self.change = "%s  ->  %s" % (
            squeeze.sub(" ", text[first:last]).strip(),
            squeeze.sub(" ", text[first:start] + self.new + text[end:last]).strip())

    def apply(self, text):
        return text[:self.start] + self.new + text[self.end:]


def mutants_of(root, room, only):
    """For each kind the list of its mutants."""
    kinds = [[] for _ in KINDS]
    for folder, _, names in sorted(os.walk(os.path.join(root, room))):
        for name in sorted(n for n in names if n.endswith(".c") and (not only or n == only)):
            path = os.path.relpath(os.path.join(folder, name), root)
            with open(os.path.join(root, path), encoding="utf-8") as f:
                text = f.read()
            code = bare(text)
            for kind, found in zip(KINDS, kinds):
                found += [Mutant(path, text, *place) for place in kind(code)]
    return [k for k in kinds if k]


def copy_tree(to):
    """Brings the copy up to date; files that did not change keep their time."""
    names = subprocess.run(["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard", "-z"],
                           check=True, capture_output=True, text=True).stdout.split("\0")
    names = {n for n in names if n and os.path.isfile(os.path.join(ROOT, n))}
    for folder, _, files in os.walk(to):
        for name in files:
            path = os.path.join(folder, name)
            if os.path.relpath(path, to) not in names:
                os.remove(path)
    for name in names:
        source, target = os.path.join(ROOT, name), os.path.join(to, name)
        if not os.path.exists(target) or not filecmp.cmp(source, target, shallow=False):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy(source, target)


class Suites:
    """The built tests of a room."""

    def __init__(self, build, room):
        self.build = build
        prefix = room.replace("/", ".") + "."
        listed = json.loads(subprocess.run(["meson", "introspect", "--tests", build], check=True,
                                           capture_output=True, text=True).stdout)
        self.tests = [t for t in listed if t["name"].startswith(prefix) or t["name"] in ALSO.get(room, [])]
        if not self.tests:
            sys.exit(f"mutants: no tests are named {prefix}*")
        self.seconds = {}

    def make(self, tests):
        targets = sorted({os.path.relpath(t["cmd"][0], os.path.realpath(self.build)) for t in tests})
        return subprocess.run(["ninja", "-C", self.build] + targets, capture_output=True, text=True)

    def passes(self, test):
        start = time.monotonic()
        process = subprocess.Popen(test["cmd"], cwd=test["workdir"] or self.build, env=os.environ | test["env"],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   start_new_session=True)
        try:
            code = process.wait(10 * self.seconds[test["name"]] + 5 if self.seconds else None)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        return code, time.monotonic() - start

    def nearest(self, path):
        """The tests, those first whose names have the most words in common with the file's."""
        def key(test):
            words, name = os.path.basename(path)[:-2].split("_"), test["name"].split(".")[-1].split("_")
            common = len(os.path.commonprefix([words, name]))
            return -common, len(name), self.seconds[test["name"]]
        return sorted(self.tests, key=key)

    def prove_green(self):
        made = self.make(self.tests)
        if made.returncode != 0:
            sys.exit("mutants: the tree does not build\n" + made.stdout[-3000:])
        seconds = {}
        for test in self.tests:
            code, seconds[test["name"]] = self.passes(test)
            if code != 0:
                sys.exit(f"mutants: {test['name']} fails without any change")
        self.seconds = seconds


def object_of(build, path):
    """Where the object of a source lies in the build; None when it is not found."""
    for folder, _, files in os.walk(build):
        room = os.path.relpath(os.path.dirname(folder), build)
        if folder.endswith(".p") and path.startswith(room + "/"):
            name = os.path.relpath(path, room).replace("/", "_") + ".o"
            if name in files:
                return os.path.join(folder, name)
    return None


def digest(path):
    if not path or not os.path.exists(path):
        return None
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def try_mutant(suites, mutant, code, before):
    """None: to be drawn again; else the name of the test that notices, "" when none does. Tests are
    linked one by one, so that most mutants cost one link."""
    for test in suites.nearest(mutant.path):
        if suites.make([test]).returncode != 0 or (before and digest(code) == before):
            return None
        result, _ = suites.passes(test)
        if result != 0:
            return test["name"] + (" (time)" if result is None else "")
    return ""


def main():
    parser = argparse.ArgumentParser(usage="tests/mutants.py ROOM [-n 25] [--seed S] [--build DIR] [--file NAME]")
    parser.add_argument("room")
    parser.add_argument("-n", type=int, default=25)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--build", default=os.path.join(ROOT, "build-mutants"))
    parser.add_argument("--file", help="only mutants of this file (name.c)")
    args = parser.parse_args()
    room = args.room.strip("/")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))

    tree, build = os.path.join(args.build, "tree"), os.path.join(args.build, "build")
    os.makedirs(tree, exist_ok=True)
    copy_tree(tree)
    if not os.path.exists(os.path.join(build, "build.ninja")):
        subprocess.run(["meson", "setup", build, tree] + SETUP, check=True, stdout=subprocess.DEVNULL)
    else:
        subprocess.run(["ninja", "-C", build, "build.ninja"], check=True, stdout=subprocess.DEVNULL)
    suites = Suites(build, room)
    suites.prove_green()

    kinds = mutants_of(tree, room, args.file)
    if not kinds:
        sys.exit(f"mutants: no code in {room}")
    draw, drawn, survivors, killed, redrawn = random.Random(args.seed), set(), [], 0, 0
    while killed + len(survivors) < args.n and redrawn < 10 * args.n + 100:
        mutant = draw.choice(draw.choice(kinds))
        key = (mutant.path, mutant.start, mutant.new)
        if key in drawn:
            redrawn += 1
            continue
        drawn.add(key)
        path = os.path.join(tree, mutant.path)
        with open(path, encoding="utf-8") as f:
            original = f.read()
        code = object_of(build, mutant.path)
        try:
            suites.make(suites.nearest(mutant.path)[:1])  # what the last one left
            before = digest(code)
            with open(path, "w", encoding="utf-8") as f:
                f.write(mutant.apply(original))
            killer = try_mutant(suites, mutant, code, before)
        finally:
            with open(path, "w", encoding="utf-8") as f:
                f.write(original)
        if killer is None:
            redrawn += 1
            continue
        killed += killer != ""
        if not killer:
            survivors.append(mutant)
        print(f"{'killed by ' + killer if killer else 'SURVIVED':40} {mutant.path}:{mutant.line}: {mutant.change}",
              flush=True)
    total = killed + len(survivors)
    print(f"\n{room}: {killed} of {total} killed ({100 * killed // max(total, 1)} %), "
          f"{redrawn} drawn again, seed {args.seed}")
    for mutant in survivors:
        print(f"  {mutant.path}:{mutant.line}: {mutant.change}")


if __name__ == "__main__":
    main()
