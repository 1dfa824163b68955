/* What the broker knows of itself: the STATUS report, one JSON object, and the models of MODELS. */
#include "scaler/broker/core_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/jsonl.h"

/* Appends, or drops the whole: a report never goes out with a part missing. */
static json_t *append(json_t *array, json_t *value)
{
    if (json_array_append_new(array, value) == 0)
        return array;
    json_decref(array);
    return NULL;
}

static json_t *worker_report(const struct worker *worker, int64_t now_ms)
{
    json_t *items = json_array();
    for (uint32_t i = 0; i < worker->n_runs; i++) {
        const struct run *run = &worker->runs[i];
        items = append(
            items, json_pack("{s:I,s:I,s:I,s:I,s:I,s:b}", "request", (json_int_t)run->key.request,
                             "task", (json_int_t)run->key.task, "index", (json_int_t)run->key.index,
                             "attempt", (json_int_t)run->key.attempt, "tokens",
                             (json_int_t)run->tokens, "cancelled", run->cancelled));
    }
    const struct wire_origin *from = &worker->origin;
    json_t *pid = from->pid ? json_integer((json_int_t)from->pid) : NULL;
    return json_pack("{s:I,s:s*,s:s*,s:o*,s:s,s:s,s:s,s:s,s:s,s:I,s:I,s:I,s:f,s:f,s:o}", "number",
                     (json_int_t)worker->peer.number, "name", from->name, "host", from->host, "pid",
                     pid, "model", worker->model.name, "model_id", worker->model.id, "profile",
                     worker->model.profile, "engine", worker->model.engine, "version",
                     worker->version, "slots", (json_int_t)worker->model.slots, "busy",
                     (json_int_t)worker->n_runs, "silent_ms",
                     (json_int_t)(now_ms - worker->peer.heard_ms), "tokens_per_s",
                     rate_of(&worker->tokens, now_ms), "outputs_per_s",
                     rate_of(&worker->outputs, now_ms), "items", items);
}

/* By the names that were asked for; null where none was. */
static json_t *missing_report(const struct core *core, const struct request *request)
{
    json_t *missing = json_array();
    for (size_t i = 0; i < request->n_services; i++) {
        const struct service *s = &request->services[i];
        const char *name = s->model ? s->model->name : s->name;
        if (service_is_missing(core, request, s))
            missing = append(missing, name ? json_string(name) : json_null());
    }
    return missing;
}

static json_t *request_report(const struct core *core, const struct request *request)
{
    const struct service *s = request->services;
    const char *model = s[0].model ? s[0].model->name : s[0].name;
    const char *verifier = request->n_services == 2 ? s[1].name : NULL;
    json_t *report = json_pack(
        "{s:s,s:s,s:s*,s:s*,s:o,s:I,s:{s:I,s:I,s:I},s:{s:I,s:I},s:I,s:I,s:I,s:I}", "id",
        request->wanted.id, "state", state_name(request), "model", model, "verifier_model",
        verifier, "missing", missing_report(core, request), "number", (json_int_t)request->number,
        "samples", "done", (json_int_t)request->n_samples_ok, "failed",
        (json_int_t)request->n_samples_failed, "k", (json_int_t)request->wanted.settings.k,
        "verify", "done", (json_int_t)request->n_verify_done, "asked",
        (json_int_t)request->n_verify, "waiting", (json_int_t)request->n_waiting, "running",
        (json_int_t)request->n_running, "tokens", (json_int_t)request->tokens, "age_ms",
        (json_int_t)(core->now_ms - request->since_ms));
    /* jansson leaves an optional member out when it has no memory for it, too */
    if (!json_object_get(report, "model") == !model &&
        !json_object_get(report, "verifier_model") == !verifier)
        return report;
    json_decref(report);
    return NULL;
}

char *status_report(struct core *core)
{
    json_t *workers = json_array(), *requests = json_array();
    double tokens = 0, outputs = 0;
    for (size_t i = 0; i < core->n_workers; i++) {
        workers = append(workers, worker_report(core->workers[i], core->now_ms));
        tokens += rate_of(&core->workers[i]->tokens, core->now_ms);
        outputs += rate_of(&core->workers[i]->outputs, core->now_ms);
    }
    for (size_t i = 0; i < core->n_requests; i++)
        requests = append(requests, request_report(core, core->requests[i]));
    json_t *report = json_pack(
        "{s:s,s:I,s:I,s:I,s:{s:f,s:f,s:f},s:o,s:o,s:{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}}", "version",
        SURETY_VERSION, "uptime_ms", (json_int_t)(core->now_ms - core->started_ms), "clients",
        (json_int_t)core->n_clients, "queued_bytes",
        (json_int_t)(core->queued_bytes + core->unsent_bytes), "rates", "tokens_per_s", tokens,
        "outputs_per_s", outputs, "results_per_min", rate_of(&core->results, core->now_ms) * 60,
        "workers", workers, "requests", requests, "counters", "requests",
        (json_int_t)core->count.requests, "results", (json_int_t)core->count.results, "errors",
        (json_int_t)core->count.errors, "items", (json_int_t)core->count.items, "outputs",
        (json_int_t)core->count.outputs, "retries", (json_int_t)core->count.retries, "late",
        (json_int_t)core->count.late, "workers_lost", (json_int_t)core->count.workers_lost);
    char *text = report ? json_to_text(report) : NULL;
    json_decref(report);
    char *kept = text ? arena_strdup(&core->scratch, text) : NULL;
    free(text);
    if (!kept)
        core->failed = true;
    return kept;
}

static bool same_model(const struct surety_model *a, const struct surety_model *b)
{
    return !strcmp(a->name, b->name) && !strcmp(a->id, b->id) && !strcmp(a->repro, b->repro);
}

void status_models(struct core *core, struct wire_message *reply)
{
    size_t most = core->n_workers < WIRE_MODELS_MAX ? core->n_workers : WIRE_MODELS_MAX;
    struct surety_model *list = ARENA_ARRAY(&core->scratch, struct surety_model, most);
    size_t n = 0;
    core->failed |= !list;
    for (size_t i = 0; !core->failed && i < core->n_workers; i++) {
        const struct surety_model *model = &core->workers[i]->model;
        size_t at = 0;
        while (at < n && !same_model(&list[at], model))
            at++;
        if (at < n)
            list[at].slots += model->slots;
        else if (n < most) /* a copy: the worker may be freed before the message is sent */
            core->failed |= !service_copy_model(&core->scratch, model, &list[n++]);
    }
    reply->models.list = list;
    reply->models.n = n;
}
