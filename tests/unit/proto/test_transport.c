/* Both ends of a transport over real sockets, and by hand what no end of ours would send. */
#include "tests/unit/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <zmq.h>

#include "base/clock.h"
#include "proto/transport.h"

#define PATIENCE_MS 10000
#define FRAMES_MAX 9

static char folder[64], endpoint[100];
static struct transport *broker, *peer;
static struct surety_error err;

static int setup(void **state)
{
    snprintf(folder, sizeof folder, "/tmp/surety-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(endpoint, sizeof endpoint, "ipc://%s/s", folder);
    assert_int_equal(transport_create(&broker, &err), SURETY_OK);
    assert_int_equal(transport_create(&peer, &err), SURETY_OK);
    return 0;
}

static int teardown(void **state)
{
    transport_free(broker);
    transport_free(peer);
    return rmdir(folder); /* no file is left */
}

static struct transport_socket *open_at(struct transport *t, enum transport_role role,
                                        const char *where)
{
    struct transport_socket *s;
    assert_int_equal(transport_open(t, role, where, &s, &err), SURETY_OK);
    return s;
}

static void receive(struct transport_socket *s, struct transport_message *ret)
{
    const int64_t until = clock_now_ms() + PATIENCE_MS;
    while (!transport_receive(s, ret)) {
        const int64_t left = until - clock_now_ms();
        assert_true(left > 0);
        assert_int_equal(transport_poll(&(struct transport_wait){.socket = s}, 1, left, NULL, &err),
                         SURETY_OK);
    }
}

/* A HELLO tells what it is by its version. */
static enum surety_err say(struct transport_socket *s, const char *version)
{
    const struct wire_message m = {.command = WIRE_HELLO, .hello.version = (char *)version};
    return transport_send(s, NULL, 0, &m, &err);
}

static void expect(struct transport_socket *s, const char *version,
                   struct transport_message *ret_came)
{
    struct transport_message came;
    receive(s, &came);
    assert_int_equal(came.error.code, SURETY_OK);
    assert_int_equal(came.message.command, WIRE_HELLO);
    assert_string_equal(came.message.hello.version, version);
    assert_true(came.ours);
    transport_message_fini(&came);
    if (ret_came)
        *ret_came = came;
}

static enum surety_err answer(struct transport_socket *s, const struct transport_message *to,
                              const char *json)
{
    const struct wire_message m = {.command = WIRE_STATUS, .status.json = (char *)json};
    return transport_send(s, to->from, to->from_len, &m, &err);
}

static void expect_status(struct transport_socket *s, const char *json)
{
    struct transport_message came;
    receive(s, &came);
    assert_int_equal(came.error.code, SURETY_OK);
    assert_int_equal(came.from_len, 0);
    assert_int_equal(came.message.command, WIRE_STATUS);
    assert_string_equal(came.message.status.json, json);
    transport_message_fini(&came);
}

/* ---- by hand ---- */

struct hand {
    void *context, *zmq;
};

static void hand_init(struct hand *hand, int kind)
{
    const int none = 0;
    hand->context = zmq_ctx_new();
    hand->zmq = zmq_socket(hand->context, kind);
    assert_non_null(hand->zmq);
    zmq_setsockopt(hand->zmq, ZMQ_LINGER, &none, sizeof none);
}

static void hand_fini(struct hand *hand)
{
    zmq_close(hand->zmq);
    zmq_ctx_term(hand->context);
}

static void hand_send(struct hand *hand, const char *const *frames, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_true(
            zmq_send(hand->zmq, frames[i], strlen(frames[i]), i + 1 < n ? ZMQ_SNDMORE : 0) >= 0);
}

/* ---- there and back ---- */

static void there_and_back(enum transport_role bound, enum transport_role connected,
                           const char *where)
{
    struct transport_socket *b = open_at(broker, bound, where);
    struct transport_socket *c = open_at(peer, connected, transport_address(b));
    struct transport_message from;
    for (int i = 0; i < 100; i++) { /* in order */
        char number[8];
        snprintf(number, sizeof number, "%d", i);
        assert_int_equal(say(c, number), SURETY_OK);
    }
    for (int i = 0; i < 100; i++) {
        char number[8];
        snprintf(number, sizeof number, "%d", i);
        expect(b, number, &from);
    }
    assert_int_equal(answer(b, &from, "{}"), SURETY_OK);
    expect_status(c, "{}");
    assert_int_equal(transport_send_body(c, WIRE_BYE, "\x80", 1, &err), SURETY_OK);
    receive(b, &from);
    assert_int_equal(from.error.code, SURETY_OK);
    assert_int_equal(from.message.command, WIRE_BYE);
    transport_message_fini(&from);
    transport_close(c, true);
    transport_close(b, true);
}

static void send_and_receive_messages_travel_both_ways(void **state)
{
    there_and_back(TRANSPORT_TO_CLIENTS, TRANSPORT_CLIENT, endpoint);
    there_and_back(TRANSPORT_TO_WORKERS, TRANSPORT_WORKER, endpoint);
    there_and_back(TRANSPORT_TO_CLIENTS, TRANSPORT_CLIENT, "tcp://127.0.0.1:*");
    there_and_back(TRANSPORT_TO_WORKERS, TRANSPORT_WORKER, "tcp://localhost:*");
}

static void send_to_one_of_two_reaches_that_one(void **state)
{
    struct transport_socket *b = open_at(broker, TRANSPORT_TO_WORKERS, endpoint);
    struct transport_socket *one = open_at(peer, TRANSPORT_WORKER, endpoint);
    struct transport_socket *two = open_at(peer, TRANSPORT_WORKER, endpoint);
    struct transport_message from_one, from_two;
    say(one, "one");
    expect(b, "one", &from_one);
    say(two, "two");
    expect(b, "two", &from_two);
    assert_int_equal(answer(b, &from_two, "[2]"), SURETY_OK);
    assert_int_equal(answer(b, &from_one, "[1]"), SURETY_OK);
    expect_status(one, "[1]");
    expect_status(two, "[2]");
    transport_close(one, true);
    transport_close(two, true);
    transport_close(b, true);
}

static void receive_with_nothing_there_is_false(void **state)
{
    struct transport_message came;
    struct transport_socket *b = open_at(broker, TRANSPORT_TO_WORKERS, endpoint);
    assert_false(transport_receive(b, &came));
    transport_close(b, true);
}

/* ---- connections ---- */

static void open_before_the_other_end_what_is_said_waits(void **state)
{
    struct transport_socket *c = open_at(peer, TRANSPORT_WORKER, endpoint);
    assert_int_equal(say(c, "early"), SURETY_OK);
    struct transport_socket *b = open_at(broker, TRANSPORT_TO_WORKERS, endpoint);
    expect(b, "early", NULL);
    transport_close(c, true);
    transport_close(b, true);
}

static void reopen_what_was_said_is_dropped_and_the_peer_is_new(void **state)
{
    struct transport_message before, after;
    struct transport_socket *c = open_at(peer, TRANSPORT_CLIENT, endpoint);
    say(c, "nobody hears this");
    assert_int_equal(transport_reopen(c, &err), SURETY_OK);
    say(c, "first");
    struct transport_socket *b = open_at(broker, TRANSPORT_TO_CLIENTS, endpoint);
    expect(b, "first", &before);
    assert_int_equal(transport_reopen(c, &err), SURETY_OK);
    say(c, "second");
    expect(b, "second", &after);
    assert_true(before.from_len != after.from_len ||
                memcmp(before.from, after.from, after.from_len) != 0);
    assert_int_equal(answer(b, &after, "{}"), SURETY_OK);
    expect_status(c, "{}");
    transport_close(c, true);
    transport_close(b, true);
}

static void send_to_a_peer_that_is_not_there_is_unreachable(void **state)
{
    struct transport_message from = {.from_len = 5, .from = "who??"};
    struct transport_socket *b = open_at(broker, TRANSPORT_TO_WORKERS, endpoint);
    assert_int_equal(answer(b, &from, "{}"), SURETY_ERR_UNREACHABLE);
    assert_non_null(strstr(err.message, "worker"));

    struct transport_socket *c = open_at(peer, TRANSPORT_WORKER, endpoint);
    say(c, "I am here");
    expect(b, "I am here", &from);
    assert_int_equal(answer(b, &from, "{}"), SURETY_OK);
    transport_close(c, false); /* and gone, which takes a moment to be known */
    const int64_t until = clock_now_ms() + PATIENCE_MS;
    enum surety_err code;
    while (!(code = answer(b, &from, "{}")) || code == SURETY_ERR_BUSY) {
        assert_true(clock_now_ms() < until);
        assert_false(transport_receive(b, &from));
    }
    assert_int_equal(code, SURETY_ERR_UNREACHABLE);
    transport_close(b, true);
}

static void send_to_a_bound_end_that_came_back_is_heard_again(void **state)
{
    struct transport_socket *b = open_at(broker, TRANSPORT_TO_CLIENTS, endpoint);
    struct transport_socket *c = open_at(peer, TRANSPORT_CLIENT, endpoint);
    say(c, "1");
    expect(b, "1", NULL);
    transport_close(b, false);
    b = open_at(broker, TRANSPORT_TO_CLIENTS, endpoint);
    const int64_t until = clock_now_ms() + PATIENCE_MS;
    struct transport_message came;
    do { /* what is on its way when the connection breaks may be lost */
        assert_true(clock_now_ms() < until);
        say(c, "2");
        transport_poll(&(struct transport_wait){.socket = b}, 1, 20, NULL, &err);
    } while (!transport_receive(b, &came));
    assert_string_equal(came.message.hello.version, "2");
    transport_message_fini(&came);
    transport_close(c, false);
    transport_close(b, false);
}

/* A second peer with an identity that is taken is not heard, and takes nothing over. */
static void receive_identity_that_is_taken_stays_with_its_peer(void **state)
{
    static const char *const hello[] = {"SURETY/1", "BYE", "\x80"};
    static const char *const thief[] = {"SURETY/1", "STATUS", "\x80"};
    struct transport_socket *b = open_at(broker, TRANSPORT_TO_WORKERS, endpoint);
    struct transport_message came;
    struct hand one, two;
    hand_init(&one, ZMQ_DEALER);
    zmq_setsockopt(one.zmq, ZMQ_ROUTING_ID, "name", 4);
    assert_int_equal(zmq_connect(one.zmq, endpoint), 0);
    hand_send(&one, hello, 3);
    receive(b, &came);
    assert_int_equal(came.from_len, 4);
    assert_memory_equal(came.from, "name", 4);
    transport_message_fini(&came);

    hand_init(&two, ZMQ_DEALER);
    zmq_setsockopt(two.zmq, ZMQ_ROUTING_ID, "name", 4);
    zmq_socket_monitor(two.zmq, "inproc://events", ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    void *events = zmq_socket(two.context, ZMQ_PAIR);
    assert_int_equal(zmq_connect(events, "inproc://events"), 0);
    assert_int_equal(zmq_connect(two.zmq, endpoint), 0);
    zmq_msg_t event;
    zmq_msg_init(&event);
    assert_true(zmq_msg_recv(&event, events, 0) > 0); /* it is connected */
    zmq_msg_close(&event);
    hand_send(&two, thief, 3);
    for (int i = 0; i < 20; i++) {
        hand_send(&one, hello, 3);
        receive(b, &came);
        assert_int_equal(came.message.command, WIRE_BYE);
        transport_message_fini(&came);
    }
    zmq_close(events);
    hand_fini(&two);
    hand_fini(&one);
    transport_close(b, false);
}

/* ---- queues ---- */

static void fill(enum transport_role role, int size)
{
    struct transport_socket *c = open_at(peer, role, endpoint); /* nobody takes them */
    struct transport_wait room = {.socket = c, .until = TRANSPORT_ROOM};
    int n = 0;
    assert_int_equal(transport_poll(&room, 1, 0, NULL, &err), SURETY_OK);
    assert_true(room.ready);
    while (n <= size && say(c, "x") == SURETY_OK)
        n++;
    assert_int_equal(n, size);
    assert_int_equal(err.code, SURETY_ERR_BUSY);
    assert_int_equal(transport_send_body(c, WIRE_BYE, "\x80", 1, &err), SURETY_ERR_BUSY);
    assert_non_null(strstr(err.message, "full"));
    assert_int_equal(transport_poll(&room, 1, 0, NULL, &err), SURETY_OK);
    assert_false(room.ready);
    struct transport_wait either = {.socket = c, .until = TRANSPORT_EITHER};
    assert_int_equal(transport_poll(&either, 1, 0, NULL, &err), SURETY_OK);
    assert_false(either.ready);

    struct transport_socket *b = open_at(broker, TRANSPORT_TO_CLIENTS, endpoint);
    for (int i = 0; i < size; i++) /* nothing of what was taken is lost */
        expect(b, "x", NULL);
    assert_int_equal(transport_poll(&room, 1, PATIENCE_MS, NULL, &err), SURETY_OK);
    assert_true(room.ready);
    assert_int_equal(say(c, "y"), SURETY_OK);
    expect(b, "y", NULL);
    transport_close(c, true);
    transport_close(b, true);
}

static void send_to_nobody_is_busy_when_the_queue_is_full(void **state)
{
    fill(TRANSPORT_CLIENT, 1000);
    fill(TRANSPORT_WORKER, SURETY_SLOTS_MAX + 1000); /* an output of every slot, and more */
}

/* A peer that connects and does not read; how many messages until its queue is full? */
static int until_busy(enum transport_role role, int most)
{
    static char json[1 << 17]; /* so that what the system keeps on the way counts little */
    const int one = 1;
    static const char *const hello[] = {"SURETY/1", "BYE", "\x80"};
    struct transport_socket *b = open_at(broker, role, endpoint);
    struct transport_message from;
    struct hand hand;
    hand_init(&hand, ZMQ_DEALER);
    zmq_setsockopt(hand.zmq, ZMQ_RCVHWM, &one, sizeof one);
    assert_int_equal(zmq_connect(hand.zmq, endpoint), 0);
    hand_send(&hand, hello, 3);
    receive(b, &from);
    transport_message_fini(&from);
    memset(json, ' ', sizeof json - 1);
    int n = 0;
    enum surety_err code = SURETY_OK;
    while (n < most && !(code = answer(b, &from, n < 110 ? json : "")))
        n++;
    assert_true(code == SURETY_OK || code == SURETY_ERR_BUSY);
    hand_fini(&hand);
    transport_close(b, false);
    return n;
}

static void send_to_a_peer_that_does_not_read_is_busy_in_the_end(void **state)
{
    const int n = until_busy(TRANSPORT_TO_CLIENTS, 1000);
    assert_in_range(n, 100, 200); /* results beyond wait in the core */
    assert_in_range(until_busy(TRANSPORT_TO_WORKERS, 20000), 8192, 10000);
}

/* Bytes count as well as messages: large ones are few, and all are accounted for in the end. */
static void send_large_bodies_to_a_peer_that_does_not_read_is_busy_soon(void **state)
{
    enum { MIB = 1 << 20, EACH = 4 * MIB };
    const int one = 1;
    static const char *const hello[] = {"SURETY/1", "BYE", "\x80"};
    struct transport_socket *b = open_at(broker, TRANSPORT_TO_CLIENTS, endpoint);
    struct transport_message from;
    struct hand hand;
    hand_init(&hand, ZMQ_DEALER);
    zmq_setsockopt(hand.zmq, ZMQ_RCVHWM, &one, sizeof one);
    assert_int_equal(zmq_connect(hand.zmq, endpoint), 0);
    hand_send(&hand, hello, 3);
    receive(b, &from);
    transport_message_fini(&from);
    char *json = malloc(EACH + 1);
    memset(json, ' ', EACH);
    json[EACH] = '\0';
    int n = 0;
    while (n < 100 && !answer(b, &from, json))
        n++;
    assert_in_range(n, 4, 10); /* the peer's own queue takes two or three */
    assert_in_range(transport_unsent(broker), 16 * MIB, 21 * MIB);
    assert_int_equal(answer(b, &from, ""), SURETY_ERR_BUSY);
    free(json);
    zmq_msg_t frame;
    for (int i = 0; i < n * 3; i++) { /* it reads after all */
        zmq_msg_init(&frame);
        assert_true(zmq_msg_recv(&frame, hand.zmq, 0) >= 0);
        zmq_msg_close(&frame);
    }
    const int64_t until = clock_now_ms() + PATIENCE_MS;
    while (transport_unsent(broker))
        assert_true(clock_now_ms() < until);
    assert_int_equal(answer(b, &from, ""), SURETY_OK);
    hand_fini(&hand);
    transport_close(b, false);
}

static void send_what_cannot_be_encoded_is_limit(void **state)
{
    struct transport_socket *c = open_at(peer, TRANSPORT_CLIENT, endpoint);
    char *json = malloc(WIRE_JSON_MAX + 2);
    memset(json, ' ', WIRE_JSON_MAX + 1);
    json[WIRE_JSON_MAX + 1] = '\0';
    const struct wire_message m = {.command = WIRE_STATUS, .status.json = json};
    assert_int_equal(transport_send(c, NULL, 0, &m, &err), SURETY_ERR_LIMIT);
    free(json);
    transport_close(c, false);
}

/* ---- refusals ---- */

struct refusal {
    const char *frames[FRAMES_MAX];
    enum surety_err code;
    const char *parts[3]; /* of the sentence */
    const char *id;       /* of the refused REQUEST */
    bool ours;
};

static size_t count(const struct refusal *r)
{
    size_t n = 0;
    while (n < FRAMES_MAX && r->frames[n])
        n++;
    return n;
}

static void expect_refused(struct transport_socket *s, const struct refusal *r)
{
    struct transport_message came;
    receive(s, &came);
    assert_int_equal(came.error.code, r->code);
    for (size_t i = 0; i < 3 && r->parts[i]; i++)
        if (!strstr(came.error.message, r->parts[i]))
            fail_msg("\"%s\" does not say \"%s\"", came.error.message, r->parts[i]);
    assert_int_equal(came.ours, r->ours);
    assert_string_equal(came.id ? came.id : "(none)", r->id ? r->id : "(none)");
    transport_message_fini(&came);
}

static void receive_at_a_bound_end_refuses_with_a_sentence_for_the_peer(void **state)
{
    static const struct refusal refusals[] = {
        {{"SURETY/2", "HELLO", "\x80"},
         SURETY_ERR_VERSION,
         {"the worker speaks another version of the protocol (SURETY/2)", "than this broker",
          "SURETY/1); upgrade the broker"}},
        {{"SURETY/0", "HELLO", "\x80"}, SURETY_ERR_VERSION, {"upgrade the worker"}},
        {{"SURETY/10", "HELLO", "\x80"}, SURETY_ERR_VERSION, {"upgrade the broker"}},
        {{"SURETY/1.1", "HELLO", "\x80"}, SURETY_ERR_VERSION, {"SURETY/1.1"}},
        {{"SURETY/2"}, SURETY_ERR_VERSION, {"SURETY/2"}},
        {{"SURETY/2", "a", "b", "c", "d", "e"}, SURETY_ERR_VERSION, {"SURETY/2"}},
        {{"SURETY/\x1b[2J", "HELLO", "\x80"}, SURETY_ERR_VERSION, {"SURETY/?[2J"}}, /* for people */
        {{"SURETY/2", "REQUEST", "\x81\xa2id\xa1q"}, SURETY_ERR_VERSION, {"SURETY/2"}, "q"},

        {{"SURETY/", "HELLO", "\x80"}, SURETY_ERR_PROTOCOL, {"three frames", "SURETY/1"}},
        {{"SURETY/1234567890", "HELLO", "\x80"}, SURETY_ERR_PROTOCOL, {"three frames"}}, /* long */
        {{"surety/1", "HELLO", "\x80"}, SURETY_ERR_PROTOCOL, {"three frames"}},
        {{"GET / HTTP/1.1", "x", "y"}, SURETY_ERR_PROTOCOL, {"three frames"}},
        {{""}, SURETY_ERR_PROTOCOL, {"three frames"}},
        {{"", "SURETY/1", "HELLO", "\x80"}, SURETY_ERR_PROTOCOL, {"three frames"}}, /* a REQ */

        {{"SURETY/1"}, SURETY_ERR_PROTOCOL, {"three frames"}, .ours = true},
        {{"SURETY/1", "HELLO"}, SURETY_ERR_PROTOCOL, {"three frames"}, .ours = true},
        {{"SURETY/1", "BYE", "\x80", ""}, SURETY_ERR_PROTOCOL, {"three frames"}, .ours = true},
        {{"SURETY/1", "BYE", "\x80", "4", "5", "6", "7", "8", "9"},
         SURETY_ERR_PROTOCOL,
         {"three frames"},
         .ours = true},

        {{"SURETY/1", "NONSENSE", "\x80"},
         SURETY_ERR_UNSUPPORTED,
         {"this broker (surety " SURETY_VERSION ") does not know the command"},
         .ours = true},
        {{"SURETY/1", "bye", "\x80"}, SURETY_ERR_UNSUPPORTED, {"the command"}, .ours = true},
        {{"SURETY/1", "", "\x80"}, SURETY_ERR_UNSUPPORTED, {"the command"}, .ours = true},

        {{"SURETY/1", "HELLO", "\xdd\xff\xff\xff\xff"}, SURETY_ERR_PARSE, {""}, .ours = true},
        {{"SURETY/1", "HELLO", ""}, SURETY_ERR_PARSE, {""}, .ours = true},
        {{"SURETY/1", "HELLO", "\x80"}, SURETY_ERR_PROTOCOL, {"role"}, .ours = true},
        {{"SURETY/1", "REQUEST", "\x81\xa2id\xa1q"}, SURETY_ERR_PROTOCOL, {"problem"}, "q", true},
        {{"SURETY/1", "REQUEST", "\x81\xa1x\xa1q"}, SURETY_ERR_UNSUPPORTED, {"'x'"}, NULL, true},
        {{"SURETY/1", "REQUEST", "\x80"}, SURETY_ERR_PROTOCOL, {""}, NULL, true},
        {{"SURETY/1", "REQUEST", "\x81\xa2id\xa1"}, SURETY_ERR_PARSE, {""}, NULL, true},
        {{"SURETY/1", "CANCEL", "\x81\xa2id\x01"}, SURETY_ERR_PROTOCOL, {""}, NULL, true},
    };
    static const char *const fine[] = {"SURETY/1", "BYE", "\x80"};
    struct transport_socket *b = open_at(broker, TRANSPORT_TO_WORKERS, endpoint);
    struct transport_message came;
    struct hand hand;
    hand_init(&hand, ZMQ_DEALER);
    assert_int_equal(zmq_connect(hand.zmq, endpoint), 0);
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        hand_send(&hand, refusals[i].frames, count(&refusals[i]));
        expect_refused(b, &refusals[i]);
        hand_send(&hand, fine, 3); /* and nothing is left of it */
        receive(b, &came);
        assert_int_equal(came.error.code, SURETY_OK);
        transport_message_fini(&came);
    }
    assert_int_equal(answer(b, &came, "{}"), SURETY_OK); /* who was refused can be answered */
    hand_fini(&hand);
    transport_close(b, false);
}

static void refused_by(enum transport_role role, const struct refusal *refusals, size_t n)
{
    struct hand hand;
    hand_init(&hand, ZMQ_ROUTER);
    assert_int_equal(zmq_bind(hand.zmq, endpoint), 0);
    struct transport_socket *c = open_at(peer, role, endpoint);
    char identity[256], rest[256];
    say(c, "me");
    const int len = zmq_recv(hand.zmq, identity, sizeof identity, 0);
    for (int i = 0; i < 3; i++)
        assert_true(zmq_recv(hand.zmq, rest, sizeof rest, 0) >= 0);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(zmq_send(hand.zmq, identity, (size_t)len, ZMQ_SNDMORE), len);
        hand_send(&hand, refusals[i].frames, count(&refusals[i]));
        expect_refused(c, &refusals[i]);
    }
    transport_close(c, false);
    hand_fini(&hand);
    unlink(endpoint + strlen("ipc://"));
}

