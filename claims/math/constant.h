/*
 * constant.h - equality of closed expressions, exactly, with Calcium.
 *
 * Bounded by an estimate before any exact arithmetic: number of radicals and their degrees, of
 * transcendental parts, sizes of exponents. Pure and thread-safe: each call has its own context.
 */
#ifndef SURETY_CLAIMS_MATH_CONSTANT_H
#define SURETY_CLAIMS_MATH_CONSTANT_H

#include "claims/math/expr.h"

enum constant_verdict { CONSTANT_EQUAL, CONSTANT_DIFFERENT, CONSTANT_UNKNOWN };

enum constant_verdict constant_compare(const struct expr *a, const struct expr *b);

#endif
