/* plan_signal_toy.c - a signal for a test: what the way of judging `toy` says. */
#include "claims/plan/plan_signal.h"

static double value(const struct plan *plan, const struct plan_trajectory *t, size_t i,
                    const struct plan_reading *reading)
{
    return plan_signal_by_way(plan, SURETY_SIGNAL_TOY, &t->claims[i], reading);
}

const struct plan_signal plan_signal_toy = {
    .bit = SURETY_SIGNAL_TOY,
    .member = offsetof(struct surety_claim, toy),
    .of_model = true,
    .of_claim = value,
};
