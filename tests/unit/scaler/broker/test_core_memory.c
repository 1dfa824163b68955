/* Unread outputs and plans have a limit; beyond it requests end, never the broker. */
#include "tests/unit/scaler/broker/core_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT ((size_t)1 << 20)

static char *long_text(void)
{
    char *text = malloc(LIMIT / 8 + 1);
    memset(text, 'x', LIMIT / 8);
    text[LIMIT / 8] = '\0';
    return text;
}

static void start(struct rig *rig, uint32_t slots)
{
    rig_init(rig, &(struct core_config){.max_queued_bytes = LIMIT});
    rig_client(rig, "c");
    rig_worker(rig, "w", "m", slots);
}

static void assert_ended_for_memory(const struct rig *rig, const char *id)
{
    const struct rig_sent *r = rig_find(rig, "c", WIRE_RESULT, 0);
    assert_non_null(r);
    assert_string_equal(r->id, id);
    assert_string_equal(rig_json(r->text, "stop_reason"), "failed");
    assert_int_equal(rig->n_ends, 1);
    assert_int_equal(rig->ends[0].how.error.code, SURETY_ERR_LIMIT);
    assert_non_null(strstr(rig->ends[0].how.error.message, "--queue-mib"));
    assert_int_equal(rig_count(rig, "c", WIRE_RESULT), 1);
}

static void ask_and_answer(struct rig *rig, const char *id)
{
    struct surety_request request = rig_request(id, 1);
    rig_clear(rig);
    rig_ask(rig, "c", &request);
    assert_int_equal(rig_count(rig, "c", WIRE_ACCEPTED), 1);
    rig_output(rig, "w", rig_find(rig, "w", WIRE_BATCH, 0), 0, "x");
    assert_int_equal(rig_count(rig, "c", WIRE_RESULT), 1);
    assert_string_equal(rig_json(rig_find(rig, "c", WIRE_RESULT, 0)->text, "stop_reason"),
                        "complete");
}

/* held: the pool does not come to read, so the outputs wait; else the plan keeps them. */
static void flood(bool held)
{
    struct rig rig;
    start(&rig, 32);
    struct surety_request small = rig_request("small", 1), large = rig_request("large", 30);
    rig_ask(&rig, "c", &small);
    rig_ask(&rig, "c", &large);
    const struct rig_sent *batch = rig_find(&rig, "w", WIRE_BATCH, 1);
    assert_int_equal(batch->n_items, 30);
    rig.hold_plans = held;
    char *text = long_text();
    size_t n = 0;
    for (; n < 30 && rig_count(&rig, "w", WIRE_CANCEL) == 0; n++)
        rig_output(&rig, "w", batch, n, text);
    free(text);
    assert_in_range(n, 7, 9); /* eight of them are the limit */
    rig.hold_plans = false;
    rig_release(&rig);
    assert_ended_for_memory(&rig, "large");
    rig_output(&rig, "w", rig_find(&rig, "w", WIRE_BATCH, 0), 0, "x"); /* the other one goes on */
    assert_int_equal(rig_count(&rig, "c", WIRE_RESULT), 2);
    ask_and_answer(&rig, "next");
    rig_fini(&rig);
}

static void unread_outputs_end_the_request_that_holds_them(void **state)
{
    flood(true);
}

static void plan_that_grows_ends_its_request(void **state)
{
    flood(false);
}

static void request_is_refused_before_it_would_end_another(void **state)
{
    struct rig rig;
    start(&rig, 32);
    struct surety_request large = rig_request("large", 30), late = rig_request("late", 1);
    rig_ask(&rig, "c", &large);
    char *text = long_text();
    for (size_t i = 0; i < 6; i++)
        rig_output(&rig, "w", rig_find(&rig, "w", WIRE_BATCH, 0), i, text);
    free(text);
    assert_int_equal(rig_count(&rig, "w", WIRE_CANCEL), 0);
    rig_ask(&rig, "c", &late);
    assert_int_equal(rig_find(&rig, "c", WIRE_ERROR, 0)->code, SURETY_ERR_BUSY);
    for (size_t i = 6; i < 30; i++)
        rig_output(&rig, "w", rig_find(&rig, "w", WIRE_BATCH, 0), i, "x");
    assert_string_equal(rig_json(rig_find(&rig, "c", WIRE_RESULT, 0)->text, "stop_reason"),
                        "complete");
    ask_and_answer(&rig, "late");
    rig_fini(&rig);
}

/* Results pile up for a client that takes none; it is lost before others have no room. */
static void client_that_reads_nothing_is_lost_and_nobody_else(void **state)
{
    struct rig rig;
    rig_init(&rig, &(struct core_config){.max_queued_bytes = LIMIT / 16, .notes = true});
    rig_worker(&rig, "w", "m", 32);
    rig_client(&rig, "deaf");
    rig_client(&rig, "c");
    snprintf(rig.fail_peer, sizeof rig.fail_peer, "deaf");
    rig.fail_how = CORE_SENT_FULL;
    int asked = 0;
    for (; asked < 60 && rig.notes[rig.n_notes - 1].what != NOTE_CLIENT_LOST; asked++) {
        char id[8];
        snprintf(id, sizeof id, "%d", asked);
        struct surety_request request = rig_request(id, 1);
        rig_clear(&rig);
        rig_ask(&rig, "deaf", &request);
        if (rig_count(&rig, "w", WIRE_BATCH))
            rig_output(&rig, "w", rig_find(&rig, "w", WIRE_BATCH, 0), 0, "x");
        rig_beat(&rig, "w");
        rig_tick(&rig, 50);
    }
    assert_in_range(asked, 2, 50); /* 512 messages would be too many in any case */
    assert_int_equal(rig_count(&rig, "c", WIRE_ERROR), 0);
    ask_and_answer(&rig, "mine");
    rig_fini(&rig);
}

/* What the sockets hold is held, too. */
static void unsent_bytes_count(void **state)
{
    struct rig rig;
    start(&rig, 1);
    rig.unsent_bytes = LIMIT;
    struct surety_request request = rig_request("a", 1);
    rig_ask(&rig, "c", &request);
    assert_int_equal(rig_find(&rig, "c", WIRE_ERROR, 0)->code, SURETY_ERR_BUSY);
    rig.unsent_bytes = 0;
    ask_and_answer(&rig, "b");
    rig_fini(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unread_outputs_end_the_request_that_holds_them),
        cmocka_unit_test(plan_that_grows_ends_its_request),
        cmocka_unit_test(request_is_refused_before_it_would_end_another),
        cmocka_unit_test(client_that_reads_nothing_is_lost_and_nobody_else),
        cmocka_unit_test(unsent_bytes_count),
    };
    return cmocka_run_group_tests_name("scaler.core_memory", tests, NULL, NULL);
}
