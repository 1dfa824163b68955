#include "tests/unit/test.h"

#include "base/clock.h"
#include "engine/gguf/tokenizer.h"
#include "tests/gguf_help.h"

static struct buf bytes;
static struct gguf_file file;
static struct tokenizer *tokenizer;
static struct token_list list;
static struct surety_error err;

static int setup(void **state)
{
    buf_init(&bytes, 1 << 24);
    return 0;
}

static int teardown(void **state)
{
    tokenizer_free(tokenizer);
    tokenizer = NULL;
    token_list_fini(&list);
    gguf_close(&file);
    buf_fini(&bytes);
    return 0;
}

static enum surety_err create(void)
{
    assert_int_equal(gguf_parse("m.gguf", bytes.data, bytes.len, &file, &err), SURETY_OK);
    return tokenizer_create(&file, &tokenizer, &err);
}

/* ab=256 bc=257 abc=258, and merges in this order: bc, ab, ab+c */
static void small_vocabulary(void)
{
    static const char *const words[] = {"ab", "bc", "abc"};
    static const char *const merges[] = {"b c", "a b", "ab c"};
    put_header(&bytes, 0, VOCABULARY_KEYS);
    put_vocabulary(&bytes, words, 3, merges, 3);
    assert_int_equal(create(), SURETY_OK);
}

static void assert_ids(const char *text, bool control, const uint32_t *ids, size_t n)
{
    list.n = 0;
    assert_int_equal(tokenizer_encode(tokenizer, text, strlen(text), control, &list), SURETY_OK);
    assert_int_equal(list.n, n);
    assert_memory_equal(list.ids, ids, n * sizeof *ids);
}

static void encode_merges_lowest_rank_first(void **state)
{
    small_vocabulary();
    assert_ids("abc", false, (uint32_t[]){'a', 257}, 2); /* b c before a b */
    assert_ids("abab", false, (uint32_t[]){256, 256}, 2);
    assert_ids("abbc", false, (uint32_t[]){256, 257}, 2);
    assert_ids("", false, NULL, 0);
}

static void encode_control_tokens_only_on_demand(void **state)
{
    small_vocabulary();
    uint32_t start = tokenizer_control(tokenizer, "<|im_start|>");
    assert_int_equal(start, 259);
    assert_int_equal(tokenizer_control(tokenizer, "<|im_start|"), TOKEN_NONE);
    assert_int_equal(tokenizer_control(tokenizer, "ab"), TOKEN_NONE);
    assert_ids("a<|im_start|><|im_end|>b", true, (uint32_t[]){'a', start, start + 1, 'b'}, 4);
    list.n = 0;
    assert_int_equal(tokenizer_encode(tokenizer, "<|im_start|>", 12, false, &list), SURETY_OK);
    assert_int_equal(list.n, 12);
    assert_true(tokenizer_is_control(tokenizer, start));
    assert_false(tokenizer_is_control(tokenizer, 'a'));
    assert_true(tokenizer_is_end(tokenizer, start + 1));
    assert_false(tokenizer_is_end(tokenizer, start));
}

static void piece_of_unknown_id_is_empty(void **state)
{
    small_vocabulary();
    assert_int_equal(tokenizer_piece(tokenizer, TOKEN_NONE).len, 0);
    assert_int_equal(tokenizer_piece(tokenizer, 258).len, 3);
    assert_memory_equal(tokenizer_piece(tokenizer, 258).text, "abc", 3);
    assert_memory_equal(tokenizer_piece(tokenizer, ' ').text, " ", 1);
}

/* Rank by rank, left to right, over the whole word: slow and plain. */
static size_t encode_naive(uint32_t *ids, size_t n)
{
    static const uint32_t merges[3][3] = {{'b', 'c', 257}, {'a', 'b', 256}, {256, 'c', 258}};
    for (;;) {
        size_t best = 3, at = 0;
        for (size_t i = 0; i + 1 < n; i++)
            for (size_t m = 0; m < best; m++)
                if (ids[i] == merges[m][0] && ids[i + 1] == merges[m][1]) {
                    best = m;
                    at = i;
                }
        if (best == 3)
            return n;
        ids[at] = merges[best][2];
        memmove(ids + at + 1, ids + at + 2, (n - at - 2) * sizeof *ids);
        n--;
    }
}

static void encode_equals_the_plain_algorithm(void **state)
{
    small_vocabulary();
    uint64_t x = 88172645463325252u;
    for (int round = 0; round < 2000; round++) {
        char text[24];
        uint32_t ids[24];
        size_t n = 1 + round % 23;
        for (size_t i = 0; i < n; i++) {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            text[i] = (char)('a' + x % 3);
            ids[i] = (unsigned char)text[i];
        }
        text[n] = '\0';
        assert_ids(text, false, ids, encode_naive(ids, n));
    }
}

