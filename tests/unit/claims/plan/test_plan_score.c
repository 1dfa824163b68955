#include "tests/unit/test.h"

#include <math.h>
#include <string.h>

#include "claims/plan/plan.h"
#include "proto/result_json.h"
#include <surety/settings.h>

#define near(a, b) assert_true(fabs((a) - (b)) < 1e-12)

static char id[] = "line 1", problem[] = "How many pens are there?";

static struct surety_request request(void)
{
    struct surety_request r = {.id = id, .problem = problem};
    surety_settings_init(&r.settings);
    return r;
}

static struct surety_result score(const struct surety_request *r, const struct plan_sample *samples,
                                  size_t n)
{
    struct surety_result result;
    struct surety_error err = {0};
    if (plan_score(r, samples, n, &result, &err))
        fail_msg("%s", err.message);
    return result;
}

static void recorded_verdicts_are_the_formula(void **state)
{
    static char good[] = "the box is good", bad[] = "the box is bad";
    struct surety_claim right[] = {{.text = good, .value = 1}, {.text = bad, .value = 1}};
    struct surety_claim wrong[] = {{.text = good, .value = 1}, {.text = bad, .value = 0}};
    struct plan_sample samples[] = {
        {.text = "So the box is bad",
         .answer = "5",
         .claims = wrong,
         .n_claims = 2,
         .has_claims = true},
        {.text = "?", .answer = "5", .claims = wrong, .n_claims = 2, .has_claims = true},
        {.text = "?", .answer = "4", .claims = right, .n_claims = 2, .has_claims = true},
    };
    struct surety_request r = request();
    r.settings.m = 2;
    r.settings.gamma = 3;
    struct surety_result result = score(&r, samples, 3);
    assert_string_equal(result.answer, "4");
    assert_string_equal(result.cons, "5");
    near(result.trajectories[0].r, 0.125);
    near(result.reliability, 0.8);
    assert_int_equal(result.run.settings.k, 3);
    assert_int_equal(result.run.settings.rule, SURETY_RULE_POWER);
    assert_int_equal(result.run.settings.verify, SURETY_VERIFY_NONE);
    const struct surety_claim *second = &result.trajectories[0].claims[1];
    assert_int_equal(second->start, strlen("So "));
    assert_int_equal(second->end, strlen("So ") + strlen(bad));
    assert_int_equal(second->decided_by, SURETY_SIGNAL_SELF);
    assert_true(result.run.reproducible);
    assert_int_equal(result.usage.calls, 0);
    surety_result_fini(&result);
}

static void without_verdicts_the_texts_are_read(void **state)
{
    struct plan_sample samples[] = {
        {.text = "First 2*2=5, so \\boxed{5}."},
        {.text = "First 2*2=4, so \\boxed{4}."},
        {.text = "no answer, cut", .finish = SURETY_FINISH_LENGTH},
    };
    struct surety_request r = request();
    struct surety_result result = score(&r, samples, 3);
    assert_int_equal(result.run.settings.rule, SURETY_RULE_SOFT);
    assert_int_equal(result.run.settings.signals, SURETY_SIGNAL_SYMBOLIC);
    assert_string_equal(result.answer, "4");
    assert_string_equal(result.cons, "5");
    near(result.trajectories[0].r, 1 - 1 / 6.0);
    near(result.trajectories[2].r, 0);
    surety_result_fini(&result);
}

static void given_answer_is_taken_as_it_is(void **state)
{
    struct plan_sample samples[] = {{.text = "so \\boxed{5}.", .answer = "six"}};
    struct surety_request r = request();
    struct surety_result result = score(&r, samples, 1);
    assert_string_equal(result.answer, "six");
    surety_result_fini(&result);
}

/* Saying one true thing five times is not five claims. */
static void repeated_claims_count_once(void **state)
{
    static char text[] = "the box is good", spaced[] = "the  box is good", other[] = "a lid fits";
    struct surety_claim claims[] = {
        {.text = text, .value = 1}, {.text = spaced, .value = 1}, {.text = other, .value = 1}};
    struct plan_sample samples[] = {
        {.text = "",
         .answer = "5",
         .claims = claims,
         .n_claims = 3,
         .has_claims = true,
         .cooperating = true},
        {.text = "\\boxed{5}\nClaims:\n1. a lid fits\n2. a lid fits\n3. it is red", .answer = "5"}};
    struct surety_request r = request();
    r.settings.m = 4;
    r.settings.gamma = 1;
    struct surety_result result = score(&r, samples, 2);
    assert_int_equal(result.trajectories[0].n_claims, 2);
    assert_string_equal(result.trajectories[0].claims[1].text, "a lid fits");
    near(result.trajectories[0].r, 0.5);
    assert_int_equal(result.trajectories[1].n_claims, 2);
    surety_result_fini(&result);
}

