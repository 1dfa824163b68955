#include "tests/unit/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonl.h"
#include "proto/result_json.h"
#include "tests/unit/proto/settings_help.h"
#include <surety/settings.h>

/* A result with every field set to something of its own. */
static struct surety_result full_result(void)
{
    static struct surety_claim claims[2] = {
        {.text = "6*7 = 42",
         .start = 3,
         .end = 11,
         .verdict = SURETY_VERDICT_VALID,
         .value = 1,
         .decided_by = SURETY_SIGNAL_SYMBOLIC,
         .self = 0.5,
         .symbolic = 1,
         .agreement = 0.25},
        {.text = "so x = 7",
         .start = 20,
         .end = 28,
         .verdict = SURETY_VERDICT_UNPARSED,
         .reason = "the reply ended early"},
    };
    static struct surety_trajectory trajectories[2] = {
        {.index = 0,
         .seed = 123,
         .answer = "42",
         .tokens = 17,
         .r = 0.75,
         .cooperating = true,
         .text = "6*7 = 42, é",
         .claims = claims,
         .n_claims = 2,
         .correct = 1},
        {.index = 3,
         .seed = 2147483647,
         .finish = SURETY_FINISH_ERROR,
         .correct = -1,
         .error = {SURETY_ERR_ENGINE, "it broke"}},
    };
    static uint32_t members[] = {0};
    static struct surety_group groups[] = {
        {.answer = "42", .count = 1, .score = 0.75, .members = members}};
    claims[0].blind = claims[1].value = claims[1].self = claims[1].blind = NAN;
    claims[1].symbolic = claims[1].agreement = claims[1].whole = claims[0].whole = NAN;
    struct surety_result r = {
        .id = "p1",
        .answer = "42",
        .reliability = 1,
        .effective_votes = 1,
        .mass = 0.375,
        .stop = SURETY_STOP_DEADLINE,
        .error = {SURETY_ERR_DEADLINE, "too late"},
        .error_line = 9,
        .problem = "What is 6*7?",
        .problem_hash = "fedcba9876543210",
        .gold = "42",
        .groups = groups,
        .n_groups = 1,
        .trajectories = trajectories,
        .n_trajectories = 2,
        .first = "41",
        .cons = "42",
        .usage = {.prompt_tokens = 10,
                  .completion_tokens = 20,
                  .verify_tokens = 30,
                  .cached_tokens = 40,
                  .verify_prompt_tokens = 7,
                  .verify_cached_tokens = 3,
                  .calls = 50,
                  .wall_ms = 60},
        .verifier = {.valid_rate = 0.5,
                     .unparsed_rate = NAN,
                     .calls_saved = 7,
                     .comparisons_skipped = 3},
        .run = {.version = "0.1",
                .model = "demo",
                .model_id = "abcd",
                .profile = "instruct",
                .profile_hash = "0123456789abcdef",
                .repro = "gguf/1",
                .reproducible = true,
                .settings = {.k = 4,
                             .stop_d = 0.05,
                             .m = 5,
                             .gamma = 2.5,
                             .verify = SURETY_VERIFY_EACH,
                             .verify_repeats = 3,
                             .verify_temperature = 0.5,
                             .signals = SURETY_SIGNAL_SYMBOLIC | SURETY_SIGNAL_SELF,
                             .rule = SURETY_RULE_POWER,
                             .seed = SURETY_SEED_MAX,
                             .text = true,
                             .sampling = {.temperature = 1,
                                          .top_p = 0.95,
                                          .top_k = 40,
                                          .max_tokens = 99,
                                          .max_thinking = 50}}},
        .correct = {.known = true, .clr = 1, .cons = 0, .pass_at_k = -1, .pass_at_1 = 0.25},
    };
    return r;
}

