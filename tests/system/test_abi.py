"""A program that was built before the library grew still works with it (docs/abi.md)."""
import os
import re
import shlex
import shutil
import subprocess

from rig import SURETY, Rig, expect, main

BUILD = os.path.dirname(os.path.dirname(SURETY))
ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
CC = shlex.split(os.environ["CC"])
INCLUDES = ["base/include", "proto/include", "scaler/client/include"]
NEWER = "0.77.7"

# Steps through every array that a program may step through.
PROGRAM = r"""
#include <stdio.h>
#include <surety/surety.h>

int main(void)
{
    static char id[] = "p", problem[] = "What is 14 * 23 - 2?", text[] = "6*7=43";
    const struct surety_claim claims[] = {{.text = text, .value = 1}, {.text = text, .value = 0}};
    const struct surety_sample samples[] = {
        {.text = "14 * 23 = 312. So 310.\nAnswer: 310"},
        {.text = "14 * 23 = 322. So 320.\nAnswer: 320"},
        {.text = "7 * 46 = 322, and 322 - 2 = 320.\nAnswer: 320"},
        {.text = "", .answer = "9", .claims = claims, .n_claims = 2, .has_claims = true},
    };
    struct surety_request request;
    struct surety_result results[2];
    struct surety_error err = {0};
    surety_request_init(&request);
    request.id = id;
    request.problem = problem;
    for (int i = 0; i < 2; i++)
        if (surety_score(&request, samples, 4, &results[i], &err)) {
            fprintf(stderr, "%s\n", err.message);
            return 1;
        }
    for (int i = 0; i < 2; i++) {
        const struct surety_result *r = &results[i];
        printf("%s %g %g %s %s\n", r->answer, r->reliability, r->effective_votes, r->first, r->cons);
        printf("%g %u %s %d %u\n", r->verifier.valid_rate, r->verifier.n_controls, r->run.profile,
               r->run.reproducible, r->run.settings.k);
        for (size_t g = 0; g < r->n_groups; g++)
            for (size_t m = 0; m < r->groups[g].count; m++)
                printf("%s %g %u\n", r->groups[g].answer, r->groups[g].score, r->groups[g].members[m]);
        for (size_t t = 0; t < r->n_trajectories; t++)
            for (size_t c = 0; c < r->trajectories[t].n_claims; c++)
                printf("%u %g %s %d\n", r->trajectories[t].index, r->trajectories[t].r,
                       r->trajectories[t].claims[c].text, r->trajectories[t].claims[c].verdict);
        char *json = surety_result_to_text(r);
        printf("%d\n", json != NULL);
    }
    const char *const answers[] = {"320"};
    const struct surety_gold gold = {.answers = answers, .n_answers = 1};
    struct surety_grade grades[2];
    for (int i = 0; i < 2; i++)
        if (surety_check(&gold, samples[i].text, false, &grades[i], &err)) {
            fprintf(stderr, "%s\n", err.message);
            return 1;
        }
    for (int i = 0; i < 2; i++) {
        printf("%d %s %s %d\n", (int)grades[i].relation, grades[i].answer, grades[i].how, (int)grades[i].end);
        surety_grade_fini(&grades[i]);
    }
    surety_result_fini(&results[0]);
    surety_result_fini(&results[1]);
    fprintf(stderr, "%s\n", surety_version());
    return 0;
}
"""

# What a newer library does with the members that it added: it sets them, and expects them as a program
# that does not know them leaves them.
FILL = """
static void fill(struct surety_result *r)
{
    r->grown_ = r->verifier.grown_ = r->run.grown_ = r->correct.grown_ = r->usage.grown_ = 1e300;
    for (size_t g = 0; g < r->n_groups; g++)
        r->groups[g].grown_ = 1e300;
    for (size_t t = 0; t < r->n_trajectories; t++) {
        r->trajectories[t].grown_ = 1e300;
        for (size_t c = 0; c < r->trajectories[t].n_claims; c++)
            r->trajectories[t].claims[c].grown_ = 1e300;
    }
}

static bool is_old(const struct surety_request *q, const struct surety_sample *samples, size_t n)
{
    bool old = q->grown_ == 7 && q->settings.grown_ == 7;
    for (size_t i = 0; i < n; i++) {
        old = old && samples[i].grown_ == 0;
        for (size_t c = 0; c < samples[i].n_claims; c++)
            old = old && samples[i].claims[c].grown_ == 0;
    }
    return old;
}

"""


