/*
 * Evaluation in Arb's complex balls, on the principal branches. What is not analytic on a ball (a
 * floor that is not sure) gives no value at all.
 */
#include "claims/math/ball.h"

#include <string.h>

#include "claims/math/eval.h"

#define FACTORIAL_BALL_MAX 100000
#define BINOMIAL_BALL_MAX 1000
#define BIG_WORK_MAX 10000   /* nodes under the signs of sums, in one evaluation */
#define EXPONENT_BITS_MAX 40 /* of |y log x| in x^y: keeps exponents of floats small */

struct walk {
    const struct ball_how *how;
    size_t big_terms, big_work;
    bool unreal;
};

static bool eval(struct walk *w, const struct expr *e, const struct ball_point *env, acb_t out);

static void number_ball(const struct number *n, bool rounded, slong precision, acb_t out)
{
    arb_set_fmpq(acb_realref(out), n->value, precision);
    arb_zero(acb_imagref(out));
    if (!n->cut && !(rounded && n->point))
        return;
    arb_t ulp;
    arb_init(ulp);
    arb_set_ui(ulp, 10);
    fmpz_t exponent;
    fmpz_init_set_si(exponent, n->ulp);
    arb_pow_fmpz(ulp, ulp, exponent, precision);
    if (!n->cut)
        arb_mul_2exp_si(ulp, ulp, -1);
    arb_add_error(acb_realref(out), ulp);
    fmpz_clear(exponent);
    arb_clear(ulp);
}

static bool lookup(const struct expr *e, const struct ball_point *env, acb_t out)
{
    for (; env; env = env->outer)
        if (env->var->len == e->len && memcmp(env->var->name, e->name, e->len) == 0) {
            acb_set(out, env->value);
            return true;
        }
    return false;
}

static bool constant(uint8_t op, slong precision, acb_t out)
{
    acb_zero(out);
    switch (op) {
    case CONST_PI:
        arb_const_pi(acb_realref(out), precision);
        return true;
    case CONST_E:
        arb_const_e(acb_realref(out), precision);
        return true;
    case CONST_I:
        arb_one(acb_imagref(out));
        return true;
    default:
        return false;
    }
}

/* Balls this large would cost time and memory in exp and pow. */
static bool moderate(const acb_t z)
{
    return acb_is_finite(z) && acb_rel_accuracy_bits(z) > -1000000 &&
           arf_cmpabs_2exp_si(arb_midref(acb_realref(z)), EXPONENT_BITS_MAX) < 0 &&
           arf_cmpabs_2exp_si(arb_midref(acb_imagref(z)), EXPONENT_BITS_MAX) < 0;
}

static bool power(struct walk *w, const acb_t base, const acb_t exponent, acb_t out)
{
    slong precision = w->how->precision;
    if (!acb_is_finite(base) || !moderate(exponent))
        return false;
    if (acb_is_int(exponent)) {
        fmpz_t n;
        fmpz_init(n);
        acb_get_unique_fmpz(n, exponent);
        bool fine =
            fmpz_bits(n) < EXPONENT_BITS_MAX && !(fmpz_sgn(n) <= 0 && acb_contains_zero(base));
        if (fine)
            acb_pow_fmpz(out, base, n, precision);
        fmpz_clear(n);
        return fine && acb_is_finite(out);
    }
    if (acb_is_zero(base)) {
        acb_zero(out);
        return arb_is_positive(acb_realref(exponent));
    }
    if (acb_contains_zero(base))
        return false;
    acb_t log;
    acb_init(log);
    acb_log(log, base, precision);
    acb_mul(log, log, exponent, precision);
    bool fine = moderate(log), real = acb_is_real(base) && acb_is_real(exponent);
    if (fine)
        acb_pow(out, base, exponent, precision);
    w->unreal |= fine && real && !arb_contains_zero(acb_imagref(out));
    acb_clear(log);
    return fine && acb_is_finite(out);
}

/* Floor of a real ball, when it is sure. */
static bool floor_ball(acb_t z, bool ceiling, slong precision)
{
    if (!acb_is_real(z) || !acb_is_finite(z))
        return false;
    if (ceiling)
        arb_ceil(acb_realref(z), acb_realref(z), precision);
    else
        arb_floor(acb_realref(z), acb_realref(z), precision);
    return arb_is_exact(acb_realref(z));
}

