#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "claims/text/thinking.h"

/* What is shown, its parts joined by a bar. */
static const char *shown(const char *text, struct thinking *t)
{
    static char out[2000];
    size_t n = 0;
    thinking_find(text, strlen(text), t);
    out[0] = '\0';
    for (size_t i = 0; i < t->n_shown; i++)
        n += (size_t)snprintf(out + n, sizeof out - n, "%s%.*s", i ? "|" : "",
                              (int)(t->shown[i].end - t->shown[i].start), text + t->shown[i].start);
    return out;
}

static void check(const char *text, const char *expected, bool any)
{
    struct thinking t;
    const char *got = shown(text, &t);
    if (strcmp(got, expected) != 0)
        fail_msg("%s: '%s', not '%s'", text, got, expected);
    assert_int_equal(t.any, any);
    assert_false(t.unclosed);
}

static void find_text_without_marks_is_shown(void **state)
{
    struct thinking t;
    assert_string_equal(shown(" so 3 < 4 \n", &t), "so 3 < 4");
    assert_false(t.any);
    assert_false(t.unclosed);
    assert_int_equal(t.after, 0);
    assert_string_equal(shown("", &t), "");
    assert_int_equal(t.n_shown, 0);
    assert_string_equal(shown("<<3*4=12>> <b>x</b> <|x|>", &t), "<<3*4=12>> <b>x</b>");
}

static void find_every_kind_of_block_is_left_out(void **state)
{
    static const char *const marks[][2] = {
        {"<think>", "</think>"},
        {"<thinking>", "</thinking>"},
        {"<thought>", "</thought>"},
        {"<thoughts>", "</thoughts>"},
        {"<reasoning>", "</reasoning>"},
        {"<reflection>", "</reflection>"},
        {"<scratchpad>", "</scratchpad>"},
        {"<analysis>", "</analysis>"},
        {"<seed:think>", "</seed:think>"},
        {"[THINK]", "[/THINK]"},
        {"<|begin_of_thought|>", "<|end_of_thought|>"},
        {"<|START_THINKING|>", "<|END_THINKING|>"},
        {"<|channel>thought", "<channel|>"},
        {"\u25C1think\u25B7", "\u25C1/think\u25B7"},
        {"<THINK>", "</Think>"},
    };
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        char text[200];
        snprintf(text, sizeof text, "a\n%s\nb 4 < 5\n%sc", marks[i][0], marks[i][1]);
        check(text, "a|c", true);
        struct thinking t;
        shown(text, &t);
        assert_int_equal(t.after, strlen(text) - 1);
        assert_int_equal(thinking_skip(text), strlen(text) - 1);
        snprintf(text, sizeof text, "b%sc", marks[i][1]); /* the beginning was in the prompt */
        check(text, "c", true);
    }
    check("<think>a\\end{think}b", "b", true);
    check("[THINK]a\\end{think}[/THINK]b", "b", true);
}

static void find_blocks_do_not_nest(void **state)
{
    check("<think>a<reasoning>b</think>c</reasoning>d", "d", true);
    check("<think>a</think>b<think>c</think>d", "b|d", true);
    check("<think>a</think> <think>c</think>d", "d", true); /* blank parts are left out */
    check("<think></think>", "", true);
    check("a</think>", "a", false); /* a lone end with nothing behind it hides nothing */
    check("a</think>c", "c", true); /* all before a lone end was thinking */
    check("<think>a</think>b</think>c", "b|c", true); /* but not where one was closed before */
}

static void find_final_channel_is_shown(void **state)
{
    struct thinking t;
    const char *turns = "<|channel|>analysis<|message|>a<|end|><|start|>assistant"
                        "<|channel|>final<|message|>b<|return|>";
    const char *got = shown(turns, &t);
    assert_string_equal(got, "b"); /* the head of a message is no text */
    assert_true(t.any);
    assert_int_equal(t.after, strstr(turns, "b<|return") - turns);
    check("<|channel|>final<|message|>b<|end|>", "b", false);
    assert_int_equal(thinking_skip("<|channel|>final<|message|>b"), 0); /* no thinking before it */
    check("<|channel|>final b", "b", false);
    const char *direct = "<|channel|>analysis<|message|>abc<|channel|>final<|message|>d";
    got = shown(direct, &t);
    assert_int_equal(got[strlen(got) - 1], 'd');
    assert_null(strstr(got, "abc"));
    check("<|channel|>analysis<|message|>a<|return|>", "", true);
}

