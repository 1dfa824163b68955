/*
 * plan_claim.c - the claims that texts state, and what is known of each distinct one by its text.
 */
#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "claims/plan/plan_way.h"
#include "claims/text/thinking.h"

struct plan_distinct *plan_distinct_of(struct plan *plan, const char *text)
{
    char *key = claim_key(text, &plan->arena);
    if (!key)
        return NULL;
    uint64_t hash = hash_text(0, key);
    struct plan_distinct **bucket = &plan->distinct[hash % PLAN_BUCKETS];
    for (struct plan_distinct *c = *bucket; c; c = c->next)
        if (c->hash == hash && !strcmp(c->key, key))
            return c;
    struct plan_distinct *claim = ARENA_NEW(&plan->arena, struct plan_distinct);
    if (!claim)
        return NULL;
    char reason[256];
    *claim = (struct plan_distinct){
        .key = key,
        .hash = hash,
        .exact = exact_judge(key, reason, sizeof reason),
        .contextual = claim_is_contextual(&plan->names, key),
        .next = *bucket,
    };
    claim->has_value = quantity_read(key, &claim->quantity);
    if (claim->exact == EXACT_REFUTED && *reason &&
        !(claim->exact_reason = arena_strdup(&plan->arena, reason)))
        return NULL;
    return *bucket = claim;
}

struct plan_claim plan_claim_of(struct plan *plan, char *text)
{
    struct plan_claim claim = {.text = text};
    claim.distinct = text ? plan_distinct_of(plan, text) : NULL;
    for (size_t s = 0; s < PLAN_SIGNALS; s++)
        claim.recorded[s] = NAN;
    return claim;
}

static enum surety_err copy_claims(struct plan *plan, const struct claim_span *claims, size_t n,
                                   struct plan_trajectory *t)
{
    struct plan_claim *made = ARENA_ARRAY(&plan->arena, struct plan_claim, n);
    if (!made)
        return SURETY_ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        if (plan_is_stopped(plan))
            return SURETY_ERR_CANCELLED;
        made[i] = plan_claim_of(plan, arena_strdup(&plan->arena, claims[i].text));
        made[i].start = claims[i].start;
        made[i].end = claims[i].end;
        if (!made[i].distinct)
            return SURETY_ERR_NOMEM;
    }
    t->claims = made;
    t->n_claims = n;
    return SURETY_OK;
}

/* Of a long solution the end, which has its answer, in whole characters. What it thought aloud is
 * no part of a conversation that goes on. */
static enum surety_err keep_shown(struct plan *plan, const char *text, struct plan_trajectory *t)
{
    if (plan->asks_claims)
        text += thinking_skip(text);
    size_t len = strlen(text), skip = len > PLAN_SHOWN_MAX ? len - PLAN_SHOWN_MAX : 0;
    while (((unsigned char)text[skip] & 0xC0) == 0x80)
        skip++;
    t->shown = arena_strdup(&plan->arena, text + skip);
    return t->shown ? SURETY_OK : SURETY_ERR_NOMEM;
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
    if (!code && plan->way && (plan->way->shows || plan->asks_claims))
        code = keep_shown(plan, text, t);
    arena_fini(&scratch);
    return code;
}

enum surety_err plan_read_claims(struct plan *plan, const char *reply, bool truncated,
                                 struct plan_trajectory *t)
{
    struct arena scratch;
    arena_init(&scratch, PLAN_BYTES_MAX);
    struct claim_span *claims;
    size_t n;
    enum surety_err code =
        profile_read_asked(reply, truncated, t->answer, plan->settings.m, &scratch, &claims, &n);
    for (size_t i = 0; !code && i < n; i++)
        claims[i].start = claims[i].end = 0; /* they do not stand in the solution */
    size_t before = t->n_claims;
    if (!code && n)
        code = copy_claims(plan, claims, n, t);
    plan->n_claims += t->n_claims - before;
    arena_fini(&scratch);
    return code;
}
