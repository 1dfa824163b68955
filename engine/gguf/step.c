/*
 * What one step computes: one batch with the next token of every running item, and pieces of
 * prompts up to prefill_rows rows in all, or a few more. A prompt that begins like one that is
 * being computed waits for it when that saves more than WAIT_TOKENS.
 */
#include "engine/gguf/engine.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WAIT_TOKENS 16
#define STEP_SECONDS 0.5

void slot_end(struct slot *slot, enum surety_finish finish)
{
    if (!slot->ended)
        slot->finish = finish;
    slot->ended = true;
}

void slot_fail(struct slot *slot, enum surety_err code, const char *message)
{
    if (!slot->ended)
        surety_fail(&slot->error, code, "%s", message);
    slot_end(slot, SURETY_FINISH_ERROR);
}

/* ---- tokens of an item ---- */

/* Cuts the text at the first stop string that ends within its last added bytes. */
static bool stopped(struct buf *text, size_t added, const struct surety_sampling *sampling)
{
    size_t cut = SIZE_MAX;
    for (size_t i = 0; i < sampling->n_stop; i++) {
        size_t len = strlen(sampling->stop[i]);
        if (len == 0 || len > text->len)
            continue;
        size_t back = added + len - 1;
        size_t from = back < text->len ? text->len - back : 0;
        const char *hit = memmem(text->data + from, text->len - from, sampling->stop[i], len);
        if (hit && (size_t)(hit - text->data) < cut)
            cut = (size_t)(hit - text->data);
    }
    if (cut == SIZE_MAX)
        return false;
    text->len = cut;
    text->data[cut] = '\0';
    return true;
}

static void accept_labels(struct slot *slot, const struct draw *d)
{
    enum surety_err code;
    bool ended = choice_accept(slot, d, &code);
    if (code != SURETY_OK)
        slot_fail(slot, code,
                  code == SURETY_ERR_NOMEM ? "no memory for the tokens of a label"
                                           : "the model gives a label no finite probability");
    else if (ended)
        slot_end(slot, SURETY_FINISH_STOP);
}

static void accept_token(struct gguf *g, struct slot *slot, const struct draw *d)
{
    const struct surety_sampling *sampling = &slot->task->sampling;
    if (d->failed) {
        slot_fail(slot, SURETY_ERR_ENGINE, "the model computed values that are not finite");
        return;
    }
    slot->advanced = true;
    if (slot->task->choice) {
        accept_labels(slot, d);
        return;
    }
    uint32_t token = d->token;
    if (!thinking_force(&slot->thinking, &g->think_end, (uint32_t)sampling->max_thinking, &token))
        slot->logprob += d->logprob;
    if (token_list_add(&slot->own, token) != SURETY_OK) {
        slot_fail(slot, SURETY_ERR_NOMEM, "no memory for the tokens of an output");
        return;
    }
    if (tokenizer_is_end(g->tokenizer, token)) {
        slot_end(slot, SURETY_FINISH_STOP);
        return;
    }
    struct gguf_string piece = tokenizer_piece(g->tokenizer, token);
    if (!tokenizer_is_control(g->tokenizer, token) && piece.len > 0) {
        enum surety_err code = buf_append(&slot->text, piece.text, piece.len);
        if (code == SURETY_ERR_NOMEM)
            slot_fail(slot, code, "no memory for the text of an output");
        if (code != SURETY_OK) {
            slot_end(slot, SURETY_FINISH_LENGTH);
            return;
        }
        thinking_see(&slot->thinking, &slot->text, piece.len);
        if (stopped(&slot->text, piece.len, sampling))
            slot_end(slot, SURETY_FINISH_STOP);
    }
    if (slot->n_tokens >= g->model.context ||
        (sampling->max_tokens > 0 && slot->own.n >= (size_t)sampling->max_tokens))
        slot_end(slot, SURETY_FINISH_LENGTH);
}

static void add_draw(struct gguf *g, struct slot *slot, uint32_t logits)
{
    struct draw *d = &g->draws[g->n_draws];
    g->drawn[g->n_draws++] = slot;
    *d = (struct draw){.logits = forward_logits(&g->forward, logits),
                       .sampling = &slot->task->sampling,
                       .seed = slot->seed,
                       .position = (uint32_t)slot->own.n};
    if (slot->task->choice)
        choice_want(slot, d);
}

static void draw_piece(void *arg, uint32_t thread, size_t first, size_t end)
{
    struct gguf *g = arg;
    for (size_t i = first; i < end; i++)
        sampler_draw(&g->samplers[thread], &g->draws[i]);
}

static void draw_all(struct gguf *g)
{
    thread_pool_for(g->pool, g->n_draws, 1, draw_piece, g);
    for (uint32_t i = 0; i < g->n_draws; i++)
        accept_token(g, g->drawn[i], &g->draws[i]);
    g->n_draws = 0;
}

/* ---- the batch: items ---- */

static int by_right(const void *a, const void *b)
{
    const struct slot *s = *(struct slot *const *)a, *t = *(struct slot *const *)b;
    if (s->task != t->task)
        return s->task->number < t->task->number ? -1 : 1;
    return (s->index > t->index) - (s->index < t->index);
}

static void fill_queue(struct gguf *g)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->n_slots; i++)
        if (g->slots[i].task)
            g->queue[n++] = &g->slots[i];
    qsort(g->queue, n, sizeof(struct slot *), by_right);
}

static uint32_t token_at(const struct slot *slot, uint32_t position)
{
    const struct task *t = slot->task;
    return position < t->prompt_tokens ? t->prompt->tokens.ids[position]
                                       : slot->own.ids[position - t->prompt_tokens];
}

