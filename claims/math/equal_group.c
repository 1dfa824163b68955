/*
 * Groups answers by value. Every pair of distinct answers is compared, and both steps look at all
 * pairs at once, so the order of the answers cannot matter.
 */
#include "claims/math/equal.h"

#include <stdlib.h>
#include <string.h>

/* The union of exact classes; root[i] leads to a class's representative. */
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

struct grouping {
    size_t n;                  /* distinct answers */
    struct equal_form **forms; /* n */
    size_t *root;              /* n */
    unsigned char *verdicts;   /* n * n, by exact group afterwards */
};

/* The only group that is compatible with g, or n. */
static size_t only_fit(const struct grouping *g, size_t group)
{
    size_t fit = g->n;
    for (size_t j = 0; j < g->n; j++)
        if (g->root[j] == j && j != group && g->verdicts[group * g->n + j] == EQUAL_COMPATIBLE) {
            if (fit != g->n)
                return g->n;
            fit = j;
        }
    return fit;
}

/* A pair of groups is as close as its closest members: compatible, else unknown, else different. */
static void lift(struct grouping *g, size_t a, size_t b, unsigned char verdict)
{
    unsigned char *old = &g->verdicts[a * g->n + b];
    if (verdict == EQUAL_COMPATIBLE || (verdict == EQUAL_UNKNOWN && *old == EQUAL_DIFFERENT)) {
        *old = verdict;
        g->verdicts[b * g->n + a] = verdict;
    }
}

static void build_groups(struct grouping *g, size_t *ret_undecided)
{
    size_t n = g->n;
    unsigned char *pairs = g->verdicts;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++) {
            pairs[i * n + j] = (unsigned char)equal_forms(g->forms[i], g->forms[j]).verdict;
            if (pairs[i * n + j] == EQUAL_EXACT)
                join(g->root, i, j);
        }
    for (size_t i = 0; i < n; i++)
        g->root[i] = find(g->root, i);
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++)
            if (g->root[i] != g->root[j])
                lift(g, g->root[i], g->root[j], pairs[i * n + j]);
    *ret_undecided = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++)
            *ret_undecided +=
                g->root[i] == i && g->root[j] == j && pairs[i * n + j] == EQUAL_UNKNOWN;
}

/* Two groups that fit each other and no third one become one: nothing is chained. */
static void attach(struct grouping *g, size_t *home)
{
    for (size_t i = 0; i < g->n; i++)
        home[i] = i;
    for (size_t i = 0; i < g->n; i++) {
        size_t fit = g->root[i] == i ? only_fit(g, i) : g->n;
        if (fit < i && only_fit(g, fit) == i)
            home[i] = fit;
    }
}

/* The index of an earlier answer with the same text, or i. */
static size_t first_same(const char *const *answers, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (answers[j] && strcmp(answers[j], answers[i]) == 0)
            return j;
    return i;
}

static void number_groups(const struct grouping *g, const size_t *home, const size_t *form_of,
                          const char *const *answers, size_t n, uint32_t *label,
                          uint32_t *ret_group, size_t *ret_n_groups)
{
    uint32_t next = 0;
    for (size_t i = 0; i < g->n; i++)
        label[i] = EQUAL_NO_GROUP;
    for (size_t i = 0; i < n; i++) {
        ret_group[i] = EQUAL_NO_GROUP;
        if (!answers[i])
            continue;
        size_t at = home[g->root[form_of[i]]];
        if (label[at] == EQUAL_NO_GROUP)
            label[at] = next++;
        ret_group[i] = label[at];
    }
    *ret_n_groups = next;
}

enum surety_err equal_group(const char *const *answers, size_t n, const char *problem,
                            uint32_t *ret_group, size_t *ret_n_groups, size_t *ret_undecided)
{
    struct grouping g = {0};
    size_t *form_of = calloc(n + 1, sizeof *form_of), *home = calloc(n + 1, sizeof *home);
    uint32_t *label = calloc(n + 1, sizeof *label);
    g.forms = calloc(n + 1, sizeof *g.forms);
    g.root = calloc(n + 1, sizeof *g.root);
    enum surety_err err =
        form_of && home && label && g.forms && g.root ? SURETY_OK : SURETY_ERR_NOMEM;
    for (size_t i = 0; !err && i < n; i++) {
        if (!answers[i])
            continue;
        size_t same = first_same(answers, i);
        form_of[i] = same < i ? form_of[same] : g.n;
        if (same < i)
            continue;
        g.root[g.n] = g.n;
        g.forms[g.n] = equal_parse(answers[i], problem);
        if (!g.forms[g.n])
            err = SURETY_ERR_NOMEM;
        else
            g.n++;
    }
    g.verdicts = err ? NULL : calloc(g.n * g.n + 1, 1);
    if (!err && !g.verdicts)
        err = SURETY_ERR_NOMEM;
    if (!err) {
        build_groups(&g, ret_undecided);
        attach(&g, home);
        number_groups(&g, home, form_of, answers, n, label, ret_group, ret_n_groups);
    }
    for (size_t i = 0; g.forms && i < g.n; i++)
        equal_form_free(g.forms[i]);
    free(g.forms);
    free(g.root);
    free(g.verdicts);
    free(form_of);
    free(home);
    free(label);
    return err;
}
