/*
 * Real branches only: a root or logarithm of a negative number is NaN. Sums and products over an
 * index are left to the balls.
 */
#include "claims/math/approx.h"

#include <math.h>
#include <string.h>

#include "claims/math/flint.h"

struct point {
    const struct expr *const *vars;
    const double *values;
    size_t n;
};

static double eval(const struct expr *e, const struct point *p);

static double number(const struct number *n)
{
    return fmpz_get_d(fmpq_numref(n->value)) / fmpz_get_d(fmpq_denref(n->value));
}

static double variable(const struct expr *e, const struct point *p)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->vars[i]->len == e->len && memcmp(p->vars[i]->name, e->name, e->len) == 0)
            return p->values[i];
    return NAN;
}

static double constant(uint8_t op)
{
    return op == CONST_PI ? M_PI : op == CONST_E ? M_E : op == CONST_INFINITY ? INFINITY : NAN;
}

static double sign(double x)
{
    return x > 0 ? 1 : x < 0 ? -1 : x;
}

static double trigonometric(uint8_t op, double x)
{
    switch (op) {
    case FN_SIN:
        return sin(x);
    case FN_COS:
        return cos(x);
    case FN_TAN:
        return tan(x);
    case FN_COT:
        return 1 / tan(x);
    case FN_SEC:
        return 1 / cos(x);
    case FN_CSC:
        return 1 / sin(x);
    case FN_ASIN:
        return asin(x);
    case FN_ACOS:
        return acos(x);
    case FN_ATAN:
        return atan(x);
    case FN_ACOT:
        return atan(1 / x);
    case FN_ASEC:
        return acos(1 / x);
    case FN_ACSC:
        return asin(1 / x);
    case FN_SINH:
        return sinh(x);
    case FN_COSH:
        return cosh(x);
    case FN_TANH:
        return tanh(x);
    case FN_ASINH:
        return asinh(x);
    case FN_ACOSH:
        return acosh(x);
    default:
        return atanh(x);
    }
}

static double one(uint8_t op, double x)
{
    if (op <= FN_ATANH)
        return trigonometric(op, x);
    switch (op) {
    case FN_LN:
    case FN_LOG:
        return x > 0 ? log(x) : NAN;
    case FN_EXP:
        return exp(x);
    case FN_ABS:
        return fabs(x);
    case FN_FLOOR:
        return floor(x);
    case FN_CEIL:
        return ceil(x);
    case FN_FACTORIAL:
        return x >= 0 && x == floor(x) ? tgamma(x + 1) : NAN;
    case FN_SQRT:
        return x >= 0 ? sqrt(x) : NAN;
    case FN_SIGN:
        return sign(x);
    case FN_RE:
    case FN_CONJ:
    case FN_MIN:
    case FN_MAX:
        return x;
    default:
        return NAN;
    }
}

static double root(double x, double degree)
{
    if (x < 0 && fmod(degree, 2) == 1)
        return -pow(-x, 1 / degree);
    return x >= 0 ? pow(x, 1 / degree) : NAN;
}

static double two(uint8_t op, double x, double y)
{
    switch (op) {
    case FN_LOG:
        return x > 0 && y > 0 ? log(x) / log(y) : NAN;
    case FN_ROOT:
        return root(x, y);
    case FN_MOD:
        return x - y * floor(x / y);
    case FN_MIN:
        return x < y ? x : x >= y ? y : NAN;
    case FN_MAX:
        return x > y ? x : x <= y ? y : NAN;
    default:
        return NAN;
    }
}

static double operation(const struct expr *e, const struct point *p)
{
    double x = eval(e->args[0], p);
    for (size_t i = 1; i < e->n; i++) {
        double y = eval(e->args[i], p);
        switch (e->kind) {
        case EXPR_ADD:
            x += y;
            break;
        case EXPR_MUL:
            x *= y;
            break;
        case EXPR_DIV:
            x /= y;
            break;
        case EXPR_POW:
            x = y == 2 ? x * x : pow(x, y);
            break;
        default:
            x = two(e->op, x, y);
        }
    }
    return x;
}

static double eval(const struct expr *e, const struct point *p)
{
    switch (e->kind) {
    case EXPR_NUMBER:
        return number(e->number);
    case EXPR_CONST:
        return constant(e->op);
    case EXPR_VAR:
        return variable(e, p);
    case EXPR_NEG:
        return -eval(e->args[0], p);
    case EXPR_PERCENT:
        return eval(e->args[0], p) / 100;
    case EXPR_DEGREE:
        return eval(e->args[0], p) * M_PI / 180;
    case EXPR_ADD:
    case EXPR_MUL:
    case EXPR_DIV:
    case EXPR_POW:
        return operation(e, p);
    case EXPR_FUNC:
        return e->n == 1 ? one(e->op, eval(e->args[0], p)) : operation(e, p);
    default:
        return NAN;
    }
}

double approx_eval(const struct expr *e, const struct expr *const *vars, const double *values,
                   size_t n)
{
    struct point p = {.vars = vars, .values = values, .n = n};
    return eval(e, &p);
}
