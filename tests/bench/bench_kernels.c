/*
 * bench_kernels.c - every kernel of every instruction set: checked against the plain C one, bit by
 * bit, then timed. usage: bench_kernels [--check]
 *
 * Checks use odd shapes (rows beyond a tile, outputs beyond a panel, zeros, subnormals, values that
 * are none) and end the program with 1 and the first difference. Times are of one thread and the
 * best of some runs; a product is of a 512 x 1024 matrix, which the second-level cache holds in
 * part: what the instructions can do, not what memory can. CSV lines: name;set, value, unit, work.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/gguf/kernels.h"

#define ROWS_MAX 40
#define OUTPUTS 512
#define COLUMNS 1024
#define SECONDS 0.02 /* of a timed run */
#define RUNS 3

static const enum gguf_tensor_type types[] = {
    GGUF_TENSOR_F32,  GGUF_TENSOR_F16,  GGUF_TENSOR_BF16, GGUF_TENSOR_Q8_0,
    GGUF_TENSOR_Q4_0, GGUF_TENSOR_Q5_0, GGUF_TENSOR_Q4_K, GGUF_TENSOR_Q6_K,
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- inputs ---- */

static uint64_t seed = 1;

static uint32_t draw(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 32);
}

static float draw_float(void) /* -1..1 */
{
    return (float)((int32_t)draw() * 0x1p-31);
}

static void *take(size_t bytes)
{
    void *p = aligned_alloc(64, (bytes + 127) / 64 * 64);
    if (!p) {
        fprintf(stderr, "no memory\n");
        exit(1);
    }
    memset(p, 0, (bytes + 127) / 64 * 64);
    return p;
}

static float *take_floats(size_t n)
{
    float *p = take(n * sizeof *p);
    for (size_t i = 0; i < n; i++)
        p[i] = draw_float();
    return p;
}

/* A random half between 2^-6 and 2^-5, of either sign. */
static void put_half(unsigned char *p)
{
    uint16_t half = (uint16_t)(0x2400 | (draw() & 0x83FF));
    memcpy(p, &half, sizeof half);
}

/* A packed matrix of random bits with sane scales; the caller frees its data. */
static struct matrix make_matrix(enum gguf_tensor_type type, size_t outputs, size_t columns)
{
    const struct gguf_block *block = gguf_block(type);
    size_t n = outputs * columns / block->elements;
    unsigned char *tensor = take(n * block->bytes);
    for (size_t i = 0; i < n; i++) {
        unsigned char *p = tensor + i * block->bytes;
        float x = draw_float();
        for (size_t j = 0; j < block->bytes; j++)
            p[j] = (unsigned char)draw();
        if (type == GGUF_TENSOR_F32)
            memcpy(p, &x, sizeof x);
        else if (type == GGUF_TENSOR_BF16)
            memcpy(p, (unsigned char *)&x + 2, 2);
        else
            put_half(p + (type == GGUF_TENSOR_Q6_K ? 208 : 0));
        if (type == GGUF_TENSOR_Q4_K)
            put_half(p + 2);
    }
    struct matrix m = matrix_plan(type, outputs, columns);
    m.data = take(matrix_bytes(&m));
    matrix_pack(&m, tensor, 0, m.panels);
    free(tensor);
    return m;
}

/* ---- checks ---- */

static bool same(const char *what, const struct kernels *k, const void *got, const void *expected,
                 size_t n, size_t size)
{
    for (size_t i = 0; i < n; i++) {
        const char *a = (const char *)got + i * size, *b = (const char *)expected + i * size;
        float x = 0, y = 0;
        if (memcmp(a, b, size) == 0)
            continue;
        if (size == sizeof(float)) {
            memcpy(&x, a, sizeof x);
            memcpy(&y, b, sizeof y);
            if (isnan(x) && isnan(y))
                continue; /* of any sign */
        }
        fprintf(stderr, "%s: %s differs from plain at %zu of %zu: %.9g, not %.9g\n", what, k->name,
                i, n, (double)x, (double)y);
        return false;
    }
    return true;
}

