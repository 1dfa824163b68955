/*
 * server.c - tries a server: its models, its slots, which fields it takes, whether seeds repeat.
 *
 * The requests: GET models (in what the user gave, with and without "/v1"); GET props, which only
 * llama-server has; a chat of 16 tokens, again without each field that is refused by name; the same
 * chat once more beside one with another seed, so that "repeats" means beside others too; tokenize
 * (llama-server, vLLM); and a choice between two labels, each way until one tells both.
 */
#include "engine/openai/server.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/jsonl.h"
#include "engine/openai/ask.h"
#include "engine/openai/reply.h"

#define PROBE_TOKENS 16
#define BODY_MAX ((size_t)8 << 20) /* of a list of models */
#define LOADING_PAUSE_MS 500
#define NAMES_SHOWN 8

/* ---- a request that is waited for ---- */
struct answer {
    struct buf body;
    struct http_end end;
    bool ended;
};

static bool on_bytes(void *user, const char *data, size_t len)
{
    struct answer *a = user;
    return buf_append(&a->body, data, len) == SURETY_OK;
}

static void on_end(void *user, const struct http_end *end)
{
    struct answer *a = user;
    a->end = *end;
    a->ended = true;
}

static enum surety_err send(struct http *http, const struct server_config *config, const char *url,
                            const char *body, struct answer *a, struct surety_error *err)
{
    struct http_call *call;
    const struct http_request request = {.url = url,
                                         .body = body,
                                         .body_len = body ? strlen(body) : 0,
                                         .key = config->key,
                                         .timeout_ms = config->timeout_ms,
                                         .bytes = on_bytes,
                                         .end = on_end,
                                         .user = a};
    buf_reset(&a->body);
    a->ended = false;
    return http_start(http, &request, &call, err);
}

static enum surety_err wait_for(struct http *http, const struct answer *a, struct surety_error *err)
{
    enum surety_err code = SURETY_OK;
    while (!code && !a->ended)
        code = http_run(http, 1000, err);
    return code;
}

static enum surety_err ask(struct http *http, const struct server_config *config, const char *url,
                           const char *body, struct answer *a, struct surety_error *err)
{
    enum surety_err code = send(http, config, url, body, a, err);
    return code ? code : wait_for(http, a, err);
}

static enum surety_err explain(const struct server *s, const struct server_config *config,
                               const char *url, const struct answer *a, struct surety_error *err)
{
    const struct fault_place place = {.url = url,
                                      .model = s->model ? s->model : "",
                                      .key = config->key,
                                      .key_env = config->key_env};
    fault_explain(&a->end, a->body.data ? a->body.data : "", a->body.len, &place, err);
    return err->code;
}

static bool is_fine(const struct answer *a)
{
    return a->end.fault == HTTP_FINE && a->end.status == 200;
}

/* The body as JSON, or NULL. */
static json_t *object_of(const struct answer *a)
{
    json_t *object = NULL;
    if (is_fine(a) && a->body.len)
        json_load_text(a->body.data, a->body.len, &object, NULL);
    return object;
}

/* ---- URL, models ---- */
static enum surety_err no_memory(struct surety_error *err)
{
    return surety_fail(err, SURETY_ERR_NOMEM, "no memory for a server");
}

/* The URL without what follows the base: '/' and "/chat/completions" at its end. */
static enum surety_err check_url(const char *url, char **ret_base, struct surety_error *err)
{
    static const char tail[] = "/chat/completions";
    const char *host = strncmp(url, "http://", 7) == 0    ? url + 7
                       : strncmp(url, "https://", 8) == 0 ? url + 8
                                                          : NULL;
    if (!host || !*host || *host == '/' || strlen(url) > 2000)
        return surety_fail(err, SURETY_ERR_INVALID,
                           "\"%.200s\" is no URL of a server: write http://HOST:PORT or "
                           "https://HOST/v1",
                           url);
    for (const char *c = url; *c; c++)
        if ((unsigned char)*c <= ' ' || strchr("\"?#\x7f", *c))
            return surety_fail(err, SURETY_ERR_INVALID,
                               "a server's URL holds no blanks, no quotes and no '?' or '#'");
    if (memchr(host, '@', strcspn(host, "/?")))
        return surety_fail(
            err, SURETY_ERR_INVALID,
            "no password in a URL: others see it; put the key into a variable of the "
            "environment and give key-env=VARIABLE");
    size_t len = strlen(url);
    while (len > 0 && url[len - 1] == '/')
        len--;
    size_t n = sizeof tail - 1;
    if (len > n && memcmp(url + len - n, tail, n) == 0)
        len -= n;
    *ret_base = strndup(url, len);
    return *ret_base ? SURETY_OK : no_memory(err);
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), n = strlen(end);
    return len >= n && strcmp(text + len - n, end) == 0;
}

