#include "tests/unit/test.h"

#include "claims/read/quantity_internal.h"

static void decimal_digits_are_read_to_their_end(void **state)
{
    static const struct {
        const char *text;
        int64_t num, den;
        size_t end;
    } table[] = {
        {"5", 5, 1, 1},
        {"042 m", 42, 1, 3},
        {"3.14", 314, 100, 4},
        {"3.", 3, 1, 1},
        {"3.x", 3, 1, 1},
        {".5", 5, 10, 2},
        {"1,234", 1234, 1, 5},
        {"1,234,567.5", 12345675, 10, 11},
        {"1,23", 1, 1, 1},
        {"12,34x", 12, 1, 2},
        {"1.5.5", 15, 10, 3},
        {"1.5,000", 15, 10, 3},
        {"922337203685477579", 922337203685477579, 1, 18},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct quantity_number n;
        size_t at = 0;
        assert_true(quantity_read_decimal(table[i].text, &at, strlen(table[i].text), &n));
        if (at != table[i].end || n.num != table[i].num || n.den != table[i].den)
            fail_msg("\"%s\": %lld/%lld to %zu", table[i].text, (long long)n.num, (long long)n.den,
                     at);
    }
}

static void decimal_none_or_too_large_is_none(void **state)
{
    static const char *const table[] = {"", "x", ",123", "99999999999999999999", "."};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct quantity_number n;
        size_t at = 0;
        if (quantity_read_decimal(table[i], &at, strlen(table[i]), &n))
            fail_msg("\"%s\" is read", table[i]);
    }
}

static void number_value_and_end_are_read(void **state)
{
    static const struct {
        const char *text;
        int64_t num, den;
        size_t end;
    } table[] = {
        {"5", 5, 1, 1},
        {"-5", -5, 1, 2},
        {"$-5", -5, 1, 3},
        {"-$5", -5, 1, 3},
        {"6/4", 3, 2, 3},
        {"-6/4", -3, 2, 4},
        {"5/x", 5, 1, 1},
        {"0.5", 1, 2, 3},
        {"50%", 1, 2, 3},
        {"50\\%", 1, 2, 4},
        {"50 %", 50, 1, 2},
        {"\\frac{6}{4}", 3, 2, 11},
        {"-\\dfrac{1}{2} m", -1, 2, 13},
        {"\\boxed{7}", 7, 1, 8},
        {"\\text{7}", 7, 1, 7},
        {"**72 dollars", 72, 1, 4},
        {"\\$72", 72, 1, 4},
        {"\xE2\x82\xAC"
         "72",
         72, 1, 5},
        {"(5)", 5, 1, 2},
        {"5 eggs", 5, 1, 1},
        {"5cm", 5, 1, 1},
        {"5 \\text{ cm}", 5, 1, 1},
        {"5\\)", 5, 1, 1},
        {"5\\,\\$", 5, 1, 1},
        {"5 \\ m", 5, 1, 1},
        {"0", 0, 1, 1},
        {"0/5", 0, 1, 3},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct quantity_number n;
        size_t end;
        if (!quantity_read_number(table[i].text, 0, strlen(table[i].text), &n, &end))
            fail_msg("\"%s\" is a number", table[i].text);
        if (end != table[i].end || n.num != table[i].num || n.den != table[i].den)
            fail_msg("\"%s\": %lld/%lld to %zu", table[i].text, (long long)n.num, (long long)n.den,
                     end);
    }
}

static void number_with_more_to_calculate_is_none(void **state)
{
    static const char *const table[] = {
        "",
        "x",
        "2x",
        "2x + 1",
        "3 + 4",
        "3*4",
        "2^3",
        "x = 5",
        "5 = 5",
        "5 < 6",
        "5 > 4",
        "5 6",
        "5 m 6",
        "1/0",
        "5\\pi",
        "5 \\times",
        "-",
        "$",
        "\\frac{1}2",
        "\\frac{1}{2",
        "\\frac{x}{2}",
        "\\frac{1}{0}",
        "\\frac{1}{2}3",
        "99999999999999999999",
        "**72** dollars",
        "1/99999999999999999999",
        "5x",
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct quantity_number n;
        size_t end;
        if (quantity_read_number(table[i], 0, strlen(table[i]), &n, &end))
            fail_msg("\"%s\" is no number", table[i]);
    }
}

static void number_only_its_span_is_read(void **state)
{
    struct quantity_number n;
    size_t end;
    assert_true(quantity_read_number("a12%3", 1, 3, &n, &end));
    assert_int_equal(n.num, 12);
    assert_int_equal(end, 3);
    assert_true(quantity_read_number("12/34", 0, 3, &n, &end));
    assert_int_equal(n.num, 12);
    assert_false(quantity_read_number("\\frac{1}{2}", 0, 10, &n, &end));
}

static void hash_equal_numbers_alone_are_equal(void **state)
{
    uint64_t half = quantity_hash_number((struct quantity_number){1, 2});
    assert_true(half == quantity_hash_number((struct quantity_number){1, 2}));
    assert_true(half != quantity_hash_number((struct quantity_number){2, 1}));
    assert_true(half != quantity_hash_number((struct quantity_number){-1, 2}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimal_digits_are_read_to_their_end),
        cmocka_unit_test(decimal_none_or_too_large_is_none),
        cmocka_unit_test(number_value_and_end_are_read),
        cmocka_unit_test(number_with_more_to_calculate_is_none),
        cmocka_unit_test(number_only_its_span_is_read),
        cmocka_unit_test(hash_equal_numbers_alone_are_equal),
    };
    return cmocka_run_group_tests_name("claims.read.quantity_number", tests, NULL, NULL);
}
