#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <arpa/inet.h>

#include "base/buf.h"
#include "base/jsonl.h"
#include "scaler/broker/store.h"
#include "tests/unit/scaler/broker/broker_rig.h"

static void broker_run_ends_cleanly_when_stop_closes(void **state)
{
    struct broker_rig rig;
    broker_rig_init(&rig);
    broker_rig_start(&rig);
    broker_rig_stop(&rig);
    assert_int_equal(rig.code, SURETY_OK);
    broker_rig_fini(&rig); /* no socket is left */
}

static void endpoint_that_is_taken_is_address_in_use(void **state)
{
    struct broker_rig rig, second;
    broker_rig_init(&rig);
    second = rig;
    broker_rig_start(&rig);
    broker_rig_start(&second);
    broker_rig_stop(&second);
    assert_int_equal(second.code, SURETY_ERR_ADDRESS_IN_USE);
    assert_non_null(strstr(second.err.message, rig.client_endpoint));
    struct client *client; /* the first one is unharmed */
    struct surety_error err;
    assert_int_equal(client_open(rig.client_endpoint, 5000, &client, &err), SURETY_OK);
    client_close(client);
    broker_rig_stop(&rig);
    assert_int_equal(rig.code, SURETY_OK);
    broker_rig_fini(&rig);
}

static void socket_that_a_dead_broker_left_is_replaced(void **state)
{
    struct broker_rig rig;
    broker_rig_init(&rig);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/clients", rig.folder);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    close(fd); /* the file stays, nobody listens */
    broker_rig_start(&rig);
    broker_rig_stop(&rig);
    assert_int_equal(rig.code, SURETY_OK);
    broker_rig_fini(&rig);
}

static void file_that_is_no_socket_is_left_alone(void **state)
{
    struct broker_rig rig;
    char path[100];
    struct stat info;
    broker_rig_init(&rig);
    snprintf(path, sizeof path, "%s/workers", rig.folder);
    FILE *file = fopen(path, "w");
    fputs("precious", file);
    fclose(file);
    broker_rig_start(&rig);
    broker_rig_stop(&rig);
    assert_int_equal(rig.code, SURETY_ERR_ADDRESS_IN_USE);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_size, 8);
    unlink(path);
    broker_rig_fini(&rig);
}

static void assert_refused(const char *endpoint, const char *part)
{
    struct surety_error err = {0};
    struct broker_config config = {
        .client_endpoint = endpoint, .worker_endpoint = endpoint, .stop_fd = -1, .ready_fd = -1};
    assert_int_equal(broker_run(&config, &err), SURETY_ERR_INVALID);
    assert_non_null(strstr(err.message, part));
}

static void endpoint_beyond_this_host_is_refused(void **state)
{
    char path[200] = "ipc:///tmp/";
    memset(path + strlen(path), 'x', 120);
    assert_refused("tcp://0.0.0.0:5555", "CURVE");
    assert_refused("tcp://*:5555", "CURVE");
    assert_refused("tcp://192.168.1.1:5555", "CURVE");
    assert_refused("tcp://127.evil.example:5555", "CURVE");
    assert_refused("tcp://127.0.0.1.evil:5555", "CURVE");
    assert_refused("tcp://127.0.0.1", "port");
    assert_refused("udp://127.0.0.1:1", "ipc://PATH");
    assert_refused("ipc://", "path");
    assert_refused(path, "107");
}

static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    close(fd);
    return ntohs(address.sin_port);
}

static void solve(struct broker_rig *rig)
{
    struct surety_error err;
    struct arena arena;
    struct wire_message batch;
    struct client *client;
    struct client_event event;
    struct hand worker;
    hand_connect(&worker, rig->worker_endpoint);
    hand_hello_worker(&worker, 3);
    assert_int_equal(client_open(rig->client_endpoint, 5000, &client, &err), SURETY_OK);
    struct surety_request request = broker_rig_request("one", 5);
    assert_int_equal(client_send(client, &request, &err), SURETY_OK);
    for (uint32_t done = 0; done < 5; done += (uint32_t)batch.batch.task.n_items) {
        arena_init(&arena, 1u << 22);
        hand_expect(&worker, WIRE_BATCH, &arena, &batch);
        assert_true(batch.batch.task.n_items <= 3);
        hand_answer(&worker, &batch, "1 + 1 = 2, so \\boxed{2}");
        arena_fini(&arena);
    }
    expect_event(client, CLIENT_ACCEPTED, "one", &event);
    expect_event(client, CLIENT_RESULT, "one", &event);
    json_t *result;
    assert_int_equal(json_load_text(event.json, strlen(event.json), &result, &err), SURETY_OK);
    assert_string_equal(json_get_string(result, "answer", ""), "2");
    assert_string_equal(json_get_string(result, "stop_reason", ""), "complete");
    json_decref(result);
    client_close(client);
    hand_close(&worker);
}

