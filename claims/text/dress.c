/* Peels one layer at a time until none is left. */
#include "claims/text/dress.h"

#include <string.h>

#include "base/plain.h"
#include "claims/text/qualify.h"

#define LAYERS_MAX 32

static bool starts(const char *s, size_t len, const char *word)
{
    size_t n = strlen(word);
    return len >= n && plain_compare(s, word, n) == 0;
}

static bool trim(const char **text, size_t *len)
{
    size_t before = *len;
    while (*len && plain_is_space((*text)[0])) {
        (*text)++;
        (*len)--;
    }
    while (*len && (plain_is_space((*text)[*len - 1])))
        (*len)--;
    static const char hope[] = "I hope it is correct";
    if (*len > sizeof hope && memcmp(*text + *len - sizeof hope + 1, hope, sizeof hope - 1) == 0)
        *len -= sizeof hope - 1;
    bool dots = *len >= 3 && memcmp(*text + *len - 3, "...", 3) == 0;
    if (*len > 2 && memcmp(*text + *len - 2, "\\\\", 2) == 0) /* a row's end */
        *len -= 2;
    while (*len && !dots && strchr(".;:,", (*text)[*len - 1]) &&
           !(*len > 1 && (*text)[*len - 2] == '\\'))
        (*len)--;
    return *len != before;
}

/* The closing brace of the group that opens at s[open], or len. */
static size_t group_end(const char *s, size_t len, size_t open)
{
    int depth = 0;
    for (size_t i = open; i < len; i++) {
        if (s[i] == '\\')
            i++;
        else if (s[i] == '{')
            depth++;
        else if (s[i] == '}' && --depth == 0)
            return i;
    }
    return len;
}

static bool contains(const char *s, size_t len, const char *what)
{
    size_t n = strlen(what);
    for (size_t i = 0; i + n <= len; i++)
        if (memcmp(s + i, what, n) == 0)
            return true;
    return false;
}

static bool unwrap(const char **text, size_t *len)
{
    static const char *const pairs[][2] = {
        {"**", "**"}, {"$$", "$$"}, {"$", "$"}, {"\\[", "\\]"}, {"\\(", "\\)"},
        {"`", "`"},   {"\"", "\""}, {"*", "*"}, {"__", "__"},   {"<answer>", "</answer>"},
        {"'", "'"},   {"“", "”"},   {"‘", "’"}};
    const char *s = *text;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        size_t a = strlen(pairs[i][0]), b = strlen(pairs[i][1]);
        if (*len > a + b && memcmp(s, pairs[i][0], a) == 0 &&
            memcmp(s + *len - b, pairs[i][1], b) == 0 &&
            !contains(s + a, *len - a - b, pairs[i][1]) && s[*len - b - 1] != '\\') {
            *text += a;
            *len -= a + b;
            return true;
        }
    }
    static const char *const groups[] = {"\\boxed", "\\fbox", "boxed", "\\displaystyle"};
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        size_t n = strlen(groups[i]);
        if (starts(s, *len, groups[i]) && *len > n && s[n] == '{' &&
            group_end(s, *len, n) == *len - 1) {
            *text += n + 1;
            *len -= n + 2;
            return true;
        }
    }
    return false;
}

/* Length of "\\text{The answer is }" when lead is all that it says and something follows. */
static size_t lead_in_text(const char *s, size_t len, const char *lead)
{
    if (!starts(s, len, "\\text{"))
        return 0;
    size_t end = group_end(s, len, 5), colon = end;
    while (colon > 6 && colon < len && s[colon - 1] == ' ')
        colon--;
    if (colon > 6 && end + 1 < len && s[colon - 1] == ':') /* "\text{Total: } 45" */
        return end + 1;
    size_t inner = 6 + strspn(s + 6, " "), n = strlen(lead);
    if (end + 1 >= len || !starts(s + inner, end - inner, lead))
        return 0;
    for (inner += n; inner < end; inner++)
        if (!strchr(" :", s[inner]))
            return 0;
    return end + 1;
}

static bool drop_lead(const char **text, size_t *len)
{
    static const char *const leads[] = {"**answer:**",
                                        "**final answer:**",
                                        "**answer**:",
                                        "**final answer**:",
                                        "therefore",
                                        "thus",
                                        "hence",
                                        "so",
                                        "the final answer is",
                                        "final answer",
                                        "the answer is",
                                        "the answer",
                                        "answer is",
                                        "answer",
                                        "ans",
                                        "we get",
                                        "we have",
                                        "it is",
                                        "it equals",
                                        "approximately",
                                        "approx.",
                                        "approx",
                                        "about",
                                        "is",
                                        "equals",
                                        "the value is",
                                        "the solution is",
                                        "the solutions are",
                                        "solutions",
                                        "solution",
                                        "the result is",
                                        "result",
                                        "=",
                                        ":",
                                        ",",
                                        "\\approx",
                                        "\xE2\x89\x88"};
    size_t hashes = 0; /* "#### 5" */
    while (hashes < *len && (*text)[hashes] == '#')
        hashes++;
    if (hashes > 1 && hashes < *len) {
        *text += hashes;
        *len -= hashes;
        return true;
    }
    for (size_t i = 0; i < sizeof leads / sizeof *leads; i++) {
        size_t n = strlen(leads[i]), skip = lead_in_text(*text, *len, leads[i]);
        if (skip) {
            *text += skip;
            *len -= skip;
            return true;
        }
        bool word = plain_is_letter(leads[i][n - 1]);
        if (starts(*text, *len, leads[i]) && *len > n &&
            !(word && (plain_is_word((*text)[n]) || strchr("+-*/^_=({\\", (*text)[n])))) {
            *text += n;
            *len -= n;
            return true;
        }
    }
    return false;
}

