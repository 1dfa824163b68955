#include "tests/unit/claims/math/tree.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/test.h"

static const char *const functions[FN_COUNT] = {
    "sin",  "cos",  "tan",   "cot",  "sec",  "csc",   "asin",  "acos",  "atan", "acot",
    "asec", "acsc", "sinh",  "cosh", "tanh", "asinh", "acosh", "atanh", "ln",   "log",
    "exp",  "abs",  "floor", "ceil", "gcd",  "lcm",   "min",   "max",   "mod",  "binom",
    "!",    "!!",   "sqrt",  "root", "re",   "im",    "conj",  "sign",  "sum",  "product"};
static const char *const constants[] = {"pi", "e", "i", "inf", "empty", "reals", "phi"};
static const char *const currencies[] = {"", "dollar ", "euro ", "pound ", "yen ", "rupee "};

static const struct expr *
read_with(struct pool *pool, const char *text,
          const struct expr *(*reader)(struct pool *, const struct token *, const struct token *,
                                       enum parse_status *))
{
    struct tokens tokens;
    enum parse_status status;
    if (!lex(pool, text, strlen(text), &tokens) || tokens.limit)
        return NULL;
    const struct expr *e = reader(pool, tokens.list, tokens.list + tokens.n, &status);
    assert_int_equal(e != NULL, status == PARSE_OK);
    return e;
}

const struct expr *tree_scalar(struct pool *pool, const char *text)
{
    return read_with(pool, text, parse_scalar);
}

const struct expr *tree_answer(struct pool *pool, const char *text)
{
    return read_with(pool, text, parse_answer);
}

const struct expr *tree_of(struct pool *pool, const char *text)
{
    const struct expr *e = tree_answer(pool, text);
    if (!e)
        fail_msg("not read: %s", text);
    return e;
}

struct out {
    char *text;
    size_t size, n;
};

static void put(struct out *out, const char *text)
{
    int n = snprintf(out->text + out->n, out->size - out->n, "%s", text);
    out->n += (size_t)n < out->size - out->n ? (size_t)n : out->size - out->n - 1;
}

static void put_number(struct out *out, const struct number *number)
{
    char text[128];
    number_text(number, text, sizeof text);
    put(out, text);
    if (number->cut)
        put(out, "...");
}

/* What stands at the head of e's brackets. */
static const char *head(const struct expr *e, char buffer[64])
{
    static const char *const names[] = {
        [EXPR_ADD] = "+",           [EXPR_NEG] = "-",       [EXPR_POW] = "^",
        [EXPR_DEGREE] = "deg",      [EXPR_PERCENT] = "%",   [EXPR_TUPLE] = "tuple",
        [EXPR_SET] = "set",         [EXPR_UNION] = "union", [EXPR_INTERSECTION] = "meet",
        [EXPR_DIFFERENCE] = "less", [EXPR_RATIO] = ":",     [EXPR_BUILDER] = "such"};
    switch (e->kind) {
    case EXPR_MUL:
        return e->op ? "." : "*";
    case EXPR_DIV:
        return e->op ? "frac" : "/";
    case EXPR_PM:
        return e->op ? "-+" : "+-";
    case EXPR_FUNC:
    case EXPR_BIG:
        return e->op == FN_APPLY ? "apply" : functions[e->op];
    case EXPR_LIST:
        return e->op == EXPR_LIST_OR ? "or" : "list";
    case EXPR_INTERVAL:
        snprintf(buffer, 64, "%c%c", e->op & 1 ? '[' : ']', e->op & 2 ? ']' : '[');
        return buffer;
    case EXPR_MATRIX:
        snprintf(buffer, 64, "matrix %d", e->op);
        return buffer;
    case EXPR_RELATION:
        snprintf(buffer, 64, "%.*s", (int)e->len, e->name);
        return buffer;
    case EXPR_QUANTITY:
        snprintf(buffer, 64, "%s\"%.*s\"", currencies[e->op], (int)e->len, e->name);
        return buffer;
    default:
        return names[e->kind];
    }
}

static void write_node(struct out *out, const struct expr *e)
{
    char buffer[64];
    switch (e->kind) {
    case EXPR_NUMBER:
        put_number(out, e->number);
        return;
    case EXPR_CONST:
        put(out, constants[e->op]);
        return;
    case EXPR_VAR:
        snprintf(buffer, sizeof buffer, "%.*s", (int)e->len, e->name);
        put(out, buffer);
        return;
    default:
        put(out, "(");
        put(out, head(e, buffer));
        for (size_t i = 0; i < e->n; i++) {
            put(out, " ");
            write_node(out, e->args[i]);
        }
        put(out, ")");
    }
}

void tree_write(const struct expr *e, char *text, size_t size)
{
    struct out out = {text, size, 0};
    text[0] = '\0';
    if (e)
        write_node(&out, e);
    else
        put(&out, "none");
}