static void receive_at_a_connected_end_refuses_with_a_sentence_for_its_user(void **state)
{
    const struct refusal of_worker[] = {
        {{"SURETY/2", "ERROR", ""},
         SURETY_ERR_VERSION,
         {"the broker at ", endpoint, "(SURETY/2) than this worker"}},
        {{"SURETY/2", "ERROR", ""}, SURETY_ERR_VERSION, {"upgrade the worker"}},
        {{"SURETY/0", "ERROR", ""}, SURETY_ERR_VERSION, {"upgrade the broker"}},
        {{"SURETY/", "ERROR", ""}, SURETY_ERR_PROTOCOL, {endpoint, "is no surety broker"}},
        {{"HTTP/1.1"}, SURETY_ERR_PROTOCOL, {endpoint, "is no surety broker"}},
        {{""}, SURETY_ERR_PROTOCOL, {endpoint, "is no surety broker"}},
        {{"SURETY/1"}, SURETY_ERR_PROTOCOL, {"three frames"}, .ours = true},
        {{"SURETY/1", "BYE", "\x80", "x"}, SURETY_ERR_PROTOCOL, {"three frames"}, .ours = true},
        {{"SURETY/1", "NEW", "\x80"}, SURETY_ERR_UNSUPPORTED, {"this worker"}, .ours = true},
        {{"SURETY/1", "BATCH", "\xc1"}, SURETY_ERR_PARSE, {""}, .ours = true},
    };
    const struct refusal of_client[] = {
        {{"SURETY/2", "ERROR", ""},
         SURETY_ERR_VERSION,
         {"the broker at ", endpoint, "upgrade the client"}},
        {{"SURETY/0", "ERROR", ""}, SURETY_ERR_VERSION, {"upgrade the broker"}},
        {{"SURETY/1", "NEW", "\x80"}, SURETY_ERR_UNSUPPORTED, {"this client"}, .ours = true},
    };
    refused_by(TRANSPORT_WORKER, of_worker, sizeof of_worker / sizeof *of_worker);
    refused_by(TRANSPORT_CLIENT, of_client, sizeof of_client / sizeof *of_client);
}

