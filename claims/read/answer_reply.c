/*
 * answer_reply.c - which stretches of a text are the reply in which an answer may stand.
 *
 * Models that are not stopped go on: they write the next question of a list and answer that too, or
 * say the same sentences until the limit. And where a prompt asks for claims, the list of them is
 * about the answer and not the answer, however many of its values are boxed.
 */
#include "claims/read/answer_internal.h"

#define LOOP_WINDOW 16384 /* bytes at the end in which two rounds of a loop must lie */
#define LOOP_KEY 12       /* bytes at the end that must have stood before */
#define LOOP_TRIES 8
#define HEADING_MAX 80 /* bytes of a line without a colon that may announce a list */

static size_t line_end(const char *text, size_t at, size_t end)
{
    const char *newline = memchr(text + at, '\n', end - at);
    return newline ? (size_t)(newline - text) : end;
}

/* ---- the next question ---- */

/* Past "Question", "Problem 2" at text[at], or at. */
static size_t skip_label(const char *text, size_t at, size_t end, bool *ret_numbered)
{
    static const char *const labels[] = {
        "question", "next question", "new question", "human", "user",     "problem",
        "q",        "instruction",   "exercise",     "frage", "pregunta", "pergunta",
        "domanda",  "Вопрос",        "问题",         "問題",  "질문"};
    *ret_numbered = false;
    if (at == end || !strchr("QNHUPIEFD\xD0\xE9\xEC", text[at]) || !text[at]) /* how they begin */
        return at;
    for (size_t k = 0; k < sizeof labels / sizeof *labels; k++) {
        if (labels[k][0] != text[at] && labels[k][0] != scan_lower(text[at]))
            continue;
        size_t i = at + strlen(labels[k]);
        bool here = i <= end && (!memcmp(text + at, labels[k], strlen(labels[k])) ||
                                 scan_starts(text, at, end, labels[k]));
        if (!here || (i < end && scan_is_letter(text[i])))
            continue;
        while (i < end && (scan_is_digit(text[i]) || strchr(" #.", text[i]))) {
            *ret_numbered = *ret_numbered || scan_is_digit(text[i]);
            i++;
        }
        return i;
    }
    return at;
}

/* Does a line or a sentence that begins at text[at] open another question? */
static bool opens_question(const char *text, size_t at, size_t end, bool heading,
                           bool *ret_numbered)
{
    size_t i = skip_label(text, at, end, ret_numbered);
    if (i == at)
        return false;
    while (i < end && strchr("*_", text[i]))
        i++;
    return i == end ? heading : text[i] == ':' || scan_starts(text, i, end, "\xEF\xBC\x9A");
}

/* Where "Question:" stands behind a sentence of the same line. */
static size_t question_inside(const char *text, size_t from, size_t end, bool *ret_numbered)
{
    const char *colon;
    for (size_t i = from; i < end && (colon = memchr(text + i, ':', end - i));
         i = (size_t)(colon - text) + 1) {
        size_t at = (size_t)(colon - text);
        while (at > from && (scan_is_letter(text[at - 1]) || text[at - 1] == '*'))
            at--;
        size_t before = at;
        while (before > from && text[before - 1] == ' ')
            before--;
        char c = before > from ? text[before - 1] : ' ';
        if (before < at && (strchr(".!?}$)]*", c) || scan_is_digit(c)) &&
            opens_question(text, at, end, false, ret_numbered))
            return at;
    }
    return end;
}

size_t answer_next_question(const char *text, size_t from, size_t end, bool *ret_numbered)
{
    for (size_t line = from; line < end;) {
        size_t stop = line_end(text, line, end), at = line;
        bool heading = false;
        for (; at < stop && !scan_is_letter(text[at]) && text[at] && strchr("#*_> \t-", text[at]);
             at++)
            heading = heading || text[at] == '#' || text[at] == '*';
        if (opens_question(text, at, scan_trim(text, (struct span){at, stop}).end, heading,
                           ret_numbered))
            return line;
        size_t inside = question_inside(text, line, stop, ret_numbered);
        if (inside < stop)
            return inside;
        line = stop + 1;
    }
    return end;
}

/* ---- loops ---- */

