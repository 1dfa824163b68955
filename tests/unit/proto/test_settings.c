#include "tests/unit/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <surety/settings.h>

static void init_defaults_are_documented_and_pass(void **state)
{
    struct surety_settings s;
    surety_settings_init(&s);
    assert_int_equal(s.k, 32);
    assert_int_equal(s.m, 5);
    assert_true(s.gamma < 0);
    assert_true(s.sampling.temperature == 1 && s.sampling.top_p == 0.95 && s.sampling.top_k == 0);
    assert_int_equal(surety_settings_check(&s, NULL), SURETY_OK);
}

/* Changes one setting and expects the code and the setting's name in the message. */
#define REFUSED(change, expected, word)                                                            \
    do {                                                                                           \
        struct surety_settings s;                                                                  \
        struct surety_error err = {0};                                                             \
        surety_settings_init(&s);                                                                  \
        s.change;                                                                                  \
        assert_int_equal(surety_settings_check(&s, &err), expected);                               \
        assert_int_equal(err.code, expected);                                                      \
        assert_non_null(strstr(err.message, word));                                                \
    } while (0)

static void check_out_of_range_names_the_setting(void **state)
{
    REFUSED(k = 0, SURETY_ERR_INVALID, "k is 0");
    REFUSED(k = 10000, SURETY_ERR_INVALID, "k is 10000");
    REFUSED(m = 0, SURETY_ERR_INVALID, "m is 0");
    REFUSED(m = 65, SURETY_ERR_INVALID, "m is 65");
    REFUSED(gamma = 1001, SURETY_ERR_INVALID, "gamma");
    REFUSED(gamma = NAN, SURETY_ERR_INVALID, "gamma");
    REFUSED(verify = 9, SURETY_ERR_INVALID, "verify");
    REFUSED(rule = 9, SURETY_ERR_INVALID, "rule");
    REFUSED(verify_repeats = 0, SURETY_ERR_INVALID, "verify-repeats");
    REFUSED(verify_temperature = NAN, SURETY_ERR_INVALID, "verify-temperature");
    REFUSED(seed = UINT64_MAX, SURETY_ERR_INVALID, "seed");
    REFUSED(controls = SURETY_CONTROLS_MAX + 1, SURETY_ERR_INVALID, "controls");
    REFUSED(signals = SURETY_SIGNAL_EXECUTION, SURETY_ERR_UNSUPPORTED, "execution");
    REFUSED(signals = 1u << 20, SURETY_ERR_UNSUPPORTED, "signals");
    REFUSED(sampling.temperature = -1, SURETY_ERR_INVALID, "temperature");
    REFUSED(sampling.temperature = NAN, SURETY_ERR_INVALID, "temperature");
    REFUSED(sampling.top_p = 0, SURETY_ERR_INVALID, "top-p");
    REFUSED(sampling.top_p = 1.01, SURETY_ERR_INVALID, "top-p");
    REFUSED(sampling.top_k = -1, SURETY_ERR_INVALID, "top-k");
    REFUSED(sampling.max_tokens = -1, SURETY_ERR_INVALID, "max-tokens");
    REFUSED(sampling.max_thinking = -1, SURETY_ERR_INVALID, "max-thinking");
    REFUSED(sampling.n_stop = 17, SURETY_ERR_INVALID, "stop");
}