/* m is what was asked for, which only the cooperating format does. */
static void fewer_claims_than_m_are_a_fault_only_when_cooperating(void **state)
{
    static char text[] = "the box is good", other[] = "a lid fits";
    struct surety_claim claims[] = {{.text = text, .value = 1}, {.text = other, .value = 0.5}};
    struct plan_sample samples[] = {
        {.text = "", .answer = "5", .claims = claims, .n_claims = 1, .has_claims = true},
        {.text = "", .answer = "5", .claims = claims, .n_claims = 2, .has_claims = true},
        {.text = "",
         .answer = "5",
         .claims = claims,
         .n_claims = 1,
         .has_claims = true,
         .cooperating = true},
    };
    struct surety_request r = request();
    r.settings.m = 4;
    r.settings.gamma = 2;
    struct surety_result result = score(&r, samples, 3);
    near(result.trajectories[0].r, 1);
    near(result.trajectories[1].r, 0.75 * 0.75);
    near(result.trajectories[2].r, 0.25 * 0.25);
    surety_result_fini(&result);
}

/* The answer is read from a text that has claims of its own, more than the sample brings. */
static void given_claims_stand_in_place_of_the_texts_own(void **state)
{
    static char text[] = "a lid fits";
    struct surety_claim claim = {.text = text, .value = 1};
    struct plan_sample samples[] = {
        {.text = "2*3=6\n6+1=7\n7*2=14\nClaims:\n1. 2*3=6\n2. 6+1=7\n3. 7*2=14\n\\boxed{14}",
         .claims = &claim,
         .n_claims = 1,
         .has_claims = true},
        {.text = "2*3=6, 6+1=7, 7*2=14, so \\boxed{14}", .has_claims = true},
    };
    struct surety_request r = request();
    for (r.settings.m = 1; r.settings.m < 4; r.settings.m++) {
        struct surety_result result = score(&r, samples, 2);
        assert_string_equal(result.answer, "14");
        assert_int_equal(result.trajectories[0].n_claims, 1);
        assert_string_equal(result.trajectories[0].claims[0].text, "a lid fits");
        assert_int_equal(result.trajectories[1].n_claims, 0);
        surety_result_fini(&result);
    }
}

static void recorded_signals_are_kept_apart(void **state)
{
    static char text[] = "the box is good", other[] = "sum: 2+2 = 4";
    struct surety_claim claims[] = {{.text = text, .value = 0.25, .blind = NAN, .whole = NAN},
                                    {.text = other, .value = NAN, .blind = 0.75, .whole = NAN}};
    struct plan_sample samples[] = {{.text = "",
                                     .answer = "5",
                                     .claims = claims,
                                     .n_claims = 2,
                                     .has_claims = true,
                                     .has_signals = true,
                                     .tokens = 9}};
    struct surety_request r = request();
    r.settings.m = 2;
    r.settings.gamma = 1;
    struct surety_result result = score(&r, samples, 1);
    assert_int_equal(result.run.settings.signals,
                     SURETY_SIGNAL_SYMBOLIC | SURETY_SIGNAL_SELF | SURETY_SIGNAL_BLIND);
    assert_int_equal(result.trajectories[0].claims[1].decided_by, SURETY_SIGNAL_BLIND);
    near(result.trajectories[0].r, 0.5);
    assert_int_equal(result.trajectories[0].tokens, 9);
    assert_int_equal(result.usage.completion_tokens, 9);
    surety_result_fini(&result);
    r.settings.signals = SURETY_SIGNAL_SYMBOLIC | SURETY_SIGNAL_SELF;
    result = score(&r, samples, 1);
    near(result.trajectories[0].r, 0.625);
    surety_result_fini(&result);
    samples[0].has_signals = false; /* whatever stands there */
    r.settings.signals = SURETY_SIGNAL_BLIND;
    result = score(&r, samples, 1);
    near(result.trajectories[0].r, 1);
    surety_result_fini(&result);
}

