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

static char *run_failing(const struct surety_settings *settings, size_t nth)
{
    struct world w;
    world_init(&w, solutions, SOLUTIONS);
    w.settings = *settings;
    fail_at(nth);
    char *text = run(&w);
    assert_true(text || fail_happened());
    return text;
}

static void every_allocation_in_turn(void **state)
{
    struct surety_settings settings = *(const struct surety_settings *)*state;
    char *expected = run_failing(&settings, 0);
    for (size_t nth = 1;; nth++) {
        char *text = run_failing(&settings, nth);
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
    enum { CASES = 2 * SURETY_VERIFY_COUNT_ };
    static struct surety_settings settings[CASES];
    static char names[CASES][48];
    struct CMUnitTest tests[CASES];
    size_t n = 0;
    for (int i = 2 * SURETY_VERIFY_NONE; i < CASES; i++, n++) {
        struct surety_settings *s = &settings[n];
        surety_settings_init(s);
        s->k = SOLUTIONS;
        s->verify = (enum surety_verify)(i / 2);
        s->stop = i % 2 ? SURETY_STOPPING_BETA : SURETY_STOPPING_NONE;
        s->text = true;
        s->controls = 2;
        s->verify_repeats = 2;
        s->verify_temperature = 1;
        snprintf(names[n], sizeof names[n], "plan_%s_stop_%s_without_memory",
                 surety_verify_name(s->verify), surety_stopping_name(s->stop));
        tests[n] = (struct CMUnitTest){
            .name = names[n], .test_func = every_allocation_in_turn, .initial_state = s};
    }
    return _cmocka_run_group_tests("claims.plan.memory", tests, n, NULL, NULL);
}