/* GET models at base + path, waiting while the server says that it is loading. */
static enum surety_err get_models(struct server *s, struct http *http,
                                  const struct server_config *config, const char *base,
                                  const char *path, struct answer *a, struct surety_error *err)
{
    free(s->models);
    free(s->chat);
    s->models = s->chat = NULL;
    if (asprintf(&s->models, "%s%s/models", base, path) < 0 ||
        asprintf(&s->chat, "%s%s/chat/completions", base, path) < 0)
        return no_memory(err);
    int64_t end_ms = clock_now_ms() + SERVER_LOADING_MS;
    for (bool said = false;; said = true) {
        enum surety_err code = ask(http, config, s->models, NULL, a, err);
        if (code || a->end.fault || a->end.status != 503 || clock_now_ms() >= end_ms)
            return code;
        if (!said)
            log_printf(config->log, LOG_WARN, "%.200s is not ready (status 503); waiting",
                       s->models);
        int64_t again_ms = clock_now_ms() + LOADING_PAUSE_MS;
        while (!code && clock_now_ms() < again_ms)
            code = http_run(http, LOADING_PAUSE_MS, err);
        if (code)
            return code;
    }
}

/* Where the API is: at the URL, or below it in /v1. *ret_list: its models, NULL where it has no
 * list. */
static enum surety_err find_base(struct server *s, struct http *http,
                                 const struct server_config *config, const char *base,
                                 struct answer *a, json_t **ret_list, struct surety_error *err)
{
    bool has_path = strchr(strstr(base, "://") + 3, '/') != NULL;
    const char *const paths[] = {has_path ? "" : "/v1", has_path ? "/v1" : ""};
    for (size_t i = 0; i < 2 && !*ret_list; i++) {
        if (i == 1 && ends_with(base, "/v1"))
            break;
        enum surety_err code = get_models(s, http, config, base, paths[i], a, err);
        if (code)
            return code;
        json_t *body = object_of(a);
        json_t *list = json_object_get(body, "data");
        *ret_list = json_is_array(list) ? json_incref(list) : NULL;
        json_decref(body);
        if (!*ret_list && a->end.status != 404 && a->end.status != 405 && !is_fine(a))
            return explain(s, config, s->models, a, err);
    }
    if (*ret_list || config->model)
        return SURETY_OK;
    if (is_fine(a))
        return surety_fail(err, SURETY_ERR_NOT_FOUND,
                           "%.200s gives no list of models: is this the URL of an API? It mostly "
                           "ends in /v1",
                           s->models);
    return explain(s, config, s->models, a, err);
}

static const char *model_name(const json_t *list, size_t i)
{
    return json_get_string(json_array_get(list, i), "id", "");
}

/* The model's entry of the list; Ollama's names may go on behind a ':'. */
static const json_t *find_model(const json_t *list, const char *name)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *there = model_name(list, i);
        size_t len = strlen(name);
        if (strcmp(there, name) == 0 || (strncmp(there, name, len) == 0 && there[len] == ':'))
            return json_array_get(list, i);
    }
    return NULL;
}

