#include "tests/unit/test.h"

#include <stdio.h>

#include "claims/read/quantity_internal.h"

/* Does words hold value? Both stand in one text, as in a claim. */
static bool holds(const char *words, const char *value)
{
    char text[256];
    struct quantity_number n;
    size_t end, len = strlen(words);
    snprintf(text, sizeof text, "%s = %s", words, value);
    struct span where = {len + 3, strlen(text)};
    uint64_t hash = quantity_read_number(text, where.start, where.end, &n, &end)
                        ? quantity_hash_number(n)
                        : 12345;
    return quantity_guard_holds(text, (struct span){0, len}, hash, where);
}

static void holds_number_in_whatever_spelling_is_true(void **state)
{
    static const char *const table[][2] = {
        {"the 12 eggs", "12"},
        {"the 12.0 eggs", "12"},
        {"the 12 eggs", "12.0"},
        {"costs $1,200", "1200"},
        {"costs 1200", "$1,200"},
        {"(12)", "12"},
        {"is -12 now", "-12"},
        {"is 50% of", "50%"},
        {"is 50\\% of", "50%"},
        {"is 50 of", "50%"},
        {"is 50 of", "50\\%"},
        {"is 1/2 of", "1/2"},
        {"of -12", "12"},
        {"the box 12", "12"},
        {"x y z", "y"},
        {"red or blue", "red"},
        {"\\frac{1}{2} of", "\\frac{1}{2}"},
        {"99999999999999999999 12", "12"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (!holds(table[i][0], table[i][1]))
            fail_msg("\"%s\" holds %s", table[i][0], table[i][1]);
}

static void holds_other_number_or_index_is_false(void **state)
{
    static const char *const table[][2] = {
        {"the 13 eggs", "12"}, {"the 123 eggs", "12"},  {"the 112 eggs", "12"}, {"a_12", "12"},
        {"box12", "12"},       {"f(12)", "12"},         {"x^12", "12"},         {"x^{12}", "12"},
        {"a_{12}", "12"},      {"twelve", "12"},        {"the eggs", "12"},     {"", "12"},
        {"reddish", "red"},    {"the infrared", "red"}, {"is 50 of", "51%"},    {"12.5", "12"},
        {"6/8", "3/4"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (holds(table[i][0], table[i][1]))
            fail_msg("\"%s\" does not hold %s", table[i][0], table[i][1]);
}

static void holds_bracket_that_is_no_index_counts(void **state)
{
    assert_true(holds("sum (12)", "12"));
    assert_true(holds("at(12)", "12")); /* a word, not the name of a function */
    assert_true(holds("{12}", "12"));
}

static bool lone(const char *text, bool at_end)
{
    return quantity_guard_lone_number(text, (struct span){0, strlen(text)}, at_end);
}

static void lone_number_is_one_that_nothing_is_calculated_with(void **state)
{
    static const char *const yes[] = {"28 is the change", "So 20", "the 28-dollar pen", "week 2: x",
                                      "3 + 4 and 5"};
    static const char *const no[] = {"",       "x",  "x + 28", "28 + x",       "a_1",
                                     "28 * 3", "2x", "2(x)",   "28 \\times 3", "x^{12}",
                                     "f(1)",   "5!", "7 - 3"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (!lone(yes[i], false))
            fail_msg("\"%s\" has a lone number", yes[i]);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        if (lone(no[i], false))
            fail_msg("\"%s\" has no lone number", no[i]);
}

static void lone_number_at_end_ends_the_text(void **state)
{
    assert_true(lone("So 20", true));
    assert_true(lone("So 20 $*", true));
    assert_false(lone("20 eggs", true));
    assert_true(lone("20 eggs, 5", true));
    assert_false(lone("20 eggs + 5", true));
    assert_true(lone("\\boxed{20", true));
    assert_false(lone("\\sqrt{20", true));
}

static void is_side_one_statement_is_true(void **state)
{
    static const char *const yes[] = {
        "",        "72",    "72 dollars", "9*8",         "9 * 8 + 3",    "x + 12", "(3 + 4) / 2",
        "f(1, 2)", "1,234", "3.5 m",      "3 of 5 eggs", "\\frac{1}{2}", "[1, 2]", "red"};
    static const char *const no[] = {"9 and 9*2",    "72 dollars, change 100-72",
                                     "72. Then 5",   "72; 5",
                                     "72: 5",        "is 72",
                                     "72 so 5",      "x \\implies 3",
                                     "x \\quad 3",   "72 dollars 100 - 72",
                                     "(3 + 4",       "3 + 4)",
                                     "72 leaving 5", "x \xE2\x86\x92 3",
                                     "72?"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (!quantity_guard_is_side(yes[i], (struct span){0, strlen(yes[i])}))
            fail_msg("\"%s\" is a side", yes[i]);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        if (quantity_guard_is_side(no[i], (struct span){0, strlen(no[i])}))
            fail_msg("\"%s\" is no side", no[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_number_in_whatever_spelling_is_true),
        cmocka_unit_test(holds_other_number_or_index_is_false),
        cmocka_unit_test(holds_bracket_that_is_no_index_counts),
        cmocka_unit_test(lone_number_is_one_that_nothing_is_calculated_with),
        cmocka_unit_test(lone_number_at_end_ends_the_text),
        cmocka_unit_test(is_side_one_statement_is_true),
    };
    return cmocka_run_group_tests_name("claims.read.quantity_guard", tests, NULL, NULL);
}
