"""Commands behind the engine exec: the shipped example, and commands that die, hang, or talk nonsense."""
import os
import sys

from rig import expect, main, wait_for

EXAMPLE = os.path.join(os.path.dirname(__file__), "..", "..", "examples", "exec_engine.py")
HEAD = """
import json, os, subprocess, sys, time
for line in sys.stdin:
    request = json.loads(line)
    answer = {"id": request["id"], "text": "The answer is \\\\boxed{42}."}
"""


def command(rig, body, name="command.py"):
    path = rig.write(name, HEAD + "\n".join("    " + line for line in body.splitlines()) +
                     "\n    print(json.dumps(answer), flush=True)\n")
    return f"exec:command={sys.executable} {path}"


def solve(rig, engine, *args, k=8):
    return rig.run("solve", "--engine", engine, "-k", str(k), "--verify", "none", "--json", *args, "What is 14*23?")


def test_example_wraps_a_function(rig):
    result = solve(rig, f"exec:command={sys.executable} {EXAMPLE},slots=2,repeats=yes", k=16)
    expect(result.code == 0 and result.json["answer"] == "322", result.out, result.err)
    expect({t["answer"] for t in result.json["trajectories"]} == {"322", "332"}, result.out)
    expect(result.json["run"]["reproducible"], result.out)
    again = solve(rig, f"exec:command={sys.executable} {EXAMPLE},repeats=yes", k=16)
    expect([t["answer"] for t in again.json["trajectories"]] ==
           [t["answer"] for t in result.json["trajectories"]], again.out)


def test_command_that_dies_is_started_again(rig):
    result = solve(rig, command(rig, f"""
starts = {rig.path('starts')!r} + str(os.getpid())
if request["seed"] % 3 == 0 and not os.path.exists({rig.path('died')!r} + str(request["seed"])):
    open({rig.path('died')!r} + str(request["seed"]), "w")
    os._exit(7)"""))
    expect(result.code == 0 and result.json["answer"] == "42", result.out, result.err)
    expect(not any(t.get("error") for t in result.json["trajectories"]), result.out)
    expect([f for f in os.listdir(rig.folder) if f.startswith("died")], "none died")
    dead = solve(rig, command(rig, "sys.exit(3)"), k=2)
    expect(dead.code == 1 and "status 3" in dead.out, dead.out, dead.err)


def test_nonsense_is_an_error(rig):
    for body, words in (('print("hello"); continue', "no answer to item"),
                        ('answer = {"id": 99, "text": "x"}', "no answer to item"),
                        ('answer = {"id": request["id"], "error": "no such luck"}', "no such luck"),
                        ('os.kill(os.getpid(), 11)', "killed (signal "),
                        ('sys.stdout.buffer.write(b"x" * (66 << 20)); sys.stdout.flush()', "more than 64 MiB")):
        result = solve(rig, command(rig, body), k=1)
        expect(result.code == 1 and words in result.out, body, result.out, result.err)
    late = solve(rig, command(rig, "time.sleep(60)") + ",timeout=1", k=1)
    expect(late.code == 1 and "timeout=" in late.out, late.out, late.err)
    odd = solve(rig, command(rig, 'answer["text"] = "\\\\boxed{42} \\0"; answer["prompt_tokens"] = -5'), k=1)
    expect(odd.code == 0 and odd.json["answer"] == "42", odd.out, odd.err)


def test_cancel_kills_the_whole_group(rig):
    process = rig.start("solve", "--engine", command(rig, 'subprocess.run(["sleep", "1000"])') + ",slots=2", "-k",
                        "2", "--verify", "none", "--deadline", "2", "What is 14*23?")
    wait_for(lambda: sum(c[0] == b"sleep" for c in rig.processes().values()) == 2, "two commands that sleep")
    rig.finish(process)
    wait_for(lambda: not any(c[0] == b"sleep" for c in rig.processes().values()), "the end of what they started")


def test_command_that_cannot_be_run_says_so(rig):
    for engine, words in (("exec:/no/such/command x", "/no/such/command"), ("exec", "no command"),
                          ('exec:command="a b', "open quote"), ("exec:command=", "is empty"),
                          (f"exec:command={rig.write('plain.txt', 'x')}", "plain.txt")):
        result = solve(rig, engine)
        expect(result.code in (2, 5) and words in result.err, engine, result.err)


main(globals())
