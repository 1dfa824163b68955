/*
 * Compares values kind by kind. EXACT needs everything to agree; what one side left out (a name, a
 * unit, a percent sign, brackets) or rounded makes it COMPATIBLE.
 */
#include <string.h>

#include "base/hash.h"
#include "claims/math/effort.h"
#include "claims/math/eval.h"
#include "claims/math/poly.h"
#include "claims/math/scalar.h"
#include "claims/math/value_internal.h"

#define MATCH_MAX 64             /* members of lists whose every pair may be compared */
#define MATCH_EFFORT 10000       /* members times nodes */
#define STEPS_EQUATION 40        /* effort.h */
#define HASH_MODULUS 0x7fffffffu /* a prime: of long numbers the remainder is hashed */

static const struct equal_result different = {EQUAL_DIFFERENT, "different kinds"};

/* Item by item, in order. */
static struct equal_result compare_ordered(const struct value *a, const struct value *b,
                                           const char *how)
{
    if (a->n != b->n)
        return relation_of(EQUAL_DIFFERENT, "different lengths");
    struct equal_result r = relation_of(EQUAL_EXACT, how);
    for (size_t i = 0; i < a->n && r.verdict != EQUAL_DIFFERENT; i++)
        r = relation_worst(r, value_compare(a->items[i], b->items[i]));
    return r;
}

static size_t value_effort(const struct value *v)
{
    size_t sum = v->expr ? effort_of(v->expr) : 1;
    for (int side = 0; side < 2; side++)
        sum += v->sides[side] ? effort_of(v->sides[side]) : 0;
    for (size_t i = 0; i < v->n; i++)
        sum += value_effort(v->items[i]);
    return sum;
}

static bool is_plain(const struct expr *e)
{
    if (e->kind == EXPR_NUMBER)
        return !e->number->point && !e->number->cut && !e->number->too_big && !e->number->based;
    return (e->kind == EXPR_NEG || e->kind == EXPR_DIV) && is_plain(e->args[0]) &&
           (e->n == 1 || is_plain(e->args[1]));
}

uint64_t value_hash_plain(const struct value *v)
{
    uint64_t sum = 0;
    fmpq_t x;
    fmpq_init(x);
    bool plain = v->kind == VALUE_LIST || v->kind == VALUE_SET;
    for (size_t i = 0; i < v->n && plain; i++) {
        const struct value *item = v->items[i];
        plain = item->kind == VALUE_SCALAR && !item->name && !item->unit && !item->currency &&
                !item->percent && !item->degree && is_plain(item->expr) &&
                eval_rational(item->expr, x) == EVAL_OK;
        if (plain)
            sum += hash_u64(fmpz_fdiv_ui(fmpq_numref(x), HASH_MODULUS),
                            fmpz_fdiv_ui(fmpq_denref(x), HASH_MODULUS));
    }
    fmpq_clear(x);
    return plain ? sum + (sum == 0) : 0;
}

/* Long lists: equal when they are so item by item, else unknown. */
static struct equal_result compare_many(const struct value *a, const struct value *b,
                                        const char *how)
{
    for (size_t i = 0; i < a->n; i++)
        if (value_effort(a->items[i]) + value_effort(b->items[i]) > MATCH_EFFORT / a->n ||
            value_compare(a->items[i], b->items[i]).verdict != EQUAL_EXACT)
            return relation_of(EQUAL_UNKNOWN, "lists beyond what can be decided");
    return relation_of(EQUAL_EXACT, how);
}