static bool reciprocal(acb_t z, slong precision)
{
    if (acb_contains_zero(z))
        return false;
    acb_inv(z, z, precision);
    return acb_is_finite(z);
}

static bool factorial(acb_t z, slong precision)
{
    if (!arb_is_nonnegative(acb_realref(z)) || !acb_is_int(z) ||
        arf_cmpabs_ui(arb_midref(acb_realref(z)), FACTORIAL_BALL_MAX) > 0)
        return false;
    acb_add_ui(z, z, 1, precision);
    acb_gamma(z, z, precision);
    return acb_is_finite(z);
}

static bool inverse_function(uint8_t op, acb_t z, slong p)
{
    if (op == FN_ACOT || op == FN_ASEC || op == FN_ACSC)
        if (!reciprocal(z, p))
            return false;
    switch (op) {
    case FN_ASIN:
    case FN_ACSC:
        acb_asin(z, z, p);
        break;
    case FN_ACOS:
    case FN_ASEC:
        acb_acos(z, z, p);
        break;
    case FN_ATAN:
    case FN_ACOT:
        acb_atan(z, z, p);
        break;
    case FN_ASINH:
        acb_asinh(z, z, p);
        break;
    case FN_ACOSH:
        acb_acosh(z, z, p);
        break;
    default:
        acb_atanh(z, z, p);
    }
    return acb_is_finite(z);
}

static bool one(uint8_t op, acb_t z, slong p)
{
    if ((op <= FN_CSC || (op >= FN_SINH && op <= FN_TANH) || op == FN_EXP) && !moderate(z))
        return false;
    switch (op) {
    case FN_SIN:
        acb_sin(z, z, p);
        return true;
    case FN_COS:
        acb_cos(z, z, p);
        return true;
    case FN_TAN:
        acb_tan(z, z, p);
        return acb_is_finite(z);
    case FN_COT:
        acb_cot(z, z, p);
        return acb_is_finite(z);
    case FN_SEC:
        acb_cos(z, z, p);
        return reciprocal(z, p);
    case FN_CSC:
        acb_sin(z, z, p);
        return reciprocal(z, p);
    case FN_SINH:
        acb_sinh(z, z, p);
        return acb_is_finite(z);
    case FN_COSH:
        acb_cosh(z, z, p);
        return acb_is_finite(z);
    case FN_TANH:
        acb_tanh(z, z, p);
        return acb_is_finite(z);
    case FN_EXP:
        acb_exp(z, z, p);
        return acb_is_finite(z);
    case FN_LN:
    case FN_LOG:
        if (acb_contains_zero(z))
            return false;
        acb_log(z, z, p);
        return acb_is_finite(z);
    case FN_SQRT:
        acb_sqrt(z, z, p);
        return acb_is_finite(z);
    case FN_ABS:
        acb_abs(acb_realref(z), z, p);
        arb_zero(acb_imagref(z));
        return true;
    case FN_FLOOR:
    case FN_CEIL:
        return floor_ball(z, op == FN_CEIL, p);
    case FN_RE:
        arb_zero(acb_imagref(z));
        return true;
    case FN_IM:
        arb_set(acb_realref(z), acb_imagref(z));
        arb_zero(acb_imagref(z));
        return true;
    case FN_CONJ:
        acb_conj(z, z);
        return true;
    case FN_FACTORIAL:
        return factorial(z, p);
    case FN_SIGN:
        if (acb_is_zero(z))
            return true;
        if (!acb_is_real(z) || arb_contains_zero(acb_realref(z)))
            return false;
        acb_set_si(z, arb_is_positive(acb_realref(z)) ? 1 : -1);
        return true;
    case FN_MIN:
    case FN_MAX:
        return true;
    default:
        return op >= FN_ASIN && op <= FN_ATANH && inverse_function(op, z, p);
    }
}

