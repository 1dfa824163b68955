/*
 * Folding keeps what can tell two answers apart and drops what cannot: case, spacing, articles,
 * \text{}, emphasis.
 */
#include "claims/words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/buf.h"

static bool dropped(const char *word, size_t len)
{
    static const char *const articles[] = {"a", "an", "the"};
    for (size_t i = 0; i < 3; i++)
        if (strlen(articles[i]) == len && memcmp(articles[i], word, len) == 0)
            return true;
    return false;
}

/* Length of LaTeX that only dresses text, at s. */
static size_t dress(const char *s)
{
    static const char *const dresses[] = {"\\text{",
                                          "\\textbf{",
                                          "\\textit{",
                                          "\\textrm{",
                                          "\\mathrm{",
                                          "\\mbox{",
                                          "\\mathbf{",
                                          "\\boxed{",
                                          "\\left",
                                          "\\right",
                                          "\\displaystyle",
                                          "\\,",
                                          "\\;",
                                          "\\!",
                                          "\\ ",
                                          "\\(",
                                          "\\)",
                                          "\\[",
                                          "\\]",
                                          "\\quad"};
    for (size_t i = 0; s[0] == '\\' && i < sizeof dresses / sizeof *dresses; i++)
        if (strncmp(s, dresses[i], strlen(dresses[i])) == 0)
            return strlen(dresses[i]);
    return 0;
}

static void flush_word(struct buf *out, struct buf *word)
{
    size_t from = 0, to = word->len;
    const char *w = word->data;
    while (from < to && strchr("\"'*_`([{.,;:!?", w[from]))
        from++;
    while (to > from && strchr("\"'*_`)]}.,;:!?", w[to - 1]))
        to--;
    if (to > from && !dropped(w + from, to - from)) {
        if (out->len)
            buf_putc(out, ' ');
        buf_append(out, w + from, to - from);
    }
    buf_reset(word);
}

char *words_fold(struct arena *arena, const char *text, size_t len, size_t max)
{
    struct buf out, word;
    buf_init(&out, max);
    buf_init(&word, max);
    utf8proc_uint8_t *folded = NULL;
    utf8proc_ssize_t n = utf8proc_map(
        (const utf8proc_uint8_t *)text, (utf8proc_ssize_t)len, &folded,
        UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
    const char *s = n >= 0 ? (const char *)folded : text;
    size_t size = n >= 0 ? (size_t)n : len;
    for (size_t i = 0; i < size && !word.failed;) {
        size_t skip = s[i] == '\\' ? dress(s + i) : 0;
        if (skip) {
            if (s[i + skip - 1] != '{')
                flush_word(&out, &word);
            i += skip;
        } else if (isspace((unsigned char)s[i]) || s[i] == '~' || s[i] == '-') {
            flush_word(&out, &word);
            i++;
        } else {
            if (!strchr("{}$*\"", s[i]))
                buf_putc(&word, s[i]);
            i++;
        }
    }
    flush_word(&out, &word);
    char *result = arena_strndup(arena, out.data ? out.data : "", out.len);
    free(folded);
    buf_fini(&out);
    buf_fini(&word);
    return result;
}

int words_truth(const char *folded)
{
    static const char *const yes[] = {"yes", "true", "correct", "it is true", "yes it is"};
    static const char *const no[] = {"no", "false", "incorrect", "it is false", "no it is not"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        if (strcmp(folded, yes[i]) == 0)
            return 1;
        if (strcmp(folded, no[i]) == 0)
            return 0;
    }
    return -1;
}

static const char *skip_blanks(const char *s)
{
    while (isspace((unsigned char)*s) || *s == '$' || *s == '*')
        s++;
    return s;
}

static bool starts_with(const char *s, const char *word)
{
    for (; *word; s++, word++)
        if (tolower((unsigned char)*s) != *word)
            return false;
    return true;
}

char words_choice(const char *text, const char **ret_rest)
{
    static const char *const leads[] = {"the correct option is",
                                        "the correct choice is",
                                        "the answer is",
                                        "answer:",
                                        "choice",
                                        "option"};
    const char *s = skip_blanks(text);
    bool named = false;
    for (size_t i = 0; i < sizeof leads / sizeof *leads; i++)
        if (starts_with(s, leads[i])) {
            named = true;
            s = skip_blanks(s + strlen(leads[i]));
        }
    size_t wrap = strncmp(s, "\\text{", 6) == 0 ? 6 : strncmp(s, "\\textbf{", 8) == 0 ? 8 : 0;
    s = skip_blanks(s + wrap);
    bool bracket = *s == '(' || *s == '[';
    s += bracket;
    char letter = *s;
    char upper = (char)toupper((unsigned char)letter);
    if (upper < 'A' || upper > 'J')
        return '\0';
    s++;
    bool closed = *s == ')' || (bracket && *s == ']');
    s += closed;
    bool marked = closed || *s == '.' || *s == ':';
    s += marked && !closed;
    if (wrap && *s == '}')
        s++;
    const char *rest = skip_blanks(s);
    if (*rest == '.' || *rest == ':')
        rest = skip_blanks(rest + 1);
    if (wrap && *rest == '}')
        rest = skip_blanks(rest + 1);
    if (*rest && !(marked && isspace((unsigned char)rest[-1])))
        return '\0';
    if (letter != upper && !bracket && !closed && !named) /* a lone small letter is a variable */
        return '\0';
    *ret_rest = rest;
    return upper;
}

/* Where option `letter` is announced at s: "(A)", "A)", "A.", "A:"; the length, or 0. */
static size_t announces(const char *problem, const char *s, char letter)
{
    bool bracket = *s == '(' || *s == '[';
    if (s > problem && !isspace((unsigned char)s[-1]) && !strchr("{$,;~*", s[-1]))
        return 0;
    if (s[bracket] != letter)
        return 0;
    char close = s[bracket + 1];
    if (bracket ? close != ')' && close != ']' : close != ')' && close != '.' && close != ':')
        return 0;
    return (size_t)bracket + 2;
}

static const char *find_option(const char *problem, const char *from, char letter, size_t *ret_len)
{
    for (const char *s = from; *s; s++)
        if ((*ret_len = announces(problem, s, letter)))
            return s;
    return NULL;
}

bool words_option(const char *problem, char letter, const char **ret_text, size_t *ret_len)
{
    size_t len, next_len;
    const char *a = find_option(problem, problem, 'A', &len);
    if (!a || !find_option(problem, a, 'B', &next_len))
        return false;
    const char *at = a;
    for (char c = 'A'; c < letter; c++) {
        at = find_option(problem, at + len, (char)(c + 1), &next_len);
        if (!at)
            return false;
        len = next_len;
    }
    const char *text = at + len;
    const char *end = find_option(problem, text, (char)(letter + 1), &next_len);
    if (!end) {
        end = strchr(text, '\n');
        end = end ? end : text + strlen(text);
    }
    while (text < end && (isspace((unsigned char)*text) || *text == '}' || *text == '~'))
        text++;
    while (end > text && (isspace((unsigned char)end[-1]) || strchr(",;{", end[-1])))
        end--;
    *ret_text = text;
    *ret_len = (size_t)(end - text);
    return end > text;
}
