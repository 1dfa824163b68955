/*
 * quantity.c - reads label, expression and value of a claim by their surface.
 *
 * The value is what stands behind the last relation sign, as a number in lowest terms where it is
 * one (units, currency and markup dropped, 50% = 1/2), else as folded text. What stands before the
 * first relation sign is the expression, as far as it consists of numbers and signs, and before
 * that the words. What may not be asked, or is no value, is told by quantity_guard.c: in doubt a
 * claim is not read, which costs a verdict but gives no wrong one. Equal keys mean the same
 * spelling up to what quantity.h names, so that two keys of one quantity are possible.
 */
#include "claims/read/quantity.h"

#include <string.h>

#include "base/hash.h"
#include "claims/read/quantity_internal.h"
#include "claims/read/statements.h"
#include "claims/text/fold.h"
#include <surety/types.h>

/* "A*B", "A * B"; not "**pay**", "*pay*". */
static bool is_lone_star(const char *text, struct span s, size_t at)
{
    return text[at] == '*' && at > s.start && at + 1 < s.end && text[at - 1] != '*' &&
           text[at + 1] != '*' && scan_is_space(text[at - 1]) == scan_is_space(text[at + 1]);
}

/* Letters, digits and signs without case, spacing and markup, but for the gap between two numbers
 * and the case of a name of one letter ("V" is not "v"; the article before a word is no name). */
static uint64_t hash_folded(const char *text, struct span s)
{
    uint64_t hash = 2;
    char last = 0;
    bool gap = false;
    for (size_t i = s.start; i < s.end; i++) {
        char c = scan_lower(text[i]);
        if (scan_is_space(c) || (strchr("$*`~&", c) && !is_lone_star(text, s, i))) {
            gap = true;
            continue;
        }
        bool name = (gap || !scan_is_letter(last)) && scan_is_letter(c) &&
                    !(i + 1 < s.end && scan_is_letter(text[i + 1]));
        bool article = c == 'a' && last == 0 && i + 2 < s.end && scan_is_blank(text[i + 1]) &&
                       scan_is_letter(text[i + 2]);
        if (gap && scan_is_digit(last) && scan_is_digit(c))
            hash = hash_bytes(hash, " ", 1);
        hash = hash_bytes(hash, name && !article ? &text[i] : &c, 1);
        gap = false;
        last = c;
    }
    return hash;
}

/* Content words, order kept, plural dropped; 0 when fewer than least. Words that say nothing alone
 * are left out, unless there are no others ("total: 3+4 = 7"). */
static uint64_t hash_words(const char *text, struct span s, size_t least)
{
    static const char *const stops[] = {
        "a",    "an",   "the",   "of",  "is",   "are",  "was",  "were",  "there", "so",
        "to",   "in",   "on",    "for", "we",   "he",   "she",  "they",  "it",    "and",
        "that", "this", "then",  "has", "have", "be",   "will", "would", "total", "number",
        "his",  "her",  "their", "its", "get",  "gets", "text", "with",  "at"};
    uint64_t hash = 3, every = 5;
    size_t n = 0, n_stops = 0;
    for (size_t i = s.start; i < s.end;) {
        size_t from = i;
        while (i < s.end && (scan_is_letter(text[i]) || (unsigned char)text[i] >= 0x80 ||
                             (i > from && scan_is_digit(text[i])) || (i > from && text[i] == '_')))
            i++;
        if (i == from) {
            i++;
            continue;
        }
        size_t len = i - from;
        bool stop = false;
        for (size_t k = 0; k < sizeof stops / sizeof *stops && !stop; k++)
            stop = strlen(stops[k]) == len && scan_starts(text, from, i, stops[k]);
        if (stop) {
            every = hash_u64(every, hash_folded(text, (struct span){from, i}));
            n_stops++;
            continue;
        }
        if (len > 3 && text[i - 1] == 's')
            len--;
        for (size_t k = 0; k < len; k++) {
            char c = len > 1 ? scan_lower(text[from + k]) : text[from + k]; /* X is not x */
            hash = hash_bytes(hash, &c, 1);
        }
        hash = hash_bytes(hash, " ", 1);
        n++;
    }
    return n >= least ? hash : n == 0 && n_stops == 1 && least == 1 ? every : 0;
}

static bool is_name_byte(char c)
{
    return scan_is_letter(c) || scan_is_digit(c) || (c && strchr("_{}()\\^'", c));
}

/* "x", "a_1", "f(3)", "\alpha" at the end of the left side: a hash, or 0. */
static uint64_t hash_name(const char *text, struct span s)
{
    while (s.end > s.start && (scan_is_blank(text[s.end - 1]) || strchr("$&*", text[s.end - 1])))
        s.end--;
    size_t at = s.end;
    while (at > s.start && is_name_byte(text[at - 1]))
        at--;
    struct span name = {at, s.end};
    bool lone = name.end > name.start && scan_is_letter(text[name.start]) &&
                (name.end - name.start == 1 || !scan_is_letter(text[name.start + 1]));
    bool command = name.end > name.start + 1 && text[name.start] == '\\' &&
                   !memchr(text + name.start, '{', name.end - name.start);
    if (!lone && !command)
        return 0;
    return hash_bytes(6, text + name.start, name.end - name.start);
}

