/*
 * bench_engine.c - tokens a second of the engine gguf. usage: bench_engine MODEL [THREADS]
 *
 * Prefill of the longest prompt that fits half of the context; decode of K sequences that start
 * after a prompt of 64 tokens, without sampling; sampling alone; and the whole engine. The best of
 * REPEATS runs counts, as a shared machine only ever adds time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/gguf/forward.h"
#include "engine/gguf/sampler.h"
#include "engine/gguf/tokenizer.h"

#define REPEATS 7
#define K_MAX 32
#define PROMPT 64
#define STEPS 64

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void print(const char *name, const char *kernels, uint32_t threads, size_t work, double best)
{
    printf("%s;%s;%u threads,%.0f,tokens/s,%zu\n", name, kernels, threads, (double)work / best,
           work);
}

struct rig {
    struct tokenizer *tokenizer;
    struct model model;
    struct thread_pool *pool;
    struct forward forward;
    uint32_t table; /* pages of one sequence */
    uint32_t *pages;
    struct row rows[512];
};

static double prefill(struct rig *r, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        r->rows[i] = (struct row){i * 7 % 256, i, r->pages, i + 1 == n};
    double start = now();
    forward_run(&r->forward, r->rows, n);
    return now() - start;
}

static double decode(struct rig *r, uint32_t k)
{
    double start = now();
    for (uint32_t step = 0; step < STEPS; step++) {
        for (uint32_t i = 0; i < k; i++)
            r->rows[i] =
                (struct row){(i + step) * 7 % 256, PROMPT + step, r->pages + i * r->table, true};
        forward_run(&r->forward, r->rows, k);
    }
    return now() - start;
}

static double sample(struct sampler *s, const struct rig *r)
{
    struct surety_sampling how = {.temperature = 1, .top_p = 0.95};
    double start = now();
    for (uint32_t i = 0; i < 1000; i++) {
        struct draw d = {
            .logits = forward_logits(&r->forward, i % K_MAX), .sampling = &how, .seed = i};
        sampler_draw(s, &d);
    }
    return now() - start;
}

static void measure(struct rig *r, const struct kernels *kernels, uint32_t threads)
{
    static const uint32_t ks[] = {1, 8, K_MAX};
    uint32_t half = r->model.context / 2 < 256 ? r->model.context / 2 : 256;
    struct surety_error err;
    struct sampler sampler;
    double best;
    if (thread_pool_create(threads, &r->pool, &err) ||
        forward_init(&r->forward, &r->model, kernels, r->pool, 512, K_MAX, r->table * K_MAX,
                     &err) ||
        sampler_init(&sampler, kernels, r->model.n_vocab)) {
        fprintf(stderr, "%s\n", err.message);
        exit(1);
    }
    best = 1e9;
    for (int i = 0; i < REPEATS; i++) {
        double t = prefill(r, half);
        best = t < best ? t : best;
    }
    print("prefill", kernels->name, threads, half, best);
    for (size_t k = 0; k < sizeof ks / sizeof *ks; k++) {
        char name[32];
        best = 1e9;
        for (int i = 0; i < REPEATS; i++) {
            double t = decode(r, ks[k]);
            best = t < best ? t : best;
        }
        snprintf(name, sizeof name, "decode K=%u", ks[k]);
        print(name, kernels->name, threads, (size_t)ks[k] * STEPS, best);
    }
    best = 1e9;
    for (int i = 0; i < REPEATS; i++) {
        double t = sample(&sampler, r);
        best = t < best ? t : best;
    }
    print("sampling", kernels->name, 1, 1000, best);
    sampler_fini(&sampler);
    forward_fini(&r->forward);
    thread_pool_free(r->pool);
}

int main(int argc, char **argv)
{
    struct gguf_file file;
    struct surety_error err = {0};
    struct rig *r = calloc(1, sizeof *r);
    if (argc < 2 || !r)
        return 2;
    if (gguf_open(argv[1], &file, &err) || tokenizer_create(&file, &r->tokenizer, &err) ||
        thread_pool_create(2, &r->pool, &err) ||
        model_load(&file, tokenizer_size(r->tokenizer), 1024, UINT64_MAX, r->pool, &r->model,
                   &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    thread_pool_free(r->pool);
    r->table = (r->model.context + PAGE_TOKENS - 1) / PAGE_TOKENS;
    r->pages = malloc((size_t)r->table * K_MAX * sizeof *r->pages);
    if (!r->pages)
        return 1;
    for (uint32_t i = 0; i < r->table * K_MAX; i++)
        r->pages[i] = i;
    uint32_t threads = argc > 2 ? (uint32_t)atoi(argv[2]) : 2;
    for (const struct kernels *const *k = kernels_all(); *k; k++)
        measure(r, *k, threads < 1 || threads > THREAD_POOL_MAX ? 2 : threads);
    free(r->pages);
    model_free(&r->model);
    tokenizer_free(r->tokenizer);
    gguf_close(&file);
    free(r);
    return 0;
}
