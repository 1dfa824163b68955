/* worker_run against a ROUTER that plays the broker, over real sockets. */
#include "tests/engine_help.h"

#include <pthread.h>

#include <zmq.h>

#include "proto/wire.h"
#include "workers/worker.h"

#define PATIENCE_MS 30000

static const char recording[] =
    "{\"problem\":\"p\",\"samples\":[{\"text\":\"zero\"},{\"text\":\"one \\u00e9\"},"
    "{\"text\":\"a b c d e f g h\",\"delay_ms\":3600000},{\"text\":\"x\",\"fail\":\"hang\"}]}";

struct broker {
    char *dir, endpoint[300];
    void *context, *router;
    unsigned char peer[256]; /* who spoke last */
    size_t peer_len;
    bool silent;        /* heartbeats are not answered */
    struct arena arena; /* of the last message */
    struct wire_message message;
    /* the worker beside it */
    char *recording;
    struct engine_option option;
    struct worker_config config;
    pthread_t thread;
    enum surety_err code;
    struct surety_error err;
    volatile int stop;
    int lifeline[2];
};

static void bind_router(struct broker *b, const char *endpoint)
{
    int zero = 0;
    b->router = zmq_socket(b->context, ZMQ_ROUTER);
    assert_non_null(b->router);
    zmq_setsockopt(b->router, ZMQ_LINGER, &zero, sizeof zero);
    int64_t end = clock_now_ms() + PATIENCE_MS;
    while (zmq_bind(b->router, endpoint)) /* an endpoint that was just closed may still be taken */
        assert_true(clock_now_ms() < end);
    size_t len = sizeof b->endpoint;
    zmq_getsockopt(b->router, ZMQ_LAST_ENDPOINT, b->endpoint, &len);
}

static void *run_worker(void *user)
{
    struct broker *b = user;
    b->code = worker_run(&b->config, &b->err);
    return NULL;
}

static void start(struct broker *b, const char *scheme)
{
    *b = (struct broker){.dir = strdup("/tmp/surety-test-XXXXXX"), .lifeline = {-1, -1}};
    assert_non_null(mkdtemp(b->dir));
    char endpoint[300];
    snprintf(endpoint, sizeof endpoint, "ipc://%s/w", b->dir);
    b->context = zmq_ctx_new();
    bind_router(b, strcmp(scheme, "ipc") == 0 ? endpoint : "tcp://127.0.0.1:*");
    arena_init(&b->arena, 1u << 24);
    b->recording = help_file(recording, strlen(recording));
    b->option = (struct engine_option){(char *)"file", b->recording};
    assert_int_equal(pipe(b->lifeline), 0);
    b->config = (struct worker_config){
        .broker = b->endpoint,
        .engine = "replay",
        .engine_config = {.options = &b->option, .n_options = 1, .slots = 4},
        .lifeline_fd = b->lifeline[0],
        .stop = &b->stop,
    };
    assert_int_equal(pthread_create(&b->thread, NULL, run_worker, b), 0);
}

/* Waits for the worker's end. */
static enum surety_err join(struct broker *b)
{
    assert_int_equal(pthread_join(b->thread, NULL), 0);
    return b->code;
}

static void finish(struct broker *b)
{
    zmq_close(b->router);
    zmq_ctx_term(b->context);
    arena_fini(&b->arena);
    close(b->lifeline[0]);
    close(b->lifeline[1]);
    help_unlink(b->recording);
    char path[300];
    snprintf(path, sizeof path, "%s/w", b->dir);
    unlink(path);
    rmdir(b->dir);
    free(b->dir);
}

/* Receives one message into b->message; false after timeout_ms. */
static bool receive(struct broker *b, int timeout_ms)
{
    static unsigned char body[1u << 16];
    char signature[32], command[32];
    zmq_setsockopt(b->router, ZMQ_RCVTIMEO, &timeout_ms, sizeof timeout_ms);
    int n = zmq_recv(b->router, b->peer, sizeof b->peer, 0);
    if (n < 0)
        return false;
    b->peer_len = (size_t)n;
    n = zmq_recv(b->router, signature, sizeof signature, 0);
    assert_int_equal(n, strlen(WIRE_SIGNATURE));
    assert_memory_equal(signature, WIRE_SIGNATURE, (size_t)n);
    n = zmq_recv(b->router, command, sizeof command, 0);
    enum wire_command which;
    assert_true(wire_command_from_name(command, (size_t)n, &which));
    n = zmq_recv(b->router, body, sizeof body, 0);
    assert_true(n >= 0 && (size_t)n <= sizeof body);
    int more = 0;
    size_t len = sizeof more;
    zmq_getsockopt(b->router, ZMQ_RCVMORE, &more, &len);
    assert_false(more);
    arena_fini(&b->arena);
    assert_int_equal(wire_decode(which, body, (size_t)n, &b->arena, &b->message, NULL), SURETY_OK);
    return true;
}

