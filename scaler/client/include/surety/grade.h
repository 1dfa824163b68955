/*
 * grade.h - the grader: what does a text answer, and is that the gold answer?
 *
 * Part of <surety/surety.h>, and usable alone. No function prints, exits, reads the environment or
 * evaluates text as code. Time and memory are bounded before exact arithmetic begins, without
 * signals and timers.
 *
 * Threads and forks: any number of threads may call these functions at once, and a process may fork
 * at any time. A call leaves nothing behind but what it returns, also in the calling thread: there
 * is nothing to set up, and nothing to clean up where a thread ends. Constants (pi, logarithms)
 * are for this reason computed anew in each call that needs them, which takes a fraction of a
 * millisecond. A program that uses FLINT itself loses nothing but such cached constants.
 */
#ifndef SURETY_GRADE_H
#define SURETY_GRADE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <surety/err.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SURETY_GOLD_ANSWERS_MAX 256

/* EXACT compares normal forms and is an equivalence relation. COMPATIBLE is symmetric only (a
 * decimal that rounds the other side, a unit missing on one side). UNKNOWN is not DIFFERENT. */
enum surety_relation {
    SURETY_RELATION_DIFFERENT,
    SURETY_RELATION_EXACT,
    SURETY_RELATION_COMPATIBLE,
    SURETY_RELATION_UNKNOWN
};

/* How a gold answer is meant. */
enum surety_kind {
    SURETY_KIND_ANY,        /* as the two answers read */
    SURETY_KIND_CHOICE,     /* a letter A to J, which alone decides: "B. 42" is "B" */
    SURETY_KIND_NUMBER,     /* one number; a unit that one side leaves out does not matter */
    SURETY_KIND_EXPRESSION, /* a lone letter is a variable and no choice */
    SURETY_KIND_TEXT        /* words, never mathematics; case, spacing and articles aside */
};

/* What counts as right. Begin with zeros; zeroed fields are defaults. Everything is borrowed. */
struct surety_gold {
    const char *const *answers; /* [n_answers], any of which is right; each may be a worked solution
                                   that ends in "#### 18" */
    size_t n_answers;           /* 1 to SURETY_GOLD_ANSWERS_MAX */
    const char *problem;        /* lists the options that a letter stands for; NULL: none */
    enum surety_kind kind;
    /* A number may be off by the larger of tolerance and relative_tolerance times the gold number,
     * as they are written in decimal; an end is inside. Finite, at least 0; with kinds ANY and
     * NUMBER only. */
    double tolerance;
    double relative_tolerance;
    uint64_t reserved_[8];
};

/* What came of it. The texts named static live as long as the library is loaded. */
struct surety_grade {
    enum surety_relation relation; /* DIFFERENT where there is no answer */
    const char *how;               /* static: "exact rational", "rounded", "no answer", ... */
    size_t gold;                   /* index of the gold answer that comes closest */
    char *answer;                  /* owned; NULL: the text states none */
    const char *found;             /* static: "boxed", "answer line", "none", ...; NULL: not read */
    size_t start, end;             /* where the text states its answer, byte offsets */
    uint64_t reserved_[8];
};

/* Frees what a grade owns. NULL is fine, and so is a grade of zeros. */
SURETY_API void surety_grade_fini(struct surety_grade *grade);

/*
 * The answer that a text states: answer, found, start and end of *ret_grade; the rest is zeros.
 * truncated: the text was cut off by a limit, so only a stated answer counts. A text without an
 * answer is no error. INVALID (NULL, not UTF-8), LIMIT (longer than 16 MiB), NOMEM; then *ret_grade
 * is untouched. The caller ends the grade with surety_grade_fini.
 */
SURETY_API enum surety_err surety_extract(const char *text, bool truncated,
                                          struct surety_grade *ret_grade, struct surety_error *err);

/*
 * An answer that was read already: relation, how and gold of *ret_grade; answer stays NULL. INVALID
 * (NULL, not UTF-8, a gold answer that no answer can be: a list of none, an empty one, a choice
 * that is no letter, a tolerance below 0), LIMIT (a text or a problem is too long), NOMEM.
 */
SURETY_API enum surety_err surety_equal(const struct surety_gold *gold, const char *answer,
                                        struct surety_grade *ret_grade, struct surety_error *err);

/* A whole text: both of the above, with their errors. */
SURETY_API enum surety_err surety_check(const struct surety_gold *gold, const char *text,
                                        bool truncated, struct surety_grade *ret_grade,
                                        struct surety_error *err);

/* 1 right, 0 wrong, -1 unknown. EXACT is right; lenient: COMPATIBLE too. */
SURETY_API int surety_correct(enum surety_relation relation, bool lenient);

#ifdef __cplusplus
}
#endif

#endif