def run(rig, *command, env=None):
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=rig.environment(env))
    expect(done.returncode == 0, command, done.stdout[-3000:], done.stderr[-3000:])
    return done


def edit(path, *changes):
    with open(path, encoding="utf-8") as f:
        text = f.read()
    for pattern, replacement in changes:
        text, n = re.subn(pattern, replacement, text)
        expect(n > 0, path, pattern)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def grown_library(rig):
    """The folder of a library whose public structs have each grown by a member."""
    tree, build = rig.path("tree"), rig.path("build")
    shutil.copytree(ROOT, tree, symlinks=True, ignore=shutil.ignore_patterns("build*", ".git", "tests"))
    grow = r"uint64_t reserved_\[([^\]]+)\];", r"double grown_; uint64_t reserved_[(\1) - 1];"
    for header in ["proto/include/surety/types.h", "scaler/client/include/surety/grade.h",
                   "scaler/client/include/surety/surety.h"]:
        edit(os.path.join(tree, header), grow)
    edit(os.path.join(tree, "scaler/client/surety.c"),
         (r"(surety_settings_init\(&request->settings\);)",
          r"\1 request->grown_ = request->settings.grown_ = 7;"),
         (r"(enum surety_err surety_score\()", FILL + r"\1"),
         (r"(struct plan_sample \*plan_samples = )", r"if (!is_old(request, samples, n)) "
          r'return surety_fail(err, SURETY_ERR_INVALID, "not as an old program leaves it"); \1'),
         (r"(free\(plan_samples\);)", r"\1 if (!code) fill(ret_result);"))
    edit(os.path.join(tree, "meson.build"), (r"\bversion: '[\d.]+',\n  license", f"version: '{NEWER}',\n  license"))
    run(rig, "meson", "setup", build, tree, "--buildtype=plain", "-Doptimization=0", "-Dtests=disabled")
    run(rig, "meson", "compile", "-C", build, "surety:shared_library")
    return os.path.join(build, "scaler", "client")


def test_old_program_works_with_a_library_that_has_grown(rig: Rig):
    libraries = os.path.join(BUILD, "scaler", "client")
    includes = ["-I" + os.path.join(ROOT, folder) for folder in INCLUDES]
    programs = []
    for name, source in [("steps", rig.write("steps.c", PROGRAM)),
                         ("score", os.path.join(ROOT, "examples", "score.c"))]:
        programs.append(rig.path(name))
        run(rig, *CC, "-Wall", "-Werror", source, "-o", programs[-1], *includes, "-L" + libraries, "-lsurety")
    texts = [rig.write(name, text) for name, text in
             [("a.txt", "14 * 23 = 312. So 310.\nAnswer: 310\n"), ("b.txt", "14 * 23 = 322. So 320.\nAnswer: 320\n")]]
    commands = [[programs[0]], [programs[1], "What is 14 * 23 - 2?", *texts]]
    before = [run(rig, *c, env={"LD_LIBRARY_PATH": libraries}) for c in commands]
    expect("320 " in before[0].stdout and "answer: 320\n" in before[1].stdout, before)
    newer = grown_library(rig)
    after = [run(rig, *c, env={"LD_LIBRARY_PATH": newer}) for c in commands]
    expect(after[0].stderr.strip() == NEWER, after[0].stderr)
    for old, new in zip(before, after):
        expect(old.stdout == new.stdout, old.stdout, new.stdout)


main(globals())
