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
    assert_int_equal(tokenizer_size(tokenizer), 896);
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

/* ---- kind llama: from id 259 on; the blank is written as U+2581 in files ---- */

#define LLAMA_WORD 259
static const char *const llama_words[] = {"a",  "b",   "c",       "\u2581",       "ab",
                                          "bc", "abc", "\u2581a", "\u2581\u2581", "\u00e9"};
static const float llama_scores[] = {-10, -10, -10, -10, -3, -2, -1, -2, -4, -10};
enum { A = LLAMA_WORD, B, C, BLANK, AB, BC, ABC, BLANK_A, BLANKS, E_ACUTE };

static void llama_vocabulary(bool space_prefix)
{
    put_header(&bytes, 0, LLAMA_VOCABULARY_KEYS + 1);
    put_llama_vocabulary(&bytes, llama_words, llama_scores, 10);
    put_key(&bytes, "tokenizer.ggml.add_space_prefix", GGUF_BOOL);
    put_int(&bytes, space_prefix, 1);
    assert_int_equal(create(), SURETY_OK);
}

static void encode_llama_merges_highest_score_first(void **state)
{
    llama_vocabulary(false);
    assert_ids("bc", false, (uint32_t[]){BC}, 1);
    assert_ids("abc", false, (uint32_t[]){ABC}, 1); /* by b+c, then a+bc */
    assert_ids("abbc", false, (uint32_t[]){AB, BC}, 2);
    assert_ids("aab", false, (uint32_t[]){A, AB}, 2);
    assert_ids("a a", false, (uint32_t[]){A, BLANK_A}, 2);
    assert_ids("a   b", false, (uint32_t[]){A, BLANKS, BLANK, B}, 4);
    assert_ids("a\u2581a", false, (uint32_t[]){A, BLANK_A}, 2);
    assert_ids("", false, NULL, 0);
}

static void encode_llama_spells_unknown_characters_as_bytes(void **state)
{
    llama_vocabulary(false);
    assert_ids("\u00e9", false, (uint32_t[]){E_ACUTE}, 1);
    assert_ids("\u00e8b\n", false, (uint32_t[]){3 + 0xC3, 3 + 0xA8, B, 3 + '\n'}, 4);
    struct gguf_string piece = tokenizer_piece(tokenizer, 3 + 0xC3);
    assert_int_equal(piece.len, 1);
    assert_memory_equal(piece.text, "\xC3", 1);
    piece = tokenizer_piece(tokenizer, BLANK_A);
    assert_int_equal(piece.len, 2);
    assert_memory_equal(piece.text, " a", 2);
}

static void encode_llama_puts_a_blank_before_text(void **state)
{
    llama_vocabulary(true);
    assert_ids("a", false, (uint32_t[]){BLANK_A}, 1);
    assert_ids("</s>a<s>", true, (uint32_t[]){2, BLANK_A, 1}, 3);
    assert_ids("", false, NULL, 0);
    assert_ids("<s>", true, (uint32_t[]){1}, 1);
    assert_int_equal(tokenizer_bos(tokenizer), 1);
    assert_true(tokenizer_is_end(tokenizer, 2));
    assert_true(tokenizer_is_control(tokenizer, 0));
}

static void encode_llama_equals_the_plain_algorithm(void **state)
{
    llama_vocabulary(false);
    uint64_t x = 88172645463325252u;
    for (int round = 0; round < 2000; round++) {
        char text[24];
        uint32_t ids[24];
        size_t n = 1 + round % 23, len = n;
        for (size_t i = 0; i < n; i++) {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            text[i] = "abc "[x % 4];
            ids[i] = text[i] == ' ' ? BLANK : A + (uint32_t)(text[i] - 'a');
        }
        text[n] = '\0';
        for (;;) { /* the pair of the highest score, the leftmost among equals */
            static const uint32_t merges[][3] = {{A, BC, ABC}, {AB, C, ABC},
                                                 {B, C, BC},   {BLANK, A, BLANK_A},
                                                 {A, B, AB},   {BLANK, BLANK, BLANKS}};
            static const int order[] = {0, 0, 1, 1, 2, 3}; /* of their scores */
            int best = 4;
            size_t at = 0, which = 0;
            for (size_t i = 0; i + 1 < n; i++)
                for (size_t m = 0; m < 6; m++)
                    if (ids[i] == merges[m][0] && ids[i + 1] == merges[m][1] && order[m] < best) {
                        best = order[m];
                        at = i;
                        which = m;
                    }
            if (best == 4)
                break;
            ids[at] = merges[which][2];
            memmove(ids + at + 1, ids + at + 2, (n - at - 2) * sizeof *ids);
            n--;
        }
        assert_int_equal(strlen(text), len);
        assert_ids(text, false, ids, n);
    }
}

/* ---- files that are wrong, and what a file may say ---- */