static void request_is_solved_over_ipc(void **state)
{
    struct broker_rig rig;
    broker_rig_init(&rig);
    broker_rig_start(&rig);
    solve(&rig);
    broker_rig_stop(&rig);
    assert_int_equal(rig.code, SURETY_OK);
    broker_rig_fini(&rig);
}

/* Keeps what it is told to, by the id of the request: "at once" and "later" are how it fails. */
struct test_store {
    uint64_t number; /* to be answered; 0: none */
    bool fails;
    unsigned n_ends, n_results;
};
static struct test_store *opened; /* the one of the broker that runs */

static enum surety_err store_put(void *state, uint64_t number, const struct surety_request *request,
                                 struct surety_error *err)
{
    struct test_store *store = opened = state;
    if (strcmp(request->id, "at once") == 0)
        return surety_fail(err, SURETY_ERR_LIMIT, "the store is full");
    store->number = number;
    store->fails = strcmp(request->id, "later") == 0;
    return SURETY_OK;
}

static bool store_next(void *state, uint64_t *ret_number, struct surety_error *ret_error)
{
    struct test_store *store = state;
    bool any = store->number != 0;
    *ret_number = store->number;
    if (any && store->fails)
        surety_fail(ret_error, SURETY_ERR_IO, "the disk is gone");
    store->number = 0;
    return any;
}

static int store_fd(void *state)
{
    return -1;
}

static void store_end(void *state, uint64_t number, const struct store_end *end)
{
    struct test_store *store = state;
    assert_int_equal(end->how, STORE_ANSWERED);
    assert_int_equal(end->stop, end->json ? SURETY_STOP_COMPLETE : SURETY_STOP_FAILED);
    store->n_ends++;
    store->n_results += end->json != NULL;
}

static void store_close(void *state)
{
    struct test_store *store = state;
    assert_int_equal(store->n_ends, 3);
    assert_int_equal(store->n_results, 1);
    opened = NULL;
}

static void what_the_store_cannot_keep_ends_that_request_alone(void **state)
{
    static const struct store_ops ops = {
        .name = "test",
        .state_bytes = sizeof(struct test_store),
        .put = store_put,
        .next = store_next,
        .fd = store_fd,
        .end = store_end,
        .close = store_close,
    };
    struct broker_rig rig;
    struct client *client;
    struct client_event event;
    struct surety_error err;
    broker_rig_init(&rig);
    rig.config.store = &ops;
    broker_rig_start(&rig);
    assert_int_equal(client_open(rig.client_endpoint, 5000, &client, &err), SURETY_OK);
    struct surety_request request = broker_rig_request("at once", 1);
    assert_int_equal(client_send(client, &request, &err), SURETY_OK);
    expect_event(client, CLIENT_FAILED, "at once", &event);
    assert_int_equal(event.error.code, SURETY_ERR_LIMIT);
    assert_non_null(strstr(event.error.message, "the store is full"));
    request = broker_rig_request("later", 1);
    assert_int_equal(client_send(client, &request, &err), SURETY_OK);
    expect_event(client, CLIENT_FAILED, "later", &event);
    assert_int_equal(event.error.code, SURETY_ERR_IO);
    client_close(client);
    solve(&rig); /* and the broker serves */
    broker_rig_stop(&rig);
    assert_int_equal(rig.code, SURETY_OK);
    assert_null(opened);
    broker_rig_fini(&rig);
}

/* Answers from a thread of its own, and not before the broker has asked in vain. */
struct late_store {
    pthread_t writer;
    int asked[2], answers[2]; /* pipes: to the thread, and from it */
    uint64_t put;             /* waits for an answer; 0: none */
};

static void *write_late(void *user)
{
    const struct late_store *store = user;
    uint64_t number;
    while (read(store->asked[0], &number, sizeof number) == sizeof number)
        assert_int_equal(write(store->answers[1], &number, sizeof number), sizeof number);
    return NULL;
}

static enum surety_err late_put(void *state, uint64_t number, const struct surety_request *request,
                                struct surety_error *err)
{
    struct late_store *store = state;
    assert_int_equal(pipe(store->asked), 0);
    assert_int_equal(pthread_create(&store->writer, NULL, write_late, store), 0);
    store->put = number;
    return SURETY_OK;
}