/* A loop says something: words, and an end of a line or sentence. "0 1 0\n0 1 0" is a value. */
static bool says_sentences(const char *text, struct span s)
{
    size_t words = 0;
    bool ends = false;
    for (size_t i = s.start; i + 1 < s.end; i++) {
        bool begins = i == s.start || !scan_is_letter(text[i - 1]);
        words += begins && scan_is_letter(text[i]) && scan_is_letter(text[i + 1]);
        ends = ends || text[i] == '\n' || (strchr(".!?", text[i]) && scan_is_space(text[i + 1]));
    }
    return words >= 2 && (ends || text[s.end - 1] == '\n' || strchr(".!?", text[s.end - 1]));
}

/* The smallest round of a loop that text[s.start..s.end) ends in, 0 for none. */
static size_t find_round(const char *text, struct span s)
{
    if (s.end - s.start < 2 * LOOP_KEY)
        return 0;
    struct span w = s;
    if (w.end - w.start > LOOP_WINDOW)
        w.start = w.end - LOOP_WINDOW;
    const char *key = text + s.end - LOOP_KEY, *stop = key;
    size_t tries = 0;
    while (tries < LOOP_TRIES && stop > text + w.start &&
           (stop = memrchr(text + w.start, *key, (size_t)(stop - text) - w.start))) {
        size_t round = (size_t)(key - stop);
        if (round < LOOP_KEY || memcmp(stop, key, LOOP_KEY))
            continue;
        if (2 * round > w.end - w.start)
            return 0;
        tries++;
        if (!memcmp(text + s.end - round, text + s.end - 2 * round, round) &&
            says_sentences(text, (struct span){s.end - round, s.end}))
            return round;
    }
    return 0;
}

size_t answer_loop_start(const char *text, struct span s, size_t *ret_round)
{
    s = scan_trim(text, s);
    size_t round = *ret_round = find_round(text, s);
    if (!round)
        return s.end;
    size_t start = s.end - 2 * round;
    while (start > s.start && text[start - 1] == text[start - 1 + round])
        start--;
    /* One round stays, to the end of its last sentence. */
    for (size_t i = start + round; i < s.end; i++)
        if (text[i] == '\n' || text[i - 1] == '\n' ||
            (scan_is_blank(text[i]) && strchr(".!?", text[i - 1])) ||
            (scan_is_blank(text[i - 1]) && strchr(".!?", text[i - 2])))
            return i;
    return s.end;
}

/* ---- lists of claims ---- */

static bool has_word(const char *text, struct span s, const char *word)
{
    for (size_t i = s.start; i < s.end; i++)
        if (scan_starts(text, i, s.end, word) && (i == s.start || !scan_is_letter(text[i - 1])))
            return true;
    return false;
}

/* Past the marks of a list item or heading; *ret_item: it is an item, or goes on with one. */
static size_t skip_marks(const char *text, struct span line, bool *ret_item)
{
    size_t i = line.start;
    while (i < line.end && scan_is_blank(text[i]))
        i++;
    *ret_item = i - line.start >= 2;
    size_t digits = i;
    while (digits < line.end && strchr("*([", text[digits]))
        digits++;
    size_t first = digits;
    while (digits < line.end && scan_is_digit(text[digits]))
        digits++;
    if (digits > first && digits < line.end && strchr(".):]", text[digits])) {
        *ret_item = true;
        i = digits + 1;
    } else if (i + 1 < line.end && strchr("-*+", text[i]) && text[i + 1] == ' ') {
        *ret_item = true;
        i++;
    } else if (scan_starts(text, i, line.end, "\xE2\x80\xA2")) {
        *ret_item = true;
        i += 3;
    } else if (scan_starts(text, i, line.end, "\\item") || /* and its \\begin and \\end */
               memmem(text + i, line.end - i, "{enumerate}", 11) ||
               memmem(text + i, line.end - i, "{itemize}", 9) ||
               (i + 2 < line.end && scan_is_letter(text[i]) && scan_is_digit(text[i + 1]) &&
                strchr(":.)", text[i + 2]))) {
        *ret_item = true;
    }
    while (i < line.end && strchr("#*_> \t", text[i]))
        i++;
    return i;
}

/* "Claims: ...", "**Statement 2:** ...", "- Claim: ...": where what is claimed begins, or 0.
 * "Claim:
 * ..." alone begins a proof. */
