/*
 * Which tokens beside a relation surely are its operands.
 *
 * An operand is only what surely is one: the longest run of arithmetic beside the sign, and only
 * when nothing beside that run could belong to it: no variable, no word that works as an operator
 * ("half of"), no unit that would have to be converted.
 */
#include <string.h>

#include "claims/math/exact_internal.h"
#include "claims/math/units.h"

bool exact_is_bold(const struct token *t)
{
    return exact_is_sign(t, "^") && t->len == 2;
}

/* "<<" and ">>" fence a calculation; they are no inequalities. */
bool exact_is_fence(const struct tokens *tokens, const struct token *t)
{
    const struct token *first = tokens->list;
    if (!exact_is_sign(t, "<>"))
        return false;
    return (exact_is_sign(t + 1, "<>") && t[1].id == t->id && !t[1].space) ||
           (t > first && exact_is_sign(t - 1, "<>") && t[-1].id == t->id && !t->space);
}

bool exact_is_relation(const struct tokens *tokens, const struct token *t)
{
    return t->kind == TOK_LE || t->kind == TOK_GE || t->kind == TOK_NE || t->kind == TOK_APPROX ||
           exact_is_sign(t, "=") || (exact_is_sign(t, "<>") && !exact_is_fence(tokens, t));
}

bool exact_ends_value(const struct token *t)
{
    return t->kind == TOK_NUMBER || t->kind == TOK_CONST || exact_is_sign(t, ")]}!%");
}

bool exact_starts_value(const struct token *t)
{
    return t->kind == TOK_NUMBER || t->kind == TOK_CONST || t->kind == TOK_FRAC ||
           t->kind == TOK_SQRT || t->kind == TOK_FUNC || t->kind == TOK_BINOM ||
           t->kind == TOK_CURRENCY || t->kind == TOK_DOLLAR || exact_is_sign(t, "([{");
}

bool exact_is_operator(const struct token *t)
{
    return exact_is_sign(t, "+-*/^") && !exact_is_bold(t);
}

/* Words that change the value beside them, so that they are no units. */
static const char *const operator_words[] = {
    "of",      "than",      "twice",   "half",       "double",   "triple",  "from",     "to",
    "dozen",   "dozens",    "hundred", "thousand",   "million",  "billion", "trillion", "squared",
    "cubed",   "remainder", "less",    "more",       "fewer",    "by",      "out",      "in",
    "r",       "remain",    "each",    "choose",     "third",    "thirds",  "quarters", "fourth",
    "fourths", "fifth",     "fifths",  "tenths",     "negative", "root",    "square",   "cube",
    "power",   "factorial", "divided", "multiplied", "mod",      "modulo",  "base",     "log",
    "average", "sum",       "product", "difference", "mean",     "if",      "when",     "k",
    "thrice",  "quadruple", "halves",  "am",         "pm",       "with",    "over",     "pairs",
    "pair",    NULL};

static bool is_unit_word(const struct token *t)
{
    if (exact_word_in(t, operator_words))
        return false;
    if (t->kind == TOK_TEXT)
        return true;
    if (t->kind != TOK_WORD)
        return false;
    if (t->len == 1)
        return t->space && units_is_letter(t->text[0]);
    return t->space || units_is_word(t->text, t->len);
}

/* The end of an exponent of a unit ("cm^2", "cm^{2}") at t, else t. */
const struct token *exact_skip_unit_power(const struct token *t)
{
    if (!exact_is_sign(t, "^") || exact_is_bold(t))
        return t;
    if (t[1].kind == TOK_NUMBER)
        return t + 2;
    return exact_is_sign(t + 1, "{") && t[2].kind == TOK_NUMBER && exact_is_sign(t + 3, "}") ? t + 4
                                                                                             : t;
}

/* The end of a phrase of unit words that starts at t, else t. */
const struct token *exact_unit_phrase(const struct token *t)
{
    const struct token *end = t;
    while (end - t < 3 && is_unit_word(end))
        end++;
    return end > t ? exact_skip_unit_power(end) : t;
}

/* The end of a unit phrase inside an operand: an operator, a relation or a closing bracket follows
 * ("5 cars * 4"). Else t. */
static const struct token *skip_unit(const struct tokens *tokens, const struct token *t)
{
    const struct token *end = exact_unit_phrase(t);
    if (end == t ||
        !(exact_is_operator(end) || exact_is_relation(tokens, end) || exact_is_sign(end, ")")))
        return t;
    if (exact_is_sign(end, "-") && !end->space) /* a hyphen */
        return t;
    return end;
}

static bool is_part(const struct token *t)
{
    return exact_starts_value(t) || exact_ends_value(t) || exact_is_operator(t) ||
           exact_is_sign(t, "|");
}

