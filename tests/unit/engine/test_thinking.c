#include "tests/unit/test.h"

#include "engine/gguf/thinking.h"
#include "tests/gguf_help.h"

static uint32_t end_ids[] = {91, 92, 93};
static const struct token_list end = {end_ids, 3, 3};

/* Accepts a token that spells text; returns what came in its place when one was forced, else 0. */
static uint32_t accept(struct thinking *th, struct buf *all, uint32_t max, const char *text)
{
    uint32_t token = 7;
    bool forced = thinking_force(th, &end, max, &token);
    assert_int_equal(forced, token != 7);
    if (!forced) {
        buf_puts(all, text);
        thinking_see(th, all, strlen(text));
    }
    return forced ? token : 0;
}

static void force_without_a_cap_never_forces(void **state)
{
    struct thinking th = {.inside = true};
    struct buf all;
    buf_init(&all, 10000);
    for (int i = 0; i < 100; i++)
        assert_int_equal(accept(&th, &all, 0, "x"), 0);
    assert_int_equal(th.used, 100);
    buf_fini(&all);
}

static void force_counts_only_inside(void **state)
{
    struct thinking th = {0};
    struct buf all;
    buf_init(&all, 10000);
    for (int i = 0; i < 10; i++)
        assert_int_equal(accept(&th, &all, 2, i < 9 ? "x" : "\n"), 0);
    assert_int_equal(accept(&th, &all, 2, "<thi"), 0);
    assert_false(th.inside);
    assert_int_equal(accept(&th, &all, 2, "nk>a"), 0);
    assert_true(th.inside);
    assert_int_equal(accept(&th, &all, 2, "b"), 0);
    assert_int_equal(accept(&th, &all, 2, "c"), 0);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(accept(&th, &all, 2, "d"), end_ids[i]);
    for (int i = 0; i < 10; i++)
        assert_int_equal(accept(&th, &all, 2, "e"), 0);
    assert_string_equal(all.data, "xxxxxxxxx\n<think>abceeeeeeeeee");
    buf_fini(&all);
}

static void force_not_where_the_model_ended_itself(void **state)
{
    struct thinking th = {.inside = true};
    struct buf all;
    buf_init(&all, 10000);
    assert_int_equal(accept(&th, &all, 3, "a"), 0);
    assert_int_equal(accept(&th, &all, 3, "b</thi"), 0);
    assert_int_equal(accept(&th, &all, 3, "nk>"), 0);
    assert_false(th.inside);
    for (int i = 0; i < 10; i++)
        assert_int_equal(accept(&th, &all, 3, "c"), 0);
    buf_fini(&all);
}

static void force_shares_the_cap_among_blocks(void **state)
{
    struct thinking th = {.inside = true};
    struct buf all;
    buf_init(&all, 10000);
    assert_int_equal(accept(&th, &all, 3, "a"), 0);
    assert_int_equal(accept(&th, &all, 3, "</think>"), 0);
    assert_int_equal(accept(&th, &all, 3, "\n<think>"), 0);
    assert_int_equal(accept(&th, &all, 3, "b"), 0);
    assert_int_equal(accept(&th, &all, 3, "c"), end_ids[0]);
    buf_fini(&all);
}

static void see_takes_the_mark_in_a_line_for_prose(void **state)
{
    struct thinking th = {0};
    struct buf all;
    buf_init(&all, 10000);
    assert_int_equal(accept(&th, &all, 1, "use <think>"), 0);
    assert_false(th.inside);
    assert_int_equal(accept(&th, &all, 1, "\n"), 0);
    assert_int_equal(accept(&th, &all, 1, " <think>"), 0);
    assert_true(th.inside);
    buf_fini(&all);
}

static void see_needs_no_text(void **state)
{
    struct thinking th = {0};
    struct buf none;
    buf_init(&none, 10);
    thinking_see(&th, &none, 0);
    assert_false(th.inside);
    buf_fini(&none);
}

static void end_is_tokens_of_its_text(void **state)
{
    struct buf bytes;
    struct gguf_file file;
    struct tokenizer *t = NULL;
    struct surety_error err;
    struct token_list list = {0};
    buf_init(&bytes, 1 << 20);
    put_header(&bytes, 0, VOCABULARY_KEYS);
    put_vocabulary(&bytes, (const char *const[]){"</think>"}, 1, NULL, 0);
    assert_int_equal(gguf_parse("m", bytes.data, bytes.len, &file, &err), SURETY_OK);
    assert_int_equal(tokenizer_create(&file, &t, &err), SURETY_OK);
    assert_int_equal(thinking_end(t, &list), SURETY_OK);
    char text[64] = "";
    for (size_t i = 0; i < list.n; i++) {
        struct gguf_string piece = tokenizer_piece(t, list.ids[i]);
        strncat(text, piece.text, piece.len);
    }
    assert_string_equal(text, "\n</think>\n\n");
    token_list_fini(&list);
    tokenizer_free(t);
    gguf_close(&file);
    buf_fini(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(force_without_a_cap_never_forces),
        cmocka_unit_test(force_counts_only_inside),
        cmocka_unit_test(force_not_where_the_model_ended_itself),
        cmocka_unit_test(force_shares_the_cap_among_blocks),
        cmocka_unit_test(see_takes_the_mark_in_a_line_for_prose),
        cmocka_unit_test(see_needs_no_text),
        cmocka_unit_test(end_is_tokens_of_its_text),
    };
    return cmocka_run_group_tests_name("engine.thinking", tests, NULL, NULL);
}
