/*
 * Names of variables: primes and indices belong to them. Which letters before a bracket are
 * functions is convention: f, g and their kin, and any letter before a lone letter or number,
 * unless the same letter stands elsewhere without a bracket.
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

static bool is_sign(const struct token *t, const char *signs)
{
    return t->kind == TOK_SIGN && t->id && strchr(signs, t->id);
}

/* f, g, \phi, y': names that are functions wherever a bracket follows. */
static bool is_function_name(const struct expr *e)
{
    static const char *const names[] = {"f",   "g",      "F",   "phi",   "varphi", "psi",
                                        "Phi", "varPhi", "Psi", "Gamma", "zeta"};
    size_t len = 0;
    while (len < e->len && e->name[len] != '\'' && e->name[len] != '_')
        len++;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == len && memcmp(names[i], e->name, len) == 0)
            return true;
    return e->name[e->len - 1] == '\'';
}

/* The letter at t stands there as a variable: no bracket, prime, index or power follows. */
static bool is_bare(const struct parser *p, const struct token *t, const struct expr *name)
{
    bool same = t->kind == TOK_NAME
                    ? t->len == name->len && memcmp(t->text, name->name, t->len) == 0
                    : t->kind == TOK_WORD && t->len <= 3 && memchr(t->text, name->name[0], t->len);
    bool last = t->kind == TOK_NAME || t->text[t->len - 1] == name->name[0];
    return same && !(last && t + 1 < p->end && is_sign(t + 1, "('_^"));
}

static bool is_lone(const struct token *t, size_t n)
{
    if (n == 2 && is_sign(t, "-")) {
        t++;
        n--;
    }
    return n == 1 && (t->kind == TOK_NUMBER || t->kind == TOK_NAME ||
                      (t->kind == TOK_WORD && t->len == 1) || t->kind == TOK_CONST);
}

/* The tokens between the bracket at t and its end are a scalar's; their number, or 0. */
static size_t scalar_length(const struct token *t, const struct token *end)
{
    int depth = 0;
    for (const struct token *from = t; t < end; t++) {
        depth += is_sign(t, "(") - is_sign(t, ")");
        if (depth == 0)
            return (size_t)(t - from) - 1;
        bool scalar = t->kind <= TOK_BINOM && t->kind != TOK_TEXT;
        if (!scalar && !is_sign(t, "+-*/^_(){}!'"))
            return 0;
    }
    return 0;
}

bool parse_is_applied(const struct parser *p, const struct expr *head)
{
    const struct expr *name = head->kind == EXPR_POW ? head->args[0] : head;
    if (!parse_at_sign(p, '(') || name->kind != EXPR_VAR)
        return false;
    size_t n = scalar_length(p->at, p->end);
    bool letter = p->at[-1].kind == TOK_WORD && p->at[-1].len == 1 && !p->at->space;
    if (!n || !(is_function_name(name) || (letter && is_lone(p->at + 1, n))))
        return false;
    for (const struct token *t = p->begin; t < p->end; t++)
        if (is_bare(p, t, name))
            return false;
    return true;
}

/* Past the d^2y, dx or \partial f at t; t when it is no such. bottom: a variable must follow. */
static const struct token *after_differential(const struct token *t, const struct token *end,
                                              bool bottom)
{
    const struct token *from = t;
    bool glued = t < end && t->kind == TOK_WORD && t->len == 2;
    bool d = t < end && t->kind == TOK_WORD && t->len <= 2 && t->text[0] == 'd';
    bool partial = t < end && t->kind == TOK_NAME && t->len == 7 && !memcmp(t->text, "partial", 7);
    if (!d && !partial)
        return from;
    t++;
    if (!glued && t + 1 < end && is_sign(t, "^") && t[1].kind == TOK_NUMBER)
        t += 2;
    if (!glued && t < end && (t->kind == TOK_NAME || (t->kind == TOK_WORD && t->len == 1)))
        t++;
    else if (!glued && bottom)
        return from;
    if (bottom && t + 1 < end && is_sign(t, "^") && t[1].kind == TOK_NUMBER)
        t += 2;
    return t;
}

size_t parse_derivative_length(const struct parser *p, bool braces)
{
    const struct token *t = p->at;
    if (braces && !(t < p->end && is_sign(t, "{")))
        return 0;
    const struct token *top = after_differential(t + braces, p->end, false);
    if (top == t + braces || p->end - top < 2 || !is_sign(top, braces ? "}" : "/") ||
        (braces && !is_sign(top + 1, "{")))
        return 0;
    const struct token *from = top + 1 + braces, *bottom = after_differential(from, p->end, true);
    if (bottom == from || (braces && !(bottom < p->end && is_sign(bottom, "}"))))
        return 0;
    return (size_t)(bottom + braces - t);
}

struct expr *parse_written_name(struct parser *p, size_t n)
{
    const struct token *from = p->at;
    char *name = ARENA_ARRAY(&p->pool->arena, char, from[n - 1].end - from->start + n + 1);
    if (!name)
        return parse_fail(p);
    char *out = name;
    for (const struct token *t = from; t < from + n; t++) {
        bool brace = is_sign(t, "{}");
        if (brace && t > from && is_sign(t, "{"))
            *out++ = '/'; /* between the groups of a fraction */
        if (brace)
            continue;
        memcpy(out, t->text, t->len);
        out += t->len;
    }
    p->at += n;
    return parse_variable(p, name, (size_t)(out - name));
}
