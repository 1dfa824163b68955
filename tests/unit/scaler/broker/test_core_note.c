#include "tests/unit/scaler/broker/core_rig.h"

#include <string.h>

static const struct core_config noted = {.heartbeat_ms = 100, .notes = true};

static void expect_note(const struct rig *rig, size_t n, enum core_noted what, const char *texts)
{
    assert_in_range(n, 0, rig->n_notes - 1);
    assert_int_equal(rig->notes[n].what, what);
    assert_string_equal(rig->note_texts[n], texts);
}

static void say_bye(struct rig *rig, enum core_side side, const char *peer)
{
    rig_say(rig, side, peer, (struct wire_message){.command = WIRE_BYE});
}

static void joins_and_byes_are_noted(void **state)
{
    struct rig rig;
    rig_init(&rig, &noted);
    rig_worker(&rig, "w", "m", 4);
    rig_client(&rig, "c");
    rig_client(&rig, "c"); /* it only asks again */
    say_bye(&rig, CORE_WORKERS, "w");
    say_bye(&rig, CORE_CLIENTS, "c");
    say_bye(&rig, CORE_CLIENTS, "c");
    assert_int_equal(rig.n_notes, 4);
    expect_note(&rig, 0, NOTE_WORKER_JOINED, "- - -");
    assert_int_equal(rig.notes[0].slots, 4);
    expect_note(&rig, 1, NOTE_CLIENT_JOINED, "- - -");
    expect_note(&rig, 2, NOTE_WORKER_LEFT, "- - -");
    assert_true(rig.notes[2].worker == rig.notes[0].worker && rig.notes[0].worker);
    expect_note(&rig, 3, NOTE_CLIENT_LEFT, "- - -");
    assert_true(rig.notes[3].client == rig.notes[1].client && rig.notes[1].client);
    rig_say(&rig, CORE_CLIENTS, "d",
            (struct wire_message){.command = WIRE_HELLO, .hello.version = (char *)"1"});
    rig_say(&rig, CORE_CLIENTS, "d", (struct wire_message){.command = WIRE_STATUS});
    assert_string_equal(
        rig_json(rig_find(&rig, "d", WIRE_STATUS, 0)->text, "counters.workers_lost"), "0");
    rig_fini(&rig);
}

static void each_loss_of_a_worker_says_why(void **state)
{
    struct rig rig;
    rig_init(&rig, &noted);
    rig_worker(&rig, "w", "m", 4);
    rig_worker(&rig, "w", "m", 4);
    expect_note(&rig, 1, NOTE_WORKER_LOST, "- - it said HELLO again: it holds nothing");
    rig_tick(&rig, 700);
    expect_note(&rig, 3, NOTE_WORKER_LOST, "- - no heartbeat came for too long: say HELLO");
    rig_worker(&rig, "w", "m", 4);
    const struct core_identity from = {.len = 1, .bytes = "w"};
    struct surety_error error;
    surety_fail(&error, SURETY_ERR_PROTOCOL, "key 'x' is missing");
    rig_event(&rig,
              (struct core_event){
                  .kind = CORE_MALFORMED, .side = CORE_WORKERS, .from = &from, .error = &error});
    expect_note(&rig, 5, NOTE_WORKER_LOST, "- - key 'x' is missing");
    rig_worker(&rig, "w", "m", 4);
    rig.fail_peer[0] = 'w';
    rig.fail_how = CORE_SENT_GONE;
    rig_tick(&rig, 200);
    expect_note(&rig, 7, NOTE_WORKER_LOST, "- - its connection has ended, or it reads nothing");
    assert_int_equal(rig.n_notes, 8);
    rig_fini(&rig);
}

