#include "scaler/broker/rate.h"
#include "tests/unit/test.h"

static void rate_of_a_steady_stream_is_its_speed_from_the_first_part_on(void **state)
{
    struct rate r;
    rate_begin(&r, 1000, 5000);
    assert_true(rate_of(&r, 5000) == 0);
    for (int64_t ms = 0; ms < 60000; ms += 100) {
        rate_add(&r, 5000 + ms, 3);
        double now = rate_of(&r, 5000 + ms + 100);
        if (ms >= 900)
            assert_true(now > 29.9 && now < 30.1);
    }
}

static void rate_of_a_burst_begins_low_and_leaves_the_window(void **state)
{
    struct rate r;
    rate_begin(&r, 1000, 0);
    rate_add(&r, 10, 100);
    assert_true(rate_of(&r, 10) == 100); /* over a part at least */
    assert_true(rate_of(&r, 4000) == 25);
    assert_true(rate_of(&r, 9999) > 10);
    assert_true(rate_of(&r, 10000) == 0);
    rate_add(&r, 1000000, 50); /* whatever stood in the ring is gone */
    assert_true(rate_of(&r, 1000999) > 4.9 && rate_of(&r, 1000999) < 5.1);
}

static void rate_of_what_was_taken_back_is_never_negative(void **state)
{
    struct rate r;
    rate_begin(&r, 500, 0);
    rate_add(&r, 0, 10);
    rate_add(&r, 600, -4);
    assert_true(rate_of(&r, 1000) == 6);
    rate_add(&r, 1000, -60);
    assert_true(rate_of(&r, 1000) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rate_of_a_steady_stream_is_its_speed_from_the_first_part_on),
        cmocka_unit_test(rate_of_a_burst_begins_low_and_leaves_the_window),
        cmocka_unit_test(rate_of_what_was_taken_back_is_never_negative),
    };
    return cmocka_run_group_tests_name("scaler.broker.rate", tests, NULL, NULL);
}
