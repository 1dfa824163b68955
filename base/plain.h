/*
 * plain.h - what the C library does by the host's locale, here always as in "C": classes and cases
 * of ASCII letters, and numbers with a point.
 *
 * A program that calls setlocale and uses libsurety gets the same results as one that does not.
 * The functions of <ctype.h>, strncasecmp, strtod and snprintf of doubles appear nowhere else in
 * the tree (tests/lint/rules.py). Any thread may call all of them.
 */
#ifndef SURETY_BASE_PLAIN_H
#define SURETY_BASE_PLAIN_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <surety/err.h>

static inline bool plain_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline char plain_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static inline char plain_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

static inline bool plain_is_letter(char c)
{
    char low = plain_lower(c);
    return low >= 'a' && low <= 'z';
}

static inline bool plain_is_word(char c) /* a letter or a digit */
{
    return plain_is_letter(c) || plain_is_digit(c);
}

static inline bool plain_is_hex(char c)
{
    char low = plain_lower(c);
    return plain_is_digit(c) || (low >= 'a' && low <= 'f');
}

static inline bool plain_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool plain_is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

/* Like strncasecmp and strcasestr; the case of ASCII letters is ignored. */
int plain_compare(const char *a, const char *b, size_t len);
const char *plain_find(const char *text, const char *part);

/* Like strtod, snprintf and vsnprintf. */
double plain_number(const char *text, char **ret_end);
int plain_print(char *out, size_t size, const char *format, ...) SURETY_PRINTF(3, 4);
int plain_vprint(char *out, size_t size, const char *format, va_list args) SURETY_PRINTF(3, 0);

#endif
