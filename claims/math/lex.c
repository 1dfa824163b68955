/*
 * One pass over the cleaned text. LaTeX that only changes the look (\left, \displaystyle, \,) is
 * dropped; names are looked up in one sorted table, with and without their backslash, since models
 * write "frac{1}{2}" too.
 */
#include "claims/math/lex.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "claims/text/clean.h"

enum { SKIP = 100, SKIP_GROUP, LEFT, INSIDE, OPERATOR, MATHBB, BOX, OVER };

#define PLAIN 1 /* means the same without a backslash */

/* Sorted by name (strcmp), for bsearch. */
static const struct name {
    const char *name;
    uint8_t kind, id, flags;
} names[] = {
    {"Abs", TOK_FUNC, FN_ABS, PLAIN},
    {"Big", LEFT, 0, 0},
    {"Bigg", LEFT, 0, 0},
    {"Bigl", LEFT, 0, 0},
    {"Bigr", LEFT, 0, 0},
    {"EUR", TOK_CURRENCY, CURRENCY_EURO, PLAIN},
    {"GBP", TOK_CURRENCY, CURRENCY_POUND, PLAIN},
    {"Im", TOK_FUNC, FN_IM, 0},
    {"Leftrightarrow", TOK_IMPLIES, 0, 0},
    {"Longrightarrow", TOK_IMPLIES, 0, 0},
    {"Pr", TOK_NAME, 0, 0},
    {"Re", TOK_FUNC, FN_RE, 0},
    {"Rightarrow", TOK_IMPLIES, 0, 0},
    {"USD", TOK_CURRENCY, CURRENCY_DOLLAR, PLAIN},
    {"abs", TOK_FUNC, FN_ABS, PLAIN},
    {"acos", TOK_FUNC, FN_ACOS, PLAIN},
    {"acosh", TOK_FUNC, FN_ACOSH, PLAIN},
    {"and", TOK_AND, 0, PLAIN},
    {"approx", TOK_APPROX, 0, 0},
    {"arccos", TOK_FUNC, FN_ACOS, PLAIN},
    {"arccosh", TOK_FUNC, FN_ACOSH, PLAIN},
    {"arccot", TOK_FUNC, FN_ACOT, PLAIN},
    {"arccsc", TOK_FUNC, FN_ACSC, PLAIN},
    {"arcosh", TOK_FUNC, FN_ACOSH, PLAIN},
    {"arcsec", TOK_FUNC, FN_ASEC, PLAIN},
    {"arcsin", TOK_FUNC, FN_ASIN, PLAIN},
    {"arcsinh", TOK_FUNC, FN_ASINH, PLAIN},
    {"arctan", TOK_FUNC, FN_ATAN, PLAIN},
    {"arctanh", TOK_FUNC, FN_ATANH, PLAIN},
    {"arsinh", TOK_FUNC, FN_ASINH, PLAIN},
    {"artanh", TOK_FUNC, FN_ATANH, PLAIN},
    {"asin", TOK_FUNC, FN_ASIN, PLAIN},
    {"asinh", TOK_FUNC, FN_ASINH, PLAIN},
    {"ast", TOK_SIGN, '*', 0},
    {"asymp", TOK_APPROX, 0, 0},
    {"atan", TOK_FUNC, FN_ATAN, PLAIN},
    {"atanh", TOK_FUNC, FN_ATANH, PLAIN},
    {"begin", TOK_BEGIN, 0, 0},
    {"bf", SKIP, 0, 0},
    {"big", LEFT, 0, 0},
    {"bigcap", TOK_INTERSECTION, 0, 0},
    {"bigcup", TOK_UNION, 0, 0},
    {"bigg", LEFT, 0, 0},
    {"bigl", LEFT, 0, 0},
    {"bigr", LEFT, 0, 0},
    {"binom", TOK_BINOM, 0, PLAIN},
    {"bm", SKIP, 0, 0},
    {"bmod", TOK_MOD, FN_MOD, 0},
    {"boldsymbol", SKIP, 0, 0},
    {"boxed", BOX, 0, PLAIN},
    {"bullet", TOK_SIGN, '*', 0},
    {"cap", TOK_INTERSECTION, 0, 0},
    {"cbrt", TOK_SQRT, 3, PLAIN},
    {"cdot", TOK_SIGN, '*', PLAIN},
    {"cdots", TOK_DOTS, 0, 0},
    {"ceil", TOK_FUNC, FN_CEIL, PLAIN},
    {"ceiling", TOK_FUNC, FN_CEIL, PLAIN},
    {"cent", TOK_TEXT, 0, 0},
    {"cents", TOK_TEXT, 0, 0},
    {"cfrac", TOK_FRAC, 0, 0},
    {"choose", TOK_MOD, FN_BINOM, PLAIN},
    {"circ", TOK_DEGREE, 0, 0},
    {"cis", TOK_FUNC, FN_CIS, PLAIN},
    {"colon", TOK_SIGN, ':', 0},
    {"cos", TOK_FUNC, FN_COS, PLAIN},
    {"cosh", TOK_FUNC, FN_COSH, PLAIN},
    {"cot", TOK_FUNC, FN_COT, PLAIN},
    {"csc", TOK_FUNC, FN_CSC, PLAIN},
    {"cup", TOK_UNION, 0, 0},
    {"dbinom", TOK_BINOM, 0, 0},
    {"degree", TOK_DEGREE, 0, 0},
    {"dfrac", TOK_FRAC, 0, PLAIN},
    {"displaystyle", SKIP, 0, 0},
    {"div", TOK_SIGN, '/', 0},
    {"dots", TOK_DOTS, 0, 0},
    {"dotsc", TOK_DOTS, 0, 0},
    {"emptyset", TOK_CONST, CONST_EMPTY, 0},
    {"end", TOK_CLOSE, 0, 0},
    {"equiv", TOK_SIGN, '=', 0},
    {"euro", TOK_CURRENCY, CURRENCY_EURO, 0},
    {"exp", TOK_FUNC, FN_EXP, PLAIN},
    {"exponentialE", TOK_CONST, CONST_E, 0},
    {"floor", TOK_FUNC, FN_FLOOR, PLAIN},
    {"frac", TOK_FRAC, 0, PLAIN},
    {"gcd", TOK_FUNC, FN_GCD, PLAIN},
    {"ge", TOK_GE, 0, 0},
    {"geq", TOK_GE, 0, PLAIN},
    {"geqslant", TOK_GE, 0, 0},
    {"gt", TOK_SIGN, '>', 0},
    {"hspace", SKIP_GROUP, 0, 0},
    {"imaginaryI", TOK_CONST, CONST_I, 0},
    {"imaginaryJ", TOK_CONST, CONST_I, 0},
    {"implies", TOK_IMPLIES, 0, 0},
    {"in", TOK_IN, 0, 0},
    {"inf", TOK_CONST, CONST_INFINITY, PLAIN},
    {"infinity", TOK_CONST, CONST_INFINITY, PLAIN},
    {"infty", TOK_CONST, CONST_INFINITY, PLAIN},
    {"int", TOK_BIG, FN_COUNT, 0},
    {"intersect", TOK_INTERSECTION, 0, PLAIN},
    {"it", SKIP, 0, 0},
    {"land", TOK_AND, 0, 0},
    {"langle", TOK_ANGLE_OPEN, 0, 0},
    {"lbrace", TOK_SET_OPEN, 0, 0},
    {"lbrack", TOK_SIGN, '[', 0},
    {"lceil", TOK_FUNC, FN_CEIL_OPEN, 0},
    {"lcm", TOK_FUNC, FN_LCM, PLAIN},
    {"ldots", TOK_DOTS, 0, 0},
    {"le", TOK_LE, 0, 0},
    {"left", LEFT, 0, 0},
    {"leq", TOK_LE, 0, PLAIN},
    {"leqslant", TOK_LE, 0, 0},
    {"lfloor", TOK_FUNC, FN_FLOOR_OPEN, 0},
    {"lg", TOK_FUNC, FN_LOG, 0},
    {"lim", TOK_BIG, FN_COUNT, 0},
    {"limits", SKIP, 0, 0},
    {"ln", TOK_FUNC, FN_LN, PLAIN},
    {"log", TOK_FUNC, FN_LOG, PLAIN},
    {"lor", TOK_OR, 0, 0},
    {"lt", TOK_SIGN, '<', 0},
    {"lvert", TOK_SIGN, '|', 0},
    {"mathbb", MATHBB, 0, 0},
    {"mathbf", SKIP, 0, 0},
    {"mathcal", SKIP, 0, 0},
    {"mathit", SKIP, 0, 0},
    {"mathrm", INSIDE, 0, 0},
    {"mathsf", SKIP, 0, 0},
    {"max", TOK_FUNC, FN_MAX, PLAIN},
    {"mbox", INSIDE, 0, 0},
    {"mid", TOK_SUCH, 0, 0},
    {"min", TOK_FUNC, FN_MIN, 0},
    {"minus", TOK_SIGN, '-', PLAIN},
    {"mod", TOK_MOD, FN_MOD, PLAIN},
    {"mp", TOK_MP, 0, 0},
    {"ne", TOK_NE, 0, 0},
    {"neq", TOK_NE, 0, PLAIN},
    {"nolimits", SKIP, 0, 0},
    {"oo", TOK_CONST, CONST_INFINITY, PLAIN},
    {"operatorname", OPERATOR, 0, 0},
    {"or", TOK_OR, 0, PLAIN},
    {"over", TOK_SIGN, '/', 0},
    {"overline", OVER, 0, 0},
    {"overrightarrow", OVER, 0, 0},
    {"percent", TOK_SIGN, '%', PLAIN},
    {"phantom", SKIP_GROUP, 0, 0},
    {"pi", TOK_CONST, CONST_PI, PLAIN},
    {"plus", TOK_SIGN, '+', PLAIN},
    {"pm", TOK_PM, 0, 0},
    {"pmod", TOK_MOD, FN_COUNT, 0},
    {"pounds", TOK_CURRENCY, CURRENCY_POUND, 0},
    {"prime", TOK_SIGN, '\'', 0},
    {"prod", TOK_BIG, FN_PRODUCT, 0},
    {"qquad", SKIP, 0, 0},
    {"quad", SKIP, 0, 0},
    {"rangle", TOK_ANGLE_CLOSE, 0, 0},
    {"rbrace", TOK_SET_CLOSE, 0, 0},
    {"rbrack", TOK_SIGN, ']', 0},
    {"rceil", TOK_FUNC, FN_CEIL_CLOSE, 0},
    {"rfloor", TOK_FUNC, FN_FLOOR_CLOSE, 0},
    {"right", LEFT, 0, 0},
    {"rightarrow", TOK_IMPLIES, 0, 0},
    {"rm", SKIP, 0, 0},
    {"rupee", TOK_CURRENCY, CURRENCY_RUPEE, 0},
    {"rvert", TOK_SIGN, '|', 0},
    {"scriptstyle", SKIP, 0, 0},
    {"sec", TOK_FUNC, FN_SEC, 0},
    {"setminus", TOK_SETMINUS, 0, 0},
    {"sgn", TOK_FUNC, FN_SIGN, PLAIN},
    {"sim", TOK_APPROX, 0, 0},
    {"simeq", TOK_APPROX, 0, 0},
    {"sin", TOK_FUNC, FN_SIN, PLAIN},
    {"sinh", TOK_FUNC, FN_SINH, PLAIN},
    {"sqrt", TOK_SQRT, 2, PLAIN},
    {"star", TOK_SIGN, '*', 0},
    {"sum", TOK_BIG, FN_SUM, 0},
    {"tan", TOK_FUNC, FN_TAN, PLAIN},
    {"tanh", TOK_FUNC, FN_TANH, PLAIN},
    {"tbinom", TOK_BINOM, 0, 0},
    {"text", INSIDE, 0, 0},
    {"textbf", INSIDE, 0, 0},
    {"textdollar", TOK_CURRENCY, CURRENCY_DOLLAR, 0},
    {"textit", INSIDE, 0, 0},
    {"textnormal", INSIDE, 0, 0},
    {"textrm", INSIDE, 0, 0},
    {"textsf", INSIDE, 0, 0},
    {"textstyle", SKIP, 0, 0},
    {"texttt", INSIDE, 0, 0},
    {"tfrac", TOK_FRAC, 0, 0},
    {"therefore", TOK_IMPLIES, 0, 0},
    {"thinspace", SKIP, 0, 0},
    {"times", TOK_SIGN, '*', PLAIN},
    {"to", TOK_IMPLIES, 0, 0},
    {"underline", BOX, 0, 0},
    {"union", TOK_UNION, 0, PLAIN},
    {"varnothing", TOK_CONST, CONST_EMPTY, 0},
    {"vec", SKIP, 0, 0},
    {"vee", TOK_OR, 0, 0},
    {"vert", TOK_SIGN, '|', 0},
    {"wedge", TOK_AND, 0, 0},
    {"yen", TOK_CURRENCY, CURRENCY_YEN, 0},
};

