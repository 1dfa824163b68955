#include "tests/unit/test.h"

#include <stdio.h>

#include "claims/read/answer_internal.h"

static struct span all(const char *text)
{
    return (struct span){0, strlen(text)};
}

static const char *cut(const char *text, struct span s)
{
    static char out[256];
    s = scan_trim(text, s);
    snprintf(out, sizeof out, "%.*s", (int)(s.end - s.start), text + s.start);
    return out;
}

static void tail_value_of_a_sentence_is_what_it_asserts(void **state)
{
    static const char *const table[][2] = {
        {"5", "5"},
        {"The length is 5 m.", "5 m"},
        {"There are 12 eggs", "12 eggs"},
        {"He has **5 dollars** left", "5 dollars"},
        {"**He** has **5** left", "5"},
        {"**Result** is good", "**Result** is good"}, /* bold, but no value */
        {"9*8 = 72", "72"},
        {"3*4 = 12 = 2*6", "2*6"},
        {"The area is 9*8 = 72", "72"},
        {"x = 2, y = 3", "x = 2, y = 3"},
        {"3x = 2 or 3x = 3", "3x = 2 or 3x = 3"},
        {"3x = 2 and 3y = 3", "3x = 2 and 3y = 3"},
        {"2 < 3x = 5", "2 < 3x = 5"},
        {"y = 2x", "y = 2x"},
        {"= 5", "= 5"},
        {"2x = y", "2x = y"},
        {"It is known that it is 5", "It is known that it is 5"}, /* two verbs */
        {"The color is red", "The color is red"},
        {"The cost was $5", "$5"},
        {"The value is -3", "-3"},
        {"The value is \\frac{1}{2}", "\\frac{1}{2}"},
        {"The number is 5 of those that we have seen so far",
         "The number is 5 of those that we have seen so far"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const char *got = cut(table[i][0], answer_tail(table[i][0], all(table[i][0]), 6));
        if (strcmp(got, table[i][1]))
            fail_msg("\"%s\" gives \"%s\", not \"%s\"", table[i][0], got, table[i][1]);
    }
}

static void tail_is_at_most_so_many_words(void **state)
{
    const char *text = "The length is 5 m now";
    assert_string_equal(cut(text, answer_tail(text, all(text), 3)), "5 m now");
    assert_string_equal(cut(text, answer_tail(text, all(text), 2)), text);
    const char *chain = "2*3 = 6 and a half";
    assert_string_equal(cut(chain, answer_tail(chain, all(chain), 6)), chain);
}

static void tag_last_one_with_content_is_read(void **state)
{
    static const char *const table[][2] = {
        {"<answer>5</answer>", "5"},
        {"<answer> 5 </answer> ok", "5"},
        {"<answer>5</answer> no: <answer>6</answer>", "6"},
        {"<answer>5 < 6</answer>", "5 < 6"},
        {"so\n5</answer>", "5"}, /* its beginning was lost */
        {"so\nanswer>5</answer>", "5"},
        {"so\none two three four five six</answer>", "one two three four five six"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct found f;
        if (!answer_find_tag(table[i][0], all(table[i][0]), &f))
            fail_msg("\"%s\" has a tag", table[i][0]);
        assert_string_equal(f.how, "answer tag");
        assert_int_equal(f.n_parts, 1);
        assert_string_equal(cut(table[i][0], f.part[0]), table[i][1]);
        assert_true(f.whole.start <= f.part[0].start &&
                    f.whole.end == f.part[0].end + 9 + (table[i][0][f.part[0].end] == ' '));
    }
}

static void tag_none_or_empty_is_none(void **state)
{
    static const char *const table[] = {"",
                                        "5",
                                        "<answer>5",
                                        "<answer></answer>",
                                        "<answer> </answer>",
                                        "</answer>",
                                        "a < b > c",
                                        "one two three four five six seven</answer>"};
    struct found f;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (answer_find_tag(table[i], all(table[i]), &f))
            fail_msg("\"%s\" has no tag", table[i]);
    assert_false(answer_find_tag("<answer>5</answer>", (struct span){0, 17}, &f));
    assert_true(answer_find_tag("<answer>5</answer>", (struct span){8, 18}, &f));
    assert_int_equal(f.whole.start, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tail_value_of_a_sentence_is_what_it_asserts),
        cmocka_unit_test(tail_is_at_most_so_many_words),
        cmocka_unit_test(tag_last_one_with_content_is_read),
        cmocka_unit_test(tag_none_or_empty_is_none),
    };
    return cmocka_run_group_tests_name("claims.read.answer_tail", tests, NULL, NULL);
}
