/*
 * Controls: other weights on the same samples, by the same selection. A gain is the verdicts' own
 * only when it goes away once they are dealt anew among a problem's trajectories (the mean of 20
 * deals; about Cons: near ties may flip either way, and it is less where few trajectories carry all
 * the weight), and is not had as well from the solutions' lengths.
 */
#include <math.h>
#include <stdlib.h>

#include "base/hash.h"
#include "claims/math/equal.h"
#include "claims/plan/score.h"
#include "claims/plan/vote.h"
#include "scaler/report/table.h"

#define DEALS 20

/* ---- without the last claim ---- */

enum surety_err summary_without_last(const struct surety_result *result, struct vote *votes)
{
    struct surety_settings settings = result->run.settings;
    size_t n = result->n_trajectories;
    struct surety_trajectory *fewer = calloc(n ? n : 1, sizeof *fewer);
    if (!fewer)
        return SURETY_ERR_NOMEM;
    settings.m -= settings.m > 0;
    for (size_t i = 0; i < n; i++) {
        fewer[i] = result->trajectories[i];
        fewer[i].n_claims -= fewer[i].n_claims > 0;
    }
    vote_weigh(&settings, false, fewer, n);
    for (size_t i = 0; i < n; i++)
        votes[i] = (struct vote){fewer[i].r, score_standing_of(&fewer[i])};
    free(fewer);
    return SURETY_OK;
}

/* ---- by other weights ---- */

/* The votes of the trajectories that have one, dealt anew among them; by problem and number of
 * deal. */
static void deal(const struct problem *p, uint64_t number, struct vote *votes)
{
    uint64_t state = hash_u64(hash_text(0, p->id), number);
    for (size_t i = 0, seen = 0; i < p->n; i++) {
        votes[i] = p->points[i].vote;
        if (p->points[i].group == EQUAL_NO_GROUP)
            continue;
        state = hash_u64(state, i);
        uint64_t pick = (state >> 32) * ++seen >> 32; /* the pick-th of those with a vote so far */
        size_t at = 0;
        for (uint64_t left = pick + 1; left; at++)
            left -= p->points[at].group != EQUAL_NO_GROUP;
        struct vote swapped = votes[at - 1];
        votes[at - 1] = votes[i];
        votes[i] = swapped;
    }
}

static bool best_is_right(const struct problem *p)
{
    size_t best = p->n;
    for (size_t i = 0; i < p->n; i++)
        if (p->points[i].group != EQUAL_NO_GROUP &&
            (best == p->n || (p->points[i].vote.r > p->points[best].vote.r &&
                              !score_equal(p->points[i].vote.r, p->points[best].vote.r))))
            best = i;
    return best < p->n && p->points[best].right;
}

enum weight { PERFECT, SHORTER, LONGER, WITHOUT_LAST, WEIGHTS };

/* Behind a weight that no claims made, nothing has to stand. */
static struct vote weigh(const struct point *point, enum weight weight)
{
    switch (weight) {
    case PERFECT:
        return (struct vote){.r = point->right};
    case SHORTER:
        return (struct vote){.r = point->tokens ? 1.0 / point->tokens : 0};
    case LONGER:
        return (struct vote){.r = point->tokens};
    default:
        return point->without_last;
    }
}

/* Adds one problem's share to each sum; *ret_moved: the deals' mean minus Cons. */
static enum surety_err control(const struct problem *p, struct vote *votes, double sums[WEIGHTS],
                               double *permuted, double *ret_moved)
{
    double clr, cons = 0, dealt = 0;
    enum surety_err code = SURETY_OK;
    for (uint64_t d = 0; !code && d < DEALS; d++) {
        deal(p, d, votes);
        code = prefix_select(p, votes, p->n, &clr, &cons);
        dealt += clr / DEALS;
    }
    for (int w = 0; !code && w < WEIGHTS; w++) {
        for (size_t i = 0; i < p->n; i++)
            votes[i] = weigh(&p->points[i], (enum weight)w);
        code = prefix_select(p, votes, p->n, &clr, &cons);
        sums[w] += clr;
    }
    *permuted += dealt;
    *ret_moved = dealt - cons;
    return code;
}

enum surety_err summary_controls(const struct summary *s, struct table *t)
{
    double sums[WEIGHTS] = {0}, permuted = 0, best = 0, n = (double)t->n;
    struct vote *votes = calloc((size_t)s->k + 1, sizeof *votes);
    double *moved = calloc(t->n, sizeof *moved);
    enum surety_err code = votes && moved ? SURETY_OK : SURETY_ERR_NOMEM;
    uint64_t tokens = 0;
    for (size_t i = 0, at = 0; !code && i < s->n; i++) {
        const struct problem *p = &s->problems[i];
        if (!p->graded)
            continue;
        code = control(p, votes, sums, &permuted, &moved[at++]);
        best += best_is_right(p);
        for (size_t j = 0; j < p->n; j++)
            tokens += p->points[j].tokens;
    }
    if (!code)
        t->controls = (struct controls){
            .permuted = permuted / n,
            .permuted_minus_cons = stats_bootstrap(moved, t->n),
            .perfect = sums[PERFECT] / n,
            .best_of_n = best / n,
            .shorter = tokens ? sums[SHORTER] / n : NAN,
            .longer = tokens ? sums[LONGER] / n : NAN,
            .without_last = sums[WITHOUT_LAST] / n,
        };
    free(votes);
    free(moved);
    return code;
}
