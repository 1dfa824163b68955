/*
 * Second readings. Every rule here was found by reading refuted claims of solutions whose answer is
 * right. A rule may only take a refutation back, never prove anything.
 */
#include "base/plain.h"
#include "claims/math/exact_internal.h"

#include <string.h>

#include "claims/math/eval.h"
#include "claims/math/units.h"

static const char *const months[] = {
    "January", "February", "March",    "April", "May", "June", "July", "August", "September",
    "October", "November", "December", "Jan",   "Feb", "Mar",  "Apr",  "Jun",    "Jul",
    "Aug",     "Sep",      "Sept",     "Oct",   "Nov", "Dec",  NULL};

/* A whole number without sign or point that is at most max; its value, else -1. */
static long whole(const struct token *t, long max)
{
    if (t->kind != TOK_NUMBER || t->number->point || t->number->too_big ||
        !fmpz_is_one(fmpq_denref(t->number->value)) ||
        fmpz_cmp_si(fmpq_numref(t->number->value), max) > 0)
        return -1;
    return fmpz_get_si(fmpq_numref(t->number->value));
}

static bool leading_zero(const struct tokens *tokens, const struct token *t)
{
    return t->kind == TOK_NUMBER && t->end - t->start > 1 && tokens->text[t->start] == '0' &&
           plain_is_digit(tokens->text[t->start + 1]);
}

/* "01/05/2007", "2007-01-05", "06/18/17", with nothing between the parts. */
static bool is_date(const struct tokens *tokens, const struct token *t)
{
    for (int i = 1; i < 5; i++)
        if (t[i - 1].kind == TOK_END || t[i].space)
            return false;
    if (!exact_is_sign(t + 1, "/-") || !exact_is_sign(t + 3, "/-") || t[1].id != t[3].id)
        return false;
    long first = whole(t, 2999), second = whole(t + 2, 31), third = whole(t + 4, 2999);
    if (first < 1 || second < 1 || third < 0)
        return false;
    return (first <= 31 && third >= 1000) || (first >= 1000 && third <= 31) ||
           (first <= 31 && (leading_zero(tokens, t) || leading_zero(tokens, t + 2)));
}

/* "3/5", which may be the third of May */
static bool is_day(const struct token *t)
{
    return whole(t, 31) >= 1 && t[1].kind != TOK_END && exact_is_sign(t + 1, "/") && !t[1].space &&
           !t[2].space && whole(t + 2, 31) >= 1;
}

static bool has_day(struct range r)
{
    for (const struct token *t = r.from; t < r.to; t++)
        if (is_day(t) && (t == r.from || !exact_is_sign(t - 1, "/")))
            return true;
    return false;
}

static bool has_word(const struct tokens *tokens, const char *const *list)
{
    for (const struct token *t = tokens->list; t->kind != TOK_END; t++)
        if (exact_word_in(t, list))
            return true;
    return false;
}

/* A month's name beside a number. */
static bool names_day(const struct tokens *tokens)
{
    for (const struct token *t = tokens->list; t->kind != TOK_END; t++)
        if (exact_word_in(t, months) &&
            (whole(t + 1, 2999) >= 0 || (t > tokens->list && whole(t - 1, 31) >= 0)))
            return true;
    return false;
}

/* "19991 >> 3" shifts bits, while "<<3*4=12>>" is a calculation between fences. */
static bool is_shift(const struct tokens *tokens)
{
    bool open = false;
    for (const struct token *t = tokens->list; t->kind != TOK_END; t++) {
        if (!exact_is_sign(t, "<>") || !exact_is_sign(t + 1, "<>") || t->id != t[1].id ||
            t[1].space)
            continue;
        bool value_before =
            t > tokens->list && (t[-1].kind == TOK_NUMBER || exact_is_sign(t - 1, ")"));
        if (t->id == '>' ? !open : value_before && t[2].space)
            return true;
        open = t->id == '<';
        t++;
    }
    return false;
}

