#include "tests/unit/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/jsonl.h"
#include "proto/result_json.h"
#include "scaler/cli/output.h"

static char path[64];
static char content[100000];
static size_t n_kept;

static int make_file(void **state)
{
    snprintf(path, sizeof path, "/tmp/surety-test-output-XXXXXX");
    int fd = mkstemp(path);
    n_kept = 0;
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    return unlink(path);
}

static char *result_line(const char *id, enum surety_stop stop)
{
    struct surety_result result = {.id = (char *)id, .reliability = NAN, .stop = stop};
    result.verifier.valid_rate = result.verifier.unparsed_rate = NAN;
    result.run.version = result.run.model = result.run.model_id = result.run.profile = (char *)"";
    result.run.profile_hash = result.run.repro = (char *)"";
    result.run.settings.k = result.run.settings.m = 1;
    result.run.settings.verify = SURETY_VERIFY_NONE;
    result.run.settings.rule = SURETY_RULE_SOFT;
    result.run.settings.sampling.top_p = 1;
    if (stop == SURETY_STOP_FAILED)
        surety_fail(&result.error, SURETY_ERR_PARSE, "bad");
    json_t *object = surety_result_to_json(&result, true);
    char *text = json_to_text(object);
    json_decref(object);
    assert_non_null(text);
    return text;
}

static const char *read_back(void)
{
    FILE *file = fopen(path, "r");
    size_t n = fread(content, 1, sizeof content - 1, file);
    content[n] = '\0';
    fclose(file);
    return content;
}

static void append(const char *text, const char *end)
{
    FILE *file = fopen(path, "a");
    fprintf(file, "%s%s", text, end);
    fclose(file);
}

static void append_result(const char *id, enum surety_stop stop, const char *end)
{
    char *line = result_line(id, stop);
    append(line, end);
    free(line);
}

static enum surety_err count_kept(void *user, struct surety_result *result,
                                  struct surety_error *err)
{
    n_kept++;
    return SURETY_OK;
}

static enum surety_err keep_none(void *user, struct surety_result *result, struct surety_error *err)
{
    return surety_fail(err, SURETY_ERR_INVALID, "not '%s'", result->id);
}

static void open_is_refused_when_the_file_holds_something(void **state)
{
    struct output out;
    struct surety_error error;
    append("x", "\n");
    assert_int_equal(output_open(&out, path, false, false, NULL, NULL, &error), SURETY_ERR_INVALID);
    assert_non_null(strstr(error.message, "remove it"));
    output_close(&out, &error);
    assert_string_equal(read_back(), "x\n");
}

static void open_resume_on_stdout_is_refused(void **state)
{
    struct output out;
    struct surety_error error;
    assert_int_equal(output_open(&out, "-", true, false, NULL, NULL, &error), SURETY_ERR_INVALID);
    output_close(&out, &error);
}

static void put_writes_lines_at_once(void **state)
{
    struct output out;
    struct surety_error error;
    assert_int_equal(output_open(&out, path, false, false, NULL, NULL, &error), SURETY_OK);
    assert_int_equal(output_put(&out, 1, strdup("b"), &error), SURETY_OK);
    assert_string_equal(read_back(), "b\n");
    assert_int_equal(output_put(&out, 0, strdup("a"), &error), SURETY_OK);
    assert_string_equal(read_back(), "b\na\n");
    assert_int_equal(output_close(&out, &error), SURETY_OK);
}

static void put_ordered_holds_back_what_is_early(void **state)
{
    struct output out;
    struct surety_error error;
    assert_int_equal(output_open(&out, path, false, true, NULL, NULL, &error), SURETY_OK);
    assert_int_equal(output_put(&out, 3, strdup("d"), &error), SURETY_OK);
    assert_int_equal(output_put(&out, 1, strdup("b"), &error), SURETY_OK);
    assert_string_equal(read_back(), "");
    assert_int_equal(output_put(&out, 0, strdup("a"), &error), SURETY_OK);
    assert_string_equal(read_back(), "a\nb\n");
    assert_int_equal(output_put(&out, 2, NULL, &error), SURETY_OK);
    assert_string_equal(read_back(), "a\nb\nd\n");
    assert_int_equal(output_put(&out, 4, strdup("e"), &error), SURETY_OK);
    assert_int_equal(output_close(&out, &error), SURETY_OK);
    assert_string_equal(read_back(), "a\nb\nd\ne\n");
}

