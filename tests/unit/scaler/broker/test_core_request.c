#include "tests/unit/proto/request_help.h"
#include "tests/unit/proto/settings_help.h"
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

/* The store was told the nth end of all: that of the request of this put. */
static void assert_end(const struct rig *rig, size_t n, size_t put, int how, enum surety_stop stop,
                       enum surety_err code)
{
    assert_true(n < rig->n_ends);
    assert_int_equal(rig->ends[n].request, rig->puts[put]);
    assert_int_equal(rig->ends[n].how.how, how);
    assert_int_equal(rig->ends[n].how.stop, stop);
    assert_int_equal(rig->ends[n].how.error.code, code);
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
    assert_end(&rig, 0, 1, STORE_ANSWERED, SURETY_STOP_FAILED, SURETY_ERR_IO);
    assert_null(rig.ends[0].how.json);
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
    assert_end(&rig, 0, 0, STORE_ANSWERED, SURETY_STOP_COMPLETE, SURETY_OK);
    assert_non_null(rig.ends[0].how.json);
    rig_ask(&rig, "c", &b);
    rig_say(&rig, CORE_CLIENTS, "c", (struct wire_message){.command = WIRE_BYE});
    assert_int_equal(rig.n_ends, 2);
    assert_end(&rig, 1, 1, STORE_CLIENT_GONE, SURETY_STOP_CANCELLED, SURETY_ERR_CANCELLED);
    assert_null(rig.ends[1].how.json); /* nobody wanted it */
    rig_fini(&rig);
}

static void store_is_told_what_the_end_of_the_broker_cut_short(void **state)
{
    struct rig rig;
    start(&rig, 4);
    rig_client(&rig, "d");
    struct surety_request a = rig_request("a", 2), b = rig_request("b", 1), c = rig_request("c", 1);
    rig_ask(&rig, "c", &a);
    rig_ask(&rig, "c", &b);
    rig_ask(&rig, "d", &c);
    rig_output(&rig, "w", rig_find(&rig, "w", WIRE_BATCH, 0), 0, "x"); /* one of two */
    cancel(&rig, "b");
    rig.hold_plans = true;
    rig_output(&rig, "w", rig_find(&rig, "w", WIRE_BATCH, 2), 0, "x"); /* all of c, not yet fed */
    rig_event(&rig, (struct core_event){.kind = CORE_STOP});
    rig_release(&rig);
    assert_int_equal(rig.n_ends, 3);
    assert_end(&rig, 0, 1, STORE_ANSWERED, SURETY_STOP_CANCELLED, SURETY_ERR_CANCELLED);
    assert_non_null(rig.ends[0].how.json);
    bool swapped = rig.ends[1].request == rig.puts[2];
    assert_end(&rig, swapped ? 2 : 1, 0, STORE_BROKER_ENDED, SURETY_STOP_CANCELLED, SURETY_OK);
    assert_end(&rig, swapped ? 1 : 2, 2, STORE_ANSWERED, SURETY_STOP_COMPLETE, SURETY_OK);
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
    event.id = NULL; /* nor does what is no REQUEST end one */
    rig_event(&rig, event);
    assert_string_equal(rig_find(&rig, "c", WIRE_ERROR, 2)->id, "");
    from.bytes[0] = 's';
    event.id = "bad";
    rig_event(&rig, event); /* of a stranger */
    assert_int_equal(rig_find(&rig, "s", WIRE_ERROR, 0)->code, SURETY_ERR_UNSUPPORTED);
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
    rig_output(&rig, "w", rig_find(&rig, "w", WIRE_BATCH, 1), 0, "x");
    request.verifier_model = (char *)"j"; /* and so it is with another model to judge it */
    rig_ask(&rig, "c", &request);
    assert_int_equal(rig_count(&rig, "w", WIRE_BATCH), 3);
    rig_fini(&rig);
}

/* Of one that runs: the same id with another value of any setting is another request. */
static void each_setting_tells_requests_apart(void **state)
{
    for (size_t i = 0; i < settings_count; i++) {
        struct rig rig;
        start(&rig, 0);
        struct surety_request request = rig_request("a", 1);
        rig_ask(&rig, "c", &request);
        rig_ask(&rig, "c", &request);
        assert_int_equal(rig_count(&rig, "c", WIRE_ACCEPTED), 2);
        setting_change(&settings_table[i], &request.settings);
        rig_ask(&rig, "c", &request);
        assert_int_equal(rig_count(&rig, "c", WIRE_ACCEPTED), 2);
        assert_int_equal(rig_find(&rig, "c", WIRE_ERROR, 0)->code, SURETY_ERR_INVALID);
        rig_fini(&rig);
    }
}

/* And so with all else but its id, which makes it another one anyway, and how it is watched. */
static void each_member_tells_requests_apart(void **state)
{
    for (size_t i = 0; i < REQUEST_MEMBERS * 2; i++) {
        const struct request_member *member = &request_members[i / 2];
        struct rig rig;
        start(&rig, 0);
        struct surety_request request = rig_request("a", 1);
        if (i % 2) /* from a value to another; else from none */
            request_change(member, &request);
        rig_ask(&rig, "c", &request);
        assert_int_equal(rig_count(&rig, "c", WIRE_ACCEPTED), 1);
        request_change(member, &request);
        rig_ask(&rig, "c", &request);
        if (rig_count(&rig, "c", WIRE_ERROR) != member->of_content ||
            rig_count(&rig, "c", WIRE_ACCEPTED) != 2u - member->of_content)
            fail_msg("%s", member->name);
        rig_fini(&rig);
    }
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_is_accepted_only_when_the_store_has_it),
        cmocka_unit_test(request_that_the_store_cannot_keep_ends_alone),
        cmocka_unit_test(store_is_told_the_end_of_each_request_once),
        cmocka_unit_test(store_is_told_what_the_end_of_the_broker_cut_short),
        cmocka_unit_test(request_that_ends_while_it_is_stored_does_not_wait_for_the_store),
        cmocka_unit_test(answer_of_the_store_that_comes_twice_starts_nothing_anew),
        cmocka_unit_test(request_runs_samples_then_verifications_to_its_result),
        cmocka_unit_test(invalid_request_is_refused_by_name),
        cmocka_unit_test(bad_profile_fails_the_request_alone),
        cmocka_unit_test(request_beyond_the_window_gets_busy),
        cmocka_unit_test(request_that_cannot_be_read_is_refused_by_name),
        cmocka_unit_test(request_said_twice_runs_once),
        cmocka_unit_test(each_setting_tells_requests_apart),
        cmocka_unit_test(each_member_tells_requests_apart),
        cmocka_unit_test(id_that_is_taken_is_an_error_of_the_connection),
        cmocka_unit_test(cancel_returns_what_there_is_and_frees_the_slots),
    };
    return cmocka_run_group_tests_name("scaler.core_request", tests, NULL, NULL);
}
