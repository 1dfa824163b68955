#include "tests/unit/test.h"

#include <string.h>

#include "claims/math/scalar.h"
#include "tests/unit/claims/math/tree.h"

struct row {
    const char *a, *b;
    enum equal_verdict verdict;
    const char *how;
};

static const char *const names[] = {"different", "exact", "compatible", "unknown"};

static void check_all(const struct row *rows, size_t n)
{
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++) {
        struct pool pool;
        pool_init(&pool);
        const struct expr *a = tree_of(&pool, rows[i].a), *b = tree_of(&pool, rows[i].b);
        struct equal_result r = scalar_compare(a, b), back = scalar_compare(b, a);
        if (r.verdict != rows[i].verdict || back.verdict != r.verdict ||
            (rows[i].how && strcmp(r.how, rows[i].how) != 0)) {
            print_error("%s | %s: %s (%s), %s, not %s\n", rows[i].a, rows[i].b, names[r.verdict],
                        r.how, names[back.verdict], names[rows[i].verdict]);
            wrong++;
        }
        pool_fini(&pool);
    }
    assert_int_equal(wrong, 0);
}

#define CHECK(rows) check_all(rows, sizeof(rows) / sizeof *(rows))

static void the_cheapest_that_decides_says_so(void **state)
{
    static const struct row rows[] = {
        {"1/2", "0.5", EQUAL_EXACT, "exact rational"},
        {"1/2", "0.51", EQUAL_DIFFERENT, "different numbers"},
        {"\\sqrt{x}", "\\sqrt{x}", EQUAL_EXACT, "same expression"},
        {"\\sqrt{2}", "\\sqrt{3}", EQUAL_DIFFERENT, "different values"},
        {"2\\pi + \\pi", "3\\pi", EQUAL_EXACT, "algebraic identity"},
        {"\\sqrt{8}", "2\\sqrt{2}", EQUAL_EXACT, "exact constant"},
        {"(x+1)^2", "x^2 + 2x + 1", EQUAL_EXACT, "algebraic identity"},
        {"x + 1", "x + 2", EQUAL_DIFFERENT, "different polynomials"},
        {"\\sin 2x", "2\\sin x\\cos x", EQUAL_EXACT, "numerical identity"},
        {"\\sin x", "\\cos x", EQUAL_DIFFERENT, "different at a point"},
        {"1/0", "1/0 + 1", EQUAL_UNKNOWN, "no value"},
    };
    CHECK(rows);
}

static void real_points_alone_are_compatible(void **state)
{
    static const struct row rows[] = {
        {"\\sqrt{a}\\sqrt{b}", "\\sqrt{ab}", EQUAL_COMPATIBLE, "equal where both are real"},
        {"\\ln x^2", "2\\ln x", EQUAL_COMPATIBLE, "equal where both are real"},
        {"\\sqrt{x^2}", "x", EQUAL_DIFFERENT, NULL},
        {"\\sqrt{x^2}", "|x|", EQUAL_EXACT, "numerical identity"},
        {"\\arcsin x + \\arccos x", "\\pi/2", EQUAL_EXACT, "numerical identity"},
    };
    CHECK(rows);
}

static void whole_numbers_alone_are_compatible(void **state)
{
    static const struct row rows[] = {
        {"n!", "n(n-1)!", EQUAL_COMPATIBLE, "equal for whole numbers"},
        {"n!", "(n-1)!", EQUAL_DIFFERENT, NULL},
        {"\\cos(n\\pi)", "(-1)^n", EQUAL_COMPATIBLE, "equal for whole numbers"},
        {"\\cos(x\\pi)", "(-1)^x", EQUAL_DIFFERENT, NULL}, /* x is no counter */
        {"\\sum_{k=1}^{n} k", "n(n+1)/2", EQUAL_COMPATIBLE, "equal for whole numbers"},
        {"\\sum_{k=1}^{n} k", "n(n-1)/2", EQUAL_DIFFERENT, NULL},
        {"\\binom{n}{2}", "n(n-1)/2", EQUAL_COMPATIBLE, "equal for whole numbers"},
        {"\\sum_{k=1}^{n} k", "\\sum_{j=1}^{n} j", EQUAL_COMPATIBLE, NULL},
    };
    CHECK(rows);
}

static void constants_far_from_one_are_seen(void **state)
{
    static const struct row rows[] = {
        {"\\sin x + 10^{-30}", "\\sin x", EQUAL_DIFFERENT, NULL},
        {"\\sin x + 10^{-300}", "\\sin x", EQUAL_DIFFERENT, NULL},
        {"\\sin x + 10^{60}", "\\sin x + 10^{60} + 1", EQUAL_DIFFERENT, NULL},
        {"10^{-200}\\sin 2x", "2 \\cdot 10^{-200} \\sin x \\cos x", EQUAL_EXACT, NULL},
        {"\\sin x + 10^{-99999}", "\\sin x", EQUAL_UNKNOWN, NULL},
    };
    CHECK(rows);
}

