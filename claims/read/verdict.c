/*
 * verdict.c - strict where a wrong reading would turn a vote, lenient about decoration.
 *
 * A line is read token by token. Tokens are words (letters and apostrophes) and numbers; all other
 * bytes are decoration. What must come first is fixed: [claim] ID [filler ...] [not] WORD. So a
 * reply that repeats a claim's text, whatever that says, never yields a verdict from it.
 */
#include "claims/read/verdict.h"

#include <string.h>

#include "claims/text/fold.h"
#include "claims/text/scan.h"
#include "claims/text/thinking.h"

struct token {
    const char *text;
    size_t len;
    bool number;
};

/* The next token before end, *at moved behind it. False at the end. */
static bool next_token(const char **at, const char *end, struct token *ret)
{
    const char *p = *at;
    while (p < end && !scan_is_letter(*p) && !scan_is_digit(*p))
        p++;
    if (p == end)
        return false;
    *ret = (struct token){.text = p, .number = scan_is_digit(*p)};
    if (ret->number)
        while (p < end && scan_is_digit(*p))
            p++;
    else
        while (p < end && (scan_is_letter(*p) ||
                           (*p == '\'' && p + 1 < end && scan_is_letter(p[1])))) /* can't */
            p++;
    ret->len = (size_t)(p - ret->text);
    *at = p;
    return true;
}

static bool token_is(const struct token *t, const char *word)
{
    return !t->number && t->len == strlen(word) && scan_starts(t->text, 0, t->len, word);
}

static bool token_among(const struct token *t, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (token_is(t, words[i]))
            return true;
    return false;
}

static bool is_filler(const struct token *t)
{
    static const char *const fillers[] = {"is",     "was",        "verdict", "the",    "this",
                                          "claim",  "be",         "final",   "result", "judgement",
                                          "answer", "conclusion", "status",  "boxed",  "text"};
    return token_among(t, fillers, sizeof fillers / sizeof *fillers);
}

static bool is_negation(const struct token *t)
{
    static const char *const negations[] = {"not",   "cannot",   "isn't", "wasn't",
                                            "can't", "couldn't", "never"};
    return token_among(t, negations, sizeof negations / sizeof *negations);
}

/* VALID, REFUTED, or UNPARSED for any other word. */
static enum surety_verdict judge_word(const struct verdict_words *words, const struct token *t)
{
    if (token_among(t, words->valid, words->n_valid))
        return SURETY_VERDICT_VALID;
    if (token_among(t, words->refuted, words->n_refuted))
        return SURETY_VERDICT_REFUTED;
    return SURETY_VERDICT_UNPARSED;
}

static bool in_capitals(const struct token *t)
{
    for (size_t i = 0; i < t->len; i++)
        if (t->text[i] >= 'a' && t->text[i] <= 'z')
            return false;
    return true;
}

/* True when what follows a verdict takes it back: the opposite is joined to it ("VALID/REFUTED",
 * "valid or refuted"), is all that follows, or stands in capitals anywhere and is not negated. */
static bool is_contradicted(const struct verdict_words *words, enum surety_verdict verdict,
                            const char *at, const char *end)
{
    while (at < end && scan_is_blank(*at))
        at++;
    bool joined = at < end && *at == '/', negated = false, opposite = false;
    size_t n = 0;
    for (struct token t; next_token(&at, end, &t); n++) {
        enum surety_verdict other = judge_word(words, &t);
        opposite = other != SURETY_VERDICT_UNPARSED && (other == verdict) == negated;
        if (opposite && (joined || in_capitals(&t)))
            return true;
        joined = token_is(&t, "or") || token_is(&t, "and") || token_is(&t, "but");
        negated = is_negation(&t) || (negated && is_filler(&t));
    }
    return n == 1 && opposite;
}

/* "Valid reasoning, but ..." is prose: a word that is not in capitals ends its line, or is followed
 * by a mark or one of a few words. */
static bool goes_on_as_prose(const struct token *word, const char *at, const char *end)
{
    static const char *const openers[] = {"because", "since", "as", "by", "or", "and", "but"};
    while (at < end && scan_is_blank(*at))
        at++;
    struct token t;
    return at < end && (scan_is_letter(*at) || scan_is_digit(*at)) && !in_capitals(word) &&
           next_token(&at, end, &t) && !token_among(&t, openers, sizeof openers / sizeof *openers);
}

