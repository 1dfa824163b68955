#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/jsonl.h"

static FILE *file_of(const char *text, size_t len)
{
    FILE *f = tmpfile();
    fwrite(text, 1, len, f);
    rewind(f);
    return f;
}

static void next_malformed_line_costs_only_itself(void **state)
{
    const char text[] = "\xEF\xBB\xBF{\"a\":1}\n\n{\"a\":\n[1]\n{\"a\":2}";
    FILE *f = file_of(text, sizeof text - 1);
    struct jsonl r;
    jsonl_init(&r, f, "in.jsonl");
    json_t *o = NULL;
    struct surety_error err = {0};
    assert_int_equal(jsonl_next(&r, &o, &err), SURETY_OK);
    assert_int_equal(json_integer_value(json_object_get(o, "a")), 1);
    json_decref(o);
    assert_int_equal(jsonl_next(&r, &o, &err), SURETY_ERR_PARSE);
    assert_non_null(strstr(err.message, "in.jsonl:3:"));
    assert_int_equal(jsonl_next(&r, &o, &err), SURETY_ERR_PARSE);
    assert_non_null(strstr(err.message, "in.jsonl:4:"));
    assert_int_equal(jsonl_next(&r, &o, &err), SURETY_OK);
    assert_int_equal(json_integer_value(json_object_get(o, "a")), 2);
    json_decref(o);
    assert_int_equal(jsonl_next(&r, &o, &err), SURETY_OK);
    assert_null(o);
    jsonl_fini(&r);
    fclose(f);
}

static void load_hostile_text_is_made_valid(void **state)
{
    json_t *v = NULL;
    const char nul[] = "{\"a\":\"x\\u0000y\\\\u0000\xFF\"}";
    assert_int_equal(json_load_text(nul, sizeof nul - 1, &v, NULL), SURETY_OK);
    assert_string_equal(json_get_string(v, "a", ""), "x\uFFFDy\\u0000\uFFFD");
    json_decref(v);
    const char big[] = "{\"a\":123456789012345678901234567890}";
    assert_int_equal(json_load_text(big, sizeof big - 1, &v, NULL), SURETY_OK);
    assert_true(json_get_number(v, "a", 0) > 1e29);
    json_decref(v);
}

static void load_deep_nesting_is_refused(void **state)
{
    size_t n = 100000;
    char *deep = malloc(n);
    memset(deep, '[', n);
    json_t *v = NULL;
    assert_int_equal(json_load_text(deep, n, &v, NULL), SURETY_ERR_LIMIT);
    free(deep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(next_malformed_line_costs_only_itself),
        cmocka_unit_test(load_hostile_text_is_made_valid),
        cmocka_unit_test(load_deep_nesting_is_refused),
    };
    return cmocka_run_group_tests_name("base.jsonl", tests, NULL, NULL);
}
