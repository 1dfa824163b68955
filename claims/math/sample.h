/*
 * sample.h - two expressions in variables compared at points.
 *
 * A difference is certain. Agreement is EXACT only if every combination of the branches of both
 * (branch.h) was met, up to 64 of them. The same pair always gives the same result. Pure and
 * thread-safe.
 */
#ifndef SURETY_CLAIMS_MATH_SAMPLE_H
#define SURETY_CLAIMS_MATH_SAMPLE_H

#include "claims/math/ball.h"
#include "claims/math/branch.h"
#include "claims/math/relation.h"

struct sample_variables {
    const struct expr *list[BRANCH_VARIABLES_MAX];
    size_t n;
    bool too_many;
};

/* Adds the variables that e does not bind itself, as the k of a sum. */
void sample_collect(struct sample_variables *v, const struct expr *e);

enum sample_agreement {
    SAMPLE_NO_VALUE,
    SAMPLE_APART,    /* where a part is not real */
    SAMPLE_TOGETHER, /* the same */
    SAMPLE_REAL_APART,
    SAMPLE_REAL_TOGETHER,
};

/* Both sides at one point (NULL: they are closed). */
enum sample_agreement sample_at(const struct expr *a, const struct expr *b,
                                const struct ball_point *points, slong precision);

enum sample_domain {
    SAMPLE_REALS,
    SAMPLE_INTEGERS,
    SAMPLE_COUNTS, /* whole numbers from 1 */
};

struct equal_result sample_compare(const struct expr *a, const struct expr *b,
                                   const struct sample_variables *v, enum sample_domain domain);

#endif