static void send_raw(struct broker *b, const char *signature, const char *command, const void *body,
                     size_t len)
{
    zmq_send(b->router, b->peer, b->peer_len, ZMQ_SNDMORE);
    zmq_send(b->router, signature, strlen(signature), ZMQ_SNDMORE);
    zmq_send(b->router, command, strlen(command), ZMQ_SNDMORE);
    zmq_send(b->router, body, len, 0);
}

static void send_message(struct broker *b, const struct wire_message *m)
{
    char *body = NULL;
    size_t len = 0;
    assert_int_equal(wire_encode(m, &body, &len, NULL), SURETY_OK);
    send_raw(b, WIRE_SIGNATURE, wire_command_name(m->command), body, len);
    free(body);
}

/* The next message but for heartbeats, which must be this command. */
static void expect(struct broker *b, enum wire_command command)
{
    do {
        assert_true(receive(b, PATIENCE_MS));
        if (b->message.command == WIRE_HEARTBEAT && !b->silent)
            send_message(b, &(struct wire_message){.command = WIRE_HEARTBEAT});
    } while (b->message.command == WIRE_HEARTBEAT && command != WIRE_HEARTBEAT);
    assert_int_equal(b->message.command, command);
}

static void send_welcome(struct broker *b, uint32_t heartbeat_ms)
{
    static char version[] = "0";
    send_message(
        b, &(struct wire_message){.command = WIRE_WELCOME,
                                  .welcome = {.version = version, .heartbeat_ms = heartbeat_ms}});
}

static void send_batch(struct broker *b, uint64_t request, uint32_t first, size_t n)
{
    struct help_task h;
    help_task_init(&h, SURETY_STAGE_SAMPLE, "p", first, n);
    send_message(b, &(struct wire_message){.command = WIRE_BATCH,
                                           .batch = {.request = request, .task = h.task}});
}

static void send_bye(struct broker *b)
{
    send_message(b, &(struct wire_message){.command = WIRE_BYE});
}

static void expect_output(struct broker *b, uint64_t request, uint32_t index,
                          enum surety_finish finish, const char *text)
{
    expect(b, WIRE_OUTPUT);
    assert_int_equal(b->message.output.request, request);
    assert_int_equal(b->message.output.output.index, index);
    assert_int_equal(b->message.output.output.finish, finish);
    assert_string_equal(b->message.output.output.text, text);
}

static void answers_over(const char *scheme)
{
    struct broker b;
    start(&b, scheme);
    expect(&b, WIRE_HELLO);
    assert_true(b.message.hello.worker);
    assert_string_equal(b.message.hello.version, SURETY_VERSION);
    assert_string_equal(b.message.hello.model.name, "replay");
    assert_string_equal(b.message.hello.model.engine, "replay");
    assert_int_equal(b.message.hello.model.slots, 4);
    send_welcome(&b, 500);
    send_batch(&b, 9, 0, 2);
    expect_output(&b, 9, 0, SURETY_FINISH_STOP, "zero");
    expect_output(&b, 9, 1, SURETY_FINISH_STOP, "one \u00e9");
    send_batch(&b, 10, 1, 1);
    expect_output(&b, 10, 1, SURETY_FINISH_STOP, "one \u00e9");
    send_bye(&b);
    assert_int_equal(join(&b), SURETY_OK);
    finish(&b);
}

static void worker_run_batches_are_answered_over_ipc(void **state)
{
    answers_over("ipc");
}

static void worker_run_batches_are_answered_over_tcp(void **state)
{
    answers_over("tcp");
}

static void worker_run_cancel_ends_a_long_item(void **state)
{
    struct broker b;
    start(&b, "ipc");
    expect(&b, WIRE_HELLO);
    send_welcome(&b, 500);
    send_batch(&b, 1, 2, 2);
    struct wire_item_key keys[] = {{1, 0, 2, 0}, {1, 0, 3, 0}};
    send_message(&b,
                 &(struct wire_message){.command = WIRE_CANCEL, .cancel = {.items = keys, .n = 2}});
    expect_output(&b, 1, 2, SURETY_FINISH_CANCELLED, "");
    expect_output(&b, 1, 3, SURETY_FINISH_CANCELLED, "");
    send_bye(&b);
    assert_int_equal(join(&b), SURETY_OK);
    finish(&b);
}

