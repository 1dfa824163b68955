/*
 * quantity_expression.h - the closed expression that a claim's left side ends in. Internal to
 * quantity.c and quantity_guard.c.
 */
#ifndef SURETY_CLAIMS_READ_QUANTITY_EXPRESSION_H
#define SURETY_CLAIMS_READ_QUANTITY_EXPRESSION_H

#include <stdint.h>

#include "claims/text/scan.h"

/* One sign of an expression at text[at]: its canonical character in *ret, its length; 0: no sign.
 * Commas, blanks and markup have the character 0. */
size_t quantity_expression_sign(const char *text, size_t at, size_t end, char *ret);

/* Where the expression that ends at s.end begins. */
size_t quantity_expression_start(const char *text, struct span s);

/* Hash of the closed expression from start to s.end, with the operands of a pure sum or product in
 * one order; 0 unless it calculates something, with numbers only: "x + 12" and "sqrt(9+16)" do
 * not. */
uint64_t quantity_expression_hash(const char *text, struct span s, size_t start);

#endif
