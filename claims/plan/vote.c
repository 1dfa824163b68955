#include "claims/plan/vote.h"

#include <math.h>

#include "claims/plan/plan_signal.h"
#include "claims/plan/score.h"

static bool any_value(const struct surety_trajectory *trajectories, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < trajectories[i].n_claims; j++)
            if (trajectories[i].answer && !isnan(trajectories[i].claims[j].value))
                return true;
    return false;
}

static double soft_vote(const struct surety_settings *settings, const struct surety_trajectory *t)
{
    unsigned exact = plan_signals_exact();
    for (size_t i = 0; i < t->n_claims; i++)
        if ((t->claims[i].decided_by & exact) && t->claims[i].value == 0)
            return 1 - 1 / (2.0 * settings->k);
    return 1;
}

static double power_vote(const struct surety_settings *settings, const struct surety_trajectory *t,
                         double p)
{
    double values[SURETY_M_MAX];
    size_t n = t->n_claims;
    for (size_t i = 0; i < n; i++)
        values[i] = t->claims[i].value;
    if (n == 0 && !t->cooperating)
        for (; n < settings->m; n++)
            values[n] = NAN;
    return score_reliability(values, n, t->cooperating ? settings->m : 0, settings->gamma, p);
}

void vote_weigh(const struct surety_settings *settings, bool plain,
                struct surety_trajectory *trajectories, size_t n)
{
    bool fixed = settings->stop == SURETY_STOPPING_CERTIFIED;
    plain = plain || (!fixed && !any_value(trajectories, n));
    double p = fixed ? 0.5 : score_prior(trajectories, n);
    for (size_t i = 0; i < n; i++) {
        struct surety_trajectory *t = &trajectories[i];
        if (!t->answer)
            t->r = 0;
        else if (plain)
            t->r = 1;
        else if (settings->rule == SURETY_RULE_SOFT)
            t->r = soft_vote(settings, t);
        else
            t->r = power_vote(settings, t, p);
    }
}
