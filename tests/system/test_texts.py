"""The commands that need no engine: equal, claims, score, show, and the program itself."""
import json
import os
import subprocess

from rig import Rig, SURETY, expect, main, solution

ALL_BYTES = bytes(range(256))


def test_help_lists_what_works_and_every_command_has_examples(rig: Rig):
    top = rig.run("--help")
    expect(top.code == 0 and not top.err, top.err)
    for name in ["solve", "grade", "score", "compare", "show", "equal", "check", "claims", "profile", "broker", "worker", "status",
                 "gateway", "serve"]:
        expect(f"  {name} " in top.out, name)
        own = rig.run(name, "--help")
        expect(rig.run("help", name).out == own.out, name)
        expect(own.code == 0 and "Examples:\n  " in own.out and f"usage: surety {name}" in own.out)
    for name in ["doctor", "fetch"]:
        expect(f"  {name} " not in top.out, name)
        refused = rig.run(name)
        expect(refused.code == 2 and name in refused.err and "  claims " in refused.err, refused.err)


def test_help_of_what_is_no_command_lists_the_commands(rig: Rig):
    expect(rig.run("help").out == rig.run("--help").out)
    run = rig.run("help", "nope")
    expect(run.code == 2 and "no command 'nope'" in run.err and "  solve " in run.err, run.err)


def test_profiles_are_listed_printed_and_installed(rig: Rig):
    listed = rig.run("profile")
    expect(listed.code == 0 and "instruct   --verify joint" in listed.out and "demo       --verify each, joint, blind\n" in
           listed.out, listed.out)
    for name in ("instruct", "demo"):
        printed = rig.run("profile", name)
        expect(printed.code == 0 and f"\nname: {name}\n" in printed.out, printed.out)
        kept = rig.write("mine.profile", printed.out)
        expect(rig.run("claims", "--profile", kept, stdin="6*7 = 42, so \\boxed{42}").code == 0)
    none = rig.run("profile", "nope")
    expect(none.code == 1 and "'surety profile' lists them" in none.err, none.err)
    plan = os.path.join(os.path.dirname(SURETY), "..", "meson-info", "intro-installed.json")
    if os.path.exists(plan):
        places = json.load(open(plan)).values()
        expect(any(place.endswith("share/surety/profiles/instruct.profile") for place in places), places)


def test_version_names_features(rig: Rig):
    version = rig.run("--version")
    expect(version.code == 0)
    for word in ["surety 0.", "engine gguf: ", "kernels)", "engine replay: ", "FLINT", "ZeroMQ"]:
        expect(word in version.out, version.out)


def test_equal_answers_and_exit_codes(rig: Rig):
    for gold, pred, word, code in [("1/2", "0.5", "true", 0), ("-5", "-\\frac{10}{2}", "true", 0),
                                   ("-\\frac12", "-0.5", "true", 0), ("3", "4", "false", 1),
                                   ("--", "", "", 2)]:
        result = rig.run("equal", gold, pred)
        expect(result.code == code and result.out.startswith(word), gold, pred, result.out, result.code)
    expect(rig.run("equal", "1").code == 2)
    expect(rig.run("equal", "1", "2", "3").code == 2)


def test_equal_lines_keep_their_places(rig: Rig):
    lines = rig.run("equal", "--jsonl", "-", stdin='{"id":9,"gold":"1/2","pred":"0.5"}\nbroken\n'
                    '{"gold":"1","pred":"2"}\n{"gold":"1"}\n')
    expect(lines.code == 4)
    a, b, c, d = lines.lines
    expect(a["equal"] is True and a["id"] == 9, a)
    expect(b["error"]["line"] == 2, b)
    expect(c["equal"] is False, c)
    expect(d["error"]["line"] == 4, d)
    expect("stdin:2:" in lines.err, lines.err)


