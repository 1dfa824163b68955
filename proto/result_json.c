/*
 * Writing a result as JSON. A member that could not be made (no memory) makes the whole fail: the
 * object in work is dropped and NULL is returned, so that no result goes out with a part missing.
 */
#include "proto/result_json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "proto/settings_table.h"
#include <surety/settings.h>

/* The text, made valid should a caller have failed to; NULL is JSON's null. */
static json_t *text_or_null(const char *text)
{
    if (!text)
        return json_null();
    json_t *value = json_string(text);
    if (value)
        return value;
    char *valid = utf8_make_valid(text, strlen(text), NULL);
    value = valid ? json_string_nocheck(valid) : NULL;
    free(valid);
    return value;
}

static json_t *text(const char *text)
{
    return text_or_null(text ? text : "");
}

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *integer(uint64_t value)
{
    return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

/* 1, 0, or -1 for what is not known. */
static json_t *truth(int value)
{
    return value < 0 ? json_null() : json_boolean(value);
}

/* A member of an object that is written next; ends with a NULL key. Values are stolen. */
struct member {
    const char *key;
    json_t *value;
    bool absent; /* leave it out */
};

#define OBJECT(...) object((struct member[]){__VA_ARGS__, {NULL, NULL, false}})
#define SET(key, value) ((struct member){key, value, false})
#define SET_UNLESS(condition, key, value) ((struct member){key, value, condition})

static json_t *object(struct member *members)
{
    json_t *made = json_object();
    for (struct member *m = members; m->key; m++) {
        if (m->absent)
            json_decref(m->value);
        else if (json_object_set_new_nocheck(made, m->key, m->value) && made) {
            json_decref(made);
            made = NULL;
        }
    }
    return made;
}

/* An array of n values made by make(items, i). */
static json_t *array(const void *items, size_t n, json_t *(*make)(const void *items, size_t i))
{
    json_t *made = json_array();
    for (size_t i = 0; made && i < n; i++) {
        if (json_array_append_new(made, make(items, i))) {
            json_decref(made);
            return NULL;
        }
    }
    return made;
}

static json_t *error_to_json(const struct surety_error *error, size_t line)
{
    return OBJECT(SET("code", text(surety_err_name(error->code))),
                  SET("message", text(error->message)),
                  SET_UNLESS(line == 0, "line", integer(line)));
}

static json_t *claim_to_json(const void *claims, size_t i)
{
    const struct surety_claim *c = (const struct surety_claim *)claims + i;
    const char *signal =
        c->decided_by ? surety_signal_name((enum surety_signal)c->decided_by) : NULL;
#define X(NAME, name, bit, words) SET(#name, number(c->name)),
    json_t *signals = object((struct member[]){SURETY_SIGNAL_TABLE(X){NULL, NULL, false}});
#undef X
    return OBJECT(SET("text", text(c->text)), SET("start", integer(c->start)),
                  SET("end", integer(c->end)),
                  SET("verdict", text(surety_verdict_name(c->verdict))),
                  SET("decided_by", text_or_null(signal)),
                  SET_UNLESS(!c->reason, "reason", text(c->reason)), SET("signals", signals));
}

static json_t *plain_trajectory(const struct surety_trajectory *t, bool graded)
{
    return OBJECT(SET("index", integer(t->index)), SET("seed", integer(t->seed)),
                  SET("answer", text_or_null(t->answer)),
                  SET("finish_reason", text(surety_finish_name(t->finish))),
                  SET_UNLESS(t->error.code == SURETY_OK, "error", error_to_json(&t->error, 0)),
                  SET("tokens", integer(t->tokens)), SET("r", number(t->r)),
                  SET("cooperating", json_boolean(t->cooperating)),
                  SET_UNLESS(!graded, "correct", truth(t->correct)),
                  SET_UNLESS(!t->text, "text", text(t->text)),
                  SET("claims", array(t->claims, t->n_claims, claim_to_json)));
}

static json_t *trajectory_to_json(const void *trajectories, size_t i)
{
    return plain_trajectory((const struct surety_trajectory *)trajectories + i, false);
}

static json_t *graded_trajectory_to_json(const void *trajectories, size_t i)
{
    return plain_trajectory((const struct surety_trajectory *)trajectories + i, true);
}

static json_t *index_to_json(const void *indexes, size_t i)
{
    return integer(((const uint32_t *)indexes)[i]);
}

static json_t *group_to_json(const void *groups, size_t i)
{
    const struct surety_group *g = (const struct surety_group *)groups + i;
    return OBJECT(SET("answer", text(g->answer)), SET("count", integer(g->count)),
                  SET("score", number(g->score)),
                  SET("members", array(g->members, g->count, index_to_json)));
}

static json_t *usage_to_json(const struct surety_usage *u, bool stable)
{
    return OBJECT(SET("prompt_tokens", integer(u->prompt_tokens)),
                  SET("completion_tokens", integer(u->completion_tokens)),
                  SET("verify_tokens", integer(u->verify_tokens)),
                  SET("verify_prompt_tokens", integer(u->verify_prompt_tokens)),
                  SET_UNLESS(stable, "cached_tokens", integer(u->cached_tokens)),
                  SET_UNLESS(stable, "verify_cached_tokens", integer(u->verify_cached_tokens)),
                  SET("calls", integer(u->calls)),
                  SET_UNLESS(stable, "wall_ms", json_integer(u->wall_ms)));
}

static json_t *names_to_json(const struct setting *row, unsigned set)
{
    json_t *names = json_array();
    for (unsigned bit = 1; bit && bit <= set; bit <<= 1) {
        if (!(set & bit) || !names)
            continue;
        if (json_array_append_new(names, text(row->name(bit)))) {
            json_decref(names);
            return NULL;
        }
    }
    return names;
}

static json_t *setting_to_json(const struct setting *row, const struct surety_settings *s)
{
    switch (row->type) {
    case SETTING_INTEGER:
        return json_integer(setting_integer(row, s));
    case SETTING_NUMBER:
    case SETTING_NUMBER_OR_DEFAULT:
        return number(setting_number(row, s));
    case SETTING_SWITCH:
        return json_boolean(setting_integer(row, s));
    case SETTING_NAME:
        return text(row->name((unsigned)setting_integer(row, s)));
    case SETTING_NAMES:
        return names_to_json(row, (unsigned)setting_integer(row, s));
    }
    return NULL;
}

static json_t *run_to_json(const struct surety_result *result)
{
    const struct surety_settings *s = &result->run.settings;
    json_t *made = OBJECT(
        SET("version", text(result->run.version)), SET("model", text(result->run.model)),
        SET("model_id", text(result->run.model_id)), SET("profile", text(result->run.profile)),
        SET("profile_hash", text(result->run.profile_hash)), SET("repro", text(result->run.repro)),
        SET_UNLESS(!result->run.verifier_model, "verifier_model", text(result->run.verifier_model)),
        SET_UNLESS(!result->run.verifier_model_id, "verifier_model_id",
                   text(result->run.verifier_model_id)),
        SET_UNLESS(!result->run.verifier_repro, "verifier_repro", text(result->run.verifier_repro)),
        SET_UNLESS(!result->run.verifier_profile, "verifier_profile",
                   text(result->run.verifier_profile)),
        SET_UNLESS(!result->run.verifier_profile_hash, "verifier_profile_hash",
                   text(result->run.verifier_profile_hash)),
        SET_UNLESS(!(result->run.least_standing > 0), "least_standing",
                   number(result->run.least_standing)),
        SET("reproducible", json_boolean(result->run.reproducible)));
    for (size_t i = 0; made && i < settings_count; i++) {
        const struct setting *row = &settings_table[i];
        if (!(row->flags & SETTING_REPORTED) || !setting_is_told(row, s))
            continue;
        if (json_object_set_new_nocheck(made, row->key, setting_to_json(row, s))) {
            json_decref(made);
            made = NULL;
        }
    }
    return made;
}

json_t *surety_result_to_json(const struct surety_result *r, bool stable)
{
    json_t *controls = OBJECT(SET("n", integer(r->verifier.n_controls)),
                              SET("refuted_true", number(r->verifier.refuted_true)),
                              SET("refuted_false", number(r->verifier.refuted_false)));
    bool asked = r->run.settings.controls > 0;
    uint64_t skipped = r->verifier.comparisons_skipped;
    double least = r->run.least_standing;
    json_t *verifier =
        OBJECT(SET("valid_rate", number(r->verifier.valid_rate)),
               SET("unparsed_rate", number(r->verifier.unparsed_rate)),
               SET("calls_saved", integer(r->verifier.calls_saved)),
               SET_UNLESS(!skipped, "comparisons_skipped", integer(skipped)),
               SET_UNLESS(!(least > 0), "standing", number(r->verifier.standing)),
               SET_UNLESS(!(least > 0), "little_stands", json_boolean(r->verifier.little_stands)),
               SET_UNLESS(!asked, "controls", controls),
               SET_UNLESS(!asked, "uninformative", json_boolean(r->verifier.uninformative)));
    json_t *correct = OBJECT(SET("clr", truth(r->correct.clr)), SET("cons", truth(r->correct.cons)),
                             SET("pass_at_1", number(r->correct.pass_at_1)),
                             SET("pass_at_k", truth(r->correct.pass_at_k)));
    return OBJECT(
        SET("schema", integer(SURETY_RESULT_SCHEMA)), SET("id", text(r->id)),
        SET_UNLESS(!r->problem, "problem", text(r->problem)),
        SET_UNLESS(!r->problem_hash, "problem_hash", text(r->problem_hash)),
        SET_UNLESS(!r->gold, "gold", text(r->gold)), SET("answer", text_or_null(r->answer)),
        SET("mode", text(r->rank ? "rank" : "vote")), SET("reliability", number(r->reliability)),
        SET("effective_votes", number(r->effective_votes)), SET("mass", number(r->mass)),
        SET("used", integer(r->n_trajectories)), SET("p_correct", json_null()),
        SET("stop_reason", text(surety_stop_name(r->stop))),
        SET_UNLESS(r->settled_by == SURETY_STOPPING_NONE, "settled_by",
                   text(surety_stopping_name(r->settled_by))),
        SET_UNLESS(r->error.code == SURETY_OK, "error", error_to_json(&r->error, r->error_line)),
        SET("groups", array(r->groups, r->n_groups, group_to_json)),
        SET("trajectories",
            array(r->trajectories, r->n_trajectories,
                  r->correct.known ? graded_trajectory_to_json : trajectory_to_json)),
        SET("baselines",
            OBJECT(SET("first", text_or_null(r->first)), SET("cons", text_or_null(r->cons)))),
        SET("usage", usage_to_json(&r->usage, stable)), SET("verifier", verifier),
        SET("run", run_to_json(r)), SET_UNLESS(!r->correct.known, "correct", correct));
}