struct key {
    const char *text;
    size_t len;
};

static int compare_name(const void *key, const void *entry)
{
    const struct key *k = key;
    const struct name *n = entry;
    int order = strncmp(k->text, n->name, k->len);
    return order ? order : -(int)(n->name[k->len] != '\0');
}

static const struct name *find_name(const char *text, size_t len)
{
    struct key key = {text, len};
    return bsearch(&key, names, sizeof names / sizeof *names, sizeof *names, compare_name);
}

int lex_func(const char *name, size_t len)
{
    const struct name *n = find_name(name, len);
    return n && n->kind == TOK_FUNC && n->id < FN_COUNT ? n->id : -1;
}

struct lexer {
    struct pool *pool;
    struct tokens *out;
    const char *s;
    size_t at;
    bool space;
    int round_depth; /* inside ( or after a function: commas separate */
};

static struct token *push(struct lexer *lx, uint8_t kind, uint8_t id, size_t len)
{
    struct tokens *out = lx->out;
    if (out->n >= LEX_TOKENS_MAX - 1) { /* one is kept for the end */
        out->limit = true;
        return NULL;
    }
    struct token *t = &out->list[out->n++];
    *t = (struct token){.kind = kind,
                        .id = id,
                        .space = lx->space,
                        .start = (uint32_t)lx->at,
                        .end = (uint32_t)(lx->at + len),
                        .text = lx->s + lx->at,
                        .len = (uint32_t)len};
    lx->at += len;
    lx->space = false;
    return t;
}

