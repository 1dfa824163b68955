/*
 * cmd_check.c - `surety check`: does a whole text give the right answer?
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonl.h"
#include "base/utf8.h"
#include "claims/read/check.h"
#include "scaler/cli/input.h"
#include "scaler/cli/lines.h"

#define ARENA_MAX ((size_t)64 << 20)

static json_t *to_json(const struct check *check, bool lenient)
{
    int correct = check_correct(check->result.verdict, lenient);
    return json_pack("{s:o,s:s?,s:s,s:s,s:s}", "correct",
                     correct < 0 ? json_null() : json_boolean(correct), "answer",
                     check->answer.text, "relation", check_relation(check->result.verdict), "how",
                     check->result.how, "found", check->answer.how);
}

static json_t *check_line(const json_t *line, const struct options *options,
                          struct surety_error *err)
{
    const json_t *value = json_object_get(line, "gold"), *text = json_object_get(line, "text");
    struct gold gold;
    struct check check;
    json_t *out = NULL;
    struct arena arena;
    arena_init(&arena, ARENA_MAX);
    if (!json_is_string(text))
        surety_fail(err, SURETY_ERR_PARSE, "\"text\" is missing or no string");
    else if (json_string_length(text) > SURETY_TEXT_MAX)
        surety_fail(err, SURETY_ERR_LIMIT, "\"text\" is longer than %u bytes", SURETY_TEXT_MAX);
    else if (!value)
        surety_fail(err, SURETY_ERR_PARSE, "\"gold\" is missing");
    else if (!gold_from_json(value, &arena, &gold, err)) {
        bool cut = strcmp(json_get_string(line, "finish_reason", ""), "length") == 0;
        gold.problem = json_get_string(line, "problem", NULL);
        if (check_text(&gold, json_string_value(text), cut, &arena, &check))
            surety_fail(err, SURETY_ERR_NOMEM, "out of memory");
        else
            out = to_json(&check, options->lenient);
    }
    arena_fini(&arena);
    return out;
}

static void print_line(const struct check *check, int correct)
{
    if (!check->answer.text) {
        bool plain = strcmp(check->answer.how, "none") == 0;
        printf("false (no answer%s%s)\n", plain ? "" : ": ", plain ? "" : check->answer.how);
        return;
    }
    printf("%s (%s%s), answer: ",
           correct < 0 ? "unknown"
           : correct   ? "true"
                       : "false",
           check->result.verdict == EQUAL_COMPATIBLE ? "compatible only: " : "", check->result.how);
    for (const char *c = check->answer.text; *c; c++) /* a model's text drives no terminal */
        putchar((unsigned char)*c < 0x20 || *c == 0x7f ? ' ' : *c);
    putchar('\n');
}

/* The text of an operand, made valid; "-" is stdin. */
static enum surety_err read_text(const char *operand, char **ret_text, struct surety_error *err)
{
    if (strcmp(operand, "-") == 0)
        return input_text("-", SURETY_TEXT_MAX, ret_text, err);
    *ret_text = utf8_make_valid(operand, strlen(operand), NULL);
    return *ret_text ? SURETY_OK : surety_fail(err, SURETY_ERR_NOMEM, "out of memory");
}

static int check_operands(const struct command *command, const struct options *options)
{
    struct surety_error error = {0};
    char *answers = utf8_make_valid(options->operands[0], strlen(options->operands[0]), NULL);
    char *text = NULL, *line = NULL;
    int correct = 0;
    struct gold gold;
    struct check check;
    struct arena arena;
    arena_init(&arena, ARENA_MAX);
    if (!answers)
        surety_fail(&error, SURETY_ERR_NOMEM, "out of memory");
    else if (!gold_from_text(answers, &arena, &gold, &error) &&
             !read_text(options->operands[1], &text, &error)) {
        gold.problem = options->problem;
        if (check_text(&gold, text, false, &arena, &check))
            surety_fail(&error, SURETY_ERR_NOMEM, "out of memory");
    }
    if (!error.code) {
        correct = check_correct(check.result.verdict, options->lenient);
        json_t *object = options->json ? to_json(&check, options->lenient) : NULL;
        line = object ? json_to_text(object) : NULL;
        json_decref(object);
        if (line)
            puts(line);
        else
            print_line(&check, correct);
    }
    free(answers);
    free(text);
    free(line);
    arena_fini(&arena);
    if (error.code)
        return cli_fail(command, cli_exit_of(error.code, CLI_USAGE), "%s", error.message);
    if (!cli_flush(command))
        return CLI_UNREACHABLE;
    return correct < 0 ? CLI_UNKNOWN : correct ? CLI_DONE : CLI_NO_ANSWER;
}

static int run(const struct command *command, const struct options *options)
{
    if (options->jsonl && options->n_operands)
        return cli_fail(command, CLI_USAGE, "--jsonl takes no other operands");
    if (options->jsonl)
        return lines_run(command, options, options->jsonl, check_line);
    if (options->n_operands != 2)
        return cli_fail(command, CLI_USAGE, "usage: surety check %s", command->synopsis);
    return check_operands(command, options);
}

const struct command cmd_check = {
    .name = "check",
    .user = USER_CHECK,
    .synopsis = "[options] GOLD TEXT|- | --jsonl FILE|-",
    .summary = "decide whether a whole text gives the right answer",
    .help =
        "Reads the answer that a text states, compares it with the gold answer as `surety equal`\n"
        "does, and prints true, false or unknown, why, and the answer. Only an exact answer is\n"
        "right, with --lenient also a compatible one. GOLD is one answer, commas and all; a "
        "worked\n"
        "solution that ends in \"#### 18\"; a JSON list of strings, any of which is right; or\n"
        "  {\"answer\", \"kind\"?: choice|number|expression|text,\n"
        "   \"tolerance\"?, \"relative_tolerance\"?}\n"
        "A line of --jsonl is {\"gold\", \"text\", \"problem\"?, \"finish_reason\"?} and gives\n"
        "{\"correct\", \"answer\", \"relation\", \"how\", \"found\"}; unknown is \"correct\": "
        "null. Nothing\n"
        "is ever evaluated as code. -5 is an operand. Exit status: 0 right, 1 wrong, 3 unknown.",
    .examples =
        "surety check 18 'So she makes \\boxed{18} dollars.'\n"
        "surety check '[\"42\", \"forty-two\"]' - < solution.txt\n"
        "surety check '{\"answer\": 9.81, \"kind\": \"number\", \"tolerance\": 0.05}' 'g = 9.8'\n"
        "surety check --jsonl texts.jsonl",
    .max_operands = 2,
    .dash_operands = true,
    .run = run,
};
