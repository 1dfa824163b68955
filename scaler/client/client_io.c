/*
 * A client: one DEALER socket to a broker, and the requests that are in flight on it.
 *
 * A request is kept until it has ended. When the broker was silent for some beats, or does not
 * know this client (it was restarted, or the connection broke), a fresh connection is made and
 * every request in flight is said again. Over the same connection it is the same request to the
 * broker; over a fresh one it is a new client's, and begins anew while the old one is cancelled:
 * that costs time, and the answer is the same. Silence for longer is UNREACHABLE.
 *
 * No ZMQ_IMMEDIATE: with it, messages that came but were not yet read are lost when the broker
 * closes the connection, and the last results come right before its end.
 */
#include "scaler/client/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "base/clock.h"
#include "proto/endpoint.h"
#include "proto/wire.h"
#include <surety/settings.h>

#define RECONNECT_BEATS 10 /* of silence before a fresh connection is tried */
#define SILENT_MS 15000    /* before the broker counts as gone */
#define HELLO_MS 1000      /* between two HELLOs without a WELCOME */
#define SEND_MS 5000       /* for a full queue to get room */
#define LINGER_MS 500      /* for the BYE */
#define REJOINS 5          /* HELLOs in a row that brought nothing */
#define SLICE_MS 200       /* longest single wait */

struct flight { /* a request that has not ended */
    char *id;
    char *body; /* of its REQUEST */
    size_t len;
};

struct incoming {
    struct incoming *next;
    struct arena arena;
    struct wire_message message;
};

struct client {
    char *endpoint;
    void *context, *socket;
    bool joined;
    uint32_t rejoins; /* since the broker last took a request or gave a result */
    uint32_t window, heartbeat_ms;
    int64_t heard_ms;       /* when the broker last said something */
    int64_t hello_ms;       /* when HELLO is due, while not joined */
    int64_t attempt_ms;     /* when the connection was made */
    struct flight *flights; /* [n] of [window] */
    uint32_t n;
    struct incoming *later, **later_end; /* came while something else was waited for */
    struct incoming *current;            /* what the last event points into */
};

/* ---- connection ---- */

static enum surety_err connect_socket(struct client *c, struct surety_error *err)
{
    const int none = 0;
    if (c->socket) {
        zmq_setsockopt(c->socket, ZMQ_LINGER, &none, sizeof none);
        zmq_close(c->socket);
    }
    c->socket = zmq_socket(c->context, ZMQ_DEALER);
    if (!c->socket)
        return surety_fail(err, SURETY_ERR_IO, "no socket: %s", zmq_strerror(errno));
    const struct {
        int name, value;
    } options[] = {{ZMQ_LINGER, LINGER_MS},
                   {ZMQ_RECONNECT_IVL, 50},
                   {ZMQ_RECONNECT_IVL_MAX, 1000},
                   {ZMQ_SNDHWM, 1000},
                   {ZMQ_RCVHWM, 1000},
                   {ZMQ_IPV6, endpoint_is_ipv6(c->endpoint)}};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        zmq_setsockopt(c->socket, options[i].name, &options[i].value, sizeof options[i].value);
    int64_t most = WIRE_BODY_MAX;
    zmq_setsockopt(c->socket, ZMQ_MAXMSGSIZE, &most, sizeof most);
    if (zmq_connect(c->socket, c->endpoint))
        return surety_fail(err, SURETY_ERR_INVALID, "cannot connect to '%s': %s", c->endpoint,
                           zmq_strerror(errno));
    c->joined = false;
    c->attempt_ms = c->hello_ms = clock_now_ms();
    return SURETY_OK;
}

static enum surety_err unreachable(const struct client *c, struct surety_error *err)
{
    return surety_fail(err, SURETY_ERR_UNREACHABLE,
                       "no broker answers at '%s': is `surety broker` running, with this as its "
                       "client endpoint?",
                       c->endpoint);
}

