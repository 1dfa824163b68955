#include "tests/unit/test.h"

#include "tests/unit/claims/plan/plan_world.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <surety/result.h>

#define FOUR "\\boxed{4}\nClaims:\n1. the box is big\n2. a lid is good\n"
#define FIVE "\\boxed{5}\nClaims:\n1. the box is big\n2. a lid is WRONG\n"
#define SIX "\\boxed{6}\nClaims:\n1. the box is big\n2. a lid is good\n"

static void open_with(struct world *w, const char *const *samples, size_t k,
                      enum surety_stopping rule)
{
    world_init(w, samples, k);
    w->settings.stop = rule;
    w->settings.verify = SURETY_VERIFY_EACH;
    w->settings.m = 2;
    w->settings.gamma = 5;
    world_open(w);
}

/* Withdraws what the plan does not want any more, as the core does. */
static void withdraw(struct world *w)
{
    char empty[] = "";
    for (uint32_t k = 0; k < w->settings.k && plan_is_settled(w->plan); k++) {
        struct surety_output output = {
            .index = k, .finish = SURETY_FINISH_CANCELLED, .text = empty, .completion_tokens = 2};
        bool more = true;
        assert_int_equal(plan_feed(w->plan, 0, &output, NULL), SURETY_OK);
        while (more)
            assert_int_equal(plan_compare(w->plan, &more, NULL), SURETY_OK);
    }
}

/* Runs it as the core does: no sample is fed before it was released. Of what may come, seed says
 * what comes next (0: the first). */
static struct surety_result run(struct world *w, unsigned seed)
{
    struct {
        const struct surety_task *task;
        size_t item;
    } open[4096];
    size_t n_open = 0, n_seen = 0;
    uint32_t released = 0;
    for (;;) {
        world_take_tasks(w);
        for (; released < plan_released(w->plan); released++) {
            open[n_open].task = w->tasks[0];
            open[n_open++].item = released;
        }
        for (n_seen = n_seen ? n_seen : 1; n_seen < w->n_tasks; n_seen++)
            for (size_t i = 0; i < w->tasks[n_seen]->n_items; i++) {
                open[n_open].task = w->tasks[n_seen];
                open[n_open++].item = i;
            }
        if (n_open == 0 || plan_is_done(w->plan))
            break;
        size_t pick = seed ? (size_t)rand_r(&seed) % n_open : 0;
        const struct surety_task *task = open[pick].task;
        size_t item = open[pick].item;
        memmove(open + pick, open + pick + 1, (--n_open - pick) * sizeof *open);
        world_feed(w, task, item);
        withdraw(w);
    }
    assert_true(plan_is_done(w->plan));
    return world_result(w, plan_is_cut(w->plan) ? SURETY_STOP_EARLY : SURETY_STOP_COMPLETE);
}

static void unanimous_vote_ends_without_a_judge(void **state)
{
    static const char *const samples[] = {FOUR, FOUR, FOUR, FOUR, FIVE, FIVE, FIVE, FIVE};
    for (unsigned seed = 0; seed < 5; seed++) {
        struct world w;
        open_with(&w, samples, 8, SURETY_STOPPING_BETA);
        assert_int_equal(plan_released(w.plan), 4);
        struct surety_result r = run(&w, seed);
        assert_string_equal(r.answer, "4");
        assert_int_equal(r.stop, SURETY_STOP_EARLY);
        assert_int_equal(r.settled_by, SURETY_STOPPING_BETA);
        assert_int_equal(r.n_trajectories, 4);
        assert_int_equal(w.n_verify_calls, 0);
        assert_true(isnan(r.reliability) && isnan(r.mass));
        assert_true(r.trajectories[0].r == 1 && r.groups[0].score == 4);
        assert_true(r.run.reproducible);
        assert_int_equal(r.usage.completion_tokens, 4 * 3 + 4 * 2); /* the cancelled are spent */
        surety_result_fini(&r);
        world_fini(&w);
    }
}

static void contested_vote_is_judged_and_refuted_votes_do_not_hold_it_up(void **state)
{
    static const char *const samples[] = {FOUR, FIVE, FOUR, FOUR, FOUR, FOUR, FOUR, FIVE};
    for (unsigned seed = 0; seed < 20; seed++) {
        struct world w;
        open_with(&w, samples, 8, SURETY_STOPPING_BETA);
        struct surety_result r = run(&w, seed);
        assert_string_equal(r.answer, "4");
        assert_int_equal(r.n_trajectories, 6); /* plain votes would take 7 */
        assert_int_equal(r.settled_by, SURETY_STOPPING_BETA);
        assert_true(r.trajectories[1].r < 0.1 && r.trajectories[0].r == 1);
        assert_true(fabs(r.mass - 5 / 6.) < 1e-9);
        surety_result_fini(&r);
        world_fini(&w);
    }
}

