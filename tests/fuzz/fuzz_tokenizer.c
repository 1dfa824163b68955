/*
 * fuzz_tokenizer.c - any bytes through the demo model's tokenizer come back as they were, and
 * control tokens come only where they are asked for.
 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "engine/gguf/tokenizer.h"
#include "tests/gguf_help.h"

static struct tokenizer *tokenizer;

static void open_once(void)
{
    static struct gguf_file file;
    struct surety_error err;
    if (tokenizer)
        return;
    if (gguf_open(demo_model_path(), &file, &err) || tokenizer_create(&file, &tokenizer, &err)) {
        fprintf(stderr, "%s (set SURETY_DEMO_MODEL)\n", err.message);
        exit(1);
    }
    gguf_close(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    open_once();
    for (int control = 0; control <= 1; control++) {
        struct token_list list = {0};
        size_t at = 0;
        FUZZ_CHECK(tokenizer_encode(tokenizer, (const char *)data, size, control, &list) ==
                   SURETY_OK);
        for (size_t i = 0; i < list.n; i++) {
            struct gguf_string piece = tokenizer_piece(tokenizer, list.ids[i]);
            FUZZ_CHECK(piece.len > 0 && piece.len <= size - at);
            FUZZ_CHECK(memcmp(data + at, piece.text, piece.len) == 0);
            FUZZ_CHECK(control || !tokenizer_is_control(tokenizer, list.ids[i]));
            at += piece.len;
        }
        FUZZ_CHECK(at == size);
        token_list_fini(&list);
    }
    return 0;
}
