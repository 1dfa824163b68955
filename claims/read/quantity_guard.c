/*
 * quantity_guard.c - by surface: which numbers a text holds, and how they stand in it.
 */
#include "claims/read/quantity_internal.h"

/* "a_1", "box2", "f(1)", "x^{12}": the digits at text[at] belong to a name. */
static bool is_index(const char *text, size_t low, size_t at)
{
    if (at == low)
        return false;
    char before = text[at - 1];
    if (before != '(' && before != '{')
        return before == '_' || before == '^' || scan_is_letter(before);
    if (at - 1 == low)
        return false;
    char name = text[at - 2];
    return name == '_' || name == '^' ||
           (before == '(' && scan_is_letter(name) &&
            (at - 2 == low || !scan_is_letter(text[at - 3])));
}

static bool reads_as(const char *text, size_t start, size_t end, uint64_t hash)
{
    struct quantity_number n;
    size_t number_end;
    return quantity_read_number(text, start, end, &n, &number_end) &&
           quantity_hash_number(n) == hash;
}

/* The number at text[at] in one of its readings: 322, -322, 322 %. */
static bool gives(const char *text, struct span s, size_t at, size_t end, uint64_t hash)
{
    return reads_as(text, at, end, hash) ||
           (at > s.start && text[at - 1] == '-' && reads_as(text, at - 1, end, hash)) ||
           (scan_starts(text, end, s.end, "%") && reads_as(text, at, end + 1, hash)) ||
           (scan_starts(text, end, s.end, "\\%") && reads_as(text, at, end + 2, hash));
}

/* The next number of s from *at on that is no index: true, where it begins, and in *at its end. */
static bool next_number(const char *text, struct span s, size_t *at, size_t *ret_start)
{
    struct quantity_number n;
    for (size_t i = *at; i < s.end; i++) {
        if (!scan_is_digit(text[i]))
            continue;
        *ret_start = i;
        if (!quantity_read_decimal(text, &i, s.end, &n)) /* too large */
            while (i < s.end && scan_is_digit(text[i]))
                i++;
        *at = i--;
        if (!is_index(text, s.start, *ret_start))
            return true;
    }
    return false;
}

static bool is_inner(const char *text, struct span s, size_t at)
{
    return at >= s.start && at < s.end && (scan_is_letter(text[at]) || scan_is_digit(text[at]));
}

static bool holds_text(const char *text, struct span s, struct span value)
{
    size_t len = value.end - value.start;
    for (size_t at = s.start; s.end > at; at += len) {
        const char *found = memmem(text + at, s.end - at, text + value.start, len);
        if (!found)
            return false;
        at = (size_t)(found - text);
        if (!is_inner(text, s, at - 1) && !is_inner(text, s, at + len))
            return true;
    }
    return false;
}

bool quantity_guard_holds(const char *text, struct span s, uint64_t hash, struct span value)
{
    struct quantity_number n;
    size_t end, at = s.start, start;
    bool number = quantity_read_number(text, value.start, value.end, &n, &end);
    bool plain = number && !memchr(text + value.start, '/', end - value.start) &&
                 !memchr(text + value.start, '{', end - value.start);
    if (!plain && holds_text(text, s, value)) /* for 3/4 too: 6/8 would be a calculation */
        return true;
    if (!number)
        return false;
    uint64_t bare = hash; /* 50 of "50%" */
    size_t mark = scan_ends(text, value.start, end, "\\%") ? 2 : 1;
    if (text[end - 1] == '%' && quantity_read_number(text, value.start, end - mark, &n, &end))
        bare = quantity_hash_number(n);
    while (next_number(text, s, &at, &start))
        if (gives(text, s, start, at, hash) || gives(text, s, start, at, bare))
            return true;
    return false;
}

static bool calculates(char sign)
{
    return sign && strchr("+-*/^!", sign);
}

/* The sign that follows, over blanks and markup, "2x" being a product; not the hyphen of
 * "28-dollar". */
