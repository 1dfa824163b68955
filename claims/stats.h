/*
 * stats.h - the intervals and tests that accuracy is published with.
 *
 * Resampling is by problem, with a fixed documented generator: equal input gives equal output.
 * Pure and thread-safe.
 */
#ifndef SURETY_CLAIMS_STATS_H
#define SURETY_CLAIMS_STATS_H

#include <stddef.h>
#include <stdint.h>

struct stats_interval {
    double value, low, high; /* mean and 95 % interval; NaN without data */
};

/* Percentile bootstrap of the mean, 10,000 resamples, over one value a problem. */
struct stats_interval stats_bootstrap(const double *values, size_t n);

/* Wilson score interval of a share (E. B. Wilson 1927). */
struct stats_interval stats_wilson(uint64_t hits, uint64_t n);

/* Two-sided exact McNemar test from the discordant counts; 1 when both are 0. */
double stats_mcnemar(uint64_t rescue, uint64_t harm);

#endif
