/*
 * What is built from scalars: brackets, lists, sets, relations, matrices; the whole answer.
 *
 * A bracket inside a scalar holds an answer again: its reader is handed down in the parser, so that
 * the grammar of scalars knows nothing of this file.
 */
#include <string.h>

#include "claims/math/parse_internal.h"

static struct expr *parse_sets(struct parser *p)
{
    struct expr *e = parse_quantity(p);
    for (;;) {
        enum expr_kind kind;
        if (parse_at(p, TOK_UNION))
            kind = EXPR_UNION;
        else if (parse_at(p, TOK_INTERSECTION))
            kind = EXPR_INTERSECTION;
        else if (parse_at(p, TOK_SETMINUS) || (parse_at_sign(p, '\\') && e))
            kind = EXPR_DIFFERENCE;
        else
            return e;
        p->at++;
        struct expr *right = parse_quantity(p);
        e = e && right ? parse_make(p, kind, 0, e, right) : parse_fail(p);
        if (!e)
            return NULL;
    }
}

/* The sign of a relation as one character, 0 when there is none at p->at. */
static char relation_sign(const struct parser *p)
{
    if (parse_at_end(p))
        return '\0';
    switch (p->at->kind) {
    case TOK_LE:
        return 'l';
    case TOK_GE:
        return 'g';
    case TOK_NE:
        return 'n';
    case TOK_APPROX:
        return '~';
    case TOK_IN:
        return 'e';
    case TOK_SIGN:
        return p->at->id == '=' || p->at->id == '<' || p->at->id == '>' ? (char)p->at->id : '\0';
    default:
        return '\0';
    }
}

static struct expr *parse_statement(struct parser *p)
{
    struct parse_list list = {0};
    char signs[PARSE_LIST_MAX + 1];
    size_t n = 0;
    if (++p->depth > EXPR_DEPTH_MAX) {
        p->status = PARSE_LIMIT;
        return NULL;
    }
    parse_push(p, &list, parse_sets(p));
    for (char sign; p->status == PARSE_OK && (sign = relation_sign(p)) != '\0';) {
        if (n == 15)
            return parse_fail(p);
        signs[n++] = sign;
        p->at++;
        if (n == 1 && sign == '<' && relation_sign(p) == '<')
            return parse_fail(p);
        parse_push(p, &list, parse_sets(p));
    }
    p->depth--;
    if (p->status != PARSE_OK || n == 0)
        return p->status == PARSE_OK ? list.items[0] : NULL;
    struct expr *e = parse_from_list(p, EXPR_RELATION, &list);
    if (!e)
        return NULL;
    e->name = arena_strndup(&p->pool->arena, signs, n);
    e->len = (uint32_t)n;
    return e->name ? e : parse_fail(p);
}

/* Statements and what stands between them: ',' (or ';'), 'a' (and), 'o' (or). */
struct members {
    struct parse_list list;
    char signs[PARSE_LIST_MAX];
};

static bool take_word(struct parser *p, struct members *m)
{
    bool either = parse_at(p, TOK_OR);
    if (!either && !parse_at(p, TOK_AND))
        return false;
    m->signs[m->list.n - 1] = either ? 'o' : 'a';
    p->at++;
    return true;
}

static bool take_separator(struct parser *p, struct members *m)
{
    if (parse_at_end(p))
        return false;
    if (!parse_at_sign(p, ',') && !parse_at_sign(p, ';'))
        return take_word(p, m);
    m->signs[m->list.n - 1] = ',';
    p->at++;
    take_word(p, m); /* ", and" */
    return true;
}

/* The word between members: that of "1, 2 or 3" is "or". */
static enum expr_list joined_by(const struct members *m, size_t from, size_t to)
{
    enum expr_list word = EXPR_LIST_COMMA;
    for (size_t i = from; i + 1 < to; i++) {
        enum expr_list next = m->signs[i] == 'o' ? EXPR_LIST_OR : EXPR_LIST_AND;
        if (m->signs[i] != ',')
            word = word == EXPR_LIST_COMMA || word == next ? next : EXPR_LIST_MIXED;
        else if (word == EXPR_LIST_OR)
            word = EXPR_LIST_MIXED;
    }
    return word;
}

static bool are_conditions(const struct parse_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->items[i]->kind != EXPR_RELATION && list->items[i]->kind != EXPR_LIST)
            return false;
    return true;
}

