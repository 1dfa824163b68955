#include "tests/unit/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/gguf/half.h"
#include "engine/gguf/kernels.h"
#include "tests/gguf_help.h"

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

static float bias[OUTPUTS], x[ROWS * STRIDE], before[ROWS * OUTPUTS], result[ROWS * OUTPUTS];
static float weights[OUTPUTS * COLUMNS];
static unsigned char tensor[OUTPUTS * COLUMNS * 4], packed[OUTPUTS * COLUMNS * 4];

static void matmul_adds_in_the_order_of_the_columns(void **state)
{
    static const enum gguf_tensor_type types[] = {GGUF_TENSOR_F32, GGUF_TENSOR_F16,
                                                  GGUF_TENSOR_BF16};
    seed = 1;
    fill(bias, OUTPUTS);
    fill(x, ROWS * STRIDE);
    fill(before, ROWS * OUTPUTS);
    for (size_t t = 0; t < 3; t++) {
        struct matrix w = matrix_plan(types[t], OUTPUTS, COLUMNS);
        w.data = packed;
        for (size_t i = 0; i < OUTPUTS * COLUMNS; i++)
            put_weight(tensor, types[t], i, noise());
        matrix_pack(&w, tensor, 0, w.panels);
        tensor_read(types[t], tensor, OUTPUTS * COLUMNS, weights);
        for (const struct kernels *const *k = kernels_all(); *k; k++)
            for (size_t rows = 1; rows <= ROWS; rows++) {
                memcpy(result, before, sizeof result);
                struct matmul m = {&w,     bias,    {x, STRIDE, rows, COLUMNS, NULL},
                                   result, OUTPUTS, true};
                (*k)->matmul(&m, 1, BLOCKS);
                for (size_t r = 0; r < ROWS; r++)
                    for (size_t o = 0; o < OUTPUTS; o++) {
                        volatile float sum = 0; /* volatile: no fusing, no widening */
                        for (size_t c = 0; c < COLUMNS; c++) {
                            volatile float term = x[r * STRIDE + c] * weights[o * COLUMNS + c];
                            sum = sum + term;
                        }
                        sum = sum + bias[o];
                        sum = sum + before[r * OUTPUTS + o];
                        bool mine = r < rows && o >= LANES;
                        assert_true(result[r * OUTPUTS + o] ==
                                    (mine ? sum : before[r * OUTPUTS + o]));
                    }
            }
    }
}

/* ---- quantised weights ---- */

#define Q_COLUMNS 512
#define Q_OUTPUTS 40 /* a panel of which half is padding */
#define Q_ROWS 70    /* two groups and a rest */

static const enum gguf_tensor_type quantized[] = {
    GGUF_TENSOR_Q8_0, GGUF_TENSOR_Q4_0, GGUF_TENSOR_Q5_0, GGUF_TENSOR_Q4_K, GGUF_TENSOR_Q6_K,
};

/* The product is exact but for the roundings of the rows to 8 bits (half a step each) and of sums.
 */
