/*
 * agreement.h - who else asserts the same value for the same quantity.
 *
 * For each claim: among the trajectories with another answer (or none) that say anything about its
 * quantity, the share that assert its value. Goes by quantity and value, not by wording. Reported;
 * without a vote by default, since it has no demonstrated ranking value on recorded samples. Pure
 * and thread-safe.
 */
#ifndef SURETY_CLAIMS_PLAN_AGREEMENT_H
#define SURETY_CLAIMS_PLAN_AGREEMENT_H

#include <surety/types.h>

/* Fills claims[].agreement of every trajectory (NaN where nothing can be compared). group[i] is the
 * answer group of trajectories[i] (claims/math/equal.h). NOMEM. */
enum surety_err agreement_fill(struct surety_trajectory *trajectories, size_t n,
                               const uint32_t *group);

#endif