static const struct token *last(const struct lexer *lx)
{
    return lx->out->n ? &lx->out->list[lx->out->n - 1] : NULL;
}

static bool last_is(const struct lexer *lx, uint8_t kind, uint8_t id)
{
    const struct token *t = last(lx);
    return t && t->kind == kind && (kind != TOK_SIGN || t->id == id);
}

static size_t skip_blanks(const char *s, size_t at)
{
    while (isspace((unsigned char)s[at]) || s[at] == '~')
        at++;
    return at;
}

/* The group {...} after position at (blanks allowed): its inside, braces balanced. False: none. */
static bool group_at(const char *s, size_t at, size_t *ret_start, size_t *ret_end)
{
    at = skip_blanks(s, at);
    if (s[at] != '{')
        return false;
    int depth = 1;
    size_t end = at + 1;
    for (; s[end]; end++) {
        if (s[end] == '\\' && s[end + 1])
            end++;
        else if (s[end] == '{')
            depth++;
        else if (s[end] == '}' && --depth == 0)
            break;
    }
    *ret_start = at + 1;
    *ret_end = end;
    return s[end] == '}';
}

/* True when the number after "log_" ends there and its argument follows. */
static bool argument_follows(const char *s, size_t at)
{
    at = skip_blanks(s, at);
    return isalnum((unsigned char)s[at]) || s[at] == '(' || s[at] == '\\' || s[at] == '{';
}