def test_check_reads_compares_and_exits_with_the_verdict(rig: Rig):
    for gold, text, word, code, *options in [
            ("18", "So she makes \\boxed{18} dollars.", "true (exact rational), answer: 18\n", 0),
            ("-5", "-5", "true ", 0), ("18", "Answer: 17", "false (different numbers), answer: 17\n", 1),
            ("18", "I give up.", "false (no answer)\n", 1), ("1/3", "The answer is 0.333", "false (compatible only: ", 1),
            ("1/3", "The answer is 0.333", "true (compatible only: ", 0, "--lenient"),
            ("10^{10^{10}}", "Answer: 10^{10^{10}}+1", "unknown (", 3),
            ("We have 18.\n#### 18", "Answer: 18.0", "true ", 0), ("1, 2", "Answer: 2", "false ", 1),
            ('["1", "2"]', "Answer: 2", "true ", 0), ("[1, 2]", "Answer: [1, 2]", "true ", 0),
            ('{"answer": 9.81, "kind": "number", "tolerance": 0.05}', "g = 9.8 m", "true (within", 0),
            ("B", "Answer: 42", "true ", 0, "--lenient", "--problem", "Which? A) 41 B) 42"),
            ("B", "-", "false ", 1), ('["1", ""]', "1", "", 2), ('{"answer": 1, "kind": "x"}', "1", "", 2),
            ("", "1", "", 2)]:
        result = rig.run("check", *options, gold, text)
        expect(result.code == code and result.out.startswith(word), gold, text, result.out, result.err, result.code)
        expect(bool(result.err) == (code == 2), result.err)
    piped = rig.run("check", "--json", "18", "-", stdin=b"\xff so \\boxed{18\0}")
    expect(piped.json["correct"] is False and "18" in piped.json["answer"], piped.out)
    ansi = rig.run("check", "18", "Answer: 18\x1b[31m red")
    expect("\x1b" not in ansi.out, ansi.out)
    for wrong in [[], ["18"], ["1", "2", "3"], ["--jsonl", "-", "1"], ["--jsonl"], ["--jsonl", rig.path("nowhere")]]:
        expect(rig.run("check", *wrong).code == 2, wrong)


def test_check_lines_keep_their_places_whatever_they_hold(rig: Rig):
    good = {"gold": "18", "text": "\\boxed{18}"}
    bad = [{"text": "1"}, {"gold": "1"}, {"gold": "1", "text": 7}, {"gold": [], "text": "1"}, {"gold": [["1"]], "text": "1"},
           {"gold": None, "text": "1"}, {"gold": {"answer": "x", "kind": "number"}, "text": "1"}, {"gold": "", "text": "1"},
           {"gold": ["1"] * 300, "text": "1"}, {"gold": "1", "text": "7" * ((16 << 20) + 1)}, "[]", "{", "\xff" * 9,
           {"gold": {"answer": 1, "x" * 39 + "ä": 1}, "text": "1"}]
    lines = [{**good, "id": 1}, *bad, {**good, "text": "\u0000\ufffd \\boxed{17}", "id": 2},
             {"gold": "10^{10^{10}}", "text": "Answer: 10^{10^{10}}+1", "id": 3},
             {"gold": {"answer": ["a", 18]}, "text": "The answer is 18", "finish_reason": "length", "id": 4},
             {"gold": "B", "text": "Answer: 42", "problem": "Which? A) 41 B) 42", "id": 5},
             {"gold": ["1", 18], "text": "Answer: 18", "id": 6}]
    path = rig.write_lines("in.jsonl", lines)
    result = rig.run("check", "--jsonl", path)
    expect(result.code == 4, result.code)
    out = result.lines
    expect(len(out) == len(lines) and result.err.count("\n") == len(bad), len(out), result.err)
    for number, line in enumerate(out[1:len(bad) + 1], 2):
        expect(line["error"]["line"] == number and line["error"]["message"], line)
        expect(f"in.jsonl:{number}: " in result.err, number, result.err)
    expect(out[0] == {"correct": True, "answer": "18", "relation": "exact", "how": "exact rational", "found": "boxed",
                      "id": 1}, out[0])
    rest = [(line["id"], line["correct"], line["relation"]) for line in out[len(bad) + 1:]]
    expect(rest == [(2, False, "different"), (3, None, "unknown"), (4, False, "different"), (5, False, "compatible"),
                    (6, True, "exact")], rest)
    lenient = rig.run("check", "--lenient", "--jsonl", "-", stdin=json.dumps(lines[-2]))
    expect(lenient.code == 0 and lenient.json["correct"] is True and lenient.json["relation"] == "compatible")


