/*
 * expr.h - the tree of an answer: numbers, expressions, and what is built from them.
 *
 * The tree says what was written; values and normal forms are others' business (eval.h, value.h),
 * and so is reading it (parse.h). Bounded by EXPR_NODES_MAX and EXPR_DEPTH_MAX. Trees live in a
 * pool and are never changed.
 */
#ifndef SURETY_CLAIMS_MATH_EXPR_H
#define SURETY_CLAIMS_MATH_EXPR_H

#include "claims/math/lex.h"

#define EXPR_NODES_MAX 2000
#define EXPR_DEPTH_MAX 60

enum expr_kind {
    EXPR_NUMBER, /* number */
    EXPR_CONST,  /* op: enum constant */
    EXPR_VAR,    /* name[0..len) */
    EXPR_ADD,    /* n >= 2 */
    EXPR_MUL,    /* n >= 2 */
    EXPR_NEG,
    EXPR_DIV,
    EXPR_POW,
    EXPR_FUNC,    /* op: enum func; n arguments */
    EXPR_PM,      /* +- of one argument; op 1: -+ */
    EXPR_DEGREE,  /* an angle in degrees */
    EXPR_PERCENT, /* a hundredth */
    EXPR_BIG,     /* sum or product (op); variable, from, to, body */
    /* from here on no scalars */
    EXPR_TUPLE,    /* round brackets; a pair may be an open interval */
    EXPR_LIST,     /* "1, 2 and 3": no order; op: enum expr_list */
    EXPR_SET,      /* no order, no repetition */
    EXPR_INTERVAL, /* op: bit 0 left end belongs, bit 1 right end belongs */
    EXPR_UNION,
    EXPR_INTERSECTION,
    EXPR_DIFFERENCE,
    EXPR_MATRIX,   /* op: columns; entries row by row */
    EXPR_RELATION, /* n members, n - 1 signs in name: = < > l g n ~ e */
    EXPR_RATIO,
    EXPR_QUANTITY, /* one argument; name[0..len): unit as written, op: 1 + currency */
    EXPR_BUILDER,  /* {x | relation}: variable, relation */
    EXPR_WORDS,    /* prose in a place of its own: name[0..len) */
};

/* The word between the members of a list; mixed: both words, or a comma after an "or". */
enum expr_list { EXPR_LIST_COMMA, EXPR_LIST_OR, EXPR_LIST_AND, EXPR_LIST_MIXED };

/* The name of the base of \lg, which is not e. */
#define EXPR_LG_BASE "lg"

struct expr {
    uint8_t kind, op;
    uint16_t n;
    uint32_t len;
    const char *name;
    const struct number *number;
    struct expr *const *args;
};

/* True when no variable occurs. */
bool expr_is_closed(const struct expr *e);

/* True when both trees look the same. */
bool expr_same(const struct expr *a, const struct expr *b);

static inline bool expr_is_scalar(const struct expr *e)
{
    return e->kind < EXPR_TUPLE;
}

#endif