static char sign_behind(const char *text, struct span s, size_t at)
{
    char c = 0;
    if (at < s.end && (scan_is_letter(text[at]) || text[at] == '('))
        return '*';
    for (size_t len; at < s.end && c == 0; at += len)
        if ((len = quantity_expression_sign(text, at, s.end, &c)) == 0)
            return 0;
    return c == '-' && at < s.end && scan_is_letter(text[at]) ? 0 : c;
}

bool quantity_guard_lone_number(const char *text, struct span s, bool at_end)
{
    while (s.end > s.start && strchr(" $*", text[s.end - 1]))
        s.end--;
    size_t at = s.start, end = s.start, start;
    char before = 0, c;
    while (next_number(text, s, &end, &start)) {
        for (size_t len; at < start; at += len) {
            len = quantity_expression_sign(text, at, s.end, &c);
            if (len == 0)
                before = text[at] == '{' && !scan_ends(text, s.start, at, "boxed") ? '^' : 0;
            else if (c)
                before = c;
            len += len == 0;
        }
        bool last = end == s.end;
        if (!calculates(before) && !calculates(sign_behind(text, s, end)) && (last || !at_end))
            return true;
        at = end;
        before = 0;
    }
    return false;
}

/* Words that end one statement and begin the next. */
static bool joins(const char *text, struct span word)
{
    static const char *const joints[] = {
        "and",  "or",  "so",   "since",     "because", "then",  "which", "is",  "are",    "was",
        "were", "if",  "thus", "hence",     "where",   "when",  "while", "but", "with",   "the",
        "he",   "she", "they", "therefore", "giving",  "gives", "we",    "it",  "leaving"};
    for (size_t k = 0; k < sizeof joints / sizeof *joints; k++)
        if (strlen(joints[k]) == word.end - word.start &&
            scan_starts(text, word.start, word.end, joints[k]))
            return true;
    return false;
}

static bool is_letter_byte(char c)
{
    return scan_is_letter(c) || ((unsigned char)c >= 0x80 && c != '\xE2');
}

/* The comma, stop, colon or arrow at text[at] parts two statements. */
static bool parts(const char *text, struct span s, size_t at, size_t depth)
{
    static const char *const arrows[] = {"\\quad",   "\\qquad",  "\\implies", "\\rightarrow",
                                         "\\to",     "\\\\",     "\xE2\x86",  "\xE2\x87",
                                         "\xE2\x9F", "\xEF\xBC", "\xE3\x80"};
    char next = at + 1 < s.end ? text[at + 1] : ' ';
    if (strchr(",.:;?", text[at]))
        return depth == 0 && !scan_is_digit(next);
    for (size_t k = 0; depth == 0 && k < sizeof arrows / sizeof *arrows; k++)
        if (scan_starts(text, at, s.end, arrows[k]))
            return true;
    return false;
}

/* Length of the word, sign of many bytes, LaTeX command or other thing at text[at]. */
static size_t thing_length(const char *text, struct span s, size_t at)
{
    size_t len = 1;
    if (text[at] == '\\' && at + 1 < s.end && strchr("()[]", text[at + 1]))
        return 2;
    if (text[at] == '\xE2')
        return s.end - at < 3 ? s.end - at : 3;
    if (text[at] == '\\' || is_letter_byte(text[at]))
        while (at + len < s.end && is_letter_byte(text[at + len]))
            len++;
    return len;
}

bool quantity_guard_is_side(const char *text, struct span s)
{
    size_t depth = 0, len;
    bool word = false; /* the last thing was one */
    for (size_t i = s.start; i < s.end; i += len) {
        char c = 0;
        len = quantity_expression_sign(text, i, s.end, &c);
        if (parts(text, s, i, depth) || (word && scan_is_digit(c)))
            return false; /* also "72 dollars 100 - 72" */
        if (strchr(")]}", text[i]) && depth-- == 0)
            return false;
        depth += strchr("([{", text[i]) != NULL;
        word = word && len && c == 0;
        if (len)
            continue;
        len = thing_length(text, s, i);
        word = len > 1 && is_letter_byte(text[i]) && !scan_word(text, i, s.end, "of");
        if (word && joins(text, (struct span){i, i + len}))
            return false;
    }
    return depth == 0;
}
