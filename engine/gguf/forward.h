/*
 * forward.h - runs tokens through a model: the activations, the pages of the key-value cache, and
 * the forward pass.
 *
 * A batch is a list of rows; a row is one token of one sequence at one position. Prefill and decode
 * are the same thing with other rows. A row's result is the same in any batch. Rows whose page
 * tables begin alike should stand side by side: they attend to what they share together. Knows
 * nothing of tasks or text. One thread drives a forward; the pool computes.
 */
#ifndef SURETY_ENGINE_GGUF_FORWARD_H
#define SURETY_ENGINE_GGUF_FORWARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/gguf/kernels.h"
#include "engine/gguf/model.h"
#include "engine/gguf/thread_pool.h"

#define PAGE_TOKENS LANES
#define SET_ROWS 8

/* Rows that attend to the same first tokens, which are read once for all of them. Which rows are in
 * a set changes no result. */
struct row_set {
    uint32_t first, n; /* rows of the batch, n <= SET_ROWS */
    uint32_t runs;     /* that all of them share and see whole */
};

struct row {
    uint32_t token;    /* < n_vocab */
    uint32_t position; /* < context; what is before it is in the pages, or earlier in the batch */
    const uint32_t *pages; /* of its sequence, up to this position's */
    bool logits;           /* wanted: they go to the next free place, in order of the rows */
};

struct forward {
    const struct model *model;
    const struct kernels *kernels;
    struct thread_pool *pool;
    uint32_t max_rows, max_logits;
    size_t vocab_size; /* lanes_round(n_vocab) */
    /* cache: page p at cache + p * page_halves; in it, for each layer and KV head, the keys
     * [head_size][PAGE_TOKENS] and the values [PAGE_TOKENS][lanes_round(head_size)], as halves */
    uint16_t *cache;
    size_t page_halves;
    uint32_t n_pages;
    /* activations; every stride is rounded to LANES */
    float *stream;            /* [max_rows][width]: the residual stream */
    float *qkv;               /* [max_rows][q_size + 2 * kv_size] */
    float *attended;          /* [max_rows][q_size] */
    float *gate;              /* [max_rows][hidden] */
    float *up;                /* [max_rows][hidden] */
    float *logits;            /* [max_logits][vocab_size]; beyond n_vocab -INFINITY */
    float *normed;            /* [max_rows][width] */
    float *states;            /* [threads][SET_ROWS * heads / kv_heads] of attention */
    unsigned char *quantized; /* rows of any of the above, as the weights want them */
    struct row_set *sets;     /* [max_rows] */
    unsigned char *memory;    /* holds all of the above but the cache */
    size_t cache_bytes;
};

/* Bytes of a page of the cache. */
size_t forward_page_bytes(const struct model *model);

/* Bytes that forward_init would take. */
uint64_t forward_bytes(const struct model *model, uint32_t threads, uint32_t max_rows,
                       uint32_t max_logits, uint32_t n_pages);

/* model, kernels and pool outlive the forward. NOMEM. Memory of the cache is taken when used. */
enum surety_err forward_init(struct forward *s, const struct model *model,
                             const struct kernels *kernels, struct thread_pool *pool,
                             uint32_t max_rows, uint32_t max_logits, uint32_t n_pages,
                             struct surety_error *err);
void forward_fini(struct forward *s); /* NULL and a finished one are fine */

/* Computes rows (0 < n <= max_rows; at most max_logits of them want logits) and writes their keys
 * and values into their pages. */
void forward_run(struct forward *s, const struct row *rows, size_t n);

/* The logits [vocab_size] of the i-th row that wanted them, until the next forward. */
const float *forward_logits(const struct forward *s, uint32_t i);

/* Copies the keys and values of a page. */
void forward_copy_page(struct forward *s, uint32_t to, uint32_t from);

#endif
