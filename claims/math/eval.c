/*
 * Rational evaluation. Every power, factorial and product is refused by an estimate of its size
 * before it is computed, since GMP aborts on absurd sizes and cannot be interrupted.
 */
#include "claims/math/eval.h"

#include <string.h>

#include "claims/math/effort.h"

#define FACTORIAL_MAX 1500

struct binding {
    const struct expr *var;
    const fmpq *value;
    const struct binding *outer;
};

struct evaluation {
    size_t big_terms, big_work;
};

static enum eval_status eval(struct evaluation *ev, const struct expr *e, const struct binding *env,
                             fmpq_t out);

static size_t count_nodes(const struct expr *e)
{
    size_t n = 1;
    for (size_t i = 0; i < e->n; i++)
        n += count_nodes(e->args[i]);
    return n;
}

bool eval_big_work(const fmpq_t from, const fmpq_t to, const struct expr *body, size_t most,
                   size_t *work)
{
    fmpz_t terms;
    fmpz_init(terms);
    fmpz_sub(terms, fmpq_numref(to), fmpq_numref(from));
    bool fine = fmpz_cmp_ui(terms, EVAL_BIG_TERMS_MAX) < 0;
    size_t nodes = fine && fmpz_sgn(terms) >= 0 ? (fmpz_get_ui(terms) + 1) * count_nodes(body) : 0;
    *work += nodes;
    fmpz_clear(terms);
    if (*work <= most)
        effort_add(nodes);
    return fine && *work <= most;
}

static bool is_integer(const fmpq_t q)
{
    return fmpz_is_one(fmpq_denref(q));
}

static ulong bits(const fmpq_t q)
{
    ulong n = fmpz_bits(fmpq_numref(q)), d = fmpz_bits(fmpq_denref(q));
    return n > d ? n : d;
}

static enum eval_status checked(const fmpq_t q)
{
    return bits(q) > EVAL_BITS_MAX ? EVAL_LIMIT : EVAL_OK;
}

/* out = the exact k-th root of a >= 0, if rational */
static bool exact_root(fmpq_t out, const fmpq_t a, ulong k)
{
    fmpq_t root, power;
    fmpq_init(root);
    fmpq_init(power);
    fmpz_root(fmpq_numref(root), fmpq_numref(a), (slong)k);
    fmpz_root(fmpq_denref(root), fmpq_denref(a), (slong)k);
    fmpz_pow_ui(fmpq_numref(power), fmpq_numref(root), k);
    fmpz_pow_ui(fmpq_denref(power), fmpq_denref(root), k);
    bool exact = fmpq_equal(power, a);
    if (exact)
        fmpq_set(out, root);
    fmpq_clear(root);
    fmpq_clear(power);
    return exact;
}

static enum eval_status integer_power(fmpq_t out, const fmpq_t base, const fmpz_t exponent)
{
    if (fmpq_is_zero(base)) {
        if (fmpz_sgn(exponent) <= 0)
            return EVAL_UNDEFINED; /* 0^0 too: nobody means it */
        fmpq_zero(out);
        return EVAL_OK;
    }
    if (fmpz_is_pm1(fmpq_numref(base)) && is_integer(base)) {
        fmpq_set_si(out, fmpq_sgn(base) < 0 && fmpz_is_odd(exponent) ? -1 : 1, 1);
        return EVAL_OK;
    }
    if (fmpz_bits(exponent) > 20 || /* fmpz_get_ui gives the absolute value */
        (bits(base) - 1) * fmpz_get_ui(exponent) > EVAL_BITS_MAX)
        return EVAL_LIMIT;
    return fmpq_pow_fmpz(out, base, exponent) ? checked(out) : EVAL_UNDEFINED;
}

static enum eval_status power(fmpq_t out, const fmpq_t base, const fmpq_t exponent)
{
    if (is_integer(exponent))
        return integer_power(out, base, fmpq_numref(exponent));
    if (fmpq_sgn(base) < 0 || fmpz_bits(fmpq_denref(exponent)) > 8)
        return EVAL_NOT_RATIONAL;
    fmpq_t root;
    fmpq_init(root);
    enum eval_status status = EVAL_NOT_RATIONAL;
    if (exact_root(root, base, fmpz_get_ui(fmpq_denref(exponent))))
        status = integer_power(out, root, fmpq_numref(exponent));
    fmpq_clear(root);
    return status;
}

static void floor_of(fmpq_t out, const fmpq_t a)
{
    fmpz_t z;
    fmpz_init(z);
    fmpz_fdiv_q(z, fmpq_numref(a), fmpq_denref(a));
    fmpq_set_fmpz(out, z);
    fmpz_clear(z);
}

