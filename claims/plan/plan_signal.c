/*
 * plan_signal.c - the signals in their order, and what decides a claim.
 */
#include "claims/plan/plan_signal.h"

#include <math.h>

#include "claims/plan/agreement.h"
#include <surety/settings.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

#define X(NAME, name, bit, words) extern const struct plan_signal plan_signal_##name;
SURETY_SIGNAL_TABLE(X)
#undef X

double plan_signal_by_way(const struct plan *plan, enum surety_signal signal,
                          const struct plan_claim *claim, const struct plan_reading *reading)
{
    if (!plan->way)
        return claim->recorded[__builtin_ctz(signal)];
    return surety_verify_signal(plan->way->verify) == signal ? reading->value : NAN;
}

/* ---- the rows ---- */

static double exact_value(const struct plan *plan, const struct plan_trajectory *t, size_t i,
                          const struct plan_reading *reading)
{
    enum exact_verdict exact = t->claims[i].distinct->exact;
    return exact == EXACT_UNDECIDED ? NAN : exact == EXACT_PROVED;
}

/* Of "sum: 4+5=9" only the arithmetic is proved, and the sum may be another one: half a proof. */
static bool is_exact(const struct plan_distinct *claim)
{
    return claim->exact == EXACT_REFUTED ||
           (claim->exact == EXACT_PROVED && !(claim->has_value && claim->quantity.labelled));
}

static const char *exact_reason(const struct plan_distinct *claim)
{
    return claim->exact_reason;
}

static double blind_value(const struct plan *plan, const struct plan_trajectory *t, size_t i,
                          const struct plan_reading *reading)
{
    return plan_signal_by_way(plan, SURETY_SIGNAL_BLIND, &t->claims[i], reading);
}

static double self_value(const struct plan *plan, const struct plan_trajectory *t, size_t i,
                         const struct plan_reading *reading)
{
    return plan_signal_by_way(plan, SURETY_SIGNAL_SELF, &t->claims[i], reading);
}

static double whole_value(const struct plan *plan, const struct plan_trajectory *t, size_t i,
                          const struct plan_reading *reading)
{
    return plan_signal_by_way(plan, SURETY_SIGNAL_WHOLE, &t->claims[i], reading);
}

const struct plan_signal plan_signal_symbolic = {
    .bit = SURETY_SIGNAL_SYMBOLIC,
    .member = offsetof(struct surety_claim, symbolic),
    .exact = true,
    .of_claim = exact_value,
    .settles = is_exact,
    .reason = exact_reason,
};
const struct plan_signal plan_signal_blind = {
    .bit = SURETY_SIGNAL_BLIND,
    .member = offsetof(struct surety_claim, blind),
    .of_model = true,
    .of_claim = blind_value,
};
const struct plan_signal plan_signal_self = {
    .bit = SURETY_SIGNAL_SELF,
    .member = offsetof(struct surety_claim, self),
    .of_model = true,
    .of_claim = self_value,
};
const struct plan_signal plan_signal_whole = {
    .bit = SURETY_SIGNAL_WHOLE,
    .member = offsetof(struct surety_claim, whole),
    .of_model = true,
    .of_claim = whole_value,
};
const struct plan_signal plan_signal_agreement = {
    .bit = SURETY_SIGNAL_AGREEMENT,
    .member = offsetof(struct surety_claim, agreement),
    .of_all = agreement_fill,
};

/* What goes first decides. */
static const struct plan_signal *const signals[] = {
    &plan_signal_symbolic, /* the surest */
    &plan_signal_blind,    /* did not see the claim */
    &plan_signal_self,     /* saw the claim */
    &plan_signal_whole,    /* saw the solution */
    &plan_signal_agreement,
};

#define X(NAME, name, bit, words) +1
_Static_assert(COUNT(signals) == 0 SURETY_SIGNAL_TABLE(X), "every signal has its place");
#undef X

/* ---- what is known ---- */

static double *value_in(struct surety_claim *claim, const struct plan_signal *signal)
{
    return (double *)((char *)claim + signal->member);
}

double plan_signal_value(const struct surety_claim *claim, unsigned signal)
{
    for (size_t i = 0; i < COUNT(signals); i++)
        if (signals[i]->bit == signal)
            return *value_in((struct surety_claim *)claim, signals[i]);
    return NAN;
}

unsigned plan_signals_exact(void)
{
    unsigned exact = 0;
    for (size_t i = 0; i < COUNT(signals); i++)
        exact |= signals[i]->exact ? signals[i]->bit : 0;
    return exact;
}

bool plan_signals_settle(const struct plan *plan, const struct plan_distinct *claim)
{
    for (size_t i = 0; i < COUNT(signals); i++)
        if ((plan->settings.signals & signals[i]->bit) && signals[i]->settles &&
            signals[i]->settles(claim))
            return true;
    return false;
}

void plan_signals_fill(const struct plan *plan, const struct plan_trajectory *t, size_t i,
                       const struct plan_reading *reading, struct surety_claim *out)
{
    for (size_t s = 0; s < COUNT(signals); s++)
        *value_in(out, signals[s]) =
            signals[s]->of_claim ? signals[s]->of_claim(plan, t, i, reading) : NAN;
}

enum surety_err plan_signals_fill_all(struct surety_trajectory *trajectories, size_t n,
                                      const uint32_t *group, unsigned among)
{
    enum surety_err code = SURETY_OK;
    for (size_t s = 0; s < COUNT(signals) && !code; s++)
        if ((signals[s]->bit & among) && signals[s]->of_all)
            code = signals[s]->of_all(trajectories, n, group);
    return code;
}

static const char *reason_of(const struct plan_distinct *claim, unsigned among)
{
    const char *reason = NULL;
    for (size_t s = 0; s < COUNT(signals) && !reason; s++)
        if ((signals[s]->bit & among) && signals[s]->reason)
            reason = signals[s]->reason(claim);
    return reason;
}

const char *plan_signals_reason(const struct plan *plan, const struct plan_distinct *claim,
                                const struct plan_reading *reading)
{
    const char *reason = reason_of(claim, plan->settings.signals);
    if (!reason)
        reason = reading->reason;
    return reason ? reason : reason_of(claim, ~plan->settings.signals);
}

/* ---- what decides ---- */

/* True when a model that may decide was asked about the claim, and replied. */
static bool was_asked(const struct plan *plan, struct surety_claim *claim)
{
    bool asked = claim->verdict == SURETY_VERDICT_UNPARSED;
    for (size_t s = 0; s < COUNT(signals); s++)
        asked |= signals[s]->of_model && (plan->settings.signals & signals[s]->bit) &&
                 !isnan(*value_in(claim, signals[s]));
    return asked;
}

void plan_signals_decide(const struct plan *plan, const struct plan_distinct *distinct,
                         struct surety_claim *claim)
{
    /* or would have been, had there been time */
    bool asked = was_asked(plan, claim) || (plan->way && !plan->looking && !plan_has_ended(plan));
    for (size_t s = 0; s < COUNT(signals); s++) {
        const struct plan_signal *signal = signals[s];
        double value = *value_in(claim, signal);
        bool gives_way = asked && signal->settles && !signal->settles(distinct);
        if (isnan(value) || gives_way || !(plan->settings.signals & signal->bit))
            continue;
        claim->decided_by = signal->bit;
        claim->value = value;
        claim->verdict = value >= 0.5 ? SURETY_VERDICT_VALID : SURETY_VERDICT_REFUTED;
        if (claim->verdict == SURETY_VERDICT_VALID)
            claim->reason = NULL;
        return;
    }
}