/* True when it was handed over. False: no connection, or a full queue. */
static bool send_body(struct client *c, enum wire_command command, const char *body, size_t len)
{
    const char *name = wire_command_name(command);
    const int more = ZMQ_DONTWAIT | ZMQ_SNDMORE;
    return zmq_send(c->socket, WIRE_SIGNATURE, strlen(WIRE_SIGNATURE), more) >= 0 &&
           zmq_send(c->socket, name, strlen(name), more) >= 0 &&
           zmq_send(c->socket, body, len, ZMQ_DONTWAIT) >= 0;
}

static bool send_message(struct client *c, const struct wire_message *message)
{
    struct surety_error ignored;
    char *body;
    size_t len;
    if (wire_encode(message, &body, &len, &ignored))
        return false;
    bool sent = send_body(c, message->command, body, len);
    free(body);
    return sent;
}

static void say_hello(struct client *c)
{
    struct wire_message hello = {.command = WIRE_HELLO};
    hello.hello.version = (char *)SURETY_VERSION;
    send_message(c, &hello);
    c->hello_ms = clock_now_ms() + HELLO_MS;
}

/* ---- what comes ---- */

static void incoming_free(struct incoming *in)
{
    if (!in)
        return;
    arena_fini(&in->arena);
    free(in);
}

static bool signature_is(zmq_msg_t *frame, const char *text, bool whole)
{
    size_t size = zmq_msg_size(frame), len = strlen(text);
    return (whole ? size == len : size >= len) && memcmp(zmq_msg_data(frame), text, len) == 0;
}

/* OK and NULL for what is none of our business. VERSION when the broker speaks another one. */
static enum surety_err decode(struct client *c, zmq_msg_t *frames, size_t n,
                              struct incoming **ret_in, struct surety_error *err)
{
    enum wire_command command;
    struct surety_error why;
    *ret_in = NULL;
    if (n && !signature_is(&frames[0], WIRE_SIGNATURE, true))
        return signature_is(&frames[0], "SURETY/", false)
                   ? surety_fail(err, SURETY_ERR_VERSION,
                                 "the broker at '%s' speaks another version of the protocol than "
                                 "%s: use the same version of surety on both sides",
                                 c->endpoint, WIRE_SIGNATURE)
                   : SURETY_OK;
    if (n != 3 ||
        !wire_command_from_name(zmq_msg_data(&frames[1]), zmq_msg_size(&frames[1]), &command))
        return SURETY_OK;
    struct incoming *in = calloc(1, sizeof *in);
    if (!in)
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for a message");
    arena_init(&in->arena, (size_t)4 * WIRE_BODY_MAX);
    enum surety_err code = wire_decode(command, zmq_msg_data(&frames[2]), zmq_msg_size(&frames[2]),
                                       &in->arena, &in->message, &why);
    if (code) {
        incoming_free(in);
        return code == SURETY_ERR_NOMEM ? surety_fail(err, code, "%s", why.message) : SURETY_OK;
    }
    *ret_in = in;
    return SURETY_OK;
}

/* One message, if one is there. */
static enum surety_err receive(struct client *c, bool *ret_any, struct incoming **ret_in,
                               struct surety_error *err)
{
    zmq_msg_t frames[3];
    size_t n = 0;
    *ret_in = NULL;
    for (bool more = true; more; n++) {
        zmq_msg_t extra, *frame = n < 3 ? &frames[n] : &extra;
        zmq_msg_init(frame);
        if (zmq_msg_recv(frame, c->socket, ZMQ_DONTWAIT) < 0) {
            zmq_msg_close(frame);
            break;
        }
        more = zmq_msg_more(frame);
        if (n >= 3)
            zmq_msg_close(frame);
    }
    *ret_any = n > 0;
    enum surety_err code = n ? decode(c, frames, n, ret_in, err) : SURETY_OK;
    for (size_t f = 0; f < n && f < 3; f++)
        zmq_msg_close(&frames[f]);
    return code;
}

