/*
 * parse.h - reads tokens as a tree (expr.h): a scalar expression, or a whole answer.
 *
 * Says what was written and not what it is worth. Bounded by EXPR_NODES_MAX and EXPR_DEPTH_MAX; the
 * tree lives in the pool. Pure and thread-safe.
 */
#ifndef SURETY_CLAIMS_MATH_PARSE_H
#define SURETY_CLAIMS_MATH_PARSE_H

#include "claims/math/expr.h"

enum parse_status { PARSE_OK, PARSE_FAILED, PARSE_LIMIT };

/* Reads tokens [from, to) as one closed or open scalar expression ("3*4", "2x+1"). NULL: not one,
 * or beyond a limit. */
const struct expr *parse_scalar(struct pool *pool, const struct token *from, const struct token *to,
                                enum parse_status *ret_status);

/* Reads tokens [from, to) as an answer: also lists, sets, relations, units. */
const struct expr *parse_answer(struct pool *pool, const struct token *from, const struct token *to,
                                enum parse_status *ret_status);

/* The same, where short words are known to be products of variables ("ad - bc"). */
const struct expr *parse_letters(struct pool *pool, const struct token *from,
                                 const struct token *to, enum parse_status *ret_status);

#endif
