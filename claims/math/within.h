/*
 * within.h - an answer against a number that it may differ from: tolerances, a unit left out.
 *
 * Looser than equality (equal.h) on purpose, and only for golds that ask for it. Pure and
 * thread-safe; bounded as equal.h and ball.h are.
 */
#ifndef SURETY_CLAIMS_MATH_WITHIN_H
#define SURETY_CLAIMS_MATH_WITHIN_H

#include "claims/math/equal.h"

/* A tolerance as it is written, in decimal: 0.3 is three tenths and not the double beside it. */
struct tolerance {
    double absolute, relative; /* finite, at least 0; relative to the gold number */
};

/* True when the form is one real number, perhaps with a unit. */
bool within_is_number(const struct equal_form *form);

/*
 * Both are numbers that differ by no more than the larger of the two tolerances: EXACT; an end is
 * inside. A unit that only one side has is no difference, another unit is converted. Without a
 * tolerance, and for what is no number, as equal_forms but for the unit.
 */
struct equal_result within_compare(const struct equal_form *gold, const struct equal_form *answer,
                                   struct tolerance tolerance);

#endif
