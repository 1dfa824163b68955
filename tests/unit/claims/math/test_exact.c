#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "claims/math/exact.h"

static void check(const char *claim, enum exact_verdict expected)
{
    char reason[300];
    enum exact_verdict got = exact_judge(claim, reason, sizeof reason);
    if (got != expected)
        print_error("%s: %d, not %d (%s)\n", claim, (int)got, (int)expected, reason);
    assert_int_equal(got, expected);
    assert_int_equal(reason[0] != '\0', got == EXACT_REFUTED);
}

static void judge_labelled_arithmetic_is_refuted(void **state)
{
    static const char *const claims[] = {"left: 832-702=230", "left over: 131-120=1",
                                         "change: 312-396=2", "full bags: 131/12=10",
                                         "remainder: 37/6=6"};
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++)
        check(claims[i], EXACT_REFUTED);
    check("pages 10-15 = 6 pages", EXACT_UNDECIDED);
}

static void judge_true_arithmetic_is_proved(void **state)
{
    static const char *const claims[] = {
        "37 * 48 = 1776",
        "pay: 9*8=72",
        "So the total is 3 * 4 = 12 dollars.",
        "3*4 = <<3*4=12>>12",
        "3*4 = 12 = 2*6",
        "|-2|+5 = 7",
        "\\frac{1}{2} + \\frac{1}{3} = \\frac{5}{6}",
        "$8 * 5 = $40",
        "5 cars * 4 wheels = 20 wheels",
        "40/100 = 40%",
        "1.5 x $80,000 = $120,000",
        "2 \\times 3 \\cdot 4 = 24",
        "7 > 3",
        "3 peaches = 3 * 0.5 = 1.5",
        "700/1000 = 0.7 (70%)",
        "10 beds * (2 ft * 8 ft * 2 ft) = 10 * 32 ft^3 = 320 ft^3",
        "2^3 = 8",
        "\\(3 + 4 = 7\\)",
        "A = (4 + -6 - 5 * -5) = (4 + -6 + 25) = 23",
    };
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++)
        check(claims[i], EXACT_PROVED);
}

static void judge_false_arithmetic_is_refuted(void **state)
{
    static const char *const claims[] = {
        "37 * 48 = 1775", "<<3*4=13>>",        "37/6=6",
        "10/3=3.34",      "39 / (10/1) = 390", "5 cars * 4 wheels = 21 wheels",
        "7 < 3",          "3*4 = 12 = 2*7",    "So he has 22 - 5 = 18 medals.",
    };
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++)
        check(claims[i], EXACT_REFUTED);
}

static void judge_rounding_as_people_round_is_proved(void **state)
{
    check("10/3 = 3.33", EXACT_PROVED);
    check("2/3 = 0.667", EXACT_PROVED);
    check("2/3 = 66.7%", EXACT_PROVED);
    check("20/3 = 6.66", EXACT_UNDECIDED); /* cut off */
}

static void judge_what_may_be_read_otherwise_is_undecided(void **state)
{
    static const char *const claims[] = {
        "01/01/2007 - 7 = 12/25/2006",
        "2/29/2000 + 1 = 3/1/2000",
        "2017 = 06/18/2017",
        "2007-01-01 - 7 = 2006-12-25",
        "3/5 - 10 days = 2/23",
        "Amy used 1 makeup set / 2 = 3 eyeshadow colors",
        "900 - 100 = $8",
        "99 / 7 = 14 weeks and 1 day",
        "208 / 81 = 2 (since 2 * 81 is the largest multiple of 81 below 208)",
        "19991 >> 3 = 2498",
        "5548 << 2 = 22192",
        "we shift by $0x2 = 2$ places",
        "3^{-1} = 5",
        "$3^{-1} = 5$ modulo 7",
        "4 - 9 / 3 = -5/3",
        "6 / 2 + 1 = 2",
        "1 / 2 * 3 = 1/6",
        "-4^2 = (-4)^2",
        "-2^2 + 1 = 5",
        "2 * 3^4 + 1 * 3^3 + 2 * 3^2 + 0 * 3^1 + 1 * 3^0 = 21201",
        "-3.668/1.833 = -2",
        "D = b**2 - 4 * 7 = 97",
        "c = -\xE2\x88\x9A(24/13) \xE2\x89\x88 -1.3587",
        "-7(13.5298)^2 + 97(13.5298) - 31 \\approx -1282.8 + 1312.4 - 31",
        "$8^2 = 6^2 + 7^2 - 2(6)(7)cosC$",
        "20 = 2xy / (x + y)",
        "-210 = \\frac{15}{2} [14 + 14d]",
        "Solving for a, we get 1/16 = 0, which is not possible",
        "17 = 2023",
        "1,5 * 2 = 3",
        "2 * 1 = 1,5",
        "-1.4 \\approx 0",
        "pages 10-15 = 6 pages",
        "1.000 + 2.000 = 3000",
        "-4 = (-2)^2",
        "\\log 100 = 3",
        "\\log 8 + 1 = 4",
        "log 1000 = 4",
    };
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++)
        check(claims[i], EXACT_UNDECIDED);
}

