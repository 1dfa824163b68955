#include "scaler/broker/core_internal.h"

#include <stdlib.h>
#include <string.h>

#define SCRATCH_BYTES_MAX ((size_t)1 << 30)

/* ---- memory and actions ---- */

void *core_grow(struct core *core, void *array, size_t n, size_t *size, size_t element_bytes)
{
    if (n < *size)
        return array;
    size_t more = *size ? *size * 2 : 16;
    void *grown = realloc(array, more * element_bytes);
    if (!grown) {
        core->failed = true;
        return NULL;
    }
    *size = more;
    return grown;
}

struct core_action *core_act(struct core *core, int kind)
{
    struct core_action *grown =
        core_grow(core, core->actions, core->n_actions, &core->actions_size, sizeof *core->actions);
    if (!grown)
        return NULL;
    core->actions = grown;
    struct core_action *action = &core->actions[core->n_actions++];
    memset(action, 0, sizeof *action);
    action->kind = kind;
    return action;
}

struct wire_message *core_send(struct core *core, enum core_side side, const struct peer *to,
                               enum wire_command command)
{
    /* a copy: the peer may be freed before the action is carried out */
    struct core_identity *identity = ARENA_NEW(&core->scratch, struct core_identity);
    struct core_action *action = identity ? core_act(core, CORE_SEND) : NULL;
    if (!action) {
        core->failed = true;
        return NULL;
    }
    *identity = to->identity;
    action->send.side = side;
    action->send.to = identity;
    action->send.peer = to->number;
    action->send.ticket = ++core->ticket;
    action->send.message.command = command;
    return &action->send.message;
}

void core_plan(struct core *core, struct plan_job *job)
{
    struct core_action *action = core_act(core, CORE_PLAN);
    if (action)
        action->job = job;
}

static void send_error(struct core *core, enum core_side side, const struct peer *to,
                       enum surety_err code, const char *text)
{
    struct wire_message *message = core_send(core, side, to, WIRE_ERROR);
    if (!message)
        return;
    message->error.code = code;
    message->error.message = arena_strdup(&core->scratch, text);
    if (!message->error.message)
        core->failed = true;
}

/* ---- peers ---- */

