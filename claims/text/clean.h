/*
 * clean.h - mathematical Unicode as ASCII and LaTeX.
 *
 * Letters of other scripts stay as they are. Pure and thread-safe.
 */
#ifndef SURETY_CLAIMS_TEXT_CLEAN_H
#define SURETY_CLAIMS_TEXT_CLEAN_H

#include <surety/arena.h>

/* A cleaned, NUL-terminated copy in arena; NULL without memory or beyond max bytes. */
char *clean_text(struct arena *arena, const char *text, size_t len, size_t max);

#endif