static int late_fd(void *state)
{
    struct late_store *store = state;
    if (!store->answers[1])
        assert_int_equal(pipe(store->answers), 0);
    return store->answers[0];
}

static bool late_next(void *state, uint64_t *ret_number, struct surety_error *ret_error)
{
    struct late_store *store = state;
    struct pollfd answer = {.fd = late_fd(store), .events = POLLIN};
    if (poll(&answer, 1, 0) == 1)
        return read(answer.fd, ret_number, sizeof *ret_number) == sizeof *ret_number;
    if (store->put)
        assert_int_equal(write(store->asked[1], &store->put, sizeof store->put), sizeof store->put);
    store->put = 0;
    return false;
}

static void late_end(void *state, uint64_t number, const struct store_end *end)
{
}

static void late_close(void *state)
{
    struct late_store *store = state;
    close(store->asked[1]);
    pthread_join(store->writer, NULL);
    close(store->asked[0]);
    close(store->answers[0]);
    close(store->answers[1]);
}

static void answer_of_the_store_is_taken_when_it_comes(void **state)
{
    static const struct store_ops ops = {
        .name = "late",
        .state_bytes = sizeof(struct late_store),
        .put = late_put,
        .next = late_next,
        .fd = late_fd,
        .end = late_end,
        .close = late_close,
    };
    struct broker_rig rig;
    broker_rig_init(&rig);
    rig.config.store = &ops;
    rig.config.heartbeat_ms = 30000; /* longer than the rig waits: no other event helps */
    broker_rig_start(&rig);
    solve(&rig);
    broker_rig_stop(&rig);
    assert_int_equal(rig.code, SURETY_OK);
    broker_rig_fini(&rig);
}

static void request_is_solved_over_tcp_on_loopback(void **state)
{
    struct broker_rig rig;
    broker_rig_init(&rig);
    for (int attempt = 0; attempt < 5; attempt++) { /* another process may be quicker */
        snprintf(rig.client_endpoint, sizeof rig.client_endpoint, "tcp://localhost:%d",
                 free_port());
        snprintf(rig.worker_endpoint, sizeof rig.worker_endpoint, "tcp://127.0.0.1:%d",
                 free_port());
        rig.code = SURETY_OK;
        broker_rig_start(&rig);
        if (rig.code != SURETY_ERR_ADDRESS_IN_USE)
            break;
        broker_rig_stop(&rig);
    }
    solve(&rig);
    broker_rig_stop(&rig);
    assert_int_equal(rig.code, SURETY_OK);
    broker_rig_fini(&rig);
}

static void assert_error(struct hand *hand, enum surety_err code, const char *part)
{
    struct arena arena;
    struct wire_message m;
    arena_init(&arena, 1u << 20);
    hand_expect(hand, WIRE_ERROR, &arena, &m);
    assert_int_equal(m.error.code, code);
    assert_non_null(strstr(m.error.message, part));
    arena_fini(&arena);
}

static void message_that_is_none_is_answered_with_an_error(void **state)
{
    struct broker_rig rig;
    struct hand hand;
    broker_rig_init(&rig);
    broker_rig_start(&rig);
    hand_connect(&hand, rig.worker_endpoint);
    hand_send_raw(&hand, "SURETY/2", "HELLO", "\x80", 1);
    assert_error(&hand, SURETY_ERR_VERSION, "SURETY/2");
    hand_send_raw(&hand, "SURETY/2", "WHATEVER", "\xc1", 1);
    assert_error(&hand, SURETY_ERR_VERSION, "SURETY/1); upgrade the broker");
    hand_send_raw(&hand, "GET / HTTP/1.1", "x", "y", 1);
    assert_error(&hand, SURETY_ERR_PROTOCOL, "three frames");
    hand_send_raw(&hand, "SURETY/1", "NONSENSE", "\x80", 1);
    assert_error(&hand, SURETY_ERR_UNSUPPORTED, "the command");
    hand_send_raw(&hand, "SURETY/1", "HELLO", "\xdd\xff\xff\xff\xff", 5);
    assert_error(&hand, SURETY_ERR_PARSE, "");
    hand_send_raw(&hand, "SURETY/1", "HELLO", "\x80", 1);
    assert_error(&hand, SURETY_ERR_PROTOCOL, "role");
    hand_hello_worker(&hand, 1); /* and nothing is broken */
    hand_close(&hand);
    broker_rig_stop(&rig);
    assert_int_equal(rig.code, SURETY_OK);
    broker_rig_fini(&rig);
}

