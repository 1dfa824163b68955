/*
 * answer_marker.c - answers that words announce: "The answer is 5", "**Answer:** 5", "#### 5",
 * {"answer": "5"}, "option B is correct".
 *
 * Works from the end: the last announcement that has a value wins. Each looks at its own line or
 * sentence only, so the whole stays linear. What follows "answer" decides the reading: a colon
 * takes the line, a verb takes the sentence up to its next clause, a heading the next line.
 */
#include "claims/read/answer_internal.h"

#define WINDOW_BEFORE 512 /* bytes around an announcing word that are looked at */
#define WINDOW_AFTER 65536
#define LOOKS_MAX 200 /* announcements that are tried; with the windows this bounds the work */

static size_t skip_any(const char *text, size_t at, size_t end, const char *set)
{
    while (at < end && text[at] && strchr(set, text[at]))
        at++;
    return at;
}

static size_t line_end(const char *text, size_t at, size_t end)
{
    const char *newline = memchr(text + at, '\n', end - at);
    return newline ? (size_t)(newline - text) : end;
}

/* Where a sentence that goes on at `at` ends: before ". " outside of formulas and brackets. */
static size_t sentence_end(const char *text, size_t at, size_t end)
{
    bool formula = false;
    size_t depth = 0;
    for (size_t i = at; i < end; i++) {
        char c = text[i];
        if (c == '\n' && !formula)
            return i;
        if (c == '$' && (i == at || text[i - 1] != '\\') &&
            (formula || memchr(text + i + 1, '$', line_end(text, i + 1, end) - i - 1)))
            formula = !formula;
        else if (c == '(' || c == '{' || c == '[')
            depth++;
        else if (c == ')' || c == '}' || c == ']')
            depth -= depth > 0;
        else if (strchr(".!?;", c) && !formula &&
                 (i + 1 == end || scan_is_space(text[i + 1]) || strchr("*\"')", text[i + 1])) &&
                 (depth == 0 || c == '.'))
            return i;
    }
    return end;
}

/* "5, since 2+3 makes 5" -> "5" */
static size_t clause_end(const char *text, size_t at, size_t end)
{
    /* The first stand without a comma, too. */
    static const char *const clauses[] = {
        "since", "because", "rather than", "instead of", "and not", "but not", "which", "so",
        "where", "when",    "but",         "as",         "we",      "and we",  "if",    "given",
        "not",   "with",    "while",       "then",       "by",      "i.e"};
    for (size_t i = at; i + 1 < end; i++) {
        bool comma = text[i] == ',' && text[i + 1] == ' ';
        if (i > at && scan_starts(text, i, end, " \xE2\x80\x94")) /* "C — nothing else fits" */
            return i;
        if (!comma && text[i] != ' ')
            continue;
        size_t word = i + (comma ? 2 : 1);
        for (size_t k = 0; k < (comma ? sizeof clauses / sizeof *clauses : 6); k++)
            if (i > at && scan_word(text, word, end, clauses[k]))
                return i;
    }
    return end;
}

/* "The answer is <this>" says nothing. */
static bool says_nothing(const char *text, struct span s)
{
    static const char *const words[] = {
        "correct",  "incorrect",   "wrong",      "right",    "not",        "that",
        "given",    "the same",    "unique",     "clear",    "as follows", "below",
        "above",    "found",       "obtained",   "asked",    "in the",     "supposed",
        "required", "to be",       "to ",        "your",     "already",    "consistent",
        "expected", "independent", "reasonable", "based",    "also",       "still",
        "what",     "why",         "how",        "in a",     "in terms",   "one of",
        "likely",   "either",      "usually",    "verified", "unlikely",   "neither"};
    if (s.start == s.end || text[s.end - 1] == '?')
        return true;
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (scan_word(text, s.start, s.end, words[k]))
            return true;
    return false;
}

