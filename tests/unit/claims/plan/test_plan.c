#include "tests/unit/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/result_json.h"
#include "tests/unit/claims/plan/plan_world.h"
#include <surety/settings.h>

#define near(a, b) assert_true(fabs((a) - (b)) < 1e-12)

static void signals_without_self_ask_no_model(void **state)
{
    struct world w;
    world_init(&w, world_rescue, 6);
    w.settings.signals = SURETY_SIGNAL_SYMBOLIC;
    world_open(&w);
    world_run(&w, 0);
    assert_int_equal(w.n_tasks, 1);
    struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
    assert_int_equal(r.run.settings.verify, SURETY_VERIFY_NONE);
    assert_int_equal(r.run.settings.rule, SURETY_RULE_SOFT);
    surety_result_fini(&r);
    world_fini(&w);
}

static void seeds_are_distinct_and_texts_kept_on_request(void **state)
{
    struct world w;
    world_init(&w, world_rescue, 6);
    w.settings.verify_repeats = 4;
    w.settings.text = true;
    world_open(&w);
    world_run(&w, 3);
    uint32_t seeds[64];
    size_t n = 0;
    for (size_t i = 0; i < w.n_tasks; i++)
        for (size_t j = 0; j < w.tasks[i]->n_items; j++) {
            for (size_t s = 0; s < n; s++)
                assert_true(seeds[s] != w.tasks[i]->items[j].seed);
            seeds[n++] = w.tasks[i]->items[j].seed;
        }
    assert_int_equal(n, 6 + 5 * 4);
    struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
    for (size_t i = 0; i < 6; i++)
        assert_string_equal(r.trajectories[i].text, world_rescue[i]);
    assert_int_equal(r.trajectories[2].seed, w.tasks[0]->items[2].seed);
    const struct surety_claim *c = &r.trajectories[1].claims[1];
    assert_memory_equal(world_rescue[1] + c->start, "a lid is good", c->end - c->start);
    surety_result_fini(&r);
    world_fini(&w);
}

static void result_is_the_same_in_any_order(void **state)
{
    char texts[24][200];
    const char *samples[24];
    for (unsigned i = 0; i < 24; i++) {
        snprintf(texts[i], sizeof texts[i],
                 "%s\\boxed{%u}\nClaims:\n1. part %u is %s\n2. there are %u*2=%u\n3. side %u ODD",
                 i % 7 == 6 ? "no " : "", i % 5, i % 4, i % 3 ? "good" : "WRONG", i, 2 * i + i % 2,
                 i % 6);
        samples[i] = i % 11 == 10 ? NULL : i % 7 == 6 ? "none" : texts[i];
    }
    const int greedy = SURETY_VERIFY_BLIND + 1; /* JOINT, where equal claims share a verification */
    for (int mode = SURETY_VERIFY_NONE; mode <= greedy; mode++) {
        char *expected = NULL;
        for (unsigned seed = 0; seed < 30; seed++) {
            struct world w;
            world_init(&w, samples, 24);
            w.settings.verify = mode == greedy ? SURETY_VERIFY_JOINT : (enum surety_verify)mode;
            w.settings.verify_repeats = mode == greedy ? 1 : 3;
            if (mode == greedy)
                w.settings.verify_temperature = 0;
            world_open(&w);
            world_run(&w, seed);
            world_end_alike(&w, &expected);
        }
        free(expected);
    }
}

