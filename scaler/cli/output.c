#include "scaler/cli/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
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

/* ---- replacing a file as a whole ---- */

/* A new file beside path; NULL with errno. The caller ends with replace_by. */
static FILE *open_beside(const char *path, char **ret_name)
{
    if (asprintf(ret_name, "%s.new-%d", path, (int)getpid()) < 0)
        *ret_name = NULL;
    return *ret_name ? fopen(*ret_name, "wxe") : NULL;
}

/* Closes the copy, and puts it in path's place when it is good and wanted. Frees beside. */
static enum surety_err replace_by(const char *path, FILE *copy, char *beside, bool wanted,
                                  enum surety_err code, struct surety_error *err)
{
    int number = errno;
    if (copy && fclose(copy) && !code)
        code = SURETY_ERR_IO;
    if (!code && wanted && rename(beside, path))
        code = SURETY_ERR_IO;
    if (copy && (code || !wanted))
        unlink(beside);
    free(beside);
    if (code == SURETY_ERR_IO)
        return surety_fail(err, code, "%s could not be rewritten: %s", path,
                           strerror(number ? number : errno));
    return code ? surety_fail(err, code, "out of memory") : SURETY_OK;
}

/* ---- resume ---- */

struct resume {
    struct output *out;
    FILE *copy;
    bool dropped; /* something of the old file is not in the copy */
    size_t line;
    output_kept *kept;
    void *user;
    struct surety_error *err;
    bool refused; /* kept said why */
};

/* True when the result need not be done again. */
static bool is_done(const struct resume *r, const struct surety_result *result)
{
    return result->stop != SURETY_STOP_FAILED && result->stop != SURETY_STOP_CANCELLED &&
           result->id && !json_object_get(r->out->kept, result->id);
}

/* True for what a run that was killed leaves behind; other lines that are no results are somebody's
 * and not ours to drop. */
static bool is_torn(const char *text, size_t len)
{
    static const char begin[] = "{\"schema\":";
    size_t least = len < sizeof begin - 1 ? len : sizeof begin - 1;
    return text[len - 1] != '\n' && strncmp(text, begin, least) == 0;
}

static enum surety_err keep_line(struct resume *r, const char *text, size_t len)
{
    struct surety_result result;
    json_t *line = NULL;
    bool whole = text[len - 1] == '\n';
    enum surety_err code = json_load_text(text, len, &line, NULL);
    if (!code)
        code = surety_result_from_json(line, &result, NULL);
    json_decref(line);
    if (code == SURETY_ERR_NOMEM)
        return code;
    if (code || !whole)
        r->dropped = true;
    if (code)
        return is_torn(text, len) || strspn(text, " \t\r\n") == len ? SURETY_OK
                                                                    : SURETY_ERR_INVALID;
    if (!is_done(r, &result)) {
        r->dropped = true;
        surety_result_fini(&result);
        return SURETY_OK;
    }
    code = json_object_set_new(r->out->kept, result.id, json_true()) ? SURETY_ERR_NOMEM : SURETY_OK;
    if (!code && r->kept) {
        code = r->kept(r->user, &result, r->err);
        r->refused = code != SURETY_OK;
    }
    surety_result_fini(&result);
    if (code)
        return code;
    if (fwrite(text, 1, len, r->copy) != len || (!whole && fputc('\n', r->copy) == EOF))
        return SURETY_ERR_IO;
    return SURETY_OK;
}

/* Copies the lines that are kept. */
static enum surety_err keep_lines(struct resume *r, FILE *old)
{
    enum surety_err code = SURETY_OK;
    char *text = NULL;
    size_t size = 0;
    ssize_t len;
    while (!code && (len = getline(&text, &size, old)) > 0) {
        r->line++;
        code = keep_line(r, text, (size_t)len);
    }
    free(text);
    if (!code && (ferror(old) || fflush(r->copy) || fsync(fileno(r->copy))))
        code = SURETY_ERR_IO;
    return code;
}

/* Leaves the file with exactly the lines that are kept. */
static enum surety_err resume_file(struct resume *r)
{
    const char *path = r->out->path;
    struct surety_error *err = r->err, why = {0};
    char *beside = NULL;
    FILE *old = fopen(path, "re");
    if (!old)
        return surety_fail(err, SURETY_ERR_IO, "%s: %s", path, strerror(errno));
    r->copy = open_beside(path, &beside);
    enum surety_err code = r->copy ? keep_lines(r, old) : SURETY_ERR_IO;
    fclose(old);
    if (r->refused)
        why = *err;
    code = replace_by(path, r->copy, beside, r->dropped, code, err);
    if (r->refused)
        *err = why;
    else if (code == SURETY_ERR_INVALID)
        surety_fail(err, code, "%s:%zu is no result; --resume changes no file of another kind",
                    path, r->line);
    return code;
}

/* ---- writing ---- */

