"""A copy of the tree to which a test adds a toy: proof that a new one touches its tables and its own
files only.

    tree = ToyTree(folder)
    tree.add_file("claims/plan/plan_way_toy.c")             # from tests/toy/
    tree.add_row("claims/plan/meson.build", after="'plan_way_joint.c',", row="'plan_way_toy.c',")
    tree.expect_touched(["claims/plan/meson.build"], ["claims/plan/plan_way_toy.c"])
    program = tree.build()
"""
import difflib
import os
import shutil
import subprocess

from rig import expect

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOYS = os.path.join(ROOT, "tests", "toy")


def sources():
    """The files of the tree, by their paths in it: what git knows, or else all but builds."""
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard"],
                            capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return [f for f in listed.stdout.splitlines() if os.path.isfile(os.path.join(ROOT, f))]
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [f for f in folders if not f.startswith(("build", "."))]
        found += [os.path.relpath(os.path.join(folder, n), ROOT) for n in names]
    return found


def lines_of(path):
    with open(path, encoding="utf-8", errors="surrogateescape") as f:
        return f.read().splitlines()


class ToyTree:
    def __init__(self, folder):
        self.folder = folder
        self.before = sources()
        for name in self.before:
            os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
            shutil.copy2(os.path.join(ROOT, name), self.path(name))

    def path(self, name):
        return os.path.join(self.folder, name)

    def add_file(self, name):
        expect(not os.path.exists(self.path(name)), name)
        shutil.copy(os.path.join(TOYS, os.path.basename(name)), self.path(name))

    def add_row(self, name, after, row):
        """Adds a row to a table: a line behind the first one that begins with `after`."""
        lines = lines_of(self.path(name))
        at = next((i for i, line in enumerate(lines) if line.strip().startswith(after)), None)
        expect(at is not None, name, after)
        lines.insert(at + 1, row)
        with open(self.path(name), "w", encoding="utf-8", errors="surrogateescape") as f:
            f.write("\n".join(lines) + "\n")

    def expect_touched(self, tables, files):
        """Nothing differs from the tree but one new row a mention in tables, and the new files."""
        found = {os.path.relpath(os.path.join(d, n), self.folder)
                 for d, _, names in os.walk(self.folder) for n in names}
        expect(found - set(self.before) == set(files), found - set(self.before), files)
        for name in self.before:
            changes = [c for c in difflib.ndiff(lines_of(os.path.join(ROOT, name)),
                                                lines_of(self.path(name))) if c[0] in "+-"] \
                if name in tables else []
            expect(len(changes) == tables.count(name) and all(c[0] == "+" for c in changes), name, changes)
            if name not in tables:
                with open(os.path.join(ROOT, name), "rb") as a, open(self.path(name), "rb") as b:
                    expect(a.read() == b.read(), name)

    def build(self):
        """The program without tests, by what compiles fastest; returns its path."""
        build = self.path("build-toy")
        for command in (["meson", "setup", build, self.folder, "-Dtests=disabled", "--buildtype=plain",
                         "-Doptimization=0"],
                        ["ninja", "-C", build, "-j2", "scaler/surety"]):
            done = subprocess.run(command, cwd=self.folder, text=True, check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            expect(done.returncode == 0, done.stdout[-3000:])
        return os.path.join(build, "scaler", "surety")
