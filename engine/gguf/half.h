/*
 * half.h - the 16-bit floating-point formats, one number at a time: IEEE 754 binary16, and
 * bfloat16.
 *
 * Widening is exact. Narrowing rounds to nearest, ties to even, as processors do; beyond 65504 it
 * gives an infinity. The kernels have the same in vectors.
 */
#ifndef SURETY_ENGINE_GGUF_HALF_H
#define SURETY_ENGINE_GGUF_HALF_H

#include <stdint.h>
#include <string.h>

static inline float float_of_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline float bfloat_to_float(uint16_t bits)
{
    return float_of_bits((uint32_t)bits << 16);
}

static inline float half_to_float(uint16_t half)
{
    uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> 10 & 31;
    uint32_t fraction = half & 0x3FF;
    if (exponent == 31)
        return float_of_bits(sign | 0x7F800000 | fraction << 13);
    if (exponent > 0)
        return float_of_bits(sign | (exponent + 112) << 23 | fraction << 13);
    return (sign ? -1.0f : 1.0f) * (float)fraction * 0x1p-24f;
}

static inline uint16_t float_to_half(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint32_t sign = bits >> 16 & 0x8000, size = bits & 0x7FFFFFFF;
    if (size > 0x7F800000) /* not a number: stays one, quiet */
        return (uint16_t)(sign | 0x7E00 | (size >> 13 & 0x3FF));
    if (size >= 0x477FF000)
        return (uint16_t)(sign | 0x7C00);
    if (size < 0x38800000) { /* subnormal: the addition rounds at the right place */
        float rounded = float_of_bits(size) + 0.5f;
        uint32_t fraction;
        memcpy(&fraction, &rounded, sizeof fraction);
        return (uint16_t)(sign | (fraction - 0x3F000000));
    }
    return (uint16_t)(sign | ((size + 0xFFF + (size >> 13 & 1) - 0x38000000) >> 13));
}

#endif
