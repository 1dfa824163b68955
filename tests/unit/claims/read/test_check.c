#include "tests/unit/test.h"

#include <string.h>

#include "claims/read/check.h"

static struct arena arena;

static int init(void **state)
{
    arena_init(&arena, 1 << 22);
    return 0;
}

static int fini(void **state)
{
    arena_fini(&arena);
    return 0;
}

static enum equal_verdict of(enum gold_kind kind, const char *answer, const char *text)
{
    const struct gold gold = {.answers = &answer, .n = 1, .kind = kind};
    return check_answer(&gold, text).result.verdict;
}

static void text_is_read_and_compared(void **state)
{
    static const char *const answers[] = {"He has 9 * 2 = 18.\n#### 18"};
    const struct gold gold = {.answers = answers, .n = 1};
    struct check check;
    const char *text = "So it is \\boxed{18.0}.";
    assert_int_equal(check_text(&gold, text, false, &arena, &check), SURETY_OK);
    assert_int_equal(check.result.verdict, EQUAL_EXACT);
    assert_string_equal(check.answer.text, "18.0");
    assert_string_equal(check.answer.how, "boxed");
    assert_true(check.answer.start < check.answer.end && check.answer.end <= strlen(text));
    assert_int_equal(check_text(&gold, "I give up.", false, &arena, &check), SURETY_OK);
    assert_int_equal(check.result.verdict, EQUAL_DIFFERENT);
    assert_string_equal(check.result.how, "no answer");
    assert_null(check.answer.text);
    assert_int_equal(check_text(&gold, "The answer is 18", true, &arena, &check), SURETY_OK);
    assert_null(check.answer.text); /* 180 was on its way */
}

static void text_says_its_unit_behind_the_box(void **state)
{
    static const struct {
        const char *gold, *text;
        enum equal_verdict verdict;
    } table[] = {
        {"5 cm", "It is \\boxed{5} cm.", EQUAL_EXACT},
        {"5 cm", "It is $\\boxed{5}\\text{ cm}$ in length.", EQUAL_EXACT},
        {"5 m", "It is \\boxed{5} cm.", EQUAL_DIFFERENT},
        {"5", "It is \\boxed{5} cm.", EQUAL_EXACT},
        {"5 cm", "\\boxed{5} is it.", EQUAL_COMPATIBLE},
        {"60^\\circ", "$\\boxed{60}^\\circ$", EQUAL_EXACT},
        {"40 \\pmod{83}", "$\\boxed{40} \\pmod{83}$", EQUAL_EXACT},
        {"5", "\\boxed{5}%", EQUAL_COMPATIBLE},
        {"10", "$2\\cdot\\boxed{5}$", EQUAL_EXACT},
        {"50", "10\\boxed{5}", EQUAL_DIFFERENT},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct gold gold = {.answers = &table[i].gold, .n = 1};
        struct check check;
        assert_int_equal(check_text(&gold, table[i].text, false, &arena, &check), SURETY_OK);
        if (check.result.verdict != table[i].verdict)
            fail_msg("\"%s\" and \"%s\": %s", table[i].gold, table[i].text, check.result.how);
    }
}

static void number_with_a_modulus_is_no_number(void **state)
{
    assert_int_equal(of(GOLD_NUMBER, "3 (mod 7)", "3"), EQUAL_COMPATIBLE);
    assert_int_equal(of(GOLD_NUMBER, "3 (mod 7)", "10 \\pmod 7"), EQUAL_EXACT);
    assert_int_equal(of(GOLD_NUMBER, "3 (mod 7)", "3 (mod 5)"), EQUAL_DIFFERENT);
    assert_int_equal(of(GOLD_NUMBER, "3", "10 (mod 7)"), EQUAL_COMPATIBLE);
}