static void multiply(const struct kernels *k, const struct matmul *m)
{
    if (matrix_is_quantized(m->w))
        k->quantize(&m->x, 0, m->x.n);
    k->matmul(m, 0, m->w->panels);
}

/* Rows with everything that a hostile model can bring about. */
static void spoil(float *x, size_t rows, size_t stride)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < stride; c++)
            switch (r % 7) {
            case 1:
                x[r * stride + c] = 0;
                break;
            case 2:
                x[r * stride + c] *= 0x1p-140f;
                break;
            case 3:
                x[r * stride + c] *= 0x1p100f;
                break;
            case 4:
                if (c == stride / 2)
                    x[r * stride + c] = r % 2 ? INFINITY : NAN;
                break;
            default:
                break;
            }
}

static bool check_product(const struct kernels *k, const struct kernels *plain,
                          enum gguf_tensor_type type, size_t rows, bool spoiled)
{
    size_t columns = type == GGUF_TENSOR_Q4_K || type == GGUF_TENSOR_Q6_K ? 768 : 96;
    struct matrix w = make_matrix(type, 149, columns);
    size_t outputs = lanes_round(w.outputs);
    float *x = take_floats(rows * columns), *bias = take_floats(outputs);
    float *out[2] = {take_floats(rows * outputs), take(rows * outputs * sizeof(float))};
    unsigned char *quantized = take(quantized_bytes(rows, columns));
    if (spoiled)
        spoil(x, rows, columns);
    memcpy(out[1], out[0], rows * outputs * sizeof(float));
    for (int i = 0; i < 2; i++) {
        struct matmul m = {.w = &w,
                           .bias = rows % 2 ? bias : NULL,
                           .x = {x, columns, rows, columns, quantized},
                           .out = out[i],
                           .out_stride = outputs,
                           .add = rows % 3 == 0};
        multiply(i ? plain : k, &m);
    }
    char name[64];
    snprintf(name, sizeof name, "matmul %s, %zu rows%s", gguf_block(type)->name, rows,
             spoiled ? ", not all finite" : "");
    bool ok = same(name, k, out[0], out[1], rows * outputs, sizeof(float));
    free(w.data);
    free(x);
    free(bias);
    free(out[0]);
    free(out[1]);
    free(quantized);
    return ok;
}

/* The kernels that turn a vector into another. */
static bool check_vectors(const struct kernels *k, const struct kernels *plain, size_t n)
{
    size_t padded = lanes_round(n);
    float *x = take_floats(padded), *w = take_floats(padded);
    float *a = take_floats(padded), *b = take(padded * sizeof *b);
    uint16_t *half_a = take(padded * 2), *half_b = take(padded * 2);
    for (size_t i = 0; i < padded; i++)
        x[i] = i < n ? x[i] * (i % 11 == 3 ? 100 : i % 11 == 4 ? 0x1p-20f : 3) : 0;
    bool ok = true;
    k->rms_norm(a, x, w, n, 1e-6f);
    plain->rms_norm(b, x, w, n, 1e-6f);
    ok = ok && same("rms_norm", k, a, b, padded, sizeof *a);
    memcpy(a, x, padded * sizeof *a);
    memcpy(b, x, padded * sizeof *b);
    k->swiglu(a, w, padded);
    plain->swiglu(b, w, padded);
    ok = ok && same("swiglu", k, a, b, padded, sizeof *a);
    float sums[4] = {k->max(x, padded), 0, plain->max(x, padded), 0};
    x[n / 2] = -INFINITY;
    sums[1] = k->exp_sum(a, x, padded, sums[0], 0.7f);
    sums[3] = plain->exp_sum(b, x, padded, sums[0], 0.7f);
    ok = ok && same("exp_sum", k, a, b, padded, sizeof *a) &&
         same("max and the sum of exp_sum", k, sums, sums + 2, 2, sizeof *sums);
    x[n / 3] = 1e6f; /* too large for a half */
    k->narrow(half_a, x, padded);
    plain->narrow(half_b, x, padded);
    ok = ok && same("narrow", k, half_a, half_b, padded, sizeof *half_a);
    free(x);
    free(w);
    free(a);
    free(b);
    free(half_a);
    free(half_b);
    return ok;
}

