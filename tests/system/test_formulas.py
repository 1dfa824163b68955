"""The method's formulas, written a second time from their description and held against the program.

Random samples with random verdicts go through `score`, and recordings through `grade`; every
reliability, score, order, baseline, and every number of the summary is computed here again.
"""
import itertools
import json
import math
import os
import random

from rig import Rig, engine, expect, main, solution

TOLERANCE = 1e-9


def close(a, b):
    return abs(a - b) <= TOLERANCE * max(1, abs(a), abs(b))


# ---- the method ----
def reliability(values, m, gamma, p):
    """(V / max(M, n)) ^ gamma; None is an unknown verdict, 1 with probability p."""
    known = sum(v for v in values if v is not None)
    u = sum(v is None for v in values)
    whole = max(m, len(values))
    return sum(math.comb(u, b) * p ** b * (1 - p) ** (u - b) * ((known + b) / whole) ** gamma
               for b in range(u + 1))


def equal_scores(a, b):
    return abs(a - b) <= 1e-12 * max(abs(a), abs(b))


def select(samples):
    """[(answer's value or None, r)] -> groups as (members, score), best first, and Cons's group."""
    members = {}
    for i, (value, _) in enumerate(samples):
        if value is not None:
            members.setdefault(value, []).append(i)
    left = [(m, sum(samples[i][1] for i in m)) for m in members.values()]
    cons = min((m for m, _ in left), key=lambda m: (-len(m), m[0]), default=None)
    ordered = []
    while left:
        highest = max(score for _, score in left)
        best = min((g for g in left if equal_scores(g[1], highest)), key=lambda g: (-len(g[0]), g[0][0]))
        ordered.append(best)
        left.remove(best)
    return ordered, cons


def distinct(claims, m):
    """The first m claims with different texts."""
    first = {}
    for c in claims:
        first.setdefault(c["text"], c)
    return list(first.values())[:m]


def value_of(claim, signals):
    if "symbolic" in signals and claim["exact"] is not None:
        return float(claim["exact"])
    return claim["self"] if "self" in signals else None


def expected(problem, m, gamma, rule, signals):
    """What the result must be, or must obey: r of each sample, groups, Cons."""
    samples = problem["samples"]
    verdicts = any(c["self"] is not None for s in samples for c in s["claims"])
    counted = verdicts and (signals is None or "self" in signals)
    rule = rule or ("power" if counted else "soft")
    signals = signals or (["symbolic", "self"] if verdicts else ["symbolic"])
    values = [[value_of(c, signals) for c in distinct(s["claims"], m)] for s in samples]
    parsed = [v for vs in values for v in vs if v is not None]
    p = (1 + sum(parsed)) / (1 + len(parsed))
    votes = []
    for sample, vs in zip(samples, values):
        if sample["value"] is None:
            r = 0
        elif rule == "soft":
            refuted = any(v == 0 and c["exact"] is False and "symbolic" in signals
                          for v, c in zip(vs, distinct(sample["claims"], m)))
            r = 1 - 1 / (2 * len(samples)) if refuted else 1
        elif not any(v is not None for s, w in zip(samples, values) if s["value"] is not None for v in w):
            r = 1
        else:
            r = reliability(vs, m, m if gamma is None else gamma, p)
        votes.append((sample["value"], r))
    return rule, votes, *select(votes)


# ---- random problems ----
def random_claim(rng):
    names = ["valid", "refuted", "unparsed", None, True, False, 0.25, 0.5, 1 / 3, 1]
    verdict = rng.choice(names)
    known = {"valid": 1.0, "refuted": 0.0, "unparsed": None, None: None}
    self = known[verdict] if verdict is None or isinstance(verdict, str) else float(verdict)
    exact, text = None, f"the ship {rng.choice('abcdef')} is older than the ship {rng.choice('uvwxyz')}"
    if rng.random() < 0.3:
        a, b, off = rng.randint(2, 40), rng.randint(2, 40), rng.choice([0, 0, 1, -2])
        exact, text = off == 0, f"{a} * {b} = {a * b + off}"
    return {"text": text, "verdict": verdict, "self": self, "exact": exact}


