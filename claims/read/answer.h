/*
 * answer.h - finds the final answer that a whole solution states.
 *
 * Order: thinking blocks and other turns are skipped, as is what follows when another question
 * begins after an answer, or only repeats, and lists of claims about the answer; then the last of
 * \boxed (several boxed parts of one answer are joined), <answer>, JSON {"answer": ...}, and behind
 * it "#### 5", "final answer is", "Answer:"; then what stands where answers stand: the last line,
 * the value of the last sentence.
 * Does not judge the answer. Pure and thread-safe; linear time; allocates only the answer.
 */
#ifndef SURETY_CLAIMS_READ_ANSWER_H
#define SURETY_CLAIMS_READ_ANSWER_H

#include <surety/arena.h>
#include <surety/types.h>

struct answer {
    char *text;        /* in the arena; NULL: no answer was stated */
    size_t start, end; /* where its statement stands in the solution, byte offsets */
    const char
        *how; /* static: "boxed", "answer line", ..., "none", "only in thinking", "unclear" */
    const char *behind; /* in the arena; words behind a box that may be its unit, or NULL */
    size_t reply_end;   /* what comes from here on is another question or repeats; 0: nothing */
};

/* truncated: the solution was cut by a limit, so only a stated answer counts. NOMEM. */
enum surety_err answer_extract(const char *solution, bool truncated, struct arena *arena,
                               struct answer *ret_answer);

#endif
