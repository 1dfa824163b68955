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

struct phrase {
    const char *text; /* in lower case */
    size_t len;
};
#define P(phrase)                                                                                  \
    {                                                                                              \
        phrase, sizeof(phrase) - 1                                                                 \
    }

/* The longest of n phrases that begins at text[at..end), in bytes; no letter goes on behind it. */
static size_t phrase_at(const char *text, size_t at, size_t end, const struct phrase *list,
                        size_t n)
{
    size_t best = 0;
    char first = at < end ? scan_lower(text[at]) : '\0';
    for (size_t k = 0; k < n; k++)
        if (list[k].text[0] == first && list[k].len > best &&
            (scan_is_letter(list[k].text[list[k].len - 1]) ? scan_word : scan_starts)(text, at, end,
                                                                                      list[k].text))
            best = list[k].len;
    return best;
}

/* The longest of n phrases that ends at text[at]; no letter goes on before it. */
static size_t phrase_before(const char *text, size_t from, size_t at, const struct phrase *list,
                            size_t n)
{
    size_t best = 0;
    char last = at > from ? scan_lower(text[at - 1]) : '\0';
    for (size_t k = 0; k < n; k++) {
        size_t len = list[k].len;
        if (list[k].text[len - 1] == last && len > best && at - from >= len &&
            scan_starts(text, at - len, at, list[k].text) &&
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
    static const struct phrase fillers[] = {P("the answer"),  P("the final answer"),
                                            P("answer"),      P("be"),
                                            P("equal to"),    P("equals"),
                                            P("is"),          P("would be"),
                                            P("that"),        P("it"),
                                            P("to be"),       P("exactly"),
                                            P("simply"),      P("just"),
                                            P("the value"),   P("the result"),
                                            P("actually"),    P("in fact"),
                                            P("possibly"),    P("an answer"),
                                            P("to say that"), P("to say"),
                                            P("as"),          P("of"),
                                            P("the"),         P("could be"),
                                            P("to"),          P("to answer"),
                                            P("answering"),   P("was"),
                                            P("were"),        P("say"),
                                            P("it is"),       P("it's"),
                                            P("it was"),      P("it were"),
                                            P("really"),      P("egal \xC3\xA0")};
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
    static const struct phrase denials[] = {
        P("not"),
        P("isn't"),
        P("isn\xE2\x80\x99t"),
        P("cannot"),
        P("can't"),
        P("can\xE2\x80\x99t"),
        P("never"),
        P("wasn't"),
        P("aren't"),
        P("won't"),
        P("wouldn't be"),
        P("couldn't"),
        P("rather than"),
        P("instead of"),
        P("neither"),
        P("don't think"),
        P("do not think"),
        P("doubt"),
        P("doubt that"),
        P("false that"),
        P("is false"),
        P("is wrong"),
        P("is incorrect"),
        P("anything but"),
        P("far from"),
        P("unlike"),
        P("no reason"),
        P("unlikely"),
        P("hardly"),
        P("differs from"),
        P("different from"),
        P("other than"),
        P("must not"),
        P("should not"),
        P("shouldn't"),
        P("doesn't equal"),
        P("not equal"),
        P("\\ne"),
        P("\\neq"),
        P("\xE2\x89\xA0"),
        P("wrong"),
        P("incorrect"),
        P("wrong result"),
        P("incorrect result"),
        P("incorrect value"),
        P("wrong value"),
        P("earlier answer"),
        P("first answer"),
        P("initial answer"),
        P("previous answer"),
        P("first guess"),
        P("initial guess"),
        P("common mistake"),
        P("a mistake"),
        P("common error"),
        P("might think"),
        P("may think"),
        P("might say"),
        P("might guess"),
        P("may say"),
        P("could think"),
        P("tempting"),
        P("might expect"),
        P("would expect"),
        P("reject"),
        P("discard"),
        P("exclude"),
        P("excluding"),
        P("except"),
        P("all but"),
        P("ruled out"),
        P("rule out"),
        P("contradicts"),
        P("no longer"),
        P("nowhere near"),
        P("tempted"),
        P("some say"),
        P("some think"),
        P("people say"),
        P("people think"),
        P("the trap"),
        P("nicht"),
        P("kein"),
        P("n'est pas"),
        P("n\xE2\x80\x99"
          "est pas"),
        P("et non"),
        P("et pas"),
        P(", pas"),
        P("no es"),
        P("non \xC3\xA8"),
        P("n\xC3\xA3o \xC3\xA9"),
        P("niet"),
        P("nie jest"),
        P("to nie"),
        P("a nie"),
        P("bukan"),
        P("bukanlah"),
        P("\xD0\xBD\xD0\xB5"),
        P("\xD0\xBD\xD0\xB5 \xD1\x80\xD0\xB0\xD0\xB2\xD0\xBD\xD0\xBE"),
        P("kh\xC3\xB4ng ph\xE1\xBA\xA3i"),
        P("kh\xC3\xB4ng ph\xE1\xBA\xA3i l\xC3\xA0"),
        P("\xE4\xB8\x8D\xE6\x98\xAF"),
        P("\xE5\xB9\xB6\xE9\x9D\x9E"),
        P("\xE8\x80\x8C\xE9\x9D\x9E"),
        P("\xD9\x84\xD9\x8A\xD8\xB3"),
        P("\xD9\x84\xD9\x8A\xD8\xB3\xD8\xAA"),
        P("\xD9\x88\xD9\x84\xD9\x8A\xD8\xB3")};
    static const struct phrase conditions[] = {
        P("if"), P("suppose"), P("assume"), P("assuming"), P("whether"), P("supposing"), P("say")};
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

static const struct phrase bad[] = {P("wrong"),
                                    P("incorrect"),
                                    P("false"),
                                    P("mistaken"),
                                    P("erroneous"),
                                    P("invalid"),
                                    P("impossible"),
                                    P("a mistake"),
                                    P("an error"),
                                    P("a wrong"),
                                    P("an incorrect"),
                                    P("not right"),
                                    P("not correct"),
                                    P("not the answer"),
                                    P("not possible"),
                                    P("not valid"),
                                    P("not a solution"),
                                    P("not the correct"),
                                    P("not the right"),
                                    P("not it"),
                                    P("not an answer"),
                                    P("not true"),
                                    P("not what"),
                                    P("ruled out"),
                                    P("excluded"),
                                    P("rejected"),
                                    P("extraneous"),
                                    P("too big"),
                                    P("too large"),
                                    P("too small"),
                                    P("too high"),
                                    P("too low"),
                                    P("my first guess"),
                                    P("my initial guess"),
                                    P("my first"),
                                    P("not allowed"),
                                    P("unlikely"),
                                    P("nonsense"),
                                    P("falsch"),
                                    P("faux"),
                                    P("fausse"),
                                    P("incorrecto"),
                                    P("incorrecta"),
                                    P("falso"),
                                    P("falsa"),
                                    P("sbagliato"),
                                    P("sbagliata"),
                                    P("errado"),
                                    P("errada"),
                                    P("incorreto"),
                                    P("fout"),
                                    P("onjuist"),
                                    P("b\xC5\x82\xC4\x99"
                                      "dne"),
                                    P("b\xC5\x82\xC4\x99"
                                      "dna"),
                                    P("yanl\xC4\xB1\xC5\x9F"),
                                    P("salah"),
                                    P("sai"),
                                    P("nicht richtig"),
                                    P("niet juist")};
static const struct phrase verbs[] = {P("is"),       P("are"),           P("was"),
                                      P("were"),     P("would be"),      P("would have been"),
                                      P("seems"),    P("must be"),       P("must have been"),
                                      P("'s"),       P("\xE2\x80\x99s"), P("looks"),
                                      P("ist"),      P("w\xC3\xA4re"),   P("est"),
                                      P("es"),       P("\xC3\xA8"),      P("est\xC3\xA1"),
                                      P("\xC3\xA9"), P("jest")};
static const struct phrase never[] = {P("isn't"),
                                      P("is not"),
                                      P("wasn't"),
                                      P("was not"),
                                      P("can't be"),
                                      P("cannot be"),
                                      P("can not be"),
                                      P("couldn't be"),
                                      P("isn\xE2\x80\x99t"),
                                      P("can\xE2\x80\x99t be")};
static const struct phrase good[] = {
    P("right"),      P("correct"),  P("the answer"), P("the right"),  P("the correct"),
    P("valid"),      P("possible"), P("it"),         P("true"),       P("the solution"),
    P("a solution"), P("a valid"),  P("an answer"),  P("our answer"), P("my answer")};

/* "is wrong", "cannot be right" at text[at..end). */
static bool judges(const char *text, size_t at, size_t end)
{
    static const struct phrase adverbs[] = {
        P("clearly"),   P("obviously"), P("definitely"), P("also"), P("still"),
        P("therefore"), P("thus"),      P("actually"),   P("just"), P("simply"),
        P("certainly"), P("indeed"),    P("completely")};
    static const struct phrase whole[] = {
        P("does not work"),
        P("doesn't work"),
        P("fails"),
        P("does not satisfy"),
        P("doesn't satisfy"),
        P("is no solution"),
        P("is no answer"),
        P("does not fit"),
        P("doesn't fit"),
        P("does not match"),
        P("de\xC4\x9Fil"),
        P("\xD0\xBD\xD0\xB5\xD0\xB2\xD0\xB5\xD1\x80\xD0\xBD\xD0\xBE"),
        P("\xD0\xBD\xD0\xB5\xD0\xBF\xD1\x80\xD0\xB0\xD0\xB2\xD0\xB8\xD0\xBB\xD1\x8C\xD0\xBD\xD0"
          "\xBE"),
        P("\xE6\x98\xAF\xE9\x94\x99"),
        P("\xE9\x94\x99\xE8\xAF\xAF"),
        P("\xE4\xB8\x8D\xE5\xAF\xB9"),
        P("\xE3\x81\xA7\xE3\x81\xAF\xE3\x81\x82\xE3\x82\x8A\xE3\x81\xBE\xE3\x81\x9B\xE3\x82\x93"),
        P("\xE3\x81\xA7\xE3\x81\xAF\xE3\x81\xAA"),
        P("\xE3\x81\x98\xE3\x82\x83\xE3\x81\xAA"),
        P("\xEA\xB0\x80 \xEC\x95\x84\xEB\x8B"),
        P("\xEC\x9D\xB4 \xEC\x95\x84\xEB\x8B"),
        P("\xD8\xAE\xD8\xB7\xD8\xA3")};
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
    static const struct phrase calls[] = {
        P("wait"), P("no"),      P("hmm"),     P("actually"), P("oops"), P("oh"),   P("sorry"),
        P("but"),  P("however"), P("hold on"), P("but wait"), P("ah"),   P("nein"), P("moment")};
    static const struct phrase subjects[] = {P("that"),
                                             P("this"),
                                             P("it"),
                                             P("which"),
                                             P("my answer"),
                                             P("this answer"),
                                             P("that answer"),
                                             P("the answer above"),
                                             P("the above"),
                                             P("the above answer"),
                                             P("my previous answer"),
                                             P("das"),
                                             P("cela"),
                                             P("c'"),
                                             P("eso"),
                                             P("isso"),
                                             P("dat")};
    static const struct phrase whole[] = {
        P("scratch that"),     P("correction:"),         P("edit:"),
        P("i made a mistake"), P("i made an error"),     P("i have made a mistake"),
        P("i was wrong"),      P("i've made a mistake"), P("my mistake"),
        P("ignore that"),      P("strike that"),         P("never mind that"),
        P("disregard that"),   P("i miscalculated"),     P("i miscounted"),
        P("i misread")};
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

/* "(wrong!)", and not "(wrong answers: 4)" */
static bool is_verdict(const char *text, size_t at, size_t end)
{
    size_t n = PHRASE_AT(text, at, end, bad);
    return n && (at + n == end || text[at + n] != ' ');
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
        (aside > i && (is_verdict(text, aside, end) || takes_back(text, aside, end, true))))
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
    static const struct phrase words[] = {P("check:"),
                                          P("checking:"),
                                          P("verification"),
                                          P("verify:"),
                                          P("let's verify"),
                                          P("let us verify"),
                                          P("let\xE2\x80\x99s verify"),
                                          P("let's check:"),
                                          P("let's check our"),
                                          P("let's check the answer"),
                                          P("let's check the result"),
                                          P("let's double-check"),
                                          P("let's double check"),
                                          P("to verify"),
                                          P("we verify"),
                                          P("we can verify"),
                                          P("verifying"),
                                          P("sanity check"),
                                          P("double-check"),
                                          P("double check"),
                                          P("proof check"),
                                          P("for example"),
                                          P("for instance"),
                                          P("example:"),
                                          P("note:"),
                                          P("remark:"),
                                          P("to compare"),
                                          P("for comparison"),
                                          P("as a check"),
                                          P("quick check"),
                                          P("would you like"),
                                          P("probe:"),
                                          P("v\xC3\xA9rification"),
                                          P("verificaci\xC3\xB3n"),
                                          P("verifica")};
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
    static const struct phrase languages[] = {
        P("python"), P("py"),   P("c"),          P("cpp"),   P("java"),  P("js"),
        P("r"),      P("bash"), P("sh"),         P("julia"), P("sympy"), P("rust"),
        P("go"),     P("ruby"), P("javascript"), P("matlab")};
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
    static const struct phrase questions[] = {P("is"),    P("are"),   P("was"),   P("could"),
                                              P("can"),   P("does"),  P("would"), P("why"),
                                              P("might"), P("maybe"), P("should")};
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
