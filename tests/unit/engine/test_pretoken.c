#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "engine/gguf/pretoken.h"

static const struct pretoken *how; /* of all following assertions */

static void use(const char *name)
{
    how = pretoken_find(name, strlen(name));
    assert_non_null(how);
}

static int use_qwen2(void **state)
{
    use("qwen2");
    return 0;
}

/* The words of text, joined by '|', must be these. */
static void assert_words(const char *text, const char *wanted)
{
    char got[500];
    size_t n = 0, len = strlen(text);
    for (size_t i = 0, w; i < len; i += w) {
        w = pretoken_next(how, text + i, len - i);
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

static void next_llama3_takes_three_digits(void **state)
{
    use("llama-bpe");
    assert_words("1234567 12", "123|456|7| |12");
    assert_words("a1b\u0661\u0662\u0663\u0664", "a|1|b|\u0661\u0662\u0663|\u0664");
    assert_words("it'S ok!!\n\nx", "it|'S| ok|!!\n\n|x");
}

static void next_gpt2_knows_no_lines_and_minds_the_case(void **state)
{
    use("gpt-2");
    assert_words("Hello 1234 x1y", "Hello| 1234| x|1|y");
    assert_words("it's IT'S 'reX", "it|'s| IT|'|S| '|reX");
    assert_words("'s's'\u017f", "'s|'s|'|\u017f");
    assert_words("ok!!\n\nx", "ok|!!|\n|\n|x");
    assert_words("a \n \n  b", "a| \n \n | b");
    assert_words("a\t\tb ", "a|\t|\t|b| ");
    assert_words("\u00e9 \u0301!", "\u00e9| \u0301!");
}

static void next_smollm_cuts_every_digit_out(void **state)
{
    use("smollm");
    assert_words("a 12  3x", "a| |1|2|  |3|x"); /* the text before a digit ends there */
    assert_words("a  b", "a| | b");
    assert_words("\u0661\u00bd ", "\u0661|\u00bd| ");
}

static void next_qwen35_takes_marks_for_letters(void **state)
{
    use("qwen35");
    assert_words("e\u0301a \u0301 !\u0301b", "e\u0301a| \u0301| !|\u0301b");
}

static void find_knows_every_name_and_no_other(void **state)
{
    size_t n = 0;
    for (const struct pretoken *p; (p = pretoken_at(n)); n++)
        assert_ptr_equal(pretoken_find(p->name, strlen(p->name)), p);
    assert_true(n >= 16);
    assert_null(pretoken_find("qwen", 4));
    assert_null(pretoken_find("qwen22", 6));
    assert_null(pretoken_find("", 0));
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
        for (size_t h = 0; (how = pretoken_at(h)); h++)
            for (size_t i = 0; i < len;)
                i += pretoken_next(how, text + i, len - i);
    }
    assert_true(clock_now_ms() - start < 20000); /* quadratic: hours */
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(next_words_and_numbers, use_qwen2),
        cmocka_unit_test_setup(next_contractions, use_qwen2),
        cmocka_unit_test_setup(next_symbols_take_newlines, use_qwen2),
        cmocka_unit_test_setup(next_white_space, use_qwen2),
        cmocka_unit_test_setup(next_broken_bytes_are_symbols, use_qwen2),
        cmocka_unit_test_setup(next_llama3_takes_three_digits, use_qwen2),
        cmocka_unit_test_setup(next_gpt2_knows_no_lines_and_minds_the_case, use_qwen2),
        cmocka_unit_test_setup(next_smollm_cuts_every_digit_out, use_qwen2),
        cmocka_unit_test_setup(next_qwen35_takes_marks_for_letters, use_qwen2),
        cmocka_unit_test(find_knows_every_name_and_no_other),
        cmocka_unit_test_setup(next_long_runs_take_linear_time, use_qwen2),
    };
    return cmocka_run_group_tests_name("engine.pretoken", tests, NULL, NULL);
}
