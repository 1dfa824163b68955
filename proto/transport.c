/*
 * Two facts about ZeroMQ decide how the sockets are made.
 *
 * No ZMQ_IMMEDIATE: with it, a message that came but was not yet read is lost when the broker
 * closes the connection, and the last results and its BYE come right before its end. So a message
 * may wait in the queue for a broker that is not there yet; transport_reopen throws it away.
 *
 * No ZMQ_HEARTBEAT: a peer that is stopped for a while (Ctrl-Z) is not gone, and one that hangs is
 * told from its own heartbeats, which do not come from ZeroMQ's thread.
 */
#include "proto/transport.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "base/hash.h"
#include "proto/endpoint.h"

#define FRAMES 3   /* signature, command, body */
#define EVERY (-1) /* kind of socket */
#define BUCKETS 64
#define MIB ((size_t)1 << 20)

struct role {
    const char *self, *peer; /* as sentences name them */
    int kind;
    int send_queue, receive_queue; /* messages, to and from each peer */
    int linger_ms;                 /* for what was sent last, when it is closed with flush */
    size_t unsent; /* bytes on their way to a peer, from which on its queue is full */
};

static const struct role roles[] = {
    /* the core keeps results beyond the queue */
    [TRANSPORT_TO_CLIENTS] = {"broker", "client", ZMQ_ROUTER, 100, 1000, 1000, 16 * MIB},
    /* the queue is never full for a worker that reads */
    [TRANSPORT_TO_WORKERS] = {"broker", "worker", ZMQ_ROUTER, 8192, 1000, 1000, 1024 * MIB},
    [TRANSPORT_CLIENT] = {"client", "broker", ZMQ_DEALER, 1000, 1000, 500, SIZE_MAX},
    /* every item is answered at most once, so these are never reached by an honest broker */
    [TRANSPORT_WORKER] = {"worker", "broker", ZMQ_DEALER, SURETY_SLOTS_MAX + 1000,
                          SURETY_SLOTS_MAX + 1000, 1000, SIZE_MAX},
};

/* What ZeroMQ holds for one peer: its queues count messages, not bytes. Bodies are subtracted by
 * its threads as they leave, or are dropped with their connection. */
struct flight {
    struct flight *next;
    struct transport *transport;
    const struct role *role; /* identities are those of a socket */
    atomic_size_t bytes;     /* at 0 nobody but the transport's thread knows it */
    size_t len;
    uint8_t peer[TRANSPORT_IDENTITY_MAX];
};

struct load { /* of a body that is on its way */
    struct flight *flight;
    size_t bytes;
};

struct transport {
    void *context;
    struct flight *flights[BUCKETS]; /* by hash of the peer */
    atomic_size_t unsent;            /* bytes of all */
};

struct transport_socket {
    struct transport *transport;
    const struct role *role;
    void *zmq; /* NULL after a failed transport_reopen: ZeroMQ takes that for no socket */
    char endpoint[ENDPOINT_MAX];
    char address[ENDPOINT_MAX];
    struct endpoint_file file;
};

enum surety_err transport_create(struct transport **ret_transport, struct surety_error *err)
{
    struct transport *t = calloc(1, sizeof *t);
    if (!t)
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for a transport");
    t->context = zmq_ctx_new();
    if (!t->context) {
        free(t);
        return surety_fail(err, SURETY_ERR_IO, "no ZeroMQ context: %s", zmq_strerror(errno));
    }
    *ret_transport = t;
    return SURETY_OK;
}

void transport_free(struct transport *t)
{
    while (t && zmq_ctx_term(t->context) && errno == EINTR)
        continue;
    for (size_t i = 0; t && i < BUCKETS; i++)
        while (t->flights[i]) {
            struct flight *flight = t->flights[i];
            t->flights[i] = flight->next;
            free(flight);
        }
    free(t);
}

void transport_library(char *out, size_t size)
{
    int major, minor, patch;
    zmq_version(&major, &minor, &patch);
    snprintf(out, size, "ZeroMQ %d.%d.%d", major, minor, patch);
}

