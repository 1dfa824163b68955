/*
 * Groups answers by value. Every pair of distinct answers is compared once, when the later one is
 * added; groups are then made from the verdicts of all pairs at once, so the order of the answers
 * cannot matter.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "claims/math/effort.h"
#include "claims/math/equal.h"

#define PAIR_STEPS 5 /* of the cheapest pair */
#define SKIPPED (EQUAL_UNKNOWN + 1)

/* An answer unlike all before it. */
struct distinct {
    char *text;
    uint64_t hash;
    struct equal_form *form;
    size_t first;          /* the answer with this text */
    uint64_t spent_before; /* steps, when it was added */
};

struct equal_grouping {
    const char *problem;
    struct distinct *distinct; /* [n] */
    size_t n, distinct_size;
    size_t *of; /* [n_answers]: position in distinct, NONE: no answer */
    size_t n_answers, answers_size;
    unsigned char *verdicts; /* of each pair j < i, at row(i) + j */
    size_t verdicts_size;
    uint64_t spent;
    bool half;       /* distinct[n] is being added */
    size_t compared; /* and was compared with so many */
    bool exact_only; /* nothing that is only compatible is joined */
    size_t held;     /* bytes of texts and forms, about */
};

#define NONE SIZE_MAX

static size_t row(size_t i)
{
    return i * (i - 1) / 2;
}

/* ---- adding ---- */

struct equal_grouping *equal_grouping_create(const char *problem)
{
    struct equal_grouping *g = alloc_zeroed(1, sizeof *g);
    if (g)
        g->problem = problem;
    return g;
}

static size_t held_by(const struct distinct *d)
{
    return strlen(d->text) + equal_form_bytes(d->form);
}

static void forget(struct equal_grouping *g, struct distinct *d)
{
    if (d->form)
        g->held -= held_by(d);
    equal_form_free(d->form);
    free(d->text);
}

void equal_grouping_free(struct equal_grouping *g)
{
    if (!g)
        return;
    equal_grouping_rewind(g, 0);
    free(g->distinct);
    free(g->of);
    free(g->verdicts);
    free(g);
}

/* Room for n elements; NULL without memory, and the array as it was. */
static void *make_room(void *array, size_t n, size_t *size, size_t bytes)
{
    if (n <= *size)
        return array;
    size_t more = n + n / 2 + 16;
    void *grown = alloc_again(array, more * bytes);
    if (grown)
        *size = more;
    return grown;
}

static bool reserve(struct equal_grouping *g)
{
    size_t *of = make_room(g->of, g->n_answers + 1, &g->answers_size, sizeof *of);
    g->of = of ? of : g->of;
    struct distinct *distinct =
        make_room(g->distinct, g->n + 1, &g->distinct_size, sizeof *distinct);
    g->distinct = distinct ? distinct : g->distinct;
    unsigned char *verdicts = make_room(g->verdicts, row(g->n + 1) + 1, &g->verdicts_size, 1);
    g->verdicts = verdicts ? verdicts : g->verdicts;
    return of && distinct && verdicts;
}

static size_t find_text(const struct equal_grouping *g, uint64_t hash, const char *text)
{
    for (size_t i = 0; i < g->n; i++)
        if (g->distinct[i].hash == hash && strcmp(g->distinct[i].text, text) == 0)
            return i;
    return NONE;
}

/* Compares the half added one with the rest of those before it. */
static enum surety_err compare(struct equal_grouping *g, const struct equal_bounds *bounds)
{
    uint64_t began = g->spent;
    for (; g->compared < g->n; g->compared++) {
        unsigned char *verdict = &g->verdicts[row(g->n) + g->compared];
        *verdict = SKIPPED;
        if (g->spent >= bounds->budget)
            continue;
        if ((bounds->stop && atomic_load(bounds->stop)) ||
            (bounds->pause && g->spent - began >= bounds->pause))
            return SURETY_ERR_CANCELLED;
        uint64_t before = effort_spent();
        *verdict = (unsigned char)equal_forms(g->distinct[g->compared].form, g->distinct[g->n].form)
                       .verdict;
        g->spent += effort_spent() - before + PAIR_STEPS;
    }
    g->half = false;
    return SURETY_OK;
}

