#include "tests/unit/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/result_json.h"
#include "tests/unit/claims/plan/plan_world.h"

#define near(a, b) assert_true(fabs((a) - (b)) < 1e-12)

/* Three groups of answers. "sum" is contested, "boxes" is settled, for all speak of it and alike;
 * the last sum is carried wrong. */
static const char *const samples[] = {
    "\\boxed{1}\nClaims:\n1. boxes: 3 * 4 = 12\n2. sum: 12 + 5 = 17\n3. a lid is good\n",
    "\\boxed{2}\nClaims:\n1. boxes: 3 * 4 = 12\n2. sum: 12 - 5 = 7\n3. a lid is good\n",
    "\\boxed{2}\nClaims:\n1. boxes: 3 * 4 = 12\n2. sum: 12 - 5 = 7\n3. a lid is good\n",
    "\\boxed{3}\nClaims:\n1. boxes: 3 * 4 = 12\n2. sum: 13 + 5 = 18\n3. a lid is good\n",
    "I do not know.\nClaims:\n1. sum: 4 + 5 = 9\n",
};
static const struct world_value values[] = {
    {"boxes", {"\\boxed{12}", "\\boxed{12}", "\\boxed{12}"}},
    {"sum", {"\\boxed{17}", "\\boxed{7}", "So it is \\boxed{17.0}"}},
    {NULL, {NULL}},
};

static void open_blind(struct world *w, const char *const *texts, size_t k,
                       const struct world_value *table)
{
    world_init(w, texts, k);
    w->values = table;
    w->settings.m = 3;
    w->settings.verify = SURETY_VERIFY_BLIND;
    w->settings.verify_repeats = 3;
}

static void rivals_share_calls_and_contested_ones_come_first(void **state)
{
    struct world w;
    open_blind(&w, samples, 5, values);
    w.settings.gamma = 12;
    world_open(&w);
    world_run(&w, 3);
    assert_int_equal(w.n_tasks, 1 + 2);
    assert_string_equal(w.tasks[1]->claims[0], "sum");
    assert_string_equal(w.tasks[2]->claims[0], "boxes");
    assert_int_equal(w.tasks[1]->n_items, 3);
    assert_int_equal(w.tasks[2]->n_items, 1);
    for (size_t i = 0; i < w.tasks[1]->n_messages; i++) { /* no value goes out */
        const char *text = w.tasks[1]->messages[i].content;
        assert_false(strstr(text, "= 1") || strstr(text, "12 +") || strstr(text, "= 7"));
    }
    struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
    assert_string_equal(r.cons, "2");
    assert_string_equal(r.answer, "1");
    double share[] = {3.0 / 5, 2.0 / 5, 2.0 / 5, 1.0 / 5};
    for (size_t k = 0; k < 4; k++) {
        const struct surety_claim *c = r.trajectories[k].claims;
        near(c[0].blind, 2.0 / 3);
        near(c[1].blind, share[k]);
        near(c[1].value, share[k]);
        near(c[1].symbolic, 1);
        assert_int_equal(c[1].decided_by, SURETY_SIGNAL_BLIND);
        assert_true(isnan(c[1].self));
    }
    assert_int_equal(r.trajectories[0].claims[1].verdict, SURETY_VERDICT_VALID);
    assert_int_equal(r.trajectories[1].claims[1].verdict, SURETY_VERDICT_REFUTED);
    assert_string_equal(r.trajectories[1].claims[1].reason,
                        "recomputed as 17; 1 of 3 recomputations agree");
    assert_int_equal(r.trajectories[3].claims[2].verdict, SURETY_VERDICT_UNCHECKED);
    assert_non_null(strstr(r.trajectories[3].claims[2].reason, "no value"));
    assert_true(isnan(r.trajectories[4].claims[0].blind)); /* no vote, so nothing to say */
    double p = (1 + 4 * 2.0 / 3 + 0.6 + 0.4 + 0.4 + 0.2 + 1) / (1 + 9.0), known = 2.0 / 3 + 0.6;
    near(r.trajectories[0].r, p * pow((known + 1) / 3, 12) + (1 - p) * pow(known / 3, 12));
    assert_int_equal(r.run.settings.signals, SURETY_SIGNAL_SYMBOLIC | SURETY_SIGNAL_BLIND);
    assert_int_equal(r.run.settings.rule, SURETY_RULE_POWER);
    assert_int_equal(r.verifier.calls_saved, 3 * (4 - 1) + 1 * (4 - 1));
    near(r.verifier.valid_rate, 1); /* each reply gives some trajectory's value */
    assert_int_equal(r.usage.calls, 5 + 4);
    surety_result_fini(&r);
    world_fini(&w);
}

