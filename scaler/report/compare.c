/*
 * Each side is kept as summary.c keeps results, and measured by summary_prefix.c, so that a row of
 * this table is the row that the table of one file has.
 */
#include "scaler/report/compare.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "scaler/report/table.h"

_Static_assert((int)COMPARE_COSTS == (int)COSTS && (int)COMPARE_TOTAL == (int)COST_TOTAL,
               "one order of costs");

/* The results of one id, as positions in a summary's problems. */
struct seeds {
    size_t *at; /* [n] */
    size_t n;
};

struct pair {
    struct seeds side[2];
};

struct compare {
    struct summary *side[2];
    json_t *numbers;    /* id -> number of its pair */
    struct pair *pairs; /* [n]; before compare_pair nothing; after it the paired ones come first */
    size_t n, n_paired;
};

enum surety_err compare_measure_parse(const char *text, struct compare_measure *ret,
                                      struct surety_error *err)
{
    size_t len = strcspn(text, "@");
    bool cons = len == 4 && memcmp(text, "cons", 4) == 0;
    char *end = NULL;
    unsigned long k = text[len] ? strtoul(text + len + 1, &end, 10) : 0;
    if (!(cons || (len == 3 && memcmp(text, "clr", 3) == 0)) ||
        (text[len] &&
         (text[len + 1] < '0' || text[len + 1] > '9' || *end || k < 1 || k > SURETY_K_MAX)))
        return surety_fail(err, SURETY_ERR_INVALID,
                           "'%.40s' is not clr or cons, perhaps with @1 to @%d", text,
                           SURETY_K_MAX);
    *ret = (struct compare_measure){cons, (uint32_t)k};
    return SURETY_OK;
}

struct compare *compare_create(void)
{
    struct compare *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->side[0] = summary_create();
    c->side[1] = summary_create();
    c->numbers = json_object();
    if (c->side[0] && c->side[1] && c->numbers)
        return c;
    compare_free(c);
    return NULL;
}

void compare_free(struct compare *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->n; i++) {
        free(c->pairs[i].side[0].at);
        free(c->pairs[i].side[1].at);
    }
    free(c->pairs);
    json_decref(c->numbers);
    summary_free(c->side[0]);
    summary_free(c->side[1]);
    free(c);
}

enum surety_err compare_add(struct compare *c, int side, const struct surety_result *result)
{
    return summary_add(c->side[side], result);
}

/* ---- pairing ---- */

/* The pair of an id, made when it is new; NULL without memory. */
static struct pair *pair_of(struct compare *c, const char *id)
{
    const json_t *number = json_object_get(c->numbers, id);
    if (number)
        return &c->pairs[json_integer_value(number)];
    struct pair *grown = c->pairs;
    if ((c->n & (c->n - 1)) == 0) /* full at every power of two */
        grown = realloc(c->pairs, (c->n ? 2 * c->n : 1) * sizeof *grown);
    if (!grown)
        return NULL;
    c->pairs = grown;
    if (json_object_set_new(c->numbers, id, json_integer((json_int_t)c->n)))
        return NULL;
    c->pairs[c->n] = (struct pair){0};
    return &c->pairs[c->n++];
}

/* Its samples follow from its seed. */
static bool is_seeded(const struct problem *p)
{
    return p->n && !p->recorded;
}

static enum surety_err enter(struct compare *c, int side, size_t at, struct surety_error *err)
{
    const struct problem *p = &c->side[side]->problems[at];
    struct pair *pair = pair_of(c, p->id);
    if (!pair)
        return SURETY_ERR_NOMEM;
    struct seeds *seeds = &pair->side[side];
    for (size_t i = 0; i < seeds->n && is_seeded(p); i++) {
        const struct problem *other = &c->side[side]->problems[seeds->at[i]];
        if (is_seeded(other) && other->seed == p->seed)
            return surety_fail(err, SURETY_ERR_INVALID,
                               "%c holds two results of '%.80s' with the seed %llu: that is one "
                               "sampling twice, not two",
                               side ? 'B' : 'A', p->id, (unsigned long long)p->seed);
    }
    size_t *grown = realloc(seeds->at, (seeds->n + 1) * sizeof *grown);
    if (!grown)
        return SURETY_ERR_NOMEM;
    seeds->at = grown;
    seeds->at[seeds->n++] = at;
    return SURETY_OK;
}

