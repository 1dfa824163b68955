#include "tests/unit/test.h"

#include <string.h>

#include "base/utf8.h"
#include "claims/text/clean.h"

static struct arena arena;

static int open_arena(void **state)
{
    arena_init(&arena, 1 << 20);
    return 0;
}

static int close_arena(void **state)
{
    arena_fini(&arena);
    return 0;
}

static void check(const char *in, const char *out)
{
    assert_string_equal(clean_text(&arena, in, strlen(in), 1000), out);
}

static void clean_mathematical_signs_become_ascii_or_latex(void **state)
{
    check("2 \u00D7 3 \u00F7 4 \u2212 5", "2 * 3 / 4 - 5");
    check("x \u2264 3, y \u2265 4, z \u2260 5", "x \\le  3, y \\ge  4, z \\ne  5");
    check("\u03C0r", "\\pi r");
    check("\u221A2", "\\proot2 2");
    check("\u00BD\u2153", "\\frac{1}{2}\\frac{1}{3}");
    check("5\u00B0", "5^\\circ ");
    check("20\u2103", "20^\\circ C");
    check("\u20AC5 \u00A35 \u00A55 \u20B95", "\\euro 5 \\pounds 5 \\yen 5 \\rupee 5");
    check("(-\u221E, 1] \u222A {2}", "(-\\infty , 1] \\cup  {2}");
    check("\u201Cyes\u201D it\u2019s", "\"yes\" it's");
    check("a\u00A0b\u2009c\u3000d", "a b c d");
    check("a\u200Bb\uFEFF", "ab"); /* no width, no meaning */
    check("1\u20132\u20143", "1-2 - 3");
    check("\u2A7E\u3002", "\\ge .");
}

static void clean_raised_and_lowered_runs_are_grouped(void **state)
{
    check("x\u00B2", "x^{2}");
    check("10\u207B\u00B3", "10^{-3}");
    check("x\u00B9\u2070", "x^{10}");
    check("x\u207F", "x^{n}");
    check("x\u2071", "x^{i}");
    check("x\u2082\u2083y", "x_{23}y");
    check("2\u207D\u2074\u207E", "2^{(4)}");
    check("x\u208D\u2081\u208E", "x_{(1)}");
    check("x\u00B2\u2081", "x^{2}_{1}"); /* two runs */
    check("x\u2072", "x\u2072");         /* assigned to nothing */
    check("x\u208F", "x\u208F");
}

static void clean_digits_and_forms_of_other_scripts_are_ascii(void **state)
{
    check("\uFF11\uFF12\uFF0B\uFF5E", "12+~");
    check("\uFF01", "!");
    check("\uFF5F", "\uFF5F");
    check("\u0660\u0669 \u06F0\u06F9", "09 09");
    check("\u065F\u066A", "\u065F\u066A");
    check("\u06FA", "\u06FA");
    check("caf\u00E9 \u4E09", "caf\u00E9 \u4E09"); /* letters stay */
}

static void clean_nul_is_a_blank(void **state)
{
    assert_string_equal(clean_text(&arena, "a\0b", 3, 100), "a b");
    assert_string_equal(clean_text(&arena, "", 0, 100), "");
    assert_string_equal(clean_text(&arena, "abc", 2, 100), "ab");
}

static void clean_beyond_max_is_null(void **state)
{
    assert_string_equal(clean_text(&arena, "abcd", 4, 4), "abcd");
    assert_null(clean_text(&arena, "abcd", 4, 3));
    assert_null(clean_text(&arena, "\u03C0", 2, 3)); /* it grows */
    struct arena small;
    arena_init(&small, 4);
    assert_null(clean_text(&small, "abcdefgh", 8, 100));
    arena_fini(&small);
}

/* What comes out is a fixed point: nothing but letters of other scripts is left outside ASCII. */
static void clean_twice_is_clean_once(void **state)
{
    for (uint32_t point = 1; point < 0x3100; point++) {
        char bytes[5] = "";
        bytes[utf8_encode(point, bytes)] = '\0';
        char *once = clean_text(&arena, bytes, strlen(bytes), 100);
        assert_non_null(once);
        assert_string_equal(clean_text(&arena, once, strlen(once), 100), once);
        if (arena.used_bytes > 500000) {
            arena_fini(&arena);
            arena_init(&arena, 1 << 20);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clean_mathematical_signs_become_ascii_or_latex),
        cmocka_unit_test(clean_raised_and_lowered_runs_are_grouped),
        cmocka_unit_test(clean_digits_and_forms_of_other_scripts_are_ascii),
        cmocka_unit_test(clean_nul_is_a_blank),
        cmocka_unit_test(clean_beyond_max_is_null),
        cmocka_unit_test(clean_twice_is_clean_once),
    };
    return cmocka_run_group_tests_name("claims.text.clean", tests, open_arena, close_arena);
}
