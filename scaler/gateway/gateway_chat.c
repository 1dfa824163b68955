/*
 * gateway_chat.c - the fields of a chat completion: what each does, one row each.
 *
 * The conversation reaches the samplers turn by turn, as the client wrote it. Judges are shown one
 * problem: the last turn; where there were others before it, behind these.
 */
#include "scaler/gateway/gateway_chat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/jsonl.h"
#include "base/plain.h"
#include "base/utf8.h"
#include <surety/settings.h>

#define CHAT_BYTES_MAX ((size_t)64 << 20) /* of what is read out of a body */
#define IGNORED_MAX 32

typedef enum surety_err read_fn(struct gateway_chat *chat, const json_t *value, const char *name,
                                struct gateway_fault *fault);

static enum surety_err invalid(struct gateway_fault *fault, const char *name, const char *what)
{
    return gateway_fail(fault, name, SURETY_ERR_INVALID, "%s %s", name, what);
}

static enum surety_err no_memory(struct gateway_fault *fault)
{
    return gateway_fail(fault, NULL, SURETY_ERR_NOMEM, "no memory for the request");
}

/* ---- messages ---- */

/* Text, or parts of which all are text. */
static enum surety_err read_content(struct gateway_chat *chat, const json_t *content,
                                    const char *name, char **ret, struct gateway_fault *fault)
{
    char param[GATEWAY_PARAM_MAX + 16];
    struct buf text;
    if (!content || json_is_null(content) || json_is_string(content)) {
        const char *plain = json_string_value(content);
        *ret = arena_strdup(&chat->arena, plain ? plain : "");
        return *ret ? SURETY_OK : no_memory(fault);
    }
    snprintf(param, sizeof param, "%s.content", name);
    if (!json_is_array(content))
        return invalid(fault, param, "must be a string or a list of parts");
    buf_init(&text, SURETY_PROBLEM_MAX);
    enum surety_err code = SURETY_OK;
    for (size_t i = 0; !code && i < json_array_size(content); i++) {
        const json_t *part = json_array_get(content, i);
        const char *said = json_string_value(json_object_get(part, "text"));
        if (strcmp(json_get_string(part, "type", ""), "text") != 0 || !said)
            code = gateway_fail(
                fault, param, SURETY_ERR_INVALID,
                "part %zu of %s is no text: " GATEWAY_PREFIX "models take text only", i + 1, param);
        else if (buf_puts(&text, i ? "\n" : "") || buf_puts(&text, said))
            code = gateway_fail(fault, param, text.failed, "%s is too long", param);
    }
    *ret = code ? NULL : arena_strdup(&chat->arena, text.data ? text.data : "");
    buf_fini(&text);
    return code || *ret ? code : no_memory(fault);
}

static enum surety_err read_message(struct gateway_chat *chat, const json_t *object, size_t i,
                                    struct surety_message *ret, struct gateway_fault *fault)
{
    static char system[] = "system", user[] = "user", assistant[] = "assistant";
    char name[GATEWAY_PARAM_MAX], param[GATEWAY_PARAM_MAX + 16];
    const char *role = json_get_string(object, "role", "");
    snprintf(name, sizeof name, "messages[%zu]", i);
    snprintf(param, sizeof param, "%s.role", name);
    if (!json_is_object(object))
        return invalid(fault, name, "must be an object");
    if (strcmp(role, "system") == 0 || strcmp(role, "developer") == 0)
        ret->role = system;
    else if (strcmp(role, "user") == 0 || strcmp(role, "assistant") == 0)
        ret->role = *role == 'u' ? user : assistant;
    else
        return invalid(fault, param, "must be system, developer, user or assistant");
    if (json_array_size(json_object_get(object, "tool_calls"))) {
        snprintf(param, sizeof param, "%s.tool_calls", name);
        return invalid(fault, param, "cannot be answered by a " GATEWAY_PREFIX "model yet");
    }
    return read_content(chat, json_object_get(object, "content"), name, &ret->content, fault);
}

