/*
 * What is built from scalars: brackets, lists, sets, relations, units.
 */
#include <string.h>

#include "claims/parse.h"
#include "claims/units.h"

/* A word after a factor is the next factor ("2xy"), unless it is a unit or prose. */
bool parse_word_ends_product(const struct parser *p)
{
    const struct token *t = p->at;
    bool after_number = t[-1].kind == TOK_NUMBER;
    if (t->len > 3 || (unsigned char)t->text[0] >= 0x80)
        return true;
    if (t->len == 1) /* "5 m" is a length, "5m" and "5 x" are products */
        return after_number && t->space && !p->scalar && units_is_letter(t->text[0]);
    return units_is_word(t->text, t->len);
}

struct expr *parse_bracket(struct parser *p)
{
    char close = parse_at_sign(p, '(') ? ')' : parse_at_sign(p, '[') ? ']' : '}';
    int bars = p->bars;
    p->bars = 0;
    p->at++;
    struct expr *e = parse_sum(p);
    p->bars = bars;
    return e && parse_take_sign(p, close) ? e : parse_fail(p);
}
