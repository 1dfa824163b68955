/*
 * answer_denied.c - does a statement of an answer stand, or does the text deny it, take it back or
 * make it about something else?
 *
 * Only words that touch the statement count: a denial right before it ("it is not \boxed{5}"), a
 * judgement right behind it ("\boxed{5} is wrong"), a sentence behind it that begins by taking it
 * back. "The largest number that cannot be written is \boxed{5}" stands. What a paragraph of
 * checks, examples or remarks says, or a block of code, counts only where nothing else is stated.
 */
#include "claims/read/answer_internal.h"

#define REACH 600       /* bytes to each side that are looked at */
#define CODE_REACH 4096 /* of a block of code */
#define COUNT(list) (sizeof(list) / sizeof *(list))

/* ---- small readers ---- */

/* The longest of n phrases that begins at text[at..end), in bytes; letters do not go on behind it.
 */
static size_t phrase_at(const char *text, size_t at, size_t end, const char *const *list, size_t n)
{
    size_t best = 0;
    for (size_t k = 0; k < n; k++) {
        size_t len = strlen(list[k]);
        bool word = scan_is_letter(list[k][len - 1]);
        if (len > best && (word ? scan_word : scan_starts)(text, at, end, list[k]))
            best = len;
    }
    return best;
}

/* The longest of n phrases that ends at text[at]. */
static size_t phrase_before(const char *text, size_t from, size_t at, const char *const *list,
                            size_t n)
{
    size_t best = 0;
    for (size_t k = 0; k < n; k++) {
        size_t len = strlen(list[k]);
        if (len > best && scan_ends(text, from, at, list[k]) &&
            (at - len == from || !scan_is_letter(text[at - len - 1]) ||
             !scan_is_letter(text[at - len])))
            best = len;
    }
    return best;
}

#define PHRASE_AT(text, at, end, list) phrase_at(text, at, end, list, COUNT(list))
#define PHRASE_BEFORE(text, from, at, list) phrase_before(text, from, at, list, COUNT(list))

static bool ends_sentence(const char *text, size_t at, size_t end)
{
    return text[at] == '\n' || scan_starts(text, at, end, "\xE3\x80\x82") ||
           (strchr(".!?", text[at]) && (at + 1 == end || scan_is_space(text[at + 1])));
}

static size_t sentence_start(const char *text, size_t from, size_t at)
{
    while (at > from && !ends_sentence(text, at - 1, at + 1))
        at--;
    return at;
}

/* Past what closes formulas, bold parts, sentences and stands between them. */
static size_t skip_closing(const char *text, size_t at, size_t end, const char *set)
{
    for (size_t before = at + 1; before != at;) {
        before = at;
        while (at < end && strchr(set, text[at]) && text[at])
            at++;
        if (at + 1 < end && text[at] == '\\' && strchr(")]", text[at + 1]))
            at += 2;
    }
    return at;
}

/* Back over marks, and over words that only lead to a value. */
static size_t back_over(const char *text, size_t from, size_t at)
{
    static const char *const fillers[] = {"the answer",  "the final answer",
                                          "answer",      "be",
                                          "equal to",    "equals",
                                          "is",          "would be",
                                          "that",        "it",
                                          "to be",       "exactly",
                                          "simply",      "just",
                                          "the value",   "the result",
                                          "actually",    "in fact",
                                          "possibly",    "an answer",
                                          "to say that", "to say",
                                          "as",          "of",
                                          "the",         "could be",
                                          "to",          "to answer",
                                          "answering",   "was",
                                          "were",        "say",
                                          "it is",       "it's",
                                          "it was",      "it were",
                                          "really",      "egal \xC3\xA0"};
    for (size_t n = 1; n;) {
        while (at > from && strchr(" *_$([{\"`", text[at - 1]))
            at -= at > from + 1 && text[at - 2] == '\\' ? 2 : 1;
        n = PHRASE_BEFORE(text, from, at, fillers);
        at -= n;
    }
    return at;
}

