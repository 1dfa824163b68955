#include "tests/unit/test.h"

#include <math.h>

#include "claims/plan/plan_signal.h"
#include "proto/result_json.h"
#include "tests/unit/claims/plan/plan_world.h"
#include <surety/settings.h>

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

/* ---- by hand: one claim, and what is known of it ---- */

struct known {
    unsigned allowed;
    double symbolic, blind, self, agreement;
    bool half;     /* what symbolic proves is half a proof */
    bool unparsed; /* a model was asked and could not be read */
};

static struct surety_claim decide(struct known k)
{
    struct plan *plan = test_calloc(1, sizeof *plan);
    struct plan_distinct distinct = {
        .exact = isnan(k.symbolic)  ? EXACT_UNDECIDED
                 : k.symbolic > 0.5 ? EXACT_PROVED
                                    : EXACT_REFUTED,
        .has_value = k.half,
        .quantity = {.labelled = k.half},
    };
    static char reason[] = "so it is";
    struct surety_claim claim = {.value = NAN,
                                 .verdict = k.unparsed ? SURETY_VERDICT_UNPARSED
                                                       : SURETY_VERDICT_UNCHECKED,
                                 .symbolic = k.symbolic,
                                 .blind = k.blind,
                                 .self = k.self,
                                 .agreement = k.agreement,
                                 .reason = reason};
    plan->settings.signals = k.allowed;
    plan_signals_decide(plan, &distinct, &claim);
    test_free(plan);
    return claim;
}

#define ALL                                                                                        \
    (SURETY_SIGNAL_SYMBOLIC | SURETY_SIGNAL_BLIND | SURETY_SIGNAL_SELF | SURETY_SIGNAL_AGREEMENT)

