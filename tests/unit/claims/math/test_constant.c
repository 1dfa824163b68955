#include "tests/unit/test.h"

#include "claims/math/constant.h"
#include "tests/unit/claims/math/tree.h"

struct row {
    const char *a, *b;
    enum constant_verdict expected;
};

static const char *const names[] = {"equal", "different", "unknown"};

static void check_all(const struct row *rows, size_t n)
{
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++) {
        struct pool pool;
        pool_init(&pool);
        const struct expr *a = tree_of(&pool, rows[i].a), *b = tree_of(&pool, rows[i].b);
        enum constant_verdict got = constant_compare(a, b), back = constant_compare(b, a);
        if (got != rows[i].expected || back != got) {
            print_error("%s | %s: %s, %s, not %s\n", rows[i].a, rows[i].b, names[got], names[back],
                        names[rows[i].expected]);
            wrong++;
        }
        pool_fini(&pool);
    }
    assert_int_equal(wrong, 0);
}

#define CHECK(rows) check_all(rows, sizeof(rows) / sizeof *(rows))
#define EQUAL CONSTANT_EQUAL
#define OTHER CONSTANT_DIFFERENT
#define OPEN CONSTANT_UNKNOWN

static void radicals(void **state)
{
    static const struct row rows[] = {
        {"\\sqrt{8}", "2\\sqrt{2}", EQUAL},
        {"\\sqrt{2}\\sqrt{3}", "\\sqrt{6}", EQUAL},
        {"\\sqrt{5 + 2\\sqrt{6}}", "\\sqrt{2} + \\sqrt{3}", EQUAL},
        {"6", "6\\sqrt{2}", OTHER},
        {"1/\\sqrt{2}", "\\sqrt{2}/2", EQUAL},
        {"\\sqrt[3]{-8}", "-2", EQUAL}, /* the real root */
        {"\\sqrt[3]{16}", "2\\sqrt[3]{2}", EQUAL},
        {"2^{1/3}", "\\sqrt[3]{2}", EQUAL},
        {"2^{-1/2}", "\\sqrt{2}/2", EQUAL},
        {"(\\sqrt{2})^2", "2", EQUAL},
        {"\\sqrt{-4}", "2i", EQUAL},
        {"50% \\sqrt{2}", "\\sqrt{2}/2", EQUAL},
        {"1 + \\sqrt{2}", "1 - \\sqrt{2}", OTHER},
        {"-\\sqrt{2}", "\\sqrt{2}", OTHER},
    };
    CHECK(rows);
}

static void trigonometric_values(void **state)
{
    static const struct row rows[] = {
        {"\\cos(\\pi/5)", "(1 + \\sqrt{5})/4", EQUAL},
        {"\\sin 30^\\circ", "1/2", EQUAL},
        {"\\sin 60^\\circ", "\\sqrt{3}/2", EQUAL},
        {"\\sin 45^\\circ", "\\sqrt{2}/2", EQUAL},
        {"\\sin 90^\\circ", "1", EQUAL},
        {"\\sin 0", "0", EQUAL},
        {"\\sin 180^\\circ", "0", EQUAL},
        {"\\sin 210^\\circ", "-1/2", EQUAL},
        {"\\sin 330^\\circ", "-1/2", EQUAL},
        {"\\sin(-\\pi/6)", "-1/2", EQUAL},
        {"\\cos 60^\\circ", "1/2", EQUAL},
        {"\\cos 120^\\circ", "-1/2", EQUAL},
        {"\\cos(2\\pi/3)", "-1/2", EQUAL},
        {"\\cos(\\pi 2/3)", "-1/2", EQUAL},
        {"\\cos \\pi", "-1", EQUAL},
        {"\\tan 45^\\circ", "1", EQUAL},
        {"\\tan 30^\\circ", "\\sqrt{3}/3", EQUAL},
        {"\\cot 30^\\circ", "\\sqrt{3}", EQUAL},
        {"\\sec 60^\\circ", "2", EQUAL},
        {"\\csc 30^\\circ", "2", EQUAL},
        {"\\sin 15^\\circ", "(\\sqrt{6} - \\sqrt{2})/4", EQUAL},
        {"\\sin 15^\\circ", "\\sin 16^\\circ", OTHER},
        {"\\sin^2 1 + \\cos^2 1", "1", EQUAL},
        {"\\tan 90^\\circ", "1", OPEN}, /* no value */
        {"\\cot 0", "1", OPEN},
        {"\\sec 90^\\circ", "1", OPEN},
        {"\\csc 0", "1", OPEN},
        {"\\arcsin(1/2)", "\\pi/6", EQUAL},
        {"\\arccos(1/2)", "\\pi/3", EQUAL},
        {"\\arctan 1", "\\pi/4", EQUAL},
        {"\\arccot 1", "\\pi/4", EQUAL},
        {"\\arcsec 2", "\\pi/3", EQUAL},
        {"\\arccsc 2", "\\pi/6", EQUAL},
        {"\\arccsc 0", "1", OPEN},
    };
    CHECK(rows);
}

