#include "tests/unit/test.h"

#include <math.h>
#include <string.h>

#include "claims/math/equal.h"
#include "claims/plan/score.h"

#define near(a, b) assert_true(fabs((a) - (b)) < 1e-12)

static void reliability_known_values_is_mean_to_the_gamma(void **state)
{
    const double v[] = {1, 1, 0, 1, 1};
    near(score_reliability(v, 5, 5, 5, 0.5), 0.32768); /* (4/5)^5 */
    near(score_reliability(v, 5, 5, 1, 0.5), 0.8);
    near(score_reliability(v, 5, 5, 0, 0.5), 1);
    const double means[] = {1, 0.5};
    near(score_reliability(means, 2, 2, 2, 0.5), 0.5625); /* 0.75^2 */
}

static void reliability_missing_claims_count_zero_only_when_cooperating(void **state)
{
    const double v[] = {1, 1, 1};
    near(score_reliability(v, 3, 5, 5, 0.5), 0.07776); /* 0.6^5 */
    near(score_reliability(v, 3, 0, 5, 0.5), 1);
    near(score_reliability(v, 3, 2, 5, 0.5), 1); /* max(m, n) */
    const double one_of_three[] = {1, 0, 0};
    near(score_reliability(one_of_three, 3, 2, 1, 0.5), 1.0 / 3);
    near(score_reliability(NULL, 0, 5, 5, 0.5), 0);
    near(score_reliability(NULL, 0, 0, 5, 0.5), 1);
}

static void reliability_unknown_values_is_the_expectation(void **state)
{
    const double v[] = {1, NAN, 0, NAN};
    /* B of Binomial(2, 0.75): 1/16, 6/16, 9/16; (1/4)^2, (2/4)^2, (3/4)^2 */
    near(score_reliability(v, 4, 4, 2, 0.75), (1 * 0.0625 + 6 * 0.25 + 9 * 0.5625) / 16);
    /* p = 0.25 is stepped from the other end: 9/16, 6/16, 1/16 */
    near(score_reliability(v, 4, 4, 2, 0.25), (9 * 0.0625 + 6 * 0.25 + 1 * 0.5625) / 16);
    near(score_reliability(v, 4, 4, 2, 1), 0.5625);
    near(score_reliability(v, 4, 4, 2, 0), 0.0625);
    /* above the mean inside the power: that is why it is there */
    assert_true(score_reliability(v, 4, 4, 5, 0.75) > pow(2.5 / 4, 5));
}

static void reliability_64_unknown_near_one_does_not_underflow(void **state)
{
    double v[64];
    for (size_t i = 0; i < 64; i++)
        v[i] = NAN;
    near(score_reliability(v, 64, 64, 1, 1 - 2e-7), 1 - 2e-7);
    near(score_reliability(v, 64, 64, 1, 2e-7), 2e-7);
    double r = score_reliability(v, 64, 64, 1000, 1 - 2e-7);
    assert_true(r > 0.99 && r < 1);
}

static void prior_counts_known_values_with_one_success(void **state)
{
    struct surety_claim a[] = {{.value = 1}, {.value = 0}, {.value = NAN}}, b[] = {{.value = 0.5}};
    struct surety_trajectory t[] = {{.claims = a, .n_claims = 3}, {.claims = b, .n_claims = 1}};
    near(score_prior(t, 2), 2.5 / 4);
    near(score_prior(NULL, 0), 1);
}

static void equal_is_relative(void **state)
{
    assert_true(score_equal(1000, 1000 + 1e-10));
    assert_false(score_equal(1e-20, 2e-20));
    assert_false(score_equal(1000, 1000 + 1e-8));
    assert_true(score_equal(0, 0));
    assert_true(score_equal(0.1 + 0.2, 0.3));
}

struct fixture {
    struct surety_result result;
    struct surety_trajectory t[16];
    uint32_t group[16];
};

/* answers: one letter a trajectory, '-' for none; a letter's group is its first appearance. */
static void fill(struct fixture *f, const char *answers, const double *r)
{
    static char letters[26][2];
    uint32_t n_groups = 0, of[26];
    memset(f, 0, sizeof *f);
    memset(of, 0xFF, sizeof of);
    arena_init(&f->result.arena, 1u << 20);
    f->result.trajectories = f->t;
    f->result.n_trajectories = strlen(answers);
    for (uint32_t i = 0; answers[i]; i++) {
        f->t[i].index = i + 10;
        f->t[i].r = r[i];
        f->group[i] = EQUAL_NO_GROUP;
        if (answers[i] == '-')
            continue;
        size_t c = (size_t)(answers[i] - 'a');
        letters[c][0] = answers[i];
        f->t[i].answer = letters[c];
        if (of[c] == UINT32_MAX)
            of[c] = n_groups++;
        f->group[i] = of[c];
    }
}

