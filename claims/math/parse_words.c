/*
 * Where a product by juxtaposition ends: at a unit, at prose, at a temperature's scale.
 */
#include <string.h>

#include "base/plain.h"
#include "claims/math/parse_internal.h"
#include "claims/math/units.h"

static bool is_sign_of(const struct token *t, const char *signs)
{
    return t->kind == TOK_SIGN && t->id && strchr(signs, t->id);
}

/* The nd of "2nd" and the th of "12th". */
static bool is_ordinal(char digit, const struct token *t)
{
    if (t->len != 2)
        return false;
    return memcmp(t->text, "th", 2) == 0 || (digit == '1' && memcmp(t->text, "st", 2) == 0) ||
           (digit == '2' && memcmp(t->text, "nd", 2) == 0) ||
           (digit == '3' && memcmp(t->text, "rd", 2) == 0);
}

/* The an of "19an", the by of |by|: no blank on a side where algebra stands. "1st" is none. */
static bool is_glued(const struct parser *p, const struct token *t)
{
    bool power = t + 1 < p->end && is_sign_of(t + 1, "^");
    if (t > p->begin && t[-1].kind == TOK_NUMBER && !power &&
        is_ordinal(t[-1].text[t[-1].len - 1], t))
        return false;
    for (size_t i = 0; i < t->len; i++)
        if (t->text[i] < 'a' || t->text[i] > 'z')
            return false;
    bool before =
        t > p->begin && !t->space && (t[-1].kind == TOK_NUMBER || is_sign_of(t - 1, "|+*^="));
    bool after = t + 1 < p->end && !t[1].space && is_sign_of(t + 1, "|+*^=_");
    return before || after;
}

/* Short words of prose that are no products of variables. */
bool parse_is_prose(const struct parser *p, const struct token *t)
{
    static const char *const words[] = {
        "is",  "not", "no",  "are", "the", "for", "of",  "to",  "in",  "on",  "at",  "by",
        "it",  "if",  "as",  "be",  "do",  "so",  "all", "any", "one", "two", "six", "ten",
        "per", "day", "we",  "us",  "he",  "she", "an",  "was", "has", "had", "get", "yes",
        "can", "you", "its", "but", "box", "men", "man", "way", "old", "pm",  "am",  "th",
        "st",  "nd",  "rd",  "up",  "out", "set", "let", "odd", "red", "new", "his", "her"};
    bool mixed = t->text[0] >= 'a' && t->len > 1 && t->text[1] <= 'Z'; /* aN */
    if (t->len < 2 || t->len > 3 || p->letters || mixed || is_glued(p, t))
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (t->len == strlen(words[i]) && plain_compare(t->text, words[i], t->len) == 0)
            return true;
    return false;
}

static bool has_vowel(const struct token *t)
{
    for (size_t i = 0; i < t->len; i++)
        if (strchr("aeiouAEIOU", t->text[i]))
            return true;
    return false;
}

/* What follows an exponent of one digit at t, else t. */
static const struct token *after_power(const struct token *t, const struct token *end)
{
    if (end - t >= 2 && t->kind == TOK_SIGN && t->id == '^' && t[1].kind == TOK_NUMBER)
        return t + 2;
    bool group = end - t >= 4 && t->kind == TOK_SIGN && t->id == '^' && t[1].kind == TOK_SIGN &&
                 t[1].id == '{' && t[2].kind == TOK_NUMBER;
    return group ? t + 4 : t;
}

static bool is_operator(const struct token *t, const struct token *end)
{
    return t < end && t->kind == TOK_SIGN && t->id && strchr("+-*=^_(", t->id);
}

/* The C of "20 ^\circ C" and "20 ^{\circ} C" */
bool parse_after_degree(const struct parser *p)
{
    const struct token *t = p->at;
    bool scale = (t->len == 1 && strchr("CF", t->text[0])) ||
                 plain_compare(t->text, "celsius", 7) == 0 ||
                 plain_compare(t->text, "fahrenheit", 10) == 0;
    return scale && t - p->begin >= 2 &&
           (t[-1].kind == TOK_DEGREE ||
            (t[-1].kind == TOK_SIGN && t[-1].id == '}' && t[-2].kind == TOK_DEGREE));
}

