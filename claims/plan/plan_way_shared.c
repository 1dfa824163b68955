/*
 * plan_way_shared.c - what several ways of judging have in common; below them.
 */
#include "base/plain.h"
#include "claims/plan/plan_way.h"

#include <math.h>
#include <stdio.h>

#include "claims/plan/plan_signal.h"
#include <surety/settings.h>

bool plan_way_asks_alone(const struct plan *plan, const struct plan_distinct *claim)
{
    return !claim->contextual && !plan_signals_settle(plan, claim);
}

enum surety_err plan_way_take_verdicts(struct plan *plan, struct plan_verification *verification,
                                       struct plan_reply *reply, const char *text)
{
    return profile_read_verdicts(plan->judge, plan->settings.verify, text,
                                 verification->task.n_claims, &plan->arena, reply->verdicts,
                                 reply->reasons);
}

void plan_way_read_verdicts(const struct plan_verification *verification, size_t i,
                            struct plan_reading *ret)
{
    struct plan_tally tally = plan_count_replies(verification, i);
    bool known = !isnan(tally.share);
    *ret = (struct plan_reading){
        .asked = verification,
        .unparsed = !known && tally.unparsed,
        .value = tally.share,
        .reason = known ? tally.refutation : tally.failure,
    };
    if (!tally.chosen || !(tally.share < 0.5))
        return;
    plain_print(ret->words, sizeof ret->words, "asked to choose, the model gives it %.2f",
                tally.share);
    ret->reason = ret->words;
}

double plan_way_read_planted(const struct plan *plan, const struct plan_control *control)
{
    return plan_count_replies(control->verification, 0).share;
}

bool plan_way_was_asked(const struct surety_settings *settings, const struct surety_claim *claim)
{
    return claim->verdict == SURETY_VERDICT_UNPARSED ||
           !isnan(plan_signal_value(claim, surety_verify_signal(settings->verify)));
}
