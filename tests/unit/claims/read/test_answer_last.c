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

static void bare_reply_is_its_answer(void **state)
{
    static const struct {
        const char *text, *answer, *how;
    } table[] = {
        {"5", "5", "whole reply"},
        {" 5 dollars\n", "5 dollars", "whole reply"},
        {"yes", "yes", "whole reply"},
        {"not really", "not really", "whole reply"},
        {"it took 5 of the men", "it took 5 of the men", "whole reply"},
        {"Long work.\n\n(B)", "(B)", "choice letter"},
        {"Long work.\nB.", "B.", "choice letter"},
        {"Long work.\nThe total is 5.", "5", "last statement"},
        {"We add 2. So the total is 5.", "5", "last statement"},
        {"x\nThe date today is 05/01/2021.", "05/01/2021", "last statement"},
        {"x\nSo she sold 72 clips in May.", "72", "last statement"},
        {"x. Then y. She sold $72 in May.", "$72", "last statement"},
        {"x\n2 + 3 (all) = **$5**", "$5", "last statement"},
        {"x\n$5$", "$5$", "last line"},
        {"x\n12 eggs.", "12 eggs.", "last line"},
        {"x\n= 12", "12", "last line"},
        {"I would pick B, it fits.", "B", "choice letter"},
        {"x\nSo the best option is (C).", "(C)", "choice letter"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct found f;
        if (!answer_find_bare(table[i].text, all(table[i].text), &f))
            fail_msg("\"%s\" gives an answer", table[i].text);
        assert_string_equal(f.how, table[i].how);
        assert_int_equal(f.n_parts, 1);
        assert_string_equal(cut(table[i].text, f.part[0]), table[i].answer);
    }
}

static void bare_work_is_no_answer(void **state)
{
    static const char *const table[] = {"",
                                        "\n",
                                        "we do not know",
                                        "it took 5 of the men now",
                                        "is it 5?",
                                        "it follows:",
                                        "{5}",
                                        "I am 5",
                                        "first\n3. dollars",
                                        "x\nThe sum is not 5 dollars.",
                                        "x\n- 5",
                                        "x\ntotal = b * 5",
                                        "x\n= 2 + ",
                                        "x\n\\begin{align}",
                                        "I would pick A safe one.",
                                        "So I pick B, or I choose C.",
                                        "x\nSo we divide by 5.",
                                        "x\nSo 5 and 6 are there.",
                                        "x\nThe color is red.",
                                        "x\nMaybe it is 5.",
                                        "x\nThe total is 5 eggs and 3 nuts and more."};
    struct found f;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (answer_find_bare(table[i], all(table[i]), &f))
            fail_msg("\"%s\" gives \"%s\"", table[i], cut(table[i], f.part[0]));
}

static void bare_long_line_is_no_answer(void **state)
{
    static char text[2100];
    struct found f;
    memset(text, '7', sizeof text - 1);
    assert_false(answer_find_bare(text, all(text), &f));
    assert_false(answer_find_bare(text, (struct span){0, 2001}, &f));
    assert_true(answer_find_bare(text, (struct span){0, 2000}, &f));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bare_reply_is_its_answer),
        cmocka_unit_test(bare_work_is_no_answer),
        cmocka_unit_test(bare_long_line_is_no_answer),
    };
    return cmocka_run_group_tests_name("claims.read.answer_last", tests, NULL, NULL);
}
