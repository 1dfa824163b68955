/*
 * The tree's own questions: what occurs in it, and whether two trees look the same.
 */
#include "claims/math/expr.h"

#include <string.h>

bool expr_is_closed(const struct expr *e)
{
    if (e->kind == EXPR_VAR || e->kind == EXPR_WORDS)
        return false;
    size_t first = e->kind == EXPR_BIG ? 4 : 0; /* its variable is bound: decided on expansion */
    for (size_t i = first; i < e->n; i++)
        if (!expr_is_closed(e->args[i]))
            return false;
    return true;
}

bool expr_same(const struct expr *a, const struct expr *b)
{
    if (a == b)
        return true;
    if (a->kind != b->kind || a->n != b->n)
        return false;
    if (a->kind == EXPR_NUMBER)
        return fmpq_equal(a->number->value, b->number->value) && a->number->cut == b->number->cut;
    if ((a->kind == EXPR_CONST || a->kind == EXPR_FUNC || a->kind == EXPR_PM ||
         a->kind == EXPR_BIG || a->kind == EXPR_INTERVAL || a->kind == EXPR_MATRIX ||
         a->kind == EXPR_QUANTITY) &&
        a->op != b->op)
        return false;
    if (a->name || b->name)
        if (!a->name || !b->name || a->len != b->len || memcmp(a->name, b->name, a->len) != 0)
            return false;
    for (size_t i = 0; i < a->n; i++)
        if (!expr_same(a->args[i], b->args[i]))
            return false;
    return true;
}
