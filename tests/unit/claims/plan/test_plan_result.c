#include "tests/unit/test.h"

#include <math.h>
#include <string.h>

#include "proto/result_json.h"
#include "tests/unit/claims/plan/plan_world.h"

#define near(a, b) assert_true(fabs((a) - (b)) < 1e-12)

static void feed_text(struct world *w, uint32_t task, uint32_t index, enum surety_finish finish,
                      const char *text)
{
    struct surety_output output = {.index = index, .finish = finish, .text = (char *)text};
    assert_int_equal(plan_feed(w->plan, task, &output, NULL), SURETY_OK);
}

static void result_in_the_middle_takes_what_is_there(void **state)
{
    struct world w;
    world_init(&w, world_rescue, 6);
    world_open(&w);
    world_take_tasks(&w);
    struct surety_result r = world_result(&w, SURETY_STOP_DEADLINE);
    assert_null(r.answer);
    assert_int_equal(r.n_trajectories, 0);
    assert_int_equal(r.stop, SURETY_STOP_DEADLINE);
    assert_false(r.run.reproducible);
    surety_result_fini(&r);
    world_feed(&w, w.tasks[0], 5);
    world_feed(&w, w.tasks[0], 2);
    world_feed(&w, w.tasks[0], 3);
    r = world_result(&w, SURETY_STOP_BUDGET);
    assert_int_equal(r.n_trajectories, 3);
    assert_int_equal(r.trajectories[0].index, 2);
    assert_string_equal(r.answer, "5"); /* no verdict yet: Cons */
    near(r.trajectories[0].r, 1);
    near(r.reliability, 2.0 / 3);
    assert_int_equal(r.trajectories[0].claims[0].verdict, SURETY_VERDICT_UNCHECKED);
    surety_result_fini(&r);
    assert_false(plan_is_done(w.plan));
    world_fini(&w);
}

static void nothing_parsed_is_exactly_cons(void **state)
{
    static const char *const samples[] = {
        "\\boxed{1}\nClaims:\n1. a MUMBLE\n2. b MUMBLE\n3. c MUMBLE\n",
        "\\boxed{2}\nClaims:\n1. d MUMBLE\n",
        "\\boxed{2}",
    };
    struct world w;
    world_init(&w, samples, 3);
    world_open(&w);
    world_run(&w, 0);
    struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
    for (size_t i = 0; i < 3; i++)
        assert_true(r.trajectories[i].r == 1);
    assert_string_equal(r.answer, "2");
    near(r.reliability, 2.0 / 3);
    assert_true(isnan(r.verifier.valid_rate));
    near(r.verifier.unparsed_rate, 1);
    surety_result_fini(&r);
    world_fini(&w);
}

/* Text that the splitter finds nothing in counts like m claims of unknown verdict. */
static void no_claims_is_neither_praise_nor_blame(void **state)
{
    static const char *const samples[] = {
        "\\boxed{1}\nClaims:\n1. a lid is good\n2. a lid is WRONG\n", "\\boxed{2}"};
    struct world w;
    world_init(&w, samples, 2);
    w.settings.m = 2;
    w.settings.gamma = 1;
    world_open(&w);
    world_run(&w, 0);
    struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
    near(r.trajectories[0].r, 0.5);
    near(r.trajectories[1].r, 2.0 / 3); /* p = (1 + 1) / (1 + 2) */
    surety_result_fini(&r);
    world_fini(&w);
}

static void soft_refutation_breaks_ties_only(void **state)
{
    static const char *const samples[] = {
        "\\boxed{5}\nClaims:\n1. 2*2=5\n", "\\boxed{4}\nClaims:\n1. 2*2=4\n",
        "\\boxed{5}\nClaims:\n1. 2*2=5\n", "\\boxed{4}\nClaims:\n1. 2*2=4\n",
        "\\boxed{5}\nClaims:\n1. 2*2=5\n"};
    struct world w;
    world_init(&w, samples, 4);
    w.settings.verify = SURETY_VERIFY_NONE;
    world_open(&w);
    world_run(&w, 0);
    struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
    assert_int_equal(r.run.settings.rule, SURETY_RULE_SOFT);
    assert_string_equal(r.cons, "5");
    assert_string_equal(r.answer, "4");
    near(r.trajectories[0].r, 1 - 1 / 8.0);
    surety_result_fini(&r);
    world_fini(&w);
    world_init(&w, samples, 5);
    w.settings.verify = SURETY_VERIFY_NONE;
    world_open(&w);
    world_run(&w, 0);
    r = world_result(&w, SURETY_STOP_COMPLETE);
    assert_string_equal(r.answer, "5"); /* a vote more beats any penalty */
    surety_result_fini(&r);
    world_fini(&w);
}