static void exponentials_and_logarithms(void **state)
{
    static const struct row rows[] = {
        {"e^{i\\pi}", "-1", EQUAL},
        {"\\ln e", "1", EQUAL},
        {"\\ln e^2", "2", EQUAL},
        {"e^{\\ln 3}", "3", EQUAL},
        {"\\exp(\\ln 3)", "3", EQUAL},
        {"\\ln 6", "\\ln 2 + \\ln 3", EQUAL},
        {"\\ln 4", "2\\ln 2", EQUAL},
        {"\\log_2 8", "3", EQUAL},
        {"\\log_4 8", "3/2", EQUAL},
        {"2^{\\log_2 5}", "5", EQUAL},
        {"\\log_1 5", "1", OPEN},
        {"\\ln 0", "1", OPEN},
        {"\\log_2 0", "1", OPEN},
        {"\\sinh 0", "0", EQUAL},
        {"\\cosh 0", "1", EQUAL},
        {"\\cosh 1", "(e + e^{-1})/2", EQUAL},
        {"\\sinh 1", "(e - e^{-1})/2", EQUAL},
        {"\\pi", "e", OTHER},
        {"\\pi", "22/7", OTHER},
        {"\\ln 2", "\\ln 3", OTHER},
        {"e^2", "e^3", OTHER},
    };
    CHECK(rows);
}

static void complex_numbers_and_steps(void **state)
{
    static const struct row rows[] = {
        {"i^2", "-1", EQUAL},
        {"i^{102}", "-1", EQUAL},
        {"i^{-1}", "-i", EQUAL},
        {"(1 + i)^2", "2i", EQUAL},
        {"|3 + 4i|", "5", EQUAL},
        {"\\Re(\\sqrt{2} + i)", "\\sqrt{2}", EQUAL},
        {"\\Im(1 + \\sqrt{2} i)", "\\sqrt{2}", EQUAL},
        {"\\overline{1 + i}", "1 - i", EQUAL},
        {"\\lfloor \\sqrt{2} \\rfloor", "1", EQUAL},
        {"\\lceil \\sqrt{2} \\rceil", "2", EQUAL},
        {"\\max(\\sqrt{2}, \\sqrt{3})", "\\sqrt{3}", EQUAL},
        {"\\min(\\sqrt{2}, \\sqrt{3}, 1)", "1", EQUAL},
        {"7 mod \\sqrt{2}", "7 - 4\\sqrt{2}", EQUAL},
        {"\\sqrt{2} mod 0", "1", OPEN},
        {"5! + \\sqrt{4}", "122", EQUAL},
        {"\\sum_{k=1}^{3} k", "6", EQUAL},
        {"\\sum_{k=1}^{3} \\sqrt{k}", "1", OPEN},
        {"1/(\\sqrt{2} - \\sqrt{2})", "1", OPEN},
        {"\\infty", "\\infty", OPEN},
        {"x", "x", OPEN},
        {"0.333...", "1/3", OPEN},
    };
    CHECK(rows);
}

static void one_part_without_value_leaves_it_open(void **state)
{
    static const struct row rows[] = {
        {"-x", "1", OPEN},
        {"x%", "1", OPEN},
        {"x^\\circ", "1", OPEN},
        {"1 + x", "1", OPEN},
        {"x + 1", "1", OPEN},
        {"2x", "1", OPEN},
        {"2/x", "1", OPEN},
        {"2^x", "1", OPEN},
        {"x^2", "1", OPEN},
        {"e^x", "1", OPEN},
        {"\\sin x", "1", OPEN},
        {"|x|", "1", OPEN},
        {"\\sqrt{x}", "1", OPEN},
        {"\\sqrt[x]{2}", "1", OPEN},
        {"\\log_x 2", "1", OPEN},
        {"\\log_2 x", "1", OPEN},
        {"x mod 2", "1", OPEN},
        {"\\sqrt{2} mod x", "1", OPEN},
        {"\\max(\\pi, x)", "1", OPEN},
        {"\\max(x, 1)", "1", OPEN},
        {"\\pi!", "1", OPEN},
        {"\\binom{\\pi}{2}", "1", OPEN},
    };
    CHECK(rows);
}

static void what_may_be_slow_is_refused(void **state)
{
    static const struct row rows[] = {
        {"\\sqrt{2}\\sqrt{3}\\sqrt{5}\\sqrt{7}", "\\sqrt{210}", EQUAL},
        {"\\sqrt[32]{3}", "2", OTHER},
        {"\\sqrt[33]{3}", "2", OPEN},
        {"\\sqrt[16]{2}", "2^{1/16}", EQUAL}, /* degree 256 */
        {"\\ln 2 + \\ln 3 + \\ln 5 + \\ln 7 + \\ln 11 + \\ln 13 + \\ln 17", "1", OPEN},
        {"\\sqrt{2}^{128}", "2^{64}", OPEN},          /* an exponent of more than seven bits */
        {"\\sqrt[16]{2} + \\sqrt[17]{2}", "1", OPEN}, /* degree 272 */
        {"\\cos(\\pi/600)", "1", OPEN},               /* a root of unity of a high degree */
        {"\\cos(2(\\pi/600))", "1", OPEN},
        {"\\cos 0.3^\\circ", "1", OPEN},
        {"\\cos(\\pi/500)", "1", OTHER},
        {"2^{300} + \\sqrt{2}", "2^{300} + \\sqrt{2}", OPEN},
        {"\\pi^{64} \\pi", "\\pi^{65}", OPEN},
    };
    CHECK(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(radicals),
        cmocka_unit_test(trigonometric_values),
        cmocka_unit_test(exponentials_and_logarithms),
        cmocka_unit_test(complex_numbers_and_steps),
        cmocka_unit_test(one_part_without_value_leaves_it_open),
        cmocka_unit_test(what_may_be_slow_is_refused),
    };
    int failed = cmocka_run_group_tests_name("claims.math.constant", tests, NULL, NULL);
    flint_cleanup();
    return failed;
}
