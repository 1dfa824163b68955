#include "tests/unit/scaler/broker/core_rig.h"

#include <stdio.h>
#include <string.h>

/* A request of two samples and their verdicts, whose deadline comes after 150 ms. */
static void start(struct rig *rig, bool worker, bool hold_store, bool hold_plans)
{
    rig_init(rig, &(struct core_config){.heartbeat_ms = 100});
    rig_client(rig, "c");
    if (worker)
        rig_worker(rig, "w", "m", 4);
    rig->hold_store = hold_store;
    rig->hold_plans = hold_plans;
    struct surety_request request = rig_request("a", 2);
    request.settings.verify = SURETY_VERIFY_EACH;
    request.deadline_ms = 150;
    rig_ask(rig, "c", &request);
}

/* Checks the state that STATUS tells, then lets the deadline strike in it. */
static void strike(struct rig *rig, const char *name)
{
    char state[32];
    snprintf(state, sizeof state, "\"state\":\"%s\"", name);
    rig_say(rig, CORE_CLIENTS, "c", (struct wire_message){.command = WIRE_STATUS});
    assert_non_null(strstr(rig_find(rig, "c", WIRE_STATUS, 0)->text, state));
    rig_tick(rig, 149);
    assert_int_equal(rig_count(rig, "c", WIRE_RESULT), 0);
    rig_tick(rig, 1);
    rig_release(rig);
    assert_int_equal(rig_count(rig, "c", WIRE_RESULT), 1);
}

static const char *result(struct rig *rig, const char *key)
{
    return rig_json(rig_find(rig, "c", WIRE_RESULT, 0)->text, key);
}

static void deadline_while_storing_says_that_it_was_not_stored(void **state)
{
    struct rig rig;
    start(&rig, true, true, false);
    strike(&rig, "storing");
    assert_string_equal(result(&rig, "stop_reason"), "deadline");
    assert_string_equal(result(&rig, "error.code"), "deadline_exceeded");
    assert_string_equal(result(&rig, "error.message"),
                        "the deadline passed before the broker had stored the request");
    assert_int_equal(rig_count(&rig, "w", WIRE_BATCH), 0);
    rig_fini(&rig);
}

static void deadline_while_waiting_says_that_no_worker_came(void **state)
{
    struct rig rig;
    start(&rig, false, false, false);
    strike(&rig, "waiting");
    assert_string_equal(result(&rig, "stop_reason"), "deadline");
    assert_string_equal(result(&rig, "error.code"), "unreachable");
    assert_string_equal(result(&rig, "error.message"),
                        "the deadline passed and no worker had come that serves this request");
    rig_fini(&rig);
}

static void deadline_while_planning_says_that_the_broker_is_busy(void **state)
{
    struct rig rig;
    start(&rig, true, false, true);
    strike(&rig, "planning");
    assert_string_equal(result(&rig, "stop_reason"), "deadline");
    assert_string_equal(result(&rig, "error.code"), "deadline_exceeded");
    assert_string_equal(result(&rig, "error.message"),
                        "the deadline passed before the request was planned: the broker is busy");
    assert_int_equal(rig_count(&rig, "w", WIRE_BATCH), 0);
    rig_fini(&rig);
}

static void deadline_while_sampling_says_that_no_sample_was_finished(void **state)
{
    struct rig rig;
    start(&rig, true, false, false);
    strike(&rig, "running");
    assert_string_equal(result(&rig, "stop_reason"), "deadline");
    assert_string_equal(result(&rig, "error.code"), "deadline_exceeded");
    assert_string_equal(result(&rig, "error.message"),
                        "the deadline passed before any sample was finished");
    rig_fini(&rig);
}

static void deadline_while_judging_gives_the_answer_so_far_without_an_error(void **state)
{
    struct rig rig;
    start(&rig, true, false, false);
    rig_output(&rig, "w", rig_find(&rig, "w", WIRE_BATCH, 0), 0, "x");
    rig_output(&rig, "w", rig_find(&rig, "w", WIRE_BATCH, 0), 1, "x");
    strike(&rig, "running");
    assert_string_equal(result(&rig, "stop_reason"), "deadline");
    assert_string_equal(result(&rig, "error.message"), "");
    assert_string_equal(result(&rig, "effective_votes"), "2");
    rig_fini(&rig);
}

