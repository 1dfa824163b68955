#include "tests/unit/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/result_json.h"
#include "tests/unit/claims/plan/plan_world.h"

#define near(a, b) assert_true(fabs((a) - (b)) < 1e-12)

/* The plurality is wrong and its lid is refuted. */
static const char *const samples[] = {
    "\\boxed{5}\nClaims:\n1. the box holds 12 pens\n2. a lid is WRONG\n",
    "\\boxed{4}\nClaims:\n1. the box holds 12 pens\n2. a lid is good\n",
    "\\boxed{5}\nClaims:\n1. the box holds 12 pens\n2. a lid is WRONG\n",
    "I do not know.",
};
#define K 4

static void open_world(struct world *w, enum surety_verify how, const char *truth)
{
    world_init(w, samples, K);
    w->truth = truth;
    w->settings.m = 2;
    w->settings.verify = how;
    w->settings.controls = 3;
    world_open(w);
}

static void verifier_that_can_tell_keeps_its_say(void **state)
{
    for (int how = SURETY_VERIFY_EACH; how <= SURETY_VERIFY_JOINT; how++) {
        struct world w;
        open_world(&w, (enum surety_verify)how, "holds 12 pens");
        world_run(&w, 5);
        /* one claim has a value, whoever makes it */
        assert_int_equal(w.n_tasks, 1 + 3 + 1);
        const struct surety_task *control = w.tasks[w.n_tasks - 1];
        assert_int_equal(control->n_claims, how == SURETY_VERIFY_JOINT ? 2 : 1);
        assert_non_null(strstr(control->claims[0], "the box holds "));
        assert_null(strstr(control->claims[0], "holds 12 pens"));
        struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
        assert_string_equal(r.answer, "4");
        assert_int_equal(r.verifier.n_controls, 1);
        near(r.verifier.refuted_false, 1);
        near(r.verifier.refuted_true, 0);
        assert_false(r.verifier.uninformative);
        near(r.verifier.valid_rate, how == SURETY_VERIFY_JOINT ? 4.0 / 6 : 2.0 / 3);
        surety_result_fini(&r);
        world_fini(&w);
    }
}

static void verifier_that_cannot_leaves_the_answer_to_cons(void **state)
{
    static const char *const truths[] = {NULL, "never said"}; /* all is VALID; all is REFUTED */
    for (int how = SURETY_VERIFY_EACH; how <= SURETY_VERIFY_JOINT; how++)
        for (int i = 0; i < 2; i++) {
            struct world w;
            open_world(&w, (enum surety_verify)how, truths[i]);
            world_run(&w, 5);
            struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
            assert_int_equal(r.verifier.n_controls, 1);
            near(r.verifier.refuted_false, i);
            near(r.verifier.refuted_true, i);
            assert_true(r.verifier.uninformative);
            assert_string_equal(r.answer, "5");
            near(r.trajectories[0].r, 1);
            near(r.trajectories[1].r, 1);
            surety_result_fini(&r);
            world_fini(&w);
        }
}

static void blind_controls_cost_no_calls(void **state)
{
    static const char *const texts[] = {"\\boxed{5}\nClaims:\n1. sum: 4 + 5 = 9\n",
                                        "\\boxed{4}\nClaims:\n1. sum: 4 + 4 = 8\n",
                                        "\\boxed{4}\nClaims:\n1. rest: 7 - 2 = 5\n"};
    static const struct world_value values[] = {
        {"sum", {"\\boxed{9}", "\\boxed{9}", "\\boxed{9}"}},
        {"rest", {"\\boxed{5}", "\\boxed{5}", "\\boxed{5}"}},
        {NULL, {NULL}}};
    for (int n = 0; n <= 5; n += 5) {
        struct world w;
        world_init(&w, texts, 3);
        w.values = values;
        w.settings.m = 1;
        w.settings.verify = SURETY_VERIFY_BLIND;
        w.settings.verify_repeats = 3;
        w.settings.controls = (uint32_t)n;
        world_open(&w);
        world_run(&w, 5);
        assert_int_equal(w.n_verify_calls, 6);
        struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
        assert_int_equal(r.verifier.n_controls, n ? 3 : 0);
        if (n) { /* 8 was never recomputed; a false digit of 8 could make it 9 */
            near(r.verifier.refuted_true, (0.2 + 0.8 + 0.2) / 3);
            assert_true(r.verifier.refuted_false > 0.5);
            assert_true(r.verifier.refuted_false < 1); /* of so few none is refuted wholly */
            assert_false(r.verifier.uninformative);
        }
        surety_result_fini(&r);
        world_fini(&w);
    }
}

static void result_does_not_depend_on_the_order(void **state)
{
    for (int how = SURETY_VERIFY_EACH; how <= SURETY_VERIFY_BLIND; how++) {
        char *expected = NULL;
        for (unsigned seed = 0; seed < 20; seed++) {
            struct world w;
            open_world(&w, (enum surety_verify)how, "holds 12 pens");
            world_run(&w, seed);
            world_end_alike(&w, &expected);
            assert_non_null(strstr(expected, "\"controls\":{\"n\":1"));
        }
        free(expected);
    }
}

