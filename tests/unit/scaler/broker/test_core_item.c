#include "tests/unit/scaler/broker/core_rig.h"

#include <string.h>

static const struct core_config defaults = {.heartbeat_ms = 100, .stall_ms = 1000};

static void start(struct rig *rig, const char *id, uint32_t k)
{
    rig_init(rig, &defaults);
    rig_client(rig, "c");
    struct surety_request request = rig_request(id, k);
    rig_ask(rig, "c", &request);
}

static void bye(struct rig *rig, const char *peer)
{
    rig_say(rig, CORE_WORKERS, peer, (struct wire_message){.command = WIRE_BYE});
}

static void progress(struct rig *rig, const char *peer, const struct rig_sent *batch, size_t item,
                     uint32_t tokens)
{
    struct wire_progress p = {
        .key = {batch->request, batch->task, batch->items[item].index, batch->items[item].attempt},
        .tokens = tokens};
    rig_say(rig, CORE_WORKERS, peer,
            (struct wire_message){.command = WIRE_HEARTBEAT, .heartbeat = {.items = &p, .n = 1}});
}

static void retry_keeps_the_seed_and_counts_the_attempt(void **state)
{
    struct rig rig;
    start(&rig, "a", 2);
    rig_worker(&rig, "w", "m", 2);
    const struct rig_sent *first = rig_find(&rig, "w", WIRE_BATCH, 0);
    rig_failure(&rig, "w", first, 1, SURETY_ERR_ENGINE);
    const struct rig_sent *second = rig_find(&rig, "w", WIRE_BATCH, 1);
    assert_int_equal(second->items[0].index, first->items[1].index);
    assert_int_equal(second->items[0].seed, first->items[1].seed);
    assert_int_equal(second->items[0].attempt, first->items[1].attempt + 1);
    rig_fini(&rig);
}

static void item_that_fails_three_times_fails_alone(void **state)
{
    struct rig rig;
    start(&rig, "a", 2);
    rig_worker(&rig, "w", "m", 2);
    rig_output(&rig, "w", rig_find(&rig, "w", WIRE_BATCH, 0), 0, "x");
    rig_failure(&rig, "w", rig_find(&rig, "w", WIRE_BATCH, 0), 1, SURETY_ERR_ENGINE);
    rig_failure(&rig, "w", rig_find(&rig, "w", WIRE_BATCH, 1), 0, SURETY_ERR_ENGINE);
    rig_failure(&rig, "w", rig_find(&rig, "w", WIRE_BATCH, 2), 0, SURETY_ERR_ENGINE);
    assert_int_equal(rig_count(&rig, "w", WIRE_BATCH), 3);
    const struct rig_sent *r = rig_find(&rig, "c", WIRE_RESULT, 0);
    assert_string_equal(rig_json(r->text, "stop_reason"), "complete");
    assert_string_equal(rig_json(r->text, "effective_votes"), "1");
    rig_fini(&rig);
}

static void failure_that_cannot_be_helped_is_not_retried(void **state)
{
    struct rig rig;
    start(&rig, "a", 2);
    rig_worker(&rig, "w", "m", 2);
    rig_failure(&rig, "w", rig_find(&rig, "w", WIRE_BATCH, 0), 0, SURETY_ERR_EXHAUSTED);
    rig_failure(&rig, "w", rig_find(&rig, "w", WIRE_BATCH, 0), 1, SURETY_ERR_EXHAUSTED);
    assert_int_equal(rig_count(&rig, "w", WIRE_BATCH), 1);
    const struct rig_sent *r = rig_find(&rig, "c", WIRE_RESULT, 0);
    assert_string_equal(rig_json(r->text, "stop_reason"), "failed");
    assert_string_equal(rig_json(r->text, "error.code"), "exhausted");
    rig_fini(&rig);
}

static void lost_worker_gives_its_items_back(void **state)
{
    struct rig rig;
    start(&rig, "a", 2);
    rig_worker(&rig, "w", "m", 2);
    const struct rig_sent first = *rig_find(&rig, "w", WIRE_BATCH, 0);
    bye(&rig, "w");
    rig_worker(&rig, "v", "m", 2);
    const struct rig_sent *again = rig_find(&rig, "v", WIRE_BATCH, 0), twice = *again;
    assert_int_equal(again->n_items, 2);
    assert_int_equal(again->items[0].seed, first.items[0].seed);
    assert_int_equal(again->items[0].attempt, 1);
    rig_output(&rig, "w", &first, 0, "late"); /* the dead speak: nothing happens */
    assert_int_equal(rig_count(&rig, "c", WIRE_RESULT), 0);
    rig_output(&rig, "v", again, 0, "x");
    rig_output(&rig, "v", again, 1, "y");
    assert_int_equal(rig_count(&rig, "c", WIRE_RESULT), 1);
    rig_output(&rig, "v", &twice, 0, "again"); /* it is done, and the worker holds it not */
    rig_say(&rig, CORE_CLIENTS, "c", (struct wire_message){.command = WIRE_STATUS});
    assert_string_equal(rig_json(rig_find(&rig, "c", WIRE_STATUS, 0)->text, "counters.late"), "2");
    rig_fini(&rig);
}

