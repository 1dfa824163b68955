/*
 * Cuts the text into numbers and words, and knows a handful of patterns of them.
 */
#include "claims/text/calendar.h"

#include <stddef.h>
#include <string.h>

#include "base/plain.h"

#define PARTS_MAX 6

struct part {
    int number;    /* -1 for a word */
    char word[12]; /* lower case */
    char after;    /* the sign that follows: '/', '-', ':' or ' ' */
    int digits;
};

/* Length of what is no part at s: blanks, signs, LaTeX around text. */
static size_t dress_length(const char *s)
{
    static const char *const commands[] = {"\\text{", "\\mathrm{", "\\textrm{",
                                           "\\,",     "\\ ",       "\\;"};
    if (plain_is_space(*s) || strchr(",.$*~}", *s))
        return 1;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strncmp(s, commands[i], strlen(commands[i])) == 0)
            return strlen(commands[i]);
    return 0;
}

/* False when there is something other than short numbers and words. */
static bool cut(const char *s, struct part *parts, size_t *ret_n)
{
    size_t n = 0;
    while (*s) {
        size_t dress = dress_length(s);
        if (dress) {
            s += dress;
            continue;
        }
        if (n == PARTS_MAX)
            return false;
        struct part *p = &parts[n++];
        *p = (struct part){.number = -1, .after = ' '};
        size_t len = 0;
        if (plain_is_digit(*s)) {
            for (p->number = 0; plain_is_digit(s[len]) && len < 4; len++)
                p->number = p->number * 10 + (s[len] - '0');
            p->digits = (int)len;
            if (plain_is_digit(s[len]))
                return false;
            static const char *const ordinals[] = {"st", "nd", "rd", "th"};
            for (size_t i = 0; i < 4; i++)
                if (plain_compare(s + len, ordinals[i], 2) == 0 && !plain_is_letter(s[len + 2]))
                    len += 2;
        } else if (plain_is_letter(*s)) {
            for (; plain_is_letter(s[len]) || (s[len] == '.' && plain_is_letter(s[len + 1])); len++)
                if (len + 1 < sizeof p->word)
                    p->word[len] = plain_lower(s[len]);
        } else {
            return false;
        }
        s += len;
        if (*s && strchr("/-:", *s))
            p->after = *s++;
    }
    *ret_n = n;
    return n > 0;
}

static int month_of(const char *word)
{
    static const char *const months[] = {"january",   "february", "march",    "april",
                                         "may",       "june",     "july",     "august",
                                         "september", "october",  "november", "december"};
    size_t len = strlen(word);
    for (int i = 0; len >= 3 && i < 12; i++)
        if (strncmp(word, months[i], len) == 0)
            return i + 1;
    return 0;
}

static bool is_weekday(const char *word)
{
    static const char *const days[] = {"monday", "tuesday",  "wednesday", "thursday",
                                       "friday", "saturday", "sunday"};
    size_t len = strlen(word);
    for (int i = 0; len >= 3 && i < 7; i++)
        if (strncmp(word, days[i], len) == 0)
            return true;
    return false;
}

static bool set_date(struct date *d, int year, int month, int day)
{
    *d = (struct date){year, month, day};
    return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

bool calendar_date(const char *text, struct date *ret)
{
    struct part parts[PARTS_MAX];
    size_t n;
    if (!cut(text, parts, &n))
        return false;
    const struct part *p = parts;
    if (p->number < 0 && is_weekday(p->word)) {
        p++;
        n--;
    }
    if (n == 4 && p[0].number >= 0 && strcmp(p[1].word, "of") == 0) { /* 22nd of November 2001 */
        int month = month_of(p[2].word);
        return month && p[3].digits == 4 && set_date(ret, p[3].number, month, p[0].number);
    }
    if (n == 2 && (p[0].number < 0) != (p[1].number < 0)) { /* April 5, 5 April: no year */
        const struct part *month = p[0].number < 0 ? p : p + 1, *day = month == p ? p + 1 : p;
        return day->digits <= 2 && day->after == ' ' && month->after == ' ' &&
               set_date(ret, 0, month_of(month->word), day->number);
    }
    if (n != 3)
        return false;
    if (p[0].number < 0) /* November 22, 2001 */
        return p[2].digits == 4 && p[1].number > 0 &&
               set_date(ret, p[2].number, month_of(p[0].word), p[1].number);
    if (p[1].number < 0) /* 22 November 2001 */
        return p[2].digits == 4 && set_date(ret, p[2].number, month_of(p[1].word), p[0].number);
    if (p[2].number < 0 || p[0].after != p[1].after || (p[0].after != '/' && p[0].after != '-'))
        return false;
    if (p[0].digits == 4) /* 2001-11-22 */
        return set_date(ret, p[0].number, p[1].number, p[2].number);
    if (p[2].digits != 4 || p[0].digits > 2 || p[1].digits > 2)
        return false;
    if (p[0].number > 12)
        return set_date(ret, p[2].number, p[1].number, p[0].number);
    return set_date(ret, p[2].number, p[0].number, p[1].number);
}

bool calendar_clock(const char *text, int *ret_minutes)
{
    struct part parts[PARTS_MAX];
    size_t n;
    if (!cut(text, parts, &n) || n != 2 || parts[0].after != ':' || parts[1].digits != 2 ||
        parts[0].digits > 2 || parts[1].after != ' ' || parts[0].number < 0 ||
        parts[0].number > 24 || parts[1].number > 59)
        return false;
    *ret_minutes = parts[0].number * 60 + parts[1].number;
    return true;
}

bool calendar_time(const char *text, int *ret_minutes)
{
    struct part parts[PARTS_MAX];
    size_t n;
    if (!cut(text, parts, &n))
        return false;
    const char *half = parts[n - 1].word;
    bool twelve = n == 2 && parts[0].number == 12; /* "12 noon" */
    if ((n == 1 || twelve) && (strcmp(half, "noon") == 0 || strcmp(half, "midnight") == 0)) {
        *ret_minutes = half[0] == 'n' ? 12 * 60 : 0;
        return true;
    }
    bool am = strcmp(half, "am") == 0 || strcmp(half, "a.m") == 0;
    bool pm = strcmp(half, "pm") == 0 || strcmp(half, "p.m") == 0;
    bool minutes = n == 3 && parts[0].after == ':' && parts[1].digits == 2;
    if ((!am && !pm) || (n != 2 && !minutes) || parts[0].number < 1 || parts[0].number > 12 ||
        (minutes && parts[1].number > 59))
        return false;
    *ret_minutes = parts[0].number % 12 * 60 + (minutes ? parts[1].number : 0) + (pm ? 12 * 60 : 0);
    return true;
}