static void judge_what_cannot_be_read_otherwise_is_refuted(void **state)
{
    static const char *const claims[] = {
        "3 days * 4 = 13 days",
        "4 + 9 / 3 = 8",
        "\\frac{1}{2} + \\frac{1}{3} = \\frac{2}{5}",
        "2^{-1} = 0.25",
        "2^5 = 30",
        "97**2 = 9408",

        "900 - 100 = 8",
        "4 - \\frac{9}{3} = -\\frac{5}{3}",
        "$5 + $6 = $12",
        "0x3851 = 2 * 7",
        "\xE2\x88\x9A(36) + 2 = 9",
        "2 * 3^4 + 1 * 3^3 = 21202",
    };
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++)
        check(claims[i], EXACT_REFUTED);
}

static void judge_other_than_closed_arithmetic_is_undecided(void **state)
{
    static const char *const claims[] = {
        "half of 10 + 2 = 7",
        "Twice 3 + 4 = 10",
        "2 hours + 30 minutes = 2.5 hours",
        "25k * 3 = 76k",
        "18x + 12x = 45",
        "x - 3 = 5",
        "P(x) + 3 = 5",
        "total for day 3 = 5 * 4 = 20 = y",
        "10 \\equiv 4 \\pmod 7",
        "37/6 = 6 remainder 1",
        "3 less than 10 = 7",
        "20% of 50 = 10",
        "- 3 * 4 = 12",
        "0.33 * 300 = 100",
        "1/6 = 1 out of 6",
        "10:30 + 2 = 12:30",
        "3 miles = 15,840 feet",
        "10 * 25 cents = $2.50",
        "30 minutes * 32 MPH = 16 miles",
        "Tuesday (1 hour) + Saturday (2 hours) = 5 hours",
        "f(18) = 8",
        "So the area is (1/2)bh = 5",
        "21 / 7 = 3 * 4 = 12", /* "then", not "is" */
        "66200 = 20000 ( ( (1 + r)^3 - 1 ) / r )",
        "|5/3 / 5/3| = 1",
        "4/12 * 100 = 33.33%",
        "price 5 + tax 2 * 3 = 11",
        "",
        "=",
        "= 5",
        "5 =",
        "no equation here",
    };
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++)
        check(claims[i], EXACT_UNDECIDED);
}

static void reason(const char *claim, const char *expected)
{
    char got[300] = "old";
    exact_judge(claim, got, sizeof got);
    assert_string_equal(got, expected);
}

static void judge_reason_says_what_the_left_side_is(void **state)
{
    reason("3*4 = 13", "3*4 is 12, not 13");
    reason("so 3*4 = 12 and 7, 3 + 4 = 8", "3 + 4 is 7, not 8");
    reason("$3 +\n$4 = $8", "3 + 4 is 7, not 8");
    reason("1/3 + 1/3 = 1", "1/3 + 1/3 is 0.6666666667, not 1");
    reason("7 < 3", "7 is 7, so the comparison with 3 fails");
    reason("2 + 3 > 6", "2 + 3 is 5, so the comparison with 6 fails");
    reason("10^{38} + 1 = 7", "10^{38} + 1 is 100000000000000000000000000000000000001, not 7");
    reason("10^{40} + 1 = 7", "10^{40} + 1 is 1e+40, not 7");
    reason("3*4 = 12", "");
    reason("x + 3 = 4", "");
    char small[8];
    assert_int_equal(exact_judge("3*4 = 13", small, sizeof small), EXACT_REFUTED);
    assert_string_equal(small, "3*4 is ");
    assert_int_equal(exact_judge("3*4 = 13", NULL, 0), EXACT_REFUTED);
    small[0] = 'x';
    assert_int_equal(exact_judge("3*4 = 13", small, 0), EXACT_REFUTED);
    assert_int_equal(small[0], 'x');
}

static void judge_text_that_speaks_of_rounding_means_about(void **state)
{
    check("100/3 = 33", EXACT_REFUTED);
    check("approximately 100/3 = 33", EXACT_PROVED);
    check("100/3 = 33 when rounded", EXACT_PROVED);
    check("about 100 + 100 = 301", EXACT_REFUTED); /* but not so far */
    check("131/12 = 10 full bags", EXACT_UNDECIDED);
    check("\\frac{131}{12} = 10, with some left", EXACT_UNDECIDED);
    check("full bags: 131/12 = 10", EXACT_REFUTED);   /* a label bends nothing */
    check("120 + 12 = 133 full bags", EXACT_REFUTED); /* and nothing is divided here */
}