static enum surety_err read_messages(struct gateway_chat *chat, const json_t *value,
                                     const char *name, struct gateway_fault *fault)
{
    struct surety_request *request = &chat->request;
    size_t n = json_array_size(value);
    if (!n)
        return invalid(fault, name, "must be a list that is not empty");
    if (n > SURETY_MESSAGES_MAX)
        return gateway_fail(fault, name, SURETY_ERR_LIMIT, "%zu messages; at most %d are allowed",
                            n, SURETY_MESSAGES_MAX);
    request->messages = ARENA_ARRAY(&chat->arena, struct surety_message, n);
    request->n_messages = n;
    enum surety_err code = request->messages ? SURETY_OK : no_memory(fault);
    for (size_t i = 0; !code && i < n; i++)
        code = read_message(chat, json_array_get(value, i), i, &request->messages[i], fault);
    return code;
}

/* The last turn; with the turns before it, if there are any beside rules for the assistant. */
static enum surety_err find_problem(struct gateway_chat *chat, struct gateway_fault *fault)
{
    struct surety_request *r = &chat->request;
    size_t turns = 0, last = r->n_messages - 1;
    struct buf text;
    for (size_t i = 0; i < r->n_messages; i++)
        turns += strcmp(r->messages[i].role, "system") != 0;
    if (turns < 2) {
        r->problem = r->messages[last].content;
        return SURETY_OK;
    }
    buf_init(&text, SURETY_PROBLEM_MAX);
    buf_puts(&text, "A conversation so far:\n");
    for (size_t i = 0; i < last; i++)
        if (strcmp(r->messages[i].role, "system") != 0)
            buf_printf(&text, "\n%s: %s\n", *r->messages[i].role == 'u' ? "User" : "Assistant",
                       r->messages[i].content);
    buf_puts(&text, "\nWhat is asked now:\n\n");
    buf_puts(&text, r->messages[last].content);
    enum surety_err code = text.failed;
    r->problem = code ? NULL : arena_strdup(&chat->arena, text.data);
    buf_fini(&text);
    if (code)
        return gateway_fail(fault, "messages", code, "the messages are too long together");
    return r->problem ? SURETY_OK : no_memory(fault);
}

/* ---- other fields ---- */

static enum surety_err read_model(struct gateway_chat *chat, const json_t *value, const char *name,
                                  struct gateway_fault *fault)
{
    size_t len = json_string_length(value);
    if (!json_is_string(value) || !len || len > SURETY_NAME_MAX + strlen(GATEWAY_PREFIX))
        return invalid(fault, name, "must be the name of a model");
    chat->model = arena_strdup(&chat->arena, json_string_value(value));
    return chat->model ? SURETY_OK : no_memory(fault);
}

/* About turns, not about the answer: what is no text is nobody. */
static enum surety_err read_user(struct gateway_chat *chat, const json_t *value, const char *name,
                                 struct gateway_fault *fault)
{
    const char *user = json_string_value(value);
    chat->user = arena_strdup(&chat->arena, user);
    return chat->user || !user ? SURETY_OK : no_memory(fault);
}

static enum surety_err read_n(struct gateway_chat *chat, const json_t *value, const char *name,
                              struct gateway_fault *fault)
{
    if (!json_is_integer(value) || json_integer_value(value) < 1 ||
        json_integer_value(value) > SURETY_K_MAX)
        return invalid(fault, name, "must be a whole number above 0");
    chat->n = (uint32_t)json_integer_value(value);
    return SURETY_OK;
}

/* Of a negative one, as some send, the low 63 bits. */
static enum surety_err read_seed(struct gateway_chat *chat, const json_t *value, const char *name,
                                 struct gateway_fault *fault)
{
    if (!json_is_integer(value))
        return invalid(fault, name, "must be a whole number");
    chat->request.settings.seed = (uint64_t)json_integer_value(value) & INT64_MAX;
    return SURETY_OK;
}

