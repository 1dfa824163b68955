/*
 * Quotients are kept as pairs, never reduced: a/b = c/d is decided by ad = bc, which needs no
 * greatest common divisors. Every product is refused by its number of terms beforehand.
 */
#include "claims/math/poly.h"

#include <string.h>

#include "claims/math/effort.h"
#include "claims/math/eval.h"

#define ATOMS_MAX 12
#define PRODUCT_TERMS_MAX 40000 /* pairs of terms that one product may multiply */
#define DEGREE_MAX 200
#define COEFFICIENT_BITS_MAX 4096

struct ring {
    fmpz_mpoly_ctx_t ctx;
    const struct expr *atoms[ATOMS_MAX];
    slong n;
    bool opaque; /* an atom is no variable */
};

struct quotient {
    fmpz_mpoly_t num, den;
};

static void quotient_init(struct quotient *q, const struct ring *r)
{
    fmpz_mpoly_init(q->num, r->ctx);
    fmpz_mpoly_init(q->den, r->ctx);
    fmpz_mpoly_one(q->den, r->ctx);
}

static void quotient_clear(struct quotient *q, const struct ring *r)
{
    fmpz_mpoly_clear(q->num, r->ctx);
    fmpz_mpoly_clear(q->den, r->ctx);
}

static bool multiply(fmpz_mpoly_t out, const fmpz_mpoly_t a, const fmpz_mpoly_t b,
                     const struct ring *r)
{
    slong terms = fmpz_mpoly_length(a, r->ctx) * fmpz_mpoly_length(b, r->ctx);
    if (terms > PRODUCT_TERMS_MAX || FLINT_ABS(fmpz_mpoly_max_bits(a)) > COEFFICIENT_BITS_MAX ||
        FLINT_ABS(fmpz_mpoly_max_bits(b)) > COEFFICIENT_BITS_MAX)
        return false;
    if (terms &&
        fmpz_mpoly_total_degree_si(a, r->ctx) + fmpz_mpoly_total_degree_si(b, r->ctx) > DEGREE_MAX)
        return false;
    effort_add((uint64_t)terms);
    fmpz_mpoly_mul(out, a, b, r->ctx);
    return true;
}

static bool add(struct quotient *a, const struct quotient *b, const struct ring *r)
{
    if (fmpz_mpoly_equal(a->den, b->den, r->ctx)) {
        fmpz_mpoly_add(a->num, a->num, b->num, r->ctx);
        return true;
    }
    fmpz_mpoly_t cross;
    fmpz_mpoly_init(cross, r->ctx);
    bool fine = multiply(cross, b->num, a->den, r) && multiply(a->num, a->num, b->den, r) &&
                multiply(a->den, a->den, b->den, r);
    if (fine)
        fmpz_mpoly_add(a->num, a->num, cross, r->ctx);
    fmpz_mpoly_clear(cross, r->ctx);
    return fine;
}

static bool divide(struct quotient *a, const struct quotient *b, const struct ring *r)
{
    if (fmpz_mpoly_is_zero(b->num, r->ctx))
        return false;
    return multiply(a->num, a->num, b->den, r) && multiply(a->den, a->den, b->num, r);
}

static bool convert(struct ring *r, const struct expr *e, struct quotient *out);

static bool atom(struct ring *r, const struct expr *e, struct quotient *out)
{
    slong i = 0;
    while (i < r->n && !expr_same(r->atoms[i], e))
        i++;
    if (i == ATOMS_MAX)
        return false;
    if (i == r->n)
        r->atoms[r->n++] = e;
    r->opaque |= e->kind != EXPR_VAR;
    fmpz_mpoly_gen(out->num, i, r->ctx);
    fmpz_mpoly_one(out->den, r->ctx);
    return true;
}

static void set_rational(struct quotient *out, const fmpq_t value, const struct ring *r)
{
    fmpz_mpoly_set_fmpz(out->num, fmpq_numref(value), r->ctx);
    fmpz_mpoly_set_fmpz(out->den, fmpq_denref(value), r->ctx);
}

static bool power(struct ring *r, const struct expr *e, struct quotient *out)
{
    fmpq_t exponent;
    fmpq_init(exponent);
    bool whole = eval_rational(e->args[1], exponent) == EVAL_OK &&
                 fmpz_is_one(fmpq_denref(exponent)) && fmpz_bits(fmpq_numref(exponent)) <= 6;
    slong n = whole ? fmpz_get_si(fmpq_numref(exponent)) : 0;
    fmpq_clear(exponent);
    if (!whole)
        return atom(r, e, out);
    struct quotient base;
    quotient_init(&base, r);
    bool fine = convert(r, e->args[0], &base);
    fmpz_mpoly_one(out->num, r->ctx);
    fmpz_mpoly_one(out->den, r->ctx);
    for (slong i = 0; fine && i < FLINT_ABS(n); i++)
        fine = n > 0 ? multiply(out->num, out->num, base.num, r) &&
                           multiply(out->den, out->den, base.den, r)
                     : divide(out, &base, r);
    quotient_clear(&base, r);
    return fine;
}