static void choose(struct fixture *f, size_t n_groups, size_t undecided)
{
    assert_int_equal(score_select(&f->result, f->group, NULL, n_groups, undecided), SURETY_OK);
}

static void select_highest_score_wins_over_count(void **state)
{
    struct fixture f;
    fill(&f, "-aabb", (double[]){0, 0.1, 0.2, 0.9, 0});
    choose(&f, 2, 0);
    assert_string_equal(f.result.answer, "b");
    assert_string_equal(f.result.cons, "a");
    assert_string_equal(f.result.first, "a");
    near(f.result.reliability, 0.75);
    near(f.result.effective_votes, 1.44 / (0.01 + 0.04 + 0.81));
    assert_int_equal(f.result.n_groups, 2);
    assert_string_equal(f.result.groups[1].answer, "a");
    near(f.result.groups[1].score, 0.3);
    assert_int_equal(f.result.groups[1].count, 2);
    assert_int_equal(f.result.groups[1].members[0], 11);
    assert_int_equal(f.result.groups[1].members[1], 12);
    assert_false(f.result.rank);
    arena_fini(&f.result.arena);
}

static void select_tie_goes_to_larger_then_earlier(void **state)
{
    struct fixture f;
    fill(&f, "abb", (double[]){0.3, 0.1, 0.2}); /* 0.1 + 0.2 is not the double 0.3 */
    choose(&f, 2, 0);
    assert_string_equal(f.result.answer, "b");
    arena_fini(&f.result.arena);
    fill(&f, "cab", (double[]){0.1, 0.4, 0.4});
    choose(&f, 3, 0);
    assert_string_equal(f.result.answer, "a");
    assert_string_equal(f.result.groups[1].answer, "b");
    assert_string_equal(f.result.cons, "c");
    arena_fini(&f.result.arena);
}

static void select_all_zero_takes_larger_with_reliability_zero(void **state)
{
    struct fixture f;
    fill(&f, "abbc", (double[]){0, 0, 0, 0});
    choose(&f, 3, 0);
    assert_string_equal(f.result.answer, "b");
    near(f.result.reliability, 0);
    near(f.result.effective_votes, 0);
    arena_fini(&f.result.arena);
}

static void select_no_answer_has_none(void **state)
{
    struct fixture f;
    fill(&f, "--", (double[]){0, 0});
    choose(&f, 0, 0);
    assert_null(f.result.answer);
    assert_null(f.result.cons);
    assert_null(f.result.first);
    assert_true(isnan(f.result.reliability));
    assert_int_equal(f.result.n_groups, 0);
    arena_fini(&f.result.arena);
}

static void select_mostly_undecided_ranks_by_best_member(void **state)
{
    struct fixture f;
    fill(&f, "a-bcd", (double[]){0.5, 0, 0.2, 0.9, 0.9});
    choose(&f, 4, 4);
    assert_true(f.result.rank);
    assert_string_equal(f.result.answer, "c");
    assert_true(isnan(f.result.reliability));
    assert_string_equal(f.result.cons, "a");
    arena_fini(&f.result.arena);
    fill(&f, "abcd", (double[]){0.5, 0.2, 0.9, 0.9});
    choose(&f, 4, 3); /* half of six pairs: still a vote */
    assert_false(f.result.rank);
    arena_fini(&f.result.arena);
    fill(&f, "aabc", (double[]){0.5, 0.5, 0.2, 0.9});
    choose(&f, 3, 3); /* two agree: still a vote */
    assert_false(f.result.rank);
    assert_string_equal(f.result.answer, "a");
    arena_fini(&f.result.arena);
}

static void select_equal_r_is_cons(void **state)
{
    struct fixture f;
    fill(&f, "bacab-cc", (double[]){1, 1, 1, 1, 1, 0, 1, 1});
    choose(&f, 3, 0);
    assert_string_equal(f.result.answer, f.result.cons);
    near(f.result.reliability, 3.0 / 7);
    near(f.result.effective_votes, 7);
    arena_fini(&f.result.arena);
}