static void matmul_of_quantised_weights_is_close_and_alike(void **state)
{
    static float rows[Q_ROWS * Q_COLUMNS], row[Q_COLUMNS];
    static float first[Q_ROWS * 48], got[Q_ROWS * 48];
    size_t room = quantized_bytes(Q_ROWS, Q_COLUMNS);
    unsigned char *of_rows = aligned_alloc(64, room);
    assert_non_null(of_rows);
    seed = 5;
    for (size_t t = 0; t < sizeof quantized / sizeof *quantized; t++) {
        struct matrix w = matrix_plan(quantized[t], Q_OUTPUTS, Q_COLUMNS);
        const struct gguf_block *block = gguf_block(w.type);
        unsigned char *data = malloc(Q_OUTPUTS * Q_COLUMNS / block->elements * block->bytes);
        w.data = aligned_alloc(64, matrix_bytes(&w));
        assert_true(data && w.data);
        put_noise_blocks(data, w.type, Q_OUTPUTS * Q_COLUMNS / block->elements, &seed);
        matrix_pack(&w, data, 0, w.panels);
        fill(rows, Q_ROWS * Q_COLUMNS);
        memset(rows + 64, 0, 64 * sizeof *rows);
        struct matmul m = {.w = &w,
                           .x = {rows, Q_COLUMNS, Q_ROWS, Q_COLUMNS, of_rows},
                           .out = got,
                           .out_stride = 48};
        for (const struct kernels *const *k = kernels_all(); *k; k++) {
            (*k)->quantize(&m.x, 0, Q_ROWS);
            (*k)->matmul(&m, 0, w.panels);
            if (k == kernels_all())
                memcpy(first, got, sizeof got);
            assert_memory_equal(first, got, sizeof got);
        }
        for (size_t o = 0; o < 48; o++) {
            if (o < Q_OUTPUTS)
                matrix_row(&w, o, row);
            for (size_t r = 0; r < Q_ROWS; r++) {
                double wanted = 0, slack = 1e-6;
                for (size_t c = 0; c < Q_COLUMNS && o < Q_OUTPUTS; c++) {
                    wanted += (double)rows[r * Q_COLUMNS + c] * (double)row[c];
                    slack += fabs((double)row[c]) * (2.0 / 254 + 1e-5);
                }
                assert_true(fabs(wanted - (double)got[r * 48 + o]) <= slack);
            }
        }
        free(data);
        free(w.data);
    }
    free(of_rows);
}

