/*
 * The shell around the core: two ROUTER sockets, the clock, the store and the scoring thread.
 *
 * One thread polls all of them, takes a bounded number of messages from each, gives every one to
 * the core as an event, does what it wants done, and sleeps until the core's next deadline.
 * The scoring thread is heard of through a pipe in the same poll.
 */
#include "scaler/broker/broker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zmq.h>

#include "base/clock.h"
#include "proto/endpoint.h"
#include "scaler/broker/core.h"
#include "scaler/broker/scoring.h"
#include "scaler/broker/store.h"

#define DRAIN_MAX 64      /* messages of one socket before the others get their turn */
#define FRAMES 4          /* identity, signature, command, body */
#define LINGER_MS 1000    /* for the last results and BYEs */
#define ENDING_MS 5000    /* a client that reads nothing does not hold the end up for longer */
#define CLIENT_QUEUE 100  /* messages to one client; the core keeps results beyond */
#define REFUSED_LOGGED 10 /* refused messages that are logged one by one in REFUSED_MS */
#define REFUSED_MS 10000
#define WORKER_QUEUE 8192 /* messages to one worker: never reached by one that reads */

struct outcome { /* of something the core wants to hear about */
    struct core_event event;
    struct surety_error error; /* PERSISTED */
};

struct broker {
    const struct broker_config *config;
    void *context;
    void *sockets[2]; /* by enum core_side */
    struct endpoint_file files[2];
    struct core *core;
    struct scoring *scoring;
    const struct store_ops *store;
    void *store_state;
    struct outcome *outcomes; /* waiting to be told, [n_outcomes] */
    size_t n_outcomes, outcomes_size;
    int64_t next_ms;
    int64_t give_up_ms; /* once it is ending */
    int64_t refused_ms; /* since when n_refused counts */
    uint64_t n_refused;
    bool stopping, ended;
};

/* ---- sockets ---- */

static enum surety_err bind_socket(struct broker *b, enum core_side side, const char *endpoint,
                                   struct surety_error *err)
{
    char address[ENDPOINT_MAX];
    enum surety_err code = endpoint_check(endpoint, err);
    if (!code)
        code = endpoint_clear(endpoint, err);
    if (code)
        return code;
    void *socket = b->sockets[side] = zmq_socket(b->context, ZMQ_ROUTER);
    if (!socket)
        return surety_fail(err, SURETY_ERR_IO, "no socket: %s", zmq_strerror(errno));
    const struct {
        int name, value;
    } options[] = {
        {ZMQ_ROUTER_MANDATORY, 1}, /* a peer that is gone or full is an event, not a silence */
        /* Off: a stranger who takes a known identity is not heard, instead of taking over. Peers
         * that reconnect get a fresh identity from ZeroMQ and say HELLO. */
        {ZMQ_ROUTER_HANDOVER, 0},
        {ZMQ_SNDHWM, side == CORE_CLIENTS ? CLIENT_QUEUE : WORKER_QUEUE},
        {ZMQ_RCVHWM, 1000},
        {ZMQ_LINGER, LINGER_MS},
        {ZMQ_IPV6, endpoint_is_ipv6(endpoint)},
        /* no ZMQ_HEARTBEAT: a client that is stopped for a while (Ctrl-Z) is not gone */
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        zmq_setsockopt(socket, options[i].name, &options[i].value, sizeof options[i].value);
    int64_t most = WIRE_BODY_MAX;
    zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &most, sizeof most);
    endpoint_to_bind(endpoint, address);
    if (zmq_bind(socket, address) == 0) {
        size_t size = sizeof address;
        endpoint_note_file(endpoint, &b->files[side]);
        zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, address, &size);
        log_printf(b->config->log, LOG_INFO, "%s connect to %s",
                   side == CORE_CLIENTS ? "clients" : "workers", address);
        return SURETY_OK;
    }
    if (errno == EADDRINUSE)
        return surety_fail(err, SURETY_ERR_ADDRESS_IN_USE,
                           "another process listens on '%s': stop it, or choose another endpoint",
                           endpoint);
    return surety_fail(err, errno == EINVAL ? SURETY_ERR_INVALID : SURETY_ERR_IO,
                       "cannot listen on '%s': %s", endpoint, zmq_strerror(errno));
}

static void free_body(void *data, void *hint)
{
    free(data);
}

static enum core_sent send_failed(void)
{
    return errno == EAGAIN ? CORE_SENT_FULL : CORE_SENT_GONE;
}

