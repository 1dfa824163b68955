#include "tests/unit/test.h"

#include <math.h>
#include <string.h>

#include "proto/result_json.h"
#include "tests/unit/claims/plan/plan_world.h"

#define near(a, b) assert_true(fabs((a) - (b)) < 1e-12)

static void check_rescue(const struct surety_result *r)
{
    /* known values of the claims: 1 0 | 1 1 | 1 0 | - 0 | | 1 */
    double p = (1 + 5.0) / (1 + 8.0);
    assert_string_equal(r->answer, "4");
    assert_string_equal(r->cons, "5");
    assert_string_equal(r->first, "5");
    assert_int_equal(r->n_trajectories, 6);
    near(r->trajectories[0].r, 0.25); /* (1/2)^2 */
    near(r->trajectories[1].r, 1);
    near(r->trajectories[2].r, 0.25);
    near(r->trajectories[3].r, p * 0.25);
    near(r->trajectories[4].r, 0);
    near(r->trajectories[5].r, 0.25); /* the second claim is missing */
    near(r->reliability, 1.25 / (1.75 + p * 0.25));
    assert_int_equal(r->trajectories[0].claims[1].verdict, SURETY_VERDICT_REFUTED);
    assert_string_equal(r->trajectories[0].claims[1].reason, "it is wrong");
    assert_int_equal(r->trajectories[0].claims[1].decided_by, SURETY_SIGNAL_SELF);
    assert_int_equal(r->trajectories[1].claims[1].verdict, SURETY_VERDICT_VALID);
    assert_null(r->trajectories[1].claims[1].reason);
    assert_int_equal(r->trajectories[3].claims[0].verdict, SURETY_VERDICT_UNPARSED);
    assert_non_null(r->trajectories[3].claims[0].reason);
    assert_true(isnan(r->trajectories[3].claims[0].value));
    assert_null(r->trajectories[4].answer);
    assert_int_equal(r->n_groups, 2);
}

static void each_asks_once_about_equal_claims(void **state)
{
    struct world w;
    world_init(&w, world_rescue, 6);
    w.settings.verify = SURETY_VERIFY_EACH;
    w.settings.m = 2;
    world_open(&w);
    world_run(&w, 0);
    assert_int_equal(w.n_tasks, 1 + 4); /* big, WRONG, good, MUMBLE */
    assert_string_equal(w.tasks[1]->claims[0], "the box is big");
    assert_string_equal(w.tasks[2]->claims[0], "a lid is WRONG");
    struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
    check_rescue(&r);
    assert_int_equal(r.verifier.calls_saved, 9 - 4);
    near(r.verifier.valid_rate, 2.0 / 3);
    near(r.verifier.unparsed_rate, 1.0 / 4);
    assert_int_equal(r.usage.calls, 6 + 4);
    assert_int_equal(r.usage.prompt_tokens, 100);
    assert_int_equal(r.usage.cached_tokens, 40);
    assert_int_equal(r.usage.verify_prompt_tokens, 40);
    assert_int_equal(r.usage.verify_cached_tokens, 16);
    assert_int_equal(r.usage.completion_tokens, 18);
    assert_int_equal(r.usage.verify_tokens, 12);
    assert_int_equal(r.usage.wall_ms, 5);
    assert_true(r.run.reproducible);
    surety_result_fini(&r);
    world_fini(&w);
}

static const char by_choice[] =
    "name: choosing\nverdict: choice\n[sample user]\n{problem}\n[each user]\n{problem} {claim}\n"
    "[each assistant]\nVERDICT:\n";

/* The values are the probabilities of VALID, and what the engine answered by text is read as such.
 */
