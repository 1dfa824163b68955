/*
 * Which models are served, what a request is bound to, and which worker may run its items.
 *
 * A request samples on one model and may be judged by another; each of the two is a service. It is
 * bound to the class of a worker that has come, and its items stay with that class, so that an item
 * that is tried again gives the same.
 *
 * A sampler without a name is the one model that is served besides the verifier's: a judge that has
 * come first must not judge itself.
 */
#include "scaler/broker/core_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_BYTES_MAX 300

bool service_copy_model(struct arena *arena, const struct surety_model *from,
                        struct surety_model *to)
{
    *to = *from;
    to->name = arena_strdup(arena, from->name);
    to->id = arena_strdup(arena, from->id);
    to->engine = arena_strdup(arena, from->engine);
    to->profile = arena_strdup(arena, from->profile);
    to->repro = arena_strdup(arena, from->repro);
    return to->name && to->id && to->engine && to->profile && to->repro;
}

/* ---- which are served ---- */

static bool may_serve(const char *model, const struct service *service)
{
    if (service->name)
        return strcmp(model, service->name) == 0;
    return !service->but || strcmp(model, service->but) != 0;
}

static bool was_noted(const struct core *core, const struct service *service)
{
    for (size_t i = 0; i < core->n_models_seen; i++)
        if (may_serve(core->models_seen[i], service))
            return true;
    return core->n_models_seen == MODELS_SEEN;
}

void service_note(struct core *core, const char *name)
{
    if (was_noted(core, &(struct service){.name = name}))
        return;
    char *copy = strdup(name);
    if (copy)
        core->models_seen[core->n_models_seen++] = copy;
    else
        core->failed = true;
}

/* The model that may serve it, of the worker with most room. */
static const struct surety_model *find_model(const struct core *core, const struct service *service,
                                             bool *ret_several)
{
    const struct worker *best = NULL;
    *ret_several = false;
    for (size_t i = 0; i < core->n_workers; i++) {
        const struct worker *worker = core->workers[i];
        if (!may_serve(worker->model.name, service))
            continue;
        if (best && strcmp(worker->model.name, best->model.name) != 0)
            *ret_several = true;
        if (!best || worker->model.slots - worker->n_runs > best->model.slots - best->n_runs)
            best = worker;
    }
    return best ? &best->model : NULL;
}

/* Appends a name to a list of them, or leaves it out where it does not fit. */
static void add_name(char *list, size_t size, const char *before, const char *name)
{
    size_t len = strlen(list);
    if (strlen(before) + strlen(name) + sizeof ", ''" <= size - len)
        snprintf(list + len, size - len, "%s%s'%s'", len ? ", " : "", before, name);
}

/* Of those that may serve it. */
static void names_of_models(const struct core *core, const struct service *service, char *out,
                            size_t size)
{
    *out = '\0';
    for (size_t i = 0; i < core->n_workers; i++) {
        bool before = !may_serve(core->workers[i]->model.name, service);
        for (size_t j = 0; j < i && !before; j++)
            before = strcmp(core->workers[i]->model.name, core->workers[j]->model.name) == 0;
        if (!before)
            add_name(out, size, "", core->workers[i]->model.name);
    }
}

/* ---- what a request is bound to ---- */

void service_init(struct request *request)
{
    const struct surety_request *wanted = &request->wanted;
    const char *model = wanted->model_name, *verifier = wanted->verifier_model;
    bool two = verifier && wanted->settings.verify != SURETY_VERIFY_NONE &&
               !(model && strcmp(model, verifier) == 0);
    request->n_services = two ? 2 : 1;
    request->services[SURETY_STAGE_SAMPLE] = (struct service){
        .request = request, .name = model, .but = model ? NULL : verifier, .class_gone_ms = -1};
    request->services[SURETY_STAGE_VERIFY] =
        (struct service){.request = request, .name = verifier, .class_gone_ms = -1};
}

