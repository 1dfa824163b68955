/*
 * plan_blind.c - agreement with independent recomputation: a quantity is asked for without the
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

#include "base/hash.h"
#include "claims/math/equal.h"
#include "claims/plan/plan_internal.h"

/* ---- asking ---- */

struct quantities {
    struct plan_blind **buckets; /* [PLAN_BUCKETS] */
    struct plan_blind **list;    /* [n], in order of first appearance */
    size_t n;
};

static struct plan_blind *find(struct plan *plan, struct quantities *all, uint64_t key)
{
    struct plan_blind **bucket = &all->buckets[key % PLAN_BUCKETS];
    for (struct plan_blind *b = *bucket; b; b = b->next)
        if (b->key == key)
            return b;
    struct plan_blind *made = ARENA_NEW(&plan->arena, struct plan_blind);
    if (!made)
        return NULL;
    *made = (struct plan_blind){.key = key, .order = all->n, .next = *bucket};
    all->list[all->n++] = made;
    return *bucket = made;
}

/* True when two claims on a quantity give it one value, and what follows (a unit) is the same to
 * the letter. NULL: there is no other claim. */
static bool says_the_same(const struct plan_check *other, const struct plan_check *check)
{
    return !other || (other->quantity.value == check->quantity.value &&
                      strcmp(other->key + other->quantity.where.end,
                             check->key + check->quantity.where.end) == 0);
}

/* Enters claim i of trajectory k. One that has no value, is decided, or means something else in
 * another trajectory, is not recomputed. */
static enum surety_err enter(struct plan *plan, struct quantities *all, uint32_t k, size_t i)
{
    struct plan_check *check = plan->trajectories[k].claims[i].check;
    if (!check->has_value || check->contextual || plan_is_decided(plan, check))
        return SURETY_OK;
    uint64_t key = quantity_key(check->key, &check->quantity);
    struct plan_blind *blind = find(plan, all, key);
    if (!blind)
        return SURETY_ERR_NOMEM;
    blind->n_claims++;
    blind->n += blind->last != k + 1;
    blind->last = k + 1;
    if (check->blind)
        return SURETY_OK;
    blind->contested |= !says_the_same(blind->checks, check);
    check->blind = blind;
    check->next_of_blind = blind->checks;
    blind->checks = check;
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
    const struct plan_blind *a = *(struct plan_blind *const *)left,
                            *b = *(struct plan_blind *const *)right;
    if (a->contested != b->contested)
        return a->contested ? -1 : 1;
    if (a->settled != b->settled)
        return a->settled ? 1 : -1;
    if (a->n != b->n)
        return a->n > b->n ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

static enum surety_err ask_for(struct plan *plan, struct plan_blind *blind)
{
    const struct plan_check *check = blind->checks;
    char **name = ARENA_NEW(&plan->arena, char *);
    if (!name || !(*name = quantity_name(check->key, &check->quantity, &plan->arena)))
        return SURETY_ERR_NOMEM;
    uint32_t repeats = blind->settled ? 1 : plan->settings.verify_repeats;
    enum surety_err code = plan_ask(plan, name, 1, repeats, blind->key, &blind->asked);
    if (code)
        return code;
    blind->asked->blind = blind;
    plan->calls_saved += (blind->n_claims - 1) * repeats;
    return SURETY_OK;
}

enum surety_err plan_ask_blind(struct plan *plan)
{
    size_t n_claims = 0;
    for (uint32_t k = 0; k < plan->settings.k; k++)
        n_claims += plan->trajectories[k].n_claims;
    struct quantities all = {calloc(PLAN_BUCKETS, sizeof *all.buckets),
                             calloc(n_claims + 1, sizeof *all.list), 0};
    enum surety_err code = all.buckets && all.list ? SURETY_OK : SURETY_ERR_NOMEM;
    for (uint32_t k = 0; k < plan->settings.k; k++)
        for (size_t i = 0; plan->trajectories[k].answer && i < plan->trajectories[k].n_claims; i++)
            code = code ? code : enter(plan, &all, k, i);
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
static enum equal_verdict compare(const struct plan *plan, const struct plan_check *check,
                                  struct span value, const char *recomputed, struct arena *scratch)
{
    char *text = arena_strndup(scratch, check->key + value.start, value.end - value.start);
    return text ? equal_texts(text, recomputed, plan->problem).verdict : EQUAL_UNKNOWN;
}

static enum equal_verdict fits(const struct plan *plan, const struct plan_check *check,
                               const char *recomputed, struct arena *scratch)
{
    const struct quantity *q = &check->quantity;
    enum equal_verdict whole = compare(plan, check, q->whole, recomputed, scratch);
    if (whole == EQUAL_EXACT || q->where.end == q->whole.end)
        return whole;
    enum equal_verdict bare = compare(plan, check, q->where, recomputed, scratch);
    return bare == EQUAL_EXACT || whole == EQUAL_DIFFERENT ? bare : whole;
}

/* EXACT gives a value. COMPATIBLE (rounded, a unit missing) does where no other value of the
 * quantity fits as well, as in the grouping of answers; UNKNOWN counts neither way. */
enum surety_err plan_take_value(struct plan *plan, struct plan_asked *asked, uint32_t j,
                                const char *text)
{
    struct plan_reply *reply = &asked->replies[j];
    uint64_t bit = (uint64_t)1 << j, compatible = 0;
    bool any_exact = false, rivals = false;
    enum surety_err code = profile_read_value(plan->judge, text, &plan->arena, &reply->value);
    if (code || !reply->value)
        return code;
    struct arena scratch;
    arena_init(&scratch, PLAN_BYTES_MAX);
    for (struct plan_check *c = asked->blind->checks; c; c = c->next_of_blind) {
        c->fits = fits(plan, c, reply->value, &scratch);
        any_exact |= c->fits == EQUAL_EXACT;
        if (c->fits != EQUAL_COMPATIBLE)
            continue;
        rivals |= compatible && compatible != c->quantity.value;
        compatible = c->quantity.value;
    }
    arena_fini(&scratch);
    reply->verdicts[0] = SURETY_VERDICT_REFUTED;
    for (struct plan_check *c = asked->blind->checks; c; c = c->next_of_blind) {
        bool hit = c->fits == EQUAL_EXACT || (c->fits == EQUAL_COMPATIBLE && !any_exact && !rivals);
        if (hit)
            reply->verdicts[0] = SURETY_VERDICT_VALID;
        if (hit)
            c->hits |= bit;
        else if (c->fits == EQUAL_DIFFERENT || (c->fits == EQUAL_COMPATIBLE && any_exact))
            c->misses |= bit;
    }
    return SURETY_OK;
}

double plan_blind_share(const struct plan_check *check, char *reason, size_t reason_size)
{
    int hits = __builtin_popcountll(check->hits);
    int n = __builtin_popcountll(check->hits | check->misses);
    *reason = '\0';
    if (check->misses)
        snprintf(reason, reason_size, "recomputed as %.80s; %d of %d recomputations agree",
                 check->blind->asked->replies[__builtin_ctzll(check->misses)].value, hits, n);
    return n ? (hits + 1.0) / (n + 2) : NAN;
}
