/*
 * attention.h - attention of some queries over one run of tokens.
 *
 * Queries are taken in tiles, so that a key or value is read and widened once for QUERIES of them:
 * K trajectories that share a prompt read it together.
 */
#ifndef SURETY_ENGINE_GGUF_KERNELS_ATTENTION_H
#define SURETY_ENGINE_GGUF_KERNELS_ATTENTION_H

#include "engine/gguf/kernels/vec.h"

#if VECTOR == 16
#define QUERIES 8
#elif VECTOR == 8
#define QUERIES 4
#else
#define QUERIES 2
#endif

INLINE float *state_of(const struct attend *a, size_t query)
{
    return a->states + query * state_floats(a->head_size);
}

/* scores[q][t] of all tokens of the run; n is a constant in every call */
INLINE void score_run(const struct attend *a, size_t first, const int n, size_t pages,
                      float scores[QUERIES][RUN_TOKENS])
{
    const float *queries[QUERIES];
    for (int q = 0; q < n; q++) {
        size_t i = first + (size_t)q;
        queries[q] = a->queries + i / a->group * a->row_stride + i % a->group * a->head_size;
    }
    for (size_t p = 0; p < pages; p++) {
        vec sum[QUERIES][VECTORS];
#pragma GCC unroll 8
        for (int q = 0; q < n; q++)
#pragma GCC unroll 4
            for (int v = 0; v < VECTORS; v++)
                sum[q][v] = splat(0);
        for (size_t d = 0; d < a->head_size; d++) {
            vec key[VECTORS];
#pragma GCC unroll 4
            for (int v = 0; v < VECTORS; v++)
                key[v] = load_halves(a->keys[p] + d * LANES + (size_t)v * VECTOR);
#pragma GCC unroll 8
            for (int q = 0; q < n; q++) {
                vec x = splat(queries[q][d]);
#pragma GCC unroll 4
                for (int v = 0; v < VECTORS; v++)
                    sum[q][v] += x * key[v];
            }
        }
#pragma GCC unroll 8
        for (int q = 0; q < n; q++)
#pragma GCC unroll 4
            for (int v = 0; v < VECTORS; v++)
                store(scores[q] + p * LANES + (size_t)v * VECTOR, sum[q][v]);
    }
}

/* Scores become weights relative to the new maximum; the state's sum follows. Returns by how much
 * the values of the state shrink. */
INLINE float weigh(float *scores, float *state, size_t length, size_t padded)
{
    for (size_t t = length; t < padded; t++)
        scores[t] = -INFINITY;
    float most = largest(scores, padded);
    most = state[STATE_MAX] > most ? state[STATE_MAX] : most;
    float shrink = exponential(splat(state[STATE_MAX] - most))[0];
    state[STATE_MAX] = most;
    state[STATE_SUM] = state[STATE_SUM] * shrink + exponentials(scores, scores, padded, most, 1);
    return shrink;
}

INLINE void mix_values(const struct attend *a, size_t first, const int n,
                       float scores[QUERIES][RUN_TOKENS], const float *shrink)
{
    const size_t padded = lanes_round(a->head_size);
    for (size_t d = 0; d < padded; d += LANES) {
        vec sum[QUERIES][VECTORS];
#pragma GCC unroll 8
        for (int q = 0; q < n; q++)
#pragma GCC unroll 4
            for (int v = 0; v < VECTORS; v++)
                sum[q][v] =
                    load(state_of(a, first + (size_t)q) + STATE_VALUES + d + (size_t)v * VECTOR) *
                    shrink[q];
        for (size_t t = 0; t < a->length; t++) {
            const uint16_t *row = a->values[t / LANES] + t % LANES * padded + d;
            vec value[VECTORS];
#pragma GCC unroll 4
            for (int v = 0; v < VECTORS; v++)
                value[v] = load_halves(row + (size_t)v * VECTOR);
#pragma GCC unroll 8
            for (int q = 0; q < n; q++) {
                vec weight = splat(scores[q][t]);
#pragma GCC unroll 4
                for (int v = 0; v < VECTORS; v++)
                    sum[q][v] += weight * value[v];
            }
        }
#pragma GCC unroll 8
        for (int q = 0; q < n; q++)
#pragma GCC unroll 4
            for (int v = 0; v < VECTORS; v++)
                store(state_of(a, first + (size_t)q) + STATE_VALUES + d + (size_t)v * VECTOR,
                      sum[q][v]);
    }
}

INLINE void attend_tile(const struct attend *a, size_t first, const int n)
{
    float scores[QUERIES][RUN_TOKENS], shrink[QUERIES];
    const size_t pages = (a->length - 1) / LANES + 1;
    score_run(a, first, n, pages, scores);
    for (int q = 0; q < n; q++)
        shrink[q] = weigh(scores[q], state_of(a, first + (size_t)q), a->length, pages * LANES);
    mix_values(a, first, n, scores, shrink);
}

static void attend(const struct attend *a)
{
    size_t q = 0;
    for (; q + QUERIES <= a->n; q += QUERIES)
        attend_tile(a, q, QUERIES);
    switch (a->n - q) {
#if QUERIES > 4
    case 7:
        attend_tile(a, q, 7);
        break;
    case 6:
        attend_tile(a, q, 6);
        break;
    case 5:
        attend_tile(a, q, 5);
        break;
    case 4:
        attend_tile(a, q, 4);
        break;
#endif
#if QUERIES > 2
    case 3:
        attend_tile(a, q, 3);
        break;
    case 2:
        attend_tile(a, q, 2);
        break;
#endif
    case 1:
        attend_tile(a, q, 1);
        break;
    default:
        break;
    }
}

#endif
