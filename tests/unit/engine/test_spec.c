#include "tests/unit/test.h"

#include <string.h>

#include "engine/engine.h"

static void expect(const struct engine_spec *spec, size_t i, const char *key, const char *value)
{
    assert_true(i < spec->n_options);
    assert_string_equal(spec->options[i].key, key);
    assert_string_equal(spec->options[i].value, value);
}

static void engine_spec_parse_name_alone_has_no_options(void **state)
{
    struct engine_spec spec;
    assert_int_equal(engine_spec_parse("replay", &spec, NULL), SURETY_OK);
    assert_string_equal(spec.name, "replay");
    assert_int_equal(spec.n_options, 0);
    engine_spec_fini(&spec);
    engine_spec_fini(&spec);
    engine_spec_fini(NULL);
}

static void engine_spec_parse_all_forms_are_split(void **state)
{
    struct engine_spec spec;
    assert_int_equal(engine_spec_parse("x:a.jsonl,k=v,k=w=y:z,e=", &spec, NULL), SURETY_OK);
    assert_string_equal(spec.name, "x");
    assert_int_equal(spec.n_options, 4);
    expect(&spec, 0, "", "a.jsonl");
    expect(&spec, 1, "k", "v");
    expect(&spec, 2, "k", "w=y:z");
    expect(&spec, 3, "e", "");
    engine_spec_fini(&spec);
}

static void engine_spec_parse_backslash_takes_the_next_character(void **state)
{
    struct engine_spec spec;
    assert_int_equal(engine_spec_parse("x:a\\,b\\=c,\\k\\\\=\\,", &spec, NULL), SURETY_OK);
    assert_int_equal(spec.n_options, 2);
    expect(&spec, 0, "", "a,b=c");
    expect(&spec, 1, "k\\", ",");
    engine_spec_fini(&spec);
}

static void engine_spec_parse_bad_text_is_refused(void **state)
{
    const char *const bad[] = {"", ":", ":a=b", "x:", "x:a,,b", "x:a,", "x:=v", "x:a\\"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct engine_spec spec = {.n_options = 77};
        struct surety_error err = {0};
        assert_int_equal(engine_spec_parse(bad[i], &spec, &err), SURETY_ERR_INVALID);
        assert_true(err.message[0]);
        assert_int_equal(spec.n_options, 77);
    }
}

static void engine_spec_parse_too_many_options_are_refused(void **state)
{
    char text[2 * ENGINE_OPTIONS_MAX + 4] = {0};
    struct engine_spec spec;
    memcpy(text, "x:a", 3);
    for (int i = 1; i < ENGINE_OPTIONS_MAX; i++)
        memcpy(text + 1 + 2 * i, ",a", 2);
    assert_int_equal(engine_spec_parse(text, &spec, NULL), SURETY_OK);
    assert_int_equal(spec.n_options, ENGINE_OPTIONS_MAX);
    engine_spec_fini(&spec);
    memcpy(text + 1 + 2 * ENGINE_OPTIONS_MAX, ",a", 2);
    assert_int_equal(engine_spec_parse(text, &spec, NULL), SURETY_ERR_INVALID);
}

static void engine_option_repeated_key_gives_the_last(void **state)
{
    struct engine_option options[] = {{(char *)"k", (char *)"1"}, {(char *)"k", (char *)"2"}};
    struct engine_config config = {.options = options, .n_options = 2};
    assert_string_equal(engine_option(&config, "k"), "2");
    assert_null(engine_option(&config, "x"));
}

static void engine_check_options_unknown_key_is_named(void **state)
{
    const char *const known[] = {"k", NULL}, *const with_main[] = {"", "k", NULL};
    struct engine_option options[] = {{(char *)"k", (char *)"1"}, {(char *)"kk", (char *)"2"}};
    struct engine_config config = {.options = options, .n_options = 1};
    struct surety_error err = {0};
    assert_int_equal(engine_check_options(&config, known, &err), SURETY_OK);
    config.n_options = 2;
    assert_int_equal(engine_check_options(&config, known, &err), SURETY_ERR_INVALID);
    assert_non_null(strstr(err.message, "\"kk\""));
    options[1].key = (char *)"";
    assert_int_equal(engine_check_options(&config, known, &err), SURETY_ERR_INVALID);
    assert_non_null(strstr(err.message, "\"2\""));
    assert_int_equal(engine_check_options(&config, with_main, &err), SURETY_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(engine_spec_parse_name_alone_has_no_options),
        cmocka_unit_test(engine_spec_parse_all_forms_are_split),
        cmocka_unit_test(engine_spec_parse_backslash_takes_the_next_character),
        cmocka_unit_test(engine_spec_parse_bad_text_is_refused),
        cmocka_unit_test(engine_spec_parse_too_many_options_are_refused),
        cmocka_unit_test(engine_option_repeated_key_gives_the_last),
        cmocka_unit_test(engine_check_options_unknown_key_is_named),
    };
    return cmocka_run_group_tests_name("engine.spec", tests, NULL, NULL);
}
