#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "claims/answer.h"

struct row {
    const char *solution, *answer, *how;
};

static void check(const struct row *row, bool truncated)
{
    struct arena arena;
    struct answer answer;
    arena_init(&arena, 1 << 20);
    assert_int_equal(answer_extract(row->solution, truncated, &arena, &answer), SURETY_OK);
    if (!answer.text != !row->answer || (answer.text && strcmp(answer.text, row->answer)) ||
        strcmp(answer.how, row->how))
        fail_msg("\"%s\" gives \"%s\" (%s), not \"%s\" (%s)", row->solution,
                 answer.text ? answer.text : "(none)", answer.how,
                 row->answer ? row->answer : "(none)", row->how);
    assert_true(answer.start <= answer.end && answer.end <= strlen(row->solution));
    arena_fini(&arena);
}

static void extract_stated_answer_is_found(void **state)
{
    static const struct row table[] = {
        {"so \\boxed{5}.", "5", "boxed"},
        {"first \\boxed{5}, in the end\n\n\\boxed{\\frac{1}{2}}", "\\frac{1}{2}", "boxed"},
        {"$\\boxed{\\{1, 2\\}}$", "\\{1, 2\\}", "boxed"},
        {"\\boxed 5", "5", "boxed"},
        {"\\fbox{$7$}", "7", "boxed"},
        {"x = \\boxed{2} and y = \\boxed{3}.", "2, 3", "boxed"},
        {"\\boxed{5} is wrong. It is \\boxed{6}", "6", "boxed"},
        {"Answer: 5", "5", "answer line"},
        {"**Answer:** 5", "5", "answer line"},
        {"2+3=5\n#### 5", "5", "####"},
        {"Thus the final answer is 12.", "12", "final answer"},
        {"The answer is: 5", "5", "answer line"},
        {"Done.\n<answer> 5 </answer>", "5", "answer tag"},
        {"{\"reasoning\": \"2+3\", \"answer\": \"5\"}", "5", "JSON"},
        {"```json\n{\"answer\": 5}\n```", "5", "JSON"},
        {"It must be.\n(B)", "(B)", "choice letter"},
        {"<think>\\boxed{4}</think>\\boxed{5}", "5", "boxed"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        check(&table[i], false);
}

static void extract_nothing_stated_is_none(void **state)
{
    static const struct row table[] = {
        {"", NULL, "none"},
        {"I add 3 and 4. Then I multiply, and then", NULL, "none"},
        {"<think>so \\boxed{5}", NULL, "only in thinking"},
        {"<think>it is five", NULL, "none"},
        {"\\boxed{5", NULL, "none"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        check(&table[i], true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(extract_stated_answer_is_found),
        cmocka_unit_test(extract_nothing_stated_is_none),
    };
    return cmocka_run_group_tests_name("claims.answer", tests, NULL, NULL);
}
