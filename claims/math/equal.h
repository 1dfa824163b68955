/*
 * equal.h - decides whether two answers are the same.
 *
 * The verdicts are those of relation.h. Never evaluates text as code; time and memory are bounded
 * before exact arithmetic starts. Pure and thread-safe; a form may be shared by threads that only
 * read it.
 */
#ifndef SURETY_CLAIMS_MATH_EQUAL_H
#define SURETY_CLAIMS_MATH_EQUAL_H

#include <surety/err.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "claims/math/relation.h"

/* An answer, parsed once. problem (NULL: none) gives the options that a choice letter stands for.
 */
struct equal_form;
struct equal_form *equal_parse(const char *answer, const char *problem); /* NULL: no memory */
void equal_form_free(struct equal_form *form);                           /* NULL is fine */
size_t equal_form_bytes(const struct equal_form *form);                  /* of memory, about */

/* What the form is as mathematics; owned by the form. NULL: words, a choice, a date. */
struct value;
const struct value *equal_value(const struct equal_form *form);

struct equal_result equal_forms(const struct equal_form *a, const struct equal_form *b);

/* equal_parse twice and equal_forms; UNKNOWN without memory. */
struct equal_result equal_texts(const char *gold, const char *pred, const char *problem);

/*
 * Groups answers: exact groups first, then two of these become one if each is the only one that
 * fits the other, never chained; so the grouping does not depend on order.
 *
 * Answers are added one after the other, and each is compared with those before it, as long as the
 * steps of all comparisons (effort.h) stay below a budget: a pair beyond it is UNKNOWN, and counted
 * as skipped. Steps follow from the answers alone, so adding to what is known gives the same as
 * beginning anew. One thread at a time.
 */
#define EQUAL_NO_GROUP UINT32_MAX
#define EQUAL_BUDGET 15000000u /* steps of one request: about 2 s of processor time */

struct equal_grouping;

/* problem (NULL: none) as in equal_parse; it must outlive the grouping. NULL without memory. */
struct equal_grouping *equal_grouping_create(const char *problem);
void equal_grouping_free(struct equal_grouping *grouping); /* NULL is fine */

struct equal_bounds {
    uint64_t budget;         /* steps of all comparisons since the grouping was made */
    uint64_t pause;          /* steps of this call; 0: as many as it needs */
    const atomic_bool *stop; /* looked at between comparisons; NULL: never */
};

/* Adds an answer; NULL: one that is in no group. CANCELLED: stopped, or a pause was due; adding the
 * same answer goes on from there, and until then nothing was added. NOMEM: nothing was. */
enum surety_err equal_grouping_add(struct equal_grouping *grouping, const char *answer,
                                   const struct equal_bounds *bounds);

/* From now on equal_grouping_find joins no groups that are only compatible. */
void equal_grouping_exact_only(struct equal_grouping *grouping);

size_t equal_grouping_count(const struct equal_grouping *grouping);   /* answers, NULLs too */
uint64_t equal_grouping_spent(const struct equal_grouping *grouping); /* steps */
size_t equal_grouping_bytes(const struct equal_grouping *grouping);   /* of memory, about */

/* Forgets all but the first n answers, and what comparing the others cost. */
void equal_grouping_rewind(struct equal_grouping *grouping, size_t n);

struct equal_groups {
    size_t n;
    size_t undecided; /* pairs of exact groups whose comparison is UNKNOWN */
    size_t skipped;   /* pairs of different texts beyond the budget */
};

/* ret_group[i] is the group of the i-th answer, numbered by first appearance, or EQUAL_NO_GROUP.
 * NOMEM. */
enum surety_err equal_grouping_find(const struct equal_grouping *grouping, uint32_t *ret_group,
                                    struct equal_groups *ret_groups);

/* All at once, within EQUAL_BUDGET. */
enum surety_err equal_group(const char *const *answers, size_t n, const char *problem,
                            uint32_t *ret_group, struct equal_groups *ret_groups);

/* Frees what exact arithmetic keeps for the calling thread (constants, scratch numbers). To be
 * called where a thread that compared answers ends, after the last of its forms is freed. */
void equal_thread_cleanup(void);

#endif
