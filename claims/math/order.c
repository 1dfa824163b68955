/*
 * Brings everything to one side, p ? 0, finds the roots of p's factors, and writes down where p has
 * that sign.
 */
#include "claims/math/order.h"

#include <string.h>

#include "claims/math/flint.h"
#include "claims/math/poly.h"
#include "claims/math/scalar.h"

#define COEFFICIENT_BITS_MAX 256 /* of what is factored */

static struct expr *node(struct pool *pool, enum expr_kind kind, uint8_t op, const struct expr *a,
                         const struct expr *b, const struct expr *c)
{
    struct expr *e = ARENA_NEW(&pool->arena, struct expr);
    const struct expr **args = e ? ARENA_ARRAY(&pool->arena, const struct expr *, 3) : NULL;
    if (!args)
        return NULL;
    args[0] = a;
    args[1] = b;
    args[2] = c;
    *e = (struct expr){.kind = (uint8_t)kind,
                       .op = op,
                       .n = c   ? 3
                            : b ? 2
                            : a ? 1
                                : 0,
                       .args = (struct expr *const *)args};
    return e;
}

static const struct expr *related(struct pool *pool, const char *signs, const struct expr *a,
                                  const struct expr *b, const struct expr *c)
{
    struct expr *e = a && b ? node(pool, EXPR_RELATION, 0, a, b, c) : NULL;
    if (e) {
        e->name = signs;
        e->len = (uint32_t)strlen(signs);
    }
    return e;
}

static const struct expr *leaf(struct pool *pool, const fmpz_t top, const fmpz_t bottom)
{
    struct number *number = pool_number(pool);
    struct expr *e = number ? node(pool, EXPR_NUMBER, 0, NULL, NULL, NULL) : NULL;
    if (e) {
        fmpq_set_fmpz_frac(number->value, top, bottom);
        e->number = number;
    }
    return e;
}

/* (-b + sign * sqrt(d)) / 2a */
static const struct expr *root(struct pool *pool, const fmpz *c, const fmpz_t d, int sign)
{
    fmpz_t one, twice, minus;
    fmpz_init_set_ui(one, 1);
    fmpz_init(twice);
    fmpz_init(minus);
    fmpz_mul_si(twice, c + 2, 2);
    fmpz_neg(minus, c + 1);
    const struct expr *under = leaf(pool, d, one), *b = leaf(pool, minus, one);
    const struct expr *a = leaf(pool, twice, one);
    fmpz_clear(one);
    fmpz_clear(twice);
    fmpz_clear(minus);
    const struct expr *r = under ? node(pool, EXPR_FUNC, FN_SQRT, under, NULL, NULL) : NULL;
    if (r && sign < 0)
        r = node(pool, EXPR_NEG, 0, r, NULL, NULL);
    const struct expr *sum = r && b ? node(pool, EXPR_ADD, 0, b, r, NULL) : NULL;
    return sum && a ? node(pool, EXPR_DIV, 0, sum, a, NULL) : NULL;
}

/* A real root of the polynomial; the sign changes there when it is odd. */
struct crossing {
    const struct expr *at;
    bool odd;
};

struct crossings {
    struct crossing list[POLY_DEGREE_MAX];
    size_t n;
};

/* Puts it where it belongs. False: the order is not known, or no memory. */
static bool add_crossing(struct crossings *c, const struct expr *at, bool odd)
{
    size_t i = c->n;
    if (!at || c->n == POLY_DEGREE_MAX)
        return false;
    for (int order; i > 0 && (order = scalar_order(at, c->list[i - 1].at)) <= 0; i--)
        c->list[i] = c->list[i - 1];
    c->list[i] = (struct crossing){at, odd};
    c->n++;
    return i == 0 || scalar_order(c->list[i - 1].at, at) == -1;
}

/* The real roots of a x^n + c. */
static bool add_pure_roots(struct pool *pool, struct crossings *found, const fmpz_poly_t f,
                           bool odd)
{
    slong n = fmpz_poly_degree(f);
    bool negative = fmpz_sgn(f->coeffs) * fmpz_sgn(f->coeffs + n) > 0;
    fmpz_t top, bottom, one, index;
    fmpz_init(top);
    fmpz_init(bottom);
    fmpz_init_set_ui(one, 1);
    fmpz_init_set_si(index, n);
    fmpz_abs(top, f->coeffs);
    fmpz_abs(bottom, f->coeffs + n);
    const struct expr *base = leaf(pool, top, bottom), *power = leaf(pool, one, index);
    fmpz_clear(top);
    fmpz_clear(bottom);
    fmpz_clear(one);
    fmpz_clear(index);
    const struct expr *r = base && power ? node(pool, EXPR_POW, 0, base, power, NULL) : NULL;
    const struct expr *minus = r ? node(pool, EXPR_NEG, 0, r, NULL, NULL) : NULL;
    if (n % 2)
        return minus && add_crossing(found, negative ? minus : r, odd);
    return minus && add_crossing(found, minus, odd) && add_crossing(found, r, odd);
}

