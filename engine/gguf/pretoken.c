/*
 * The choices are coded by hand, one function for each alternative that can be long. None
 * backtracks over more than one run of white space, which is what keeps a megabyte of blanks
 * linear.
 */
#include "engine/gguf/pretoken.h"

#include <stdint.h>
#include <string.h>

#include <utf8proc.h>

#include "base/utf8.h"

static const struct pretoken table[] = {
    {.name = "qwen2", .form = PRETOKEN_QWEN2, .digits = 1},
    {.name = "deepseek-r1-qwen", .form = PRETOKEN_QWEN2, .digits = 1},
    {.name = "megrez", .form = PRETOKEN_QWEN2, .digits = 1},
    {.name = "qwen35", .form = PRETOKEN_QWEN2, .digits = 1, .marks = true},
    {.name = "llama-bpe", .form = PRETOKEN_QWEN2, .digits = 3, .whole_words = true, .bos = true},
    {.name = "llama3", .form = PRETOKEN_QWEN2, .digits = 3, .whole_words = true, .bos = true},
    {.name = "llama-v3", .form = PRETOKEN_QWEN2, .digits = 3, .whole_words = true, .bos = true},
    {.name = "falcon3", .form = PRETOKEN_QWEN2, .digits = 3, .whole_words = true, .bos = true},
    {.name = "smaug-bpe", .form = PRETOKEN_QWEN2, .digits = 3},
    {.name = "gpt-2", .form = PRETOKEN_GPT2},
    {.name = "mpt", .form = PRETOKEN_GPT2},
    {.name = "olmo", .form = PRETOKEN_GPT2},
    {.name = "smollm", .form = PRETOKEN_GPT2, .single = true},
    {.name = "starcoder", .form = PRETOKEN_GPT2, .single = true},
    {.name = "refact", .form = PRETOKEN_GPT2, .single = true},
    {.name = "command-r", .form = PRETOKEN_GPT2, .single = true},
};
#define TABLE_SIZE (sizeof table / sizeof *table)

const struct pretoken *pretoken_find(const char *name, size_t len)
{
    for (size_t i = 0; i < TABLE_SIZE; i++)
        if (strlen(table[i].name) == len && memcmp(table[i].name, name, len) == 0)
            return &table[i];
    return NULL;
}

const struct pretoken *pretoken_at(size_t i)
{
    return i < TABLE_SIZE ? &table[i] : NULL;
}

enum kind { /* of characters; a set of them is a sum */
            LETTER = 1,
            NUMBER = 2,
            SPACE = 4,
            NEWLINE = 8,
            OTHER = 16
};

static bool is_space(uint32_t c)
{
    return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
           c == 0x205F || c == 0x3000;
}

static enum kind kind_of(const struct pretoken *p, uint32_t c)
{
    if (c == '\r' || c == '\n')
        return NEWLINE;
    if (is_space(c))
        return SPACE;
    if (c < 0x80) {
        if (c >= '0' && c <= '9')
            return NUMBER;
        return (c | 0x20) >= 'a' && (c | 0x20) <= 'z' ? LETTER : OTHER;
    }
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
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
        return p->marks ? LETTER : OTHER;
    default:
        return OTHER;
    }
}

/* Kind and length of the character at text[i]; the end has length 0. */
static enum kind kind_at(const struct pretoken *p, const char *text, size_t len, size_t i,
                         size_t *ret_n)
{
    uint32_t c;
    *ret_n = utf8_decode(text + i, len - i, &c);
    return *ret_n ? kind_of(p, c) : OTHER;
}

/* Where the run of characters of these kinds that starts at i ends, after at most max of them. */
static size_t skip(const struct pretoken *p, const char *text, size_t len, size_t i, unsigned kinds,
                   size_t max)
{
    for (size_t n; i < len && max > 0; i += n, max--)
        if (!(kind_at(p, text, len, i, &n) & kinds))
            break;
    return i;
}

/* 's|'t|'re|'ve|'m|'ll|'d. With the case ignored the long s is an s. */
static size_t contraction(const char *text, size_t len, bool any_case)
{
    char fold = any_case ? 0x20 : 0;
    if (len < 2 || text[0] != '\'')
        return 0;
    char a = (char)(text[1] | fold), b = len > 2 ? (char)(text[2] | fold) : '\0';
    if (a == 's' || a == 't' || a == 'm' || a == 'd')
        return 2;
    if ((a == 'r' && b == 'e') || (a == 'v' && b == 'e') || (a == 'l' && b == 'l'))
        return 3;
    if (any_case && len > 2 && text[1] == '\xC5' && text[2] == '\xBF')
        return 3;
    return 0;
}

/* [\s*[\r\n]+ |] \s+(?!\S) | \s+ over the white space that text starts with. */
static size_t white_space(const struct pretoken *p, const char *text, size_t len)
{
    size_t end = 0, after_newline = 0, last = 0;
    enum kind next = OTHER;
    for (size_t n; end < len; end += n) {
        next = kind_at(p, text, len, end, &n);
        if (next != SPACE && next != NEWLINE)
            break;
        if (next == NEWLINE)
            after_newline = end + n;
        last = end;
    }
    if (after_newline && p->form == PRETOKEN_QWEN2)
        return after_newline;
    bool at_end = end == len || (p->single && next == NUMBER);
    return at_end || last == 0 ? end : last; /* the last blank goes with the next word */
}

static size_t next_gpt2(const struct pretoken *p, const char *text, size_t len)
{
    size_t n, blank = text[0] == ' ';
    enum kind k = kind_at(p, text, len, blank, &n);
    if (k == NUMBER && p->single && !blank)
        return n;
    if (n == 0 || k & (SPACE | NEWLINE) || (k == NUMBER && p->single))
        return white_space(p, text, len);
    return skip(p, text, len, blank, k, SIZE_MAX);
}

static size_t next_qwen2(const struct pretoken *p, const char *text, size_t len)
{
    size_t n, m;
    enum kind first = kind_at(p, text, len, 0, &n);
    enum kind second = kind_at(p, text, len, n, &m);
    if (first == LETTER || (first != NUMBER && first != NEWLINE && m && second == LETTER))
        return skip(p, text, len, n, LETTER, SIZE_MAX);
    if (first == NUMBER)
        return skip(p, text, len, 0, NUMBER, p->digits);
    if (first == OTHER || (text[0] == ' ' && m && second == OTHER))
        return skip(p, text, len, skip(p, text, len, n, OTHER, SIZE_MAX), NEWLINE, SIZE_MAX);
    return white_space(p, text, len);
}

size_t pretoken_next(const struct pretoken *p, const char *text, size_t len)
{
    if (len == 0)
        return 0;
    size_t short_form = contraction(text, len, p->form == PRETOKEN_QWEN2);
    if (short_form)
        return short_form;
    return p->form == PRETOKEN_QWEN2 ? next_qwen2(p, text, len) : next_gpt2(p, text, len);
}
