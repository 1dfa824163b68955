/*
 * Arguments are factored, so that |xy| and sqrt(x^2 y^2) have the switches x and y. A switch is
 * told from another by its normal form. Places are found in doubles, on a grid that grows
 * geometrically both ways from zero; what is between two of its points is looked for where the
 * size has a minimum.
 *
 * Impossible combinations of linear switches are found by Fourier-Motzkin elimination.
 */
#include "claims/math/branch.h"

#include <math.h>
#include <string.h>

#include "claims/math/approx.h"
#include "claims/math/eval.h"

#define GRID 72 /* places on each side of zero, from 1e-3 to 1e9 */
#define ROWS_MAX 96

static void add_edge(struct branch_set *set, const struct expr *e)
{
    if (set->n_edges < BRANCH_EDGES_MAX)
        set->edges[set->n_edges++] = e;
}

static void add_switch(struct branch_set *set, const struct poly_factor *f)
{
    if (f->definite)
        return;
    for (size_t i = 0; i < set->n; i++)
        if (expr_same(set->switches[i].expr, f->expr) ||
            poly_compare(set->switches[i].expr, f->expr) == POLY_SAME)
            return;
    set->murky |= set->n == BRANCH_COMBINED_MAX;
    if (set->n == BRANCH_SWITCHES_MAX)
        return;
    set->switches[set->n++] = *f;
    add_edge(set, f->expr);
}

/* The sign of e is a choice; under a root only the factors that have an even power are. */
static void add_choice(struct pool *pool, struct branch_set *set, const struct expr *e,
                       bool under_root)
{
    struct poly_factor factors[POLY_FACTORS_MAX];
    size_t n;
    if (expr_is_closed(e))
        return;
    if (!poly_factors(pool, e, factors, &n)) {
        set->murky = true;
        add_edge(set, e);
        return;
    }
    for (size_t i = 0; i < n; i++)
        if (!under_root || factors[i].even)
            add_switch(set, &factors[i]);
        else
            add_edge(set, factors[i].expr);
}

static const struct expr *node(struct pool *pool, enum expr_kind kind, const struct expr *a,
                               const struct expr *b)
{
    struct expr *e = ARENA_NEW(&pool->arena, struct expr);
    const struct expr **args = e ? ARENA_ARRAY(&pool->arena, const struct expr *, 2) : NULL;
    if (!args)
        return NULL;
    args[0] = a;
    args[1] = b;
    *e = (struct expr){.kind = (uint8_t)kind, .n = b ? 2 : 1, .args = (struct expr *const *)args};
    return e;
}

static const struct expr *minus(struct pool *pool, const struct expr *a, const struct expr *b)
{
    const struct expr *negative = node(pool, EXPR_NEG, b, NULL);
    return negative ? node(pool, EXPR_ADD, a, negative) : NULL;
}

/* Something in variables that is no polynomial: it may touch a whole number and turn back. */
static bool may_turn(const struct expr *e)
{
    if (e->kind == EXPR_FUNC && e->op != FN_ABS && e->op != FN_FLOOR && e->op != FN_CEIL)
        return !expr_is_closed(e);
    for (size_t i = 0; i < e->n; i++)
        if (may_turn(e->args[i]))
            return true;
    return false;
}

/* A floor has a step at every whole number: below zero, the first step and above are tried. */
static void add_floor(struct pool *pool, struct branch_set *set, const struct expr *e)
{
    struct number *number = pool_number(pool);
    struct expr *one = number ? ARENA_NEW(&pool->arena, struct expr) : NULL;
    if (!one || !e) {
        set->murky = true;
        return;
    }
    fmpq_one(number->value);
    *one = (struct expr){.kind = EXPR_NUMBER, .number = number};
    const struct expr *above = minus(pool, e, one);
    set->murky |= may_turn(e);
    add_choice(pool, set, e, false);
    if (above)
        add_choice(pool, set, above, false);
    set->murky |= !above;
}