enum surety_err output_check(const char *path, bool resume, struct surety_error *err)
{
    struct stat st;
    if (strcmp(path, "-") == 0)
        return resume ? surety_fail(err, SURETY_ERR_INVALID, "--resume needs a file: -o FILE")
                      : SURETY_OK;
    if (!resume && stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
        return surety_fail(err, SURETY_ERR_INVALID,
                           "%s already holds something: remove it, or name another file", path);
    const char *slash = strrchr(path, '/'); /* better now than when a model is loaded */
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    bool writable = !folder || access(access(path, F_OK) ? folder : path, W_OK) == 0;
    int number = errno;
    free(folder);
    return writable ? SURETY_OK : surety_fail(err, SURETY_ERR_IO, "%s: %s", path, strerror(number));
}

/* Nobody else writes to a file that is open here: the lock goes with the descriptor, however the
 * process ends. Where a file system has no locks there is none. */
static bool lock(FILE *file)
{
    return flock(fileno(file), LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

/* Opens a file to append to it; *ret_whole: its bytes, -1 when it is no regular file. */
static FILE *open_locked(const char *path, long long *ret_whole, struct surety_error *err)
{
    struct stat st, there;
    FILE *file = fopen(path, "ae");
    if (!file || fstat(fileno(file), &st)) {
        surety_fail(err, SURETY_ERR_IO, "%s: %s", path, strerror(errno));
    } else if (!S_ISREG(st.st_mode)) {
        *ret_whole = -1;
        return file;
    } else if (lock(file) && stat(path, &there) == 0 && there.st_ino == st.st_ino &&
               there.st_dev == st.st_dev) { /* and was not replaced before the lock was ours */
        *ret_whole = st.st_size;
        return file;
    } else {
        surety_fail(err, SURETY_ERR_INVALID,
                    "%s is being written by another process: wait for it, or name another file",
                    path);
    }
    if (file)
        fclose(file);
    return NULL;
}

enum surety_err output_open(struct output *out, const char *path, bool resume, bool ordered,
                            output_kept *kept, void *user, struct surety_error *err)
{
    *out = (struct output){.path = path, .ordered = ordered, .kept = json_object(), .whole = -1};
    if (!out->kept)
        return surety_fail(err, SURETY_ERR_NOMEM, "out of memory");
    enum surety_err code = output_check(path, resume, err);
    if (!code && strcmp(path, "-") == 0) {
        out->file = stdout;
        return SURETY_OK;
    }
    if (code)
        return code;
    out->file = open_locked(path, &out->whole, err);
    if (!out->file)
        return err->code;
    if (!resume || out->whole < 0)
        return SURETY_OK;
    struct resume r = {.out = out, .kept = kept, .user = user, .err = err};
    code = resume_file(&r);
    if (!code && r.dropped) { /* there is a new file in its place */
        fclose(out->file);
        out->file = open_locked(path, &out->whole, err);
        code = out->file ? SURETY_OK : err->code;
    }
    return code;
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
    for (size_t i = 0; i < out->n_held; i++) {
        if (!code && out->held[i] && *out->held[i])
            code = write_line(out, out->held[i], err);
        free(out->held[i]);
    }
    errno = 0;
    if (out->file == stdout && (fflush(stdout) || ferror(stdout)))
        code = io_error(out->path, err);
    else if (out->file && out->file != stdout) {
        bool bad = out->whole >= 0 && fsync(fileno(out->file));
        bad |= fclose(out->file) != 0;
        if (bad)
            code = io_error(out->path, err);
    }
    free(out->held);
    json_decref(out->kept);
    *out = (struct output){0};
    return code;
}

/* ---- sorting ---- */

struct line {
    json_int_t key;
    long start;
    size_t len;
};

static int by_key(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->start < y->start ? -1 : x->start > y->start;
}

static json_int_t key_of(const char *text, size_t len, const json_t *order)
{
    json_t *line = NULL;
    if (json_load_text(text, len, &line, NULL))
        return INT64_MAX;
    const json_t *key = json_object_get(order, json_get_string(line, "id", ""));
    if (!key)
        key = json_object_get(json_object_get(line, "error"), "line");
    json_int_t value = key ? json_integer_value(key) : INT64_MAX;
    json_decref(line);
    return value;
}

/* Where each line stands. */
static enum surety_err find_lines(FILE *file, const json_t *order, struct line **ret, size_t *ret_n)
{
    enum surety_err code = SURETY_OK;
    char *text = NULL;
    size_t size = 0, room = 0;
    ssize_t len;
    for (long start = 0; !code && (len = getline(&text, &size, file)) > 0; start += len) {
        if (*ret_n == room) {
            struct line *grown = realloc(*ret, (room = room * 2 + 64) * sizeof *grown);
            if (!grown) {
                code = SURETY_ERR_NOMEM;
                break;
            }
            *ret = grown;
        }
        (*ret)[(*ret_n)++] = (struct line){key_of(text, (size_t)len, order), start, (size_t)len};
    }
    free(text);
    return code ? code : ferror(file) ? SURETY_ERR_IO : SURETY_OK;
}

static enum surety_err copy_lines(FILE *from, FILE *to, const struct line *lines, size_t n)
{
    char chunk[16384];
    for (size_t i = 0; i < n; i++) {
        if (fseek(from, lines[i].start, SEEK_SET))
            return SURETY_ERR_IO;
        for (size_t left = lines[i].len, part; left; left -= part) {
            part = fread(chunk, 1, left < sizeof chunk ? left : sizeof chunk, from);
            if (!part || fwrite(chunk, 1, part, to) != part)
                return SURETY_ERR_IO;
        }
    }
    return fflush(to) || fsync(fileno(to)) ? SURETY_ERR_IO : SURETY_OK;
}

enum surety_err output_sort(const char *path, const json_t *order, struct surety_error *err)
{
    struct line *lines = NULL;
    size_t n = 0;
    char *beside = NULL;
    long long whole;
    FILE *locked = open_locked(path, &whole, err), *old = NULL, *copy = NULL;
    if (!locked)
        return err->code;
    copy = open_beside(path, &beside);
    enum surety_err code = copy ? SURETY_OK : SURETY_ERR_IO;
    if (!code && !(old = fopen(path, "re")))
        code = SURETY_ERR_IO;
    if (!code)
        code = find_lines(old, order, &lines, &n);
    if (!code && n)
        qsort(lines, n, sizeof *lines, by_key);
    if (!code)
        code = copy_lines(old, copy, lines, n);
    if (old)
        fclose(old);
    free(lines);
    code = replace_by(path, copy, beside, true, code, err);
    fclose(locked);
    return code;
}
