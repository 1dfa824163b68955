/*
 * Commands of LaTeX. Those that only change the look (\left, \displaystyle, \,) leave no token.
 */
#include <string.h>

#include "base/plain.h"
#include "claims/math/lex_internal.h"

/* "\text{18}", "\text{1.5 hours}": a value, so that only the look is meant. */
static bool is_figures(const char *s, size_t len)
{
    bool figure = false;
    if (len > 1 && plain_is_digit(s[0]) && memchr(s, ' ', len) && !memchr(s, '{', len))
        return true;
    for (size_t i = 0; i < len; i++) {
        if (lex_letter_at(s + i) || s[i] == '{')
            return false;
        figure |= plain_is_digit(s[i]);
    }
    return figure;
}

/* \overline{AB}, \overrightarrow{AB}: points, not a conjugate or a period. */
static bool is_points(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (s[i] < 'A' || s[i] > 'Z')
            return false;
    return len > 1;
}

/* Figures, or what ends a value, stand before. */
static bool follows_value(const struct lexer *lx)
{
    const struct token *t = lex_last(lx);
    return t && (t->kind == TOK_NUMBER || t->kind == TOK_DEGREE ||
                 (t->kind == TOK_SIGN && t->id && strchr(")}", t->id)));
}

/* \mathrm{e}, \operatorname{i}, \mathrm{x}: the letter itself; the m of 5\mathrm{m} is a unit. */
static bool is_upright_symbol(const struct lexer *lx, size_t len, char letter)
{
    const char *s = lx->s + lx->at;
    if (!plain_is_letter(letter))
        return false;
    if (strncmp(s, "\\textit", 7) == 0)
        return true;
    bool upright =
        strncmp(s, "\\mathrm", 7) == 0 || (len > 12 && strncmp(s, "\\operatorname", 13) == 0);
    return upright && (!strchr("mgsLlhJNWVFCKAM", letter) || !follows_value(lx));
}

/* \text{...} and its kin, \operatorname{...}. */
static void lex_inside(struct lexer *lx, size_t len, uint8_t kind)
{
    size_t start, end;
    if (lx->s[lx->at + len] == '*')
        len++;
    if (!lex_group_at(lx->s, lx->at + len, &start, &end) ||
        (kind == LEX_INSIDE && is_figures(lx->s + start, end - start))) {
        lx->at += len;
        return;
    }
    const char *s = lx->s;
    if (end - start == 1 && is_upright_symbol(lx, len, s[start])) {
        bool choose = s[start] == 'C' && s[end + 1] == '_';
        lx->at = start;
        lex_push(lx, choose ? TOK_FUNC : TOK_WORD, choose ? FN_BINOM : 0, 1);
        lx->at = end + 1;
        return;
    }
    if (end - start == 2 && memcmp(s + start, "\\$", 2) == 0) {
        lex_push(lx, TOK_CURRENCY, CURRENCY_DOLLAR, end + 1 - lx->at);
        return;
    }
    size_t from = lex_skip_blanks(s, start), to = end;
    while (to > from && plain_is_space(s[to - 1]))
        to--;
    const struct lex_name *n = lex_find_name(s + from, to - from);
    bool word = to - from == 1 && plain_is_letter(s[from]) && kind == LEX_INSIDE &&
                strncmp(s + lx->at, "\\mathrm", 7) != 0 && from == start;
    struct token *t;
    if (n && (n->kind == TOK_FUNC || n->kind == TOK_MOD || n->kind == TOK_OR || n->kind == TOK_AND))
        t = lex_push(lx, n->kind, n->id, end + 1 - lx->at);
    else
        t = lex_push(lx, TOK_TEXT, word, end + 1 - lx->at);
    if (!t)
        return;
    t->text = s + from;
    t->len = (uint32_t)(to - from);
    bool and = t->kind == TOK_TEXT && to - from > 4 && memcmp(s + to - 4, " and", 4) == 0;
    if (and) { /* "8 \\text{ hours and } 30" */
        t->len -= 4;
        lex_push(lx, TOK_AND, 0, 0);
    }
}

static void lex_environment(struct lexer *lx, const struct lex_name *n, size_t len)
{
    size_t start, end;
    if (!lex_group_at(lx->s, lx->at + len, &start, &end)) {
        lx->at += len;
        return;
    }
    size_t stop = end + 1, more_start, more_end;
    if (strncmp(lx->s + start, "array", 5) == 0 && n->kind == TOK_BEGIN &&
        lex_group_at(lx->s, stop, &more_start, &more_end))
        stop = more_end + 1;
    struct token *t = lex_push(lx, n->kind, 0, stop - lx->at);
    if (t) {
        t->text = lx->s + start;
        t->len = (uint32_t)(end - start);
    }
}

/* Commands that are one letter of algebra. What another says about its neighbours is not known, and
 * their order may matter: an arrow, an accent, "is parallel to". */
static bool is_letter_command(const char *name, size_t len)
{
    static const char *const letters[] = {
        "alpha",      "beta",    "gamma",  "delta",    "epsilon", "zeta",     "eta",      "theta",
        "iota",       "kappa",   "lambda", "mu",       "nu",      "xi",       "rho",      "sigma",
        "tau",        "upsilon", "phi",    "chi",      "psi",     "omega",    "Gamma",    "Delta",
        "Theta",      "Lambda",  "Xi",     "Sigma",    "Upsilon", "Phi",      "Psi",      "Omega",
        "ell",        "hbar",    "angle",  "triangle", "varphi",  "vartheta", "varsigma", "varrho",
        "varepsilon", "partial", "imath",  "jmath"};
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (strlen(letters[i]) == len && memcmp(letters[i], name, len) == 0)
            return true;
    return false;
}

