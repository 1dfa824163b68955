/*
 * matrix.h - a weight matrix in the layout that the kernels read: panels of LANES outputs.
 *
 * Packing moves bits and never changes a weight. A panel holds LANES rows of the tensor, so that a
 * vector holds the same column of LANES outputs; rows beyond the last are zeros. Panels are aligned
 * to 64 bytes. A panel of
 *   F32, F16, BF16   is [columns][LANES]
 *   a quantised type is [columns / 32] blocks of numbers, then the scales. A block is eight vectors
 *                    v0..v7 of [LANES rows][4 columns] unsigned bytes, which stand for the weight
 *                    plus a zero point (see below), squeezed to the bits of the type:
 *     Q8_0           the vectors themselves                                       512 bytes
 *     Q4_0, Q4_K     four vectors; the low halves of vector j are vj, the high v(j+4)  256
 *     Q5_0           as Q4_0, then the fifth bits, 64 of each vector                   320
 *     Q6_K           as Q4_0, then two vectors with the upper two bits of v0..v3, v4..v7,
 *                    lowest first                                                      384
 *   scales
 *     Q8_0, Q4_0, Q5_0   [columns / 32][LANES] halves
 *     Q4_K               [columns / 256] struct scales_q4k
 *     Q6_K               [columns / 256] struct scales_q6k
 * The formats of the tensors are those of the ggml project (ggml-common.h).
 */
#ifndef SURETY_ENGINE_GGUF_MATRIX_H
#define SURETY_ENGINE_GGUF_MATRIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/gguf/file.h"

#define LANES 16
#define BLOCK_COLUMNS 32
#define SUPER_COLUMNS 256 /* of the types Q4_K and Q6_K */
#define MATRIX_ALIGNMENT 64

static inline size_t lanes_round(size_t n)
{
    return (n + LANES - 1) / LANES * LANES;
}

/* weight = d * scale * number - min_d * min, for each run of 32 columns */
struct scales_q4k {
    uint16_t d[LANES], min_d[LANES]; /* halves */
    uint8_t scale[8][LANES], min[8][LANES];
};

/* weight = d * scale * (number - 32), for each run of 16 columns */
struct scales_q6k {
    uint16_t d[LANES];
    int8_t scale[16][LANES];
};

struct matrix {
    enum gguf_tensor_type type;
    size_t outputs, columns;
    size_t panels, panel_bytes;
    unsigned char *data; /* [panels][panel_bytes] */
};

/* What number stands for the weight 0; 0 where the type has minima. */
static inline int quant_zero(enum gguf_tensor_type type)
{
    return type == GGUF_TENSOR_Q8_0   ? 128
           : type == GGUF_TENSOR_Q4_0 ? 8
           : type == GGUF_TENSOR_Q5_0 ? 16
           : type == GGUF_TENSOR_Q6_K ? 32
                                      : 0;
}

/* Bytes of a block of numbers; 0 for the types that are not quantised. */
static inline size_t quant_block_bytes(enum gguf_tensor_type type)
{
    return type == GGUF_TENSOR_Q8_0                               ? 512
           : type == GGUF_TENSOR_Q5_0                             ? 320
           : type == GGUF_TENSOR_Q6_K                             ? 384
           : type == GGUF_TENSOR_Q4_0 || type == GGUF_TENSOR_Q4_K ? 256
                                                                  : 0;
}

static inline bool matrix_is_quantized(const struct matrix *m)
{
    return quant_block_bytes(m->type) > 0;
}

static inline size_t matrix_bytes(const struct matrix *m)
{
    return m->panels * m->panel_bytes;
}

/* A matrix without data. columns is a multiple of the type's block. */
struct matrix matrix_plan(enum gguf_tensor_type type, size_t outputs, size_t columns);

/* Packs panels [first, end) of a tensor [outputs][columns] of the matrix's type into its data. */
void matrix_pack(const struct matrix *m, const unsigned char *tensor, size_t first, size_t end);

/* Row [columns] of a packed matrix. */
void matrix_row(const struct matrix *m, size_t row, float *out);

/* Elements [n] of a tensor of any type, from its first on; n is a multiple of the type's block. */
void tensor_read(enum gguf_tensor_type type, const unsigned char *tensor, size_t n, float *out);

#endif
