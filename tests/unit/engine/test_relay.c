#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "engine/openai/relay.h"

static void push(struct relay *relay, const char *text)
{
    assert_int_equal(relay_push(relay, 200, text, strlen(text), NULL), SURETY_OK);
}

static void assert_taken(struct relay *relay, const char *text)
{
    char *taken = relay_take(relay);
    assert_non_null(taken);
    assert_string_equal(taken, text);
    free(taken);
}

static void take_gives_whole_lines_and_the_rest_at_the_end(void **state)
{
    struct relay relay;
    relay_init(&relay);
    assert_null(relay_take(&relay));
    push(&relay, "data: \xc3");
    assert_null(relay_take(&relay));
    assert_false(relay.told);
    push(&relay, "\xbc\n\ndata");
    assert_taken(&relay, "data: \xc3\xbc\n\n");
    assert_true(relay.told);
    assert_null(relay_take(&relay));
    relay.ended = true;
    assert_taken(&relay, "data");
    assert_null(relay_take(&relay));
    relay_fini(&relay);
}

static void take_makes_text_valid(void **state)
{
    struct relay relay;
    relay_init(&relay);
    assert_int_equal(relay_push(&relay, 200, "a\xff\0b\n", 5, NULL), SURETY_OK);
    assert_taken(&relay, "a\xef\xbf\xbd\xef\xbf\xbd"
                         "b\n");
    relay_fini(&relay);
}

static void push_bounds_the_whole_reply(void **state)
{
    struct relay relay;
    struct surety_error err = {0};
    char *line = malloc(1u << 20);
    relay_init(&relay);
    memset(line, '\n', 1u << 20);
    for (size_t i = 0; i < SURETY_TEXT_MAX >> 20; i++) {
        assert_int_equal(relay_push(&relay, 200, line, 1u << 20, &err), SURETY_OK);
        free(relay_take(&relay));
    }
    assert_int_equal(relay_push(&relay, 200, line, 1, &err), SURETY_ERR_LIMIT);
    assert_non_null(strstr(err.message, "more than"));
    relay_fini(&relay);
    free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(take_gives_whole_lines_and_the_rest_at_the_end),
        cmocka_unit_test(take_makes_text_valid),
        cmocka_unit_test(push_bounds_the_whole_reply),
    };
    return cmocka_run_group_tests_name("engine.relay", tests, NULL, NULL);
}
