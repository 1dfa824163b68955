/*
 * worker_core.h - a worker's conversation with its broker, and its engine's work for it.
 *
 * Knows no socket and no clock: worker.c gives it decoded messages and the time, and a function
 * to send with. One thread uses a core; the engine is driven by it alone.
 *
 *   JOINING --WELCOME--> JOINED --ERROR worker_lost, or a fresh socket--> JOINING ...
 *
 * Joining, it says HELLO until a WELCOME comes. Every WELCOME is a fresh start: the broker has
 * forgotten what this worker held, so its items are cancelled and their outputs dropped. An item
 * that the broker gave is answered by exactly one OUTPUT as long as the conversation lasts. Items
 * that wait for the engine to let go of cancelled ones are queued; at most `slots` others are held.
 */
#ifndef SURETY_WORKERS_WORKER_CORE_H
#define SURETY_WORKERS_WORKER_CORE_H

#include "base/log.h"
#include "engine/engine.h"
#include "proto/wire.h"

#define WORKER_JOIN_MS 10000   /* a worker that never had a broker gives up after this */
#define WORKER_HELLO_MS 1000   /* HELLO is said again after this */
#define WORKER_SILENT_BEATS 10 /* heartbeats without a word: the broker is lost */

struct worker_core_config {
    struct engine *engine; /* open; stays the caller's */
    const char *broker;    /* its endpoint, for messages */
    struct wire_origin origin;
    const struct log *log; /* may be NULL */
    /* BUSY: not sent, nobody takes messages now; LIMIT: it cannot be encoded. */
    enum surety_err (*send)(void *user, const struct wire_message *message);
    void *user;
};

struct worker_core;

/* NULL without memory. config's pointers outlive the core. */
struct worker_core *worker_core_create(const struct worker_core_config *config, int64_t now_ms);
void worker_core_free(struct worker_core *core); /* NULL is fine; the engine may keep items */

/* Takes a message of the broker. The core may take the memory of arena over and leave an empty
 * one. VERSION, or what else the broker refused this worker for: final. NOMEM: final. */
enum surety_err worker_core_take(struct worker_core *core, const struct wire_message *message,
                                 struct arena *arena, int64_t now_ms, struct surety_error *err);

/* Says what is due: HELLO, HEARTBEAT. UNREACHABLE: there never was a broker; final. */
enum surety_err worker_core_tick(struct worker_core *core, int64_t now_ms,
                                 struct surety_error *err);

/* When worker_core_tick must be called at the latest. */
int64_t worker_core_next_ms(const struct worker_core *core);

/* True when the broker was silent for too long: restart on a fresh connection. */
bool worker_core_is_silent(const struct worker_core *core, int64_t now_ms);
void worker_core_restart(struct worker_core *core, int64_t now_ms);

bool worker_core_has_ended(const struct worker_core *core);     /* the broker said BYE */
bool worker_core_waits_to_send(const struct worker_core *core); /* HELLO was not taken */
bool worker_core_is_busy(const struct worker_core *core);       /* worker_core_step would compute */

/* Gives queued items to the engine and steps it once. The engine's errors are final. */
enum surety_err worker_core_step(struct worker_core *core, int max_wait_ms,
                                 struct surety_error *err);

/* Says BYE, also while joining: the broker may have taken the HELLO. */
void worker_core_leave(struct worker_core *core);

#endif
