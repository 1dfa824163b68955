/*
 * plan_way_whole.c - is the whole solution right? Its one verdict stands for each of its claims, so
 * that its reliability is that verdict's power. A baseline for ways that look at claims.
 *
 * The solution is shown as it was written. Its control is itself with one value changed, that of
 * the claim in whose place the control stands.
 */
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/utf8.h"
#include "claims/plan/plan_signal.h"
#include "claims/plan/plan_way.h"

/* What engines look the question up by, and what travels beside the prompt, is cut like a claim. */
static enum surety_err ask_about(struct plan *plan, char *solution, uint64_t key,
                                 struct plan_verification **ret_verification)
{
    char **claims = ARENA_NEW(&plan->arena, char *);
    if (!claims)
        return SURETY_ERR_NOMEM;
    claims[0] = solution;
    enum surety_err code =
        plan_ask(plan, claims, 1, plan->settings.verify_repeats, key, ret_verification);
    size_t len = strlen(solution);
    if (code || len <= SURETY_CLAIM_MAX)
        return code;
    claims[0] = arena_strndup(&plan->arena, solution, utf8_cut(solution, SURETY_CLAIM_MAX));
    return claims[0] ? SURETY_OK : SURETY_ERR_NOMEM;
}

static enum surety_err ask(struct plan *plan, struct plan_trajectory *t)
{
    bool all_settled = true;
    for (size_t i = 0; i < t->n_claims; i++)
        all_settled = all_settled && plan_signals_settle(plan, t->claims[i].distinct);
    if (all_settled || !t->shown)
        return SURETY_OK;
    uint64_t key = hash_u64(hash_text(0, t->shown), (uint64_t)(t - plan->trajectories));
    return ask_about(plan, t->shown, key, &t->verification);
}

static void read_replies(const struct plan *plan, const struct plan_trajectory *t, size_t i,
                         struct plan_reading *ret)
{
    plan_way_read_verdicts(t->verification, 0, ret);
}

/* Where the value stands in the solution by itself, from its claim on; NULL: nowhere. */
static char *find_value(char *solution, size_t from, const char *value, size_t len)
{
    if (from > strlen(solution))
        from = 0;
    for (char *at = solution + from; len && (at = strstr(at, value)); at++)
        if ((at == solution || !scan_is_digit(at[-1])) && !scan_is_digit(at[len]))
            return at;
    return NULL;
}

/* The planted value has as many bytes as the one it replaces. */
static enum surety_err plant(struct plan *plan, struct plan_control *control, uint64_t key)
{
    const struct plan_trajectory *t = control->trajectory;
    const struct plan_claim *claim = &t->claims[control->at];
    struct span where = claim->distinct->quantity.where;
    char *value =
        arena_strndup(&plan->arena, claim->distinct->key + where.start, where.end - where.start);
    char *solution = arena_strdup(&plan->arena, t->shown);
    if (!value || !solution)
        return SURETY_ERR_NOMEM;
    char *at = find_value(solution, claim->start, value, strlen(value));
    if (!at)
        return SURETY_OK; /* written otherwise there: no control */
    memcpy(at, control->value, strlen(value));
    return ask_about(plan, solution, key, &control->verification);
}

static size_t questions(const struct surety_settings *settings, const struct surety_trajectory *t,
                        uint64_t *ret_keys)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n_claims; i++)
        n += plan_way_was_asked(settings, &t->claims[i]);
    *ret_keys = hash_u64(1, t->index);
    return n > 0;
}

const struct plan_way plan_way_whole = {
    .verify = SURETY_VERIFY_WHOLE,
    .shows = true,
    .ask = ask,
    .take = plan_way_take_verdicts,
    .read = read_replies,
    .plant = plant,
    .read_planted = plan_way_read_planted,
    .questions = questions,
};
