/*
 * thread_pool.h - a few threads that share the pieces of one piece of work.
 *
 * The caller works too and waits for nobody who has not begun: on a machine with other things to
 * do, a helper that is not scheduled costs its share of the speed and no more. Between pieces a
 * helper spins for some microseconds and then sleeps, so an idle pool costs nothing.
 */
#ifndef SURETY_ENGINE_GGUF_THREAD_POOL_H
#define SURETY_ENGINE_GGUF_THREAD_POOL_H

#include <stddef.h>
#include <stdint.h>

#include <surety/err.h>

#define THREAD_POOL_MAX 256

struct thread_pool;

/* threads: 1..THREAD_POOL_MAX, the caller's among them. NOMEM: a thread could not be made. */
enum surety_err thread_pool_create(uint32_t threads, struct thread_pool **ret_pool,
                                   struct surety_error *err);
void thread_pool_free(struct thread_pool *pool); /* NULL is fine; no work may run */

uint32_t thread_pool_size(const struct thread_pool *pool);

/* Calls work(arg, thread, first, end) for pieces of at least grain that cover [0, n), on any
 * threads in any order; returns when all are done. What was written before is seen by every piece,
 * what the pieces wrote is seen after. Work of one piece runs on the caller's thread, number 0. */
void thread_pool_for(struct thread_pool *pool, size_t n, size_t grain,
                     void (*work)(void *arg, uint32_t thread, size_t first, size_t end), void *arg);

#endif