static size_t after_claim_word(const char *text, size_t at, size_t end, bool item)
{
    static const char *const words[] = {"claims", "claim", "statements", "statement"};
    for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
        size_t i = at + strlen(words[k]);
        if (!scan_word(text, at, end, words[k]))
            continue;
        bool known = item || k % 2 == 0;
        for (; i < end && (scan_is_digit(text[i]) || strchr(" *_#", text[i])); i++)
            known = known || scan_is_digit(text[i]);
        if (!known || (i < end && text[i] != ':'))
            return 0;
        while (i < end && strchr(":*_ ", text[i]))
            i++;
        return i;
    }
    return 0;
}

/* Does the line announce claims: "The statements that the answer depends on are:"? Without a colon
 * it must at least be no sentence. */
static bool announces_claims(const char *text, struct span line, size_t at)
{
    static const char *const nouns[] = {"statement", "facts", "assumptions", "premises"};
    static const char *const about[] = {"answer", "depend", "solution", "relies", "rests"};
    size_t end = line.end;
    while (end > at && strchr("*_ \t\r", text[end - 1]))
        end--;
    struct span s = {at, end};
    if (end == at || strchr(".!?", text[end - 1]) || scan_ends(text, at, end, "answer is:") ||
        scan_ends(text, at, end, "answer:"))
        return false;
    bool colon = text[end - 1] == ':', heading = text[line.start] == '#';
    if (!colon && !heading && end - at > HEADING_MAX)
        return false;
    if (has_word(text, s, "claims") || (colon && scan_word(text, at, end, "assumptions")))
        return true;
    bool noun = false, theirs = false;
    for (size_t k = 0; k < sizeof nouns / sizeof *nouns; k++)
        noun = noun || has_word(text, s, nouns[k]);
    for (size_t k = 0; noun && k < sizeof about / sizeof *about; k++)
        theirs = theirs || has_word(text, s, about[k]);
    return theirs;
}

/* The end of the list that begins behind an announcing line; told: that line was "Claims:", or
 * alone with that word. */
static size_t claims_end(const char *text, size_t at, size_t end, bool told, bool alone)
{
    bool blank = false, colon = false, listed = false;
    size_t last = at;
    for (size_t line = at; line < end;) {
        struct span l = {line, line_end(text, line, end)}, t = scan_trim(text, l);
        bool item;
        size_t core = skip_marks(text, l, &item);
        bool formula =
            scan_starts(text, t.start, t.end, "\\[") || scan_starts(text, t.start, t.end, "$$");
        line = l.end + 1;
        if (t.start == t.end) {
            blank = true;
            continue;
        }
        if (last == at && !item && !told && !after_claim_word(text, core, t.end, item) &&
            !announces_claims(text, t, core))
            break;
        bool boxed = memmem(text + t.start, t.end - t.start, "box", 3) != NULL;
        bool concludes =
            !item &&
            ((boxed && (listed || !alone) && !colon) || has_word(text, t, "final answer") ||
             has_word(text, t, "answer is") || scan_starts(text, core, t.end, "answer") ||
             scan_starts(text, t.start, t.end, "####"));
        bool goes_on = item || after_claim_word(text, core, t.end, item) ||
                       announces_claims(text, t, core) || (!blank && !concludes) ||
                       (formula && colon && listed) || (told && alone && last == at && !concludes);
        if (!goes_on || concludes)
            break;
        listed = listed || item;
        colon = text[t.end - 1] == ':';
        blank = false;
        last = l.end;
    }
    return last;
}

bool answer_next_claims(const char *text, struct span s, struct span *ret)
{
    for (size_t at = s.start; at < s.end;) {
        struct span line = {at, line_end(text, at, s.end)};
        bool item;
        size_t core = skip_marks(text, line, &item);
        size_t claimed = after_claim_word(text, core, line.end, item);
        size_t next = line.end < s.end ? line.end + 1 : s.end;
        if (claimed || announces_claims(text, line, core)) {
            bool here =
                claimed && scan_trim(text, (struct span){claimed, line.end}).start < line.end;
            /* "The answer is \\boxed{5}. Claims:" is no claim itself. */
            bool states = !here && (memmem(text + core, line.end - core, "box", 3) ||
                                    has_word(text, line, "answer is"));
            struct span list = {states ? line.end : line.start,
                                claims_end(text, next, s.end, claimed, !here)};
            if (here || list.end > next) {
                *ret = list;
                ret->end = list.end < line.end ? line.end : list.end;
                return true;
            }
        }
        at = next;
    }
    return false;
}
