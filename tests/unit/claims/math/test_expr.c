#include "tests/unit/test.h"

#include "claims/math/expr.h"
#include "tests/unit/claims/math/tree.h"

static bool closed(const char *text)
{
    struct pool pool;
    pool_init(&pool);
    bool is = expr_is_closed(tree_of(&pool, text));
    pool_fini(&pool);
    return is;
}

static void closed_has_no_variable_that_is_free(void **state)
{
    assert_true(closed("5"));
    assert_true(closed("\\pi + e^i"));
    assert_true(closed("\\sqrt{2}, (1, 2)"));
    assert_true(closed("5 cm"));
    assert_true(closed("\\sum_{k=1}^{3} k"));
    assert_true(closed("\\sum_{k=1}^{n} k")); /* decided on expansion */
    assert_false(closed("x"));
    assert_false(closed("2 + \\sin x"));
    assert_false(closed("x = 5"));
    assert_false(closed("\\alpha_1"));
}

static bool same(const char *a, const char *b)
{
    struct pool pool;
    pool_init(&pool);
    const struct expr *x = tree_of(&pool, a), *y = tree_of(&pool, b);
    bool is = expr_same(x, y);
    assert_int_equal(expr_same(y, x), is);
    assert_true(expr_same(x, x) && expr_same(y, y));
    pool_fini(&pool);
    return is;
}

static void same_is_the_look_of_the_tree(void **state)
{
    static const char *const equal[][2] = {
        {"x + 1", "x+1"},    {"\\frac{1}{2}", "1/2"}, /* how a fraction is drawn is no difference */
        {"2x", "2*x"},       {"0.5", "0.50"},          {"\\sin(x)", "\\sin x"},
        {"[1, 2)", "[1,2)"}, {"5 cm", "5\\text{ cm}"},
    };
    for (size_t i = 0; i < sizeof equal / sizeof *equal; i++)
        if (!same(equal[i][0], equal[i][1]))
            fail_msg("%s, %s", equal[i][0], equal[i][1]);
    static const char *const different[][2] = {
        {"x + 1", "1 + x"},
        {"2", "3"},
        {"x", "y"},
        {"x", "x_1"},
        {"\\pi", "e"},
        {"\\sin x", "\\cos x"},
        {"0.333...", "0.333"},
        {"1 + 2", "1 + 2 + 3"},
        {"[1, 2)", "[1, 2]"},
        {"\\pm 2", "\\mp 2"},
        {"5 cm", "5 mm"},
        {"x < 2", "x > 2"},
        {"1, 2", "1, 2, 3"},
        {"\\sum_{k=1}^3 k", "\\prod_{k=1}^3 k"},
        {"$5", "\\pounds 5"},
        {"f", "f'"},
        {"-x", "x"},
        {"\\begin{matrix} 1 & 2 \\end{matrix}", "\\begin{matrix} 1 \\\\ 2 \\end{matrix}"},
    };
    for (size_t i = 0; i < sizeof different / sizeof *different; i++)
        if (same(different[i][0], different[i][1]))
            fail_msg("%s, %s", different[i][0], different[i][1]);
}

static void scalar_kinds_come_first(void **state)
{
    static const struct {
        const char *text;
        bool scalar;
    } table[] = {{"5", true},           {"x + 1", true}, {"\\pm 2", true},     {"30^\\circ", true},
                 {"(1, 2)", false},     {"1, 2", false}, {"x = 1", false},     {"5 cm", false},
                 {"\\{1, 2\\}", false}, {"1:2", false},  {"\\emptyset", true}, {"50%", true}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct pool pool;
        pool_init(&pool);
        if (expr_is_scalar(tree_of(&pool, table[i].text)) != table[i].scalar)
            fail_msg("%s", table[i].text);
        pool_fini(&pool);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closed_has_no_variable_that_is_free),
        cmocka_unit_test(same_is_the_look_of_the_tree),
        cmocka_unit_test(scalar_kinds_come_first),
    };
    return cmocka_run_group_tests_name("claims.math.expr", tests, NULL, NULL);
}
