/*
 * answer.c - puts the ways of stating an answer in order and returns the clean text.
 *
 * The shown parts of a reply (thinking.h) are searched from the last to the first, each up to where
 * another question or a mere repetition begins and without its lists of claims. In one part the
 * last of what states an answer wins: a container that the reply's format demands (<answer>, JSON),
 * a \boxed, words that announce a plain value after it; then, unless the reply was cut, a value
 * that stands where answers stand. Every step is one pass.
 */
#include "claims/read/answer.h"

#include "base/buf.h"
#include "claims/read/answer_internal.h"
#include "claims/text/thinking.h"

/* One JSON string escape at text[*at] (a backslash) to out; lone LaTeX commands stay as they are,
 * since models often forget to double their backslashes. */
static void put_escape(const char *text, size_t *at, size_t end, bool strict, struct buf *out)
{
    char c = *at + 1 < end ? text[*at + 1] : '\\';
    bool command = !strict && scan_is_letter(c) && *at + 2 < end && scan_is_letter(text[*at + 2]);
    if (strchr("\"\\/", c)) {
        buf_putc(out, c);
    } else if (!command && strchr("ntrbf", c)) {
        buf_putc(out, ' ');
    } else {
        buf_putc(out, '\\');
        (*at)++;
        return;
    }
    *at += 2;
}

/* The ** of "x**2", "2**(n+1)", "a**-1". */
static bool is_power(const char *text, struct span s, size_t at)
{
    char c = text[at + 2];
    bool bracket = at > s.start && !scan_is_space(text[at - 1]) && strchr("(-{\\", c);
    return scan_is_letter(c) || scan_is_digit(c) || bracket;
}

static void put_part(const char *text, struct span s, bool json, struct buf *out)
{
    if (!json) {
        s = answer_clean(text, s);
        for (size_t i = s.start; i < s.end; i++) {
            if (i + 2 < s.end && text[i] == '*' && text[i + 1] == '*' && !is_power(text, s, i))
                i++; /* the end of a bold part: "5** apples" */
            else
                buf_putc(out, text[i]);
        }
        return;
    }
    bool strict = memmem(text + s.start, s.end - s.start, "\\\\", 2);
    for (size_t i = s.start; i < s.end;) {
        if (text[i] == '\\')
            put_escape(text, &i, s.end, strict, out);
        else
            buf_putc(out, text[i++]);
    }
}

/* "2\cdot\boxed{5}" as 2\cdot5; in brackets where what stands around would bind its end alone. */
static void put_opened(const char *text, struct span s, struct buf *out)
{
    for (size_t i = s.start; i < s.end;) {
        struct span whole, content;
        if (text[i] != '\\' || !answer_box_at(text, (struct span){i, s.end}, &whole, &content)) {
            /* The marks of "-$\boxed{5}$" and "**\boxed{5}**%" are no part of the value. */
            size_t mark = text[i] == '$' ? 1
                          : scan_starts(text, i, s.end, "**") || scan_starts(text, i, s.end, "\\)")
                              ? 2
                              : 0;
            if (!mark)
                buf_putc(out, text[i]);
            i += mark ? mark : 1;
            continue;
        }
        bool bind = whole.end < s.end && strchr("^!_", text[whole.end]), plain = true;
        for (size_t k = content.start; k < content.end; k++) {
            plain = plain && (scan_is_digit(text[k]) || strchr(".", text[k]));
            bind = bind || strchr("+-/*,<>= ", text[k]);
        }
        bind = bind && !plain;
        bool letters = i > s.start && scan_is_letter(text[i - 1]); /* "\cdot" and its operand */
        buf_puts(out, bind ? "(" : letters ? " " : "");
        struct span clean = answer_clean(text, content);
        buf_append(out, text + clean.start, clean.end - clean.start);
        buf_puts(out, bind ? ")" : "");
        i = whole.end;
    }
}