static enum surety_err choose_model(struct server *s, const struct server_config *config,
                                    const json_t *list, struct surety_error *err)
{
    size_t n = json_array_size(list);
    const json_t *entry = config->model ? find_model(list, config->model)
                          : n == 1      ? json_array_get(list, 0)
                                        : NULL;
    if (n > 0 && !entry) {
        char names[300] = "";
        size_t len = 0;
        for (size_t i = 0; i < n && i < NAMES_SHOWN && len < sizeof names; i++)
            len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", i ? ", " : "",
                                    model_name(list, i));
        return surety_fail(err, config->model ? SURETY_ERR_NOT_FOUND : SURETY_ERR_INVALID,
                           "%.150s: %s%.80s%s choose one by model=; it serves %s%s", s->models,
                           config->model ? "there is no model \"" : "there are several models:",
                           config->model ? config->model : "", config->model ? "\":" : "", names,
                           n > NAMES_SHOWN ? ", ..." : "");
    }
    const char *name = config->model ? config->model : json_get_string(entry, "id", "");
    if (!*name)
        return surety_fail(err, SURETY_ERR_INVALID, "%.200s names no model: give model=NAME",
                           s->models);
    s->model = strdup(name);
    if (!s->model)
        return no_memory(err);
    char *meta = json_to_text(json_object_get(entry, "meta")); /* llama-server: sizes */
    s->hash = hash_text(hash_text(0, name), meta ? meta : "");
    free(meta);
    double context = json_get_number(entry, "max_model_len", 0); /* vLLM */
    if (context >= 1 && context <= SURETY_TOKENS_MAX)
        s->context_tokens = (uint32_t)context;
    return SURETY_OK;
}

/* ---- what llama-server tells ---- */
static char *beside(const struct server *s, const char *name)
{
    char *url = NULL;
    int len = (int)(strlen(s->models) - strlen("/models"));
    if (len >= 3 && memcmp(s->models + len - 3, "/v1", 3) == 0)
        len -= 3;
    return asprintf(&url, "%.*s/%s", len, s->models, name) < 0 ? NULL : url;
}

static enum surety_err read_props(struct server *s, struct http *http,
                                  const struct server_config *config, struct answer *a,
                                  struct surety_error *err)
{
    char *url = beside(s, "props");
    enum surety_err code = url ? ask(http, config, url, NULL, a, err) : no_memory(err);
    free(url);
    if (code)
        return code;
    json_t *props = object_of(a);
    double slots = json_get_number(props, "total_slots", 0);
    double context =
        json_get_number(json_object_get(props, "default_generation_settings"), "n_ctx", 0);
    json_decref(props);
    s->told_slots = slots >= 1 && slots <= SURETY_SLOTS_MAX;
    s->slots = s->told_slots ? (uint32_t)slots : SERVER_SLOTS;
    if (s->told_slots && context >= 1 && context <= SURETY_TOKENS_MAX)
        s->context_tokens = (uint32_t)context;
    if (config->slots && (!s->told_slots || config->slots < s->slots))
        s->slots = config->slots;
    s->window = s->slots;
    return SURETY_OK;
}

static enum surety_err find_tokenize(struct server *s, struct http *http,
                                     const struct server_config *config, struct answer *a,
                                     struct surety_error *err)
{
    json_t *body =
        json_pack("{s:s, s:s, s:s}", "content", "one two", "prompt", "one two", "model", s->model);
    char *url = beside(s, "tokenize"), *text = json_to_text(body);
    json_decref(body);
    enum surety_err code = url && text ? ask(http, config, url, text, a, err) : no_memory(err);
    free(text);
    json_t *reply = code ? NULL : object_of(a);
    if (json_is_array(json_object_get(reply, "tokens"))) {
        s->tokenize = url;
        url = NULL;
    }
    json_decref(reply);
    free(url);
    return code;
}

/* ---- a chat ---- */
static json_t *probe_body(void)
{
    static char user[] = "user", question[] = "Write eight random digits, then eight random words.";
    static char never[] = "\x01\x02", *stop[] = {never};
    const struct surety_message message = {user, question};
    const struct surety_sampling sampling = {
        .temperature = 1, .top_p = 1, .max_tokens = PROBE_TOKENS, .stop = stop, .n_stop = 1};
    return ask_body(&message, 1, &sampling);
}

