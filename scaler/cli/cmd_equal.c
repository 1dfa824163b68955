/*
 * cmd_equal.c - `surety equal`: are two answers the same?
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/jsonl.h"
#include "base/utf8.h"
#include "claims/read/check.h"
#include "scaler/cli/lines.h"

static const char *word(enum equal_verdict verdict)
{
    switch (verdict) {
    case EQUAL_EXACT:
    case EQUAL_COMPATIBLE:
        return "true";
    case EQUAL_DIFFERENT:
        return "false";
    default:
        return "unknown";
    }
}

static int compare_operands(const struct command *command, const struct options *options)
{
    char *gold = utf8_make_valid(options->operands[0], strlen(options->operands[0]), NULL);
    char *pred = utf8_make_valid(options->operands[1], strlen(options->operands[1]), NULL);
    if (!gold || !pred) {
        free(gold);
        free(pred);
        return cli_fail(command, CLI_UNKNOWN, "out of memory");
    }
    struct equal_result result = equal_texts(gold, pred, NULL);
    free(gold);
    free(pred);
    if (alloc_failures())
        return cli_fail(command, CLI_UNKNOWN, "out of memory");
    printf("%s (%s%s)\n", word(result.verdict),
           result.verdict == EQUAL_COMPATIBLE ? "compatible only: " : "", result.how);
    if (!cli_flush(command))
        return CLI_UNREACHABLE;
    switch (result.verdict) {
    case EQUAL_EXACT:
    case EQUAL_COMPATIBLE:
        return CLI_DONE;
    case EQUAL_DIFFERENT:
        return CLI_NO_ANSWER;
    default:
        return CLI_UNKNOWN;
    }
}

static json_t *compare_line(const json_t *line, const struct options *options,
                            struct surety_error *err)
{
    (void)options;
    char *owned_gold, *owned_pred;
    const char *gold = lines_text(line, "gold", &owned_gold);
    const char *pred = lines_text(line, "pred", &owned_pred);
    json_t *out = NULL;
    if (!gold || !pred) {
        surety_fail(err, SURETY_ERR_PARSE, "\"%s\" is missing or no string or number",
                    gold ? "pred" : "gold");
    } else {
        struct equal_result result =
            equal_texts(gold, pred, json_get_string(line, "problem", NULL));
        if (alloc_failures()) {
            surety_fail(err, SURETY_ERR_NOMEM, "out of memory");
            goto end;
        }
        json_t *equal = result.verdict == EQUAL_UNKNOWN
                            ? json_null()
                            : json_boolean(result.verdict != EQUAL_DIFFERENT);
        out = json_pack("{s:o,s:s,s:s}", "equal", equal, "how", result.how, "relation",
                        check_relation(result.verdict));
    }
end:
    free(owned_gold);
    free(owned_pred);
    return out;
}

static int run(const struct command *command, const struct options *options)
{
    if (!options->jsonl) {
        if (options->n_operands != 2)
            return cli_fail(command, CLI_USAGE, "usage: surety equal %s", command->synopsis);
        return compare_operands(command, options);
    }
    if (options->n_operands)
        return cli_fail(command, CLI_USAGE, "--jsonl takes no other operands");
    return lines_run(command, options, options->jsonl, compare_line);
}

const struct command cmd_equal = {
    .name = "equal",
    .user = USER_EQUAL,
    .synopsis = "GOLD PRED | --jsonl FILE|-",
    .summary = "decide whether two answers are the same",
    .help =
        "Compares two answers as mathematics and prints true, false or unknown, and why.\n"
        "\"exact\" is the relation that accuracy is counted with; \"compatible\" also lets a\n"
        "rounded number or a missing unit pass. A line may also have the \"problem\", which gives\n"
        "the options that a choice letter stands for. Nothing is ever evaluated as code. -5 and\n"
        "-\\frac12 are operands. Exit status: 0 equal, 1 different, 3 unknown.",
    .examples = "surety equal 1/2 0.5\n"
                "surety equal -5 '-\\frac{10}{2}'\n"
                "surety equal --jsonl pairs.jsonl",
    .max_operands = 2,
    .dash_operands = true,
    .run = run,
};
