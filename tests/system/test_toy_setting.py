"""A new setting is a member and a row: three toys, put so into a copy of the tree, do all that settings do."""
import atexit
import importlib.util
import os
import re
import shutil
import tempfile
import time

import rig as here
from rig import PATIENCE, Rig, engine, expect, main, recording, wait_for
from toy_tree import ROOT, ToyTree

PROBLEM = "What is 6*7?"
TYPES, TABLE = "proto/include/surety/types.h", "proto/settings_table.c"


def build():
    """A program with the toys; its tree is gone when the tests are."""
    folder = tempfile.mkdtemp(prefix="st-", dir="/tmp")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    tree = ToyTree(folder)
    tree.add_row(TYPES, "struct surety_sampling {", "    double toy_heat;")
    tree.add_row(TABLE, "const struct setting settings_table[]",
                 '{SAMPLING(toy_heat), SETTING_NUMBER, ALL, "toy-heat", "H", 0, 9, 0.5, NULL, "warmth of a toy", NULL},')
    tree.add_row(TYPES, "struct surety_settings {", "    uint32_t toy_level;")
    tree.add_row(TYPES, "struct surety_settings {", "    bool toy_quiet;")
    tree.add_row(TABLE, "const struct setting settings_table[]",
                 '{OWN(toy_quiet), SETTING_SWITCH, SETTING_REPORTED | SETTING_SPARSE, "toy-quiet", NULL, 0, 1, 0, NULL, '
                 '"a toy that tells nothing apart", NULL},')
    tree.add_row(TABLE, "const struct setting settings_table[]",
                 '{OWN(toy_level), SETTING_INTEGER, ALL, "toy-level", "N", 1, 9, 3, NULL, "how much of a toy", NULL},')
    tree.expect_touched([TYPES] * 3 + [TABLE] * 3, [])
    return tree.build()


PLAIN = here.SURETY
here.SURETY = build()  # what every rig starts


def with_plain(rig, *args):
    """Starts the program as it is, without the toys."""
    toy, here.SURETY = here.SURETY, PLAIN
    try:
        return rig.broker(*args)
    finally:
        here.SURETY = toy


def replay(rig):
    return engine(rig.write_lines("r.jsonl", [recording()]))


def test_toy_is_an_option_with_help_and_range(rig: Rig):
    text = rig.run("solve", "--help").out
    expect("  --toy-level N               how much of a toy, 1 to 9 (3)\n" in text, text)
    expect("  --toy-quiet                 a toy that tells nothing apart\n" in text, text)
    method, run = text.index("\nMethod:"), text.index("\nRun:")
    expect(method < text.index("--toy-level") < run < text.index("--toy-quiet"), text)
    for value in ("0", "10", "1.5", "much"):
        result = rig.run("solve", "--toy-level", value, PROBLEM)
        expect(result.code == 2 and f"--toy-level must be a whole number from 1 to 9, not '{value}'" in result.err, result.err)
    expect("unknown option" in rig.run("claims", "--toy-level", "3", "x").err)


def test_toy_travels_and_stands_in_run(rig: Rig):
    _, client, worker = rig.broker()
    rig.start("worker", "--broker", worker, "--engine", replay(rig))
    for args, level, quiet in (([], 3, None), (["--toy-level", "9", "--toy-quiet"], 9, True), (["--toy-level", "1"], 1, None)):
        solved = rig.run("solve", "--broker", client, "-k", "4", "--json", *args, PROBLEM)
        expect(solved.code == 0, solved.err)
        run = solved.json["run"]
        expect(run["toy_level"] == level and run.get("toy_quiet") is quiet, run)


def test_toy_is_refused_by_a_broker_that_does_not_know_it(rig: Rig):
    _, client, _ = with_plain(rig)
    solved = rig.run("solve", "--broker", client, PROBLEM)
    expect(solved.code != 0 and "does not know the setting 'toy_level': use the same version" in solved.err, solved.code, solved.err)


def test_toy_tells_results_apart_as_its_row_says(rig: Rig):
    source = rig.write_lines("in.jsonl", [{"id": name, "problem": PROBLEM} for name in "abcd"])
    out = rig.path("out.jsonl")
    args = ["grade", "--engine", replay(rig), "-k", "4", source, "-o", out]
    expect(rig.run(*args).code == 0)
    lines = open(out).read().splitlines(keepends=True)
    old = [re.sub(r'"toy_level":3,?', "", line).replace(",}", "}") for line in lines[:2]]  # from before there were toys
    for kept, more, mixed in ((lines[:2], ["--toy-level", "4"], 1), (lines[:2], ["--toy-quiet"], 0), (lines[:2], [], 0),
                              (old, [], 0), (old, ["--toy-level", "4"], 1)):
        rig.write("out.jsonl", "".join(kept))
        run = rig.run(*args, *more, "--resume")
        expect(run.code == (2 if mixed else 0) and ("--toy-level" in run.err) == mixed, more, run.code, run.err)


def python_client():
    spec = importlib.util.spec_from_file_location("client", os.path.join(ROOT, "examples", "client.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_toy_of_sampling_reaches_the_worker(rig: Rig):
    client = python_client()

    class Worker(client.Broker):
        def _join(self, timeout):
            self.send("HELLO", {"role": "worker", "version": "a test", "model": {
                "name": "m", "id": "", "engine": "none", "profile": "", "repro": "none", "context_tokens": 0, "slots": 2}})
            expect(self.receive(timeout)[0] == "WELCOME")
            self.beat = 1

        def batch(self):
            until = time.monotonic() + PATIENCE
            while time.monotonic() < until:
                command, body = self.receive(PATIENCE)
                if command == "BATCH":
                    return body
            raise AssertionError("no BATCH")

    _, endpoint, workers = rig.broker()
    broker, worker = client.Broker(endpoint, PATIENCE), Worker(workers, PATIENCE)
    for name, settings, heat in (("1", {}, 0.5), ("2", {"toy_heat": 7}, 7)):
        broker.send("REQUEST", {"id": name, "problem": PROBLEM, "settings": {"k": 1, **settings}})
        sampling = worker.batch()["sampling"]
        expect(sampling["toy_heat"] == heat and sampling["top_p"] == 0.95, sampling)
    worker.close()
    broker.close()


def test_toy_tells_requests_apart_as_its_row_says(rig: Rig):
    _, endpoint, _ = rig.broker()  # and no worker: a request stays
    broker = python_client().Broker(endpoint, PATIENCE)
    told = []

    def heard(command):
        told.append(broker.receive(PATIENCE))
        return told[-1][0] == command

    for settings, answer in (({}, "ACCEPTED"), ({"toy_level": 3}, "ACCEPTED"), ({"toy_quiet": True}, "ACCEPTED"),
                             ({"toy_level": 4}, "ERROR")):
        broker.send("REQUEST", {"id": "1", "problem": PROBLEM, "settings": settings})
        wait_for(lambda: heard(answer), lambda: f"{answer} for {settings}, not {told}")
    expect(told[-1][1]["code"] == "invalid_argument" and "is taken" in told[-1][1]["message"], told)
    broker.send("REQUEST", {"id": "2", "problem": PROBLEM, "settings": {"toy_level": 10}})
    wait_for(lambda: heard("ERROR"), "a refusal")
    expect("toy-level is 10; it must be 1 to 9" in told[-1][1]["message"], told)
    broker.close()


main(globals())
