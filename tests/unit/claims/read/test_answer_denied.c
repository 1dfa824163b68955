#include "tests/unit/test.h"

#include "claims/read/answer_internal.h"

/* Of the last \boxed{5} in the text. */
static enum standing standing(const char *text)
{
    struct span s = {0, strlen(text)}, statement = {0, 0};
    for (size_t at = 0; (at = scan_find(text, at, s.end, "\\boxed{5}")) < s.end; at++)
        statement = (struct span){at, at + 9};
    assert_true(statement.end > 0);
    return answer_standing(text, s, statement);
}

static void check(const char *const *texts, size_t n, enum standing wanted)
{
    for (size_t i = 0; i < n; i++)
        if (standing(texts[i]) != wanted)
            fail_msg("\"%s\" is %d, not %d", texts[i], (int)standing(texts[i]), (int)wanted);
}

#define CHECK(texts, wanted) check(texts, sizeof texts / sizeof *texts, wanted)

static void statement_denied_before_or_behind_is_none(void **state)
{
    static const char *const texts[] = {
        "It is not \\boxed{5}.",
        "The answer isn't $\\boxed{5}$.",
        "It can't be \\(\\boxed{5}\\).",
        "6 rather than \\boxed{5}",
        "6 instead of \\boxed{5}",
        "Neither \\boxed{5} nor 6.",
        "I don't think that it is \\boxed{5}.",
        "The wrong answer is \\boxed{5}.",
        "A common mistake is to say \\boxed{5}.",
        "If it were \\boxed{5}, then no.",
        "Suppose it is \\boxed{5}. No.",
        "x \\ne \\boxed{5}",
        "~~\\boxed{5}~~",
        "\\boxed{5} is wrong.",
        "$\\boxed{5}$ would clearly be wrong. \\boxed{5} is incorrect.",
        "\\boxed{5} isn't right.",
        "\\boxed{5} cannot be the answer",
        "\\boxed{5} does not work",
        "\\boxed{5} (wrong)",
        "\\boxed{5}, but that is wrong.",
        "Is it \\boxed{5}?",
        "\\boxed{5}. Wait, that is wrong.",
        "\\boxed{5}\n\nScratch that.",
        "\\boxed{5} No, it isn't right",
        "Es ist nicht \\boxed{5}.",
        "\\boxed{5} ist falsch.",
        "\u4e0d\u662f\\boxed{5}\u3002",
        "\\boxed{5} de\u011fil.",
        "\\boxed{5}\u3067\u306f\u3042\u308a\u307e\u305b\u3093\u3002",
    };
    CHECK(texts, STANDING_DENIED);
}

static void statement_beside_another_denial_stands(void **state)
{
    static const char *const texts[] = {
        "\\boxed{5}",
        "It is not 4, so it is \\boxed{5}.",
        "Not 4, but \\boxed{5}.",
        "The number that cannot be written is \\boxed{5}.",
        "He got \\boxed{5} wrong.",
        "\\boxed{5} is not a multiple of 2.",
        "\\boxed{5}\n\nThe other options are wrong.",
        "I am not sure, but I think \\boxed{5}.",
        "If x is not 0, we get \\boxed{5}.",
        "Is it \\boxed{5}? Yes.",
        "How many? \\boxed{5}",
        "\\boxed{5}. Wait, let me check. Yes.",
        "There are \\boxed{5} wrong answers.",
        "The trap has \\boxed{5} mice.",
        "Is there one? It is \\boxed{5}.",
    };
    CHECK(texts, STANDING_FIRM);
}

static void statement_in_a_check_or_code_is_aside(void **state)
{
    static const char *const aside[] = {
        "Check: $2+3 = \\boxed{5}$",      "**Verification:**\nf = \\boxed{5}",
        "For example, \\boxed{5}.",       "### Check\n\nWe put it in.\n\nSo $1+4 = \\boxed{5}$.",
        "Note: it may be \\boxed{5}.",    "```python\nprint('\\boxed{5}')\n```",
        "A.\n\nLet's verify: \\boxed{5}",
    };
    static const char *const firm[] = {
        "Check: fine. So the answer is \\boxed{5}.",
        "Check: that is wrong. It is \\boxed{5}",
        "Check: fine.\n\n\\boxed{5}",
        "### Check\n\nFine.\n\n### Answer\n\n\\boxed{5}",
        "```\n\\boxed{5}\n```",
        "```python\nx = 4\n```\n\\boxed{5}",
        "Check the dogs as well. \\boxed{5}",
    };
    CHECK(aside, STANDING_ASIDE);
    CHECK(firm, STANDING_FIRM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statement_denied_before_or_behind_is_none),
        cmocka_unit_test(statement_beside_another_denial_stands),
        cmocka_unit_test(statement_in_a_check_or_code_is_aside),
    };
    return cmocka_run_group_tests_name("claims.read.answer_denied", tests, NULL, NULL);
}