static bool is_whole(const struct expr *e)
{
    fmpq_t value;
    fmpq_init(value);
    bool whole = eval_rational(e, value) == EVAL_OK && fmpz_is_one(fmpq_denref(value));
    fmpq_clear(value);
    return whole;
}

static void add_function(struct pool *pool, struct branch_set *set, const struct expr *e)
{
    switch (e->op) {
    case FN_ABS:
    case FN_SIGN:
        add_choice(pool, set, e->args[0], false);
        break;
    case FN_MIN:
    case FN_MAX:
        for (size_t i = 0; i < e->n; i++)
            for (size_t j = i + 1; j < e->n; j++) {
                const struct expr *apart = minus(pool, e->args[i], e->args[j]);
                set->murky |= !apart;
                if (apart)
                    add_choice(pool, set, apart, false);
            }
        break;
    case FN_FLOOR:
    case FN_CEIL:
        add_floor(pool, set, e->args[0]);
        break;
    case FN_MOD:
        if (e->n == 2)
            add_floor(pool, set, node(pool, EXPR_DIV, e->args[0], e->args[1]));
        break;
    case FN_SQRT:
    case FN_ROOT:
    case FN_LN:
    case FN_LOG:
        add_choice(pool, set, e->args[0], true);
        break;
    default:
        break;
    }
}

void branch_collect(struct pool *pool, struct branch_set *set, const struct expr *e)
{
    if (expr_is_closed(e))
        return;
    for (size_t i = 0; i < e->n; i++)
        branch_collect(pool, set, e->args[i]);
    if (e->kind == EXPR_FUNC)
        add_function(pool, set, e);
    else if (e->kind == EXPR_POW && !is_whole(e->args[1]))
        add_choice(pool, set, e->args[0], true);
}

struct line {
    const struct expr *edge;
    const struct expr *const *vars;
    double values[BRANCH_VARIABLES_MAX];
    size_t n, i;
};

static double on_line(struct line *l, double x)
{
    l->values[l->i] = x;
    return approx_eval(l->edge, l->vars, l->values, l->n);
}

/* Between x and y, where the edge has other signs. What is nearly a short number is one. */
static double bisect(struct line *l, double x, double y)
{
    bool below = on_line(l, x) < 0;
    for (int i = 0; i < 60; i++) {
        double middle = (x + y) / 2;
        if ((on_line(l, middle) < 0) == below)
            x = middle;
        else
            y = middle;
    }
    double rounded = round(y * 64) / 64;
    return fabs(rounded - y) < 1e-9 * (1 + fabs(y)) ? rounded : y;
}

/* Where |edge| is least between x and y. */
static double least(struct line *l, double x, double y)
{
    for (int i = 0; i < 60; i++) {
        double a = x + (y - x) / 3, b = y - (y - x) / 3;
        if (fabs(on_line(l, a)) < fabs(on_line(l, b)))
            y = b;
        else
            x = a;
    }
    return (x + y) / 2;
}

static void keep(double *roots, size_t *n, size_t most, double root)
{
    if (*n == most)
        return;
    size_t at = (*n)++;
    for (; at > 0 && roots[at - 1] > root; at--)
        roots[at] = roots[at - 1];
    roots[at] = root;
}

static double grid(int k)
{
    return k == 0 ? 0 : copysign(1e-3 * pow(10, (abs(k) - 1) / 6.0), k);
}

static void roots_of(struct line *l, double *roots, size_t *n, size_t most)
{
    double x[3] = {0}, y[3] = {NAN, NAN, NAN};
    for (int k = -GRID; k <= GRID; k++) {
        memmove(x, x + 1, 2 * sizeof *x);
        memmove(y, y + 1, 2 * sizeof *y);
        x[2] = grid(k);
        y[2] = on_line(l, x[2]);
        if (y[2] == 0)
            keep(roots, n, most, x[2]);
        else if (y[1] * y[2] < 0)
            keep(roots, n, most, bisect(l, x[1], x[2]));
        else if (y[0] * y[1] > 0 && y[1] * y[2] > 0 && fabs(y[1]) < fabs(y[0]) &&
                 fabs(y[1]) <= fabs(y[2])) {
            double low = least(l, x[0], x[2]);
            if (on_line(l, low) * y[1] < 0) {
                keep(roots, n, most, bisect(l, x[0], low));
                keep(roots, n, most, bisect(l, low, x[2]));
            }
        }
    }
}

