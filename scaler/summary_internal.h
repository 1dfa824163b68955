/*
 * summary_internal.h - the table behind summary.h, between its computation and its two writers.
 *
 *   summary.c         what is kept of a result, and the numbers
 *   summary_write.c   as JSON and as text
 */
#ifndef SURETY_SCALER_SUMMARY_INTERNAL_H
#define SURETY_SCALER_SUMMARY_INTERNAL_H

#include "claims/stats.h"
#include "scaler/summary.h"

#define TABLE_CURVE_MAX 12 /* 1, 2, 4, ... SURETY_K_MAX, and K itself */

/* What is kept of a trajectory. */
struct point {
    double r;
    uint32_t index;
    uint32_t group; /* EQUAL_NO_GROUP: no answer */
    uint32_t tokens;
    uint32_t verifications; /* that it needs and none before it did */
    bool right;
};

struct problem {
    struct point *points; /* [n], by index */
    size_t n, n_groups;
    bool graded, rank, answered, failed, has_texts;
    int clr, cons, pass_at_k; /* as in surety_result */
    double pass_at_1;
    uint32_t k, finished, duplicates;
    uint64_t verifications, verify_calls; /* needed by the points; made */
    struct surety_usage usage;
};

struct summary {
    struct problem *problems; /* [n] */
    size_t n, size;
    uint32_t k, m;  /* the largest of the results */
    double seconds; /* NaN: not told */
};

/* CLR and Cons on the first k samples; shares, and means over the problems. */
struct curve_point {
    uint32_t k;
    double cons, clr;
    double calls, tokens;           /* of CLR@k */
    double cons_calls, cons_tokens; /* of Cons@k */
};

struct paired {
    struct stats_interval difference; /* CLR minus Cons */
    double p;                         /* McNemar */
    uint64_t rescue, harm;
};

struct equal_cost {
    bool known; /* false: the samples do not pay even for CLR@1 */
    struct curve_point clr, cons;
    struct paired paired;
};

struct table {
    size_t results, n; /* all; with a gold answer */
    uint32_t k, m;
    struct stats_interval pass_at_1, cons, clr, pass_at_k;
    struct paired same_samples;
    uint64_t unanswered, undecided, failed, duplicates;
    bool has_texts;  /* else duplicates are not known */
    double finished; /* share of the trajectories asked for that ended by themselves */
    uint64_t tokens, verify_tokens, prompt_tokens, calls;
    double seconds;
    struct curve_point curve[TABLE_CURVE_MAX];
    size_t n_curve;
    struct equal_cost equal_calls, equal_tokens;
    bool *scratch; /* while it is computed */
};

/* NOMEM. */
enum surety_err summary_table(const struct summary *summary, struct table *ret_table);

#endif
