/*
 * order.h - inequalities in one variable, solved.
 *
 * Polynomial ones with rational coefficients whose roots are rational or roots of quadratic and
 * pure factors. Pure and thread-safe.
 */
#ifndef SURETY_CLAIMS_MATH_ORDER_H
#define SURETY_CLAIMS_MATH_ORDER_H

#include "claims/math/expr.h"

/* What the relation of two members says of its variable, with the variable alone: "-x > -1" as
 * x < 1, "x^2 > 4" as the list of x < -2 and x > 2. In pool; NULL: it is not solved. */
const struct expr *order_solve(struct pool *pool, const struct expr *relation);

#endif
