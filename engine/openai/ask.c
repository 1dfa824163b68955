#include "engine/openai/ask.h"

#include <string.h>

#include "base/jsonl.h"

const char *ask_field_name(enum ask_field field)
{
    static const char *const names[] = {
#define X(name, key) key,
        ASK_FIELDS(X)
#undef X
    };
    return names[field];
}

static json_t *messages_json(const struct surety_message *messages, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:s, s:s}", "role", messages[i].role, "content",
                                              messages[i].content));
    if (json_array_size(list) == n)
        return list;
    json_decref(list);
    return NULL;
}

json_t *ask_body(const struct surety_message *messages, size_t n_messages,
                 const struct surety_sampling *sampling)
{
    /* "Off" is said too where it is not the server's own choice: llama-server, Ollama and models
     * with a generation_config under vLLM have a top_k or min_p unless one is given. */
    json_t *body = json_pack(
        "{s:o*, s:f, s:f, s:i, s:f, s:b, s:{s:b}}", "messages", messages_json(messages, n_messages),
        "temperature", sampling->temperature, "top_p", sampling->top_p, "top_k",
        (int)sampling->top_k, "min_p", 0.0, "stream", 1, "stream_options", "include_usage", 1);
    if (!json_object_get(body, "messages")) {
        json_decref(body);
        return NULL;
    }
    int failed = json_object_set_new(body, "logprobs", json_true());
    if (sampling->max_tokens)
        failed |= json_object_set_new(body, "max_tokens", json_integer(sampling->max_tokens));
    if (sampling->n_stop) {
        json_t *stop = json_array();
        for (size_t i = 0; i < sampling->n_stop && i < ASK_STOPS; i++)
            failed |= json_array_append_new(stop, json_string(sampling->stop[i]));
        failed |= json_object_set_new(body, "stop", stop);
    }
    if (!failed)
        return body;
    json_decref(body);
    return NULL;
}

char *ask_text(const json_t *body, unsigned fields, const char *model, uint32_t seed)
{
    json_t *copy = json_copy((json_t *)body);
    int failed = copy ? 0 : -1;
    const json_t *most = json_object_get(body, "max_tokens");
    failed |= json_object_set_new(copy, "model", json_string(model));
    failed |= json_object_set_new(copy, "seed", json_integer(seed));
    if (most && fields & ASK_BIT(MAX_COMPLETION_TOKENS))
        failed |= json_object_set(copy, "max_completion_tokens", (json_t *)most);
    if (!(fields & ASK_BIT(STREAM)))
        fields &= ~ASK_BIT(STREAM_OPTIONS);
    for (unsigned i = 0; i < ASK_FIELD_COUNT_; i++)
        if (!(fields & 1u << i))
            json_object_del(copy, ask_field_name(i));
    char *text = failed ? NULL : json_to_text(copy);
    json_decref(copy);
    return text;
}

size_t ask_bytes(const struct surety_message *messages, size_t n, size_t *ret_distinct)
{
    size_t bytes = 0, distinct = 0;
    for (size_t i = 0; i < n; i++)
        for (const char *c = messages[i].content, *start = c; *c; c++) {
            bytes++;
            distinct += c == start || *c != c[-1];
        }
    *ret_distinct = distinct;
    return bytes;
}
