/*
 * Puts the parts of a value together: lists in a list, sums of units, unions of intervals.
 */
#include <string.h>

#include "claims/math/measure.h"
#include "claims/math/poly.h"
#include "claims/math/scalar.h"
#include "claims/math/value_internal.h"

#define SOLUTIONS_MAX 64 /* members of a list that may be solutions of several unknowns */

struct value *value_new(struct pool *pool, enum value_kind kind, size_t n)
{
    struct value *v = ARENA_NEW(&pool->arena, struct value);
    struct value **items = v && n ? ARENA_ARRAY(&pool->arena, struct value *, n) : NULL;
    if (!v || (n && !items))
        return NULL;
    v->kind = kind;
    v->items = items;
    v->n = n;
    return v;
}

void value_set_item(struct value *v, size_t i, struct value *item)
{
    ((struct value **)v->items)[i] = item;
}

const struct expr *value_new_expr(struct pool *pool, enum expr_kind kind, uint8_t op,
                                  const struct expr *arg)
{
    struct expr *e = ARENA_NEW(&pool->arena, struct expr);
    struct expr **args = e && arg ? ARENA_ARRAY(&pool->arena, struct expr *, 1) : NULL;
    if (!e || (arg && !args))
        return NULL;
    e->kind = (uint8_t)kind;
    e->op = op;
    if (arg) {
        args[0] = (struct expr *)arg;
        e->n = 1;
        e->args = args;
    }
    return e;
}

