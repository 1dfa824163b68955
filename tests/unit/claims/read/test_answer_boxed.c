#include "tests/unit/test.h"

#include <stdio.h>

#include "claims/read/answer_internal.h"

/* The parts joined with "|"; "" when there is no box. */
static const char *boxed(const char *text)
{
    static char out[4096];
    struct found f;
    out[0] = '\0';
    if (!answer_find_boxed(text, (struct span){0, strlen(text)}, &f))
        return out;
    assert_string_equal(f.how, "boxed");
    assert_true(f.whole.start < f.whole.end && f.whole.end <= strlen(text));
    assert_false(f.json || f.json_key);
    size_t len = 0;
    for (size_t i = 0; i < f.n_parts; i++) {
        assert_true(f.part[i].start >= f.whole.start && f.part[i].end <= f.whole.end);
        len += (size_t)snprintf(out + len, sizeof out - len, "%s%.*s", i ? "|" : "",
                                (int)(f.part[i].end - f.part[i].start), text + f.part[i].start);
    }
    return out;
}

static void check(const char *const table[][2], size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(boxed(table[i][0]), table[i][1]))
            fail_msg("\"%s\" gives \"%s\", not \"%s\"", table[i][0], boxed(table[i][0]),
                     table[i][1]);
}

static void find_last_whole_box_is_taken(void **state)
{
    static const char *const table[][2] = {
        {"", ""},
        {"no such thing", ""},
        {"a box of 5", ""},
        {"\\boxed{5}", "5"},
        {"\\boxed{ 5 }", "5"},
        {"\\boxed {5}", "5"},
        {"\\fbox{5}", "5"},
        {"\\boxed{5} is wrong. It is \\boxed{6}", "6"},
        {"\\boxed{5", ""},
        {"\\boxed{5} or \\boxed{6", "5"},
        {"\\boxed{}", ""},
        {"\\boxed{3} \\boxed{}", "3"},
        {"\\boxed{\\frac{1}{2}}", "\\frac{1}{2}"},
        {"\\boxed{\\{1, 2\\}}", "\\{1, 2\\}"},
        {"{\\boxed{5}}", "5"},
        {"}}}\\boxed{5}", "5"},
        {"{{\\boxed{5}", "5"},
        {"\\boxed{x = \\boxed{5}}", "x = \\boxed{5}"}, /* of nested ones the outermost */
        {"\\boxed{\\boxed{5}", "5"},
        {"\\\\boxed{5}", "5"}, /* JSON's own escape */
        {"\\\\\\{ \\boxed{5}", "5"},
    };
    check(table, sizeof table / sizeof *table);
}

static void find_box_without_braces_goes_to_its_words_end(void **state)
{
    static const char *const table[][2] = {
        {"\\boxed 5", "5"},      {"\\boxed5 cm", "5"},
        {"\\boxed 5, so", "5"},  {"\\boxed 5.", "5"},
        {"\\boxed 5.;", "5"},    {"\\boxed x", "x"},
        {"\\boxedx", ""},        {"\\boxed", ""},
        {"\\boxed ", ""},        {"\\boxed\\frac12$", "\\frac12"},
        {"\\(\\boxed5\\)", "5"}, {"\\[\\boxed5\\]", "5"},
    };
    check(table, sizeof table / sizeof *table);
}

static void find_parts_of_one_answer_are_joined(void **state)
{
    static const char *const table[][2] = {
        {"x = \\boxed{2} and y = \\boxed{3}", "2|3"},
        {"\\boxed{2}, \\boxed{3} and \\boxed{5}", "2|3|5"},
        {"\\boxed{2}, \\boxed{3}, \\boxed{2}", "3|2"}, /* said twice */
        {"\\boxed{1}\n\n\\boxed{2}", "2"},
        {"\\boxed{1}\n\\boxed{2}", "1|2"},
        {"(a) It is so.\n(a) \\boxed{1}\n\n(b) So it is \\boxed{2}", "1|2"},
        {"**Part 1:** \\boxed{1}\n\n**Part 2:** \\boxed{2}", "1|2"},
        {"(a) \\boxed{1}\n\n(b) \\boxed{2}\n\nSo \\boxed{3}", "3"},
        {"(a) \\boxed{1}\n\n(c) \\boxed{2}", "2"},
        {"\\boxed{1}. \\boxed{2}", "2"},
        {"\\boxed{1}, \\boxed{2} is wrong. It is \\boxed{3}", "3"},
        {"\\boxed{1} .5 \\boxed{2}", "1|2"},
        {"\\boxed{1} = \\boxed{2}", "2"},
        {"$\\boxed{1}$ = $\\boxed{2}$", "2"},
        {"\\boxed{1} approx \\boxed{2}", "2"},
        {"\\boxed{1}, so \\boxed{2}", "2"},
        {"\\boxed{1}, not \\boxed{2}", "1"},    /* which it is not */
        {"\\boxed{1}, also \\boxed{2}", "1|2"}, /* "so" inside of a word is none */
        {"\\boxed{1} simplifies to \\boxed{2}", "2"},
    };
    check(table, sizeof table / sizeof *table);
}

static void find_far_boxes_are_not_joined(void **state)
{
    char text[300], near[300];
    snprintf(near, sizeof near, "\\boxed{1}%*s\\boxed{2}", 160, "");
    snprintf(text, sizeof text, "\\boxed{1}%*s\\boxed{2}", 161, "");
    assert_string_equal(boxed(near), "1|2");
    assert_string_equal(boxed(text), "2");
}

