/*
 * thinking.h - which parts of a reply a reader is meant to see, and which are thinking aloud.
 *
 * Knows the marks that models use: <think>, <thinking>, <reasoning> and their kin, [THINK], and the
 * channels of <|channel|> formats, where only the channel "final" is shown, with their marks or
 * without ("analysis...assistantfinal..."). What stands behind the reply's end (turn.h) is not
 * shown. Internal to claims/.
 */
#ifndef SURETY_CLAIMS_TEXT_THINKING_H
#define SURETY_CLAIMS_TEXT_THINKING_H

#include "claims/text/scan.h"

#define THINKING_SPANS_MAX 16

struct thinking {
    struct span shown[THINKING_SPANS_MAX]; /* the last ones, in text order, blank ones left out */
    size_t n_shown;
    bool any;      /* there is a thinking block */
    bool unclosed; /* the last block has no end: the reply was cut, or looped */
    size_t after;  /* offset after the last block; the length when unclosed; 0 without any */
};

/* One pass over text[0..len). Pure. */
void thinking_find(const char *text, size_t len, struct thinking *ret);

/* Where the part of a text after its thinking blocks begins. An unclosed block has nothing after
 * it: strlen(text). */
size_t thinking_skip(const char *text);

#endif
