#include "scaler/broker/scoring_queue.h"

void scoring_queue_init(struct scoring_queue *queue)
{
    *queue = (struct scoring_queue){.end = &queue->head};
}

void scoring_queue_push(struct scoring_queue *queue, struct plan_job *job)
{
    job->next = NULL;
    *queue->end = job;
    queue->end = &job->next;
}

/* Takes the job at this place off the list. */
static struct plan_job *unlink_job(struct scoring_queue *queue, struct plan_job **at)
{
    struct plan_job *job = *at;
    *at = job->next;
    if (!*at)
        queue->end = at;
    return job;
}

void scoring_queue_hurry(struct scoring_queue *queue, uint64_t request)
{
    for (struct plan_job **at = &queue->head; *at;) {
        if (request && (*at)->request != request) {
            at = &(*at)->next;
            continue;
        }
        struct plan_job *job = unlink_job(queue, at);
        atomic_store(&job->hurry, true);
        job->next = queue->urgent;
        queue->urgent = job;
    }
}

struct plan_job *scoring_queue_take(struct scoring_queue *queue)
{
    bool lane_is_full = queue->n_slow >= SCORING_THREADS / 2;
    struct plan_job **at = &queue->head, *job = queue->urgent;
    while (!job && *at && (*at)->slow && lane_is_full)
        at = &(*at)->next;
    if (job)
        queue->urgent = job->next;
    else if (*at)
        job = unlink_job(queue, at);
    if (job)
        queue->n_slow += job->slow;
    return job;
}

void scoring_queue_done(struct scoring_queue *queue, const struct plan_job *job)
{
    queue->n_slow -= job->slow;
}
