/*
 * profile_read.c - reads replies back: a solution's answer and claims, a verifier's verdicts, a
 * recomputed value.
 *
 * A list of claims is read line by line and leniently, since a claim that is read wrongly is only
 * judged wrongly; verdicts are read strictly (verdict.c).
 */
#include <string.h>

#include "claims/read/profile_internal.h"
#include "claims/text/fold.h"
#include "claims/text/scan.h"
#include "claims/text/thinking.h"

/* ---- claims that only restate the answer ---- */

static bool is_filler(const char *word, size_t len)
{
    static const char *const fillers[] = {
        "so",     "thus",    "therefore", "hence", "the",     "final",    "correct", "our",
        "answer", "result",  "solution",  "is",    "of",      "to",       "this",    "problem",
        "equals", "are",     "that",      "it",    "we",      "conclude", "option",  "choice",
        "value",  "overall", "as",        "a",     "desired", "required"};
    for (size_t i = 0; i < sizeof fillers / sizeof *fillers; i++)
        if (len == strlen(fillers[i]) && scan_starts(word, 0, len, fillers[i]))
            return true;
    return false;
}

/* True when text is the answer up to case, spaces, formula marks and closing punctuation. */
static bool is_answer(const char *text, const char *answer)
{
    static const char ignored[] = " \t$*_`";
    for (;;) {
        text += strspn(text, ignored);
        answer += strspn(answer, ignored);
        if (!*answer)
            return text[strspn(text, " \t$*_`.,;:!)")] == '\0';
        if (scan_lower(*text++) != scan_lower(*answer++))
            return false;
    }
}

/* "The final answer is 42.", "\boxed{42}", "42": the answer with nothing that could be checked. */
static bool restates_answer(const char *claim, const char *answer)
{
    if (strstr(claim, "\\boxed"))
        return true;
    if (!answer || !*answer)
        return false;
    for (const char *at = claim; *at;) {
        at += strspn(at, " \t,:=*_`$(");
        if (is_answer(at, answer))
            return true;
        size_t len = 0;
        while (scan_is_letter(at[len]))
            len++;
        if (len == 0 || !is_filler(at, len))
            return false;
        at += len;
    }
    return false;
}

/* ---- claims ---- */

struct reader {
    const char *solution;
    const char *answer; /* NULL: none */
    struct arena *arena;
    struct claim_span *claims; /* [m] */
    size_t n, m;
};

/* True when a claim of the solution reads the same: saying it twice does not support the answer
 * twice.
 */
static bool is_repeated(const struct reader *r, const char *text)
{
    for (size_t i = 0; i < r->n; i++)
        if (!strcmp(r->claims[i].text, text))
            return true;
    return false;
}

/* Adds the claim at s, unless it is empty, repeated or restates the answer, or there are m already.
 */
static enum surety_err add_claim(struct reader *r, struct span s)
{
    while (s.start < s.end && strchr(" \t\r\n*_`", r->solution[s.start]))
        s.start++;
    while (s.end > s.start && strchr(" \t\r\n*_`", r->solution[s.end - 1]))
        s.end--;
    if (s.start == s.end || r->n == r->m)
        return SURETY_OK;
    char *text = fold_line(r->solution + s.start, s.end - s.start, SURETY_CLAIM_MAX, r->arena);
    if (!text)
        return SURETY_ERR_NOMEM;
    if (*text && !restates_answer(text, r->answer) && !is_repeated(r, text))
        r->claims[r->n++] = (struct claim_span){text, s.start, s.end};
    return SURETY_OK;
}

static size_t line_end(const char *text, size_t at)
{
    return (size_t)(strchrnul(text + at, '\n') - text);
}

/* The lines before the one with the answer; where there are more than m, the last: they lead to it.
 */
