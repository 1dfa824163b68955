#include "tests/unit/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonl.h"
#include "engine/openai/ask.h"
#include "engine/openai/labels.h"

static struct choice choice;
static enum choice_place place;
static json_t *messages, *asked; /* asked: the body of the last request */

static int fini(void **state)
{
    labels_fini(&choice);
    json_decref(messages);
    json_decref(asked);
    messages = asked = NULL;
    return 0;
}

static void begin(enum choice_way way, char *const *labels, size_t n, const char *opened)
{
    fini(NULL);
    messages = json_pack("[{s:s, s:s}]", "role", "user", "content", "6?");
    const struct choice_question question = {.messages = messages,
                                             .labels = labels,
                                             .n_labels = n,
                                             .opened = opened,
                                             .model = "tiny",
                                             .fields = ASK_USUAL};
    labels_init(&choice, way, &question);
}

static void expect_asked(enum choice_place where, const char *body)
{
    char *text = labels_ask(&choice, &place);
    assert_int_equal(place, where);
    assert_string_equal(text, body);
    free(text);
}

static enum choice_step take(const char *reply)
{
    return labels_take(&choice, reply, strlen(reply));
}

/* Chat ways: one reply with these entries of top_logprobs. */
static enum choice_step take_top(const char *entries)
{
    char reply[1000];
    snprintf(reply, sizeof reply,
             "{\"choices\":[{\"logprobs\":{\"content\":[{\"top_logprobs\":[%s]}]}}],"
             "\"usage\":{\"prompt_tokens\":9}}",
             entries);
    return take(reply);
}

static void share_is(size_t label, double share)
{
    assert_true(fabs(exp(choice.logprobs[label]) - share) < 1e-12);
}

static char yes[] = " YES", no[] = " NO",
            never[] = " NEVER", *const two[] = {yes, no}, *const three[] = {yes, no, never};

#define FORK(tokens, raised, n)                                                                    \
    "{\"prompt\":[\"<u>6?<a>\"" tokens "],\"logit_bias\":[" raised "],\"samplers\":[],"            \
    "\"temperature\":1.0,\"n_predict\":1,\"n_probs\":" n ",\"post_sampling_probs\":true,"          \
    "\"cache_prompt\":true,\"stream\":false}"

/* ---- the tree ---- */
static void tree_asks_at_each_fork_alone(void **state)
{
    begin(CHOICE_TREE, three, 3, "It:");
    expect_asked(CHOICE_AT_TEMPLATE, "{\"messages\":[{\"role\":\"user\",\"content\":\"6?\"}]}");
    assert_int_equal(take("{\"prompt\":\"<u>6?<a>\"}"), CHOICE_ASK);
    expect_asked(CHOICE_AT_TOKENIZE,
                 "{\"content\":\"It: YES\",\"add_special\":false,\"parse_special\":false}");
    assert_int_equal(take("{\"tokens\":[1,2,50,51]}"), CHOICE_ASK);
    assert_int_equal(take("{\"tokens\":[1,2,60,61]}"), CHOICE_ASK);
    assert_int_equal(take("{\"tokens\":[1,2,60,62,63]}"), CHOICE_ASK);
    expect_asked(CHOICE_AT_COMPLETION, FORK(",1,2", "[50,100.0],[60,100.0]", "2"));
    assert_int_equal(take("{\"tokens_evaluated\":12,\"timings\":{\"cache_n\":5},"
                          "\"completion_probabilities\":[{\"id\":60,\"top_probs\":["
                          "{\"id\":60,\"prob\":0.6},{\"id\":50,\"prob\":0.2}]}]}"),
                     CHOICE_ASK);
    expect_asked(CHOICE_AT_COMPLETION, FORK(",1,2,60", "[61,100.0],[62,100.0]", "2"));
    assert_int_equal(take("{\"tokens_evaluated\":13,\"completion_probabilities\":[{\"top_probs\":["
                          "{\"id\":62,\"prob\":0.9},{\"id\":61,\"prob\":0.1}]}]}"),
                     CHOICE_MADE);
    share_is(0, 0.25);
    share_is(1, 0.75 * 0.1);
    share_is(2, 0.75 * 0.9);
    assert_int_equal(choice.prompt_tokens, 12);
    assert_int_equal(choice.cached_tokens, 5);
}

static void tree_ends_where_labels_do_not_part(void **state)
{
    static const char *const second[] = {"[1,5]", "[1]", "[1,5,6]", "[]", "[-1]", "[\"x\"]", "{}"};
    for (size_t i = 0; i < sizeof second / sizeof *second; i++) {
        char reply[100];
        begin(CHOICE_TREE, two, 2, "");
        take("{\"prompt\":\"p\"}");
        assert_int_equal(take("{\"tokens\":[1,5]}"), CHOICE_ASK);
        snprintf(reply, sizeof reply, "{\"tokens\":%s}", second[i]);
        assert_int_equal(take(reply), CHOICE_CANNOT);
    }
}

static void tree_ends_in_an_open_thought(void **state)
{
    begin(CHOICE_TREE, two, 2, "");
    assert_int_equal(take("{\"prompt\":\"<think></think>6?<a><think>\\n\"}"), CHOICE_CANNOT);
    assert_int_equal(take("{\"prompt\":\"6?<a><think>\\n\\n</think>\\n\"}"), CHOICE_ASK);
}

