#include "tests/unit/test.h"

#include <string.h>

#include "claims/text/fold.h"

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

static void fold_runs_of_white_space_become_one_space(void **state)
{
    static const struct {
        const char *in, *out;
    } table[] = {
        {"plain", "plain"},
        {"  a \t\r\n b  ", "a b"},
        {"a\x01\x1F\x7F"
         "b",
         "a b"},
        {"a\xC2\x85"
         "b",
         "a b"}, /* next line */
        {"a\xC2\x80"
         "b",
         "a b"}, /* the first C1 control */
        {"a\xC2\xA0"
         "b",
         "a b"}, /* no-break space */
        {"a\xC2\xA1"
         "b",
         "a\xC2\xA1"
         "b"}, /* an inverted mark is text */
        {"a\xE2\x80\xA8"
         "b",
         "a b"}, /* line separator */
        {"a\xE2\x80\xA9"
         "b",
         "a b"}, /* paragraph separator */
        {"a\xE2\x80\xA7"
         "b",
         "a\xE2\x80\xA7"
         "b"},
        {" \n ", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_string_equal(fold_line(table[i].in, strlen(table[i].in), 100, &arena), table[i].out);
}

static void fold_counts_bytes_given_not_the_end_of_the_string(void **state)
{
    assert_string_equal(fold_line("a\0b", 3, 100, &arena), "a b");
    assert_string_equal(fold_line("abc", 2, 100, &arena), "ab");
    assert_string_equal(fold_line("a\xC2", 2, 100, &arena), "a\xC2"); /* cut off inside */
    assert_string_equal(fold_line("a\xE2\x80", 3, 100, &arena), "a\xE2\x80");
}

static void fold_cuts_between_characters_at_most(void **state)
{
    assert_string_equal(fold_line("abcdef", 6, 6, &arena), "abcdef");
    assert_string_equal(fold_line("abcdef", 6, 5, &arena), "abcde");
    assert_string_equal(fold_line("abc\xC3\xA9", 5, 4, &arena), "abc");
    assert_string_equal(fold_line("abc\xC3\xA9", 5, 5, &arena), "abc\xC3\xA9");
    assert_string_equal(fold_line("abc def", 7, 4, &arena), "abc"); /* no space at the end */
    assert_string_equal(fold_line("abc", 3, 0, &arena), "");
}

static void fold_without_memory_is_null(void **state)
{
    struct arena small;
    arena_init(&small, 16);
    static const char text[4000];
    assert_null(fold_line(text, sizeof text, 10, &small));
    arena_fini(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fold_runs_of_white_space_become_one_space),
        cmocka_unit_test(fold_counts_bytes_given_not_the_end_of_the_string),
        cmocka_unit_test(fold_cuts_between_characters_at_most),
        cmocka_unit_test(fold_without_memory_is_null),
    };
    return cmocka_run_group_tests_name("claims.text.fold", tests, open_arena, close_arena);
}