/* What an exact proof and the other samples say is found anew, whatever was recorded. */
static void recorded_signals_of_models_are_taken_and_no_others(void **state)
{
    static char text[] = "the box is good", wrong[] = "2+2 = 5";
    struct surety_claim claims[] = {
        {.text = text, .value = NAN, .blind = NAN, .whole = NAN, .agreement = 1},
        {.text = wrong, .value = NAN, .blind = NAN, .whole = NAN, .symbolic = 1}};
    struct plan_sample sample = {.text = "",
                                 .answer = "5",
                                 .claims = claims,
                                 .n_claims = 2,
                                 .has_claims = true,
                                 .has_signals = true};
    struct surety_request r = request();
    struct surety_result result = score(&r, &sample, 1);
    assert_int_equal(result.run.settings.signals, SURETY_SIGNAL_SYMBOLIC);
    assert_int_equal(result.run.settings.rule, SURETY_RULE_SOFT);
    assert_true(isnan(result.trajectories[0].claims[0].symbolic)); /* 0 was recorded */
    assert_true(isnan(result.trajectories[0].claims[0].agreement));
    assert_true(result.trajectories[0].claims[1].symbolic == 0);
    surety_result_fini(&result);
}

/* Of a claim that a signal is known of, a reply was read. */
static void recorded_as_unparsed_is_what_no_signal_is_known_of(void **state)
{
    static char first[] = "the box is good", second[] = "a lid fits";
    struct surety_claim claims[] = {{.text = first,
                                     .value = NAN,
                                     .blind = NAN,
                                     .whole = NAN,
                                     .verdict = SURETY_VERDICT_UNPARSED},
                                    {.text = second,
                                     .value = NAN,
                                     .blind = 1,
                                     .whole = NAN,
                                     .verdict = SURETY_VERDICT_UNPARSED}};
    struct plan_sample sample = {.text = "",
                                 .answer = "5",
                                 .claims = claims,
                                 .n_claims = 2,
                                 .has_claims = true,
                                 .has_signals = true};
    struct surety_request r = request();
    r.settings.signals = SURETY_SIGNAL_SELF;
    struct surety_result result = score(&r, &sample, 1);
    assert_int_equal(result.trajectories[0].claims[0].verdict, SURETY_VERDICT_UNPARSED);
    assert_int_equal(result.trajectories[0].claims[1].verdict, SURETY_VERDICT_UNCHECKED);
    surety_result_fini(&result);
}

static void more_claims_than_m_keep_the_first(void **state)
{
    static char first[] = "the box is good", second[] = "a lid fits", third[] = "it is red";
    struct surety_claim claims[] = {
        {.text = first, .value = 1}, {.text = second, .value = 0.5}, {.text = third, .value = 0}};
    struct plan_sample samples[] = {
        {.text = "", .answer = "5", .claims = claims, .n_claims = 3, .has_claims = true}};
    struct surety_request r = request();
    r.settings.m = 2;
    struct surety_result result = score(&r, samples, 1);
    assert_int_equal(result.trajectories[0].n_claims, 2);
    near(result.trajectories[0].r, 0.5625);
    assert_int_equal(result.trajectories[0].claims[1].start, 0);
    surety_result_fini(&result);
}

/* Claims that say different things about one quantity, with agreement as the only signal. */
static void agreement_has_a_say_when_asked(void **state)
{
    struct plan_sample samples[] = {
        {.text = "pens: 2*3=6\n\n\\boxed{6}"},
        {.text = "pens: 2*3=6\n\n\\boxed{7}"},
        {.text = "pens: 2*3=7\n\n\\boxed{8}"},
    };
    struct surety_request r = request();
    r.settings.signals = SURETY_SIGNAL_AGREEMENT;
    r.settings.rule = SURETY_RULE_POWER;
    struct surety_result result = score(&r, samples, 3);
    const struct surety_claim *claim = &result.trajectories[0].claims[0];
    assert_int_equal(claim->decided_by, SURETY_SIGNAL_AGREEMENT);
    near(claim->value, 0.5); /* one of the two others */
    near(claim->symbolic, 1);
    near(result.trajectories[2].claims[0].value, 0);
    assert_int_equal(result.trajectories[2].claims[0].verdict, SURETY_VERDICT_REFUTED);
    surety_result_fini(&result);
}

