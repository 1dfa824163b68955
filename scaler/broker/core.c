/* Events, time, and the step that takes everything in its order. */
#include "scaler/broker/core_internal.h"

#include <stdlib.h>
#include <string.h>

#define SCRATCH_BYTES_MAX ((size_t)1 << 30)

/* ---- messages ---- */

static void worker_message(struct core *core, const struct peer *from,
                           const struct wire_message *message)
{
    struct worker *worker = peer_find_worker(core, &from->identity);
    if (worker)
        worker->peer.heard_ms = core->now_ms;
    switch (message->command) {
    case WIRE_HELLO:
        peer_worker_hello(core, from, message);
        return;
    case WIRE_BYE:
        if (worker)
            peer_end_worker(core, worker, NOTE_WORKER_LEFT, NULL);
        return;
    case WIRE_OUTPUT:
        if (!worker || !items_output(core, worker, message->output.request, message->output.task,
                                     &message->output.output))
            core->count.late++;
        break;
    case WIRE_DELTA:
        if (worker)
            core->count.late += !pass_delta(core, worker, message);
        break;
    case WIRE_HEARTBEAT:
        if (worker)
            items_progress(core, worker, message->heartbeat.items, message->heartbeat.n);
        break;
    default:
        core_send_error(core, CORE_WORKERS, from, SURETY_ERR_PROTOCOL,
                        "a worker sends HELLO, OUTPUT, DELTA, HEARTBEAT and BYE");
        return;
    }
    if (!worker) /* it was given up, or the broker is younger than it */
        core_send_error(core, CORE_WORKERS, from, SURETY_ERR_LOST,
                        "this worker is not known here (any more): drop all items and say HELLO");
}

static void client_message(struct core *core, const struct peer *from,
                           const struct wire_message *message)
{
    struct client *client = peer_find_client(core, &from->identity);
    if (message->command == WIRE_HELLO) {
        peer_client_hello(core, from, message);
        return;
    }
    if (message->command == WIRE_BYE) {
        if (client)
            peer_end_client(core, client, NOTE_CLIENT_LEFT, NULL);
        return;
    }
    if (!client) {
        core_send_error(core, CORE_CLIENTS, from, SURETY_ERR_PROTOCOL, "say HELLO first");
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
    case WIRE_MODELS:
        reply = core_send(core, CORE_CLIENTS, &client->peer, WIRE_MODELS);
        if (reply)
            status_models(core, reply);
        break;
    default:
        core_send_error(core, CORE_CLIENTS, from, SURETY_ERR_PROTOCOL,
                        "a client sends HELLO, REQUEST, CANCEL, STATUS, MODELS, HEARTBEAT and BYE");
    }
}

/* A worker that cannot be understood cannot be trusted with items, unless it is only newer than
 * this broker and has said something that it does not know; a client is only told. */
static void malformed(struct core *core, const struct core_event *event)
{
    const struct peer from = {.identity = *event->from};
    struct client *client =
        event->side == CORE_CLIENTS ? peer_find_client(core, event->from) : NULL;
    if (client && event->id) {
        request_refuse(core, client, event->id, event->error);
        return;
    }
    core_send_error(core, event->side, &from, event->error->code, event->error->message);
    struct worker *worker =
        event->side == CORE_WORKERS ? peer_find_worker(core, event->from) : NULL;
    if (worker && event->error->code != SURETY_ERR_UNSUPPORTED)
        peer_end_worker(core, worker, NOTE_WORKER_LOST, event->error->message);
}

/* A worker whose queue is full reads nothing: it is as good as gone. A client may just be slow. */
static void sent(struct core *core, const struct core_event *event)
{
    for (size_t i = 0; i < core->n_clients; i++) {
        struct client *client = core->clients[i];
        if (client->peer.number != event->peer)
            continue;
        if (event->sent == CORE_SENT_GONE)
            peer_end_client(core, client, NOTE_CLIENT_LOST, "its connection has ended");
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
        items_not_sent(core, worker, event->ticket);
        core->n_broken += !worker->broken;
        worker->broken = true;
        return;
    }
}

/* ---- time ---- */

static void beat_client(struct core *core, struct client *client)
{
    struct wire_message *message = core_send(core, CORE_CLIENTS, &client->peer, WIRE_HEARTBEAT);
    if (message) {
        message->heartbeat.outputs = client->outputs;
        message->heartbeat.tokens = client->tokens > 0 ? (uint64_t)client->tokens : 0;
        message->heartbeat.waiting = client->n_waiting;
        message->heartbeat.why =
            client->n_waiting && client->why[0] ? arena_strdup(&core->scratch, client->why) : NULL;
    }
    client->outputs_told = client->outputs;
}

static void count_waiting(struct core *core)
{
    for (size_t i = 0; i < core->n_clients; i++)
        core->clients[i]->n_waiting = 0;
    for (size_t i = 0; i < core->n_requests; i++) {
        struct client *client = core->requests[i]->client;
        char why[sizeof client->why];
        if (client && service_lack(core, core->requests[i], why, sizeof why) &&
            client->n_waiting++ == 0)
            memcpy(client->why, why, sizeof why);
    }
}