/* LaTeX takes one digit as an argument: \frac12, \log_28. */
static bool takes_one_digit(const struct lexer *lx, size_t digits)
{
    const struct tokens *t = lx->out;
    if (t->n && t->list[t->n - 1].kind == TOK_FRAC)
        return true;
    if (t->n >= 2 && t->list[t->n - 2].kind == TOK_FRAC && t->list[t->n - 1].kind == TOK_NUMBER &&
        !lx->space)
        return true;
    return t->n >= 2 && last_is(lx, TOK_SIGN, '_') && t->list[t->n - 2].kind == TOK_FUNC &&
           t->list[t->n - 2].text[0] == '\\' && !argument_follows(lx->s, lx->at + digits);
}

/* Inside brackets "1,234" is two numbers, unless an operator stands beside it. */
static size_t scan_number(const struct lexer *lx, const char *s, struct number *ret)
{
    if (last_is(lx, TOK_SIGN, '_')) /* \log_5 125 */
        return number_scan(s, 0, ret);
    if (lx->round_depth == 0)
        return number_scan(s, NUMBER_GROUPS | NUMBER_SPACES, ret);
    size_t len = number_scan(s, NUMBER_GROUPS, ret);
    const struct token *t = last(lx);
    const char *next = s + skip_blanks(s, len);
    bool after = t && ((t->kind == TOK_SIGN && t->id && strchr("+-*/", t->id)) ||
                       t->kind == TOK_CURRENCY || t->kind == TOK_DOLLAR);
    if (after || (*next && strchr("+-*/", *next)) || !memchr(s, ',', len))
        return len;
    fmpq_clear(ret->value);
    return number_scan(s, 0, ret);
}