const struct expr *value_new_pair(struct pool *pool, enum expr_kind kind, const struct expr *a,
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

/* One name for all ("x = 1, 2", "x = 1 or x = 2") becomes the list's name; a number behind a named
 * one has its name ("x = 1, 2; y = 3"). */
static void share_name(struct value *v)
{
    const struct expr *name = v->n ? v->items[0]->name : NULL;
    for (size_t i = 1; i < v->n; i++)
        if (!v->items[i]->name && v->items[i]->kind == VALUE_SCALAR &&
            v->items[i - 1]->kind == VALUE_SCALAR)
            v->items[i]->name = v->items[i - 1]->name;
    for (size_t i = 1; name && i < v->n; i++)
        if (v->items[i]->name ? !expr_same(v->items[i]->name, name)
                              : v->items[i]->kind != VALUE_SCALAR)
            name = NULL;
    if (!name)
        return;
    v->name = name;
    for (size_t i = 0; i < v->n; i++)
        v->items[i]->name = NULL;
}

static const struct expr *scaled(struct pool *pool, const struct expr *e, const fmpq_t factor)
{
    struct number *number = pool_number(pool);
    struct expr *leaf = ARENA_NEW(&pool->arena, struct expr);
    if (!number || !leaf)
        return NULL;
    fmpq_set(number->value, factor);
    *leaf = (struct expr){.kind = EXPR_NUMBER, .number = number};
    return value_new_pair(pool, EXPR_MUL, leaf, e);
}

/* "3 feet 4 inches", "1 hour and 30 minutes": units of one kind that become smaller add up to a
 * value in the last of them. NULL: it is something else. */
struct value *value_compound(struct pool *pool, const struct value *v)
{
    struct measure last, next;
    const struct expr *sum = NULL;
    bool fine = v->n >= 2 && v->n <= 4;
    measure_init(&last);
    for (size_t i = 0; fine && i < v->n; i++) {
        const struct value *item = v->items[i];
        fine = item->kind == VALUE_SCALAR && item->unit && !item->name && !item->percent;
        if (!fine)
            break;
        measure_init(&next);
        measure_read(&next, item->unit, item->unit_len, item->currency);
        fine = next.known;
        if (fine && i) {
            fmpq_div(last.factor, last.factor, next.factor);
            fine = memcmp(last.powers, next.powers, sizeof last.powers) == 0 &&
                   fmpq_cmp_si(last.factor, 1) > 0 &&
                   (sum = scaled(pool, sum, last.factor)) != NULL;
        }
        sum = fine && i ? value_new_pair(pool, EXPR_ADD, sum, item->expr) : item->expr;
        measure_fini(&last);
        last = next;
    }
    measure_fini(&last);
    struct value *one = fine && sum ? value_new(pool, VALUE_SCALAR, 0) : NULL;
    if (one) {
        one->expr = sum;
        one->unit = v->items[v->n - 1]->unit;
        one->unit_len = v->items[v->n - 1]->unit_len;
    }
    return one;
}

static bool is_infinity(const struct value *v, bool *ret_negative)
{
    const struct expr *e = v->expr;
    *ret_negative = e && e->kind == EXPR_NEG;
    if (*ret_negative)
        e = e->args[0];
    return v->kind == VALUE_SCALAR && e->kind == EXPR_CONST && e->op == CONST_INFINITY;
}

/* -1, 0, 1; 2 when it is not known. */
int value_ends_order(const struct value *a, const struct value *b)
{
    bool below_a, below_b, infinite_a = is_infinity(a, &below_a);
    bool infinite_b = is_infinity(b, &below_b);
    if (a->kind != VALUE_SCALAR || b->kind != VALUE_SCALAR || a->unit || b->unit)
        return 2;
    if (infinite_a && infinite_b)
        return below_b - below_a;
    if (infinite_a || infinite_b)
        return infinite_a == (infinite_a ? below_a : below_b) ? -1 : 1;
    return scalar_order(a->expr, b->expr);
}

/* Adds what of next lies above into last when they touch; *ret_order is 2 when that is not known.
 */
static bool absorb(struct value_part *last, const struct value_part *next, int *ret_order)
{
    int gap = value_ends_order(next->low, last->high),
        ends = value_ends_order(next->high, last->high);
    *ret_order = gap == 2 || ends == 2 ? 2 : 0;
    if (*ret_order == 2 || gap > 0 || (gap == 0 && !(last->closed & 2) && !(next->closed & 1)))
        return false;
    if (value_ends_order(next->low, last->low) == 0)
        last->closed |= next->closed & 1;
    if (ends == 0)
        last->closed |= next->closed & 2;
    if (ends > 0) {
        last->high = next->high;
        last->closed = (uint8_t)((last->closed & 1) | (next->closed & 2));
    }
    return true;
}

/* Sorted by where they begin. False: the order is not known. */
static bool sort_parts(struct value_part *parts, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j > 0; j--) {
            int order = value_ends_order(parts[j].low, parts[j - 1].low);
            if (order == 2)
                return false;
            if (order >= 0)
                break;
            struct value_part swap = parts[j];
            parts[j] = parts[j - 1];
            parts[j - 1] = swap;
        }
    return true;
}

struct value *value_from_parts(struct pool *pool, const struct value_part *parts, size_t n)
{
    struct value *v = value_new(pool, VALUE_UNION, n);
    for (size_t i = 0; v && i < n; i++) {
        struct value *item = parts[i].low;
        if (item != parts[i].high) {
            item = value_new(pool, VALUE_INTERVAL, 2);
            if (!item)
                return NULL;
            item->closed = parts[i].closed;
            value_set_item(item, 0, parts[i].low);
            value_set_item(item, 1, parts[i].high);
        }
        value_set_item(v, i, item);
    }
    return v;
}

/* A union with its parts in order and those that touch joined; as it is when their order is not
 * known. One part alone is that part, points alone are a set. */