/* The contract of the command line, key by key and in this order. */
static void to_json_full_result_is_the_contract(void **state)
{
    struct surety_result r = full_result();
    json_t *json = surety_result_to_json(&r, false);
    char *text = json_to_text(json);
    assert_string_equal(
        text,
        "{\"schema\":1,\"id\":\"p1\",\"problem\":\"What is "
        "6*7?\",\"problem_hash\":\"fedcba9876543210\",\"gold\":\"42\",\"answer\":\"42\",\"mode\":"
        "\"vote\",\"reliability\":1.0,"
        "\"effective_votes\":1.0,\"mass\":0.375,\"used\":2,\"p_correct\":null,\"stop_reason\":"
        "\"deadline\","
        "\"error\":{\"code\":\"deadline_exceeded\",\"message\":\"too late\",\"line\":9},"
        "\"groups\":[{\"answer\":\"42\",\"count\":1,\"score\":0.75,\"members\":[0]}],"
        "\"trajectories\":[{\"index\":0,\"seed\":123,\"answer\":\"42\",\"finish_reason\":\"stop\","
        "\"tokens\":17,\"r\":0.75,\"cooperating\":true,\"correct\":true,"
        "\"text\":\"6*7 = 42, é\",\"claims\":["
        "{\"text\":\"6*7 = 42\",\"start\":3,\"end\":11,\"verdict\":\"valid\","
        "\"decided_by\":\"symbolic\",\"signals\":{\"self\":0.5,\"blind\":null,\"symbolic\":1.0,"
        "\"agreement\":0.25,\"whole\":null}},"
        "{\"text\":\"so x = 7\",\"start\":20,\"end\":28,\"verdict\":\"unparsed\","
        "\"decided_by\":null,\"reason\":\"the reply ended early\",\"signals\":{\"self\":null,"
        "\"blind\":null,\"symbolic\":null,\"agreement\":null,\"whole\":null}}]},"
        "{\"index\":3,\"seed\":2147483647,\"answer\":null,\"finish_reason\":\"error\","
        "\"error\":{\"code\":\"engine_failed\",\"message\":\"it broke\"},\"tokens\":0,\"r\":0.0,"
        "\"cooperating\":false,\"correct\":null,\"claims\":[]}],"
        "\"baselines\":{\"first\":\"41\",\"cons\":\"42\"},"
        "\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":20,\"verify_tokens\":30,"
        "\"verify_prompt_tokens\":7,\"cached_tokens\":40,\"verify_cached_tokens\":3,\"calls\":50,"
        "\"wall_ms\":60},"
        "\"verifier\":{\"valid_rate\":0.5,\"unparsed_rate\":null,\"calls_saved\":7,\"comparisons_"
        "skipped\":3},"
        "\"run\":{\"version\":\"0.1\",\"model\":\"demo\",\"model_id\":\"abcd\","
        "\"profile\":\"instruct\",\"profile_hash\":\"0123456789abcdef\",\"repro\":\"gguf/1\","
        "\"reproducible\":true,\"seed\":9223372036854775807,\"k\":4,\"m\":5,\"gamma\":2.5,"
        "\"rule\":\"power\",\"signals\":[\"symbolic\",\"self\"],\"verify\":\"each\","
        "\"verify_repeats\":3,\"verify_temperature\":0.5,\"temperature\":1.0,\"top_p\":0.95,"
        "\"top_k\":40,\"max_tokens\":99,\"max_thinking\":50},"
        "\"correct\":{\"clr\":true,\"cons\":false,\"pass_at_1\":0.25,\"pass_at_k\":null}}");
    free(text);
    json_decref(json);
}