static void create_takes_ends_and_bos_from_the_file(void **state)
{
    put_header(&bytes, 0, VOCABULARY_KEYS + 4);
    put_vocabulary(&bytes, (const char *const[]){"ab"}, 1, (const char *const[]){"a b"}, 1);
    put_u32(&bytes, "tokenizer.ggml.eot_token_id", 'x');
    put_u32(&bytes, "tokenizer.ggml.eos_token_id", 256);
    put_u32(&bytes, "tokenizer.ggml.bos_token_id", 257);
    put_key(&bytes, "tokenizer.ggml.add_bos_token", GGUF_BOOL);
    put_int(&bytes, 1, 1);
    assert_int_equal(create(), SURETY_ERR_PARSE); /* an end that is needed for a byte */
    assert_non_null(strstr(err.message, "no token for the byte 0x78"));
    gguf_close(&file);
    bytes.len = 0;
    put_header(&bytes, 0, VOCABULARY_KEYS + 3);
    put_vocabulary(&bytes, (const char *const[]){"ab"}, 1, (const char *const[]){"a b"}, 1);
    put_u32(&bytes, "tokenizer.ggml.eos_token_id", 256);
    put_u32(&bytes, "tokenizer.ggml.bos_token_id", 257);
    put_key(&bytes, "tokenizer.ggml.add_bos_token", GGUF_BOOL);
    put_int(&bytes, 1, 1);
    assert_int_equal(create(), SURETY_OK);
    assert_int_equal(tokenizer_bos(tokenizer), 257);
    assert_true(tokenizer_is_end(tokenizer, 256));
    assert_true(tokenizer_is_control(tokenizer, 256));
    assert_ids("ab", false, (uint32_t[]){'a', 'b'}, 2); /* no text ends a turn */
    assert_ids("ab", true, (uint32_t[]){256}, 1);
}

static void assert_create_fails(enum surety_err code, const char *part)
{
    assert_int_equal(create(), code);
    if (!strstr(err.message, part))
        print_error("\"%s\" lacks \"%s\"\n", err.message, part);
    assert_non_null(strstr(err.message, part));
    assert_non_null(strstr(err.message, "m.gguf"));
    gguf_close(&file);
    buf_reset(&bytes);
}

static void create_names_what_it_does_not_know(void **state)
{
    put_header(&bytes, 0, 0);
    assert_create_fails(SURETY_ERR_UNSUPPORTED, "tokenizer.ggml.model is ''");
    put_header(&bytes, 0, 1);
    put_u32(&bytes, "tokenizer.ggml.model", 1);
    assert_create_fails(SURETY_ERR_PARSE, "'tokenizer.ggml.model' is no string");
    put_header(&bytes, 0, 1);
    put_string(&bytes, "tokenizer.ggml.model", "bert");
    assert_create_fails(SURETY_ERR_UNSUPPORTED, "is 'bert'; this engine knows 'gpt2' and 'llama'");
    put_header(&bytes, 0, 2);
    put_string(&bytes, "tokenizer.ggml.model", "gpt2");
    put_string(&bytes, "tokenizer.ggml.pre", "llama-bpe2");
    assert_create_fails(SURETY_ERR_UNSUPPORTED, "'llama-bpe2', a way of cutting words that this "
                                                "engine does not know (it knows qwen2, ");
    put_header(&bytes, 0, 1);
    put_string(&bytes, "tokenizer.ggml.model", "gpt2");
    assert_create_fails(SURETY_ERR_UNSUPPORTED, "command-r)");
}

static void put_gpt2_kind(uint64_t more_keys)
{
    put_header(&bytes, 0, 2 + more_keys);
    put_string(&bytes, "tokenizer.ggml.model", "gpt2");
    put_string(&bytes, "tokenizer.ggml.pre", "qwen2");
}

static void create_names_what_is_wrong_with_tokens(void **state)
{
    put_gpt2_kind(0);
    assert_create_fails(SURETY_ERR_PARSE, "has no vocabulary");
    put_gpt2_kind(1);
    put_u32(&bytes, "tokenizer.ggml.tokens", 1);
    assert_create_fails(SURETY_ERR_PARSE, "has no vocabulary");
    put_gpt2_kind(1);
    put_array(&bytes, "tokenizer.ggml.tokens", GGUF_STRING, 0);
    assert_create_fails(SURETY_ERR_PARSE, "has no vocabulary");
    put_gpt2_kind(1);
    put_array(&bytes, "tokenizer.ggml.tokens", GGUF_STRING, (1 << 20) + 1);
    for (int i = 0; i <= 1 << 20; i++)
        put_text(&bytes, "", 0);
    assert_create_fails(SURETY_ERR_LIMIT, "more than 1048576 tokens");
    put_gpt2_kind(1);
    put_array(&bytes, "tokenizer.ggml.tokens", GGUF_STRING, 2);
    put_text(&bytes, "!", 1);
    put_int(&bytes, 4097, 8);
    for (int i = 0; i < 4097; i++)
        put_int(&bytes, 'x', 1);
    assert_create_fails(SURETY_ERR_PARSE, "token 1 is longer than 4096 bytes");
    put_gpt2_kind(2);
    put_array(&bytes, "tokenizer.ggml.tokens", GGUF_STRING, 1);
    put_text(&bytes, "!", 1);
    put_array(&bytes, "tokenizer.ggml.merges", GGUF_STRING, 0);
    assert_create_fails(SURETY_ERR_PARSE, "no token for the byte 0x00");
    put_header(&bytes, 0, VOCABULARY_KEYS);
    put_vocabulary(&bytes, (const char *const[]){"ab", "cd", "ab"}, 3, NULL, 0);
    assert_create_fails(SURETY_ERR_PARSE, "tokens 256 and 258 are both 'ab'");
    put_gpt2_kind(2);
    put_array(&bytes, "tokenizer.ggml.tokens", GGUF_STRING, 2);
    put_text(&bytes, "a", 1);
    put_text(&bytes, "b", 1);
    put_array(&bytes, "tokenizer.ggml.token_type", GGUF_I32, 1);
    put_int(&bytes, 1, 4);
    assert_create_fails(SURETY_ERR_PARSE, "token_type does not hold one integer for each of the 2");
    put_gpt2_kind(2);
    put_array(&bytes, "tokenizer.ggml.tokens", GGUF_STRING, 1);
    put_text(&bytes, "a", 1);
    put_array(&bytes, "tokenizer.ggml.token_type", GGUF_I32, 1);
    put_int(&bytes, 7, 4);
    assert_create_fails(SURETY_ERR_PARSE, "token 0 is of the unknown type 7");
}

