"""The scripts of tests/bench that make the published table."""
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as xml

from rig import SURETY, Rig, engine, expect, main, solution

BENCH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bench")
sys.path.insert(0, BENCH)

from first_errors import first_error, refuted  # noqa: E402

STEPS = ["pens: 6*7=42", "sum: 42+96=138", "to pay: 138-9=129"]


def test_first_error_is_told_by_kind(rig: Rig):
    for claims, kind in [(["pens: 6*7=43"], "arithmetic"), (["pens: 6+7=13"], "operator"), (["pens: 7*6=42"], "other"), (["pens: 7*6=43"], "arithmetic"),
                         (["pens: 6*7=42", "sum: 42+69=111"], "carried"), (["pens: 6*7=42", "sum: 32+96=128"], "carried"),
                         (["pens: 6*7=42", "sum: 42+96=137", "to pay: 137-9=128"], "arithmetic"),
                         (["lids: 6*7=42"], "other"), (["no idea"], "other"), (["pens: 6 * 7 = 42"], "other"), ([], "other")]:
        expect(first_error(claims, STEPS) == kind, claims, kind, first_error(claims, STEPS))


def test_refuted_claims_count_once_if_judged_alike(rig: Rig):
    def claim(text, value):
        return {"text": text, "signals": {"self": value, "blind": None}}
    trajectories = [{"claims": [claim("pens: 6*7=42", 1), claim("sum: 42+96=137", verdict), claim("sum: 32+96=128", 0.5), claim("to pay: 138+9=147", 0),
                                claim("to pay: 138-9=129", None)]} for verdict in (0, 0, 1)]
    counts = refuted({"a": STEPS}, [{"id": "a", "trajectories": trajectories}, {"id": "b", "trajectories": trajectories}])
    expect(counts == {"arithmetic": [2, 1], "operator": [1, 1], "carried": [1, 0], "other": [0, 0], "right": [1, 0]}, counts)


def script(name, *args):
    return subprocess.run([sys.executable, os.path.join(BENCH, name), *args], capture_output=True, text=True)


def recorded(i):
    """Two right solutions of four, and a verifier that can tell; blind recomputes the right sum."""
    right = solution(9, [f"sum: {i}+4={i + 4}", "rest: 12-3=9"])
    wrong = solution(8, [f"sum: {i}+5={i + 5}", "rest: 12-4=8"])
    claims = {f"sum: {i}+4={i + 4}": "VALID", "rest: 12-3=9": "VALID", f"sum: {i}+5={i + 5}": "REFUTED", "rest: 12-4=8": "VALID",
              "sum": f"\\boxed{{{i + 4}}}", "rest": "\\boxed{9}"}
    return {"problem": f"problem {i}", "samples": [{"text": t} for t in (wrong, right, right, wrong)],
            "verdicts": [{"claim": c, "text": t} for c, t in claims.items()]}


def test_table_is_made_from_runs_and_goes_on(rig: Rig):
    replay = engine(rig.write_lines("r.jsonl", map(recorded, range(6))))
    problems = rig.write_lines("in.jsonl", [{"id": f"p{i}", "problem": f"problem {i}", "gold": "9",
                                             "steps": [f"sum: {i}+4={i + 4}", "rest: 12-3=9"]} for i in range(6)])
    args = [SURETY, problems, "-o", rig.path("out"), "-k", "4", "-m", "2", "--seeds", "1,2", "--gammas", "1,2", "--gamma", "2",
            "--repeats", "2", "--", "--engine", replay, "--profile", "instruct"]
    for _ in range(2):  # the second time there is nothing left to solve
        run = script("table.py", *args)
        expect(run.returncode == 0, run.stderr)
    text = open(os.path.join(rig.path("out"), "tables.md")).read()
    expect(run.stdout.strip() == text.strip(), run.stdout)
    for row in ["| none: plain majority (Cons) | | | 0.0 % |", "| `self` (`each`) | power | 2 | 100.0 % | +100.0 [+100.0, +100.0] | 6 / 0 |",
                "| `blind` (`blind`, J = 2) | power | 2 | 100.0 % |", "| exact arithmetic | power | 2 | 0.0 % |",
                "| any right | 0.0 | 100.0 | 100.0 |", "| `self` (`joint`), `self` (`each`) | calls | ",
                "| the first error of 24 wrong solutions | 0.0 % | 0.0 % | 100.0 % | 0.0 % | |",
                "| claims that `self` (`each`) refutes |  |  | 50.0 % of 24 |  | 0.0 % of 24 |",
                "| claims that `blind` refutes |  |  | 100.0 % of 24 |  | 0.0 % of 24 |"]:
        expect(row in text, row, text)
    for row in ("self-each-2", "self-joint-2", "blind-blind-2", "symbolic-2"):  # they pay for their verdicts, or have none
        file = os.path.join(rig.path("out"), f"{row}.jsonl")
        compared = rig.run("compare", file, file)
        expect(compared.code == 0 and "recorded" not in compared.out, row, compared.out, compared.err)
    cut = args.index("--")
    for made, told in [(["-k", "3", "--"], "-k is 4 there and 3 here"), (["--repeats", "3", "--"], "--verify-repeats is 2 there and 3 here"),
                       (["--", "--top-p", "0.5"], "--top-p is 0.95 there and 0.5 here")]:
        if "--top-p" in made:
            rig.write_lines("out/grade-each-1.jsonl", rig.read_lines("out/grade-each-1.jsonl")[:-1])
        run = script("table.py", *args[:cut], *made, *args[cut + 1:])
        expect(run.returncode == 1 and told in run.stderr, made, run.stderr)
    drawn = script("plot.py", os.path.join(rig.path("out"), "curves.json"), rig.path("out"))
    expect(drawn.returncode == 0, drawn.stderr)
    for name in ("calls.svg", "tokens.svg"):
        root = xml.parse(os.path.join(rig.path("out"), name)).getroot()
        lines = root.findall("{http://www.w3.org/2000/svg}polyline")
        expect(len(lines) == len(json.load(open(os.path.join(rig.path("out"), "curves.json")))), name)


def test_routes_are_held_against_each_other(rig: Rig):
    made = subprocess.run([os.path.join(BENCH, "..", "..", "scripts", "problems"), "--seed", "70412", "-n", "12"],
                          capture_output=True, text=True)
    run = script("route.py", "-k", "4", SURETY, rig.write("in.jsonl", made.stdout))
    expect(run.returncode == 0, run.stderr)
    for name, route in json.loads(run.stdout).items():
        expect(route["calls"] == 48 and 0.5 < route["pass_at_1"]["value"] <= 1, name, route)
        for rate in (route["pass_at_1"], route["cons"]):
            expect(rate["low"] <= rate["value"] <= rate["high"], name, rate)


main(globals())
