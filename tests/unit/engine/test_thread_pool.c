#include "tests/unit/test.h"

#include <stdatomic.h>
#include <string.h>

#include "engine/gguf/thread_pool.h"

struct job {
    uint32_t threads;
    atomic_uint wrong;
    size_t grain;
    int seen[5000]; /* written without locks: every element belongs to one piece */
};

static void count_piece(void *arg, uint32_t thread, size_t first, size_t end)
{
    struct job *job = arg;
    if (thread >= job->threads || first >= end)
        job->wrong++;
    for (size_t i = first; i < end; i++)
        job->seen[i]++;
}

static void for_covers_everything_once(void **state)
{
    static struct job job;
    for (uint32_t threads = 1; threads <= 4; threads++) {
        struct thread_pool *pool;
        assert_int_equal(thread_pool_create(threads, &pool, NULL), SURETY_OK);
        assert_int_equal(thread_pool_size(pool), threads);
        job.threads = threads;
        for (size_t n = 0; n <= 5000; n = n * 2 + 1) {
            memset(job.seen, 0, sizeof job.seen);
            for (int times = 1; times <= 20; times++) {
                thread_pool_for(pool, n, 1 + (size_t)times % 7, count_piece, &job);
                for (size_t i = 0; i < 5000; i++)
                    assert_int_equal(job.seen[i], i < n ? times : 0);
            }
        }
        assert_int_equal(job.wrong, 0);
        thread_pool_free(pool);
    }
}

static void for_sees_what_the_last_one_wrote(void **state)
{
    static struct job job;
    struct thread_pool *pool;
    assert_int_equal(thread_pool_create(3, &pool, NULL), SURETY_OK);
    job.threads = 3;
    for (int i = 0; i < 2000; i++)
        thread_pool_for(pool, 64, 4, count_piece, &job);
    for (size_t i = 0; i < 64; i++)
        assert_int_equal(job.seen[i], 2000);
    thread_pool_free(pool);
}

static void free_of_an_idle_pool_ends(void **state)
{
    struct thread_pool *pool;
    for (int i = 0; i < 50; i++) {
        assert_int_equal(thread_pool_create(1 + (uint32_t)i % 5, &pool, NULL), SURETY_OK);
        thread_pool_free(pool);
    }
    thread_pool_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(for_covers_everything_once),
        cmocka_unit_test(for_sees_what_the_last_one_wrote),
        cmocka_unit_test(free_of_an_idle_pool_ends),
    };
    return cmocka_run_group_tests_name("engine.pool", tests, NULL, NULL);
}
