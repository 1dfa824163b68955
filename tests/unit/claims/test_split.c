#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "claims/split.h"

static const char problem[] =
    "Lloyd's chickens lay 252 eggs a day. He sells a dozen for $2. How much "
    "does he make in a week?";
static const char solution[] =
    "## Step 1: Find the eggs\nLet's find the number of eggs.\nThe chickens lay 252 eggs a day. "
    "There are 7 days in a week, so they lay 252 * 7 = 1764 eggs.\n- Dozens: 1764 / 12 = 147, so "
    "he "
    "makes 147 * 2 = 294 dollars.\n\nThe answer is: 294";

static size_t split(const char *text, uint32_t m, struct arena *arena, struct claim_span **ret)
{
    struct answer answer;
    size_t n;
    assert_int_equal(answer_extract(text, false, arena, &answer), SURETY_OK);
    assert_int_equal(split_solution(problem, text, &answer, m, arena, ret, &n), SURETY_OK);
    return n;
}

static void split_equations_become_claims(void **state)
{
    static const char *const expected[] = {
        "There are 7 days in a week, so they lay 252 * 7 = 1764 eggs", "Dozens: 1764 / 12 = 147",
        "he makes 147 * 2 = 294 dollars"};
    struct arena arena;
    struct claim_span *claims;
    arena_init(&arena, 1 << 20);
    assert_int_equal(split(solution, 3, &arena, &claims), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(claims[i].text, expected[i]);
        assert_memory_equal(solution + claims[i].start, expected[i], strlen(expected[i]));
        assert_int_equal(claims[i].end - claims[i].start, strlen(expected[i]));
    }
    arena_fini(&arena);
}

static void split_fewer_claims_keeps_those_of_the_answer(void **state)
{
    struct arena arena;
    struct claim_span *claims;
    arena_init(&arena, 1 << 20);
    assert_int_equal(split(solution, 1, &arena, &claims), 1);
    assert_string_equal(claims[0].text, "he makes 147 * 2 = 294 dollars");
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(split_equations_become_claims),
        cmocka_unit_test(split_fewer_claims_keeps_those_of_the_answer),
    };
    return cmocka_run_group_tests_name("claims.split", tests, NULL, NULL);
}