def test_lenient_tables_count_compatible_answers(rig: Rig):
    source = rig.write_lines("in.jsonl", [{"problem": "How far?", "gold": "5 km", "samples": [
        {"text": "", "answer": "5"}, {"text": "", "answer": "5"}, {"text": "", "answer": "4"}, {"text": "", "answer": "5 km"}]}])
    results, tables = [], []
    for options in [[], ["--lenient"]]:
        done = rig.run("score", "--stable", *options, source, "-o", rig.path("out.jsonl"), "--summary", rig.path("sum.json"))
        expect(done.code == 0, done.err)
        with open(rig.path("out.jsonl"), encoding="utf-8") as f:
            results.append(f.read())
        with open(rig.path("sum.json"), encoding="utf-8") as f:
            tables.append(json.load(f))
        expect(("--lenient" in done.out) == bool(options), done.out)
        os.remove(rig.path("out.jsonl"))
    expect(results[0] == results[1], "results say what is exact")
    strict, lenient = tables
    expect(strict["pass_at_1"]["value"] == 0.25 and lenient["pass_at_1"]["value"] == 0.75, tables)
    expect([t["lenient"] for t in tables] == [False, True] and strict["compatible"] == lenient["compatible"] == 2)


def test_claims_have_places_in_the_text(rig: Rig):
    text = "Sö 6*7 = 42 pens.\nThen 42 - 2 = 40.\nThe answer is \\boxed{40}."
    result = rig.run("claims", rig.write("s.txt", text))
    expect(result.code == 0 and result.json["answer"] == "40" and result.json["claims"], result.out)
    for claim in result.json["claims"]:
        place = text.encode()[claim["start"]:claim["end"]].decode()
        expect(claim["text"] in place, claim, place)
    piped = rig.run("claims", stdin=text)
    expect(piped.out == result.out)
    expect(len(rig.run("claims", "-m", "1", stdin=text).json["claims"]) == 1)


def samples(rig, *extra):
    return rig.write_lines("in.jsonl", [
        {"id": "a", "problem": "What is 6*7?", "gold": "42",
         "samples": [{"text": solution(42)}, {"text": solution(41)}, {"text": solution("42.0")}]},
        *extra,
        {"id": "z", "problem": "What is 1/2?", "gold": "0.5",
         "samples": [{"text": "", "answer": "1/2"}, {"text": "no idea"}]}])


def test_score_does_good_lines_and_reports_bad_ones(rig: Rig):
    source = samples(rig, "{broken", {"id": "c", "problem": "x", "context": ["y"], "samples": []},
                     {"id": "s", "problem": "x"})
    result = rig.run("score", source, "-o", rig.path("out.jsonl"), "--summary", rig.path("sum.json"))
    expect(result.code == 4, result.err)
    for number in (2, 3, 4):
        expect(f"in.jsonl:{number}:" in result.err, result.err)
    lines = {line["id"]: line for line in rig.read_lines("out.jsonl")}
    expect(list(lines) == ["a", "2", "c", "s", "z"], list(lines))
    expect(lines["a"]["answer"] == "42" and lines["a"]["correct"]["clr"] is True, lines["a"])
    expect(abs(lines["a"]["correct"]["pass_at_1"] - 2 / 3) < 1e-9)
    expect([t["correct"] for t in lines["a"]["trajectories"]] == [True, False, True])
    expect(lines["2"]["error"]["line"] == 2 and lines["2"]["answer"] is None, lines["2"])
    expect(lines["c"]["error"]["code"] == "unsupported" and "context" in lines["c"]["error"]["message"])
    expect(lines["z"]["correct"]["cons"] is True, lines["z"])
    summary = json.load(open(rig.path("sum.json")))
    expect(summary["n"] == 2 and summary["clr"]["value"] == 1.0, summary)
    expect("CLR@" in result.out, result.out)
    note = "nothing was called: a table counts a call for each"
    expect("\n0 calls" in result.out and f"{note}.\n" in result.out, result.out)
    judged = rig.write_lines("judged.jsonl", [{"problem": "x", "gold": "1", "samples": [
        {"answer": "1", "claims": [{"text": "a", "verdict": 1}]}]}])
    expect(f"{note}, and nothing for recorded verdicts.\n" in rig.run("score", judged, "-o", "-").err)


