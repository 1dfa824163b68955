/*
 * lex.h - cuts an answer or a claim into tokens: plain text, Unicode and LaTeX alike.
 *
 * Knows names and signs, not their grammar. Prose lexes too: its words are tokens that the parser
 * does not take. Bounded by LEX_TEXT_MAX and LEX_TOKENS_MAX. Pure and thread-safe.
 */
#ifndef SURETY_CLAIMS_MATH_LEX_H
#define SURETY_CLAIMS_MATH_LEX_H

#include <stdint.h>

#include "claims/math/pool.h"

#define LEX_TEXT_MAX 8192 /* bytes; longer text is not read as mathematics */
#define LEX_TOKENS_MAX 2048

enum token_kind {
    TOK_END,
    TOK_NUMBER,
    TOK_WORD,  /* a run of letters: variables, a unit or prose; text[0..len) */
    TOK_NAME,  /* one variable with a name: \alpha */
    TOK_FUNC,  /* id: enum func */
    TOK_CONST, /* id: enum constant */
    TOK_TEXT,  /* \text{...}: text[0..len) is what stands inside */
    TOK_FRAC,
    TOK_SQRT, /* id: the root, 2 or 3 */
    TOK_BINOM,
    TOK_BEGIN, /* \begin{text[0..len)} */
    TOK_CLOSE, /* \end{...} */
    TOK_ROW,   /* \\ between rows */
    TOK_BIG,   /* id: FN_SUM, FN_PRODUCT; FN_COUNT: an integral or limit, which is not read */
    TOK_LE,
    TOK_GE,
    TOK_NE,
    TOK_APPROX,
    TOK_PM,
    TOK_MP,
    TOK_UNION,
    TOK_INTERSECTION,
    TOK_IN,
    TOK_SETMINUS,
    TOK_SET_OPEN, /* \{ */
    TOK_SET_CLOSE,
    TOK_ANGLE_OPEN, /* \langle */
    TOK_ANGLE_CLOSE,
    TOK_DEGREE,
    TOK_MOD, /* a mod b, n choose k; id: the function, FN_COUNT for \pmod */
    TOK_AND,
    TOK_OR,
    TOK_DOTS,
    TOK_SUCH,     /* \mid */
    TOK_NORM,     /* \| */
    TOK_IMPLIES,  /* \Rightarrow */
    TOK_CURRENCY, /* id: the sign, as in enum currency */
    TOK_DOLLAR,   /* a $ that may be a currency sign or a mark of mathematics */
    TOK_SIGN,     /* id: the ASCII character */
};

enum func {
    FN_SIN,
    FN_COS,
    FN_TAN,
    FN_COT,
    FN_SEC,
    FN_CSC,
    FN_ASIN,
    FN_ACOS,
    FN_ATAN,
    FN_ACOT,
    FN_ASEC,
    FN_ACSC,
    FN_SINH,
    FN_COSH,
    FN_TANH,
    FN_ASINH,
    FN_ACOSH,
    FN_ATANH,
    FN_LN,
    FN_LOG, /* one argument, or argument and base */
    FN_EXP,
    FN_ABS,
    FN_FLOOR,
    FN_CEIL,
    FN_GCD,
    FN_LCM,
    FN_MIN,
    FN_MAX,
    FN_MOD,
    FN_BINOM,
    FN_FACTORIAL,
    FN_DOUBLE_FACTORIAL,
    FN_SQRT,
    FN_ROOT, /* argument, degree */
    FN_RE,
    FN_IM,
    FN_CONJ,
    FN_SIGN,
    FN_SUM,
    FN_PRODUCT,
    FN_COUNT
};
#define FN_FLOOR_OPEN FN_COUNT /* \lfloor and its kin, as ids of TOK_FUNC */
#define FN_FLOOR_CLOSE (FN_COUNT + 1)
#define FN_CEIL_OPEN (FN_COUNT + 2)
#define FN_CEIL_CLOSE (FN_COUNT + 3)
#define FN_LG (FN_COUNT + 5)    /* a logarithm, to base 10 or 2 */
#define FN_APPLY (FN_COUNT + 6) /* of EXPR_FUNC alone, f(x): the name, the argument */
#define FN_CIS (FN_COUNT + 4)   /* cos + i sin, written out by the parser */

enum constant { CONST_PI, CONST_E, CONST_I, CONST_INFINITY, CONST_EMPTY, CONST_REALS, CONST_PHI };

enum currency { CURRENCY_DOLLAR, CURRENCY_EURO, CURRENCY_POUND, CURRENCY_YEN, CURRENCY_RUPEE };

struct token {
    uint8_t kind;
    uint8_t id;
    bool space; /* white space stands before it */
    bool bold;  /* a letter in bold or under an arrow */
    uint32_t start, end;
    const char *text;
    uint32_t len;
    struct number *number; /* TOK_NUMBER */
};

struct tokens {
    const char *text; /* cleaned: Unicode signs became ASCII or LaTeX */
    struct token *list;
    size_t n; /* list[n] is TOK_END */
    bool limit;
};

/* Lexes text of len bytes. False without memory. Beyond a limit ret->limit is set and there are no
 * tokens. The tokens live in pool; text need not outlive the call. */
bool lex(struct pool *pool, const char *text, size_t len, struct tokens *ret_tokens);

/* The function with this name ("sin", "lcm"), or -1. */
int lex_func(const char *name, size_t len);

#endif
