/* gguf_help.h - writes small GGUF files in memory, right or wrong, and finds the demo model. */
#ifndef SURETY_TESTS_GGUF_HELP_H
#define SURETY_TESTS_GGUF_HELP_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "engine/gguf/file.h"
#include "engine/gguf/half.h"

static inline void put_int(struct buf *b, uint64_t v, int n)
{
    for (int i = 0; i < n; i++)
        buf_putc(b, i < 8 ? (char)(v >> (8 * i)) : '\0');
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
 * control tokens <|im_start|> <|im_end|>; merges are lines "a b". Words are cut as pre says. */
static inline void put_vocabulary_cut(struct buf *b, const char *pre, const char *const *words,
                                      size_t n_words, const char *const *merges, size_t n_merges)
{
    put_string(b, "tokenizer.ggml.model", "gpt2");
    put_string(b, "tokenizer.ggml.pre", pre);
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

static inline void put_vocabulary(struct buf *b, const char *const *words, size_t n_words,
                                  const char *const *merges, size_t n_merges)
{
    put_vocabulary_cut(b, "qwen2", words, n_words, merges, n_merges);
}

/* The keys of a vocabulary of kind llama: <unk> <s> </s>, 256 byte tokens in order, then words with
 * these scores ("\u2581" in a word is a blank). */
static inline void put_llama_vocabulary(struct buf *b, const char *const *words,
                                        const float *scores, size_t n_words)
{
    static const char *const marks[] = {"<unk>", "<s>", "</s>"};
    size_t n = 259 + n_words;
    put_string(b, "tokenizer.ggml.model", "llama");
    put_array(b, "tokenizer.ggml.tokens", GGUF_STRING, n);
    for (size_t i = 0; i < 3; i++)
        put_text(b, marks[i], strlen(marks[i]));
    for (unsigned byte = 0; byte < 256; byte++) {
        char name[8];
        snprintf(name, sizeof name, "<0x%02X>", byte);
        put_text(b, name, 6);
    }
    for (size_t i = 0; i < n_words; i++)
        put_text(b, words[i], strlen(words[i]));
    put_array(b, "tokenizer.ggml.token_type", GGUF_I32, n);
    for (size_t i = 0; i < n; i++)
        put_int(b, i == 0 ? 2 : i < 3 ? 3 : i < 259 ? 6 : 1, 4);
    put_array(b, "tokenizer.ggml.scores", GGUF_F32, n);
    for (size_t i = 0; i < n; i++) {
        uint32_t bits = 0;
        if (i >= 259)
            memcpy(&bits, &scores[i - 259], sizeof bits);
        put_int(b, bits, 4);
    }
}
#define LLAMA_VOCABULARY_KEYS 4

/* Weight i of a tensor of type F32, F16 or BF16, rounded somehow. */
static inline void put_weight(unsigned char *tensor, enum gguf_tensor_type type, size_t i,
                              float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint16_t half = type == GGUF_TENSOR_F16 ? float_to_half(value) : (uint16_t)(bits >> 16);
    if (type == GGUF_TENSOR_F32)
        memcpy(tensor + 4 * i, &bits, 4);
    else
        memcpy(tensor + 2 * i, &half, 2);
}

/* n blocks of a quantised type with random numbers and small scales. */
static inline void put_noise_blocks(unsigned char *tensor, enum gguf_tensor_type type, size_t n,
                                    uint64_t *seed)
{
    const struct gguf_block *block = gguf_block(type);
    for (unsigned char *p = tensor; p < tensor + n * block->bytes; p++) {
        *seed = *seed * 6364136223846793005u + 1442695040888963407u;
        *p = (unsigned char)(*seed >> 56);
    }
    for (size_t i = 0; i < n; i++) {
        unsigned char *d = tensor + i * block->bytes + (type == GGUF_TENSOR_Q6_K ? 208 : 0);
        uint16_t scale =
            float_to_half(type == GGUF_TENSOR_Q8_0 ? 0.01f : 0.001f + (float)(d[0] & 15) * 1e-4f);
        memcpy(d, &scale, sizeof scale);
        if (type == GGUF_TENSOR_Q4_K)
            memcpy(d + 2, &scale, sizeof scale);
    }
}

/* A whole small model with noise for weights; every field 0 takes a default. */
struct tiny {
    uint32_t width, layers, heads, kv_heads, hidden, context;
    uint32_t head_size;   /* 0: width / heads */
    uint32_t type;        /* of the matrices */
    uint32_t vector_type; /* of norms and biases */
    const char *missing;  /* tensor that is left out */
    const char *stray;    /* a vector more */
    const char *reshaped; /* tensor with one row too many */
    const char *poisoned; /* tensor whose first element is no number */
    const char *architecture, *profile, *template;
    bool factors; /* rope_freqs.weight */
};

struct tiny_tensors { /* the first walk writes the table, the second the data */
    struct buf *b;
    const struct tiny *how;
    bool data;
    uint32_t n;
    uint64_t offset, seed;
};

static inline void tiny_tensor(struct tiny_tensors *t, const char *name, uint64_t columns,
                               uint64_t rows)
{
    if (t->how->missing && strcmp(t->how->missing, name) == 0)
        return;
    if (t->how->reshaped && strcmp(t->how->reshaped, name) == 0)
        rows++;
    uint32_t type = rows ? t->how->type : t->how->vector_type;
    const struct gguf_block *block = gguf_block(type);
    uint64_t n = columns * (rows ? rows : 1), bytes = n / block->elements * block->bytes;
    t->n++;
    if (!t->data) {
        put_tensor(t->b, name, columns, rows, type, t->offset);
        t->offset += (bytes + 31) / 32 * 32;
        return;
    }
    if (block->elements > 1) {
        unsigned char *noise = malloc(bytes);
        put_noise_blocks(noise, (enum gguf_tensor_type)type, n / block->elements, &t->seed);
        buf_append(t->b, noise, bytes);
        free(noise);
        n = 0;
    }
    for (uint64_t i = 0; i < n; i++) {
        t->seed = t->seed * 6364136223846793005u + 1442695040888963407u;
        float value = (float)(int32_t)(t->seed >> 32) * 0x1p-31f;
        uint32_t bits;
        memcpy(&bits, &value, sizeof bits);
        if (type == GGUF_TENSOR_F16) /* random bits, but no large exponent */
            put_int(t->b, bits & 0xBBFF, 2);
        else
            put_int(t->b,
                    i == 0 && t->how->poisoned && !strcmp(t->how->poisoned, name) ? 0x7FC00000
                                                                                  : bits,
                    4);
    }
    put_padding(t->b, 32);
}

static inline void tiny_walk(struct tiny_tensors *t, const struct tiny *h, uint32_t vocabulary)
{
    char name[64];
    uint32_t size = h->head_size ? h->head_size : h->width / h->heads;
    const struct {
        const char *name;
        uint64_t columns, rows;
    } parts[] = {
        {"attn_norm.weight", h->width, 0},      {"attn_q.weight", h->width, h->heads * size},
        {"attn_q.bias", h->heads * size, 0},    {"attn_k.weight", h->width, h->kv_heads * size},
        {"attn_k.bias", h->kv_heads * size, 0}, {"attn_v.weight", h->width, h->kv_heads * size},
        {"attn_v.bias", h->kv_heads * size, 0}, {"attn_output.weight", h->heads * size, h->width},
        {"ffn_norm.weight", h->width, 0},       {"ffn_gate.weight", h->width, h->hidden},
        {"ffn_up.weight", h->width, h->hidden}, {"ffn_down.weight", h->hidden, h->width},
    };
    bool qwen3 = h->architecture && strcmp(h->architecture, "qwen3") == 0;
    t->n = 0;
    if (h->factors)
        tiny_tensor(t, "rope_freqs.weight", size / 2, 0);
    if (h->stray)
        tiny_tensor(t, h->stray, h->width, 0);
    tiny_tensor(t, "token_embd.weight", h->width, vocabulary);
    tiny_tensor(t, "output_norm.weight", h->width, 0);
    for (uint32_t layer = 0; layer < h->layers; layer++)
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
            snprintf(name, sizeof name, "blk.%u.%s", layer, parts[i].name);
            tiny_tensor(t, name, parts[i].columns, parts[i].rows);
        }
    for (uint32_t layer = 0; qwen3 && layer < h->layers; layer++)
        for (int key = 0; key < 2; key++) {
            snprintf(name, sizeof name, "blk.%u.attn_%c_norm.weight", layer, key ? 'k' : 'q');
            tiny_tensor(t, name, size, 0);
        }
}

static inline void put_shape(struct buf *b, const char *architecture, const char *key,
                             uint32_t value)
{
    char name[64];
    snprintf(name, sizeof name, "%s.%s", architecture, key);
    put_u32(b, name, value);
}

static inline void put_tiny_model(struct buf *b, const struct tiny *wanted)
{
    struct tiny h = *wanted;
    h.width = h.width ? h.width : 12;
    h.layers = h.layers ? h.layers : 2;
    h.heads = h.heads ? h.heads : 2;
    h.kv_heads = h.kv_heads ? h.kv_heads : 1;
    h.hidden = h.hidden ? h.hidden : 20;
    h.context = h.context ? h.context : 64;
    struct buf table;
    buf_init(&table, 1 << 24);
    struct tiny_tensors t = {.b = &table, .how = &h, .seed = 7};
    tiny_walk(&t, &h, 259);
    const char *architecture = h.architecture ? h.architecture : "qwen2";
    put_header(b, t.n, VOCABULARY_KEYS + 7 + !!h.head_size + !!h.profile + !!h.template);
    put_string(b, "general.architecture", architecture);
    put_shape(b, architecture, "context_length", h.context);
    put_shape(b, architecture, "embedding_length", h.width);
    put_shape(b, architecture, "block_count", h.layers);
    put_shape(b, architecture, "feed_forward_length", h.hidden);
    put_shape(b, architecture, "attention.head_count", h.heads);
    put_shape(b, architecture, "attention.head_count_kv", h.kv_heads);
    if (h.head_size)
        put_shape(b, architecture, "attention.key_length", h.head_size);
    if (h.profile)
        put_string(b, "surety.profile", h.profile);
    if (h.template)
        put_string(b, "tokenizer.chat_template", h.template);
    put_vocabulary(b, (const char *const[]){"ab"}, 1, (const char *const[]){"a b"}, 1);
    buf_append(b, table.data, table.len);
    put_padding(b, 32);
    t.b = b;
    t.data = true;
    tiny_walk(&t, &h, 259);
    buf_fini(&table);
}

/* The shipped model: $SURETY_DEMO_MODEL, which the build sets for tests, else from the root. */
static inline const char *demo_model_path(void)
{
    const char *path = getenv("SURETY_DEMO_MODEL");
    return path ? path : "examples/demo/clr-tiny.f16.gguf";
}

#endif
