/*
 * A plan at the interface of claims/plan/plan.h, simple enough to predict: k samples, in index
 * order one VERIFY task for each that succeeded (settings.verify_repeats items, unless verify is
 * NONE), and a result whose answer is a hash over all texts.
 */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "claims/plan/plan.h"

struct fake_task {
    struct surety_task task;
    struct surety_message message;
    struct surety_item *items;
    char **texts; /* NULL: not fed; "" with failed: failed */
    bool *failed;
    size_t n_fed;
};

struct plan {
    char *id, *problem;
    struct surety_settings settings;
    struct fake_task **tasks;
    size_t n, given, next_sample;
    bool cut;
};

static struct fake_task *add(struct plan *p, enum surety_stage stage, size_t n)
{
    struct fake_task *t = calloc(1, sizeof *t);
    p->tasks = realloc(p->tasks, (p->n + 1) * sizeof(*p->tasks));
    p->tasks[p->n] = t;
    t->items = calloc(n, sizeof *t->items);
    t->texts = calloc(n, sizeof *t->texts);
    t->failed = calloc(n, sizeof *t->failed);
    t->message = (struct surety_message){.role = (char *)"user", .content = p->problem};
    t->task = (struct surety_task){.stage = stage,
                                   .id = (uint32_t)p->n++,
                                   .messages = &t->message,
                                   .n_messages = 1,
                                   .sampling = p->settings.sampling,
                                   .problem = p->problem,
                                   .items = t->items,
                                   .n_items = n};
    for (size_t i = 0; i < n; i++)
        t->items[i] = (struct surety_item){
            .index = (uint32_t)i,
            .seed = (uint32_t)hash_u64(hash_u64(p->settings.seed, t->task.id), i) & 0x7fffffff};
    return t;
}

enum surety_err plan_create(const struct surety_request *request, const struct surety_model *model,
                            const struct surety_model *verifier, struct plan **ret_plan,
                            struct surety_error *err)
{
    if (request->profile && strcmp(request->profile, "bad") == 0)
        return surety_fail(err, SURETY_ERR_PARSE, "a bad profile");
    struct plan *p = calloc(1, sizeof *p);
    p->id = strdup(request->id);
    p->problem = strdup(request->problem);
    p->settings = request->settings;
    add(p, SURETY_STAGE_SAMPLE, p->settings.k);
    *ret_plan = p;
    return SURETY_OK;
}

enum surety_err plan_settings(const struct surety_request *request,
                              const struct surety_model *model, const struct surety_model *verifier,
                              struct surety_settings *ret, struct surety_error *err)
{
    if (request->profile && strcmp(request->profile, "bad") == 0)
        return surety_fail(err, SURETY_ERR_PARSE, "a bad profile");
    *ret = request->settings;
    ret->gamma = ret->m;
    return SURETY_OK;
}

void plan_free(struct plan *p)
{
    for (size_t t = 0; p && t < p->n; t++) {
        for (size_t i = 0; i < p->tasks[t]->task.n_items; i++)
            free(p->tasks[t]->texts[i]);
        free(p->tasks[t]->items);
        free(p->tasks[t]->texts);
        free(p->tasks[t]->failed);
        free(p->tasks[t]);
    }
    if (!p)
        return;
    free(p->tasks);
    free(p->id);
    free(p->problem);
    free(p);
}

const struct surety_task *plan_next_task(struct plan *p)
{
    return p->given < p->n ? &p->tasks[p->given++]->task : NULL;
}

enum surety_err plan_feed(struct plan *p, uint32_t task_id, const struct surety_output *output,
                          struct surety_error *err)
{
    struct fake_task *t = task_id < p->n ? p->tasks[task_id] : NULL;
    if (!t || output->index >= t->task.n_items || t->texts[output->index])
        return SURETY_OK;
    t->texts[output->index] = strdup(output->text);
    t->failed[output->index] =
        output->error.code != SURETY_OK || output->finish == SURETY_FINISH_CANCELLED;
    p->cut = p->cut || output->finish == SURETY_FINISH_CANCELLED;
    t->n_fed++;
    for (t = p->tasks[0]; p->next_sample < t->task.n_items && t->texts[p->next_sample];
         p->next_sample++, t = p->tasks[0])
        if (!t->failed[p->next_sample] && p->settings.verify != SURETY_VERIFY_NONE)
            add(p, SURETY_STAGE_VERIFY, p->settings.verify_repeats);
    return SURETY_OK;
}

size_t plan_bytes(const struct plan *p)
{
    size_t bytes = sizeof *p;
    for (size_t t = 0; t < p->n; t++)
        for (size_t i = 0; i < p->tasks[t]->task.n_items; i++)
            bytes += p->tasks[t]->texts[i] ? strlen(p->tasks[t]->texts[i]) : 0;
    return bytes;
}

void plan_watch(struct plan *p, const atomic_bool *stop)
{
}

enum surety_err plan_compare(struct plan *p, bool *ret_more, struct surety_error *err)
{
    *ret_more = false;
    return SURETY_OK;
}

bool plan_is_done(const struct plan *p)
{
    if (p->given < p->n)
        return false;
    for (size_t t = 0; t < p->n; t++)
        if (p->tasks[t]->n_fed < p->tasks[t]->task.n_items)
            return false;
    return true;
}

bool plan_verifies(const struct plan *p)
{
    return p->settings.verify != SURETY_VERIFY_NONE;
}

uint32_t plan_released(const struct plan *p)
{
    return p->settings.k;
}

bool plan_is_settled(const struct plan *p)
{
    return false;
}

bool plan_is_cut(const struct plan *p)
{
    return p->cut;
}

enum surety_err plan_result(struct plan *p, enum surety_stop stop, const struct surety_error *why,
                            int64_t wall_ms, struct surety_result *ret_result,
                            struct surety_error *err)
{
    struct surety_result r = {.stop = stop, .reliability = 1};
    uint64_t hash = 0;
    uint32_t n = 0;
    for (size_t t = 0; t < p->n; t++)
        for (size_t i = 0; i < p->tasks[t]->task.n_items; i++)
            if (p->tasks[t]->texts[i] && !p->tasks[t]->failed[i]) {
                hash = hash_text(hash_u64(hash, t << 32 | i), p->tasks[t]->texts[i]);
                n += t == 0;
            }
    char hex[17];
    hash_hex(hash, hex);
    arena_init(&r.arena, 1u << 20);
    r.error = *why;
    r.id = arena_strdup(&r.arena, p->id);
    r.answer = n ? arena_strdup(&r.arena, hex) : NULL;
    r.effective_votes = n;
    r.usage.wall_ms = wall_ms;
    r.run.version = r.run.model = r.run.model_id = r.run.profile = r.run.profile_hash =
        r.run.repro = arena_strdup(&r.arena, "fake");
    r.run.reproducible = true;
    r.run.settings = p->settings;
    *ret_result = r;
    return SURETY_OK;
}

enum surety_err plan_score(const struct surety_request *request, const struct plan_sample *samples,
                           size_t n, struct surety_result *ret_result, struct surety_error *err)
{
    return surety_fail(err, SURETY_ERR_UNSUPPORTED, "a fake plan");
}
