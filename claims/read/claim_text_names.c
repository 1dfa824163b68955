/*
 * claim_text_names.c - the lone letters of a text that are names.
 *
 * A name is a lone letter, Latin or Greek, with its index: x, a_1, \alpha. What else a lone letter
 * can be is excluded case by case: the article, the word I, a unit behind a number, a choice, the
 * sign of multiplication, the constants e, i and pi, derivatives. When in doubt a letter is a name:
 * the claim is then verified jointly, which costs a call but no truth.
 */
#include "claims/read/claim_text_internal.h"

#include <utf8proc.h>

#include "base/utf8.h"

static const struct greek {
    const char *command;
    uint32_t point;
} greek[] = {
    {"alpha", 0x3B1},   {"beta", 0x3B2},       {"gamma", 0x3B3},  {"delta", 0x3B4},
    {"epsilon", 0x3B5}, {"varepsilon", 0x3B5}, {"zeta", 0x3B6},   {"eta", 0x3B7},
    {"theta", 0x3B8},   {"vartheta", 0x3B8},   {"kappa", 0x3BA},  {"lambda", 0x3BB},
    {"mu", 0x3BC},      {"nu", 0x3BD},         {"xi", 0x3BE},     {"rho", 0x3C1},
    {"sigma", 0x3C3},   {"tau", 0x3C4},        {"phi", 0x3C6},    {"varphi", 0x3C6},
    {"chi", 0x3C7},     {"psi", 0x3C8},        {"omega", 0x3C9},  {"Gamma", 0x393},
    {"Delta", 0x394},   {"Theta", 0x398},      {"Lambda", 0x39B}, {"Phi", 0x3A6},
    {"Psi", 0x3A8},     {"Omega", 0x3A9},
};

static bool is_greek(uint32_t point)
{
    return point >= 0x391 && point <= 0x3C9 && point != 0x3C0 && point != 0x3A3; /* pi, Sigma */
}

static char byte_at(const struct letters *r, size_t at)
{
    return at < r->len ? r->text[at] : '\0';
}

static char char_before(const struct letters *r, size_t at)
{
    return at > 0 ? r->text[at - 1] : '\0';
}

/* Over a LaTeX command; true when it is a Greek letter. */
static bool read_command(struct letters *r)
{
    size_t start = r->at++;
    if (byte_at(r, r->at) == '(' || byte_at(r, r->at) == '[')
        r->math = true;
    else if (byte_at(r, r->at) == ')' || byte_at(r, r->at) == ']')
        r->math = false;
    if (!scan_is_letter(byte_at(r, r->at))) {
        r->at += r->at < r->len;
        return false;
    }
    while (scan_is_letter(byte_at(r, r->at)))
        r->at++;
    size_t len = r->at - start - 1;
    for (size_t k = 0; k < sizeof greek / sizeof *greek; k++)
        if (strlen(greek[k].command) == len &&
            !memcmp(r->text + start + 1, greek[k].command, len)) {
            r->start = start;
            r->end = r->at;
            r->point = greek[k].point;
            return true;
        }
    static const char *const words[] = {"text",         "mathrm", "textbf", "mbox",
                                        "operatorname", "begin",  "end",    "mathbf"};
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (strlen(words[k]) == len && !memcmp(r->text + start + 1, words[k], len) &&
            byte_at(r, r->at) == '{') { /* words, no names */
            const char *close = memchr(r->text + r->at, '}', r->len - r->at);
            r->at = close ? (size_t)(close - r->text) + 1 : r->len;
        }
    return false;
}

static bool is_letter_at(const struct letters *r, size_t at, size_t *ret_len, uint32_t *ret_point)
{
    char c = byte_at(r, at);
    *ret_len = 1;
    *ret_point = (unsigned char)c;
    if ((unsigned char)c < 0x80)
        return scan_is_letter(c);
    *ret_len = utf8_decode(r->text + at, r->len - at, ret_point);
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)*ret_point);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