static void feed_unknown_or_repeated_is_ignored(void **state)
{
    struct world w;
    world_init(&w, world_rescue, 2);
    w.settings.verify = SURETY_VERIFY_NONE;
    world_open(&w);
    world_take_tasks(&w);
    char text[] = "\\boxed{9}";
    struct surety_output output = {.index = 2, .text = text};
    assert_int_equal(plan_feed(w.plan, 0, &output, NULL), SURETY_OK);
    assert_int_equal(plan_feed(w.plan, 1, &output, NULL), SURETY_OK);
    world_feed(&w, w.tasks[0], 0);
    output.index = 0;
    assert_int_equal(plan_feed(w.plan, 0, &output, NULL), SURETY_OK);
    world_feed(&w, w.tasks[0], 1);
    assert_true(plan_is_done(w.plan));
    struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
    assert_int_equal(r.n_trajectories, 2);
    assert_string_equal(r.trajectories[0].answer, "5");
    assert_int_equal(r.usage.calls, 2);
    surety_result_fini(&r);
    world_fini(&w);
}

static void create_one_trajectory_works(void **state)
{
    struct world w;
    world_init(&w, world_rescue + 1, 1);
    world_open(&w);
    world_run(&w, 0);
    struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
    assert_string_equal(r.answer, "4");
    near(r.reliability, 1);
    near(r.effective_votes, 1);
    surety_result_fini(&r);
    world_fini(&w);
}

static void create_512_answers_are_grouped(void **state)
{
    static char texts[512][64];
    const char *samples[512];
    for (unsigned i = 0; i < 512; i++) {
        snprintf(texts[i], sizeof texts[i], "\\boxed{%u}\nClaims:\n1. %u+%u=%u", i % 500, i, i,
                 2 * i);
        samples[i] = texts[i];
    }
    struct world w;
    world_init(&w, samples, 512);
    w.settings.verify = SURETY_VERIFY_NONE;
    world_open(&w);
    world_run(&w, 0);
    struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
    assert_int_equal(r.n_groups, 500);
    assert_string_equal(r.answer, "0");
    assert_int_equal(r.groups[0].count, 2);
    assert_int_equal(r.groups[0].members[1], 500);
    surety_result_fini(&r);
    world_fini(&w);
}

static void create_bad_settings_are_refused(void **state)
{
    struct surety_error err;
    struct world w;
    world_init(&w, world_rescue, 6);
    w.settings.verify_repeats = 2;
    w.settings.verify_temperature = 0;
    assert_int_equal(world_try(&w, &err), SURETY_ERR_INVALID);
    assert_non_null(strstr(err.message, "verify-temperature"));
    w.settings.verify = SURETY_VERIFY_NONE; /* then there is nothing to repeat */
    assert_int_equal(world_try(&w, &err), SURETY_OK);
    world_fini(&w);
    world_init(&w, world_rescue, 6);
    w.settings.signals = SURETY_SIGNAL_EXECUTION;
    assert_int_equal(world_try(&w, &err), SURETY_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "execution"));
    static const struct {
        enum surety_verify verify;
        unsigned signals;
        const char *needs; /* NULL: they go together */
    } rows[] = {
        {SURETY_VERIFY_EACH, SURETY_SIGNAL_BLIND, "verify blind, not each"},
        {SURETY_VERIFY_DEFAULT, SURETY_SIGNAL_BLIND | SURETY_SIGNAL_SELF,
         "verify blind, not joint"},
        {SURETY_VERIFY_NONE, SURETY_SIGNAL_BLIND | SURETY_SIGNAL_SYMBOLIC,
         "verify blind, not none"},
        {SURETY_VERIFY_BLIND, SURETY_SIGNAL_SELF, "verify each or joint, not blind"},
        {SURETY_VERIFY_NONE, SURETY_SIGNAL_SELF, "verify each or joint, not none"},
        {SURETY_VERIFY_EACH, SURETY_SIGNAL_SYMBOLIC | SURETY_SIGNAL_AGREEMENT, NULL},
        {SURETY_VERIFY_DEFAULT, SURETY_SIGNAL_SELF, NULL},
        {SURETY_VERIFY_NONE, SURETY_SIGNAL_SYMBOLIC, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world_init(&w, world_rescue, 6);
        w.settings.verify = rows[i].verify;
        w.settings.signals = rows[i].signals;
        assert_int_equal(world_try(&w, &err), rows[i].needs ? SURETY_ERR_INVALID : SURETY_OK);
        if (rows[i].needs)
            assert_non_null(strstr(err.message, rows[i].needs));
        else
            world_fini(&w);
    }
    world_init(&w, world_rescue, 6);
    w.only_each = true;
    w.settings.verify = SURETY_VERIFY_JOINT;
    assert_int_equal(world_try(&w, &err), SURETY_ERR_INVALID);
    assert_non_null(strstr(err.message, "joint"));
    world_init(&w, world_rescue, 0);
    assert_int_equal(world_try(&w, &err), SURETY_ERR_INVALID);
    world_init(&w, world_rescue, 10000);
    assert_int_equal(world_try(&w, &err), SURETY_ERR_INVALID);
}

