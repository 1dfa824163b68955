/*
 * Numbers to products and sums, by recursive descent over the tokens. Juxtaposition multiplies, so
 * the parser must know where a product ends: at a unit, at prose, at the closing bar of an absolute
 * value.
 */
#include <string.h>

#include "claims/math/parse_internal.h"

static struct expr *take_sign_or_fail(struct parser *p, char c, struct expr *value)
{
    return parse_take_sign(p, c) ? value : parse_fail(p);
}

static bool starts_primary(const struct parser *p);
static struct expr *parse_product(struct parser *p);
static struct expr *parse_power(struct parser *p);

static struct expr *parse_unary(struct parser *p);

static struct expr *parse_mixed(struct parser *p, struct expr *whole);

/* A LaTeX group {sum}, or else one primary: the argument of \sqrt, ^ and their kin. */
static struct expr *parse_group(struct parser *p)
{
    if (parse_take_sign(p, '{')) {
        struct expr *e = parse_sum(p);
        return take_sign_or_fail(p, '}', e);
    }
    return parse_primary(p);
}

static struct expr *parse_call(struct parser *p, uint8_t op, struct expr *a, struct expr *b)
{
    return parse_make(p, EXPR_FUNC, op, a, b);
}

/* The arguments of f(a, b, ...): a bracketed list. */
static struct expr *parse_arguments(struct parser *p, uint8_t op, char open, char close)
{
    struct parse_list list = {0};
    parse_take_sign(p, open);
    int bars = p->bars;
    p->bars = 0;
    do
        parse_push(p, &list, parse_sum(p));
    while (p->status == PARSE_OK && parse_take_sign(p, ','));
    p->bars = bars;
    if (p->status != PARSE_OK || !parse_take_sign(p, close))
        return parse_fail(p);
    struct expr *e = parse_from_list(p, EXPR_FUNC, &list);
    if (e)
        e->op = op;
    return e;
}

static bool takes_many(uint8_t op)
{
    return op == FN_GCD || op == FN_LCM || op == FN_MIN || op == FN_MAX || op == FN_MOD ||
           op == FN_BINOM;
}

/* What sin 2x takes: a product by juxtaposition, up to an operator or the next function. */
static struct expr *parse_bare_argument(struct parser *p)
{
    struct parse_list list = {0};
    if (parse_at_sign(p, '-')) {
        p->at++;
        return parse_make(p, EXPR_NEG, 0, parse_bare_argument(p), NULL);
    }
    do
        parse_push(p, &list, parse_power(p));
    while (p->status == PARSE_OK && starts_primary(p) && !parse_at(p, TOK_FUNC) &&
           !parse_at_sign(p, '('));
    if (parse_at_sign(p, '/') && p->at[1].kind == TOK_NUMBER && p->at + 1 < p->end && list.n) {
        p->at++; /* sin pi/6 */
        struct expr *top = list.n == 1 ? list.items[0] : parse_from_list(p, EXPR_MUL, &list);
        return parse_make(p, EXPR_DIV, 0, top, parse_primary(p));
    }
    return list.n == 1 ? list.items[0] : parse_from_list(p, EXPR_MUL, &list);
}

static bool is_minus_one(const struct expr *e)
{
    return e->kind == EXPR_NEG && e->args[0]->kind == EXPR_NUMBER &&
           fmpq_is_one(e->args[0]->number->value);
}

static int inverse_of(uint8_t op)
{
    static const int inverse[] = {FN_ASIN, FN_ACOS, FN_ATAN, FN_ACOT, FN_ASEC, FN_ACSC};
    return op <= FN_CSC    ? inverse[op]
           : op == FN_SINH ? FN_ASINH
           : op == FN_COSH ? FN_ACOSH
           : op == FN_TANH ? FN_ATANH
                           : -1;
}