static void bind(struct core *core, struct request *request, struct service *service,
                 struct surety_error *ret_why)
{
    static const char *const kinds[] = {"model", "verifier model"};
    char names[NAMES_BYTES_MAX];
    bool several;
    const struct surety_model *model = find_model(core, service, &several);
    int64_t waited_ms = core->now_ms - request->since_ms;
    if (model && !several) {
        service->model = ARENA_NEW(&request->arena, struct surety_model);
        if (!service->model || !service_copy_model(&request->arena, model, service->model))
            core->failed = true;
        return;
    }
    bool patient = waited_ms < (int64_t)MODEL_WAIT_BEATS * core->config.heartbeat_ms;
    if (!several && (!core->n_workers || was_noted(core, service) || patient))
        return;
    names_of_models(core, several ? service : &(struct service){0}, names, sizeof names);
    if (several)
        surety_fail(ret_why, SURETY_ERR_INVALID, "several models are served (%s): name one", names);
    else if (!service->name)
        surety_fail(ret_why, SURETY_ERR_NOT_FOUND,
                    "no worker serves a model besides the verifier model '%s': start one, or name "
                    "'%s' as the model too",
                    service->but, service->but);
    else
        surety_fail(ret_why, SURETY_ERR_NOT_FOUND, "no worker serves the %s '%s'; served: %s",
                    kinds[service - request->services], service->name, names);
}

bool service_bind(struct core *core, struct request *request, struct surety_error *ret_why)
{
    struct service *services = request->services;
    bool all = true;
    for (size_t i = 0; i < request->n_services && !ret_why->code; i++) {
        if (!services[i].model)
            bind(core, request, &services[i], ret_why);
        all = all && services[i].model;
    }
    return all && !core->failed;
}

bool service_is_missing(const struct core *core, const struct request *request,
                        const struct service *service)
{
    if (request->state == REQUEST_WAITING)
        return !service->model;
    if (request->state != REQUEST_RUNNING || !request->n_waiting)
        return false;
    for (size_t i = 0; i < core->n_workers; i++)
        if (service_fits(core, service, core->workers[i]))
            return false;
    return true;
}

void service_missing(const struct core *core, const struct request *request, char *out, size_t size)
{
    *out = '\0';
    for (size_t i = 0; i < request->n_services; i++) {
        const struct service *service = &request->services[i];
        const char *name = service->model ? service->model->name : service->name;
        if (service_is_missing(core, request, service) && (name || service->but))
            add_name(out, size, name ? "" : "a model besides ", name ? name : service->but);
    }
}

bool service_lack(const struct core *core, const struct request *request, char *out, size_t size)
{
    char lack[NAMES_BYTES_MAX / 2], served[NAMES_BYTES_MAX / 2];
    const bool began = request->state == REQUEST_RUNNING;
    bool missing = false;
    for (size_t i = 0; i < request->n_services && !missing; i++)
        missing = service_is_missing(core, request, &request->services[i]);
    if (!missing)
        return false;
    *out = '\0';
    service_missing(core, request, lack, sizeof lack);
    names_of_models(core, &(struct service){0}, served, sizeof served);
    if (!core->n_workers)
        snprintf(out, size, "%s", began ? "no worker is left" : "");
    else if (began)
        snprintf(out, size, "no worker of %s is left; served: %s", lack, served);
    else
        snprintf(out, size, "no worker serves %s yet; served: %s", lack, served);
    return true;
}

struct service *service_of(struct request *request, enum surety_stage stage)
{
    bool judges = request->n_services == 2 && stage == SURETY_STAGE_VERIFY;
    return &request->services[judges ? SURETY_STAGE_VERIFY : SURETY_STAGE_SAMPLE];
}

/* ---- which worker may run its items ---- */

static bool same_model(const struct surety_model *a, const struct surety_model *b)
{
    return strcmp(a->name, b->name) == 0 && strcmp(a->id, b->id) == 0;
}

bool service_is_exact(const struct service *service, const struct worker *worker)
{
    const struct surety_model *a = &worker->model, *b = service->model;
    return same_model(a, b) && strcmp(a->engine, b->engine) == 0 &&
           strcmp(a->repro, b->repro) == 0 && a->chooses == b->chooses && a->passes == b->passes;
}

bool service_fits(const struct core *core, const struct service *service,
                  const struct worker *worker)
{
    if (service_is_exact(service, worker))
        return true;
    int64_t patience = (int64_t)CLASS_WAIT_BEATS * core->config.heartbeat_ms;
    return service->class_gone_ms >= 0 && core->now_ms - service->class_gone_ms >= patience &&
           same_model(&worker->model, service->model);
}

void service_look(struct core *core, struct service *service, bool waited_for)
{
    bool there = !waited_for;
    for (size_t i = 0; i < core->n_workers && !there; i++)
        there = service_is_exact(service, core->workers[i]);
    if (there)
        service->class_gone_ms = -1;
    else if (service->class_gone_ms < 0)
        service->class_gone_ms = core->now_ms;
}
