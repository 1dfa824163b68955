/*
 * plan_stop.c - waves: how many samples are asked for, which of them are judged, and when the vote
 * is decided (stop.h says by what).
 *
 * Looked at after each answer that was compared, in index order, so nothing hangs on when outputs
 * came. Under beta and sure judging is lazy: a vote that one group alone can win is not judged at
 * all, and r is 1; else all trajectories of the groups that can still win are, when their wave is
 * there (of a half-judged group the unjudged would have the say). Where some were judged, the vote
 * is looked at at the ends of waves, with their verdicts. Under certified all are judged as they
 * come. A way that judges only at the end (plan_way.close) does so when all k did not settle it.
 */
#include "claims/plan/stop.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "claims/plan/plan_way.h"
#include <surety/settings.h>

static bool has_rule(const struct plan *plan)
{
    return plan->settings.stop != SURETY_STOPPING_NONE;
}

bool plan_judges_in_waves(const struct plan *plan)
{
    return plan->way && plan->way->ask && has_rule(plan);
}

enum surety_err plan_check_stop(const struct plan *plan, struct surety_error *err)
{
    const char *why = NULL;
    if (plan->settings.stop != SURETY_STOPPING_CERTIFIED)
        return SURETY_OK;
    if (plan->settings.signals & SURETY_SIGNAL_AGREEMENT)
        why = "the signal agreement";
    else if (plan->way && !plan->way->ask)
        why = surety_verify_name(plan->settings.verify);
    if (!why)
        return SURETY_OK;
    return surety_fail(err, SURETY_ERR_INVALID,
                       "stop certified does not go with %s: what a trajectory weighs must hang on "
                       "no other trajectory",
                       why);
}

void plan_withdraw(struct plan *plan, struct plan_trajectory *t)
{
    t->withdrawn = true;
    plan->n_withdrawn++;
}

void plan_begin_waves(struct plan *plan)
{
    struct stop_vote vote = {plan->settings.stop, plan->settings.stop_d, plan->settings.k,
                             plan->vote_group,    plan->vote_r,          0};
    plan->released = stop_wave(&vote);
    if (vote.rule == SURETY_STOPPING_CERTIFIED)
        equal_grouping_exact_only(plan->grouping);
}

/* The vote of what was compared; of lazily judged ones r is 1 until they were asked about. */
static enum surety_err count_votes(struct plan *plan, struct stop_vote *vote)
{
    *vote = (struct stop_vote){plan->settings.stop, plan->settings.stop_d, plan->settings.k,
                               plan->vote_group,    plan->vote_r,          plan->compared};
    plan->looking = true;
    enum surety_err code = plan_weigh(plan, vote->n, vote->group, vote->r);
    plan->looking = false;
    return code;
}

/* What group g has for certain: under sure, what was not judged may count nothing. */
static double least_of(const struct plan *plan, const struct stop_vote *vote, uint32_t g)
{
    double sum = 0;
    for (uint32_t i = 0; i < vote->n; i++)
        if (vote->group[i] == g &&
            (vote->rule != SURETY_STOPPING_SURE || !plan->way || plan->trajectories[i].asked))
            sum += vote->r[i];
    return sum;
}

/* Asks about all trajectories of a group. */
static enum surety_err ask_group(struct plan *plan, const struct stop_vote *vote, uint32_t g,
                                 bool *ret_any)
{
    enum surety_err code = SURETY_OK;
    for (uint32_t i = 0; i < vote->n && !code; i++) {
        if (vote->group[i] != g || plan->trajectories[i].asked)
            continue;
        *ret_any = plan->judged = true;
        code = plan_ask_about(plan, &plan->trajectories[i]);
    }
    return code;
}

/* Asks about the groups that can still win, if there are several. *ret_any: some were new. */
static enum surety_err ask_contenders(struct plan *plan, const struct stop_vote *vote,
                                      bool *ret_any)
{
    uint32_t leader = stop_leader(vote), n_groups = 0;
    double least = least_of(plan, vote, leader);
    bool contested = false;
    enum surety_err code = SURETY_OK;
    for (uint32_t i = 0; i < vote->n && !code; i++) {
        if (vote->group[i] != n_groups) /* not the first of a group */
            continue;
        uint32_t g = n_groups++;
        if (!stop_can_win(vote, leader, least, g))
            continue;
        contested = true;
        code = ask_group(plan, vote, g, ret_any);
    }
    contested |=
        leader != EQUAL_NO_GROUP && vote->rule == SURETY_STOPPING_SURE && vote->n < vote->k;
    if (!code && (contested || plan->judged))
        code = ask_group(plan, vote, leader, ret_any);
    return code ? code : plan_go_on(plan);
}

/* Asks about what waited for its wave. *ret_any: there was some. */
static enum surety_err ask_wave(struct plan *plan, bool *ret_any)
{
    enum surety_err code = SURETY_OK;
    for (uint32_t k = 0; k < plan->compared && !code; k++) {
        struct plan_trajectory *t = &plan->trajectories[k];
        if (t->asked || t->withdrawn)
            continue;
        *ret_any = true;
        code = plan_ask_about(plan, t);
    }
    return code ? code : plan_go_on(plan);
}

/* The first `used` decide; nobody wants the others any more. */
static enum surety_err end_sampling(struct plan *plan, bool settled)
{
    plan->settled = settled;
    plan->sampled = true;
    plan->used = plan->compared;
    for (uint32_t k = plan->used; k < plan->settings.k; k++)
        if (plan->trajectories[k].fed && !plan->trajectories[k].withdrawn)
            plan_withdraw(plan, &plan->trajectories[k]);
    if (!plan->way)
        return SURETY_OK;
    bool closes = plan->way->close && !settled;
    plan->judged |= closes;
    return plan_close(plan, closes);
}

/* Looks once. *ret_again: what it did changed what there is to see. */
static enum surety_err look(struct plan *plan, bool *ret_again)
{
    struct stop_vote vote;
    bool lazily = plan_judges_lazily(plan), whole = plan->compared == plan->released;
    bool asks = plan_judges_in_waves(plan);
    *ret_again = false;
    if ((lazily ? plan->judged : asks) && (!whole || plan->n_pending))
        return SURETY_OK;
    bool asked = false;
    enum surety_err code = asks && !lazily ? ask_wave(plan, &asked) : SURETY_OK;
    if (!code && !asked)
        code = count_votes(plan, &vote);
    if (!code && lazily && asks && whole)
        code = ask_contenders(plan, &vote, &asked);
    if (code || asked) {
        *ret_again = asked;
        return code;
    }
    /* what sure says of the plain vote holds of no other */
    bool blind = vote.rule == SURETY_STOPPING_SURE && plan->way && !plan->judged;
    if (!blind && stop_is_settled(&vote))
        return end_sampling(plan, true);
    if (!whole)
        return SURETY_OK;
    if (plan->released == plan->settings.k)
        return end_sampling(plan, false);
    plan->released += stop_wave(&vote);
    return SURETY_OK;
}

enum surety_err plan_look_at_vote(struct plan *plan)
{
    enum surety_err code = SURETY_OK;
    bool again = has_rule(plan) && !plan->sampled && !plan->n_withdrawn && plan->compared;
    while (again && !code)
        code = look(plan, &again);
    return code;
}
