/*
 * scan.h - the small readers that answer.c, split.c and their like share: ASCII classes, words,
 * spans.
 *
 * Internal to claims/. Everything works on a span of valid UTF-8 and never reads past its end.
 */
#ifndef SURETY_CLAIMS_TEXT_SCAN_H
#define SURETY_CLAIMS_TEXT_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
    size_t start, end; /* byte offsets, end not included */
};

static inline bool scan_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline char scan_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static inline bool scan_is_letter(char c)
{
    char low = scan_lower(c);
    return low >= 'a' && low <= 'z';
}

static inline bool scan_is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static inline bool scan_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* True when text[at..end) begins with word; ASCII case is ignored (word is lower case). */
static inline bool scan_starts(const char *text, size_t at, size_t end, const char *word)
{
    for (; *word; word++, at++)
        if (at >= end || scan_lower(text[at]) != *word)
            return false;
    return true;
}

/* Like scan_starts, and no letter or digit follows. */
static inline bool scan_word(const char *text, size_t at, size_t end, const char *word)
{
    size_t after = at + strlen(word);
    return scan_starts(text, at, end, word) &&
           (after >= end || !(scan_is_letter(text[after]) || scan_is_digit(text[after])));
}

/* True when text[start..at) ends with word; ASCII case is ignored. */
static inline bool scan_ends(const char *text, size_t start, size_t at, const char *word)
{
    size_t len = strlen(word);
    return at - start >= len && scan_starts(text, at - len, at, word);
}

/* The first place of word, as it is written, in text[at..end), or end. For words that begin with a
 * rare byte: memmem() is slower there. */
static inline size_t scan_find(const char *text, size_t at, size_t end, const char *word)
{
    size_t len = strlen(word);
    const char *next;
    for (; at + len <= end && (next = memchr(text + at, word[0], end - at - len + 1)); at++) {
        at = (size_t)(next - text);
        if (!memcmp(next, word, len))
            return at;
    }
    return end;
}

static inline struct span scan_trim(const char *text, struct span s)
{
    while (s.start < s.end && scan_is_space(text[s.start]))
        s.start++;
    while (s.end > s.start && scan_is_space(text[s.end - 1]))
        s.end--;
    return s;
}

#endif
