/*
 * lex_internal.h - what the parts of the lexer share. From the ground up: the table of names
 * (lex_names.c), tokens (lex_token.c), numbers (lex_number.c), commands (lex_latex.c), the pass
 * over the text (lex.c).
 */
#ifndef SURETY_CLAIMS_MATH_LEX_INTERNAL_H
#define SURETY_CLAIMS_MATH_LEX_INTERNAL_H

#include "base/plain.h"
#include "claims/math/lex.h"

/* What a name does that is no kind of token. */
enum {
    LEX_SKIP = 100, /* changes the look alone */
    LEX_BOLD,       /* so does this, of a vector */
    LEX_SKIP_GROUP, /* so does its argument */
    LEX_LEFT,       /* \left: a delimiter follows */
    LEX_INSIDE,     /* \text: its argument is text */
    LEX_OPERATOR,   /* \operatorname */
    LEX_MATHBB,
    LEX_BOX,
    LEX_OVER, /* \overline */
};

struct lex_name {
    const char *name;
    uint8_t kind, id; /* enum token_kind or one of the above; the token's id */
    bool plain;       /* means the same without a backslash */
};

/* NULL: no name that means something. */
const struct lex_name *lex_find_name(const char *text, size_t len);

struct lexer {
    struct pool *pool;
    struct tokens *out;
    const char *s;
    size_t at;
    bool space;
    size_t bold;     /* 1 + the index of the token behind \vec; 0: none */
    int round_depth; /* inside ( or after a function: commas separate */
    int list_depth;  /* the round_depth of the arguments of max and its kin, 0: not there */
};

/* A token of len bytes at lx->at, which moves on; NULL at the limit. */
struct token *lex_push(struct lexer *lx, uint8_t kind, uint8_t id, size_t len);

/* The last token; NULL: none. */
const struct token *lex_last(const struct lexer *lx);
bool lex_last_is(const struct lexer *lx, uint8_t kind, uint8_t id);

size_t lex_skip_blanks(const char *s, size_t at);

/* The group {...} after position at (blanks allowed): its inside, braces balanced. False: none. */
bool lex_group_at(const char *s, size_t at, size_t *ret_start, size_t *ret_end);

static inline bool lex_letter_at(const char *s)
{
    return plain_is_letter(s[0]) || (unsigned char)s[0] >= 0x80;
}

/* A number stands at lx->at. False without memory. */
bool lex_number(struct lexer *lx);
/* The length of the digits with a base at lx->at that were taken ("1011_2"), 0: none. */
size_t lex_based(struct lexer *lx);
/* True when digits with a prefix were taken ("0x1F"). */
bool lex_prefixed(struct lexer *lx);

/* A backslash stands at lx->at. */
void lex_command(struct lexer *lx);

#endif
