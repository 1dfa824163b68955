#include "tests/unit/test.h"

#include <math.h>
#include <string.h>

#include "proto/result_json.h"
#include "tests/unit/claims/plan/plan_world.h"

#define near(a, b) assert_true(fabs((a) - (b)) < 1e-12)

/* Jointly the reply on trajectory 3 is unreadable as a whole, so its second claim is unknown too.
 */
static void joint_asks_about_each_trajectory(void **state)
{
    struct world w;
    world_init(&w, world_rescue, 6);
    w.settings.m = 2;
    world_open(&w); /* joint is the default of instruct */
    world_run(&w, 0);
    assert_int_equal(w.n_tasks, 1 + 5);
    assert_int_equal(w.tasks[1]->n_claims, 2);
    struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
    double p = (1 + 5.0) / (1 + 7.0);
    assert_string_equal(r.answer, "4");
    near(r.trajectories[3].r, p * p + 2 * p * (1 - p) * 0.25);
    assert_int_equal(r.run.settings.verify, SURETY_VERIFY_JOINT);
    assert_int_equal(r.run.settings.rule, SURETY_RULE_POWER);
    assert_int_equal(r.run.settings.signals, SURETY_SIGNAL_SYMBOLIC | SURETY_SIGNAL_SELF);
    near(r.run.settings.gamma, 2);
    near(r.run.settings.verify_temperature, 1);
    assert_int_equal(r.verifier.calls_saved, 0);
    surety_result_fini(&r);
    world_fini(&w);
    world_init(&w, world_rescue, 6);
    w.settings.m = 2;
    w.settings.verify_temperature = 0; /* two of them claim the same */
    world_open(&w);
    world_run(&w, 0);
    assert_int_equal(w.n_tasks, 1 + 4);
    r = world_result(&w, SURETY_STOP_COMPLETE);
    assert_string_equal(r.answer, "4");
    assert_int_equal(r.verifier.calls_saved, 1);
    assert_int_equal(r.usage.calls, 6 + 4);
    surety_result_fini(&r);
    world_fini(&w);
}

static void contextual_claim_is_asked_jointly_only(void **state)
{
    static const char *const samples[] = {"\\boxed{7}\nClaims:\n1. so x = 7\n2. a lid is good\n"};
    struct world w;
    world_init(&w, samples, 1);
    w.settings.verify = SURETY_VERIFY_EACH;
    w.settings.m = 2;
    world_open(&w);
    world_run(&w, 0);
    assert_int_equal(w.n_tasks, 2);
    assert_string_equal(w.tasks[1]->claims[0], "a lid is good");
    struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
    assert_int_equal(r.trajectories[0].claims[0].verdict, SURETY_VERDICT_UNCHECKED);
    assert_non_null(strstr(r.trajectories[0].claims[0].reason, "jointly"));
    surety_result_fini(&r);
    world_fini(&w);
    world_init(&w, samples, 1);
    w.settings.verify = SURETY_VERIFY_JOINT;
    world_open(&w);
    world_run(&w, 0);
    assert_int_equal(w.tasks[1]->n_claims, 2);
    r = world_result(&w, SURETY_STOP_COMPLETE);
    assert_int_equal(r.trajectories[0].claims[0].verdict, SURETY_VERDICT_VALID);
    surety_result_fini(&r);
    world_fini(&w);
}

static void joint_asks_unless_all_claims_are_decided(void **state)
{
    static const char *const samples[] = {"\\boxed{7}\nClaims:\n1. a lid is good\n2. 2*2=4\n"};
    struct world w;
    world_init(&w, samples, 1);
    world_open(&w);
    world_run(&w, 0);
    assert_int_equal(w.n_tasks, 2);
    world_fini(&w);
    static const char *const proofs[] = {"\\boxed{7}\nClaims:\n1. half: 6/2=3\n2. 2*2=4\n",
                                         "\\boxed{7}\nClaims:\n1. 6/2=3\n2. 2*2=4\n"};
    world_init(&w, proofs, 2); /* the first leaves open whether that is the half */
    world_open(&w);
    world_run(&w, 0);
    assert_int_equal(w.n_tasks, 2);
    world_fini(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joint_asks_about_each_trajectory),
        cmocka_unit_test(contextual_claim_is_asked_jointly_only),
        cmocka_unit_test(joint_asks_unless_all_claims_are_decided),
    };
    return cmocka_run_group_tests_name("claims.plan.plan_way_joint", tests, NULL, NULL);
}