static void deadline_while_ending_changes_nothing(void **state)
{
    struct rig rig;
    start(&rig, true, false, false);
    rig.hold_plans = true;
    rig_say(&rig, CORE_CLIENTS, "c",
            (struct wire_message){.command = WIRE_CANCEL, .cancel.id = (char *)"a"});
    strike(&rig, "ending");
    assert_string_equal(result(&rig, "stop_reason"), "cancelled");
    assert_string_equal(result(&rig, "error.message"), "cancelled by the client");
    rig_fini(&rig);
}

static void deadline_runs_from_acceptance(void **state)
{
    struct rig rig;
    start(&rig, true, true, false);
    rig_tick(&rig, 100);
    rig_release(&rig);
    assert_int_equal(rig_count(&rig, "c", WIRE_ACCEPTED), 1);
    rig_tick(&rig, 149);
    assert_int_equal(rig_count(&rig, "c", WIRE_RESULT), 0);
    rig_tick(&rig, 1);
    assert_int_equal(rig_count(&rig, "c", WIRE_RESULT), 1);
    rig_fini(&rig);
}

static void start_idle(struct rig *rig, uint32_t slots)
{
    rig_init(rig, &(struct core_config){.heartbeat_ms = 100});
    rig_client(rig, "c");
    if (slots)
        rig_worker(rig, "w", "m", slots);
}