/* ---- open and close ---- */

/* The socket without its endpoint. Keys of an encrypted transport would be options here. */
static enum surety_err make_socket(struct transport_socket *s, struct surety_error *err)
{
    const struct role *role = s->role;
    const struct {
        int kind, name, value;
    } options[] = {
        {ZMQ_ROUTER, ZMQ_ROUTER_MANDATORY, 1}, /* a peer that is gone or full is no silence */
        /* Off: a stranger who takes a known identity is not heard, instead of taking over. Peers
         * that reconnect get a fresh identity from ZeroMQ and say HELLO. */
        {ZMQ_ROUTER, ZMQ_ROUTER_HANDOVER, 0},
        {ZMQ_DEALER, ZMQ_RECONNECT_IVL, 50},
        {ZMQ_DEALER, ZMQ_RECONNECT_IVL_MAX, 1000},
        {EVERY, ZMQ_SNDHWM, role->send_queue},
        {EVERY, ZMQ_RCVHWM, role->receive_queue},
        {EVERY, ZMQ_LINGER, role->linger_ms},
        {EVERY, ZMQ_IPV6, endpoint_is_ipv6(s->endpoint)},
    };
    s->zmq = zmq_socket(s->transport->context, role->kind);
    if (!s->zmq)
        return surety_fail(err, SURETY_ERR_IO, "no socket: %s", zmq_strerror(errno));
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (options[i].kind == EVERY || options[i].kind == role->kind)
            zmq_setsockopt(s->zmq, options[i].name, &options[i].value, sizeof options[i].value);
    int64_t most = WIRE_BODY_MAX;
    zmq_setsockopt(s->zmq, ZMQ_MAXMSGSIZE, &most, sizeof most);
    return SURETY_OK;
}

static void drop_socket(struct transport_socket *s, bool flush)
{
    const int none = 0;
    if (!s->zmq)
        return;
    if (!flush)
        zmq_setsockopt(s->zmq, ZMQ_LINGER, &none, sizeof none);
    zmq_close(s->zmq);
    s->zmq = NULL;
}

static enum surety_err bind_socket(struct transport_socket *s, struct surety_error *err)
{
    size_t size = sizeof s->address;
    enum surety_err code = endpoint_clear(s->endpoint, err);
    if (!code)
        code = make_socket(s, err);
    if (code)
        return code;
    endpoint_to_bind(s->endpoint, s->address);
    if (zmq_bind(s->zmq, s->address) == 0) {
        endpoint_note_file(s->endpoint, &s->file);
        zmq_getsockopt(s->zmq, ZMQ_LAST_ENDPOINT, s->address, &size);
        return SURETY_OK;
    }
    if (errno == EADDRINUSE)
        return surety_fail(err, SURETY_ERR_ADDRESS_IN_USE,
                           "another process listens on '%s': stop it, or choose another endpoint",
                           s->endpoint);
    return surety_fail(err, errno == EINVAL ? SURETY_ERR_INVALID : SURETY_ERR_IO,
                       "cannot listen on '%s': %s", s->endpoint, zmq_strerror(errno));
}

static enum surety_err connect_socket(struct transport_socket *s, struct surety_error *err)
{
    enum surety_err code = make_socket(s, err);
    if (code || zmq_connect(s->zmq, s->endpoint) == 0)
        return code;
    return surety_fail(err, errno == EMFILE ? SURETY_ERR_IO : SURETY_ERR_INVALID,
                       "cannot connect to '%s': %s", s->endpoint, zmq_strerror(errno));
}

enum surety_err transport_open(struct transport *transport, enum transport_role role,
                               const char *endpoint, struct transport_socket **ret_socket,
                               struct surety_error *err)
{
    *ret_socket = NULL;
    enum surety_err code = endpoint_check(endpoint, err);
    if (code)
        return code;
    struct transport_socket *s = calloc(1, sizeof *s);
    if (!s)
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for a socket");
    s->transport = transport;
    s->role = &roles[role];
    snprintf(s->endpoint, sizeof s->endpoint, "%s", endpoint);
    code = s->role->kind == ZMQ_ROUTER ? bind_socket(s, err) : connect_socket(s, err);
    if (code)
        transport_close(s, false);
    else
        *ret_socket = s;
    return code;
}

