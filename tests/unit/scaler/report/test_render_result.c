#include "tests/unit/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "scaler/report/render.h"

static void init(struct render *r, size_t columns)
{
    *r = (struct render){.columns = columns, .unicode = true};
    buf_init(&r->text, 1 << 20);
    buf_puts(&r->text, "");
}

static void fill(struct surety_result *result)
{
    static uint32_t members[3] = {0, 1, 2};
    static char a[] = "40", b[] = "38", model[] = "m", reason[] = "9*8 is 72, not 71";
    static char claim[] = "pay: 9*8=71";
    static struct surety_claim wrong = {.text = claim,
                                        .verdict = SURETY_VERDICT_REFUTED,
                                        .decided_by = SURETY_SIGNAL_SYMBOLIC,
                                        .reason = reason};
    static struct surety_group groups[2];
    static struct surety_trajectory trajectories[3];
    groups[0] = (struct surety_group){.answer = a, .count = 2, .score = 1.5, .members = members};
    groups[1] =
        (struct surety_group){.answer = b, .count = 1, .score = 0.5, .members = members + 2};
    for (uint32_t i = 0; i < 3; i++)
        trajectories[i] = (struct surety_trajectory){
            .index = i, .answer = i < 2 ? a : b, .claims = &wrong, .n_claims = i == 2};
    *result = (struct surety_result){.answer = a,
                                     .reliability = 0.75,
                                     .effective_votes = 2.6,
                                     .groups = groups,
                                     .n_groups = 2,
                                     .trajectories = trajectories,
                                     .n_trajectories = 3,
                                     .cons = a};
    result->run.settings.k = 32;
    result->run.model = model;
}

static void result_tells_share_and_refuted_claim(void **state)
{
    struct surety_result result;
    struct render r;
    fill(&result);
    init(&r, 80);
    render_result(&r, &result);
    assert_non_null(
        strstr(r.text.data, "score share 0.75 (2.6 effective votes of 32), not a probability\n"));
    assert_non_null(strstr(r.text.data, "Answer: 40\n"));
    assert_non_null(strstr(r.text.data, "pay: 9*8=71"));
    assert_non_null(strstr(r.text.data, "9*8 is 72, not 71 (exact arithmetic, trajectory 2)\n"));
    assert_null(strstr(r.text.data, "\033"));
    assert_null(strstr(r.text.data, "majority"));
    assert_null(strstr(r.text.data, "planted"));
    assert_null(strstr(r.text.data, "behind"));
    render_fini(&r);
    result.verifier.n_controls = 4;
    result.verifier.refuted_true = result.verifier.refuted_false = 0.25;
    result.verifier.uninformative = true;
    init(&r, 80);
    render_result(&r, &result);
    assert_non_null(strstr(r.text.data, "refuted: 25 % of 4 planted false claims"));
    assert_non_null(strstr(r.text.data, "verifier_uninformative: this is the plain majority\n"));
    render_fini(&r);
    result.trajectories[2].claims[0].decided_by = SURETY_SIGNAL_BLIND;
    init(&r, 80);
    render_result(&r, &result);
    assert_non_null(strstr(r.text.data, "9*8 is 72, not 71 (recomputation, trajectory 2)\n"));
    render_fini(&r);
}

/* The winning group's two solutions have `stand` standing claims of five between them. */
static char *drawn_with(size_t stand, enum surety_verdict other)
{
    static char text[] = "a claim";
    static struct surety_claim claims[5];
    struct surety_result result;
    struct render r;
    fill(&result);
    for (size_t i = 0; i < 5; i++)
        claims[i] = (struct surety_claim){.text = text,
                                          .verdict = i < stand ? SURETY_VERDICT_VALID : other};
    result.trajectories[0].claims = claims;
    result.trajectories[0].n_claims = 3;
    result.trajectories[1].claims = claims + 3;
    result.trajectories[1].n_claims = 2;
    init(&r, 80);
    render_result(&r, &result);
    return r.text.data;
}

static void result_tells_how_much_stands_behind_the_answer(void **state)
{
    static const char little[] = "little stands behind this answer: it may well be wrong\n";
    char *text = drawn_with(5, SURETY_VERDICT_REFUTED);
    assert_non_null(strstr(text, "\n2.5 of 2.5 claims stand in each solution behind it\n"));
    assert_null(strstr(text, little));
    free(text);
    text = drawn_with(4, SURETY_VERDICT_REFUTED);
    assert_non_null(strstr(text, "\n2 of 2.5 claims stand in each solution behind it\n"));
    assert_null(strstr(text, little));
    free(text);
    text = drawn_with(3, SURETY_VERDICT_UNPARSED); /* whose fault it is does not matter */
    assert_non_null(strstr(text, "\n1.5 of 2.5 claims stand in each solution behind it\n"));
    assert_non_null(strstr(text, little));
    free(text);
    text = drawn_with(0, SURETY_VERDICT_REFUTED);
    assert_non_null(strstr(text, little));
    free(text);
    text = drawn_with(2, SURETY_VERDICT_UNCHECKED); /* next to nobody was asked */
    assert_null(strstr(text, "behind"));
    free(text);
}

static void result_says_where_the_profile_wants_more_behind_an_answer(void **state)
{
    struct surety_result result;
    struct render r;
    fill(&result);
    result.run.least_standing = 0.6;
    result.verifier.standing = 0.4;
    init(&r, 200);
    render_result(&r, &result);
    assert_null(strstr(r.text.data, "majority"));
    render_fini(&r);
    result.verifier.little_stands = true;
    init(&r, 200);
    render_result(&r, &result);
    assert_non_null(strstr(r.text.data,
                           "\nthis is the plain majority: of the claims behind the highest score "
                           "40 % stand, and the profile wants 60 %\n"));
    render_fini(&r);
}

static void result_lines_fit_the_screen(void **state)
{
    struct surety_result result;
    fill(&result);
    for (size_t columns = 40; columns < 200; columns += 13) {
        struct render r;
        init(&r, columns);
        render_groups(&r, &result, 8);
        for (char *line = r.text.data; *line; line += strcspn(line, "\n") + 1)
            assert_true(utf8_columns(line, strcspn(line, "\n")) <= columns);
        render_fini(&r);
    }
}

static void result_without_answer_says_why(void **state)
{
    struct surety_result result = {.stop = SURETY_STOP_FAILED, .reliability = NAN};
    struct render r;
    result.error.code = SURETY_ERR_ENGINE;
    strncpy(result.error.message, "the engine is on fire", sizeof result.error.message - 1);
    init(&r, 80);
    render_result(&r, &result);
    assert_string_equal(r.text.data, "No answer: the engine is on fire\n");
    render_fini(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(result_tells_share_and_refuted_claim),
        cmocka_unit_test(result_tells_how_much_stands_behind_the_answer),
        cmocka_unit_test(result_says_where_the_profile_wants_more_behind_an_answer),
        cmocka_unit_test(result_lines_fit_the_screen),
        cmocka_unit_test(result_without_answer_says_why),
    };
    return cmocka_run_group_tests_name("scaler.render_result", tests, NULL, NULL);
}
