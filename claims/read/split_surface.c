/*
 * split_surface.c - what a statement says, by its surface: its numbers, operations and equations.
 *
 * Values and equations are compared by a hash of their digits and signs, so "1,234.50" and "1234.5"
 * are the same; a collision costs a worse choice of claims only.
 */
#include "claims/read/split_internal.h"

#define EQUATION_MAX 400 /* bytes on each side of a relation sign that make its equation */
#define COMMAND_MAX 16   /* letters of a LaTeX command */

static uint32_t mix(uint32_t hash, uint32_t value)
{
    hash = (hash ^ value) * 0x9E3779B1u;
    return hash ^ hash >> 15;
}

static bool is_separator(const char *text, size_t at, size_t end)
{
    return text[at] == ',' && end - at > 3 && scan_is_digit(text[at + 1]) &&
           scan_is_digit(text[at + 2]) && scan_is_digit(text[at + 3]) &&
           (end - at == 4 || !scan_is_digit(text[at + 4]));
}

uint32_t split_read_number(const char *text, size_t *at, size_t end)
{
    uint32_t hash = 0x2545F491u;
    size_t i = *at, zeros = 0;
    bool point = false;
    while (i < end && text[i] == '0')
        i++;
    for (; i < end && (scan_is_digit(text[i]) || is_separator(text, i, end)); i++)
        if (text[i] != ',')
            hash = mix(hash, (uint32_t)text[i]);
    if (end - i > 1 && text[i] == '.' && scan_is_digit(text[i + 1]))
        for (i++; i < end && scan_is_digit(text[i]); i++) {
            if (text[i] == '0') {
                zeros++;
                continue;
            }
            if (!point)
                hash = mix(hash, '.');
            point = true;
            for (; zeros; zeros--)
                hash = mix(hash, '0');
            hash = mix(hash, (uint32_t)text[i]);
        }
    *at = i;
    return hash ? hash : 1;
}

/* Does text[at] belong to a word or a comma between clauses, and to no LaTeX command? */
static bool is_word_end(const char *text, struct span s, size_t at)
{
    if (text[at] == ',')
        return at + 1 < s.end && scan_is_space(text[at + 1]);
    if (!scan_is_letter(text[at]))
        return false;
    size_t start = at, end = at + 1;
    while (start > s.start && at - start < COMMAND_MAX && scan_is_letter(text[start - 1]))
        start--;
    while (end < s.end && end - at < COMMAND_MAX && scan_is_letter(text[end]))
        end++;
    return end - start > 1 && !(start > s.start && text[start - 1] == '\\');
}

/* Is the sign at text[at] an operation on values, and no hyphen, bullet or path? */
static bool is_operation(const char *text, size_t at, struct span s)
{
    size_t a = at, b = at + 1;
    while (a > s.start && scan_is_blank(text[a - 1]))
        a--;
    while (b < s.end && scan_is_blank(text[b]))
        b++;
    if (a == s.start || b == s.end)
        return false;
    char before = text[a - 1], after = text[b];
    bool left = scan_is_digit(before) || strchr(")}]$%", before);
    bool right = scan_is_digit(after) || strchr("({[$\\.-|", after);
    return left && (right || (scan_is_letter(after) && text[at] != '-' && text[at] != '/'))
               ? true
               : scan_is_letter(before) && right && (at > a || text[at] != '-');
}

bool split_has_operation(const char *text, struct span s)
{
    static const char *const commands[] = {"\\times", "\\cdot",  "\\frac",  "\\dfrac", "\\div",
                                           "\\sqrt",  "\\binom", "\\tfrac", "\\sum",   "\\pmod"};
    for (size_t i = s.start; i < s.end; i++) {
        switch (text[i]) {
        case '+':
        case '-':
        case '*':
        case '/':
        case '^':
            if (is_operation(text, i, s))
                return true;
            break;
        case 'x':
            if (i > s.start + 1 && text[i - 1] == ' ' && i + 1 < s.end && text[i + 1] == ' ' &&
                is_operation(text, i, s) && scan_is_digit(text[i - 2]))
                return true;
            break;
        case '\xC3': /* the times and division signs */
            if (i + 1 < s.end && (text[i + 1] == '\x97' || text[i + 1] == '\xB7'))
                return true;
            break;
        case '\\':
            for (size_t k = 0; k < sizeof commands / sizeof *commands; k++)
                if (scan_word(text, i, s.end, commands[k]))
                    return true;
            break;
        default: /* "3x" multiplies, "3rd" and "3 m" do not */
            if (scan_is_digit(text[i]) && i + 1 < s.end && scan_is_letter(text[i + 1]) &&
                (i + 2 == s.end || !scan_is_letter(text[i + 2])))
                return true;
        }
    }
    return false;
}

uint32_t split_equation_hash(const char *text, struct span s, size_t relation_end)
{
    if (relation_end - s.start > EQUATION_MAX)
        s.start = relation_end - EQUATION_MAX;
    if (s.end - relation_end > EQUATION_MAX)
        s.end = relation_end + EQUATION_MAX;
    size_t start = relation_end, end = relation_end;
    while (start > s.start && !is_word_end(text, s, start - 1))
        start--;
    while (end < s.end && !is_word_end(text, s, end))
        end++;
    uint32_t hash = 0x9E3779B9u;
    size_t signs = 0;
    for (size_t i = start; i < end; i++)
        if (!strchr(" \t$.,*\\()[]{}&", text[i])) {
            hash = mix(hash, (uint32_t)text[i]);
            signs++;
        }
    return signs > 3 && hash ? hash : 1;
}

bool split_is_plan(const char *text, struct span s)
{
    static const char *const words[] = {
        "let's",        "let us",      "we need",      "we must",   "i need",    "i will",
        "i'll",         "we will",     "we'll",        "to find",   "to solve",  "to calculate",
        "to determine", "first, we",   "next, we",     "now, we",   "now we",    "step",
        "we can",       "we want",     "we are given", "given",     "calculate", "find",
        "determine",    "solve",       "note",         "recall",    "consider",  "understand",
        "use",          "finally, we", "first, let",   "next, let", "now, let",  "now let",
        "convert",      "divide",      "subtract",     "multiply",  "add",       "apply",
        "compute",      "count",       "check",        "identify",  "using",     "substitute",
        "rewrite"};
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (scan_word(text, s.start, s.end, words[k]))
            return true;
    return false;
}

bool split_is_fragment(const char *text, struct span s)
{
    size_t words = 0;
    for (size_t i = s.start; i < s.end && words < 4; i++) {
        if (text[i] == ':')
            return false;
        words += !scan_is_space(text[i]) && (i == s.start || scan_is_space(text[i - 1]));
    }
    return words < 4;
}
