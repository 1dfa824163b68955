/*
 * plan_result.c - from what was fed so far to values, reliabilities and the answer.
 *
 * Rebuilt from the start each time, in index order; only the comparisons of answers are kept.
 */
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "claims/plan/plan_signal.h"
#include "claims/plan/score.h"
#include "claims/plan/vote.h"

#define PART_SHARE 20 /* of the budget for comparisons, beyond what was spent, for a part */

/* Copies a string into the result; NULL stays NULL. */
static bool copy(struct surety_result *result, const char *text, char **ret)
{
    *ret = arena_strdup(&result->arena, text);
    return !text || *ret;
}

/* ---- claims ---- */

/* The signals that hang on all trajectories are filled later, and then the claim is decided. */
static bool fill_claim(const struct plan *plan, const struct plan_trajectory *t, size_t i,
                       struct surety_result *result, struct surety_claim *out)
{
    const struct plan_claim *claim = &t->claims[i];
    struct plan_reading reading;
    plan_way_read(plan, t, i, &reading);
    *out = (struct surety_claim){
        .start = claim->start,
        .end = claim->end,
        .value = NAN,
        .verdict = reading.unparsed || claim->unparsed ? SURETY_VERDICT_UNPARSED
                                                       : SURETY_VERDICT_UNCHECKED,
    };
    plan_signals_fill(plan, t, i, &reading, out);
    return copy(result, claim->text, &out->text) &&
           copy(result, plan_signals_reason(plan, claim->distinct, &reading), &out->reason);
}

/* ---- trajectories ---- */

/* Of those below n. */
static enum surety_err fill_trajectories(const struct plan *plan, uint32_t n,
                                         struct surety_result *result)
{
    result->trajectories = ARENA_ARRAY(&result->arena, struct surety_trajectory, plan->n_fed);
    if (!result->trajectories)
        return SURETY_ERR_NOMEM;
    for (uint32_t k = 0; k < n; k++) {
        const struct plan_trajectory *t = &plan->trajectories[k];
        if (!t->fed || t->withdrawn)
            continue;
        struct surety_trajectory *out = &result->trajectories[result->n_trajectories++];
        *out = (struct surety_trajectory){
            .index = k,
            .seed = t->seed,
            .finish = t->finish,
            .error = t->error,
            .tokens = t->tokens,
            .cooperating = t->cooperating,
            .correct = -1,
            .claims = ARENA_ARRAY(&result->arena, struct surety_claim, t->n_claims),
            .n_claims = t->n_claims,
        };
        bool good = out->claims && copy(result, t->answer, &out->answer) &&
                    copy(result, t->text, &out->text);
        for (size_t i = 0; good && i < t->n_claims; i++)
            good = fill_claim(plan, t, i, result, &out->claims[i]);
        if (!good)
            return SURETY_ERR_NOMEM;
    }
    return SURETY_OK;
}

static bool is_whole(enum surety_stop stop)
{
    return stop == SURETY_STOP_COMPLETE || stop == SURETY_STOP_EARLY;
}

/* A part of the request, in whatever order it came, is compared for a little while longer and then
 * forgotten: the whole must not depend on it. */
static enum surety_err find_groups(struct plan *plan, struct surety_result *result,
                                   uint32_t *ret_of, struct equal_groups *ret_groups)
{
    struct equal_grouping *g = plan->grouping;
    size_t known = equal_grouping_count(g);
    bool whole = plan->n_fed == plan->settings.k && is_whole(result->stop);
    uint64_t little = equal_grouping_spent(g) + EQUAL_BUDGET / PART_SHARE;
    const struct equal_bounds bounds = {.budget =
                                            whole || little > EQUAL_BUDGET ? EQUAL_BUDGET : little};
    enum surety_err code = SURETY_OK;
    for (size_t i = known; i < result->n_trajectories && !code; i++)
        code = equal_grouping_add(g, result->trajectories[i].answer, &bounds);
    if (!code)
        code = equal_grouping_find(g, ret_of, ret_groups);
    if (!whole)
        equal_grouping_rewind(g, known);
    result->verifier.comparisons_skipped = ret_groups->skipped;
    return code;
}

static void decide(const struct plan *plan, struct surety_result *result)
{
    for (size_t i = 0; i < result->n_trajectories; i++) {
        struct surety_trajectory *t = &result->trajectories[i];
        for (size_t j = 0; j < t->n_claims; j++)
            plan_signals_decide(plan, plan->trajectories[t->index].claims[j].distinct,
                                &t->claims[j]);
    }
}

/* ---- the whole ---- */

static bool fill_run(const struct plan *plan, struct surety_result *result)
{
    char hash[17];
    hash_hex(profile_hash(plan->profile), hash);
    result->run.settings = plan->settings;
    result->run.least_standing = profile_least_standing(plan->judge);
    result->run.reproducible = strcmp(plan->model.repro, "none") != 0 && is_whole(result->stop);
    return copy(result, SURETY_VERSION, &result->run.version) &&
           copy(result, plan->model.name, &result->run.model) &&
           copy(result, plan->model.id, &result->run.model_id) &&
           copy(result, profile_name(plan->profile), &result->run.profile) &&
           copy(result, hash, &result->run.profile_hash) &&
           copy(result, plan->model.repro, &result->run.repro) && plan_fill_verifier(plan, result);
}