/* The real k-th root, also of negative numbers for odd k; else the principal one. */
static bool root(struct walk *w, acb_t z, const acb_t degree)
{
    slong p = w->how->precision;
    if (!acb_is_int(degree) || !arb_is_positive(acb_realref(degree)) ||
        arf_cmpabs_ui(arb_midref(acb_realref(degree)), 1000) > 0) {
        acb_t exponent;
        acb_init(exponent);
        bool fine = !acb_contains_zero(degree);
        if (fine)
            acb_inv(exponent, degree, p);
        fine = fine && power(w, z, exponent, z);
        acb_clear(exponent);
        return fine;
    }
    ulong k = (ulong)arf_get_si(arb_midref(acb_realref(degree)), ARF_RND_NEAR);
    bool negative = acb_is_real(z) && arb_is_negative(acb_realref(z)) && k % 2 == 1;
    if (negative)
        acb_neg(z, z);
    bool real = acb_is_real(z);
    acb_root_ui(z, z, k, p);
    w->unreal |= real && !arb_contains_zero(acb_imagref(z));
    if (negative)
        acb_neg(z, z);
    return acb_is_finite(z);
}

static bool is_small_whole(const acb_t z)
{
    arf_srcptr x = arb_midref(acb_realref(z));
    return acb_is_int(z) && arf_sgn(x) >= 0 && arf_cmpabs_ui(x, BINOMIAL_BALL_MAX) <= 0;
}

/* Of whole numbers 0 <= k <= n that are small. */
static bool binomial(acb_t n, const acb_t k)
{
    fmpz_t top, bottom;
    fmpz_init(top);
    fmpz_init(bottom);
    bool fine = is_small_whole(n) && is_small_whole(k);
    if (fine) {
        acb_get_unique_fmpz(top, n);
        acb_get_unique_fmpz(bottom, k);
        fine = fmpz_cmp(bottom, top) <= 0;
    }
    if (fine) {
        fmpz_bin_uiui(top, fmpz_get_ui(top), fmpz_get_ui(bottom));
        acb_set_fmpz(n, top);
    }
    fmpz_clear(top);
    fmpz_clear(bottom);
    return fine;
}

/* exp(sin(a b + a)) + a^2 */
static bool some_function(acb_t a, const acb_t b, slong precision)
{
    acb_t x;
    acb_init(x);
    acb_mul(x, a, b, precision);
    acb_add(x, x, a, precision);
    acb_sin(x, x, precision);
    acb_exp(x, x, precision);
    acb_addmul(x, a, a, precision);
    bool fine = acb_is_finite(x);
    acb_swap(a, x);
    acb_clear(x);
    return fine;
}

static bool two(struct walk *w, uint8_t op, acb_t a, const acb_t b)
{
    slong p = w->how->precision;
    switch (op) {
    case FN_LOG: {
        if (acb_contains_zero(a) || acb_contains_zero(b))
            return false;
        acb_t base;
        acb_init(base);
        acb_log(base, b, p);
        acb_log(a, a, p);
        bool fine = !acb_contains_zero(base);
        if (fine)
            acb_div(a, a, base, p);
        acb_clear(base);
        return fine && acb_is_finite(a);
    }
    case FN_ROOT:
        return root(w, a, b);
    case FN_BINOM:
        return binomial(a, b);
    case FN_MOD: {
        acb_t q;
        acb_init(q);
        bool fine = !acb_contains_zero(b);
        if (fine)
            acb_div(q, a, b, p);
        fine = fine && floor_ball(q, false, p);
        acb_submul(a, b, q, p);
        acb_clear(q);
        return fine;
    }
    case FN_APPLY: /* some function, told from others by the value that its name has */
        return some_function(a, b, p);
    case FN_MIN:
    case FN_MAX:
        if (!acb_is_real(a) || !acb_is_real(b))
            return false;
        if (op == FN_MIN)
            arb_min(acb_realref(a), acb_realref(a), acb_realref(b), p);
        else
            arb_max(acb_realref(a), acb_realref(a), acb_realref(b), p);
        return true;
    default:
        return false;
    }
}

static bool function(struct walk *w, const struct expr *e, const struct ball_point *env, acb_t out)
{
    if (!eval(w, e->args[0], env, out))
        return false;
    if (e->n == 1) {
        bool real = acb_is_real(out), fine = one(e->op, out, w->how->precision);
        w->unreal |= fine && real && !arb_contains_zero(acb_imagref(out));
        return fine;
    }
    acb_t b;
    acb_init(b);
    bool fine = true;
    for (size_t i = 1; fine && i < e->n; i++)
        fine = eval(w, e->args[i], env, b) && two(w, e->op, out, b);
    acb_clear(b);
    return fine;
}