/* Pairs every item with one of the other side; exact pairs first. */
static struct equal_result compare_unordered(const struct value *a, const struct value *b,
                                             const char *how)
{
    if (a->n != b->n)
        return relation_of(EQUAL_DIFFERENT, "different lengths");
    if (a->n > MATCH_MAX || a->n * (value_effort(a) + value_effort(b)) > MATCH_EFFORT)
        return compare_many(a, b, how);
    if (a->plain && b->plain && a->plain != b->plain)
        return relation_of(EQUAL_DIFFERENT, "different members");
    bool used_a[MATCH_MAX] = {false}, used_b[MATCH_MAX] = {false};
    bool compatible[MATCH_MAX][MATCH_MAX] = {{false}}; /* found by the first pass */
    struct equal_result r = relation_of(EQUAL_EXACT, how);
    bool unknown = false;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < a->n; i++)
            for (size_t j = 0; j < b->n && !used_a[i]; j++) {
                if (used_b[j] || (pass == 1 && !compatible[i][j]))
                    continue;
                struct equal_result pair = value_compare(a->items[i], b->items[j]);
                unknown |= pair.verdict == EQUAL_UNKNOWN;
                compatible[i][j] = pair.verdict == EQUAL_COMPATIBLE;
                if (pair.verdict == EQUAL_EXACT ||
                    (pass == 1 && pair.verdict == EQUAL_COMPATIBLE)) {
                    used_a[i] = used_b[j] = true;
                    r = relation_worst(r, pair);
                }
            }
    for (size_t i = 0; i < a->n; i++)
        if (!used_a[i])
            return unknown ? relation_of(EQUAL_UNKNOWN, "members beyond what can be decided")
                           : relation_of(EQUAL_DIFFERENT, "different members");
    return r;
}

static struct equal_result compare_intervals(const struct value *a, const struct value *b)
{
    if (a->closed != b->closed)
        return relation_of(EQUAL_DIFFERENT, "different ends");
    return compare_ordered(a, b, "same interval");
}

static bool is_scalar_pair(const struct value *v)
{
    return v->n == 2 && v->items[0]->kind == VALUE_SCALAR && v->items[1]->kind == VALUE_SCALAR;
}

/* The quotient of a pair, or a scalar itself. */
static struct expr quotient(const struct value *v, struct expr *args[2])
{
    if (v->kind == VALUE_SCALAR)
        return *v->expr;
    args[0] = (struct expr *)v->items[0]->expr;
    args[1] = (struct expr *)v->items[1]->expr;
    return (struct expr){.kind = EXPR_DIV, .n = 2, .args = args};
}

/* Ratios of irrational numbers, or one and a scalar. */
static struct equal_result compare_quotients(const struct value *a, const struct value *b)
{
    struct expr *args_a[2], *args_b[2];
    struct expr x = quotient(a, args_a), y = quotient(b, args_b);
    struct equal_result r = scalar_compare(&x, &y);
    return r.verdict == EQUAL_EXACT ? relation_of(EQUAL_EXACT, "same ratio") : r;
}

/* Two ratios are equal when all cross products are. */
static struct equal_result compare_ratios(const struct value *a, const struct value *b)
{
    if (a->n != b->n)
        return relation_of(EQUAL_DIFFERENT, "different lengths");
    fmpq_t x[2], y[2];
    for (int i = 0; i < 2; i++) {
        fmpq_init(x[i]);
        fmpq_init(y[i]);
    }
    bool fine = true, equal = true;
    for (size_t i = 0; fine && i < a->n; i++) {
        fine = a->items[i]->kind == VALUE_SCALAR && b->items[i]->kind == VALUE_SCALAR &&
               eval_rational(a->items[i]->expr, x[i > 0]) == EVAL_OK &&
               eval_rational(b->items[i]->expr, y[i > 0]) == EVAL_OK;
        if (!fine || i == 0)
            continue;
        fmpq_mul(x[1], x[1], y[0]);
        fmpq_mul(y[1], y[1], x[0]);
        equal = equal && fmpq_equal(x[1], y[1]);
    }
    for (int i = 0; i < 2; i++) {
        fmpq_clear(x[i]);
        fmpq_clear(y[i]);
    }
    if (!fine && is_scalar_pair(a) && is_scalar_pair(b))
        return compare_quotients(a, b);
    if (!fine)
        return compare_ordered(a, b, "same ratio");
    return equal ? relation_of(EQUAL_EXACT, "same ratio")
                 : relation_of(EQUAL_DIFFERENT, "different ratios");
}