/* The connection ends before the body is read; what the peer says next comes over a new one. */
static void receive_body_beyond_the_limit_never_arrives(void **state)
{
    static const char *const fine[] = {"SURETY/1", "BYE", "\x80"};
    struct transport_socket *b = open_at(broker, TRANSPORT_TO_CLIENTS, endpoint);
    struct transport_message before, came;
    struct hand hand;
    hand_init(&hand, ZMQ_DEALER);
    assert_int_equal(zmq_connect(hand.zmq, endpoint), 0);
    hand_send(&hand, fine, 3);
    receive(b, &before);
    transport_message_fini(&before);
    char *body = calloc(1, (size_t)WIRE_BODY_MAX + 1);
    assert_non_null(body);
    assert_int_equal(zmq_send(hand.zmq, "SURETY/1", 8, ZMQ_SNDMORE), 8);
    assert_int_equal(zmq_send(hand.zmq, "STATUS", 6, ZMQ_SNDMORE), 6);
    assert_int_equal(zmq_send(hand.zmq, body, (size_t)WIRE_BODY_MAX + 1, 0), WIRE_BODY_MAX + 1);
    free(body);
    hand_send(&hand, fine, 3);
    receive(b, &came);
    assert_int_equal(came.error.code, SURETY_OK);
    assert_int_equal(came.message.command, WIRE_BYE);
    assert_true(came.from_len != before.from_len ||
                memcmp(came.from, before.from, came.from_len) != 0);
    transport_message_fini(&came);
    hand_fini(&hand);
    transport_close(b, false);
}