static enum core_sent send_message(struct broker *b, const struct core_action *action)
{
    const struct wire_message *message = &action->send.message;
    const char *command = wire_command_name(message->command);
    void *socket = b->sockets[action->send.side];
    char *body;
    size_t len;
    struct surety_error why;
    if (wire_encode(message, &body, &len, &why)) {
        log_printf(b->config->log, LOG_ERROR, "cannot send %s: %s", command, why.message);
        return CORE_SENT_OK; /* trying again would not help */
    }
    zmq_msg_t frame;
    if (zmq_msg_init_data(&frame, body, len, free_body, NULL)) {
        free(body);
        return CORE_SENT_FULL;
    }
    /* only the first frame can fail: a ROUTER decides by the identity */
    const int more = ZMQ_DONTWAIT | ZMQ_SNDMORE;
    if (zmq_send(socket, action->send.to->bytes, action->send.to->len, more) < 0 ||
        zmq_send(socket, WIRE_SIGNATURE, strlen(WIRE_SIGNATURE), more) < 0 ||
        zmq_send(socket, command, strlen(command), more) < 0 ||
        zmq_msg_send(&frame, socket, ZMQ_DONTWAIT) < 0) {
        enum core_sent sent = send_failed();
        zmq_msg_close(&frame);
        return sent;
    }
    return CORE_SENT_OK;
}

