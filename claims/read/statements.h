/*
 * statements.h - cuts free text into statements: sentences, list items, rows of formulas.
 *
 * A statement is at most one sentence and, where a sentence holds several equations, one of them
 * (a chain "3*4 = 12 = 2*6" stays whole). Rows that begin with a relation continue the row before.
 */
#ifndef SURETY_CLAIMS_READ_STATEMENTS_H
#define SURETY_CLAIMS_READ_STATEMENTS_H

#include "claims/text/scan.h"

struct statement {
    struct span s;        /* trimmed: no bullets, no markdown, no closing stop */
    bool heading;         /* the line is marked as one, or all of it is bold */
    bool question;        /* ends in a question mark */
    bool digit;           /* holds a digit */
    size_t n_relations;   /* =, <, \approx and their kin */
    size_t last_relation; /* where the last one ends */
};

struct cutter {
    const char *text;
    struct span rest; /* what is still to be cut */
    struct span line; /* what is left of the line in work */
    bool heading;
    struct statement held; /* waiting for a row that continues it */
    bool holds;
};

void statements_begin(struct cutter *cutter, const char *text, struct span s);

/* The next statement; false at the end. Linear over all calls. */
bool statements_next(struct cutter *cutter, struct statement *ret);

/* Length of the relation sign at text[at], or 0. */
size_t statements_relation(const char *text, size_t at, size_t end);

#endif
