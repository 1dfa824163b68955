/*
 * statements.c - line by line, then sentence by sentence, then equation by equation.
 *
 * Every byte is looked at once to find its line's end and once to find its sentence's end. A cut
 * inside a sentence is made only where an equation is complete before it and another one comes
 * after it: "3*4 = 12, so 12+5 = 17" are two claims, "f(1, 2) = 3" is one.
 */
#include "claims/read/statements.h"

#include <surety/types.h>

size_t statements_relation(const char *text, size_t at, size_t end)
{
    static const char *const commands[] = {"\\approx", "\\leq", "\\le",    "\\geq", "\\ge",
                                           "\\neq",    "\\ne",  "\\equiv", "\\lt",  "\\gt"};
    enum { N_COMMANDS = sizeof commands / sizeof *commands };
    char c = text[at], next = at + 1 < end ? text[at + 1] : '\0';
    switch (c) {
    case '=':
        return next == '>' ? 0 : next == '=' ? 2 : 1;
    case '<':
    case '>':
        return next == '=' ? 2 : next == c || scan_is_letter(next) || next == '/' ? 0 : 1;
    case '\\':
        for (size_t k = 0; next && strchr("aglne", next) && k < N_COMMANDS; k++)
            if (scan_starts(text, at, end, commands[k])) {
                size_t len = strlen(commands[k]); /* "\\leq3" ends with its letters, too */
                if (at + len >= end || !scan_is_letter(text[at + len]))
                    return len;
            }
        return 0;
    case '\xE2':
        if (end - at < 3 || text[at + 1] != '\x89')
            return 0;
        return strchr("\x88\xA0\xA1\xA4\xA5", text[at + 2]) && text[at + 2] ? 3 : 0;
    default:
        return 0;
    }
}

void statements_begin(struct cutter *cutter, const char *text, struct span s)
{
    *cutter = (struct cutter){.text = text, .rest = s, .line = {s.start, s.start}};
}

static bool in_set(char c, const char *set)
{
    return c && strchr(set, c);
}

/* Over "- ", "2. ", "(a) ", "> ", "**" at the beginning of a line. */
static size_t skip_bullets(const char *text, size_t at, size_t end)
{
    for (bool again = true; again;) {
        again = false;
        while (at < end && in_set(text[at], " \t>"))
            at++;
        if (at + 1 < end && in_set(text[at], "-*+") && text[at + 1] == ' ') {
            at += 2;
            again = true;
        } else if (scan_starts(text, at, end, "\xE2\x80\xA2")) {
            at += 3;
            again = true;
        } else {
            size_t i = at;
            while (i < end && i - at < 3 && scan_is_digit(text[i]))
                i++;
            if (i > at && i + 1 < end && in_set(text[i], ".)") && text[i + 1] == ' ') {
                at = i + 2;
                again = true;
            }
        }
    }
    while (at + 1 < end && text[at] == '*' && text[at + 1] == '*')
        at += 2;
    return at;
}

/* "\[", "$$", "\begin{align*}", "```": lines that only frame. */
static bool is_frame(const char *text, struct span s)
{
    size_t len = s.end - s.start;
    return len == 0 ||
           (len <= 3 &&
            (scan_starts(text, s.start, s.end, "\\[") || scan_starts(text, s.start, s.end, "\\]") ||
             scan_starts(text, s.start, s.end, "$$"))) ||
           scan_starts(text, s.start, s.end, "\\begin{") ||
           scan_starts(text, s.start, s.end, "\\end{") ||
           scan_starts(text, s.start, s.end, "```") || scan_starts(text, s.start, s.end, "---");
}

static bool next_line(struct cutter *cutter)
{
    const char *text = cutter->text;
    while (cutter->rest.start < cutter->rest.end) {
        size_t start = cutter->rest.start, end = cutter->rest.end;
        const char *newline = memchr(text + start, '\n', end - start);
        size_t stop = newline ? (size_t)(newline - text) : end;
        cutter->rest.start = newline ? stop + 1 : end;
        struct span s = scan_trim(text, (struct span){start, stop});
        if (is_frame(text, s))
            continue;
        cutter->heading = text[s.start] == '#';
        while (s.start < s.end && text[s.start] == '#')
            s.start++;
        size_t begin = skip_bullets(text, s.start, s.end);
        if (begin > s.start + 1 && text[begin - 1] == '*' && text[begin - 2] == '*') {
            const char *close = memmem(text + begin, s.end - begin, "**", 2);
            size_t after = close ? (size_t)(close - text) + 2 : s.end;
            while (after < s.end && in_set(text[after], " :."))
                after++;
            cutter->heading = cutter->heading || after == s.end;
        }
        cutter->line = (struct span){begin, s.end};
        if (begin < s.end)
            return true;
    }
    return false;
}