static void tree_needs_every_branch(void **state)
{
    static const char *const replies[] = {
        "{}",
        "nothing",
        "",
        "{\"completion_probabilities\":[{\"top_probs\":[{\"id\":7,\"prob\":1.0}]}]}",
        "{\"completion_probabilities\":[{\"top_probs\":[{\"id\":7,\"prob\":1.0},{\"id\":8,"
        "\"prob\":0}]}]}",
        "{\"completion_probabilities\":[{\"top_probs\":[{\"id\":7,\"prob\":1.0},{\"id\":8,"
        "\"prob\":-1}]}]}",
        "{\"completion_probabilities\":[{\"top_probs\":[{\"id\":7,\"prob\":5},{\"id\":8,"
        "\"prob\":0.1}]}]}",
        "{\"completion_probabilities\":[{\"probs\":[{\"tok_str\":\"7\",\"prob\":1.0}]}]}"};
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        begin(CHOICE_TREE, two, 2, "");
        take("{\"prompt\":\"p\"}");
        take("{\"tokens\":[7]}");
        assert_int_equal(take("{\"tokens\":[8]}"), CHOICE_ASK);
        assert_int_equal(take(replies[i]), CHOICE_CANNOT);
    }
}

/* ---- a chat of one token ---- */
static void chat_opens_the_reply_as_the_server_wants(void **state)
{
#define CHAT(turn, flags)                                                                          \
    "{\"model\":\"tiny\",\"messages\":[{\"role\":\"user\",\"content\":\"6?\"}" turn                \
    "],\"max_tokens\":1,\"logprobs\":true,\"top_logprobs\":20,\"temperature\":1.0" flags "}"
#define TURN ",{\"role\":\"assistant\",\"content\":\"It:\"}"
    begin(CHOICE_CONTINUED, two, 2, "It:");
    expect_asked(CHOICE_AT_CHAT,
                 CHAT(TURN, ",\"continue_final_message\":true,\"add_generation_prompt\":false"));
    begin(CHOICE_OPENED, two, 2, "It:");
    expect_asked(CHOICE_AT_CHAT, CHAT(TURN, ""));
    begin(CHOICE_CONTINUED, two, 2, "");
    expect_asked(CHOICE_AT_CHAT, CHAT("", ""));
}

static void chat_adds_up_what_begins_a_label(void **state)
{
    begin(CHOICE_OPENED, two, 2, "It:");
    assert_int_equal(take_top("{\"token\":\" Y\",\"logprob\":-1.0},"
                              "{\"token\":\" YES\",\"logprob\":-1.0},"
                              "{\"token\":\"YES\",\"logprob\":-0.1},"
                              "{\"token\":\" NOT\",\"logprob\":-0.1},"
                              "{\"token\":\"\",\"logprob\":-0.1},"
                              "{\"token\":\" NO\",\"logprob\":-1.0}"),
                     CHOICE_MADE);
    share_is(0, 2.0 / 3);
    share_is(1, 1.0 / 3);
    assert_int_equal(choice.prompt_tokens, 9);
}

static void chat_that_misses_a_label_cannot(void **state)
{
    static const char *const tops[] = {
        "",
        "{\"token\":\" YES\",\"logprob\":-1}",
        "{\"token\":\" YES\",\"logprob\":-1},{\"token\":\"NO\",\"logprob\":-1}",
        "{\"token\":\" YES\",\"logprob\":-1},{\"token\":\" NO\",\"logprob\":-9999.0}",
        "{\"token\":\" YES\",\"logprob\":-1},{\"token\":\" NO\",\"logprob\":1}",
        "{\"token\":\" YES\",\"logprob\":-1},{\"token\":\" NO\"}",
        ("{\"token\":\" YES\",\"logprob\":-3},{\"token\":\" NO\",\"logprob\":-3},"
         "{\"token\":\" \",\"logprob\":-0.1}")};
    for (size_t i = 0; i < sizeof tops / sizeof *tops; i++) {
        begin(CHOICE_OPENED, two, 2, "It:");
        assert_int_equal(take_top(tops[i]), CHOICE_CANNOT);
    }
    begin(CHOICE_OPENED, two, 2, "It:");
    assert_int_equal(take("{\"choices\":[{\"message\":{\"content\":\" YES\"},\"logprobs\":null}]}"),
                     CHOICE_CANNOT);
}

static void shares_are_the_same_in_any_order(void **state)
{
    static const char top[] = "{\"token\":\" YES\",\"logprob\":-1.7},"
                              "{\"token\":\" NO\",\"logprob\":-0.3},"
                              "{\"token\":\" NEVER\",\"logprob\":-4.1}";
    char *const turned[] = {never, yes, no};
    begin(CHOICE_OPENED, three, 3, "It:");
    assert_int_equal(take_top(top), CHOICE_MADE);
    double first[3];
    memcpy(first, choice.logprobs, sizeof first);
    begin(CHOICE_OPENED, turned, 3, "It:");
    assert_int_equal(take_top(top), CHOICE_MADE);
    for (size_t i = 0; i < 3; i++)
        assert_true(choice.logprobs[(i + 1) % 3] == first[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(tree_asks_at_each_fork_alone, fini),
        cmocka_unit_test_teardown(tree_ends_where_labels_do_not_part, fini),
        cmocka_unit_test_teardown(tree_ends_in_an_open_thought, fini),
        cmocka_unit_test_teardown(tree_needs_every_branch, fini),
        cmocka_unit_test_teardown(chat_opens_the_reply_as_the_server_wants, fini),
        cmocka_unit_test_teardown(chat_adds_up_what_begins_a_label, fini),
        cmocka_unit_test_teardown(chat_that_misses_a_label_cannot, fini),
        cmocka_unit_test_teardown(shares_are_the_same_in_any_order, fini),
    };
    return cmocka_run_group_tests_name("engine.labels", tests, NULL, NULL);
}
