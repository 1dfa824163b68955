/* Reading, equality, groups and profiles without memory: an error or the same, never another. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "claims/math/equal.h"
#include "claims/read/profile.h"
#include "scaler/report/grading.h"
#include "tests/memory/fail.h"
#include <surety/grade.h>

static const char *const pairs[][2] = {
    {"5", "5.0"},
    {"1/2", "\\frac{2}{4}"},
    {"\\sqrt{8}", "2\\sqrt{2}"},
    {"x^2+2x+1", "(x+1)^2"},
    {"\\{1,2,3\\}", "\\{3,2,1\\}"},
    {"[1,2)", "1 \\le x < 2"},
    {"(1,2)", "(1,3)"},
    {"5 cm", "50 mm"},
    {"B", "(B)"},
    {"x=3", "3"},
    {"the cat", "The cat."},
    {"2\\pi", "6.28"},
    {"\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "\\begin{pmatrix}1&2\\\\3&5\\end{pmatrix}"},
    {"10:30", "half past ten"},
    {"twenty-one", "21"},
};
#define PAIRS (sizeof pairs / sizeof *pairs)

static const char *const texts[] = {
    "6*7 = 42, so \\boxed{42}",
    "We get 12 apples and then 30 more.\nThe answer is 42 apples.",
    "Answer: $\\frac{84}{2}$",
    "I give up.",
};

/* Writes what was found into out; false: memory ran out, and whoever met it said so. */
typedef bool (*work)(size_t i, char *out, size_t size);

static bool told(enum surety_err code, const struct surety_grade *g, char *out, size_t size)
{
    if (code) {
        assert_int_equal(code, SURETY_ERR_NOMEM);
        assert_true(fail_happened());
        assert_null(g->how);
        assert_null(g->answer);
        return false;
    }
    snprintf(out, size, "%d %s %s %s %zu %zu", (int)g->relation, g->how ? g->how : "",
             g->answer ? g->answer : "", g->found ? g->found : "", g->start, g->end);
    return true;
}

static bool equality(size_t i, char *out, size_t size)
{
    const char *answers[] = {pairs[i][0]};
    const struct surety_gold gold = {.answers = answers, .n_answers = 1};
    struct surety_grade grade = {0};
    struct surety_error err = {0};
    bool fine = told(surety_equal(&gold, pairs[i][1], &grade, &err), &grade, out, size);
    surety_grade_fini(&grade);
    return fine;
}

static bool check(size_t i, char *out, size_t size)
{
    const char *answers[] = {"42"};
    const struct surety_gold gold = {.answers = answers, .n_answers = 1};
    struct surety_grade grade = {0};
    struct surety_error err = {0};
    bool fine = told(surety_check(&gold, texts[i], false, &grade, &err), &grade, out, size);
    surety_grade_fini(&grade);
    return fine;
}

static bool extraction(size_t i, char *out, size_t size)
{
    struct surety_grade grade = {0};
    struct surety_error err = {0};
    bool fine = told(surety_extract(texts[i], false, &grade, &err), &grade, out, size);
    surety_grade_fini(&grade);
    return fine;
}

static bool groups(size_t i, char *out, size_t size)
{
    const char *answers[2 * PAIRS];
    uint32_t group[2 * PAIRS];
    struct equal_groups found;
    for (size_t p = 0; p < PAIRS; p++) {
        answers[2 * p] = pairs[p][0];
        answers[2 * p + 1] = pairs[p][1];
    }
    if (equal_group(answers, 8 + i, NULL, group, &found)) {
        assert_true(fail_happened());
        return false;
    }
    size_t at = (size_t)snprintf(out, size, "%zu %zu:", found.n, (size_t)found.undecided);
    for (size_t a = 0; a < 8 + i; a++)
        at += (size_t)snprintf(out + at, size - at, " %u", group[a]);
    return true;
}

static bool profiles(size_t i, char *out, size_t size)
{
    static const char *const names[] = {"instruct", "demo"};
    struct profile *profile;
    struct surety_error err = {0};
    enum surety_err code = profile_parse(profile_builtin(names[i]), &profile, &err);
    if (code) {
        assert_int_equal(code, SURETY_ERR_NOMEM);
        assert_true(fail_happened());
        return false;
    }
    snprintf(out, size, "%s %d %g", profile_name(profile), (int)profile_verify(profile),
             profile_verify_temperature(profile, profile_verify(profile)));
    profile_free(profile);
    return true;
}

static bool tables(size_t i, char *out, size_t size)
{
    struct surety_trajectory t = {.answer = (char *)pairs[i][1]};
    struct surety_result r = {.answer = t.answer, .trajectories = &t, .n_trajectories = 1};
    enum surety_err code = grading_fill(&r, pairs[i][0], NULL, NULL, 0);
    assert_true(!code || fail_happened());
    snprintf(out, size, "%d %d %d", t.correct, t.compatible, r.correct.clr);
    return !code;
}

static bool marks(size_t i, char *out, size_t size)
{
    struct surety_trajectory t = {.answer = (char *)pairs[i][1]};
    struct surety_result r = {.gold = (char *)pairs[i][0], .trajectories = &t, .n_trajectories = 1};
    enum surety_err code = grading_mark_compatible(&r);
    assert_true(!code || fail_happened());
    snprintf(out, size, "%d", t.compatible);
    return !code;
}

static void in_turn(work run, size_t n)
{
    size_t points = 0;
    for (size_t i = 0; i < n; i++) {
        char expected[2000], got[2000];
        assert_true(run(i, expected, sizeof expected));
        bool failed = true;
        for (size_t nth = 1; failed; nth++) {
            fail_at(nth);
            bool fine = run(i, got, sizeof got);
            failed = fail_happened();
            fail_at(0);
            if (fine && strcmp(got, expected) != 0)
                fail_msg("%zu without allocation %zu: %s, not %s", i, nth, got, expected);
            points += failed;
        }
    }
    print_message("# %zu allocations\n", points);
}

static void equality_fails_or_is_the_same(void **state)
{
    in_turn(equality, PAIRS);
}

static void tables_fail_or_are_the_same(void **state)
{
    in_turn(tables, PAIRS);
}

static void marks_fail_or_are_the_same(void **state)
{
    in_turn(marks, PAIRS);
}

static void check_fails_or_is_the_same(void **state)
{
    in_turn(check, sizeof texts / sizeof *texts);
}

static void extraction_fails_or_is_the_same(void **state)
{
    in_turn(extraction, sizeof texts / sizeof *texts);
}

static void groups_fail_or_are_the_same(void **state)
{
    in_turn(groups, 1);
}

static void profiles_fail_or_are_the_same(void **state)
{
    in_turn(profiles, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equality_fails_or_is_the_same),
        cmocka_unit_test(tables_fail_or_are_the_same),
        cmocka_unit_test(marks_fail_or_are_the_same),
        cmocka_unit_test(check_fails_or_is_the_same),
        cmocka_unit_test(extraction_fails_or_is_the_same),
        cmocka_unit_test(groups_fail_or_are_the_same),
        cmocka_unit_test(profiles_fail_or_are_the_same),
    };
    return cmocka_run_group_tests_name("claims.memory", tests, NULL, NULL);
}
