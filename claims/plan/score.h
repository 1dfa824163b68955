/*
 * score.h - reliability of a trajectory, score of a group, the answer: the CLR formulas.
 *
 * arXiv 2606.16140, equations 5 and 6; we deviate in: gamma is apart from M; unparsed verdicts
 * contribute the expectation over Binomial(u, p), since a mean inside a power would punish them;
 * ties go to the larger group before the earliest; a profile may set how much has to stand behind
 * the answer. Pure and thread-safe.
 */
#ifndef SURETY_CLAIMS_PLAN_SCORE_H
#define SURETY_CLAIMS_PLAN_SCORE_H

#include <surety/types.h>

/* (V / max(m, n)) ^ gamma with V summed in index order, over the distinct claims of a trajectory; a
 * NaN value is one of the unknown ones, each 1 with probability p. m = 0 for claims of the splitter
 * (M := n). No claim at all: 1 for the splitter, 0 ^ gamma for the cooperating format. In [0,1]. */
double score_reliability(const double *values, size_t n, uint32_t m, double gamma, double p);

/* p = (1 + sum of the known values) / (1 + their count), over all claims of the request. */
double score_prior(const struct surety_trajectory *trajectories, size_t n);

/* True when a and b are within 1e-12 of each other, relative to the larger. */
bool score_equal(double a, double b);

/* How the claims of one or more trajectories fared. */
struct score_standing {
    uint32_t claims, judged, stand;
};
struct score_standing score_standing_of(const struct surety_trajectory *trajectory);

/* Over the members of result->groups[0]. */
struct score_standing score_standing_behind(const struct surety_result *result);

/* The share that stands; NaN without claims, or where fewer than half of them were judged. */
double score_standing_share(const struct score_standing *standing);

/*
 * From the trajectories' answers, r and group numbers (EQUAL_NO_GROUP: none) fills groups (best
 * first), answer, reliability, effective votes, the baselines first and cons, verifier.standing and
 * little_stands; all in result->arena. Where of the claims behind the highest score a share below
 * run.least_standing stands, the larger group goes first: the answer is Cons. standing: of each
 * trajectory; NULL: as its claims say. undecided: pairs of groups that could not be compared; when
 * they are more than half of all pairs, and no two trajectories agree, there is no vote (mode
 * "rank": the best r, then the earliest). NOMEM.
 */
enum surety_err score_select(struct surety_result *result, const uint32_t *group,
                             const struct score_standing *standing, size_t n_groups,
                             size_t undecided);

#endif
