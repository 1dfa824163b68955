/*
 * value_internal.h - what the files of values share: what may be a name (value_name.c), values put
 * together (value_parts.c), one value from a tree (value.c), scalars with their signs and units
 * compared (value_scalar.c).
 *
 * Everything lives in the pool; NULL without memory.
 */
#ifndef SURETY_CLAIMS_MATH_VALUE_INTERNAL_H
#define SURETY_CLAIMS_MATH_VALUE_INTERNAL_H

#include "claims/math/value.h"

#define VALUE_PARTS_MAX 6 /* intervals and points that are put in order */

struct value *value_new(struct pool *pool, enum value_kind kind, size_t n);
void value_set_item(struct value *v, size_t i, struct value *item);
const struct expr *value_new_expr(struct pool *pool, enum expr_kind kind, uint8_t op,
                                  const struct expr *arg);
const struct expr *value_new_pair(struct pool *pool, enum expr_kind kind, const struct expr *a,
                                  const struct expr *b);

/* Points' names in a row: AB, ABC, \angle A. */
bool value_is_figure(const struct expr *e);
/* True when e may stand as a name before an equals sign. */
bool value_is_name(const struct expr *e);
/* True when left is a name of right: what it names does not occur there. */
bool value_names(const struct expr *left, const struct expr *right);

/* "3 feet 4 inches", "1 hour and 30 minutes": units of one kind that become smaller add up to a
 * value in the last of them. NULL: it is something else. */
struct value *value_compound(struct pool *pool, const struct value *v);

/* What a list of solutions is: the common part of intervals or their union, one value in two forms
 * ("3/4 or 0.75"), or a list. Takes v's items. */
struct value *value_join_solutions(struct pool *pool, struct value *v, enum expr_list word);

/* A union with its parts in order and those that touch joined; v when their order is not known. One
 * part alone is that part, points alone are a set. */
struct value *value_normal_union(struct pool *pool, struct value *v);

/* An interval or, with low == high, a point. */
struct value_part {
    struct value *low, *high;
    uint8_t closed;
};

/* A union of them, in this order. */
struct value *value_from_parts(struct pool *pool, const struct value_part *parts, size_t n);

/* What two intervals or unions of intervals have in common; NULL also when that is not known. */
struct value *value_intersection(struct pool *pool, const struct value *a, const struct value *b);

/* -1, 0, 1 for two ends of intervals; 2 when it is not known. */
int value_ends_order(const struct value *a, const struct value *b);

/* The hash for v->plain. */
uint64_t value_hash_plain(const struct value *v);

/* Two values of kind VALUE_SCALAR, names aside. */
struct equal_result value_compare_scalars(const struct value *a, const struct value *b);

#endif
