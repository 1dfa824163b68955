/*
 * exact.h - the exact signal: arithmetic that needs no model to be decided.
 *
 * A claim that is an equation or inequality between closed numeric expressions is proved or
 * refuted; anything else is left undecided. '/' is division, never floored. Pure, thread-safe,
 * bounded like equal.h. Without memory it leaves open what it would have decided; who must not take
 * that for a verdict looks at alloc_failures (base/alloc.h).
 */
#ifndef SURETY_CLAIMS_MATH_EXACT_H
#define SURETY_CLAIMS_MATH_EXACT_H

#include <stddef.h>

enum exact_verdict { EXACT_UNDECIDED, EXACT_PROVED, EXACT_REFUTED };

/* Judges a claim's text, label included ("pay: 9*8=72"), link by link in a chain. reason (NULL is
 * fine) gets "9*8 is 72, not 71" when refuted, else "". */
enum exact_verdict exact_judge(const char *claim, char *reason, size_t reason_size);

#endif
