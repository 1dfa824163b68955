/*
 * check.h - a whole text against its gold answer: what did it answer, and is that right?
 *
 * Reading is answer.h, equality equal.h; here they meet. Pure and thread-safe; bounded as these
 * are.
 */
#ifndef SURETY_CLAIMS_READ_CHECK_H
#define SURETY_CLAIMS_READ_CHECK_H

#include "claims/read/answer.h"
#include "claims/read/gold.h"

struct check {
    struct answer answer;       /* check_answer: its text alone is set */
    struct equal_result result; /* DIFFERENT where there is no answer */
    size_t gold;                /* index of the gold answer that comes closest */
};

/* An answer. The gold answer is one that gold_check accepts. */
struct check check_answer(const struct gold *gold, const char *answer);

/* A text; truncated as in answer.h. The answer's text is in arena. NOMEM. */
enum surety_err check_text(const struct gold *gold, const char *text, bool truncated,
                           struct arena *arena, struct check *ret_check);

/* 1 right, 0 wrong, -1 unknown. EXACT is right; lenient: COMPATIBLE too. */
int check_correct(enum equal_verdict verdict, bool lenient);

/* "different", "exact", "compatible", "unknown". */
const char *check_relation(enum equal_verdict verdict);

#endif
