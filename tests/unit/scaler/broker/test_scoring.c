#include "tests/unit/scaler/broker/core_rig.h"

#include <poll.h>

#include "scaler/broker/scoring.h"

#define PATIENCE_MS 10000

static bool readable(const struct scoring *scoring, int timeout_ms)
{
    struct pollfd fd = {.fd = scoring_fd(scoring), .events = POLLIN};
    return poll(&fd, 1, timeout_ms) == 1;
}

static struct scoring *start(void)
{
    struct scoring *scoring;
    struct surety_error err;
    assert_int_equal(scoring_create(&scoring, &err), SURETY_OK);
    return scoring;
}

static void submit(struct scoring *scoring, const struct surety_request *wanted, uint64_t number)
{
    struct plan_job *job = plan_job_create(number, PLAN_JOB_CREATE);
    assert_non_null(job);
    job->wanted = wanted;
    scoring_submit(scoring, job);
}

/* The plan goes with the job. */
static void end(struct plan_job *job, uint64_t number)
{
    assert_non_null(job);
    assert_int_equal(job->request, number);
    assert_non_null(job->plan);
    plan_free(job->plan);
    plan_job_free(job);
}

static void job_comes_back_done_and_the_fd_tells(void **state)
{
    struct scoring *scoring = start();
    struct surety_request wanted = rig_request("a", 1);
    assert_null(scoring_take(scoring));
    assert_false(readable(scoring, 0));
    submit(scoring, &wanted, 1);
    assert_true(readable(scoring, PATIENCE_MS));
    end(scoring_take(scoring), 1);
    assert_false(readable(scoring, 0));
    assert_null(scoring_take(scoring));
    scoring_free(scoring);
}

static void fd_tells_until_the_last_job_is_taken(void **state)
{
    struct scoring *scoring = start();
    struct surety_request wanted = rig_request("a", 1);
    for (uint64_t i = 1; i <= 3; i++)
        submit(scoring, &wanted, i);
    scoring_finish(scoring); /* all are done now */
    for (uint64_t i = 1; i <= 3; i++) {
        assert_true(readable(scoring, 0));
        struct plan_job *job = scoring_take(scoring);
        assert_non_null(job);
        end(job, job->request); /* in whatever order */
    }
    assert_false(readable(scoring, 0));
    scoring_free(scoring);
}

static void more_jobs_than_the_pipe_holds_bytes_come_back(void **state)
{
    const uint64_t n = 70000;
    struct scoring *scoring = start();
    for (uint64_t i = 1; i <= n; i++)
        scoring_submit(scoring, plan_job_create(i, PLAN_JOB_FREE));
    for (uint64_t i = 1; i <= n;) {
        struct plan_job *job = scoring_take(scoring);
        if (!job)
            assert_true(readable(scoring, PATIENCE_MS));
        i += job != NULL;
        plan_job_free(job);
    }
    assert_false(readable(scoring, 0));
    scoring_free(scoring);
}

static void finish_may_be_said_twice_and_free_takes_what_is_left(void **state)
{
    struct scoring *scoring = start();
    scoring_submit(scoring, plan_job_create(1, PLAN_JOB_FREE));
    scoring_finish(scoring);
    scoring_finish(scoring);
    scoring_submit(scoring, plan_job_create(2, PLAN_JOB_FREE)); /* nobody runs it any more */
    scoring_free(scoring);
    scoring_free(NULL);
}

/* Ten slow jobs and one that is not: all come back, from whatever thread. */
static void slow_jobs_leave_threads_to_others(void **state)
{
    struct scoring *scoring = start();
    for (uint64_t i = 1; i <= 11; i++) {
        struct plan_job *job = plan_job_create(i, PLAN_JOB_FREE);
        job->slow = i <= 10;
        scoring_submit(scoring, job);
        scoring_hurry(scoring, i);
    }
    for (size_t n = 0; n < 11;) {
        struct plan_job *job = scoring_take(scoring);
        if (!job)
            assert_true(readable(scoring, PATIENCE_MS));
        n += job != NULL;
        plan_job_free(job);
    }
    scoring_free(scoring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(job_comes_back_done_and_the_fd_tells),
        cmocka_unit_test(fd_tells_until_the_last_job_is_taken),
        cmocka_unit_test(more_jobs_than_the_pipe_holds_bytes_come_back),
        cmocka_unit_test(slow_jobs_leave_threads_to_others),
        cmocka_unit_test(finish_may_be_said_twice_and_free_takes_what_is_left),
    };
    return cmocka_run_group_tests_name("scaler.scoring", tests, NULL, NULL);
}
