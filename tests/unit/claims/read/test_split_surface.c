#include "tests/unit/test.h"

#include "claims/read/split_internal.h"

static uint32_t number(const char *text, size_t *ret_end)
{
    *ret_end = 0;
    return split_read_number(text, ret_end, strlen(text));
}

static void read_number_same_value_is_equal(void **state)
{
    static const char *const table[][2] = {
        {"1,234.50", "1234.5"},   {"007", "7"},  {"7.0", "7"},      {"0.50", "0.5"}, {"7.", "7"},
        {"1,234,567", "1234567"}, {"0", "0.00"}, {"1.050", "1.05"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        size_t a, b;
        if (number(table[i][0], &a) != number(table[i][1], &b))
            fail_msg("\"%s\" and \"%s\" differ", table[i][0], table[i][1]);
        assert_int_not_equal(number(table[i][0], &a), 0);
    }
}

static void read_number_other_value_differs(void **state)
{
    static const char *const table[][2] = {
        {"7", "8"}, {"70", "7"}, {"1.5", "15"}, {"1.05", "1.5"}, {"1,23", "123"}, {"12", "21"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        size_t a, b;
        if (number(table[i][0], &a) == number(table[i][1], &b))
            fail_msg("\"%s\" and \"%s\" are one", table[i][0], table[i][1]);
    }
}

static void read_number_ends_behind_the_number(void **state)
{
    size_t end;
    number("1,234.50 m", &end);
    assert_int_equal(end, 8);
    number("7.", &end);
    assert_int_equal(end, 1);
    number("7.x", &end);
    assert_int_equal(end, 1);
    number("1,2345", &end);
    assert_int_equal(end, 1);
    number("1,23", &end);
    assert_int_equal(end, 1);
    number("12x", &end);
    assert_int_equal(end, 2);
}

static void has_operation_calculates_is_true(void **state)
{
    static const char *const yes[] = {
        "3*4",           "3 + 4",       "3-4",        "x - 4",     "a/4",          "2^x",
        "(3)*(4)",       "3 * x",       "3 x 4",      "$3$ + $4$", "3x",           "3x = 4",
        "\\frac{1}{2}",  "3 \\times 4", "3 \\cdot 4", "\\sqrt{9}", "3 \xC3\x97 4", "3 \xC3\xB7 4",
        "\\binom{5}{2}", "50% * 4",     "x+4",        "3+.5"};
    static const char *const no[] = {"",        "3",         "- 5",   "-5",         "x-axis",
                                     "x-5",     "3-day",     "km/h",  "3/day",      "3 - x",
                                     "3rd",     "3 m",       "5 -",   "and * more", "box 3",
                                     "the 3 x", "\\text{3}", "A x B", "3, 4",       "+ 4"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (!split_has_operation(yes[i], (struct span){0, strlen(yes[i])}))
            fail_msg("\"%s\" calculates", yes[i]);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        if (split_has_operation(no[i], (struct span){0, strlen(no[i])}))
            fail_msg("\"%s\" calculates nothing", no[i]);
}

static uint32_t equation(const char *text)
{
    const char *sign = strchr(text, '=');
    return split_equation_hash(text, (struct span){0, strlen(text)}, (size_t)(sign - text) + 1);
}

static void equation_hash_same_equation_is_found_again(void **state)
{
    static const char *const table[][2] = {
        {"Let $2x + 3 = 13$", "We know 2x+3=13"},
        {"2x + 3 = 13, so", "2x + 3 = 13."},
        {"2\\alpha + 3 = 13", "2 \\alpha + 3 = 13"},
        {"where 2x + 3 = 13 holds", "2x + 3 = 13"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (equation(table[i][0]) != equation(table[i][1]))
            fail_msg("\"%s\" and \"%s\" differ", table[i][0], table[i][1]);
    assert_true(equation("2x + 3 = 13") != equation("2x + 3 = 14"));
    assert_true(equation("2x + 3 = 13") != equation("2x - 3 = 13"));
    assert_true(equation("2x = 13") != equation("2\\pi = 13"));
}

static void equation_hash_few_signs_are_not_told_apart(void **state)
{
    assert_int_equal(equation("x=3"), 1);
    assert_int_equal(equation("x = 3 holds"), 1);
    assert_int_not_equal(equation("2x=3"), 1);
}

static void equation_hash_far_text_does_not_count(void **state)
{
    char a[1200], b[1200];
    memset(a, '7', sizeof a);
    a[600] = '=';
    a[1199] = '\0';
    memcpy(b, a, sizeof a);
    b[600 - 400] = '8'; /* 400 bytes before the sign's end begin behind it */
    b[600 + 402] = '8';
    assert_int_equal(equation(a), equation(b));
    b[600 - 399] = '8';
    assert_int_not_equal(equation(a), equation(b));
    memcpy(b, a, sizeof a);
    b[600 + 400] = '8';
    assert_int_not_equal(equation(a), equation(b));
}

static void is_plan_announced_work_is_true(void **state)
{
    static const char *const yes[] = {"Let's add 3",  "we need 4", "Step 3",      "first, we add",
                                      "Calculate it", "To find 3", "given 4 eggs"};
    static const char *const no[] = {"", "There are 3", "stepping 3", "So we need 4", "adding 3"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        assert_true(split_is_plan(yes[i], (struct span){0, strlen(yes[i])}));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        assert_false(split_is_plan(no[i], (struct span){0, strlen(no[i])}));
}

static void is_fragment_three_words_assert_nothing(void **state)
{
    static const char *const yes[] = {"", "Island 2", "12 big eggs", " 12  eggs "};
    static const char *const no[] = {"Eggs: 12", "there are 12 eggs", "a b c d"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        assert_true(split_is_fragment(yes[i], (struct span){0, strlen(yes[i])}));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        assert_false(split_is_fragment(no[i], (struct span){0, strlen(no[i])}));
    assert_true(split_is_fragment("there are 12 eggs", (struct span){6, 17}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_number_same_value_is_equal),
        cmocka_unit_test(read_number_other_value_differs),
        cmocka_unit_test(read_number_ends_behind_the_number),
        cmocka_unit_test(has_operation_calculates_is_true),
        cmocka_unit_test(equation_hash_same_equation_is_found_again),
        cmocka_unit_test(equation_hash_few_signs_are_not_told_apart),
        cmocka_unit_test(equation_hash_far_text_does_not_count),
        cmocka_unit_test(is_plan_announced_work_is_true),
        cmocka_unit_test(is_fragment_three_words_assert_nothing),
    };
    return cmocka_run_group_tests_name("claims.read.split_surface", tests, NULL, NULL);
}
