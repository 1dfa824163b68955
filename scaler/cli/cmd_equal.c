/*
 * cmd_equal.c - `surety equal`: are two answers the same?
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonl.h"
#include "base/utf8.h"
#include "claims/math/equal.h"
#include "scaler/cli/cli.h"

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

/* Which of the two relations holds, if any. */
static const char *relation(enum equal_verdict verdict)
{
    static const char *const names[] = {[EQUAL_DIFFERENT] = "different",
                                        [EQUAL_EXACT] = "exact",
                                        [EQUAL_COMPATIBLE] = "compatible",
                                        [EQUAL_UNKNOWN] = "unknown"};
    return names[verdict];
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

/* The text of an answer: a string as it is, a number as it was written. NULL: neither. Owned by
 * *ret_owned where that is not NULL. */
static const char *answer_text(const json_t *line, const char *key, char **ret_owned)
{
    const json_t *value = json_object_get(line, key);
    *ret_owned = NULL;
    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_number(value))
        *ret_owned = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    return *ret_owned;
}

static json_t *compare_line(const json_t *line, struct surety_error *err)
{
    char *owned_gold, *owned_pred;
    const char *gold = answer_text(line, "gold", &owned_gold);
    const char *pred = answer_text(line, "pred", &owned_pred);
    json_t *out = NULL;
    if (!gold || !pred) {
        surety_fail(err, SURETY_ERR_PARSE, "\"%s\" is missing or no string or number",
                    gold ? "pred" : "gold");
    } else {
        struct equal_result result =
            equal_texts(gold, pred, json_get_string(line, "problem", NULL));
        json_t *equal = result.verdict == EQUAL_UNKNOWN
                            ? json_null()
                            : json_boolean(result.verdict != EQUAL_DIFFERENT);
        out = json_pack("{s:o,s:s,s:s}", "equal", equal, "how", result.how, "relation",
                        relation(result.verdict));
    }
    free(owned_gold);
    free(owned_pred);
    return out;
}

static json_t *failed_line(const struct surety_error *error, size_t number)
{
    return json_pack("{s:{s:s,s:s,s:I}}", "error", "code", surety_err_name(error->code), "message",
                     error->message, "line", (json_int_t)number);
}

/* One output line for each input line, in order. */
static int compare_lines(const struct command *command, FILE *file, const char *name)
{
    struct jsonl reader;
    size_t failed = 0;
    bool written = true;
    jsonl_init(&reader, file, name);
    while (written) {
        struct surety_error error = {0};
        json_t *line = NULL;
        jsonl_next(&reader, &line, &error);
        if (!line && !error.code)
            break;
        json_t *out = line ? compare_line(line, &error) : NULL;
        if (!out) {
            failed++;
            if (line)
                cli_fail(command, CLI_LINES_FAILED, "%s:%zu: %s", name, reader.line, error.message);
            else
                cli_fail(command, CLI_LINES_FAILED, "%s", error.message);
            out = failed_line(&error, reader.line);
        }
        json_t *id = json_object_get(line, "id");
        if (out && id)
            json_object_set(out, "id", id);
        char *text = out ? json_to_text(out) : NULL;
        written = text && puts(text) >= 0;
        free(text);
        json_decref(out);
        json_decref(line);
        if (error.code == SURETY_ERR_IO || error.code == SURETY_ERR_NOMEM)
            break;
    }
    jsonl_fini(&reader);
    if (!cli_flush(command))
        return CLI_UNREACHABLE;
    return failed ? CLI_LINES_FAILED : CLI_DONE;
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
    if (strcmp(options->jsonl, "-") == 0)
        return compare_lines(command, stdin, "stdin");
    FILE *file = fopen(options->jsonl, "re");
    if (!file)
        return cli_fail(command, CLI_USAGE, "%s: %s", options->jsonl, strerror(errno));
    int code = compare_lines(command, file, options->jsonl);
    fclose(file);
    return code;
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
