/*
 * Numbers where they stand: whether "1,234" in brackets is one or two, how many digits LaTeX takes
 * as an argument, digits with a base. How a number is written is number.h's business.
 */
#include <stdlib.h>
#include <string.h>

#include "base/plain.h"
#include "claims/math/lex_internal.h"

/* True when the number after "log_" ends there and its argument follows. */
static bool argument_follows(const char *s, size_t at)
{
    at = lex_skip_blanks(s, at);
    return plain_is_word(s[at]) || s[at] == '(' || s[at] == '\\' || s[at] == '{';
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
    return t->n >= 2 && lex_last_is(lx, TOK_SIGN, '_') && t->list[t->n - 2].kind == TOK_FUNC &&
           t->list[t->n - 2].text[0] == '\\' && !argument_follows(lx->s, lx->at + digits);
}

/* Inside brackets "1,234" is two numbers, unless an operator stands beside it. */
static size_t scan_number(const struct lexer *lx, const char *s, struct number *ret)
{
    bool argument = lx->list_depth && lx->list_depth == lx->round_depth; /* max(x-5,500) */
    if (argument || lex_last_is(lx, TOK_SIGN, '_'))                      /* \log_5 125 */
        return number_scan(s, 0, ret);
    if (lx->round_depth == 0)
        return number_scan(s, NUMBER_GROUPS | NUMBER_SPACES, ret);
    size_t len = number_scan(s, NUMBER_GROUPS, ret);
    const struct token *t = lex_last(lx);
    const char *next = s + lex_skip_blanks(s, len);
    bool after = t && ((t->kind == TOK_SIGN && t->id && strchr("+-*/", t->id)) ||
                       t->kind == TOK_CURRENCY || t->kind == TOK_DOLLAR);
    if (after || (*next && strchr("+-*/", *next)) || !memchr(s, ',', len))
        return len;
    fmpq_clear(ret->value);
    return number_scan(s, 0, ret);
}

bool lex_number(struct lexer *lx)
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
    struct token *t = lex_push(lx, TOK_NUMBER, 0, len);
    if (t)
        t->number = number;
    return true;
}

/* A digit string with a base, "1A3_{16}" or "1011_2", as one number; its length, or 0. */
size_t lex_based(struct lexer *lx)
{
    const char *s = lx->s + lx->at;
    size_t len = 0;
    while (plain_is_digit(s[len]) || (s[len] >= 'A' && s[len] <= 'Z'))
        len++;
    size_t at = lex_skip_blanks(s, len);
    const struct tokens *out = lx->out;
    bool exponent = out->n >= 2 && lex_last_is(lx, TOK_SIGN, '^') &&
                    out->list[out->n - 2].kind == TOK_FUNC; /* \log^2_3 x */
    if (len == 0 || s[at] != '_' || exponent)
        return 0;
    at = lex_skip_blanks(s, at + 1);
    bool brace = s[at] == '{';
    at += brace;
    int base = 0, digits = 0;
    while (plain_is_digit(s[at]) && digits < 2) {
        base = base * 10 + (s[at++] - '0');
        digits++;
    }
    if (!digits || plain_is_digit(s[at]) || (brace && s[at++] != '}'))
        return 0;
    struct number *number = pool_number(lx->pool);
    if (!number || !number_in_base(s, len, base, number->value))
        return 0;
    number->based = true;
    number->written = len <= 18 && strspn(s, "0123456789") >= len ? strtol(s, NULL, 10) : -1;
    /* "A_2" is a name with an index; letters are digits only among digits or in base 16 */
    if (!plain_is_digit(s[0]) && (base != 16 || len < 2))
        return 0;
    struct token *t = lex_push(lx, TOK_NUMBER, 1, at);
    if (t)
        t->number = number;
    return at;
}

/* "0x1F", "0b101"; but "0x3" is a product. */
bool lex_prefixed(struct lexer *lx)
{
    const char *s = lx->s + lx->at;
    bool binary = s[0] == '0' && s[1] == 'b', hex = s[0] == '0' && s[1] == 'x';
    size_t len = hex ? strspn(s + 2, "0123456789abcdefABCDEF") : binary ? strspn(s + 2, "01") : 0;
    if (len < 2 || (hex && len < 3 && strspn(s + 2, "0123456789") == len) ||
        plain_is_word(s[2 + len]))
        return false;
    struct number *number = pool_number(lx->pool);
    if (!number || !number_in_base(s + 2, len, hex ? 16 : 2, number->value))
        return false;
    number->based = true;
    number->written = -1;
    struct token *t = lex_push(lx, TOK_NUMBER, 1, 2 + len);
    if (t)
        t->number = number;
    return true;
}
