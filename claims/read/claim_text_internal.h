/*
 * claim_text_internal.h - a reader over the names of a text: x, a_1, \alpha. Internal to
 * claim_text*.c.
 */
#ifndef SURETY_CLAIMS_READ_CLAIM_TEXT_INTERNAL_H
#define SURETY_CLAIMS_READ_CLAIM_TEXT_INTERNAL_H

#include <stdint.h>

#include "claims/text/scan.h"

/* A reader over the lone letters of a text. */
struct letters {
    const char *text;
    size_t len, at;
    bool math;         /* inside $...$ or \(...\) */
    size_t start, end; /* of the letter found */
    uint32_t point;
};

/* The next lone letter that is used as a name: true, and its place and code point in *r. Begins
 * with text and len set, all else zero. Linear over all calls. */
bool claim_text_next_name(struct letters *r);

/* The place before the letter found, and the one behind it, blanks skipped. */
size_t claim_text_before(const struct letters *r);
size_t claim_text_after(const struct letters *r);

#endif
