/* The codecs without memory: an error, or the same bytes and the same message; never others. Here
 * the allocations of jansson and msgpack fail too. */
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/jsonl.h"
#include "proto/result_json.h"
#include "proto/wire.h"
#include "tests/memory/fail.h"
#include <surety/settings.h>

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && defined(__GLIBC__) &&       \
    !defined(__clang__)
/* What libraries ask for comes here. */
void *__libc_malloc(size_t bytes);
__attribute__((visibility("default"))) void *malloc(size_t bytes);
void *malloc(size_t bytes)
{
    return fail_in_library() ? NULL : __libc_malloc(bytes);
}
#endif

static char *stops[] = {"<|im_end|>", "\n\n"}, *claims[] = {"6*7 = 42", ""};
static struct surety_message messages[] = {{"system", "judge"}, {"user", "é"}};
static struct surety_item items[] = {{0, 2147483647, 0}, {31, 7, 2}};
static struct wire_item_key keys[] = {{1, 2, 3, 4}, {5, 6, 7, 8}};

/* One of each kind of content: texts, numbers, lists, nested maps. */
static size_t make_messages(struct wire_message ret[8])
{
    size_t n = 0;
    ret[n] = (struct wire_message){.command = WIRE_HELLO};
    ret[n].hello.worker = true;
    ret[n].hello.version = "0.1.0";
    ret[n++].hello.model =
        (struct surety_model){"demo", "beef", "gguf", "instruct", "gguf/1", 4096, 32, true, false};
    ret[n] = (struct wire_message){.command = WIRE_REQUEST};
    surety_settings_init(&ret[n].request.settings);
    ret[n].request.settings.sampling.stop = stops;
    ret[n].request.settings.sampling.n_stop = 2;
    ret[n].request.id = "p";
    ret[n].request.profile = "name: own";
    ret[n++].request.problem = "What is 6*7?";
    ret[n] = (struct wire_message){.command = WIRE_BATCH};
    ret[n].batch.request = 7;
    ret[n++].batch.task = (struct surety_task){.stage = SURETY_STAGE_VERIFY,
                                               .id = 9,
                                               .messages = messages,
                                               .n_messages = 2,
                                               .sampling = {.temperature = 0.7,
                                                            .top_p = 0.95,
                                                            .max_tokens = 256,
                                                            .stop = stops,
                                                            .n_stop = 2},
                                               .problem = "6*7?",
                                               .claims = claims,
                                               .n_claims = 2,
                                               .items = items,
                                               .n_items = 2};
    ret[n] = (struct wire_message){.command = WIRE_OUTPUT};
    ret[n++].output.output = (struct surety_output){.index = 5, .text = "42", .logprob = -1.5};
    ret[n++] = (struct wire_message){.command = WIRE_CANCEL, .cancel = {.items = keys, .n = 2}};
    ret[n] = (struct wire_message){.command = WIRE_RESULT};
    ret[n].result.id = "p";
    ret[n++].result.json = "{\"answer\":\"42\"}";
    return n;
}

struct bytes {
    char *data;
    size_t len;
};

/* data is NULL: memory ran out, and whoever met it said so. */
static struct bytes encode(const struct wire_message *message)
{
    struct bytes body = {0};
    struct surety_error err = {0};
    enum surety_err code = wire_encode(message, &body.data, &body.len, &err);
    assert_true(!code || (code == SURETY_ERR_NOMEM && fail_happened()));
    if (code)
        body.data = NULL;
    return body;
}

static void assert_same(struct bytes got, struct bytes expected)
{
    assert_int_equal(got.len, expected.len);
    assert_memory_equal(got.data, expected.data, got.len);
}

static void encoding_fails_or_gives_the_same(void **state)
{
    struct wire_message all[8];
    size_t n = make_messages(all);
    for (size_t i = 0; i < n; i++) {
        struct bytes expected = encode(&all[i]);
        bool failed = true;
        for (size_t nth = 1; failed; nth++) {
            fail_at(nth);
            struct bytes got = encode(&all[i]);
            failed = fail_happened();
            fail_at(0);
            if (got.data)
                assert_same(got, expected);
            free(got.data);
        }
        free(expected.data);
    }
}

