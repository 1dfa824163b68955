#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zmq.h>

#include "base/clock.h"
#include "base/jsonl.h"
#include "tests/unit/scaler/broker/broker_rig.h"

static void client_open_without_a_broker_is_unreachable(void **state)
{
    struct client *client;
    struct surety_error err;
    int64_t begun = clock_now_ms();
    assert_int_equal(client_open("ipc:///tmp/surety-test-nobody-is-here", 100, &client, &err),
                     SURETY_ERR_UNREACHABLE);
    assert_non_null(strstr(err.message, "nobody-is-here"));
    assert_true(clock_now_ms() - begun < 5000);
}

static void client_open_of_a_strange_endpoint_is_invalid(void **state)
{
    struct client *client;
    struct surety_error err;
    assert_int_equal(client_open("http://127.0.0.1:80", 100, &client, &err), SURETY_ERR_INVALID);
    assert_int_equal(client_open("tcp://192.0.2.1:80", 100, &client, &err), SURETY_ERR_INVALID);
}

static void client_send_checks_request_window_and_id(void **state)
{
    struct broker_rig rig;
    struct client *client;
    struct surety_error err;
    broker_rig_init(&rig);
    rig.config.window = 2;
    broker_rig_start(&rig);
    assert_int_equal(client_open(rig.client_endpoint, 5000, &client, &err), SURETY_OK);
    assert_int_equal(client_window(client), 2);
    struct surety_request bad = broker_rig_request("bad", 0), a = broker_rig_request("a", 1),
                          b = broker_rig_request("b", 1), c = broker_rig_request("c", 1);
    assert_int_equal(client_send(client, &bad, &err), SURETY_ERR_INVALID);
    assert_int_equal(client_send(client, &a, &err), SURETY_OK);
    assert_int_equal(client_send(client, &a, &err), SURETY_ERR_INVALID);
    assert_int_equal(client_send(client, &b, &err), SURETY_OK);
    assert_int_equal(client_send(client, &c, &err), SURETY_ERR_BUSY);
    client_close(client);
    broker_rig_stop(&rig);
    broker_rig_fini(&rig);
}

static void client_cancel_brings_the_result_and_makes_room(void **state)
{
    struct broker_rig rig;
    struct client *client;
    struct client_event event;
    struct surety_error err;
    broker_rig_init(&rig);
    rig.config.window = 1;
    broker_rig_start(&rig);
    assert_int_equal(client_open(rig.client_endpoint, 5000, &client, &err), SURETY_OK);
    struct surety_request a = broker_rig_request("a", 1), b = broker_rig_request("b", 1);
    assert_int_equal(client_send(client, &a, &err), SURETY_OK);
    expect_event(client, CLIENT_ACCEPTED, "a", &event);
    assert_int_equal(client_cancel(client, "nobody", &err), SURETY_OK);
    assert_int_equal(client_cancel(client, "a", &err), SURETY_OK);
    expect_event(client, CLIENT_RESULT, "a", &event);
    assert_non_null(strstr(event.json, "\"stop_reason\":\"cancelled\""));
    assert_int_equal(client_send(client, &b, &err), SURETY_OK);
    expect_event(client, CLIENT_ACCEPTED, "b", &event);
    client_close(client);
    broker_rig_stop(&rig);
    broker_rig_fini(&rig);
}

static void client_status_keeps_other_events_for_later(void **state)
{
    struct broker_rig rig;
    struct client *client;
    struct client_event event;
    struct surety_error err;
    json_t *report;
    char *json;
    broker_rig_init(&rig);
    broker_rig_start(&rig);
    assert_int_equal(client_open(rig.client_endpoint, 5000, &client, &err), SURETY_OK);
    struct surety_request a = broker_rig_request("a", 7);
    assert_int_equal(client_send(client, &a, &err), SURETY_OK);
    assert_int_equal(client_status(client, 5000, &json, &err), SURETY_OK);
    assert_int_equal(json_load_text(json, strlen(json), &report, &err), SURETY_OK);
    json_t *requests = json_object_get(report, "requests");
    assert_int_equal(json_array_size(requests), 1);
    assert_string_equal(json_get_string(json_array_get(requests, 0), "state", ""), "waiting");
    json_decref(report);
    free(json);
    expect_event(client, CLIENT_ACCEPTED, "a", &event);
    client_close(client);
    broker_rig_stop(&rig);
    broker_rig_fini(&rig);
}

