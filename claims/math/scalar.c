/*
 * Cheapest first: rational values, the same look, balls that are apart, polynomials, exact
 * constants; points (sample.h) for the rest of expressions in variables.
 */
#include "claims/math/scalar.h"

#include <string.h>

#include "claims/math/ball.h"
#include "claims/math/constant.h"
#include "claims/math/effort.h"
#include "claims/math/eval.h"
#include "claims/math/poly.h"
#include "claims/math/sample.h"

/* Steps (effort.h), as measured: a comparison as written; for each node a polynomial; an attempt at
 * exact constants. */
#define STEPS_WRITTEN 2
#define STEPS_POLYNOMIAL 2
#define STEPS_CONSTANT 4000

static uint64_t nodes(const struct expr *a, const struct expr *b)
{
    return effort_of(a) + effort_of(b);
}

static enum poly_verdict compare_polynomials(const struct expr *a, const struct expr *b)
{
    effort_add(STEPS_POLYNOMIAL * nodes(a, b));
    return poly_compare(a, b);
}

/* True when e has a meaning for whole numbers above all. */
static bool is_discrete(const struct expr *e)
{
    if (e->kind == EXPR_FUNC && (e->op == FN_FACTORIAL || e->op == FN_BINOM) && !expr_is_closed(e))
        return true;
    if (e->kind == EXPR_BIG && !(expr_is_closed(e->args[1]) && expr_is_closed(e->args[2])))
        return true;
    for (size_t i = 0; i < e->n; i++)
        if (is_discrete(e->args[i]))
            return true;
    return false;
}

/* True for k, m, n, which stand for whole numbers. */
static bool are_counters(const struct sample_variables *v)
{
    for (size_t i = 0; i < v->n; i++)
        if (v->list[i]->len != 1 || !strchr("kmn", v->list[i]->name[0]))
            return false;
    return true;
}

/* Agreement at whole numbers alone is COMPATIBLE, or EXACT would not be transitive. */
static struct equal_result compare_open(const struct expr *a, const struct expr *b,
                                        const struct sample_variables *v)
{
    bool discrete = is_discrete(a) || is_discrete(b);
    if (!discrete) {
        struct equal_result r = sample_compare(a, b, v, SAMPLE_REALS);
        if (r.verdict != EQUAL_DIFFERENT || !are_counters(v))
            return r;
    }
    struct equal_result r = sample_compare(a, b, v, discrete ? SAMPLE_COUNTS : SAMPLE_INTEGERS);
    if (r.verdict == EQUAL_EXACT || r.verdict == EQUAL_COMPATIBLE)
        return relation_of(EQUAL_COMPATIBLE, "equal for whole numbers");
    return r.verdict == EQUAL_UNKNOWN && !discrete
               ? relation_of(EQUAL_DIFFERENT, "different at a point")
               : r;
}

/* Exact constants before the finest balls: two values that agree to 256 bits are hardly different.
 */
static struct equal_result compare_closed(const struct expr *a, const struct expr *b)
{
    for (slong precision = 64; precision <= 1024; precision *= 4) {
        enum sample_agreement r = sample_at(a, b, NULL, precision);
        if (r == SAMPLE_APART || r == SAMPLE_REAL_APART)
            return relation_of(EQUAL_DIFFERENT, "different values");
        if (precision == 64 && compare_polynomials(a, b) == POLY_SAME)
            return relation_of(EQUAL_EXACT, "algebraic identity");
        if (precision != 256)
            continue;
        effort_add(STEPS_CONSTANT);
        enum constant_verdict exact = constant_compare(a, b);
        if (exact == CONSTANT_EQUAL)
            return relation_of(EQUAL_EXACT, "exact constant");
        if (exact == CONSTANT_DIFFERENT)
            return relation_of(EQUAL_DIFFERENT, "different values");
    }
    return relation_of(EQUAL_UNKNOWN, "constants beyond what can be decided");
}

/* True when infinity or the empty set occurs: no arithmetic with them. */
static bool has_symbol(const struct expr *e)
{
    if (e->kind == EXPR_CONST && e->op >= CONST_INFINITY && e->op <= CONST_REALS)
        return true;
    for (size_t i = 0; i < e->n; i++)
        if (has_symbol(e->args[i]))
            return true;
    return false;
}

/* True when e sums or multiplies without an end. */
static bool is_endless(const struct expr *e)
{
    if (e->kind == EXPR_BIG)
        return has_symbol(e->args[2]) || has_symbol(e->args[1]);
    for (size_t i = 0; i < e->n; i++)
        if (is_endless(e->args[i]))
            return true;
    return false;
}

