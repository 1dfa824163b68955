#include "tests/unit/scaler/broker/core_rig.h"

#include <string.h>

static const struct core_config defaults = {.heartbeat_ms = 100, .stall_ms = 100000};

/* A request of k samples that are judged, one verdict each, by another model. */
static struct surety_request judged(uint32_t k, const char *model, const char *verifier)
{
    struct surety_request request = rig_request("a", k);
    request.settings.verify = SURETY_VERIFY_EACH;
    request.model_name = (char *)model;
    request.verifier_model = (char *)verifier;
    return request;
}

static void start(struct rig *rig)
{
    rig_init(rig, &defaults);
    rig_client(rig, "c");
}

static void bye(struct rig *rig, const char *peer)
{
    rig_say(rig, CORE_WORKERS, peer, (struct wire_message){.command = WIRE_BYE});
}

/* Lets time pass in which this worker goes on to beat. */
static void pass(struct rig *rig, const char *peer, int beats)
{
    for (int i = 0; i < beats; i++) {
        rig_beat(rig, peer);
        rig_tick(rig, 100);
    }
}

static void answer_all(struct rig *rig, const char *peer, size_t first)
{
    for (size_t b = first; rig_find(rig, peer, WIRE_BATCH, b); b++) {
        const struct rig_sent batch = *rig_find(rig, peer, WIRE_BATCH, b);
        for (size_t i = 0; i < batch.n_items; i++)
            rig_output(rig, peer, &batch, i, "x");
    }
}

static void samples_run_on_one_model_and_verdicts_on_the_other(void **state)
{
    struct rig rig;
    start(&rig);
    rig_worker(&rig, "s", "sampler", 8);
    rig_worker(&rig, "j", "judge", 1);
    struct surety_request request = judged(3, "sampler", "judge");
    rig_ask(&rig, "c", &request);
    assert_int_equal(rig_find(&rig, "s", WIRE_BATCH, 0)->n_items, 3);
    assert_int_equal(rig_count(&rig, "j", WIRE_BATCH), 0);
    answer_all(&rig, "s", 0);
    assert_int_equal(rig_count(&rig, "s", WIRE_BATCH), 1); /* it has room, and no say */
    assert_int_equal(rig_count(&rig, "j", WIRE_BATCH), 1);
    answer_all(&rig, "j", 0);
    assert_int_equal(rig_count(&rig, "j", WIRE_BATCH), 3);
    assert_int_equal(rig_count(&rig, "c", WIRE_RESULT), 1);
    rig_fini(&rig);
}

static void plan_waits_for_a_worker_of_each_model(void **state)
{
    struct rig rig;
    start(&rig);
    struct surety_request request = judged(2, "sampler", "judge");
    rig_ask(&rig, "c", &request);
    rig_worker(&rig, "s", "sampler", 8);
    assert_int_equal(rig_count(&rig, "s", WIRE_BATCH), 0);
    rig_worker(&rig, "j", "judge", 8);
    assert_int_equal(rig_count(&rig, "s", WIRE_BATCH), 1);
    assert_string_equal(rig.plan_model, "sampler");
    assert_string_equal(rig.plan_verifier, "judge");
    rig_fini(&rig);
}

static void models_need_not_be_there_at_the_same_time(void **state)
{
    struct rig rig;
    start(&rig);
    struct surety_request request = judged(2, "sampler", "judge");
    rig_ask(&rig, "c", &request);
    rig_worker(&rig, "j", "judge", 8);
    bye(&rig, "j");
    rig_worker(&rig, "s", "sampler", 8);
    assert_int_equal(rig_count(&rig, "s", WIRE_BATCH), 1);
    answer_all(&rig, "s", 0);
    rig_worker(&rig, "j", "judge", 8);
    answer_all(&rig, "j", 0);
    assert_int_equal(rig_count(&rig, "c", WIRE_RESULT), 1);
    rig_fini(&rig);
}

static void verifier_that_nobody_serves_is_an_error_that_names_it(void **state)
{
    struct rig rig;
    start(&rig);
    rig_worker(&rig, "s", "sampler", 8);
    struct surety_request request = judged(2, NULL, "judge");
    rig_ask(&rig, "c", &request);
    pass(&rig, "s", 19);
    assert_int_equal(rig_count(&rig, "c", WIRE_ERROR), 0);
    pass(&rig, "s", 1);
    const struct rig_sent *e = rig_find(&rig, "c", WIRE_ERROR, 0);
    assert_non_null(e);
    assert_int_equal(e->code, SURETY_ERR_NOT_FOUND);
    assert_string_equal(e->text, "no worker serves the verifier model 'judge'; served: 'sampler'");
    assert_int_equal(rig_count(&rig, "s", WIRE_BATCH), 0);
    rig_fini(&rig);
}