/* The end of the members from `from` on that no "or" parts; *ret_commas: commas stand between. */
static size_t piece_end(const struct members *m, size_t from, bool *ret_commas)
{
    size_t to = from + 1;
    *ret_commas = false;
    for (; to < m->list.n && m->signs[to - 1] != 'o'; to++)
        *ret_commas |= m->signs[to - 1] == ',';
    return to;
}

/* "and" binds tighter than "or", and so do commas between as many conditions on each side ("x = 1,
 * y = 2 or x = 2, y = 1"). False: who knows what belongs together. */
static bool can_nest(const struct members *m)
{
    bool commas = false, even = are_conditions(&m->list);
    if (!even)
        return false;
    size_t first = piece_end(m, 0, &commas);
    for (size_t i = 0, to; i < m->list.n; i = to) {
        to = piece_end(m, i, &commas);
        even = even && to - i == first && first > 1;
    }
    return even || !commas;
}

static struct expr *conditions_of(struct parser *p, const struct parse_list *list,
                                  enum expr_list word)
{
    struct expr *e = parse_from_list(p, EXPR_LIST, list);
    if (e)
        e->op = (uint8_t)word;
    return e;
}

/* Makes members that "or" parts, and something else joins, one member each; returns the word. */
static enum expr_list nest(struct parser *p, struct members *m)
{
    enum expr_list word = p->status == PARSE_OK ? joined_by(m, 0, m->list.n) : EXPR_LIST_COMMA;
    if (word != EXPR_LIST_MIXED || !can_nest(m))
        return word;
    size_t n = 0;
    for (size_t i = 0, to; i < m->list.n; i = to) {
        struct parse_list piece = {0};
        bool commas;
        to = piece_end(m, i, &commas);
        for (size_t k = i; k < to; k++)
            parse_push(p, &piece, m->list.items[k]);
        m->list.items[n++] =
            to - i == 1 ? piece.items[0] : conditions_of(p, &piece, joined_by(m, i, to));
    }
    m->list.n = n;
    return EXPR_LIST_OR;
}

/* Statements up to the end or to what is no separator; the word between them. */
static enum expr_list parse_joined(struct parser *p, struct parse_list *ret)
{
    struct members m = {0};
    do
        parse_push(p, &m.list, parse_statement(p));
    while (p->status == PARSE_OK && take_separator(p, &m));
    enum expr_list word = nest(p, &m);
    *ret = m.list;
    return word;
}

/* Statements up to a closing token that `closes` knows, which is left standing; the word between
 * them. */
static enum expr_list parse_members(struct parser *p, struct parse_list *list,
                                    bool (*closes)(const struct parser *))
{
    int bars = p->bars;
    p->bars = 0;
    enum expr_list word = closes(p) ? EXPR_LIST_COMMA : parse_joined(p, list);
    p->bars = bars;
    if (p->status == PARSE_OK && !closes(p))
        parse_fail(p);
    return word;
}

static bool closes_round(const struct parser *p)
{
    return parse_at_sign(p, ')') || parse_at_sign(p, ']');
}

static bool closes_brace(const struct parser *p)
{
    return parse_at_sign(p, '}') || parse_at(p, TOK_SET_CLOSE) || parse_at(p, TOK_SUCH) ||
           parse_at_sign(p, '|') || parse_at_sign(p, ':');
}

static bool closes_angle(const struct parser *p)
{
    return parse_at(p, TOK_ANGLE_CLOSE);
}

static bool is_infinite(const struct expr *e)
{
    while (e->kind == EXPR_NEG)
        e = e->args[0];
    return e->kind == EXPR_CONST && e->op == CONST_INFINITY;
}

/* [[1, 2], [3, 4]] was read as tuples or closed intervals of equal length. */
static struct expr *matrix_of_rows(struct parser *p, const struct parse_list *rows)
{
    size_t columns = rows->items[0]->n;
    struct expr *e = parse_node(p, EXPR_MATRIX, rows->n * columns);
    if (!e)
        return NULL;
    e->op = (uint8_t)columns;
    for (size_t i = 0; i < rows->n; i++)
        for (size_t j = 0; j < columns; j++)
            parse_set_arg(e, i * columns + j, (struct expr *)rows->items[i]->args[j]);
    return e;
}

