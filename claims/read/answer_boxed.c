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

/* "\boxed{}", "\boxed{...}", "\boxed{?}": the form of an answer and none. */
static bool is_blank_form(const char *text, struct span s)
{
    static const char *const forms[] = {"...",         "?",   "\\ldots",     "\\dots",
                                        "\\cdots",     "\\,", "\\ ",         "\\text{answer}",
                                        "\\text{...}", "??",  "\xE2\x80\xA6"};
    for (size_t k = 0; k < sizeof forms / sizeof *forms; k++)
        if (s.end - s.start == strlen(forms[k]) &&
            !memcmp(text + s.start, forms[k], strlen(forms[k])))
            return true;
    return s.start == s.end;
}

static void keep(struct boxes *b, const char *text, struct box box)
{
    while (b->n_kept && b->kept[b->n_kept - 1].whole.start > box.whole.start)
        b->n_kept--;
    box.content = scan_trim(text, box.content);
    if (is_blank_form(text, box.content))
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
        "so",      "thus",    "hence",    "therefore", "then",   "but",   "not",
        "wait",    "again",   "actually", "instead",   "final",  "which", "giving",
        "gives",   "simplif", "implie",   "answer",    "e.g",    "i.e",   "means",
        "because", "rounded", "equiv",    "edit",      "correct"};
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

/* Where the sign of "= -\\boxed{60}" stands, or at; "- \\boxed{60}" below a line is an item. */
static size_t minus_before(const char *text, size_t from, size_t at)
{
    size_t sign = at;
    while (sign > from && scan_is_blank(text[sign - 1]))
        sign--;
    if (sign == from || text[sign - 1] != '-')
        return at;
    bool apart = sign-- < at;
    size_t before = sign;
    while (before > from && scan_is_blank(text[before - 1]))
        before--;
    return before == from || strchr(apart ? "=$([:&" : "=$([:&\n", text[before - 1]) ? sign : at;
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

bool answer_box_at(const char *text, struct span s, struct span *ret_whole,
                   struct span *ret_content)
{
    if (!box_command(text, s.start, s.end))
        return false;
    struct boxes b = {.n_open = 0};
    size_t depth = 0, at = begin_box(&b, text, s.start, s.end, &depth);
    if (b.n_open) {
        for (; at < s.end && depth; at++) {
            if (text[at] == '\\')
                at++;
            else
                depth += (text[at] == '{') - (text[at] == '}');
        }
        if (depth)
            return false;
        struct span content = {b.open[0].content.start, at - 1};
        keep(&b, text, (struct box){.whole = {s.start, at}, .content = content});
    }
    if (!b.n_kept)
        return false;
    *ret_whole = b.kept[0].whole;
    *ret_content = b.kept[0].content;
    return true;
}

/* The box and what stands around it as the first part of *ret. */
static void put_part(const char *text, struct span s, const struct box *box, struct found *ret)
{
    struct span part = box->content, whole = box->whole;
    bool unclear, open = answer_around_box(text, s, box->whole, &part, &unclear);
    if (!open) {
        size_t sign = minus_before(text, s.start, box->whole.start);
        open = sign < box->whole.start;
        part = open ? (struct span){sign, box->whole.end} : part;
    }
    whole = open ? part : whole;
    ret->unclear = ret->unclear || unclear;
    for (size_t k = 0; k < ret->n_parts; k++)
        if (same_text(text, ret->part[k], part)) {
            ret->whole.start = whole.start;
            return;
        }
    memmove(ret->part + 1, ret->part, ret->n_parts * sizeof *ret->part);
    ret->part[0] = part;
    ret->open = ret->open << 1 | open;
    ret->whole = (struct span){whole.start, ret->n_parts ? ret->whole.end : whole.end};
    ret->n_parts++;
}

#define LABELLED_MAX 2000 /* bytes between the boxes of two labelled parts */

/* The sign of the part whose line holds text[at]: "(b) ...", "**Part 2:** ..."; '\0' for none. */
static char part_label(const char *text, size_t from, size_t at)
{
    size_t i = answer_line_start(text, from, at);
    while (i < at && strchr("#*_ \t>-(", text[i]))
        i++;
    bool part = scan_starts(text, i, at, "part ");
    i += part ? 5 : 0;
    while (i < at && part && text[i] == '(')
        i++;
    bool closed = i + 1 < at && strchr("):", text[i + 1]) != NULL;
    bool letter = i < at && scan_lower(text[i]) >= 'a' && scan_lower(text[i]) <= 'h';
    return closed && (letter || (part && scan_is_digit(text[i]))) ? scan_lower(text[i]) : '\0';
}

/* Two parts of a problem that asks for several things, each on its labelled line. */
static bool are_labelled(const char *text, size_t from, const struct box *before,
                         const struct box *box)
{
    char a = part_label(text, from, before->whole.start);
    char b = a ? part_label(text, from, box->whole.start) : '\0';
    return b && b == a + 1 && box->whole.start - before->whole.end <= LABELLED_MAX;
}

/* The box at `last` and those before it that are parts of the same answer. */
static void join_parts(const char *text, struct span s, const struct boxes *b, size_t last,
                       struct found *ret)
{
    put_part(text, s, &b->kept[last], ret);
    for (size_t i = last; i > 0 && ret->n_parts < FOUND_PARTS_MAX; i--) {
        const struct box *before = &b->kept[i - 1];
        if (before->whole.start >= ret->whole.start)
            continue; /* in what stands around the last */
        if ((!joins(text, (struct span){before->whole.end, ret->whole.start}) &&
             !are_labelled(text, s.start, before, &b->kept[i])) ||
            answer_standing(text, s, before->whole) == STANDING_DENIED)
            break;
        put_part(text, s, before, ret);
    }
}

bool answer_find_boxed(const char *text, struct span s, struct found *ret)
{
    *ret = (struct found){.n_parts = 0};
    size_t first = first_command(text, s);
    if (first == s.end)
        return false;
    struct boxes b = {.n_open = 0};
    find_boxes(text, (struct span){first, s.end}, &b);
    if (!b.n_kept)
        return false;
    /* The last box that stands; else the last that is said aside. */
    size_t last = b.n_kept, aside = b.n_kept, denied = 0;
    for (size_t i = b.n_kept; i > 0 && last == b.n_kept; i--) {
        enum standing standing = answer_standing(text, s, b.kept[i - 1].whole);
        if (standing == STANDING_FIRM)
            last = i - 1;
        else if (standing == STANDING_DENIED)
            denied = denied ? denied : b.kept[i - 1].whole.end;
        else if (aside == b.n_kept)
            aside = i - 1;
    }
    *ret = (struct found){.aside = last == b.n_kept, .how = "boxed", .denied = denied};
    last = ret->aside ? aside : last;
    if (last == b.n_kept)
        return false;
    join_parts(text, s, &b, last, ret);
    if (ret->n_parts == 1 && !ret->open)
        ret->behind = answer_behind_box(text, s, ret->whole.end);
    return true;
}
