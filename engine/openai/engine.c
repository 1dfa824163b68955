/*
 * engine.c - runs the items: places them on servers, hears them end, tries again, delivers.
 *
 * An item waits, runs or has ended. All that happens to it within http_run only changes its state;
 * delivering is the end of a step. An item that waits is on no server: for its first turn, for a
 * pause to pass, or for a server to come back.
 */
#include "engine/openai/engine.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "engine/openai/openai.h"

static const struct surety_model *openai_model(const void *state)
{
    return &((const struct openai *)state)->model;
}

static enum surety_err openai_submit(void *state, uint64_t ticket, const struct surety_task *task,
                                     struct surety_error *err)
{
    struct openai *e = state;
    size_t n = task->n_items, first = e->n_items;
    if (n > e->model.slots - e->n_items)
        return surety_fail(err, SURETY_ERR_BUSY, "openai: %zu items, but %zu of %u slots are free",
                           n, e->model.slots - e->n_items, e->model.slots);
    bool chooses = task->n_labels > 0 && e->model.chooses;
    enum surety_err code = chooses ? engine_check_choice(task, err) : SURETY_OK;
    if (code)
        return code;
    struct job *job = n ? job_create(task, chooses) : NULL;
    for (size_t i = 0; job && i < n; i++) {
        struct item *item = calloc(1, sizeof *item);
        if (!item)
            break;
        *item = (struct item){.engine = e, .job = job, .ticket = ticket, .item = task->items[i]};
        job->refs++;
        e->items[e->n_items++] = item;
    }
    job_unref(job);
    if (e->n_items == first + n)
        return SURETY_OK;
    while (e->n_items > first)
        item_free(e->items[--e->n_items]);
    return surety_fail(err, SURETY_ERR_NOMEM, "no memory for %zu items", n);
}

static void openai_cancel(void *state, uint64_t ticket, uint32_t index)
{
    struct openai *e = state;
    for (size_t i = 0; i < e->n_items; i++) {
        struct item *item = e->items[i];
        if (item->ticket != ticket || item->item.index != index || item->state == ITEM_ENDED)
            continue;
        item->cancelled = true;
        item_fail(item, NULL);
    }
}

/* ---- how a server fares ---- */
static uint64_t next_random(struct openai *e)
{
    return e->random = hash_u64(e->random, (uint64_t)clock_now_ms());
}

static void server_fails(struct openai *e, struct server *s, const struct surety_error *error,
                         int64_t now)
{
    s->error = *error;
    if (++s->failures < SERVER_FAILURES)
        return;
    if (!s->down_ms) {
        s->down_ms = now;
        log_printf(e->log, LOG_WARN, "%s; nothing is sent there until it answers again",
                   error->message);
    }
    s->probe_ms = now + pace_pause_ms(s->failures - SERVER_FAILURES + 1, next_random(e));
}

static void server_is_well(struct openai *e, struct server *s)
{
    if (s->down_ms)
        log_printf(e->log, LOG_WARN, "%.200s answers again", s->chat);
    s->failures = 0;
    s->down_ms = 0;
    if (s->window < s->slots) /* one more after a window of successes */
        s->window += 1 / s->window;
}

static bool ignore_bytes(void *user, const char *data, size_t len)
{
    return true;
}

static void on_probe_end(void *user, const struct http_end *end)
{
    struct server *s = user;
    s->probe = NULL;
    if (end->fault || end->status >= 500) {
        const struct fault_place place = {.url = s->models, .model = s->model};
        fault_explain(end, "", 0, &place, &s->error);
        s->probe_ms = clock_now_ms() + pace_pause_ms(++s->failures - SERVER_FAILURES, s->hash);
        return;
    }
    s->failures = 0;
    s->down_ms = 0;
}

static void probe_back(struct openai *e, struct server *s, int64_t now)
{
    const struct http_request request = {.url = s->models,
                                         .key = e->key,
                                         .timeout_ms = HTTP_CONNECT_MS,
                                         .bytes = ignore_bytes,
                                         .end = on_probe_end,
                                         .user = s};
    if (s->down_ms && !s->probe && now >= s->probe_ms)
        http_start(e->http, &request, &s->probe, NULL);
}

/* ---- the end of a request ---- */
/* Again after a pause, or not any more. */
static void try_again(struct item *item, const struct http_end *end, enum fault_next next,
                      const struct surety_error *error)
{
    struct openai *e = item->engine;
    struct server *s = item->server;
    int64_t now = clock_now_ms();
    int64_t pause = pace_pause_ms(++item->tries, next_random(e));
    if (end->retry_after_ms > pause)
        pause = end->retry_after_ms;
    if (next == FAULT_SLOWER) {
        if (now >= s->not_before_ms) /* the others of this moment say the same */
            s->window = s->window / 2 > 1 ? s->window / 2 : 1;
        s->not_before_ms = now + pause;
        item->slowed_ms = item->slowed_ms ? item->slowed_ms : now;
    } else {
        item->slowed_ms = 0;
        server_fails(e, s, error, now);
    }
    /* "Too much" is no fault of the item: it ends only where that is beyond all patience. */
    bool too_often = next == FAULT_RETRY && item->tries >= TRIES;
    bool too_long = item->slowed_ms && now + pause - item->slowed_ms > e->timeout_ms;
    if (too_often || too_long || pause > e->timeout_ms) {
        item_fail(item, error);
        return;
    }
    item_stop(item);
    item->not_before_ms = now + pause;
}

