/*
 * Calcium (F. Johansson, "Calcium: computing in exact real and complex fields", ISSAC 2021) decides
 * most identities between radicals, exponentials, logarithms and trigonometric values. Its calls
 * cannot be interrupted, so what may be slow is refused first.
 */
#include "claims/math/constant.h"

#include "claims/math/eval.h"
#include "claims/math/poly.h"

#define DEGREE_MAX 64.0      /* product of the degrees of all radicals and roots of unity */
#define TRANSCENDENTAL_MAX 6 /* logarithms, exponentials, pi ... */
#define HEIGHT_BITS_MAX 256  /* of a rational number inside */
#define EXPONENT_MAX 64

struct cost {
    double degree;
    int transcendental;
    int nodes;
    bool wide; /* an irrational number has a large exponent */
    bool refused;
};

static void add_cost(struct cost *cost, const struct expr *e);

static void refuse_unless(struct cost *cost, bool fine)
{
    cost->refused |= !fine;
}

/* The rational value of e in small numbers, if it has one. */
static bool small_rational(const struct expr *e, fmpq_t value)
{
    return eval_rational(e, value) == EVAL_OK && fmpz_bits(fmpq_numref(value)) <= HEIGHT_BITS_MAX &&
           fmpz_bits(fmpq_denref(value)) <= HEIGHT_BITS_MAX;
}

/* e^y, which is one exponential */
static bool is_natural(const struct expr *e)
{
    return e->args[0]->kind == EXPR_CONST && e->args[0]->op == CONST_E;
}

/* i to a whole power: ret_k is the power modulo 4. */
static bool is_power_of_i(const struct expr *e, ulong *ret_k)
{
    fmpq_t exponent;
    fmpq_init(exponent);
    bool fine = e->args[0]->kind == EXPR_CONST && e->args[0]->op == CONST_I &&
                eval_rational(e->args[1], exponent) == EVAL_OK &&
                fmpz_is_one(fmpq_denref(exponent));
    *ret_k = fine ? fmpz_fdiv_ui(fmpq_numref(exponent), 4) : 0;
    fmpq_clear(exponent);
    return fine;
}

static void power_cost(struct cost *cost, const struct expr *e)
{
    fmpq_t exponent;
    fmpq_init(exponent);
    if (!small_rational(e->args[1], exponent)) {
        cost->transcendental += is_natural(e) ? 1 : 2; /* exp(y log x) */
        add_cost(cost, e->args[1]);
    } else {
        refuse_unless(
            cost, fmpz_bits(fmpq_numref(exponent)) <= 7 && fmpz_bits(fmpq_denref(exponent)) <= 6 &&
                      fmpz_cmpabs(fmpq_numref(exponent), fmpq_denref(exponent)) >= -EXPONENT_MAX);
        cost->degree *= fmpz_get_d(fmpq_denref(exponent));
        cost->wide |= fmpz_bits(fmpq_numref(exponent)) > 4 && !small_rational(e, exponent);
    }
    fmpq_clear(exponent);
}

/* A denominator of pi in e: cos(2 pi / 7) is a root of unity's part. */
static double angle_degree(const struct expr *e)
{
    double degree = e->kind == EXPR_DEGREE ? 8 : 1;
    fmpq_t value;
    fmpq_init(value);
    if (e->kind == EXPR_DIV && small_rational(e->args[1], value))
        degree *= fmpz_get_d(fmpq_numref(value));
    if (e->kind == EXPR_DEGREE && small_rational(e->args[0], value)) {
        fmpz_t half_turn;
        fmpz_init_set_ui(half_turn, 180);
        fmpq_div_fmpz(value, value, half_turn);
        degree = fmpz_get_d(fmpq_denref(value));
        fmpz_clear(half_turn);
    }
    fmpq_clear(value);
    for (size_t i = 0; i < e->n && e->kind != EXPR_DEGREE; i++)
        degree *= angle_degree(e->args[i]);
    return degree;
}