static void demo_profile_runs_end_to_end(void **state)
{
    static const char *const samples[] = {"pens: 1+1=2\nsum: 7/2=3\n\\boxed{3}"};
    struct world w;
    world_init(&w, samples, 1);
    w.profile = "demo";
    w.settings.m = 2;
    w.settings.signals = SURETY_SIGNAL_SELF;
    world_open(&w);
    world_take_tasks(&w);
    assert_int_equal(w.tasks[0]->n_messages, 1);
    world_feed(&w, w.tasks[0], 0);
    world_take_tasks(&w);
    assert_int_equal(w.n_tasks, 3);
    char yes[] = "1+1=2\nyes", no[] = "7/2=4\nno";
    struct surety_output output = {.text = yes};
    assert_int_equal(plan_feed(w.plan, 1, &output, NULL), SURETY_OK);
    output.text = no;
    assert_int_equal(plan_feed(w.plan, 2, &output, NULL), SURETY_OK);
    struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
    near(r.trajectories[0].r, 0.25);
    near(r.trajectories[0].claims[1].symbolic, 0); /* '/' is division, also for the demo model */
    assert_string_equal(r.run.profile, "demo");
    surety_result_fini(&r);
    world_fini(&w);
}

/* The way of a request that names none, by a profile with these sections; NONE after a refusal. */
static enum surety_verify way_of(const char *sections, unsigned signals, struct surety_error *err)
{
    char id[] = "a", problem[] = "How many?", name[] = "model", empty[] = "", profile[1000];
    snprintf(profile, sizeof profile, "name: x\n%s", sections);
    struct surety_model model = {name, empty, name, empty, name, 0, 8, false, false};
    struct surety_request request = {.id = id, .problem = problem, .profile = profile};
    surety_settings_init(&request.settings);
    request.settings.signals = signals;
    struct plan *plan;
    struct surety_result r;
    if (plan_create(&request, &model, NULL, &plan, err))
        return SURETY_VERIFY_NONE;
    assert_int_equal(plan_result(plan, SURETY_STOP_COMPLETE, NULL, 0, &r, NULL), SURETY_OK);
    enum surety_verify way = r.run.settings.verify;
    surety_result_fini(&r);
    plan_free(plan);
    return way;
}

/* Samples are asked for with the turns as they stand; stop strings are the request's, else the
 * profile's. What is asked about is the problem. */
