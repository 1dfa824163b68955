/*
 * quantity_expression.c - by surface: numbers, signs and what may stand between them.
 *
 * Two expressions have one hash only where they are the same but for spacing, markup, the
 * separators of thousands and the order of the operands of a pure sum or product.
 */
#include "claims/read/quantity_internal.h"

#include "base/hash.h"

/* "20 x 4", "20x$4": between numbers, so no name. */
static bool is_times(const char *text, size_t at, size_t end)
{
    size_t a = at, b = at + 1;
    while (a > 0 && scan_is_blank(text[a - 1]))
        a--;
    while (b < end && scan_is_blank(text[b]))
        b++;
    return a > 0 && (scan_is_digit(text[a - 1]) || text[a - 1] == ')') && b < end &&
           (scan_is_digit(text[b]) || strchr("($.", text[b]));
}

/* The ** of 2**3 and 2 ** 3, not those of **12** + 3. */
static bool is_power(const char *text, size_t at, size_t end)
{
    size_t a = at, b = at + 2;
    while (a > 0 && scan_is_blank(text[a - 1]))
        a--;
    while (b < end && scan_is_blank(text[b]))
        b++;
    return a > 0 && (scan_is_digit(text[a - 1]) || text[a - 1] == ')') && b < end &&
           (scan_is_digit(text[b]) || text[b] == '(') && (a == at) == (b == at + 2);
}

size_t quantity_expression_sign(const char *text, size_t at, size_t end, char *ret)
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
            bool bold = signs[k].to == '^' && !is_power(text, at, end);
            *ret = bold ? '\0' : signs[k].to;
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
    if ((c == 'x' || c == 'X') && is_times(text, at, end)) {
        *ret = '*';
        return 1;
    }
    return 0;
}

/* "1,234": the comma says nothing. */
static bool separates_thousands(const char *text, size_t at, size_t end)
{
    size_t n = 0;
    while (at + 1 + n < end && scan_is_digit(text[at + 1 + n]))
        n++;
    return text[at] == ',' && at > 0 && scan_is_digit(text[at - 1]) && n == 3;
}

/* What stands before takes part: "x + 12", "a_1 + 3", "sqrt(9+16)", "x - 12"; not "So -3 + 5". */
static bool is_continued(const char *text, size_t low, size_t start, char sign)
{
    char before = start > low ? text[start - 1] : ' ';
    if (!scan_is_space(before) && !strchr("($:,;*`\"'", before) && (unsigned char)before < 0x80)
        return true;
    size_t at = start;
    while (at > low && scan_is_space(text[at - 1]))
        at--;
    bool word = at > low + 1 && scan_is_letter(text[at - 1]) && scan_is_letter(text[at - 2]);
    bool lead = at == low || strchr(":,;", text[at - 1]);
    if (sign == '-')
        return !lead && !(word && !scan_is_space(text[start + 1]));
    return sign && strchr("+*/^)!%", sign) && !lead;
}

uint64_t quantity_expression_hash(const char *text, struct span s, size_t start)
{
    uint64_t whole = 4, operand = 4, operands = 0;
    size_t n_signs = 0, digits = 0;
    char only = 0, c, last = 0;
    bool pure = true, gap = false;
    for (size_t i = start, len; i < s.end; i += len) {
        len = quantity_expression_sign(text, i, s.end, &c);
        if (len == 0 || (i == start && is_continued(text, s.start, start, c)))
            return 0;
        if (text[i] == ',' && !separates_thousands(text, i, s.end))
            c = ',';
        gap = gap || scan_is_blank(text[i]);
        if (c == 0)
            continue;
        bool joins = (last == ')' || scan_is_digit(last)) && (c == '(' || scan_is_digit(c));
        if (gap && joins) /* "2 3 + 4", "12 (3 + 4)": side by side, so who knows what it is */
            return 0;
        gap = false;
        last = c;
        whole = hash_bytes(whole, &c, 1);
        if (!scan_is_digit(c) && c != '.') {
            n_signs += strchr("+-*/^!%", c) != NULL;
            pure = pure && (c == '+' || c == '*') && (only == 0 || only == c);
            only = c;
            operands += operand;
            operand = 4;
        } else {
            operand = hash_bytes(operand, &c, 1);
            digits++;
        }
    }
    if (n_signs == 0 || digits < 2)
        return 0;
    return pure ? hash_bytes(operands + operand, &only, 1) : whole;
}

size_t quantity_expression_start(const char *text, struct span s)
{
    size_t depth = 0, outer = 0;
    s = scan_trim(text, s);
    while (scan_starts(text, s.start, s.end, "**")) /* bold */
        s.start += 2;
    size_t start = s.start;
    /* The last stretch that reads as signs to the end; found forward, since signs are of many
     * bytes. What ends what was before: a comma or stop outside brackets that is not inside a
     * number, and a bracket that is not closed. */
    for (size_t i = s.start, len; i < s.end; i += len) {
        char c;
        bool in_word = i > s.start && scan_is_letter(text[i - 1]) && scan_is_letter(text[i]);
        len = in_word ? 0 : quantity_expression_sign(text, i, s.end, &c);
        if (len == 0) {
            start = i + 1;
            depth = 0;
            len = 1;
            continue;
        }
        if (c == '(' && depth++ == 0)
            outer = i + 1;
        depth -= c == ')' && depth > 0;
        if (strchr(",.", text[i]) && depth == 0 && i + 1 < s.end && scan_is_blank(text[i + 1]))
            start = i + 1;
    }
    start = depth == 1 ? outer : start;
    while (start < s.end && (scan_is_space(text[start]) || text[start] == '.'))
        start++;
    return start;
}
