/*
 * cmd_show.c - `surety show`: what solve prints, from stored results.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/jsonl.h"
#include "base/utf8.h"
#include "proto/result_json.h"
#include "scaler/cli/cli.h"
#include "scaler/cli/input.h"
#include "scaler/report/grading.h"
#include "scaler/report/render.h"

struct show {
    const struct command *command;
    const struct options *options;
    const char *id;   /* NULL: all */
    json_t *problems; /* of --problems, id -> text; NULL: none were named */
    size_t shown, failed;
};

/* ---- what was asked ---- */

/* Reads --problems. CLI_DONE, or the exit code of what was printed. */
static int read_problems(struct show *show)
{
    struct surety_error error = {0};
    struct problems problems;
    struct problem problem;
    if (!show->options->problems)
        return CLI_DONE;
    if (problems_open(&problems, show->options->problems, &show->options->form, &error))
        return cli_fail(show->command, CLI_USAGE, "%s", error.message);
    show->problems = json_object();
    while (problems_next(&problems, &problem)) {
        if (problem.id && problem.problem)
            json_object_set_new(show->problems, problem.id, json_string(problem.problem));
        problem_fini(&problem);
    }
    problems_close(&problems);
    return CLI_DONE;
}

/* The problem's text, where it is known; not that of another problem with the same id. */
static const char *problem_of(struct show *show, const struct surety_result *result)
{
    char hash[17];
    if (result->problem || !show->problems)
        return result->problem;
    const char *text = json_string_value(json_object_get(show->problems, result->id));
    if (text && result->problem_hash) {
        hash_hex(hash_text(0, text), hash);
        if (strcmp(hash, result->problem_hash) != 0)
            text = NULL;
    }
    if (!text)
        cli_fail(show->command, CLI_DONE, "%s does not have the problem of the result '%.80s'",
                 show->options->problems, result->id);
    return text;
}

/* ---- results ---- */

static bool draw_solution(struct show *show, struct render *r, const struct surety_result *result)
{
    const struct surety_trajectory *t = NULL;
    int64_t wanted = show->options->solution;
    for (size_t i = 0; i < result->n_trajectories; i++)
        if (result->trajectories[i].index == wanted)
            t = &result->trajectories[i];
    if (wanted == SOLUTION_BEST)
        t = render_best(result);
    if (t && t->text) {
        render_solution(r, result, t);
        return true;
    }
    show->failed++;
    if (t && t->finish == SURETY_FINISH_ERROR)
        cli_fail(show->command, CLI_LINES_FAILED, "solution %u of '%.80s' failed: %s", t->index,
                 result->id, t->error.message);
    else if (t)
        cli_fail(show->command, CLI_LINES_FAILED,
                 "the result '%.80s' holds no texts: make it with --text", result->id);
    else if (wanted == SOLUTION_BEST)
        cli_fail(show->command, CLI_LINES_FAILED, "the result '%.80s' has no solutions",
                 result->id);
    else
        cli_fail(show->command, CLI_LINES_FAILED, "the result '%.80s' has no solution %lld",
                 result->id, (long long)wanted);
    return false;
}

static void print_result(struct show *show, struct surety_result *result)
{
    struct render r;
    render_init(&r, stdout);
    if (!show->id) {
        if (show->shown)
            buf_putc(&r.text, '\n');
        render_style(&r, STYLE_BOLD);
        buf_puts(&r.text, "Problem ");
        render_line(&r, result->id ? result->id : "", r.columns - 8);
        buf_putc(&r.text, '\n');
        render_style(&r, STYLE_PLAIN);
    }
    render_problem(&r, problem_of(show, result), result->gold);
    bool good = true;
    if (show->options->solution >= 0)
        good = draw_solution(show, &r, result);
    else
        render_result(&r, result);
    if (good)
        fwrite(r.text.data, 1, r.text.len, stdout);
    render_fini(&r);
    show->shown += good;
}

/* False at the end of the file. */
static bool show_next(struct show *show, struct jsonl *reader)
{
    struct surety_error error = {0};
    struct surety_result result;
    json_t *line = NULL;
    enum surety_err code = jsonl_next(reader, &line, &error);
    if (!line && !code)
        return false;
    if (code) {
        show->failed++;
        cli_fail(show->command, CLI_LINES_FAILED, "%s", error.message);
        return code == SURETY_ERR_PARSE || code == SURETY_ERR_LIMIT;
    }
    if (!show->id || strcmp(json_get_string(line, "id", ""), show->id) == 0) {
        code = surety_result_from_json(line, &result, &error);
        const bool read = !code;
        if (read && result.gold && grading_mark_compatible(&result))
            code = surety_fail(&error, SURETY_ERR_NOMEM, "out of memory");
        if (code) {
            show->failed++;
            cli_fail(show->command, CLI_LINES_FAILED, "%s:%zu: %s", reader->name, reader->line,
                     error.message);
        } else {
            print_result(show, &result);
        }
        if (read)
            surety_result_fini(&result);
    }
    json_decref(line);
    return true;
}

static int run(const struct command *command, const struct options *options)
{
    const char *path = options->operands[0];
    bool standard = strcmp(path, "-") == 0;
    struct show show = {.command = command, .options = options};
    char *id = NULL;
    int code = read_problems(&show);
    if (code)
        return code;
    if (options->n_operands > 1) {
        show.id = id = utf8_make_valid(options->operands[1], strlen(options->operands[1]), NULL);
        if (!id) {
            json_decref(show.problems);
            return cli_fail(command, CLI_NO_ANSWER, "out of memory");
        }
    }
    FILE *file = standard ? stdin : fopen(path, "re");
    if (!file) {
        free(id);
        json_decref(show.problems);
        return cli_fail(command, CLI_USAGE, "%s: %s", path, strerror(errno));
    }
    struct jsonl reader;
    jsonl_init(&reader, file, standard ? "stdin" : path);
    while (show_next(&show, &reader))
        ;
    jsonl_fini(&reader);
    if (!standard)
        fclose(file);
    json_decref(show.problems);
    code = show.failed ? CLI_LINES_FAILED : CLI_DONE;
    if (!show.shown && !show.failed)
        code = show.id ? cli_fail(command, CLI_NO_ANSWER, "%s has no result with the id '%.80s'",
                                  path, show.id)
                       : cli_fail(command, CLI_NO_ANSWER, "%s has no results", path);
    free(id);
    return cli_flush(command) ? code : CLI_UNREACHABLE;
}

const struct command cmd_show = {
    .name = "show",
    .user = USER_SHOW,
    .synopsis = "[options] RESULTS.jsonl|- [ID]",
    .summary = "show stored results",
    .help =
        "Prints what solve prints, from results that solve --json, grade or score have written:\n"
        "the one with the given id, or all of them; before it the problem, where the result has "
        "it\n"
        "(--text) or --problems names its file, and the gold answer. With --solution it prints "
        "one\n"
        "solution instead, its claims marked in place, and what each of them was judged.",
    .examples = "surety show results.jsonl 7\n"
                "surety show --problems problems.jsonl results.jsonl 7\n"
                "surety solve --json --text 'If 8x + 20 = 3x + 30, what is 6x + 23?' |\n"
                "    surety show --solution -",
    .min_operands = 1,
    .max_operands = 2,
    .run = run,
};
