/*
 * pool.h - what the parsing of one text allocates, freed together.
 *
 * An arena, and the numbers in it, whose digits live elsewhere. Bounded by POOL_MAX bytes.
 */
#ifndef SURETY_CLAIMS_MATH_POOL_H
#define SURETY_CLAIMS_MATH_POOL_H

#include "claims/math/number.h"
#include <surety/arena.h>

#define POOL_MAX (1u << 20)

struct pool {
    struct arena arena;
    struct pool_number *numbers; /* to be cleared */
};

void pool_init(struct pool *pool);
void pool_fini(struct pool *pool);
struct number *pool_number(struct pool *pool); /* value 0; NULL without memory */

#endif
