/*
 * thinking.c - a state machine over the marks of thinking blocks.
 *
 * Blocks do not nest: inside one only its own end counts. An end without a beginning means that the
 * beginning stood in the prompt (common templates do that): all text before it was thinking; unless
 * such a block was closed before it, then it closes nothing. A beginning inside a line that never
 * ends is taken as prose about the mark.
 */
#include "claims/text/thinking.h"

#include <string.h>

#include "claims/text/turn.h"

#define HEAD_MAX 64 /* bytes of a message's head */

enum kind { KIND_TAG, KIND_CHANNEL };

static const struct mark {
    const char *open, *close;
    enum kind kind;
} marks[] = {
    {"<think>", "</think>", KIND_TAG},
    {"<thinking>", "</thinking>", KIND_TAG},
    {"<thought>", "</thought>", KIND_TAG},
    {"<thoughts>", "</thoughts>", KIND_TAG},
    {"<reasoning>", "</reasoning>", KIND_TAG},
    {"<reflection>", "</reflection>", KIND_TAG},
    {"<scratchpad>", "</scratchpad>", KIND_TAG},
    {"<analysis>", "</analysis>", KIND_TAG},
    {"<seed:think>", "</seed:think>", KIND_TAG},
    {"[think]", "[/think]", KIND_TAG},
    {"<|begin_of_thought|>", "<|end_of_thought|>", KIND_TAG},
    {"<|start_thinking|>", "<|end_thinking|>", KIND_TAG},
    {"<|channel>thought", "<channel|>", KIND_TAG},
    {"\xE2\x97\x81think\xE2\x96\xB7", "\xE2\x97\x81/think\xE2\x96\xB7", KIND_TAG},
    {"<|channel|>", "<|end|>", KIND_CHANNEL},
};
#define N_MARKS (sizeof marks / sizeof *marks)

static void add_shown(const char *text, struct thinking *t, size_t start, size_t end)
{
    /* Control tokens that end a message are no text. */
    struct span s = scan_trim(text, (struct span){start, end});
    for (size_t cut = s.end; cut > s.start;) {
        if (scan_ends(text, s.start, cut, "</s>")) {
            s.end = cut - 4;
        } else if (scan_ends(text, s.start, cut, "|>")) {
            size_t open = cut;
            while (open > s.start && text[open - 1] != '<' && cut - open < 32)
                open--;
            if (open == s.start || text[open - 1] != '<' || text[open] != '|')
                break;
            s.end = open - 1;
        } else {
            break;
        }
        s = scan_trim(text, s);
        cut = s.end;
    }
    if (s.start == s.end)
        return;
    if (t->n_shown == THINKING_SPANS_MAX) {
        memmove(t->shown, t->shown + 1, (THINKING_SPANS_MAX - 1) * sizeof *t->shown);
        t->n_shown--;
    }
    t->shown[t->n_shown++] = s;
}

static bool line_begins(const char *text, size_t from, size_t at)
{
    while (at > from && scan_is_blank(text[at - 1]))
        at--;
    return at == from || text[at - 1] == '\n';
}

struct machine {
    const char *text;
    size_t len;
    size_t shown_from;         /* state shown: where it began */
    const struct mark *open;   /* the block we are in, or NULL */
    const struct mark *closed; /* the last block with a closing mark, or NULL */
    size_t lone_at;            /* a closing mark as the only mark, or 0 */
    size_t open_at;
    bool open_at_line;
    struct thinking *t;
};

/* "<|start|>assistant", up to its next mark: the head of a message is no text. */
static size_t skip_head(const struct machine *m, size_t at)
{
    size_t i = at;
    if (!scan_starts(m->text, at, m->len, "<|start|>"))
        return 0;
    i += strlen("<|start|>");
    while (i < m->len && i - at < HEAD_MAX && m->text[i] != '<' && m->text[i] != '\n')
        i++;
    while (i < m->len && ((unsigned char)m->text[i] & 0xC0) == 0x80) /* no half of a character */
        i++;
    if (scan_starts(m->text, i, m->len, "<|message|>"))
        i += strlen("<|message|>");
    return i - at;
}

/* In a block: its end at `at`? Returns the bytes to skip, or 0. */
static size_t try_close(struct machine *m, size_t at)
{
    size_t skip = 0;
    if (m->open->kind == KIND_CHANNEL) {
        if (scan_starts(m->text, at, m->len, "<|channel|>final") ||
            scan_starts(m->text, at, m->len, "<|start|>") ||
            scan_starts(m->text, at, m->len, "<|return|>") ||
            scan_starts(m->text, at, m->len, "<|end|>")) {
            m->open = NULL;
            m->t->after = m->shown_from = at;
        }
        return 0;
    }
    if (scan_starts(m->text, at, m->len, m->open->close))
        skip = strlen(m->open->close);
    else if (m->open == &marks[0] && scan_starts(m->text, at, m->len, "\\end{think}"))
        skip = strlen("\\end{think}");
    if (skip) {
        m->closed = m->open;
        m->open = NULL;
        m->t->after = m->shown_from = at + skip;
    }
    return skip;
}

