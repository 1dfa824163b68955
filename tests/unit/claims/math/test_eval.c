#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "claims/math/eval.h"
#include "tests/unit/claims/math/tree.h"

static enum eval_status value_of(const char *text, char *ret, size_t size)
{
    struct pool pool;
    pool_init(&pool);
    fmpq_t value;
    fmpq_init(value);
    enum eval_status status = eval_rational(tree_of(&pool, text), value);
    char *digits = fmpq_get_str(NULL, 10, value);
    snprintf(ret, size, "%s", status == EVAL_OK ? digits : "");
    flint_free(digits);
    fmpq_clear(value);
    pool_fini(&pool);
    return status;
}

static size_t wrong;

static void is(const char *text, const char *value)
{
    char got[200];
    enum eval_status status = value_of(text, got, sizeof got);
    if (status != EVAL_OK || strcmp(got, value) != 0) {
        print_error("%s: %d %s, not %s\n", text, (int)status, got, value);
        wrong++;
    }
}

static void is_not(const char *text, enum eval_status expected)
{
    char got[200];
    enum eval_status status = value_of(text, got, sizeof got);
    if (status != expected) {
        print_error("%s: %d %s, not %d\n", text, (int)status, got, (int)expected);
        wrong++;
    }
}

static int none_wrong(void **state)
{
    int failed = wrong != 0;
    wrong = 0;
    return failed;
}

static void arithmetic_is_exact(void **state)
{
    is("1/3 + 1/6", "1/2");
    is("1 - 2", "-1");
    is("0.1 + 0.2", "3/10");
    is("2*3*4", "24");
    is("8/4/2", "1");
    is("-2^2", "-4");
    is("50%", "1/2");
    is("-50%", "-1/2");
    is("2 1/2", "5/2");
    is("2^{10}", "1024");
    is("2^{-2}", "1/4");
    is("(2/3)^{-2}", "9/4");
    is("(-1)^{1000000}", "1");
    is("(-1)^{1000001}", "-1");
    is("1^{10000000000}", "1");
    is("0^5", "0");
    is("(0.5)^2", "1/4");
    is("4^{1/2}", "2");
    is("8^{2/3}", "4");
    is("(4/9)^{3/2}", "8/27");
    is("8^{-1/3}", "1/2");
    is("(1/2)^{3}", "1/8");
}

static void functions_of_rationals_that_are_rational(void **state)
{
    is("|-5/2|", "5/2");
    is("\\lfloor 5/2 \\rfloor", "2");
    is("\\lfloor -5/2 \\rfloor", "-3");
    is("\\lfloor 3 \\rfloor", "3");
    is("\\lceil 5/2 \\rceil", "3");
    is("\\lceil -5/2 \\rceil", "-2");
    is("0!", "1");
    is("5!", "120");
    is("5!!", "15");
    is("6!!", "48");
    is("0!!", "1");
    is("\\sqrt{9/4}", "3/2");
    is("\\sqrt{0}", "0");
    is("\\sqrt[3]{27}", "3");
    is("sgn(-3)", "-1");
    is("sgn(0)", "0");
    is("\\gcd(12, 18)", "6");
    is("\\gcd(12, 18, 4)", "2");
    is("\\gcd(1/2, 1/3)", "1/6");
    is("\\gcd(-4)", "4");
    is("lcm(4, 6)", "12");
    is("lcm(1/2, 1/3)", "1");
    is("lcm(-3)", "3");
    is("\\max(1, 3, 2)", "3");
    is("\\min(1, 3, -2)", "-2");
    is("\\max(2, 2)", "2");
    is("\\min(7)", "7");
    is("17 mod 5", "2");
    is("-17 mod 5", "3");
    is("(-17) mod 5", "3");
    is("7.5 mod 2", "3/2");
    is("\\binom{5}{2}", "10");
    is("\\binom{5}{0}", "1");
    is("\\binom{5}{5}", "1");
    is("\\binom{5}{6}", "0");
    is("\\binom{5}{-1}", "0");
    is("\\Re(3)", "3");
    is("\\overline{3}", "3");
}

static void sums_and_products_run_over_their_index(void **state)
{
    is("\\sum_{k=1}^{4} k^2", "30");
    is("\\prod_{k=1}^{4} k", "24");
    is("\\sum_{k=3}^{2} k", "0"); /* empty */
    is("\\prod_{k=3}^{2} k", "1");
    is("\\sum_{k=2}^{2} k", "2");
    is("\\sum_{k=-1}^{1} k", "0");
    is("\\sum_{i=1}^{3} \\sum_{j=1}^{i} j", "10");
    is("\\sum_{k=1}^{2} \\sum_{k=3}^{4} k", "14"); /* the inner one hides the outer */
    is("\\sum_{k=1}^{1000} k", "500500");
    is_not("\\sum_{k=1}^{1001} k", EVAL_LIMIT);
    is_not("\\sum_{k=1}^{40} \\sum_{j=1}^{40} j", EVAL_LIMIT);
    is_not("\\sum_{k=1}^{3/2} k", EVAL_NOT_RATIONAL);
    is_not("\\sum_{k=1/2}^{3} k", EVAL_NOT_RATIONAL);
    is_not("\\sum_{k=1}^{n} k", EVAL_NOT_RATIONAL);
    is_not("\\sum_{k=1}^{3} j", EVAL_NOT_RATIONAL);
    is_not("\\sum_{k=0}^{3} 1/k", EVAL_UNDEFINED);
}