static void verifier_of_its_own_is_named_and_round_trips(void **state)
{
    struct surety_result r = full_result(), back;
    r.run.verifier_model = "judge";
    r.run.verifier_model_id = "ef01";
    r.run.verifier_repro = "gguf/2";
    json_t *json = surety_result_to_json(&r, true), *run = json_object_get(json, "run");
    struct surety_error err = {0};
    assert_string_equal(json_get_string(run, "verifier_model", ""), "judge");
    assert_string_equal(json_get_string(run, "verifier_model_id", ""), "ef01");
    assert_string_equal(json_get_string(run, "verifier_repro", ""), "gguf/2");
    assert_null(json_object_get(run, "verifier_profile")); /* the same as the sampler's */
    assert_null(json_object_get(run, "verifier_profile_hash"));
    json_object_set_new(run, "verifier_profile", json_string("terse"));
    json_object_set_new(run, "verifier_profile_hash", json_string("77"));
    assert_int_equal(surety_result_from_json(json, &back, &err), SURETY_OK);
    assert_string_equal(back.run.verifier_model, "judge");
    assert_string_equal(back.run.verifier_model_id, "ef01");
    assert_string_equal(back.run.verifier_repro, "gguf/2");
    assert_string_equal(back.run.verifier_profile, "terse");
    assert_string_equal(back.run.verifier_profile_hash, "77");
    surety_result_fini(&back);
    json_decref(json);
}

static void from_json_full_result_round_trips(void **state)
{
    struct surety_result r = full_result(), back;
    json_t *json = surety_result_to_json(&r, false);
    struct surety_error err = {0};
    assert_int_equal(surety_result_from_json(json, &back, &err), SURETY_OK);
    assert_true(back.run.settings.text);
    assert_true(back.trajectories[0].claims[0].value == 1);
    assert_true(isnan(back.trajectories[0].claims[1].value));
    assert_int_equal(back.trajectories[1].error.code, SURETY_ERR_ENGINE);
    assert_int_equal(back.trajectories[1].correct, -1);
    assert_int_equal(back.error_line, 9);
    assert_string_equal(back.problem, "What is 6*7?");
    assert_string_equal(back.problem_hash, "fedcba9876543210");
    assert_string_equal(back.gold, "42");
    json_t *again = surety_result_to_json(&back, false);
    assert_true(json_equal(json, again));
    char *a = json_to_text(json), *b = json_to_text(again);
    assert_string_equal(a, b);
    free(a);
    free(b);
    json_decref(json);
    json_decref(again);
    surety_result_fini(&back);
    surety_result_fini(&back);
    surety_result_fini(NULL);
}

/* Files of before it was said; nearly all claims came with their solutions then. */
static void from_json_without_cooperating_takes_it_as_true(void **state)
{
    struct surety_result r = full_result(), back;
    json_t *json = surety_result_to_json(&r, false);
    json_t *second = json_array_get(json_object_get(json, "trajectories"), 1);
    assert_int_equal(surety_result_from_json(json, &back, NULL), SURETY_OK);
    assert_false(back.trajectories[1].cooperating);
    surety_result_fini(&back);
    json_object_del(second, "cooperating");
    assert_int_equal(surety_result_from_json(json, &back, NULL), SURETY_OK);
    assert_true(back.trajectories[1].cooperating);
    surety_result_fini(&back);
    json_object_set_new(second, "cooperating", json_integer(1));
    assert_int_equal(surety_result_from_json(json, &back, NULL), SURETY_ERR_PARSE);
    json_decref(json);
}

static void to_json_without_gold_answer_has_no_correct(void **state)
{
    struct surety_result r = full_result();
    r.correct.known = false;
    json_t *json = surety_result_to_json(&r, false);
    assert_null(json_object_get(json, "correct"));
    json_t *first = json_array_get(json_object_get(json, "trajectories"), 0);
    assert_null(json_object_get(first, "correct"));
    json_decref(json);
}

static void standing_round_trips_where_the_profile_asks_for_it(void **state)
{
    struct surety_result r = full_result(), back;
    r.verifier.standing = 0.25;
    json_t *json = surety_result_to_json(&r, false);
    assert_null(json_object_get(json_object_get(json, "verifier"), "standing"));
    assert_int_equal(surety_result_from_json(json, &back, NULL), SURETY_OK);
    assert_true(isnan(back.verifier.standing) && back.run.least_standing == 0);
    surety_result_fini(&back);
    json_decref(json);
    r.run.least_standing = 0.5;
    r.verifier.little_stands = true;
    json = surety_result_to_json(&r, false);
    assert_int_equal(surety_result_from_json(json, &back, NULL), SURETY_OK);
    assert_true(back.verifier.standing == 0.25 && back.verifier.little_stands);
    assert_true(back.run.least_standing == 0.5);
    surety_result_fini(&back);
    json_object_set_new(json_object_get(json, "run"), "least_standing", json_real(1.5));
    assert_int_equal(surety_result_from_json(json, &back, NULL), SURETY_ERR_PARSE);
    json_decref(json);
}

