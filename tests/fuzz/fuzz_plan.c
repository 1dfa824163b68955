/*
 * fuzz_plan.c - a small request, its samples and replies: the plan ends, and what it says does not
 * depend on the order in which it was fed.
 *
 * Eight bytes choose the settings, the rest are texts with a byte 0xff between them. Sample k is
 * the k-th text; a reply is one by the hash of its task and repeat, and so is a list of claims. A
 * text that begins with '!' was cut, one with '~' failed.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/jsonl.h"
#include "base/utf8.h"
#include "claims/plan/plan.h"
#include "proto/result_json.h"
#include "tests/fuzz/fuzz.h"
#include <surety/settings.h>

enum { HEAD = 8, TEXTS_MAX = 64, OPEN_MAX = 4096 };

struct texts {
    char *text[TEXTS_MAX];
    size_t n;
};

static void split(const uint8_t *data, size_t size, struct texts *ret)
{
    ret->n = 0;
    for (size_t at = 0; at <= size && ret->n < TEXTS_MAX;) {
        const uint8_t *end = at < size ? memchr(data + at, 0xff, size - at) : NULL;
        size_t len = end ? (size_t)(end - data) - at : size - at;
        ret->text[ret->n] = utf8_make_valid((const char *)data + at, len, NULL);
        FUZZ_CHECK(ret->text[ret->n++]);
        at += len + 1;
    }
}

static struct surety_settings choose(const uint8_t *head)
{
    struct surety_settings s;
    surety_settings_init(&s);
    s.k = head[0] % 6 + 1;
    s.m = head[1] % 4 + 1;
    s.gamma = head[1] & 0x80 ? head[1] % 16 / 4.0 : -1;
    s.verify = (enum surety_verify)(head[2] % SURETY_VERIFY_COUNT_);
    s.rule = (enum surety_rule)(head[3] % 3);
    s.text = head[3] & 0x80;
    s.signals = head[4] % 16;
    s.verify_repeats = head[5] % 4 + 1;
    s.verify_temperature = head[5] & 0x80 ? 0 : head[5] & 0x40 ? 0.5 : -1;
    s.controls = head[6] % 5;
    s.seed = head[6] / 5;
    s.stop = (enum surety_stopping)(head[7] / 2 % 4);
    return s;
}

static struct surety_output output_of(const struct surety_task *task, size_t item,
                                      const struct texts *texts)
{
    uint32_t index = task->items[item].index;
    size_t i = task->stage == SURETY_STAGE_SAMPLE ? index : hash_u64(task->id, index);
    char *text = texts->text[i % texts->n];
    struct surety_output output = {.index = index,
                                   .text = text,
                                   .prompt_tokens = 9,
                                   .cached_tokens = 4,
                                   .completion_tokens = 5,
                                   .logprob = NAN};
    output.finish = *text == '!'   ? SURETY_FINISH_LENGTH
                    : *text == '~' ? SURETY_FINISH_ERROR
                                   : SURETY_FINISH_STOP;
    if (output.finish == SURETY_FINISH_ERROR)
        surety_fail(&output.error, SURETY_ERR_ENGINE, "it broke");
    return output;
}

static void check_trajectory(const struct surety_trajectory *t, const struct surety_settings *s)
{
    uint64_t keys[SURETY_M_MAX];
    FUZZ_CHECK(t->index < s->k && t->n_claims <= s->m);
    FUZZ_CHECK(t->r >= 0 && t->r <= 1 && (t->answer || t->r == 0));
    FUZZ_CHECK(t->finish != SURETY_FINISH_ERROR || (!t->answer && t->error.code));
    FUZZ_CHECK(plan_questions(s, t, keys) <= t->n_claims);
    for (size_t i = 0; i < t->n_claims; i++) {
        const struct surety_claim *c = &t->claims[i];
        FUZZ_CHECK((c->decided_by == 0) == isnan(c->value));
        FUZZ_CHECK(!c->decided_by || (s->signals & c->decided_by));
        FUZZ_CHECK(isnan(c->value) || (c->value >= 0 && c->value <= 1));
        FUZZ_CHECK(isnan(c->value) == (c->verdict == SURETY_VERDICT_UNPARSED ||
                                       c->verdict == SURETY_VERDICT_UNCHECKED));
        FUZZ_CHECK(isnan(c->value) || (c->value >= 0.5) == (c->verdict == SURETY_VERDICT_VALID));
        FUZZ_CHECK(c->verdict != SURETY_VERDICT_VALID || !c->reason);
    }
}

static void check_result(const struct surety_result *r)
{
    uint32_t votes = 0, stated = 0;
    FUZZ_CHECK(r->run.settings.verify != SURETY_VERIFY_DEFAULT);
    FUZZ_CHECK(r->run.settings.rule != SURETY_RULE_DEFAULT && r->run.settings.gamma >= 0);
    for (size_t i = 0; i < r->n_trajectories; i++) {
        check_trajectory(&r->trajectories[i], &r->run.settings);
        stated += r->trajectories[i].answer != NULL;
    }
    for (size_t g = 0; g < r->n_groups; g++)
        votes += r->groups[g].count;
    FUZZ_CHECK(votes == stated);
    FUZZ_CHECK(isnan(r->reliability) || (r->reliability >= 0 && r->reliability <= 1));
    FUZZ_CHECK(r->effective_votes >= 0 && r->effective_votes <= stated + 1e-9);
    FUZZ_CHECK((r->answer != NULL) == (stated > 0) && (r->cons != NULL) == (stated > 0));
    FUZZ_CHECK(r->arena.used_bytes < 1u << 20);
}

static struct surety_result result_of(struct plan *plan, enum surety_stop stop)
{
    struct surety_result result;
    FUZZ_CHECK(!plan_result(plan, stop, NULL, 0, &result, NULL));
    check_result(&result);
    return result;
}

/* Feeds everything, in an order that `order` shuffles (0: as it comes); returns the result's JSON.
 */
