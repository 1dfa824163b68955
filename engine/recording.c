/*
 * recording.c - see recording.h.
 *
 * One hash table finds both problems and claims: a claim's hash continues its problem's, and its
 * entry names the problem's entry. Only parsed strings are kept, in one bounded arena.
 */
#include "engine/recording.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/jsonl.h"
#include "base/plain.h"
#include "engine/replay.h"

uint32_t count_words(const char *text)
{
    uint32_t words = 0;
    bool inside = false;
    for (; *text; text++) {
        bool space = plain_is_space(*text);
        words += !space && !inside;
        inside = !space;
    }
    return words;
}

/* Folds white space in place: none at the ends, one blank between words. */
static void fold(char *text)
{
    char *out = text;
    for (const char *p = text; *p; p++) {
        if (!plain_is_space(*p))
            *out++ = *p;
        else if (out > text && out[-1] != ' ')
            *out++ = ' ';
    }
    if (out > text && out[-1] == ' ')
        out--;
    *out = '\0';
}

static uint64_t key_hash(const struct takes *problem, const char *key)
{
    return hash_text(problem ? problem->hash : 0, key);
}

/* The table's place for a key: its entry, or the free place where it belongs. */
static struct takes **find(const struct recording *r, const struct takes *problem, const char *key,
                           uint64_t hash)
{
    size_t i = (size_t)hash & (r->size - 1);
    while (r->table[i] && !(r->table[i]->hash == hash && r->table[i]->problem == problem &&
                            strcmp(r->table[i]->key, key) == 0))
        i = (i + 1) & (r->size - 1);
    return &r->table[i];
}

/* Keeps at least a third of the table free, so that find ends. */
static enum surety_err grow(struct recording *r)
{
    if (r->size - r->n > r->size / 3)
        return SURETY_OK;
    struct recording larger = {.size = r->size ? r->size * 2 : 64};
    larger.table = calloc(larger.size, sizeof(struct takes *));
    if (!larger.table)
        return SURETY_ERR_NOMEM;
    for (size_t i = 0; i < r->size; i++)
        if (r->table[i])
            *find(&larger, r->table[i]->problem, r->table[i]->key, r->table[i]->hash) = r->table[i];
    free(r->table);
    r->table = larger.table;
    r->size = larger.size;
    return SURETY_OK;
}

static const struct takes *look_up(const struct recording *r, const struct takes *problem,
                                   const char *key)
{
    return r->size ? *find(r, problem, key, key_hash(problem, key)) : NULL;
}

const struct takes *recording_problem(const struct recording *recording, const char *problem)
{
    return look_up(recording, NULL, problem);
}

const struct takes *recording_claim(const struct recording *recording, const struct takes *problem,
                                    const char *claim, enum surety_err *ret_err)
{
    char *key = strdup(claim);
    *ret_err = key ? SURETY_OK : SURETY_ERR_NOMEM;
    if (!key)
        return NULL;
    fold(key);
    const struct takes *takes = look_up(recording, problem, key);
    free(key);
    return takes;
}

const struct take *takes_at(const struct takes *takes, size_t i)
{
    const struct take *take = takes->first;
    while (i-- > 0)
        take = take->next;
    return take;
}

/* ---- loading ---- */
struct loader {
    struct recording *recording;
    struct jsonl lines;
    size_t repeated;       /* lines with the problem of an earlier line */
    size_t first_repeated; /* the first of them */
    bool once;             /* they may only say the same again */
    struct surety_error *err;
};

static enum surety_err too_large(struct loader *l)
{
    /* the arena gives NULL for both reasons; which one it was does not change what to do */
    return surety_fail(l->err, SURETY_ERR_LIMIT,
                       "%s:%zu: no memory for the recording, or it holds more than %zu MiB",
                       l->lines.name, l->lines.line, REPLAY_BYTES_MAX >> 20);
}

