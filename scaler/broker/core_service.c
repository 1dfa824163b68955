/*
 * Which models are served, and whether a worker serves what a request began with.
 */
#include "scaler/broker/core_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

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

void service_note(struct core *core, const char *name)
{
    for (size_t i = 0; i < core->n_models_seen; i++)
        if (strcmp(core->models_seen[i], name) == 0)
            return;
    if (core->n_models_seen == MODELS_SEEN)
        return;
    char *copy = strdup(name);
    if (copy)
        core->models_seen[core->n_models_seen++] = copy;
    else
        core->failed = true;
}

bool service_was_noted(const struct core *core, const char *name)
{
    for (size_t i = 0; i < core->n_models_seen; i++)
        if (strcmp(core->models_seen[i], name) == 0)
            return true;
    return core->n_models_seen == MODELS_SEEN;
}

const struct surety_model *service_find(const struct core *core, const char *name,
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

void service_names(const struct core *core, char *out, size_t size)
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

/* ---- which worker serves ---- */

bool service_same_model(const struct surety_model *a, const struct surety_model *b)
{
    return strcmp(a->name, b->name) == 0 && strcmp(a->id, b->id) == 0;
}

bool service_same_class(const struct surety_model *a, const struct surety_model *b)
{
    return service_same_model(a, b) && strcmp(a->engine, b->engine) == 0 &&
           strcmp(a->repro, b->repro) == 0;
}