static void request_check_each_field_is_bounded(void **state)
{
    char long_id[SURETY_NAME_MAX + 2];
    struct surety_error err = {0};
    struct surety_request good = {.id = "a", .problem = "1+1?"}, r;
    surety_settings_init(&good.settings);
    assert_int_equal(surety_request_check(&good, NULL), SURETY_OK);
    r = good, r.id = "";
    assert_int_equal(surety_request_check(&r, &err), SURETY_ERR_INVALID);
    assert_non_null(strstr(err.message, "id"));
    r = good, r.id = memset(long_id, 'x', sizeof long_id), long_id[sizeof long_id - 1] = '\0';
    assert_int_equal(surety_request_check(&r, &err), SURETY_ERR_LIMIT);
    r = good, r.problem = NULL;
    assert_int_equal(surety_request_check(&r, &err), SURETY_ERR_INVALID);
    r = good, r.problem = " \t\n";
    assert_int_equal(surety_request_check(&r, &err), SURETY_ERR_INVALID);
    assert_non_null(strstr(err.message, "problem is empty"));
    r = good, r.problem = malloc(SURETY_PROBLEM_MAX + 2);
    assert_non_null(r.problem);
    memset(r.problem, 'x', SURETY_PROBLEM_MAX + 1);
    r.problem[SURETY_PROBLEM_MAX + 1] = '\0';
    assert_int_equal(surety_request_check(&r, &err), SURETY_ERR_LIMIT);
    r.problem[SURETY_PROBLEM_MAX] = '\0';
    assert_int_equal(surety_request_check(&r, &err), SURETY_OK);
    free(r.problem);
    r = good, r.model_name = "";
    assert_int_equal(surety_request_check(&r, &err), SURETY_ERR_INVALID);
    r = good, r.verifier_model = "";
    assert_int_equal(surety_request_check(&r, &err), SURETY_ERR_INVALID);
    assert_non_null(strstr(err.message, "verifier model"));
    r = good, r.profile = "";
    assert_int_equal(surety_request_check(&r, &err), SURETY_ERR_INVALID);
    r = good, r.deadline_ms = -1;
    assert_int_equal(surety_request_check(&r, &err), SURETY_ERR_INVALID);
    r = good, r.budget_tokens = -1;
    assert_int_equal(surety_request_check(&r, &err), SURETY_ERR_INVALID);
    r = good, r.settings.k = 0;
    assert_int_equal(surety_request_check(&r, &err), SURETY_ERR_INVALID);
}