static bool arithmetic(struct ring *r, const struct expr *e, struct quotient *out)
{
    struct quotient b;
    quotient_init(&b, r);
    bool fine = convert(r, e->args[0], out);
    for (size_t i = 1; fine && i < e->n; i++) {
        fine = convert(r, e->args[i], &b);
        if (!fine)
            break;
        if (e->kind == EXPR_ADD)
            fine = add(out, &b, r);
        else if (e->kind == EXPR_DIV)
            fine = divide(out, &b, r);
        else
            fine = multiply(out->num, out->num, b.num, r) && multiply(out->den, out->den, b.den, r);
    }
    quotient_clear(&b, r);
    return fine;
}

static bool convert(struct ring *r, const struct expr *e, struct quotient *out)
{
    fmpq_t value;
    fmpq_init(value);
    bool fine;
    switch (e->kind) {
    case EXPR_NUMBER:
        set_rational(out, e->number->value, r);
        fine = !e->number->cut;
        break;
    case EXPR_NEG:
        fine = convert(r, e->args[0], out);
        fmpz_mpoly_neg(out->num, out->num, r->ctx);
        break;
    case EXPR_PERCENT:
        fine = convert(r, e->args[0], out);
        fmpz_mpoly_scalar_mul_ui(out->den, out->den, 100, r->ctx);
        break;
    case EXPR_ADD:
    case EXPR_MUL:
    case EXPR_DIV:
        fine = arithmetic(r, e, out);
        break;
    case EXPR_POW:
        fine = power(r, e, out);
        break;
    default:
        fine = expr_is_scalar(e);
        if (fine && eval_rational(e, value) == EVAL_OK)
            set_rational(out, value, r);
        else
            fine = fine && atom(r, e, out);
    }
    fmpq_clear(value);
    return fine;
}

static enum poly_verdict same(fmpz_mpoly_t a, fmpz_mpoly_t b, const struct ring *r)
{
    if (fmpz_mpoly_equal(a, b, r->ctx))
        return POLY_SAME;
    return r->opaque ? POLY_UNDECIDED : POLY_NOT_SAME;
}

enum poly_verdict poly_compare(const struct expr *a, const struct expr *b)
{
    struct ring r = {.n = 0};
    fmpz_mpoly_ctx_init(r.ctx, ATOMS_MAX, ORD_LEX);
    struct quotient x, y;
    quotient_init(&x, &r);
    quotient_init(&y, &r);
    enum poly_verdict verdict = POLY_UNDECIDED;
    if (convert(&r, a, &x) && convert(&r, b, &y) && multiply(x.num, x.num, y.den, &r) &&
        multiply(y.num, y.num, x.den, &r))
        verdict = same(x.num, y.num, &r);
    quotient_clear(&x, &r);
    quotient_clear(&y, &r);
    fmpz_mpoly_ctx_clear(r.ctx);
    return verdict;
}

/* out = the numerator of left - right */
static bool difference(struct ring *r, const struct expr *const sides[2], struct quotient *out)
{
    struct quotient right;
    quotient_init(&right, r);
    bool fine = convert(r, sides[0], out) && convert(r, sides[1], &right);
    fmpz_mpoly_neg(right.num, right.num, r->ctx);
    fine = fine && add(out, &right, r);
    quotient_clear(&right, r);
    return fine && !fmpz_mpoly_is_zero(out->num, r->ctx);
}

enum poly_verdict poly_compare_equations(const struct expr *const a[2],
                                         const struct expr *const b[2])
{
    struct ring r = {.n = 0};
    fmpz_mpoly_ctx_init(r.ctx, ATOMS_MAX, ORD_LEX);
    struct quotient x, y;
    quotient_init(&x, &r);
    quotient_init(&y, &r);
    enum poly_verdict verdict = POLY_UNDECIDED;
    if (difference(&r, a, &x) && difference(&r, b, &y)) {
        fmpz_t lead;
        fmpz_init_set(lead, fmpz_mpoly_leadcoeff(x.num));
        fmpz_mpoly_scalar_mul_fmpz(x.num, x.num, fmpz_mpoly_leadcoeff(y.num), r.ctx);
        fmpz_mpoly_scalar_mul_fmpz(y.num, y.num, lead, r.ctx);
        fmpz_clear(lead);
        verdict = same(x.num, y.num, &r);
    }
    quotient_clear(&x, &r);
    quotient_clear(&y, &r);
    fmpz_mpoly_ctx_clear(r.ctx);
    return verdict;
}
