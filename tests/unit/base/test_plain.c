#include "tests/unit/test.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/plain.h"

static void classes_are_those_of_the_c_locale(void **state)
{
    for (int c = 0; c < 256; c++) {
        assert_int_equal(plain_is_letter((char)c), isalpha(c) != 0);
        assert_int_equal(plain_is_digit((char)c), isdigit(c) != 0);
        assert_int_equal(plain_is_word((char)c), isalnum(c) != 0);
        assert_int_equal(plain_is_hex((char)c), isxdigit(c) != 0);
        assert_int_equal(plain_is_space((char)c), isspace(c) != 0);
        assert_int_equal(plain_is_control((char)c), iscntrl(c) != 0);
        assert_int_equal((unsigned char)plain_lower((char)c), tolower(c));
        assert_int_equal((unsigned char)plain_upper((char)c), toupper(c));
    }
}

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

static void compare_is_strncasecmp_of_the_c_locale(void **state)
{
    static const char *const texts[] = {"",   "a", "A", "ab",       "AB",
                                        "aB", "b", "[", "\xc3\xa4", "a\xc3"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
            for (size_t len = 0; len < 4; len++)
                assert_int_equal(sign(plain_compare(texts[i], texts[k], len)),
                                 sign(strncasecmp(texts[i], texts[k], len)));
            assert_ptr_equal(plain_find(texts[i], texts[k]), strcasestr(texts[i], texts[k]));
        }
}

static void numbers_have_a_point(void **state)
{
    char text[32], *end;
    assert_int_equal(plain_print(text, sizeof text, "%.2f %d", 1234.5, 7), 9);
    assert_string_equal(text, "1234.50 7");
    assert_true(plain_number("0.25x", &end) == 0.25);
    assert_string_equal(end, "x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_are_those_of_the_c_locale),
        cmocka_unit_test(compare_is_strncasecmp_of_the_c_locale),
        cmocka_unit_test(numbers_have_a_point),
    };
    return cmocka_run_group_tests_name("base.plain", tests, NULL, NULL);
}
