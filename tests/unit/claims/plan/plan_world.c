#include "tests/unit/test.h"

#include "tests/unit/claims/plan/plan_world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonl.h"
#include "proto/result_json.h"
#include <surety/settings.h>

/* Right says 4, wrong says 5; the plurality is wrong, and its claims are refuted. */
const char *const world_rescue[] = {
    "\\boxed{5}\nClaims:\n1. the box is big\n2. a lid is WRONG\n",
    "\\boxed{4}\nClaims:\n1. the box is big\n2. a lid is good\n",
    "\\boxed{5}\nClaims:\n1. the box is big\n2. a lid is  WRONG\n", /* the same claim */
    "\\boxed{5}\nClaims:\n1. the box is MUMBLE\n2. a lid is WRONG\n",
    "I do not know.",
    "\\boxed{4}\nClaims:\n1. the box is big\n",
};

void world_init(struct world *w, const char *const *samples, size_t k)
{
    memset(w, 0, sizeof *w);
    w->samples = samples;
    surety_settings_init(&w->settings);
    w->settings.k = (uint32_t)k;
    w->settings.seed = 7;
}

enum surety_err world_try(struct world *w, struct surety_error *err)
{
    char id[] = "a", problem[] = "How many pens are there?", name[] = "model", empty[] = "";
    char repro[] = "class", profile[16] = "";
    if (w->profile)
        snprintf(profile, sizeof profile, "%s", w->profile);
    struct surety_model model = {name, empty, name, profile, repro, 0, 8, w->chooses, false};
    char only_each[] = "name: terse\nclaims: lines\nverdict: word\nvalid: yes\nrefuted: no\n\n"
                       "[sample user]\n{problem}\n\n[each user]\n{problem} {claim}\n";
    struct surety_request request = {.id = id,
                                     .problem = problem,
                                     .profile = w->only_each ? only_each : (char *)w->text,
                                     .settings = w->settings};
    char judge[16] = "";
    if (w->verifier)
        snprintf(judge, sizeof judge, "%s", w->verifier);
    struct surety_model verifier = model;
    verifier.name = judge;
    return plan_create(&request, &model, w->verifier ? &verifier : NULL, &w->plan, err);
}

void world_open(struct world *w)
{
    struct surety_error err = {0};
    if (world_try(w, &err))
        fail_msg("%s", err.message);
}

void world_fini(struct world *w)
{
    plan_free(w->plan);
    w->plan = NULL;
}

void world_take_tasks(struct world *w)
{
    for (const struct surety_task *task; (task = plan_next_task(w->plan));) {
        assert_true(w->n_tasks < WORLD_TASKS_MAX);
        assert_int_equal(task->id, w->n_tasks);
        assert_true(task->id ? task->stage != SURETY_STAGE_SAMPLE
                             : task->stage == SURETY_STAGE_SAMPLE);
        w->tasks[w->n_tasks++] = task;
    }
}

static const char *verdict_on(const struct world *w, const char *claim, size_t repeat)
{
    if (w->truth && strstr(claim, "box holds") && !strstr(claim, w->truth))
        return "REFUTED - it holds others";
    if (strstr(claim, "MUMBLE"))
        return "who knows";
    if (strstr(claim, "WRONG") || (strstr(claim, "ODD") && repeat % 2))
        return "REFUTED - it is wrong";
    return "VALID";
}

static void list_claims(const struct world *w, const struct surety_task *task, char *reply,
                        size_t size, struct surety_output *output)
{
    const char *solution = task->messages[task->n_messages - 2].content, *listed = NULL;
    for (size_t k = 0; k < w->settings.k; k++)
        if (w->samples[k] && strstr(w->samples[k], solution))
            listed = w->asked[k];
    if (listed && *listed == '!')
        output->finish = SURETY_FINISH_LENGTH;
    snprintf(reply, size, "%s", listed ? listed + (*listed == '!') : "");
    if (listed)
        return;
    output->finish = SURETY_FINISH_ERROR;
    surety_fail(&output->error, SURETY_ERR_LIMIT, "the prompt is too long");
}

/* The recomputation of a quantity; NULL: it is cut. One that is not listed is 0. */
static const char *recompute(const struct world *w, const char *quantity, size_t repeat)
{
    for (const struct world_value *v = w->values; v && v->quantity; v++)
        if (!strcmp(v->quantity, quantity))
            return v->reply[repeat % 3];
    return "It is \\boxed{0}.";
}