/* \lfloor x \rfloor */
static struct expr *parse_fence(struct parser *p, uint16_t open)
{
    struct expr *e = parse_sum(p);
    uint16_t close = open == FN_FLOOR_OPEN ? FN_FLOOR_CLOSE : FN_CEIL_CLOSE;
    if (!e || !parse_at(p, TOK_FUNC) || p->at->id != close)
        return parse_fail(p);
    p->at++;
    return parse_call(p, open == FN_FLOOR_OPEN ? FN_FLOOR : FN_CEIL, e, NULL);
}

/* cis x = e^(i x) */
static struct expr *parse_cis(struct parser *p)
{
    struct expr *i = parse_node(p, EXPR_CONST, 0);
    if (!i)
        return NULL;
    i->op = CONST_I;
    struct expr *arg = parse_at_sign(p, '(') ? parse_primary(p) : parse_bare_argument(p);
    return arg ? parse_call(p, FN_EXP, parse_make(p, EXPR_MUL, 0, i, arg), NULL) : NULL;
}

static struct expr *parse_exp(struct parser *p, struct expr *arg)
{
    struct expr *e = arg ? parse_node(p, EXPR_CONST, 0) : NULL;
    if (e)
        e->op = CONST_E;
    return e ? parse_make(p, EXPR_POW, 0, e, arg) : NULL;
}

/* \mathrm{C}_5^2 */
static struct expr *parse_combinations(struct parser *p)
{
    struct expr *n = parse_take_sign(p, '_') ? parse_group(p) : NULL;
    struct expr *k = n && parse_take_sign(p, '^') ? parse_group(p) : NULL;
    return k ? parse_call(p, FN_BINOM, n, k) : parse_fail(p);
}

static struct expr *parse_function(struct parser *p, uint8_t op)
{
    struct expr *power = NULL, *base = NULL;
    if (op == FN_BINOM && parse_at_sign(p, '_'))
        return parse_combinations(p);
    if (op == FN_FLOOR_OPEN || op == FN_CEIL_OPEN)
        return parse_fence(p, op);
    if (op == FN_CIS)
        return parse_cis(p);
    if (op == FN_LG) {
        base = parse_variable(p, EXPR_LG_BASE, strlen(EXPR_LG_BASE));
        op = FN_LOG;
    }
    if (op >= FN_COUNT)
        return parse_fail(p);
    for (int i = 0; i < 2; i++) {
        if (!power && parse_take_sign(p, '^'))
            power = parse_at_sign(p, '-') ? parse_unary(p) : parse_group(p);
        if (!base && op == FN_LOG && parse_take_sign(p, '_'))
            base = parse_group(p);
    }
    struct expr *e;
    if (takes_many(op)) {
        e = parse_at_sign(p, '(')   ? parse_arguments(p, op, '(', ')')
            : parse_at_sign(p, '{') ? parse_arguments(p, op, '{', '}')
                                    : parse_fail(p);
    } else {
        struct expr *arg;
        if (parse_take_sign(p, '(')) {
            arg = parse_sum(p);
            if (arg && parse_at_sign(p, ',') && op == FN_LOG && !base) { /* log(8, 2) */
                p->at++;
                base = parse_sum(p);
            }
            arg = take_sign_or_fail(p, ')', arg);
        } else if (parse_at_sign(p, '{') || parse_at_sign(p, '[')) {
            arg = parse_at_sign(p, '{') ? parse_group(p) : parse_primary(p);
        } else {
            arg = parse_bare_argument(p);
        }
        e = op == FN_EXP && arg && arg->kind == EXPR_NUMBER && !arg->number->point
                ? parse_exp(p, arg)
                : parse_call(p, op, arg, base);
    }
    if (!power || !e)
        return e;
    if (is_minus_one(power) && inverse_of(op) >= 0) {
        e->op = (uint8_t)inverse_of(op);
        return e;
    }
    return parse_make(p, EXPR_POW, 0, e, power);
}

