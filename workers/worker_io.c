/*
 * worker_io.c - a worker's socket, and the loop that drives socket and engine from one thread.
 *
 * With nothing to compute the loop sleeps in zmq_poll until a message, the lifeline or the next
 * heartbeat. With work it only looks at both between two steps of the engine. Heartbeats come from
 * this same thread, so that an engine that hangs is not hidden behind them.
 *
 * No ZMQ_IMMEDIATE: with it, a message that came but was not yet read is lost when the broker
 * leaves, as its BYE would be. So a HELLO may wait for a broker that is not there yet; before the
 * next one the socket is made anew, and a broker that comes late hears only one.
 */
#include "workers/worker.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zmq.h>

#include "base/clock.h"
#include "workers/worker_core.h"

#define STEP_MS 10     /* how long a waiting engine may keep messages waiting */
#define DRAIN_MAX 64   /* messages taken between two steps */
#define LINGER_MS 1000 /* for a BYE on its way */
#define STOP_MS 500    /* how long *stop may go unseen */

struct link {
    void *context, *socket;
    const char *endpoint;
    const struct log *log;
    bool heard;       /* a message of this protocol, since the worker began */
    bool hello_waits; /* a HELLO was sent and nothing came since: it may not have left yet */
};

/* ---- socket ---- */
static bool endpoint_is_local(const char *endpoint)
{
    static const char *const prefixes[] = {"ipc://", "tcp://127.",
                                           "tcp://localhost:", "tcp://[::1]:"};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (strncmp(endpoint, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    return false;
}

static void link_drop(struct link *l, int linger_ms)
{
    if (!l->socket)
        return;
    zmq_setsockopt(l->socket, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
    zmq_close(l->socket);
    l->socket = NULL;
}

static void link_fini(struct link *l, int linger_ms)
{
    link_drop(l, linger_ms);
    while (l->context && zmq_ctx_term(l->context) && errno == EINTR)
        continue;
    l->context = NULL;
}

/* A fresh socket in place of the one there was. */
static enum surety_err link_connect(struct link *l, struct surety_error *err)
{
    link_drop(l, 0);
    l->socket = zmq_socket(l->context, ZMQ_DEALER);
    if (!l->socket)
        return surety_fail(err, SURETY_ERR_IO, "no socket: %s", zmq_strerror(errno));
    const struct {
        int option, value;
    } options[] = {
        {ZMQ_LINGER, 0},
        {ZMQ_IPV6, strchr(l->endpoint, '[') != NULL},
        /* every item is answered at most once, so these are never reached by an honest broker */
        {ZMQ_SNDHWM, SURETY_SLOTS_MAX + 1000},
        {ZMQ_RCVHWM, SURETY_SLOTS_MAX + 1000},
        {ZMQ_RECONNECT_IVL, 50},
        {ZMQ_RECONNECT_IVL_MAX, 1000},
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        zmq_setsockopt(l->socket, options[i].option, &options[i].value, sizeof options[i].value);
    int64_t most = WIRE_BODY_MAX;
    zmq_setsockopt(l->socket, ZMQ_MAXMSGSIZE, &most, sizeof most);
    if (zmq_connect(l->socket, l->endpoint))
        return surety_fail(err, errno == EMFILE ? SURETY_ERR_IO : SURETY_ERR_INVALID,
                           "cannot connect to \"%.200s\": %s", l->endpoint, zmq_strerror(errno));
    return SURETY_OK;
}

static enum surety_err link_init(struct link *l, struct surety_error *err)
{
    if (!endpoint_is_local(l->endpoint))
        return surety_fail(err, SURETY_ERR_INVALID,
                           "\"%.200s\" is no endpoint for a worker: give ipc://PATH or "
                           "tcp://127.0.0.1:PORT",
                           l->endpoint);
    l->context = zmq_ctx_new();
    if (!l->context)
        return surety_fail(err, SURETY_ERR_IO, "no ZeroMQ context: %s", zmq_strerror(errno));
    return link_connect(l, err);
}

/* The send function of the core. */
static enum surety_err link_send(void *user, const struct wire_message *message)
{
    struct link *l = user;
    char *body = NULL;
    size_t len = 0;
    struct surety_error why = {0};
    enum surety_err code = SURETY_OK;
    if (message->command == WIRE_HELLO) {
        if (l->hello_waits)
            code = link_connect(l, &why);
        l->hello_waits = true;
    }
    if (!code)
        code = wire_encode(message, &body, &len, &why);
    if (code) {
        log_printf(l->log, LOG_ERROR, "cannot send %s: %s", wire_command_name(message->command),
                   why.message);
        return code;
    }
    const char *command = wire_command_name(message->command);
    if (zmq_send(l->socket, WIRE_SIGNATURE, strlen(WIRE_SIGNATURE), ZMQ_DONTWAIT | ZMQ_SNDMORE) <
            0 ||
        zmq_send(l->socket, command, strlen(command), ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0 ||
        zmq_send(l->socket, body, len, ZMQ_DONTWAIT) < 0)
        code = SURETY_ERR_UNREACHABLE;
    free(body);
    return code;
}

/* Reads one message's frames, up to max of them; returns how many there were, 0 for none now. */
static size_t receive(struct link *l, zmq_msg_t *frames, size_t max)
{
    size_t n = 0;
    int more = 1;
    for (; more; n++) {
        zmq_msg_t extra, *frame = n < max ? &frames[n] : &extra;
        zmq_msg_init(frame);
        if (zmq_msg_recv(frame, l->socket, ZMQ_DONTWAIT) < 0) {
            zmq_msg_close(frame);
            break;
        }
        more = zmq_msg_more(frame);
        if (n >= max)
            zmq_msg_close(frame);
    }
    return n;
}

/* What a signature says about who is at the other end. */
static enum surety_err check_signature(struct link *l, const zmq_msg_t *frame,
                                       struct surety_error *err)
{
    static const char family[] = "SURETY/";
    size_t size = zmq_msg_size(frame), family_len = sizeof family - 1;
    const char *data = zmq_msg_data((zmq_msg_t *)frame);
    if (size == strlen(WIRE_SIGNATURE) && memcmp(data, WIRE_SIGNATURE, size) == 0) {
        l->heard = true;
        return SURETY_OK;
    }
    if (size <= family_len || size > WIRE_COMMAND_MAX || memcmp(data, family, family_len) != 0)
        return surety_fail(err, SURETY_ERR_PROTOCOL, "what answers at %s is no surety broker",
                           l->endpoint);
    const char *ours = &WIRE_SIGNATURE[sizeof family - 1];
    char number[WIRE_COMMAND_MAX + 1] = "";
    memcpy(number, data + family_len, size - family_len);
    bool newer = atoi(number) > atoi(ours);
    return surety_fail(err, SURETY_ERR_VERSION,
                       "the broker at %s speaks version %d of the protocol and this worker version "
                       "%s; upgrade the %s (this is surety %s)",
                       l->endpoint, atoi(number), ours, newer ? "worker" : "broker",
                       SURETY_VERSION);
}

/* Decodes a message's frames and gives it to the core. What a broker of this protocol sends
 * wrong is logged and dropped. */
static enum surety_err take(struct link *l, struct worker_core *core, zmq_msg_t *frames, size_t n,
                            struct surety_error *err)
{
    struct surety_error why = {0};
    enum surety_err code = check_signature(l, &frames[0], &why);
    if (code && (code == SURETY_ERR_VERSION || !l->heard))
        return surety_fail(err, code, "%s", why.message);
    struct wire_message message;
    struct arena arena;
    arena_init(&arena, (size_t)4 * WIRE_BODY_MAX);
    if (!code && n != 3)
        code = surety_fail(&why, SURETY_ERR_PROTOCOL, "a message of %zu frames", n);
    else if (!code && !wire_command_from_name(zmq_msg_data(&frames[1]), zmq_msg_size(&frames[1]),
                                              &message.command))
        code = surety_fail(&why, SURETY_ERR_PROTOCOL, "an unknown command");
    if (!code)
        code = wire_decode(message.command, zmq_msg_data(&frames[2]), zmq_msg_size(&frames[2]),
                           &arena, &message, &why);
    if (code)
        log_printf(l->log, LOG_WARN, "dropped a message of the broker: %s", why.message);
    code = code ? SURETY_OK : worker_core_take(core, &message, &arena, clock_now_ms(), err);
    arena_fini(&arena);
    return code;
}

static enum surety_err drain(struct link *l, struct worker_core *core, struct surety_error *err)
{
    enum surety_err code = SURETY_OK;
    for (int i = 0; i < DRAIN_MAX && !code && !worker_core_has_ended(core); i++) {
        zmq_msg_t frames[3];
        size_t n = receive(l, frames, 3);
        if (n == 0)
            break;
        l->hello_waits = false;
        code = take(l, core, frames, n, err);
        for (size_t f = 0; f < n && f < 3; f++)
            zmq_msg_close(&frames[f]);
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

/* Sleeps until something happens, or not at all with work to do. False: the lifeline has ended. */
static bool wait_for_events(const struct worker_config *config, const struct link *l,
                            const struct worker_core *core)
{
    int64_t wait_ms = worker_core_next_ms(core) - clock_now_ms();
    if (wait_ms < 0 || worker_core_is_busy(core))
        wait_ms = 0;
    if (config->stop && wait_ms > STOP_MS)
        wait_ms = STOP_MS;
    short events = ZMQ_POLLIN | (worker_core_waits_to_send(core) ? ZMQ_POLLOUT : 0);
    zmq_pollitem_t items[2] = {{.socket = l->socket, .events = events},
                               {.fd = config->lifeline_fd, .events = ZMQ_POLLIN | ZMQ_POLLERR}};
    zmq_poll(items, config->lifeline_fd >= 0 ? 2 : 1, (long)wait_ms);
    return !items[1].revents || !lifeline_has_ended(config->lifeline_fd);
}

/* OK: the end was asked for. *ret_linger_ms: how long the socket may take to send the rest. */
static enum surety_err serve(const struct worker_config *config, struct link *l,
                             struct worker_core *core, int *ret_linger_ms, struct surety_error *err)
{
    enum surety_err code = SURETY_OK;
    while (!code) {
        if (!wait_for_events(config, l, core))
            return SURETY_OK;
        if (config->stop && *config->stop)
            break;
        code = drain(l, core, err);
        if (code || worker_core_has_ended(core))
            break;
        int64_t now = clock_now_ms();
        if (worker_core_is_silent(core, now)) {
            worker_core_restart(core, now);
            code = link_connect(l, err);
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
    *ret_linger_ms = LINGER_MS;
    return code;
}

enum surety_err worker_run(const struct worker_config *config, struct surety_error *err)
{
    struct link l = {.endpoint = config->broker, .log = config->log};
    struct engine engine = {0};
    struct worker_core *core = NULL;
    int linger_ms = 0;
    enum surety_err code = link_init(&l, err);
    if (!code)
        code = engine_open(config->engine, &config->engine_config, &engine, err);
    if (code)
        goto done;
    const struct worker_core_config worker_core_config = {.engine = &engine,
                                                          .broker = config->broker,
                                                          .log = config->log,
                                                          .send = link_send,
                                                          .user = &l};
    core = worker_core_create(&worker_core_config, clock_now_ms());
    if (core)
        code = serve(config, &l, core, &linger_ms, err);
    else
        code = surety_fail(err, SURETY_ERR_NOMEM, "no memory for a worker");
done:
    worker_core_free(core);
    engine_close(&engine);
    link_fini(&l, linger_ms);
    return code;
}