struct value *value_normal_union(struct pool *pool, struct value *v)
{
    struct value_part parts[VALUE_PARTS_MAX];
    size_t n = 0, points = 0;
    if (v->n > VALUE_PARTS_MAX)
        return v;
    for (size_t i = 0; i < v->n; i++) {
        struct value *item = v->items[i];
        bool point = item->kind == VALUE_SCALAR;
        if (!point && item->kind != VALUE_INTERVAL)
            return v;
        parts[i] = (struct value_part){point ? item : item->items[0], point ? item : item->items[1],
                                       point ? 3 : item->closed};
    }
    if (!sort_parts(parts, v->n))
        return v;
    for (size_t i = 0; i < v->n; i++) {
        int order = 0;
        if (i == 0 || !absorb(&parts[n - 1], &parts[i], &order))
            parts[n++] = parts[i];
        if (order == 2)
            return v;
    }
    for (size_t i = 0; i < n; i++)
        points += parts[i].low == parts[i].high;
    struct value *normal = value_from_parts(pool, parts, n);
    if (normal && points == n)
        normal->kind = VALUE_SET;
    if (normal && n == 1 && points == 0)
        normal = normal->items[0];
    if (normal)
        normal->name = v->name;
    return normal;
}

/* The intervals and points of v; their number, or 0 when it is no set of numbers or too large. */
static size_t read_parts(const struct value *v, struct value_part parts[VALUE_PARTS_MAX])
{
    bool whole = v->kind == VALUE_INTERVAL;
    size_t n = whole ? 1 : v->kind == VALUE_UNION ? v->n : 0;
    if (n > VALUE_PARTS_MAX)
        return 0;
    for (size_t i = 0; i < n; i++) {
        struct value *item = whole ? NULL : v->items[i];
        bool point = item && item->kind == VALUE_SCALAR;
        const struct value *from = whole ? v : item;
        if (!point && from->kind != VALUE_INTERVAL)
            return 0;
        parts[i] = point ? (struct value_part){item, item, 3}
                         : (struct value_part){from->items[0], from->items[1], from->closed};
    }
    return n;
}

/* The common part of a and b: 1, 0 when there is none, 2 when it is not known. */
static int overlap(const struct value_part *a, const struct value_part *b, struct value_part *ret)
{
    int low = value_ends_order(a->low, b->low), high = value_ends_order(a->high, b->high);
    if (low == 2 || high == 2)
        return 2;
    uint8_t left = low > 0 ? a->closed & 1 : low < 0 ? b->closed & 1 : a->closed & b->closed & 1;
    uint8_t right = high < 0 ? a->closed & 2 : high > 0 ? b->closed & 2 : a->closed & b->closed & 2;
    *ret = (struct value_part){low > 0 ? a->low : b->low, high < 0 ? a->high : b->high,
                               (uint8_t)(left | right)};
    int order = value_ends_order(ret->low, ret->high);
    if (order == 2)
        return 2;
    if (order == 0 && ret->closed == 3)
        ret->high = ret->low;
    return order < 0 || (order == 0 && ret->closed == 3);
}

struct value *value_intersection(struct pool *pool, const struct value *a, const struct value *b)
{
    struct value_part x[VALUE_PARTS_MAX], y[VALUE_PARTS_MAX], both[VALUE_PARTS_MAX];
    size_t n_x = read_parts(a, x), n_y = read_parts(b, y), n = 0;
    if (n_x == 0 || n_y == 0 || n_x * n_y > VALUE_PARTS_MAX)
        return NULL;
    for (size_t i = 0; i < n_x; i++)
        for (size_t j = 0; j < n_y; j++) {
            int common = overlap(&x[i], &y[j], &both[n]);
            if (common == 2)
                return NULL;
            n += common == 1;
        }
    struct value *v = value_from_parts(pool, both, n);
    return v ? value_normal_union(pool, v) : NULL;
}

/* What all conditions leave; NULL: not known. */
static struct value *meet(struct pool *pool, const struct value *v)
{
    struct value *both = v->items[0];
    for (size_t i = 1; both && i < v->n; i++)
        both = both->kind == VALUE_SET && both->n == 0
                   ? both
                   : value_intersection(pool, both, v->items[i]);
    return both;
}

/* "x > 2 and x < 5" and "x > 2, x < 5" are one interval; "x < 1 or x > 3" are a union, and so are
 * "x < 1, x > 3", which cannot hold together. */
