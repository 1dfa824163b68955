#include "tests/engine_help.h"

#include "engine/recording.h"

static enum surety_err load(const char *text, struct recording *r, struct surety_error *err)
{
    char *path = help_file(text, strlen(text));
    enum surety_err code = recording_load(path, false, NULL, r, err);
    help_unlink(path);
    return code;
}

static const struct takes *claim(const struct recording *r, const char *problem, const char *text)
{
    enum surety_err code;
    const struct takes *takes = recording_claim(r, recording_problem(r, problem), text, &code);
    assert_int_equal(code, SURETY_OK);
    return takes;
}

static void recording_load_lines_of_other_tools_are_taken(void **state)
{
    struct recording r;
    assert_int_equal(
        load("{\"id\":\"1\",\"problem\":\"p\",\"gold\":\"4\",\"samples\":[{\"text\":\"a b\","
             "\"answer\":\"4\",\"correct\":true},{\"text\":\"c\",\"finish_reason\":\"length\"}]}\n"
             "{\"problem\":\"q\",\"context\":[]}\n",
             &r, NULL),
        SURETY_OK);
    assert_int_equal(r.n_problems, 2);
    const struct takes *p = recording_problem(&r, "p");
    assert_int_equal(p->n, 2);
    assert_string_equal(takes_at(p, 0)->text, "a b");
    assert_int_equal(takes_at(p, 0)->tokens, 2);
    assert_int_equal(takes_at(p, 0)->finish, SURETY_FINISH_STOP);
    assert_int_equal(takes_at(p, 1)->finish, SURETY_FINISH_LENGTH);
    assert_int_equal(recording_problem(&r, "q")->n, 0);
    assert_null(recording_problem(&r, "p "));
    recording_fini(&r);
    recording_fini(&r);
    recording_fini(NULL);
}

static void recording_claim_white_space_is_folded(void **state)
{
    struct recording r;
    assert_int_equal(load("{\"problem\":\"p\",\"verdicts\":["
                          "{\"claim\":\" a \\t b\\n\",\"text\":\"1\"},"
                          "{\"claim\":\"a b\",\"text\":\"2\"},{\"claim\":\"ab\",\"text\":\"3\"}]}\n"
                          "{\"problem\":\"q\",\"verdicts\":[{\"claim\":\"a b\",\"text\":\"4\"}]}\n",
                          &r, NULL),
                     SURETY_OK);
    const struct takes *ab = claim(&r, "p", "a  b");
    assert_int_equal(ab->n, 2);
    assert_string_equal(takes_at(ab, 1)->text, "2");
    assert_string_equal(claim(&r, "q", "a b")->first->text, "4");
    assert_null(claim(&r, "p", "a B"));
    assert_null(recording_problem(&r, "a b")); /* a claim is no problem */
    recording_fini(&r);
}

static void recording_load_repeated_problem_adds_to_the_first(void **state)
{
    struct recording r;
    assert_int_equal(load("{\"problem\":\"p\",\"samples\":[{\"text\":\"1\"}]}\n"
                          "{\"problem\":\"p\",\"samples\":[{\"text\":\"2\"}]}\n",
                          &r, NULL),
                     SURETY_OK);
    assert_int_equal(r.n_problems, 1);
    assert_string_equal(takes_at(recording_problem(&r, "p"), 1)->text, "2");
    recording_fini(&r);
}

static void recording_load_once_refuses_other_samples_of_a_problem(void **state)
{
    const struct {
        const char *second;
        bool fits;
    } cases[] = {{"[{\"text\":\"1\"},\"2\"]", true},
                 {"[\"1\"]", false},
                 {"[\"1\",\"2\",\"3\"]", false},
                 {"[\"2\",\"1\"]", false},
                 {"null", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200];
        struct recording r;
        struct surety_error err;
        snprintf(
            text, sizeof text,
            "{\"problem\":\"p\",\"samples\":[\"1\",\"2\"]}\n{\"problem\":\"p\",\"samples\":%s}\n",
            cases[i].second);
        char *path = help_file(text, strlen(text));
        enum surety_err code = recording_load(path, true, NULL, &r, &err);
        help_unlink(path);
        assert_int_equal(code, cases[i].fits ? SURETY_OK : SURETY_ERR_PARSE);
        if (code)
            assert_non_null(strstr(err.message, ":2: the problem of line 1 with other samples"));
        if (!code && recording_problem(&r, "p")->n != 2)
            fail();
        if (!code)
            recording_fini(&r);
    }
}

static void recording_load_many_problems_are_all_found(void **state)
{
    FILE *f = tmpfile();
    for (int i = 0; i < 5000; i++)
        fprintf(f, "{\"problem\":\"problem %d\",\"samples\":[{\"text\":\"%d\"}]}\n", i, i);
    rewind(f);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fileno(f));
    struct recording r;
    assert_int_equal(recording_load(path, false, NULL, &r, NULL), SURETY_OK);
    for (int i = 0; i < 5000; i++) {
        char key[32], text[32];
        snprintf(key, sizeof key, "problem %d", i);
        snprintf(text, sizeof text, "%d", i);
        assert_string_equal(recording_problem(&r, key)->first->text, text);
    }
    recording_fini(&r);
    fclose(f);
}

