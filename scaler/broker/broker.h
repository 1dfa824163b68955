/*
 * broker.h - the I/O shell around the pure core (core.h): sockets, clock, scoring threads.
 *
 * broker_run may run in a thread of a program (solve, grade) or be a process (`surety broker`).
 */
#ifndef SURETY_SCALER_BROKER_BROKER_H
#define SURETY_SCALER_BROKER_BROKER_H

#include "base/log.h"
#include <surety/types.h>

struct core_note;
struct store_ops;

struct broker_config {
    const char
        *client_endpoint; /* ipc://path or tcp://127.0.0.1:port; tcp beyond loopback refused */
    const char *worker_endpoint;
    uint32_t heartbeat_ms;   /* 0: 500; a worker silent for 5 of these, 20 with work, is lost */
    uint32_t stall_ms;       /* 0: 60000; an item without progress for this long is retried */
    uint32_t attempts;       /* 0: 3; runs of one item before it fails */
    uint32_t window;         /* 0: 64; requests in flight a client */
    size_t max_queued_bytes; /* 0: 1 GiB; see core.h */
    const struct store_ops *store; /* NULL: store_null (scaler/broker/store.h) */
    int stop_fd;                   /* readable or EOF: end cleanly; -1: none */
    int ready_fd;                  /* gets one byte once both sockets are bound; -1: none */
    const struct log *log;
    /* What happens (scaler/broker/core.h), by the broker's thread; it waits for note. May be NULL.
     */
    void (*note)(void *user, const struct core_note *note);
    void *note_user;
};

/* ADDRESS_IN_USE, INVALID (endpoint), IO, NOMEM; OK after stop_fd. Ending cancels what runs: every
 * client gets its best result so far with stop_reason "cancelled", workers get BYE. */
enum surety_err broker_run(const struct broker_config *config, struct surety_error *err);

#endif
