#include "scaler/report/stats.h"

#include <math.h>
#include <stdlib.h>

#define RESAMPLES 10000
#define Z_95 1.959963984540054 /* the normal distribution's 0.975 quantile */

/* SplitMix64 (Steele, Lea, Flood 2014): the resamples are the same in every run and language. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double mean_of(const double *values, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return sum / (double)n;
}

/* Of a mean of so many values that it is normally distributed to more digits than are shown. */
static struct stats_interval normal_interval(const double *values, size_t n)
{
    double mean = mean_of(values, n), squares = 0;
    for (size_t i = 0; i < n; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    double half = Z_95 * sqrt(squares / (double)n / (double)n);
    return (struct stats_interval){mean, mean - half, mean + half};
}

struct stats_interval stats_bootstrap(double *values, size_t n)
{
    double means[RESAMPLES];
    uint64_t state = 0;

    if (n == 0)
        return (struct stats_interval){NAN, NAN, NAN};
    qsort(values, n, sizeof *values, compare_doubles);
    if (n > STATS_BOOTSTRAP_MAX)
        return normal_interval(values, n);
    for (size_t r = 0; r < RESAMPLES; r++) {
        double sum = 0;
        for (size_t i = 0; i < n; i++)
            sum += values[(next_random(&state) >> 32) * n >> 32];
        means[r] = sum / (double)n;
    }
    qsort(means, RESAMPLES, sizeof *means, compare_doubles);
    return (struct stats_interval){mean_of(values, n), means[RESAMPLES / 40 - 1],
                                   means[RESAMPLES - RESAMPLES / 40]};
}

struct stats_interval stats_wilson(uint64_t hits, uint64_t n)
{
    if (n == 0 || hits > n)
        return (struct stats_interval){NAN, NAN, NAN};
    double count = (double)n, share = (double)hits / count, z2 = Z_95 * Z_95;
    double centre = (share + z2 / (2 * count)) / (1 + z2 / count);
    double half =
        Z_95 * sqrt(share * (1 - share) / count + z2 / (4 * count * count)) / (1 + z2 / count);
    return (struct stats_interval){share, hits == 0 ? 0 : centre - half,
                                   hits == n ? 1 : centre + half};
}

double stats_points(double share)
{
    double points = 100 * share;
    return fabs(points) < 0.05 ? 0 : points;
}

double stats_mcnemar(uint64_t rescue, uint64_t harm)
{
    uint64_t n = rescue + harm, fewer = rescue < harm ? rescue : harm;
    if (2 * fewer >= n) /* equal, or none at all */
        return 1;
    /* twice the binomial tail, summed from its largest term down */
    int sign;
    double count = (double)n, at = (double)fewer;
    double term = exp(lgamma_r(count + 1, &sign) - lgamma_r(at + 1, &sign) -
                      lgamma_r(count - at + 1, &sign) - count * log(2));
    double tail = 0;
    for (double i = at; i >= 0 && term > tail * 1e-17; i--) {
        tail += term;
        term *= i / (count - i + 1);
    }
    return tail > 0.5 ? 1 : 2 * tail;
}

enum surety_err stats_paired(const double *a, const double *b, size_t n, struct stats_paired *ret)
{
    double *differences = calloc(n ? n : 1, sizeof *differences);
    if (!differences)
        return SURETY_ERR_NOMEM;
    *ret = (struct stats_paired){.a = n ? mean_of(a, n) : NAN, .b = n ? mean_of(b, n) : NAN};
    for (size_t i = 0; i < n; i++) {
        differences[i] = a[i] - b[i];
        ret->rescue += a[i] > b[i];
        ret->harm += a[i] < b[i];
    }
    ret->difference = stats_bootstrap(differences, n);
    ret->p = n ? stats_mcnemar(ret->rescue, ret->harm) : NAN;
    free(differences);
    return SURETY_OK;
}
