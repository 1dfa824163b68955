#include "tests/unit/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scaler/report/render.h"

static void init(struct render *r)
{
    *r = (struct render){.columns = 80, .unicode = true};
    buf_init(&r->text, 1 << 20);
    buf_puts(&r->text, "");
}

static void expect_problem(const char *problem, const char *gold, const char *expected)
{
    struct render r;
    init(&r);
    render_problem(&r, problem, gold);
    assert_string_equal(r.text.data, expected);
    render_fini(&r);
}

static void problem_and_gold_are_drawn_where_they_are_known(void **state)
{
    expect_problem("What is\n 6*7?", "6*7=42\n#### 42", "What is\n 6*7?\nGold answer: 42\n\n");
    expect_problem(NULL, "42", "Gold answer: 42\n\n");
    expect_problem("\033[2JWhy?", NULL, "\xef\xbf\xbd[2JWhy?\n\n");
    expect_problem(NULL, NULL, "");
}

static struct surety_claim claim(char *text, size_t start, size_t end, enum surety_verdict verdict,
                                 unsigned decided_by)
{
    return (struct surety_claim){
        .text = text, .start = start, .end = end, .verdict = verdict, .decided_by = decided_by};
}

/* Out of order, one within another, one that is nowhere, and a place beyond the text. */
static void solution_has_its_claims_marked_in_place(void **state)
{
    static char text[] = "So 6*7=42 pens, and\n42+1=44 \x1b all.", a[] = "42+1=44", b[] = "6*7=42";
    static char reason[] = "42+1 is 43", nowhere[] = "it is so", model[] = "m", answer[] = "44";
    struct surety_claim claims[] = {
        claim(a, 20, 27, SURETY_VERDICT_REFUTED, SURETY_SIGNAL_SYMBOLIC),
        claim(b, 3, 9, SURETY_VERDICT_VALID, SURETY_SIGNAL_SELF),
        claim(b, 5, 9, SURETY_VERDICT_UNPARSED, 0),
        claim(nowhere, 0, 0, SURETY_VERDICT_UNCHECKED, 0),
        claim(nowhere, 30, 3000, SURETY_VERDICT_UNCHECKED, 0),
    };
    claims[0].reason = reason;
    struct surety_trajectory t = {
        .index = 3, .answer = answer, .r = 0.5, .text = text, .claims = claims, .n_claims = 5};
    struct surety_result result = {.trajectories = &t, .n_trajectories = 1};
    struct render r;
    result.run.settings.k = 8;
    result.run.model = model;
    init(&r);
    render_solution(&r, &result, &t);
    assert_string_equal(r.text.data, "Solution 3 of 8: answer 44, r = 0.50\n\n"
                                     "So [6*7=42]✓2 pens, and\n[42+1=44]✗1 \xef\xbf\xbd all.\n\n"
                                     "  ✗1 42+1=44\n     refuted (exact arithmetic): 42+1 is 43\n"
                                     "  ✓2 6*7=42\n     stands (the model)\n"
                                     "  ?3 6*7=42\n     the verdict could not be read\n"
                                     "  -4 it is so\n     unchecked\n"
                                     "  -5 it is so\n     unchecked\n");
    render_fini(&r);
}

static void best_is_of_the_answer(void **state)
{
    static uint32_t members[] = {1, 2, 3};
    struct surety_group group = {.count = 3, .members = members};
    struct surety_trajectory t[] = {{.index = 0, .r = 1},
                                    {.index = 1, .r = 0.25},
                                    {.index = 2, .r = 0.5},
                                    {.index = 3, .r = 0.5}};
    struct surety_result result = {
        .trajectories = t, .n_trajectories = 4, .groups = &group, .n_groups = 1};
    assert_ptr_equal(render_best(&result), &t[2]);
    result.n_groups = 0;
    assert_ptr_equal(render_best(&result), &t[0]);
    result.n_trajectories = 0;
    assert_null(render_best(&result));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(problem_and_gold_are_drawn_where_they_are_known),
        cmocka_unit_test(solution_has_its_claims_marked_in_place),
        cmocka_unit_test(best_is_of_the_answer),
    };
    return cmocka_run_group_tests_name("scaler.render_solution", tests, NULL, NULL);
}
