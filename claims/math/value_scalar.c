/*
 * Compares values that are scalars: what was rounded, percent and degree signs, bases, units.
 */
#include <math.h>
#include <string.h>

#include "claims/math/ball.h"
#include "claims/math/effort.h"
#include "claims/math/eval.h"
#include "claims/math/measure.h"
#include "claims/math/scalar.h"
#include "claims/math/value_internal.h"

#define STEPS_MEASURE 4     /* effort.h */
#define NEAR_RELATIVE 1e-12 /* far more than a double is off after a few operations */

/* The rational value of a scalar as if its percent or degree sign were not there. */
static bool value_without_sign(const struct value *v, fmpq_t value)
{
    const struct expr *e = v->expr;
    bool negative = false;
    for (; e->kind == EXPR_NEG || e->kind == EXPR_PERCENT || e->kind == EXPR_DEGREE; e = e->args[0])
        negative ^= e->kind == EXPR_NEG;
    if (eval_rational(e, value) != EVAL_OK)
        return false;
    if (negative)
        fmpq_neg(value, value);
    return true;
}

/* The bound is at least what a double may be off after a few operations. */
static void widen(arb_t bound, const arb_t y)
{
    arb_t size;
    arb_init(size);
    arb_abs(size, y);
    arb_mul_2exp_si(size, size, -51);
    arb_max(bound, bound, size, 256);
    arb_clear(size);
}

/* A double near the value of a written number. False: e is none, has more digits than are written
 * ("0.3..."), or is beyond doubles. */
static bool value_nearly(const struct expr *e, double *ret)
{
    double factor = 1;
    for (; e->kind == EXPR_NEG || e->kind == EXPR_PERCENT; e = e->args[0])
        factor *= e->kind == EXPR_NEG ? -1 : 0.01;
    if (e->kind != EXPR_NUMBER || e->number->cut)
        return false;
    slong up, down;
    double x = fmpz_get_d_2exp(&up, fmpq_numref(e->number->value));
    x /= fmpz_get_d_2exp(&down, fmpq_denref(e->number->value));
    x = factor * ldexp(x, (int)(up - down));
    *ret = x;
    return fmpq_is_zero(e->number->value) || isnormal(x);
}

/* True for most of the numbers that do not round each other, and never for others. */
static bool are_far_apart(const struct value *a, const struct expr *b)
{
    double x, y;
    return value_nearly(a->expr, &x) && value_nearly(b, &y) &&
           fabs(x - y) >
               2 * pow(10, a->literal.ulp - 2 * a->percent) + NEAR_RELATIVE * (fabs(x) + fabs(y));
}

/* Whether the written number a rounds the value of b, which may be irrational. */
static bool rounds(const struct value *a, const struct expr *b)
{
    if (!a->is_literal || !a->literal.point || a->literal.significant < 3 || a->degree ||
        are_far_apart(a, b))
        return false;
    effort_add(2 * (effort_of(a->expr) + effort_of(b)));
    struct ball_how exact = {.precision = 256};
    acb_t x, y;
    acb_init(x);
    acb_init(y);
    bool inside = ball_eval(a->expr, &exact, x) && ball_eval(b, &exact, y) &&
                  arb_contains_zero(acb_imagref(y));
    if (inside) {
        arb_t bound;
        arb_init(bound);
        arb_set_ui(bound, 10);
        fmpz_t ulp;
        fmpz_init_set_si(ulp, a->literal.ulp - 2 * a->percent);
        arb_pow_fmpz(bound, bound, ulp, 256);
        if (!a->literal.cut)
            arb_mul_2exp_si(bound, bound, -1);
        if (a->literal.significant >= 16) /* a double that was printed */
            widen(bound, acb_realref(y));
        arb_sub(acb_realref(x), acb_realref(x), acb_realref(y), 256);
        arb_abs(acb_realref(x), acb_realref(x));
        inside = !arb_gt(acb_realref(x), bound); /* a half rounds either way */
        fmpz_clear(ulp);
        arb_clear(bound);
    }
    acb_clear(x);
    acb_clear(y);
    return inside;
}

