/*
 * fuzz_split.c - any text as problem and solution (a zero byte divides them): claims are what
 * stands at their place, in order, at most m, and their keys and names can be read.
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "claims/read/quantity.h"
#include "claims/read/split.h"
#include "tests/fuzz/fuzz.h"

#define M 7

static bool same_but_spaces(const char *folded, const char *source, size_t len)
{
    size_t i = 0;
    for (; *folded; folded++) {
        if (*folded == ' ') {
            if (i == len || !(source[i] == ' ' || (source[i] >= '\t' && source[i] <= '\r')))
                return false;
            while (i < len && (source[i] == ' ' || (source[i] >= '\t' && source[i] <= '\r')))
                i++;
        } else if (i == len || source[i++] != *folded) {
            return false;
        }
    }
    return i == len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *zero = size ? memchr(data, 0, size) : NULL;
    size_t head = zero ? (size_t)(zero - data) : 0, len;
    size_t skip = zero ? head + 1 : 0;
    char *problem = utf8_make_valid((const char *)data, head, NULL);
    char *text = utf8_make_valid((const char *)data + skip, size - skip, &len);
    struct arena arena;
    struct answer answer;
    struct claim_span *claims;
    size_t n;
    FUZZ_CHECK(problem && text);
    arena_init(&arena, 1 << 24);
    FUZZ_CHECK(answer_extract(text, false, &arena, &answer) == SURETY_OK);
    FUZZ_CHECK(split_solution(problem, text, &answer, M, &arena, &claims, &n) == SURETY_OK);
    FUZZ_CHECK(n <= M);
    struct claim_names given;
    claim_names_read(problem, &given);
    for (size_t i = 0; i < n; i++) {
        struct quantity q;
        size_t bytes = strlen(claims[i].text);
        FUZZ_CHECK(claims[i].start < claims[i].end && claims[i].end <= len);
        FUZZ_CHECK(i == 0 || claims[i - 1].end <= claims[i].start);
        FUZZ_CHECK(bytes && bytes <= SURETY_CLAIM_MAX && utf8_is_valid(claims[i].text, bytes));
        FUZZ_CHECK(same_but_spaces(claims[i].text, text + claims[i].start,
                                   claims[i].end - claims[i].start));
        char *key = claim_key(claims[i].text, &arena);
        FUZZ_CHECK(key && !strcmp(claim_key(key, &arena), key));
        claim_is_contextual(&given, claims[i].text);
        quantity_read(claims[i].text, &q);
    }
    claim_is_contextual(&given, text);
    FUZZ_CHECK(claim_key(text, &arena));
    arena_fini(&arena);
    free(problem);
    free(text);
    return 0;
}
