#include "tests/unit/test.h"

#include <string.h>

#include "claims/math/effort.h"
#include "claims/math/equal.h"

#define ANSWERS_MAX 16

static size_t group(const char *const *answers, size_t n, uint32_t *ret_group)
{
    struct equal_groups groups;
    assert_int_equal(equal_group(answers, n, NULL, ret_group, &groups), SURETY_OK);
    assert_int_equal(groups.skipped, 0);
    return groups.n;
}

static void group_equal_values_share_a_group(void **state)
{
    const char *answers[] = {"1/2", "0.5", NULL, "\\frac{1}{2}", "3", "3.0"};
    const uint32_t expected[] = {0, 0, EQUAL_NO_GROUP, 0, 1, 1};
    uint32_t got[ANSWERS_MAX];
    assert_int_equal(group(answers, 6, got), 2);
    assert_memory_equal(got, expected, sizeof expected);
}

static void group_one_rounding_is_attached(void **state)
{
    const char *answers[] = {"1/3", "0.333", "7"};
    const uint32_t expected[] = {0, 0, 1};
    uint32_t got[ANSWERS_MAX];
    assert_int_equal(group(answers, 3, got), 2);
    assert_memory_equal(got, expected, sizeof expected);
}

static void group_two_candidates_are_not_chained(void **state)
{
    /* 0.500 rounds both, which differ: it is attached to neither */
    const char *answers[] = {"0.4996", "0.500", "0.5004"};
    uint32_t got[ANSWERS_MAX];
    assert_int_equal(group(answers, 3, got), 3);
}

static void group_none_has_no_group(void **state)
{
    const char *answers[] = {NULL, NULL};
    uint32_t got[ANSWERS_MAX];
    assert_int_equal(group(answers, 2, got), 0);
    assert_int_equal(got[1], EQUAL_NO_GROUP);
    assert_int_equal(group(NULL, 0, got), 0);
}

static void group_counts_the_pairs_that_are_open(void **state)
{
    const char *answers[] = {"2 dozen", "2", "24", "7"}; /* were dozens asked for? */
    uint32_t got[ANSWERS_MAX];
    struct equal_groups groups;
    assert_int_equal(equal_group(answers, 4, NULL, got, &groups), SURETY_OK);
    assert_int_equal(groups.n, 3);
    assert_int_equal(groups.undecided, 1);
    assert_int_equal(got[0], got[2]);
}

/* Groups are as close as their closest members: 0.333 fits 1/3, written in whatever way. */
static void group_fits_by_any_member(void **state)
{
    const char *answers[] = {"2/6", "7", "1/3", "0.333", "0.3330", "1/3"};
    const uint32_t expected[] = {0, 1, 0, 0, 0, 0};
    uint32_t got[ANSWERS_MAX];
    assert_int_equal(group(answers, 6, got), 2);
    assert_memory_equal(got, expected, sizeof expected);
}

static void group_knows_the_options_of_the_problem(void **state)
{
    const char *answers[] = {"B", "42", "A"};
    const uint32_t expected[] = {0, 0, 1};
    uint32_t got[ANSWERS_MAX];
    struct equal_groups groups;
    assert_int_equal(equal_group(answers, 3, "6*7? (A) 41 (B) 42 (C) 43", got, &groups), SURETY_OK);
    assert_int_equal(groups.n, 2);
    assert_int_equal(groups.undecided, 0);
    assert_memory_equal(got, expected, sizeof expected);
}

/* ---- one after the other ---- */

static enum surety_err add(struct equal_grouping *g, const char *answer, uint64_t budget,
                           const atomic_bool *stop)
{
    return equal_grouping_add(g, answer, &(struct equal_bounds){.budget = budget, .stop = stop});
}

/* Numbers that round each other, units left out, lists, options, words: all four verdicts occur. */
static const char *random_answer(uint64_t *seed)
{
    static const char *const answers[] = {
        "1/3",    "0.333",  "0.3333",       "2/6",     "0.5",       "1/2",         "0.500",
        "0.4996", "0.5004", "2 dozen",      "2",       "24",        "24 apples",   "x+1",
        "1+x",    "1, 2",   "{1, 2}",       "(1, 2)",  "2, 1",      "50%",         "50",
        "B",      "42",     "\\sqrt{2}",    "1.414",   "1.41",      "\\sqrt{8}/2", "no solution",
        "\\{\\}", "red",    "red or green", "x = 3",   "3",         "y = 3",       "\\ldots",
        "3.0, 4", "4, 3",   "3, 4.00",      "1, 2, 3", "3, 2, 1",   "1, 2, 4",     "3 m",
        "300 cm", "3:30",   "15:30",        "May 4",   "4 May 2020"};
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    uint64_t n = sizeof answers / sizeof *answers;
    size_t at = (size_t)((*seed >> 33) % (n + 2));
    return at < n ? answers[at] : NULL;
}