static void planted_claims_round_trip_where_there_were_any(void **state)
{
    struct surety_result r = full_result(), back;
    json_t *json = surety_result_to_json(&r, false);
    assert_null(json_object_get(json_object_get(json, "verifier"), "controls"));
    json_decref(json);
    r.run.settings.controls = 5;
    r.verifier.n_controls = 4;
    r.verifier.refuted_true = 0.25;
    r.verifier.refuted_false = 0.125;
    r.verifier.uninformative = true;
    json = surety_result_to_json(&r, false);
    json_t *verifier = json_object_get(json, "verifier");
    char *text = json_to_text(verifier);
    assert_non_null(strstr(text, "\"controls\":{\"n\":4,\"refuted_true\":0.25,"
                                 "\"refuted_false\":0.125},\"uninformative\":true"));
    free(text);
    assert_int_equal(surety_result_from_json(json, &back, NULL), SURETY_OK);
    assert_int_equal(back.verifier.n_controls, 4);
    assert_true(back.verifier.refuted_true == 0.25 && back.verifier.refuted_false == 0.125);
    assert_true(back.verifier.uninformative);
    assert_int_equal(back.run.settings.controls, 5);
    surety_result_fini(&back);
    json_object_set_new(json_object_get(verifier, "controls"), "n", json_integer(65));
    assert_int_equal(surety_result_from_json(json, &back, NULL), SURETY_ERR_PARSE);
    json_object_set_new(verifier, "controls", json_true());
    assert_int_equal(surety_result_from_json(json, &back, NULL), SURETY_ERR_PARSE);
    json_decref(json);
}

/* Writes run with one setting changed, and reads it back. */
static void each_setting_stands_in_run_as_its_row_says(void **state)
{
    for (size_t i = 0; i < settings_count; i++) {
        const struct setting *row = &settings_table[i];
        struct surety_result r = full_result(), back;
        bool reported = row->flags & SETTING_REPORTED;
        for (size_t t = 0; t < r.n_trajectories; t++)
            r.trajectories[t].text = NULL; /* a text would tell of the setting text */
        surety_settings_init(&r.run.settings);
        json_t *json = surety_result_to_json(&r, false), *run = json_object_get(json, "run");
        assert_int_equal(json_object_get(run, row->key) != NULL,
                         reported && !(row->flags & SETTING_SPARSE));
        json_decref(json);
        setting_change(row, &r.run.settings);
        json = surety_result_to_json(&r, false);
        run = json_object_get(json, "run");
        assert_int_equal(json_object_get(run, row->key) != NULL, reported);
        assert_int_equal(surety_result_from_json(json, &back, NULL), SURETY_OK);
        assert_int_equal(setting_is_default(row, &back.run.settings), !reported);
        surety_result_fini(&back);
        json_object_del(run, row->key);
        enum surety_err code = surety_result_from_json(json, &back, NULL);
        assert_int_equal(code, row->flags & SETTING_REQUIRED ? SURETY_ERR_PARSE : SURETY_OK);
        if (!code) { /* as before there was one */
            assert_true(setting_is_default(row, &back.run.settings));
            surety_result_fini(&back);
        }
        json_decref(json);
    }
}