static void put_on_a_full_disk_fails_and_leaves_whole_lines(void **state)
{
    struct output out;
    struct surety_error error;
    assert_int_equal(output_open(&out, "/dev/full", false, false, NULL, NULL, &error), SURETY_OK);
    assert_int_equal(output_put(&out, 0, strdup("a"), &error), SURETY_ERR_IO);
    assert_non_null(strstr(error.message, "No space left"));
    output_close(&out, &error);
}

static void resume_keeps_what_is_done_and_drops_the_rest(void **state)
{
    struct output out;
    struct surety_error error;
    append_result("a", SURETY_STOP_COMPLETE, "\n");
    append_result("b", SURETY_STOP_FAILED, "\n");
    append("", "\n");
    append_result("c", SURETY_STOP_DEADLINE, "\n");
    append_result("a", SURETY_STOP_COMPLETE, "\n");
    append_result("d", SURETY_STOP_CANCELLED, "\n");
    append("{\"schema\":1,\"id\":\"torn\",\"ans", "");
    assert_int_equal(output_open(&out, path, true, false, count_kept, NULL, &error), SURETY_OK);
    assert_int_equal(n_kept, 2);
    assert_true(output_has(&out, "a"));
    assert_true(output_has(&out, "c"));
    assert_false(output_has(&out, "b"));
    assert_false(output_has(&out, "d"));
    assert_int_equal(output_put(&out, 0, result_line("e", SURETY_STOP_COMPLETE), &error),
                     SURETY_OK);
    assert_int_equal(output_close(&out, &error), SURETY_OK);
    size_t lines = 0;
    for (const char *c = read_back(); *c; c++)
        lines += *c == '\n';
    assert_int_equal(lines, 3);
    assert_null(strstr(content, "torn"));
    assert_non_null(strstr(content, "\"e\""));
}

static void resume_line_that_is_no_result_changes_nothing(void **state)
{
    struct output out;
    struct surety_error error;
    append_result("a", SURETY_STOP_FAILED, "\n");
    append("nonsense", "\n");
    assert_int_equal(output_open(&out, path, true, false, count_kept, NULL, &error),
                     SURETY_ERR_INVALID);
    assert_non_null(strstr(error.message, ":2 is no result"));
    output_close(&out, &error);
    assert_non_null(strstr(read_back(), "\"a\""));
    assert_non_null(strstr(content, "nonsense\n"));
}

static void resume_whole_last_line_without_newline_is_kept(void **state)
{
    struct output out;
    struct surety_error error;
    append_result("a", SURETY_STOP_COMPLETE, "");
    assert_int_equal(output_open(&out, path, true, false, count_kept, NULL, &error), SURETY_OK);
    assert_true(output_has(&out, "a"));
    assert_int_equal(output_put(&out, 0, strdup("next"), &error), SURETY_OK);
    assert_int_equal(output_close(&out, &error), SURETY_OK);
    assert_non_null(strstr(read_back(), "}\nnext\n"));
}

static void close_writes_what_was_held_back(void **state)
{
    struct output out;
    struct surety_error error;
    assert_int_equal(output_open(&out, path, false, true, NULL, NULL, &error), SURETY_OK);
    assert_int_equal(output_put(&out, 1, strdup("b"), &error), SURETY_OK);
    assert_int_equal(output_put(&out, 3, strdup("d"), &error), SURETY_OK);
    assert_int_equal(output_close(&out, &error), SURETY_OK);
    assert_string_equal(read_back(), "b\nd\n");
}

