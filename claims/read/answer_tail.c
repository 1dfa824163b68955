/*
 * answer_tail.c - answers that stand where answers stand: in the answer tag, at the end of a
 * sentence, alone on the last line.
 */
#include "claims/read/answer_internal.h"

#define BARE_MAX 2000 /* bytes of a last line that may be an answer */

/* Does a value begin at text[at]: a number, money, a formula? */
static bool begins_value(const char *text, size_t at, size_t end)
{
    while (at < end && strchr("*_`\"(-+ ", text[at]))
        at++;
    return at < end && (scan_is_digit(text[at]) || strchr("$\\.[{", text[at]) ||
                        text[at] == '\xE2' || text[at] == '\xC2');
}

/* The last bold part with a value, or s. */
static struct span bold_part(const char *text, struct span s)
{
    struct span best = s;
    size_t begin = 0;
    bool open = false;
    for (size_t i = s.start; i + 1 < s.end; i++) {
        if (text[i] != '*' || text[i + 1] != '*')
            continue;
        if (open && answer_has_value(text, (struct span){begin, i}))
            best = (struct span){begin, i};
        open = !open;
        begin = i + 2;
        i++;
    }
    return best;
}

/* "9*8 = 72" asserts 72; "x = 2, y = 3" and "x = 2 or x = 3" assert all of it, and "y = 2x" too. */
static struct span chain_end(const char *text, struct span s)
{
    size_t first = 0, last = 0;
    for (size_t i = s.start; i + 1 < s.end; i++) {
        if ((text[i] == ',' && text[i + 1] == ' ') || scan_starts(text, i, s.end, " and ") ||
            scan_starts(text, i, s.end, " or ") || strchr("<>", text[i]))
            return s;
        if (text[i] == '=') {
            first = first ? first : i;
            last = i + 1;
        }
    }
    if (!first || first == s.start || !begins_value(text, last, s.end))
        return s;
    for (size_t i = s.start; i < first; i++)
        if (scan_is_digit(text[i]))
            return (struct span){last, s.end};
    return s;
}

struct span answer_tail(const char *text, struct span s, size_t most_words)
{
    static const char *const verbs[] = {" is ", " are ",    " was ",  " were ",
                                        " be ", " equals ", " have ", " has "};
    s = answer_clean(text, s);
    struct span best = bold_part(text, s);
    if (best.start != s.start)
        return best;
    size_t n_verbs = 0;
    for (size_t i = s.start; i < s.end; i++)
        for (size_t k = 0; text[i] == ' ' && k < sizeof verbs / sizeof *verbs; k++)
            if (scan_starts(text, i, s.end, verbs[k])) {
                best.start = i + strlen(verbs[k]);
                n_verbs++;
            }
    if (n_verbs == 1 && begins_value(text, best.start, s.end) &&
        answer_count_words(text, chain_end(text, best)) <= most_words)
        return chain_end(text, best);
    best = chain_end(text, s);
    return answer_count_words(text, best) <= most_words ? best : s;
}

bool answer_find_tag(const char *text, struct span s, struct found *ret)
{
    const char *less;
    for (size_t i = s.end; i > s.start && (less = memrchr(text + s.start, '<', i - s.start));
         i = (size_t)(less - text)) {
        size_t at = (size_t)(less - text);
        if (!scan_starts(text, at, s.end, "</answer>"))
            continue;
        /* The tag's own beginning; a reply that lost it ("5</answer>") still says what it says. */
        size_t from = s.start;
        struct found f = {.how = "answer tag", .n_parts = 1};
        for (size_t k = at; k > s.start; k--)
            if (text[k - 1] == '<' && scan_starts(text, k - 1, at, "<answer>")) {
                f.whole = (struct span){k - 1, at + strlen("</answer>")};
                f.part[0] = scan_trim(text, (struct span){k - 1 + strlen("<answer>"), at});
                *ret = f;
                return f.part[0].start < f.part[0].end;
            }
        from = answer_line_start(text, s.start, at);
        if (scan_starts(text, from, at, "answer>"))
            from += strlen("answer>");
        f.whole = (struct span){from, at + strlen("</answer>")};
        f.part[0] = scan_trim(text, (struct span){from, at});
        *ret = f;
        return f.part[0].start < f.part[0].end && answer_count_words(text, f.part[0]) <= 6;
    }
    return false;
}

/* "The date today is 05/01/2021." as the last sentence. */
static bool read_conclusion(const char *text, struct span line, struct found *ret)
{
    static const char *const openings[] = {"the",        "so",       "thus",       "therefore",
                                           "hence",      "in total", "there",      "total",
                                           "altogether", "finally",  "as a result"};
    size_t start = line.start;
    for (size_t i = line.start; i + 2 < line.end; i++)
        if (strchr(".!?", text[i]) && text[i + 1] == ' ' && text[i + 2] >= 'A' &&
            text[i + 2] <= 'Z')
            start = i + 2;
    struct span s = answer_clean(text, (struct span){start, line.end});
    for (size_t k = 0; k < sizeof openings / sizeof *openings; k++)
        if (scan_word(text, s.start, s.end, openings[k])) {
            struct span tail = answer_tail(text, s, 4);
            *ret = (struct found){
                .whole = {start, line.end}, .part = {tail}, .n_parts = 1, .how = "last statement"};
            return tail.start != s.start && begins_value(text, tail.start, tail.end);
        }
    return false;
}

bool answer_find_bare(const char *text, struct span s, struct found *ret)
{
    s = scan_trim(text, s);
    if (s.start == s.end)
        return false;
    struct span last = {answer_line_start(text, s.start, s.end), s.end};
    last = scan_trim(text, last);
    if (last.end - last.start > BARE_MAX)
        return false;
    *ret = (struct found){.whole = last, .part = {last}, .n_parts = 1, .how = "choice letter"};
    if (answer_is_choice(text, last))
        return true;
    if (read_conclusion(text, last, ret))
        return true;
    *ret = (struct found){.whole = last, .part = {last}, .n_parts = 1, .how = "whole reply"};
    size_t words = answer_count_words(text, s);
    return last.start == s.start && words <= 6 && !strchr(":?", text[s.end - 1]) &&
           text[s.start] != '{' && (words <= 2 || answer_has_value(text, s)) &&
           !scan_word(text, s.start, s.end, "i");
}
