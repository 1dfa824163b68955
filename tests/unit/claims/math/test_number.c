#include "tests/unit/test.h"

#include <string.h>

#include "claims/math/number.h"

static void check(const char *text, unsigned how, size_t length, const char *value)
{
    struct number n;
    char got[64] = "";
    size_t len = number_scan(text, how, &n);
    if (len) {
        number_text(&n, got, sizeof got);
        number_fini(&n);
    }
    assert_int_equal(len, length);
    assert_string_equal(got, value);
}

static void scan_common_forms_gives_exact_values(void **state)
{
    check("12", 0, 2, "12");
    check("12.50 m", 0, 5, "25/2");
    check(".5", 0, 2, "1/2");
    check("5.", 0, 1, "5");
    check("1.5e-3", 0, 6, "3/2000");
    check("2e", 0, 1, "2");
    check("0.\\overline{3}", 0, 14, "1/3");
    check("31.(6)", 0, 6, "95/3");
    check("x", 0, 0, "");
    check("", 0, 0, "");
}

static void scan_separators_count_only_when_asked(void **state)
{
    check("1,234,567", NUMBER_GROUPS, 9, "1234567");
    check("1,234,567", 0, 1, "1");
    check("1,23", NUMBER_GROUPS, 1, "1");
    check("1 234", NUMBER_GROUPS, 1, "1");
    check("1 234", NUMBER_SPACES, 5, "1234");
    check("1 100/200", NUMBER_SPACES, 1, "1"); /* a mixed number */
    check("1{,}234", NUMBER_GROUPS, 7, "1234");
}

static void scan_absurd_sizes_are_marked(void **state)
{
    struct number n;
    static char digits[5000];
    memset(digits, '7', sizeof digits - 1);
    assert_int_equal(number_scan(digits, 0, &n), sizeof digits - 1);
    assert_true(n.too_big);
    number_fini(&n);
    assert_int_equal(number_scan("1e999999999999", 0, &n), 14);
    assert_true(n.too_big);
    number_fini(&n);
}

static void rounds_needs_three_digits_and_half_a_unit(void **state)
{
    static const struct {
        const char *decimal;
        slong num;
        ulong den;
        bool expected;
    } cases[] = {{"0.333", 1, 3, true},   {"0.33", 1, 3, false},  {"0.334", 1, 3, false},
                 {"0.667", 2, 3, true},   {"0.666", 2, 3, false}, {"333", 1000, 3, false},
                 {"0.666...", 2, 3, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct number n;
        fmpq_t value;
        fmpq_init(value);
        fmpq_set_si(value, cases[i].num, cases[i].den);
        assert_true(number_scan(cases[i].decimal, 0, &n) > 0);
        assert_int_equal(number_rounds(&n, value), cases[i].expected);
        number_fini(&n);
        fmpq_clear(value);
    }
}

static void scan_repeating_digits_in_each_spelling(void **state)
{
    check("0.(3)", 0, 5, "1/3");
    check("0.1(6)", 0, 3, "1/10"); /* after a digit a bracket multiplies */
    check("0.1\\overline{6}", 0, 15, "1/6");
    check("0.\\bar{3}", 0, 9, "1/3");
    check("0.\\dot{3}", 0, 9, "1/3");
    check("0.\\dot{1}4\\dot{2}", 0, 17, "142/999");
    check("0.\\overline{9}", 0, 14, "1");
    check("1.2\\overline{34}", 0, 16, "611/495");
    check("0.\\overline{}", 0, 1, "0");
    check("0.\\overline{3", 0, 1, "0");
    check(".\\overline{3}", 0, 0, "");
}

static void scan_separators_are_of_one_kind_and_three_digits(void **state)
{
    check("1,234 567", NUMBER_GROUPS | NUMBER_SPACES, 5, "1234");
    check("1_234_567", NUMBER_GROUPS, 9, "1234567");
    check("1'234", NUMBER_GROUPS, 5, "1234");
    check("1\\,234", NUMBER_GROUPS, 6, "1234");
    check("1{,}\\!234", NUMBER_GROUPS, 9, "1234");
    check("1\u202F234", NUMBER_SPACES, 7, "1234");
    check("0,123", NUMBER_GROUPS, 1, "0"); /* no group begins with 0 */
    check("1234,567", NUMBER_GROUPS, 4, "1234");
    check("1,2345", NUMBER_GROUPS, 1, "1");
    check("123,456.5", NUMBER_GROUPS, 9, "246913/2");
    check("1,234 100/200", NUMBER_GROUPS | NUMBER_SPACES, 5, "1234");
}

static void scan_exponent_needs_digits_and_an_end(void **state)
{
    check("1e3", 0, 3, "1000");
    check("1E+3", 0, 4, "1000");
    check("1e-3", 0, 4, "1/1000");
    check("1e3x", 0, 1, "1"); /* a product */
    check("1ex", 0, 1, "1");
    check("1e+", 0, 1, "1");
    check("2e3.5", 0, 3, "2000");
}

static void scan_bounds_are_reached_exactly(void **state)
{
    static char digits[NUMBER_DIGITS_MAX + 2];
    struct number n;
    memset(digits, '1', NUMBER_DIGITS_MAX);
    assert_int_equal(number_scan(digits, 0, &n), NUMBER_DIGITS_MAX);
    assert_false(n.too_big);
    assert_int_equal(n.significant, NUMBER_DIGITS_MAX);
    number_fini(&n);
    digits[NUMBER_DIGITS_MAX] = '1';
    assert_int_equal(number_scan(digits, 0, &n), NUMBER_DIGITS_MAX + 1);
    assert_true(n.too_big && fmpq_is_zero(n.value));
    number_fini(&n);
    assert_int_equal(number_scan("1e1000", 0, &n), 6);
    assert_false(n.too_big);
    number_fini(&n);
    assert_int_equal(number_scan("1e1001", 0, &n), 6);
    assert_true(n.too_big);
    number_fini(&n);
    assert_int_equal(number_scan("1e-1001", 0, &n), 7);
    assert_true(n.too_big);
    number_fini(&n);
    check("999999999999999999", 0, 18, "999999999999999999");
    check("9999999999999999999", 0, 19, "9999999999999999999");
}

static void scan_tells_how_the_number_was_written(void **state)
{
    static const struct {
        const char *text;
        int significant, ulp;
        bool point, cut;
    } table[] = {
        {"12", 2, 0, false, false},         {"0", 0, 0, false, false},
        {"0.0120", 3, -4, true, false},     {"1.5e3", 2, 2, true, false},
        {"1200", 4, 0, false, false},       {"0.333...", 3, -3, true, true},
        {"0.33\\ldots", 2, -2, true, true}, {"3...", 1, 0, false, false},
        {"0.(3)", 1, -1, false, false},     {"0.33\u2026", 2, -2, true, true},
        {"0.33\\dots", 2, -2, true, true},  {"0.33\\cdots", 2, -2, true, true},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct number n;
        assert_true(number_scan(table[i].text, 0, &n) > 0);
        if (n.significant != table[i].significant || n.ulp != table[i].ulp ||
            n.point != table[i].point || n.cut != table[i].cut)
            fail_msg("%s: %d %d %d %d", table[i].text, n.significant, n.ulp, n.point, n.cut);
        number_fini(&n);
    }
}

static void in_base_reads_every_digit(void **state)
{
    static const struct {
        const char *text;
        int base;
        slong value; /* -1: none */
    } table[] = {{"101", 2, 5}, {"1F", 16, 31}, {"1f", 16, 31}, {"z", 36, 35},   {"Z0", 36, 1260},
                 {"0", 2, 0},   {"2", 2, -1},   {"8", 8, -1},   {"7", 8, 7},     {"a", 10, -1},
                 {"1", 1, -1},  {"1", 37, -1},  {"", 10, -1},   {"1.5", 10, -1}, {"10", 36, 36}};
    fmpq_t value;
    fmpq_init(value);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        bool good = number_in_base(table[i].text, strlen(table[i].text), table[i].base, value);
        if (good != (table[i].value >= 0) || (good && fmpq_cmp_si(value, table[i].value) != 0))
            fail_msg("%s in base %d", table[i].text, table[i].base);
    }
    assert_true(number_in_base("1019", 3, 2, value)); /* len counts */
    static char digits[NUMBER_DIGITS_MAX + 1];
    memset(digits, '1', sizeof digits);
    assert_true(number_in_base(digits, NUMBER_DIGITS_MAX, 2, value));
    assert_false(number_in_base(digits, NUMBER_DIGITS_MAX + 1, 2, value));
    fmpq_clear(value);
}

