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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scan_common_forms_gives_exact_values),
        cmocka_unit_test(scan_separators_count_only_when_asked),
        cmocka_unit_test(scan_absurd_sizes_are_marked),
        cmocka_unit_test(rounds_needs_three_digits_and_half_a_unit),
    };
    return cmocka_run_group_tests_name("claims.math.number", tests, NULL, NULL);
}
