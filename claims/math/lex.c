/*
 * One pass over the cleaned text; what begins where is decided here, words and signs are cut here.
 */
#include "claims/math/lex.h"

#include <string.h>

#include "base/plain.h"
#include "claims/math/lex_internal.h"
#include "claims/text/clean.h"

/* "3 x 4" and "3x4" multiply; the x of "5x - 3" is a variable. */
static bool is_times(const struct lexer *lx)
{
    const char *s = lx->s + lx->at;
    const struct token *t = lex_last(lx);
    if ((s[0] != 'x' && s[0] != 'X') || plain_is_letter(s[1]) || !t)
        return false;
    bool after_number =
        t->kind == TOK_NUMBER || (t->kind == TOK_SIGN && (t->id == ')' || t->id == '%'));
    if (!after_number && !(t->kind == TOK_WORD && t->len > 1))
        return false;
    bool blank = plain_is_space(s[1]);
    const char *next = s + 1 + strspn(s + 1, " ");
    if (blank != lx->space)
        return false;
    if (next[0] == '$' || (next[0] == '\\' && next[1] == '$'))
        next += next[0] == '$' ? 1 : 2;
    return plain_is_digit(next[0]) || (blank && next[0] == '(') ||
           (next[0] == '.' && plain_is_digit(next[1])) ||
           (blank && next[0] == '-' && plain_is_digit(next[1]));
}

/* The 2 of "log2(5)": its base. */
static void lex_log_base(struct lexer *lx)
{
    size_t digits = strspn(lx->s + lx->at, "0123456789");
    if (digits && lx->s[lx->at + digits] == '(')
        lex_push(lx, TOK_SIGN, '_', 0);
}

static void lex_word(struct lexer *lx)
{
    const char *s = lx->s + lx->at;
    if (is_times(lx)) {
        lex_push(lx, TOK_SIGN, '*', 1);
        return;
    }
    size_t len = 0;
    while (lex_letter_at(s + len))
        len++;
    const struct lex_name *n = lex_find_name(s, len);
    if (len == 10 && strncmp(s, "percentage point", 16) == 0)
        n = NULL;
    if (n && n->plain && n->kind == LEX_BOX) {
        lx->at += len;
    } else if (n && n->plain) {
        lex_push(lx, n->kind, n->id, len);
        if (n->kind == TOK_FUNC && n->id == FN_LOG)
            lex_log_base(lx);
    } else {
        lex_push(lx, TOK_WORD, 0, len);
    }
}

/* max(, gcd( */
static bool opens_list(const struct lexer *lx)
{
    const struct token *t = lex_last(lx);
    return t && t->kind == TOK_FUNC &&
           (t->id == FN_MAX || t->id == FN_MIN || t->id == FN_GCD || t->id == FN_LCM);
}

/* The {g} of {g}_{k}: braces around a name that has an index. */
static bool lex_braced_name(struct lexer *lx)
{
    const char *s = lx->s + lx->at;
    const struct token *t = lex_last(lx);
    bool argument = t && (t->kind == TOK_FRAC || t->kind == TOK_SQRT ||
                          (t->kind == TOK_SIGN && (t->id == '^' || t->id == '_')));
    if (argument || !plain_is_letter(s[1]) || s[2] != '}' || s[3] != '_')
        return false;
    lx->at++;
    lex_push(lx, TOK_WORD, 0, 1);
    lx->at++;
    return true;
}

static void lex_sign(struct lexer *lx)
{
    static const struct {
        const char *text;
        uint8_t kind, id;
    } longer[] = {
        {"...", TOK_DOTS, 0},   {"<=>", TOK_IMPLIES, 0}, {"==>", TOK_IMPLIES, 0},
        {"<=", TOK_LE, 0},      {">=", TOK_GE, 0},       {"!=", TOK_NE, 0},
        {"=>", TOK_IMPLIES, 0}, {"->", TOK_IMPLIES, 0},  {"**", TOK_SIGN, '^'},
        {"==", TOK_SIGN, '='},  {"~=", TOK_APPROX, 0},   {"+/-", TOK_PM, 0},
        {"+-", TOK_SIGN, 0},    {"&&", TOK_AND, 0},
    };
    const char *s = lx->s + lx->at;
    bool list = s[0] == '(' && opens_list(lx);
    for (size_t i = 0; i < sizeof longer / sizeof *longer; i++) {
        size_t len = strlen(longer[i].text);
        if (strncmp(s, longer[i].text, len) == 0 && (longer[i].kind != TOK_SIGN || longer[i].id)) {
            lex_push(lx, longer[i].kind, longer[i].id, len);
            return;
        }
    }
    if (s[0] == '{' && lex_braced_name(lx))
        return;
    if (s[0] == '$')
        lex_push(lx, TOK_DOLLAR, 0, 1);
    else
        lex_push(lx, TOK_SIGN, (uint8_t)s[0], 1);
    lx->round_depth += (s[0] == '(' || s[0] == '[') - (s[0] == ')' || s[0] == ']');
    if (lx->round_depth < 0)
        lx->round_depth = 0;
    if (list)
        lx->list_depth = lx->round_depth;
    else if (lx->round_depth < lx->list_depth)
        lx->list_depth = 0;
}

bool lex(struct pool *pool, const char *text, size_t len, struct tokens *ret)
{
    *ret = (struct tokens){.limit = len > LEX_TEXT_MAX};
    ret->text = ret->limit ? "" : clean_text(&pool->arena, text, len, 4 * LEX_TEXT_MAX);
    if (!ret->text) {
        ret->text = "";
        ret->limit = true;
    }
    size_t most = strlen(ret->text) + 1; /* a token has a byte at least */
    ret->list =
        ARENA_ARRAY(&pool->arena, struct token, most < LEX_TOKENS_MAX ? most : LEX_TOKENS_MAX);
    if (!ret->list)
        return false;
    struct lexer lx = {.pool = pool, .out = ret, .s = ret->text};
    bool quoted = strncmp(lx.s, "[\"", 2) == 0; /* a JSON list of strings */
    while (!ret->limit && lx.s[lx.at]) {
        char c = lx.s[lx.at];
        if (plain_is_space(c) || c == '~' || (c == '"' && quoted)) {
            lx.at++;
            lx.space = true;
        } else if (lex_prefixed(&lx) || lex_based(&lx)) {
            continue;
        } else if (plain_is_digit(c) || (c == '.' && plain_is_digit(lx.s[lx.at + 1]))) {
            if (!lex_number(&lx))
                return false;
        } else if (c == '\\') {
            lex_command(&lx);
        } else if (lex_letter_at(lx.s + lx.at)) {
            lex_word(&lx);
        } else {
            lex_sign(&lx);
        }
    }
    if (ret->limit)
        ret->n = 0;
    ret->list[ret->n] = (struct token){.kind = TOK_END,
                                       .start = (uint32_t)lx.at,
                                       .end = (uint32_t)lx.at,
                                       .text = "",
                                       .space = lx.space};
    return true;
}