/* ---- the core's events and actions ---- */

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
    if (action->kind == CORE_ENDED) {
        b->store->end(b->store_state, action->ended.request, action->ended.json);
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
    enum surety_err code = core_step(b->core, event, clock_now_ms(), &actions);
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

/* An event, and what follows from it at once: outcomes of sends, answers of the store. */
static enum surety_err feed(struct broker *b, const struct core_event *event,
                            struct surety_error *err)
{
    enum surety_err code = step(b, event, err);
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

/* ---- messages ---- */

/* Reads all frames of a message and keeps the first FRAMES; their number, 0 when there is none. */
static size_t receive(void *socket, zmq_msg_t *frames)
{
    size_t n = 0;
    for (bool more = true; more; n++) {
        zmq_msg_t extra, *frame = n < FRAMES ? &frames[n] : &extra;
        zmq_msg_init(frame);
        if (zmq_msg_recv(frame, socket, ZMQ_DONTWAIT) < 0) {
            zmq_msg_close(frame);
            break;
        }
        more = zmq_msg_more(frame);
        if (n >= FRAMES)
            zmq_msg_close(frame);
    }
    return n;
}

static enum surety_err decode(zmq_msg_t *frames, size_t n, struct arena *arena,
                              struct wire_message *message, struct surety_error *err)
{
    static const char family[] = "SURETY/";
    enum wire_command command;
    if (n < 2)
        return surety_fail(err, SURETY_ERR_PROTOCOL, "a message without frames");
    size_t size = zmq_msg_size(&frames[1]);
    const char *signature = zmq_msg_data(&frames[1]);
    bool ours = size == strlen(WIRE_SIGNATURE) && memcmp(signature, WIRE_SIGNATURE, size) == 0;
    if (!ours && size > strlen(family) && size <= WIRE_COMMAND_MAX &&
        memcmp(signature, family, strlen(family)) == 0) {
        char theirs[WIRE_COMMAND_MAX + 1] = "";
        for (size_t i = 0; i < size; i++) /* goes into a message for people */
            theirs[i] = signature[i] > ' ' && signature[i] <= '~' ? signature[i] : '?';
        return surety_fail(err, SURETY_ERR_VERSION,
                           "you speak %s and this broker (surety %s) speaks %s: use the same "
                           "version of surety on both sides",
                           theirs, SURETY_VERSION, WIRE_SIGNATURE);
    }
    if (!ours || n != FRAMES)
        return surety_fail(err, SURETY_ERR_PROTOCOL,
                           "a message has three frames: \"%s\", a command, a body", WIRE_SIGNATURE);
    if (!wire_command_from_name(zmq_msg_data(&frames[2]), zmq_msg_size(&frames[2]), &command))
        return surety_fail(err, SURETY_ERR_UNSUPPORTED,
                           "this broker (surety %s) does not know the command", SURETY_VERSION);
    return wire_decode(command, zmq_msg_data(&frames[3]), zmq_msg_size(&frames[3]), arena, message,
                       err);
}

/* A peer must not be able to fill a disk, or a pipe that nobody reads. */
static void log_refused(struct broker *b, enum core_side side, const char *why)
{
    int64_t now = clock_now_ms();
    if (now - b->refused_ms >= REFUSED_MS) {
        b->refused_ms = now;
        b->n_refused = 0;
    }
    if (b->n_refused++ < REFUSED_LOGGED)
        log_printf(b->config->log, LOG_WARN, "refused a message of a %s: %s%s",
                   side == CORE_CLIENTS ? "client" : "worker", why,
                   b->n_refused == REFUSED_LOGGED ? " (more are not told for a while)" : "");
}

/* The id of a REQUEST that was refused: whoever waits for its answer must be told. */
static const char *refused_id(zmq_msg_t *frames, size_t n, struct arena *arena)
{
    enum wire_command command;
    if (n != FRAMES ||
        !wire_command_from_name(zmq_msg_data(&frames[2]), zmq_msg_size(&frames[2]), &command) ||
        command != WIRE_REQUEST)
        return NULL;
    return wire_decode_id(zmq_msg_data(&frames[3]), zmq_msg_size(&frames[3]), arena);
}

static enum surety_err take(struct broker *b, enum core_side side, zmq_msg_t *frames, size_t n,
                            struct surety_error *err)
{
    struct core_identity from;
    size_t size = zmq_msg_size(&frames[0]);
    if (size < 1 || size > CORE_IDENTITY_MAX)
        return SURETY_OK;
    from.len = (uint8_t)size;
    memcpy(from.bytes, zmq_msg_data(&frames[0]), size);
    struct arena arena;
    struct wire_message message;
    struct surety_error why = {0};
    arena_init(&arena, (size_t)4 * WIRE_BODY_MAX);
    struct core_event event = {.kind = CORE_MESSAGE, .side = side, .from = &from};
    event.message = &message;
    event.error = &why;
    if (decode(frames, n, &arena, &message, &why)) {
        event.kind = CORE_MALFORMED;
        event.id = refused_id(frames, n, &arena);
        log_refused(b, side, why.message);
    }
    enum surety_err code = feed(b, &event, err);
    arena_fini(&arena);
    return code;
}

static enum surety_err drain(struct broker *b, enum core_side side, struct surety_error *err)
{
    enum surety_err code = SURETY_OK;
    for (int i = 0; i < DRAIN_MAX && !code; i++) {
        zmq_msg_t frames[FRAMES];
        size_t n = receive(b->sockets[side], frames);
        if (n == 0)
            break;
        code = take(b, side, frames, n, err);
        for (size_t f = 0; f < n && f < FRAMES; f++)
            zmq_msg_close(&frames[f]);
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

static long wait_ms(const struct broker *b)
{
    int64_t next = b->next_ms, now = clock_now_ms();
    if (b->stopping && (next < 0 || b->give_up_ms < next))
        next = b->give_up_ms;
    if (next < 0)
        return -1;
    return next > now ? (long)(next - now) : 0;
}

static enum surety_err serve(struct broker *b, struct surety_error *err)
{
    enum surety_err code = SURETY_OK;
    while (!code && !b->ended && !(b->stopping && clock_now_ms() >= b->give_up_ms)) {
        zmq_pollitem_t items[] = {
            {.socket = b->sockets[CORE_CLIENTS], .events = ZMQ_POLLIN},
            {.socket = b->sockets[CORE_WORKERS], .events = ZMQ_POLLIN},
            {.fd = scoring_fd(b->scoring), .events = ZMQ_POLLIN},
            {.fd = b->config->stop_fd, .events = ZMQ_POLLIN | ZMQ_POLLERR},
        };
        bool watch_stop = b->config->stop_fd >= 0 && !b->stopping;
        if (zmq_poll(items, watch_stop ? 4 : 3, wait_ms(b)) < 0 && errno != EINTR)
            return surety_fail(err, SURETY_ERR_IO, "the broker cannot poll: %s",
                               zmq_strerror(errno));
        code = drain(b, CORE_WORKERS, err);
        if (!code)
            code = drain(b, CORE_CLIENTS, err);
        if (!code)
            code = drain_scoring(b, err);
        if (!code && watch_stop && items[3].revents) {
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
                                            .window = config->window};
    b->store = config->store ? config->store : &store_null;
    b->next_ms = -1;
    b->context = zmq_ctx_new();
    b->core = core_create(&core_config);
    b->store_state = calloc(1, b->store->state_bytes);
    if (!b->context || !b->core || !b->store_state)
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for a broker");
    enum surety_err code = scoring_create(&b->scoring, err);
    if (!code)
        code = bind_socket(b, CORE_CLIENTS, config->client_endpoint, err);
    if (!code)
        code = bind_socket(b, CORE_WORKERS, config->worker_endpoint, err);
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
            if (actions->items[i].kind == CORE_ENDED)
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
        if (b->sockets[i])
            zmq_close(b->sockets[i]);
    while (b->context && zmq_ctx_term(b->context) && errno == EINTR)
        continue;
    for (size_t i = 0; i < 2; i++)
        endpoint_remove_file(&b->files[i]);
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
