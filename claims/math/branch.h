/*
 * branch.h - where expressions change their form: the signs that decide abs, max, min, sgn, floor,
 * mod and even roots.
 *
 * A switch is an irreducible factor whose sign is such a choice; an edge is a place that may be
 * worth a look (the ends of a logarithm's or root's domain). Pure and thread-safe.
 */
#ifndef SURETY_CLAIMS_MATH_BRANCH_H
#define SURETY_CLAIMS_MATH_BRANCH_H

#include "claims/math/poly.h"

#define BRANCH_SWITCHES_MAX 12
#define BRANCH_COMBINED_MAX 6 /* switches whose combinations are all tried: 64 */
#define BRANCH_EDGES_MAX 16
#define BRANCH_VARIABLES_MAX 12

struct branch_set {
    struct poly_factor switches[BRANCH_SWITCHES_MAX];
    size_t n;
    const struct expr *edges[BRANCH_EDGES_MAX]; /* the switches first */
    size_t n_edges;
    bool murky; /* there are more branches, or some that cannot be told apart */
};

/* Adds the branches of e; trees live in pool. */
void branch_collect(struct pool *pool, struct branch_set *set, const struct expr *e);

/* The places along variable i where an edge is zero, the other values held, in order; at most
 * `most`. */
size_t branch_roots(const struct branch_set *set, const struct expr *const *vars,
                    const double *values, size_t n, size_t i, double *ret_roots, size_t most);

/* Bit k: switch k is positive. False: one is zero or has no value. */
bool branch_label(const struct branch_set *set, const struct expr *const *vars,
                  const double *values, size_t n, uint64_t *ret_label);

/* True when no values of the variables give the switches these signs. False: they may. */
bool branch_is_impossible(const struct branch_set *set, uint64_t label);

#endif
