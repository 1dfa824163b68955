/*
 * input.c - reading whole texts and files of problems.
 *
 * A file of problems is read twice: first for its ids, so that a duplicate is known before anything
 * is run and progress knows its end, then line by line. A line that cannot be used is delivered
 * with its error and costs no other line.
 */
#include "scaler/cli/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "claims/read/gold.h"
#include "claims/read/profile.h"

#define GOLD_BYTES (1u << 20)

static enum surety_err read_all(FILE *file, const char *name, size_t max_bytes, struct buf *out,
                                struct surety_error *err)
{
    char chunk[16384];
    size_t n;
    buf_init(out, max_bytes);
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0) {
        enum surety_err code = buf_append(out, chunk, n);
        if (code == SURETY_ERR_LIMIT)
            return surety_fail(err, code, "%s is longer than %zu bytes", name, max_bytes);
        if (code)
            return surety_fail(err, code, "out of memory");
    }
    if (ferror(file))
        return surety_fail(err, SURETY_ERR_IO, "%s: %s", name, strerror(errno));
    return SURETY_OK;
}

enum surety_err input_text(const char *path, size_t max_bytes, char **ret_text,
                           struct surety_error *err)
{
    bool standard = strcmp(path, "-") == 0;
    const char *name = standard ? "the standard input" : path;
    FILE *file = standard ? stdin : fopen(path, "re");
    if (!file)
        return surety_fail(err, SURETY_ERR_IO, "%s: %s", path, strerror(errno));
    struct buf bytes;
    enum surety_err code = read_all(file, name, max_bytes, &bytes, err);
    if (!standard)
        fclose(file);
    char *text = code ? NULL : utf8_make_valid(bytes.data ? bytes.data : "", bytes.len, NULL);
    buf_fini(&bytes);
    if (code)
        return code;
    if (!text)
        return surety_fail(err, SURETY_ERR_NOMEM, "out of memory");
    *ret_text = text;
    return SURETY_OK;
}

static void list_profiles(char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (const char *const *name = profile_builtin_names(); *name && used < size; name++)
        used += (size_t)snprintf(out + used, size - used, "%s%s", used ? ", " : "", *name);
}

enum surety_err input_profile(const char *name, char **ret_text, struct surety_error *err)
{
    char *text = NULL, names[200];
    if (!name) {
        *ret_text = NULL;
        return SURETY_OK;
    }
    const char *builtin = profile_builtin(name);
    if (builtin) {
        text = strdup(builtin);
        if (!text)
            return surety_fail(err, SURETY_ERR_NOMEM, "out of memory");
    } else if (input_text(name, SURETY_PROFILE_MAX, &text, err)) {
        list_profiles(names, sizeof names);
        return surety_fail(err, SURETY_ERR_INVALID,
                           "--profile must be a file or one of %s, not '%.80s' (%s)", names, name,
                           strerror(errno));
    }
    struct profile *profile = NULL;
    struct surety_error why = {0};
    enum surety_err code = profile_parse(text, &profile, &why);
    profile_free(profile);
    if (code) {
        free(text);
        return surety_fail(err, SURETY_ERR_INVALID, "--profile %.200s: %s", name, why.message);
    }
    *ret_text = text;
    return SURETY_OK;
}

/* ---- problems ---- */

void problem_fini(struct problem *problem)
{
    if (!problem)
        return;
    free(problem->id);
    free(problem->problem);
    free(problem->gold);
    json_decref(problem->line);
    *problem = (struct problem){0};
}

/* A string or a number as text; NULL: neither. The caller frees. */
static char *scalar_text(const json_t *value)
{
    if (json_is_string(value))
        return strdup(json_string_value(value));
    if (json_is_number(value))
        return json_to_text(value);
    return NULL;
}

/* A gold answer as `check` takes it: one answer, or a list or an object of some as JSON. */
static char *gold_text(const json_t *value, struct surety_error *err)
{
    struct arena arena;
    struct gold gold;
    if (json_is_boolean(value))
        return strdup(json_is_true(value) ? "true" : "false");
    if (!json_is_array(value) && !json_is_object(value))
        return scalar_text(value);
    arena_init(&arena, GOLD_BYTES);
    enum surety_err code = gold_from_json(value, &arena, &gold, err);
    arena_fini(&arena);
    if (code)
        return NULL;
    /* As text a list is an object: "[1, 2]" is an interval. */
    json_t *named = json_is_array(value) ? json_pack("{s:O}", "answer", value) : NULL;
    if (json_is_array(value) && !named)
        surety_fail(err, SURETY_ERR_NOMEM, "out of memory");
    char *text = err->code ? NULL : json_to_text(named ? named : value);
    json_decref(named);
    return text;
}

