/*
 * eval.h - the value of an expression, exactly, within bounds that are checked beforehand.
 *
 * Pure and thread-safe.
 */
#ifndef SURETY_CLAIMS_MATH_EVAL_H
#define SURETY_CLAIMS_MATH_EVAL_H

#include "claims/math/expr.h"

#define EVAL_BITS_MAX 16384     /* of a numerator or denominator */
#define EVAL_BIG_TERMS_MAX 1000 /* of a sum or product sign, all of them together */
#define EVAL_BIG_WORK_MAX 60000 /* terms times the nodes of a term, all of them together */

enum eval_status {
    EVAL_OK,
    EVAL_NOT_RATIONAL, /* or not closed */
    EVAL_UNDEFINED,    /* 1/0 */
    EVAL_LIMIT,
};

/* The nodes of terms from..to (whole numbers) of the body of a sum, added to *work; false, before
 * any of them is computed, when they are too many or *work passes most. */
bool eval_big_work(const fmpq_t from, const fmpq_t to, const struct expr *body, size_t most,
                   size_t *work);

/* ret_value is initialised by the caller and unspecified unless OK. */
enum eval_status eval_rational(const struct expr *e, fmpq_t ret_value);

#endif
