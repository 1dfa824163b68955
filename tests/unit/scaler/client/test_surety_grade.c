#include "tests/unit/test.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <surety/surety.h>

static struct surety_gold one(const char *const *answer)
{
    return (struct surety_gold){.answers = answer, .n_answers = 1};
}

static void extract_gives_the_answer_and_its_place(void **state)
{
    struct surety_grade grade;
    const char *text = "Sö 6*7 = 42. The answer is \\boxed{42}.";
    assert_int_equal(surety_extract(text, false, &grade, NULL), SURETY_OK);
    assert_string_equal(grade.answer, "42");
    assert_string_equal(grade.found, "boxed");
    assert_non_null(memmem(text + grade.start, grade.end - grade.start, "42", 2));
    surety_grade_fini(&grade);
    assert_int_equal(surety_extract("I give up.", false, &grade, NULL), SURETY_OK);
    assert_null(grade.answer);
    assert_string_equal(grade.found, "none");
    surety_grade_fini(&grade);
    surety_grade_fini(&grade);
    surety_grade_fini(NULL);
}

static void equal_tells_relations_apart(void **state)
{
    static const struct {
        const char *gold, *answer;
        enum surety_relation relation;
    } cases[] = {{"1/2", "0.5", SURETY_RELATION_EXACT},
                 {"1/3", "0.333", SURETY_RELATION_COMPATIBLE},
                 {"3", "4", SURETY_RELATION_DIFFERENT},
                 {"#### 18", "18", SURETY_RELATION_EXACT},
                 {"10^{10^{10}}", "10^{10^{10}}+1", SURETY_RELATION_UNKNOWN}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct surety_grade grade;
        struct surety_gold gold = one(&cases[i].gold);
        assert_int_equal(surety_equal(&gold, cases[i].answer, &grade, NULL), SURETY_OK);
        assert_int_equal(grade.relation, cases[i].relation);
        assert_true(grade.how && !grade.answer && !grade.found);
    }
    assert_int_equal(surety_correct(SURETY_RELATION_EXACT, false), 1);
    assert_int_equal(surety_correct(SURETY_RELATION_COMPATIBLE, false), 0);
    assert_int_equal(surety_correct(SURETY_RELATION_COMPATIBLE, true), 1);
    assert_int_equal(surety_correct(SURETY_RELATION_UNKNOWN, true), -1);
}

static void check_reads_and_compares(void **state)
{
    static const char *const answers[] = {"41", "42"};
    struct surety_grade grade;
    struct surety_gold gold = {.answers = answers, .n_answers = 2};
    assert_int_equal(surety_check(&gold, "So it is \\boxed{42}.", false, &grade, NULL), SURETY_OK);
    assert_int_equal(grade.relation, SURETY_RELATION_EXACT);
    assert_int_equal(grade.gold, 1);
    assert_string_equal(grade.answer, "42");
    surety_grade_fini(&grade);
    gold.kind = SURETY_KIND_NUMBER;
    gold.tolerance = 0.5;
    assert_int_equal(surety_check(&gold, "Answer: 42.5 m", false, &grade, NULL), SURETY_OK);
    assert_int_equal(grade.relation, SURETY_RELATION_EXACT);
    surety_grade_fini(&grade);
    assert_int_equal(surety_check(&gold, "The answer is 4", true, &grade, NULL), SURETY_OK);
    assert_int_equal(grade.relation, SURETY_RELATION_DIFFERENT);
    assert_null(grade.answer);
}

static void expect_refused(const struct surety_gold *gold, const char *text, enum surety_err code)
{
    struct surety_error error = {0};
    struct surety_grade grade = {.gold = 77};
    assert_int_equal(surety_check(gold, text, false, &grade, &error), code);
    assert_int_equal(error.code, code);
    assert_true(error.message[0]);
    assert_int_equal(grade.gold, 77);
    assert_int_equal(surety_equal(gold, text, &grade, NULL), code);
}

static void bad_input_is_refused_and_nothing_is_touched(void **state)
{
    static const char *const right[] = {"1"}, *const none[] = {NULL}, *const bytes[] = {"\xff"},
                             *const words[] = {"many"};
    struct surety_gold gold = one(right);
    expect_refused(NULL, "1", SURETY_ERR_INVALID);
    expect_refused(&gold, NULL, SURETY_ERR_INVALID);
    expect_refused(&gold, "\xff", SURETY_ERR_INVALID);
    gold.problem = "\xc0";
    expect_refused(&gold, "1", SURETY_ERR_INVALID);
    gold = one(none);
    expect_refused(&gold, "1", SURETY_ERR_INVALID);
    gold = one(bytes);
    expect_refused(&gold, "1", SURETY_ERR_INVALID);
    gold = one(right);
    gold.n_answers = 0;
    expect_refused(&gold, "1", SURETY_ERR_INVALID);
    gold.n_answers = SURETY_GOLD_ANSWERS_MAX + 1;
    gold.answers = NULL;
    expect_refused(&gold, "1", SURETY_ERR_INVALID);
    gold = one(words);
    gold.kind = SURETY_KIND_NUMBER;
    expect_refused(&gold, "1", SURETY_ERR_INVALID);
    gold = one(right);
    gold.kind = (enum surety_kind)99;
    expect_refused(&gold, "1", SURETY_ERR_INVALID);
    gold = one(right);
    gold.tolerance = NAN;
    expect_refused(&gold, "1", SURETY_ERR_INVALID);
    gold = one(right);
    gold.reserved_[7] = 1; /* a member of a newer header */
    expect_refused(&gold, "1", SURETY_ERR_INVALID);
    assert_int_equal(surety_extract(NULL, false, &(struct surety_grade){0}, NULL),
                     SURETY_ERR_INVALID);
}

static void long_text_is_refused(void **state)
{
    size_t len = ((size_t)16 << 20) + 1;
    char *text = malloc(len + 1);
    assert_non_null(text);
    memset(text, '7', len);
    text[len] = '\0';
    static const char *const right[] = {"1"};
    struct surety_gold gold = one(right);
    expect_refused(&gold, text, SURETY_ERR_LIMIT);
    free(text);
}

/* What threads share would show here, under the thread sanitizer at least. */
static void *grade_many(void *count)
{
    static const struct {
        const char *gold, *text;
    } cases[] = {{"1/2", "\\boxed{0.5}"},
                 {"\\cos(\\pi/5)", "\\boxed{\\frac{1+\\sqrt5}{4}}"},
                 {"(x+1)^2", "Answer: x^2+2x+1"},
                 {"3\\ln 2", "Answer: \\ln 8"}};
    for (size_t i = 0; i < 100; i++) {
        struct surety_grade grade;
        struct surety_gold gold = one(&cases[i % 4].gold);
        if (!surety_check(&gold, cases[i % 4].text, false, &grade, NULL)) {
            *(int *)count += grade.relation == SURETY_RELATION_EXACT;
            surety_grade_fini(&grade);
        }
    }
    return NULL;
}

static void threads_need_nothing(void **state)
{
    pthread_t threads[8];
    int counts[8] = {0};
    for (int i = 0; i < 8; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, grade_many, &counts[i]), 0);
    for (int i = 0; i < 8; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(counts[i], 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(extract_gives_the_answer_and_its_place),
        cmocka_unit_test(equal_tells_relations_apart),
        cmocka_unit_test(check_reads_and_compares),
        cmocka_unit_test(bad_input_is_refused_and_nothing_is_touched),
        cmocka_unit_test(long_text_is_refused),
        cmocka_unit_test(threads_need_nothing),
    };
    return cmocka_run_group_tests_name("scaler.surety_grade", tests, NULL, NULL);
}