static void requests_are_noted_from_acceptance_to_their_end(void **state)
{
    struct rig rig;
    rig_init(&rig, &noted);
    rig_worker(&rig, "w", "m", 4);
    rig_client(&rig, "c");
    struct surety_request request = rig_request("a", 2);
    rig_ask(&rig, "c", &request);
    expect_note(&rig, 2, NOTE_REQUEST_ACCEPTED, "a - -");
    assert_int_equal(rig.notes[2].k, 2);
    const struct rig_sent batch = *rig_find(&rig, "w", WIRE_BATCH, 0);
    rig_jump(&rig, 30);
    rig_output(&rig, "w", &batch, 0, "x");
    rig_output(&rig, "w", &batch, 1, "x");
    while (!rig_count(&rig, "c", WIRE_RESULT)) { /* what the plan wants verified */
        const struct rig_sent more =
            *rig_find(&rig, "w", WIRE_BATCH, rig_count(&rig, "w", WIRE_BATCH) - 1);
        for (size_t i = 0; i < more.n_items; i++)
            rig_output(&rig, "w", &more, i, "x");
    }
    expect_note(&rig, 3, NOTE_REQUEST_ENDED, "a complete -");
    assert_int_equal(rig.notes[3].ms, 30);
    assert_true(rig.notes[3].tokens > 0);
    assert_true(rig.notes[3].request == rig.notes[2].request);
    request.id = (char *)"b";
    rig_ask(&rig, "c", &request);
    say_bye(&rig, CORE_CLIENTS, "c");
    expect_note(&rig, 5, NOTE_CLIENT_LEFT, "- - -");
    expect_note(&rig, 6, NOTE_REQUEST_ENDED, "b cancelled the client is gone");
    assert_int_equal(rig.n_notes, 7);
    rig_fini(&rig);
}

/* Each line about an end has one about a beginning. */
static void requests_that_are_not_accepted_are_noted_as_refused(void **state)
{
    struct rig rig;
    rig_init(&rig, &(struct core_config){.heartbeat_ms = 100, .notes = true, .window = 1});
    rig_client(&rig, "c");
    struct surety_request request = rig_request("a", 2);
    request.settings.k = 0;
    rig_ask(&rig, "c", &request);
    assert_int_equal(rig.notes[1].what, NOTE_REQUEST_REFUSED);
    assert_memory_equal(rig.note_texts[1], "a - ", 4);
    assert_non_null(strstr(rig.note_texts[1], "must be"));
    request.settings.k = 2;
    rig_ask(&rig, "c", &request);
    expect_note(&rig, 2, NOTE_REQUEST_ACCEPTED, "a - -");
    request.id = (char *)"b";
    rig_ask(&rig, "c", &request);
    expect_note(&rig, 3, NOTE_REQUEST_REFUSED,
                "b - 1 requests of this client are in flight; wait for a result");
    assert_true(rig.notes[3].client == rig.notes[2].client);
    request.id = (char *)"a";
    request.settings.k = 3;
    rig_ask(&rig, "c", &request);
    expect_note(&rig, 4, NOTE_REQUEST_REFUSED,
                "a - the id 'a' is taken by a request that still runs");
    const struct core_identity from = {.len = 1, .bytes = "c"};
    struct surety_error error;
    surety_fail(&error, SURETY_ERR_UNSUPPORTED, "the key 'x' is not known");
    rig_event(&rig, (struct core_event){.kind = CORE_MALFORMED,
                                        .side = CORE_CLIENTS,
                                        .from = &from,
                                        .error = &error,
                                        .id = "m"});
    expect_note(&rig, 5, NOTE_REQUEST_REFUSED, "m - the key 'x' is not known");
    assert_int_equal(rig.n_notes, 6);
    rig_fini(&rig);
}

static void request_that_ends_while_it_is_stored_is_noted_as_refused(void **state)
{
    struct rig rig;
    rig_init(&rig, &noted);
    rig.hold_store = true;
    rig_client(&rig, "c");
    struct surety_request request = rig_request("a", 2);
    rig_ask(&rig, "c", &request);
    say_bye(&rig, CORE_CLIENTS, "c");
    expect_note(&rig, 1, NOTE_CLIENT_LEFT, "- - -");
    expect_note(&rig, 2, NOTE_REQUEST_REFUSED, "a - the client is gone");
    assert_int_equal(rig.n_notes, 3);
    rig_fini(&rig);
}

static void nothing_is_noted_unasked(void **state)
{
    struct rig rig;
    rig_init(&rig, &(struct core_config){.heartbeat_ms = 100});
    rig_worker(&rig, "w", "m", 4);
    rig_client(&rig, "c");
    rig_tick(&rig, 700);
    assert_int_equal(rig.n_notes, 0);
    rig_fini(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joins_and_byes_are_noted),
        cmocka_unit_test(each_loss_of_a_worker_says_why),
        cmocka_unit_test(requests_are_noted_from_acceptance_to_their_end),
        cmocka_unit_test(requests_that_are_not_accepted_are_noted_as_refused),
        cmocka_unit_test(request_that_ends_while_it_is_stored_is_noted_as_refused),
        cmocka_unit_test(nothing_is_noted_unasked),
    };
    return cmocka_run_group_tests_name("scaler.broker.core_note", tests, NULL, NULL);
}
