#include "tests/unit/scaler/broker/core_rig.h"

#include <string.h>

static const struct core_config defaults = {.heartbeat_ms = 100, .stall_ms = 1000, .window = 4};

static void start(struct rig *rig, const char *model, uint32_t slots)
{
    rig_init(rig, &defaults);
    rig_client(rig, "c");
    rig_worker(rig, "w", model, slots);
}

static void ask(struct rig *rig, const char *id)
{
    struct surety_request request = rig_request(id, 8);
    request.problem = (char *)"";
    request.body = (char *)"{\"model\": \"m\"}";
    rig_ask(rig, "c", &request);
}

static struct rig_sent batch(const struct rig *rig, const char *peer, size_t nth)
{
    const struct rig_sent *found = rig_find(rig, peer, WIRE_BATCH, nth);
    assert_non_null(found);
    assert_int_equal(found->n_items, 1);
    return *found;
}

static void tell(struct rig *rig, const char *peer, const struct rig_sent *b, const char *text)
{
    struct wire_message m = {
        .command = WIRE_DELTA,
        .delta = {.key = {b->request, b->task, b->items[0].index, b->items[0].attempt},
                  .status = 200,
                  .text = (char *)text}};
    rig_say(rig, CORE_WORKERS, peer, m);
}

static void assert_told(const struct rig *rig, size_t nth, const char *id, const char *text)
{
    const struct rig_sent *sent = rig_find(rig, "c", WIRE_DELTA, nth);
    assert_non_null(sent);
    assert_string_equal(sent->id, id);
    assert_string_equal(sent->text, text);
}

static void reply_goes_on_as_it_comes_and_its_result_says_the_usage(void **state)
{
    struct rig rig;
    start(&rig, "m!", 4);
    ask(&rig, "a");
    struct rig_sent b = batch(&rig, "w", 0);
    tell(&rig, "w", &b, "one\n");
    assert_told(&rig, 0, "a", "one\n");
    tell(&rig, "w", &b, "two\n");
    assert_told(&rig, 1, "a", "two\n");
    assert_int_equal(rig_count(&rig, "c", WIRE_RESULT), 0);
    rig_output(&rig, "w", &b, 0, "");
    const struct rig_sent *result = rig_find(&rig, "c", WIRE_RESULT, 0);
    assert_non_null(result);
    assert_string_equal(rig_json(result->text, "stop_reason"), "complete");
    assert_int_equal(rig_count(&rig, "w", WIRE_BATCH), 1);
    tell(&rig, "w", &b, "late\n");
    assert_int_equal(rig_count(&rig, "c", WIRE_DELTA), 2);
    rig_fini(&rig);
}

static void engine_that_passes_nothing_is_named(void **state)
{
    struct rig rig;
    start(&rig, "m", 4);
    ask(&rig, "a");
    const struct rig_sent *e = rig_find(&rig, "c", WIRE_ERROR, 0);
    assert_non_null(e);
    assert_int_equal(e->code, SURETY_ERR_UNSUPPORTED);
    assert_non_null(strstr(e->text, "'m' passes nothing through"));
    assert_int_equal(rig_count(&rig, "w", WIRE_BATCH), 0);
    rig_fini(&rig);
}

static void what_was_lost_before_a_piece_is_asked_again_and_later_not(void **state)
{
    struct rig rig;
    start(&rig, "m!", 1);
    ask(&rig, "a");
    struct rig_sent b = batch(&rig, "w", 0);
    rig_failure(&rig, "w", &b, 0, SURETY_ERR_LOST);
    struct rig_sent again = batch(&rig, "w", 1);
    assert_int_equal(again.items[0].attempt, 1);
    tell(&rig, "w", &b, "of the first\n");
    assert_int_equal(rig_count(&rig, "c", WIRE_DELTA), 0);
    tell(&rig, "w", &again, "one\n");
    rig_say(&rig, CORE_WORKERS, "w", (struct wire_message){.command = WIRE_BYE});
    rig_worker(&rig, "v", "m!", 1);
    assert_int_equal(rig_count(&rig, "v", WIRE_BATCH), 0);
    const struct rig_sent *result = rig_find(&rig, "c", WIRE_RESULT, 0);
    assert_non_null(result);
    assert_string_equal(rig_json(result->text, "stop_reason"), "failed");
    rig_fini(&rig);
}

static void pieces_that_wait_leave_together(void **state)
{
    struct rig rig;
    start(&rig, "m!", 2);
    ask(&rig, "a");
    struct rig_sent b = batch(&rig, "w", 0);
    memcpy(rig.fail_peer, "c", 2);
    rig.fail_how = CORE_SENT_FULL;
    for (int i = 0; i < 1000; i++)
        tell(&rig, "w", &b, "x\n");
    rig.fail_peer[0] = '\0';
    rig_beat(&rig, "w");
    rig_tick(&rig, 100);
    size_t bytes = 0, n = rig_count(&rig, "c", WIRE_DELTA);
    for (size_t i = 0; i < n; i++)
        bytes += strlen(rig_find(&rig, "c", WIRE_DELTA, i)->text);
    assert_int_equal(bytes, 2000);
    assert_in_range(n, 1, 2);
    rig_output(&rig, "w", &b, 0, "");
    assert_int_equal(rig_count(&rig, "c", WIRE_RESULT), 1);
    rig_fini(&rig);
}

static void cancel_and_deadline_reach_the_worker(void **state)
{
    struct rig rig;
    start(&rig, "m!", 2);
    ask(&rig, "a");
    tell(&rig, "w", &(struct rig_sent){.request = 99, .items = {{.index = 0}}}, "of nobody\n");
    rig_say(&rig, CORE_CLIENTS, "c",
            (struct wire_message){.command = WIRE_CANCEL, .cancel = {.id = (char *)"a"}});
    assert_int_equal(rig_count(&rig, "w", WIRE_CANCEL), 1);
    assert_int_equal(rig_count(&rig, "c", WIRE_DELTA), 0);
    assert_string_equal(rig_json(rig_find(&rig, "c", WIRE_RESULT, 0)->text, "stop_reason"),
                        "cancelled");
    rig_fini(&rig);
}

static void pieces_are_signs_of_life(void **state)
{
    struct rig rig;
    start(&rig, "m!", 1);
    ask(&rig, "a");
    struct rig_sent b = batch(&rig, "w", 0);
    for (int i = 0; i < 30; i++) {
        rig_tick(&rig, 100);
        rig_beat(&rig, "w");
        tell(&rig, "w", &b, "x\n");
    }
    assert_int_equal(rig_count(&rig, "w", WIRE_CANCEL), 0);
    rig_fini(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reply_goes_on_as_it_comes_and_its_result_says_the_usage),
        cmocka_unit_test(engine_that_passes_nothing_is_named),
        cmocka_unit_test(what_was_lost_before_a_piece_is_asked_again_and_later_not),
        cmocka_unit_test(pieces_that_wait_leave_together),
        cmocka_unit_test(cancel_and_deadline_reach_the_worker),
        cmocka_unit_test(pieces_are_signs_of_life),
    };
    return cmocka_run_group_tests_name("scaler.core_pass", tests, NULL, NULL);
}
