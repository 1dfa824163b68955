"""openai_server.py as a process, and what it has seen."""
import json
import os
import subprocess
import sys
import urllib.request

SERVER = os.path.join(os.path.dirname(__file__), "openai_server.py")
PROBLEM = "What is 6*7?"


class Server:
    def __init__(self, rig):
        self.process = subprocess.Popen([sys.executable, SERVER], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, env=rig.environment())
        self.port = int(self.process.stdout.readline())
        self.rig = rig

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()

    def url(self, habits=""):
        return f"http://127.0.0.1:{self.port}/{habits}"

    @property
    def stats(self):
        with urllib.request.urlopen(self.url("stats")) as reply:
            return json.load(reply)

    def solve(self, habits="", options="", *args, k=8, env=None):
        return self.rig.run("solve", "--upstream", self.url(habits) + options, "-k", str(k), "--verify",
                            "none", "--json", *args, PROBLEM, env=env)
