/*
 * Folding keeps what can tell two answers apart and drops what cannot: case, spacing, articles,
 * \text{}, emphasis.
 */
#include "claims/text/words.h"

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/buf.h"
#include "base/plain.h"
#include "claims/text/lexicon.h"

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
    static const char *const dresses[] = {"\\text{",      "\\textbf{",
                                          "\\textit{",    "\\textrm{",
                                          "\\mathrm{",    "\\mbox{",
                                          "\\mathbf{",    "\\boxed{",
                                          "\\overline{",  "\\overrightarrow{",
                                          "\\underline{", "\\left",
                                          "\\right",      "\\displaystyle",
                                          "\\,",          "\\;",
                                          "\\!",          "\\ ",
                                          "\\(",          "\\)",
                                          "\\[",          "\\]",
                                          "\\quad"};
    for (size_t i = 0; s[0] == '\\' && i < sizeof dresses / sizeof *dresses; i++)
        if (strncmp(s, dresses[i], strlen(dresses[i])) == 0)
            return strlen(dresses[i]);
    return 0;
}

/* more: something stands behind it, so that an article is one: "a dog", but "vitamin A". */
static void flush_word(struct buf *out, struct buf *word, bool more)
{
    size_t from = 0, to = word->len;
    const char *w = word->data;
    while (from < to && strchr("\"'*_`([{.,;:!?", w[from]))
        from++;
    while (to > from && strchr("\"'*_`)]}.,;:!?", w[to - 1]))
        to--;
    if (to > from && !((more || !out->len) && dropped(w + from, to - from))) {
        if (out->len)
            buf_putc(out, ' ');
        buf_append(out, w + from, to - from);
    }
    buf_reset(word);
}

/* A sign stands before what it belongs to, "-2", "(-a"; a hyphen within a word, a dash by itself.
 */
static bool is_minus(const char *s, size_t at, size_t size)
{
    bool begins = at == 0 || !(plain_is_letter(s[at - 1]) || plain_is_digit(s[at - 1]) ||
                               strchr(")]}-", s[at - 1]) || (s[at - 1] & 0x80));
    return begins && at + 1 < size && s[at + 1] != '-' && !plain_is_space(s[at + 1]);
}

static bool is_blank(const char *s, size_t size)
{
    size_t i = 0;
    while (i < size && (plain_is_space(s[i]) || strchr("\"'*_`)]}.,;:!?$~-", s[i])))
        i++;
    return i == size;
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
                flush_word(&out, &word, !is_blank(s + i + skip, size - i - skip));
            i += skip;
        } else if (plain_is_space(s[i]) || s[i] == '~' || (s[i] == '-' && !is_minus(s, i, size))) {
            flush_word(&out, &word, !is_blank(s + i, size - i));
            i++;
        } else {
            if (!strchr("{}$*\"", s[i]))
                buf_putc(&word, s[i]);
            i++;
        }
    }
    flush_word(&out, &word, false);
    char *result = arena_strndup(arena, out.data ? out.data : "", out.len);
    free(folded);
    buf_fini(&out);
    buf_fini(&word);
    return result;
}

/* A formula, a symbol, genes: letters and figures whose case says something. */
static bool is_cased(const char *s, size_t len)
{
    size_t letters = 0, digits = 0, inner = 0, lower = 0, pairs = 0;
    char small[3] = "";
    for (size_t i = 0; i < len; i++) {
        bool upper = s[i] >= 'A' && s[i] <= 'Z';
        digits += plain_is_digit(s[i]);
        letters += plain_is_letter(s[i]);
        inner += upper && i > 0;
        lower += s[i] >= 'a' && s[i] <= 'z';
        pairs += i % 2 && plain_lower(s[i]) == plain_lower(s[i - 1]);
        if (i < 2)
            small[i] = plain_lower(s[i]);
    }
    bool mixed = inner && lower, genes = len % 2 == 0 && len >= 4 && 2 * pairs == len && !digits;
    bool symbol = letters == 2 && len == 2 && !lexicon_has(small, 2);
    return (mixed && (letters <= 4 || digits)) || genes || symbol;
}

/* The length of the bracket at s when numbers stand in it, with a comma: "[1, 3)"; else 0. */
static size_t range_length(const char *s)
{
    size_t len = 1;
    bool comma = false;
    for (; s[len] && !strchr("[]()", s[len]); len++) {
        bool word = plain_is_letter(s[len]) && plain_is_letter(s[len + 1]) &&
                    plain_is_letter(s[len + 2]) && strncmp(s + len, "inf", 3) != 0 &&
                    s[len - 1] != '\\' && !plain_is_letter(s[len - 1]);
        if (word)
            return 0;
        comma |= s[len] == ',';
    }
    return comma && s[len] && strchr("])", s[len]) ? len + 1 : 0;
}

