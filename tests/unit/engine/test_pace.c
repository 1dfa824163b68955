#include "tests/unit/test.h"

#include "engine/openai/pace.h"

static void pace_keeps_to_what_a_minute_allows(void **state)
{
    struct pace pace;
    pace_init(&pace, 60, 1000);
    int taken = 0;
    for (int64_t now = 1000; now < 61000; now += 10)
        if (pace_when(&pace, 1, now) <= now) {
            pace_take(&pace, 1, now);
            taken++;
        }
    assert_in_range(taken, 63, 66); /* a minute's, and the tenth that was there */
}

static void pace_when_is_the_time_it_is_there(void **state)
{
    struct pace pace;
    pace_init(&pace, 6, 0); /* one in ten seconds, and never more than one at once */
    assert_true(pace_when(&pace, 1, 0) <= 0);
    pace_take(&pace, 1, 0);
    assert_int_equal(pace_when(&pace, 1, 0), 10000);
    assert_int_equal(pace_when(&pace, 1, 7000), 10000);
    pace_init(&pace, 600, 0);
    pace_take(&pace, 1000, 0); /* more than there was: later ones wait for it */
    assert_int_equal(pace_when(&pace, 1, 0), 94100);
}

static void pace_zeroed_is_unlimited(void **state)
{
    struct pace pace = {0};
    pace_take(&pace, 1e9, 5);
    assert_true(pace_when(&pace, 1e9, 5) <= 5);
}

static void pause_grows_and_is_random_and_bounded(void **state)
{
    for (uint64_t random = 0; random < 1000; random++) {
        assert_in_range(pace_pause_ms(1, random), 125, 250);
        assert_in_range(pace_pause_ms(3, random), 500, 1000);
        assert_in_range(pace_pause_ms(4000000000u, random), 15000, 30000);
    }
    assert_int_not_equal(pace_pause_ms(5, 1), pace_pause_ms(5, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pace_keeps_to_what_a_minute_allows),
        cmocka_unit_test(pace_when_is_the_time_it_is_there),
        cmocka_unit_test(pace_zeroed_is_unlimited),
        cmocka_unit_test(pause_grows_and_is_random_and_bounded),
    };
    return cmocka_run_group_tests_name("engine.pace", tests, NULL, NULL);
}
