#include "tests/unit/test.h"

#include <math.h>
#include <string.h>

#include "base/jsonl.h"
#include "claims/plan/plan.h"
#include "proto/result_json.h"
#include <surety/settings.h>

/* One model samples in the words of instruct, another judges in those of demo. */
static const struct surety_model sampler = {
    (char *)"big", (char *)"id-1", (char *)"fake", (char *)"instruct", (char *)"class-1", 0, 4,
    false,         false};
static const struct surety_model judge = {
    (char *)"small", (char *)"id-2", (char *)"fake", (char *)"demo", (char *)"class-2", 0, 4,
    false,           false};
#define SAMPLE "It is \\boxed{9}.\n\nClaims:\n1. The box holds nine pens."

static struct surety_request request_of(enum surety_verify verify)
{
    struct surety_request r = {.id = (char *)"a", .problem = (char *)"How many pens are there?"};
    surety_settings_init(&r.settings);
    r.settings.k = 1;
    r.settings.verify = verify;
    return r;
}

/* Feeds the sample; the task that judges it. */
static const struct surety_task *judging(struct plan *plan)
{
    struct surety_error err = {0};
    struct surety_output output = {.text = (char *)SAMPLE};
    assert_int_equal(plan_next_task(plan)->stage, SURETY_STAGE_SAMPLE);
    assert_int_equal(plan_feed(plan, 0, &output, &err), SURETY_OK);
    const struct surety_task *task = plan_next_task(plan);
    assert_non_null(task);
    assert_int_equal(task->stage, SURETY_STAGE_VERIFY);
    return task;
}

/* Runs a request to its end; the judge replies with this text. */
static struct surety_result run(const struct surety_request *request,
                                const struct surety_model *verifier, const char *reply)
{
    struct plan *plan;
    struct surety_error err = {0};
    struct surety_result result;
    assert_int_equal(plan_create(request, &sampler, verifier, &plan, &err), SURETY_OK);
    const struct surety_task *task = judging(plan);
    struct surety_output output = {.text = (char *)reply};
    assert_int_equal(plan_feed(plan, task->id, &output, &err), SURETY_OK);
    assert_true(plan_is_done(plan));
    assert_int_equal(plan_result(plan, SURETY_STOP_COMPLETE, NULL, 0, &result, &err), SURETY_OK);
    plan_free(plan);
    return result;
}

static void verifier_is_asked_in_the_words_of_its_own_profile(void **state)
{
    struct plan *plan;
    struct surety_error err = {0};
    struct surety_request request = request_of(SURETY_VERIFY_EACH);
    assert_int_equal(plan_create(&request, &sampler, &judge, &plan, &err), SURETY_OK);
    const struct surety_task *task = judging(plan);
    assert_string_equal(task->messages[task->n_messages - 1].content,
                        "How many pens are there?\nClaim:\nThe box holds nine pens.\nRight?");
    assert_true(task->sampling.temperature == 0);
    plan_free(plan);
}

static void replies_are_read_as_the_verifier_s_profile_says(void **state)
{
    struct surety_request request = request_of(SURETY_VERIFY_EACH);
    struct surety_result yes = run(&request, &judge, "yes"), no = run(&request, &judge, "no");
    assert_true(yes.trajectories[0].claims[0].self == 1);
    assert_true(no.trajectories[0].claims[0].self == 0);
    surety_result_fini(&yes);
    surety_result_fini(&no);
}

static void profile_of_the_request_words_both(void **state)
{
    struct surety_request request = request_of(SURETY_VERIFY_EACH);
    request.profile = (char *)"name: terse\nclaims: block\nverdict: word\nvalid: ja\n"
                              "refuted: nein\n\n[sample user]\n{problem}\n\n[each user]\n"
                              "{problem} {claim}?\n";
    struct surety_result result = run(&request, &judge, "ja");
    assert_true(result.trajectories[0].claims[0].self == 1);
    assert_string_equal(result.run.profile, "terse");
    assert_string_equal(result.run.verifier_model, "small");
    assert_null(result.run.verifier_profile);
    assert_null(result.run.verifier_profile_hash);
    surety_result_fini(&result);
}