static void create_names_what_is_wrong_with_merges(void **state)
{
    static const struct {
        const char *merge, *part;
    } table[] = {{"b c", "merge 0 'b c' joins or makes a token that the vocabulary lacks"},
                 {"nospace", "merge 0 'nospace'"},
                 {" ", "merge 0 ' '"},
                 {"", "merge 0 ''"},
                 {"a ", "merge 0 'a '"},
                 {"zz a", "merge 0 'zz a'"},
                 {"a b c", "merge 0 'a b c'"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        put_header(&bytes, 0, VOCABULARY_KEYS);
        put_vocabulary(&bytes, (const char *const[]){"ab"}, 1, &table[i].merge, 1);
        assert_create_fails(SURETY_ERR_PARSE, table[i].part);
    }
}

static void create_names_what_is_wrong_with_ids_and_flags(void **state)
{
    static const char *const ids[] = {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id",
                                      "tokenizer.ggml.eom_token_id", "tokenizer.ggml.bos_token_id"};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        put_header(&bytes, 0, VOCABULARY_KEYS + 1);
        put_vocabulary(&bytes, NULL, 0, NULL, 0);
        put_u32(&bytes, ids[i], 258);
        assert_create_fails(SURETY_ERR_PARSE, ids[i]);
    }
    put_header(&bytes, 0, VOCABULARY_KEYS + 1);
    put_vocabulary(&bytes, NULL, 0, NULL, 0);
    put_key(&bytes, "tokenizer.ggml.add_bos_token", GGUF_BOOL);
    put_int(&bytes, 1, 1);
    assert_create_fails(SURETY_ERR_PARSE, "tokenizer.ggml.bos_token_id does not name");
    put_header(&bytes, 0, VOCABULARY_KEYS + 1);
    put_vocabulary(&bytes, NULL, 0, NULL, 0);
    put_u32(&bytes, "tokenizer.ggml.add_bos_token", 1);
    assert_create_fails(SURETY_ERR_PARSE, "'tokenizer.ggml.add_bos_token' is no truth value");
}

static void create_names_what_is_wrong_with_scores(void **state)
{
    static const float bad[] = {0.0f / 0.0f};
    put_header(&bytes, 0, LLAMA_VOCABULARY_KEYS);
    put_llama_vocabulary(&bytes, (const char *const[]){"a"}, bad, 1);
    assert_create_fails(SURETY_ERR_PARSE, "the score of token 259 is no number");
    put_header(&bytes, 0, LLAMA_VOCABULARY_KEYS - 1);
    put_llama_vocabulary(&bytes, (const char *const[]){"a"}, bad, 1);
    assert_create_fails(SURETY_ERR_PARSE,
                        "tokenizer.ggml.scores does not hold one number (F32) for "
                        "each of the 260 tokens");
    put_header(&bytes, 0, 2);
    put_string(&bytes, "tokenizer.ggml.model", "llama");
    put_array(&bytes, "tokenizer.ggml.tokens", GGUF_STRING, 2);
    put_text(&bytes, "<s>", 3);
    put_text(&bytes, "a", 1);
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
        TEST(encode_llama_merges_highest_score_first),
        TEST(encode_llama_spells_unknown_characters_as_bytes),
        TEST(encode_llama_puts_a_blank_before_text),
        TEST(encode_llama_equals_the_plain_algorithm),
        TEST(create_takes_ends_and_bos_from_the_file),
        TEST(create_names_what_it_does_not_know),
        TEST(create_names_what_is_wrong_with_tokens),
        TEST(create_names_what_is_wrong_with_merges),
        TEST(create_names_what_is_wrong_with_ids_and_flags),
        TEST(create_names_what_is_wrong_with_scores),
    };
    return cmocka_run_group_tests_name("engine.tokenizer", tests, NULL, NULL);
}