/* The words of a sentence that name what its last verb or sign speaks of. */
static uint64_t hash_subject(const char *text, struct span s, size_t least)
{
    static const char *const begins[] = {", ", "; ", " that ", " get ", " gets ", " so ", " have "};
    static const char *const verbs[] = {" is",     " are", " was",   " were",
                                        " equals", " be",  " costs", " has"};
    s = scan_trim(text, s);
    for (size_t k = 0; k < sizeof verbs / sizeof *verbs; k++)
        if (scan_ends(text, s.start, s.end, verbs[k]))
            s.end -= strlen(verbs[k]);
    size_t from = s.start;
    for (size_t i = s.start; i < s.end; i++)
        for (size_t k = 0; strchr(",; ", text[i]) && k < sizeof begins / sizeof *begins; k++)
            if (scan_starts(text, i, s.end, begins[k]))
                from = i + strlen(begins[k]);
    return hash_words(text, (struct span){from, s.end}, least);
}

static bool ends_in_verb(const char *text, struct span s)
{
    static const char *const verbs[] = {" is", " are", " was", " were", " equals", " be"};
    s = scan_trim(text, s);
    for (size_t k = 0; k < sizeof verbs / sizeof *verbs; k++)
        if (scan_ends(text, s.start, s.end, verbs[k]))
            return true;
    return false;
}

static bool has_digit(const char *text, struct span s)
{
    for (size_t i = s.start; i < s.end; i++)
        if (scan_is_digit(text[i]))
            return true;
    return false;
}

/* "Step 2", "(3)", "Claim 1": counts, and names nothing. */
static bool is_numbering(const char *text, struct span label)
{
    static const char *const words[] = {"step", "claim", "part", "case", "equation", "line"};
    bool number = false;
    size_t n = 0;
    for (size_t i = label.start; i < label.end; i++)
        number |= scan_is_digit(text[i]);
    for (size_t i = label.start; i < label.end && number; i++) {
        size_t from = i;
        while (i < label.end && (scan_is_letter(text[i]) || (unsigned char)text[i] >= 0x80))
            i++;
        bool known = i == from;
        for (size_t k = 0; k < sizeof words / sizeof *words && !known; k++)
            known = strlen(words[k]) == i - from && scan_starts(text, from, i, words[k]);
        if (!known || (i > from && n++))
            return false;
    }
    return number;
}

/* What stands before the first relation sign. A label or words that give the value away, or
 * a label that only counts, are not asked about: then it is what stands behind the label, or the
 * expression alone. False when nothing is left to ask. */
static bool read_left(const char *text, size_t end, struct quantity *ret)
{
    const char *colon = memrchr(text, ':', end);
    struct span label = {0, colon ? (size_t)(colon - text) : 0};
    struct span left = {colon ? label.end + 1 : 0, end};
    bool told =
        is_numbering(text, label) || quantity_guard_holds(text, label, ret->value, ret->where);
    if (!told)
        ret->words = hash_words(text, label, 1);
    ret->labelled = ret->words != 0;
    size_t start = quantity_expression_start(text, left);
    ret->expr = quantity_expression_hash(text, left, start);
    ret->name = ret->labelled ? label : (struct span){told ? left.start : 0, end};
    if (ret->labelled)
        return true;
    if (!ret->expr && !(ret->words = hash_name(text, left)))
        ret->words =
            memchr(text, '\\', end) ? hash_folded(text, left) : hash_subject(text, left, 1);
    if (!ret->expr && !ret->words && has_digit(text, left) &&
        !quantity_guard_lone_number(text, left, true))
        ret->words = hash_folded(text, left); /* "gcd(24, 36)" */
    struct span before = {left.start, start};
    if (ret->expr && ends_in_verb(text, before))
        ret->words = hash_subject(text, before, 1);
    struct span words = {ret->name.start, ret->expr ? start : end};
    if (quantity_guard_holds(text, words, ret->value, ret->where))
        ret->name = (struct span){start, ret->expr ? end : start};
    return ret->name.start < ret->name.end && (ret->words || ret->expr);
}

/* One side as the value: true where it is a number, else it is its folded text. */
static bool read_side(const char *text, struct span *side, struct quantity *ret)
{
    struct quantity_number n;
    size_t end;
    *side = scan_trim(text, *side);
    while (side->end > side->start && strchr(".,;:", text[side->end - 1]))
        side->end--;
    ret->whole = ret->where = *side;
    if (!quantity_read_number(text, side->start, side->end, &n, &end)) {
        ret->value = hash_folded(text, *side);
        return false;
    }
    if (!memchr(text + side->start, '\\', side->end - side->start))
        ret->where.end = end;
    ret->value = quantity_hash_number(n);
    return true;
}