/* "0x3", read as nothing times three; with more digits it is read as hexadecimal. */
static bool has_prefix(const struct tokens *tokens)
{
    for (const char *s = tokens->text; (s = strchr(s, '0')); s++) {
        bool starts = s == tokens->text || (!plain_is_word(s[-1]) && s[-1] != '.');
        if (starts && s[1] && strchr("xXbBoO", s[1]) && plain_is_hex(s[2]) && !plain_is_hex(s[3]))
            return true;
    }
    return false;
}

bool exact_doubts_text(const struct tokens *tokens)
{
    static const char *const other_arithmetic[] = {
        "modulo", "congruent", "inverse",     "inverses", "residue", "xor",     "bitwise",
        "shift",  "shifted",   "hexadecimal", "binary",   "octal",   "ternary", "base",
        "digits", "quotient",  "multiple",    "date",     NULL};
    static const char *const rejected[] = {
        "not",       "no",          "isn",           "doesn",   "don",
        "cannot",    "never",       "wrong",         "false",   "fails",
        "incorrect", "impossible",  "contradiction", "mistake", "contradicts",
        "invalid",   "incorrectly", "inconsistent",  NULL};
    for (const struct token *t = tokens->list; t->kind != TOK_END; t++)
        if (is_date(tokens, t) || exact_is_sign(t, "?"))
            return true;
    return has_word(tokens, other_arithmetic) || has_word(tokens, rejected) || names_day(tokens) ||
           is_shift(tokens) || has_prefix(tokens);
}

static bool is_literal(const struct expr *e)
{
    while (e->kind == EXPR_NEG || e->kind == EXPR_PERCENT)
        e = e->args[0];
    return e->kind == EXPR_NUMBER;
}

static bool is_word(const struct token *t)
{
    return (t->kind == TOK_WORD && t->len > 1) || t->kind == TOK_TEXT;
}

/* Two words that begin alike are forms of one word. */
static bool is_kin(const struct token *a, const struct token *b)
{
    size_t len = a->len < b->len ? a->len : b->len;
    return plain_compare(a->text, b->text, len < 4 ? len : 4) == 0;
}

/* "1 makeup set / 2 = 3 colors": words on both sides, and none in common. */
static bool changes_unit(const struct link *link)
{
    struct range left = link->left, right = link->right;
    while (right.to->kind != TOK_END && is_word(right.to) && right.to - link->right.to < 3)
        right.to++;
    bool words[2] = {false};
    for (const struct token *a = left.from; a < left.to; a++) {
        words[0] |= is_word(a);
        for (const struct token *b = right.from; is_word(a) && b < right.to; b++)
            if (is_word(b) && is_kin(a, b))
                return false;
    }
    for (const struct token *b = right.from; b < right.to; b++)
        words[1] |= is_word(b);
    return words[0] && words[1];
}

/* "99 / 7 = 14 weeks and 1 day", "= 5 feet 3 inches": the value goes on. */
static bool value_goes_on(const struct link *link)
{
    const struct token *t = link->right.to;
    if (!is_word(t))
        return false;
    const struct unit_word *unit = units_find(t->text, t->len);
    while (is_word(t) && t - link->right.to < 3)
        t++;
    if (t->kind == TOK_AND || exact_is_sign(t, ","))
        t++;
    if (t->kind != TOK_NUMBER || t[1].kind != TOK_WORD)
        return false;
    const struct unit_word *next = units_find(t[1].text, t[1].len);
    return unit && next && unit->kind == next->kind;
}

static bool has_slash(struct range r)
{
    for (const struct token *t = r.from; t < r.to; t++)
        if (exact_is_sign(t, "/"))
            return true;
    return false;
}

