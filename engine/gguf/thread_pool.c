/*
 * All claims go through one word, the ticket: the number of the work, how many pieces it has, and
 * the next free piece. A thread takes a piece by raising the ticket with compare-and-swap, which
 * fails if anything happened since it looked; so `work` may be read before. The caller publishes
 * the next work only when all pieces of the last are done, when no thread holds a piece.
 */
#include "engine/gguf/thread_pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#define SPINS 2000 /* some tens of microseconds: longer than the serial part of a step */
#define PIECE_BITS 12
#define PIECES_MAX ((1u << PIECE_BITS) - 1)

struct work {
    void (*run)(void *arg, uint32_t thread, size_t first, size_t end);
    void *arg;
    size_t n, grain;
};

struct thread {
    struct thread_pool *pool;
    uint32_t number;
    pthread_t handle;
};

struct thread_pool {
    uint32_t n_threads;
    atomic_uint_least64_t ticket; /* number << 24 | pieces << 12 | next piece */
    _Atomic(const struct work *) work;
    atomic_size_t done; /* pieces of the current work */
    uint64_t number;    /* the caller's */
    atomic_uint sleepers;
    atomic_bool closing;
    pthread_mutex_t lock;
    pthread_cond_t roused;
    struct thread threads[THREAD_POOL_MAX];
};

static void relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

static bool has_piece(uint64_t ticket)
{
    return (ticket & PIECES_MAX) < (ticket >> PIECE_BITS & PIECES_MAX);
}

/* Takes and runs one piece; false when there is none. */
static bool help(struct thread_pool *pool, uint32_t thread)
{
    uint64_t ticket = atomic_load(&pool->ticket);
    const struct work *work;
    do {
        if (!has_piece(ticket))
            return false;
        work = atomic_load(&pool->work);
    } while (!atomic_compare_exchange_weak(&pool->ticket, &ticket, ticket + 1));
    size_t first = (ticket & PIECES_MAX) * work->grain;
    size_t end = work->n - first > work->grain ? first + work->grain : work->n;
    work->run(work->arg, thread, first, end);
    atomic_fetch_add(&pool->done, 1);
    return true;
}

static void sleep_until_roused(struct thread_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    atomic_fetch_add(&pool->sleepers, 1);
    if (!atomic_load(&pool->closing) && !has_piece(atomic_load(&pool->ticket)))
        pthread_cond_wait(&pool->roused, &pool->lock);
    atomic_fetch_sub(&pool->sleepers, 1);
    pthread_mutex_unlock(&pool->lock);
}

static void *serve(void *arg)
{
    struct thread *thread = arg;
    struct thread_pool *pool = thread->pool;
    for (int spins = 0; !atomic_load(&pool->closing);) {
        if (help(pool, thread->number)) {
            spins = 0;
        } else if (++spins < SPINS) {
            relax();
        } else {
            sleep_until_roused(pool);
            spins = 0;
        }
    }
    return NULL;
}

static void rouse(struct thread_pool *pool)
{
    if (atomic_load(&pool->sleepers) == 0)
        return;
    pthread_mutex_lock(&pool->lock);
    pthread_cond_broadcast(&pool->roused);
    pthread_mutex_unlock(&pool->lock);
}

void thread_pool_for(struct thread_pool *pool, size_t n, size_t grain,
                     void (*run)(void *arg, uint32_t thread, size_t first, size_t end), void *arg)
{
    while (n / grain >= PIECES_MAX)
        grain *= 2;
    size_t pieces = (n + grain - 1) / grain;
    if (pieces <= 1 || pool->n_threads == 1) {
        if (n > 0)
            run(arg, 0, 0, n);
        return;
    }
    const struct work work = {run, arg, n, grain};
    atomic_store(&pool->done, 0);
    atomic_store(&pool->work, &work);
    atomic_store(&pool->ticket, ++pool->number << 2 * PIECE_BITS | (uint64_t)pieces << PIECE_BITS);
    rouse(pool);
    while (help(pool, 0))
        continue;
    for (int spins = 0; atomic_load(&pool->done) < pieces; spins++) {
        if (spins < SPINS)
            relax();
        else
            sched_yield(); /* a helper lost its core in the middle of a piece */
    }
}

enum surety_err thread_pool_create(uint32_t threads, struct thread_pool **ret_pool,
                                   struct surety_error *err)
{
    struct thread_pool *pool = calloc(1, sizeof *pool);
    if (!pool)
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for threads");
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->roused, NULL);
    for (pool->n_threads = 1; pool->n_threads < threads; pool->n_threads++) {
        struct thread *thread = &pool->threads[pool->n_threads];
        *thread = (struct thread){.pool = pool, .number = pool->n_threads};
        if (pthread_create(&thread->handle, NULL, serve, thread) != 0)
            break;
    }
    if (pool->n_threads < threads) {
        surety_fail(err, SURETY_ERR_NOMEM, "only %u of %u threads could be started",
                    pool->n_threads, threads);
        thread_pool_free(pool);
        return SURETY_ERR_NOMEM;
    }
    *ret_pool = pool;
    return SURETY_OK;
}

void thread_pool_free(struct thread_pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    atomic_store(&pool->closing, true);
    pthread_cond_broadcast(&pool->roused);
    pthread_mutex_unlock(&pool->lock);
    for (uint32_t i = 1; i < pool->n_threads; i++)
        pthread_join(pool->threads[i].handle, NULL);
    pthread_cond_destroy(&pool->roused);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

uint32_t thread_pool_size(const struct thread_pool *pool)
{
    return pool->n_threads;
}
