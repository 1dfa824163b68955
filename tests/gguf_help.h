/* gguf_help.h - writes small GGUF files in memory, right or wrong, and finds the demo model. */
#ifndef SURETY_TESTS_GGUF_HELP_H
#define SURETY_TESTS_GGUF_HELP_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "engine/gguf/file.h"

static inline void put_int(struct buf *b, uint64_t v, int n)
{
    for (int i = 0; i < n; i++)
        buf_putc(b, (char)(v >> (8 * i)));
}

static inline void put_text(struct buf *b, const char *text, size_t len)
{
    put_int(b, len, 8);
    buf_append(b, text, len);
}

static inline void put_key(struct buf *b, const char *name, enum gguf_type type)
{
    put_text(b, name, strlen(name));
    put_int(b, type, 4);
}

static inline void put_string(struct buf *b, const char *name, const char *value)
{
    put_key(b, name, GGUF_STRING);
    put_text(b, value, strlen(value));
}

static inline void put_u32(struct buf *b, const char *name, uint32_t value)
{
    put_key(b, name, GGUF_U32);
    put_int(b, value, 4);
}

static inline void put_array(struct buf *b, const char *name, enum gguf_type element, uint64_t n)
{
    put_key(b, name, GGUF_ARRAY);
    put_int(b, element, 4);
    put_int(b, n, 8);
}

static inline void put_header(struct buf *b, uint64_t n_tensors, uint64_t n_keys)
{
    buf_append(b, "GGUF", 4);
    put_int(b, 3, 4);
    put_int(b, n_tensors, 8);
    put_int(b, n_keys, 8);
}

/* A row of the tensor table. */
static inline void put_tensor(struct buf *b, const char *name, uint64_t columns, uint64_t rows,
                              uint32_t type, uint64_t offset)
{
    put_text(b, name, strlen(name));
    put_int(b, rows ? 2 : 1, 4);
    put_int(b, columns, 8);
    if (rows)
        put_int(b, rows, 8);
    put_int(b, type, 4);
    put_int(b, offset, 8);
}

static inline void put_padding(struct buf *b, size_t alignment)
{
    while (b->len % alignment)
        buf_putc(b, '\0');
}

/* GPT-2's printable character for a byte. */
static inline size_t byte_text(unsigned byte, char out[4])
{
    unsigned n = 0;
    for (unsigned b = 0; b <= byte; b++) {
        int itself = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
        if (b == byte)
            return utf8_encode(itself ? b : 256 + n, out);
        n += !itself;
    }
    return 0;
}

/* The five keys of a vocabulary: 256 bytes in order, then words (their merges' results), then the
 * control tokens <|im_start|> <|im_end|>; merges are lines "a b". */
static inline void put_vocabulary(struct buf *b, const char *const *words, size_t n_words,
                                  const char *const *merges, size_t n_merges)
{
    put_string(b, "tokenizer.ggml.model", "gpt2");
    put_string(b, "tokenizer.ggml.pre", "qwen2");
    put_array(b, "tokenizer.ggml.tokens", GGUF_STRING, 258 + n_words);
    for (unsigned byte = 0; byte < 256; byte++) {
        char text[4];
        put_text(b, text, byte_text(byte, text));
    }
    for (size_t i = 0; i < n_words; i++)
        put_text(b, words[i], strlen(words[i]));
    put_text(b, "<|im_start|>", 12);
    put_text(b, "<|im_end|>", 10);
    put_array(b, "tokenizer.ggml.token_type", GGUF_I32, 258 + n_words);
    for (size_t i = 0; i < 258 + n_words; i++)
        put_int(b, i < 256 + n_words ? 1 : 3, 4);
    put_array(b, "tokenizer.ggml.merges", GGUF_STRING, n_merges);
    for (size_t i = 0; i < n_merges; i++)
        put_text(b, merges[i], strlen(merges[i]));
}
#define VOCABULARY_KEYS 5

/* The shipped model: $SURETY_DEMO_MODEL, which the build sets for tests, else from the root. */
static inline const char *demo_model_path(void)
{
    const char *path = getenv("SURETY_DEMO_MODEL");
    return path ? path : "examples/demo/prototype.f16.gguf";
}

#endif
