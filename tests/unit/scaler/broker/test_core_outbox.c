#include "tests/unit/scaler/broker/core_rig.h"

#include <stdio.h>
#include <string.h>

static const struct core_config defaults = {.heartbeat_ms = 100, .stall_ms = 1000, .window = 2};

static void start(struct rig *rig, uint32_t slots)
{
    rig_init(rig, &defaults);
    rig_client(rig, "c");
    if (slots)
        rig_worker(rig, "w", "m", slots);
}

static void result_that_is_not_delivered_fills_the_window(void **state)
{
    struct rig rig;
    start(&rig, 2);
    struct surety_request a = rig_request("a", 1), b = rig_request("b", 1), d = rig_request("d", 1);
    rig_ask(&rig, "c", &a);
    rig_ask(&rig, "c", &b);
    memcpy(rig.fail_peer, "c", 2);
    rig.fail_how = CORE_SENT_FULL;
    rig_output(&rig, "w", rig_find(&rig, "w", WIRE_BATCH, 0), 0, "x");
    rig_output(&rig, "w", rig_find(&rig, "w", WIRE_BATCH, 1), 0, "x");
    rig_ask(&rig, "c", &d);
    rig.fail_peer[0] = '\0';
    rig_tick(&rig, 100);
    assert_int_equal(rig_count(&rig, "c", WIRE_RESULT), 2);
    const struct rig_sent *e = rig_find(&rig, "c", WIRE_ERROR, 0);
    assert_non_null(e);
    assert_int_equal(e->code, SURETY_ERR_BUSY);
    rig_clear(&rig);
    rig_ask(&rig, "c", &d);
    assert_int_equal(rig_count(&rig, "c", WIRE_ACCEPTED), 1);
    rig_fini(&rig);
}

static void client_that_asks_and_never_reads_is_lost(void **state)
{
    struct rig rig;
    start(&rig, 2);
    struct surety_request request = rig_request("a", 1);
    rig_ask(&rig, "c", &request);
    memcpy(rig.fail_peer, "c", 2);
    rig.fail_how = CORE_SENT_FULL;
    for (int i = 0; i < 1000; i++)
        rig_ask(&rig, "c", &request); /* each is answered with ACCEPTED */
    assert_int_equal(rig_count(&rig, "w", WIRE_CANCEL), 1);
    rig.fail_peer[0] = '\0';
    rig_ask(&rig, "c", &request);
    assert_int_equal(rig_find(&rig, "c", WIRE_ERROR, 0)->code, SURETY_ERR_PROTOCOL);
    rig_fini(&rig);
}

static void kept_results_make_room_for_requests(void **state)
{
    struct rig rig;
    rig_init(&rig, &(struct core_config){.max_queued_bytes = 10000});
    rig_worker(&rig, "w", "m", 1);
    rig_client(&rig, "c");
    for (unsigned i = 0; i < 50; i++) {
        char id[16];
        snprintf(id, sizeof id, "r%u", i);
        struct surety_request request = rig_request(id, 1);
        rig_ask(&rig, "c", &request);
        assert_int_equal(rig_count(&rig, "c", WIRE_ERROR), 0);
        rig_output(&rig, "w", rig_find(&rig, "w", WIRE_BATCH, i), 0, "x");
    }
    assert_int_equal(rig_count(&rig, "c", WIRE_RESULT), 50);
    rig_fini(&rig);
}

static void result_for_a_full_client_is_kept_until_it_has_room(void **state)
{
    struct rig rig;
    start(&rig, 2);
    struct surety_request request = rig_request("a", 1);
    rig_ask(&rig, "c", &request);
    memcpy(rig.fail_peer, "c", 2);
    rig.fail_how = CORE_SENT_FULL;
    rig_output(&rig, "w", rig_find(&rig, "w", WIRE_BATCH, 0), 0, "x");
    rig_tick(&rig, 250);
    rig_beat(&rig, "w");
    assert_int_equal(rig_count(&rig, "c", WIRE_RESULT), 0);
    rig.fail_peer[0] = '\0';
    rig_tick(&rig, 20);
    assert_int_equal(rig_count(&rig, "c", WIRE_RESULT), 1);
    rig_tick(&rig, 100);
    assert_int_equal(rig_count(&rig, "c", WIRE_RESULT), 1);
    rig_fini(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(result_that_is_not_delivered_fills_the_window),
        cmocka_unit_test(client_that_asks_and_never_reads_is_lost),
        cmocka_unit_test(kept_results_make_room_for_requests),
        cmocka_unit_test(result_for_a_full_client_is_kept_until_it_has_room),
    };
    return cmocka_run_group_tests_name("scaler.core_outbox", tests, NULL, NULL);
}
