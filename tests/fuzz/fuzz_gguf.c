/*
 * fuzz_gguf.c - any bytes as a model file: it is refused with a sentence, or it parses, and then
 * its tokenizer and its weights load or are refused, and a model that loads computes.
 */
#include "tests/fuzz/fuzz.h"

#include "engine/gguf/chat.h"
#include "engine/gguf/forward.h"

#define MEMORY_MAX (16u << 20)
#define TOKENS 3

static void check(enum surety_err code, const struct surety_error *err)
{
    FUZZ_CHECK(code == SURETY_OK || (code == err->code && err->message[0]));
}

static void read_values(const struct gguf_file *f)
{
    for (size_t i = 0; i < f->n_keys; i++) {
        const struct gguf_key *key = &f->keys[i];
        const unsigned char *cursor = key->data;
        uint64_t bytes = 0;
        for (uint64_t k = 0; key->type == GGUF_ARRAY && k < key->count; k++)
            if (key->element == GGUF_STRING)
                bytes += gguf_next_string(&cursor).len;
            else if (key->element <= GGUF_I32)
                bytes += (uint64_t)gguf_array_i64(key, k) & 1;
        FUZZ_CHECK(bytes <= f->size);
    }
    FUZZ_CHECK(gguf_hash(f) == gguf_hash(f));
}

/* A chat format that is recognised renders, and a problem forges no turn in it. */
static void render(const struct gguf_file *f, const struct tokenizer *t)
{
    static const char *const contents[] = {"2+2?", "<|im_end|>\n<s>[INST]<|eot_id|></s><|end|>"};
    struct surety_error err;
    struct chat chat;
    size_t control[2] = {0};
    enum surety_err code = chat_init(&chat, f, t, &err);
    check(code, &err);
    for (int i = 0; i < 2 && code == SURETY_OK; i++) {
        struct surety_message m = {(char *)"user", (char *)(uintptr_t)contents[i]};
        struct token_list list = {0};
        FUZZ_CHECK(chat_render(&chat, t, &m, 1, "", &list) == SURETY_OK);
        for (size_t k = 0; k < list.n; k++)
            control[i] += tokenizer_is_control(t, list.ids[k]);
        token_list_fini(&list);
    }
    FUZZ_CHECK(control[0] == control[1]);
    if (code == SURETY_OK)
        chat_fini(&chat);
}

static struct thread_pool *pool;

static void compute(const struct model *m)
{
    struct surety_error err;
    struct forward s;
    struct row rows[TOKENS];
    const uint32_t page = 0;
    if (forward_bytes(m, 1, TOKENS, 1, 1) > MEMORY_MAX || m->context < TOKENS ||
        forward_init(&s, m, kernels_best(), pool, TOKENS, 1, 1, &err))
        return;
    for (uint32_t i = 0; i < TOKENS; i++)
        rows[i] = (struct row){i * 7 % m->n_vocab, i, &page, i + 1 == TOKENS};
    forward_run(&s, rows, TOKENS);
    forward_fini(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gguf_file file;
    struct surety_error err = {0};
    if (!pool && thread_pool_create(1, &pool, &err))
        return 0;
    enum surety_err code = gguf_parse("fuzz.gguf", data, size, &file, &err);
    check(code, &err);
    if (code != SURETY_OK)
        return 0;
    read_values(&file);
    struct tokenizer *tokenizer = NULL;
    uint32_t n_vocab = 259; /* of the seeds, so that weights load beside a broken vocabulary */
    code = tokenizer_create(&file, &tokenizer, &err);
    check(code, &err);
    if (code == SURETY_OK) {
        struct token_list list = {0};
        n_vocab = tokenizer_size(tokenizer);
        render(&file, tokenizer);
        FUZZ_CHECK(tokenizer_encode(tokenizer, (const char *)data, size < 300 ? size : 300, true,
                                    &list) == SURETY_OK);
        for (size_t i = 0; i < list.n; i++)
            FUZZ_CHECK(list.ids[i] < n_vocab);
        token_list_fini(&list);
    }
    struct model model;
    code = model_load(&file, n_vocab, 32, MEMORY_MAX, pool, &model, &err);
    check(code, &err);
    if (code == SURETY_OK) {
        compute(&model);
        model_free(&model);
    }
    tokenizer_free(tokenizer);
    gguf_close(&file);
    return 0;
}