/* ---- before the statement ---- */

static bool denied_before(const char *text, size_t from, size_t at)
{
    static const char *const denials[] = {
        "not", "isn't", "isn\xE2\x80\x99t", "cannot", "can't", "can\xE2\x80\x99t", "never",
        "wasn't", "aren't", "won't", "wouldn't be", "couldn't", "rather than", "instead of",
        "neither", "don't think", "do not think", "doubt", "doubt that", "false that", "is false",
        "is wrong", "is incorrect", "anything but", "far from", "unlike", "no reason", "unlikely",
        "hardly", "differs from", "different from", "other than", "must not", "should not",
        "shouldn't", "doesn't equal", "not equal", "\\ne", "\\neq", "\xE2\x89\xA0",
        /* what is said of another answer */
        "wrong", "incorrect", "wrong result", "incorrect result", "incorrect value", "wrong value",
        "earlier answer", "first answer", "initial answer", "previous answer", "first guess",
        "initial guess", "common mistake", "a mistake", "common error", "might think", "may think",
        "might say", "might guess", "may say", "could think", "tempting", "tempted", "some say",
        "some think", "people say", "people think", "the trap",
        /* other languages */
        "nicht", "kein", "n'est pas",
        "n\xE2\x80\x99"
        "est pas",
        "et non", "et pas", ", pas", "no es", "non \xC3\xA8", "n\xC3\xA3o \xC3\xA9", "niet",
        "nie jest", "to nie", "a nie", "bukan", "bukanlah", "\xD0\xBD\xD0\xB5",
        "\xD0\xBD\xD0\xB5 \xD1\x80\xD0\xB0\xD0\xB2\xD0\xBD\xD0\xBE", "kh\xC3\xB4ng ph\xE1\xBA\xA3i",
        "kh\xC3\xB4ng ph\xE1\xBA\xA3i l\xC3\xA0", "Kh\xC3\xB4ng ph\xE1\xBA\xA3i l\xC3\xA0",
        "\xE4\xB8\x8D\xE6\x98\xAF", "\xE5\xB9\xB6\xE9\x9D\x9E", "\xE8\x80\x8C\xE9\x9D\x9E",
        "\xD9\x84\xD9\x8A\xD8\xB3", "\xD9\x84\xD9\x8A\xD8\xB3\xD8\xAA",
        "\xD9\x88\xD9\x84\xD9\x8A\xD8\xB3"};
    static const char *const conditions[] = {"if",      "suppose",   "assume", "assuming",
                                             "whether", "supposing", "say"};
    size_t start = sentence_start(text, from, at);
    size_t formula = at - (at > from && text[at - 1] == '$');
    if (scan_ends(text, from, formula, "~~"))
        return true;
    size_t word = back_over(text, start, at);
    if (PHRASE_BEFORE(text, start, word, denials))
        return true; /* a filler may be a part of the phrase, too: "no es" */
    size_t plain = at;
    while (plain > start && strchr(" *_$(", text[plain - 1]))
        plain--;
    if (PHRASE_BEFORE(text, start, plain, denials))
        return true;
    size_t n = PHRASE_BEFORE(text, start, word, conditions);
    return n && word - n <= start + 4;
}

/* ---- behind it ---- */

