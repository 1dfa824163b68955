#include "tests/unit/test.h"

#include <math.h>

#include "proto/result_json.h"
#include "tests/unit/claims/plan/plan_world.h"

#define near(a, b) assert_true(fabs((a) - (b)) < 1e-12)

/* "sum: 4 + 5 = 9" is right arithmetic, and the sum may be another one: so the model is asked. */
static void half_proof_gives_way_to_the_model(void **state)
{
    static const char *const samples[] = {
        "\\boxed{1}\nClaims:\n1. WRONG sum: 4 + 5 = 9\n2. rest: 9 - 2 = 7\n3. MUMBLE: 2 * 7 = 14\n"
        "4. half: 14 / 2 = 6\n5. 3 * 4 = 12\n"};
    struct world w;
    world_init(&w, samples, 1);
    w.settings.verify = SURETY_VERIFY_EACH;
    world_open(&w);
    world_run(&w, 0);
    assert_int_equal(w.n_tasks, 1 + 3);
    struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
    static const unsigned by[] = {SURETY_SIGNAL_SELF, SURETY_SIGNAL_SELF, 0, SURETY_SIGNAL_SYMBOLIC,
                                  SURETY_SIGNAL_SYMBOLIC};
    static const double values[] = {0, 1, NAN, 0, 1};
    for (size_t i = 0; i < 5; i++) {
        const struct surety_claim *c = &r.trajectories[0].claims[i];
        assert_int_equal(c->decided_by, by[i]);
        if (by[i])
            near(c->value, values[i]);
        else
            assert_int_equal(c->verdict, SURETY_VERDICT_UNPARSED);
    }
    surety_result_fini(&r);
    world_fini(&w);
}

static void exact_verdict_needs_no_call_and_wins(void **state)
{
    static const char *const samples[] = {
        "\\boxed{6}\nClaims:\n1. 2*3=6\n2. 2*2=5\n",
        "\\boxed{6}\nClaims:\n1. 2*3=6\n2. 1+1=2\n",
    };
    for (int mode = SURETY_VERIFY_EACH; mode <= SURETY_VERIFY_JOINT; mode++) {
        struct world w;
        world_init(&w, samples, 2);
        w.settings.verify = (enum surety_verify)mode;
        w.settings.m = 2;
        world_open(&w);
        world_run(&w, 0);
        assert_int_equal(w.n_tasks, 1);
        struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
        near(r.trajectories[0].r, 0.25);
        near(r.trajectories[1].r, 1);
        assert_int_equal(r.trajectories[0].claims[1].decided_by, SURETY_SIGNAL_SYMBOLIC);
        near(r.trajectories[0].claims[1].symbolic, 0);
        assert_non_null(r.trajectories[0].claims[1].reason);
        surety_result_fini(&r);
        world_fini(&w);
        /* reported, but without a say */
        world_init(&w, samples, 2);
        w.settings.verify = (enum surety_verify)mode;
        w.settings.m = 2;
        w.settings.signals = SURETY_SIGNAL_SELF;
        world_open(&w);
        world_run(&w, 0);
        assert_true(w.n_tasks > 1);
        r = world_result(&w, SURETY_STOP_COMPLETE);
        near(r.trajectories[0].r, 1);
        near(r.trajectories[0].claims[1].symbolic, 0);
        near(r.trajectories[0].claims[1].self, 1);
        surety_result_fini(&r);
        world_fini(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_proof_gives_way_to_the_model),
        cmocka_unit_test(exact_verdict_needs_no_call_and_wins),
    };
    return cmocka_run_group_tests_name("claims.plan.plan_signal", tests, NULL, NULL);
}
