/*
 * The kernels in the compiler's generic vectors: VECTOR floats wide, whatever the instruction set
 * this file is compiled for, VECTORS of them for each LANES. Compiled several times (meson.build),
 * each time with another KERNELS_NAME.
 *
 * The matrix product keeps a tile of rows x blocks of results in registers: it reads a weight once
 * for all rows of the tile. TILE is what fits into the register file.
 */
#include "engine/gguf/kernels.h"

#include <math.h>

#if defined(__AVX512F__)
#define VECTOR 16
#define TILE 24
#define ROWS 6
#elif defined(__AVX2__)
#define VECTOR 8
#define TILE 12
#define ROWS 6
#else
#define VECTOR 4
#define TILE 8
#define ROWS 2
#endif
#define VECTORS (LANES / VECTOR)
#define BLOCKS 4 /* of a tile, at most */

#define INLINE static inline __attribute__((always_inline))
#define QUOTE(x) #x
#define STRING(x) QUOTE(x)
#define JOIN(a, b) a##b
#define SYMBOL(name) JOIN(kernels_, name)

typedef float vec __attribute__((vector_size(4 * VECTOR), aligned(4), may_alias));
typedef int32_t ivec __attribute__((vector_size(4 * VECTOR)));

INLINE vec load(const float *p)
{
    return *(const vec *)p;
}

INLINE void store(float *p, vec v)
{
    *(vec *)p = v;
}

INLINE vec splat(float x)
{
    return x - (vec){0};
}

/* mask ? a : b */
INLINE vec choose(ivec mask, vec a, vec b)
{
    return (vec)(((ivec)a & mask) | ((ivec)b & ~mask));
}

/* exp(x) to 2 units in the last place; 0 below -87, capped above 88. Cephes' expf polynomial. */
INLINE vec exponential(vec x)
{
    const float round = 12582912.0f; /* 1.5 * 2^23 */
    ivec tiny = x < -87.0f;
    x = choose(tiny, splat(-87.0f), x);
    x = choose(x > 88.0f, splat(88.0f), x);
    vec n = (x * 1.44269504088896341f + round) - round;
    vec r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
    vec p = r * 1.9875691500e-4f + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * (r * r) + r + 1.0f;
    ivec power = (__builtin_convertvector(n, ivec) + 127) << 23;
    return choose(tiny, splat(0), p * (vec)power);
}

/* The sum of LANES lanes along a fixed tree. */
INLINE float sum_lanes(const vec *v)
{
    float lanes[LANES];
    for (int i = 0; i < VECTORS; i++)
        store(lanes + i * VECTOR, v[i]);
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            lanes[i] += lanes[i + half];
    return lanes[0];
}

/* ---- matrix product ---- */

/* rows and blocks are constants in every call, so that all loops over them unroll. */
INLINE void tile(const struct matmul *m, size_t block, size_t row, const int rows, const int blocks)
{
    vec sum[ROWS][BLOCKS * VECTORS];
    const size_t columns = m->columns, stride = m->x_stride;
    const float *w = m->w + block * columns * LANES;
    const float *x = m->x + row * stride;
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 16
        for (int v = 0; v < blocks * VECTORS; v++)
            sum[r][v] = splat(0);
    for (size_t c = 0; c < columns; c++) {
        vec weight[BLOCKS * VECTORS];
#pragma GCC unroll 16
        for (int v = 0; v < blocks * VECTORS; v++)
            weight[v] = load(w + ((size_t)(v / VECTORS) * columns + c) * LANES +
                             (size_t)(v % VECTORS) * VECTOR);
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++) {
            vec value = splat(x[(size_t)r * stride + c]);
#pragma GCC unroll 16
            for (int v = 0; v < blocks * VECTORS; v++)
                sum[r][v] += value * weight[v];
        }
    }
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 16
        for (int v = 0; v < blocks * VECTORS; v++) {
            size_t o = block * LANES + (size_t)v * VECTOR;
            float *out = m->out + (row + (size_t)r) * m->out_stride + o;
            vec result = sum[r][v];
            if (m->bias)
                result += load(m->bias + o);
            if (m->add)
                result += load(out);
            store(out, result);
        }
}

INLINE void tiles(const struct matmul *m, size_t block, size_t end, size_t row, const int rows)
{
    const int fit = TILE / (rows * VECTORS);
    const int blocks = fit < 1 ? 1 : fit > BLOCKS ? BLOCKS : fit;
    for (; block + (size_t)blocks <= end; block += (size_t)blocks)
        tile(m, block, row, rows, blocks);
    for (; block < end; block++)
        tile(m, block, row, rows, 1);
}

static void matmul(const struct matmul *m, size_t first, size_t end)
{
    for (size_t block = first; block < end; block += BLOCKS) {
        size_t stop = block + BLOCKS < end ? block + BLOCKS : end;
        size_t row = 0;
        for (; row + ROWS <= m->rows; row += ROWS)
            tiles(m, block, stop, row, ROWS);
        switch (m->rows - row) {
#if ROWS > 2
        case 5:
            tiles(m, block, stop, row, 5);
            break;
        case 4:
            tiles(m, block, stop, row, 4);
            break;
        case 3:
            tiles(m, block, stop, row, 3);
            break;
        case 2:
            tiles(m, block, stop, row, 2);
            break;
#endif
        case 1:
            tiles(m, block, stop, row, 1);
            break;
        default:
            break;
        }
    }
}

/* ---- element-wise ---- */

