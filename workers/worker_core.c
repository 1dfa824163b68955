/*
 * worker_core.c - see worker_core.h.
 *
 * A batch is found by its ticket, the engine's name for it; tickets only rise, so batches[] is in
 * order of tickets. A batch whose outputs nobody wants any more is `dropped` and stays until the
 * engine has let go of its items.
 */
#include "workers/worker_core.h"

#include <stdlib.h>
#include <string.h>

struct held { /* an item that the broker gave */
    uint32_t index, attempt;
    uint32_t tokens;
    bool cancelled, done;
    bool alive; /* a sign of life since the last heartbeat */
    bool torn;  /* a piece of its reply could not be sent */
};

struct batch {
    uint64_t ticket;
    uint64_t request;
    struct surety_task task; /* but for its id, valid until it is submitted */
    struct arena arena;      /* holds the task until then */
    bool submitted, dropped;
    size_t n, left; /* items, and those not done */
    size_t hint;    /* where the last item was found */
    struct held items[];
};

struct worker_core {
    struct worker_core_config config;
    size_t slots;
    bool joined, ended, ever_joined;
    bool hello_waits; /* for somebody who takes it */
    bool said_silent; /* the loss of the broker was logged */
    int64_t started_ms, heard_ms;
    int64_t hello_ms, heartbeat_due_ms;
    uint32_t heartbeat_ms;
    struct batch **batches; /* [n_batches] */
    size_t n_batches, size;
    uint64_t next_ticket;
    size_t n_live;      /* items that are neither done nor cancelled */
    size_t n_in_engine; /* items that the engine has */
    bool some_torn;     /* an item was torn in this step */
};

struct worker_core *worker_core_create(const struct worker_core_config *config, int64_t now_ms)
{
    struct worker_core *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->config = *config;
    s->slots = config->engine->ops->model(config->engine->state)->slots;
    s->started_ms = s->heard_ms = s->hello_ms = now_ms;
    return s;
}

static void batch_free(struct batch *b)
{
    arena_fini(&b->arena);
    free(b);
}

void worker_core_free(struct worker_core *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n_batches; i++)
        batch_free(s->batches[i]);
    free(s->batches);
    free(s);
}

/* ---- what is held ---- */
/* Place of the batch with this ticket; n_batches when there is none. */
static size_t find_batch(const struct worker_core *s, uint64_t ticket)
{
    size_t low = 0, high = s->n_batches;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (s->batches[mid]->ticket < ticket)
            low = mid + 1;
        else
            high = mid;
    }
    return low < s->n_batches && s->batches[low]->ticket == ticket ? low : s->n_batches;
}

/* The item of a batch that is not done. Engines report in order, so the search starts behind the
 * item that was found last. */
static struct held *find_item(struct batch *b, uint32_t index)
{
    for (size_t i = 0; i < b->n; i++) {
        size_t at = (b->hint + 1 + i) % b->n;
        if (b->items[at].index == index && !b->items[at].done) {
            b->hint = at;
            return &b->items[at];
        }
    }
    return NULL;
}

static void remove_batch(struct worker_core *s, size_t at)
{
    batch_free(s->batches[at]);
    memmove(&s->batches[at], &s->batches[at + 1], (s->n_batches - at - 1) * sizeof *s->batches);
    s->n_batches--;
}

static void send_output(struct worker_core *s, const struct batch *b,
                        const struct surety_output *output)
{
    struct wire_message message = {
        .command = WIRE_OUTPUT,
        .output = {.request = b->request, .task = b->task.id, .output = *output},
    };
    if (s->config.send(s->config.user, &message) != SURETY_ERR_LIMIT)
        return; /* without a connection the broker will find the item lost */
    static char nothing[] = "";
    struct surety_output *failed = &message.output.output;
    failed->text = nothing;
    failed->finish = SURETY_FINISH_ERROR;
    surety_fail(&failed->error, SURETY_ERR_LIMIT, "the output is too long for a message");
    s->config.send(s->config.user, &message);
}

/* Ends an item that the engine never had. */
static void end_here(struct worker_core *s, struct batch *b, struct held *item,
                     enum surety_finish finish, enum surety_err code, const char *why)
{
    static char nothing[] = "";
    struct surety_output output = {
        .index = item->index, .attempt = item->attempt, .finish = finish, .text = nothing};
    if (code)
        surety_fail(&output.error, code, "%s", why);
    item->done = true;
    b->left--;
    send_output(s, b, &output);
}

static void fail_all(struct worker_core *s, struct batch *b, enum surety_err code, const char *why)
{
    for (size_t i = 0; i < b->n; i++)
        if (!b->items[i].done)
            end_here(s, b, &b->items[i], SURETY_FINISH_ERROR, code, why);
}

