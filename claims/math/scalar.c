/*
 * Cheapest first: rational values, the same look, balls that are apart, polynomials, exact
 * constants; for the rest of expressions in variables, balls at several points that are drawn from
 * a hash of both sides, so that the same pair always gives the same result.
 */
#include "claims/math/scalar.h"

#include <string.h>

#include "base/hash.h"
#include "claims/math/ball.h"
#include "claims/math/constant.h"
#include "claims/math/effort.h"
#include "claims/math/eval.h"
#include "claims/math/poly.h"

#define POINTS 12
#define POINTS_OF_SUMS 4 /* where a sum sign makes each of them dear */
#define VARIABLES_MAX 12
#define AGREEING_MIN 3

/* Steps (effort.h), as measured: a comparison as written; for each node a polynomial; an attempt at
 * exact constants; and so many bits of the balls of a node are one. */
#define STEPS_WRITTEN 2
#define STEPS_POLYNOMIAL 2
#define STEPS_CONSTANT 4000
#define STEP_BITS 256

static uint64_t nodes(const struct expr *a, const struct expr *b)
{
    return effort_of(a) + effort_of(b);
}

static enum poly_verdict compare_polynomials(const struct expr *a, const struct expr *b)
{
    effort_add(STEPS_POLYNOMIAL * nodes(a, b));
    return poly_compare(a, b);
}

/* A hash of what the tree looks like. */
static uint64_t hash_tree(uint64_t h, const struct expr *e)
{
    h = hash_u64(h, (uint64_t)e->kind << 16 | (uint64_t)e->op << 8 | (e->n & 255));
    if (e->kind == EXPR_NUMBER)
        h = hash_u64(h, fmpz_fdiv_ui(fmpq_numref(e->number->value), 1000003) << 32 ^
                            fmpz_fdiv_ui(fmpq_denref(e->number->value), 1000003));
    if (e->name)
        h = hash_bytes(h, e->name, e->len);
    for (size_t i = 0; i < e->n; i++)
        h = hash_tree(h, e->args[i]);
    return h;
}

struct variables {
    const struct expr *list[VARIABLES_MAX];
    size_t n;
    bool too_many;
};

/* The variables that e does not bind itself, as the k of a sum. */
static void collect(struct variables *v, const struct expr *e)
{
    if (e->kind == EXPR_VAR) {
        size_t i = 0;
        while (i < v->n && !expr_same(v->list[i], e))
            i++;
        v->too_many |= i == VARIABLES_MAX;
        if (i == v->n && i < VARIABLES_MAX)
            v->list[v->n++] = e;
    }
    if (e->kind != EXPR_BIG) {
        for (size_t i = 0; i < e->n; i++)
            collect(v, e->args[i]);
        return;
    }
    struct variables body = {.n = 0};
    collect(&body, e->args[3]);
    for (size_t i = 0; i < body.n; i++)
        if (!expr_same(body.list[i], e->args[0]))
            collect(v, body.list[i]);
    collect(v, e->args[1]);
    collect(v, e->args[2]);
}

enum agreement { NO_VALUE, APART, TOGETHER, REAL_APART, REAL_TOGETHER };

/* Compares both sides at one point. */
static enum agreement compare_at(const struct expr *a, const struct expr *b,
                                 const struct ball_point *points, slong precision)
{
    bool unreal = false;
    struct ball_how how = {.precision = precision, .points = points, .ret_unreal = &unreal};
    acb_t x, y;
    acb_init(x);
    acb_init(y);
    enum agreement agreement = NO_VALUE;
    effort_add(1 + nodes(a, b) * (uint64_t)precision / STEP_BITS);
    if (ball_eval(a, &how, x) && ball_eval(b, &how, y)) {
        bool real =
            !unreal && arb_contains_zero(acb_imagref(x)) && arb_contains_zero(acb_imagref(y));
        bool overlap = acb_overlaps(x, y);
        bool sharp = acb_rel_accuracy_bits(x) > precision / 3 ||
                     acb_rel_accuracy_bits(y) > precision / 3 || (acb_is_zero(x) && acb_is_zero(y));
        if (!overlap)
            agreement = real ? REAL_APART : APART;
        else if (sharp)
            agreement = real ? REAL_TOGETHER : TOGETHER;
    }
    acb_clear(x);
    acb_clear(y);
    return agreement;
}

