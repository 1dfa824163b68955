/*
 * plan_asking.c - in which order models are asked about solutions; and claims that are asked for:
 * the conversation in which a solution was sampled goes on with a turn that asks for the claims it
 * hangs on. So the samples are those of the plain prompt, and an engine that still holds a solution
 * computes the new turn alone.
 *
 * Asked is when every sample is there, or its wave, in index order, and solutions of the same text
 * share a reply; judges are asked when no reply is missing. So what is asked does not depend on the
 * order of arrival. The claims that the splitter finds in a solution stand until its own come, and
 * where none can be had: no room for the question, a reply without a list, an early end.
 */
#include "claims/plan/plan_way.h"

#include <string.h>

#include "base/utf8.h"

static const struct plan_trajectory *find_alike(const struct plan *plan,
                                                const struct plan_trajectory *t)
{
    for (uint32_t k = 0; k < plan->settings.k; k++) {
        const struct plan_trajectory *other = &plan->trajectories[k];
        if (other->asking && !strcmp(other->shown, t->shown))
            return other;
    }
    return NULL;
}

static void share_asking(struct plan *plan, const struct plan_trajectory *other,
                         struct plan_trajectory *t)
{
    t->asking = other->asking;
    t->asking->calls_saved++;
    if (!t->asking->replies[0].fed)
        return;
    plan->n_claims += other->n_claims - t->n_claims;
    t->claims = other->claims;
    t->n_claims = other->n_claims;
}

static enum surety_err ask_claims(struct plan *plan, struct plan_trajectory *t)
{
    if (!t->answer || !t->shown)
        return SURETY_OK;
    const struct plan_trajectory *alike = find_alike(plan, t);
    if (alike) {
        share_asking(plan, alike, t);
        return SURETY_OK;
    }
    struct plan_verification *asking;
    const struct surety_task *sampling = &plan->sampling;
    char **claims = ARENA_NEW(&plan->arena, char *);
    size_t len = strlen(t->shown);
    len = len > SURETY_CLAIM_MAX ? utf8_cut(t->shown, SURETY_CLAIM_MAX) : len;
    if (!claims || !(claims[0] = arena_strndup(&plan->arena, t->shown, len)))
        return SURETY_ERR_NOMEM;
    enum surety_err code = plan_task(plan, SURETY_STAGE_CLAIMS, claims, 1, 1,
                                     (uint64_t)(t - plan->trajectories), &asking);
    if (!code)
        code = profile_render_asking(plan->profile, sampling->messages, sampling->n_messages,
                                     plan->problem, t->shown, &plan->settings, &plan->arena,
                                     &asking->task);
    if (code == SURETY_ERR_LIMIT)
        return SURETY_OK;
    t->asking = asking;
    plan->n_asking++;
    return code ? code : plan_append(plan, asking);
}

/* Its claims are there. */
static enum surety_err ask_judges(struct plan *plan, struct plan_trajectory *t)
{
    bool asks = plan->way && plan->way->ask && t->answer && t->n_claims;
    return asks ? plan->way->ask(plan, t) : SURETY_OK;
}

enum surety_err plan_go_on(struct plan *plan)
{
    enum surety_err code = SURETY_OK;
    if (plan->n_asking)
        return SURETY_OK;
    for (uint32_t k = 0; plan->asks_claims && k < plan->settings.k && !code; k++) {
        struct plan_trajectory *t = &plan->trajectories[k];
        if (!t->asked || t->claimed)
            continue;
        t->claimed = true;
        code = ask_judges(plan, t);
    }
    if (code || !plan->closing)
        return code;
    plan->closing = false;
    if (plan->closes)
        code = plan->way->close(plan);
    return code ? code : plan_plant(plan);
}

enum surety_err plan_ask_about(struct plan *plan, struct plan_trajectory *t)
{
    t->asked = true;
    return plan->asks_claims ? ask_claims(plan, t) : ask_judges(plan, t);
}

enum surety_err plan_close(struct plan *plan, bool rest)
{
    enum surety_err code = SURETY_OK;
    for (uint32_t k = 0; rest && k < plan->settings.k && !code; k++) {
        struct plan_trajectory *t = &plan->trajectories[k];
        if (!t->asked && !t->withdrawn)
            code = plan_ask_about(plan, t);
    }
    plan->closing = true;
    plan->closes = rest && plan->way && plan->way->close;
    return code ? code : plan_go_on(plan);
}

enum surety_err plan_take_claims(struct plan *plan, struct plan_verification *asking,
                                 const struct surety_output *output)
{
    enum surety_err code = SURETY_OK;
    bool cut = output->finish != SURETY_FINISH_STOP;
    for (uint32_t k = 0; k < plan->settings.k && *output->text && !code; k++) {
        struct plan_trajectory *t = &plan->trajectories[k];
        if (t->asking == asking)
            code = plan_read_claims(plan, output->text, cut, t);
    }
    if (code)
        return code;
    asking->replies[0].fed = true;
    plan->n_pending--;
    plan->n_asking--;
    plan->usage.verify_tokens += output->completion_tokens;
    plan->usage.claims_tokens += output->completion_tokens;
    plan->usage.claims_prompt_tokens += output->prompt_tokens;
    plan->usage.claims_cached_tokens += output->cached_tokens;
    return plan_go_on(plan);
}
