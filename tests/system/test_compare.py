"""surety compare, and its numbers computed a second time from the files."""
import json
import math
import random

from rig import Rig, expect, main


def close(a, b):
    return abs(a - b) <= 1e-9 * max(1, abs(a), abs(b))


# ---- a second implementation, on the results' own r, answers and correct ----
def answer_right(result, k, cons):
    """Whether CLR or the majority of the first k trajectories is right."""
    groups = {}
    for number, group in enumerate(result["groups"]):
        for t in result["trajectories"]:
            if t["index"] in group["members"] and t["index"] < k:
                groups.setdefault(number, []).append(t)
    if not groups:
        return False
    weight = (lambda g: len(g)) if cons else (lambda g: sum(t["r"] for t in g))
    highest = max(map(weight, groups.values()))
    best = min((g for g in groups.values() if abs(weight(g) - highest) <= 1e-12 * highest),
               key=lambda g: (-len(g), g[0]["index"]))
    return best[0]["correct"]


def cost(result, k, cons):
    """Calls and tokens; these recordings have no verifications."""
    taken = [t for t in result["trajectories"] if t["index"] < k]
    return len(taken), sum(t["tokens"] for t in taken)


def mcnemar(rescue, harm):
    n = rescue + harm
    return min(1, 2 * sum(math.comb(n, i) for i in range(min(rescue, harm) + 1)) / 2 ** n)


def bootstrap(values):
    rng = random.Random(2)
    means = sorted(sum(rng.choices(values, k=len(values))) / len(values) for _ in range(4000))
    return means[99], means[-100]


def row(a, b, measure_a, measure_b):
    """a, b: id -> results. What compare must print of measures (k, cons)."""
    shares, costs = [[], []], [[], []]
    for id_ in a.keys() & b.keys():
        for side, (results, (k, cons)) in enumerate([(a[id_], measure_a), (b[id_], measure_b)]):
            shares[side].append(sum(answer_right(r, k, cons) for r in results) / len(results))
            costs[side].append([sum(c) / len(results) for c in zip(*(cost(r, k, cons) for r in results))])
    differences = [x - y for x, y in zip(*shares)]
    rescue, harm = sum(d > 0 for d in differences), sum(d < 0 for d in differences)
    means = [[sum(c) / len(shares[0]) for c in zip(*side)] for side in costs]
    return {"a_right": sum(shares[0]) / len(shares[0]), "b_right": sum(shares[1]) / len(shares[1]),
            "value": sum(differences) / len(differences), "interval": bootstrap(differences),
            "rescue": rescue, "harm": harm, "p": mcnemar(rescue, harm), "costs": means}


def check(got, expected, name_a, name_b):
    expect((got["a"], got["b"]) == (name_a, name_b), got)
    for key in ("a_right", "b_right"):
        expect(close(got[key], expected[key]), key, got, expected)
    expect(close(got["a_minus_b"]["value"], expected["value"]), got, expected)
    expect(close(got["a_minus_b"]["p"], expected["p"]), got, expected)
    for end, value in zip(("low", "high"), expected["interval"]):
        expect(abs(got["a_minus_b"][end] - value) < 0.03, got, expected)
    expect((got["rescue"], got["harm"]) == (expected["rescue"], expected["harm"]), got, expected)
    for side, prefix in enumerate("ab"):
        for number, key in enumerate(("calls", "tokens")):
            expect(close(got[f"{prefix}_{key}"], expected["costs"][side][number]), key, got, expected)


# ---- random results ----
def samples(rng, k, skill):
    out = []
    for _ in range(k):
        right = rng.random() < skill
        claims = [{"text": f"the ship {c} sails", "verdict": rng.random() ** (0.5 if right else 2)} for c in "abc"]
        out.append({"text": "x", "answer": "1" if right else str(rng.randint(2, 4)), "claims": claims})
    return out


def write_results(rig, name, seed, ids, k, skill, gold=True):
    rng = random.Random(seed)
    lines = [{"id": i, "problem": "Which?", "samples": samples(rng, k, skill)} for i in ids]
    for line in lines if gold else []:
        line["gold"] = "1"
    run = rig.run("score", "-m", "3", rig.write_lines(f"{name}.in", lines), "-o", rig.path(f"{name}.raw"))
    expect(run.code == 0, run.err)
    return rig.read_lines(f"{name}.raw")


def with_tokens(results, seed):
    """Recorded samples cost nothing; these do."""
    rng = random.Random(seed)
    for r in results:
        for t in r["trajectories"]:
            t["tokens"] = rng.randint(5, 50)
        r["usage"]["completion_tokens"] = sum(t["tokens"] for t in r["trajectories"])
        r["usage"]["calls"] = len(r["trajectories"])
    return results


