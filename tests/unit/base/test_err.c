#include "tests/unit/test.h"

#include <string.h>

#include "base/utf8.h"
#include <surety/err.h>

static void names_round_trip_and_differ(void **state)
{
    for (int i = 0; i < SURETY_ERR_COUNT_; i++) {
        assert_int_equal(surety_err_from_name(surety_err_name((enum surety_err)i)), i);
        assert_true(strlen(surety_err_text((enum surety_err)i)) > 0);
        int status = surety_err_http_status((enum surety_err)i);
        assert_in_range(status, 200, 599);
    }
    assert_int_equal(surety_err_from_name("no such name"), SURETY_ERR_INTERNAL);
    assert_int_equal(surety_err_from_name(NULL), SURETY_ERR_INTERNAL);
}

static void fail_long_message_is_cut_between_characters(void **state)
{
    char text[1000];
    for (size_t i = 0; i < 333; i++)
        memcpy(text + 3 * i, "€", 3);
    text[999] = '\0';
    struct surety_error err = {0};
    assert_int_equal(surety_fail(&err, SURETY_ERR_IO, "x%s", text), SURETY_ERR_IO);
    assert_true(utf8_is_valid(err.message, strlen(err.message)));
    assert_int_equal(surety_fail(NULL, SURETY_ERR_PARSE, "dropped"), SURETY_ERR_PARSE);
}

static void fail_quotation_that_was_cut_stays_valid(void **state)
{
    struct surety_error err = {0};
    surety_fail(&err, SURETY_ERR_INVALID, "no '%.4s' here: \xef\xbf\xbd", "a€€");
    assert_string_equal(err.message, "no 'a€' here: \xef\xbf\xbd");
    surety_fail(&err, SURETY_ERR_INVALID, "no '%.3s'", "€€");
    assert_string_equal(err.message, "no '€'");
    surety_fail(&err, SURETY_ERR_INVALID, "no '%.5s'", "€€");
    assert_string_equal(err.message, "no '€'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_round_trip_and_differ),
        cmocka_unit_test(fail_long_message_is_cut_between_characters),
        cmocka_unit_test(fail_quotation_that_was_cut_stays_valid),
    };
    return cmocka_run_group_tests_name("base.err", tests, NULL, NULL);
}
