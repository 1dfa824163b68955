/*
 * grading.h - a result against its gold answer.
 *
 * Only EXACT equality counts as right, so that one relation does not both make the groups and grade
 * them; a table may be asked to be lenient. UNKNOWN is reported as such and counted wrong by
 * whoever counts.
 */
#ifndef SURETY_SCALER_REPORT_GRADING_H
#define SURETY_SCALER_REPORT_GRADING_H

#include <surety/types.h>

/*
 * Fills result->correct and each trajectory's. given (NULL: none) holds [n_given] verdicts by
 * trajectory index that were recorded with the samples (1, 0, or -1: none given); they go before
 * the comparison. gold NULL: only what is given counts, and without any nothing is known. NOMEM:
 * what it filled in is not to be used.
 */
enum surety_err grading_fill(struct surety_result *result, const char *gold, const char *problem,
                             const int *given, size_t n_given);

/* For a result from a file, which has its gold answer and each `correct`, fills `compatible`.
 * NOMEM, as above. */
enum surety_err grading_mark_compatible(struct surety_result *result);

/* Counts COMPATIBLE answers as right too, in `correct` of the trajectories and of the result. */
void grading_accept_compatible(struct surety_result *result);

#endif
