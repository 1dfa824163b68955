#include "engine/openai/reply.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonl.h"
#include "base/plain.h"
#include "base/utf8.h"

static enum surety_err take_event(void *user, const char *data, size_t len);

void reply_init(struct reply *reply, const struct surety_sampling *sampling, uint32_t most_tokens)
{
    *reply = (struct reply){.sampling = sampling,
                            .most_tokens = most_tokens,
                            .prompt_tokens = -1,
                            .cached_tokens = -1,
                            .completion_tokens = -1,
                            .logprob = NAN};
    sse_init(&reply->sse, REPLY_EVENT_MAX, take_event, reply);
    buf_init(&reply->whole, REPLY_WHOLE_MAX);
    buf_init(&reply->text, SURETY_TEXT_MAX);
    buf_init(&reply->thinking, SURETY_TEXT_MAX);
}

void reply_fini(struct reply *reply)
{
    sse_fini(&reply->sse);
    buf_fini(&reply->whole);
    buf_fini(&reply->text);
    buf_fini(&reply->thinking);
}

/* ---- text ---- */
/* Text, or the texts of an array of parts. Returns how many bytes came. */
static size_t add_content(struct buf *buf, const json_t *content)
{
    size_t before = buf->len, i;
    const json_t *part;
    if (json_is_string(content))
        buf_append(buf, json_string_value(content), json_string_length(content));
    json_array_foreach(content, i, part) buf_puts(buf, json_get_string(part, "text", ""));
    return buf->len - before;
}

/* Looks for stop strings that end in the last `added` bytes. */
static void find_stop(struct reply *reply, size_t added)
{
    const struct surety_sampling *s = reply->sampling;
    size_t first = reply->text.len;
    for (size_t i = 0; s && i < s->n_stop; i++) {
        size_t len = strlen(s->stop[i]), back = added + len - 1;
        size_t from = back < reply->text.len ? reply->text.len - back : 0;
        const char *at = len ? strstr(reply->text.data + from, s->stop[i]) : NULL;
        if (at && (size_t)(at - reply->text.data) < first)
            first = (size_t)(at - reply->text.data);
    }
    if (first == reply->text.len)
        return;
    reply->text.len = first;
    reply->text.data[first] = '\0';
    reply->finished = reply->enough = true;
}

static void add_logprobs(struct reply *reply, const json_t *logprobs)
{
    size_t i;
    const json_t *token;
    json_array_foreach(json_object_get(logprobs, "content"), i, token)
    {
        double x = json_get_number(token, "logprob", NAN);
        if (x <= 0 && x > -10000)
            reply->logprob = isnan(reply->logprob) ? x : reply->logprob + x;
    }
}

/* A message, or the piece of one. Servers name the field of what is thought differently:
 * "reasoning_ content" (llama-server, vLLM, DeepSeek) or "reasoning" (Ollama, newer vLLM,
 * OpenRouter). */
static enum surety_err add_message(struct reply *reply, const json_t *message)
{
    const json_t *thought = json_object_get(message, "reasoning_content");
    if (!thought || json_is_null(thought))
        thought = json_object_get(message, "reasoning");
    size_t thinking = add_content(&reply->thinking, thought);
    size_t text = add_content(&reply->text, json_object_get(message, "content"));
    reply->pieces += thinking || text;
    if (text)
        find_stop(reply, text);
    return reply->text.failed ? reply->text.failed : reply->thinking.failed;
}

/* ---- counts ---- */
static int64_t count(const json_t *usage, const char *key)
{
    const json_t *value = json_object_get(usage, key);
    json_int_t n = json_is_integer(value) ? json_integer_value(value) : -1;
    return n >= 0 && n <= SURETY_TOKENS_MAX ? n : -1;
}