static void to_json_stable_leaves_out_time_and_cache(void **state)
{
    struct surety_result r = full_result(), other = full_result(), back;
    other.usage.wall_ms = 999;
    other.usage.cached_tokens = other.usage.verify_cached_tokens = 999;
    json_t *a = surety_result_to_json(&r, true), *b = surety_result_to_json(&other, true);
    assert_true(json_equal(a, b));
    assert_int_equal(surety_result_from_json(a, &back, NULL), SURETY_OK);
    surety_result_fini(&back);
    json_decref(a);
    json_decref(b);
}

static void to_json_empty_or_invalid_text_is_still_json(void **state)
{
    struct surety_result empty = {0}, r = full_result(), back;
    json_t *json = surety_result_to_json(&empty, false);
    assert_non_null(json);
    assert_true(json_is_null(json_object_get(json, "answer")));
    assert_int_equal(surety_result_from_json(json, &back, NULL), SURETY_OK);
    surety_result_fini(&back);
    json_decref(json);
    r.answer = "\xff!";
    r.reliability = INFINITY;
    json = surety_result_to_json(&r, false);
    assert_string_equal(json_get_string(json, "answer", ""), "\xEF\xBF\xBD!");
    assert_true(json_is_null(json_object_get(json, "reliability")));
    json_decref(json);
}

/* Replaces (or, with NULL, deletes) the value at a path such as "trajectories.0.r" and expects a
 * refusal with the word in its message. */
static void refuse(const char *path, const char *value, enum surety_err code, const char *word)
{
    struct surety_result r = full_result(), back;
    struct surety_error err = {0};
    json_t *json = surety_result_to_json(&r, false), *at = json;
    char *copy = strdup(path), *rest = copy, *key = NULL, *dot;
    for (;; at = json_is_array(at) ? json_array_get(at, (size_t)atoi(key))
                                   : json_object_get(at, key)) {
        key = rest;
        if (!(dot = strchr(rest, '.')))
            break;
        *dot = '\0';
        rest = dot + 1;
    }
    assert_non_null(at);
    json_t *fresh = value ? json_loads(value, JSON_DECODE_ANY, NULL) : NULL;
    if (json_is_array(at))
        json_array_set_new(at, (size_t)atoi(key), fresh);
    else if (fresh)
        json_object_set_new(at, key, fresh);
    else
        json_object_del(at, key);
    assert_int_equal(surety_result_from_json(json, &back, &err), code);
    if (!strstr(err.message, word))
        fail_msg("'%s' does not name %s", err.message, word);
    json_decref(json);
    free(copy);
}

