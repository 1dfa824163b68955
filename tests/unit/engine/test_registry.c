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
        cmocka_unit_test(engine_close_nothing_is_fine),
    };
    return cmocka_run_group_tests_name("engine.registry", tests, NULL, NULL);
}
