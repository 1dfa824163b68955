#!/usr/bin/env python3
"""The texts tell what the program does, as TAP. usage: docs.py ROOT SURETY PRINT_SETTINGS"""
import json
import os
import re
import shutil
import subprocess
import sys

ROOT, SURETY, PRINT_SETTINGS = sys.argv[1:4]
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


def keys_in(value):
    """The keys of objects at any depth."""
    if isinstance(value, dict):
        yield from value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from keys_in(inner)


def keys_of_result():
    """Those of a result stand in surety-solve(1), each in the item of the key that it lies in. So do those that only
    some results have, of which it is enough that the page tells them."""
    section = page("surety-solve.1").split("\n.Sh RESULT\n")[1].split("\n.Sh ")[0]
    items = dict(item.split("\n", 1) for item in section.split("\n.It Cm ")[1:])
    out = subprocess.run([SURETY, "score", os.path.join(ROOT, "examples", "recorded.jsonl"), "-o", "-"],
                         capture_output=True, text=True, timeout=20)
    for key, value in json.loads(out.stdout.splitlines()[0]).items():
        if key not in items:
            yield f"the result has the key {key}, which is not in surety-solve(1)"
        yield from (f"surety-solve(1) does not tell {key}.{inner}" for inner in sorted(set(keys_in(value)))
                    if not re.search(rf"\b{inner}\b", items.get(key, "")))
    written = re.findall(r'\bSET(?:_UNLESS)?\([^"]*?"(\w+)",', read("proto", "result_json.c"))
    for key in sorted(set(written) | {key for key, *_ in settings()}):
        if not re.search(rf"\b{key}\b", section):
            yield f"a result may have the key {key}, which is not in surety-solve(1)"


def settings():
    """(key, option, range, default, "sampling" or "") of each row of the table of settings."""
    out = subprocess.run([PRINT_SETTINGS], capture_output=True, text=True, check=True).stdout
    return [line.split("\t") for line in out.splitlines()]


def settings_of_protocol():
    """{key: (range, default)} as the table in PROTOCOL.md has them, in the words of --help."""
    section = read("proto", "PROTOCOL.md").split("| key of `settings` |")[1].split("\n\n")[0]
    told = {}
    for key, bounds, default in re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \|", section, re.M):
        names = re.findall(r'"(\w+)"', bounds)
        bounds = (",".join if bounds.startswith("[") else "|".join)(names) or bounds
        told[key] = bounds.replace("..", " to ").replace("bool", ""), default
    return told


def protocol():
    told = settings_of_protocol()
    if list(told) != [key for key, *_ in settings()]:
        yield f"PROTOCOL.md lists the settings {list(told)}, the table has {[key for key, *_ in settings()]}"
    for key, _, bounds, default, _ in settings():
        if key in told and told[key][0] != bounds:
            yield f"the range of {key} is '{bounds}', in PROTOCOL.md {told[key][0]}"
        # where the default is no number it is a matter of words, but never a number
        if key in told and default != (told[key][1] if re.match(r"[\d.]+$", told[key][1]) else ""):
            yield f"the default of {key} is '{default}', in PROTOCOL.md {told[key][1]}"


def protocol_of_batch():
    section = read("proto", "PROTOCOL.md").split("\n`sampling` has these keys")[1].split("Beside them")[0]
    told = [key for key in re.findall(r"`(\w+)`", section.split(":", 1)[1])]
    there = [key for key, *_, place in settings() if place == "sampling"]
    if told != there:
        yield f"PROTOCOL.md lists {told} for the sampling of a BATCH, the table has {there}"


def settings_of_pages():
    """Each item of surety(1) that is a setting tells its range and its default."""
    items = re.split(r"^\.It ", page("surety.1"), flags=re.M)
    for key, option, bounds, default, _ in settings():
        flag = f"Fl {'-' * (len(option) > 1)}{option}"
        mine = [item for item in items if re.match(re.escape(flag) + r"(?![\w-])", item)]
        words = re.split(r"[,|]", bounds) + ([f"; {default}"] if default else [])
        if len(mine) != 1:
            yield f"surety(1) has {len(mine)} items that begin with {flag}"
        yield from (f"surety(1) does not say '{word}' of {flag}" for word in words
                    if mine and word not in mine[0])


