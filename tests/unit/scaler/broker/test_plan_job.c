#include "tests/unit/scaler/broker/core_rig.h"

#include <stdlib.h>
#include <string.h>

static const struct surety_model model = {
    (char *)"m", (char *)"id", (char *)"fake", (char *)"instruct", (char *)"class-1", 0,
    4,           false,        false};

/* A job that came back; the caller frees it. */
static struct plan_job *run(int kind, struct plan *plan, const struct surety_request *wanted,
                            const struct surety_output *outputs, size_t n)
{
    struct plan_job *job = plan_job_create(7, kind);
    assert_non_null(job);
    job->plan = plan;
    job->wanted = wanted;
    job->model = &model;
    for (size_t i = 0; i < n; i++)
        assert_int_equal(plan_job_add(job, 0, &outputs[i]), SURETY_OK);
    plan_job_run(job);
    return job;
}

static struct plan *plan_of(const struct surety_request *wanted)
{
    struct plan_job *job = run(PLAN_JOB_CREATE, NULL, wanted, NULL, 0);
    struct plan *plan = job->plan;
    assert_non_null(plan);
    plan_job_free(job);
    return plan;
}

/* The result so far, or for good. */
static char *result(struct plan *plan, const struct surety_request *wanted, enum surety_stop stop,
                    const char *why, bool moved)
{
    struct plan_job *job = plan_job_create(7, PLAN_JOB_FEED);
    job->plan = plan;
    job->wanted = wanted;
    job->result = PLAN_JOB_FINAL;
    job->stop = stop;
    job->not_reproducible = moved;
    if (why)
        surety_fail(&job->why, SURETY_ERR_DEADLINE, "%s", why);
    plan_job_run(job);
    assert_int_equal(job->error.code, SURETY_OK);
    char *json = strdup(job->json);
    plan_job_free(job);
    return json;
}

static void create_makes_a_plan_and_gives_out_its_tasks(void **state)
{
    struct surety_request wanted = rig_request("a", 3);
    struct plan_job *job = run(PLAN_JOB_CREATE, NULL, &wanted, NULL, 0);
    assert_int_equal(job->error.code, SURETY_OK);
    assert_non_null(job->plan);
    assert_int_equal(job->n_tasks, 1);
    assert_int_equal(job->tasks[0]->n_items, 3);
    assert_false(job->done);
    assert_null(job->json); /* nobody asked for a result */
    plan_free(job->plan);
    plan_job_free(job);
}

static void create_that_fails_says_why_and_leaves_no_plan(void **state)
{
    struct surety_request wanted = rig_request("a", 3);
    wanted.profile = (char *)"bad";
    struct plan_job *job = run(PLAN_JOB_CREATE, NULL, &wanted, NULL, 0);
    assert_int_equal(job->error.code, SURETY_ERR_PARSE);
    assert_null(job->plan);
    assert_int_equal(job->n_tasks, 0);
    plan_job_free(job);
}

static void feed_takes_up_all_outputs_and_gives_out_what_follows(void **state)
{
    struct surety_request wanted = rig_request("a", 2);
    wanted.settings.verify = SURETY_VERIFY_EACH;
    struct plan *plan = plan_of(&wanted);
    char text[] = "x";
    struct surety_output outputs[] = {{.index = 0, .text = text}, {.index = 1, .text = text}};
    struct plan_job *job = run(PLAN_JOB_FEED, plan, &wanted, outputs, 2);
    assert_int_equal(job->n_tasks, 2);
    assert_int_equal(job->tasks[0]->stage, SURETY_STAGE_VERIFY);
    assert_false(job->done);
    plan_job_free(job);
    plan_free(plan);
}

static void feed_of_the_last_output_is_the_end(void **state)
{
    struct surety_request wanted = rig_request("a", 1);
    struct plan *plan = plan_of(&wanted);
    struct surety_output output = {.index = 0, .text = (char *)"x"};
    struct plan_job *job = run(PLAN_JOB_FEED, plan, &wanted, &output, 1);
    assert_true(job->done);
    assert_int_equal(job->n_tasks, 0);
    plan_job_free(job);
    plan_free(plan);
}

static void add_copies_the_text(void **state)
{
    char text[] = "x";
    struct plan_job *job = plan_job_create(7, PLAN_JOB_FEED);
    for (uint32_t i = 0; i < 20; i++) {
        text[0] = (char)('a' + i);
        assert_int_equal(plan_job_add(job, i, &(struct surety_output){.index = i, .text = text}),
                         SURETY_OK);
    }
    assert_int_equal(job->n_outputs, 20);
    for (uint32_t i = 0; i < 20; i++) {
        assert_int_equal(job->outputs[i].task, i);
        assert_int_equal(job->outputs[i].output.text[0], 'a' + (int)i);
    }
    assert_int_equal(plan_job_add(job, 0, &(struct surety_output){.finish = SURETY_FINISH_ERROR}),
                     SURETY_OK);
    assert_string_equal(job->outputs[20].output.text, "");
    plan_job_free(job);
}