static struct expr *parse_sqrt(struct parser *p, uint8_t root)
{
    struct expr *degree = NULL;
    if (parse_take_sign(p, '[')) {
        degree = parse_sum(p);
        if (!take_sign_or_fail(p, ']', degree))
            return NULL;
    } else if (root == 3) {
        degree = parse_integer(p, 3);
    }
    struct expr *arg = parse_group(p);
    return parse_call(p, degree ? FN_ROOT : FN_SQRT, arg, degree);
}

/* \sum_{k=1}^{n} body */
static struct expr *parse_big(struct parser *p, uint8_t op)
{
    struct expr *from = NULL, *to = NULL, *var = NULL;
    bool outer_index = p->index;
    if (op >= FN_COUNT)
        return parse_fail(p);
    for (int i = 0; i < 2; i++) {
        if (!var && parse_take_sign(p, '_')) {
            p->index = true; /* i is the index, not the imaginary unit */
            if (!parse_take_sign(p, '{') || !(var = parse_primary(p)) || var->kind != EXPR_VAR ||
                !parse_take_sign(p, '='))
                return parse_fail(p);
            from = take_sign_or_fail(p, '}', parse_sum(p));
        }
        if (!to && parse_take_sign(p, '^'))
            to = parse_group(p);
    }
    if (!var || !from || !to)
        return parse_fail(p);
    struct expr *body = parse_product(p);
    p->index = outer_index;
    struct expr *e = body ? parse_node(p, EXPR_BIG, 4) : NULL;
    if (!e)
        return NULL;
    e->op = op;
    parse_set_arg(e, 0, var);
    parse_set_arg(e, 1, from);
    parse_set_arg(e, 2, to);
    parse_set_arg(e, 3, body);
    return e;
}

static bool is_letter_const(char c)
{
    return c == 'e' || c == 'i' || c == 'I';
}

/* f(x) behind its name. */
static struct expr *parse_application(struct parser *p, struct expr *name)
{
    if (!name || p->letter || p->status != PARSE_OK || !parse_is_applied(p, name))
        return name;
    p->at++;
    int bars = p->bars;
    p->bars = 0;
    struct expr *arg = take_sign_or_fail(p, ')', parse_sum(p));
    p->bars = bars;
    return arg ? parse_call(p, FN_APPLY, name, arg) : NULL;
}

/* The dy of "x dy", which is no product d y. */
static bool at_differential(const struct parser *p)
{
    const struct token *t = p->at;
    return p->letter == 0 && t->len == 2 && t->text[0] == 'd' && strchr("xyztruvs", t->text[1]) &&
           t->space && t > p->begin && (t[-1].kind == TOK_WORD || t[-1].kind == TOK_NAME);
}

static struct expr *parse_differential(struct parser *p)
{
    const struct token *t = p->at++;
    struct expr *d = parse_variable(p, t->text, 1);
    return d ? parse_call(p, FN_APPLY, d, parse_variable(p, t->text + 1, 1)) : NULL;
}

/* One letter of a word, or a function at its start ("sinx"). */
static struct expr *parse_word(struct parser *p)
{
    const struct token *t = p->at;
    const char *s = t->text + p->letter;
    size_t left = t->len - p->letter;
    if (at_differential(p))
        return parse_differential(p);
    if (left > 3) {
        static const char *const starts[] = {"sqrt", "sin", "cos", "tan", "log", "ln"};
        for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
            size_t len = strlen(starts[i]);
            if (left > len && left <= len + 2 && strncmp(s, starts[i], len) == 0) {
                p->letter += len;
                int op = lex_func(starts[i], len);
                struct expr *arg = parse_power(p);
                return parse_call(p, op < 0 ? FN_SQRT : (uint8_t)op, arg, NULL);
            }
        }
    }
    if ((unsigned char)s[0] >= 0x80 || (p->letter == 0 && (t->len > 3 || parse_is_prose(p, t))))
        return parse_fail(p);
    if (++p->letter == t->len) {
        p->at++;
        p->letter = 0;
    }
    if (is_letter_const(s[0]) && !(p->index && s[0] == 'i') &&
        !(parse_at_sign(p, '_') && p->letter == 0)) {
        struct expr *e = parse_node(p, EXPR_CONST, 0);
        if (e)
            e->op = s[0] == 'e' ? CONST_E : CONST_I;
        return e;
    }
    struct expr *var = parse_variable(p, s, 1);
    return p->letter == 0 ? parse_application(p, parse_name(p, var)) : var;
}

