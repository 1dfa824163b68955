/*
 * pool.h - a few threads that compute one thing together, in phases.
 *
 * Between jobs and at barriers a thread spins for some microseconds and then sleeps, so a busy
 * engine loses little and an idle one costs nothing.
 */
#ifndef SURETY_ENGINE_GGUF_POOL_H
#define SURETY_ENGINE_GGUF_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define POOL_THREADS_MAX 256

struct pool;

/* threads: 1..POOL_THREADS_MAX, the caller's among them. NOMEM: a thread could not be made. */
enum surety_err pool_create(uint32_t threads, struct pool **ret_pool, struct surety_error *err);
void pool_free(struct pool *pool); /* NULL is fine; no job may run */

uint32_t pool_threads(const struct pool *pool);

/* Runs job(arg, thread) on all threads, 0 being the caller's; returns when all have returned. */
void pool_run(struct pool *pool, void (*job)(void *arg, uint32_t thread), void *arg);

/* Within a job: waits until all threads are here. Every thread must pass the same barriers. */
void pool_barrier(struct pool *pool);

/* The share [*ret_first, *ret_end) of n things that a thread takes, in whole grains. */
void pool_share(const struct pool *pool, uint32_t thread, size_t n, size_t grain, size_t *ret_first,
                size_t *ret_end);

#endif
