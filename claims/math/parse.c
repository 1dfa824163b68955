/*
 * What is built from scalars: brackets, lists, sets, relations, ratios, quantities with units.
 */
#include "claims/math/parse.h"

#include <string.h>
#include <strings.h>

#include "claims/math/units.h"

#define UNIT_TOKENS_MAX 10

/* Short words of prose that are no products of variables. */
bool parse_is_prose(const struct token *t)
{
    static const char *const words[] = {
        "is",  "not", "no",  "are", "the", "for", "of",  "to",  "in",  "on",  "at",  "by",
        "it",  "if",  "as",  "be",  "do",  "so",  "all", "any", "one", "two", "six", "ten",
        "per", "day", "we",  "us",  "he",  "she", "an",  "was", "has", "had", "get", "yes",
        "can", "you", "its", "but", "box", "men", "man", "way", "old", "pm",  "am",  "th",
        "st",  "nd",  "rd",  "up",  "out", "set", "let", "odd", "red", "new", "his", "her"};
    if (t->len < 2 || t->len > 3)
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (t->len == strlen(words[i]) && strncasecmp(t->text, words[i], t->len) == 0)
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
static bool after_degree(const struct parser *p)
{
    const struct token *t = p->at;
    bool scale = (t->len == 1 && strchr("CF", t->text[0])) ||
                 strncasecmp(t->text, "celsius", 7) == 0 ||
                 strncasecmp(t->text, "fahrenheit", 10) == 0;
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

/* "30 N*m", to the end of the text */
static bool begins_unit_product(const struct parser *p)
{
    const struct token *t = p->at;
    return p->end - t == 3 && units_is_letter(t->text[0]) && t[1].kind == TOK_SIGN &&
           t[1].id == '*' && t[2].kind == TOK_WORD &&
           (units_is_word(t[2].text, t[2].len) || (t[2].len == 1 && units_is_letter(t[2].text[0])));
}

/* A word after a factor is the next factor ("2xy"), unless it is a unit or prose. */
bool parse_word_ends_product(const struct parser *p)
{
    const struct token *t = p->at;
    bool power_of_letter = t - p->begin >= 3 && t[-2].kind == TOK_SIGN && t[-2].id == '^' &&
                           t[-3].kind != TOK_NUMBER; /* r^2 h */
    bool after_number = (t[-1].kind == TOK_NUMBER && !power_of_letter) || after_number_power(p);
    if (t->len > 3 || (unsigned char)t->text[0] >= 0x80 || parse_is_prose(t))
        return true;
    if (after_degree(p))
        return true;
    if (t->len == 1 && after_number && t->space && !p->scalar && begins_unit_product(p))
        return true;
    if (t->len == 1) /* "5 m" is a length, "5m", "5 x" and "5 m + 1" are products */
        return after_number && t->space && !p->scalar && units_is_letter(t->text[0]) &&
               !is_operator(after_power(t + 1, p->end), p->end);
    if (after_number && t->space && has_vowel(t)) /* "5 dog" */
        return true;
    return units_is_word(t->text, t->len);
}

/* A number, then "/" and a unit's name. */
bool parse_is_rate(const struct parser *p)
{
    const struct token *t = p->at;
    return t[-1].kind == TOK_NUMBER && p->end - t >= 2 && t[1].kind == TOK_WORD && t[1].len > 3 &&
           units_is_word(t[1].text, t[1].len);
}

static bool at_end(const struct parser *p)
{
    return p->at >= p->end;
}

/* Words that begin another clause: what they follow is no bare value. */
static bool is_clause_word(const struct token *t)
{
    static const char *const words[] = {
        "is",    "are",  "not",    "if",   "was",   "does", "has", "have", "because",
        "since", "no",   "cannot", "out",  "but",   "or",   "and", "when", "where",
        "for",   "with", "isn",    "than", "which", "so",   "then"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (t->len == strlen(words[i]) && strncasecmp(t->text, words[i], t->len) == 0)
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

/* The words after a value, as one piece of text: "km/h", "square inches". */
static struct expr *parse_unit(struct parser *p, struct expr *value, uint8_t currency)
{
    const struct token *from = p->at, *to = from;
    bool per = currency && p->end - from >= 2 && from->kind == TOK_SIGN && from->id == '/';
    bool word = !at_end(p) && (from[per].kind == TOK_WORD || from[per].kind == TOK_TEXT);
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
    struct expr *e = parse_make(p, EXPR_QUANTITY, currency, value, NULL);
    if (!e)
        return NULL;
    e->name = word ? from->text : "";
    e->len = word ? (uint32_t)(to[-1].text + to[-1].len - from->text) : 0;
    p->at = to;
    return e;
}

static struct expr *parse_more_units(struct parser *p, struct expr *first)
{
    struct parse_list list = {.items = {first}, .n = 1};
    struct expr *value = parse_primary(p);
    parse_push(p, &list, value ? parse_unit(p, value, 0) : NULL);
    return p->status == EXPR_OK ? parse_from_list(p, EXPR_LIST, &list) : NULL;
}

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
    p->at++;
    return value ? make_quantity(p, value, unit) : parse_fail(p);
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
           strncasecmp(t->text, word, t->len) == 0;
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

/* A sum with its currency sign or unit. */
static struct expr *parse_quantity(struct parser *p)
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
    if (parse_at(p, TOK_CURRENCY) && !currency) { /* 5 € */
        currency = (uint8_t)(p->at->id + 1);
        p->at++;
    }
    if (!currency && p->at < p->end && p->at->len && after_degree(p))
        return parse_temperature(p, e);
    if (!currency && at_residue(p))
        return parse_residue(p, e);
    e = parse_worded_ratio(p, e);
    e = e ? parse_unit(p, e, currency) : NULL;
    while (e && e->kind == EXPR_QUANTITY && !currency && parse_at(p, TOK_NUMBER) &&
           e->args[0]->kind == EXPR_NUMBER &&
           (units_find(e->name, e->len) || (e->len == 1 && units_is_letter(e->name[0]))))
        e = parse_more_units(p, e); /* 3 feet 4 inches */
    bool ratio = e && (expr_is_scalar(e) || e->kind == EXPR_QUANTITY) && e->kind != EXPR_CONST;
    if (ratio && parse_at_sign(p, ':') && p->at + 1 < p->end) {
        struct parse_list list = {.items = {e}, .n = 1};
        while (p->status == EXPR_OK && parse_take_sign(p, ':'))
            parse_push(p, &list, parse_sum(p));
        return p->status == EXPR_OK ? parse_from_list(p, EXPR_RATIO, &list) : NULL;
    }
    return e;
}

static struct expr *parse_sets(struct parser *p)
{
    struct expr *e = parse_quantity(p);
    for (;;) {
        enum expr_kind kind;
        if (parse_at(p, TOK_UNION))
            kind = EXPR_UNION;
        else if (parse_at(p, TOK_INTERSECTION))
            kind = EXPR_INTERSECTION;
        else if (parse_at(p, TOK_SETMINUS) || (parse_at_sign(p, '\\') && e))
            kind = EXPR_DIFFERENCE;
        else
            return e;
        p->at++;
        struct expr *right = parse_quantity(p);
        e = e && right ? parse_make(p, kind, 0, e, right) : parse_fail(p);
        if (!e)
            return NULL;
    }
}

/* The sign of a relation as one character, 0 when there is none at p->at. */
static char relation_sign(const struct parser *p)
{
    if (at_end(p))
        return '\0';
    switch (p->at->kind) {
    case TOK_LE:
        return 'l';
    case TOK_GE:
        return 'g';
    case TOK_NE:
        return 'n';
    case TOK_APPROX:
        return '~';
    case TOK_IN:
        return 'e';
    case TOK_SIGN:
        return p->at->id == '=' || p->at->id == '<' || p->at->id == '>' ? (char)p->at->id : '\0';
    default:
        return '\0';
    }
}

struct expr *parse_statement(struct parser *p)
{
    struct parse_list list = {0};
    char signs[PARSE_LIST_MAX + 1];
    size_t n = 0;
    if (p->scalar)
        return parse_sum(p);
    if (++p->depth > EXPR_DEPTH_MAX) {
        p->status = EXPR_LIMIT;
        return NULL;
    }
    parse_push(p, &list, parse_sets(p));
    for (char sign; p->status == EXPR_OK && (sign = relation_sign(p)) != '\0';) {
        if (n == 15)
            return parse_fail(p);
        signs[n++] = sign;
        p->at++;
        if (n == 1 && sign == '<' && relation_sign(p) == '<')
            return parse_fail(p);
        parse_push(p, &list, parse_sets(p));
    }
    p->depth--;
    if (p->status != EXPR_OK || n == 0)
        return p->status == EXPR_OK ? list.items[0] : NULL;
    struct expr *e = parse_from_list(p, EXPR_RELATION, &list);
    if (!e)
        return NULL;
    e->name = arena_strndup(&p->pool->arena, signs, n);
    e->len = (uint32_t)n;
    return e->name ? e : parse_fail(p);
}

static bool take_separator(struct parser *p)
{
    if (at_end(p))
        return false;
    bool comma = parse_at_sign(p, ',') || parse_at_sign(p, ';');
    bool word = parse_at(p, TOK_AND) || parse_at(p, TOK_OR);
    if (!comma && !word)
        return false;
    p->either |= parse_at(p, TOK_OR);
    p->at++;
    p->either |= comma && parse_at(p, TOK_OR);
    if (comma && (parse_at(p, TOK_AND) || parse_at(p, TOK_OR))) /* ", and" */
        p->at++;
    return true;
}

/* Statements up to a closing token that `closes` knows, which is left standing. */
static void parse_members(struct parser *p, struct parse_list *list,
                          bool (*closes)(const struct parser *))
{
    int bars = p->bars;
    p->bars = 0;
    if (!closes(p)) {
        do
            parse_push(p, list, parse_statement(p));
        while (p->status == EXPR_OK && take_separator(p));
    }
    p->bars = bars;
    if (p->status == EXPR_OK && !closes(p))
        parse_fail(p);
}

static bool closes_round(const struct parser *p)
{
    return parse_at_sign(p, ')') || parse_at_sign(p, ']');
}

static bool closes_brace(const struct parser *p)
{
    return parse_at_sign(p, '}') || parse_at(p, TOK_SET_CLOSE) || parse_at(p, TOK_SUCH) ||
           parse_at_sign(p, '|') || parse_at_sign(p, ':');
}

static bool closes_angle(const struct parser *p)
{
    return parse_at(p, TOK_ANGLE_CLOSE);
}

static bool is_infinite(const struct expr *e)
{
    while (e->kind == EXPR_NEG)
        e = e->args[0];
    return e->kind == EXPR_CONST && e->op == CONST_INFINITY;
}

/* [[1, 2], [3, 4]] was read as tuples or closed intervals of equal length. */
static struct expr *matrix_of_rows(struct parser *p, const struct parse_list *rows)
{
    size_t columns = rows->items[0]->n;
    struct expr *e = parse_node(p, EXPR_MATRIX, rows->n * columns);
    if (!e)
        return NULL;
    e->op = (uint8_t)columns;
    for (size_t i = 0; i < rows->n; i++)
        for (size_t j = 0; j < columns; j++)
            parse_set_arg(e, i * columns + j, (struct expr *)rows->items[i]->args[j]);
    return e;
}

static bool are_rows(const struct parse_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct expr *row = list->items[i];
        bool closed = row->kind == EXPR_INTERVAL && row->op == 3;
        if ((!closed && row->kind != EXPR_LIST) || row->n != list->items[0]->n || row->n == 0)
            return false;
    }
    return list->n > 0;
}

static struct expr *parse_round(struct parser *p)
{
    bool square = parse_at_sign(p, '[');
    struct parse_list list = {0};
    p->at++;
    parse_members(p, &list, closes_round);
    if (p->status != EXPR_OK || list.n == 0)
        return parse_fail(p);
    bool square_end = parse_at_sign(p, ']');
    p->at++;
    if (square && square_end && are_rows(&list))
        return matrix_of_rows(p, &list);
    if (list.n == 1)
        return square == square_end ? list.items[0] : parse_fail(p);
    bool infinite = list.n == 2 && (is_infinite(list.items[0]) || is_infinite(list.items[1]));
    if (list.n == 2 && (square || square_end || infinite)) {
        struct expr *e = parse_from_list(p, EXPR_INTERVAL, &list);
        if (e)
            e->op = (uint8_t)((square ? 1 : 0) | (square_end ? 2 : 0));
        return e;
    }
    if (square != square_end)
        return parse_fail(p);
    return parse_from_list(p, square ? EXPR_LIST : EXPR_TUPLE, &list);
}

/* The one letter or name at p->at. */
static struct expr *parse_variable(struct parser *p)
{
    const struct token *end = p->end;
    p->end = p->at + 1;
    struct expr *e = parse_primary(p);
    p->end = end;
    return e;
}

/* "x < 0 or x > 1" */
static struct expr *parse_conditions(struct parser *p)
{
    struct parse_list list = {0};
    bool outer = p->either;
    p->either = false;
    do
        parse_push(p, &list, parse_statement(p));
    while (p->status == EXPR_OK && take_separator(p));
    struct expr *e = list.n == 1 ? list.items[0] : parse_from_list(p, EXPR_LIST, &list);
    if (e && list.n > 1)
        e->op = p->either;
    p->either = outer;
    return p->status == EXPR_OK ? e : NULL;
}

static struct expr *parse_brace(struct parser *p)
{
    bool set = parse_at(p, TOK_SET_OPEN);
    struct parse_list list = {0};
    p->at++;
    const struct token *t = p->at;
    bool bar = p->end - t > 2 && (t->kind == TOK_WORD || t->kind == TOK_NAME) &&
               t[1].kind == TOK_SIGN && (t[1].id == '|' || t[1].id == ':') &&
               (t->kind == TOK_NAME || t->len == 1);
    if (bar) /* {x | ...}, {x : ...}: neither an absolute value nor a ratio */
        parse_push(p, &list, parse_variable(p));
    else
        parse_members(p, &list, closes_brace);
    if (p->status != EXPR_OK)
        return NULL;
    if (parse_at(p, TOK_SUCH) || parse_at_sign(p, '|') || parse_at_sign(p, ':')) {
        p->at++;
        struct expr *condition = list.n == 1 ? parse_conditions(p) : NULL;
        if (!condition || !(parse_at_sign(p, '}') || parse_at(p, TOK_SET_CLOSE)))
            return parse_fail(p);
        p->at++;
        return parse_make(p, EXPR_BUILDER, 0, list.items[0], condition);
    }
    p->at++;
    if (list.n == 0) {
        struct expr *e = parse_node(p, EXPR_CONST, 0);
        if (e)
            e->op = CONST_EMPTY;
        return e;
    }
    return list.n == 1 && !set ? list.items[0] : parse_from_list(p, EXPR_SET, &list);
}

static struct expr *parse_angle(struct parser *p)
{
    struct parse_list list = {0};
    p->at++;
    parse_members(p, &list, closes_angle);
    p->at += p->status == EXPR_OK;
    return p->status == EXPR_OK && list.n ? parse_from_list(p, EXPR_TUPLE, &list) : parse_fail(p);
}

/* \begin{cases} x = 1 \\ y = 2 \end{cases}: a list of statements. */
static struct expr *parse_system(struct parser *p)
{
    struct parse_list list = {0};
    while (p->status == EXPR_OK && !parse_at(p, TOK_CLOSE)) {
        parse_push(p, &list, parse_statement(p));
        while (parse_at(p, TOK_ROW) || parse_at_sign(p, ',') || parse_at_sign(p, '&'))
            p->at++;
        if (at_end(p))
            return parse_fail(p);
    }
    p->at += p->status == EXPR_OK;
    return p->status == EXPR_OK && list.n ? parse_from_list(p, EXPR_LIST, &list) : parse_fail(p);
}

/* \begin{pmatrix} a & b \\ c & d \end{pmatrix} */
static struct expr *parse_environment(struct parser *p)
{
    const struct token *t = p->at++;
    if ((t->len == 5 && memcmp(t->text, "cases", 5) == 0) ||
        (t->len >= 5 && memcmp(t->text, "align", 5) == 0))
        return parse_system(p);
    bool matrix = (t->len >= 6 && memcmp(t->text + t->len - 6, "matrix", 6) == 0) ||
                  (t->len >= 5 && memcmp(t->text, "array", 5) == 0);
    struct parse_list list = {0};
    size_t columns = 0, column = 0;
    bool fine = matrix;
    while (fine && p->status == EXPR_OK) {
        parse_push(p, &list, parse_sum(p));
        column++;
        if (parse_take_sign(p, '&'))
            continue;
        bool row = parse_at(p, TOK_ROW);
        p->at += row;
        fine = columns == 0 || columns == column;
        columns = column;
        column = 0;
        if (parse_at(p, TOK_CLOSE))
            break;
        fine = fine && row;
    }
    if (!fine || p->status != EXPR_OK || columns > 255)
        return parse_fail(p);
    p->at++;
    struct expr *e = parse_from_list(p, EXPR_MATRIX, &list);
    if (e)
        e->op = (uint8_t)columns;
    if (e && t->text[0] == 'v') /* a determinant; not evaluated */
        return parse_fail(p);
    return e;
}

struct expr *parse_bracket(struct parser *p)
{
    if (++p->depth > EXPR_DEPTH_MAX) {
        p->status = EXPR_LIMIT;
        return NULL;
    }
    struct expr *e;
    if (p->scalar) {
        char close = parse_at_sign(p, '(') ? ')' : parse_at_sign(p, '[') ? ']' : '}';
        int bars = p->bars;
        p->bars = 0;
        p->at++;
        e = parse_sum(p);
        p->bars = bars;
        e = e && parse_take_sign(p, close) ? e : parse_fail(p);
    } else if (parse_at(p, TOK_BEGIN)) {
        e = parse_environment(p);
    } else if (parse_at(p, TOK_ANGLE_OPEN)) {
        e = parse_angle(p);
    } else if (parse_at_sign(p, '{') || parse_at(p, TOK_SET_OPEN)) {
        e = parse_brace(p);
    } else {
        e = parse_round(p);
    }
    p->depth--;
    return e;
}

const struct expr *expr_parse_answer(struct pool *pool, const struct token *from,
                                     const struct token *to, enum expr_status *ret_status)
{
    struct parser p = {.pool = pool, .begin = from, .at = from, .end = to};
    struct parse_list list = {0};
    do
        parse_push(&p, &list, parse_statement(&p));
    while (p.status == EXPR_OK && take_separator(&p));
    if (p.status == EXPR_OK && (p.at != p.end || p.letter))
        parse_fail(&p);
    struct expr *e = NULL;
    if (p.status == EXPR_OK)
        e = list.n == 1 ? list.items[0] : parse_from_list(&p, EXPR_LIST, &list);
    if (e && list.n > 1)
        e->op = p.either;
    *ret_status = p.status;
    return p.status == EXPR_OK ? e : NULL;
}
