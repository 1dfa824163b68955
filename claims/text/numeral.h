/*
 * numeral.h - English number words: "twenty-five", "two thirds", "one hundred and five".
 *
 * Cardinals below a million million and simple fractions; no ordinals of their own. Pure and
 * thread-safe.
 */
#ifndef SURETY_CLAIMS_TEXT_NUMERAL_H
#define SURETY_CLAIMS_TEXT_NUMERAL_H

#include <stddef.h>

#define NUMERAL_TEXT_MAX 32

/* The length of the number words that text begins with, 0 for none; ret_digits gets the number in
 * digits ("25", "2/3"). */
size_t numeral_read(const char *text, char ret_digits[NUMERAL_TEXT_MAX]);

#endif
