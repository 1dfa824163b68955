/*
 * What one step computes. Prompts go first, as each brings many items to run; a step takes pieces
 * of several prompts. A prompt that begins like one that is being computed waits for it when that
 * saves more than WAIT_TOKENS. Otherwise all running items get one more token, as one product.
 */
#include "engine/gguf/engine.h"

#include <string.h>

#define WAIT_TOKENS 16

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

static void accept_token(struct gguf *g, struct slot *slot, const struct draw *d)
{
    const struct surety_sampling *sampling = &slot->task->sampling;
    if (d->failed) {
        slot_fail(slot, SURETY_ERR_ENGINE, "the model computed values that are not finite");
        return;
    }
    slot->advanced = true;
    slot->token = d->token;
    slot->completion_tokens++;
    if (!thinking_force(&slot->thinking, &g->think_end, (uint32_t)sampling->max_thinking,
                        &slot->token))
        slot->logprob += d->logprob;
    if (tokenizer_is_end(g->tokenizer, slot->token)) {
        slot_end(slot, SURETY_FINISH_STOP);
        return;
    }
    struct gguf_string piece = tokenizer_piece(g->tokenizer, slot->token);
    if (!tokenizer_is_control(g->tokenizer, slot->token) && piece.len > 0) {
        if (buf_append(&slot->text, piece.text, piece.len) != SURETY_OK) {
            slot_end(slot, SURETY_FINISH_LENGTH);
            return;
        }
        thinking_see(&slot->thinking, &slot->text, piece.len);
        if (stopped(&slot->text, piece.len, sampling))
            slot_end(slot, SURETY_FINISH_STOP);
    }
    if (slot->n_tokens >= g->model.context ||
        (sampling->max_tokens > 0 && slot->completion_tokens >= (uint32_t)sampling->max_tokens))
        slot_end(slot, SURETY_FINISH_LENGTH);
}

static void add_draw(struct gguf *g, struct slot *slot, uint32_t logits)
{
    g->drawn[g->n_draws] = slot;
    g->draws[g->n_draws++] = (struct draw){.logits = session_logits(&g->session, logits),
                                           .sampling = &slot->task->sampling,
                                           .seed = slot->seed,
                                           .position = slot->completion_tokens};
}

static void draw_piece(void *arg, uint32_t thread, size_t first, size_t end)
{
    struct gguf *g = arg;
    for (size_t i = first; i < end; i++)
        sampler_draw(&g->samplers[thread], &g->draws[i]);
}

static void draw_all(struct gguf *g)
{
    pool_for(g->pool, g->n_draws, 1, draw_piece, g);
    for (uint32_t i = 0; i < g->n_draws; i++)
        accept_token(g, g->drawn[i], &g->draws[i]);
    g->n_draws = 0;
}

/* ---- prompts ---- */

static bool wanted(const struct task *t)
{
    return t->prompt && !t->ready && t->live > 0;
}

/* Adds rows of a task's prompt to the batch. */
static enum surety_err add_prompt(struct gguf *g, struct task *t, size_t *n_rows)
{
    struct prompt *p = t->prompt;
    uint32_t room = PREFILL_TOKENS - (uint32_t)*n_rows;
    if (!p->started) {
        if (prompt_saves(&g->cache, p, true) > prompt_saves(&g->cache, p, false) + WAIT_TOKENS)
            return SURETY_OK;
        enum surety_err code = prompt_begin(&g->cache, &g->session, p);
        if (code != SURETY_OK)
            return code;
        t->cached_tokens = p->shared;
    }
    uint32_t left = (uint32_t)p->tokens.n - p->computed;
    uint32_t n = left < room ? left : room;
    enum surety_err code = prompt_extend(&g->cache, p, p->computed + n);
    if (code != SURETY_OK)
        return code;
    for (uint32_t i = 0; i < n; i++)
        g->rows[(*n_rows)++] = (struct row){.token = p->tokens.ids[p->computed + i],
                                            .position = p->computed + i,
                                            .pages = p->pages,
                                            .logits = n == left && i + 1 == n};
    return SURETY_OK;
}

/* Lets the items of a task run whose prompt is computed. */
static enum surety_err start_items(struct gguf *g, struct task *t, uint32_t logits)
{
    t->ready = true;
    for (uint32_t i = 0; i < g->n_slots; i++) {
        struct slot *slot = &g->slots[i];
        if (slot->task != t || slot->ended)
            continue;
        enum surety_err code = prompt_fork(&g->cache, &g->session, t->prompt, slot->pages);
        if (code != SURETY_OK)
            return code;
        slot->n_tokens = t->prompt_tokens;
        slot->n_pages = (slot->n_tokens + PAGE_TOKENS - 1) / PAGE_TOKENS;
        add_draw(g, slot, logits);
    }
    return SURETY_OK;
}

/* After the rows of the batch were computed: the same walk over the tasks that made them. */
static enum surety_err finish_prompts(struct gguf *g, size_t n_rows)
{
    size_t at = 0;
    uint32_t logits = 0;
    for (struct task *t = g->tasks; t && at < n_rows; t = t->next) {
        struct prompt *p = t->prompt;
        if (!wanted(t) || g->rows[at].pages != p->pages)
            continue;
        size_t n = 0;
        while (at + n < n_rows && g->rows[at + n].pages == p->pages)
            n++;
        p->computed += (uint32_t)n;
        for (uint32_t i = 0; i < g->n_slots; i++)
            g->slots[i].advanced |= g->slots[i].task == t;
        at += n;
        if (g->rows[at - 1].logits) {
            enum surety_err code = start_items(g, t, logits++);
            if (code != SURETY_OK)
                return code;
        }
    }
    return SURETY_OK;
}

static enum surety_err prefill(struct gguf *g, size_t *n_rows)
{
    enum surety_err code = SURETY_OK;
    for (struct task *t = g->tasks; t && code == SURETY_OK && *n_rows < PREFILL_TOKENS; t = t->next)
        if (wanted(t))
            code = add_prompt(g, t, n_rows);
    if (code == SURETY_OK && *n_rows > 0) {
        session_forward(&g->session, g->rows, *n_rows);
        code = finish_prompts(g, *n_rows);
    }
    return code;
}

/* ---- decoding ---- */

static enum surety_err decode(struct gguf *g)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->n_slots; i++) {
        struct slot *slot = &g->slots[i];
        if (!slot->task || !slot->task->ready || slot->ended)
            continue;
        if (slot->n_tokens == slot->n_pages * PAGE_TOKENS) {
            uint32_t page = cache_take_page(&g->cache);
            if (page == PAGE_NONE)
                return SURETY_ERR_LIMIT;
            slot->pages[slot->n_pages++] = page;
        }
        g->rows[n] = (struct row){slot->token, slot->n_tokens++, slot->pages, true};
        add_draw(g, slot, n++);
    }
    if (n > 0)
        session_forward(&g->session, g->rows, n);
    return SURETY_OK;
}

enum surety_err gguf_compute(struct gguf *g, struct surety_error *err)
{
    size_t n_rows = 0;
    enum surety_err code = prefill(g, &n_rows);
    if (code == SURETY_OK && n_rows == 0)
        code = decode(g);
    if (code != SURETY_OK) /* the pages are counted so that they suffice */
        return surety_fail(err, SURETY_ERR_INTERNAL, "the key-value cache has too few pages");
    draw_all(g);
    return SURETY_OK;
}
