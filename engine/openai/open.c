/* open.c - reads the options, tries the servers, and sums up what they are as one model. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/plain.h"
#include "base/utf8.h"
#include "engine/openai/engine.h"
#include "engine/openai/openai.h"

#define TIMEOUT_S 600
#define KEY_MAX 8192

/* ---- options ---- */
static enum surety_err read_number(const struct engine_config *config, const char *key,
                                   double fallback, double most, double *ret,
                                   struct surety_error *err)
{
    const char *text = engine_option(config, key);
    char *end = NULL;
    errno = 0;
    double n = text ? plain_number(text, &end) : fallback;
    if (text && (errno || end == text || *end || !(n > 0 && n <= most)))
        return surety_fail(err, SURETY_ERR_INVALID,
                           "openai: %s must be a number above 0 up to %.0f, not \"%.40s\"", key,
                           most, text);
    *ret = n;
    return SURETY_OK;
}

/* The key is taken from the environment here and nowhere else, so that no argv ever holds it. */
static enum surety_err read_key(struct openai *e, const struct engine_config *config,
                                struct surety_error *err)
{
    const char *name = engine_option(config, "key-env");
    const char *key = name ? getenv(name) : NULL;
    if (!name)
        return SURETY_OK;
    if (!key || !*key)
        return surety_fail(err, SURETY_ERR_INVALID,
                           "openai: key-env=%.60s, but the environment has no such variable", name);
    size_t len = strlen(key);
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)key[i] <= ' ' || (unsigned char)key[i] >= 0x7f || len > KEY_MAX)
            return surety_fail(err, SURETY_ERR_INVALID,
                               "openai: what %.60s holds is no key: blanks, line ends, or too long",
                               name);
    e->key = strdup(key);
    e->key_env = strdup(name);
    return e->key && e->key_env ? SURETY_OK
                                : surety_fail(err, SURETY_ERR_NOMEM, "no memory for a key");
}

static bool is_url(const struct engine_option *option)
{
    return option->key[0] == '\0' || strcmp(option->key, "url") == 0;
}

static enum surety_err read_options(struct openai *e, const struct engine_config *config,
                                    struct server_config *server, struct surety_error *err)
{
    static const char *const known[] = {"",
                                        "url",
                                        "model",
                                        "key-env",
                                        "concurrency",
                                        "requests-per-minute",
                                        "tokens-per-minute",
                                        "spend-limit-tokens",
                                        "timeout",
                                        "logprobs",
                                        "profile",
                                        NULL};
    double concurrency = 0, requests = 0, tokens = 0, timeout = TIMEOUT_S;
    const char *logprobs = engine_option(config, "logprobs");
    const char *profile = engine_option(config, "profile");
    enum surety_err code = engine_check_options(config, known, err);
    if (!code)
        code = read_number(config, "concurrency", 0, SURETY_SLOTS_MAX, &concurrency, err);
    if (!code)
        code = read_number(config, "requests-per-minute", 0, 1e9, &requests, err);
    if (!code)
        code = read_number(config, "tokens-per-minute", 0, 1e12, &tokens, err);
    if (!code)
        code = read_number(config, "spend-limit-tokens", 0, 1e15, &e->spend_limit, err);
    if (!code)
        code = read_number(config, "timeout", TIMEOUT_S, 86400, &timeout, err);
    if (!code)
        code = read_key(e, config, err);
    if (code)
        return code;
    if (logprobs && strcmp(logprobs, "yes") != 0 && strcmp(logprobs, "no") != 0)
        return surety_fail(err, SURETY_ERR_INVALID, "openai: logprobs must be yes or no");
    if (profile && (strlen(profile) > SURETY_NAME_MAX || !utf8_is_valid(profile, strlen(profile))))
        return surety_fail(err, SURETY_ERR_INVALID, "openai: profile is no name");
    int64_t now = clock_now_ms();
    pace_init(&e->requests, requests, now);
    pace_init(&e->tokens, tokens, now);
    e->timeout_ms = (int64_t)(timeout * 1000);
    e->profile = strdup(profile ? profile : "");
    *server = (struct server_config){.model = engine_option(config, "model"),
                                     .key = e->key,
                                     .key_env = e->key_env,
                                     .slots = concurrency < 1 ? (uint32_t)(concurrency > 0)
                                                              : (uint32_t)concurrency,
                                     .logprobs = logprobs && strcmp(logprobs, "yes") == 0,
                                     .timeout_ms = e->timeout_ms,
                                     .log = config->log};
    return e->profile ? SURETY_OK : surety_fail(err, SURETY_ERR_NOMEM, "no memory for a name");
}

