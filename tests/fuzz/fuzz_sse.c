/*
 * fuzz_sse.c - what a chat server sends, streamed or whole, from arbitrary bytes.
 *
 * The first byte says how large the pieces are; whatever their size, the reply is the same. Text is
 * valid and bounded, counts are possible, and an error has a sentence. An error's body gives words.
 * The same bytes, cut at NULs, are a server's answers to a choice.
 */
#include "tests/fuzz/fuzz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "engine/openai/fault.h"
#include "engine/openai/labels.h"
#include "engine/openai/reply.h"

#define MOST_TOKENS 8

static enum surety_err read_in_pieces(struct reply *reply, const char *data, size_t size,
                                      size_t piece)
{
    static char a[] = "STOP", b[] = "\n\n#", *stops[] = {a, b};
    static const struct surety_sampling sampling = {.stop = stops, .n_stop = 2};
    struct surety_error err = {0};
    enum surety_err code = SURETY_OK;
    reply_init(reply, &sampling, MOST_TOKENS);
    for (size_t at = 0; at < size && !code && !reply->enough; at += piece)
        code = reply_push(reply, data + at, piece < size - at ? piece : size - at, &err);
    if (!code)
        code = reply_end(reply, &err);
    FUZZ_CHECK(code == err.code && (code == SURETY_OK) == (err.message[0] == '\0'));
    return code;
}

static void check(const struct reply *reply, const char *text)
{
    FUZZ_CHECK(text && utf8_is_valid(text, strlen(text)) && strlen(text) <= SURETY_TEXT_MAX);
    FUZZ_CHECK(!strstr(reply->text.data ? reply->text.data : "", "STOP"));
    FUZZ_CHECK(reply->pieces <= MOST_TOKENS + REPLY_SLACK || reply->finished);
    FUZZ_CHECK(reply->prompt_tokens >= -1 && reply->prompt_tokens <= SURETY_TOKENS_MAX);
    FUZZ_CHECK(reply->completion_tokens >= -1 && reply->completion_tokens <= SURETY_TOKENS_MAX);
    FUZZ_CHECK(reply->cached_tokens <= reply->prompt_tokens || reply->cached_tokens == -1);
    FUZZ_CHECK(isnan(reply->logprob) || reply->logprob <= 0);
}

static void check_fault(const char *data, size_t size)
{
    const struct fault_place place = {
        .url = "http://h/v1", .model = "m", .key = "k3y", .key_env = "KEY"};
    static const int statuses[] = {301, 400, 401, 404, 413, 429, 500, 503};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        struct surety_error err = {0};
        const struct http_end end = {.status = statuses[i]};
        fault_explain(&end, data, size, &place, &err);
        FUZZ_CHECK(err.code && err.message[0] && !strstr(err.message, "k3y"));
        FUZZ_CHECK(utf8_is_valid(err.message, strlen(err.message)));
    }
    fault_names(data, size, "top_k");
}

/* It ends, and then every label has a share that can be. */
static void check_choice(enum choice_way way, const char *data, size_t size)
{
    static char a[] = " YES", b[] = " NO", c[] = " NONE", *const labels[] = {a, b, c};
    json_t *messages = json_array();
    const struct choice_question question = {
        .messages = messages, .labels = labels, .n_labels = 3, .opened = "It:", .model = "m"};
    struct choice choice;
    enum choice_step step = CHOICE_ASK;
    labels_init(&choice, way, &question);
    for (int asked = 0; step == CHOICE_ASK && messages; asked++) {
        enum choice_place place;
        char *body = labels_ask(&choice, &place);
        const char *end = size ? memchr(data, '\0', size) : NULL;
        size_t len = end ? (size_t)(end - data) : size;
        FUZZ_CHECK(body && asked < 6); /* a prompt, three labels, two forks at most */
        free(body);
        step = labels_take(&choice, data, len);
        data += end ? len + 1 : len;
        size -= end ? len + 1 : len;
    }
    for (size_t i = 0; i < 3 && step == CHOICE_MADE; i++)
        FUZZ_CHECK(isfinite(choice.logprobs[i]) && choice.logprobs[i] <= 0);
    labels_fini(&choice);
    json_decref(messages);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reply whole, pieces;
    if (size == 0)
        return 0;
    const char *bytes = (const char *)data + 1;
    enum surety_err code = read_in_pieces(&whole, bytes, size - 1, size);
    enum surety_err again = read_in_pieces(&pieces, bytes, size - 1, (size_t)data[0] % 31 + 1);
    char *text = reply_text(&whole), *text_again = reply_text(&pieces);
    check(&whole, text);
    check(&pieces, text_again);
    FUZZ_CHECK(code == again && strcmp(text, text_again) == 0);
    check_fault(bytes, size - 1);
    check_choice(CHOICE_TREE, bytes, size - 1);
    check_choice(CHOICE_OPENED, bytes, size - 1);
    free(text);
    free(text_again);
    reply_fini(&whole);
    reply_fini(&pieces);
    return 0;
}