static size_t formula_length(const char *s, char out[16], size_t *ret_out)
{
    size_t len = 0, n = 0;
    for (; plain_is_word(s[len]) || (len && strchr("^{}", s[len]) && s[len]); len++)
        if ((plain_is_letter(s[len]) || plain_is_digit(s[len])) && n < 15)
            out[n++] = s[len];
    out[n] = '\0';
    *ret_out = n;
    return len;
}

static size_t command_length(const char *s)
{
    size_t len = 0;
    while (plain_is_letter(s[len]))
        len++;
    return len;
}

/* The ! at s stands behind a formula: "(1 + ... + n)!", "2*n!". */
static bool is_factorial(const char *text, const char *s)
{
    const char *from = s;
    bool bracket = from > text && from[-1] == ')';
    while (from > text && (bracket ? from[-1] != '(' : plain_is_word(from[-1])))
        from--;
    for (const char *c = from; bracket && c < s; c++)
        if (strchr("+*/^=", *c) || plain_is_digit(*c))
            return true;
    return !bracket && from < s && from > text && strchr("+-*/^(", from[-1]);
}

char *words_marks(struct arena *arena, const char *text)
{
    struct buf out;
    buf_init(&out, strlen(text) * 2 + 2);
    bool quoted = false;
    for (const char *s = text; *s;) {
        char formula[16];
        size_t n = 0, range = strchr("[(", *s) ? range_length(s) : 0;
        bool command = s > text && s[-1] == '\\';
        size_t len = command ? command_length(s) : formula_length(s, formula, &n);
        if (command && strncmp(s, "overrightarrow", 14) == 0) /* no segment */
            buf_putc(&out, '>');
        if (range) {
            buf_putc(&out, s[0]);
            buf_putc(&out, s[range - 1]);
        }
        if (len && n < 15 && is_cased(formula, n)) {
            buf_puts(&out, formula);
            buf_putc(&out, ' ');
        }
        if (*s == '!' && is_factorial(text, s))
            buf_putc(&out, '!');
        bool short_word = n == 1 || (n && plain_is_digit(formula[n - 1]));
        s += len ? len : 1;
        quoted |= !len && (s[-1] == '\'' || s[-1] == '"');
        for (; len && short_word && !quoted && (*s == '\'' || *s == '"') && !plain_is_letter(s[1]);
             s++)
            buf_putc(&out, *s);
    }
    char *marks = out.failed ? NULL : arena_strndup(arena, out.data ? out.data : "", out.len);
    buf_fini(&out);
    return marks;
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
    static const char *const reasons[] = {"because ", "since ", "it ", "they ", "he ", "she "};
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        if (strncmp(folded, "yes ", 4) == 0 &&
            strncmp(folded + 4, reasons[i], strlen(reasons[i])) == 0)
            return 1;
        if (strncmp(folded, "no ", 3) == 0 &&
            strncmp(folded + 3, reasons[i], strlen(reasons[i])) == 0)
            return 0;
    }
    return -1;
}

const char *words_canonical(const char *folded)
{
    static const char *const wordings[][2] = {
        {"dne", "does not exist"},
        {"no solutions", "no solution"},
        {"there is no solution", "no solution"},
        {"there are no solutions", "no solution"},
        {"no solution exists", "no solution"},
        {"no solutions exist", "no solution"},
        {"no real solutions", "no real solution"},
        {"there is no real solution", "no real solution"},
        {"there are no real solutions", "no real solution"},
        {"infinite solutions", "infinitely many solutions"},
        {"infinite number of solutions", "infinitely many solutions"},
        {"there are infinitely many solutions", "infinitely many solutions"},
    };
    for (size_t i = 0; i < sizeof wordings / sizeof *wordings; i++)
        if (strcmp(folded, wordings[i][0]) == 0)
            return wordings[i][1];
    return folded;
}

const char *words_as_math(struct arena *arena, const char *folded)
{
    static const char *const reals[] = {"all real numbers", "all reals",          "real numbers",
                                        "any real number",  "every real number",  "all real values",
                                        "all real number",  "set of real numbers"};
    static const char *const others[][2] = {{"empty set", "\\emptyset"},
                                            {"null set", "\\emptyset"},
                                            {"positive infinity", "\\infty"},
                                            {"negative infinity", "-\\infty"},
                                            {"minus infinity", "-\\infty"}};
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) {
        size_t len = strlen(reals[i]);
        if (strncmp(folded, reals[i], len) != 0)
            continue;
        if (folded[len] == '\0')
            return "\\mathbb{R}";
        if (strncmp(folded + len, " except ", 8) == 0)
            return arena_printf(arena, "\\mathbb{R}\\setminus\\{%s\\}", folded + len + 8);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(folded, others[i][0]) == 0)
            return others[i][1];
    return NULL;
}

/* Also over LaTeX that is nothing but space. */
static const char *skip_blanks(const char *s)
{
    static const char *const spaces[] = {"\\ ", "\\,", "\\;", "\\quad", "\\qquad"};
    for (;;) {
        while (plain_is_space(*s) || *s == '$' || *s == '*' || *s == '~')
            s++;
        size_t len = 0;
        for (size_t i = 0; *s == '\\' && i < sizeof spaces / sizeof *spaces && !len; i++)
            len = strncmp(s, spaces[i], strlen(spaces[i])) == 0 ? strlen(spaces[i]) : 0;
        if (!len)
            return s;
        s += len;
    }
}

