#include "tests/unit/test.h"

#include <math.h>

#include "claims/math/ball.h"
#include "tests/unit/claims/math/tree.h"

/* The middle of e's ball; false when it has no value. */
static bool value_of(const char *text, const struct ball_how *how, double *re, double *im)
{
    struct pool pool;
    pool_init(&pool);
    acb_t z;
    acb_init(z);
    bool fine = ball_eval(tree_of(&pool, text), how, z);
    *re = arf_get_d(arb_midref(acb_realref(z)), ARF_RND_NEAR);
    *im = arf_get_d(arb_midref(acb_imagref(z)), ARF_RND_NEAR);
    if (fine) /* it is sharp */
        assert_true(acb_rel_accuracy_bits(z) > 40 || acb_contains_zero(z) || how->rounded);
    acb_clear(z);
    pool_fini(&pool);
    return fine;
}

static size_t wrong;

static int none_wrong(void **state)
{
    int failed = wrong != 0;
    wrong = 0;
    return failed;
}

static void is(const char *text, double expected_re, double expected_im)
{
    struct ball_how how = {.precision = 64};
    double re = 0, im = 0;
    bool fine = value_of(text, &how, &re, &im);
    double size = 1 + fabs(expected_re) + fabs(expected_im);
    if (!fine || fabs(re - expected_re) > 1e-12 * size || fabs(im - expected_im) > 1e-12 * size) {
        print_error("%s: %d %.15g %.15g, not %.15g %.15g\n", text, fine, re, im, expected_re,
                    expected_im);
        wrong++;
    }
}

static void none(const char *text)
{
    struct ball_how how = {.precision = 64};
    double re, im;
    if (value_of(text, &how, &re, &im)) {
        print_error("%s: %g %g\n", text, re, im);
        wrong++;
    }
}

static void arithmetic_and_constants(void **state)
{
    is("1/3", 1.0 / 3, 0);
    is("2 - 5", -3, 0);
    is("2*3*4", 24, 0);
    is("50%", 0.5, 0);
    is("\\pi", M_PI, 0);
    is("e", M_E, 0);
    is("i", 0, 1);
    is("i^2", -1, 0);
    is("180^\\circ", M_PI, 0);
    is("1 + 2i", 1, 2);
    is("\\frac{1}{i}", 0, -1);
    none("\\infty");
    none("x");
    none("1/0");
    none("1/(\\sqrt{2} - \\sqrt{2})"); /* a ball that holds 0 */
    none("1 \\pm 2");
}

static void powers_are_principal(void **state)
{
    is("2^{10}", 1024, 0);
    is("2^{-1}", 0.5, 0);
    is("2^{1/2}", sqrt(2), 0);
    is("(-8)^{1/3}", 1, sqrt(3));
    is("e^{i\\pi}", -1, 0);
    is("0^{1/2}", 0, 0);
    is("0^2", 0, 0);
    is("\\pi^\\pi", pow(M_PI, M_PI), 0);
    none("0^0");
    none("0^{-1}");
    none("0^{-1/2}");
    none("(\\sqrt{2} - \\sqrt{2})^{1/2}");
    none("2^{2^{50}}");
    none("16^{2^{39} + 1/2}"); /* 40 bits of y log x */
    none("\\pi^{10^{13}}");
}

static void elementary_functions(void **state)
{
    is("\\sin 1", sin(1), 0);
    is("\\cos 1", cos(1), 0);
    is("\\tan 1", tan(1), 0);
    is("\\cot 1", 1 / tan(1), 0);
    is("\\sec 1", 1 / cos(1), 0);
    is("\\csc 1", 1 / sin(1), 0);
    is("\\arcsin(1/3)", asin(1.0 / 3), 0);
    is("\\arccos(1/3)", acos(1.0 / 3), 0);
    is("\\arctan 3", atan(3), 0);
    is("\\arccot 3", atan(1.0 / 3), 0);
    is("\\arcsec 3", acos(1.0 / 3), 0);
    is("\\arccsc 3", asin(1.0 / 3), 0);
    is("\\sinh 1", sinh(1), 0);
    is("\\cosh 1", cosh(1), 0);
    is("\\tanh 1", tanh(1), 0);
    is("asinh(1)", asinh(1), 0);
    is("acosh(2)", acosh(2), 0);
    is("atanh(1/2)", atanh(0.5), 0);
    is("\\exp(2)", exp(2), 0);
    is("\\ln 2", log(2), 0);
    is("\\log 2", log(2), 0);
    is("\\log_2 8", 3, 0);
    is("\\log_3 7", log(7) / log(3), 0);
    is("\\ln(-1)", 0, M_PI);
    is("\\sqrt{2}", sqrt(2), 0);
    is("\\sqrt{-4}", 0, 2);
    is("|3 - 4i|", 5, 0);
    is("\\Re(3 - 4i)", 3, 0);
    is("\\Im(3 - 4i)", -4, 0);
    is("\\overline{3 - 4i}", 3, 4);
    none("\\ln 0");
    none("\\tan 90^\\circ");
    none("\\cot 0");
    none("\\csc 0");
    none("\\arcsec 0");
    none("\\log_1 5");
    none("\\log_0 5");
    none("\\log_2 0");
    none("\\sin(2^{41})");
    none("\\exp(10^{13})");
}

