/*
 * What the parts of the lexer stand on: adding a token, looking back at the last, finding a group.
 */

#include "base/plain.h"
#include "claims/math/lex_internal.h"

struct token *lex_push(struct lexer *lx, uint8_t kind, uint8_t id, size_t len)
{
    struct tokens *out = lx->out;
    if (out->n >= LEX_TOKENS_MAX - 1) { /* one is kept for the end */
        out->limit = true;
        return NULL;
    }
    struct token *t = &out->list[out->n++];
    *t = (struct token){.kind = kind,
                        .id = id,
                        .space = lx->space,
                        .bold = lx->bold && out->n <= lx->bold + 1,
                        .start = (uint32_t)lx->at,
                        .end = (uint32_t)(lx->at + len),
                        .text = lx->s + lx->at,
                        .len = (uint32_t)len};
    lx->at += len;
    lx->space = false;
    return t;
}

const struct token *lex_last(const struct lexer *lx)
{
    return lx->out->n ? &lx->out->list[lx->out->n - 1] : NULL;
}

bool lex_last_is(const struct lexer *lx, uint8_t kind, uint8_t id)
{
    const struct token *t = lex_last(lx);
    return t && t->kind == kind && (kind != TOK_SIGN || t->id == id);
}

size_t lex_skip_blanks(const char *s, size_t at)
{
    while (plain_is_space(s[at]) || s[at] == '~')
        at++;
    return at;
}

/* The group {...} after position at (blanks allowed): its inside, braces balanced. False: none. */
bool lex_group_at(const char *s, size_t at, size_t *ret_start, size_t *ret_end)
{
    at = lex_skip_blanks(s, at);
    if (s[at] != '{')
        return false;
    int depth = 1;
    size_t end = at + 1;
    for (; s[end]; end++) {
        if (s[end] == '\\' && s[end + 1])
            end++;
        else if (s[end] == '{')
            depth++;
        else if (s[end] == '}' && --depth == 0)
            break;
    }
    *ret_start = at + 1;
    *ret_end = end;
    return s[end] == '}';
}