static void judge_percents_and_money_may_lack_their_sign(void **state)
{
    check("1/2 = 50%", EXACT_PROVED);
    check("0.2 + 0.3 = 0.5%", EXACT_UNDECIDED);
    check("0.2 + 0.3 = 0.7%", EXACT_REFUTED);
    check("0.2 + 0.3 = 50", EXACT_REFUTED);
    check("20 + 30 = 0.5%", EXACT_REFUTED);
    check("250 + 250 = $5", EXACT_UNDECIDED);
    check("250 + 250 = $6", EXACT_REFUTED);
    check("$250 + $250 = $5", EXACT_REFUTED);
    check("5 - 5 = 1%", EXACT_REFUTED);
}

static void judge_units_that_differ_do_not_add_up(void **state)
{
    check("2 hours + 3 hours = 6 hours", EXACT_REFUTED);
    check("2 hours + 30 minutes = 33 hours", EXACT_UNDECIDED);
    check("5 apples + 3 apples = 9 apples", EXACT_REFUTED);
    check("5 apples + 3 pears = 9", EXACT_UNDECIDED);
    check("5 apples + 3 grapes = 9", EXACT_UNDECIDED);
    check("5 apples * 3 pears = 16", EXACT_REFUTED);
    check("6 / 2 / 3 = 2", EXACT_REFUTED);
    check("6 cars / 2 / 3 = 2", EXACT_UNDECIDED);
    check("6 cars / 2 = 4", EXACT_REFUTED);
    check("2 miles * 3 = 7 miles", EXACT_REFUTED);
    check("$2 * 3 = 7 cents", EXACT_UNDECIDED);
}

static void judge_chains_link_by_link(void **state)
{
    check("x = 3*4 = 12", EXACT_PROVED);
    check("x = 3*4 = 13", EXACT_REFUTED);
    check("total = 3*4 = 12", EXACT_PROVED);
    check("y + x = 3*4 = 12", EXACT_UNDECIDED); /* the first link is open */
    check("3 + 4 = 7 = 6 + 1", EXACT_PROVED);
    check("3 + 4 = 7 = 6 + 2", EXACT_REFUTED);
    check("3 + 4 = 7 * 2 = 14", EXACT_UNDECIDED); /* "then" */
    check("3 + 4 = -7 * 2 = -14", EXACT_REFUTED);
    check("-3 - 4 = -7 * 2 = -14", EXACT_UNDECIDED);
    check("10/3 = 3.3 * 2 = 6.6", EXACT_UNDECIDED);
    check("10/3 = 3.9 * 2 = 7.8", EXACT_REFUTED);
    check("3*4 = <<3*4=13>>13", EXACT_REFUTED);
    check("97**2 = 9409", EXACT_PROVED);
    check("5 mod 3 = 2 and 3 + 4 = 8", EXACT_UNDECIDED);
}

static void judge_hostile_text_is_undecided(void **state)
{
    check("10^{10^{10}} = 5", EXACT_UNDECIDED);
    check("99999! = 1", EXACT_UNDECIDED);
    static char deep[40000];
    memset(deep, '(', sizeof deep - 1);
    check(deep, EXACT_UNDECIDED);
    check("\xFF\xFE 3*4 \x80= 12", EXACT_UNDECIDED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judge_labelled_arithmetic_is_refuted),
        cmocka_unit_test(judge_true_arithmetic_is_proved),
        cmocka_unit_test(judge_false_arithmetic_is_refuted),
        cmocka_unit_test(judge_rounding_as_people_round_is_proved),
        cmocka_unit_test(judge_what_may_be_read_otherwise_is_undecided),
        cmocka_unit_test(judge_what_cannot_be_read_otherwise_is_refuted),
        cmocka_unit_test(judge_other_than_closed_arithmetic_is_undecided),
        cmocka_unit_test(judge_reason_says_what_the_left_side_is),
        cmocka_unit_test(judge_text_that_speaks_of_rounding_means_about),
        cmocka_unit_test(judge_percents_and_money_may_lack_their_sign),
        cmocka_unit_test(judge_units_that_differ_do_not_add_up),
        cmocka_unit_test(judge_chains_link_by_link),
        cmocka_unit_test(judge_hostile_text_is_undecided),
    };
    return cmocka_run_group_tests_name("claims.math.exact", tests, NULL, NULL);
}
