"""Every example in --help, README and the man pages does what it says, in a folder like a reader's.

The examples of a page are run in their order in one folder, which holds the files that they name and
none that they write. What they solve with the demo model must be right, and not by luck.
"""
import glob
import json
import os
import re
import shutil
import subprocess
import urllib.request
import sys

from rig import Rig, SURETY, expect, free_port, main, solution, wait_for

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
EQUATION = "If 8x + 20 = 3x + 30, what is 6x + 23?"
YARD = ("A yard is 8 m by 8 m. A fence around it costs 5 dollars per m. A gate costs 31 dollars more. Olga has 241 "
        "dollars. How many dollars remain?")
SEEDS, RIGHT = 100, 95
SERVER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "openai_server.py")
HAS_SERVERS = "openai" in subprocess.run([SURETY, "--version"], capture_output=True, text=True, check=True).stdout


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as f:
        return f.read()


DEMO = read("examples", "demo", "problem.txt").strip()
ANSWERS = {EQUATION: "35", YARD: "50", DEMO: "65"}


# ---- finding them ----
def help_examples(rig):
    for name in re.findall(r"^  (\w+) ", rig.run("--help").out, re.M):
        text = rig.run("help", name).out.split("Examples:\n")[1]
        yield f"surety {name} --help", re.sub(r"\|\n\s*", "| ", text).splitlines()


def page_examples():
    for path in sorted(glob.glob(os.path.join(ROOT, "docs", "man", "*"))):
        lines = re.findall(r"^\.Dl \$ (.*)$", read(path), re.M)
        for escape, text in (("\\(dq", '"'), ("\\e", "\\"), ("\\&", "")):
            lines = [line.replace(escape, text) for line in lines]
        yield os.path.basename(path), lines


def readme_examples():
    for i, block in enumerate(re.findall(r"^```sh\n(.*?)^```", read("README.md"), re.M | re.S)):
        yield f"README.md, block {i}", [line for line in block.splitlines() if re.match("surety |scripts/problems ", line)]


def all_examples(rig):
    pages = [*help_examples(rig), *page_examples(), *readme_examples()]
    found = [(place, [line.strip() for line in lines if line.strip()]) for place, lines in pages]
    expect(sum(len(lines) for _, lines in found) > 50, found)
    return [(place, lines) for place, lines in found if lines]


# ---- running them ----
def prepare(folder, written):
    """The files that examples name, but for those that they write."""
    os.mkdir(folder)
    problems = [{"problem": p, "gold": a} for p, a in list(ANSWERS.items())[:2] * 4]
    asked = [dict(p, id=str(i)) for i, p in enumerate(problems, 1)] + [
        {"id": f"3-{i}", "problem": "x", "gold": "1"} for i in range(20)]
    claims = [{"text": "the sum is right", "verdict": 1}]
    scored = [dict(p, samples=[{"text": solution(p["gold"]), "claims": claims, "tokens": 9}] * 64) for p in asked]
    recorded = [{"problem": "the recorded problem", "samples": [solution(1)] * 32}]
    recorded[0]["samples"] = [{"text": text} for text in recorded[0]["samples"]]
    texts = {"problem.txt": EQUATION + "\n", "solution.txt": "6*7 = 42, so \\boxed{42}"}
    lines = {"problems.jsonl": problems, "samples.jsonl": scored[:8], "recorded.jsonl": recorded,
             "pairs.jsonl": [{"gold": "1/2", "pred": "0.5"}],
             "texts.jsonl": [{"gold": "35", "text": solution(35)}],
             "gsm8k.jsonl": [{"question": EQUATION, "answer": "x = 2\n#### 35"}] * 9}
    for name, objects in lines.items():
        texts[name] = "".join(json.dumps(o) + "\n" for o in objects)
    for name, text in texts.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
            f.write(text)
    os.symlink(os.path.join(ROOT, "examples"), os.path.join(folder, "examples"))
    os.symlink(os.path.join(ROOT, "examples", "demo", "clr-tiny.f16.gguf"), os.path.join(folder, "model.gguf"))
    results = subprocess.run([SURETY, "score", "-", "-o", "-"], capture_output=True, check=True,
                             input="".join(json.dumps(o) + "\n" for o in scored).encode()).stdout
    for name in {"results.jsonl", "other.jsonl", "new.jsonl", "old.jsonl", "claims.jsonl", "plain.jsonl"} - written:
        with open(os.path.join(folder, name), "wb") as f:
            f.write(results)


