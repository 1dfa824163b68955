/* Loops that do one thing only, on all threads at once; every round is timed from the first start
 * to the last end. */
#include "tests/peer/roofline.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define BYTES ((size_t)384 << 20) /* of each array, above any cache */
#define ROUNDS 4
#define LOOPS 4000000 /* of the multiply-add loops: some 0.02 s to 0.1 s */
#define THREADS_MAX 64

struct share { /* of one thread */
    void (*loop)(struct share *);
    char *from, *to;
    size_t bytes;
    int64_t sink; /* what a loop computed, so that it is not left out */
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void *enter(void *arg)
{
    struct share *s = arg;
    s->loop(s);
    return NULL;
}

/* The fewest seconds of a round; 0: threads are lacking. */
static double best(uint32_t threads, char *from, char *to, void (*loop)(struct share *))
{
    pthread_t ids[THREADS_MAX];
    struct share shares[THREADS_MAX];
    double least = 0;
    for (int round = 0; round < ROUNDS; round++) {
        double start = now();
        uint32_t started = 0;
        for (; started < threads; started++) {
            size_t bytes = BYTES / threads / 4096 * 4096;
            shares[started] =
                (struct share){loop, from + bytes * started, to + bytes * started, bytes, 0};
            if (pthread_create(&ids[started], NULL, enter, &shares[started]))
                break;
        }
        for (uint32_t i = 0; i < started; i++)
            pthread_join(ids[i], NULL);
        if (started < threads)
            return 0;
        double seconds = now() - start;
        if (least == 0 || seconds < least)
            least = seconds;
    }
    return least;
}

static void read_loop(struct share *s)
{
    typedef int64_t wide __attribute__((vector_size(64)));
    wide sum[8] = {{0}};
    for (size_t at = 0; at + sizeof sum <= s->bytes; at += sizeof sum)
        for (size_t i = 0; i < 8; i++)
            sum[i] += *(const wide *)(s->from + at + i * sizeof(wide));
    for (size_t i = 0; i < 8; i++)
        s->sink += sum[i][0];
}

static void copy_loop(struct share *s)
{
    memcpy(s->to, s->from, s->bytes);
}

#if defined(__x86_64__)
/* CHAINS independent sums in registers: enough to hide the latency of a multiply-add. */
#define CHAINS 12
#define PEAK(name, features, type, zero, step)                                                     \
    __attribute__((target(features))) static void name(struct share *s)                            \
    {                                                                                              \
        type sum[CHAINS], a = zero, b = zero;                                                      \
        for (int i = 0; i < CHAINS; i++)                                                           \
            sum[i] = zero;                                                                         \
        for (long n = 0; n < LOOPS; n++) {                                                         \
            _Pragma("GCC unroll 12") for (int i = 0; i < CHAINS; i++) sum[i] = step;               \
            __asm__ volatile("" : "+x"(a), "+x"(b));                                               \
        }                                                                                          \
        for (int i = 0; i < CHAINS; i++)                                                           \
            __asm__ volatile("" : : "x"(sum[i]));                                                  \
        s->sink = LOOPS;                                                                           \
    }
PEAK(vnni_loop, "avx512f,avx512vnni", __m512i, _mm512_setzero_si512(),
     _mm512_dpbusd_epi32(sum[i], a, b))
PEAK(fma512_loop, "avx512f", __m512, _mm512_setzero_ps(), _mm512_fmadd_ps(a, b, sum[i]))
PEAK(maddubs_loop, "avx2", __m256i, _mm256_setzero_si256(),
     _mm256_add_epi16(sum[i], _mm256_maddubs_epi16(a, b)))
PEAK(fma256_loop, "avx2,fma", __m256, _mm256_setzero_ps(), _mm256_fmadd_ps(a, b, sum[i]))
#endif

struct roofline roofline_measure(uint32_t threads)
{
    struct roofline r = {.instruction = "none"};
    char *memory =
        mmap(NULL, 2 * BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory != MAP_FAILED && threads <= THREADS_MAX) {
        memset(memory, 1, 2 * BYTES);
        r.read_bytes = BYTES / best(threads, memory, memory, read_loop);
        r.copy_bytes = BYTES / best(threads, memory, memory + BYTES, copy_loop);
    }
    if (memory != MAP_FAILED)
        munmap(memory, 2 * BYTES);
#if defined(__x86_64__)
    static char nothing[1];
    double products = (double)threads * LOOPS * CHAINS;
    bool vnni = __builtin_cpu_supports("avx512vnni"), wide = __builtin_cpu_supports("avx512f");
    if (threads <= THREADS_MAX && __builtin_cpu_supports("avx2")) {
        r.instruction = vnni ? "vpdpbusd, 512 bits" : "vpmaddubsw, 256 bits";
        r.int8_products = products * (vnni ? 64 : 32) /
                          best(threads, nothing, nothing, vnni ? vnni_loop : maddubs_loop);
        r.f32_products = products * (wide ? 16 : 8) /
                         best(threads, nothing, nothing, wide ? fma512_loop : fma256_loop);
    }
#endif
    return r;
}
