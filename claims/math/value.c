/*
 * Takes names, units and signs off a tree, and brings inequalities, lists of solutions and unions
 * to intervals, so that comparing needs to know few kinds.
 */
#include "claims/math/value.h"

#include <string.h>

#include "base/plain.h"
#include "claims/math/eval.h"
#include "claims/math/order.h"
#include "claims/math/value_internal.h"

#define SET_MAX 24 /* members of a set in which repetitions are looked for */

static struct value *make(struct pool *pool, const struct expr *e, int depth);

static const struct expr *infinity(struct pool *pool, bool negative)
{
    const struct expr *e = value_new_expr(pool, EXPR_CONST, CONST_INFINITY, NULL);
    return e && negative ? value_new_expr(pool, EXPR_NEG, 0, e) : e;
}

static struct value *interval(struct pool *pool, const struct expr *low, const struct expr *high,
                              uint8_t closed)
{
    struct value *v = value_new(pool, VALUE_INTERVAL, 2);
    struct value *a = v && low ? make(pool, low, 0) : NULL,
                 *b = a && high ? make(pool, high, 0) : NULL;
    if (!b)
        return NULL;
    v->closed = closed;
    value_set_item(v, 0, a);
    value_set_item(v, 1, b);
    return v;
}

static struct value *other(struct pool *pool, const struct expr *e)
{
    struct value *v = value_new(pool, VALUE_OTHER, 0);
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
    struct value *v = value_new(pool, VALUE_LIST, left->n);
    for (size_t i = 0; v && i < left->n; i++) {
        struct value *item = named(pool, left->args[i], right->args[i], depth);
        if (!item)
            return NULL;
        value_set_item(v, i, item);
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

/* A:B = 7:32; B:A = 32:7 is the same. */
static struct value *named_ratio(struct pool *pool, const struct expr *left,
                                 const struct expr *right, int depth)
{
    bool swap = left->n == 2 && left->args[0]->kind == EXPR_VAR &&
                left->args[1]->kind == EXPR_VAR && left->args[0]->len == 1 &&
                left->args[1]->len == 1 && left->args[0]->name[0] > left->args[1]->name[0];
    if (!swap)
        return named(pool, left, right, depth);
    const struct expr *sides[2] = {left, right}, *turned[2];
    for (int i = 0; i < 2; i++) {
        struct expr *e =
            (struct expr *)value_new_pair(pool, EXPR_RATIO, sides[i]->args[1], sides[i]->args[0]);
        if (!e)
            return NULL;
        turned[i] = e;
    }
    return named(pool, turned[0], turned[1], depth);
}

/* The end of a calculation is neither its beginning nor a rounding of it; rational ones only. */
static bool is_mistaken(const struct expr *begin, const struct expr *end)
{
    fmpq_t x, y;
    fmpq_init(x);
    fmpq_init(y);
    bool apart = expr_is_scalar(begin) && expr_is_scalar(end) &&
                 eval_rational(begin, x) == EVAL_OK && eval_rational(end, y) == EVAL_OK &&
                 !fmpq_equal(x, y) && !(end->kind == EXPR_NUMBER && number_rounds(end->number, x));
    fmpq_clear(x);
    fmpq_clear(y);
    return apart;
}

/* What a calculation ends with. */
static struct value *calculated(struct pool *pool, const struct expr *e, const struct expr *end,
                                int depth)
{
    struct value *v = make(pool, end, depth + 1);
    if (v)
        v->mistaken = !memchr(e->name, '~', e->len) && is_mistaken(e->args[0], end);
    return v;
}

static struct value *equation(struct pool *pool, const struct expr *e, int depth)
{
    bool closed = true;
    for (size_t i = 0; i < e->n; i++) {
        closed = closed && expr_is_closed(e->args[i]);
        if (i && i + 1u < e->n && !expr_is_scalar(e->args[i])) /* x = 0 \cup y = 0 */
            return other(pool, e);
    }
    const struct expr *left = e->args[0], *right = e->args[exact_member(e, closed ? 0 : 1)];
    if (left->kind == EXPR_RATIO && right->kind == EXPR_RATIO && left->n == right->n && e->n == 2)
        return named_ratio(pool, left, right, depth);
    if (value_names(left, right))
        return named(pool, left, right, depth);
    if (e->n == 2 && value_names(right, left))
        return named(pool, right, left, depth);
    if (closed) /* a calculation: its end counts */
        return calculated(pool, e, right, depth);
    if (e->n > 2)
        return expr_is_closed(right) ? make(pool, right, depth + 1) : other(pool, e);
    bool tuples = left->kind == EXPR_TUPLE && right->kind == EXPR_TUPLE && left->n == right->n;
    if (tuples && all_names(left))
        return tuple_assignment(pool, left, right, depth);
    if (!expr_is_scalar(left) || !expr_is_scalar(right))
        return other(pool, e);
    struct value *v = value_new(pool, VALUE_EQUATION, 0);
    if (v) {
        v->sides[0] = left;
        v->sides[1] = right;
    }
    return v;
}

static struct value *two_parts(struct pool *pool, const struct expr *low_end, uint8_t low_closed,
                               const struct expr *high_end, uint8_t high_closed)
{
    struct value *v = value_new(pool, VALUE_UNION, 2);
    struct value *low = v ? interval(pool, infinity(pool, true), low_end, low_closed) : NULL;
    struct value *high = low ? interval(pool, high_end, infinity(pool, false), high_closed) : NULL;
    if (!high)
        return NULL;
    value_set_item(v, 0, low);
    value_set_item(v, 1, high);
    return v;
}

/* |x| < a, |x| >= a */
static struct value *around_zero(struct pool *pool, const struct expr *e)
{
    char sign = e->name[0];
    const struct expr *bound = e->args[1], *below = value_new_expr(pool, EXPR_NEG, 0, bound);
    uint8_t closed = sign == 'l' || sign == 'g' ? 3 : 0;
    struct value *v = !below ? NULL
                      : sign == '<' || sign == 'l'
                          ? interval(pool, below, bound, closed)
                          : two_parts(pool, below, closed & 2, bound, closed & 1);
    if (v)
        v->name = e->args[0]->args[0];
    return v;
}

/* The greater side and the smaller one. */
static struct value *with_sides(struct value *v, const struct expr *e)
{
    char sign = e->name[0];
    bool more = sign == '>' || sign == 'g';
    if (v && sign != 'n' && expr_is_scalar(e->args[0]) && expr_is_scalar(e->args[1])) {
        v->sides[0] = e->args[!more];
        v->sides[1] = e->args[more];
        v->strict = sign == '<' || sign == '>';
    }
    return v;
}

static bool is_positive(const struct expr *e)
{
    fmpq_t value;
    fmpq_init(value);
    bool positive = expr_is_scalar(e) && eval_rational(e, value) == EVAL_OK && fmpq_sgn(value) > 0;
    fmpq_clear(value);
    return positive;
}

static struct value *both_halves(struct pool *pool, const struct expr *e, int depth);

static const struct expr *half_of(struct pool *pool, const struct expr *e, size_t i,
                                  const struct expr *left, const struct expr *right)
{
    const struct expr **args = ARENA_ARRAY(&pool->arena, const struct expr *, 2);
    struct expr *half = args ? ARENA_NEW(&pool->arena, struct expr) : NULL;
    if (!half)
        return NULL;
    args[0] = left;
    args[1] = right;
    *half = (struct expr){.kind = EXPR_RELATION,
                          .n = 2,
                          .len = 1,
                          .name = e->name + i,
                          .args = (struct expr *const *)args};
    return half;
}

/* |2x + 1| < 3 is -3 < 2x + 1 < 3. */
static struct value *around(struct pool *pool, const struct expr *e, int depth)
{
    const struct expr *inside = e->args[0]->args[0], *bound = e->args[1];
    const struct expr *below = value_new_expr(pool, EXPR_NEG, 0, bound);
    bool strict = e->name[0] == '<' || e->name[0] == '>';
    const struct expr **args = ARENA_ARRAY(&pool->arena, const struct expr *, 3);
    struct expr *chain = ARENA_NEW(&pool->arena, struct expr);
    if (!below || !args || !chain)
        return NULL;
    if (e->name[0] == '<' || e->name[0] == 'l') {
        args[0] = below;
        args[1] = inside;
        args[2] = bound;
        *chain = (struct expr){.kind = EXPR_RELATION,
                               .n = 3,
                               .len = 2,
                               .name = strict ? "<<" : "ll",
                               .args = (struct expr *const *)args};
        return both_halves(pool, chain, depth + 1);
    }
    *chain = (struct expr){.kind = EXPR_RELATION, .len = 2, .name = strict ? "<>" : "lg"};
    args[0] = half_of(pool, chain, 0, inside, below);
    args[1] = half_of(pool, chain, 1, inside, bound);
    struct expr *either = ARENA_NEW(&pool->arena, struct expr);
    if (!args[0] || !args[1] || !either)
        return NULL;
    *either = (struct expr){
        .kind = EXPR_LIST, .op = EXPR_LIST_OR, .n = 2, .args = (struct expr *const *)args};
    return make(pool, either, depth + 1);
}

/* x < a, a <= x, x != a as intervals of x. */
static struct value *inequality(struct pool *pool, const struct expr *e, int depth)
{
    char sign = e->name[0];
    const struct expr *var = e->args[0], *bound = e->args[1];
    if (sign != 'n' && var->kind == EXPR_FUNC && var->op == FN_ABS &&
        var->args[0]->kind == EXPR_VAR && expr_is_scalar(bound) && expr_is_closed(bound))
        return around_zero(pool, e);
    if (sign != 'n' && var->kind == EXPR_FUNC && var->op == FN_ABS && is_positive(bound))
        return around(pool, e, depth);
    bool swapped = !value_is_name(var) && value_is_name(bound);
    if (swapped) {
        var = e->args[1];
        bound = e->args[0];
    }
    if (!value_names(var, bound) || !expr_is_scalar(bound)) {
        const struct expr *solved = order_solve(pool, e);
        return solved ? make(pool, solved, depth + 1) : with_sides(other(pool, e), e);
    }
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
    return with_sides(v, e);
}

/* -1 < 2x + 1 < 5 */
static struct value *both_halves(struct pool *pool, const struct expr *e, int depth)
{
    struct value *part[2] = {NULL, NULL};
    for (size_t i = 0; i < 2; i++) {
        const struct expr *half = half_of(pool, e, i, e->args[i], e->args[i + 1]);
        part[i] = half ? inequality(pool, half, depth + 1) : NULL;
        if (!part[i])
            return NULL;
    }
    bool named = part[0]->name && part[1]->name && expr_same(part[0]->name, part[1]->name);
    struct value *both = named ? value_intersection(pool, part[0], part[1]) : NULL;
    if (both)
        both->name = part[0]->name;
    return both ? both : other(pool, e);
}

/* a < x <= b */
static struct value *between(struct pool *pool, const struct expr *e, int depth)
{
    bool less = strchr("<l", e->name[0]) && strchr("<l", e->name[1]);
    bool more = strchr(">g", e->name[0]) && strchr(">g", e->name[1]);
    if (!less && !more)
        return other(pool, e);
    if (!value_is_name(e->args[1]))
        return both_halves(pool, e, depth);
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
    struct value *v = value_new(pool, VALUE_LIST, 2);
    for (size_t i = 0; v && i < 2; i++) {
        const struct expr *middle = e->args[1]->args[i];
        const struct expr *half =
            half_of(pool, e, i, i ? middle : e->args[0], i ? e->args[2] : middle);
        if (!half)
            return NULL;
        struct value *item = inequality(pool, half, 0);
        if (!item)
            return NULL;
        value_set_item(v, i, item);
    }
    return v ? value_join_solutions(pool, v, EXPR_LIST_OR) : NULL;
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
        return value_names(e->args[0], e->args[1]) &&
                       (!expr_is_scalar(e->args[1]) || e->args[1]->kind == EXPR_CONST)
                   ? named(pool, e->args[0], e->args[1], depth)
                   : other(pool, e);
    if (e->n == 2)
        return inequality(pool, e, depth);
    if (e->n == 3 && e->name[0] != 'n' && e->name[1] != 'n' && !strchr("=~e", e->name[0]) &&
        !strchr("=~e", e->name[1]))
        return between(pool, e, depth);
    return other(pool, e);
}

/* A copy of e in which every +- takes its upper (or lower) sign. */
static const struct expr *choose_sign(struct pool *pool, const struct expr *e, bool lower,
                                      bool *found)
{
    if (e->kind == EXPR_PM) {
        *found = true;
        const struct expr *arg = choose_sign(pool, e->args[0], lower, found);
        return !arg || lower == (e->op == 1) ? arg : value_new_expr(pool, EXPR_NEG, 0, arg);
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
    struct value *v = upper && lower ? value_new(pool, VALUE_LIST, 2) : NULL;
    struct value *a = v ? make(pool, upper, depth + 1) : NULL,
                 *b = a ? make(pool, lower, depth + 1) : NULL;
    if (!b)
        return NULL;
    value_set_item(v, 0, a);
    value_set_item(v, 1, b);
    return v;
}

static struct value *scalar(struct pool *pool, const struct expr *e, int depth)
{
    if (has_pm(e))
        return both_signs(pool, e, depth);
    struct value *v = value_new(pool, VALUE_SCALAR, 0);
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
    struct value *v = value_new(pool, kind, e->n);
    for (size_t i = 0; v && i < e->n; i++) {
        struct value *item = make(pool, e->args[i], depth + 1);
        if (!item)
            return NULL;
        value_set_item(v, i, item);
    }
    return v;
}

/* "x = 1 +- 2, 7": lists in a list are one list. */
static struct value *flatten_signs(struct pool *pool, struct value *v, const struct expr *e)
{
    size_t n = 0, at = 0;
    for (size_t i = 0; i < v->n; i++)
        n += v->items[i]->kind == VALUE_LIST && has_pm(e->args[i]) ? v->items[i]->n : 1;
    if (n == v->n)
        return v;
    struct value *flat = value_new(pool, v->kind, n);
    for (size_t i = 0; flat && i < v->n; i++) {
        struct value *item = v->items[i];
        if (item->kind != VALUE_LIST || !has_pm(e->args[i])) {
            value_set_item(flat, at++, item);
            continue;
        }
        for (size_t j = 0; j < item->n; j++) {
            item->items[j]->name = item->items[j]->name ? item->items[j]->name : item->name;
            value_set_item(flat, at++, item->items[j]);
        }
    }
    return flat;
}

static struct value *list(struct pool *pool, const struct expr *e, int depth)
{
    struct value *v = items_of(pool, VALUE_LIST, e, depth);
    if (!v)
        return NULL;
    v = flatten_signs(pool, v, e);
    if (!v)
        return NULL;
    struct value *one = value_compound(pool, v);
    return one ? one : value_join_solutions(pool, v, e->op);
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
            value_set_item(v, kept++, v->items[i]);
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
            value_set_item(v, (*at)++, point);
        }
        return true;
    }
    bool pair = e->kind == EXPR_TUPLE && e->n == 2;
    if (!pair && e->kind != EXPR_INTERVAL)
        return false;
    struct value *part = interval(pool, e->args[0], e->args[1], pair ? 0 : e->op);
    if (part)
        value_set_item(v, (*at)++, part);
    return part != NULL;
}

static struct value *set_union(struct pool *pool, const struct expr *e)
{
    struct value *v = value_new(pool, VALUE_UNION, count_parts(e));
    size_t at = 0;
    if (!v)
        return NULL;
    return add_parts(pool, e, v, &at) ? value_normal_union(pool, v) : other(pool, e);
}

/* Takes the point out of the part, which may become two; the number of parts, 0 when the order is
 * not known. */
static size_t punch(struct value_part parts[2], struct value *point)
{
    int left = value_ends_order(parts[0].low, point),
        right = value_ends_order(point, parts[0].high);
    if (left == 2 || right == 2)
        return 0;
    if (left == 0)
        parts[0].closed &= 2;
    if (right == 0)
        parts[0].closed &= 1;
    if (left != -1 || right != -1)
        return 1;
    parts[1] = (struct value_part){point, parts[0].high, parts[0].closed & 2};
    parts[0].high = point;
    parts[0].closed &= 1;
    return 2;
}

/* An interval or a union of them without some points. */
static struct value *difference(struct pool *pool, const struct expr *e, const struct expr *all,
                                const struct expr *holes, int depth)
{
    bool pair = all->kind == EXPR_TUPLE && all->n == 2; /* (0,5) without 2 */
    struct value *from =
        pair ? interval(pool, all->args[0], all->args[1], 0) : make(pool, all, depth + 1);
    if (!from || holes->kind != EXPR_SET)
        return from ? other(pool, e) : NULL;
    struct value_part parts[VALUE_PARTS_MAX + 1];
    bool whole = from->kind == VALUE_INTERVAL;
    size_t n = whole ? 1 : from->n;
    bool fine = (whole || from->kind == VALUE_UNION) && n + holes->n <= VALUE_PARTS_MAX;
    for (size_t i = 0; fine && i < n; i++) {
        const struct value *part = whole ? from : from->items[i];
        fine = part->kind == VALUE_INTERVAL;
        if (fine)
            parts[i] = (struct value_part){part->items[0], part->items[1], part->closed};
    }
    for (size_t k = 0; fine && k < holes->n; k++) {
        struct value *point = make(pool, holes->args[k], depth + 1);
        if (!point)
            return NULL;
        size_t before = n;
        for (size_t i = 0; fine && i < before; i++) {
            struct value_part cut[2] = {parts[i]};
            size_t made = punch(cut, point);
            fine = made > 0;
            parts[i] = cut[0];
            if (made == 2)
                parts[n++] = cut[1];
        }
    }
    if (!fine)
        return other(pool, e);
    struct value *v = value_from_parts(pool, parts, n);
    return v ? value_normal_union(pool, v) : NULL;
}

/* The 4 n m^2 that "4nm^2" may be: a unit without a blank before it, letter by letter. */
static const struct expr *glued_letters(struct pool *pool, const struct expr *number,
                                        const struct expr *e)
{
    size_t len = 0;
    while (len < e->len && plain_is_letter(e->name[len]))
        len++;
    bool power = e->len == len + 2 && e->name[len] == '^' && e->name[len + 1] >= '2' &&
                 e->name[len + 1] <= '9';
    if (len != 2 || (e->len != len && !power) || e->name[-1] < '0' || e->name[-1] > '9')
        return NULL;
    const struct expr *product = number;
    for (size_t i = 0; product && i < len; i++) {
        struct expr *letter = ARENA_NEW(&pool->arena, struct expr);
        struct number *exponent = i + 1 == len && power ? pool_number(pool) : NULL;
        struct expr *leaf = exponent ? ARENA_NEW(&pool->arena, struct expr) : NULL;
        if (!letter)
            return NULL;
        *letter = (struct expr){.kind = EXPR_VAR, .name = e->name + i, .len = 1};
        const struct expr *factor = letter;
        if (leaf) {
            fmpq_set_si(exponent->value, e->name[len + 1] - '0', 1);
            *leaf = (struct expr){.kind = EXPR_NUMBER, .number = exponent};
            factor = value_new_pair(pool, EXPR_POW, letter, leaf);
        }
        product = factor ? value_new_pair(pool, EXPR_MUL, product, factor) : NULL;
    }
    return product;
}

static struct value *quantity(struct pool *pool, const struct expr *e, int depth)
{
    struct value *v = make(pool, e->args[0], depth + 1);
    if (v) {
        v->unit = e->len ? e->name : NULL;
        v->unit_len = e->len;
        v->currency = e->op;
        if (v->kind == VALUE_SCALAR && e->len && !e->op)
            v->product = glued_letters(pool, v->expr, e);
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

/* A number times a matrix. */
static struct value *multiple(struct pool *pool, const struct expr *factor, const struct expr *e,
                              int depth)
{
    struct value *v = value_new(pool, VALUE_MATRIX, e->n);
    for (size_t i = 0; v && i < e->n; i++) {
        const struct expr *entry = value_new_pair(pool, EXPR_MUL, factor, e->args[i]);
        struct value *item = entry ? make(pool, entry, depth + 1) : NULL;
        if (!item)
            return NULL;
        value_set_item(v, i, item);
    }
    if (v)
        v->columns = e->op;
    return v;
}

static struct value *transposed(struct pool *pool, const struct expr *e, int depth)
{
    struct value *v = make(pool, e, depth + 1);
    struct value *t = v ? value_new(pool, VALUE_MATRIX, v->n) : NULL;
    size_t columns = v && v->kind == VALUE_MATRIX && v->columns ? v->columns : 1;
    if (v && v->kind == VALUE_TUPLE)
        columns = v->n; /* a row */
    for (size_t i = 0; t && i < v->n; i++)
        value_set_item(t, i % columns * (v->n / columns) + i / columns, v->items[i]);
    if (t)
        t->columns = (uint8_t)(v->n / columns);
    return t;
}

/* 3 cm : 4 cm */
static struct value *without_shared_unit(struct value *v)
{
    const struct value *first = v ? v->items[0] : NULL;
    for (size_t i = 0; v && i < v->n; i++)
        if (!v->items[i]->unit || !first->unit || v->items[i]->unit_len != first->unit_len ||
            v->items[i]->currency || memcmp(v->items[i]->unit, first->unit, first->unit_len) != 0)
            return v;
    for (size_t i = v ? v->n : 0; i-- > 0;)
        v->items[i]->unit = NULL;
    return v;
}

/* A pair beside a sign of sets is an interval. */
static struct value *as_range(struct pool *pool, const struct expr *e, int depth)
{
    return e->kind == EXPR_TUPLE && e->n == 2 ? interval(pool, e->args[0], e->args[1], 0)
                                              : make(pool, e, depth);
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
        return without_shared_unit(items_of(pool, VALUE_RATIO, e, depth));
    case EXPR_INTERVAL:
        return interval(pool, e->args[0], e->args[1], e->op);
    case EXPR_UNION:
        return set_union(pool, e);
    case EXPR_DIFFERENCE:
        return difference(pool, e, e->args[0], e->args[1], depth);
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
            return value_new(pool, VALUE_SET, 0);
        if (e->op == CONST_REALS)
            return interval(pool, infinity(pool, true), infinity(pool, false), 0);
        return scalar(pool, e, depth);
    case EXPR_ADD: /* R - {1} */
        if (e->n == 2 && e->args[1]->kind == EXPR_NEG && e->args[1]->args[0]->kind == EXPR_SET)
            return difference(pool, e, e->args[0], e->args[1]->args[0], depth);
        return scalar(pool, e, depth);
    case EXPR_INTERSECTION: {
        struct value *a = as_range(pool, e->args[0], depth + 1);
        struct value *b = a ? as_range(pool, e->args[1], depth + 1) : NULL;
        struct value *both = b ? value_intersection(pool, a, b) : NULL;
        return both || !b ? both : other(pool, e);
    }
    case EXPR_POW: /* (1, 2)^T */
        if (e->args[1]->kind == EXPR_VAR && e->args[1]->len == 1 && e->args[1]->name[0] == 'T' &&
            (e->args[0]->kind == EXPR_MATRIX || e->args[0]->kind == EXPR_TUPLE))
            return transposed(pool, e->args[0], depth);
        return scalar(pool, e, depth);
    case EXPR_MUL: /* A(3, 4): a point with its name */
        if (e->op == 1 && e->args[0]->kind == EXPR_VAR && value_is_figure(e->args[0]) &&
            e->args[1]->kind == EXPR_TUPLE)
            return named(pool, e->args[0], e->args[1], depth);
        if (e->args[1]->kind == EXPR_MATRIX && expr_is_scalar(e->args[0]) && !has_pm(e))
            return multiple(pool, e->args[0], e->args[1], depth);
        return scalar(pool, e, depth);
    default:
        return expr_is_scalar(e) ? scalar(pool, e, depth) : other(pool, e);
    }
}

struct value *value_make(struct pool *pool, const struct expr *e)
{
    struct value *v = make(pool, e, 0);
    if (v)
        v->plain = value_hash_plain(v);
    return v;
}
