/*
 * Scans by hand, since what counts as one number depends on its surroundings: "1,234" is a number
 * at the top level and two in \max(1,234). Digits are gathered into one buffer, so that the value
 * is set once; up to 18 digits never allocate.
 */
#include "claims/math/number.h"

#include <stdlib.h>
#include <string.h>

#include "base/plain.h"

void number_init(struct number *number)
{
    *number = (struct number){0};
    fmpq_init(number->value);
}

void number_fini(struct number *number)
{
    fmpq_clear(number->value);
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digit_run(const char *s)
{
    size_t n = 0;
    while (digit(s[n]))
        n++;
    return n;
}

/* Length of a thousands separator at s, 0 when there is none. */
static size_t separator(const char *s, unsigned how)
{
    static const char *const commas[] = {"{,}\\!", "{,}", ",\\!\\!", ",\\! ", ",\\!", "\\!,",
                                         ",",      "\\,", "\\!",     "\\ ",   "_",    "'"};
    static const char *const spaces[] = {" ", "\xC2\xA0", "\xE2\x80\x89", "\xE2\x80\xAF"};
    if ((how & NUMBER_GROUPS) && *s && strchr(",{\\_'", *s))
        for (size_t i = 0; i < sizeof commas / sizeof *commas; i++)
            if (strncmp(s, commas[i], strlen(commas[i])) == 0)
                return strlen(commas[i]);
    if (how & NUMBER_SPACES)
        for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++)
            if (strncmp(s, spaces[i], strlen(spaces[i])) == 0)
                return strlen(spaces[i]);
    return 0;
}

struct digits {
    char text[NUMBER_DIGITS_MAX + 1];
    size_t len;
    bool overflow;
};

static void take(struct digits *d, const char *s, size_t n)
{
    if (n > NUMBER_DIGITS_MAX - d->len) {
        d->overflow = true;
        return;
    }
    memcpy(d->text + d->len, s, n);
    d->len += n;
}

static void set_digits(fmpz_t z, const char *text, size_t len)
{
    if (len <= 18) {
        slong small = 0;
        for (size_t i = 0; i < len; i++)
            small = small * 10 + (text[i] - '0');
        fmpz_set_si(z, small);
        return;
    }
    char copy[NUMBER_DIGITS_MAX + 1];
    memcpy(copy, text, len);
    copy[len] = '\0';
    fmpz_set_str(z, copy, 10);
}

static void power_of_ten(fmpz_t z, size_t exponent)
{
    fmpz_set_ui(z, 10);
    fmpz_pow_ui(z, z, exponent);
}

/* value = digits * 10^exponent, the last `repeat` digits of the fraction repeating for ever. */
static void set_value(fmpq_t value, const struct digits *d, long exponent, size_t repeat)
{
    fmpz_t power;
    fmpz_init(power);
    set_digits(fmpq_numref(value), d->text, d->len);
    fmpz_one(fmpq_denref(value));
    if (repeat) { /* 0.a(b) = (ab - a) / ((10^|b| - 1) 10^|a|) */
        fmpz_t head;
        fmpz_init(head);
        set_digits(head, d->text, d->len - repeat);
        fmpz_sub(fmpq_numref(value), fmpq_numref(value), head);
        power_of_ten(fmpq_denref(value), repeat);
        fmpz_sub_ui(fmpq_denref(value), fmpq_denref(value), 1);
        exponent += (long)repeat;
        fmpz_clear(head);
    }
    if (exponent) {
        power_of_ten(power, (size_t)labs(exponent));
        fmpz *part = exponent > 0 ? fmpq_numref(value) : fmpq_denref(value);
        fmpz_mul(part, part, power);
    }
    fmpz_clear(power);
    if (exponent || repeat)
        fmpq_canonicalise(value);
}

/* Length of "..." in one of its spellings. */
static size_t dots(const char *s)
{
    static const char *const spellings[] = {"...", "\xE2\x80\xA6", "\\ldots", "\\dots", "\\cdots"};
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++)
        if (strncmp(s, spellings[i], strlen(spellings[i])) == 0)
            return strlen(spellings[i]);
    return 0;
}

/* A dot on the first and the last digit of what repeats: "\\dot{3}", "\\dot{1}4\\dot{2}". */
static size_t dotted(const char *s, struct digits *d, size_t *ret_repeat)
{
    size_t at = 0, n = 0, marks = 0;
    while (marks < 2) {
        if (strncmp(s + at, "\\dot{", 5) == 0 && digit(s[at + 5]) && s[at + 6] == '}') {
            take(d, s + at + 5, 1);
            at += 7;
            marks++;
        } else if (marks == 1 && digit(s[at]) &&
                   strstr(s + at, "\\dot{") == s + at + digit_run(s + at)) {
            take(d, s + at, 1);
            at++;
        } else {
            break;
        }
        n++;
    }
    *ret_repeat = n;
    return at;
}

/* A repeating part at s: "\overline{3}", "\bar{3}", "(3)"; its digits go to d. Returns its length.
 */
static size_t repeating(const char *s, bool bare, struct digits *d, size_t *ret_repeat)
{
    static const char *const opens[] = {"\\overline{", "\\bar{", "("};
    for (size_t i = 0; i < sizeof opens / sizeof *opens; i++) {
        size_t open = strlen(opens[i]);
        if (strncmp(s, opens[i], open) != 0 || (opens[i][0] == '(' && !bare))
            continue;
        size_t n = digit_run(s + open);
        if (n == 0 || s[open + n] != (opens[i][0] == '(' ? ')' : '}'))
            continue;
        take(d, s + open, n);
        *ret_repeat = n;
        return open + n + 1;
    }
    return dotted(s, d, ret_repeat);
}