static void function_cost(struct cost *cost, const struct expr *e)
{
    fmpq_t degree;
    fmpq_init(degree);
    if (e->op == FN_SQRT)
        cost->degree *= 2;
    else if (e->op == FN_ROOT && e->n == 2 && small_rational(e->args[1], degree))
        cost->degree *= fmpq_get_d(degree) > 1 ? fmpq_get_d(degree) : 1;
    else if (e->op <= FN_CSC)
        cost->degree *= angle_degree(e->args[0]) > 2 ? angle_degree(e->args[0]) / 2 : 1;
    else if (e->op >= FN_ASIN && e->op <= FN_EXP)
        cost->transcendental++;
    fmpq_clear(degree);
}

static void add_cost(struct cost *cost, const struct expr *e)
{
    refuse_unless(cost, ++cost->nodes <= 200);
    if (cost->refused)
        return;
    if (e->kind == EXPR_NUMBER)
        refuse_unless(cost, fmpz_bits(fmpq_numref(e->number->value)) <= HEIGHT_BITS_MAX &&
                                fmpz_bits(fmpq_denref(e->number->value)) <= HEIGHT_BITS_MAX &&
                                !e->number->cut);
    if (e->kind == EXPR_CONST)
        cost->transcendental++;
    ulong k;
    if (e->kind == EXPR_POW && is_power_of_i(e, &k))
        return;
    if (e->kind == EXPR_POW) {
        fmpq_t rational;
        fmpq_init(rational);
        if (!is_natural(e) || small_rational(e->args[1], rational))
            add_cost(cost, e->args[0]);
        fmpq_clear(rational);
        power_cost(cost, e);
        return;
    }
    if (e->kind == EXPR_BIG)
        return; /* only its rational value counts */
    for (size_t i = 0; i < e->n; i++)
        add_cost(cost, e->args[i]);
    if (e->kind == EXPR_FUNC)
        function_cost(cost, e);
}

static bool affordable(const struct expr *a, const struct expr *b)
{
    struct cost cost = {.degree = 1};
    add_cost(&cost, a);
    add_cost(&cost, b);
    if (cost.wide) /* judged when all is known, so that the order of a and b cannot matter */
        refuse_unless(&cost, cost.transcendental <= 1 && cost.degree <= 4);
    return !cost.refused && cost.degree <= DEGREE_MAX * 4 &&
           cost.transcendental <= TRANSCENDENTAL_MAX;
}

static bool to_ca(const struct expr *e, ca_t out, ca_ctx_t ctx);

static bool is_nonzero(const ca_t x, ca_ctx_t ctx)
{
    return ca_check_is_zero(x, ctx) == T_FALSE;
}

static bool rational_leaf(const struct expr *e, ca_t out, ca_ctx_t ctx)
{
    fmpq_t value;
    fmpq_init(value);
    bool fine = small_rational(e, value);
    if (fine)
        ca_set_fmpq(out, value, ctx);
    fmpq_clear(value);
    return fine;
}

static bool power(const struct expr *e, ca_t out, ca_ctx_t ctx)
{
    if (!to_ca(e->args[0], out, ctx))
        return false;
    ulong k;
    if (is_power_of_i(e, &k)) {
        ca_pow_ui(out, out, k, ctx);
        return true;
    }
    fmpq_t exponent;
    fmpq_init(exponent);
    bool fine = true;
    const struct expr *up = e->args[1];
    if (up->kind == EXPR_FUNC && up->op == FN_LOG && up->n == 2 &&
        expr_same(up->args[1], e->args[0])) { /* a^(log_a b) */
        fine = is_nonzero(out, ctx) && to_ca(up->args[0], out, ctx) && is_nonzero(out, ctx);
    } else if (small_rational(e->args[1], exponent)) {
        fine = fmpq_sgn(exponent) > 0 || is_nonzero(out, ctx);
        if (fine)
            ca_pow_fmpq(out, out, exponent, ctx);
    } else {
        ca_t y;
        ca_init(y, ctx);
        bool natural = is_natural(e);
        fine = is_nonzero(out, ctx) && to_ca(e->args[1], y, ctx);
        if (fine && natural)
            ca_exp(out, y, ctx);
        else if (fine)
            ca_pow(out, out, y, ctx);
        ca_clear(y, ctx);
    }
    fmpq_clear(exponent);
    return fine;
}

