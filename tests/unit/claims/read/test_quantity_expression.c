#include "tests/unit/test.h"

#include "claims/read/quantity_internal.h"

static void sign_canonical_character_and_length_are_given(void **state)
{
    static const struct {
        const char *text;
        size_t len;
        char c;
    } table[] = {
        {"7", 1, '7'},
        {"+", 1, '+'},
        {"-", 1, '-'},
        {"*", 1, '*'},
        {"/", 1, '/'},
        {"^", 1, '^'},
        {"(", 1, '('},
        {")", 1, ')'},
        {".", 1, '.'},
        {"%", 1, '%'},
        {"!", 1, '!'},
        {"**", 2, 0}, /* bold */
        {"\\times", 6, '*'},
        {"\\cdot", 5, '*'},
        {"\\div", 4, '/'},
        {"\xC3\x97", 2, '*'},
        {"\xC3\xB7", 2, '/'},
        {"\xC2\xB7", 2, '*'},
        {"\xE2\x88\x92", 3, '-'},
        {"\xE2\x8B\x85", 3, '*'},
        {"\\left(", 5, 0},
        {"\\right)", 6, 0},
        {"\\,", 2, 0},
        {"\\$", 2, 0},
        {"\\(", 2, 0},
        {",", 1, 0},
        {"$", 1, 0},
        {" ", 1, 0},
        {"x", 0, 1},
        {"a", 0, 1},
        {"=", 0, 1},
        {"\\frac", 0, 1},
        {"{", 0, 1},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char c = 1;
        size_t len = quantity_expression_sign(table[i].text, 0, strlen(table[i].text), &c);
        if (len != table[i].len || c != table[i].c)
            fail_msg("\"%s\": %zu bytes, '%c'", table[i].text, len, c);
    }
}

static void sign_stars_between_values_are_a_power(void **state)
{
    static const struct {
        const char *text;
        size_t at;
        char sign;
    } table[] = {
        {"2**3", 1, '^'},     {"2 ** 3", 2, '^'}, {"(1)**(2)", 3, '^'}, {"**12** + 3", 0, 0},
        {"**12** + 3", 4, 0}, {"5 **12**", 2, 0}, {"**12** 3", 4, 0},   {"2**", 1, 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char c = 1;
        size_t end = strlen(table[i].text);
        assert_int_equal(quantity_expression_sign(table[i].text, table[i].at, end, &c), 2);
        assert_int_equal(c, table[i].sign);
    }
}

static void sign_x_between_numbers_is_times(void **state)
{
    static const struct {
        const char *text;
        size_t at;
        bool times;
    } table[] = {
        {"20x4", 2, true},    {"20 x 4", 3, true}, {"20 X 4", 3, true}, {"20x$4", 2, true},
        {"(3)x(4)", 3, true}, {"3x.5", 1, true},   {"2x", 1, false},    {"2x + 1", 1, false},
        {"x4", 0, false},     {"a x 4", 2, false},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char c = 0;
        size_t len =
            quantity_expression_sign(table[i].text, table[i].at, strlen(table[i].text), &c);
        if (len != table[i].times || (len && c != '*'))
            fail_msg("\"%s\"", table[i].text);
    }
    char c;
    assert_int_equal(quantity_expression_sign("20x4", 2, 3, &c), 0);
}

static void start_is_where_the_last_expression_begins(void **state)
{
    static const char *const table[][2] = {
        {"3+4", "3+4"},
        {"the sum is 3+4", "3+4"},
        {"pay: 9 * 8", "9 * 8"},
        {"in week 2, 3 + 4", "3 + 4"},
        {"It is 5. 3 + 4", "3 + 4"},
        {"1,234 + 5", "1,234 + 5"},
        {"1.5 + 5", "1.5 + 5"},
        {"There are 322 (14 * 23", "14 * 23"}, /* a bracket that is not closed */
        {"(3 + 4) * 2", "(3 + 4) * 2"},
        {"f(1, 2) + 3", "(1, 2) + 3"},
        {"**3 + 4", "3 + 4"},
        {"sum x", ""},
        {"the max 20 x 4", "20 x 4"},
        {"", ""},
        {"14 \\times 23", "14 \\times 23"},
        {"((3 + 4) ((5", "((3 + 4) ((5"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        size_t start =
            quantity_expression_start(table[i][0], (struct span){0, strlen(table[i][0])});
        if (strcmp(table[i][0] + start, table[i][1]))
            fail_msg("\"%s\": \"%s\", not \"%s\"", table[i][0], table[i][0] + start, table[i][1]);
    }
}

static uint64_t hash(const char *text)
{
    struct span s = {0, strlen(text)};
    return quantity_expression_hash(text, s, quantity_expression_start(text, s));
}

static void hash_same_calculation_is_equal(void **state)
{
    static const char *const table[][2] = {
        {"9*8", "9 * 8"},        {"9*8", "8*9"},
        {"1+2+3", "3 + 1 + 2"},  {"9 \\times 8", "9×8"},
        {"1,000/8", "1000 / 8"}, {"\\left(3+4\\right)*2", "(3+4)*2"},
        {"$5+\\$6", "5+6"},      {"the sum of 5+6", "5+6"},
        {"2**3", "2^3"},         {"cost: -3 + 5", "-3+5"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (!hash(table[i][0]) || hash(table[i][0]) != hash(table[i][1]))
            fail_msg("\"%s\" and \"%s\" differ", table[i][0], table[i][1]);
}

static void hash_other_calculation_differs(void **state)
{
    static const char *const table[][2] = {
        {"9*8", "9*7"},     {"9*8", "9+8"},   {"9-8", "8-9"},    {"8/4", "4/8"},
        {"2*3+4", "4*3+2"}, {"12*3", "1*23"}, {"1.5+2", "15+2"}, {"(3+4)*2", "3+4*2"},
        {"1+2", "1+2+0"},   {"5!+1", "5+1"},  {"50%*2", "50*2"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (!hash(table[i][0]) || !hash(table[i][1]) || hash(table[i][0]) == hash(table[i][1]))
            fail_msg("\"%s\" and \"%s\" are one", table[i][0], table[i][1]);
}

static void hash_open_or_no_calculation_is_none(void **state)
{
    static const char *const table[] = {
        "",
        "5",
        "55",
        "5!",
        "-5",
        "x + 12",
        "x - 12",
        "the pens - 12",
        "a_1 + 12",
        "sqrt(9+16)",
        "2 3 + 4",
        "12 (3 + 4)",
        "gcd(24, 36)",
        "(3)(4)",
        "3 + x",
        "y * 3 + 4",
        "the box * 3 + 4",
        "\xC3\xA9 / 3 + 4",
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (hash(table[i]))
            fail_msg("\"%s\" is a closed expression", table[i]);
    static const char *const closed[] = {"55!", "So -3 + 5", "\"3 + 4", "a, *3 + 4"};
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++)
        if (!hash(closed[i]))
            fail_msg("\"%s\" is no closed expression", closed[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sign_canonical_character_and_length_are_given),
        cmocka_unit_test(sign_stars_between_values_are_a_power),
        cmocka_unit_test(sign_x_between_numbers_is_times),
        cmocka_unit_test(start_is_where_the_last_expression_begins),
        cmocka_unit_test(hash_same_calculation_is_equal),
        cmocka_unit_test(hash_other_calculation_differs),
        cmocka_unit_test(hash_open_or_no_calculation_is_none),
    };
    return cmocka_run_group_tests_name("claims.read.quantity_expression", tests, NULL, NULL);
}