static enum surety_err take(const char *text, const struct found *f, size_t reply_end,
                            struct arena *arena, struct answer *ret)
{
    *ret = (struct answer){
        .start = f->whole.start, .end = f->whole.end, .how = f->how, .reply_end = reply_end};
    struct buf out;
    if (f->unclear) {
        *ret = (struct answer){.how = "unclear", .reply_end = reply_end};
        return SURETY_OK;
    }
    buf_init(&out, SURETY_ANSWER_MAX);
    enum surety_err code = SURETY_OK;
    for (size_t i = 0; i < f->n_parts; i++) {
        if (f->part[i].end - f->part[i].start > SURETY_ANSWER_MAX)
            code = SURETY_ERR_LIMIT;
        else if (f->open >> i & 1)
            put_opened(text, f->part[i], &out);
        else
            put_part(text, f->part[i], f->json, &out);
        if (i + 1 < f->n_parts)
            buf_puts(&out, ", ");
    }
    if (!code)
        code = out.failed;
    if (code == SURETY_ERR_LIMIT) {
        *ret = (struct answer){.how = "too long", .reply_end = reply_end};
        code = SURETY_OK;
    } else if (!code && out.len) {
        struct span s = {0, out.len};
        struct found inner;
        if (f->json && answer_find_boxed(out.data, s, &inner))
            s = inner.part[inner.n_parts - 1];
        s = answer_clean(out.data, s);
        if (s.end > s.start + strspn(out.data + s.start, "\\ ")) { /* "\\" is a reply cut short */
            const char *inner_text = out.data + s.start;
            ret->text = arena_printf(arena, "%.*s", (int)(s.end - s.start), inner_text);
            code = ret->text ? SURETY_OK : SURETY_ERR_NOMEM;
            struct span unit = f->behind;
            if (ret->text && unit.start < unit.end)
                ret->behind =
                    arena_printf(arena, "%.*s", (int)(unit.end - unit.start), text + unit.start);
        }
    }
    if (!ret->text && !code && strcmp(ret->how, "too long"))
        *ret = (struct answer){.how = "none", .reply_end = reply_end};
    buf_fini(&out);
    return code;
}

/* A statement behind the last box is the answer when it is plainly one, and another: "1 inch" says
 * no more than the box with 1. */
static bool is_plain(const char *text, const struct found *f, const struct found *box)
{
    struct span s = answer_clean(text, f->part[0]), b = box->part[0];
    size_t len = b.end - b.start;
    if (box->n_parts == 1 && s.end - s.start > len &&
        !memcmp(text + s.start, text + b.start, len) && scan_is_space(text[s.start + len]))
        return false;
    if (!strcmp(f->how, "choice letter"))
        return false;
    bool words = !strcmp(f->how, "final answer") || !answer_has_value(text, b);
    return answer_has_value(text, s) || answer_is_choice(text, s) ||
           (words && s.end > s.start && answer_count_words(text, s) <= 3);
}

/* cut: the text ends in the middle. */
static bool find_stated(const char *text, struct span s, bool cut, struct found *ret)
{
    struct found boxed, tag, marker;
    bool has_boxed = answer_find_boxed(text, s, &boxed);
    /* Only what comes after the last box can be more than it. */
    struct span rest = {has_boxed ? boxed.whole.end : s.start, s.end};
    if (answer_find_tag(text, s, &tag) && !(has_boxed && boxed.whole.end > tag.part[0].start)) {
        *ret = tag;
        ret->denied = 0;
        return true;
    }
    if (has_boxed && boxed.aside)
        rest.start = s.start;
    bool has_marker = answer_find_marker(text, rest, cut, &marker);
    bool later = has_marker && has_boxed && (marker.json_key || is_plain(text, &marker, &boxed));
    if (has_boxed && has_marker && boxed.aside != marker.aside)
        later = boxed.aside;
    size_t denied = boxed.denied > marker.denied ? boxed.denied : marker.denied;
    *ret = has_boxed && !later ? boxed : marker;
    ret->denied = denied;
    return has_boxed || has_marker;
}

#define SENTENCE_BYTES 160 /* a longer round of a loop is work that never ended */

/* Where the reply in s ends: another question begins after an answer was stated, or all that comes
 * was said. *cut becomes false when the end in the middle is no part of the reply any more, *bare
 * when the reply has no end. */
static size_t reply_end(const char *text, struct span s, bool *cut, bool *bare)
{
    size_t round, end = answer_loop_start(text, s, &round);
    bool own = true; /* no question so far: the first stretch is the reply's own */
    *cut = *cut && !round;
    *bare = *bare && round <= SENTENCE_BYTES;
    for (size_t from = s.start, look = s.start; from < end;) {
        bool numbered;
        struct found f;
        size_t at = answer_next_question(text, look, end, &numbered);
        if (at == end)
            break;
        /* Numbered questions that the reply opens with are steps of its own. */
        if (at > from && (own || !numbered) &&
            find_stated(text, (struct span){from, at}, false, &f)) {
            *cut = false;
            return at;
        }
        own = false;
        from = at;
        look = at + 1;
    }
    return end;
}