static void request_that_the_broker_refuses_fails_by_its_id(void **state)
{
    struct broker_rig rig;
    struct client *client;
    struct client_event event;
    struct surety_error err;
    struct hand worker;
    broker_rig_init(&rig);
    broker_rig_start(&rig);
    hand_connect(&worker, rig.worker_endpoint);
    hand_hello_worker(&worker, 1);
    assert_int_equal(client_open(rig.client_endpoint, 5000, &client, &err), SURETY_OK);
    struct surety_request a = broker_rig_request("a", 1);
    a.profile = (char *)"this is no profile";
    assert_int_equal(client_send(client, &a, &err), SURETY_OK);
    expect_event(client, CLIENT_ACCEPTED, "a", &event);
    expect_event(client, CLIENT_FAILED, "a", &event);
    assert_int_not_equal(event.error.code, SURETY_OK);
    assert_int_equal(client_send(client, &a, &err), SURETY_OK); /* its id is free again */
    client_close(client);
    hand_close(&worker);
    broker_rig_stop(&rig);
    broker_rig_fini(&rig);
}

static void broker_that_ends_is_unreachable_at_once(void **state)
{
    struct broker_rig rig;
    struct client *client;
    struct client_event event;
    struct surety_error err;
    broker_rig_init(&rig);
    broker_rig_start(&rig);
    assert_int_equal(client_open(rig.client_endpoint, 5000, &client, &err), SURETY_OK);
    broker_rig_stop(&rig);
    assert_int_equal(client_next(client, 10000, &event, &err), SURETY_ERR_UNREACHABLE);
    client_close(client);
    broker_rig_fini(&rig);
}

/* ---- a broker by hand ---- */

struct router {
    void *context, *socket;
    const char *path;
};

static void router_open(struct router *router, const char *endpoint)
{
    int linger = 0;
    router->context = zmq_ctx_new();
    router->socket = zmq_socket(router->context, ZMQ_ROUTER);
    zmq_setsockopt(router->socket, ZMQ_LINGER, &linger, sizeof linger);
    router->path = endpoint + strlen("ipc://");
    assert_int_equal(zmq_bind(router->socket, endpoint), 0);
}

static void router_close(struct router *router)
{
    zmq_close(router->socket);
    zmq_ctx_term(router->context);
    unlink(router->path);
}

/* Waits for this command and leaves the identity of who sent it. */
static size_t router_expect(struct router *router, const char *command, char *identity)
{
    for (;;) {
        char frame[4][256];
        int len[4] = {0};
        for (int i = 0; i < 4; i++)
            len[i] = zmq_recv(router->socket, frame[i], sizeof frame[i], 0);
        for (int i = 0; i < 4; i++)
            assert_true(len[i] >= 0);
        memcpy(identity, frame[0], (size_t)len[0]);
        if ((size_t)len[2] == strlen(command) && memcmp(frame[2], command, (size_t)len[2]) == 0)
            return (size_t)len[0];
    }
}

static void router_send(struct router *router, const char *identity, size_t n,
                        const char *signature, const struct wire_message *message)
{
    struct surety_error err;
    char *body;
    size_t len;
    const char *command = wire_command_name(message->command);
    assert_int_equal(wire_encode(message, &body, &len, &err), SURETY_OK);
    zmq_send(router->socket, identity, n, ZMQ_SNDMORE);
    zmq_send(router->socket, signature, strlen(signature), ZMQ_SNDMORE);
    zmq_send(router->socket, command, strlen(command), ZMQ_SNDMORE);
    assert_true(zmq_send(router->socket, body, len, 0) >= 0);
    free(body);
}