static enum eval_status factorial(fmpq_t out, const fmpq_t a, ulong step)
{
    if (!is_integer(a) || fmpq_sgn(a) < 0)
        return EVAL_NOT_RATIONAL;
    if (fmpz_cmp_ui(fmpq_numref(a), FACTORIAL_MAX) > 0)
        return EVAL_LIMIT;
    ulong n = fmpz_get_ui(fmpq_numref(a));
    fmpz_t z;
    fmpz_init(z);
    if (step == 1)
        fmpz_fac_ui(z, n);
    else
        for (fmpz_one(z); n > 1; n -= 2)
            fmpz_mul_ui(z, z, n);
    fmpq_set_fmpz(out, z);
    fmpz_clear(z);
    return checked(out);
}

static enum eval_status binomial(fmpq_t out, const fmpq_t n, const fmpq_t k)
{
    if (!is_integer(n) || !is_integer(k) || fmpq_sgn(n) < 0)
        return EVAL_NOT_RATIONAL;
    if (fmpq_sgn(k) < 0 || fmpq_cmp(k, n) > 0) {
        fmpq_zero(out);
        return EVAL_OK;
    }
    if (fmpz_cmp_ui(fmpq_numref(n), 10000) > 0)
        return EVAL_LIMIT;
    fmpz_t z;
    fmpz_init(z);
    fmpz_bin_uiui(z, fmpz_get_ui(fmpq_numref(n)), fmpz_get_ui(fmpq_numref(k)));
    fmpq_set_fmpz(out, z);
    fmpz_clear(z);
    return checked(out);
}

/* The largest rational of which both are whole multiples. */
static void gcd(fmpq_t out, const fmpq_t a, const fmpq_t b)
{
    fmpz_t num, den;
    fmpz_init(num);
    fmpz_init(den);
    fmpz_gcd(num, fmpq_numref(a), fmpq_numref(b));
    fmpz_lcm(den, fmpq_denref(a), fmpq_denref(b));
    fmpq_set_fmpz_frac(out, num, den);
    fmpz_clear(num);
    fmpz_clear(den);
}

static void lcm(fmpq_t out, const fmpq_t a, const fmpq_t b)
{
    fmpz_t num, den;
    fmpz_init(num);
    fmpz_init(den);
    fmpz_lcm(num, fmpq_numref(a), fmpq_numref(b));
    fmpz_gcd(den, fmpq_denref(a), fmpq_denref(b));
    fmpq_set_fmpz_frac(out, num, den);
    fmpz_clear(num);
    fmpz_clear(den);
}

static enum eval_status modulus(fmpq_t out, const fmpq_t a, const fmpq_t b)
{
    if (fmpq_is_zero(b))
        return EVAL_UNDEFINED;
    fmpq_t q;
    fmpq_init(q);
    fmpq_div(q, a, b);
    floor_of(q, q);
    fmpq_mul(q, q, b);
    fmpq_sub(out, a, q);
    fmpq_clear(q);
    return checked(out);
}

static enum eval_status two(uint8_t op, fmpq_t out, const fmpq_t a, const fmpq_t b)
{
    switch (op) {
    case FN_GCD:
        gcd(out, a, b);
        return checked(out);
    case FN_LCM:
        lcm(out, a, b);
        return checked(out);
    case FN_MIN:
        fmpq_set(out, fmpq_cmp(a, b) <= 0 ? a : b);
        return EVAL_OK;
    case FN_MAX:
        fmpq_set(out, fmpq_cmp(a, b) >= 0 ? a : b);
        return EVAL_OK;
    case FN_MOD:
        return modulus(out, a, b);
    case FN_BINOM:
        return binomial(out, a, b);
    case FN_ROOT:
        if (!is_integer(b) || fmpq_sgn(b) <= 0 || fmpz_cmp_ui(fmpq_numref(b), 100) > 0)
            return EVAL_NOT_RATIONAL;
        if (fmpq_sgn(a) < 0)
            return EVAL_NOT_RATIONAL;
        return exact_root(out, a, fmpz_get_ui(fmpq_numref(b))) ? EVAL_OK : EVAL_NOT_RATIONAL;
    default:
        return EVAL_NOT_RATIONAL;
    }
}

static enum eval_status one(uint8_t op, fmpq_t a)
{
    switch (op) {
    case FN_ABS:
        fmpq_abs(a, a);
        return EVAL_OK;
    case FN_FLOOR:
        floor_of(a, a);
        return EVAL_OK;
    case FN_CEIL:
        fmpq_neg(a, a);
        floor_of(a, a);
        fmpq_neg(a, a);
        return EVAL_OK;
    case FN_FACTORIAL:
        return factorial(a, a, 1);
    case FN_DOUBLE_FACTORIAL:
        return factorial(a, a, 2);
    case FN_SQRT:
        return fmpq_sgn(a) >= 0 && exact_root(a, a, 2) ? EVAL_OK : EVAL_NOT_RATIONAL;
    case FN_SIGN:
        fmpq_set_si(a, fmpq_sgn(a), 1);
        return EVAL_OK;
    case FN_GCD:
    case FN_LCM:
        fmpq_abs(a, a);
        return EVAL_OK;
    case FN_MIN:
    case FN_MAX:
    case FN_RE:
    case FN_CONJ:
        return EVAL_OK;
    default:
        return EVAL_NOT_RATIONAL;
    }
}

