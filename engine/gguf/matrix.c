/*
 * A block of 32 columns passes through its plain form: the numbers [32] of one row as bytes.
 * Reading a tensor (or a packed row) makes numbers of bits, packing makes bits of numbers.
 */
#include "engine/gguf/matrix.h"

#include <string.h>

#include "engine/gguf/half.h"

/* The type is a constant in every call that packs, which makes a fast loop for each type. */
#define INLINE static inline __attribute__((always_inline))

static uint16_t load16(const unsigned char *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static float load_float(const unsigned char *p)
{
    return float_of_bits((uint32_t)load16(p) | (uint32_t)load16(p + 2) << 16);
}

/* ---- blocks of tensors ---- */

/* Six bits each: scales 0..7, then minima 0..7, in 12 bytes (ggml's block_q4_K). */
static void read_q4k_scales(const unsigned char *p, uint8_t scale[8], uint8_t min[8])
{
    for (int i = 0; i < 4; i++) {
        scale[i] = p[i] & 63;
        min[i] = p[i + 4] & 63;
        scale[i + 4] = (uint8_t)((p[i + 8] & 15) | p[i] >> 6 << 4);
        min[i + 4] = (uint8_t)(p[i + 8] >> 4 | p[i + 4] >> 6 << 4);
    }
}

/* The numbers of run `run` (32 columns) of a block. */
INLINE void read_numbers(const enum gguf_tensor_type type, const unsigned char *p, size_t run,
                         uint8_t out[BLOCK_COLUMNS])
{
    switch (type) {
    case GGUF_TENSOR_Q8_0:
        for (size_t i = 0; i < 32; i++)
            out[i] = p[2 + i] ^ 0x80; /* two's complement plus 128 */
        break;
    case GGUF_TENSOR_Q4_0:
        for (size_t i = 0; i < 16; i++) {
            out[i] = p[2 + i] & 15;
            out[i + 16] = p[2 + i] >> 4;
        }
        break;
    case GGUF_TENSOR_Q5_0:
        for (size_t i = 0; i < 16; i++) {
            out[i] = (uint8_t)((p[6 + i] & 15) | (p[2 + i / 8] >> i % 8 & 1) << 4);
            out[i + 16] = (uint8_t)(p[6 + i] >> 4 | (p[4 + i / 8] >> i % 8 & 1) << 4);
        }
        break;
    case GGUF_TENSOR_Q4_K:
        for (size_t i = 0; i < 32; i++)
            out[i] = p[16 + run / 2 * 32 + i] >> run % 2 * 4 & 15;
        break;
    case GGUF_TENSOR_Q6_K: { /* halves of 128 columns: runs 0 1 are low bits, 2 3 high ones */
        const unsigned char *low = p + run / 4 * 64 + run % 2 * 32;
        const unsigned char *high = p + 128 + run / 4 * 32;
        for (size_t i = 0; i < 32; i++)
            out[i] =
                (uint8_t)((low[i] >> run % 4 / 2 * 4 & 15) | (high[i] >> run % 4 * 2 & 3) << 4);
        break;
    }
    default:
        break;
    }
}

static void read_run(enum gguf_tensor_type type, const unsigned char *p, size_t run, float *out)
{
    uint8_t numbers[BLOCK_COLUMNS], scale[8], min[8];
    read_numbers(type, p, run, numbers);
    for (size_t i = 0; i < BLOCK_COLUMNS; i++) {
        float number = (float)(numbers[i] - quant_zero(type));
        if (type == GGUF_TENSOR_Q4_K) {
            read_q4k_scales(p + 4, scale, min);
            out[i] = half_to_float(load16(p)) * (float)scale[run] * number -
                     half_to_float(load16(p + 2)) * (float)min[run];
        } else if (type == GGUF_TENSOR_Q6_K) {
            int8_t s = (int8_t)p[192 + run * 2 + i / 16];
            out[i] = half_to_float(load16(p + 208)) * (float)s * number;
        } else {
            out[i] = half_to_float(load16(p)) * number;
        }
    }
}

void tensor_read(enum gguf_tensor_type type, const unsigned char *tensor, size_t n, float *out)
{
    const struct gguf_block *block = gguf_block(type);
    for (size_t i = 0; i < n; i += block->elements, tensor += block->bytes) {
        if (type == GGUF_TENSOR_F32)
            out[i] = load_float(tensor);
        else if (type == GGUF_TENSOR_F16)
            out[i] = half_to_float(load16(tensor));
        else if (type == GGUF_TENSOR_BF16)
            out[i] = bfloat_to_float(load16(tensor));
        else
            for (size_t run = 0; run < block->elements / BLOCK_COLUMNS; run++)
                read_run(type, tensor, run, out + i + run * BLOCK_COLUMNS);
    }
}

/* ---- packing ---- */

static size_t scale_bytes(enum gguf_tensor_type type, size_t columns)
{
    if (type == GGUF_TENSOR_Q4_K)
        return columns / SUPER_COLUMNS * sizeof(struct scales_q4k);
    if (type == GGUF_TENSOR_Q6_K)
        return columns / SUPER_COLUMNS * sizeof(struct scales_q6k);
    return columns / BLOCK_COLUMNS * LANES * sizeof(uint16_t);
}

struct matrix matrix_plan(enum gguf_tensor_type type, size_t outputs, size_t columns)
{
    struct matrix m = {.type = type,
                       .outputs = outputs,
                       .columns = columns,
                       .panels = lanes_round(outputs) / LANES};
    size_t block = quant_block_bytes(type);
    m.panel_bytes = block ? columns / BLOCK_COLUMNS * block + scale_bytes(type, columns)
                          : columns * LANES * gguf_block(type)->bytes;
    m.panel_bytes = (m.panel_bytes + MATRIX_ALIGNMENT - 1) / MATRIX_ALIGNMENT * MATRIX_ALIGNMENT;
    return m;
}

/* A row's four bytes of each of the eight vectors; every row writes its own bits of the block. */
INLINE void pack_numbers(const enum gguf_tensor_type type, unsigned char *block, size_t row,
                         const uint8_t numbers[BLOCK_COLUMNS])
{
    uint32_t words[8], high[2] = {0, 0};
    memcpy(words, numbers, sizeof words);
    if (type == GGUF_TENSOR_Q8_0) {
        for (size_t v = 0; v < 8; v++)
            memcpy(block + v * 64 + row * 4, &words[v], 4);
        return;
    }
    for (size_t v = 0; v < 4; v++) {
        uint32_t both = (words[v] & 0x0F0F0F0F) | (words[v + 4] & 0x0F0F0F0F) << 4;
        memcpy(block + v * 64 + row * 4, &both, 4);
    }
    if (type == GGUF_TENSOR_Q5_0)
        for (size_t c = 0; c < BLOCK_COLUMNS; c++)
            block[256 + c / 4 * 8 + row / 2] |=
                (unsigned char)(numbers[c] >> 4 << (row % 2 * 4 + c % 4));
    if (type == GGUF_TENSOR_Q6_K) {
        for (size_t v = 0; v < 8; v++)
            high[v / 4] |= (words[v] >> 4 & 0x03030303) << v % 4 * 2;
        memcpy(block + 256 + row * 4, &high[0], 4);
        memcpy(block + 320 + row * 4, &high[1], 4);
    }
}

static void unpack_numbers(enum gguf_tensor_type type, const unsigned char *block, size_t row,
                           uint8_t numbers[BLOCK_COLUMNS])
{
    for (size_t c = 0; c < BLOCK_COLUMNS; c++) {
        size_t v = c / 4, i = row * 4 + c % 4;
        unsigned n =
            type == GGUF_TENSOR_Q8_0 ? block[v * 64 + i] : block[v % 4 * 64 + i] >> v / 4 * 4 & 15u;
        if (type == GGUF_TENSOR_Q5_0)
            n |= (block[256 + v * 8 + i / 8] >> i % 8 & 1u) << 4;
        else if (type == GGUF_TENSOR_Q6_K)
            n |= (block[256 + v / 4 * 64 + i] >> v % 4 * 2 & 3u) << 4;
        numbers[c] = (uint8_t)n;
    }
}

static void pack_scales(const struct matrix *m, unsigned char *scales, size_t block_of_tensor,
                        size_t row, const unsigned char *p)
{
    if (m->type == GGUF_TENSOR_Q4_K) {
        struct scales_q4k *s = (struct scales_q4k *)(void *)scales + block_of_tensor;
        uint8_t scale[8], min[8];
        read_q4k_scales(p + 4, scale, min);
        s->d[row] = load16(p);
        s->min_d[row] = load16(p + 2);
        for (int run = 0; run < 8; run++) {
            s->scale[run][row] = scale[run];
            s->min[run][row] = min[run];
        }
    } else if (m->type == GGUF_TENSOR_Q6_K) {
        struct scales_q6k *s = (struct scales_q6k *)(void *)scales + block_of_tensor;
        s->d[row] = load16(p + 208);
        for (int run = 0; run < 16; run++)
            s->scale[run][row] = (int8_t)p[192 + run];
    } else {
        ((uint16_t *)(void *)scales)[block_of_tensor * LANES + row] = load16(p);
    }
}

INLINE void pack_quantized(const struct matrix *m, const enum gguf_tensor_type type,
                           unsigned char *panel, size_t row, const unsigned char *p)
{
    const size_t elements =
        type == GGUF_TENSOR_Q4_K || type == GGUF_TENSOR_Q6_K ? SUPER_COLUMNS : BLOCK_COLUMNS;
    const size_t runs = elements / BLOCK_COLUMNS, bytes = quant_block_bytes(type);
    const size_t step = gguf_block(type)->bytes;
    unsigned char *scales = panel + m->columns / BLOCK_COLUMNS * bytes;
    for (size_t b = 0; b < m->columns / elements; b++, p += step) {
#pragma GCC unroll 8
        for (size_t run = 0; run < runs; run++) {
            uint8_t numbers[BLOCK_COLUMNS];
            read_numbers(type, p, run, numbers);
            pack_numbers(type, panel + (b * runs + run) * bytes, row, numbers);
        }
        pack_scales(m, scales, b, row, p);
    }
}

/* Weights of 32 or 16 bits: the row becomes a column of the panel. */
static void pack_floats(const struct matrix *m, unsigned char *panel, size_t row,
                        const unsigned char *p)
{
    if (m->type == GGUF_TENSOR_F32)
        for (size_t c = 0; c < m->columns; c++)
            memcpy(panel + (c * LANES + row) * 4, p + c * 4, 4);
    else
        for (size_t c = 0; c < m->columns; c++)
            memcpy(panel + (c * LANES + row) * 2, p + c * 2, 2);
}

static void pack_row(const struct matrix *m, unsigned char *panel, size_t row,
                     const unsigned char *p)
{
    switch (m->type) {
    case GGUF_TENSOR_Q8_0:
        pack_quantized(m, GGUF_TENSOR_Q8_0, panel, row, p);
        break;
    case GGUF_TENSOR_Q4_0:
        pack_quantized(m, GGUF_TENSOR_Q4_0, panel, row, p);
        break;
    case GGUF_TENSOR_Q5_0:
        pack_quantized(m, GGUF_TENSOR_Q5_0, panel, row, p);
        break;
    case GGUF_TENSOR_Q4_K:
        pack_quantized(m, GGUF_TENSOR_Q4_K, panel, row, p);
        break;
    case GGUF_TENSOR_Q6_K:
        pack_quantized(m, GGUF_TENSOR_Q6_K, panel, row, p);
        break;
    default:
        pack_floats(m, panel, row, p);
        break;
    }
}

void matrix_pack(const struct matrix *m, const unsigned char *tensor, size_t first, size_t end)
{
    const struct gguf_block *block = gguf_block(m->type);
    size_t row_bytes = m->columns / block->elements * block->bytes;
    memset(m->data + first * m->panel_bytes, 0, (end - first) * m->panel_bytes);
    for (size_t o = first * LANES; o < end * LANES && o < m->outputs; o++)
        pack_row(m, m->data + o / LANES * m->panel_bytes, o % LANES, tensor + o * row_bytes);
}

/* ---- reading back ---- */

static void read_packed_run(const struct matrix *m, const unsigned char *panel, size_t row,
                            size_t b, float *out)
{
    uint8_t numbers[BLOCK_COLUMNS];
    size_t bytes = quant_block_bytes(m->type);
    const void *scales = panel + m->columns / BLOCK_COLUMNS * bytes;
    unpack_numbers(m->type, panel + b * bytes, row, numbers);
    for (size_t i = 0; i < BLOCK_COLUMNS; i++) {
        float number = (float)(numbers[i] - quant_zero(m->type));
        if (m->type == GGUF_TENSOR_Q4_K) {
            const struct scales_q4k *s = (const struct scales_q4k *)scales + b / 8;
            out[i] = half_to_float(s->d[row]) * (float)s->scale[b % 8][row] * number -
                     half_to_float(s->min_d[row]) * (float)s->min[b % 8][row];
        } else if (m->type == GGUF_TENSOR_Q6_K) {
            const struct scales_q6k *s = (const struct scales_q6k *)scales + b / 8;
            out[i] = half_to_float(s->d[row]) * (float)s->scale[b % 8 * 2 + i / 16][row] * number;
        } else {
            out[i] = half_to_float(((const uint16_t *)scales)[b * LANES + row]) * number;
        }
    }
}

void matrix_row(const struct matrix *m, size_t row, float *out)
{
    const unsigned char *panel = m->data + row / LANES * m->panel_bytes;
    const struct gguf_block *block = gguf_block(m->type);
    row %= LANES;
    if (matrix_is_quantized(m))
        for (size_t b = 0; b < m->columns / BLOCK_COLUMNS; b++)
            read_packed_run(m, panel, row, b, out + b * BLOCK_COLUMNS);
    else
        for (size_t c = 0; c < m->columns; c++)
            tensor_read(m->type, panel + (c * LANES + row) * block->bytes, 1, out + c);
}