static enum surety_err read_temperature(struct gateway_chat *chat, const json_t *value,
                                        const char *name, struct gateway_fault *fault)
{
    double t = json_is_number(value) ? json_number_value(value) : -1;
    if (!(t >= 0 && t <= 10))
        return invalid(fault, name, "must be a number, 0 to 10");
    chat->warmed = t == 0 && chat->request.settings.sampling.temperature > 0;
    if (!chat->warmed)
        chat->request.settings.sampling.temperature = t;
    return SURETY_OK;
}

/* top_p, top_k: as the settings of the same names. */
static enum surety_err read_same(struct gateway_chat *chat, const json_t *value, const char *name,
                                 struct gateway_fault *fault)
{
    json_t *object = json_pack("{s:O}", name, value);
    enum surety_err code = gateway_settings_read(object, "", chat, fault);
    json_decref(object);
    if (code) { /* ".top_p must" */
        memmove(fault->error.message, fault->error.message + 1, strlen(fault->error.message));
        memmove(fault->param, fault->param + 1, strlen(fault->param));
    }
    return code;
}

static enum surety_err read_max_tokens(struct gateway_chat *chat, const json_t *value,
                                       const char *name, struct gateway_fault *fault)
{
    if (!json_is_integer(value) || json_integer_value(value) < 1 ||
        json_integer_value(value) > SURETY_TOKENS_MAX)
        return invalid(fault, name, "must be a whole number above 0");
    chat->request.settings.sampling.max_tokens = (int32_t)json_integer_value(value);
    return SURETY_OK;
}

static enum surety_err read_stop(struct gateway_chat *chat, const json_t *value, const char *name,
                                 struct gateway_fault *fault)
{
    struct surety_request *r = &chat->request;
    size_t n = json_is_string(value) ? 1 : json_array_size(value);
    if (n > SURETY_STOPS_MAX || !(json_is_string(value) || json_is_array(value)))
        return invalid(fault, name, "must be a string or a list of at most 16");
    r->stop = n ? ARENA_ARRAY(&chat->arena, char *, n) : NULL;
    r->n_stop = n;
    if (n && !r->stop)
        return no_memory(fault);
    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_is_string(value) ? value : json_array_get(value, i);
        size_t len = json_string_length(one);
        if (!json_is_string(one) || !len || len > SURETY_STOP_MAX)
            return invalid(fault, name, "has an element that is no text of 1 to 1000 bytes");
        if (!(r->stop[i] = arena_strdup(&chat->arena, json_string_value(one))))
            return no_memory(fault);
    }
    return SURETY_OK;
}

static enum surety_err read_stream(struct gateway_chat *chat, const json_t *value, const char *name,
                                   struct gateway_fault *fault)
{
    if (!json_is_boolean(value))
        return invalid(fault, name, "must be true or false");
    chat->stream = json_is_true(value);
    return SURETY_OK;
}

static enum surety_err read_stream_options(struct gateway_chat *chat, const json_t *value,
                                           const char *name, struct gateway_fault *fault)
{
    if (!json_is_object(value))
        return invalid(fault, name, "must be an object");
    chat->include_usage = json_is_true(json_object_get(value, "include_usage"));
    return SURETY_OK;
}

static enum surety_err read_own(struct gateway_chat *chat, const json_t *value, const char *name,
                                struct gateway_fault *fault)
{
    return gateway_settings_read(value, name, chat, fault);
}

static enum surety_err read_response_format(struct gateway_chat *chat, const json_t *value,
                                            const char *name, struct gateway_fault *fault)
{
    return strcmp(json_get_string(value, "type", ""), "text") == 0
               ? SURETY_OK
               : invalid(fault, name,
                         "other than text cannot be answered by a " GATEWAY_PREFIX "model yet");
}

