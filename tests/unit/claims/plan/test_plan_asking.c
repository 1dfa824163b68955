#include "tests/unit/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "claims/plan/plan_internal.h"
#include "tests/unit/claims/plan/plan_world.h"
#include <surety/result.h>
#include <surety/settings.h>

#define HEAD(claims)                                                                               \
    "name: a\nclaims: " claims "\nclaims-max-tokens: 90\nverdict: line\n"                          \
    "[sample system]\nYou solve.\n[sample user]\n{problem}\n"
#define REST                                                                                       \
    "[claims user]\nOf {problem}: at most {max_claims}.\n"                                         \
    "[each user]\n{problem} {claim}\n[whole user]\n{problem} {solution}\n"
static const char ask[] = HEAD("ask") REST, text[] = HEAD("text") REST;

static const char *const samples[] = {
    "<think>hm</think>The lid is red. So 2 + 3 = 5 pens.\n\\boxed{5}",
    "So 2 * 2 = 4 pens.\n\\boxed{4}",
    "So 2 * 2 = 4 pens.\n\\boxed{4}",
    NULL,
    "I do not know.",
    "We get 3 + 2 = 5 pens.\n\\boxed{5}",
    "There are 4 - 0 = 4 pens.\n\\boxed{4}",
};
static const char *const asked[] = {
    "Here they are:\n\n1. the red box is WRONG\n2. the answer is 5\n",
    "no matter",
    "- the box is big\n- the lid is good\n",
    NULL,
    "1. never asked for",
    "!1. the blue box is WRONG\n2. the lid is go",
    "I cannot say.",
};
#define K (sizeof samples / sizeof *samples)

static void open_world(struct world *w, const char *profile)
{
    world_init(w, samples, K);
    w->asked = asked;
    w->text = profile;
    w->settings.m = 3;
    w->settings.verify = SURETY_VERIFY_EACH;
    world_open(w);
}

static void expect_claims(const struct surety_trajectory *t, const char *first, size_t n)
{
    assert_int_equal(t->n_claims, n);
    assert_string_equal(t->claims[0].text, first);
}

/* Samples are those of the plain prompt; the question is the next turn of their conversation, and
 * comes when all are there. */
static void claims_are_asked_for_behind_the_solution(void **state)
{
    struct world w, plain;
    open_world(&w, ask);
    open_world(&plain, text);
    world_take_tasks(&w);
    world_take_tasks(&plain);
    const struct surety_task *sampling = w.tasks[0];
    assert_int_equal(sampling->n_messages, plain.tasks[0]->n_messages);
    for (size_t i = 0; i < sampling->n_messages; i++)
        assert_string_equal(sampling->messages[i].content, plain.tasks[0]->messages[i].content);
    for (size_t i = 0; i < K; i++) {
        assert_int_equal(sampling->items[i].seed, plain.tasks[0]->items[i].seed);
        assert_int_equal(w.n_tasks, 1);
        world_feed(&w, sampling, K - 1 - i);
        world_take_tasks(&w);
    }
    assert_int_equal(w.n_tasks, 1 + 4); /* two are alike, two have no answer */
    for (size_t i = 1; i < w.n_tasks; i++) {
        const struct surety_task *task = w.tasks[i];
        assert_int_equal(task->stage, SURETY_STAGE_CLAIMS);
        assert_int_equal(task->n_items, 1);
        assert_int_equal(task->n_messages, 4);
        assert_string_equal(task->messages[0].content, "You solve.");
        assert_string_equal(task->messages[1].content, "How many pens are there?");
        assert_string_equal(task->messages[2].role, "assistant");
        assert_string_equal(task->messages[3].role, "user");
        assert_string_equal(task->messages[3].content, "Of How many pens are there?: at most 3.");
        assert_true(task->sampling.temperature == 0);
        assert_int_equal(task->sampling.max_tokens, 90);
    }
    assert_string_equal(w.tasks[1]->messages[2].content, strstr(samples[0], "The lid"));
    assert_string_equal(w.tasks[2]->messages[2].content, samples[1]);
    world_fini(&w);
    world_fini(&plain);
}

/* What is listed counts; what is cut, restates the answer or is no list does not, and where nothing
 * is left the claims of the text stand. */