static void find_many_boxes_keeps_the_last_parts(void **state)
{
    char text[2000] = "";
    for (int i = 0; i < 40; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "\\boxed{%d} ", 10 + i);
    assert_string_equal(boxed(text), "34|35|36|37|38|39|40|41|42|43|44|45|46|47|48|49");
}

static void find_many_open_boxes_the_innermost_close(void **state)
{
    char text[2000] = "";
    for (int i = 0; i < 100; i++)
        strncat(text, "\\boxed{", sizeof text - strlen(text) - 1);
    strncat(text, "5}", sizeof text - strlen(text) - 1);
    assert_string_equal(boxed(text), "5");
    strncat(text, "}", sizeof text - strlen(text) - 1);
    assert_string_equal(boxed(text), "\\boxed{5}");
}

static void find_minus_before_the_box_belongs_to_it(void **state)
{
    static const char *const table[][2] = {
        {"= -\\boxed{60}", "-\\boxed{60}"},
        {"- \\boxed{60}", "- \\boxed{60}"},
        {"$-\\boxed{60}$", "-\\boxed{60}"},
        {"(-\\boxed{60})", "-\\boxed{60}"},
        {": - \\boxed{60}", "- \\boxed{60}"},
        {"5 - \\boxed{60}", "60"},
        {"x -\\boxed{60}", "60"},
        {"\\boxed{60}", "60"},
        {"\n-\\boxed{60}", "-\\boxed{60}"},
        {"a\n- \\boxed{60}", "60"}, /* an item */
        {"= -\\boxed{1}, \\boxed{2}", "-\\boxed{1}|2"},
    };
    check(table, sizeof table / sizeof *table);
}

static void find_what_changes_the_value_belongs_to_it(void **state)
{
    static const char *const table[][2] = {
        {"$2\\cdot\\boxed{5}$", "2\\cdot\\boxed{5}"},
        {"$\\boxed{25}\\pi$", "\\boxed{25}\\pi"},
        {"$x = \\boxed{5} + 2 = 7$", "5"}, /* fills in */
        {"$x = \\boxed{5} + 2$", "\\boxed{5} + 2"},
        {"$\\frac{\\boxed{3}}{4}$", "\\frac{\\boxed{3}}{4}"},
        {"$\\sqrt{\\boxed{5}}$", "\\sqrt{\\boxed{5}}"},
        {"$\\pm\\boxed{5}$", "\\pm\\boxed{5}"},
        {"\\boxed{5}\\%", "\\boxed{5}\\%"},
        {"\\boxed{5} million people", "\\boxed{5} million"},
        {"minus \\boxed{5}", "minus \\boxed{5}"},
        {"$\\boxed{5}^2$", "\\boxed{5}^2"},
        {"$\\boxed{60}^\\circ$", "60"},
        {"$\\boxed{40} \\pmod{83}$", "40"},
        {"$a \\le \\boxed{22}$", "22"},
        {"In step 10 $\\boxed{5}$", "5"},
        {"**\\boxed{5}** cm", "5"},
        {"\\boxed{5}!", "5"},
        {"$\\boxed{5}!$", "\\boxed{5}!"},
        {"\\textbf{\\boxed{5}}", "5"},
        {"\\text{Answer: }\\boxed{5}", "5"},
    };
    check(table, sizeof table / sizeof *table);
}

static void find_a_piece_of_a_number_is_unclear(void **state)
{
    static const char *const texts[] = {"10\\boxed{5}", "\\boxed{5}0", "\\boxed{3}\\boxed{4}",
                                        "\\boxed{5}.5", "$1,\\boxed{000}$"};
    struct found f;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_true(answer_find_boxed(texts[i], (struct span){0, strlen(texts[i])}, &f));
        assert_true(f.unclear);
    }
    assert_true(answer_find_boxed("\\boxed{5}\\boxed{}", (struct span){0, 17}, &f));
    assert_false(f.unclear);
}

static void find_looks_in_its_span_alone(void **state)
{
    const char *text = "-\\boxed{1}, \\boxed{2}";
    struct found f;
    assert_true(answer_find_boxed(text, (struct span){1, 10}, &f));
    assert_int_equal(f.open, 0);
    assert_int_equal(f.whole.start, 1);
    assert_int_equal(f.whole.end, 10);
    assert_false(answer_find_boxed(text, (struct span){1, 9}, &f));
    assert_false(answer_find_boxed(text, (struct span){2, 11}, &f));
    assert_true(answer_find_boxed(text, (struct span){1, 21}, &f));
    assert_int_equal(f.n_parts, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(find_last_whole_box_is_taken),
        cmocka_unit_test(find_box_without_braces_goes_to_its_words_end),
        cmocka_unit_test(find_parts_of_one_answer_are_joined),
        cmocka_unit_test(find_far_boxes_are_not_joined),
        cmocka_unit_test(find_many_boxes_keeps_the_last_parts),
        cmocka_unit_test(find_many_open_boxes_the_innermost_close),
        cmocka_unit_test(find_minus_before_the_box_belongs_to_it),
        cmocka_unit_test(find_what_changes_the_value_belongs_to_it),
        cmocka_unit_test(find_a_piece_of_a_number_is_unclear),
        cmocka_unit_test(find_looks_in_its_span_alone),
    };
    return cmocka_run_group_tests_name("claims.read.answer_boxed", tests, NULL, NULL);
}
