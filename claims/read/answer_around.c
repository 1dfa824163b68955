/*
 * answer_around.c - what stands around a box in its formula and belongs to its value:
 * "2\cdot\boxed{5}",
 * "\boxed{25}\pi", "\frac{\boxed{3}}{4}", "\boxed{5}%".
 *
 * Walks from the box to both sides over what multiplies, adds, raises or names a value, and stops
 * at relations, words, units and what ends a formula. Outside of a formula blanks end the walk. A
 * box that is one side of an equation whose other side follows ("2\cdot\boxed{5} = 10") fills in a
 * blank and is the answer itself.
 */
#include "claims/read/answer_internal.h"

#define REACH 512 /* bytes to each side that are looked at */
#define COUNT(list) (sizeof(list) / sizeof *(list))

/* In which a value goes on; others are relations, layout or nothing known. */
static const char *const operators[] = {"cdot", "times", "div", "ast", "pm", "mp", "lt", "gt"};
static const char *const values[] = {"pi",    "sqrt",  "frac", "dfrac", "tfrac",   "cfrac",
                                     "infty", "log",   "ln",   "sin",   "cos",     "tan",
                                     "binom", "alpha", "beta", "theta", "overline"};
/* These change neither the value nor where it ends. */
static const char *const layout[] = {
    "left",  "right",     "displaystyle", "textstyle",  "large",  "Large",     "LARGE",
    "huge",  "Huge",      "bf",           "mathbf",     "textbf", "mathrm",    "text",
    "color", "textcolor", "colorbox",     "boldsymbol", "bm",     "underline", "big",
    "Big",   "bigl",      "bigr",         "limits",     "mathit", "textit",    "mathsf"};
/* Words behind a box that make it another number, and words before it. */
static const char *const scales[] = {"million", "billion", "trillion", "thousand",  "hundred",
                                     "dozen",   "percent", "squared",  "cubed",     "factorial",
                                     "or more", "or less", "or fewer", "and a half"};
static const char *const openers[] = {"minus",  "negative", "twice",     "double",        "triple",
                                      "thrice", "half of",  "square of", "square root of"};

/* Beyond ASCII: before a box, behind it, and between two values. */
static const char *const signs[] = {"\xE2\x88\x92", "\xC2\xB1", "\xE2\x88\x9A", "\xC2\xBD",
                                    "\xC2\xBC",     "\xC2\xBE", "\xCF\x80",     "\xE2\x88\x93"};
static const char *const tails[] = {"\xC2\xB2",     "\xC2\xB3",    "\xCF\x80",     "\xC2\xBD",
                                    "\xC2\xBC",     "\xC2\xBE",    "\xEF\xBC\x85", "\xE4\xB8\x87",
                                    "\xE5\x84\x84", "\xE4\xBA\xBF"};
static const char *const between[] = {"\xC3\x97", "\xC2\xB7", "\xE2\x8B\x85", "\xC3\xB7"};

struct walk {
    const char *text;
    size_t from, end; /* what may be looked at */
    bool formula;
    bool more;    /* something belongs to the value that is not in the box */
    bool touches; /* a digit or another box touches the box: part of what number? */
    bool filled;  /* the other side of an equation follows */
};

static bool is_command(const struct span name, const char *text, const char *const *list, size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (strlen(list[k]) == name.end - name.start &&
            !memcmp(text + name.start, list[k], name.end - name.start))
            return true;
    return false;
}

/* "boxed", "fbox", "framebox" */
static bool is_box(const char *text, struct span name)
{
    return scan_ends(text, name.start, name.end, "box") ||
           scan_ends(text, name.start, name.end, "boxed");
}

#define IS_COMMAND(w, name, list) is_command(name, (w)->text, list, COUNT(list))

static struct span command_at(const struct walk *w, size_t at)
{
    struct span name = {at + 1, at + 1};
    while (name.end < w->end && scan_is_letter(w->text[name.end]))
        name.end++;
    return name;
}

/* Is text[at] inside of a formula? Its last mark before `at` opens one. */
static bool in_formula(const char *text, size_t from, size_t at)
{
    size_t dollars = 0;
    for (size_t i = at; i > from; i--) {
        char c = text[i - 1], before = i - 1 > from ? text[i - 2] : ' ';
        if (c == '\n' && before == '\n')
            break;
        if (before == '\\' && strchr("([", c) && !(i > from + 2 && text[i - 3] == '\\'))
            return dollars == 0 || dollars % 2;
        if (before == '\\' && strchr(")]", c) && !(i > from + 2 && text[i - 3] == '\\'))
            break;
        if (c == '$' && before != '\\') {
            dollars++;
            i -= before == '$';
        }
    }
    return dollars % 2;
}