def test_score_is_stable_and_takes_k(rig: Rig):
    source = samples(rig)
    first = rig.run("score", "--stable", source, "-o", "-")
    second = rig.run("score", "--stable", source, "-o", "-")
    expect(first.bytes == second.bytes and "CLR@" in first.err and first.code == 0, first.err)
    expect(len(first.lines) == 2)
    one = rig.run("score", "-k", "1", source, "-o", "-").lines[0]
    expect(len(one["trajectories"]) == 1 and one["run"]["k"] == 1, one)


def test_score_reextract_takes_answers_from_the_texts(rig: Rig):
    source = rig.write_lines("in.jsonl", [
        {"problem": "x", "samples": [{"text": solution(7), "answer": "8"}]}])
    expect(rig.run("score", source, "-o", "-").lines[0]["answer"] == "8")
    expect(rig.run("score", "--reextract", source, "-o", "-").lines[0]["answer"] == "7")


def test_results_name_their_problem_and_gold(rig: Rig):
    source = samples(rig, {"id": "n", "problem": "no gold", "samples": [{"text": solution(1)}]})
    plain = {line["id"]: line for line in rig.run("score", source, "-o", "-").lines}
    expect(plain["a"]["gold"] == "42" and plain["z"]["gold"] == "0.5" and "gold" not in plain["n"], plain)
    expect(all("problem" not in line for line in plain.values()))
    expect(len({line["problem_hash"] for line in plain.values()}) == 3, plain)
    told = {line["id"]: line for line in rig.run("score", "--text", source, "-o", "-").lines}
    expect(told["a"]["problem"] == "What is 6*7?" and told["a"]["problem_hash"] == plain["a"]["problem_hash"], told)


def test_score_takes_other_names_a_limit_and_plain_texts(rig: Rig):
    source = rig.write_lines("in.jsonl", [
        {"doc": i, "question": "What is 6*7?", "answer": "6 * 7 = 42\n#### 42",
         "samples": [solution(42), {"text": solution(41)}, ""]} for i in range(9)])
    names = ["--problem-key", "question", "--gold-key", "answer", "--id-key", "doc"]
    run = rig.run("score", source, "-o", "-", *names, "--limit", "4")
    expect(run.code == 0 and [line["id"] for line in run.lines] == list("0123") and "Partial" not in run.err, run.err)
    expect([t["answer"] for t in run.lines[0]["trajectories"]] == ["42", "41", None], run.lines[0])
    expect(all(abs(line["correct"]["pass_at_1"] - 1 / 3) < 1e-9 for line in run.lines), run.out)
    run = rig.run("score", source, "-o", "-")
    expect(run.code == 4 and "there is no \"problem\" (--problem-key" in run.err, run.err)
    expect(rig.run("score", source, "-o", "-", "--limit", "0").code == 2)


def test_score_takes_given_claims_and_reads_the_answer(rig: Rig):
    text = "2*3=6, then 6+1=7, then 7*2=14. \\boxed{14}"
    given = [{"text": text, "claims": [{"text": "7*2=14", "verdict": 1}]}, {"text": text, "claims": []},
             {"text": text, "answer": None, "claims": [{"text": "x"}]}]
    source = rig.write_lines("in.jsonl", [{"problem": "x", "samples": given}])
    for more in ([], ["--reextract"], ["-m", "1"], ["-m", "64"]):
        result = rig.run("score", source, "-o", "-", *more)
        expect(result.code == 0, more, result.code, result.err)
        for sample, t in zip(given, result.lines[0]["trajectories"]):
            expect(t["answer"] == "14" and [c["text"] for c in t["claims"]] == [c["text"] for c in sample["claims"]], t)


