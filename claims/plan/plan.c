/*
 * plan.c - one request from its settings to its tasks: what is asked, and what is taken up.
 */
#include "claims/plan/plan_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "claims/math/equal.h"
#include <surety/settings.h>

static enum surety_err no_memory(struct surety_error *err)
{
    return surety_fail(err, SURETY_ERR_NOMEM,
                       "no memory for the request, or it needs more than %zu MiB",
                       PLAN_BYTES_MAX >> 20);
}

/* ---- making a plan ---- */

static enum surety_err open_profile(struct plan *plan, const char *text, const char *name,
                                    struct surety_error *err)
{
    enum surety_err code = profile_parse(text ? text : profile_builtin(name), &plan->profile, err);
    plan->judge = plan->profile;
    return code;
}

enum surety_err plan_open(const struct surety_request *request, const char *profile_name,
                          struct plan **ret_plan, struct surety_error *err)
{
    enum surety_err code = surety_request_check(request, err);
    if (code)
        return code;
    struct plan *plan = calloc(1, sizeof *plan);
    if (!plan)
        return no_memory(err);
    arena_init(&plan->arena, PLAN_BYTES_MAX);
    plan->settings = request->settings;
    plan->settings.sampling.stop = NULL;
    plan->settings.sampling.n_stop = 0;
    plan->id = arena_strdup(&plan->arena, request->id);
    plan->problem = arena_strdup(&plan->arena, request->problem);
    plan->trajectories = ARENA_ARRAY(&plan->arena, struct plan_trajectory, plan->settings.k);
    plan->groups.of = calloc(plan->settings.k, sizeof *plan->groups.of);
    if (!plan->id || !plan->problem || !plan->trajectories || !plan->groups.of)
        code = no_memory(err);
    if (!code)
        code = open_profile(plan, request->profile, profile_name, err);
    if (code)
        plan_free(plan);
    else
        *ret_plan = plan;
    return code;
}

void plan_resolve(struct plan *plan, unsigned known)
{
    struct surety_settings *s = &plan->settings;
    if (!s->signals)
        s->signals = SURETY_SIGNAL_SYMBOLIC | known;
    if (s->rule == SURETY_RULE_DEFAULT)
        s->rule = known ? SURETY_RULE_POWER : SURETY_RULE_SOFT;
    if (s->gamma < 0)
        s->gamma = s->m;
    if (s->verify <= SURETY_VERIFY_NONE)
        s->controls = 0;
    if (s->verify_temperature < 0)
        s->verify_temperature = profile_verify_temperature(plan->judge, s->verify);
}

static enum surety_err resolve_verify(struct plan *plan, struct surety_error *err)
{
    struct surety_settings *s = &plan->settings;
    bool wanted = !s->signals || (s->signals & SURETY_SIGNAL_SELF);
    if (s->verify == SURETY_VERIFY_DEFAULT)
        s->verify = wanted                             ? profile_verify(plan->judge)
                    : s->signals & SURETY_SIGNAL_BLIND ? SURETY_VERIFY_BLIND
                                                       : SURETY_VERIFY_NONE;
    /* signals that cannot come would be calls for nothing */
    bool none = s->verify == SURETY_VERIFY_NONE, blind = s->verify == SURETY_VERIFY_BLIND;
    if ((s->signals & SURETY_SIGNAL_BLIND) && !blind)
        return surety_fail(err, SURETY_ERR_INVALID, "the signal 'blind' needs verify blind, not %s",
                           surety_verify_name(s->verify));
    if ((s->signals & SURETY_SIGNAL_SELF) && (none || blind))
        return surety_fail(err, SURETY_ERR_INVALID,
                           "the signal 'self' needs verify joint or each, not %s",
                           surety_verify_name(s->verify));
    bool verdicts = s->verify != SURETY_VERIFY_NONE;
    if (verdicts && !profile_can_verify(plan->judge, s->verify))
        return surety_fail(err, SURETY_ERR_INVALID, "the profile '%s' knows no verification '%s'",
                           profile_name(plan->judge), surety_verify_name(s->verify));
    plan_resolve(plan, !verdicts                          ? 0
                       : s->verify == SURETY_VERIFY_BLIND ? SURETY_SIGNAL_BLIND
                                                          : SURETY_SIGNAL_SELF);
    if (verdicts && s->verify_repeats > 1 && s->verify_temperature == 0)
        return surety_fail(err, SURETY_ERR_INVALID,
                           "%u repeats of a greedy verdict are all the same: set "
                           "verify-temperature above 0, or verify-repeats to 1",
                           s->verify_repeats);
    return SURETY_OK;
}