/* The value is what stands behind the last relation sign. "So 20 = 12 + 8" and "28 is the change =
 * 100 - 72" give it first: not read. second: what stands behind the first sign. */
static bool read_right(const char *text, size_t first, struct span second, struct span last,
                       struct quantity *ret)
{
    struct span left = {0, first}, words = left;
    if (!read_side(text, &second, ret) && quantity_guard_lone_number(text, left, true))
        return false;
    if (read_side(text, &last, ret))
        return true;
    size_t start = quantity_expression_start(text, left);
    if (quantity_expression_hash(text, left, start))
        words.end = start;
    return last.start < last.end &&
           (!has_digit(text, last) || (quantity_guard_is_side(text, last) &&
                                       !quantity_guard_lone_number(text, words, false)));
}

/* "The rope is 5 m long", "Eggs: 12": the one number of a claim without a relation sign. */
static bool read_statement(const char *text, size_t len, struct span number, struct quantity *ret)
{
    struct quantity_number n;
    size_t sign = number.start;
    while (sign > 0 && (text[sign - 1] == '-' || text[sign - 1] == '$'))
        sign--;
    size_t number_end;
    if (!quantity_read_number(text, sign, number.end, &n, &number_end))
        return false;
    ret->value = quantity_hash_number(n);
    const char *colon = memrchr(text, ':', number.start);
    size_t from = 0;
    if (colon && is_numbering(text, (struct span){0, (size_t)(colon - text)})) {
        from = (size_t)(colon - text) + 1;
        colon = NULL;
    }
    struct span before = {from, colon ? (size_t)(colon - text) : sign};
    if (colon)
        ret->words = hash_words(text, before, 1);
    else if (ends_in_verb(text, before))
        ret->words = hash_subject(text, before, 1);
    if (!ret->words && !colon)
        ret->words = hash_words(text, (struct span){from, len}, 2);
    ret->labelled = colon && ret->words;
    ret->name = (struct span){from, ret->labelled ? before.end : len};
    ret->whole = ret->where = (struct span){sign, number.end};
    bool told = ret->labelled && quantity_guard_holds(text, before, ret->value, ret->where);
    return ret->words != 0 && !told;
}

bool quantity_read(const char *claim, struct quantity *ret)
{
    size_t len = strlen(claim), first = 0, last = 0, numbers = 0;
    struct span number = {0, 0}, second = {0, len};
    *ret = (struct quantity){.words = 0};
    for (size_t i = 0; i < len;) {
        size_t sign = statements_relation(claim, i, len);
        if (sign) {
            if (claim[i] != '=' && !scan_starts(claim, i, len, "\\approx") &&
                !scan_starts(claim, i, len, "\xE2\x89\x88"))
                return false; /* an inequality gives no value */
            if (last && !quantity_guard_is_side(claim, (struct span){last, i}))
                return false; /* two equations */
            if (!last)
                first = i;
            else if (second.end == len)
                second.end = i;
            i += sign;
            last = i;
            second.start = second.start ? second.start : last;
        } else if (scan_is_digit(claim[i])) {
            struct quantity_number n;
            number.start = i;
            if (!quantity_read_decimal(claim, &i, len, &n))
                i++;
            number.end = i;
            numbers++;
        } else {
            if (claim[i] == ':' && !scan_is_digit(claim[i + 1])) /* "week 2: 14" */
                numbers = 0;
            i++;
        }
    }
    if (!last)
        return numbers == 1 && read_statement(claim, len, number, ret);
    return first > 0 && read_right(claim, first, second, (struct span){last, len}, ret) &&
           read_left(claim, first, ret);
}

/* Where the name has the value inside, its two parts; else all of it and nothing. */
static void split_name(const struct quantity *q, struct span *ret_head, struct span *ret_tail)
{
    bool inside = q->where.start < q->name.end;
    *ret_head = (struct span){q->name.start, inside ? q->where.start : q->name.end};
    *ret_tail = (struct span){inside ? q->where.end : q->name.end, q->name.end};
}

uint64_t quantity_key(const char *claim, const struct quantity *q)
{
    struct span head, tail;
    if (q->expr && !q->labelled)
        return q->expr;
    split_name(q, &head, &tail);
    return hash_u64(hash_folded(claim, head), hash_folded(claim, tail));
}

char *quantity_name(const char *claim, const struct quantity *q, struct arena *arena)
{
    struct span head, tail;
    split_name(q, &head, &tail);
    size_t len = head.end - head.start;
    char *text = arena_alloc(arena, len + 1 + (tail.end - tail.start));
    if (!text)
        return NULL;
    memcpy(text, claim + head.start, len);
    if (tail.start > head.end)
        text[len++] = '?';
    memcpy(text + len, claim + tail.start, tail.end - tail.start);
    return fold_line(text, len + (tail.end - tail.start), SURETY_CLAIM_MAX, arena);
}