/* 0.333 rounds a third: it gives that value, but not beside a claim that has it to the letter. */
static void exact_value_goes_before_a_compatible_one(void **state)
{
    static const char *const alone[] = {"\\boxed{1}\nClaims:\n1. rest: 1 / 3 = 1/3\n",
                                        "\\boxed{2}\nClaims:\n1. rest: 2 / 3 = 0.667\n"};
    static const char *const beside[] = {"\\boxed{1}\nClaims:\n1. rest: 1 / 3 = 1/3\n",
                                         "\\boxed{2}\nClaims:\n1. rest: 1 / 3 = 0.333\n"};
    static const struct world_value table[] = {
        {"rest", {"\\boxed{0.333}", "\\boxed{0.333}", "\\boxed{0.333}"}}, {NULL, {NULL}}};
    const struct {
        const char *const *texts;
        double first, second;
    } rows[] = {{alone, 4.0 / 5, 1.0 / 5}, {beside, 1.0 / 5, 4.0 / 5}};
    for (size_t i = 0; i < 2; i++) {
        struct world w;
        open_blind(&w, rows[i].texts, 2, table);
        w.settings.signals = SURETY_SIGNAL_BLIND;
        world_open(&w);
        world_run(&w, 0);
        struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
        near(r.trajectories[0].claims[0].blind, rows[i].first);
        near(r.trajectories[1].claims[0].blind, rows[i].second);
        surety_result_fini(&r);
        world_fini(&w);
    }
}

static void result_does_not_depend_on_the_order(void **state)
{
    char *expected = NULL;
    for (unsigned seed = 0; seed < 50; seed++) {
        struct world w;
        open_blind(&w, samples, 5, values);
        world_open(&w);
        world_run(&w, seed);
        world_end_alike(&w, &expected);
    }
    free(expected);
}

static void exact_verdict_decides_but_for_a_labelled_proof(void **state)
{
    static const char *const texts[] = {
        "\\boxed{1}\nClaims:\n1. 3 * 4 = 12\n2. sum: 12 + 5 = 18\n3. rest: 9 - 2 = 7\n",
        "\\boxed{2}"};
    static const struct world_value table[] = {{"rest", {"\\boxed{8}", "\\boxed{8}", NULL}},
                                               {NULL, {NULL}}};
    struct world w;
    open_blind(&w, texts, 2, table);
    world_open(&w);
    world_run(&w, 0);
    assert_int_equal(w.n_tasks, 2);
    assert_string_equal(w.tasks[1]->claims[0], "rest");
    struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
    const struct surety_claim *c = r.trajectories[0].claims;
    assert_int_equal(c[0].decided_by, SURETY_SIGNAL_SYMBOLIC);
    near(c[0].value, 1);
    assert_int_equal(c[1].decided_by, SURETY_SIGNAL_SYMBOLIC);
    near(c[1].value, 0);
    assert_int_equal(c[2].decided_by, SURETY_SIGNAL_BLIND);
    near(c[2].value, 1.0 / 4); /* the third was cut and does not count */
    near(r.verifier.unparsed_rate, 1.0 / 3);
    surety_result_fini(&r);
    world_fini(&w);
    open_blind(&w, texts, 2, table); /* without that signal all three are recomputed */
    w.settings.signals = SURETY_SIGNAL_BLIND;
    world_open(&w);
    world_run(&w, 0);
    assert_int_equal(w.n_tasks, 4);
    world_fini(&w);
}

/* Where nothing can move weight from one answer to another, once is enough. */
static void what_is_settled_is_recomputed_once(void **state)
{
    static const char *const texts[] = {
        "\\boxed{1}\nClaims:\n1. rest: 9 - 2 = 7\n2. boxes: 3 * 4 = 12\n",
        "\\boxed{1}\nClaims:\n1. boxes: 3 * 4 = 12\n2. lids: 2 * 4 = 8\n",
        "\\boxed{2}\nClaims:\n1. boxes: 3 * 4 = 12\n",
        "I do not know.\nClaims:\n1. fee: 4 + 5 = 9\n",
    };
    static const struct {
        size_t k;
        const char *asked[3];
        size_t n_items[3];
    } cases[] = {
        {2, {"boxes", "rest", "lids"}, {1, 1, 1}}, /* the answers are the same */
        {3, {"rest", "lids", "boxes"}, {3, 3, 1}}, /* all say what the boxes are */
        {4, {"rest", "lids", "boxes"}, {3, 3, 1}}, /* the last has no vote */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world w;
        open_blind(&w, texts, cases[i].k, values);
        world_open(&w);
        world_run(&w, 0);
        assert_int_equal(w.n_tasks, 1 + 3);
        for (size_t t = 0; t < 3; t++) {
            assert_string_equal(w.tasks[1 + t]->claims[0], cases[i].asked[t]);
            assert_int_equal(w.tasks[1 + t]->n_items, cases[i].n_items[t]);
        }
        world_fini(&w);
    }
}

