/*
 * score.c - the CLR formulas.
 *
 * Sums run in index order, so equal inputs give equal bits. The order of groups is made by repeated
 * selection of the best, since being equal within a tolerance is no ordering that a sort could use.
 */
#include "claims/plan/score.h"

#include <math.h>

#include "claims/math/equal.h"

#define RELATIVE_TOLERANCE 1e-12

bool score_equal(double a, double b)
{
    return fabs(a - b) <= RELATIVE_TOLERANCE * fmax(fabs(a), fabs(b));
}

/* E[((known + B) / whole) ^ gamma] over B ~ Binomial(u, p). The probabilities are stepped from the
 * likelier end, where the first of them cannot underflow. */
static double expectation(double known, size_t u, double whole, double gamma, double p)
{
    bool from_top = p >= 0.5;
    double likely = from_top ? p : 1 - p;
    double odds = (1 - likely) / likely;
    double probability = pow(likely, (double)u);
    double sum = 0;
    for (size_t i = 0; i <= u; i++) { /* i draws of the less likely kind */
        double ones = (double)(from_top ? u - i : i);
        sum += probability * pow((known + ones) / whole, gamma);
        probability *= odds * (double)(u - i) / (double)(i + 1);
    }
    return sum;
}

double score_reliability(const double *values, size_t n, uint32_t m, double gamma, double p)
{
    if (n == 0 && m == 0)
        return 1;
    double known = 0;
    size_t unknown = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(values[i]))
            unknown++;
        else
            known += values[i];
    }
    double whole = (double)(n > m ? n : m);
    return fmin(1, fmax(0, expectation(known, unknown, whole, gamma, p)));
}

double score_prior(const struct surety_trajectory *trajectories, size_t n)
{
    double sum = 0;
    uint64_t count = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < trajectories[i].n_claims; j++) {
            double value = trajectories[i].claims[j].value;
            if (!isnan(value)) {
                sum += value;
                count++;
            }
        }
    }
    return (1 + sum) / (1 + (double)count);
}

/* ---- what stands ---- */

struct score_standing score_standing_of(const struct surety_trajectory *trajectory)
{
    struct score_standing of = {.claims = (uint32_t)trajectory->n_claims};
    for (size_t i = 0; i < trajectory->n_claims; i++) {
        enum surety_verdict verdict = trajectory->claims[i].verdict;
        of.stand += verdict == SURETY_VERDICT_VALID;
        of.judged += verdict == SURETY_VERDICT_VALID || verdict == SURETY_VERDICT_REFUTED;
    }
    return of;
}

static void add_standing(struct score_standing *sum, struct score_standing of)
{
    sum->claims += of.claims;
    sum->judged += of.judged;
    sum->stand += of.stand;
}

struct score_standing score_standing_behind(const struct surety_result *result)
{
    struct score_standing sum = {0};
    const struct surety_group *group = &result->groups[0];
    for (size_t i = 0, m = 0; i < result->n_trajectories && m < group->count; i++)
        if (result->trajectories[i].index == group->members[m]) { /* both ascend */
            add_standing(&sum, score_standing_of(&result->trajectories[i]));
            m++;
        }
    return sum;
}

double score_standing_share(const struct score_standing *standing)
{
    if (!standing->claims || 2 * standing->judged < standing->claims)
        return NAN;
    return (double)standing->stand / standing->claims;
}

/* ---- the choice ---- */

/* What the choice among groups needs of each; first and best are positions in trajectories. */
struct tally {
    uint32_t count;
    double score;
    size_t first; /* earliest member */
    size_t best;  /* earliest member with the highest r */
    struct score_standing standing;
    bool taken;
};

static void count_members(const struct surety_result *result, const uint32_t *group,
                          const struct score_standing *standing, struct tally *tallies)
{
    for (size_t i = 0; i < result->n_trajectories; i++) {
        if (group[i] == EQUAL_NO_GROUP)
            continue;
        struct tally *t = &tallies[group[i]];
        double r = result->trajectories[i].r;
        if (t->count++ == 0)
            t->first = t->best = i;
        double best = result->trajectories[t->best].r;
        if (r > best && !score_equal(r, best))
            t->best = i;
        t->score += r;
        add_standing(&t->standing,
                     standing ? standing[i] : score_standing_of(&result->trajectories[i]));
    }
}

static bool none_agree(const struct tally *tallies, size_t n)
{
    for (size_t g = 0; g < n; g++)
        if (tallies[g].count > 1)
            return false;
    return true;
}

/* What groups are ordered by first: the score, or where little stands the votes; in mode rank the
 * best member. */
static double weight(const struct surety_result *result, const struct tally *t)
{
    return result->rank                     ? result->trajectories[t->best].r
           : result->verifier.little_stands ? t->count
                                            : t->score;
}