def test_score_fewer_claims_than_m_are_a_fault_only_when_they_were_asked_for(rig: Rig):
    claim, signals = {"text": "the lid fits", "verdict": 1}, {"text": "the lid fits", "signals": {"self": 1}}
    given = [({"claims": [claim]}, 1), ({"claims": [claim], "cooperating": True}, 1 / 4),
             ({"claims": [signals]}, 1 / 4), ({"claims": [signals], "cooperating": False}, 1)]
    source = rig.write_lines("in.jsonl", [{"problem": "x", "samples": [dict(s, answer="1") for s, _ in given]}])
    run = rig.run("score", "-m", "2", "--gamma", "2", source, "-o", "-")
    expect([t["r"] for t in run.lines[0]["trajectories"]] == [r for _, r in given], run.out, run.err)


def test_score_takes_signals_as_a_result_has_them(rig: Rig):
    given = [({"self": 0.25, "blind": None, "symbolic": None}, 0.25), ({"blind": 0.75}, 0.75), ({}, None),
             ({"blind": 2}, '"blind"'), ({"self": "1"}, '"self"'), ({"symbolic": -1}, '"symbolic"'), ([1], "object")]
    source = rig.write_lines("in.jsonl", [
        {"problem": "x", "samples": [{"answer": "1", "claims": [{"text": "the lid fits", "signals": s}]}]}
        for s, _ in given])
    run = rig.run("score", source, "-o", "-")
    for line, (signals, expected) in zip(run.lines, given):
        if isinstance(expected, str):
            expect(expected in line["error"]["message"], signals, line)
            continue
        claim = line["trajectories"][0]["claims"][0]
        expect(claim["signals"].get(claim["decided_by"]) == expected, signals, claim)


def test_score_refuses_duplicate_ids_before_it_writes(rig: Rig):
    source = rig.write_lines("in.jsonl", [{"id": "a", "problem": "x"}, {"id": "a", "problem": "y"}])
    result = rig.run("score", source, "-o", rig.path("out.jsonl"))
    expect(result.code == 2 and "line 1" in result.err and ":2:" in result.err, result.err)
    expect(not os.path.exists(rig.path("out.jsonl")))


def test_score_refuses_to_verify_before_it_writes(rig: Rig):
    run = rig.run("score", "--verify", "joint", samples(rig), "-o", rig.path("out.jsonl"))
    expect(run.code == 2 and "no model" in run.err and not os.path.exists(rig.path("out.jsonl")), run.code, run.err)
    run = rig.run("score", "--verify", "none", samples(rig), "-o", rig.path("out.jsonl"))
    expect(run.code == 0, run.err)


def test_score_refuses_a_file_that_holds_results(rig: Rig):
    out = rig.write("out.jsonl", "precious\n")
    result = rig.run("score", samples(rig), "-o", out)
    expect(result.code == 2 and "remove it" in result.err and "resume" not in result.err, result.err)
    expect(open(out).read() == "precious\n")


def test_full_disk_is_told_and_nothing_is_claimed(rig: Rig):
    source = samples(rig)
    result = rig.run("score", source, "-o", "/dev/full")
    expect(result.code == 5 and "No space left" in result.err, result.err, result.code)
    for args in (["claims", source], ["equal", "1", "1"], ["--help"], ["--version"],
                 ["score", source, "-o", "-"]):
        with open("/dev/full", "wb") as full:
            process = rig.start(*args, stdout=full)
            expect(rig.finish(process).code != 0, args)


