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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "claims/math/relation.h"

/* An answer, parsed once. problem (NULL: none) gives the options that a choice letter stands for.
 */
struct equal_form;
struct equal_form *equal_parse(const char *answer, const char *problem); /* NULL: no memory */
void equal_form_free(struct equal_form *form);                           /* NULL is fine */

/* What the form is as mathematics; owned by the form. NULL: words, a choice, a date. */
struct value;
const struct value *equal_value(const struct equal_form *form);

struct equal_result equal_forms(const struct equal_form *a, const struct equal_form *b);

/* equal_parse twice and equal_forms; UNKNOWN without memory. */
struct equal_result equal_texts(const char *gold, const char *pred, const char *problem);

/*
 * Groups n answers (a NULL answer is in no group): exact groups first, then two of these become one
 * if each is the only one that fits the other, never chained; so the grouping does not depend on
 * order.
 * ret_group[i] is a group's number, numbered by first appearance, or EQUAL_NO_GROUP.
 * *ret_undecided counts the pairs of exact groups whose comparison is UNKNOWN. NOMEM.
 */
#define EQUAL_NO_GROUP UINT32_MAX
enum surety_err equal_group(const char *const *answers, size_t n, const char *problem,
                            uint32_t *ret_group, size_t *ret_n_groups, size_t *ret_undecided);

/* Frees what exact arithmetic keeps for the calling thread (constants, scratch numbers). To be
 * called where a thread that compared answers ends, after the last of its forms is freed. */
void equal_thread_cleanup(void);

#endif