/* Reads a reply to the probe. *ret_text is the caller's to free, also after a failure. */
static enum surety_err read_probe(struct server *s, const struct answer *a, char **ret_text,
                                  struct surety_error *err)
{
    struct reply reply;
    reply_init(&reply, NULL, 0);
    enum surety_err code = reply_push(&reply, a->body.data ? a->body.data : "", a->body.len, err);
    if (!code)
        code = reply_end(&reply, err);
    if (code) {
        struct surety_error why = *err;
        surety_fail(err, code, "%.200s: %.250s", s->chat, why.message);
    } else {
        *ret_text = reply_text(&reply);
        s->streams = reply.shape == REPLY_STREAM;
        s->thinks = s->thinks || (*ret_text && strstr(*ret_text, "<think>"));
        snprintf(s->fingerprint, sizeof s->fingerprint, "%s", reply.fingerprint);
        if (reply.prompt_tokens > 0)
            s->probe_tokens += (uint64_t)reply.prompt_tokens;
        s->probe_tokens +=
            reply.completion_tokens > 0 ? (uint64_t)reply.completion_tokens : reply.pieces;
    }
    reply_fini(&reply);
    return code ? code : *ret_text ? SURETY_OK : no_memory(err);
}

/* Drops the field that a refusal names; false: it names none. */
static bool drop_field(struct server *s, const struct answer *a)
{
    if (a->end.fault || (a->end.status != 400 && a->end.status != 422) || a->body.len == 0)
        return false;
    for (unsigned i = 0; i < ASK_FIELD_COUNT_; i++) {
        if (!(s->fields & 1u << i) || !fault_names(a->body.data, a->body.len, ask_field_name(i)))
            continue;
        s->fields &= ~(1u << i);
        if (i == ASK_MAX_TOKENS)
            s->fields |= ASK_BIT(MAX_COMPLETION_TOKENS);
        return true;
    }
    return false;
}

/* The first chat: finds the fields that the server takes. */
static enum surety_err try_fields(struct server *s, struct http *http,
                                  const struct server_config *config, const json_t *body,
                                  struct answer *a, char **ret_text, struct surety_error *err)
{
    s->fields = ASK_USUAL | (config->logprobs ? ASK_BIT(LOGPROBS) : 0);
    for (;;) {
        char *text = ask_text(body, s->fields, s->model, 1);
        enum surety_err code = text ? ask(http, config, s->chat, text, a, err) : no_memory(err);
        free(text);
        if (code)
            return code;
        if (is_fine(a))
            return read_probe(s, a, ret_text, err);
        if (!drop_field(s, a))
            return explain(s, config, s->chat, a, err);
    }
}

/* The same chat again, beside one with another seed. */
static enum surety_err try_seeds(struct server *s, struct http *http,
                                 const struct server_config *config, const json_t *body,
                                 const char *first, struct surety_error *err)
{
    struct answer same = {0}, other = {0};
    buf_init(&same.body, BODY_MAX);
    buf_init(&other.body, BODY_MAX);
    char *again = NULL, *different = NULL;
    char *a = ask_text(body, s->fields, s->model, 1), *b = ask_text(body, s->fields, s->model, 2);
    enum surety_err code = a && b ? send(http, config, s->chat, a, &same, err) : no_memory(err);
    if (!code)
        code = send(http, config, s->chat, b, &other, err);
    if (!code)
        code = wait_for(http, &same, err);
    if (!code)
        code = wait_for(http, &other, err);
    if (!code && is_fine(&same) && is_fine(&other) && !read_probe(s, &same, &again, err) &&
        !read_probe(s, &other, &different, err)) {
        s->repeats =
            s->fields & ASK_BIT(SEED) && strcmp(first, again) == 0 && strcmp(first, different) != 0;
        if (strcmp(first, again) == 0 && strcmp(first, different) == 0)
            log_printf(config->log, LOG_WARN,
                       "%.200s: two seeds gave the same text; samples may all be equal", s->chat);
    }
    free(again);
    free(different);
    free(a);
    free(b);
    buf_fini(&same.body);
    buf_fini(&other.body);
    return code;
}

/* ---- a choice ---- */
const char *server_place(const struct server *s, enum choice_place place)
{
    const char *const urls[CHOICE_PLACE_COUNT_] = {[CHOICE_AT_TEMPLATE] = s->template,
                                                   [CHOICE_AT_TOKENIZE] = s->tokenize,
                                                   [CHOICE_AT_COMPLETION] = s->completion,
                                                   [CHOICE_AT_CHAT] = s->chat};
    return urls[place];
}