static void add_usage(struct reply *reply, const json_t *usage)
{
    if (!json_is_object(usage))
        return;
    reply->prompt_tokens = count(usage, "prompt_tokens");
    reply->completion_tokens = count(usage, "completion_tokens");
    reply->cached_tokens = count(json_object_get(usage, "prompt_tokens_details"), "cached_tokens");
    if (reply->cached_tokens > reply->prompt_tokens)
        reply->cached_tokens = -1;
}

/* ---- a chunk, or a whole reply ---- */
/* The words of an error object of any kind, or NULL. */
static const char *error_words(const json_t *body)
{
    const json_t *error = json_object_get(body, "error"), *detail = json_object_get(body, "detail");
    if (json_is_string(error)) /* Ollama */
        return json_string_value(error);
    if (json_is_object(error))
        return json_get_string(error, "message", "an error without a message");
    if (json_is_string(detail)) /* FastAPI: vLLM, LM Studio's kin */
        return json_string_value(detail);
    if (json_is_array(detail))
        return json_get_string(json_array_get(detail, 0), "msg", NULL);
    if (!json_object_get(body, "choices")) /* older vLLM */
        return json_get_string(body, "message", NULL);
    return NULL;
}

static enum surety_err take_error(struct reply *reply, const char *words)
{
    return surety_fail(&reply->error, SURETY_ERR_ENGINE, "%.300s", words);
}

static enum surety_err take_object(struct reply *reply, const json_t *body)
{
    const json_t *choices = json_object_get(body, "choices");
    const json_t *choice = json_array_get(choices, 0);
    const char *words = error_words(body);
    if (words)
        return take_error(reply, words);
    if (!json_is_array(choices))
        return surety_fail(&reply->error, SURETY_ERR_PARSE, "a reply without \"choices\"");
    const json_t *message = json_object_get(choice, "delta");
    enum surety_err code =
        add_message(reply, message ? message : json_object_get(choice, "message"));
    if (code)
        return surety_fail(&reply->error, code, "the text is longer than %u MiB",
                           SURETY_TEXT_MAX >> 20);
    add_logprobs(reply, json_object_get(choice, "logprobs"));
    const char *finish = json_get_string(choice, "finish_reason", "");
    if (strcmp(finish, "content_filter") == 0)
        return take_error(reply, "the server's filter ended the text");
    reply->finished = reply->finished || finish[0];
    reply->cut = reply->cut || strcmp(finish, "length") == 0;
    add_usage(reply, json_object_get(body, "usage"));
    snprintf(reply->fingerprint, sizeof reply->fingerprint, "%s",
             json_get_string(body, "system_fingerprint", reply->fingerprint));
    if (reply->most_tokens && !reply->finished && reply->shape == REPLY_STREAM &&
        reply->pieces >= reply->most_tokens + REPLY_SLACK)
        reply->finished = reply->enough = reply->cut = true;
    return SURETY_OK;
}

static enum surety_err take_text(struct reply *reply, const char *data, size_t len)
{
    json_t *body = NULL;
    enum surety_err code = json_load_text(data, len, &body, &reply->error);
    if (!code)
        code = take_object(reply, body);
    json_decref(body);
    return code;
}

static enum surety_err take_event(void *user, const char *data, size_t len)
{
    struct reply *reply = user;
    if (reply->done || reply->enough || len == 0)
        return SURETY_OK;
    if (len == 6 && memcmp(data, "[DONE]", 6) == 0) {
        reply->done = true;
        return SURETY_OK;
    }
    return take_text(reply, data, len);
}

/* ---- bytes ---- */
static enum surety_err say(struct reply *reply, enum surety_err code, struct surety_error *err)
{
    if (!code)
        return code;
    if (reply->error.code)
        return surety_fail(err, code, "%s", reply->error.message);
    return surety_fail(err, code, "%s",
                       code == SURETY_ERR_LIMIT ? "a piece of the reply is too long"
                                                : surety_err_text(code));
}

