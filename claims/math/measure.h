/*
 * measure.h - a unit as written ("km/h", "square inches", "$"): its dimensions and size.
 *
 * Pure and thread-safe.
 */
#ifndef SURETY_CLAIMS_MATH_MEASURE_H
#define SURETY_CLAIMS_MATH_MEASURE_H

#include <stdint.h>

#include "claims/math/expr.h"
#include "claims/math/units.h"

struct measure {
    int8_t powers[UNIT_KIND_COUNT];
    fmpq_t factor; /* size in base units */
    fmpq_t scale;  /* the part of it that bare factors say: "million", "dozen" */
    bool money;    /* after a sign of currency: K, M and B are scales */
    bool known;    /* every word is a unit of fixed size */
    char text[80]; /* its words, folded */
};

enum measure_relation {
    MEASURE_SAME,
    MEASURE_ALIKE,    /* "rooms" and "hotel rooms" */
    MEASURE_CONVERTS, /* same dimensions, other size */
    MEASURE_DIFFERENT,
};

void measure_init(struct measure *m);
void measure_fini(struct measure *m);

/* text (NULL: none) of len bytes; currency: 1 + enum currency, 0: none. */
void measure_read(struct measure *m, const char *text, size_t len, int currency);

enum measure_relation measure_compare(const struct measure *x, const struct measure *y);

/* 1 when a in x is as much as b in y, 0 when not, -1 when that is not known. */
int measure_values(const struct measure *x, const struct expr *a, const struct measure *y,
                   const struct expr *b);

#endif
