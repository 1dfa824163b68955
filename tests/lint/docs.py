#!/usr/bin/env python3
"""The texts tell what the program does, as TAP. usage: docs.py ROOT SURETY"""
import json
import os
import re
import shutil
import subprocess
import sys

ROOT, SURETY = sys.argv[1:3]
MAN = os.path.join(ROOT, "docs", "man")


def page(name):
    with open(os.path.join(MAN, name), encoding="utf-8") as f:
        return f.read()


def options_of_page(text):
    """The options that a page documents: those after Fl in the lines that begin items."""
    found = set()
    for line in re.findall(r"^\.It (.*)$", text, re.M):
        found.update("-" + o for o in re.findall(r"Fl (-?[\w-]+)", line))
    return found


def help_of(command):
    out = subprocess.run([SURETY, command, "--help"], capture_output=True, text=True, timeout=20)
    return out.stdout if out.returncode == 0 else None


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as f:
        return f.read()


def files(*endings):
    """Files of the tree outside of tests, by their paths in it."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [f for f in folders if not f.startswith((".", "build")) and f != "tests"]
        yield from (os.path.relpath(os.path.join(folder, n), ROOT) for n in names
                    if n.endswith(endings))


def exit_codes(overview):
    told = re.findall(r"^\.It (\d+)$", overview, re.M)
    for name, code in re.findall(r"^    (CLI_\w+) = (\d+)", read("scaler", "cli", "cli.h"), re.M):
        if code not in told:
            yield f"the exit code {code} ({name}) is not in surety(1)"


def environment(overview):
    told = " ".join(re.findall(r"^\.It Ev (.*)$", overview, re.M)).replace(",", " ").split()
    for path in files(".c"):
        for name in re.findall(r'\b(?:getenv|environment)\("(\w+)"\)', read(path)):
            if name not in told:
                yield f"{path} reads {name}, which is not in surety(1)"


def keys_of_result():
    out = subprocess.run([SURETY, "score", os.path.join(ROOT, "examples", "recorded.jsonl"), "-o", "-"],
                         capture_output=True, text=True, timeout=20)
    told = re.findall(r"^\.It Cm (\w+)$", page("surety-solve.1"), re.M)
    for key in json.loads(out.stdout.splitlines()[0]):
        if key not in told:
            yield f"the result has the key {key}, which is not in surety-solve(1)"


def links():
    for path in files(".md"):
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", read(path)):
            here = os.path.join(ROOT, os.path.dirname(path), target)
            if not target.startswith("https://") and not os.path.exists(here):
                yield f"{path} links to {target}, which is not there"


def folders():
    told = re.findall(r"^\| `(\w+)/` \|", read("ARCHITECTURE.md"), re.M)
    there = set(re.findall(r"^ *subdir\('(\w+)'\)", read("meson.build"), re.M)) | {"scripts"}
    for folder in sorted(there ^ set(told)):
        yield f"the table of folders in ARCHITECTURE.md and the tree differ in {folder}/"


def main():
    overview = page("surety.1")
    commands = re.findall(r"^\.It Xr surety-(\w+) 1$", overview, re.M)
    listed = subprocess.run([SURETY, "--help"], capture_output=True, text=True).stdout
    number = 0
    bad = 0

    def report(name, problems):
        nonlocal number, bad
        number += 1
        bad += bool(problems)
        for problem in problems:
            print("#", problem)
        print("not ok" if problems else "ok", number, "-", name)

    report("surety(1) and --help list the same commands", [
        f"{c} is not in surety --help" for c in commands if not re.search(rf"^\s+{c}\b", listed, re.M)
    ] + [
        f"{c} is not in surety(1)" for c in re.findall(r"^  (\w+)  ", listed, re.M)
        if c not in commands
    ])
    for command in commands:
        text = help_of(command)
        if text is None:
            report(command, [f"surety {command} --help fails"])
            continue
        own = page(f"surety-{command}.1")
        option_list = " ".join(re.findall(r"^  (-\S+(?: -\S+)?)", text, re.M))
        helped = set(re.findall(r"(--[a-z][\w-]*|-[a-zA-Z])(?![\w-])", option_list))
        helped -= {"--help", "-h"}
        documented = options_of_page(own) | options_of_page(overview)
        problems = [f"{o} is in --help and in no page" for o in sorted(helped - documented)]
        problems += [f"{o} is in surety-{command}(1) and not in --help"
                     for o in sorted(options_of_page(own) - helped)]
        if "xample" not in text:
            problems.append("--help has no examples")
        report(command, problems)
    report("exit codes", list(exit_codes(overview)))
    report("environment", list(environment(overview)))
    report("keys of a result", list(keys_of_result()))
    report("links", list(links()))
    report("folders", list(folders()))
    report("installed pages", [f"docs/meson.build does not install {name}"
                               for name in sorted(os.listdir(MAN))
                               if f"man/{name}'" not in read("docs", "meson.build")])
    if shutil.which("mandoc"):
        for name in sorted(os.listdir(MAN)):
            out = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", os.path.join(MAN, name)],
                                 capture_output=True, text=True)
            report(f"mandoc {name}", out.stdout.splitlines() if out.returncode else [])
    print(f"1..{number}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
