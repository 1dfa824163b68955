/*
 * test_golden.c - the engine gguf against continuations that PyTorch made from the same weights.
 * usage: test_golden MODEL GOLDEN.jsonl
 *
 * A greedy continuation may differ from the golden one only where the two best tokens are closer
 * than NEAR in their logits, for rounding decides there; such places are counted and shown.
 */
#include "tests/unit/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonl.h"
#include "engine/gguf/chat.h"
#include "engine/gguf/forward.h"
#include "engine/gguf/tokenizer.h"

#define NEAR 1e-3f
#define NEAR_MOST 2 /* of 80 continuations */
#define CONTEXT 512
#define TOKENS_MAX 512

static const char *model_path, *golden_path;
static struct gguf_file file;
static struct tokenizer *tokenizer;
static struct chat chat;
static struct model model;
static struct thread_pool *pool;
static struct forward forward;

struct golden {
    char *prompt, *text;
    uint32_t ids[TOKENS_MAX], greedy[TOKENS_MAX];
    size_t n_ids, n_greedy;
};
static struct golden golden[100];
static size_t n_golden;

static size_t read_ids(const json_t *object, const char *key, uint32_t *ids)
{
    const json_t *array = json_object_get(object, key);
    size_t n = json_array_size(array);
    assert_true(n > 0 && n <= TOKENS_MAX);
    for (size_t i = 0; i < n; i++)
        ids[i] = (uint32_t)json_integer_value(json_array_get(array, i));
    return n;
}

static int setup(void **state)
{
    struct surety_error err = {0};
    assert_int_equal(gguf_open(model_path, &file, &err), SURETY_OK);
    assert_int_equal(tokenizer_create(&file, &tokenizer, &err), SURETY_OK);
    assert_int_equal(chat_init(&chat, &file, tokenizer, &err), SURETY_OK);
    assert_int_equal(thread_pool_create(2, &pool, &err), SURETY_OK);
    assert_int_equal(
        model_load(&file, tokenizer_size(tokenizer), 0, UINT64_MAX, pool, &model, &err), SURETY_OK);
    assert_int_equal(model.context, CONTEXT);
    assert_int_equal(forward_init(&forward, &model, kernels_best(), pool, TOKENS_MAX, 1,
                                  CONTEXT / PAGE_TOKENS, &err),
                     SURETY_OK);
    FILE *f = fopen(golden_path, "rb");
    assert_non_null(f);
    struct jsonl reader;
    jsonl_init(&reader, f, golden_path);
    json_t *line = NULL;
    while (jsonl_next(&reader, &line, NULL) == SURETY_OK && line) {
        struct golden *g = &golden[n_golden++];
        g->prompt = strdup(json_get_string(line, "prompt", ""));
        g->text = strdup(json_get_string(line, "greedy_text", ""));
        g->n_ids = read_ids(line, "prompt_ids", g->ids);
        g->n_greedy = read_ids(line, "greedy_ids", g->greedy);
        json_decref(line);
    }
    jsonl_fini(&reader);
    fclose(f);
    assert_int_equal(n_golden, 80);
    return 0;
}

static int teardown(void **state)
{
    for (size_t i = 0; i < n_golden; i++) {
        free(golden[i].prompt);
        free(golden[i].text);
    }
    forward_fini(&forward);
    thread_pool_free(pool);
    model_free(&model);
    chat_fini(&chat);
    tokenizer_free(tokenizer);
    gguf_close(&file);
    return 0;
}

static void encode_prompt_text_gives_golden_ids(void **state)
{
    for (size_t i = 0; i < n_golden; i++) {
        const struct golden *g = &golden[i];
        struct token_list list = {0};
        assert_int_equal(tokenizer_encode(tokenizer, g->prompt, strlen(g->prompt), true, &list),
                         SURETY_OK);
        assert_int_equal(list.n, g->n_ids);
        assert_memory_equal(list.ids, g->ids, list.n * sizeof *list.ids);
        token_list_fini(&list);
    }
}

static void chat_render_gives_golden_ids(void **state)
{
    static const char opening[] = "<|im_start|>user\n";
    for (size_t i = 0; i < n_golden; i++) {
        const struct golden *g = &golden[i];
        assert_memory_equal(g->prompt, opening, strlen(opening));
        char *content = strdup(g->prompt + strlen(opening));
        char *end = strstr(content, "<|im_end|>");
        assert_non_null(end);
        assert_string_equal(end, "<|im_end|>\n<|im_start|>assistant\n");
        *end = '\0';
        struct surety_message message = {(char *)"user", content};
        struct token_list list = {0};
        assert_int_equal(chat_render(&chat, tokenizer, &message, 1, "", &list), SURETY_OK);
        assert_int_equal(list.n, g->n_ids);
        assert_memory_equal(list.ids, g->ids, list.n * sizeof *list.ids);
        free(content);
        token_list_fini(&list);
    }
}

static void pieces_of_golden_ids_give_golden_text(void **state)
{
    for (size_t i = 0; i < n_golden; i++) {
        const struct golden *g = &golden[i];
        size_t at = 0;
        for (size_t k = 0; k < g->n_greedy; k++) {
            struct gguf_string piece = tokenizer_piece(tokenizer, g->greedy[k]);
            assert_true(at + piece.len <= strlen(g->text));
            assert_memory_equal(g->text + at, piece.text, piece.len);
            at += piece.len;
        }
        assert_int_equal(at, strlen(g->text));
    }
}

/* The most likely token (lowest id among equals). */
static uint32_t most_likely(const float *logits)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < model.n_vocab; i++)
        if (logits[i] > logits[best])
            best = i;
    return best;
}

static void greedy_continuations_are_golden_but_for_near_ties(void **state)
{
    uint32_t pages[CONTEXT / PAGE_TOKENS];
    struct row rows[TOKENS_MAX];
    size_t ties = 0;
    for (uint32_t i = 0; i < CONTEXT / PAGE_TOKENS; i++)
        pages[i] = i;
    for (size_t i = 0; i < n_golden; i++) {
        const struct golden *g = &golden[i];
        for (uint32_t p = 0; p < g->n_ids; p++)
            rows[p] = (struct row){g->ids[p], p, pages, false};
        rows[g->n_ids - 1].logits = true;
        forward_run(&forward, rows, g->n_ids);
        for (size_t k = 0; k < g->n_greedy; k++) {
            const float *logits = forward_logits(&forward, 0);
            uint32_t best = most_likely(logits), wanted = g->greedy[k];
            if (best != wanted) {
                float gap = logits[best] - logits[wanted];
                print_message("# prompt %zu, token %zu: %u instead of %u, gap %g\n", i, k, best,
                              wanted, (double)gap);
                assert_true(gap < NEAR);
                ties++;
            } /* and goes on along the golden text: every token of it is checked */
            rows[0] = (struct row){wanted, (uint32_t)(g->n_ids + k), pages, true};
            forward_run(&forward, rows, 1);
        }
    }
    print_message("# %zu near-ties\n", ties);
    assert_true(ties <= NEAR_MOST);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    model_path = argv[1];
    golden_path = argv[2];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encode_prompt_text_gives_golden_ids),
        cmocka_unit_test(chat_render_gives_golden_ids),
        cmocka_unit_test(pieces_of_golden_ids_give_golden_text),
        cmocka_unit_test(greedy_continuations_are_golden_but_for_near_ties),
    };
    return cmocka_run_group_tests_name("conformance.golden", tests, setup, teardown);
}