static void text_is_written_whole_or_not(void **state)
{
    struct number n;
    char text[8];
    assert_int_equal(number_scan("0.25", 0, &n), 4);
    number_text(&n, text, sizeof text);
    assert_string_equal(text, "1/4");
    number_text(&n, text, 5); /* sign, slash and end are counted in */
    assert_string_equal(text, "");
    number_fini(&n);
    assert_int_equal(number_scan("123456789", 0, &n), 9);
    number_text(&n, text, sizeof text);
    assert_string_equal(text, "");
    number_fini(&n);
}

static void rounds_a_half_either_way_and_large_numbers(void **state)
{
    static const struct {
        const char *decimal;
        slong num;
        ulong den;
        bool expected;
    } table[] = {{"0.125", 1249, 10000, true},    {"0.125", 12445, 100000, false},
                 {"0.125", 1245, 10000, true},    {"0.125", 1255, 10000, true},
                 {"0.125", 12555, 100000, false}, {"1.25e4", 12549, 1, true},
                 {"1.25e4", 12551, 1, false},     {"1.25e4", 12550, 1, true},
                 {"0.333...", 3339, 10000, true}, {"0.333...", 3341, 10000, false},
                 {"0.00333", 1, 300, true}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct number n;
        fmpq_t value;
        fmpq_init(value);
        fmpq_set_si(value, table[i].num, table[i].den);
        assert_true(number_scan(table[i].decimal, 0, &n) > 0);
        if (number_rounds(&n, value) != table[i].expected)
            fail_msg("%s, %ld/%lu", table[i].decimal, (long)table[i].num,
                     (unsigned long)table[i].den);
        number_fini(&n);
        fmpq_clear(value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scan_common_forms_gives_exact_values),
        cmocka_unit_test(scan_separators_count_only_when_asked),
        cmocka_unit_test(scan_absurd_sizes_are_marked),
        cmocka_unit_test(scan_repeating_digits_in_each_spelling),
        cmocka_unit_test(scan_separators_are_of_one_kind_and_three_digits),
        cmocka_unit_test(scan_exponent_needs_digits_and_an_end),
        cmocka_unit_test(scan_bounds_are_reached_exactly),
        cmocka_unit_test(scan_tells_how_the_number_was_written),
        cmocka_unit_test(in_base_reads_every_digit),
        cmocka_unit_test(text_is_written_whole_or_not),
        cmocka_unit_test(rounds_needs_three_digits_and_half_a_unit),
        cmocka_unit_test(rounds_a_half_either_way_and_large_numbers),
    };
    int failed = cmocka_run_group_tests_name("claims.math.number", tests, NULL, NULL);
    flint_cleanup();
    return failed;
}