static void find_heads_of_messages_are_no_text(void **state)
{
    check("<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>b",
          "b", true);
    check("<|channel|>analysis<|message|>a<|channel|>final<|message|>b", "b", true);
    check("<|start|>assistant<|message|>b<|end|>", "b", false);
    check("<|channel|>commentary<|message|>a<|end|><|start|>assistant to=x<|channel|>final"
          "<|message|>b",
          "b", true);
}

static void find_channels_without_marks_are_known(void **state)
{
    struct thinking t;
    check("analysisWe add.assistantfinalIt is 5.", "It is 5.", true);
    check("analysisWe.assistantcommentaryA.assistantfinalB", "B", true);
    check("analysis of it: 5", "analysis of it: 5", false);
    assert_string_equal(shown("analysisWe add 5", &t), "");
    assert_true(t.any && t.unclosed);
}

static void find_another_turn_is_not_shown(void **state)
{
    struct thinking t;
    check("5<|im_end|>\n<|im_start|>user\nAnd 6?", "5", false);
    check("<think>a</think>5<|eot_id|><|start_header_id|>user<|end_header_id|>6", "5", true);
    assert_string_equal(shown("<think>a\n<|im_start|>user\n5", &t), "");
    assert_true(t.unclosed);
    assert_int_equal(t.after, 27);
}

static void find_control_tokens_at_the_end_are_no_text(void **state)
{
    check("5</s>", "5", false);
    check("5 <|im_end|>\n<|endoftext|>", "5", false);
    check("5 |>", "5 |>", false);
    check("|>", "|>", false);
    check("5 < 6 |>", "5 < 6 |>", false);
    check("<|eot_id|>", "", false);
    check("</s>", "", false);
}

static void find_unclosed_block_has_nothing_after_it(void **state)
{
    struct thinking t;
    const char *text = "a\n<think>b";
    assert_string_equal(shown(text, &t), "a");
    assert_true(t.any && t.unclosed);
    assert_int_equal(t.after, strlen(text));
    assert_int_equal(thinking_skip(text), strlen(text));
    text = "  <think>b <answer>5</answer>\n"; /* but for an answer that ends the reply */
    assert_string_equal(shown(text, &t), "<answer>5</answer>");
    assert_true(t.unclosed);
    assert_int_equal(t.after, strstr(text, "<answer>") - text);
    assert_string_equal(shown("<think>b <answer>5</answer> so", &t), "");
    assert_string_equal(shown("<think>5</answer>", &t), "");
}

static void find_unclosed_mark_inside_a_line_is_prose(void **state)
{
    struct thinking t;
    assert_string_equal(shown("the tag <think> opens", &t), "the tag|<think> opens");
    assert_false(t.any || t.unclosed);
    assert_int_equal(t.after, 0);
    assert_int_equal(thinking_skip("the tag <think> opens"), 0);
    assert_string_equal(shown("<think>a</think>b <think> c", &t), "b|<think> c");
    assert_true(t.any);
    assert_int_equal(t.after, 16);
}

static void find_keeps_the_last_parts(void **state)
{
    char text[2000] = "";
    for (int i = 0; i < THINKING_SPANS_MAX + 3; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%c<think>x</think>", 'a' + i);
    struct thinking t;
    const char *got = shown(text, &t);
    assert_int_equal(t.n_shown, THINKING_SPANS_MAX);
    assert_memory_equal(got, "d|e|f", 5);
    assert_int_equal(got[strlen(got) - 1], 'a' + THINKING_SPANS_MAX + 2);
}

static void find_reads_only_what_is_given(void **state)
{
    struct thinking t;
    thinking_find("a</think>b", 5, &t); /* the mark is cut off */
    assert_int_equal(t.n_shown, 1);
    assert_int_equal(t.shown[0].end, 5);
    assert_false(t.any);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(find_text_without_marks_is_shown),
        cmocka_unit_test(find_every_kind_of_block_is_left_out),
        cmocka_unit_test(find_blocks_do_not_nest),
        cmocka_unit_test(find_final_channel_is_shown),
        cmocka_unit_test(find_heads_of_messages_are_no_text),
        cmocka_unit_test(find_channels_without_marks_are_known),
        cmocka_unit_test(find_another_turn_is_not_shown),
        cmocka_unit_test(find_control_tokens_at_the_end_are_no_text),
        cmocka_unit_test(find_unclosed_block_has_nothing_after_it),
        cmocka_unit_test(find_unclosed_mark_inside_a_line_is_prose),
        cmocka_unit_test(find_keeps_the_last_parts),
        cmocka_unit_test(find_reads_only_what_is_given),
    };
    return cmocka_run_group_tests_name("claims.text.thinking", tests, NULL, NULL);
}
