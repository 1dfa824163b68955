/*
 * quantity_internal.h - what a claim's sides consist of. Internal to quantity*.c.
 *
 * The files stand on each other in this order, and none calls one that comes after it:
 * quantity_number.c, quantity_expression.c; quantity_guard.c; quantity.c, which puts a claim's
 * label, expression and value together. By surface; pure; linear time.
 */
#ifndef SURETY_CLAIMS_READ_QUANTITY_INTERNAL_H
#define SURETY_CLAIMS_READ_QUANTITY_INTERNAL_H

#include <stdint.h>

#include "claims/text/scan.h"

/* ---- quantity_number.c: the number that a claim gives as its value ---- */

struct quantity_number {
    int64_t num, den; /* in lowest terms once read whole */
};

/* An unsigned decimal at text[*at]; false when there is none or it is too large. */
bool quantity_read_decimal(const char *text, size_t *at, size_t end, struct quantity_number *ret);

/* A number with unit and markup around it, and nothing to calculate; *ret_end: where it ends. */
bool quantity_read_number(const char *text, size_t at, size_t end, struct quantity_number *ret,
                          size_t *ret_end);

uint64_t quantity_hash_number(struct quantity_number n);

/* ---- quantity_expression.c: the closed expression that a left side ends in ---- */

/* One sign of an expression at text[at]: its canonical character in *ret, its length; 0: no sign.
 * Commas, blanks and markup have the character 0. */
size_t quantity_expression_sign(const char *text, size_t at, size_t end, char *ret);

/* Where the expression that ends at s.end begins. */
size_t quantity_expression_start(const char *text, struct span s);

/* Hash of the closed expression from start to s.end, with the operands of a pure sum or product in
 * one order; 0 unless it calculates something, with numbers only: "x + 12" and "sqrt(9+16)" do
 * not. */
uint64_t quantity_expression_hash(const char *text, struct span s, size_t start);

/* ---- quantity_guard.c: what may not stand in the question, and what is no value ---- */

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
