#!/usr/bin/env python3
"""Names that files share with each other, as TAP. usage: names.py NM BUILD

The linker knows no rooms: all their names meet in one program. So each name is there once, a name's
first word belongs to one module alone, and it is a word of its file's name. A module is the files
of one room whose names begin with the same word (parse_scalar.c, parse_answer.c), or that lie in a
folder of their own (engine/gguf/).
"""
import sys

from circles import rooms, symbols

# First words that several modules share, and why.
SHARED = {
    "surety": "the public functions, wherever they are",
    "engine": "what an engine of the registry exports is its row in it",
    "plan": "plan_job.c of the broker runs a plan on a thread",
    "thinking": "the engine closes a block that the reader of texts finds",
}
# Files whose names have another first word: what they are about.
OTHER_WORDS = {
    "jsonl": {"json"},
    "input": {"problem", "problems"},
    "gguf_cache": {"prompt"},
    "gguf_matrix": {"tensor"},
    "gguf_park": {"slot", "make"},
    "gguf_step": {"slot"},
    "gguf_tokenizer": {"token"},
    "gguf_engine": {"engine"},
    "registry": {"engine"},
    "replay": {"engine"},
    "exec_exec": {"engine"},
    "openai_item": {"job"},
    "spec": {"engine"},
    "recording": {"count", "takes"},
}


def report(number, name, problems):
    for problem in problems:
        print("#", problem)
    print("not ok" if problems else "ok", number, "-", name)
    return bool(problems)


def main():
    nm, build = sys.argv[1:]
    homes, owners, foreign = {}, {}, []
    for room, library in rooms(build):
        for member, names in symbols(nm, library)[0].items():
            if member.startswith("meson-generated"):
                continue
            for name in names:
                word = name.split("_")[0]
                homes.setdefault(name, set()).add(f"{room}/{member}.c")
                owners.setdefault(word, {}).setdefault((room, member.split("_")[0]), []).append(name)
                words = set(member.split("_")) | OTHER_WORDS.get(member, set())
                if not {word, word + "s", word.removesuffix("s")} & words and word != "surety":
                    foreign.append(f"{room}/{member}.c exports {name}: no word of the file's name")
    twice = [f"{name} stands in {', '.join(sorted(files))}" for name, files in sorted(homes.items()) if len(files) > 1]
    shared = [f"{word}_ belongs to several modules: "
              + "; ".join(f"{room}/{module}*.c ({', '.join(sorted(names)[:3])})"
                          for (room, module), names in sorted(modules.items()))
              for word, modules in sorted(owners.items()) if len(modules) > 1 and word not in SHARED]
    unused = [f"{word}_ is no longer shared: take it off the list" for word in SHARED if len(owners.get(word, ())) < 2]
    print("1..4")
    bad = report(1, "each name once", twice)
    bad |= report(2, "a first word belongs to one module", shared)
    bad |= report(3, "a first word is a word of the file's name", sorted(foreign))
    bad |= report(4, "exceptions are needed", unused)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