static void ended(struct item *item, const struct http_end *end)
{
    struct openai *e = item->engine;
    struct reply *reply = &item->reply;
    struct surety_error error = {0};
    enum fault_next next = FAULT_FINAL;
    bool replied = end->status == 200;
    if (item->job->passed && item_passed(item, end)) {
        if (item->output.finish == SURETY_FINISH_STOP && end->status < 500)
            server_is_well(e, item->server);
        return;
    }
    if (replied && end->fault == HTTP_FINE && !item->broken.code)
        reply_end(reply, &item->broken);
    bool whole = reply->finished || reply->done;
    if (replied && whole && !item->broken.code) {
        if (item_count(item))
            return;
        server_is_well(e, item->server);
        item_finish(item);
        return;
    }
    const struct fault_place place = {.url = item->server->chat,
                                      .model = item->server->model,
                                      .key = e->key,
                                      .key_env = e->key_env};
    if (replied && item->broken.code) { /* it came, but cannot be read */
        bool torn = item->broken.code == SURETY_ERR_PARSE && end->fault == HTTP_FINE &&
                    reply->shape == REPLY_STREAM && !whole;
        surety_fail(&error, item->broken.code, "%.150s: %s", item->server->chat,
                    item->broken.message);
        next = torn ? FAULT_RETRY : FAULT_FINAL;
    } else {
        const struct buf *body = &reply->whole;
        next = fault_explain(end, body->data ? body->data : "", body->len, &place, &error);
    }
    if (next == FAULT_FINAL)
        item_fail(item, &error);
    else
        try_again(item, end, next, &error);
}

static void ask_for_text(struct item *item)
{
    struct surety_error error = {0};
    if (item_send(item, item->server, &error))
        item_fail(item, &error);
}

/* ---- placing ---- */
static double running_tokens(const struct openai *e)
{
    double tokens = 0;
    for (size_t i = 0; i < e->n_items; i++)
        tokens += item_tokens(e->items[i]);
    return tokens;
}

/* The least loaded server that may be asked now. */
static struct server *choose_server(struct openai *e, int64_t now)
{
    struct server *best = NULL;
    for (size_t i = 0; i < e->n_servers; i++) {
        struct server *s = &e->servers[i];
        if (s->down_ms || now < s->not_before_ms || s->in_flight >= s->slots ||
            s->in_flight + 1 > s->window)
            continue;
        if (!best || (double)s->in_flight / s->slots < (double)best->in_flight / best->slots)
            best = s;
    }
    return best;
}

/* The error of the pool when all of it has been down for too long. */
static const struct surety_error *given_up(const struct openai *e, int64_t now)
{
    int64_t patience = e->timeout_ms < GIVE_UP_MS ? e->timeout_ms : GIVE_UP_MS;
    for (size_t i = 0; i < e->n_servers; i++)
        if (!e->servers[i].down_ms || now - e->servers[i].down_ms < patience)
            return NULL;
    return &e->servers[0].error;
}

static bool is_spent(struct openai *e, const struct job *next, struct surety_error *err)
{
    if (!e->spend_limit ||
        e->spent + running_tokens(e) + (next ? next->prompt_tokens : 0) < e->spend_limit)
        return false;
    surety_fail(err, SURETY_ERR_LIMIT, "spend-limit-tokens=%.0f is used up (%.0f tokens so far)",
                e->spend_limit, e->spent);
    return true;
}

/* Starts what can be started; returns when the next one can, or INT64_MAX. */
static int64_t place(struct openai *e, int64_t now)
{
    int64_t next = INT64_MAX;
    struct surety_error error = {0};
    const struct surety_error *down = given_up(e, now);
    for (size_t i = 0; i < e->n_items; i++) {
        struct item *item = e->items[i];
        if (item->state != ITEM_WAITS)
            continue;
        if (down || is_spent(e, item->job, &error)) {
            item_fail(item, down ? down : &error);
            continue;
        }
        int64_t when = pace_when(&e->requests, 1, now);
        int64_t tokens_when = pace_when(&e->tokens, 1, now);
        when = when > tokens_when ? when : tokens_when;
        when = when > item->not_before_ms ? when : item->not_before_ms;
        struct server *server = when <= now ? choose_server(e, now) : NULL;
        if (!server) {
            if (when > now && when < next)
                next = when;
            continue;
        }
        pace_take(&e->requests, 1, now);
        if (item_start(item, server, now, &error))
            item_fail(item, &error);
    }
    for (size_t i = 0; i < e->n_servers; i++) {
        const struct server *s = &e->servers[i];
        int64_t when = s->down_ms ? s->probe_ms : s->not_before_ms;
        if (!s->probe && when > now && when < next)
            next = when;
    }
    return next;
}