def members_of(name):
    body = read("proto", "include", "surety", "types.h").split(f"struct surety_{name} {{")[1].split("};")[0]
    return re.findall(r"(\w+);", re.sub(r"/\*.*?\*/", "", body, flags=re.S))


def members_of_request():
    """Each member of a request is in the list by which its codec and its hash are tested, and told."""
    tested = re.findall(r"MEMBER\((\w+)\),", read("tests", "unit", "proto", "request_help.h"))
    members = {name for name in members_of("request") if not name.startswith("n_")}  # counts
    for name in sorted(members - {"settings"} ^ set(tested)):
        yield f"{name} is a member of a request or in request_help.h, but not both"
    keys = members - {"model_name"} | {"model"}
    section = read("proto", "PROTOCOL.md").split("### REQUEST")[1].split("\n\n")[1]
    requests = read("examples", "client.py").split("def make_requests")[1].split("\ndef ")[0]
    for place, told in (("PROTOCOL.md", re.findall(r"^\| `(\w+)`", section, re.M)),
                        ("examples/client.py", re.findall(r'"(\w+)":', requests))):
        yield from (f"{key} is a key of a REQUEST or in {place}, but not both" for key in sorted(keys ^ set(told)))


def members():
    """Each member of the settings is a row of the table, but those that only a task has."""
    found = members_of("settings") + members_of("sampling")
    missing = set(found) - {"sampling", "n_stop"} ^ {key for key, *_ in settings()}
    return [f"{name} is a member of the settings or a row of their table, but not both" for name in sorted(missing)]


def client():
    text = read("examples", "client.py")
    told = re.search(r"^SETTINGS = \((.*?)\)", text, re.M | re.S)[1]
    for name in sorted(set(re.findall(r"\w+", told)) ^ {key for key, *_ in settings()}):
        yield f"{name} is in the table of settings or in examples/client.py, but not in both"
    options = dict(re.findall(r'^    settings\.add_argument\("-{1,2}([\w-]+)"(.*?)\)$', text, re.M | re.S))
    for name in sorted(options.keys() ^ {option for _, option, *_ in settings()}):
        yield f"{name} is the option of a setting or in examples/client.py, but not both"
    for _, option, bounds, *_ in settings():
        names = re.findall(r'"(\w+)"', options.get(option, "").partition("choices=")[2])
        if "|" in bounds and names != bounds.split("|"):
            yield f"--{option} is one of {bounds}, in examples/client.py of {names}"


def links():
    for path in files(".md"):
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", read(path)):
            here = os.path.join(ROOT, os.path.dirname(path), target)
            if not target.startswith("https://") and not os.path.exists(here):
                yield f"{path} links to {target}, which is not there"


def rooms():
    """The table of rooms in ARCHITECTURE.md has those of the tree."""
    told = set(re.findall(r"^\| `([\w/]+?)/?` \| ", read("ARCHITECTURE.md"), re.M))
    there = {"scripts"}
    for folder in re.findall(r"^ *subdir\('(\w+)'\)", read("meson.build"), re.M):
        inside = re.findall(r"^subdir\('(\w+)'\)", read(folder, "meson.build"), re.M)
        split = folder in ("claims", "scaler")
        there |= {f"{folder}/{name}" for name in inside} if split else {folder}
    for room in sorted(there ^ told):
        yield f"the table of rooms in ARCHITECTURE.md and the tree differ in {room}/"


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
    report("settings in PROTOCOL.md", list(protocol()))
    report("sampling in PROTOCOL.md", list(protocol_of_batch()))
    report("settings in surety(1)", list(settings_of_pages()))
    report("settings in types.h", members())
    report("members of a request", list(members_of_request()))
    report("settings in client.py", list(client()))
    report("links", list(links()))
    report("rooms", list(rooms()))
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
