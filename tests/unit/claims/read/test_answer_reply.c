#include "tests/unit/test.h"

#include <stdio.h>

#include "claims/read/answer_internal.h"

static struct span all(const char *text)
{
    return (struct span){0, strlen(text)};
}

static void next_question_is_found_by_its_label(void **state)
{
    static const struct {
        const char *text, *rest;
        bool numbered;
    } table[] = {
        {"", "", false},
        {"The question is hard: it is 5.", "", false},
        {"5\nQuestion: why?", "Question: why?", false},
        {"5\nQ: why?", "Q: why?", false},
        {"5\n**Question:** why?", "**Question:** why?", false},
        {"5\n### Question\nwhy?", "### Question\nwhy?", false},
        {"5\nQuestion 2: why?", "Question 2: why?", true},
        {"5\n## Problem 3\nwhy?", "## Problem 3\nwhy?", true},
        {"5. Human: why?", "Human: why?", false},
        {"#### 5 Question: why?", "Question: why?", false},
        {"5\nUser: why?", "User: why?", false},
        {"5\n问题：why?", "问题：why?", false},
        {"so, Question: why?", "", false},
        {"the user: why?", "", false},
        {"5\nquestion: why?", "", false},
        {"Questionable: 5", "", false},
        {"Question\nwhy?", "", false}, /* no heading */
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        bool numbered = false;
        const char *text = table[i].text;
        size_t at = answer_next_question(text, 0, strlen(text), &numbered);
        assert_string_equal(text + at, table[i].rest);
        if (*table[i].rest)
            assert_int_equal(numbered, table[i].numbered);
    }
}

static void loop_starts_where_a_round_was_said(void **state)
{
    static const char *const table[][2] = {
        {"So it is 5. Check it.", "So it is 5. Check it."},
        {"So it is 5.\nSo it is 5.\nSo it is 5.\n", "So it is 5.\n"},
        {"Add. So it is 5. So it is 5. So it", "Add. So it is 5."},
        {"01 01 01 01 01 01 01 01 01 01 01 01", "01 01 01 01 01 01 01 01 01 01 01 01"},
        {"red blue red blue red blue red blue", "red blue red blue red blue red blue"},
        {"a\nb\na\nb\na\nb\na\nb\na\nb\na\nb", "a\nb\na\nb\na\nb\na\nb\na\nb\na\nb"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        size_t round, end = answer_loop_start(table[i][0], all(table[i][0]), &round);
        if (end != strlen(table[i][1]))
            fail_msg("\"%s\" goes on at %zu", table[i][0], end);
        assert_int_equal(round > 0, strcmp(table[i][0], table[i][1]) != 0);
    }
}

static void list_of_claims_is_found_to_its_end(void **state)
{
    static const char *const table[][2] = {
        {"", ""},
        {"It claims: nothing", ""},
        {"5\nClaims:\n- a\n- b", "Claims:\n- a\n- b"},
        {"5\n\n**Claims:**\n\n1. a\n\n2. b\n\nSo 5.", "**Claims:**\n\n1. a\n\n2. b"},
        {"### Claims\n1. a\n   b\n2. c", "### Claims\n1. a\n   b\n2. c"},
        {"5. Claims:\n- a\n\nSo 5.", "5. Claims:\n- a"},
        {"So \\boxed{5}. The claims:\n- a\n\nSo 5.", "\n- a"},
        {"Claim 1: a\nClaim 2: b\n\nSo 5.", "Claim 1: a\nClaim 2: b"},
        {"Claims:\na\nb\n\nc", "Claims:\na\nb"},
        {"The statements that the answer depends on:\n* a\n\nb",
         "The statements that the answer depends on:\n* a"},
        {"The statements are:\n* a", ""}, /* of the problem */
        {"As all claims hold, the final answer is:\n- 5", ""},
        {"The statement of the answer is:\n\\[ 5 \\]", ""},
        {"Claims:\n- a\nThe final answer is 5.", "Claims:\n- a"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct span s = {0, 0};
        const char *text = table[i][0];
        bool found = answer_next_claims(text, all(text), &s);
        size_t len = strlen(table[i][1]);
        if (found != (len > 0) || s.end - s.start != len ||
            memcmp(text + s.start, table[i][1], len) != 0)
            fail_msg("\"%s\" gives \"%.*s\"", text, (int)(s.end - s.start), text + s.start);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(next_question_is_found_by_its_label),
        cmocka_unit_test(loop_starts_where_a_round_was_said),
        cmocka_unit_test(list_of_claims_is_found_to_its_end),
    };
    return cmocka_run_group_tests_name("claims.read.answer_reply", tests, NULL, NULL);
}