/* What would change the answer and cannot be done is refused unless it asks for nothing. */
static enum surety_err refuse(struct gateway_chat *chat, const json_t *value, const char *name,
                              struct gateway_fault *fault)
{
    bool nothing = json_is_false(value) ||
                   (json_is_number(value) && json_number_value(value) == 0) ||
                   (json_is_array(value) && !json_array_size(value)) ||
                   (json_is_object(value) && !json_object_size(value));
    return nothing ? SURETY_OK
                   : invalid(fault, name, "cannot be answered by a " GATEWAY_PREFIX "model yet");
}

/* About accounts and bills, not about the answer. */
static enum surety_err skip(struct gateway_chat *chat, const json_t *value, const char *name,
                            struct gateway_fault *fault)
{
    return SURETY_OK;
}

/* In the order in which they are read: of two that say the same the later one counts. */
static const struct {
    const char *name;
    read_fn *read;
} fields[] = {
    {"model", read_model},
    {"messages", read_messages},
    {"n", read_n},
    {"seed", read_seed},
    {"temperature", read_temperature},
    {"top_p", read_same},
    {"top_k", read_same},
    {"max_tokens", read_max_tokens},
    {"max_completion_tokens", read_max_tokens},
    {"stop", read_stop},
    {"stream", read_stream},
    {"stream_options", read_stream_options},
    {"surety", read_own},
    {"response_format", read_response_format},
    {"tools", refuse},
    {"tool_choice", refuse},
    {"functions", refuse},
    {"function_call", refuse},
    {"logprobs", refuse},
    {"top_logprobs", refuse},
    {"echo", refuse},
    {"logit_bias", refuse},
    {"presence_penalty", refuse},
    {"frequency_penalty", refuse},
    {"modalities", skip},
    {"user", read_user},
    {"metadata", skip},
    {"store", skip},
    {"service_tier", skip},
    {"parallel_tool_calls", skip},
};
#define N_FIELDS (sizeof fields / sizeof *fields)

static bool is_field(const char *name)
{
    for (size_t i = 0; i < N_FIELDS; i++)
        if (strcmp(fields[i].name, name) == 0)
            return true;
    return false;
}

/* Of a body that is passed through only what says how it travels. */
static bool is_read(const struct gateway_chat *chat, read_fn *read)
{
    return !chat->pass || read == read_model || read == read_stream || read == read_user;
}

static enum surety_err read_fields(struct gateway_chat *chat, json_t *body,
                                   struct gateway_fault *fault)
{
    const char *key;
    json_t *value;
    enum surety_err code = SURETY_OK;
    for (size_t i = 0; !code && i < N_FIELDS; i++) {
        value = json_object_get(body, fields[i].name);
        if (value && !json_is_null(value) && is_read(chat, fields[i].read))
            code = fields[i].read(chat, value, fields[i].name, fault);
    }
    if (chat->pass)
        return code;
    json_object_foreach(body, key, value)
    {
        if (!is_field(key) && !json_is_null(value) &&
            json_array_size(chat->ignored) < IGNORED_MAX && strlen(key) <= SURETY_NAME_MAX)
            json_array_append_new(chat->ignored, json_string(key));
    }
    return code;
}

/* Without the prefix the model answers itself: nothing of what the command line says holds, but the
 * limits. */
static enum surety_err begin_passing(struct gateway_chat *chat, const json_t *body,
                                     const char *text, size_t len, struct gateway_fault *fault)
{
    struct surety_request *r = &chat->request;
    const char *model = json_get_string(body, "model", GATEWAY_PREFIX);
    chat->pass = strncmp(model, GATEWAY_PREFIX, strlen(GATEWAY_PREFIX)) != 0;
    if (!chat->pass)
        return SURETY_OK;
    if (!json_array_size(json_object_get(body, "messages")))
        return invalid(fault, "messages", "must be a list that is not empty");
    if (len > SURETY_BODY_MAX)
        return gateway_fail(fault, NULL, SURETY_ERR_LIMIT, "the body has more than %u bytes",
                            SURETY_BODY_MAX);
    *r = (struct surety_request){
        .settings = r->settings, .deadline_ms = r->deadline_ms, .budget_tokens = r->budget_tokens};
    char *valid = utf8_make_valid(text, len, NULL);
    r->problem = arena_strdup(&chat->arena, "");
    r->body = arena_strdup(&chat->arena, valid);
    free(valid);
    return r->problem && r->body ? SURETY_OK : no_memory(fault);
}