static void each_by_choice_is_soft(void **state)
{
    struct world w;
    world_init(&w, world_rescue, 6);
    w.settings.m = 2;
    w.settings.gamma = 1;
    w.chooses = true;
    w.text = by_choice;
    world_open(&w);
    world_run(&w, 0);
    assert_int_equal(w.tasks[1]->n_labels, 2);
    assert_string_equal(w.tasks[1]->opened, "VERDICT:");
    struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
    const struct surety_claim *big = &r.trajectories[0].claims[0],
                              *wrong = &r.trajectories[0].claims[1];
    near(big->value, 0.75);
    near(big->self, 0.75);
    assert_int_equal(big->verdict, SURETY_VERDICT_VALID);
    assert_null(big->reason);
    near(wrong->value, 0.25);
    assert_int_equal(wrong->verdict, SURETY_VERDICT_REFUTED);
    assert_string_equal(wrong->reason, "asked to choose, the model gives it 0.25");
    near(r.trajectories[0].r, 0.5);
    near(r.trajectories[1].r, 0.75);
    assert_int_equal(r.trajectories[3].claims[0].verdict, SURETY_VERDICT_UNPARSED); /* MUMBLE */
    near(r.verifier.unparsed_rate, 1.0 / 4);
    surety_result_fini(&r);
    world_fini(&w);
}

/* The same profile with an engine that cannot choose: by text, as ever. */
static void each_by_choice_without_an_engine_is_text(void **state)
{
    struct world w;
    world_init(&w, world_rescue, 6);
    w.settings.m = 2;
    w.settings.verify_repeats = 3;
    w.text = by_choice;
    world_open(&w);
    world_run(&w, 0);
    assert_int_equal(w.tasks[1]->n_labels, 0);
    assert_int_equal(w.tasks[1]->n_messages, 1);
    struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
    check_rescue(&r);
    surety_result_fini(&r);
    world_fini(&w);
}

static void repeats_of_a_choice_are_refused(void **state)
{
    struct world w;
    struct surety_error err = {0};
    world_init(&w, world_rescue, 6);
    w.settings.verify_repeats = 2;
    w.chooses = true;
    w.text = by_choice;
    assert_int_equal(world_try(&w, &err), SURETY_ERR_INVALID);
    assert_non_null(strstr(err.message, "2 repeats of a verdict by choice are all the same"));
}

static void each_saves_every_repeat(void **state)
{
    static const char *const samples[] = {"\\boxed{7}\nClaims:\n1. a lid is good\n",
                                          "\\boxed{7}\nClaims:\n1. a lid is good\n"};
    struct world w;
    world_init(&w, samples, 2);
    w.settings.verify = SURETY_VERIFY_EACH;
    w.settings.verify_repeats = 3;
    world_open(&w);
    world_run(&w, 0);
    assert_int_equal(w.n_verify_calls, 3);
    struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
    assert_int_equal(r.verifier.calls_saved, 3);
    surety_result_fini(&r);
    world_fini(&w);
}

static void tasks_come_as_the_prefix_grows(void **state)
{
    struct world w;
    world_init(&w, world_rescue, 6);
    w.settings.verify = SURETY_VERIFY_EACH;
    world_open(&w);
    world_take_tasks(&w);
    assert_int_equal(w.n_tasks, 1);
    world_feed(&w, w.tasks[0], 3);
    world_feed(&w, w.tasks[0], 1);
    world_take_tasks(&w);
    assert_int_equal(w.n_tasks, 1);
    world_feed(&w, w.tasks[0], 0);
    world_take_tasks(&w);
    assert_int_equal(w.n_tasks, 1 + 3); /* of 0 and 1 */
    world_feed(&w, w.tasks[0], 2);
    world_take_tasks(&w);
    assert_int_equal(w.n_tasks, 1 + 4); /* nothing new in 2; then 3 */
    world_fini(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_asks_once_about_equal_claims),
        cmocka_unit_test(each_by_choice_is_soft),
        cmocka_unit_test(each_by_choice_without_an_engine_is_text),
        cmocka_unit_test(repeats_of_a_choice_are_refused),
        cmocka_unit_test(each_saves_every_repeat),
        cmocka_unit_test(tasks_come_as_the_prefix_grows),
    };
    return cmocka_run_group_tests_name("claims.plan.plan_way_each", tests, NULL, NULL);
}
