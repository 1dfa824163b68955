/*
 * agreement.c - counts, over all claims of a request, who speaks of a quantity and who gives a
 * value.
 *
 * Four counters of distinct trajectories for each assertion (quantity.h): of its quantity, of its
 * quantity within the group, and both again with the value. Trajectories are entered one after the
 * other, so a counter knows by its last trajectory whether this one was counted. A claim then reads
 * off (all - own group) of each. One hash table, O(number of claims).
 *
 * A claim with words and an expression is compared by its words where others speak of them, since
 * what others computed for "pay" says more than that 9*8 is 72 for everyone.
 */
#include "claims/plan/agreement.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "claims/math/equal.h"
#include "claims/read/quantity.h"

struct counter {
    uint64_t key; /* 0: free */
    uint32_t count, last;
};

struct counters {
    struct counter *slot;
    size_t mask;
};

static struct counter *find(struct counters *c, uint64_t key)
{
    size_t i = key & c->mask;
    key += key == 0;
    while (c->slot[i].key && c->slot[i].key != key)
        i = (i + 1) & c->mask;
    return &c->slot[i];
}

static void enter(struct counters *c, uint64_t key, uint32_t trajectory)
{
    struct counter *slot = find(c, key);
    if (slot->key && slot->last == trajectory)
        return;
    slot->key = key + (key == 0);
    slot->count++;
    slot->last = trajectory;
}

/* The answer's group; a trajectory without an answer is a group of its own. */
static uint64_t group_key(const uint32_t *group, size_t i)
{
    return group[i] == EQUAL_NO_GROUP ? (uint64_t)1 << 32 | i : group[i];
}

static void enter_quantity(struct counters *c, uint64_t quantity, uint64_t value, uint64_t group,
                           uint32_t trajectory)
{
    if (!quantity)
        return;
    uint64_t with_value = hash_u64(quantity, value);
    enter(c, quantity, trajectory);
    enter(c, hash_u64(hash_u64(quantity, 1), group), trajectory);
    enter(c, with_value, trajectory);
    enter(c, hash_u64(hash_u64(with_value, 1), group), trajectory);
}

/* The share of other groups' trajectories, or NaN when none of them speaks of the quantity. */
static double share(struct counters *c, uint64_t quantity, uint64_t value, uint64_t group)
{
    if (!quantity)
        return NAN;
    uint64_t with_value = hash_u64(quantity, value);
    uint32_t speak =
        find(c, quantity)->count - find(c, hash_u64(hash_u64(quantity, 1), group))->count;
    uint32_t agree =
        find(c, with_value)->count - find(c, hash_u64(hash_u64(with_value, 1), group))->count;
    return speak ? (double)agree / speak : NAN;
}

enum surety_err agreement_fill(struct surety_trajectory *trajectories, size_t n,
                               const uint32_t *group)
{
    size_t claims = 0, size = 16;
    for (size_t i = 0; i < n; i++)
        claims += trajectories[i].n_claims;
    while (size < 16 * claims) /* two quantities of four counters each, half full */
        size *= 2;
    struct counters c = {.slot = alloc_zeroed(size, sizeof *c.slot), .mask = size - 1};
    struct quantity *quantities = alloc_zeroed(claims + 1, sizeof *quantities);
    enum surety_err code = c.slot && quantities ? SURETY_OK : SURETY_ERR_NOMEM;
    for (size_t i = 0, k = 0; i < n && !code; i++)
        for (size_t j = 0; j < trajectories[i].n_claims; j++, k++) {
            struct quantity *q = &quantities[k];
            if (!quantity_read(trajectories[i].claims[j].text, q))
                continue;
            enter_quantity(&c, q->words, q->value, group_key(group, i), (uint32_t)i);
            enter_quantity(&c, q->expr, q->value, group_key(group, i), (uint32_t)i);
        }
    for (size_t i = 0, k = 0; i < n && !code; i++)
        for (size_t j = 0; j < trajectories[i].n_claims; j++, k++) {
            const struct quantity *q = &quantities[k];
            double by_words = share(&c, q->words, q->value, group_key(group, i));
            trajectories[i].claims[j].agreement =
                isnan(by_words) ? share(&c, q->expr, q->value, group_key(group, i)) : by_words;
        }
    free(c.slot);
    free(quantities);
    return code;
}