static enum surety_err read_lines(struct reader *r, size_t from, size_t answer_start)
{
    const char *text = r->solution;
    size_t end = answer_start;
    while (end > from && text[end - 1] != '\n')
        end--;
    while (end > from) {
        size_t at = --end; /* its line break */
        while (at > from && text[at - 1] != '\n')
            at--;
        enum surety_err code = add_claim(r, (struct span){at, end});
        if (code)
            return code;
        end = at;
    }
    for (size_t i = 0; i < r->n / 2; i++) {
        struct claim_span last = r->claims[r->n - 1 - i];
        r->claims[r->n - 1 - i] = r->claims[i];
        r->claims[i] = last;
    }
    return SURETY_OK;
}

/* True for a line that says only "Claims", perhaps "## Key claims:" or "**Claims:**". */
static bool is_claims_heading(const char *text, struct span line)
{
    static const char *const before[] = {"key", "main", "my", "the", "list", "of", "supporting"};
    bool claims = false;
    for (size_t at = line.start; at < line.end;) {
        if (!scan_is_letter(text[at])) {
            if (!strchr(" \t\r#*_:`-", text[at]))
                return false;
            at++;
            continue;
        }
        size_t start = at;
        while (at < line.end && scan_is_letter(text[at]))
            at++;
        if (claims)
            return false;
        claims = at - start == 6 && scan_starts(text, start, at, "claims");
        bool known = claims;
        for (size_t i = 0; i < sizeof before / sizeof *before && !known; i++)
            known = at - start == strlen(before[i]) && scan_starts(text, start, at, before[i]);
        if (!known)
            return false;
    }
    return claims;
}

/* Skips "1.", "(2)", "Claim 3:", "**4)**" at `at`; returns `at` when there is none. */
static size_t skip_number(const char *text, size_t at, size_t end)
{
    size_t p = at;
    while (p < end && strchr("*_([`", text[p]))
        p++;
    if (scan_word(text, p, end, "claim"))
        for (p += 5; p < end && strchr(" #", text[p]);)
            p++;
    size_t digits = p;
    while (p < end && scan_is_digit(text[p]))
        p++;
    if (p == digits || p - digits > 3)
        return at;
    size_t mark = p;
    while (p < end && strchr("*_`.):]", text[p]))
        p++;
    bool marked = false;
    for (size_t i = mark; i < p; i++)
        marked |= strchr(".):]", text[i]) != NULL;
    if (!marked || (p < end && scan_is_digit(text[p])))
        return at;
    return p;
}

/* Where the item that the line begins has its text; line.end + 1 when it begins none. */
static size_t item_start(const char *text, struct span line)
{
    size_t at = line.start;
    while (at < line.end && scan_is_blank(text[at]))
        at++;
    size_t content = at;
    if (at + 1 < line.end && strchr("-*+", text[at]) && scan_is_blank(text[at + 1]))
        content = at + 2;
    else if (line.end - at > 3 && !memcmp(text + at, "\xE2\x80\xA2", 3)) /* a bullet */
        content = at + 3;
    while (content < line.end && scan_is_blank(text[content]))
        content++;
    size_t behind = skip_number(text, content, line.end);
    return behind > at ? behind : content > at ? content : line.end + 1;
}

/* True when the line goes on with the item above it: directly below, or indented after a gap. */
static bool continues_item(const char *text, struct span line, bool gap)
{
    if (text[line.start] == '#' || memmem(text + line.start, line.end - line.start, "\\boxed", 6))
        return false;
    return !gap || (line.end - line.start > 2 && scan_is_blank(text[line.start]) &&
                    scan_is_blank(text[line.start + 1]));
}

/* The items of the list that begins at `at`; *ret_end: where it ends. */
static enum surety_err read_items(struct reader *r, size_t at, size_t *ret_end)
{
    const char *text = r->solution;
    struct span item = {0, 0};
    bool open = false, gap = false;
    for (size_t end; text[at]; at = text[end] ? end + 1 : end) {
        end = line_end(text, at);
        struct span line = {at, end}, inner = scan_trim(text, line);
        if (inner.start == inner.end) {
            gap = true;
            continue;
        }
        size_t content = item_start(text, line);
        if (content > end) {
            if (!open || !continues_item(text, line, gap))
                break;
        } else {
            enum surety_err code = open ? add_claim(r, item) : SURETY_OK;
            if (code)
                return code;
            open = true;
            item.start = content;
        }
        item.end = end;
        gap = false;
    }
    *ret_end = at;
    return open ? add_claim(r, item) : SURETY_OK;
}

