#include "scaler/broker/plan_job.h"

#include <stdlib.h>
#include <string.h>

#include "base/jsonl.h"
#include "proto/result_json.h"
#include "proto/wire.h"

#define OUTPUTS_BYTES_MAX ((size_t)1 << 46) /* the core bounds them, over all requests */
#define READ_MAX 32 /* outputs that a job reads before others get their turn */
#define JSON_BYTES_MAX (WIRE_BODY_MAX - 4096u) /* leaves room for the rest of a message */

struct plan_job *plan_job_create(uint64_t request, int kind)
{
    struct plan_job *job = calloc(1, sizeof *job);
    if (!job)
        return NULL;
    job->request = request;
    job->kind = kind;
    arena_init(&job->arena, OUTPUTS_BYTES_MAX);
    return job;
}

void plan_job_free(struct plan_job *job)
{
    if (!job)
        return;
    arena_fini(&job->arena);
    free(job->outputs);
    free(job->tasks);
    free(job->json);
    free(job);
}

enum surety_err plan_job_add(struct plan_job *job, uint32_t task,
                             const struct surety_output *output)
{
    if (job->n_outputs == job->outputs_size) {
        size_t size = job->outputs_size ? job->outputs_size * 2 : 8;
        struct plan_job_output *grown = realloc(job->outputs, size * sizeof *grown);
        if (!grown)
            return SURETY_ERR_NOMEM;
        job->outputs = grown;
        job->outputs_size = size;
    }
    struct plan_job_output *o = &job->outputs[job->n_outputs];
    *o = (struct plan_job_output){.task = task, .output = *output};
    o->output.text = arena_strdup(&job->arena, output->text ? output->text : "");
    if (!o->output.text)
        return SURETY_ERR_NOMEM;
    job->n_outputs++;
    return SURETY_OK;
}

size_t plan_job_bytes(const struct plan_job *job)
{
    return sizeof *job + job->arena.used_bytes + job->outputs_size * sizeof *job->outputs;
}

struct plan_job *plan_job_rest(struct plan_job *job, struct plan_job *pending)
{
    struct plan_job *rest = plan_job_create(job->request, PLAN_JOB_FEED);
    enum surety_err code = rest ? SURETY_OK : SURETY_ERR_NOMEM;
    if (rest) {
        rest->arena = job->arena;
        rest->outputs = job->outputs;
        rest->outputs_size = job->outputs_size;
        rest->n_outputs = job->n_outputs - job->n_read;
        memmove(rest->outputs, rest->outputs + job->n_read,
                rest->n_outputs * sizeof *rest->outputs);
        arena_init(&job->arena, OUTPUTS_BYTES_MAX);
        job->outputs = NULL;
        job->n_outputs = job->outputs_size = 0;
    }
    for (size_t i = 0; pending && i < pending->n_outputs && !code; i++)
        code = plan_job_add(rest, pending->outputs[i].task, &pending->outputs[i].output);
    plan_job_free(pending);
    if (!code)
        return rest;
    plan_job_free(rest);
    return NULL;
}

static enum surety_err take_tasks(struct plan_job *job)
{
    for (const struct surety_task *task; (task = plan_next_task(job->plan));) {
        if (job->n_tasks == job->tasks_size) {
            size_t size = job->tasks_size ? job->tasks_size * 2 : 8;
            const struct surety_task **grown = realloc(job->tasks, size * sizeof(*grown));
            if (!grown)
                return surety_fail(&job->error, SURETY_ERR_NOMEM, "no memory for a plan's tasks");
            job->tasks = grown;
            job->tasks_size = size;
        }
        job->tasks[job->n_tasks++] = task;
    }
    job->done = plan_is_done(job->plan);
    job->verifies = plan_verifies(job->plan);
    job->released = plan_released(job->plan);
    job->settled = plan_is_settled(job->plan);
    return SURETY_OK;
}

/* What would have been asked for, as for models that declare nothing; what makes no plan is told as
 * it was asked for. */
static enum surety_err fill_wanted(const struct plan_job *job, struct surety_result *result)
{
    const struct surety_request *wanted = job->wanted;
    struct surety_settings *s = &result->run.settings;
    char empty[] = "", none[] = "none";
    struct surety_model model = {.id = empty, .engine = empty, .profile = empty, .repro = none},
                        verifier = model;
    struct surety_error ignored;
    model.name = wanted->model_name ? wanted->model_name : empty;
    verifier.name = wanted->verifier_model;
    enum surety_err code =
        plan_settings(wanted, &model, verifier.name ? &verifier : NULL, s, &ignored);
    if (code == SURETY_ERR_NOMEM)
        return code;
    if (code)
        *s = wanted->settings;
    s->sampling.stop = NULL;
    s->sampling.n_stop = 0;
    result->run.model = arena_strdup(&result->arena, model.name);
    if (!verifier.name || s->verify == SURETY_VERIFY_NONE || !strcmp(verifier.name, model.name))
        return result->run.model ? SURETY_OK : SURETY_ERR_NOMEM;
    result->run.verifier_model = arena_strdup(&result->arena, verifier.name);
    return result->run.model && result->run.verifier_model ? SURETY_OK : SURETY_ERR_NOMEM;
}