#define ROUND_TRIP(what, last)                                                                     \
    do {                                                                                           \
        enum surety_##what back;                                                                   \
        for (int v = 0; v <= (int)(last); v++) {                                                   \
            assert_true(                                                                           \
                surety_##what##_from_name(surety_##what##_name((enum surety_##what)v), &back));    \
            assert_int_equal(back, v);                                                             \
        }                                                                                          \
        assert_false(surety_##what##_from_name("nonsense", &back));                                \
        assert_false(surety_##what##_from_name(NULL, &back));                                      \
        assert_string_equal(surety_##what##_name((enum surety_##what)99), "unknown");              \
    } while (0)

static void request_check_conversation_is_bounded_and_ends_with_the_user(void **state)
{
    static struct surety_message many[SURETY_MESSAGES_MAX + 1];
    static char id[] = "a", user[] = "user", tool[] = "tool", text[] = "1+1?", none[] = "";
    static char *stops[SURETY_STOPS_MAX + 1];
    struct surety_request r = {.id = id, .problem = text, .messages = many, .stop = stops};
    surety_settings_init(&r.settings);
    for (size_t i = 0; i <= SURETY_MESSAGES_MAX; i++)
        many[i] = (struct surety_message){user, text};
    for (size_t i = 0; i <= SURETY_STOPS_MAX; i++)
        stops[i] = text;
    r.n_messages = SURETY_MESSAGES_MAX;
    r.n_stop = SURETY_STOPS_MAX;
    assert_int_equal(surety_request_check(&r, NULL), SURETY_OK);
    r.n_messages++;
    assert_int_equal(surety_request_check(&r, NULL), SURETY_ERR_LIMIT);
    r.n_messages = 3;
    r.n_stop++;
    assert_int_equal(surety_request_check(&r, NULL), SURETY_ERR_LIMIT);
    r.n_stop = 2;
    stops[1] = none;
    assert_int_equal(surety_request_check(&r, NULL), SURETY_ERR_INVALID);
    r.n_stop = 1;
    struct surety_error err;
    many[1].role = tool;
    assert_int_equal(surety_request_check(&r, &err), SURETY_ERR_INVALID);
    assert_non_null(strstr(err.message, "message 2"));
    static char assistant[] = "assistant";
    many[1].role = many[2].role = assistant;
    assert_int_equal(surety_request_check(&r, &err), SURETY_ERR_INVALID);
    assert_non_null(strstr(err.message, "last message"));
    char *half = malloc(SURETY_PROBLEM_MAX / 2 + 2);
    memset(half, 'x', SURETY_PROBLEM_MAX / 2 + 1);
    half[SURETY_PROBLEM_MAX / 2 + 1] = '\0';
    many[2].role = user;
    many[0].content = many[1].content = half;
    assert_int_equal(surety_request_check(&r, NULL), SURETY_ERR_LIMIT);
    free(half);
}

static void names_every_value_round_trips(void **state)
{
    ROUND_TRIP(verify, SURETY_VERIFY_BLIND);
    ROUND_TRIP(rule, SURETY_RULE_SOFT);
    ROUND_TRIP(finish, SURETY_FINISH_ERROR);
    ROUND_TRIP(stop, SURETY_STOP_FAILED);
    ROUND_TRIP(verdict, SURETY_VERDICT_UNCHECKED);
    assert_string_equal(surety_stop_name(SURETY_STOP_EARLY), "early_stop");
    for (unsigned bit = 1; bit <= SURETY_SIGNAL_EXECUTION; bit <<= 1) {
        enum surety_signal back;
        assert_true(surety_signal_from_name(surety_signal_name((enum surety_signal)bit), &back));
        assert_int_equal(back, bit);
    }
}

static void every_signal_has_words_for_people(void **state)
{
    assert_string_equal(surety_signal_words(SURETY_SIGNAL_SELF), "the model");
    assert_string_equal(surety_signal_words(SURETY_SIGNAL_BLIND), "recomputation");
    assert_string_equal(surety_signal_words(SURETY_SIGNAL_SYMBOLIC), "exact arithmetic");
    assert_string_equal(surety_signal_words(SURETY_SIGNAL_AGREEMENT), "other solutions");
    assert_string_equal(surety_signal_words(SURETY_SIGNAL_EXECUTION), "execution"); /* reserved */
    assert_string_equal(surety_signal_words((enum surety_signal)0), "unknown");
    assert_string_equal(surety_signal_words((enum surety_signal)3), "unknown");
    assert_string_equal(surety_signal_words((enum surety_signal)(1u << 31)), "unknown");
}

static void signals_parse_list_round_trips_and_unknown_is_named(void **state)
{
    unsigned set = 77;
    char text[64];
    struct surety_error err = {0};
    assert_int_equal(surety_signals_parse("self,symbolic", &set, &err), SURETY_OK);
    assert_int_equal(set, SURETY_SIGNAL_SYMBOLIC | SURETY_SIGNAL_SELF);
    surety_signals_format(set, text, sizeof text);
    assert_string_equal(text, "symbolic,self");
    surety_signals_format(31, text, sizeof text);
    assert_string_equal(text, "symbolic,self,blind,agreement,execution");
    surety_signals_format(0, text, sizeof text);
    assert_string_equal(text, "");
    set = 77;
    const char *const bad[] = {
        "", "self,", ",self", "self,selfish", "self symbolic", "averyveryverylongname"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(surety_signals_parse(bad[i], &set, &err), SURETY_ERR_INVALID);
        assert_int_equal(set, 77);
    }
    surety_signals_parse("self,selfish", &set, &err);
    assert_non_null(strstr(err.message, "'selfish'"));
}

static void verify_signal_is_what_the_way_feeds(void **state)
{
    assert_int_equal(surety_verify_signal(SURETY_VERIFY_DEFAULT), 0);
    assert_int_equal(surety_verify_signal(SURETY_VERIFY_NONE), 0);
    assert_int_equal(surety_verify_signal(SURETY_VERIFY_EACH), SURETY_SIGNAL_SELF);
    assert_int_equal(surety_verify_signal(SURETY_VERIFY_JOINT), SURETY_SIGNAL_SELF);
    assert_int_equal(surety_verify_signal(SURETY_VERIFY_BLIND), SURETY_SIGNAL_BLIND);
    assert_int_equal(surety_verify_signal(SURETY_VERIFY_WHOLE), SURETY_SIGNAL_WHOLE);
    assert_int_equal(surety_verify_signal(SURETY_VERIFY_COUNT_), 0);
    assert_int_equal(surety_verify_signals(),
                     SURETY_SIGNAL_SELF | SURETY_SIGNAL_BLIND | SURETY_SIGNAL_WHOLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(init_defaults_are_documented_and_pass),
        cmocka_unit_test(check_out_of_range_names_the_setting),
        cmocka_unit_test(request_check_each_field_is_bounded),
        cmocka_unit_test(request_check_conversation_is_bounded_and_ends_with_the_user),
        cmocka_unit_test(names_every_value_round_trips),
        cmocka_unit_test(every_signal_has_words_for_people),
        cmocka_unit_test(signals_parse_list_round_trips_and_unknown_is_named),
        cmocka_unit_test(verify_signal_is_what_the_way_feeds),
    };
    return cmocka_run_group_tests_name("proto.settings", tests, NULL, NULL);
}
