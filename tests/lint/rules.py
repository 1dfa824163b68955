#!/usr/bin/env python3
"""The rules of the tree that a compiler does not check, as TAP. usage: rules.py ROOT"""
import os
import re
import subprocess
import sys

ROOT = sys.argv[1]

# What a room may include of the others (ARCHITECTURE.md, "Rooms"). A room is a folder with a library
# of its own; a path belongs to the longest name that it begins with.
BELOW = {"base": set(), "proto": {"base"}}
BELOW["claims/text"] = {"base"}
BELOW["claims/math"] = BELOW["claims/text"] | {"claims/text", "proto"}
BELOW["claims/read"] = BELOW["claims/math"] | {"claims/math"}
BELOW["claims/plan"] = BELOW["claims/read"] | {"claims/read"}
BELOW["engine"] = {"base", "proto"}
BELOW["workers"] = {"base", "proto", "engine"}
BELOW["scaler/broker"] = BELOW["claims/plan"] | {"claims/plan"}
BELOW["scaler/client"] = BELOW["scaler/broker"] | {"scaler/broker"}
BELOW["scaler/gateway"] = BELOW["scaler/client"] | {"scaler/client"}
BELOW["scaler/report"] = BELOW["claims/plan"] | {"claims/plan"}
BELOW["scaler/cli"] = BELOW["scaler/client"] | BELOW["scaler/report"] | {"scaler/client", "scaler/gateway", "scaler/report"}
BELOW["scaler"] = set(BELOW) - {"engine", "workers"}
# Headers of a room that others must not include but these may.
EXCEPTIONS = {("scaler/main.c", "workers/worker.h"), ("scaler/main.c", "engine/engine.h")}
# Of a room, only these headers may be included from the other.
ONLY_HEADERS = {
    ("claims", "proto"): {"surety/types.h", "surety/settings.h", "proto/seed.h"},
    ("engine", "proto"): {"surety/types.h"},
    ("workers", "engine"): {"engine/engine.h"},
}
# Where a library's header may appear.
ONLY_IN = {
    "curl/curl.h": r"engine/openai/http_io\.c",
    "microhttpd.h": r"scaler/gateway/gateway_http\.c",
    "zmq.h": r"proto/transport\.c|tests/.*",
    "msgpack.h": r"proto/wire_\w+\.c|tests/.*",
}
BANNED = re.compile(r"\b(strcpy|strcat|sprintf|vsprintf|gets|system|popen|strtok|alloca|signal)\s*\(")
LEFTOVER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
# What obeys the host's locale; base/plain.h has the same without.
LOCALE = re.compile(r"\b(setlocale|localeconv|uselocale|newlocale|strcoll|strxfrm|strto(?:d|f|ld)|atof|vsn?printf|"
                    r"strn?casecmp|strcasestr|is(?:alpha|alnum|digit|xdigit|space|blank|punct|print|graph|cntrl|"
                    r"upper|lower)|to(?:upper|lower)|isw\w+|tow\w+|mbs?r?to\w+|wc\w*tom\w+)\s*\(")
FLOAT_PRINTED = re.compile(r"(?<!\w)snprintf\((?:\"(?:\\.|[^\"\\])*\"|[^;\"])*?%[-+ #0]*[\d*]*(?:\.[\d*]+)?[aefg]", re.I)
GROUPED = re.compile(r"\"[^\"\n]*%[-+ #0]*'[^\"\n]*\"")
ELSEWHERE = {"surety.h", "gguf.md"}  # <surety/surety.h> of an installation; of another project
LONGEST = 800  # lines; a longer file says why in its first comment ("long because")


def files():
    out = subprocess.run(["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard"],
                         capture_output=True, text=True)
    if out.returncode == 0:
        return [f for f in out.stdout.splitlines() if os.path.exists(os.path.join(ROOT, f))]
    return [os.path.relpath(os.path.join(d, f), ROOT) for d, _, fs in os.walk(ROOT) for f in fs]


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8", errors="surrogateescape") as f:
        return f.read()


def without_comments_and_strings(text):
    return re.sub(r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"',
                  lambda m: "\n" * m.group().count("\n"), text, flags=re.S)


def room_of(path):
    return max((r for r in BELOW if path.startswith(r + "/")), key=len, default=None)


