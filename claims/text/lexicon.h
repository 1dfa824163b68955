/*
 * lexicon.h - short words of English, to tell "cat" from the product c a t.
 *
 * Pure and thread-safe.
 */
#ifndef SURETY_CLAIMS_TEXT_LEXICON_H
#define SURETY_CLAIMS_TEXT_LEXICON_H

#include <stdbool.h>
#include <stddef.h>

/* True for a common word of two or three letters, in small letters. */
bool lexicon_has(const char *word, size_t len);

#endif
