/*
 * quantity_number.c - by surface: grouped digits, decimals, fractions, percent, and what may stand
 * around them.
 */
#include "claims/read/quantity_internal.h"

#include <string.h>

#include "base/hash.h"

static int64_t gcd(int64_t a, int64_t b)
{
    while (b) {
        int64_t r = a % b;
        a = b;
        b = r;
    }
    return a < 0 ? -a : a;
}

bool quantity_read_decimal(const char *text, size_t *at, size_t end, struct quantity_number *ret)
{
    struct quantity_number n = {0, 1};
    size_t i = *at;
    bool any = false, point = false;
    for (; i < end; i++) {
        char c = text[i];
        if (c == '.' && !point && i + 1 < end && scan_is_digit(text[i + 1])) {
            point = true;
            continue;
        }
        if (c == ',' && !point && any && end - i > 3 && scan_is_digit(text[i + 1]) &&
            scan_is_digit(text[i + 2]) && scan_is_digit(text[i + 3]))
            continue;
        if (!scan_is_digit(c))
            break;
        any = true;
        if (n.num > (INT64_MAX - 9) / 10 || n.den > INT64_MAX / 10)
            return false;
        n.num = 10 * n.num + (c - '0');
        n.den *= point ? 10 : 1;
    }
    *at = i;
    *ret = n;
    return any;
}

static size_t skip_marks(const char *text, size_t at, size_t end)
{
    static const char *const marks[] = {"\\boxed{", "\\$",     "\\,",          "\\ ",     "\\(",
                                        "\\left(",  "\\text{", "\xE2\x82\xAC", "\xC2\xA3"};
    for (bool again = true; again && at < end;) {
        again = strchr(" \t$*~`{(", text[at]) != NULL;
        at += again;
        for (size_t k = 0; k < sizeof marks / sizeof *marks && !again; k++)
            if (scan_starts(text, at, end, marks[k])) {
                at += strlen(marks[k]);
                again = true;
            }
    }
    return at;
}

static bool reduce(struct quantity_number *n, struct quantity_number by)
{
    int64_t num, den;
    if (by.num == 0 || __builtin_mul_overflow(n->num, by.den, &num) ||
        __builtin_mul_overflow(n->den, by.num, &den))
        return false;
    int64_t g = gcd(num, den);
    *n = (struct quantity_number){num / g, den / g};
    return true;
}

bool quantity_read_number(const char *text, size_t at, size_t end, struct quantity_number *ret,
                          size_t *ret_end)
{
    struct quantity_number n, by = {1, 1};
    at = skip_marks(text, at, end);
    bool minus = at < end && text[at] == '-';
    at = skip_marks(text, at + minus, end);
    bool frac = scan_starts(text, at, end, "\\frac{") || scan_starts(text, at, end, "\\dfrac{");
    if (frac)
        at = (size_t)((const char *)memchr(text + at, '{', end - at) - text) + 1;
    if (at >= end || !quantity_read_decimal(text, &at, end, &n))
        return false;
    if (frac) {
        if (!scan_starts(text, at, end, "}{"))
            return false;
        at += 2;
        if (!quantity_read_decimal(text, &at, end, &by) || at >= end || text[at++] != '}')
            return false;
    } else if (at + 1 < end && text[at] == '/' && scan_is_digit(text[at + 1])) {
        at++;
        if (!quantity_read_decimal(text, &at, end, &by))
            return false;
    }
    if (!reduce(&n, by))
        return false;
    if (scan_starts(text, at, end, "\\%") || (at < end && text[at] == '%'))
        if (!reduce(&n, (struct quantity_number){100, 1}))
            return false;
    *ret_end = at;
    if (scan_starts(text, at, end, "\\%") || (at < end && text[at] == '%'))
        *ret_end += text[at] == '%' ? 1 : 2;
    /* What follows may be a unit, not a name ("2x") or more of an expression. */
    if (at < end && scan_is_letter(text[at]) && (at + 1 == end || !scan_is_letter(text[at + 1])))
        return false;
    for (; at < end; at++)
        if (scan_is_digit(text[at]) || strchr("+*^=<>", text[at]) ||
            (text[at] == '\\' && !scan_starts(text, at, end, "\\text") &&
             !scan_starts(text, at, end, "\\%") && !scan_starts(text, at, end, "\\$") &&
             !scan_starts(text, at, end, "\\)") && !scan_starts(text, at, end, "\\,") &&
             !scan_starts(text, at, end, "\\ ")))
            return false;
    *ret = (struct quantity_number){minus ? -n.num : n.num, n.den};
    return true;
}

uint64_t quantity_hash_number(struct quantity_number n)
{
    return hash_u64(hash_u64(1, (uint64_t)n.num), (uint64_t)n.den);
}
