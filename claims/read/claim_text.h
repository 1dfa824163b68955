/*
 * claim_text.h - the text of a claim apart from its solution: its key, and whether it stands alone.
 */
#ifndef SURETY_CLAIMS_READ_CLAIM_TEXT_H
#define SURETY_CLAIMS_READ_CLAIM_TEXT_H

#include <surety/arena.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The text's key for verification: NFC, white space folded and trimmed; nothing looser, so that no
 * claim inherits a twin's verdict. In the arena; NULL without memory. */
char *claim_key(const char *text, struct arena *arena);

#define CLAIM_NAMES_MAX 256 /* different names of a text that are remembered */

/* The names that a text uses: lone letters such as the x of "so x = 7". */
struct claim_names {
    uint32_t point[CLAIM_NAMES_MAX];
    size_t n;
};

/* Reads a text of any length; for a problem, once for all claims. */
void claim_names_read(const char *text, struct claim_names *ret);

/* True when the claim uses a name that neither it nor the problem (whose names are given) defines,
 * or points back ("this equals 7"): it means different things in different trajectories, and may
 * only be verified jointly with the claims around it. */
bool claim_is_contextual(const struct claim_names *given, const char *claim);

#endif
