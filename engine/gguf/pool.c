/*
 * One counter of generations serves barriers and jobs alike: the last thread to arrive raises it,
 * the others wait for the rise. A job begins when all threads have passed a barrier after the
 * caller stored it, and ends with another one. The barrier orders what lies before it on all
 * threads before what lies behind it.
 */
#include "engine/gguf/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#define SPINS 4000 /* about 20 microseconds; a phase of a step is seldom longer */

struct thread {
    struct pool *pool;
    uint32_t number;
    pthread_t handle;
};

struct pool {
    uint32_t n_threads;
    atomic_uint arrived;
    atomic_uint generation;
    uint32_t sleepers; /* under lock */
    pthread_mutex_t lock;
    pthread_cond_t raised;
    void (*job)(void *arg, uint32_t thread); /* NULL: end */
    void *arg;
    struct thread threads[POOL_THREADS_MAX];
};

static void relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

static void sleep_until_raised(struct pool *pool, unsigned generation)
{
    pthread_mutex_lock(&pool->lock);
    pool->sleepers++;
    while (atomic_load(&pool->generation) == generation)
        pthread_cond_wait(&pool->raised, &pool->lock);
    pool->sleepers--;
    pthread_mutex_unlock(&pool->lock);
}

void pool_barrier(struct pool *pool)
{
    if (pool->n_threads == 1)
        return;
    unsigned generation = atomic_load(&pool->generation);
    if (atomic_fetch_add(&pool->arrived, 1) + 1 == pool->n_threads) {
        atomic_store(&pool->arrived, 0);
        pthread_mutex_lock(&pool->lock);
        atomic_store(&pool->generation, generation + 1);
        if (pool->sleepers > 0)
            pthread_cond_broadcast(&pool->raised);
        pthread_mutex_unlock(&pool->lock);
        return;
    }
    for (int i = 0; i < SPINS; i++) {
        if (atomic_load(&pool->generation) != generation)
            return;
        relax();
    }
    sleep_until_raised(pool, generation);
}

static void *serve(void *arg)
{
    struct thread *thread = arg;
    struct pool *pool = thread->pool;
    pthread_mutex_lock(&pool->lock); /* until all are started and n_threads is final */
    pthread_mutex_unlock(&pool->lock);
    for (;;) {
        pool_barrier(pool);
        if (!pool->job)
            return NULL;
        pool->job(pool->arg, thread->number);
        pool_barrier(pool);
    }
}

void pool_run(struct pool *pool, void (*job)(void *arg, uint32_t thread), void *arg)
{
    pool->job = job;
    pool->arg = arg;
    pool_barrier(pool);
    job(arg, 0);
    pool_barrier(pool);
}

enum surety_err pool_create(uint32_t threads, struct pool **ret_pool, struct surety_error *err)
{
    struct pool *pool = calloc(1, sizeof *pool);
    if (!pool)
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for threads");
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->raised, NULL);
    pthread_mutex_lock(&pool->lock);
    for (pool->n_threads = 1; pool->n_threads < threads; pool->n_threads++) {
        struct thread *thread = &pool->threads[pool->n_threads];
        *thread = (struct thread){.pool = pool, .number = pool->n_threads};
        if (pthread_create(&thread->handle, NULL, serve, thread) != 0)
            break;
    }
    pthread_mutex_unlock(&pool->lock);
    if (pool->n_threads < threads) {
        surety_fail(err, SURETY_ERR_NOMEM, "only %u of %u threads could be started",
                    pool->n_threads, threads);
        pool_free(pool);
        return SURETY_ERR_NOMEM;
    }
    *ret_pool = pool;
    return SURETY_OK;
}

void pool_free(struct pool *pool)
{
    if (!pool)
        return;
    pool->job = NULL;
    pool_barrier(pool);
    for (uint32_t i = 1; i < pool->n_threads; i++)
        pthread_join(pool->threads[i].handle, NULL);
    pthread_cond_destroy(&pool->raised);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

uint32_t pool_threads(const struct pool *pool)
{
    return pool->n_threads;
}

void pool_share(const struct pool *pool, uint32_t thread, size_t n, size_t grain, size_t *ret_first,
                size_t *ret_end)
{
    size_t grains = (n + grain - 1) / grain, threads = pool->n_threads;
    size_t first = grains * thread / threads * grain, end = grains * (thread + 1) / threads * grain;
    *ret_first = first < n ? first : n;
    *ret_end = end < n ? end : n;
}
