#include "tests/unit/test.h"

#include <math.h>
#include <string.h>

#include "base/jsonl.h"
#include "claims/read/gold.h"

static struct arena arena;
static struct gold gold;
static struct surety_error error;

static enum surety_err from_json(const char *text)
{
    json_t *value = NULL;
    error = (struct surety_error){0};
    assert_int_equal(json_load_text(text, strlen(text), &value, NULL), SURETY_OK);
    enum surety_err code = gold_from_json(value, &arena, &gold, &error);
    json_decref(value);
    return code;
}

static enum surety_err from_text(const char *text)
{
    error = (struct surety_error){0};
    return gold_from_text(text, &arena, &gold, &error);
}

static int init(void **state)
{
    arena_init(&arena, 1 << 20);
    return 0;
}

static int fini(void **state)
{
    arena_fini(&arena);
    return 0;
}

static void stated_is_what_a_worked_solution_ends_in(void **state)
{
    assert_string_equal(gold_stated("Mia has 16 - 3 = <<16-3=13>>13.\n#### 13"), "13");
    assert_string_equal(gold_stated("#### a\n#### 1,300"), "1,300");
    assert_string_equal(gold_stated("####18"), "18");
    assert_string_equal(gold_stated("18"), "18");
    assert_string_equal(gold_stated("#"), "#");
    assert_string_equal(gold_stated("####"), "####");
    assert_null(gold_stated(NULL));
}

static void from_json_takes_strings_numbers_truths_and_lists(void **state)
{
    assert_int_equal(from_json("\"1, 2\""), SURETY_OK);
    assert_int_equal(gold.n, 1);
    assert_string_equal(gold.answers[0], "1, 2");
    assert_int_equal(from_json("0.1"), SURETY_OK);
    assert_string_equal(gold.answers[0], "0.1");
    assert_int_equal(from_json("true"), SURETY_OK);
    assert_string_equal(gold.answers[0], "true");
    assert_int_equal(from_json("[\"1/2\", 0.5, \"50%\"]"), SURETY_OK);
    assert_int_equal(gold.n, 3);
    assert_string_equal(gold.answers[2], "50%");
}

static void from_json_reads_kind_and_tolerances(void **state)
{
    assert_int_equal(from_json("{\"answer\": [2, 3], \"kind\": \"number\", \"tolerance\": 0.5, "
                               "\"relative_tolerance\": 0.25}"),
                     SURETY_OK);
    assert_int_equal(gold.n, 2);
    assert_int_equal(gold.kind, GOLD_NUMBER);
    assert_float_equal(gold.tolerance.absolute, 0.5, 0);
    assert_float_equal(gold.tolerance.relative, 0.25, 0);
}