/* ---- opening and closing ---- */

static void open_endpoint_that_cannot_be_used_is_refused(void **state)
{
    static const struct {
        enum transport_role role;
        const char *endpoint;
        enum surety_err code;
    } bad[] = {
        {TRANSPORT_TO_CLIENTS, "tcp://0.0.0.0:5555", SURETY_ERR_INVALID},
        {TRANSPORT_TO_WORKERS, "tcp://*:5555", SURETY_ERR_INVALID},
        {TRANSPORT_CLIENT, "tcp://192.0.2.1:5555", SURETY_ERR_INVALID},
        {TRANSPORT_WORKER, "inproc://x", SURETY_ERR_INVALID},
        {TRANSPORT_WORKER, "tcp://127.0.0.1:*", SURETY_ERR_INVALID}, /* only for binding */
        {TRANSPORT_TO_CLIENTS, "ipc:///nonexistent/folder/s", SURETY_ERR_IO},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct transport_socket *s = (void *)&err;
        memset(&err, 0, sizeof err);
        assert_int_equal(transport_open(peer, bad[i].role, bad[i].endpoint, &s, &err), bad[i].code);
        assert_non_null(strstr(err.message, bad[i].endpoint));
        assert_null(s);
    }
}

static void open_endpoint_of_another_broker_is_address_in_use(void **state)
{
    static const char *const where[] = {endpoint, "tcp://127.0.0.1:*"};
    for (size_t i = 0; i < 2; i++) {
        struct transport_socket *b = open_at(broker, TRANSPORT_TO_CLIENTS, where[i]), *second;
        struct transport_socket *c = open_at(peer, TRANSPORT_CLIENT, transport_address(b));
        assert_int_equal(
            transport_open(peer, TRANSPORT_TO_CLIENTS, transport_address(b), &second, &err),
            SURETY_ERR_ADDRESS_IN_USE);
        say(c, "still there"); /* with its file */
        expect(b, "still there", NULL);
        transport_close(c, true);
        transport_close(b, true);
    }
}

