/*
 * Measures the exact signal on recorded solutions with labelled steps:
 * usage: measure_exact FILE.jsonl [-v]
 *
 * Each line has "steps" (texts), "labels" (true, false or null, a step each), "first_error" (-1:
 * none is marked) and "final_answer_correct". Prints the share of right steps that are refuted
 * (false refutations) and of wrong steps that are (recall); with -v, every refuted step and its
 * reason.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/jsonl.h"
#include "claims/math/exact.h"

/* Where a step stands says what its label is worth: one before the marked first error was looked
 * at, and so was a whole solution that has no mark and the right answer; a solution without a mark
 * and with a wrong answer has an error that nobody marked. */
enum standing { WRONG, BEFORE_ERROR, ANSWER_RIGHT, ANSWER_WRONG, STANDINGS };
static size_t counts[STANDINGS][3]; /* by verdict */

static void judge_step(const char *step, enum standing standing, bool verbose)
{
    char reason[300];
    enum exact_verdict verdict = exact_judge(step, reason, sizeof reason);
    counts[standing][verdict]++;
    if (verbose && verdict == EXACT_REFUTED)
        printf("# %s: %s\n#   %s\n", standing == WRONG ? "wrong" : "RIGHT", step, reason);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: measure_exact FILE.jsonl [-v]\n");
        return 2;
    }
    FILE *file = fopen(argv[1], "r");
    if (!file) {
        perror(argv[1]);
        return 1;
    }
    struct jsonl reader;
    struct surety_error err;
    jsonl_init(&reader, file, argv[1]);
    for (json_t *line; jsonl_next(&reader, &line, &err) == SURETY_OK && line; json_decref(line)) {
        const json_t *steps = json_object_get(line, "steps"),
                     *labels = json_object_get(line, "labels");
        const json_t *error = json_object_get(line, "first_error");
        bool marked = json_is_integer(error) && json_integer_value(error) >= 0;
        bool correct = json_is_true(json_object_get(line, "final_answer_correct"));
        enum standing right = marked ? BEFORE_ERROR : correct ? ANSWER_RIGHT : ANSWER_WRONG;
        for (size_t i = 0; i < json_array_size(steps); i++) {
            const json_t *label = json_array_get(labels, i);
            const char *step = json_string_value(json_array_get(steps, i));
            if (step && json_is_boolean(label))
                judge_step(step, json_is_true(label) ? right : WRONG, argc > 2);
        }
    }
    jsonl_fini(&reader);
    fclose(file);
    printf("steps,n,proved,refuted,refuted_share\n");
    static const char *const names[] = {"wrong", "right before the first error",
                                        "right, no error marked, answer right",
                                        "right, no error marked, answer wrong"};
    for (int k = 0; k < STANDINGS; k++) {
        size_t *c = counts[k], n = c[0] + c[1] + c[2];
        printf("\"%s\",%zu,%zu,%zu,%.4f\n", names[k], n, c[EXACT_PROVED], c[EXACT_REFUTED],
               n ? (double)c[EXACT_REFUTED] / (double)n : 0.0);
    }
    return 0;
}
