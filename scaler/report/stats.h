/*
 * stats.h - the intervals and tests that accuracy is published with.
 *
 * Resampling is by problem, with a fixed documented generator: equal input gives equal output.
 * Pure and thread-safe.
 */
#ifndef SURETY_SCALER_REPORT_STATS_H
#define SURETY_SCALER_REPORT_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <surety/err.h>

struct stats_interval {
    double value, low, high; /* mean and 95 % interval; NaN without data */
};

#define STATS_BOOTSTRAP_MAX 20000 /* problems; above, the normal interval is as good */

/*
 * Percentile bootstrap of the mean over one value a problem: 10,000 resamples, of whose sorted
 * means the 250th and the 9,751st are the ends. Each index is the product of n and the high 32 bits
 * of the next output of SplitMix64 with state 0, shifted right by 32. Sorts the values in place
 * first, so that the order in which the problems were solved changes nothing.
 */
struct stats_interval stats_bootstrap(double *values, size_t n);

/* Wilson score interval of a share (E. B. Wilson 1927). hits may be a sum of shares, one a problem:
 * none varies more than right and wrong do, so the interval is then too wide rather than too
 * narrow.
 */
struct stats_interval stats_wilson(double hits, uint64_t n);

/* Exact interval of a share (Clopper and Pearson 1934) that errs on either side with at most
 * probability tail. hits <= n; n > 0. */
void stats_exact(uint64_t hits, uint64_t n, double tail, double *ret_low, double *ret_high);

/* A share in points as one decimal shows it: what rounds to 0 is 0, and never -0.0. */
double stats_points(double share);

/* Two-sided exact McNemar test from the discordant counts: the probability of a split at least as
 * uneven by chance; 1 when both are 0. */
double stats_mcnemar(uint64_t rescue, uint64_t harm);

#define STATS_FEW 30 /* problems; below, resampling them says next to nothing */

/* Two ways on the same problems, by problem. */
struct stats_paired {
    double a, b;                      /* means */
    struct stats_interval difference; /* a minus b, by bootstrap */
    uint64_t rescue, harm;            /* problems with a above b; below */
    double p;                         /* McNemar's */
    /* Below STATS_FEW problems (else `few` is false and this means nothing): 95 % at least whatever
     * the shares are, from exact intervals of 97.5 % for the shares of rescue and of harm. */
    struct stats_interval exact;
    bool few;
};

/* "-12.5 to +40.0", or "too few to tell: -97.5 to +100.0" of few problems; in points. */
void stats_paired_range(const struct stats_paired *paired, char out[48]);

/* a[i] and b[i] are in [0,1]: whether problem i was right, or the share of its sampling seeds that
 * were (then p is that of the sign test, which McNemar's is for one seed). NOMEM. */
enum surety_err stats_paired(const double *a, const double *b, size_t n, struct stats_paired *ret);

/* An answer with what is put on it. */
struct stats_bet {
    double confidence;
    bool wrong;
};

/* The area under the curve of risk over coverage: the mean share of wrong ones among those of the
 * highest confidence, over all counts; equal confidences in mean order. Sorts. NaN: n is 0. */
double stats_aurc(struct stats_bet *bets, size_t n);

#endif