static bool are_rows(const struct parse_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct expr *row = list->items[i];
        bool closed = row->kind == EXPR_INTERVAL && row->op == 3;
        if ((!closed && row->kind != EXPR_LIST) || row->n != list->items[0]->n || row->n == 0)
            return false;
    }
    return list->n > 0;
}

static bool has_relation(const struct parse_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->items[i]->kind == EXPR_RELATION || list->items[i]->kind == EXPR_LIST)
            return true;
    return false;
}

static struct expr *parse_round(struct parser *p)
{
    bool square = parse_at_sign(p, '[');
    struct parse_list list = {0};
    p->at++;
    enum expr_list word = parse_members(p, &list, closes_round);
    if (p->status != PARSE_OK || list.n == 0)
        return parse_fail(p);
    bool square_end = parse_at_sign(p, ']');
    p->at++;
    if (square && square_end && are_rows(&list))
        return matrix_of_rows(p, &list);
    if (list.n == 1)
        return square == square_end ? list.items[0] : parse_fail(p);
    if (word != EXPR_LIST_COMMA && square == square_end && has_relation(&list))
        return conditions_of(p, &list, word);
    bool infinite = list.n == 2 && (is_infinite(list.items[0]) || is_infinite(list.items[1]));
    if (list.n == 2 && (square || square_end || infinite)) {
        struct expr *e = parse_from_list(p, EXPR_INTERVAL, &list);
        if (e)
            e->op = (uint8_t)((square ? 1 : 0) | (square_end ? 2 : 0));
        return e;
    }
    if (square != square_end)
        return parse_fail(p);
    return parse_from_list(p, square ? EXPR_LIST : EXPR_TUPLE, &list);
}

/* The one letter or name at p->at. */
static struct expr *parse_one_name(struct parser *p)
{
    const struct token *end = p->end;
    p->end = p->at + 1;
    struct expr *e = parse_primary(p);
    p->end = end;
    return e;
}

/* A statement that a bar ends. */
static struct expr *parse_inside_bar(struct parser *p)
{
    int bars = p->bars++;
    struct expr *e = parse_statement(p);
    p->bars = bars;
    return e;
}

/* "x < 0 or x > 1" */
static struct expr *parse_conditions(struct parser *p)
{
    struct parse_list list = {0};
    enum expr_list word = parse_joined(p, &list);
    if (p->status != PARSE_OK)
        return NULL;
    return list.n == 1 ? list.items[0] : conditions_of(p, &list, word);
}

static struct expr *parse_brace(struct parser *p)
{
    bool set = parse_at(p, TOK_SET_OPEN);
    struct parse_list list = {0};
    enum expr_list word = EXPR_LIST_COMMA;
    p->at++;
    const struct token *t = p->at;
    bool in = p->end - t > 2 && (t->kind == TOK_WORD || t->kind == TOK_NAME) && t[1].kind == TOK_IN;
    bool bar = p->end - t > 2 && (t->kind == TOK_WORD || t->kind == TOK_NAME) &&
               t[1].kind == TOK_SIGN && (t[1].id == '|' || t[1].id == ':') &&
               (t->kind == TOK_NAME || t->len == 1);
    if (bar) /* {x | ...}, {x : ...}: neither an absolute value nor a ratio */
        parse_push(p, &list, parse_one_name(p));
    else if (in) /* {x \in R | x > 2} */
        parse_push(p, &list, parse_inside_bar(p));
    else
        word = parse_members(p, &list, closes_brace);
    if (p->status != PARSE_OK)
        return NULL;
    if (parse_at(p, TOK_SUCH) || parse_at_sign(p, '|') || parse_at_sign(p, ':')) {
        p->at++;
        struct expr *condition = list.n == 1 ? parse_conditions(p) : NULL;
        if (!condition || !(parse_at_sign(p, '}') || parse_at(p, TOK_SET_CLOSE)))
            return parse_fail(p);
        p->at++;
        return parse_make(p, EXPR_BUILDER, 0, list.items[0], condition);
    }
    p->at++;
    if (list.n == 0) {
        struct expr *e = parse_node(p, EXPR_CONST, 0);
        if (e)
            e->op = CONST_EMPTY;
        return e;
    }
    if (word != EXPR_LIST_COMMA && has_relation(&list))
        return conditions_of(p, &list, word);
    return list.n == 1 && !set ? list.items[0] : parse_from_list(p, EXPR_SET, &list);
}