static bool binary(const struct expr *e, ca_t out, ca_ctx_t ctx)
{
    if (e->kind == EXPR_POW)
        return power(e, out, ctx);
    ca_t b;
    ca_init(b, ctx);
    bool fine = to_ca(e->args[0], out, ctx);
    for (size_t i = 1; fine && i < e->n; i++) {
        fine = to_ca(e->args[i], b, ctx);
        if (!fine)
            break;
        if (e->kind == EXPR_ADD) {
            ca_add(out, out, b, ctx);
        } else if (e->kind == EXPR_MUL) {
            ca_mul(out, out, b, ctx);
        } else {
            fine = is_nonzero(b, ctx);
            if (fine)
                ca_div(out, out, b, ctx);
        }
    }
    ca_clear(b, ctx);
    return fine;
}

/* The real root of a negative number for odd degrees, as people mean it. */
static bool root(ca_t x, const struct expr *degree, ca_ctx_t ctx)
{
    fmpq_t k;
    fmpq_init(k);
    bool fine = small_rational(degree, k) && fmpz_is_one(fmpq_denref(k)) && fmpq_sgn(k) > 0 &&
                fmpz_cmp_ui(fmpq_numref(k), 32) <= 0;
    bool negative =
        fine && fmpz_is_odd(fmpq_numref(k)) && ca_check_is_negative_real(x, ctx) == T_TRUE;
    if (fine) {
        fmpq_inv(k, k);
        if (negative)
            ca_neg(x, x, ctx);
        ca_pow_fmpq(x, x, k, ctx);
        if (negative)
            ca_neg(x, x, ctx);
    }
    fmpq_clear(k);
    return fine;
}

/* The rational r of an angle r pi, when the tree shows it. */
static bool pi_multiple(const struct expr *e, fmpq_t r)
{
    if (e->kind == EXPR_CONST && e->op == CONST_PI) {
        fmpq_one(r);
        return true;
    }
    if (e->kind == EXPR_NEG) {
        bool fine = pi_multiple(e->args[0], r);
        fmpq_neg(r, r);
        return fine;
    }
    fmpq_t factor;
    fmpq_init(factor);
    bool fine = false;
    if (e->kind == EXPR_DEGREE) {
        fmpq_set_si(factor, 1, 180);
        fine = small_rational(e->args[0], r);
    } else if (e->kind == EXPR_DIV) {
        fine = pi_multiple(e->args[0], r) && small_rational(e->args[1], factor) &&
               !fmpq_is_zero(factor);
        if (fine)
            fmpq_inv(factor, factor);
    } else if (e->kind == EXPR_MUL && e->n == 2) {
        fine = (small_rational(e->args[0], factor) && pi_multiple(e->args[1], r)) ||
               (small_rational(e->args[1], factor) && pi_multiple(e->args[0], r));
    }
    if (fine)
        fmpq_mul(r, r, factor);
    fmpq_clear(factor);
    return fine;
}

/* sin(r pi) for r in twelfths, from the table of sin 0, 30, 45, 60, 90 degrees; false for others
 * (15 degrees). */
static bool table_sine(const fmpq_t r, ca_t out, ca_ctx_t ctx)
{
    fmpz_t twelfths;
    fmpz_init_set_ui(twelfths, 12);
    fmpq_t t;
    fmpq_init(t);
    fmpq_mul_fmpz(t, r, twelfths);
    bool fine = fmpz_is_one(fmpq_denref(t));
    ulong k = fine ? fmpz_fdiv_ui(fmpq_numref(t), 24) : 1;
    fmpz_clear(twelfths);
    fmpq_clear(t);
    bool negative = k >= 12;
    k = negative ? k - 12 : k;
    k = k > 6 ? 12 - k : k;
    static const int squares[] = {0, -1, 1, 2, 3, -1, 4}; /* sin^2, in quarters */
    if (!fine || squares[k] < 0)
        return false;
    ca_set_ui(out, (ulong)squares[k], ctx);
    ca_sqrt(out, out, ctx);
    ca_div_si(out, out, negative ? -2 : 2, ctx);
    return true;
}

static void sine_and_cosine(const struct expr *arg, ca_t s, ca_t c, const ca_t x, ca_ctx_t ctx)
{
    fmpq_t r, half;
    fmpq_init(r);
    fmpq_init(half);
    fmpq_set_si(half, 1, 2);
    bool known = pi_multiple(arg, r) && table_sine(r, s, ctx);
    fmpq_add(r, r, half);
    if (!known || !table_sine(r, c, ctx))
        ca_sin_cos(s, c, x, ctx);
    fmpq_clear(r);
    fmpq_clear(half);
}

