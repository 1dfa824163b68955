/*
 * promise.h - what the broker owes its clients, looked at from outside: turns, PROGRESS, deadlines.
 *
 * Turns: while a client has items that could run, no other gets two BATCHes for workers of the same
 * class. PROGRESS: once outputs were read, and the pause since the last one is over, the next job
 * of the request makes one, at once if none is under way. Deadlines strike when they are due; how
 * late the end may come after that is the store's to check (SIM_LATE_MS).
 */
#ifndef SURETY_TESTS_SIM_PROMISE_H
#define SURETY_TESTS_SIM_PROMISE_H

#include "tests/sim/world.h"

void promise_batch(struct world *w, const struct sim_conn *worker,
                   const struct wire_message *batch);          /* it leaves, or cannot */
void promise_over(struct world *w, uint64_t request);          /* its end is decided */
void promise_job(struct world *w, const struct plan_job *job); /* the core wants it done */

struct sim_job {      /* what is to be remembered of a job that the core takes */
    uint64_t request; /* that is owed a PROGRESS; 0: none */
    uint64_t progress_told;
};
struct sim_job promise_job_done(struct world *w, const struct plan_job *job);
void promise_job_taken(struct world *w, const struct sim_job *job);
void promise_check(struct world *w); /* after each step */

#endif
