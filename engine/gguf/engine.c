/*
 * The life of tasks and items. An item takes a slot at submit and gives it back with its output.
 * Items end in one way: they are marked as ended (slot_end), and the next delivery, at either end
 * of a step, tells the sink and frees the slot. Memory is planned when the engine opens (open.c);
 * an item that finds no page waits (park.c) and never fails for it.
 */
#include "engine/gguf/engine.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/utf8.h"
#include "engine/gguf/gguf.h"

#define SLOTS_DEFAULT 64

/* ---- opening ---- */

static void engine_gguf_close(void *state);

static enum surety_err engine_gguf_open(void *state, const struct engine_config *config,
                                        struct surety_error *err)
{
    static const char *const known[] = {"", "model", "context", "cache", "kernels", NULL};
    struct gguf *g = state;
    enum surety_err code = engine_check_options(config, known, err);
    if (code != SURETY_OK)
        return code;
    const char *path = engine_option(config, "model");
    if (!path)
        path = engine_option(config, "");
    if (!path || !*path)
        return surety_fail(err, SURETY_ERR_INVALID, "the engine gguf needs a model: --model FILE");
    if (config->slots > SURETY_SLOTS_MAX || config->threads > THREAD_POOL_MAX)
        return surety_fail(err, SURETY_ERR_INVALID, "at most %d slots and %d threads",
                           SURETY_SLOTS_MAX, THREAD_POOL_MAX);
    g->log = config->log;
    g->n_slots = config->slots ? config->slots : SLOTS_DEFAULT;
    g->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (g->wake_fd < 0)
        return surety_fail(err, SURETY_ERR_IO, "no event descriptor: %s", strerror(errno));
    code = gguf_load(g, config, path, err);
    if (code != SURETY_OK)
        engine_gguf_close(g);
    return code;
}

static const struct surety_model *engine_gguf_model(const void *state)
{
    const struct gguf *g = state;
    return &g->about;
}

/* ---- tasks ---- */

static void free_task(struct gguf *g, struct task *t)
{
    if (t->prompt)
        prompt_drop(&g->cache, t->prompt);
    for (size_t i = 0; i < t->sampling.n_stop; i++)
        free(t->sampling.stop[i]);
    free(t->sampling.stop);
    choice_free(t->choice);
    free(t);
}

static enum surety_err copy_sampling(struct task *t, const struct surety_sampling *from)
{
    t->sampling = *from;
    t->sampling.n_stop = 0;
    t->sampling.stop = calloc(from->n_stop + 1, sizeof(char *));
    for (size_t i = 0; t->sampling.stop && i < from->n_stop; i++) {
        t->sampling.stop[i] = strdup(from->stop[i]);
        if (!t->sampling.stop[i])
            return SURETY_ERR_NOMEM;
        t->sampling.n_stop++;
    }
    return t->sampling.stop ? SURETY_OK : SURETY_ERR_NOMEM;
}

static enum surety_err check_task(const struct gguf *g, const struct surety_task *task,
                                  struct surety_error *err)
{
    const struct surety_sampling *s = &task->sampling;
    if (!(s->temperature >= 0 && s->temperature <= 10) || !(s->top_p > 0 && s->top_p <= 1) ||
        s->top_k < 0 || s->max_tokens < 0 || s->max_thinking < 0 || s->n_stop > SURETY_STOPS_MAX)
        return surety_fail(err, SURETY_ERR_INVALID,
                           "sampling out of range: temperature %g, top_p %g, top_k %d, max_tokens "
                           "%d, %zu stop strings",
                           s->temperature, s->top_p, (int)s->top_k, (int)s->max_tokens, s->n_stop);
    if (task->n_items > g->n_slots - g->n_used)
        return surety_fail(err, SURETY_ERR_BUSY, "%zu items for %u free slots", task->n_items,
                           g->n_slots - g->n_used);
    return SURETY_OK;
}

