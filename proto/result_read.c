/*
 * Reading a result from JSON: `show`, `compare` and clients meet files and messages that others
 * wrote. Every member is fetched through one of the get_ functions, which record the first thing
 * that is wrong with the path of its key; after that they return defaults, so that a run of
 * fetches is checked once. The result is built apart and handed over only when all was right.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "proto/result_json.h"
#include "proto/settings_table.h"
#include <surety/settings.h>

#define READ_ARENA_MAX (512u << 20) /* bytes of one result */

struct reader {
    struct arena *arena;
    struct surety_error *err;
    enum surety_err code; /* of the first failure */
    char at[64];          /* where the current object stands: "trajectories[3]." */
};

enum need { OPTIONAL, REQUIRED };

static void fail(struct reader *r, enum surety_err code, const char *key, const char *what)
{
    if (!r->code)
        r->code = surety_fail(r->err, code, "the result's \"%s%s\" %s", r->at, key, what);
}

/* The member; NULL when it is missing (a failure if it is required) or null. */
static const json_t *get(struct reader *r, const json_t *object, const char *key, enum need need)
{
    const json_t *value = json_object_get(object, key);
    if (!value && need == REQUIRED)
        fail(r, SURETY_ERR_PARSE, key, "is missing");
    return json_is_null(value) ? NULL : value;
}

static const json_t *get_object(struct reader *r, const json_t *object, const char *key)
{
    const json_t *value = get(r, object, key, REQUIRED);
    if (json_is_object(value))
        return value;
    fail(r, SURETY_ERR_PARSE, key, "is no object");
    return NULL;
}

static const json_t *get_array(struct reader *r, const json_t *object, const char *key, size_t max)
{
    const json_t *value = get(r, object, key, REQUIRED);
    if (!json_is_array(value))
        fail(r, SURETY_ERR_PARSE, key, "is no array");
    else if (json_array_size(value) > max)
        fail(r, SURETY_ERR_LIMIT, key, "has too many elements");
    else
        return value;
    return NULL;
}

/* A copy in the arena; NULL for null. */
static char *get_text_or_null(struct reader *r, const json_t *object, const char *key,
                              enum need need, size_t max)
{
    const json_t *value = get(r, object, key, need);
    if (!value)
        return NULL;
    if (!json_is_string(value)) {
        fail(r, SURETY_ERR_PARSE, key, "is no string");
        return NULL;
    }
    size_t len = json_string_length(value);
    const char *bytes = json_string_value(value);
    char *copy = NULL;
    if (len > max)
        fail(r, SURETY_ERR_LIMIT, key, "is too long");
    else if (memchr(bytes, '\0', len))
        fail(r, SURETY_ERR_PARSE, key, "contains a NUL");
    else if (!(copy = arena_strndup(r->arena, bytes, len)))
        fail(r, SURETY_ERR_NOMEM, key, "does not fit into memory");
    return copy;
}

static char *get_text(struct reader *r, const json_t *object, const char *key, size_t max)
{
    char *copy = get_text_or_null(r, object, key, REQUIRED, max);
    if (!copy)
        fail(r, SURETY_ERR_PARSE, key, "is no string");
    return copy ? copy : (char *)"";
}

static bool get_bool(struct reader *r, const json_t *object, const char *key)
{
    const json_t *value = get(r, object, key, REQUIRED);
    if (!json_is_boolean(value))
        fail(r, SURETY_ERR_PARSE, key, "is not true or false");
    return json_is_true(value);
}

/* 1, 0, or -1 for null. */
static int get_truth(struct reader *r, const json_t *object, const char *key, enum need need)
{
    const json_t *value = get(r, object, key, need);
    if (!value)
        return -1;
    if (!json_is_boolean(value))
        fail(r, SURETY_ERR_PARSE, key, "is not true, false or null");
    return json_is_true(value);
}

/* NaN for null. */
static double get_number(struct reader *r, const json_t *object, const char *key, enum need need,
                         double min, double max)
{
    const json_t *value = get(r, object, key, need);
    if (!value)
        return NAN;
    double x = json_number_value(value);
    if (json_is_number(value) && x >= min && x <= max)
        return x;
    fail(r, SURETY_ERR_PARSE, key, json_is_number(value) ? "is out of range" : "is no number");
    return NAN;
}

