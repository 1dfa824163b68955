/*
 * split.c - which statements of a solution its answer hangs on.
 *
 * One pass forward notes every statement with values: the values it gives (behind its last relation
 * sign) and those it uses. One pass backward follows the answer's values: a statement that gives a
 * value that is needed is relevant, and what it uses is needed in turn, one step further away.
 * Values of the problem are given and are not followed; neither are 0, 1 and 2, which everything
 * uses. The m best by distance and kind are returned in text order. What a statement says is read
 * by its surface (split_surface.c).
 *
 * Memory: at most STATEMENTS_MAX statements (the last ones, where the answer is) and two tables.
 */
#include "claims/read/split.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "claims/read/split_internal.h"
#include "claims/read/statements.h"
#include "claims/text/thinking.h"

#define STATEMENTS_MAX 4096
#define USES_MAX 16
#define GIVES_MAX 8
#define TABLE_SIZE 4096u /* slots; a power of two; small enough to stay in the cache */
#define TABLE_FULL 3000u
#define FAR 15 /* steps from the answer after which all are alike */

struct note {
    struct span s;
    uint32_t uses[USES_MAX], gives[GIVES_MAX];
    uint8_t n_uses, n_gives;
    bool relation, operation, fresh; /* fresh: holds a value that the problem does not */
    bool only_answer;                /* gives nothing beyond the answer */
    int score;
};

struct table {
    uint32_t key[TABLE_SIZE]; /* 0: free */
    uint8_t steps[TABLE_SIZE];
    size_t used;
};

/* A note's place in the text's order, with its score for sorting. */
struct rank {
    int score;
    uint32_t order;
};

struct splitter {
    const char *text;
    const struct answer *answer;
    struct table problem, needed, given; /* values; values; equations of the problem */
    struct note *notes;                  /* a ring of STATEMENTS_MAX once it is full */
    size_t n_notes, room, first;
    struct rank ranks[STATEMENTS_MAX];
};

/* The i-th note in the text's order. */
static struct note *note_at(struct splitter *sp, size_t i)
{
    return &sp->notes[(sp->first + i) % STATEMENTS_MAX];
}

/* ---- values ---- */

static uint32_t *table_slot(struct table *t, uint32_t key)
{
    uint32_t i = key & (TABLE_SIZE - 1);
    while (t->key[i] && t->key[i] != key)
        i = (i + 1) & (TABLE_SIZE - 1);
    return &t->key[i];
}

static bool table_has(struct table *t, uint32_t key)
{
    return *table_slot(t, key) != 0;
}

static void table_add(struct table *t, uint32_t key, uint8_t steps)
{
    uint32_t *slot = table_slot(t, key);
    size_t i = (size_t)(slot - t->key);
    if (*slot) {
        if (steps < t->steps[i])
            t->steps[i] = steps;
    } else if (t->used < TABLE_FULL) {
        *slot = key;
        t->steps[i] = steps;
        t->used++;
    }
}

/* Values that everything uses lead nowhere. */
static bool is_common(uint32_t key)
{
    static const char *const common[] = {"0", "1", "2"};
    for (size_t k = 0; k < sizeof common / sizeof *common; k++) {
        size_t at = 0;
        if (split_read_number(common[k], &at, 1) == key)
            return true;
    }
    return false;
}

static void add_values(struct table *t, const char *text, struct span s, uint8_t steps)
{
    for (size_t i = s.start; i < s.end;) {
        if (scan_is_digit(text[i]))
            table_add(t, split_read_number(text, &i, s.end), steps);
        else
            i++;
    }
}

/* ---- forward: what each statement gives and uses ---- */

