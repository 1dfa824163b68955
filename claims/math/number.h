/*
 * number.h - numbers as people write them: "1,234.5", "1e-3", "0.\overline{3}", "31.(6)".
 *
 * No signs, percents or units. Bounded: at most NUMBER_DIGITS_MAX digits and an exponent of at most
 * NUMBER_EXPONENT_MAX. Pure and thread-safe.
 */
#ifndef SURETY_CLAIMS_MATH_NUMBER_H
#define SURETY_CLAIMS_MATH_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

#include "claims/math/flint.h"

#define NUMBER_DIGITS_MAX 1000
#define NUMBER_EXPONENT_MAX 1000

struct number {
    fmpq_t value;       /* exact; the owner clears it */
    int significant;    /* digits from the first that is not 0 */
    int ulp;            /* the last written digit stands for 10^ulp */
    bool point;         /* written with a decimal point, and not as a repeating decimal */
    bool comma;         /* the point was a comma */
    bool cut;           /* "0.333...": more digits follow */
    bool too_big;       /* beyond the limits; value is 0 */
    bool based;         /* written with a base, "1011_2" */
    bool base_in_words; /* "1011 (base 2)" */
    long written;       /* its digits read in base 10; -1: not so readable */
};

void number_init(struct number *number); /* 0 */
void number_fini(struct number *number);

enum {
    NUMBER_GROUPS = 1, /* "1,234" is one number */
    NUMBER_SPACES = 2, /* and so is "1 234" */
};

/* Reads the longest number at text; returns its length in bytes, 0 when there is none. The value
 * is initialised only when the length is not 0. text is NUL-terminated. */
size_t number_scan(const char *text, unsigned how, struct number *ret_number);

/* number_scan for a digit string in base 2 to 36 (digits and letters), all of text[0..len). False
 * when a digit is out of range or there are too many. */
bool number_in_base(const char *text, size_t len, int base, fmpq_t ret_value);

/* The value as "3" or "1/3"; "" when that is longer than size. */
void number_text(const struct number *number, char *text, size_t size);

/* True when a is a decimal of at least three significant digits that rounds the value b. */
bool number_rounds(const struct number *a, const fmpq_t b);

#endif