static uint64_t get_integer(struct reader *r, const json_t *object, const char *key, enum need need,
                            int64_t max)
{
    const json_t *value = get(r, object, key, need);
    if (!value && need == OPTIONAL)
        return 0;
    if (!json_is_integer(value))
        fail(r, SURETY_ERR_PARSE, key, "is no integer");
    else if (json_integer_value(value) < 0 || json_integer_value(value) > max)
        fail(r, SURETY_ERR_PARSE, key, "is out of range");
    else
        return (uint64_t)json_integer_value(value);
    return 0;
}

/* A name of one of our enums, in a buffer of its own; "" after a failure. */
static const char *get_name(struct reader *r, const json_t *object, const char *key)
{
    return get_text(r, object, key, SURETY_NAME_MAX);
}

#define GET_ENUM(r, object, key, what, ret)                                                        \
    do {                                                                                           \
        if (!surety_##what##_from_name(get_name(r, object, key), ret))                             \
            fail(r, SURETY_ERR_PARSE, key, "is no name of a " #what);                              \
    } while (0)

static void *new_array(struct reader *r, size_t count, size_t bytes)
{
    void *made = arena_array(r->arena, count, bytes);
    if (!made && !r->code)
        r->code = surety_fail(r->err, SURETY_ERR_NOMEM, "no memory for the result");
    return made;
}

static void read_error(struct reader *r, const json_t *object, struct surety_error *ret,
                       size_t *ret_line)
{
    const json_t *error = get(r, object, "error", OPTIONAL);
    if (!error)
        return;
    if (!json_is_object(error)) {
        fail(r, SURETY_ERR_PARSE, "error", "is no object");
        return;
    }
    const char *message = get_text(r, error, "message", SURETY_TEXT_MAX);
    ret->code = surety_err_from_name(get_name(r, error, "code"));
    size_t len = strlen(message);
    len = len < sizeof ret->message ? len : utf8_cut(message, sizeof ret->message - 1);
    memcpy(ret->message, message, len);
    if (ret_line)
        *ret_line = get_integer(r, error, "line", OPTIONAL, INT64_MAX);
}

static void read_claim(struct reader *r, const json_t *object, struct surety_claim *c)
{
    c->text = get_text(r, object, "text", SURETY_TEXT_MAX);
    c->start = get_integer(r, object, "start", REQUIRED, INT64_MAX);
    c->end = get_integer(r, object, "end", REQUIRED, INT64_MAX);
    GET_ENUM(r, object, "verdict", verdict, &c->verdict);
    const char *signal = get_text_or_null(r, object, "decided_by", REQUIRED, SURETY_NAME_MAX);
    enum surety_signal decided_by = 0;
    if (signal && !surety_signal_from_name(signal, &decided_by))
        fail(r, SURETY_ERR_PARSE, "decided_by", "is no name of a signal");
    c->decided_by = decided_by;
    c->reason = get_text_or_null(r, object, "reason", OPTIONAL, SURETY_TEXT_MAX);
    const json_t *signals = get_object(r, object, "signals");
    c->value = NAN; /* what the rule used is the signal that decided */
#define X(NAME, name, bit, words)                                                                  \
    c->name = get_number(r, signals, #name, OPTIONAL, 0, 1);                                       \
    if (decided_by == bit)                                                                         \
        c->value = c->name;
    SURETY_SIGNAL_TABLE(X)
#undef X
}

static void read_trajectory(struct reader *r, const json_t *object, struct surety_trajectory *t)
{
    char at[sizeof r->at];
    t->index = (uint32_t)get_integer(r, object, "index", REQUIRED, UINT32_MAX);
    t->seed = (uint32_t)get_integer(r, object, "seed", REQUIRED, UINT32_MAX);
    t->answer = get_text_or_null(r, object, "answer", REQUIRED, SURETY_TEXT_MAX);
    GET_ENUM(r, object, "finish_reason", finish, &t->finish);
    read_error(r, object, &t->error, NULL);
    t->tokens = (uint32_t)get_integer(r, object, "tokens", REQUIRED, UINT32_MAX);
    t->r = get_number(r, object, "r", REQUIRED, 0, 1);
    /* What does not say so is of a time when nearly all claims came with their solutions. */
    t->cooperating = get_truth(r, object, "cooperating", OPTIONAL) != 0;
    t->correct = get_truth(r, object, "correct", OPTIONAL);
    t->text = get_text_or_null(r, object, "text", OPTIONAL, SURETY_TEXT_MAX);
    const json_t *claims = get_array(r, object, "claims", SURETY_M_MAX);
    t->n_claims = json_array_size(claims);
    t->claims = new_array(r, t->n_claims, sizeof *t->claims);
    memcpy(at, r->at, sizeof at);
    for (size_t i = 0; i < t->n_claims && !r->code; i++) {
        snprintf(r->at, sizeof r->at, "trajectories[%u].claims[%zu].", t->index, i);
        read_claim(r, json_array_get(claims, i), &t->claims[i]);
    }
    memcpy(r->at, at, sizeof at);
}

static void read_group(struct reader *r, const json_t *object, struct surety_group *g)
{
    g->answer = get_text(r, object, "answer", SURETY_TEXT_MAX);
    g->score = get_number(r, object, "score", REQUIRED, 0, SURETY_K_MAX);
    const json_t *members = get_array(r, object, "members", SURETY_K_MAX);
    g->count = (uint32_t)get_integer(r, object, "count", REQUIRED, SURETY_K_MAX);
    if (g->count != json_array_size(members))
        fail(r, SURETY_ERR_PARSE, "count", "is not the number of members");
    g->members = new_array(r, json_array_size(members), sizeof *g->members);
    for (size_t i = 0; i < json_array_size(members) && !r->code; i++) {
        const json_t *member = json_array_get(members, i);
        json_int_t index = json_integer_value(member);
        if (!json_is_integer(member) || index < 0 || index > UINT32_MAX)
            fail(r, SURETY_ERR_PARSE, "members", "has an element that is no index");
        else
            g->members[i] = (uint32_t)index;
    }
}

static void read_lists(struct reader *r, const json_t *object, struct surety_result *result)
{
    const json_t *groups = get_array(r, object, "groups", SURETY_K_MAX);
    const json_t *trajectories = get_array(r, object, "trajectories", SURETY_K_MAX);
    result->n_groups = json_array_size(groups);
    result->n_trajectories = json_array_size(trajectories);
    result->groups = new_array(r, result->n_groups, sizeof *result->groups);
    result->trajectories = new_array(r, result->n_trajectories, sizeof *result->trajectories);
    for (size_t i = 0; i < result->n_groups && !r->code; i++) {
        snprintf(r->at, sizeof r->at, "groups[%zu].", i);
        read_group(r, json_array_get(groups, i), &result->groups[i]);
    }
    for (size_t i = 0; i < result->n_trajectories && !r->code; i++) {
        snprintf(r->at, sizeof r->at, "trajectories[%zu].", i);
        read_trajectory(r, json_array_get(trajectories, i), &result->trajectories[i]);
        result->run.settings.text |= result->trajectories[i].text != NULL;
    }
    r->at[0] = '\0';
}

static void read_usage(struct reader *r, const json_t *usage, struct surety_usage *ret)
{
    ret->prompt_tokens = get_integer(r, usage, "prompt_tokens", REQUIRED, INT64_MAX);
    ret->completion_tokens = get_integer(r, usage, "completion_tokens", REQUIRED, INT64_MAX);
    ret->verify_tokens = get_integer(r, usage, "verify_tokens", REQUIRED, INT64_MAX);
    ret->cached_tokens = get_integer(r, usage, "cached_tokens", OPTIONAL, INT64_MAX);
    ret->verify_prompt_tokens = get_integer(r, usage, "verify_prompt_tokens", OPTIONAL, INT64_MAX);
    ret->verify_cached_tokens = get_integer(r, usage, "verify_cached_tokens", OPTIONAL, INT64_MAX);
    ret->calls = get_integer(r, usage, "calls", REQUIRED, INT64_MAX);
    ret->wall_ms = (int64_t)get_integer(r, usage, "wall_ms", OPTIONAL, INT64_MAX);
}

static void read_names(struct reader *r, const json_t *run, const struct setting *row,
                       unsigned *set)
{
    const json_t *names = get_array(r, run, row->key, 32);
    for (size_t i = 0; i < json_array_size(names); i++) {
        const json_t *name = json_array_get(names, i);
        unsigned one = 0;
        if (!json_is_string(name) ||
            !setting_from_name(row, json_string_value(name), json_string_length(name), &one))
            fail(r, SURETY_ERR_PARSE, row->key, "has an element that is none of its names");
        *set |= one;
    }
}

/* A setting that is not there was unknown to the version that made the result: it had its default.
 */
static void read_setting(struct reader *r, const json_t *run, const struct setting *row,
                         struct surety_settings *s)
{
    unsigned value = 0;
    const char *name;
    if (!get(r, run, row->key, OPTIONAL)) {
        if (row->flags & SETTING_REQUIRED)
            fail(r, SURETY_ERR_PARSE, row->key, "is missing");
        return;
    }
    switch (row->type) {
    case SETTING_INTEGER:
        setting_set_integer(row, s, (int64_t)get_integer(r, run, row->key, REQUIRED, row->most));
        return;
    case SETTING_NUMBER:
        setting_set_number(
            row, s, get_number(r, run, row->key, REQUIRED, (double)row->least, (double)row->most));
        return;
    case SETTING_NUMBER_OR_DEFAULT:
        setting_set_number(
            row, s, get_number(r, run, row->key, REQUIRED, row->fallback, (double)row->most));
        return;
    case SETTING_SWITCH:
        value = get_bool(r, run, row->key);
        break;
    case SETTING_NAME:
        name = get_name(r, run, row->key);
        if (!setting_from_name(row, name, strlen(name), &value))
            fail(r, SURETY_ERR_PARSE, row->key, "is none of its names");
        break;
    case SETTING_NAMES:
        read_names(r, run, row, &value);
        break;
    }
    setting_set_integer(row, s, value);
}

static void read_run(struct reader *r, const json_t *run, struct surety_result *result)
{
    char *profile = get_text_or_null(r, run, "profile", OPTIONAL, SURETY_NAME_MAX);
    result->run.version = get_text(r, run, "version", SURETY_NAME_MAX);
    result->run.model = get_text(r, run, "model", SURETY_NAME_MAX);
    result->run.model_id = get_text(r, run, "model_id", SURETY_NAME_MAX);
    result->run.profile = profile ? profile : (char *)"";
    result->run.profile_hash = get_text(r, run, "profile_hash", SURETY_NAME_MAX);
    result->run.repro = get_text(r, run, "repro", SURETY_NAME_MAX);
    result->run.verifier_model =
        get_text_or_null(r, run, "verifier_model", OPTIONAL, SURETY_NAME_MAX);
    result->run.verifier_model_id =
        get_text_or_null(r, run, "verifier_model_id", OPTIONAL, SURETY_NAME_MAX);
    result->run.verifier_repro =
        get_text_or_null(r, run, "verifier_repro", OPTIONAL, SURETY_NAME_MAX);
    result->run.verifier_profile =
        get_text_or_null(r, run, "verifier_profile", OPTIONAL, SURETY_NAME_MAX);
    result->run.verifier_profile_hash =
        get_text_or_null(r, run, "verifier_profile_hash", OPTIONAL, SURETY_NAME_MAX);
    double least = get_number(r, run, "least_standing", OPTIONAL, 0, 1);
    result->run.least_standing = isnan(least) ? 0 : least;
    result->run.reproducible = get_bool(r, run, "reproducible");
    for (size_t i = 0; i < settings_count; i++)
        if (settings_table[i].flags & SETTING_REPORTED)
            read_setting(r, run, &settings_table[i], &result->run.settings);
}

static void read_correct(struct reader *r, const json_t *object, struct surety_result *result)
{
    const json_t *correct = get(r, object, "correct", OPTIONAL);
    if (!correct)
        return;
    if (!json_is_object(correct))
        fail(r, SURETY_ERR_PARSE, "correct", "is no object");
    result->correct.known = true;
    result->correct.clr = get_truth(r, correct, "clr", REQUIRED);
    result->correct.cons = get_truth(r, correct, "cons", REQUIRED);
    result->correct.pass_at_k = get_truth(r, correct, "pass_at_k", REQUIRED);
    result->correct.pass_at_1 = get_number(r, correct, "pass_at_1", REQUIRED, 0, 1);
}

static void read_controls(struct reader *r, const json_t *verifier, struct surety_result *result)
{
    const json_t *controls = get(r, verifier, "controls", OPTIONAL);
    result->verifier.refuted_true = result->verifier.refuted_false = NAN;
    if (!controls)
        return;
    if (!json_is_object(controls))
        fail(r, SURETY_ERR_PARSE, "controls", "is no object");
    result->verifier.n_controls =
        (uint32_t)get_integer(r, controls, "n", REQUIRED, SURETY_CONTROLS_MAX);
    result->verifier.refuted_true = get_number(r, controls, "refuted_true", REQUIRED, 0, 1);
    result->verifier.refuted_false = get_number(r, controls, "refuted_false", REQUIRED, 0, 1);
    result->verifier.uninformative = get_bool(r, verifier, "uninformative");
}

static void read_result(struct reader *r, const json_t *object, struct surety_result *result)
{
    if (get_integer(r, object, "schema", REQUIRED, INT64_MAX) != SURETY_RESULT_SCHEMA)
        fail(r, SURETY_ERR_PARSE, "schema", "is not 1");
    result->id = get_text(r, object, "id", SURETY_TEXT_MAX);
    result->problem = get_text_or_null(r, object, "problem", OPTIONAL, SURETY_TEXT_MAX);
    result->problem_hash = get_text_or_null(r, object, "problem_hash", OPTIONAL, SURETY_NAME_MAX);
    result->gold = get_text_or_null(r, object, "gold", OPTIONAL, SURETY_TEXT_MAX);
    result->answer = get_text_or_null(r, object, "answer", REQUIRED, SURETY_TEXT_MAX);
    const char *mode = get_name(r, object, "mode");
    result->rank = strcmp(mode, "rank") == 0;
    if (!result->rank && strcmp(mode, "vote") != 0)
        fail(r, SURETY_ERR_PARSE, "mode", "is not \"vote\" or \"rank\"");
    result->reliability = get_number(r, object, "reliability", REQUIRED, 0, 1);
    result->effective_votes = get_number(r, object, "effective_votes", REQUIRED, 0, SURETY_K_MAX);
    result->mass = get_number(r, object, "mass", OPTIONAL, 0, 1);
    GET_ENUM(r, object, "stop_reason", stop, &result->stop);
    if (json_object_get(object, "settled_by"))
        GET_ENUM(r, object, "settled_by", stopping, &result->settled_by);
    read_error(r, object, &result->error, &result->error_line);
    read_lists(r, object, result);
    const json_t *baselines = get_object(r, object, "baselines");
    result->first = get_text_or_null(r, baselines, "first", REQUIRED, SURETY_TEXT_MAX);
    result->cons = get_text_or_null(r, baselines, "cons", REQUIRED, SURETY_TEXT_MAX);
    read_usage(r, get_object(r, object, "usage"), &result->usage);
    const json_t *verifier = get_object(r, object, "verifier");
    result->verifier.valid_rate = get_number(r, verifier, "valid_rate", REQUIRED, 0, 1);
    result->verifier.unparsed_rate = get_number(r, verifier, "unparsed_rate", REQUIRED, 0, 1);
    result->verifier.calls_saved = get_integer(r, verifier, "calls_saved", REQUIRED, INT64_MAX);
    result->verifier.comparisons_skipped =
        get_integer(r, verifier, "comparisons_skipped", OPTIONAL, INT64_MAX);
    result->verifier.standing = get_number(r, verifier, "standing", OPTIONAL, 0, 1);
    result->verifier.little_stands = get_truth(r, verifier, "little_stands", OPTIONAL) > 0;
    read_controls(r, verifier, result);
    read_run(r, get_object(r, object, "run"), result);
    read_correct(r, object, result);
}

enum surety_err surety_result_from_json(const json_t *object, struct surety_result *ret_result,
                                        struct surety_error *err)
{
    if (!json_is_object(object))
        return surety_fail(err, SURETY_ERR_PARSE, "a result must be a JSON object");
    struct surety_result result = {0};
    surety_settings_init(&result.run.settings);
    arena_init(&result.arena, READ_ARENA_MAX);
    struct reader r = {.arena = &result.arena, .err = err};
    read_result(&r, object, &result);
    if (r.code) {
        arena_fini(&result.arena);
        return r.code;
    }
    *ret_result = result;
    return SURETY_OK;
}