/* \alpha, \phi(n); an angle's points are a name, the same in both directions. */
static struct expr *parse_named(struct parser *p)
{
    const struct token *t = p->at++;
    bool figure = (t->len == 5 && memcmp(t->text, "angle", 5) == 0) ||
                  (t->len == 8 && memcmp(t->text, "triangle", 8) == 0);
    if (figure && parse_at(p, TOK_WORD) && p->at->len == 3) {
        const struct token *points = p->at++;
        bool turn = t->len == 5 && points->text[0] > points->text[2];
        char *name =
            arena_printf(&p->pool->arena, "%.*s %c%c%c", (int)t->len, t->text,
                         points->text[turn ? 2 : 0], points->text[1], points->text[turn ? 0 : 2]);
        return name ? parse_variable(p, name, strlen(name)) : parse_fail(p);
    }
    return parse_application(p, parse_name(p, parse_variable(p, t->text, t->len)));
}

/* |x|, ||x|| */
static struct expr *parse_bars(struct parser *p)
{
    p->bars++;
    struct expr *e = parse_sum(p);
    p->bars--;
    return parse_call(p, FN_ABS, take_sign_or_fail(p, '|', e), NULL);
}

/* (x), [x] and {x} where they can hold nothing but a scalar. */
static struct expr *parse_grouping(struct parser *p)
{
    if (++p->depth > EXPR_DEPTH_MAX) {
        p->status = PARSE_LIMIT;
        return NULL;
    }
    char close = parse_at_sign(p, '(') ? ')' : parse_at_sign(p, '[') ? ']' : '}';
    int bars = p->bars;
    p->bars = 0;
    p->at++;
    struct expr *e = take_sign_or_fail(p, close, parse_sum(p));
    p->bars = bars;
    p->depth--;
    return e;
}

static struct expr *parse_number(struct parser *p)
{
    struct expr *e = parse_node(p, EXPR_NUMBER, 0);
    if (!e)
        return NULL;
    e->number = p->at->number;
    p->at++;
    return e;
}

struct expr *parse_primary(struct parser *p)
{
    if (p->at >= p->end)
        return parse_fail(p);
    if (++p->depth > EXPR_DEPTH_MAX) {
        p->status = PARSE_LIMIT;
        return NULL;
    }
    const struct token *t = p->at;
    struct expr *e = NULL;
    switch (t->kind) {
    case TOK_NUMBER:
        e = parse_number(p);
        break;
    case TOK_WORD:
    case TOK_NAME: {
        size_t derivative = p->letter ? 0 : parse_derivative_length(p, false);
        if (derivative)
            e = parse_written_name(p, derivative);
        else
            e = t->kind == TOK_WORD ? parse_word(p) : parse_named(p);
        break;
    }
    case TOK_CONST:
        p->at++;
        e = parse_node(p, EXPR_CONST, 0);
        if (e)
            e->op = t->id;
        break;
    case TOK_FUNC:
        p->at++;
        e = parse_function(p, t->id);
        break;
    case TOK_FRAC:
    case TOK_BINOM: {
        p->at++;
        size_t derivative = t->kind == TOK_FRAC ? parse_derivative_length(p, true) : 0;
        if (derivative) {
            e = parse_written_name(p, derivative);
            break;
        }
        struct expr *top = parse_group(p), *bottom = top ? parse_group(p) : NULL;
        if (bottom)
            e = t->kind == TOK_FRAC ? parse_make(p, EXPR_DIV, 1, top, bottom)
                                    : parse_call(p, FN_BINOM, top, bottom);
        break;
    }
    case TOK_SQRT:
        p->at++;
        e = parse_sqrt(p, t->id);
        break;
    case TOK_BIG:
        p->at++;
        e = parse_big(p, t->id);
        break;
    case TOK_CURRENCY:
    case TOK_DOLLAR: /* inside an expression the sign says nothing about the value */
        p->at++;
        e = p->bracket ? parse_fail(p) : parse_primary(p);
        break;
    case TOK_SIGN:
        if (t->id == '|') {
            p->at++;
            e = parse_bars(p);
        } else if (t->id == '(' || t->id == '[' || t->id == '{') {
            e = p->bracket ? p->bracket(p) : parse_grouping(p);
        } else {
            e = parse_fail(p);
        }
        break;
    case TOK_SET_OPEN:
    case TOK_ANGLE_OPEN:
    case TOK_BEGIN:
        e = p->bracket ? p->bracket(p) : parse_fail(p);
        break;
    default:
        e = parse_fail(p);
    }
    p->depth--;
    return e ? e : parse_fail(p);
}

