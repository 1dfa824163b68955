#include "tests/unit/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/gguf/kernels.h"

#define ROWS 13 /* more than two tiles of any kernel, and a rest */
#define COLUMNS 37
#define BLOCKS 7
#define OUTPUTS (BLOCKS * LANES)
#define STRIDE 48

static uint64_t seed;

static float noise(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (float)(int32_t)(seed >> 32) * 0x1p-30f;
}

static float *fill(float *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = noise();
    return out;
}

static float w[OUTPUTS * COLUMNS], bias[OUTPUTS], x[ROWS * STRIDE], before[ROWS * OUTPUTS];

static void matmul_adds_in_the_order_of_the_columns(void **state)
{
    static float out[ROWS * OUTPUTS];
    seed = 1;
    fill(w, OUTPUTS * COLUMNS);
    fill(bias, OUTPUTS);
    fill(x, ROWS * STRIDE);
    fill(before, ROWS * OUTPUTS);
    for (const struct kernels *const *k = kernels_all(); *k; k++)
        for (size_t rows = 1; rows <= ROWS; rows++) {
            memcpy(out, before, sizeof out);
            struct matmul m = {w, bias, COLUMNS, x, STRIDE, out, OUTPUTS, rows, true};
            (*k)->matmul(&m, 1, BLOCKS);
            for (size_t r = 0; r < ROWS; r++)
                for (size_t o = 0; o < OUTPUTS; o++) {
                    volatile float sum = 0; /* volatile: no fusing, no widening */
                    for (size_t c = 0; c < COLUMNS; c++) {
                        volatile float term =
                            x[r * STRIDE + c] * w[(o / LANES * COLUMNS + c) * LANES + o % LANES];
                        sum = sum + term;
                    }
                    sum = sum + bias[o];
                    sum = sum + before[r * OUTPUTS + o];
                    bool mine = r < rows && o >= LANES;
                    assert_true(out[r * OUTPUTS + o] == (mine ? sum : before[r * OUTPUTS + o]));
                }
        }
}

static void exp_sum_is_close_and_ends_at_zero(void **state)
{
    float in[32], out[32];
    for (const struct kernels *const *k = kernels_all(); *k; k++)
        for (int round = 0; round < 200; round++) {
            double sum = 0;
            for (int i = 0; i < 32; i++)
                in[i] = -0.43f * (float)round - 0.0137f * (float)i;
            in[31] = -INFINITY;
            float got = (*k)->exp_sum(out, in, 32, 0, 1);
            for (int i = 0; i < 31; i++) {
                double wanted = in[i] < -87.0f ? 0 : exp((double)in[i]);
                assert_true(fabs((double)out[i] - wanted) <= wanted * 3e-7);
                sum += (double)out[i];
            }
            assert_true(out[31] == 0);
            assert_true(fabs((double)got - sum) <= sum * 1e-6);
        }
}

static void rms_norm_ignores_padding(void **state)
{
    float in[48] = {0}, weight[48] = {0}, out[48];
    for (const struct kernels *const *k = kernels_all(); *k; k++) {
        double squares = 0;
        for (int i = 0; i < 37; i++) {
            in[i] = (float)(i - 18);
            weight[i] = 2;
            squares += (double)in[i] * (double)in[i];
        }
        (*k)->rms_norm(out, in, weight, 37, 1e-6f);
        for (int i = 0; i < 48; i++)
            assert_true(fabs((double)out[i] - 2 * (double)in[i] / sqrt(squares / 37 + 1e-6)) <
                        1e-5);
    }
}

static void swiglu_is_gated(void **state)
{
    for (const struct kernels *const *k = kernels_all(); *k; k++) {
        float gate[16], up[16];
        for (int i = 0; i < 16; i++) {
            gate[i] = (float)(i - 8) * 12;
            up[i] = 3;
        }
        (*k)->swiglu(gate, up, 16);
        for (int i = 0; i < 16; i++) {
            double g = (double)(i - 8) * 12, wanted = 3 * g / (1 + exp(-g));
            assert_true(fabs((double)gate[i] - wanted) <= 1e-5 * fabs(wanted) + 1e-30);
        }
    }
}