static const char *const bad[] = {"wrong",
                                  "incorrect",
                                  "false",
                                  "mistaken",
                                  "erroneous",
                                  "invalid",
                                  "impossible",
                                  "a mistake",
                                  "an error",
                                  "a wrong",
                                  "an incorrect",
                                  "not right",
                                  "not correct",
                                  "not the answer",
                                  "not possible",
                                  "not valid",
                                  "not a solution",
                                  "not the correct",
                                  "not the right",
                                  "not it",
                                  "not an answer",
                                  "not true",
                                  "not what",
                                  "ruled out",
                                  "excluded",
                                  "rejected",
                                  "extraneous",
                                  "too big",
                                  "too large",
                                  "too small",
                                  "too high",
                                  "too low",
                                  "my first guess",
                                  "my initial guess",
                                  "my first",
                                  "not allowed",
                                  "unlikely",
                                  "nonsense",
                                  "falsch",
                                  "faux",
                                  "fausse",
                                  "incorrecto",
                                  "incorrecta",
                                  "falso",
                                  "falsa",
                                  "sbagliato",
                                  "sbagliata",
                                  "errado",
                                  "errada",
                                  "incorreto",
                                  "fout",
                                  "onjuist",
                                  "b\xC5\x82\xC4\x99"
                                  "dne",
                                  "b\xC5\x82\xC4\x99"
                                  "dna",
                                  "yanl\xC4\xB1\xC5\x9F",
                                  "salah",
                                  "sai",
                                  "nicht richtig",
                                  "niet juist"};
static const char *const verbs[] = {"is",       "are",           "was",
                                    "were",     "would be",      "would have been",
                                    "seems",    "must be",       "must have been",
                                    "'s",       "\xE2\x80\x99s", "looks",
                                    "ist",      "w\xC3\xA4re",   "est",
                                    "es",       "\xC3\xA8",      "est\xC3\xA1",
                                    "\xC3\xA9", "jest"};
static const char *const never[] = {
    "isn't",     "is not",     "wasn't",      "was not",          "can't be",
    "cannot be", "can not be", "couldn't be", "isn\xE2\x80\x99t", "can\xE2\x80\x99t be"};
static const char *const good[] = {"right",       "correct",      "the answer", "the right",
                                   "the correct", "valid",        "possible",   "it",
                                   "true",        "the solution", "a solution", "a valid",
                                   "an answer",   "our answer",   "my answer"};

/* "is wrong", "cannot be right" at text[at..end). */
static bool judges(const char *text, size_t at, size_t end)
{
    static const char *const adverbs[] = {"clearly",   "obviously", "definitely", "also", "still",
                                          "therefore", "thus",      "actually",   "just", "simply",
                                          "certainly", "indeed",    "completely"};
    static const char *const whole[] = {
        "does not work",
        "doesn't work",
        "fails",
        "does not satisfy",
        "doesn't satisfy",
        "is no solution",
        "is no answer",
        "does not fit",
        "doesn't fit",
        "does not match",
        "de\xC4\x9Fil",
        "\xD0\xBD\xD0\xB5\xD0\xB2\xD0\xB5\xD1\x80\xD0\xBD\xD0\xBE",
        "\xD0\xBD\xD0\xB5\xD0\xBF\xD1\x80\xD0\xB0\xD0\xB2\xD0\xB8\xD0\xBB\xD1\x8C\xD0\xBD\xD0\xBE",
        "\xE6\x98\xAF\xE9\x94\x99",
        "\xE9\x94\x99\xE8\xAF\xAF",
        "\xE4\xB8\x8D\xE5\xAF\xB9",
        "\xE3\x81\xA7\xE3\x81\xAF\xE3\x81\x82\xE3\x82\x8A\xE3\x81\xBE\xE3\x81\x9B\xE3\x82\x93",
        "\xE3\x81\xA7\xE3\x81\xAF\xE3\x81\xAA",
        "\xE3\x81\x98\xE3\x82\x83\xE3\x81\xAA",
        "\xEA\xB0\x80 \xEC\x95\x84\xEB\x8B",
        "\xEC\x9D\xB4 \xEC\x95\x84\xEB\x8B",
        "\xD8\xAE\xD8\xB7\xD8\xA3"};
    size_t n = PHRASE_AT(text, at, end, whole);
    if (n)
        return true;
    n = PHRASE_AT(text, at, end, never);
    if (n) {
        at = skip_closing(text, at + n, end, " ");
        at += PHRASE_AT(text, at, end, adverbs);
        at = skip_closing(text, at, end, " ");
        return PHRASE_AT(text, at, end, good) > 0;
    }
    n = PHRASE_AT(text, at, end, verbs);
    if (!n)
        return false;
    at = skip_closing(text, at + n, end, " ");
    n = PHRASE_AT(text, at, end, adverbs);
    at = skip_closing(text, at + n, end, " ");
    return PHRASE_AT(text, at, end, bad) > 0;
}

