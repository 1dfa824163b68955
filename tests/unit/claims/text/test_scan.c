#include "tests/unit/test.h"

#include "claims/text/scan.h"

static void classes_are_ascii_alone(void **state)
{
    for (int c = -128; c < 128; c++) {
        bool digit = c >= '0' && c <= '9', upper = c >= 'A' && c <= 'Z',
             lower = c >= 'a' && c <= 'z';
        assert_int_equal(scan_is_digit((char)c), digit);
        assert_int_equal(scan_is_letter((char)c), upper || lower);
        assert_int_equal(scan_lower((char)c), upper ? c + 32 : c);
        assert_int_equal(scan_is_blank((char)c), c == ' ' || c == '\t' || c == '\r');
        assert_int_equal(scan_is_space((char)c), c == ' ' || (c >= 9 && c <= 13));
    }
}

static void starts_ignores_case_and_ends_with_the_span(void **state)
{
    assert_true(scan_starts("The end", 0, 7, "the"));
    assert_true(scan_starts("The end", 4, 7, "end"));
    assert_false(scan_starts("The end", 4, 6, "end"));
    assert_false(scan_starts("The end", 3, 7, "end"));
    assert_true(scan_starts("x", 1, 1, ""));
}

static void word_needs_an_end_of_the_word(void **state)
{
    assert_true(scan_word("is 5", 0, 4, "is"));
    assert_true(scan_word("is", 0, 2, "is"));
    assert_true(scan_word("is_", 0, 3, "is"));
    assert_false(scan_word("isle", 0, 4, "is"));
    assert_false(scan_word("is5", 0, 3, "is"));
    assert_true(scan_word("isle", 0, 2, "is")); /* the span ends there */
}

static void ends_looks_back_no_further_than_the_start(void **state)
{
    assert_true(scan_ends("so be it", 0, 8, "be it"));
    assert_true(scan_ends("so BE it", 3, 8, "be it"));
    assert_false(scan_ends("so be it", 4, 8, "be it"));
    assert_false(scan_ends("so be it", 0, 7, "it"));
}

static void trim_takes_white_space_off_both_ends(void **state)
{
    static const struct {
        const char *text;
        struct span in, out;
    } table[] = {
        {" \t a b\r\n ", {0, 9}, {3, 6}}, {"ab", {0, 2}, {0, 2}}, {" a ", {1, 2}, {1, 2}},
        {"   ", {0, 3}, {3, 3}},          {"", {0, 0}, {0, 0}},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct span got = scan_trim(table[i].text, table[i].in);
        assert_int_equal(got.start, table[i].out.start);
        assert_int_equal(got.end, table[i].out.end);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_are_ascii_alone),
        cmocka_unit_test(starts_ignores_case_and_ends_with_the_span),
        cmocka_unit_test(word_needs_an_end_of_the_word),
        cmocka_unit_test(ends_looks_back_no_further_than_the_start),
        cmocka_unit_test(trim_takes_white_space_off_both_ends),
    };
    return cmocka_run_group_tests_name("claims.text.scan", tests, NULL, NULL);
}