static void sort_puts_lines_into_the_order_of_the_input(void **state)
{
    struct surety_error error;
    json_t *order = json_pack("{s:i,s:i,s:i}", "c", 1, "a", 2, "b", 4);
    append("{\"id\":\"a\"}\n{\"id\":\"3\",\"error\":{\"line\":3}}\n{\"id\":\"b\"}\n{\"id\":\"c\"}",
           "\n");
    assert_int_equal(output_sort(path, order, &error), SURETY_OK);
    assert_string_equal(read_back(), "{\"id\":\"c\"}\n{\"id\":\"a\"}\n"
                                     "{\"id\":\"3\",\"error\":{\"line\":3}}\n{\"id\":\"b\"}\n");
    json_decref(order);
}

static void resume_without_a_file_begins_one(void **state)
{
    struct output out;
    struct surety_error error;
    unlink(path);
    assert_int_equal(output_open(&out, path, true, false, NULL, NULL, &error), SURETY_OK);
    assert_int_equal(output_put(&out, 0, strdup("a"), &error), SURETY_OK);
    assert_int_equal(output_close(&out, &error), SURETY_OK);
    assert_string_equal(read_back(), "a\n");
}

static void resume_that_is_refused_changes_nothing(void **state)
{
    struct output out;
    struct surety_error error;
    char *line = result_line("a", SURETY_STOP_COMPLETE);
    append(line, "\n{\"schema\":");
    char before[sizeof content];
    snprintf(before, sizeof before, "%s", read_back());
    assert_int_equal(output_open(&out, path, true, false, keep_none, NULL, &error),
                     SURETY_ERR_INVALID);
    assert_string_equal(error.message, "not 'a'");
    output_close(&out, NULL);
    assert_string_equal(read_back(), before);
    free(line);
}

static void one_writer_at_a_time(void **state)
{
    struct output first, second;
    struct surety_error error;
    char *line = result_line("a", SURETY_STOP_COMPLETE);
    append(line, "\n{\"schema\":"); /* so that the file is replaced */
    assert_int_equal(output_open(&first, path, true, false, NULL, NULL, &error), SURETY_OK);
    assert_int_equal(output_open(&second, path, true, false, NULL, NULL, &error),
                     SURETY_ERR_INVALID);
    assert_non_null(strstr(error.message, "another process"));
    output_close(&second, NULL);
    json_t *order = json_object();
    assert_int_equal(output_sort(path, order, &error), SURETY_ERR_INVALID);
    assert_int_equal(output_close(&first, &error), SURETY_OK);
    assert_int_equal(output_sort(path, order, &error), SURETY_OK);
    assert_int_equal(output_open(&second, path, true, false, NULL, NULL, &error), SURETY_OK);
    assert_int_equal(output_close(&second, &error), SURETY_OK);
    json_decref(order);
    free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(open_is_refused_when_the_file_holds_something, make_file,
                                        remove_file),
        cmocka_unit_test(open_resume_on_stdout_is_refused),
        cmocka_unit_test_setup_teardown(put_writes_lines_at_once, make_file, remove_file),
        cmocka_unit_test_setup_teardown(put_ordered_holds_back_what_is_early, make_file,
                                        remove_file),
        cmocka_unit_test(put_on_a_full_disk_fails_and_leaves_whole_lines),
        cmocka_unit_test_setup_teardown(resume_keeps_what_is_done_and_drops_the_rest, make_file,
                                        remove_file),
        cmocka_unit_test_setup_teardown(resume_line_that_is_no_result_changes_nothing, make_file,
                                        remove_file),
        cmocka_unit_test_setup_teardown(resume_whole_last_line_without_newline_is_kept, make_file,
                                        remove_file),
        cmocka_unit_test_setup_teardown(close_writes_what_was_held_back, make_file, remove_file),
        cmocka_unit_test_setup_teardown(sort_puts_lines_into_the_order_of_the_input, make_file,
                                        remove_file),
        cmocka_unit_test_setup_teardown(resume_that_is_refused_changes_nothing, make_file,
                                        remove_file),
        cmocka_unit_test_setup_teardown(one_writer_at_a_time, make_file, remove_file),
        cmocka_unit_test_setup_teardown(resume_without_a_file_begins_one, make_file, remove_file),
    };
    return cmocka_run_group_tests_name("scaler.output", tests, NULL, NULL);
}