static bool mentions(const struct expr *e, const struct expr *var)
{
    if (expr_same(e, var))
        return true;
    for (size_t i = 0; i < e->n; i++)
        if (mentions(e->args[i], var))
            return true;
    return false;
}

size_t branch_roots(const struct branch_set *set, const struct expr *const *vars,
                    const double *values, size_t n, size_t i, double *ret_roots, size_t most)
{
    size_t found = 0;
    struct line l = {.vars = vars, .n = n, .i = i};
    memcpy(l.values, values, n * sizeof *values);
    for (size_t k = 0; k < set->n_edges; k++) {
        l.edge = set->edges[k];
        if (!mentions(l.edge, vars[i]))
            continue;
        roots_of(&l, ret_roots, &found, most);
    }
    return found;
}

bool branch_label(const struct branch_set *set, const struct expr *const *vars,
                  const double *values, size_t n, uint64_t *ret_label)
{
    *ret_label = 0;
    for (size_t k = 0; k < set->n; k++) {
        double value = approx_eval(set->switches[k].expr, vars, values, n);
        if (isnan(value) || value == 0)
            return false;
        *ret_label |= (uint64_t)(value > 0) << k;
    }
    return true;
}

/* coefficients * variables + constant > 0 */
struct row {
    double c[BRANCH_VARIABLES_MAX], constant;
};

struct system {
    struct row rows[ROWS_MAX];
    size_t n;
    const struct expr *vars[BRANCH_VARIABLES_MAX];
    size_t n_vars;
};

static bool add_row(struct system *s, const struct poly_factor *f, double sign)
{
    struct row *row = &s->rows[s->n++];
    *row = (struct row){.constant = sign * f->constant};
    for (size_t i = 0; i < f->n; i++) {
        size_t k = 0;
        while (k < s->n_vars && !expr_same(s->vars[k], f->vars[i]))
            k++;
        if (k == BRANCH_VARIABLES_MAX)
            return false;
        if (k == s->n_vars)
            s->vars[s->n_vars++] = f->vars[i];
        row->c[k] = sign * f->coefficients[i];
    }
    return true;
}

/* Every row above zero in variable k with every row below it. */
static bool eliminate(struct system *s, size_t k)
{
    static const double zero = 0;
    struct row next[ROWS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (s->rows[i].c[k] == zero) {
            if (n == ROWS_MAX)
                return false;
            next[n++] = s->rows[i];
        }
        for (size_t j = 0; s->rows[i].c[k] > 0 && j < s->n; j++) {
            if (!(s->rows[j].c[k] < 0))
                continue;
            if (n == ROWS_MAX)
                return false;
            double up = -s->rows[j].c[k], down = s->rows[i].c[k];
            for (size_t v = 0; v < s->n_vars; v++)
                next[n].c[v] = up * s->rows[i].c[v] + down * s->rows[j].c[v];
            next[n].c[k] = 0;
            next[n++].constant = up * s->rows[i].constant + down * s->rows[j].constant;
        }
    }
    memcpy(s->rows, next, n * sizeof *next);
    s->n = n;
    return true;
}

bool branch_is_impossible(const struct branch_set *set, uint64_t label)
{
    struct system s = {.n = 0};
    for (size_t k = 0; k < set->n; k++)
        if (set->switches[k].linear && !add_row(&s, &set->switches[k], label >> k & 1 ? 1.0 : -1.0))
            return false;
    for (size_t v = 0; v < s.n_vars; v++)
        if (!eliminate(&s, v))
            return false;
    for (size_t i = 0; i < s.n; i++)
        if (s.rows[i].constant <= 0)
            return true;
    return false;
}
