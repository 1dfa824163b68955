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

static int constant_sign(const fmpz_mpoly_t p, const struct ring *r)
{
    return fmpz_mpoly_is_fmpz(p, r->ctx) ? fmpz_sgn(fmpz_mpoly_leadcoeff(p)) : 0;
}

enum poly_verdict poly_compare_equations(const struct expr *const a[2],
                                         const struct expr *const b[2], int *ret_sign)
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
        if (ret_sign)
            *ret_sign = fmpz_sgn(lead) * fmpz_sgn(fmpz_mpoly_leadcoeff(y.num)) *
                        constant_sign(x.den, &r) * constant_sign(y.den, &r);
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

bool poly_univariate(const struct expr *const sides[2], fmpz_poly_t ret,
                     const struct expr **ret_var)
{
    struct ring r = {.n = 0};
    fmpz_mpoly_ctx_init(r.ctx, ATOMS_MAX, ORD_LEX);
    struct quotient q;
    quotient_init(&q, &r);
    bool fine = difference(&r, sides, &q) && r.n == 1 && !r.opaque;
    int sign = fine ? constant_sign(q.den, &r) : 0;
    slong degree = fine ? fmpz_mpoly_total_degree_si(q.num, r.ctx) : 0;
    fine = sign != 0 && degree >= 1 && degree <= POLY_DEGREE_MAX;
    fmpz_t c;
    fmpz_init(c);
    for (slong k = 0; fine && k <= degree; k++) {
        ulong powers[ATOMS_MAX] = {(ulong)k};
        fmpz_mpoly_get_coeff_fmpz_ui(c, q.num, powers, r.ctx);
        if (sign < 0)
            fmpz_neg(c, c);
        fmpz_poly_set_coeff_fmpz(ret, k, c);
        *ret_var = r.atoms[0];
    }
    fmpz_clear(c);
    quotient_clear(&q, &r);
    fmpz_mpoly_ctx_clear(r.ctx);
    return fine;
}

#define FACTOR_TERMS_MAX 40

static struct expr *node(struct pool *pool, enum expr_kind kind, const struct expr *a,
                         const struct expr *b)
{
    struct expr *e = ARENA_NEW(&pool->arena, struct expr);
    const struct expr **args = e ? ARENA_ARRAY(&pool->arena, const struct expr *, 2) : NULL;
    if (!args)
        return NULL;
    args[0] = a;
    args[1] = b;
    *e = (struct expr){.kind = (uint8_t)kind, .n = 2, .args = (struct expr *const *)args};
    return e;
}

static struct expr *leaf(struct pool *pool, const fmpz_t value)
{
    struct number *number = pool_number(pool);
    struct expr *e = number ? ARENA_NEW(&pool->arena, struct expr) : NULL;
    if (!e)
        return NULL;
    fmpq_set_fmpz(number->value, value);
    *e = (struct expr){.kind = EXPR_NUMBER, .number = number};
    return e;
}

/* One term of p as a tree; *ret_even stays true while every power is even. */
static const struct expr *term_tree(struct pool *pool, const struct ring *r, const fmpz_mpoly_t p,
                                    slong i, bool *ret_even)
{
    ulong powers[ATOMS_MAX];
    fmpz_t c;
    fmpz_init(c);
    fmpz_mpoly_get_term_coeff_fmpz(c, p, i, r->ctx);
    fmpz_mpoly_get_term_exp_ui(powers, p, i, r->ctx);
    *ret_even = *ret_even && fmpz_sgn(c) > 0;
    const struct expr *e = leaf(pool, c);
    for (slong k = 0; k < r->n; k++) {
        fmpz_set_ui(c, powers[k]);
        *ret_even = *ret_even && powers[k] % 2 == 0;
        const struct expr *power = powers[k] == 1 ? r->atoms[k] : NULL;
        if (powers[k] > 1 && (power = leaf(pool, c)))
            power = node(pool, EXPR_POW, r->atoms[k], power);
        if (powers[k] > 0)
            e = e && power ? node(pool, EXPR_MUL, e, power) : NULL;
    }
    fmpz_clear(c);
    return e;
}

static void read_linear(struct poly_factor *f, const struct ring *r, const fmpz_mpoly_t p)
{
    f->linear = fmpz_mpoly_total_degree_si(p, r->ctx) == 1;
    for (slong i = 0; f->linear && i < fmpz_mpoly_length(p, r->ctx); i++) {
        ulong powers[ATOMS_MAX];
        fmpz_t c;
        fmpz_init(c);
        fmpz_mpoly_get_term_coeff_fmpz(c, p, i, r->ctx);
        fmpz_mpoly_get_term_exp_ui(powers, p, i, r->ctx);
        slong k = 0;
        while (k < r->n && !powers[k])
            k++;
        if (k == r->n) {
            f->constant = fmpz_get_d(c);
        } else {
            f->linear = r->atoms[k]->kind == EXPR_VAR;
            f->vars[f->n] = r->atoms[k];
            f->coefficients[f->n++] = fmpz_get_d(c);
        }
        fmpz_clear(c);
    }
}

static bool add_factor(struct pool *pool, const struct ring *r, const fmpz_mpoly_t p, bool even,
                       struct poly_factor *ret)
{
    *ret = (struct poly_factor){.even = even, .definite = true};
    for (slong i = 0; i < fmpz_mpoly_length(p, r->ctx); i++) {
        const struct expr *term = term_tree(pool, r, p, i, &ret->definite);
        ret->expr = i && term && ret->expr ? node(pool, EXPR_ADD, ret->expr, term) : term;
        if (!ret->expr)
            return false;
    }
    read_linear(ret, r, p);
    return true;
}

static bool add_factors(struct pool *pool, const struct ring *r, const fmpz_mpoly_t p,
                        struct poly_factor *ret, size_t *n)
{
    if (fmpz_mpoly_length(p, r->ctx) > FACTOR_TERMS_MAX ||
        (!fmpz_mpoly_is_zero(p, r->ctx) && fmpz_mpoly_total_degree_si(p, r->ctx) > POLY_DEGREE_MAX))
        return false;
    fmpz_mpoly_factor_t found;
    fmpz_mpoly_factor_init(found, r->ctx);
    bool fine = fmpz_mpoly_is_zero(p, r->ctx) || fmpz_mpoly_factor(found, p, r->ctx);
    for (slong i = 0; fine && i < fmpz_mpoly_factor_length(found, r->ctx); i++) {
        fine = *n < POLY_FACTORS_MAX &&
               add_factor(pool, r, found->poly + i,
                          fmpz_mpoly_factor_get_exp_si(found, i, r->ctx) % 2 == 0, &ret[*n]);
        *n += fine;
    }
    fmpz_mpoly_factor_clear(found, r->ctx);
    return fine;
}

bool poly_factors(struct pool *pool, const struct expr *e,
                  struct poly_factor ret_factors[POLY_FACTORS_MAX], size_t *ret_n)
{
    struct ring r = {.n = 0};
    fmpz_mpoly_ctx_init(r.ctx, ATOMS_MAX, ORD_LEX);
    struct quotient q;
    quotient_init(&q, &r);
    *ret_n = 0;
    bool fine = convert(&r, e, &q) && add_factors(pool, &r, q.num, ret_factors, ret_n) &&
                add_factors(pool, &r, q.den, ret_factors, ret_n);
    quotient_clear(&q, &r);
    fmpz_mpoly_ctx_clear(r.ctx);
    return fine;
}