def by_id(results):
    out = {}
    for r in results:
        out.setdefault(r["id"], []).append(r)
    return out


def two_files(rig):
    a = with_tokens(write_results(rig, "a", 1, [f"p{i}" for i in range(90)], 6, 0.45), 3)
    b = with_tokens(write_results(rig, "b", 2, [f"p{i}" for i in range(10, 95)], 9, 0.4), 4)
    return a, b, rig.write_lines("a.jsonl", a), rig.write_lines("b.jsonl", b)


def test_compare_pairs_by_id(rig: Rig):
    a, b, path_a, path_b = two_files(rig)
    random.Random(9).shuffle(b)
    path_b = rig.write_lines("b.jsonl", b)
    run = rig.run("compare", path_a, path_b, "--json")
    expect(run.code == 0 and run.err == "", run.code, run.err)
    expect([run.json[k] for k in ("n", "only_a", "only_b", "ungraded")] == [80, 10, 5, 0], run.json)
    for got, cons, name in zip(run.json["rows"], (False, True), ("CLR", "Cons")):
        check(got, row(by_id(a), by_id(b), (6, cons), (9, cons)), f"{name}@6", f"{name}@9")
    text = rig.run("compare", path_a, path_b)
    expect("80 problems paired by id; 10 only in A, 5 only in B." in text.out, text.out)
    expect(f"rescue {run.json['rows'][0]['rescue']}, harm {run.json['rows'][0]['harm']}" in text.out, text.out)


def test_compare_measures_and_equal_cost(rig: Rig):
    a, b, path_a, path_b = two_files(rig)
    run = rig.run("compare", "--a", "clr@4", "--b", "cons@7", path_a, path_b, "--json")
    expect(len(run.json["rows"]) == 1, run.json)
    check(run.json["rows"][0], row(by_id(a), by_id(b), (4, False), (7, True)), "CLR@4", "Cons@7")
    for number, key in enumerate(("calls", "tokens")):
        got = rig.run("compare", "--equal", key, path_a, path_b, "--json").json["rows"][0]
        k = next(k for k in range(1, 10)
                 if row(by_id(a), by_id(b), (6, False), (k, True))["costs"][1][number] >= got[f"a_{key}"] - 1e-9)
        expect(got["paid"] is True and got["equal"] == key, got)
        check(got, row(by_id(a), by_id(b), (6, False), (k, True)), "CLR@6", f"Cons@{k}")
    both = rig.run("compare", "--equal", "calls,tokens", "--a", "clr,clr@2", "--b", "cons", path_a, path_b, "--json").json
    expect([(r["a"], r["equal"]) for r in both["rows"]] == [("CLR@6", "calls"), ("CLR@6", "tokens"), ("CLR@2", "calls"),
                                                            ("CLR@2", "tokens")], both)
    curve = rig.run("compare", "--a", "clr@1,clr@2", "--b", "cons@1,cons@3", path_a, path_a, "--json").json["rows"]
    check(curve[1], row(by_id(a), by_id(a), (2, False), (3, True)), "CLR@2", "Cons@3")
    dear = rig.run("compare", "--equal", "calls", path_b, path_a)
    expect(dear.code == 0 and "not at equal calls" in dear.out, dear.out)


def test_compare_averages_seeds_inside_a_problem(rig: Rig):
    ids = [f"p{i}" for i in range(40)]
    a = [r for s in range(3) for r in with_tokens(write_results(rig, f"a{s}", s, ids, 5, 0.5), s)]
    b = with_tokens(write_results(rig, "b", 7, ids, 5, 0.4), 8)
    run = rig.run("compare", rig.write_lines("a.jsonl", a), rig.write_lines("b.jsonl", b), "--json")
    expect((run.json["n"], run.json["results_a"], run.json["results_b"]) == (40, 120, 40), run.json)
    check(run.json["rows"][0], row(by_id(a), by_id(b), (5, False), (5, False)), "CLR@5", "CLR@5")
    text = rig.run("compare", rig.path("a.jsonl"), rig.path("b.jsonl"))
    expect("averaged inside" in text.out, text.out)


def test_compare_says_where_verdicts_were_recorded(rig: Rig):
    a, b, path_a, path_b = two_files(rig)
    note = "verdicts of {} were recorded: what they cost is not in the calls and tokens of CLR"
    expect(note.format("A and B") in rig.run("compare", path_a, path_b).out)
    run = rig.run("compare", "--equal", "calls", path_a, path_b)  # B is measured by Cons, which needs none
    expect(note.format("A") in run.out, run.out)
    expect("recorded" not in rig.run("compare", "--a", "cons", "--b", "cons", path_a, path_b).out)
    for side, change in ((a, {"verify": "each"}), (b, {"signals": ["symbolic"]})):
        for r in side[::2]:
            r["run"].update(change)
    run = rig.run("compare", rig.write_lines("a.jsonl", a), rig.write_lines("b.jsonl", b), "--json").json
    expect((run["recorded_verdicts_a"], run["recorded_verdicts_b"]) == (40, 40), run)
    for r in a + b:
        r["run"]["verify"] = "each"
    run = rig.run("compare", rig.write_lines("a.jsonl", a), rig.write_lines("b.jsonl", b))
    expect("recorded" not in run.out, run.out)


