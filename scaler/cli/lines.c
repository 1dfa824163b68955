#include "scaler/cli/lines.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/jsonl.h"

#define TELL_MS 250 /* between two notes of progress */

const char *lines_text(const json_t *line, const char *key, char **ret_owned)
{
    const json_t *value = json_object_get(line, key);
    *ret_owned = NULL;
    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_number(value))
        *ret_owned = json_to_text(value);
    return *ret_owned;
}

static json_t *failed_line(const struct surety_error *error, size_t number)
{
    return json_pack("{s:{s:s,s:s,s:I}}", "error", "code", surety_err_name(error->code), "message",
                     error->message, "line", (json_int_t)number);
}

struct progress {
    bool shown, live;
    int64_t next_ms;
};

static void tell(struct progress *p, size_t lines)
{
    int64_t now = p->live ? clock_now_ms() : 0;
    if (!p->live || now < p->next_ms)
        return;
    p->shown = p->next_ms > 0;
    p->next_ms = now + TELL_MS;
    if (p->shown)
        fprintf(stderr, "\r%zu lines", lines);
}

static void clear(struct progress *p)
{
    if (p->shown)
        fputs("\r\033[K", stderr);
    p->shown = false;
}

static int run_lines(const struct command *command, const struct options *options, FILE *file,
                     const char *name, lines_fn *fn)
{
    struct progress progress = {.live = isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO)};
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
        json_t *out = line ? fn(line, options, &error) : NULL;
        if (!out) {
            failed++;
            clear(&progress);
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
        tell(&progress, reader.line);
        if (error.code == SURETY_ERR_IO || error.code == SURETY_ERR_NOMEM)
            break;
    }
    clear(&progress);
    jsonl_fini(&reader);
    if (!cli_flush(command))
        return CLI_UNREACHABLE;
    return failed ? CLI_LINES_FAILED : CLI_DONE;
}

int lines_run(const struct command *command, const struct options *options, const char *path,
              lines_fn *fn)
{
    if (strcmp(path, "-") == 0)
        return run_lines(command, options, stdin, "stdin", fn);
    FILE *file = fopen(path, "re");
    if (!file)
        return cli_fail(command, CLI_USAGE, "%s: %s", path, strerror(errno));
    int code = run_lines(command, options, file, path, fn);
    fclose(file);
    return code;
}
