/* Workers and clients come, and go with what they held. */
#include "scaler/broker/core_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

static bool same_identity(const struct core_identity *a, const struct core_identity *b)
{
    return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

/* The pointer to the peer with this identity, or to the end of its bucket. */
static struct peer **find(struct core *core, enum core_side side,
                          const struct core_identity *identity)
{
    uint64_t hash = hash_bytes(0, identity->bytes, identity->len);
    struct peer **at = &core->buckets[side][hash % PEER_BUCKETS];
    while (*at && !same_identity(&(*at)->identity, identity))
        at = &(*at)->next;
    return at;
}

static void remember(struct core *core, enum core_side side, struct peer *peer)
{
    *find(core, side, &peer->identity) = peer;
}

static void forget(struct core *core, enum core_side side, struct peer *peer)
{
    *find(core, side, &peer->identity) = peer->next;
}

/* A peer is the first member of both. */
struct worker *peer_find_worker(struct core *core, const struct core_identity *identity)
{
    return (struct worker *)*find(core, CORE_WORKERS, identity);
}

struct client *peer_find_client(struct core *core, const struct core_identity *identity)
{
    return (struct client *)*find(core, CORE_CLIENTS, identity);
}

static struct peer peer_make(struct core *core, const struct core_identity *identity)
{
    return (struct peer){
        .number = core->next_number++, .identity = *identity, .heard_ms = core->now_ms};
}

/* ---- their end ---- */

void peer_free_worker(struct worker *worker)
{
    free(worker->runs);
    arena_fini(&worker->arena);
    free(worker);
}

void peer_end_worker(struct core *core, struct worker *worker, enum core_noted how, const char *why)
{
    note_worker(core, worker, how, why);
    for (size_t i = 0; i < core->n_workers; i++) {
        if (core->workers[i] != worker)
            continue;
        core->n_workers--;
        memmove(&core->workers[i], &core->workers[i + 1],
                (core->n_workers - i) * sizeof(*core->workers));
    }
    forget(core, CORE_WORKERS, &worker->peer);
    core->n_broken -= worker->broken;
    core->workers_moved = true;
    core->count.workers_lost += how == NOTE_WORKER_LOST;
    items_give_back(core, worker);
    peer_free_worker(worker);
}

void peer_give_up_worker(struct core *core, struct worker *worker, const char *why)
{
    core_send_error(core, CORE_WORKERS, &(struct peer){.identity = worker->peer.identity},
                    SURETY_ERR_LOST, why);
    peer_end_worker(core, worker, NOTE_WORKER_LOST, why);
}

void peer_free_client(struct core *core, struct client *client)
{
    outbox_clear(core, &client->out);
    outbox_clear(core, &client->kept);
    free(client);
}

void peer_end_client(struct core *core, struct client *client, enum core_noted how, const char *why)
{
    note_client(core, client, how, why);
    for (size_t i = 0; i < core->n_clients; i++) {
        if (core->clients[i] != client)
            continue;
        core->n_clients--;
        memmove(&core->clients[i], &core->clients[i + 1],
                (core->n_clients - i) * sizeof(*core->clients));
    }
    forget(core, CORE_CLIENTS, &client->peer);
    core->n_deaf -= client->deaf;
    for (size_t i = 0; i < core->n_requests; i++) {
        struct request *request = core->requests[i];
        if (request->client != client)
            continue;
        due_touch(core, request);
        request_end(core, request, SURETY_STOP_CANCELLED, SURETY_ERR_CANCELLED,
                    "the client is gone");
        request->client = NULL;
    }
    peer_free_client(core, client);
}

/* ---- HELLO ---- */

static struct worker *worker_new(struct core *core, const struct core_identity *identity,
                                 const struct wire_message *hello)
{
    struct worker *worker = calloc(1, sizeof *worker);
    if (!worker)
        return NULL;
    arena_init(&worker->arena, 1u << 20);
    worker->peer = peer_make(core, identity);
    int64_t beat_ms = core->config.heartbeat_ms;
    rate_begin(&worker->tokens, beat_ms > RATE_MS ? beat_ms : RATE_MS, core->now_ms);
    rate_begin(&worker->outputs, beat_ms > RATE_MS ? beat_ms : RATE_MS, core->now_ms);
    worker->version = arena_strdup(&worker->arena, hello->hello.version);
    worker->origin.pid = hello->hello.origin.pid;
    worker->origin.host = arena_strdup(&worker->arena, hello->hello.origin.host);
    worker->origin.name = arena_strdup(&worker->arena, hello->hello.origin.name);
    worker->runs = calloc(hello->hello.model.slots, sizeof *worker->runs);
    if (!worker->runs || !worker->version || !worker->origin.host != !hello->hello.origin.host ||
        !worker->origin.name != !hello->hello.origin.name ||
        !service_copy_model(&worker->arena, &hello->hello.model, &worker->model)) {
        peer_free_worker(worker);
        return NULL;
    }
    return worker;
}

static void welcome(struct core *core, enum core_side side, const struct peer *peer)
{
    struct wire_message *message = core_send(core, side, peer, WIRE_WELCOME);
    if (!message)
        return;
    message->welcome.version = arena_strdup(&core->scratch, SURETY_VERSION);
    message->welcome.heartbeat_ms = core->config.heartbeat_ms;
    message->welcome.window = side == CORE_CLIENTS ? core->config.window : 0;
    message->welcome.users = side == CORE_CLIENTS;
    if (!message->welcome.version)
        core->failed = true;
}

/* A worker that says HELLO holds nothing: what it held before was lost with its former life. */
void peer_worker_hello(struct core *core, const struct peer *from,
                       const struct wire_message *message)
{
    struct worker *old = peer_find_worker(core, &from->identity);
    if (old)
        peer_end_worker(core, old, NOTE_WORKER_LOST, "it said HELLO again: it holds nothing");
    const struct surety_model *model = &message->hello.model;
    if (!message->hello.worker) {
        core_send_error(core, CORE_WORKERS, from, SURETY_ERR_PROTOCOL,
                        "this endpoint is for workers; clients use the client endpoint");
    } else if (model->slots < 1 || model->slots > SURETY_SLOTS_MAX || !model->name[0]) {
        core_send_error(core, CORE_WORKERS, from, SURETY_ERR_PROTOCOL,
                        "a worker needs a model name and between 1 and 4096 slots");
    } else if (core->n_workers >= core->config.max_workers) {
        core_send_error(core, CORE_WORKERS, from, SURETY_ERR_BUSY,
                        "this broker has all its workers");
    } else {
        struct worker *worker = worker_new(core, &from->identity, message);
        struct worker **grown = worker ? core_grow(core, core->workers, core->n_workers,
                                                   &core->workers_size, sizeof(*core->workers))
                                       : NULL;
        if (!grown) {
            core->failed = true;
            if (worker)
                peer_free_worker(worker);
            return;
        }
        core->workers = grown;
        core->workers[core->n_workers++] = worker;
        remember(core, CORE_WORKERS, &worker->peer);
        core->workers_moved = true;
        for (size_t i = 0; i < core->n_requests; i++)
            if (core->requests[i]->state == REQUEST_WAITING)
                due_touch(core, core->requests[i]);
        service_note(core, worker->model.name);
        note_worker(core, worker, NOTE_WORKER_JOINED, NULL);
        welcome(core, CORE_WORKERS, &worker->peer);
    }
}

void peer_client_hello(struct core *core, const struct peer *from,
                       const struct wire_message *message)
{
    struct client *old = peer_find_client(core, &from->identity);
    if (old) { /* it only asks again: its requests go on */
        welcome(core, CORE_CLIENTS, &old->peer);
    } else if (message->hello.worker) {
        core_send_error(core, CORE_CLIENTS, from, SURETY_ERR_PROTOCOL,
                        "this endpoint is for clients; workers use the worker endpoint");
    } else if (core->n_clients >= core->config.max_clients) {
        core_send_error(core, CORE_CLIENTS, from, SURETY_ERR_BUSY,
                        "this broker has all its clients");
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
        remember(core, CORE_CLIENTS, &client->peer);
        note_client(core, client, NOTE_CLIENT_JOINED, NULL);
        welcome(core, CORE_CLIENTS, &client->peer);
    }
}