static size_t skip_fillers(const char *text, size_t at, size_t end)
{
    static const char *const fillers[] = {"therefore",     "thus",     "hence",     "then",
                                          "simply",        "just",     "indeed",    "equal to",
                                          "equals",        "is",       "be",        "exactly",
                                          "option",        "choice",   "clearly",   "actually",
                                          "approximately", "about",    "roughly",   "given by",
                                          "now",           "probably", "obviously", "only"};
    for (bool again = true; again;) {
        again = false;
        at = skip_any(text, at, end, " \t,:");
        for (size_t k = 0; k < sizeof fillers / sizeof *fillers && !again; k++)
            if (scan_word(text, at, end, fillers[k]) && at + strlen(fillers[k]) < end) {
                at += strlen(fillers[k]);
                again = true;
            }
    }
    return at;
}

/* The value on the line at `at`, or on the next one that is not blank; a display formula or fenced
 * block is taken whole. */
static struct span next_line_value(const char *text, size_t at, size_t end)
{
    static const char *const open[] = {"\\[", "$$", "```"}, *const close[] = {"\\]", "$$", "```"};
    at = skip_any(text, at, end, " \t\r\n*_>");
    for (size_t k = 0; k < 3; k++)
        if (scan_starts(text, at, end, open[k])) {
            size_t inner = at + strlen(open[k]);
            if (k == 2) /* the fence's language */
                inner = line_end(text, inner, end);
            const char *stop = memmem(text + inner, end - inner, close[k], strlen(close[k]));
            if (stop)
                return (struct span){inner, (size_t)(stop - text)};
        }
    return (struct span){at, line_end(text, at, end)};
}

static size_t back_over(const char *text, size_t from, size_t at)
{
    static const char *const words[] = {"the", "final",     "correct", "my",    "our",   "so",
                                        "and", "therefore", "thus",    "hence", "right", "best"};
    for (bool again = true; again;) {
        again = false;
        while (at > from && strchr(" \t*#_,\"{`", text[at - 1]))
            at--;
        for (size_t k = 0; k < sizeof words / sizeof *words && !again; k++) {
            size_t len = strlen(words[k]);
            if (scan_ends(text, from, at, words[k]) &&
                (at - len == from || !scan_is_letter(text[at - len - 1]))) {
                at -= len;
                again = true;
            }
        }
    }
    while (scan_is_space(text[at]))
        at++;
    return at;
}

/* {"answer": ...}: key_end is behind the key's closing quote. */
static bool json_value(const char *text, size_t key_end, size_t end, struct found *ret)
{
    size_t at = skip_any(text, key_end, end, " \t\r\n");
    if (at == end || text[at] != ':')
        return false;
    at = skip_any(text, at + 1, end, " \t\r\n");
    if (at == end)
        return false;
    size_t stop = at;
    if (text[at] == '"') {
        for (stop = ++at; stop < end && text[stop] != '"'; stop++)
            stop += text[stop] == '\\';
        if (stop >= end)
            return false;
        ret->json = true;
    } else if (text[at] == '[') {
        size_t depth = 0;
        for (; stop < end; stop++) {
            depth += text[stop] == '[';
            depth -= text[stop] == ']';
            if (depth == 0)
                break;
        }
        if (stop == end)
            return false;
        stop++;
    } else {
        while (stop < end && !strchr(",}\n\r", text[stop]))
            stop++;
        if (stop == end)
            return false;
    }
    if (at == stop)
        return false;
    ret->part[0] = (struct span){at, stop};
    ret->n_parts = 1;
    ret->whole.end = stop;
    ret->how = "JSON";
    ret->json_key = true;
    return true;
}

enum reading { READ_NOTHING, READ_LINE, READ_SENTENCE, READ_NEXT };

/* "not 4 but 5" says 5. */
static size_t skip_denied(const char *text, size_t at, size_t end)
{
    const char *but =
        scan_word(text, at, end, "not") ? memmem(text + at, end - at, " but ", 5) : NULL;
    return but ? (size_t)(but - text) + 5 : at;
}

/* Past the dash of "Answer - 42", which has blanks on both sides, or at. */
static size_t skip_dash(const char *text, size_t at, size_t end)
{
    static const char *const dashes[] = {"- ", "\xE2\x80\x93 ", "\xE2\x80\x94 "};
    for (size_t k = 0; k < sizeof dashes / sizeof *dashes; k++)
        if (at && text[at - 1] == ' ' && scan_starts(text, at, end, dashes[k]))
            return at + strlen(dashes[k]);
    return at;
}

