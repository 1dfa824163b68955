#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <surety/surety.h>

static struct surety_request request(void)
{
    static char id[] = "p1", problem[] = "What is 14 * 23 - 2?";
    struct surety_request r;
    surety_request_init(&r);
    r.id = id;
    r.problem = problem;
    return r;
}

static void score_refuted_claim_loses(void **state)
{
    const struct surety_sample samples[] = {
        {.text = "14 * 23 = 312. So 310.\nAnswer: 310"},
        {.text = "14 * 23 = 322. So 320.\nAnswer: 320"},
        {.text = "I give up."},
    };
    struct surety_request r = request();
    struct surety_result result;
    struct surety_error err = {0};
    if (surety_score(&r, samples, 3, &result, &err))
        fail_msg("%s", err.message);
    assert_string_equal(result.answer, "320");
    assert_string_equal(result.cons, "310"); /* a tie: the earliest */
    assert_int_equal(result.n_trajectories, 3);
    assert_null(result.trajectories[2].answer);
    assert_int_equal(result.trajectories[0].claims[0].verdict, SURETY_VERDICT_REFUTED);
    char *text = surety_result_to_text(&result);
    struct surety_result back;
    assert_non_null(text);
    assert_int_equal(surety_result_from_text(text, &back, &err), SURETY_OK);
    assert_string_equal(back.answer, "320");
    surety_result_fini(&back);
    surety_result_fini(&result);
    free(text);
}

static void score_given_answers_and_claims_are_taken(void **state)
{
    static char text[] = "the moon is made of cheese";
    const struct surety_claim claims[] = {{.text = text, .value = 0}};
    const struct surety_sample samples[] = {
        {.text = "", .answer = "A", .claims = claims, .n_claims = 1, .has_claims = true},
        {.text = "", .answer = "B"},
    };
    struct surety_request r = request();
    struct surety_result result;
    r.settings.m = 1;
    assert_int_equal(surety_score(&r, samples, 2, &result, NULL), SURETY_OK);
    assert_string_equal(result.answer, "B");
    assert_int_equal(result.trajectories[0].claims[0].verdict, SURETY_VERDICT_REFUTED);
    surety_result_fini(&result);
}

static void score_bad_input_is_refused_and_result_untouched(void **state)
{
    static char not_utf8[] = "What is \xff?";
    const struct surety_claim no_text[] = {{.text = NULL}};
    struct surety_sample sample = {.text = "Answer: 1"};
    struct surety_request r = request();
    struct surety_result result;
    struct surety_error err = {0};
    memset(&result, 0x5a, sizeof result);
    struct surety_result before = result;
    assert_int_equal(surety_score(&r, &sample, 0, &result, &err), SURETY_ERR_INVALID);
    assert_int_equal(surety_score(&r, &sample, SURETY_K_MAX + 1, &result, &err), SURETY_ERR_LIMIT);
    r.settings.k = 0;
    assert_int_equal(surety_score(&r, &sample, 1, &result, &err), SURETY_ERR_INVALID);
    r = request();
    r.problem = not_utf8;
    assert_int_equal(surety_score(&r, &sample, 1, &result, &err), SURETY_ERR_INVALID);
    r = request();
    sample.text = NULL;
    assert_int_equal(surety_score(&r, &sample, 1, &result, &err), SURETY_ERR_INVALID);
    sample.text = "\xff";
    assert_int_equal(surety_score(&r, &sample, 1, &result, &err), SURETY_ERR_INVALID);
    assert_non_null(strstr(err.message, "sample 0 is not UTF-8"));
    sample =
        (struct surety_sample){.text = "", .claims = no_text, .n_claims = 1, .has_claims = true};
    assert_int_equal(surety_score(&r, &sample, 1, &result, &err), SURETY_ERR_INVALID);
    r.settings.verify = SURETY_VERIFY_EACH; /* there is no model */
    sample = (struct surety_sample){.text = "Answer: 1"};
    assert_int_equal(surety_score(&r, &sample, 1, &result, &err), SURETY_ERR_INVALID);
    assert_memory_equal(&result, &before, sizeof result);
}

static void request_init_is_zeros_and_the_default_settings(void **state)
{
    struct surety_request r;
    struct surety_settings defaults;
    memset(&r, 0x5a, sizeof r);
    surety_request_init(&r);
    surety_settings_init(&defaults);
    assert_null(r.id);
    assert_null(r.profile);
    assert_int_equal(r.deadline_ms, 0);
    assert_int_equal(r.settings.k, defaults.k);
    assert_int_equal(r.reserved_[0], 0);
}

static void score_member_that_is_newer_than_the_library_is_refused(void **state)
{
    static char text[] = "2+2=4";
    struct surety_claim claim = {.text = text};
    struct surety_sample sample = {.text = "", .claims = &claim, .n_claims = 1, .has_claims = true};
    struct surety_request r = request();
    uint64_t *const rooms[] = {
        &r.reserved_[0],     &r.settings.reserved_[0], &r.settings.sampling.reserved_[0],
        &claim.reserved_[0], &sample.reserved_[0],
    };
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
        struct surety_result result;
        struct surety_error err = {0};
        *rooms[i] = 1;
        assert_int_equal(surety_score(&r, &sample, 1, &result, &err), SURETY_ERR_INVALID);
        assert_non_null(strstr(err.message, "does not know"));
        *rooms[i] = 0;
        assert_int_equal(surety_score(&r, &sample, 1, &result, &err), SURETY_OK);
        surety_result_fini(&result);
    }
}

static void body_is_for_the_gateway_alone(void **state)
{
    struct surety_sample sample = {.text = ""};
    struct surety_request r = request();
    struct surety_result result;
    struct surety_error err = {0};
    r.body = (char *)"{}";
    assert_int_equal(surety_score(&r, &sample, 1, &result, &err), SURETY_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "the gateway alone"));
}

static void version_is_three_numbers(void **state)
{
    int a, b, c;
    assert_int_equal(sscanf(surety_version(), "%d.%d.%d", &a, &b, &c), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(score_refuted_claim_loses),
        cmocka_unit_test(score_given_answers_and_claims_are_taken),
        cmocka_unit_test(score_bad_input_is_refused_and_result_untouched),
        cmocka_unit_test(request_init_is_zeros_and_the_default_settings),
        cmocka_unit_test(score_member_that_is_newer_than_the_library_is_refused),
        cmocka_unit_test(body_is_for_the_gateway_alone),
        cmocka_unit_test(version_is_three_numbers),
    };
    return cmocka_run_group_tests_name("scaler.client.surety", tests, NULL, NULL);
}
