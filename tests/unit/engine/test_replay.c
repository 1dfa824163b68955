#include "tests/engine_help.h"

#include <math.h>
#include <sys/wait.h>

#include "engine/replay.h"

static struct engine open_recording(const char *text)
{
    char *path = help_file(text, strlen(text));
    struct engine_option option = {(char *)"", path};
    struct engine_config config = {.options = &option, .n_options = 1};
    struct engine engine = {0};
    assert_int_equal(engine_open("replay", &config, &engine, NULL), SURETY_OK);
    help_unlink(path);
    return engine;
}

static void submit(struct engine *e, uint64_t ticket, const struct help_task *h)
{
    assert_int_equal(e->ops->submit(e->state, ticket, &h->task, NULL), SURETY_OK);
}

static void sample_index_takes_its_recorded_text(void **state)
{
    struct engine e =
        open_recording("{\"problem\":\"p\",\"samples\":[{\"text\":\"zero\"},{\"text\":\"one 1\","
                       "\"finish_reason\":\"length\"}]}");
    struct help_task h;
    struct help_sink s = {0};
    help_task_init(&h, SURETY_STAGE_SAMPLE, "p", 0, 3);
    submit(&e, 5, &h);
    help_run(&e, &s, 3);
    assert_string_equal(help_find(&s, 5, 0)->text, "zero");
    const struct surety_output *one = help_find(&s, 5, 1);
    assert_string_equal(one->text, "one 1");
    assert_int_equal(one->finish, SURETY_FINISH_LENGTH);
    assert_int_equal(one->completion_tokens, 2);
    assert_int_equal(one->prompt_tokens, 1);
    assert_true(isnan(one->logprob));
    assert_int_equal(help_find(&s, 5, 2)->error.code, SURETY_ERR_EXHAUSTED);
    help_sink_clear(&s);
    help_task_init(&h, SURETY_STAGE_SAMPLE, "other", 0, 1);
    submit(&e, 6, &h);
    help_run(&e, &s, 1);
    assert_int_equal(help_find(&s, 6, 0)->error.code, SURETY_ERR_NOT_FOUND);
    help_sink_clear(&s);
    engine_close(&e);
}

static void verify_one_claim_takes_repeats_in_turn(void **state)
{
    struct engine e = open_recording("{\"problem\":\"p\",\"verdicts\":["
                                     "{\"claim\":\"c 1\",\"text\":\"a\"},"
                                     "{\"claim\":\"c  1\",\"text\":\"b\"}]}");
    struct help_task h;
    struct help_sink s = {0};
    help_task_init(&h, SURETY_STAGE_VERIFY, "p", 0, 3);
    h.claims[0] = (char *)" c\n1";
    h.task.n_claims = 1;
    submit(&e, 1, &h);
    help_run(&e, &s, 3);
    assert_string_equal(help_find(&s, 1, 0)->text, "a");
    assert_string_equal(help_find(&s, 1, 1)->text, "b");
    assert_string_equal(help_find(&s, 1, 2)->text, "a");
    help_sink_clear(&s);
    h.claims[0] = (char *)"c 2";
    submit(&e, 2, &h);
    help_run(&e, &s, 3);
    assert_int_equal(help_find(&s, 2, 0)->error.code, SURETY_ERR_NOT_FOUND);
    assert_non_null(strstr(help_find(&s, 2, 0)->error.message, "no verdict is recorded for"));
    assert_non_null(strstr(help_find(&s, 2, 0)->error.message, "c 2"));
    help_sink_clear(&s);
    h.task.n_claims = 0;
    submit(&e, 3, &h);
    help_run(&e, &s, 3);
    assert_int_equal(help_find(&s, 3, 0)->error.code, SURETY_ERR_INVALID);
    help_sink_clear(&s);
    engine_close(&e);
}

static void choice_takes_recorded_logprobs(void **state)
{
    struct engine e = open_recording(
        "{\"problem\":\"p\",\"verdicts\":["
        "{\"claim\":\"c\",\"labels\":{\"VALID\":-0.25,\"NOT  SO\":-2}},"
        "{\"claim\":\"t\",\"text\":\"VALID\"},"
        "{\"claim\":\"b\",\"text\":\"1: VALID\",\"labels\":{\"VALID\":-1,\"NOT SO\":-3}}]}");
    assert_true(e.ops->model(e.state)->chooses);
    char *labels[] = {(char *)" NOT SO", (char *)" VALID"}, *unknown[] = {(char *)"A", (char *)"B"};
    static const char *const claims[] = {"c", "t", "b"};
    struct help_sink s = {0};
    struct help_task h;
    for (uint64_t i = 0; i < 6; i++) {
        help_task_init(&h, SURETY_STAGE_VERIFY, "p", 0, 1);
        h.claims[0] = (char *)claims[i % 3];
        h.task.n_claims = 1;
        h.task.labels = labels;
        h.task.n_labels = i < 3 ? 2 : 0;
        submit(&e, i, &h);
    }
    h.task.labels = unknown;
    h.task.n_labels = 2;
    submit(&e, 6, &h);
    help_run(&e, &s, 7);
    assert_int_equal(help_find(&s, 0, 0)->n_labels, 2);
    assert_true(help_find(&s, 0, 0)->label_logprobs[0] == -2);
    assert_true(help_find(&s, 0, 0)->label_logprobs[1] == -0.25);
    assert_string_equal(help_find(&s, 0, 0)->text, "");
    assert_string_equal(help_find(&s, 1, 0)->text, "VALID"); /* by text */
    assert_int_equal(help_find(&s, 1, 0)->n_labels, 0);
    assert_true(help_find(&s, 2, 0)->label_logprobs[0] == -3);
    assert_int_equal(help_find(&s, 3, 0)->error.code, SURETY_ERR_NOT_FOUND);
    assert_string_equal(help_find(&s, 4, 0)->text, "VALID");
    assert_string_equal(help_find(&s, 5, 0)->text, "1: VALID");
    assert_non_null(strstr(help_find(&s, 6, 0)->error.message, "'A'"));
    help_sink_clear(&s);
    engine_close(&e);
    e = open_recording("{\"problem\":\"p\"}");
    assert_false(e.ops->model(e.state)->chooses);
    engine_close(&e);
}

