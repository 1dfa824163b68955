#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

static void decode_every_scalar_round_trips(void **state)
{
    for (uint32_t point = 0; point <= 0x10FFFF; point++) {
        if (point >= 0xD800 && point <= 0xDFFF)
            continue;
        char bytes[4];
        size_t n = utf8_encode(point, bytes);
        uint32_t back;
        assert_int_equal(utf8_decode(bytes, n, &back), n);
        assert_int_equal(back, point);
    }
}

static void make_valid_malformed_becomes_replacement(void **state)
{
    /* Unicode 15, table 3-8 and 3-11: one U+FFFD for each maximal subpart. */
    static const struct {
        const char *in;
        size_t len;
        const char *out;
    } table[] = {
        {"ok", 2, "ok"},
        {"a\0b", 3, "a\uFFFDb"},
        {"\xC0\xAF", 2, "\uFFFD\uFFFD"},
        {"\xED\xA0\x80", 3, "\uFFFD\uFFFD\uFFFD"},
        {"\xF0\x80\x80\x41", 4,
         "\uFFFD\uFFFD\uFFFD"
         "A"},
        {"\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", 9,
         "\uFFFD\uFFFD\uFFFD\uFFFD"
         "A"},
        {"\xF4\x90\x80\x80", 4, "\uFFFD\uFFFD\uFFFD\uFFFD"},
        {"\xEF\xBF\xBD", 3, "\uFFFD"},
        {"\xE2\x82", 2, "\uFFFD"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        size_t len;
        char *out = utf8_make_valid(table[i].in, table[i].len, &len);
        assert_string_equal(out, table[i].out);
        assert_int_equal(len, strlen(table[i].out));
        assert_true(utf8_is_valid(out, len));
        free(out);
    }
}

static void make_valid_all_bytes_is_valid(void **state)
{
    char bytes[256];
    for (int i = 0; i < 256; i++)
        bytes[i] = (char)i;
    assert_false(utf8_is_valid(bytes, sizeof bytes));
    size_t len;
    char *out = utf8_make_valid(bytes, sizeof bytes, &len);
    assert_true(utf8_is_valid(out, len));
    assert_int_equal(strlen(out), len);
    free(out);
}

static void cut_never_splits_a_character(void **state)
{
    const char *text = "aé€😀z";
    size_t starts[] = {0, 1, 3, 6, 10, 11}, k = 0;
    for (size_t n = 0; n <= strlen(text); n++) {
        if (k + 1 < sizeof starts / sizeof *starts && n == starts[k + 1])
            k++;
        assert_int_equal(utf8_cut(text, n), starts[k]);
    }
}

static void columns_wide_and_combining(void **state)
{
    assert_int_equal(utf8_columns("abc", 3), 3);
    assert_int_equal(utf8_columns("日本", 6), 4);
    assert_int_equal(utf8_columns("e\u0301", 3), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decode_every_scalar_round_trips),
        cmocka_unit_test(make_valid_malformed_becomes_replacement),
        cmocka_unit_test(make_valid_all_bytes_is_valid),
        cmocka_unit_test(cut_never_splits_a_character),
        cmocka_unit_test(columns_wide_and_combining),
    };
    return cmocka_run_group_tests_name("base.utf8", tests, NULL, NULL);
}