void dress_off(const char **text, size_t *len)
{
    bool more = true;
    for (int layer = 0; more && layer < LAYERS_MAX; layer++) {
        more = trim(text, len);
        more = unwrap(text, len) || more;
        more = drop_lead(text, len) || more;
    }
}

/* "There is no integer n such that n = 5": what follows is not asserted. */
static bool denies(const char *s, size_t len)
{
    static const char *const words[] = {"no",      "not",    "never", "if",     "unless",
                                        "without", "except", "isn't", "doesn't"};
    if (len > 10 && starts(s + len - 10, 10, "cannot be "))
        return true;
    size_t sentence = len;
    while (sentence > 1 && !(s[sentence - 1] == ' ' && strchr(".!?", s[sentence - 2])))
        sentence--;
    for (size_t i = sentence > 1 ? sentence : 0; i < len; i++) {
        if (i > 0 && plain_is_letter(s[i - 1]))
            continue;
        for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
            size_t n = strlen(words[k]);
            if (starts(s + i, len - i, words[k]) && (i + n == len || !plain_is_letter(s[i + n])))
                return true;
        }
    }
    return false;
}

/* Behind the one equals sign of the text; 0 when there is none, or more. */
static size_t after_equals(const char *text, size_t len)
{
    const char *sign = memchr(text, '=', len);
    if (!sign || sign == text || strchr("<>!:~", sign[-1]))
        return 0;
    size_t after = (size_t)(sign - text) + 1;
    return memchr(text + after, '=', len - after) ? 0 : after;
}

/* "mean: 3; mode: 4": more than one part states something, and none leads to the next. */
static bool states_more(const char *text, size_t len)
{
    static const char *const signs[] = {" is ", " are ", " equals ", "=", ": "};
    static const char *const leads[] = {
        "since",     "because", "as ",  "so ",  "thus",  "hence", "then",   "where", "with",
        "therefore", "given",   "let ", "when", "which", "for ",  "answer", "final", "the answer"};
    size_t stating = 0;
    if (contains(text, len, ". ")) /* a solution, whose last statement counts */
        return false;
    for (size_t i = 0; i < len;) {
        size_t end = i, gap = 1;
        while (end < len && !strchr(",;\n", text[end]) && !starts(text + end, len - end, " and "))
            end++;
        if (end < len && text[end] == ' ')
            gap = 5;
        while (i < end && plain_is_space(text[i]))
            i++;
        bool lead = false, states = false;
        for (size_t k = 0; k < sizeof leads / sizeof *leads; k++)
            lead |= starts(text + i, end - i, leads[k]);
        for (size_t k = 0; k < sizeof signs / sizeof *signs; k++)
            states |= contains(text + i, end - i, signs[k]);
        if (lead)
            return false;
        stating += states && end > i && plain_is_letter(text[i]);
        i = end + gap;
    }
    return stating > 1;
}

bool dress_tail(const char *text, size_t len, const char **ret_tail, size_t *ret_len)
{
    static const char *const verbs[] = {
        " is ", " are ", " equals ", " be ", " is: ", " are: ", " = ", "$ is ", " gives ", ": "};
    size_t best = 0;
    for (size_t i = 0; i < len; i++)
        for (size_t j = 0; j < sizeof verbs / sizeof *verbs; j++)
            if (starts(text + i, len - i, verbs[j]))
                best = i + strlen(verbs[j]);
    if (best == 0)
        best = after_equals(text, len);
    if (best == 0 || best >= len || denies(text, best) || states_more(text, len))
        return false;
    *ret_tail = text + best;
    *ret_len = len - best;
    return true;
}

bool dress_remark(const char *text, size_t len, const char **ret_head, size_t *ret_len)
{
    size_t open = len;
    while (open > 0 && text[open - 1] != '(')
        open--;
    if (open < 3 || len - open < 5 || text[len - 1] != ')' || text[open - 2] != ' ')
        return false;
    size_t letters = 0;
    for (size_t i = open; i < len - 1; i++) {
        letters += plain_is_letter(text[i]);
        if (!plain_is_word(text[i]) && !strchr(" -,", text[i]))
            return false;
    }
    if (letters < 4 || starts(text + open, len - open, "mod") ||
        starts(text + open, len - open, "base") || starts(text + open, len - open, "in base") ||
        qualify_number(text + open, len - 1 - open))
        return false;
    *ret_head = text;
    *ret_len = open - 2;
    return true;
}