static bool trigonometric(uint8_t op, const struct expr *arg, ca_t x, ca_ctx_t ctx)
{
    ca_t s, c;
    ca_init(s, ctx);
    ca_init(c, ctx);
    sine_and_cosine(arg, s, c, x, ctx);
    bool fine = true;
    if (op == FN_SIN || op == FN_COS) {
        ca_set(x, op == FN_SIN ? s : c, ctx);
    } else if (op == FN_TAN || op == FN_SEC) {
        fine = is_nonzero(c, ctx);
        if (fine && op == FN_TAN)
            ca_div(x, s, c, ctx);
        else if (fine)
            ca_inv(x, c, ctx);
    } else {
        fine = is_nonzero(s, ctx);
        if (fine && op == FN_COT)
            ca_div(x, c, s, ctx);
        else if (fine)
            ca_inv(x, s, ctx);
    }
    ca_clear(s, ctx);
    ca_clear(c, ctx);
    return fine;
}

/* (e^x -+ e^-x) / 2 */
static bool hyperbolic(bool sine, ca_t x, ca_ctx_t ctx)
{
    ca_t inverse;
    ca_init(inverse, ctx);
    ca_exp(x, x, ctx);
    bool fine = is_nonzero(x, ctx);
    if (fine) {
        ca_inv(inverse, x, ctx);
        if (sine)
            ca_sub(x, x, inverse, ctx);
        else
            ca_add(x, x, inverse, ctx);
        ca_div_si(x, x, 2, ctx);
    }
    ca_clear(inverse, ctx);
    return fine;
}

static bool one(const struct expr *e, ca_t x, ca_ctx_t ctx)
{
    uint8_t op = e->op;
    if (op <= FN_CSC)
        return trigonometric(op, e->args[0], x, ctx);
    if (op == FN_ACOT || op == FN_ASEC || op == FN_ACSC) {
        if (!is_nonzero(x, ctx))
            return false;
        ca_inv(x, x, ctx);
    }
    switch (op) {
    case FN_ASIN:
    case FN_ACSC:
        ca_asin(x, x, ctx);
        return true;
    case FN_ACOS:
    case FN_ASEC:
        ca_acos(x, x, ctx);
        return true;
    case FN_ATAN:
    case FN_ACOT:
        ca_atan(x, x, ctx);
        return true;
    case FN_EXP:
        ca_exp(x, x, ctx);
        return true;
    case FN_SINH:
    case FN_COSH:
        return hyperbolic(op == FN_SINH, x, ctx);
    case FN_LN:
    case FN_LOG:
        if (!is_nonzero(x, ctx))
            return false;
        ca_log(x, x, ctx);
        return true;
    case FN_SQRT:
        ca_sqrt(x, x, ctx);
        return true;
    case FN_ABS:
        ca_abs(x, x, ctx);
        return true;
    case FN_FLOOR:
        ca_floor(x, x, ctx);
        return true;
    case FN_CEIL:
        ca_ceil(x, x, ctx);
        return true;
    case FN_RE:
        ca_re(x, x, ctx);
        return true;
    case FN_IM:
        ca_im(x, x, ctx);
        return true;
    case FN_CONJ:
        ca_conj(x, x, ctx);
        return true;
    default:
        return false;
    }
}

static bool extreme(const struct expr *e, ca_t out, ca_ctx_t ctx)
{
    ca_t b;
    ca_init(b, ctx);
    bool fine = true;
    for (size_t i = 1; fine && i < e->n; i++) {
        fine = to_ca(e->args[i], b, ctx);
        fine = fine && ca_check_is_real(b, ctx) == T_TRUE && ca_check_is_real(out, ctx) == T_TRUE;
        truth_t less = fine ? ca_check_lt(b, out, ctx) : T_UNKNOWN;
        fine = less != T_UNKNOWN;
        if (fine && (less == T_TRUE) == (e->op == FN_MIN))
            ca_set(out, b, ctx);
    }
    ca_clear(b, ctx);
    return fine;
}

