/*
 * answer_last.c - answers that nothing announces and that stand where answers stand: alone on the
 * last line, at the end of the last equation, in the last sentence.
 */
#include "claims/read/answer_internal.h"

#define BARE_MAX 2000 /* bytes of a last line that may be an answer */
#define LABEL_MIN 3   /* bytes of a label before a value; "b: 5" is an item */
#define COUNT(list) (sizeof(list) / sizeof *(list))

static struct span last_sentence(const char *text, struct span line)
{
    struct span s = line;
    for (size_t i = line.start; i + 2 < line.end; i++)
        if (strchr(".!?", text[i]) && text[i + 1] == ' ' &&
            ((text[i + 2] >= 'A' && text[i + 2] <= 'Z') ||
             scan_starts(text, i + 2, line.end, "**")))
            s.start = i + 2;
    return s;
}

static bool begins_with(const char *text, struct span s, const char *const *words, size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (scan_word(text, s.start, s.end, words[k]))
            return true;
    return false;
}

static bool opens_conclusion(const char *text, struct span s)
{
    static const char *const openings[] = {
        "the",         "so",         "thus",       "therefore",     "hence",       "in total",
        "there",       "total",      "altogether", "finally",       "as a result", "consequently",
        "this means",  "that means", "this gives", "in conclusion", "overall",     "in the end",
        "accordingly", "today",      "tomorrow",   "yesterday"};
    return begins_with(text, s, openings, COUNT(openings));
}

static bool opens_opinion(const char *text, struct span s)
{
    static const char *const openings[] = {"i", "my", "it", "option", "choice", "definitely"};
    return begins_with(text, s, openings, COUNT(openings));
}

/* "She sold 72 clips." behind some work. */
static bool tells(const char *text, struct span s)
{
    static const char *const openings[] = {"it", "he", "she", "they", "you", "in all"};
    return begins_with(text, s, openings, COUNT(openings));
}

/* "The date today is 05/01/2021.", "It is May 1, which can be written as 05/01/2021." */
static bool read_conclusion(const char *text, struct span s, struct found *ret)
{
    const char *written = memmem(text + s.start, s.end - s.start, " written ", 9);
    for (size_t i = written ? (size_t)(written - text) + 8 : s.end; i + 4 < s.end; i++)
        if (scan_starts(text, i, s.end, " as ") && answer_begins_value(text, i + 4, s.end)) {
            ret->part[0] = (struct span){i + 4, s.end};
            return true;
        }
    struct span tail = answer_without_remarks(text, answer_tail(text, s, 4));
    ret->part[0] = tail;
    return tail.start != s.start && answer_begins_value(text, tail.start, tail.end);
}

/* "I would pick B", "So it must be (C)": the only letter that is a choice, after a word that
 * chooses. A lone A may be an article. */
static bool read_pick(const char *text, struct span s, struct found *ret)
{
    static const char *const verbs[] = {
        "pick",      "choose",  "select",    "chose",  "go with", "going with",
        "opt for",   "must be", "has to be", "is",     "it's",    "say",
        "selected",  "picked",  "choosing",  "answer", "option",  "choice",
        "therefore", "thus",    "so",        "hence"};
    bool found = false;
    for (size_t k = 0; k < COUNT(verbs); k++)
        for (size_t i = s.start; i < s.end; i++) {
            if ((i > s.start && text[i - 1] != ' ') || !scan_word(text, i, s.end, verbs[k]))
                continue;
            size_t at = i + strlen(verbs[k]);
            while (at < s.end && strchr(" *:,", text[at]))
                at++;
            for (size_t w = 0; w < 3; w++) {
                static const char *const fillers[] = {"option ", "choice ", "answer "};
                at += scan_starts(text, at, s.end, fillers[w]) ? strlen(fillers[w]) : 0;
            }
            while (at < s.end && text[at] == '*')
                at++;
            struct span letter = {at, at};
            while (letter.end < s.end && letter.end - at < 3 &&
                   !strchr(" .,;:*!", text[letter.end]))
                letter.end++;
            size_t after = letter.end;
            bool article = after - at == 1 && text[at] == 'A' && after + 1 < s.end &&
                           text[after] == ' ' && scan_is_letter(text[after + 1]);
            if (!answer_is_choice(text, letter) || article)
                continue;
            if (found && (text[ret->part[0].start] != text[letter.start]))
                return false;
            ret->part[0] = letter;
            found = true;
        }
    return found;
}

