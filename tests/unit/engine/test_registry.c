#include "tests/unit/test.h"

#include <string.h>

#include "engine/engine.h"

static void engine_all_every_engine_is_complete(void **state)
{
    const struct engine_ops *const *all = engine_all();
    assert_non_null(all[0]);
    for (size_t i = 0; all[i]; i++) {
        assert_true(all[i]->name[0] && all[i]->summary[0] && all[i]->state_bytes > 0);
        assert_true(all[i]->open && all[i]->model && all[i]->submit && all[i]->cancel);
        assert_true(all[i]->step && all[i]->wake && all[i]->close);
    }
}

static void engine_open_unknown_name_lists_the_names(void **state)
{
    struct engine engine = {.state = state};
    struct surety_error err = {0};
    struct engine_config config = {0};
    assert_int_equal(engine_open("nosuch", &config, &engine, &err), SURETY_ERR_NOT_FOUND);
    for (size_t i = 0; engine_all()[i]; i++)
        assert_non_null(strstr(err.message, engine_all()[i]->name));
    assert_ptr_equal(engine.state, state);
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

static void engine_close_nothing_is_fine(void **state)
{
    struct engine none = {0};
    engine_close(&none);
    engine_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(engine_all_every_engine_is_complete),
        cmocka_unit_test(engine_open_unknown_name_lists_the_names),
        cmocka_unit_test(engine_option_repeated_key_gives_the_last),
        cmocka_unit_test(engine_check_options_unknown_key_is_named),
        cmocka_unit_test(engine_close_nothing_is_fine),
    };
    return cmocka_run_group_tests_name("engine.registry", tests, NULL, NULL);
}