/* ---- the interface ---- */

enum surety_err gateway_chat_read(const char *text, size_t len,
                                  const struct surety_request *defaults, struct gateway_chat *ret,
                                  struct gateway_fault *fault)
{
    json_t *body = NULL;
    *fault = (struct gateway_fault){.param = ""};
    *ret = (struct gateway_chat){.request = *defaults, .n = 1, .ignored = json_array()};
    arena_init(&ret->arena, CHAT_BYTES_MAX);
    enum surety_err code = json_load_text(text, len, &body, &fault->error);
    if (code)
        return gateway_fail(fault, NULL, code == SURETY_ERR_LIMIT ? SURETY_ERR_INVALID : code,
                            "the body is no JSON that can be read: %s", fault->error.message);
    if (!json_is_object(body))
        code = gateway_fail(fault, NULL, SURETY_ERR_INVALID, "the body must be a JSON object");
    else
        code = begin_passing(ret, body, text, len, fault);
    if (!code)
        code = read_fields(ret, body, fault);
    json_decref(body);
    if (!code && !ret->model)
        code = invalid(fault, "model", "is missing");
    if (!code && !ret->pass && !ret->request.n_messages)
        code = invalid(fault, "messages", "is missing");
    return code;
}

enum surety_err gateway_chat_header(struct gateway_chat *chat, const char *name, const char *value,
                                    struct gateway_fault *fault)
{
    static const char own[] = "X-Surety";
    struct surety_error error;
    json_t *object = NULL;
    char key[GATEWAY_PARAM_MAX];
    if (plain_compare(name, own, strlen(own)) != 0)
        return SURETY_OK;
    name += strlen(own);
    if (*name == '\0') {
        if (json_load_text(value, strlen(value), &object, &error))
            return invalid(fault, own, "is no JSON object");
    } else if (*name == '-' && name[1]) {
        json_t *parsed = json_loads(value, JSON_DECODE_ANY, NULL);
        size_t i = 0;
        for (name++; name[i] && i < sizeof key - 1; i++) {
            bool upper = name[i] >= 'A' && name[i] <= 'Z';
            key[i] = name[i] == '-' ? '_' : upper ? (char)(name[i] | 32) : name[i];
        }
        key[i] = '\0';
        object = json_pack("{s:o}", key, parsed ? parsed : json_string(value));
    } else {
        return SURETY_OK;
    }
    enum surety_err code = object ? gateway_settings_read(object, own, chat, fault)
                                  : invalid(fault, own, "is no text");
    json_decref(object);
    return code;
}

enum surety_err gateway_chat_check(struct gateway_chat *chat, struct gateway_fault *fault)
{
    struct surety_request *r = &chat->request;
    static char id[] = "1";
    if (chat->pass)
        return SURETY_OK;
    if (chat->n > r->settings.k)
        return gateway_fail(fault, "n", SURETY_ERR_INVALID,
                            "n is %u; it can be at most the number of samples, k = %u", chat->n,
                            r->settings.k);
    if (r->settings.k == 1 && chat->warmed) { /* nothing to differ from */
        r->settings.sampling.temperature = 0;
        chat->warmed = false;
    }
    enum surety_err code = find_problem(chat, fault);
    if (code)
        return code;
    struct surety_request checked = *r;
    checked.id = id;
    code = surety_request_check(&checked, &fault->error);
    if (code)
        snprintf(fault->param, sizeof fault->param, "messages");
    return code;
}

void gateway_chat_fini(struct gateway_chat *chat)
{
    json_decref(chat->ignored);
    arena_fini(&chat->arena);
}
