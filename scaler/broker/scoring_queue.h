/*
 * scoring_queue.h - jobs that wait for a scoring thread, and which of them goes next.
 *
 * Who is in a hurry goes first: it will be done at once, and somebody waits for it. Slow ones have
 * a lane: they hold at most half of the threads, and others pass them. Pure, for the simulation.
 */
#ifndef SURETY_SCALER_BROKER_SCORING_QUEUE_H
#define SURETY_SCALER_BROKER_SCORING_QUEUE_H

#include "scaler/broker/plan_job.h"

#define SCORING_THREADS 4

struct scoring_queue {
    struct plan_job *urgent; /* those that were told to hurry */
    struct plan_job *head, **end;
    size_t n_slow; /* that run */
};

void scoring_queue_init(struct scoring_queue *queue);
void scoring_queue_push(struct scoring_queue *queue, struct plan_job *job);

/* Tells the job of a request, or all (0 is no request's number), to hurry. */
void scoring_queue_hurry(struct scoring_queue *queue, uint64_t request);

/* The job that a thread is to run now, NULL: none may. */
struct plan_job *scoring_queue_take(struct scoring_queue *queue);
void scoring_queue_done(struct scoring_queue *queue, const struct plan_job *job); /* it has run */

#endif