def test_closed_streams_are_no_place_for_sockets(rig: Rig):
    source = rig.write_lines("r.jsonl", [{"problem": "p", "samples": [{"text": solution(1)}]}])
    for closed in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
        process = subprocess.run(["sh", "-c", f'"$0" solve --engine replay:file="$1" -k 1 --json p {closed}',
                                  SURETY, source], env=rig.environment(), stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, timeout=60)
        if ">&-" in closed.replace("2>&-", ""):
            expect(process.returncode == 5, closed, process.returncode, process.stderr)
        else:
            expect(process.returncode == 0 and json.loads(process.stdout)["answer"] == "1", closed, process)


def test_messages_cannot_drive_the_terminal(rig: Rig):
    source = rig.write("in.jsonl", b'{"problem": \x1b[31m\n')
    result = rig.run("score", source, "-o", "-")
    expect(result.code == 4 and "\x1b" not in result.err and "\x1b" not in result.out, result.err)
    expect("\x1b" not in rig.run("claims", rig.path("\x1b[2Jx")).err)


def test_summary_that_cannot_be_written_is_known_at_once(rig: Rig):
    result = rig.run("score", samples(rig), "-o", rig.path("o"), "--summary", rig.path("no/sum.json"))
    expect(result.code == 2 and "sum.json" in result.err and not os.path.exists(rig.path("o")), result.err)
    full = rig.run("score", samples(rig), "-o", rig.path("o"), "--summary", "/dev/full")
    expect(full.code == 5 and "/dev/full" in full.err, full.code, full.err)


def test_show_finds_a_result(rig: Rig):
    rig.run("score", samples(rig), "-o", rig.path("out.jsonl"))
    every = rig.run("show", rig.path("out.jsonl"))
    expect(every.code == 0 and "Problem a" in every.out and "Problem z" in every.out, every.out)
    one = rig.run("show", rig.path("out.jsonl"), "a")
    expect("Answer: 42\n" in one.out and "not a probability" in one.out and "\033" not in one.out)
    missing = rig.run("show", rig.path("out.jsonl"), "nobody")
    expect(missing.code == 1 and "nobody" in missing.err)
    expect(rig.run("show", rig.path("nothing")).code == 2)


def test_show_tells_problem_and_gold(rig: Rig):
    source, out = samples(rig), rig.path("out.jsonl")
    rig.run("score", source, "-o", out)
    plain = rig.run("show", out, "a")
    expect(plain.out.startswith("Gold answer: 42\n\nAnswer: 42\n") and "What is" not in plain.out, plain.out)
    told = rig.run("show", "--problems", source, out, "a")
    expect(told.out.startswith("What is 6*7?\nGold answer: 42\n\nAnswer: 42\n") and not told.err, told.out, told.err)
    changed = rig.write("changed.jsonl", open(source).read().replace("6*7", "6*8"))
    told = rig.run("show", "--problems", changed, out, "a")
    expect(told.code == 0 and "What is" not in told.out and "does not have the problem" in told.err, told.out, told.err)
    renamed = rig.write_lines("renamed.jsonl", [{"n": "a", "q": "What is 6*7?"}])
    told = rig.run("show", "--problems", renamed, "--problem-key", "q", "--id-key", "n", out, "a")
    expect(told.out.startswith("What is 6*7?\n"), told.out, told.err)
    units = rig.write_lines("units.jsonl", [{"problem": "x", "gold": "42 cm", "samples": [solution(42)]}])
    told = rig.run("show", "-", stdin=rig.run("score", units, "-o", "-").out)
    expect("against the gold answer: wrong (equal but for a unit or the like); the plain" in told.out, told.out)
    texts = rig.path("texts.jsonl")
    rig.run("score", "--text", source, "-o", texts)
    expect(rig.run("show", texts).out.startswith("Problem a\nWhat is 6*7?\nGold answer: 42\n"))
    expect(rig.run("show", "--problems", rig.path("nothing"), out).code == 2)