/* A plan, a denial, a definition: its number is no result. */
static bool is_no_result(const char *text, struct span s)
{
    static const char *const words[] = {
        "let",       "let's",     "find",      "calculate", "compute", "divide",   "multiply",
        "subtract",  "add",       "determine", "use",       "cannot",  "can't",    "not",
        "unknown",   "depends",   "without",   "if",        "should",  "question", "step",
        "note",      "given",     "at least",  "at most",   "least",   "most",     "more than",
        "less than", "incorrect", "wrong",     "maybe",     "or",      "know",     "check",
        "try",       "first",     "next",      "each",      "above",   "below",    "under",
        "beyond",    "exceeds",   "differs",   "never",     "isn't",   "nor",      "unlike"};
    if (memchr(text + s.start, '=', s.end - s.start) ||
        memchr(text + s.start, '_', s.end - s.start))
        return true;
    for (size_t i = s.start; i < s.end; i++)
        for (size_t k = 0; (i == s.start || text[i - 1] == ' ') && k < COUNT(words); k++)
            if (scan_word(text, i, s.end, words[k]))
                return true;
    return false;
}

/* The only number of the sentence, with its currency or per cent: "So she sold 72 clips in May." */
static bool read_only_number(const char *text, struct span s, struct found *ret)
{
    size_t n = 0;
    if (is_no_result(text, s))
        return false;
    for (size_t i = s.start; i < s.end; i++) {
        if (!scan_is_digit(text[i]))
            continue;
        struct span number = {i, i};
        while (number.end < s.end && (scan_is_digit(text[number.end]) ||
                                      (strchr(".,/", text[number.end]) && number.end + 1 < s.end &&
                                       scan_is_digit(text[number.end + 1]))))
            number.end++;
        i = number.end;
        if ((number.start > s.start && (scan_is_letter(text[number.start - 1]) ||
                                        strchr("^_\\{/", text[number.start - 1]))) ||
            (number.end < s.end &&
             (scan_is_letter(text[number.end]) || strchr("^_\\}*+/:(", text[number.end]) != NULL)))
            return false;
        if (number.start > s.start && text[number.start - 1] == '$')
            number.start--;
        if (number.start > s.start && text[number.start - 1] == '-' &&
            (number.start - 1 == s.start || text[number.start - 2] == ' '))
            number.start--;
        number.end += number.end < s.end && text[number.end] == '%';
        ret->part[0] = number;
        n++;
    }
    return n == 1;
}

/* "42", "$70,000", "12 apples" and no item of a list, no formula that goes on. */
static bool is_lone_value(const char *text, struct span s)
{
    size_t i = s.start;
    while (i < s.end && scan_is_digit(text[i]))
        i++;
    bool item = (i > s.start && i + 1 < s.end && strchr(".)", text[i]) && text[i + 1] == ' ') ||
                scan_starts(text, s.start, s.end, "- ");
    s = answer_clean(text, s);
    if (item || s.start == s.end || strchr(":=+-*/,(", text[s.end - 1]) ||
        strchr("[{", text[s.start]) || memmem(text + s.start, s.end - s.start, "\\begin", 6) ||
        answer_count_words(text, s) > 3 || !answer_begins_value(text, s.start, s.end))
        return false;
    for (i = s.start; i < s.end; i++)
        if (scan_is_digit(text[i]))
            return true;
    return false;
}

