#include "tests/unit/test.h"

#include <math.h>
#include <stdlib.h>

#include "engine/gguf/half.h"
#include "tests/gguf_help.h"

#include "engine/gguf/matrix.h"

static void half_to_float_is_exact(void **state)
{
    assert_true(half_to_float(0x3C00) == 1.0f);
    assert_true(half_to_float(0xC000) == -2.0f);
    assert_true(half_to_float(0x3555) == 0.333251953125f);
    assert_true(half_to_float(0x7BFF) == 65504.0f);
    assert_true(half_to_float(0x0001) == 0x1p-24f);
    assert_true(half_to_float(0x83FF) == -1023 * 0x1p-24f);
    assert_true(half_to_float(0x0400) == 0x1p-14f);
    assert_true(half_to_float(0x0000) == 0 && !signbit(half_to_float(0x0000)));
    assert_true(half_to_float(0x8000) == 0 && signbit(half_to_float(0x8000)));
    assert_true(isinf(half_to_float(0x7C00)) && half_to_float(0xFC00) < 0);
    assert_true(isnan(half_to_float(0x7E00)));
}

static void bfloat_to_float_keeps_the_upper_bits(void **state)
{
    assert_true(bfloat_to_float(0x3F80) == 1.0f);
    assert_true(bfloat_to_float(0xC040) == -3.0f);
}

/* Blocks written by hand, from the description of the formats. */
static void tensor_read_knows_the_blocks(void **state)
{
    float out[256];
    unsigned char q8[34] = {0x00, 0x38, 0x80, 0x7F, 0xFF}; /* 0.5 */
    tensor_read(GGUF_TENSOR_Q8_0, q8, 32, out);
    assert_true(out[0] == -64 && out[1] == 63.5f && out[2] == -0.5f && out[3] == 0);

    unsigned char q4[18] = {0x00, 0x3C, 0xF0}; /* 1; elements 0 and 16 */
    tensor_read(GGUF_TENSOR_Q4_0, q4, 32, out);
    assert_true(out[0] == -8 && out[16] == 7 && out[1] == -8 && out[17] == -8);

    unsigned char q5[22] = {0x00, 0x3C, 0x01, 0, 0x02, 0, 0xF0, 0x31}; /* fifth bits 0 and 17 */
    tensor_read(GGUF_TENSOR_Q5_0, q5, 32, out);
    assert_true(out[0] == 0 && out[16] == -1 && out[1] == -15 && out[17] == 3);

    unsigned char q4k[144] = {0x00, 0x3C, 0x00, 0x40}; /* d 1, dmin 2 */
    q4k[4 + 0] = 0xC3;                                 /* scale 0: 3; high bits of scale 4 */
    q4k[4 + 4] = 0x05;                                 /* min 0: 5 */
    q4k[4 + 8] = 0x21;                                 /* scale 4: 48 + 1, min 4: 2 */
    q4k[16] = 0x2E;                                    /* elements 0 and 32 */
    q4k[16 + 64] = 0x0A;                               /* element 128, run 4 */
    tensor_read(GGUF_TENSOR_Q4_K, q4k, 256, out);
    assert_true(out[0] == 3 * 14 - 2 * 5 && out[1] == -10 && out[32] == 0);
    assert_true(out[128] == 49 * 10 - 2 * 2 && out[129] == -4);

    unsigned char q6k[210] = {0};
    q6k[208] = 0x00, q6k[209] = 0x3C;                         /* d 1 */
    q6k[192 + 0] = 2, q6k[192 + 5] = 0xFF, q6k[192 + 10] = 3; /* columns 0, 80, 160 */
    q6k[0] = 0x0F, q6k[128] = 0x02;                           /* element 0: 15 + 32 */
    q6k[128 + 16] = 0x30;                                     /* element 80: upper bits 3 */
    tensor_read(GGUF_TENSOR_Q6_K, q6k, 256, out);
    assert_true(out[0] == 2 * 15);
    assert_true(out[80] == -16 && out[81] == 32 && out[160] == 3 * -32 && out[16] == 0);
}

/* Every type through packing and back, with a panel that is not full. */
static void matrix_row_gives_back_what_was_packed(void **state)
{
    static const enum gguf_tensor_type types[] = {
        GGUF_TENSOR_F32,  GGUF_TENSOR_F16,  GGUF_TENSOR_BF16, GGUF_TENSOR_Q4_0,
        GGUF_TENSOR_Q5_0, GGUF_TENSOR_Q8_0, GGUF_TENSOR_Q4_K, GGUF_TENSOR_Q6_K,
    };
    uint64_t seed = 11;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        const struct gguf_block *block = gguf_block(types[i]);
        struct matrix m = matrix_plan(types[i], 37, 512);
        size_t row_bytes = 512 / block->elements * block->bytes;
        unsigned char *tensor = malloc(37 * row_bytes);
        m.data = malloc(matrix_bytes(&m));
        assert_true(tensor && m.data);
        assert_int_equal(m.panels, 3);
        if (block->elements > 1)
            put_noise_blocks(tensor, types[i], 37 * 512 / block->elements, &seed);
        else
            for (size_t j = 0; j < 37 * 512; j++)
                put_weight(tensor, types[i], j, (float)(j % 1009) - 500);
        matrix_pack(&m, tensor, 2, 3);
        matrix_pack(&m, tensor, 0, 2);
        for (size_t row = 0; row < 37; row++) {
            float wanted[512], got[512];
            tensor_read(types[i], tensor + row * row_bytes, 512, wanted);
            matrix_row(&m, row, got);
            assert_memory_equal(wanted, got, sizeof got);
        }
        free(tensor);
        free(m.data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_to_float_is_exact),
        cmocka_unit_test(bfloat_to_float_keeps_the_upper_bits),
        cmocka_unit_test(tensor_read_knows_the_blocks),
        cmocka_unit_test(matrix_row_gives_back_what_was_packed),
    };
    return cmocka_run_group_tests_name("engine.matrix", tests, NULL, NULL);
}