/* The last line "Claims:" after `at`; empty when there is none. */
static struct span find_heading(const char *text, size_t at)
{
    struct span heading = {0, 0};
    for (size_t end; text[at]; at = text[end] ? end + 1 : end) {
        end = line_end(text, at);
        if (is_claims_heading(text, (struct span){at, end}))
            heading = (struct span){at, end};
    }
    return heading;
}

/* The answer is not sought among the claims, which may hold a \boxed or announce another one. The
 * second look finds it in a block that is no list of claims to answer.h. */
static enum surety_err read_answer(const char *solution, struct span heading, bool truncated,
                                   struct arena *arena, struct answer *ret)
{
    *ret = (struct answer){0};
    if (heading.end) {
        struct reader none = {.solution = solution, .arena = arena};
        char *rest = arena_strdup(arena, solution);
        size_t end;
        if (!rest || read_items(&none, heading.end, &end))
            return SURETY_ERR_NOMEM;
        struct span items = scan_trim(solution, (struct span){heading.end, end});
        if (items.start < items.end) /* else a list of another form, which the heading tells */
            memset(rest + heading.start, '\n', end - heading.start);
        enum surety_err code = answer_extract(rest, truncated, arena, ret);
        if (code || ret->text)
            return code;
    }
    return answer_extract(solution, truncated, arena, ret);
}

enum surety_err profile_read_solution(const struct profile *profile, const char *problem,
                                      const char *solution, bool truncated, uint32_t m,
                                      struct arena *arena, struct answer *ret_answer,
                                      struct claim_span **ret_claims, size_t *ret_n,
                                      bool *ret_cooperating)
{
    struct answer answer;
    size_t start = thinking_skip(solution);
    struct span heading = {0, 0};
    if (profile->claims == CLAIMS_BLOCK)
        heading = find_heading(solution, start);
    enum surety_err code = read_answer(solution, heading, truncated, arena, &answer);
    if (code)
        return code;
    if (answer.text && strlen(answer.text) > SURETY_ANSWER_MAX)
        answer = (struct answer){.how = "too long"};
    struct reader r = {.solution = solution, .answer = answer.text, .arena = arena, .m = m};
    r.claims = ARENA_ARRAY(arena, struct claim_span, m);
    if (!r.claims)
        return SURETY_ERR_NOMEM;
    bool cooperating = profile->claims == CLAIMS_LINES;
    if (cooperating) {
        code = answer.text ? read_lines(&r, start, answer.start) : SURETY_OK;
    } else {
        size_t end;
        code = heading.end ? read_items(&r, heading.end, &end) : SURETY_OK;
        cooperating = r.n > 0;
        if (!code && !cooperating)
            code = split_solution(problem, solution, &answer, m, arena, &r.claims, &r.n);
    }
    if (code)
        return code;
    *ret_answer = answer;
    *ret_claims = r.claims;
    *ret_n = r.n;
    *ret_cooperating = cooperating;
    return SURETY_OK;
}

/* Where the first line stands that begins an item, behind a heading if there is one. */
static size_t find_items(const char *text, size_t at)
{
    struct span heading = find_heading(text, at);
    at = heading.end ? heading.end : at;
    for (size_t end; text[at]; at = text[end] ? end + 1 : end) {
        end = line_end(text, at);
        if (item_start(text, (struct span){at, end}) <= end)
            break;
    }
    return at;
}

enum surety_err profile_read_asked(const char *reply, bool truncated, const char *answer,
                                   uint32_t m, struct arena *arena, struct claim_span **ret_claims,
                                   size_t *ret_n)
{
    const char *cut = truncated ? strrchr(reply, '\n') : NULL;
    char *text = arena_strndup(arena, reply,
                               cut         ? (size_t)(cut - reply)
                               : truncated ? 0
                                           : strlen(reply));
    struct reader r = {.solution = text, .answer = answer, .arena = arena, .m = m};
    r.claims = ARENA_ARRAY(arena, struct claim_span, m);
    size_t end;
    if (!text || !r.claims || read_items(&r, find_items(text, thinking_skip(text)), &end))
        return SURETY_ERR_NOMEM;
    *ret_claims = r.claims;
    *ret_n = r.n;
    return SURETY_OK;
}

