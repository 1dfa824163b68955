#include "scaler/broker/scoring_queue.h"
#include "tests/unit/test.h"

static struct plan_job *push(struct scoring_queue *queue, uint64_t request, bool slow)
{
    struct plan_job *job = plan_job_create(request, PLAN_JOB_FEED);
    assert_non_null(job);
    job->slow = slow;
    scoring_queue_push(queue, job);
    return job;
}

/* Takes the next job and says whose it was; 0: there is none that may run. */
static uint64_t next(struct scoring_queue *queue)
{
    struct plan_job *job = scoring_queue_take(queue);
    uint64_t request = job ? job->request : 0;
    plan_job_free(job);
    return request;
}

static void queue_gives_jobs_in_order(void **state)
{
    struct scoring_queue queue;
    scoring_queue_init(&queue);
    for (uint64_t i = 1; i <= 3; i++)
        push(&queue, i, false);
    for (uint64_t i = 1; i <= 3; i++)
        assert_int_equal(next(&queue), i);
    assert_int_equal(next(&queue), 0);
    push(&queue, 4, false);
    assert_int_equal(next(&queue), 4);
}

static void slow_jobs_hold_half_of_the_threads_and_others_pass(void **state)
{
    struct scoring_queue queue;
    scoring_queue_init(&queue);
    for (uint64_t i = 1; i <= SCORING_THREADS; i++)
        push(&queue, i, true);
    push(&queue, 9, false);
    for (uint64_t i = 1; i <= SCORING_THREADS / 2; i++)
        assert_int_equal(next(&queue), i);
    assert_int_equal(next(&queue), 9);
    assert_int_equal(next(&queue), 0);
    scoring_queue_done(&queue, &(struct plan_job){.slow = true});
    assert_int_equal(next(&queue), SCORING_THREADS / 2 + 1);
    scoring_queue_done(&queue, &(struct plan_job){.slow = true});
    assert_int_equal(next(&queue), SCORING_THREADS);
}

static void who_is_in_a_hurry_goes_first_and_needs_no_lane(void **state)
{
    struct scoring_queue queue;
    scoring_queue_init(&queue);
    for (uint64_t i = 1; i <= SCORING_THREADS / 2; i++)
        push(&queue, i, true);
    for (uint64_t i = 1; i <= SCORING_THREADS / 2; i++)
        assert_int_equal(next(&queue), i);
    push(&queue, 7, false);
    assert_false(atomic_load(&push(&queue, 8, true)->hurry));
    scoring_queue_hurry(&queue, 8);
    assert_true(atomic_load(&queue.urgent->hurry));
    assert_int_equal(next(&queue), 8);
    assert_int_equal(next(&queue), 7);
    push(&queue, 5, false); /* the end of the list is still known */
    assert_int_equal(next(&queue), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queue_gives_jobs_in_order),
        cmocka_unit_test(slow_jobs_hold_half_of_the_threads_and_others_pass),
        cmocka_unit_test(who_is_in_a_hurry_goes_first_and_needs_no_lane),
    };
    return cmocka_run_group_tests_name("scaler.scoring_queue", tests, NULL, NULL);
}
