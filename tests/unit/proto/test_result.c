#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include <surety/result.h>

static void to_text_and_back_is_the_same_line(void **state)
{
    struct surety_result empty = {0}, back;
    char *text = surety_result_to_text(&empty);
    assert_non_null(text);
    assert_null(strchr(text, '\n'));
    assert_int_equal(surety_result_from_text(text, &back, NULL), SURETY_OK);
    char *again = surety_result_to_text(&back);
    assert_string_equal(text, again);
    surety_result_fini(&back);
    assert_null(back.id);
    surety_result_fini(&back);
    surety_result_fini(NULL);
    free(text);
    free(again);
}

static void from_text_malformed_is_refused_and_result_untouched(void **state)
{
    struct surety_result result = {.rank = true};
    struct surety_error err = {0};
    assert_int_equal(surety_result_from_text("{", &result, &err), SURETY_ERR_PARSE);
    assert_int_equal(surety_result_from_text("", &result, &err), SURETY_ERR_PARSE);
    assert_int_equal(surety_result_from_text("[]", &result, &err), SURETY_ERR_PARSE);
    assert_int_equal(surety_result_from_text("{}", &result, &err), SURETY_ERR_PARSE);
    assert_non_null(strstr(err.message, "schema"));
    assert_true(result.rank);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(to_text_and_back_is_the_same_line),
        cmocka_unit_test(from_text_malformed_is_refused_and_result_untouched),
    };
    return cmocka_run_group_tests_name("proto.result", tests, NULL, NULL);
}