/* ---- a step ---- */
/* Ends what is silent for too long, and what would go beyond the limit of spending. */
static void look_after(struct openai *e, int64_t now)
{
    struct surety_error error = {0};
    bool spent = is_spent(e, NULL, &error);
    for (size_t i = 0; i < e->n_items; i++) {
        struct item *item = e->items[i];
        if (item->state != ITEM_RUNS)
            continue;
        if (spent && !item->job->passed && item->reply.pieces > 0 &&
            item->reply.shape == REPLY_STREAM) {
            item->reply.cut = true;
            item_finish(item);
        } else if (spent) {
            item_fail(item, &error);
        } else if (now - item->heard_ms >= e->timeout_ms) {
            surety_fail(&error, SURETY_ERR_STALLED, "%.200s said nothing for %lld s",
                        item->server->chat, (long long)e->timeout_ms / 1000);
            item_fail(item, &error);
        }
    }
}

/* Tells tokens, or else that there is life: the reply is still to begin, or something comes. */
static void tell(struct item *item, const struct engine_sink *sink)
{
    uint32_t tokens = item->state == ITEM_RUNS ? item_tokens(item) : item->shown;
    bool lives = item->state == ITEM_WAITS || item->reply.pieces == 0 || item->bytes_came;
    item->bytes_came = false;
    if (tokens != item->shown)
        sink->progress(sink->user, item->ticket, item->item.index, item->shown = tokens);
    else if (lives && sink->alive)
        sink->alive(sink->user, item->ticket, item->item.index);
}

/* What has come of a reply that is passed through. */
static void hand_on(struct item *item, const struct engine_sink *sink)
{
    char *text = item->cancelled ? NULL : relay_take(&item->relay);
    if (text)
        sink->delta(sink->user, item->ticket, item->item.index, item->relay.status, text);
    free(text);
}

static bool deliver(struct openai *e, const struct engine_sink *sink)
{
    static char nothing[] = "";
    size_t kept = 0, n = e->n_items;
    for (size_t i = 0; i < n; i++) {
        struct item *item = e->items[i];
        if (item->job->passed)
            hand_on(item, sink);
        if (item->state != ITEM_ENDED) {
            tell(item, sink);
            e->items[kept++] = item;
            continue;
        }
        struct surety_output output = item->output;
        output.index = item->item.index;
        output.attempt = item->item.attempt;
        output.text = output.text ? output.text : nothing;
        sink->output(sink->user, item->ticket, &output);
        item_free(item);
    }
    e->n_items = kept;
    return kept < n;
}

static bool any_ended(const struct openai *e)
{
    for (size_t i = 0; i < e->n_items; i++)
        if (e->items[i]->state == ITEM_ENDED)
            return true;
    return false;
}

static enum surety_err openai_step(void *state, int max_wait_ms, const struct engine_sink *sink,
                                   struct surety_error *err)
{
    struct openai *e = state;
    int64_t now = clock_now_ms();
    for (size_t i = 0; i < e->n_servers; i++)
        probe_back(e, &e->servers[i], now);
    int64_t next = place(e, now);
    int wait_ms = max_wait_ms < 0 || any_ended(e) ? 0 : max_wait_ms;
    if (next - now < wait_ms)
        wait_ms = (int)(next - now);
    enum surety_err code = http_run(e->http, wait_ms, err);
    look_after(e, clock_now_ms());
    deliver(e, sink);
    return code;
}

static void openai_wake(void *state)
{
    http_wake(((struct openai *)state)->http);
}

static enum surety_err open_engine(void *state, const struct engine_config *config,
                                   struct surety_error *err)
{
    struct openai *e = state;
    e->ended = ended;
    e->ask_text = ask_for_text;
    return openai_open(state, config, err);
}

const struct engine_ops engine_openai = {
    .name = "openai",
    .summary = "servers with a chat endpoint: [url=]URL (repeat: a pool), model=NAME, "
               "key-env=VARIABLE, concurrency=N, requests-per-minute=N, tokens-per-minute=N, "
               "spend-limit-tokens=N, timeout=SECONDS, logprobs=yes, profile=NAME",
    .state_bytes = sizeof(struct openai),
    .open = open_engine,
    .model = openai_model,
    .submit = openai_submit,
    .cancel = openai_cancel,
    .step = openai_step,
    .wake = openai_wake,
    .close = openai_close,
};
