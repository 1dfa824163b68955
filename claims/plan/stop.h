/*
 * stop.h - when is a weighted vote decided? The rules that end sampling, and how many samples to
 * ask for next.
 *
 *   sure       what is outstanding cannot overtake the leader, whatever it weighs
 *   beta       P(Beta(a+1, b+1) > 1/2) >= .95 on the sums a, b of the two leading groups, scaled by
 *              sum r / sum r^2, so that they are effective votes (Adaptive-Consistency, arXiv
 *              2305.11860, which has plain votes: unscaled, a unanimous vote of r = .08 never ends)
 *   certified  a betting e-process on the weighted vote (after Waudby-Smith and Ramdas, arXiv
 *              2010.09686). With x_ia = r_i if trajectory i answers a, else 0:
 *              W_ab(n) = mean over l in L of prod_i (1 + l (x_ia - x_ib)). For the leader that
 *              appeared j-th among the answers, the products begin after its first appearance; it
 *              is decided when W reaches j(j+1)/d against every rival, and against one not seen
 *              yet (x = 0). The j(j+1) pay for having chosen the leader after looking.
 *
 * `certified` bounds by d the chance of naming another than the winner of the vote at infinite K;
 * it does not say that the winner is right. It holds for weights in [0,1] that are a fixed function
 * of problem and trajectory, and only then. Pure and thread-safe.
 */
#ifndef SURETY_CLAIMS_PLAN_STOP_H
#define SURETY_CLAIMS_PLAN_STOP_H

#include <surety/types.h>

/* A vote after so many samples, in index order. */
struct stop_vote {
    enum surety_stopping rule;
    double d;        /* of certified */
    uint32_t k;      /* samples at most */
    uint32_t *group; /* [k], numbered by first appearance; EQUAL_NO_GROUP: no answer */
    double *r;       /* [k], in [0,1] */
    uint32_t n;      /* of them are there; what stands behind is room for stop_wave */
};

/* P(Beta(a + 1, b + 1) > 1/2), for a, b >= 0. */
double stop_beta(double a, double b);

/* The rule ends sampling here. NONE: never. */
bool stop_is_settled(const struct stop_vote *vote);

/* The group with the highest sum of r, then the earliest; EQUAL_NO_GROUP: there is none. */
uint32_t stop_leader(const struct stop_vote *vote);

/* True when group g can still win by the rule, which is sure or beta: what the leader has does not
 * settle it against g alone. leader_least: what the leader has for certain. */
bool stop_can_win(const struct stop_vote *vote, uint32_t leader, double leader_least, uint32_t g);

/* How many samples to ask for next, at least 1 unless n = k: as many as would settle it if all of
 * them joined the leader, and no fewer than half of those that are there; all that are left when
 * that would not do. */
uint32_t stop_wave(struct stop_vote *vote);

#endif