static void bad_input_is_refused(void **state)
{
    struct plan_sample samples[] = {{.text = "so \\boxed{5}."}};
    struct surety_request r = request();
    struct surety_result result;
    struct surety_error err;
    assert_int_equal(plan_score(&r, samples, 0, &result, &err), SURETY_ERR_INVALID);
    assert_int_equal(plan_score(&r, samples, SURETY_K_MAX + 1, &result, &err), SURETY_ERR_LIMIT);
    r.settings.verify = SURETY_VERIFY_JOINT;
    assert_int_equal(plan_score(&r, samples, 1, &result, &err), SURETY_ERR_INVALID);
    r = request();
    r.problem = problem + strlen(problem);
    assert_int_equal(plan_score(&r, samples, 1, &result, &err), SURETY_ERR_INVALID);
    r = request();
    r.profile = problem;
    assert_int_equal(plan_score(&r, samples, 1, &result, &err), SURETY_ERR_PARSE);
}

/* What is no share is not known: neither as a value nor for the choice of the rule. */
static void recorded_signals_out_of_range_are_not_known(void **state)
{
    static char text[] = "the box is good";
    static const double values[] = {-0.5, 1.5, NAN};
    for (size_t i = 0; i < 3; i++) {
        struct surety_claim claim = {
            .text = text, .value = values[i], .blind = values[i], .whole = NAN};
        struct plan_sample sample = {.text = text,
                                     .answer = "5",
                                     .claims = &claim,
                                     .n_claims = 1,
                                     .has_claims = true,
                                     .has_signals = true};
        struct surety_request r = request();
        struct surety_result result = score(&r, &sample, 1);
        assert_int_equal(result.run.settings.signals, SURETY_SIGNAL_SYMBOLIC);
        assert_int_equal(result.run.settings.rule, SURETY_RULE_SOFT);
        assert_true(isnan(result.trajectories[0].claims[0].self));
        assert_true(isnan(result.trajectories[0].claims[0].blind));
        surety_result_fini(&result);
    }
}

/* The vote takes 4, of whose two claims one stands; both of each 5 are refuted. */
static void little_behind_the_highest_score_is_cons_where_the_profile_says_so(void **state)
{
    static const struct {
        const char *key, *answer;
    } rows[] = {{"", "4"}, {"least-standing: 0.5\n", "4"}, {"least-standing: 0.51\n", "5"}};
    static char lid[] = "the lid fits", box[] = "the box is good";
    struct surety_claim none[] = {{.text = lid, .value = 0}, {.text = box, .value = 0}};
    struct surety_claim half[] = {{.text = lid, .value = 1}, {.text = box, .value = 0}};
    struct plan_sample samples[] = {
        {.text = "?", .answer = "5", .claims = none, .n_claims = 2, .has_claims = true},
        {.text = "?", .answer = "5", .claims = none, .n_claims = 2, .has_claims = true},
        {.text = "?", .answer = "4", .claims = half, .n_claims = 2, .has_claims = true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char profile[100];
        snprintf(profile, sizeof profile, "name: a\n%s[sample user]\n{problem}\n", rows[i].key);
        struct surety_request r = request();
        r.profile = profile;
        struct surety_result result = score(&r, samples, 3);
        bool little = strcmp(rows[i].answer, "5") == 0;
        assert_string_equal(result.answer, rows[i].answer);
        assert_string_equal(result.groups[0].answer, rows[i].answer);
        assert_string_equal(result.cons, "5");
        near(result.verifier.standing, 0.5);
        assert_true(result.verifier.little_stands == little);
        near(result.reliability, little ? 0 : 1); /* what the verdicts said is kept */
        assert_true(result.trajectories[2].r > 0);
        surety_result_fini(&result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_verdicts_are_the_formula),
        cmocka_unit_test(little_behind_the_highest_score_is_cons_where_the_profile_says_so),
        cmocka_unit_test(without_verdicts_the_texts_are_read),
        cmocka_unit_test(given_answer_is_taken_as_it_is),
        cmocka_unit_test(repeated_claims_count_once),
        cmocka_unit_test(fewer_claims_than_m_are_a_fault_only_when_cooperating),
        cmocka_unit_test(given_claims_stand_in_place_of_the_texts_own),
        cmocka_unit_test(recorded_signals_are_kept_apart),
        cmocka_unit_test(recorded_signals_of_models_are_taken_and_no_others),
        cmocka_unit_test(recorded_as_unparsed_is_what_no_signal_is_known_of),
        cmocka_unit_test(more_claims_than_m_keep_the_first),
        cmocka_unit_test(agreement_has_a_say_when_asked),
        cmocka_unit_test(bad_input_is_refused),
        cmocka_unit_test(recorded_signals_out_of_range_are_not_known),
    };
    return cmocka_run_group_tests_name("claims.plan.plan_score", tests, NULL, NULL);
}