static void quantize_does_not_hide_what_is_no_number(void **state)
{
    static float rows[33 * 64];
    static unsigned char of_rows[20000] __attribute__((aligned(64)));
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    struct matrix w = matrix_plan(GGUF_TENSOR_Q8_0, 16, 64);
    float got[33 * 16];
    seed = 3;
    w.data = aligned_alloc(64, matrix_bytes(&w));
    unsigned char *data = malloc(16 * 2 * 34);
    assert_true(w.data && data && quantized_bytes(33, 64) <= sizeof of_rows);
    put_noise_blocks(data, w.type, 32, &seed);
    matrix_pack(&w, data, 0, 1);
    for (const struct kernels *const *k = kernels_all(); *k; k++)
        for (size_t i = 0; i < 3; i++) {
            struct matmul m = {
                .w = &w, .x = {rows, 64, 33, 64, of_rows}, .out = got, .out_stride = 16};
            fill(rows, 33 * 64);
            rows[64 * 5 + 40] = bad[i];
            rows[64 * 32 + 1] = 1e-42f; /* and a tiny one is no harm */
            (*k)->quantize(&m.x, 0, 33);
            (*k)->matmul(&m, 0, 1);
            for (size_t r = 0; r < 33; r++)
                assert_true((bool)isnan(got[r * 16 + 2]) == (r == 5));
        }
    free(w.data);
    free(data);
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

/* Softmax over the scores of one query, in doubles; pages of two runs. */
static void assert_attention(const uint16_t *const *keys, const uint16_t *const *values,
                             const float *query, size_t size, size_t length, const float *state)
{
    double scores[2 * RUN_TOKENS], sum = 0, most = -1e300;
    for (size_t t = 0; t < length; t++) {
        scores[t] = 0;
        for (size_t d = 0; d < size; d++)
            scores[t] +=
                (double)query[d] * (double)half_to_float(keys[t / LANES][d * LANES + t % LANES]);
        most = fmax(most, scores[t]);
    }
    for (size_t t = 0; t < length; t++)
        sum += scores[t] = exp(scores[t] - most);
    for (size_t d = 0; d < size; d++) {
        double wanted = 0;
        for (size_t t = 0; t < length; t++)
            wanted += scores[t] / sum *
                      (double)half_to_float(values[t / LANES][t % LANES * lanes_round(size) + d]);
        assert_true(fabs(wanted - (double)(state[STATE_VALUES + d] / state[STATE_SUM])) < 1e-4);
    }
}

static void start_states(float *states, size_t n, size_t size)
{
    memset(states, 0, n * state_floats(size) * sizeof *states);
    for (size_t i = 0; i < n; i++)
        states[i * state_floats(size) + STATE_MAX] = -INFINITY;
}

/* Nine queries in groups of three, through one run and a part of a second. */
static void attend_is_softmax_over_the_runs(void **state)
{
    static const size_t sizes[] = {2, 16, 48, 50, 64, 100};
    static uint16_t pages[2 * RUN_PAGES][2][LANES * 112];
    static float queries[3 * 400], states[9 * (LANES + 112)], first[9 * (LANES + 112)];
    const uint16_t *keys[2 * RUN_PAGES], *values[2 * RUN_PAGES];
    for (size_t p = 0; p < 2 * RUN_PAGES; p++) {
        keys[p] = pages[p][0];
        values[p] = pages[p][1];
    }
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (size_t second = 1; second <= RUN_TOKENS; second += 9) {
            size_t size = sizes[s];
            seed = second;
            for (size_t i = 0; i < sizeof pages / sizeof(uint16_t); i++)
                ((uint16_t *)pages)[i] = float_to_half(noise());
            /* what lies behind the last token must not matter */
            for (size_t t = RUN_TOKENS + second; t % LANES; t++)
                for (size_t d = 0; d < size; d++)
                    pages[t / LANES][0][d * LANES + t % LANES] =
                        pages[t / LANES][1][t % LANES * lanes_round(size) + d] = 0x7E00;
            fill(queries, 3 * 400);
            for (const struct kernels *const *k = kernels_all(); *k; k++) {
                struct attend a = {.head_size = size,
                                   .n = 9,
                                   .group = 3,
                                   .row_stride = 400,
                                   .queries = queries,
                                   .states = states};
                start_states(states, 9, size);
                for (size_t run = 0; run < 2; run++) {
                    memcpy(a.keys, keys + run * RUN_PAGES, sizeof a.keys);
                    memcpy(a.values, values + run * RUN_PAGES, sizeof a.values);
                    a.length = run ? second : RUN_TOKENS;
                    (*k)->attend(&a);
                }
                for (size_t q = 0; q < 9; q++)
                    assert_attention(keys, values, queries + q / 3 * 400 + q % 3 * size, size,
                                     RUN_TOKENS + second, states + q * state_floats(size));
                if (k == kernels_all())
                    memcpy(first, states, sizeof states);
                assert_memory_equal(first, states, 9 * state_floats(size) * sizeof *states);
            }
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

/* All halves, and floats around each of them. */
static void narrow_rounds_to_nearest_even(void **state)
{
    for (const struct kernels *const *k = kernels_all(); *k; k++)
        for (uint32_t h = 0; h < 0x7C00; h++) {
            float low = half_to_float((uint16_t)h),
                  high = h < 0x7BFF ? half_to_float((uint16_t)(h + 1)) : 65536.0f;
            float middle = (low + high) / 2, in[LANES] = {low, middle, nextafterf(middle, 0),
                                                          nextafterf(middle, INFINITY), -low};
            uint16_t got[LANES];
            (*k)->narrow(got, in, LANES);
            assert_int_equal(got[0], h);
            assert_int_equal(got[1], h + (h & 1));
            assert_int_equal(got[2], h);
            assert_int_equal(got[3], h + 1);
            assert_int_equal(got[4], h | 0x8000);
            for (int i = 0; i < 5; i++)
                assert_int_equal(got[i], float_to_half(in[i]));
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
        cmocka_unit_test(matmul_of_quantised_weights_is_close_and_alike),
        cmocka_unit_test(quantize_does_not_hide_what_is_no_number),
        cmocka_unit_test(attend_is_softmax_over_the_runs),
        cmocka_unit_test(narrow_rounds_to_nearest_even),
        cmocka_unit_test(kernels_of_all_sets_agree_to_the_bit),
        cmocka_unit_test(max_finds_it_anywhere),
    };
    return cmocka_run_group_tests_name("engine.kernels", tests, NULL, NULL);
}
