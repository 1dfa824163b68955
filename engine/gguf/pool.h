/*
 * pool.h - a few threads that share the pieces of one piece of work.
 *
 * The caller works too and waits for nobody who has not begun: on a machine with other things to
 * do, a helper that is not scheduled costs its share of the speed and no more. Between pieces a
 * helper spins for some microseconds and then sleeps, so an idle pool costs nothing.
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
void pool_free(struct pool *pool); /* NULL is fine; no work may run */

uint32_t pool_threads(const struct pool *pool);

/* Calls work(arg, thread, first, end) for pieces of at least grain that cover [0, n), on any
 * threads in any order; returns when all are done. What was written before is seen by every piece,
 * what the pieces wrote is seen after. Work of one piece runs on the caller's thread, number 0. */
void pool_for(struct pool *pool, size_t n, size_t grain,
              void (*work)(void *arg, uint32_t thread, size_t first, size_t end), void *arg);

#endif
