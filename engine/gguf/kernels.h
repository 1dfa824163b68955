/*
 * kernels.h - the inner loops, compiled once for each instruction set, all with the same results.
 *
 * Every element of a result is computed with one fixed order of additions. A product with float
 * weights adds its terms one by one in the order of the columns. A product with quantised weights
 * adds the blocks of 32 columns in order; inside a block whole numbers are added, which is exact in
 * any order. Attention goes through the tokens in runs of RUN_PAGES pages. A sum over a vector adds
 * into LANES lanes and then along a fixed tree. Vector units work on several *elements* at a time,
 * never on the terms of one. So neither batch size, thread count nor instruction set changes a bit.
 * No fused multiply-add, no approximate reciprocal, no contraction.
 *
 * Vectors are padded with zeros to a multiple of LANES; buffers are aligned to 64 bytes.
 */
#ifndef SURETY_ENGINE_GGUF_KERNELS_H
#define SURETY_ENGINE_GGUF_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/gguf/matrix.h"

#define KERNELS_CLASS "q1" /* names the order of additions; a change of results changes it */

#define GROUP_ROWS 32 /* of quantised rows that lie together */
#define RUN_PAGES 4
#define RUN_TOKENS (RUN_PAGES * LANES)

/* What is multiplied with a matrix. Quantised weights are multiplied with quantised rows: whole
 * numbers of -127..127 and one scale for each 32 columns, the largest size being 127. */
struct rows {
    const float *x; /* [n][stride] */
    size_t stride, n, columns;
    unsigned char *quantized; /* [quantized_bytes()]; a kernel's own layout */
};

/* Of 32 columns of a row: two bytes each, a scale, and four sums. */
#define QUANTIZED_ROW_BYTES (BLOCK_COLUMNS * 2 + 5 * 4)

/* Room for the quantised form of n rows, whatever the kernels. */
static inline size_t quantized_bytes(size_t n, size_t columns)
{
    size_t groups = (n + GROUP_ROWS - 1) / GROUP_ROWS;
    return groups * ((columns + BLOCK_COLUMNS - 1) / BLOCK_COLUMNS) * GROUP_ROWS *
           QUANTIZED_ROW_BYTES;
}

/* out[r][o] = sum over c of x[r][c] * w[o][c] (+ bias[o]) (+ what out held, with add) */
struct matmul {
    const struct matrix *w;
    const float *bias; /* [lanes_round(outputs)], or NULL */
    struct rows x;
    float *out; /* [rows][out_stride] */
    size_t out_stride;
    bool add;
};

/*
 * Softmax attention (arXiv 2205.14135, algorithm 1: the maximum, the sum and the weighted values
 * are carried from run to run) of some queries over one run of tokens, all of which see the first
 * `length` tokens of it.
 */
struct attend {
    const uint16_t *keys[RUN_PAGES];   /* halves, [head_size][LANES] of each page */
    const uint16_t *values[RUN_PAGES]; /* halves, [LANES][lanes_round(head_size)] */
    size_t head_size;
    size_t n; /* queries: `group` that lie together, then as many row_stride floats on */
    size_t group, row_stride;
    const float *queries; /* of [head_size], already scaled */
    float *states;        /* [n][state_floats(head_size)] */
    size_t length;        /* 1..RUN_TOKENS */
};

/* State of a query: the maximum, the sum, padding to LANES, the values [lanes_round(head_size)]. */
#define STATE_MAX 0
#define STATE_SUM 1
#define STATE_VALUES LANES

static inline size_t state_floats(size_t head_size)
{
    return STATE_VALUES + lanes_round(head_size);
}

struct kernels {
    const char *name;
    /* makes the quantised form of rows [first, end) */
    void (*quantize)(const struct rows *rows, size_t first, size_t end);
    /* the outputs of panels [first, end); needs the quantised rows if the matrix is quantised */
    void (*matmul)(const struct matmul *m, size_t first, size_t end);
    /* out[i] = x[i] / sqrt(mean of squares + epsilon) * weight[i]; n may be less than padded */
    void (*rms_norm)(float *out, const float *x, const float *weight, size_t n, float epsilon);
    /* gate[i] = gate[i] * sigmoid(gate[i]) * up[i]; n is a multiple of LANES */
    void (*swiglu)(float *gate, const float *up, size_t n);
    /* out[i] = x[i] as a half, rounded to nearest; n is a multiple of LANES */
    void (*narrow)(uint16_t *out, const float *x, size_t n);
    /* takes one run of tokens into the states; a fresh state is max -INFINITY, all else 0 */
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