static void verify_several_claims_prefers_the_joint_recording(void **state)
{
    struct engine e = open_recording(
        "{\"problem\":\"p\",\"verdicts\":[{\"claim\":\"a\\nb\",\"text\":\"joint\"},"
        "{\"claim\":\"a\",\"text\":\"thinking\\n VALID \\n\\n\"},{\"claim\":\"b\",\"text\":\"NO\"},"
        "{\"claim\":\"b\",\"text\":\"1: YES\"}]}");
    struct help_task h;
    struct help_sink s = {0};
    help_task_init(&h, SURETY_STAGE_VERIFY, "p", 1, 1);
    h.claims[0] = (char *)"a";
    h.claims[1] = (char *)"b";
    h.task.n_claims = 2;
    submit(&e, 1, &h);
    h.claims[0] = (char *)"b";
    h.claims[1] = (char *)"a";
    submit(&e, 2, &h);
    h.claims[2] = (char *)"unknown";
    h.task.n_claims = 3;
    submit(&e, 3, &h);
    help_run(&e, &s, 3);
    assert_string_equal(help_find(&s, 1, 1)->text, "joint");
    assert_string_equal(help_find(&s, 2, 1)->text, "1: YES\n2: VALID");
    assert_int_equal(help_find(&s, 2, 1)->completion_tokens, 4);
    assert_int_equal(help_find(&s, 3, 1)->error.code, SURETY_ERR_NOT_FOUND);
    assert_non_null(strstr(help_find(&s, 3, 1)->error.message, "unknown"));
    help_sink_clear(&s);
    engine_close(&e);
}

static void fail_error_ends_with_the_given_attempts(void **state)
{
    struct engine e = open_recording("{\"problem\":\"p\",\"samples\":[{\"fail\":\"error\"},"
                                     "{\"text\":\"x\",\"fail\":\"error\",\"fail_attempts\":2}]}");
    struct help_task h;
    struct help_sink s = {0};
    for (uint32_t attempt = 0; attempt < 3; attempt++) {
        help_task_init(&h, SURETY_STAGE_SAMPLE, "p", 0, 2);
        h.items[0].attempt = h.items[1].attempt = attempt;
        submit(&e, attempt, &h);
    }
    help_run(&e, &s, 6);
    for (uint32_t attempt = 0; attempt < 3; attempt++) {
        assert_int_equal(help_find(&s, attempt, 0)->error.code, SURETY_ERR_ENGINE);
        const struct surety_output *one = help_find(&s, attempt, 1);
        assert_int_equal(one->attempt, attempt);
        assert_int_equal(one->error.code, attempt < 2 ? SURETY_ERR_ENGINE : SURETY_OK);
        assert_string_equal(one->text, attempt < 2 ? "" : "x");
    }
    help_sink_clear(&s);
    engine_close(&e);
}

static void fail_crash_ends_the_process(void **state)
{
    struct engine e = open_recording("{\"problem\":\"p\",\"samples\":[{\"fail\":\"crash\"}]}");
    struct help_task h;
    struct help_sink s = {0};
    struct engine_sink sink = help_sink(&s);
    help_task_init(&h, SURETY_STAGE_SAMPLE, "p", 0, 1);
    submit(&e, 1, &h);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        e.ops->step(e.state, 0, &sink, NULL);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    engine_close(&e);
}

static void fail_hang_stands_still_until_cancelled(void **state)
{
    struct engine e = open_recording("{\"problem\":\"p\",\"samples\":[{\"text\":\"a b "
                                     "c\",\"fail\":\"hang\"},{\"text\":\"b\"}]}");
    struct help_task h;
    struct help_sink s = {0};
    struct engine_sink sink = help_sink(&s);
    help_task_init(&h, SURETY_STAGE_SAMPLE, "p", 0, 2);
    submit(&e, 1, &h);
    help_run(&e, &s, 1);
    assert_string_equal(help_find(&s, 1, 1)->text, "b");
    size_t reports = s.progress;
    for (int i = 0; i < 5; i++)
        assert_int_equal(e.ops->step(e.state, 2, &sink, NULL), SURETY_OK);
    assert_int_equal(s.n, 1);
    assert_int_equal(s.progress, reports);
    e.ops->cancel(e.state, 1, 0);
    help_run(&e, &s, 2);
    assert_int_equal(help_find(&s, 1, 0)->finish, SURETY_FINISH_CANCELLED);
    help_sink_clear(&s);
    engine_close(&e);
}

