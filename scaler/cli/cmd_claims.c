/*
 * cmd_claims.c - `surety claims`: the answer and the claims of one solution.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonl.h"
#include "claims/read/profile.h"
#include "scaler/cli/cli.h"
#include "scaler/cli/input.h"

static json_t *to_json(const struct answer *answer, const struct claim_span *claims, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:s,s:I,s:I}", "text", claims[i].text, "start",
                                              (json_int_t)claims[i].start, "end",
                                              (json_int_t)claims[i].end));
    return json_pack("{s:s?,s:s,s:o}", "answer", answer->text, "how", answer->how, "claims", list);
}

/* Reads the solution with the profile and prints the object. */
static int print_claims(const struct command *command, const struct options *options,
                        const char *profile_text, const char *solution)
{
    struct surety_error error = {0};
    struct profile *profile = NULL;
    struct answer answer = {0};
    struct claim_span *claims = NULL;
    size_t n = 0;
    bool cooperating = false;
    struct arena arena;
    arena_init(&arena, 4 * (size_t)SURETY_TEXT_MAX);
    const char *text = profile_text ? profile_text : profile_builtin("instruct");
    enum surety_err code = profile_parse(text, &profile, &error);
    if (!code)
        code = profile_read_solution(profile, options->problem ? options->problem : "", solution,
                                     false, options->settings.m, &arena, &answer, &claims, &n,
                                     &cooperating);
    char *line = NULL;
    if (!code) {
        json_t *object = to_json(&answer, claims, n);
        line = object ? json_to_text(object) : NULL;
        json_decref(object);
    }
    profile_free(profile);
    arena_fini(&arena);
    if (!line)
        return cli_fail(command, CLI_NO_ANSWER, "%s",
                        error.code ? error.message : surety_err_text(SURETY_ERR_NOMEM));
    puts(line);
    free(line);
    return cli_flush(command) ? CLI_DONE : CLI_UNREACHABLE;
}

static int run(const struct command *command, const struct options *options)
{
    struct surety_error error = {0};
    char *profile = NULL, *solution = NULL;
    const char *path = options->n_operands ? options->operands[0] : "-";
    if (input_profile(options->profile, &profile, &error) ||
        input_text(path, SURETY_TEXT_MAX, &solution, &error)) {
        free(profile);
        return cli_fail(command, CLI_USAGE, "%s", error.message);
    }
    int code = print_claims(command, options, profile, solution);
    free(profile);
    free(solution);
    return code;
}

const struct command cmd_claims = {
    .name = "claims",
    .user = USER_CLAIMS,
    .synopsis = "[options] [FILE|-]",
    .summary = "show the answer and the claims of a solution",
    .help =
        "Reads the text of a solution and prints one JSON object: the answer that it states, how\n"
        "that was found, and the claims that the answer hangs on, with their byte offsets in the\n"
        "text (bytes that are no UTF-8 count as the three bytes of U+FFFD).",
    .examples = "surety claims solution.txt\n"
                "echo 'So 6*7 = 42. The answer is \\boxed{42}.' | surety claims",
    .max_operands = 1,
    .run = run,
};
