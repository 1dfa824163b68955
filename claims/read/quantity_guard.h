/*
 * quantity_guard.h - what may not stand in the question for a quantity, and what is no value.
 * Internal to quantity.c. Pure, linear.
 */
#ifndef SURETY_CLAIMS_READ_QUANTITY_GUARD_H
#define SURETY_CLAIMS_READ_QUANTITY_GUARD_H

#include <stdint.h>

#include "claims/text/scan.h"

/* True when s holds the value: as a number in whatever spelling, with separators, unit, currency
 * or percent sign, else word for word. The index of a name ("a_1", "box2", "f(1)", "x^2") is
 * part of the name and no number; a number in words ("twelve") is not seen. */
bool quantity_guard_holds(const char *text, struct span s, uint64_t hash, struct span value);

/* True when s holds a number that nothing is calculated with: "28 is the change", "So 20"; not
 * "x + 28", "a_1". at_end: and ends in it. */
bool quantity_guard_lone_number(const char *text, struct span s, bool at_end);

/* True when s can be one side of a chain: an expression, a number with its unit, a name, a text;
 * not "9 and 9*2" or "72 dollars, change 100-72", which end one statement and begin the next. */
bool quantity_guard_is_side(const char *text, struct span s);

#endif