/* The bracket that pairs with the one at `at`, to the right or to the left; at for none. */
static size_t pair_of(const struct walk *w, size_t at)
{
    static const char open[] = "({[", close[] = ")}]";
    const char *text = w->text, *opens = strchr(open, text[at]);
    char back = opens ? close[opens - open] : open[strchr(close, text[at]) - close];
    size_t depth = 0;
    for (size_t i = at; opens ? i < w->end : i + 1 > w->from; opens ? i++ : i--) {
        depth += text[i] == text[at];
        if (text[i] == back && --depth == 0)
            return i;
        if (i == 0 && !opens)
            break;
    }
    return at;
}

static size_t skip_space_left(const struct walk *w, size_t at)
{
    const char *text = w->text;
    for (size_t before = at + 1; before != at;) {
        before = at;
        while (at > w->from && (scan_is_blank(text[at - 1]) ||
                                (w->formula && text[at - 1] == '\n') || text[at - 1] == '~'))
            at--;
        if (at > w->from + 1 && text[at - 2] == '\\' && strchr(",;!: ", text[at - 1]) &&
            !(at > w->from + 2 && text[at - 3] == '\\'))
            at -= 2;
    }
    return at;
}

static size_t skip_space_right(const struct walk *w, size_t at)
{
    const char *text = w->text;
    for (size_t before = at + 1; before != at;) {
        before = at;
        while (at < w->end &&
               (scan_is_blank(text[at]) || (w->formula && text[at] == '\n') || text[at] == '~'))
            at++;
        if (at + 1 < w->end && text[at] == '\\' && strchr(",;!: ", text[at + 1]))
            at += 2;
    }
    return at;
}

static bool is_value_end(char c)
{
    return scan_is_digit(c) || strchr(")}]", c) != NULL;
}

static size_t sign_before(const struct walk *w, size_t at, const char *const *list, size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (scan_ends(w->text, w->from, at, list[k]))
            return strlen(list[k]);
    return 0;
}

static size_t sign_at(const struct walk *w, size_t at, const char *const *list, size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (scan_starts(w->text, at, w->end, list[k]))
            return strlen(list[k]);
    return 0;
}

/* The start of what belongs to the value before `at`. */
static size_t walk_left(struct walk *w, size_t at)
{
    const char *text = w->text;
    size_t best = at; /* an operator alone begins no value */
    for (bool touching = true;; touching = false) {
        size_t i = skip_space_left(w, at);
        char c = i > w->from ? text[i - 1] : '\n';
        if (touching && i < at && !w->formula && scan_is_digit(c))
            return best;
        size_t sign_len = sign_before(w, i, signs, COUNT(signs));
        size_t works = sign_before(w, i, between, COUNT(between));
        if (sign_len && (i == at || w->formula)) {
            w->more = true;
            best = at = i - sign_len;
            continue;
        }
        if (works && is_value_end(text[skip_space_left(w, i - works) - 1])) {
            at = i - works;
            continue;
        }
        if (scan_is_digit(c)) {
            w->touches = w->touches || (touching && i == at);
            while (i > w->from && (scan_is_digit(text[i - 1]) || strchr(".,", text[i - 1])))
                i--;
            best = at = i;
        } else if (touching && c == ',' && i == at && i > w->from + 1 &&
                   scan_is_digit(text[i - 2])) { /* "1,\boxed{000}" */
            w->touches = true;
            at = i - 1;
            continue;
        } else if (c == '+' || c == '-' || (c == '/' && i > w->from + 1 && text[i - 2] != '<') ||
                   (c == '*' && i > w->from + 1 &&
                    (is_value_end(text[i - 2]) || (i < at && text[i - 2] == ' '))) ||
                   (w->formula && c == ':' && i > w->from + 1 && scan_is_digit(text[i - 2])) ||
                   (w->formula && (c == '<' || c == '>') && i > w->from + 1 &&
                    !strchr("=-<>", text[i - 2]) &&
                    (w->more || scan_is_letter(text[skip_space_left(w, i - 1) - 1])))) {
            size_t before = skip_space_left(w, i - 1);
            char left = before > w->from ? text[before - 1] : '\n';
            bool value = is_value_end(left) || (w->formula && scan_is_letter(left));
            if (!w->formula && (c == '-' || !value))
                return best; /* a dash, a list, markdown; a sign is told apart */
            if (!value && c != '-' && c != '+')
                return best;
            best = value ? best : i - 1;
            at = i - 1;
            w->more = w->more || !value;
            continue;
        } else if (c == ')' || c == '}') {
            size_t open = pair_of(w, i - 1), slash = open;
            if (open == i - 1)
                return best;
            while (slash > w->from && scan_is_letter(text[slash - 1]))
                slash--;
            struct span name = {slash, open};
            bool command = slash > w->from && text[slash - 1] == '\\';
            if (c == '}' && slash > w->from + 1 && text[slash - 1] == '}' &&
                pair_of(w, slash - 1) < slash - 1) { /* "\frac{1}{2}" */
                at = slash;
                continue;
            }
            bool box = command && is_box(text, name);
            bool part = box && touching;
            if ((command && !box && !IS_COMMAND(w, name, values)) || (!w->formula && !command) ||
                (part && (i < at || open + 2 >= i)))
                return best;
            w->touches = w->touches || part;
            best = at = command                                                 ? slash - 1
                        : c == '}' && slash > w->from && text[slash - 1] == '^' ? slash - 1
                                                                                : open;
        } else if (c == '^' || c == '_') {
            at = i - 1;
            continue;
        } else if (scan_is_letter(c)) {
            size_t start = i;
            while (start > w->from && scan_is_letter(text[start - 1]))
                start--;
            struct span name = {start, i};
            if (start > w->from && text[start - 1] == '\\') {
                bool op = IS_COMMAND(w, name, operators);
                if (IS_COMMAND(w, name, layout) && touching) {
                    at = start - 1;
                    continue;
                }
                if (!op && !IS_COMMAND(w, name, values))
                    return best;
                at = start - 1;
                bool sign = op && (text[start] == 'p' || text[start] == 'm');
                best = op && !sign ? best : at;
                w->more = w->more || sign || !op;
                continue;
            }
            if (!w->formula || i - start > 1)
                return best;
            best = at = start;
        } else {
            return best;
        }
        w->more = true;
    }
}