/* 3:4 is 3/4, but 5 to 1 is not yet 5. */
static struct equal_result unless_whole(const struct value *s, struct equal_result r)
{
    fmpq_t z;
    fmpq_init(z);
    bool whole = eval_rational(s->expr, z) == EVAL_OK && fmpz_is_one(fmpq_denref(z));
    fmpq_clear(z);
    return whole ? relation_loosen(r, "ratio as number") : r;
}

static struct equal_result compare_ratio_to_scalar(const struct value *ratio, const struct value *s)
{
    if (ratio->n != 2 || ratio->items[0]->kind != VALUE_SCALAR ||
        ratio->items[1]->kind != VALUE_SCALAR)
        return different;
    fmpq_t x, y, z;
    fmpq_init(x);
    fmpq_init(y);
    fmpq_init(z);
    bool fine = eval_rational(ratio->items[0]->expr, x) == EVAL_OK &&
                eval_rational(ratio->items[1]->expr, y) == EVAL_OK && !fmpq_is_zero(y) &&
                eval_rational(s->expr, z) == EVAL_OK;
    if (fine)
        fmpq_mul(y, y, z);
    bool equal = fine && fmpq_equal(x, y);
    fmpq_clear(x);
    fmpq_clear(y);
    fmpq_clear(z);
    bool bare = !s->unit && !s->currency;
    if (equal)
        return bare ? unless_whole(s, relation_of(EQUAL_EXACT, "ratio as quotient"))
                    : relation_of(EQUAL_UNKNOWN, "ratio and unit");
    if (fine)
        return relation_of(EQUAL_DIFFERENT, "different values");
    return bare ? unless_whole(s, compare_quotients(ratio, s))
                : relation_of(EQUAL_UNKNOWN, "ratio and unit");
}

/* The two sides of an equation or of a named value. */
static bool sides_of(const struct value *v, const struct expr *sides[2])
{
    if (v->kind == VALUE_EQUATION) {
        sides[0] = v->sides[0];
        sides[1] = v->sides[1];
        return true;
    }
    sides[0] = v->name;
    sides[1] = v->expr;
    return v->kind == VALUE_SCALAR && v->name && !v->unit && !v->currency;
}

static struct equal_result compare_equations(const struct value *a, const struct value *b)
{
    const struct expr *x[2], *y[2];
    if (!sides_of(a, x) || !sides_of(b, y))
        return different;
    if ((expr_same(x[0], y[0]) && expr_same(x[1], y[1])) ||
        (expr_same(x[0], y[1]) && expr_same(x[1], y[0])))
        return relation_of(EQUAL_EXACT, "same equation");
    effort_add(STEPS_EQUATION);
    switch (poly_compare_equations(x, y, NULL)) {
    case POLY_SAME:
        return relation_of(EQUAL_EXACT, "equation up to a factor");
    case POLY_NOT_SAME:
        return relation_of(EQUAL_DIFFERENT, "different equations");
    default:
        return relation_of(EQUAL_UNKNOWN, "equations beyond what can be decided");
    }
}

static bool all_named(const struct value *v)
{
    for (size_t i = 0; i < v->n; i++)
        if (!v->items[i]->name)
            return false;
    return v->n > 0;
}

static bool has_names(const struct value *v)
{
    for (size_t i = 0; i < v->n; i++)
        if (v->items[i]->name)
            return true;
    return false;
}

/* "x > 0 or y > 0" is neither "x > 0 and y > 0" nor, most likely, "x > 0, y > 0". */
static struct equal_result compare_words(const struct value *a, const struct value *b,
                                         struct equal_result r)
{
    bool alike = r.verdict == EQUAL_EXACT || r.verdict == EQUAL_COMPATIBLE;
    bool mixed = a->joined == EXPR_LIST_MIXED || b->joined == EXPR_LIST_MIXED;
    if (!alike || (!mixed && (a->joined == EXPR_LIST_OR) == (b->joined == EXPR_LIST_OR)))
        return r;
    return !mixed && (a->joined == EXPR_LIST_AND || b->joined == EXPR_LIST_AND)
               ? relation_of(EQUAL_DIFFERENT, "and, or")
               : relation_of(EQUAL_UNKNOWN, "and, or");
}

