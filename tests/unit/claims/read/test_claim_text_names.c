#include "tests/unit/test.h"

#include <stdio.h>

#include "claims/read/claim_text_internal.h"

/* The names of a text as they stand there, joined with "|". */
static const char *names(const char *text)
{
    static char out[256];
    size_t len = 0;
    out[0] = '\0';
    for (struct letters r = {.text = text, .len = strlen(text)}; claim_text_next_name(&r);)
        len += (size_t)snprintf(out + len, sizeof out - len, "%s%.*s", len ? "|" : "",
                                (int)(r.end - r.start), text + r.start);
    return out;
}

static void check(const char *const table[][2], size_t n)
{
    size_t bad = 0;
    for (size_t i = 0; i < n; i++)
        if (strcmp(names(table[i][0]), table[i][1])) {
            print_error("\"%s\": \"%s\", not \"%s\"\n", table[i][0], names(table[i][0]),
                        table[i][1]);
            bad++;
        }
    assert_int_equal(bad, 0);
}

static void next_lone_letters_are_names(void **state)
{
    static const char *const table[][2] = {
        {"", ""},
        {"x = 7", "x"},
        {"x_1 + y = 3", "x|y"},
        {"2x + 3y", "x|y"},
        {"the box is red", ""},
        {"\\alpha + \\beta", "\\alpha|\\beta"},
        {"\\pi r^2", "r"},
        {"\xCE\xB1 = 3", "\xCE\xB1"},
        {"\xCF\x80 = 3", ""}, /* pi */
        {"\xCE\xA3 = 3", ""}, /* a sum */
        {"\xCE\x91 \xCF\x89", "\xCE\x91|\xCF\x89"},
        {"\xC3\xA9 = 3", ""}, /* a letter of no formula */
        {"\\text{an x} = y", "y"},
        {"\\begin{a} y", "y"},
        {"\\text{x", ""},
        {"\\sqrt x", "x"},
    };
    check(table, sizeof table / sizeof *table);
}

static void next_letters_side_by_side_in_a_formula_multiply(void **state)
{
    static const char *const table[][2] = {
        {"$ab = 3$", "a|b"},    {"$abc$", "a|b|c"},      {"$abcd$", ""},     {"ab = 3", ""},
        {"\\(ab\\) ab", "a|b"}, {"\\[xy\\] xy", "x|y"},  {"$\\sin x$", "x"}, {"$sin x$", "x"},
        {"$5 cm$", ""},         {"costs $5 for ab", ""}, {"$5x$ xy", "x"},   {"$x$ ab", "x"},
        {"$xe$", "x"},
    };
    check(table, sizeof table / sizeof *table);
}

static void next_units_are_no_names(void **state)
{
    static const char *const table[][2] = {
        {"5 m long", ""}, {"5m", ""},     {"5m + 3 = 18", "m"}, {"5 m + 3 m", ""},
        {"5 km/h", ""},   {"m/s", "m"},   {"m = 5", "m"},       {"5 x", "x"},
        {"5 m_1", "m"},   {"60 $/h", ""}, {"5 b", "b"},         {"1/h", "h"},
    };
    check(table, sizeof table / sizeof *table);
}

static void next_x_between_numbers_is_times(void **state)
{
    static const char *const table[][2] = {
        {"3 x 4", ""},   {"3x4", ""},    {"3 X 4", ""},  {"3x + 4", "x"},    {"(3) x (4)", ""},
        {"3 x (4)", ""}, {"3x(4)", "x"}, {"5% x 4", ""}, {"3 dogs x 4", ""}, {"3 x $4", ""},
        {"3 x .5", ""},  {"y x 4", "y"}, {"3 y 4", "y"},
    };
    check(table, sizeof table / sizeof *table);
}

static void next_words_of_one_letter_are_no_names(void **state)
{
    static const char *const table[][2] = {
        {"a cat", ""},          {"a 5", ""},
        {"a is 5", "a"},        {"a + 5", "a"},
        {"the area A is", "A"}, {"I think", ""},
        {"I = 5", "I"},         {"I'm", ""},
        {"Tom's", ""},          {"Tom\xE2\x80\x99s", ""},
        {"5 o'clock", ""},      {"the x-axis", ""},
        {"T-shirt", ""},        {"vitamin-C", ""},
        {"at 5 p.m. now", ""},  {"the U.S. law", ""},
        {"$a$ cat", "a"},       {"x-y", "x|y"},
        {"a $5 bill", ""},      {"A \"word\"", ""},
        {"$a cat$", "a|c|a|t"},
    };
    check(table, sizeof table / sizeof *table);
}

static void next_choice_letters_are_no_names(void **state)
{
    static const char *const table[][2] = {
        {"(B)", ""},         {"B) 42", ""},     {"option B", ""}, {"choice (B)", ""},
        {"answer is C", ""}, {"choose D", ""},  {"f(B)", "f|B"},  {"(K)", "K"},
        {"(b)", "b"},        {"x (B) is", "x"},
    };
    check(table, sizeof table / sizeof *table);
}

static void next_standard_names_are_none(void **state)
{
    static const char *const table[][2] = {
        {"e^2 + i", ""}, {"1E5", ""},          {"1E+5", ""},   {"E = 5", "E"}, {"dy/dx", ""},
        {"d/2", ""},     {"\\frac{d}{2}", ""}, {"d = 5", "d"}, {"12C3", ""},   {"12 C 3", ""},
        {"C(5,2)", ""},  {"P(heads)", ""},     {"C = 5", "C"}, {"P + 5", "P"},
    };
    check(table, sizeof table / sizeof *table);
}

static void before_and_after_skip_blanks(void **state)
{
    const char *text = "3 + \t x  = 4";
    struct letters r = {.text = text, .len = strlen(text)};
    assert_true(claim_text_next_name(&r));
    assert_int_equal(claim_text_before(&r), 3);
    assert_int_equal(claim_text_after(&r), 9);
    assert_int_equal(r.point, 'x');
    struct letters alone = {.text = " x ", .len = 3};
    assert_true(claim_text_next_name(&alone));
    assert_int_equal(claim_text_before(&alone), 0);
    assert_int_equal(claim_text_after(&alone), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(next_lone_letters_are_names),
        cmocka_unit_test(next_letters_side_by_side_in_a_formula_multiply),
        cmocka_unit_test(next_units_are_no_names),
        cmocka_unit_test(next_x_between_numbers_is_times),
        cmocka_unit_test(next_words_of_one_letter_are_no_names),
        cmocka_unit_test(next_choice_letters_are_no_names),
        cmocka_unit_test(next_standard_names_are_none),
        cmocka_unit_test(before_and_after_skip_blanks),
    };
    return cmocka_run_group_tests_name("claims.read.claim_text_names", tests, NULL, NULL);
}
