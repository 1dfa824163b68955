#!/usr/bin/env python3
"""Runs and prints the published table of a model.

usage: table.py [options] SURETY PROBLEMS.jsonl -o FOLDER [-- OPTION...]

For each sampling seed and each way to verify, `SURETY grade` solves all problems, with the model's
signal alone; what is there already is kept, so that an interrupted run goes on. Every other row is
`SURETY score` on these very samples under other settings. All numbers come from the files through
`SURETY compare`, which averages the seeds inside a problem, and from the tables of `score`. FOLDER
gets the results, tables.md, curves.json (for plot.py) and, where the problems have "steps",
the shares of first errors. OPTIONs go to grade (--model FILE).
"""
import argparse
import functools
import itertools
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

sys.dont_write_bytecode = True

from first_errors import KINDS, first_errors, refuted  # noqa: E402

CONTROLS = [("permuted", "dealt anew"), ("best_of_n", "best of N"), ("shorter", "1 / tokens"), ("longer", "tokens"),
            ("without_last", "without the last claim"), ("perfect", "perfect verifier")]
COSTS = ("calls", "tokens", "total_tokens", "computed_tokens")


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stderr or done.stdout}")
    return done.stdout


def read_lines(path):
    with open(path, encoding="utf-8") as f:
        yield from map(json.loads, f)


def percent(value, sign=""):
    return "" if value is None else f"{100 * value:{sign}.1f}"


def difference(d):
    return f"{percent(d['value'], '+')} [{percent(d['low'], '+')}, {percent(d['high'], '+')}]"


