/*
 * answer.c - puts the ways of stating an answer in order and returns the clean text.
 *
 * The shown parts of a reply (thinking.h) are searched from the last to the first. In one part a
 * container that the reply's format demands (<answer>, JSON) or a \boxed wins, whichever comes
 * last; then words that announce an answer; then, unless the reply was cut, a reply that is nothing
 * but its answer. Every step is one pass.
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

static void put_part(const char *text, struct span s, bool json, struct buf *out)
{
    if (!json) {
        s = answer_clean(text, s);
        for (size_t i = s.start; i < s.end; i++) {
            if (text[i] == '*' && i + 1 < s.end && text[i + 1] == '*' && s.end - i > 2 &&
                !scan_is_letter(i + 2 < s.end ? text[i + 2] : 'x') && !scan_is_digit(text[i + 2])) {
                i++; /* the end of a bold part: "5** apples" */
                continue;
            }
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

static enum surety_err take(const char *text, const struct found *f, struct arena *arena,
                            struct answer *ret)
{
    *ret = (struct answer){.start = f->whole.start, .end = f->whole.end, .how = f->how};
    struct buf out;
    buf_init(&out, SURETY_ANSWER_MAX);
    enum surety_err code = SURETY_OK;
    for (size_t i = 0; i < f->n_parts; i++) {
        if (f->part[i].end - f->part[i].start > SURETY_ANSWER_MAX)
            code = SURETY_ERR_LIMIT;
        else
            put_part(text, f->part[i], f->json, &out);
        if (i + 1 < f->n_parts)
            buf_puts(&out, ", ");
    }
    if (!code)
        code = out.failed;
    if (code == SURETY_ERR_LIMIT) {
        *ret = (struct answer){.how = "too long"};
        code = SURETY_OK;
    } else if (!code && out.len) {
        struct span s = {0, out.len};
        struct found inner;
        if (f->json && answer_find_boxed(out.data, s, &inner))
            s = inner.part[inner.n_parts - 1];
        s = answer_clean(out.data, s);
        if (s.end > s.start) {
            const char *inner_text = out.data + s.start;
            bool sum = memchr(inner_text, '+', s.end - s.start) ||
                       memchr(inner_text, '-', s.end - s.start);
            ret->text = arena_printf(arena, f->minus ? sum ? "-(%.*s)" : "-%.*s" : "%.*s",
                                     (int)(s.end - s.start), inner_text);
            code = ret->text ? SURETY_OK : SURETY_ERR_NOMEM;
        }
    }
    if (!ret->text && !code && strcmp(ret->how, "too long"))
        *ret = (struct answer){.how = "none"};
    buf_fini(&out);
    return code;
}

/* cut: the text ends in the middle; bare: an answer need not be announced. */
static bool find(const char *text, struct span s, bool cut, bool bare, struct found *ret)
{
    struct found boxed, tag, marker;
    bool has_boxed = answer_find_boxed(text, s, &boxed);
    /* Only what comes after the last box can be more than it. */
    struct span rest = {has_boxed ? boxed.whole.end : s.start, s.end};
    if (answer_find_tag(text, s, &tag) && !(has_boxed && boxed.whole.end > tag.part[0].start)) {
        *ret = tag;
        return true;
    }
    bool has_marker = answer_find_marker(text, rest, cut, &marker);
    *ret = has_boxed && !(has_marker && marker.json_key) ? boxed : marker;
    return has_boxed || has_marker || (bare && answer_find_bare(text, s, ret));
}

enum surety_err answer_extract(const char *solution, bool truncated, struct arena *arena,
                               struct answer *ret_answer)
{
    struct thinking t;
    struct found f;
    size_t len = strlen(solution);
    bool cut = truncated && len && solution[len - 1] != '\n'; /* a line's end is whole */
    thinking_find(solution, len, &t);
    for (size_t i = t.n_shown; i > 0; i--)
        if (find(solution, t.shown[i - 1], cut && i == t.n_shown, !truncated, &f))
            return take(solution, &f, arena, ret_answer);
    bool hidden = t.any && find(solution, (struct span){0, len}, true, false, &f);
    *ret_answer = (struct answer){.how = hidden ? "only in thinking" : "none"};
    return SURETY_OK;
}