/* The group, command or number that begins at `at`: its end, or at for none. */
static size_t atom_end(const struct walk *w, size_t at)
{
    const char *text = w->text;
    if (at < w->end && strchr("({[", text[at])) {
        size_t close = pair_of(w, at);
        return close == at ? at : close + 1;
    }
    size_t i = at;
    while (i < w->end && (scan_is_digit(text[i]) ||
                          (text[i] == '.' && i + 1 < w->end && scan_is_digit(text[i + 1]))))
        i++;
    if (i > at)
        return i;
    if (at < w->end && text[at] == '\\') {
        struct span name = command_at(w, at);
        bool box = is_box(text, name);
        size_t inside =
            name.end < w->end ? scan_trim(text, (struct span){name.end + 1, w->end}).start : w->end;
        if ((!box && !IS_COMMAND(w, name, values)) ||
            (box && inside < w->end && text[inside] == '}'))
            return at;
        for (i = name.end; i < w->end && text[i] == '{';) {
            size_t close = pair_of(w, i);
            if (close == i)
                return at;
            i = close + 1;
        }
        return i;
    }
    return at < w->end && w->formula && scan_is_letter(text[at]) &&
                   !(at + 1 < w->end && scan_is_letter(text[at + 1]))
               ? at + 1
               : at;
}

static bool is_relation(const struct walk *w, size_t at)
{
    static const char *const relations[] = {"approx", "equiv", "sim", "simeq", "cong"};
    if (at < w->end && w->text[at] == '\\')
        return IS_COMMAND(w, command_at(w, at), relations);
    return at < w->end && w->text[at] == '=';
}

/* Degrees, ordinals and the like behind a box are its unit. */
static bool is_unit_mark(const struct walk *w, size_t at)
{
    static const char *const marks[] = {"^\\circ",  "^{\\circ}", "^o",        "^{o}",
                                        "^{\\text", "^\\text",   "^{th}",     "^{st}",
                                        "^{nd}",    "^{rd}",     "^{\\mathrm"};
    for (size_t k = 0; k < COUNT(marks); k++)
        if (scan_starts(w->text, at, w->end, marks[k]))
            return true;
    return false;
}

static size_t word_end(const struct walk *w, size_t at)
{
    for (size_t k = 0; k < COUNT(scales); k++)
        if (scan_word(w->text, at, w->end, scales[k]))
            return at + strlen(scales[k]);
    return at;
}

/* Units of one letter that may stand behind a number. */
static bool is_unit_letter(char c)
{
    return strchr("mgshLlJNWVAKCFM", c) != NULL;
}