static bool lex_number(struct lexer *lx)
{
    struct number *number = pool_number(lx->pool);
    if (!number)
        return false;
    const char *s = lx->s + lx->at;
    size_t digits = strspn(s, "0123456789"), len;
    if (digits > 1 && takes_one_digit(lx, digits)) {
        fmpq_set_si(number->value, s[0] - '0', 1);
        len = 1;
    } else {
        struct number found;
        len = scan_number(lx, s, &found);
        fmpq_clear(number->value);
        *number = found;
        lx->out->limit |= found.too_big;
    }
    struct token *t = push(lx, TOK_NUMBER, 0, len);
    if (t)
        t->number = number;
    return true;
}

/* A digit string with a base, "1A3_{16}" or "1011_2", as one number; its length, or 0. */
static size_t lex_based(struct lexer *lx)
{
    const char *s = lx->s + lx->at;
    size_t len = 0;
    while (isdigit((unsigned char)s[len]) || (s[len] >= 'A' && s[len] <= 'Z'))
        len++;
    size_t at = skip_blanks(s, len);
    if (len == 0 || s[at] != '_')
        return 0;
    at = skip_blanks(s, at + 1);
    bool brace = s[at] == '{';
    at += brace;
    int base = 0, digits = 0;
    while (isdigit((unsigned char)s[at]) && digits < 2) {
        base = base * 10 + (s[at++] - '0');
        digits++;
    }
    if (!digits || isdigit((unsigned char)s[at]) || (brace && s[at++] != '}'))
        return 0;
    struct number *number = pool_number(lx->pool);
    if (!number || !number_in_base(s, len, base, number->value))
        return 0;
    number->based = true;
    number->written = len <= 18 && strspn(s, "0123456789") >= len ? strtol(s, NULL, 10) : -1;
    /* "A_2" is a name with an index; letters are digits only among digits or in base 16 */
    if (!isdigit((unsigned char)s[0]) && (base != 16 || len < 2))
        return 0;
    struct token *t = push(lx, TOK_NUMBER, 1, at);
    if (t)
        t->number = number;
    return at;
}

/* "0x1F", "0b101"; but "0x3" is a product. */
static bool lex_prefixed(struct lexer *lx)
{
    const char *s = lx->s + lx->at;
    bool binary = s[0] == '0' && s[1] == 'b', hex = s[0] == '0' && s[1] == 'x';
    size_t len = hex ? strspn(s + 2, "0123456789abcdefABCDEF") : binary ? strspn(s + 2, "01") : 0;
    if (len < 2 || (hex && len < 3 && strspn(s + 2, "0123456789") == len) ||
        isalnum((unsigned char)s[2 + len]))
        return false;
    struct number *number = pool_number(lx->pool);
    if (!number || !number_in_base(s + 2, len, hex ? 16 : 2, number->value))
        return false;
    number->based = true;
    number->written = -1;
    struct token *t = push(lx, TOK_NUMBER, 1, 2 + len);
    if (t)
        t->number = number;
    return true;
}