/* ---- the pool ---- */
static enum surety_err try_servers(struct openai *e, const struct engine_config *config,
                                   struct server_config *server, struct surety_error *err)
{
    for (size_t i = 0; i < config->n_options; i++) {
        if (!is_url(&config->options[i]))
            continue;
        if (e->n_servers == SERVERS_MAX)
            return surety_fail(err, SURETY_ERR_INVALID, "openai: a pool has at most %d servers",
                               SERVERS_MAX);
        struct server *s = &e->servers[e->n_servers++];
        server->url = config->options[i].value;
        enum surety_err code = server_probe(s, e->http, server, err);
        if (code)
            return code;
        e->spent += (double)s->probe_tokens;
        if (strcmp(s->model, e->servers[0].model) != 0)
            return surety_fail(
                err, SURETY_ERR_INVALID,
                "openai: %.100s serves \"%.60s\" and %.100s \"%.60s\": a pool serves "
                "one model; choose it by model=",
                e->servers[0].models, e->servers[0].model, s->models, s->model);
    }
    if (e->n_servers == 0)
        return surety_fail(err, SURETY_ERR_INVALID,
                           "openai: no server; write openai:url=http://HOST:PORT/v1");
    return SURETY_OK;
}

/* What can be said of all servers together. */
static enum surety_err describe(struct openai *e, const struct engine_config *config,
                                struct surety_error *err)
{
    static char engine[] = "openai";
    size_t slots = 0;
    bool repeats = true, chooses = true;
    uint32_t context = e->servers[0].context_tokens;
    uint64_t hash = e->servers[0].hash;
    for (size_t i = 0; i < e->n_servers; i++) {
        const struct server *s = &e->servers[i];
        slots += s->slots;
        context = s->context_tokens < context ? s->context_tokens : context;
        chooses = chooses && s->choice;
        repeats = repeats && s->repeats && s->hash == hash &&
                  strcmp(s->fingerprint, e->servers[0].fingerprint) == 0;
    }
    slots = config->slots ? config->slots : slots < SURETY_SLOTS_MAX ? slots : SURETY_SLOTS_MAX;
    e->name = utf8_make_valid(e->servers[0].model, strlen(e->servers[0].model), NULL);
    e->items = calloc(slots, sizeof *e->items);
    if (!e->name || !e->items)
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for an engine");
    if (strlen(e->name) > SURETY_NAME_MAX)
        e->name[utf8_cut(e->name, SURETY_NAME_MAX)] = '\0';
    hash_hex(hash, e->id);
    snprintf(e->repro, sizeof e->repro, "none");
    if (repeats)
        snprintf(e->repro, sizeof e->repro, "openai/1 %s %s", e->id, e->servers[0].fingerprint);
    e->model = (struct surety_model){.name = e->name,
                                     .id = e->id,
                                     .engine = engine,
                                     .profile = e->profile,
                                     .repro = e->repro,
                                     .context_tokens = context,
                                     .slots = (uint32_t)slots,
                                     .chooses = chooses,
                                     /* under another name its server would not know it */
                                     .passes = strcmp(e->name, e->servers[0].model) == 0};
    return SURETY_OK;
}

enum surety_err openai_open(void *state, const struct engine_config *config,
                            struct surety_error *err)
{
    struct openai *e = state;
    struct server_config server;
    enum surety_err code = SURETY_OK;
    e->log = config->log;
    e->random = (uint64_t)clock_now_ms();
    if (config->slots > SURETY_SLOTS_MAX)
        code = surety_fail(err, SURETY_ERR_INVALID, "openai: slots must be a number from 1 to %d",
                           SURETY_SLOTS_MAX);
    if (!code)
        code = read_options(e, config, &server, err);
    if (!code) {
        e->http = http_create(SURETY_SLOTS_MAX);
        code = e->http ? SURETY_OK : surety_fail(err, SURETY_ERR_NOMEM, "no memory for an engine");
    }
    if (!code)
        code = try_servers(e, config, &server, err);
    if (!code)
        code = describe(e, config, err);
    if (code)
        openai_close(e);
    return code;
}

void openai_close(void *state)
{
    struct openai *e = state;
    for (size_t i = 0; i < e->n_items; i++)
        item_free(e->items[i]);
    http_free(e->http);
    for (size_t i = 0; i < e->n_servers; i++)
        server_fini(&e->servers[i]);
    if (e->key)
        memset(e->key, 0, strlen(e->key));
    free(e->items);
    free(e->name);
    free(e->profile);
    free(e->key);
    free(e->key_env);
    *e = (struct openai){0};
}