static void close_removes_the_file_of_its_socket_alone(void **state)
{
    const char *path = endpoint + strlen("ipc://");
    struct transport_socket *b = open_at(broker, TRANSPORT_TO_CLIENTS, endpoint);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(unlink(path), 0);
    FILE *other = fopen(path, "w"); /* somebody else's by now */
    assert_non_null(other);
    fclose(other);
    transport_close(b, true);
    assert_int_equal(unlink(path), 0);
}

static void close_with_flush_what_was_said_last_arrives(void **state)
{
    struct transport_socket *b = open_at(broker, TRANSPORT_TO_CLIENTS, endpoint);
    for (int i = 0; i < 20; i++) {
        struct transport *t;
        assert_int_equal(transport_create(&t, &err), SURETY_OK);
        struct transport_socket *c = open_at(t, TRANSPORT_CLIENT, endpoint);
        say(c, "last words");
        transport_close(c, true);
        transport_free(t);
        expect(b, "last words", NULL);
    }
    transport_close(b, true);
}

static void close_without_flush_waits_for_nobody(void **state)
{
    static const enum transport_role roles[] = {TRANSPORT_CLIENT, TRANSPORT_WORKER};
    for (size_t i = 0; i < 2; i++) {
        struct transport *t;
        assert_int_equal(transport_create(&t, &err), SURETY_OK);
        struct transport_socket *c = open_at(t, roles[i], endpoint);
        say(c, "nobody hears this");
        const int64_t start = clock_now_ms();
        transport_close(c, false);
        transport_free(t);
        assert_true(clock_now_ms() - start < 400);
    }
}

