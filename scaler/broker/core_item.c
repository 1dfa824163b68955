/*
 * An item's life: waiting, running at a worker, and what becomes of it when its worker fails it.
 *
 * Retries keep their seed, so that the answer stays the same. An item that went down with two
 * workers may be what takes them down: it runs alone from then on, so that it cannot take innocent
 * ones with it.
 */
#include "scaler/broker/core_internal.h"

#include <stdlib.h>
#include <string.h>

#define PROMPT_BYTES_A_TOKEN 4 /* as a guess, to show */

/* ---- tasks ---- */

/* The items of the t-th task below index n wait from now on, if they were held. */
static void release(struct core *core, struct request *request, size_t t, uint32_t n)
{
    struct task *task = request->tasks[t];
    for (size_t i = task->spec->n_items; i-- > 0;) {
        if (task->items[i].state != ITEM_HELD || task->items[i].index >= n)
            continue;
        task->items[i].state = ITEM_WAITING;
        task->n_waiting++;
        request->n_waiting++;
        task->service->n_waiting++;
        task->first_waiting = i < task->first_waiting ? i : task->first_waiting;
    }
    if (!task->n_waiting)
        return;
    core->rooms_moved = true;
    task->service->first_open = t < task->service->first_open ? t : task->service->first_open;
    share_join(core, request, task->service);
}

void items_add_task(struct core *core, struct request *request, const struct surety_task *spec)
{
    struct task **grown = core_grow(core, request->tasks, request->n_tasks, &request->tasks_size,
                                    sizeof(*request->tasks));
    if (!grown)
        return;
    request->tasks = grown;
    struct task *task = calloc(1, sizeof *task);
    struct item *items = calloc(spec->n_items ? spec->n_items : 1, sizeof *items);
    if (!task || !items) {
        free(task);
        free(items);
        core->failed = true;
        return;
    }
    request->tasks[request->n_tasks++] = task;
    request->task_bytes += sizeof *task + spec->n_items * sizeof *items;
    task->spec = spec;
    task->service = service_of(request, spec->stage);
    task->items = items;
    for (size_t i = 0; i < spec->n_items; i++)
        items[i] = (struct item){.index = spec->items[i].index,
                                 .seed = spec->items[i].seed,
                                 .attempt = spec->items[i].attempt};
    for (size_t i = 0; i < spec->n_messages; i++)
        task->prompt_bytes +=
            strlen(spec->messages[i].content) + 32; /* and the template's tokens */
    task->prompt_bytes += 64 + (spec->body ? strlen(spec->body) : 0);
    if (spec->stage == SURETY_STAGE_SAMPLE) {
        request->n_samples += (uint32_t)spec->n_items;
    } else {
        request->n_verify += (uint32_t)spec->n_items;
        release(core, request, request->n_tasks - 1, UINT32_MAX);
    }
}

void items_release(struct core *core, struct request *request, uint32_t n)
{
    if (n <= request->released)
        return;
    request->released = n;
    for (size_t t = 0; t < request->n_tasks; t++)
        if (request->tasks[t]->spec->stage == SURETY_STAGE_SAMPLE)
            release(core, request, t, n);
}

void items_free(struct request *request)
{
    for (size_t t = 0; t < request->n_tasks; t++) {
        free(request->tasks[t]->items);
        free(request->tasks[t]);
    }
    free(request->tasks);
}

/* ---- the beginning of a run ---- */

bool items_is_lone(const struct item *item)
{
    return item->lost >= ALONE_AFTER;
}

static void wait_no_more(struct request *request, struct task *task, size_t n)
{
    task->n_waiting -= n;
    request->n_waiting -= n;
    task->service->n_waiting -= n;
    if (!task->service->n_waiting)
        share_leave(task->service);
}

/* Gives a worker up to n waiting items of a task as one BATCH. */
void items_give(struct core *core, struct request *request, struct task *task,
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
        if (item->state != ITEM_WAITING || items_is_lone(item) != alone)
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
    wait_no_more(request, task, given);
    request->n_running += given;
    for (size_t s = 0; s < request->n_services && !request->n_waiting; s++)
        request->services[s].class_gone_ms = -1; /* nobody waits for it */
    core->count.items += given;
    task->home = worker->peer.number;
    worker->alone = alone;
    if (!service_is_exact(task->service, worker))
        request->not_reproducible = true;
}

/* ---- what a run has written ---- */

/* Completion tokens so far, of which no output tells yet; 0 while its prompt is read. Until an
 * output told its length, that is a token in so many bytes: 1 is never too few. */