static bool binary(struct walk *w, const struct expr *e, const struct ball_point *env, acb_t out)
{
    slong p = w->how->precision;
    if (!eval(w, e->args[0], env, out))
        return false;
    acb_t b;
    acb_init(b);
    bool fine = true;
    for (size_t i = 1; fine && i < e->n; i++) {
        fine = eval(w, e->args[i], env, b);
        if (!fine)
            break;
        if (e->kind == EXPR_ADD) {
            acb_add(out, out, b, p);
        } else if (e->kind == EXPR_MUL) {
            acb_mul(out, out, b, p);
        } else if (e->kind == EXPR_POW) {
            fine = power(w, out, b, out);
        } else {
            fine = !acb_contains_zero(b);
            if (fine)
                acb_div(out, out, b, p);
        }
        fine = fine && acb_is_finite(out);
    }
    acb_clear(b);
    return fine;
}

/* A whole number that a sum begins or ends with. */
static bool bound(struct walk *w, const struct expr *e, const struct ball_point *env, fmpq_t out)
{
    if (eval_rational(e, out) == EVAL_OK)
        return fmpz_is_one(fmpq_denref(out));
    acb_t z;
    acb_init(z);
    bool fine = env && eval(w, e, env, z) && acb_is_int(z) && moderate(z);
    if (fine) {
        fmpz_one(fmpq_denref(out));
        acb_get_unique_fmpz(fmpq_numref(out), z);
    }
    acb_clear(z);
    return fine;
}

static bool big(struct walk *w, const struct expr *e, const struct ball_point *env, acb_t out)
{
    fmpq_t from, to;
    fmpq_init(from);
    fmpq_init(to);
    acb_t term, index;
    acb_init(term);
    acb_init(index);
    bool fine = bound(w, e->args[1], env, from) && bound(w, e->args[2], env, to) &&
                eval_big_work(from, to, e->args[3], BIG_WORK_MAX, &w->big_work);
    acb_set_si(out, e->op == FN_SUM ? 0 : 1);
    struct ball_point inner = {.var = e->args[0], .value = index, .outer = env};
    for (; fine && fmpq_cmp(from, to) <= 0; fmpz_add_ui(fmpq_numref(from), fmpq_numref(from), 1)) {
        acb_set_fmpz(index, fmpq_numref(from));
        fine = ++w->big_terms <= EVAL_BIG_TERMS_MAX && eval(w, e->args[3], &inner, term);
        if (fine && e->op == FN_SUM)
            acb_add(out, out, term, w->how->precision);
        else if (fine)
            acb_mul(out, out, term, w->how->precision);
    }
    fmpq_clear(from);
    fmpq_clear(to);
    acb_clear(term);
    acb_clear(index);
    return fine;
}

static bool eval(struct walk *w, const struct expr *e, const struct ball_point *env, acb_t out)
{
    slong p = w->how->precision;
    switch (e->kind) {
    case EXPR_NUMBER:
        number_ball(e->number, w->how->rounded, p, out);
        return true;
    case EXPR_CONST:
        return constant(e->op, p, out);
    case EXPR_VAR:
        return lookup(e, env, out);
    case EXPR_NEG:
        if (!eval(w, e->args[0], env, out))
            return false;
        acb_neg(out, out);
        return true;
    case EXPR_PERCENT:
        if (!eval(w, e->args[0], env, out))
            return false;
        acb_div_ui(out, out, 100, p);
        return true;
    case EXPR_DEGREE: {
        if (!eval(w, e->args[0], env, out))
            return false;
        acb_t pi;
        acb_init(pi);
        acb_const_pi(pi, p);
        acb_mul(out, out, pi, p);
        acb_div_ui(out, out, 180, p);
        acb_clear(pi);
        return true;
    }
    case EXPR_ADD:
    case EXPR_MUL:
    case EXPR_DIV:
    case EXPR_POW:
        return binary(w, e, env, out);
    case EXPR_FUNC:
        return function(w, e, env, out);
    case EXPR_BIG:
        return big(w, e, env, out);
    default:
        return false;
    }
}

bool ball_eval(const struct expr *e, const struct ball_how *how, acb_t ret_value)
{
    struct walk w = {.how = how};
    bool fine = eval(&w, e, how->points, ret_value);
    if (how->ret_unreal)
        *how->ret_unreal |= w.unreal;
    return fine;
}