/* The end of what belongs to the value behind `at`. */
static size_t walk_right(struct walk *w, size_t at)
{
    const char *text = w->text;
    for (bool touching = true;; touching = false) {
        size_t i = skip_space_right(w, at), after = i;
        char c = i < w->end ? text[i] : '\n', next = i + 1 < w->end ? text[i + 1] : '\n';
        bool close = i == at || w->formula;
        if (is_relation(w, i)) {
            w->filled = true;
            return at;
        }
        size_t tail = sign_at(w, i, tails, COUNT(tails));
        size_t works = sign_at(w, i, between, COUNT(between));
        if (tail && i == at) {
            after = i + tail;
        } else if (works) {
            size_t operand = skip_space_right(w, i + works), stop = atom_end(w, operand);
            after = stop == operand ? i : stop;
        } else if (c == '%' || (c == '\\' && next == '%')) {
            after = i + (c == '%' ? 1 : 2);
        } else if (i == at && strchr(".,", c) && scan_is_digit(next)) {
            w->touches = w->touches || touching;
            for (after = i + 1; after < w->end && scan_is_digit(text[after]);)
                after++;
        } else if (w->formula && c == '!' && next != '=') {
            after = i + 1;
        } else if (close && (c == '^' || c == '_') && !is_unit_mark(w, i)) {
            after = atom_end(w, i + 1);
            after = after == i + 1 ? i : after;
        } else if (strchr("+-*/", c) ||
                   (w->formula && c == ':' && i + 1 < w->end && scan_is_digit(next)) ||
                   (c == '\\' && IS_COMMAND(w, command_at(w, i), operators))) {
            bool sign = c == '-' || (c == '*' && (next == '*' || scan_is_space(next)));
            size_t operand = skip_space_right(w, c == '\\' ? command_at(w, i).end : i + 1);
            operand += operand < w->end && strchr("+-", text[operand]) ? 1u : 0u;
            bool list = !w->formula && sign && i > at;
            size_t stop = list ? operand : atom_end(w, operand);
            /* "\boxed{5}/m", "\boxed{5}-year" */
            after = stop == operand || (c == '/' && is_unit_letter(text[operand])) ? i : stop;
        } else if (i == at && (scan_is_digit(c) || strchr("([", c))) {
            after = atom_end(w, i);
            w->touches = w->touches || (touching && scan_is_digit(c));
        } else if (close && c == '\\') {
            after = atom_end(w, i);
            bool fraction = false, digits = false;
            for (size_t k = i; k < after; k++) {
                fraction = fraction || scan_starts(text, k, after, "frac");
                digits = digits || scan_is_digit(text[k]);
            }
            if (fraction && !digits) /* "\\frac{m}{s}" */
                after = i;
            w->touches = w->touches || (fraction && digits && touching && i == at);
            if (after > i && is_box(text, command_at(w, i))) { /* parts, unless it touches */
                w->touches = w->touches || (touching && i == at);
                after = i == at ? after : i;
            }
        } else if (w->formula && scan_is_letter(c) && !is_unit_letter(c)) {
            after = atom_end(w, i);
        }
        if (after == i && (scan_is_letter(c) || c == '\\')) {
            bool text_word = scan_starts(text, i, w->end, "\\text{");
            size_t word = i + (text_word ? 6 : 0);
            while (word < w->end && text[word] == ' ')
                word++;
            after = word_end(w, word);
            after = after == word ? i : text_word && text[after] == '}' ? after + 1 : after;
        }
        if (after == i)
            return at;
        w->more = true;
        at = after;
    }
}

/* "minus \boxed{5}", "half of \boxed{5}": before a formula, too. */
static size_t opener_start(const struct walk *w, size_t at)
{
    size_t i = at;
    while (i > w->from && strchr(" $*", w->text[i - 1]))
        i--;
    i -= i > w->from + 1 && w->text[i - 2] == '\\' && strchr("([", w->text[i - 1]) ? 2u : 0u;
    while (i > w->from && w->text[i - 1] == ' ')
        i--;
    for (size_t k = 0; k < COUNT(openers); k++) {
        size_t len = strlen(openers[k]);
        if (scan_ends(w->text, w->from, i, openers[k]) &&
            (i == w->from + len || !scan_is_letter(w->text[i - len - 1])))
            return i - len;
    }
    /* "-$\boxed{5}$" */
    return i < at && i > w->from && w->text[at - 1] == '$' && w->text[at - 2] == '-' && i == at - 1
               ? at - 2
               : at;
}

