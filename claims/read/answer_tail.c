/*
 * answer_tail.c - what an answer is of a longer statement: the bold part, the end of a chain of
 * equations, what stands between answer tags; without the words that only round it off.
 */
#include "claims/read/answer_internal.h"

bool answer_begins_value(const char *text, size_t at, size_t end)
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

struct span answer_chain_end(const char *text, struct span s)
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
    if (!first || first == s.start || !answer_begins_value(text, last, s.end))
        return s;
    for (size_t i = s.start; i < first; i++)
        if (scan_is_digit(text[i]))
            return (struct span){last, s.end};
    return s;
}

#define REMARKS_MAX 400 /* bytes of a value with remarks; more is no value */

/* Words that follow an answer and are none of it. */
static const char *const rounding_off[] = {
    "in total",   "altogether", "all together", "in all",   "overall", "as required",
    "as desired", "of them",    "total",        "all told", "in sum",  "all in all",
};

/* "72, in total", "72 eggs altogether" */
static bool drop_rounding_off(const char *text, struct span *s)
{
    for (size_t k = 0; k < sizeof rounding_off / sizeof *rounding_off; k++) {
        size_t len = strlen(rounding_off[k]);
        if (s->end - s->start <= len + 1 || !scan_ends(text, s->start, s->end, rounding_off[k]) ||
            !strchr(" ,(", text[s->end - len - 1]))
            continue;
        s->end -= len;
        while (s->end > s->start && strchr(" ,", text[s->end - 1]))
            s->end--;
        return true;
    }
    return false;
}

/* "72, for the whole year", "72 (rounded)": a remark of words alone behind a value. */
static bool drop_remark(const char *text, struct span *s)
{
    static const char *const openings[] = {
        "in",        "for",       "after",   "per",     "at",       "on",     "from",
        "of",        "to",        "all",     "each",    "every",    "during", "over",
        "until",     "that",      "meaning", "making",  "just",     "total",  "only",
        "exactly",   "or so",     "give",    "rounded", "assuming", "using",  "leaving",
        "including", "excluding", "thus",    "hence",   "therefore"};
    for (size_t i = s->start; i + 2 < s->end; i++) {
        bool comma = text[i] == ',' && text[i + 1] == ' ';
        for (size_t k = 0; comma && i > s->start && k < sizeof openings / sizeof *openings; k++)
            if (scan_word(text, i + 2, s->end, openings[k]) &&
                !answer_has_value(text, (struct span){i + 2, s->end})) {
                s->end = i;
                return true;
            }
    }
    return false;
}

/* "B — it fits", "72 (in total)": what stands behind a dash, a remark in brackets. */
static bool drop_aside(const char *text, struct span *s)
{
    for (size_t i = s->start + 1; i + 3 < s->end; i++) {
        struct span before = {s->start, i};
        bool dash = text[i] == ' ' && (scan_starts(text, i + 1, s->end, "\xE2\x80\x94 ") ||
                                       scan_starts(text, i + 1, s->end, "\xE2\x80\x93 "));
        bool round = text[i] == ' ' && text[i + 1] == '(' && text[s->end - 1] == ')' &&
                     drop_rounding_off(text, &(struct span){i, s->end - 1});
        if (round ||
            (dash && (answer_is_choice(text, before) || answer_begins_value(text, s->start, i)))) {
            s->end = i;
            return true;
        }
    }
    return false;
}

struct span answer_without_remarks(const char *text, struct span s)
{
    struct span clean = answer_clean(text, s), cut = clean;
    bool value = answer_begins_value(text, clean.start, clean.end);
    if (clean.end - clean.start > REMARKS_MAX)
        return s;
    while (drop_aside(text, &cut) ||
           (value && (drop_rounding_off(text, &cut) || drop_remark(text, &cut))))
        ;
    return cut.end < clean.end ? cut : s;
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
    if (n_verbs == 1 && answer_begins_value(text, best.start, s.end) &&
        answer_count_words(text, answer_chain_end(text, best)) <= most_words)
        return answer_chain_end(text, best);
    best = answer_chain_end(text, s);
    return answer_count_words(text, best) <= most_words ? best : s;
}

/* The tag </answer> or its kin at text[at], or NULL: what stands between the brackets. */
static const char *closing_tag(const char *text, size_t at, size_t end)
{
    static const char *const tags[] = {"answer>", "final_answer>", "final-answer>", "finalanswer>"};
    for (size_t k = 0; k < sizeof tags / sizeof *tags; k++)
        if (scan_starts(text, at, end, "</") && scan_starts(text, at + 2, end, tags[k]))
            return tags[k];
    return NULL;
}

bool answer_find_tag(const char *text, struct span s, struct found *ret)
{
    const char *less;
    for (size_t i = s.end; i > s.start && (less = memrchr(text + s.start, '<', i - s.start));
         i = (size_t)(less - text)) {
        size_t at = (size_t)(less - text);
        const char *tag = closing_tag(text, at, s.end);
        if (!tag)
            continue;
        /* The tag's own beginning; a reply that lost it ("5</answer>") still says what it says. */
        size_t from = s.start, after = at + 2 + strlen(tag);
        struct found f = {.how = "answer tag", .n_parts = 1};
        for (size_t k = at; k > s.start; k--)
            if (text[k - 1] == '<' && scan_starts(text, k, at, tag)) {
                f.whole = (struct span){k - 1, after};
                f.part[0] = scan_trim(text, (struct span){k + strlen(tag), at});
                *ret = f;
                return f.part[0].start < f.part[0].end;
            }
        from = answer_line_start(text, s.start, at);
        if (scan_starts(text, from, at, tag))
            from += strlen(tag);
        f.whole = (struct span){from, after};
        f.part[0] = scan_trim(text, (struct span){from, at});
        *ret = f;
        return f.part[0].start < f.part[0].end && answer_count_words(text, f.part[0]) <= 6;
    }
    return false;
}