/* The value of a variable at a point: a rational that no textbook identity singles out. */
static void draw(acb_t value, uint64_t seed, size_t point, const struct expr *var, bool whole)
{
    uint64_t h = hash_u64(hash_bytes(seed, var->name, var->len), point);
    if (whole) {
        acb_set_si(value, (slong)(h % 37) + 2);
        return;
    }
    acb_set_si(value, (slong)(h % 40013) + 211);
    acb_div_ui(value, value, 9973 + (point % 3) * 5003, 256);
    if (point % 4 == 3)
        acb_neg(value, value);
    if (point % 4 == 2) /* inside the unit interval, for the inverse functions */
        acb_div_ui(value, value, 5, 256);
}

static bool has_sum(const struct expr *e)
{
    if (e->kind == EXPR_BIG)
        return true;
    for (size_t i = 0; i < e->n; i++)
        if (has_sum(e->args[i]))
            return true;
    return false;
}

static struct equal_result compare_at_points(const struct expr *a, const struct expr *b,
                                             const struct variables *v, bool whole)
{
    uint64_t seed = hash_tree(0, a) ^ hash_tree(0, b);
    size_t counts[5] = {0};
    struct ball_point points[VARIABLES_MAX];
    acb_struct values[VARIABLES_MAX];
    for (size_t i = 0; i < v->n; i++) {
        acb_init(&values[i]);
        points[i] = (struct ball_point){
            .var = v->list[i], .value = &values[i], .outer = i ? &points[i - 1] : NULL};
    }
    size_t n_points = has_sum(a) || has_sum(b) ? POINTS_OF_SUMS : POINTS;
    for (size_t point = 0; point < n_points && !counts[REAL_APART]; point++) {
        for (size_t i = 0; i < v->n; i++)
            draw(&values[i], seed, point, v->list[i], whole);
        counts[compare_at(a, b, &points[v->n - 1], 192)]++;
    }
    for (size_t i = 0; i < v->n; i++)
        acb_clear(&values[i]);
    if (counts[REAL_APART])
        return relation_of(EQUAL_DIFFERENT, "different at a point");
    if (counts[REAL_TOGETHER] + counts[TOGETHER] < AGREEING_MIN)
        return counts[APART] ? relation_of(EQUAL_DIFFERENT, "different at a point")
                             : relation_of(EQUAL_UNKNOWN, "no value at random points");
    if (!counts[APART])
        return relation_of(EQUAL_EXACT, "numerical identity");
    if (counts[REAL_TOGETHER] >= AGREEING_MIN)
        return relation_of(EQUAL_COMPATIBLE, "equal where both are real");
    return relation_of(EQUAL_DIFFERENT, "different at a point");
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
static bool are_counters(const struct variables *v)
{
    for (size_t i = 0; i < v->n; i++)
        if (v->list[i]->len != 1 || !strchr("kmn", v->list[i]->name[0]))
            return false;
    return true;
}

/* Agreement at whole numbers alone is COMPATIBLE, or EXACT would not be transitive. */
static struct equal_result compare_open(const struct expr *a, const struct expr *b,
                                        const struct variables *v)
{
    bool discrete = is_discrete(a) || is_discrete(b);
    if (!discrete) {
        struct equal_result r = compare_at_points(a, b, v, false);
        if (r.verdict != EQUAL_DIFFERENT || !are_counters(v))
            return r;
    }
    struct equal_result r = compare_at_points(a, b, v, true);
    if (r.verdict == EQUAL_EXACT)
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
        enum agreement agreement = compare_at(a, b, NULL, precision);
        if (agreement == APART || agreement == REAL_APART)
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
    struct variables v = {.n = 0};
    collect(&v, a);
    collect(&v, b);
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

static bool has_bare_log(const struct expr *e)
{
    if (e->kind == EXPR_FUNC && e->op == FN_LOG && e->n == 1)
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
    bool bare = e->kind == EXPR_FUNC && e->op == FN_LOG && e->n == 1;
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

/* A logarithm without a base is natural, but may have been meant to base 10, rarely 2. */
struct equal_result scalar_compare(const struct expr *a, const struct expr *b)
{
    struct equal_result r = compare_as_written(a, b);
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