class Page:
    def __init__(self, rig, number, place, lines):
        self.rig, self.place, self.folder = rig, place, rig.path(str(number))
        prepare(self.folder, {name for line in lines for name in re.findall(r"-o (\S+)", line)})
        os.mkdir(os.path.join(self.folder, "bin"))
        os.symlink(SURETY, os.path.join(self.folder, "bin", "surety"))
        os.symlink(os.path.join(ROOT, "scripts"), os.path.join(self.folder, "scripts"))
        self.services = {}

    def start(self, command):
        path = os.path.join(self.folder, "bin") + ":" + os.environ["PATH"]
        command = command.replace("/tmp/surety.", self.folder + "/")
        process = subprocess.Popen(["bash", "-c", "set -o pipefail; " + command], cwd=self.folder, text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=self.rig.environment({"PATH": path}))
        self.rig.started.append(process)
        return process

    def serve(self, name, command):
        """A broker or a worker runs until the page's end."""
        client = f"ipc://{self.folder}/c"
        process = self.services[name] = self.start("exec " + command)
        ready = {"broker": lambda: self.rig.run("status", "--broker", client).code == 0,
                 "worker": lambda: self.rig.status(client)["workers"]}[name]
        wait_for(lambda: process.poll() is not None or ready(), command)
        expect(process.poll() is None, self.place, command, process.poll())

    def need(self, name):
        if name not in self.services:
            self.serve(name, {"broker": "surety broker --client-endpoint ipc:///tmp/surety.c --worker-endpoint "
                                        "ipc:///tmp/surety.w",
                              "worker": "surety worker --broker ipc:///tmp/surety.w"}[name])

    def endpoint(self, command):
        """Runs until it has shown that it is ready."""
        port = free_port()
        process = self.start("exec " + command.replace(":8484", f":{port}"))

        def ready():
            try:
                return urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5).status == 200
            except OSError:
                return process.poll() is not None
        wait_for(ready, command)
        process.terminate()
        expect(process.wait(30) == 0, self.place, command, process.stderr.read())

    def server(self):
        """The port of a server with a chat endpoint, which runs until the page's end."""
        if "server" not in self.services:
            self.services["server"] = subprocess.Popen([sys.executable, SERVER], stdin=subprocess.PIPE, text=True,
                                                       stdout=subprocess.PIPE, env=self.rig.environment())
            self.port = self.services["server"].stdout.readline().strip()
        return self.port

    def run(self, line):
        command, _, told = line.partition("  #")
        if "--upstream" in command:
            if not HAS_SERVERS:
                return None
            command = command.replace(":8080", f":{self.server()}").replace('"..."', '"What is 6*7?"')
        command = command.rstrip(" &")
        command = re.sub(r'"([^"]*?) ?\.\.\."', lambda m: f'"{self.whole(m[1])}"', command)
        name = command.split()[1]
        if name in ("serve", "gateway"):
            for needed in ("broker", "worker") if name == "gateway" else ():
                self.need(needed)
            return self.endpoint(command)
        if name in ("broker", "worker"):
            self.need("broker") if name == "worker" else None
            if name == "worker" and name in self.services:  # one at a time: each serves another model
                self.services.pop(name).terminate()
                wait_for(lambda: not self.rig.status(f"ipc://{self.folder}/c")["workers"], "the worker to go")
            return self.serve(name, command)
        if "--broker" in command:
            self.need("broker")
            self.need("worker")
        process = self.start(command)
        out, err = process.communicate(timeout=100)
        different = name == "equal" and told.strip().startswith("false")
        expect(process.returncode == different, self.place, command, process.returncode, out, err)
        if name == "equal" and told:
            expect(out.startswith(told.split()[0].rstrip(",")), command, out)
        expect(not err or "for each, and nothing" in err or "right    95 %" in err, self.place, command, err)
        self.check_answer(command, out)

    @staticmethod
    def whole(begun):
        """A problem that a text has cut short."""
        return next(p for p in (YARD, DEMO, EQUATION) if p.startswith(begun)) if begun else EQUATION

    def check_answer(self, command, out):
        if "--upstream" in command:
            return  # the server knows another answer
        asked = [a for p, a in ANSWERS.items() if p in command or (p == EQUATION and "< problem.txt" in command)]
        if " solve " not in f" {command}" or not asked:
            expect(" solve " not in f" {command}" or "replay" in command or "--upstream" in command, "an answer that nobody knows", command)
        elif out.startswith("{"):
            expect(json.loads(out)["answer"] == asked[0], command, out)
        else:
            expect(re.search(rf"(?i)answer:? {asked[0]}\b", out), command, out)

    def end(self):
        for process in reversed(self.services.values()):
            process.terminate()
            process.wait(30)
        shutil.rmtree(self.folder)


