#include "claims/math/pool.h"

struct pool_number {
    struct number number;
    struct pool_number *next;
};

void pool_init(struct pool *pool)
{
    arena_init(&pool->arena, POOL_MAX);
    pool->numbers = NULL;
}

void pool_fini(struct pool *pool)
{
    for (struct pool_number *n = pool->numbers; n; n = n->next)
        number_fini(&n->number);
    arena_fini(&pool->arena);
    pool->numbers = NULL;
}

struct number *pool_number(struct pool *pool)
{
    struct pool_number *n = ARENA_NEW(&pool->arena, struct pool_number);
    if (!n)
        return NULL;
    number_init(&n->number);
    n->next = pool->numbers;
    pool->numbers = n;
    return &n->number;
}
