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

static void cancel(struct rig *rig, const char *id)
{
    rig_say(rig, CORE_CLIENTS, "c",
            (struct wire_message){.command = WIRE_CANCEL, .cancel.id = (char *)id});
}

static void request_is_accepted_only_when_the_store_has_it(void **state)
{
    struct rig rig;
    start(&rig, 1);
    rig.hold_store = true;
    struct surety_request request = rig_request("a", 1);
    rig_ask(&rig, "c", &request);
    assert_int_equal(rig_count(&rig, "c", WIRE_ACCEPTED), 0);
    assert_int_equal(rig_count(&rig, "w", WIRE_BATCH), 0);
    rig_release(&rig);
    assert_string_equal(rig_find(&rig, "c", WIRE_ACCEPTED, 0)->id, "a");
    assert_int_equal(rig_count(&rig, "w", WIRE_BATCH), 1);
    rig_fini(&rig);
}

static void request_that_the_store_cannot_keep_ends_alone(void **state)
{
    struct rig rig;
    start(&rig, 2);
    struct surety_request request = rig_request("a", 1), other = rig_request("b", 1);
    rig_ask(&rig, "c", &request);
    rig.store_fails = SURETY_ERR_IO;
    rig_ask(&rig, "c", &other);
    const struct rig_sent *e = rig_find(&rig, "c", WIRE_ERROR, 0);
    assert_non_null(e);
    assert_string_equal(e->id, "b");
    assert_int_equal(e->code, SURETY_ERR_IO);
    assert_non_null(strstr(e->text, "the disk is full"));
    assert_int_equal(rig_count(&rig, "c", WIRE_ACCEPTED), 1);
    assert_int_equal(rig_count(&rig, "w", WIRE_BATCH), 1);
    assert_int_equal(rig.n_ends, 1); /* and the store is told, as of every end */
    assert_int_equal(rig.ends[0], rig.puts[1]);
    assert_false(rig.end_has_json[0]);
    rig.store_fails = SURETY_OK;
    rig_ask(&rig, "c", &other); /* it is no longer known: a new one */
    assert_int_equal(rig_count(&rig, "c", WIRE_ACCEPTED), 2);
    rig_output(&rig, "w", rig_find(&rig, "w", WIRE_BATCH, 0), 0, "x");
    assert_string_equal(rig_find(&rig, "c", WIRE_RESULT, 0)->id, "a");
    rig_fini(&rig);
}

static void store_is_told_the_end_of_each_request_once(void **state)
{
    struct rig rig;
    start(&rig, 1);
    struct surety_request a = rig_request("a", 1), b = rig_request("b", 1);
    rig_ask(&rig, "c", &a);
    assert_int_equal(rig.n_ends, 0);
    rig_output(&rig, "w", rig_find(&rig, "w", WIRE_BATCH, 0), 0, "x");
    assert_int_equal(rig.n_ends, 1);
    assert_int_equal(rig.ends[0], rig.puts[0]);
    assert_true(rig.end_has_json[0]);
    rig_ask(&rig, "c", &b);
    rig_say(&rig, CORE_CLIENTS, "c", (struct wire_message){.command = WIRE_BYE});
    assert_int_equal(rig.n_ends, 2);
    assert_int_equal(rig.ends[1], rig.puts[1]);
    assert_false(rig.end_has_json[1]); /* nobody wanted it */
    rig_fini(&rig);
}

static void request_that_ends_while_it_is_stored_does_not_wait_for_the_store(void **state)
{
    struct rig rig;
    start(&rig, 1);
    rig.hold_store = true;
    struct surety_request request = rig_request("a", 1);
    rig_ask(&rig, "c", &request);
    cancel(&rig, "a");
    assert_int_equal(rig_count(&rig, "c", WIRE_ACCEPTED), 0);
    const struct rig_sent *r = rig_find(&rig, "c", WIRE_RESULT, 0);
    assert_non_null(r);
    assert_string_equal(rig_json(r->text, "stop_reason"), "cancelled");
    assert_int_equal(rig.n_ends, 1);
    rig_release(&rig); /* its answer comes late, and a second time: nothing happens */
    rig_persisted(&rig, rig.puts[0]);
    assert_int_equal(rig_count(&rig, "c", WIRE_ACCEPTED), 0);
    assert_int_equal(rig_count(&rig, "w", WIRE_BATCH), 0);
    assert_int_equal(rig.n_ends, 1);
    rig_fini(&rig);
}

