/*
 * Equivalence: no crash, symmetric, reflexive on what was parsed. The input is two answers and
 * perhaps a problem, a line each.
 */
#include <stdlib.h>
#include <string.h>

#include "claims/math/equal.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    char *b = strchr(text, '\n'), *problem = b ? strchr(b + 1, '\n') : NULL;
    if (b)
        *b++ = '\0';
    if (problem)
        *problem++ = '\0';
    struct equal_form *x = equal_parse(text, problem), *y = equal_parse(b ? b : "", problem);
    if (x && y) {
        struct equal_result forth = equal_forms(x, y), back = equal_forms(y, x);
        FUZZ_CHECK(forth.verdict == back.verdict && forth.how && back.how);
        enum equal_verdict self = equal_forms(x, x).verdict;
        FUZZ_CHECK(self == EQUAL_EXACT || self == EQUAL_UNKNOWN);
    }
    equal_form_free(x);
    equal_form_free(y);
    free(text);
    return 0;
}
