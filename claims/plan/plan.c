/*
 * plan.c - one request from its settings to its tasks: what is asked, and what is taken up.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "claims/plan/plan_signal.h"
#include "claims/plan/plan_way.h"
#include <surety/settings.h>

#define PAUSE_STEPS (EQUAL_BUDGET / 40) /* of comparisons at a time */

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
    struct plan *plan = alloc_zeroed(1, sizeof *plan);
    if (!plan)
        return no_memory(err);
    arena_init(&plan->arena, PLAN_BYTES_MAX);
    plan->settings = request->settings;
    plan->settings.sampling.stop = NULL;
    plan->settings.sampling.n_stop = 0;
    plan->id = arena_strdup(&plan->arena, request->id);
    plan->problem = arena_strdup(&plan->arena, request->problem);
    plan->trajectories = ARENA_ARRAY(&plan->arena, struct plan_trajectory, plan->settings.k);
    plan->grouping = equal_grouping_create(plan->problem);
    plan->vote_group = ARENA_ARRAY(&plan->arena, uint32_t, plan->settings.k);
    plan->vote_r = ARENA_ARRAY(&plan->arena, double, plan->settings.k);
    plan->released = plan->used = plan->settings.k;
    if (!plan->id || !plan->problem || !plan->trajectories || !plan->grouping ||
        !plan->vote_group || !plan->vote_r)
        code = no_memory(err);
    if (!code)
        claim_names_read(plan->problem, &plan->names);
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
        s->signals = plan_signals_exact() | known;
    if (s->rule == SURETY_RULE_DEFAULT)
        s->rule = known ? SURETY_RULE_POWER : SURETY_RULE_SOFT;
    if (s->gamma < 0)
        s->gamma = s->m;
    if (s->verify <= SURETY_VERIFY_NONE)
        s->controls = 0;
    if (s->verify_temperature < 0)
        s->verify_temperature = profile_verify_temperature(plan->judge, s->verify);
}

/* The way when the request names none: the profile's own when its signal may count, else one whose
 * signal is wanted, rather one that the profile words. */
static enum surety_verify choose_way(const struct plan *plan)
{
    unsigned wanted = plan->settings.signals;
    enum surety_verify own = profile_verify(plan->judge), chosen = SURETY_VERIFY_NONE;
    if (!wanted || (wanted & surety_verify_signal(own)))
        return own;
    for (enum surety_verify v = SURETY_VERIFY_NONE + 1; v < SURETY_VERIFY_COUNT_; v++)
        if ((wanted & surety_verify_signal(v)) &&
            (chosen == SURETY_VERIFY_NONE || !profile_can_verify(plan->judge, chosen)))
            chosen = v;
    return chosen;
}

/* The signals that only ways feed must come from the one there is: to wait for others would be
 * calls for nothing. */
static enum surety_err check_signals(const struct surety_settings *s, struct surety_error *err)
{
    unsigned fed = surety_verify_signal(s->verify);
    for (enum surety_verify v = SURETY_VERIFY_NONE + 1; v < SURETY_VERIFY_COUNT_; v++) {
        unsigned signal = surety_verify_signal(v);
        if (signal == fed || !(s->signals & signal))
            continue;
        char ways[200] = "";
        size_t len = 0;
        for (enum surety_verify w = v; w < SURETY_VERIFY_COUNT_ && len < sizeof ways; w++)
            if (surety_verify_signal(w) == signal)
                len += (size_t)snprintf(ways + len, sizeof ways - len, "%s%s", len ? " or " : "",
                                        surety_verify_name(w));
        return surety_fail(err, SURETY_ERR_INVALID, "the signal '%s' needs verify %s, not %s",
                           surety_signal_name((enum surety_signal)signal), ways,
                           surety_verify_name(s->verify));
    }
    return SURETY_OK;
}

static enum surety_err resolve_verify(struct plan *plan, struct surety_error *err)
{
    struct surety_settings *s = &plan->settings;
    if (s->verify == SURETY_VERIFY_DEFAULT)
        s->verify = choose_way(plan);
    enum surety_err code = check_signals(s, err);
    if (code)
        return code;
    plan->way = plan_way_of(s->verify);
    if (plan->way && !profile_can_verify(plan->judge, s->verify))
        return surety_fail(err, SURETY_ERR_INVALID, "the profile '%s' knows no verification '%s'",
                           profile_name(plan->judge), surety_verify_name(s->verify));
    plan->asks_claims = plan->way && !plan->way->shows && profile_asks_claims(plan->profile);
    plan_resolve(plan, surety_verify_signal(s->verify));
    code = plan_check_stop(plan, err);
    if (code)
        return code;
    if (plan->way && s->verify_repeats > 1 && plan->chooses &&
        profile_is_choice(plan->judge, s->verify))
        return surety_fail(err, SURETY_ERR_INVALID,
                           "%u repeats of a verdict by choice are all the same, as nothing is "
                           "sampled: set verify-repeats to 1",
                           s->verify_repeats);
    if (plan->way && s->verify_repeats > 1 && s->verify_temperature == 0)
        return surety_fail(err, SURETY_ERR_INVALID,
                           "%u repeats of a greedy verdict are all the same: set "
                           "verify-temperature above 0, or verify-repeats to 1",
                           s->verify_repeats);
    return SURETY_OK;
}

