/*
 * summary.h - the table over many results: accuracy with intervals, rescue, harm, cost, curve.
 *
 * Feeds on results with a gold answer (correct.known); others are only counted. Keeps some twenty
 * bytes a trajectory, never texts. Undecided counts as wrong and is reported. Cons, CLR and pass@K
 * have Wilson intervals, means and paired differences a bootstrap over problems, and a paired
 * comparison the exact McNemar test (scaler/report/stats.h). Does not judge answers.
 *
 * Controls are other weights on the same samples (summary_control.c).
 *
 * The curve takes each problem's first k trajectories, by index: Cons@k and CLR@k from their r and
 * groups. Its calls and tokens are a problem's mean for CLR@k: the k samples, and the share of the
 * problem's verifications that the claims of these k need (exact at K). At equal cost, CLR@k at the
 * largest k of the curve that K samples can pay for is held against Cons@k' at the smallest k' that
 * costs at least as much.
 */
#ifndef SURETY_SCALER_REPORT_SUMMARY_H
#define SURETY_SCALER_REPORT_SUMMARY_H

#include <stdio.h>

#include <jansson.h>

#include <surety/types.h>

struct summary;

/* NULL without memory. free accepts NULL. One thread at a time. */
struct summary *summary_create(void);
void summary_free(struct summary *summary);

/* Takes what it needs of one result. NOMEM. */
enum surety_err summary_add(struct summary *summary, const struct surety_result *result);

/* Where the results are from, for the table's head and --summary. Files and run are borrowed. */
struct summary_origin {
    const char *problems, *results; /* files; NULL: nothing is told */
    size_t lines, done;             /* of the file of problems; of these, with a result */
    size_t before; /* results that were there before the run, whose time is not in its own */
    uint64_t seed;
    const json_t *run; /* "run" of a result that is like all others; NULL: none is */
};
void summary_set_origin(struct summary *summary, const struct summary_origin *origin);

/* The results have come with their compatible answers counted as right: the table says so. */
void summary_set_lenient(struct summary *summary);

/* The wall time of the run; without it, the sum over the problems (they may overlap). */
void summary_set_seconds(struct summary *summary, double seconds);

/* What --summary writes; a new reference, NULL without memory. stable: without what
 * differs between equal runs (seconds, what a cache had). */
json_t *summary_to_json(struct summary *summary, bool stable);

/* The table for people, with a sentence that says what was compared. NOMEM, IO. */
enum surety_err summary_print(struct summary *summary, FILE *out);

#endif