#define STRETCHES_MAX 32
#define LIST_BYTES 16384 /* so far before an answer the list may begin that it stands in */

/* What of s may hold an answer: all but lists of claims; the last ones. */
static size_t leave_out_claims(const char *text, struct span s, struct span stretch[STRETCHES_MAX])
{
    size_t n = 0;
    struct span claims = s;
    for (bool more = true; more; s.start = claims.end) {
        more = answer_next_claims(text, s, &claims);
        if (n == STRETCHES_MAX)
            memmove(stretch, stretch + 1, --n * sizeof *stretch);
        stretch[n++] = (struct span){s.start, more ? claims.start : s.end};
    }
    return n;
}

static bool may_list_claims(const char *text, struct span s, size_t at)
{
    static const char *const words[] = {"laim",  "CLAIM",     "tatement",
                                        "facts", "ssumption", "remise"};
    size_t from = at - s.start > LIST_BYTES ? at - LIST_BYTES : s.start;
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (memmem(text + from, s.end - from, words[k], strlen(words[k])))
            return true;
    return false;
}

/* A value where answers stand, in a sentence behind the last that was denied. */
static bool find_bare(const char *text, struct span s, size_t denied, struct found *ret)
{
    bool whole = denied <= s.start;
    for (s.start = whole ? s.start : denied; !whole && s.start < s.end; s.start++)
        if (text[s.start] == '\n' ||
            (scan_is_space(text[s.start]) && s.start > denied && strchr(".!?", text[s.start - 1])))
            break;
    return s.start < s.end && answer_find_bare(text, s, ret) &&
           (whole || strcmp(ret->how, "whole reply") != 0) &&
           answer_standing(text, s, ret->part[0]) != STANDING_DENIED;
}

/* In one shown part: stated outside of lists of claims, or else a value where answers stand. */
static bool find(const char *text, struct span s, bool cut, bool bare, struct found *ret)
{
    struct found f;
    bool stated = find_stated(text, s, cut, ret);
    size_t denied = ret->denied;
    if (!may_list_claims(text, s, stated ? ret->whole.start : s.end))
        return stated || (bare && find_bare(text, s, denied, ret));
    struct span stretch[STRETCHES_MAX];
    size_t n = leave_out_claims(text, s, stretch);
    stated = false;
    for (size_t i = n; i > 0; i--) {
        if (!find_stated(text, stretch[i - 1], cut && i == n, &f))
            continue;
        bool boxed = !strcmp(f.how, "boxed");
        if (!stated || (boxed && !is_plain(text, ret, &f)))
            *ret = f;
        if (boxed || f.json_key)
            return true;
        stated = true;
    }
    if (stated)
        return true;
    for (size_t i = n; i > 0 && bare; i--)
        if (find_bare(text, stretch[i - 1], denied, ret))
            return true;
    return false;
}

/* "done" behind the last mark is no answer where one was stated before. */
static bool is_value(const char *text, const struct found *f)
{
    return strcmp(f->how, "whole reply") != 0 || answer_has_value(text, f->part[0]);
}

enum surety_err answer_extract(const char *solution, bool truncated, struct arena *arena,
                               struct answer *ret_answer)
{
    struct thinking t;
    struct found f, word = {.n_parts = 0};
    size_t len = strlen(solution), end = 0;
    bool cut = truncated && len && solution[len - 1] != '\n'; /* a line's end is whole */
    thinking_find(solution, len, &t);
    for (size_t i = t.n_shown; i > 0; i--) {
        bool in_middle = cut && i == t.n_shown, bare = !truncated;
        struct span s = t.shown[i - 1];
        s.end = reply_end(solution, s, &in_middle, &bare);
        end = i == t.n_shown && s.end < t.shown[i - 1].end ? s.end : end;
        if (!find(solution, s, in_middle, bare, &f))
            continue;
        if (is_value(solution, &f))
            return take(solution, &f, end, arena, ret_answer);
        word = word.n_parts ? word : f;
    }
    if (word.n_parts)
        return take(solution, &word, end, arena, ret_answer);
    bool hidden = t.any && find(solution, (struct span){0, len}, true, false, &f);
    *ret_answer = (struct answer){.how = hidden ? "only in thinking" : "none", .reply_end = end};
    return SURETY_OK;
}
