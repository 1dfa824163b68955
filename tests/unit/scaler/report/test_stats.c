#include "tests/unit/test.h"

#include <math.h>
#include <stdlib.h>

#include "scaler/report/stats.h"

/* Expected values: an independent implementation in Python with exact fractions. */
#define assert_close(a, b) assert_true(fabs((a) - (b)) < 1e-12)

static void bootstrap_known_values(void **state)
{
    double hits[] = {0, 1, 1, 0, 1, 1, 1, 1, 0, 1};
    double differences[] = {0.25, -0.5, 0.75, 0, 0.125};
    struct stats_interval i = stats_bootstrap(hits, 10);
    assert_close(i.value, 0.7);
    assert_close(i.low, 0.4);
    assert_close(i.high, 1.0);
    i = stats_bootstrap(differences, 5);
    assert_close(i.value, 0.125);
    assert_close(i.low, -0.25);
    assert_close(i.high, 0.5);
}

static void bootstrap_edges(void **state)
{
    double one[] = {0.5};
    struct stats_interval i = stats_bootstrap(one, 1);
    assert_true(i.value == 0.5 && i.low == 0.5 && i.high == 0.5);
    i = stats_bootstrap(one, 0);
    assert_true(isnan(i.value) && isnan(i.low) && isnan(i.high));
}

static void bootstrap_order_of_problems_changes_nothing(void **state)
{
    double a[] = {0.1, 0.9, 0.3, 0.3, 1, 0, 0.55}, b[] = {1, 0.3, 0.1, 0, 0.55, 0.9, 0.3};
    struct stats_interval x = stats_bootstrap(a, 7), y = stats_bootstrap(b, 7);
    assert_true(x.value == y.value && x.low == y.low && x.high == y.high);
}

/* On both sides of the size at which the normal interval takes over. */
static void bootstrap_many_problems_agrees_with_normal(void **state)
{
    size_t n = STATS_BOOTSTRAP_MAX + 1;
    double *values = malloc(n * sizeof *values);
    assert_non_null(values);
    for (size_t i = 0; i < n; i++)
        values[i] = i % 4 == 0;
    struct stats_interval a = stats_bootstrap(values, n - 1), b = stats_bootstrap(values, n);
    assert_true(fabs(a.low - b.low) < 3e-4 && fabs(a.high - b.high) < 3e-4);
    assert_true(a.low < 0.25 && a.high > 0.25 && a.high - a.low < 0.013);
    free(values);
}

static void wilson_known_values(void **state)
{
    struct stats_interval i = stats_wilson(8, 10);
    assert_close(i.value, 0.8);
    assert_close(i.low, 0.49016247153664183);
    assert_close(i.high, 0.9433178485456247);
    i = stats_wilson(90, 100);
    assert_close(i.low, 0.8256343384950865);
    assert_close(i.high, 0.9447708629393249);
    i = stats_wilson(0, 10);
    assert_true(i.low == 0);
    assert_close(i.high, 0.2775327998628892);
    i = stats_wilson(10, 10);
    assert_close(i.low, 0.7224672001371107);
    assert_true(i.high == 1);
    assert_true(isnan(stats_wilson(0, 0).value));
    assert_true(isnan(stats_wilson(2, 1).value));
}

/* The table of Clopper and Pearson, and the closed forms at the ends. */
static void exact_known_values(void **state)
{
    double low, high;
    stats_exact(2, 10, 0.025, &low, &high);
    assert_close(low, 0.025210726326833348);
    assert_close(high, 0.5560954623076415);
    stats_exact(0, 4, 0.0125, &low, &high);
    assert_true(low == 0);
    assert_close(high, 1 - pow(0.0125, 0.25));
    stats_exact(4, 4, 0.0125, &low, &high);
    assert_close(low, pow(0.0125, 0.25));
    assert_true(high == 1);
}