/* The sum (product) of e's arguments but the one at skip. */
static bool fold_others(const struct expr *e, size_t skip, fmpq_t out)
{
    fmpq_t part;
    fmpq_init(part);
    fmpq_set_si(out, e->kind == EXPR_MUL, 1);
    bool fine = true;
    for (size_t i = 0; fine && i < e->n; i++) {
        if (i == skip)
            continue;
        fine = eval_rational(e->args[i], part) == EVAL_OK;
        if (fine && e->kind == EXPR_MUL)
            fmpq_mul(out, out, part);
        else if (fine)
            fmpq_add(out, out, part);
    }
    fmpq_clear(part);
    return fine;
}

/* "4 - 9 / 3" meant as (4 - 9) / 3, "6 / 2 + 1" as 6 / (2 + 1), "1 / 2 * 3" as 1 / (2 * 3). */
static bool bar_reaches(const struct expr *e, const fmpq_t other)
{
    if (e->kind != EXPR_ADD && e->kind != EXPR_MUL)
        return false;
    fmpq_t rest, over, under;
    fmpq_init(rest);
    fmpq_init(over);
    fmpq_init(under);
    bool same = false;
    for (int last = 0; last < 2 && !same; last++) {
        size_t at = last ? e->n - 1u : 0;
        const struct expr *quotient = e->args[at];
        bool minus = quotient->kind == EXPR_NEG;
        quotient = minus ? quotient->args[0] : quotient;
        if (quotient->kind != EXPR_DIV || (e->kind == EXPR_MUL && last) ||
            eval_rational(quotient->args[0], over) != EVAL_OK ||
            eval_rational(quotient->args[1], under) != EVAL_OK || !fold_others(e, at, rest))
            continue;
        if (minus)
            fmpq_neg(over, over);
        if (last)
            fmpq_add(over, over, rest);
        else if (e->kind == EXPR_MUL)
            fmpq_mul(under, under, rest);
        else
            fmpq_add(under, under, rest);
        if (!fmpq_is_zero(under)) {
            fmpq_div(over, over, under);
            same = fmpq_equal(over, other);
        }
    }
    fmpq_clear(rest);
    fmpq_clear(over);
    fmpq_clear(under);
    return same;
}

/* "-2^2 = 4": the sign was meant to be inside. */
static bool sign_inside(const struct expr *e, const fmpq_t value, const fmpq_t other)
{
    const struct expr *first = e;
    while (first->kind == EXPR_ADD || first->kind == EXPR_MUL || first->kind == EXPR_DIV)
        first = first->args[0];
    if (first->kind != EXPR_NEG || first->args[0]->kind != EXPR_POW)
        return false;
    fmpq_t negated;
    fmpq_init(negated);
    bool same = false;
    if (first == e) {
        fmpq_neg(negated, value);
        same = fmpq_equal(negated, other);
    } else if (e->kind == EXPR_ADD && first == e->args[0] &&
               eval_rational(first, negated) == EVAL_OK) {
        fmpq_sub(negated, value, negated);
        fmpq_sub(negated, negated, other);
        fmpq_t power;
        fmpq_init(power);
        same = eval_rational(first->args[0], power) == EVAL_OK;
        fmpq_add(negated, negated, power);
        same = same && fmpq_is_zero(negated);
        fmpq_clear(power);
    }
    fmpq_clear(negated);
    return same;
}

/* "3^{-1} = 5": an inverse modulo something that stands elsewhere. */
static bool is_modular_inverse(const struct expr *e, const fmpq_t other)
{
    return e->kind == EXPR_POW && e->args[1]->kind == EXPR_NEG && fmpz_is_one(fmpq_denref(other));
}

