/*
 * fuzz_check.c - any gold answer, text and options. The first byte is the options, the first line
 * the gold answer (as a command has it), the second the problem, the rest the text.
 *
 * Whatever is accepted gives a verdict, the same twice; a gold answer is right about itself or
 * undecided; and more gold answers never make a right text wrong.
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "claims/read/check.h"
#include "tests/fuzz/fuzz.h"

enum { TRUNCATED = 1, TOLERANT = 2, RELATIVE = 4, KINDS = 8 }; /* of the byte */

static void check_verdicts(const struct gold *gold, const char *text, bool truncated,
                           struct arena *arena)
{
    struct check one, two;
    FUZZ_CHECK(check_text(gold, text, truncated, arena, &one) == SURETY_OK);
    FUZZ_CHECK(check_text(gold, text, truncated, arena, &two) == SURETY_OK);
    FUZZ_CHECK(one.result.verdict == two.result.verdict && one.result.how && one.answer.how);
    FUZZ_CHECK(one.gold < gold->n && check_relation(one.result.verdict));
    FUZZ_CHECK(one.answer.text || one.result.verdict == EQUAL_DIFFERENT);
    FUZZ_CHECK(check_correct(one.result.verdict, false) <= check_correct(one.result.verdict, true));
    struct gold first = *gold;
    first.n = 1;
    if (one.answer.text && check_answer(&first, one.answer.text).result.verdict == EQUAL_EXACT)
        FUZZ_CHECK(one.result.verdict == EQUAL_EXACT);
    enum equal_verdict self = check_answer(gold, gold_stated(gold->answers[0])).result.verdict;
    FUZZ_CHECK(self == EQUAL_EXACT || self == EQUAL_UNKNOWN);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    char *valid = utf8_make_valid((const char *)data + 1, size - 1, NULL);
    FUZZ_CHECK(valid);
    char *problem = strchr(valid, '\n'), *text = problem ? strchr(problem + 1, '\n') : NULL;
    if (problem)
        *problem++ = '\0';
    if (text)
        *text++ = '\0';
    struct arena arena;
    struct gold gold;
    struct surety_error error = {0};
    arena_init(&arena, 1 << 24);
    if (!gold_from_text(valid, &arena, &gold, &error)) {
        gold.problem = problem;
        if (data[0] / KINDS % 8)
            gold.kind = (enum gold_kind)(data[0] / KINDS % GOLD_KIND_COUNT_);
        gold.tolerance.absolute += data[0] & TOLERANT ? 0.01 : 0;
        gold.tolerance.relative += data[0] & RELATIVE ? 1e-6 : 0;
        if (!gold_check(&gold, NULL))
            check_verdicts(&gold, text ? text : "", data[0] & TRUNCATED, &arena);
    } else {
        FUZZ_CHECK(error.message[0] && utf8_is_valid(error.message, strlen(error.message)));
    }
    arena_fini(&arena);
    free(valid);
    return 0;
}