/* The entry of a key, made if need be; NULL without memory. */
static struct takes *entry_of(struct loader *l, const struct takes *problem, const char *key)
{
    struct recording *r = l->recording;
    if (grow(r))
        return NULL;
    uint64_t hash = key_hash(problem, key);
    struct takes **place = find(r, problem, key, hash);
    if (!*place) {
        struct takes *fresh = ARENA_NEW(&r->arena, struct takes);
        char *copy = arena_strdup(&r->arena, key);
        if (!fresh || !copy)
            return NULL;
        *fresh =
            (struct takes){.problem = problem, .key = copy, .hash = hash, .line = l->lines.line};
        *place = fresh;
        r->n++;
        r->n_problems += !problem;
    }
    return *place;
}

static enum surety_err bad(struct loader *l, const char *what, size_t number, const char *why)
{
    return surety_fail(l->err, SURETY_ERR_PARSE, "%s:%zu: %s %zu: %s", l->lines.name, l->lines.line,
                       what, number, why);
}

/* Reads how and when a recorded output fails; returns what is wrong with it, or NULL. */
static const char *read_fail(const json_t *object, struct take *take)
{
    static const char *const names[] = {
        [FAIL_ERROR] = "error", [FAIL_CRASH] = "crash", [FAIL_HANG] = "hang"};
    const json_t *fail = json_object_get(object, "fail");
    if (fail && !json_is_null(fail)) {
        const char *name = json_string_value(fail);
        for (int kind = FAIL_ERROR; name && kind <= FAIL_HANG; kind++)
            if (strcmp(name, names[kind]) == 0)
                take->fail = (enum fail_kind)kind;
        if (!take->fail)
            return "\"fail\" must be \"error\", \"crash\" or \"hang\"";
    }
    const json_t *attempts = json_object_get(object, "fail_attempts");
    take->fail_attempts = UINT32_MAX;
    if (attempts && !json_is_null(attempts)) {
        json_int_t n = json_is_integer(attempts) ? json_integer_value(attempts) : -1;
        if (n < 0 || n > UINT32_MAX)
            return "\"fail_attempts\" must be a whole number from 0";
        take->fail_attempts = (uint32_t)n;
    }
    return NULL;
}

/* Reads an output, a text alone or an object whose text is borrowed; returns what is wrong, or
 * NULL. */
static const char *read_take(const json_t *object, struct take *take, const char **ret_text)
{
    const bool alone = json_is_string(object);
    if (!alone && !json_is_object(object))
        return "expected a text, or an object with a \"text\"";
    const char *wrong = read_fail(object, take);
    if (wrong)
        return wrong;
    const json_t *text = alone ? object : json_object_get(object, "text"),
                 *labels = json_object_get(object, "labels");
    *ret_text = !text && take->fail ? "" : json_string_value(text);
    if (!*ret_text && (text || !labels))
        return "its \"text\" is missing or no string";
    if (*ret_text && strlen(*ret_text) > SURETY_TEXT_MAX)
        return "its \"text\" is longer than 16 MiB";
    const char *reason = json_get_string(object, "finish_reason", "stop");
    take->finish = strcmp(reason, "length") == 0 ? SURETY_FINISH_LENGTH : SURETY_FINISH_STOP;
    const json_t *delay = json_object_get(object, "delay_ms");
    double ms = delay && !json_is_null(delay) ? json_get_number(object, "delay_ms", -1) : 0;
    if (!(ms >= 0 && ms <= REPLAY_DELAY_MAX_MS))
        return "\"delay_ms\" must be a number from 0 to 86400000";
    take->delay_ms = (uint32_t)ms;
    take->tokens = *ret_text ? count_words(*ret_text) : 0;
    return NULL;
}