def test_compare_refuses_one_sampling_twice(rig: Rig):
    a, _, _, path_b = two_files(rig)
    for number, r in enumerate(a):  # as if they had been sampled
        r["run"].update(repro="some class", seed=number)
    twice = rig.write_lines("a.jsonl", a + a[50:])
    run = rig.run("compare", twice, path_b)
    expect(run.code == 2 and "A holds two results of 'p50' with the seed 50" in run.err and run.out == "", run.code, run.err)
    run = rig.run("compare", path_b, twice)
    expect(run.code == 2 and "B holds two" in run.err, run.err)
    again = [dict(r, run=dict(r["run"], seed=1000 + r["run"]["seed"])) for r in a]
    run = rig.run("compare", rig.write_lines("a.jsonl", a + again), path_b, "--json")
    expect(run.code == 0 and run.json["results_a"] == 160, run.code, run.err)


def test_compare_equal_shares_are_equal(rig: Rig):
    """Six sixths are one."""
    ids = ["p1", "p2", "p3"]
    right = write_results(rig, "a", 1, ids, 2, 1)
    six, one = rig.write_lines("a.jsonl", right * 6), rig.write_lines("b.jsonl", right)
    for paths in ((six, one), (one, six)):
        got = rig.run("compare", *paths, "--json").json["rows"][0]
        expect((got["a_right"], got["rescue"], got["harm"], got["a_minus_b"]["value"]) == (1, 0, 0, 0), got)
        text = rig.run("compare", *paths).out
        expect("-0.0" not in text and "+0.0" in text, text)
        expect(" +0.0      too few to tell: -76.8 to +76.8 (95 %), rescue 0, harm 0" in text, text)
        expect((" tokens a problem" in text) == any(got[f"{side}_tokens"] for side in "ab"), text)
        exact = got["a_minus_b"]["exact"]
        expect(close(exact["high"], 1 - 0.0125 ** (1 / 3)) and close(exact["low"], -exact["high"]), exact)


def test_compare_bad_input(rig: Rig):
    a, b, path_a, path_b = two_files(rig)
    for args, words in ((["--a", "best"], "clr or cons"), (["--b", "cons@0"], "@1"), (["--a", "clr@"], "clr or cons"),
                        (["--equal", "money"], "calls|tokens"),
                        (["--a", "clr,"], "clr or cons"), (["--equal", "calls,"], "calls|tokens"),
                        (["--a", "clr,clr", "--b", "clr,clr,clr"], "2 measures")):
        run = rig.run("compare", *args, path_a, path_b)
        expect(run.code == 2 and words in run.err, args, run.code, run.err)
    for args, words in ((["--a", "clr@7"], f"--a asks for the first 7 samples; those of {path_a} have at most 6"),
                        (["--b", "cons@3,clr@500"], f"--b asks for the first 500 samples; those of {path_b} have at most 9")):
        run = rig.run("compare", *args, path_a, path_b)
        expect(run.code == 2 and words in run.err and run.out == "", args, run.code, run.err)
    expect(rig.run("compare", "--a", "clr@6", "--b", "cons@9", path_a, path_b).code == 0)
    expect(rig.run("compare", path_a, rig.path("none")).code == 2)
    expect(rig.run("compare", path_a).code == 2)
    ungraded = rig.write_lines("u.jsonl", write_results(rig, "u", 5, ["p1", "p2"], 3, 0.5, gold=False))
    run = rig.run("compare", path_a, ungraded, "--json")
    expect(run.code == 1 and run.json["n"] == 0 and run.json["ungraded"] == 2, run.code, run.out)
    expect(run.json["rows"][0]["a_minus_b"]["value"] is None, run.json)
    broken = rig.write_lines("broken.jsonl", b[:3] + ["{}", "nonsense"])
    run = rig.run("compare", broken, path_b)
    expect(run.code == 4 and ":4:" in run.err and ":5:" in run.err and "3 problems paired" in run.out, run.err, run.out)
    whole = rig.run("compare", "-", path_b, "--json", stdin=json.dumps(a[20]) + "\n")
    expect(whole.code == 0 and whole.json["n"] == 1, whole.err)


main(globals())