enum surety_err transport_reopen(struct transport_socket *s, struct surety_error *err)
{
    assert(s->role->kind == ZMQ_DEALER);
    drop_socket(s, false);
    enum surety_err code = connect_socket(s, err);
    if (code)
        drop_socket(s, false);
    return code;
}

void transport_close(struct transport_socket *s, bool flush)
{
    if (!s)
        return;
    drop_socket(s, flush);
    endpoint_remove_file(&s->file); /* connections that were made outlive it */
    free(s);
}

const char *transport_address(const struct transport_socket *s)
{
    return s->address;
}

/* ---- send ---- */

/* By a thread of ZeroMQ. */
static void free_body(void *data, void *hint)
{
    struct load *load = hint;
    if (load) {
        atomic_fetch_sub(&load->flight->transport->unsent, load->bytes);
        atomic_fetch_sub(&load->flight->bytes, load->bytes); /* the last that is done with it */
    }
    free(load);
    free(data);
}

/* What is on its way to this peer; those to whom nothing is are forgotten. NULL without memory. */
static struct flight *find_flight(struct transport_socket *s, const void *peer, size_t len)
{
    struct flight **at = &s->transport->flights[hash_bytes(0, peer, len) % BUCKETS], *found = NULL;
    while (*at) {
        struct flight *flight = *at;
        if (flight->role == s->role && flight->len == len && !memcmp(flight->peer, peer, len)) {
            found = flight;
        } else if (!atomic_load(&flight->bytes)) {
            *at = flight->next;
            free(flight);
            continue;
        }
        at = &flight->next;
    }
    if (found)
        return found;
    *at = found = calloc(1, sizeof *found);
    if (!found)
        return NULL;
    found->transport = s->transport;
    found->role = s->role;
    found->len = len;
    memcpy(found->peer, peer, len);
    return found;
}

size_t transport_unsent(const struct transport *t)
{
    return atomic_load(&t->unsent);
}

static enum surety_err queue_is_full(const struct transport_socket *s, struct surety_error *err)
{
    return surety_fail(err, SURETY_ERR_BUSY, "the queue to the %s is full", s->role->peer);
}

/* Takes body over. */
static enum surety_err send_frames(struct transport_socket *s, const void *to, size_t to_len,
                                   enum wire_command command, zmq_msg_t *body,
                                   struct surety_error *err)
{
    const char *name = wire_command_name(command);
    /* Only the first frame can fail: a ROUTER decides by the identity, and a queue that takes a
     * message's first frame takes all of them. */
    const int more = ZMQ_DONTWAIT | ZMQ_SNDMORE;
    if ((to_len == 0 || zmq_send(s->zmq, to, to_len, more) >= 0) &&
        zmq_send(s->zmq, WIRE_SIGNATURE, strlen(WIRE_SIGNATURE), more) >= 0 &&
        zmq_send(s->zmq, name, strlen(name), more) >= 0 &&
        zmq_msg_send(body, s->zmq, ZMQ_DONTWAIT) >= 0)
        return SURETY_OK;
    bool full = errno == EAGAIN;
    zmq_msg_close(body);
    return full ? queue_is_full(s, err)
                : surety_fail(err, SURETY_ERR_UNREACHABLE, "the %s is not there any more",
                              s->role->peer);
}