/* The operand that begins at t: arithmetic and units, brackets balanced. */
static const struct token *operand_end(const struct tokens *tokens, const struct token *t)
{
    int depth = 0;
    const struct token *first = t;
    for (; t->kind != TOK_END; t++) {
        if (is_unit_word(t) && t > first && exact_ends_value(t - 1)) {
            const struct token *past = skip_unit(tokens, t);
            if (past == t)
                break;
            t = past - 1;
            continue;
        }
        if (!is_part(t) || exact_is_relation(tokens, t))
            break;
        if (t->kind == TOK_NUMBER && t > first && t[-1].kind == TOK_NUMBER &&
            !(exact_is_sign(t + 1, "/") && t[2].kind == TOK_NUMBER))
            break;
        bool opens = exact_is_sign(t, "([{"), closes = exact_is_sign(t, ")]}");
        if (closes && depth == 0)
            break;
        if (opens && depth == 0 && t->space && t > first && !exact_is_operator(t - 1) &&
            t[-1].kind != TOK_FUNC && t[-1].kind != TOK_SQRT && t[-1].kind != TOK_FRAC &&
            t[-1].kind != TOK_BINOM)
            break; /* "0.7 (70%)", "12 (since ...)" */
        depth += opens - closes;
    }
    return t;
}

bool exact_has_operator(struct range r)
{
    for (const struct token *t = r.from; t < r.to; t++)
        if ((exact_is_operator(t) && t > r.from && !exact_is_operator(t - 1) &&
             !exact_is_sign(t - 1, "([{")) ||
            t->kind == TOK_FRAC || t->kind == TOK_SQRT || t->kind == TOK_FUNC ||
            t->kind == TOK_BINOM || exact_is_sign(t, "!|") ||
            (t > r.from && exact_is_sign(t, "(") && exact_ends_value(t - 1)))
            return true;
    return false;
}

static bool has_words(struct range r)
{
    for (const struct token *t = r.from; t < r.to; t++)
        if (t->kind == TOK_WORD || t->kind == TOK_TEXT)
            return true;
    return false;
}

/* An operator among the words before an operand: "price + tax 2 * 3 = 8". */
static bool operator_before(const struct tokens *tokens, const struct token *from)
{
    for (const struct token *t = from; t > tokens->list; t--) {
        if (exact_is_relation(tokens, t - 1) || exact_is_fence(tokens, t - 1) ||
            exact_is_sign(t - 1, ",;:.?!") || t[-1].kind == TOK_IMPLIES)
            return false;
        if (exact_is_operator(t - 1) && !exact_is_bold(t - 1) && t - 1 > tokens->list &&
            (t[-1].space || !exact_is_sign(t - 1, "-")) && (t->space || !exact_is_sign(t - 1, "-")))
            return true;
    }
    return false;
}

/* What may stand before a left operand without belonging to it. */
static bool starts_cleanly(const struct tokens *tokens, struct range r)
{
    const struct token *first = tokens->list, *before = r.from - 1;
    if (exact_is_sign(r.from, "+*/^"))
        return false;
    if (r.from == first)
        return !(exact_is_sign(r.from, "-") && r.from[1].space); /* a bullet */
    if (exact_is_sign(r.from, "-") && (r.from[1].space || !r.from->space))
        return false;
    static const char *const operators[] = {
        "of",     "than",      "twice",   "half",      "double", "triple", "from",   "to",
        "times",  "over",      "root",    "less",      "more",   "minus",  "plus",   "negative",
        "thrice", "and",       "or",      "mod",       "base",   "with",   "choose", "square",
        "cube",   "factorial", "between", "quadruple", NULL};
    static const char *const by[] = {"by", NULL};
    static const char *const acted[] = {"divided",   "multiplied", "divide",   "multiply",
                                        "reduced",   "raised",     "dividing", "multiplying",
                                        "increased", "decreased",  NULL};
    if (exact_word_in(before, operators) || before->kind == TOK_NAME ||
        operator_before(tokens, r.from) || before->kind == TOK_SQRT || before->kind == TOK_FUNC ||
        before->kind == TOK_FRAC || before->kind == TOK_BINOM)
        return false;
    if (exact_is_sign(r.from, "(") && !r.from->space && before->kind == TOK_WORD)
        return false; /* f(2) */
    if (exact_is_sign(before, ",") && !r.from->space && before > first &&
        before[-1].kind == TOK_NUMBER)
        return false; /* "1,5 * 2", with a decimal comma */
    if (exact_word_in(before, by) && before > first && exact_word_in(before - 1, acted))
        return false;
    if (before->kind == TOK_WORD && before->len == 1 && (unsigned char)before->text[0] < 0x80)
        return false; /* a variable */
    if (before->kind == TOK_NUMBER || exact_ends_value(before) || before->kind == TOK_MOD)
        return exact_is_sign(before, ")") && before == first + 1; /* "1) 3*4 = 12" */
    if (exact_is_sign(before, ":") && before > first &&
        (before->space || (before[-1].kind == TOK_NUMBER && !r.from->space)))
        return false; /* a time or a ratio */
    return !exact_is_sign(before, "_'&#\\") && before->kind != TOK_AND && before->kind != TOK_OR;
}