struct opening {
    const char *endpoint;
    struct client *client;
    enum surety_err code;
    struct surety_error err;
};

static void *open_client(void *user)
{
    struct opening *o = user;
    o->code = client_open(o->endpoint, 10000, &o->client, &o->err);
    return NULL;
}

static void broker_of_another_version_is_named_so(void **state)
{
    struct broker_rig rig;
    struct router router;
    pthread_t thread;
    char identity[256];
    broker_rig_init(&rig);
    router_open(&router, rig.client_endpoint);
    struct opening opening = {.endpoint = rig.client_endpoint};
    pthread_create(&thread, NULL, open_client, &opening);
    size_t n = router_expect(&router, "HELLO", identity);
    struct wire_message m = {.command = WIRE_ERROR};
    m.error.code = SURETY_ERR_VERSION;
    m.error.message = (char *)"too old";
    router_send(&router, identity, n, "SURETY/2", &m);
    pthread_join(thread, NULL);
    assert_int_equal(opening.code, SURETY_ERR_VERSION);
    assert_non_null(strstr(opening.err.message, "upgrade the client"));
    router_close(&router);
    broker_rig_fini(&rig);
}

static void *next_result(void *user)
{
    struct opening *o = user;
    struct client_event event;
    do
        o->code = client_next(o->client, 10000, &event, &o->err);
    while (!o->code && event.kind != CLIENT_RESULT);
    return NULL;
}

static void request_is_said_again_to_a_broker_that_came_back(void **state)
{
    struct broker_rig rig;
    struct router router;
    pthread_t thread;
    char identity[256];
    broker_rig_init(&rig);
    router_open(&router, rig.client_endpoint);
    struct opening o = {.endpoint = rig.client_endpoint};
    pthread_create(&thread, NULL, open_client, &o);
    size_t n = router_expect(&router, "HELLO", identity);
    struct wire_message welcome = {.command = WIRE_WELCOME};
    welcome.welcome.version = (char *)"1";
    welcome.welcome.heartbeat_ms = 20;
    welcome.welcome.window = 4;
    router_send(&router, identity, n, WIRE_SIGNATURE, &welcome);
    pthread_join(thread, NULL);
    assert_int_equal(o.code, SURETY_OK);
    struct surety_request a = broker_rig_request("a", 1);
    assert_int_equal(client_send(o.client, &a, &o.err), SURETY_OK);
    router_expect(&router, "REQUEST", identity);
    router_close(&router);                     /* it dies without a word, */
    router_open(&router, rig.client_endpoint); /* and another one knows nothing */
    pthread_create(&thread, NULL, next_result, &o);
    n = router_expect(&router, "HELLO", identity);
    router_send(&router, identity, n, WIRE_SIGNATURE, &welcome);
    n = router_expect(&router, "REQUEST", identity);
    struct wire_message result = {.command = WIRE_RESULT};
    result.result.id = (char *)"a";
    result.result.json = (char *)"{}";
    router_send(&router, identity, n, WIRE_SIGNATURE, &result);
    pthread_join(thread, NULL);
    assert_int_equal(o.code, SURETY_OK);
    client_close(o.client);
    router_close(&router);
    broker_rig_fini(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(client_open_without_a_broker_is_unreachable),
        cmocka_unit_test(client_open_of_a_strange_endpoint_is_invalid),
        cmocka_unit_test(client_send_checks_request_window_and_id),
        cmocka_unit_test(client_cancel_brings_the_result_and_makes_room),
        cmocka_unit_test(client_status_keeps_other_events_for_later),
        cmocka_unit_test(request_that_the_broker_refuses_fails_by_its_id),
        cmocka_unit_test(broker_that_ends_is_unreachable_at_once),
        cmocka_unit_test(broker_of_another_version_is_named_so),
        cmocka_unit_test(request_is_said_again_to_a_broker_that_came_back),
    };
    return cmocka_run_group_tests_name("scaler.client", tests, NULL, NULL);
}
