/*
 * cmd_show.c - `surety show`: what solve prints, from stored results.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonl.h"
#include "base/utf8.h"
#include "proto/result_json.h"
#include "scaler/cli/cli.h"
#include "scaler/report/render.h"

struct show {
    const struct command *command;
    const char *id; /* NULL: all */
    size_t shown, failed;
};

static void print_result(struct show *show, const struct surety_result *result)
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
    render_result(&r, result);
    fwrite(r.text.data, 1, r.text.len, stdout);
    render_fini(&r);
    show->shown++;
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
        if (code) {
            show->failed++;
            cli_fail(show->command, CLI_LINES_FAILED, "%s:%zu: %s", reader->name, reader->line,
                     error.message);
        } else {
            print_result(show, &result);
            surety_result_fini(&result);
        }
    }
    json_decref(line);
    return true;
}

static int run(const struct command *command, const struct options *options)
{
    const char *path = options->operands[0];
    bool standard = strcmp(path, "-") == 0;
    struct show show = {.command = command};
    char *id = NULL;
    if (options->n_operands > 1) {
        show.id = id = utf8_make_valid(options->operands[1], strlen(options->operands[1]), NULL);
        if (!id)
            return cli_fail(command, CLI_NO_ANSWER, "out of memory");
    }
    FILE *file = standard ? stdin : fopen(path, "re");
    if (!file) {
        free(id);
        return cli_fail(command, CLI_USAGE, "%s: %s", path, strerror(errno));
    }
    struct jsonl reader;
    jsonl_init(&reader, file, standard ? "stdin" : path);
    while (show_next(&show, &reader))
        ;
    jsonl_fini(&reader);
    if (!standard)
        fclose(file);
    int code = show.failed ? CLI_LINES_FAILED : CLI_DONE;
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
    .synopsis = "RESULTS.jsonl|- [ID]",
    .summary = "show stored results",
    .help =
        "Prints what solve prints, from results that solve --json, grade or score have written:\n"
        "the one with the given id, or all of them.",
    .examples = "surety show results.jsonl 7\n"
                "surety solve --json 'What is 6*7?' | surety show -",
    .min_operands = 1,
    .max_operands = 2,
    .run = run,
};