static void decide_first_known_signal_that_may(void **state)
{
    static const struct {
        struct known known;
        unsigned by;
    } table[] = {
        {{ALL, 0, 1, 1, 1, false, false}, SURETY_SIGNAL_SYMBOLIC},
        {{ALL, NAN, 0.75, 0, 0, false, false}, SURETY_SIGNAL_BLIND},
        {{ALL, NAN, NAN, 0.25, 1, false, false}, SURETY_SIGNAL_SELF},
        {{ALL, NAN, NAN, NAN, 0.5, false, false}, SURETY_SIGNAL_AGREEMENT},
        {{ALL, NAN, NAN, NAN, NAN, false, false}, 0},
        {{ALL & ~SURETY_SIGNAL_SYMBOLIC, 0, 1, 0, 0, false, false}, SURETY_SIGNAL_BLIND},
        {{SURETY_SIGNAL_SELF, 0, 0, 1, 0, false, false}, SURETY_SIGNAL_SELF},
        {{SURETY_SIGNAL_AGREEMENT, 1, 1, 1, 0, false, false}, SURETY_SIGNAL_AGREEMENT},
        {{SURETY_SIGNAL_SELF, 1, 1, NAN, 1, false, false}, 0},
        {{0, 1, 1, 1, 1, false, false}, 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct known *k = &table[i].known;
        struct surety_claim c = decide(*k);
        assert_int_equal(c.decided_by, table[i].by);
        double value = table[i].by == SURETY_SIGNAL_SYMBOLIC    ? k->symbolic
                       : table[i].by == SURETY_SIGNAL_BLIND     ? k->blind
                       : table[i].by == SURETY_SIGNAL_SELF      ? k->self
                       : table[i].by == SURETY_SIGNAL_AGREEMENT ? k->agreement
                                                                : NAN;
        assert_true(isnan(value) ? isnan(c.value) : c.value == value);
        assert_true(table[i].by ? plan_signal_value(&c, table[i].by) == value : true);
    }
}

/* Half of the votes are no refutation; what stands needs no reason. */
static void decide_from_one_half_on_a_claim_stands(void **state)
{
    struct surety_claim c = decide((struct known){ALL, NAN, NAN, 0.5, NAN, false, false});
    assert_int_equal(c.verdict, SURETY_VERDICT_VALID);
    assert_null(c.reason);
    c = decide((struct known){ALL, NAN, NAN, 0.49, NAN, false, false});
    assert_int_equal(c.verdict, SURETY_VERDICT_REFUTED);
    assert_non_null(c.reason);
    c = decide((struct known){ALL, NAN, NAN, NAN, NAN, false, true});
    assert_int_equal(c.verdict, SURETY_VERDICT_UNPARSED);
    assert_non_null(c.reason);
}

/* "sum: 4+5=9" is decided by its arithmetic only where no model that counts was asked. */
static void decide_half_proof_gives_way_to_models_that_count(void **state)
{
    static const struct {
        struct known known;
        unsigned by;
    } table[] = {
        {{ALL, 1, NAN, NAN, NAN, true, false}, SURETY_SIGNAL_SYMBOLIC},
        {{ALL, 1, NAN, NAN, 0, true, false}, SURETY_SIGNAL_SYMBOLIC}, /* agreement is no model */
        {{ALL, 1, NAN, 0, NAN, true, false}, SURETY_SIGNAL_SELF},
        {{ALL, 1, 0.25, NAN, NAN, true, false}, SURETY_SIGNAL_BLIND},
        {{ALL, 1, NAN, NAN, NAN, true, true}, 0},
        {{ALL & ~SURETY_SIGNAL_SELF, 1, NAN, 0, NAN, true, false}, SURETY_SIGNAL_SYMBOLIC},
        {{ALL, 1, NAN, 0, NAN, false, false}, SURETY_SIGNAL_SYMBOLIC}, /* a whole proof */
        {{ALL, 0, NAN, 1, NAN, true, false}, SURETY_SIGNAL_SYMBOLIC},  /* a refutation is whole */
        {{ALL, 0, NAN, NAN, NAN, true, true}, SURETY_SIGNAL_SYMBOLIC},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_int_equal(decide(table[i].known).decided_by, table[i].by);
}

static void settle_only_by_a_whole_proof_that_may_decide(void **state)
{
    struct plan *plan = test_calloc(1, sizeof *plan);
    struct plan_distinct sum = {
        .exact = EXACT_PROVED, .has_value = true, .quantity = {.labelled = true}};
    struct plan_distinct bare = {.exact = EXACT_PROVED, .has_value = true};
    struct plan_distinct refuted = {
        .exact = EXACT_REFUTED, .has_value = true, .quantity = {.labelled = true}};
    struct plan_distinct open = {.exact = EXACT_UNDECIDED};
    plan->settings.signals = ALL;
    assert_false(plan_signals_settle(plan, &sum));
    assert_true(plan_signals_settle(plan, &bare));
    assert_true(plan_signals_settle(plan, &refuted));
    assert_false(plan_signals_settle(plan, &open));
    plan->settings.signals = ALL & ~SURETY_SIGNAL_SYMBOLIC;
    assert_false(plan_signals_settle(plan, &bare));
    assert_false(plan_signals_settle(plan, &refuted));
    test_free(plan);
}

/* Exact arithmetic is quoted before the model where it may decide, else only where the model gives
 * no reason. */
static void reason_of_what_may_decide_goes_first(void **state)
{
    static char exact[] = "1+1 is 2";
    struct plan *plan = test_calloc(1, sizeof *plan);
    struct plan_distinct claim = {.exact = EXACT_REFUTED, .exact_reason = exact}, plain = {0};
    struct plan_reading says = {.value = 0, .reason = "no"}, silent = {.value = 0};
    plan->settings.signals = ALL;
    assert_string_equal(plan_signals_reason(plan, &claim, &says), exact);
    assert_string_equal(plan_signals_reason(plan, &plain, &says), "no");
    assert_null(plan_signals_reason(plan, &plain, &silent));
    plan->settings.signals = SURETY_SIGNAL_SELF;
    assert_string_equal(plan_signals_reason(plan, &claim, &says), "no");
    assert_string_equal(plan_signals_reason(plan, &claim, &silent), exact);
    test_free(plan);
}

static void exact_is_no_word_of_a_model(void **state)
{
    assert_int_equal(plan_signals_exact(), SURETY_SIGNAL_SYMBOLIC);
    assert_int_equal(plan_signals_exact() & surety_verify_signals(), 0);
}

static void fill_takes_the_way_s_word_or_what_was_recorded(void **state)
{
    struct plan *plan = test_calloc(1, sizeof *plan);
    struct plan_distinct distinct = {.exact = EXACT_UNDECIDED};
    struct plan_claim claim = {.distinct = &distinct};
    claim.recorded[__builtin_ctz(SURETY_SIGNAL_SELF)] = 0.25;
    claim.recorded[__builtin_ctz(SURETY_SIGNAL_BLIND)] = 0.75;
    struct plan_trajectory t = {.claims = &claim, .n_claims = 1};
    struct plan_reading reading = {.value = 0.5};
    struct surety_claim out = {0};
    plan_signals_fill(plan, &t, 0, &reading, &out); /* no model was asked */
    assert_true(out.self == 0.25 && out.blind == 0.75);
    assert_true(isnan(out.symbolic) && isnan(out.agreement));
    plan->way = plan_way_of(SURETY_VERIFY_JOINT);
    plan_signals_fill(plan, &t, 0, &reading, &out);
    assert_true(out.self == 0.5 && isnan(out.blind));
    plan->way = plan_way_of(SURETY_VERIFY_BLIND);
    distinct.exact = EXACT_PROVED;
    plan_signals_fill(plan, &t, 0, &reading, &out);
    assert_true(out.blind == 0.5 && isnan(out.self) && out.symbolic == 1);
    distinct.exact = EXACT_REFUTED;
    plan_signals_fill(plan, &t, 0, &reading, &out);
    assert_true(out.symbolic == 0);
    assert_true(isnan(plan_signal_value(&out, SURETY_SIGNAL_EXECUTION)));
    assert_true(isnan(plan_signal_value(&out, 0)));
    test_free(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_proof_gives_way_to_the_model),
        cmocka_unit_test(exact_verdict_needs_no_call_and_wins),
        cmocka_unit_test(decide_first_known_signal_that_may),
        cmocka_unit_test(decide_from_one_half_on_a_claim_stands),
        cmocka_unit_test(decide_half_proof_gives_way_to_models_that_count),
        cmocka_unit_test(settle_only_by_a_whole_proof_that_may_decide),
        cmocka_unit_test(reason_of_what_may_decide_goes_first),
        cmocka_unit_test(exact_is_no_word_of_a_model),
        cmocka_unit_test(fill_takes_the_way_s_word_or_what_was_recorded),
    };
    return cmocka_run_group_tests_name("claims.plan.plan_signal", tests, NULL, NULL);
}