static void drop_half(struct equal_grouping *g)
{
    if (!g->half)
        return;
    g->spent = g->distinct[g->n].spent_before;
    forget(g, &g->distinct[g->n]);
    g->half = false;
}

static enum surety_err begin(struct equal_grouping *g, uint64_t hash, const char *answer)
{
    struct distinct *d = &g->distinct[g->n];
    *d = (struct distinct){
        .text = alloc_text(answer), .hash = hash, .first = g->n_answers, .spent_before = g->spent};
    d->form = d->text ? equal_parse(answer, g->problem) : NULL;
    if (!d->form) {
        forget(g, d);
        return SURETY_ERR_NOMEM;
    }
    g->held += held_by(d);
    g->half = true;
    g->compared = 0;
    return SURETY_OK;
}

enum surety_err equal_grouping_add(struct equal_grouping *g, const char *answer,
                                   const struct equal_bounds *bounds)
{
    const size_t failures = alloc_failures();
    if (!reserve(g))
        return SURETY_ERR_NOMEM;
    uint64_t hash = answer ? hash_text(0, answer) : 0;
    if (g->half && (!answer || strcmp(g->distinct[g->n].text, answer) != 0))
        drop_half(g);
    size_t at = answer ? find_text(g, hash, answer) : NONE;
    if (!answer || at != NONE) {
        g->of[g->n_answers++] = at;
        return SURETY_OK;
    }
    enum surety_err code = g->half ? SURETY_OK : begin(g, hash, answer);
    if (!code)
        code = compare(g, bounds);
    if (alloc_failures() != failures) { /* what was found is not to be trusted */
        g->half = g->half || !code;
        drop_half(g);
        code = SURETY_ERR_NOMEM;
    }
    if (!code)
        g->of[g->n_answers++] = g->n++;
    return code;
}

void equal_grouping_exact_only(struct equal_grouping *g)
{
    g->exact_only = true;
}

size_t equal_grouping_count(const struct equal_grouping *g)
{
    return g->n_answers;
}

uint64_t equal_grouping_spent(const struct equal_grouping *g)
{
    return g->spent; /* with the half added one */
}

size_t equal_grouping_bytes(const struct equal_grouping *g)
{
    return sizeof *g + g->held + g->distinct_size * sizeof *g->distinct +
           g->answers_size * sizeof *g->of + g->verdicts_size;
}

void equal_grouping_rewind(struct equal_grouping *g, size_t n)
{
    drop_half(g);
    while (g->n && g->distinct[g->n - 1].first >= n) {
        g->spent = g->distinct[--g->n].spent_before;
        forget(g, &g->distinct[g->n]);
    }
    if (n < g->n_answers)
        g->n_answers = n;
}

/* ---- finding groups ---- */

struct search {
    size_t n;                /* distinct answers */
    size_t *root;            /* n: leads to the representative of its exact class */
    size_t *home;            /* n: the class that it is joined with */
    unsigned char *verdicts; /* n * n, between representatives */
};

static size_t find(size_t *root, size_t i)
{
    while (root[i] != i)
        i = root[i] = root[root[i]];
    return i;
}

static void join(size_t *root, size_t a, size_t b)
{
    a = find(root, a);
    b = find(root, b);
    if (a != b)
        root[a > b ? a : b] = a < b ? a : b;
}

/* The only group that is compatible with this one, or n. */
static size_t only_fit(const struct search *s, size_t group)
{
    size_t fit = s->n;
    for (size_t j = 0; j < s->n; j++)
        if (s->root[j] == j && j != group && s->verdicts[group * s->n + j] == EQUAL_COMPATIBLE) {
            if (fit != s->n)
                return s->n;
            fit = j;
        }
    return fit;
}

