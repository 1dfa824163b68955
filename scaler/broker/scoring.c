#include "scaler/broker/scoring.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "claims/math/equal.h"

struct queue {
    struct plan_job *head, **end;
};

struct scoring {
    pthread_mutex_t mutex;
    pthread_cond_t wanted;
    struct queue todo, done;
    bool finishing, running;
    pthread_t thread;
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

static void *work(void *user)
{
    struct scoring *scoring = user;
    pthread_mutex_lock(&scoring->mutex);
    for (;;) {
        struct plan_job *job = queue_pop(&scoring->todo);
        if (job) {
            pthread_mutex_unlock(&scoring->mutex);
            plan_job_run(job);
            pthread_mutex_lock(&scoring->mutex);
            queue_push(&scoring->done, job);
            /* a full pipe has told already */
            while (write(scoring->pipe[1], "", 1) < 0 && errno == EINTR)
                continue;
        } else if (scoring->finishing) {
            break;
        } else {
            pthread_cond_wait(&scoring->wanted, &scoring->mutex);
        }
    }
    pthread_mutex_unlock(&scoring->mutex);
    equal_thread_cleanup();
    return NULL;
}

enum surety_err scoring_create(struct scoring **ret_scoring, struct surety_error *err)
{
    struct scoring *scoring = calloc(1, sizeof *scoring);
    if (!scoring)
        return surety_fail(err, SURETY_ERR_NOMEM, "no memory for the scoring thread");
    scoring->todo.end = &scoring->todo.head;
    scoring->done.end = &scoring->done.head;
    if (pipe2(scoring->pipe, O_CLOEXEC | O_NONBLOCK)) {
        free(scoring);
        return surety_fail(err, SURETY_ERR_IO, "no pipe for the scoring thread: %s",
                           strerror(errno));
    }
    pthread_mutex_init(&scoring->mutex, NULL);
    pthread_cond_init(&scoring->wanted, NULL);
    int failed = pthread_create(&scoring->thread, NULL, work, scoring);
    scoring->running = !failed;
    if (failed) {
        scoring_free(scoring);
        return surety_fail(err, SURETY_ERR_IO, "no scoring thread: %s", strerror(failed));
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

void scoring_finish(struct scoring *scoring)
{
    if (!scoring->running)
        return;
    pthread_mutex_lock(&scoring->mutex);
    scoring->finishing = true;
    pthread_cond_signal(&scoring->wanted);
    pthread_mutex_unlock(&scoring->mutex);
    pthread_join(scoring->thread, NULL);
    scoring->running = false;
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
