/*
 * The shell around the core: two sockets, the clock, the store and the scoring threads.
 *
 * One thread polls all of them, takes a bounded number of messages from each, gives every one to
 * the core as an event, does what it wants done, and sleeps until the core's next deadline.
 * The scoring threads are heard of through a pipe in the same poll, a store that answers late
 * through its own descriptor.
 */
#include "scaler/broker/broker.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "proto/transport.h"
#include "scaler/broker/core.h"
#include "scaler/broker/scoring.h"
#include "scaler/broker/store.h"

#define DRAIN_MAX 64      /* messages of one socket before the others get their turn */
#define ENDING_MS 4000    /* a client that reads nothing does not hold the end up for longer */
#define REFUSED_LOGGED 10 /* of refused messages, and of requests, that are told in REFUSED_MS */
#define REFUSED_MS 10000

struct outcome { /* of something the core wants to hear about */
    struct core_event event;
    struct surety_error error; /* PERSISTED */
};

struct broker {
    const struct broker_config *config;
    struct transport *transport;
    struct transport_socket *sockets[2]; /* by enum core_side */
    struct core *core;
    struct scoring *scoring;
    const struct store_ops *store;
    void *store_state;
    struct outcome *outcomes; /* waiting to be told, [n_outcomes] */
    size_t n_outcomes, outcomes_size;
    int64_t next_ms;
    int64_t give_up_ms; /* once it is ending */
    struct refused {
        int64_t since_ms;
        uint64_t n;
    } refused_messages, refused_requests;
    bool stopping, ended;
};

/* ---- sockets ---- */

static enum surety_err open_socket(struct broker *b, enum core_side side, const char *endpoint,
                                   struct surety_error *err)
{
    const bool clients = side == CORE_CLIENTS;
    enum surety_err code =
        transport_open(b->transport, clients ? TRANSPORT_TO_CLIENTS : TRANSPORT_TO_WORKERS,
                       endpoint, &b->sockets[side], err);
    if (!code)
        log_printf(b->config->log, LOG_INFO, "%s connect to %s", clients ? "clients" : "workers",
                   transport_address(b->sockets[side]));
    return code;
}

static enum core_sent send_message(struct broker *b, const struct core_action *action)
{
    const struct core_identity *to = action->send.to;
    struct surety_error why;
    switch (transport_send(b->sockets[action->send.side], to->bytes, to->len, &action->send.message,
                           &why)) {
    case SURETY_OK:
        return CORE_SENT_OK;
    case SURETY_ERR_BUSY:
        return CORE_SENT_FULL;
    case SURETY_ERR_UNREACHABLE:
        return CORE_SENT_GONE;
    default:
        log_printf(b->config->log, LOG_ERROR, "cannot send %s: %s",
                   wire_command_name(action->send.message.command), why.message);
        return CORE_SENT_OK; /* trying again would not help */
    }
}

/* ---- the core's events and actions ---- */

/* A peer must not be able to fill a disk. */
static bool may_tell_refused(struct refused *refused)
{
    int64_t now = clock_now_ms();
    if (now - refused->since_ms >= REFUSED_MS)
        *refused = (struct refused){.since_ms = now};
    return refused->n++ < REFUSED_LOGGED;
}

static enum surety_err note_outcome(struct broker *b, const struct outcome *outcome,
                                    struct surety_error *err)
{
    if (b->n_outcomes == b->outcomes_size) {
        size_t size = b->outcomes_size ? b->outcomes_size * 2 : 64;
        struct outcome *grown = realloc(b->outcomes, size * sizeof *grown);
        if (!grown)
            return surety_fail(err, SURETY_ERR_NOMEM, "the broker is out of memory");
        b->outcomes = grown;
        b->outcomes_size = size;
    }
    b->outcomes[b->n_outcomes++] = *outcome;
    return SURETY_OK;
}

