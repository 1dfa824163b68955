#include "tests/unit/test.h"

#include <stdio.h>

#include "claims/read/answer_internal.h"

/* What the first box of text stands in; "" for nothing that changes it, "?" for a piece of a
 * number. */
static const char *around(const char *text)
{
    static char out[400];
    struct span whole, content, part;
    size_t len = strlen(text), at = scan_find(text, 0, len, "\\boxed");
    bool unclear;
    assert_true(answer_box_at(text, (struct span){at, len}, &whole, &content));
    bool more = answer_around_box(text, (struct span){0, len}, whole, &part, &unclear);
    if (more) {
        assert_true(part.start <= whole.start && part.end >= whole.end && part.end <= len);
        snprintf(out, sizeof out, "%.*s", (int)(part.end - part.start), text + part.start);
    }
    return unclear ? "?" : more ? out : "";
}

static void check(const char *const table[][2], size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(around(table[i][0]), table[i][1]) != 0)
            fail_msg("\"%s\" gives \"%s\", not \"%s\"", table[i][0], around(table[i][0]),
                     table[i][1]);
}

static void box_what_works_on_its_value_belongs_to_it(void **state)
{
    static const char *const table[][2] = {
        {"$2\\cdot\\boxed{5}$", "2\\cdot\\boxed{5}"},
        {"2 * \\boxed{5}", "2 * \\boxed{5}"},
        {"It is $1/\\boxed{5}$.", "1/\\boxed{5}"},
        {"$\\frac12\\cdot\\boxed{2}$", "\\frac12\\cdot\\boxed{2}"},
        {"$\\frac{1}{2}\\boxed{x}$", "\\frac{1}{2}\\boxed{x}"},
        {"$\\frac{3}{\\boxed{4}}$", "\\frac{3}{\\boxed{4}}"},
        {"$\\sqrt{\\boxed{5}} + 1$", "\\sqrt{\\boxed{5}} + 1"},
        {"\\[ y = \\boxed{5} \\times 10^{3} \\]", "\\boxed{5} \\times 10^{3}"},
        {"$3 < x < \\boxed{4}$", "3 < x < \\boxed{4}"},
        {"$x > \\boxed{5}$", "x > \\boxed{5}"},
        {"$\\boxed{12}_3$", "\\boxed{12}_3"},
        {"\\boxed{5} \\text{million}", "\\boxed{5} \\text{million}"},
        {"half of \\boxed{5}", "half of \\boxed{5}"},
        {"-$\\boxed{5}$", "-$\\boxed{5}"},
    };
    check(table, sizeof table / sizeof *table);
}

static void box_what_only_stands_there_is_left_out(void **state)
{
    static const char *const table[][2] = {
        {"\\boxed{5}", ""},
        {"", ""},
    };
    static const char *const nothing[] = {
        "So $2 + 3 = \\boxed{5}$.",
        "$2 \\cdot \\boxed{5} = 10$",
        "$a \\equiv \\boxed{4} \\pmod{9}$",
        "$a \\le \\boxed{22}$",
        "$\\boxed{60}^\\circ$",
        "$\\boxed{5}^{\\text{th}}$",
        "$\\boxed{5}\\text{ cm}$",
        "$\\boxed{5} m$",
        "\\boxed{5}/hour",
        "\\boxed{5}-year-old",
        "Final answer - \\boxed{5}",
        "1. $\\boxed{5}$",
        "step 10 \\boxed{5}",
        "*\\boxed{5}*",
        "\\color{red}{\\boxed{5}}",
        "{\\boxed{5}}",
        "$\\$\\boxed{5}$",
        "\\boxed{5}!",
        "=> \\boxed{5}",
        "<answer>\\boxed{5}</answer>",
        "a \\\\ &= \\boxed{5}",
        "(\\boxed{5})",
    };
    check(table, 1);
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
        if (*around(nothing[i]))
            fail_msg("\"%s\" gives \"%s\"", nothing[i], around(nothing[i]));
}

static void box_that_is_a_piece_of_a_number_is_unclear(void **state)
{
    static const char *const table[][2] = {
        {"10\\boxed{5}", "?"},       {"\\boxed{5}0", "?"},    {"\\boxed{5}.5", "?"},
        {"\\boxed{5},000", "?"},     {"1,\\boxed{000}", "?"}, {"\\boxed{3}\\boxed{4}", "?"},
        {"\\boxed{3}\\boxed{}", ""}, {"\\boxed{5}, 6", ""},   {"\\boxed{5}.", ""},
    };
    check(table, sizeof table / sizeof *table);
}

static void box_in_hostile_text_is_read_in_bounds(void **state)
{
    static const char *const around_it[] = {"(((((((", "}{}{}{", "$$$$",    "\\\\\\",
                                            "^^_^",    "+-*/<>", "\\frac{", "\\sqrt",
                                            "1.,",     "~~~~",   "\\,\\;"};
    char text[64];
    for (size_t i = 0; i < sizeof around_it / sizeof *around_it; i++)
        for (size_t k = 0; k < sizeof around_it / sizeof *around_it; k++) {
            snprintf(text, sizeof text, "%s\\boxed{5}%s", around_it[i], around_it[k]);
            around(text);
        }
}

static void behind_box_are_words_that_may_be_a_unit(void **state)
{
    static const char *const table[][2] = {
        {"\\boxed{5} cm.", "cm"},
        {"$\\boxed{5}\\text{ cm}$", "\\text{ cm}"},
        {"$\\boxed{5}$ cm in length, so", "cm in length"},
        {"$\\boxed{60}^\\circ$", "^\\circ"},
        {"\\boxed{5}.", ""},
        {"\\boxed{5}", ""},
        {"**\\boxed{5}**\nNext", ""},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const char *text = table[i][0];
        size_t len = strlen(text), at = scan_find(text, 0, len, "}") + 1;
        struct span unit = answer_behind_box(text, (struct span){0, len}, at);
        if (unit.end - unit.start != strlen(table[i][1]) ||
            memcmp(text + unit.start, table[i][1], unit.end - unit.start) != 0)
            fail_msg("\"%s\" gives \"%.*s\"", text, (int)(unit.end - unit.start),
                     text + unit.start);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(box_what_works_on_its_value_belongs_to_it),
        cmocka_unit_test(box_what_only_stands_there_is_left_out),
        cmocka_unit_test(box_that_is_a_piece_of_a_number_is_unclear),
        cmocka_unit_test(box_in_hostile_text_is_read_in_bounds),
        cmocka_unit_test(behind_box_are_words_that_may_be_a_unit),
    };
    return cmocka_run_group_tests_name("claims.read.answer_around", tests, NULL, NULL);
}
