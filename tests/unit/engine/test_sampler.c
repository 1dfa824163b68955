#include "tests/unit/test.h"

#include <math.h>

#include "engine/gguf/sampler.h"

#define N 5

/* probabilities .4 .1 .3 .15 .05 at temperature 1 */
static float logits[LANES];
static struct sampler sampler;

static int setup(void **state)
{
    static const double p[N] = {.4, .1, .3, .15, .05};
    for (int i = 0; i < LANES; i++)
        logits[i] = i < N ? (float)(3 + log(p[i])) : -INFINITY;
    return sampler_init(&sampler, kernels_best(), N);
}

static int teardown(void **state)
{
    sampler_fini(&sampler);
    sampler_fini(NULL);
    return 0;
}

/* Shares of the tokens over many draws. */
static void shares(double temperature, int32_t top_k, double top_p, double *share)
{
    struct surety_sampling how = {.temperature = temperature, .top_k = top_k, .top_p = top_p};
    for (int i = 0; i < N; i++)
        share[i] = 0;
    for (uint32_t seed = 0; seed < 200; seed++)
        for (uint32_t position = 0; position < 100; position++) {
            struct draw d = {
                .logits = logits, .sampling = &how, .seed = seed, .position = position};
            sampler_draw(&sampler, &d);
            assert_false(d.failed);
            assert_true(d.token < N);
            assert_true(fabs(d.logprob - ((double)logits[d.token] - 3)) < 1e-5);
            share[d.token] += 1.0 / 20000;
        }
}

static void assert_shares(double temperature, int32_t top_k, double top_p, const double *wanted)
{
    double share[N];
    shares(temperature, top_k, top_p, share);
    for (int i = 0; i < N; i++) {
        if (wanted[i] == 0)
            assert_true(share[i] == 0);
        assert_true(fabs(share[i] - wanted[i]) < .015); /* more than 4 sigma */
    }
}

static void draw_follows_the_probabilities(void **state)
{
    assert_shares(1, 0, 1, (double[]){.4, .1, .3, .15, .05});
}

static void draw_temperature_sharpens(void **state)
{
    double p[N] = {.16, .01, .09, .0225, .0025}, sum = .285;
    for (int i = 0; i < N; i++)
        p[i] /= sum;
    assert_shares(.5, 0, 1, p);
    assert_shares(1e-300, 0, 1, (double[]){1, 0, 0, 0, 0});
}

static void draw_top_k_keeps_the_best(void **state)
{
    assert_shares(1, 2, 1, (double[]){.4 / .7, 0, .3 / .7, 0, 0});
    assert_shares(1, 99, 1, (double[]){.4, .1, .3, .15, .05});
}

static void draw_top_p_keeps_the_fewest(void **state)
{
    assert_shares(1, 0, .8, (double[]){.4 / .85, 0, .3 / .85, .15 / .85, 0});
    assert_shares(1, 0, .5, (double[]){.4 / .7, 0, .3 / .7, 0, 0});
    assert_shares(1, 0, 1e-9, (double[]){1, 0, 0, 0, 0});
}

static void draw_top_p_is_of_what_top_k_left(void **state)
{
    /* of three: .4 .3 .15 of .85; half of that is reached by the first two */
    assert_shares(1, 3, .5, (double[]){.4 / .7, 0, .3 / .7, 0, 0});
    assert_shares(1, 2, .5, (double[]){1, 0, 0, 0, 0}); /* .4 of .7 is more than half */
}

/* At the boundary exactly: what holds top_p is enough, and of equals the lower ids. */
static void draw_top_p_of_equals_stops_when_reached(void **state)
{
    for (int i = 0; i < N; i++)
        logits[i] = i < 4 ? (float)(3 + log(.25)) : -INFINITY;
    assert_shares(1, 0, .5, (double[]){.5, .5, 0, 0, 0});
    assert_shares(1, 4, .5, (double[]){.5, .5, 0, 0, 0});
}

/* Chi-square of 20,000 draws with all three settings; 13.8 is passed once in a thousand. */
static void draw_all_settings_follow_the_softmax(void **state)
{
    static const double p[] = {.4, .3, .15};
    static const int token[] = {0, 2, 3};
    double share[N], sum = 0, chi = 0;
    shares(.7, 4, .9, share); /* .81 of the best four are two, .93 three */
    for (int i = 0; i < 3; i++)
        sum += pow(p[i], 1 / .7);
    for (int i = 0; i < 3; i++) {
        double wanted = pow(p[i], 1 / .7) / sum;
        chi += 20000 * (share[token[i]] - wanted) * (share[token[i]] - wanted) / wanted;
    }
    assert_true(share[1] == 0 && share[4] == 0);
    assert_true(chi < 13.8);
}

static void draw_temperature_zero_takes_the_lowest_of_equals(void **state)
{
    struct surety_sampling how = {.temperature = 0, .top_p = 1};
    struct draw d = {.logits = logits, .sampling = &how};
    sampler_draw(&sampler, &d);
    assert_int_equal(d.token, 0);
    assert_true(fabs(d.logprob - log(.4)) < 1e-5);
    logits[2] = logits[4] = logits[0];
    logits[0] = -5;
    sampler_draw(&sampler, &d);
    assert_int_equal(d.token, 2);
}

static void draw_is_a_function_of_seed_and_position(void **state)
{
    struct surety_sampling how = {.temperature = 1, .top_p = 1};
    struct draw a = {.logits = logits, .sampling = &how, .seed = 5, .position = 9}, b = a;
    sampler_draw(&sampler, &a);
    for (uint32_t i = 0; i < 50; i++) {
        struct draw other = {.logits = logits, .sampling = &how, .seed = i};
        sampler_draw(&sampler, &other);
    }
    sampler_draw(&sampler, &b);
    assert_int_equal(a.token, b.token);
    assert_true(a.logprob == b.logprob);
    assert_true(sampler_uniform(1, 2) == sampler_uniform(1, 2));
    assert_true(sampler_uniform(1, 2) != sampler_uniform(2, 1));
}

static void draw_without_numbers_fails(void **state)
{
    struct surety_sampling how = {.temperature = 1, .top_p = 1};
    static const float bad[] = {NAN, INFINITY};
    for (int i = 0; i < 2; i++) {
        logits[3] = bad[i];
        struct draw d = {.logits = logits, .sampling = &how};
        sampler_draw(&sampler, &d);
        assert_true(d.failed);
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(draw_follows_the_probabilities),
        TEST(draw_temperature_sharpens),
        TEST(draw_top_k_keeps_the_best),
        TEST(draw_top_p_keeps_the_fewest),
        TEST(draw_top_p_is_of_what_top_k_left),
        TEST(draw_top_p_of_equals_stops_when_reached),
        TEST(draw_all_settings_follow_the_softmax),
        TEST(draw_temperature_zero_takes_the_lowest_of_equals),
        TEST(draw_is_a_function_of_seed_and_position),
        TEST(draw_without_numbers_fails),
    };
    return cmocka_run_group_tests_name("engine.sampler", tests, NULL, NULL);
}