/* "1011" for "1011_2" */
static bool base_left_out(const struct value *a, const struct value *b)
{
    if (!a->is_literal || !b->is_literal || !a->literal.based || b->literal.based ||
        a->literal.written < 0 || b->literal.point)
        return false;
    fmpq_t value;
    fmpq_init(value);
    bool same = eval_rational(b->expr, value) == EVAL_OK &&
                fmpq_cmp_si(value, a->expr->kind == EXPR_NEG ? -a->literal.written
                                                             : a->literal.written) == 0;
    fmpq_clear(value);
    return same;
}

/* 0.301 for log 2 */
static bool rounds_decimal_log(const struct value *a, const struct expr *b)
{
    struct pool pool;
    pool_init(&pool);
    const struct expr *decimal = a->is_literal ? scalar_log_base(&pool, b, 10) : NULL;
    bool inside = decimal && rounds(a, decimal);
    pool_fini(&pool);
    return inside;
}

static struct equal_result compare_plain(const struct value *a, const struct value *b)
{
    struct equal_result r = scalar_compare(a->expr, b->expr);
    if ((a->is_literal && a->literal.comma) != (b->is_literal && b->literal.comma))
        r = relation_loosen(r, "decimal comma");
    if (r.verdict == EQUAL_DIFFERENT && (base_left_out(a, b) || base_left_out(b, a)))
        return a->literal.base_in_words || b->literal.base_in_words
                   ? relation_of(EQUAL_UNKNOWN, "base missing")
                   : relation_of(EQUAL_COMPATIBLE, "base missing");
    if (r.verdict != EQUAL_EXACT && r.verdict != EQUAL_COMPATIBLE &&
        (rounds(a, b->expr) || rounds(b, a->expr)))
        return relation_of(EQUAL_COMPATIBLE, "rounded");
    if (r.verdict == EQUAL_DIFFERENT &&
        (rounds_decimal_log(a, b->expr) || rounds_decimal_log(b, a->expr)))
        return relation_of(EQUAL_COMPATIBLE, "base of the logarithm");
    return r;
}

/* Percent and degree signs: values when both have them, perhaps forgotten when one has. */
static struct equal_result compare_signs(const struct value *a, const struct value *b)
{
    struct equal_result r = compare_plain(a, b);
    if (r.verdict == EQUAL_EXACT && a->degree != b->degree)
        return relation_of(EQUAL_COMPATIBLE, "degrees and radians");
    if (r.verdict != EQUAL_DIFFERENT || (a->percent == b->percent && a->degree == b->degree))
        return r;
    fmpq_t x, y;
    fmpq_init(x);
    fmpq_init(y);
    if (value_without_sign(a, x) && value_without_sign(b, y) && fmpq_equal(x, y))
        r = relation_of(EQUAL_COMPATIBLE,
                        a->degree || b->degree ? "unit missing" : "percent sign missing");
    fmpq_clear(x);
    fmpq_clear(y);
    return r;
}

/* "5m" was read as a product: as a length, for a value that has a unit. False: it is no such. */
static bool letter_as_unit(const struct value *v, struct value *ret)
{
    const struct expr *e = v->expr;
    if (e->kind != EXPR_MUL || e->op != 1 || !expr_is_closed(e->args[0]) ||
        (e->args[1]->kind != EXPR_VAR && e->args[1]->kind != EXPR_POW))
        return false;
    bool power = e->args[1]->kind == EXPR_POW;
    const struct expr *letter = power ? e->args[1]->args[0] : e->args[1];
    if (letter->kind != EXPR_VAR)
        return false;
    bool ohm = letter->len == 5 && memcmp(letter->name, "Omega", 5) == 0;
    if (!ohm &&
        (letter->len != 1 || (!units_is_letter(letter->name[0]) && !strchr("TH", letter->name[0]))))
        return false;
    *ret = *v;
    ret->expr = e->args[0];
    ret->unit = ohm ? "ohm" : letter->name;
    ret->unit_len = ohm ? 3 : 1;
    if (power) { /* as it stands in the text */
        size_t len = ohm || letter->name[1] != '^' ? 0 : letter->name[2] == '{' ? 5 : 3;
        const struct expr *exponent = e->args[1]->args[1];
        if (!len || exponent->kind != EXPR_NUMBER || fmpq_cmp_si(exponent->number->value, 9) > 0)
            return false;
        ret->unit_len = (uint32_t)len;
    }
    return true;
}