/* "3 x 4" and "3x4" multiply; the x of "5x - 3" is a variable. */
static bool is_times(const struct lexer *lx)
{
    const char *s = lx->s + lx->at;
    const struct token *t = last(lx);
    if ((s[0] != 'x' && s[0] != 'X') || isalpha((unsigned char)s[1]) || !t)
        return false;
    bool after_number =
        t->kind == TOK_NUMBER || (t->kind == TOK_SIGN && (t->id == ')' || t->id == '%'));
    if (!after_number && !(t->kind == TOK_WORD && t->len > 1))
        return false;
    bool blank = isspace((unsigned char)s[1]);
    const char *next = s + 1 + strspn(s + 1, " ");
    if (blank != lx->space)
        return false;
    if (next[0] == '$' || (next[0] == '\\' && next[1] == '$'))
        next += next[0] == '$' ? 1 : 2;
    return isdigit((unsigned char)next[0]) || (blank && next[0] == '(') ||
           (next[0] == '.' && isdigit((unsigned char)next[1])) ||
           (blank && next[0] == '-' && isdigit((unsigned char)next[1]));
}

static bool letter_at(const char *s)
{
    return isalpha((unsigned char)s[0]) || (unsigned char)s[0] >= 0x80;
}

static void lex_word(struct lexer *lx)
{
    const char *s = lx->s + lx->at;
    if (is_times(lx)) {
        push(lx, TOK_SIGN, '*', 1);
        return;
    }
    size_t len = 0;
    while (letter_at(s + len))
        len++;
    const struct name *n = find_name(s, len);
    if (n && (n->flags & PLAIN) && n->kind == BOX) {
        lx->at += len;
    } else if (n && (n->flags & PLAIN)) {
        push(lx, n->kind, n->id, len);
    } else {
        push(lx, TOK_WORD, 0, len);
    }
}

/* "\text{18}", "\text{1.5 hours}": a value, so that only the look is meant. */
static bool is_figures(const char *s, size_t len)
{
    bool figure = false;
    if (len > 1 && isdigit((unsigned char)s[0]) && memchr(s, ' ', len) && !memchr(s, '{', len))
        return true;
    for (size_t i = 0; i < len; i++) {
        if (letter_at(s + i) || s[i] == '{')
            return false;
        figure |= isdigit((unsigned char)s[i]) != 0;
    }
    return figure;
}

/* \overline{AB}, \overrightarrow{AB}: points, not a conjugate or a period. */
static bool is_points(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (s[i] < 'A' || s[i] > 'Z')
            return false;
    return len > 1;
}

/* \text{...} and its kin, \operatorname{...}. */
static void lex_inside(struct lexer *lx, size_t len, uint8_t kind)
{
    size_t start, end;
    if (lx->s[lx->at + len] == '*')
        len++;
    if (!group_at(lx->s, lx->at + len, &start, &end) ||
        (kind == INSIDE && is_figures(lx->s + start, end - start))) {
        lx->at += len;
        return;
    }
    const char *s = lx->s;
    if (end - start == 1 && isalpha((unsigned char)s[start]) &&
        strncmp(s + lx->at, "\\textit", 7) == 0) {
        lx->at += len;
        return;
    }
    if (end - start == 2 && memcmp(s + start, "\\$", 2) == 0) {
        push(lx, TOK_CURRENCY, CURRENCY_DOLLAR, end + 1 - lx->at);
        return;
    }
    size_t from = skip_blanks(s, start), to = end;
    while (to > from && isspace((unsigned char)s[to - 1]))
        to--;
    const struct name *n = find_name(s + from, to - from);
    bool word = to - from == 1 && isalpha((unsigned char)s[from]) && kind == INSIDE &&
                strncmp(s + lx->at, "\\mathrm", 7) != 0 && from == start;
    struct token *t;
    if (n && (n->kind == TOK_FUNC || n->kind == TOK_MOD || n->kind == TOK_OR || n->kind == TOK_AND))
        t = push(lx, n->kind, n->id, end + 1 - lx->at);
    else
        t = push(lx, TOK_TEXT, word, end + 1 - lx->at);
    if (!t)
        return;
    t->text = s + from;
    t->len = (uint32_t)(to - from);
    bool and = t->kind == TOK_TEXT && to - from > 4 && memcmp(s + to - 4, " and", 4) == 0;
    if (and) { /* "8 \\text{ hours and } 30" */
        t->len -= 4;
        push(lx, TOK_AND, 0, 0);
    }
}