/* Clients hear of outputs sooner than with the next beat. */
static void heartbeats(struct core *core)
{
    bool beat = core->now_ms >= core->beat_ms;
    bool signs = core->outputs_untold && core->now_ms >= core->sign_ms;
    if (!beat && !signs)
        return;
    if (beat)
        count_waiting(core);
    for (size_t i = 0; i < core->n_clients; i++)
        if (beat || core->clients[i]->outputs != core->clients[i]->outputs_told)
            beat_client(core, core->clients[i]);
    core->outputs_untold = false;
    core->sign_ms = core->now_ms + PROGRESS_MS;
    if (!beat)
        return;
    core->beat_ms = core->now_ms + core->config.heartbeat_ms;
    for (size_t i = 0; i < core->n_workers; i++)
        core_send(core, CORE_WORKERS, &core->workers[i]->peer, WIRE_HEARTBEAT);
}

/* A broken worker stays until the outcome of all that was sent to it is known. */
static void lose_broken_workers(struct core *core)
{
    for (size_t i = core->n_broken ? core->n_workers : 0; i-- > 0;)
        if (core->workers[i]->broken)
            peer_end_worker(core, core->workers[i], NOTE_WORKER_LOST,
                            "its connection has ended, or it reads nothing");
}

static void deaf_clients(struct core *core)
{
    for (size_t i = core->n_deaf ? core->n_clients : 0; i-- > 0;)
        if (core->clients[i]->deaf)
            peer_end_client(core, core->clients[i], NOTE_CLIENT_LOST,
                            "it reads no answers, and too much waits for it");
}

static void silent_workers(struct core *core)
{
    for (size_t i = core->n_workers; i-- > 0;) {
        struct worker *worker = core->workers[i];
        int64_t beats = worker->n_runs ? COMPUTING_BEATS : SILENT_BEATS;
        if (core->now_ms - worker->peer.heard_ms > beats * core->config.heartbeat_ms)
            peer_give_up_worker(core, worker, "no heartbeat came for too long: say HELLO");
    }
}

static void hanging_workers(struct core *core)
{
    for (size_t i = core->n_workers; i-- > 0;)
        if (core->workers[i]->hangs)
            peer_give_up_worker(core, core->workers[i], "the engine does not react: say HELLO");
}

/* Looking at all workers and what they hold is dear: now and then is enough. */
static void watch(struct core *core)
{
    const struct core_config *c = &core->config;
    if (core->now_ms < core->watch_ms)
        return;
    uint32_t shorter = c->stall_ms < c->heartbeat_ms ? c->stall_ms : c->heartbeat_ms;
    core->watch_ms = core->now_ms + shorter / WATCHES;
    silent_workers(core);
    items_stalls(core);
    hanging_workers(core);
    core->workers_moved = true; /* what waits for workers of its class may have waited enough */
}

/* If the broker itself was not scheduled for a while, nobody's silence counts for that time. */
static void pass_time(struct core *core, int64_t now_ms)
{
    if (!core->started) {
        core->started = true;
        core->started_ms = core->now_ms = now_ms;
        core->beat_ms = now_ms + core->config.heartbeat_ms;
        rate_begin(&core->results, RESULTS_MS, now_ms);
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
    if (core->outputs_untold)
        next = sooner(next, core->sign_ms);
    for (size_t i = 0; core->some_unsent && i < core->n_clients; i++)
        if (core->clients[i]->out.head && !core->clients[i]->sending)
            next = sooner(next, core->clients[i]->retry_ms);
    return core->n_broken + core->n_deaf ? core->now_ms : sooner(next, due_ms(core));
}

/* ---- the step ---- */

static void flush(struct core *core)
{
    bool some = false;
    for (size_t i = 0; core->some_unsent && i < core->n_clients; i++) {
        outbox_flush(core, core->clients[i]);
        some = some || core->clients[i]->out.head;
    }
    core->some_unsent = some;
}

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
        peer_end_worker(core, worker, NOTE_WORKER_LEFT, "the broker is ending");
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
        request_persisted(core, event->request, event->error);
        break;
    case CORE_PLAN_SAYS:
        state_plan_says(core, event->job);
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
    core->unsent_bytes = event->unsent_bytes;
    pass_time(core, now_ms);
    if (event->kind != CORE_SENT)
        lose_broken_workers(core);
    take_event(core, event);
    watch(core);
    deaf_clients(core);
    state_pump_all(core);
    schedule(core);
    heartbeats(core);
    flush(core);
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
        peer_free_worker(core->workers[i]);
    for (size_t i = 0; i < core->n_clients; i++)
        peer_free_client(core, core->clients[i]);
    share_tidy(core);
    for (size_t i = 0; i < core->n_models_seen; i++)
        free(core->models_seen[i]);
    plan_job_free(core->last_job);
    free(core->requests);
    free(core->todo);
    free(core->due);
    free(core->workers);
    free(core->clients);
    free(core->actions);
    arena_fini(&core->scratch);
    free(core);
}