/* a - b floor(a / b) */
static bool modulus(const struct expr *divisor, ca_t out, ca_ctx_t ctx)
{
    ca_t b, q;
    ca_init(b, ctx);
    ca_init(q, ctx);
    bool fine = to_ca(divisor, b, ctx) && is_nonzero(b, ctx);
    if (fine) {
        ca_div(q, out, b, ctx);
        ca_floor(q, q, ctx);
        ca_mul(q, q, b, ctx);
        ca_sub(out, out, q, ctx);
    }
    ca_clear(b, ctx);
    ca_clear(q, ctx);
    return fine;
}

static bool function(const struct expr *e, ca_t out, ca_ctx_t ctx)
{
    if (!to_ca(e->args[0], out, ctx))
        return false;
    if (e->n == 1)
        return one(e, out, ctx);
    if (e->op == FN_ROOT)
        return root(out, e->args[1], ctx);
    if (e->op == FN_MIN || e->op == FN_MAX)
        return extreme(e, out, ctx);
    if (e->op == FN_MOD)
        return modulus(e->args[1], out, ctx);
    if (e->op != FN_LOG)
        return false;
    ca_t base;
    ca_init(base, ctx);
    bool fine = to_ca(e->args[1], base, ctx) && is_nonzero(base, ctx) && is_nonzero(out, ctx);
    if (fine) {
        ca_log(base, base, ctx);
        ca_log(out, out, ctx);
        fine = is_nonzero(base, ctx);
        if (fine)
            ca_div(out, out, base, ctx);
    }
    ca_clear(base, ctx);
    return fine;
}

static bool to_ca(const struct expr *e, ca_t out, ca_ctx_t ctx)
{
    switch (e->kind) {
    case EXPR_NUMBER:
    case EXPR_BIG:
        return rational_leaf(e, out, ctx);
    case EXPR_CONST:
        if (e->op == CONST_PI) {
            ca_pi(out, ctx);
        } else if (e->op == CONST_E) {
            ca_one(out, ctx);
            ca_exp(out, out, ctx);
        } else if (e->op == CONST_I) {
            ca_i(out, ctx);
        } else {
            return false;
        }
        return true;
    case EXPR_NEG:
        if (!to_ca(e->args[0], out, ctx))
            return false;
        ca_neg(out, out, ctx);
        return true;
    case EXPR_PERCENT:
        if (!to_ca(e->args[0], out, ctx))
            return false;
        ca_div_ui(out, out, 100, ctx);
        return true;
    case EXPR_DEGREE: {
        if (!to_ca(e->args[0], out, ctx))
            return false;
        ca_t pi;
        ca_init(pi, ctx);
        ca_pi(pi, ctx);
        ca_mul(out, out, pi, ctx);
        ca_div_ui(out, out, 180, ctx);
        ca_clear(pi, ctx);
        return true;
    }
    case EXPR_ADD:
    case EXPR_MUL:
    case EXPR_DIV:
    case EXPR_POW:
        return binary(e, out, ctx);
    case EXPR_FUNC:
        return rational_leaf(e, out, ctx) || function(e, out, ctx);
    default:
        return false;
    }
}

enum constant_verdict constant_compare(const struct expr *a, const struct expr *b)
{
    if (!affordable(a, b))
        return CONSTANT_UNKNOWN;
    ca_ctx_t ctx;
    ca_ctx_init(ctx);
    ca_ctx_set_option(ctx, CA_OPT_PREC_LIMIT, 1024);
    ca_ctx_set_option(ctx, CA_OPT_QQBAR_DEG_LIMIT, (slong)DEGREE_MAX);
    ca_t x, y;
    ca_init(x, ctx);
    ca_init(y, ctx);
    enum constant_verdict verdict = CONSTANT_UNKNOWN;
    if (to_ca(a, x, ctx) && to_ca(b, y, ctx)) {
        truth_t equal = ca_check_equal(x, y, ctx);
        if (equal == T_TRUE && ca_check_is_number(x, ctx) == T_TRUE)
            verdict = CONSTANT_EQUAL;
        else if (equal == T_FALSE)
            verdict = CONSTANT_DIFFERENT;
    }
    ca_clear(x, ctx);
    ca_clear(y, ctx);
    ca_ctx_clear(ctx);
    return verdict;
}