def random_problem(rng, number, with_verdicts):
    spread = rng.randint(1, 4)
    samples = []
    for _ in range(rng.randint(1, 12)):
        value = None if rng.random() < 0.1 else rng.randint(1, spread)
        claims = [random_claim(rng) for _ in range(rng.randint(0, 7))]
        claims += claims[:rng.choice([0, 0, 0, 2])]  # a model that loops
        if not with_verdicts:
            for claim in claims:
                claim["verdict"] = claim["self"] = None
        samples.append({"value": value, "claims": claims,
                        "written": rng.choice([str(value), f"{value}.0", value])})
    return {"id": f"p{number}", "samples": samples, "gold": rng.randint(1, spread)}


def to_line(problem):
    lines = []
    for s in problem["samples"]:
        line = {"claims": [{"text": c["text"], "verdict": c["verdict"]} for c in s["claims"]], "cooperating": True}
        line.update({"text": ""} if s["value"] is None else {"text": "x", "answer": s["written"]})
        lines.append(line)
    return {"id": problem["id"], "problem": "Which?", "gold": str(problem["gold"]), "samples": lines}


SETTINGS = [  # m, gamma, rule, signals
    (5, None, None, None), (5, None, "power", ["self"]), (3, None, "power", ["symbolic", "self"]),
    (3, 1, "power", ["self"]), (1, None, None, None), (7, 0.5, "power", None), (4, 0, "power", None),
    (5, 12.5, "power", ["symbolic"]), (5, None, "soft", ["symbolic"]), (2, None, None, ["symbolic"]),
    (6, None, "soft", None), (64, 3, "power", None),
]


def check(problem, result, m, gamma, rule, signals):
    where = (problem["id"], m, gamma, rule, signals)
    rule, votes, groups, cons = expected(problem, m, gamma, rule, signals)
    expect(result["run"]["rule"] == rule and result["run"]["k"] == len(votes), where, result["run"])
    for (value, r), t in zip(votes, result["trajectories"]):
        expect((t["answer"] is None) == (value is None) and close(t["r"], r), where, r, t)
        expect(t["cooperating"], where, t)  # recorded claims came with their solutions
    expect([g["members"] for g in result["groups"]] == [g[0] for g in groups], where, groups, result["groups"])
    for (members, score), g in zip(groups, result["groups"]):
        expect(g["count"] == len(members) and close(g["score"], score), where)
    if not groups:
        expect(result["answer"] is None and result["reliability"] is None, where)
        return votes, None
    total = sum(r for _, r in votes)
    squares = sum(r * r for _, r in votes)
    expect(close(result["reliability"], groups[0][1] / total if total else 0), where, result["reliability"])
    expect(close(result["effective_votes"], total ** 2 / squares if squares else 0), where)
    expect(float(result["answer"]) == votes[groups[0][0][0]][0], where)
    expect(float(result["baselines"]["cons"]) == votes[cons[0]][0], where)
    expect(float(result["baselines"]["first"]) == next(v for v, _ in votes if v is not None), where)
    if rule == "soft":  # an exact refutation breaks ties and does no more
        expect(len(groups[0][0]) == len(cons), where)
    right = [v == problem["gold"] for v, _ in votes]
    correct = result["correct"]
    expect(correct["clr"] == right[groups[0][0][0]] and correct["cons"] == right[cons[0]], where, correct)
    expect(close(correct["pass_at_1"], sum(right) / len(right)) and correct["pass_at_k"] == any(right), where)
    for sample, t in zip(problem["samples"], result["trajectories"]):
        kept = distinct(sample["claims"], m)
        expect([c["text"] for c in t["claims"]] == [c["text"] for c in kept], where)
        for c, got in zip(kept, t["claims"]):
            expect(got["signals"]["symbolic"] == (None if c["exact"] is None else float(c["exact"])), where, got)
            v = value_of(c, result["run"]["signals"])
            state = ("valid" if v >= 0.5 else "refuted") if v is not None else \
                "unparsed" if c["verdict"] == "unparsed" else "unchecked"
            expect(got["verdict"] == state, where, c, got)
    return votes, right