/* The result of a request without a plan: of a body that was passed through, or one that ended
 * before anything could be asked. */
static enum surety_err empty_result(struct plan_job *job, struct surety_result *result)
{
    *result =
        (struct surety_result){.stop = job->stop, .error = job->why, .reliability = 0.0 / 0.0};
    arena_init(&result->arena, SURETY_PROFILE_MAX);
    result->usage.wall_ms = job->wall_ms;
    for (size_t i = 0; i < job->n_outputs; i++) { /* of what was passed through */
        result->usage.prompt_tokens += job->outputs[i].output.prompt_tokens;
        result->usage.cached_tokens += job->outputs[i].output.cached_tokens;
        result->usage.completion_tokens += job->outputs[i].output.completion_tokens;
    }
    result->verifier.valid_rate = result->verifier.unparsed_rate = 0.0 / 0.0;
    char *empty = arena_strdup(&result->arena, "");
    result->id = arena_strdup(&result->arena, job->wanted->id);
    result->run.version = arena_strdup(&result->arena, SURETY_VERSION);
    result->run.model_id = result->run.profile = result->run.profile_hash = empty;
    result->run.repro = arena_strdup(&result->arena, "none");
    if (!empty || !result->id || !result->run.version || !result->run.repro ||
        fill_wanted(job, result)) {
        surety_result_fini(result);
        return surety_fail(&job->error, SURETY_ERR_NOMEM, "no memory for a result");
    }
    return SURETY_OK;
}

static char *render(const struct surety_result *result)
{
    json_t *object = surety_result_to_json(result, false);
    char *json = object ? json_to_text(object) : NULL;
    json_decref(object);
    return json;
}

/* Who looks while it runs sees answers and groups: the solutions would be sent over and over. */
static void strip(struct surety_result *result)
{
    for (size_t i = 0; i < result->n_trajectories; i++) {
        result->trajectories[i].text = NULL;
        result->trajectories[i].n_claims = 0;
    }
}

/* A result that would not fit into a message goes without the trajectories' texts. */
static void make_result(struct plan_job *job)
{
    struct surety_result result;
    enum surety_err code =
        job->plan ? plan_result(job->plan, job->stop, &job->why, job->wall_ms, &result, &job->error)
                  : empty_result(job, &result);
    if (code)
        return;
    if (job->not_reproducible)
        result.run.reproducible = false;
    if (job->result == PLAN_JOB_SNAPSHOT)
        strip(&result);
    job->json = render(&result);
    if (job->json && strlen(job->json) > JSON_BYTES_MAX) {
        free(job->json);
        for (size_t i = 0; i < result.n_trajectories; i++)
            result.trajectories[i].text = NULL;
        job->json = render(&result);
    }
    surety_result_fini(&result);
    if (!job->json) {
        surety_fail(&job->error, SURETY_ERR_NOMEM, "no memory for a result");
    } else if (strlen(job->json) > JSON_BYTES_MAX) {
        free(job->json);
        job->json = NULL;
        surety_fail(&job->error, SURETY_ERR_LIMIT, "the result is larger than a message may be");
    }
}

/* A piece of what there is; the last job reads all, until it is told to hurry. */
static enum surety_err feed(struct plan_job *job)
{
    size_t most = job->result == PLAN_JOB_FINAL ? SIZE_MAX : READ_MAX;
    enum surety_err code = SURETY_OK;
    for (; job->n_read < job->n_outputs && job->n_read < most && !code; job->n_read += !code) {
        const struct plan_job_output *o = &job->outputs[job->n_read];
        code = plan_feed(job->plan, o->task, &o->output, &job->error);
    }
    if (code == SURETY_ERR_CANCELLED)
        code = SURETY_OK;
    return code ? code : plan_compare(job->plan, &job->more, &job->error);
}

void plan_job_run(struct plan_job *job)
{
    enum surety_err code = SURETY_OK;
    if (job->kind == PLAN_JOB_FREE) {
        plan_free(job->plan);
        job->plan = NULL;
        return;
    }
    if (job->kind == PLAN_JOB_CREATE) {
        code = plan_create(job->wanted, job->model, job->verifier, &job->plan, &job->error);
        if (code)
            job->plan = NULL;
    }
    if (!code && job->plan) {
        plan_watch(job->plan, &job->hurry);
        code = feed(job);
        plan_watch(job->plan, NULL);
    }
    if (!code && job->plan)
        code = take_tasks(job);
    /* a limit or a cancel that came with the last output ended nothing: nothing is missing */
    if (job->result == PLAN_JOB_FINAL && job->done && !job->more && !job->why.code &&
        (job->settled || !plan_is_cut(job->plan)))
        job->stop = plan_is_cut(job->plan) ? SURETY_STOP_EARLY : SURETY_STOP_COMPLETE;
    if (!code && job->result != PLAN_JOB_NO_RESULT)
        make_result(job);
    job->plan_bytes = job->plan ? plan_bytes(job->plan) : 0;
}