static void note_values(struct splitter *sp, const struct statement *st, struct note *n)
{
    bool beyond = false, gives_other = false;
    for (size_t i = st->s.start; i < st->s.end;) {
        if (!scan_is_digit(sp->text[i])) {
            i++;
            continue;
        }
        bool gives = i >= st->last_relation;
        uint32_t key = split_read_number(sp->text, &i, st->s.end);
        bool in_problem = table_has(&sp->problem, key), in_answer = table_has(&sp->needed, key);
        n->fresh = n->fresh || !in_problem;
        beyond = beyond || !(in_problem || in_answer);
        gives_other = gives_other || (gives && !in_answer);
        if (gives && n->n_gives < GIVES_MAX)
            n->gives[n->n_gives++] = key;
        if ((!gives || !st->n_relations) && n->n_uses < USES_MAX && !in_problem && !is_common(key))
            n->uses[n->n_uses++] = key;
    }
    n->only_answer = st->n_relations ? n->n_gives && !gives_other : !beyond;
}

static bool has_letter(const char *text, struct span s)
{
    for (size_t i = s.start; i < s.end; i++)
        if (scan_is_letter(text[i]))
            return true;
    return false;
}

/* False: no claim. */
static bool judge_statement(struct splitter *sp, const struct statement *st, struct note *n)
{
    const struct answer *a = sp->answer;
    *n = (struct note){.s = st->s, .relation = st->n_relations > 0};
    if (st->question || st->s.end - st->s.start < 3 ||
        (!st->digit && !(st->n_relations && has_letter(sp->text, st->s))))
        return false;
    note_values(sp, st, n);
    n->operation = split_has_operation(sp->text, st->s);
    if (!n->relation && (st->heading || !n->fresh || split_is_plan(sp->text, st->s) ||
                         (!n->operation && split_is_fragment(sp->text, st->s))))
        return false;
    if (n->relation && sp->given.used &&
        table_has(&sp->given, split_equation_hash(sp->text, st->s, st->last_relation)))
        return false;
    bool in_answer = a->text && st->s.start < a->end && st->s.end > a->start;
    if ((in_answer || n->only_answer) && !(n->operation && n->relation))
        return false;
    n->score = n->relation && n->operation ? 200 : n->relation ? 120 : n->operation ? 60 : 40;
    n->score += n->fresh ? 50 : 0;
    n->score -= st->heading ? 100 : 0;
    return true;
}

static enum surety_err add_note(struct splitter *sp, const struct note *n)
{
    if (sp->n_notes == STATEMENTS_MAX) {
        sp->notes[sp->first] = *n;
        sp->first = (sp->first + 1) % STATEMENTS_MAX;
        return SURETY_OK;
    }
    if (sp->n_notes == sp->room) {
        size_t room = sp->room ? 4 * sp->room : 64;
        struct note *more = alloc_again(sp->notes, room * sizeof *more);
        if (!more)
            return SURETY_ERR_NOMEM;
        sp->notes = more;
        sp->room = room;
    }
    sp->notes[sp->n_notes++] = *n;
    return SURETY_OK;
}

static enum surety_err read_statements(struct splitter *sp, struct span s)
{
    struct cutter cutter;
    struct statement st;
    struct note n;
    enum surety_err code = SURETY_OK;
    statements_begin(&cutter, sp->text, s);
    while (!code && statements_next(&cutter, &st))
        if (judge_statement(sp, &st, &n))
            code = add_note(sp, &n);
    return code;
}

/* ---- backward: what the answer needs ---- */

static void follow(struct splitter *sp)
{
    for (size_t k = sp->n_notes; k > 0; k--) {
        struct note *n = note_at(sp, k - 1);
        uint8_t steps = UINT8_MAX;
        for (size_t i = 0; i < n->n_gives; i++) {
            uint32_t *slot = table_slot(&sp->needed, n->gives[i]);
            uint8_t found = *slot ? sp->needed.steps[slot - sp->needed.key] : UINT8_MAX;
            steps = found < steps ? found : steps;
        }
        if (steps == UINT8_MAX)
            continue;
        uint8_t next = steps < FAR ? steps + 1 : FAR;
        n->score += 1000 - 40 * steps;
        for (size_t i = 0; i < n->n_uses; i++)
            table_add(&sp->needed, n->uses[i], next);
    }
}

