/* The count is a thread's own, so that comparisons need no state that every caller hands down. */
#include "claims/math/effort.h"

static _Thread_local uint64_t spent;

void effort_add(uint64_t steps)
{
    spent += steps;
}

uint64_t effort_spent(void)
{
    return spent;
}

size_t effort_of(const struct expr *e)
{
    size_t sum = e->kind == EXPR_FUNC || e->kind == EXPR_POW ? 8 : e->kind == EXPR_BIG ? 1000 : 1;
    for (size_t i = 0; i < e->n; i++)
        sum += effort_of(e->args[i]);
    return sum;
}