/* True for a list, tuple or +- inside a sum, and for parts of a complex variable: at real points
 * Re z and z are the same. */
static bool has_inner(const struct expr *e)
{
    if (!expr_is_scalar(e) || e->kind == EXPR_PM)
        return true;
    if (e->kind == EXPR_FUNC && (e->op == FN_RE || e->op == FN_IM || e->op == FN_CONJ) &&
        !expr_is_closed(e))
        return true;
    for (size_t i = 0; i < e->n; i++)
        if (has_inner(e->args[i]))
            return true;
    return false;
}

static struct equal_result compare_as_written(const struct expr *a, const struct expr *b)
{
    effort_add(STEPS_WRITTEN);
    if (expr_same(a, b))
        return relation_of(EQUAL_EXACT, "same expression");
    if (has_symbol(a) || has_symbol(b))
        return is_endless(a) || is_endless(b)
                   ? relation_of(EQUAL_UNKNOWN, "beyond what can be decided")
                   : relation_of(EQUAL_DIFFERENT, "different values");
    if (has_inner(a) || has_inner(b))
        return relation_of(EQUAL_UNKNOWN, "beyond what can be decided");
    fmpq_t x, y;
    fmpq_init(x);
    fmpq_init(y);
    enum eval_status left = eval_rational(a, x), right = eval_rational(b, y);
    bool equal = fmpq_equal(x, y);
    fmpq_clear(x);
    fmpq_clear(y);
    if (left == EVAL_OK && right == EVAL_OK)
        return equal ? relation_of(EQUAL_EXACT, "exact rational")
                     : relation_of(EQUAL_DIFFERENT, "different numbers");
    if (left == EVAL_UNDEFINED || right == EVAL_UNDEFINED)
        return relation_of(EQUAL_UNKNOWN, "no value");
    struct sample_variables v = {.n = 0};
    sample_collect(&v, a);
    sample_collect(&v, b);
    if (v.n == 0)
        return compare_closed(a, b);
    switch (compare_polynomials(a, b)) {
    case POLY_SAME:
        return relation_of(EQUAL_EXACT, "algebraic identity");
    case POLY_NOT_SAME:
        return relation_of(EQUAL_DIFFERENT, "different polynomials");
    default:
        return v.too_many ? relation_of(EQUAL_UNKNOWN, "too many variables")
                          : compare_open(a, b, &v);
    }
}

static bool is_bare_log(const struct expr *e)
{
    return e->kind == EXPR_FUNC && e->op == FN_LOG &&
           (e->n == 1 || (e->args[1]->kind == EXPR_VAR && e->args[1]->len == 2 &&
                          memcmp(e->args[1]->name, EXPR_LG_BASE, 2) == 0));
}

static bool has_bare_log(const struct expr *e)
{
    if (is_bare_log(e))
        return true;
    for (size_t i = 0; i < e->n; i++)
        if (has_bare_log(e->args[i]))
            return true;
    return false;
}

/* A copy of e in which every logarithm has a base; NULL without memory. */
static const struct expr *give_base(struct pool *pool, const struct expr *e,
                                    const struct expr *base)
{
    bool bare = is_bare_log(e);
    size_t n = bare ? 2 : e->n;
    struct expr *copy = ARENA_ARRAY(&pool->arena, struct expr, 1);
    const struct expr **args = ARENA_ARRAY(&pool->arena, const struct expr *, n + 1);
    if (!copy || !args)
        return NULL;
    *copy = *e;
    copy->n = (uint16_t)n;
    copy->args = (struct expr *const *)args;
    for (size_t i = 0; i < e->n; i++)
        if (!(args[i] = give_base(pool, e->args[i], base)))
            return NULL;
    if (bare)
        args[1] = base;
    return copy;
}

const struct expr *scalar_log_base(struct pool *pool, const struct expr *e, slong base)
{
    struct expr *leaf = ARENA_ARRAY(&pool->arena, struct expr, 1);
    struct number *number = pool_number(pool);
    if (!leaf || !number || !has_bare_log(e))
        return NULL;
    fmpq_set_si(number->value, base, 1);
    *leaf = (struct expr){.kind = EXPR_NUMBER, .number = number};
    return give_base(pool, e, leaf);
}

static bool equal_with_base(const struct expr *a, const struct expr *b, slong base)
{
    struct pool pool;
    pool_init(&pool);
    const struct expr *x = scalar_log_base(&pool, a, base), *y = scalar_log_base(&pool, b, base);
    enum equal_verdict verdict = EQUAL_DIFFERENT;
    if (x || y)
        verdict = compare_as_written(x ? x : a, y ? y : b).verdict;
    pool_fini(&pool);
    return verdict == EQUAL_EXACT || verdict == EQUAL_COMPATIBLE;
}

