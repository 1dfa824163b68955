/*
 * matmul_float.h - products with weights of 32 or 16 bits, which are widened as they are read.
 *
 * A tile of rows x panels of results is kept in registers: a weight is read once for all rows of
 * the tile. TILE is what fits into the register file.
 */
#ifndef SURETY_ENGINE_GGUF_KERNELS_MATMUL_FLOAT_H
#define SURETY_ENGINE_GGUF_KERNELS_MATMUL_FLOAT_H

#include "engine/gguf/kernels/vec.h"

#if VECTOR == 16
#define TILE 24
#define ROWS 6
#elif VECTOR == 8
#define TILE 12
#define ROWS 6
#else
#define TILE 8
#define ROWS 2
#endif
#define PANELS 4 /* of a tile, at most */

/* Weights of VECTOR outputs, from weight i on. */
INLINE vec load_weights(const enum gguf_tensor_type type, const void *w, size_t i)
{
    if (type == GGUF_TENSOR_F16)
        return load_halves((const uint16_t *)w + i);
    if (type == GGUF_TENSOR_BF16)
        return load_bfloats((const uint16_t *)w + i);
    return load((const float *)w + i);
}

INLINE void finish_output(const struct matmul *m, size_t row, size_t output, vec result)
{
    float *out = m->out + row * m->out_stride + output;
    if (m->bias)
        result += load(m->bias + output);
    if (m->add)
        result += load(out);
    store(out, result);
}

/* type, rows and panels are constants in every call, so that all loops over them unroll. */
INLINE void float_tile(const struct matmul *m, const enum gguf_tensor_type type, size_t panel,
                       size_t row, const int rows, const int panels)
{
    vec sum[ROWS][PANELS * VECTORS];
    const size_t columns = m->w->columns, stride = m->x.stride;
    const unsigned char *w = m->w->data + panel * m->w->panel_bytes;
    const size_t panel_weights = m->w->panel_bytes / (type == GGUF_TENSOR_F32 ? 4 : 2);
    const float *x = m->x.x + row * stride;
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 16
        for (int v = 0; v < panels * VECTORS; v++)
            sum[r][v] = splat(0);
    for (size_t c = 0; c < columns; c++) {
        vec weight[PANELS * VECTORS];
#pragma GCC unroll 16
        for (int v = 0; v < panels * VECTORS; v++)
            weight[v] = load_weights(type, w,
                                     (size_t)(v / VECTORS) * panel_weights + c * LANES +
                                         (size_t)(v % VECTORS) * VECTOR);
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++) {
            vec value = splat(x[(size_t)r * stride + c]);
#pragma GCC unroll 16
            for (int v = 0; v < panels * VECTORS; v++)
                sum[r][v] += value * weight[v];
        }
    }
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 16
        for (int v = 0; v < panels * VECTORS; v++)
            finish_output(m, row + (size_t)r, panel * LANES + (size_t)v * VECTOR, sum[r][v]);
}

INLINE void float_tiles(const struct matmul *m, const enum gguf_tensor_type type, size_t panel,
                        size_t end, size_t row, const int rows)
{
    const int fit = TILE / (rows * VECTORS);
    const int panels = fit < 1 ? 1 : fit > PANELS ? PANELS : fit;
    for (; panel + (size_t)panels <= end; panel += (size_t)panels)
        float_tile(m, type, panel, row, rows, panels);
    for (; panel < end; panel++)
        float_tile(m, type, panel, row, rows, 1);
}

INLINE void matmul_float(const struct matmul *m, const enum gguf_tensor_type type, size_t first,
                         size_t end)
{
    for (size_t panel = first; panel < end; panel += PANELS) {
        size_t stop = panel + PANELS < end ? panel + PANELS : end;
        size_t row = 0;
        for (; row + ROWS <= m->x.n; row += ROWS)
            float_tiles(m, type, panel, stop, row, ROWS);
        switch (m->x.n - row) {
#if ROWS > 2
        case 5:
            float_tiles(m, type, panel, stop, row, 5);
            break;
        case 4:
            float_tiles(m, type, panel, stop, row, 4);
            break;
        case 3:
            float_tiles(m, type, panel, stop, row, 3);
            break;
        case 2:
            float_tiles(m, type, panel, stop, row, 2);
            break;
#endif
        case 1:
            float_tiles(m, type, panel, stop, row, 1);
            break;
        default:
            break;
        }
    }
}

#endif