/* A stream begins with the name of a field, a comment or a mark; anything else is a whole. */
static void see_shape(struct reply *reply)
{
    static const char *const starts[] = {"data", "event", "id", "retry", ":", "\xEF\xBB\xBF"};
    const char *text = reply->whole.data;
    while (*text == '\n' || *text == '\r')
        text++;
    if (!*text)
        return;
    reply->shape = REPLY_WHOLE;
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        size_t n = strlen(starts[i]), there = strlen(text);
        if (strncmp(text, starts[i], n) == 0)
            reply->shape = REPLY_STREAM;
        else if (there < n && strncmp(text, starts[i], there) == 0)
            reply->shape = REPLY_NOTHING; /* not to be told yet */
        if (reply->shape != REPLY_WHOLE)
            return;
    }
}

enum surety_err reply_push(struct reply *reply, const char *bytes, size_t len,
                           struct surety_error *err)
{
    enum surety_err code;
    if (reply->done && (reply->junk += len) > REPLY_JUNK_MAX)
        reply->enough = true;
    if (reply->done || reply->enough)
        return SURETY_OK;
    if (reply->shape == REPLY_STREAM)
        return say(reply, sse_push(&reply->sse, bytes, len), err);
    if ((code = buf_append(&reply->whole, bytes, len)))
        return surety_fail(err, code, "the reply is longer than %zu MiB", REPLY_WHOLE_MAX >> 20);
    if (reply->shape == REPLY_NOTHING)
        see_shape(reply);
    if (reply->shape == REPLY_STREAM) {
        code = sse_push(&reply->sse, reply->whole.data, reply->whole.len);
        buf_fini(&reply->whole);
    }
    return say(reply, code, err);
}

enum surety_err reply_end(struct reply *reply, struct surety_error *err)
{
    enum surety_err code = SURETY_OK;
    if (reply->done || reply->enough)
        return SURETY_OK;
    if (reply->shape == REPLY_STREAM)
        code = sse_end(&reply->sse);
    else if (reply->whole.len == 0)
        return surety_fail(err, SURETY_ERR_PARSE, "an empty reply");
    else
        code = take_text(reply, reply->whole.data, reply->whole.len);
    if (code)
        return say(reply, code, err);
    if (reply->shape == REPLY_STREAM && !reply->done && !reply->finished)
        return surety_fail(err, SURETY_ERR_PARSE, "the reply ended in the middle");
    return SURETY_OK;
}

char *reply_text(const struct reply *reply)
{
    char *text = NULL;
    const char *said = reply->text.data ? reply->text.data : "";
    if (reply->thinking.len == 0)
        return strdup(said);
    bool open = reply->text.len == 0 && reply->cut; /* it was still thinking */
    if (asprintf(&text, "<think>\n%s%s%s", reply->thinking.data, open ? "" : "\n</think>\n\n",
                 said) < 0)
        return NULL;
    size_t len = strlen(text);
    if (len > SURETY_TEXT_MAX)
        text[utf8_cut(text, SURETY_TEXT_MAX)] = '\0';
    return text;
}

void reply_words(const char *body, size_t len, char *ret, size_t size)
{
    json_t *object = NULL;
    const char *words = NULL;
    size_t at = 0;
    char *valid = utf8_make_valid(body, len, NULL);
    if (valid && json_load_text(valid, strlen(valid), &object, NULL) == SURETY_OK)
        words = error_words(object);
    else if (valid && valid[strspn(valid, " \t\r\n")] != '<') /* a page for people says nothing */
        words = valid;
    for (; words && *words && at + 1 < size; words++) {
        bool blank = plain_is_space(*words) || plain_is_control(*words);
        if (!blank || (at > 0 && ret[at - 1] != ' '))
            ret[at++] = blank ? ' ' : *words;
    }
    ret[at] = '\0';
    if (words && *words) { /* back to whole characters */
        while (at > 0 && (ret[at - 1] & 0xC0) == 0x80)
            at--;
        ret[at > 0 ? at - 1 : 0] = '\0';
    }
    json_decref(object);
    free(valid);
}
