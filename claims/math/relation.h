/*
 * relation.h - what two answers, values or scalars are to each other.
 *
 * EXACT compares normal forms and is an equivalence relation. COMPATIBLE is symmetric only (a
 * decimal that rounds the other side, a unit missing on one side). UNKNOWN is not DIFFERENT.
 */
#ifndef SURETY_CLAIMS_MATH_RELATION_H
#define SURETY_CLAIMS_MATH_RELATION_H

enum equal_verdict { EQUAL_DIFFERENT, EQUAL_EXACT, EQUAL_COMPATIBLE, EQUAL_UNKNOWN };

struct equal_result {
    enum equal_verdict verdict;
    const char *how; /* static: "exact rational", "same text", "rounded", "unit missing", ... */
};

static inline struct equal_result relation_of(enum equal_verdict verdict, const char *how)
{
    return (struct equal_result){verdict, how};
}

/* EXACT becomes COMPATIBLE for the stated reason. */
static inline struct equal_result relation_loosen(struct equal_result r, const char *how)
{
    return r.verdict == EQUAL_EXACT ? relation_of(EQUAL_COMPATIBLE, how) : r;
}

/* The one that is further from EXACT. */
static inline struct equal_result relation_worst(struct equal_result a, struct equal_result b)
{
    static const int rank[] = {
        [EQUAL_EXACT] = 0, [EQUAL_COMPATIBLE] = 1, [EQUAL_UNKNOWN] = 2, [EQUAL_DIFFERENT] = 3};
    return rank[b.verdict] > rank[a.verdict] ? b : a;
}

#endif