static enum surety_err act(struct broker *b, const struct core_action *action,
                           struct surety_error *err)
{
    if (action->kind == CORE_PLAN) {
        scoring_submit(b->scoring, action->job);
        return SURETY_OK;
    }
    if (action->kind == CORE_HURRY) {
        scoring_hurry(b->scoring, action->hurry);
        return SURETY_OK;
    }
    if (action->kind == CORE_ENDED) {
        b->store->end(b->store_state, action->ended.request, &action->ended.end);
        return SURETY_OK;
    }
    if (action->kind == CORE_NOTE) {
        if (action->note.what != NOTE_REQUEST_REFUSED || may_tell_refused(&b->refused_requests))
            b->config->note(b->config->note_user, &action->note);
        return SURETY_OK;
    }
    struct outcome outcome = {0};
    if (action->kind == CORE_PERSIST) {
        if (!b->store->put(b->store_state, action->persist.request, action->persist.wanted,
                           &outcome.error))
            return SURETY_OK;
        outcome.event.kind = CORE_PERSISTED;
        outcome.event.request = action->persist.request;
        return note_outcome(b, &outcome, err);
    }
    enum core_sent sent = send_message(b, action);
    if (!action->send.peer || (sent == CORE_SENT_OK && !action->send.confirm))
        return SURETY_OK;
    outcome.event.kind = CORE_SENT;
    outcome.event.peer = action->send.peer;
    outcome.event.ticket = action->send.ticket;
    outcome.event.sent = sent;
    return note_outcome(b, &outcome, err);
}

static enum surety_err step(struct broker *b, const struct core_event *event,
                            struct surety_error *err)
{
    const struct core_actions *actions;
    struct core_event told = *event;
    told.unsent_bytes = transport_unsent(b->transport);
    enum surety_err code = core_step(b->core, &told, clock_now_ms(), &actions);
    if (code)
        surety_fail(err, code, "the broker is out of memory");
    for (size_t i = 0; i < actions->n; i++) {
        if (code && actions->items[i].kind != CORE_PLAN) /* jobs are never lost */
            continue;
        enum surety_err failed = act(b, &actions->items[i], err);
        code = code ? code : failed;
    }
    b->next_ms = actions->next_ms;
    b->ended = actions->ended;
    return code;
}

/* What can be told now: outcomes of sends, answers of the store, and what follows from these. */
static enum surety_err follow_up(struct broker *b, struct surety_error *err)
{
    enum surety_err code = SURETY_OK;
    size_t told = 0;
    while (!code) {
        struct outcome o = {.event.kind = CORE_PERSISTED};
        if (told < b->n_outcomes)
            o = b->outcomes[told++];
        else if (!b->store->next(b->store_state, &o.event.request, &o.error))
            break;
        o.event.error = o.error.code ? &o.error : NULL;
        code = step(b, &o.event, err);
    }
    b->n_outcomes = 0;
    return code;
}

static enum surety_err feed(struct broker *b, const struct core_event *event,
                            struct surety_error *err)
{
    enum surety_err code = step(b, event, err);
    return code ? code : follow_up(b, err);
}

/* ---- messages ---- */

static void log_refused(struct broker *b, enum core_side side, const char *why)
{
    if (may_tell_refused(&b->refused_messages))
        log_printf(b->config->log, LOG_WARN, "refused a message of a %s: %s%s",
                   side == CORE_CLIENTS ? "client" : "worker", why,
                   b->refused_messages.n == REFUSED_LOGGED ? " (more are not told for a while)"
                                                           : "");
}

static enum surety_err take(struct broker *b, enum core_side side,
                            const struct transport_message *came, struct surety_error *err)
{
    struct core_identity from = {.len = came->from_len};
    memcpy(from.bytes, came->from, from.len);
    struct core_event event = {
        .kind = CORE_MESSAGE, .side = side, .from = &from, .message = &came->message};
    if (came->error.code) {
        event.kind = CORE_MALFORMED;
        event.error = &came->error;
        event.id = came->id;
        log_refused(b, side, came->error.message);
    }
    return feed(b, &event, err);
}

static enum surety_err drain(struct broker *b, enum core_side side, struct surety_error *err)
{
    struct transport_message came;
    enum surety_err code = SURETY_OK;
    for (int i = 0; i < DRAIN_MAX && !code && transport_receive(b->sockets[side], &came); i++) {
        if (came.from_len > 0) /* else nobody that could be answered */
            code = take(b, side, &came, err);
        transport_message_fini(&came);
    }
    return code;
}

static enum surety_err drain_scoring(struct broker *b, struct surety_error *err)
{
    enum surety_err code = SURETY_OK;
    for (struct plan_job *job; !code && (job = scoring_take(b->scoring));)
        code = feed(b, &(struct core_event){.kind = CORE_PLAN_SAYS, .job = job}, err);
    return code;
}

/* ---- the loop ---- */

static int64_t wait_ms(const struct broker *b)
{
    int64_t next = b->next_ms, now = clock_now_ms();
    if (b->stopping && (next < 0 || b->give_up_ms < next))
        next = b->give_up_ms;
    if (next < 0)
        return -1;
    return next > now ? next - now : 0;
}