/* "n = 5!": a name gets a factorial; "3 + 2 = 5!" is told with joy. */
static bool is_factorial(const char *text, struct span s, size_t at)
{
    size_t i = at;
    while (i > s.start && scan_is_digit(text[i - 1]))
        i--;
    bool number = i < at;
    while (i > s.start && scan_is_space(text[i - 1]))
        i--;
    if (!number || i == s.start || text[i - 1] != '=')
        return false;
    i--;
    while (i > s.start && scan_is_space(text[i - 1]))
        i--;
    return i > s.start && scan_is_letter(text[i - 1]) &&
           (i - 1 == s.start || in_set(text[i - 2], " $(*"));
}

/* Is the stop at text[at] the end of a sentence? */
static bool sentence_ends(const char *text, struct span s, size_t at)
{
    static const char *const short_words[] = {
        "e.g", "i.e", "approx", "vs",  "mr",  "mrs", "ms",  "dr",  "st",   "no",  "fig", "eq", "cf",
        "jan", "feb", "mar",    "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec"};
    size_t next = at + 1;
    if (text[at] == '!' && is_factorial(text, s, at))
        return false;
    while (next < s.end &&
           (in_set(text[next], "*\"')_$") ||
            (text[next] == '\\' && next + 1 < s.end && in_set(text[next + 1], ")]"))))
        next += text[next] == '\\' ? 2 : 1;
    if (next == s.end)
        return true;
    if (!scan_is_space(text[next]))
        return false;
    while (next < s.end && scan_is_space(text[next]))
        next++;
    if (text[at] == ';')
        return true;
    char before = at > s.start ? text[at - 1] : ' ';
    bool capital = next < s.end && text[next] >= 'A' && text[next] <= 'Z';
    if (text[at] == '!' && (scan_is_digit(before) || before == ')'))
        return capital;
    if (text[at] == '.' &&
        ((next < s.end && text[next] >= 'a' && text[next] <= 'z') || (before == '.' && !capital)))
        return false; /* "approx. five", "1 + 2 + ... + 9" */
    for (size_t k = 0; text[at] == '.' && k < sizeof short_words / sizeof *short_words; k++) {
        size_t len = strlen(short_words[k]);
        if (scan_ends(text, s.start, at, short_words[k]) &&
            (at - len == s.start || !scan_is_letter(text[at - len - 1])))
            return false;
    }
    return true;
}

/* Length of a joint between two equations at text[at] (", so ", " and ", "\implies"), or 0. */
static size_t joint(const char *text, size_t at, size_t end)
{
    static const char *const words[] = {" so ",      " and ",   " which ",     " then ",
                                        " thus ",    " hence ", " therefore ", " giving ",
                                        " because ", " since "};
    static const char *const arrows[] = {"=>",           "->",           "\\rightarrow",
                                         "\\implies",    "\\to ",        "\\quad",
                                         "\xE2\x87\x92", "\xE2\x86\x92", "\xE2\x9F\xB9"};
    char c = text[at];
    if (c == ',')
        return at + 1 < end && scan_is_space(text[at + 1]) ? 1 : 0;
    if (c == ' ') {
        if (at + 1 < end && !in_set(text[at + 1], "sawthgb"))
            return 0;
        for (size_t k = 0; k < sizeof words / sizeof *words; k++)
            if (scan_starts(text, at, end, words[k]))
                return strlen(words[k]) - 1;
        return 0;
    }
    for (size_t k = 0; k < sizeof arrows / sizeof *arrows; k++)
        if (scan_starts(text, at, end, arrows[k]))
            return strlen(arrows[k]);
    return 0;
}

