/*
 * quantity.h - what a claim asserts: a value for a quantity, apart from the wording.
 *
 * "pay: 9*8 = 72" asserts 72 for the quantity "pay" and for the quantity "9*8"; "There are 12 ways
 * to choose a team" asserts 12 for the words around it. Does not judge. Internal to claims/.
 */
#ifndef SURETY_CLAIMS_QUANTITY_H
#define SURETY_CLAIMS_QUANTITY_H

#include <stdbool.h>
#include <stdint.h>

struct quantity {
    uint64_t words; /* hash of the label, the name or the words; 0: none */
    uint64_t expr;  /* hash of the closed expression; 0: none */
    uint64_t value; /* hash of the value in lowest terms, or of its folded text */
};

/* False when the claim asserts no value. Pure, linear. */
bool quantity_read(const char *claim, struct quantity *ret);

#endif