/* The letters side by side from r->at; how many, and where they end. */
static size_t read_run(struct letters *r, size_t *ret_end)
{
    size_t n = 0, len, at = r->at;
    uint32_t point;
    while (at < r->len && is_letter_at(r, at, &len, &point)) {
        at += len;
        n++;
    }
    *ret_end = at;
    return n;
}

/* Two or three letters of a formula that are one word. */
static bool is_function(const char *text, size_t len)
{
    static const char *const words[] = {
        "sin", "cos", "tan", "cot", "sec", "csc", "log", "ln",  "exp", "max", "min",
        "mod", "gcd", "lcm", "det", "dim", "lim", "arg", "deg", "and", "or",  "if",
        "cm",  "mm",  "km",  "kg",  "mg",  "ml",  "ft",  "in",  "oz",  "lb",  "dx",
        "dy",  "dt",  "th",  "st",  "nd",  "rd",  "mph", "to",  "is",  "of",  "the"};
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (strlen(words[k]) == len && scan_starts(text, 0, len, words[k]))
            return true;
    return false;
}

size_t claim_text_before(const struct letters *r)
{
    size_t at = r->start;
    while (at > 0 && scan_is_blank(r->text[at - 1]))
        at--;
    return at;
}

size_t claim_text_after(const struct letters *r)
{
    size_t at = r->end;
    while (at < r->len && scan_is_blank(r->text[at]))
        at++;
    return at;
}

/* 5 m, 3 h, 5 m/s: behind a number, or below another unit. */
static bool is_unit(const struct letters *r)
{
    size_t b = claim_text_before(r), a = claim_text_after(r);
    char prev = char_before(r, b), next = byte_at(r, a);
    if (!strchr("mgshLlVNWJKCFA", r->text[r->start]))
        return false;
    if (prev == '/') {
        char unit = char_before(r, b - 1);
        return scan_is_letter(unit) || unit == '}' || unit == '$';
    }
    if (!scan_is_digit(prev) || byte_at(r, r->end) == '_')
        return false;
    /* "5m + 3 = 18" has a name, "5 m + 3 m" units: a letter that touches its number is a name when
     * the claim goes on to calculate with it. */
    return b < r->start || !next || !strchr("+-*^=<>(", next);
}

static bool is_times(const struct letters *r)
{
    char letter = r->text[r->start];
    if (letter != 'x' && letter != 'X')
        return false;
    size_t b = claim_text_before(r), a = claim_text_after(r);
    char prev = char_before(r, b), next = byte_at(r, a);
    bool spaced = b < r->start && a > r->end;
    bool left = scan_is_digit(prev) || ((prev == ')' || prev == '%' || prev == '$') && spaced);
    bool right = scan_is_digit(next) || ((next == '(' || next == '$' || next == '.') && spaced) ||
                 (next == '$' && scan_is_digit(byte_at(r, a + 1)));
    if (spaced && scan_is_digit(next) && scan_is_letter(prev))
        return true; /* "3 dogs x 4" */
    return left && right;
}

/* "the area A", "a is 5": no article. */
static bool is_named_a(const struct letters *r, size_t a)
{
    static const char *const verbs[] = {"is", "was", "equals", "has", "must", "and"};
    size_t b = claim_text_before(r);
    if (r->text[r->start] == 'A' && b < r->start && scan_is_letter(char_before(r, b)))
        return true;
    for (size_t k = 0; k < sizeof verbs / sizeof *verbs; k++)
        if (scan_word(r->text, a, r->len, verbs[k]))
            return true;
    return false;
}