/* White space folded into out, cut to SURETY_CLAIM_MAX bytes; *s shrinks to what was taken. */
static size_t fold(const char *text, struct span *s, char out[SURETY_CLAIM_MAX])
{
    size_t len = 0, i = s->start;
    for (; i < s->end && len < SURETY_CLAIM_MAX; i++) {
        bool space = scan_is_space(text[i]);
        if (!space || (len && out[len - 1] != ' '))
            out[len++] = space ? ' ' : text[i];
    }
    if (i < s->end) {
        size_t cut = utf8_cut(out, len);
        i -= len - cut;
        len = cut;
    }
    while (len && out[len - 1] == ' ') {
        len--;
        i--;
    }
    while (i > s->start && scan_is_space(text[i - 1]))
        i--;
    s->end = i;
    return len;
}

static int by_place(const void *a, const void *b)
{
    const struct claim_span *x = a, *y = b;
    return x->start < y->start ? -1 : x->start > y->start;
}

/* The best first, and of equals the last. */
static int by_score(const void *a, const void *b)
{
    const struct rank *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return x->order > y->order ? -1 : x->order < y->order;
}

static bool is_among(const struct claim_span *claims, size_t n, const char *text, size_t len)
{
    for (size_t i = 0; i < n; i++)
        if (!strncmp(claims[i].text, text, len) && !claims[i].text[len])
            return true;
    return false;
}

static enum surety_err choose(struct splitter *sp, uint32_t m, struct arena *arena,
                              struct claim_span **ret_claims, size_t *ret_n)
{
    struct claim_span *claims = ARENA_ARRAY(arena, struct claim_span, m);
    size_t n = 0;
    if (!claims)
        return SURETY_ERR_NOMEM;
    for (size_t i = 0; i < sp->n_notes; i++)
        sp->ranks[i] = (struct rank){note_at(sp, i)->score, (uint32_t)i};
    if (sp->n_notes)
        qsort(sp->ranks, sp->n_notes, sizeof *sp->ranks, by_score);
    for (size_t i = 0; i < sp->n_notes && n < m; i++) {
        char folded[SURETY_CLAIM_MAX];
        struct span s = note_at(sp, sp->ranks[i].order)->s;
        size_t len = fold(sp->text, &s, folded);
        if (is_among(claims, n, folded, len))
            continue;
        claims[n] = (struct claim_span){arena_strndup(arena, folded, len), s.start, s.end};
        if (!claims[n++].text)
            return SURETY_ERR_NOMEM;
    }
    qsort(claims, n, sizeof *claims, by_place);
    *ret_claims = claims;
    *ret_n = n;
    return SURETY_OK;
}

static void read_problem(struct splitter *sp, const char *problem)
{
    struct span all = {0, strlen(problem)};
    struct cutter cutter;
    struct statement st;
    add_values(&sp->problem, problem, all, 0);
    statements_begin(&cutter, problem, all);
    while (statements_next(&cutter, &st))
        if (st.n_relations)
            table_add(&sp->given, split_equation_hash(problem, st.s, st.last_relation), 0);
}

enum surety_err split_solution(const char *problem, const char *solution,
                               const struct answer *answer, uint32_t m, struct arena *arena,
                               struct claim_span **ret_claims, size_t *ret_n)
{
    struct splitter *sp = alloc_zeroed(1, sizeof *sp);
    if (!sp)
        return SURETY_ERR_NOMEM;
    sp->text = solution;
    sp->answer = answer;
    read_problem(sp, problem);
    if (answer->text)
        add_values(&sp->needed, answer->text, (struct span){0, strlen(answer->text)}, 0);
    struct thinking t;
    enum surety_err code = SURETY_OK;
    thinking_find(solution, strlen(solution), &t);
    for (size_t i = 0; i < t.n_shown && !code; i++) {
        struct span s = t.shown[i];
        if (answer->reply_end && answer->reply_end < s.end)
            s.end = answer->reply_end > s.start ? answer->reply_end : s.start;
        code = read_statements(sp, s);
    }
    if (!code && sp->n_notes == 0 && t.any) /* all the work was thought, and only the answer said */
        code = read_statements(sp, (struct span){0, t.after});
    if (!code) {
        follow(sp);
        code = choose(sp, m, arena, ret_claims, ret_n);
    }
    free(sp->notes);
    free(sp);
    return code;
}
