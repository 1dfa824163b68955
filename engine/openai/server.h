/*
 * server.h - one server of the pool: where it is, what it showed when it was tried, how it fares.
 *
 * Nothing is believed that can be tried: server_probe sends requests and looks at what comes.
 * Blocks while it does; all that comes later is engine.c's.
 */
#ifndef SURETY_ENGINE_OPENAI_SERVER_H
#define SURETY_ENGINE_OPENAI_SERVER_H

#include "base/log.h"
#include "engine/openai/fault.h"
#include "engine/openai/http_io.h"
#include "engine/openai/labels.h"
#include "engine/openai/pace.h"
#include <surety/types.h>

#define SERVER_SLOTS 8           /* requests at once where the server does not tell its slots */
#define SERVER_LOADING_MS 120000 /* how long a server that is loading its model is waited for */
#define SERVER_FAILURES 3        /* in a row: nothing is sent until it answers a probe */

struct server {
    char *chat, *models, *tokenize; /* URLs; tokenize is NULL where there is none */
    char *template, *completion;    /* URLs beside, which only llama-server has */
    char *model;                    /* as the server names it */
    unsigned fields;                /* that it takes: set of 1 << enum ask_field */
    uint32_t slots;                 /* requests at once */
    bool told_slots;                /* by the server */
    uint32_t context_tokens;        /* 0: not told */
    bool thinks;                    /* before it says anything */
    enum choice_way choice;         /* how labels get their log-probabilities */
    bool streams, repeats;          /* equal seeds gave equal text, other seeds another one */
    char fingerprint[64];
    uint64_t hash;         /* of what it told about the model */
    uint64_t probe_tokens; /* what trying has used */

    uint32_t in_flight;
    double window;         /* of them that it stands, 1..slots: halved at every "too much" */
    unsigned failures;     /* in a row */
    int64_t not_before_ms; /* a pause that it asked for */
    int64_t down_ms;       /* since when it fails; 0: it is up */
    int64_t probe_ms;      /* when to look whether it is back */
    struct http_call *probe;
    struct surety_error error; /* its last one */
};

struct server_config {
    const char *url;     /* as the user wrote it */
    const char *model;   /* NULL: the one that is served */
    const char *key;     /* NULL: none */
    const char *key_env; /* its variable; NULL: none */
    uint32_t slots;      /* 0: as the server tells */
    bool logprobs;
    int64_t timeout_ms;
    const struct log *log;
};

/* INVALID: no such URL, no or the wrong key, several models; NOT_FOUND: path or model; UNREACHABLE,
 * ENGINE and others with what to check. server_fini frees also after a failure. */
enum surety_err server_probe(struct server *server, struct http *http,
                             const struct server_config *config, struct surety_error *err);

/* The URL of a place that a choice asks. */
const char *server_place(const struct server *server, enum choice_place place);

void server_fini(struct server *server); /* zeroed is fine */

#endif