static bool is_word_letter(const struct letters *r)
{
    char c = r->text[r->start], prev = char_before(r, r->start), next = byte_at(r, r->end);
    size_t a = claim_text_after(r);
    char far = byte_at(r, a);
    if (prev == '\'' || scan_ends(r->text, 0, r->start, "\xE2\x80\x99"))
        return true; /* Tom's */
    if ((next == '\'' || scan_starts(r->text, r->end, r->len, "\xE2\x80\x99")) &&
        scan_is_letter(byte_at(r, r->end + (next == '\'' ? 1 : 3))))
        return true; /* I'm, o'clock */
    if ((next == '-' && scan_is_letter(byte_at(r, r->end + 1)) &&
         scan_is_letter(byte_at(r, r->end + 2))) ||
        (prev == '-' && r->start > 1 && scan_is_letter(r->text[r->start - 2]) && r->start > 2 &&
         scan_is_letter(r->text[r->start - 3])))
        return true; /* x-axis, T-shirt, vitamin-C */
    if (next == '.' && scan_is_letter(byte_at(r, r->end + 1)))
        return true; /* p.m., U.S. */
    if (prev == '.' && r->start > 1 && scan_is_letter(r->text[r->start - 2]) && next == '.')
        return true;
    if (r->math)
        return false;
    bool word_follows = a > r->end && scan_is_letter(far) && scan_is_letter(byte_at(r, a + 1));
    if ((c == 'a' || c == 'A') && a > r->end && !is_named_a(r, a))
        return word_follows || scan_is_digit(far) || far == '$' || far == '"';
    return c == 'I' && (word_follows || (a > r->end && scan_is_letter(far)));
}

/* (B), option B, B) 42 */
static bool is_choice_letter(const struct letters *r)
{
    static const char *const words[] = {"option", "options", "choice",
                                        "answer", "choose",  "select"};
    char prev = char_before(r, r->start), next = byte_at(r, r->end);
    size_t b = claim_text_before(r);
    if (r->text[r->start] < 'A' || r->text[r->start] > 'J')
        return false;
    if (next == ')' && (r->start == 0 || scan_is_space(prev)))
        return true;
    if (prev == '(' && next == ')' &&
        (r->start == 1 || !scan_is_letter(char_before(r, r->start - 1))))
        return true;
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (scan_ends(r->text, 0, b, words[k]) ||
            (prev == '(' && scan_ends(r->text, 0, b ? b - 1 : 0, words[k])))
            return true;
    return scan_ends(r->text, 0, b, "answer is");
}

/* e, i, derivatives, 12C3, C(5,2), P(heads), 1E5 */
static bool is_standard(const struct letters *r)
{
    char c = r->text[r->start], prev = char_before(r, r->start), next = byte_at(r, r->end);
    bool digits = scan_is_digit(prev);
    if (c == 'e' || c == 'i')
        return true;
    if (c == 'E' && digits && (scan_is_digit(next) || next == '+' || next == '-'))
        return true;
    if (c == 'd')
        return next == '/' || prev == '/' || scan_ends(r->text, 0, r->start, "\\frac{") ||
               scan_ends(r->text, 0, r->start, "}{");
    if (c == 'C' || c == 'P')
        return next == '(' || (digits && scan_is_digit(next)) ||
               (claim_text_before(r) > 0 && scan_is_digit(char_before(r, claim_text_before(r))) &&
                scan_is_digit(byte_at(r, claim_text_after(r))));
    return false;
}

bool claim_text_next_name(struct letters *r)
{
    while (r->at < r->len) {
        size_t end, len;
        uint32_t point;
        char c = r->text[r->at];
        if (c == '\\') {
            if (read_command(r))
                return true;
            continue;
        }
        if (c == '$' && !scan_is_digit(byte_at(r, r->at + 1)))
            r->math = !r->math;
        else if (c == '$' && r->math)
            r->math = false;
        else if (c == '$')
            r->math = memchr(r->text + r->at + 1, '$', r->len - r->at - 1) != NULL;
        if (!is_letter_at(r, r->at, &len, &point)) {
            r->at += len;
            continue;
        }
        size_t n = read_run(r, &end);
        r->start = r->at;
        r->end = r->at + len;
        r->point = point;
        if (n > 1 && r->math && n <= 3 && point < 0x80 &&
            !is_function(r->text + r->at, end - r->at)) {
            r->at += len; /* letters side by side multiply */
            return !is_standard(r);
        }
        r->at = end;
        if (n == 1 && (point < 0x80 ? !is_word_letter(r) && !is_times(r) && !is_choice_letter(r) &&
                                          !is_unit(r) && !is_standard(r)
                                    : is_greek(point)))
            return true;
    }
    return false;
}
