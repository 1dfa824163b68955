/*
 * exact_internal.h - what exact.c and exact_doubt.c share: places in a claim, and the second
 * readings of a claim that looks false.
 *
 * Internal to the exact signal.
 */
#ifndef SURETY_CLAIMS_MATH_EXACT_INTERNAL_H
#define SURETY_CLAIMS_MATH_EXACT_INTERNAL_H

#include <string.h>
#include <strings.h>

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
        if (t->len == strlen(*list) && strncasecmp(t->text, *list, t->len) == 0)
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

#endif