static void closest_gold_answer_decides(void **state)
{
    static const char *const answers[] = {"7", "10^{10^{10}}", "1/3", "0.333"};
    struct gold gold = {.answers = answers, .n = 4};
    struct check check = check_answer(&gold, "0.333");
    assert_int_equal(check.result.verdict, EQUAL_EXACT);
    assert_int_equal(check.gold, 3);
    gold.n = 3;
    check = check_answer(&gold, "0.333");
    assert_int_equal(check.result.verdict, EQUAL_COMPATIBLE);
    assert_int_equal(check.gold, 2);
    gold.n = 2;
    check = check_answer(&gold, "10^{10^{10}}+1");
    assert_int_equal(check.result.verdict, EQUAL_UNKNOWN);
    assert_int_equal(check.gold, 1);
    gold.n = 1;
    assert_int_equal(check_answer(&gold, "8").result.verdict, EQUAL_DIFFERENT);
}

static void problem_gives_the_options(void **state)
{
    static const char *const answers[] = {"B"};
    const struct gold gold = {
        .answers = answers, .n = 1, .problem = "What is 6*7?\nA) 41\nB) 42\nC) 43"};
    assert_int_equal(check_answer(&gold, "42").result.verdict, EQUAL_COMPATIBLE);
    assert_int_equal(check_answer(&gold, "41").result.verdict, EQUAL_DIFFERENT);
}

static void kinds_say_how_a_gold_answer_is_meant(void **state)
{
    assert_int_equal(of(GOLD_CHOICE, "B", "(b)"), EQUAL_EXACT);
    assert_int_equal(of(GOLD_CHOICE, "B", "B. 42"), EQUAL_EXACT);
    assert_int_equal(of(GOLD_CHOICE, "B", "C"), EQUAL_DIFFERENT);
    assert_int_equal(of(GOLD_CHOICE, "B", "42"), EQUAL_UNKNOWN);
    assert_int_equal(of(GOLD_ANY, "B", "B. 42"), EQUAL_COMPATIBLE);
    assert_int_equal(of(GOLD_NUMBER, "5", "5 km"), EQUAL_EXACT);
    assert_int_equal(of(GOLD_NUMBER, "5", "6 km"), EQUAL_DIFFERENT);
    assert_int_equal(of(GOLD_NUMBER, "5", "x"), EQUAL_DIFFERENT);
    assert_int_equal(of(GOLD_EXPRESSION, "B", "b"), EQUAL_DIFFERENT);
    assert_int_equal(of(GOLD_EXPRESSION, "B", "$B$"), EQUAL_EXACT);
    assert_int_equal(of(GOLD_EXPRESSION, "(x+1)^2", "x^2+2x+1"), EQUAL_EXACT);
    assert_int_equal(of(GOLD_TEXT, "The Eiffel Tower", "eiffel  tower."), EQUAL_EXACT);
    assert_int_equal(of(GOLD_TEXT, "1/2", "0.5"), EQUAL_DIFFERENT);
    assert_int_equal(of(GOLD_TEXT, "!", "?"), EQUAL_DIFFERENT);
}

static void kind_of_text_is_bounded(void **state)
{
    char *long_text = arena_alloc(&arena, 200001);
    memset(long_text, 'a', 200000);
    assert_int_equal(of(GOLD_TEXT, "a", long_text), EQUAL_UNKNOWN);
}

static void correct_is_exact_and_leniently_compatible(void **state)
{
    assert_int_equal(check_correct(EQUAL_EXACT, false), 1);
    assert_int_equal(check_correct(EQUAL_COMPATIBLE, false), 0);
    assert_int_equal(check_correct(EQUAL_COMPATIBLE, true), 1);
    assert_int_equal(check_correct(EQUAL_DIFFERENT, true), 0);
    assert_int_equal(check_correct(EQUAL_UNKNOWN, false), -1);
    assert_int_equal(check_correct(EQUAL_UNKNOWN, true), -1);
    assert_string_equal(check_relation(EQUAL_COMPATIBLE), "compatible");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_read_and_compared),
        cmocka_unit_test(text_says_its_unit_behind_the_box),
        cmocka_unit_test(number_with_a_modulus_is_no_number),
        cmocka_unit_test(closest_gold_answer_decides),
        cmocka_unit_test(problem_gives_the_options),
        cmocka_unit_test(kinds_say_how_a_gold_answer_is_meant),
        cmocka_unit_test(kind_of_text_is_bounded),
        cmocka_unit_test(correct_is_exact_and_leniently_compatible),
    };
    return cmocka_run_group_tests_name("claims.check", tests, init, fini);
}