/* "10^{8} m": the power of a number, in braces, ends before p->at. */
static bool after_number_power(const struct parser *p)
{
    const struct token *t = p->at - 1;
    if (t < p->begin || t->kind != TOK_SIGN || t->id != '}')
        return false;
    for (int inside = 0; inside < 3 && t > p->begin && !(t->kind == TOK_SIGN && t->id == '{');
         inside++)
        t--;
    return t - p->begin >= 2 && t->kind == TOK_SIGN && t->id == '{' && t[-1].kind == TOK_SIGN &&
           t[-1].id == '^' && t[-2].kind == TOK_NUMBER;
}

/* Past "^-2", "^{-2}" or "^2" at t. */
static const struct token *after_any_power(const struct token *t, const struct token *end)
{
    if (end - t < 2 || !is_sign_of(t, "^"))
        return t;
    bool brace = is_sign_of(++t, "{");
    t += brace;
    t += t < end && is_sign_of(t, "-");
    if (t >= end || t->kind != TOK_NUMBER)
        return end + 1;
    return t + 1 + brace;
}

/* "30 N*m", "3 m*s^-1", to the end of the text */
static bool begins_unit_product(const struct parser *p)
{
    const struct token *t = after_any_power(p->at + 1, p->end);
    if (!units_is_letter(p->at->text[0]) || p->end - t < 2 || !is_sign_of(t, "*"))
        return false;
    for (; p->end - t >= 2 && is_sign_of(t, "*/"); t = after_any_power(t + 2, p->end))
        if (t[1].kind != TOK_WORD || !(units_is_word(t[1].text, t[1].len) ||
                                       (t[1].len == 1 && units_is_letter(t[1].text[0]))))
            return false;
    return t == p->end;
}

