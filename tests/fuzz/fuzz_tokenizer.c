/*
 * fuzz_tokenizer.c - any bytes come back as they were from every kind of vocabulary, and control
 * tokens come only where they are asked for. The first byte chooses the vocabulary.
 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "engine/gguf/pretoken.h"
#include "engine/gguf/tokenizer.h"
#include "tests/gguf_help.h"

#define KINDS_MAX 32

static struct tokenizer *tokenizers[KINDS_MAX];
static size_t n_kinds;

static void add(const struct gguf_file *file)
{
    struct surety_error err;
    if (tokenizer_create(file, &tokenizers[n_kinds++], &err)) {
        fprintf(stderr, "%s\n", err.message);
        exit(1);
    }
}

static void add_built(struct buf *b)
{
    struct gguf_file file;
    struct surety_error err;
    if (gguf_parse("built", b->data, b->len, &file, &err))
        exit(1);
    add(&file);
    gguf_close(&file);
    buf_reset(b);
}

/* The demo model's, one of kind llama, and one for every way of cutting words. */
static void open_once(void)
{
    static const char *const words[] = {"ab",      "\u0120a",      "12",
                                        "!\u010a", "\u0120\u0120", "\u00c3\u00a9"};
    static const char *const merges[] = {"a b",      "\u0120 a",      "1 2",
                                         "! \u010a", "\u0120 \u0120", "\u00c3 \u00a9"};
    static const char *const pieces[] = {"a",     "b", "\u2581", "ab", "\u2581a", "\u2581\u2581",
                                         "\u00e9"};
    static const float scores[] = {-9, -9, -9, -1, -2, -2, -9};
    struct gguf_file demo;
    struct surety_error err;
    struct buf b;
    if (n_kinds > 0)
        return;
    if (gguf_open(demo_model_path(), &demo, &err)) {
        fprintf(stderr, "%s (set SURETY_DEMO_MODEL)\n", err.message);
        exit(1);
    }
    add(&demo);
    gguf_close(&demo);
    buf_init(&b, 1 << 20);
    put_header(&b, 0, LLAMA_VOCABULARY_KEYS + 1);
    put_llama_vocabulary(&b, pieces, scores, 7);
    put_key(&b, "tokenizer.ggml.add_space_prefix", GGUF_BOOL);
    put_int(&b, 0, 1);
    add_built(&b);
    for (size_t i = 0; pretoken_at(i) && n_kinds < KINDS_MAX; i++) {
        put_header(&b, 0, VOCABULARY_KEYS + pretoken_at(i)->bos);
        put_vocabulary_cut(&b, pretoken_at(i)->name, words, 6, merges, 6);
        if (pretoken_at(i)->bos)
            put_u32(&b, "tokenizer.ggml.bos_token_id", 262);
        add_built(&b);
    }
    buf_fini(&b);
}

/* Text as a tokenizer gives it back: kind llama writes U+2581 as a blank. */
static size_t as_given_back(char *text, size_t len, bool llama)
{
    size_t n = 0;
    for (size_t i = 0; i < len;) {
        bool blank = llama && len - i >= 3 && memcmp(text + i, "\u2581", 3) == 0;
        text[n++] = blank ? ' ' : text[i];
        i += blank ? 3 : 1;
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    open_once();
    if (size == 0)
        return 0;
    size_t kind = *data % n_kinds;
    const struct tokenizer *t = tokenizers[kind];
    char *text = malloc(size);
    for (int control = 0; text && control <= 1; control++) {
        struct token_list list = {0};
        size_t at = 0;
        memcpy(text, data + 1, size - 1);
        FUZZ_CHECK(tokenizer_encode(t, text, size - 1, control, &list) == SURETY_OK);
        size_t len = as_given_back(text, size - 1, kind == 1);
        for (size_t i = 0; i < list.n; i++) {
            struct gguf_string piece = tokenizer_piece(t, list.ids[i]);
            FUZZ_CHECK(piece.len > 0 && piece.len <= len - at);
            FUZZ_CHECK(memcmp(text + at, piece.text, piece.len) == 0);
            FUZZ_CHECK(control || !tokenizer_is_control(t, list.ids[i]));
            at += piece.len;
        }
        FUZZ_CHECK(at == len);
        token_list_fini(&list);
    }
    free(text);
    return 0;
}