static void worker_run_heartbeats_show_each_items_progress(void **state)
{
    struct broker b;
    start(&b, "ipc");
    expect(&b, WIRE_HELLO);
    send_welcome(&b, 100);
    expect(&b, WIRE_HEARTBEAT);
    assert_int_equal(b.message.heartbeat.n, 0);
    send_batch(&b, 1, 2, 2);
    do
        expect(&b, WIRE_HEARTBEAT);
    while (b.message.heartbeat.n == 0 || b.message.heartbeat.items[0].tokens == 0);
    assert_int_equal(b.message.heartbeat.n, 2);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(b.message.heartbeat.items[i].key.request, 1);
        assert_int_equal(b.message.heartbeat.items[i].key.index, i + 2);
        assert_int_equal(b.message.heartbeat.items[i].tokens, 1); /* the prompt's */
    }
    send_bye(&b);
    assert_int_equal(join(&b), SURETY_OK);
    finish(&b);
}

static void worker_run_other_protocol_is_refused(void **state)
{
    static const struct {
        const char *signature, *message;
        enum surety_err code;
    } others[] = {
        {"SURETY/2", "upgrade the worker", SURETY_ERR_VERSION},
        {"SURETY/0", "upgrade the broker", SURETY_ERR_VERSION},
        {"SURETY/", "no surety broker", SURETY_ERR_PROTOCOL},
        {"HTTP/1.1", "no surety broker", SURETY_ERR_PROTOCOL},
        {"", "no surety broker", SURETY_ERR_PROTOCOL},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct broker b;
        start(&b, "ipc");
        expect(&b, WIRE_HELLO);
        send_raw(&b, others[i].signature, "ERROR", "", 0);
        assert_int_equal(join(&b), others[i].code);
        assert_non_null(strstr(b.err.message, others[i].message));
        assert_non_null(strstr(b.err.message, b.endpoint));
        finish(&b);
    }
}

static void worker_run_refusal_is_told(void **state)
{
    struct broker b;
    start(&b, "ipc");
    expect(&b, WIRE_HELLO);
    char why[] = "no room";
    send_message(&b, &(struct wire_message){.command = WIRE_ERROR,
                                            .error = {.code = SURETY_ERR_BUSY, .message = why}});
    assert_int_equal(join(&b), SURETY_ERR_BUSY);
    assert_non_null(strstr(b.err.message, "no room"));
    finish(&b);
}

static void worker_run_malformed_messages_are_dropped(void **state)
{
    struct broker b;
    start(&b, "ipc");
    expect(&b, WIRE_HELLO);
    send_welcome(&b, 500);
    send_raw(&b, WIRE_SIGNATURE, "BATCH", "\xDD\xFF\xFF\xFF\xFF", 5);
    send_raw(&b, WIRE_SIGNATURE, "NONSENSE", "\x80", 1);
    send_raw(&b, "SURETY", "BATCH", "\x80", 1);
    zmq_send(b.router, b.peer, b.peer_len, ZMQ_SNDMORE);
    zmq_send(b.router, WIRE_SIGNATURE, strlen(WIRE_SIGNATURE), 0);
    zmq_send(b.router, b.peer, b.peer_len, ZMQ_SNDMORE);
    for (int i = 0; i < 9; i++)
        zmq_send(b.router, WIRE_SIGNATURE, strlen(WIRE_SIGNATURE), i < 8 ? ZMQ_SNDMORE : 0);
    send_batch(&b, 1, 0, 1);
    expect_output(&b, 1, 0, SURETY_FINISH_STOP, "zero");
    send_bye(&b);
    assert_int_equal(join(&b), SURETY_OK);
    finish(&b);
}

/* The broker goes away with work under way, and comes back where it was. */
static void returns_over(const char *scheme)
{
    struct broker b;
    start(&b, scheme);
    expect(&b, WIRE_HELLO);
    send_welcome(&b, 100);
    send_batch(&b, 1, 2, 2);
    expect(&b, WIRE_HEARTBEAT);
    char endpoint[300];
    snprintf(endpoint, sizeof endpoint, "%s", b.endpoint);
    zmq_close(b.router);
    b.silent = true;
    bind_router(&b, endpoint);
    expect(&b, WIRE_HELLO);
    b.silent = false;
    send_welcome(&b, 500);
    send_batch(&b, 2, 0, 1);
    expect_output(&b, 2, 0, SURETY_FINISH_STOP, "zero");
    send_batch(&b, 2, 0, 4); /* nothing of before fills the slots */
    expect_output(&b, 2, 0, SURETY_FINISH_STOP, "zero");
    expect_output(&b, 2, 1, SURETY_FINISH_STOP, "one \u00e9");
    send_bye(&b);
    assert_int_equal(join(&b), SURETY_OK);
    finish(&b);
}

