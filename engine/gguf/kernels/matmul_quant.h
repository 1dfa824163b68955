/*
 * matmul_quant.h - products with quantised weights: whole numbers inside a block of 32 columns,
 * floats from block to block.
 *
 *   out = sum over blocks of scale_w * scale_x * (sum of (number - zero) * x)
 *         (Q4_K: less the sum over blocks of min * scale_x * (sum of x))
 *
 * The numbers of a block are unpacked once, into registers where there are enough, and multiplied
 * with all rows of a group. Sums stay in a small array that the first-level cache holds. A zero
 * point costs no work on the weights: the sum starts at -zero * (sum of x), which quantize() knows.
 */
#ifndef SURETY_ENGINE_GGUF_KERNELS_MATMUL_QUANT_H
#define SURETY_ENGINE_GGUF_KERNELS_MATMUL_QUANT_H

#include "engine/gguf/half.h"
#include "engine/gguf/kernels/matmul_float.h"

#if VECTOR == 16 && defined(__AVX512VNNI__)
#define DOT_BYTES 1 /* four bytes with four bytes in one instruction */
#elif VECTOR >= 8
#define DOT_PAIRS 1 /* two 16-bit numbers with two in one instruction */
#endif

/* Elements 0 2 1 3 of each four, for even and odd bytes of weights, where pairs are multiplied. */
#if defined(DOT_PAIRS)
typedef int16_t element;
#else
typedef int8_t element;
#endif

struct quantized_block { /* 32 columns of a group of rows */
    element x[GROUP_ROWS][BLOCK_COLUMNS];
    float scale[GROUP_ROWS];
    float sum[GROUP_ROWS];           /* scale * sum of x */
    int32_t negative[3][GROUP_ROWS]; /* -(sum of x): of all, of the first and of the last 16 */
};

_Static_assert(sizeof(struct quantized_block) <= GROUP_ROWS * QUANTIZED_ROW_BYTES,
               "quantized_bytes() gives room for every layout");

/* ---- rows ---- */

INLINE void quantize_block(struct quantized_block *q, size_t row, const float *x)
{
    const float round = 12582912.0f; /* 1.5 * 2^23: adding it rounds to whole numbers */
    vec most = splat(0), bad = splat(0);
    for (size_t i = 0; i < BLOCK_COLUMNS; i += VECTOR) {
        vec value = load(x + i), size = (vec)((ivec)value & 0x7FFFFFFF);
        most = choose(size > most, size, most);
        bad += value * 0.0f; /* not a number if any is none or infinite */
    }
    float amax = 0, scale;
    for (int v = 0; v < VECTOR; v++) {
        amax = most[v] > amax ? most[v] : amax;
        bad[0] += v ? bad[v] : 0;
    }
    int32_t sums[2] = {0, 0}, whole[BLOCK_COLUMNS];
    float inverse = amax > 0 ? 127.0f / amax : 0;
    if (!(inverse < INFINITY)) /* so small that nothing is left of it */
        inverse = amax = 0;
    scale = amax / 127.0f + bad[0];
    for (size_t i = 0; i < BLOCK_COLUMNS; i += VECTOR) {
        ivec n = __builtin_convertvector((load(x + i) * inverse + round) - round, ivec);
        *(ivec *)(whole + i) = n & (bad[0] == 0 ? -1 : 0);
    }
    for (size_t i = 0; i < BLOCK_COLUMNS; i++) {
        sums[i / 16] += whole[i];
#if defined(DOT_PAIRS)
        q->x[row][i / 4 * 4 + i % 2 * 2 + i % 4 / 2] = (element)whole[i];
#else
        q->x[row][i] = (element)whole[i];
#endif
    }
    q->scale[row] = scale;
    q->sum[row] = scale * (float)(sums[0] + sums[1]);
    q->negative[0][row] = -sums[0] - sums[1];
    q->negative[1][row] = -sums[0];
    q->negative[2][row] = -sums[1];
}

static void quantize(const struct rows *rows, size_t first, size_t end)
{
    size_t blocks = rows->columns / BLOCK_COLUMNS;
    struct quantized_block *q = (struct quantized_block *)(void *)rows->quantized;
    for (size_t r = first; r < end; r++)
        for (size_t b = 0; b < blocks; b++)
            quantize_block(q + r / GROUP_ROWS * blocks + b, r % GROUP_ROWS,
                           rows->x + r * rows->stride + b * BLOCK_COLUMNS);
}

/* ---- numbers of a block of weights, and their products with a row ---- */

typedef uint8_t bytes __attribute__((vector_size(4 * VECTOR), aligned(1), may_alias));