static void encode_one_huge_word_is_not_quadratic(void **state)
{
    assert_int_equal(gguf_open(demo_model_path(), &file, &err), SURETY_OK);
    assert_int_equal(tokenizer_create(&file, &tokenizer, &err), SURETY_OK);
    size_t len = 1 << 20;
    char *text = malloc(len);
    assert_non_null(text);
    for (size_t i = 0; i < len; i++)
        text[i] = "ariseand"[i % 8];
    int64_t start = clock_now_ms();
    assert_int_equal(tokenizer_encode(tokenizer, text, len, false, &list), SURETY_OK);
    assert_true(clock_now_ms() - start < 30000); /* quadratic: hours */
    assert_true(list.n < len);
    free(text);
}

static void encode_then_pieces_give_the_bytes_back(void **state)
{
    assert_int_equal(gguf_open(demo_model_path(), &file, &err), SURETY_OK);
    assert_int_equal(tokenizer_create(&file, &tokenizer, &err), SURETY_OK);
    assert_int_equal(tokenizer_size(tokenizer), 768);
    char text[256 * 3], back[256 * 3];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(i * (1 + i / 256) + i / 256);
    assert_int_equal(tokenizer_encode(tokenizer, text, sizeof text, false, &list), SURETY_OK);
    size_t n = 0;
    for (size_t i = 0; i < list.n; i++) {
        struct gguf_string piece = tokenizer_piece(tokenizer, list.ids[i]);
        assert_true(n + piece.len <= sizeof back);
        memcpy(back + n, piece.text, piece.len);
        n += piece.len;
    }
    assert_int_equal(n, sizeof text);
    assert_memory_equal(back, text, n);
}

static void assert_create_fails(enum surety_err code, const char *part)
{
    assert_int_equal(create(), code);
    if (!strstr(err.message, part))
        print_error("\"%s\" lacks \"%s\"\n", err.message, part);
    assert_non_null(strstr(err.message, part));
    gguf_close(&file);
    buf_reset(&bytes);
}

static void create_says_what_is_wrong(void **state)
{
    put_header(&bytes, 0, 0);
    assert_create_fails(SURETY_ERR_UNSUPPORTED, "tokenizer.ggml.model is ''");
    put_header(&bytes, 0, 2);
    put_string(&bytes, "tokenizer.ggml.model", "gpt2");
    put_string(&bytes, "tokenizer.ggml.pre", "llama-bpe");
    assert_create_fails(SURETY_ERR_UNSUPPORTED, "'llama-bpe'");
    put_header(&bytes, 0, 2);
    put_string(&bytes, "tokenizer.ggml.model", "gpt2");
    put_string(&bytes, "tokenizer.ggml.pre", "qwen2");
    assert_create_fails(SURETY_ERR_PARSE, "has no vocabulary");
    put_header(&bytes, 0, VOCABULARY_KEYS);
    put_vocabulary(&bytes, (const char *const[]){"ab"}, 1, (const char *const[]){"b c"}, 1);
    assert_create_fails(SURETY_ERR_PARSE, "merge 0 'b c'");
    put_header(&bytes, 0, VOCABULARY_KEYS);
    put_vocabulary(&bytes, NULL, 0, (const char *const[]){"nospace"}, 1);
    assert_create_fails(SURETY_ERR_PARSE, "merge 0 'nospace'");
    put_header(&bytes, 0, VOCABULARY_KEYS + 1);
    put_vocabulary(&bytes, NULL, 0, NULL, 0);
    put_u32(&bytes, "tokenizer.ggml.eos_token_id", 258);
    assert_create_fails(SURETY_ERR_PARSE, "eos_token_id");
    put_header(&bytes, 0, 4);
    put_string(&bytes, "tokenizer.ggml.model", "gpt2");
    put_string(&bytes, "tokenizer.ggml.pre", "qwen2");
    put_array(&bytes, "tokenizer.ggml.tokens", GGUF_STRING, 1);
    put_text(&bytes, "!", 1);
    put_array(&bytes, "tokenizer.ggml.merges", GGUF_STRING, 0);
    assert_create_fails(SURETY_ERR_PARSE, "no token for the byte 0x00");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(encode_merges_lowest_rank_first),
        TEST(encode_control_tokens_only_on_demand),
        TEST(piece_of_unknown_id_is_empty),
        TEST(encode_equals_the_plain_algorithm),
        TEST(encode_one_huge_word_is_not_quadratic),
        TEST(encode_then_pieces_give_the_bytes_back),
        TEST(create_says_what_is_wrong),
    };
    return cmocka_run_group_tests_name("engine.tokenizer", tests, NULL, NULL);
}