/* The broker has forgotten all items: nobody waits for their outputs. */
static void drop_all(struct worker_core *s)
{
    const struct engine *e = s->config.engine;
    for (size_t i = s->n_batches; i-- > 0;) {
        struct batch *b = s->batches[i];
        if (!b->submitted) {
            remove_batch(s, i);
            continue;
        }
        b->dropped = true;
        for (size_t k = 0; k < b->n; k++)
            if (!b->items[k].done)
                e->ops->cancel(e->state, b->ticket, b->items[k].index);
    }
    s->n_live = 0;
}

/* ---- messages ---- */
/* A batch with its items, in the list; NULL without memory. */
static struct batch *add_batch(struct worker_core *s, const struct wire_message *message)
{
    const struct surety_task *task = &message->batch.task;
    if (s->n_batches == s->size) {
        size_t size = s->size ? s->size * 2 : 16;
        struct batch **batches = realloc(s->batches, size * sizeof *batches);
        if (!batches)
            return NULL;
        s->batches = batches;
        s->size = size;
    }
    struct batch *b = calloc(1, sizeof *b + task->n_items * sizeof *b->items);
    if (!b)
        return NULL;
    b->ticket = s->next_ticket++;
    b->request = message->batch.request;
    b->task = *task;
    b->n = b->left = task->n_items;
    for (size_t i = 0; i < b->n; i++) {
        b->items[i].index = task->items[i].index;
        b->items[i].attempt = task->items[i].attempt;
    }
    return s->batches[s->n_batches++] = b;
}

static enum surety_err take_batch(struct worker_core *s, const struct wire_message *message,
                                  struct arena *arena, struct surety_error *err)
{
    size_t n = message->batch.task.n_items;
    struct batch *b = n ? add_batch(s, message) : NULL;
    if (!b)
        return n ? surety_fail(err, SURETY_ERR_NOMEM, "no memory for a batch of %zu items", n)
                 : SURETY_OK;
    if (n > s->slots - s->n_live) { /* the broker broke its credit */
        fail_all(s, b, SURETY_ERR_BUSY, "the worker has fewer free slots than the batch has items");
        remove_batch(s, s->n_batches - 1);
        return SURETY_OK;
    }
    b->arena = *arena;
    arena_init(arena, arena->max_bytes);
    s->n_live += n;
    return SURETY_OK;
}

static void cancel_item(struct worker_core *s, const struct wire_item_key *key)
{
    const struct engine *e = s->config.engine;
    for (size_t i = s->n_batches; i-- > 0;) {
        struct batch *b = s->batches[i];
        if (b->dropped || b->request != key->request || b->task.id != key->task)
            continue;
        struct held *item = find_item(b, key->index);
        if (!item || item->attempt != key->attempt || item->cancelled)
            continue;
        item->cancelled = true;
        s->n_live--;
        if (b->submitted) {
            e->ops->cancel(e->state, b->ticket, item->index);
        } else {
            end_here(s, b, item, SURETY_FINISH_CANCELLED, SURETY_OK, NULL);
            if (b->left == 0)
                remove_batch(s, i);
        }
        return;
    }
}

static void welcome(struct worker_core *s, const struct wire_message *message, int64_t now_ms)
{
    uint32_t ms = message->welcome.heartbeat_ms;
    const struct surety_model *model = s->config.engine->ops->model(s->config.engine->state);
    drop_all(s);
    s->heartbeat_ms = ms < 10 ? 10 : ms > 60000 ? 60000 : ms;
    s->heartbeat_due_ms = now_ms + s->heartbeat_ms;
    if (!s->joined)
        log_printf(s->config.log, LOG_INFO, "joined the broker at %s: model %s, %zu slots",
                   s->config.broker, model->name, s->slots);
    s->joined = s->ever_joined = true;
    s->said_silent = s->hello_waits = false;
}

/* The conversation starts anew, by HELLO at the next tick. */
static void join_again(struct worker_core *s, int64_t now_ms)
{
    drop_all(s);
    s->joined = false;
    s->hello_ms = now_ms;
}

static enum surety_err take_error(struct worker_core *s, const struct wire_message *message,
                                  int64_t now_ms, struct surety_error *err)
{
    enum surety_err code = message->error.code;
    const char *why = message->error.message;
    if (code == SURETY_ERR_LOST) { /* said once for each message since; a HELLO may be under way */
        if (s->joined) {
            log_printf(s->config.log, LOG_WARN, "the broker gave this worker up: %s", why);
            join_again(s, now_ms);
        }
        return SURETY_OK;
    }
    bool may_pass = s->joined || (s->ever_joined && code == SURETY_ERR_BUSY);
    if (code && (code == SURETY_ERR_VERSION || !may_pass))
        return surety_fail(err, code, "the broker at %s refuses this worker: %s", s->config.broker,
                           why);
    log_printf(s->config.log, LOG_WARN, "the broker complains: %s", why);
    return SURETY_OK;
}