static void standing_is_the_share_of_claims_where_most_were_judged(void **state)
{
    struct surety_claim claims[] = {{.verdict = SURETY_VERDICT_VALID},
                                    {.verdict = SURETY_VERDICT_REFUTED},
                                    {.verdict = SURETY_VERDICT_UNPARSED},
                                    {.verdict = SURETY_VERDICT_UNCHECKED},
                                    {.verdict = SURETY_VERDICT_UNCHECKED}};
    static const double shares[] = {NAN, 1, 0.5, 1.0 / 3, 0.25, NAN};
    for (size_t n = 0; n < 6; n++) {
        struct surety_trajectory t = {.claims = claims, .n_claims = n};
        struct score_standing of = score_standing_of(&t);
        double share = score_standing_share(&of);
        assert_true(isnan(shares[n]) ? isnan(share) : share == shares[n]);
    }
}

/* b has the higher score; of the four claims of its members two may fall. */
static void select_little_standing_takes_the_majority(void **state)
{
    static const struct {
        double least;
        uint32_t stand; /* of the last one's claims */
        const char *answer;
    } rows[] = {{0, 0, "b"},    {0.5, 0, "a"},  {0.5, 1, "b"},
                {0.51, 1, "a"}, {0.75, 2, "b"}, {1, 2, "a"}};
    const double r[] = {0.1, 0.1, 0.1, 0.9, 0.3};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct score_standing standing[5] = {{0}, {0}, {0}, {2, 2, 1}, {2, 2, rows[i].stand}};
        struct fixture f;
        fill(&f, "aaabb", r);
        f.result.run.least_standing = rows[i].least;
        assert_int_equal(score_select(&f.result, f.group, standing, 2, 0), SURETY_OK);
        assert_string_equal(f.result.answer, rows[i].answer);
        assert_string_equal(f.result.groups[0].answer, rows[i].answer);
        assert_true(f.result.verifier.little_stands == (*rows[i].answer == 'a'));
        near(f.result.verifier.standing, (1.0 + rows[i].stand) / 4);
        near(f.result.reliability, (*rows[i].answer == 'a' ? 0.3 : 1.2) / 1.5);
        arena_fini(&f.result.arena);
    }
}

static void select_unjudged_or_ranked_has_no_threshold(void **state)
{
    struct score_standing unjudged[3] = {{2, 2, 2}, {2, 2, 2}, {3, 1, 0}};
    struct score_standing refuted[4] = {{2, 2, 0}, {2, 2, 0}, {2, 2, 0}, {2, 2, 0}};
    struct fixture f;
    fill(&f, "aab", (double[]){0.1, 0.1, 0.9});
    f.result.run.least_standing = 1;
    assert_int_equal(score_select(&f.result, f.group, unjudged, 2, 0), SURETY_OK);
    assert_string_equal(f.result.answer, "b");
    assert_true(isnan(f.result.verifier.standing));
    assert_false(f.result.verifier.little_stands);
    arena_fini(&f.result.arena);
    fill(&f, "abcd", (double[]){0.5, 0.2, 0.9, 0.9});
    f.result.run.least_standing = 1;
    assert_int_equal(score_select(&f.result, f.group, refuted, 4, 4), SURETY_OK);
    assert_true(f.result.rank);
    assert_string_equal(f.result.answer, "c");
    assert_false(f.result.verifier.little_stands);
    arena_fini(&f.result.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reliability_known_values_is_mean_to_the_gamma),
        cmocka_unit_test(reliability_missing_claims_count_zero_only_when_cooperating),
        cmocka_unit_test(reliability_unknown_values_is_the_expectation),
        cmocka_unit_test(reliability_64_unknown_near_one_does_not_underflow),
        cmocka_unit_test(prior_counts_known_values_with_one_success),
        cmocka_unit_test(equal_is_relative),
        cmocka_unit_test(select_highest_score_wins_over_count),
        cmocka_unit_test(select_tie_goes_to_larger_then_earlier),
        cmocka_unit_test(select_all_zero_takes_larger_with_reliability_zero),
        cmocka_unit_test(select_no_answer_has_none),
        cmocka_unit_test(select_mostly_undecided_ranks_by_best_member),
        cmocka_unit_test(select_equal_r_is_cons),
        cmocka_unit_test(standing_is_the_share_of_claims_where_most_were_judged),
        cmocka_unit_test(select_little_standing_takes_the_majority),
        cmocka_unit_test(select_unjudged_or_ranked_has_no_threshold),
    };
    return cmocka_run_group_tests_name("claims.plan.score", tests, NULL, NULL);
}
