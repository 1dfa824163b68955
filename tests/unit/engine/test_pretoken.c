#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "engine/gguf/pretoken.h"

/* The words of text, joined by '|', must be these. */
static void assert_words(const char *text, const char *wanted)
{
    char got[500];
    size_t n = 0, len = strlen(text);
    for (size_t i = 0, w; i < len; i += w) {
        w = pretoken_next(text + i, len - i);
        assert_true(w > 0 && w <= len - i);
        if (i)
            got[n++] = '|';
        memcpy(got + n, text + i, w);
        n += w;
    }
    got[n] = '\0';
    assert_string_equal(got, wanted);
}

static void next_words_and_numbers(void **state)
{
    assert_words("Hello world", "Hello| world");
    assert_words("a1b22", "a|1|b|2|2");
    assert_words(" 12", " |1|2");
    assert_words("(x) -y", "(x|)| -|y");
    assert_words("caf\u00e9 \u00fcber\u4e2d\u6587", "caf\u00e9| \u00fcber\u4e2d\u6587");
    assert_words("\u0661\u00bd\u2167z", "\u0661|\u00bd|\u2167|z");
    assert_words("e\u0301a", "e|\u0301a"); /* a mark is no letter, and may lead letters */
}

static void next_contractions(void **state)
{
    assert_words("it's we'LL I'm they've", "it|'s| we|'LL| I|'m| they|'ve");
    assert_words("'sx 'tx", "'s|x| '|tx");
    assert_words("'l 'r", "'l| '|r");
    assert_words("'\u017f!", "'\u017f|!");
}

static void next_symbols_take_newlines(void **state)
{
    assert_words("ok!!\n\nx", "ok|!!\n\n|x");
    assert_words(" ?!\r\n x", " ?!\r\n| x");
    assert_words("\t!", "\t|!");
    assert_words("  !", " | !");
}

static void next_white_space(void **state)
{
    assert_words("a   b", "a|  | b");
    assert_words("a  ", "a|  ");
    assert_words("a \n \n  b", "a| \n \n| | b");
    assert_words("  1", " | |1");
    assert_words("\n\nx", "\n\n|x");
    assert_words("\u3000\u3000x", "\u3000|\u3000x");
    assert_words("a \n", "a| \n");
    assert_words("\tx", "\tx");
}

static void next_broken_bytes_are_symbols(void **state)
{
    assert_words("\xFF\xC3 a", "\xFF\xC3| a");
    assert_words("\xE2\x82", "\xE2\x82");
}

static void next_long_runs_take_linear_time(void **state)
{
    static const char *const units[] = {" ", "a", "!", "\n", "\n ", " a", "' "};
    size_t len = 1 << 20;
    char *text = malloc(len);
    assert_non_null(text);
    int64_t start = clock_now_ms();
    for (size_t u = 0; u < sizeof units / sizeof *units; u++) {
        for (size_t i = 0; i < len; i++)
            text[i] = units[u][i % strlen(units[u])];
        for (size_t i = 0; i < len;)
            i += pretoken_next(text + i, len - i);
    }
    assert_true(clock_now_ms() - start < 20000); /* quadratic: hours */
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(next_words_and_numbers),
        cmocka_unit_test(next_contractions),
        cmocka_unit_test(next_symbols_take_newlines),
        cmocka_unit_test(next_white_space),
        cmocka_unit_test(next_broken_bytes_are_symbols),
        cmocka_unit_test(next_long_runs_take_linear_time),
    };
    return cmocka_run_group_tests_name("engine.pretoken", tests, NULL, NULL);
}