static void lex_environment(struct lexer *lx, const struct name *n, size_t len)
{
    size_t start, end;
    if (!group_at(lx->s, lx->at + len, &start, &end)) {
        lx->at += len;
        return;
    }
    size_t stop = end + 1, more_start, more_end;
    if (strncmp(lx->s + start, "array", 5) == 0 && n->kind == TOK_BEGIN &&
        group_at(lx->s, stop, &more_start, &more_end))
        stop = more_end + 1;
    struct token *t = push(lx, n->kind, 0, stop - lx->at);
    if (t) {
        t->text = lx->s + start;
        t->len = (uint32_t)(end - start);
    }
}

/* A Greek letter, or something unknown: a name of its own. */
static void lex_unknown_command(struct lexer *lx, size_t len)
{
    const char *s = lx->s + lx->at;
    struct token *t = push(lx, TOK_NAME, 0, len);
    if (t) {
        t->text = s + 1;
        t->len = (uint32_t)len - 1;
    }
}

static void lex_command_name(struct lexer *lx, const struct name *n, size_t len)
{
    const char *s = lx->s + lx->at;
    size_t start, end;
    switch (n->kind) {
    case SKIP:
    case BOX:
        lx->at += len;
        break;
    case SKIP_GROUP:
        lx->at += len;
        if (group_at(lx->s, lx->at, &start, &end))
            lx->at = end + 1;
        break;
    case OVER:
        if (group_at(lx->s, lx->at + len, &start, &end) && is_points(lx->s + start, end - start)) {
            lx->at += len;
        } else {
            push(lx, TOK_FUNC, FN_CONJ, len);
        }
        break;
    case LEFT: /* the delimiter itself follows; "\right." has none */
        lx->at += len;
        if (lx->s[lx->at] == '.')
            lx->at++;
        break;
    case MATHBB:
        if (group_at(lx->s, lx->at + len, &start, &end) && lx->s[start] == 'R') {
            push(lx, TOK_CONST, CONST_REALS, end + 1 - lx->at);
        } else {
            lx->at += len;
        }
        break;
    case INSIDE:
    case OPERATOR:
        lex_inside(lx, len, n->kind);
        break;
    case TOK_BEGIN:
    case TOK_CLOSE:
        lex_environment(lx, n, len);
        break;
    case TOK_TEXT: { /* \cents */
        struct token *t = push(lx, TOK_TEXT, 0, len);
        if (t) {
            t->text = s + 1;
            t->len = (uint32_t)len - 1;
        }
        break;
    }
    default:
        push(lx, n->kind, n->id, len);
    }
}

/* Length of the "[2pt]" after a row. */
static size_t row_space(const char *s)
{
    size_t digits = s[0] == '[' ? strspn(s + 1, "0123456789.") : 0;
    size_t len = 1 + digits + 2;
    return digits && isalpha((unsigned char)s[len - 2]) && isalpha((unsigned char)s[len - 1]) &&
                   s[len] == ']'
               ? len + 1
               : 0;
}

static void lex_command(struct lexer *lx)
{
    const char *s = lx->s + lx->at;
    size_t len = 1;
    while (isalpha((unsigned char)s[len]))
        len++;
    if (len > 1) {
        if (len == 6 && strncmp(s, "\\proot", 6) == 0 && (s[6] == '2' || s[6] == '3')) {
            push(lx, TOK_SQRT, (uint8_t)(s[6] - '0'), 7);
            return;
        }
        const struct name *n = find_name(s + 1, len - 1);
        if (!n) {
            lex_unknown_command(lx, len);
            return;
        }
        lex_command_name(lx, n, len);
        return;
    }
    switch (s[1]) {
    case '\\':
        push(lx, TOK_ROW, 0, 2 + row_space(s + 2));
        break;
    case '{':
        push(lx, TOK_SET_OPEN, 0, 2);
        lx->round_depth++;
        break;
    case '}':
        push(lx, TOK_SET_CLOSE, 0, 2);
        lx->round_depth -= lx->round_depth > 0;
        break;
    case '|':
        push(lx, TOK_NORM, 0, 2);
        break;
    case '$':
        push(lx, TOK_CURRENCY, CURRENCY_DOLLAR, 2);
        break;
    case '%':
    case '&':
    case '#':
    case '_':
        push(lx, TOK_SIGN, (uint8_t)s[1], 2);
        break;
    case '\0':
        push(lx, TOK_SIGN, '\\', 1);
        break;
    default: /* \, \; \! \( \) \[ \] and a backslash before a blank */
        lx->at += 2;
        lx->space = true;
    }
}

