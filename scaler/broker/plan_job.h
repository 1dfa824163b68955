/*
 * plan_job.h - work on a plan, as a parcel that travels core -> scoring threads -> core.
 *
 * Scoring may take long (exact arithmetic), so the core never calls a plan itself. At most one job
 * of a plan is under way at a time, and it does a piece of the work: the core asks for more. A job
 * is pure but for memory: run anywhere, any thread.
 */
#ifndef SURETY_SCALER_BROKER_PLAN_JOB_H
#define SURETY_SCALER_BROKER_PLAN_JOB_H

#include "claims/plan/plan.h"

struct plan_job_output {
    uint32_t task;
    struct surety_output output;
};

struct plan_job {
    struct plan_job *next; /* for whoever holds the job */
    uint64_t request;      /* the core's number for it */
    enum {
        PLAN_JOB_CREATE, /* make the plan from wanted and models */
        PLAN_JOB_FEED,   /* feed outputs; then the result so far, if asked for */
        PLAN_JOB_FREE
    } kind;

    /* in: wanted and models belong to the core's request, which outlives the job */
    struct plan *plan; /* CREATE sets it; not owned */
    const struct surety_request *wanted;
    const struct surety_model *model, *verifier; /* verifier NULL: model judges too */
    struct plan_job_output *outputs;             /* [n_outputs], texts in arena */
    size_t n_outputs, outputs_size;
    enum { PLAN_JOB_NO_RESULT, PLAN_JOB_SNAPSHOT, PLAN_JOB_FINAL } result;
    enum surety_stop stop;   /* of the result */
    struct surety_error why; /* of the result */
    bool not_reproducible;   /* of the result: retried in another class */
    int64_t wall_ms;         /* of the result */
    bool slow;               /* a job of this request took long: others go first */
    struct arena arena;

    atomic_bool hurry; /* set by any thread while it runs: its work is no longer wanted */

    /* out */
    struct surety_error error;        /* not OK: what failed */
    const struct surety_task **tasks; /* new ones, [n_tasks], owned by the plan */
    size_t n_tasks, tasks_size;
    bool done;         /* plan_is_done */
    bool verifies;     /* plan_verifies */
    uint32_t released; /* plan_released */
    bool settled;      /* plan_is_settled */
    size_t n_read;     /* outputs that were fed; the others are to be given again */
    bool more;         /* there is more to compare: FEED again, also without outputs */
    size_t plan_bytes; /* that the plan holds now */
    int64_t took_us;   /* processor time; filled in by who runs it, 0: not measured */
    char *json;        /* of the result, NULL: none */
};

/* NULL without memory. */
struct plan_job *plan_job_create(uint64_t request, int kind);
void plan_job_free(struct plan_job *job); /* not the plan; NULL is fine */

/* Adds a copy of the output. NOMEM, LIMIT. */
enum surety_err plan_job_add(struct plan_job *job, uint32_t task,
                             const struct surety_output *output);

size_t plan_job_bytes(const struct plan_job *job); /* of its outputs */

/* A FEED with the outputs that a job left unread, which it takes from it, and those of pending
 * (NULL: none), which it frees. NULL without memory. */
struct plan_job *plan_job_rest(struct plan_job *job, struct plan_job *pending);

/* Does the job, or a piece of it; what failed stands in job->error. A FINAL result without a plan
 * (none could be made before the end) has no trajectories. */
void plan_job_run(struct plan_job *job);

#endif