static void steps_and_choices_only_where_they_are_sure(void **state)
{
    is("\\lfloor \\pi \\rfloor", 3, 0);
    is("\\lfloor -\\pi \\rfloor", -4, 0);
    is("\\lceil \\pi \\rceil", 4, 0);
    is("\\lfloor 3 \\rfloor", 3, 0);
    none("\\lfloor \\sqrt{2}^2 \\rfloor"); /* 2, but not surely */
    none("\\lfloor i \\rfloor");
    is("sgn(-\\pi)", -1, 0);
    is("sgn(\\pi)", 1, 0);
    is("sgn(0)", 0, 0);
    none("sgn(i)");
    is("\\max(\\pi, 3)", M_PI, 0);
    is("\\min(\\pi, 3)", 3, 0);
    is("\\min(1, 2, \\pi)", 1, 0);
    is("\\max(4)", 4, 0);
    none("\\max(i, 3)");
    none("\\max(3, i)");
    is("7 mod \\pi", 7 - 2 * M_PI, 0);
    none("7 mod 0");
    none("\\gcd(4, 6)"); /* others' business */
}

static void roots_of_negative_numbers_are_real_for_odd_degrees(void **state)
{
    is("\\sqrt[3]{-8}", -2, 0);
    is("\\sqrt[3]{8}", 2, 0);
    is("\\sqrt[4]{-4}", 1, 1);
    is("\\sqrt[\\pi]{2}", pow(2, 1 / M_PI), 0);
    is("\\sqrt[-2]{4}", 0.5, 0);
    is("\\sqrt[1000]{2}", pow(2, 0.001), 0);
    none("\\sqrt[0]{2}");
}

static void whole_numbers_alone_have_factorials(void **state)
{
    is("5!", 120, 0);
    is("0!", 1, 0);
    none("\\pi!");
    none("(-1)!");
    none("100001!");
    is("\\binom{5}{2}", 10, 0);
    is("\\binom{1000}{1}", 1000, 0);
    none("\\binom{1001}{1}");
    none("\\binom{2}{5}");
    none("\\binom{\\pi}{2}");
    none("\\binom{5}{-1}");
}

static void sums_run_over_their_index(void **state)
{
    is("\\sum_{k=1}^{3} \\sqrt{k}", 1 + sqrt(2) + sqrt(3), 0);
    is("\\prod_{k=1}^{3} \\sqrt{k}", sqrt(6), 0);
    is("\\sum_{k=3}^{1} \\sqrt{k}", 0, 0);
    is("\\prod_{k=3}^{1} \\sqrt{k}", 1, 0);
    is("\\sum_{k=1}^{2} \\sum_{j=1}^{k} \\sqrt{j}", 2 + sqrt(2), 0);
    none("\\sum_{k=1}^{\\pi} k");
    none("\\sum_{k=1}^{1/2} k");
    none("\\sum_{k=1}^{1001} k");
    none("\\sum_{k=0}^{2} 1/k");
}