/* Units of one letter that are written in a row. */
static bool are_units(const struct token *a, const struct token *b)
{
    static const char *const rows[] = {"Nm", "Ns", "Js", "Jm", "Wh", "Ws", "Ah", "As",
                                       "VA", "Vs", "Vm", "mN", "hW", "mK", "Cm", "sA"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (a->text[0] == rows[i][0] && b->text[0] == rows[i][1])
            return true;
    return false;
}

/* True inside bars and the braces of a fraction or a root, where no unit stands. */
static bool is_inside_group(const struct parser *p)
{
    int depth = 0;
    if (p->bars > 0)
        return true;
    for (const struct token *t = p->at; t > p->begin && depth >= 0;) {
        t--;
        depth += is_sign_of(t, "}") - is_sign_of(t, "{");
        if (depth < 0)
            return t > p->begin &&
                   (t[-1].kind == TOK_FRAC || t[-1].kind == TOK_SQRT || is_sign_of(t - 1, "]}^"));
    }
    return false;
}

/* A third letter in a row, a power, another term. */
static bool goes_on(const struct token *t, const struct token *end)
{
    return t < end && ((t->kind == TOK_WORD && t->len == 1) || is_sign_of(t, "^+-="));
}

/* The 2 m of "m^2 + 2 m": a term beside one that is algebra. */
static bool is_term(const struct parser *p)
{
    const struct token *t = p->at;
    if (t - p->begin < 3 || !is_sign_of(t - 2, "+-"))
        return false;
    return (t[-3].kind == TOK_WORD && t[-3].len == 1) || t[-3].kind == TOK_NAME ||
           is_sign_of(t - 3, ")}") ||
           (t[-3].kind == TOK_NUMBER && t - p->begin >= 4 && is_sign_of(t - 4, "^"));
}

/* "2 m n", "m^2 + 2 m", \sqrt{2 g}: a letter that may be a unit is a factor, since more algebra
 * stands around it. */
static bool is_factor(const struct parser *p)
{
    const struct token *t = p->at, *next = after_power(t + 1, p->end);
    if (is_term(p) || is_inside_group(p))
        return true;
    bool inverse = next < p->end && p->end - next >= 3 && next->kind == TOK_WORD &&
                   is_sign_of(next + 1, "^") &&
                   (is_sign_of(next + 2, "-") ||
                    (is_sign_of(next + 2, "{") && p->end - next > 3 && is_sign_of(next + 3, "-")));
    if (next < p->end && next->kind == TOK_WORD && next->len == 1)
        return !inverse && (!are_units(t, next) || goes_on(next + 1, p->end));
    if (next < p->end && (next->kind == TOK_NAME || next->kind == TOK_FRAC ||
                          next->kind == TOK_SQRT || next->kind == TOK_FUNC))
        return true;
    return false;
}

/* The B of $1.5B. */
static bool is_scale(const struct parser *p)
{
    const struct token *t = p->at;
    return t - p->begin >= 2 && t->len == 1 && strchr("BMKk", t->text[0]) &&
           t[-1].kind == TOK_NUMBER && (t[-2].kind == TOK_DOLLAR || t[-2].kind == TOK_CURRENCY) &&
           (t + 1 == p->end || t[1].kind == TOK_WORD || t[1].kind == TOK_TEXT);
}

/* A word after a factor is the next factor ("2xy"), unless it is a unit or prose. */
bool parse_word_ends_product(const struct parser *p)
{
    const struct token *t = p->at;
    bool power_of_letter = t - p->begin >= 3 && t[-2].kind == TOK_SIGN && t[-2].id == '^' &&
                           t[-3].kind != TOK_NUMBER; /* r^2 h */
    bool after_number = (t[-1].kind == TOK_NUMBER && !power_of_letter) || after_number_power(p);
    if (t->len <= 3 && !t->space && (is_inside_group(p) || is_term(p)) && !parse_is_prose(p, t))
        return false;
    if (t->len > 3 || (unsigned char)t->text[0] >= 0x80 || parse_is_prose(p, t))
        return true;
    if (parse_after_degree(p))
        return true;
    if (is_scale(p))
        return true;
    if (t->len == 1 && after_number && t->space && p->bracket && begins_unit_product(p))
        return true;
    if (t->len == 1 && after_number && t->space && p->bracket && is_factor(p))
        return false;
    if (t->len == 1) { /* "5 m" is a length, "5m", "5 x" and "5 m + 1" are products */
        const struct token *next = after_any_power(t + 1, p->end);
        return after_number && t->space && p->bracket && units_is_letter(t->text[0]) &&
               next <= p->end && !is_operator(next, p->end);
    }
    if (after_number && t->space && has_vowel(t)) /* "5 dog" */
        return true;
    return units_is_word(t->text, t->len);
}

bool parse_at_micro(const struct parser *p)
{
    const struct token *t = p->at;
    bool mu = p->end - t >= 2 && t->kind == TOK_NAME && t->len == 2 && !memcmp(t->text, "mu", 2);
    bool alone = mu && t + 2 == p->end && t->space && t > p->begin && t[-1].kind == TOK_NUMBER &&
                 t[1].kind == TOK_WORD && t[1].len == 1 && units_is_letter(t[1].text[0]);
    return mu && (t[1].kind == TOK_TEXT || alone); /* "5 \mu\text{m}", "5 \mu m" */
}

static bool is_word(const struct token *t, const char *word)
{
    return t->kind == TOK_WORD && t->len == strlen(word) && memcmp(t->text, word, t->len) == 0;
}

const struct token *parse_named_base(const struct parser *p)
{
    const struct token *t = p->at;
    bool round = parse_at_sign(p, '(');
    t += round;
    t += t < p->end && is_word(t, "in");
    bool named = p->end - t >= 2 + round && is_word(t, "base") && t[1].kind == TOK_NUMBER &&
                 t[1].len <= 2 && (!round || (t[2].kind == TOK_SIGN && t[2].id == ')'));
    return named ? t + 1 : NULL;
}

/* A number, then "/" and a unit's name. */
bool parse_is_rate(const struct parser *p)
{
    const struct token *t = p->at;
    return t[-1].kind == TOK_NUMBER && p->end - t >= 2 && t[1].kind == TOK_WORD && t[1].len > 3 &&
           units_is_word(t[1].text, t[1].len);
}
