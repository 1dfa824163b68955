/*
 * plan_verify.c - which claims a model is asked about, and what it replied.
 *
 * EACH asks once about every distinct claim of the request, by its key; JOINT asks once for every
 * trajectory, about all its claims, and at temperature 0 once for all that claim the same; BLIND is
 * in plan_blind.c. A claim that exact arithmetic decides, and may decide, needs no model; one that
 * means something else in another trajectory is never asked about alone. That the arithmetic of
 * "sum: 4+5=9" is right does not say that the sum is: such a proof leaves the claim to the model.
 */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "claims/plan/plan_internal.h"

/* A mark for the fence around the claims that neither they nor the problem contain. */
static uint64_t make_nonce(const struct plan *plan, const struct surety_task *task)
{
    uint64_t nonce = hash_u64(hash_u64(hash_text(0, "nonce"), plan->settings.seed), task->id);
    for (bool taken = true; taken;) {
        char mark[17];
        nonce = hash_u64(nonce, task->id);
        hash_hex(nonce, mark);
        taken = strcasestr(plan->problem, mark) != NULL;
        for (size_t i = 0; i < task->n_claims && !taken; i++)
            taken = strcasestr(task->claims[i], mark) != NULL;
    }
    return nonce;
}

static enum surety_err append_asked(struct plan *plan, struct plan_asked *asked)
{
    if (plan->n_asked == plan->asked_size) {
        size_t size = plan->asked_size ? plan->asked_size * 2 : 64;
        struct plan_asked **grown = realloc(plan->asked, size * sizeof *grown);
        if (!grown)
            return SURETY_ERR_NOMEM;
        plan->asked = grown;
        plan->asked_size = size;
    }
    plan->asked[plan->n_asked++] = asked;
    plan->n_pending += asked->task.n_items;
    return SURETY_OK;
}

enum surety_err plan_ask(struct plan *plan, char **claims, size_t n, uint32_t repeats, uint64_t key,
                         struct plan_asked **ret_asked)
{
    struct plan_asked *asked = ARENA_NEW(&plan->arena, struct plan_asked);
    struct surety_item *items = ARENA_ARRAY(&plan->arena, struct surety_item, repeats);
    struct plan_reply *replies = ARENA_ARRAY(&plan->arena, struct plan_reply, repeats);
    if (!asked || !items || !replies)
        return SURETY_ERR_NOMEM;
    asked->replies = replies;
    asked->task = (struct surety_task){
        .stage = SURETY_STAGE_VERIFY,
        .id = (uint32_t)plan->n_asked + 1,
        .problem = plan->problem,
        .claims = claims,
        .n_claims = n,
        .items = items,
        .n_items = repeats,
    };
    for (uint32_t j = 0; j < repeats; j++) {
        items[j].index = j;
        enum surety_err code = seed_draw(&plan->seeds, plan->settings.seed, SURETY_STAGE_VERIFY,
                                         hash_u64(key, j), &items[j].seed);
        if (code)
            return code;
    }
    enum surety_err code = profile_render_verify(plan->judge, plan->settings.verify, plan->problem,
                                                 make_nonce(plan, &asked->task), &plan->settings,
                                                 &plan->arena, &asked->task);
    if (!code)
        code = append_asked(plan, asked);
    if (!code)
        *ret_asked = asked;
    return code;
}

bool plan_is_half_proved(const struct plan_check *check)
{
    return check->exact == EXACT_PROVED && check->has_value && check->quantity.labelled;
}

bool plan_is_decided(const struct plan *plan, const struct plan_check *check)
{
    bool open = check->exact == EXACT_UNDECIDED || plan_is_half_proved(check);
    return !open && (plan->settings.signals & SURETY_SIGNAL_SYMBOLIC);
}

static enum surety_err ask_each(struct plan *plan, struct plan_trajectory *t)
{
    for (size_t i = 0; i < t->n_claims; i++) {
        struct plan_check *check = t->claims[i].check;
        if (plan_is_decided(plan, check) || check->contextual)
            continue;
        if (check->asked) {
            plan->calls_saved += plan->settings.verify_repeats;
            continue;
        }
        char **claims = ARENA_NEW(&plan->arena, char *);
        if (!claims)
            return SURETY_ERR_NOMEM;
        claims[0] = check->key;
        enum surety_err code =
            plan_ask(plan, claims, 1, plan->settings.verify_repeats, check->hash, &check->asked);
        if (code)
            return code;
    }
    return SURETY_OK;
}

