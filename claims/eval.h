/*
 * eval.h - the value of an expression, exactly, within bounds that are checked beforehand.
 *
 * Pure and thread-safe.
 */
#ifndef SURETY_CLAIMS_EVAL_H
#define SURETY_CLAIMS_EVAL_H

#include "claims/expr.h"

#define EVAL_BITS_MAX 16384     /* of a numerator or denominator */
#define EVAL_BIG_TERMS_MAX 1000 /* of a sum or product sign, all of them together */

enum eval_status {
    EVAL_OK,
    EVAL_NOT_RATIONAL, /* or not closed */
    EVAL_UNDEFINED,    /* 1/0 */
    EVAL_LIMIT,
};

/* ret_value is initialised by the caller and unspecified unless OK. */
enum eval_status eval_rational(const struct expr *e, fmpq_t ret_value);

#endif
