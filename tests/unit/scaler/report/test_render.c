#include "tests/unit/test.h"

#include <string.h>

#include "base/utf8.h"
#include "scaler/report/render.h"

static void init(struct render *r, size_t columns)
{
    *r = (struct render){.columns = columns, .unicode = true};
    buf_init(&r->text, 1 << 20);
    buf_puts(&r->text, "");
}

static void expect_line(const char *text, size_t columns, const char *expected)
{
    struct render r;
    init(&r, 80);
    size_t width = render_line(&r, text, columns);
    assert_string_equal(r.text.data, expected);
    assert_int_equal(utf8_columns(r.text.data, r.text.len), width);
    assert_true(width <= columns);
    render_fini(&r);
}

static void line_is_folded_cut_and_made_harmless(void **state)
{
    expect_line("a  b\n\tc \n", 20, "a b c");
    expect_line("\033[31mred", 20, "\xef\xbf\xbd[31mred");
    expect_line("x\xe2\x80\xaey", 20, "x\xef\xbf\xbdy"); /* right-to-left override */
    expect_line("x\xc2\x9b"
                "31m",
                20,
                "x\xef\xbf\xbd"
                "31m");
    expect_line("abcdef", 6, "abcdef");
    expect_line("abcdefg", 6, "abcde…");
    expect_line("日本語", 6, "日本語");
    expect_line("日本語", 5, "日本…");
    expect_line("日本語", 4, "日…");
    expect_line("", 4, "");
}

static void bar_fills_its_columns_exactly(void **state)
{
    static const double shares[] = {0, 1e-9, 0.01, 0.3, 0.5, 0.999, 1, 2, -1};
    for (int unicode = 0; unicode < 2; unicode++) {
        for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
            struct render r;
            init(&r, 80);
            r.unicode = unicode;
            render_bar(&r, shares[i], 10);
            assert_int_equal(utf8_columns(r.text.data, r.text.len), 10);
            assert_int_equal(r.text.data[0] == ' ', shares[i] <= 0);
            render_fini(&r);
        }
    }
}

static void sentence_is_broken_between_words_on_a_terminal(void **state)
{
    struct render r;
    init(&r, 40);
    render_say(&r, 2, "%s and so it goes on, much further than %d columns", "one", 40);
    assert_string_equal(r.text.data, "  one and so it goes on, much further than 40 columns\n");
    render_fini(&r);
    init(&r, 20);
    r.wrap = true;
    render_say(&r, 2, "%s and so it goes on, furtherthanthescreen iswide", "one");
    assert_string_equal(r.text.data, "  one and so it goes\n  on,\n  furtherthanthescreen\n"
                                     "  iswide\n");
    render_fini(&r);
}

static void count_has_thousands(void **state)
{
    struct render r;
    init(&r, 80);
    render_count(&r, 0);
    buf_putc(&r.text, ' ');
    render_count(&r, 1002003);
    render_pad(&r, 2);
    assert_string_equal(r.text.data, "0 1,002,003  ");
    render_fini(&r);
    char text[32];
    assert_string_equal(render_counted(UINT64_MAX, text), "18,446,744,073,709,551,615");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line_is_folded_cut_and_made_harmless),
        cmocka_unit_test(bar_fills_its_columns_exactly),
        cmocka_unit_test(sentence_is_broken_between_words_on_a_terminal),
        cmocka_unit_test(count_has_thousands),
    };
    return cmocka_run_group_tests_name("scaler.render", tests, NULL, NULL);
}
