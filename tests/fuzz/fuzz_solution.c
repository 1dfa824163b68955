/*
 * fuzz_solution.c - a solution read by a built-in profile; the first byte chooses profile, m and
 * whether it was cut.
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "claims/read/profile.h"
#include "tests/fuzz/fuzz.h"

static struct profile *profiles[2];

static void check_claim(const struct claim_span *claim, const char *text, size_t len)
{
    size_t n = strlen(claim->text);
    FUZZ_CHECK(n > 0 && n <= SURETY_CLAIM_MAX && utf8_is_valid(claim->text, n));
    FUZZ_CHECK(!strpbrk(claim->text, "\r\n\t\v\f"));
    FUZZ_CHECK(claim->start < claim->end && claim->end <= len);
    FUZZ_CHECK(utf8_is_valid(text + claim->start, claim->end - claim->start));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    if (!profiles[0]) {
        FUZZ_CHECK(!profile_parse(profile_builtin("instruct"), &profiles[0], NULL));
        FUZZ_CHECK(!profile_parse(profile_builtin("demo"), &profiles[1], NULL));
    }
    const struct profile *profile = profiles[data[0] & 1];
    bool truncated = data[0] & 2;
    uint32_t m = data[0] / 4u + 1;
    size_t len;
    char *text = utf8_make_valid((const char *)data + 1, size - 1, &len);
    if (!text)
        return 0;
    struct arena arena;
    arena_init(&arena, 512u << 20);
    struct answer answer;
    struct claim_span *claims;
    size_t n;
    bool cooperating;
    FUZZ_CHECK(!profile_read_solution(profile, "What is 6*7?", text, truncated, m, &arena, &answer,
                                      &claims, &n, &cooperating));
    FUZZ_CHECK(n <= m);
    for (size_t i = 0; i < n; i++)
        check_claim(&claims[i], text, len);
    FUZZ_CHECK(!answer.text || strlen(answer.text) <= SURETY_ANSWER_MAX);
    arena_fini(&arena);
    free(text);
    return 0;
}
