#include "scaler/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/jsonl.h"
#include "proto/result_json.h"

#define AHEAD_MAX 65536 /* places that may be held back */

static enum surety_err io_error(const char *path, struct surety_error *err)
{
    return surety_fail(err, SURETY_ERR_IO, "%s could not be written: %s",
                       strcmp(path, "-") == 0 ? "the standard output" : path,
                       errno ? strerror(errno) : "write error");
}

/* ---- resume ---- */

struct resume {
    struct output *out;
    FILE *copy;
    bool dropped; /* something of the old file is not in the copy */
    void (*kept)(void *user, const struct surety_result *result);
    void *user;
};

/* True when the line is a result that need not be done again. */
static bool is_done(struct resume *r, const json_t *line, struct surety_result *ret_result)
{
    if (surety_result_from_json(line, ret_result, NULL))
        return false;
    bool done = ret_result->stop != SURETY_STOP_FAILED &&
                ret_result->stop != SURETY_STOP_CANCELLED && ret_result->id &&
                !json_object_get(r->out->kept, ret_result->id);
    if (!done)
        surety_result_fini(ret_result);
    return done;
}

static enum surety_err keep_line(struct resume *r, const char *text, size_t len)
{
    struct surety_result result;
    json_t *line = NULL;
    bool whole = len && text[len - 1] == '\n';
    enum surety_err code = json_load_text(text, len, &line, NULL);
    if (code == SURETY_ERR_NOMEM)
        return code;
    bool done = line && is_done(r, line, &result);
    json_decref(line);
    if (!done || !whole)
        r->dropped = true;
    if (!done)
        return SURETY_OK;
    if (r->kept)
        r->kept(r->user, &result);
    code = json_object_set_new(r->out->kept, result.id, json_true()) ? SURETY_ERR_NOMEM : SURETY_OK;
    surety_result_fini(&result);
    if (fwrite(text, 1, len, r->copy) != len || (!whole && fputc('\n', r->copy) == EOF))
        return SURETY_ERR_IO;
    return code;
}

/* Copies the lines that are kept. */
static enum surety_err keep_lines(struct resume *r, FILE *old)
{
    enum surety_err code = SURETY_OK;
    char *text = NULL;
    size_t size = 0;
    ssize_t len;
    while (!code && (len = getline(&text, &size, old)) > 0)
        code = keep_line(r, text, (size_t)len);
    free(text);
    if (!code && (ferror(old) || fflush(r->copy) || fsync(fileno(r->copy))))
        code = SURETY_ERR_IO;
    return code;
}

/* Leaves the file with exactly the lines that are kept. */
static enum surety_err resume_file(struct resume *r, struct surety_error *err)
{
    const char *path = r->out->path;
    char *beside = NULL;
    FILE *old = fopen(path, "re");
    if (!old)
        return errno == ENOENT ? SURETY_OK
                               : surety_fail(err, SURETY_ERR_IO, "%s: %s", path, strerror(errno));
    if (asprintf(&beside, "%s.resume-%d", path, (int)getpid()) < 0)
        beside = NULL;
    r->copy = beside ? fopen(beside, "wxe") : NULL;
    errno = 0;
    enum surety_err code = !beside   ? SURETY_ERR_NOMEM
                           : r->copy ? keep_lines(r, old)
                                     : SURETY_ERR_IO;
    if (r->copy && fclose(r->copy) && !code)
        code = SURETY_ERR_IO;
    if (!code && r->dropped && rename(beside, path))
        code = SURETY_ERR_IO;
    if (code == SURETY_ERR_IO)
        surety_fail(err, code, "%s could not be rewritten to go on with it: %s", path,
                    errno ? strerror(errno) : "write error");
    else if (code)
        surety_fail(err, code, "out of memory");
    if (r->copy && (code || !r->dropped))
        unlink(beside);
    fclose(old);
    free(beside);
    return code;
}

/* ---- writing ---- */

