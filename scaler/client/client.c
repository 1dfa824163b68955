/*
 * A client: one socket to a broker, and the requests that are in flight on it.
 *
 * A request is kept until it has ended. When the broker was silent for some beats, or does not
 * know this client (it was restarted, or the connection broke), a fresh connection is made and
 * every request in flight is said again. Over the same connection it is the same request to the
 * broker; over a fresh one it is a new client's, and begins anew while the old one is cancelled:
 * that costs time, and the answer is the same. Silence for longer is UNREACHABLE.
 */
#include "scaler/client/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "proto/transport.h"
#include <surety/settings.h>

#define RECONNECT_BEATS 10 /* of silence before a fresh connection is tried */
#define SILENT_MS 15000    /* before the broker counts as gone */
#define HELLO_MS 1000      /* between two HELLOs without a WELCOME */
#define SEND_MS 5000       /* for a full queue to get room */
#define REJOINS 5          /* HELLOs in a row that brought nothing */
#define SLICE_MS 200       /* longest single wait */

struct flight { /* a request that has not ended */
    char *id;
    char *body; /* of its REQUEST */
    size_t len;
};

struct incoming {
    struct incoming *next;
    struct transport_message came;
};

struct client {
    char *endpoint;
    struct transport *transport;
    struct transport_socket *socket;
    bool joined;
    uint32_t rejoins; /* since the broker last took a request or gave a result */
    uint32_t window, heartbeat_ms;
    bool users;                 /* the broker takes turns among those of a client */
    struct client_signs signs;  /* as the broker last told */
    char why[WIRE_WHY_MAX + 1]; /* of signs */
    int64_t heard_ms;           /* when the broker last said something */
    int64_t hello_ms;           /* when HELLO is due, while not joined */
    int64_t attempt_ms;         /* when the connection was made */
    struct flight *flights;     /* [n] of [window] */
    uint32_t n;
    struct incoming *later, **later_end; /* came while something else was waited for */
    struct incoming *current;            /* what the last event points into */
    int watched_fd;                      /* client_watch */
};

/* ---- connection ---- */

/* A first connection, or a fresh one. */
static enum surety_err join(struct client *c, struct surety_error *err)
{
    c->joined = false;
    c->attempt_ms = c->hello_ms = clock_now_ms();
    return c->socket ? transport_reopen(c->socket, err)
                     : transport_open(c->transport, TRANSPORT_CLIENT, c->endpoint, &c->socket, err);
}

static enum surety_err unreachable(const struct client *c, struct surety_error *err)
{
    return surety_fail(err, SURETY_ERR_UNREACHABLE,
                       "no broker answers at '%s': is `surety broker` running, with this as its "
                       "client endpoint?",
                       c->endpoint);
}

static void say_hello(struct client *c)
{
    struct wire_message hello = {.command = WIRE_HELLO};
    hello.hello.version = (char *)SURETY_VERSION;
    transport_send(c->socket, NULL, 0, &hello, NULL);
    c->hello_ms = clock_now_ms() + HELLO_MS;
}

/* ---- what comes ---- */

static void incoming_free(struct incoming *in)
{
    if (!in)
        return;
    transport_message_fini(&in->came);
    free(in);
}

/* One message, if one is there. NULL for what is none of our business; VERSION when the broker
 * speaks another one. */
static enum surety_err receive(struct client *c, bool *ret_any, struct incoming **ret_in,
                               struct surety_error *err)
{
    struct transport_message came;
    *ret_in = NULL;
    *ret_any = transport_receive(c->socket, &came);
    if (!*ret_any)
        return SURETY_OK;
    enum surety_err code = came.error.code;
    if (!code && (*ret_in = calloc(1, sizeof **ret_in))) {
        (*ret_in)->came = came;
        return SURETY_OK;
    }
    transport_message_fini(&came);
    if (!code)
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for a message");
    if (code == SURETY_ERR_VERSION || code == SURETY_ERR_NOMEM)
        return surety_fail(err, code, "%s", came.error.message);
    return SURETY_OK;
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
    c->users = message->welcome.users;
    if (c->joined)
        return SURETY_OK;
    c->joined = true;
    for (uint32_t i = 0; i < c->n; i++) /* after a fresh connection; one lost here is not answered
                                         * by silence: the next reconnection says it again */
        transport_send_body(c->socket, WIRE_REQUEST, c->flights[i].body, c->flights[i].len, NULL);
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
    case WIRE_HEARTBEAT:
        c->signs = (struct client_signs){c->signs.beats + 1, message->heartbeat.outputs,
                                         message->heartbeat.tokens, message->heartbeat.waiting,
                                         message->heartbeat.why ? c->why : NULL};
        if (message->heartbeat.why)
            snprintf(c->why, sizeof c->why, "%s", message->heartbeat.why);
        return SURETY_OK;
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
    case WIRE_MODELS:
    case WIRE_DELTA:
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
        enum surety_err code = join(c, err);
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
            code = take_own(c, &in->came.message, &mine, err);
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
        bool signal;
        struct transport_wait waits[] = {{.socket = c->socket}, {.fd = c->watched_fd}};
        code = transport_poll(waits, 2, wait, &signal, err);
        if (code || signal || (waits[1].ready && !waits[0].ready))
            return code;
    }
}

