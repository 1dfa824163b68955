/*
 * plan_model.c - the models that serve a request: one samples, and it or another one judges.
 */
#include "claims/plan/plan_internal.h"

#include <string.h>

#include "base/hash.h"

static enum surety_err no_memory(struct surety_error *err)
{
    return surety_fail(err, SURETY_ERR_NOMEM, "no memory for the names of models");
}

static enum surety_err copy_model(struct plan *plan, const struct surety_model *from,
                                  struct plan_model *to)
{
    to->name = arena_strdup(&plan->arena, from->name);
    to->id = arena_strdup(&plan->arena, from->id);
    to->repro = arena_strdup(&plan->arena, from->repro);
    return to->name && to->id && to->repro ? SURETY_OK : SURETY_ERR_NOMEM;
}

/* Another model judges; it is asked in its own profile's words, unless the request brings some. */
static enum surety_err set_verifier(struct plan *plan, const struct surety_request *request,
                                    const struct surety_model *verifier, struct surety_error *err)
{
    const struct plan_model *m = &plan->model;
    if (!verifier || (!strcmp(verifier->name, m->name) && !strcmp(verifier->id, m->id) &&
                      !strcmp(verifier->repro, m->repro)))
        return SURETY_OK;
    if (copy_model(plan, verifier, &plan->verifier))
        return no_memory(err);
    if (request->profile)
        return SURETY_OK;
    const char *own = profile_builtin(profile_for_model(verifier->profile, verifier->name));
    enum surety_err code = profile_parse(own, &plan->verifier_profile, err);
    plan->judge = plan->verifier_profile;
    return code;
}

enum surety_err plan_set_models(struct plan *plan, const struct surety_request *request,
                                const struct surety_model *model,
                                const struct surety_model *verifier, struct surety_error *err)
{
    plan->chooses = (verifier ? verifier : model)->chooses;
    return copy_model(plan, model, &plan->model) ? no_memory(err)
                                                 : set_verifier(plan, request, verifier, err);
}

bool plan_fill_verifier(const struct plan *plan, struct surety_result *result)
{
    if (!plan->verifier.name || plan->settings.verify == SURETY_VERIFY_NONE)
        return true;
    struct arena *arena = &result->arena;
    result->run.verifier_model = arena_strdup(arena, plan->verifier.name);
    result->run.verifier_model_id = arena_strdup(arena, plan->verifier.id);
    result->run.verifier_repro = arena_strdup(arena, plan->verifier.repro);
    result->run.reproducible &= strcmp(plan->verifier.repro, "none") != 0;
    bool good =
        result->run.verifier_model && result->run.verifier_model_id && result->run.verifier_repro;
    if (!good || profile_hash(plan->judge) == profile_hash(plan->profile))
        return good;
    char hash[17];
    hash_hex(profile_hash(plan->judge), hash);
    result->run.verifier_profile = arena_strdup(arena, profile_name(plan->judge));
    result->run.verifier_profile_hash = arena_strdup(arena, hash);
    return result->run.verifier_profile && result->run.verifier_profile_hash;
}