static int64_t written_by(const struct run *run, int64_t bytes_a_token)
{
    int64_t prompt = run->task->prompt_tokens ? (int64_t)run->task->prompt_tokens
                                              : (int64_t)run->task->prompt_bytes / bytes_a_token;
    return run->tokens > prompt ? run->tokens - prompt : 0;
}

/* What its client is told, and its worker's speed: this and not more, once it is known better. */
static void count_written(const struct core *core, struct worker *worker, struct run *run,
                          int64_t tokens)
{
    if (run->request->client)
        run->request->client->tokens += tokens - run->written;
    rate_add(&worker->tokens, core->now_ms, tokens - run->written);
    run->written = tokens;
}

/* ---- the end of a run ---- */

static void feed(struct core *core, struct request *request, struct task *task,
                 const struct surety_output *output)
{
    bool failed = output->finish == SURETY_FINISH_ERROR || output->error.code;
    if (task->spec->stage != SURETY_STAGE_SAMPLE) {
        request->n_verify_done++;
    } else if (output->finish == SURETY_FINISH_CANCELLED) {
        request->n_samples--;
    } else if (!failed) {
        request->n_samples_ok++;
    } else {
        enum surety_err code = output->error.code ? output->error.code : SURETY_ERR_ENGINE;
        request->n_samples_failed++;
        if (request->failures[code]++ == 0)
            request->failure_text[code] =
                arena_strdup(&request->arena, output->error.message[0] ? output->error.message
                                                                       : surety_err_text(code));
        if (!request->failure_text[code])
            core->failed = true;
    }
    due_touch(core, request);
    if (request->client) {
        request->client->outputs++;
        core->outputs_untold = true;
    }
    if (!request->pending)
        request->pending = plan_job_create(request->number, PLAN_JOB_FEED);
    enum surety_err code = request->pending ? plan_job_add(request->pending, task->spec->id, output)
                                            : SURETY_ERR_NOMEM;
    if (code)
        core->failed = true;
    memory_weigh(core, request);
}

static void remove_run(struct core *core, struct worker *worker, struct run *run)
{
    core->rooms_moved = true;
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
    task->service->n_waiting++;
    share_join(core, request, task->service);
    request->n_running--;
    if (position < task->first_waiting)
        task->first_waiting = position;
    for (size_t t = 0; t < task->service->first_open; t++)
        if (request->tasks[t] == task)
            task->service->first_open = t;
}

static void finish_item(struct core *core, struct request *request, struct task *task,
                        struct item *item, const struct surety_output *output)
{
    if (items_is_lone(item)) {
        request->n_alone--;
        core->n_alone--;
        core->workers_moved = true; /* one may have been kept free for it */
    }
    item->state = ITEM_DONE;
    request->n_done++;
    feed(core, request, task, output);
}