static void close_and_free_take_null(void **state)
{
    transport_close(NULL, true);
    transport_free(NULL);
}

/* ---- waiting ---- */

static void poll_tells_what_is_ready(void **state)
{
    struct transport_socket *b = open_at(broker, TRANSPORT_TO_CLIENTS, endpoint);
    struct transport_socket *c = open_at(peer, TRANSPORT_CLIENT, endpoint);
    struct transport_message came;
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    struct transport_wait waits[] = {{.fd = -1, .ready = true},
                                     {.socket = b},
                                     {.socket = c, .until = TRANSPORT_EITHER},
                                     {.fd = fds[0]}};
    assert_int_equal(transport_poll(waits, 2, 0, NULL, &err), SURETY_OK); /* nothing */
    assert_false(waits[0].ready || waits[1].ready);
    assert_int_equal(transport_poll(waits, 4, -1, NULL, &err), SURETY_OK); /* room to send */
    assert_false(waits[0].ready || waits[1].ready || waits[3].ready);
    assert_true(waits[2].ready);

    waits[2].until = TRANSPORT_MESSAGE;
    say(c, "hello");
    assert_int_equal(transport_poll(waits, 4, -1, NULL, &err), SURETY_OK);
    assert_true(waits[1].ready && !waits[0].ready && !waits[2].ready && !waits[3].ready);
    receive(b, &came);
    transport_message_fini(&came);
    assert_int_equal(write(fds[1], "x", 1), 1);
    assert_int_equal(transport_poll(waits, 4, -1, NULL, &err), SURETY_OK);
    assert_true(waits[3].ready && !waits[1].ready);
    char byte;
    assert_int_equal(read(fds[0], &byte, 1), 1);
    assert_int_equal(transport_poll(waits, 4, 0, NULL, &err), SURETY_OK);
    assert_false(waits[3].ready);
    close(fds[1]); /* its end counts too */
    assert_int_equal(transport_poll(waits, 4, -1, NULL, &err), SURETY_OK);
    assert_true(waits[3].ready);
    close(fds[0]);
    transport_close(c, true);
    transport_close(b, true);
}

