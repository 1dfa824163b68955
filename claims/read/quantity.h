/*
 * quantity.h - what a claim asserts: a value for a quantity, apart from the wording.
 *
 * "pay: 9*8 = 72" asserts 72 for the quantity "pay" and for the quantity "9*8"; "There are 12 ways
 * to choose a team" asserts 12 for the words around it. Does not judge.
 *
 * Read is a claim that asserts one value: with one relation sign, or a chain of them ("a = 3*4 =
 * 12"). Not two equations in one claim, not a value before its calculation ("So 20 = 12 + 8").
 */
#ifndef SURETY_CLAIMS_READ_QUANTITY_H
#define SURETY_CLAIMS_READ_QUANTITY_H

#include <stdint.h>

#include "claims/text/scan.h"
#include <surety/arena.h>

struct quantity {
    uint64_t words;    /* hash of the label, the name or the words; 0: none */
    uint64_t expr;     /* hash of the closed expression; 0: none */
    uint64_t value;    /* hash of the value in lowest terms, or of its folded text */
    struct span name;  /* the label; else what stands before the first relation sign; if these tell
                          the value, the rest behind the label or the expression; in a claim
                          without a sign all of it, the value included */
    struct span where; /* the value, its unit left out where it is a number */
    struct span whole; /* the value with its unit */
    bool labelled;
};

/* False when the claim asserts no value. Pure, linear. */
bool quantity_read(const char *claim, struct quantity *ret);

/* What two claims must share to be about one quantity when it is recomputed: the label where there
 * is one, whatever was calculated; else the expression; else the words around the value. Words
 * are held against each other letter by letter ("part" is not "parts"), but for spacing, markup
 * and the case of words of several letters: "dayone" is "day one", "V" is not "v", "day 1 1" is
 * not "day 11". Of a claim with an expression but no label, the words count for nothing: "half of
 * 3 + 5" and "3 + 5" have one key. */
uint64_t quantity_key(const char *claim, const struct quantity *quantity);

/* The quantity without its value, on one line: "sum", "14 * 23", "There are ? ways to choose". The
 * value does not stand in it as a number, but for operands of the expression ("5 * 1" of 5), which
 * are the question, and indices ("f(1)"); numbers in words ("twelve") are not looked for. In the
 * arena; NULL without memory. */
char *quantity_name(const char *claim, const struct quantity *quantity, struct arena *arena);

#endif
