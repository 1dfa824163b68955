/*
 * core.h - the broker as a pure machine: events in, actions out.
 *
 * It owns requests, clients, workers, and every item between them. It has no socket, clock, thread,
 * random source or global, and never touches a plan: it hands jobs out and takes them back, so that
 * thousands of seeded schedules of faults can be run against it (tests/sim). The shell around it
 * (broker.c) turns messages into events and actions into messages.
 *
 * What it promises, whatever peers do:
 *   - an accepted request ends exactly once, with a RESULT or an ERROR that names it, unless its
 *     client is gone;
 *   - a worker never holds more items than it has slots;
 *   - an item is run at most `attempts` times, and fails alone: its request goes on;
 *   - what the store cannot keep ends that request alone;
 *   - what a late, dead or confused peer says changes nothing.
 */
#ifndef SURETY_SCALER_BROKER_CORE_H
#define SURETY_SCALER_BROKER_CORE_H

#include "proto/wire.h"
#include "scaler/broker/plan_job.h"
#include "scaler/broker/store.h"

#define CORE_IDENTITY_MAX 255 /* bytes of a ROUTER's routing identity */

struct core;

struct core_config {       /* 0 takes the default */
    uint32_t heartbeat_ms; /* 500; a worker silent for 5 of these, 20 with work, is lost */
    uint32_t stall_ms;     /* 60000; an item that stands still for this long is retried */
    uint32_t attempts;     /* 3; runs of one item */
    uint32_t window;       /* 64; requests in flight a client */
    uint32_t max_workers;  /* 1024 */
    uint32_t max_clients;  /* 1024 */
    uint32_t max_requests; /* 4096; in flight, of all clients */
    /* 1 GiB; requests, unread outputs, plans, results that clients have not read; from three
     * quarters on new requests are BUSY, beyond it the largest that runs ends. A client that takes
     * nothing is lost before that much waits for it alone. */
    size_t max_queued_bytes;
    bool notes; /* false; tell by NOTE what is worth a line in a log */
};

enum core_side { CORE_CLIENTS, CORE_WORKERS };

struct core_identity {
    uint8_t len;
    uint8_t bytes[CORE_IDENTITY_MAX];
};

enum core_sent { CORE_SENT_OK, CORE_SENT_FULL, CORE_SENT_GONE };

struct core_event {
    enum {
        CORE_MESSAGE,   /* a peer said something well-formed */
        CORE_MALFORMED, /* a peer sent what is no message of this protocol version */
        CORE_SENT,      /* outcome of a SEND: of each that failed or has confirm set, in order */
        CORE_PERSISTED, /* the store's answer to a PERSIST */
        CORE_PLAN_SAYS, /* a job came back */
        CORE_TICK,      /* next_ms has come */
        CORE_STOP       /* end: best results so far to clients, BYE to workers */
    } kind;
    enum core_side side;                /* MESSAGE, MALFORMED */
    const struct core_identity *from;   /* MESSAGE, MALFORMED */
    const struct wire_message *message; /* MESSAGE; copied where it is kept */
    const struct surety_error *error; /* MALFORMED: what to tell the peer; PERSISTED: why it is not
                                       * kept; NULL: it is */
    const char *id;                   /* MALFORMED: of the REQUEST that it was; else NULL */
    uint64_t peer, ticket;            /* SENT: as in the action */
    enum core_sent sent;              /* SENT */
    uint64_t request;                 /* PERSISTED */
    struct plan_job *job;             /* PLAN_SAYS; the core takes and frees it */
    size_t unsent_bytes;              /* any: of SENDs, that peers have not taken yet */
};

/* X(NAME, text): what a NOTE may tell. */
#define CORE_NOTES(X)                                                                              \
    X(WORKER_JOINED, "worker_joined")                                                              \
    X(WORKER_LEFT, "worker_left") /* by BYE, of either side */                                     \
    X(WORKER_LOST, "worker_lost")                                                                  \
    X(CLIENT_JOINED, "client_joined")                                                              \
    X(CLIENT_LEFT, "client_left") /* by BYE */                                                     \
    X(CLIENT_LOST, "client_lost")                                                                  \
    X(REQUEST_ACCEPTED, "request_accepted")                                                        \
    X(REQUEST_REFUSED, "request_refused") /* or over before it was accepted */                     \
    X(REQUEST_ENDED, "request_ended")     /* one that was accepted */

enum core_noted {
#define X(name, text) NOTE_##name,
    CORE_NOTES(X)
#undef X
};

/* Numbers are the broker's own; 0 and NULL: not told. */
struct core_note {
    enum core_noted what;
    uint64_t worker, client, request;
    const char *name, *host; /* of a worker */
    uint32_t pid, slots;
    const char *model; /* that a worker serves; that a request asks for */
    const char *id;    /* the client's, of a request */
    uint32_t k;
    const char *how;    /* a request ended: its stop reason */
    int64_t ms, tokens; /* since it was accepted; completion tokens that came; -1: not told */
    const char *why;    /* a sentence */
};

struct core_action {
    enum { CORE_SEND, CORE_PERSIST, CORE_ENDED, CORE_PLAN, CORE_HURRY, CORE_NOTE } kind;
    union {
        struct {
            enum core_side side;
            const struct core_identity *to;
            uint64_t peer;   /* 0: a stranger, nobody minds a failure */
            uint64_t ticket; /* rises with each SEND */
            bool confirm;    /* report success too */
            struct wire_message message;
        } send;
        struct { /* answered by PERSISTED */
            uint64_t request;
            const struct surety_request *wanted;
        } persist;
        struct { /* the request is over: once for each PERSIST, answered or not */
            uint64_t request;
            struct store_end end;
        } ended;
        struct core_note note;
        uint64_t hurry;       /* a request: its job, should one be out, is to come back soon */
        struct plan_job *job; /* the receiver owns it until it comes back by PLAN_SAYS */
    };
};

/* What a step wants done, in order. Valid until the next step; jobs until they are given back. */
struct core_actions {
    const struct core_action *items;
    size_t n;
    int64_t next_ms; /* send a TICK at this time at the latest; -1: none needed */
    bool ended;      /* after STOP: every request has ended and every result was handed over */
};

/* NULL without memory. */
struct core *core_create(const struct core_config *config);

/* NULL is fine. Jobs that are still out must have been given back by PLAN_SAYS before. */
void core_free(struct core *core);

/* Takes one event at time now_ms (monotonic). NOMEM: the core can only be freed. */
enum surety_err core_step(struct core *core, const struct core_event *event, int64_t now_ms,
                          const struct core_actions **ret_actions);

#endif
