/*
 * answer_boxed.c - finds the last \boxed, \framebox or the like of a text in one pass.
 *
 * One depth counter over all braces and a small stack of boxes that are still open: ten megabytes
 * of \boxed{\boxed{ cost one pass and no memory. Only whole boxes count; of nested ones the
 * outermost. Of the boxes found the last few are kept, so that the parts of one answer can be
 * joined.
 */
#include "claims/read/answer_internal.h"

#define OPEN_MAX 64
#define KEPT_MAX 32

struct box {
    struct span whole, content;
    size_t depth;
};

struct boxes {
    struct box open[OPEN_MAX], kept[KEPT_MAX];
    size_t n_open, n_kept;
};

static void drop_first(struct box *box, size_t *n)
{
    memmove(box, box + 1, (*n - 1) * sizeof *box);
    (*n)--;
}

static void keep(struct boxes *b, const char *text, struct box box)
{
    while (b->n_kept && b->kept[b->n_kept - 1].whole.start > box.whole.start)
        b->n_kept--;
    box.content = scan_trim(text, box.content);
    if (box.content.start == box.content.end)
        return;
    if (b->n_kept == KEPT_MAX)
        drop_first(b->kept, &b->n_kept);
    b->kept[b->n_kept++] = box;
}

/* "\boxed 5", "\boxed\frac12$": up to white space or the end of the formula. */
static size_t keep_bare(struct boxes *b, const char *text, size_t at, size_t from, size_t end)
{
    size_t stop = from;
    while (stop < end && !scan_is_space(text[stop]) && text[stop] != '$' && text[stop] != ',' &&
           !scan_starts(text, stop, end, "\\)") && !scan_starts(text, stop, end, "\\]"))
        stop++;
    size_t last = stop;
    while (last > from && strchr(".,;:", text[last - 1]))
        last--;
    keep(b, text, (struct box){.whole = {at, last}, .content = {from, last}});
    return stop;
}

/* Bytes of the command at text[at] that draws a box, 0 when it draws none. */
static size_t box_command(const char *text, size_t at, size_t end)
{
    static const char *const commands[] = {"\\boxed",   "\\fbox",      "\\framebox", "\\bbox",
                                           "\\ovalbox", "\\shadowbox", "\\doublebox"};
    if (at + 1 >= end || !strchr("bfosdBFOSD", text[at + 1]))
        return 0;
    for (size_t k = 0; k < sizeof commands / sizeof *commands; k++)
        if (scan_starts(text, at, end, commands[k]))
            return strlen(commands[k]);
    return 0;
}

/* "\bbox[border: 1px]{5}" */
static size_t skip_options(const char *text, size_t from, size_t end)
{
    while (from < end && text[from] == '[') {
        size_t reach = end - from > 160 ? 160 : end - from;
        const char *close = memchr(text + from, ']', reach);
        if (!close)
            break;
        from = (size_t)(close - text) + 1;
    }
    return from;
}

static size_t begin_box(struct boxes *b, const char *text, size_t at, size_t end, size_t *depth)
{
    size_t from = at + box_command(text, at, end);
    if (scan_lower(text[from - 1]) == 'x') /* \boxed has no options: "\boxed [1, 2]" */
        from = skip_options(text, from, end);
    while (from < end && scan_is_blank(text[from]))
        from++;
    if (from == end || text[from] != '{')
        return from < end && !scan_is_letter(text[from])     ? keep_bare(b, text, at, from, end)
               : from < end && scan_is_blank(text[from - 1]) ? keep_bare(b, text, at, from, end)
                                                             : from;
    if (b->n_open == OPEN_MAX)
        drop_first(b->open, &b->n_open);
    b->open[b->n_open++] =
        (struct box){.whole = {at, 0}, .content = {from + 1, 0}, .depth = (*depth)++};
    return from + 1;
}

