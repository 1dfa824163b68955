/*
 * Which requests have something to do: those that an event touched, and those whose time has come.
 * The others cost a step nothing. Times stand in a heap, the next one on top.
 */
#include "scaler/broker/core_internal.h"

#define NOWHERE SIZE_MAX

void due_init(struct request *request)
{
    request->due_at = request->todo_at = NOWHERE;
}

void due_touch(struct core *core, struct request *request)
{
    if (request->todo_at != NOWHERE)
        return;
    struct request **grown =
        core_grow(core, core->todo, core->n_todo, &core->todo_size, sizeof(*core->todo));
    if (!grown)
        return;
    core->todo = grown;
    request->todo_at = core->n_todo;
    core->todo[core->n_todo++] = request;
}

/* ---- the heap ---- */

static void place(struct core *core, size_t at, struct request *request)
{
    core->due[at] = request;
    request->due_at = at;
}

/* Puts a request where its time belongs, from a free place. */
static void sift(struct core *core, size_t at, struct request *request)
{
    for (; at > 0 && core->due[(at - 1) / 2]->due_ms > request->due_ms; at = (at - 1) / 2)
        place(core, at, core->due[(at - 1) / 2]);
    for (size_t child; (child = 2 * at + 1) < core->n_due; at = child) {
        if (child + 1 < core->n_due && core->due[child + 1]->due_ms < core->due[child]->due_ms)
            child++;
        if (core->due[child]->due_ms >= request->due_ms)
            break;
        place(core, at, core->due[child]);
    }
    place(core, at, request);
}

static void take_out(struct core *core, struct request *request)
{
    size_t at = request->due_at;
    struct request *last = core->due[--core->n_due];
    request->due_at = NOWHERE;
    if (last != request)
        sift(core, at, last);
}

void due_set(struct core *core, struct request *request, int64_t ms)
{
    if (request->due_at != NOWHERE)
        take_out(core, request);
    if (ms < 0)
        return;
    struct request **grown =
        core_grow(core, core->due, core->n_due, &core->due_size, sizeof(*core->due));
    if (!grown)
        return;
    core->due = grown;
    request->due_ms = ms;
    sift(core, core->n_due++, request);
}

/* ---- what a step asks ---- */

struct request *due_next(struct core *core)
{
    while (core->n_due && core->due[0]->due_ms <= core->now_ms) {
        struct request *request = core->due[0];
        take_out(core, request);
        due_touch(core, request);
    }
    while (core->done_todo < core->n_todo) {
        struct request *request = core->todo[core->done_todo++];
        if (!request)
            continue;
        request->todo_at = NOWHERE;
        return request;
    }
    core->n_todo = core->done_todo = 0;
    return NULL;
}

int64_t due_ms(const struct core *core)
{
    return core->n_due ? core->due[0]->due_ms : -1;
}

void due_forget(struct core *core, struct request *request)
{
    if (request->due_at != NOWHERE)
        take_out(core, request);
    if (request->todo_at != NOWHERE)
        core->todo[request->todo_at] = NULL;
}
