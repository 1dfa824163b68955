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

/* What does not fit is a real, and nothing else is. */
static void load_integer_too_large_leaves_the_others_whole(void **state)
{
    static const char text[] =
        "{\"large\": 99999999999999999999, \"n\": 3, \"list\": [-7, 0.5, {\"m\": 9}]}";
    json_t *value = NULL;
    assert_int_equal(json_load_text(text, strlen(text), &value, NULL), SURETY_OK);
    const json_t *list = json_object_get(value, "list");
    assert_true(json_is_real(json_object_get(value, "large")));
    assert_int_equal(json_integer_value(json_object_get(value, "n")), 3);
    assert_int_equal(json_integer_value(json_array_get(list, 0)), -7);
    assert_true(json_real_value(json_array_get(list, 1)) == 0.5);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 2), "m")), 9);
    json_decref(value);
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

/* What it gives to jansson begins behind a head of its own, so free must not meet it. */
#define HEAD 16

static void *own_malloc(size_t bytes)
{
    char *memory = malloc(bytes + HEAD);
    return memory ? memory + HEAD : NULL;
}

static void own_free(void *memory)
{
    if (memory)
        free((char *)memory - HEAD);
}

static void jansson_keeps_the_allocator_of_its_host(void **state)
{
    json_malloc_t allocate;
    json_free_t release;
    json_get_alloc_funcs(&allocate, &release);
    assert_true(allocate == malloc && release == free);
    json_set_alloc_funcs(own_malloc, own_free);
    struct surety_error err;
    json_t *value = NULL;
    const char text[] = "{\"a\":[1,\"\xC3\xA4\",0.1]}";
    assert_int_equal(json_load_text(text, sizeof text - 1, &value, &err), SURETY_OK);
    char *written = json_to_text(value);
    json_decref(value);
    json_get_alloc_funcs(&allocate, &release);
    assert_true(allocate == own_malloc && release == own_free);
    json_set_alloc_funcs(malloc, free);
    assert_string_equal(written, text);
    free(written);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(next_malformed_line_costs_only_itself),
        cmocka_unit_test(load_hostile_text_is_made_valid),
        cmocka_unit_test(load_integer_too_large_leaves_the_others_whole),
        cmocka_unit_test(load_deep_nesting_is_refused),
        cmocka_unit_test(jansson_keeps_the_allocator_of_its_host),
    };
    return cmocka_run_group_tests_name("base.jsonl", tests, NULL, NULL);
}
