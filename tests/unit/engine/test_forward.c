#include "tests/unit/test.h"

#include <math.h>

#include "engine/gguf/forward.h"
#include "tests/gguf_help.h"

#define N 40
#define LONG 270 /* tokens: four runs of attention and a bit */
#define TABLE ((LONG + PAGE_TOKENS - 1) / PAGE_TOKENS)
#define VOCABULARY 259
#define LOGITS 272

/* Every path through the products and the attention: types, architectures, odd sizes. */
static const struct tiny kinds[] = {
    {.width = 40, .heads = 4, .kv_heads = 2, .hidden = 70},
    {.type = GGUF_TENSOR_F16, .width = 256, .hidden = 256, .layers = 1, .heads = 4, .kv_heads = 2},
    {.type = GGUF_TENSOR_Q8_0, .width = 256, .hidden = 256, .layers = 1, .heads = 8, .kv_heads = 8},
    {.type = GGUF_TENSOR_Q5_0, .width = 256, .hidden = 256, .layers = 1, .heads = 2, .kv_heads = 1},
    {.type = GGUF_TENSOR_Q4_K,
     .width = 256,
     .hidden = 256,
     .layers = 1,
     .heads = 12,
     .kv_heads = 4,
     .head_size = 64},
    {.type = GGUF_TENSOR_Q6_K,
     .architecture = "qwen3",
     .width = 256,
     .hidden = 256,
     .layers = 1,
     .heads = 16,
     .kv_heads = 2,
     .head_size = 16},
    {.type = GGUF_TENSOR_Q4_0,
     .architecture = "llama",
     .width = 256,
     .hidden = 256,
     .layers = 1,
     .heads = 8,
     .kv_heads = 2,
     .factors = true},
    {.architecture = "qwen3", .width = 40, .heads = 9, .kv_heads = 1, .head_size = 16},
};
#define KINDS (sizeof kinds / sizeof *kinds)

static struct buf bytes[KINDS];
static struct gguf_file files[KINDS];
static struct model models[KINDS];
static struct surety_error err;
static uint32_t tokens[LONG];
static float alone[KINDS][LONG][LOGITS]; /* logits at every position, token by token */

static void open_session(struct forward *s, struct thread_pool **pool, size_t kind,
                         const struct kernels *kernels, uint32_t threads)
{
    assert_int_equal(thread_pool_create(threads, pool, &err), SURETY_OK);
    assert_int_equal(
        forward_init(s, &models[kind], kernels, *pool, 2 * LONG, 2 * LONG, 4 * TABLE, &err),
        SURETY_OK);
}

static void close_session(struct forward *s, struct thread_pool *pool)
{
    forward_fini(s);
    thread_pool_free(pool);
}

/* A table whose pages begin with this one. */
static void number_pages(uint32_t pages[TABLE], uint32_t first)
{
    for (uint32_t i = 0; i < TABLE; i++)
        pages[i] = first + i;
}

static void compute_alone(size_t kind)
{
    struct forward s;
    struct thread_pool *pool;
    uint32_t pages[TABLE];
    number_pages(pages, 0);
    open_session(&s, &pool, kind, kernels_all()[0], 1);
    for (uint32_t i = 0; i < LONG; i++) {
        forward_run(&s, &(struct row){tokens[i], i, pages, true}, 1);
        memcpy(alone[kind][i], forward_logits(&s, 0), sizeof alone[kind][i]);
        for (size_t o = 0; o < VOCABULARY; o++)
            assert_true(alone[kind][i][o] - alone[kind][i][o] == 0); /* finite */
    }
    close_session(&s, pool);
}

static int setup(void **state)
{
    struct thread_pool *loader;
    assert_int_equal(thread_pool_create(2, &loader, &err), SURETY_OK);
    for (uint32_t i = 0; i < LONG; i++)
        tokens[i] = i * 37 % VOCABULARY;
    for (size_t k = 0; k < KINDS; k++) {
        struct tiny how = kinds[k];
        how.context = LONG;
        buf_init(&bytes[k], 1 << 24);
        put_tiny_model(&bytes[k], &how);
        assert_int_equal(gguf_parse("m.gguf", bytes[k].data, bytes[k].len, &files[k], &err),
                         SURETY_OK);
        assert_int_equal(model_load(&files[k], VOCABULARY, 0, UINT64_MAX, loader, &models[k], &err),
                         SURETY_OK);
        compute_alone(k);
    }
    thread_pool_free(loader);
    return 0;
}

