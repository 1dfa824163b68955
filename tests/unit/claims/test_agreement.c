#include "tests/unit/test.h"

#include <math.h>
#include <string.h>

#include "claims/agreement.h"
#include "claims/equal.h"

static void fill_other_answers_are_asked(void **state)
{
    static const char *const texts[] = {"pay: 9*8=72", "pay: 9 * 8 = 72", "Pay: 9*7=63", "pay: 72",
                                        "rent: 5"};
    static const uint32_t group[] = {0, 0, 1, 2, EQUAL_NO_GROUP};
    struct surety_claim claims[5] = {{.text = NULL}};
    struct surety_trajectory t[5] = {{.index = 0}};
    for (size_t i = 0; i < 5; i++) {
        claims[i].text = (char *)texts[i];
        t[i].claims = &claims[i];
        t[i].n_claims = 1;
    }
    assert_int_equal(agreement_fill(t, 5, group), SURETY_OK);
    assert_true(claims[0].agreement == 0.0); /* of its own group nobody counts */
    assert_true(claims[2].agreement == 0.0);
    assert_true(isnan(claims[4].agreement));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fill_other_answers_are_asked),
    };
    return cmocka_run_group_tests_name("claims.agreement", tests, NULL, NULL);
}
