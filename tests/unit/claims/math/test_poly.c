#include "tests/unit/test.h"

#include "claims/math/poly.h"
#include "tests/unit/claims/math/tree.h"

static const char *const names[] = {"same", "not same", "undecided"};

static size_t check(const char *a, const char *b, enum poly_verdict expected)
{
    struct pool pool;
    pool_init(&pool);
    const struct expr *x = tree_of(&pool, a), *y = tree_of(&pool, b);
    enum poly_verdict got = poly_compare(x, y);
    assert_int_equal(poly_compare(y, x), got);
    pool_fini(&pool);
    if (got == expected)
        return 0;
    print_error("%s | %s: %s, not %s\n", a, b, names[got], names[expected]);
    return 1;
}

struct row {
    const char *a, *b;
    enum poly_verdict expected;
};

static void check_all(const struct row *rows, size_t n)
{
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++)
        wrong += check(rows[i].a, rows[i].b, rows[i].expected);
    assert_int_equal(wrong, 0);
}

#define CHECK(rows) check_all(rows, sizeof(rows) / sizeof *(rows))

static void quotients_of_polynomials_are_decided(void **state)
{
    static const struct row rows[] = {
        {"(x+1)^2", "x^2 + 2x + 1", POLY_SAME},
        {"(x+1)^2", "x^2 + 1", POLY_NOT_SAME},
        {"(x+y)(x-y)", "x^2 - y^2", POLY_SAME},
        {"\\frac{x^2-1}{x-1}", "x + 1", POLY_SAME},
        {"1/x + 1/y", "(x+y)/(xy)", POLY_SAME},
        {"1/x + 2/x", "3/x", POLY_SAME},
        {"1/x - 1/y", "(x-y)/(xy)", POLY_NOT_SAME},
        {"x^{-2}", "1/x^2", POLY_SAME},
        {"x^0", "1", POLY_SAME},
        {"x/2", "50% x", POLY_SAME},
        {"0.5x", "x/2", POLY_SAME},
        {"-(x - y)", "y - x", POLY_SAME},
        {"x", "y", POLY_NOT_SAME},
        {"x", "x_1", POLY_NOT_SAME},
        {"2", "2", POLY_SAME},
        {"x^2 / y * y", "x^2", POLY_SAME},
        {"(x/y)/(z/y)", "x/z", POLY_SAME},
        {"x - x", "0", POLY_SAME},
        {"5! x", "120x", POLY_SAME},
    };
    CHECK(rows);
}

static void other_parts_are_one_more_unknown(void **state)
{
    static const struct row rows[] = {
        {"(\\sqrt{x} + 1)(\\sqrt{x} - 1)", "\\sqrt{x}\\sqrt{x} - 1", POLY_SAME},
        {"2\\sin x + \\sin x", "3\\sin x", POLY_SAME},
        {"\\sin x", "\\cos x", POLY_UNDECIDED}, /* not known to differ */
        {"\\sqrt{x}^2", "x", POLY_UNDECIDED},
        {"x^y x^y", "(x^y)^2", POLY_SAME},
        {"x^{64}", "x^{64}", POLY_SAME}, /* as one unknown */
        {"x^{63} x", "x^{64}", POLY_UNDECIDED},
        {"\\pi + \\pi", "2\\pi", POLY_SAME},
        {"x^{1/2}", "\\sqrt{x}", POLY_UNDECIDED},
    };
    CHECK(rows);
}

static void what_is_beyond_the_bounds_is_undecided(void **state)
{
    static const struct row rows[] = {
        {"(x^{63})^3", "x^{63} x^{63} x^{63}", POLY_SAME}, /* degree 189 */
        {"(x^{63})^4", "x^{63} x^{63} x^{63} x^{63}", POLY_UNDECIDED},
        {"(x^{50})^4", "(x^{40})^5", POLY_SAME}, /* degree 200 */
        {"x (x^{50})^4", "x (x^{40})^5", POLY_UNDECIDED},
        {"1/(x - x)", "1", POLY_UNDECIDED},
        {"0.333... x", "0.333... x", POLY_UNDECIDED},
        {"(a+b+c+d+f+g+h+j+k+l+m)^{30}", "1", POLY_UNDECIDED},
        {"a+b+c+d+f+g+h+j+k+l+m+n", "n+a+b+c+d+f+g+h+j+k+l+m", POLY_SAME}, /* twelve */
        {"a+b+c+d+f+g+h+j+k+l+m+n+p", "n+p+a+b+c+d+f+g+h+j+k+l+m", POLY_UNDECIDED},
        {"(1, 2)", "(1, 2)", POLY_UNDECIDED},
    };
    CHECK(rows);
}

static enum poly_verdict equations(const char *a, const char *b)
{
    struct pool pool;
    pool_init(&pool);
    const struct expr *x = tree_of(&pool, a), *y = tree_of(&pool, b);
    const struct expr *left[2] = {x->args[0], x->args[1]}, *right[2] = {y->args[0], y->args[1]};
    enum poly_verdict got = poly_compare_equations(left, right, NULL);
    assert_int_equal(poly_compare_equations(right, left, NULL), got);
    pool_fini(&pool);
    return got;
}

static void equations_agree_up_to_a_factor(void **state)
{
    assert_int_equal(equations("x + y = 1", "2x + 2y = 2"), POLY_SAME);
    assert_int_equal(equations("x + y = 1", "y = 1 - x"), POLY_SAME);
    assert_int_equal(equations("x + y = 1", "1 = x + y"), POLY_SAME);
    assert_int_equal(equations("y = x/2", "2y - x = 0"), POLY_SAME);
    assert_int_equal(equations("x + y = 1", "-3x = 3y - 3"), POLY_SAME);
    assert_int_equal(equations("x + y = 1", "x + y = 2"), POLY_NOT_SAME);
    assert_int_equal(equations("x + y = 1", "x - y = 1"), POLY_NOT_SAME);
    assert_int_equal(equations("x = x", "y = y"), POLY_UNDECIDED); /* says nothing */
    assert_int_equal(equations("\\sin x = y", "y = \\sin x"), POLY_SAME);
    assert_int_equal(equations("\\sin x = y", "\\cos x = y"), POLY_UNDECIDED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotients_of_polynomials_are_decided),
        cmocka_unit_test(other_parts_are_one_more_unknown),
        cmocka_unit_test(what_is_beyond_the_bounds_is_undecided),
        cmocka_unit_test(equations_agree_up_to_a_factor),
    };
    int failed = cmocka_run_group_tests_name("claims.math.poly", tests, NULL, NULL);
    flint_cleanup();
    return failed;
}
