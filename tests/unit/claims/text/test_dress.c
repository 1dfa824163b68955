#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "claims/text/dress.h"

static void off(const char *text, const char *inside)
{
    const char *s = text;
    size_t len = strlen(text);
    dress_off(&s, &len);
    assert_true(s >= text && s + len <= text + strlen(text)); /* cut, never rewritten */
    if (len != strlen(inside) || memcmp(s, inside, len) != 0)
        fail_msg("%s: '%.*s', not '%s'", text, (int)len, s, inside);
}

static void off_marks_around_the_answer_go(void **state)
{
    off("5", "5");
    off("  5 \n", "5");
    off("$5$", "5");
    off("$$5$$", "5");
    off("\\(5\\)", "5");
    off("\\[5\\]", "5");
    off("**5**", "5");
    off("*5*", "5");
    off("__5__", "5");
    off("`5`", "5");
    off("\"5\"", "5");
    off("'5'", "5");
    off("\u201C5\u201D", "5");
    off("\u20185\u2019", "5");
    off("<answer>5</answer>", "5");
    off("\\boxed{5}", "5");
    off("\\fbox{5}", "5");
    off("boxed{5}", "5");
    off("\\displaystyle{5}", "5");
    off("$\\boxed{\\frac{1}{2}}$.", "\\frac{1}{2}");
    off("**$\\boxed{5}$**", "5");
}

static void off_marks_that_are_no_pair_stay(void **state)
{
    off("$5$ and $6$", "$5$ and $6$");
    off("$5", "$5");
    off("\\boxed{5} or \\boxed{6}", "\\boxed{5} or \\boxed{6}");
    off("\\boxed{\\}}", "\\}"); /* an escaped brace closes nothing */
    off("\\boxed{5", "\\boxed{5");
    off("$5\\$", "$5\\$");
    off("$$", "$$");
    off("\"\"", "\"\"");
    off("*a*b*", "*a*b*");
}

static void off_signs_at_the_end_of_a_sentence_go(void **state)
{
    off("5.", "5");
    off("5;", "5");
    off("5,", "5");
    off("5:", "5");
    off("5 .", "5");
    off("5..", "5");
    off("1, 2, ...", "1, 2, ...");
    off("5 \\\\", "5");
    off("5\\,", "5\\,");
    off("5 I hope it is correct.", "5");
    off("5. I hope it is correct", "5");
}

static void off_what_leads_in_goes(void **state)
{
    static const char *const leads[] = {"The answer is 5",
                                        "the final answer is: 5",
                                        "Final answer: 5",
                                        "Answer: 5",
                                        "answer is 5",
                                        "Ans 5",
                                        "Therefore, 5",
                                        "Thus 5",
                                        "Hence 5",
                                        "So 5",
                                        "we get 5",
                                        "We have 5",
                                        "it is 5",
                                        "it equals 5",
                                        "is 5",
                                        "equals 5",
                                        "= 5",
                                        ": 5",
                                        "the value is 5",
                                        "The solution is 5",
                                        "the solutions are 5",
                                        "Solution: 5",
                                        "Solutions: 5",
                                        "the result is 5",
                                        "Result: 5",
                                        "approximately 5",
                                        "about 5",
                                        "approx. 5",
                                        "\\approx 5",
                                        "\u2248 5",
                                        "#### 5",
                                        "## 5",
                                        "**Answer:** 5",
                                        "**Final Answer**: 5",
                                        "So the answer is 5.",
                                        "answer = 5",
                                        "So, the final answer is: $5$.",
                                        "\\text{The answer is } 5",
                                        "\\text{Total: } 45"};
    for (size_t i = 0; i < sizeof leads / sizeof *leads; i++)
        off(leads[i], strchr(leads[i], '4') ? "45" : "5");
}

static void off_words_that_belong_to_the_answer_stay(void **state)
{
    off("so2", "so2");
    off("is(2)", "is(2)");
    off("solar", "solar");
    off("about", "about");
    off("# 5", "# 5"); /* one mark is a number sign */
    off("##", "##");
    off("answer_1", "answer_1");
    off("\\text{five} 5", "\\text{five} 5");
    off("\\text{The answer is five} 5", "\\text{The answer is five} 5");
    off("\\text{The answer is five}", "\\text{The answer is five}");
}

