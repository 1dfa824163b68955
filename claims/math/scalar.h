/*
 * scalar.h - whether two scalar expressions have the same value.
 *
 * Pure and thread-safe; bounded as eval.h, ball.h, constant.h and poly.h are.
 */
#ifndef SURETY_CLAIMS_MATH_SCALAR_H
#define SURETY_CLAIMS_MATH_SCALAR_H

#include "claims/math/expr.h"
#include "claims/math/relation.h"

/* EXACT, DIFFERENT, UNKNOWN; COMPATIBLE when they agree only where both are real, on the branches
 * that were tried (sample.h) or at whole numbers, or only when a logarithm without a base is one to
 * base 10 (to base 2: UNKNOWN). */
struct equal_result scalar_compare(const struct expr *a, const struct expr *b);

/* Orders two closed real expressions: -1, 0, 1; 2 when it cannot be told. */
int scalar_order(const struct expr *a, const struct expr *b);

/* e with this base for every logarithm without one, in pool; NULL when there is none. */
const struct expr *scalar_log_base(struct pool *pool, const struct expr *e, slong base);

#endif