enum surety_err transport_send(struct transport_socket *s, const void *to, size_t to_len,
                               const struct wire_message *message, struct surety_error *err)
{
    char *body;
    size_t len;
    zmq_msg_t frame;
    assert((to_len > 0) == (s->role->kind == ZMQ_ROUTER));
    struct flight *flight = to_len ? find_flight(s, to, to_len) : NULL;
    if (flight && atomic_load(&flight->bytes) >= s->role->unsent)
        return queue_is_full(s, err);
    enum surety_err code = wire_encode(message, &body, &len, err);
    if (code)
        return code;
    struct load *load = flight ? malloc(sizeof *load) : NULL;
    if (load) {
        *load = (struct load){flight, len};
        atomic_fetch_add(&flight->bytes, len);
        atomic_fetch_add(&s->transport->unsent, len);
    }
    if ((to_len && !load) || zmq_msg_init_data(&frame, body, len, free_body, load)) {
        free_body(body, load);
        return surety_fail(err, SURETY_ERR_BUSY, "no memory for a frame now");
    }
    return send_frames(s, to, to_len, message->command, &frame, err);
}

enum surety_err transport_send_body(struct transport_socket *s, enum wire_command command,
                                    const void *body, size_t len, struct surety_error *err)
{
    zmq_msg_t frame;
    assert(s->role->kind == ZMQ_DEALER);
    if (zmq_msg_init_size(&frame, len))
        return surety_fail(err, SURETY_ERR_BUSY, "no memory for a frame now");
    memcpy(zmq_msg_data(&frame), body, len);
    return send_frames(s, NULL, 0, command, &frame, err);
}

/* ---- receive ---- */

/* Reads all frames of a message and keeps the first max; their number, 0 when there is none. */
static size_t receive_frames(struct transport_socket *s, zmq_msg_t *frames, size_t max)
{
    size_t n = 0;
    for (bool more = true; more; n++) {
        zmq_msg_t extra, *frame = n < max ? &frames[n] : &extra;
        zmq_msg_init(frame);
        if (zmq_msg_recv(frame, s->zmq, ZMQ_DONTWAIT) < 0) {
            zmq_msg_close(frame);
            break;
        }
        more = zmq_msg_more(frame);
        if (n >= max)
            zmq_msg_close(frame);
    }
    return n;
}

/* Both ends learn which side to upgrade: a broker sends this as an ERROR, which a peer that cannot
 * read it refuses by the signature, with the same sentence from its side. */
static enum surety_err refuse_version(const struct transport_socket *s, const char *signature,
                                      size_t size, struct surety_error *err)
{
    char theirs[WIRE_COMMAND_MAX + 1] = "";
    for (size_t i = 0; i < size; i++) /* goes into a message for people */
        theirs[i] = signature[i] > ' ' && signature[i] <= '~' ? signature[i] : '?';
    const size_t family = strlen(WIRE_FAMILY);
    bool newer = atoi(&theirs[family]) > atoi(&WIRE_SIGNATURE[family]);
    bool bound = s->role->kind == ZMQ_ROUTER;
    return surety_fail(err, SURETY_ERR_VERSION,
                       "the %s%s%s speaks another version of the protocol (%s) than this %s "
                       "(surety %s: %s); upgrade the %s",
                       s->role->peer, bound ? "" : " at ", bound ? "" : s->endpoint, theirs,
                       s->role->self, SURETY_VERSION, WIRE_SIGNATURE,
                       newer ? s->role->self : s->role->peer);
}

static enum surety_err refuse_frames(const struct transport_socket *s, bool ours,
                                     struct surety_error *err)
{
    if (!ours && s->role->kind == ZMQ_DEALER)
        return surety_fail(err, SURETY_ERR_PROTOCOL, "what answers at %s is no surety broker",
                           s->endpoint);
    return surety_fail(err, SURETY_ERR_PROTOCOL,
                       "a message has three frames: \"%s\", a command, a body", WIRE_SIGNATURE);
}