static enum surety_err make_sampling_task(struct plan *plan)
{
    struct surety_task *task = &plan->sampling;
    *task = (struct surety_task){
        .stage = SURETY_STAGE_SAMPLE,
        .problem = plan->problem,
        .items = ARENA_ARRAY(&plan->arena, struct surety_item, plan->settings.k),
        .n_items = plan->settings.k,
    };
    if (!task->items)
        return SURETY_ERR_NOMEM;
    for (uint32_t k = 0; k < task->n_items; k++) {
        task->items[k].index = k;
        enum surety_err code = seed_draw(&plan->seeds, plan->settings.seed, SURETY_STAGE_SAMPLE, k,
                                         &task->items[k].seed);
        if (code)
            return code;
        plan->trajectories[k].seed = task->items[k].seed;
    }
    return profile_render_sample(plan->profile, plan->problem, &plan->settings, &plan->arena, task);
}

enum surety_err plan_create(const struct surety_request *request, const struct surety_model *model,
                            const struct surety_model *verifier, struct plan **ret_plan,
                            struct surety_error *err)
{
    struct plan *plan;
    enum surety_err code =
        plan_open(request, profile_for_model(model->profile, model->name), &plan, err);
    if (code)
        return code;
    code = plan_set_models(plan, request, model, verifier, err);
    if (!code)
        code = resolve_verify(plan, err);
    if (!code && make_sampling_task(plan))
        code = no_memory(err);
    if (code)
        plan_free(plan);
    else
        *ret_plan = plan;
    return code;
}

void plan_free(struct plan *plan)
{
    if (!plan)
        return;
    profile_free(plan->profile);
    profile_free(plan->verifier_profile);
    seed_set_fini(&plan->seeds);
    free(plan->groups.of);
    free(plan->asked);
    arena_fini(&plan->arena);
    free(plan);
}

/* ---- taking up trajectories ---- */

struct plan_check *plan_check_of(struct plan *plan, const char *text)
{
    char *key = claim_key(text, &plan->arena);
    if (!key)
        return NULL;
    uint64_t hash = hash_text(0, key);
    struct plan_check **bucket = &plan->checks[hash % PLAN_BUCKETS];
    for (struct plan_check *c = *bucket; c; c = c->next)
        if (c->hash == hash && !strcmp(c->key, key))
            return c;
    struct plan_check *check = ARENA_NEW(&plan->arena, struct plan_check);
    if (!check)
        return NULL;
    char reason[256];
    *check = (struct plan_check){
        .key = key,
        .hash = hash,
        .exact = exact_judge(key, reason, sizeof reason),
        .contextual = claim_is_contextual(plan->problem, key),
        .next = *bucket,
    };
    check->has_value = quantity_read(key, &check->quantity);
    if (check->exact == EXACT_REFUTED && *reason &&
        !(check->exact_reason = arena_strdup(&plan->arena, reason)))
        return NULL;
    return *bucket = check;
}

static enum surety_err copy_claims(struct plan *plan, const struct claim_span *claims, size_t n,
                                   struct plan_trajectory *t)
{
    t->claims = ARENA_ARRAY(&plan->arena, struct plan_claim, n);
    if (!t->claims)
        return SURETY_ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        t->claims[i] = (struct plan_claim){
            .text = arena_strdup(&plan->arena, claims[i].text),
            .start = claims[i].start,
            .end = claims[i].end,
            .check = plan_check_of(plan, claims[i].text),
            .recorded = NAN,
            .recorded_blind = NAN,
        };
        if (!t->claims[i].text || !t->claims[i].check)
            return SURETY_ERR_NOMEM;
    }
    t->n_claims = n;
    return SURETY_OK;
}