struct line {
    enum { PROSE, BLANK, VERDICT, CONTRADICTION } kind;
    uint32_t id; /* 0: the line has no number */
    enum surety_verdict verdict;
    const char *rest, *end; /* what follows the verdict word */
};

static uint32_t number_of(const struct token *t)
{
    uint32_t value = 0;
    for (size_t i = 0; i < t->len; i++)
        value = value < 1000000 ? value * 10 + (uint32_t)(t->text[i] - '0') : 1000000;
    return value ? value : 1000000; /* no claim has this number */
}

static bool is_blank(const char *text, const char *end)
{
    for (; text < end; text++)
        if (!scan_is_space(*text))
            return false;
    return true;
}

/* Reads text..end as one line. id_optional: a line without a number may be a verdict too. */
static struct line read_line(const struct verdict_words *words, const char *text, const char *end,
                             bool id_optional)
{
    struct line line = {.kind = PROSE, .end = end};
    if (is_blank(text, end))
        return (struct line){.kind = BLANK};
    const char *at = text;
    while (at < end && scan_is_blank(*at))
        at++;
    struct token t;
    if (*at == '>' || !next_token(&at, end, &t))
        return line;
    if (token_is(&t, "claim") && !next_token(&at, end, &t))
        return line;
    if (t.number) {
        line.id = number_of(&t);
        if ((at < end && scan_is_letter(*at)) || !next_token(&at, end, &t))
            return line;
    } else if (!id_optional) {
        return line;
    }
    bool negated = false;
    for (int words_left = 8; is_filler(&t) || is_negation(&t); words_left--) {
        negated ^= is_negation(&t);
        if (!words_left || !next_token(&at, end, &t))
            return line;
    }
    enum surety_verdict verdict = judge_word(words, &t);
    if (verdict == SURETY_VERDICT_UNPARSED || (at < end && scan_is_digit(*at)) ||
        goes_on_as_prose(&t, at, end))
        return line;
    if (negated)
        verdict = verdict == SURETY_VERDICT_VALID ? SURETY_VERDICT_REFUTED : SURETY_VERDICT_VALID;
    line.kind = is_contradicted(words, verdict, at, end) ? CONTRADICTION : VERDICT;
    line.verdict = verdict;
    line.rest = at;
    return line;
}

/* The part of a verdict line behind its word, without decoration at its ends: NULL when empty. */
static enum surety_err make_reason(const char *text, const char *end, struct arena *arena,
                                   char **ret_reason)
{
    while (text < end && strchr(" \t\r*_`~:;,.|-(/\"", *text))
        text++;
    if (end - text >= 3 && (!memcmp(text, "\xE2\x80\x94", 3) || !memcmp(text, "\xE2\x80\x93", 3)))
        text += 3; /* a dash */
    struct token t;
    const char *at = text;
    if (next_token(&at, end, &t) && (token_is(&t, "because") || token_is(&t, "since")))
        text = at;
    while (end > text && strchr(" \t\r*_`~|;,\"", end[-1]))
        end--;
    while (end > text && ((end[-1] == ')' && !memchr(text, '(', (size_t)(end - text))) ||
                          (end[-1] == '}' && !memchr(text, '{', (size_t)(end - text)))))
        end--; /* closes what stood before the verdict word */
    char *reason = fold_line(text, (size_t)(end - text), VERDICT_REASON_MAX, arena);
    *ret_reason = reason && *reason ? reason : NULL;
    return reason ? SURETY_OK : SURETY_ERR_NOMEM;
}

static const char *line_end(const char *text)
{
    const char *end = strchr(text, '\n');
    return end ? end : text + strlen(text);
}

static void all_unparsed(size_t n, enum surety_verdict *verdicts, char **reasons)
{
    for (size_t i = 0; i < n; i++) {
        verdicts[i] = SURETY_VERDICT_UNPARSED;
        reasons[i] = NULL;
    }
}

/* One pass over the lines; lines[i] is the line of claim i + 1 in the block being read. True when
 * the verdict lines make whole blocks and there is at least one. */