/* The 2^{n-1} of "n2^{n-1}"; "x2" may be x_2. */
static bool at_power_of_number(const struct parser *p)
{
    const struct token *t = p->at;
    return !t->space && t[-1].kind == TOK_WORD && t[-1].len == 1 && p->end - t >= 2 &&
           t[1].kind == TOK_SIGN && t[1].id == '^';
}

/* The [x + 1] of 2[x + 1]: no comma, the same bracket behind. */
static bool holds_scalar(const struct token *t, const struct token *end)
{
    int depth = 0;
    for (; t < end; t++) {
        bool open =
            (t->kind == TOK_SIGN && t->id && strchr("([{", t->id)) || t->kind == TOK_SET_OPEN;
        bool close =
            (t->kind == TOK_SIGN && t->id && strchr(")]}", t->id)) || t->kind == TOK_SET_CLOSE;
        depth += open - close;
        if (depth == 0)
            return t->kind == TOK_SET_CLOSE || (t->kind == TOK_SIGN && t->id == ']');
        if (depth == 1 && ((t->kind == TOK_SIGN && t->id && strchr(",;:|=<>", t->id)) ||
                           t->kind == TOK_SUCH || t->kind == TOK_AND || t->kind == TOK_OR ||
                           t->kind == TOK_IN || t->kind == TOK_LE || t->kind == TOK_GE))
            return false;
    }
    return false;
}

static bool starts_primary(const struct parser *p)
{
    if (p->at >= p->end)
        return false;
    switch (p->at->kind) {
    case TOK_NUMBER: /* 5!7!, (1/2)3, \frac{1}{2}3, \pi 9 */
        return (p->at[-1].kind == TOK_SIGN && p->at[-1].id &&
                strchr(p->at->space ? "!)" : "!)}", p->at[-1].id)) ||
               (p->at[-1].kind == TOK_CONST && p->at[-1].id == CONST_PI) || at_power_of_number(p);
    case TOK_WORD:
        return p->letter > 0 || !parse_word_ends_product(p);
    case TOK_NAME: /* \mu\text{m} is a unit */
        return !parse_at_micro(p);
    case TOK_CONST:
    case TOK_FRAC:
    case TOK_SQRT:
    case TOK_BINOM:
    case TOK_BIG:
        return true;
    case TOK_BEGIN: /* 2 times a matrix */
        return p->bracket != NULL;
    case TOK_SET_OPEN: /* 3\{x + 1\} */
        return p->bracket && holds_scalar(p->at, p->end);
    case TOK_FUNC:
        return p->at->id != FN_FLOOR_CLOSE && p->at->id != FN_CEIL_CLOSE;
    case TOK_SIGN:
        return (p->at->id == '(' && !(p->end - p->at > 1 && p->at[1].kind == TOK_MOD) &&
                !parse_named_base(p)) ||
               (p->at->id == '{' && !p->at->space) ||
               (p->at->id == '[' && (!p->bracket || holds_scalar(p->at, p->end))) ||
               (p->at->id == '|' && p->bars == 0);
    default:
        return false;
    }
}