static int teardown(void **state)
{
    for (size_t k = 0; k < KINDS; k++) {
        model_free(&models[k]);
        gguf_close(&files[k]);
        buf_fini(&bytes[k]);
    }
    forward_fini(NULL);
    return 0;
}

static void assert_logits(const struct forward *s, size_t kind, uint32_t i, uint32_t position)
{
    assert_memory_equal(forward_logits(s, i), alone[kind][position], VOCABULARY * sizeof(float));
}

/* A row that is no number, in a model whose width leaves padding, harms no row after it. */
static void forward_forgets_rows_without_numbers(void **state)
{
    struct forward s;
    struct thread_pool *pool;
    const uint32_t pages[] = {0};
    const struct matrix *m = &models[0].embedding;
    float good[LOGITS], *weight = (float *)(void *)(m->data + 7 % LANES * sizeof *weight), kept;
    open_session(&s, &pool, 0, kernels_best(), 1);
    forward_run(&s, &(struct row){3, 0, pages, true}, 1);
    memcpy(good, forward_logits(&s, 0), sizeof good);
    kept = *weight; /* of token 7, column 0 */
    *weight = NAN;
    forward_run(&s, &(struct row){7, 0, pages, true}, 1);
    *weight = kept;
    assert_true(isnan(forward_logits(&s, 0)[0]));
    forward_run(&s, &(struct row){3, 0, pages, true}, 1);
    assert_memory_equal(good, forward_logits(&s, 0), sizeof good);
    close_session(&s, pool);
}

static void forward_depends_on_what_came_before(void **state)
{
    assert_int_equal(tokens[0], tokens[7]); /* 37 * 7 = 259 */
    for (size_t k = 0; k < KINDS; k++) {
        assert_memory_not_equal(alone[k][0], alone[k][7], sizeof alone[k][0]);
        /* what is far back counts as well */
        assert_memory_not_equal(alone[k][VOCABULARY], alone[k][0], sizeof alone[k][0]);
    }
}

static void forward_in_one_batch_gives_the_same_bits(void **state)
{
    uint32_t pages[TABLE], others[TABLE];
    number_pages(pages, TABLE);
    number_pages(others, 0);
    static struct row rows[2 * N];
    for (size_t kind = 0; kind < KINDS; kind++)
        for (const struct kernels *const *k = kernels_all(); *k; k++)
            for (uint32_t threads = 1; threads <= 3; threads++) {
                struct forward s;
                struct thread_pool *pool;
                open_session(&s, &pool, kind, *k, threads);
                for (uint32_t i = 0; i < N; i++) {
                    rows[2 * i] = (struct row){tokens[i], i, pages, true};
                    rows[2 * i + 1] = (struct row){tokens[N - 1 - i], i, others, i % 3 == 0};
                }
                forward_run(&s, rows, 2 * N);
                for (uint32_t i = 0, at = 0; i < N; i++) {
                    assert_logits(&s, kind, at, i);
                    at += 1 + (i % 3 == 0);
                }
                close_session(&s, pool);
            }
}

/* Computes positions [first, end) of a sequence in one batch; all want logits. With a shift it is
 * another sequence. */
static void forward_piece(struct forward *s, const uint32_t *pages, uint32_t first, uint32_t end,
                          uint32_t shift)
{
    static struct row rows[LONG];
    for (uint32_t i = first; i < end; i++)
        rows[i - first] = (struct row){tokens[(i + shift) % LONG], i, pages, true};
    forward_run(s, rows, end - first);
}

static void forward_of_a_long_sequence_in_pieces_gives_the_same_bits(void **state)
{
    static const uint32_t cuts[] = {LONG, 65};
    uint32_t pages[TABLE];
    for (uint32_t i = 0; i < TABLE; i++)
        pages[i] = i * 5 % (4 * TABLE); /* in no order */
    for (size_t kind = 0; kind < KINDS; kind++)
        for (const struct kernels *const *k = kernels_all(); *k; k++) {
            struct forward s;
            struct thread_pool *pool;
            open_session(&s, &pool, kind, *k, 2);
            for (size_t c = 0; c < sizeof cuts / sizeof *cuts; c++)
                for (uint32_t first = 0; first < LONG;) {
                    uint32_t end = first == 0 ? cuts[c] : LONG;
                    forward_piece(&s, pages, first, end, 0);
                    for (uint32_t i = first; i < end; i++)
                        assert_logits(&s, kind, i - first, i);
                    first = end;
                }
            close_session(&s, pool);
        }
}

