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

/* Whether the equations a_left = a_right and b_left = b_right agree up to a constant factor.
 * ret_sign (NULL is fine): the sign of that factor, 0 when it is not constant. */
enum poly_verdict poly_compare_equations(const struct expr *const a[2],
                                         const struct expr *const b[2], int *ret_sign);

#define POLY_DEGREE_MAX 12

/* left - right as a polynomial in one variable with whole coefficients, up to a positive factor, of
 * degree 1 to POLY_DEGREE_MAX. False: it is no such. ret is initialised by the caller. */
bool poly_univariate(const struct expr *const sides[2], fmpz_poly_t ret,
                     const struct expr **ret_var);

#define POLY_FACTORS_MAX 8
#define POLY_LINEAR_MAX 12 /* variables of a linear factor */

/* An irreducible factor of a quotient of polynomials. */
struct poly_factor {
    const struct expr *expr;
    bool even;     /* its power is even */
    bool definite; /* its sign never changes */
    bool linear;   /* in its variables, with these coefficients: */
    const struct expr *vars[POLY_LINEAR_MAX];
    double coefficients[POLY_LINEAR_MAX], constant;
    size_t n;
};

/* The factors of e's numerator and denominator that hold a variable, in pool; each has a positive
 * leading coefficient, so that e and -e have the same. False: too large, or no memory. */
bool poly_factors(struct pool *pool, const struct expr *e,
                  struct poly_factor ret_factors[POLY_FACTORS_MAX], size_t *ret_n);

#endif
