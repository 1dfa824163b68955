/*
 * Which item runs where.
 *
 * A worker is filled with items of one task before the next is opened, so that a prompt is
 * prefilled once; a task's prompt goes where it already is, if there is room. Whose turn it is says
 * core_share.c.
 *
 * Items that must run alone come first of all, and a worker is kept free of others for one, or it
 * would wait for ever on a busy broker.
 */
#include "scaler/broker/core_internal.h"

static uint32_t room(const struct worker *worker)
{
    return worker->alone || worker->reserved || worker->broken
               ? 0
               : worker->model.slots - worker->n_runs;
}

static bool knows_request(const struct worker *worker, const struct request *request)
{
    for (uint32_t i = 0; i < worker->n_runs; i++)
        if (worker->runs[i].request == request)
            return true;
    return false;
}

/* The worker for more of this task: where the prompt is, else where the request is, else where
 * there is most room. NULL: nowhere. */
static struct worker *choose(struct core *core, const struct request *request,
                             const struct task *task)
{
    struct worker *best = NULL;
    uint64_t best_rank = 0;
    for (size_t i = 0; i < core->n_workers; i++) {
        struct worker *worker = core->workers[i];
        if (room(worker) == 0 || !service_fits(core, task->service, worker))
            continue;
        uint64_t rank = room(worker);
        if (task->home == worker->peer.number)
            rank |= 1u << 30;
        else if (knows_request(worker, request))
            rank |= 1u << 29;
        if (rank > best_rank) {
            best = worker;
            best_rank = rank;
        }
    }
    return best;
}

/* How many of a task's waiting items may run with others; most are enough. */
static size_t sociable(const struct task *task, size_t most)
{
    size_t n = 0;
    for (size_t i = task->first_waiting; i < task->spec->n_items && n < most; i++)
        n += task->items[i].state == ITEM_WAITING && !items_is_lone(&task->items[i]);
    return n;
}

/* The worker with the least to do gets a lone item, now or when it has become empty. False: there
 * is none for it. */
static bool place_alone(struct core *core, struct request *request, struct task *task)
{
    struct worker *best = NULL;
    for (size_t i = 0; i < core->n_workers; i++) {
        struct worker *worker = core->workers[i];
        if (worker->alone || worker->reserved || worker->broken ||
            !service_fits(core, task->service, worker))
            continue;
        if (!best || worker->n_runs < best->n_runs)
            best = worker;
    }
    if (!best)
        return false;
    if (best->n_runs == 0)
        items_give(core, request, task, best, 1, true);
    else
        best->reserved = true;
    return true;
}

static void share_out_alone(struct core *core, struct request *request)
{
    for (size_t t = 0; t < request->n_tasks; t++) {
        struct task *task = request->tasks[t];
        for (size_t i = task->first_waiting; i < task->spec->n_items && task->n_waiting; i++)
            if (task->items[i].state == ITEM_WAITING && items_is_lone(&task->items[i]) &&
                (core->failed || !place_alone(core, request, task)))
                break;
    }
}

/* What needs all requests and workers: whose class is gone, and items that must run alone. */
static void look_around(struct core *core)
{
    for (size_t i = 0; i < core->n_workers; i++)
        core->workers[i]->reserved = false;
    for (size_t i = 0; i < core->n_requests; i++) {
        struct request *request = core->requests[i];
        if (request->state != REQUEST_RUNNING)
            continue;
        for (size_t s = 0; s < request->n_services; s++)
            service_look(core, &request->services[s], request->n_waiting > 0);
        if (request->n_alone)
            share_out_alone(core, request);
    }
}

/* One BATCH of the first task that a worker has room for; how many items it has. */
static size_t serve(struct core *core, struct service *service, bool *ret_full)
{
    struct request *request = service->request;
    *ret_full = false;
    while (request->tasks[service->first_open]->service != service ||
           request->tasks[service->first_open]->n_waiting == 0)
        service->first_open++;
    for (size_t t = service->first_open; t < request->n_tasks; t++) {
        struct task *task = request->tasks[t];
        if (task->service != service || !task->n_waiting || !sociable(task, 1))
            continue;
        struct worker *worker = choose(core, request, task);
        *ret_full = !worker;
        if (!worker)
            return 0;
        size_t n = sociable(task, room(worker));
        share_served(service, n);
        items_give(core, request, task, worker, n, false);
        return n;
    }
    return 0;
}

/* One BATCH to whoever comes first and can be given one. False: nobody. */
static bool serve_pool(struct core *core, struct pool *pool)
{
    for (struct turn *a = pool->line.first; a; a = a->after)
        for (struct turn *b = ((struct share *)a->owner)->line.first; b; b = b->after) {
            struct service *service = b->owner;
            bool full;
            if (serve(core, service, &full))
                return true;
            if (full && service->class_gone_ms < 0) /* then it is for all of its class */
                return false;
        }
    return false;
}

/* Classes take turns too: one that is gone may be served by the workers of another. */
static bool serve_one(struct core *core)
{
    for (struct pool **at = &core->pools; *at; at = &(*at)->next)
        if (serve_pool(core, *at)) {
            share_pool_last(at);
            return true;
        }
    return false;
}

void schedule(struct core *core)
{
    if (!core->rooms_moved && !core->workers_moved)
        return;
    if (core->workers_moved || core->n_alone)
        look_around(core);
    core->rooms_moved = core->workers_moved = false;
    while (!core->failed && serve_one(core))
        continue;
    share_tidy(core);
}