static bool read_blocks(const struct verdict_words *words, const char *reply, size_t n,
                        struct line *lines, bool *ret_any_line)
{
    size_t got = 0;
    bool apart = true, any = false; /* apart: prose since the last whole block */
    for (const char *at = reply, *end; *at; at = *end ? end + 1 : end) {
        end = line_end(at);
        struct line line = read_line(words, at, end, false);
        *ret_any_line |= line.kind == VERDICT || line.kind == CONTRADICTION;
        if (line.kind == CONTRADICTION)
            return false;
        if (line.kind == PROSE)
            apart = true;
        if (line.kind != VERDICT)
            continue;
        if (got == 0 && !apart)
            return false;
        if (got == 0)
            memset(lines, 0, n * sizeof *lines);
        if (line.id > n || lines[line.id - 1].id)
            return false;
        lines[line.id - 1] = line;
        if (++got == n) {
            got = 0;
            apart = false;
            any = true;
        }
    }
    return any && got == 0;
}

enum surety_err verdict_read_block(const struct verdict_words *words, const char *reply, size_t n,
                                   struct arena *arena, enum surety_verdict *verdicts,
                                   char **reasons)
{
    all_unparsed(n, verdicts, reasons);
    if (n == 0)
        return SURETY_OK;
    struct line *lines = ARENA_ARRAY(arena, struct line, n);
    if (!lines)
        return SURETY_ERR_NOMEM;
    bool numbered = false;
    if (!read_blocks(words, reply + thinking_skip(reply), n, lines, &numbered))
        return n > 1 || numbered ? SURETY_OK
                                 : verdict_read_line(words, reply, arena, verdicts, reasons);
    for (size_t i = 0; i < n; i++) {
        verdicts[i] = lines[i].verdict;
        if (verdicts[i] != SURETY_VERDICT_REFUTED)
            continue;
        enum surety_err code = make_reason(lines[i].rest, lines[i].end, arena, &reasons[i]);
        if (code)
            return code;
    }
    return SURETY_OK;
}

/* The last line that says anything, and the one before it (NULL: none); code fences are skipped. */
static const char *last_line(const char *reply, const char **ret_before)
{
    const char *last = NULL;
    *ret_before = NULL;
    for (const char *at = reply, *end; *at; at = *end ? end + 1 : end) {
        end = line_end(at);
        if (is_blank(at, end) || !strncmp(at, "```", 3))
            continue;
        *ret_before = last;
        last = at;
    }
    return last;
}

/* What follows "Reason:" at the beginning of a line, decorated or not; NULL: the line is another.
 */
static const char *reason_text(const char *line, const char *end)
{
    static const char *const names[] = {"reason", "reasons", "explanation", "justification"};
    struct token t;
    if (!next_token(&line, end, &t) || !token_among(&t, names, sizeof names / sizeof *names))
        return NULL;
    while (line < end && strchr("*_ \t", *line))
        line++;
    return line < end && *line == ':' ? line : NULL;
}

enum surety_err verdict_read_line(const struct verdict_words *words, const char *reply,
                                  struct arena *arena, enum surety_verdict *ret_verdict,
                                  char **ret_reason)
{
    *ret_verdict = SURETY_VERDICT_UNPARSED;
    *ret_reason = NULL;
    const char *before, *last = last_line(reply + thinking_skip(reply), &before);
    if (!last)
        return SURETY_OK;
    const char *reason = before ? reason_text(last, line_end(last)) : NULL;
    const char *at = reason ? before : last;
    struct line line = read_line(words, at, line_end(at), true);
    if (line.kind != VERDICT || line.id > 1 ||
        (reason && is_contradicted(words, line.verdict, reason, line_end(reason))))
        return SURETY_OK;
    *ret_verdict = line.verdict;
    if (line.verdict != SURETY_VERDICT_REFUTED)
        return SURETY_OK;
    enum surety_err code = make_reason(line.rest, line.end, arena, ret_reason);
    if (!code && !*ret_reason && reason)
        code = make_reason(reason, line_end(reason), arena, ret_reason);
    return code;
}

enum surety_err verdict_read_word(const struct verdict_words *words, const char *reply,
                                  struct arena *arena, enum surety_verdict *ret_verdict,
                                  char **ret_reason)
{
    *ret_verdict = SURETY_VERDICT_UNPARSED;
    *ret_reason = NULL;
    const char *before, *last = last_line(reply + thinking_skip(reply), &before);
    if (!last)
        return SURETY_OK;
    struct span s = scan_trim(last, (struct span){0, (size_t)(line_end(last) - last)});
    struct token t = {.text = last + s.start, .len = s.end - s.start};
    *ret_verdict = judge_word(words, &t);
    if (*ret_verdict != SURETY_VERDICT_REFUTED || !before)
        return SURETY_OK;
    return make_reason(before, line_end(before), arena, ret_reason);
}