static enum surety_err try_way(struct server *s, struct http *http,
                               const struct server_config *config, enum choice_way way,
                               const struct choice_question *question, struct answer *a,
                               struct surety_error *err)
{
    struct choice choice;
    enum choice_step step = CHOICE_ASK;
    enum surety_err code = SURETY_OK;
    labels_init(&choice, way, question);
    while (!code && step == CHOICE_ASK) {
        enum choice_place place;
        char *body = labels_ask(&choice, &place);
        const char *url = server_place(s, place);
        step = CHOICE_CANNOT;
        code = body ? SURETY_OK : no_memory(err);
        if (!code && url)
            code = ask(http, config, url, body, a, err);
        if (!code && url && is_fine(a) && a->body.len)
            step = labels_take(&choice, a->body.data, a->body.len);
        free(body);
    }
    if (step == CHOICE_MADE) {
        s->choice = way;
        s->probe_tokens += choice.prompt_tokens > 0 ? (uint64_t)choice.prompt_tokens : 0;
    }
    labels_fini(&choice);
    return code;
}

/* The labels begin with a blank: what a server says in a turn of its own does not. */
static enum surety_err try_choice(struct server *s, struct http *http,
                                  const struct server_config *config, struct answer *a,
                                  struct surety_error *err)
{
    static char yes[] = " YES", no[] = " NO", *const labels[] = {yes, no};
    json_t *messages = json_pack("[{s:s, s:s}]", "role", "user", "content",
                                 "Is six an even number? Say YES or NO behind \"ANSWER:\".");
    const struct choice_question question = {.messages = messages,
                                             .labels = labels,
                                             .n_labels = 2,
                                             .opened = "ANSWER:",
                                             .model = s->model,
                                             .fields = s->fields};
    s->template = beside(s, "apply-template");
    s->completion = beside(s, "completion");
    enum surety_err code = messages && s->template && s->completion ? SURETY_OK : no_memory(err);
    for (enum choice_way way = CHOICE_NONE + 1;
         !code && way < CHOICE_WAY_COUNT_ && !s->choice && !s->thinks; way++)
        code = try_way(s, http, config, way, &question, a, err);
    json_decref(messages);
    return code;
}

static void tell(const struct server *s, const struct server_config *config)
{
    char missing[160] = "";
    size_t len = 0;
    for (unsigned i = 0; i < ASK_FIELD_COUNT_; i++)
        if ((ASK_USUAL & 1u << i) && !(s->fields & 1u << i) && len < sizeof missing)
            len += (size_t)snprintf(missing + len, sizeof missing - len, "%s %s",
                                    len ? "" : "; refused:", ask_field_name(i));
    log_printf(config->log, LOG_INFO,
               "%.200s: model %.80s, %u at once%s, context %u, %s, %s, seeds %s%s", s->chat,
               s->model, s->slots, s->told_slots ? " (its slots)" : "", s->context_tokens,
               s->streams ? "streams" : "does not stream", labels_way_name(s->choice),
               s->repeats ? "repeat" : "do not repeat", missing);
    if (!(s->fields & ASK_BIT(TEMPERATURE)))
        log_printf(config->log, LOG_WARN, "%.200s takes no temperature: it samples as it likes",
                   s->chat);
}

enum surety_err server_probe(struct server *s, struct http *http,
                             const struct server_config *config, struct surety_error *err)
{
    struct answer a = {0};
    buf_init(&a.body, BODY_MAX);
    char *base = NULL, *first = NULL;
    json_t *list = NULL, *body = probe_body();
    enum surety_err code = check_url(config->url, &base, err);
    if (!code)
        code = body ? find_base(s, http, config, base, &a, &list, err) : no_memory(err);
    if (!code)
        code = choose_model(s, config, list, err);
    if (!code)
        code = read_props(s, http, config, &a, err);
    if (!code)
        code = try_fields(s, http, config, body, &a, &first, err);
    if (!code)
        code = try_seeds(s, http, config, body, first, err);
    if (!code)
        code = find_tokenize(s, http, config, &a, err);
    if (!code)
        code = try_choice(s, http, config, &a, err);
    if (!code)
        tell(s, config);
    free(first);
    free(base);
    json_decref(list);
    json_decref(body);
    buf_fini(&a.body);
    return code;
}

void server_fini(struct server *s)
{
    free(s->chat);
    free(s->models);
    free(s->tokenize);
    free(s->template);
    free(s->completion);
    free(s->model);
    *s = (struct server){0};
}
