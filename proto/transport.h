/*
 * transport.h - the sockets that the messages of PROTOCOL.md travel on. Nothing else knows ZeroMQ.
 *
 * A broker binds a ROUTER for clients and one for workers; a client or a worker connects a DEALER.
 * What is sent is encoded here, and what comes is decoded or refused with a sentence that says why:
 * another version (and which side to upgrade), an unknown command, a malformed body. Does not know
 * who has registered, what to answer, or when to try again.
 *
 * Nobody is authenticated, so only endpoints of this host are taken (endpoint.h). Keys would be
 * arguments of transport_open, and options of a socket in transport.c: no caller else sees a
 * socket.
 *
 * One thread at a time uses a transport and its sockets. Only transport_poll and transport_free
 * wait.
 */
#ifndef SURETY_PROTO_TRANSPORT_H
#define SURETY_PROTO_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/wire.h"
#include <surety/arena.h>
#include <surety/err.h>

#define TRANSPORT_IDENTITY_MAX 255 /* bytes of a routing identity */

/* What a process is at a socket; decides its kind, queues and patience. */
enum transport_role {
    TRANSPORT_TO_CLIENTS, /* a broker; binds */
    TRANSPORT_TO_WORKERS, /* a broker; binds */
    TRANSPORT_CLIENT,     /* connects */
    TRANSPORT_WORKER,     /* connects */
};

struct transport; /* what the sockets of a process have in common */
struct transport_socket;

/* IO, NOMEM. */
enum surety_err transport_create(struct transport **ret_transport, struct surety_error *err);

/* Waits until the queues of sockets that were closed with flush have left, or their time is over.
 * NULL is fine; all sockets must have been closed. */
void transport_free(struct transport *transport);

/* Binds, after a file of a dead process is out of the way, or connects; nobody need be there yet.
 * INVALID (endpoint), ADDRESS_IN_USE, IO, NOMEM. *ret_socket is NULL on failure. */
enum surety_err transport_open(struct transport *transport, enum transport_role role,
                               const char *endpoint, struct transport_socket **ret_socket,
                               struct surety_error *err);

/* A fresh connection in place of the one there was, with its queues; to the other end it is a new
 * peer. Only for what connects. After a failure (INVALID, IO) nothing can be sent or comes. */
enum surety_err transport_reopen(struct transport_socket *socket, struct surety_error *err);

/* flush: what was sent may still leave, for as long as the role allows; else it is dropped. Removes
 * the file that binding made. NULL is fine. */
void transport_close(struct transport_socket *socket, bool flush);

/* Where a bound socket listens, with the port that the system chose for "*"; lives in the socket.
 */
const char *transport_address(const struct transport_socket *socket);

/* Hands a message over without waiting. `to` is the routing identity of the peer if the socket is
 * bound, else NULL and 0. BUSY: the queue is full; UNREACHABLE: that peer is not there (any more),
 * which is seen once everything was received; else it cannot be encoded: LIMIT, NOMEM, INVALID. A
 * queue is full of messages, or of bytes that a peer did not take. */
enum surety_err transport_send(struct transport_socket *socket, const void *to, size_t to_len,
                               const struct wire_message *message, struct surety_error *err);

/* The same over a connection for a body of wire_encode's, which is copied and can be sent again. */
enum surety_err transport_send_body(struct transport_socket *socket, enum wire_command command,
                                    const void *body, size_t len, struct surety_error *err);

/* Bytes of bodies that were handed over to bound sockets and have not left. */
size_t transport_unsent(const struct transport *transport);

/* What came. */
struct transport_message {
    struct surety_error error;   /* code OK, or why it is refused; see transport_receive */
    struct wire_message message; /* with code OK only */
    bool ours;                   /* it bears our signature: the peer is of this protocol version */
    const char *id;              /* refused: of the REQUEST that it was, if that can be read */
    uint8_t from_len;            /* bound: who can be answered; 0: nobody */
    uint8_t from[TRANSPORT_IDENTITY_MAX];
    struct arena arena; /* holds message and id */
};

/* Takes one message, if there is one; the caller then owns *ret_message (transport_message_fini).
 * It is refused as VERSION; UNSUPPORTED (the command is unknown); PROTOCOL (no message of ours, or
 * a key is missing or mistyped); PARSE or LIMIT (its body); NOMEM. */
bool transport_receive(struct transport_socket *socket, struct transport_message *ret_message);
void transport_message_fini(struct transport_message *message);

/* What to wait for: a socket, or with NULL a descriptor that becomes readable, ends or fails. */
struct transport_wait {
    struct transport_socket *socket;
    /* a socket: ready when a message has come, when its queue has room, or either */
    enum { TRANSPORT_MESSAGE, TRANSPORT_ROOM, TRANSPORT_EITHER } until;
    int fd;     /* without a socket; -1: none, never ready */
    bool ready; /* set by transport_poll */
};

#define TRANSPORT_WAITS_MAX 8

/* Sleeps until one of n (at most TRANSPORT_WAITS_MAX) is ready, timeout_ms are over (-1: never), or
 * a signal came: *ret_signal, NULL is fine. IO. */
enum surety_err transport_poll(struct transport_wait *waits, size_t n, int64_t timeout_ms,
                               bool *ret_signal, struct surety_error *err);

/* The library below and its version, for people: "ZeroMQ 4.3.4". */
void transport_library(char *out, size_t size);

#endif
