#include "tests/unit/scaler/broker/core_rig.h"

#include <stdio.h>
#include <string.h>

#include "base/plain.h"

static const struct core_config defaults = {.heartbeat_ms = 100};

static void worker_silent_for_five_heartbeats_is_lost_and_told(void **state)
{
    struct rig rig;
    rig_init(&rig, &defaults);
    rig_worker(&rig, "w", "m", 4);
    rig_tick(&rig, 500);
    assert_int_equal(rig_count(&rig, "w", WIRE_ERROR), 0);
    rig_tick(&rig, 200);
    const struct rig_sent *e = rig_find(&rig, "w", WIRE_ERROR, 0);
    assert_non_null(e);
    assert_int_equal(e->code, SURETY_ERR_LOST);
    rig_clear(&rig);
    rig_beat(&rig, "w"); /* it lives after all, but must say HELLO */
    assert_int_equal(rig_find(&rig, "w", WIRE_ERROR, 0)->code, SURETY_ERR_LOST);
    rig_worker(&rig, "w", "m", 4);
    assert_int_equal(rig_count(&rig, "w", WIRE_WELCOME), 1);
    rig_fini(&rig);
}

static void broker_that_was_away_blames_nobody(void **state)
{
    struct rig rig;
    rig_init(&rig, &defaults);
    rig_worker(&rig, "w", "m", 4);
    rig_jump(&rig, 60000);
    assert_int_equal(rig_count(&rig, "w", WIRE_ERROR), 0);
    rig_tick(&rig, 700);
    assert_int_equal(rig_count(&rig, "w", WIRE_ERROR), 1);
    rig_fini(&rig);
}

static void stranger_is_told_to_say_hello(void **state)
{
    struct rig rig;
    rig_init(&rig, &defaults);
    struct surety_request request = rig_request("a", 1);
    rig_ask(&rig, "c", &request);
    assert_int_equal(rig_find(&rig, "c", WIRE_ERROR, 0)->code, SURETY_ERR_PROTOCOL);
    rig_fini(&rig);
}

static void malformed_message_of_a_worker_costs_it_its_items(void **state)
{
    struct rig rig;
    rig_init(&rig, &defaults);
    rig_worker(&rig, "w", "m", 4);
    rig_client(&rig, "c");
    struct surety_request request = rig_request("a", 2);
    rig_ask(&rig, "c", &request);
    assert_int_equal(rig_find(&rig, "w", WIRE_BATCH, 0)->n_items, 2);
    struct core_identity from = {.len = 1, .bytes = "w"};
    struct surety_error err = {.code = SURETY_ERR_VERSION, .message = "another version"};
    rig_event(&rig,
              (struct core_event){
                  .kind = CORE_MALFORMED, .side = CORE_WORKERS, .from = &from, .error = &err});
    assert_int_equal(rig_find(&rig, "w", WIRE_ERROR, 0)->code, SURETY_ERR_VERSION);
    rig_worker(&rig, "v", "m", 4);
    assert_int_equal(rig_find(&rig, "v", WIRE_BATCH, 0)->n_items, 2);
    rig_fini(&rig);
}

static void command_that_is_not_known_costs_a_worker_nothing(void **state)
{
    struct rig rig;
    rig_init(&rig, &defaults);
    rig_worker(&rig, "w", "m", 4);
    struct core_identity from = {.len = 1, .bytes = "w"};
    struct surety_error err = {.code = SURETY_ERR_UNSUPPORTED, .message = "not known"};
    rig_event(&rig,
              (struct core_event){
                  .kind = CORE_MALFORMED, .side = CORE_WORKERS, .from = &from, .error = &err});
    assert_int_equal(rig_find(&rig, "w", WIRE_ERROR, 0)->code, SURETY_ERR_UNSUPPORTED);
    rig_clear(&rig);
    rig_beat(&rig, "w");
    assert_int_equal(rig_count(&rig, "w", WIRE_ERROR), 0);
    rig_fini(&rig);
}