static void count_line(void *user, enum log_level level, const char *line)
{
    *(unsigned *)user += level == LOG_WARN;
}

static void flood_of_nonsense_does_not_flood_the_log(void **state)
{
    unsigned n_lines = 0;
    const struct log log = {.write = count_line, .user = &n_lines};
    struct broker_rig rig;
    struct hand hand;
    broker_rig_init(&rig);
    rig.config.log = &log;
    broker_rig_start(&rig);
    hand_connect(&hand, rig.client_endpoint);
    for (int i = 0; i < 100; i++)
        hand_send_raw(&hand, "SURETY/1", "HELLO", "\x80", 1);
    for (int i = 0; i < 100; i++)
        assert_error(&hand, SURETY_ERR_PROTOCOL, "role");
    hand_close(&hand);
    broker_rig_stop(&rig);
    assert_true(n_lines >= 1 && n_lines <= 20);
    broker_rig_fini(&rig);
}

static void request_that_cannot_be_read_is_refused_with_its_id(void **state)
{
    static const char body[] = "\x83\xa2id\xa1q\xa7problem\xa1p\xab"
                               "deadline_ms\xff"; /* -1 */
    struct broker_rig rig;
    struct hand hand;
    struct arena arena;
    struct wire_message m = {.command = WIRE_HELLO, .hello = {.version = (char[]){"1"}}};
    broker_rig_init(&rig);
    broker_rig_start(&rig);
    hand_connect(&hand, rig.client_endpoint);
    hand_send(&hand, &m);
    hand_send_raw(&hand, "SURETY/1", "REQUEST", body, sizeof body - 1);
    arena_init(&arena, 1u << 20);
    hand_expect(&hand, WIRE_ERROR, &arena, &m);
    assert_non_null(strstr(m.error.message, "deadline_ms"));
    assert_non_null(m.error.id);
    assert_string_equal(m.error.id, "q");
    arena_fini(&arena);
    hand_close(&hand);
    broker_rig_stop(&rig);
    broker_rig_fini(&rig);
}

static void unknown_setting_is_refused_by_name_and_the_next_request_is_taken(void **state)
{
    static const char body[] =
        "\x83\xa2id\xa1q\xa7problem\xa1p\xa8settings\x82\xa1k\x01\xa4warp\x09";
    struct broker_rig rig;
    struct hand hand;
    struct arena arena;
    struct wire_message m = {.command = WIRE_HELLO, .hello = {.version = (char[]){"1"}}};
    broker_rig_init(&rig);
    broker_rig_start(&rig);
    hand_connect(&hand, rig.client_endpoint);
    hand_send(&hand, &m);
    hand_send_raw(&hand, "SURETY/1", "REQUEST", body, sizeof body - 1);
    arena_init(&arena, 1u << 20);
    hand_expect(&hand, WIRE_ERROR, &arena, &m);
    assert_int_equal(m.error.code, SURETY_ERR_UNSUPPORTED);
    assert_string_equal(m.error.message, "this broker (surety " SURETY_VERSION
                                         ") does not know the setting 'warp': use the same "
                                         "version of surety on both sides");
    assert_non_null(m.error.id);
    assert_string_equal(m.error.id, "q");
    m = (struct wire_message){.command = WIRE_REQUEST, .request = broker_rig_request("q", 1)};
    hand_send(&hand, &m);
    hand_expect(&hand, WIRE_ACCEPTED, &arena, &m);
    assert_string_equal(m.accepted.id, "q");
    arena_fini(&arena);
    hand_close(&hand);
    broker_rig_stop(&rig);
    assert_int_equal(rig.code, SURETY_OK);
    broker_rig_fini(&rig);
}

static void prompt_that_fits_no_message_fails_its_request_alone(void **state)
{
    enum { TIMES = 40, BYTES = 2000000 };
    static const char message[] = "[sample user]\n{problem}\n";
    struct broker_rig rig;
    struct hand worker;
    struct client *client;
    struct client_event event;
    struct surety_error err;
    struct buf profile;
    broker_rig_init(&rig);
    broker_rig_start(&rig);
    hand_connect(&worker, rig.worker_endpoint);
    hand_hello_worker(&worker, 4);
    assert_int_equal(client_open(rig.client_endpoint, 5000, &client, &err), SURETY_OK);
    struct surety_request request = broker_rig_request("big", 4);
    buf_init(&profile, 1u << 16);
    buf_puts(&profile, "name: big\n\n");
    for (int i = 0; i < TIMES; i++)
        buf_puts(&profile, message);
    buf_puts(&profile, "[each user]\n{problem} {claim}\n");
    request.profile = profile.data;
    request.problem = calloc(BYTES + 1, 1);
    assert_non_null(request.problem);
    memset(request.problem, 'p', BYTES);
    assert_int_equal(client_send(client, &request, &err), SURETY_OK);
    expect_event(client, CLIENT_ACCEPTED, "big", &event);
    expect_event(client, CLIENT_RESULT, "big", &event);
    assert_non_null(strstr(event.json, "limit_exceeded"));
    free(request.problem);
    buf_fini(&profile);
    client_close(client);
    hand_close(&worker);
    broker_rig_stop(&rig);
    broker_rig_fini(&rig);
}