/* The line's own id; NULL when it has none. INVALID when it has a bad one. */
static char *own_id(const json_t *line, const char *key, struct surety_error *err)
{
    const json_t *value = json_object_get(line, key);
    if (!value || json_is_null(value))
        return NULL;
    char *id = scalar_text(value);
    if (id && *id && strlen(id) <= SURETY_NAME_MAX)
        return id;
    free(id);
    surety_fail(err, SURETY_ERR_INVALID, "\"%.80s\" must be a string of 1 to %d bytes", key,
                SURETY_NAME_MAX);
    return NULL;
}

static char *number_id(const struct problems *problems, size_t number)
{
    char id[32];
    snprintf(id, sizeof id, "%zu", number);
    const json_t *owner = json_object_get(problems->ids, id);
    if (owner && (size_t)json_integer_value(owner) != number)
        snprintf(id, sizeof id, "line-%zu", number); /* only of lines that failed */
    return strdup(id);
}

static bool is_full(const struct problems *p, uint64_t lines)
{
    return p->form.limit && lines >= p->form.limit;
}

/* What a result of this line will say that it was asked. */
static enum surety_err note_asked(struct problems *p, const char *id, const json_t *line)
{
    const char *text = json_get_string(line, p->form.problem, NULL);
    struct surety_error bad_gold = {0}; /* told when the line is read */
    char hash[17], *gold = gold_text(json_object_get(line, p->form.gold), &bad_gold);
    if (!text) {
        free(gold);
        return SURETY_OK;
    }
    hash_hex(hash_text(0, text), hash);
    json_t *asked = gold ? json_pack("{s:s, s:s}", "problem", hash, "gold", gold)
                         : json_pack("{s:s}", "problem", hash);
    free(gold);
    return json_object_set_new(p->asked, id, asked) ? SURETY_ERR_NOMEM : SURETY_OK;
}

/* First pass: every usable line's id. */
static enum surety_err collect_ids(struct problems *p, struct surety_error *err)
{
    enum surety_err code = SURETY_OK;
    while (!code && !is_full(p, problems_count(p))) {
        struct surety_error ignored = {0};
        json_t *line = NULL;
        code = jsonl_next(&p->reader, &line, &ignored);
        if (code == SURETY_ERR_PARSE || code == SURETY_ERR_LIMIT) {
            p->n_bad++;
            code = SURETY_OK;
            continue;
        }
        if (code)
            surety_fail(err, code, "%s", ignored.message);
        if (!line)
            break;
        char number[32], *id = own_id(line, p->form.id, &ignored);
        if (ignored.code) {
            json_decref(line);
            p->n_bad++;
            continue;
        }
        snprintf(number, sizeof number, "%zu", p->reader.line);
        const char *key = id ? id : number;
        const json_t *other = json_object_get(p->ids, key);
        if (other)
            code = surety_fail(err, SURETY_ERR_INVALID,
                               "%s:%zu: the id '%.80s' is already that of line %lld", p->name,
                               p->reader.line, key, (long long)json_integer_value(other));
        else if (json_object_set_new(p->ids, key, json_integer((json_int_t)p->reader.line)) ||
                 note_asked(p, key, line))
            code = surety_fail(err, SURETY_ERR_NOMEM, "out of memory");
        json_decref(line);
        free(id);
    }
    return code;
}

/* A file that can be read twice: a pipe's bytes go to a temporary file first. */
static FILE *open_seekable(const char *path, struct surety_error *err)
{
    bool standard = strcmp(path, "-") == 0;
    FILE *file = standard ? stdin : fopen(path, "re");
    struct stat st;
    if (!file || fstat(fileno(file), &st) || S_ISDIR(st.st_mode)) {
        surety_fail(err, SURETY_ERR_IO, "%s: %s", path, strerror(file ? EISDIR : errno));
        if (file && !standard)
            fclose(file);
        return NULL;
    }
    if (S_ISREG(st.st_mode) && !standard)
        return file;
    char chunk[65536];
    size_t n;
    FILE *copy = tmpfile();
    while (copy && (n = fread(chunk, 1, sizeof chunk, file)) > 0)
        if (fwrite(chunk, 1, n, copy) != n)
            break;
    bool bad = !copy || ferror(file) || fflush(copy) || ferror(copy);
    if (!standard)
        fclose(file);
    if (!bad) {
        rewind(copy);
        return copy;
    }
    surety_fail(err, SURETY_ERR_IO, "%s: %s", path, strerror(errno));
    if (copy)
        fclose(copy);
    return NULL;
}

