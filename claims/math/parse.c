/*
 * What every part of the grammar stands on: the place in the tokens, and new nodes of the tree.
 */
#include "claims/math/parse_internal.h"

struct expr *parse_node(struct parser *p, enum expr_kind kind, size_t n)
{
    if (p->status != PARSE_OK)
        return NULL;
    if (++p->nodes > EXPR_NODES_MAX || n > UINT16_MAX) {
        p->status = PARSE_LIMIT;
        return NULL;
    }
    struct expr *e = ARENA_NEW(&p->pool->arena, struct expr);
    struct expr **args = e && n ? ARENA_ARRAY(&p->pool->arena, struct expr *, n) : NULL;
    if (!e || (n && !args)) {
        p->status = PARSE_LIMIT;
        return NULL;
    }
    e->kind = (uint8_t)kind;
    e->n = (uint16_t)n;
    e->args = args;
    return e;
}

void parse_set_arg(struct expr *e, size_t i, struct expr *arg)
{
    ((struct expr **)e->args)[i] = arg;
}

struct expr *parse_make(struct parser *p, enum expr_kind kind, uint8_t op, struct expr *a,
                        struct expr *b)
{
    if (!a)
        return NULL;
    struct expr *e = parse_node(p, kind, b ? 2 : 1);
    if (!e)
        return NULL;
    e->op = op;
    parse_set_arg(e, 0, a);
    if (b)
        parse_set_arg(e, 1, b);
    return e;
}

struct expr *parse_fail(struct parser *p)
{
    if (p->status == PARSE_OK)
        p->status = PARSE_FAILED;
    return NULL;
}

struct expr *parse_integer(struct parser *p, slong value)
{
    struct number *number = pool_number(p->pool);
    struct expr *e = number ? parse_node(p, EXPR_NUMBER, 0) : NULL;
    if (!e)
        return parse_fail(p);
    fmpq_set_si(number->value, value, 1);
    e->number = number;
    return e;
}

bool parse_at(const struct parser *p, uint8_t kind)
{
    return p->at < p->end && p->at->kind == kind;
}

bool parse_at_sign(const struct parser *p, char c)
{
    return parse_at(p, TOK_SIGN) && p->at->id == (uint8_t)c;
}

bool parse_take_sign(struct parser *p, char c)
{
    if (!parse_at_sign(p, c))
        return false;
    p->at++;
    return true;
}

/* A growing list of members on the stack of one parse function. */
void parse_push(struct parser *p, struct parse_list *list, struct expr *e)
{
    if (!e)
        return;
    if (list->n == PARSE_LIST_MAX) {
        p->status = PARSE_LIMIT;
        return;
    }
    list->items[list->n++] = e;
}

struct expr *parse_from_list(struct parser *p, enum expr_kind kind, const struct parse_list *list)
{
    struct expr *e = parse_node(p, kind, list->n);
    for (size_t i = 0; e && i < list->n; i++)
        parse_set_arg(e, i, list->items[i]);
    return e;
}
