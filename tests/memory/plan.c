/* A plan without memory says so, or gives the same result; never another one. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonl.h"
#include "proto/result_json.h"
#include "tests/memory/fail.h"
#include "tests/unit/claims/plan/plan_world.h"
#include <surety/settings.h>

static const char *const solutions[] = {
    "3 + 4 is 7, so \\boxed{7}\nClaims:\n1. the sum: 3 + 4 = 7\n2. a lid is good\n",
    "\\boxed{8}\nClaims:\n1. the sum: 3 + 4 = 8\n2. a lid is WRONG\n3. the box holds 8\n",
    "\\boxed{7}\nClaims:\n1. the box holds 7\n2. a lid is good\n",
    "There are 9 pens. 9 - 2 is 7. The answer is 7.",
    NULL,
    "\\boxed{\\frac{14}{2}}\nClaims:\n1. half of 14 pens is 7\n",
};
#define SOLUTIONS (sizeof solutions / sizeof *solutions)

static const char *const asked[SOLUTIONS] = {"1. the sum: 3 + 4 = 7\n", "!1. a lid is WRONG\n2. a",
                                             "no list", NULL};
static const char asking[] = "name: a\nclaims: ask\n[sample user]\n{problem}\n"
                             "[claims user]\nWhat does it claim?\n"
                             "[each user]\n{problem} {claim}\n";

struct case_of_plan {
    struct surety_settings settings;
    const char *text; /* of a profile; NULL: the judge's own */
};

/* NULL: memory ran out, and whoever met it said so. */
static char *run(struct world *w)
{
    struct surety_error err = {0};
    struct surety_result result;
    w->verifier = "judge";
    enum surety_err code = world_try(w, &err);
    if (code) {
        assert_int_equal(code, SURETY_ERR_NOMEM);
        return NULL;
    }
    for (size_t n = 0; !code && !plan_is_done(w->plan); n++) {
        world_take_tasks(w);
        for (size_t i = 0; !code && i < w->tasks[n]->n_items; i++)
            code = world_try_feed(w, w->tasks[n], i, &err);
    }
    if (!code)
        code = plan_result(w->plan, SURETY_STOP_COMPLETE, NULL, 5, &result, &err);
    char *text = NULL;
    if (!code) {
        json_t *object = surety_result_to_json(&result, true);
        text = object ? json_to_text(object) : NULL;
        json_decref(object);
        surety_result_fini(&result);
    }
    assert_true(!code || code == SURETY_ERR_NOMEM);
    world_fini(w);
    return text;
}

static char *run_failing(const struct case_of_plan *of, size_t nth)
{
    struct world w;
    world_init(&w, solutions, SOLUTIONS);
    w.settings = of->settings;
    w.text = of->text;
    w.asked = asked;
    fail_at(nth);
    char *text = run(&w);
    assert_true(text || fail_happened());
    return text;
}

static void every_allocation_in_turn(void **state)
{
    const struct case_of_plan *of = *state;
    char *expected = run_failing(of, 0);
    for (size_t nth = 1;; nth++) {
        char *text = run_failing(of, nth);
        bool failed = fail_happened();
        if (text && strcmp(text, expected) != 0)
            fail_msg("without allocation %zu the result is another one:\n%s\n%s", nth, text,
                     expected);
        free(text);
        if (!failed)
            break;
    }
    fail_at(0);
    free(expected);
}

int main(void)
{
    enum { ASKING = SURETY_VERIFY_COUNT_, WAYS, CASES = 2 * WAYS };
    static struct case_of_plan cases[CASES];
    static char names[CASES][48];
    struct CMUnitTest tests[CASES];
    size_t n = 0;
    for (int i = 2 * SURETY_VERIFY_NONE; i < CASES; i++, n++) {
        const int verify = i / 2;
        struct surety_settings *s = &cases[n].settings;
        surety_settings_init(s);
        s->k = SOLUTIONS;
        s->verify = verify == ASKING ? SURETY_VERIFY_EACH : (enum surety_verify)verify;
        s->stop = i % 2 ? SURETY_STOPPING_BETA : SURETY_STOPPING_NONE;
        s->text = true;
        s->controls = 2;
        s->verify_repeats = 2;
        s->verify_temperature = 1;
        cases[n].text = verify == ASKING ? asking : NULL;
        snprintf(names[n], sizeof names[n], "plan_%s%s_stop_%s_without_memory",
                 surety_verify_name(s->verify), verify == ASKING ? "_asking" : "",
                 surety_stopping_name(s->stop));
        tests[n] = (struct CMUnitTest){
            .name = names[n], .test_func = every_allocation_in_turn, .initial_state = &cases[n]};
    }
    return _cmocka_run_group_tests("claims.plan.memory", tests, n, NULL, NULL);
}
