#include "tests/unit/test.h"

#include <math.h>

#include "claims/math/approx.h"
#include "claims/math/sample.h"
#include "tests/unit/claims/math/tree.h"

static void collect(struct pool *pool, struct branch_set *set, struct sample_variables *v,
                    const char *text)
{
    const struct expr *e = tree_of(pool, text);
    *set = (struct branch_set){.n = 0};
    *v = (struct sample_variables){.n = 0};
    branch_collect(pool, set, e);
    sample_collect(v, e);
}

static void collect_finds_the_factors_that_choose(void **state)
{
    static const struct {
        const char *text;
        size_t switches, edges;
    } rows[] = {
        {"|x+10|-10", 1, 1},
        {"|x-5|+|5-x|", 1, 1},
        {"\\sqrt{x^2y^2}", 2, 2},
        {"|xy|+|x|+|y|", 2, 2},
        {"\\sqrt{x^2-10x+25}", 1, 1},
        {"\\sqrt{x-5}", 0, 1},
        {"\\sqrt{x^2+1}", 0, 1},
        {"|x^2+1|", 0, 0},
        {"\\max(x,y,z)", 3, 3},
        {"\\lfloor x \\rfloor", 2, 2},
        {"x \\bmod 1000", 2, 2},
        {"\\operatorname{sgn}(x^2-y^2)", 2, 2},
        {"(x^2y^2)^{3/2}", 2, 2},
        {"(x+1)^2", 0, 0},
        {"|3-5|", 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pool pool;
        struct branch_set set;
        struct sample_variables v;
        pool_init(&pool);
        collect(&pool, &set, &v, rows[i].text);
        if (set.n != rows[i].switches || set.n_edges != rows[i].edges || set.murky)
            fail_msg("%s: %zu switches, %zu edges", rows[i].text, set.n, set.n_edges);
        pool_fini(&pool);
    }
}

static void roots_are_found_near_and_far(void **state)
{
    static const struct {
        const char *text;
        double roots[2];
        size_t n;
    } rows[] = {
        {"|x-9876|", {9876}, 1},
        {"|4x+1|", {-0.25}, 1},
        {"|x^2-10x+24.99|", {4.9, 5.1}, 2}, /* both between two places of the grid */
        {"|\\ln x-2|", {7.38905609893065}, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pool pool;
        struct branch_set set;
        struct sample_variables v;
        double values[1] = {0}, roots[8];
        pool_init(&pool);
        collect(&pool, &set, &v, rows[i].text);
        size_t n = branch_roots(&set, v.list, values, 1, 0, roots, 8), hits = 0;
        for (size_t k = 0; k < n; k++)
            for (size_t j = 0; j < rows[i].n; j++)
                hits += fabs(roots[k] - rows[i].roots[j]) < 1e-6 * (1 + fabs(roots[k]));
        if (hits < rows[i].n)
            fail_msg("%s: %zu of %zu", rows[i].text, hits, rows[i].n);
        pool_fini(&pool);
    }
}

static void label_impossible_is_told(void **state)
{
    struct pool pool;
    struct branch_set set;
    struct sample_variables v;
    pool_init(&pool);
    collect(&pool, &set, &v, "|x+10|+|x+11|");
    size_t impossible = 0;
    for (uint64_t label = 0; label < 4; label++)
        impossible += branch_is_impossible(&set, label);
    assert_int_equal(impossible, 1);
    collect(&pool, &set, &v, "\\max(x,y,z)");
    impossible = 0;
    for (uint64_t label = 0; label < 8; label++)
        impossible += branch_is_impossible(&set, label);
    assert_int_equal(impossible, 2); /* three things have six orders */
    pool_fini(&pool);
}

static void approx_has_no_value_where_it_is_not_real(void **state)
{
    struct pool pool;
    pool_init(&pool);
    assert_true(isnan(approx_eval(tree_of(&pool, "\\sqrt{-1}"), NULL, NULL, 0)));
    assert_true(isnan(approx_eval(tree_of(&pool, "\\ln(0-1)"), NULL, NULL, 0)));
    assert_true(isnan(approx_eval(tree_of(&pool, "x"), NULL, NULL, 0)));
    static const struct {
        const char *text;
        double value;
    } rows[] = {{"\\sqrt[3]{-8}", -2}, {"7 \\bmod 4", 3},
                {"\\max(2,5)", 5},     {"\\cos\\pi", -1},
                {"\\log_2 8", 3},      {"4!", 24},
                {"50\\%", 0.5},        {"\\lfloor -1/2 \\rfloor", -1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double got = approx_eval(tree_of(&pool, rows[i].text), NULL, NULL, 0);
        if (!(fabs(got - rows[i].value) < 1e-12))
            fail_msg("%s: %g", rows[i].text, got);
    }
    pool_fini(&pool);
}

static void sample_exact_needs_every_branch(void **state)
{
    static const struct {
        const char *a, *b;
        enum equal_verdict verdict;
    } rows[] = {
        {"|x-5|", "|5-x|", EQUAL_EXACT},
        {"|x-5|", "5-x", EQUAL_DIFFERENT},
        {"\\max(x,-9000)", "x", EQUAL_DIFFERENT},
        {"|xy|", "|x||y|", EQUAL_EXACT},
        {"\\max(x,y)", "\\frac{x+y+|x-y|}{2}", EQUAL_EXACT},
        {"\\sqrt{a^2}+\\sqrt{b^2}", "\\sqrt{(a+b)^2}", EQUAL_DIFFERENT},
        {"\\operatorname{sgn}(x)^2", "1", EQUAL_DIFFERENT},              /* at 0 */
        {"\\lfloor x \\rfloor+1", "\\lceil x \\rceil", EQUAL_DIFFERENT}, /* at whole numbers */
        {"|a|+|b|+|c|+|d|+|f|+|g|+|h|", "|h|+|g|+|f|+|d|+|c|+|b|+|-a|", EQUAL_COMPATIBLE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pool pool;
        struct sample_variables v = {.n = 0};
        pool_init(&pool);
        const struct expr *a = tree_of(&pool, rows[i].a), *b = tree_of(&pool, rows[i].b);
        sample_collect(&v, a);
        sample_collect(&v, b);
        struct equal_result r = sample_compare(a, b, &v, SAMPLE_REALS);
        if (r.verdict != rows[i].verdict)
            fail_msg("%s | %s: %d, %s", rows[i].a, rows[i].b, (int)r.verdict, r.how);
        pool_fini(&pool);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(collect_finds_the_factors_that_choose),
        cmocka_unit_test(roots_are_found_near_and_far),
        cmocka_unit_test(label_impossible_is_told),
        cmocka_unit_test(approx_has_no_value_where_it_is_not_real),
        cmocka_unit_test(sample_exact_needs_every_branch),
    };
    return cmocka_run_group_tests_name("claims.math.branch", tests, NULL, NULL);
}
