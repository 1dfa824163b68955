/*
 * fold.h - untrusted text as one line. Does not normalise and does not judge.
 */
#ifndef SURETY_CLAIMS_TEXT_FOLD_H
#define SURETY_CLAIMS_TEXT_FOLD_H

#include <surety/arena.h>

/* A copy of text[0..len) on one line: every run of white space, control characters and Unicode's
 * line, paragraph and next-line separators becomes one space, none at the ends; cut between
 * characters at max bytes. In the arena; NULL without memory. */
char *fold_line(const char *text, size_t len, size_t max, struct arena *arena);

#endif