static struct flight *find_flight(struct client *c, const char *id)
{
    for (uint32_t i = 0; id && i < c->n; i++)
        if (strcmp(c->flights[i].id, id) == 0)
            return &c->flights[i];
    return NULL;
}

static void land(struct client *c, struct flight *flight)
{
    free(flight->id);
    free(flight->body);
    *flight = c->flights[--c->n];
}

static enum surety_err take_welcome(struct client *c, const struct wire_message *message,
                                    struct surety_error *err)
{
    uint32_t window = message->welcome.window;
    window = window < 1 ? 1 : window > 65536 ? 65536 : window;
    if (window > c->window) {
        struct flight *grown = realloc(c->flights, window * sizeof *grown);
        if (!grown)
            return surety_fail(err, SURETY_ERR_NOMEM, "no memory for a client");
        c->flights = grown;
        c->window = window;
    }
    c->heartbeat_ms = message->welcome.heartbeat_ms;
    if (c->joined)
        return SURETY_OK;
    c->joined = true;
    for (uint32_t i = 0; i < c->n; i++) /* after a fresh connection; one lost here is not answered
                                         * by silence: the next reconnection says it again */
        send_body(c, WIRE_REQUEST, c->flights[i].body, c->flights[i].len);
    return SURETY_OK;
}

/* What is about the connection itself. *ret_mine: nobody else needs to see it. */
static enum surety_err take_own(struct client *c, const struct wire_message *message,
                                bool *ret_mine, struct surety_error *err)
{
    *ret_mine = true;
    switch (message->command) {
    case WIRE_WELCOME:
        return take_welcome(c, message, err);
    case WIRE_BYE:
        return surety_fail(err, SURETY_ERR_UNREACHABLE, "the broker at '%s' has ended",
                           c->endpoint);
    case WIRE_ERROR:
        if (message->error.id)
            break;
        if (message->error.code == SURETY_ERR_PROTOCOL && c->rejoins < REJOINS) {
            /* it does not know us (any more); it says so for each message it got since */
            if (c->joined) {
                c->rejoins++;
                c->hello_ms = clock_now_ms();
            }
            c->joined = false;
            return SURETY_OK;
        }
        if (message->error.code != SURETY_ERR_VERSION && c->joined)
            break;
        return surety_fail(err, message->error.code ? message->error.code : SURETY_ERR_INTERNAL,
                           "the broker at '%s' refuses this client: %s", c->endpoint,
                           message->error.message);
    case WIRE_ACCEPTED:
    case WIRE_PROGRESS:
    case WIRE_RESULT:
    case WIRE_STATUS:
        c->rejoins = 0;
        break;
    default:
        return SURETY_OK;
    }
    *ret_mine = false;
    return SURETY_OK;
}

static enum surety_err look_after_connection(struct client *c, struct surety_error *err)
{
    int64_t now = clock_now_ms();
    int64_t patience = (int64_t)RECONNECT_BEATS * c->heartbeat_ms;
    if (now - c->heard_ms >= SILENT_MS)
        return unreachable(c, err);
    if (c->heartbeat_ms && now - c->heard_ms >= patience && now - c->attempt_ms >= patience) {
        enum surety_err code = connect_socket(c, err);
        if (code)
            return code;
    }
    if (!c->joined && now >= c->hello_ms)
        say_hello(c);
    return SURETY_OK;
}

