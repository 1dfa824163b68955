/*
 * The loop that drives a worker's socket and engine from one thread.
 *
 * With nothing to compute it sleeps until a message, the lifeline or the next heartbeat. With work
 * it only looks at both between two steps of the engine. Heartbeats come from this same thread, so
 * that an engine that hangs is not hidden behind them.
 *
 * A HELLO may wait for a broker that is not there yet; before the next one the connection is made
 * anew, and a broker that comes late hears only one.
 */
#include "workers/worker.h"

#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "proto/transport.h"
#include "workers/worker_core.h"

#define STEP_MS 10   /* how long a waiting engine may keep messages waiting */
#define DRAIN_MAX 64 /* messages taken between two steps */
#define HOST_MAX 80  /* of 255: three bytes may come of each that is no UTF-8 */
#define STOP_MS 500  /* how long *stop may go unseen */

struct link {
    struct transport *transport;
    struct transport_socket *socket;
    const struct log *log;
    bool heard;       /* a message of this protocol, since the worker began */
    bool hello_waits; /* a HELLO was sent and nothing came since: it may not have left yet */
};

/* ---- socket ---- */
/* The send function of the core. */
static enum surety_err link_send(void *user, const struct wire_message *message)
{
    struct link *l = user;
    struct surety_error why = {0};
    enum surety_err code = SURETY_OK;
    if (message->command == WIRE_HELLO) {
        if (l->hello_waits)
            code = transport_reopen(l->socket, &why);
        l->hello_waits = true;
    }
    if (!code)
        code = transport_send(l->socket, NULL, 0, message, &why);
    if (code && code != SURETY_ERR_BUSY)
        log_printf(l->log, LOG_ERROR, "cannot send %s: %s", wire_command_name(message->command),
                   why.message);
    return code;
}

/* Gives a message to the core. What a broker of this protocol sends wrong is logged and dropped. */
static enum surety_err take(struct link *l, struct worker_core *core,
                            struct transport_message *came, struct surety_error *err)
{
    const enum surety_err code = came->error.code;
    l->hello_waits = false;
    l->heard = l->heard || came->ours;
    if (code == SURETY_ERR_VERSION || !l->heard)
        return surety_fail(err, code, "%s", came->error.message);
    if (!code)
        return worker_core_take(core, &came->message, &came->arena, clock_now_ms(), err);
    log_printf(l->log, LOG_WARN, "dropped a message of the broker: %s", came->error.message);
    return SURETY_OK;
}

static enum surety_err drain(struct link *l, struct worker_core *core, struct surety_error *err)
{
    struct transport_message came;
    enum surety_err code = SURETY_OK;
    for (int i = 0; i < DRAIN_MAX && !code; i++) {
        if (worker_core_has_ended(core) || !transport_receive(l->socket, &came))
            break;
        code = take(l, core, &came, err);
        transport_message_fini(&came);
    }
    return code;
}

/* ---- the loop ---- */
/* True when the pipe has ended; bytes in it mean nothing. */
static bool lifeline_has_ended(int fd)
{
    char bytes[64];
    ssize_t n = read(fd, bytes, sizeof bytes);
    return n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN);
}

/* Sleeps until something happens, or not at all with work to do. */
static enum surety_err wait_for_events(const struct worker_config *config, const struct link *l,
                                       const struct worker_core *core, bool *ret_lifeline_ended,
                                       struct surety_error *err)
{
    int64_t wait_ms = worker_core_next_ms(core) - clock_now_ms();
    if (wait_ms < 0 || worker_core_is_busy(core))
        wait_ms = 0;
    if (config->stop && wait_ms > STOP_MS)
        wait_ms = STOP_MS;
    struct transport_wait waits[] = {
        {.socket = l->socket,
         .until = worker_core_waits_to_send(core) ? TRANSPORT_EITHER : TRANSPORT_MESSAGE},
        {.fd = config->lifeline_fd},
    };
    enum surety_err code = transport_poll(waits, 2, wait_ms, NULL, err);
    *ret_lifeline_ended = waits[1].ready && lifeline_has_ended(config->lifeline_fd);
    return code;
}

/* OK: the end was asked for. *ret_flush: what was sent last shall still leave. */
static enum surety_err serve(const struct worker_config *config, struct link *l,
                             struct worker_core *core, bool *ret_flush, struct surety_error *err)
{
    enum surety_err code = SURETY_OK;
    while (!code) {
        bool lifeline_ended;
        code = wait_for_events(config, l, core, &lifeline_ended, err);
        if (lifeline_ended)
            return SURETY_OK;
        if (code || (config->stop && *config->stop))
            break;
        code = drain(l, core, err);
        if (code || worker_core_has_ended(core))
            break;
        int64_t now = clock_now_ms();
        if (worker_core_is_silent(core, now)) {
            worker_core_restart(core, now);
            code = transport_reopen(l->socket, err);
        }
        if (!code)
            code = worker_core_tick(core, now, err);
        if (!code && worker_core_is_busy(core)) {
            int64_t left_ms = worker_core_next_ms(core) - now;
            int wait_ms = left_ms < 0 ? 0 : left_ms < STEP_MS ? (int)left_ms : STEP_MS;
            code = worker_core_step(core, wait_ms, err);
        }
    }
    if (!worker_core_has_ended(core))
        worker_core_leave(core);
    *ret_flush = true;
    return code;
}

enum surety_err worker_run(const struct worker_config *config, struct surety_error *err)
{
    struct link l = {.log = config->log};
    struct engine engine = {0};
    struct worker_core *core = NULL;
    bool flush = false;
    enum surety_err code = transport_create(&l.transport, err);
    if (!code)
        code = transport_open(l.transport, TRANSPORT_WORKER, config->broker, &l.socket, err);
    if (!code)
        code = engine_open(config->engine, &config->engine_config, &engine, err);
    if (code)
        goto done;
    char host[HOST_MAX + 1] = "";
    gethostname(host, HOST_MAX); /* cut or not, it is only to be read */
    const struct worker_core_config worker_core_config = {
        .engine = &engine,
        .broker = config->broker,
        .origin = {.pid = (uint32_t)getpid(), .host = host[0] ? host : NULL, .name = config->name},
        .log = config->log,
        .send = link_send,
        .user = &l};
    core = worker_core_create(&worker_core_config, clock_now_ms());
    if (core)
        code = serve(config, &l, core, &flush, err);
    else
        code = surety_fail(err, SURETY_ERR_NOMEM, "no memory for a worker");
done:
    worker_core_free(core);
    engine_close(&engine);
    transport_close(l.socket, flush);
    transport_free(l.transport);
    return code;
}