static void what_has_no_value_says_why(void **state)
{
    is_not("1/0", EVAL_UNDEFINED);
    is_not("1/(2 - 2)", EVAL_UNDEFINED);
    is_not("0^0", EVAL_UNDEFINED);
    is_not("0^{-1}", EVAL_UNDEFINED);
    is_not("5 mod 0", EVAL_UNDEFINED);
    is_not("x", EVAL_NOT_RATIONAL);
    is_not("\\pi", EVAL_NOT_RATIONAL);
    is_not("\\sqrt{2}", EVAL_NOT_RATIONAL);
    is_not("\\sqrt{-4}", EVAL_NOT_RATIONAL);
    is_not("2^{1/2}", EVAL_NOT_RATIONAL);
    is_not("(-8)^{1/3}", EVAL_NOT_RATIONAL);
    is_not("\\sqrt[3]{-8}", EVAL_NOT_RATIONAL);
    is_not("\\sqrt[0]{8}", EVAL_NOT_RATIONAL);
    is_not("\\sqrt[1/2]{8}", EVAL_NOT_RATIONAL);
    is_not("\\sin 0", EVAL_NOT_RATIONAL);
    is_not("(1/2)!", EVAL_NOT_RATIONAL);
    is_not("(-1)!", EVAL_NOT_RATIONAL);
    is_not("\\binom{1/2}{1}", EVAL_NOT_RATIONAL);
    is_not("\\binom{-3}{1}", EVAL_NOT_RATIONAL);
    is_not("0.333...", EVAL_NOT_RATIONAL); /* more digits follow */
    is_not("30^\\circ", EVAL_NOT_RATIONAL);
    is_not("1, 2", EVAL_NOT_RATIONAL);
    is_not("\\pm 1", EVAL_NOT_RATIONAL);
    is_not("1 + x", EVAL_NOT_RATIONAL);
    is_not("\\gcd(2, x)", EVAL_NOT_RATIONAL);
    static const char *const open[] = {
        "-x",           "x%",          "x + 1",         "2x",      "x/2",     "2/x",
        "x^2",          "2^x",         "\\sqrt{x}",     "|x|",     "x!",      "\\gcd(x, 2)",
        "\\sqrt[x]{2}", "\\max(1, x)", "\\binom{5}{x}", "x mod 2", "2 mod x", "\\ln 1"};
    for (size_t i = 0; i < sizeof open / sizeof *open; i++)
        is_not(open[i], EVAL_NOT_RATIONAL);
    is_not("-(1/0)", EVAL_UNDEFINED); /* the reason is kept */
    is_not("(1/0)%", EVAL_UNDEFINED);
    is_not("1 + 1/0", EVAL_UNDEFINED);
    is_not("|1/0|", EVAL_UNDEFINED);
    is_not("\\max(1, 1/0)", EVAL_UNDEFINED);
}

static void sizes_are_refused_before_they_are_computed(void **state)
{
    char got[200];
    assert_int_equal(value_of("2^{16383}", got, sizeof got), EVAL_OK); /* 16384 bits */
    is_not("2^{16384}", EVAL_LIMIT);
    is_not("2^{-16384}", EVAL_LIMIT);
    is_not("(1/2)^{16384}", EVAL_LIMIT);
    is_not("10^{10^{12}}", EVAL_LIMIT);
    is_not("2^{16383} * 2", EVAL_LIMIT);
    is_not("2^{16383} + 2^{16383}", EVAL_LIMIT);
    assert_int_equal(value_of("1500!", got, sizeof got), EVAL_OK);
    is_not("1501!", EVAL_LIMIT);
    is_not("1501!!", EVAL_LIMIT);
    assert_int_equal(value_of("\\binom{10000}{2}", got, sizeof got), EVAL_OK);
    is_not("\\binom{10001}{2}", EVAL_LIMIT);
    is("\\sqrt[100]{1}", "1");
    is_not("\\sqrt[101]{1}", EVAL_NOT_RATIONAL);
    is("1^{1/255}", "1");
    is_not("1^{1/256}", EVAL_NOT_RATIONAL);
}

static void work_of_a_sum_counts_terms_times_nodes(void **state)
{
    struct pool pool;
    pool_init(&pool);
    const struct expr *body = tree_of(&pool, "k + 1"); /* three nodes */
    fmpq_t from, to;
    fmpq_init(from);
    fmpq_init(to);
    size_t work = 5;
    fmpq_set_si(from, 1, 1);
    fmpq_set_si(to, 10, 1);
    assert_true(eval_big_work(from, to, body, 35, &work));
    assert_int_equal(work, 35);
    assert_false(eval_big_work(from, to, body, 35, &work));
    work = 0;
    fmpq_set_si(to, 0, 1); /* no terms */
    assert_true(eval_big_work(from, to, body, 0, &work));
    assert_int_equal(work, 0);
    fmpq_set_si(to, EVAL_BIG_TERMS_MAX, 1);
    assert_true(eval_big_work(from, to, body, SIZE_MAX, &work));
    fmpq_set_si(to, EVAL_BIG_TERMS_MAX + 1, 1);
    assert_false(eval_big_work(from, to, body, SIZE_MAX, &work));
    fmpq_clear(from);
    fmpq_clear(to);
    pool_fini(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(arithmetic_is_exact, none_wrong),
        cmocka_unit_test_teardown(functions_of_rationals_that_are_rational, none_wrong),
        cmocka_unit_test_teardown(sums_and_products_run_over_their_index, none_wrong),
        cmocka_unit_test_teardown(what_has_no_value_says_why, none_wrong),
        cmocka_unit_test_teardown(sizes_are_refused_before_they_are_computed, none_wrong),
        cmocka_unit_test(work_of_a_sum_counts_terms_times_nodes),
    };
    int failed = cmocka_run_group_tests_name("claims.math.eval", tests, NULL, NULL);
    flint_cleanup();
    return failed;
}