/* "$200,000 - $130,000 = **$70,000**" */
static bool read_equation(const char *text, struct span s, struct found *ret)
{
    struct span end = answer_chain_end(text, s), clean = answer_clean(text, end);
    ret->part[0] = clean;
    return end.start > s.start && is_lone_value(text, clean);
}

/* "So $x = 5$.": a letter and its value. */
static bool read_letter(const char *text, struct span s, struct found *ret)
{
    const char *equals = memrchr(text + s.start, '=', s.end - s.start);
    if (!equals || equals != memchr(text + s.start, '=', s.end - s.start) ||
        answer_count_words(text, s) > 7)
        return false;
    size_t at = (size_t)(equals - text), left = at;
    while (left > s.start && text[left - 1] == ' ')
        left--;
    left -= left > s.start;
    char before = left > s.start ? text[left - 1] : ' ';
    ret->part[0] = answer_clean(text, (struct span){left, s.end});
    return scan_is_letter(text[left]) && strchr(" $(", before) &&
           is_lone_value(text, scan_trim(text, (struct span){at + 1, s.end}));
}

/* "Total cost: $72": a label of few words and a value. */
static bool read_label(const char *text, struct span s, struct found *ret)
{
    const char *colon = memchr(text + s.start, ':', s.end - s.start);
    size_t at = colon ? (size_t)(colon - text) : s.end;
    struct span label = {s.start, at}, value = {at < s.end ? at + 1 : at, s.end};
    ret->part[0] = answer_clean(text, value);
    return at < s.end && at > s.start && !scan_is_digit(text[at - 1]) &&
           label.end - label.start >= LABEL_MIN && answer_count_words(text, label) <= 4 &&
           !answer_has_value(text, label) && !memchr(text + at, '+', s.end - at) &&
           !memchr(text + at, '=', s.end - at) && is_lone_value(text, value);
}

/* Without the sign that a last step begins with: "= 72", "=> 72". */
static struct span after_arrow(const char *text, struct span s)
{
    static const char *const signs[] = {
        "=>", "->", "=", " ", "\xE2\x88\xB4", "\xE2\x87\x92", "\xE2\x86\x92", "\\therefore"};
    for (size_t k = 0; k < COUNT(signs);) {
        bool here = scan_starts(text, s.start, s.end, signs[k]);
        s.start += here ? strlen(signs[k]) : 0;
        k = here ? 0 : k + 1;
    }
    return s;
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
    struct span sentence = last_sentence(text, last), clean = answer_clean(text, sentence);
    ret->whole = sentence;
    bool question = text[last.end - 1] == '?', concludes = opens_conclusion(text, clean);
    if (!question && (concludes || opens_opinion(text, clean)) && read_pick(text, clean, ret))
        return true;
    ret->how = "last statement";
    if (!question && ((concludes && read_conclusion(text, clean, ret)) ||
                      read_equation(text, clean, ret) || read_letter(text, clean, ret) ||
                      (strchr(".!*$", text[last.end - 1]) &&
                       (concludes || (sentence.start > s.start && tells(text, clean))) &&
                       read_only_number(text, clean, ret))))
        return true;
    if (read_label(text, last, ret))
        return true;
    struct span value = answer_without_remarks(text, after_arrow(text, last));
    *ret = (struct found){.whole = last, .part = {value}, .n_parts = 1, .how = "last line"};
    if (last.start != s.start && is_lone_value(text, value))
        return true;
    *ret = (struct found){.whole = last, .part = {value}, .n_parts = 1, .how = "whole reply"};
    size_t words = answer_count_words(text, s);
    return last.start == s.start && words <= 6 && !strchr(":?", text[s.end - 1]) &&
           text[s.start] != '{' && (words <= 2 || answer_has_value(text, s)) &&
           !scan_word(text, s.start, s.end, "i");
}