/* What a byte can be for cut_line; most are nothing. */
enum kind {
    KIND_PLAIN,
    KIND_DIGIT,
    KIND_OPEN,
    KIND_CLOSE,
    KIND_STOP,
    KIND_RELATION, /* or a joint */
    KIND_JOINT
};

static const unsigned char kinds[256] = {
    ['0'] = KIND_DIGIT,     ['1'] = KIND_DIGIT,    ['2'] = KIND_DIGIT,    ['3'] = KIND_DIGIT,
    ['4'] = KIND_DIGIT,     ['5'] = KIND_DIGIT,    ['6'] = KIND_DIGIT,    ['7'] = KIND_DIGIT,
    ['8'] = KIND_DIGIT,     ['9'] = KIND_DIGIT,    ['('] = KIND_OPEN,     ['['] = KIND_OPEN,
    ['{'] = KIND_OPEN,      [')'] = KIND_CLOSE,    [']'] = KIND_CLOSE,    ['}'] = KIND_CLOSE,
    ['.'] = KIND_STOP,      ['?'] = KIND_STOP,     ['!'] = KIND_STOP,     [';'] = KIND_STOP,
    ['='] = KIND_RELATION,  ['<'] = KIND_RELATION, ['>'] = KIND_RELATION, ['\\'] = KIND_RELATION,
    [0xE2] = KIND_RELATION, [','] = KIND_JOINT,    [' '] = KIND_JOINT,    ['-'] = KIND_JOINT,
};

static bool supposes(const char *text, struct span s)
{
    static const char *const words[] = {"if", "when", "suppose", "let", "assume", "for", "where"};
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (scan_word(text, s.start, s.end, words[k]))
            return true;
    return false;
}

/* Over a mark like <think> or </step> that begins a line. */
static size_t skip_tag(const char *text, struct span s)
{
    size_t at = s.start + 1;
    if (s.start == s.end || text[s.start] != '<')
        return s.start;
    while (at < s.end && at - s.start < 24 && (scan_is_letter(text[at]) || in_set(text[at], "/_|")))
        at++;
    return at < s.end && at > s.start + 2 && text[at] == '>' ? at + 1 : s.start;
}

/* Before a mark like </think> or \end{think} that ends a line. */
static size_t cut_tag(const char *text, struct span s)
{
    static const char *const opens[] = {"<", "\\end{"};
    if (s.start == s.end || !in_set(text[s.end - 1], ">}"))
        return s.end;
    const char *open = opens[text[s.end - 1] == '}'];
    size_t from = s.end - s.start > 24 ? s.end - 24 : s.start;
    for (size_t at = s.end - 1; at > from; at--)
        if (scan_starts(text, at - 1, s.end, open) &&
            (text[at - 1] != '<' || skip_tag(text, (struct span){at - 1, s.end}) == s.end))
            return at - 1;
    return s.end;
}

/* How many of the last bytes are spacing, a stop, markup or a row's end, and no factorial. */
static size_t idle_end(const char *text, struct span s)
{
    if (s.start == s.end)
        return 0;
    char last = text[s.end - 1], before = s.end - s.start > 1 ? text[s.end - 2] : ' ';
    if (last == '!')
        return !scan_is_digit(before) && before != ')';
    if (last == '\\') /* "\\" ends a row; text that lost one of them has a lone one */
        return before == '\\' ? 2 : scan_is_space(before);
    return in_set(last, " \t\n\v\f\r,:;.&*_?");
}

/* Over "So,", "and", "which" before what is asserted, and marks after it. */
static struct span tidy(const char *text, struct span s)
{
    static const char *const words[] = {"so",      "then",    "and",  "which",     "thus",
                                        "hence",   "but",     "now",  "therefore", "since",
                                        "because", "finally", "also", "similarly"};
    for (bool again = true; again;) {
        again = false;
        while (s.start < s.end && in_set(text[s.start], " \t\n\v\f\r,:;&*_>"))
            s.start++;
        size_t behind = skip_tag(text, s);
        if (scan_starts(text, behind, s.end, "\\["))
            behind += 2;
        again = behind > s.start;
        s.start = behind;
        s.end = cut_tag(text, s);
        if (scan_ends(text, s.start, s.end, "\\]"))
            s.end -= 2;
        for (size_t idle; (idle = idle_end(text, s)) > 0;)
            s.end -= idle;
        for (size_t k = 0; k < sizeof words / sizeof *words && !again; k++)
            if (scan_word(text, s.start, s.end, words[k]) && s.start + strlen(words[k]) < s.end &&
                in_set(text[s.start + strlen(words[k])], " ,:")) {
                s.start += strlen(words[k]);
                again = true;
            }
    }
    return s;
}

