/*
 * fuzz_verdict.c - a reply to a joint verification of n claims (n is the first byte).
 *
 * Besides reading within bounds: verdicts come all or not at all, and one more verdict line, for an
 * id that is there already or not known at all, takes all of them back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "claims/read/verdict.h"
#include "tests/fuzz/fuzz.h"

static const struct verdict_words words = {{"valid", "yes"}, 2, {"refuted", "no"}, 2};

/* True when the reply was read. */
static bool read_block(const char *reply, size_t n)
{
    enum surety_verdict verdicts[64];
    char *reasons[64];
    struct arena arena;
    arena_init(&arena, 64u << 20);
    FUZZ_CHECK(!verdict_read_block(&words, reply, n, &arena, verdicts, reasons));
    bool read = verdicts[0] != SURETY_VERDICT_UNPARSED;
    for (size_t i = 0; i < n; i++) {
        FUZZ_CHECK(read == (verdicts[i] != SURETY_VERDICT_UNPARSED));
        FUZZ_CHECK(!reasons[i] || verdicts[i] == SURETY_VERDICT_REFUTED);
        FUZZ_CHECK(!reasons[i] ||
                   (*reasons[i] && strlen(reasons[i]) <= VERDICT_REASON_MAX &&
                    !strchr(reasons[i], '\n') && utf8_is_valid(reasons[i], strlen(reasons[i]))));
    }
    arena_fini(&arena);
    return read;
}

static void read_single(const char *reply)
{
    struct arena arena;
    enum surety_verdict verdict;
    char *reason;
    arena_init(&arena, 64u << 20);
    FUZZ_CHECK(!verdict_read_line(&words, reply, &arena, &verdict, &reason));
    FUZZ_CHECK(!reason || verdict == SURETY_VERDICT_REFUTED);
    FUZZ_CHECK(!verdict_read_word(&words, reply, &arena, &verdict, &reason));
    FUZZ_CHECK(!reason || verdict == SURETY_VERDICT_REFUTED);
    arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    size_t n = data[0] % 64 + 1, len;
    char *reply = utf8_make_valid((const char *)data + 1, size - 1, &len);
    if (!reply)
        return 0;
    read_single(reply);
    if (read_block(reply, n)) {
        char *more = malloc(len + 32);
        if (more) {
            memcpy(more, reply, len);
            snprintf(more + len, 32, "\n%zu: VALID", n + 1);
            FUZZ_CHECK(!read_block(more, n));
            snprintf(more + len, 32, "\n%zu: VALID", n);
            FUZZ_CHECK(n == 1 || !read_block(more, n));
        }
        free(more);
    }
    free(reply);
    return 0;
}