struct attention { /* two runs of pages, and queries over them */
    struct attend a;
    uint16_t *keys, *values;
    float *queries;
    size_t state_size;
};

static struct attention make_attention(size_t head, size_t group, size_t rows)
{
    size_t padded = lanes_round(head), n = 2 * RUN_PAGES * LANES * padded;
    struct attention t = {.keys = take(n * 2),
                          .values = take(n * 2),
                          .queries = take_floats(rows * group * head),
                          .state_size = rows * group * state_floats(head)};
    for (size_t i = 0; i < n; i++) {
        put_half((unsigned char *)(t.keys + i));
        put_half((unsigned char *)(t.values + i));
    }
    t.a = (struct attend){.head_size = head,
                          .n = rows * group,
                          .group = group,
                          .row_stride = group * head,
                          .queries = t.queries};
    return t;
}

/* Takes a whole run and `length` tokens of another. */
static void attend_twice(const struct kernels *k, struct attention *t, size_t length)
{
    size_t padded = lanes_round(t->a.head_size);
    for (size_t run = 0; run < 2; run++) {
        for (size_t p = 0; p < RUN_PAGES; p++) {
            size_t page = (run * RUN_PAGES + p) * LANES * padded;
            t->a.keys[p] = t->keys + page;
            t->a.values[p] = t->values + page;
        }
        t->a.length = run ? length : RUN_TOKENS;
        k->attend(&t->a);
    }
}

static bool check_attention(const struct kernels *k, const struct kernels *plain, size_t head,
                            size_t group, size_t rows, size_t length)
{
    struct attention t = make_attention(head, group, rows);
    float *states[2];
    for (int i = 0; i < 2; i++) {
        states[i] = t.a.states = take(t.state_size * sizeof(float));
        for (size_t q = 0; q < t.a.n; q++)
            t.a.states[q * state_floats(head) + STATE_MAX] = -INFINITY;
        attend_twice(i ? plain : k, &t, length);
    }
    bool ok = same("attend", k, states[0], states[1], t.state_size, sizeof(float));
    free(states[0]);
    free(states[1]);
    free(t.keys);
    free(t.values);
    free(t.queries);
    return ok;
}

static bool check(const struct kernels *k, const struct kernels *plain)
{
    bool ok = true;
    for (size_t t = 0; t < sizeof types / sizeof *types; t++)
        for (size_t rows = 1; ok && rows <= ROWS_MAX; rows++)
            ok = check_product(k, plain, types[t], rows, false) &&
                 (rows % 9 || check_product(k, plain, types[t], rows, true));
    for (size_t n = 1; ok && n <= 200; n += 13)
        ok = check_vectors(k, plain, n);
    for (size_t i = 0; ok && i < 64; i++)
        ok = check_attention(k, plain,
                             i % 3 == 0   ? 128
                             : i % 3 == 1 ? 64
                                          : 24,
                             1 + i % 7, 1 + i / 7, 1 + i * 29 % RUN_TOKENS);
    return ok;
}

/* ---- times ---- */

/* Runs work until it took SECONDS, RUNS times, and prints the best rate. */
static void print_rate(const char *name, const struct kernels *k, double work, const char *unit,
                       void (*run)(const struct kernels *, void *), void *arg)
{
    double best = 0;
    for (int i = 0; i < RUNS; i++) {
        double start = now(), seconds;
        size_t n = 0;
        do {
            run(k, arg);
            n++;
            seconds = now() - start;
        } while (seconds < SECONDS);
        best = n / seconds > best ? n / seconds : best;
    }
    printf("%s;%s,%.2f,G %s/s,%.0f\n", name, k->name, best * work * 1e-9, unit, work);
    fflush(stdout);
}

static void run_product(const struct kernels *k, void *arg)
{
    const struct matmul *m = arg;
    k->matmul(m, 0, m->w->panels);
}

static void run_quantize(const struct kernels *k, void *arg)
{
    const struct rows *rows = arg;
    k->quantize(rows, 0, rows->n);
}

