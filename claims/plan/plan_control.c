/*
 * plan_control.c - planted false claims: can the verifier tell?
 *
 * Some of the claims that were asked about, chosen by hash, are asked about once more in the same
 * way with one digit of their value changed. A verifier that refutes these no further (1 - v, on
 * average) than the claims as they were, says nothing. The latter are taken as true, except where
 * exact arithmetic refutes them.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "claims/plan/plan_way.h"

/* ---- planting ---- */

struct candidate {
    const struct plan_trajectory *trajectory;
    size_t at; /* among its claims */
    uint64_t rank;
};

/* Distinct claims have distinct ranks, but for a collision of hashes. */
static int by_rank(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return (x->rank > y->rank) - (x->rank < y->rank);
}

static bool has_digit(const struct plan_distinct *claim)
{
    struct span where = claim->quantity.where;
    for (size_t i = where.start; claim->has_value && i < where.end; i++)
        if (scan_is_digit(claim->key[i]))
            return true;
    return false;
}

/* The claim with one digit of its value changed, never into a leading zero. */
static char *falsify(struct plan *plan, const struct plan_distinct *claim, uint64_t random)
{
    struct span where = claim->quantity.where;
    char *text = arena_strdup(&plan->arena, claim->key);
    size_t n = 0, at = where.start;
    for (size_t i = where.start; text && i < where.end; i++)
        n += scan_is_digit(text[i]);
    for (size_t left = n ? random % n + 1 : 0; text && left; at++)
        left -= scan_is_digit(text[at]);
    if (!text || !n)
        return text;
    char *digit = &text[at - 1];
    int moved = (*digit - '0' + 1 + (int)((random >> 32) % 9)) % 10;
    if (moved == 0 && n > 1)
        moved = *digit == '9' ? 8 : 9;
    *digit = (char)('0' + moved);
    return text;
}

static enum surety_err plant_one(struct plan *plan, const struct candidate *candidate)
{
    const struct plan_distinct *claim = candidate->trajectory->claims[candidate->at].distinct;
    struct span where = claim->quantity.where;
    struct plan_control *control = &plan->controls[plan->n_controls];
    *control = (struct plan_control){
        .trajectory = candidate->trajectory,
        .at = candidate->at,
        .planted = falsify(plan, claim, candidate->rank),
    };
    if (!control->planted ||
        !(control->value =
              arena_strndup(&plan->arena, control->planted + where.start, where.end - where.start)))
        return SURETY_ERR_NOMEM;
    enum surety_err code =
        plan->way->plant
            ? plan->way->plant(plan, control, hash_text(candidate->rank, control->planted))
            : SURETY_OK;
    if (control->verification)
        control->verification->planted = true;
    plan->n_controls += !code;
    return code;
}

/* Claims that were asked about, each once, where it stands first. */
static size_t find_candidates(struct plan *plan, struct candidate *ret)
{
    size_t n = 0;
    for (const struct plan_trajectory *t = plan->trajectories;
         t < plan->trajectories + plan->settings.k; t++) {
        for (size_t i = 0; i < t->n_claims; i++) {
            struct plan_distinct *claim = t->claims[i].distinct;
            struct plan_reading reading;
            plan_way_read(plan, t, i, &reading);
            if (claim->planted || claim->exact == EXACT_REFUTED || !has_digit(claim) ||
                !reading.asked)
                continue;
            claim->planted = true;
            ret[n++] = (struct candidate){t, i, hash_u64(claim->hash, plan->settings.seed)};
        }
    }
    return n;
}

enum surety_err plan_plant(struct plan *plan)
{
    if (!plan->settings.controls || !plan->way)
        return SURETY_OK;
    struct candidate *candidates = alloc_zeroed(plan->n_claims + 1, sizeof *candidates);
    plan->controls = ARENA_ARRAY(&plan->arena, struct plan_control, plan->settings.controls);
    enum surety_err code = candidates && plan->controls ? SURETY_OK : SURETY_ERR_NOMEM;
    size_t n = code ? 0 : find_candidates(plan, candidates);
    if (n)
        qsort(candidates, n, sizeof *candidates, by_rank);
    for (size_t i = 0; i < n && i < plan->settings.controls && !code; i++)
        code = plant_one(plan, &candidates[i]);
    free(candidates);
    return code;
}

/* ---- what came of them ---- */

void plan_fill_controls(const struct plan *plan, struct surety_result *result)
{
    double refuted_true = 0, refuted_false = 0;
    uint32_t n = 0;
    for (size_t i = 0; i < plan->n_controls; i++) {
        const struct plan_control *c = &plan->controls[i];
        struct plan_reading as_it_was;
        plan_way_read(plan, c->trajectory, c->at, &as_it_was);
        double planted = plan->way->read_planted(plan, c);
        if (isnan(as_it_was.value) || isnan(planted))
            continue;
        refuted_true += 1 - as_it_was.value;
        refuted_false += 1 - planted;
        n++;
    }
    result->verifier.n_controls = n;
    result->verifier.refuted_true = n ? refuted_true / n : NAN;
    result->verifier.refuted_false = n ? refuted_false / n : NAN;
    result->verifier.uninformative = n && refuted_false <= refuted_true;
}