static void result_without_a_plan_is_empty_and_says_why(void **state)
{
    struct surety_request wanted = rig_request("a", 3);
    wanted.model_name = (char *)"asked for";
    char *json = result(NULL, &wanted, SURETY_STOP_DEADLINE, "too late", false);
    assert_string_equal(rig_json(json, "id"), "a");
    assert_string_equal(rig_json(json, "stop_reason"), "deadline");
    assert_string_equal(rig_json(json, "error.message"), "too late");
    assert_string_equal(rig_json(json, "run.model"), "asked for");
    assert_string_equal(rig_json(json, "run.repro"), "none");
    assert_string_equal(rig_json(json, "run.reproducible"), "false");
    assert_string_equal(rig_json(json, "run.k"), "3");
    assert_string_equal(rig_json(json, "run.gamma"), "5"); /* resolved */
    assert_null(strstr(json, "\"verifier_model\""));
    assert_non_null(strstr(json, "\"trajectories\":[]"));
    free(json);
    wanted.verifier_model = (char *)"judge";
    json = result(NULL, &wanted, SURETY_STOP_DEADLINE, "too late", false);
    assert_null(strstr(json, "\"verifier_model\"")); /* nothing would have been judged */
    free(json);
    wanted.settings.verify = SURETY_VERIFY_EACH;
    json = result(NULL, &wanted, SURETY_STOP_DEADLINE, "too late", false);
    assert_string_equal(rig_json(json, "run.verifier_model"), "judge");
    free(json);
    wanted.profile = (char *)"bad";
    json = result(NULL, &wanted, SURETY_STOP_DEADLINE, "too late", false);
    assert_string_equal(rig_json(json, "error.message"), "too late");
    assert_string_equal(rig_json(json, "run.gamma"), "-1");
    free(json);
}

static void result_is_complete_when_nothing_is_missing_any_more(void **state)
{
    struct surety_request wanted = rig_request("a", 1);
    struct plan *plan = plan_of(&wanted);
    char *json = result(plan, &wanted, SURETY_STOP_BUDGET, NULL, false);
    assert_string_equal(rig_json(json, "stop_reason"), "budget");
    free(json);
    struct surety_output output = {.index = 0, .text = (char *)"x"};
    plan_job_free(run(PLAN_JOB_FEED, plan, &wanted, &output, 1));
    json = result(plan, &wanted, SURETY_STOP_BUDGET, NULL, false);
    assert_string_equal(rig_json(json, "stop_reason"), "complete");
    assert_string_equal(rig_json(json, "run.reproducible"), "true");
    free(json);
    json = result(plan, &wanted, SURETY_STOP_FAILED, "it failed", false);
    assert_string_equal(rig_json(json, "stop_reason"), "failed");
    free(json);
    plan_free(plan);
}

static void result_that_went_on_in_another_class_is_not_reproducible(void **state)
{
    struct surety_request wanted = rig_request("a", 1);
    struct plan *plan = plan_of(&wanted);
    char *json = result(plan, &wanted, SURETY_STOP_CANCELLED, NULL, true);
    assert_string_equal(rig_json(json, "run.reproducible"), "false");
    free(json);
    plan_free(plan);
}

static void free_job_frees_the_plan(void **state)
{
    struct surety_request wanted = rig_request("a", 1);
    struct plan_job *job = run(PLAN_JOB_FREE, plan_of(&wanted), NULL, NULL, 0);
    assert_null(job->plan);
    assert_null(job->json);
    plan_job_free(job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(create_makes_a_plan_and_gives_out_its_tasks),
        cmocka_unit_test(create_that_fails_says_why_and_leaves_no_plan),
        cmocka_unit_test(feed_takes_up_all_outputs_and_gives_out_what_follows),
        cmocka_unit_test(feed_of_the_last_output_is_the_end),
        cmocka_unit_test(add_copies_the_text),
        cmocka_unit_test(result_without_a_plan_is_empty_and_says_why),
        cmocka_unit_test(result_is_complete_when_nothing_is_missing_any_more),
        cmocka_unit_test(result_that_went_on_in_another_class_is_not_reproducible),
        cmocka_unit_test(free_job_frees_the_plan),
    };
    return cmocka_run_group_tests_name("scaler.plan_job", tests, NULL, NULL);
}