def test_formulas_of_random_samples(rig: Rig):
    rng = random.Random(20)
    for n, (m, gamma, rule, signals) in enumerate(SETTINGS):
        problems = [random_problem(rng, i, with_verdicts=i % 5 > 0) for i in range(50)]
        args = ["-m", str(m)]
        args += ["--gamma", str(gamma)] if gamma is not None else []
        args += ["--rule", rule] if rule else []
        args += ["--signals", ",".join(signals)] if signals else []
        source = rig.write_lines(f"in{n}", map(to_line, problems))
        run = rig.run("score", *args, source, "-o", "-", "--summary", rig.path(f"sum{n}"))
        expect(run.code == 0 and len(run.lines) == len(problems), run.code, run.err)
        graded = [check(p, r, m, gamma, rule, signals) for p, r in zip(problems, run.lines)]
        check_summary(json.load(open(rig.path(f"sum{n}"))), run.lines,
                      [[v == p["gold"] for v, _ in g[0]] for p, g in zip(problems, graded)],
                      [g[0] for g in graded])


# ---- the summary ----
def wilson(hits, n):
    z = 1.959963984540054
    centre = (hits + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * math.sqrt(hits * (n - hits) / n + z * z / 4)
    return centre - half if hits else 0, centre + half if hits < n else 1


def mcnemar(rescue, harm):
    n = rescue + harm
    return min(1, 2 * sum(math.comb(n, i) for i in range(min(rescue, harm) + 1)) / 2 ** n)


def bootstrap(values):
    rng = random.Random(1)
    means = sorted(sum(rng.choices(values, k=len(values))) / len(values) for _ in range(4000))
    return means[99], means[-100]


def prefix(votes, right, k):
    groups, cons = select(votes[:k])
    return (right[groups[0][0][0]], right[cons[0]]) if groups else (False, False)


def check_paired(paired, clr, cons, p):
    rescue = sum(a and not b for a, b in zip(clr, cons))
    harm = sum(b and not a for a, b in zip(clr, cons))
    differences = [a - b for a, b in zip(clr, cons)]
    expect(close(paired["value"], sum(differences) / len(clr)) and close(p, mcnemar(rescue, harm)), paired)
    low, high = bootstrap(differences)
    expect(abs(paired["low"] - low) < 0.03 and abs(paired["high"] - high) < 0.03, paired, low, high)
    return rescue, harm


def check_equal_cost(cost, key, curve, all_right, all_votes, spent):
    """spent[problem][k]: what the first k samples cost without claims."""
    k_all = curve[-1]["k"]
    n = len(all_votes)
    mean = [sum(s[min(k, len(s) - 1)] for s in spent) / n for k in range(k_all + 1)]
    paid = [c for c in curve if c[key] <= mean[k_all] + TOLERANCE]
    if not paid:
        expect(cost is None, cost)
        return
    cons_k = next(k for k in range(paid[-1]["k"], k_all + 1) if mean[k] >= paid[-1][key] - TOLERANCE)
    expect((cost["k"], cost["cons_k"]) == (paid[-1]["k"], cons_k), cost, paid[-1], cons_k)
    clr = [prefix(v, r, cost["k"])[0] for v, r in zip(all_votes, all_right)]
    cons = [prefix(v, r, cons_k)[1] for v, r in zip(all_votes, all_right)]
    paired = check_paired(cost["clr_minus_cons"], clr, cons, cost["clr_minus_cons"]["p"])
    expect(paired == (cost["rescue"], cost["harm"]), cost)


# ---- controls ----
MASK = 2 ** 64 - 1


def hash64(state, data):
    """FNV-1a, then the finish of SplitMix64."""
    h = 0xcbf29ce484222325 ^ state
    for byte in data:
        h = (h ^ byte) * 0x100000001b3 & MASK
    h = h + 0x9e3779b97f4a7c15 & MASK
    h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9 & MASK
    h = (h ^ h >> 27) * 0x94d049bb133111eb & MASK
    return h ^ h >> 31


def number(value):
    return value.to_bytes(8, "little")


def dealt(id_, votes, d):
    """The r of those that have a vote, shuffled inside out (Fisher and Yates)."""
    state = hash64(hash64(0, id_.encode()), number(d))
    out = []
    for i, (value, r) in enumerate(votes):
        if value is None:
            continue
        state = hash64(state, number(i))
        pick = (state >> 32) * (len(out) + 1) >> 32
        out.append(r)
        out[pick], out[-1] = out[-1], out[pick]
    rest = iter(out)
    return [(value, r if value is None else next(rest)) for value, r in votes]


def without_last(result):
    """r of each trajectory when its last claim is left out."""
    run, m = result["run"], result["run"]["m"] - 1
    expect(all(t["cooperating"] for t in result["trajectories"] if t["answer"] is not None), result)
    rows = [[None if c["decided_by"] is None else c["signals"][c["decided_by"]] for c in t["claims"][:-1]]
            for t in result["trajectories"]]
    known = [v for row in rows for v in row if v is not None]
    p = (1 + sum(known)) / (1 + len(known))
    plain = not any(v is not None for row, t in zip(rows, result["trajectories"]) if t["answer"] is not None for v in row)
    out = []
    for row, t in zip(rows, result["trajectories"]):
        if t["answer"] is None:
            r = 0
        elif run["rule"] == "soft":
            refuted = any(v == 0 and c["decided_by"] == "symbolic" for v, c in zip(row, t["claims"]))
            r = 1 - 1 / (2 * run["k"]) if refuted else 1
        else:
            r = 1 if plain or max(m, len(row)) == 0 else reliability(row, m, run["gamma"], p)
        out.append(r)
    return out


def first_right(votes, right):
    groups, _ = select(votes)
    return bool(groups) and right[groups[0][0][0]]


def best_right(votes, right):
    best = None
    for i, (value, r) in enumerate(votes):
        if value is not None and (best is None or (r > votes[best][1] and not equal_scores(r, votes[best][1]))):
            best = i
    return best is not None and right[best]


def check_controls(got, results, all_right, all_votes):
    n = len(results)
    deals = [sum(first_right(dealt(r["id"], v, d), right) for d in range(20)) / 20
             for r, v, right in zip(results, all_votes, all_right)]
    cons = [prefix(v, right, len(v))[1] for v, right in zip(all_votes, all_right)]
    expect(close(got["permuted"], sum(deals) / n), got, sum(deals) / n)
    expect(close(got["permuted_minus_cons"]["value"], (sum(deals) - sum(cons)) / n), got)
    weights = {"perfect": lambda result, right: right,
               "shorter": lambda result, right: [1 / t["tokens"] for t in result["trajectories"]],
               "longer": lambda result, right: [t["tokens"] for t in result["trajectories"]],
               "without_last": lambda result, right: without_last(result)}
    timed = any(t["tokens"] for r in results for t in r["trajectories"])
    for name, weight in weights.items():
        if name in ("shorter", "longer") and not timed:
            expect(got[name] is None, name, got)
            continue
        hits = sum(first_right([(value, w) for (value, _), w in zip(v, weight(result, right))], right)
                   for result, right, v in zip(results, all_right, all_votes))
        expect(close(got[name], hits / n), name, got, hits / n)
    expect(close(got["best_of_n"], sum(map(best_right, all_votes, all_right)) / n), got)


def check_summary(summary, results, all_right, all_votes):
    n = len(results)
    clr = [bool(r["correct"]["clr"]) for r in results]
    cons = [bool(r["correct"]["cons"]) for r in results]
    hits = {"clr": clr, "cons": cons, "pass_at_k": [any(r) for r in all_right]}
    expect(summary["n"] == summary["results"] == n and summary["failed"] == 0, summary)
    for key, list_ in hits.items():
        low, high = wilson(sum(list_), n)
        got = summary[key]
        expect(close(got["value"], sum(list_) / n) and close(got["low"], low) and close(got["high"], high), key, got)
    shares = [sum(r) / len(r) for r in all_right]
    low, high = bootstrap(shares)
    got = summary["pass_at_1"]
    expect(close(got["value"], sum(shares) / n) and abs(got["low"] - low) < 0.03 and
           abs(got["high"] - high) < 0.03, got, low, high)
    paired = check_paired(summary["clr_minus_cons"], clr, cons, summary["clr_minus_cons"]["p"])
    expect(paired == (summary["rescue"], summary["harm"]), paired, summary)
    expect(summary["unanswered"] == sum(r["answer"] is None for r in results))
    usage = [r["usage"] for r in results]
    expect(summary["calls"] == sum(u["calls"] for u in usage))
    expect(summary["tokens"] == sum(u["completion_tokens"] + u["verify_tokens"] for u in usage))
    k_all = max(map(len, all_votes))
    curve = summary["curve"]
    expect([c["k"] for c in curve] == [k for k in (1, 2, 4, 8, 16, 32) if k < k_all] + [k_all], curve)
    for c in curve:
        pairs = [prefix(v, r, c["k"]) for v, r in zip(all_votes, all_right)]
        expect(close(c["clr"], sum(p[0] for p in pairs) / n), c, "clr", sum(p[0] for p in pairs) / n)
        expect(close(c["cons"], sum(p[1] for p in pairs) / n), c, "cons")
        expect(close(c["pass"], sum(any(r[:c["k"]]) for r in all_right) / n), c, "pass")
    expect(close(curve[-1]["clr"], summary["clr"]["value"]) and close(curve[-1]["cons"], summary["cons"]["value"]))
    tokens = [[0, *itertools.accumulate(t["tokens"] for t in r["trajectories"])] for r in results]
    calls = [list(range(len(r["trajectories"]) + 1)) for r in results]
    check_equal_cost(summary["equal_calls"], "calls", curve, all_right, all_votes, calls)
    check_equal_cost(summary["equal_tokens"], "tokens", curve, all_right, all_votes, tokens)
    total = [[made + i * (u["prompt_tokens"] - u["verify_prompt_tokens"]) / len(r["trajectories"])
              for i, made in enumerate(row)] for row, u, r in zip(tokens, usage, results)]
    check_equal_cost(summary["equal_total_tokens"], "total_tokens", curve, all_right, all_votes, total)
    check_controls(summary["controls"], results, all_right, all_votes)


def test_formulas_of_the_table_of_grade(rig: Rig):
    """Joint verdicts of a recorded verifier; three claims and gamma 1, where scores often tie."""
    rng = random.Random(5)
    k, m, problems, recorded = 5, 3, [], []
    for i in range(80):
        problem = {"id": f"p{i}", "problem": f"problem {i}", "gold": "1"}
        samples, verdicts = [], []
        for j in range(k):
            claims = [f"sample {j} of problem {i} has a good part {part}" for part in "abc"[:rng.randint(2, 3)]]
            samples.append({"text": "so " * rng.randint(0, 40) + solution(rng.choice([1, 2]), claims)})
            verdicts += [{"claim": c, "text": rng.choice(["VALID", "REFUTED - no", *(["VALID", "perhaps"] if i % 2 else [])])}
                         for c in claims]
        problems.append(problem)
        recorded.append({"problem": problem["problem"], "samples": samples, "verdicts": verdicts})
    args = ["grade", "--profile", "instruct", "--verify", "joint", "-k", str(k), "-m", str(m), "--gamma", "1",
            "--stable", "--engine", engine(rig.write_lines("r.jsonl", recorded)),
            rig.write_lines("in.jsonl", problems), "-o", rig.path("out.jsonl"), "--summary"]
    run = rig.run(*args, rig.path("sum.json"))
    expect(run.code == 0, run.code, run.err)
    results = rig.read_lines("out.jsonl")
    votes = []
    for r in results:
        values = [[c["signals"]["self"] for c in t["claims"]] for t in r["trajectories"]]
        parsed = [v for vs in values for v in vs if v is not None]
        p = (1 + sum(parsed)) / (1 + len(parsed))
        votes.append([(int(t["answer"]), reliability(vs, m, 1, p) if parsed else 1)
                      for vs, t in zip(values, r["trajectories"])])
        for (_, vote), t in zip(votes[-1], r["trajectories"]):
            expect(close(vote, t["r"]), r["id"], t)
        groups, _ = select(votes[-1])
        expect([g["members"] for g in r["groups"]] == [g[0] for g in groups], r["id"], r["groups"], groups)
    check_summary(json.load(open(rig.path("sum.json"))), results, [[v == 1 for v, _ in vs] for vs in votes], votes)
    again = rig.run(*args, rig.path("again.json"), "--resume")  # from what was written, not from memory
    expect(again.code == 0 and open(rig.path("again.json")).read() == open(rig.path("sum.json")).read(), open(rig.path("again.json")).read(), open(rig.path("sum.json")).read())


def smoothed(values, replies):
    """value -> (hits + 1) / (readable replies + 2); None without a readable one."""
    read = [r for r in replies if r is not None]
    return {v: (read.count(v) + 1) / (len(read) + 2) if read else None for v in values}


def test_formulas_of_blind_recomputation(rig: Rig):
    """Two labelled quantities a solution, some contested; recomputations come by the quantity."""
    rng = random.Random(8)
    k, m, gamma, j, problems, recorded, truth = 6, 2, 3, 4, [], [], []
    for i in range(60):
        problem = {"id": f"p{i}", "problem": f"problem {i}", "gold": "1"}
        rows = [[(label, rng.choice([10, 10, 11, 12])) for label in ("fee", "sum")] for _ in range(k)]
        answers = [rng.choice([1, 2, 3]) for _ in range(k)]
        texts = [solution(a, [f"{label}: {v - 4} + 4 = {v}" for label, v in row])
                 for a, row in zip(answers, rows)]
        replies = {label: [rng.choice([10, 10, 11, None]) for _ in range(j)] for label in ("fee", "sum")}
        verdicts = [{"claim": label, "text": "I cannot tell." if r is None else f"So it is \\boxed{{{r}}}."}
                    for label in replies for r in replies[label]]
        problems.append(problem)
        recorded.append({"problem": problem["problem"], "samples": [{"text": t} for t in texts],
                         "verdicts": verdicts})
        shares = {label: smoothed((10, 11, 12), replies[label]) for label in replies}
        truth.append((rows, answers, shares))
    args = ["grade", "--profile", "instruct", "--verify", "blind", "--verify-repeats", str(j), "-k", str(k),
            "-m", str(m), "--gamma", str(gamma), "--stable", "--engine",
            engine(rig.write_lines("r.jsonl", recorded)), rig.write_lines("in.jsonl", problems)]
    run = rig.run(*args, "-o", rig.path("out.jsonl"), "--summary", rig.path("sum.json"))
    expect(run.code == 0, run.code, run.err)
    results, votes = rig.read_lines("out.jsonl"), []
    for (rows, answers, shares), r in zip(truth, results):
        values = [[shares[label][v] for label, v in row] for row in rows]
        # what no recomputation could be read for is unparsed, though its arithmetic is proved
        known = [v for vs in values for v in vs if v is not None]
        p = (1 + sum(known)) / (1 + len(known))
        votes.append([(a, reliability(vs, m, gamma, p)) for a, vs in zip(answers, values)])
        for (_, vote), row, t in zip(votes[-1], rows, r["trajectories"]):
            expect(close(vote, t["r"]), r["id"], vote, t)
            for (label, v), c in zip(row, t["claims"]):
                share = shares[label][v]
                got = c["signals"]["blind"]
                expect((got is None) == (share is None) and (share is None or close(got, share)), r["id"], c)
                expect(c["decided_by"] == (None if share is None else "blind"), c)
        groups, _ = select(votes[-1])
        expect([g["members"] for g in r["groups"]] == [g[0] for g in groups], r["id"], r["groups"], groups)
        expect(r["usage"]["calls"] == k + 2 * j, r["usage"])
        expect(r["run"]["verify"] == "blind" and r["run"]["signals"] == ["symbolic", "blind"], r["run"])
    check_summary(json.load(open(rig.path("sum.json"))), results, [[v == 1 for v, _ in vs] for vs in votes], votes)


def test_formulas_results_scored_again_are_as_sampled_again(rig: Rig):
    """The trajectories of a result, put in as samples, under the settings of another run."""
    rng = random.Random(3)
    problems, recorded = [], []
    for i in range(12):
        problem = {"id": f"p{i}", "problem": f"problem {i}", "gold": "1"}
        samples, verdicts = [], []
        for j in range(6):
            claims = [f"sum: {rng.choice([3, 4])} + 4 = {rng.choice([7, 8])}", f"box {j} is red"]
            samples.append({"text": solution(rng.choice([1, 2]), claims) if rng.random() < 0.9 else "I do not know."})
            verdicts += [{"claim": c, "text": rng.choice(["VERDICT: VALID", "VERDICT: REFUTED", "hm"])} for c in claims]
        verdicts += [{"claim": "sum", "text": f"\\boxed{{{rng.choice([7, 8])}}}"} for _ in range(3)]
        problems.append(problem)
        recorded.append({"problem": problem["problem"], "samples": samples, "verdicts": verdicts})
    replay, source = engine(rig.write_lines("r.jsonl", recorded)), rig.write_lines("in.jsonl", problems)
    common = ["--profile", "instruct", "-k", "6", "-m", "2", "--engine", replay, source, "--stable"]
    for verify in ("each", "blind"):
        signal = "blind" if verify == "blind" else "self"
        run = rig.run("grade", "--verify", verify, "--signals", signal, *common, "-o", rig.path(f"{verify}.jsonl"))
        expect(run.code == 0, run.err)
        lines = [dict(p, samples=r["trajectories"]) for p, r in zip(problems, rig.read_lines(f"{verify}.jsonl"))]
        again = rig.write_lines(f"{verify}.again", lines)
        for signals, rule, gamma in ((signal, "power", "2"), ("symbolic", "power", "5"), (f"symbolic,{signal}", "power", "1"),
                                     ("symbolic", "soft", "2")):
            settings = ["--signals", signals, "--rule", rule, "--gamma", gamma, "-m", "2"]
            scored = rig.run("score", *settings, again, "-o", "-", "--stable")
            sampled = rig.run("grade", *settings, "--verify", verify, *common, "-o", rig.path("x.jsonl"))
            expect(scored.code == 0 and sampled.code == 0, scored.err, sampled.err)
            for a, b in zip(scored.lines, rig.read_lines("x.jsonl")):
                expect(a["answer"] == b["answer"] and a["correct"] == b["correct"], verify, signals, a["id"])
                for g, h in zip(a["groups"], b["groups"]):  # signals are written with 15 digits
                    expect(g["members"] == h["members"] and close(g["score"], h["score"]), verify, signals, g, h)
            os.remove(rig.path("x.jsonl"))


main(globals())
