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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(group_equal_values_share_a_group),
        cmocka_unit_test(group_one_rounding_is_attached),
        cmocka_unit_test(group_two_candidates_are_not_chained),
        cmocka_unit_test(group_none_has_no_group),
    };
    return cmocka_run_group_tests_name("claims.math.equal_group", tests, NULL, NULL);
}
