#include "claims/plan/stop.h"

#include <math.h>

#include "claims/math/equal.h"

#define BETA_ENOUGH 0.95
#define SLACK 1e-9 /* of sums of weights, against rounding */

/* ---- beta ---- */

/* The continued fraction of the incomplete beta integral at 1/2 (DLMF 8.17.22), by Lentz's method;
 * converges quickly where a > b. */
static double fraction(double a, double b)
{
    const double tiny = 1e-300, x = 0.5;
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < tiny ? tiny : d);
    double value = d;
    for (int m = 1; m < 500; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        double step = 1;
        for (int part = 0; part < 2; part++) {
            double term = part ? odd : even;
            d = 1 + term * d;
            c = 1 + term / c;
            d = 1 / (fabs(d) < tiny ? tiny : d);
            c = fabs(c) < tiny ? tiny : c;
            step = c * d;
            value *= step;
        }
        if (fabs(step - 1) < 1e-15)
            break;
    }
    return value;
}

double stop_beta(double a, double b)
{
    if (a < b)
        return 1 - stop_beta(b, a);
    if (a == b)
        return 0.5;
    double p = a + 1, q = b + 1;
    double front = exp(lgamma(p + q) - lgamma(p) - lgamma(q) + (p + q) * log(0.5)) / p;
    return 1 - fmin(1, front * fraction(p, q)); /* 1 - I_1/2(a + 1, b + 1) */
}

/* ---- sums ---- */

static double sum_of(const struct stop_vote *vote, uint32_t g)
{
    double sum = 0;
    for (uint32_t i = 0; i < vote->n; i++)
        sum += vote->group[i] == g ? vote->r[i] : 0;
    return sum;
}

/* Sums to effective votes. */
static double scale_of(const struct stop_vote *vote)
{
    double sum = 0, squares = 0;
    for (uint32_t i = 0; i < vote->n; i++)
        if (vote->group[i] != EQUAL_NO_GROUP) {
            sum += vote->r[i];
            squares += vote->r[i] * vote->r[i];
        }
    return squares > 0 ? sum / squares : 0;
}

/* The best two sums; ret_leader: whose the first is. */
static void find_leaders(const struct stop_vote *vote, uint32_t *ret_leader, double ret_sums[2])
{
    double sums[SURETY_K_MAX];
    uint32_t n_groups = 0;
    for (uint32_t i = 0; i < vote->n; i++) {
        uint32_t g = vote->group[i];
        for (; g != EQUAL_NO_GROUP && n_groups <= g; n_groups++)
            sums[n_groups] = 0;
        if (g != EQUAL_NO_GROUP)
            sums[g] += vote->r[i];
    }
    *ret_leader = EQUAL_NO_GROUP;
    ret_sums[0] = ret_sums[1] = 0;
    for (uint32_t g = 0; g < n_groups; g++) {
        if (*ret_leader == EQUAL_NO_GROUP || sums[g] > ret_sums[0]) {
            ret_sums[1] = *ret_leader == EQUAL_NO_GROUP ? 0 : ret_sums[0];
            ret_sums[0] = sums[g];
            *ret_leader = g;
        } else if (sums[g] > ret_sums[1]) {
            ret_sums[1] = sums[g];
        }
    }
}

uint32_t stop_leader(const struct stop_vote *vote)
{
    uint32_t leader;
    double sums[2];
    find_leaders(vote, &leader, sums);
    return leader;
}

/* ---- sure and beta: two sums against each other ---- */

static bool beats(const struct stop_vote *vote, double scale, double leader, double rival)
{
    if (vote->rule == SURETY_STOPPING_SURE)
        return leader - rival - (vote->k - vote->n) > SLACK;
    return stop_beta(leader * scale, rival * scale) >= BETA_ENOUGH;
}

bool stop_can_win(const struct stop_vote *vote, uint32_t leader, double leader_least, uint32_t g)
{
    return g != leader && !beats(vote, scale_of(vote), leader_least, sum_of(vote, g));
}

/* ---- certified ---- */

static const double bets[] = {1 / 2., 1 / 4., 1 / 8., 1 / 16., 3 / 4., 7 / 8., 15 / 16.};
enum { N_BETS = sizeof bets / sizeof *bets };

/* Multiplies in what group g adds to the products, from a position on. */
static void bet_on(const struct stop_vote *vote, uint32_t from, uint32_t g, double sign,
                   double products[N_BETS])
{
    for (uint32_t i = from; i < vote->n; i++)
        for (int l = 0; l < N_BETS && vote->group[i] == g; l++)
            products[l] *= 1 + sign * bets[l] * vote->r[i];
}

static double mean(const double products[N_BETS])
{
    double sum = 0;
    for (int l = 0; l < N_BETS; l++)
        sum += products[l];
    return sum / N_BETS;
}

static bool is_certified(const struct stop_vote *vote, uint32_t leader)
{
    double own[N_BETS], wanted = (leader + 1.0) * (leader + 2.0) / vote->d;
    uint32_t from = 0, n_groups = 0;
    while (vote->group[from] != leader)
        from++;
    from++;
    for (int l = 0; l < N_BETS; l++)
        own[l] = 1;
    bet_on(vote, from, leader, 1, own);
    if (mean(own) < wanted) /* against one that was not seen */
        return false;
    for (uint32_t i = 0; i < vote->n; i++) { /* groups are numbered as they appear */
        if (vote->group[i] == EQUAL_NO_GROUP || vote->group[i] != n_groups)
            continue;
        uint32_t rival = n_groups++;
        double against[N_BETS];
        for (int l = 0; l < N_BETS; l++)
            against[l] = own[l];
        bet_on(vote, from, rival, -1, against);
        if (rival != leader && mean(against) < wanted)
            return false;
    }
    return true;
}

/* ---- all ---- */

bool stop_is_settled(const struct stop_vote *vote)
{
    uint32_t leader;
    double sums[2];
    if (vote->rule == SURETY_STOPPING_NONE)
        return false;
    find_leaders(vote, &leader, sums);
    if (leader == EQUAL_NO_GROUP)
        return false;
    return vote->rule == SURETY_STOPPING_CERTIFIED ? is_certified(vote, leader)
                                                   : beats(vote, scale_of(vote), sums[0], sums[1]);
}

uint32_t stop_wave(struct stop_vote *vote)
{
    const uint32_t n = vote->n, left = vote->k - n;
    uint32_t leader = stop_leader(vote), members = 0, wave = 0;
    double sum = sum_of(vote, leader);
    for (uint32_t i = 0; i < n; i++)
        members += vote->group[i] == leader;
    while (wave < left && !stop_is_settled(vote)) {
        vote->group[vote->n] = leader == EQUAL_NO_GROUP ? 0 : leader;
        vote->r[vote->n] = leader == EQUAL_NO_GROUP ? 1 : sum / members;
        vote->n++;
        wave++;
    }
    vote->n = n;
    uint32_t least = (n + 1) / 2 > 1 ? (n + 1) / 2 : 1;
    wave = wave > least ? wave : least;
    return wave < left ? wave : left;
}