/* Reads the log-probabilities of a choice; returns what is wrong with them, or NULL. */
static const char *read_labels(const json_t *object, struct arena *arena, struct take *take)
{
    json_t *labels = json_object_get(object, "labels"), *value;
    const char *name;
    if (!labels || json_is_null(labels))
        return NULL;
    size_t n = json_object_size(labels);
    if (n < 2 || n > SURETY_LABELS_MAX)
        return "its \"labels\" must be an object of 2 to 26 log-probabilities";
    take->labels = ARENA_ARRAY(arena, char *, n);
    take->logprobs = ARENA_ARRAY(arena, double, n);
    if (!take->labels || !take->logprobs)
        return "no memory for its \"labels\"";
    json_object_foreach(labels, name, value)
    {
        double logprob = json_is_number(value) ? json_number_value(value) : 1;
        if (!(logprob <= 0) || strlen(name) > SURETY_LABEL_MAX)
            return "its \"labels\" must be names of at most 255 bytes with numbers up to 0";
        if (!(take->labels[take->n_labels] = arena_strdup(arena, name)))
            return "no memory for its \"labels\"";
        fold(take->labels[take->n_labels]);
        take->logprobs[take->n_labels++] = logprob;
    }
    return NULL;
}

double take_label(const struct take *take, const char *label)
{
    char folded[SURETY_LABEL_MAX + 1];
    snprintf(folded, sizeof folded, "%s", label);
    fold(folded);
    for (size_t i = 0; i < take->n_labels; i++)
        if (strcmp(take->labels[i], folded) == 0)
            return take->logprobs[i];
    return NAN;
}

static enum surety_err add_take(struct loader *l, struct takes *takes, const struct take *read,
                                const char *text)
{
    struct recording *r = l->recording;
    struct take *take = ARENA_NEW(&r->arena, struct take);
    char *copy = text ? arena_strdup(&r->arena, text) : NULL;
    if (!take || (text && !copy))
        return too_large(l);
    *take = *read;
    take->text = copy;
    if (takes->last)
        takes->last->next = take;
    else
        takes->first = take;
    takes->last = take;
    takes->n++;
    r->hash = hash_text(hash_u64(r->hash, takes->hash), text ? text : "");
    for (size_t i = 0; i < take->n_labels; i++) {
        uint64_t bits;
        memcpy(&bits, &take->logprobs[i], sizeof bits);
        r->hash = hash_u64(hash_text(r->hash, take->labels[i]), bits);
    }
    r->chooses |= take->n_labels > 0;
    r->hash = hash_u64(r->hash, (uint64_t)take->finish << 8 | (uint64_t)take->fail);
    r->hash = hash_u64(r->hash, take->fail_attempts);
    return SURETY_OK;
}

static enum surety_err add_samples(struct loader *l, struct takes *problem, const json_t *samples)
{
    size_t i;
    json_t *object;
    json_array_foreach(samples, i, object)
    {
        struct take take = {0};
        const char *text, *wrong = read_take(object, &take, &text);
        if (!wrong && !text)
            wrong = "its \"text\" is missing or no string";
        enum surety_err code =
            wrong ? bad(l, "sample", i, wrong) : add_take(l, problem, &take, text);
        if (code)
            return code;
    }
    return SURETY_OK;
}

static enum surety_err add_verdicts(struct loader *l, struct takes *problem, const json_t *verdicts)
{
    size_t i;
    json_t *object;
    json_array_foreach(verdicts, i, object)
    {
        struct take take = {0};
        const char *text, *wrong = read_take(object, &take, &text);
        const char *claim = json_get_string(object, "claim", NULL);
        if (!wrong)
            wrong = read_labels(object, &l->recording->arena, &take);
        if (!wrong && !claim)
            wrong = "its \"claim\" is missing or no string";
        if (wrong)
            return bad(l, "verdict", i, wrong);
        char *key = strdup(claim);
        if (!key)
            return too_large(l);
        fold(key);
        struct takes *takes = entry_of(l, problem, key);
        free(key);
        enum surety_err code = takes ? add_take(l, takes, &take, text) : too_large(l);
        if (code)
            return code;
    }
    return SURETY_OK;
}

