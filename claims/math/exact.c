/*
 * Finds the equations in a claim's text and judges each link of each chain.
 *
 * A wrong refutation is worse than none, so an operand is only what surely is one: the longest run
 * of arithmetic beside the sign, and only when nothing beside that run could belong to it: no
 * variable, no word that works as an operator ("half of"), no unit that would have to be converted.
 */
#include "claims/math/exact.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "claims/math/ball.h"
#include "claims/math/eval.h"
#include "claims/math/exact_internal.h"
#include "claims/math/units.h"

struct claim {
    struct pool pool;
    struct tokens tokens;
    bool approximate; /* the text speaks of rounding */
};

static bool is_bold(const struct token *t)
{
    return exact_is_sign(t, "^") && t->len == 2;
}

/* "<<" and ">>" fence a calculation; they are no inequalities. */
static bool is_fence(const struct claim *c, const struct token *t)
{
    const struct token *first = c->tokens.list;
    if (!exact_is_sign(t, "<>"))
        return false;
    return (exact_is_sign(t + 1, "<>") && t[1].id == t->id && !t[1].space) ||
           (t > first && exact_is_sign(t - 1, "<>") && t[-1].id == t->id && !t->space);
}

static bool is_relation(const struct claim *c, const struct token *t)
{
    return t->kind == TOK_LE || t->kind == TOK_GE || t->kind == TOK_NE || t->kind == TOK_APPROX ||
           exact_is_sign(t, "=") || (exact_is_sign(t, "<>") && !is_fence(c, t));
}

static bool ends_value(const struct token *t)
{
    return t->kind == TOK_NUMBER || t->kind == TOK_CONST || exact_is_sign(t, ")]}!%");
}

static bool starts_value(const struct token *t)
{
    return t->kind == TOK_NUMBER || t->kind == TOK_CONST || t->kind == TOK_FRAC ||
           t->kind == TOK_SQRT || t->kind == TOK_FUNC || t->kind == TOK_BINOM ||
           t->kind == TOK_CURRENCY || t->kind == TOK_DOLLAR || exact_is_sign(t, "([{");
}

