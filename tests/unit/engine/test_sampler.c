#include "tests/unit/test.h"

#include <math.h>
#include <stdlib.h>

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

/* Whatever the kernels and wherever it stands; a NaN may hide the largest from the maximum. */
static void draw_without_numbers_fails(void **state)
{
    static const float bad[] = {NAN, -NAN, INFINITY};
    static _Alignas(64) float many[4 * LANES];
    struct surety_sampling how = {.temperature = 1, .top_p = 1};
    for (const struct kernels *const *k = kernels_all(); *k; k++)
        for (int at = 0; at < 4 * LANES; at++)
            for (int i = 0; i < 4; i++) {
                struct sampler s;
                struct draw d = {.logits = many, .sampling = &how};
                assert_int_equal(sampler_init(&s, *k, 4 * LANES), SURETY_OK);
                for (int j = 0; j < 4 * LANES; j++)
                    many[j] = i == 3 ? -INFINITY : (float)(j * 37 % 64 * 100);
                many[at] = i < 3 ? bad[i] : -INFINITY;
                sampler_draw(&s, &d);
                assert_true(d.failed);
                sampler_fini(&s);
            }
}

#define MANY 20000
#define NEAR 1e-12L

enum shape { FLAT, WIDE, PEAKED, TIES, EQUAL, CLOSE, SHAPES };

static float wide_logits[MANY + LANES] __attribute__((aligned(64)));
static float wide_weights[MANY + LANES] __attribute__((aligned(64)));
static uint32_t sorted[MANY];

static void make_logits(enum shape shape, uint32_t n, uint32_t seed)
{
    for (uint32_t i = 0; i < n; i++) {
        double u = sampler_uniform(seed, i), logit = 0;
        switch (shape) {
        case FLAT:
            logit = u;
            break;
        case WIDE: /* beyond what has a weight above 0 */
            logit = 120 * u;
            break;
        case PEAKED:
            logit = u + (i * 7919 % n < 3 ? 12 : 0);
            break;
        case TIES: /* a tenth without a weight */
            logit = u < .1 ? (double)-INFINITY : floor(4 * u);
            break;
        case CLOSE: /* weights that differ in their last bits */
            logit = 1e-5 * u;
            break;
        case EQUAL:
        case SHAPES:
            break;
        }
        wide_logits[i] = (float)logit;
    }
    for (uint32_t i = n; i < lanes_round(n); i++)
        wide_logits[i] = -INFINITY;
}

static int by_weight(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    if (wide_weights[x] != wide_weights[y])
        return wide_weights[x] > wide_weights[y] ? -1 : 1;
    return x < y ? -1 : x > y;
}

/* The weights of wide_logits, and the candidates in their order. */
static void sort_weights(const struct kernels *k, uint32_t n, double temperature)
{
    size_t padded = lanes_round(n);
    k->exp_sum(wide_weights, wide_logits, padded, k->max(wide_logits, padded),
               (float)(1 / temperature));
    for (uint32_t i = 0; i < n; i++)
        sorted[i] = i;
    qsort(sorted, n, sizeof *sorted, by_weight);
}

/* running against wanted, where rounding could decide otherwise */
static bool is_near(long double running, double wanted)
{
    return running != wanted && fabsl(running - wanted) < NEAR * running;
}

/* The token that the definition in sampler.h gives, added up from the first on; sets *ret_near if
 * rounding could give another. */
static uint32_t reference(uint32_t n, const struct surety_sampling *how, double u, bool *ret_near)
{
    uint32_t kept = how->top_k > 0 && (uint32_t)how->top_k < n ? (uint32_t)how->top_k : n, i;
    long double all = 0, sum = 0, running = 0;
    *ret_near = false;
    for (i = 0; i < kept; i++)
        all += (long double)wide_weights[sorted[i]];
    double wanted = how->top_p < 1 ? how->top_p * (double)all : INFINITY;
    for (i = 0; i < kept && (i == 0 || sum < wanted); i++) {
        sum += (long double)wide_weights[sorted[i]];
        *ret_near |= is_near(sum, wanted);
    }
    kept = i;
    double target = u * (double)sum;
    for (i = 0; i + 1 < kept; i++) {
        running += (long double)wide_weights[sorted[i]];
        *ret_near |= is_near(running, target);
        if (running > target)
            break;
    }
    return sorted[i];
}