/* A trimmed copy. */
static char *copy_span(const char *text, struct span s, struct arena *arena)
{
    s = scan_trim(text, s);
    return arena_strndup(arena, text + s.start, s.end - s.start);
}

/* What stands between the marks of one block, or the whole. */
static char *copy_thinking(const char *text, size_t end, struct arena *arena)
{
    static const char open[] = "<think>", close[] = "</think>";
    struct span s = scan_trim(text, (struct span){0, end});
    if (s.end - s.start >= strlen(open) && !memcmp(text + s.start, open, strlen(open)))
        s.start += strlen(open);
    if (s.end - s.start >= strlen(close) &&
        !memcmp(text + s.end - strlen(close), close, strlen(close)))
        s.end -= strlen(close);
    return copy_span(text, s, arena);
}

enum surety_err profile_present_solution(const char *solution, bool listed, struct arena *arena,
                                         char **ret_thinking, char **ret_text)
{
    size_t start = thinking_skip(solution), end = strlen(solution);
    struct span heading = listed ? find_heading(solution, start) : (struct span){0, 0};
    if (heading.end)
        end = heading.start;
    char *thinking = start ? copy_thinking(solution, start, arena) : NULL;
    char *text = copy_span(solution, (struct span){start, end}, arena);
    if (!text || (start && !thinking))
        return SURETY_ERR_NOMEM;
    *ret_thinking = thinking && *thinking ? thinking : NULL;
    *ret_text = text;
    return SURETY_OK;
}

enum surety_err profile_read_verdicts(const struct profile *profile, enum surety_verify how,
                                      const char *reply, size_t n, struct arena *arena,
                                      enum surety_verdict *verdicts, char **reasons)
{
    size_t way = profile_way_of(how);
    if (profile_ways[way].several)
        return verdict_read_block(&profile->words, reply, n, arena, verdicts, reasons);
    for (size_t i = 0; i < n; i++) {
        verdicts[i] = SURETY_VERDICT_UNPARSED;
        reasons[i] = NULL;
    }
    if (n != 1)
        return SURETY_OK;
    if (profile->ways[way].form == 1)
        return verdict_read_word(&profile->words, reply, arena, verdicts, reasons);
    return verdict_read_line(&profile->words, reply, arena, verdicts, reasons);
}

/* What follows the last '=' of the last line that says anything, trimmed; empty when there is none.
 */
static struct span value_of_line(const char *reply, size_t from)
{
    size_t end = strlen(reply);
    while (end > from && scan_is_space(reply[end - 1]))
        end--;
    size_t start = end;
    while (start > from && reply[start - 1] != '=' && reply[start - 1] != '\n')
        start--;
    if (start == from || reply[start - 1] != '=')
        start = end;
    return scan_trim(reply, (struct span){start, end});
}

enum surety_err profile_read_value(const struct profile *profile, enum surety_verify how,
                                   const char *reply, struct arena *arena, char **ret_value)
{
    *ret_value = NULL;
    if (profile->ways[profile_way_of(how)].form == 0) {
        struct answer answer;
        enum surety_err code = answer_extract(reply, true, arena, &answer); /* a stated one */
        *ret_value = answer.text && strlen(answer.text) <= SURETY_CLAIM_MAX ? answer.text : NULL;
        return code;
    }
    struct span value = value_of_line(reply, thinking_skip(reply));
    if (value.start == value.end || value.end - value.start > SURETY_CLAIM_MAX)
        return SURETY_OK;
    *ret_value = arena_strndup(arena, reply + value.start, value.end - value.start);
    return *ret_value ? SURETY_OK : SURETY_ERR_NOMEM;
}
