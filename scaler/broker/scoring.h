/*
 * scoring.h - the scoring threads: plan jobs in, the same jobs out, done.
 *
 * Jobs travel over lists behind a mutex; a pipe tells the broker's poll that some came back. The
 * jobs of a request come one at a time, so that they stay in order on several threads. Which goes
 * first: scoring_queue.h.
 */
#ifndef SURETY_SCALER_BROKER_SCORING_H
#define SURETY_SCALER_BROKER_SCORING_H

#include "scaler/broker/scoring_queue.h"

struct scoring;

/* Starts the threads. IO, NOMEM. */
enum surety_err scoring_create(struct scoring **ret_scoring, struct surety_error *err);

/* Waits for the threads and frees what was neither run nor taken. NULL is fine. */
void scoring_free(struct scoring *scoring);

void scoring_submit(struct scoring *scoring, struct plan_job *job); /* takes the job */
struct plan_job *scoring_take(struct scoring *scoring); /* a job that is done, or NULL */

/* The job of this request, if it has one here, ends as soon as it can. */
void scoring_hurry(struct scoring *scoring, uint64_t request);

/* Readable when scoring_take may have something; scoring_take empties it. */
int scoring_fd(const struct scoring *scoring);

/* Runs what is queued, in a hurry, and joins the threads; then scoring_take gives the rest back. */
void scoring_finish(struct scoring *scoring);

#endif
