/*
 * parse.h - what the two halves of the parser share: scalars (expr.c) and the rest (parse.c).
 *
 * Not for others. A function that returns NULL has set the parser's status.
 */
#ifndef SURETY_CLAIMS_MATH_PARSE_H
#define SURETY_CLAIMS_MATH_PARSE_H

#include "claims/math/expr.h"

#define PARSE_LIST_MAX 128 /* members of one list */

struct parser {
    struct pool *pool;
    const struct token *begin, *at, *end;
    size_t letter; /* letters of the word at `at` that were taken */
    int depth, nodes, bars;
    bool index;  /* inside a sum over i */
    bool scalar; /* only scalars: no sets, tuples, units */
    bool either; /* an "or" stood between members of a list */
    enum expr_status status;
};

struct parse_list {
    struct expr *items[PARSE_LIST_MAX];
    size_t n;
};

struct expr *parse_node(struct parser *p, enum expr_kind kind, size_t n);
struct expr *parse_make(struct parser *p, enum expr_kind kind, uint8_t op, struct expr *a,
                        struct expr *b);
struct expr *parse_integer(struct parser *p, slong value);
struct expr *parse_fail(struct parser *p);
struct expr *parse_from_list(struct parser *p, enum expr_kind kind, const struct parse_list *list);
void parse_set_arg(struct expr *e, size_t i, struct expr *arg);
void parse_push(struct parser *p, struct parse_list *list, struct expr *e);

bool parse_at(const struct parser *p, uint8_t kind);
bool parse_at_sign(const struct parser *p, char c);
bool parse_take_sign(struct parser *p, char c);

struct expr *parse_sum(struct parser *p);
struct expr *parse_product(struct parser *p);
struct expr *parse_primary(struct parser *p);
bool parse_starts_primary(const struct parser *p);

/* parse.c: (, [, {, \{, \langle or \begin stands at p->at. */
struct expr *parse_bracket(struct parser *p);
struct expr *parse_statement(struct parser *p);
bool parse_word_ends_product(const struct parser *p);
bool parse_is_rate(const struct parser *p);
bool parse_is_prose(const struct token *t);

#endif
