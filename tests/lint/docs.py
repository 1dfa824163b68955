#!/usr/bin/env python3
"""The man pages and --help tell the same, as TAP. usage: docs.py ROOT SURETY"""
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
        helped = set(re.findall(r"(--[a-z][\w-]+|-[a-zA-Z])(?![\w-])", option_list))
        helped -= {"--help", "-h"}
        documented = options_of_page(own) | options_of_page(overview)
        problems = [f"{o} is in --help and in no page" for o in sorted(helped - documented)]
        problems += [f"{o} is in surety-{command}(1) and not in --help"
                     for o in sorted(options_of_page(own) - helped)]
        if "xample" not in text:
            problems.append("--help has no examples")
        report(command, problems)
    if shutil.which("mandoc"):
        for name in sorted(os.listdir(MAN)):
            out = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", os.path.join(MAN, name)],
                                 capture_output=True, text=True)
            report(f"mandoc {name}", out.stdout.splitlines() if out.returncode else [])
    print(f"1..{number}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