/* The next message that is not only about the connection; NULL at until_ms, or after a signal. */
static enum surety_err next_message(struct client *c, int64_t until_ms, struct incoming **ret_in,
                                    struct surety_error *err)
{
    *ret_in = NULL;
    for (;;) {
        bool any, mine;
        struct incoming *in;
        enum surety_err code = receive(c, &any, &in, err);
        if (any)
            c->heard_ms = clock_now_ms();
        if (!code && in)
            code = take_own(c, &in->message, &mine, err);
        if (!code && in && !mine) {
            *ret_in = in;
            return SURETY_OK;
        }
        incoming_free(in);
        if (!code && any)
            continue;
        if (!code)
            code = look_after_connection(c, err);
        int64_t now = clock_now_ms();
        if (code || (until_ms >= 0 && now >= until_ms))
            return code;
        int64_t wait = SLICE_MS;
        if (until_ms >= 0 && until_ms - now < wait)
            wait = until_ms - now;
        zmq_pollitem_t item = {.socket = c->socket, .events = ZMQ_POLLIN};
        if (zmq_poll(&item, 1, (long)wait) < 0 && errno == EINTR)
            return SURETY_OK;
    }
}

/* ---- the interface ---- */

enum surety_err client_open(const char *endpoint, int timeout_ms, struct client **ret_client,
                            struct surety_error *err)
{
    enum surety_err code = endpoint_check(endpoint, err);
    if (code)
        return code;
    struct client *c = calloc(1, sizeof *c);
    if (!c)
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for a client");
    c->later_end = &c->later;
    c->endpoint = strdup(endpoint);
    c->context = zmq_ctx_new();
    if (!c->endpoint || !c->context)
        code = surety_fail(err, SURETY_ERR_NOMEM, "no memory for a client");
    int64_t until = clock_now_ms() + timeout_ms;
    while (!code && !c->joined) {
        if (!c->socket)
            code = connect_socket(c, err);
        struct incoming *in = NULL;
        c->heard_ms = clock_now_ms(); /* here the caller's patience counts */
        if (!code)
            code = next_message(c, c->heard_ms, &in, err);
        incoming_free(in); /* nothing is expected before WELCOME */
        if (code || c->joined)
            break;
        if (clock_now_ms() >= until)
            code = unreachable(c, err);
        zmq_pollitem_t item = {.socket = c->socket, .events = ZMQ_POLLIN};
        if (!code)
            zmq_poll(&item, 1, 10);
    }
    if (code)
        client_close(c);
    else
        *ret_client = c;
    return code;
}

void client_close(struct client *c)
{
    if (!c)
        return;
    if (c->joined)
        send_message(c, &(struct wire_message){.command = WIRE_BYE});
    if (c->socket)
        zmq_close(c->socket);
    while (c->context && zmq_ctx_term(c->context) && errno == EINTR)
        continue;
    while (c->n)
        land(c, &c->flights[0]);
    while (c->later) {
        struct incoming *in = c->later;
        c->later = in->next;
        incoming_free(in);
    }
    incoming_free(c->current);
    free(c->flights);
    free(c->endpoint);
    free(c);
}

uint32_t client_window(const struct client *c)
{
    return c->window;
}

int64_t client_silence_ms(const struct client *c)
{
    return clock_now_ms() - c->heard_ms;
}

/* Waits for room in the queue, if need be. While not joined it is WELCOME that sends requests. */
static enum surety_err send_patiently(struct client *c, enum wire_command command, const char *body,
                                      size_t len, struct surety_error *err)
{
    int64_t until = clock_now_ms() + SEND_MS;
    while (c->joined && !send_body(c, command, body, len)) {
        int64_t left = until - clock_now_ms();
        if (left <= 0)
            return unreachable(c, err);
        zmq_pollitem_t item = {.socket = c->socket, .events = ZMQ_POLLOUT};
        zmq_poll(&item, 1, (long)left);
    }
    return SURETY_OK;
}