static void model_that_nobody_serves_is_waited_for_then_an_error(void **state)
{
    struct rig rig;
    start(&rig);
    rig_worker(&rig, "w", "m", 1);
    struct surety_request request = rig_request("a", 1);
    request.model_name = (char *)"other";
    rig_ask(&rig, "c", &request);
    pass(&rig, "w", 19);
    assert_int_equal(rig_count(&rig, "c", WIRE_ERROR), 0);
    pass(&rig, "w", 1);
    const struct rig_sent *e = rig_find(&rig, "c", WIRE_ERROR, 0);
    assert_int_equal(e->code, SURETY_ERR_NOT_FOUND);
    assert_string_equal(e->text, "no worker serves the model 'other'; served: 'm'");
    rig_fini(&rig);
}

static void model_that_was_served_once_is_waited_for(void **state)
{
    struct rig rig;
    start(&rig);
    rig_worker(&rig, "j", "judge", 8);
    bye(&rig, "j");
    rig_worker(&rig, "s", "sampler", 8);
    struct surety_request request = judged(2, "sampler", "judge");
    rig_ask(&rig, "c", &request);
    pass(&rig, "s", 50);
    assert_int_equal(rig_count(&rig, "c", WIRE_ERROR), 0);
    rig_fini(&rig);
}

static void deadline_names_the_models_that_are_missing(void **state)
{
    struct rig rig;
    start(&rig);
    rig_worker(&rig, "s", "sampler", 8);
    struct surety_request request = judged(2, "sampler", "judge");
    request.deadline_ms = 150;
    rig_ask(&rig, "c", &request);
    rig_tick(&rig, 150);
    const struct rig_sent *r = rig_find(&rig, "c", WIRE_RESULT, 0);
    assert_string_equal(rig_json(r->text, "error.message"),
                        "the deadline passed and no worker had come that serves this request: "
                        "missing 'judge'");
    request.id = (char *)"b";
    request.model_name = (char *)"other";
    rig_clear(&rig);
    rig_ask(&rig, "c", &request);
    rig_tick(&rig, 150);
    assert_non_null(strstr(rig_find(&rig, "c", WIRE_RESULT, 0)->text, "missing 'other', 'judge'"));
    rig_fini(&rig);
}

static void verifier_that_is_named_as_the_sampler_is_one_model(void **state)
{
    struct rig rig;
    start(&rig);
    rig_worker(&rig, "w", "m+one", 8);
    rig_worker(&rig, "v", "m+two", 9);
    struct surety_request request = judged(2, "m", "m");
    rig_ask(&rig, "c", &request);
    answer_all(&rig, "v", 0);
    assert_int_equal(rig_count(&rig, "v", WIRE_BATCH), 3); /* of its class alone */
    assert_int_equal(rig_count(&rig, "w", WIRE_BATCH), 0);
    assert_string_equal(rig.plan_verifier, "");
    rig_fini(&rig);
}

static void sampler_without_a_name_is_never_the_verifier(void **state)
{
    for (int judge_first = 0; judge_first < 2; judge_first++) {
        struct rig rig;
        start(&rig);
        struct surety_request request = judged(2, NULL, "judge");
        rig_ask(&rig, "c", &request);
        rig_worker(&rig, judge_first ? "j" : "s", judge_first ? "judge" : "sampler", 8);
        pass(&rig, judge_first ? "j" : "s", 10);
        assert_string_equal(rig.plan_model, ""); /* the other one is waited for */
        rig_worker(&rig, judge_first ? "s" : "j", judge_first ? "sampler" : "judge", 8);
        assert_string_equal(rig.plan_model, "sampler");
        assert_string_equal(rig.plan_verifier, "judge");
        answer_all(&rig, "s", 0);
        answer_all(&rig, "j", 0);
        assert_int_equal(rig_count(&rig, "s", WIRE_BATCH), 1);
        assert_int_equal(rig_count(&rig, "c", WIRE_RESULT), 1);
        rig_fini(&rig);
    }
}

