#include "scaler/report/stats.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/plain.h"

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

struct stats_interval stats_wilson(double hits, uint64_t n)
{
    double count = (double)n, share = hits / count, z2 = Z_95 * Z_95;
    if (n == 0 || hits > count)
        return (struct stats_interval){NAN, NAN, NAN};
    double centre = (share + z2 / (2 * count)) / (1 + z2 / count);
    double half =
        Z_95 * sqrt(share * (1 - share) / count + z2 / (4 * count * count)) / (1 + z2 / count);
    return (struct stats_interval){share, hits == 0 ? 0 : centre - half,
                                   hits == count ? 1 : centre + half};
}

/* The probability of at most `hits` of n. */
static double binomial_below(uint64_t hits, uint64_t n, double share)
{
    double term = pow(1 - share, (double)n), sum = 0;
    if (share >= 1)
        return hits >= n;
    for (uint64_t i = 0; i <= hits; i++) {
        sum += term;
        term *= (double)(n - i) / (double)(i + 1) * share / (1 - share);
    }
    return sum;
}

void stats_exact(uint64_t hits, uint64_t n, double tail, double *ret_low, double *ret_high)
{
    double low[2] = {0, 1}, high[2] = {0, 1};
    for (int i = 0; i < 60; i++) { /* both tails shrink as the share leaves hits / n: bisect */
        double l = (low[0] + low[1]) / 2, h = (high[0] + high[1]) / 2;
        low[hits && 1 - binomial_below(hits - 1, n, l) >= tail] = l;
        high[binomial_below(hits, n, h) < tail] = h;
    }
    *ret_low = hits ? low[0] : 0;
    *ret_high = hits < n ? high[1] : 1;
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

void stats_paired_range(const struct stats_paired *p, char out[48])
{
    const struct stats_interval *i = p->few ? &p->exact : &p->difference;
    plain_print(out, 48, "%s%+.1f to %+.1f", p->few ? "too few to tell: " : "",
                stats_points(i->low), stats_points(i->high));
}

/* whole: every difference is -1, 0 or 1. Else a rescue may be worth next to nothing. */
static void set_exact(struct stats_paired *p, size_t n, bool whole)
{
    double rescue[2], harm[2];
    stats_exact(p->rescue, n, 0.0125, &rescue[0], &rescue[1]);
    stats_exact(p->harm, n, 0.0125, &harm[0], &harm[1]);
    p->few = true;
    p->exact.value = p->difference.value;
    p->exact.low = (whole ? rescue[0] : 0) - harm[1];
    p->exact.high = rescue[1] - (whole ? harm[0] : 0);
}

enum surety_err stats_paired(const double *a, const double *b, size_t n, struct stats_paired *ret)
{
    double *differences = calloc(n ? n : 1, sizeof *differences);
    if (!differences)
        return SURETY_ERR_NOMEM;
    *ret = (struct stats_paired){.a = n ? mean_of(a, n) : NAN, .b = n ? mean_of(b, n) : NAN};
    bool whole = true;
    for (size_t i = 0; i < n; i++) {
        differences[i] = a[i] - b[i];
        whole &= differences[i] == 0 || fabs(differences[i]) == 1;
        ret->rescue += a[i] > b[i];
        ret->harm += a[i] < b[i];
    }
    ret->difference = stats_bootstrap(differences, n);
    ret->p = n ? stats_mcnemar(ret->rescue, ret->harm) : NAN;
    if (n && n < STATS_FEW)
        set_exact(ret, n, whole);
    free(differences);
    return SURETY_OK;
}

static int by_confidence(const void *left, const void *right)
{
    const struct stats_bet *a = left, *b = right;
    return (a->confidence < b->confidence) - (a->confidence > b->confidence);
}

double stats_aurc(struct stats_bet *bets, size_t n)
{
    double area = 0, wrong = 0;
    if (n)
        qsort(bets, n, sizeof *bets, by_confidence);
    for (size_t from = 0, to; from < n; from = to) {
        double more = 0;
        for (to = from; to < n && bets[to].confidence == bets[from].confidence; to++)
            more += bets[to].wrong;
        for (size_t i = from; i < to; i++)
            area += (wrong + more * (double)(i + 1 - from) / (double)(to - from)) / (double)(i + 1);
        wrong += more;
    }
    return n ? area / (double)n : NAN;
}