/* Length of the "\text{" at s, 0 for none. */
static size_t wrapper(const char *s)
{
    static const char *const wraps[] = {"\\text{",   "\\textbf{", "\\textit{", "\\textrm{",
                                        "\\textsf{", "\\mathrm{", "\\mathbf{", "\\mathsf{",
                                        "\\mathit{", "\\mbox{"};
    for (size_t i = 0; i < sizeof wraps / sizeof *wraps; i++)
        if (strncmp(s, wraps[i], strlen(wraps[i])) == 0)
            return strlen(wraps[i]);
    return 0;
}

static bool starts_with(const char *s, const char *word)
{
    for (; *word; s++, word++)
        if (plain_lower(*s) != *word)
            return false;
    return true;
}

char words_choice(const char *text, const char **ret_rest)
{
    static const char *const leads[] = {"the correct answer is",
                                        "the correct option is",
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
    size_t wrap = wrapper(s);
    s = skip_blanks(s + wrap);
    bool bracket = *s == '(' || *s == '[';
    s += bracket;
    char letter = *s;
    char upper = plain_upper(letter);
    if (upper < 'A' || upper > 'J')
        return '\0';
    s++;
    bool closed = *s == ')' || (bracket && *s == ']');
    s += closed;
    bool marked = closed || *s == '.' || *s == ':';
    s += marked && !closed;
    const char *mark = s, *rest = skip_blanks(s);
    if (wrap && *rest == '}')
        rest = skip_blanks(rest + 1);
    if (*rest == '.' || *rest == ':')
        rest = skip_blanks(rest + 1);
    if (wrap && *rest == '}')
        rest = skip_blanks(rest + 1);
    if (starts_with(rest, ", because ") || starts_with(rest, ", since "))
        rest = ""; /* the reason is no text of an option */
    if (*rest && !(marked && rest > mark))
        return '\0';
    if (letter != upper && !bracket && !closed && !named) /* a lone small letter is a variable */
        return '\0';
    *ret_rest = rest;
    return upper;
}

/* The bit of the letter or numeral that begins at s, 0 for none; *ret_len is its length. */
static int choice_bit(const char *s, bool numerals, size_t *ret_len)
{
    static const char *const roman[] = {"I",  "II",  "III",  "IV", "V",
                                        "VI", "VII", "VIII", "IX", "X"};
    size_t len = 0;
    while (plain_is_letter(s[len]))
        len++;
    *ret_len = len;
    if (!numerals)
        return len == 1 && s[0] >= 'A' && s[0] <= 'J' ? 1 << (s[0] - 'A') : 0;
    for (int i = 0; i < 10; i++)
        if (strlen(roman[i]) == len && strncmp(roman[i], s, len) == 0)
            return 1 << (10 + i);
    return 0;
}

/* Also past LaTeX around text. */
static const char *skip_dress(const char *s)
{
    for (const char *from = NULL; s != from;) {
        from = s;
        s = skip_blanks(s);
        s += *s == '}' ? 1 : wrapper(s);
    }
    return s;
}

static int read_choices(const char *s, bool numerals)
{
    int mask = 0, n = 0;
    for (;;) {
        size_t len;
        s = skip_dress(s);
        bool bracket = *s == '(';
        s += bracket;
        int bit = choice_bit(s, numerals, &len);
        s += bit ? len : 0;
        if (!bit || (mask & bit) || (bracket && *s++ != ')'))
            return 0;
        mask |= bit;
        n++;
        const char *before = s = skip_dress(s);
        if (*s == ',' || *s == ';' || *s == '&')
            s = skip_dress(s + 1);
        if (starts_with(s, "and") && !plain_is_letter(s[3]))
            s = skip_dress(s + 3);
        if (*s == '.' && s[1] == '\0')
            s++;
        if (*s == '\0' || starts_with(s, "only"))
            return n > 1 ? mask : 0;
        if (s == before)
            return 0;
    }
}

int words_choices(const char *text)
{
    const char *s = skip_blanks(text);
    int letters = read_choices(s, false);
    return letters ? letters : read_choices(s, true);
}

/* Where option `letter` is announced at s: "(A)", "A)", "A.", "A:"; the length, or 0. */
static size_t announces(const char *problem, const char *s, char letter)
{
    bool bracket = *s == '(' || *s == '[';
    if (s > problem && !plain_is_space(s[-1]) && !strchr("{$,;~*", s[-1]))
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
    while (text < end && (plain_is_space(*text) || *text == '}' || *text == '~'))
        text++;
    while (end > text && (plain_is_space(end[-1]) || strchr(",;{", end[-1])))
        end--;
    *ret_text = text;
    *ret_len = (size_t)(end - text);
    return end > text;
}
