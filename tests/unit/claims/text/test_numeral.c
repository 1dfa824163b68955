#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "claims/text/numeral.h"

static void check(const char *text, size_t length, const char *digits)
{
    char got[NUMERAL_TEXT_MAX] = "";
    size_t len = numeral_read(text, got);
    if (len != length || strcmp(got, digits) != 0)
        print_error("%s: %zu %s\n", text, len, got);
    assert_int_equal(len, length);
    assert_string_equal(got, digits);
}

static void whole(const char *text, const char *digits)
{
    check(text, strlen(text), digits);
}

static void read_cardinals_add_up(void **state)
{
    static const char *const words[] = {"zero",    "one",     "two",       "three",    "four",
                                        "five",    "six",     "seven",     "eight",    "nine",
                                        "ten",     "eleven",  "twelve",    "thirteen", "fourteen",
                                        "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
    static const char *const tens[] = {"twenty", "thirty",  "forty",  "fifty",
                                       "sixty",  "seventy", "eighty", "ninety"};
    char digits[32], text[64];
    for (int i = 0; i < 20; i++) {
        snprintf(digits, sizeof digits, "%d", i);
        whole(words[i], digits);
    }
    for (int ten = 0; ten < 8; ten++)
        for (int one = 0; one < 10; one++) {
            snprintf(text, sizeof text, one ? "%s-%s" : "%s", tens[ten], words[one]);
            snprintf(digits, sizeof digits, "%d", 10 * (ten + 2) + one);
            whole(text, digits);
        }
    whole("Twenty five", "25");
    whole("one hundred", "100");
    whole("one hundred and five", "105");
    whole("nineteen hundred", "1900");
    whole("two hundred twenty-two", "222");
    whole("three thousand", "3000");
    whole("two thousand one hundred and seven", "2107");
    whole("one million two hundred thousand", "1200000");
    whole("five billion six million seven thousand eight", "5006007008");
    whole("nine hundred ninety-nine billion", "999000000000");
}

static void read_stops_where_the_number_ends(void **state)
{
    check("five apples", 4, "5");
    check("five, six", 4, "5");
    check("twenty ten", 6, "20");
    check("twenty eleven", 6, "20");
    check("twenty zero", 6, "20");
    check("one two", 3, "1");
    check("hundred", 0, "");
    check("thousand", 0, "");
    check("twenty hundred", 6, "20");
    check("one hundred and", 11, "100");
    check("one hundred and apples", 11, "100");
    check("one thousand million", 12, "1000"); /* scales become smaller */
    check("one thousand two thousand", 16, "1002");
    check("fivefold", 0, "");
    check("and five", 0, "");
    check("apples", 0, "");
    check("", 0, "");
}

static void read_fractions_divide(void **state)
{
    whole("one half", "1/2");
    whole("half", "1/2");
    whole("two thirds", "2/3");
    whole("two-thirds", "2/3");
    whole("three quarters", "3/4");
    whole("three fourths", "3/4");
    whole("one fourth", "1/4");
    whole("five halves", "5/2");
    whole("two fifths", "2/5");
    whole("five sixths", "5/6");
    whole("three sevenths", "3/7");
    whole("three eighths", "3/8");
    whole("four ninths", "4/9");
    whole("seven tenths", "7/10");
    whole("two and a half", "2.5");
    check("two and a halfling", 3, "2");
    check("two and a third", 3, "2");
    check("half past two", 0, ""); /* a time */
    check("third", 0, "");         /* an ordinal */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_cardinals_add_up),
        cmocka_unit_test(read_stops_where_the_number_ends),
        cmocka_unit_test(read_fractions_divide),
    };
    return cmocka_run_group_tests_name("claims.text.numeral", tests, NULL, NULL);
}