static bool has_application(const struct expr *e)
{
    if (e->kind == EXPR_FUNC && e->op == FN_APPLY)
        return true;
    for (size_t i = 0; i < e->n; i++)
        if (has_application(e->args[i]))
            return true;
    return false;
}

/* A copy of e in which every name before a bracket is a factor; NULL without memory. */
static const struct expr *as_products(struct pool *pool, const struct expr *e)
{
    struct expr *copy = ARENA_ARRAY(&pool->arena, struct expr, 1);
    const struct expr **args = ARENA_ARRAY(&pool->arena, const struct expr *, e->n + 1u);
    if (!copy || !args)
        return NULL;
    *copy = *e;
    copy->args = (struct expr *const *)args;
    for (size_t i = 0; i < e->n; i++)
        if (!(args[i] = as_products(pool, e->args[i])))
            return NULL;
    if (e->kind == EXPR_FUNC && e->op == FN_APPLY) {
        copy->kind = EXPR_MUL;
        copy->op = 1;
    }
    return copy;
}

/* The variable occurs in e, and not before a bracket. */
static bool is_factor(const struct expr *var, const struct expr *e)
{
    if (expr_same(var, e))
        return true;
    bool applied = e->kind == EXPR_FUNC && e->op == FN_APPLY;
    for (size_t i = applied; i < e->n; i++)
        if (is_factor(var, e->args[i]))
            return true;
    return false;
}

/* A name that e applies to a sum is a factor in other. */
static bool applies_factor(const struct expr *e, const struct expr *other)
{
    if (e->kind == EXPR_FUNC && e->op == FN_APPLY && e->args[1]->kind == EXPR_ADD &&
        is_factor(e->args[0], other))
        return true;
    for (size_t i = 0; i < e->n; i++)
        if (applies_factor(e->args[i], other))
            return true;
    return false;
}

/* f(x + 1) and fx + f may be the same, f(2x) and 2f(x) hardly. */
static struct equal_result compare_as_products(const struct expr *a, const struct expr *b)
{
    struct pool pool;
    pool_init(&pool);
    const struct expr *x = as_products(&pool, a), *y = x ? as_products(&pool, b) : NULL;
    enum equal_verdict verdict = y ? compare_as_written(x, y).verdict : EQUAL_UNKNOWN;
    pool_fini(&pool);
    bool equal = verdict == EQUAL_EXACT || verdict == EQUAL_COMPATIBLE;
    if (equal && (applies_factor(a, b) || applies_factor(b, a)))
        return relation_of(EQUAL_COMPATIBLE, "letter before a bracket as a factor");
    return verdict == EQUAL_DIFFERENT ? relation_of(EQUAL_DIFFERENT, "different at a point")
                                      : relation_of(EQUAL_UNKNOWN, "function or factor");
}

/* A logarithm without a base is natural, but may have been meant to base 10, rarely 2. */
struct equal_result scalar_compare(const struct expr *a, const struct expr *b)
{
    struct equal_result r = compare_as_written(a, b);
    if (r.verdict != EQUAL_EXACT && r.verdict != EQUAL_COMPATIBLE &&
        (has_application(a) || has_application(b)))
        r = compare_as_products(a, b);
    if (r.verdict == EQUAL_EXACT || r.verdict == EQUAL_COMPATIBLE ||
        !(has_bare_log(a) || has_bare_log(b)))
        return r;
    if (equal_with_base(a, b, 10))
        return relation_of(EQUAL_COMPATIBLE, "base of the logarithm");
    if (equal_with_base(a, b, 2))
        return relation_of(EQUAL_UNKNOWN, "base of the logarithm");
    return r;
}

int scalar_order(const struct expr *a, const struct expr *b)
{
    struct ball_how how = {.precision = 128};
    acb_t x, y;
    acb_init(x);
    acb_init(y);
    int order = 2;
    if (ball_eval(a, &how, x) && ball_eval(b, &how, y) && arb_contains_zero(acb_imagref(x)) &&
        arb_contains_zero(acb_imagref(y))) {
        if (arb_lt(acb_realref(x), acb_realref(y)))
            order = -1;
        else if (arb_gt(acb_realref(x), acb_realref(y)))
            order = 1;
        else if (scalar_compare(a, b).verdict == EQUAL_EXACT)
            order = 0;
    }
    acb_clear(x);
    acb_clear(y);
    return order;
}