/* The 42 of "ANSWER 42", and of "Answer 42" on a line of its own. */
static bool is_bare_value(const char *text, size_t from, size_t word, struct span rest)
{
    size_t begin = answer_line_start(text, from, word);
    bool alone = back_over(text, begin, word) <= begin || memcmp(text + word, "ANSWER", 6) == 0;
    return rest.start < rest.end && alone && answer_count_words(text, rest) <= 2 &&
           (scan_is_digit(text[rest.start]) || strchr("$\\(", text[rest.start]) ||
            (text[rest.start] == '-' && rest.start + 1 < rest.end &&
             scan_is_digit(text[rest.start + 1])));
}

/* What follows the announcing word; *at moves to where the value may begin. */
static enum reading read_delimiter(const char *text, size_t from, size_t word, size_t *at,
                                   size_t end)
{
    static const char *const verbs[] = {
        "is",      "are",    "was",     "would be", "should be",       "must be",
        "will be", "equals", "becomes", "can be",   "comes out to be", "turns out to be"};
    size_t i = skip_any(text, *at, end, "*_`\"')}]#");
    i = skip_any(text, i, end, " \t");
    size_t stop = line_end(text, i, end);
    if (i < stop && (text[i] == ':' || text[i] == '=')) {
        *at = i + 1;
        return READ_LINE;
    }
    if (scan_starts(text, i, stop, "\xEF\xBC\x9A")) { /* a full-width colon */
        *at = i + 3;
        return READ_LINE;
    }
    if (scan_starts(text, i, stop, "to ") || scan_starts(text, i, stop, "for ") ||
        scan_starts(text, i, stop, "of ") || scan_starts(text, i, stop, "in ")) {
        /* "to the problem is", "in metres is" */
        size_t reach = stop - i > 80 ? i + 80 : stop;
        for (size_t k = i; k < reach && text[k] != '.'; k++)
            if (scan_starts(text, k, reach, " is ") || text[k] == ':') {
                i = text[k] == ':' ? k : k + 1;
                break;
            }
        if (text[i] == ':') {
            *at = i + 1;
            return READ_LINE;
        }
    }
    for (size_t k = 0; k < sizeof verbs / sizeof *verbs; k++)
        if (scan_word(text, i, stop, verbs[k])) {
            i += strlen(verbs[k]);
            size_t mark = skip_any(text, i, stop, " *_");
            *at = mark < stop && text[mark] == ':' ? mark + 1 : i;
            return *at == i ? READ_SENTENCE : READ_LINE;
        }
    size_t dash = skip_dash(text, i, stop);
    if (dash == i && i > *at && is_bare_value(text, from, word, (struct span){i, stop})) {
        *at = i;
        return READ_LINE;
    }
    if (dash == i && scan_trim(text, (struct span){i, stop}).end > i)
        return READ_NOTHING;
    /* A heading: nothing but this on its line, or a dash and the answer. */
    size_t begin = answer_line_start(text, from, word);
    size_t before = back_over(text, begin, word);
    before = before > begin ? before : begin;
    for (size_t k = begin; k < before; k++)
        if (scan_is_letter(text[k]))
            return READ_NOTHING;
    *at = dash > i ? dash : stop;
    return dash > i ? READ_LINE : READ_NEXT;
}

/* The word of "[ANSWER]", "<final_answer>", "【Answer】" at text[word..at). -1: of a closing tag.
 */
static int tag_around(const char *text, size_t from, size_t word, size_t at, size_t end)
{
    if (at == end || !(strchr("]>", text[at]) || scan_starts(text, at, end, "\xE3\x80\x91")))
        return 0;
    if (word > from && strchr(" _-", text[word - 1]) && scan_ends(text, from, word - 1, "final"))
        word -= 6;
    if (word > from && text[word - 1] == '/')
        return -1;
    return word > from &&
           (strchr("[<", text[word - 1]) || scan_ends(text, from, word, "\xE3\x80\x90"));
}

