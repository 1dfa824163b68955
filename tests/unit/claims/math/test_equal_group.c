#include "tests/unit/test.h"

#include <string.h>

#include "claims/math/equal.h"

#define MAX 16

static size_t group(const char *const *answers, size_t n, uint32_t *ret_group)
{
    size_t groups = 99, undecided = 99;
    assert_int_equal(equal_group(answers, n, NULL, ret_group, &groups, &undecided), SURETY_OK);
    return groups;
}

static void group_equal_values_share_a_group(void **state)
{
    const char *answers[] = {"1/2", "0.5", NULL, "\\frac{1}{2}", "3", "3.0"};
    const uint32_t expected[] = {0, 0, EQUAL_NO_GROUP, 0, 1, 1};
    uint32_t got[MAX];
    assert_int_equal(group(answers, 6, got), 2);
    assert_memory_equal(got, expected, sizeof expected);
}

static void group_one_rounding_is_attached(void **state)
{
    const char *answers[] = {"1/3", "0.333", "7"};
    const uint32_t expected[] = {0, 0, 1};
    uint32_t got[MAX];
    assert_int_equal(group(answers, 3, got), 2);
    assert_memory_equal(got, expected, sizeof expected);
}

static void group_two_candidates_are_not_chained(void **state)
{
    /* 0.500 rounds both, which differ: it is attached to neither */
    const char *answers[] = {"0.4996", "0.500", "0.5004"};
    uint32_t got[MAX];
    assert_int_equal(group(answers, 3, got), 3);
}

static void group_none_has_no_group(void **state)
{
    const char *answers[] = {NULL, NULL};
    uint32_t got[MAX];
    assert_int_equal(group(answers, 2, got), 0);
    assert_int_equal(got[1], EQUAL_NO_GROUP);
    assert_int_equal(group(NULL, 0, got), 0);
}

static void group_counts_the_pairs_that_are_open(void **state)
{
    const char *answers[] = {"2 dozen", "2", "24", "7"}; /* were dozens asked for? */
    uint32_t got[MAX];
    size_t groups, undecided;
    assert_int_equal(equal_group(answers, 4, NULL, got, &groups, &undecided), SURETY_OK);
    assert_int_equal(groups, 3);
    assert_int_equal(undecided, 1);
    assert_int_equal(got[0], got[2]);
}

/* Groups are as close as their closest members: 0.333 fits 1/3, written in whatever way. */
static void group_fits_by_any_member(void **state)
{
    const char *answers[] = {"2/6", "7", "1/3", "0.333", "0.3330", "1/3"};
    const uint32_t expected[] = {0, 1, 0, 0, 0, 0};
    uint32_t got[MAX];
    assert_int_equal(group(answers, 6, got), 2);
    assert_memory_equal(got, expected, sizeof expected);
}

static void group_knows_the_options_of_the_problem(void **state)
{
    const char *answers[] = {"B", "42", "A"};
    const uint32_t expected[] = {0, 0, 1};
    uint32_t got[MAX];
    size_t groups, undecided;
    assert_int_equal(equal_group(answers, 3, "6*7? (A) 41 (B) 42 (C) 43", got, &groups, &undecided),
                     SURETY_OK);
    assert_int_equal(groups, 2);
    assert_int_equal(undecided, 0);
    assert_memory_equal(got, expected, sizeof expected);
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
    };
    return cmocka_run_group_tests_name("claims.math.equal_group", tests, NULL, NULL);
}
