/*
 * The engine gguf at the level of its forward: the prompt's full pages stand in the table of every
 * sequence, its last page is copied for each, as the engine does it (cache.h).
 */
#include "tests/peer/side.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/gguf/forward.h"
#include "engine/gguf/sampler.h"
#include "engine/gguf/tokenizer.h"

#define ROWS 512 /* of one forward pass */

struct ours {
    struct gguf_file file;
    struct tokenizer *tokenizer;
    struct model model;
    struct thread_pool *pool;
    struct forward forward;
    struct sampler sampler;
    struct row *rows;
    uint32_t *pages; /* [sequences][table] */
    uint32_t table, sequences;
    uint32_t prompt, position; /* tokens of the prompt; of the longest sequence */
};

static void ours_close(void *state)
{
    struct ours *o = state;
    if (!o)
        return;
    free(o->pages);
    free(o->rows);
    sampler_fini(&o->sampler);
    forward_fini(&o->forward);
    thread_pool_free(o->pool);
    model_free(&o->model);
    tokenizer_free(o->tokenizer);
    gguf_close(&o->file);
    free(o);
}

/* What depends most on how the engine is built: everything from a file to a forward. */
static enum surety_err load(struct ours *o, const struct side_config *c, struct surety_error *err)
{
    const struct kernels *kernels = kernels_best();
    uint32_t rows = c->sequences > ROWS ? c->sequences : ROWS;
    uint32_t pages = (c->prompt_tokens + PAGE_TOKENS) / PAGE_TOKENS + o->table * c->sequences;
    enum surety_err code = thread_pool_create(c->threads, &o->pool, err);
    if (code == SURETY_OK)
        code = gguf_open(c->model, &o->file, err);
    if (code == SURETY_OK)
        code = tokenizer_create(&o->file, &o->tokenizer, err);
    if (code == SURETY_OK)
        code = model_load(&o->file, tokenizer_size(o->tokenizer), o->table * PAGE_TOKENS,
                          UINT64_MAX, o->pool, &o->model, err);
    if (code == SURETY_OK)
        code =
            forward_init(&o->forward, &o->model, kernels, o->pool, rows, c->sequences, pages, err);
    if (code == SURETY_OK)
        code = sampler_init(&o->sampler, kernels, o->model.n_vocab);
    if (code == SURETY_OK && c->prompt_tokens + c->tail_tokens > o->model.context)
        code = surety_fail(err, SURETY_ERR_LIMIT, "the model's context is %u tokens",
                           o->model.context);
    return code;
}

static void *ours_open(const struct side_config *c)
{
    struct ours *o = calloc(1, sizeof *o);
    struct surety_error err = {0};
    if (!o)
        return NULL;
    o->sequences = c->sequences;
    o->table = (c->prompt_tokens + c->tail_tokens + PAGE_TOKENS - 1) / PAGE_TOKENS;
    o->rows = calloc(c->sequences > ROWS ? c->sequences : ROWS, sizeof *o->rows);
    o->pages = calloc((size_t)o->table * c->sequences, sizeof *o->pages);
    if (!o->rows || !o->pages || load(o, c, &err) != SURETY_OK) {
        fprintf(stderr, "surety: %s\n", err.message);
        ours_close(o);
        return NULL;
    }
    return o;
}

static uint32_t ours_vocabulary(const void *state)
{
    return ((const struct ours *)state)->model.n_vocab;
}

static bool ours_prefill(void *state, const uint32_t *ids, uint32_t n)
{
    struct ours *o = state;
    for (uint32_t p = 0; p < o->table; p++)
        o->pages[p] = p;
    for (uint32_t first = 0; first < n; first += ROWS) {
        uint32_t rows = n - first < ROWS ? n - first : ROWS;
        for (uint32_t i = 0; i < rows; i++)
            o->rows[i] = (struct row){.token = ids[first + i],
                                      .position = first + i,
                                      .pages = o->pages,
                                      .logits = first + i + 1 == n};
        forward_run(&o->forward, o->rows, rows);
    }
    o->prompt = o->position = n;
    return true;
}

static bool ours_fork(void *state, uint32_t k)
{
    struct ours *o = state;
    uint32_t full = o->prompt / PAGE_TOKENS;
    uint32_t next = (o->prompt + PAGE_TOKENS - 1) / PAGE_TOKENS; /* after the prompt's own */
    for (uint32_t s = 0; s < k; s++)
        for (uint32_t p = 0; p < o->table; p++)
            o->pages[s * o->table + p] = p < full ? p : next++;
    if (o->prompt % PAGE_TOKENS > 0)
        for (uint32_t s = 0; s < k; s++)
            forward_copy_page(&o->forward, o->pages[s * o->table + full], full);
    o->position = o->prompt;
    return true;
}

static bool ours_decode(void *state, const uint32_t *ids, uint32_t k)
{
    struct ours *o = state;
    for (uint32_t s = 0; s < k; s++)
        o->rows[s] = (struct row){.token = ids[s],
                                  .position = o->position,
                                  .pages = o->pages + s * o->table,
                                  .logits = true};
    forward_run(&o->forward, o->rows, k);
    o->position++;
    return true;
}

static const float *ours_logits(void *state, uint32_t i)
{
    return forward_logits(&((struct ours *)state)->forward, i);
}

static uint32_t ours_sample(void *state, uint32_t i, uint32_t seed)
{
    struct ours *o = state;
    struct surety_sampling how = {.temperature = 1, .top_p = 0.95};
    struct draw draw = {
        .logits = forward_logits(&o->forward, i), .sampling = &how, .seed = seed, .position = i};
    sampler_draw(&o->sampler, &draw);
    return draw.token;
}

static void ours_rest(void *state)
{
    (void)state; /* an idle pool sleeps after some microseconds */
}

const struct side side_surety = {
    .name = "surety",
    .open = ours_open,
    .close = ours_close,
    .vocabulary = ours_vocabulary,
    .prefill = ours_prefill,
    .fork = ours_fork,
    .decode = ours_decode,
    .logits = ours_logits,
    .sample = ours_sample,
    .rest = ours_rest,
};