/* Vector part `part` (VECTORS of them) of the unsigned bytes of v[j]. */
INLINE bytes numbers(const enum gguf_tensor_type type, const unsigned char *block, int j, int part)
{
    const size_t at = (size_t)part * sizeof(bytes);
    if (type == GGUF_TENSOR_Q8_0)
        return *(const bytes *)(block + j * 64 + at);
    bytes low = *(const bytes *)(block + j % 4 * 64 + at);
    low = low >> (j < 4 ? 0 : 4) & 15;
    if (type == GGUF_TENSOR_Q6_K) {
        bytes high = *(const bytes *)(block + 256 + j / 4 * 64 + at);
        const int shift = j % 4 * 2;
        return low | ((shift < 4 ? high << (4 - shift) : high >> (shift - 4)) & 0x30);
    }
    if (type == GGUF_TENSOR_Q5_0) {
        const unsigned char *bits = block + 256 + j * 8 + at / 8;
#if VECTOR == 16
        uint64_t mask;
        memcpy(&mask, bits, sizeof mask);
        return (bytes)_mm512_mask_add_epi8((__m512i)low, mask, (__m512i)low, _mm512_set1_epi8(16));
#elif VECTOR == 8
        const __m256i byte_of =
            _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
        const __m256i bit_of = _mm256_set1_epi64x((int64_t)0x8040201008040201);
        int32_t mask;
        memcpy(&mask, bits, sizeof mask);
        __m256i m = _mm256_and_si256(_mm256_shuffle_epi8(_mm256_set1_epi32(mask), byte_of), bit_of);
        return low | ((bytes)_mm256_cmpeq_epi8(m, bit_of) & 16);
#else
        for (size_t i = 0; i < sizeof(bytes); i++)
            low[i] |= (uint8_t)((bits[i / 8] >> i % 8 & 1) << 4);
#endif
    }
    return low;
}

#if defined(DOT_PAIRS)
struct numbers { /* bytes 0 2 and 1 3 of each four, as 16-bit numbers */
    bytes even[8][VECTORS], odd[8][VECTORS];
};

/* Two products of 16-bit numbers and their sum, in each element of 32 bits. */
INLINE ivec pairs(bytes weights, int32_t x)
{
#if VECTOR == 16
    return (ivec)_mm512_madd_epi16((__m512i)weights, _mm512_set1_epi32(x));
#else
    return (ivec)_mm256_madd_epi16((__m256i)weights, _mm256_set1_epi32(x));
#endif
}
#else
struct numbers {
    bytes v[8][VECTORS];
};
#endif

INLINE void unpack(const enum gguf_tensor_type type, const unsigned char *block, struct numbers *n)
{
#pragma GCC unroll 8
    for (int j = 0; j < 8; j++)
#pragma GCC unroll 4
        for (int part = 0; part < VECTORS; part++) {
            bytes b = numbers(type, block, j, part);
#if defined(DOT_PAIRS)
            n->even[j][part] = (bytes)((uvec)b & 0x00FF00FF);
            n->odd[j][part] = (bytes)((uvec)b >> 8 & 0x00FF00FF);
#else
            n->v[j][part] = b;
#endif
        }
}

/* sum[part] += numbers of vectors [first, end) times the row's elements */
INLINE void dot(const struct numbers *n, const element *x, const int first, const int end,
                ivec sum[VECTORS])
{
#if defined(DOT_BYTES)
#pragma GCC unroll 8
    for (int j = first; j < end; j++) {
        int32_t four;
        memcpy(&four, x + 4 * j, sizeof four);
        sum[0] = (ivec)_mm512_dpbusd_epi32((__m512i)sum[0], (__m512i)n->v[j][0],
                                           _mm512_set1_epi32(four));
    }
#elif defined(DOT_PAIRS)
#pragma GCC unroll 8
    for (int j = first; j < end; j++) {
        int32_t even, odd;
        memcpy(&even, x + 4 * j, sizeof even);
        memcpy(&odd, x + 4 * j + 2, sizeof odd);
#pragma GCC unroll 2
        for (int part = 0; part < VECTORS; part++)
            sum[part] += pairs(n->even[j][part], even) + pairs(n->odd[j][part], odd);
    }
#else
#pragma GCC unroll 8
    for (int j = first; j < end; j++)
        for (int part = 0; part < VECTORS; part++)
            for (int i = 0; i < VECTOR; i++)
                for (int c = 0; c < 4; c++)
                    sum[part][i] += (int32_t)n->v[j][part][4 * i + c] * x[4 * j + c];
#endif
}

/* ---- scales of a block of weights ---- */

struct scales {
    vec scale[2][VECTORS]; /* of both halves of the block; one of both but in Q6_K */
    vec min[VECTORS];
};

/* VECTOR bytes without or with a sign. */
INLINE vec load_ubytes(const uint8_t *p)
{
#if VECTOR == 16
    return (vec)_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i_u *)p)));
#elif VECTOR == 8
    return (vec)_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i_u *)p)));
#else
    vec out;
    for (int i = 0; i < VECTOR; i++)
        out[i] = (float)p[i];
    return out;
#endif
}

INLINE vec load_sbytes(const int8_t *p)
{
#if VECTOR == 16
    return (vec)_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i_u *)p)));
#elif VECTOR == 8
    return (vec)_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i_u *)p)));
#else
    vec out;
    for (int i = 0; i < VECTOR; i++)
        out[i] = (float)p[i];
    return out;
#endif
}