/* A pair of groups is as close as its closest members: compatible, else unknown, else different. */
static void lift(struct search *s, size_t a, size_t b, unsigned char verdict)
{
    unsigned char *old = &s->verdicts[a * s->n + b];
    if (verdict == EQUAL_COMPATIBLE || (verdict == EQUAL_UNKNOWN && *old == EQUAL_DIFFERENT)) {
        *old = verdict;
        s->verdicts[b * s->n + a] = verdict;
    }
}

static void build_groups(struct search *s, const unsigned char *pairs, struct equal_groups *ret)
{
    *ret = (struct equal_groups){0};
    for (size_t i = 0; i < s->n; i++) {
        s->root[i] = i;
        for (size_t j = 0; j < i; j++)
            if (pairs[row(i) + j] == EQUAL_EXACT)
                join(s->root, i, j);
    }
    for (size_t i = 0; i < s->n; i++)
        s->root[i] = find(s->root, i);
    for (size_t i = 0; i < s->n; i++)
        for (size_t j = 0; j < i; j++) {
            bool skipped = pairs[row(i) + j] == SKIPPED;
            ret->skipped += skipped;
            if (s->root[i] != s->root[j])
                lift(s, s->root[i], s->root[j], skipped ? EQUAL_UNKNOWN : pairs[row(i) + j]);
        }
    for (size_t i = 0; i < s->n; i++)
        for (size_t j = 0; j < i; j++)
            ret->undecided +=
                s->root[i] == i && s->root[j] == j && s->verdicts[i * s->n + j] == EQUAL_UNKNOWN;
}

/* Two groups that fit each other and no third one become one: nothing is chained. */
static void attach(struct search *s, bool exact_only)
{
    for (size_t i = 0; i < s->n; i++)
        s->home[i] = i;
    for (size_t i = 0; i < s->n && !exact_only; i++) {
        size_t fit = s->root[i] == i ? only_fit(s, i) : s->n;
        if (fit < i && only_fit(s, fit) == i)
            s->home[i] = fit;
    }
}

static void number_groups(const struct equal_grouping *g, const struct search *s, uint32_t *label,
                          uint32_t *ret_group, size_t *ret_n)
{
    uint32_t next = 0;
    for (size_t i = 0; i < s->n; i++)
        label[i] = EQUAL_NO_GROUP;
    for (size_t i = 0; i < g->n_answers; i++) {
        ret_group[i] = EQUAL_NO_GROUP;
        if (g->of[i] == NONE)
            continue;
        size_t at = s->home[s->root[g->of[i]]];
        if (label[at] == EQUAL_NO_GROUP)
            label[at] = next++;
        ret_group[i] = label[at];
    }
    *ret_n = next;
}

enum surety_err equal_grouping_find(const struct equal_grouping *g, uint32_t *ret_group,
                                    struct equal_groups *ret_groups)
{
    struct search s = {.n = g->n};
    uint32_t *label = alloc_zeroed(g->n + 1, sizeof *label);
    s.root = alloc_zeroed(g->n + 1, sizeof *s.root);
    s.home = alloc_zeroed(g->n + 1, sizeof *s.home);
    s.verdicts = alloc_zeroed(g->n * g->n + 1, 1);
    bool fine = label && s.root && s.home && s.verdicts;
    if (fine) {
        build_groups(&s, g->verdicts, ret_groups);
        attach(&s, g->exact_only);
        number_groups(g, &s, label, ret_group, &ret_groups->n);
    }
    free(label);
    free(s.root);
    free(s.home);
    free(s.verdicts);
    return fine ? SURETY_OK : SURETY_ERR_NOMEM;
}

enum surety_err equal_group(const char *const *answers, size_t n, const char *problem,
                            uint32_t *ret_group, struct equal_groups *ret_groups)
{
    const struct equal_bounds bounds = {.budget = EQUAL_BUDGET};
    struct equal_grouping *g = equal_grouping_create(problem);
    enum surety_err code = g ? SURETY_OK : SURETY_ERR_NOMEM;
    for (size_t i = 0; i < n && !code; i++)
        code = equal_grouping_add(g, answers[i], &bounds);
    if (!code)
        code = equal_grouping_find(g, ret_group, ret_groups);
    equal_grouping_free(g);
    return code;
}