static enum surety_err serve(struct broker *b, struct surety_error *err)
{
    enum surety_err code = SURETY_OK;
    while (!code && !b->ended && !(b->stopping && clock_now_ms() >= b->give_up_ms)) {
        struct transport_wait waits[] = {
            {.socket = b->sockets[CORE_CLIENTS]}, {.socket = b->sockets[CORE_WORKERS]},
            {.fd = scoring_fd(b->scoring)},       {.fd = b->stopping ? -1 : b->config->stop_fd},
            {.fd = b->store->fd(b->store_state)},
        };
        code = transport_poll(waits, sizeof waits / sizeof waits[0], wait_ms(b), NULL, err);
        if (code)
            return code;
        code = drain(b, CORE_WORKERS, err);
        if (!code)
            code = drain(b, CORE_CLIENTS, err);
        if (!code)
            code = drain_scoring(b, err);
        if (!code && waits[4].ready)
            code = follow_up(b, err);
        if (!code && waits[3].ready) {
            b->stopping = true;
            b->give_up_ms = clock_now_ms() + ENDING_MS;
            code = feed(b, &(struct core_event){.kind = CORE_STOP}, err);
        }
        if (!code && b->next_ms >= 0 && clock_now_ms() >= b->next_ms)
            code = feed(b, &(struct core_event){.kind = CORE_TICK}, err);
    }
    return code;
}

static enum surety_err broker_open(struct broker *b, struct surety_error *err)
{
    const struct broker_config *config = b->config;
    const struct core_config core_config = {.heartbeat_ms = config->heartbeat_ms,
                                            .stall_ms = config->stall_ms,
                                            .attempts = config->attempts,
                                            .window = config->window,
                                            .max_queued_bytes = config->max_queued_bytes,
                                            .notes = config->note != NULL};
    b->store = config->store ? config->store : &store_null;
    b->next_ms = -1;
    b->core = core_create(&core_config);
    b->store_state = calloc(1, b->store->state_bytes);
    if (!b->core || !b->store_state)
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for a broker");
    enum surety_err code = scoring_create(&b->scoring, err);
    if (!code)
        code = transport_create(&b->transport, err);
    if (!code)
        code = open_socket(b, CORE_CLIENTS, config->client_endpoint, err);
    if (!code)
        code = open_socket(b, CORE_WORKERS, config->worker_endpoint, err);
    if (!code && config->ready_fd >= 0 && write(config->ready_fd, "", 1) != 1)
        log_printf(config->log, LOG_WARN, "nobody wants to know that the broker is ready");
    return code;
}

/* The core gets its jobs back, and what it then wants done (freeing plans) is done here. */
static void finish_jobs(struct broker *b)
{
    scoring_finish(b->scoring);
    struct plan_job *jobs = NULL;
    for (struct plan_job *job; (job = scoring_take(b->scoring)); jobs = job)
        job->next = jobs;
    while (jobs) {
        const struct core_actions *actions;
        struct core_event event = {.kind = CORE_PLAN_SAYS, .job = jobs};
        jobs = jobs->next;
        core_step(b->core, &event, clock_now_ms(), &actions);
        for (size_t i = 0; i < actions->n; i++) {
            if (actions->items[i].kind == CORE_SEND)
                send_message(b, &actions->items[i]);
            if (actions->items[i].kind == CORE_ENDED || actions->items[i].kind == CORE_NOTE)
                act(b, &actions->items[i], NULL);
            if (actions->items[i].kind != CORE_PLAN)
                continue;
            plan_job_run(actions->items[i].job);
            actions->items[i].job->next = jobs;
            jobs = actions->items[i].job;
        }
    }
}

static void broker_close(struct broker *b)
{
    if (b->scoring)
        finish_jobs(b);
    for (size_t i = 0; i < 2; i++)
        transport_close(b->sockets[i], true);
    transport_free(b->transport);
    scoring_free(b->scoring);
    core_free(b->core);
    if (b->store_state)
        b->store->close(b->store_state);
    free(b->store_state);
    free(b->outcomes);
}

enum surety_err broker_run(const struct broker_config *config, struct surety_error *err)
{
    struct broker b = {.config = config};
    enum surety_err code = broker_open(&b, err);
    if (!code)
        code = serve(&b, err);
    broker_close(&b);
    return code;
}