static void worker_run_vanished_broker_is_joined_again_over_ipc(void **state)
{
    returns_over("ipc");
}

static void worker_run_vanished_broker_is_joined_again_over_tcp(void **state)
{
    returns_over("tcp");
}

/* A broker that is there but silent: the connection is given up for a fresh one. */
static void worker_run_silent_broker_gets_a_fresh_connection(void **state)
{
    struct broker b;
    start(&b, "ipc");
    expect(&b, WIRE_HELLO);
    unsigned char before[256];
    size_t before_len = b.peer_len;
    memcpy(before, b.peer, before_len);
    b.silent = true;
    send_welcome(&b, 100);
    expect(&b, WIRE_HELLO);
    b.silent = false;
    assert_true(b.peer_len != before_len || memcmp(before, b.peer, before_len) != 0);
    send_welcome(&b, 500);
    send_batch(&b, 1, 0, 1);
    expect_output(&b, 1, 0, SURETY_FINISH_STOP, "zero");
    send_bye(&b);
    assert_int_equal(join(&b), SURETY_OK);
    finish(&b);
}

static void worker_run_lifeline_or_stop_ends_it_with_work_under_way(void **state)
{
    for (int round = 0; round < 3; round++) {
        struct broker b;
        start(&b, "ipc");
        expect(&b, WIRE_HELLO);
        send_welcome(&b, round == 2 ? 60000 : 100);
        send_batch(&b, 1, round == 2 ? 0 : 2, 1); /* busy, and in the last round idle */
        if (round == 2)
            expect_output(&b, 1, 0, SURETY_FINISH_STOP, "zero");
        else
            do
                expect(&b, WIRE_HEARTBEAT);
            while (b.message.heartbeat.n == 0);
        if (round == 1) {
            b.stop = 1;
            expect(&b, WIRE_BYE);
        } else {
            assert_int_equal(write(b.lifeline[1], "x", 1), 1); /* a byte means nothing */
            close(b.lifeline[1]);
        }
        assert_int_equal(join(&b), SURETY_OK);
        finish(&b);
    }
}

static void worker_run_what_cannot_begin_is_told(void **state)
{
    static const char *const bad[] = {"",
                                      "x",
                                      "inproc://x",
                                      "tcp://192.0.2.1:5",
                                      "udp://127.0.0.1:5",
                                      "tcp://127.0.0.1:nonsense"};
    struct worker_config config = {.engine = "replay", .lifeline_fd = -1};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct surety_error err = {0};
        config.broker = bad[i];
        assert_int_equal(worker_run(&config, &err), SURETY_ERR_INVALID);
        assert_non_null(strstr(err.message, bad[i]));
    }
    config.broker = "ipc:///tmp/surety-test-nobody";
    struct surety_error err = {0};
    assert_int_equal(worker_run(&config, &err), SURETY_ERR_INVALID); /* no recording */
    assert_non_null(strstr(err.message, "replay"));
    config.engine = "nosuch";
    assert_int_equal(worker_run(&config, &err), SURETY_ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worker_run_batches_are_answered_over_ipc),
        cmocka_unit_test(worker_run_batches_are_answered_over_tcp),
        cmocka_unit_test(worker_run_cancel_ends_a_long_item),
        cmocka_unit_test(worker_run_heartbeats_show_each_items_progress),
        cmocka_unit_test(worker_run_other_protocol_is_refused),
        cmocka_unit_test(worker_run_refusal_is_told),
        cmocka_unit_test(worker_run_malformed_messages_are_dropped),
        cmocka_unit_test(worker_run_vanished_broker_is_joined_again_over_ipc),
        cmocka_unit_test(worker_run_vanished_broker_is_joined_again_over_tcp),
        cmocka_unit_test(worker_run_silent_broker_gets_a_fresh_connection),
        cmocka_unit_test(worker_run_lifeline_or_stop_ends_it_with_work_under_way),
        cmocka_unit_test(worker_run_what_cannot_begin_is_told),
    };
    return cmocka_run_group_tests_name("workers.worker", tests, NULL, NULL);
}
