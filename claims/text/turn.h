/*
 * turn.h - where a reply ends because another turn of the conversation begins in its text.
 *
 * Servers that know too few stop marks hand over what a model wrote behind its own end: the mark of
 * the end and the next user's words. Internal to claims/.
 */
#ifndef SURETY_CLAIMS_TEXT_TURN_H
#define SURETY_CLAIMS_TEXT_TURN_H

#include <stddef.h>

/* Offset of the first mark of a user's turn, or of a turn's end with a line behind it, that has
 * text before it; len without one. Linear. */
size_t turn_end(const char *text, size_t len);

#endif