/* What stands between [ANSWER] and [/ANSWER], or on one line when the end is missing. */
static struct span tag_value(const char *text, size_t at, size_t end)
{
    at += text[at] == ']' || text[at] == '>' ? 1 : 3;
    struct span value = scan_trim(text, (struct span){at, end});
    for (size_t i = value.start; i + 1 < value.end; i++)
        if (text[i + 1] == '/' && strchr("[<", text[i]))
            return scan_trim(text, (struct span){value.start, i});
    return next_line_value(text, at, end);
}

/* An announcement whose word is text[word..at). */
static bool read_announcement(const char *text, struct span s, size_t word, size_t at,
                              struct found *ret)
{
    *ret = (struct found){.whole.start = back_over(text, s.start, word)};
    ret->how = scan_starts(text, ret->whole.start, s.end, "final") ||
                       memmem(text + ret->whole.start, word - ret->whole.start, "inal", 4)
                   ? "final answer"
                   : "answer line";
    if (at < s.end && text[at] == '"' && json_value(text, at + 1, s.end, ret))
        return true;
    int tag = tag_around(text, s.start, word, at, s.end);
    if (tag) {
        struct span inside = tag > 0 ? tag_value(text, at, s.end) : (struct span){at, at};
        ret->how = "answer tag";
        ret->part[0] = inside;
        ret->n_parts = 1;
        ret->whole.end = inside.end;
        return answer_says_something(text, inside);
    }
    enum reading reading = read_delimiter(text, s.start, word, &at, s.end);
    if (reading == READ_NOTHING)
        return false;
    struct span value;
    if (reading == READ_SENTENCE) {
        at = skip_fillers(text, at, s.end);
        size_t after = skip_any(text, at, s.end, "*_ ");
        if (after < s.end && text[after] == '\n') {
            value = next_line_value(text, after, s.end);
        } else {
            value = (struct span){at, sentence_end(text, at, s.end)};
            value.start = at = skip_fillers(text, skip_denied(text, at, value.end), value.end);
            value.end = clause_end(text, at, value.end);
            if (says_nothing(text, answer_clean(text, value)) ||
                (!answer_has_value(text, value) && answer_count_words(text, value) > 8))
                return false;
        }
    } else {
        value = next_line_value(text, at, s.end);
        size_t filler = skip_fillers(text, value.start, value.end), word_end = filler;
        while (word_end > value.start && scan_is_blank(text[word_end - 1]))
            word_end--;
        if (scan_ends(text, value.start, word_end, "is") ||
            scan_ends(text, value.start, word_end, "option"))
            value.start = filler;
        if (value.end > value.start && text[value.end - 1] == ':') /* "Let us count:" */
            return false;
        value = answer_tail(text, value, ANSWER_TAIL_WORDS);
    }
    value = answer_without_remarks(text, scan_trim(text, value));
    ret->part[0] = value;
    ret->n_parts = 1;
    ret->whole.end = value.end;
    return answer_says_something(text, value);
}

/* "#### 5" closes a solution; "#### Step 2" is a heading. */
static bool read_hashes(const char *text, struct span s, size_t at, struct found *ret)
{
    size_t begin = answer_line_start(text, s.start, at);
    size_t stop = line_end(text, at, s.end);
    for (size_t i = begin; i < at; i++)
        if (!scan_is_blank(text[i]) && text[i] != '#')
            return false;
    struct span value = answer_without_remarks(text, scan_trim(text, (struct span){at + 1, stop}));
    bool last = scan_trim(text, (struct span){stop, s.end}).start == s.end;
    size_t words = answer_count_words(text, value);
    if (!answer_says_something(text, value) || text[value.end - 1] == ':' ||
        scan_word(text, value.start, value.end, "step") ||
        (!last && (words > 2 || !answer_has_value(text, value))) || words > 12)
        return false;
    *ret =
        (struct found){.whole = {begin, value.end}, .part = {value}, .n_parts = 1, .how = "####"};
    return true;
}