static void infinity_is_a_symbol(void **state)
{
    static const struct row rows[] = {
        {"\\infty", "\\infty", EQUAL_EXACT, "same expression"},
        {"\\infty", "5", EQUAL_DIFFERENT, "different values"},
        {"-\\infty", "\\infty", EQUAL_DIFFERENT, NULL},
        {"\\sum_{k=1}^{\\infty} 2^{-k}", "1", EQUAL_UNKNOWN, NULL}, /* has no end */
        {"\\sum_{k=\\infty}^{1} 2^{-k}", "1", EQUAL_UNKNOWN, NULL},
    };
    CHECK(rows);
}

static void what_is_no_scalar_inside_is_unknown(void **state)
{
    static const struct row rows[] = {
        {"1 \\pm 2", "3", EQUAL_UNKNOWN, NULL},      {"2 + (1, 2)", "3", EQUAL_UNKNOWN, NULL},
        {"\\Re(z)", "z", EQUAL_UNKNOWN, NULL}, /* real points cannot tell */
        {"\\overline{z}", "z", EQUAL_UNKNOWN, NULL}, {"\\Im(z)", "0", EQUAL_UNKNOWN, NULL},
        {"\\Re(2)", "2", EQUAL_EXACT, NULL},
    };
    CHECK(rows);
}

static void a_logarithm_without_base_is_natural_or_decimal(void **state)
{
    static const struct row rows[] = {
        {"\\log 100", "2", EQUAL_COMPATIBLE, "base of the logarithm"},
        {"\\log e", "1", EQUAL_EXACT, NULL},
        {"\\log 8", "3", EQUAL_UNKNOWN, "base of the logarithm"}, /* rarely to base 2 */
        {"\\log 8", "4", EQUAL_DIFFERENT, NULL},
        {"\\ln 100", "2", EQUAL_DIFFERENT, NULL},
        {"\\log_{10} 100", "2", EQUAL_EXACT, NULL},
        {"\\log x", "\\log_{10} x", EQUAL_COMPATIBLE, "base of the logarithm"},
        {"\\log x", "\\ln x", EQUAL_EXACT, NULL},
    };
    CHECK(rows);
}

static void too_many_variables_are_unknown(void **state)
{
    static const struct row rows[] = {
        {"\\sin(a+b+c+d+f+g+h+j+k+l+m+n)", "\\sin(n+a+b+c+d+f+g+h+j+k+l+m)", EQUAL_EXACT, NULL},
        {"\\sin(a+b+c+d+f+g+h+j+k+l+m+n+p)", "\\sin(p+n+a+b+c+d+f+g+h+j+k+l+m)", EQUAL_UNKNOWN,
         "too many variables"},
        {"\\sqrt{-1 - x^2} / 0.333...", "x^x^x^x^x", EQUAL_DIFFERENT, NULL},
        {"\\lfloor x \\rfloor", "x", EQUAL_DIFFERENT, NULL},
    };
    CHECK(rows);
}

static int order(const char *a, const char *b)
{
    struct pool pool;
    pool_init(&pool);
    const struct expr *x = tree_of(&pool, a), *y = tree_of(&pool, b);
    int got = scalar_order(x, y), back = scalar_order(y, x);
    assert_int_equal(back, got == 2 ? 2 : -got);
    pool_fini(&pool);
    return got;
}

static void order_of_closed_real_values(void **state)
{
    assert_int_equal(order("1", "2"), -1);
    assert_int_equal(order("\\pi", "3.14"), 1);
    assert_int_equal(order("-\\sqrt{2}", "-1"), -1);
    assert_int_equal(order("\\sqrt{8}", "2\\sqrt{2}"), 0);
    assert_int_equal(order("1/2", "0.5"), 0);
    assert_int_equal(order("i", "1"), 2);
    assert_int_equal(order("x", "1"), 2);
    assert_int_equal(order("\\infty", "1"), 2);
    assert_int_equal(order("\\log 8", "3"), -1); /* natural */
}

static void log_base_is_given_to_bare_logarithms(void **state)
{
    struct pool pool;
    pool_init(&pool);
    char got[200];
    tree_write(scalar_log_base(&pool, tree_of(&pool, "1 + \\log x \\log_2 \\log y"), 10), got,
               sizeof got);
    assert_string_equal(got, "(+ 1 (. (log x 10) (log (log y 10) 2)))");
    assert_null(scalar_log_base(&pool, tree_of(&pool, "\\ln x + \\log_2 y"), 10));
    pool_fini(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cheapest_that_decides_says_so),
        cmocka_unit_test(real_points_alone_are_compatible),
        cmocka_unit_test(whole_numbers_alone_are_compatible),
        cmocka_unit_test(constants_far_from_one_are_seen),
        cmocka_unit_test(infinity_is_a_symbol),
        cmocka_unit_test(what_is_no_scalar_inside_is_unknown),
        cmocka_unit_test(a_logarithm_without_base_is_natural_or_decimal),
        cmocka_unit_test(too_many_variables_are_unknown),
        cmocka_unit_test(order_of_closed_real_values),
        cmocka_unit_test(log_base_is_given_to_bare_logarithms),
    };
    int failed = cmocka_run_group_tests_name("claims.math.scalar", tests, NULL, NULL);
    flint_cleanup();
    return failed;
}