static void sampler_without_a_name_is_waited_for_then_an_error(void **state)
{
    struct rig rig;
    start(&rig);
    rig_worker(&rig, "j", "judge", 8);
    struct surety_request request = judged(2, NULL, "judge");
    rig_ask(&rig, "c", &request);
    pass(&rig, "j", 19);
    assert_int_equal(rig_count(&rig, "c", WIRE_ERROR), 0);
    pass(&rig, "j", 1);
    const struct rig_sent *e = rig_find(&rig, "c", WIRE_ERROR, 0);
    assert_non_null(e);
    assert_int_equal(e->code, SURETY_ERR_NOT_FOUND);
    assert_string_equal(e->text, "no worker serves a model besides the verifier model 'judge': "
                                 "start one, or name 'judge' as the model too");
    assert_int_equal(rig_count(&rig, "j", WIRE_BATCH), 0);
    rig_fini(&rig);
}

static void sampler_without_a_name_that_was_served_once_is_waited_for(void **state)
{
    struct rig rig;
    start(&rig);
    rig_worker(&rig, "s", "sampler", 8);
    bye(&rig, "s");
    rig_worker(&rig, "j", "judge", 8);
    struct surety_request request = judged(2, NULL, "judge");
    request.deadline_ms = 5000;
    rig_ask(&rig, "c", &request);
    pass(&rig, "j", 50);
    assert_int_equal(rig_count(&rig, "c", WIRE_ERROR), 0);
    assert_non_null(strstr(rig_find(&rig, "c", WIRE_RESULT, 0)->text,
                           "serves this request: missing a model besides 'judge'"));
    rig_fini(&rig);
}

static void verifier_is_not_waited_for_when_nothing_is_judged(void **state)
{
    struct rig rig;
    start(&rig);
    rig_worker(&rig, "s", "sampler", 8);
    struct surety_request request = judged(2, NULL, "judge");
    request.settings.verify = SURETY_VERIFY_NONE;
    rig_ask(&rig, "c", &request);
    answer_all(&rig, "s", 0);
    assert_int_equal(rig_count(&rig, "c", WIRE_RESULT), 1);
    rig_fini(&rig);
}

static void model_not_named_among_several_is_an_error_that_lists_them(void **state)
{
    struct rig rig;
    start(&rig);
    rig_worker(&rig, "w", "m", 1);
    rig_worker(&rig, "v", "other", 1);
    rig_worker(&rig, "u", "m", 1);
    struct surety_request request = rig_request("a", 1);
    rig_ask(&rig, "c", &request);
    const struct rig_sent *e = rig_find(&rig, "c", WIRE_ERROR, 0);
    assert_int_equal(e->code, SURETY_ERR_INVALID);
    assert_string_equal(e->text, "several models are served ('m', 'other'): name one");
    assert_int_equal(rig.n_ends, 1);
    rig_worker(&rig, "j", "judge", 1); /* never meant as the sampler */
    request = judged(1, NULL, "judge");
    rig_ask(&rig, "c", &request);
    assert_string_equal(rig_find(&rig, "c", WIRE_ERROR, 1)->text, e->text);
    rig_fini(&rig);
}

/* The member "missing" of the one request in a new STATUS. */
static const char *missing(struct rig *rig)
{
    static char text[100];
    rig_clear(rig);
    rig_say(rig, CORE_CLIENTS, "c", (struct wire_message){.command = WIRE_STATUS});
    const char *begin = strstr(rig_find(rig, "c", WIRE_STATUS, 0)->text, "\"missing\":");
    assert_non_null(begin);
    begin += strlen("\"missing\":");
    size_t len = strcspn(begin, "]") + 1;
    assert_in_range(len, 2, sizeof text - 1);
    memcpy(text, begin, len);
    text[len] = '\0';
    return text;
}