static void failed_ones_are_kept_with_their_error(void **state)
{
    static const char *const samples[] = {NULL, "\\boxed{3}", NULL};
    struct world w;
    world_init(&w, samples, 3);
    world_open(&w);
    world_run(&w, 0);
    struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
    assert_string_equal(r.answer, "3");
    assert_int_equal(r.error.code, SURETY_OK);
    assert_int_equal(r.trajectories[2].error.code, SURETY_ERR_ENGINE);
    assert_int_equal(r.usage.calls, 1);
    surety_result_fini(&r);
    world_fini(&w);
    static const char *const none[] = {NULL, NULL};
    world_init(&w, none, 2);
    world_open(&w);
    world_run(&w, 0);
    r = world_result(&w, SURETY_STOP_COMPLETE);
    assert_null(r.answer);
    assert_int_equal(r.error.code, SURETY_ERR_ENGINE);
    assert_non_null(strstr(r.error.message, "it broke"));
    assert_int_equal(r.n_trajectories, 2);
    surety_result_fini(&r);
    world_fini(&w);
}

static void splitter_claims_are_not_counted_against_m(void **state)
{
    static const char *const samples[] = {
        "First 14 * 23 = 322. Then 322 + 10 = 332.\n\n\\boxed{332}"};
    struct world w;
    world_init(&w, samples, 1);
    w.settings.verify = SURETY_VERIFY_NONE;
    w.settings.rule = SURETY_RULE_POWER;
    world_open(&w);
    world_run(&w, 0);
    struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
    assert_int_equal(r.trajectories[0].n_claims, 2);
    near(r.trajectories[0].r, 1);
    surety_result_fini(&r);
    world_fini(&w);
}

static void trajectory_without_answer_has_no_say(void **state)
{
    static const char *const samples[] = {
        "I do not know.\n\nClaims:\n1. 2*3=6\n2. the box is big\n",
        "\\boxed{2}\nClaims:\n1. d MUMBLE\n"};
    struct world w;
    world_init(&w, samples, 2);
    w.settings.m = 2;
    world_open(&w);
    world_run(&w, 0);
    assert_int_equal(w.n_tasks, 2); /* it is not verified */
    struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
    assert_null(r.trajectories[0].answer);
    assert_int_equal(r.trajectories[0].n_claims, 2);
    assert_true(r.trajectories[1].r == 1); /* nothing is known of those that vote: Cons */
    surety_result_fini(&r);
    world_fini(&w);
}

static void result_groups_anew_when_more_came(void **state)
{
    struct world w;
    world_init(&w, world_rescue, 3);
    world_open(&w);
    world_take_tasks(&w);
    for (uint32_t k = 0; k < 2; k++) {
        world_feed(&w, w.tasks[0], k);
        struct surety_result r = world_result(&w, SURETY_STOP_DEADLINE);
        assert_int_equal(r.n_groups, k + 1);
        surety_result_fini(&r);
    }
    /* cut in the middle: what it ends with is no answer */
    feed_text(&w, 0, 2, SURETY_FINISH_LENGTH, "12");
    struct surety_result r = world_result(&w, SURETY_STOP_DEADLINE);
    assert_null(r.trajectories[2].answer);
    surety_result_fini(&r);
    world_fini(&w);
}

