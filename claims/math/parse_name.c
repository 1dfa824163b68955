/*
 * Names of variables: primes and indices belong to them.
 */
#include <string.h>

#include "claims/math/parse_internal.h"

struct expr *parse_variable(struct parser *p, const char *name, size_t len)
{
    struct expr *e = parse_node(p, EXPR_VAR, 0);
    if (e) {
        e->name = name;
        e->len = (uint32_t)len;
    }
    return e;
}

/* f', y'', f^{\prime}: primes belong to the name. */
static struct expr *parse_primes(struct parser *p, struct expr *var)
{
    const struct token *t = p->at;
    size_t n = 0;
    if (parse_at_sign(p, '^') && p->end - t >= 2 && t[1].kind == TOK_SIGN && t[1].id == '\'') {
        p->at += 2;
        n = 1;
    } else if (parse_at_sign(p, '^') && p->end - t >= 4 && t[1].kind == TOK_SIGN &&
               t[1].id == '{' && t[2].kind == TOK_SIGN && t[2].id == '\'' &&
               t[3].kind == TOK_SIGN && t[3].id == '}') {
        p->at += 4;
        n = 1;
    }
    while (parse_take_sign(p, '\''))
        n++;
    if (n == 0 || n > 3)
        return n ? parse_fail(p) : var;
    char *name = arena_printf(&p->pool->arena, "%.*s%.*s", (int)var->len, var->name, (int)n, "'''");
    return name ? parse_variable(p, name, strlen(name)) : parse_fail(p);
}

/* x_1, x_{12}: the index belongs to the name. */
struct expr *parse_name(struct parser *p, struct expr *var)
{
    if (!var || !parse_at_sign(p, '_'))
        return var && p->letter == 0 ? parse_primes(p, var) : var;
    const struct token *t = p->at + 1;
    bool brace = t < p->end && t->kind == TOK_SIGN && t->id == '{';
    const struct token *stop = t + brace;
    while (brace && stop < p->end && !(stop->kind == TOK_SIGN && stop->id == '}'))
        stop++;
    if (stop >= p->end)
        return parse_fail(p);
    const struct token *first = t + brace, *past = brace ? stop : t + 1;
    size_t len = past > first ? past[-1].end - first->start : 0;
    const char *index = first->text;
    p->at = stop + 1;
    char *name =
        arena_printf(&p->pool->arena, "%.*s_%.*s", (int)var->len, var->name, (int)len, index);
    if (!name)
        return parse_fail(p);
    char *out = name; /* "a_{n + 1}" is "a_{n+1}" */
    for (const char *in = name; *in; in++)
        if (*in != ' ')
            *out++ = *in;
    *out = '\0';
    return parse_variable(p, name, strlen(name));
}
