/*
 * kernels.h - the inner loops, compiled once for each instruction set, all with the same results.
 *
 * Every element of a result is computed with one fixed order of additions: a matrix product adds
 * its terms one by one in the order of the columns, a sum over a vector adds into LANES lanes and
 * then along a fixed tree. Vector units work on several *elements* at a time, never on the terms of
 * one. So neither batch size, thread count nor instruction set changes a bit. No fused
 * multiply-add, no approximate reciprocal, no contraction.
 *
 * Vectors are padded with zeros to a multiple of LANES; buffers are aligned to 64 bytes.
 */
#ifndef SURETY_ENGINE_GGUF_KERNELS_H
#define SURETY_ENGINE_GGUF_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LANES 16
#define KERNELS_CLASS "c16" /* names the order of additions; a change of results changes it */

static inline size_t lanes_round(size_t n)
{
    return (n + LANES - 1) / LANES * LANES;
}

/* out[r][o] = sum over c of x[r][c] * w[o][c] (+ bias[o]) (+ what out held, with add) */
struct matmul {
    const float *w;    /* [outputs / LANES][columns][LANES]: blocks of LANES outputs */
    const float *bias; /* [outputs], or NULL */
    size_t columns;
    const float *x; /* [rows][x_stride] */
    size_t x_stride;
    float *out; /* [rows][out_stride] */
    size_t out_stride;
    size_t rows;
    bool add;
};

/* Attention of some query heads that share one key head, for one token. */
struct attend {
    const float *queries; /* [heads][head_size], already scaled */
    float *out;           /* [heads][head_size] */
    float *scores;        /* [lanes_round(length)] scratch */
    const float *cache;   /* page p at cache + p * page_floats: */
    size_t page_floats;
    size_t keys;           /* offset in a page of keys [head_size][LANES]: LANES tokens a page */
    size_t values;         /* offset in a page of values [LANES][lanes_round(head_size)] */
    const uint32_t *pages; /* [length / LANES, rounded up] */
    size_t heads, head_size;
    size_t length; /* tokens, this one included; > 0 */
};

struct kernels {
    const char *name;
    /* the outputs of blocks [first, end) */
    void (*matmul)(const struct matmul *m, size_t first, size_t end);
    /* out[i] = x[i] / sqrt(mean of squares + epsilon) * weight[i]; n may be less than padded */
    void (*rms_norm)(float *out, const float *x, const float *weight, size_t n, float epsilon);
    /* gate[i] = gate[i] * sigmoid(gate[i]) * up[i]; n is a multiple of LANES */
    void (*swiglu)(float *gate, const float *up, size_t n);
    void (*attend)(const struct attend *a);
    /* out[i] = exp((x[i] - max) * scale), and their sum; n is a multiple of LANES; -INFINITY
     * gives exactly 0. x may be out. */
    float (*exp_sum)(float *out, const float *x, size_t n, float max, float scale);
    float (*max)(const float *x, size_t n); /* n is a multiple of LANES, > 0 */
};

/* The fastest kernels that this processor runs. */
const struct kernels *kernels_best(void);

/* All kernels of this build that this processor runs, plain ones first, NULL-terminated. */
const struct kernels *const *kernels_all(void);

#endif