/*
 * Sequences that share their first pages, each at its own position: sets of rows of all kinds. Four
 * tables: the whole sequence; one that leaves it after two runs; one that leaves it inside the
 * third run; one of its own. Where they leave it they go on with other tokens. No two rows write to
 * the same place.
 */
static void forward_of_rows_that_share_pages_gives_the_same_bits(void **state)
{
    static const uint32_t table_of[] = {0, 0, 1, 1, 0, 2, 3, 3, 2, 0, 0, 0, 0, 0, 0,
                                        0, 0, 0, 0, 0, 1, 2, 1, 2, 1, 0, 3, 0, 0, 2};
    static const uint32_t position_of[] = {269, 266, 269, 140, 64,  200, 63,  64,  126, 128,
                                           191, 192, 193, 254, 255, 256, 257, 258, 259, 260,
                                           128, 161, 127, 125, 256, 16,  261, 62,  262, 269};
    enum { ROWS = sizeof table_of / sizeof *table_of };
    static float wanted[ROWS][LOGITS];
    uint32_t tables[4][TABLE];
    for (uint32_t t = 0; t < 4; t++)
        number_pages(tables[t], t * TABLE);
    static const uint32_t leaves[] = {0, 8, 10, 0}; /* pages of the first */
    for (uint32_t t = 1; t < 4; t++)
        memcpy(tables[t], tables[0], leaves[t] * sizeof(uint32_t));
    for (size_t kind = 0; kind < KINDS; kind++)
        for (const struct kernels *const *k = kernels_all(); *k; k++) {
            struct forward s;
            struct thread_pool *pool;
            struct row rows[ROWS];
            open_session(&s, &pool, kind, *k, 1 + (uint32_t)kind % 3);
            for (uint32_t t = 0; t < 4; t++)
                forward_piece(&s, tables[t], leaves[t] * PAGE_TOKENS, LONG, t);
            for (uint32_t r = 0; r < ROWS; r++) {
                uint32_t table = table_of[r], i = position_of[r];
                uint32_t shift = i < leaves[table] * PAGE_TOKENS ? 0 : table;
                rows[r] = (struct row){tokens[(i + shift) % LONG], i, tables[table], true};
                forward_run(&s, &rows[r], 1);
                memcpy(wanted[r], forward_logits(&s, 0), sizeof wanted[r]);
                if (shift == 0)
                    assert_logits(&s, kind, 0, i);
            }
            forward_run(&s, rows, ROWS);
            size_t sets = 0, sharing = 0; /* the test meets what it is about */
            for (uint32_t r = 0; r < ROWS; r += s.sets[sets++].n)
                sharing += s.sets[sets].n > 1;
            assert_true(sharing >= 4 && sets > sharing + 2);
            for (uint32_t r = 0; r < ROWS; r++)
                assert_memory_equal(forward_logits(&s, r), wanted[r], sizeof wanted[r]);
            close_session(&s, pool);
        }
}

static void forward_in_pieces_on_copied_pages_gives_the_same_bits(void **state)
{
    struct forward s;
    struct thread_pool *pool;
    uint32_t pages[] = {0, 1, 2};
    const uint32_t forked[] = {0, 7, 5};
    for (size_t kind = 0; kind < KINDS; kind++) {
        open_session(&s, &pool, kind, kernels_best(), 2);
        forward_piece(&s, pages, 0, 21, 0);
        assert_logits(&s, kind, 20, 20);
        forward_copy_page(&s, 7, 1);
        for (uint32_t i = 21; i < N; i++) { /* another continuation must not disturb this one */
            struct row both[] = {{tokens[i], i, forked, true}, {5, i, pages, true}};
            forward_run(&s, both, 2);
            assert_logits(&s, kind, 0, i);
        }
        close_session(&s, pool);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forward_forgets_rows_without_numbers),
        cmocka_unit_test(forward_depends_on_what_came_before),
        cmocka_unit_test(forward_in_one_batch_gives_the_same_bits),
        cmocka_unit_test(forward_of_a_long_sequence_in_pieces_gives_the_same_bits),
        cmocka_unit_test(forward_of_rows_that_share_pages_gives_the_same_bits),
        cmocka_unit_test(forward_in_pieces_on_copied_pages_gives_the_same_bits),
    };
    return cmocka_run_group_tests_name("engine.forward", tests, setup, teardown);
}
