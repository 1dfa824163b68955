#include "tests/unit/test.h"

#include "scaler/report/grading.h"

#define GRADE(gold, given, n_given, ...)                                                           \
    grade(gold, given, n_given, (const char *[]){__VA_ARGS__},                                     \
          sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *))

static struct surety_trajectory trajectories[8];
static struct surety_result result;

/* The answer is the first one that was stated. */
static void grade(const char *gold, const int *given, size_t n_given, const char **answers,
                  size_t n)
{
    result = (struct surety_result){.trajectories = trajectories, .n_trajectories = n};
    result.run.settings.k = (uint32_t)n;
    for (uint32_t i = 0; i < n; i++) {
        trajectories[i] = (struct surety_trajectory){.index = i, .answer = (char *)answers[i]};
        if (!result.answer)
            result.answer = result.cons = (char *)answers[i];
    }
    grading_fill(&result, gold, "What is it?", given, n_given);
}

static void fill_without_gold_knows_nothing(void **state)
{
    GRADE(NULL, NULL, 0, "1", "2");
    assert_false(result.correct.known);
}

static void fill_judges_each_answer(void **state)
{
    GRADE("0.5", NULL, 0, "1/2", "2", NULL, "0.50");
    assert_true(result.correct.known);
    assert_int_equal(result.correct.clr, 1);
    assert_int_equal(result.correct.pass_at_k, 1);
    assert_float_equal(result.correct.pass_at_1, 0.5, 1e-12);
    assert_int_equal(trajectories[0].correct, 1);
    assert_int_equal(trajectories[1].correct, 0);
    assert_int_equal(trajectories[2].correct, 0);
    assert_int_equal(trajectories[3].correct, 1);
}

static void fill_any_of_a_list_and_a_tolerance_are_right(void **state)
{
    GRADE("{\"answer\":[\"18\",\"x = 3\"]}", NULL, 0, "18.0", "x=3", "3", "19");
    assert_int_equal(trajectories[0].correct, 1);
    assert_int_equal(trajectories[1].correct, 1);
    assert_int_equal(trajectories[2].correct, 0);
    assert_true(trajectories[2].compatible);
    assert_int_equal(trajectories[3].correct, 0);
    GRADE("{\"answer\":9.81,\"kind\":\"number\",\"tolerance\":0.05}", NULL, 0, "9.8", "9.7");
    assert_int_equal(trajectories[0].correct, 1);
    assert_int_equal(trajectories[1].correct, 0);
}

static void fill_compatible_is_not_right(void **state)
{
    GRADE("1/3", NULL, 0, "0.333");
    assert_int_equal(result.correct.clr, 0);
    assert_int_equal(result.correct.pass_at_k, 0);
}

static void fill_notes_what_only_a_unit_keeps_from_being_right(void **state)
{
    GRADE("18 dollars", NULL, 0, "18", "18 dollars", "17", "18", NULL);
    assert_true(trajectories[0].compatible && trajectories[3].compatible);
    assert_false(trajectories[1].compatible || trajectories[2].compatible ||
                 trajectories[4].compatible);
    assert_int_equal(trajectories[0].correct, 0);
}

/* The same of a result that was read from a file, whose verdicts stay. */
static void mark_compatible_is_as_filled(void **state)
{
    GRADE("18 dollars", NULL, 0, "18", "18 dollars", "17", "18", NULL);
    for (int i = 0; i < 5; i++)
        trajectories[i].compatible = false;
    trajectories[2].correct = 1; /* whatever was meant by that */
    result.gold = (char *)"#### 18 dollars";
    assert_int_equal(grading_mark_compatible(&result), SURETY_OK);
    assert_true(trajectories[0].compatible && trajectories[3].compatible);
    assert_false(trajectories[1].compatible || trajectories[2].compatible ||
                 trajectories[4].compatible);
    assert_int_equal(trajectories[2].correct, 1);
    result.gold = NULL;
}

static void accept_compatible_counts_anew(void **state)
{
    GRADE("18 dollars", NULL, 0, "18", "18 dollars", "17", "18", NULL);
    assert_int_equal(result.correct.clr, 0);
    grading_accept_compatible(&result);
    assert_int_equal(result.correct.clr, 1);
    assert_int_equal(result.correct.cons, 1);
    assert_int_equal(result.correct.pass_at_k, 1);
    assert_float_equal(result.correct.pass_at_1, 0.6, 1e-12);
    assert_int_equal(trajectories[2].correct, 0);
}

static void gold_of_a_worked_solution_is_what_it_ends_in(void **state)
{
    GRADE("He sells 9 eggs for $2 each: 9 * 2 = $18.\n#### 18", NULL, 0, "18", "9");
    assert_int_equal(trajectories[0].correct, 1);
    assert_int_equal(trajectories[1].correct, 0);
}

static void fill_undecided_is_not_wrong(void **state)
{
    GRADE("10^{10^{10}}", NULL, 0, "10^{10^{10}}+1", NULL);
    assert_int_equal(result.correct.clr, -1);
    assert_int_equal(result.correct.pass_at_k, -1);
    assert_float_equal(result.correct.pass_at_1, 0, 0);
}

static void fill_no_answer_is_wrong(void **state)
{
    GRADE("7", NULL, 0, NULL, NULL);
    assert_int_equal(result.correct.clr, 0);
    assert_int_equal(result.correct.pass_at_k, 0);
}

static void fill_missing_trajectories_count_as_wrong(void **state)
{
    result = (struct surety_result){.trajectories = trajectories, .n_trajectories = 1};
    result.run.settings.k = 4;
    trajectories[0] = (struct surety_trajectory){.answer = (char *)"7"};
    grading_fill(&result, "7", "What is it?", NULL, 0);
    assert_float_equal(result.correct.pass_at_1, 0.25, 1e-12);
}

static void fill_recorded_verdicts_go_first(void **state)
{
    const int given[] = {0, 1, -1};
    GRADE("7", given, 3, "7", "x", "7");
    assert_int_equal(trajectories[0].correct, 0);
    assert_int_equal(trajectories[1].correct, 1);
    GRADE(NULL, given, 3, "7", "x", "y");
    assert_true(result.correct.known);
    assert_int_equal(trajectories[2].correct, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fill_without_gold_knows_nothing),
        cmocka_unit_test(fill_judges_each_answer),
        cmocka_unit_test(fill_any_of_a_list_and_a_tolerance_are_right),
        cmocka_unit_test(fill_compatible_is_not_right),
        cmocka_unit_test(fill_notes_what_only_a_unit_keeps_from_being_right),
        cmocka_unit_test(mark_compatible_is_as_filled),
        cmocka_unit_test(accept_compatible_counts_anew),
        cmocka_unit_test(gold_of_a_worked_solution_is_what_it_ends_in),
        cmocka_unit_test(fill_undecided_is_not_wrong),
        cmocka_unit_test(fill_no_answer_is_wrong),
        cmocka_unit_test(fill_missing_trajectories_count_as_wrong),
        cmocka_unit_test(fill_recorded_verdicts_go_first),
    };
    return cmocka_run_group_tests_name("scaler.grading", tests, NULL, NULL);
}
