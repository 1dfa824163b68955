/*
 * A request's life: kept by the store, accepted, planned for the model that serves it, fed with
 * outputs until the plan is done or something stops it, ended once.
 *
 *   QUEUED --plan made--> RUNNING --done, deadline, budget, cancel, failure--> ENDING --> gone
 *
 * Sampling and verifying overlap and are no states. Whatever stops a request, its last job feeds
 * what has come and asks for the best result so far, so that a deadline never returns nothing.
 */
#include "scaler/broker/core_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "proto/settings_table.h"
#include <surety/settings.h>

#define REQUEST_BYTES_MAX (32u << 20)
#define NAMES_BYTES_MAX 300

/* ---- copies ---- */

static bool copy_request(struct arena *arena, const struct surety_request *from,
                         struct surety_request *to)
{
    *to = *from;
    to->id = arena_strdup(arena, from->id);
    to->problem = arena_strdup(arena, from->problem);
    to->model_name = arena_strdup(arena, from->model_name);
    to->profile = arena_strdup(arena, from->profile);
    const struct surety_sampling *sampling = &from->settings.sampling;
    char **stop = sampling->n_stop ? ARENA_ARRAY(arena, char *, sampling->n_stop) : NULL;
    to->settings.sampling.stop = stop;
    for (size_t i = 0; stop && i < sampling->n_stop; i++)
        if (!(stop[i] = arena_strdup(arena, sampling->stop[i])))
            return false;
    return to->id && to->problem && (to->model_name || !from->model_name) &&
           (to->profile || !from->profile) && (stop || !sampling->n_stop);
}

/* Of all that decides the answer, and of how long it may take. */
static uint64_t content_hash(const struct surety_request *r)
{
    uint64_t h = hash_text(0, r->problem);
    h = hash_text(h, r->model_name ? r->model_name : "");
    h = hash_text(h, r->profile ? r->profile : "");
    h = hash_u64(h, (uint64_t)r->deadline_ms);
    h = hash_u64(h, (uint64_t)r->budget_tokens);
    return settings_hash(h, &r->settings, SETTING_HASHED);
}

/* ---- the beginning ---- */

