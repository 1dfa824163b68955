/*
 * fuzz_jsonl.c - the reader of JSON lines on arbitrary bytes.
 *
 * Reading ends, line numbers only grow, a bad line costs only itself, and what is read is valid
 * text that is written and read back as the same value.
 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/jsonl.h"
#include "base/utf8.h"

static void check_round_trip(const json_t *object)
{
    char *text = json_to_text(object);
    FUZZ_CHECK(text && utf8_is_valid(text, strlen(text)));
    json_t *again = NULL;
    FUZZ_CHECK(json_load_text(text, strlen(text), &again, NULL) == SURETY_OK);
    char *text_again = json_to_text(again);
    FUZZ_CHECK(text_again && strcmp(text, text_again) == 0);
    free(text_again);
    free(text);
    json_decref(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FILE *file = size ? fmemopen((void *)data, size, "r") : NULL;
    if (!file)
        return 0;
    struct jsonl reader;
    jsonl_init(&reader, file, "fuzz.jsonl");
    size_t lines = 1;
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    for (size_t line = 0;;) {
        json_t *object = NULL;
        struct surety_error err = {0};
        enum surety_err code = jsonl_next(&reader, &object, &err);
        if (code == SURETY_OK && !object)
            break;
        FUZZ_CHECK(reader.line > line && reader.line <= lines);
        line = reader.line;
        FUZZ_CHECK((code == SURETY_OK) == (err.message[0] == '\0'));
        if (code != SURETY_OK)
            continue;
        FUZZ_CHECK(json_is_object(object));
        check_round_trip(object);
        json_decref(object);
    }
    jsonl_fini(&reader);
    fclose(file);
    return 0;
}
