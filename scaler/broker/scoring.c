#include "scaler/broker/scoring.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "claims/math/equal.h"

struct scoring {
    pthread_mutex_t mutex;
    pthread_cond_t wanted;
    struct scoring_queue todo;
    struct plan_job *done, **done_end;
    struct worker {
        struct scoring *scoring;
        pthread_t thread;
        struct plan_job *job; /* that it runs; NULL: it waits */
    } workers[SCORING_THREADS];
    size_t n_workers; /* that were started and are to be joined */
    bool finishing;
    int pipe[2]; /* one byte at most: the list is what counts */
};

static void give_back(struct scoring *scoring, struct plan_job *job)
{
    job->next = NULL;
    *scoring->done_end = job;
    scoring->done_end = &job->next;
}

static int64_t processor_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Runs a job without the mutex, which the caller holds. */
static void run(struct worker *worker, struct plan_job *job)
{
    struct scoring *scoring = worker->scoring;
    worker->job = job;
    pthread_mutex_unlock(&scoring->mutex);
    int64_t began_us = processor_us();
    plan_job_run(job);
    job->took_us = processor_us() - began_us;
    pthread_mutex_lock(&scoring->mutex);
    worker->job = NULL;
    scoring_queue_done(&scoring->todo, job);
    give_back(scoring, job);
    if (job->slow) /* another one may have waited for the lane */
        pthread_cond_signal(&scoring->wanted);
    /* a full pipe has told already */
    while (write(scoring->pipe[1], "", 1) < 0 && errno == EINTR)
        continue;
}

static void *work(void *user)
{
    struct worker *worker = user;
    struct scoring *scoring = worker->scoring;
    pthread_mutex_lock(&scoring->mutex);
    for (;;) {
        struct plan_job *job = scoring_queue_take(&scoring->todo);
        if (job)
            run(worker, job);
        else if (scoring->finishing && !scoring->todo.head && !scoring->todo.urgent)
            break;
        else
            pthread_cond_wait(&scoring->wanted, &scoring->mutex);
    }
    pthread_cond_broadcast(&scoring->wanted); /* the others may end, too */
    pthread_mutex_unlock(&scoring->mutex);
    equal_thread_cleanup();
    return NULL;
}

enum surety_err scoring_create(struct scoring **ret_scoring, struct surety_error *err)
{
    struct scoring *scoring = calloc(1, sizeof *scoring);
    if (!scoring)
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for the scoring threads");
    scoring_queue_init(&scoring->todo);
    scoring->done_end = &scoring->done;
    if (pipe2(scoring->pipe, O_CLOEXEC | O_NONBLOCK)) {
        free(scoring);
        return surety_fail(err, SURETY_ERR_IO, "no pipe for the scoring threads: %s",
                           strerror(errno));
    }
    pthread_mutex_init(&scoring->mutex, NULL);
    pthread_cond_init(&scoring->wanted, NULL);
    for (size_t i = 0; i < SCORING_THREADS; i++) {
        struct worker *w = &scoring->workers[i];
        w->scoring = scoring;
        int failed = pthread_create(&w->thread, NULL, work, w);
        if (failed) {
            scoring_free(scoring);
            return surety_fail(err, SURETY_ERR_IO, "no scoring thread: %s", strerror(failed));
        }
        scoring->n_workers++;
    }
    *ret_scoring = scoring;
    return SURETY_OK;
}

void scoring_submit(struct scoring *scoring, struct plan_job *job)
{
    pthread_mutex_lock(&scoring->mutex);
    scoring_queue_push(&scoring->todo, job);
    pthread_cond_signal(&scoring->wanted);
    pthread_mutex_unlock(&scoring->mutex);
}

struct plan_job *scoring_take(struct scoring *scoring)
{
    char bytes[64];
    pthread_mutex_lock(&scoring->mutex);
    struct plan_job *job = scoring->done;
    scoring->done = job ? job->next : NULL;
    if (!scoring->done) {
        scoring->done_end = &scoring->done;
        /* under the mutex, so that no byte of a later job is lost */
        while (read(scoring->pipe[0], bytes, sizeof bytes) > 0)
            continue;
    }
    pthread_mutex_unlock(&scoring->mutex);
    return job;
}

int scoring_fd(const struct scoring *scoring)
{
    return scoring->pipe[0];
}

/* Of one request, or of all (0 is no request's number). */
static void hurry(struct scoring *scoring, uint64_t request)
{
    scoring_queue_hurry(&scoring->todo, request);
    for (size_t i = 0; i < SCORING_THREADS; i++) {
        struct plan_job *job = scoring->workers[i].job;
        if (job && (!request || job->request == request))
            atomic_store(&job->hurry, true);
    }
}

void scoring_hurry(struct scoring *scoring, uint64_t request)
{
    pthread_mutex_lock(&scoring->mutex);
    hurry(scoring, request);
    pthread_cond_signal(&scoring->wanted); /* it may have waited for the lane */
    pthread_mutex_unlock(&scoring->mutex);
}

void scoring_finish(struct scoring *scoring)
{
    pthread_mutex_lock(&scoring->mutex);
    scoring->finishing = true;
    hurry(scoring, 0);
    pthread_cond_broadcast(&scoring->wanted);
    pthread_mutex_unlock(&scoring->mutex);
    for (; scoring->n_workers; scoring->n_workers--)
        pthread_join(scoring->workers[scoring->n_workers - 1].thread, NULL);
}

void scoring_free(struct scoring *scoring)
{
    if (!scoring)
        return;
    scoring_finish(scoring);
    /* what was never run: only where no thread could be started */
    for (struct plan_job *job; (job = scoring_queue_take(&scoring->todo));) {
        scoring_queue_done(&scoring->todo, job);
        plan_job_free(job);
    }
    for (struct plan_job *job; (job = scoring_take(scoring));)
        plan_job_free(job);
    pthread_cond_destroy(&scoring->wanted);
    pthread_mutex_destroy(&scoring->mutex);
    close(scoring->pipe[0]);
    close(scoring->pipe[1]);
    free(scoring);
}