static void minority_wins_when_the_majority_is_refuted(void **state)
{
    static const char *const samples[] = {FIVE, FOUR, FIVE, FIVE, FIVE, FOUR, FIVE, FOUR};
    char *expected = NULL;
    for (unsigned seed = 0; seed < 20; seed++) {
        struct world w;
        open_with(&w, samples, 8, SURETY_STOPPING_BETA);
        struct surety_result r = run(&w, seed);
        assert_string_equal(r.answer, "4");
        assert_string_equal(r.cons, "5");
        surety_result_fini(&r);
        w.settings.stop = SURETY_STOPPING_NONE;
        world_end_alike(&w, &expected);
        world_fini(&w);
    }
    free(expected);
}

static void group_that_cannot_win_is_not_judged(void **state)
{
    static const char *const samples[] = {FOUR, FOUR, FOUR, FOUR "x", SIX,  FIVE, FIVE, FIVE,
                                          FIVE, FIVE, FIVE, FIVE,     FIVE, FOUR, FOUR, FOUR};
    struct world w;
    open_with(&w, samples + 3, 13, SURETY_STOPPING_SURE);
    struct surety_result r = run(&w, 0);
    assert_int_equal(r.n_trajectories, 13);
    assert_string_equal(r.answer, "4");
    surety_result_fini(&r);
    world_fini(&w);
}

static void sure_judges_before_it_is(void **state)
{
    static const char *const samples[] = {FIVE, FIVE, FIVE, FIVE, FIVE, FIVE, FOUR, FOUR};
    struct world w;
    open_with(&w, samples, 8, SURETY_STOPPING_SURE);
    assert_int_equal(plan_released(w.plan), 5);
    struct surety_result r = run(&w, 0);
    assert_int_equal(r.n_trajectories, 8); /* what is refuted was not sure */
    assert_string_equal(r.answer, "4");
    surety_result_fini(&r);
    world_fini(&w);
}

static void certified_judges_all_and_says_so(void **state)
{
    static const char *samples[24];
    for (size_t i = 0; i < 24; i++)
        samples[i] = i == 2 ? FIVE : FOUR;
    struct world w;
    open_with(&w, samples, 24, SURETY_STOPPING_CERTIFIED);
    assert_int_equal(plan_released(w.plan), 9);
    struct surety_result r = run(&w, 3);
    assert_int_equal(r.settled_by, SURETY_STOPPING_CERTIFIED);
    assert_int_equal(r.stop, SURETY_STOP_EARLY);
    assert_true(r.n_trajectories < 24 && r.reliability < 1);
    for (size_t i = 0; i < r.n_trajectories; i++)
        assert_true(r.trajectories[i].claims[0].decided_by == SURETY_SIGNAL_SELF);
    surety_result_fini(&r);
    world_fini(&w);
}

static void certified_refuses_what_looks_at_others(void **state)
{
    static const char *const samples[] = {FOUR};
    struct surety_error err = {0};
    struct world w;
    world_init(&w, samples, 1);
    w.settings.stop = SURETY_STOPPING_CERTIFIED;
    w.settings.verify = SURETY_VERIFY_BLIND;
    assert_int_equal(world_try(&w, &err), SURETY_ERR_INVALID);
    assert_non_null(strstr(err.message, "blind"));
    w.settings.verify = SURETY_VERIFY_EACH;
    w.settings.signals = SURETY_SIGNAL_SELF | SURETY_SIGNAL_AGREEMENT;
    assert_int_equal(world_try(&w, &err), SURETY_ERR_INVALID);
    assert_non_null(strstr(err.message, "agreement"));
}

static void way_that_judges_at_the_end_does_so_unless_it_is_settled(void **state)
{
    static const char *const samples[] = {
        "\\boxed{4}\nthe box holds 4\n", "\\boxed{5}\nthe box holds 5\n",
        "\\boxed{4}\nthe box holds 4\n", "\\boxed{5}\nthe box holds 5\n",
        "\\boxed{4}\nthe box holds 4\n"};
    struct world w;
    world_init(&w, samples, 5);
    w.settings.stop = SURETY_STOPPING_BETA;
    w.settings.verify = SURETY_VERIFY_BLIND;
    world_open(&w);
    struct surety_result r = run(&w, 0);
    assert_int_equal(r.stop, SURETY_STOP_COMPLETE);
    assert_int_equal(r.n_trajectories, 5);
    assert_int_equal(r.settled_by, SURETY_STOPPING_NONE);
    assert_true(plan_verifies(w.plan) && !isnan(r.reliability));
    surety_result_fini(&r);
    world_fini(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unanimous_vote_ends_without_a_judge),
        cmocka_unit_test(contested_vote_is_judged_and_refuted_votes_do_not_hold_it_up),
        cmocka_unit_test(minority_wins_when_the_majority_is_refuted),
        cmocka_unit_test(group_that_cannot_win_is_not_judged),
        cmocka_unit_test(sure_judges_before_it_is),
        cmocka_unit_test(certified_judges_all_and_says_so),
        cmocka_unit_test(certified_refuses_what_looks_at_others),
        cmocka_unit_test(way_that_judges_at_the_end_does_so_unless_it_is_settled),
    };
    return cmocka_run_group_tests_name("claims.plan.plan_stop", tests, NULL, NULL);
}