static void assert_same(const struct equal_grouping *g, const char *const *answers, size_t n,
                        uint64_t budget)
{
    uint32_t one[40], two[40];
    struct equal_groups a, b;
    struct equal_grouping *anew = equal_grouping_create(NULL);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(add(anew, answers[i], budget, NULL), SURETY_OK);
    assert_int_equal(equal_grouping_count(g), n);
    assert_int_equal(equal_grouping_spent(g), equal_grouping_spent(anew));
    assert_int_equal(equal_grouping_find(g, one, &a), SURETY_OK);
    assert_int_equal(equal_grouping_find(anew, two, &b), SURETY_OK);
    assert_memory_equal(one, two, n * sizeof *one);
    assert_memory_equal(&a, &b, sizeof a);
    equal_grouping_free(anew);
}

static void add_with_pauses(struct equal_grouping *g, const char *answer, uint64_t budget)
{
    enum surety_err code;
    const struct equal_bounds bounds = {.budget = budget, .pause = 12};
    size_t before = equal_grouping_count(g);
    while ((code = equal_grouping_add(g, answer, &bounds)) == SURETY_ERR_CANCELLED)
        assert_int_equal(equal_grouping_count(g), before);
    assert_int_equal(code, SURETY_OK);
}

/* Whatever the budget, and also after more was tried and forgotten. */
static void add_equals_grouping_anew_for_every_prefix(void **state)
{
    uint64_t seed = 1;
    for (int round = 0; round < 60; round++) {
        uint64_t budget = round % 3 == 0 ? 400u * (uint64_t)round : EQUAL_BUDGET;
        const char *answers[40];
        struct equal_grouping *g = equal_grouping_create(NULL);
        for (size_t n = 0; n < 40;) {
            if (n % 7 == 3) {
                for (int i = 0; i < 3; i++)
                    assert_int_equal(add(g, random_answer(&seed), budget, NULL), SURETY_OK);
                equal_grouping_rewind(g, n);
            }
            answers[n] = random_answer(&seed);
            add_with_pauses(g, answers[n], budget);
            assert_same(g, answers, ++n, budget);
        }
        equal_grouping_free(g);
    }
}

static void add_beyond_the_budget_skips_and_counts(void **state)
{
    const char *answers[] = {"1/3", "0.333", "2/6", "1/3"};
    uint32_t got[ANSWERS_MAX];
    struct equal_groups groups;
    struct equal_grouping *g = equal_grouping_create(NULL);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(add(g, answers[i], i == 1 ? 1 : 0, NULL), SURETY_OK);
    assert_int_equal(equal_grouping_find(g, got, &groups), SURETY_OK);
    assert_int_equal(groups.skipped, 2); /* 2/6 against both; the same text needs none */
    assert_int_equal(groups.n, 2);
    assert_int_equal(groups.undecided, 2);
    assert_int_equal(got[3], got[0]);
    equal_grouping_free(g);
}

static void add_stopped_adds_nothing(void **state)
{
    atomic_bool stop = true;
    struct equal_grouping *g = equal_grouping_create(NULL);
    assert_int_equal(add(g, "1/3", EQUAL_BUDGET, &stop), SURETY_OK);
    assert_int_equal(add(g, "2/6", EQUAL_BUDGET, &stop), SURETY_ERR_CANCELLED);
    assert_int_equal(equal_grouping_count(g), 1);
    assert_int_equal(equal_grouping_spent(g), 0);
    stop = false;
    assert_int_equal(add(g, "2/6", EQUAL_BUDGET, &stop), SURETY_OK);
    assert_int_equal(equal_grouping_count(g), 2);
    equal_grouping_free(g);
}

/* Lists of written numbers are told apart at once; of roots they exhaust the budget. */
static void group_of_long_lists_is_bounded(void **state)
{
    enum { N = 256, ITEMS = 16 };
    static char text[N][ITEMS * 16];
    const char *answers[N];
    uint32_t got[N];
    struct equal_groups groups;
    for (int roots = 0; roots < 2; roots++) {
        for (int i = 0; i < N; i++) {
            answers[i] = text[i];
            text[i][0] = '\0';
            for (int j = 0; j < ITEMS; j++)
                snprintf(text[i] + strlen(text[i]), 16, roots ? "%s%d\\sqrt%d" : "%s%d%d",
                         j ? ", " : "", i + j, (i * j) % 7 + 2);
        }
        uint64_t before = effort_spent();
        assert_int_equal(equal_group(answers, N, NULL, got, &groups), SURETY_OK);
        assert_true(effort_spent() - before < EQUAL_BUDGET + EQUAL_BUDGET / 10);
        assert_true(roots || groups.skipped == 0);
        assert_true(groups.n <= N && groups.n > N / 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(group_equal_values_share_a_group),
        cmocka_unit_test(group_one_rounding_is_attached),
        cmocka_unit_test(group_two_candidates_are_not_chained),
        cmocka_unit_test(group_none_has_no_group),
        cmocka_unit_test(group_counts_the_pairs_that_are_open),
        cmocka_unit_test(group_fits_by_any_member),
        cmocka_unit_test(group_knows_the_options_of_the_problem),
        cmocka_unit_test(add_equals_grouping_anew_for_every_prefix),
        cmocka_unit_test(add_beyond_the_budget_skips_and_counts),
        cmocka_unit_test(add_stopped_adds_nothing),
        cmocka_unit_test(group_of_long_lists_is_bounded),
    };
    return cmocka_run_group_tests_name("claims.math.equal_group", tests, NULL, NULL);
}
