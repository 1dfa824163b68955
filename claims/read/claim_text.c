/*
 * claim_text.c - the key of a claim, and the names that it leaves undefined.
 *
 * A name is a lone letter, Latin or Greek, with its index: x, a_1, \alpha. What else a lone letter
 * can be is excluded case by case: the article, the word I, a unit behind a number, a choice, the
 * sign of multiplication, the constants e, i and pi, derivatives. When in doubt a letter is a name:
 * the claim is then verified jointly, which costs a call but no truth.
 */
#include "claims/read/claim_text.h"

#include <stdint.h>
#include <stdlib.h>

#include <utf8proc.h>

#include "base/utf8.h"
#include "claims/text/scan.h"

/* ---- key ---- */

static bool is_white(uint32_t point)
{
    if (point < 0x80)
        return scan_is_space((char)point);
    return utf8proc_category((utf8proc_int32_t)point) == UTF8PROC_CATEGORY_ZS || point == 0x85 ||
           point == 0x2028 || point == 0x2029;
}

char *claim_key(const char *text, struct arena *arena)
{
    utf8proc_uint8_t *nfc = NULL;
    utf8proc_ssize_t len = utf8proc_map((const utf8proc_uint8_t *)text, 0, &nfc,
                                        UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    if (len < 0) { /* without memory, or text that is not valid: as it stands */
        free(nfc);
        return len == UTF8PROC_ERROR_NOMEM ? NULL : arena_strdup(arena, text);
    }
    char *key = arena_alloc(arena, (size_t)len + 1);
    size_t out = 0;
    bool gap = false;
    for (size_t i = 0; key && i < (size_t)len;) {
        uint32_t point;
        size_t n = utf8_decode((char *)nfc + i, (size_t)len - i, &point);
        if (is_white(point)) {
            gap = out > 0;
        } else {
            if (gap)
                key[out++] = ' ';
            gap = false;
            memcpy(key + out, nfc + i, n);
            out += n;
        }
        i += n;
    }
    free(nfc);
    return key;
}

/* ---- names ---- */

#define NAMES_MAX 256 /* different names of a problem that are remembered */

struct names {
    uint32_t point[NAMES_MAX];
    size_t n;
};

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

/* A reader over the lone letters of a text. */
struct letters {
    const char *text;
    size_t len, at;
    bool math;         /* inside $...$ or \(...\) */
    size_t start, end; /* of the letter found */
    uint32_t point;
};

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

/* What is before r->start, blanks skipped. */
static size_t before(const struct letters *r)
{
    size_t at = r->start;
    while (at > 0 && scan_is_blank(r->text[at - 1]))
        at--;
    return at;
}

static size_t after(const struct letters *r)
{
    size_t at = r->end;
    while (at < r->len && scan_is_blank(r->text[at]))
        at++;
    return at;
}

/* 5 m, 3 h, 5 m/s: behind a number, or below another unit. */
static bool is_unit(const struct letters *r)
{
    size_t b = before(r), a = after(r);
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
    size_t b = before(r), a = after(r);
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
    size_t b = before(r);
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
    size_t a = after(r);
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
    size_t b = before(r);
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
               (before(r) > 0 && scan_is_digit(char_before(r, before(r))) &&
                scan_is_digit(byte_at(r, after(r))));
    return false;
}

/* The next lone letter that is used as a name. */
static bool next_name(struct letters *r)
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

static struct letters letters_of(const char *text)
{
    return (struct letters){.text = text, .len = strlen(text)};
}

static bool names_has(const struct names *names, uint32_t point)
{
    for (size_t i = 0; i < names->n; i++)
        if (names->point[i] == point)
            return true;
    return false;
}

static void names_of(const char *text, struct names *ret)
{
    ret->n = 0;
    for (struct letters r = letters_of(text); ret->n < NAMES_MAX && next_name(&r);)
        if (!names_has(ret, r.point))
            ret->point[ret->n++] = r.point;
}

/* "let x be", "where x is", "x denotes": the claim says itself what the name stands for. */
static bool defines(const struct letters *r)
{
    static const char *const introduced[] = {"let", "where", "denote by", "call", "denote"};
    static const char *const follows[] = {"denotes", "represents", "stands for", "be the",
                                          "is the",  "denote",     "represent"};
    size_t b = before(r), a = after(r);
    while (b > 0 && strchr("$( ", r->text[b - 1]))
        b--;
    while (a < r->len && strchr("$) ", r->text[a]))
        a++;
    for (size_t k = 0; k < sizeof introduced / sizeof *introduced; k++)
        if (scan_ends(r->text, 0, b, introduced[k]))
            return true;
    for (size_t k = 0; k < sizeof follows / sizeof *follows; k++)
        if (scan_word(r->text, a, r->len, follows[k]))
            return true;
    return false;
}

/* "this equals 7", "it is 12", "the result is 5" */
static bool points_back(const char *claim)
{
    static const char *const lead[] = {"so", "then", "thus", "and", "but", "hence", "therefore"};
    static const char *const words[] = {
        "it",         "this",      "that",     "these",      "those",      "they", "which",
        "the result", "the above", "the same", "the latter", "the former", "his",  "its"};
    size_t at = 0, len = strlen(claim);
    for (bool again = true; again;) {
        again = false;
        while (at < len && strchr(" ,", claim[at]))
            at++;
        for (size_t k = 0; k < sizeof lead / sizeof *lead && !again; k++)
            if (scan_word(claim, at, len, lead[k])) {
                at += strlen(lead[k]);
                again = true;
            }
    }
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (scan_word(claim, at, len, words[k]))
            return true;
    return false;
}

bool claim_is_contextual(const char *problem, const char *claim)
{
    if (points_back(claim))
        return true;
    struct names given, used = {.n = 0}, defined = {.n = 0};
    bool read_problem = false;
    for (struct letters r = letters_of(claim); used.n < NAMES_MAX && next_name(&r);) {
        if (defines(&r) && defined.n < NAMES_MAX)
            defined.point[defined.n++] = r.point;
        if (!names_has(&used, r.point))
            used.point[used.n++] = r.point;
    }
    for (size_t i = 0; i < used.n; i++) {
        if (names_has(&defined, used.point[i]))
            continue;
        if (!read_problem)
            names_of(problem, &given);
        read_problem = true;
        if (!names_has(&given, used.point[i]))
            return true;
    }
    return false;
}