static bool take_degree(struct parser *p)
{
    const struct token *t = p->at;
    size_t n = 0;
    if (parse_at(p, TOK_DEGREE))
        n = 1;
    else if (parse_at_sign(p, '^') && t + 1 < p->end && t[1].kind == TOK_DEGREE)
        n = 2;
    else if (parse_at_sign(p, '^') && t + 3 < p->end && t[1].kind == TOK_SIGN && t[1].id == '{' &&
             t[2].kind == TOK_DEGREE && t[3].kind == TOK_SIGN && t[3].id == '}')
        n = 4;
    p->at += n;
    return n > 0;
}

/* 30'15'' after whole degrees. */
static struct expr *parse_minutes(struct parser *p, struct expr *degrees)
{
    struct expr *e = degrees;
    for (slong part = 60; part <= 3600; part *= 60) {
        const struct token *t = p->at;
        size_t marks = part == 60 ? 1 : 2, n = 1;
        if (p->end - t < 2 || t->kind != TOK_NUMBER)
            return e;
        if (t[1].kind == TOK_SIGN && t[1].id == '"' && part > 60)
            n = 1 + (marks = 1);
        while (n < 3 && t + n < p->end && t[n].kind == TOK_SIGN && t[n].id == '\'')
            n++;
        if (n - 1 != marks)
            return e;
        struct expr *small = parse_number(p);
        p->at += marks;
        e = parse_make(p, EXPR_ADD, 0, e,
                       parse_make(p, EXPR_DIV, 0, small, parse_integer(p, part)));
    }
    return e;
}

/* The \circ of f \circ g, whose sides cannot change places. */
static bool at_composition(const struct parser *p)
{
    const struct token *t = p->at;
    if (!parse_at(p, TOK_DEGREE) &&
        !(parse_at_sign(p, '^') && p->end - t > 1 && t[1].kind == TOK_DEGREE))
        return false;
    const struct token *next = t + 1 + parse_at_sign(p, '^');
    return t > p->begin && (t[-1].kind == TOK_WORD || t[-1].kind == TOK_NAME) && next < p->end &&
           (next->kind == TOK_WORD || next->kind == TOK_NAME);
}

/* Factorials, primes, percents and degrees bind tightest. */
static struct expr *parse_postfix(struct parser *p)
{
    struct expr *e = parse_primary(p);
    while (e && p->status == PARSE_OK && p->letter == 0) {
        if (parse_at_sign(p, '!')) {
            p->at++;
            uint8_t op = FN_FACTORIAL;
            if (parse_at_sign(p, '!') && !p->at->space) {
                p->at++;
                op = FN_DOUBLE_FACTORIAL;
            }
            e = parse_call(p, op, e, NULL);
        } else if (parse_take_sign(p, '%')) {
            e = parse_make(p, EXPR_PERCENT, 0, e, NULL);
        } else if (at_composition(p)) {
            return parse_fail(p);
        } else if (take_degree(p)) {
            e = parse_make(p, EXPR_DEGREE, 0, parse_minutes(p, e), NULL);
        } else {
            break;
        }
    }
    return e;
}

static struct expr *parse_exponent(struct parser *p)
{
    if (parse_at_sign(p, '-') || parse_at_sign(p, '+')) {
        bool negative = parse_at_sign(p, '-');
        p->at++;
        struct expr *e = parse_exponent(p);
        return negative ? parse_make(p, EXPR_NEG, 0, e, NULL) : e;
    }
    if (parse_at_sign(p, '{')) {
        struct expr *e = parse_group(p);
        return e;
    }
    return parse_power(p);
}

