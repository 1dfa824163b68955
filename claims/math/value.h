/*
 * value.h - an answer's tree with its dress taken off: name, unit, and what is left.
 *
 * Internal to equality. Values live in the pool of their tree and are immutable.
 */
#ifndef SURETY_CLAIMS_MATH_VALUE_H
#define SURETY_CLAIMS_MATH_VALUE_H

#include "claims/math/expr.h"
#include "claims/math/relation.h"

enum value_kind {
    VALUE_SCALAR,
    VALUE_LIST,     /* items, no order */
    VALUE_SET,      /* items, no order, no repetition */
    VALUE_TUPLE,    /* items */
    VALUE_INTERVAL, /* two items; closed: bit 0 left, bit 1 right */
    VALUE_UNION,    /* intervals and points, no order */
    VALUE_MATRIX,   /* items, columns */
    VALUE_EQUATION, /* sides */
    VALUE_RATIO,    /* items */
    VALUE_OTHER,    /* a tree that only compares by its look */
};

struct value {
    enum value_kind kind;
    uint8_t closed, columns;
    const struct expr *name;     /* the x of "x = 5"; NULL: none */
    const struct expr *expr;     /* VALUE_SCALAR, VALUE_OTHER */
    const struct expr *sides[2]; /* also of an inequality: the greater, the smaller */
    bool strict;                 /* of an inequality */
    bool mistaken;    /* the end of a chain whose beginning has another value: "3 = 81" */
    const char *unit; /* text of the unit, or NULL */
    uint32_t unit_len;
    bool uncounted;             /* the unit's words are none of the problem's (counted.h) */
    const struct expr *product; /* "4nm" read letter by letter, or NULL */
    uint8_t currency;           /* 1 + enum currency, 0: none */
    uint8_t percent, degree;    /* the sign that was written */
    uint8_t joined;             /* enum expr_list, of a list of conditions */
    struct number
        literal; /* of a scalar that is one written number: for rounding; value borrowed */
    bool is_literal;
    struct value *const *items;
    size_t n;
    uint64_t plain; /* of a list or set of written whole numbers and fractions, which are equal or
                       different and nothing between: a hash of them in any order; 0: of others */
};

/* NULL without memory or beyond a limit. */
struct value *value_make(struct pool *pool, const struct expr *e);

struct equal_result value_compare(const struct value *a, const struct value *b);

#endif