static void feeds_wait_for_each_other_and_go_together(void **state)
{
    struct rig rig;
    start_idle(&rig, 4);
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

static void deadline_returns_the_best_so_far(void **state)
{
    struct rig rig;
    start_idle(&rig, 2);
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

/* Asks for k samples with verification at a worker with as many slots; the BATCH of the samples. */
static struct rig_sent start_verified(struct rig *rig, uint32_t k, int64_t deadline_ms,
                                      int64_t budget_tokens)
{
    start_idle(rig, k);
    struct surety_request request = rig_request("a", k);
    request.settings.verify = SURETY_VERIFY_EACH;
    request.deadline_ms = deadline_ms;
    request.budget_tokens = budget_tokens;
    rig_ask(rig, "c", &request);
    return *rig_find(rig, "w", WIRE_BATCH, 0);
}

/* Outputs for all verifications; how many there were. */
static size_t verify_all(struct rig *rig)
{
    size_t n = 0;
    for (size_t i = 0; i < rig_count(rig, "w", WIRE_BATCH); i++) {
        const struct rig_sent batch = *rig_find(rig, "w", WIRE_BATCH, i);
        for (size_t j = 0; batch.task && j < batch.n_items; j++, n++)
            rig_output(rig, "w", &batch, j, "VALID");
    }
    return n;
}

static void assert_ended(const struct rig *rig, const char *stop, const char *votes)
{
    const struct rig_sent *r = rig_find(rig, "c", WIRE_RESULT, 0);
    assert_non_null(r);
    assert_string_equal(rig_json(r->text, "stop_reason"), stop);
    assert_string_equal(rig_json(r->text, "effective_votes"), votes);
    assert_string_equal(rig_json(r->text, "error.code"), "");
}

static void deadline_keeps_a_quarter_for_verification(void **state)
{
    struct rig rig;
    const struct rig_sent batch = start_verified(&rig, 6, 400, 0);
    rig_output(&rig, "w", &batch, 1, "x");
    rig_output(&rig, "w", &batch, 4, "x");
    rig_tick(&rig, 299);
    assert_int_equal(rig_count(&rig, "w", WIRE_CANCEL), 0);
    rig_tick(&rig, 1);
    const struct rig_sent *cancel = rig_find(&rig, "w", WIRE_CANCEL, 0);
    assert_non_null(cancel);
    assert_int_equal(cancel->n_items, 4);
    rig_output(&rig, "w", &batch, 0, "late");
    for (size_t i = 2; i < 6; i++)
        if (i != 4)
            rig_failure(&rig, "w", &batch, i, SURETY_ERR_CANCELLED);
    assert_int_equal(rig_count(&rig, "c", WIRE_RESULT), 0);
    assert_int_equal(verify_all(&rig), 2);
    assert_ended(&rig, "deadline", "2");
    rig_fini(&rig);
}

static void deadline_leaves_sampling_alone_until_there_is_a_vote(void **state)
{
    struct rig rig;
    const struct rig_sent batch = start_verified(&rig, 4, 400, 0);
    rig_output(&rig, "w", &batch, 0, "x");
    rig_tick(&rig, 320);
    assert_int_equal(rig_count(&rig, "w", WIRE_CANCEL), 0);
    rig_output(&rig, "w", &batch, 1, "x");
    assert_int_equal(rig_find(&rig, "w", WIRE_CANCEL, 0)->n_items, 2);
    rig_tick(&rig, 80); /* and who is not verified in time is not waited for */
    assert_ended(&rig, "deadline", "2");
    rig_fini(&rig);
}

static void budget_keeps_a_quarter_for_verification(void **state)
{
    struct rig rig;
    const struct rig_sent batch = start_verified(&rig, 8, 0, 24); /* an output costs 5 */
    for (size_t i = 0; i < 3; i++)
        rig_output(&rig, "w", &batch, i, "x");
    assert_int_equal(rig_count(&rig, "w", WIRE_CANCEL), 0);
    rig_output(&rig, "w", &batch, 3, "x"); /* 20 of 24 */
    assert_int_equal(rig_find(&rig, "w", WIRE_CANCEL, 0)->n_items, 4);
    for (size_t i = 4; i < 8; i++)
        rig_failure(&rig, "w", &batch, i, SURETY_ERR_CANCELLED);
    assert_int_equal(rig_count(&rig, "c", WIRE_RESULT), 0);
    rig_output(&rig, "w", rig_find(&rig, "w", WIRE_BATCH, 1), 0, "VALID");
    assert_ended(&rig, "budget", "4");
    rig_fini(&rig);
}

static void limits_keep_nothing_where_nothing_is_verified_or_all_has_come(void **state)
{
    for (int done = 0; done < 2; done++) {
        struct rig rig;
        struct surety_request request = rig_request("a", 4);
        start_idle(&rig, 4);
        request.settings.verify = done ? SURETY_VERIFY_EACH : SURETY_VERIFY_NONE;
        request.deadline_ms = 400;
        rig_ask(&rig, "c", &request);
        const struct rig_sent batch = *rig_find(&rig, "w", WIRE_BATCH, 0);
        for (size_t i = 0; i < (done ? 4 : 3); i++)
            rig_output(&rig, "w", &batch, i, "x");
        rig_tick(&rig, 399);
        assert_int_equal(rig_count(&rig, "w", WIRE_CANCEL), 0);
        verify_all(&rig);
        rig_tick(&rig, 1);
        assert_ended(&rig, done ? "complete" : "deadline", done ? "4" : "3");
        rig_fini(&rig);
    }
}

static void budget_counts_outputs_and_what_runs(void **state)
{
    struct rig rig;
    start_idle(&rig, 4);
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

static void budget_of_a_prompt_whose_length_is_not_known_counts_what_is_surely_beyond(void **state)
{
    struct rig rig;
    start_idle(&rig, 1);
    struct surety_request request = rig_request("a", 1);
    request.budget_tokens = 5;
    rig_ask(&rig, "c", &request);
    struct wire_progress p = {.key = {rig_find(&rig, "w", WIRE_BATCH, 0)->request, 0, 0, 0}};
    struct wire_message beat = {.command = WIRE_HEARTBEAT, .heartbeat = {.items = &p, .n = 1}};
    p.tokens = 80; /* the 14 bytes of the prompt, and a template */
    rig_say(&rig, CORE_WORKERS, "w", beat);
    assert_int_equal(rig_count(&rig, "c", WIRE_RESULT), 0);
    p.tokens = 200;
    rig_say(&rig, CORE_WORKERS, "w", beat);
    assert_int_equal(rig_count(&rig, "c", WIRE_RESULT), 1);
    rig_fini(&rig);
}

static void limit_reached_by_the_last_output_leaves_the_result_complete(void **state)
{
    struct rig rig;
    start_idle(&rig, 2);
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

static void progress_comes_only_if_wanted_and_not_too_often(void **state)
{
    struct rig rig;
    start_idle(&rig, 40);
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

/* A deadline strikes while a job is out: it is told to hurry, and the last one too in its time. */
static void deadline_hurries_the_jobs_of_its_request(void **state)
{
    struct rig rig;
    rig_init(&rig, &(struct core_config){.heartbeat_ms = 100});
    rig_client(&rig, "c");
    rig_worker(&rig, "w", "m", 4);
    struct surety_request request = rig_request("a", 4);
    request.deadline_ms = 150;
    rig_ask(&rig, "c", &request);
    rig.hold_plans = true;
    rig_output(&rig, "w", rig_find(&rig, "w", WIRE_BATCH, 0), 0, "x");
    assert_int_equal(rig.n_held_jobs, 1);
    rig_tick(&rig, 149);
    assert_int_equal(rig.hurried, 0);
    rig_tick(&rig, 1);
    assert_int_equal(rig.hurried, rig.puts[0]);
    rig.hurried = 0;
    struct plan_job *feed = rig.held_jobs[0];
    rig.n_held_jobs = 0;
    plan_job_run(feed);
    rig_event(&rig, (struct core_event){.kind = CORE_PLAN_SAYS, .job = feed});
    assert_int_equal(rig.n_held_jobs, 1); /* that of the result */
    rig_tick(&rig, 249);
    assert_int_equal(rig.hurried, 0);
    rig_tick(&rig, 1);
    assert_int_equal(rig.hurried, rig.puts[0]);
    rig_release(&rig);
    assert_int_equal(rig_count(&rig, "c", WIRE_RESULT), 1);
    rig_fini(&rig);
}

/* What making a snapshot took decides when the next one comes; what is slow is marked so. */
static void progress_that_was_dear_comes_less_often(void **state)
{
    struct rig rig;
    rig_init(&rig, &(struct core_config){.heartbeat_ms = 100});
    rig_client(&rig, "c");
    rig_worker(&rig, "w", "m", 8);
    struct surety_request request = rig_request("a", 8);
    request.progress = true;
    rig_ask(&rig, "c", &request);
    const struct rig_sent batch = *rig_find(&rig, "w", WIRE_BATCH, 0);
    rig.hold_plans = true;
    rig_output(&rig, "w", &batch, 0, "x");
    struct plan_job *read = rig.held_jobs[0]; /* first, so that there is something to tell */
    assert_int_equal(read->result, PLAN_JOB_NO_RESULT);
    assert_int_equal(read->n_outputs, 1);
    plan_job_run(read);
    rig.n_held_jobs = 0;
    rig_event(&rig, (struct core_event){.kind = CORE_PLAN_SAYS, .job = read});
    struct plan_job *look = rig.held_jobs[0];
    assert_int_equal(look->result, PLAN_JOB_SNAPSHOT);
    assert_int_equal(look->n_outputs, 0);
    rig.hold_plans = false;
    rig.n_held_jobs = 0;
    plan_job_run(look);
    look->took_us = 30000;
    rig_event(&rig, (struct core_event){.kind = CORE_PLAN_SAYS, .job = look});
    assert_int_equal(rig_count(&rig, "c", WIRE_PROGRESS), 1);
    rig_output(&rig, "w", &batch, 1, "x");
    rig_beat(&rig, "w");
    rig_tick(&rig, 1400);
    rig_beat(&rig, "w");
    rig_tick(&rig, 1500);
    assert_int_equal(rig_count(&rig, "c", WIRE_PROGRESS), 1);
    rig_beat(&rig, "w");
    rig_tick(&rig, 200);
    assert_int_equal(rig_count(&rig, "c", WIRE_PROGRESS), 2);
    rig_fini(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deadline_while_storing_says_that_it_was_not_stored),
        cmocka_unit_test(deadline_while_waiting_says_that_no_worker_came),
        cmocka_unit_test(deadline_while_planning_says_that_the_broker_is_busy),
        cmocka_unit_test(deadline_while_sampling_says_that_no_sample_was_finished),
        cmocka_unit_test(deadline_while_judging_gives_the_answer_so_far_without_an_error),
        cmocka_unit_test(deadline_while_ending_changes_nothing),
        cmocka_unit_test(deadline_runs_from_acceptance),
        cmocka_unit_test(feeds_wait_for_each_other_and_go_together),
        cmocka_unit_test(deadline_returns_the_best_so_far),
        cmocka_unit_test(deadline_keeps_a_quarter_for_verification),
        cmocka_unit_test(deadline_leaves_sampling_alone_until_there_is_a_vote),
        cmocka_unit_test(budget_keeps_a_quarter_for_verification),
        cmocka_unit_test(limits_keep_nothing_where_nothing_is_verified_or_all_has_come),
        cmocka_unit_test(budget_counts_outputs_and_what_runs),
        cmocka_unit_test(budget_of_a_prompt_whose_length_is_not_known_counts_what_is_surely_beyond),
        cmocka_unit_test(limit_reached_by_the_last_output_leaves_the_result_complete),
        cmocka_unit_test(progress_comes_only_if_wanted_and_not_too_often),
        cmocka_unit_test(deadline_hurries_the_jobs_of_its_request),
        cmocka_unit_test(progress_that_was_dear_comes_less_often),
    };
    return cmocka_run_group_tests_name("scaler.core_state", tests, NULL, NULL);
}
