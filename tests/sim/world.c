#include "tests/sim/promise.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

void sim_fail(const struct world *w, const char *condition, const char *file, int line,
              const char *format, ...)
{
    printf("# seed %" PRIu64 " at %" PRId64 " ms, %s:%d: %s: ", w->seed, w->now_ms, file, line,
           condition);
    va_list args;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\nBail out! run this schedule alone: sim_core %" PRIu64 "\n", w->seed);
    exit(1);
}

void *world_grow(void *array, size_t n, size_t *size, size_t bytes)
{
    if (n < *size)
        return array;
    *size = *size ? *size * 2 : 64;
    array = realloc(array, *size * bytes);
    if (!array)
        abort();
    return array;
}

/* ---- chance ---- */

uint64_t world_random(struct world *w) /* SplitMix64 */
{
    uint64_t z = w->random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint64_t world_below(struct world *w, uint64_t n)
{
    return n ? world_random(w) % n : 0;
}

bool world_happens(struct world *w, unsigned permille)
{
    return permille && w->now_ms < w->calm_ms && world_below(w, 1000) < permille;
}

/* ---- what will happen ---- */

static bool before(const struct sim_event *a, const struct sim_event *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void push(struct world *w, struct sim_event event)
{
    event.order = w->next_order++;
    w->events = world_grow(w->events, w->n_events, &w->events_size, sizeof *w->events);
    size_t i = w->n_events++;
    for (; i > 0 && before(&event, &w->events[(i - 1) / 2]); i = (i - 1) / 2)
        w->events[i] = w->events[(i - 1) / 2];
    w->events[i] = event;
}

static void remove_event(struct world *w, size_t i)
{
    struct sim_event last = w->events[--w->n_events];
    for (; i > 0 && before(&last, &w->events[(i - 1) / 2]); i = (i - 1) / 2)
        w->events[i] = w->events[(i - 1) / 2];
    for (size_t child; (child = 2 * i + 1) < w->n_events; i = child) {
        if (child + 1 < w->n_events && before(&w->events[child + 1], &w->events[child]))
            child++;
        if (!before(&w->events[child], &last))
            break;
        w->events[i] = w->events[child];
    }
    w->events[i] = last;
}

static struct sim_event pop(struct world *w)
{
    struct sim_event first = w->events[0];
    remove_event(w, 0);
    return first;
}

void world_timer(struct world *w, struct sim_peer *peer, int64_t in_ms, uint64_t number)
{
    push(w, (struct sim_event){
                .at = w->now_ms + in_ms, .kind = SIM_TIMER, .peer = peer, .number = number});
}

static int64_t delay(struct world *w)
{
    return (int64_t)world_below(w, w->faults.slow_ms + 1);
}

/* ---- connections ---- */

static struct sim_conn *find_conn(struct world *w, uint64_t number)
{
    return &w->conns[number - 1];
}

static struct sim_conn *find_identity(struct world *w, const struct core_identity *identity)
{
    for (size_t i = w->n_conns; i-- > 0;) /* the latest has taken over */
        if (w->conns[i].identity.len == identity->len &&
            memcmp(w->conns[i].identity.bytes, identity->bytes, identity->len) == 0)
            return &w->conns[i];
    return NULL;
}

uint64_t world_connect(struct world *w, struct sim_peer *peer, const char *identity)
{
    struct sim_conn conn = {.number = w->n_conns + 1, .peer = peer, .up = true};
    conn.identity.len = (uint8_t)strlen(identity);
    memcpy(conn.identity.bytes, identity, conn.identity.len);
    struct sim_conn *old = find_identity(w, &conn.identity);
    conn.who = old ? old->who : conn.number;
    if (old) { /* ROUTER_HANDOVER: nothing more is read from the old connection */
        old->up = false;
        old->deliver_until = w->now_ms;
    }
    w->conns = world_grow(w->conns, w->n_conns, &w->conns_size, sizeof *w->conns);
    w->conns[w->n_conns++] = conn;
    return conn.number;
}

void world_cut(struct world *w, uint64_t number)
{
    struct sim_conn *conn = find_conn(w, number);
    if (!conn->up)
        return;
    conn->up = false;
    conn->deliver_until = w->now_ms + delay(w);
    conn->gone_at = conn->deliver_until + (int64_t)world_below(w, 300);
}

static void transmit(struct world *w, struct sim_conn *conn, enum sim_kind kind,
                     const struct wire_message *message, bool out_of_order)
{
    struct surety_error err;
    struct sim_event event = {.kind = kind, .conn = conn->number, .command = message->command};
    SIM_CHECK(w, wire_encode(message, &event.body, &event.len, &err) == SURETY_OK, "%s: %s",
              wire_command_name(message->command), err.message);
    int64_t *last = kind == SIM_TO_BROKER ? &conn->last_in : &conn->last_out;
    event.at = w->now_ms + delay(w);
    if (out_of_order)
        event.at += (int64_t)world_below(w, 400);
    else if (event.at < *last)
        event.at = *last;
    if (!out_of_order)
        *last = event.at;
    push(w, event);
}

/* Once, in order; in hostile worlds perhaps not at all, twice, or late. */
static void carry(struct world *w, struct sim_conn *conn, enum sim_kind kind,
                  const struct wire_message *message)
{
    if (!w->is_worker(conn->peer) || !world_happens(w, w->faults.hostile)) {
        transmit(w, conn, kind, message, false);
        return;
    }
    uint64_t what = world_below(w, 3);
    if (what == 0)
        return;
    transmit(w, conn, kind, message, what == 1);
    if (what == 2)
        transmit(w, conn, kind, message, true);
}

void world_send(struct world *w, uint64_t conn, const struct wire_message *message)
{
    if (find_conn(w, conn)->up)
        carry(w, find_conn(w, conn), SIM_TO_BROKER, message);
}

/* ---- what the core may never do ---- */

struct sim_item *world_item(struct world *w, uint64_t request, uint32_t task, uint32_t index)
{
    for (size_t i = w->n_items; i-- > 0;)
        if (w->items[i].request == request && w->items[i].task == task &&
            w->items[i].index == index)
            return &w->items[i];
    w->items = world_grow(w->items, w->n_items, &w->items_size, sizeof *w->items);
    w->items[w->n_items] = (struct sim_item){.request = request, .task = task, .index = index};
    return &w->items[w->n_items++];
}

static void forget_held(struct world *w, uint64_t who)
{
    for (size_t i = w->n_held; i-- > 0;)
        if (w->held[i].who == who)
            w->held[i] = w->held[--w->n_held];
}

static bool take_held(struct world *w, uint64_t who, const struct wire_item_key *key)
{
    for (size_t i = 0; i < w->n_held; i++) {
        const struct wire_item_key *k = &w->held[i].key;
        if (w->held[i].who != who || k->request != key->request || k->task != key->task ||
            k->index != key->index || k->attempt != key->attempt)
            continue;
        w->held[i] = w->held[--w->n_held];
        return true;
    }
    return false;
}

struct sim_put *world_put(struct world *w, uint64_t number)
{
    for (size_t i = w->n_puts; i-- > 0;)
        if (w->puts[i].number == number)
            return &w->puts[i];
    return NULL;
}

uint64_t world_class(const struct surety_model *model)
{
    return hash_text(hash_text(hash_text(0, model->name), model->id), model->repro);
}

static bool is_kept(const struct world *w, const char *id)
{
    for (size_t i = 0; i < w->n_puts; i++)
        if (w->puts[i].kept && strcmp(w->puts[i].id, id) == 0)
            return true;
    return false;
}

static void check_batch(struct world *w, const struct sim_conn *conn,
                        const struct wire_message *message)
{
    const struct surety_task *task = &message->batch.task;
    const struct sim_put *put = world_put(w, message->batch.request);
    SIM_CHECK(w, put && put->kept && !put->ended, "items of a request that is not in the store");
    w->batch(w, conn->peer, message);
    for (size_t i = 0; i < task->n_items; i++) {
        const struct surety_item *item = &task->items[i];
        struct sim_item *known = world_item(w, message->batch.request, task->id, item->index);
        SIM_CHECK(w, known->sent == 0 || known->seed == item->seed, "a retry with another seed");
        SIM_CHECK(w, item->attempt == known->sent, "attempt %u in run %u", item->attempt,
                  known->sent);
        SIM_CHECK(w, !known->ok, "an item that is done is run again");
        known->seed = item->seed;
        world_put(w, message->batch.request)->begun[task->stage] += known->sent++ == 0;
        SIM_CHECK(w, known->sent <= SIM_ATTEMPTS, "%u runs of one item", known->sent);
        w->held = world_grow(w->held, w->n_held, &w->held_size, sizeof *w->held);
        w->held[w->n_held++] = (struct sim_held){
            conn->who, {message->batch.request, task->id, item->index, item->attempt}};
    }
    uint32_t n = 0;
    for (size_t i = 0; i < w->n_held; i++)
        n += w->held[i].who == conn->who;
    SIM_CHECK(w, n <= w->slots_of(conn->peer), "%u items at a worker with %u slots", n,
              w->slots_of(conn->peer));
}

/* ---- the store ---- */

static void store_put(struct world *w, const struct core_action *a)
{
    SIM_CHECK(w, !world_put(w, a->persist.request), "stored twice");
    w->accepted(w, a->persist.request, a->persist.wanted);
    w->puts = world_grow(w->puts, w->n_puts, &w->puts_size, sizeof *w->puts);
    struct sim_put *put = &w->puts[w->n_puts++];
    *put = (struct sim_put){.number = a->persist.request,
                            .client = w->asking,
                            .budget = a->persist.wanted->budget_tokens > 0,
                            .wants_progress = a->persist.wanted->progress,
                            .deadline_ms = a->persist.wanted->deadline_ms,
                            .end_ms = w->now_ms + a->persist.wanted->deadline_ms,
                            .due_ms = w->now_ms + a->persist.wanted->deadline_ms + SIM_LATE_MS};
    snprintf(put->id, sizeof put->id, "%s", a->persist.wanted->id);
    int64_t slow_ms = world_happens(w, w->faults.store) ? (int64_t)world_below(w, 2000) : 0;
    push(w, (struct sim_event){.at = w->now_ms + delay(w) + slow_ms,
                               .kind = SIM_STORED,
                               .number = put->number,
                               .fails = world_happens(w, w->faults.store)});
}

static void store_end(struct world *w, const struct core_action *a)
{
    struct sim_put *put = world_put(w, a->ended.request);
    SIM_CHECK(w, put && !put->ended, "the end of a request that is none");
    SIM_CHECK(w, !put->deadline_ms || w->now_ms <= put->due_ms, "%" PRId64 " ms too late",
              w->now_ms - put->due_ms);
    put->ended = true;
    promise_over(w, put->number);
    const struct store_end *end = &a->ended.end;
    SIM_CHECK(w, end->how != STORE_BROKER_ENDED || w->stopping, "%s was cut short by no end",
              put->id);
    SIM_CHECK(w, end->stop != SURETY_STOP_FAILED || end->error.code,
              "%s failed and nothing says why", put->id);
    SIM_CHECK(w, end->stop != SURETY_STOP_COMPLETE || !end->error.code,
              "%s is complete and lacks: %s", put->id, end->error.message);
}

/* ---- the shell around the core ---- */

struct outcome {
    struct core_identity to;
    uint64_t peer, ticket;
    enum core_sent sent;
    uint64_t request; /* of a BATCH that did not leave */
    enum surety_stage stage;
    uint32_t fresh; /* of its items, that had never left before */
};

/* The core believes them to run until it hears better. */
static void hold_fresh(struct world *w, const struct wire_message *message, struct outcome *o)
{
    const struct surety_task *task = &message->batch.task;
    o->request = message->batch.request;
    o->stage = task->stage;
    for (size_t i = 0; i < task->n_items; i++)
        o->fresh += !world_item(w, o->request, task->id, task->items[i].index)->sent;
    world_put(w, o->request)->begun[o->stage] += o->fresh;
}

static enum core_sent send_out(struct world *w, const struct core_action *action)
{
    const struct wire_message *message = &action->send.message;
    struct sim_conn *conn = find_identity(w, action->send.to);
    bool gone = !conn || (!conn->up && w->now_ms >= conn->gone_at);
    bool full = !gone && world_happens(w, w->faults.full);
    if (conn && (message->command == WIRE_WELCOME || message->command == WIRE_ERROR ||
                 message->command == WIRE_BYE))
        forget_held(w, conn->who); /* the core has given this worker up */
    if (message->command == WIRE_BATCH && conn)
        promise_batch(w, conn, message);
    w->progress_told += message->command == WIRE_PROGRESS;
    if (gone || full)
        return gone ? CORE_SENT_GONE : CORE_SENT_FULL;
    if (message->command == WIRE_BATCH)
        check_batch(w, conn, message);
    SIM_CHECK(w, message->command != WIRE_ACCEPTED || is_kept(w, message->accepted.id),
              "%s is accepted before it is stored", message->accepted.id);
    if (conn->up)
        carry(w, conn, SIM_TO_PEER, message);
    return CORE_SENT_OK;
}

/* Which goes next is the shell's rule. */
static void start_jobs(struct world *w)
{
    for (struct plan_job *job; w->n_running < SCORING_THREADS;) {
        if (!(job = scoring_queue_take(&w->jobs)))
            break;
        bool slow = world_happens(w, w->faults.slow_jobs) || (job->slow && world_below(w, 2));
        uint64_t most_ms = job->result == PLAN_JOB_FINAL ? SIM_LAST_MS : SIM_SLOW_MS;
        int64_t took_ms = delay(w) + (slow ? (int64_t)world_below(w, most_ms) : 0);
        if (job->hurry && took_ms > SIM_HURRY_MS)
            took_ms = SIM_HURRY_MS;
        job->took_us = slow ? took_ms * 1000 : 0;
        w->n_running++;
        push(w, (struct sim_event){.at = w->now_ms + took_ms, .kind = SIM_JOB, .job = job});
    }
    size_t n_slow = 0;
    for (size_t i = 0; i < w->n_events; i++)
        n_slow +=
            w->events[i].kind == SIM_JOB && w->events[i].job->slow && !w->events[i].job->hurry;
    SIM_CHECK(w, n_slow <= SCORING_THREADS / 2, "slow jobs hold more than half of the threads");
    bool free_thread = w->n_running < SCORING_THREADS;
    SIM_CHECK(w, !free_thread || !w->jobs.urgent, "a thread is free and a job in a hurry waits");
    for (struct plan_job *job = w->jobs.head; free_thread && job; job = job->next)
        SIM_CHECK(w, job->slow, "a thread is free and a job waits");
}

/* It does not read on; a piece of it still takes its time. */
static void hurry_job(struct world *w, uint64_t request)
{
    scoring_queue_hurry(&w->jobs, request);
    for (size_t i = 0; i < w->n_events; i++) {
        struct sim_event event = w->events[i];
        if (event.kind != SIM_JOB || event.job->request != request || event.job->hurry)
            continue;
        atomic_store(&event.job->hurry, true);
        if (event.at > w->now_ms + SIM_HURRY_MS) {
            event.at = w->now_ms + SIM_HURRY_MS;
            remove_event(w, i);
            push(w, event);
        }
        break;
    }
    start_jobs(w);
}

static void feed(struct world *w, struct core_event event);

static void job_done(struct world *w, struct plan_job *job)
{
    w->n_running--;
    scoring_queue_done(&w->jobs, job);
    plan_job_run(job);
    const struct sim_job was = promise_job_done(w, job);
    feed(w, (struct core_event){.kind = CORE_PLAN_SAYS, .job = job});
    promise_job_taken(w, &was);
    start_jobs(w);
}

static void feed(struct world *w, struct core_event event)
{
    const struct core_actions *actions;
    w->steps++;
    SIM_CHECK(w, core_step(w->core, &event, w->now_ms, &actions) == SURETY_OK, "no memory");
    struct outcome *outcomes = actions->n ? malloc(actions->n * sizeof *outcomes) : NULL;
    size_t n = 0;
    w->tick_ms = actions->next_ms;
    w->ended = actions->ended;
    for (size_t i = 0; i < actions->n; i++) {
        const struct core_action *a = &actions->items[i];
        if (a->kind == CORE_PERSIST) {
            store_put(w, a);
        } else if (a->kind == CORE_ENDED) {
            store_end(w, a);
        } else if (a->kind == CORE_HURRY) {
            promise_over(w, a->hurry);
            hurry_job(w, a->hurry);
        } else if (a->kind == CORE_PLAN) {
            promise_job(w, a->job);
            scoring_queue_push(&w->jobs, a->job);
            start_jobs(w);
        } else {
            enum core_sent sent = send_out(w, a);
            if (sent == CORE_SENT_OK && !a->send.confirm)
                continue;
            struct outcome *o = &outcomes[n++];
            *o = (struct outcome){
                .to = *a->send.to, .peer = a->send.peer, .ticket = a->send.ticket, .sent = sent};
            if (sent != CORE_SENT_OK && a->send.message.command == WIRE_BATCH)
                hold_fresh(w, &a->send.message, o);
        }
    }
    for (size_t i = 0; i < n; i++) {
        const struct outcome *o = &outcomes[i];
        const struct sim_conn *conn = find_identity(w, &o->to);
        if (!o->peer)
            continue;
        if (o->fresh)
            world_put(w, o->request)->begun[o->stage] -= o->fresh;
        if (conn && o->sent != CORE_SENT_OK) /* a worker is given up; a client holds nothing */
            forget_held(w, conn->who);
        feed(w, (struct core_event){
                    .kind = CORE_SENT, .peer = o->peer, .ticket = o->ticket, .sent = o->sent});
    }
    free(outcomes);
    promise_check(w);
}

static void note_arrival(struct world *w, const struct sim_conn *conn,
                         const struct wire_message *message)
{
    if (message->command == WIRE_HELLO || message->command == WIRE_BYE)
        forget_held(w, conn->who);
    if (message->command != WIRE_OUTPUT)
        return;
    const struct surety_output *output = &message->output.output;
    struct wire_item_key key = {message->output.request, message->output.task, output->index,
                                output->attempt};
    if (take_held(w, conn->who, &key) && !output->error.code &&
        output->finish != SURETY_FINISH_CANCELLED)
        world_item(w, key.request, key.task, key.index)->ok = true;
}

static void arrive(struct world *w, struct sim_event *event)
{
    struct sim_conn conn = *find_conn(w, event->conn);
    if (event->kind == SIM_TO_BROKER && !conn.up && event->at > conn.deliver_until)
        return;
    if (event->kind == SIM_TO_PEER && !conn.up)
        return;
    if (event->kind == SIM_TO_PEER && w->frozen_until(conn.peer) > w->now_ms) {
        event->at = w->frozen_until(conn.peer);
        push(w, *event);
        event->body = NULL;
        return;
    }
    struct arena arena;
    struct wire_message message;
    struct surety_error err;
    arena_init(&arena, WIRE_BODY_MAX);
    SIM_CHECK(w,
              wire_decode(event->command, event->body, event->len, &arena, &message, &err) ==
                  SURETY_OK,
              "%s", err.message);
    if (event->kind == SIM_TO_PEER) {
        w->take(w, conn.peer, &message);
    } else {
        note_arrival(w, &conn, &message);
        w->asking = conn.who;
        feed(w, (struct core_event){.kind = CORE_MESSAGE,
                                    .side = w->is_worker(conn.peer) ? CORE_WORKERS : CORE_CLIENTS,
                                    .from = &conn.identity,
                                    .message = &message});
    }
    arena_fini(&arena);
}

bool world_step(struct world *w)
{
    if (w->tick_ms >= 0 && (!w->n_events || w->tick_ms <= w->events[0].at)) {
        SIM_CHECK(w, w->tick_ms > w->now_ms || w->steps < 2000000, "the core spins");
        w->now_ms = w->tick_ms > w->now_ms ? w->tick_ms : w->now_ms;
        feed(w, (struct core_event){.kind = CORE_TICK});
        return true;
    }
    if (!w->n_events)
        return false;
    struct sim_event event = pop(w);
    w->now_ms = event.at > w->now_ms ? event.at : w->now_ms;
    if (event.kind == SIM_JOB) {
        job_done(w, event.job);
    } else if (event.kind == SIM_STORED) {
        struct surety_error why = {.code = SURETY_ERR_IO, .message = "the disk is full"};
        struct sim_put *put = world_put(w, event.number);
        put->kept = !event.fails;
        if (!put->ended) /* a deadline runs from here */
        {
            put->end_ms = w->now_ms + put->deadline_ms;
            put->due_ms = put->end_ms + SIM_LATE_MS;
        }
        feed(w, (struct core_event){.kind = CORE_PERSISTED,
                                    .request = event.number,
                                    .error = event.fails ? &why : NULL});
    } else if (event.kind == SIM_TIMER) {
        w->timer(w, event.peer, event.number);
    } else {
        arrive(w, &event);
        free(event.body);
    }
    return true;
}

void world_init(struct world *w, uint64_t seed, const struct faults *faults, int64_t calm_ms)
{
    *w = (struct world){.seed = seed, .random = seed, .faults = *faults, .calm_ms = calm_ms};
    w->tick_ms = -1;
    scoring_queue_init(&w->jobs);
    w->core = core_create(&(struct core_config){.heartbeat_ms = SIM_HEARTBEAT_MS,
                                                .stall_ms = SIM_STALL_MS,
                                                .attempts = SIM_ATTEMPTS,
                                                .window = SIM_WINDOW});
    if (!w->core)
        abort();
}

static bool jobs_are_out(const struct world *w)
{
    for (size_t i = 0; i < w->n_events; i++)
        if (w->events[i].kind == SIM_JOB || w->events[i].kind == SIM_STORED)
            return true;
    return w->jobs.head || w->jobs.urgent;
}

void world_stop(struct world *w)
{
    int64_t limit = w->now_ms + 60000;
    w->stopping = true;
    feed(w, (struct core_event){.kind = CORE_STOP});
    while ((!w->ended || jobs_are_out(w)) && world_step(w))
        SIM_CHECK(w, w->now_ms < limit, "the broker does not end");
    SIM_CHECK(w, w->ended, "nothing happens and the broker has not ended");
    for (size_t i = 0; i < w->n_puts; i++)
        SIM_CHECK(w, w->puts[i].ended, "the store was not told the end of %s", w->puts[i].id);
}

void world_fini(struct world *w)
{
    core_free(w->core);
    for (size_t i = 0; i < w->n_events; i++)
        free(w->events[i].body);
    free(w->events);
    free(w->conns);
    free(w->items);
    free(w->held);
    free(w->puts);
    free(w->turns);
}
