/*
 * Words add up to a group below a thousand; "thousand" and its kin close a group. A fraction's name
 * after the number divides it.
 */
#include "claims/text/numeral.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/plain.h"

static const char *const small[] = {"zero",    "one",     "two",       "three",    "four",
                                    "five",    "six",     "seven",     "eight",    "nine",
                                    "ten",     "eleven",  "twelve",    "thirteen", "fourteen",
                                    "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
static const char *const tens[] = {"twenty", "thirty",  "forty",  "fifty",
                                   "sixty",  "seventy", "eighty", "ninety"};
static const char *const scales[] = {"thousand", "million", "billion"};
static const char *const parts[] = {"half",    "third",  "quarter", "fifth", "sixth",
                                    "seventh", "eighth", "ninth",   "tenth"};

static size_t word_length(const char *s)
{
    size_t n = 0;
    while (plain_is_letter(s[n]))
        n++;
    return n;
}

/* The index of the word of len bytes in list, perhaps with an s behind it; -1: not in it. */
static int find(const char *s, size_t len, const char *const *list, size_t n, bool plural)
{
    for (size_t i = 0; i < n; i++) {
        size_t size = strlen(list[i]);
        bool same = len == size || (plural && len == size + 1 && plain_lower(s[size]) == 's');
        if (same && plain_compare(s, list[i], size) == 0)
            return (int)i;
    }
    return -1;
}

#define FIND(s, len, list, plural) find(s, len, list, sizeof(list) / sizeof *(list), plural)

struct sum {
    long total, group;
    int last; /* the size of what was added last to the group: 1, 10, 100; 0: nothing yet */
    bool any;
};

/* Adds one word. False: it does not continue the number. */
static bool add(struct sum *sum, const char *s, size_t len)
{
    int unit = FIND(s, len, small, false), ten = FIND(s, len, tens, false);
    int scale = FIND(s, len, scales, false);
    if (unit >= 0 && (sum->last == 0 || sum->last == 100 || (sum->last == 10 && unit < 10))) {
        if (sum->any && unit == 0)
            return false;
        sum->group += unit;
        sum->last = 1;
    } else if (ten >= 0 && (sum->last == 0 || sum->last == 100)) {
        sum->group += 10 * (ten + 2);
        sum->last = 10;
    } else if (len == 7 && plain_compare(s, "hundred", 7) == 0 && sum->last == 1 &&
               sum->group < 20) {
        sum->group *= 100;
        sum->last = 100;
    } else if (scale >= 0 && sum->last) {
        long size = scale == 0 ? 1000L : scale == 1 ? 1000000L : 1000000000L;
        if (sum->total && sum->total % (size * 1000) != 0)
            return false;
        sum->total += sum->group * size;
        sum->group = 0;
        sum->last = 0;
    } else {
        return false;
    }
    sum->any = true;
    return true;
}

/* " point two five" after a whole number: its length, and value with the decimals; 0: none. */
static size_t read_decimals(const char *s, char ret_digits[NUMERAL_TEXT_MAX], long value)
{
    size_t at = 0, len = (size_t)snprintf(ret_digits, NUMERAL_TEXT_MAX, "%ld.", value), n = 0;
    if (plain_compare(s, " point ", 7) != 0)
        return 0;
    for (at = 6; (s[at] == ' ' || s[at] == '-') && len + n + 1 < NUMERAL_TEXT_MAX; n++) {
        size_t word = word_length(s + at + 1);
        int digit = FIND(s + at + 1, word, small, false);
        if (digit < 0 || digit > 9)
            break;
        ret_digits[len + n] = (char)('0' + digit);
        at += 1 + word;
    }
    ret_digits[len + n] = '\0';
    return n ? at : 0;
}

size_t numeral_read(const char *text, char ret_digits[NUMERAL_TEXT_MAX])
{
    struct sum sum = {0};
    size_t at = 0, end = 0;
    for (int words = 0; words < 12; words++) {
        size_t len = word_length(text + at);
        bool joins = sum.last == 100 && len == 3 && plain_compare(text + at, "and", 3) == 0;
        if (!joins && !add(&sum, text + at, len))
            break;
        at += len;
        end = joins ? end : at;
        if (text[at] != ' ' && text[at] != '-')
            break;
        at++;
    }
    size_t from = sum.any ? end + (text[end] == ' ' || text[end] == '-') : 0;
    size_t len = word_length(text + from);
    int part = FIND(text + from, len, parts, true);
    if (part < 0 && len == 6 && plain_compare(text + from, "halves", 6) == 0)
        part = 0;
    if (part < 0 && (len == 6 || len == 7) && plain_compare(text + from, "fourths", len) == 0)
        part = 2;
    if (!sum.any && (part != 0 || text[from + len])) /* "half past two" */
        return 0;
    long value = sum.any ? sum.total + sum.group : 1;
    if (part >= 0) {
        snprintf(ret_digits, NUMERAL_TEXT_MAX, "%ld/%d", value, part + 2);
        return from + len;
    }
    size_t decimals = read_decimals(text + end, ret_digits, value);
    if (decimals)
        return end + decimals;
    bool half =
        plain_compare(text + end, " and a half", 11) == 0 && word_length(text + end + 7) == 4;
    snprintf(ret_digits, NUMERAL_TEXT_MAX, half ? "%ld.5" : "%ld", value);
    return half ? end + 11 : end;
}
