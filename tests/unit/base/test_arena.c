#include "tests/unit/test.h"

#include <string.h>

#include <surety/arena.h>

static void alloc_many_sizes_are_apart_zeroed_aligned(void **state)
{
    struct arena a;
    arena_init(&a, 10u << 20);
    unsigned char *p[200];
    for (size_t i = 0; i < 200; i++) {
        p[i] = arena_alloc(&a, i * 37);
        assert_non_null(p[i]);
        assert_int_equal((uintptr_t)p[i] % _Alignof(max_align_t), 0);
        for (size_t j = 0; j < i * 37; j++)
            assert_int_equal(p[i][j], 0);
        memset(p[i], (int)i, i * 37);
    }
    for (size_t i = 0; i < 200; i++)
        for (size_t j = 0; j < i * 37; j++)
            assert_int_equal(p[i][j], (unsigned char)i);
    arena_fini(&a);
}

static void alloc_beyond_max_is_null(void **state)
{
    struct arena a;
    arena_init(&a, 100);
    assert_non_null(arena_alloc(&a, 64));
    assert_null(arena_alloc(&a, 64));
    assert_null(arena_alloc(&a, SIZE_MAX));
    assert_null(arena_array(&a, SIZE_MAX / 2, 3));
    assert_non_null(arena_alloc(&a, 32));
    arena_fini(&a);
}

static void strings_are_copies(void **state)
{
    struct arena a;
    arena_init(&a, 1000);
    assert_string_equal(arena_strndup(&a, "abcdef", 3), "abc");
    assert_string_equal(arena_printf(&a, "%d-%s", 7, "x"), "7-x");
    assert_null(arena_strdup(&a, NULL));
    arena_fini(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alloc_many_sizes_are_apart_zeroed_aligned),
        cmocka_unit_test(alloc_beyond_max_is_null),
        cmocka_unit_test(strings_are_copies),
    };
    return cmocka_run_group_tests_name("base.arena", tests, NULL, NULL);
}