/* ---- the interface ---- */

enum surety_err client_open(const char *endpoint, int timeout_ms, struct client **ret_client,
                            struct surety_error *err)
{
    struct client *c = calloc(1, sizeof *c);
    if (!c)
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for a client");
    c->later_end = &c->later;
    c->watched_fd = -1;
    c->endpoint = strdup(endpoint);
    enum surety_err code = c->endpoint
                               ? transport_create(&c->transport, err)
                               : surety_fail(err, SURETY_ERR_NOMEM, "no memory for a client");
    int64_t until = clock_now_ms() + timeout_ms;
    while (!code && !c->joined) {
        if (!c->socket)
            code = join(c, err);
        struct incoming *in = NULL;
        c->heard_ms = clock_now_ms(); /* here the caller's patience counts */
        if (!code)
            code = next_message(c, c->heard_ms, &in, err);
        incoming_free(in); /* nothing is expected before WELCOME */
        if (code || c->joined)
            break;
        if (clock_now_ms() >= until)
            code = unreachable(c, err);
        if (!code)
            code = transport_poll(&(struct transport_wait){.socket = c->socket}, 1, 10, NULL, err);
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
        transport_send(c->socket, NULL, 0, &(struct wire_message){.command = WIRE_BYE}, NULL);
    transport_close(c->socket, true);
    transport_free(c->transport);
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

struct client_signs client_signs(const struct client *c)
{
    return c->signs;
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
    while (c->joined && transport_send_body(c->socket, command, body, len, NULL)) {
        int64_t left = until - clock_now_ms();
        if (left <= 0)
            return unreachable(c, err);
        struct transport_wait wait = {.socket = c->socket, .until = TRANSPORT_ROOM};
        enum surety_err code = transport_poll(&wait, 1, left, NULL, err);
        if (code)
            return code;
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
    if (!c->users) /* one that does not know the key would refuse the request */
        message.request.user = NULL;
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

void client_ask_models(struct client *c)
{
    if (c->joined)
        transport_send(c->socket, NULL, 0, &(struct wire_message){.command = WIRE_MODELS}, NULL);
}

void client_watch(struct client *c, int fd)
{
    c->watched_fd = fd;
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
    } else if (message->command == WIRE_MODELS) {
        event->kind = CLIENT_MODELS;
        event->models = message->models.list;
        event->n_models = message->models.n;
    } else if (message->command == WIRE_DELTA) {
        flight = find_flight(c, message->delta.id);
        event->kind = CLIENT_DELTA;
        event->id = message->delta.id;
        event->text = message->delta.text;
        event->at = message->delta.at;
        event->status = message->delta.status;
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
        make_event(c, &c->current->came.message, ret_event);
        if (ret_event->kind != CLIENT_NOTHING)
            return SURETY_OK;
    }
}

enum surety_err client_status(struct client *c, int timeout_ms, char **ret_json,
                              struct surety_error *err)
{
    struct wire_message ask = {.command = WIRE_STATUS, .status.json = (char *)""};
    int64_t until = clock_now_ms() + timeout_ms;
    if (transport_send(c->socket, NULL, 0, &ask, NULL))
        return unreachable(c, err);
    while (clock_now_ms() < until) {
        struct incoming *in;
        enum surety_err code = next_message(c, until, &in, err);
        if (code)
            return code;
        if (!in)
            continue;
        if (in->came.message.command == WIRE_STATUS) {
            *ret_json = strdup(in->came.message.status.json);
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