static size_t whole_part(const char *s, unsigned how, struct digits *d)
{
    size_t n = digit_run(s), at = n;
    take(d, s, n);
    if (n == 0 || n > 3 || s[0] == '0')
        return at;
    size_t first = 0; /* the same separator all along */
    const char *kind = s + at;
    for (;;) {
        size_t sep = separator(s + at, how);
        if (sep == 0 || (first && (sep != first || memcmp(kind, s + at, sep) != 0)) ||
            digit_run(s + at + sep) != 3)
            return at;
        if (s[at] == ' ' && s[at + sep + 3] == '/')
            return at; /* "1 100/200" is a mixed number */
        first = sep;
        take(d, s + at + sep, 3);
        at += sep + 3;
    }
}

static size_t exponent_part(const char *s, long *ret_exponent)
{
    if (s[0] != 'e' && s[0] != 'E')
        return 0;
    size_t sign = s[1] == '+' || s[1] == '-';
    size_t n = digit_run(s + 1 + sign);
    if (n == 0 || plain_is_letter(s[1 + sign + n]))
        return 0;
    long value = 0;
    for (size_t i = 0; i < n; i++)
        if (value <= NUMBER_EXPONENT_MAX)
            value = value * 10 + (s[1 + sign + i] - '0');
    *ret_exponent = s[1] == '-' ? -value : value;
    return 1 + sign + n;
}

size_t number_scan(const char *text, unsigned how, struct number *ret)
{
    struct digits d;
    d.len = 0;
    d.overflow = false;
    size_t at = whole_part(text, how, &d), fraction = 0, repeat = 0;
    struct number number;
    number_init(&number);
    size_t comma =
        at && text[at] == '{' && strncmp(text + at, "{,}", 3) == 0 ? digit_run(text + at + 3) : 0;
    if (comma && (how & NUMBER_GROUPS) && (comma != 3 || text[0] == '0')) { /* 12{,}3 */
        take(&d, text + at + 3, comma);
        fraction = comma;
        at += 3 + comma;
        number.point = number.comma = true;
    }
    if (!fraction && text[at] == '.' &&
        (digit(text[at + 1]) || (at && (text[at + 1] == '\\' || text[at + 1] == '(')))) {
        size_t run = digit_run(text + at + 1);
        take(&d, text + at + 1, run);
        size_t more = repeating(text + at + 1 + run, run == 0, &d, &repeat);
        if (run || more) {
            fraction = run + repeat;
            at += 1 + run + more;
            number.point = !repeat;
        }
        if (run && !repeat && dots(text + at)) {
            number.cut = true;
            at += dots(text + at);
        }
    }
    if (at == 0)
        return 0;
    long exponent = 0;
    at += exponent_part(text + at, &exponent);
    number.too_big = d.overflow || labs(exponent) > NUMBER_EXPONENT_MAX;
    if (!number.too_big) {
        set_value(number.value, &d, exponent - (long)fraction, repeat);
        size_t zeros = 0;
        while (zeros < d.len && d.text[zeros] == '0')
            zeros++;
        number.significant = (int)(d.len - zeros);
        number.ulp = (int)(exponent - (long)fraction);
    }
    *ret = number;
    return at;
}

bool number_in_base(const char *text, size_t len, int base, fmpq_t ret_value)
{
    if (len == 0 || len > NUMBER_DIGITS_MAX || base < 2 || base > 36)
        return false;
    fmpz_t value;
    fmpz_init(value);
    bool good = true;
    for (size_t i = 0; good && i < len; i++) {
        char c = text[i];
        int v = digit(c) ? c - '0' : plain_is_letter(c) ? plain_upper(c) - 'A' + 10 : 99;
        good = v < base;
        fmpz_mul_si(value, value, base);
        fmpz_add_ui(value, value, (ulong)v);
    }
    if (good) {
        fmpz_set(fmpq_numref(ret_value), value);
        fmpz_one(fmpq_denref(ret_value));
    }
    fmpz_clear(value);
    return good;
}

void number_text(const struct number *number, char *text, size_t size)
{
    size_t digits = fmpz_sizeinbase(fmpq_numref(number->value), 10) +
                    fmpz_sizeinbase(fmpq_denref(number->value), 10);
    text[0] = '\0';
    if (digits + 4 > size)
        return;
    fmpz_get_str(text, 10, fmpq_numref(number->value));
    if (!fmpz_is_one(fmpq_denref(number->value))) {
        size_t at = strlen(text);
        text[at] = '/';
        fmpz_get_str(text + at + 1, 10, fmpq_denref(number->value));
    }
}

bool number_rounds(const struct number *a, const fmpq_t b)
{
    if (!a->point || a->significant < 3)
        return false;
    fmpq_t distance, half;
    fmpq_init(distance);
    fmpq_init(half);
    fmpq_sub(distance, a->value, b);
    fmpq_abs(distance, distance);
    fmpq_set_si(half, a->cut ? 2 : 1, 2); /* a cut decimal is off by up to one last digit */
    fmpz_t power;
    fmpz_init(power);
    power_of_ten(power, (size_t)abs(a->ulp));
    if (a->ulp >= 0)
        fmpq_mul_fmpz(half, half, power);
    else
        fmpq_div_fmpz(half, half, power);
    bool rounds = fmpq_cmp(distance, half) <= 0;
    fmpz_clear(power);
    fmpq_clear(distance);
    fmpq_clear(half);
    return rounds;
}
