#include "tests/unit/test.h"

#include "claims/math/within.h"

static enum equal_verdict verdict(const char *gold, const char *answer, double absolute,
                                  double relative)
{
    struct equal_form *a = equal_parse(gold, NULL), *b = equal_parse(answer, NULL);
    struct equal_result r = within_compare(a, b, (struct tolerance){absolute, relative});
    equal_form_free(a);
    equal_form_free(b);
    assert_non_null(r.how);
    return r.verdict;
}

static void compare_inside_of_a_tolerance_is_exact(void **state)
{
    assert_int_equal(verdict("9.81", "9.8", 0.01, 0), EQUAL_EXACT);
    assert_int_equal(verdict("9.81", "9.79", 0.01, 0), EQUAL_DIFFERENT);
    assert_int_equal(verdict("100", "101", 0, 0.01), EQUAL_EXACT);
    assert_int_equal(verdict("-100", "-101", 0, 0.01), EQUAL_EXACT);
    assert_int_equal(verdict("100", "101.5", 0, 0.01), EQUAL_DIFFERENT);
    assert_int_equal(verdict("100", "101.5", 2, 0.01), EQUAL_EXACT);
    assert_int_equal(verdict("\\pi", "3.14", 0.01, 0), EQUAL_EXACT);
    assert_int_equal(verdict("\\sqrt{2}", "\\frac{7}{5}", 0.02, 0), EQUAL_EXACT);
}

/* 1 and 1.3 as doubles are further apart than the double 0.3. */
static void compare_end_of_a_tolerance_is_inside(void **state)
{
    assert_int_equal(verdict("1", "1.3", 0.3, 0), EQUAL_EXACT);
    assert_int_equal(verdict("1", "0.7", 0.3, 0), EQUAL_EXACT);
    assert_int_equal(verdict("1", "1.30000000000001", 0.3, 0), EQUAL_DIFFERENT);
    assert_int_equal(verdict("0.1", "0.103", 0, 0.03), EQUAL_EXACT);
}

static void compare_tolerance_decides_what_rounds(void **state)
{
    assert_int_equal(verdict("1/3", "0.333", 0, 0), EQUAL_COMPATIBLE);
    assert_int_equal(verdict("1/3", "0.333", 0.0001, 0), EQUAL_DIFFERENT);
    assert_int_equal(verdict("1/3", "0.333", 0.001, 0), EQUAL_EXACT);
}

static void compare_unit_of_one_side_does_not_matter(void **state)
{
    assert_int_equal(verdict("5", "5 km", 0, 0), EQUAL_EXACT);
    assert_int_equal(verdict("5 km", "5", 0, 0), EQUAL_EXACT);
    assert_int_equal(verdict("18", "\\$18", 0, 0), EQUAL_EXACT);
    assert_int_equal(verdict("5", "5.1 km", 0.2, 0), EQUAL_EXACT);
    assert_int_equal(verdict("5 km", "5 m", 0, 0), EQUAL_DIFFERENT);
    assert_int_equal(verdict("5 km", "5010 m", 0, 0.01), EQUAL_EXACT);
    assert_int_equal(verdict("5 km", "5 kg", 1, 0), EQUAL_DIFFERENT);
}

static void compare_scale_and_percent_do_matter(void **state)
{
    assert_int_not_equal(verdict("5", "5 million", 0, 0), EQUAL_EXACT);
    assert_int_not_equal(verdict("5", "5 million", 0.1, 0), EQUAL_EXACT);
    assert_int_not_equal(verdict("50", "50%", 0, 0), EQUAL_EXACT);
    assert_int_not_equal(verdict("50", "50%", 0.1, 0), EQUAL_EXACT);
    assert_int_equal(verdict("0.5", "50%", 0.1, 0), EQUAL_EXACT);
}

static void compare_what_is_no_number_is_as_equal(void **state)
{
    assert_int_equal(verdict("5", "x+1", 9, 0), EQUAL_DIFFERENT);
    assert_int_equal(verdict("5", "five or six", 9, 0),
                     equal_texts("5", "five or six", NULL).verdict);
    assert_int_equal(verdict("x", "x", 1, 0), EQUAL_EXACT);
    assert_int_equal(verdict("1", "i", 9, 0), EQUAL_DIFFERENT);
    assert_int_equal(verdict("(1,2)", "(1,3)", 9, 0), EQUAL_DIFFERENT);
}

static void compare_extremes_are_bounded(void **state)
{
    assert_int_equal(verdict("1", "2", 1e300, 0), EQUAL_EXACT);
    assert_int_equal(verdict("1", "2", 1e-300, 1e-300), EQUAL_DIFFERENT);
    assert_int_equal(verdict("1e900", "1.001e900", 0, 0.01), EQUAL_EXACT);
    assert_int_not_equal(verdict("1", "10^{10^{10}}", 1, 0), EQUAL_EXACT);
    assert_int_not_equal(verdict("1", "1/0", 1, 0), EQUAL_EXACT);
    assert_int_not_equal(verdict("1", "\\infty", 1, 0), EQUAL_EXACT);
}

static void is_number_tells_numbers_from_the_rest(void **state)
{
    static const struct {
        const char *text;
        bool number;
    } cases[] = {{"5", true},     {"-3/4", true},  {"\\pi", true}, {"12 km", true},
                 {"50%", true},   {"five", true},  {"x", false},   {"A", false},
                 {"1, 2", false}, {"3+2i", false}, {"1/0", false}, {"\\infty", false},
                 {"", false},     {"yes", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct equal_form *form = equal_parse(cases[i].text, NULL);
        if (within_is_number(form) != cases[i].number)
            fail_msg("%s", cases[i].text);
        equal_form_free(form);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compare_inside_of_a_tolerance_is_exact),
        cmocka_unit_test(compare_end_of_a_tolerance_is_inside),
        cmocka_unit_test(compare_tolerance_decides_what_rounds),
        cmocka_unit_test(compare_unit_of_one_side_does_not_matter),
        cmocka_unit_test(compare_scale_and_percent_do_matter),
        cmocka_unit_test(compare_what_is_no_number_is_as_equal),
        cmocka_unit_test(compare_extremes_are_bounded),
        cmocka_unit_test(is_number_tells_numbers_from_the_rest),
    };
    return cmocka_run_group_tests_name("claims.within", tests, NULL, NULL);
}
