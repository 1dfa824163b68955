/*
 * utf8.h - text is made valid once, where it enters; everything after may trust it.
 *
 * Valid text in surety is UTF-8 without NUL, so it can live in C strings. Does not normalise
 * (claims do that for their keys) and knows no properties of characters.
 */
#ifndef SURETY_BASE_UTF8_H
#define SURETY_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One character: its code point in *ret_point (U+FFFD when malformed) and its length in bytes,
 * 1 to 4; 0 only when len is 0. A malformed sequence has the length of its maximal well-formed
 * prefix (Unicode 15, section 3.9, "substitution of maximal subparts"). */
size_t utf8_decode(const char *text, size_t len, uint32_t *ret_point);

/* Writes point as UTF-8 to out (4 bytes) and returns its length; U+FFFD for no scalar value. */
size_t utf8_encode(uint32_t point, char out[4]);

/* True when the bytes are well-formed UTF-8 without NUL. */
bool utf8_is_valid(const char *text, size_t len);

/* A NUL-terminated valid copy, each malformed subpart and each NUL replaced by U+FFFD; its length
 * in *ret_len (may be NULL). The caller frees. NULL: out of memory. At most 3 * len + 1 bytes. */
char *utf8_make_valid(const char *text, size_t len, size_t *ret_len);

/* The largest n <= len at which valid text of len bytes or more can be cut between characters. */
size_t utf8_cut(const char *text, size_t len);

/* Terminal columns of valid text, with East Asian wide characters as two, combining as zero. */
size_t utf8_columns(const char *text, size_t len);

#endif
