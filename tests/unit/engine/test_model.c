#include "tests/unit/test.h"

#include <math.h>

#include "engine/gguf/kernels.h"
#include "engine/gguf/model.h"
#include "tests/gguf_help.h"

static struct buf bytes;
static struct gguf_file file;
static struct model model;
static struct surety_error err;

static int teardown(void **state)
{
    model_free(&model);
    model_free(NULL);
    gguf_close(&file);
    buf_fini(&bytes);
    return 0;
}

static enum surety_err load(const struct tiny *how, uint64_t memory_max)
{
    teardown(NULL);
    buf_init(&bytes, 1 << 24);
    put_tiny_model(&bytes, how);
    assert_int_equal(bytes.failed, SURETY_OK);
    assert_int_equal(gguf_parse("m.gguf", bytes.data, bytes.len, &file, &err), SURETY_OK);
    return model_load(&file, 259, 0, memory_max, &model, &err);
}

static void assert_load_fails(const struct tiny *how, enum surety_err code, const char *part)
{
    assert_int_equal(load(how, UINT64_MAX), code);
    if (!strstr(err.message, part))
        print_error("\"%s\" lacks \"%s\"\n", err.message, part);
    assert_non_null(strstr(err.message, part));
    assert_null(model.memory);
}

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

static void load_reads_the_shape(void **state)
{
    assert_int_equal(
        load(&(struct tiny){.kv_heads = 2, .heads = 4, .width = 24, .context = 99}, UINT64_MAX),
        SURETY_OK);
    assert_int_equal(model.width, 24);
    assert_int_equal(model.head_size, 6);
    assert_int_equal(model.heads, 4);
    assert_int_equal(model.kv_heads, 2);
    assert_int_equal(model.n_layers, 2);
    assert_int_equal(model.context, 99);
    assert_ptr_equal(model.embedding, model.unembedding);
    assert_true(model.cosines[0] == 1 && model.sines[0] == 0);
    assert_true(fabs((double)model.sines[1 * 3] - sin(1)) < 1e-7);
}

static void load_packs_rows_into_blocks(void **state)
{
    assert_int_equal(load(&(struct tiny){0}, UINT64_MAX), SURETY_OK);
    const struct gguf_tensor *t = gguf_find_tensor(&file, "token_embd.weight");
    float out[16], wanted;
    model_embed(&model, 258, out);
    for (size_t i = 0; i < 16; i++) {
        wanted = 0;
        if (i < 12)
            memcpy(&wanted, t->data + (258 * 12 + i) * 4, 4);
        assert_true(out[i] == wanted);
    }
}

static void load_half_precision_is_widened(void **state)
{
    assert_int_equal(load(&(struct tiny){.type = GGUF_TENSOR_F16}, UINT64_MAX), SURETY_OK);
    const struct gguf_tensor *t = gguf_find_tensor(&file, "token_embd.weight");
    float out[16];
    model_embed(&model, 3, out);
    for (size_t i = 0; i < 12; i++) {
        uint16_t half;
        memcpy(&half, t->data + (3 * 12 + i) * 2, 2);
        assert_true(out[i] == half_to_float(half));
    }
}

static void load_says_what_is_wrong(void **state)
{
    assert_load_fails(&(struct tiny){.architecture = "llama"}, SURETY_ERR_UNSUPPORTED, "'llama'");
    assert_load_fails(&(struct tiny){.missing = "blk.1.ffn_down.weight"}, SURETY_ERR_PARSE,
                      "lacks the tensor 'blk.1.ffn_down.weight'");
    assert_load_fails(&(struct tiny){.missing = "output_norm.weight"}, SURETY_ERR_PARSE,
                      "'output_norm.weight'");
    assert_load_fails(&(struct tiny){.reshaped = "blk.0.attn_k.weight"}, SURETY_ERR_PARSE,
                      "'blk.0.attn_k.weight' has the shape 12 x 7 and not 12 x 6");
    assert_load_fails(&(struct tiny){.heads = 2, .kv_heads = 3, .width = 12}, SURETY_ERR_PARSE,
                      "no such model");
    assert_load_fails(&(struct tiny){.heads = 12, .kv_heads = 12}, SURETY_ERR_PARSE,
                      "no such model"); /* heads of one element */
}

static void load_beyond_the_memory_fails_before_allocation(void **state)
{
    assert_int_equal(load(&(struct tiny){0}, 1000), SURETY_ERR_LIMIT);
    assert_non_null(strstr(err.message, "m.gguf needs"));
    assert_int_equal(load(&(struct tiny){.context = 1 << 24}, 1 << 20), SURETY_ERR_LIMIT);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_teardown(f, teardown)
    const struct CMUnitTest tests[] = {
        TEST(half_to_float_is_exact),      TEST(load_reads_the_shape),
        TEST(load_packs_rows_into_blocks), TEST(load_half_precision_is_widened),
        TEST(load_says_what_is_wrong),     TEST(load_beyond_the_memory_fails_before_allocation),
    };
    return cmocka_run_group_tests_name("engine.model", tests, NULL, NULL);
}
