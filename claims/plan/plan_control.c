/*
 * plan_control.c - planted false claims: can the verifier tell?
 *
 * Some of the claims that were asked about, chosen by hash, are asked about once more in the same
 * way with one digit of their value changed. A verifier that refutes these no further (1 - v, on
 * average) than the claims as they were, says nothing. The latter are taken as true, except where
 * exact arithmetic refutes them. Recomputations are simply held against the false value: no calls.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "claims/plan/plan_internal.h"

/* ---- planting ---- */

struct candidate {
    const struct plan_check *check;
    uint32_t k; /* trajectory */
    size_t i;   /* claim of it */
    uint64_t rank;
};

static int by_rank(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return x->k != y->k ? (x->k < y->k ? -1 : 1) : (x->i > y->i) - (x->i < y->i);
}

static const struct plan_asked *asked_about(const struct plan *plan, uint32_t k, size_t i)
{
    const struct plan_trajectory *t = &plan->trajectories[k];
    const struct plan_check *check = t->claims[i].check;
    if (plan->settings.verify == SURETY_VERIFY_JOINT)
        return t->asked;
    return check->blind ? check->blind->asked : check->asked;
}

static bool has_digit(const struct plan_check *check)
{
    for (size_t i = check->quantity.where.start; check->has_value && i < check->quantity.where.end;
         i++)
        if (scan_is_digit(check->key[i]))
            return true;
    return false;
}

/* The claim with one digit of its value changed, never into a leading zero. */
static char *falsify(struct plan *plan, const struct plan_check *check, uint64_t random)
{
    struct span where = check->quantity.where;
    char *text = arena_strdup(&plan->arena, check->key);
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
    const struct plan_trajectory *t = &plan->trajectories[candidate->k];
    bool joint = plan->settings.verify == SURETY_VERIFY_JOINT;
    bool blind = plan->settings.verify == SURETY_VERIFY_BLIND;
    const struct plan_check *check = candidate->check;
    struct span where = check->quantity.where;
    struct plan_control *control = &plan->controls[plan->n_controls];
    *control = (struct plan_control){
        .check = check,
        .asked = asked_about(plan, candidate->k, candidate->i),
        .at = joint ? candidate->i : 0,
        .planted = falsify(plan, check, candidate->rank),
    };
    if (!control->planted ||
        !(control->value =
              arena_strndup(&plan->arena, control->planted + where.start, where.end - where.start)))
        return SURETY_ERR_NOMEM;
    enum surety_err code = SURETY_OK;
    if (!blind) {
        size_t n = joint ? t->n_claims : 1;
        char **claims = ARENA_ARRAY(&plan->arena, char *, n);
        if (!claims)
            return SURETY_ERR_NOMEM;
        for (size_t i = 0; i < n; i++)
            claims[i] = joint ? t->claims[i].text : NULL;
        claims[control->at] = control->planted;
        code = plan_ask(plan, claims, n, plan->settings.verify_repeats,
                        hash_text(candidate->rank, control->planted), &control->planted_asked);
    }
    if (!code && control->planted_asked)
        control->planted_asked->planted = true;
    plan->n_controls += !code;
    return code;
}

/* Claims that were asked about, each once, where it stands first. */
static size_t find_candidates(struct plan *plan, struct candidate *ret)
{
    size_t n = 0;
    for (uint32_t k = 0; k < plan->settings.k; k++) {
        struct plan_trajectory *t = &plan->trajectories[k];
        for (size_t i = 0; t->answer && i < t->n_claims; i++) {
            struct plan_check *check = t->claims[i].check;
            if (check->planted || check->exact == EXACT_REFUTED || !has_digit(check) ||
                !asked_about(plan, k, i))
                continue;
            check->planted = true;
            ret[n++] = (struct candidate){check, k, i, hash_u64(check->hash, plan->settings.seed)};
        }
    }
    return n;
}

enum surety_err plan_plant(struct plan *plan)
{
    size_t n_claims = 0;
    if (!plan->settings.controls || plan->settings.verify == SURETY_VERIFY_NONE)
        return SURETY_OK;
    for (uint32_t k = 0; k < plan->settings.k; k++)
        n_claims += plan->trajectories[k].n_claims;
    struct candidate *candidates = calloc(n_claims + 1, sizeof *candidates);
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

/* The smoothed share of the recomputations that gave the false value; NaN without any. */
static double false_share(const struct plan *plan, const struct plan_control *control)
{
    int hits = 0, n = 0;
    for (size_t j = 0; j < control->asked->task.n_items; j++) {
        const char *value = control->asked->replies[j].value;
        if (!value)
            continue;
        hits += equal_texts(control->value, value, plan->problem).verdict == EQUAL_EXACT;
        n++;
    }
    return n ? (hits + 1.0) / (n + 2) : NAN;
}

void plan_fill_controls(const struct plan *plan, struct surety_result *result)
{
    double refuted_true = 0, refuted_false = 0;
    uint32_t n = 0;
    for (size_t i = 0; i < plan->n_controls; i++) {
        const struct plan_control *c = &plan->controls[i];
        char ignored[1];
        double as_it_was = c->planted_asked ? plan_valid_share(c->asked, c->at)
                                            : plan_blind_share(c->check, ignored, sizeof ignored);
        double planted =
            c->planted_asked ? plan_valid_share(c->planted_asked, c->at) : false_share(plan, c);
        if (isnan(as_it_was) || isnan(planted))
            continue;
        refuted_true += 1 - as_it_was;
        refuted_false += 1 - planted;
        n++;
    }
    result->verifier.n_controls = n;
    result->verifier.refuted_true = n ? refuted_true / n : NAN;
    result->verifier.refuted_false = n ? refuted_false / n : NAN;
    result->verifier.uninformative = n && refuted_false <= refuted_true;
}