static struct value *join_ranges(struct pool *pool, struct value *v, enum expr_list word)
{
    bool intervals = true;
    size_t points = 0; /* "x > 1 or x = 0" */
    if (word == EXPR_LIST_MIXED)
        return NULL;
    for (size_t i = 0; i < v->n; i++) {
        bool point = v->items[i]->kind == VALUE_SCALAR && word == EXPR_LIST_OR;
        if (!point && v->items[i]->kind != VALUE_INTERVAL && v->items[i]->kind != VALUE_UNION)
            return NULL;
        points += point;
        intervals = intervals && v->items[i]->kind != VALUE_UNION;
    }
    if (points == v->n)
        return NULL;
    struct value *both = word == EXPR_LIST_OR ? NULL : meet(pool, v);
    bool wide = both && (both->kind == VALUE_INTERVAL || both->kind == VALUE_UNION);
    if (both && (wide || word == EXPR_LIST_AND)) {
        both->name = v->name;
        return both;
    }
    if (!intervals || (word != EXPR_LIST_OR && !both))
        return NULL;
    v->kind = VALUE_UNION;
    return value_normal_union(pool, v);
}

/* Different names of v's items; 0 when one has none or is no number. */
static size_t count_names(const struct value *v)
{
    size_t n = 0;
    for (size_t i = 0; i < v->n; i++) {
        if (v->items[i]->kind != VALUE_SCALAR || !v->items[i]->name)
            return 0;
        bool seen = false;
        for (size_t k = 0; k < i && !seen; k++)
            seen = expr_same(v->items[k]->name, v->items[i]->name);
        n += !seen;
    }
    return n;
}

/* "x = 1, y = 2; x = 2, y = 1" as two solutions; NULL: it is no such. */
static struct value *group_solutions(struct pool *pool, const struct value *v)
{
    size_t names = v->n >= 4 && v->n <= SOLUTIONS_MAX ? count_names(v) : 0;
    if (names < 2 || names == v->n || v->n % names)
        return NULL;
    struct value *all = value_new(pool, VALUE_LIST, v->n / names);
    for (size_t i = 0; all && i < all->n; i++) {
        struct value *one = value_new(pool, VALUE_LIST, names);
        for (size_t k = 0; one && k < names; k++)
            value_set_item(one, k, v->items[i * names + k]);
        if (!one || count_names(one) < names)
            return NULL;
        value_set_item(all, i, one);
    }
    return all;
}

/* Conditions hold together, or one of them does; "x = 1 or x = 2" are solutions, whatever the word.
 */
static bool are_conditions(const struct value *v)
{
    for (size_t i = 0; i < v->n; i++) {
        const struct value *item = v->items[i];
        bool nested = item->kind == VALUE_LIST && (item->joined == EXPR_LIST_OR ||
                                                   (are_conditions(item) && !count_names(item)));
        if (nested || item->sides[0] || item->name || (v->name && item->kind != VALUE_SCALAR))
            return true;
    }
    return false;
}

struct value *value_join_solutions(struct pool *pool, struct value *v, enum expr_list word)
{
    share_name(v);
    struct value *ranges = v->name && v->n > 1 ? join_ranges(pool, v, word) : NULL;
    if (ranges)
        return ranges;
    bool together = word == EXPR_LIST_COMMA || word == EXPR_LIST_AND;
    struct value *solutions = together ? group_solutions(pool, v) : NULL;
    if (solutions)
        return solutions;
    if (are_conditions(v))
        v->joined = (uint8_t)word;
    if (word == EXPR_LIST_OR && v->n == 2 && v->items[0]->kind == VALUE_SCALAR &&
        v->items[1]->kind == VALUE_SCALAR && !v->items[0]->name && !v->items[1]->name) {
        enum equal_verdict same = value_compare(v->items[0], v->items[1]).verdict;
        struct value *one = v->items[v->items[0]->is_literal];
        if (same == EQUAL_EXACT || same == EQUAL_COMPATIBLE) {
            one->name = v->name;
            return one;
        }
    }
    return v;
}
