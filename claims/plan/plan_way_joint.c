/*
 * plan_way_joint.c - all claims of a trajectory are asked about at once, in their order.
 *
 * At temperature 0 the same question would get the same reply, but for what another nonce does to
 * it, so trajectories that claim the same share one; above, each reply is an observation of its
 * own.
 */
#include <string.h>

#include "base/hash.h"
#include "claims/plan/plan_signal.h"
#include "claims/plan/plan_way.h"

static bool has_same_claims(const struct plan_trajectory *t, const struct plan_trajectory *other)
{
    if (t->n_claims != other->n_claims)
        return false;
    for (size_t i = 0; i < t->n_claims; i++)
        if (t->claims[i].distinct != other->claims[i].distinct)
            return false;
    return true;
}

/* The verification of an earlier trajectory that serves t too; NULL: none. */
static struct plan_verification *find_shared(const struct plan *plan,
                                             const struct plan_trajectory *t)
{
    bool repeatable = plan->settings.verify_temperature == 0;
    for (const struct plan_trajectory *other = plan->trajectories; repeatable && other < t; other++)
        if (other->verification && has_same_claims(t, other))
            return other->verification;
    return NULL;
}

/* The texts of t's claims, in the arena; NULL without memory. */
static char **claim_texts(struct plan *plan, const struct plan_trajectory *t)
{
    char **texts = ARENA_ARRAY(&plan->arena, char *, t->n_claims);
    for (size_t i = 0; texts && i < t->n_claims; i++)
        texts[i] = t->claims[i].text;
    return texts;
}

static enum surety_err ask(struct plan *plan, struct plan_trajectory *t)
{
    if ((t->verification = find_shared(plan, t))) {
        t->verification->calls_saved++; /* at temperature 0 nothing is repeated */
        return SURETY_OK;
    }
    uint64_t key = 0;
    bool all_settled = true;
    for (size_t i = 0; i < t->n_claims; i++) {
        key = hash_u64(key, t->claims[i].distinct->hash);
        all_settled = all_settled && plan_signals_settle(plan, t->claims[i].distinct);
    }
    if (all_settled)
        return SURETY_OK;
    char **texts = claim_texts(plan, t);
    return texts ? plan_ask(plan, texts, t->n_claims, plan->settings.verify_repeats, key,
                            &t->verification)
                 : SURETY_ERR_NOMEM;
}

static void read_replies(const struct plan *plan, const struct plan_trajectory *t, size_t i,
                         struct plan_reading *ret)
{
    plan_way_read_verdicts(t->verification, i, ret);
}

/* The planted claim stands among the others of its trajectory. */
static enum surety_err plant(struct plan *plan, struct plan_control *control, uint64_t key)
{
    const struct plan_trajectory *t = control->trajectory;
    char **texts = claim_texts(plan, t);
    if (!texts)
        return SURETY_ERR_NOMEM;
    texts[control->at] = control->planted;
    return plan_ask(plan, texts, t->n_claims, plan->settings.verify_repeats, key,
                    &control->verification);
}

static double read_planted(const struct plan *plan, const struct plan_control *control)
{
    return plan_count_replies(control->verification, control->at).share;
}

static size_t questions(const struct surety_settings *settings, const struct surety_trajectory *t,
                        uint64_t *ret_keys)
{
    uint64_t key = settings->verify_temperature > 0 ? hash_u64(1, t->index) : 0;
    size_t n = 0;
    for (size_t i = 0; i < t->n_claims; i++) {
        key = hash_u64(key, hash_text(0, t->claims[i].text));
        n += plan_way_was_asked(settings, &t->claims[i]);
    }
    *ret_keys = key;
    return n > 0;
}

const struct plan_way plan_way_joint = {
    .verify = SURETY_VERIFY_JOINT,
    .ask = ask,
    .take = plan_way_take_verdicts,
    .read = read_replies,
    .plant = plant,
    .read_planted = read_planted,
    .questions = questions,
};
