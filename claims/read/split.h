/*
 * split.h - cuts a solution into the claims that its answer hangs on.
 *
 * A claim is a concise statement whose failure would undermine the answer, with its values; never
 * a heading, a plan, a restatement of the problem, or the answer itself. Every claim knows its
 * place. Pure and thread-safe; linear time.
 */
#ifndef SURETY_CLAIMS_READ_SPLIT_H
#define SURETY_CLAIMS_READ_SPLIT_H

#include "claims/read/answer.h"
#include "claims/read/claim_text.h"
#include <surety/arena.h>

struct claim_span {
    char *text;        /* folded to one line, at most SURETY_CLAIM_MAX bytes; in the arena */
    size_t start, end; /* byte offsets into the solution */
};

/*
 * The m most decision-relevant claims of free text, in text order: statements with values,
 * followed backwards from the answer through the values they use. problem may be "". NOMEM.
 */
enum surety_err split_solution(const char *problem, const char *solution,
                               const struct answer *answer, uint32_t m, struct arena *arena,
                               struct claim_span **ret_claims, size_t *ret_n);

#endif