static void from_json_says_what_is_wrong(void **state)
{
    static const char *const cases[][2] = {
        {"[]", "list of 0"},
        {"[[\"1\"]]", "also in a list"},
        {"[{\"answer\": 1}]", "also in a list"},
        {"null", "a string, a number"},
        {"\" \"", "empty"},
        {"[\"1\", \"\"]", "empty"},
        {"{}", "no \"answer\""},
        {"{\"answer\": {\"answer\": 1}}", "a string, a number"},
        {"{\"answer\": 1, \"kind\": \"numeric\"}", "kind"},
        {"{\"answer\": 1, \"kind\": 3}", "kind"},
        {"{\"answer\": 1, \"tolerence\": 3}", "no \"tolerence\""},
        {"{\"answer\": 1, \"tolerance\": \"1%\"}", "must be a number"},
        {"{\"answer\": 1, \"tolerance\": -1}", "at least 0"},
        {"{\"answer\": \"x\", \"tolerance\": 1}", "no number"},
        {"{\"answer\": \"x\", \"kind\": \"number\"}", "no number"},
        {"{\"answer\": \"7\", \"kind\": \"choice\"}", "no letter"},
        {"{\"answer\": \"a b\", \"kind\": \"text\", \"tolerance\": 1}", "only a number"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(from_json(cases[i][0]), SURETY_ERR_INVALID);
        if (!strstr(error.message, cases[i][1]))
            fail_msg("%s: %s", cases[i][0], error.message);
    }
}

static void check_refuses_what_says_nothing(void **state)
{
    static const char *const nothing[] = {"",     " \n",  "$$",        "\\boxed{}",    "####",
                                          "\"\"", "**",   "\\text{ }", "\\quad",       "\\,",
                                          ".",    "{}  ", "\u00a0",    "\u3000\u200b", "$\\left.$"};
    static const char *const something[] = {"\\emptyset", "\\{\\}",      "=",     "<",
                                            "x",          "\\textit{a}", "\u65e0"};
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
        assert_int_equal(gold_check(&(struct gold){.answers = &nothing[i], .n = 1}, &error),
                         SURETY_ERR_INVALID);
    for (size_t i = 0; i < sizeof something / sizeof *something; i++)
        assert_int_equal(gold_check(&(struct gold){.answers = &something[i], .n = 1}, &error),
                         SURETY_OK);
    assert_int_equal(from_json("[\"5\", \"\\\\boxed{}\"]"), SURETY_ERR_INVALID);
}

static void check_gives_a_modulus_no_tolerance(void **state)
{
    assert_int_equal(from_json("{\"answer\": \"3 (mod 7)\", \"kind\": \"number\"}"), SURETY_OK);
    assert_int_equal(from_json("{\"answer\": \"3 (mod 7)\", \"tolerance\": 1}"),
                     SURETY_ERR_INVALID);
    assert_true(gold_has_modulus("3 \\pmod{7}"));
    assert_false(gold_has_modulus("17 \\bmod 5"));
}

static void from_text_tells_lists_from_mathematics(void **state)
{
    static const char *const one[] = {"[1, 2]", "{1, 2}", "[]", "[", "{\"answer\"", "1, 2", "-5"};
    for (size_t i = 0; i < sizeof one / sizeof *one; i++) {
        assert_int_equal(from_text(one[i]), SURETY_OK);
        assert_int_equal(gold.n, 1);
        assert_string_equal(gold.answers[0], one[i]);
    }
    assert_int_equal(from_text(" [\"1/2\", 3]"), SURETY_OK);
    assert_int_equal(gold.n, 2);
    assert_int_equal(from_text("{\"answer\": \"B\", \"kind\": \"choice\"}"), SURETY_OK);
    assert_int_equal(gold.kind, GOLD_CHOICE);
    assert_int_equal(from_text("{}"), SURETY_ERR_INVALID);
    assert_int_equal(from_text(""), SURETY_ERR_INVALID);
    assert_int_equal(from_text("\xff"), SURETY_ERR_INVALID);
}

static void check_bounds_what_a_program_gives(void **state)
{
    const char *answers[GOLD_ANSWERS_MAX + 1];
    for (size_t i = 0; i <= GOLD_ANSWERS_MAX; i++)
        answers[i] = "1";
    gold = (struct gold){.answers = answers, .n = GOLD_ANSWERS_MAX};
    assert_int_equal(gold_check(&gold, &error), SURETY_OK);
    gold.n++;
    assert_int_equal(gold_check(&gold, &error), SURETY_ERR_INVALID);
    gold.n = 0;
    assert_int_equal(gold_check(&gold, &error), SURETY_ERR_INVALID);
    gold.n = 1;
    gold.tolerance.absolute = NAN;
    assert_int_equal(gold_check(&gold, &error), SURETY_ERR_INVALID);
    gold.tolerance.absolute = INFINITY;
    assert_int_equal(gold_check(&gold, &error), SURETY_ERR_INVALID);
}

static void choice_is_a_letter_with_or_without_dress(void **state)
{
    assert_int_equal(gold_choice("B"), 'B');
    assert_int_equal(gold_choice("(b)"), 'B');
    assert_int_equal(gold_choice("$b$"), 'B');
    assert_int_equal(gold_choice("B. 42"), 'B');
    assert_int_equal(gold_choice("K"), 0);
    assert_int_equal(gold_choice("bad"), 0);
    assert_int_equal(gold_choice("7"), 0);
    assert_int_equal(gold_choice(""), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stated_is_what_a_worked_solution_ends_in),
        cmocka_unit_test(from_json_takes_strings_numbers_truths_and_lists),
        cmocka_unit_test(from_json_reads_kind_and_tolerances),
        cmocka_unit_test(from_json_says_what_is_wrong),
        cmocka_unit_test(check_refuses_what_says_nothing),
        cmocka_unit_test(check_gives_a_modulus_no_tolerance),
        cmocka_unit_test(from_text_tells_lists_from_mathematics),
        cmocka_unit_test(check_bounds_what_a_program_gives),
        cmocka_unit_test(choice_is_a_letter_with_or_without_dress),
    };
    return cmocka_run_group_tests_name("claims.gold", tests, init, fini);
}