static struct expr *parse_power(struct parser *p)
{
    struct expr *base = parse_postfix(p);
    if (!base || p->letter != 0 || !parse_at_sign(p, '^'))
        return base;
    if (++p->depth > EXPR_DEPTH_MAX) {
        p->status = PARSE_LIMIT;
        return NULL;
    }
    p->at++;
    struct expr *exponent = parse_exponent(p);
    p->depth--;
    struct expr *e = exponent ? parse_make(p, EXPR_POW, 0, base, exponent) : NULL;
    if (e && exponent->kind == EXPR_NEG) /* f^{-1}(x) */
        e = parse_application(p, e);
    while (e && parse_at_sign(p, '!')) {
        p->at++;
        e = parse_call(p, FN_FACTORIAL, e, NULL);
    }
    if (e && take_degree(p))
        e = parse_make(p, EXPR_DEGREE, 0, e, NULL);
    return e;
}

static struct expr *parse_unary(struct parser *p)
{
    int sign = 0;
    while (parse_at_sign(p, '-') || parse_at_sign(p, '+')) {
        sign ^= parse_at_sign(p, '-');
        p->at++;
        if (parse_at(p, TOK_DOLLAR) && !p->bracket)
            p->at++;
    }
    struct expr *e = parse_power(p);
    if (e && p->letter == 0)
        e = parse_mixed(p, e);
    if (e && p->letter == 0 && parse_take_sign(p, '%')) /* 33 1/3 % */
        e = parse_make(p, EXPR_PERCENT, 0, e, NULL);
    else if (e && p->letter == 0 && take_degree(p))
        e = parse_make(p, EXPR_DEGREE, 0, e, NULL);
    return sign ? parse_make(p, EXPR_NEG, 0, e, NULL) : e;
}

/* "2 1/2", "2\frac{1}{2}": a whole number and a proper fraction of whole numbers add. */
static struct expr *parse_mixed(struct parser *p, struct expr *whole)
{
    if (!whole || whole->kind != EXPR_NUMBER || whole->number->point ||
        !fmpz_is_one(fmpq_denref(whole->number->value)))
        return whole;
    const struct token *t = p->at;
    struct expr *fraction = NULL;
    if (t + 2 < p->end && t[0].kind == TOK_NUMBER && t[1].kind == TOK_SIGN && t[1].id == '/' &&
        t[2].kind == TOK_NUMBER && !t[1].space) {
        p->at++;
        struct expr *top = parse_integer(p, 0);
        if (top)
            top->number = t[0].number;
        p->at++;
        fraction = parse_make(p, EXPR_DIV, 1, top, parse_number(p));
    } else if (t < p->end && t[0].kind == TOK_FRAC) {
        fraction = parse_primary(p);
    }
    if (!fraction)
        return whole;
    if (fraction->kind != EXPR_DIV) /* 2 dy/dx */
        return parse_make(p, EXPR_MUL, 1, whole, fraction);
    const struct expr *top = fraction->args[0], *bottom = fraction->args[1];
    bool proper = top->kind == EXPR_NUMBER && bottom->kind == EXPR_NUMBER &&
                  fmpz_is_one(fmpq_denref(top->number->value)) &&
                  fmpz_is_one(fmpq_denref(bottom->number->value)) &&
                  fmpz_cmp(fmpq_numref(top->number->value), fmpq_numref(bottom->number->value)) < 0;
    return parse_make(p, proper ? EXPR_ADD : EXPR_MUL, 0, whole, fraction);
}

/* "a mod b", "n choose k" */
static struct expr *parse_infix(struct parser *p, struct expr *a)
{
    uint8_t op = p->at->id;
    p->at++;
    struct expr *b = parse_unary(p);
    return b ? parse_call(p, op, a, b) : NULL;
}

static bool is_capital(const struct token *t)
{
    return t->len == 1 && t->text[0] >= 'A' && t->text[0] <= 'Z';
}