def test_every_example_works_in_its_place(rig: Rig):
    for number, (place, lines) in enumerate(all_examples(rig)):
        page = Page(rig, number, place, lines)
        for line in lines:
            page.run(line)
        page.end()


def test_what_examples_solve_is_right_for_nearly_every_seed(rig: Rig):
    solved = {(EQUATION, 16)} | {(p, 32) for p in ANSWERS}
    told = "\n".join(line for _, lines in all_examples(rig) for line in lines if line.startswith("surety solve"))
    for k in re.findall(r"-k (\d+)", told):
        expect(k == "16", "another k than is tested", k)
    for number, (problem, k) in enumerate(sorted(solved)):
        # a line's seed follows from its id; solve stops as here unless told otherwise
        source = rig.write_lines("in.jsonl", [{"id": f"seed {i}", "problem": problem, "gold": ANSWERS[problem]}
                                              for i in range(SEEDS)])
        run = rig.run("grade", source, "-k", str(k), "--stop", "beta", "-o", rig.path(f"{number}.jsonl"), timeout=500)
        right = sum(line["correct"]["clr"] is True for line in rig.read_lines(f"{number}.jsonl"))
        expect(run.code == 0 and right >= RIGHT, problem, k, right, run.err)


def test_samples_of_other_programs_are_read_as_the_page_says(rig: Rig):
    harness, vllm = [block.replace("\\e", "\\") for block in re.findall(
        r"^\.Bd -literal -offset indent\n(.*?)^\.Ed", read("docs", "man", "surety-score.1"), re.M | re.S)]

    def score():
        return [line["correct"] for line in rig.run("score", rig.path("samples.jsonl"), "-o", "-").lines]
    if shutil.which("jq"):
        rig.write_lines("samples_gsm8k.jsonl", [{"doc_id": 0, "doc": {"question": "What is 6*7?"}, "target": "6*7=42\n#### 42",
                                                 "resps": [["It is \\boxed{42}.", "It is \\boxed{41}."]]}])
        subprocess.run(["sh", "-c", harness], cwd=rig.folder, check=True)
        expect(score()[0]["pass_at_1"] == 0.5, score())
    rig.write_lines("problems.jsonl", [{"problem": "What is 6*7?", "gold": "42"}])
    rig.write("vllm.py", '''from types import SimpleNamespace as S
SamplingParams = dict
class LLM:
    def __init__(self, model): pass
    def chat(self, chats, params):
        expected = [[{"role": "user", "content": "What is 6*7?"}]]
        assert chats == expected, chats
        return [S(outputs=[S(text="It is \\\\boxed{42}.", token_ids=[1, 2], finish_reason="stop")] * params["n"])]
''')
    subprocess.run([sys.executable, "-c", vllm], cwd=rig.folder, check=True)
    expect(score() == [{"clr": True, "cons": True, "pass_at_1": 1, "pass_at_k": True}], score())


main(globals())