/* A pair of verdicts counts only where both can be read. */
static void unreadable_controls_do_not_count(void **state)
{
    for (int unread = 0; unread < 2; unread++) {
        struct world w;
        open_world(&w, SURETY_VERIFY_EACH, "holds 12 pens");
        world_take_tasks(&w);
        for (size_t k = 0; k < K; k++)
            world_feed(&w, w.tasks[0], k);
        world_take_tasks(&w);
        assert_int_equal(w.n_tasks, 1 + 3 + 1);
        size_t cut = unread ? 4 : 1; /* the planted claim, or the one as it was */
        assert_non_null(strstr(w.tasks[cut]->claims[0], "box holds"));
        struct surety_output output = {.finish = SURETY_FINISH_LENGTH};
        assert_int_equal(plan_feed(w.plan, (uint32_t)cut, &output, NULL), SURETY_OK);
        for (size_t i = 1; i < w.n_tasks; i++)
            world_feed(&w, w.tasks[i], 0);
        assert_true(plan_is_done(w.plan));
        struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
        assert_int_equal(r.verifier.n_controls, 0);
        assert_true(isnan(r.verifier.refuted_true) && isnan(r.verifier.refuted_false));
        assert_false(r.verifier.uninformative);
        surety_result_fini(&r);
        world_fini(&w);
    }
}

/* Of many claims those of lowest rank are planted, which hangs on the seed; a claim that exact
 * arithmetic refutes, or that has no value, never is. */
static void planted_are_as_many_as_asked_for(void **state)
{
    static const char *const colours[] = {"red", "blue", "green", "white", "black", "brown"};
    char texts[6][200];
    const char *many[6];
    for (unsigned i = 0; i < 6; i++) {
        snprintf(texts[i], sizeof texts[i],
                 "\\boxed{5}\nClaims:\n1. the %s box holds 1%u pens\n2. 2*3=7\n3. a lid is good\n"
                 "4. the %s crate holds 91 pens\n",
                 colours[i], i, colours[i]);
        many[i] = texts[i];
    }
    bool differs = false;
    char first[200] = "";
    for (uint64_t seed = 0; seed < 4; seed++) {
        struct world w;
        world_init(&w, many, 6);
        w.settings.verify = SURETY_VERIFY_EACH;
        w.settings.controls = 5;
        w.settings.seed = seed;
        world_open(&w);
        world_run(&w, 0);
        assert_int_equal(w.n_tasks, 1 + 6 + 1 + 6 + 5);
        for (size_t i = w.n_tasks - 5; i < w.n_tasks; i++) {
            const char *planted = w.tasks[i]->claims[0];
            assert_true(strstr(planted, "box ") || strstr(planted, "crate "));
            for (size_t j = 1; j < i; j++)
                assert_string_not_equal(planted, w.tasks[j]->claims[0]);
            assert_null(strstr(planted, "holds 0")); /* never into a leading zero */
        }
        const char *one = w.tasks[w.n_tasks - 5]->claims[0];
        differs |= *first && strcmp(first, one) != 0;
        snprintf(first, sizeof first, "%s", one);
        struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
        assert_int_equal(r.verifier.n_controls, 5);
        surety_result_fini(&r);
        world_fini(&w);
    }
    assert_true(differs);
}

static void nothing_is_planted_unasked(void **state)
{
    struct world w;
    world_init(&w, samples, K);
    w.settings.m = 2;
    world_open(&w);
    world_run(&w, 0);
    assert_int_equal(w.n_tasks, 1 + 3);
    char *json = world_json(&w);
    assert_null(strstr(json, "controls"));
    assert_null(strstr(json, "uninformative"));
    free(json);
    world_fini(&w);
    world_init(&w, samples, K);
    w.settings.controls = 4;
    w.settings.signals = SURETY_SIGNAL_SYMBOLIC; /* no verifier */
    world_open(&w);
    world_run(&w, 0);
    assert_int_equal(w.n_tasks, 1);
    struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
    assert_int_equal(r.run.settings.controls, 0);
    assert_true(isnan(r.verifier.refuted_true));
    surety_result_fini(&r);
    world_fini(&w);
}

/* What cannot be planted does not hide what stands behind it. */
static void claims_behind_one_without_a_value_are_planted(void **state)
{
    static const char *const texts[] = {
        "\\boxed{5}\nClaims:\n1. a lid is good\n2. the box holds 12 pens\n",
        "\\boxed{5}\nClaims:\n1. a lid is good\n2. the crate holds 34 pens\n"};
    struct world w;
    world_init(&w, texts, 2);
    w.settings.m = 2;
    w.settings.verify = SURETY_VERIFY_EACH;
    w.settings.controls = 2;
    world_open(&w);
    world_run(&w, 0);
    struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
    assert_int_equal(r.verifier.n_controls, 2);
    surety_result_fini(&r);
    world_fini(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verifier_that_can_tell_keeps_its_say),
        cmocka_unit_test(verifier_that_cannot_leaves_the_answer_to_cons),
        cmocka_unit_test(blind_controls_cost_no_calls),
        cmocka_unit_test(result_does_not_depend_on_the_order),
        cmocka_unit_test(unreadable_controls_do_not_count),
        cmocka_unit_test(planted_are_as_many_as_asked_for),
        cmocka_unit_test(nothing_is_planted_unasked),
        cmocka_unit_test(claims_behind_one_without_a_value_are_planted),
    };
    return cmocka_run_group_tests_name("claims.plan.plan_control", tests, NULL, NULL);
}