def includes(sources):
    public = {"surety/" + os.path.basename(p): p for p in sources if "/include/surety/" in p}
    for path in sources:
        room = room_of(path)
        for name in re.findall(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', read(path), re.M):
            if name in ONLY_IN and not re.fullmatch(ONLY_IN[name], path):
                yield f"{path} includes <{name}>, which belongs in {ONLY_IN[name]}"
            target = room_of(public.get(name, name))
            if not room or not target or target == room or (path, name) in EXCEPTIONS:
                continue
            if target not in BELOW[room]:
                yield f"{path} includes {name}: {room}/ may not use {target}/"
            allowed = ONLY_HEADERS.get((room.split("/")[0], target))
            if allowed and name not in allowed:
                yield f"{path} includes {name}: {room}/ may only use {', '.join(sorted(allowed))}"


def foreign_internals(sources):
    """A header named *_internal.h is for the files of its module alone."""
    for path in sources:
        for name in re.findall(r'^#include "([\w/]+)_internal\.h"', read(path), re.M):
            if not path.startswith((name, "tests/")):
                yield f"{path} includes {name}_internal.h, which is for {name}*.c"


def banned(sources):
    for path in sources:
        for number, line in enumerate(without_comments_and_strings(read(path)).splitlines(), 1):
            if BANNED.search(line):
                yield f"{path}:{number}: {line.strip()}"


def locales(sources):
    """Nothing obeys the host's locale: a program that calls setlocale gets the same results."""
    for path in sources:
        if not room_of(path) or path.startswith("base/plain."):
            continue
        text = read(path)
        for number, line in enumerate(without_comments_and_strings(text).splitlines(), 1):
            if LOCALE.search(line) or re.search(r"#\s*include\s+<(ctype|strings|locale|wctype)\.h>", line):
                yield f"{path}:{number}: {line.strip()} (see base/plain.h)"
        for match in [*FLOAT_PRINTED.finditer(text), *GROUPED.finditer(text)]:
            yield f"{path}:{text[:match.start()].count(chr(10)) + 1}: a number printed by the locale (see base/plain.h)"


def leftovers(sources):
    for path in sources:
        for number, line in enumerate(read(path).splitlines(), 1):
            if LEFTOVER.search(line):
                yield f"{path}:{number}: {line.strip()}"


def long_files(sources):
    for path in sources:
        text = read(path)
        lines = text.count("\n")
        if lines > LONGEST and "long because" not in text[:3000].lower():
            yield f"{path} has {lines} lines and does not say why"


def purposes(sources):
    """A header begins with a comment that names it and its purpose, then its guard."""
    for path in sources:
        if path.endswith(".h"):
            text = read(path)
            if not re.match(r"/\*\s*(\* )?" + re.escape(os.path.basename(path)) + " - ", text):
                yield f"{path} does not begin with '{os.path.basename(path)} - purpose'"
            guard = "SURETY_" + re.sub(r"\W", "_", re.sub(r".*/include/surety/", "", path)).upper()
            if f"#ifndef {guard}\n#define {guard}\n" not in text:
                yield f"{path} has no include guard {guard}"


def public_headers(sources):
    """What a program may include can be included from C++ too."""
    for path in sources:
        if path.endswith(".h") and re.search(r"^SURETY_API ", read(path), re.M) and \
                'extern "C"' not in read(path):
            yield f"{path} declares public functions without extern \"C\""


def named_files(sources):
    """A file of this tree that a comment or a text names is there."""
    names = files()
    for path in names:
        if path.startswith("tests/fuzz/corpus/") or not path.endswith((".c", ".h", ".md", ".1", ".5")):
            continue
        text = read(path)
        if path.endswith((".c", ".h")):
            text = "\n".join(re.findall(r"/\*.*?\*/", text, re.S))
        text = re.sub(r"<\w+\.h>", "", text)
        for name in re.findall(r"(?<![\w./*-])(\w[\w/]*\.(?:c|h|py|md))\b", text):
            found = name in names or any(f.endswith("/" + name) for f in names)
            if not found and os.path.basename(name) not in ELSEWHERE:
                yield f"{path} names {name}, which is not there"


def mirrored_tests(sources):
    """tests/unit/<module>/test_<file>.c tests a file that exists."""
    for path in sources:
        m = re.fullmatch(r"tests/unit/([\w/]+)/test_(\w+)\.c", path)
        if m and not any(re.fullmatch(rf"{m[1]}/(?:\w+/)*{m[2]}\.[ch]", p) for p in sources):
            yield f"{path} mirrors no file of {m[1]}/"


def error_docs(sources):
    """Every error's wire name stands in PROTOCOL.md."""
    table = re.findall(r'X\((\w+), "(\w+)", (\d+)', read("base/include/surety/err.h"))
    text = read("proto/PROTOCOL.md") if os.path.exists(os.path.join(ROOT, "proto/PROTOCOL.md")) else ""
    for _, wire, _ in table:
        if f"`{wire}`" not in text:
            yield f"proto/PROTOCOL.md does not explain the error `{wire}`"


def machine_paths(_):
    """No absolute path of a machine in the tree."""
    for path in files():
        if path.startswith("tests/fuzz/corpus/") or path.endswith((".gguf", ".png")):
            continue
        for number, line in enumerate(read(path).splitlines(), 1):
            if re.search(r"(^|[\s\"'(=])/(home|work|root|Users)/\w", line) and "machine_paths" not in line:
                if path != "tests/lint/rules.py":
                    yield f"{path}:{number}: {line.strip()[:100]}"


def main():
    sources = sorted(f for f in files() if f.endswith((".c", ".h")))
    checks = [includes, foreign_internals, banned, locales, leftovers, long_files, purposes, public_headers, named_files,
              mirrored_tests, error_docs, machine_paths]
    bad = 0
    for number, check in enumerate(checks, 1):
        problems = list(check(sources))
        for problem in problems:
            print("#", problem)
        bad += bool(problems)
        print("not ok" if problems else "ok", number, "-", check.__name__)
    print(f"1..{len(checks)}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
