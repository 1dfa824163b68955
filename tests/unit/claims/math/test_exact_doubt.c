/* Second readings. Each row: a false claim that can be read otherwise, and one beside it that
 * cannot. */
#include "tests/unit/test.h"

#include "claims/math/exact.h"

static const struct {
    const char *doubtful, *false_claim;
} rows[] = {
    /* dates and days */
    {"01/05/2007 - 7 = 12", "1/5 - 7 = 12"},
    {"2007-01-05 - 7 = 12", "2007 - 105 - 7 = 12"},
    {"06/18/17 + 3 = 5", "6/18/17 + 3 = 5"},
    {"May 5: 3 + 4 = 8", "Maybe 5: 3 + 4 = 8"},
    {"on 5 May, 3 + 4 = 8", "on 5 days, 3 + 4 = 8"},
    {"3/5 + 10 = 3/16 in days", "3/5 + 10 = 3/16 in all"},
    {"the date: 3 + 4 = 8", "the rate: 3 + 4 = 8"},
    /* shifts and digits of another base */
    {"19991 >> 3, so 3 + 4 = 8", "<<19991*1=19991>>, so 3 + 4 = 8"},
    {"5 << 2, so 3 + 4 = 8", "<<5*1=5>>, so 3 + 4 = 8"},
    {"0x2 + 3 + 4 = 8", "10 x 2 + 3 + 4 = 28"},
    {"2 * 3^4 + 3^3 = 21000", "2 * 3^4 + 3^3 = 21001"},
    {"2^3 + 1 = 1001", "2^3 + 1 = 1011"},
    {"16^2 = 100", "17^2 = 100"}, /* no base is so large */
    {"modulo that, 3 + 4 = 8", "total that, 3 + 4 = 8"},
    {"3 + 4 = 8 which is not true", "3 + 4 = 8 which is so"},
    {"is 3 + 4 = 8?", "is 3 + 4 = 8"},
    {"3^{-1} = 5", "3^{1} = 5"},
    /* signs and bars that reach further */
    {"4 - 9/3 = -5/3", "4 - 9/3 = 5/3"},
    {"6/2 + 1 = 2", "6/2 + 1 = 3"},
    {"1/2*3 = 1/6", "1/2*3 = 1/5"},
    {"1 + 6/2 = 7/2", "1 + 6/2 = 9/2"},
    {"-4^2 = 16", "-4^2 = 15"},
    {"-4^2 + 1 = 17", "-4^2 + 1 = 16"},
    /* units that change, values that go on */
    {"1 toy car / 2 = 3 colors", "1 toy car / 2 = 3 cars"},
    {"99 / 7 = 14 weeks and 1 day", "99 / 7 = 14 weeks and so"},
    {"70 / 12 = 5 feet 3 inches", "70 / 12 = 5 feet"},
    {"pages 10-15 = 6", "10 - 15 = 6"},
    {"900 - 100 = $8", "900 - 100 = $9"},
    {"1/2 = 5000%", "1/2 = 500%"},
    /* rounded, grouped, tried */
    {"-3.668/1.833 = -2", "-3.668/1.833 = -3"},
    {"1.000 + 2.000 = 3000", "1.000 + 2.000 = 4000"},
    {"17 = 2023", "17 = 2023 + 1"},
    {"2023 = 7^3", "x: 2023 = 7^3 + 1"},
    {"5/3 / 5/3 = 2", "5/3/5 = 2"},
    {"21/7 = 3*4 = 13", "21/7 = 2*4 = 12"},
};

static void a_false_claim_is_undecided_where_it_can_be_read_otherwise(void **state)
{
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (exact_judge(rows[i].doubtful, NULL, 0) != EXACT_UNDECIDED) {
            print_error("not undecided: %s\n", rows[i].doubtful);
            wrong++;
        }
        if (exact_judge(rows[i].false_claim, NULL, 0) != EXACT_REFUTED) {
            print_error("not refuted: %s\n", rows[i].false_claim);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_false_claim_is_undecided_where_it_can_be_read_otherwise),
    };
    return cmocka_run_group_tests_name("claims.math.exact_doubt", tests, NULL, NULL);
}