static void fill_slots(struct gguf *g, struct task *t, const struct surety_task *task)
{
    uint32_t at = 0;
    for (size_t i = 0; i < task->n_items; i++) {
        while (g->slots[at].task)
            at++;
        struct slot *slot = &g->slots[at];
        uint32_t *pages = slot->pages;
        *slot = (struct slot){.task = t,
                              .pages = pages,
                              .index = task->items[i].index,
                              .attempt = task->items[i].attempt,
                              .seed = task->items[i].seed,
                              .thinking = {.inside = g->chat.thinks},
                              .first = i == 0};
        buf_init(&slot->text, SURETY_TEXT_MAX / 3); /* a bad byte becomes three */
        if (!t->prompt) {
            char message[200];
            snprintf(
                message, sizeof message,
                "the prompt is %u tokens long and the context holds %u: shorten the problem or "
                "take a model with more context",
                t->prompt_tokens, g->model.context);
            slot_fail(slot, SURETY_ERR_LIMIT, message);
        }
    }
    t->live = (uint32_t)task->n_items;
    g->n_used += t->live;
}

static enum surety_err engine_gguf_submit(void *state, uint64_t ticket,
                                          const struct surety_task *task, struct surety_error *err)
{
    struct gguf *g = state;
    enum surety_err code = check_task(g, task, err);
    if (code != SURETY_OK || task->n_items == 0)
        return code;
    struct token_list tokens = {0};
    struct surety_error why = {0};
    struct task *t = calloc(1, sizeof *t);
    code = t ? copy_sampling(t, &task->sampling) : SURETY_ERR_NOMEM;
    if (code == SURETY_OK)
        code = choice_open(g, task, t, &tokens, &why);
    if (code == SURETY_OK) {
        t->ticket = ticket;
        t->number = g->n_tasks++;
        t->goes_on = task->stage == SURETY_STAGE_SAMPLE;
        t->batch_logits = LOGITS_NONE;
        t->prompt_tokens = (uint32_t)tokens.n;
        if (tokens.n + choice_depth(t->choice) <= g->model.context &&
            !(t->prompt = prompt_create(&g->cache, &tokens)))
            code = SURETY_ERR_NOMEM;
    }
    token_list_fini(&tokens);
    if (code != SURETY_OK) {
        if (t)
            free_task(g, t);
        return surety_fail(err, code, "%s", *why.message ? why.message : "no room for a prompt");
    }
    struct task **last = &g->tasks;
    while (*last)
        last = &(*last)->next;
    *last = t;
    fill_slots(g, t, task);
    return SURETY_OK;
}

static void engine_gguf_cancel(void *state, uint64_t ticket, uint32_t index)
{
    struct gguf *g = state;
    for (uint32_t i = 0; i < g->n_slots; i++) {
        struct slot *slot = &g->slots[i];
        if (slot->task && slot->task->ticket == ticket && slot->index == index)
            slot_end(slot, SURETY_FINISH_CANCELLED);
    }
}

/* ---- a step ---- */

static void release(struct gguf *g, struct slot *slot)
{
    struct task *t = slot->task;
    bool whole = slot->finish == SURETY_FINISH_STOP || slot->finish == SURETY_FINISH_LENGTH;
    if (t->goes_on && slot->ended && whole && slot->n_pages)
        prompt_keep(&g->cache, t->prompt, &slot->own, slot->n_tokens, slot->pages, slot->n_pages);
    else
        for (uint32_t i = 0; i < slot->n_pages; i++)
            cache_drop_page(&g->cache, slot->pages[i]);
    slot->n_pages = 0;
    slot->task = NULL;
    token_list_fini(&slot->own);
    buf_fini(&slot->text);
    g->n_used--;
    if (--t->live > 0)
        return;
    struct task **link = &g->tasks;
    while (*link != t)
        link = &(*link)->next;
    *link = t->next;
    free_task(g, t);
}

static void deliver_one(struct gguf *g, struct slot *slot, const struct engine_sink *sink)
{
    const struct task *t = slot->task;
    char *text = NULL;
    if (slot->finish != SURETY_FINISH_ERROR) {
        text = utf8_make_valid(slot->text.data ? slot->text.data : "", slot->text.len, NULL);
        if (!text) {
            slot->finish = SURETY_FINISH_ERROR;
            surety_fail(&slot->error, SURETY_ERR_NOMEM, "no memory for the text of an output");
        }
    }
    uint32_t cached = slot->first ? t->cached_tokens : t->prompt_tokens;
    bool chosen = t->choice && slot->finish == SURETY_FINISH_STOP;
    struct surety_output output = {
        .index = slot->index,
        .attempt = slot->attempt,
        .finish = slot->finish,
        .text = text ? text : (char *)"",
        .prompt_tokens = t->prompt_tokens + choice_tokens(t->choice),
        .cached_tokens = t->ready ? cached : 0,
        .completion_tokens = t->choice ? 0 : (uint32_t)slot->own.n,
        .logprob = slot->own.n && !t->choice ? slot->logprob : NAN,
        .error = slot->error,
        .n_labels = chosen ? choice_labels(t->choice) : 0,
    };
    for (size_t i = 0; i < output.n_labels; i++)
        output.label_logprobs[i] = slot->label_logprobs[i];
    uint64_t ticket = t->ticket;
    release(g, slot);
    if (sink->output)
        sink->output(sink->user, ticket, &output);
    free(text);
}