static void recording_load_hash_follows_what_is_played(void **state)
{
    const char *const same[] = {
        "{\"problem\":\"p\",\"samples\":[{\"text\":\"a\"}]}",
        "{\"problem\":\"p\",\"samples\":[\"a\"]}",
        "\n{ \"id\":7, \"samples\":[{\"text\":\"a\",\"delay_ms\":5}], \"problem\":\"p\"}"};
    const char *const others[] = {
        "{\"problem\":\"p\",\"samples\":[{\"text\":\"b\"}]}",
        "{\"problem\":\"q\",\"samples\":[{\"text\":\"a\"}]}",
        "{\"problem\":\"p\",\"samples\":[{\"text\":\"a\",\"finish_reason\":\"length\"}]}",
        "{\"problem\":\"p\",\"samples\":[{\"text\":\"a\",\"fail\":\"hang\"}]}",
        "{\"problem\":\"p\",\"samples\":[{\"text\":\"a\"}],\"verdicts\":[{\"claim\":\"c\","
        "\"labels\":"
        "{\"A\":-1,\"B\":-2}}]}",
        "{\"problem\":\"p\",\"samples\":[{\"text\":\"a\"},{\"text\":\"a\"}]}"};
    struct recording r;
    assert_int_equal(load(same[0], &r, NULL), SURETY_OK);
    uint64_t hash = r.hash;
    recording_fini(&r);
    for (size_t i = 1; i < sizeof same / sizeof *same; i++) {
        assert_int_equal(load(same[i], &r, NULL), SURETY_OK);
        assert_true(r.hash == hash);
        recording_fini(&r);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_int_equal(load(others[i], &r, NULL), SURETY_OK);
        assert_true(r.hash != hash);
        recording_fini(&r);
    }
}

static void recording_load_bad_line_is_refused_with_its_number(void **state)
{
    const struct {
        const char *line, *message;
    } bad[] = {
        {"{\"problem\":", "JSON"},
        {"[]", "object"},
        {"{\"samples\":[]}", "\"problem\""},
        {"{\"problem\":\"\"}", "\"problem\""},
        {"{\"problem\":3}", "\"problem\""},
        {"{\"problem\":\"p\",\"samples\":{}}", "arrays"},
        {"{\"problem\":\"p\",\"samples\":[3]}", "sample 0"},
        {"{\"problem\":\"p\",\"verdicts\":[\"x\"]}", "\"claim\""},
        {"{\"problem\":\"p\",\"samples\":[{\"text\":\"x\"},{}]}", "sample 1"},
        {"{\"problem\":\"p\",\"samples\":[{\"text\":\"x\",\"delay_ms\":-1}]}", "delay_ms"},
        {"{\"problem\":\"p\",\"samples\":[{\"text\":\"x\",\"delay_ms\":1e99}]}", "delay_ms"},
        {"{\"problem\":\"p\",\"samples\":[{\"text\":\"x\",\"fail\":\"often\"}]}", "\"fail\""},
        {"{\"problem\":\"p\",\"samples\":[{\"text\":\"x\",\"fail\":1}]}", "\"fail\""},
        {"{\"problem\":\"p\",\"samples\":[{\"text\":\"x\",\"fail_attempts\":-1}]}", "attempts"},
        {"{\"problem\":\"p\",\"verdicts\":[{\"text\":\"x\"}]}", "\"claim\""},
        {"{\"problem\":\"p\",\"verdicts\":[{\"claim\":\"x\"}]}", "\"text\""},
        {"{\"problem\":\"p\",\"samples\":[{\"labels\":{\"A\":-1,\"B\":-2}}]}", "\"text\""},
        {"{\"problem\":\"p\",\"verdicts\":[{\"claim\":\"x\",\"labels\":{\"A\":-1}}]}",
         "\"labels\""},
        {"{\"problem\":\"p\",\"verdicts\":[{\"claim\":\"x\",\"labels\":{\"A\":-1,\"B\":2}}]}",
         "numbers up to 0"},
        {"\xFF\xD8\xFF\xE0 a picture", "JSON"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[500];
        snprintf(text, sizeof text, "{\"problem\":\"first\"}\n\n%s\n", bad[i].line);
        struct recording r = {.n = 77};
        struct surety_error err = {0};
        assert_int_equal(load(text, &r, &err), SURETY_ERR_PARSE);
        assert_non_null(strstr(err.message, ":3:"));
        assert_non_null(strstr(err.message, bad[i].message));
        assert_int_equal(r.n, 77);
    }
}

static void recording_load_no_file_or_no_problem_is_refused(void **state)
{
    struct recording r;
    struct surety_error err = {0};
    assert_int_equal(recording_load("/nonexistent/x.jsonl", false, NULL, &r, &err),
                     SURETY_ERR_NOT_FOUND);
    assert_non_null(strstr(err.message, "/nonexistent/x.jsonl"));
    assert_int_equal(recording_load("/", false, NULL, &r, &err), SURETY_ERR_IO);
    assert_int_equal(load("", &r, &err), SURETY_ERR_PARSE);
}

static void recording_load_hostile_text_is_made_valid(void **state)
{
    struct recording r;
    assert_int_equal(
        load("{\"problem\":\"p\",\"samples\":[{\"text\":\"a\\u0000\xFF z\"}]}", &r, NULL),
        SURETY_OK);
    assert_string_equal(recording_problem(&r, "p")->first->text, "a\uFFFD\uFFFD z");
    recording_fini(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recording_load_lines_of_other_tools_are_taken),
        cmocka_unit_test(recording_claim_white_space_is_folded),
        cmocka_unit_test(recording_load_repeated_problem_adds_to_the_first),
        cmocka_unit_test(recording_load_once_refuses_other_samples_of_a_problem),
        cmocka_unit_test(recording_load_many_problems_are_all_found),
        cmocka_unit_test(recording_load_hash_follows_what_is_played),
        cmocka_unit_test(recording_load_bad_line_is_refused_with_its_number),
        cmocka_unit_test(recording_load_no_file_or_no_problem_is_refused),
        cmocka_unit_test(recording_load_hostile_text_is_made_valid),
    };
    return cmocka_run_group_tests_name("engine.recording", tests, NULL, NULL);
}
