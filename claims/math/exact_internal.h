/*
 * exact_internal.h - what the files of the exact signal share: places in a claim, the operands of a
 * relation (exact_operand.c), the judgement of two values (exact_value.c), and the second readings
 * of a claim that looks false (exact_doubt.c).
 */
#ifndef SURETY_CLAIMS_MATH_EXACT_INTERNAL_H
#define SURETY_CLAIMS_MATH_EXACT_INTERNAL_H

#include <string.h>

#include "base/plain.h"
#include "claims/math/exact.h"
#include "claims/math/expr.h"

/* Tokens [from, to) of a claim. */
struct range {
    const struct token *from, *to;
};

/* One relation and its operands. */
struct link {
    struct range left, right;
    const struct token *sign;
    bool running; /* "3 + 4 = 7 * 2 = 14": the sign means "then" */
};

static inline bool exact_word_in(const struct token *t, const char *const *list)
{
    if (t->kind != TOK_WORD && t->kind != TOK_TEXT)
        return false;
    for (; *list; list++)
        if (t->len == strlen(*list) && plain_compare(t->text, *list, t->len) == 0)
            return true;
    return false;
}

static inline bool exact_is_sign(const struct token *t, const char *chars)
{
    return t->kind == TOK_SIGN && t->id && strchr(chars, t->id);
}

/* True when the text is about something other than arithmetic with its numbers: dates, shifted or
 * hexadecimal numbers, remainders, an equation that the text itself rejects. */
bool exact_doubts_text(const struct tokens *tokens);

/* True when a link that is false as read is true, or no statement of arithmetic, in another way of
 * reading: dates, other units on the right than on the left, a fraction bar that reaches further,
 * an inverse modulo something, digits in another base. l and r are the operands' values. */
bool exact_doubts_link(const struct tokens *tokens, const struct link *link,
                       const struct expr *left, const struct expr *right, const fmpq_t l,
                       const fmpq_t r);

bool exact_is_operator(const struct token *t);
bool exact_starts_value(const struct token *t);
bool exact_ends_value(const struct token *t);

/* "**", which is bold print where it is no power. */
bool exact_is_bold(const struct token *t);

/* "<<" and ">>" fence a calculation; they are no inequalities. */
bool exact_is_fence(const struct tokens *tokens, const struct token *t);
bool exact_is_relation(const struct tokens *tokens, const struct token *t);

/* The end of a phrase of unit words that starts at t, else t. */
const struct token *exact_unit_phrase(const struct token *t);
/* The end of an exponent of a unit ("cm^2", "cm^{2}") at t, else t. */
const struct token *exact_skip_unit_power(const struct token *t);

/* True when the range calculates something and is no bare value. */
bool exact_has_operator(struct range r);

/* Finds the operands of the relation at sign; false when one of them is not surely arithmetic. */
bool exact_find_link(const struct tokens *tokens, const struct token *sign, struct link *ret);

/* Whether the operands, whose values are l and r, fit "about". */
enum exact_verdict exact_judge_approximate(const struct expr *left, const struct expr *right,
                                           const fmpq_t l, const fmpq_t r);
/* The same for "="; a decimal that was cut off instead of rounded is undecided. */
enum exact_verdict exact_judge_equality(const struct expr *left, const struct expr *right,
                                        const fmpq_t l, const fmpq_t r);
/* order: of the left value against the right one, -1, 0, 1. */
enum exact_verdict exact_judge_order(const struct token *sign, int order);

#endif