static bool are_samples(const struct takes *problem, const json_t *samples)
{
    const struct take *take = problem->first;
    bool same = json_array_size(samples) == problem->n;
    for (size_t i = 0; same && take; i++, take = take->next) {
        const json_t *sample = json_array_get(samples, i);
        const char *text = json_is_string(sample) ? json_string_value(sample)
                                                  : json_get_string(sample, "text", NULL);
        same = text && strcmp(text, take->text) == 0;
    }
    return same;
}

static enum surety_err add_line(struct loader *l, const json_t *object)
{
    const char *name = l->lines.name;
    size_t line = l->lines.line;
    const char *text = json_get_string(object, "problem", NULL);
    if (!text || !*text)
        return surety_fail(l->err, SURETY_ERR_PARSE,
                           "%s:%zu: \"problem\" is missing, empty or no string", name, line);
    if (strlen(text) > SURETY_PROBLEM_MAX)
        return surety_fail(l->err, SURETY_ERR_LIMIT, "%s:%zu: the problem is longer than %u MiB",
                           name, line, SURETY_PROBLEM_MAX >> 20);
    const json_t *samples = json_object_get(object, "samples");
    const json_t *verdicts = json_object_get(object, "verdicts");
    if ((samples && !json_is_null(samples) && !json_is_array(samples)) ||
        (verdicts && !json_is_null(verdicts) && !json_is_array(verdicts)))
        return surety_fail(l->err, SURETY_ERR_PARSE,
                           "%s:%zu: \"samples\" and \"verdicts\" must be arrays", name, line);
    struct takes *problem = entry_of(l, NULL, text);
    if (!problem)
        return too_large(l);
    if (problem->line != line && l->once)
        return are_samples(problem, samples)
                   ? SURETY_OK
                   : surety_fail(l->err, SURETY_ERR_PARSE,
                                 "%s:%zu: the problem of line %zu with other samples: which are "
                                 "meant would not be known; put them into another file",
                                 name, line, problem->line);
    if (problem->line != line && l->repeated++ == 0)
        l->first_repeated = line;
    l->recording->hash = hash_u64(l->recording->hash, problem->hash);
    enum surety_err code = add_samples(l, problem, samples);
    return code ? code : add_verdicts(l, problem, verdicts);
}

enum surety_err recording_load(const char *path, bool once, const struct log *log,
                               struct recording *ret_recording, struct surety_error *err)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return surety_fail(err, errno == ENOENT ? SURETY_ERR_NOT_FOUND : SURETY_ERR_IO,
                           "the recording %.300s cannot be opened: %s", path, strerror(errno));
    struct recording recording = {0};
    arena_init(&recording.arena, REPLAY_BYTES_MAX);
    struct loader l = {.recording = &recording, .once = once, .err = err};
    jsonl_init(&l.lines, file, path);
    enum surety_err code;
    for (;;) {
        json_t *object = NULL;
        code = jsonl_next(&l.lines, &object, err);
        if (code || !object)
            break;
        code = add_line(&l, object);
        json_decref(object);
        if (code)
            break;
    }
    jsonl_fini(&l.lines);
    fclose(file);
    if (!code && recording.n_problems == 0)
        code = surety_fail(err, SURETY_ERR_PARSE, "the recording %.300s holds no problem", path);
    if (code) {
        recording_fini(&recording);
        return code;
    }
    if (l.repeated)
        log_printf(log, LOG_WARN, "%s: %zu lines (the first is %zu) add to a problem seen before",
                   path, l.repeated, l.first_repeated);
    *ret_recording = recording;
    return SURETY_OK;
}

void recording_fini(struct recording *recording)
{
    if (!recording)
        return;
    arena_fini(&recording->arena);
    free(recording->table);
    *recording = (struct recording){0};
}
