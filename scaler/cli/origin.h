/*
 * origin.h - where the results of one file come from: one model, one profile, the same settings.
 *
 * A table over results of different ones would look like one and mean nothing. Deadlines and
 * budgets are no part of it: going on with more of them is what one resumes for, and each result
 * says whether one ended it. Does not print.
 */
#ifndef SURETY_SCALER_CLI_ORIGIN_H
#define SURETY_SCALER_CLI_ORIGIN_H

#include <stddef.h>

#include <surety/types.h>

/* Does its run tell of a model at all? Not when it ended before a worker came. */
bool origin_is_told(const struct surety_result *result);

/* True when the results do not belong into one table: what differs first, "gamma is 5 there and 2
 * here", in ret. What only one of them tells is no difference; nor are seeds, which are compared
 * by whoever knows what they were made from. */
bool origin_differs(const struct surety_result *there, const struct surety_result *here, char *ret,
                    size_t size);

#endif