static bool is_graded(const struct compare *c, const struct pair *pair)
{
    for (int side = 0; side < 2; side++)
        for (size_t i = 0; i < pair->side[side].n; i++)
            if (!c->side[side]->problems[pair->side[side].at[i]].graded)
                return false;
    return true;
}

static size_t count_free(const struct compare *c, int side, const struct pair *pair)
{
    size_t n = 0;
    for (size_t i = 0; i < pair->side[side].n; i++)
        n += c->side[side]->problems[pair->side[side].at[i]].free_verdicts;
    return n;
}

enum surety_err compare_pair(struct compare *c, struct compare_counts *ret,
                             struct surety_error *err)
{
    enum surety_err code = SURETY_OK;
    *ret = (struct compare_counts){.k_a = c->side[0]->k, .k_b = c->side[1]->k};
    for (int side = 0; side < 2; side++)
        for (size_t i = 0; i < c->side[side]->n; i++)
            if ((code = enter(c, side, i, err)))
                return code;
    for (size_t i = 0; i < c->n; i++) {
        struct pair pair = c->pairs[i];
        ret->a += pair.side[0].n > 0;
        ret->b += pair.side[1].n > 0;
        if (!pair.side[1].n) {
            ret->only_a++;
        } else if (!pair.side[0].n) {
            ret->only_b++;
        } else if (!is_graded(c, &pair)) {
            ret->ungraded++;
        } else {
            ret->seeds_a += pair.side[0].n;
            ret->seeds_b += pair.side[1].n;
            ret->free_a += count_free(c, 0, &pair);
            ret->free_b += count_free(c, 1, &pair);
            c->pairs[i] = c->pairs[c->n_paired];
            c->pairs[c->n_paired++] = pair;
        }
    }
    ret->paired = c->n_paired;
    return SURETY_OK;
}

/* ---- measuring ---- */

/* The share of each paired problem's seeds that are right, and the mean cost of a problem. */
static enum surety_err measure(const struct compare *c, int side, struct compare_measure m,
                               double *shares, double cost[COSTS])
{
    memset(cost, 0, COSTS * sizeof *cost);
    for (size_t i = 0; i < c->n_paired; i++) {
        const struct seeds *seeds = &c->pairs[i].side[side];
        double part = 1 / ((double)seeds->n * (double)c->n_paired);
        shares[i] = 0;
        for (size_t j = 0; j < seeds->n; j++) {
            const struct problem *p = &c->side[side]->problems[seeds->at[j]];
            struct prefix prefix;
            enum surety_err code = prefix_take(p, m.k ? m.k : UINT32_MAX, &prefix);
            if (code)
                return code;
            shares[i] += m.cons ? prefix.cons : prefix.clr;
            for (int k = 0; k < COSTS; k++)
                cost[k] += part * (m.cons ? prefix.cons_cost[k] : prefix.clr_cost[k]);
        }
        shares[i] /= (double)seeds->n; /* once: equal shares are equal to the bit */
    }
    return SURETY_OK;
}

/* Costs grow with k: bisect for the smallest that is not below what A costs. */
static enum surety_err choose_k(const struct compare *c, enum compare_cost equal, double *shares,
                                struct compare_row *row)
{
    uint32_t low = 1, high = c->side[1]->k;
    double cost[COSTS];
    enum surety_err code = SURETY_OK;
    while (!code && low < high) {
        struct compare_measure m = {row->b.cons, low + (high - low) / 2};
        code = measure(c, 1, m, shares, cost);
        if (cost[equal] >= row->a_cost[equal] * (1 - 1e-12))
            high = m.k;
        else
            low = m.k + 1;
    }
    row->b.k = low;
    return code;
}

enum surety_err compare_row_fill(const struct compare *c, enum compare_cost equal,
                                 struct compare_row *row)
{
    double *a = calloc(2 * c->n_paired + 1, sizeof *a), *b = a + c->n_paired;
    if (!a)
        return SURETY_ERR_NOMEM;
    enum surety_err code = measure(c, 0, row->a, a, row->a_cost);
    if (!code && equal != COMPARE_COSTS)
        code = choose_k(c, equal, b, row);
    if (!code)
        code = measure(c, 1, row->b, b, row->b_cost);
    row->paid = equal == COMPARE_COSTS || row->b_cost[equal] >= row->a_cost[equal] * (1 - 1e-12);
    if (!code)
        code = stats_paired(a, b, c->n_paired, &row->paired);
    free(a);
    return code;
}
