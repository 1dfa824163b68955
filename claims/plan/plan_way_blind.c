/*
 * plan_way_blind.c - agreement with independent recomputation: a quantity is asked for without the
 * values that the trajectories give it, J times, and a claim's verdict is the smoothed share of
 * the recomputations that give its value, (hits + 1) / (J + 2).
 *
 * Rival values of one quantity share its calls. Whether a quantity is contested is known when all
 * trajectories are there, so all tasks are made at once then: the contested ones first, and of
 * these the ones of which most trajectories speak, whatever groups they are in. A budget or
 * deadline that ends early so leaves out those that matter least. A quantity is settled when its
 * verdict cannot tell one answer from another: all trajectories give it the same value, so that it
 * shifts the mean of each alike (which only changes how much the others count under a power), or
 * none contests it and their answers are the same. It is recomputed once, to tell whether it
 * stands.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "claims/math/equal.h"
#include "claims/plan/plan_way.h"

/* A quantity that is recomputed; plan_verification.of_way. */
struct asked_quantity {
    uint64_t key;
    bool contested;              /* another claim gives another value */
    bool settled;                /* it cannot tell one answer from another */
    uint32_t n, last;            /* trajectories that speak of it; the last of them, plus 1 */
    uint64_t n_claims;           /* in all of these */
    size_t order;                /* of first appearance */
    struct rival *rivals;        /* the claims that give it a value */
    struct asked_quantity *next; /* in its bucket */
};

/* A distinct claim that gives a quantity a value; plan_distinct.of_way. */
struct rival {
    struct plan_distinct *claim;
    struct rival *next;      /* of its quantity */
    enum equal_verdict fits; /* with the recomputed value in work */
    uint64_t hits, misses;   /* sets of the recomputations that gave its value, or another one */
};

/* ---- asking ---- */

struct quantities {
    struct asked_quantity **buckets; /* [PLAN_BUCKETS] */
    struct asked_quantity **list;    /* [n], in order of first appearance */
    size_t n;
};

static struct asked_quantity *find(struct plan *plan, struct quantities *all, uint64_t key)
{
    struct asked_quantity **bucket = &all->buckets[key % PLAN_BUCKETS];
    for (struct asked_quantity *q = *bucket; q; q = q->next)
        if (q->key == key)
            return q;
    struct asked_quantity *made = ARENA_NEW(&plan->arena, struct asked_quantity);
    if (!made)
        return NULL;
    *made = (struct asked_quantity){.key = key, .order = all->n, .next = *bucket};
    all->list[all->n++] = made;
    return *bucket = made;
}

/* True when two claims on a quantity give it one value, and what follows (a unit) is the same to
 * the letter. */
static bool says_the_same(const struct plan_distinct *other, const struct plan_distinct *claim)
{
    return other->quantity.value == claim->quantity.value &&
           strcmp(other->key + other->quantity.where.end, claim->key + claim->quantity.where.end) ==
               0;
}

/* Enters a claim of trajectory k. One that has no value, is decided, or means something else in
 * another trajectory, is not recomputed. */
static enum surety_err enter(struct plan *plan, struct quantities *all, uint32_t k,
                             struct plan_distinct *claim)
{
    if (!claim->has_value || !plan_way_asks_alone(plan, claim))
        return SURETY_OK;
    struct asked_quantity *quantity = find(plan, all, quantity_key(claim->key, &claim->quantity));
    if (!quantity)
        return SURETY_ERR_NOMEM;
    quantity->n_claims++;
    quantity->n += quantity->last != k + 1;
    quantity->last = k + 1;
    if (claim->of_way)
        return SURETY_OK;
    struct rival *rival = ARENA_NEW(&plan->arena, struct rival);
    if (!rival)
        return SURETY_ERR_NOMEM;
    *rival = (struct rival){.claim = claim, .next = quantity->rivals};
    quantity->contested |= rival->next && !says_the_same(rival->next->claim, claim);
    quantity->rivals = claim->of_way = rival;
    return SURETY_OK;
}