static void stop_gives_clients_what_there_is(void **state)
{
    struct broker_rig rig;
    struct hand worker;
    struct client *client;
    struct client_event event;
    struct surety_error err;
    struct arena arena;
    struct wire_message m;
    broker_rig_init(&rig);
    broker_rig_start(&rig);
    hand_connect(&worker, rig.worker_endpoint);
    hand_hello_worker(&worker, 4);
    assert_int_equal(client_open(rig.client_endpoint, 5000, &client, &err), SURETY_OK);
    struct surety_request request = broker_rig_request("one", 4);
    assert_int_equal(client_send(client, &request, &err), SURETY_OK);
    arena_init(&arena, 1u << 22);
    hand_expect(&worker, WIRE_BATCH, &arena, &m);
    broker_rig_stop(&rig);
    assert_int_equal(rig.code, SURETY_OK);
    expect_event(client, CLIENT_ACCEPTED, "one", &event);
    expect_event(client, CLIENT_RESULT, "one", &event);
    assert_non_null(strstr(event.json, "\"stop_reason\":\"cancelled\""));
    hand_expect(&worker, WIRE_BYE, &arena, &m);
    arena_fini(&arena);
    hand_close(&worker);
    client_close(client);
    broker_rig_fini(&rig);
}

static void client_that_vanishes_frees_its_slots(void **state)
{
    struct broker_rig rig;
    struct hand worker, gone;
    struct arena arena;
    struct wire_message m;
    broker_rig_init(&rig);
    broker_rig_start(&rig);
    hand_connect(&worker, rig.worker_endpoint);
    hand_hello_worker(&worker, 4);
    hand_connect(&gone, rig.client_endpoint);
    struct wire_message hello = {.command = WIRE_HELLO, .hello.version = (char *)"hand"};
    hand_send(&gone, &hello);
    struct wire_message ask = {.command = WIRE_REQUEST};
    ask.request = broker_rig_request("one", 4);
    hand_send(&gone, &ask);
    arena_init(&arena, 1u << 22);
    hand_expect(&worker, WIRE_BATCH, &arena, &m);
    hand_close(&gone); /* without a BYE, as after kill -9 */
    hand_expect(&worker, WIRE_CANCEL, &arena, &m);
    assert_int_equal(m.cancel.n, 4);
    arena_fini(&arena);
    hand_close(&worker);
    broker_rig_stop(&rig);
    broker_rig_fini(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broker_run_ends_cleanly_when_stop_closes),
        cmocka_unit_test(endpoint_that_is_taken_is_address_in_use),
        cmocka_unit_test(socket_that_a_dead_broker_left_is_replaced),
        cmocka_unit_test(file_that_is_no_socket_is_left_alone),
        cmocka_unit_test(endpoint_beyond_this_host_is_refused),
        cmocka_unit_test(request_is_solved_over_ipc),
        cmocka_unit_test(what_the_store_cannot_keep_ends_that_request_alone),
        cmocka_unit_test(answer_of_the_store_is_taken_when_it_comes),
        cmocka_unit_test(request_is_solved_over_tcp_on_loopback),
        cmocka_unit_test(message_that_is_none_is_answered_with_an_error),
        cmocka_unit_test(flood_of_nonsense_does_not_flood_the_log),
        cmocka_unit_test(request_that_cannot_be_read_is_refused_with_its_id),
        cmocka_unit_test(unknown_setting_is_refused_by_name_and_the_next_request_is_taken),
        cmocka_unit_test(prompt_that_fits_no_message_fails_its_request_alone),
        cmocka_unit_test(stop_gives_clients_what_there_is),
        cmocka_unit_test(client_that_vanishes_frees_its_slots),
    };
    return cmocka_run_group_tests_name("scaler.broker", tests, NULL, NULL);
}