static char *run(struct plan *plan, const struct texts *texts, uint64_t order)
{
    static struct {
        const struct surety_task *task;
        size_t item;
    } open[OPEN_MAX], last;
    size_t n = 0, fed = 0;
    for (;;) {
        for (const struct surety_task *task; (task = plan_next_task(plan));)
            for (size_t i = 0; i < task->n_items; i++) {
                FUZZ_CHECK(n < OPEN_MAX && task->n_messages > 0);
                open[n].task = task;
                open[n++].item = i;
            }
        if (!n)
            break;
        FUZZ_CHECK(!plan_is_done(plan));
        size_t pick = order ? hash_u64(order, fed) % n : 0;
        last = open[pick];
        memmove(open + pick, open + pick + 1, (--n - pick) * sizeof *open);
        struct surety_output output = output_of(last.task, last.item, texts);
        FUZZ_CHECK(!plan_feed(plan, last.task->id, &output, NULL));
        for (bool more = true; more;)
            FUZZ_CHECK(!plan_compare(plan, &more, NULL));
        if (order) { /* what came before or never was asked for changes nothing */
            output.text = texts->text[fed % texts->n];
            FUZZ_CHECK(!plan_feed(plan, last.task->id, &output, NULL));
            output.index += 1000;
            FUZZ_CHECK(!plan_feed(plan, last.task->id, &output, NULL));
            FUZZ_CHECK(!plan_feed(plan, last.task->id + 1000, &output, NULL));
            struct surety_result so_far = result_of(plan, SURETY_STOP_DEADLINE);
            surety_result_fini(&so_far);
        }
        fed++;
    }
    FUZZ_CHECK(plan_is_done(plan));
    struct surety_result result = result_of(plan, SURETY_STOP_COMPLETE);
    json_t *json = surety_result_to_json(&result, true);
    char *text = json ? json_to_text(json) : NULL;
    json_decref(json);
    surety_result_fini(&result);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < HEAD || size > 4096)
        return 0;
    static char id[] = "f", problem[] = "How many pens are there?", name[] = "model", none[] = "";
    static char profiles[][16] = {"", "demo"};
    struct surety_model model = {name, none, name, profiles[data[7] & 1], name, 0, 8, false, false};
    struct surety_request request = {.id = id, .problem = problem, .settings = choose(data)};
    static char asking[] = "name: a\nclaims: ask\n[sample user]\n{problem}\n"
                           "[claims user]\nWhich?\n[each user]\n{problem} {claim}\n"
                           "[blind user]\n{problem} {quantity}\n";
    request.profile = data[7] & 2 ? asking : NULL;
    struct texts texts;
    split(data + HEAD, size - HEAD, &texts);
    char *results[2] = {0};
    for (uint64_t i = 0; i < 2; i++) {
        struct plan *plan;
        struct surety_error err = {0};
        enum surety_err code = plan_create(&request, &model, NULL, &plan, &err);
        FUZZ_CHECK(!code || (code == SURETY_ERR_INVALID && *err.message));
        if (code)
            break;
        results[i] = run(plan, &texts, i * (1 + data[7]));
        FUZZ_CHECK(results[i]);
        plan_free(plan);
    }
    FUZZ_CHECK(!results[0] == !results[1]);
    FUZZ_CHECK(!results[0] || !strcmp(results[0], results[1]));
    free(results[0]);
    free(results[1]);
    for (size_t i = 0; i < texts.n; i++)
        free(texts.text[i]);
    return 0;
}
