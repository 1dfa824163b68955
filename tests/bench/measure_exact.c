/*
 * Measures the exact signal on recorded solutions with labelled steps:
 * usage: measure_exact FILE.jsonl [-v]
 *
 * Each line has "steps" (texts) and "labels" (true, false or null, a step each). Prints the share
 * of right steps that are refuted (false refutations) and of wrong steps that are (recall); with
 * -v, every refuted step and its reason.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/jsonl.h"
#include "claims/exact.h"

static size_t counts[2][3]; /* wrong or right, verdict */

static void judge_step(const char *step, bool right, bool verbose)
{
    char reason[300];
    enum exact_verdict verdict = exact_judge(step, reason, sizeof reason);
    counts[right][verdict]++;
    if (verbose && verdict == EXACT_REFUTED)
        printf("# %s: %s\n#   %s\n", right ? "RIGHT" : "wrong", step, reason);
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
        for (size_t i = 0; i < json_array_size(steps); i++) {
            const json_t *label = json_array_get(labels, i);
            const char *step = json_string_value(json_array_get(steps, i));
            if (step && json_is_boolean(label))
                judge_step(step, json_is_true(label), argc > 2);
        }
    }
    jsonl_fini(&reader);
    fclose(file);
    printf("steps,n,proved,refuted,refuted_share\n");
    for (int right = 0; right < 2; right++) {
        size_t *c = counts[right], n = c[0] + c[1] + c[2];
        printf("%s,%zu,%zu,%zu,%.4f\n", right ? "right" : "wrong", n, c[EXACT_PROVED],
               c[EXACT_REFUTED], n ? (double)c[EXACT_REFUTED] / (double)n : 0.0);
    }
    return 0;
}
