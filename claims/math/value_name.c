/*
 * What may stand as a name before an equals sign: x, f(x), AB, P(X > 2).
 */
#include "claims/math/value_internal.h"

static bool occurs(const struct expr *var, const struct expr *e)
{
    if (expr_same(var, e))
        return true;
    for (size_t i = 0; i < e->n; i++)
        if (occurs(var, e->args[i]))
            return true;
    return false;
}

/* AB, ABC, \angle A, m\angle A: points' names in a row. */
bool value_is_figure(const struct expr *e)
{
    if (e->kind == EXPR_VAR)
        return (e->name[0] >= 'A' && e->name[0] <= 'Z') || e->len > 3;
    return e->kind == EXPR_MUL && e->op == 1 && value_is_figure(e->args[1]) &&
           (value_is_figure(e->args[0]) ||
            (e->args[0]->kind == EXPR_VAR && e->args[0]->len == 1 && e->args[0]->name[0] == 'm'));
}

/* x, x_1, f(x), f^{-1}(x), P(A), P(X > 2), |AB|: what may stand as a name before an equals sign. */
bool value_is_name(const struct expr *e)
{
    if (e->kind == EXPR_VAR || value_is_figure(e))
        return true;
    if (e->kind == EXPR_FUNC && e->op == FN_ABS)
        return e->args[0]->kind != EXPR_VAR && value_is_figure(e->args[0]);
    if (e->kind == EXPR_FUNC && e->op <= FN_CSC) /* cos A */
        return e->args[0]->kind == EXPR_VAR || value_is_figure(e->args[0]);
    if (e->kind == EXPR_FUNC && e->op == FN_APPLY)
        return e->args[1]->kind == EXPR_VAR || e->args[1]->kind == EXPR_NUMBER ||
               value_is_name(e->args[1]);
    if (e->kind != EXPR_MUL || e->op != 1 || e->n != 2)
        return false;
    const struct expr *head = e->args[0], *arg = e->args[1];
    if (head->kind == EXPR_POW && head->args[0]->kind == EXPR_VAR &&
        head->args[1]->kind == EXPR_NEG)
        return arg->kind == EXPR_VAR;
    return head->kind == EXPR_VAR && (arg->kind == EXPR_VAR || arg->kind == EXPR_NUMBER ||
                                      !expr_is_scalar(arg) || value_is_name(arg));
}

bool value_names(const struct expr *left, const struct expr *right)
{
    bool parts = left->kind == EXPR_MUL || left->kind == EXPR_FUNC;
    const struct expr *head = parts ? left->args[0] : left;
    return value_is_name(left) && !occurs(head, right);
}
