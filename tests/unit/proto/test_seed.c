#include "tests/unit/test.h"

#include "base/hash.h"
#include "proto/seed.h"

/* The numbers of PROTOCOL.md, "Seeds": a client in another language must find the same. */
static void draw_known_requests_give_the_documented_seeds(void **state)
{
    static const uint32_t expected[] = {532436490, 1362502276, 1386039926, 686518810};
    struct seed_set set = {0};
    for (uint32_t k = 0; k < 4; k++) {
        uint32_t seed;
        assert_int_equal(seed_draw(&set, 1, SURETY_STAGE_SAMPLE, k, &seed), SURETY_OK);
        assert_int_equal(seed, expected[k]);
    }
    seed_set_fini(&set);
    assert_int_equal(seed_of_line(1, "p1"), 7286761604420307ull);
}

static void draw_many_seeds_are_31_bits_distinct_and_repeatable(void **state)
{
    enum { N = 20000 };
    static uint32_t seeds[N];
    struct seed_set a = {0}, b = {0};
    for (uint32_t i = 0; i < N; i++) {
        uint32_t again;
        assert_int_equal(seed_draw(&a, 7, SURETY_STAGE_VERIFY, i, &seeds[i]), SURETY_OK);
        assert_int_equal(seed_draw(&b, 7, SURETY_STAGE_VERIFY, i, &again), SURETY_OK);
        assert_int_equal(seeds[i], again);
        assert_true(seeds[i] <= 0x7fffffff);
    }
    assert_int_equal(a.n, N);
    seed_set_fini(&a);
    seed_set_fini(&b);
    seed_set_fini(NULL);
}

static void draw_used_seed_is_replaced_as_documented(void **state)
{
    struct seed_set set = {0};
    uint32_t first, second, third;
    seed_draw(&set, 5, SURETY_STAGE_SAMPLE, 3, &first);
    seed_draw(&set, 5, SURETY_STAGE_SAMPLE, 3, &second);
    seed_draw(&set, 5, SURETY_STAGE_SAMPLE, 3, &third);
    uint64_t state64 = hash_u64(hash_u64(0, 5), SURETY_STAGE_SAMPLE);
    assert_int_equal(first, hash_u64(state64, 3) & 0x7fffffff);
    assert_int_equal(second, hash_u64(state64, hash_u64(3, 1)) & 0x7fffffff);
    assert_int_equal(third, hash_u64(state64, hash_u64(3, 2)) & 0x7fffffff);
    seed_set_fini(&set);
}

static void of_line_fits_a_json_number_and_depends_on_both(void **state)
{
    for (uint64_t seed = 0; seed < 100; seed++)
        assert_true(seed_of_line(seed, "id") < UINT64_C(1) << 53);
    assert_true(seed_of_line(1, "a") != seed_of_line(1, "b"));
    assert_true(seed_of_line(1, "a") != seed_of_line(2, "a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draw_known_requests_give_the_documented_seeds),
        cmocka_unit_test(draw_many_seeds_are_31_bits_distinct_and_repeatable),
        cmocka_unit_test(draw_used_seed_is_replaced_as_documented),
        cmocka_unit_test(of_line_fits_a_json_number_and_depends_on_both),
    };
    return cmocka_run_group_tests_name("proto.seed", tests, NULL, NULL);
}