static void assert_greedy(struct sampler *s, uint32_t n)
{
    struct surety_sampling how = {.top_p = 1};
    struct draw d = {.logits = wide_logits, .sampling = &how};
    sampler_draw(s, &d);
    assert_true(!d.failed && d.token < n);
    for (uint32_t i = 0; i < n; i++)
        assert_false(i < d.token ? wide_logits[i] >= wide_logits[d.token]
                                 : wide_logits[i] > wide_logits[d.token]);
}

/* Against the definition, on vectors of every shape with all settings. */
static void draw_is_that_of_sorted_candidates(void **state)
{
    static const uint32_t sizes[] = {1, 5, LANES + 1, 33, 100, 1000, MANY};
    static const double temperatures[] = {.7, 1, 5}, top_ps[] = {.1, .5, .95, 1};
    size_t draws = 0, near = 0;
    for (uint32_t c = 0; c < SHAPES * 7 * 3; c++) {
        enum shape shape = c % SHAPES;
        uint32_t n = sizes[c / SHAPES % 7];
        struct surety_sampling how = {.temperature = temperatures[c / SHAPES / 7]};
        const int32_t top_ks[] = {0, 1, 5, (int32_t)n};
        struct sampler s;
        assert_int_equal(sampler_init(&s, kernels_best(), n), SURETY_OK);
        make_logits(shape, n, c);
        if (shape == TIES)
            wide_logits[n / 2] = 1; /* at least one */
        assert_greedy(&s, n);
        sort_weights(s.kernels, n, how.temperature);
        for (uint32_t seed = 0; seed < 16 * (n == MANY ? 4 : 20); seed++) {
            struct draw d = {.logits = wide_logits, .sampling = &how, .seed = seed, .position = c};
            bool unsure;
            how.top_k = top_ks[seed % 4];
            how.top_p = top_ps[seed / 4 % 4];
            uint32_t wanted = reference(n, &how, sampler_uniform(seed, c), &unsure);
            sampler_draw(&s, &d);
            assert_false(d.failed);
            if (!unsure)
                assert_int_equal(d.token, wanted);
            draws++;
            near += unsure;
        }
        sampler_fini(&s);
    }
    print_message("# %zu draws, %zu of them too near to tell\n", draws, near);
    assert_true(near * 1000 < draws);
}

/* So many candidates that they are not sorted, and the heaviest hold top_p to the last bit. */
static void draw_top_p_of_many_stops_when_reached(void **state)
{
    enum { HEAVY = 48 };
    uint32_t tried = 0;
    for (uint32_t n = HEAVY + 1; n < 2 * HEAVY; n++) {
        struct surety_sampling how = {.temperature = 1};
        struct sampler s;
        double total = 0;
        for (uint32_t i = 0; i < lanes_round(n); i++)
            wide_logits[i] = i < HEAVY ? 0 : i < n ? -1 : -INFINITY;
        sort_weights(kernels_best(), n, 1);
        for (uint32_t i = 0; i < n; i++)
            total += (double)wide_weights[i]; /* exact: 24 bits and seven more */
        how.top_p = HEAVY / total;
        if (how.top_p * total != HEAVY)
            continue;
        tried++;
        assert_int_equal(sampler_init(&s, kernels_best(), n), SURETY_OK);
        for (uint32_t seed = 0; seed < 500; seed++) {
            struct draw d = {.logits = wide_logits, .sampling = &how, .seed = seed};
            sampler_draw(&s, &d);
            assert_true(d.token < HEAVY);
        }
        sampler_fini(&s);
    }
    assert_true(tried > 10);
}

/* Which kernels made the weights does not matter. */
static void draw_is_the_same_with_all_kernels(void **state)
{
    struct surety_sampling how = {.temperature = .7, .top_p = .95};
    for (enum shape shape = 0; shape < SHAPES; shape++) {
        make_logits(shape, MANY, 1);
        struct draw first = {.logits = wide_logits, .sampling = &how, .seed = 3};
        for (const struct kernels *const *k = kernels_all(); *k; k++) {
            struct sampler s;
            struct draw d = first;
            assert_int_equal(sampler_init(&s, *k, MANY), SURETY_OK);
            sampler_draw(&s, &d);
            if (k == kernels_all())
                first = d;
            assert_int_equal(d.token, first.token);
            assert_true(d.logprob == first.logprob);
            sampler_fini(&s);
        }
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
        cmocka_unit_test(draw_is_that_of_sorted_candidates),
        cmocka_unit_test(draw_top_p_of_many_stops_when_reached),
        cmocka_unit_test(draw_is_the_same_with_all_kernels),
    };
    return cmocka_run_group_tests_name("engine.sampler", tests, NULL, NULL);
}
