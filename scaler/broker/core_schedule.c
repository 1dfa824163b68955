/*
 * Which item runs where, and what becomes of it when its worker fails it.
 *
 * A worker is filled with items of one task before the next is opened, so that a prompt is
 * prefilled once; a task's prompt goes where it already is, if there is room. Older requests come
 * first. Retries keep their seed, so that the answer stays the same.
 *
 * An item that went down with two workers may be what takes them down: it runs alone from then on,
 * so that it cannot take innocent ones with it. Such items come first of all, and a worker is kept
 * free of others for one, or it would wait for ever on a busy broker.
 */
#include "scaler/broker/core_internal.h"

#include <string.h>

bool schedule_same_model(const struct surety_model *a, const struct surety_model *b)
{
    return strcmp(a->name, b->name) == 0 && strcmp(a->id, b->id) == 0;
}

static bool same_class(const struct surety_model *a, const struct surety_model *b)
{
    return schedule_same_model(a, b) && strcmp(a->engine, b->engine) == 0 &&
           strcmp(a->repro, b->repro) == 0;
}

static uint32_t room(const struct worker *worker)
{
    return worker->alone || worker->reserved || worker->broken
               ? 0
               : worker->model.slots - worker->n_runs;
}

/* May this worker run the request's items at all? Another repro class only when there is none of
 * its own left. */
static bool serves(const struct core *core, const struct worker *worker,
                   const struct request *request)
{
    if (same_class(&worker->model, request->model))
        return true;
    int64_t patience = (int64_t)CLASS_WAIT_BEATS * core->config.heartbeat_ms;
    return request->class_gone_ms >= 0 && core->now_ms - request->class_gone_ms >= patience &&
           schedule_same_model(&worker->model, request->model);
}

