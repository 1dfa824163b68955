#include "scaler/broker/scoring.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "claims/math/equal.h"

struct queue {
    struct plan_job *head, **end;
};

struct scoring {
    pthread_mutex_t mutex;
    pthread_cond_t wanted;
    struct queue todo, done;
    struct worker {
        struct scoring *scoring;
        pthread_t thread;
        struct plan_job *job; /* that it runs; NULL: it waits */
    } workers[SCORING_THREADS];
    size_t n_workers; /* that were started and are to be joined */
    size_t n_slow;    /* jobs that run in the lane */
    bool finishing;
    int pipe[2]; /* one byte at most: the list is what counts */
};

static void queue_push(struct queue *queue, struct plan_job *job)
{
    job->next = NULL;
    *queue->end = job;
    queue->end = &job->next;
}

static struct plan_job *queue_pop(struct queue *queue)
{
    struct plan_job *job = queue->head;
    if (!job)
        return NULL;
    queue->head = job->next;
    if (!queue->head)
        queue->end = &queue->head;
    return job;
}

/* The first job that may run now. */
static struct plan_job *next_job(struct scoring *scoring)
{
    bool lane_is_full = scoring->n_slow >= SCORING_THREADS / 2;
    struct plan_job **at = &scoring->todo.head;
    while (*at && (*at)->slow && lane_is_full)
        at = &(*at)->next;
    struct plan_job *job = *at;
    if (!job)
        return NULL;
    *at = job->next;
    if (!*at)
        scoring->todo.end = at;
    return job;
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
    bool slow = job->slow;
    worker->job = job;
    scoring->n_slow += slow;
    pthread_mutex_unlock(&scoring->mutex);
    int64_t began_us = processor_us();
    plan_job_run(job);
    job->took_us = processor_us() - began_us;
    pthread_mutex_lock(&scoring->mutex);
    worker->job = NULL;
    scoring->n_slow -= slow;
    queue_push(&scoring->done, job);
    if (slow) /* another one may have waited for the lane */
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
        struct plan_job *job = next_job(scoring);
        if (job)
            run(worker, job);
        else if (scoring->finishing && !scoring->todo.head)
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
    scoring->todo.end = &scoring->todo.head;
    scoring->done.end = &scoring->done.head;
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
    queue_push(&scoring->todo, job);
    pthread_cond_signal(&scoring->wanted);
    pthread_mutex_unlock(&scoring->mutex);
}

struct plan_job *scoring_take(struct scoring *scoring)
{
    char bytes[64];
    pthread_mutex_lock(&scoring->mutex);
    struct plan_job *job = queue_pop(&scoring->done);
    if (!scoring->done.head) /* under the mutex, so that no byte of a later job is lost */
        while (read(scoring->pipe[0], bytes, sizeof bytes) > 0)
            continue;
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
    for (struct plan_job *job = scoring->todo.head; job; job = job->next)
        if (!request || job->request == request)
            atomic_store(&job->hurry, true);
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
    for (struct plan_job *job;
         (job = queue_pop(&scoring->todo)) || (job = queue_pop(&scoring->done));)
        plan_job_free(job);
    pthread_cond_destroy(&scoring->wanted);
    pthread_mutex_destroy(&scoring->mutex);
    close(scoring->pipe[0]);
    close(scoring->pipe[1]);
    free(scoring);
}
