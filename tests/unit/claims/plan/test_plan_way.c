#include "tests/unit/test.h"

#include <math.h>
#include <string.h>

#include "claims/plan/plan_way.h"
#include <surety/settings.h>

static void way_of_every_way_fills_the_slots_that_must_be(void **state)
{
    assert_null(plan_way_of(SURETY_VERIFY_NONE));
    assert_null(plan_way_of(SURETY_VERIFY_DEFAULT));
    for (int v = SURETY_VERIFY_NONE + 1; v < SURETY_VERIFY_COUNT_; v++) {
        const struct plan_way *way = plan_way_of((enum surety_verify)v);
        assert_int_equal(way->verify, v);
        assert_true(way->ask || way->close);
        assert_true(way->take && way->read && way->read_planted && way->questions);
        assert_true(surety_verify_signal(way->verify) != 0);
    }
}

/* A trajectory of a result: two claims with verdicts, one without, one whose reply was unreadable.
 */
static struct surety_trajectory trajectory_of(enum surety_verify verify, uint32_t index,
                                              struct surety_claim claims[4])
{
    static char a[] = "sum: 4+5=9", b[] = "sum: 4+4=8", c[] = "rest: 9-2=7", d[] = "a lid is good";
    char *texts[] = {a, b, c, d};
    for (size_t i = 0; i < 4; i++) {
        claims[i] = (struct surety_claim){.text = texts[i],
                                          .verdict = SURETY_VERDICT_UNCHECKED,
                                          .self = NAN,
                                          .blind = NAN,
                                          .symbolic = 1,
                                          .agreement = NAN};
        if (i < 2 && surety_verify_signal(verify) == SURETY_SIGNAL_BLIND)
            claims[i].blind = 0.5;
        else if (i < 2)
            claims[i].self = 0;
    }
    claims[3].verdict = SURETY_VERDICT_UNPARSED;
    return (struct surety_trajectory){.index = index, .claims = claims, .n_claims = 4};
}

static size_t ask(enum surety_verify verify, double temperature, uint32_t index, size_t n_claims,
                  uint64_t *keys)
{
    struct surety_claim claims[4];
    struct surety_trajectory t = trajectory_of(verify, index, claims);
    struct surety_settings settings = {.verify = verify, .verify_temperature = temperature};
    t.n_claims = n_claims;
    return plan_questions(&settings, &t, keys);
}

static void questions_each_is_one_a_claim_that_was_asked_about(void **state)
{
    uint64_t keys[SURETY_M_MAX], again[SURETY_M_MAX];
    assert_int_equal(ask(SURETY_VERIFY_EACH, 1, 0, 4, keys), 3);
    assert_true(keys[0] != keys[1] && keys[1] != keys[2] && keys[0] != keys[2]);
    assert_int_equal(ask(SURETY_VERIFY_EACH, 1, 5, 4, again), 3);
    assert_memory_equal(keys, again, 3 * sizeof *keys);
}

static void questions_joint_is_one_a_trajectory_shared_at_temperature_0(void **state)
{
    uint64_t a, b;
    assert_int_equal(ask(SURETY_VERIFY_JOINT, 0, 0, 4, &a), 1);
    assert_int_equal(ask(SURETY_VERIFY_JOINT, 0, 5, 4, &b), 1);
    assert_true(a == b);
    assert_int_equal(ask(SURETY_VERIFY_JOINT, 0, 5, 3, &b), 1); /* it claims less */
    assert_true(a != b);
    assert_int_equal(ask(SURETY_VERIFY_JOINT, 1, 0, 4, &a), 1);
    assert_int_equal(ask(SURETY_VERIFY_JOINT, 1, 5, 4, &b), 1);
    assert_true(a != b);
    assert_int_equal(ask(SURETY_VERIFY_JOINT, 1, 0, 0, &a), 0);
}

static void questions_blind_is_one_a_quantity(void **state)
{
    uint64_t keys[SURETY_M_MAX];
    assert_int_equal(ask(SURETY_VERIFY_BLIND, 1, 0, 4, keys), 3);
    assert_true(keys[0] == keys[1] && keys[1] != keys[2]);
}

static void questions_without_a_way_are_none(void **state)
{
    uint64_t keys[SURETY_M_MAX];
    assert_int_equal(ask(SURETY_VERIFY_NONE, 1, 0, 4, keys), 0);
}

static void reading_nothing_without_a_way_or_an_answer(void **state)
{
    static char answer[] = "1";
    struct plan *plan = test_calloc(1, sizeof *plan);
    struct plan_distinct distinct = {0};
    struct plan_claim claim = {.distinct = &distinct};
    struct plan_trajectory t = {.answer = answer, .claims = &claim, .n_claims = 1};
    struct plan_reading reading;
    plan_way_read(plan, &t, 0, &reading);
    assert_true(isnan(reading.value) && !reading.asked && !reading.unparsed && !reading.reason);
    for (int v = SURETY_VERIFY_NONE + 1; v < SURETY_VERIFY_COUNT_; v++) {
        plan->way = plan_way_of((enum surety_verify)v);
        t.answer = NULL;
        plan_way_read(plan, &t, 0, &reading);
        assert_true(isnan(reading.value) && !reading.asked && !reading.reason);
        t.answer = answer;
        plan_way_read(plan, &t, 0, &reading);
        assert_true(isnan(reading.value) && !reading.asked && reading.reason);
    }
    test_free(plan);
}

/* The reason why a claim stays open is its own before it is that no reply came. */
static void reading_says_why_a_claim_stays_open(void **state)
{
    static const struct {
        enum surety_verify verify;
        bool has_value, contextual;
        const char *why;
    } table[] = {
        {SURETY_VERIFY_EACH, true, false, "no verdict came"},
        {SURETY_VERIFY_EACH, true, true, "it uses a name"},
        {SURETY_VERIFY_JOINT, true, true, "no verdict came"},
        {SURETY_VERIFY_BLIND, true, false, "no verdict came"},
        {SURETY_VERIFY_BLIND, true, true, "it uses a name"},
        {SURETY_VERIFY_BLIND, false, true, "it gives no value"},
        {SURETY_VERIFY_BLIND, false, false, "it gives no value"},
    };
    static char answer[] = "1";
    struct plan *plan = test_calloc(1, sizeof *plan);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct plan_distinct distinct = {.has_value = table[i].has_value,
                                         .contextual = table[i].contextual};
        struct plan_claim claim = {.distinct = &distinct};
        struct plan_trajectory t = {.answer = answer, .claims = &claim, .n_claims = 1};
        struct plan_reading reading;
        plan->way = plan_way_of(table[i].verify);
        plan_way_read(plan, &t, 0, &reading);
        assert_non_null(strstr(reading.reason, table[i].why));
    }
    test_free(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(way_of_every_way_fills_the_slots_that_must_be),
        cmocka_unit_test(questions_each_is_one_a_claim_that_was_asked_about),
        cmocka_unit_test(questions_joint_is_one_a_trajectory_shared_at_temperature_0),
        cmocka_unit_test(questions_blind_is_one_a_quantity),
        cmocka_unit_test(questions_without_a_way_are_none),
        cmocka_unit_test(reading_nothing_without_a_way_or_an_answer),
        cmocka_unit_test(reading_says_why_a_claim_stays_open),
    };
    return cmocka_run_group_tests_name("claims.plan.plan_way", tests, NULL, NULL);
}