/* \hat{x}: a name of its own. False: it is no such. */
static bool lex_accent(struct lexer *lx, size_t len)
{
    static const char *const accents[] = {"hat",  "bar",     "tilde",     "dot",
                                          "ddot", "widehat", "widetilde", "check"};
    const char *s = lx->s + lx->at;
    size_t at = lex_skip_blanks(s, len);
    bool group = s[at] == '{' && plain_is_letter(s[at + 1]) && s[at + 2] == '}', known = false;
    for (size_t i = 0; i < sizeof accents / sizeof *accents; i++)
        known |= strlen(accents[i]) == len - 1 && memcmp(accents[i], s + 1, len - 1) == 0;
    if (!known || !(group || plain_is_letter(s[at])))
        return false;
    char *name =
        arena_printf(&lx->pool->arena, "%.*s %c", (int)len - 1, s + 1, s[at + (group ? 1 : 0)]);
    struct token *t = name ? lex_push(lx, TOK_NAME, 0, at + (group ? 3 : 1)) : NULL;
    if (t) {
        t->text = name;
        t->len = (uint32_t)strlen(name);
    }
    return t != NULL;
}

static void lex_unknown_command(struct lexer *lx, size_t len)
{
    const char *s = lx->s + lx->at;
    if (lex_accent(lx, len))
        return;
    if (!is_letter_command(s + 1, len - 1)) {
        lex_push(lx, TOK_BIG, FN_COUNT, len);
        return;
    }
    struct token *t = lex_push(lx, TOK_NAME, 0, len);
    if (t) {
        t->text = s + 1;
        t->len = (uint32_t)len - 1;
    }
}

static void lex_command_name(struct lexer *lx, const struct lex_name *n, size_t len)
{
    const char *s = lx->s + lx->at;
    size_t start, end;
    switch (n->kind) {
    case LEX_SKIP:
    case LEX_BOX:
        lx->at += len;
        break;
    case LEX_BOLD:
        lx->at += len;
        lx->bold = lx->out->n + 1; /* the next token, or the one in braces */
        break;
    case LEX_SKIP_GROUP:
        lx->at += len;
        if (lex_group_at(lx->s, lx->at, &start, &end))
            lx->at = end + 1;
        break;
    case LEX_OVER:
        if (lex_group_at(lx->s, lx->at + len, &start, &end) &&
            is_points(lx->s + start, end - start)) {
            lx->at += len;
        } else {
            lex_push(lx, TOK_FUNC, FN_CONJ, len);
        }
        break;
    case LEX_LEFT: /* the delimiter itself follows; "\right." has none */
        lx->at += len;
        if (lx->s[lx->at] == '.')
            lx->at++;
        break;
    case LEX_MATHBB:
        if (lex_group_at(lx->s, lx->at + len, &start, &end) && lx->s[start] == 'R') {
            lex_push(lx, TOK_CONST, CONST_REALS, end + 1 - lx->at);
        } else {
            lx->at += len;
        }
        break;
    case LEX_INSIDE:
    case LEX_OPERATOR:
        lex_inside(lx, len, n->kind);
        break;
    case TOK_BEGIN:
    case TOK_CLOSE:
        lex_environment(lx, n, len);
        break;
    case TOK_TEXT: { /* \cents */
        struct token *t = lex_push(lx, TOK_TEXT, 0, len);
        if (t) {
            t->text = s + 1;
            t->len = (uint32_t)len - 1;
        }
        break;
    }
    default:
        lex_push(lx, n->kind, n->id, len);
    }
}

/* Length of the "[2pt]" after a row. */
static size_t row_space(const char *s)
{
    size_t digits = s[0] == '[' ? strspn(s + 1, "0123456789.") : 0;
    size_t len = 1 + digits + 2;
    return digits && plain_is_letter(s[len - 2]) && plain_is_letter(s[len - 1]) && s[len] == ']'
               ? len + 1
               : 0;
}

void lex_command(struct lexer *lx)
{
    const char *s = lx->s + lx->at;
    size_t len = 1;
    while (plain_is_letter(s[len]))
        len++;
    if (len > 1) {
        if (len == 6 && strncmp(s, "\\proot", 6) == 0 && (s[6] == '2' || s[6] == '3')) {
            lex_push(lx, TOK_SQRT, (uint8_t)(s[6] - '0'), 7);
            return;
        }
        const struct lex_name *n = lex_find_name(s + 1, len - 1);
        if (!n) {
            lex_unknown_command(lx, len);
            return;
        }
        lex_command_name(lx, n, len);
        return;
    }
    switch (s[1]) {
    case '\\':
        lex_push(lx, TOK_ROW, 0, 2 + row_space(s + 2));
        break;
    case '{':
        lex_push(lx, TOK_SET_OPEN, 0, 2);
        lx->round_depth++;
        break;
    case '}':
        lex_push(lx, TOK_SET_CLOSE, 0, 2);
        lx->round_depth -= lx->round_depth > 0;
        break;
    case '|':
        lex_push(lx, TOK_NORM, 0, 2);
        break;
    case '$':
        lex_push(lx, TOK_CURRENCY, CURRENCY_DOLLAR, 2);
        break;
    case '%':
    case '&':
    case '#':
    case '_':
        lex_push(lx, TOK_SIGN, (uint8_t)s[1], 2);
        break;
    case '\0':
        lex_push(lx, TOK_SIGN, '\\', 1);
        break;
    default: /* \, \; \! \( \) \[ \] and a backslash before a blank */
        lx->at += 2;
        lx->space = true;
    }
}
