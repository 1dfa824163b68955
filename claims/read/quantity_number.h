/*
 * quantity_number.h - the number that a claim gives as its value. Internal to quantity.c.
 */
#ifndef SURETY_CLAIMS_READ_QUANTITY_NUMBER_H
#define SURETY_CLAIMS_READ_QUANTITY_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct quantity_number {
    int64_t num, den; /* in lowest terms once read whole */
};

/* An unsigned decimal at text[*at]; false when there is none or it is too large. */
bool quantity_read_decimal(const char *text, size_t *at, size_t end, struct quantity_number *ret);

/* A number with unit and markup around it, and nothing to calculate; *ret_end: where it ends. */
bool quantity_read_number(const char *text, size_t at, size_t end, struct quantity_number *ret,
                          size_t *ret_end);

uint64_t quantity_hash_number(struct quantity_number n);

#endif