static void status_tells_workers_and_requests(void **state)
{
    struct rig rig;
    rig_init(&rig, &defaults);
    rig_worker(&rig, "w", "m", 3);
    rig_client(&rig, "c");
    struct surety_request request = rig_request("a", 5);
    rig_ask(&rig, "c", &request);
    rig_output(&rig, "w", rig_find(&rig, "w", WIRE_BATCH, 0), 0, "x");
    rig_say(&rig, CORE_CLIENTS, "c", (struct wire_message){.command = WIRE_STATUS});
    const struct rig_sent *s = rig_find(&rig, "c", WIRE_STATUS, 0);
    assert_non_null(s);
    assert_string_equal(rig_json(s->text, "counters.items"), "4");
    assert_string_equal(rig_json(s->text, "counters.outputs"), "1");
    assert_non_null(strstr(s->text, "\"busy\":3"));
    assert_non_null(strstr(s->text, "\"state\":\"running\""));
    assert_non_null(strstr(s->text, "\"samples\":{\"done\":1,\"failed\":0,\"k\":5}"));
    assert_null(strstr(s->text, "\"pid\"")); /* this one did not tell */
    assert_null(strstr(s->text, "\"host\""));
    rig_fini(&rig);
}

/* What the new STATUS says of the first worker that it lists. */
static double of_first_worker(struct rig *rig, const char *key)
{
    char wanted[64];
    rig_clear(rig);
    rig_say(rig, CORE_CLIENTS, "c", (struct wire_message){.command = WIRE_STATUS});
    const char *text = rig_find(rig, "c", WIRE_STATUS, 0)->text;
    snprintf(wanted, sizeof wanted, "\"%s\":", key);
    const char *at = strstr(strstr(text, "\"workers\":["), wanted);
    assert_non_null(at);
    return plain_number(at + strlen(wanted), NULL);
}

static void status_tells_where_a_worker_is_and_its_speed(void **state)
{
    struct rig rig;
    rig_init(&rig, &(struct core_config){.heartbeat_ms = 500});
    struct wire_message hello = {.command = WIRE_HELLO};
    hello.hello.worker = true;
    hello.hello.version = (char *)"1";
    hello.hello.origin = (struct wire_origin){4294967295u, (char *)"box", (char *)"left"};
    hello.hello.model = (struct surety_model){
        (char *)"m", (char *)"id", (char *)"fake", (char *)"", (char *)"none", 0, 2, false, false};
    rig_say(&rig, CORE_WORKERS, "w", hello);
    rig_client(&rig, "c");
    struct surety_request request = rig_request("a", 2);
    rig_ask(&rig, "c", &request);
    const struct rig_sent batch = *rig_find(&rig, "w", WIRE_BATCH, 0);
    assert_true(of_first_worker(&rig, "pid") == 4294967295.0);
    rig_say(&rig, CORE_CLIENTS, "c", (struct wire_message){.command = WIRE_STATUS});
    const char *text = rig_find(&rig, "c", WIRE_STATUS, 0)->text;
    assert_non_null(strstr(text, "\"name\":\"left\",\"host\":\"box\""));
    assert_true(of_first_worker(&rig, "tokens_per_s") == 0);
    /* 20 tokens a beat behind the prompt, whatever the guess of its length is */
    for (uint32_t beat = 1; beat <= 40; beat++) {
        struct wire_progress progress = {
            .key = {batch.request, batch.task, batch.items[0].index, batch.items[0].attempt},
            .tokens = 1000 + 20 * beat};
        struct wire_message m = {.command = WIRE_HEARTBEAT,
                                 .heartbeat = {.items = &progress, .n = 1}};
        rig_tick(&rig, 500);
        rig_say(&rig, CORE_WORKERS, "w", m);
    }
    double speed = of_first_worker(&rig, "tokens_per_s");
    assert_true(speed > 38 && speed < 46); /* 40, and part of a beat's at the window's edge */
    rig_jump(&rig, 700);
    assert_true(of_first_worker(&rig, "tokens_per_s") > 30);
    for (int i = 0; i < 25; i++) {
        rig_tick(&rig, 500);
        rig_beat(&rig, "w");
    }
    assert_true(of_first_worker(&rig, "tokens_per_s") == 0);
    rig_fini(&rig);
}

