#include "tests/unit/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "claims/math/equal.h"
#include "claims/plan/agreement.h"

#define N_MAX 8

/* One claim a trajectory: its agreement. */
static void fill(const char *const *texts, const uint32_t *group, size_t n, double *ret)
{
    struct surety_claim claims[N_MAX] = {{.text = NULL}};
    struct surety_trajectory t[N_MAX] = {{.index = 0}};
    for (size_t i = 0; i < n; i++) {
        claims[i].text = (char *)texts[i];
        claims[i].agreement = -1.0;
        t[i].claims = &claims[i];
        t[i].n_claims = 1;
    }
    assert_int_equal(agreement_fill(t, n, group), SURETY_OK);
    for (size_t i = 0; i < n; i++)
        ret[i] = claims[i].agreement;
}

static void fill_only_other_answers_count(void **state)
{
    static const char *const texts[] = {"pay: 9*8 = 72", "Pay: 9 * 8 = 72", "pay: 9*7 = 63",
                                        "pay: 72", "rent: 5"};
    static const uint32_t group[] = {0, 0, 1, 2, EQUAL_NO_GROUP};
    double got[5];
    fill(texts, group, 5, got);
    assert_true(got[0] == 0.5); /* of 2 and 3, the latter */
    assert_true(got[1] == 0.5);
    assert_true(got[2] == 0.0);
    assert_true(got[3] == 2.0 / 3.0);
    assert_true(isnan(got[4]));
}

static void fill_without_answer_every_other_counts(void **state)
{
    static const char *const texts[] = {"pay: 72", "pay: 72", "pay: 63"};
    static const uint32_t group[] = {EQUAL_NO_GROUP, EQUAL_NO_GROUP, EQUAL_NO_GROUP};
    double got[3];
    fill(texts, group, 3, got);
    assert_true(got[0] == 0.5 && got[1] == 0.5 && got[2] == 0.0);
}

static void fill_expression_serves_where_words_are_alone(void **state)
{
    static const char *const texts[] = {"wage: 9*8 = 72", "they give 8 * 9 = 72", "9*8 = 73"};
    static const uint32_t group[] = {0, 1, 2};
    double got[3];
    fill(texts, group, 3, got);
    assert_true(got[0] == 0.5 && got[1] == 0.5 && got[2] == 0.0);
}

static void fill_one_trajectory_is_nothing_to_compare(void **state)
{
    struct surety_claim claims[] = {{.text = (char *)"pay: 72"}, {.text = (char *)"pay: 72"}};
    struct surety_trajectory t = {.claims = claims, .n_claims = 2};
    uint32_t group = 0;
    assert_int_equal(agreement_fill(&t, 1, &group), SURETY_OK);
    assert_true(isnan(claims[0].agreement) && isnan(claims[1].agreement));
    assert_int_equal(agreement_fill(NULL, 0, NULL), SURETY_OK);
}

static void fill_repeated_claims_count_once(void **state)
{
    struct surety_claim a[] = {{.text = (char *)"pay: 72"}};
    struct surety_claim b[] = {{.text = (char *)"pay: 72"}, {.text = (char *)"pay: 2*36 = 72"}};
    struct surety_claim c[] = {{.text = (char *)"pay: 63"}};
    struct surety_trajectory t[] = {
        {.claims = a, .n_claims = 1}, {.claims = b, .n_claims = 2}, {.claims = c, .n_claims = 1}};
    static const uint32_t group[] = {0, 1, 2};
    assert_int_equal(agreement_fill(t, 3, group), SURETY_OK);
    assert_true(a[0].agreement == 0.5);
}

/* The definition, computed the slow way on random claims. */
static void fill_random_claims_match_the_definition(void **state)
{
    enum { N = 24, M = 6 };
    static char text[N][M][32];
    static struct surety_claim claims[N][M];
    struct surety_trajectory t[N] = {{.index = 0}};
    uint32_t group[N], quantity[N][M], value[N][M];
    srand(7);
    for (int i = 0; i < N; i++) {
        group[i] = rand() % 5 ? (uint32_t)(rand() % 4) : EQUAL_NO_GROUP;
        for (int k = 0; k < M; k++) {
            quantity[i][k] = (uint32_t)(rand() % 9);
            value[i][k] = (uint32_t)(rand() % 3);
            snprintf(text[i][k], sizeof text[i][k], "amount%u: %u", quantity[i][k], value[i][k]);
            claims[i][k].text = text[i][k];
        }
        t[i].claims = claims[i];
        t[i].n_claims = M;
    }
    assert_int_equal(agreement_fill(t, N, group), SURETY_OK);
    for (int i = 0; i < N; i++)
        for (int k = 0; k < M; k++) {
            int speak = 0, agree = 0;
            for (int j = 0; j < N; j++) {
                bool speaks = false, agrees = false;
                for (int l = 0; l < M; l++) {
                    bool same = quantity[j][l] == quantity[i][k];
                    speaks = speaks || same;
                    agrees = agrees || (same && value[j][l] == value[i][k]);
                }
                if (j == i || (group[j] == group[i] && group[i] != EQUAL_NO_GROUP))
                    continue;
                speak += speaks;
                agree += agrees;
            }
            if (speak)
                assert_true(claims[i][k].agreement == (double)agree / speak);
            else
                assert_true(isnan(claims[i][k].agreement));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fill_only_other_answers_count),
        cmocka_unit_test(fill_without_answer_every_other_counts),
        cmocka_unit_test(fill_expression_serves_where_words_are_alone),
        cmocka_unit_test(fill_one_trajectory_is_nothing_to_compare),
        cmocka_unit_test(fill_repeated_claims_count_once),
        cmocka_unit_test(fill_random_claims_match_the_definition),
    };
    return cmocka_run_group_tests_name("claims.plan.agreement", tests, NULL, NULL);
}