static bool same_identity(const struct core_identity *a, const struct core_identity *b)
{
    return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

static struct worker *find_worker(const struct core *core, const struct core_identity *identity)
{
    for (size_t i = 0; i < core->n_workers; i++)
        if (same_identity(&core->workers[i]->peer.identity, identity))
            return core->workers[i];
    return NULL;
}

static struct client *find_client(const struct core *core, const struct core_identity *identity)
{
    for (size_t i = 0; i < core->n_clients; i++)
        if (same_identity(&core->clients[i]->peer.identity, identity))
            return core->clients[i];
    return NULL;
}

static struct peer peer_make(struct core *core, const struct core_identity *identity)
{
    return (struct peer){
        .number = core->next_number++, .identity = *identity, .heard_ms = core->now_ms};
}

static void worker_free(struct worker *worker)
{
    free(worker->runs);
    arena_fini(&worker->arena);
    free(worker);
}

void core_lose_worker(struct core *core, struct worker *worker, const char *why)
{
    for (size_t i = 0; i < core->n_workers; i++) {
        if (core->workers[i] != worker)
            continue;
        core->n_workers--;
        memmove(&core->workers[i], &core->workers[i + 1],
                (core->n_workers - i) * sizeof(*core->workers));
    }
    core->count.workers_lost++;
    if (why)
        send_error(core, CORE_WORKERS, &(struct peer){.identity = worker->peer.identity},
                   SURETY_ERR_LOST, why);
    schedule_worker_gone(core, worker);
    worker_free(worker);
}

static void client_free(struct core *core, struct client *client)
{
    outbox_clear(core, &client->out);
    outbox_clear(core, &client->kept);
    free(client);
}

void core_lose_client(struct core *core, struct client *client)
{
    for (size_t i = 0; i < core->n_clients; i++) {
        if (core->clients[i] != client)
            continue;
        core->n_clients--;
        memmove(&core->clients[i], &core->clients[i + 1],
                (core->n_clients - i) * sizeof(*core->clients));
    }
    for (size_t i = 0; i < core->n_requests; i++) {
        struct request *request = core->requests[i];
        if (request->client != client)
            continue;
        request->client = NULL;
        request_end(core, request, SURETY_STOP_CANCELLED, SURETY_ERR_CANCELLED,
                    "the client is gone");
    }
    client_free(core, client);
}

/* ---- HELLO ---- */

bool core_copy_model(struct arena *arena, const struct surety_model *from, struct surety_model *to)
{
    *to = *from;
    to->name = arena_strdup(arena, from->name);
    to->id = arena_strdup(arena, from->id);
    to->engine = arena_strdup(arena, from->engine);
    to->profile = arena_strdup(arena, from->profile);
    to->repro = arena_strdup(arena, from->repro);
    return to->name && to->id && to->engine && to->profile && to->repro;
}

static struct worker *worker_new(struct core *core, const struct core_identity *identity,
                                 const struct wire_message *hello)
{
    struct worker *worker = calloc(1, sizeof *worker);
    if (!worker)
        return NULL;
    arena_init(&worker->arena, 1u << 20);
    worker->peer = peer_make(core, identity);
    worker->version = arena_strdup(&worker->arena, hello->hello.version);
    worker->runs = calloc(hello->hello.model.slots, sizeof *worker->runs);
    if (!worker->runs || !worker->version ||
        !core_copy_model(&worker->arena, &hello->hello.model, &worker->model)) {
        worker_free(worker);
        return NULL;
    }
    return worker;
}

static void note_model(struct core *core, const char *name)
{
    for (size_t i = 0; i < core->n_models_seen; i++)
        if (strcmp(core->models_seen[i], name) == 0)
            return;
    if (core->n_models_seen == MODELS_SEEN)
        return;
    char *copy = strdup(name);
    if (copy)
        core->models_seen[core->n_models_seen++] = copy;
    else
        core->failed = true;
}

static void welcome(struct core *core, enum core_side side, const struct peer *peer)
{
    struct wire_message *message = core_send(core, side, peer, WIRE_WELCOME);
    if (!message)
        return;
    message->welcome.version = arena_strdup(&core->scratch, SURETY_VERSION);
    message->welcome.heartbeat_ms = core->config.heartbeat_ms;
    message->welcome.window = side == CORE_CLIENTS ? core->config.window : 0;
    if (!message->welcome.version)
        core->failed = true;
}

/* A worker that says HELLO holds nothing: what it held before was lost with its former life. */
static void worker_hello(struct core *core, const struct peer *from,
                         const struct wire_message *message)
{
    struct worker *old = find_worker(core, &from->identity);
    if (old)
        core_lose_worker(core, old, NULL);
    const struct surety_model *model = &message->hello.model;
    if (!message->hello.worker) {
        send_error(core, CORE_WORKERS, from, SURETY_ERR_PROTOCOL,
                   "this endpoint is for workers; clients use the client endpoint");
    } else if (model->slots < 1 || model->slots > SURETY_SLOTS_MAX || !model->name[0]) {
        send_error(core, CORE_WORKERS, from, SURETY_ERR_PROTOCOL,
                   "a worker needs a model name and between 1 and 4096 slots");
    } else if (core->n_workers >= core->config.max_workers) {
        send_error(core, CORE_WORKERS, from, SURETY_ERR_BUSY, "this broker has all its workers");
    } else {
        struct worker *worker = worker_new(core, &from->identity, message);
        struct worker **grown = worker ? core_grow(core, core->workers, core->n_workers,
                                                   &core->workers_size, sizeof(*core->workers))
                                       : NULL;
        if (!grown) {
            core->failed = true;
            if (worker)
                worker_free(worker);
            return;
        }
        core->workers = grown;
        core->workers[core->n_workers++] = worker;
        note_model(core, worker->model.name);
        welcome(core, CORE_WORKERS, &worker->peer);
    }
}

static void client_hello(struct core *core, const struct peer *from,
                         const struct wire_message *message)
{
    struct client *old = find_client(core, &from->identity);
    if (old) { /* it only asks again: its requests go on */
        welcome(core, CORE_CLIENTS, &old->peer);
    } else if (message->hello.worker) {
        send_error(core, CORE_CLIENTS, from, SURETY_ERR_PROTOCOL,
                   "this endpoint is for clients; workers use the worker endpoint");
    } else if (core->n_clients >= core->config.max_clients) {
        send_error(core, CORE_CLIENTS, from, SURETY_ERR_BUSY, "this broker has all its clients");
    } else {
        struct client **grown = core_grow(core, core->clients, core->n_clients, &core->clients_size,
                                          sizeof(*core->clients));
        if (!grown)
            return;
        core->clients = grown;
        struct client *client = calloc(1, sizeof *client);
        if (!client) {
            core->failed = true;
            return;
        }
        client->peer = peer_make(core, &from->identity);
        core->clients[core->n_clients++] = client;
        welcome(core, CORE_CLIENTS, &client->peer);
    }
}

/* ---- messages ---- */

static void worker_message(struct core *core, const struct peer *from,
                           const struct wire_message *message)
{
    struct worker *worker = find_worker(core, &from->identity);
    if (worker)
        worker->peer.heard_ms = core->now_ms;
    switch (message->command) {
    case WIRE_HELLO:
        worker_hello(core, from, message);
        return;
    case WIRE_BYE:
        if (worker)
            core_lose_worker(core, worker, NULL);
        return;
    case WIRE_OUTPUT:
        if (!worker || !schedule_output(core, worker, message->output.request, message->output.task,
                                        &message->output.output))
            core->count.late++;
        break;
    case WIRE_HEARTBEAT:
        if (worker)
            schedule_progress(core, worker, message->heartbeat.items, message->heartbeat.n);
        break;
    default:
        send_error(core, CORE_WORKERS, from, SURETY_ERR_PROTOCOL,
                   "a worker sends HELLO, OUTPUT, HEARTBEAT and BYE");
        return;
    }
    if (!worker) /* it was given up, or the broker is younger than it */
        send_error(core, CORE_WORKERS, from, SURETY_ERR_LOST,
                   "this worker is not known here (any more): drop all items and say HELLO");
}

static void client_message(struct core *core, const struct peer *from,
                           const struct wire_message *message)
{
    struct client *client = find_client(core, &from->identity);
    if (message->command == WIRE_HELLO) {
        client_hello(core, from, message);
        return;
    }
    if (message->command == WIRE_BYE) {
        if (client)
            core_lose_client(core, client);
        return;
    }
    if (!client) {
        send_error(core, CORE_CLIENTS, from, SURETY_ERR_PROTOCOL, "say HELLO first");
        return;
    }
    struct wire_message *reply;
    switch (message->command) {
    case WIRE_REQUEST:
        request_new(core, client, &message->request);
        break;
    case WIRE_CANCEL:
        if (message->cancel.id)
            request_cancel(core, client, message->cancel.id);
        break;
    case WIRE_HEARTBEAT:
        break;
    case WIRE_STATUS:
        reply = core_send(core, CORE_CLIENTS, &client->peer, WIRE_STATUS);
        if (reply)
            reply->status.json = status_report(core);
        break;
    default:
        send_error(core, CORE_CLIENTS, from, SURETY_ERR_PROTOCOL,
                   "a client sends HELLO, REQUEST, CANCEL, STATUS, HEARTBEAT and BYE");
    }
}

/* A worker that cannot be understood cannot be trusted with items, unless it is only newer than
 * this broker and has said something that it does not know; a client is only told. */
static void malformed(struct core *core, const struct core_event *event)
{
    const struct peer from = {.identity = *event->from};
    struct client *client = event->side == CORE_CLIENTS ? find_client(core, event->from) : NULL;
    if (client && event->id) {
        request_refuse(core, client, event->id, event->error);
        return;
    }
    send_error(core, event->side, &from, event->error->code, event->error->message);
    struct worker *worker = event->side == CORE_WORKERS ? find_worker(core, event->from) : NULL;
    if (worker && event->error->code != SURETY_ERR_UNSUPPORTED)
        core_lose_worker(core, worker, NULL);
}

/* A worker whose queue is full reads nothing: it is as good as gone. A client may just be slow. */
static void sent(struct core *core, const struct core_event *event)
{
    for (size_t i = 0; i < core->n_clients; i++) {
        struct client *client = core->clients[i];
        if (client->peer.number != event->peer)
            continue;
        if (event->sent == CORE_SENT_GONE)
            core_lose_client(core, client);
        else if (event->ticket == client->sending)
            outbox_sent(core, client, event->sent);
        return;
    }
    if (event->sent == CORE_SENT_OK)
        return;
    for (size_t i = 0; i < core->n_workers; i++) {
        struct worker *worker = core->workers[i];
        if (worker->peer.number != event->peer)
            continue;
        schedule_not_sent(core, worker, event->ticket);
        worker->broken = true;
        return;
    }
}

/* ---- time ---- */

static void heartbeats(struct core *core)
{
    if (core->now_ms < core->beat_ms)
        return;
    core->beat_ms = core->now_ms + core->config.heartbeat_ms;
    for (size_t i = 0; i < core->n_workers; i++)
        core_send(core, CORE_WORKERS, &core->workers[i]->peer, WIRE_HEARTBEAT);
    for (size_t i = 0; i < core->n_clients; i++)
        core_send(core, CORE_CLIENTS, &core->clients[i]->peer, WIRE_HEARTBEAT);
}

/* A broken worker stays until the outcome of all that was sent to it is known. */
static void lose_broken_workers(struct core *core)
{
    for (size_t i = core->n_workers; i-- > 0;)
        if (core->workers[i]->broken)
            core_lose_worker(core, core->workers[i], NULL);
}

static void deaf_clients(struct core *core)
{
    for (size_t i = core->n_clients; i-- > 0;)
        if (core->clients[i]->deaf)
            core_lose_client(core, core->clients[i]);
}

static void silent_workers(struct core *core)
{
    for (size_t i = core->n_workers; i-- > 0;) {
        struct worker *worker = core->workers[i];
        int64_t beats = worker->n_runs ? COMPUTING_BEATS : SILENT_BEATS;
        if (core->now_ms - worker->peer.heard_ms > beats * core->config.heartbeat_ms)
            core_lose_worker(core, worker, "no heartbeat came for too long: say HELLO");
    }
}

/* If the broker itself was not scheduled for a while, nobody's silence counts for that time. */
static void pass_time(struct core *core, int64_t now_ms)
{
    if (!core->started) {
        core->started = true;
        core->started_ms = core->now_ms = now_ms;
        core->beat_ms = now_ms + core->config.heartbeat_ms;
    }
    int64_t gap = now_ms - core->now_ms;
    if (gap < 0)
        return;
    core->now_ms = now_ms;
    if (gap <= 2 * (int64_t)core->config.heartbeat_ms)
        return;
    for (size_t i = 0; i < core->n_workers; i++) {
        struct worker *worker = core->workers[i];
        worker->peer.heard_ms += gap;
        worker->moved_ms += gap;
        for (uint32_t k = 0; k < worker->n_runs; k++)
            worker->runs[k].moved_ms += gap;
    }
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

static int64_t next_ms(const struct core *core)
{
    int64_t next = core->n_workers || core->n_clients ? core->beat_ms : -1;
    for (size_t i = 0; i < core->n_clients; i++)
        if (core->clients[i]->out.head && !core->clients[i]->sending)
            next = sooner(next, core->clients[i]->retry_ms);
    for (size_t i = 0; i < core->n_workers; i++)
        if (core->workers[i]->broken)
            next = core->now_ms;
    for (size_t i = 0; i < core->n_requests; i++)
        next = sooner(next, request_next_ms(core, core->requests[i]));
    return next;
}

/* ---- the step ---- */

static void stop(struct core *core)
{
    if (core->stopping)
        return;
    core->stopping = true;
    for (size_t i = 0; i < core->n_requests; i++)
        request_end(core, core->requests[i], SURETY_STOP_CANCELLED, SURETY_ERR_CANCELLED,
                    "the broker is ending");
    while (core->n_workers) {
        struct worker *worker = core->workers[core->n_workers - 1];
        core_send(core, CORE_WORKERS, &worker->peer, WIRE_BYE);
        core_lose_worker(core, worker, NULL);
    }
}

static bool all_said(struct core *core)
{
    if (!core->stopping || core->n_requests || core->ret.ended)
        return core->ret.ended;
    for (size_t i = 0; i < core->n_clients; i++)
        if (core->clients[i]->out.head)
            return false;
    for (size_t i = 0; i < core->n_clients; i++)
        core_send(core, CORE_CLIENTS, &core->clients[i]->peer, WIRE_BYE);
    return true;
}

static void take_event(struct core *core, const struct core_event *event)
{
    switch (event->kind) {
    case CORE_MESSAGE:
        if (event->side == CORE_WORKERS && !core->stopping)
            worker_message(core, &(struct peer){.identity = *event->from}, event->message);
        else if (event->side == CORE_CLIENTS)
            client_message(core, &(struct peer){.identity = *event->from}, event->message);
        break;
    case CORE_MALFORMED:
        malformed(core, event);
        break;
    case CORE_SENT:
        sent(core, event);
        break;
    case CORE_PERSISTED:
        request_persisted(core, event->request);
        break;
    case CORE_PLAN_SAYS:
        request_plan_says(core, event->job);
        break;
    case CORE_TICK:
        break;
    case CORE_STOP:
        stop(core);
        break;
    }
}

enum surety_err core_step(struct core *core, const struct core_event *event, int64_t now_ms,
                          const struct core_actions **ret_actions)
{
    core->n_actions = 0;
    arena_fini(&core->scratch);
    plan_job_free(core->last_job);
    core->last_job = NULL;
    core->tokens_moved = false;
    pass_time(core, now_ms);
    if (event->kind != CORE_SENT)
        lose_broken_workers(core);
    take_event(core, event);
    silent_workers(core);
    deaf_clients(core);
    schedule_stalls(core);
    request_pump_all(core);
    schedule(core);
    heartbeats(core);
    for (size_t i = 0; i < core->n_clients; i++)
        outbox_flush(core, core->clients[i]);
    core->ret.ended = all_said(core);
    core->ret.items = core->actions;
    core->ret.n = core->n_actions;
    core->ret.next_ms = next_ms(core);
    *ret_actions = &core->ret;
    return core->failed ? SURETY_ERR_NOMEM : SURETY_OK;
}

struct core *core_create(const struct core_config *config)
{
    struct core *core = calloc(1, sizeof *core);
    if (!core)
        return NULL;
    struct core_config *c = &core->config;
    *c = *config;
    c->heartbeat_ms = c->heartbeat_ms ? c->heartbeat_ms : 500;
    c->stall_ms = c->stall_ms ? c->stall_ms : 60000;
    c->attempts = c->attempts ? c->attempts : 3;
    c->window = c->window ? c->window : 64;
    c->max_workers = c->max_workers ? c->max_workers : 1024;
    c->max_clients = c->max_clients ? c->max_clients : 1024;
    c->max_requests = c->max_requests ? c->max_requests : 4096;
    c->max_queued_bytes = c->max_queued_bytes ? c->max_queued_bytes : (size_t)1 << 30;
    core->next_number = 1;
    arena_init(&core->scratch, SCRATCH_BYTES_MAX);
    return core;
}

void core_free(struct core *core)
{
    if (!core)
        return;
    while (core->n_requests)
        request_free(core, core->requests[core->n_requests - 1]);
    for (size_t i = 0; i < core->n_workers; i++)
        worker_free(core->workers[i]);
    for (size_t i = 0; i < core->n_clients; i++)
        client_free(core, core->clients[i]);
    for (size_t i = 0; i < core->n_models_seen; i++)
        free(core->models_seen[i]);
    plan_job_free(core->last_job);
    free(core->requests);
    free(core->workers);
    free(core->clients);
    free(core->actions);
    arena_fini(&core->scratch);
    free(core);
}
