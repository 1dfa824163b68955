/*
 * The choice is coded by hand, one function for each alternative that can be long. None backtracks
 * over more than one run of white space, which is what keeps a megabyte of blanks linear.
 */
#include "engine/gguf/pretoken.h"

#include <stdbool.h>
#include <stdint.h>

#include <utf8proc.h>

#include "base/utf8.h"

enum kind { LETTER, NUMBER, SPACE, NEWLINE, OTHER };

static bool is_space(uint32_t c)
{
    return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
           c == 0x205F || c == 0x3000;
}

static enum kind kind_of(uint32_t c)
{
    if (c == '\r' || c == '\n')
        return NEWLINE;
    if (is_space(c))
        return SPACE;
    switch (utf8proc_category((utf8proc_int32_t)c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
        return LETTER;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        return NUMBER;
    default:
        return OTHER;
    }
}

/* Kind and length of the character at text[i]; the end has length 0. */
static enum kind kind_at(const char *text, size_t len, size_t i, size_t *ret_n)
{
    uint32_t c;
    *ret_n = utf8_decode(text + i, len - i, &c);
    return *ret_n ? kind_of(c) : OTHER;
}

/* Where the run of characters of these kinds that starts at i ends. */
static size_t skip(const char *text, size_t len, size_t i, bool (*wanted)(enum kind))
{
    for (size_t n; i < len; i += n)
        if (!wanted(kind_at(text, len, i, &n)))
            break;
    return i;
}

static bool letter(enum kind k)
{
    return k == LETTER;
}

static bool other(enum kind k)
{
    return k == OTHER;
}

static bool newline(enum kind k)
{
    return k == NEWLINE;
}

/* (?i:'s|'t|'re|'ve|'m|'ll|'d); ignoring case, the long s is an s. */
static size_t contraction(const char *text, size_t len)
{
    if (len < 2 || text[0] != '\'')
        return 0;
    char a = (char)(text[1] | 0x20), b = len > 2 ? (char)(text[2] | 0x20) : '\0';
    if (a == 's' || a == 't' || a == 'm' || a == 'd')
        return 2;
    if ((a == 'r' && b == 'e') || (a == 'v' && b == 'e') || (a == 'l' && b == 'l'))
        return 3;
    if (len > 2 && text[1] == '\xC5' && text[2] == '\xBF')
        return 3;
    return 0;
}

/* \s*[\r\n]+ | \s+(?!\S) | \s+ over the white space that text starts with. */
static size_t white_space(const char *text, size_t len)
{
    size_t end = 0, after_newline = 0, last = 0;
    for (size_t n; end < len; end += n) {
        enum kind k = kind_at(text, len, end, &n);
        if (k != SPACE && k != NEWLINE)
            break;
        if (k == NEWLINE)
            after_newline = end + n;
        last = end;
    }
    if (after_newline)
        return after_newline;
    return end == len || last == 0 ? end : last; /* the last blank goes with the next word */
}

size_t pretoken_next(const char *text, size_t len)
{
    size_t n, m;
    if (len == 0)
        return 0;
    size_t short_form = contraction(text, len);
    if (short_form)
        return short_form;
    enum kind first = kind_at(text, len, 0, &n);
    enum kind second = kind_at(text, len, n, &m);
    if (first == LETTER || (first != NUMBER && first != NEWLINE && m && second == LETTER))
        return skip(text, len, n, letter);
    if (first == NUMBER)
        return n;
    if (first == OTHER || (text[0] == ' ' && m && second == OTHER))
        return skip(text, len, skip(text, len, n, other), newline);
    return white_space(text, len);
}
