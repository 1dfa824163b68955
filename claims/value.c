/*
 * Takes names, units and signs off a tree, and brings inequalities, lists of solutions and unions
 * to intervals, so that comparing needs to know few kinds.
 */
#include "claims/value.h"

#include <string.h>

#include "claims/poly.h"
#include "claims/scalar.h"

#define SET_MAX 32 /* members of a set in which repetitions are looked for */

static struct value *make(struct pool *pool, const struct expr *e, int depth);

static struct value *new_value(struct pool *pool, enum value_kind kind, size_t n)
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

static void set_item(struct value *v, size_t i, struct value *item)
{
    ((struct value **)v->items)[i] = item;
}

static const struct expr *new_expr(struct pool *pool, enum expr_kind kind, uint8_t op,
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

static const struct expr *infinity(struct pool *pool, bool negative)
{
    const struct expr *e = new_expr(pool, EXPR_CONST, CONST_INFINITY, NULL);
    return e && negative ? new_expr(pool, EXPR_NEG, 0, e) : e;
}

static struct value *interval(struct pool *pool, const struct expr *low, const struct expr *high,
                              uint8_t closed)
{
    struct value *v = new_value(pool, VALUE_INTERVAL, 2);
    struct value *a = v && low ? make(pool, low, 0) : NULL,
                 *b = a && high ? make(pool, high, 0) : NULL;
    if (!b)
        return NULL;
    v->closed = closed;
    set_item(v, 0, a);
    set_item(v, 1, b);
    return v;
}

static bool occurs(const struct expr *var, const struct expr *e)
{
    if (expr_same(var, e))
        return true;
    for (size_t i = 0; i < e->n; i++)
        if (occurs(var, e->args[i]))
            return true;
    return false;
}

/* x, x_1, f(x), P(A): what may stand as a name before an equals sign. */
static bool is_name(const struct expr *e)
{
    if (e->kind == EXPR_VAR)
        return true;
    if (e->kind == EXPR_MUL && e->op == 1 && e->n == 2 && e->args[0]->kind == EXPR_VAR)
        return e->args[1]->kind == EXPR_VAR || e->args[1]->kind == EXPR_NUMBER ||
               is_name(e->args[1]);
    return false;
}

static bool names(const struct expr *left, const struct expr *right)
{
    const struct expr *head = left->kind == EXPR_MUL ? left->args[0] : left;
    return is_name(left) && !occurs(head, right);
}

static struct value *other(struct pool *pool, const struct expr *e)
{
    struct value *v = new_value(pool, VALUE_OTHER, 0);
    if (v)
        v->expr = e;
    return v;
}

static struct value *named(struct pool *pool, const struct expr *name, const struct expr *e,
                           int depth)
{
    struct value *v = make(pool, e, depth + 1);
    if (v && !v->name)
        v->name = name;
    return v;
}

/* (p, q) = (3, 2) is p = 3 and q = 2 */
static struct value *tuple_assignment(struct pool *pool, const struct expr *left,
                                      const struct expr *right, int depth)
{
    struct value *v = new_value(pool, VALUE_LIST, left->n);
    for (size_t i = 0; v && i < left->n; i++) {
        struct value *item = named(pool, left->args[i], right->args[i], depth);
        if (!item)
            return NULL;
        set_item(v, i, item);
    }
    return v;
}

static bool all_names(const struct expr *e)
{
    for (size_t i = 0; i < e->n; i++)
        if (e->args[i]->kind != EXPR_VAR)
            return false;
    return e->n > 0;
}

static struct value *equation(struct pool *pool, const struct expr *e, int depth)
{
    const struct expr *left = e->args[0], *right = e->args[e->n - 1];
    bool closed = true;
    for (size_t i = 0; i < e->n; i++)
        closed = closed && expr_is_closed(e->args[i]);
    if (names(left, right))
        return named(pool, left, right, depth);
    if (e->n == 2 && names(right, left))
        return named(pool, right, left, depth);
    if (closed || e->n > 2) /* a calculation: its end counts */
        return closed || expr_is_closed(right) ? make(pool, right, depth + 1) : other(pool, e);
    bool tuples = left->kind == EXPR_TUPLE && right->kind == EXPR_TUPLE && left->n == right->n;
    if (tuples && all_names(left))
        return tuple_assignment(pool, left, right, depth);
    if (!expr_is_scalar(left) || !expr_is_scalar(right))
        return other(pool, e);
    struct value *v = new_value(pool, VALUE_EQUATION, 0);
    if (v) {
        v->sides[0] = left;
        v->sides[1] = right;
    }
    return v;
}

/* x < a, a <= x, x != a as intervals of x. */
static struct value *inequality(struct pool *pool, const struct expr *e)
{
    char sign = e->name[0];
    const struct expr *var = e->args[0], *bound = e->args[1];
    bool swapped = !is_name(var) && is_name(bound);
    if (swapped) {
        var = e->args[1];
        bound = e->args[0];
    }
    if (!names(var, bound) || !expr_is_scalar(bound))
        return other(pool, e);
    struct value *v;
    if (sign == 'n') {
        v = new_value(pool, VALUE_UNION, 2);
        struct value *low = v ? interval(pool, infinity(pool, true), bound, 0) : NULL;
        struct value *high = low ? interval(pool, bound, infinity(pool, false), 0) : NULL;
        if (!high)
            return NULL;
        set_item(v, 0, low);
        set_item(v, 1, high);
    } else {
        bool less = (sign == '<' || sign == 'l') != swapped, closed = sign == 'l' || sign == 'g';
        v = less ? interval(pool, infinity(pool, true), bound, closed ? 2 : 0)
                 : interval(pool, bound, infinity(pool, false), closed ? 1 : 0);
    }
    if (v)
        v->name = var;
    return v;
}

/* a < x <= b */
static struct value *between(struct pool *pool, const struct expr *e)
{
    bool less = strchr("<l", e->name[0]) && strchr("<l", e->name[1]);
    bool more = strchr(">g", e->name[0]) && strchr(">g", e->name[1]);
    if ((!less && !more) || !is_name(e->args[1]))
        return other(pool, e);
    bool closed[2] = {strchr("lg", e->name[0]) != NULL, strchr("lg", e->name[1]) != NULL};
    struct value *v =
        interval(pool, e->args[less ? 0 : 2], e->args[less ? 2 : 0],
                 (uint8_t)((closed[less ? 0 : 1] ? 1 : 0) | (closed[less ? 1 : 0] ? 2 : 0)));
    if (v)
        v->name = e->args[1];
    return v;
}

static struct value *relation(struct pool *pool, const struct expr *e, int depth)
{
    bool equalities = true;
    for (size_t i = 0; i < e->len; i++)
        equalities = equalities && (e->name[i] == '=' || e->name[i] == '~');
    if (equalities)
        return equation(pool, e, depth);
    if (e->n == 2 && e->name[0] == 'e')
        return names(e->args[0], e->args[1]) ? named(pool, e->args[0], e->args[1], depth)
                                             : other(pool, e);
    if (e->n == 2)
        return inequality(pool, e);
    if (e->n == 3 && e->name[0] != 'n' && e->name[1] != 'n' && !strchr("=~e", e->name[0]) &&
        !strchr("=~e", e->name[1]))
        return between(pool, e);
    return other(pool, e);
}

/* A copy of e in which every +- takes its upper (or lower) sign. */
static const struct expr *choose_sign(struct pool *pool, const struct expr *e, bool lower,
                                      bool *found)
{
    if (e->kind == EXPR_PM) {
        *found = true;
        const struct expr *arg = choose_sign(pool, e->args[0], lower, found);
        return !arg || lower == (e->op == 1) ? arg : new_expr(pool, EXPR_NEG, 0, arg);
    }
    bool inner = false;
    struct expr *copy = ARENA_NEW(&pool->arena, struct expr);
    struct expr **args = copy && e->n ? ARENA_ARRAY(&pool->arena, struct expr *, e->n) : NULL;
    if (!copy || (e->n && !args))
        return NULL;
    *copy = *e;
    copy->args = args;
    for (size_t i = 0; i < e->n; i++) {
        args[i] = (struct expr *)choose_sign(pool, e->args[i], lower, &inner);
        if (!args[i])
            return NULL;
    }
    *found |= inner;
    return inner ? copy : e;
}

static bool has_pm(const struct expr *e)
{
    if (e->kind == EXPR_PM)
        return true;
    for (size_t i = 0; i < e->n; i++)
        if (has_pm(e->args[i]))
            return true;
    return false;
}

static struct value *both_signs(struct pool *pool, const struct expr *e, int depth)
{
    bool found = false;
    const struct expr *upper = choose_sign(pool, e, false, &found);
    const struct expr *lower = choose_sign(pool, e, true, &found);
    struct value *v = upper && lower ? new_value(pool, VALUE_LIST, 2) : NULL;
    struct value *a = v ? make(pool, upper, depth + 1) : NULL,
                 *b = a ? make(pool, lower, depth + 1) : NULL;
    if (!b)
        return NULL;
    set_item(v, 0, a);
    set_item(v, 1, b);
    return v;
}

static struct value *scalar(struct pool *pool, const struct expr *e, int depth)
{
    if (has_pm(e))
        return both_signs(pool, e, depth);
    struct value *v = new_value(pool, VALUE_SCALAR, 0);
    if (!v)
        return NULL;
    v->expr = e;
    for (;; e = e->args[0]) {
        if (e->kind == EXPR_PERCENT && !v->degree)
            v->percent++;
        else if (e->kind == EXPR_DEGREE && !v->percent)
            v->degree++;
        else if (e->kind != EXPR_NEG)
            break;
    }
    if (e->kind == EXPR_NUMBER && v->percent + v->degree <= 1) {
        v->is_literal = true;
        v->literal = *e->number; /* shares the digits: for reading only */
    }
    return v;
}

static struct value *items_of(struct pool *pool, enum value_kind kind, const struct expr *e,
                              int depth)
{
    struct value *v = new_value(pool, kind, e->n);
    for (size_t i = 0; v && i < e->n; i++) {
        struct value *item = make(pool, e->args[i], depth + 1);
        if (!item)
            return NULL;
        set_item(v, i, item);
    }
    return v;
}

/* One name for all ("x = 1, 2", "x = 1 or x = 2") becomes the list's name. */
static void share_name(struct value *v)
{
    const struct expr *name = v->n ? v->items[0]->name : NULL;
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

static struct value *list(struct pool *pool, const struct expr *e, int depth)
{
    struct value *v = items_of(pool, VALUE_LIST, e, depth);
    if (!v)
        return NULL;
    /* "x = 1 +- 2, 7": lists in a list are one list */
    size_t n = 0;
    for (size_t i = 0; i < v->n; i++)
        n += v->items[i]->kind == VALUE_LIST && has_pm(e->args[i]) ? v->items[i]->n : 1;
    if (n != v->n) {
        struct value *flat = new_value(pool, VALUE_LIST, n);
        size_t at = 0;
        for (size_t i = 0; flat && i < v->n; i++) {
            struct value *item = v->items[i];
            if (item->kind != VALUE_LIST || !has_pm(e->args[i])) {
                set_item(flat, at++, item);
                continue;
            }
            for (size_t j = 0; j < item->n; j++) {
                item->items[j]->name = item->items[j]->name ? item->items[j]->name : item->name;
                set_item(flat, at++, item->items[j]);
            }
        }
        v = flat;
    }
    if (!v)
        return NULL;
    share_name(v);
    bool intervals = v->name && v->n > 1;
    for (size_t i = 0; i < v->n; i++)
        intervals = intervals && v->items[i]->kind == VALUE_INTERVAL;
    if (intervals)
        v->kind = VALUE_UNION;
    return v;
}

static struct value *set(struct pool *pool, const struct expr *e, int depth)
{
    struct value *v = items_of(pool, VALUE_SET, e, depth);
    if (!v || v->n > SET_MAX)
        return v;
    size_t kept = 0;
    for (size_t i = 0; i < v->n; i++) {
        bool repeated = false;
        for (size_t j = 0; j < kept && !repeated; j++)
            repeated = value_compare(v->items[i], v->items[j]).verdict == EQUAL_EXACT;
        if (!repeated)
            set_item(v, kept++, v->items[i]);
    }
    v->n = kept;
    return v;
}

static size_t count_parts(const struct expr *e)
{
    if (e->kind == EXPR_UNION)
        return count_parts(e->args[0]) + count_parts(e->args[1]);
    return e->kind == EXPR_SET ? e->n : 1;
}

static bool add_parts(struct pool *pool, const struct expr *e, struct value *v, size_t *at)
{
    if (e->kind == EXPR_UNION)
        return add_parts(pool, e->args[0], v, at) && add_parts(pool, e->args[1], v, at);
    if (e->kind == EXPR_SET) {
        for (size_t i = 0; i < e->n; i++) {
            struct value *point = make(pool, e->args[i], 1);
            if (!point)
                return false;
            set_item(v, (*at)++, point);
        }
        return true;
    }
    bool pair = e->kind == EXPR_TUPLE && e->n == 2;
    if (!pair && e->kind != EXPR_INTERVAL)
        return false;
    struct value *part = interval(pool, e->args[0], e->args[1], pair ? 0 : e->op);
    if (part)
        set_item(v, (*at)++, part);
    return part != NULL;
}

static struct value *set_union(struct pool *pool, const struct expr *e)
{
    struct value *v = new_value(pool, VALUE_UNION, count_parts(e));
    size_t at = 0;
    if (!v)
        return NULL;
    return add_parts(pool, e, v, &at) ? v : other(pool, e);
}

/* The reals without one point. */
static struct value *difference(struct pool *pool, const struct expr *e)
{
    const struct expr *all = e->args[0], *hole = e->args[1];
    if (all->kind != EXPR_CONST || all->op != CONST_REALS || hole->kind != EXPR_SET || hole->n != 1)
        return other(pool, e);
    struct value *v = new_value(pool, VALUE_UNION, 2);
    struct value *low = v ? interval(pool, infinity(pool, true), hole->args[0], 0) : NULL;
    struct value *high = low ? interval(pool, hole->args[0], infinity(pool, false), 0) : NULL;
    if (!high)
        return NULL;
    set_item(v, 0, low);
    set_item(v, 1, high);
    return v;
}

static struct value *quantity(struct pool *pool, const struct expr *e, int depth)
{
    struct value *v = make(pool, e->args[0], depth + 1);
    if (v) {
        v->unit = e->len ? e->name : NULL;
        v->unit_len = e->len;
        v->currency = e->op;
    }
    return v;
}

static struct value *builder(struct pool *pool, const struct expr *e, int depth)
{
    struct value *v = make(pool, e->args[1], depth + 1);
    bool fine =
        v && v->name &&
        expr_same(v->name, e->args[0]->kind == EXPR_RELATION ? e->args[0]->args[0] : e->args[0]);
    if (fine)
        v->name = NULL;
    return fine ? v : other(pool, e);
}

static struct value *make(struct pool *pool, const struct expr *e, int depth)
{
    if (depth > EXPR_DEPTH_MAX)
        return NULL;
    switch (e->kind) {
    case EXPR_RELATION:
        return relation(pool, e, depth);
    case EXPR_LIST:
        return list(pool, e, depth);
    case EXPR_SET:
        return set(pool, e, depth);
    case EXPR_TUPLE:
        return items_of(pool, VALUE_TUPLE, e, depth);
    case EXPR_RATIO:
        return items_of(pool, VALUE_RATIO, e, depth);
    case EXPR_INTERVAL:
        return interval(pool, e->args[0], e->args[1], e->op);
    case EXPR_UNION:
        return set_union(pool, e);
    case EXPR_DIFFERENCE:
        return difference(pool, e);
    case EXPR_MATRIX: {
        struct value *v = items_of(pool, VALUE_MATRIX, e, depth);
        if (v)
            v->columns = e->op;
        return v;
    }
    case EXPR_QUANTITY:
        return quantity(pool, e, depth);
    case EXPR_BUILDER:
        return builder(pool, e, depth);
    case EXPR_CONST:
        if (e->op == CONST_EMPTY)
            return new_value(pool, VALUE_SET, 0);
        return scalar(pool, e, depth);
    default:
        return expr_is_scalar(e) ? scalar(pool, e, depth) : other(pool, e);
    }
}

struct value *value_make(struct pool *pool, const struct expr *e)
{
    return make(pool, e, 0);
}