static void hello_of_a_known_worker_is_its_new_life(void **state)
{
    struct rig rig;
    start(&rig, "a", 2);
    rig_worker(&rig, "w", "m", 2);
    rig_worker(&rig, "w", "m", 2);
    const struct rig_sent *again = rig_find(&rig, "w", WIRE_BATCH, 1);
    assert_non_null(again);
    assert_int_equal(again->items[0].attempt, 1);
    rig_fini(&rig);
}

static void batch_that_could_not_be_sent_costs_no_attempt(void **state)
{
    struct rig rig;
    start(&rig, "a", 2);
    rig.fail_how = CORE_SENT_GONE;
    memcpy(rig.fail_peer, "w", 2);
    rig_worker(&rig, "w", "m", 2);
    rig_worker(&rig, "v", "m", 2);
    const struct rig_sent *batch = rig_find(&rig, "v", WIRE_BATCH, 0);
    assert_int_equal(batch->n_items, 2);
    assert_int_equal(batch->items[0].attempt, 0);
    rig_fini(&rig);
}

static const struct rig_sent *last_beat(const struct rig *rig)
{
    return rig_find(rig, "c", WIRE_HEARTBEAT, rig_count(rig, "c", WIRE_HEARTBEAT) - 1);
}

static void client_hears_of_waiting_and_of_tokens_before_any_output(void **state)
{
    struct rig rig;
    start(&rig, "a", 2);
    rig_tick(&rig, 100);
    assert_int_equal(last_beat(&rig)->waiting, 1);
    assert_int_equal(last_beat(&rig)->tokens, 0);
    rig_worker(&rig, "w", "m", 2);
    const struct rig_sent batch = *rig_find(&rig, "w", WIRE_BATCH, 0);
    progress(&rig, "w", &batch, 1, 9); /* still the prompt */
    rig_tick(&rig, 100);
    assert_int_equal(last_beat(&rig)->waiting, 0);
    assert_int_equal(last_beat(&rig)->tokens, 0);
    progress(&rig, "w", &batch, 1, 100);
    rig_tick(&rig, 100);
    assert_in_range(last_beat(&rig)->tokens, 20, 90);
    rig_output(&rig, "w", &batch, 0, "x"); /* 5 tokens after 10 of prompt: now it is known */
    progress(&rig, "w", &batch, 1, 24);
    rig_tick(&rig, 100);
    assert_int_equal(last_beat(&rig)->tokens, 5 + 14);
    rig_output(&rig, "w", &batch, 1, "x");
    rig_tick(&rig, 100);
    assert_int_equal(last_beat(&rig)->tokens, 5 + 5);
    rig_fini(&rig);
}

static void beat_about_an_item_whose_request_is_gone_counts_for_nobody(void **state)
{
    struct rig rig;
    start(&rig, "a", 2);
    rig_worker(&rig, "w", "m", 2);
    const struct rig_sent batch = *rig_find(&rig, "w", WIRE_BATCH, 0);
    progress(&rig, "w", &batch, 0, 100);
    rig_say(&rig, CORE_CLIENTS, "c",
            (struct wire_message){.command = WIRE_CANCEL, .cancel.id = (char *)"a"});
    assert_int_equal(rig_count(&rig, "c", WIRE_RESULT), 1);
    rig_tick(&rig, 100);
    uint64_t before = last_beat(&rig)->tokens;
    progress(&rig, "w", &batch, 0, 200); /* it has not heard of it yet */
    rig_tick(&rig, 100);
    assert_int_equal(last_beat(&rig)->tokens, before);
    rig_fini(&rig);
}