/* Sampling ends where it is: what came is verified as if no more had been asked for. */
static void withdrawn_samples_were_never_there(void **state)
{
    struct world w;
    world_init(&w, world_rescue, 6);
    world_open(&w);
    assert_true(plan_verifies(w.plan));
    world_take_tasks(&w);
    for (uint32_t k = 0; k < 6; k++)
        if (k == 0 || k == 4)
            feed_text(&w, 0, k, SURETY_FINISH_CANCELLED, "");
        else
            world_feed(&w, w.tasks[0], k);
    assert_true(plan_is_cut(w.plan));
    assert_false(plan_is_done(w.plan));
    world_run(&w, 0);
    assert_true(plan_is_done(w.plan) && w.n_verify_calls > 0);
    bool more;
    assert_int_equal(plan_compare(w.plan, &more, NULL), SURETY_OK);
    assert_false(more);
    struct surety_result r = world_result(&w, SURETY_STOP_BUDGET);
    assert_int_equal(r.n_trajectories, 4);
    assert_int_equal(r.trajectories[0].index, 1);
    assert_int_equal(r.trajectories[3].index, 5);
    uint32_t members = 0;
    for (size_t g = 0; g < r.n_groups; g++)
        for (uint32_t i = 0; i < r.groups[g].count; i++, members++)
            assert_true(r.groups[g].members[i] != 0 && r.groups[g].members[i] != 4);
    assert_int_equal(members, 4);
    assert_string_equal(r.answer, "4"); /* right by verdicts */
    assert_int_equal(r.usage.calls, 4 + w.n_verify_calls);
    surety_result_fini(&r);
    world_fini(&w);
}

/* Right arithmetic is no verdict on a claim that a model was to judge. */
static void claims_that_nobody_came_to_judge_are_unchecked(void **state)
{
    static const char *const samples[] = {
        "\\boxed{4}\nClaims:\n1. first: 2+2=4\n2. second: 2+2=5\n",
        "\\boxed{4}\nClaims:\n1. first: 2+2=4\n2. second: 2+2=5\n",
    };
    struct world w;
    world_init(&w, samples, 2);
    w.settings.verify = SURETY_VERIFY_EACH;
    world_open(&w);
    world_take_tasks(&w);
    world_feed(&w, w.tasks[0], 0);
    world_feed(&w, w.tasks[0], 1);
    struct surety_result r = world_result(&w, SURETY_STOP_CANCELLED);
    assert_int_equal(r.trajectories[0].claims[0].verdict, SURETY_VERDICT_UNCHECKED);
    assert_int_equal(r.trajectories[0].claims[1].verdict, SURETY_VERDICT_REFUTED);
    assert_int_equal(r.verifier.calls_saved, 0); /* nor did anybody ask */
    surety_result_fini(&r);
    world_run(&w, 0);
    r = world_result(&w, SURETY_STOP_COMPLETE);
    assert_int_equal(r.trajectories[0].claims[0].verdict, SURETY_VERDICT_VALID);
    assert_int_equal(r.verifier.calls_saved, 1);
    surety_result_fini(&r);
    world_fini(&w);
}

static void gamma_below_one_is_taken_as_it_is(void **state)
{
    for (int given = 0; given < 2; given++) {
        struct world w;
        world_init(&w, world_rescue, 6);
        w.settings.m = 2;
        w.settings.gamma = given ? 0.5 : -1;
        world_open(&w);
        world_run(&w, 0);
        struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
        near(r.run.settings.gamma, given ? 0.5 : 2);
        near(r.trajectories[0].r, given ? sqrt(0.5) : 0.25);
        surety_result_fini(&r);
        world_fini(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(result_in_the_middle_takes_what_is_there),
        cmocka_unit_test(nothing_parsed_is_exactly_cons),
        cmocka_unit_test(no_claims_is_neither_praise_nor_blame),
        cmocka_unit_test(soft_refutation_breaks_ties_only),
        cmocka_unit_test(failed_ones_are_kept_with_their_error),
        cmocka_unit_test(splitter_claims_are_not_counted_against_m),
        cmocka_unit_test(trajectory_without_answer_has_no_say),
        cmocka_unit_test(result_groups_anew_when_more_came),
        cmocka_unit_test(withdrawn_samples_were_never_there),
        cmocka_unit_test(claims_that_nobody_came_to_judge_are_unchecked),
        cmocka_unit_test(gamma_below_one_is_taken_as_it_is),
    };
    return cmocka_run_group_tests_name("claims.plan.plan_result", tests, NULL, NULL);
}