enum surety_err world_try_feed(struct world *w, const struct surety_task *task, size_t item,
                               struct surety_error *err)
{
    char reply[4096] = "";
    struct surety_output output = {.index = task->items[item].index,
                                   .finish = SURETY_FINISH_STOP,
                                   .text = reply,
                                   .prompt_tokens = 10,
                                   .cached_tokens = 4,
                                   .completion_tokens = 3};
    int len = 0;
    if (task->stage == SURETY_STAGE_SAMPLE) {
        const char *sample = w->samples[output.index];
        if (sample) {
            snprintf(reply, sizeof reply, "%s", sample);
        } else {
            output.finish = SURETY_FINISH_ERROR;
            surety_fail(&output.error, SURETY_ERR_ENGINE, "it broke");
        }
    } else if (task->stage == SURETY_STAGE_CLAIMS) {
        list_claims(w, task, reply, sizeof reply, &output);
    } else {
        w->n_verify_calls++;
        const char *prompt = task->messages[task->n_messages - 1].content;
        bool joint = strstr(prompt, "claims. They stand"), blind = strstr(prompt, "is wanted");
        const char *value = blind ? recompute(w, task->claims[0], output.index) : NULL;
        if (blind && !value)
            output.finish = SURETY_FINISH_LENGTH;
        snprintf(reply, sizeof reply, "%s", value ? value : "");
        const char *chosen = task->n_labels ? verdict_on(w, task->claims[0], 0) : "who";
        if (*chosen != 'w') {
            double valid = *chosen == 'V' ? 0.75 : 0.25;
            output.n_labels = 2;
            output.label_logprobs[0] = log(valid / 10); /* what is left is other text */
            output.label_logprobs[1] = log((1 - valid) / 10);
        }
        for (size_t i = 0; i < task->n_claims && !blind && !output.n_labels; i++) {
            const char *verdict = verdict_on(w, task->claims[i], output.index);
            len +=
                joint
                    ? snprintf(reply + len, sizeof reply - (size_t)len, "%zu: %s\n", i + 1, verdict)
                    : snprintf(reply + len, sizeof reply - (size_t)len, "VERDICT: %s", verdict);
        }
    }
    enum surety_err code = plan_feed(w->plan, task->id, &output, err);
    bool more = w->settings.stop != SURETY_STOPPING_NONE;
    while (more && !code)
        code = plan_compare(w->plan, &more, err);
    return code;
}

void world_feed(struct world *w, const struct surety_task *task, size_t item)
{
    struct surety_error err = {0};
    if (world_try_feed(w, task, item, &err))
        fail_msg("%s", err.message);
}

struct pair {
    const struct surety_task *task;
    size_t item;
};

void world_run(struct world *w, unsigned seed)
{
    struct pair *open = test_malloc(65536 * sizeof *open);
    size_t n_open = 0, n_seen = 0;
    for (;;) {
        world_take_tasks(w);
        for (; n_seen < w->n_tasks; n_seen++)
            for (size_t i = 0; i < w->tasks[n_seen]->n_items; i++)
                open[n_open++] = (struct pair){w->tasks[n_seen], i};
        if (n_open == 0)
            break;
        assert_false(plan_is_done(w->plan));
        size_t pick = seed ? (size_t)rand_r(&seed) % n_open : 0;
        struct pair p = open[pick];
        memmove(open + pick, open + pick + 1, (--n_open - pick) * sizeof *open);
        world_feed(w, p.task, p.item);
    }
    assert_true(plan_is_done(w->plan));
    test_free(open);
}

struct surety_result world_result(struct world *w, enum surety_stop stop)
{
    struct surety_result result;
    struct surety_error err = {0};
    if (plan_result(w->plan, stop, NULL, 5, &result, &err))
        fail_msg("%s", err.message);
    return result;
}

char *world_json(struct world *w)
{
    struct surety_result result = world_result(w, SURETY_STOP_COMPLETE);
    json_t *object = surety_result_to_json(&result, true);
    char *text = object ? json_to_text(object) : NULL;
    assert_non_null(text);
    json_decref(object);
    surety_result_fini(&result);
    return text;
}

void world_end_alike(struct world *w, char **expected)
{
    char *json = world_json(w);
    if (*expected)
        assert_string_equal(json, *expected);
    else
        *expected = strdup(json);
    free(json);
    world_fini(w);
}