/* The real roots of an irreducible factor. False: they cannot be written down. */
static bool add_roots(struct pool *pool, struct crossings *found, const fmpz_poly_t f, bool odd)
{
    fmpz_t d;
    slong n = fmpz_poly_degree(f), terms = 0;
    if (n == 0 || fmpz_poly_num_real_roots(f) == 0)
        return true;
    for (slong i = 0; i <= n; i++)
        terms += !fmpz_is_zero(f->coeffs + i);
    if (n == 1) {
        fmpz_init(d);
        fmpz_neg(d, f->coeffs);
        const struct expr *at = leaf(pool, d, f->coeffs + 1);
        fmpz_clear(d);
        return add_crossing(found, at, odd);
    }
    if (n > 2)
        return terms == 2 && add_pure_roots(pool, found, f, odd);
    fmpz_init(d);
    fmpz_poly_discriminant(d, f);
    bool fine = add_crossing(found, root(pool, f->coeffs, d, -1), odd) &&
                add_crossing(found, root(pool, f->coeffs, d, 1), odd);
    fmpz_clear(d);
    return fine;
}

/* low < var < high, where NULL is infinite; one end twice is that point. */
static const struct expr *range(struct pool *pool, const struct expr *low, const struct expr *var,
                                const struct expr *high, bool strict)
{
    if (low == high)
        return low ? related(pool, "=", var, low, NULL)
                   : node(pool, EXPR_CONST, CONST_REALS, NULL, NULL, NULL);
    if (!low)
        return related(pool, strict ? "<" : "l", var, high, NULL);
    if (!high)
        return related(pool, strict ? ">" : "g", var, low, NULL);
    return related(pool, strict ? "<<" : "ll", low, var, high);
}

/* The ranges between roots where the polynomial, positive on their left or not, has the sign. */
static const struct expr *ranges(struct pool *pool, const struct expr *var,
                                 const struct crossings *c, bool positive, char sign)
{
    bool strict = sign == '<' || sign == '>' || sign == 'n', more = sign == '>' || sign == 'g';
    const struct expr *low = NULL, **parts;
    struct expr *all = node(pool, EXPR_LIST, EXPR_LIST_OR, NULL, NULL, NULL);
    size_t n = 0;
    parts = ARENA_ARRAY(&pool->arena, const struct expr *, POLY_DEGREE_MAX + 1);
    if (!all || !parts)
        return NULL;
    bool inside = sign == 'n' || positive == more;
    for (size_t i = 0; i <= c->n; i++) {
        const struct expr *at = i < c->n ? c->list[i].at : NULL;
        bool was = inside;
        if (at && sign != 'n' && c->list[i].odd)
            inside = !inside;
        bool through = was && inside && at && !strict;
        if (was && !through)
            parts[n++] = range(pool, low, var, at, strict);
        else if (!was && !inside && at && !strict)
            parts[n++] = range(pool, at, var, at, strict);
        if (!through)
            low = at;
    }
    for (size_t i = 0; i < n; i++)
        if (!parts[i])
            return NULL;
    if (n == 0)
        return node(pool, EXPR_CONST, CONST_EMPTY, NULL, NULL, NULL);
    all->n = (uint16_t)n;
    all->args = (struct expr *const *)parts;
    return n == 1 ? parts[0] : all;
}

static const struct expr *by_roots(struct pool *pool, const struct expr *var, const fmpz_poly_t p,
                                   char sign)
{
    struct crossings found = {.n = 0};
    fmpz_poly_factor_t factors;
    slong degree = fmpz_poly_degree(p), bits = fmpz_poly_max_bits(p);
    if (degree > 1 && (bits > COEFFICIENT_BITS_MAX || bits < -COEFFICIENT_BITS_MAX))
        return NULL;
    fmpz_poly_factor_init(factors);
    fmpz_poly_factor(factors, p);
    bool fine = true;
    for (slong i = 0; fine && i < factors->num; i++)
        fine = add_roots(pool, &found, factors->p + i, factors->exp[i] % 2 != 0);
    fmpz_poly_factor_clear(factors);
    bool positive = (fmpz_sgn(p->coeffs + degree) > 0) == (degree % 2 == 0);
    return fine ? ranges(pool, var, &found, positive, sign) : NULL;
}

const struct expr *order_solve(struct pool *pool, const struct expr *relation)
{
    char sign = relation->name[0];
    if (relation->n != 2 || !strchr("<l>gn", sign) || !expr_is_scalar(relation->args[0]) ||
        !expr_is_scalar(relation->args[1]))
        return NULL;
    const struct expr *sides[2] = {relation->args[0], relation->args[1]}, *var = NULL;
    fmpz_poly_t p;
    const struct expr *e = NULL;
    fmpz_poly_init(p);
    if (poly_univariate(sides, p, &var))
        e = by_roots(pool, var, p, sign);
    fmpz_poly_clear(p);
    return e;
}