static void rms_norm(float *out, const float *x, const float *weight, size_t n, float epsilon)
{
    vec sum[VECTORS] = {0};
    size_t padded = lanes_round(n);
    for (size_t i = 0; i < padded; i += LANES)
        for (int v = 0; v < VECTORS; v++) {
            vec value = load(x + i + (size_t)v * VECTOR);
            sum[v] += value * value;
        }
    float scale = 1.0f / sqrtf(sum_lanes(sum) / (float)n + epsilon);
    for (size_t i = 0; i < padded; i += VECTOR)
        store(out + i, load(x + i) * scale * load(weight + i));
}

static void swiglu(float *gate, const float *up, size_t n)
{
    for (size_t i = 0; i < n; i += VECTOR) {
        vec g = load(gate + i);
        store(gate + i, g / (1.0f + exponential(-g)) * load(up + i));
    }
}

static float exp_sum(float *out, const float *x, size_t n, float max, float scale)
{
    vec sum[VECTORS] = {0};
    for (size_t i = 0; i < n; i += LANES)
        for (int v = 0; v < VECTORS; v++) {
            vec e = exponential((load(x + i + (size_t)v * VECTOR) - max) * scale);
            store(out + i + (size_t)v * VECTOR, e);
            sum[v] += e;
        }
    return sum_lanes(sum);
}

static float max(const float *x, size_t n)
{
    vec best = load(x);
    for (size_t i = VECTOR; i < n; i += VECTOR) {
        vec value = load(x + i);
        best = choose(value > best, value, best);
    }
    float most = best[0];
    for (int v = 1; v < VECTOR; v++)
        most = best[v] > most ? best[v] : most;
    return most;
}

/* ---- attention ---- */

/* Scores of the tokens of some pages with one query. */
INLINE void score_pages(const struct attend *a, const float *query, size_t page, const int pages)
{
    vec sum[BLOCKS * VECTORS];
    const float *keys[BLOCKS];
#pragma GCC unroll 4
    for (int p = 0; p < pages; p++)
        keys[p] = a->cache + a->pages[page + (size_t)p] * a->page_floats + a->keys;
#pragma GCC unroll 16
    for (int v = 0; v < pages * VECTORS; v++)
        sum[v] = splat(0);
    for (size_t d = 0; d < a->head_size; d++) {
        vec q = splat(query[d]);
#pragma GCC unroll 16
        for (int v = 0; v < pages * VECTORS; v++)
            sum[v] += q * load(keys[v / VECTORS] + d * LANES + (size_t)(v % VECTORS) * VECTOR);
    }
#pragma GCC unroll 16
    for (int v = 0; v < pages * VECTORS; v++)
        store(a->scores + page * LANES + (size_t)v * VECTOR, sum[v]);
}

/* Adds the values, weighed, into blocks of LANES elements of out from block on. */
INLINE void mix_values(const struct attend *a, float *out, float scale, size_t block,
                       const int blocks)
{
    vec sum[BLOCKS * VECTORS];
    const size_t stride = lanes_round(a->head_size);
#pragma GCC unroll 16
    for (int v = 0; v < blocks * VECTORS; v++)
        sum[v] = splat(0);
    for (size_t t = 0; t < a->length; t++) {
        const float *value = a->cache + a->pages[t / LANES] * a->page_floats + a->values +
                             t % LANES * stride + block * LANES;
        vec weight = splat(a->scores[t]);
#pragma GCC unroll 16
        for (int v = 0; v < blocks * VECTORS; v++)
            sum[v] += weight * load(value + (size_t)v * VECTOR);
    }
    float mixed[BLOCKS * LANES];
#pragma GCC unroll 16
    for (int v = 0; v < blocks * VECTORS; v++)
        store(mixed + (size_t)v * VECTOR, sum[v] * scale);
    for (size_t i = 0; i < (size_t)blocks * LANES && block * LANES + i < a->head_size; i++)
        out[block * LANES + i] = mixed[i];
}

static void attend(const struct attend *a)
{
    size_t pages = (a->length + LANES - 1) / LANES, padded = pages * LANES;
    size_t blocks = lanes_round(a->head_size) / LANES;
    for (size_t head = 0; head < a->heads; head++) {
        const float *query = a->queries + head * a->head_size;
        float *out = a->out + head * a->head_size;
        size_t p = 0, b = 0;
        for (; p + BLOCKS <= pages; p += BLOCKS)
            score_pages(a, query, p, BLOCKS);
        for (; p < pages; p++)
            score_pages(a, query, p, 1);
        for (size_t t = a->length; t < padded; t++)
            a->scores[t] = -INFINITY;
        float most = max(a->scores, padded);
        float scale = 1.0f / exp_sum(a->scores, a->scores, padded, most, 1.0f);
        for (; b + BLOCKS <= blocks; b += BLOCKS)
            mix_values(a, out, scale, b, BLOCKS);
        for (; b + 3 <= blocks; b += 3)
            mix_values(a, out, scale, b, 3);
        for (; b < blocks; b++)
            mix_values(a, out, scale, b, 1);
    }
}

extern const struct kernels SYMBOL(KERNELS_NAME);
const struct kernels SYMBOL(KERNELS_NAME) = {
    .name = STRING(KERNELS_NAME),
    .matmul = matmul,
    .rms_norm = rms_norm,
    .swiglu = swiglu,
    .attend = attend,
    .exp_sum = exp_sum,
    .max = max,
};
