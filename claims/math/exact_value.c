/*
 * Whether two values fit the sign between them, where decimals may have been rounded or cut off.
 */
#include "claims/math/ball.h"
#include "claims/math/eval.h"
#include "claims/math/exact_internal.h"

/* The single decimal literal that an operand is, sign and percent aside, or NULL. */
static const struct number *literal(const struct expr *e, bool *ret_percent)
{
    *ret_percent = false;
    while (e->kind == EXPR_NEG || e->kind == EXPR_PERCENT) {
        *ret_percent |= e->kind == EXPR_PERCENT;
        e = e->args[0];
    }
    return e->kind == EXPR_NUMBER ? e->number : NULL;
}

/* |a - b| <= units * 10^ulp / 2, the ulp of a literal */
static bool within(const fmpq_t a, const fmpq_t b, const struct number *n, bool percent,
                   slong units)
{
    fmpq_t distance, bound, ten;
    fmpq_init(distance);
    fmpq_init(bound);
    fmpq_init(ten);
    fmpq_sub(distance, a, b);
    fmpq_abs(distance, distance);
    fmpq_set_si(ten, 10, 1);
    fmpq_pow_si(bound, ten, n->ulp - (percent ? 2 : 0));
    fmpq_set_si(ten, units, 2);
    fmpq_mul(bound, bound, ten);
    bool inside = fmpq_cmp(distance, bound) <= 0;
    fmpq_clear(distance);
    fmpq_clear(bound);
    fmpq_clear(ten);
    return inside;
}

/* Raises scale to the size of the largest term of a sum: its terms may have been rounded. */
static void raise_to_terms(const struct expr *e, fmpq_t scale)
{
    fmpq_t term;
    fmpq_init(term);
    for (size_t i = 0; e->kind == EXPR_ADD && i < e->n; i++) {
        bool fine = eval_rational(e->args[i], term) == EVAL_OK;
        fmpq_abs(term, term);
        if (fine && fmpq_cmp(term, scale) > 0)
            fmpq_set(scale, term);
    }
    fmpq_clear(term);
}

enum exact_verdict exact_judge_approximate(const struct expr *left, const struct expr *right,
                                           const fmpq_t l, const fmpq_t r)
{
    fmpq_t distance, scale, bound;
    fmpq_init(distance);
    fmpq_init(scale);
    fmpq_init(bound);
    fmpq_sub(distance, l, r);
    fmpq_abs(distance, distance);
    fmpq_abs(scale, fmpq_cmp(l, r) > 0 ? l : r);
    fmpz_t ten;
    fmpz_init_set_ui(ten, 12);
    fmpq_div_2exp(scale, scale, 3);
    enum exact_verdict verdict = EXACT_UNDECIDED;
    fmpq_div_fmpz(bound, scale, ten); /* about one part in a hundred */
    if (fmpq_cmp(distance, bound) <= 0)
        verdict = EXACT_PROVED;
    raise_to_terms(left, scale);
    raise_to_terms(right, scale);
    if (fmpq_cmp(distance, scale) > 0 && fmpq_cmp_si(distance, 1) > 0)
        verdict = EXACT_REFUTED;
    fmpz_clear(ten);
    fmpq_clear(distance);
    fmpq_clear(scale);
    fmpq_clear(bound);
    return verdict;
}

/* Whether other is a value of e when its written decimals may have been rounded themselves. */
static bool decimals_allow(const struct expr *e, const fmpq_t other)
{
    struct ball_how how = {.precision = 128, .rounded = true};
    acb_t ball;
    acb_init(ball);
    bool inside = ball_eval(e, &how, ball) && arb_contains_fmpq(acb_realref(ball), other) &&
                  !acb_is_exact(ball);
    acb_clear(ball);
    return inside;
}

enum exact_verdict exact_judge_equality(const struct expr *left, const struct expr *right,
                                        const fmpq_t l, const fmpq_t r)
{
    if (fmpq_equal(l, r))
        return EXACT_PROVED;
    for (int side = 0; side < 2; side++) {
        bool percent;
        const struct number *n = literal(side ? left : right, &percent);
        if (!n)
            continue;
        if (n->point && within(l, r, n, percent, n->cut ? 2 : 1))
            return EXACT_PROVED;                            /* rounded */
        int order = side ? fmpq_cmp(l, r) : fmpq_cmp(r, l); /* the literal against the other */
        if ((n->point || percent) && within(l, r, n, percent, 2) && order * fmpq_sgn(l) < 0)
            return EXACT_UNDECIDED; /* cut off instead of rounded */
        if (!n->point && n->significant >= 3 && within(l, r, n, percent, 1))
            return EXACT_UNDECIDED;
    }
    if (decimals_allow(left, r) || decimals_allow(right, l))
        return EXACT_UNDECIDED;
    return EXACT_REFUTED;
}

enum exact_verdict exact_judge_order(const struct token *sign, int order)
{
    bool holds = false;
    if (sign->kind == TOK_LE)
        holds = order <= 0;
    else if (sign->kind == TOK_GE)
        holds = order >= 0;
    else if (sign->kind == TOK_NE)
        holds = order != 0;
    else
        holds = sign->id == '<' ? order < 0 : order > 0;
    return holds ? EXACT_PROVED : EXACT_REFUTED;
}