struct request *request_find(struct core *core, uint64_t number)
{
    size_t low = 0, high = core->n_requests;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (core->requests[middle]->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < core->n_requests && core->requests[low]->number == number ? core->requests[low]
                                                                           : NULL;
}

static struct request *find_id(const struct core *core, const struct client *client, const char *id)
{
    for (size_t i = 0; i < core->n_requests; i++)
        if (core->requests[i]->client == client && strcmp(core->requests[i]->wanted.id, id) == 0)
            return core->requests[i];
    return NULL;
}

static void request_add(struct core *core, struct client *client,
                        const struct surety_request *wanted, uint64_t content)
{
    struct request **grown = core_grow(core, core->requests, core->n_requests, &core->requests_size,
                                       sizeof(*core->requests));
    if (!grown)
        return;
    core->requests = grown;
    struct request *request = calloc(1, sizeof *request);
    struct core_action *action = request ? core_act(core, CORE_PERSIST) : NULL;
    if (!action) {
        core->failed = true;
        free(request);
        return;
    }
    core->requests[core->n_requests++] = request;
    arena_init(&request->arena, REQUEST_BYTES_MAX);
    request->number = core->next_number++;
    request->client = client;
    request->content = content;
    request->class_gone_ms = -1;
    client->n_requests++;
    core->count.requests++;
    if (!copy_request(&request->arena, wanted, &request->wanted))
        core->failed = true;
    request->bytes = sizeof *request + request->arena.used_bytes;
    core->queued_bytes += request->bytes;
    action->persist.request = request->number;
    action->persist.wanted = &request->wanted;
}

/* Delivered results are kept only as long as nobody needs the room. */
static bool memory_is_full(struct core *core)
{
    const size_t most = core->config.max_queued_bytes;
    for (size_t i = 0; i < core->n_clients && core->queued_bytes >= most; i++)
        outbox_clear(core, &core->clients[i]->kept);
    return core->queued_bytes >= most;
}

void request_refuse(struct core *core, struct client *client, const char *id,
                    const struct surety_error *why)
{
    bool taken = find_id(core, client, id) != NULL; /* the one that runs has not ended */
    outbox_error(core, client, taken ? NULL : id, why->code, "%s", why->message);
}

void request_new(struct core *core, struct client *client, const struct surety_request *wanted)
{
    struct surety_error err;
    uint64_t content = content_hash(wanted);
    struct request *twin = find_id(core, client, wanted->id);
    if (twin && twin->content == content) {
        if (twin->persisted) /* said again: the answer is on its way */
            outbox_accepted(core, client, wanted->id);
    } else if (twin) {
        outbox_error(core, client, NULL, SURETY_ERR_INVALID,
                     "the id '%.100s' is taken by a request that still runs", wanted->id);
    } else if (outbox_again(core, client, wanted->id, content)) {
        return;
    } else if (core->stopping) {
        outbox_error(core, client, wanted->id, SURETY_ERR_CANCELLED, "the broker is ending");
    } else if (surety_request_check(wanted, &err)) {
        outbox_error(core, client, wanted->id, err.code, "%s", err.message);
    } else if (client->n_requests + outbox_results(client) >= core->config.window) {
        outbox_error(core, client, wanted->id, SURETY_ERR_BUSY,
                     "%u requests of this client are in flight; wait for a result",
                     client->n_requests + outbox_results(client));
    } else if (core->n_requests >= core->config.max_requests || memory_is_full(core)) {
        outbox_error(core, client, wanted->id, SURETY_ERR_BUSY,
                     "the broker's queue is full (%zu requests, %zu bytes); try again later",
                     core->n_requests, core->queued_bytes);
    } else {
        request_add(core, client, wanted, content);
    }
}

void request_persisted(struct core *core, uint64_t number)
{
    struct request *request = request_find(core, number);
    if (!request || request->persisted)
        return;
    request->persisted = true;
    request->accepted_ms = core->now_ms;
    if (request->client)
        outbox_accepted(core, request->client, request->wanted.id);
}

void request_cancel(struct core *core, struct client *client, const char *id)
{
    struct request *request = find_id(core, client, id);
    if (request)
        request_end(core, request, SURETY_STOP_CANCELLED, SURETY_ERR_CANCELLED,
                    "cancelled by the client");
}

/* ---- the end ---- */

void request_free(struct core *core, struct request *request)
{
    for (size_t i = 0; i < core->n_requests; i++) {
        if (core->requests[i] != request)
            continue;
        core->n_requests--;
        memmove(&core->requests[i], &core->requests[i + 1],
                (core->n_requests - i) * sizeof(*core->requests));
    }
    if (request->client)
        request->client->n_requests--;
    core->queued_bytes -= request->bytes;
    for (size_t t = 0; t < request->n_tasks; t++) {
        free(request->tasks[t]->items);
        free(request->tasks[t]);
    }
    free(request->tasks);
    plan_job_free(request->pending);
    plan_free(request->plan);
    arena_fini(&request->arena);
    free(request);
}

/* Everything was said: the plan goes back to the pool, for freeing it may take a while. */
static void request_done(struct core *core, struct request *request)
{
    if (request->plan) {
        struct plan_job *job = plan_job_create(request->number, PLAN_JOB_FREE);
        if (job) {
            job->plan = request->plan;
            request->plan = NULL;
            core_plan(core, job);
        }
    }
    request_free(core, request);
}

void request_end(struct core *core, struct request *request, enum surety_stop stop,
                 enum surety_err code, const char *format, ...)
{
    if (request->state == REQUEST_ENDING)
        return;
    request->state = REQUEST_ENDING;
    request->stop = stop;
    schedule_cancel_request(core, request);
    /* a partial answer is an answer; without any the result says why */
    if (stop == SURETY_STOP_COMPLETE || (stop != SURETY_STOP_FAILED && request->n_samples_ok))
        return;
    va_list args;
    va_start(args, format);
    request->why.code = code;
    vsnprintf(request->why.message, sizeof request->why.message, format, args);
    va_end(args);
    request->why.message[utf8_cut(request->why.message, strlen(request->why.message))] = '\0';
}

static void end_complete(struct core *core, struct request *request)
{
    if (request->n_samples_ok || !request->n_samples_failed) {
        request_end(core, request, SURETY_STOP_COMPLETE, SURETY_OK, "%s", "");
        return;
    }
    size_t worst = 0;
    for (size_t code = 0; code < SURETY_ERR_COUNT_; code++)
        if (request->failures[code] > request->failures[worst])
            worst = code;
    request_end(core, request, SURETY_STOP_FAILED, (enum surety_err)worst,
                "all %u samples failed; %u of them: %.300s", request->n_samples_failed,
                request->failures[worst], request->failure_text[worst]);
}

static void look_at_limits(struct core *core, struct request *request)
{
    const struct surety_request *wanted = &request->wanted;
    if (request->state == REQUEST_ENDING || !request->persisted)
        return;
    if (wanted->deadline_ms > 0 && core->now_ms - request->accepted_ms >= wanted->deadline_ms) {
        bool asked = request->plan != NULL;
        request_end(core, request, SURETY_STOP_DEADLINE,
                    asked ? SURETY_ERR_DEADLINE : SURETY_ERR_UNREACHABLE, "%s",
                    asked ? "the deadline passed before any sample was finished"
                          : "the deadline passed and no worker had come that serves this request");
    } else if (wanted->budget_tokens > 0 && core->tokens_moved &&
               request->tokens + schedule_running_tokens(core, request) >= wanted->budget_tokens) {
        request_end(core, request, SURETY_STOP_BUDGET, SURETY_ERR_LIMIT, "%s",
                    "the token budget was used up before any sample was finished");
    }
}

/* ---- jobs ---- */

static struct plan_job *next_job(struct core *core, struct request *request, int kind)
{
    struct plan_job *job = request->pending;
    if (!job)
        job = plan_job_create(request->number, kind);
    if (!job) {
        core->failed = true;
        return NULL;
    }
    request->pending = NULL;
    request->job_out = true;
    job->plan = request->plan;
    job->wanted = &request->wanted;
    job->model = request->model;
    job->stop = request->stop;
    job->why = request->why;
    job->not_reproducible = request->not_reproducible;
    job->wall_ms = core->now_ms - request->accepted_ms;
    core_plan(core, job);
    return job;
}

void request_feed(struct core *core, struct request *request, struct task *task,
                  const struct surety_output *output)
{
    bool failed = output->finish == SURETY_FINISH_ERROR || output->error.code;
    if (task->spec->stage == SURETY_STAGE_VERIFY) {
        request->n_verify_done++;
    } else if (!failed) {
        request->n_samples_ok++;
    } else {
        enum surety_err code = output->error.code ? output->error.code : SURETY_ERR_ENGINE;
        request->n_samples_failed++;
        if (request->failures[code]++ == 0)
            request->failure_text[code] =
                arena_strdup(&request->arena, output->error.message[0] ? output->error.message
                                                                       : surety_err_text(code));
        if (!request->failure_text[code])
            core->failed = true;
    }
    request->changed = true;
    if (!request->pending)
        request->pending = plan_job_create(request->number, PLAN_JOB_FEED);
    enum surety_err code = request->pending ? plan_job_add(request->pending, task->spec->id, output)
                                            : SURETY_ERR_NOMEM;
    if (code)
        core->failed = true;
}

static void add_task(struct core *core, struct request *request, const struct surety_task *spec)
{
    struct task **grown = core_grow(core, request->tasks, request->n_tasks, &request->tasks_size,
                                    sizeof(*request->tasks));
    if (!grown)
        return;
    request->tasks = grown;
    struct task *task = calloc(1, sizeof *task);
    struct item *items = calloc(spec->n_items ? spec->n_items : 1, sizeof *items);
    if (!task || !items) {
        free(task);
        free(items);
        core->failed = true;
        return;
    }
    request->tasks[request->n_tasks++] = task;
    task->spec = spec;
    task->items = items;
    for (size_t i = 0; i < spec->n_items; i++)
        items[i] = (struct item){.index = spec->items[i].index,
                                 .seed = spec->items[i].seed,
                                 .attempt = spec->items[i].attempt};
    for (size_t i = 0; i < spec->n_messages; i++)
        task->prompt_bytes +=
            strlen(spec->messages[i].content) + 32; /* and the template's tokens */
    task->prompt_bytes += 64;
    task->n_waiting = spec->n_items;
    request->n_waiting += spec->n_items;
    if (spec->stage == SURETY_STAGE_VERIFY)
        request->n_verify += (uint32_t)spec->n_items;
    else
        request->n_samples += (uint32_t)spec->n_items;
}

/* A message that cannot be sent would look like a worker that hangs. */
static bool fits_message(const struct surety_task *spec)
{
    size_t left = WIRE_BODY_MAX - (1u << 20); /* for items, claims and keys */
    for (size_t i = 0; i < spec->n_messages; i++) {
        size_t len = strlen(spec->messages[i].content);
        if (len > SURETY_TEXT_MAX || len > left)
            return false;
        left -= len;
    }
    return strlen(spec->problem) <= left;
}

static void send_progress(struct core *core, struct request *request, char *json)
{
    struct wire_message *message =
        core_send(core, CORE_CLIENTS, &request->client->peer, WIRE_PROGRESS);
    if (!message)
        return;
    message->result.id = arena_strdup(&core->scratch, request->wanted.id);
    message->result.json = json;
    if (!message->result.id)
        core->failed = true;
}

void request_plan_says(struct core *core, struct plan_job *job)
{
    core->last_job = job; /* its json lives until the next step */
    struct request *request = job->kind == PLAN_JOB_FREE ? NULL : request_find(core, job->request);
    if (!request)
        return;
    request->job_out = false;
    request->plan = job->plan;
    struct client *client = request->client;
    bool creating = job->kind == PLAN_JOB_CREATE;
    if (job->result == PLAN_JOB_FINAL || (creating && job->error.code)) {
        if (client && job->json)
            outbox_result(core, client, request, job->json);
        else if (client)
            outbox_error(core, client, request->wanted.id, job->error.code, "%s",
                         job->error.message);
        request_done(core, request);
        return;
    }
    if (creating && request->state == REQUEST_QUEUED)
        request->state = REQUEST_RUNNING;
    if (request->state != REQUEST_RUNNING)
        return;
    bool fits = true;
    for (size_t i = 0; i < job->n_tasks; i++) {
        fits = fits && fits_message(job->tasks[i]);
        add_task(core, request, job->tasks[i]);
    }
    if (!fits)
        request_end(core, request, SURETY_STOP_FAILED, SURETY_ERR_LIMIT, "%s",
                    "the problem in the profile's wording is larger than a message may be");
    else if (job->error.code)
        request_end(core, request, SURETY_STOP_FAILED, job->error.code, "%s", job->error.message);
    else if (job->done)
        end_complete(core, request);
    else if (job->json && client)
        send_progress(core, request, job->json);
}

/* ---- which model serves it ---- */

static const struct surety_model *find_model(const struct core *core, const char *name,
                                             bool *ret_several)
{
    const struct worker *best = NULL;
    *ret_several = false;
    for (size_t i = 0; i < core->n_workers; i++) {
        const struct worker *worker = core->workers[i];
        if (name && strcmp(worker->model.name, name) != 0)
            continue;
        if (best && strcmp(worker->model.name, best->model.name) != 0)
            *ret_several = true;
        if (!best || worker->model.slots - worker->n_runs > best->model.slots - best->n_runs)
            best = worker;
    }
    return best ? &best->model : NULL;
}

static void names_of_models(const struct core *core, char *out, size_t size)
{
    struct buf names;
    buf_init(&names, size - 1);
    for (size_t i = 0; i < core->n_workers; i++) {
        bool before = false;
        for (size_t j = 0; j < i && !before; j++)
            before = strcmp(core->workers[i]->model.name, core->workers[j]->model.name) == 0;
        if (!before)
            buf_printf(&names, "%s'%s'", names.len ? ", " : "", core->workers[i]->model.name);
    }
    snprintf(out, size, "%s", names.data ? names.data : "");
    buf_fini(&names);
}

static bool was_ever_served(const struct core *core, const char *name)
{
    for (size_t i = 0; i < core->n_models_seen; i++)
        if (strcmp(core->models_seen[i], name) == 0)
            return true;
    return core->n_models_seen == MODELS_SEEN;
}

/* Makes the plan once a worker serves the request. False: the request ended with an error. */
static bool begin(struct core *core, struct request *request)
{
    const char *name = request->wanted.model_name;
    bool several;
    const struct surety_model *model = find_model(core, name, &several);
    char names[NAMES_BYTES_MAX];
    int64_t waited = core->now_ms - request->accepted_ms;
    if (model && several) {
        names_of_models(core, names, sizeof names);
        outbox_error(core, request->client, request->wanted.id, SURETY_ERR_INVALID,
                     "several models are served (%s): name one", names);
    } else if (model) {
        request->model = ARENA_NEW(&request->arena, struct surety_model);
        if (!request->model || !core_copy_model(&request->arena, model, request->model))
            core->failed = true;
        else
            next_job(core, request, PLAN_JOB_CREATE);
        return true;
    } else if (core->n_workers && !was_ever_served(core, name) &&
               waited >= (int64_t)MODEL_WAIT_BEATS * core->config.heartbeat_ms) {
        names_of_models(core, names, sizeof names);
        outbox_error(core, request->client, request->wanted.id, SURETY_ERR_NOT_FOUND,
                     "no worker serves the model '%s'; served: %s", name, names);
    } else {
        return true;
    }
    request_done(core, request);
    return false;
}

/* ---- what can be done now ---- */

static bool progress_is_due(const struct core *core, const struct request *request)
{
    return request->wanted.progress && request->changed && core->now_ms >= request->progress_ms;
}

static void go_on(struct core *core, struct request *request)
{
    if (!request->pending && request->n_waiting + request->n_running == 0) {
        request_end(core, request, SURETY_STOP_FAILED, SURETY_ERR_INTERNAL, "%s",
                    "the plan waits for outputs that nobody was asked for");
        return;
    }
    bool progress = progress_is_due(core, request);
    if (!request->pending && !progress)
        return;
    struct plan_job *job = next_job(core, request, PLAN_JOB_FEED);
    if (!job || !progress)
        return;
    job->result = PLAN_JOB_SNAPSHOT;
    request->changed = false;
    request->progress_ms = core->now_ms + PROGRESS_MS;
}

/* False: the request is gone. */
static bool finish(struct core *core, struct request *request)
{
    if (!request->client) {
        request_done(core, request);
        return false;
    }
    struct plan_job *job = next_job(core, request, PLAN_JOB_FEED);
    if (job)
        job->result = PLAN_JOB_FINAL;
    return true;
}

static bool pump(struct core *core, struct request *request)
{
    look_at_limits(core, request);
    if (!request->persisted || request->job_out)
        return true;
    switch (request->state) {
    case REQUEST_QUEUED:
        return begin(core, request);
    case REQUEST_RUNNING:
        go_on(core, request);
        return request->state != REQUEST_ENDING || finish(core, request);
    case REQUEST_ENDING:
        return finish(core, request);
    }
    return true;
}

void request_pump_all(struct core *core)
{
    for (size_t i = 0; i < core->n_requests && !core->failed;)
        i += pump(core, core->requests[i]);
}

int64_t request_next_ms(const struct core *core, const struct request *request)
{
    if (request->state == REQUEST_ENDING || !request->persisted)
        return -1;
    int64_t next = -1;
    if (request->wanted.deadline_ms > 0)
        next = request->accepted_ms + request->wanted.deadline_ms;
    if (request->state == REQUEST_RUNNING && !request->job_out && request->changed &&
        request->wanted.progress && (next < 0 || request->progress_ms < next))
        next = request->progress_ms;
    return next;
}
