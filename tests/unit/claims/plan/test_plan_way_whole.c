#include "tests/unit/test.h"

#include <math.h>
#include <string.h>

#include "claims/plan/plan_internal.h"
#include "tests/unit/claims/plan/plan_world.h"
#include <surety/result.h>

#define near(a, b) assert_true(fabs((a) - (b)) < 1e-12)

static const char *const samples[] = {
    "\\boxed{5}\nClaims:\n1. pens: 2+3=5\n2. a lid is WRONG\n",
    "\\boxed{4}\nClaims:\n1. a box holds 12 pens\n2. the lid is good\n",
    "\\boxed{5}\nClaims:\n1. it is WRONG\n",
    "\\boxed{4}\nno claims of the answer's own",
};

/* One verdict a solution, which is shown with its lines; r is its power. */
static void whole_verdict_stands_for_every_claim(void **state)
{
    for (int chooses = 0; chooses < 2; chooses++) {
        struct world w;
        world_init(&w, samples, 3);
        w.settings.verify = SURETY_VERIFY_WHOLE;
        w.settings.m = 2;
        w.settings.gamma = 1;
        w.chooses = chooses;
        world_open(&w);
        world_run(&w, 3);
        assert_int_equal(w.n_tasks, 1 + 3);
        assert_int_equal(w.tasks[1]->n_labels, chooses ? 2 : 0);
        assert_string_equal(w.tasks[1]->claims[0], samples[0]);
        assert_non_null(strstr(w.tasks[1]->messages[1].content, samples[0]));
        struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
        double good = chooses ? 0.75 : 1, bad = chooses ? 0.25 : 0;
        assert_string_equal(r.answer, "4");
        assert_string_equal(r.cons, "5");
        for (size_t i = 0; i < 2; i++) {
            near(r.trajectories[0].claims[i].whole, bad);
            near(r.trajectories[1].claims[i].whole, good);
            assert_int_equal(r.trajectories[1].claims[i].decided_by, SURETY_SIGNAL_WHOLE);
            assert_true(isnan(r.trajectories[1].claims[i].self));
        }
        near(r.trajectories[1].r, good);
        near(r.trajectories[0].r, bad);
        assert_int_equal(r.run.settings.signals, SURETY_SIGNAL_SYMBOLIC | SURETY_SIGNAL_WHOLE);
        surety_result_fini(&r);
        world_fini(&w);
    }
}

/* The control is the solution with one digit of a claim's value changed, and nothing else. */
static void control_is_the_solution_with_one_value_changed(void **state)
{
    struct world w;
    world_init(&w, samples + 1, 1);
    w.settings.verify = SURETY_VERIFY_WHOLE;
    w.settings.controls = 4;
    w.truth = "12"; /* of what a box holds */
    w.chooses = true;
    world_open(&w);
    world_run(&w, 0);
    assert_int_equal(w.n_tasks, 1 + 1 + 1);
    const char *planted = w.tasks[2]->claims[0];
    size_t changed = 0;
    assert_int_equal(strlen(planted), strlen(samples[1]));
    for (size_t i = 0; planted[i]; i++)
        changed += planted[i] != samples[1][i];
    assert_int_equal(changed, 1);
    assert_non_null(strstr(planted, "\\boxed{4}"));
    assert_null(strstr(planted, "holds 12 pens"));
    struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
    assert_int_equal(r.verifier.n_controls, 1);
    near(r.verifier.refuted_true, 0.25);
    near(r.verifier.refuted_false, 0.75);
    assert_false(r.verifier.uninformative);
    surety_result_fini(&r);
    world_fini(&w);
}

/* What travels beside the prompt is cut like a claim; the prompt has all of it, up to a limit. */
static void long_solution_is_shown_whole_and_named_short(void **state)
{
    static const char end[] = "\n\\boxed{4}\nClaims:\n1. the lid is good\n";
    static char text[3 * PLAN_SHOWN_MAX];
    for (size_t length = 4000; length < sizeof text; length += PLAN_SHOWN_MAX) {
        const char *sample[] = {text};
        struct world w;
        memset(text, 0, sizeof text);
        for (size_t i = 0; i < length; i += 4)
            memcpy(text + i, "a \xC3\xA9", 4);
        memcpy(text + length, end, sizeof end);
        world_init(&w, sample, 1);
        w.settings.verify = SURETY_VERIFY_WHOLE;
        world_open(&w);
        struct surety_output output = {
            .finish = SURETY_FINISH_STOP, .text = text, .completion_tokens = 1};
        world_take_tasks(&w);
        assert_int_equal(plan_feed(w.plan, 0, &output, NULL), SURETY_OK);
        world_take_tasks(&w);
        assert_int_equal(w.n_tasks, 2);
        assert_true(strlen(w.tasks[1]->claims[0]) <= SURETY_CLAIM_MAX);
        const char *shown = w.tasks[1]->messages[1].content;
        assert_non_null(strstr(shown, "the lid is good"));
        assert_true(strlen(shown) > (length < PLAN_SHOWN_MAX ? length : PLAN_SHOWN_MAX - 4));
        assert_true(strlen(shown) < PLAN_SHOWN_MAX + 2000);
        world_fini(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_verdict_stands_for_every_claim),
        cmocka_unit_test(control_is_the_solution_with_one_value_changed),
        cmocka_unit_test(long_solution_is_shown_whole_and_named_short),
    };
    return cmocka_run_group_tests_name("claims.plan.plan_way_whole", tests, NULL, NULL);
}
