/*
 * engine.h - the state of the engine openai, shared by its files: open.c fills it, engine.c runs
 * it, item.c leads one item from its task to its output.
 */
#ifndef SURETY_ENGINE_OPENAI_ENGINE_H
#define SURETY_ENGINE_OPENAI_ENGINE_H

#include "engine/engine.h"
#include "engine/openai/ask.h"
#include "engine/openai/labels.h"
#include "engine/openai/pace.h"
#include "engine/openai/relay.h"
#include "engine/openai/reply.h"
#include "engine/openai/server.h"

#define SERVERS_MAX 32
#define BYTES_OF_TOKEN 4       /* where nothing is told */
#define TRIES 5                /* of an item, each on a server that was up */
#define GIVE_UP_MS 30000       /* how long items wait for a pool that is down */
#define CUT_BYTES_OF_TOKEN 7   /* distinct bytes a prompt token above which the prompt was cut */
#define CUT_BYTES 2000         /* for what the chat format adds or takes */
#define DOUBT_BYTES_OF_TOKEN 3 /* the same, where the server can be asked to count */

struct job { /* of a task, shared by its items */
    unsigned refs;
    json_t *body;
    char *passed;                    /* a body to be sent as it is; NULL: none */
    struct surety_sampling sampling; /* with strings of its own */
    size_t bytes, distinct;          /* of the prompt */
    uint32_t prompt_tokens;          /* as told last; an estimate before */
    int64_t counted_tokens;          /* of the messages' text, as the server's own count; -1 */
    char **labels;                   /* of a choice, [n_labels] */
    size_t n_labels;
    char *opened;
};

enum item_state { ITEM_WAITS, ITEM_RUNS, ITEM_ENDED };

struct item {
    struct openai *engine;
    struct job *job;
    uint64_t ticket;
    struct surety_item item;
    enum item_state state;
    bool cancelled;
    unsigned tries;
    int64_t not_before_ms;
    int64_t slowed_ms; /* since when servers have too much to do for it; 0: they have not */
    /* while it runs */
    struct server *server;
    struct http_call *call;
    char *body;
    struct reply reply;
    bool reply_broken;          /* it is read only to count, and cannot be read any more */
    struct relay relay;         /* of a body that is sent as it is; until the item is freed */
    struct surety_error broken; /* why the reply was not read to its end */
    struct buf count;           /* the answer to item_count's question, or to choose_start's */
    struct choice *choice;      /* of the labels; NULL: it is asked for a text */
    int64_t heard_ms;           /* when the last text came, or it began */
    bool bytes_came;            /* since the last step */
    uint32_t shown;             /* tokens last told */
    bool unchosen;              /* its choice could not be made: it is asked for a text */
    /* when it has ended */
    struct surety_output output; /* text is its own, or NULL */
};

struct openai {
    struct http *http;
    const struct log *log;
    struct server servers[SERVERS_MAX];
    size_t n_servers;
    struct surety_model model;
    char *name, *profile, *key, *key_env;
    char id[17], repro[SURETY_NAME_MAX + 1];
    int64_t timeout_ms;
    double spend_limit; /* tokens; 0: none */
    double spent;
    struct pace requests, tokens;
    struct item **items; /* in order of submission, [n_items] */
    size_t n_items;
    uint64_t random;
    /* engine.c's: the item's request has ended, what now? */
    void (*ended)(struct item *item, const struct http_end *end);
    void (*ask_text)(struct item *item); /* engine.c's: its choice could not be made */
};

/* ---- open.c ---- */
enum surety_err openai_open(void *state, const struct engine_config *config,
                            struct surety_error *err);
void openai_close(void *state);

/* ---- item.c ---- */
/* NULL: NOMEM. chooses: labels are asked for as such. job_unref accepts NULL. */
struct job *job_create(const struct surety_task *task, bool chooses);
void job_unref(struct job *job);

/* Sends the item's request. NOMEM. */
enum surety_err item_start(struct item *item, struct server *server, int64_t now_ms,
                           struct surety_error *err);

/* Sends its chat, wherever it stands. NOMEM. */
enum surety_err item_send(struct item *item, struct server *server, struct surety_error *err);

/* Takes the item from its server, closing the connection. Fine when it does not run. */
void item_stop(struct item *item);

/*
 * Whether the prompt may have been cut before it was read, where the server can count its tokens
 * and was not asked yet: then it is asked (the item runs on, until ended is called for it), and
 * true.
 */
bool item_count(struct item *item);

/* The reply to a passed body has ended. True: it is whole, or a part of it was told: the item has
 * ended. False: as if it had not been sent. */
bool item_passed(struct item *item, const struct http_end *end);

/* Ends it, with what was read, with an error, or cancelled. */
void item_finish(struct item *item);
void item_fail(struct item *item, const struct surety_error *error);

void item_free(struct item *item);

/* What an item that runs has used, as far as known. */
uint32_t item_tokens(const struct item *item);

/* ---- choose.c ---- */
bool choose_copy(struct job *job, const struct surety_task *task);
void choose_free(struct job *job);

/* Sends the first request for an item's labels. When all are known, or it is clear that they do not
 * come and the item has been asked for its text, ended is called. NOMEM. */
enum surety_err choose_start(struct item *item, struct server *server, struct surety_error *err);

/* Forgets what was found out. */
void choose_stop(struct item *item);

#endif
