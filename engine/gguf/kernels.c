/*
 * One set of kernels: the parts in kernels/, for the instruction set that this file is compiled
 * for. Compiled several times (meson.build), each time with another KERNELS_NAME.
 */
#include "engine/gguf/kernels/attention.h"
#include "engine/gguf/kernels/matmul_quant.h"

#define QUOTE(x) #x
#define STRING(x) QUOTE(x)
#define JOIN(a, b) a##b
#define SYMBOL(name) JOIN(kernels_, name)

static void matmul(const struct matmul *m, size_t first, size_t end)
{
    switch (m->w->type) {
    case GGUF_TENSOR_F32:
        matmul_float(m, GGUF_TENSOR_F32, first, end);
        break;
    case GGUF_TENSOR_F16:
        matmul_float(m, GGUF_TENSOR_F16, first, end);
        break;
    case GGUF_TENSOR_BF16:
        matmul_float(m, GGUF_TENSOR_BF16, first, end);
        break;
    case GGUF_TENSOR_Q8_0:
        matmul_quant(m, GGUF_TENSOR_Q8_0, first, end);
        break;
    case GGUF_TENSOR_Q4_0:
        matmul_quant(m, GGUF_TENSOR_Q4_0, first, end);
        break;
    case GGUF_TENSOR_Q5_0:
        matmul_quant(m, GGUF_TENSOR_Q5_0, first, end);
        break;
    case GGUF_TENSOR_Q4_K:
        matmul_quant(m, GGUF_TENSOR_Q4_K, first, end);
        break;
    case GGUF_TENSOR_Q6_K:
        matmul_quant(m, GGUF_TENSOR_Q6_K, first, end);
        break;
    }
}

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

static void narrow(uint16_t *out, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i += VECTOR)
        store_halves(out + i, load(x + i));
}

static float exp_sum(float *out, const float *x, size_t n, float max, float scale)
{
    return exponentials(out, x, n, max, scale);
}

static float max(const float *x, size_t n)
{
    return largest(x, n);
}

extern const struct kernels SYMBOL(KERNELS_NAME);
const struct kernels SYMBOL(KERNELS_NAME) = {
    .name = STRING(KERNELS_NAME),
    .quantize = quantize,
    .matmul = matmul,
    .rms_norm = rms_norm,
    .swiglu = swiglu,
    .narrow = narrow,
    .attend = attend,
    .exp_sum = exp_sum,
    .max = max,
};
