/*
 * What the first k samples of each problem would have given and cost. A prefix is selected from by
 * the very function that selected the result's answer (score_select), so the curve ends where the
 * result is.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "claims/math/equal.h"
#include "claims/plan/score.h"
#include "scaler/report/table.h"

/* Answers are labels that name the trajectory's position, so the choice leads back to it. */
struct label {
    char text[8];
};

static bool right_by_label(const struct problem *p, const char *label)
{
    return label && p->points[strtoul(label, NULL, 10)].right;
}

enum surety_err prefix_select(const struct problem *p, const struct vote *votes, size_t n,
                              double *ret_clr, double *ret_cons)
{
    struct surety_result result = {.run.least_standing = p->least_standing};
    arena_init(&result.arena, 64u << 20);
    struct label *labels = ARENA_ARRAY(&result.arena, struct label, n);
    uint32_t *group = ARENA_ARRAY(&result.arena, uint32_t, n);
    struct score_standing *standing = ARENA_ARRAY(&result.arena, struct score_standing, n);
    result.trajectories = ARENA_ARRAY(&result.arena, struct surety_trajectory, n);
    enum surety_err code = SURETY_ERR_NOMEM;
    if (labels && group && standing && result.trajectories) {
        result.n_trajectories = n;
        for (size_t i = 0; i < n; i++) {
            snprintf(labels[i].text, sizeof labels[i].text, "%u", (unsigned)i % 10000);
            result.trajectories[i] = (struct surety_trajectory){
                .index = p->points[i].index, .answer = labels[i].text, .r = votes[i].r};
            group[i] = p->points[i].group;
            standing[i] = votes[i].standing;
        }
        code = score_select(&result, group, standing, p->n_groups, p->rank ? SIZE_MAX : 0);
    }
    if (!code) {
        *ret_clr = right_by_label(p, result.answer);
        *ret_cons = right_by_label(p, result.cons);
    }
    arena_fini(&result.arena);
    return code;
}

/* All samples have one prompt; what the cache had of it is spread evenly. */
static void add_costs(const struct problem *p, size_t n, double share, struct prefix *ret)
{
    const struct surety_usage *u = &p->usage;
    double part = p->samples ? (double)n / p->samples : 0;
    double verify = share * ((double)u->verify_tokens + (double)u->verify_prompt_tokens);
    double prompt = part * ((double)u->prompt_tokens - (double)u->verify_prompt_tokens);
    double cached = part * ((double)u->cached_tokens - (double)u->verify_cached_tokens);
    double *cons = ret->cons_cost, *clr = ret->clr_cost;
    cons[COST_CALLS] = (double)n;
    cons[COST_TOTAL] = cons[COST_TOKENS] + prompt;
    cons[COST_COMPUTED] = cons[COST_TOTAL] - cached;
    clr[COST_CALLS] = cons[COST_CALLS] + share * (double)p->verify_calls;
    clr[COST_TOKENS] = cons[COST_TOKENS] + share * (double)u->verify_tokens;
    clr[COST_TOTAL] = cons[COST_TOTAL] + verify;
    clr[COST_COMPUTED] = cons[COST_COMPUTED] + verify - share * (double)u->verify_cached_tokens;
}

enum surety_err prefix_take(const struct problem *p, uint32_t k, struct prefix *ret)
{
    struct vote *votes = calloc(p->n ? p->n : 1, sizeof *votes);
    size_t n = 0;
    uint64_t verifications = 0;
    if (!votes)
        return SURETY_ERR_NOMEM;
    *ret = (struct prefix){.k = k};
    while (n < p->n && p->points[n].index < k) {
        votes[n] = p->points[n].vote;
        ret->cons_cost[COST_TOKENS] += p->points[n].tokens;
        verifications += p->points[n].verifications;
        if (p->points[n].right)
            ret->pass = 1;
        n++;
    }
    double share = p->verifications ? (double)verifications / (double)p->verifications
                   : p->samples     ? (double)n / p->samples /* all in vain: spread evenly */
                                    : 0;
    add_costs(p, n, share, ret);
    enum surety_err code = prefix_select(p, votes, n, &ret->clr, &ret->cons);
    free(votes);
    return code;
}

/* Means over the graded problems for their first k trajectories; right[i] for each of them. */
static enum surety_err take_prefixes(const struct summary *s, uint32_t k, struct prefix *ret,
                                     double *clr, double *cons)
{
    size_t n = 0;
    *ret = (struct prefix){.k = k};
    for (size_t i = 0; i < s->n; i++) {
        if (!s->problems[i].graded)
            continue;
        struct prefix one;
        enum surety_err code = prefix_take(&s->problems[i], k, &one);
        if (code)
            return code;
        clr[n] = one.clr;
        cons[n++] = one.cons;
        ret->clr += one.clr;
        ret->cons += one.cons;
        ret->pass += one.pass;
        for (int c = 0; c < COSTS; c++) {
            ret->clr_cost[c] += one.clr_cost[c];
            ret->cons_cost[c] += one.cons_cost[c];
        }
    }
    ret->clr /= (double)n;
    ret->cons /= (double)n;
    ret->pass /= (double)n;
    for (int c = 0; c < COSTS; c++) {
        ret->clr_cost[c] /= (double)n;
        ret->cons_cost[c] /= (double)n;
    }
    return SURETY_OK;
}

/* CLR at the largest k of the curve that all the samples can pay for, against Cons at the smallest
 * k' that costs as much. work has room for three numbers a problem. */
static enum surety_err compare_at_cost(const struct summary *s, enum cost cost,
                                       const struct table *t, double *work, struct equal_cost *ret)
{
    double *clr = work, *cons = work + t->n, *ignored = work + 2 * t->n;
    struct prefix at;
    const struct prefix *all = &t->curve[t->n_curve - 1], *best = NULL;
    for (size_t i = 0; i < t->n_curve; i++)
        if (t->curve[i].clr_cost[cost] <= all->cons_cost[cost])
            best = &t->curve[i];
    *ret = (struct equal_cost){0};
    if (!best)
        return SURETY_OK;
    uint32_t low = best->k, high = all->k; /* the cost grows with k: bisect */
    enum surety_err code = SURETY_OK;
    while (!code && low < high) {
        uint32_t middle = low + (high - low) / 2;
        code = take_prefixes(s, middle, &at, ignored, ignored);
        if (at.cons_cost[cost] >= best->clr_cost[cost])
            high = middle;
        else
            low = middle + 1;
    }
    if (!code)
        code = take_prefixes(s, low, &ret->cons, ignored, cons);
    if (!code)
        code = take_prefixes(s, best->k, &ret->clr, clr, ignored);
    if (!code)
        code = stats_paired(clr, cons, t->n, &ret->paired);
    ret->known = true;
    return code;
}

enum surety_err summary_curve(const struct summary *s, struct table *t)
{
    double *work = calloc(3 * t->n, sizeof *work);
    enum surety_err code = work ? SURETY_OK : SURETY_ERR_NOMEM;
    for (uint32_t k = 1; !code && t->n_curve < TABLE_CURVE_MAX; k = 2 * k < s->k ? 2 * k : s->k) {
        code = take_prefixes(s, k, &t->curve[t->n_curve++], work, work + t->n);
        if (k >= s->k)
            break;
    }
    for (int c = 0; !code && c < COSTS; c++)
        code = compare_at_cost(s, (enum cost)c, t, work, &t->equal[c]);
    free(work);
    return code;
}
