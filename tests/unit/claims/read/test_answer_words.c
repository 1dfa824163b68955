#include "tests/unit/test.h"

#include "claims/read/answer_internal.h"

static struct span all(const char *text)
{
    return (struct span){0, strlen(text)};
}

/* Each pair: an answer as it stands, and what is left of it. */
static void clean_decoration_is_taken_off(void **state)
{
    static const char *const table[][2] = {
        {"5", "5"},
        {"  5 \n", "5"},
        {"**5**", "5"},
        {"__5__", "5"},
        {"*5*", "5"},
        {"`5`", "5"},
        {"'5'", "5"},
        {"\"5\"", "5"},
        {"\xE2\x80\x9C"
         "5\xE2\x80\x9D",
         "5"},
        {"$5$", "5"},
        {"$$5$$", "5"},
        {"\\(5\\)", "5"},
        {"\\[5\\]", "5"},
        {"**$5$.**", "5"},
        {"5.", "5"},
        {"5,", "5"},
        {"5:", "5"},
        {"5;", "5"},
        {"5...", "5..."}, /* an ellipsis is said */
        {"five!", "five"},
        {"**5!**", "5!"}, /* a factorial */
        {"$x$!", "x"},
        {"3!", "3!"},
        {"5 \\\\", "5"}, /* a row's end */
        {"\\text{B}", "B"},
        {"\\textbf{(B)}", "(B)"},
        {"\\mathrm{{a}b}", "{a}b"},
        {"\\text{a\\}b}", "a\\}b"},
        {"\\text{B} + 1", "\\text{B} + 1"},
        {"\\text{B", "\\text{B"},
        {"\\text{}", ""},
        {"0$", "0"}, /* its partner stands outside */
        {"0\\)", "0"},
        {"0\\]", "0"},
        {"0\"", "0"},
        {"0**", "0"},
        {"**0", "0"},
        {"**", ""},
        {"$5 or $6$", "$5 or $6$"},
        {"$5$ or $6$", "$5$ or $6$"},
        {"(5)", "(5)"},
        {"", ""},
        {".", ""},
        {"$", "$"},
        {"5'6\"", "5'6\""}, /* feet and inches */
        {"5' 6\".", "5' 6\""},
        {"it's 6\"", "it's 6"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct span s = answer_clean(table[i][0], all(table[i][0]));
        if (s.end - s.start != strlen(table[i][1]) ||
            memcmp(table[i][0] + s.start, table[i][1], s.end - s.start))
            fail_msg("\"%s\" becomes \"%.*s\", not \"%s\"", table[i][0], (int)(s.end - s.start),
                     table[i][0] + s.start, table[i][1]);
    }
}

static void clean_many_layers_end(void **state)
{
    char text[201];
    memset(text, '"', 200);
    text[100] = '5';
    text[200] = '\0';
    struct span s = answer_clean(text, all(text));
    assert_true(s.start <= 100 && s.end > 100);
}

static void clean_never_looks_outside_of_its_span(void **state)
{
    const char *text = "**\"5\".**";
    struct span s = answer_clean(text, (struct span){3, 5}); /* 5" */
    assert_int_equal(s.start, 3);
    assert_int_equal(s.end, 4);
}

static void line_start_is_behind_the_last_line_end(void **state)
{
    const char *text = "ab\ncd\nef";
    assert_int_equal(answer_line_start(text, 0, 0), 0);
    assert_int_equal(answer_line_start(text, 0, 2), 0);
    assert_int_equal(answer_line_start(text, 0, 3), 3);
    assert_int_equal(answer_line_start(text, 0, 5), 3);
    assert_int_equal(answer_line_start(text, 0, 8), 6);
    assert_int_equal(answer_line_start(text, 4, 5), 4); /* what is before is not looked at */
}

static void count_words_is_of_the_span_alone(void **state)
{
    const char *text = "one two\n three ";
    assert_int_equal(answer_count_words(text, all(text)), 3);
    assert_int_equal(answer_count_words(text, (struct span){1, 5}), 2); /* "ne t" */
    assert_int_equal(answer_count_words(text, (struct span){3, 4}), 0);
    assert_int_equal(answer_count_words(text, (struct span){4, 4}), 0);
}

static void has_value_is_a_digit_or_a_formula(void **state)
{
    static const char *const yes[] = {"5", "x5", "$x$", "\\pi"};
    static const char *const no[] = {"", "five", "x + y", "yes!"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        assert_true(answer_has_value(yes[i], all(yes[i])));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        assert_false(answer_has_value(no[i], all(no[i])));
    assert_false(answer_has_value("5 x 5", (struct span){1, 4}));
}

static void says_something_is_a_letter_a_digit_or_another_script(void **state)
{
    static const char *const yes[] = {"5", "a", "$x$", "\xE4\xB8\xAD", "\xC3\xA9"};
    static const char *const no[] = {"", "**", "$ $", "---", " \n"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        assert_true(answer_says_something(yes[i], all(yes[i])));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        assert_false(answer_says_something(no[i], all(no[i])));
    assert_false(answer_says_something("a-b", (struct span){1, 2}));
}

static void is_choice_is_one_capital_letter(void **state)
{
    static const char *const yes[] = {"A",       "J",         "B)",  "B.",  "(B)", "**B**",
                                      "**(C)**", "\\text{D}", " E ", "$F$", "(G)."};
    static const char *const no[] = {"",    "I",   "K",  "b", "(b)",   "AB",  "A1", "(AB)",
                                     "[B]", "B!C", "(B", "5", "((B))", "(B]", "B,A"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (!answer_is_choice(yes[i], all(yes[i])))
            fail_msg("\"%s\" is a choice", yes[i]);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        if (answer_is_choice(no[i], all(no[i])))
            fail_msg("\"%s\" is no choice", no[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clean_decoration_is_taken_off),
        cmocka_unit_test(clean_many_layers_end),
        cmocka_unit_test(clean_never_looks_outside_of_its_span),
        cmocka_unit_test(line_start_is_behind_the_last_line_end),
        cmocka_unit_test(count_words_is_of_the_span_alone),
        cmocka_unit_test(has_value_is_a_digit_or_a_formula),
        cmocka_unit_test(says_something_is_a_letter_a_digit_or_another_script),
        cmocka_unit_test(is_choice_is_one_capital_letter),
    };
    return cmocka_run_group_tests_name("claims.read.answer_words", tests, NULL, NULL);
}
