/*
 * ball.h - the value of an expression as a complex ball: it surely lies inside.
 *
 * A ball decides that two values differ, never that they are equal. Pure and thread-safe.
 */
#ifndef SURETY_CLAIMS_MATH_BALL_H
#define SURETY_CLAIMS_MATH_BALL_H

#include "claims/math/expr.h"

struct ball_point {
    const struct expr *var;
    acb_srcptr value;
    const struct ball_point *outer;
};

struct ball_how {
    slong precision;                 /* bits */
    bool rounded;                    /* a written decimal stands for all that it rounds */
    const struct ball_point *points; /* the variables' values, NULL: closed expressions only */
    bool *ret_unreal;                /* NULL or: becomes true when a root, logarithm or inverse
                                        function of a real number is not real */
};

/* False when some part has no value known to us (a variable without one, a division by a ball that
 * holds 0, a limit). ret_value is initialised by the caller. */
bool ball_eval(const struct expr *e, const struct ball_how *how, acb_t ret_value);

#endif
