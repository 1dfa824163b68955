/*
 * answer_words.c - what stands in a stretch of text that may be an answer. All that finds an answer
 * stands on this.
 *
 * An answer's decoration is taken off layer by layer: marks in pairs, a closing stop, a wrapper, a
 * mark whose partner stands outside.
 */
#include "claims/read/answer_internal.h"

#define ROUNDS_MAX 32 /* layers of decoration that are taken off */

size_t answer_line_start(const char *text, size_t from, size_t at)
{
    const char *newline = memrchr(text + from, '\n', at - from);
    return newline ? (size_t)(newline - text) + 1 : from;
}

size_t answer_count_words(const char *text, struct span s)
{
    size_t n = 0;
    for (size_t i = s.start; i < s.end; i++)
        n += !scan_is_space(text[i]) && (i == s.start || scan_is_space(text[i - 1]));
    return n;
}

bool answer_has_value(const char *text, struct span s)
{
    for (size_t i = s.start; i < s.end; i++)
        if (scan_is_digit(text[i]) || text[i] == '$' || text[i] == '\\')
            return true;
    return false;
}

bool answer_says_something(const char *text, struct span s)
{
    for (size_t i = s.start; i < s.end; i++)
        if (scan_is_digit(text[i]) || scan_is_letter(text[i]) || (unsigned char)text[i] >= 0x80)
            return true;
    return false;
}

static bool wrapped(const char *text, struct span s, const char *open, const char *close)
{
    size_t a = strlen(open), b = strlen(close);
    if (s.end - s.start < a + b || memcmp(text + s.start, open, a) ||
        memcmp(text + s.end - b, close, b))
        return false;
    /* Neither mark may stand inside again: "$5 or $6$" and "(1)+(2)" stay. */
    size_t inner = s.end - s.start - a - b;
    return !memmem(text + s.start + a, inner, open, a) &&
           !memmem(text + s.start + a, inner, close, b);
}

/* "\text{B}" is B; "\text{B} + 1" stays. */
static bool unwrap_text(const char *text, struct span *s)
{
    static const char *const commands[] = {"\\text{", "\\textbf{", "\\mathbf{",      "\\mathrm{",
                                           "\\mbox{", "\\textit{", "\\displaystyle{"};
    for (size_t k = 0; k < sizeof commands / sizeof *commands; k++) {
        size_t len = strlen(commands[k]), depth = 1, i = s->start + len;
        if (s->end - s->start <= len || memcmp(text + s->start, commands[k], len))
            continue;
        for (; i < s->end && depth; i++) {
            if (text[i] == '\\')
                i++;
            else
                depth += (text[i] == '{') - (text[i] == '}');
        }
        if (depth || i != s->end)
            return false;
        *s = (struct span){s->start + len, s->end - 1};
        return true;
    }
    return false;
}

static bool strip_end(const char *text, struct span *s)
{
    char c = text[s->end - 1], before = s->end - s->start > 1 ? text[s->end - 2] : ' ';
    bool stop = strchr(".,;:", c) && before != '.';
    bool bang = c == '!' && (scan_is_letter(before) || before == '*' || before == '$') &&
                s->end - s->start > 2 && !scan_is_digit(text[s->end - 3]);
    if (c == '\\' && before == '\\') /* a row's end */
        s->end--;
    else if (!stop && !bang)
        return false;
    s->end--;
    return true;
}

/* The last mark of 5'6". */
static bool ends_inches(const char *text, struct span s)
{
    size_t at = s.end - 1;
    while (at > s.start && (scan_is_digit(text[at - 1]) || text[at - 1] == ' '))
        at--;
    return text[s.end - 1] == '"' && at + 1 < s.end && at > s.start + 1 && text[at - 1] == '\'' &&
           scan_is_digit(text[at - 2]);
}

/* A closing mark whose opening one stands outside: "0$" of "the sum $a+b = 0$". */
static bool strip_unmatched(const char *text, struct span *s)
{
    static const char *const marks[][2] = {
        {"$", "$"}, {"\"", "\""}, {"**", "**"}, {"\\)", "\\("}, {"\\]", "\\["}};
    for (size_t k = 0; k < sizeof marks / sizeof *marks; k++) {
        const char *close = marks[k][0], *open = marks[k][1];
        size_t len = strlen(close), inner = s->end - s->start;
        if (inner <= len || memcmp(text + s->end - len, close, len) ||
            memmem(text + s->start, inner - len, open, len) || ends_inches(text, *s))
            continue;
        s->end -= len;
        return true;
    }
    if (s->end - s->start > 2 && !memcmp(text + s->start, "**", 2) &&
        !memmem(text + s->start + 2, s->end - s->start - 2, "**", 2)) {
        s->start += 2;
        return true;
    }
    return false;
}

struct span answer_clean(const char *text, struct span s)
{
    static const char *const pairs[][2] = {
        {"**", "**"},
        {"__", "__"},
        {"$$", "$$"},
        {"$", "$"},
        {"\\(", "\\)"},
        {"\\[", "\\]"},
        {"`", "`"},
        {"\"", "\""},
        {"*", "*"},
        {"'", "'"},
        {"\xE2\x80\x9C", "\xE2\x80\x9D"},
    };
    bool again = true;
    for (int round = 0; again && round < ROUNDS_MAX; round++) {
        again = false;
        s = scan_trim(text, s);
        if (s.start == s.end)
            break;
        for (size_t k = 0; k < sizeof pairs / sizeof *pairs && !again; k++)
            if (wrapped(text, s, pairs[k][0], pairs[k][1])) {
                s.start += strlen(pairs[k][0]);
                s.end -= strlen(pairs[k][1]);
                again = true;
            }
        if (!again)
            again = strip_end(text, &s) || unwrap_text(text, &s) || strip_unmatched(text, &s);
    }
    return s;
}

bool answer_is_choice(const char *text, struct span s)
{
    s = answer_clean(text, s);
    size_t len = s.end - s.start;
    if (len == 3 && text[s.start] == '(' && text[s.end - 1] == ')')
        s.start++;
    else if (len == 2 && (text[s.end - 1] == ')' || text[s.end - 1] == '.'))
        len = 1;
    else if (len != 1)
        return false;
    return text[s.start] >= 'A' && text[s.start] <= 'J' && text[s.start] != 'I';
}