/* "Wait, that is wrong", "I made a mistake", "Scratch that" at the beginning of a sentence. */
static bool takes_back(const char *text, size_t at, size_t end, bool next)
{
    static const char *const calls[] = {"wait",     "no",    "hmm",  "actually", "oops",
                                        "oh",       "sorry", "but",  "however",  "hold on",
                                        "but wait", "ah",    "nein", "moment"};
    static const char *const subjects[] = {"that",
                                           "this",
                                           "it",
                                           "which",
                                           "my answer",
                                           "this answer",
                                           "that answer",
                                           "the answer above",
                                           "the above",
                                           "the above answer",
                                           "my previous answer",
                                           "das",
                                           "cela",
                                           "c'",
                                           "eso",
                                           "isso",
                                           "dat"};
    static const char *const whole[] = {"scratch that",    "i made a mistake",
                                        "i made an error", "i have made a mistake",
                                        "i was wrong",     "i've made a mistake",
                                        "my mistake",      "ignore that",
                                        "strike that",     "never mind that",
                                        "disregard that",  "i miscalculated",
                                        "i miscounted",    "i misread"};
    bool called = false;
    for (size_t n = 1; n;) {
        at = skip_closing(text, at, end, " ,.!*_\xE2\x80\x94-(");
        n = PHRASE_AT(text, at, end, calls);
        at += n;
        called = called || n;
    }
    if (PHRASE_AT(text, at, end, whole))
        return true;
    size_t n = PHRASE_AT(text, at, end, subjects);
    if (!n || !(called || next))
        return false;
    at = skip_closing(text, at + n, end, " ");
    return judges(text, at, end);
}

/* At most this many sentences behind a statement may take it back. */
#define TAKE_BACK_SENTENCES 3

static bool denied_after(const char *text, size_t at, size_t end, bool asks)
{
    size_t i = skip_closing(text, at, end, "$*}_ ");
    if (scan_starts(text, at + (at < end && text[at] == '$'), end, "~~"))
        return true;
    size_t aside = skip_closing(text, i, end, "(, ");
    if (judges(text, i, end) ||
        (i > at && i < end && takes_back(text, i, end, text[i] >= 'A' && text[i] <= 'Z')) ||
        (aside > i && (PHRASE_AT(text, aside, end, bad) || takes_back(text, aside, end, true))))
        return true;
    size_t sentence = 0;
    for (size_t k = i; k < end && sentence < TAKE_BACK_SENTENCES; k++) {
        if (!ends_sentence(text, k, end))
            continue;
        /* "Is it \boxed{5}?" asks, unless "Yes" answers. */
        size_t begin = skip_closing(text, k + 1, end, " \n*_");
        if (text[k] == '?' && sentence == 0 && asks && k - i < 3 &&
            !scan_word(text, begin, end, "yes"))
            return true;
        if (takes_back(text, begin, end, sentence == 0))
            return true;
        sentence++;
        k = begin > k + 1 ? begin - 1 : k;
    }
    return false;
}

/* ---- asides ---- */

