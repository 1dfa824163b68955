#include "tests/unit/test.h"

#include <string.h>

#include "engine/openai/fault.h"

static const struct fault_place place = {
    .url = "http://h/v1/chat/completions", .model = "tiny", .key = NULL, .key_env = NULL};

static void explain_statuses_say_what_to_check(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum fault_next next;
        enum surety_err code;
        const char *part;
    } table[] = {
        {401, "{}", FAULT_FINAL, SURETY_ERR_INVALID, "key-env="},
        {404, "{\"error\":{\"message\":\"The model `x` does not exist\"}}", FAULT_FINAL,
         SURETY_ERR_NOT_FOUND, "does not serve the model \"tiny\""},
        {404, "{\"error\":\"File Not Found\"}", FAULT_FINAL, SURETY_ERR_NOT_FOUND, "/v1"},
        {405, "", FAULT_FINAL, SURETY_ERR_NOT_FOUND, "is not there"},
        {301, "<html>", FAULT_FINAL, SURETY_ERR_NOT_FOUND, "not followed"},
        {429, "{\"error\":{\"message\":\"slow down\"}}", FAULT_SLOWER, SURETY_ERR_BUSY,
         "slow down"},
        {429, "{\"error\":{\"message\":\"exceeded your current quota\"}}", FAULT_FINAL,
         SURETY_ERR_INVALID, "nothing is left to spend"},
        {402, "", FAULT_FINAL, SURETY_ERR_INVALID, "nothing is left to spend"},
        {502, "<html>Bad Gateway", FAULT_RETRY, SURETY_ERR_UNREACHABLE, "502"},
        {503, "", FAULT_RETRY, SURETY_ERR_UNREACHABLE, "503"},
        {504, "", FAULT_RETRY, SURETY_ERR_UNREACHABLE, "504"},
        {500, "{\"error\":{\"message\":\"boom\"}}", FAULT_FINAL, SURETY_ERR_ENGINE, "boom"},
        {400, "{\"error\":{\"message\":\"exceeds the context\"}}", FAULT_FINAL, SURETY_ERR_LIMIT,
         "too long"},
        {413, "", FAULT_FINAL, SURETY_ERR_LIMIT, "too long"},
        {422, "{\"detail\":[{\"msg\":\"bad role\"}]}", FAULT_FINAL, SURETY_ERR_INVALID, "bad role"},
        {0, "", FAULT_FINAL, SURETY_ERR_ENGINE, "failed"},
        {999, "", FAULT_FINAL, SURETY_ERR_ENGINE, "failed"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct surety_error err = {0};
        const struct http_end end = {.status = table[i].status};
        assert_int_equal(fault_explain(&end, table[i].body, strlen(table[i].body), &place, &err),
                         table[i].next);
        assert_int_equal(err.code, table[i].code);
        assert_non_null(strstr(err.message, "http://h/v1"));
        if (!strstr(err.message, table[i].part))
            print_error("\"%s\" lacks \"%s\"\n", err.message, table[i].part);
        assert_non_null(strstr(err.message, table[i].part));
    }
}

static void explain_connections_say_what_to_check(void **state)
{
    static const struct {
        enum http_fault fault;
        enum fault_next next;
        const char *part;
    } table[] = {
        {HTTP_NO_HOST, FAULT_RETRY, "check the name"},
        {HTTP_NO_SERVER, FAULT_RETRY, "is it running"},
        {HTTP_NO_TLS, FAULT_FINAL, "certificate"},
        {HTTP_LOST, FAULT_RETRY, "lost"},
        {HTTP_SLOW, FAULT_FINAL, "timeout="},
        {HTTP_BROKEN, FAULT_FINAL, "no HTTP"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct surety_error err = {0};
        const struct http_end end = {.fault = table[i].fault, .detail = "why"};
        assert_int_equal(fault_explain(&end, "", 0, &place, &err), table[i].next);
        assert_non_null(strstr(err.message, table[i].part));
        assert_non_null(strstr(err.message, "(why)"));
    }
}

static void explain_never_quotes_the_key(void **state)
{
    struct fault_place with_key = place;
    with_key.key = "sk-12345";
    with_key.key_env = "MY_KEY";
    static const int statuses[] = {400, 401, 403, 404, 429, 500, 503};
    static const char body[] = "{\"error\":{\"message\":\"model key sk-12345, sk-12345 is bad\"}}";
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        struct surety_error err = {0};
        const struct http_end end = {.status = statuses[i]};
        fault_explain(&end, body, strlen(body), &with_key, &err);
        assert_null(strstr(err.message, "12345"));
        assert_non_null(strstr(err.message, "********"));
    }
}

static void names_finds_the_field_alone(void **state)
{
    static const char param[] = "{\"error\":{\"message\":\"'max_tokens' is not supported, use "
                                "'max_completion_tokens'\",\"param\":\"max_tokens\"}}",
                      text[] = "{\"error\":{\"message\":\"unknown argument: top_k\"}}",
                      loc[] =
                          "{\"detail\":[{\"loc\":[\"body\",\"stream_options\"],\"msg\":\"x\"}]}";
    assert_true(fault_names(param, strlen(param), "max_tokens"));
    assert_false(fault_names(param, strlen(param), "max_completion_tokens"));
    assert_true(fault_names(text, strlen(text), "top_k"));
    assert_false(fault_names(text, strlen(text), "top_"));
    assert_true(fault_names(loc, strlen(loc), "stream_options"));
    assert_false(fault_names(loc, strlen(loc), "stream"));
    assert_false(fault_names("<html> top_k", 12, "top_k"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(explain_statuses_say_what_to_check),
        cmocka_unit_test(explain_connections_say_what_to_check),
        cmocka_unit_test(explain_never_quotes_the_key),
        cmocka_unit_test(names_finds_the_field_alone),
    };
    return cmocka_run_group_tests_name("engine.fault", tests, NULL, NULL);
}
