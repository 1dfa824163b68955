/*
 * plan_way.c - the table of the ways of judging.
 */
#include "claims/plan/plan_way.h"

#include <math.h>

#include <surety/settings.h>

#define X(NAME, name, SIGNAL) extern const struct plan_way plan_way_##name;
SURETY_VERIFY_TABLE(X)
#undef X

const struct plan_way *plan_way_of(enum surety_verify verify)
{
#define X(NAME, name, SIGNAL) [SURETY_VERIFY_##NAME] = &plan_way_##name,
    static const struct plan_way *const ways[SURETY_VERIFY_COUNT_] = {SURETY_VERIFY_TABLE(X)};
#undef X
    return ways[verify];
}

/* Why nothing is known of a claim to which no reply came. */
static const char *why_open(const struct plan_way *way, const struct plan_distinct *claim)
{
    const char *why = way->why_open ? way->why_open(claim) : NULL;
    if (!why && way->alone && claim->contextual)
        why = "it uses a name that it does not define, and can only be verified jointly";
    return why ? why : "no verdict came";
}

void plan_way_read(const struct plan *plan, const struct plan_trajectory *t, size_t i,
                   struct plan_reading *ret)
{
    *ret = (struct plan_reading){.value = NAN};
    if (!plan->way || !t->answer)
        return;
    plan->way->read(plan, t, i, ret);
    if (isnan(ret->value) && !ret->unparsed)
        ret->reason = why_open(plan->way, t->claims[i].distinct);
}

size_t plan_questions(const struct surety_settings *settings, const struct surety_trajectory *t,
                      uint64_t *ret_keys)
{
    const struct plan_way *way = plan_way_of(settings->verify);
    return way ? way->questions(settings, t, ret_keys) : 0;
}