static void one_part_without_value_leaves_none(void **state)
{
    static const char *const texts[] = {"-x",
                                        "x%",
                                        "x^\\circ",
                                        "1 + x",
                                        "x + 1",
                                        "2x",
                                        "x/2",
                                        "2/x",
                                        "2^x",
                                        "x^2",
                                        "\\sin x",
                                        "|x|",
                                        "x!",
                                        "\\sqrt{x}",
                                        "\\sqrt[x]{2}",
                                        "\\sqrt[3]{x}",
                                        "\\log_x 2",
                                        "\\log_2 x",
                                        "x mod 2",
                                        "2 mod x",
                                        "\\max(1, x)",
                                        "\\binom{x}{2}",
                                        "\\binom{5}{x}",
                                        "\\sgn x",
                                        "\\sum_{k=1}^{2} x",
                                        "\\sum_{k=x}^{2} k",
                                        "\\sum_{k=1}^{x} k",
                                        "\\lfloor x \\rfloor",
                                        "\\arcsec x",
                                        "\\cot x",
                                        "\\sec x"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        none(texts[i]);
}

static void decimals_stand_for_what_they_round(void **state)
{
    struct ball_how how = {.precision = 64, .rounded = true};
    struct pool pool;
    pool_init(&pool);
    acb_t z;
    acb_init(z);
    assert_true(ball_eval(tree_of(&pool, "0.33"), &how, z));
    static const struct {
        double value;
        bool inside;
    } table[] = {{0.33, true}, {0.3251, true}, {0.3349, true}, {0.3249, false}, {0.3351, false}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        arb_t x;
        arb_init(x);
        arb_set_d(x, table[i].value);
        assert_int_equal(arb_contains(acb_realref(z), x), table[i].inside);
        arb_clear(x);
    }
    assert_true(ball_eval(tree_of(&pool, "33"), &how, z)); /* whole numbers are meant */
    assert_true(acb_is_exact(z));
    how.rounded = false;
    assert_true(ball_eval(tree_of(&pool, "0.5"), &how, z));
    assert_true(acb_is_exact(z));
    assert_true(ball_eval(tree_of(&pool, "0.33..."), &how, z)); /* cut off: up to a whole unit */
    arb_t x;
    arb_init(x);
    arb_set_d(x, 0.3399);
    assert_true(arb_contains(acb_realref(z), x));
    arb_set_d(x, 0.3401);
    assert_false(arb_contains(acb_realref(z), x));
    arb_clear(x);
    acb_clear(z);
    pool_fini(&pool);
}

static void variables_have_the_values_of_the_point(void **state)
{
    struct pool pool;
    pool_init(&pool);
    acb_t x, y, z;
    acb_init(x);
    acb_init(y);
    acb_init(z);
    acb_set_si(x, 3);
    acb_set_si(y, 10);
    struct ball_point first = {.var = tree_of(&pool, "x"), .value = x};
    struct ball_point both = {.var = tree_of(&pool, "x_1"), .value = y, .outer = &first};
    struct ball_how how = {.precision = 64, .points = &both};
    assert_true(ball_eval(tree_of(&pool, "2x + x_1"), &how, z));
    assert_true(acb_equal_si(z, 16));
    assert_true(ball_eval(tree_of(&pool, "\\sum_{k=1}^{x} k"), &how, z));
    assert_true(acb_equal_si(z, 6));
    assert_true(ball_eval(tree_of(&pool, "\\sum_{x=1}^{2} x"), &how, z)); /* bound there */
    assert_true(acb_equal_si(z, 3));
    assert_false(ball_eval(tree_of(&pool, "y"), &how, z));
    acb_clear(x);
    acb_clear(y);
    acb_clear(z);
    pool_fini(&pool);
}

static bool unreal(const char *text)
{
    bool is = false;
    struct ball_how how = {.precision = 64, .ret_unreal = &is};
    double re, im;
    assert_true(value_of(text, &how, &re, &im));
    return is;
}

static void unreal_tells_of_a_real_number_left_behind(void **state)
{
    assert_true(unreal("\\sqrt{-4}"));
    assert_true(unreal("\\ln(-1)"));
    assert_true(unreal("(-8)^{1/3}"));
    assert_true(unreal("\\arcsin 2"));
    assert_true(unreal("\\sqrt{-4}^2")); /* also on the way */
    assert_true(unreal("\\sqrt[4]{-4}"));
    assert_false(unreal("\\sqrt[3]{-8}"));
    assert_false(unreal("\\sqrt{4}"));
    assert_false(unreal("i^2"));
    assert_false(unreal("\\sqrt{i}"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(arithmetic_and_constants, none_wrong),
        cmocka_unit_test_teardown(powers_are_principal, none_wrong),
        cmocka_unit_test_teardown(elementary_functions, none_wrong),
        cmocka_unit_test_teardown(steps_and_choices_only_where_they_are_sure, none_wrong),
        cmocka_unit_test_teardown(roots_of_negative_numbers_are_real_for_odd_degrees, none_wrong),
        cmocka_unit_test_teardown(whole_numbers_alone_have_factorials, none_wrong),
        cmocka_unit_test_teardown(sums_run_over_their_index, none_wrong),
        cmocka_unit_test_teardown(one_part_without_value_leaves_none, none_wrong),
        cmocka_unit_test(decimals_stand_for_what_they_round),
        cmocka_unit_test(variables_have_the_values_of_the_point),
        cmocka_unit_test(unreal_tells_of_a_real_number_left_behind),
    };
    int failed = cmocka_run_group_tests_name("claims.math.ball", tests, NULL, NULL);
    flint_cleanup();
    return failed;
}