/* Marks what is settled. */
static void settle(const struct plan *plan, struct quantities *all)
{
    const char *answer = NULL;
    bool unanimous = true;
    uint32_t n_voters = 0;
    for (uint32_t k = 0; k < plan->settings.k; k++) {
        const char *other = plan->trajectories[k].answer;
        unanimous &= !answer || !other || strcmp(answer, other) == 0;
        answer = other ? other : answer;
        n_voters += other != NULL;
    }
    for (size_t i = 0; i < all->n; i++)
        all->list[i]->settled =
            !all->list[i]->contested && (unanimous || all->list[i]->n == n_voters);
}

static int by_weight(const void *left, const void *right)
{
    const struct asked_quantity *a = *(struct asked_quantity *const *)left,
                                *b = *(struct asked_quantity *const *)right;
    if (a->contested != b->contested)
        return a->contested ? -1 : 1;
    if (a->settled != b->settled)
        return a->settled ? 1 : -1;
    if (a->n != b->n)
        return a->n > b->n ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

static enum surety_err ask_for(struct plan *plan, struct asked_quantity *quantity)
{
    const struct plan_distinct *claim = quantity->rivals->claim;
    char **name = ARENA_NEW(&plan->arena, char *);
    if (!name || !(*name = quantity_name(claim->key, &claim->quantity, &plan->arena)))
        return SURETY_ERR_NOMEM;
    uint32_t repeats = quantity->settled ? 1 : plan->settings.verify_repeats;
    struct plan_verification *verification;
    enum surety_err code = plan_ask(plan, name, 1, repeats, quantity->key, &verification);
    if (code)
        return code;
    verification->of_way = quantity;
    for (struct rival *r = quantity->rivals; r; r = r->next)
        r->claim->verification = verification;
    verification->calls_saved = (quantity->n_claims - 1) * repeats;
    return SURETY_OK;
}

static enum surety_err ask_all(struct plan *plan)
{
    struct quantities all = {alloc_zeroed(PLAN_BUCKETS, sizeof *all.buckets),
                             alloc_zeroed(plan->n_claims + 1, sizeof *all.list), 0};
    enum surety_err code = all.buckets && all.list ? SURETY_OK : SURETY_ERR_NOMEM;
    for (uint32_t k = 0; k < plan->settings.k; k++) {
        const struct plan_trajectory *t = &plan->trajectories[k];
        for (size_t i = 0; t->answer && i < t->n_claims && !code; i++)
            code = enter(plan, &all, k, t->claims[i].distinct);
    }
    settle(plan, &all);
    if (!code)
        qsort(all.list, all.n, sizeof *all.list, by_weight);
    for (size_t i = 0; i < all.n && !code; i++)
        code = ask_for(plan, all.list[i]);
    free(all.buckets);
    free(all.list);
    return code;
}

/* ---- what comes back ---- */

/* A claim's value against a recomputed one, with its unit and without. */
static enum surety_err compare(const struct plan *plan, const struct plan_distinct *claim,
                               struct span value, const char *recomputed, struct arena *scratch,
                               enum equal_verdict *ret)
{
    char *text = arena_strndup(scratch, claim->key + value.start, value.end - value.start);
    if (text)
        *ret = equal_texts(text, recomputed, plan->problem).verdict;
    return text ? SURETY_OK : SURETY_ERR_NOMEM;
}

static enum surety_err fit(const struct plan *plan, struct rival *rival, const char *recomputed,
                           struct arena *scratch)
{
    const struct quantity *q = &rival->claim->quantity;
    enum equal_verdict bare;
    enum surety_err code = compare(plan, rival->claim, q->whole, recomputed, scratch, &rival->fits);
    if (code || rival->fits == EQUAL_EXACT || q->where.end == q->whole.end)
        return code;
    code = compare(plan, rival->claim, q->where, recomputed, scratch, &bare);
    if (!code && (bare == EQUAL_EXACT || rival->fits == EQUAL_DIFFERENT))
        rival->fits = bare;
    return code;
}

/* EXACT gives a value. COMPATIBLE (rounded, a unit missing) does where no other value of the
 * quantity fits as well, as in the grouping of answers; UNKNOWN counts neither way. */
static enum surety_err take(struct plan *plan, struct plan_verification *verification,
                            struct plan_reply *reply, const char *text)
{
    struct rival *rivals = ((struct asked_quantity *)verification->of_way)->rivals;
    uint64_t bit = (uint64_t)1 << (reply - verification->replies), compatible = 0;
    bool any_exact = false, several = false;
    enum surety_err code =
        profile_read_value(plan->judge, plan->settings.verify, text, &plan->arena, &reply->value);
    if (code || !reply->value)
        return code;
    struct arena scratch;
    arena_init(&scratch, PLAN_BYTES_MAX);
    for (struct rival *r = rivals; r && !code; r = r->next) {
        code = fit(plan, r, reply->value, &scratch);
        any_exact |= r->fits == EQUAL_EXACT;
        if (r->fits != EQUAL_COMPATIBLE)
            continue;
        several |= compatible && compatible != r->claim->quantity.value;
        compatible = r->claim->quantity.value;
    }
    arena_fini(&scratch);
    if (code)
        return code;
    reply->verdicts[0] = SURETY_VERDICT_REFUTED;
    for (struct rival *r = rivals; r; r = r->next) {
        bool hit =
            r->fits == EQUAL_EXACT || (r->fits == EQUAL_COMPATIBLE && !any_exact && !several);
        if (hit)
            reply->verdicts[0] = SURETY_VERDICT_VALID;
        if (hit)
            r->hits |= bit;
        else if (r->fits == EQUAL_DIFFERENT || (r->fits == EQUAL_COMPATIBLE && any_exact))
            r->misses |= bit;
    }
    return SURETY_OK;
}

static void read_replies(const struct plan *plan, const struct plan_trajectory *t, size_t i,
                         struct plan_reading *ret)
{
    const struct plan_distinct *claim = t->claims[i].distinct;
    const struct rival *rival = claim->of_way;
    struct plan_tally tally = plan_count_replies(claim->verification, 0);
    *ret = (struct plan_reading){.asked = claim->verification,
                                 .unparsed = tally.unparsed,
                                 .value = NAN,
                                 .reason = tally.failure};
    if (!rival || !(rival->hits | rival->misses))
        return;
    int hits = __builtin_popcountll(rival->hits);
    int n = __builtin_popcountll(rival->hits | rival->misses);
    ret->value = (hits + 1.0) / (n + 2);
    ret->unparsed = false;
    ret->reason = NULL;
    if (!rival->misses)
        return;
    snprintf(ret->words, sizeof ret->words, "recomputed as %.80s; %d of %d recomputations agree",
             claim->verification->replies[__builtin_ctzll(rival->misses)].value, hits, n);
    ret->reason = ret->words;
}

static const char *why_open(const struct plan_distinct *claim)
{
    return claim->has_value ? NULL : "it gives no value that could be recomputed";
}

/* ---- controls ---- */

/* The smoothed share of the recomputations that gave the false value: what was planted is simply
 * held against them. */
static double read_planted(const struct plan *plan, const struct plan_control *control)
{
    const struct plan_claim *claim = &control->trajectory->claims[control->at];
    const struct plan_verification *verification = claim->distinct->verification;
    int hits = 0, n = 0;
    for (size_t j = 0; j < verification->task.n_items; j++) {
        const char *value = verification->replies[j].value;
        if (!value)
            continue;
        hits += equal_texts(control->value, value, plan->problem).verdict == EQUAL_EXACT;
        n++;
    }
    return n ? (hits + 1.0) / (n + 2) : NAN;
}

/* ---- of a result ---- */

static size_t questions(const struct surety_settings *settings, const struct surety_trajectory *t,
                        uint64_t *ret_keys)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n_claims; i++) {
        const char *text = t->claims[i].text;
        struct quantity quantity;
        if (plan_way_was_asked(settings, &t->claims[i]))
            ret_keys[n++] =
                quantity_read(text, &quantity) ? quantity_key(text, &quantity) : hash_text(0, text);
    }
    return n;
}

const struct plan_way plan_way_blind = {
    .verify = SURETY_VERIFY_BLIND,
    .alone = true,
    .close = ask_all,
    .take = take,
    .read = read_replies,
    .why_open = why_open,
    .read_planted = read_planted,
    .questions = questions,
};
