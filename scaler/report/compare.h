/*
 * compare.h - two files of results on the same problems, paired by id.
 *
 * Feeds on graded results of both sides. An id that stands several times on a side is one problem
 * sampled with several seeds: its shares and costs are means. Does not read files or print.
 */
#ifndef SURETY_SCALER_REPORT_COMPARE_H
#define SURETY_SCALER_REPORT_COMPARE_H

#include "scaler/report/stats.h"
#include <surety/types.h>

/* What of a result is compared: CLR or the majority, of the first k samples; 0: all. */
struct compare_measure {
    bool cons;
    uint32_t k;
};

/* "clr", "cons", "cons@47". INVALID. */
enum surety_err compare_measure_parse(const char *text, struct compare_measure *ret,
                                      struct surety_error *err);

enum compare_cost { COMPARE_CALLS, COMPARE_TOKENS, COMPARE_TOTAL, COMPARE_COMPUTED, COMPARE_COSTS };

struct compare_row {
    struct compare_measure a, b; /* with their k, once it is chosen */
    struct stats_paired paired;
    double a_cost[COMPARE_COSTS], b_cost[COMPARE_COSTS]; /* means of a problem */
    bool paid; /* with equal cost: b could spend as much */
};

struct compare_counts {
    size_t a, b;             /* problems of each side */
    size_t paired;           /* on both, with a gold answer */
    size_t only_a, only_b;   /* ids of one side alone */
    size_t ungraded;         /* on both, but one has no gold answer */
    size_t seeds_a, seeds_b; /* results behind the paired problems */
    size_t free_a, free_b;   /* of these, with recorded verdicts, whose cost is not known */
    uint32_t k_a, k_b;       /* the most samples of a result */
};

struct compare;

/* NULL without memory. free accepts NULL. One thread at a time. */
struct compare *compare_create(void);
void compare_free(struct compare *compare);

/* side: 0 is A, 1 is B. NOMEM. */
enum surety_err compare_add(struct compare *compare, int side, const struct surety_result *result);

/* Pairs what was added; before compare_row_fill. INVALID when a side has two results of one id and
 * one seed, which are one sampling and not two; NOMEM. */
enum surety_err compare_pair(struct compare *compare, struct compare_counts *ret,
                             struct surety_error *err);

/* Fills the row of row->a and row->b. equal (COMPARE_COSTS: none): b's k is the smallest whose mean
 * cost is at least a's; paid is false, and k all, when there is none. NOMEM. */
enum surety_err compare_row_fill(const struct compare *compare, enum compare_cost equal,
                                 struct compare_row *row);

#endif