/* Decodes the frames behind the identity into ret, or says in ret->error why not. */
static void decode(const struct transport_socket *s, zmq_msg_t *frames, size_t n,
                   struct transport_message *ret)
{
    const size_t family = strlen(WIRE_FAMILY), size = n ? zmq_msg_size(&frames[0]) : 0;
    const char *signature = n ? zmq_msg_data(&frames[0]) : "";
    enum wire_command command = WIRE_HELLO;
    bool known = n == FRAMES && wire_command_from_name(zmq_msg_data(&frames[1]),
                                                       zmq_msg_size(&frames[1]), &command);
    ret->ours = size == strlen(WIRE_SIGNATURE) && memcmp(signature, WIRE_SIGNATURE, size) == 0;
    if (!ret->ours && size > family && size <= WIRE_COMMAND_MAX &&
        memcmp(signature, WIRE_FAMILY, family) == 0)
        refuse_version(s, signature, size, &ret->error);
    else if (!ret->ours || n != FRAMES)
        refuse_frames(s, ret->ours, &ret->error);
    else if (!known)
        surety_fail(&ret->error, SURETY_ERR_UNSUPPORTED,
                    "this %s (surety %s) does not know the command", s->role->self, SURETY_VERSION);
    else
        wire_decode(command, zmq_msg_data(&frames[2]), zmq_msg_size(&frames[2]), &ret->arena,
                    &ret->message, &ret->error);
    if (ret->error.code && known && command == WIRE_REQUEST) /* who waits for it must be told */
        ret->id = wire_decode_id(zmq_msg_data(&frames[2]), zmq_msg_size(&frames[2]), &ret->arena);
}

bool transport_receive(struct transport_socket *s, struct transport_message *ret)
{
    zmq_msg_t frames[1 + FRAMES];
    const size_t before = s->role->kind == ZMQ_ROUTER ? 1 : 0; /* the identity */
    size_t n = receive_frames(s, frames, before + FRAMES);
    if (n == 0)
        return false;
    *ret = (struct transport_message){0};
    arena_init(&ret->arena, (size_t)4 * WIRE_BODY_MAX);
    if (before && zmq_msg_size(&frames[0]) <= TRANSPORT_IDENTITY_MAX) { /* ZeroMQ takes longer */
        ret->from_len = (uint8_t)zmq_msg_size(&frames[0]);
        memcpy(ret->from, zmq_msg_data(&frames[0]), ret->from_len);
    }
    decode(s, frames + before, n - before, ret);
    for (size_t i = 0; i < n && i < before + FRAMES; i++)
        zmq_msg_close(&frames[i]);
    return true;
}

void transport_message_fini(struct transport_message *message)
{
    arena_fini(&message->arena);
}

/* ---- wait ---- */

enum surety_err transport_poll(struct transport_wait *waits, size_t n, int64_t timeout_ms,
                               bool *ret_signal, struct surety_error *err)
{
    static const short events[] = {[TRANSPORT_MESSAGE] = ZMQ_POLLIN,
                                   [TRANSPORT_ROOM] = ZMQ_POLLOUT,
                                   [TRANSPORT_EITHER] = ZMQ_POLLIN | ZMQ_POLLOUT};
    zmq_pollitem_t items[TRANSPORT_WAITS_MAX];
    size_t at[TRANSPORT_WAITS_MAX]; /* of each item in waits */
    int n_items = 0;
    assert(n <= TRANSPORT_WAITS_MAX);
    for (size_t i = 0; i < n; i++) {
        const struct transport_wait *w = &waits[i];
        waits[i].ready = false;
        if (w->socket ? !w->socket->zmq : w->fd < 0)
            continue;
        items[n_items] = (zmq_pollitem_t){.fd = w->fd, .events = ZMQ_POLLIN | ZMQ_POLLERR};
        if (w->socket)
            items[n_items] = (zmq_pollitem_t){.socket = w->socket->zmq, .events = events[w->until]};
        at[n_items++] = i;
    }
    bool failed = zmq_poll(items, n_items, (long)timeout_ms) < 0;
    bool signal = failed && errno == EINTR;
    if (ret_signal)
        *ret_signal = signal;
    if (failed && !signal)
        return surety_fail(err, SURETY_ERR_IO, "cannot wait for messages: %s", zmq_strerror(errno));
    for (int i = 0; !failed && i < n_items; i++)
        waits[at[i]].ready = items[i].revents != 0;
    return SURETY_OK;
}