static void run_names_both_models_and_is_reproducible_if_both_are(void **state)
{
    struct surety_request request = request_of(SURETY_VERIFY_EACH);
    struct surety_result result = run(&request, &judge, "yes");
    assert_string_equal(result.run.model, "big");
    assert_string_equal(result.run.profile, "instruct");
    assert_string_equal(result.run.repro, "class-1");
    assert_string_equal(result.run.verifier_model, "small");
    assert_string_equal(result.run.verifier_model_id, "id-2");
    assert_string_equal(result.run.verifier_repro, "class-2");
    assert_string_equal(result.run.verifier_profile, "demo");
    assert_string_not_equal(result.run.verifier_profile_hash, result.run.profile_hash);
    assert_true(result.run.reproducible);
    surety_result_fini(&result);
    struct surety_model fickle = judge;
    fickle.repro = (char *)"none";
    result = run(&request, &fickle, "yes");
    assert_false(result.run.reproducible);
    surety_result_fini(&result);
}

static void verifier_that_is_the_sampler_is_not_told_apart(void **state)
{
    struct surety_request request = request_of(SURETY_VERIFY_EACH);
    struct surety_result alone = run(&request, NULL, "VERDICT: VALID");
    struct surety_result same = run(&request, &sampler, "VERDICT: VALID");
    json_t *a = surety_result_to_json(&alone, true), *b = surety_result_to_json(&same, true);
    assert_true(json_equal(a, b));
    assert_null(same.run.verifier_model);
    json_decref(a);
    json_decref(b);
    surety_result_fini(&alone);
    surety_result_fini(&same);
    struct surety_model other_class = sampler;
    other_class.repro = (char *)"class-9";
    same = run(&request, &other_class, "VERDICT: VALID");
    assert_string_equal(same.run.verifier_repro, "class-9");
    surety_result_fini(&same);
}

static void way_of_judging_is_the_one_that_the_verifier_knows(void **state)
{
    struct plan *plan;
    struct surety_error err = {0};
    struct surety_result result;
    struct surety_request request = request_of(SURETY_VERIFY_DEFAULT);
    assert_int_equal(plan_create(&request, &sampler, &judge, &plan, &err), SURETY_OK);
    assert_int_equal(plan_result(plan, SURETY_STOP_CANCELLED, NULL, 0, &result, &err), SURETY_OK);
    assert_int_equal(result.run.settings.verify, SURETY_VERIFY_EACH); /* demo's, not instruct's */
    surety_result_fini(&result);
    plan_free(plan);
}

static void run_names_no_verifier_where_nothing_is_judged(void **state)
{
    struct plan *plan;
    struct surety_error err = {0};
    struct surety_result result;
    struct surety_request request = request_of(SURETY_VERIFY_NONE);
    struct surety_model fickle = judge;
    fickle.repro = (char *)"none";
    assert_int_equal(plan_create(&request, &sampler, &fickle, &plan, &err), SURETY_OK);
    assert_int_equal(plan_result(plan, SURETY_STOP_COMPLETE, NULL, 0, &result, &err), SURETY_OK);
    assert_null(result.run.verifier_model);
    assert_true(result.run.reproducible);
    surety_result_fini(&result);
    plan_free(plan);
}

static void settings_are_those_of_the_plan(void **state)
{
    struct surety_error err = {0};
    struct surety_settings settings;
    struct surety_request request = request_of(SURETY_VERIFY_DEFAULT);
    assert_int_equal(plan_settings(&request, &sampler, &judge, &settings, &err), SURETY_OK);
    assert_int_equal(settings.verify, SURETY_VERIFY_EACH); /* the way of the judge's profile */
    assert_int_equal(settings.rule, SURETY_RULE_POWER);
    assert_float_equal(settings.gamma, settings.m, 0);
    assert_true(settings.signals && settings.verify_temperature >= 0);
    request.profile = (char *)"none";
    assert_int_equal(plan_settings(&request, &sampler, &judge, &settings, &err), SURETY_ERR_PARSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verifier_is_asked_in_the_words_of_its_own_profile),
        cmocka_unit_test(replies_are_read_as_the_verifier_s_profile_says),
        cmocka_unit_test(profile_of_the_request_words_both),
        cmocka_unit_test(run_names_both_models_and_is_reproducible_if_both_are),
        cmocka_unit_test(verifier_that_is_the_sampler_is_not_told_apart),
        cmocka_unit_test(way_of_judging_is_the_one_that_the_verifier_knows),
        cmocka_unit_test(run_names_no_verifier_where_nothing_is_judged),
        cmocka_unit_test(settings_are_those_of_the_plan),
    };
    return cmocka_run_group_tests_name("claims.plan_model", tests, NULL, NULL);
}
