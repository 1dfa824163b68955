/*
 * answer_find.h - the ways in which a solution can state its answer. Internal to answer*.c.
 */
#ifndef SURETY_CLAIMS_ANSWER_FIND_H
#define SURETY_CLAIMS_ANSWER_FIND_H

#include "claims/scan.h"

#define FOUND_PARTS_MAX 16

struct found {
    struct span whole;                 /* the statement */
    struct span part[FOUND_PARTS_MAX]; /* the answer, in parts to be joined with ", " */
    size_t n_parts;
    const char *how;
    bool json; /* the part is the inside of a JSON string */
};

/* Each looks in text[s.start..s.end) and returns false when there is nothing. Linear time. */
bool answer_find_boxed(const char *text, struct span s, struct found *ret);
bool answer_find_tag(const char *text, struct span s, struct found *ret);

/* The last of "#### 5", "final answer is", "Answer:", {"answer": ...}, "option B is correct". A
 * statement that touches the end of a cut text may itself be cut, and does not count. */
bool answer_find_marker(const char *text, struct span s, bool truncated, struct found *ret);

/* A reply that is nothing but an answer, a choice letter on the last line, "The total is 5." as the
 * last sentence. */
bool answer_find_bare(const char *text, struct span s, struct found *ret);

/* The answer without markdown, formula marks, closing punctuation and empty wrappers. */
struct span answer_clean(const char *text, struct span s);

#endif
