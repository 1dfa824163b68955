/*
 * plan_verification.c - a task for a model that asks about claims, and the replies to it. What is
 * asked when, and what a reply says, is the way's (plan_way.h).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/plain.h"
#include "claims/plan/plan_way.h"

/* A mark for the fence around the claims that neither they nor the problem contain. */
static uint64_t make_nonce(const struct plan *plan, const struct surety_task *task)
{
    uint64_t nonce = hash_u64(hash_u64(hash_text(0, "nonce"), plan->settings.seed), task->id);
    for (bool taken = true; taken;) {
        char mark[17];
        nonce = hash_u64(nonce, task->id);
        hash_hex(nonce, mark);
        taken = plain_find(plan->problem, mark) != NULL;
        for (size_t i = 0; i < task->n_claims && !taken; i++)
            taken = plain_find(task->claims[i], mark) != NULL;
    }
    return nonce;
}

enum surety_err plan_append(struct plan *plan, struct plan_verification *verification)
{
    if (plan->n_verifications == plan->verifications_size) {
        size_t size = plan->verifications_size ? plan->verifications_size * 2 : 64;
        struct plan_verification **grown = alloc_again(plan->verifications, size * sizeof *grown);
        if (!grown)
            return SURETY_ERR_NOMEM;
        plan->verifications = grown;
        plan->verifications_size = size;
    }
    plan->verifications[plan->n_verifications++] = verification;
    plan->n_pending += verification->task.n_items;
    return SURETY_OK;
}

enum surety_err plan_task(struct plan *plan, enum surety_stage stage, char **claims, size_t n,
                          uint32_t repeats, uint64_t key,
                          struct plan_verification **ret_verification)
{
    struct plan_verification *made = ARENA_NEW(&plan->arena, struct plan_verification);
    struct surety_item *items = ARENA_ARRAY(&plan->arena, struct surety_item, repeats);
    struct plan_reply *replies = ARENA_ARRAY(&plan->arena, struct plan_reply, repeats);
    if (!made || !items || !replies)
        return SURETY_ERR_NOMEM;
    made->replies = replies;
    made->task = (struct surety_task){
        .stage = stage,
        .id = (uint32_t)plan->n_verifications + 1,
        .problem = plan->problem,
        .claims = claims,
        .n_claims = n,
        .items = items,
        .n_items = repeats,
    };
    for (uint32_t j = 0; j < repeats; j++) {
        items[j].index = j;
        uint64_t of_item = stage == SURETY_STAGE_VERIFY ? hash_u64(key, j) : key;
        enum surety_err code =
            seed_draw(&plan->seeds, plan->settings.seed, stage, of_item, &items[j].seed);
        if (code)
            return code;
    }
    *ret_verification = made;
    return SURETY_OK;
}

enum surety_err plan_ask(struct plan *plan, char **claims, size_t n, uint32_t repeats, uint64_t key,
                         struct plan_verification **ret_verification)
{
    struct plan_verification *made;
    enum surety_err code = plan_task(plan, SURETY_STAGE_VERIFY, claims, n, repeats, key, &made);
    if (!code)
        code = profile_render_verify(plan->judge, plan->settings.verify, plan->problem,
                                     make_nonce(plan, &made->task), plan->chooses, &plan->settings,
                                     &plan->arena, &made->task);
    if (!code)
        code = plan_append(plan, made);
    if (!code)
        *ret_verification = made;
    return code;
}

/* Why there is no reply to read: one that did not end by itself was cut before its verdict. NULL:
 * it can be read. */
static const char *why_unread(const struct surety_output *output)
{
    if (output->finish == SURETY_FINISH_STOP)
        return NULL;
    if (output->finish == SURETY_FINISH_LENGTH)
        return "the reply was cut by its token limit";
    return *output->error.message ? output->error.message : "the verification was cancelled";
}

/* p(VALID) of the two labels together; NaN: the output is no choice between two. */
static double chosen_share(const struct surety_task *task, const struct surety_output *output)
{
    if (output->finish != SURETY_FINISH_STOP || task->n_labels != 2 || output->n_labels != 2)
        return NAN;
    return 1 / (1 + exp(output->label_logprobs[1] - output->label_logprobs[0]));
}

enum surety_err plan_take_reply(struct plan *plan, struct plan_verification *verification,
                                const struct surety_output *output)
{
    size_t n = verification->task.n_claims;
    struct plan_reply *reply = &verification->replies[output->index];
    const char *failure = why_unread(output);
    reply->verdicts = ARENA_ARRAY(&plan->arena, enum surety_verdict, n);
    reply->reasons = ARENA_ARRAY(&plan->arena, char *, n);
    reply->failure = arena_strdup(&plan->arena, failure);
    if (!reply->verdicts || !reply->reasons || (failure && !reply->failure))
        return SURETY_ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        reply->verdicts[i] = SURETY_VERDICT_UNPARSED;
    reply->share = chosen_share(&verification->task, output);
    bool chosen = !isnan(reply->share);
    if (chosen)
        reply->verdicts[0] = reply->share >= 0.5 ? SURETY_VERDICT_VALID : SURETY_VERDICT_REFUTED;
    enum surety_err code =
        failure || chosen ? SURETY_OK : plan->way->take(plan, verification, reply, output->text);
    for (size_t i = 0; i < n && !verification->planted; i++) {
        plan->verdicts.valid += reply->verdicts[i] == SURETY_VERDICT_VALID;
        plan->verdicts.refuted += reply->verdicts[i] == SURETY_VERDICT_REFUTED;
        plan->verdicts.unparsed += reply->verdicts[i] == SURETY_VERDICT_UNPARSED;
    }
    reply->fed = true;
    plan->n_pending--;
    plan->usage.verify_tokens += output->completion_tokens;
    return code;
}

struct plan_tally plan_count_replies(const struct plan_verification *verification, size_t i)
{
    struct plan_tally tally = {.share = NAN};
    double sum = 0;
    for (size_t j = 0; verification && j < verification->task.n_items; j++) {
        const struct plan_reply *reply = &verification->replies[j];
        if (!reply->fed)
            continue;
        bool chosen = !isnan(reply->share);
        tally.chosen |= chosen;
        switch (reply->verdicts[i]) {
        case SURETY_VERDICT_VALID:
            tally.valid++;
            sum += chosen ? reply->share : 1;
            break;
        case SURETY_VERDICT_REFUTED:
            tally.refuted++;
            sum += chosen ? reply->share : 0;
            if (!tally.refutation)
                tally.refutation = reply->reasons[i];
            break;
        default:
            tally.unparsed++;
            if (!tally.failure)
                tally.failure =
                    reply->failure ? reply->failure : "no verdict could be read from the reply";
        }
    }
    if (tally.valid + tally.refuted)
        tally.share = sum / (tally.valid + tally.refuted);
    return tally;
}