static enum eval_status function(struct evaluation *ev, const struct expr *e,
                                 const struct binding *env, fmpq_t out)
{
    enum eval_status status = eval(ev, e->args[0], env, out);
    if (status != EVAL_OK)
        return status;
    if (e->n == 1)
        return one(e->op, out);
    fmpq_t b;
    fmpq_init(b);
    for (size_t i = 1; status == EVAL_OK && i < e->n; i++) {
        status = eval(ev, e->args[i], env, b);
        if (status == EVAL_OK)
            status = two(e->op, out, out, b);
    }
    fmpq_clear(b);
    return status;
}

static enum eval_status binary(struct evaluation *ev, const struct expr *e,
                               const struct binding *env, fmpq_t out)
{
    fmpq_t b;
    fmpq_init(b);
    enum eval_status status = eval(ev, e->args[0], env, out);
    for (size_t i = 1; status == EVAL_OK && i < e->n; i++) {
        status = eval(ev, e->args[i], env, b);
        if (status != EVAL_OK)
            break;
        if (e->kind == EXPR_ADD)
            fmpq_add(out, out, b);
        else if (e->kind == EXPR_MUL)
            fmpq_mul(out, out, b);
        else if (e->kind == EXPR_POW)
            status = power(out, out, b);
        else if (fmpq_is_zero(b))
            status = EVAL_UNDEFINED;
        else
            fmpq_div(out, out, b);
        if (status == EVAL_OK)
            status = checked(out);
    }
    fmpq_clear(b);
    return status;
}

static enum eval_status big(struct evaluation *ev, const struct expr *e, const struct binding *env,
                            fmpq_t out)
{
    fmpq_t from, to, term;
    fmpq_init(from);
    fmpq_init(to);
    fmpq_init(term);
    enum eval_status status = eval(ev, e->args[1], env, from);
    if (status == EVAL_OK)
        status = eval(ev, e->args[2], env, to);
    if (status == EVAL_OK && (!is_integer(from) || !is_integer(to)))
        status = EVAL_NOT_RATIONAL;
    fmpq_set_si(out, e->op == FN_SUM ? 0 : 1, 1);
    struct binding inner = {.var = e->args[0], .value = from, .outer = env};
    if (status == EVAL_OK && !eval_big_work(from, to, e->args[3], EVAL_BIG_WORK_MAX, &ev->big_work))
        status = EVAL_LIMIT;
    while (status == EVAL_OK && fmpq_cmp(from, to) <= 0) {
        if (++ev->big_terms > EVAL_BIG_TERMS_MAX) {
            status = EVAL_LIMIT;
            break;
        }
        status = eval(ev, e->args[3], &inner, term);
        if (status != EVAL_OK)
            break;
        if (e->op == FN_SUM)
            fmpq_add(out, out, term);
        else
            fmpq_mul(out, out, term);
        status = checked(out);
        fmpz_add_ui(fmpq_numref(from), fmpq_numref(from), 1);
    }
    fmpq_clear(from);
    fmpq_clear(to);
    fmpq_clear(term);
    return status;
}

static enum eval_status variable(const struct expr *e, const struct binding *env, fmpq_t out)
{
    for (; env; env = env->outer)
        if (env->var->len == e->len && memcmp(env->var->name, e->name, e->len) == 0) {
            fmpq_set(out, env->value);
            return EVAL_OK;
        }
    return EVAL_NOT_RATIONAL;
}

static enum eval_status eval(struct evaluation *ev, const struct expr *e, const struct binding *env,
                             fmpq_t out)
{
    enum eval_status status;
    switch (e->kind) {
    case EXPR_NUMBER:
        fmpq_set(out, e->number->value);
        return e->number->cut ? EVAL_NOT_RATIONAL : EVAL_OK;
    case EXPR_VAR:
        return variable(e, env, out);
    case EXPR_NEG:
        status = eval(ev, e->args[0], env, out);
        fmpq_neg(out, out);
        return status;
    case EXPR_PERCENT:
        status = eval(ev, e->args[0], env, out);
        if (status == EVAL_OK) {
            fmpz_t hundred;
            fmpz_init_set_ui(hundred, 100);
            fmpq_div_fmpz(out, out, hundred);
            fmpz_clear(hundred);
        }
        return status;
    case EXPR_ADD:
    case EXPR_MUL:
    case EXPR_DIV:
    case EXPR_POW:
        return binary(ev, e, env, out);
    case EXPR_FUNC:
        return function(ev, e, env, out);
    case EXPR_BIG:
        return big(ev, e, env, out);
    default:
        return EVAL_NOT_RATIONAL;
    }
}

enum eval_status eval_rational(const struct expr *e, fmpq_t ret_value)
{
    struct evaluation ev = {0};
    return eval(&ev, e, NULL, ret_value);
}