static bool has_same_claims(const struct plan_trajectory *t, const struct plan_trajectory *other)
{
    if (t->n_claims != other->n_claims)
        return false;
    for (size_t i = 0; i < t->n_claims; i++)
        if (t->claims[i].check != other->claims[i].check)
            return false;
    return true;
}

/* At temperature 0 the same question would get the same reply, but for what another nonce does to
 * it; above, each reply is an observation of its own. */
static enum surety_err ask_joint(struct plan *plan, struct plan_trajectory *t)
{
    bool repeatable = plan->settings.verify_temperature == 0;
    for (const struct plan_trajectory *other = plan->trajectories; repeatable && other < t;
         other++) {
        if (other->asked && has_same_claims(t, other)) {
            t->asked = other->asked;
            plan->calls_saved++; /* at temperature 0 nothing is repeated */
            return SURETY_OK;
        }
    }
    char **claims = ARENA_ARRAY(&plan->arena, char *, t->n_claims);
    if (!claims)
        return SURETY_ERR_NOMEM;
    uint64_t key = 0;
    bool all_decided = true;
    for (size_t i = 0; i < t->n_claims; i++) {
        claims[i] = t->claims[i].text;
        key = hash_u64(key, t->claims[i].check->hash);
        all_decided = all_decided && plan_is_decided(plan, t->claims[i].check);
    }
    return all_decided
               ? SURETY_OK
               : plan_ask(plan, claims, t->n_claims, plan->settings.verify_repeats, key, &t->asked);
}

enum surety_err plan_verify_trajectory(struct plan *plan, uint32_t k)
{
    struct plan_trajectory *t = &plan->trajectories[k];
    if (plan->settings.verify == SURETY_VERIFY_BLIND)
        return k + 1 == plan->settings.k ? plan_ask_blind(plan) : SURETY_OK;
    if (!t->answer || t->n_claims == 0)
        return SURETY_OK;
    if (plan->settings.verify == SURETY_VERIFY_EACH)
        return ask_each(plan, t);
    if (plan->settings.verify == SURETY_VERIFY_JOINT)
        return ask_joint(plan, t);
    return SURETY_OK;
}

/* A reply that did not end by itself was cut before its verdict: nothing is read from it. */
enum surety_err plan_take_reply(struct plan *plan, struct plan_asked *asked,
                                const struct surety_output *output)
{
    size_t n = asked->task.n_claims;
    struct plan_reply *reply = &asked->replies[output->index];
    reply->verdicts = ARENA_ARRAY(&plan->arena, enum surety_verdict, n);
    reply->reasons = ARENA_ARRAY(&plan->arena, char *, n);
    if (!reply->verdicts || !reply->reasons)
        return SURETY_ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        reply->verdicts[i] = SURETY_VERDICT_UNPARSED;
    enum surety_err code = SURETY_OK;
    if (output->finish == SURETY_FINISH_STOP && asked->blind) {
        code = plan_take_value(plan, asked, output->index, output->text);
    } else if (output->finish == SURETY_FINISH_STOP) {
        code = profile_read_verdicts(plan->judge, plan->settings.verify, output->text, n,
                                     &plan->arena, reply->verdicts, reply->reasons);
    } else {
        reply->failure =
            arena_strdup(&plan->arena, output->finish == SURETY_FINISH_LENGTH
                                           ? "the reply was cut by its token limit"
                                       : *output->error.message ? output->error.message
                                                                : "the verification was cancelled");
        code = reply->failure ? SURETY_OK : SURETY_ERR_NOMEM;
    }
    for (size_t i = 0; i < n && !asked->planted; i++) {
        plan->verdicts.valid += reply->verdicts[i] == SURETY_VERDICT_VALID;
        plan->verdicts.refuted += reply->verdicts[i] == SURETY_VERDICT_REFUTED;
        plan->verdicts.unparsed += reply->verdicts[i] == SURETY_VERDICT_UNPARSED;
    }
    reply->fed = true;
    plan->n_pending--;
    plan->usage.verify_tokens += output->completion_tokens;
    return code;
}