/* Softmax over the scores of one query, in doubles. */
static void assert_attention(const struct attend *a, size_t head)
{
    double weights[100], sum = 0, most = -1e300;
    for (size_t t = 0; t < a->length; t++) {
        const float *page = a->cache + a->pages[t / LANES] * a->page_floats;
        weights[t] = 0;
        for (size_t d = 0; d < a->head_size; d++)
            weights[t] += (double)a->queries[head * a->head_size + d] *
                          (double)page[a->keys + d * LANES + t % LANES];
        most = fmax(most, weights[t]);
    }
    for (size_t t = 0; t < a->length; t++)
        sum += weights[t] = exp(weights[t] - most);
    for (size_t d = 0; d < a->head_size; d++) {
        double wanted = 0;
        for (size_t t = 0; t < a->length; t++) {
            const float *page = a->cache + a->pages[t / LANES] * a->page_floats;
            wanted += weights[t] / sum *
                      (double)page[a->values + t % LANES * lanes_round(a->head_size) + d];
        }
        assert_true(fabs(wanted - (double)a->out[head * a->head_size + d]) < 1e-4);
    }
}

static void attend_is_softmax_over_the_pages(void **state)
{
    static const size_t sizes[] = {2, 16, 48, 50, 64, 100};
    const uint32_t pages[] = {5, 0, 3, 6, 1, 2, 4};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        size_t size = sizes[s], floats = LANES * (size + lanes_round(size));
        float *cache = malloc(7 * floats * sizeof *cache);
        float queries[300], out[300], scores[112], first[300];
        assert_non_null(cache);
        for (size_t length = 1; length <= 100; length += 11) {
            seed = length;
            fill(cache, 7 * floats);
            fill(queries, 3 * size);
            /* what lies behind the last token must not matter */
            for (size_t t = length; t % LANES; t++)
                for (size_t d = 0; d < size; d++)
                    cache[pages[t / LANES] * floats + d * LANES + t % LANES] = NAN;
            for (const struct kernels *const *k = kernels_all(); *k; k++) {
                struct attend a = {.queries = queries,
                                   .out = out,
                                   .scores = scores,
                                   .cache = cache,
                                   .page_floats = floats,
                                   .values = LANES * size,
                                   .pages = pages,
                                   .heads = 3,
                                   .head_size = size,
                                   .length = length};
                (*k)->attend(&a);
                for (size_t head = 0; head < 3; head++)
                    assert_attention(&a, head);
                if (k == kernels_all())
                    memcpy(first, out, sizeof out);
                assert_memory_equal(first, out, 3 * size * sizeof *out);
            }
        }
        free(cache);
    }
}

/* The promise that lets them be chosen freely: the same bits from all of them. */
static void kernels_of_all_sets_agree_to_the_bit(void **state)
{
    float in[256], weight[256], out[2][256], sums[2];
    seed = 77;
    for (const struct kernels *const *k = kernels_all(); *k; k++)
        for (int round = 0; round < 50; round++) {
            const struct kernels *both[2] = {kernels_all()[0], *k};
            fill(in, 256);
            fill(weight, 256);
            for (int i = 0; i < 2; i++)
                both[i]->rms_norm(out[i], in, weight, 250, 1e-5f);
            assert_memory_equal(out[0], out[1], sizeof out[0]);
            for (int i = 0; i < 2; i++)
                sums[i] = both[i]->exp_sum(out[i], in, 256, both[i]->max(in, 256), 7.5f);
            assert_memory_equal(out[0], out[1], sizeof out[0]);
            assert_memory_equal(&sums[0], &sums[1], sizeof sums[0]);
            for (int i = 0; i < 2; i++) {
                memcpy(out[i], in, sizeof in);
                both[i]->swiglu(out[i], weight, 256);
            }
            assert_memory_equal(out[0], out[1], sizeof out[0]);
        }
}

static void max_finds_it_anywhere(void **state)
{
    float in[64];
    for (const struct kernels *const *k = kernels_all(); *k; k++)
        for (size_t at = 0; at < 64; at++) {
            for (size_t i = 0; i < 64; i++)
                in[i] = i == at ? -1.0f : -2.0f - (float)i;
            assert_true((*k)->max(in, 64) == -1.0f);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matmul_adds_in_the_order_of_the_columns),
        cmocka_unit_test(exp_sum_is_close_and_ends_at_zero),
        cmocka_unit_test(rms_norm_ignores_padding),
        cmocka_unit_test(swiglu_is_gated),
        cmocka_unit_test(attend_is_softmax_over_the_pages),
        cmocka_unit_test(kernels_of_all_sets_agree_to_the_bit),
        cmocka_unit_test(max_finds_it_anywhere),
    };
    return cmocka_run_group_tests_name("engine.kernels", tests, NULL, NULL);
}