static bool is_operator(const struct token *t)
{
    return exact_is_sign(t, "+-*/^") && !is_bold(t);
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
static const struct token *skip_unit_power(const struct token *t)
{
    if (!exact_is_sign(t, "^") || is_bold(t))
        return t;
    if (t[1].kind == TOK_NUMBER)
        return t + 2;
    return exact_is_sign(t + 1, "{") && t[2].kind == TOK_NUMBER && exact_is_sign(t + 3, "}") ? t + 4
                                                                                             : t;
}

/* The end of a phrase of unit words that starts at t, else t. */
static const struct token *unit_phrase(const struct token *t)
{
    const struct token *end = t;
    while (end - t < 3 && is_unit_word(end))
        end++;
    return end > t ? skip_unit_power(end) : t;
}

/* The end of a unit phrase inside an operand: an operator, a relation or a closing bracket follows
 * ("5 cars * 4"). Else t. */
static const struct token *skip_unit(const struct claim *c, const struct token *t)
{
    const struct token *end = unit_phrase(t);
    if (end == t || !(is_operator(end) || is_relation(c, end) || exact_is_sign(end, ")")))
        return t;
    if (exact_is_sign(end, "-") && !end->space) /* a hyphen */
        return t;
    return end;
}

static bool is_part(const struct token *t)
{
    return starts_value(t) || ends_value(t) || is_operator(t) || exact_is_sign(t, "|");
}

/* The operand that begins at t: arithmetic and units, brackets balanced. */
static const struct token *operand_end(const struct claim *c, const struct token *t)
{
    int depth = 0;
    const struct token *first = t;
    for (; t->kind != TOK_END; t++) {
        if (is_unit_word(t) && t > first && ends_value(t - 1)) {
            const struct token *past = skip_unit(c, t);
            if (past == t)
                break;
            t = past - 1;
            continue;
        }
        if (!is_part(t) || is_relation(c, t))
            break;
        if (t->kind == TOK_NUMBER && t > first && t[-1].kind == TOK_NUMBER &&
            !(exact_is_sign(t + 1, "/") && t[2].kind == TOK_NUMBER))
            break;
        bool opens = exact_is_sign(t, "([{"), closes = exact_is_sign(t, ")]}");
        if (closes && depth == 0)
            break;
        if (opens && depth == 0 && t->space && t > first && !is_operator(t - 1) &&
            t[-1].kind != TOK_FUNC && t[-1].kind != TOK_SQRT && t[-1].kind != TOK_FRAC &&
            t[-1].kind != TOK_BINOM)
            break; /* "0.7 (70%)", "12 (since ...)" */
        depth += opens - closes;
    }
    return t;
}

/* What the words of a link say about its units. */
struct unit_count {
    const struct unit_word *known[4]; /* the first of each: time, money, other */
    const struct token *word;
    bool mixed;   /* units of one kind but different size: their numbers do not add up */
    bool several; /* different words of any kind */
};

static void count_unit(struct unit_count *count, const struct unit_word *unit)
{
    bool time = unit->kind == UNIT_TIME || unit->kind == UNIT_MONTH;
    size_t slot = time ? 0 : unit->kind == UNIT_DOLLAR ? 1 : 2;
    const struct unit_word *seen = count->known[slot];
    if (seen && (time || seen->kind == unit->kind) &&
        (seen->kind != unit->kind || seen->numerator != unit->numerator ||
         seen->denominator != unit->denominator || unit->numerator == 0) &&
        strncasecmp(seen->name, unit->name, 3) != 0)
        count->mixed = true;
    count->known[slot] = unit;
}

static void count_units(struct unit_count *count, struct range r)
{
    for (const struct token *t = r.from; t < r.to; t++) {
        if (t->kind == TOK_DOLLAR || t->kind == TOK_CURRENCY)
            count_unit(count, units_find("dollar", 6));
        if (t->kind != TOK_WORD && t->kind != TOK_TEXT)
            continue;
        const struct unit_word *unit = units_find(t->text, t->len);
        if (unit && unit->kind == UNIT_SPEED)
            count_unit(count, units_find("hour", 4));
        if (unit)
            count_unit(count, unit);
        count->several |= count->word && (count->word->len != t->len ||
                                          strncasecmp(count->word->text, t->text, t->len) != 0);
        count->word = t;
    }
}

/* A copy of the range without units and dollar signs, as the parser wants it. */
static const struct expr *parse_range(struct claim *c, struct range r)
{
    size_t n = 0, length = (size_t)(r.to - r.from);
    struct token *copy = ARENA_ARRAY(&c->pool.arena, struct token, length + 1);
    if (!copy)
        return NULL;
    for (const struct token *t = r.from; t < r.to;) {
        if (t->kind == TOK_WORD || t->kind == TOK_TEXT)
            t = skip_unit_power(t + 1);
        else if (t->kind == TOK_DOLLAR || t->kind == TOK_CURRENCY)
            t++;
        else
            copy[n++] = *t++;
    }
    copy[n].kind = TOK_END;
    enum expr_status status;
    return expr_parse_scalar(&c->pool, copy, copy + n, &status);
}

/* Between two values "**" is a power ("97**2", "b**2"), else it is bold. */
static void mark_powers(struct tokens *tokens)
{
    for (size_t i = 1; i + 1 < tokens->n; i++) {
        struct token *t = &tokens->list[i];
        bool attached = !t->space && !t[1].space;
        if (is_bold(t) && starts_value(t + 1) && t->space == t[1].space &&
            (ends_value(t - 1) || (attached && t[-1].kind == TOK_WORD)))
            t->len = 1;
    }
}

static bool has_operator(struct range r)
{
    for (const struct token *t = r.from; t < r.to; t++)
        if ((is_operator(t) && t > r.from && !is_operator(t - 1) && !exact_is_sign(t - 1, "([{")) ||
            t->kind == TOK_FRAC || t->kind == TOK_SQRT || t->kind == TOK_FUNC ||
            t->kind == TOK_BINOM || exact_is_sign(t, "!|") ||
            (t > r.from && exact_is_sign(t, "(") && ends_value(t - 1)))
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
static bool operator_before(const struct claim *c, const struct token *from)
{
    for (const struct token *t = from; t > c->tokens.list; t--) {
        if (is_relation(c, t - 1) || is_fence(c, t - 1) || exact_is_sign(t - 1, ",;:.?!") ||
            t[-1].kind == TOK_IMPLIES)
            return false;
        if (is_operator(t - 1) && !is_bold(t - 1) && t - 1 > c->tokens.list &&
            (t[-1].space || !exact_is_sign(t - 1, "-")) && (t->space || !exact_is_sign(t - 1, "-")))
            return true;
    }
    return false;
}

/* What may stand before a left operand without belonging to it. */
static bool starts_cleanly(const struct claim *c, struct range r)
{
    const struct token *first = c->tokens.list, *before = r.from - 1;
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
        operator_before(c, r.from) || before->kind == TOK_SQRT || before->kind == TOK_FUNC ||
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
    if (before->kind == TOK_NUMBER || ends_value(before) || before->kind == TOK_MOD)
        return exact_is_sign(before, ")") && before == first + 1; /* "1) 3*4 = 12" */
    if (exact_is_sign(before, ":") && before > first &&
        (before->space || (before[-1].kind == TOK_NUMBER && !r.from->space)))
        return false; /* a time or a ratio */
    return !exact_is_sign(before, "_'&#\\") && before->kind != TOK_AND && before->kind != TOK_OR;
}

/* Whether the text before the left operand is the label of a bare number ("price = 5" has the
 * label "price", and 5 alone is no expression to be judged). */
static bool bare_left_counts(const struct claim *c, struct range r)
{
    const struct token *before = r.from - 1;
    if (has_operator(r))
        return true;
    if (has_words(r)) /* "3 peaches = 3 * 0.5" */
        return false;
    return r.from == c->tokens.list || exact_is_sign(before, ":") || is_relation(c, before) ||
           is_fence(c, before);
}

/* A bracket after a value that only explains it: "0.7 (70%)", "12 (since ...)". */
static bool is_remark(const struct token *t)
{
    return exact_is_sign(t, "(") && t->space &&
           ((t[1].kind == TOK_WORD && t[1].len > 1) || t[1].kind == TOK_TEXT ||
            (t[1].kind == TOK_NUMBER && (exact_is_sign(t + 2, "%") || t[2].kind == TOK_WORD)));
}

/* What may stand after a right operand without belonging to it. */
static bool ends_cleanly(const struct claim *c, struct range r)
{
    const struct token *after = r.to;
    if (exact_is_sign(after, "([{") && !is_remark(after))
        return false;
    if (is_operator(after - 1) || exact_is_sign(after, "_^!/\\") || after->kind == TOK_MOD ||
        after->kind == TOK_PM || after->kind == TOK_DEGREE || after->kind == TOK_NAME ||
        after->kind == TOK_DOTS)
        return is_bold(after);
    if ((exact_is_sign(after, ":") || (exact_is_sign(after, ",") && !after[1].space)) &&
        after[1].kind == TOK_NUMBER)
        return false;
    if ((after->kind == TOK_AND || after->kind == TOK_OR || exact_is_sign(after, "+*/-")) &&
        (starts_value(after + 1) || after->kind == TOK_SIGN))
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
    return !linked && !is_relation(c, after + 1);
}

/* The single decimal literal that an operand is, sign and percent aside, or NULL. */
static const struct number *literal(const struct expr *e, bool *ret_percent)
{
    *ret_percent = false;
    while (e->kind == EXPR_NEG || e->kind == EXPR_PERCENT) {
        *ret_percent |= e->kind == EXPR_PERCENT;
        e = e->args[0];
    }
    return e->kind == EXPR_NUMBER ? e->number : NULL;
}

/* |a - b| <= units * 10^ulp / 2, the ulp of a literal */
static bool within(const fmpq_t a, const fmpq_t b, const struct number *n, bool percent,
                   slong units)
{
    fmpq_t distance, bound, ten;
    fmpq_init(distance);
    fmpq_init(bound);
    fmpq_init(ten);
    fmpq_sub(distance, a, b);
    fmpq_abs(distance, distance);
    fmpq_set_si(ten, 10, 1);
    fmpq_pow_si(bound, ten, n->ulp - (percent ? 2 : 0));
    fmpq_set_si(ten, units, 2);
    fmpq_mul(bound, bound, ten);
    bool inside = fmpq_cmp(distance, bound) <= 0;
    fmpq_clear(distance);
    fmpq_clear(bound);
    fmpq_clear(ten);
    return inside;
}

/* Raises scale to the size of the largest term of a sum: its terms may have been rounded. */
static void raise_to_terms(const struct expr *e, fmpq_t scale)
{
    fmpq_t term;
    fmpq_init(term);
    for (size_t i = 0; e->kind == EXPR_ADD && i < e->n; i++) {
        bool fine = eval_rational(e->args[i], term) == EVAL_OK;
        fmpq_abs(term, term);
        if (fine && fmpq_cmp(term, scale) > 0)
            fmpq_set(scale, term);
    }
    fmpq_clear(term);
}

static enum exact_verdict judge_approximate(const struct expr *left, const struct expr *right,
                                            const fmpq_t l, const fmpq_t r)
{
    fmpq_t distance, scale, bound;
    fmpq_init(distance);
    fmpq_init(scale);
    fmpq_init(bound);
    fmpq_sub(distance, l, r);
    fmpq_abs(distance, distance);
    fmpq_abs(scale, fmpq_cmp(l, r) > 0 ? l : r);
    fmpz_t ten;
    fmpz_init_set_ui(ten, 12);
    fmpq_div_2exp(scale, scale, 3);
    enum exact_verdict verdict = EXACT_UNDECIDED;
    fmpq_div_fmpz(bound, scale, ten); /* about one part in a hundred */
    if (fmpq_cmp(distance, bound) <= 0)
        verdict = EXACT_PROVED;
    raise_to_terms(left, scale);
    raise_to_terms(right, scale);
    if (fmpq_cmp(distance, scale) > 0 && fmpq_cmp_si(distance, 1) > 0)
        verdict = EXACT_REFUTED;
    fmpz_clear(ten);
    fmpq_clear(distance);
    fmpq_clear(scale);
    fmpq_clear(bound);
    return verdict;
}

/* Whether other is a value of e when its written decimals may have been rounded themselves. */
static bool decimals_allow(const struct expr *e, const fmpq_t other)
{
    struct ball_how how = {.precision = 128, .rounded = true};
    acb_t ball;
    acb_init(ball);
    bool inside = ball_eval(e, &how, ball) && arb_contains_fmpq(acb_realref(ball), other) &&
                  !acb_is_exact(ball);
    acb_clear(ball);
    return inside;
}

static enum exact_verdict judge_equality(const struct expr *left, const struct expr *right,
                                         const fmpq_t l, const fmpq_t r)
{
    if (fmpq_equal(l, r))
        return EXACT_PROVED;
    for (int side = 0; side < 2; side++) {
        bool percent;
        const struct number *n = literal(side ? left : right, &percent);
        if (!n)
            continue;
        if (n->point && within(l, r, n, percent, n->cut ? 2 : 1))
            return EXACT_PROVED;                            /* rounded */
        int order = side ? fmpq_cmp(l, r) : fmpq_cmp(r, l); /* the literal against the other */
        if ((n->point || percent) && within(l, r, n, percent, 2) && order * fmpq_sgn(l) < 0)
            return EXACT_UNDECIDED; /* cut off instead of rounded */
        if (!n->point && n->significant >= 3 && within(l, r, n, percent, 1))
            return EXACT_UNDECIDED;
    }
    if (decimals_allow(left, r) || decimals_allow(right, l))
        return EXACT_UNDECIDED;
    return EXACT_REFUTED;
}

static enum exact_verdict judge_order(const struct token *sign, int order)
{
    bool holds = false;
    if (sign->kind == TOK_LE)
        holds = order <= 0;
    else if (sign->kind == TOK_GE)
        holds = order >= 0;
    else if (sign->kind == TOK_NE)
        holds = order != 0;
    else
        holds = sign->id == '<' ? order < 0 : order > 0;
    return holds ? EXACT_PROVED : EXACT_REFUTED;
}

/* The value of a range, and whether a number that was rounded stands in it. */
static bool range_value(struct claim *c, struct range r, const struct expr **ret_expr, fmpq_t value)
{
    *ret_expr = parse_range(c, r);
    return *ret_expr && eval_rational(*ret_expr, value) == EVAL_OK;
}

static bool has_percent(struct range r)
{
    for (const struct token *t = r.from; t < r.to; t++)
        if (exact_is_sign(t, "%"))
            return true;
    return false;
}

static bool has_currency(struct range r)
{
    for (const struct token *t = r.from; t < r.to; t++)
        if (t->kind == TOK_CURRENCY || t->kind == TOK_DOLLAR)
            return true;
    return false;
}

/* True when l and r differ by about a factor of 100, as when a percent sign was left out or cents
 * became dollars. */
static bool hundredfold(const fmpq_t l, const fmpq_t r)
{
    if (fmpq_is_zero(l) || fmpq_is_zero(r))
        return false;
    double ratio = fmpq_get_d(l) / fmpq_get_d(r);
    return (ratio > 99 && ratio < 101) || (ratio > 0.0099 && ratio < 0.0101);
}

/* "5/3 / 5/3" is meant as a quotient of fractions, and does not say so. */
static bool has_double_fraction(struct range r)
{
    const struct token *slash = NULL;
    for (const struct token *t = r.from; t < r.to; t++) {
        if (exact_is_sign(t, "/") && slash && slash->space != t->space)
            return true;
        if (exact_is_sign(t, "/"))
            slash = t;
        else if (exact_is_sign(t, "+-*()"))
            slash = NULL;
    }
    return false;
}

/* True when the units in a link make its numbers doubtful. */
static bool units_disturb(const struct link *link)
{
    struct unit_count count = {0};
    count_units(&count, link->left);
    bool left_differs = count.several;
    struct range right = {link->right.from, unit_phrase(link->right.to)};
    count_units(&count, right);
    size_t divisions = 0;
    bool sums = false;
    for (const struct token *t = link->left.from; t < link->left.to; t++) {
        divisions += exact_is_sign(t, "/");
        sums |= exact_is_sign(t, "+-");
    }
    return count.mixed || (left_differs && sums) || (count.word && divisions > 1);
}

/* "3 + 4 = 7 * 2": what stands on the left is the first number on the right. */
static bool runs_on(const struct link *link, const fmpq_t l)
{
    const struct token *t = link->right.from;
    while (t->kind == TOK_DOLLAR || t->kind == TOK_CURRENCY)
        t++;
    bool minus = exact_is_sign(t, "-");
    t += minus;
    if (t->kind != TOK_NUMBER || !has_operator(link->right))
        return false;
    fmpq_t first;
    fmpq_init(first);
    fmpq_set(first, t->number->value);
    if (minus)
        fmpq_neg(first, first);
    bool same = fmpq_equal(first, l);
    if (!same && t->number->point) {
        fmpq_sub(first, first, l);
        same = fabs(fmpq_get_d(first)) <= pow(10, t->number->ulp);
    }
    fmpq_clear(first);
    return same;
}

static enum exact_verdict judge_values(const struct claim *c, const struct link *link,
                                       const struct expr *left, const struct expr *right,
                                       const fmpq_t l, const fmpq_t r)
{
    enum exact_verdict verdict;
    bool equality = exact_is_sign(link->sign, "=");
    if (link->sign->kind == TOK_APPROX || (equality && c->approximate)) {
        verdict = judge_approximate(left, right, l, r);
        if (verdict != EXACT_PROVED && equality &&
            judge_equality(left, right, l, r) == EXACT_PROVED)
            verdict = EXACT_PROVED;
    } else if (equality) {
        verdict = judge_equality(left, right, l, r);
    } else {
        verdict = judge_order(link->sign, fmpq_cmp(l, r));
    }
    if (verdict != EXACT_REFUTED)
        return verdict;
    bool factor = has_percent(link->left) || has_percent(link->right) ||
                  has_currency(link->left) != has_currency(link->right);
    if (link->running || units_disturb(link) || has_double_fraction(link->left) ||
        has_double_fraction(link->right) || (factor && hundredfold(l, r)) ||
        exact_doubts_text(&c->tokens) ||
        ((equality || link->sign->kind == TOK_APPROX) &&
         exact_doubts_link(&c->tokens, link, left, right, l, r)))
        return EXACT_UNDECIDED;
    return verdict;
}

/* The range's text, folded to one line and cut to size. */
static void copy_range(struct range r, const char *text, char *out, size_t size)
{
    size_t n = 0, end = r.to > r.from ? r.to[-1].end : 0;
    for (size_t i = r.to > r.from ? r.from->start : end; i < end && n + 1 < size; i++)
        if (text[i] != '$')
            out[n++] = isspace((unsigned char)text[i]) ? ' ' : text[i];
    out[utf8_cut(out, n)] = '\0';
}

static void write_reason(const struct claim *c, const struct link *link, const fmpq_t l,
                         char *reason, size_t size)
{
    char left[160], right[160], value[80];
    copy_range(link->left, c->tokens.text, left, sizeof left);
    copy_range(link->right, c->tokens.text, right, sizeof right);
    double approximate = fmpq_get_d(l);
    if (fmpz_is_one(fmpq_denref(l)) && fmpz_sizeinbase(fmpq_numref(l), 10) < 40)
        fmpz_get_str(value, 10, fmpq_numref(l));
    else
        snprintf(value, sizeof value, "%.10g", approximate);
    if (!isfinite(approximate) && strcmp(value, "inf") == 0)
        snprintf(reason, size, "%s is not %s", left, right);
    else if (exact_is_sign(link->sign, "="))
        snprintf(reason, size, "%s is %s, not %s", left, value, right);
    else
        snprintf(reason, size, "%s is %s, so the comparison with %s fails", left, value, right);
}

/* Finds the operands of the relation at sign; false when one of them is not surely arithmetic. */
static bool find_link(const struct claim *c, const struct token *sign, struct link *ret)
{
    const struct token *first = c->tokens.list, *begin = sign;
    while (begin > first && !is_relation(c, begin - 1))
        begin--;
    const struct token *start = NULL;
    for (const struct token *t = begin; t < sign && !start; t++)
        if ((starts_value(t) || exact_is_sign(t, "+-*/^|")) && operand_end(c, t) == sign)
            start = t;
    if (!start)
        return false;
    *ret = (struct link){.sign = sign, .left = {start, sign}};
    ret->right = (struct range){sign + 1, operand_end(c, sign + 1)};
    return ret->right.to > ret->right.from && starts_cleanly(c, ret->left) &&
           bare_left_counts(c, ret->left) && ends_cleanly(c, ret->right);
}

/* A link that cannot be judged does no harm when it gives a name ("x = 3*4 = 12") or leads into a
 * fenced calculation ("3*4 = <<3*4=12>>12"). */
static bool is_harmless(const struct claim *c, const struct token *sign)
{
    if (is_fence(c, sign + 1))
        return true;
    bool named = false;
    for (const struct token *t = sign; t > c->tokens.list && !is_relation(c, t - 1); t--) {
        if (is_operator(t - 1) && !is_bold(t - 1))
            return false;
        named |= t[-1].kind == TOK_WORD || t[-1].kind == TOK_NAME || t[-1].kind == TOK_TEXT;
    }
    return named;
}

/* "12 left" speaks of a division's remainder only where something is divided. */
static bool speaks_of_rounding(const struct claim *c)
{
    static const char *const words[] = {
        "approximately", "about",   "roughly",  "round",     "rounded", "rounding", "rounds",
        "nearly",        "around",  "nearest",  "approx",    "almost",  "whole",    "floor",
        "ceiling",       "integer", "estimate", "remainder", NULL};
    static const char *const of_division[] = {"left", "leftover", "full", "complete", NULL};
    bool named = false, divides = false;
    const struct token *t = c->tokens.list;
    while (t->kind != TOK_END && t->kind != TOK_NUMBER && !exact_is_sign(t, ":"))
        t++;
    if (!exact_is_sign(t, ":")) /* a label names the quantity and bends no division */
        t = c->tokens.list;
    for (; t->kind != TOK_END; t++) {
        if (exact_word_in(t, words) || exact_is_sign(t, "~"))
            return true;
        named |= exact_word_in(t, of_division);
        divides |= t->kind == TOK_FRAC || exact_is_sign(t, "/");
    }
    return named && divides;
}

static bool is_modular(const struct claim *c)
{
    return strstr(c->tokens.text, "equiv") || strstr(c->tokens.text, "pmod") ||
           strstr(c->tokens.text, "mod ") || strstr(c->tokens.text, "\xE2\x89\xA1");
}

enum exact_verdict exact_judge(const char *claim, char *reason, size_t reason_size)
{
    if (reason && reason_size)
        reason[0] = '\0';
    struct claim c;
    pool_init(&c.pool);
    fmpq_t l, r;
    fmpq_init(l);
    fmpq_init(r);
    bool proved = false, refuted = false, open = false, running = false;
    if (lex(&c.pool, claim, strlen(claim), &c.tokens) && !c.tokens.limit && !is_modular(&c)) {
        c.approximate = speaks_of_rounding(&c);
        mark_powers(&c.tokens);
        for (size_t i = 0; i < c.tokens.n && !refuted; i++) {
            const struct token *sign = &c.tokens.list[i];
            if (!is_relation(&c, sign))
                continue;
            struct link link;
            const struct expr *left, *right;
            if (!find_link(&c, sign, &link) || !range_value(&c, link.left, &left, l) ||
                !range_value(&c, link.right, &right, r)) {
                open |= !is_harmless(&c, sign);
                continue;
            }
            running = runs_on(&link, l) || (running && is_relation(&c, link.left.from - 1));
            link.running = running;
            enum exact_verdict verdict = judge_values(&c, &link, left, right, l, r);
            proved |= verdict == EXACT_PROVED;
            open |= verdict == EXACT_UNDECIDED;
            refuted = verdict == EXACT_REFUTED;
            if (refuted && reason && reason_size)
                write_reason(&c, &link, l, reason, reason_size);
        }
    }
    fmpq_clear(l);
    fmpq_clear(r);
    pool_fini(&c.pool);
    return refuted ? EXACT_REFUTED : proved && !open ? EXACT_PROVED : EXACT_UNDECIDED;
}