enum surety_err problems_open(struct problems *problems, const char *path,
                              const struct problem_form *form, struct surety_error *err)
{
    *problems = (struct problems){.form = *form};
    problems->form.id = form->id ? form->id : "id";
    problems->form.problem = form->problem ? form->problem : "problem";
    problems->form.gold = form->gold ? form->gold : "gold";
    problems->file = open_seekable(path, err);
    if (!problems->file)
        return SURETY_ERR_IO;
    problems->name = strdup(strcmp(path, "-") == 0 ? "stdin" : path);
    problems->ids = json_object();
    problems->asked = json_object();
    enum surety_err code = SURETY_ERR_NOMEM;
    jsonl_init(&problems->reader, problems->file, problems->name);
    if (problems->name && problems->ids && problems->asked)
        code = collect_ids(problems, err);
    else
        surety_fail(err, code, "out of memory");
    if (!code && fseek(problems->file, 0, SEEK_SET))
        code = surety_fail(err, SURETY_ERR_IO, "%s: %s", path, strerror(errno));
    problems->reader.line = 0;
    if (code)
        problems_close(problems);
    return code;
}

void problems_close(struct problems *problems)
{
    jsonl_fini(&problems->reader);
    if (problems->file)
        fclose(problems->file);
    free(problems->name);
    json_decref(problems->ids);
    json_decref(problems->asked);
    *problems = (struct problems){0};
}

size_t problems_count(const struct problems *problems)
{
    return json_object_size(problems->ids) + problems->n_bad;
}

/* Fills problem from its object, only its gold answer if the id is bad; problem->error says what is
 * wrong. */
static void read_problem(const struct problem_form *form, struct problem *p)
{
    static const char *const not_built[] = {"context", "constraints"};
    const json_t *text = json_object_get(p->line, form->problem);
    const json_t *gold = json_object_get(p->line, form->gold);
    struct surety_error bad_gold = {0};
    p->gold = gold_text(gold, &bad_gold);
    if (p->error.code)
        return;
    for (size_t i = 0; i < 2; i++)
        if (json_object_get(p->line, not_built[i]) && strcmp(not_built[i], form->problem) != 0) {
            surety_fail(&p->error, SURETY_ERR_UNSUPPORTED, "\"%s\" is not built yet", not_built[i]);
            return;
        }
    if (!text)
        surety_fail(&p->error, SURETY_ERR_INVALID,
                    "there is no \"%.80s\" (--problem-key says what it is called)", form->problem);
    else if (!json_is_string(text) ||
             !json_string_value(text)[strspn(json_string_value(text), " \t\r\n")])
        surety_fail(&p->error, SURETY_ERR_INVALID, "\"%.80s\" must be a string that is not empty",
                    form->problem);
    else if (json_string_length(text) > SURETY_PROBLEM_MAX)
        surety_fail(&p->error, SURETY_ERR_LIMIT, "\"%.80s\" is longer than %u bytes", form->problem,
                    SURETY_PROBLEM_MAX);
    else if (bad_gold.code)
        surety_fail(&p->error, SURETY_ERR_INVALID, "\"%.80s\": %.400s", form->gold,
                    bad_gold.message);
    else if (gold && !json_is_null(gold) && !p->gold)
        surety_fail(&p->error, SURETY_ERR_INVALID,
                    "\"%.80s\" must be a string, a number, or a list or object of them",
                    form->gold);
    if (p->error.code)
        return;
    p->problem = strdup(json_string_value(text));
    if (!p->problem || (!p->gold && gold && !json_is_null(gold)))
        surety_fail(&p->error, SURETY_ERR_NOMEM, "out of memory");
}

bool problems_next(struct problems *problems, struct problem *ret)
{
    *ret = (struct problem){0};
    if (is_full(problems, problems->taken))
        return false;
    enum surety_err code = jsonl_next(&problems->reader, &ret->line, &ret->error);
    if (!code && !ret->line)
        return false;
    problems->taken++;
    ret->number = problems->reader.line;
    if (!code) {
        ret->id = own_id(ret->line, problems->form.id, &ret->error);
        read_problem(&problems->form, ret);
    }
    if (!ret->id)
        ret->id = number_id(problems, ret->number);
    return true;
}