static struct expr *parse_angle(struct parser *p)
{
    struct parse_list list = {0};
    p->at++;
    parse_members(p, &list, closes_angle);
    p->at += p->status == PARSE_OK;
    return p->status == PARSE_OK && list.n ? parse_from_list(p, EXPR_TUPLE, &list) : parse_fail(p);
}

/* \begin{cases} x = 1 \\ y = 2 \end{cases}: a list of statements. In "x & x > 0 \\ -x & x < 0" each
 * row is a value and its condition, which are no list. */
static struct expr *parse_system(struct parser *p, bool cases)
{
    struct parse_list list = {0};
    while (p->status == PARSE_OK && !parse_at(p, TOK_CLOSE)) {
        parse_push(p, &list, parse_statement(p));
        if (cases && parse_at_sign(p, '&'))
            return parse_fail(p);
        while (parse_at(p, TOK_ROW) || parse_at_sign(p, ',') || parse_at_sign(p, '&'))
            p->at++;
        if (parse_at_end(p))
            return parse_fail(p);
    }
    p->at += p->status == PARSE_OK;
    return p->status == PARSE_OK && list.n ? parse_from_list(p, EXPR_LIST, &list) : parse_fail(p);
}

/* \begin{pmatrix} a & b \\ c & d \end{pmatrix} */
static struct expr *parse_environment(struct parser *p)
{
    const struct token *t = p->at++;
    bool cases = t->len == 5 && memcmp(t->text, "cases", 5) == 0;
    if (cases || (t->len >= 5 && memcmp(t->text, "align", 5) == 0))
        return parse_system(p, cases);
    bool matrix = (t->len >= 6 && memcmp(t->text + t->len - 6, "matrix", 6) == 0) ||
                  (t->len >= 5 && memcmp(t->text, "array", 5) == 0);
    struct parse_list list = {0};
    size_t columns = 0, column = 0;
    bool fine = matrix;
    while (fine && p->status == PARSE_OK) {
        parse_push(p, &list, parse_sum(p));
        column++;
        if (parse_take_sign(p, '&'))
            continue;
        bool row = parse_at(p, TOK_ROW);
        p->at += row;
        fine = columns == 0 || columns == column;
        columns = column;
        column = 0;
        if (parse_at(p, TOK_CLOSE))
            break;
        fine = fine && row;
    }
    if (!fine || p->status != PARSE_OK || columns > 255)
        return parse_fail(p);
    p->at++;
    struct expr *e = parse_from_list(p, EXPR_MATRIX, &list);
    if (e)
        e->op = (uint8_t)columns;
    if (e && t->text[0] == 'v') /* a determinant; not evaluated */
        return parse_fail(p);
    return e;
}

static struct expr *parse_bracket(struct parser *p)
{
    if (++p->depth > EXPR_DEPTH_MAX) {
        p->status = PARSE_LIMIT;
        return NULL;
    }
    struct expr *e;
    if (parse_at(p, TOK_BEGIN))
        e = parse_environment(p);
    else if (parse_at(p, TOK_ANGLE_OPEN))
        e = parse_angle(p);
    else if (parse_at_sign(p, '{') || parse_at(p, TOK_SET_OPEN))
        e = parse_brace(p);
    else
        e = parse_round(p);
    p->depth--;
    return e;
}

static const struct expr *parse_all(bool letters, struct pool *pool, const struct token *from,
                                    const struct token *to, enum parse_status *ret_status)
{
    struct parser p = {.pool = pool,
                       .begin = from,
                       .at = from,
                       .end = to,
                       .bracket = parse_bracket,
                       .letters = letters};
    struct parse_list list = {0};
    enum expr_list word = parse_joined(&p, &list);
    if (p.status == PARSE_OK && (p.at != p.end || p.letter))
        parse_fail(&p);
    struct expr *e = NULL;
    if (p.status == PARSE_OK)
        e = list.n == 1 ? list.items[0] : conditions_of(&p, &list, word);
    *ret_status = p.status;
    return p.status == PARSE_OK ? e : NULL;
}

const struct expr *parse_answer(struct pool *pool, const struct token *from, const struct token *to,
                                enum parse_status *ret_status)
{
    return parse_all(false, pool, from, to, ret_status);
}

const struct expr *parse_letters(struct pool *pool, const struct token *from,
                                 const struct token *to, enum parse_status *ret_status)
{
    return parse_all(true, pool, from, to, ret_status);
}
