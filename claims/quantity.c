/*
 * quantity.c - reads label, expression and value of a claim by their surface.
 *
 * The value is what stands behind the last relation sign, as a number in lowest terms where it is
 * one (units, currency and markup dropped, 50% = 1/2), else as folded text. What stands before the
 * first relation sign is the expression, as far as it consists of numbers and signs, and before
 * that the words. Equal keys mean the same spelling up to spacing, case, markup and the order of
 * the operands of a pure sum or product: two keys of one quantity are possible, one key of two
 * quantities is not.
 */
#include "claims/quantity.h"

#include <string.h>

#include "base/hash.h"
#include "claims/statements.h"

#define OPERANDS_MAX 16

struct number {
    int64_t num, den;
};

static int64_t gcd(int64_t a, int64_t b)
{
    while (b) {
        int64_t r = a % b;
        a = b;
        b = r;
    }
    return a < 0 ? -a : a;
}

/* An unsigned decimal at text[*at]; false when there is none or it is too large. */
static bool read_decimal(const char *text, size_t *at, size_t end, struct number *ret)
{
    struct number n = {0, 1};
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

static bool reduce(struct number *n, struct number by)
{
    int64_t num, den;
    if (by.num == 0 || __builtin_mul_overflow(n->num, by.den, &num) ||
        __builtin_mul_overflow(n->den, by.num, &den))
        return false;
    int64_t g = gcd(num, den);
    *n = (struct number){num / g, den / g};
    return true;
}

/* A number with unit and markup around it, and nothing to calculate. */
static bool read_value(const char *text, size_t at, size_t end, struct number *ret)
{
    struct number n, by = {1, 1};
    at = skip_marks(text, at, end);
    bool minus = at < end && text[at] == '-';
    at = skip_marks(text, at + minus, end);
    bool frac = scan_starts(text, at, end, "\\frac{") || scan_starts(text, at, end, "\\dfrac{");
    if (frac)
        at = (size_t)((const char *)memchr(text + at, '{', end - at) - text) + 1;
    if (at >= end || !read_decimal(text, &at, end, &n))
        return false;
    if (frac) {
        if (!scan_starts(text, at, end, "}{"))
            return false;
        at += 2;
        if (!read_decimal(text, &at, end, &by) || at >= end || text[at++] != '}')
            return false;
    } else if (at + 1 < end && text[at] == '/' && scan_is_digit(text[at + 1])) {
        at++;
        if (!read_decimal(text, &at, end, &by))
            return false;
    }
    if (!reduce(&n, by))
        return false;
    if (scan_starts(text, at, end, "\\%") || (at < end && text[at] == '%'))
        if (!reduce(&n, (struct number){100, 1}))
            return false;
    /* What follows may be a unit, not more of an expression. */
    for (; at < end; at++)
        if (scan_is_digit(text[at]) || strchr("+*^=<>", text[at]) ||
            (text[at] == '\\' && !scan_starts(text, at, end, "\\text") &&
             !scan_starts(text, at, end, "\\%") && !scan_starts(text, at, end, "\\$") &&
             !scan_starts(text, at, end, "\\)") && !scan_starts(text, at, end, "\\,") &&
             !scan_starts(text, at, end, "\\ ")))
            return false;
    *ret = (struct number){minus ? -n.num : n.num, n.den};
    return true;
}

static uint64_t hash_number(struct number n)
{
    return hash_u64(hash_u64(1, (uint64_t)n.num), (uint64_t)n.den);
}

/* Letters, digits and signs without spacing, case and markup. */
static uint64_t hash_folded(const char *text, struct span s)
{
    uint64_t hash = 2;
    for (size_t i = s.start; i < s.end; i++) {
        char c = scan_lower(text[i]);
        if (!scan_is_space(c) && !strchr("$*`~&", c))
            hash = hash_bytes(hash, &c, 1);
    }
    return hash;
}

/* Content words, order kept, plural dropped; 0 when fewer than least. */
static uint64_t hash_words(const char *text, struct span s, size_t least)
{
    static const char *const stops[] = {
        "a",    "an",   "the",   "of",  "is",   "are",  "was",  "were",  "there", "so",
        "to",   "in",   "on",    "for", "we",   "he",   "she",  "they",  "it",    "and",
        "that", "this", "then",  "has", "have", "be",   "will", "would", "total", "number",
        "his",  "her",  "their", "its", "get",  "gets", "text", "with",  "at"};
    uint64_t hash = 3;
    size_t n = 0;
    for (size_t i = s.start; i < s.end;) {
        size_t from = i;
        while (i < s.end && (scan_is_letter(text[i]) || (unsigned char)text[i] >= 0x80 ||
                             (i > from && scan_is_digit(text[i])) || (i > from && text[i] == '_')))
            i++;
        if (i == from) {
            i++;
            continue;
        }
        size_t len = i - from;
        bool stop = false;
        for (size_t k = 0; k < sizeof stops / sizeof *stops && !stop; k++)
            stop = strlen(stops[k]) == len && scan_starts(text, from, i, stops[k]);
        if (stop && least > 1)
            continue;
        if (len > 3 && text[i - 1] == 's')
            len--;
        for (size_t k = 0; k < len; k++) {
            char c = len > 1 ? scan_lower(text[from + k]) : text[from + k]; /* X is not x */
            hash = hash_bytes(hash, &c, 1);
        }
        hash = hash_bytes(hash, " ", 1);
        n++;
    }
    return n >= least ? hash : 0;
}

/* One sign of an expression at text[at]: its canonical character in *ret, its length; 0: no sign.
 * Blanks and markup have the character 0. */
static size_t expression_sign(const char *text, size_t at, size_t end, char *ret)
{
    static const struct {
        const char *from;
        char to;
    } signs[] = {{"\\times", '*'},  {"\\cdot", '*'},       {"\\div", '/'},
                 {"\\left", 0},     {"\\right", 0},        {"\\,", 0},
                 {"\\$", 0},        {"\xC3\x97", '*'},     {"\xC3\xB7", '/'},
                 {"\xC2\xB7", '*'}, {"\xE2\x88\x92", '-'}, {"\\(", 0},
                 {"**", '^'},       {"\xE2\x8B\x85", '*'}};
    char c = text[at];
    for (size_t k = 0; k < sizeof signs / sizeof *signs; k++)
        if (c == signs[k].from[0] && scan_starts(text, at, end, signs[k].from)) {
            *ret = signs[k].to;
            return strlen(signs[k].from);
        }
    if (scan_is_digit(c) || (c && strchr("+-*/^().%!", c))) {
        *ret = c;
        return 1;
    }
    if (c == ',' || c == '$' || scan_is_blank(c)) {
        *ret = 0;
        return 1;
    }
    if ((c == 'x' || c == 'X') && (at + 1 == end || !scan_is_letter(text[at + 1]))) {
        *ret = '*';
        return 1;
    }
    return 0;
}

/* Hash of a closed expression, with the operands of a pure sum or product in one order; 0 unless
 * it calculates something. */
static uint64_t hash_expression(const char *text, struct span s)
{
    uint64_t whole = 4, operand = 4, operands = 0;
    size_t n_signs = 0;
    char only = 0, c;
    bool pure = true;
    for (size_t i = s.start, len; i < s.end; i += len) {
        len = expression_sign(text, i, s.end, &c);
        if (len == 0)
            return 0;
        if (c == 0)
            continue;
        whole = hash_bytes(whole, &c, 1);
        if (!scan_is_digit(c) && c != '.') {
            n_signs += strchr("+-*/^!%", c) != NULL;
            pure = pure && (c == '+' || c == '*') && (only == 0 || only == c);
            only = c;
            operands += operand;
            operand = 4;
        } else {
            operand = hash_bytes(operand, &c, 1);
        }
    }
    if (n_signs == 0)
        return 0;
    return pure ? hash_bytes(operands + operand, &only, 1) : whole;
}

/* Where the expression that ends at s.end begins. */
static size_t expression_start(const char *text, struct span s)
{
    size_t start = s.end, word = s.start;
    /* The last stretch that reads as signs to the end; found forward, since signs are of many
     * bytes. */
    for (size_t i = s.start; i < s.end;) {
        char c;
        bool touches = i > s.start && scan_is_letter(text[i - 1]);
        size_t len = touches && scan_is_letter(text[i]) ? 0 : expression_sign(text, i, s.end, &c);
        if (len == 0) {
            word = i + 1;
            i++;
            continue;
        }
        i += len;
    }
    start = word;
    while (start < s.end && (scan_is_space(text[start]) || text[start] == '.'))
        start++;
    return start;
}

static bool read_equation(const char *claim, size_t len, size_t first, size_t last,
                          struct quantity *ret)
{
    struct number n;
    struct span value = scan_trim(claim, (struct span){last, len});
    while (value.end > value.start && strchr(".,;:", claim[value.end - 1]))
        value.end--;
    if (value.start == value.end)
        return false;
    ret->value =
        read_value(claim, value.start, value.end, &n) ? hash_number(n) : hash_folded(claim, value);
    struct span left = {0, first};
    ret->expr = hash_expression(claim, (struct span){expression_start(claim, left), first});
    const char *colon = memrchr(claim, ':', first);
    size_t label = colon ? (size_t)(colon - claim) : 0;
    if (label)
        ret->words = hash_words(claim, (struct span){0, label}, 1);
    else if (!ret->expr)
        ret->words = hash_folded(claim, left);
    return ret->words || ret->expr;
}

bool quantity_read(const char *claim, struct quantity *ret)
{
    size_t len = strlen(claim), first = 0, last = 0, numbers = 0, number_at = 0, number_end = 0;
    *ret = (struct quantity){.words = 0};
    for (size_t i = 0; i < len;) {
        size_t sign = statements_relation(claim, i, len);
        if (sign) {
            first = last ? first : i;
            last = i + sign;
            i += sign;
        } else if (scan_is_digit(claim[i])) {
            struct number n;
            number_at = i;
            if (!read_decimal(claim, &i, len, &n))
                i++;
            number_end = i;
            numbers++;
        } else {
            i++;
        }
    }
    if (last && first > 0)
        return read_equation(claim, len, first, last, ret);
    if (numbers != 1)
        return false;
    struct number n;
    if (!read_value(claim, number_at, number_end, &n))
        return false;
    ret->value = hash_number(n);
    ret->words = hash_words(claim, (struct span){0, len}, 2);
    return ret->words != 0;
}
