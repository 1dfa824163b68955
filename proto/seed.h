/*
 * seed.h - every seed follows from the request's seed; none is another plus one.
 *
 * seed = the low 31 bits of hash_u64(hash_u64(hash_u64(0, request seed), stage), key) with the
 * hash of base/hash.h, where key is the trajectory's index (SAMPLE) or hash_u64(claim key, repeat)
 * (VERIFY). A seed that the request already used is replaced by hash_u64(key, 1), hash_u64(key, 2)
 * ... in place of key, in the order in which the plan makes its items, which is fixed.
 */
#ifndef SURETY_PROTO_SEED_H
#define SURETY_PROTO_SEED_H

#include <surety/types.h>

struct seed_set { /* the seeds that one request has used; zeroed is empty */
    uint32_t *used;
    size_t n, size;
};

void seed_set_fini(struct seed_set *set);

/* A fresh seed for (stage, key), added to the set. NOMEM. */
enum surety_err seed_draw(struct seed_set *set, uint64_t request_seed, enum surety_stage stage,
                          uint64_t key, uint32_t *ret_seed);

/* Seed of a line of `grade`: the low 53 bits, which every JSON reader keeps, of
 * hash_text(hash_u64(0, run seed), id). */
uint64_t seed_of_line(uint64_t run_seed, const char *id);

#endif
