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
    struct thread_pool *pool;
    assert_int_equal(thread_pool_create(2, &pool, &err), SURETY_OK);
    enum surety_err code = model_load(&file, 259, 0, memory_max, pool, &model, &err);
    thread_pool_free(pool);
    return code;
}

static void assert_load_fails(const struct tiny *how, enum surety_err code, const char *part)
{
    assert_int_equal(load(how, UINT64_MAX), code);
    if (!strstr(err.message, part))
        print_error("\"%s\" lacks \"%s\"\n", err.message, part);
    assert_non_null(strstr(err.message, part));
    assert_null(model.memory);
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
    assert_ptr_equal(model.embedding.data, model.unembedding.data);
    assert_true(model.cosines[0] == 1 && model.sines[0] == 0);
    assert_true(fabs((double)model.sines[1 * 3] - sin(1)) < 1e-7);
}

static void load_packs_the_tensors(void **state)
{
    static const enum gguf_tensor_type types[] = {GGUF_TENSOR_F32, GGUF_TENSOR_F16,
                                                  GGUF_TENSOR_Q8_0, GGUF_TENSOR_Q6_K};
    float packed[256], wanted[256];
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        assert_int_equal(
            load(&(struct tiny){.type = types[i], .width = 256, .hidden = 256}, UINT64_MAX),
            SURETY_OK);
        const struct gguf_tensor *t = gguf_find_tensor(&file, "token_embd.weight");
        assert_int_equal(t->type, types[i]);
        matrix_row(&model.embedding, 258, packed);
        tensor_read(t->type, t->data + 258 * t->bytes / 259, 256, wanted);
        assert_memory_equal(packed, wanted, sizeof packed);
        assert_int_equal(model.layers[1].down.type, types[i]);
    }
}

/* No converter writes such vectors, but a file may hold them. */
static void load_reads_vectors_of_any_type(void **state)
{
    static const enum gguf_tensor_type types[] = {GGUF_TENSOR_F16, GGUF_TENSOR_Q8_0,
                                                  GGUF_TENSOR_Q4_0, GGUF_TENSOR_Q6_K};
    float wanted[256];
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        assert_int_equal(load(&(struct tiny){.vector_type = types[i],
                                             .width = 256,
                                             .heads = 1,
                                             .architecture = "llama"},
                              UINT64_MAX),
                         SURETY_OK);
        const struct gguf_tensor *t = gguf_find_tensor(&file, "blk.1.attn_norm.weight");
        assert_int_equal(t->type, types[i]);
        tensor_read(t->type, t->data, 256, wanted);
        assert_memory_equal(model.layers[1].attention_norm, wanted, sizeof wanted);
    }
}

/* A row of half a block is refused before anything is read. */
static void load_of_rows_that_split_blocks_fails(void **state)
{
    static const struct tiny split[] = {
        {.type = GGUF_TENSOR_Q8_0, .width = 40},
        {.type = GGUF_TENSOR_Q4_K, .width = 256, .hidden = 96},
        {.type = GGUF_TENSOR_Q6_K, .width = 128},
        {.vector_type = GGUF_TENSOR_Q8_0},
        {.vector_type = GGUF_TENSOR_Q4_K, .width = 256, .heads = 2}, /* a bias of 128 */
    };
    for (size_t i = 0; i < sizeof split / sizeof *split; i++) {
        teardown(NULL);
        buf_init(&bytes, 1 << 24);
        put_tiny_model(&bytes, &split[i]);
        assert_int_equal(gguf_parse("m.gguf", bytes.data, bytes.len, &file, &err),
                         SURETY_ERR_PARSE);
        assert_non_null(strstr(err.message, "rows that are no whole number of blocks"));
    }
}

static void load_of_other_architectures_reads_what_they_have(void **state)
{
    assert_int_equal(
        load(&(struct tiny){.architecture = "qwen3", .width = 40, .heads = 3, .head_size = 16},
             UINT64_MAX),
        SURETY_OK);
    assert_int_equal(model.head_size, 16);
    assert_false(model.neighbours);
    assert_non_null(model.layers[1].q_norm);
    assert_non_null(model.layers[1].k_norm);
    assert_int_equal(load(&(struct tiny){.architecture = "llama", .factors = true}, UINT64_MAX),
                     SURETY_OK);
    assert_true(model.neighbours);
    assert_null(model.layers[1].q_norm);
    float factor;
    memcpy(&factor, gguf_find_tensor(&file, "rope_freqs.weight")->data, sizeof factor);
    assert_true(fabs((double)model.sines[1 * 3] - sin(1 / (double)factor)) < 1e-6);
}

static void load_says_what_is_wrong(void **state)
{
    assert_load_fails(&(struct tiny){.architecture = "gemma"}, SURETY_ERR_UNSUPPORTED,
                      "'gemma'; this engine knows qwen2, qwen3, llama");
    assert_load_fails(&(struct tiny){.architecture = "qwen3"}, SURETY_ERR_UNSUPPORTED,
                      "multiples of 16");
    assert_load_fails(&(struct tiny){.architecture = "qwen3",
                                     .head_size = 16,
                                     .missing = "blk.0.attn_k_norm.weight"},
                      SURETY_ERR_PARSE, "'blk.0.attn_k_norm.weight'");
    assert_load_fails(&(struct tiny){.missing = "blk.1.ffn_down.weight"}, SURETY_ERR_PARSE,
                      "lacks the tensor 'blk.1.ffn_down.weight'");
    assert_load_fails(&(struct tiny){.stray = "blk.0.attn_output.bias"}, SURETY_ERR_UNSUPPORTED,
                      "'blk.0.attn_output.bias'");
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
        TEST(load_reads_the_shape),
        TEST(load_packs_the_tensors),
        TEST(load_reads_vectors_of_any_type),
        TEST(load_of_rows_that_split_blocks_fails),
        TEST(load_of_other_architectures_reads_what_they_have),
        TEST(load_says_what_is_wrong),
        TEST(load_beyond_the_memory_fails_before_allocation),
    };
    return cmocka_run_group_tests_name("engine.model", tests, NULL, NULL);
}
