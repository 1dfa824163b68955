/*
 * Finds the equations in a claim's text and judges each link of each chain.
 *
 * A wrong refutation is worse than none, so only what surely is arithmetic is judged
 * (exact_operand.c), and what looks false is read a second time (exact_doubt.c).
 */
#include "claims/math/exact.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/plain.h"
#include "base/utf8.h"
#include "claims/math/eval.h"
#include "claims/math/exact_internal.h"
#include "claims/math/parse.h"
#include "claims/math/units.h"

struct claim {
    struct pool pool;
    struct tokens tokens;
    bool approximate; /* the text speaks of rounding */
};

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
        plain_compare(seen->name, unit->name, 3) != 0)
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
                                          plain_compare(count->word->text, t->text, t->len) != 0);
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
            t = exact_skip_unit_power(t + 1);
        else if (t->kind == TOK_DOLLAR || t->kind == TOK_CURRENCY)
            t++;
        else
            copy[n++] = *t++;
    }
    copy[n].kind = TOK_END;
    enum parse_status status;
    return parse_scalar(&c->pool, copy, copy + n, &status);
}

/* Between two values "**" is a power ("97**2", "b**2"), else it is bold. */
static void mark_powers(struct tokens *tokens)
{
    for (size_t i = 1; i + 1 < tokens->n; i++) {
        struct token *t = &tokens->list[i];
        bool attached = !t->space && !t[1].space;
        if (exact_is_bold(t) && exact_starts_value(t + 1) && t->space == t[1].space &&
            (exact_ends_value(t - 1) || (attached && t[-1].kind == TOK_WORD)))
            t->len = 1;
    }
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
    struct range right = {link->right.from, exact_unit_phrase(link->right.to)};
    count_units(&count, right);
    size_t divisions = 0;
    bool sums = false;
    for (const struct token *t = link->left.from; t < link->left.to; t++) {
        divisions += exact_is_sign(t, "/");
        sums |= exact_is_sign(t, "+-");
    }
    return count.mixed || (left_differs && sums) || (count.word && divisions > 1);
}

/* "2 hours + 30 minutes = 32 hours": the numbers add up and the units do not. */
static bool adds_mixed_units(const struct link *link)
{
    struct unit_count count = {0};
    bool sums = false;
    count_units(&count, link->left);
    for (const struct token *t = link->left.from; t < link->left.to; t++)
        sums |= exact_is_sign(t, "+-");
    return sums && count.mixed;
}

/* 2/3 = 67%: a whole number of percent may be rounded. */
static bool rounds_percent(const struct link *link, const fmpq_t l, const fmpq_t r)
{
    const struct token *t = link->right.from;
    bool whole = link->right.to - t == 2 && t->kind == TOK_NUMBER && !t->number->point &&
                 exact_is_sign(t + 1, "%");
    return whole && fabs(fmpq_get_d(l) - fmpq_get_d(r)) <= 0.005;
}

/* "3 + 4 = 7 * 2": what stands on the left is the first number on the right. */
static bool runs_on(const struct link *link, const fmpq_t l)
{
    const struct token *t = link->right.from;
    while (t->kind == TOK_DOLLAR || t->kind == TOK_CURRENCY)
        t++;
    bool minus = exact_is_sign(t, "-");
    t += minus;
    if (t->kind != TOK_NUMBER || !exact_has_operator(link->right))
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
        verdict = exact_judge_approximate(left, right, l, r);
        if (verdict != EXACT_PROVED && equality &&
            exact_judge_equality(left, right, l, r) == EXACT_PROVED)
            verdict = EXACT_PROVED;
    } else if (equality) {
        verdict = exact_judge_equality(left, right, l, r);
    } else {
        verdict = exact_judge_order(link->sign, fmpq_cmp(l, r));
    }
    if (verdict == EXACT_PROVED && adds_mixed_units(link))
        return EXACT_UNDECIDED;
    if (verdict != EXACT_REFUTED)
        return verdict;
    bool factor = has_percent(link->left) || has_percent(link->right) ||
                  has_currency(link->left) != has_currency(link->right);
    if (link->running || units_disturb(link) || has_double_fraction(link->left) ||
        has_double_fraction(link->right) || (factor && hundredfold(l, r)) ||
        rounds_percent(link, l, r) || exact_doubts_text(&c->tokens) ||
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
            out[n++] = plain_is_space(text[i]) ? ' ' : text[i];
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
        plain_print(value, sizeof value, "%.10g", approximate);
    if (!isfinite(approximate) && strcmp(value, "inf") == 0)
        snprintf(reason, size, "%s is not %s", left, right);
    else if (exact_is_sign(link->sign, "="))
        snprintf(reason, size, "%s is %s, not %s", left, value, right);
    else
        snprintf(reason, size, "%s is %s, so the comparison with %s fails", left, value, right);
}

/* A link that cannot be judged does no harm when it gives a name ("x = 3*4 = 12") or leads into a
 * fenced calculation ("3*4 = <<3*4=12>>12"). */
static bool is_harmless(const struct claim *c, const struct token *sign)
{
    if (exact_is_fence(&c->tokens, sign + 1))
        return true;
    bool named = false;
    for (const struct token *t = sign; t > c->tokens.list && !exact_is_relation(&c->tokens, t - 1);
         t--) {
        if (exact_is_operator(t - 1) && !exact_is_bold(t - 1))
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
    for (const char *s = c->tokens.text; (s = strchr(s, '~')) != NULL; s++) /* ~100, and no blank */
        if (plain_is_digit(s[1]) && (s == c->tokens.text || plain_is_space(s[-1])))
            return true;
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
            if (!exact_is_relation(&c.tokens, sign))
                continue;
            struct link link;
            const struct expr *left, *right;
            if (!exact_find_link(&c.tokens, sign, &link) || !range_value(&c, link.left, &left, l) ||
                !range_value(&c, link.right, &right, r)) {
                open |= !is_harmless(&c, sign);
                continue;
            }
            running =
                runs_on(&link, l) || (running && exact_is_relation(&c.tokens, link.left.from - 1));
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