static void replies_replace_the_claims_of_the_text(void **state)
{
    struct world w;
    open_world(&w, ask);
    world_run(&w, 0);
    struct surety_result r = world_result(&w, SURETY_STOP_COMPLETE);
    expect_claims(&r.trajectories[0], "the red box is WRONG", 1);
    expect_claims(&r.trajectories[1], "the box is big", 2);
    expect_claims(&r.trajectories[2], "the box is big", 2);
    expect_claims(&r.trajectories[5], "the blue box is WRONG", 1);
    expect_claims(&r.trajectories[6], "There are 4 - 0 = 4 pens", 1);
    assert_int_equal(r.trajectories[0].claims[0].end, 0);
    assert_false(r.trajectories[0].cooperating);
    assert_string_equal(r.answer, "4");
    assert_int_equal(r.usage.claims_tokens, 4 * 3);
    assert_int_equal(r.usage.claims_prompt_tokens, 4 * 10);
    assert_int_equal(r.usage.claims_cached_tokens, 4 * 4);
    assert_int_equal(r.usage.verify_tokens, 4 * 3 + w.n_verify_calls * 3);
    assert_true(r.verifier.calls_saved >= 1);
    surety_result_fini(&r);
    world_fini(&w);
}

static void order_of_arrival_does_not_matter(void **state)
{
    char *expected = NULL;
    for (unsigned seed = 0; seed < 40; seed++) {
        struct world w;
        open_world(&w, ask);
        world_run(&w, seed);
        world_end_alike(&w, &expected);
    }
    free(expected);
}

/* An end that comes before the question leaves the claims of the text, which nobody checked. */
static void early_end_leaves_claims_unchecked(void **state)
{
    struct world w;
    open_world(&w, ask);
    world_take_tasks(&w);
    for (size_t i = 0; i < K; i++)
        world_feed(&w, w.tasks[0], i);
    for (size_t n = 0; n < 2; n++) {
        struct surety_result r = world_result(&w, SURETY_STOP_DEADLINE);
        assert_string_equal(r.answer, "4");
        expect_claims(&r.trajectories[5], "We get 3 + 2 = 5 pens", 1);
        for (size_t i = 0; i < r.n_trajectories; i++)
            for (size_t j = 0; j < r.trajectories[i].n_claims; j++)
                assert_true(r.trajectories[i].claims[j].decided_by != SURETY_SIGNAL_SELF);
        assert_true(isnan(r.verifier.valid_rate));
        surety_result_fini(&r);
        world_take_tasks(&w);
        world_feed(&w, w.tasks[2], 0);
        assert_false(plan_is_done(w.plan));
    }
    world_fini(&w);
}

/* Where no model judges claims there is nothing to ask for. */
static void nothing_is_asked_for_without_use(void **state)
{
    static const enum surety_verify ways[] = {SURETY_VERIFY_NONE, SURETY_VERIFY_WHOLE};
    for (size_t i = 0; i < 2; i++) {
        struct world w;
        world_init(&w, samples, K);
        w.asked = asked;
        w.text = ask;
        w.settings.verify = ways[i];
        world_open(&w);
        world_run(&w, 1);
        for (size_t t = 0; t < w.n_tasks; t++)
            assert_true(w.tasks[t]->stage != SURETY_STAGE_CLAIMS);
        world_fini(&w);
    }
}

/* A conversation is gone on with as it stands; a full one has no room for the question. */
static void conversation_goes_on_while_there_is_room(void **state)
{
    static struct surety_message messages[SURETY_MESSAGES_MAX];
    char user[] = "user", hello[] = "hello", id[] = "a", problem[] = "p", empty[] = "";
    for (size_t i = 0; i < SURETY_MESSAGES_MAX; i++)
        messages[i] = (struct surety_message){user, hello};
    for (size_t n = SURETY_MESSAGES_MAX - 2; n < SURETY_MESSAGES_MAX; n++) {
        struct surety_request request = {
            .id = id, .problem = problem, .profile = (char *)ask, .messages = messages};
        request.n_messages = n;
        surety_settings_init(&request.settings);
        request.settings.k = 1;
        struct surety_model model = {.name = empty,
                                     .id = empty,
                                     .engine = empty,
                                     .profile = empty,
                                     .repro = empty,
                                     .slots = 8};
        struct plan *plan;
        assert_int_equal(plan_create(&request, &model, NULL, &plan, NULL), SURETY_OK);
        assert_non_null(plan_next_task(plan));
        struct surety_output output = {.finish = SURETY_FINISH_STOP, .text = (char *)samples[1]};
        assert_int_equal(plan_feed(plan, 0, &output, NULL), SURETY_OK);
        const struct surety_task *task = plan_next_task(plan);
        if (n + 2 <= SURETY_MESSAGES_MAX)
            assert_int_equal(task->n_messages, n + 2);
        else
            assert_null(task); /* the text's one claim is exact */
        plan_free(plan);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(claims_are_asked_for_behind_the_solution),
        cmocka_unit_test(replies_replace_the_claims_of_the_text),
        cmocka_unit_test(order_of_arrival_does_not_matter),
        cmocka_unit_test(early_end_leaves_claims_unchecked),
        cmocka_unit_test(nothing_is_asked_for_without_use),
        cmocka_unit_test(conversation_goes_on_while_there_is_room),
    };
    return cmocka_run_group_tests_name("claims.plan.plan_asking", tests, NULL, NULL);
}
