"""libsurety as its users meet it: in the tree, and installed, with pkg-config and a compiler."""
import os
import shlex
import subprocess

from rig import SURETY, Rig, engine, expect, main, recording, wait_for

BUILD = os.path.dirname(os.path.dirname(SURETY))
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
CC = shlex.split(os.environ["CC"])
PROBLEM = "A box holds 14 eggs. 2 of the eggs in 23 boxes break. How many are whole?"
RIGHT = "14 * 23 = 322. Then 322 - 2 = 320.\nAnswer: 320\n"
WRONG = "14 * 23 = 312. Then 312 - 2 = 310.\nAnswer: 310\n"


def run(rig, *command, env=None):
    return subprocess.run(command, capture_output=True, text=True, timeout=120,
                          env=rig.environment(env))


def samples(rig):
    return [rig.write(name, text) for name, text in
            [("a.txt", WRONG), ("b.txt", RIGHT), ("c.txt", "I give up.\n")]]


def expect_judged(result):
    expect(result.returncode == 0, result.stderr)
    expect("answer: 320\n" in result.stdout, result.stdout)
    expect("refuted in solution 0: 14 * 23 = 312" in result.stdout, result.stdout)


def install(rig):
    """Installs into a folder of the test; pkg-config's flags for it and the library's folder."""
    folder = rig.path("root")
    done = run(rig, "meson", "install", "--no-rebuild", "--quiet", "-C", BUILD,
               env={"DESTDIR": folder})
    expect(done.returncode == 0, done.stdout, done.stderr)
    found = [os.path.join(d, "surety.pc") for d, _, files in os.walk(folder) if "surety.pc" in files]
    expect(len(found) == 1, found)
    env = {"PKG_CONFIG_PATH": os.path.dirname(found[0]), "PKG_CONFIG_SYSROOT_DIR": folder,
           "PKG_CONFIG_ALLOW_SYSTEM_CFLAGS": "1", "PKG_CONFIG_ALLOW_SYSTEM_LIBS": "1"}
    flags = run(rig, "pkg-config", "--cflags", "--libs", "surety", env=env)
    expect(flags.returncode == 0, flags.stderr)
    libraries = os.path.dirname(os.path.dirname(found[0]))
    return folder, flags.stdout.split(), libraries


def compile_flags(flags):
    """Without what is for the linker, of which a compiler says that it goes unused."""
    return [flag for flag in flags if flag.startswith("-I")]


def installed_headers(rig):
    """As a program names them: surety/surety.h and what it includes."""
    found = [os.path.join(d, f) for d, _, files in os.walk(rig.path("root")) for f in files if f.endswith(".h")]
    return sorted(h.split("/include/")[1] for h in found)


def test_example_scores_samples(rig: Rig):
    example = os.path.join(BUILD, "examples", "example-score")
    expect_judged(run(rig, example, PROBLEM, *samples(rig)))
    missing = run(rig, example, PROBLEM, rig.path("nowhere"))
    expect(missing.returncode == 1 and "nowhere" in missing.stderr, missing.stderr)
    expect(run(rig, example).returncode == 2)
    empty = run(rig, example, "  ", *samples(rig))
    expect(empty.returncode == 1 and "problem is empty" in empty.stderr, empty.stderr)


def test_example_asks_a_broker(rig: Rig):
    example = os.path.join(BUILD, "examples", "example-score")
    path = rig.write_lines("recorded.jsonl", [recording(right=20, wrong=12)])
    broker, endpoint, for_workers = rig.broker()
    rig.start("worker", "--broker", for_workers, "--engine", engine(path))
    wait_for(lambda: rig.status(endpoint)["workers"], "the worker")
    result = run(rig, example, "--broker", endpoint, "What is 6*7?")
    expect(result.returncode == 0, result.stderr)
    expect("answer: 42\n" in result.stdout, result.stdout)
    broker.terminate()
    rig.finish(broker)
    refused = run(rig, example, "--broker", "tcp://192.0.2.1:7", PROBLEM)
    expect(refused.returncode == 1 and "score: " in refused.stderr, refused.stderr)


def test_installed_example_builds_with_pkg_config_and_runs(rig: Rig):
    _, flags, libraries = install(rig)
    program = rig.path("score")
    built = run(rig, *CC, "-Wall", "-Werror", os.path.join(ROOT, "examples", "score.c"), "-o", program,
                *flags)
    expect(built.returncode == 0, built.stderr)
    expect_judged(run(rig, program, PROBLEM, *samples(rig), env={"LD_LIBRARY_PATH": libraries}))


def test_installed_headers_compile_alone(rig: Rig):
    _, flags, _ = install(rig)
    headers = installed_headers(rig)
    expect("surety/surety.h" in headers, headers)
    for header in headers:
        source = rig.write("one.c", f"#include <{header}>\n")
        built = run(rig, *CC, "-std=c11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", source,
                    *compile_flags(flags))
        expect(built.returncode == 0, header, built.stderr)


def test_installed_headers_are_clean_in_cpp(rig: Rig):
    _, flags, _ = install(rig)
    cpp = [*CC, "-x", "c++", "-std=c++11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only"]
    if run(rig, *cpp, rig.write("empty.cc", "")).returncode:
        return  # no compiler for it here
    for header in installed_headers(rig):
        built = run(rig, *cpp, rig.write("one.cc", f"#include <{header}>\n"), *compile_flags(flags))
        expect(built.returncode == 0, header, built.stderr)


def test_installed_headers_do_not_meet_the_users_own(rig: Rig):
    """A program may have folders of its own with any name: base/, proto/, and files err.h, types.h."""
    _, flags, _ = install(rig)
    for name in ["err", "arena", "types", "settings", "result", "grade", "surety"]:
        for folder in ["", "base", "proto", "scaler"]:
            os.makedirs(rig.path(os.path.join("own", folder)), exist_ok=True)
            with open(rig.path(os.path.join("own", folder, name + ".h")), "w", encoding="utf-8") as f:
                f.write("#error the program's own header was taken\n")
    for header in installed_headers(rig):
        source = rig.write("own/one.c", f"#include <{header}>\n")
        built = run(rig, *CC, "-I", rig.path("own"), "-fsyntax-only", source, *compile_flags(flags))
        expect(built.returncode == 0, header, built.stderr)


def test_library_shows_only_its_own_names(rig: Rig):
    library = os.path.join(BUILD, "scaler", "client", "libsurety.so")
    names = run(rig, "nm", "-D", "--defined-only", library)
    expect(names.returncode == 0, names.stderr)
    symbols = [line.split()[-1] for line in names.stdout.splitlines()]
    # sanitizers and coverage add names with leading underscores
    foreign = [s for s in symbols if not s.startswith(("surety_", "_", "asan.", "__"))]
    expect(not foreign, foreign)
    for name in ["surety_score", "surety_client_ask", "surety_check", "surety_result_fini", "surety_err_name"]:
        expect(name in symbols, name, symbols)


main(globals())
