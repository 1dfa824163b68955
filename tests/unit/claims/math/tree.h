/*
 * tree.h - reads texts as trees and writes trees as text, for the tests of mathematics.
 *
 * A tree is written with its operator first: "2x + 1" is (+ (. 2 x) 1), where the point is the
 * multiplication that nobody wrote.
 */
#ifndef SURETY_TESTS_UNIT_CLAIMS_MATH_TREE_H
#define SURETY_TESTS_UNIT_CLAIMS_MATH_TREE_H

#include "claims/math/parse.h"

/* The tree of a text, in pool; NULL when it cannot be read. */
const struct expr *tree_scalar(struct pool *pool, const char *text);
const struct expr *tree_answer(struct pool *pool, const char *text);

/* As above, and the test fails when it cannot be read. */
const struct expr *tree_of(struct pool *pool, const char *text);

/* Writes e into text, cut off at size. */
void tree_write(const struct expr *e, char *text, size_t size);

#endif