/* What the request words itself stands, and not what the profile would have said. */
static enum surety_err take_wording(struct plan *plan, const struct surety_request *request,
                                    struct surety_task *task)
{
    if (request->n_messages) {
        task->n_messages = request->n_messages;
        task->messages = ARENA_ARRAY(&plan->arena, struct surety_message, request->n_messages);
    }
    for (size_t i = 0; task->messages && i < request->n_messages; i++) {
        struct surety_message *m = &task->messages[i];
        m->role = arena_strdup(&plan->arena, request->messages[i].role);
        m->content = arena_strdup(&plan->arena, request->messages[i].content);
        if (!m->role || !m->content)
            return SURETY_ERR_NOMEM;
    }
    if (request->n_stop) {
        task->sampling.n_stop = request->n_stop;
        task->sampling.stop = ARENA_ARRAY(&plan->arena, char *, request->n_stop);
    }
    for (size_t i = 0; task->sampling.stop && i < request->n_stop; i++)
        if (!(task->sampling.stop[i] = arena_strdup(&plan->arena, request->stop[i])))
            return SURETY_ERR_NOMEM;
    return task->messages && task->sampling.stop ? SURETY_OK : SURETY_ERR_NOMEM;
}

static enum surety_err make_sampling_task(struct plan *plan, const struct surety_request *request)
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
    enum surety_err code =
        profile_render_sample(plan->profile, plan->problem, &plan->settings, &plan->arena, task);
    return code ? code : take_wording(plan, request, task);
}

enum surety_err plan_create(const struct surety_request *request, const struct surety_model *model,
                            const struct surety_model *verifier, struct plan **ret_plan,
                            struct surety_error *err)
{
    struct plan *plan;
    const size_t failures = alloc_failures();
    enum surety_err code =
        plan_open(request, profile_for_model(model->profile, model->name), &plan, err);
    if (code)
        return alloc_failures() == failures ? code : no_memory(err);
    code = plan_set_models(plan, request, model, verifier, err);
    if (!code)
        code = resolve_verify(plan, err);
    if (!code && make_sampling_task(plan, request))
        code = no_memory(err);
    if (!code)
        plan_begin_waves(plan);
    if (alloc_failures() != failures)
        code = no_memory(err);
    if (code)
        plan_free(plan);
    else
        *ret_plan = plan;
    return code;
}

enum surety_err plan_settings(const struct surety_request *request,
                              const struct surety_model *model, const struct surety_model *verifier,
                              struct surety_settings *ret, struct surety_error *err)
{
    struct plan *plan;
    enum surety_err code = plan_create(request, model, verifier, &plan, err);
    if (code)
        return code;
    *ret = plan->settings;
    plan_free(plan);
    return SURETY_OK;
}

void plan_free(struct plan *plan)
{
    if (!plan)
        return;
    profile_free(plan->profile);
    profile_free(plan->verifier_profile);
    seed_set_fini(&plan->seeds);
    equal_grouping_free(plan->grouping);
    free(plan->verifications);
    arena_fini(&plan->arena);
    free(plan);
}

/* ---- taking up trajectories ---- */

void plan_watch(struct plan *plan, const atomic_bool *stop)
{
    plan->stop = stop;
}

/* Asks about those that come, unless it is to be known first who can win, or which samples there
 * are that claims are asked for. */
static enum surety_err move_prefix(struct plan *plan)
{
    struct plan_trajectory *t = &plan->trajectories[plan->prefix++];
    bool waits = plan_judges_lazily(plan) || plan->asks_claims;
    return waits || t->withdrawn ? SURETY_OK : plan_ask_about(plan, t);
}

/* The last trajectory is there. Where the vote of all decides, that is looked at first. */
static enum surety_err close_sampling(struct plan *plan)
{
    bool waits =
        plan->settings.stop != SURETY_STOPPING_NONE && (plan->sampled || !plan->n_withdrawn);
    if (waits)
        return SURETY_OK;
    plan->judged = true; /* what it was cut to is judged as far as that goes */
    return plan_close(plan, true);
}

