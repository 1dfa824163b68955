#include "tests/unit/scaler/broker/broker_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zmq.h>

#include "base/clock.h"
#include <surety/settings.h>

#define PATIENCE_MS 10000

void broker_rig_init(struct broker_rig *rig)
{
    *rig = (struct broker_rig){.stop = {-1, -1}, .ready = {-1, -1}};
    snprintf(rig->folder, sizeof rig->folder, "/tmp/surety-test-XXXXXX");
    assert_non_null(mkdtemp(rig->folder));
    snprintf(rig->client_endpoint, sizeof rig->client_endpoint, "ipc://%s/clients", rig->folder);
    snprintf(rig->worker_endpoint, sizeof rig->worker_endpoint, "ipc://%s/workers", rig->folder);
    rig->config = (struct broker_config){.heartbeat_ms = 50, .stop_fd = -1, .ready_fd = -1};
}

void broker_rig_fini(struct broker_rig *rig)
{
    assert_int_equal(rmdir(rig->folder), 0);
}

static void *run(void *user)
{
    struct broker_rig *rig = user;
    rig->code = broker_run(&rig->config, &rig->err);
    close(rig->ready[1]); /* whoever waits for ready wakes up */
    return NULL;
}

void broker_rig_start(struct broker_rig *rig)
{
    char byte;
    assert_int_equal(pipe(rig->stop), 0);
    assert_int_equal(pipe(rig->ready), 0);
    rig->config.client_endpoint = rig->client_endpoint;
    rig->config.worker_endpoint = rig->worker_endpoint;
    rig->config.stop_fd = rig->stop[0];
    rig->config.ready_fd = rig->ready[1];
    assert_int_equal(pthread_create(&rig->thread, NULL, run, rig), 0);
    ssize_t n = read(rig->ready[0], &byte, 1);
    assert_true(n == 0 || n == 1);
}

void broker_rig_stop(struct broker_rig *rig)
{
    close(rig->stop[1]);
    pthread_join(rig->thread, NULL);
    close(rig->stop[0]);
    close(rig->ready[0]);
}

void hand_connect(struct hand *hand, const char *endpoint)
{
    int linger = 0;
    hand->context = zmq_ctx_new();
    hand->socket = zmq_socket(hand->context, ZMQ_DEALER);
    zmq_setsockopt(hand->socket, ZMQ_LINGER, &linger, sizeof linger);
    assert_int_equal(zmq_connect(hand->socket, endpoint), 0);
}

void hand_close(struct hand *hand)
{
    zmq_close(hand->socket);
    zmq_ctx_term(hand->context);
}

void hand_send_raw(struct hand *hand, const char *signature, const char *command, const void *body,
                   size_t len)
{
    assert_true(zmq_send(hand->socket, signature, strlen(signature), ZMQ_SNDMORE) >= 0);
    assert_true(zmq_send(hand->socket, command, strlen(command), ZMQ_SNDMORE) >= 0);
    assert_true(zmq_send(hand->socket, body, len, 0) >= 0);
}

void hand_send(struct hand *hand, const struct wire_message *message)
{
    char *body;
    size_t len;
    struct surety_error err;
    assert_int_equal(wire_encode(message, &body, &len, &err), SURETY_OK);
    hand_send_raw(hand, WIRE_SIGNATURE, wire_command_name(message->command), body, len);
    free(body);
}

void hand_expect(struct hand *hand, enum wire_command command, struct arena *arena,
                 struct wire_message *ret_message)
{
    int64_t until = clock_now_ms() + PATIENCE_MS;
    for (;;) {
        int64_t left = until - clock_now_ms();
        zmq_pollitem_t item = {.socket = hand->socket, .events = ZMQ_POLLIN};
        assert_true(left > 0);
        if (zmq_poll(&item, 1, (long)left) <= 0)
            continue;
        zmq_msg_t frames[3];
        for (int i = 0; i < 3; i++) {
            zmq_msg_init(&frames[i]);
            assert_true(zmq_msg_recv(&frames[i], hand->socket, 0) >= 0);
        }
        assert_false(zmq_msg_more(&frames[2]));
        enum wire_command came;
        struct surety_error err;
        assert_true(
            wire_command_from_name(zmq_msg_data(&frames[1]), zmq_msg_size(&frames[1]), &came));
        bool found = came == command;
        if (found)
            assert_int_equal(wire_decode(came, zmq_msg_data(&frames[2]), zmq_msg_size(&frames[2]),
                                         arena, ret_message, &err),
                             SURETY_OK);
        for (int i = 0; i < 3; i++)
            zmq_msg_close(&frames[i]);
        if (found)
            return;
    }
}

void hand_hello_worker(struct hand *hand, uint32_t slots)
{
    struct arena arena;
    struct wire_message m = {.command = WIRE_HELLO}, welcome;
    m.hello.worker = true;
    m.hello.version = (char *)"hand";
    m.hello.model = (struct surety_model){.name = (char *)"model",
                                          .id = (char *)"id",
                                          .engine = (char *)"hand",
                                          .profile = (char *)"instruct",
                                          .repro = (char *)"class",
                                          .slots = slots};
    hand_send(hand, &m);
    arena_init(&arena, 1u << 20);
    hand_expect(hand, WIRE_WELCOME, &arena, &welcome);
    assert_true(welcome.welcome.heartbeat_ms > 0);
    arena_fini(&arena);
}

void hand_answer(struct hand *hand, const struct wire_message *batch, const char *text)
{
    const struct surety_task *task = &batch->batch.task;
    for (size_t i = 0; i < task->n_items; i++) {
        struct wire_message m = {.command = WIRE_OUTPUT};
        m.output.request = batch->batch.request;
        m.output.task = task->id;
        m.output.output = (struct surety_output){.index = task->items[i].index,
                                                 .attempt = task->items[i].attempt,
                                                 .text = (char *)text,
                                                 .prompt_tokens = 10,
                                                 .completion_tokens = 5,
                                                 .logprob = -1};
        hand_send(hand, &m);
    }
}

struct surety_request broker_rig_request(const char *id, uint32_t k)
{
    struct surety_request r = {.id = (char *)id, .problem = (char *)"What is 1 + 1?"};
    surety_settings_init(&r.settings);
    r.settings.k = k;
    r.settings.verify = SURETY_VERIFY_NONE;
    return r;
}

void expect_event(struct client *client, int kind, const char *id, struct client_event *ret_event)
{
    int64_t until = clock_now_ms() + PATIENCE_MS;
    struct surety_error err;
    do {
        assert_true(clock_now_ms() < until);
        assert_int_equal(client_next(client, 1000, ret_event, &err), SURETY_OK);
    } while (ret_event->kind == CLIENT_NOTHING || ret_event->kind == CLIENT_PROGRESS);
    assert_int_equal(ret_event->kind, kind);
    assert_string_equal(ret_event->id ? ret_event->id : "", id);
}