static void item_that_stands_still_is_cancelled_and_retried(void **state)
{
    struct rig rig;
    start(&rig, "a", 2);
    rig_worker(&rig, "w", "m", 2);
    const struct rig_sent batch = *rig_find(&rig, "w", WIRE_BATCH, 0);
    rig_output(&rig, "w", &batch, 0, "x");
    for (uint32_t i = 0; i < 11; i++) {
        progress(&rig, "w", &batch, 1, 7);
        rig_tick(&rig, 100);
    }
    const struct rig_sent *cancel = rig_find(&rig, "w", WIRE_CANCEL, 0);
    assert_non_null(cancel);
    assert_int_equal(cancel->n_items, 1);
    assert_int_equal(cancel->items[0].index, batch.items[1].index);
    assert_int_equal(rig_count(&rig, "w", WIRE_BATCH), 1); /* its slot is not free yet */
    rig_failure(&rig, "w", &batch, 1, SURETY_ERR_CANCELLED);
    const struct rig_sent *again = rig_find(&rig, "w", WIRE_BATCH, 1);
    assert_int_equal(again->items[0].index, batch.items[1].index);
    assert_int_equal(again->items[0].attempt, 1);
    rig_fini(&rig);
}

static void item_that_is_alive_may_stand_still(void **state)
{
    struct rig rig;
    start(&rig, "a", 1);
    rig_worker(&rig, "w", "m", 1);
    const struct rig_sent batch = *rig_find(&rig, "w", WIRE_BATCH, 0);
    struct wire_progress p = {.key = {batch.request, batch.task, batch.items[0].index, 0},
                              .alive = true};
    for (uint32_t i = 0; i < 30; i++) {
        rig_say(
            &rig, CORE_WORKERS, "w",
            (struct wire_message){.command = WIRE_HEARTBEAT, .heartbeat = {.items = &p, .n = 1}});
        rig_tick(&rig, 100);
    }
    assert_null(rig_find(&rig, "w", WIRE_CANCEL, 0));
    for (uint32_t i = 0; i < 11; i++) { /* no sign any more */
        progress(&rig, "w", &batch, 0, 0);
        rig_tick(&rig, 100);
    }
    assert_non_null(rig_find(&rig, "w", WIRE_CANCEL, 0));
    rig_fini(&rig);
}

static void item_that_waits_for_others_is_no_hang_until_long_after(void **state)
{
    struct rig rig;
    start(&rig, "a", 2);
    rig_worker(&rig, "w", "m", 2);
    const struct rig_sent batch = *rig_find(&rig, "w", WIRE_BATCH, 0);
    for (uint32_t i = 0; i < 98; i++) { /* a long prompt is computed, the other one waits */
        progress(&rig, "w", &batch, 0, i + 1);
        rig_tick(&rig, 100);
    }
    assert_int_equal(rig_count(&rig, "w", WIRE_CANCEL), 0);
    for (uint32_t i = 0; i < 4; i++) {
        progress(&rig, "w", &batch, 0, i + 200);
        rig_tick(&rig, 100);
    }
    assert_int_equal(rig_count(&rig, "w", WIRE_CANCEL), 1);
    assert_int_equal(rig_find(&rig, "w", WIRE_CANCEL, 0)->items[0].index, batch.items[1].index);
    rig_fini(&rig);
}

static void worker_that_does_not_cancel_is_given_up(void **state)
{
    struct rig rig;
    start(&rig, "a", 1);
    rig_worker(&rig, "w", "m", 1);
    for (int i = 0; i < 21; i++) {
        rig_beat(&rig, "w"); /* its I/O lives, its engine does not */
        rig_tick(&rig, 100);
    }
    assert_int_equal(rig_find(&rig, "w", WIRE_ERROR, 0)->code, SURETY_ERR_LOST);
    rig_worker(&rig, "v", "m", 1);
    assert_int_equal(rig_find(&rig, "v", WIRE_BATCH, 0)->items[0].attempt, 1);
    rig_fini(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(retry_keeps_the_seed_and_counts_the_attempt),
        cmocka_unit_test(item_that_fails_three_times_fails_alone),
        cmocka_unit_test(failure_that_cannot_be_helped_is_not_retried),
        cmocka_unit_test(lost_worker_gives_its_items_back),
        cmocka_unit_test(hello_of_a_known_worker_is_its_new_life),
        cmocka_unit_test(batch_that_could_not_be_sent_costs_no_attempt),
        cmocka_unit_test(client_hears_of_waiting_and_of_tokens_before_any_output),
        cmocka_unit_test(beat_about_an_item_whose_request_is_gone_counts_for_nobody),
        cmocka_unit_test(item_that_stands_still_is_cancelled_and_retried),
        cmocka_unit_test(item_that_is_alive_may_stand_still),
        cmocka_unit_test(item_that_waits_for_others_is_no_hang_until_long_after),
        cmocka_unit_test(worker_that_does_not_cancel_is_given_up),
    };
    return cmocka_run_group_tests_name("scaler.core_item", tests, NULL, NULL);
}