INLINE void load_scales(const enum gguf_tensor_type type, const void *scales, size_t b,
                        struct scales *s)
{
#pragma GCC unroll 4
    for (int part = 0; part < VECTORS; part++) {
        const int at = part * VECTOR;
        if (type == GGUF_TENSOR_Q4_K) {
            const struct scales_q4k *k = (const struct scales_q4k *)scales + b / 8;
            s->scale[0][part] = load_halves(k->d + at) * load_ubytes(k->scale[b % 8] + at);
            s->min[part] = load_halves(k->min_d + at) * load_ubytes(k->min[b % 8] + at);
        } else if (type == GGUF_TENSOR_Q6_K) {
            const struct scales_q6k *k = (const struct scales_q6k *)scales + b / 8;
            vec d = load_halves(k->d + at);
            s->scale[0][part] = d * load_sbytes(k->scale[b % 8 * 2] + at);
            s->scale[1][part] = d * load_sbytes(k->scale[b % 8 * 2 + 1] + at);
        } else {
            s->scale[0][part] = load_halves((const uint16_t *)scales + b * LANES + at);
        }
    }
}

/* ---- the product ---- */

/* Adds the product of a block with row r of its group to sum. */
INLINE void add_block(const enum gguf_tensor_type type, const struct numbers *n,
                      const struct scales *s, const struct quantized_block *x, size_t r,
                      vec sum[VECTORS])
{
    const int halves = type == GGUF_TENSOR_Q6_K ? 2 : 1;
    const int zero = quant_zero(type);
#pragma GCC unroll 2
    for (int half = 0; half < halves; half++) {
        ivec whole[VECTORS];
        const int32_t start = zero * x->negative[halves == 2 ? half + 1 : 0][r];
#pragma GCC unroll 4
        for (int part = 0; part < VECTORS; part++)
            whole[part] = start - (ivec){0};
        dot(n, x->x[r], half * 4, halves == 2 ? half * 4 + 4 : 8, whole);
#pragma GCC unroll 4
        for (int part = 0; part < VECTORS; part++)
            sum[part] +=
                __builtin_convertvector(whole[part], vec) * (s->scale[half][part] * x->scale[r]);
    }
    if (type == GGUF_TENSOR_Q4_K)
#pragma GCC unroll 4
        for (int part = 0; part < VECTORS; part++)
            sum[part] -= s->min[part] * x->sum[r];
}

/* Weights are asked for this far ahead, numbers and scales as one stream over the panels, into the
 * second-level cache: it has more requests under way than the first. Measured on Zen 4 with Q8_0:
 * 13 GB/s a core without, 22 with it; from 8 to 32 KiB it makes no difference. */
#define AHEAD_BYTES 16384

/* Of one block, on average. */
INLINE size_t scales_bytes(const enum gguf_tensor_type type)
{
    return type == GGUF_TENSOR_Q4_K   ? sizeof(struct scales_q4k) / 8
           : type == GGUF_TENSOR_Q6_K ? sizeof(struct scales_q6k) / 8
                                      : LANES * sizeof(uint16_t);
}

INLINE void quant_panel(const struct matmul *m, const enum gguf_tensor_type type, size_t panel,
                        size_t group, size_t rows)
{
    const size_t blocks = m->w->columns / BLOCK_COLUMNS, bytes_of = quant_block_bytes(type);
    const unsigned char *w = m->w->data + panel * m->w->panel_bytes;
    const void *scales = w + blocks * bytes_of;
    const struct quantized_block *x =
        (const struct quantized_block *)(const void *)m->x.quantized + group * blocks;
    const size_t step = bytes_of + scales_bytes(type);
    uintptr_t ahead = (uintptr_t)w + AHEAD_BYTES;
    vec sum[GROUP_ROWS][VECTORS];
    memset(sum, 0, rows * sizeof *sum);
    for (size_t b = 0; b < blocks; b++, w += bytes_of, x++) {
        struct numbers n;
        struct scales s;
        for (size_t i = 0; i < step; i += 64)
            __builtin_prefetch((const void *)(ahead + i), 0, 2);
        ahead += step;
        unpack(type, w, &n);
        load_scales(type, scales, b, &s);
        for (size_t r = 0; r < rows; r++)
            add_block(type, &n, &s, x, r, sum[r]);
    }
    for (size_t r = 0; r < rows; r++)
        for (int part = 0; part < VECTORS; part++)
            finish_output(m, group * GROUP_ROWS + r, panel * LANES + (size_t)part * VECTOR,
                          sum[r][part]);
}

/* A few panels at a time, so that they stay in the second-level cache for all groups of rows. */
INLINE void matmul_quant(const struct matmul *m, const enum gguf_tensor_type type, size_t first,
                         size_t end)
{
    for (size_t panel = first; panel < end; panel += PANELS)
        for (size_t row = 0; row < m->x.n; row += GROUP_ROWS) {
            size_t rows = m->x.n - row < GROUP_ROWS ? m->x.n - row : GROUP_ROWS;
            for (size_t p = panel; p < end && p < panel + PANELS; p++)
                quant_panel(m, type, p, row / GROUP_ROWS, rows);
        }
}

#endif