/* \vec a \times \vec b at p->at, A \times B as a whole answer, and \mathbf{A}\mathbf{B}: no product
 * whose factors can change places. */
static bool at_vector_product(const struct parser *p)
{
    const struct token *t = p->at, *before = t - 1;
    bool times = parse_at_sign(p, '*');
    if (p->letter || t <= p->begin || t >= p->end || (times && strncmp(t->text, "\\times", 6) != 0))
        return false;
    t += times;
    if (t < p->end && t->kind == TOK_SIGN && t->id == '{')
        t++;
    if (before > p->begin && before->kind == TOK_SIGN && before->id == '}')
        before--;
    bool letters = t < p->end && (t->kind == TOK_WORD || t->kind == TOK_NAME) &&
                   (before->kind == TOK_WORD || before->kind == TOK_NAME);
    bool sets = times && p->end - p->begin == 3 && letters && is_capital(t) && is_capital(before);
    return letters && (sets || (t->bold && before->bold));
}

static struct expr *parse_product(struct parser *p)
{
    struct expr *e = parse_unary(p);
    while (e && p->status == PARSE_OK) {
        if (at_vector_product(p))
            return parse_fail(p);
        if (parse_take_sign(p, '*')) {
            e = parse_make(p, EXPR_MUL, 0, e, parse_unary(p));
        } else if (parse_at_sign(p, '/') && p->letter == 0) {
            if (p->bracket && parse_is_rate(p)) /* $15/hour */
                break;
            p->at++;
            struct expr *d = parse_unary(p);
            e = d ? parse_make(p, EXPR_DIV, 0, e, d) : NULL;
        } else if (parse_at(p, TOK_MOD) && p->at->id < FN_COUNT && p->letter == 0) {
            e = parse_infix(p, e);
        } else if (starts_primary(p) || (parse_at(p, TOK_WORD) && p->letter)) {
            struct expr *f = parse_power(p);
            if (f && f->kind == EXPR_SET && f->n == 1)
                f = f->args[0];
            e = f ? parse_make(p, EXPR_MUL, 1, e, f) : NULL;
        } else {
            break;
        }
    }
    return p->status == PARSE_OK ? e : NULL;
}

struct expr *parse_sum(struct parser *p)
{
    if (++p->depth > EXPR_DEPTH_MAX) {
        p->status = PARSE_LIMIT;
        return NULL;
    }
    struct expr *e;
    if (parse_at(p, TOK_PM) || parse_at(p, TOK_MP)) {
        uint8_t minus_first = parse_at(p, TOK_MP);
        p->at++;
        e = parse_make(p, EXPR_PM, minus_first, parse_product(p), NULL);
    } else {
        e = parse_product(p);
    }
    while (e && p->status == PARSE_OK && p->letter == 0) {
        bool minus = parse_at_sign(p, '-'), pm = parse_at(p, TOK_PM), mp = parse_at(p, TOK_MP);
        if (!minus && !pm && !mp && !parse_at_sign(p, '+'))
            break;
        p->at++;
        struct expr *term = parse_product(p);
        if (minus)
            term = parse_make(p, EXPR_NEG, 0, term, NULL);
        if (pm || mp)
            term = parse_make(p, EXPR_PM, mp, term, NULL);
        e = term ? parse_make(p, EXPR_ADD, 0, e, term) : NULL;
    }
    p->depth--;
    return p->status == PARSE_OK ? e : NULL;
}

const struct expr *parse_scalar(struct pool *pool, const struct token *from, const struct token *to,
                                enum parse_status *ret_status)
{
    struct parser p = {.pool = pool, .begin = from, .at = from, .end = to};
    struct expr *e = parse_sum(&p);
    if (e && (p.at != to || p.letter))
        parse_fail(&p);
    *ret_status = p.status;
    return p.status == PARSE_OK ? e : NULL;
}
