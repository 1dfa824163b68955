/*
 * dress.h - takes off what people put around an answer: "The answer is $\boxed{5}$."
 *
 * Cuts, never rewrites. Pure and thread-safe; linear time.
 */
#ifndef SURETY_CLAIMS_TEXT_DRESS_H
#define SURETY_CLAIMS_TEXT_DRESS_H

#include <stdbool.h>
#include <stddef.h>

/* Narrows *text and *len to the answer inside. */
void dress_off(const char **text, size_t *len);

/* The end of a sentence that states a value: what follows its last "is", "are" or "equals". False
 * when there is none. */
bool dress_tail(const char *text, size_t len, const char **ret_tail, size_t *ret_len);

/* The text before a remark in brackets at its end: "2 (multiplicity 2)". False: there is none. */
bool dress_remark(const char *text, size_t len, const char **ret_head, size_t *ret_len);

#endif
