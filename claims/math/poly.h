/*
 * poly.h - expressions as quotients of polynomials over the integers.
 *
 * What is no polynomial (sqrt(x), sin x, pi) counts as one more unknown, told apart by its look
 * alone; so "same" is sure, "not the same" only when there are no such parts. Bounded by degree and
 * terms. Pure and thread-safe.
 */
#ifndef SURETY_CLAIMS_MATH_POLY_H
#define SURETY_CLAIMS_MATH_POLY_H

#include "claims/math/expr.h"

enum poly_verdict { POLY_SAME, POLY_NOT_SAME, POLY_UNDECIDED };

enum poly_verdict poly_compare(const struct expr *a, const struct expr *b);

/* Whether the equations a_left = a_right and b_left = b_right agree up to a constant factor. */
enum poly_verdict poly_compare_equations(const struct expr *const a[2],
                                         const struct expr *const b[2]);

#endif