/* "The correct option is (B)", "option B is correct" */
static bool read_option(const char *text, struct span s, size_t word, size_t at, struct found *ret)
{
    size_t i = skip_any(text, at, s.end, " *:");
    if (scan_word(text, i, s.end, "is"))
        i = skip_any(text, i + 2, s.end, " *:");
    struct span value = {i, i};
    while (value.end < s.end && !scan_is_space(text[value.end]) && value.end - i < 8 &&
           !strchr(".,;:", text[value.end]))
        value.end++;
    if (!answer_is_choice(text, value))
        return false;
    size_t after = skip_any(text, value.end, s.end, " *");
    bool said =
        scan_ends(text, s.start, word, "correct ") || scan_ends(text, s.start, word, "best ") ||
        scan_ends(text, s.start, word, "right ") || scan_starts(text, after, s.end, "is correct") ||
        scan_starts(text, after, s.end, "is the correct") ||
        scan_starts(text, after, s.end, "is the right") ||
        scan_starts(text, after, s.end, "is the answer");
    *ret = (struct found){
        .whole = {word, value.end}, .part = {value}, .n_parts = 1, .how = "choice letter"};
    return said;
}

static struct span window(struct span s, size_t at)
{
    if (at - s.start > WINDOW_BEFORE)
        s.start = at - WINDOW_BEFORE;
    if (s.end - at > WINDOW_AFTER)
        s.end = at + WINDOW_AFTER;
    return s;
}

/* Every announcing word holds a rare byte: ans-w-er, ####, o-p-tion, c-hoice; for other languages
 * see answer_foreign.c. *ret_tried: there was such a word at `at`. */
static bool read_at(const char *text, struct span s, size_t at, struct found *ret, bool *ret_tried)
{
    struct span w = window(s, at);
    *ret_tried = false;
    switch ((unsigned char)text[at]) {
    case 'w':
    case 'W':
        if (at < s.start + 3 || !scan_starts(text, at - 3, s.end, "answer"))
            return answer_find_foreign(text, w, at, ret, ret_tried);
        *ret_tried = true;
        size_t after = at + 3;
        if (scan_starts(text, after, s.end, "(s)"))
            after += 3;
        else if (scan_word(text, after, s.end, "s"))
            after++;
        return (after == s.end || !scan_is_letter(text[after])) &&
               read_announcement(text, w, at - 3, after, ret);
    case '#':
        *ret_tried = scan_ends(text, s.start, at + 1, "####");
        return *ret_tried && read_hashes(text, w, at, ret);
    case 'c':
        *ret_tried = scan_starts(text, at, s.end, "choice");
        return *ret_tried && read_option(text, w, at, at + 6, ret);
    case 'p':
        *ret_tried = at > s.start && scan_starts(text, at - 1, s.end, "option");
        if (*ret_tried)
            return read_option(text, w, at - 1, at + 5, ret);
        return answer_find_foreign(text, w, at, ret, ret_tried);
    case 'P':
    case 'v':
    case 'V':
    case 0xA3: /* the middle of a Vietnamese letter, */
    case 0xAC: /* of an Arabic, */
    case 0xAD: /* of a Chinese, */
    case 0xB1: /* of a Turkish, */
    case 0xB2: /* of a Russian */
    case 0xB5: /* and of a Korean one */
        return answer_find_foreign(text, w, at, ret, ret_tried);
    default:
        return false;
    }
}

bool answer_find_marker(const char *text, struct span s, bool truncated, struct found *ret)
{
    size_t looks = 0, denied = 0;
    struct found aside = {.n_parts = 0};
    for (size_t i = s.end; i > s.start && looks < LOOKS_MAX; i--) {
        bool tried;
        if (read_at(text, s, i - 1, ret, &tried) && !(truncated && ret->whole.end == s.end)) {
            enum standing standing = answer_standing(text, s, ret->whole);
            ret->aside = standing == STANDING_ASIDE;
            ret->denied = denied;
            if (standing == STANDING_FIRM)
                return true;
            if (standing == STANDING_DENIED)
                denied = denied ? denied : ret->whole.end;
            else if (!aside.n_parts)
                aside = *ret;
        }
        looks += tried;
    }
    *ret = aside;
    ret->denied = denied;
    return aside.n_parts > 0;
}