/* "2*3^2 + 1*3^0 = 201": the digits of the value in the base of the powers. */
static bool same_digits(const struct expr *e, const fmpq_t value, const fmpq_t digits)
{
    if (e->kind == EXPR_POW) {
        fmpq_t base;
        fmpq_init(base);
        bool small = eval_rational(e->args[0], base) == EVAL_OK && fmpq_cmp_si(base, 2) >= 0 &&
                     fmpq_cmp_si(base, 16) <= 0 && fmpz_is_one(fmpq_denref(base));
        int b = small ? (int)fmpz_get_si(fmpq_numref(base)) : 0;
        fmpq_clear(base);
        if (!b || !fmpz_is_one(fmpq_denref(value)) || !fmpz_is_one(fmpq_denref(digits)) ||
            fmpz_sizeinbase(fmpq_numref(digits), 10) > 60)
            return false;
        char text[64];
        fmpz_get_str(text, 10, fmpq_numref(digits));
        fmpz_t read;
        fmpz_init(read);
        bool same = fmpz_set_str(read, text, b) == 0 && fmpz_equal(read, fmpq_numref(value));
        fmpz_clear(read);
        return same;
    }
    for (size_t i = 0; i < e->n && e->kind != EXPR_BIG; i++)
        if (same_digits(e->args[i], value, digits))
            return true;
    return false;
}

static bool has_point(const struct expr *e)
{
    if (e->kind == EXPR_NUMBER)
        return e->number->point;
    for (size_t i = 0; i < e->n; i++)
        if (has_point(e->args[i]))
            return true;
    return false;
}

/* "-3.668 / 1.833 = -2": decimals that give a whole number, nearly. */
static bool is_rounded_whole(const struct expr *e, const struct expr *decimals, const fmpq_t l,
                             const fmpq_t r)
{
    if (!is_literal(e) || has_point(e) || !has_point(decimals))
        return false;
    double x = fmpq_get_d(l), y = fmpq_get_d(r), apart = x > y ? x - y : y - x;
    double size = x > 0 ? x : -x;
    return apart < 0.5 && apart <= size / 100;
}

/* "pages 10-15 = 6 pages": a range, named right before it, and how much it holds. */
static bool is_stretch(const struct tokens *tokens, struct range r)
{
    if (r.from == tokens->list || !is_word(r.from - 1))
        return false;
    long from = whole(r.from, 9999), to = r.to - r.from == 3 ? whole(r.from + 2, 9999) : -1;
    return from >= 0 && to > from && exact_is_sign(r.from + 1, "-") && !r.from[1].space &&
           !r.from[2].space;
}

/* "1.000 + 2.000 = 3000": points that group digits, as in many countries. */
static bool points_group(const struct expr *e, const fmpq_t value, const fmpq_t other)
{
    if (!has_point(e))
        return false;
    fmpq_t thousand;
    fmpq_init(thousand);
    fmpq_set_si(thousand, 1000, 1);
    fmpq_mul(thousand, thousand, value);
    bool same = fmpq_equal(thousand, other);
    fmpq_clear(thousand);
    return same;
}

bool exact_doubts_link(const struct tokens *tokens, const struct link *link,
                       const struct expr *left, const struct expr *right, const fmpq_t l,
                       const fmpq_t r)
{
    static const char *const calendar[] = {"day",    "days",  "week",      "weeks", "month",
                                           "months", "today", "yesterday", "date",  "tomorrow",
                                           "year",   "years", NULL};
    if (has_day(link->left) && has_day(link->right) && has_word(tokens, calendar))
        return true;
    /* Nobody's sum went wrong in "17 = 2023" or "2023 = 7^3": such an equation is being tried. */
    bool first = link->left.from == tokens->list || exact_is_sign(link->left.from - 1, "$([");
    if (is_literal(left) && (is_literal(right) || (first && right->kind == EXPR_POW)))
        return true;
    return changes_unit(link) || value_goes_on(link) ||
           (has_slash(link->left) && bar_reaches(left, r)) ||
           (has_slash(link->right) && bar_reaches(right, l)) || sign_inside(left, l, r) ||
           sign_inside(right, r, l) || is_modular_inverse(left, r) ||
           is_modular_inverse(right, l) || same_digits(left, l, r) || same_digits(right, r, l) ||
           is_rounded_whole(left, right, l, r) || is_rounded_whole(right, left, r, l) ||
           is_stretch(tokens, link->left) || points_group(left, l, r) || points_group(right, r, l);
}
