#include "tests/unit/test.h"

#include "claims/read/quantity.h"

static struct quantity read(const char *claim)
{
    struct quantity q;
    if (!quantity_read(claim, &q))
        fail_msg("\"%s\" asserts no value", claim);
    return q;
}

static void read_same_value_is_equal(void **state)
{
    static const char *const table[][2] = {
        {"x = 72", "x = 72.0"},       {"x = 1,234", "x = 1234"},     {"x = 0.5", "x = 1/2"},
        {"x = 50%", "x = 0.5"},       {"x = \\frac{1}{2}", "x=0.5"}, {"x = $72", "x = 72 dollars"},
        {"x = -3", "x = -3.00 m"},    {"x = \\$5", "x = 5"},         {"x = 6/4", "x = 1.5"},
        {"x = \\boxed{7}", "x = 7."}, {"x = 80 slices", "x = 80"},   {"x = 50\\%", "x = 1/2"},
        {"x = y + 1", "x = y+1"},     {"x ≈ 3.5", "x = 3.5"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (read(table[i][0]).value != read(table[i][1]).value)
            fail_msg("\"%s\" and \"%s\" differ", table[i][0], table[i][1]);
}

static void read_other_value_differs(void **state)
{
    static const char *const table[][2] = {
        {"x = 72", "x = 73"}, {"x = 3", "x = -3"},    {"x = 5", "x = 5%"},
        {"x = 2x", "x = 2"},  {"x = 3 + 4", "x = 3"}, {"x = 99999999999999999999", "x = 1"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (read(table[i][0]).value == read(table[i][1]).value)
            fail_msg("\"%s\" and \"%s\" are the same", table[i][0], table[i][1]);
}

static void read_same_expression_is_equal(void **state)
{
    static const char *const table[][2] = {
        {"pay: 9*8 = 72", "the rest is 9 * 8 = 72"},
        {"9 \\times 8 = 72", "9 × 8 = 72"},
        {"9 x 8 = 72", "9*8=72"},
        {"8*9 = 72", "9*8 = 72"},
        {"1 + 2 + 3 = 6", "3+2+1 = 6"},
        {"he needs 20 x $4 = $80", "20*4 = 80"},
        {"1,000 / 8 = 125", "1000/8 = 125"},
        {"(3 + 4) \\cdot 2 = 14", "(3+4)*2 = 14"},
        {"2**3 = 8", "2 ** 3 = 8"},
        {"2**3 = 8", "2^3 = 8"},
        {"(1+1)**3 = 8", "(1 + 1)^3 = 8"},
        {"**12** + **3** = 15", "12 + 3 = 15"},
        {"we pay **9** * **8** = **72**", "9*8 = 72"},
        {"**9*8** = 72", "9*8 = 72"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        uint64_t a = read(table[i][0]).expr, b = read(table[i][1]).expr;
        if (a != b || !a)
            fail_msg("\"%s\" and \"%s\" differ", table[i][0], table[i][1]);
    }
}

static void read_other_expression_differs(void **state)
{
    static const char *const table[][2] = {
        {"9*8 = 72", "9*7 = 72"},   {"9-8 = 1", "8-9 = 1"},       {"8/4 = 2", "4/8 = 2"},
        {"12*3 = 36", "1*23 = 36"}, {"2*3+4 = 10", "4*3+2 = 10"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (read(table[i][0]).expr == read(table[i][1]).expr)
            fail_msg("\"%s\" and \"%s\" are the same", table[i][0], table[i][1]);
}

static void read_open_expression_is_none(void **state)
{
    static const char *const table[] = {
        "x + 12 = 15",       "x - 12 = 15",        "8 eggs * 12 = 96", "sqrt(9+16) = 5",
        "max(3+4, 15) = 16", "12 (3 + 4) = 84",    "a_1 + 12 = 15",    "2 3 + 4 = 27",
        "2x + 13 = 15",      "the pens - 12 = 15", "gcd(24, 36) = 12",
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (read(table[i]).expr)
            fail_msg("\"%s\" has a closed expression", table[i]);
    assert_int_not_equal(read("So -3 + 5 = 2").expr, 0);
    assert_int_not_equal(read("the cost: -3 + 5 = 2").expr, 0);
    assert_int_not_equal(read("There are 322 (14 * 23 = 322)").expr, 0);
}

static void read_same_words_are_equal(void **state)
{
    static const char *const table[][2] = {
        {"pay: 9*8 = 72", "Pay: 9*7 = 63"},
        {"Eggs: 12", "eggs: 3*4 = 12"},
        {"eggs in week 2: 12", "Eggs in week 2: 3*4 = 12"},
        {"Dividing by 2 gives x = 50", "so we get $x$ = 40"},
        {"the area of the garden is 3*4 = 12", "The area of the garden is 12 square feet"},
        {"there are 12 ways to choose a team", "There are 15 ways to choose teams"},
        {"total: 3+4 = 7", "Total: 9"},
        {"a_1 = 3", "$a_1$ = 4"},
        {"width = 3", "the width = 4"},
        {"cats: 3", "cat: 4"},
        {"sales of the total: 3", "Sales: 4"},
        {"\\alpha = 3", "$\\alpha$ = 4"},
        {"gcd(24, 36) = 12", "gcd(24,  36) = 11"},
        {"we see that the cost is 5", "The cost = 6"},
        {"He has 3 hens, the cost is 5 + 2 = 7", "the cost is 8 + 1 = 9"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        uint64_t a = read(table[i][0]).words, b = read(table[i][1]).words;
        if (a != b || !a)
            fail_msg("\"%s\" and \"%s\" differ", table[i][0], table[i][1]);
    }
}

static void read_other_words_differ(void **state)
{
    static const char *const table[][2] = {
        {"pay: 72", "rent: 72"},
        {"x = 3", "y = 3"},
        {"x = 3", "X = 3"},
        {"a_1 = 3", "a_2 = 3"},
        {"f(1) = 3", "f(2) = 3"},
        {"the width is 3", "the length is 3"},
        {"wore: 3", "worn: 3"},
        {"gas: 3", "ga: 3"},
        {"red pen: 3", "redpen: 3"},
        {"total: 3", "number: 3"},
        {"\\alpha = 3", "\\beta = 3"},
        {"cafeÌ: 3", "cafe: 3"},
        {"gcd(24, 36) = 12", "gcd(24, 37) = 12"},
        {"pen b: 3", "pen B: 3"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (read(table[i][0]).words == read(table[i][1]).words)
            fail_msg("\"%s\" and \"%s\" are the same", table[i][0], table[i][1]);
}

static void read_label_is_told_from_other_words(void **state)
{
    assert_true(read("pay: 9*8 = 72").labelled);
    assert_true(read("pay: 72").labelled);
    assert_false(read("pay = 72").labelled);
    assert_false(read("9*8 = 72").labelled);
    assert_false(read("Step 2: 4+5 = 9").labelled); /* it only counts */
    assert_false(read("Step 2: the sum is 9").labelled);
    assert_false(read("322 pens: 14*23 = 322").labelled); /* it tells the value */
    assert_int_equal(read("9*8 = 72").words, 0);
    assert_int_equal(read("pay = 72").expr, 0);
}

static void key_is_that_of_the_label_then_of_the_expression(void **state)
{
    static const struct {
        const char *a, *b;
        bool same;
    } table[] = {
        {"pay: 9*8 = 72", "pay: 9+8 = 17", true},
        {"pay: 9*8 = 72", "left: 9*8 = 72", false},
        {"pay: 72", "pay = 72", true},
        {"9*8 = 72", "so 8 * 9 = 71", true},
        {"the boxes hold 9*8 = 72 pens", "9*8 = 72", true},
        {"day 1: 4+5 = 9", "day 2: 4+5 = 9", false},
        {"parts: 4+3=7", "part: 32*7=224", false},
        {"**To  pay**: 7", "to pay: 8", true},
        {"day 1: 4+5 = 9", "day 11: 4+5 = 9", false},
        {"There are 12 ways to choose", "There are 13 ways to choose", true},
        {"The total 322 is 14*23 = 322", "The total 332 is 14*23 = 332", true},
        {"322 pens: 14*23 = 322", "332 pens: 14*23 = 332", true},
        {"The answer is 42: 6*7 = 42", "The answer is 43: 6*7 = 43", true},
        {"The answer is 42: x = 42", "The answer is 43: x = 43", true},
        {"The 322 pens come from 14 * 23 = 322", "14 * 23 = 332", true},
        {"So the total is 322, 14*23 = 322", "So the total is 332, 14*23 = 332", true},
        {"There are 322 (14 * 23 = 322)", "14 * 23 = 332", true},
        {"x + 12 = 15", "y + 12 = 17", false},
        {"max(3+4, 5) = 7", "min(3+4, 5) = 6", false},
        {"Speed V: 5", "Speed v: 5", false},
        {"X = 7", "x = 7", false},
        {"day 1 1: 5", "day 11: 5", false},
        {"area of A*B: 5", "area of AB: 5", false},
        {"area of A * B: 5", "area of A*B: 5", true},
        {"1,5 + 2 = 3", "15 + 2 = 3", false},
        {"1,500 + 2 = 3", "1500 + 2 = 3", true},
        {"2 3 + 4 = 5", "23 + 4 = 5", false},
        {"(1,2)+(3,4) = (4,6)", "(12)+(34) = 46", false},
        {"A box: 5", "a box: 5", true},
        {"SPEED of V: 5", "speed  of *V*: 6", true},
        {"$x$ terms: 4", "x terms: 5", true},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct quantity a = read(table[i].a), b = read(table[i].b);
        bool same = quantity_key(table[i].a, &a) == quantity_key(table[i].b, &b);
        if (same != table[i].same)
            fail_msg("\"%s\" and \"%s\"", table[i].a, table[i].b);
    }
}

static void name_and_spans_leave_the_value_out(void **state)
{
    static const struct {
        const char *claim, *name, *whole, *where;
    } table[] = {
        {"to pay: 147-9 = 138", "to pay", "138", "138"},
        {"The 14 boxes hold 14 * 23 = 322 pens.", "The 14 boxes hold 14 * 23", "322 pens", "322"},
        {"There are 12 ways to choose", "There are ? ways to choose", "12", "12"},
        {"profit: $14.50 a day", "profit", "$14.50", "$14.50"},
        {"3*4 = 12 = 2*6", "3*4", "2*6", "2*6"},
        {"share = 25 %", "share", "25 %", "25"},
        {"f = \\boxed{7} m", "f", "\\boxed{7} m", "\\boxed{7} m"},
        {"colour = dark blue", "colour", "dark blue", "dark blue"},
        {"Step 2: 4+5 = 9", "4+5", "9", "9"}, /* such a label only counts */
        {"Step 2: the sum is 4+5 = 9", "the sum is 4+5", "9", "9"},
        {"Claim 1: The rope is 5 m long", "The rope is ? m long", "5", "5"},
        {"Step two: 4+5 = 9", "Step two", "9", "9"},
        {"Part of 3: 4+5 = 9", "Part of 3", "9", "9"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct quantity q = read(table[i].claim);
        struct arena a;
        arena_init(&a, 1u << 16);
        assert_string_equal(quantity_name(table[i].claim, &q, &a), table[i].name);
        assert_string_equal(
            arena_strndup(&a, table[i].claim + q.whole.start, q.whole.end - q.whole.start),
            table[i].whole);
        assert_string_equal(
            arena_strndup(&a, table[i].claim + q.where.start, q.where.end - q.where.start),
            table[i].where);
        arena_fini(&a);
    }
}

/* What is asked about a claim. */
static void name_never_tells_the_value(void **state)
{
    static const char *const table[][2] = {
        {"The total 322 is 14*23 = 322", "14*23"},
        {"The total 1,322 is 1300+22 = 1322", "1300+22"},
        {"The total 1322 pens is 1300+22 = 1,322", "1300+22"},
        {"The total of $322 is 14*23 = 322 dollars", "14*23"},
        {"The share is 50 percent: 3/6 = 50%", "3/6"},
        {"The 0.5 of them: 3/6 = 1/2", "3/6"},
        {"The -5 is left: 3 - 8 = -5", "3 - 8"},
        {"322 pens: 14*23 = 322", "14*23"},
        {"The answer is 42: 6*7 = 42", "6*7"},
        {"The answer is 42: x = 42", "x"},
        {"Choice B: answer = B", "answer"},
        {"The 322 pens come from 14 * 23 = 322", "14 * 23"},
        {"There are 322 pens (14 * 23 = 322)", "14 * 23"},
        {"the 14 boxes hold 14 * 23 = 322 pens", "the 14 boxes hold 14 * 23"},
        {"the boxes of week 2 = 322", "the boxes of week 2"},
        {"a_1 = 1", "a_1"},
        {"f(1) = 1", "f(1)"},
        {"half of 322 pens: 322 - 161 = 161", "half of 322 pens"},
        {"5 * 1 = 5", "5 * 1"}, /* the operands are the question */
        {"area = a * b = 3 * 4 = 12", "area"},
        {"height = 5 m = 500 cm", "height"},
        {"rest = 3/4 of 100 eggs = 75", "rest"},
        {"14 * 23 pens = 322 pens = 322", "14 * 23 pens"},
        {"sum: 42+96=138", "sum"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct quantity q = read(table[i][0]);
        struct arena a;
        arena_init(&a, 1u << 16);
        assert_string_equal(quantity_name(table[i][0], &q, &a), table[i][1]);
        arena_fini(&a);
    }
}

/* The value stands first, or there is more than one, or only the value could be asked about. */
static void read_unclear_value_is_false(void **state)
{
    static const char *const table[] = {
        "the 14 boxes hold 322 = 14 * 23 pens",
        "So 20 = 12+8",
        "20 = 12+8 cookies remain",
        "28 is the change = 100 - 72",
        "the 28-dollar change = 100 - 72",
        "sum: 20 = 12 + 8",
        "So 20 = 12 + 8 = 20",
        "12 = x",
        "12 = 3*4 = 12",
        "42 is the answer = 42",
        "week 2: 2 eggs",
        "The cost is 9*8 = 72 dollars and the change is 100 - 72 = 28 dollars",
        "He pays 9*8 = 72 dollars, change 100-72 = 28",
        "Since 5+4 = 9 and 9*2 = 18",
        "Since 14*23 = 322, total is 322",
        "Total = 9, which is 5 + 4 = 9",
        "2x + 3 = 11, so x = 4",
        "x = 2 or x = 3",
        "a = 3; b = 4",
        "a = 3 \\implies b = 4",
        "a = 3 \xE2\x87\x92 b = 4",
        "9*8 = 72 dollars change 100 - 72 = 28",
        "total = 9 (as 5 + 4 = 9)",
        "change: 100 - 72 = 28 dollars; 28",
        "$= 5 + x",
        "The total 99999999999999999999 is 3 * 33333333333333333333 = 99999999999999999999",
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct quantity q;
        if (quantity_read(table[i], &q))
            fail_msg("\"%s\" was read", table[i]);
    }
}

static void read_no_value_is_false(void **state)
{
    static const char *const table[] = {
        "", "=", "= 5", "x =", "x > 5", "3 <= 4", "we add the eggs", "from 3 to 4", "12"};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct quantity q;
        if (quantity_read(table[i], &q))
            fail_msg("\"%s\" asserts a value", table[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_same_value_is_equal),
        cmocka_unit_test(read_other_value_differs),
        cmocka_unit_test(read_same_expression_is_equal),
        cmocka_unit_test(read_other_expression_differs),
        cmocka_unit_test(read_open_expression_is_none),
        cmocka_unit_test(read_same_words_are_equal),
        cmocka_unit_test(read_other_words_differ),
        cmocka_unit_test(read_label_is_told_from_other_words),
        cmocka_unit_test(key_is_that_of_the_label_then_of_the_expression),
        cmocka_unit_test(name_and_spans_leave_the_value_out),
        cmocka_unit_test(name_never_tells_the_value),
        cmocka_unit_test(read_unclear_value_is_false),
        cmocka_unit_test(read_no_value_is_false),
    };
    return cmocka_run_group_tests_name("claims.read.quantity", tests, NULL, NULL);
}