static void count_relations(const char *text, struct statement *st)
{
    st->n_relations = st->last_relation = 0;
    for (size_t at = st->s.start, len; at < st->s.end; at += len ? len : 1)
        if ((len = statements_relation(text, at, st->s.end)) > 0) {
            st->n_relations++;
            st->last_relation = at + len;
        }
}

/* One statement from the front of the line. */
static bool cut_line(struct cutter *cutter, struct statement *ret)
{
    const char *text = cutter->text;
    struct span s = cutter->line;
    if (s.start >= s.end)
        return false;
    bool keep_whole = supposes(text, s);
    size_t depth = 0, pending = 0, pending_len = 0, relation_end = 0, at = s.start;
    *ret = (struct statement){.heading = cutter->heading};
    for (; at < s.end; at++) {
        char c = text[at];
        size_t len = 0;
        switch (kinds[(unsigned char)c]) {
        case KIND_PLAIN:
            continue;
        case KIND_DIGIT:
            ret->digit = true;
            continue;
        case KIND_OPEN:
            depth++;
            continue;
        case KIND_CLOSE:
            depth -= depth > 0;
            continue;
        case KIND_STOP:
            if (!sentence_ends(text, s, at))
                continue;
            ret->question = c == '?';
            goto end;
        case KIND_RELATION:
            len = statements_relation(text, at, s.end);
            break;
        }
        if (len) {
            if (pending && !keep_whole) {
                at = pending;
                goto end;
            }
            ret->n_relations++;
            ret->last_relation = relation_end = at + len;
            at += len - 1;
        } else if (relation_end && depth == 0 && (len = joint(text, at, s.end)) > 0) {
            pending = at;
            pending_len = len;
            at += len - 1;
        }
    }
end:;
    bool at_joint = pending && at == pending;
    size_t next = at_joint ? at + pending_len : at < s.end ? at + 1 : s.end;
    while (!at_joint && next < s.end && in_set(text[next], "$*\"'_)")) /* ".$ Then" */
        next++;
    cutter->line.start = next;
    struct span raw = scan_trim(text, (struct span){s.start, at});
    ret->s = tidy(text, raw);
    if (raw.end > raw.start && text[raw.end - 1] == ':') /* it leads to what follows */
        ret->heading = true;
    if (ret->last_relation <= ret->s.start || ret->last_relation > ret->s.end)
        count_relations(text, ret); /* one was taken off */
    if (at_joint) {                 /* digits after the cut are not its own */
        ret->digit = false;
        for (size_t i = ret->s.start; i < ret->s.end && !ret->digit; i++)
            ret->digit = scan_is_digit(text[i]);
    }
    return true;
}

/* A row that begins with a relation continues the statement before it. */
static bool continues(const struct cutter *cutter, const struct statement *row)
{
    size_t at = row->s.start;
    return cutter->holds && row->s.start < row->s.end && !row->heading && !cutter->held.heading &&
           statements_relation(cutter->text, at, row->s.end) &&
           row->s.end - cutter->held.s.start <= SURETY_CLAIM_MAX;
}

bool statements_next(struct cutter *cutter, struct statement *ret)
{
    struct statement found;
    for (;;) {
        if (!cut_line(cutter, &found)) {
            if (next_line(cutter))
                continue;
            *ret = cutter->held;
            bool last = cutter->holds;
            cutter->holds = false;
            return last;
        }
        if (found.s.start >= found.s.end)
            continue;
        if (continues(cutter, &found)) {
            cutter->held.s.end = found.s.end;
            cutter->held.digit = cutter->held.digit || found.digit;
            cutter->held.n_relations += found.n_relations;
            cutter->held.last_relation = found.last_relation;
            continue;
        }
        bool ready = cutter->holds;
        *ret = cutter->held;
        cutter->held = found;
        cutter->holds = true;
        if (ready)
            return true;
    }
}
