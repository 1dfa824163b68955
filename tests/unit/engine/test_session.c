#include "tests/unit/test.h"

#include "engine/gguf/session.h"
#include "tests/gguf_help.h"

#define N 40

static struct buf bytes;
static struct gguf_file file;
static struct model model;
static struct surety_error err;
static float alone[N][272]; /* logits at every position, computed token by token */
static uint32_t tokens[N];

static void open_session(struct session *s, struct pool **pool, const struct kernels *kernels,
                         uint32_t threads)
{
    assert_int_equal(pool_create(threads, pool, &err), SURETY_OK);
    assert_int_equal(session_init(s, &model, kernels, *pool, 2 * N, 2 * N, 8, &err), SURETY_OK);
}

static int setup(void **state)
{
    struct pool *loader;
    assert_int_equal(pool_create(2, &loader, &err), SURETY_OK);
    buf_init(&bytes, 1 << 24);
    put_tiny_model(&bytes, &(struct tiny){.width = 40, .heads = 4, .kv_heads = 2, .hidden = 70});
    assert_int_equal(gguf_parse("m.gguf", bytes.data, bytes.len, &file, &err), SURETY_OK);
    assert_int_equal(model_load(&file, 259, 0, UINT64_MAX, loader, &model, &err), SURETY_OK);
    pool_free(loader);
    for (uint32_t i = 0; i < N; i++)
        tokens[i] = i * 37 % 259;
    struct session s;
    struct pool *pool;
    const uint32_t pages[] = {0, 1, 2};
    open_session(&s, &pool, kernels_all()[0], 1);
    for (uint32_t i = 0; i < N; i++) {
        session_forward(&s, &(struct row){tokens[i], i, pages, true}, 1);
        memcpy(alone[i], session_logits(&s, 0), sizeof alone[i]);
    }
    session_fini(&s);
    pool_free(pool);
    return 0;
}

static int teardown(void **state)
{
    model_free(&model);
    gguf_close(&file);
    buf_fini(&bytes);
    session_fini(NULL);
    return 0;
}

static void assert_logits(const struct session *s, uint32_t i, uint32_t position)
{
    assert_memory_equal(session_logits(s, i), alone[position], 259 * sizeof(float));
}

static void forward_depends_on_what_came_before(void **state)
{
    assert_memory_not_equal(alone[0], alone[7], sizeof alone[0]); /* 37 * 7 = 259: equal tokens */
    assert_int_equal(tokens[0], tokens[7]);
}

static void forward_in_one_batch_gives_the_same_bits(void **state)
{
    const uint32_t pages[] = {6, 1, 4}, others[] = {0, 2, 3};
    for (const struct kernels *const *k = kernels_all(); *k; k++)
        for (uint32_t threads = 1; threads <= 3; threads++) {
            struct session s;
            struct pool *pool;
            struct row rows[2 * N];
            open_session(&s, &pool, *k, threads);
            for (uint32_t i = 0; i < N; i++) {
                rows[2 * i] = (struct row){tokens[i], i, pages, true};
                rows[2 * i + 1] = (struct row){tokens[N - 1 - i], i, others, i % 3 == 0};
            }
            session_forward(&s, rows, 2 * N);
            for (uint32_t i = 0, at = 0; i < N; i++) {
                assert_logits(&s, at, i);
                at += 1 + (i % 3 == 0);
            }
            session_fini(&s);
            pool_free(pool);
        }
}

static void forward_in_pieces_on_copied_pages_gives_the_same_bits(void **state)
{
    struct session s;
    struct pool *pool;
    struct row rows[N];
    uint32_t pages[] = {0, 1, 2};
    const uint32_t forked[] = {0, 7, 5};
    open_session(&s, &pool, kernels_best(), 2);
    for (uint32_t i = 0; i < 21; i++)
        rows[i] = (struct row){tokens[i], i, pages, i == 20};
    session_forward(&s, rows, 21);
    assert_logits(&s, 0, 20);
    session_copy_page(&s, 7, 1);
    for (uint32_t i = 21; i < N; i++) { /* another continuation must not disturb this one */
        struct row both[] = {{tokens[i], i, forked, true}, {5, i, pages, true}};
        session_forward(&s, both, 2);
        assert_logits(&s, 0, i);
    }
    session_fini(&s);
    pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forward_depends_on_what_came_before),
        cmocka_unit_test(forward_in_one_batch_gives_the_same_bits),
        cmocka_unit_test(forward_in_pieces_on_copied_pages_gives_the_same_bits),
    };
    return cmocka_run_group_tests_name("engine.session", tests, setup, teardown);
}
