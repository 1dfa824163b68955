#include "tests/unit/test.h"

#include "claims/math/pool.h"

static void numbers_are_zero_and_freed_with_the_pool(void **state)
{
    struct pool pool;
    pool_init(&pool);
    struct number *a = pool_number(&pool), *b = pool_number(&pool);
    assert_non_null(a);
    assert_non_null(b);
    assert_ptr_not_equal(a, b);
    assert_true(fmpq_is_zero(a->value) && fmpq_is_zero(b->value));
    assert_int_equal(a->significant, 0);
    assert_false(a->point || a->cut || a->too_big || a->based);
    fmpz_set_ui(fmpq_numref(a->value), 10); /* large: lives outside of the arena */
    fmpz_pow_ui(fmpq_numref(a->value), fmpq_numref(a->value), 100);
    pool_fini(&pool);
    assert_null(pool.numbers);
    pool_fini(&pool); /* again is fine */
}

static void memory_is_bounded(void **state)
{
    struct pool pool;
    pool_init(&pool);
    assert_null(arena_alloc(&pool.arena, POOL_MAX + 1));
    size_t n = 0;
    while (n <= POOL_MAX && pool_number(&pool))
        n++;
    assert_in_range(n, 1000, POOL_MAX / sizeof(struct number));
    assert_null(pool_number(&pool));
    pool_fini(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_zero_and_freed_with_the_pool),
        cmocka_unit_test(memory_is_bounded),
    };
    int failed = cmocka_run_group_tests_name("claims.math.pool", tests, NULL, NULL);
    flint_cleanup();
    return failed;
}
