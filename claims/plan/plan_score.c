/*
 * plan_score.c - a request whose samples are recorded: the same result without an engine.
 *
 * Of recorded claims a repeated one counts once, and a missing one as 0 where it is said that they
 * are of the cooperating format; recorded verdicts stand where the model's would.
 */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "claims/plan/plan_signal.h"
#include "claims/text/fold.h"
#include <surety/settings.h>

/* Where the claim's words stand in the text; 0, 0 when they do not. */
static void locate(const char *text, const char *claim, struct plan_claim *out)
{
    const char *at = strstr(text, claim);
    if (at) {
        out->start = (size_t)(at - text);
        out->end = out->start + strlen(claim);
    }
}

/* Fills what is recorded of a claim (see struct plan_claim); returns the set of what is. Of the
 * signals only those that models give are taken, the others are found anew. */
static unsigned take_signals(const struct plan_sample *sample, const struct surety_claim *claim,
                             double recorded[PLAN_SIGNALS])
{
    unsigned known = 0;
    for (size_t s = 0; s < PLAN_SIGNALS; s++) {
        unsigned bit = 1u << s;
        double value = bit == SURETY_SIGNAL_SELF ? claim->value
                       : sample->has_signals     ? plan_signal_value(claim, bit)
                                                 : NAN;
        bool taken = (surety_verify_signals() & bit) && value >= 0 && value <= 1;
        recorded[s] = taken ? value : NAN;
        known |= taken ? bit : 0;
    }
    return known;
}

static enum surety_err take_claims(struct plan *plan, const struct plan_sample *sample,
                                   struct plan_trajectory *t)
{
    size_t m = plan->settings.m;
    t->cooperating = sample->cooperating;
    t->n_claims = 0; /* of those that the text was found to have */
    t->claims = ARENA_ARRAY(&plan->arena, struct plan_claim, m);
    if (!t->claims)
        return SURETY_ERR_NOMEM;
    for (size_t i = 0; i < sample->n_claims && t->n_claims < m; i++) {
        const char *text = sample->claims[i].text;
        struct plan_claim *claim = &t->claims[t->n_claims];
        *claim = plan_claim_of(plan, fold_line(text, strlen(text), SURETY_CLAIM_MAX, &plan->arena));
        if (!claim->distinct)
            return SURETY_ERR_NOMEM;
        bool known = take_signals(sample, &sample->claims[i], claim->recorded);
        claim->unparsed = sample->claims[i].verdict == SURETY_VERDICT_UNPARSED && !known;
        locate(sample->text, text, claim);
        bool repeated = false;
        for (size_t j = 0; j < t->n_claims && !repeated; j++)
            repeated = t->claims[j].distinct == claim->distinct;
        t->n_claims += !repeated;
    }
    return SURETY_OK;
}

static enum surety_err take_sample(struct plan *plan, const struct plan_sample *sample,
                                   struct plan_trajectory *t)
{
    t->finish = sample->finish;
    t->tokens = sample->tokens;
    plan->usage.completion_tokens += sample->tokens;
    t->fed = true;
    plan->n_fed++;
    if (sample->finish == SURETY_FINISH_ERROR)
        return SURETY_OK;
    enum surety_err code = SURETY_OK;
    if (!sample->answer || !sample->has_claims)
        code = plan_read_text(plan, sample->text, sample->finish != SURETY_FINISH_STOP, t);
    if (!code && sample->has_claims)
        code = take_claims(plan, sample, t);
    if (!code && sample->answer && !(t->answer = arena_strdup(&plan->arena, sample->answer)))
        code = SURETY_ERR_NOMEM;
    if (!code && plan->settings.text && !(t->text = arena_strdup(&plan->arena, sample->text)))
        code = SURETY_ERR_NOMEM;
    return code;
}

/* Those that some claim has. */
static unsigned recorded_signals(const struct plan_sample *samples, size_t n)
{
    unsigned known = 0;
    double recorded[PLAN_SIGNALS];
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; samples[i].has_claims && j < samples[i].n_claims; j++)
            known |= take_signals(&samples[i], &samples[i].claims[j], recorded);
    return known;
}

/* As if they had come one after the other, until the stop rule says that it is enough. */
static enum surety_err look_back(struct plan *plan, struct surety_result *ret_result,
                                 struct surety_error *err)
{
    enum surety_err code = plan_check_stop(plan, err);
    plan_begin_waves(plan);
    plan->released = plan->prefix = plan->settings.k;
    bool more = plan->settings.stop != SURETY_STOPPING_NONE;
    while (more && !code)
        code = plan_compare(plan, &more, err);
    for (uint32_t k = plan->used; k < plan->settings.k; k++) /* would not have been asked for */
        plan->usage.completion_tokens -= plan->trajectories[k].tokens;
    return code ? code
                : plan_result(plan, plan_is_cut(plan) ? SURETY_STOP_EARLY : SURETY_STOP_COMPLETE,
                              NULL, 0, ret_result, err);
}

enum surety_err plan_score(const struct surety_request *request, const struct plan_sample *samples,
                           size_t n, struct surety_result *ret_result, struct surety_error *err)
{
    static char recorded[] = "recorded", empty[] = "";
    if (n == 0)
        return surety_fail(err, SURETY_ERR_INVALID, "there are no samples");
    if (n > SURETY_K_MAX)
        return surety_fail(err, SURETY_ERR_LIMIT, "there are %zu samples; at most %d are allowed",
                           n, SURETY_K_MAX);
    if (request->settings.verify > SURETY_VERIFY_NONE)
        return surety_fail(err, SURETY_ERR_INVALID,
                           "recorded samples have no model that could verify: use verify none");
    struct surety_request whole = *request;
    whole.settings.k = (uint32_t)n;
    whole.settings.verify = SURETY_VERIFY_NONE;
    struct plan *plan;
    const size_t failures = alloc_failures();
    enum surety_err code = plan_open(&whole, "instruct", &plan, err);
    if (code && alloc_failures() != failures)
        code = surety_fail(err, SURETY_ERR_NOMEM, "no memory for the request");
    if (code)
        return code;
    plan->model.name = plan->model.id = empty;
    plan->model.repro = recorded;
    unsigned known = recorded_signals(samples, n);
    plan_resolve(plan, plan->settings.signals ? known & plan->settings.signals : known);
    for (size_t i = 0; i < n && !code; i++)
        code = take_sample(plan, &samples[i], &plan->trajectories[i]);
    if (alloc_failures() != failures)
        code = SURETY_ERR_NOMEM;
    if (code)
        surety_fail(err, code, "no memory for %zu samples, or they need more than %zu MiB", n,
                    PLAN_BYTES_MAX >> 20);
    else
        code = look_back(plan, ret_result, err);
    plan_free(plan);
    return code;
}