static void lex_sign(struct lexer *lx)
{
    static const struct {
        const char *text;
        uint8_t kind, id;
    } longer[] = {
        {"...", TOK_DOTS, 0},   {"<=>", TOK_IMPLIES, 0}, {"==>", TOK_IMPLIES, 0},
        {"<=", TOK_LE, 0},      {">=", TOK_GE, 0},       {"!=", TOK_NE, 0},
        {"=>", TOK_IMPLIES, 0}, {"->", TOK_IMPLIES, 0},  {"**", TOK_SIGN, '^'},
        {"==", TOK_SIGN, '='},  {"~=", TOK_APPROX, 0},   {"+/-", TOK_PM, 0},
        {"+-", TOK_SIGN, 0},    {"&&", TOK_AND, 0},      {"||", TOK_NORM, 0},
    };
    const char *s = lx->s + lx->at;
    for (size_t i = 0; i < sizeof longer / sizeof *longer; i++) {
        size_t len = strlen(longer[i].text);
        if (strncmp(s, longer[i].text, len) == 0 && (longer[i].kind != TOK_SIGN || longer[i].id)) {
            push(lx, longer[i].kind, longer[i].id, len);
            return;
        }
    }
    if (s[0] == '$')
        push(lx, TOK_DOLLAR, 0, 1);
    else
        push(lx, TOK_SIGN, (uint8_t)s[0], 1);
    lx->round_depth += (s[0] == '(' || s[0] == '[') - (s[0] == ')' || s[0] == ']');
    if (lx->round_depth < 0)
        lx->round_depth = 0;
}

bool lex(struct pool *pool, const char *text, size_t len, struct tokens *ret)
{
    *ret = (struct tokens){.limit = len > LEX_TEXT_MAX};
    ret->text = ret->limit ? "" : clean_text(&pool->arena, text, len, 4 * LEX_TEXT_MAX);
    if (!ret->text) {
        ret->text = "";
        ret->limit = true;
    }
    size_t most = strlen(ret->text) + 1; /* a token has a byte at least */
    ret->list =
        ARENA_ARRAY(&pool->arena, struct token, most < LEX_TOKENS_MAX ? most : LEX_TOKENS_MAX);
    if (!ret->list)
        return false;
    struct lexer lx = {.pool = pool, .out = ret, .s = ret->text};
    bool quoted = strncmp(lx.s, "[\"", 2) == 0; /* a JSON list of strings */
    while (!ret->limit && lx.s[lx.at]) {
        char c = lx.s[lx.at];
        if (isspace((unsigned char)c) || c == '~' || (c == '"' && quoted)) {
            lx.at++;
            lx.space = true;
        } else if (lex_prefixed(&lx) || lex_based(&lx)) {
            continue;
        } else if (isdigit((unsigned char)c) ||
                   (c == '.' && isdigit((unsigned char)lx.s[lx.at + 1]))) {
            if (!lex_number(&lx))
                return false;
        } else if (c == '\\') {
            lex_command(&lx);
        } else if (letter_at(lx.s + lx.at)) {
            lex_word(&lx);
        } else {
            lex_sign(&lx);
        }
    }
    if (ret->limit)
        ret->n = 0;
    ret->list[ret->n] = (struct token){.kind = TOK_END,
                                       .start = (uint32_t)lx.at,
                                       .end = (uint32_t)lx.at,
                                       .text = "",
                                       .space = lx.space};
    return true;
}