static bool has_lists(const struct value *v)
{
    for (size_t i = 0; i < v->n; i++)
        if (v->items[i]->kind == VALUE_LIST)
            return true;
    return false;
}

/* "x = 3, y = 5" and "5, 3": the same numbers, but who knows of which. */
static struct equal_result compare_lists(const struct value *a, const struct value *b)
{
    if (a->n != b->n && has_lists(a) != has_lists(b))
        return relation_of(EQUAL_UNKNOWN, "solutions of several unknowns");
    struct equal_result r = compare_words(a, b, compare_unordered(a, b, "same list"));
    bool one_named = (all_named(a) && !has_names(b)) || (all_named(b) && !has_names(a));
    if (!one_named || r.verdict != EQUAL_COMPATIBLE)
        return r;
    struct equal_result ordered = compare_ordered(a, b, "same list");
    return ordered.verdict == EQUAL_DIFFERENT ? relation_of(EQUAL_UNKNOWN, "order without names")
                                              : r;
}

/* A list, set, tuple or column without its names and brackets, in order. */
static struct equal_result compare_bare(const struct value *a, const struct value *b,
                                        const char *how)
{
    return relation_loosen(compare_ordered(a, b, how), how);
}

static bool is_kind(const struct value *a, const struct value *b, enum value_kind x,
                    enum value_kind y)
{
    return a->kind == x && b->kind == y;
}

/* Different kinds that may still mean the same; a's kind comes first. */
static struct equal_result compare_kinds(const struct value *a, const struct value *b)
{
    if (is_kind(a, b, VALUE_LIST, VALUE_SET))
        return compare_unordered(a, b, "same set");
    if (is_kind(a, b, VALUE_SCALAR, VALUE_RATIO))
        return compare_ratio_to_scalar(b, a);
    if (is_kind(a, b, VALUE_SCALAR, VALUE_LIST) && b->n == 1)
        return value_compare(a, b->items[0]);
    if (is_kind(a, b, VALUE_SCALAR, VALUE_SET) && b->n == 1)
        return relation_loosen(value_compare(a, b->items[0]), "set of one");
    if (is_kind(a, b, VALUE_SET, VALUE_TUPLE) && a->n == 1)
        return relation_loosen(value_compare(a->items[0], b), "set of one");
    if (is_kind(a, b, VALUE_TUPLE, VALUE_INTERVAL) && a->n == 2 && b->closed == 0)
        return compare_bare(a, b, "pair as interval");
    if (is_kind(a, b, VALUE_LIST, VALUE_INTERVAL) && a->n == 2 && b->closed == 3)
        return compare_bare(a, b, "brackets missing");
    if (is_kind(a, b, VALUE_LIST, VALUE_TUPLE))
        return compare_bare(a, b, all_named(a) ? "variables' names missing" : "brackets missing");
    if ((is_kind(a, b, VALUE_TUPLE, VALUE_MATRIX) || is_kind(a, b, VALUE_LIST, VALUE_MATRIX)) &&
        (b->columns == 1 || b->columns == b->n))
        return compare_bare(a, b, "vector as tuple");
    if (is_kind(a, b, VALUE_LIST, VALUE_UNION) && a->name) /* ranges whose order is not known */
        return relation_of(EQUAL_UNKNOWN, "beyond what can be decided");
    if (is_kind(a, b, VALUE_INTERVAL, VALUE_UNION) && b->n == 1)
        return value_compare(a, b->items[0]);
    if (b->kind == VALUE_OTHER) /* the last kind */
        return relation_of(EQUAL_UNKNOWN, "beyond what can be decided");
    return different;
}

