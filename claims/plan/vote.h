/*
 * vote.h - what each trajectory weighs in the vote: from the values of its claims to its r.
 *
 * The one place that turns rule, gamma, m and k into reliabilities; a result is made by it, and so
 * are the controls that ask what another set of claims would have given. The formula itself is
 * score.h. Pure and thread-safe.
 */
#ifndef SURETY_CLAIMS_PLAN_VOTE_H
#define SURETY_CLAIMS_PLAN_VOTE_H

#include <surety/types.h>

/*
 * Fills trajectories[].r from answer, cooperating and the claims' value and decided_by; every
 * default of the settings must be resolved (m may be 0). Without an answer r is 0. While no value
 * of a claim is known in a trajectory with an answer, or with plain, every other r is 1, which is
 * Cons. Rule power: score_reliability, p taken over all claims given; a solution in which the
 * splitter found no claim counts like one with m unknown ones. Rule soft: 1, less 1/(2k) when a
 * claim is refuted exactly, over all k less than one vote: it breaks ties and does no more. Under
 * the stop rule certified an r hangs on its own trajectory alone: p is 1/2, and not knowing any
 * value changes nothing.
 */
void vote_weigh(const struct surety_settings *settings, bool plain,
                struct surety_trajectory *trajectories, size_t n);

#endif
