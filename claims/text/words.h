/*
 * words.h - answers in words: folding, yes and no, choice letters.
 *
 * Pure and thread-safe.
 */
#ifndef SURETY_CLAIMS_TEXT_WORDS_H
#define SURETY_CLAIMS_TEXT_WORDS_H

#include <surety/arena.h>

#include <stdbool.h>

/* Case-folded text without LaTeX dress, articles, quotes and punctuation at the ends; words are
 * separated by one blank. Never longer than max bytes. In arena; NULL without memory. */
char *words_fold(struct arena *arena, const char *text, size_t len, size_t max);

/* What folding drops and may yet tell two texts apart: the case of symbols ("Co", "CO"), primes
 * behind a figure or letter, brackets around numbers, the ! behind a formula. Equal texts have
 * equal marks. NULL without memory. */
char *words_marks(struct arena *arena, const char *text);

/* 1 for yes and true, 0 for no and false, -1 for neither. */
int words_truth(const char *folded);

/* One wording for the several of one statement: "dne" and "does not exist". */
const char *words_canonical(const char *folded);

/* The LaTeX of a set or value that words name ("all real numbers"); in arena where it is made up.
 * NULL: none. */
const char *words_as_math(struct arena *arena, const char *folded);

/* The letters of "A, C" and "(A) and (C)" as bits 0 to 9, or the numerals of "I and III" as bits 10
 * to 19; two of them at least. 0: no such list. */
int words_choices(const char *text);

/* The letter A to J that "(B)", "B.", "option B" stands for, 0 for none. *ret_rest is what follows
 * it ("B. 42": "42"), "" when nothing does. */
char words_choice(const char *text, const char **ret_rest);

/* The text of option `letter` where the problem lists its options; false when it does not. */
bool words_option(const char *problem, char letter, const char **ret_text, size_t *ret_len);

#endif