static void fill_verifier(const struct plan *plan, struct surety_result *result)
{
    double parsed = (double)(plan->verdicts.valid + plan->verdicts.refuted);
    double all = parsed + (double)plan->verdicts.unparsed;
    result->verifier.valid_rate = parsed > 0 ? (double)plan->verdicts.valid / parsed : NAN;
    result->verifier.unparsed_rate = all > 0 ? (double)plan->verdicts.unparsed / all : NAN;
    for (size_t i = 0; i < plan->n_verifications; i++) /* what nobody came to ask saved nothing */
        if (plan->verifications[i]->replies[0].fed)
            result->verifier.calls_saved += plan->verifications[i]->calls_saved;
}

/* When every trajectory failed, why the first of them did. */
static void explain(struct surety_result *result)
{
    for (size_t i = 0; i < result->n_trajectories; i++)
        if (result->trajectories[i].finish != SURETY_FINISH_ERROR)
            return;
    if (result->n_trajectories && !result->error.code)
        surety_fail(&result->error, result->trajectories[0].error.code,
                    "all %zu trajectories failed, the first: %.300s", result->n_trajectories,
                    result->trajectories[0].error.message);
}

/* Lazily, nobody was asked about anything: the vote was decided without. */
static bool is_unjudged(const struct plan *plan)
{
    return plan_judges_lazily(plan) && plan->sampled && !plan->judged;
}

/* What it was decided not to judge weighs 1. */
static void weigh(const struct plan *plan, struct surety_result *result)
{
    bool lazily = plan_judges_lazily(plan) && (plan->sampled || plan->looking);
    vote_weigh(&plan->settings, result->verifier.uninformative || (lazily && !plan->judged),
               result->trajectories, result->n_trajectories);
    for (size_t i = 0; i < result->n_trajectories && lazily; i++) {
        struct surety_trajectory *t = &result->trajectories[i];
        t->r = t->answer && plan->way->ask && !plan->trajectories[t->index].asked ? 1 : t->r;
    }
}

/* A fallback's answer is not the one that the rule was about. */
static void fill_settled(const struct plan *plan, struct surety_result *result)
{
    bool fallback =
        result->verifier.uninformative || result->verifier.little_stands || result->rank;
    if (plan->settled && result->answer && !fallback)
        result->settled_by = plan->settings.stop;
}

static enum surety_err fill_vote(struct plan *plan, struct surety_result *result, uint32_t *of)
{
    struct equal_groups groups = {0};
    enum surety_err code = find_groups(plan, result, of, &groups);
    if (!code)
        code = plan_signals_fill_all(result->trajectories, result->n_trajectories, of, UINT_MAX);
    if (code)
        return code;
    decide(plan, result);
    plan_fill_controls(plan, result);
    weigh(plan, result);
    fill_verifier(plan, result);
    explain(result);
    code = score_select(result, of, NULL, groups.n, groups.undecided);
    if (is_unjudged(plan)) /* of which nothing was to be refuted */
        result->reliability = result->mass = NAN;
    fill_settled(plan, result);
    return code;
}

static enum surety_err fill(struct plan *plan, struct surety_result *result)
{
    if (!copy(result, plan->id, &result->id) || !fill_run(plan, result))
        return SURETY_ERR_NOMEM;
    enum surety_err code = fill_trajectories(plan, plan->settings.k, result);
    uint32_t *of = code ? NULL : alloc_zeroed(result->n_trajectories + 1, sizeof *of);
    if (!code)
        code = of ? fill_vote(plan, result, of) : SURETY_ERR_NOMEM;
    free(of);
    return code;
}

enum surety_err plan_result(struct plan *plan, enum surety_stop stop,
                            const struct surety_error *why, int64_t wall_ms,
                            struct surety_result *ret_result, struct surety_error *err)
{
    struct surety_result result = {.stop = stop, .usage = plan->usage};
    arena_init(&result.arena, PLAN_BYTES_MAX);
    if (why)
        result.error = *why;
    result.usage.wall_ms = wall_ms;
    const size_t failures = alloc_failures();
    enum surety_err code = fill(plan, &result);
    if (alloc_failures() != failures)
        code = SURETY_ERR_NOMEM;
    if (code) {
        arena_fini(&result.arena);
        return surety_fail(err, code, "no memory for the result, or it needs more than %zu MiB",
                           PLAN_BYTES_MAX >> 20);
    }
    *ret_result = result;
    return SURETY_OK;
}

enum surety_err plan_weigh(struct plan *plan, uint32_t n, uint32_t *ret_group, double *ret_r)
{
    struct surety_result result = {.stop = SURETY_STOP_COMPLETE};
    struct equal_groups groups;
    arena_init(&result.arena, PLAN_BYTES_MAX);
    enum surety_err code = fill_trajectories(plan, n, &result);
    if (!code)
        code = equal_grouping_find(plan->grouping, ret_group, &groups);
    if (!code)
        code = plan_signals_fill_all(result.trajectories, result.n_trajectories, ret_group,
                                     plan->settings.signals);
    if (!code) {
        decide(plan, &result);
        weigh(plan, &result);
    }
    for (size_t i = 0; i < n && !code; i++)
        ret_r[i] = result.trajectories[i].r;
    arena_fini(&result.arena);
    return code;
}
