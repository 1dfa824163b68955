#include "tests/unit/test.h"

#include <math.h>
#include <string.h>

#include "claims/plan/vote.h"

#define near(a, b) assert_true(fabs((a) - (b)) < 1e-12)

/* A trajectory whose claims have these values, decided by a model; NaN: open. */
struct sketch {
    bool answers, cooperating;
    size_t n;
    double values[4];
    bool exact; /* decided by exact arithmetic */
};

#define SKETCHES_MAX 4

static void weigh(const struct surety_settings *settings, bool plain, const struct sketch *sketches,
                  size_t n, double *ret_r)
{
    static char answer[] = "1";
    struct surety_trajectory t[SKETCHES_MAX] = {0};
    struct surety_claim claims[SKETCHES_MAX][4] = {0};
    for (size_t i = 0; i < n; i++) {
        t[i] = (struct surety_trajectory){.answer = sketches[i].answers ? answer : NULL,
                                          .cooperating = sketches[i].cooperating,
                                          .r = -1,
                                          .claims = claims[i],
                                          .n_claims = sketches[i].n};
        for (size_t j = 0; j < sketches[i].n; j++) {
            claims[i][j].value = sketches[i].values[j];
            claims[i][j].decided_by =
                sketches[i].exact ? SURETY_SIGNAL_SYMBOLIC : SURETY_SIGNAL_SELF;
        }
    }
    vote_weigh(settings, plain, t, n);
    for (size_t i = 0; i < n; i++)
        ret_r[i] = t[i].r;
}

static const struct surety_settings power = {.k = 4, .m = 2, .gamma = 2, .rule = SURETY_RULE_POWER};
static const struct surety_settings soft = {.k = 4, .m = 2, .gamma = 2, .rule = SURETY_RULE_SOFT};

static void power_is_the_share_of_the_claims_to_the_gamma(void **state)
{
    static const struct sketch s[] = {{true, true, 2, {1, 1}, false},
                                      {true, true, 2, {1, 0}, false},
                                      {true, true, 2, {0.5, 0.25}, false},
                                      {true, true, 2, {0, 0}, false}};
    double r[4];
    weigh(&power, false, s, 4, r);
    near(r[0], 1);
    near(r[1], 0.25);
    near(r[2], 0.375 * 0.375);
    near(r[3], 0);
}

static void power_missing_claims_count_only_when_cooperating(void **state)
{
    static const struct sketch s[] = {{true, true, 1, {1}, false}, {true, false, 1, {1}, false}};
    double r[2];
    weigh(&power, false, s, 2, r);
    near(r[0], 0.25);
    near(r[1], 1);
}

/* Nothing found says nothing: m claims of unknown verdict. Nothing claimed where claims were asked
 * for is m missing ones. */
static void power_no_claim_at_all(void **state)
{
    static const struct sketch s[] = {
        {true, false, 0, {0}, false}, {true, true, 0, {0}, false}, {true, true, 2, {1, 0}, false}};
    double r[3], p = (1 + 1.0) / (1 + 2.0);
    weigh(&power, false, s, 3, r);
    near(r[0], p * p + 2 * p * (1 - p) * 0.25);
    near(r[1], 0);
    near(r[2], 0.25);
}

/* p is taken over every claim, also of trajectories that have no vote. */
static void power_open_claims_count_with_the_prior(void **state)
{
    static const struct sketch s[] = {{true, true, 2, {1, NAN}, false},
                                      {true, true, 2, {1, 0}, false},
                                      {false, true, 2, {0, 0}, false}};
    double r[3], p = (1 + 2.0) / (1 + 5.0);
    weigh(&power, false, s, 3, r);
    near(r[0], p + (1 - p) * 0.25);
    near(r[1], 0.25);
    near(r[2], 0);
}

static void power_m_of_zero_asks_for_nothing(void **state)
{
    static const struct sketch s[] = {{true, true, 0, {0}, false}, {true, true, 1, {0}, false}};
    struct surety_settings none = power;
    double r[2];
    none.m = 0;
    weigh(&none, false, s, 2, r);
    near(r[0], 1);
    near(r[1], 0);
}

static void soft_exact_refutation_breaks_ties_only(void **state)
{
    static const struct sketch s[] = {{true, true, 2, {1, 0}, true},
                                      {true, true, 2, {0, 0}, true},
                                      {true, true, 2, {1, 0}, false}, /* the model's word */
                                      {true, true, 1, {1}, true}};
    double r[4];
    weigh(&soft, false, s, 4, r);
    near(r[0], 1 - 1 / 8.0);
    near(r[1], 1 - 1 / 8.0);
    near(r[2], 1);
    near(r[3], 1);
}

static void without_an_answer_there_is_no_vote(void **state)
{
    static const struct sketch s[] = {{false, true, 2, {1, 1}, false},
                                      {true, true, 2, {1, 1}, false}};
    double r[2];
    weigh(&power, false, s, 2, r);
    near(r[0], 0);
    near(r[1], 1);
    weigh(&soft, false, s, 2, r);
    near(r[0], 0);
    weigh(&power, true, s, 2, r);
    near(r[0], 0);
}

/* Also where claims are missing, and where values are known of those that have no vote. */
static void while_nothing_is_known_every_vote_is_whole(void **state)
{
    static const struct sketch s[] = {{true, true, 1, {NAN}, false},
                                      {true, true, 0, {0}, false},
                                      {false, true, 2, {1, 0}, false}};
    double r[3];
    weigh(&power, false, s, 3, r);
    near(r[0], 1);
    near(r[1], 1);
    near(r[2], 0);
}

static void plain_is_the_majority_whatever_is_known(void **state)
{
    static const struct sketch s[] = {{true, true, 2, {0, 0}, true}, {true, true, 0, {0}, false}};
    double r[2];
    weigh(&power, true, s, 2, r);
    near(r[0], 1);
    near(r[1], 1);
    weigh(&soft, true, s, 2, r);
    near(r[0], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(power_is_the_share_of_the_claims_to_the_gamma),
        cmocka_unit_test(power_missing_claims_count_only_when_cooperating),
        cmocka_unit_test(power_no_claim_at_all),
        cmocka_unit_test(power_open_claims_count_with_the_prior),
        cmocka_unit_test(power_m_of_zero_asks_for_nothing),
        cmocka_unit_test(soft_exact_refutation_breaks_ties_only),
        cmocka_unit_test(without_an_answer_there_is_no_vote),
        cmocka_unit_test(while_nothing_is_known_every_vote_is_whole),
        cmocka_unit_test(plain_is_the_majority_whatever_is_known),
    };
    return cmocka_run_group_tests_name("claims.plan.vote", tests, NULL, NULL);
}