static void delays_run_side_by_side_and_show_progress(void **state)
{
    struct engine e = open_recording(
        "{\"problem\":\"p\",\"samples\":[{\"text\":\"a b c d e f g h\",\"delay_ms\":120},"
        "{\"text\":\"1\",\"delay_ms\":120},{\"text\":\"2\",\"delay_ms\":60},{\"text\":\"3\"}]}");
    struct help_task h;
    struct help_sink s = {0};
    struct engine_sink sink = help_sink(&s);
    help_task_init(&h, SURETY_STAGE_SAMPLE, "p", 0, 4);
    int64_t start = clock_now_ms();
    submit(&e, 1, &h);
    uint32_t last = 0, rises = 0;
    while (s.n < 4) {
        assert_int_equal(e.ops->step(e.state, 10, &sink, NULL), SURETY_OK);
        assert_true(s.tokens[0] >= last && s.tokens[0] <= 9);
        rises += s.tokens[0] > last;
        last = s.tokens[0];
    }
    int64_t took = clock_now_ms() - start;
    assert_true(took >= 120 && took < 1000 * 60);
    assert_true(rises >= 2);
    assert_string_equal(s.outputs[0].output.text, "3");
    assert_string_equal(s.outputs[1].output.text, "2");
    help_sink_clear(&s);
    engine_close(&e);
}

static void open_options_name_model_profile_and_slots(void **state)
{
    char *path = help_file("{\"problem\":\"p\"}", 15);
    struct engine_option options[] = {{(char *)"file", path},
                                      {(char *)"model", (char *)"m"},
                                      {(char *)"profile", (char *)"demo"},
                                      {(char *)"slots", (char *)"3"}};
    struct engine_config config = {.options = options, .n_options = 4};
    struct engine e = {0};
    assert_int_equal(engine_open("replay", &config, &e, NULL), SURETY_OK);
    const struct surety_model *m = e.ops->model(e.state);
    assert_string_equal(m->name, "m");
    assert_string_equal(m->profile, "demo");
    assert_string_equal(m->engine, "replay");
    assert_int_equal(m->slots, 3);
    assert_int_equal(strncmp(m->repro, "replay/1 ", 9), 0);
    assert_string_equal(m->repro + 9, m->id);
    engine_close(&e);
    config.slots = 9; /* --slots wins */
    assert_int_equal(engine_open("replay", &config, &e, NULL), SURETY_OK);
    assert_int_equal(e.ops->model(e.state)->slots, 9);
    engine_close(&e);
    help_unlink(path);
}

static void open_bad_options_are_refused(void **state)
{
    char *path = help_file("{\"problem\":\"p\"}", 15);
    const struct {
        const char *key, *value;
    } bad[] = {{"slots", "0"},     {"slots", "-1"},     {"slots", "x"},
               {"slots", "4097"},  {"slots", "3 "},     {"slots", ""},
               {"slots", "1e999"}, {"model", ""},       {"model", "\xFF"},
               {"colour", "x"},    {"profile", "\xC0"}, {"slots", "99999999999999999999"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct engine_option options[] = {{(char *)"", path},
                                          {(char *)bad[i].key, (char *)bad[i].value}};
        struct engine_config config = {.options = options, .n_options = 2};
        struct engine e = {0};
        struct surety_error err = {0};
        assert_int_equal(engine_open("replay", &config, &e, &err), SURETY_ERR_INVALID);
        assert_non_null(strstr(err.message, bad[i].key));
    }
    struct engine_config none = {0};
    struct engine e = {0};
    struct surety_error err = {0};
    assert_int_equal(engine_open("replay", &none, &e, &err), SURETY_ERR_INVALID);
    assert_non_null(strstr(err.message, "replay:FILE.jsonl"));
    help_unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sample_index_takes_its_recorded_text),
        cmocka_unit_test(verify_one_claim_takes_repeats_in_turn),
        cmocka_unit_test(choice_takes_recorded_logprobs),
        cmocka_unit_test(verify_several_claims_prefers_the_joint_recording),
        cmocka_unit_test(fail_error_ends_with_the_given_attempts),
        cmocka_unit_test(fail_crash_ends_the_process),
        cmocka_unit_test(fail_hang_stands_still_until_cancelled),
        cmocka_unit_test(delays_run_side_by_side_and_show_progress),
        cmocka_unit_test(open_options_name_model_profile_and_slots),
        cmocka_unit_test(open_bad_options_are_refused),
    };
    return cmocka_run_group_tests_name("engine.replay", tests, NULL, NULL);
}
