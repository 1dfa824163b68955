#include "engine/openai/fault.h"

#include <stdlib.h>
#include <string.h>

#include "base/jsonl.h"
#include "base/plain.h"
#include "engine/openai/reply.h"

#define WORDS 200 /* bytes of the server's own */

static bool has(const char *words, const char *part)
{
    return plain_find(words, part) != NULL;
}

/* The key, should the server quote it, becomes stars. */
static void hide_key(char *words, const char *key)
{
    size_t len = key ? strlen(key) : 0;
    for (char *at = words; len && (at = strstr(at, key)); at += len)
        memset(at, '*', len);
}

static enum fault_next no_reply(const struct http_end *end, const struct fault_place *place,
                                struct surety_error *err)
{
    static const struct {
        enum surety_err code;
        enum fault_next next;
        const char *what, *check;
    } table[] = {
        [HTTP_NO_HOST] = {SURETY_ERR_UNREACHABLE, FAULT_RETRY, "its host is not known",
                          "check the name in the URL"},
        [HTTP_NO_SERVER] = {SURETY_ERR_UNREACHABLE, FAULT_RETRY, "no server answers there",
                            "is it running, and is this its port?"},
        [HTTP_NO_TLS] = {SURETY_ERR_UNREACHABLE, FAULT_FINAL, "no encrypted connection",
                         "check its certificate, and whether it speaks https:// at all"},
        [HTTP_LOST] = {SURETY_ERR_UNREACHABLE, FAULT_RETRY, "the connection was lost",
                       "see the server's own log"},
        [HTTP_SLOW] = {SURETY_ERR_STALLED, FAULT_FINAL, "no reply came in time",
                       "raise timeout=, or ask for less at once by concurrency="},
        [HTTP_BROKEN] = {SURETY_ERR_UNREACHABLE, FAULT_FINAL, "what answers speaks no HTTP",
                         "check http:// against https://, and the port"},
    };
    surety_fail(err, table[end->fault].code, "%.150s: %s (%.120s); %s", place->url,
                table[end->fault].what, end->detail, table[end->fault].check);
    return table[end->fault].next;
}

static enum fault_next refused_key(const char *words, int status, const struct fault_place *place,
                                   struct surety_error *err)
{
    if (place->key)
        surety_fail(err, SURETY_ERR_INVALID,
                    "%.150s refuses the key in %.60s (status %d): check it%s%s", place->url,
                    place->key_env, status, *words ? "; it says: " : "", words);
    else
        surety_fail(err, SURETY_ERR_INVALID,
                    "%.150s wants a key (status %d): put it into a variable of the environment and "
                    "add key-env=VARIABLE",
                    place->url, status);
    return FAULT_FINAL;
}

static enum fault_next not_found(const char *words, const struct fault_place *place,
                                 struct surety_error *err)
{
    if (has(words, "model"))
        surety_fail(err, SURETY_ERR_NOT_FOUND,
                    "%.150s does not serve the model \"%.80s\": choose one by model=; it says: %s",
                    place->url, place->model, words);
    else
        surety_fail(err, SURETY_ERR_NOT_FOUND,
                    "%.150s is not there (status 404): give the URL that ends where /models and "
                    "/chat/completions follow, mostly in /v1",
                    place->url);
    return FAULT_FINAL;
}

/* Whether a refusal is about the length of the prompt. */
static bool is_about_context(const char *words)
{
    return has(words, "context") || has(words, "too long") || has(words, "too large") ||
           has(words, "maximum length");
}

enum fault_next fault_explain(const struct http_end *end, const char *body, size_t len,
                              const struct fault_place *place, struct surety_error *err)
{
    char words[WORDS];
    reply_words(body, len, words, sizeof words);
    hide_key(words, place->key);
    int status = end->status;
    if (end->fault != HTTP_FINE && end->fault != HTTP_STOPPED)
        return no_reply(end, place, err);
    if (status == 401 || status == 403)
        return refused_key(words, status, place, err);
    if (status == 404 || status == 405)
        return not_found(words, place, err);
    if (status >= 300 && status < 400) {
        surety_fail(err, SURETY_ERR_NOT_FOUND,
                    "%.150s sends elsewhere (status %d), which is not followed: give the URL that "
                    "it leads to",
                    place->url, status);
        return FAULT_FINAL;
    }
    const char *what = *words ? words : "it does not say why";
    bool no_money = status == 402 || (status == 429 && has(words, "quota"));
    if (status == 429 && !no_money) {
        surety_fail(err, SURETY_ERR_BUSY, "%.150s has too much to do (status 429): %s", place->url,
                    what);
        return FAULT_SLOWER;
    }
    if (status == 502 || status == 503 || status == 504) {
        surety_fail(err, SURETY_ERR_UNREACHABLE, "%.150s cannot answer now (status %d): %s",
                    place->url, status, what);
        return FAULT_RETRY;
    }
    if (status == 413 || (status >= 400 && status < 500 && is_about_context(words)))
        surety_fail(err, SURETY_ERR_LIMIT, "%.150s: the prompt is too long (status %d): %s",
                    place->url, status, what);
    else if (no_money)
        surety_fail(err, SURETY_ERR_INVALID, "%.150s: nothing is left to spend (status %d): %s",
                    place->url, status, what);
    else if (status >= 400 && status < 500)
        surety_fail(err, SURETY_ERR_INVALID, "%.150s refuses the request (status %d): %s",
                    place->url, status, what);
    else
        surety_fail(err, SURETY_ERR_ENGINE, "%.150s failed (status %d): %s", place->url, status,
                    what);
    return FAULT_FINAL;
}

/* Whether the name stands in the text as a word of its own. */
static bool has_word(const char *text, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = text; (at = strstr(at, name)); at += len) {
        bool before = at > text && (plain_is_word(at[-1]) || at[-1] == '_');
        bool after = plain_is_word(at[len]) || at[len] == '_';
        if (!before && !after)
            return true;
    }
    return false;
}

bool fault_names(const char *body, size_t len, const char *field)
{
    json_t *object = NULL;
    bool names = false;
    if (json_load_text(body, len, &object, NULL) == SURETY_OK) {
        const char *param = json_get_string(json_object_get(object, "error"), "param", NULL);
        char *text = param ? NULL : json_to_text(object);
        names = param ? strcmp(param, field) == 0 : text && has_word(text, field);
        free(text);
    }
    json_decref(object);
    return names;
}
