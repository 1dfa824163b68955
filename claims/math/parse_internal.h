/*
 * parse_internal.h - what the parts of the parser share. From the ground up: the place in the
 * tokens and new nodes (parse.c), where words end a product (parse_words.c), names (parse_name.c),
 * scalars (parse_scalar.c), quantities (parse_quantity.c), answers (parse_answer.c).
 *
 * A function that returns NULL has set the parser's status.
 */
#ifndef SURETY_CLAIMS_MATH_PARSE_INTERNAL_H
#define SURETY_CLAIMS_MATH_PARSE_INTERNAL_H

#include "claims/math/parse.h"

#define PARSE_LIST_MAX 128 /* members of one list */

struct parser {
    struct pool *pool;
    const struct token *begin, *at, *end;
    size_t letter; /* letters of the word at `at` that were taken */
    int depth, nodes, bars;
    bool letters; /* short words are products of variables */
    bool index;   /* inside a sum over i */
    enum parse_status status;
    /* Reads the bracket at p->at ( ( [ { \{ \langle \begin ), in which an answer may stand. NULL:
     * only scalars are read, no sets, tuples or units. */
    struct expr *(*bracket)(struct parser *p);
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

static inline bool parse_at_end(const struct parser *p)
{
    return p->at >= p->end;
}

/* True when the word at p->at does not go on with the product before it. */
bool parse_word_ends_product(const struct parser *p);
/* "/hour" stands at p->at, after a number. */
bool parse_is_rate(const struct parser *p);
/* The \mu of \mu\text{m} stands at p->at. */
bool parse_at_micro(const struct parser *p);
/* A short word that is no product of variables. */
bool parse_is_prose(const struct parser *p, const struct token *t);
/* The C of "20 ^\circ C" stands at p->at. */
bool parse_after_degree(const struct parser *p);
/* "base 2", "in base 2" or one of them in brackets stands at p->at: the token of the base. */
const struct token *parse_named_base(const struct parser *p);

struct expr *parse_variable(struct parser *p, const char *name, size_t len);
/* var with the index or the primes that stand at p->at. */
struct expr *parse_name(struct parser *p, struct expr *var);

/* True when the bracket at p->at holds the argument of the function that ends before it. */
bool parse_is_applied(const struct parser *p, const struct expr *head);
/* dy/dx, a name, stands at p->at (a fraction's groups when `braces`); its tokens, 0: it does not.
 */
size_t parse_derivative_length(const struct parser *p, bool braces);
/* A name as its tokens are written, blanks and braces aside. */
struct expr *parse_written_name(struct parser *p, size_t n);

struct expr *parse_sum(struct parser *p);
struct expr *parse_primary(struct parser *p);

/* A sum with its unit, currency or scale; a ratio of such. */
struct expr *parse_quantity(struct parser *p);

#endif