static void paired_few_problems_are_told_as_such(void **state)
{
    const double none[30] = {0}, half[] = {0.5, 1, 0};
    double one[30];
    struct stats_paired p;
    char range[48];
    for (int i = 0; i < 30; i++)
        one[i] = 1;
    assert_int_equal(stats_paired(one, none, 1, &p), SURETY_OK);
    assert_true(p.few && p.difference.low == 1);
    assert_close(p.exact.low, 0.0125 - 0.9875);
    assert_close(p.exact.high, 1);
    stats_paired_range(&p, range);
    assert_string_equal(range, "too few to tell: -97.5 to +100.0");
    assert_int_equal(stats_paired(half, none, 3, &p), SURETY_OK); /* a rescue is no whole point */
    assert_close(p.exact.low, pow(0.0125, 1.0 / 3) - 1);
    assert_int_equal(stats_paired(none, none, 29, &p), SURETY_OK);
    assert_true(p.few && p.exact.low < -0.1 && p.exact.high > 0.1);
    assert_int_equal(stats_paired(one, none, 30, &p), SURETY_OK);
    assert_false(p.few);
    stats_paired_range(&p, range);
    assert_string_equal(range, "+100.0 to +100.0");
}

static void points_that_round_to_nothing_have_no_sign(void **state)
{
    assert_false(signbit(stats_points(-0.0)));
    assert_true(stats_points(-0.00049) == 0 && !signbit(stats_points(-0.00049)));
    assert_true(stats_points(-0.00051) < 0 && stats_points(0.0625) == 6.25);
    assert_true(isnan(stats_points(NAN)));
}

static void mcnemar_known_values(void **state)
{
    assert_close(stats_mcnemar(51, 25), 0.0038362357516146246);
    assert_close(stats_mcnemar(14, 5), 0.063568115234375);
    assert_close(stats_mcnemar(10, 2), 0.03857421875);
    assert_close(stats_mcnemar(6, 0), 0.03125);
    assert_close(stats_mcnemar(0, 6), 0.03125);
    assert_true(stats_mcnemar(1, 0) == 1);
    assert_true(stats_mcnemar(0, 0) == 1);
    assert_true(stats_mcnemar(7, 7) == 1);
    assert_true(fabs(stats_mcnemar(1000, 900) / 0.02310884510890107 - 1) < 1e-9);
    assert_true(stats_mcnemar(1000000, 0) < 1e-300);
}

static void paired_counts_problems_by_which_is_above(void **state)
{
    const double a[] = {1, 1, 0, 0.5, 0.5}, b[] = {0, 1, 1, 0, 0.5};
    struct stats_paired p;
    assert_int_equal(stats_paired(a, b, 5, &p), SURETY_OK);
    assert_close(p.a, 0.6);
    assert_close(p.b, 0.5);
    assert_close(p.difference.value, 0.1);
    assert_int_equal(p.rescue, 2);
    assert_int_equal(p.harm, 1);
    assert_close(p.p, 1);
    assert_true(p.difference.low < 0 && p.difference.high > 0);
    assert_int_equal(stats_paired(a, b, 0, &p), SURETY_OK);
    assert_true(isnan(p.p) && isnan(p.a) && isnan(p.difference.value));
}

static void aurc_known_values(void **state)
{
    struct stats_bet bets[] = {{0.1, true}, {0.8, true}, {0.9, false}, {0.8, false}};
    assert_close(stats_aurc(bets, 4), (0 + 0.5 / 2 + 1 / 3. + 2 / 4.) / 4);
    assert_close(stats_aurc(bets, 1), 0); /* they are sorted now */
    struct stats_bet alike[] = {{1, true}, {1, false}, {1, false}, {1, true}};
    assert_close(stats_aurc(alike, 4), 0.5);
    assert_true(isnan(stats_aurc(alike, 0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bootstrap_known_values),
        cmocka_unit_test(bootstrap_edges),
        cmocka_unit_test(bootstrap_order_of_problems_changes_nothing),
        cmocka_unit_test(bootstrap_many_problems_agrees_with_normal),
        cmocka_unit_test(wilson_known_values),
        cmocka_unit_test(exact_known_values),
        cmocka_unit_test(paired_few_problems_are_told_as_such),
        cmocka_unit_test(points_that_round_to_nothing_have_no_sign),
        cmocka_unit_test(mcnemar_known_values),
        cmocka_unit_test(paired_counts_problems_by_which_is_above),
        cmocka_unit_test(aurc_known_values),
    };
    return cmocka_run_group_tests_name("claims.stats", tests, NULL, NULL);
}
