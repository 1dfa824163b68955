/*
 * scoring.h - the scoring thread: plan jobs in, the same jobs out, done.
 *
 * Jobs travel over lists behind a mutex; a pipe tells the broker's poll that some came back.
 */
#ifndef SURETY_SCALER_BROKER_SCORING_H
#define SURETY_SCALER_BROKER_SCORING_H

#include "scaler/broker/plan_job.h"

struct scoring;

/* Starts the thread. IO, NOMEM. */
enum surety_err scoring_create(struct scoring **ret_scoring, struct surety_error *err);

/* Waits for the thread and frees what was neither run nor taken. NULL is fine. */
void scoring_free(struct scoring *scoring);

void scoring_submit(struct scoring *scoring, struct plan_job *job); /* takes the job */
struct plan_job *scoring_take(struct scoring *scoring); /* a job that is done, or NULL */

/* Readable when scoring_take may have something; scoring_take empties it. */
int scoring_fd(const struct scoring *scoring);

/* Runs what is queued to its end and joins the thread; then scoring_take gives the rest back. */
void scoring_finish(struct scoring *scoring);

#endif