/* Between groups of equal weight: the larger, then the earlier. */
static bool wins_tie(const struct surety_result *result, const struct tally *a,
                     const struct tally *b)
{
    if (result->rank)
        return a->best < b->best;
    return a->count != b->count ? a->count > b->count : a->first < b->first;
}

/* The best group that was not taken yet, n if there is none. Being equal within the tolerance is
 * measured against the highest weight, so that it is never chained. */
static size_t next_best(const struct surety_result *result, const struct tally *tallies, size_t n)
{
    double highest = -1;
    for (size_t g = 0; g < n; g++)
        if (!tallies[g].taken && tallies[g].count && weight(result, &tallies[g]) > highest)
            highest = weight(result, &tallies[g]);
    size_t best = n;
    for (size_t g = 0; g < n; g++)
        if (!tallies[g].taken && tallies[g].count &&
            score_equal(weight(result, &tallies[g]), highest) &&
            (best == n || wins_tie(result, &tallies[g], &tallies[best])))
            best = g;
    return best;
}

static enum surety_err fill_group(struct surety_result *result, const uint32_t *group, size_t g,
                                  const struct tally *t, struct surety_group *out)
{
    *out = (struct surety_group){
        .answer = result->trajectories[t->first].answer,
        .count = t->count,
        .score = t->score,
        .members = ARENA_ARRAY(&result->arena, uint32_t, t->count),
    };
    if (!out->members)
        return SURETY_ERR_NOMEM;
    size_t n = 0;
    for (size_t i = t->first; i < result->n_trajectories; i++)
        if (group[i] == g)
            out->members[n++] = result->trajectories[i].index;
    return SURETY_OK;
}

/* Cons@K: the largest group, then the earliest. */
static void fill_baselines(struct surety_result *result, const struct tally *tallies, size_t n)
{
    const struct tally *cons = NULL;
    size_t first = result->n_trajectories;
    for (size_t g = 0; g < n; g++) {
        const struct tally *t = &tallies[g];
        if (t->count == 0)
            continue;
        if (!cons || t->count > cons->count || (t->count == cons->count && t->first < cons->first))
            cons = t;
        if (t->first < first)
            first = t->first;
    }
    result->cons = cons ? result->trajectories[cons->first].answer : NULL;
    result->first = cons ? result->trajectories[first].answer : NULL;
}

static void fill_reliability(struct surety_result *result, const uint32_t *group)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < result->n_trajectories; i++) {
        double r = result->trajectories[i].r;
        if (group[i] != EQUAL_NO_GROUP) {
            sum += r;
            squares += r * r;
        }
    }
    result->mass = result->groups[0].score / (double)result->n_trajectories;
    result->reliability = sum > 0 ? fmin(1, result->groups[0].score / sum) : 0;
    result->effective_votes = squares > 0 ? sum * sum / squares : 0;
    if (result->rank)
        result->reliability = result->mass = NAN;
}

/* Looks at what stands behind the highest score. */
static void judge_standing(struct surety_result *result, const struct tally *tallies, size_t n)
{
    size_t best = result->rank ? n : next_best(result, tallies, n);
    if (best == n)
        return;
    double share = score_standing_share(&tallies[best].standing);
    result->verifier.standing = share;
    result->verifier.little_stands = share < result->run.least_standing; /* not when NaN */
}

enum surety_err score_select(struct surety_result *result, const uint32_t *group,
                             const struct score_standing *standing, size_t n_groups,
                             size_t undecided)
{
    result->answer = result->first = result->cons = NULL;
    result->groups = NULL;
    result->n_groups = 0;
    result->reliability = result->mass = NAN;
    result->effective_votes = 0;
    result->rank = false;
    result->verifier.standing = NAN;
    result->verifier.little_stands = false;
    if (n_groups == 0)
        return SURETY_OK;
    struct tally *tallies = ARENA_ARRAY(&result->arena, struct tally, n_groups);
    struct surety_group *groups = ARENA_ARRAY(&result->arena, struct surety_group, n_groups);
    if (!tallies || !groups)
        return SURETY_ERR_NOMEM;
    count_members(result, group, standing, tallies);
    result->rank = n_groups > 1 && undecided > n_groups * (n_groups - 1) / 2 / 2 &&
                   none_agree(tallies, n_groups);
    fill_baselines(result, tallies, n_groups);
    judge_standing(result, tallies, n_groups);
    const struct tally *winner = NULL;
    for (size_t g; (g = next_best(result, tallies, n_groups)) < n_groups; result->n_groups++) {
        enum surety_err code = fill_group(result, group, g, &tallies[g], &groups[result->n_groups]);
        if (code)
            return code;
        tallies[g].taken = true;
        if (!winner)
            winner = &tallies[g];
    }
    if (!winner)
        return SURETY_OK;
    result->groups = groups;
    result->answer = result->trajectories[result->rank ? winner->best : winner->first].answer;
    fill_reliability(result, group);
    return SURETY_OK;
}