class Table:
    def __init__(self, args):
        self.args = args
        self.problems = list(read_lines(args.problems))
        os.makedirs(args.output, exist_ok=True)

    def path(self, *parts):
        return os.path.join(self.args.output, "-".join(map(str, parts)) + ".jsonl")

    # ---- samples and verdicts ----
    def grade(self, mode, seed):
        """One run; what stands in the folder already must be of this table, which --resume looks after."""
        out = self.path("grade", mode, seed)
        command = [self.args.surety, "grade", "--verify", mode, "--signals", "blind" if mode == "blind" else "self",
                   "-k", self.args.k, "-m", self.args.m, "--seed", seed, self.args.problems, "-o", out, "--resume"]
        if mode == "blind":
            command += ["--verify-repeats", self.args.repeats]
        print(f"grade {mode}, seed {seed}", file=sys.stderr)
        run(list(map(str, command + self.args.options)))

    def results(self, mode, seed):
        """The results of a run, one at a time: a run has 64,000 solutions."""
        return read_lines(self.path("grade", mode, seed))

    def all_results(self, mode):
        return itertools.chain.from_iterable(self.results(mode, seed) for seed in self.args.seeds)

    @functools.lru_cache(maxsize=None)
    def samples(self, mode, seed):
        """A file of the problems with their samples as `score` reads them, and what each result paid, by id."""
        paid, file = {}, self.path("samples", mode, seed)
        problems = {str(p["id"]): p for p in self.problems}
        with open(file, "w", encoding="utf-8") as out:
            for r in self.results(mode, seed):
                samples = r["trajectories"]
                paid[r["id"]] = {"usage": r["usage"], "run": r["run"],
                                 "samples": sum(t["finish_reason"] != "error" for t in samples)}
                if samples:
                    out.write(json.dumps(dict(problems[r["id"]], id=r["id"], samples=samples)) + "\n")
        return file, paid

    def score_seed(self, row, seed):
        """The row's results on one seed, a file; and their table."""
        samples, paid = self.samples(row["mode"], seed)
        scored, summary = self.path("scored", seed), os.path.join(self.args.output, f"summary-{seed}.json")
        if os.path.exists(scored):
            os.remove(scored)
        command = [self.args.surety, "score", "--signals", row["signals"], "--rule", row["rule"], "--gamma",
                   row["gamma"], "-m", self.args.m, samples, "-o", scored, "--stable", "--summary", summary]
        run(list(map(str, command)))
        with open(summary, encoding="utf-8") as f:
            table = json.load(f)
        os.remove(summary)
        with open(self.path(row["name"], seed), "w", encoding="utf-8") as out:
            for result in read_lines(scored):
                self.pay(result, paid[result["id"]], row)
                out.write(json.dumps(result) + "\n")
        os.remove(scored)
        return table

    def score(self, row):
        """The row's results on all seeds in one file, and the tables of its seeds."""
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            tables = list(pool.map(lambda seed: self.score_seed(row, seed), self.args.seeds))
        with open(self.path(row["name"]), "wb") as out:
            for part in (self.path(row["name"], seed) for seed in self.args.seeds):
                with open(part, "rb") as f:
                    shutil.copyfileobj(f, out)
                os.remove(part)
        return self.path(row["name"]), tables

    @staticmethod
    def pay(result, source, row):
        """Recorded samples cost nothing: a row pays what its run did, without verdicts it has no use for."""
        used = source["usage"]
        if row["signals"] != "symbolic":
            result["usage"] = dict(used)
            result["run"].update(verify=row["mode"], verify_temperature=source["run"]["verify_temperature"])
        else:
            result["usage"] = dict(used, calls=source["samples"], verify_tokens=0, verify_prompt_tokens=0, verify_cached_tokens=0,
                                   prompt_tokens=used["prompt_tokens"] - used["verify_prompt_tokens"],
                                   cached_tokens=used.get("cached_tokens", 0) - used.get("verify_cached_tokens", 0))

    def compare(self, file, *options, other=None):
        return json.loads(run([self.args.surety, "compare", file, other or file, "--json", *options]))["rows"]

    # ---- rows ----
    def rows(self):
        first = self.args.modes[0]
        yield {"name": "symbolic-soft", "mode": first, "signals": "symbolic", "rule": "soft", "gamma": self.args.gamma}
        for gamma in self.args.gammas:
            for mode, signals in [(first, "symbolic")] + [
                    (m, s) for m in self.args.modes
                    for s in (["blind", "symbolic,blind"] if m == "blind" else ["self", "symbolic,self"])]:
                name = f"{signals.replace(',', '+')}-{mode}-{gamma}" if signals != "symbolic" else f"symbolic-{gamma}"
                yield {"name": name, "mode": mode, "signals": signals, "rule": "power", "gamma": gamma}

    def title(self, row):
        how = {"blind": f", J = {self.args.repeats}"}.get(row["mode"], "")
        return {"symbolic": "exact arithmetic"}.get(row["signals"], f"`{row['signals']}` (`{row['mode']}`{how})")

    def make(self):
        for seed in self.args.seeds:
            for mode in self.args.modes:
                self.grade(mode, seed)
        ks = [k for k in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512) if k < self.args.k] + [self.args.k]
        made = []
        for row in self.rows():
            print(f"score {row['name']}", file=sys.stderr)
            file, tables = self.score(row)
            main = str(row["gamma"]) == str(self.args.gamma)
            clr = f"clr@{self.args.clr_k}"
            rows = self.compare(file, "--a", ",".join(["clr", clr] + [f"clr@{k}" for k in ks if main]),
                                "--b", ",".join(["cons", "cons"] + [f"cons@{k}" for k in ks if main]))
            row.update(tables=tables, same=rows[0], against_all=rows[1])
            if main:
                equal = self.compare(file, "--a", clr, "--b", "cons", "--equal", ",".join(COSTS))
                row.update(curve=rows[2:], equal=dict(zip(COSTS, equal)))
            made.append(row)
        self.write(made, ks)
        for mode, seed in itertools.product(self.args.modes, self.args.seeds):
            os.remove(self.samples(mode, seed)[0])

    # ---- markdown ----
    def write(self, rows, ks):
        out = [f"{len(self.problems)} problems, {len(self.args.seeds)} sampling seed(s) ({', '.join(self.args.seeds)}), "
               f"K = {self.args.k}, M = {self.args.m}. Differences are in points with 95 % intervals over problems; "
               "seeds are averaged inside a problem, and rescued / harmed count the problems that are right more / "
               "less often. Calls and tokens made are means of a problem; a row with two signals pays for all verdicts "
               "of its run.", "",
               f"### At K = {self.args.k}, on the same samples", "",
               "| verdicts from | rule | gamma | right | CLR - Cons | rescued / harmed | p | calls | tokens |",
               "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
        cons, table = rows[0]["same"], rows[0]["tables"]
        pass_1 = sum(t["pass_at_1"]["value"] for t in table) / len(table)
        pass_k = sum(t["pass_at_k"]["value"] for t in table) / len(table)
        out += [f"| none: one solution (pass@1) | | | {percent(pass_1)} % | | | | 1.0 | "
                f"{cons['b_tokens'] / max(cons['b_calls'], 1):.0f} |",
                f"| none: plain majority (Cons) | | | {percent(cons['b_right'])} % | | | | {cons['b_calls']:.1f} | "
                f"{cons['b_tokens']:.0f} |"]
        for row in rows:
            s = row["same"]
            gamma = "" if row["rule"] == "soft" else row["gamma"]
            out.append(f"| {self.title(row)} | {row['rule']} | {gamma} | {percent(s['a_right'])} % | "
                       f"{difference(s['a_minus_b'])} | {s['rescue']} / {s['harm']} | {s['a_minus_b']['p']:.2g} | "
                       f"{s['a_calls']:.1f} | {s['a_tokens']:.0f} |")
        out += [f"| any solution right (pass@K) | | | {percent(pass_k)} % | | | | | |", ""]
        main = [row for row in rows if "curve" in row]
        out += self.curves(main, ks) + self.equal(main) + self.between(main) + self.controls(main) + self.errors()
        with open(os.path.join(self.args.output, "tables.md"), "w", encoding="utf-8") as f:
            f.write("\n".join(out) + "\n")
        with open(os.path.join(self.args.output, "curves.json"), "w", encoding="utf-8") as f:
            json.dump(self.points(main, ks), f, indent=1)
        print("\n".join(out))

    def passes(self, ks):
        """pass@k, the mean over problems and seeds."""
        found = {k: [] for k in ks}
        for seed in self.args.seeds:
            for r in self.results(self.args.modes[0], seed):
                for k in ks:
                    found[k].append(any(t["correct"] for t in r["trajectories"] if t["index"] < k))
        return [sum(found[k]) / len(found[k]) for k in ks]

    def curves(self, rows, ks):
        out = [f"### By K, gamma = {self.args.gamma}", "", "| | " + " | ".join(map(str, ks)) + " |",
               "| --- |" + " --- |" * len(ks)]
        out.append("| Cons | " + " | ".join(percent(p["b_right"]) for p in rows[0]["curve"]) + " |")
        for row in rows:
            out.append(f"| {self.title(row)}, {row['rule']} | " +
                       " | ".join(percent(p["a_right"]) for p in row["curve"]) + " |")
        return out + ["| any right | " + " | ".join(map(percent, self.passes(ks))) + " |", ""]

    def equal(self, rows):
        out = [f"### CLR@{self.args.clr_k} against Cons@k' at equal cost, and against Cons@{self.args.k}", "",
               "| verdicts from, rule | cost | k' | CLR | Cons | CLR - Cons | rescued / harmed |",
               "| --- | --- | --- | --- | --- | --- | --- |"]
        for row in rows:
            for cost, s in [*row["equal"].items(), ("all samples", row["against_all"])]:
                out.append(f"| {self.title(row)}, {row['rule']} | {self.paired(cost, s)}")
        return out + [""]

    @staticmethod
    def paired(cost, s):
        short = "" if s.get("paid", True) else " (costs less)"
        return (f"{cost.replace('_', ' ')} | {s['b'].split('@')[1]}{short} | {percent(s['a_right'])} | "
                f"{percent(s['b_right'])} | {difference(s['a_minus_b'])} | {s['rescue']} / {s['harm']} |")

    def between(self, rows):
        """The ways to verify against each other, the model's signals alone."""
        k = max(1, self.args.k // 4)
        out = [f"### A at K = {k} against B at the smallest k' that costs as much", "",
               "| A, B | cost | k' | A | B | A - B | more / less often right |", "| --- | --- | --- | --- | --- | --- | --- |"]
        alone = [row for row in rows if row["signals"] in ("self", "blind")]
        for b, a in itertools.combinations(alone, 2):
            found = self.compare(self.path(a["name"]), "--a", f"clr@{k}", "--b", "clr", "--equal", ",".join(COSTS),
                                 other=self.path(b["name"]))
            out += [f"| {self.title(a)}, {self.title(b)} | {self.paired(cost, s)}" for cost, s in zip(COSTS, found)]
        return out + [""]

    def controls(self, rows):
        out = [f"### Controls at K = {self.args.k}, gamma = {self.args.gamma}", "",
               "| verdicts from, rule | CLR | Cons | " + " | ".join(title for _, title in CONTROLS) + " |",
               "| --- | --- | --- |" + " --- |" * len(CONTROLS)]
        for row in rows:
            means = {key: [t["controls"][key] for t in row["tables"]] for key, _ in CONTROLS}
            cells = ["" if None in v else percent(sum(v) / len(v)) for v in means.values()]
            out.append(f"| {self.title(row)}, {row['rule']} | {percent(row['same']['a_right'])} | "
                       f"{percent(row['same']['b_right'])} | " + " | ".join(cells) + " |")
        return out + [""]

    def errors(self):
        steps = {str(p["id"]): p["steps"] for p in self.problems if "steps" in p}
        if not steps:
            return []
        out = ["### Errors by kind", "", "| | " + " | ".join((*KINDS, "no error")) + " |",
               "| --- |" + " --- |" * (len(KINDS) + 1)]
        for mode in self.args.modes:
            if mode == self.args.modes[0]:
                counts = first_errors(steps, self.all_results(mode))
                n = sum(counts.values())
                out.append(f"| the first error of {n} wrong solutions | " +
                           " | ".join(f"{percent(c / max(n, 1))} %" for c in counts.values()) + " | |")
            signal = "`blind`" if mode == "blind" else f"`self` (`{mode}`)"
            out.append(f"| claims that {signal} refutes | " +
                       " | ".join(f"{percent(no / n)} % of {n}" if n else "" for n, no in
                                  refuted(steps, self.all_results(mode)).values()) + " |")
        return out + [""]

    def points(self, rows, ks):
        plain = [{"k": k, "right": p["b_right"], "calls": p["b_calls"], "tokens": p["b_tokens"]}
                 for k, p in zip(ks, rows[0]["curve"])]
        return [{"name": "Cons", "points": plain}] + [
            {"name": "exact arithmetic" if row["signals"] == "symbolic" else row["mode"],
             "points": [{"k": k, "right": p["a_right"], "calls": p["a_calls"], "tokens": p["a_tokens"]}
                        for k, p in zip(ks, row["curve"])]}
            for row in rows if row["rule"] == "power" and "," not in row["signals"]]


def main():
    parser = argparse.ArgumentParser(description="Run and print the published table of a model.")
    parser.add_argument("surety")
    parser.add_argument("problems")
    parser.add_argument("-o", "--output", required=True, metavar="FOLDER")
    parser.add_argument("-k", type=int, default=64, help="solutions of a problem (64)")
    parser.add_argument("--clr-k", type=int, help="of CLR where it is held against all samples (half of -k)")
    parser.add_argument("-m", type=int, default=5, help="claims of a solution (5)")
    parser.add_argument("--seeds", type=lambda t: t.split(","), default=["1", "2", "3"], help="sampling seeds (1,2,3)")
    parser.add_argument("--modes", type=lambda t: t.split(","), default=["each", "joint", "blind"],
                        help="ways to verify (each,joint,blind)")
    parser.add_argument("--gammas", type=lambda t: t.split(","), default=["1", "2", "5", "16"], help="(1,2,5,16)")
    parser.add_argument("--gamma", default="5", help="of the curves, one of the gammas (5)")
    parser.add_argument("--repeats", type=int, default=8, help="recomputations of a quantity (8)")
    cut = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    args = parser.parse_args(sys.argv[1:cut])
    args.options = sys.argv[cut + 1:]
    args.clr_k = args.clr_k or max(1, args.k // 2)
    Table(args).make()


if __name__ == "__main__":
    main()