/* "$\\boxed{5}$%", "**\\boxed{5}** million"; at for nothing. */
static size_t scale_end(const struct walk *w, size_t at)
{
    size_t i = skip_space_right(w, at);
    for (size_t before = i + 1; before != i;) {
        before = i;
        while (i < w->end && strchr("$* ", w->text[i]))
            i++;
        if (i + 1 < w->end && w->text[i] == '\\' && w->text[i + 1] == ')')
            i += 2;
    }
    if (i < w->end && (w->text[i] == '%' || scan_starts(w->text, i, w->end, "\\%")))
        return i + (w->text[i] == '%' ? 1 : 2);
    size_t word = word_end(w, i);
    return word > i ? word : at;
}

bool answer_around_box(const char *text, struct span s, struct span box, struct span *ret,
                       bool *ret_unclear)
{
    struct walk w = {.text = text,
                     .from = box.start - s.start > REACH ? box.start - REACH : s.start,
                     .end = s.end - box.end > REACH ? box.end + REACH : s.end};
    w.formula = in_formula(text, w.from, box.start);
    struct span e = box;
    for (bool again = true; again;) {
        e = (struct span){walk_left(&w, e.start), walk_right(&w, e.end)};
        /* "\frac{\boxed{3}}{4}": what the group around it belongs to. */
        again = false;
        size_t open = skip_space_left(&w, e.start), close = skip_space_right(&w, e.end);
        if (open > w.from && close < w.end && text[open - 1] == '(' && w.formula &&
            (text[close] == ')' || scan_starts(text, close, w.end, "\\right)"))) {
            bool left = scan_ends(text, w.from, open, "\\left(");
            struct span group = {open - (left ? 6 : 1), close + (text[close] == ')' ? 1 : 7)};
            struct walk outside = w;
            struct span wide = {walk_left(&outside, group.start), walk_right(&outside, group.end)};
            if (wide.start == group.start && wide.end == group.end)
                break;
            outside.touches = w.touches;
            w = outside;
            e = wide;
            w.more = again = true;
            continue;
        }
        if (open == w.from || close == w.end || text[open - 1] != '{' || text[close] != '}')
            break;
        if (open > w.from + 1 && strchr("^_", text[open - 2])) { /* "2^{\\boxed{5}}" */
            e = (struct span){open - 2, close + 1};
            w.more = again = true;
            e.start = walk_left(&w, e.start);
            w.touches = false;
            continue;
        }
        size_t slash = open - 1;
        if (open > w.from + 1 && text[open - 2] == ']') { /* "\\sqrt[3]{\\boxed{5}}" */
            while (slash > w.from && text[slash - 1] != '[')
                slash--;
            slash -= slash > w.from;
        }
        while (slash > w.from && scan_is_letter(text[slash - 1]))
            slash--;
        bool second = slash == open - 1 && slash > w.from && text[slash - 1] == '}' &&
                      pair_of(&w, slash - 1) < slash - 1;
        size_t first = second ? pair_of(&w, slash - 1) : slash;
        while (second && first > w.from && scan_is_letter(text[first - 1]))
            first--;
        if (first == w.from || text[first - 1] != '\\')
            break;
        struct span name = command_at(&w, first - 1);
        bool value = IS_COMMAND(&w, name, values);
        if (!value && !IS_COMMAND(&w, name, layout))
            break;
        e = (struct span){first - 1, close + 1};
        while (value && e.end < w.end && text[e.end] == '{') {
            size_t end = pair_of(&w, e.end);
            if (end == e.end)
                break;
            e.end = end + 1;
        }
        w.more = w.more || value;
        again = true;
    }
    size_t opener = opener_start(&w, e.start);
    w.more = w.more || opener < e.start;
    e.start = opener;
    size_t scale = w.filled ? e.end : scale_end(&w, e.end);
    w.more = w.more || scale > e.end;
    e.end = scale;
    *ret_unclear = w.touches && w.more;
    bool sign = e.start < box.start && text[e.start] == '-' && e.end == box.end &&
                skip_space_right(&w, e.start + 1) == box.start;
    if (!w.more || (w.filled && !sign))
        return false;
    *ret = e;
    return true;
}

#define BEHIND_MAX 40

struct span answer_behind_box(const char *text, struct span s, size_t at)
{
    while (at < s.end && strchr("$ *\\)],~", text[at]) &&
           (text[at] != '\\' || (at + 1 < s.end && strchr(")],; ", text[at + 1]))))
        at++;
    size_t end = at;
    while (end < s.end && end - at < BEHIND_MAX && !strchr(".,;:!?\n$", text[end]) &&
           !(text[end] == '\\' && end + 1 < s.end && strchr(")]", text[end + 1])))
        end++;
    bool whole = end == s.end || (unsigned char)text[end] < 0x80;
    return scan_trim(text, (struct span){at, whole ? end : at});
}