static void from_json_wrong_key_is_refused_by_name(void **state)
{
    refuse("schema", "2", SURETY_ERR_PARSE, "\"schema\"");
    refuse("id", "null", SURETY_ERR_PARSE, "\"id\"");
    refuse("id", NULL, SURETY_ERR_PARSE, "\"id\" is missing");
    refuse("answer", "42", SURETY_ERR_PARSE, "\"answer\"");
    refuse("answer", "\"a\\u0000b\"", SURETY_ERR_PARSE, "\"answer\"");
    refuse("mode", "\"best\"", SURETY_ERR_PARSE, "\"mode\"");
    refuse("reliability", "1.5", SURETY_ERR_PARSE, "\"reliability\"");
    refuse("effective_votes", "-1", SURETY_ERR_PARSE, "\"effective_votes\"");
    refuse("stop_reason", "\"bored\"", SURETY_ERR_PARSE, "\"stop_reason\"");
    refuse("error", "[]", SURETY_ERR_PARSE, "\"error\"");
    refuse("error.message", "1", SURETY_ERR_PARSE, "\"message\"");
    refuse("groups", "{}", SURETY_ERR_PARSE, "\"groups\"");
    refuse("groups.0", "null", SURETY_ERR_PARSE, "\"groups[0].");
    refuse("groups.0.count", "2", SURETY_ERR_PARSE, "\"groups[0].count\"");
    refuse("groups.0.members.0", "-1", SURETY_ERR_PARSE, "\"groups[0].members\"");
    refuse("trajectories", "null", SURETY_ERR_PARSE, "\"trajectories\"");
    refuse("trajectories.1.seed", "1e9", SURETY_ERR_PARSE, "\"trajectories[1].seed\"");
    refuse("trajectories.0.r", "\"high\"", SURETY_ERR_PARSE, "\"trajectories[0].r\"");
    refuse("trajectories.0.correct", "1", SURETY_ERR_PARSE, "\"trajectories[0].correct\"");
    refuse("trajectories.0.claims.1.verdict", "\"maybe\"", SURETY_ERR_PARSE,
           "\"trajectories[0].claims[1].verdict\"");
    refuse("trajectories.0.claims.1.decided_by", "\"dice\"", SURETY_ERR_PARSE, "decided_by");
    refuse("trajectories.0.claims.0.signals", NULL, SURETY_ERR_PARSE, "signals");
    refuse("trajectories.0.claims.0.signals.self", "2", SURETY_ERR_PARSE, "self");
    refuse("usage.calls", "-1", SURETY_ERR_PARSE, "\"calls\"");
    static const char *const always[] = {"run.seed", "run.k",       "run.m",     "run.gamma",
                                         "run.rule", "run.signals", "run.verify"};
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        refuse(always[i], NULL, SURETY_ERR_PARSE, "is missing");
    refuse("run.k", "1025", SURETY_ERR_PARSE, "\"k\"");
    refuse("run.k", "null", SURETY_ERR_PARSE, "\"k\" is missing");
    refuse("run.gamma", "1000.5", SURETY_ERR_PARSE, "\"gamma\"");
    refuse("run.gamma", "-1.5", SURETY_ERR_PARSE, "\"gamma\"");
    refuse("run.temperature", "-1", SURETY_ERR_PARSE, "\"temperature\"");
    refuse("run.top_p", "1.5", SURETY_ERR_PARSE, "\"top_p\"");
    refuse("run.signals", "[\"symbolic\",\"dice\"]", SURETY_ERR_PARSE, "\"signals\"");
    refuse("run.k", "100000", SURETY_ERR_PARSE, "\"k\"");
    refuse("run.signals", "[\"symbolic\",3]", SURETY_ERR_PARSE, "\"signals\"");
    refuse("run.verify", "\"blindly\"", SURETY_ERR_PARSE, "\"verify\"");
    refuse("correct", "true", SURETY_ERR_PARSE, "\"correct\"");
    refuse("correct.clr", "0", SURETY_ERR_PARSE, "\"clr\"");
}

static void from_json_too_many_elements_is_a_limit(void **state)
{
    struct surety_result r = full_result(), back;
    json_t *json = surety_result_to_json(&r, false);
    json_t *list = json_object_get(json, "trajectories"), *one = json_array_get(list, 1);
    for (int i = 0; i < SURETY_K_MAX; i++)
        json_array_append(list, one);
    assert_int_equal(surety_result_from_json(json, &back, NULL), SURETY_ERR_LIMIT);
    json_decref(json);
    assert_int_equal(surety_result_from_json(NULL, &back, NULL), SURETY_ERR_PARSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(to_json_full_result_is_the_contract),
        cmocka_unit_test(verifier_of_its_own_is_named_and_round_trips),
        cmocka_unit_test(from_json_full_result_round_trips),
        cmocka_unit_test(from_json_without_cooperating_takes_it_as_true),
        cmocka_unit_test(to_json_without_gold_answer_has_no_correct),
        cmocka_unit_test(planted_claims_round_trip_where_there_were_any),
        cmocka_unit_test(standing_round_trips_where_the_profile_asks_for_it),
        cmocka_unit_test(each_setting_stands_in_run_as_its_row_says),
        cmocka_unit_test(to_json_stable_leaves_out_time_and_cache),
        cmocka_unit_test(to_json_empty_or_invalid_text_is_still_json),
        cmocka_unit_test(from_json_wrong_key_is_refused_by_name),
        cmocka_unit_test(from_json_too_many_elements_is_a_limit),
    };
    return cmocka_run_group_tests_name("proto.result_json", tests, NULL, NULL);
}