enum surety_err worker_core_take(struct worker_core *s, const struct wire_message *message,
                                 struct arena *arena, int64_t now_ms, struct surety_error *err)
{
    s->heard_ms = now_ms;
    switch (message->command) {
    case WIRE_WELCOME:
        welcome(s, message, now_ms);
        return SURETY_OK;
    case WIRE_BATCH: /* before a WELCOME it is for the worker that this one was */
        return s->joined ? take_batch(s, message, arena, err) : SURETY_OK;
    case WIRE_CANCEL:
        for (size_t i = 0; i < message->cancel.n; i++)
            cancel_item(s, &message->cancel.items[i]);
        return SURETY_OK;
    case WIRE_ERROR:
        return take_error(s, message, now_ms, err);
    case WIRE_BYE:
        s->ended = true;
        return SURETY_OK;
    case WIRE_HEARTBEAT:
        return SURETY_OK;
    default:
        log_printf(s->config.log, LOG_WARN, "the broker sent %s, which is not for workers",
                   wire_command_name(message->command));
        return SURETY_OK;
    }
}

/* ---- time ---- */
static void say_hello(struct worker_core *s, int64_t now_ms)
{
    static char version[] = SURETY_VERSION;
    struct wire_message hello = {
        .command = WIRE_HELLO,
        .hello = {.worker = true,
                  .version = version,
                  .model = *s->config.engine->ops->model(s->config.engine->state),
                  .origin = s->config.origin},
    };
    s->hello_waits = s->config.send(s->config.user, &hello) == SURETY_ERR_BUSY;
    s->hello_ms = now_ms + WORKER_HELLO_MS;
}

static enum surety_err say_heartbeat(struct worker_core *s, struct surety_error *err)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n_batches; i++)
        n += s->batches[i]->dropped ? 0 : s->batches[i]->left;
    struct wire_progress *items = calloc(n + 1, sizeof *items);
    if (!items)
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for a heartbeat");
    struct wire_message message = {.command = WIRE_HEARTBEAT, .heartbeat = {.items = items}};
    for (size_t i = 0; i < s->n_batches; i++) {
        struct batch *b = s->batches[i];
        for (size_t k = 0; !b->dropped && k < b->n; k++) {
            if (b->items[k].done)
                continue;
            items[message.heartbeat.n++] =
                (struct wire_progress){.key = {.request = b->request,
                                               .task = b->task.id,
                                               .index = b->items[k].index,
                                               .attempt = b->items[k].attempt},
                                       .tokens = b->items[k].tokens,
                                       .alive = b->items[k].alive};
            b->items[k].alive = false;
        }
    }
    s->config.send(s->config.user, &message);
    free(items);
    return SURETY_OK;
}

enum surety_err worker_core_tick(struct worker_core *s, int64_t now_ms, struct surety_error *err)
{
    if (s->joined) {
        if (now_ms < s->heartbeat_due_ms)
            return SURETY_OK;
        s->heartbeat_due_ms = now_ms + s->heartbeat_ms;
        return say_heartbeat(s, err);
    }
    if (!s->ever_joined && now_ms - s->started_ms >= WORKER_JOIN_MS)
        return surety_fail(err, SURETY_ERR_UNREACHABLE,
                           "no broker answers at %s; is `surety broker` running, with this as its "
                           "worker endpoint?",
                           s->config.broker);
    if (s->hello_waits || now_ms >= s->hello_ms)
        say_hello(s, now_ms);
    return SURETY_OK;
}

static int64_t silent_ms(const struct worker_core *s)
{
    return s->ever_joined ? s->heard_ms + (int64_t)WORKER_SILENT_BEATS * s->heartbeat_ms
                          : INT64_MAX;
}

int64_t worker_core_next_ms(const struct worker_core *s)
{
    int64_t next = s->joined ? s->heartbeat_due_ms : s->hello_ms;
    int64_t last = s->ever_joined ? silent_ms(s) : s->started_ms + WORKER_JOIN_MS;
    return next < last ? next : last;
}

bool worker_core_is_silent(const struct worker_core *s, int64_t now_ms)
{
    return now_ms >= silent_ms(s);
}

void worker_core_restart(struct worker_core *s, int64_t now_ms)
{
    if (!s->said_silent)
        log_printf(s->config.log, LOG_WARN,
                   "the broker at %s is silent; trying again until it answers", s->config.broker);
    s->said_silent = true;
    join_again(s, now_ms);
    s->heard_ms = now_ms;
}

