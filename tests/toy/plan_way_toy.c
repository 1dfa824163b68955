/*
 * plan_way_toy.c - a way of judging for a test: when all trajectories are there, every claim that
 * can be asked about alone is, once, and the replies are verdicts.
 */
#include "base/hash.h"
#include "claims/plan/plan_way.h"

static enum surety_err ask_about(struct plan *plan, char *text, uint64_t key,
                                 struct plan_verification **ret_verification)
{
    char **claims = ARENA_NEW(&plan->arena, char *);
    if (!claims)
        return SURETY_ERR_NOMEM;
    claims[0] = text;
    return plan_ask(plan, claims, 1, 1, key, ret_verification);
}

static enum surety_err ask_all(struct plan *plan)
{
    enum surety_err code = SURETY_OK;
    for (uint32_t k = 0; k < plan->settings.k; k++) {
        struct plan_trajectory *t = &plan->trajectories[k];
        for (size_t i = 0; t->answer && i < t->n_claims && !code; i++) {
            struct plan_distinct *claim = t->claims[i].distinct;
            if (plan_way_asks_alone(plan, claim) && !claim->verification)
                code = ask_about(plan, claim->key, claim->hash, &claim->verification);
        }
    }
    return code;
}

static void read_replies(const struct plan *plan, const struct plan_trajectory *t, size_t i,
                         struct plan_reading *ret)
{
    plan_way_read_verdicts(t->claims[i].distinct->verification, 0, ret);
}

static enum surety_err plant(struct plan *plan, struct plan_control *control, uint64_t key)
{
    return ask_about(plan, control->planted, key, &control->verification);
}

static size_t questions(const struct surety_settings *settings, const struct surety_trajectory *t,
                        uint64_t *ret_keys)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n_claims; i++)
        if (plan_way_was_asked(settings, &t->claims[i]))
            ret_keys[n++] = hash_text(0, t->claims[i].text);
    return n;
}

const struct plan_way plan_way_toy = {
    .verify = SURETY_VERIFY_TOY,
    .alone = true,
    .close = ask_all,
    .take = plan_way_take_verdicts,
    .read = read_replies,
    .plant = plant,
    .read_planted = plan_way_read_planted,
    .questions = questions,
};