static void time_products(const struct kernels *k)
{
    static const size_t counts[] = {1, 8, 32};
    float *x = take_floats(ROWS_MAX * COLUMNS), *out = take(ROWS_MAX * OUTPUTS * sizeof *out);
    unsigned char *quantized = take(quantized_bytes(ROWS_MAX, COLUMNS));
    char name[64];
    for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
        struct matrix w = make_matrix(types[t], OUTPUTS, COLUMNS);
        for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
            struct matmul m = {.w = &w,
                               .x = {x, COLUMNS, counts[i], COLUMNS, quantized},
                               .out = out,
                               .out_stride = OUTPUTS};
            snprintf(name, sizeof name, "matmul %s, %zu rows", gguf_block(types[t])->name,
                     counts[i]);
            k->quantize(&m.x, 0, counts[i]);
            print_rate(name, k, (double)OUTPUTS * COLUMNS * (double)counts[i], "multiply-adds",
                       run_product, &m);
        }
        free(w.data);
    }
    struct rows rows = {x, COLUMNS, 32, COLUMNS, quantized};
    print_rate("quantize", k, 32.0 * COLUMNS, "elements", run_quantize, &rows);
    free(x);
    free(out);
    free(quantized);
}

struct vectors {
    float *x, *w, *out;
    uint16_t *halves;
    float sink;
};

static void run_norm(const struct kernels *k, void *arg)
{
    struct vectors *v = arg;
    k->rms_norm(v->out, v->x, v->w, COLUMNS, 1e-6f);
}

static void run_swiglu(const struct kernels *k, void *arg)
{
    struct vectors *v = arg;
    k->swiglu(v->out, v->w, COLUMNS);
}

static void run_narrow(const struct kernels *k, void *arg)
{
    struct vectors *v = arg;
    k->narrow(v->halves, v->x, COLUMNS);
}

static void run_exp_sum(const struct kernels *k, void *arg)
{
    struct vectors *v = arg;
    v->sink += k->exp_sum(v->out, v->x, COLUMNS, 1, 1);
}

static void run_max(const struct kernels *k, void *arg)
{
    struct vectors *v = arg;
    v->sink += k->max(v->x, COLUMNS);
}

static void time_vectors(const struct kernels *k)
{
    struct vectors v = {.x = take_floats(COLUMNS),
                        .w = take_floats(COLUMNS),
                        .out = take_floats(COLUMNS),
                        .halves = take(COLUMNS * 2)};
    print_rate("rms_norm", k, COLUMNS, "elements", run_norm, &v);
    print_rate("swiglu", k, COLUMNS, "elements", run_swiglu, &v);
    print_rate("narrow", k, COLUMNS, "elements", run_narrow, &v);
    print_rate("exp_sum", k, COLUMNS, "elements", run_exp_sum, &v);
    print_rate("max", k, COLUMNS, "elements", run_max, &v);
    free(v.x);
    free(v.w);
    free(v.out);
    free(v.halves);
}

static void run_attend(const struct kernels *k, void *arg)
{
    attend_twice(k, arg, RUN_TOKENS);
}

static void time_attention(const struct kernels *k)
{
    static const size_t rows[] = {1, 8}, heads[] = {64, 128};
    char name[64];
    for (size_t h = 0; h < 2; h++)
        for (size_t r = 0; r < 2; r++) {
            struct attention t = make_attention(heads[h], 7, rows[r]);
            t.a.states = take(t.state_size * sizeof(float));
            snprintf(name, sizeof name, "attend, heads of %zu, %zu queries", heads[h], t.a.n);
            print_rate(name, k, 2.0 * 2 * RUN_TOKENS * (double)(heads[h] * t.a.n), "multiply-adds",
                       run_attend, &t);
            free(t.a.states);
            free(t.keys);
            free(t.values);
            free(t.queries);
        }
}

int main(int argc, char **argv)
{
    const struct kernels *const *all = kernels_all();
    bool only_check = argc > 1 && strcmp(argv[1], "--check") == 0;
    for (const struct kernels *const *k = all; *k; k++)
        if (!check(*k, all[0]))
            return 1;
    for (const struct kernels *const *k = all; *k && !only_check; k++) {
        time_products(*k);
        time_attention(*k);
        time_vectors(*k);
    }
    return 0;
}