/* In shown text: a mark at `at`? Returns the bytes to skip, or 0. */
static size_t try_open(struct machine *m, size_t at)
{
    size_t head = skip_head(m, at);
    if (head) {
        add_shown(m->text, m->t, m->shown_from, at);
        m->shown_from = at + head;
        return head;
    }
    for (size_t i = 0; i < N_MARKS; i++) {
        const struct mark *mark = &marks[i];
        if (scan_starts(m->text, at, m->len, mark->open)) {
            size_t skip = strlen(mark->open);
            add_shown(m->text, m->t, m->shown_from, at);
            if (mark->kind == KIND_CHANNEL && scan_starts(m->text, at + skip, m->len, "final")) {
                skip += strlen("final");
                if (scan_starts(m->text, at + skip, m->len, "<|message|>"))
                    skip += strlen("<|message|>");
                m->shown_from = at + skip;
                if (m->t->any)
                    m->t->after = m->shown_from;
                return skip;
            }
            m->open = mark;
            m->lone_at = 0;
            m->open_at = at;
            m->open_at_line = line_begins(m->text, m->shown_from, at);
            m->t->any = true;
            return skip;
        }
        if (mark->kind == KIND_TAG && scan_starts(m->text, at, m->len, mark->close)) {
            if (m->closed == mark) /* such a block was closed before: this closes nothing */
                add_shown(m->text, m->t, m->shown_from, at);
            else
                m->t->n_shown = 0;
            m->lone_at = m->t->after ? 0 : at;
            m->closed = mark;
            m->t->any = true;
            m->t->after = m->shown_from = at + strlen(mark->close);
            return strlen(mark->close);
        }
    }
    return 0;
}

/* A block without an end may still be followed by its answer tag, when that ends the reply. */
static size_t closing_answer_tag(const char *text, size_t from, size_t len)
{
    struct span s = scan_trim(text, (struct span){from, len});
    if (!scan_ends(text, from, s.end, "</answer>"))
        return len;
    for (size_t i = s.end - strlen("</answer>"); i > from; i--)
        if (text[i - 1] == '<' && scan_starts(text, i - 1, len, "<answer>"))
            return i - 1;
    return len;
}

/* Channels whose marks were lost: "analysis...assistantfinal...". Where the final one begins, 0 for
 * none; len when there is none yet. */
static size_t stripped_final(const char *text, size_t len)
{
    static const char mark[] = "assistantfinal";
    size_t after = 0;
    const char *next;
    if (!scan_starts(text, 0, len, "analysis") && !scan_starts(text, 0, len, "commentary") &&
        !scan_starts(text, 0, len, "assistant"))
        return 0;
    while ((next = memmem(text + after, len - after, mark, strlen(mark))))
        after = (size_t)(next - text) + strlen(mark);
    bool opens = len > 9 && !memcmp(text, "analysis", 8) && text[8] >= 'A' && text[8] <= 'Z';
    return after ? after : opens ? len : 0;
}

static void find_marks(struct machine *m)
{
    const char *text = m->text;
    size_t len = m->len;
    /* Nearly all marks begin with '<'; only where a rarer one occurs is every byte looked at. */
    bool rare = scan_find(text, 0, len, "THINK]") < len ||
                scan_find(text, 0, len, "{think}") < len ||
                scan_find(text, 0, len, "\xE2\x96\xB7") < len;
    for (size_t at = m->shown_from; at < len;) {
        char c = text[at];
        if (!rare && c != '<') {
            const char *next = memchr(text + at, '<', len - at);
            at = next ? (size_t)(next - text) : len;
            continue;
        }
        size_t skip = 0;
        bool inside = m->open != NULL;
        if (c == '<' && at + 1 < len && !strchr("tTrRsSaAcC/|", text[at + 1]))
            ; /* no mark begins so: "3 < 4", "<<3*4=12>>" */
        else if (c == '<' || c == '[' || c == '\\' || c == '\xE2')
            skip = inside ? try_close(m, at) : try_open(m, at);
        if (skip || !inside || m->open) /* else what ended the block is itself a mark */
            at += skip ? skip : 1;
    }
}

void thinking_find(const char *text, size_t len, struct thinking *ret)
{
    *ret = (struct thinking){.n_shown = 0};
    size_t end = turn_end(text, len), final = stripped_final(text, end);
    struct machine m = {.text = text, .len = end, .shown_from = final, .t = ret};
    ret->any = final > 0;
    ret->after = final;
    ret->unclosed = final > 0 && final == end;
    find_marks(&m);
    if (!m.open) {
        add_shown(text, ret, m.shown_from, end);
        if (!ret->n_shown && m.lone_at) { /* "5</think>" is all there is */
            add_shown(text, ret, final, m.lone_at);
            ret->any = final > 0;
            ret->after = final;
        }
        return;
    }
    if (!m.open_at_line) {
        add_shown(text, ret, m.open_at, end);
        ret->any = ret->after > 0;
        return;
    }
    ret->unclosed = true;
    ret->after = closing_answer_tag(text, m.open_at, end);
    add_shown(text, ret, ret->after, end);
    if (ret->after == end)
        ret->after = len;
}

size_t thinking_skip(const char *text)
{
    struct thinking t;
    thinking_find(text, strlen(text), &t);
    return t.any ? t.after : 0;
}
