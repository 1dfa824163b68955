#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "engine/openai/ask.h"

static void text_has_the_fields_of_the_set(void **state)
{
    char role[] = "user", content[] = "6*7? \"\u00e9\"\n", stop[] = "\n\n";
    char *stops[] = {stop, stop, stop, stop, stop, stop};
    const struct surety_message message = {role, content};
    const struct surety_sampling sampling = {
        .temperature = 0.8, .top_p = 0.95, .max_tokens = 64, .stop = stops, .n_stop = 6};
    json_t *body = ask_body(&message, 1, &sampling);
    char *text = ask_text(body, ASK_USUAL, "tiny", 7);
    assert_string_equal(
        text,
        "{\"messages\":[{\"role\":\"user\",\"content\":\"6*7? \\\"\u00e9\\\"\\n\"}],"
        "\"temperature\":0.8,\"top_p\":0.95,\"top_k\":0,\"min_p\":0.0,\"stream\":true,"
        "\"stream_options\":{\"include_usage\":true},\"max_tokens\":64,"
        "\"stop\":[\"\\n\\n\",\"\\n\\n\",\"\\n\\n\",\"\\n\\n\"],\"model\":\"tiny\",\"seed\":7}");
    free(text);
    text =
        ask_text(body, ASK_BIT(MAX_COMPLETION_TOKENS) | ASK_BIT(STREAM_OPTIONS) | ASK_BIT(LOGPROBS),
                 "tiny", 8);
    assert_string_equal(text, "{\"messages\":[{\"role\":\"user\",\"content\":\"6*7? "
                              "\\\"\u00e9\\\"\\n\"}],\"logprobs\":true,\"model\":\"tiny\","
                              "\"max_completion_tokens\":64}");
    free(text);
    json_decref(body);
}

static void names_are_those_of_the_protocol(void **state)
{
    assert_string_equal(ask_field_name(ASK_MAX_TOKENS), "max_tokens");
    assert_string_equal(ask_field_name(ASK_SEED), "seed");
}

static void bytes_count_runs_once(void **state)
{
    char role[] = "user", a[] = "aab    c", b[] = "cc";
    const struct surety_message messages[] = {{role, a}, {role, b}};
    size_t distinct;
    assert_int_equal(ask_bytes(messages, 2, &distinct), 10);
    assert_int_equal(distinct, 5);
    assert_int_equal(ask_bytes(messages, 0, &distinct), 0);
    assert_int_equal(distinct, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_has_the_fields_of_the_set),
        cmocka_unit_test(names_are_those_of_the_protocol),
        cmocka_unit_test(bytes_count_runs_once),
    };
    return cmocka_run_group_tests_name("engine.ask", tests, NULL, NULL);
}
