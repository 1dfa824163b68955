/*
 * claim_text.h - the text of a claim apart from its solution: its key, and whether it stands alone.
 */
#ifndef SURETY_CLAIMS_READ_CLAIM_TEXT_H
#define SURETY_CLAIMS_READ_CLAIM_TEXT_H

#include <surety/arena.h>

#include <stdbool.h>

/* The text's key for verification: NFC, white space folded and trimmed; nothing looser, so that no
 * claim inherits a twin's verdict. In the arena; NULL without memory. */
char *claim_key(const char *text, struct arena *arena);

/* True when the claim uses a name (a lone letter such as the x of "so x = 7") that neither it nor
 * the problem defines, or points back ("this equals 7"): it means different things in different
 * trajectories, and may only be verified jointly with the claims around it. */
bool claim_is_contextual(const char *problem, const char *claim);

#endif
