/*
 * A scalar with what says its size: a unit, a currency, a scale, a modulus; and ratios.
 */
#include <stdlib.h>
#include <string.h>

#include "base/plain.h"
#include "claims/math/parse_internal.h"
#include "claims/math/units.h"
#include "claims/text/qualify.h"

#define UNIT_TOKENS_MAX 10

/* Words that begin another clause: what they follow is no bare value. */
static bool is_clause_word(const struct token *t)
{
    static const char *const words[] = {
        "is",    "are",  "not",    "if",   "was",   "does", "has", "have", "because",
        "since", "no",   "cannot", "out",  "but",   "or",   "and", "when", "where",
        "for",   "with", "isn",    "than", "which", "so",   "then"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (t->len == strlen(words[i]) && plain_compare(t->text, words[i], t->len) == 0)
            return true;
    return false;
}

static bool ends_unit(const struct token *t)
{
    switch (t->kind) {
    case TOK_WORD:
    case TOK_TEXT:
        return false;
    case TOK_NUMBER: /* an exponent */
        return !(t[-1].kind == TOK_SIGN && (t[-1].id == '^' || t[-1].id == '{' || t[-1].id == '-'));
    case TOK_SIGN:
        return !t->id || !strchr("/^*.-{}", t->id);
    default:
        return true;
    }
}

/* The length of the words before "below zero", len when they do not end so. */
static size_t without_below_zero(const char *text, size_t len)
{
    static const char end[] = "below zero";
    size_t n = sizeof end - 1;
    if (len < n || plain_compare(text + len - n, end, n) != 0)
        return len;
    for (len -= n; len && text[len - 1] == ' ';)
        len--;
    return len;
}

/* The words after a value, as one piece of text: "km/h", "square inches". */
static struct expr *parse_unit(struct parser *p, struct expr *value, uint8_t currency)
{
    const struct token *from = p->at, *to = from;
    bool per = p->end - from >= 2 && from->kind == TOK_SIGN && from->id == '/' &&
               (currency || (from - p->begin >= 2 && from[-2].kind == TOK_NUMBER));
    to += parse_at_micro(p);
    bool word = to > from ||
                (!parse_at_end(p) && (from[per].kind == TOK_WORD || from[per].kind == TOK_TEXT));
    for (int depth = 0; word && to < p->end && !ends_unit(to); to++) {
        depth += to->kind == TOK_SIGN && to->id == '{';
        depth -= to->kind == TOK_SIGN && to->id == '}';
        if (depth < 0)
            break;
        if (is_clause_word(to) || to - from == UNIT_TOKENS_MAX)
            return parse_fail(p);
    }
    if (!word && !currency)
        return value;
    const char *text = word ? from->text : "";
    size_t len = word ? (size_t)(to[-1].text + to[-1].len - from->text) : 0;
    size_t rest = without_below_zero(text, len);
    if (rest < len)
        value = parse_make(p, EXPR_NEG, 0, value, NULL);
    if (qualify_number(text, rest))
        return parse_fail(p);
    p->at = to;
    struct expr *e = rest || currency ? parse_make(p, EXPR_QUANTITY, currency, value, NULL) : value;
    if (e && e != value) {
        e->name = text;
        e->len = (uint32_t)rest;
    }
    return e;
}

static struct expr *parse_more_units(struct parser *p, struct expr *first)
{
    struct parse_list list = {.items = {first}, .n = 1};
    struct expr *value = parse_primary(p);
    parse_push(p, &list, value ? parse_unit(p, value, 0) : NULL);
    return p->status == PARSE_OK ? parse_from_list(p, EXPR_LIST, &list) : NULL;
}

/* unit has more than two letters: before so few the text is looked at for a digit (value.c). */
static struct expr *make_quantity(struct parser *p, struct expr *value, const char *unit)
{
    struct expr *e = parse_make(p, EXPR_QUANTITY, 0, value, NULL);
    if (e) {
        e->name = unit;
        e->len = (uint32_t)strlen(unit);
    }
    return e;
}

/* 20 degrees C: the sign belongs to the unit. */
static struct expr *parse_temperature(struct parser *p, struct expr *e)
{
    const struct expr *angle = e->kind == EXPR_NEG ? e->args[0] : e;
    struct expr *value = angle->kind == EXPR_DEGREE ? angle->args[0] : NULL;
    if (value && e->kind == EXPR_NEG)
        value = parse_make(p, EXPR_NEG, 0, value, NULL);
    const char *unit = p->at->text[0] == 'C' || p->at->text[0] == 'c' ? "celsius" : "fahrenheit";
    const struct token *from = ++p->at;
    if (value && parse_at_sign(p, '/')) { /* 5 degrees C per minute */
        while (!parse_at_end(p) && !ends_unit(p->at))
            p->at++;
        unit = arena_printf(&p->pool->arena, "%s%.*s", unit,
                            (int)(p->at[-1].text + p->at[-1].len - from->text), from->text);
    }
    return value && unit ? make_quantity(p, value, unit) : parse_fail(p);
}

/* "3 (mod 5)", "3 \pmod{5}": the residue, with the modulus in the place of a unit. */
static struct expr *parse_residue(struct parser *p, struct expr *value)
{
    bool round = parse_at_sign(p, '(');
    p->at += round ? 2 : 1;
    bool brace = parse_take_sign(p, '{');
    const struct number *modulus = parse_at(p, TOK_NUMBER) ? p->at->number : NULL;
    if (!modulus || !fmpz_is_one(fmpq_denref(modulus->value)) ||
        fmpz_cmp_ui(fmpq_numref(modulus->value), 1000000000) > 0)
        return parse_fail(p);
    struct expr *m = parse_primary(p);
    if (!m || (brace && !parse_take_sign(p, '}')) || (round && !parse_take_sign(p, ')')))
        return parse_fail(p);
    /* digits as letters: a unit is made of words */
    char *unit =
        arena_printf(&p->pool->arena, "modulo%ld", fmpz_get_si(fmpq_numref(modulus->value)));
    for (char *c = unit; c && *c; c++)
        *c = *c >= '0' && *c <= '9' ? (char)(*c - '0' + 'a') : *c;
    return unit ? make_quantity(p, parse_make(p, EXPR_FUNC, FN_MOD, value, m), unit)
                : parse_fail(p);
}

static bool at_residue(const struct parser *p)
{
    const struct token *t = p->at;
    return (parse_at(p, TOK_MOD) && t->id == FN_COUNT) ||
           (parse_at_sign(p, '(') && p->end - t > 2 && t[1].kind == TOK_MOD);
}

static bool is_word(const struct token *t, const char *word)
{
    return (t->kind == TOK_WORD || t->kind == TOK_TEXT) && t->len == strlen(word) &&
           plain_compare(t->text, word, t->len) == 0;
}

/* "3 to 4" is a ratio, "1 out of 6" and "1 in 6" are quotients. */
static struct expr *parse_worded_ratio(struct parser *p, struct expr *e)
{
    const struct token *t = p->at;
    size_t n = 0;
    if (p->end - t >= 2 && (is_word(t, "to") || is_word(t, "in") || is_word(t, "out of")))
        n = 1;
    else if (p->end - t >= 3 && is_word(t, "out") && is_word(t + 1, "of"))
        n = 2;
    if (n == 0 || t[n].kind != TOK_NUMBER || e->kind != EXPR_NUMBER)
        return e;
    p->at += n;
    struct expr *right = parse_primary(p);
    if (!is_word(t, "to"))
        return parse_make(p, EXPR_DIV, 0, e, right);
    return parse_make(p, EXPR_RATIO, 0, e, right);
}

static bool at_reciprocal(const struct parser *p, const struct expr *e)
{
    const struct token *t = p->at;
    return e->kind == EXPR_NUMBER && p->end - t >= 3 && t->kind == TOK_NUMBER && t->space &&
           fmpq_is_one(t->number->value) && t[1].kind == TOK_SIGN && t[1].id == '/' &&
           (t[2].kind == TOK_WORD || (t[2].kind == TOK_SIGN && t[2].id == '('));
}

/* The number of marks ' at t. */
static size_t count_primes(const struct parser *p, const struct token *t)
{
    size_t n = 0;
    while (t + n < p->end && t[n].kind == TOK_SIGN && t[n].id == '\'')
        n++;
    return n;
}

/* 5'6", feet and inches; e when they do not stand there. */
static struct expr *parse_feet(struct parser *p, struct expr *e)
{
    const struct token *t = p->at;
    if (e->kind != EXPR_NUMBER || p->end - t < 3 || count_primes(p, t) != 1 ||
        t[1].kind != TOK_NUMBER)
        return e;
    bool quote = t[2].kind == TOK_SIGN && t[2].id == '"';
    if (!quote && count_primes(p, t + 2) != 2)
        return e;
    struct parse_list list = {.items = {make_quantity(p, e, "feet")}, .n = 1};
    p->at++;
    struct expr *inches = parse_primary(p);
    p->at += quote ? 1 : 2;
    parse_push(p, &list, inches ? make_quantity(p, inches, "inches") : NULL);
    return p->status == PARSE_OK ? parse_from_list(p, EXPR_LIST, &list) : NULL;
}

/* "11 (base 2)" as 11_2; e when no base is named. */
static struct expr *parse_base(struct parser *p, struct expr *e)
{
    const struct token *base = parse_named_base(p), *digits = p->at - 1;
    bool named = base && e->kind == EXPR_NUMBER && digits->kind == TOK_NUMBER;
    struct number *number = named ? pool_number(p->pool) : NULL;
    if (!number || !number_in_base(digits->text, digits->len, atoi(base->text), number->value))
        return e;
    number->based = number->base_in_words = true;
    number->written = digits->len <= 18 ? strtol(digits->text, NULL, 10) : -1;
    p->at = base + 1 + parse_at_sign(p, '(');
    e = parse_node(p, EXPR_NUMBER, 0);
    if (e)
        e->number = number;
    return e;
}

/* A sum with its currency sign or unit. */
struct expr *parse_quantity(struct parser *p)
{
    uint8_t currency = 0;
    bool minus = false;
    const struct token *start = p->at;
    if (parse_at_sign(p, '-') && p->at + 1 < p->end &&
        (p->at[1].kind == TOK_CURRENCY || p->at[1].kind == TOK_DOLLAR)) {
        minus = true;
        p->at++;
    }
    if (parse_at(p, TOK_CURRENCY) || parse_at(p, TOK_DOLLAR)) {
        currency = (uint8_t)(p->at->id + 1);
        p->at++;
    }
    if (minus && !currency)
        p->at = start;
    struct expr *e = parse_sum(p);
    if (minus)
        e = parse_make(p, EXPR_NEG, 0, e, NULL);
    if (!e || p->letter)
        return e ? parse_fail(p) : NULL;
    e = parse_feet(p, e);
    e = e ? parse_base(p, e) : NULL;
    if (!e)
        return NULL;
    bool dollar = parse_at(p, TOK_DOLLAR) && p->at->space && p->at + 1 == p->end;
    if ((parse_at(p, TOK_CURRENCY) || dollar) && !currency) { /* 5 € */
        currency = (uint8_t)(p->at->id + 1);
        p->at++;
    }
    if (!currency && p->at < p->end && p->at->len && parse_after_degree(p))
        return parse_temperature(p, e);
    if (!currency && at_residue(p))
        return parse_residue(p, e);
    bool reciprocal = at_reciprocal(p, e);
    if (reciprocal && p->at + 3 == p->end && units_is_letter(p->at[2].text[0])) /* 50 1/s */
        p->at++;
    else if (reciprocal) /* 7.5 1/(M s) */
        e = parse_make(p, EXPR_MUL, 0, e, parse_sum(p));
    e = e ? parse_worded_ratio(p, e) : NULL;
    e = e ? parse_unit(p, e, currency) : NULL;
    if (e && e->kind == EXPR_QUANTITY && !e->op && parse_at(p, TOK_CURRENCY)) { /* 2 million USD */
        e->op = (uint8_t)(p->at->id + 1);
        p->at++;
    }
    while (e && e->kind == EXPR_QUANTITY && !currency && parse_at(p, TOK_NUMBER) &&
           e->args[0]->kind == EXPR_NUMBER &&
           (units_find(e->name, e->len) || (e->len == 1 && units_is_letter(e->name[0]))))
        e = parse_more_units(p, e); /* 3 feet 4 inches */
    bool ratio = e && (expr_is_scalar(e) || e->kind == EXPR_QUANTITY) && e->kind != EXPR_CONST;
    if (ratio && parse_at_sign(p, ':') && p->at + 1 < p->end) {
        struct parse_list list = {.items = {e}, .n = 1};
        while (p->status == PARSE_OK && parse_take_sign(p, ':')) {
            struct expr *part = parse_sum(p);
            parse_push(p, &list, part ? parse_unit(p, part, 0) : NULL);
        }
        return p->status == PARSE_OK ? parse_from_list(p, EXPR_RATIO, &list) : NULL;
    }
    return e;
}