static void off_layers_end(void **state)
{
    char text[400];
    memset(text, '=', 399);
    text[399] = '\0';
    const char *s = text;
    size_t len = 399;
    dress_off(&s, &len);
    assert_true(len > 300 && len < 399); /* 32 layers, and no more */
    s = "";
    len = 0;
    dress_off(&s, &len);
    assert_int_equal(len, 0);
}

static void tail(const char *text, const char *expected)
{
    const char *s = NULL;
    size_t len = 0;
    bool found = dress_tail(text, strlen(text), &s, &len);
    if (!found || !expected)
        assert_true(!found && !expected);
    else if (len != strlen(expected) || memcmp(s, expected, len))
        fail_msg("%s: '%.*s'", text, (int)len, s);
}

static void tail_follows_the_last_verb(void **state)
{
    tail("The sum is 5", "5");
    tail("The roots are 1 and 2", "1 and 2");
    tail("x equals 5", "5");
    tail("it must be 5", "5");
    tail("The sum is: 5", "5");
    tail("the area = 5", "5");
    tail("The value of $x$ is $5$", "$5$");
    tail("this gives 5", "5");
    tail("Sum: 5", "5");
    tail("What is is is 5", "5");
    tail("x=5", "5");
}

static void tail_needs_a_verb_and_something_after(void **state)
{
    tail("5", NULL);
    tail("the sum is ", NULL);
    tail("x=y=5", NULL);
    tail("x<=5", NULL);
    tail("x!=5", NULL);
    tail("=5", NULL);
    tail("", NULL);
    tail("this 5", NULL);
}

static void tail_of_a_denial_asserts_nothing(void **state)
{
    tail("There is no n such that n is 5", NULL);
    tail("It is not true that x is 5", NULL);
    tail("x is never 5. It is 6", "6"); /* another sentence */
    tail("If x is 5", NULL);
    tail("x cannot be 5", NULL);
    tail("Nothing is 5", "5");
    tail("the knot is 5", "5");
    tail("it isn't so, x is 5", NULL);
    tail("unless x is 5", NULL);
    tail("No. It is 6", "6");
}

static void tail_of_a_text_that_states_more_is_none(void **state)
{
    tail("mean: 3; mode: 4", NULL);
    tail("the mean is 3, the mode is 4", NULL);
    tail("the mean is 3 and the mode is 4", NULL);
    tail("mean = 3\nmode = 4", NULL);
    tail("the mean is 3, not more", "3, not more"); /* one statement */
    tail("the roots are 1, 2 and 3", "1, 2 and 3");
    tail("since x is 3, y is 4", "4"); /* the first leads to the second */
    tail("x is 3, so y is 4", "4");
    tail("the sum is 3. The mean is 4, the mode is 5", "5"); /* a solution */
}

static void remark(const char *text, const char *expected)
{
    const char *s = NULL;
    size_t len = 0;
    bool found = dress_remark(text, strlen(text), &s, &len);
    if (!found || !expected)
        assert_true(!found && !expected);
    else if (len != strlen(expected) || memcmp(s, expected, len))
        fail_msg("%s: '%.*s'", text, (int)len, s);
}

static void remark_is_words_in_brackets_at_the_end(void **state)
{
    remark("2 (multiplicity 2)", "2");
    remark("5 (after rounding)", "5");
    remark("3, 4 (in order, too)", "3, 4");
    remark("5 (each)", "5");
    remark("5 (all)", NULL); /* fewer than four letters */
    remark("5(each)", NULL);
    remark("(each)", NULL);
    remark("5 (each) x", NULL);
    remark("f (x+yzab)", NULL);
    remark("5 (mod seven)", NULL);
    remark("5 (x, y, z, w)", "5");
    remark("each)", NULL);
    remark("5 each", NULL);
    remark("", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(off_marks_around_the_answer_go),
        cmocka_unit_test(off_marks_that_are_no_pair_stay),
        cmocka_unit_test(off_signs_at_the_end_of_a_sentence_go),
        cmocka_unit_test(off_what_leads_in_goes),
        cmocka_unit_test(off_words_that_belong_to_the_answer_stay),
        cmocka_unit_test(off_layers_end),
        cmocka_unit_test(tail_follows_the_last_verb),
        cmocka_unit_test(tail_needs_a_verb_and_something_after),
        cmocka_unit_test(tail_of_a_denial_asserts_nothing),
        cmocka_unit_test(tail_of_a_text_that_states_more_is_none),
        cmocka_unit_test(remark_is_words_in_brackets_at_the_end),
    };
    return cmocka_run_group_tests_name("claims.text.dress", tests, NULL, NULL);
}
