/*
 * What each request holds, in bytes: its own copy, outputs that its plan has not read, those that a
 * job is reading, the plan as its last job left it, and the items of its tasks. Together with what
 * waits for clients these are the queued bytes, which have a limit, as has what the sockets hold:
 * from three quarters of it on nothing new is taken, and beyond it the request that holds the most
 * ends, with a reason (core_state.c). Where most of it is what clients leave unread, it is the one
 * that leaves the most which is lost, so that it does not keep the others out.
 */
#include "scaler/broker/core_internal.h"

void memory_weigh(struct core *core, struct request *request)
{
    size_t bytes = sizeof *request + request->arena.used_bytes + request->job_bytes +
                   request->plan_bytes + request->task_bytes;
    if (request->pending)
        bytes += plan_job_bytes(request->pending);
    core->queued_bytes += bytes - request->bytes;
    request->bytes = bytes;
}

static size_t held(const struct core *core)
{
    return core->queued_bytes + core->unsent_bytes;
}

static void lose_unread(struct core *core, size_t most)
{
    struct client *worst = NULL;
    size_t unread = core->unsent_bytes;
    for (size_t i = 0; i < core->n_clients; i++) {
        struct client *client = core->clients[i];
        unread += client->out.bytes;
        if (client->retry_ms && !client->deaf && (!worst || client->out.bytes > worst->out.bytes))
            worst = client;
    }
    if (worst && unread >= most / 2)
        outbox_give_up(core, worst);
}

/* Delivered results are kept only as long as nobody needs the room. */
static bool is_full(struct core *core, size_t most)
{
    for (size_t i = 0; i < core->n_clients && held(core) >= most; i++)
        outbox_clear(core, &core->clients[i]->kept);
    if (held(core) < most)
        return false;
    lose_unread(core, most);
    return true;
}

bool memory_is_full(struct core *core)
{
    return is_full(core, core->config.max_queued_bytes / 4 * 3);
}

struct request *memory_heaviest(struct core *core)
{
    if (!is_full(core, core->config.max_queued_bytes))
        return NULL;
    struct request *heaviest = NULL;
    size_t ending = 0, running = 0;
    for (size_t i = 0; i < core->n_requests; i++) {
        struct request *request = core->requests[i];
        if (request->state == REQUEST_ENDING) {
            ending += request->bytes;
            continue;
        }
        running += request->bytes;
        if (!heaviest || request->bytes > heaviest->bytes)
            heaviest = request;
    }
    size_t rest = held(core) - ending; /* where clients leave it unread, no end helps */
    return rest >= core->config.max_queued_bytes && rest - running < running ? heaviest : NULL;
}