/* Whether the text before the left operand is the label of a bare number ("price = 5" has the
 * label "price", and 5 alone is no expression to be judged). */
static bool bare_left_counts(const struct tokens *tokens, struct range r)
{
    const struct token *before = r.from - 1;
    if (exact_has_operator(r))
        return true;
    if (has_words(r)) /* "3 peaches = 3 * 0.5" */
        return false;
    return r.from == tokens->list || exact_is_sign(before, ":") ||
           exact_is_relation(tokens, before) || exact_is_fence(tokens, before);
}

/* A bracket after a value that only explains it: "0.7 (70%)", "12 (since ...)". */
static bool is_remark(const struct token *t)
{
    return exact_is_sign(t, "(") && t->space &&
           ((t[1].kind == TOK_WORD && t[1].len > 1) || t[1].kind == TOK_TEXT ||
            (t[1].kind == TOK_NUMBER && (exact_is_sign(t + 2, "%") || t[2].kind == TOK_WORD)));
}

/* What may stand after a right operand without belonging to it. */
static bool ends_cleanly(const struct tokens *tokens, struct range r)
{
    const struct token *after = r.to;
    if (exact_is_sign(after, "([{") && !is_remark(after))
        return false;
    if (exact_is_operator(after - 1) || exact_is_sign(after, "_^!/\\") || after->kind == TOK_MOD ||
        after->kind == TOK_PM || after->kind == TOK_DEGREE || after->kind == TOK_NAME ||
        after->kind == TOK_DOTS)
        return exact_is_bold(after);
    if ((exact_is_sign(after, ":") || (exact_is_sign(after, ",") && !after[1].space)) &&
        after[1].kind == TOK_NUMBER)
        return false;
    if ((after->kind == TOK_AND || after->kind == TOK_OR || exact_is_sign(after, "+*/-")) &&
        (exact_starts_value(after + 1) || after->kind == TOK_SIGN))
        return false;
    static const char *const changing[] = {
        "dozen",       "dozens",     "hundred", "thousand",  "million", "billion",
        "trillion",    "squared",    "cubed",   "remainder", "r",       "half",
        "thousandths", "hundredths", "tenths",  "k",         "m",       "b",
        "choose",      "factorial",  "times",   "halves",    "thirds",  "fourths",
        "fifths",      "pairs",      "pair",    "groups",    "sets",    NULL};
    static const char *const linking[] = {"out", "in",   "to",  "over", "per",  "of", "from",
                                          "by",  "than", "for", "with", "each", NULL};
    if (after->kind == TOK_NUMBER)
        return false;
    if (after->kind != TOK_WORD && after->kind != TOK_TEXT)
        return true;
    if (after->kind == TOK_WORD && after->len == 1 &&
        !(after->space && strchr("aAmgsLhI", after->text[0])))
        return false;
    if (!after->space && after->kind == TOK_WORD && !units_is_word(after->text, after->len))
        return false; /* 2xy */
    if (exact_word_in(after, changing) || exact_word_in(after + 1, changing))
        return false;
    bool linked = exact_word_in(after, linking) &&
                  (after[1].kind == TOK_NUMBER || exact_word_in(after + 1, linking));
    return !linked && !exact_is_relation(tokens, after + 1);
}

/* Finds the operands of the relation at sign; false when one of them is not surely arithmetic. */
bool exact_find_link(const struct tokens *tokens, const struct token *sign, struct link *ret)
{
    const struct token *first = tokens->list, *begin = sign;
    while (begin > first && !exact_is_relation(tokens, begin - 1))
        begin--;
    const struct token *start = NULL;
    for (const struct token *t = begin; t < sign && !start; t++)
        if ((exact_starts_value(t) || exact_is_sign(t, "+-*/^|")) && operand_end(tokens, t) == sign)
            start = t;
    if (!start)
        return false;
    *ret = (struct link){.sign = sign, .left = {start, sign}};
    ret->right = (struct range){sign + 1, operand_end(tokens, sign + 1)};
    return ret->right.to > ret->right.from && starts_cleanly(tokens, ret->left) &&
           bare_left_counts(tokens, ret->left) && ends_cleanly(tokens, ret->right);
}
