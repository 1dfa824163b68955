#include "claims/math/within.h"

#include <stdio.h>
#include <string.h>

#include "base/plain.h"
#include "claims/math/ball.h"
#include "claims/math/measure.h"
#include "claims/math/scalar.h"
#include "claims/math/value.h"

#define PRECISION 256 /* bits */

/* The number as a real ball; its owner clears it also where this is false. */
static bool real_value(const struct equal_form *form, acb_t ret)
{
    const struct value *v = equal_value(form);
    const struct ball_how how = {.precision = PRECISION};
    return v && v->kind == VALUE_SCALAR && ball_eval(v->expr, &how, ret) && acb_is_finite(ret) &&
           arb_contains_zero(acb_imagref(ret));
}

bool within_is_number(const struct equal_form *form)
{
    acb_t x;
    acb_init(x);
    bool is_number = real_value(form, x);
    acb_clear(x);
    return is_number;
}

static void set_decimal(arb_t ret, double x)
{
    char text[64];
    struct number number;
    plain_print(text, sizeof text, "%.15g", x);
    size_t len = number_scan(text, 0, &number);
    if (len == strlen(text) && !number.too_big)
        arb_set_fmpq(ret, number.value, PRECISION);
    else
        arb_set_d(ret, x);
    if (len)
        number_fini(&number);
}

/* Brings both into base units where both have one. False when their sizes cannot be compared. */
static bool same_units(const struct value *a, arb_t x, const struct value *b, arb_t y)
{
    struct measure p, q;
    bool one_side = (a->unit || a->currency) != (b->unit || b->currency);
    measure_init(&p);
    measure_init(&q);
    measure_read(&p, a->unit, a->unit_len, a->currency);
    measure_read(&q, b->unit, b->unit_len, b->currency);
    enum measure_relation relation = measure_compare(&p, &q);
    bool same = one_side ? fmpq_equal(p.scale, q.scale) : relation != MEASURE_DIFFERENT;
    if (!one_side && relation == MEASURE_CONVERTS) {
        arb_mul_fmpz(x, x, fmpq_numref(p.factor), PRECISION);
        arb_div_fmpz(x, x, fmpq_denref(p.factor), PRECISION);
        arb_mul_fmpz(y, y, fmpq_numref(q.factor), PRECISION);
        arb_div_fmpz(y, y, fmpq_denref(q.factor), PRECISION);
    }
    measure_fini(&p);
    measure_fini(&q);
    return same;
}

static bool is_near(arb_t gold, arb_t answer, struct tolerance tolerance)
{
    arb_t bound, relative;
    arb_init(bound);
    arb_init(relative);
    set_decimal(bound, tolerance.absolute);
    set_decimal(relative, tolerance.relative);
    arb_mul(relative, relative, gold, PRECISION);
    arb_abs(relative, relative);
    if (arb_gt(relative, bound))
        arb_swap(relative, bound);
    arb_sub(answer, answer, gold, PRECISION);
    arb_abs(answer, answer);
    bool near = !arb_gt(answer, bound);
    arb_clear(bound);
    arb_clear(relative);
    return near;
}

struct equal_result within_compare(const struct equal_form *gold, const struct equal_form *answer,
                                   struct tolerance tolerance)
{
    struct equal_result r = equal_forms(gold, answer);
    const struct value *a = equal_value(gold), *b = equal_value(answer);
    if (r.verdict == EQUAL_EXACT)
        return r;
    acb_t x, y;
    acb_init(x);
    acb_init(y);
    if (real_value(gold, x) && real_value(answer, y)) {
        if (!same_units(a, acb_realref(x), b, acb_realref(y)))
            ; /* as equality says */
        else if (tolerance.absolute > 0 || tolerance.relative > 0)
            r = is_near(acb_realref(x), acb_realref(y), tolerance)
                    ? relation_of(EQUAL_EXACT, "within the tolerance")
                    : relation_of(EQUAL_DIFFERENT, "beyond the tolerance");
        else if (r.verdict == EQUAL_COMPATIBLE &&
                 scalar_compare(a->expr, b->expr).verdict == EQUAL_EXACT)
            r = relation_of(EQUAL_EXACT, "unit missing");
    }
    acb_clear(x);
    acb_clear(y);
    return r;
}
