"""A program with a locale of its own gets the same from the library as one without."""
import os
import shlex
import shutil
import subprocess

from rig import SURETY, Rig, Skip, expect, main

BUILD = os.path.dirname(os.path.dirname(SURETY))
ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
CC = shlex.split(os.environ["CC"])
INCLUDES = ["base/include", "proto/include", "scaler/client/include"]
# A comma in numbers; letters above 127; an I that is no upper case of i.
LOCALES = [("de_DE", "UTF-8"), ("de_DE", "ISO-8859-1"), ("tr_TR", "ISO-8859-9")]

PROGRAM = r"""
#include <ctype.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <surety/surety.h>

static void unescape(char *text)
{
    for (char *at; (at = strstr(text, "⏎"));) {
        *at = '\n';
        memmove(at + 1, at + strlen("⏎"), strlen(at + strlen("⏎")) + 1);
    }
}

static void judge(char *gold_text, char *answer, bool whole)
{
    const char *golds[] = {gold_text};
    const struct surety_gold gold = {.answers = golds, .n_answers = 1};
    struct surety_grade grade = {0};
    struct surety_error err = {0};
    enum surety_err code = whole ? surety_check(&gold, answer, false, &grade, &err)
                                 : surety_equal(&gold, answer, &grade, &err);
    printf("%d %d %s [%s] %s\n", (int)code, (int)grade.relation, grade.how ? grade.how : "",
           grade.answer ? grade.answer : "", err.message);
    surety_grade_fini(&grade);
}

static void table(const char *path, bool whole)
{
    static char line[1 << 16];
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        char *a = strchr(line, '\t'), *b = a ? strchr(a + 1, '\t') : NULL;
        if (*line == '#' || !b)
            continue;
        *a++ = *b++ = '\0';
        *strchrnul(b, '\t') = '\0';
        unescape(b);
        judge(a, b, whole);
    }
    if (file)
        fclose(file);
}

int main(int argc, char **argv)
{
    if (!setlocale(LC_ALL, argc > 3 ? argv[3] : ""))
        return 3;
    fprintf(stderr, "%.1f %d %d\n", 0.5, isalpha(0xe4) != 0, strncasecmp("I", "i", 1) == 0);
    table(argv[1], false);
    table(argv[2], true);
    static char id[] = "p", problem[] = "What is 1.5 * 3?";
    static char profile[] =
        "name: own\nclaims: block\nverify: joint\nverify-temperature: 0.35\nverdict: line\n"
        "valid: valid\nrefuted: refuted\n[sample user]\n{problem}\n[joint user]\n{problem}\n{claims}\n";
    const struct surety_sample samples[] = {
        {.text = "1.5 * 3 = 4.5, so it is 4.5.\nAnswer: 4.5"},
        {.text = "1.5 * 3 = 4.6. INCH by inch: IT IS FIFTY\nAnswer: 4.6"},
        {.text = "Three times 1.5 is 4.50.\nAnswer: $4.50$"},
        {.text = "15/10*3 = 9/2\nTHE ANSWER IS 9/2 für alle"},
    };
    for (int own = 0; own < 2; own++) {
        struct surety_request request;
        struct surety_result result, again;
        struct surety_error err = {0};
        surety_request_init(&request);
        request.id = id;
        request.problem = problem;
        request.profile = own ? profile : NULL;
        request.settings.gamma = 2.25;
        request.settings.sampling.top_p = 0.875;
        if (surety_score(&request, samples, 4, &result, &err)) {
            printf("%s\n", err.message);
            continue;
        }
        char *json = surety_result_to_text(&result);
        printf("%s\n", json);
        enum surety_err code = surety_result_from_text(json, &again, &err);
        printf("%d %d\n", (int)code, code || (again.reliability == result.reliability &&
                                              again.run.settings.gamma == 2.25));
        if (!code)
            surety_result_fini(&again);
        free(json);
        surety_result_fini(&result);
        request.settings.sampling.top_p = 1.5;
        printf("%d %s\n", (int)surety_request_check(&request, &err), err.message);
    }
    return 0;
}
"""


def make_locale(folder, language, charset):
    path = os.path.join(folder, f"{language}.{charset}")
    if shutil.which("localedef"):
        subprocess.run(["localedef", "-i", language, "-f", charset, path], capture_output=True, timeout=120)
    return os.path.isdir(path)


def test_a_program_with_a_locale_gets_the_same(rig: Rig):
    folder = rig.path("locales")
    os.mkdir(folder)
    made = [name for name in LOCALES if make_locale(folder, *name)]
    if not shutil.which("localedef"):
        raise Skip("no localedef: the Debian package is locales")
    expect(made == LOCALES, "only these locales can be made here (Debian: locales)", made)
    libraries = os.path.join(BUILD, "scaler", "client")
    program = rig.path("program")
    built = subprocess.run([*CC, "-D_GNU_SOURCE", "-Wall", "-include", "stdlib.h",
                            rig.write("program.c", PROGRAM), "-o", program,
                            *("-I" + os.path.join(ROOT, i) for i in INCLUDES),
                            "-L" + libraries, "-lsurety"], capture_output=True, text=True, timeout=120)
    expect(built.returncode == 0, built.stderr)

    def run(locale, *, folder=""):
        done = subprocess.run([program, *(os.path.join(ROOT, "tests", "data", t) for t in
                                          ("equal.tsv", "answers.tsv")), locale],
                              capture_output=True, timeout=300,
                              env=rig.environment({"LD_LIBRARY_PATH": libraries, "LOCPATH": folder}))
        expect(done.returncode == 0, locale, done.returncode, done.stderr)
        return done.stdout, done.stderr.decode("latin-1").split()

    plain, facts = run("C")
    expect(facts == ["0.5", "0", "1"], facts)
    expect(plain.count(b"\n") > 1500 and b'"gamma":2.25' in plain and b"0.35" in plain, plain[-3000:])
    for language, charset in LOCALES:
        name = f"{language}.{charset}"
        got, facts = run(name, folder=folder)
        expect(facts[0] == "0,5", name, "is not in force: the program prints", facts)
        for a, b in zip(plain.split(b"\n"), got.split(b"\n")):
            expect(a == b, name, a, b)
        expect(plain == got, name)


main(globals())