static void unreadable_recomputations_leave_it_open(void **state)
{
    static const char *const texts[] = {"\\boxed{1}\nClaims:\n1. rest: 9 - 2 = 7\n", "\\boxed{2}"};
    static const struct world_value table[] = {{"rest", {NULL, "Who knows.", NULL}},
                                               {NULL, {NULL}}};
    struct world w;
    open_blind(&w, texts, 2, table);
    w.settings.signals = SURETY_SIGNAL_BLIND;
    world_open(&w);
    world_run(&w, 0);
    struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
    assert_int_equal(r.trajectories[0].claims[0].verdict, SURETY_VERDICT_UNPARSED);
    assert_true(isnan(r.trajectories[0].claims[0].value));
    assert_non_null(r.trajectories[0].claims[0].reason);
    near(r.trajectories[0].r, 1); /* nothing is known: Cons */
    surety_result_fini(&r);
    world_fini(&w);
}

/* "322" for "322 pens" fits; where "322" stands itself, that is what was recomputed. */
static void missing_units_fit_where_no_rival_does(void **state)
{
    static const char *const texts[] = {
        "\\boxed{1}\nClaims:\n1. pens: 14 * 23 = 322 pens\n2. way: 5 km\n",
        "\\boxed{2}\nClaims:\n1. pens: 14 * 23 = 323\n2. way: 5 m\n",
    };
    static const struct world_value table[] = {
        {"pens", {"\\boxed{322}", "\\boxed{322 pens}", "\\boxed{323}"}},
        {"way", {"\\boxed{5}", "\\boxed{5}", "\\boxed{6}"}},
        {NULL, {NULL}}};
    struct world w;
    open_blind(&w, texts, 2, table);
    w.settings.signals = SURETY_SIGNAL_BLIND;
    world_open(&w);
    world_run(&w, 0);
    struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
    near(r.trajectories[0].claims[0].blind, 3.0 / 5);
    near(r.trajectories[1].claims[0].blind, 2.0 / 5);
    assert_string_equal(w.tasks[2]->claims[0], "way");
    assert_int_equal(w.tasks[2]->n_items, 3); /* another unit is another value */
    surety_result_fini(&r);
    world_fini(&w);
}

/* Of two equations in one claim neither is judged by the other's value; a label that gives the
 * value away is not shown. */
static void unclear_values_are_not_asked_for(void **state)
{
    static const char *const texts[] = {
        "\\boxed{1}\nClaims:\n1. The cost is 9*8 = 72 dollars and the change is 100 - 72 = 28\n"
        "2. the 14 boxes hold 332 = 14 * 23 pens\n3. The answer is 42: 6*7 = 42\n",
        "\\boxed{2}\nClaims:\n1. The cost is 9*8 = 72 dollars and the change is 100 - 72 = 18\n"
        "2. the 14 boxes hold 322 = 14 * 23 pens\n3. The answer is 43: 6*7 = 43\n",
    };
    static const struct world_value table[] = {
        {"6*7", {"\\boxed{42}", "\\boxed{42}", "\\boxed{42}"}}, {NULL, {NULL}}};
    struct world w;
    open_blind(&w, texts, 2, table);
    w.settings.signals = SURETY_SIGNAL_BLIND;
    world_open(&w);
    world_run(&w, 0);
    assert_int_equal(w.n_tasks, 1 + 1);
    assert_string_equal(w.tasks[1]->claims[0], "6*7");
    struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
    for (size_t k = 0; k < 2; k++) {
        const struct surety_claim *c = r.trajectories[k].claims;
        assert_int_equal(c[0].verdict, SURETY_VERDICT_UNCHECKED);
        assert_int_equal(c[1].verdict, SURETY_VERDICT_UNCHECKED);
        near(c[2].blind, k ? 1.0 / 5 : 4.0 / 5);
    }
    surety_result_fini(&r);
    world_fini(&w);
}

static void signals_choose_the_way(void **state)
{
    struct world w;
    world_init(&w, samples, 5);
    w.values = values;
    w.settings.signals = SURETY_SIGNAL_BLIND;
    world_open(&w);
    world_run(&w, 0);
    struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
    assert_int_equal(r.run.settings.verify, SURETY_VERIFY_BLIND);
    assert_int_equal(r.run.settings.rule, SURETY_RULE_POWER);
    surety_result_fini(&r);
    world_fini(&w);
    struct surety_error err = {0};
    world_init(&w, samples, 5);
    w.only_each = true;
    w.settings.verify = SURETY_VERIFY_JOINT;
    assert_int_equal(world_try(&w, &err), SURETY_ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rivals_share_calls_and_contested_ones_come_first),
        cmocka_unit_test(exact_value_goes_before_a_compatible_one),
        cmocka_unit_test(result_does_not_depend_on_the_order),
        cmocka_unit_test(exact_verdict_decides_but_for_a_labelled_proof),
        cmocka_unit_test(what_is_settled_is_recomputed_once),
        cmocka_unit_test(unreadable_recomputations_leave_it_open),
        cmocka_unit_test(missing_units_fit_where_no_rival_does),
        cmocka_unit_test(unclear_values_are_not_asked_for),
        cmocka_unit_test(signals_choose_the_way),
    };
    return cmocka_run_group_tests_name("claims.plan.plan_way_blind", tests, NULL, NULL);
}