static bool deliver(struct gguf *g, const struct engine_sink *sink)
{
    bool any = false;
    for (uint32_t i = 0; i < g->n_slots; i++)
        if (g->slots[i].task && g->slots[i].ended) {
            deliver_one(g, &g->slots[i], sink);
            any = true;
        }
    return any;
}

static void report(struct gguf *g, const struct engine_sink *sink)
{
    for (uint32_t i = 0; i < g->n_slots; i++) {
        struct slot *slot = &g->slots[i];
        if (!slot->task || !slot->advanced)
            continue;
        slot->advanced = false;
        uint32_t prompt = slot->task->prompt ? slot->task->prompt->computed : 0;
        if (sink->progress && !slot->ended)
            sink->progress(sink->user, slot->task->ticket, slot->index,
                           prompt + (uint32_t)slot->own.n);
    }
}

static enum surety_err engine_gguf_step(void *state, int max_wait_ms,
                                        const struct engine_sink *sink, struct surety_error *err)
{
    struct gguf *g = state;
    bool delivered = deliver(g, sink);
    if (g->n_used == 0) {
        struct pollfd fd = {.fd = g->wake_fd, .events = POLLIN};
        uint64_t count;
        if (!delivered && poll(&fd, 1, max_wait_ms) > 0 &&
            read(g->wake_fd, &count, sizeof count) < 0)
            return surety_fail(err, SURETY_ERR_IO, "the wake-up descriptor failed");
        return SURETY_OK;
    }
    enum surety_err code = gguf_compute(g, err);
    if (code != SURETY_OK)
        return code;
    report(g, sink);
    deliver(g, sink);
    return SURETY_OK;
}

static void engine_gguf_wake(void *state)
{
    struct gguf *g = state;
    uint64_t one = 1;
    ssize_t written = write(g->wake_fd, &one, sizeof one);
    (void)written; /* a full counter wakes as well */
}

/* ---- the end ---- */

static void engine_gguf_close(void *state)
{
    struct gguf *g = state;
    for (uint32_t i = 0; g->slots && i < g->n_slots; i++)
        if (g->slots[i].task)
            release(g, &g->slots[i]);
    cache_fini(&g->cache);
    for (uint32_t i = 0; g->samplers && i < thread_pool_size(g->pool); i++)
        sampler_fini(&g->samplers[i]);
    forward_fini(&g->forward);
    thread_pool_free(g->pool);
    model_free(&g->model);
    token_list_fini(&g->think_end);
    chat_fini(&g->chat);
    tokenizer_free(g->tokenizer);
    free(g->samplers);
    free(g->slots);
    free(g->page_tables);
    free(g->rows);
    free(g->draws);
    free(g->drawn);
    free(g->queue);
    free(g->about.name);
    free(g->about.profile);
    free(g->about.id);
    free(g->about.repro);
    free(g->about.engine);
    close(g->wake_fd);
    *g = (struct gguf){0};
}

static const char *engine_gguf_features(void)
{
    static char text[64];
    snprintf(text, sizeof text, "%s kernels", kernels_best()->name);
    return text;
}

const struct engine_ops engine_gguf = {
    .name = "gguf",
    .summary = "a model file in GGUF format on this machine's cores: model=FILE, context=TOKENS, "
               "cache=TOKENS, kernels=NAME",
    .state_bytes = sizeof(struct gguf),
    .features = engine_gguf_features,
    .open = engine_gguf_open,
    .model = engine_gguf_model,
    .submit = engine_gguf_submit,
    .cancel = engine_gguf_cancel,
    .step = engine_gguf_step,
    .wake = engine_gguf_wake,
    .close = engine_gguf_close,
};
