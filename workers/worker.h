/*
 * worker.h - the worker process: registers with a broker, runs an engine, streams its outputs.
 *
 * One thread drives both the socket and the engine; the engine's own threads are its business.
 */
#ifndef SURETY_WORKERS_WORKER_H
#define SURETY_WORKERS_WORKER_H

#include "base/log.h"
#include "engine/engine.h"

struct worker_config {
    const char *broker; /* worker endpoint: ipc:// or tcp:// on loopback */
    const char *engine; /* engine's name */
    char *name;         /* of the worker, for people; NULL: none */
    struct engine_config engine_config;
    int lifeline_fd;          /* a pipe whose EOF means: exit now; -1: none */
    const volatile int *stop; /* not NULL: becomes non-zero when a signal wants the end */
    const struct log *log;
};

/* Runs until the broker says BYE, the lifeline ends, *stop, or an error. A broker that falls silent
 * is waited for without end. UNREACHABLE when none has answered within 10 s of the start, INVALID
 * (endpoint), VERSION when it speaks another protocol, and the engine's errors. */
enum surety_err worker_run(const struct worker_config *config, struct surety_error *err);

#endif
