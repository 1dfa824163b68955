/*
 * vec.h - the compiler's generic vectors, VECTOR floats wide for the instruction set that the file
 * is compiled for; VECTORS of them make LANES. Included by the kernels only.
 */
#ifndef SURETY_ENGINE_GGUF_KERNELS_VEC_H
#define SURETY_ENGINE_GGUF_KERNELS_VEC_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "engine/gguf/half.h"
#include "engine/gguf/kernels.h"

#if defined(__AVX512F__)
#define VECTOR 16
#elif defined(__AVX2__)
#define VECTOR 8
#else
#define VECTOR 4
#endif
#define VECTORS (LANES / VECTOR)

#define INLINE static inline __attribute__((always_inline))

typedef float vec __attribute__((vector_size(4 * VECTOR), aligned(4), may_alias));
typedef int32_t ivec __attribute__((vector_size(4 * VECTOR), aligned(4), may_alias));
typedef uint32_t uvec __attribute__((vector_size(4 * VECTOR)));
typedef uint16_t hvec __attribute__((vector_size(2 * VECTOR), aligned(2), may_alias));

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

/* VECTOR halves, exactly. */
INLINE vec load_halves(const uint16_t *p)
{
#if defined(__AVX512F__)
    return (vec)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i_u *)p));
#elif defined(__F16C__)
    return (vec)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i_u *)p));
#else
    uvec h = __builtin_convertvector(*(const hvec *)p, uvec);
    vec size = (vec)((h & 0x7FFF) << 13) * 0x1p112f; /* exact, subnormals too */
    uvec huge = (uvec)((h & 0x7C00) == 0x7C00) & 0x7F800000;
    return (vec)((uvec)size | huge | (h & 0x8000) << 16);
#endif
}

INLINE void store_halves(uint16_t *p, vec v)
{
#if defined(__AVX512F__)
    _mm256_storeu_si256((__m256i_u *)p, _mm512_cvtps_ph((__m512)v, _MM_FROUND_TO_NEAREST_INT));
#elif defined(__F16C__)
    _mm_storeu_si128((__m128i_u *)p, _mm256_cvtps_ph((__m256)v, _MM_FROUND_TO_NEAREST_INT));
#else
    for (int i = 0; i < VECTOR; i++)
        p[i] = float_to_half(v[i]);
#endif
}

INLINE vec load_bfloats(const uint16_t *p)
{
    return (vec)(__builtin_convertvector(*(const hvec *)p, uvec) << 16);
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

/* The largest of n numbers, a multiple of LANES. */
INLINE float largest(const float *x, size_t n)
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

/* out[i] = exp((x[i] - max) * scale), and their sum */
INLINE float exponentials(float *out, const float *x, size_t n, float max, float scale)
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

#endif
