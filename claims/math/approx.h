/*
 * approx.h - the value of an expression as a double: quick, and sure of nothing.
 *
 * Shows where two expressions may differ and where a branch changes; balls (ball.h) decide. Pure
 * and thread-safe.
 */
#ifndef SURETY_CLAIMS_MATH_APPROX_H
#define SURETY_CLAIMS_MATH_APPROX_H

#include "claims/math/expr.h"

/* values[i] is the value of vars[i]. NaN: no real value, or none that is worked out here. */
double approx_eval(const struct expr *e, const struct expr *const *vars, const double *values,
                   size_t n);

#endif
