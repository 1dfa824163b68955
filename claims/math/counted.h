/*
 * counted.h - which words behind a number may be left out: those that the problem counts.
 *
 * Pure and thread-safe.
 */
#ifndef SURETY_CLAIMS_MATH_COUNTED_H
#define SURETY_CLAIMS_MATH_COUNTED_H

#include "claims/math/value.h"

/* Marks the quantities in v whose unit is no known one and does not occur in the problem. */
void counted_mark(struct value *v, const char *problem);

#endif