static void decoding_fails_or_gives_the_same(void **state)
{
    struct wire_message all[8];
    size_t n = make_messages(all);
    for (size_t i = 0; i < n; i++) {
        struct bytes body = encode(&all[i]);
        bool failed = true;
        for (size_t nth = 1; failed; nth++) {
            struct wire_message back = {0};
            struct surety_error err = {0};
            struct arena arena;
            arena_init(&arena, 1u << 20);
            fail_at(nth);
            enum surety_err code =
                wire_decode(all[i].command, body.data, body.len, &arena, &back, &err);
            failed = fail_happened();
            fail_at(0);
            if (code && (code != SURETY_ERR_NOMEM || !failed))
                fail_msg("%s without allocation %zu: %s", wire_command_name(all[i].command), nth,
                         err.message);
            if (!code) {
                struct bytes again = encode(&back);
                assert_same(again, body);
                free(again.data);
            }
            arena_fini(&arena);
        }
        free(body.data);
    }
}

/* One that holds each kind of thing. */
static char *make_json(void)
{
    struct surety_claim claim = {
        .text = "6*7 = 42", .end = 8, .verdict = SURETY_VERDICT_VALID, .value = 1, .symbolic = 1};
    struct surety_trajectory trajectories[2] = {
        {.answer = "42", .seed = 1, .r = 0.75, .text = "6*7 = 42", .claims = &claim, .n_claims = 1},
        {.index = 1,
         .finish = SURETY_FINISH_ERROR,
         .error = {SURETY_ERR_ENGINE, "it broke"},
         .correct = -1}};
    uint32_t members[] = {0};
    struct surety_group group = {.answer = "42", .count = 1, .score = 0.75, .members = members};
    struct surety_result r = {.id = "p",
                              .answer = "42",
                              .reliability = 1,
                              .effective_votes = 1,
                              .problem = "What is 6*7?",
                              .gold = "42",
                              .groups = &group,
                              .n_groups = 1,
                              .trajectories = trajectories,
                              .n_trajectories = 2,
                              .first = "42",
                              .cons = "42",
                              .run = {.version = "0.1",
                                      .model = "demo",
                                      .model_id = "abcd",
                                      .profile = "instruct",
                                      .profile_hash = "0123456789abcdef",
                                      .repro = "gguf/1"},
                              .correct = {.known = true, .clr = 1, .pass_at_k = 1}};
    surety_settings_init(&r.run.settings);
    r.run.settings.verify = SURETY_VERIFY_NONE;
    r.run.settings.rule = SURETY_RULE_POWER;
    r.run.settings.gamma = 2.5;
    r.run.settings.verify_temperature = 1;
    r.run.settings.signals = SURETY_SIGNAL_SYMBOLIC;
    return surety_result_to_text(&r);
}

static char *json;

/* Read and written again. NULL: memory ran out. */
static char *read_and_write(void)
{
    struct surety_result result;
    struct surety_error err = {0};
    enum surety_err code = surety_result_from_text(json, &result, &err);
    if (code) {
        if (code != SURETY_ERR_NOMEM || !fail_happened())
            fail_msg("%s", err.message);
        return NULL;
    }
    char *text = surety_result_to_text(&result);
    assert_true(text || fail_happened());
    surety_result_fini(&result);
    return text;
}

static void result_fails_or_is_the_same(void **state)
{
    json = make_json();
    assert_non_null(json);
    char *expected = read_and_write();
    assert_string_equal(expected, json);
    bool failed = true;
    size_t nth = 1;
    for (; failed; nth++) {
        fail_at(nth);
        char *text = read_and_write();
        failed = fail_happened();
        fail_at(0);
        if (text && strcmp(text, expected) != 0)
            fail_msg("without allocation %zu:\n%s\n%s", nth, text, expected);
        free(text);
    }
    print_message("# %zu allocations\n", nth);
    free(expected);
    free(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encoding_fails_or_gives_the_same),
        cmocka_unit_test(decoding_fails_or_gives_the_same),
        cmocka_unit_test(result_fails_or_is_the_same),
    };
    return cmocka_run_group_tests_name("proto.memory", tests, NULL, NULL);
}
