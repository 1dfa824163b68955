/*
 * plan_signal.h - the signals of a claim: how each is found, and which one decides.
 *
 * A signal is a row of functions, plan_signal_<name>. plan_signal.c lists the rows, the one that
 * goes first at the top, and is the one place that knows their order; it also holds those that are
 * short. Names, bits and members of a claim come from SURETY_SIGNAL_TABLE (types.h). Internal.
 */
#ifndef SURETY_CLAIMS_PLAN_PLAN_SIGNAL_H
#define SURETY_CLAIMS_PLAN_PLAN_SIGNAL_H

#include "claims/plan/plan_internal.h"
#include "claims/plan/plan_way.h"

struct plan_signal {
    enum surety_signal bit;
    size_t member; /* where its value is in a surety_claim */
    bool of_model; /* it is a model's word on the claim, or the share of several */
    bool exact;    /* its 0 is a proof that the claim is false; counts by default */

    /* Its value for claim i of t, in [0,1]; NaN: not known. NULL: see of_all. */
    double (*of_claim)(const struct plan *plan, const struct plan_trajectory *t, size_t i,
                       const struct plan_reading *reading);

    /* Fills the values of all claims of a result at once; group as in agreement.h. NOMEM. */
    enum surety_err (*of_all)(struct surety_trajectory *trajectories, size_t n,
                              const uint32_t *group);

    /* True when its value is final: then no model is asked about the claim, and it decides. Else
     * it gives way to models that were asked. NULL: it decides wherever it has a value. */
    bool (*settles)(const struct plan_distinct *claim);

    /* Why its value is low; NULL: nothing to say. The slot may be NULL too. */
    const char *(*reason)(const struct plan_distinct *claim);
};

/* The value of a signal in a claim of a result; NaN for what is no built signal. */
double plan_signal_value(const struct surety_claim *claim, unsigned signal);

/* The set of the exact signals. */
unsigned plan_signals_exact(void);

/* The value by the way's replies where they are this signal, else what came with a recorded sample:
 * plan_signal.of_claim for what ways feed. */
double plan_signal_by_way(const struct plan *plan, enum surety_signal signal,
                          const struct plan_claim *claim, const struct plan_reading *reading);

/* True when a signal that may decide settles the claim, so that no model need be asked. */
bool plan_signals_settle(const struct plan *plan, const struct plan_distinct *claim);

/* Fills the signals of out that hang on claim i of t alone. */
void plan_signals_fill(const struct plan *plan, const struct plan_trajectory *t, size_t i,
                       const struct plan_reading *reading, struct surety_claim *out);

/* Fills those among the signals (bits) that hang on all trajectories. NOMEM. */
enum surety_err plan_signals_fill_all(struct surety_trajectory *trajectories, size_t n,
                                      const uint32_t *group, unsigned among);

/* The reason to give with a claim that turns out refuted or open: of the signals that may decide,
 * else the model's, else of the others. NULL: nothing to say. */
const char *plan_signals_reason(const struct plan *plan, const struct plan_distinct *claim,
                                const struct plan_reading *reading);

/* Decides a claim whose signals are filled, by the first of those that may decide: sets value,
 * decided_by and verdict, and drops the reason of what stands. */
void plan_signals_decide(const struct plan *plan, const struct plan_distinct *distinct,
                         struct surety_claim *claim);

#endif