/* The tokens of an item that are not computed: one of a running item, many of a resumed one. */
static void add_item(struct gguf *g, struct slot *slot)
{
    uint32_t pending = slot->task->prompt_tokens + (uint32_t)slot->own.n - slot->n_tokens;
    uint32_t room = g->prefill_rows > g->n_rows ? g->prefill_rows - g->n_rows : 1;
    uint32_t n = pending < room ? pending : room;
    if (!slot_extend(g, slot, slot->n_tokens + n))
        return;
    for (uint32_t i = 0; i < n; i++, slot->n_tokens++)
        g->rows[g->n_rows++] = (struct row){.token = token_at(slot, slot->n_tokens),
                                            .position = slot->n_tokens,
                                            .pages = slot->pages,
                                            .logits = i + 1 == pending};
    slot->advanced = true;
    if (n == pending)
        add_draw(g, slot, g->n_logits++);
}

static void add_items(struct gguf *g)
{
    for (uint32_t i = 0; i < g->n_used; i++) {
        struct slot *slot = g->queue[i];
        if (slot->task->ready && !slot->ended &&
            (!slot->parked || slot_resume(g, slot, g->n_rows == 0)))
            add_item(g, slot);
    }
}

/* ---- the batch: prompts ---- */

/* Begins a prompt unless it should wait for another that begins like it; false: it waits. */
static bool begin_prompt(struct gguf *g, struct task *t)
{
    struct prompt *p = t->prompt;
    if (p->started)
        return true;
    if (prompt_saves(&g->cache, p, true) > prompt_saves(&g->cache, p, false) + WAIT_TOKENS)
        return false;
    prompt_begin(&g->cache, &g->forward, p); /* without room for a copy it takes over less */
    t->cached_tokens = p->shared;
    return true;
}

/* The next tokens of a prompt, while the batch has less than `most` rows. */
static enum surety_err add_prompt(struct gguf *g, struct task *t, uint32_t most)
{
    struct prompt *p = t->prompt;
    if (!begin_prompt(g, t))
        return SURETY_OK;
    uint32_t room = most - g->n_rows, left = (uint32_t)p->tokens.n - p->computed;
    uint32_t n = left < room ? left : room;
    while (prompt_extend(&g->cache, p, p->computed + n) != SURETY_OK) {
        if (g->n_rows > 0)
            return SURETY_OK; /* others go on, and will give pages back */
        if (!make_room_behind(g, t))
            return SURETY_ERR_LIMIT;
    }
    for (uint32_t i = 0; i < n; i++)
        g->rows[g->n_rows++] = (struct row){.token = p->tokens.ids[p->computed + i],
                                            .position = p->computed + i,
                                            .pages = p->pages,
                                            .logits = n == left && i + 1 == n};
    t->batch_rows = n;
    if (n == left)
        t->batch_logits = g->n_logits++;
    return SURETY_OK;
}

/* However many items run, some rows are left for prompts, so that none waits for items to end. */
static enum surety_err add_prompts(struct gguf *g)
{
    enum surety_err code = SURETY_OK;
    uint32_t most = g->n_rows + PREFILL_LEAST;
    most = most < g->prefill_rows ? g->prefill_rows : most;
    most = most < g->forward.max_rows ? most : g->forward.max_rows;
    for (struct task *t = g->tasks; t && code == SURETY_OK && g->n_rows < most; t = t->next)
        if (t->prompt && !t->ready && t->live > 0)
            code = add_prompt(g, t, most);
    return code;
}

/* Lets the items of a task run whose prompt is computed. */
static void start_items(struct gguf *g, struct task *t)
{
    t->ready = true;
    for (uint32_t i = 0; i < g->n_used; i++) {
        struct slot *slot = g->queue[i];
        if (slot->task == t && !slot->ended && slot->own.n == 0 && slot_start(g, slot))
            add_draw(g, slot, t->batch_logits);
    }
}

static void finish_prompts(struct gguf *g)
{
    for (struct task *t = g->tasks; t; t = t->next) {
        if (t->batch_rows == 0)
            continue;
        t->prompt->computed += t->batch_rows;
        t->batch_rows = 0;
        for (uint32_t i = 0; i < g->n_used; i++)
            g->queue[i]->advanced |= g->queue[i]->task == t;
        if (t->batch_logits != LOGITS_NONE)
            start_items(g, t);
        t->batch_logits = LOGITS_NONE;
    }
}

/* ---- a step ---- */

/* Prompts are cut so that a step takes STEP_SECONDS at the most, as far as the last one tells. */
static void adapt(struct gguf *g, double seconds)
{
    if (g->n_rows < PREFILL_LEAST)
        return; /* too short to tell */
    double rows = g->n_rows * STEP_SECONDS / (seconds > 1e-6 ? seconds : 1e-6);
    g->prefill_rows = rows > PREFILL_TOKENS  ? PREFILL_TOKENS
                      : rows < PREFILL_LEAST ? PREFILL_LEAST
                                             : (uint32_t)rows / PREFILL_LEAST * PREFILL_LEAST;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

enum surety_err gguf_compute(struct gguf *g, struct surety_error *err)
{
    g->n_rows = g->n_logits = 0;
    fill_queue(g);
    add_items(g);
    if (add_prompts(g) != SURETY_OK) /* the pages are counted so that they suffice for one */
        return surety_fail(err, SURETY_ERR_INTERNAL, "the key-value cache has too few pages");
    if (g->n_rows > 0) {
        double start = now();
        forward_run(&g->forward, g->rows, g->n_rows);
        adapt(g, now() - start);
    }
    finish_prompts(g);
    draw_all(g);
    return SURETY_OK;
}