static void finish(struct core *core, const struct run *run, const struct surety_output *output)
{
    run->request->n_running--;
    finish_item(core, run->request, run->task, run->item, output);
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
        core->n_alone += item->lost == ALONE_AFTER;
    }
    if (item->fails < core->config.attempts && !run->request->told_bytes) {
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

struct run *items_find_run(struct worker *worker, const struct wire_item_key *wanted)
{
    for (uint32_t i = 0; i < worker->n_runs; i++) {
        const struct wire_item_key *key = &worker->runs[i].key;
        if (key->request == wanted->request && key->task == wanted->task &&
            key->index == wanted->index && key->attempt == wanted->attempt)
            return &worker->runs[i];
    }
    return NULL;
}

bool items_output(struct core *core, struct worker *worker, uint64_t request, uint32_t task,
                  const struct surety_output *output)
{
    struct run *found = items_find_run(
        worker, &(struct wire_item_key){request, task, output->index, output->attempt});
    if (!found)
        return false;
    struct run run = *found;
    remove_run(core, worker, found);
    worker->moved_ms = core->now_ms;
    core->count.outputs++;
    rate_add(&worker->outputs, core->now_ms, 1);
    if (!run.request)
        return true;
    run.request->tokens += output->completion_tokens;
    count_written(core, worker, &run, output->completion_tokens);
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

void items_progress(struct core *core, struct worker *worker, const struct wire_progress *items,
                    size_t n)
{
    /* both lists are short and mostly in the same order: begin where the last one was found */
    uint32_t at = 0;
    for (size_t i = 0; i < n; i++)
        for (uint32_t tried = 0; tried < worker->n_runs; tried++, at++) {
            struct run *run = &worker->runs[at % worker->n_runs];
            const struct wire_item_key *a = &run->key, *b = &items[i].key;
            if (a->request != b->request || a->task != b->task || a->index != b->index ||
                a->attempt != b->attempt)
                continue;
            if (run->tokens != items[i].tokens) {
                run->moved_ms = worker->moved_ms = core->now_ms;
                if (run->request && run->request->wanted.budget_tokens)
                    due_touch(core, run->request);
            } else if (items[i].alive && !run->cancelled) {
                run->moved_ms = core->now_ms;
            }
            run->tokens = items[i].tokens;
            if (run->request) /* else its task is gone */
                count_written(core, worker, run, written_by(run, PROMPT_BYTES_A_TOKEN));
            break;
        }
}

void items_give_back(struct core *core, struct worker *worker)
{
    while (worker->n_runs) {
        struct run run = worker->runs[0];
        remove_run(core, worker, &worker->runs[0]);
        if (!run.request)
            continue;
        if (run.stalled)
            retry(core, &run, SURETY_ERR_STALLED, surety_err_text(SURETY_ERR_STALLED));
        else
            retry(core, &run, SURETY_ERR_LOST, surety_err_text(SURETY_ERR_LOST));
    }
}

void items_not_sent(struct core *core, struct worker *worker, uint64_t ticket)
{
    for (uint32_t i = worker->n_runs; i-- > 0;) {
        struct run run = worker->runs[i];
        if (run.ticket != ticket)
            continue;
        remove_run(core, worker, &worker->runs[i]);
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

void items_cancel(struct core *core, struct request *request)
{
    for (size_t w = 0; w < core->n_workers && request->n_running; w++) {
        struct worker *worker = core->workers[w];
        cancel_runs(core, worker, of_request, request, false);
        for (uint32_t i = 0; i < worker->n_runs; i++)
            if (worker->runs[i].request == request)
                worker->runs[i].request = NULL;
    }
    request->n_running = 0;
}

static bool of_task(const struct core *core, const struct run *run, const void *task)
{
    return run->request && run->task == task;
}

/* tokens: what it had written, as far as its worker has told. */
static void withdraw_item(struct core *core, struct request *request, struct task *task,
                          struct item *item, int64_t tokens)
{
    const struct surety_output output = {.index = item->index,
                                         .attempt = item->attempt,
                                         .finish = SURETY_FINISH_CANCELLED,
                                         .text = (char[]){""},
                                         .completion_tokens = (uint32_t)tokens,
                                         .logprob = 0.0 / 0.0};
    request->tokens += tokens;
    finish_item(core, request, task, item, &output);
}

static void withdraw(struct core *core, struct request *request, struct task *task)
{
    for (size_t w = 0; w < core->n_workers && request->n_running; w++) {
        struct worker *worker = core->workers[w];
        cancel_runs(core, worker, of_task, task, false);
        for (uint32_t i = 0; i < worker->n_runs; i++) {
            struct run *run = &worker->runs[i];
            if (!of_task(core, run, task))
                continue;
            request->n_running--;
            withdraw_item(core, request, task, run->item, written_by(run, 1));
            run->request = NULL;
        }
    }
    for (size_t i = 0; i < task->spec->n_items; i++)
        if (task->items[i].state == ITEM_WAITING || task->items[i].state == ITEM_HELD) {
            if (task->items[i].state == ITEM_WAITING)
                wait_no_more(request, task, 1);
            withdraw_item(core, request, task, &task->items[i], 0);
        }
    task->first_waiting = task->spec->n_items;
}

void items_withdraw_samples(struct core *core, struct request *request)
{
    for (size_t t = 0; t < request->n_tasks; t++)
        if (request->tasks[t]->spec->stage == SURETY_STAGE_SAMPLE)
            withdraw(core, request, request->tasks[t]);
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

void items_stalls(struct core *core)
{
    for (size_t w = core->n_workers; w-- > 0;) {
        struct worker *worker = core->workers[w];
        bool hangs = false;
        for (uint32_t i = 0; i < worker->n_runs; i++)
            hangs = hangs ||
                    (worker->runs[i].cancelled && stands_still(core, &worker->runs[i], worker));
        if (hangs)
            worker->hangs = true;
        else
            cancel_runs(core, worker, stands_still, worker, true);
    }
}

int64_t items_running_tokens(const struct core *core, const struct request *request)
{
    int64_t sum = 0;
    for (size_t w = 0; w < core->n_workers; w++)
        for (uint32_t i = 0; i < core->workers[w]->n_runs; i++) {
            const struct run *run = &core->workers[w]->runs[i];
            if (run->request != request)
                continue;
            sum += written_by(run, 1);
        }
    return sum;
}
