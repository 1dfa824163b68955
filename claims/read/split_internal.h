/*
 * split_internal.h - what a statement says, by its surface. Internal to split*.c. Pure.
 */
#ifndef SURETY_CLAIMS_READ_SPLIT_INTERNAL_H
#define SURETY_CLAIMS_READ_SPLIT_INTERNAL_H

#include <stdint.h>

#include "claims/text/scan.h"

/* The number at text[*at] (a digit): a hash of its digits without leading zeros, closing zeros
 * behind the point and thousands separators; never 0. Moves *at behind it. */
uint32_t split_read_number(const char *text, size_t *at, size_t end);

/* Does s calculate: "3*4", "12 + 5", "\frac{1}{2}", "3x"? Not "x-axis", "- 5", "3rd". */
bool split_has_operation(const char *text, struct span s);

/* A hash of the equation around a relation sign: its text up to the next words, without spacing and
 * markup. Finds an equation of the problem again in a solution. 1: too few signs to be told from
 * others. */
uint32_t split_equation_hash(const char *text, struct span s, size_t relation_end);

/* Announces work instead of asserting a result. */
bool split_is_plan(const char *text, struct span s);

/* "Island 2", "12 eggs": too short to assert anything, unless a colon does. */
bool split_is_fragment(const char *text, struct span s);

#endif
