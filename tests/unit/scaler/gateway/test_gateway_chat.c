#include "tests/unit/test.h"

#include <string.h>

#include "scaler/gateway/gateway_chat.h"
#include <surety/settings.h>

static enum surety_err read_body(const char *body, struct gateway_chat *ret,
                                 struct gateway_fault *fault)
{
    struct surety_request defaults = {.verifier_model = (char *)"judge", .deadline_ms = 5000};
    surety_settings_init(&defaults.settings);
    enum surety_err code = gateway_chat_read(body, strlen(body), &defaults, ret, fault);
    return code ? code : gateway_chat_check(ret, fault);
}

static void model_without_the_prefix_is_passed_through_as_it_came(void **state)
{
    static const char body[] = "{ \"model\":\"m\", \"stream\":true, \"n\":-7, \"user\":\"u\",\n"
                               "\"messages\":[{\"role\":\"tool\"}], \"tools\":[1.50], \"x\":{}}";
    struct gateway_chat chat;
    struct gateway_fault fault;
    assert_int_equal(read_body(body, &chat, &fault), SURETY_OK);
    assert_true(chat.pass && chat.stream);
    assert_string_equal(chat.model, "m");
    assert_string_equal(chat.user, "u");
    assert_string_equal(chat.request.body, body);
    assert_null(chat.request.verifier_model); /* nobody judges */
    assert_int_equal(chat.request.deadline_ms, 5000);
    gateway_chat_fini(&chat);
}

static void model_with_the_prefix_is_read_field_by_field(void **state)
{
    struct gateway_chat chat;
    struct gateway_fault fault;
    assert_int_equal(read_body("{\"model\":\"surety-m\",\"messages\":[{\"role\":\"user\","
                               "\"content\":\"what\"}]}",
                               &chat, &fault),
                     SURETY_OK);
    assert_false(chat.pass);
    assert_null(chat.request.body);
    assert_string_equal(chat.request.problem, "what");
    gateway_chat_fini(&chat);
    assert_int_equal(read_body("{\"model\":\"surety-m\",\"n\":-7}", &chat, &fault),
                     SURETY_ERR_INVALID);
    assert_string_equal(fault.param, "n");
    gateway_chat_fini(&chat);
}

static void what_says_how_a_body_travels_must_be_right(void **state)
{
    static const struct {
        const char *body, *param;
    } rows[] = {{"{\"model\":7}", "model"},
                {"{\"messages\":[{\"role\":\"user\"}]}", "model"},
                {"{\"model\":\"m\"}", "messages"},
                {"{\"model\":\"m\",\"messages\":[{}],\"stream\":\"yes\"}", "stream"},
                {"[]", ""}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gateway_chat chat;
        struct gateway_fault fault;
        assert_int_equal(read_body(rows[i].body, &chat, &fault), SURETY_ERR_INVALID);
        assert_string_equal(fault.param, rows[i].param);
        gateway_chat_fini(&chat);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(model_without_the_prefix_is_passed_through_as_it_came),
        cmocka_unit_test(model_with_the_prefix_is_read_field_by_field),
        cmocka_unit_test(what_says_how_a_body_travels_must_be_right),
    };
    return cmocka_run_group_tests_name("scaler.gateway_chat", tests, NULL, NULL);
}