static void on_alarm(int number)
{
}

static void poll_a_signal_ends_it(void **state)
{
    struct sigaction action = {.sa_handler = on_alarm}, before;
    struct transport_socket *b = open_at(broker, TRANSPORT_TO_CLIENTS, endpoint);
    struct transport_wait wait = {.socket = b};
    bool came = true;
    assert_int_equal(transport_poll(&wait, 1, 1, &came, &err), SURETY_OK);
    assert_false(came);
    sigaction(SIGALRM, &action, &before);
    /* again and again: the first may come before the wait begins */
    const struct itimerval soon = {{0, 20000}, {0, 20000}}, never = {0};
    setitimer(ITIMER_REAL, &soon, NULL);
    assert_int_equal(transport_poll(&wait, 1, PATIENCE_MS, &came, &err), SURETY_OK);
    setitimer(ITIMER_REAL, &never, NULL);
    sigaction(SIGALRM, &before, NULL);
    assert_true(came);
    assert_false(wait.ready);
    transport_close(b, true);
}

static void library_is_named_with_its_version(void **state)
{
    char text[40];
    int major, minor, patch;
    char expected[40];
    zmq_version(&major, &minor, &patch);
    snprintf(expected, sizeof expected, "ZeroMQ %d.%d.%d", major, minor, patch);
    transport_library(text, sizeof text);
    assert_string_equal(text, expected);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(send_and_receive_messages_travel_both_ways),
        TEST(send_to_one_of_two_reaches_that_one),
        TEST(receive_with_nothing_there_is_false),
        TEST(open_before_the_other_end_what_is_said_waits),
        TEST(reopen_what_was_said_is_dropped_and_the_peer_is_new),
        TEST(send_to_a_peer_that_is_not_there_is_unreachable),
        TEST(send_to_a_bound_end_that_came_back_is_heard_again),
        TEST(receive_identity_that_is_taken_stays_with_its_peer),
        TEST(send_to_nobody_is_busy_when_the_queue_is_full),
        TEST(send_to_a_peer_that_does_not_read_is_busy_in_the_end),
        TEST(send_large_bodies_to_a_peer_that_does_not_read_is_busy_soon),
        TEST(send_what_cannot_be_encoded_is_limit),
        TEST(receive_at_a_bound_end_refuses_with_a_sentence_for_the_peer),
        TEST(receive_at_a_connected_end_refuses_with_a_sentence_for_its_user),
        TEST(receive_body_beyond_the_limit_never_arrives),
        TEST(open_endpoint_that_cannot_be_used_is_refused),
        TEST(open_endpoint_of_another_broker_is_address_in_use),
        TEST(close_removes_the_file_of_its_socket_alone),
        TEST(close_with_flush_what_was_said_last_arrives),
        TEST(close_without_flush_waits_for_nobody),
        TEST(close_and_free_take_null),
        TEST(poll_tells_what_is_ready),
        TEST(poll_a_signal_ends_it),
        TEST(library_is_named_with_its_version),
    };
    return cmocka_run_group_tests_name("proto.transport", tests, NULL, NULL);
}