static void models_are_told_once_each_with_the_slots_of_all_workers(void **state)
{
    struct rig rig;
    rig_init(&rig, &defaults);
    rig_client(&rig, "c");
    rig_say(&rig, CORE_CLIENTS, "c", (struct wire_message){.command = WIRE_MODELS});
    assert_string_equal(rig_find(&rig, "c", WIRE_MODELS, 0)->text, "");
    rig_worker(&rig, "w", "m", 3);
    rig_worker(&rig, "x", "other", 1);
    rig_worker(&rig, "v", "m", 2);
    rig_say(&rig, CORE_CLIENTS, "c", (struct wire_message){.command = WIRE_MODELS});
    assert_string_equal(rig_find(&rig, "c", WIRE_MODELS, 1)->text, "m*5 other*1");
    rig_fini(&rig);
}

static void stop_ends_requests_with_what_there_is_and_says_bye(void **state)
{
    struct rig rig;
    rig_init(&rig, &defaults);
    rig_worker(&rig, "w", "m", 4);
    rig_client(&rig, "c");
    rig_client(&rig, "idle");
    struct surety_request request = rig_request("a", 4);
    rig_ask(&rig, "c", &request);
    rig_output(&rig, "w", rig_find(&rig, "w", WIRE_BATCH, 0), 1, "x");
    rig_event(&rig, (struct core_event){.kind = CORE_STOP});
    const struct rig_sent *r = rig_find(&rig, "c", WIRE_RESULT, 0);
    assert_non_null(r);
    assert_string_equal(rig_json(r->text, "stop_reason"), "cancelled");
    assert_string_equal(rig_json(r->text, "effective_votes"), "1");
    assert_int_equal(rig_count(&rig, "w", WIRE_BYE), 1);
    assert_int_equal(rig_count(&rig, "c", WIRE_BYE), 1);
    assert_int_equal(rig_count(&rig, "idle", WIRE_BYE), 1);
    assert_true(rig.ended);
    rig_fini(&rig);
}

static void worker_that_computes_may_be_silent_for_longer(void **state)
{
    struct rig rig;
    rig_init(&rig, &(struct core_config){.heartbeat_ms = 100});
    rig_client(&rig, "c");
    struct surety_request request = rig_request("a", 1);
    rig_ask(&rig, "c", &request);
    rig_worker(&rig, "w", "m", 1);
    rig_tick(&rig, 1900); /* one step of a large model */
    assert_int_equal(rig_count(&rig, "w", WIRE_ERROR), 0);
    rig_tick(&rig, 200);
    assert_int_equal(rig_find(&rig, "w", WIRE_ERROR, 0)->code, SURETY_ERR_LOST);
    rig_fini(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worker_silent_for_five_heartbeats_is_lost_and_told),
        cmocka_unit_test(broker_that_was_away_blames_nobody),
        cmocka_unit_test(stranger_is_told_to_say_hello),
        cmocka_unit_test(malformed_message_of_a_worker_costs_it_its_items),
        cmocka_unit_test(command_that_is_not_known_costs_a_worker_nothing),
        cmocka_unit_test(status_tells_workers_and_requests),
        cmocka_unit_test(status_tells_where_a_worker_is_and_its_speed),
        cmocka_unit_test(models_are_told_once_each_with_the_slots_of_all_workers),
        cmocka_unit_test(stop_ends_requests_with_what_there_is_and_says_bye),
        cmocka_unit_test(worker_that_computes_may_be_silent_for_longer),
    };
    return cmocka_run_group_tests_name("scaler.core", tests, NULL, NULL);
}