enum surety_err client_send(struct client *c, const struct surety_request *request,
                            struct surety_error *err)
{
    enum surety_err code = surety_request_check(request, err);
    if (code)
        return code;
    if (find_flight(c, request->id))
        return surety_fail(err, SURETY_ERR_INVALID, "the id '%s' is in flight already",
                           request->id);
    if (c->n >= c->window)
        return surety_fail(err, SURETY_ERR_BUSY, "%u requests are in flight; wait for a result",
                           c->n);
    struct wire_message message = {.command = WIRE_REQUEST};
    message.request = *request;
    struct flight *flight = &c->flights[c->n];
    *flight = (struct flight){.id = strdup(request->id)};
    code = flight->id ? wire_encode(&message, &flight->body, &flight->len, err)
                      : surety_fail(err, SURETY_ERR_NOMEM, "no memory for a request");
    c->n++;
    if (!code)
        code = send_patiently(c, WIRE_REQUEST, flight->body, flight->len, err);
    if (code)
        land(c, flight);
    return code;
}

enum surety_err client_cancel(struct client *c, const char *id, struct surety_error *err)
{
    struct wire_message message = {.command = WIRE_CANCEL};
    message.cancel.id = (char *)id;
    char *body;
    size_t len;
    if (!find_flight(c, id))
        return SURETY_OK;
    enum surety_err code = wire_encode(&message, &body, &len, err);
    if (code)
        return code;
    code = send_patiently(c, WIRE_CANCEL, body, len, err);
    free(body);
    return code;
}

static void make_event(struct client *c, const struct wire_message *message,
                       struct client_event *event)
{
    struct flight *flight = NULL;
    *event = (struct client_event){.kind = CLIENT_NOTHING};
    if (message->command == WIRE_ACCEPTED) {
        flight = find_flight(c, message->accepted.id);
        event->kind = CLIENT_ACCEPTED;
        event->id = message->accepted.id;
    } else if (message->command == WIRE_PROGRESS || message->command == WIRE_RESULT) {
        bool last = message->command == WIRE_RESULT;
        flight = find_flight(c, message->result.id);
        event->kind = last ? CLIENT_RESULT : CLIENT_PROGRESS;
        event->id = message->result.id;
        event->json = message->result.json;
        if (last && flight)
            land(c, flight);
    } else if (message->command == WIRE_ERROR) {
        flight = find_flight(c, message->error.id);
        event->kind = CLIENT_FAILED;
        event->id = message->error.id;
        surety_fail(&event->error, message->error.code, "%s", message->error.message);
        if (flight)
            land(c, flight);
    }
    if (event->id && !flight) /* an answer that came twice */
        event->kind = CLIENT_NOTHING;
}

enum surety_err client_next(struct client *c, int timeout_ms, struct client_event *ret_event,
                            struct surety_error *err)
{
    int64_t until = timeout_ms < 0 ? -1 : clock_now_ms() + timeout_ms;
    for (;;) {
        incoming_free(c->current);
        c->current = c->later;
        if (c->later) {
            c->later = c->later->next;
            if (!c->later)
                c->later_end = &c->later;
        } else {
            enum surety_err code = next_message(c, until, &c->current, err);
            if (code)
                return code;
        }
        *ret_event = (struct client_event){.kind = CLIENT_NOTHING};
        if (!c->current)
            return SURETY_OK;
        make_event(c, &c->current->message, ret_event);
        if (ret_event->kind != CLIENT_NOTHING)
            return SURETY_OK;
    }
}

enum surety_err client_status(struct client *c, int timeout_ms, char **ret_json,
                              struct surety_error *err)
{
    struct wire_message ask = {.command = WIRE_STATUS, .status.json = (char *)""};
    int64_t until = clock_now_ms() + timeout_ms;
    if (!send_message(c, &ask))
        return unreachable(c, err);
    while (clock_now_ms() < until) {
        struct incoming *in;
        enum surety_err code = next_message(c, until, &in, err);
        if (code)
            return code;
        if (!in)
            continue;
        if (in->message.command == WIRE_STATUS) {
            *ret_json = strdup(in->message.status.json);
            incoming_free(in);
            return *ret_json ? SURETY_OK
                             : surety_fail(err, SURETY_ERR_NOMEM, "no memory for a report");
        }
        in->next = NULL;
        *c->later_end = in;
        c->later_end = &in->next;
    }
    return unreachable(c, err);
}