/* Does text[at..end) begin a paragraph of checks, examples or remarks? */
static bool opens_aside(const char *text, size_t at, size_t end, bool *ret_heading)
{
    static const char *const words[] = {"check:",
                                        "checking:",
                                        "verification",
                                        "verify:",
                                        "let's verify",
                                        "let us verify",
                                        "let\xE2\x80\x99s verify",
                                        "let's check:",
                                        "let's check our",
                                        "let's check the answer",
                                        "let's check the result",
                                        "let's double-check",
                                        "let's double check",
                                        "to verify",
                                        "we verify",
                                        "we can verify",
                                        "verifying",
                                        "sanity check",
                                        "double-check",
                                        "double check",
                                        "proof check",
                                        "for example",
                                        "for instance",
                                        "example:",
                                        "note:",
                                        "remark:",
                                        "to compare",
                                        "for comparison",
                                        "as a check",
                                        "quick check",
                                        "would you like",
                                        "probe:",
                                        "v\xC3\xA9rification",
                                        "verificaci\xC3\xB3n",
                                        "verifica"};
    *ret_heading = at < end && (text[at] == '#' || text[at] == '*');
    while (at < end && strchr("#*_ (>-", text[at]) && text[at])
        at++;
    if (*ret_heading && scan_word(text, at, end, "check"))
        return true;
    return PHRASE_AT(text, at, end, words) > 0;
}

/* In a block of code? */
static bool in_code(const char *text, size_t from, size_t at)
{
    static const char *const languages[] = {
        "python", "py",    "c",     "cpp",  "java", "js",   "r",          "bash",
        "sh",     "julia", "sympy", "rust", "go",   "ruby", "javascript", "matlab"};
    size_t window = at - from > CODE_REACH ? at - CODE_REACH : from;
    for (size_t i = at; i > window + 2; i--)
        if (text[i - 1] == '`' && text[i - 2] == '`' && text[i - 3] == '`')
            return PHRASE_AT(text, i, at, languages) > 0;
    return false;
}

static bool is_aside(const char *text, size_t from, size_t at)
{
    size_t line = answer_line_start(text, from, at);
    bool heading, first = true;
    for (size_t start = line;;) {
        size_t stop = start;
        while (stop < at && text[stop] != '\n')
            stop++;
        bool opens = opens_aside(text, start, at, &heading);
        if (opens && (first || heading))
            return true;
        if (stop < at && stop == start)
            first = false; /* a blank line: only a heading reaches over it */
        if ((heading && text[start] == '#') || start <= from)
            return false;
        if (heading && !opens && stop >= start + 2 && !memcmp(text + start, "**", 2) &&
            strchr("*:", text[stop - 1])) /* another bold heading */
            return false;
        start = answer_line_start(text, from, start - 1);
    }
}

enum standing answer_standing(const char *text, struct span s, struct span statement)
{
    size_t from = statement.start - s.start > REACH ? statement.start - REACH : s.start;
    size_t end = s.end - statement.end > REACH ? statement.end + REACH : s.end;
    static const char *const questions[] = {"is",    "are", "was",   "could", "can",   "does",
                                            "would", "why", "might", "maybe", "should"};
    size_t sentence = sentence_start(text, from, statement.start);
    size_t first = skip_closing(text, sentence, statement.start, " *_");
    bool asks = PHRASE_AT(text, first, statement.start, questions) > 0;
    if (denied_before(text, from, statement.start) || denied_after(text, statement.end, end, asks))
        return STANDING_DENIED;
    bool announced = memchr(text + sentence, '#', statement.end - sentence) ||
                     memmem(text + sentence, statement.end - sentence, "nswer", 5) ||
                     memmem(text + sentence, statement.end - sentence, "inal", 4);
    if (is_aside(text, from, statement.start)) {
        /* What the check finds wrong is put right in it. */
        size_t paragraph = statement.start;
        while (paragraph > from + 1 &&
               !(text[paragraph - 1] == '\n' && text[paragraph - 2] == '\n'))
            paragraph--;
        bool wrong = memmem(text + paragraph, statement.start - paragraph, "wrong", 5) ||
                     memmem(text + paragraph, statement.start - paragraph, "incorrect", 9);
        if (!announced && !wrong)
            return STANDING_ASIDE;
    }
    return in_code(text, s.start, statement.start) ? STANDING_ASIDE : STANDING_FIRM;
}