enum surety_err output_open(struct output *out, const char *path, bool resume, bool ordered,
                            void (*kept)(void *user, const struct surety_result *result),
                            void *user, struct surety_error *err)
{
    struct stat st;
    *out = (struct output){.path = path, .ordered = ordered, .kept = json_object(), .whole = -1};
    if (!out->kept)
        return surety_fail(err, SURETY_ERR_NOMEM, "out of memory");
    if (strcmp(path, "-") == 0) {
        if (resume)
            return surety_fail(err, SURETY_ERR_INVALID, "--resume needs a file: -o FILE");
        out->file = stdout;
        return SURETY_OK;
    }
    bool exists = stat(path, &st) == 0;
    if (resume && exists && S_ISREG(st.st_mode)) {
        struct resume r = {.out = out, .kept = kept, .user = user};
        enum surety_err code = resume_file(&r, err);
        if (code)
            return code;
    } else if (exists && S_ISREG(st.st_mode) && st.st_size > 0) {
        return surety_fail(err, SURETY_ERR_INVALID,
                           "%s already holds something: remove it, or let grade go on with it "
                           "(--resume)",
                           path);
    }
    out->file = fopen(path, "ae");
    if (!out->file)
        return surety_fail(err, SURETY_ERR_IO, "%s: %s", path, strerror(errno));
    if (fstat(fileno(out->file), &st) == 0 && S_ISREG(st.st_mode))
        out->whole = st.st_size;
    return SURETY_OK;
}

bool output_has(const struct output *out, const char *id)
{
    return json_object_get(out->kept, id) != NULL;
}

static enum surety_err write_line(struct output *out, const char *text, struct surety_error *err)
{
    size_t len = strlen(text);
    errno = 0;
    if (fwrite(text, 1, len, out->file) == len && fputc('\n', out->file) != EOF &&
        fflush(out->file) == 0) {
        if (out->whole >= 0)
            out->whole += (long long)len + 1;
        return SURETY_OK;
    }
    io_error(out->path, err);
    if (out->whole >= 0 && ftruncate(fileno(out->file), out->whole))
        return SURETY_ERR_IO; /* a torn line stays, and --resume drops it */
    return SURETY_ERR_IO;
}

/* Room to hold the line of a place that is ahead. */
static enum surety_err hold(struct output *out, size_t ahead, char *text, struct surety_error *err)
{
    if (ahead >= AHEAD_MAX)
        return surety_fail(err, SURETY_ERR_LIMIT, "more than %d results are held back", AHEAD_MAX);
    if (ahead >= out->n_held) {
        char **held = realloc(out->held, (ahead + 1) * sizeof *held);
        if (!held)
            return surety_fail(err, SURETY_ERR_NOMEM, "out of memory");
        for (size_t i = out->n_held; i <= ahead; i++)
            held[i] = NULL;
        out->held = held;
        out->n_held = ahead + 1;
    }
    out->held[ahead] = text;
    return SURETY_OK;
}

enum surety_err output_put(struct output *out, size_t place, char *text, struct surety_error *err)
{
    enum surety_err code = SURETY_OK;
    if (!out->ordered) {
        code = text ? write_line(out, text, err) : SURETY_OK;
        free(text);
        return code;
    }
    if (!text) /* a place without a line is held as the empty line */
        text = calloc(1, 1);
    code = text ? hold(out, place - out->place, text, err)
                : surety_fail(err, SURETY_ERR_NOMEM, "out of memory");
    if (code) {
        free(text);
        return code;
    }
    size_t n = 0;
    for (; !code && n < out->n_held && out->held[n]; n++) {
        if (*out->held[n])
            code = write_line(out, out->held[n], err);
        free(out->held[n]);
    }
    out->place += n;
    out->n_held -= n;
    if (n)
        memmove(out->held, out->held + n, out->n_held * sizeof *out->held);
    return code;
}

enum surety_err output_close(struct output *out, struct surety_error *err)
{
    enum surety_err code = SURETY_OK;
    errno = 0;
    if (out->file == stdout && (fflush(stdout) || ferror(stdout)))
        code = io_error(out->path, err);
    else if (out->file && out->file != stdout) {
        bool bad = out->whole >= 0 && fsync(fileno(out->file));
        bad |= fclose(out->file) != 0;
        if (bad)
            code = io_error(out->path, err);
    }
    for (size_t i = 0; i < out->n_held; i++)
        free(out->held[i]);
    free(out->held);
    json_decref(out->kept);
    *out = (struct output){0};
    return code;
}