bool worker_core_has_ended(const struct worker_core *s)
{
    return s->ended;
}

bool worker_core_waits_to_send(const struct worker_core *s)
{
    return !s->joined && s->hello_waits;
}

bool worker_core_is_busy(const struct worker_core *s)
{
    return s->n_batches > 0;
}

void worker_core_leave(struct worker_core *s)
{
    s->config.send(s->config.user, &(struct wire_message){.command = WIRE_BYE});
    s->joined = false;
}

/* ---- the engine ---- */
static void on_progress(void *user, uint64_t ticket, uint32_t index, uint32_t tokens)
{
    struct worker_core *s = user;
    size_t at = find_batch(s, ticket);
    struct held *item = at < s->n_batches ? find_item(s->batches[at], index) : NULL;
    if (item)
        item->tokens = tokens;
}

static void on_alive(void *user, uint64_t ticket, uint32_t index)
{
    struct worker_core *s = user;
    size_t at = find_batch(s, ticket);
    struct held *item = at < s->n_batches ? find_item(s->batches[at], index) : NULL;
    if (item)
        item->alive = true;
}

/* What comes behind a piece that is missing is worth nothing: the item ends, with an error. */
static void on_delta(void *user, uint64_t ticket, uint32_t index, uint32_t status, const char *text)
{
    struct worker_core *s = user;
    size_t at = find_batch(s, ticket);
    struct held *item = at < s->n_batches ? find_item(s->batches[at], index) : NULL;
    if (!item || item->torn || s->batches[at]->dropped)
        return;
    const struct batch *b = s->batches[at];
    const struct wire_message message = {
        .command = WIRE_DELTA,
        .delta = {.key = {b->request, b->task.id, item->index, item->attempt},
                  .status = status,
                  .text = (char *)text}};
    item->torn = s->config.send(s->config.user, &message) != SURETY_OK;
    s->some_torn |= item->torn;
}

static void cancel_torn(struct worker_core *s)
{
    const struct engine *e = s->config.engine;
    for (size_t i = 0; s->some_torn && i < s->n_batches; i++)
        for (size_t k = 0; k < s->batches[i]->n; k++)
            if (s->batches[i]->items[k].torn && !s->batches[i]->items[k].done)
                e->ops->cancel(e->state, s->batches[i]->ticket, s->batches[i]->items[k].index);
    s->some_torn = false;
}

static void on_output(void *user, uint64_t ticket, const struct surety_output *output)
{
    struct worker_core *s = user;
    size_t at = find_batch(s, ticket);
    struct held *item = at < s->n_batches ? find_item(s->batches[at], output->index) : NULL;
    if (!item)
        return;
    struct batch *b = s->batches[at];
    item->done = true;
    b->left--;
    s->n_in_engine--;
    if (!b->dropped) {
        struct surety_output told = *output;
        if (item->torn) {
            told.finish = SURETY_FINISH_ERROR;
            surety_fail(&told.error, SURETY_ERR_LOST, "a piece of the reply could not be sent");
        }
        s->n_live -= !item->cancelled;
        send_output(s, b, &told);
    }
    if (b->left == 0)
        remove_batch(s, at);
}

/* Gives what is queued to the engine, in order, as far as it has room. */
static void submit_queued(struct worker_core *s)
{
    const struct engine *e = s->config.engine;
    for (size_t i = 0; i < s->n_batches; i++) {
        struct batch *b = s->batches[i];
        if (b->submitted)
            continue;
        if (b->left > s->slots - s->n_in_engine)
            return;
        size_t n = 0; /* items that were not cancelled meanwhile */
        for (size_t k = 0; k < b->n; k++)
            if (!b->items[k].done)
                b->task.items[n++] = b->task.items[k];
        b->task.n_items = n;
        struct surety_error why = {0};
        enum surety_err code = e->ops->submit(e->state, b->ticket, &b->task, &why);
        if (code) {
            s->n_live -= b->left;
            fail_all(s, b, code, why.message);
            remove_batch(s, i--);
            continue;
        }
        b->submitted = true;
        s->n_in_engine += n;
        arena_fini(&b->arena);
    }
}

enum surety_err worker_core_step(struct worker_core *s, int max_wait_ms, struct surety_error *err)
{
    const struct engine *e = s->config.engine;
    const struct engine_sink sink = {.user = s,
                                     .progress = on_progress,
                                     .alive = on_alive,
                                     .delta = on_delta,
                                     .output = on_output};
    submit_queued(s);
    enum surety_err code = e->ops->step(e->state, max_wait_ms, &sink, err);
    cancel_torn(s);
    return code;
}