static void look_for_class(struct core *core, struct request *request)
{
    for (size_t i = 0; i < core->n_workers; i++)
        if (same_class(&core->workers[i]->model, request->model)) {
            request->class_gone_ms = -1;
            return;
        }
    if (request->class_gone_ms < 0)
        request->class_gone_ms = core->now_ms;
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
        if (room(worker) == 0 || !serves(core, worker, request))
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

static bool must_be_alone(const struct item *item)
{
    return item->lost >= ALONE_AFTER;
}

/* Gives a worker up to n waiting items of a task as one BATCH. */
static void give(struct core *core, struct request *request, struct task *task,
                 struct worker *worker, size_t n, bool alone)
{
    struct wire_message *message = core_send(core, CORE_WORKERS, &worker->peer, WIRE_BATCH);
    struct surety_item *items = ARENA_ARRAY(&core->scratch, struct surety_item, n);
    if (!message || !items) {
        core->failed = true;
        return;
    }
    message->batch.request = request->number;
    message->batch.task = *task->spec;
    message->batch.task.items = items;
    size_t given = 0;
    for (size_t i = task->first_waiting; i < task->spec->n_items && given < n; i++) {
        struct item *item = &task->items[i];
        if (item->state != ITEM_WAITING || must_be_alone(item) != alone)
            continue;
        item->state = ITEM_RUNNING;
        items[given++] = (struct surety_item){item->index, item->seed, item->attempt};
        worker->runs[worker->n_runs++] = (struct run){
            .key = {request->number, task->spec->id, item->index, item->attempt},
            .request = request,
            .task = task,
            .item = item,
            .ticket = core->ticket,
            .moved_ms = core->now_ms,
        };
    }
    message->batch.task.n_items = given;
    while (task->first_waiting < task->spec->n_items &&
           task->items[task->first_waiting].state != ITEM_WAITING)
        task->first_waiting++;
    task->n_waiting -= given;
    request->n_waiting -= given;
    request->n_running += given;
    core->count.items += given;
    task->home = worker->peer.number;
    worker->alone = alone;
    if (!same_class(&worker->model, request->model))
        request->not_reproducible = true;
}

/* How many of a task's waiting items may run with others. */
static size_t sociable(const struct task *task)
{
    size_t n = 0;
    for (size_t i = task->first_waiting; i < task->spec->n_items; i++)
        n += task->items[i].state == ITEM_WAITING && !must_be_alone(&task->items[i]);
    return n;
}

/* False: no worker has room for this request. */
static bool share_out(struct core *core, struct request *request, struct task *task)
{
    for (size_t n = sociable(task); n > 0;) {
        struct worker *worker = choose(core, request, task);
        if (!worker || core->failed)
            return false;
        size_t part = room(worker) < n ? room(worker) : n;
        give(core, request, task, worker, part, false);
        n -= part;
    }
    return true;
}

/* The worker with the least to do gets a lone item, now or when it has become empty. */
static bool place_alone(struct core *core, struct request *request, struct task *task)
{
    struct worker *best = NULL;
    for (size_t i = 0; i < core->n_workers; i++) {
        struct worker *worker = core->workers[i];
        if (worker->alone || worker->reserved || worker->broken || !serves(core, worker, request))
            continue;
        if (!best || worker->n_runs < best->n_runs)
            best = worker;
    }
    if (!best)
        return false;
    if (best->n_runs == 0)
        give(core, request, task, best, 1, true);
    else
        best->reserved = true;
    return true;
}

static void share_out_alone(struct core *core, struct request *request)
{
    for (size_t t = request->first_open; t < request->n_tasks; t++) {
        struct task *task = request->tasks[t];
        for (size_t i = task->first_waiting; i < task->spec->n_items && task->n_waiting; i++)
            if (task->items[i].state == ITEM_WAITING && must_be_alone(&task->items[i]) &&
                (core->failed || !place_alone(core, request, task)))
                return;
    }
}

static size_t all_room(const struct core *core)
{
    size_t n = 0;
    for (size_t i = 0; i < core->n_workers; i++)
        n += room(core->workers[i]);
    return n;
}

void schedule(struct core *core)
{
    for (size_t i = 0; i < core->n_workers; i++)
        core->workers[i]->reserved = false;
    for (size_t i = 0; i < core->n_requests; i++) {
        struct request *request = core->requests[i];
        if (request->state == REQUEST_RUNNING && request->n_waiting)
            look_for_class(core, request);
        if (request->state == REQUEST_RUNNING && request->n_alone)
            share_out_alone(core, request);
    }
    for (size_t i = 0; i < core->n_requests && all_room(core) > 0; i++) {
        struct request *request = core->requests[i];
        if (request->state != REQUEST_RUNNING || request->n_waiting == 0)
            continue;
        while (request->first_open < request->n_tasks &&
               request->tasks[request->first_open]->n_waiting == 0)
            request->first_open++;
        for (size_t t = request->first_open; t < request->n_tasks; t++)
            if (request->tasks[t]->n_waiting && !share_out(core, request, request->tasks[t]))
                break;
    }
}

/* ---- the end of a run ---- */

static void remove_run(struct worker *worker, struct run *run)
{
    worker->n_runs--;
    if (worker->n_runs == 0)
        worker->alone = false;
    *run = worker->runs[worker->n_runs];
}

static void wait_again(struct core *core, struct request *request, struct task *task,
                       struct item *item)
{
    size_t position = (size_t)(item - task->items);
    item->state = ITEM_WAITING;
    task->n_waiting++;
    request->n_waiting++;
    request->n_running--;
    if (position < task->first_waiting)
        task->first_waiting = position;
    for (size_t t = 0; t < request->first_open; t++)
        if (request->tasks[t] == task)
            request->first_open = t;
}

static void finish(struct core *core, const struct run *run, const struct surety_output *output)
{
    struct request *request = run->request;
    if (run->item->lost >= ALONE_AFTER)
        request->n_alone--;
    run->item->state = ITEM_DONE;
    request->n_running--;
    request->n_done++;
    request_feed(core, request, run->task, output);
}

/* The run gave nothing: once more, or the item fails for good. */
static void retry(struct core *core, const struct run *run, enum surety_err code,
                  const char *message)
{
    struct item *item = run->item;
    item->fails++;
    if (code == SURETY_ERR_LOST || code == SURETY_ERR_STALLED) {
        item->lost++;
        run->request->n_alone += item->lost == ALONE_AFTER;
    }
    if (item->fails < core->config.attempts) {
        item->attempt++;
        core->count.retries++;
        wait_again(core, run->request, run->task, item);
        return;
    }
    struct surety_output output = {.index = item->index,
                                   .attempt = item->attempt,
                                   .finish = SURETY_FINISH_ERROR,
                                   .text = (char[]){""},
                                   .logprob = 0.0 / 0.0};
    surety_fail(&output.error, code, "%.400s (after %u attempts)", message, item->fails);
    finish(core, run, &output);
}

static bool worth_retrying(enum surety_err code)
{
    switch (code) {
    case SURETY_ERR_EXHAUSTED:
    case SURETY_ERR_NOT_FOUND:
    case SURETY_ERR_INVALID:
    case SURETY_ERR_LIMIT:
    case SURETY_ERR_UNSUPPORTED:
        return false;
    default:
        return true;
    }
}

bool schedule_output(struct core *core, struct worker *worker, uint64_t request, uint32_t task,
                     const struct surety_output *output)
{
    struct run *found = NULL;
    for (uint32_t i = 0; i < worker->n_runs && !found; i++) {
        const struct wire_item_key *key = &worker->runs[i].key;
        if (key->request == request && key->task == task && key->index == output->index &&
            key->attempt == output->attempt)
            found = &worker->runs[i];
    }
    if (!found)
        return false;
    struct run run = *found;
    remove_run(worker, found);
    worker->moved_ms = core->now_ms;
    core->count.outputs++;
    core->tokens_moved = true;
    if (!run.request)
        return true;
    run.request->tokens += output->completion_tokens;
    if (output->prompt_tokens)
        run.task->prompt_tokens = output->prompt_tokens;
    bool failed = output->finish == SURETY_FINISH_ERROR ||
                  output->finish == SURETY_FINISH_CANCELLED || output->error.code;
    if (run.stalled && failed) {
        retry(core, &run, SURETY_ERR_STALLED, surety_err_text(SURETY_ERR_STALLED));
    } else if (!failed) {
        finish(core, &run, output);
    } else if (output->error.code && !worth_retrying(output->error.code)) {
        finish(core, &run, output);
    } else {
        const char *why = output->error.message;
        retry(core, &run, output->error.code ? output->error.code : SURETY_ERR_ENGINE,
              why[0] ? why : surety_err_text(SURETY_ERR_ENGINE));
    }
    return true;
}

void schedule_progress(struct core *core, struct worker *worker, const struct wire_progress *items,
                       size_t n)
{
    /* both lists are short and mostly in the same order: begin where the last one was found */
    uint32_t at = 0;
    core->tokens_moved = true;
    for (size_t i = 0; i < n; i++)
        for (uint32_t tried = 0; tried < worker->n_runs; tried++, at++) {
            struct run *run = &worker->runs[at % worker->n_runs];
            const struct wire_item_key *a = &run->key, *b = &items[i].key;
            if (a->request != b->request || a->task != b->task || a->index != b->index ||
                a->attempt != b->attempt)
                continue;
            if (run->tokens != items[i].tokens)
                run->moved_ms = worker->moved_ms = core->now_ms;
            else if (items[i].alive && !run->cancelled)
                run->moved_ms = core->now_ms;
            run->tokens = items[i].tokens;
            break;
        }
}

void schedule_worker_gone(struct core *core, struct worker *worker)
{
    while (worker->n_runs) {
        struct run run = worker->runs[0];
        remove_run(worker, &worker->runs[0]);
        if (!run.request)
            continue;
        if (run.stalled)
            retry(core, &run, SURETY_ERR_STALLED, surety_err_text(SURETY_ERR_STALLED));
        else
            retry(core, &run, SURETY_ERR_LOST, surety_err_text(SURETY_ERR_LOST));
    }
}

void schedule_not_sent(struct core *core, struct worker *worker, uint64_t ticket)
{
    for (uint32_t i = worker->n_runs; i-- > 0;) {
        struct run run = worker->runs[i];
        if (run.ticket != ticket)
            continue;
        remove_run(worker, &worker->runs[i]);
        if (run.request)
            wait_again(core, run.request, run.task, run.item);
    }
}

/* ---- cancelling ---- */

static void cancel_runs(struct core *core, struct worker *worker,
                        bool (*wanted)(const struct core *, const struct run *, const void *),
                        const void *argument, bool stalled)
{
    struct wire_item_key *keys = NULL;
    size_t n = 0;
    for (uint32_t i = 0; i < worker->n_runs; i++) {
        struct run *run = &worker->runs[i];
        if (run->cancelled || !wanted(core, run, argument))
            continue;
        if (!keys)
            keys = ARENA_ARRAY(&core->scratch, struct wire_item_key, worker->n_runs);
        if (!keys) {
            core->failed = true;
            return;
        }
        keys[n++] = run->key;
        run->cancelled = true;
        run->stalled = stalled;
        run->moved_ms = core->now_ms;
    }
    struct wire_message *message =
        n ? core_send(core, CORE_WORKERS, &worker->peer, WIRE_CANCEL) : NULL;
    if (!message)
        return;
    message->cancel.items = keys;
    message->cancel.n = n;
}

static bool of_request(const struct core *core, const struct run *run, const void *request)
{
    return run->request == request;
}

void schedule_cancel_request(struct core *core, struct request *request)
{
    for (size_t w = 0; w < core->n_workers; w++) {
        struct worker *worker = core->workers[w];
        cancel_runs(core, worker, of_request, request, false);
        for (uint32_t i = 0; i < worker->n_runs; i++)
            if (worker->runs[i].request == request)
                worker->runs[i].request = NULL;
    }
    request->n_running = 0;
}

/* On a worker that moves others an item may only wait for its turn: long prompts are computed one
 * after the other. */
static bool stands_still(const struct core *core, const struct run *run, const void *argument)
{
    const struct worker *worker = argument;
    int64_t still_ms = core->now_ms - run->moved_ms, stall_ms = core->config.stall_ms;
    bool others_move = !run->cancelled && core->now_ms - worker->moved_ms < stall_ms;
    return still_ms >= (others_move ? WAITING_STALLS * stall_ms : stall_ms);
}

/* An item that stands still is cancelled; a worker that does not even cancel is given up. */
void schedule_stalls(struct core *core)
{
    for (size_t w = core->n_workers; w-- > 0;) {
        struct worker *worker = core->workers[w];
        bool hangs = false;
        for (uint32_t i = 0; i < worker->n_runs; i++)
            hangs = hangs ||
                    (worker->runs[i].cancelled && stands_still(core, &worker->runs[i], worker));
        if (hangs)
            core_lose_worker(core, worker, "the engine does not react: say HELLO");
        else
            cancel_runs(core, worker, stands_still, worker, true);
    }
}

int64_t schedule_running_tokens(const struct core *core, const struct request *request)
{
    int64_t sum = 0;
    for (size_t w = 0; w < core->n_workers; w++)
        for (uint32_t i = 0; i < core->workers[w]->n_runs; i++) {
            const struct run *run = &core->workers[w]->runs[i];
            if (run->request != request)
                continue;
            int64_t prompt = run->task->prompt_tokens ? (int64_t)run->task->prompt_tokens
                                                      : (int64_t)run->task->prompt_bytes;
            if (run->tokens > prompt)
                sum += run->tokens - prompt;
        }
    return sum;
}