static void find_boxes(const char *text, struct span s, struct boxes *b)
{
    size_t depth = 0, at = s.start;
    while (at < s.end) {
        char c = text[at];
        if (c == '\\') {
            if (box_command(text, at, s.end))
                at = begin_box(b, text, at, s.end, &depth);
            else
                at += scan_starts(text, at, s.end, "\\\\boxed") ? 1 : 2; /* JSON's own escape */
            continue;
        }
        if (c == '{') {
            depth++;
        } else if (c == '}' && depth) {
            depth--;
            if (b->n_open && b->open[b->n_open - 1].depth == depth) {
                struct box box = b->open[--b->n_open];
                box.content.end = at;
                box.whole.end = at + 1;
                keep(b, text, box);
            }
        }
        at++;
    }
}

/* May the text between two boxes stand between two parts of one answer? */
static bool joins(const char *text, struct span between)
{
    static const char *const breaks[] = {
        "so",     "thus",     "hence",   "therefore", "then",  "but",     "not",     "wait",
        "again",  "actually", "instead", "final",     "which", "giving",  "gives",   "simplif",
        "implie", "answer",   "e.g",     "i.e",       "means", "because", "rounded", "equiv"};
    struct span s = between;
    if (s.end - s.start > 160)
        return false;
    for (size_t i = s.start; i < s.end; i++) {
        char c = text[i];
        if (c == '\n' && i + 1 < s.end && text[i + 1] == '\n')
            return false;
        if (strchr(".!?", c) && i + 1 < s.end && scan_is_space(text[i + 1]))
            return false;
        bool word_begins = scan_is_letter(c) && (i == s.start || !scan_is_letter(text[i - 1]));
        for (size_t k = 0; word_begins && k < sizeof breaks / sizeof *breaks; k++)
            if (scan_starts(text, i, s.end, breaks[k]))
                return false;
    }
    /* "\boxed{a} = \boxed{b}" says one thing twice; "x = \boxed{2}, y = \boxed{3}" two. */
    while (s.start < s.end && strchr("$) \\\n", text[s.start]))
        s.start++;
    return s.start == s.end ||
           (text[s.start] != '=' && !scan_starts(text, s.start, s.end, "approx"));
}

static bool same_text(const char *text, struct span a, struct span b)
{
    return a.end - a.start == b.end - b.start &&
           !memcmp(text + a.start, text + b.start, a.end - a.start);
}

/* "= -\\boxed{60}" */
static bool minus_before(const char *text, size_t from, size_t at)
{
    while (at > from && scan_is_blank(text[at - 1]))
        at--;
    if (at == from || text[at - 1] != '-')
        return false;
    at--;
    while (at > from && scan_is_blank(text[at - 1]))
        at--;
    return at == from || strchr("=$([:&\n", text[at - 1]);
}

/* Where the first command with "box" in it begins; "boxes" are none. */
static size_t first_command(const char *text, struct span s)
{
    const char *box;
    for (size_t at = s.start; (box = memmem(text + at, s.end - at, "box", 3));) {
        at = (size_t)(box - text);
        size_t from = at;
        while (from > s.start && scan_is_letter(text[from - 1]) && at - from < 8)
            from--;
        if (from > s.start && text[from - 1] == '\\')
            return from - 1;
        at += 3;
    }
    return s.end;
}

bool answer_find_boxed(const char *text, struct span s, struct found *ret)
{
    size_t first = first_command(text, s);
    if (first == s.end)
        return false;
    struct boxes b = {.n_open = 0};
    find_boxes(text, (struct span){first, s.end}, &b);
    if (!b.n_kept)
        return false;
    size_t i = b.n_kept - 1;
    *ret = (struct found){.whole = b.kept[i].whole, .how = "boxed"};
    ret->part[ret->n_parts++] = b.kept[i].content;
    for (; i > 0 && ret->n_parts < FOUND_PARTS_MAX; i--) {
        struct box *before = &b.kept[i - 1];
        if (!joins(text, (struct span){before->whole.end, b.kept[i].whole.start}))
            break;
        ret->whole.start = before->whole.start;
        bool twice = false;
        for (size_t k = 0; k < ret->n_parts; k++)
            twice = twice || same_text(text, ret->part[k], before->content);
        if (twice)
            continue;
        memmove(ret->part + 1, ret->part, ret->n_parts * sizeof *ret->part);
        ret->part[0] = before->content;
        ret->n_parts++;
    }
    ret->minus = ret->n_parts == 1 && minus_before(text, s.start, ret->whole.start);
    return true;
}
