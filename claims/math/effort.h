/*
 * effort.h - counts how much work comparisons are: steps, never time, so that what is given up for
 * it is the same on every machine.
 *
 * A step is about what comparing two written numbers takes. Each thread counts for itself, from the
 * sizes of what it compares alone.
 */
#ifndef SURETY_CLAIMS_MATH_EFFORT_H
#define SURETY_CLAIMS_MATH_EFFORT_H

#include "claims/math/expr.h"

void effort_add(uint64_t steps);
uint64_t effort_spent(void); /* by the calling thread, since it began */

/* How much work something that walks over the tree may be: nodes, the dear ones more than once. */
size_t effort_of(const struct expr *e);

#endif