def test_show_marks_the_claims_of_a_solution(rig: Rig):
    source, out = samples(rig), rig.path("out.jsonl")
    expect(rig.run("score", source, "-o", out).code == 0)
    run = rig.run("show", out, "a", "--solution")
    expect(run.code == 4 and "make it with --text" in run.err and not run.out, run.out, run.err)
    text = "It is 6*7 = 42 and 42+1 = 44. The answer is \\boxed{44}."
    lines = [{"id": "7", "problem": "x", "samples": [solution(44), text]}]
    expect(rig.run("score", "--text", rig.write_lines("s.jsonl", lines), "-o", rig.path("t.jsonl")).code == 0)
    for args in (["--solution", "1", rig.path("t.jsonl")], [rig.path("t.jsonl"), "--solution=1", "7"],
                 [rig.path("t.jsonl"), "7", "--solution", "1"]):
        run = rig.run("show", *args)
        expect(run.code == 0 and "Solution 1 of 2: answer 44" in run.out and "✗" in run.out, args, run.out, run.err)
        expect("refuted (exact arithmetic): 42+1 is 43" in run.out, run.out)
    best = rig.run("show", rig.path("t.jsonl"), "7", "--solution")
    expect("Solution 0 of 2" in best.out, best.out)
    none = rig.run("show", rig.path("t.jsonl"), "--solution", "9")
    expect(none.code == 4 and "no solution 9" in none.err, none.err)
    expect(rig.run("show", rig.path("t.jsonl"), "--solution=x").code == 2)


def test_show_passes_over_malformed_lines(rig: Rig):
    rig.run("score", samples(rig), "-o", rig.path("out.jsonl"))
    with open(rig.path("out.jsonl"), "ab") as f:
        f.write(b"\xff\xfe{\n[1]\n{\"id\":\"b\"}\n")
    result = rig.run("show", rig.path("out.jsonl"))
    expect(result.code == 4 and "Problem z" in result.out and ":3:" in result.err, result.err)


def test_every_byte_goes_through_every_command(rig: Rig):
    # Latin-1 in JSON: as a text, and as raw bytes that are no UTF-8
    raw = b'{"problem":"p","gold":"1","samples":[{"text":"' + bytes(
        b for b in range(32, 256) if b not in b'"\\') + b'\\u0000 \\\\boxed{1\xff}"}]}\n'
    escaped = json.dumps({"id": "e", "problem": ALL_BYTES.decode("latin-1"), "gold": "1", "samples": [
        {"text": ALL_BYTES.decode("latin-1") + " \\boxed{\0}",
         "claims": [{"text": ALL_BYTES.decode("latin-1")}]}]}).encode()
    source = rig.write("in.jsonl", raw + escaped + b"\n")
    result = rig.run("score", source, "-o", rig.path("out.jsonl"), "--text")
    expect(result.code == 0, result.err)
    for line in open(rig.path("out.jsonl"), "rb"):
        json.loads(line.decode("utf-8"))
    shown = rig.run("show", rig.path("out.jsonl"))
    expect(shown.code == 0)
    expect(not any(b < 32 and b != 10 for b in shown.bytes), shown.bytes)
    claims = rig.run("claims", stdin=ALL_BYTES)
    expect(claims.code == 0 and json.loads(claims.bytes.decode("utf-8")))
    equal = rig.run("equal", ALL_BYTES[1:], ALL_BYTES[1:])
    expect(equal.code in (0, 3), equal.code)
    pairs = b'{"gold":"\xff\x00","pred":"\xff\\u0000"}\n'
    expect(rig.run("equal", "--jsonl", "-", stdin=pairs).code in (0, 4))


def test_arguments_that_are_no_utf8_are_made_valid(rig: Rig):
    result = rig.run("claims", "--problem", b"a\xff", "-", stdin="6*7 = 42, so \\boxed{42}")
    expect(result.code == 0, result.err)
    expect(rig.run("equal", b"\xff", b"\xfe").out.startswith("true"))


def test_a_reader_that_goes_away_is_no_crash(rig: Rig):
    source = rig.write_lines("pairs.jsonl", [{"gold": "1", "pred": "1"}] * 20000)
    process = subprocess.Popen([SURETY, "equal", "--jsonl", source], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, env=rig.environment())
    rig.started.append(process)
    process.stdout.read(10)
    process.stdout.close()
    process.stdout = None
    expect(process.wait(60) == 5, process.returncode)


main(globals())