static struct equal_result compare_values(const struct value *a, const struct value *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? compare_kinds(a, b) : compare_kinds(b, a);
    switch (a->kind) {
    case VALUE_SCALAR:
        return value_compare_scalars(a, b);
    case VALUE_LIST:
        return compare_lists(a, b);
    case VALUE_SET:
        return compare_unordered(a, b, "same set");
    case VALUE_UNION:
        return compare_unordered(a, b, "same union");
    case VALUE_TUPLE:
        return compare_ordered(a, b, "same tuple");
    case VALUE_INTERVAL:
        return compare_intervals(a, b);
    case VALUE_MATRIX:
        return a->columns == b->columns ? compare_ordered(a, b, "same matrix") : different;
    case VALUE_RATIO:
        return compare_ratios(a, b);
    case VALUE_EQUATION:
        return compare_equations(a, b);
    case VALUE_OTHER:
        return expr_same(a->expr, b->expr)
                   ? relation_of(EQUAL_EXACT, "same expression")
                   : relation_of(EQUAL_UNKNOWN, "beyond what can be decided");
    }
    return different;
}

/* xy: a product of variables, though it may name something */
static bool is_letters(const struct expr *e)
{
    return e->kind == EXPR_VAR ? e->len == 1 && e->name[0] >= 'a' && e->name[0] <= 'z'
                               : e->kind == EXPR_MUL && e->n == 2 && is_letters(e->args[0]) &&
                                     is_letters(e->args[1]);
}

/* y and f(x) */
static bool is_y_of(const struct expr *y, const struct expr *f)
{
    return y->kind == EXPR_VAR && y->len == 1 && y->name[0] == 'y' && f->kind == EXPR_FUNC &&
           f->op == FN_APPLY && f->args[0]->kind == EXPR_VAR && f->args[1]->kind == EXPR_VAR &&
           f->args[1]->len == 1 && f->args[1]->name[0] != 'y';
}

static bool is_inequality(const struct value *v)
{
    return v->sides[0] && v->kind != VALUE_EQUATION;
}

/* m > n and n < m, x + y > 1 and y > 1 - x. True: they are the same; ret is set. */
static bool same_inequality(const struct value *a, const struct value *b, struct equal_result *ret)
{
    bool apart = a->kind == VALUE_OTHER || b->kind == VALUE_OTHER ||
                 (a->name && b->name && !expr_same(a->name, b->name));
    int sign = 0;
    if (!apart || !is_inequality(a) || !is_inequality(b) ||
        poly_compare_equations(a->sides, b->sides, &sign) != POLY_SAME || sign != 1)
        return false;
    *ret = a->strict == b->strict ? relation_of(EQUAL_EXACT, "same inequality")
                                  : relation_of(EQUAL_DIFFERENT, "different ends");
    return true;
}

static struct equal_result compare_named(const struct value *a, const struct value *b)
{
    struct equal_result same;
    if (same_inequality(a, b, &same))
        return same;
    if (a->kind == VALUE_EQUATION || b->kind == VALUE_EQUATION)
        return compare_equations(a, b);
    if (!a->name || !b->name)
        return a->name || b->name ? relation_loosen(compare_values(a, b), "variable's name missing")
                                  : compare_values(a, b);
    if (expr_same(a->name, b->name))
        return compare_values(a, b);
    if (is_y_of(a->name, b->name) || is_y_of(b->name, a->name))
        return relation_loosen(compare_values(a, b), "another name");
    bool functions = a->name->kind == EXPR_FUNC && b->name->kind == EXPR_FUNC;
    if (a->kind == VALUE_SCALAR && b->kind == VALUE_SCALAR && !functions &&
        ((!expr_is_closed(a->expr) && !expr_is_closed(b->expr)) ||
         (a->name->kind == EXPR_MUL && is_letters(a->name)) ||
         (b->name->kind == EXPR_MUL && is_letters(b->name)))) /* also xy = 1 and y = 1/x */
        return compare_equations(a, b);                       /* y = x - 1 and x = y + 1 */
    return relation_of(EQUAL_DIFFERENT, "different variables");
}

struct equal_result value_compare(const struct value *a, const struct value *b)
{
    effort_add(1);
    struct equal_result r = compare_named(a, b);
    return a->mistaken || b->mistaken ? relation_loosen(r, "a calculation that is wrong") : r;
}
