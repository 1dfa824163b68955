/*
 * Takes names, units and signs off a tree, and brings inequalities, lists of solutions and unions
 * to intervals, so that comparing needs to know few kinds.
 */
#include "claims/value.h"

#include <string.h>

#include "claims/measure.h"
#include "claims/poly.h"
#include "claims/scalar.h"

#define PARTS_MAX 8 /* intervals and points that are put in order */
#define SET_MAX 32  /* members of a set in which repetitions are looked for */

static struct value *make(struct pool *pool, const struct expr *e, int depth);
static struct value *join_solutions(struct pool *pool, struct value *v, bool either);

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

static const struct expr *new_pair(struct pool *pool, enum expr_kind kind, const struct expr *a,
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

/* AB, ABC, \angle A, m\angle A: points' names in a row. */
static bool is_figure(const struct expr *e)
{
    if (e->kind == EXPR_VAR)
        return (e->name[0] >= 'A' && e->name[0] <= 'Z') || e->len > 3;
    return e->kind == EXPR_MUL && e->op == 1 && is_figure(e->args[1]) &&
           (is_figure(e->args[0]) ||
            (e->args[0]->kind == EXPR_VAR && e->args[0]->len == 1 && e->args[0]->name[0] == 'm'));
}

/* dy/dx */
static bool is_derivative(const struct expr *e)
{
    for (int i = 0; e->kind == EXPR_DIV && i < 2; i++) {
        const struct expr *part = e->args[i];
        if (part->kind != EXPR_MUL || part->op != 1 || part->args[0]->kind != EXPR_VAR ||
            part->args[0]->len != 1 || part->args[0]->name[0] != 'd' ||
            part->args[1]->kind != EXPR_VAR)
            return false;
    }
    return e->kind == EXPR_DIV;
}

/* x, x_1, f(x), f^{-1}(x), P(A), P(X > 2), |AB|: what may stand as a name before an equals sign. */
static bool is_name(const struct expr *e)
{
    if (e->kind == EXPR_VAR || is_figure(e) || is_derivative(e))
        return true;
    if (e->kind == EXPR_FUNC && e->op == FN_ABS)
        return e->args[0]->kind != EXPR_VAR && is_figure(e->args[0]);
    if (e->kind != EXPR_MUL || e->op != 1 || e->n != 2)
        return false;
    const struct expr *head = e->args[0], *arg = e->args[1];
    if (head->kind == EXPR_POW && head->args[0]->kind == EXPR_VAR &&
        head->args[1]->kind == EXPR_NEG)
        return arg->kind == EXPR_VAR;
    return head->kind == EXPR_VAR && (arg->kind == EXPR_VAR || arg->kind == EXPR_NUMBER ||
                                      !expr_is_scalar(arg) || is_name(arg));
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

/* The last member of a chain that is not the rounding of the one before: "11/36 ~ 0.306". A whole
 * number after the sign is meant. */
static size_t exact_member(const struct expr *e, size_t first)
{
    size_t last = e->n - 1u;
    const struct expr *end = e->args[last];
    if (end->kind == EXPR_NUMBER && end->number->point && end->number->significant >= 3)
        while (last > first && e->name[last - 1] == '~')
            last--;
    return last;
}

static struct value *equation(struct pool *pool, const struct expr *e, int depth)
{
    bool closed = true;
    for (size_t i = 0; i < e->n; i++)
        closed = closed && expr_is_closed(e->args[i]);
    const struct expr *left = e->args[0], *right = e->args[exact_member(e, closed ? 0 : 1)];
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

static struct value *two_parts(struct pool *pool, const struct expr *low_end, uint8_t low_closed,
                               const struct expr *high_end, uint8_t high_closed)
{
    struct value *v = new_value(pool, VALUE_UNION, 2);
    struct value *low = v ? interval(pool, infinity(pool, true), low_end, low_closed) : NULL;
    struct value *high = low ? interval(pool, high_end, infinity(pool, false), high_closed) : NULL;
    if (!high)
        return NULL;
    set_item(v, 0, low);
    set_item(v, 1, high);
    return v;
}

/* |x| < a, |x| >= a */
static struct value *around_zero(struct pool *pool, const struct expr *e)
{
    char sign = e->name[0];
    const struct expr *bound = e->args[1], *below = new_expr(pool, EXPR_NEG, 0, bound);
    uint8_t closed = sign == 'l' || sign == 'g' ? 3 : 0;
    struct value *v = !below ? NULL
                      : sign == '<' || sign == 'l'
                          ? interval(pool, below, bound, closed)
                          : two_parts(pool, below, closed & 2, bound, closed & 1);
    if (v)
        v->name = e->args[0]->args[0];
    return v;
}

/* x < a, a <= x, x != a as intervals of x. */
static struct value *inequality(struct pool *pool, const struct expr *e)
{
    char sign = e->name[0];
    const struct expr *var = e->args[0], *bound = e->args[1];
    if (sign != 'n' && var->kind == EXPR_FUNC && var->op == FN_ABS &&
        var->args[0]->kind == EXPR_VAR && expr_is_scalar(bound) && expr_is_closed(bound))
        return around_zero(pool, e);
    bool swapped = !is_name(var) && is_name(bound);
    if (swapped) {
        var = e->args[1];
        bound = e->args[0];
    }
    if (!names(var, bound) || !expr_is_scalar(bound))
        return other(pool, e);
    struct value *v;
    if (sign == 'n') {
        v = two_parts(pool, bound, 0, bound, 0);
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

/* "x <= -2 \cup x >= 2" was read as a chain around the union of -2 and x. */
static struct value *split_chain(struct pool *pool, const struct expr *e)
{
    struct value *v = new_value(pool, VALUE_LIST, 2);
    for (size_t i = 0; v && i < 2; i++) {
        struct expr *half = ARENA_NEW(&pool->arena, struct expr);
        const struct expr **args = ARENA_ARRAY(&pool->arena, const struct expr *, 2);
        if (!half || !args)
            return NULL;
        args[0] = i ? e->args[1]->args[1] : e->args[0];
        args[1] = i ? e->args[2] : e->args[1]->args[0];
        *half = (struct expr){.kind = EXPR_RELATION,
                              .n = 2,
                              .len = 1,
                              .name = e->name + i,
                              .args = (struct expr *const *)args};
        struct value *item = inequality(pool, half);
        if (!item)
            return NULL;
        set_item(v, i, item);
    }
    return v ? join_solutions(pool, v, true) : NULL;
}

static struct value *relation(struct pool *pool, const struct expr *e, int depth)
{
    if (e->n == 3 && e->args[1]->kind == EXPR_UNION && !strpbrk(e->name, "=~en"))
        return split_chain(pool, e);

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

/* "x = 1 +- 2, 7": lists in a list are one list. */
static struct value *flatten_signs(struct pool *pool, struct value *v, const struct expr *e)
{
    size_t n = 0, at = 0;
    for (size_t i = 0; i < v->n; i++)
        n += v->items[i]->kind == VALUE_LIST && has_pm(e->args[i]) ? v->items[i]->n : 1;
    if (n == v->n)
        return v;
    struct value *flat = new_value(pool, v->kind, n);
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
    return flat;
}

static const struct expr *scaled(struct pool *pool, const struct expr *e, const fmpq_t factor)
{
    struct number *number = pool_number(pool);
    struct expr *leaf = ARENA_NEW(&pool->arena, struct expr);
    if (!number || !leaf)
        return NULL;
    fmpq_set(number->value, factor);
    *leaf = (struct expr){.kind = EXPR_NUMBER, .number = number};
    return new_pair(pool, EXPR_MUL, leaf, e);
}

/* "3 feet 4 inches", "1 hour and 30 minutes": units of one kind that become smaller add up to a
 * value in the last of them. NULL: it is something else. */
static struct value *compound(struct pool *pool, const struct value *v)
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
        sum = fine && i ? new_pair(pool, EXPR_ADD, sum, item->expr) : item->expr;
        measure_fini(&last);
        last = next;
    }
    measure_fini(&last);
    struct value *one = fine && sum ? new_value(pool, VALUE_SCALAR, 0) : NULL;
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
static int ends_order(const struct value *a, const struct value *b)
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

struct part {
    struct value *low, *high;
    uint8_t closed;
};

/* Adds what of next lies above into last when they touch; *ret_order is 2 when that is not known.
 */
static bool absorb(struct part *last, const struct part *next, int *ret_order)
{
    int gap = ends_order(next->low, last->high), ends = ends_order(next->high, last->high);
    *ret_order = gap == 2 || ends == 2 ? 2 : 0;
    if (*ret_order == 2 || gap > 0 || (gap == 0 && !(last->closed & 2) && !(next->closed & 1)))
        return false;
    if (ends_order(next->low, last->low) == 0)
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
static bool sort_parts(struct part *parts, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j > 0; j--) {
            int order = ends_order(parts[j].low, parts[j - 1].low);
            if (order == 2)
                return false;
            if (order >= 0)
                break;
            struct part swap = parts[j];
            parts[j] = parts[j - 1];
            parts[j - 1] = swap;
        }
    return true;
}

/* A union with its parts in order and those that touch joined; as it is when their order is not
 * known. One part alone is that part, points alone are a set. */
static struct value *normal_union(struct pool *pool, struct value *v)
{
    struct part parts[PARTS_MAX];
    size_t n = 0, points = 0;
    if (v->n > PARTS_MAX)
        return v;
    for (size_t i = 0; i < v->n; i++) {
        struct value *item = v->items[i];
        bool point = item->kind == VALUE_SCALAR;
        if (!point && item->kind != VALUE_INTERVAL)
            return v;
        parts[i] = (struct part){point ? item : item->items[0], point ? item : item->items[1],
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
    struct value *normal = new_value(pool, points == n ? VALUE_SET : VALUE_UNION, n);
    for (size_t i = 0; normal && i < n; i++) {
        struct value *item = parts[i].low;
        if (item != parts[i].high) {
            item = new_value(pool, VALUE_INTERVAL, 2);
            if (!item)
                return NULL;
            item->closed = parts[i].closed;
            set_item(item, 0, parts[i].low);
            set_item(item, 1, parts[i].high);
        }
        set_item(normal, i, item);
    }
    if (normal && n == 1 && points == 0)
        normal = normal->items[0];
    if (normal)
        normal->name = v->name;
    return normal;
}

/* "x > 2 and x < 5" is one interval; "x < 1 or x > 3" and "x < 1, x > 3" are a union. */
static struct value *meet(struct pool *pool, const struct value *v)
{
    bool negative, below = is_infinity(v->items[0]->items[0], &negative);
    const struct value *low = v->items[below], *high = v->items[!below];
    if (v->n != 2 || !is_infinity(low->items[1], &negative) ||
        !is_infinity(high->items[0], &negative) || ends_order(low->items[0], high->items[1]) != -1)
        return NULL;
    struct value *both = new_value(pool, VALUE_INTERVAL, 2);
    if (both) {
        both->closed = (uint8_t)((low->closed & 1) | (high->closed & 2));
        both->name = v->name;
        set_item(both, 0, low->items[0]);
        set_item(both, 1, high->items[1]);
    }
    return both;
}

/* What a list of solutions is: a union of intervals, one value in two forms ("3/4 or 0.75"), or a
 * list. */
static struct value *join_solutions(struct pool *pool, struct value *v, bool either)
{
    share_name(v);
    bool intervals = v->name && v->n > 1;
    for (size_t i = 0; i < v->n; i++)
        intervals = intervals && v->items[i]->kind == VALUE_INTERVAL;
    if (intervals) {
        struct value *both = either ? NULL : meet(pool, v);
        v->kind = VALUE_UNION;
        return both ? both : normal_union(pool, v);
    }
    if (either && v->n == 2 && v->items[0]->kind == VALUE_SCALAR &&
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

static struct value *list(struct pool *pool, const struct expr *e, int depth)
{
    struct value *v = items_of(pool, VALUE_LIST, e, depth);
    if (!v)
        return NULL;
    v = flatten_signs(pool, v, e);
    if (!v)
        return NULL;
    struct value *one = compound(pool, v);
    return one ? one : join_solutions(pool, v, e->op);
}
static struct value *set(struct pool *pool, const struct expr *e, int depth)
{
    struct value *v = items_of(pool, VALUE_SET, e, depth);
    v = v ? flatten_signs(pool, v, e) : NULL;
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
    return add_parts(pool, e, v, &at) ? normal_union(pool, v) : other(pool, e);
}

/* The reals without some points. */
static struct value *difference(struct pool *pool, const struct expr *e)
{
    const struct expr *all = e->args[0], *holes = e->args[1];
    if (all->kind != EXPR_CONST || all->op != CONST_REALS || holes->kind != EXPR_SET ||
        holes->n >= PARTS_MAX)
        return other(pool, e);
    struct value *points = set(pool, holes, 1);
    struct value *v = points ? new_value(pool, VALUE_UNION, points->n + 1) : NULL;
    struct part parts[PARTS_MAX];
    if (!v)
        return NULL;
    for (size_t i = 0; i < points->n; i++)
        parts[i] = (struct part){points->items[i], points->items[i], 3};
    if (!sort_parts(parts, points->n))
        return other(pool, e);
    for (size_t i = 0; i <= points->n; i++) {
        struct value *gap = interval(pool, infinity(pool, true), infinity(pool, false), 0);
        if (!gap)
            return NULL;
        if (i > 0)
            set_item(gap, 0, parts[i - 1].low);
        if (i < points->n)
            set_item(gap, 1, parts[i].low);
        set_item(v, i, gap);
    }
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
        if (e->op == CONST_REALS)
            return interval(pool, infinity(pool, true), infinity(pool, false), 0);
        return scalar(pool, e, depth);
    case EXPR_MUL: /* A(3, 4): a point with its name */
        if (e->op == 1 && e->args[0]->kind == EXPR_VAR && is_figure(e->args[0]) &&
            e->args[1]->kind == EXPR_TUPLE)
            return named(pool, e->args[0], e->args[1], depth);
        return scalar(pool, e, depth);
    default:
        return expr_is_scalar(e) ? scalar(pool, e, depth) : other(pool, e);
    }
}

struct value *value_make(struct pool *pool, const struct expr *e)
{
    return make(pool, e, 0);
}