static void status_names_what_a_request_waits_for(void **state)
{
    struct rig rig;
    start(&rig);
    struct surety_request request = judged(2, NULL, "judge");
    rig_ask(&rig, "c", &request);
    assert_string_equal(missing(&rig), "[null,\"judge\"]");
    rig_worker(&rig, "s", "sampler", 2);
    assert_string_equal(missing(&rig), "[\"judge\"]");
    rig_worker(&rig, "j", "judge", 1);
    const struct rig_sent samples = *rig_find(&rig, "s", WIRE_BATCH, 0);
    assert_string_equal(missing(&rig), "[]");
    bye(&rig, "j"); /* and nothing is there to be judged yet */
    assert_string_equal(missing(&rig), "[]");
    rig_output(&rig, "s", &samples, 0, "x");
    assert_string_equal(missing(&rig), "[\"judge\"]");
    rig_worker(&rig, "k", "judge+other", 1);
    assert_string_equal(missing(&rig), "[\"judge\"]"); /* its own class may come back */
    for (int i = 0; i < 11; i++) {
        rig_beat(&rig, "s");
        pass(&rig, "k", 1);
    }
    assert_string_equal(missing(&rig), "[]");
    rig_fini(&rig);
}

static void deadline_names_the_judge_that_is_gone(void **state)
{
    struct rig rig;
    start(&rig);
    rig_worker(&rig, "s", "sampler", 2);
    rig_worker(&rig, "j", "judge", 8);
    struct surety_request request = judged(2, NULL, "judge");
    request.deadline_ms = 500;
    rig_ask(&rig, "c", &request);
    answer_all(&rig, "s", 0);
    assert_int_equal(rig_count(&rig, "j", WIRE_BATCH), 2);
    bye(&rig, "j");
    rig_tick(&rig, 500);
    const char *result = rig_find(&rig, "c", WIRE_RESULT, 0)->text;
    assert_string_equal(rig_json(result, "stop_reason"), "deadline");
    assert_string_equal(rig_json(result, "error.code"), "deadline_exceeded");
    assert_string_equal(
        rig_json(result, "error.message"),
        "the deadline passed before all had come: no worker was there to go on with 'judge'");
    rig_fini(&rig);
}

static void deadline_names_the_sampler_that_is_gone(void **state)
{
    struct rig rig;
    start(&rig);
    rig_worker(&rig, "s", "sampler", 2);
    struct surety_request request = rig_request("a", 2);
    request.deadline_ms = 500;
    rig_ask(&rig, "c", &request);
    bye(&rig, "s");
    rig_tick(&rig, 500);
    assert_string_equal(rig_json(rig_find(&rig, "c", WIRE_RESULT, 0)->text, "error.message"),
                        "the deadline passed before any sample was finished: no worker was there "
                        "to go on with 'sampler'");
    rig_fini(&rig);
}

static void status_names_both_models(void **state)
{
    struct rig rig;
    start(&rig);
    struct surety_request request = judged(2, NULL, "judge"), plain = rig_request("b", 1);
    rig_ask(&rig, "c", &request);
    rig_worker(&rig, "s", "sampler", 1);
    rig_ask(&rig, "c", &plain);
    rig_say(&rig, CORE_CLIENTS, "c", (struct wire_message){.command = WIRE_STATUS});
    const char *text = rig_find(&rig, "c", WIRE_STATUS, 0)->text;
    const char *verifier = strstr(text, "\"model\":\"sampler\",\"verifier_model\":\"judge\"");
    assert_non_null(verifier);
    assert_null(strstr(verifier + 20, "verifier_model")); /* not of the other one */
    rig_fini(&rig);
}

static void class_of_each_model_is_waited_for_by_itself(void **state)
{
    struct rig rig;
    start(&rig);
    rig_worker(&rig, "s", "sampler", 1);
    rig_worker(&rig, "j", "judge+one", 2);
    struct surety_request request = judged(2, "sampler", "judge");
    rig_ask(&rig, "c", &request);
    answer_all(&rig, "s", 0); /* and the two verdicts are at j */
    bye(&rig, "j");
    rig_worker(&rig, "k", "judge+two", 2);
    for (int i = 0; i < 9; i++) {
        rig_beat(&rig, "s");
        pass(&rig, "k", 1);
    }
    assert_int_equal(rig_count(&rig, "k", WIRE_BATCH), 0); /* its own class may come back */
    pass(&rig, "k", 2);
    assert_int_equal(rig_count(&rig, "s", WIRE_BATCH), 2); /* never to the sampler */
    answer_all(&rig, "k", 0);
    const struct rig_sent *r = rig_find(&rig, "c", WIRE_RESULT, 0);
    assert_non_null(r);
    assert_string_equal(rig_json(r->text, "run.reproducible"), "false");
    rig_fini(&rig);
}