/* "2 gross" and 288. Unlike dozens these words also say what a number is: "$500 gross", "85 score".
 */
static bool is_counted_by(const struct value *a, const struct value *b)
{
    static const struct {
        const char *word;
        slong size;
    } counts[] = {{"gross", 144}, {"score", 20}};
    fmpq_t x, y;
    fmpq_init(x);
    fmpq_init(y);
    bool same = false;
    for (size_t i = 0; i < sizeof counts / sizeof *counts && !same; i++) {
        same = !a->currency && a->unit_len == strlen(counts[i].word) &&
               memcmp(a->unit, counts[i].word, a->unit_len) == 0 &&
               eval_rational(a->expr, x) == EVAL_OK && eval_rational(b->expr, y) == EVAL_OK;
        fmpq_mul_si(x, x, counts[i].size);
        same = same && fmpq_equal(x, y);
    }
    fmpq_clear(x);
    fmpq_clear(y);
    return same;
}

/* Only a has a unit. */
static struct equal_result compare_unit_missing(const struct value *a, const struct value *b)
{
    struct value with_unit;
    if (a->product && !expr_is_closed(b->expr))
        return relation_loosen(scalar_compare(a->product, b->expr), "letters as a unit");
    if (letter_as_unit(b, &with_unit))
        return relation_loosen(value_compare_scalars(a, &with_unit), "letter as a unit");
    struct measure x, none;
    measure_init(&x);
    measure_init(&none);
    measure_read(&x, a->unit, a->unit_len, a->currency);
    bool same_signs = a->percent == b->percent && /* 5% is no 5 cm */
                      (a->degree == b->degree || x.powers[UNIT_ANGLE] == 1);
    struct equal_result r =
        relation_loosen(same_signs ? compare_signs(a, b) : compare_plain(a, b), "unit missing");
    bool bare = x.known && !x.text[0]; /* "2 million" and nothing else */
    if (!fmpq_is_one(x.scale)) {
        fmpq_set(x.factor, x.scale);
        if (measure_values(&x, a->expr, &none, b->expr) > 0)
            r = bare ? relation_of(EQUAL_EXACT, "exact rational")
                     : relation_of(EQUAL_COMPATIBLE, "unit missing");
        else if (r.verdict == EQUAL_COMPATIBLE) /* were dozens asked for? */
            r = relation_of(EQUAL_UNKNOWN, "\"dozen\" or \"million\" missing");
    }
    if (r.verdict == EQUAL_DIFFERENT && is_counted_by(a, b))
        r = relation_of(EQUAL_COMPATIBLE, "\"gross\" or \"score\" counted");
    measure_fini(&x);
    measure_fini(&none);
    return a->uncounted && r.verdict == EQUAL_COMPATIBLE
               ? relation_of(EQUAL_UNKNOWN, "words that the problem does not count")
               : r;
}

struct equal_result value_compare_scalars(const struct value *a, const struct value *b)
{
    bool measured_a = a->unit || a->currency, measured_b = b->unit || b->currency;
    if (!measured_a && !measured_b)
        return compare_signs(a, b);
    if (!measured_a || !measured_b)
        return measured_a ? compare_unit_missing(a, b) : compare_unit_missing(b, a);
    effort_add(STEPS_MEASURE);
    struct measure x, y;
    measure_init(&x);
    measure_init(&y);
    measure_read(&x, a->unit, a->unit_len, a->currency);
    measure_read(&y, b->unit, b->unit_len, b->currency);
    struct equal_result r;
    switch (measure_compare(&x, &y)) {
    case MEASURE_SAME:
        r = compare_signs(a, b);
        break;
    case MEASURE_ALIKE:
        r = relation_loosen(compare_signs(a, b), "unit in other words");
        break;
    case MEASURE_CONVERTS: {
        int equal = measure_values(&x, a->expr, &y, b->expr);
        r = equal > 0    ? relation_of(EQUAL_EXACT, "converted units")
            : equal == 0 ? relation_of(EQUAL_DIFFERENT, "different values")
                         : relation_of(EQUAL_UNKNOWN, "units beyond what can be decided");
        break;
    }
    default:
        r = relation_of(EQUAL_DIFFERENT, "different units");
    }
    measure_fini(&x);
    measure_fini(&y);
    return r;
}