static void conversation_is_the_prompt_of_the_samples(void **state)
{
    char id[] = "a", problem[] = "And of 3?", name[] = "model", empty[] = "", word[] = "END";
    char profile[] = "name: x\nstop: Q:\n[sample system]\nBe brief.\n[sample user]\n<{problem}>\n";
    char system[] = "system", user[] = "user", assistant[] = "assistant";
    char rule[] = "Use {problem}.", first[] = "Twice 2?", reply[] = "4";
    struct surety_message turns[] = {
        {system, rule}, {user, first}, {assistant, reply}, {user, problem}};
    char *stop[] = {word};
    struct surety_model model = {name, empty, name, empty, name, 0, 8, false, false};
    struct surety_request request = {.id = id, .problem = problem, .profile = profile};
    surety_settings_init(&request.settings);
    for (int given = 0; given < 2; given++) {
        struct plan *plan;
        request.messages = given ? turns : NULL;
        request.n_messages = given ? 4 : 0;
        request.stop = given ? stop : NULL;
        request.n_stop = given;
        assert_int_equal(plan_create(&request, &model, NULL, &plan, NULL), SURETY_OK);
        const struct surety_task *task = plan_next_task(plan);
        assert_int_equal(task->n_messages, given ? 4 : 2);
        assert_int_equal(task->sampling.n_stop, 1);
        assert_string_equal(task->sampling.stop[0], given ? "END" : "Q:");
        assert_string_equal(task->messages[0].content, given ? rule : "Be brief.");
        assert_string_equal(task->messages[1].content, given ? first : "<And of 3?>");
        assert_string_equal(task->problem, problem);
        if (given)
            assert_string_equal(task->messages[2].role, assistant);
        plan_free(plan);
    }
}

static void create_way_is_the_profiles_or_one_whose_signal_is_wanted(void **state)
{
#define SAMPLE "[sample user]\n{problem}\n"
#define EACH "[each user]\n{problem} {claim}\n"
#define JOINT "[joint user]\n{problem} {claims}\n"
#define BLIND "[blind user]\n{problem} {quantity}\n"
    static const struct {
        const char *sections;
        unsigned signals;
        enum surety_verify way;
    } table[] = {
        {SAMPLE EACH JOINT BLIND, 0, SURETY_VERIFY_JOINT},
        {SAMPLE EACH BLIND, 0, SURETY_VERIFY_EACH},
        {SAMPLE BLIND, 0, SURETY_VERIFY_BLIND},
        {SAMPLE, 0, SURETY_VERIFY_NONE},
        {"verify: blind\n" SAMPLE EACH JOINT BLIND, 0, SURETY_VERIFY_BLIND},
        {SAMPLE EACH JOINT BLIND, SURETY_SIGNAL_SELF, SURETY_VERIFY_JOINT},
        {SAMPLE EACH JOINT BLIND, SURETY_SIGNAL_BLIND, SURETY_VERIFY_BLIND},
        {SAMPLE EACH JOINT BLIND, SURETY_SIGNAL_SYMBOLIC, SURETY_VERIFY_NONE},
        {"verify: blind\n" SAMPLE EACH BLIND, SURETY_SIGNAL_SELF, SURETY_VERIFY_EACH},
        {"verify: blind\n" SAMPLE JOINT BLIND, SURETY_SIGNAL_SELF, SURETY_VERIFY_JOINT},
        {"verify: blind\n" SAMPLE EACH JOINT BLIND, SURETY_SIGNAL_SELF, SURETY_VERIFY_EACH},
    };
    struct surety_error err = {0};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_int_equal(way_of(table[i].sections, table[i].signals, &err), table[i].way);
    assert_int_equal(err.code, SURETY_OK);
    assert_int_equal(way_of(SAMPLE EACH, SURETY_SIGNAL_BLIND, &err), SURETY_VERIFY_NONE);
    assert_string_equal(err.message, "the profile 'x' knows no verification 'blind'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signals_without_self_ask_no_model),
        cmocka_unit_test(seeds_are_distinct_and_texts_kept_on_request),
        cmocka_unit_test(result_is_the_same_in_any_order),
        cmocka_unit_test(feed_unknown_or_repeated_is_ignored),
        cmocka_unit_test(create_one_trajectory_works),
        cmocka_unit_test(create_512_answers_are_grouped),
        cmocka_unit_test(create_bad_settings_are_refused),
        cmocka_unit_test(create_way_is_the_profiles_or_one_whose_signal_is_wanted),
        cmocka_unit_test(conversation_is_the_prompt_of_the_samples),
        cmocka_unit_test(demo_profile_runs_end_to_end),
    };
    return cmocka_run_group_tests_name("claims.plan.plan", tests, NULL, NULL);
}
