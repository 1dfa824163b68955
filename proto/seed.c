#include "proto/seed.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/hash.h"

/* An open-addressed table of seed + 1, so that zeroed memory is empty; at most half full. */

void seed_set_fini(struct seed_set *set)
{
    if (!set)
        return;
    free(set->used);
    *set = (struct seed_set){0};
}

/* The slot that holds value, or the empty one where it belongs. */
static size_t slot_of(const uint32_t *used, size_t size, uint32_t value)
{
    size_t i = (value * 0x9e3779b1u) & (size - 1);
    while (used[i] && used[i] != value)
        i = (i + 1) & (size - 1);
    return i;
}

static enum surety_err grow(struct seed_set *set)
{
    size_t size = set->size ? set->size * 2 : 64;
    uint32_t *used = alloc_zeroed(size, sizeof *used);
    if (!used)
        return SURETY_ERR_NOMEM;
    for (size_t i = 0; i < set->size; i++)
        if (set->used[i])
            used[slot_of(used, size, set->used[i])] = set->used[i];
    free(set->used);
    set->used = used;
    set->size = size;
    return SURETY_OK;
}

enum surety_err seed_draw(struct seed_set *set, uint64_t request_seed, enum surety_stage stage,
                          uint64_t key, uint32_t *ret_seed)
{
    uint64_t state = hash_u64(hash_u64(0, request_seed), (uint64_t)stage);
    uint64_t fresh_key = key;

    if (2 * (set->n + 1) > set->size) {
        enum surety_err code = grow(set);
        if (code)
            return code;
    }
    for (uint64_t again = 1;; again++) {
        uint32_t seed = (uint32_t)(hash_u64(state, fresh_key) & 0x7fffffff);
        size_t slot = slot_of(set->used, set->size, seed + 1);
        if (!set->used[slot]) {
            set->used[slot] = seed + 1;
            set->n++;
            *ret_seed = seed;
            return SURETY_OK;
        }
        fresh_key = hash_u64(key, again);
    }
}

uint64_t seed_of_line(uint64_t run_seed, const char *id)
{
    return hash_text(hash_u64(0, run_seed), id) & ((UINT64_C(1) << 53) - 1);
}