static void answer_of_the_store_that_comes_twice_starts_nothing_anew(void **state)
{
    struct rig rig;
    start(&rig, 1);
    struct surety_request request = rig_request("a", 1);
    rig_ask(&rig, "c", &request);
    rig.store_fails = SURETY_ERR_IO;
    rig_persisted(&rig, rig.puts[0]);
    assert_int_equal(rig_count(&rig, "c", WIRE_ACCEPTED), 1);
    assert_int_equal(rig_count(&rig, "c", WIRE_ERROR), 0);
    rig_fini(&rig);
}

static void request_runs_samples_then_verifications_to_its_result(void **state)
{
    struct rig rig;
    start(&rig, 2);
    struct surety_request request = rig_request("a", 2);
    request.settings.verify = SURETY_VERIFY_EACH;
    request.settings.verify_repeats = 3;
    rig_ask(&rig, "c", &request);
    size_t n = 0;
    for (size_t b = 0; rig_find(&rig, "w", WIRE_BATCH, b); b++) {
        const struct rig_sent batch = *rig_find(&rig, "w", WIRE_BATCH, b);
        for (size_t i = 0; i < batch.n_items; i++, n++)
            rig_output(&rig, "w", &batch, i, "x");
    }
    assert_int_equal(n, 2 + 2 * 3);
    assert_int_equal(rig_count(&rig, "c", WIRE_RESULT), 1);
    assert_string_equal(rig_json(rig_find(&rig, "c", WIRE_RESULT, 0)->text, "id"), "a");
    rig_fini(&rig);
}

static void feeds_wait_for_each_other_and_go_together(void **state)
{
    struct rig rig;
    start(&rig, 4);
    struct surety_request request = rig_request("a", 4);
    rig_ask(&rig, "c", &request);
    const struct rig_sent batch = *rig_find(&rig, "w", WIRE_BATCH, 0);
    rig.hold_plans = true;
    for (size_t i = 0; i < 4; i++)
        rig_output(&rig, "w", &batch, i, "x");
    assert_int_equal(rig.n_held_jobs, 1);
    assert_int_equal(rig.held_jobs[0]->n_outputs, 1);
    rig_release(&rig);
    assert_int_equal(rig_count(&rig, "c", WIRE_RESULT), 1);
    rig_fini(&rig);
}

static void invalid_request_is_refused_by_name(void **state)
{
    struct rig rig;
    start(&rig, 1);
    struct surety_request request = rig_request("a", 0);
    rig_ask(&rig, "c", &request);
    const struct rig_sent *e = rig_find(&rig, "c", WIRE_ERROR, 0);
    assert_int_equal(e->code, SURETY_ERR_INVALID);
    assert_string_equal(e->id, "a");
    rig_fini(&rig);
}

static void bad_profile_fails_the_request_alone(void **state)
{
    struct rig rig;
    start(&rig, 1);
    struct surety_request request = rig_request("a", 1);
    request.profile = (char *)"bad";
    rig_ask(&rig, "c", &request);
    const struct rig_sent *e = rig_find(&rig, "c", WIRE_ERROR, 0);
    assert_int_equal(e->code, SURETY_ERR_PARSE);
    assert_string_equal(e->id, "a");
    request = rig_request("b", 1);
    rig_ask(&rig, "c", &request);
    assert_int_equal(rig_count(&rig, "w", WIRE_BATCH), 1);
    rig_fini(&rig);
}

