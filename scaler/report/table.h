/*
 * table.h - the table behind summary.h, between its computation and its two writers.
 *
 *   summary.c          what is kept of a result, and the table
 *   summary_prefix.c   what the first k samples of a problem would have given and cost
 *   summary_control.c  the controls that stand beside a gain
 *   summary_json.c     as JSON
 *   summary_text.c     for people
 */
#ifndef SURETY_SCALER_REPORT_TABLE_H
#define SURETY_SCALER_REPORT_TABLE_H

#include "claims/plan/score.h"
#include "scaler/report/stats.h"
#include "scaler/report/summary.h"

#define TABLE_CURVE_MAX 12 /* 1, 2, 4, ... SURETY_K_MAX, and K itself */

/* What a trajectory weighs, and what stands behind that. */
struct vote {
    double r;
    struct score_standing standing;
};

/* What is kept of a trajectory. */
struct point {
    struct vote vote;
    struct vote without_last; /* had its last claim not been asked for */
    uint32_t index;
    uint32_t group; /* EQUAL_NO_GROUP: no answer */
    uint32_t tokens;
    uint32_t verifications; /* that it needs and none before it did */
    bool right;
};

struct problem {
    char *id;
    struct point *points; /* [n], by index */
    size_t n, n_groups;
    bool graded, rank, answered, failed, has_texts;
    bool free_verdicts;       /* that had a say were recorded, and nothing was paid for them */
    int clr, cons, pass_at_k; /* as in surety_result */
    double pass_at_1;
    double share, mass; /* reliability and mass of the result; NaN: null */
    enum surety_stopping stop;
    double least_standing; /* as in the result's run */
    bool little_stands;
    uint64_t seed;
    bool recorded; /* samples that were there: the seed says nothing of them */
    uint32_t k, finished, duplicates;
    uint32_t compatible; /* answers that are wrong, but COMPATIBLE with the gold one */
    uint32_t samples;    /* calls of them */
    uint32_t planted;    /* claims */
    double refuted_true, refuted_false; /* sums over these */
    bool uninformative;
    uint64_t verifications, verify_calls; /* needed by the points; made */
    struct surety_usage usage;
};

struct summary {
    struct problem *problems; /* [n] */
    size_t n, size;
    uint32_t k, m;  /* the largest of the results */
    double seconds; /* NaN: not told */
    struct summary_origin origin;
    bool lenient; /* compatible answers count as right */
};

/* What is paid for: calls; tokens made; these and the prompts' tokens; last, the same without those
 * that a prefix cache had. */
enum cost { COST_CALLS, COST_TOKENS, COST_TOTAL, COST_COMPUTED, COSTS };

/* The first k samples of a problem, or means over problems (then shares). */
struct prefix {
    uint32_t k;
    double clr, cons, pass;
    double clr_cost[COSTS], cons_cost[COSTS];
};

/* NOMEM. */
enum surety_err prefix_take(const struct problem *p, uint32_t k, struct prefix *ret);

/* What CLR (1 or 0 in *ret_clr) and Cons answer when the first n trajectories have votes[n].
 * NOMEM. */
enum surety_err prefix_select(const struct problem *p, const struct vote *votes, size_t n,
                              double *ret_clr, double *ret_cons);

struct equal_cost {
    bool known; /* false: the samples do not pay even for CLR@1 */
    struct prefix clr, cons;
    struct stats_paired paired;
};

/* Other weights on the same samples; shares of problems that are right. */
struct controls {
    double permuted;                           /* r dealt anew among a problem's trajectories */
    struct stats_interval permuted_minus_cons; /* about 0, or below */
    double perfect;                            /* r = 1 for right trajectories, 0 for others */
    double best_of_n;                          /* the trajectory with the highest r */
    double shorter, longer; /* r = 1 / tokens, r = tokens; NaN where tokens are not known */
    double without_last;    /* claims without the last of each trajectory */
};

struct table {
    size_t results, n; /* all; with a gold answer */
    uint32_t k, m;
    struct stats_interval pass_at_1, cons, clr, pass_at_k;
    struct stats_paired same_samples;
    uint64_t unanswered, undecided, failed, duplicates;
    uint64_t compatible, asked;       /* answers; trajectories of the problems with a gold answer */
    uint64_t recorded, free_verdicts; /* results, as in struct problem */
    bool lenient;
    bool has_texts;  /* else duplicates are not known */
    double finished; /* share of the trajectories asked for that ended by themselves */
    uint64_t tokens, verify_tokens, prompt_tokens, calls;
    double seconds;
    struct prefix curve[TABLE_CURVE_MAX];
    size_t n_curve;
    struct equal_cost equal[COSTS];
    struct controls controls;
    /* Planted claims over all results, and the results whose verifier could not tell. */
    uint64_t planted, uninformative;
    uint64_t little_stands; /* results */
    double refuted_true, refuted_false;
    enum surety_stopping stop; /* of any result; then Cons and pass@K are of what was used: */
    double used;               /* samples of a result, mean */
    /* Areas under the curve of risk over coverage, by share and by mass, of the graded results that
     * have them, n_aurc. */
    double aurc_share, aurc_mass;
    size_t n_aurc;
};

/* NOMEM. */
enum surety_err summary_table(const struct summary *summary, struct table *ret_table);
enum surety_err summary_curve(const struct summary *summary, struct table *t);
enum surety_err summary_controls(const struct summary *summary, struct table *t);

/* summary_control.c: the trajectories' votes had the last claim of each not been asked for, into
 * votes[n_trajectories]. NOMEM. */
enum surety_err summary_without_last(const struct surety_result *result, struct vote *votes);

#endif