static enum surety_err take_trajectory(struct plan *plan, const struct surety_output *output)
{
    struct plan_trajectory *t = &plan->trajectories[output->index];
    t->finish = output->finish;
    t->error = output->error;
    t->tokens = output->completion_tokens;
    if (output->finish == SURETY_FINISH_CANCELLED || output->index >= plan->used)
        plan_withdraw(plan, t);
    enum surety_err code = SURETY_OK;
    if (output->finish != SURETY_FINISH_ERROR && strlen(output->text) > SURETY_TEXT_MAX) {
        t->finish = SURETY_FINISH_ERROR;
        surety_fail(&t->error, SURETY_ERR_LIMIT, "the text is longer than %u MiB",
                    SURETY_TEXT_MAX >> 20);
    } else if (output->finish != SURETY_FINISH_ERROR && !t->withdrawn) {
        if (plan->settings.text && !(t->text = arena_strdup(&plan->arena, output->text)))
            return SURETY_ERR_NOMEM;
        code = plan_read_text(plan, output->text, output->finish != SURETY_FINISH_STOP, t);
    }
    if (code)
        return code;
    plan->usage.completion_tokens += output->completion_tokens;
    t->fed = true;
    plan->n_fed++;
    plan->n_claims += t->n_claims;
    while (!code && plan->prefix < plan->settings.k && plan->trajectories[plan->prefix].fed)
        code = move_prefix(plan);
    return !code && plan->prefix == plan->settings.k ? close_sampling(plan) : code;
}

static enum surety_err take_reply(struct plan *plan, struct plan_verification *verification,
                                  const struct surety_output *output)
{
    return verification->task.stage == SURETY_STAGE_CLAIMS
               ? plan_take_claims(plan, verification, output)
               : plan_take_reply(plan, verification, output);
}

enum surety_err plan_feed(struct plan *plan, uint32_t task_id, const struct surety_output *output,
                          struct surety_error *err)
{
    struct plan_verification *verification = NULL;
    if (task_id > 0) {
        if (task_id > plan->n_verifications)
            return SURETY_OK;
        verification = plan->verifications[task_id - 1];
        if (output->index >= verification->task.n_items || verification->replies[output->index].fed)
            return SURETY_OK;
    } else if (output->index >= plan->settings.k || plan->trajectories[output->index].fed) {
        return SURETY_OK;
    }
    const size_t failures = alloc_failures();
    enum surety_err code =
        verification ? take_reply(plan, verification, output) : take_trajectory(plan, output);
    if (alloc_failures() != failures)
        code = SURETY_ERR_NOMEM;
    if (code)
        return code == SURETY_ERR_CANCELLED ? code : no_memory(err);
    plan->usage.prompt_tokens += output->prompt_tokens;
    plan->usage.cached_tokens += output->cached_tokens;
    plan->usage.verify_prompt_tokens += verification ? output->prompt_tokens : 0;
    plan->usage.verify_cached_tokens += verification ? output->cached_tokens : 0;
    plan->usage.calls +=
        output->finish != SURETY_FINISH_ERROR && output->finish != SURETY_FINISH_CANCELLED;
    return SURETY_OK;
}

/* What came before it was released waits. */
static bool has_more(const struct plan *plan)
{
    return plan->compared < plan->prefix && plan->compared < plan->released;
}

enum surety_err plan_compare(struct plan *plan, bool *ret_more, struct surety_error *err)
{
    struct equal_grouping *g = plan->grouping;
    uint64_t began = equal_grouping_spent(g), spent = 0;
    enum surety_err code = SURETY_OK;
    while (!code && spent < PAUSE_STEPS && has_more(plan)) {
        const struct plan_trajectory *t = &plan->trajectories[plan->compared];
        const struct equal_bounds bounds = {EQUAL_BUDGET, PAUSE_STEPS - spent, plan->stop};
        size_t before = equal_grouping_count(g);
        if (!t->withdrawn)
            code = equal_grouping_add(g, t->answer, &bounds);
        bool moved = t->withdrawn || equal_grouping_count(g) > before;
        plan->compared += moved;
        if (!code && moved)
            code = plan_look_at_vote(plan);
        spent = equal_grouping_spent(g) - began;
    }
    if (!code && !has_more(plan)) /* also after replies */
        code = plan_look_at_vote(plan);
    *ret_more = has_more(plan);
    return code == SURETY_ERR_NOMEM ? no_memory(err) : SURETY_OK;
}

/* ---- giving out tasks ---- */

const struct surety_task *plan_next_task(struct plan *plan)
{
    if (plan->n_given > plan->n_verifications)
        return NULL;
    size_t id = plan->n_given++;
    return id ? &plan->verifications[id - 1]->task : &plan->sampling;
}

size_t plan_bytes(const struct plan *plan)
{
    return sizeof *plan + plan->arena.used_bytes +
           plan->verifications_size * sizeof(*plan->verifications) +
           equal_grouping_bytes(plan->grouping);
}

bool plan_is_done(const struct plan *plan)
{
    return plan_has_ended(plan);
}

bool plan_verifies(const struct plan *plan)
{
    return plan->way && !plan_judges_in_waves(plan);
}

bool plan_is_cut(const struct plan *plan)
{
    return plan->n_withdrawn > 0 || plan->used < plan->settings.k;
}

uint32_t plan_released(const struct plan *plan)
{
    return plan->released;
}

bool plan_is_settled(const struct plan *plan)
{
    return plan->settled;
}
