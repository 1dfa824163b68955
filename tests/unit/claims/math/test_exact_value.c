#include "tests/unit/test.h"

#include <string.h>

#include "claims/math/eval.h"
#include "claims/math/exact_internal.h"
#include "tests/unit/claims/math/tree.h"

typedef enum exact_verdict judge(const struct expr *, const struct expr *, const fmpq_t,
                                 const fmpq_t);

struct row {
    const char *left, *right;
    enum exact_verdict expected;
};

static const char *const names[] = {"undecided", "proved", "refuted"};

static void check_all(const struct row *rows, size_t n, judge *ask)
{
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++) {
        struct pool pool;
        pool_init(&pool);
        fmpq_t l, r;
        fmpq_init(l);
        fmpq_init(r);
        const struct expr *left = tree_scalar(&pool, rows[i].left);
        const struct expr *right = tree_scalar(&pool, rows[i].right);
        assert_int_equal(eval_rational(left, l), EVAL_OK);
        assert_int_equal(eval_rational(right, r), EVAL_OK);
        enum exact_verdict got = ask(left, right, l, r), back = ask(right, left, r, l);
        if (got != rows[i].expected || back != got) {
            print_error("%s | %s: %s, %s, not %s\n", rows[i].left, rows[i].right, names[got],
                        names[back], names[rows[i].expected]);
            wrong++;
        }
        fmpq_clear(l);
        fmpq_clear(r);
        pool_fini(&pool);
    }
    assert_int_equal(wrong, 0);
}

static void equality_allows_rounding_but_not_cutting_off(void **state)
{
    static const struct row rows[] = {
        {"2 + 3", "5", EXACT_PROVED},
        {"2 + 3", "6", EXACT_REFUTED},
        {"10/3", "3.3", EXACT_PROVED},
        {"10/3", "3.33", EXACT_PROVED},
        {"10/3", "3.34", EXACT_REFUTED},
        {"1/8", "0.13", EXACT_PROVED}, /* a half rounds either way */
        {"1/8", "0.12", EXACT_PROVED},
        {"20/3", "6.67", EXACT_PROVED},
        {"20/3", "6.66", EXACT_UNDECIDED}, /* cut off, towards zero */
        {"20/3", "6.68", EXACT_REFUTED},
        {"20/3", "6.65", EXACT_REFUTED},
        {"-20/3", "-6.66", EXACT_UNDECIDED},
        {"-20/3", "-6.68", EXACT_REFUTED},
        {"2/3", "66.7%", EXACT_PROVED},
        {"2/3", "66%", EXACT_UNDECIDED},
        {"2/3", "65%", EXACT_REFUTED},
        {"37/6", "6", EXACT_REFUTED},       /* a division is not floored */
        {"1000/3", "333", EXACT_UNDECIDED}, /* three digits may be rounded */
        {"1000/3", "334", EXACT_REFUTED},
        {"100/3", "33", EXACT_REFUTED},
        {"0.33 * 300", "100", EXACT_UNDECIDED}, /* the decimal may be a third */
        {"0.33 * 300", "101", EXACT_REFUTED},
        {"3 * 300", "901", EXACT_REFUTED},
    };
    check_all(rows, sizeof rows / sizeof *rows, exact_judge_equality);
}

static void about_is_one_part_in_a_hundred(void **state)
{
    static const struct row rows[] = {
        {"100", "100", EXACT_PROVED},
        {"96", "95", EXACT_PROVED}, /* 1 of 96 */
        {"95.9", "94.9", EXACT_UNDECIDED},
        {"100", "90", EXACT_UNDECIDED},
        {"80", "70", EXACT_UNDECIDED}, /* an eighth */
        {"80", "69", EXACT_REFUTED},
        {"0.5", "1", EXACT_UNDECIDED}, /* not more than one apart */
        {"2", "3.1", EXACT_REFUTED},
        {"1000 - 999", "5", EXACT_UNDECIDED}, /* the terms may have been rounded */
        {"1000 - 999", "-1", EXACT_UNDECIDED},
        {"10 - 9", "50", EXACT_REFUTED},
        {"-100", "-99", EXACT_PROVED},
    };
    check_all(rows, sizeof rows / sizeof *rows, exact_judge_approximate);
}

static void order_is_what_the_sign_says(void **state)
{
    static const struct {
        const char *sign;
        bool less, equal, more;
    } table[] = {
        {"<", true, false, false},   {">", false, false, true},   {"\\le", true, true, false},
        {"\\ge", false, true, true}, {"\\ne", true, false, true},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct pool pool;
        struct tokens t;
        pool_init(&pool);
        assert_true(lex(&pool, table[i].sign, strlen(table[i].sign), &t));
        bool expected[] = {table[i].less, table[i].equal, table[i].more};
        for (int order = -1; order <= 1; order++)
            assert_int_equal(exact_judge_order(t.list, order),
                             expected[order + 1] ? EXACT_PROVED : EXACT_REFUTED);
        pool_fini(&pool);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equality_allows_rounding_but_not_cutting_off),
        cmocka_unit_test(about_is_one_part_in_a_hundred),
        cmocka_unit_test(order_is_what_the_sign_says),
    };
    int failed = cmocka_run_group_tests_name("claims.math.exact_value", tests, NULL, NULL);
    flint_cleanup();
    return failed;
}