static void patience_for_a_class_begins_anew_each_time_it_goes(void **state)
{
    struct rig rig;
    start(&rig);
    rig_worker(&rig, "v", "m+two", 1);
    rig_worker(&rig, "w", "m+one", 2);
    struct surety_request request = rig_request("a", 2);
    rig_ask(&rig, "c", &request);
    bye(&rig, "w");
    pass(&rig, "v", 8);
    rig_worker(&rig, "w", "m+one", 2);
    bye(&rig, "w");
    pass(&rig, "v", 8);
    assert_int_equal(rig_count(&rig, "v", WIRE_BATCH), 0);
    pass(&rig, "v", 3);
    assert_int_equal(rig_count(&rig, "v", WIRE_BATCH), 1);
    rig_fini(&rig);
}

static void patience_for_a_class_begins_when_it_is_waited_for(void **state)
{
    struct rig rig;
    start(&rig);
    rig_worker(&rig, "s", "sampler", 1);
    rig_worker(&rig, "j", "judge+one", 2);
    struct surety_request before = rig_request("before", 1),
                          request = judged(1, "sampler", "judge");
    before.model_name = (char *)"sampler";
    rig_ask(&rig, "c", &before);
    rig_ask(&rig, "c", &request); /* its sample waits, and no judge is there */
    bye(&rig, "j");
    pass(&rig, "s", 8);
    answer_all(&rig, "s", 0); /* the sample runs */
    rig_worker(&rig, "k", "judge+two", 2);
    for (int i = 0; i < 5; i++) {
        rig_beat(&rig, "s");
        pass(&rig, "k", 1);
    }
    rig_output(&rig, "s", rig_find(&rig, "s", WIRE_BATCH, 1), 0, "x");
    assert_int_equal(rig_count(&rig, "k", WIRE_BATCH), 0);
    pass(&rig, "k", 11);
    assert_int_equal(rig_count(&rig, "k", WIRE_BATCH), 1);
    rig_fini(&rig);
}

static void other_weights_under_the_same_name_never_take_over(void **state)
{
    struct rig rig;
    start(&rig);
    rig_worker(&rig, "w", "m", 1);
    struct surety_request request = rig_request("a", 1);
    rig_ask(&rig, "c", &request);
    bye(&rig, "w");
    rig_worker(&rig, "v", "m#other", 1);
    pass(&rig, "v", 30);
    assert_int_equal(rig_count(&rig, "v", WIRE_BATCH), 0);
    rig_worker(&rig, "w", "m", 1);
    assert_int_equal(rig_count(&rig, "w", WIRE_BATCH), 2);
    rig_fini(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_run_on_one_model_and_verdicts_on_the_other),
        cmocka_unit_test(plan_waits_for_a_worker_of_each_model),
        cmocka_unit_test(models_need_not_be_there_at_the_same_time),
        cmocka_unit_test(verifier_that_nobody_serves_is_an_error_that_names_it),
        cmocka_unit_test(model_that_nobody_serves_is_waited_for_then_an_error),
        cmocka_unit_test(model_that_was_served_once_is_waited_for),
        cmocka_unit_test(deadline_names_the_models_that_are_missing),
        cmocka_unit_test(verifier_that_is_named_as_the_sampler_is_one_model),
        cmocka_unit_test(sampler_without_a_name_is_never_the_verifier),
        cmocka_unit_test(sampler_without_a_name_is_waited_for_then_an_error),
        cmocka_unit_test(sampler_without_a_name_that_was_served_once_is_waited_for),
        cmocka_unit_test(verifier_is_not_waited_for_when_nothing_is_judged),
        cmocka_unit_test(model_not_named_among_several_is_an_error_that_lists_them),
        cmocka_unit_test(status_names_what_a_request_waits_for),
        cmocka_unit_test(deadline_names_the_judge_that_is_gone),
        cmocka_unit_test(deadline_names_the_sampler_that_is_gone),
        cmocka_unit_test(status_names_both_models),
        cmocka_unit_test(class_of_each_model_is_waited_for_by_itself),
        cmocka_unit_test(patience_for_a_class_begins_anew_each_time_it_goes),
        cmocka_unit_test(patience_for_a_class_begins_when_it_is_waited_for),
        cmocka_unit_test(other_weights_under_the_same_name_never_take_over),
    };
    return cmocka_run_group_tests_name("scaler.core_service", tests, NULL, NULL);
}
