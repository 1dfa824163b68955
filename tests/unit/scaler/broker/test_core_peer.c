#include "tests/unit/scaler/broker/core_rig.h"

#include <string.h>

static const struct core_config defaults = {.heartbeat_ms = 100, .stall_ms = 1000, .window = 2};

static void start(struct rig *rig, uint32_t slots)
{
    rig_init(rig, &defaults);
    rig_client(rig, "c");
    if (slots)
        rig_worker(rig, "w", "m", slots);
}

static void worker_hello_gets_welcome_and_heartbeats(void **state)
{
    struct rig rig;
    rig_init(&rig, &defaults);
    rig_worker(&rig, "w", "m", 4);
    assert_int_equal(rig_count(&rig, "w", WIRE_WELCOME), 1);
    assert_int_equal(rig.next_ms, rig.now_ms + 100);
    rig_tick(&rig, 300);
    assert_int_equal(rig_count(&rig, "w", WIRE_HEARTBEAT), 3);
    rig_fini(&rig);
}

static void hello_on_the_wrong_endpoint_is_refused(void **state)
{
    struct rig rig;
    rig_init(&rig, &defaults);
    struct wire_message m = {.command = WIRE_HELLO};
    m.hello.version = (char *)"1";
    rig_say(&rig, CORE_WORKERS, "c", m);
    m.hello.worker = true;
    m.hello.model = (struct surety_model){.name = (char *)"m", .slots = 1};
    rig_say(&rig, CORE_CLIENTS, "w", m);
    assert_int_equal(rig_find(&rig, "c", WIRE_ERROR, 0)->code, SURETY_ERR_PROTOCOL);
    assert_int_equal(rig_find(&rig, "w", WIRE_ERROR, 0)->code, SURETY_ERR_PROTOCOL);
    rig_fini(&rig);
}

static void hello_with_impossible_slots_is_refused(void **state)
{
    struct rig rig;
    rig_init(&rig, &defaults);
    rig_worker(&rig, "w", "m", 0);
    rig_worker(&rig, "v", "m", SURETY_SLOTS_MAX + 1);
    assert_int_equal(rig_find(&rig, "w", WIRE_ERROR, 0)->code, SURETY_ERR_PROTOCOL);
    assert_int_equal(rig_find(&rig, "v", WIRE_ERROR, 0)->code, SURETY_ERR_PROTOCOL);
    rig_fini(&rig);
}

static void hello_beyond_the_limits_gets_busy(void **state)
{
    struct rig rig;
    rig_init(&rig, &(struct core_config){.max_workers = 1, .max_clients = 1});
    rig_worker(&rig, "w1", "m", 1);
    rig_worker(&rig, "w2", "m", 1);
    rig_client(&rig, "c1");
    rig_client(&rig, "c2");
    assert_int_equal(rig_find(&rig, "w2", WIRE_ERROR, 0)->code, SURETY_ERR_BUSY);
    assert_int_equal(rig_find(&rig, "c2", WIRE_ERROR, 0)->code, SURETY_ERR_BUSY);
    rig_fini(&rig);
}

static void client_that_leaves_takes_its_requests_along(void **state)
{
    struct rig rig;
    start(&rig, 2);
    rig.hold_plans = true;
    struct surety_request request = rig_request("a", 2);
    rig_ask(&rig, "c", &request);
    rig_say(&rig, CORE_CLIENTS, "c", (struct wire_message){.command = WIRE_BYE});
    rig_release(&rig); /* its plan comes back to nobody */
    assert_int_equal(rig_count(&rig, "w", WIRE_BATCH), 0);
    rig_client(&rig, "c");
    rig_ask(&rig, "c", &request);
    assert_int_equal(rig_count(&rig, "w", WIRE_BATCH), 1);
    memcpy(rig.fail_peer, "c", 2);
    rig.fail_how = CORE_SENT_GONE;
    rig_tick(&rig, 100); /* a heartbeat finds out */
    assert_int_equal(rig_find(&rig, "w", WIRE_CANCEL, 0)->n_items, 2);
    assert_int_equal(rig_count(&rig, "c", WIRE_RESULT), 0);
    rig_fini(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worker_hello_gets_welcome_and_heartbeats),
        cmocka_unit_test(hello_on_the_wrong_endpoint_is_refused),
        cmocka_unit_test(hello_with_impossible_slots_is_refused),
        cmocka_unit_test(hello_beyond_the_limits_gets_busy),
        cmocka_unit_test(client_that_leaves_takes_its_requests_along),
    };
    return cmocka_run_group_tests_name("scaler.core_peer", tests, NULL, NULL);
}