enum surety_err plan_read_text(struct plan *plan, const char *text, bool truncated,
                               struct plan_trajectory *t)
{
    struct arena scratch;
    arena_init(&scratch, PLAN_BYTES_MAX);
    struct answer answer;
    struct claim_span *claims;
    size_t n;
    enum surety_err code =
        profile_read_solution(plan->profile, plan->problem, text, truncated, plan->settings.m,
                              &scratch, &answer, &claims, &n, &t->cooperating);
    if (!code && answer.text && !(t->answer = arena_strdup(&plan->arena, answer.text)))
        code = SURETY_ERR_NOMEM;
    if (!code)
        code = copy_claims(plan, claims, n, t);
    arena_fini(&scratch);
    return code;
}

static enum surety_err take_trajectory(struct plan *plan, const struct surety_output *output)
{
    struct plan_trajectory *t = &plan->trajectories[output->index];
    t->finish = output->finish;
    t->error = output->error;
    t->tokens = output->completion_tokens;
    plan->usage.completion_tokens += output->completion_tokens;
    enum surety_err code = SURETY_OK;
    if (output->finish != SURETY_FINISH_ERROR && strlen(output->text) > SURETY_TEXT_MAX) {
        t->finish = SURETY_FINISH_ERROR;
        surety_fail(&t->error, SURETY_ERR_LIMIT, "the text is longer than %u MiB",
                    SURETY_TEXT_MAX >> 20);
    } else if (output->finish != SURETY_FINISH_ERROR) {
        if (plan->settings.text && !(t->text = arena_strdup(&plan->arena, output->text)))
            return SURETY_ERR_NOMEM;
        code = plan_read_text(plan, output->text, output->finish != SURETY_FINISH_STOP, t);
    }
    t->fed = true;
    plan->n_fed++;
    while (!code && plan->prefix < plan->settings.k && plan->trajectories[plan->prefix].fed) {
        code = plan_verify_trajectory(plan, plan->prefix);
        plan->prefix++;
    }
    return !code && plan->prefix == plan->settings.k && !plan->controls ? plan_plant(plan) : code;
}

enum surety_err plan_feed(struct plan *plan, uint32_t task_id, const struct surety_output *output,
                          struct surety_error *err)
{
    struct plan_asked *asked = NULL;
    if (task_id > 0) {
        if (task_id > plan->n_asked)
            return SURETY_OK;
        asked = plan->asked[task_id - 1];
        if (output->index >= asked->task.n_items || asked->replies[output->index].fed)
            return SURETY_OK;
    } else if (output->index >= plan->settings.k || plan->trajectories[output->index].fed) {
        return SURETY_OK;
    }
    plan->usage.prompt_tokens += output->prompt_tokens;
    plan->usage.cached_tokens += output->cached_tokens;
    plan->usage.verify_prompt_tokens += asked ? output->prompt_tokens : 0;
    plan->usage.verify_cached_tokens += asked ? output->cached_tokens : 0;
    plan->usage.calls += output->finish != SURETY_FINISH_ERROR;
    enum surety_err code =
        asked ? plan_take_reply(plan, asked, output) : take_trajectory(plan, output);
    return code ? no_memory(err) : SURETY_OK;
}

/* ---- giving out tasks ---- */

const struct surety_task *plan_next_task(struct plan *plan)
{
    if (plan->n_given > plan->n_asked)
        return NULL;
    size_t id = plan->n_given++;
    return id ? &plan->asked[id - 1]->task : &plan->sampling;
}

bool plan_is_done(const struct plan *plan)
{
    return plan->n_given > plan->n_asked && plan->n_fed == plan->settings.k && plan->n_pending == 0;
}