static void request_beyond_the_window_gets_busy(void **state)
{
    struct rig rig;
    start(&rig, 0);
    for (int i = 0; i < 3; i++) {
        struct surety_request request = rig_request((const char *[]){"a", "b", "d"}[i], 1);
        rig_ask(&rig, "c", &request);
    }
    assert_int_equal(rig_count(&rig, "c", WIRE_ACCEPTED), 2);
    const struct rig_sent *e = rig_find(&rig, "c", WIRE_ERROR, 0);
    assert_int_equal(e->code, SURETY_ERR_BUSY);
    assert_string_equal(e->id, "d");
    rig_fini(&rig);
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

static void request_that_cannot_be_read_is_refused_by_name(void **state)
{
    struct rig rig;
    start(&rig, 1);
    struct surety_request request = rig_request("runs", 1);
    rig_ask(&rig, "c", &request);
    struct core_identity from = {.len = 1, .bytes = "c"};
    struct surety_error err = {.code = SURETY_ERR_UNSUPPORTED, .message = "not built"};
    struct core_event event = {
        .kind = CORE_MALFORMED, .side = CORE_CLIENTS, .from = &from, .error = &err};
    event.id = "bad";
    rig_event(&rig, event);
    event.id = "runs";
    rig_event(&rig, event);
    const struct rig_sent *e = rig_find(&rig, "c", WIRE_ERROR, 0);
    assert_non_null(e);
    assert_int_equal(e->code, SURETY_ERR_UNSUPPORTED);
    assert_string_equal(e->id, "bad");
    assert_string_equal(rig_find(&rig, "c", WIRE_ERROR, 1)->id, ""); /* the other one goes on */
    rig_output(&rig, "w", rig_find(&rig, "w", WIRE_BATCH, 0), 0, "x");
    assert_int_equal(rig_count(&rig, "c", WIRE_RESULT), 1);
    rig_fini(&rig);
}

static void request_said_twice_runs_once(void **state)
{
    struct rig rig;
    start(&rig, 1);
    struct surety_request request = rig_request("a", 1);
    rig_ask(&rig, "c", &request);
    rig_ask(&rig, "c", &request);
    assert_int_equal(rig_count(&rig, "w", WIRE_BATCH), 1);
    rig_output(&rig, "w", rig_find(&rig, "w", WIRE_BATCH, 0), 0, "x");
    assert_int_equal(rig_count(&rig, "c", WIRE_RESULT), 1);
    rig_ask(&rig, "c", &request); /* the result is still known */
    assert_int_equal(rig_count(&rig, "c", WIRE_RESULT), 2);
    assert_int_equal(rig_count(&rig, "w", WIRE_BATCH), 1);
    request.problem = (char *)"What is 2 + 2?"; /* the same id, but another request */
    rig_ask(&rig, "c", &request);
    assert_int_equal(rig_count(&rig, "w", WIRE_BATCH), 2);
    rig_fini(&rig);
}

static void id_that_is_taken_is_an_error_of_the_connection(void **state)
{
    struct rig rig;
    start(&rig, 1);
    struct surety_request request = rig_request("a", 1);
    rig_ask(&rig, "c", &request);
    request.settings.seed = 7;
    rig_ask(&rig, "c", &request);
    assert_string_equal(rig_find(&rig, "c", WIRE_ERROR, 0)->id, "");
    rig_output(&rig, "w", rig_find(&rig, "w", WIRE_BATCH, 0), 0, "x");
    assert_int_equal(rig_count(&rig, "c", WIRE_RESULT), 1);
    rig_fini(&rig);
}

static void deadline_returns_the_best_so_far(void **state)
{
    struct rig rig;
    start(&rig, 2);
    struct surety_request request = rig_request("a", 4);
    request.deadline_ms = 150;
    rig_ask(&rig, "c", &request);
    const struct rig_sent batch = *rig_find(&rig, "w", WIRE_BATCH, 0);
    rig_output(&rig, "w", &batch, 0, "x");
    rig_tick(&rig, 149);
    assert_int_equal(rig_count(&rig, "c", WIRE_RESULT), 0);
    rig_tick(&rig, 1);
    const struct rig_sent *r = rig_find(&rig, "c", WIRE_RESULT, 0);
    assert_string_equal(rig_json(r->text, "stop_reason"), "deadline");
    assert_string_equal(rig_json(r->text, "effective_votes"), "1");
    assert_string_equal(rig_json(r->text, "error.code"), "");
    assert_int_equal(rig_find(&rig, "w", WIRE_CANCEL, 0)->n_items, 2);
    rig_output(&rig, "w", &batch, 1, "late");
    assert_int_equal(rig_count(&rig, "c", WIRE_RESULT), 1);
    rig_fini(&rig);
}

static void budget_counts_outputs_and_what_runs(void **state)
{
    struct rig rig;
    start(&rig, 4);
    struct surety_request request = rig_request("a", 4);
    request.budget_tokens = 20; /* outputs of the rig cost 5, after 10 of prompt */
    rig_ask(&rig, "c", &request);
    const struct rig_sent batch = *rig_find(&rig, "w", WIRE_BATCH, 0);
    rig_output(&rig, "w", &batch, 0, "x");
    struct wire_progress p = {.key = {batch.request, 0, 1, 0}, .tokens = 24};
    struct wire_message beat = {.command = WIRE_HEARTBEAT, .heartbeat = {.items = &p, .n = 1}};
    rig_say(&rig, CORE_WORKERS, "w", beat);
    assert_int_equal(rig_count(&rig, "c", WIRE_RESULT), 0);
    p.tokens = 25;
    rig_say(&rig, CORE_WORKERS, "w", beat);
    const struct rig_sent *r = rig_find(&rig, "c", WIRE_RESULT, 0);
    assert_string_equal(rig_json(r->text, "stop_reason"), "budget");
    assert_string_equal(rig_json(r->text, "effective_votes"), "1");
    rig_fini(&rig);
}

static void limit_reached_by_the_last_output_leaves_the_result_complete(void **state)
{
    struct rig rig;
    start(&rig, 2);
    struct surety_request request = rig_request("a", 2);
    request.budget_tokens = 10; /* what both outputs have together */
    rig_ask(&rig, "c", &request);
    rig_output(&rig, "w", rig_find(&rig, "w", WIRE_BATCH, 0), 0, "x");
    rig_output(&rig, "w", rig_find(&rig, "w", WIRE_BATCH, 0), 1, "x");
    const struct rig_sent *r = rig_find(&rig, "c", WIRE_RESULT, 0);
    assert_non_null(r);
    assert_string_equal(rig_json(r->text, "stop_reason"), "complete");
    rig_fini(&rig);
}

static void cancel_returns_what_there_is_and_frees_the_slots(void **state)
{
    struct rig rig;
    start(&rig, 2);
    struct surety_request request = rig_request("a", 2);
    rig_ask(&rig, "c", &request);
    const struct rig_sent batch = *rig_find(&rig, "w", WIRE_BATCH, 0);
    cancel(&rig, "none");
    cancel(&rig, "a");
    const struct rig_sent *r = rig_find(&rig, "c", WIRE_RESULT, 0);
    assert_string_equal(rig_json(r->text, "stop_reason"), "cancelled");
    assert_string_equal(rig_json(r->text, "error.code"), "cancelled");
    struct surety_request next = rig_request("b", 2);
    rig_ask(&rig, "c", &next);
    assert_int_equal(rig_count(&rig, "w", WIRE_BATCH), 1); /* the slots are not yet free */
    rig_failure(&rig, "w", &batch, 0, SURETY_ERR_CANCELLED);
    rig_failure(&rig, "w", &batch, 1, SURETY_ERR_CANCELLED);
    assert_int_equal(rig_count(&rig, "w", WIRE_BATCH), 3);
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

static void progress_comes_only_if_wanted_and_not_too_often(void **state)
{
    struct rig rig;
    start(&rig, 40);
    struct surety_request quiet = rig_request("quiet", 3), request = rig_request("a", 32);
    request.progress = true;
    rig_ask(&rig, "c", &quiet);
    rig_ask(&rig, "c", &request);
    const struct rig_sent q = *rig_find(&rig, "w", WIRE_BATCH, 0);
    const struct rig_sent batch = *rig_find(&rig, "w", WIRE_BATCH, 1);
    rig_output(&rig, "w", &q, 0, "x");
    for (size_t i = 0; i < 30; i++) {
        rig_output(&rig, "w", &batch, i, "x");
        rig_tick(&rig, 10);
    }
    size_t n = rig_count(&rig, "c", WIRE_PROGRESS);
    assert_in_range(n, 2, 4);
    assert_string_equal(rig_find(&rig, "c", WIRE_PROGRESS, 0)->id, "a");
    rig_tick(&rig, 200); /* the last one tells all that came */
    n = rig_count(&rig, "c", WIRE_PROGRESS);
    assert_string_equal(
        rig_json(rig_find(&rig, "c", WIRE_PROGRESS, n - 1)->text, "effective_votes"), "30");
    rig_fini(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_is_accepted_only_when_the_store_has_it),
        cmocka_unit_test(request_that_the_store_cannot_keep_ends_alone),
        cmocka_unit_test(store_is_told_the_end_of_each_request_once),
        cmocka_unit_test(request_that_ends_while_it_is_stored_does_not_wait_for_the_store),
        cmocka_unit_test(answer_of_the_store_that_comes_twice_starts_nothing_anew),
        cmocka_unit_test(request_runs_samples_then_verifications_to_its_result),
        cmocka_unit_test(feeds_wait_for_each_other_and_go_together),
        cmocka_unit_test(invalid_request_is_refused_by_name),
        cmocka_unit_test(bad_profile_fails_the_request_alone),
        cmocka_unit_test(request_beyond_the_window_gets_busy),
        cmocka_unit_test(result_that_is_not_delivered_fills_the_window),
        cmocka_unit_test(client_that_asks_and_never_reads_is_lost),
        cmocka_unit_test(kept_results_make_room_for_requests),
        cmocka_unit_test(request_that_cannot_be_read_is_refused_by_name),
        cmocka_unit_test(request_said_twice_runs_once),
        cmocka_unit_test(id_that_is_taken_is_an_error_of_the_connection),
        cmocka_unit_test(deadline_returns_the_best_so_far),
        cmocka_unit_test(budget_counts_outputs_and_what_runs),
        cmocka_unit_test(limit_reached_by_the_last_output_leaves_the_result_complete),
        cmocka_unit_test(cancel_returns_what_there_is_and_frees_the_slots),
        cmocka_unit_test(client_that_leaves_takes_its_requests_along),
        cmocka_unit_test(result_for_a_full_client_is_kept_until_it_has_room),
        cmocka_unit_test(progress_comes_only_if_wanted_and_not_too_often),
    };
    return cmocka_run_group_tests_name("scaler.core_request", tests, NULL, NULL);
}
