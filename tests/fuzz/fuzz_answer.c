/*
 * fuzz_answer.c - any text as a solution: the answer lies where it says, and thinking hides it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "claims/read/answer.h"
#include "claims/text/thinking.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t len;
    char *text = utf8_make_valid((const char *)data, size, &len);
    FUZZ_CHECK(text);
    for (int truncated = 0; truncated < 2; truncated++) {
        struct arena arena;
        struct answer a;
        arena_init(&arena, 1 << 22);
        FUZZ_CHECK(answer_extract(text, truncated, &arena, &a) == SURETY_OK);
        FUZZ_CHECK(a.how && a.start <= a.end && a.end <= len);
        if (a.text) {
            FUZZ_CHECK(a.text[0] && strlen(a.text) <= SURETY_ANSWER_MAX + 3);
            FUZZ_CHECK(a.start < a.end && utf8_is_valid(a.text, strlen(a.text)));
        }
        arena_fini(&arena);
    }
    FUZZ_CHECK(thinking_skip(text) <= len);
    free(text);
    return 0;
}
