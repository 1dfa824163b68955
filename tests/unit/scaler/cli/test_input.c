#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scaler/cli/input.h"

static char path[] = "/tmp/surety-test-input-XXXXXX";

static int make_file(void **state)
{
    memcpy(path + strlen(path) - 6, "XXXXXX", 6);
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    return unlink(path);
}

static void write_file(const char *text, size_t len)
{
    FILE *file = fopen(path, "w");
    assert_int_equal(fwrite(text, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static void text_is_made_valid_and_bounded(void **state)
{
    struct surety_error error;
    char *text = NULL;
    write_file("a\xff\0b", 4);
    assert_int_equal(input_text(path, 100, &text, &error), SURETY_OK);
    assert_string_equal(text, "a\xef\xbf\xbd\xef\xbf\xbd"
                              "b");
    free(text);
    assert_int_equal(input_text(path, 3, &text, &error), SURETY_ERR_LIMIT);
    assert_int_equal(input_text("/nonexistent/x", 3, &text, &error), SURETY_ERR_IO);
    assert_non_null(strstr(error.message, "/nonexistent/x"));
}

static void profile_is_a_name_or_a_checked_file(void **state)
{
    struct surety_error error;
    char *text = (char *)"x";
    assert_int_equal(input_profile(NULL, &text, &error), SURETY_OK);
    assert_null(text);
    assert_int_equal(input_profile("instruct", &text, &error), SURETY_OK);
    write_file(text, strlen(text));
    free(text);
    assert_int_equal(input_profile(path, &text, &error), SURETY_OK);
    free(text);
    assert_int_equal(input_profile("no-such", &text, &error), SURETY_ERR_INVALID);
    assert_non_null(strstr(error.message, "instruct"));
    write_file("nonsense\n", 9);
    assert_int_equal(input_profile(path, &text, &error), SURETY_ERR_INVALID);
}

static const struct problem_form plain;

static void open_lines(struct problems *problems, const char *lines)
{
    struct surety_error error = {0};
    write_file(lines, strlen(lines));
    assert_int_equal(problems_open(problems, path, &plain, &error), SURETY_OK);
}

static void problems_are_read_with_ids_and_golds(void **state)
{
    struct problems problems;
    struct problem p;
    open_lines(&problems, "{\"problem\":\"a\",\"gold\":7}\n\n"
                          "{\"id\":\"x\",\"problem\":\"b\",\"gold\":null}\n"
                          "{\"id\":12,\"problem\":\"c\",\"gold\":\"1/2\"}");
    assert_int_equal(problems_count(&problems), 3);
    assert_true(problems_next(&problems, &p));
    assert_int_equal(p.error.code, SURETY_OK);
    assert_string_equal(p.id, "1");
    assert_string_equal(p.gold, "7");
    problem_fini(&p);
    assert_true(problems_next(&problems, &p));
    assert_string_equal(p.id, "x");
    assert_int_equal(p.number, 3);
    assert_null(p.gold);
    problem_fini(&p);
    assert_true(problems_next(&problems, &p));
    assert_string_equal(p.id, "12");
    assert_string_equal(p.gold, "1/2");
    problem_fini(&p);
    assert_false(problems_next(&problems, &p));
    problems_close(&problems);
}

static void problems_have_the_names_and_number_that_are_told(void **state)
{
    static const char lines[] =
        "{\"q\":\"a\",\"answer\":\"#### 7\",\"n\":3,\"id\":\"x\"}\n"
        "broken\n"
        "{\"q\":\"b\",\"problem\":\"no\",\"n\":\"y\"}\n{\"q\":\"c\",\"n\":3}\n";
    const struct problem_form form = {.id = "n", .problem = "q", .gold = "answer", .limit = 3};
    struct surety_error error = {0};
    struct problems problems;
    struct problem p;
    write_file(lines, strlen(lines));
    assert_int_equal(problems_open(&problems, path, &form, &error), SURETY_OK); /* 3 comes once */
    assert_int_equal(problems_count(&problems), 3);
    assert_true(problems_next(&problems, &p));
    assert_string_equal(p.id, "3");
    assert_string_equal(p.problem, "a");
    assert_string_equal(p.gold, "#### 7");
    problem_fini(&p);
    assert_true(problems_next(&problems, &p));
    assert_int_equal(p.error.code, SURETY_ERR_PARSE);
    problem_fini(&p);
    assert_true(problems_next(&problems, &p));
    assert_string_equal(p.id, "y");
    assert_string_equal(p.problem, "b");
    problem_fini(&p);
    assert_false(problems_next(&problems, &p));
    problems_close(&problems);
    assert_int_equal(problems_open(&problems, path, &plain, &error), SURETY_OK);
    assert_true(problems_next(&problems, &p));
    assert_non_null(strstr(p.error.message, "there is no \"problem\" (--problem-key"));
    problem_fini(&p);
    problems_close(&problems);
}

static void problems_gold_is_what_check_takes(void **state)
{
    static const char *const rows[][2] = {
        {"\"4 #### 18\"", "4 #### 18"},
        {"18.5", "18.5"},
        {"true", "true"},
        {"[18, \"x\"]", "{\"answer\":[18,\"x\"]}"},
        {"[1, 2]", "{\"answer\":[1,2]}"},
        {"{\"answer\": 9, \"kind\": \"number\"}", "{\"answer\":9,\"kind\":\"number\"}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char lines[200];
        struct problems problems;
        struct problem p;
        snprintf(lines, sizeof lines, "{\"problem\":\"a\",\"gold\":%s}\n", rows[i][0]);
        open_lines(&problems, lines);
        assert_true(problems_next(&problems, &p));
        assert_int_equal(p.error.code, SURETY_OK);
        assert_string_equal(p.gold, rows[i][1]);
        problem_fini(&p);
        problems_close(&problems);
    }
}

static void problems_bad_lines_fail_alone(void **state)
{
    static const char *const bad[] = {"{\"problem\":\"\"}",
                                      "{\"problem\":\" \\n\"}",
                                      "{\"problem\":7}",
                                      "{}",
                                      "[1]",
                                      "{\"problem\":",
                                      "\xff\xfe",
                                      "{\"problem\":\"a\",\"gold\":[]}",
                                      "{\"problem\":\"a\",\"gold\":[[1]]}",
                                      "{\"problem\":\"a\",\"gold\":{\"kind\":\"number\"}}",
                                      "{\"problem\":\"a\",\"context\":[\"b\"]}",
                                      "{\"problem\":\"a\",\"constraints\":{}}",
                                      "{\"id\":\"\",\"problem\":\"a\"}",
                                      "{\"id\":true,\"problem\":\"a\"}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char lines[400];
        struct problems problems;
        struct problem p;
        snprintf(lines, sizeof lines, "{\"problem\":\"a\"}\n%s\n{\"problem\":\"b\"}\n", bad[i]);
        open_lines(&problems, lines);
        assert_int_equal(problems_count(&problems), 3);
        for (int line = 1; line <= 3; line++) {
            assert_true(problems_next(&problems, &p));
            assert_int_equal(p.number, line);
            assert_int_equal(p.error.code != SURETY_OK, line == 2);
            assert_non_null(p.id);
            if (line == 2)
                assert_true(strlen(p.error.message) > 10);
            problem_fini(&p);
        }
        assert_false(problems_next(&problems, &p));
        problems_close(&problems);
    }
}

static void problems_unbuilt_field_is_refused_by_name(void **state)
{
    struct problems problems;
    struct problem p;
    open_lines(&problems, "{\"problem\":\"a\",\"context\":[\"b\"]}\n");
    assert_true(problems_next(&problems, &p));
    assert_int_equal(p.error.code, SURETY_ERR_UNSUPPORTED);
    assert_non_null(strstr(p.error.message, "context"));
    problem_fini(&p);
    problems_close(&problems);
}

static void problems_failed_line_keeps_its_gold(void **state)
{
    static const char *const lines[] = {"{\"problem\":\"a\",\"gold\":7,\"context\":[]}\n",
                                        "{\"problem\":\"\",\"gold\":7}\n",
                                        "{\"id\":[],\"problem\":\"a\",\"gold\":7}\n"};
    for (size_t i = 0; i < 3; i++) {
        struct problems problems;
        struct problem p;
        open_lines(&problems, lines[i]);
        assert_true(problems_next(&problems, &p));
        assert_int_not_equal(p.error.code, SURETY_OK);
        assert_string_equal(p.gold, "7");
        assert_null(p.problem);
        problem_fini(&p);
        problems_close(&problems);
    }
}

static void problems_duplicate_id_names_both_lines(void **state)
{
    static const char *const lines[] = {
        "{\"id\":\"a\",\"problem\":\"x\"}\n{\"id\":\"a\",\"problem\":\"y\"}\n",
        "{\"id\":\"2\",\"problem\":\"x\"}\n{\"problem\":\"y\"}\n",
        "{\"id\":2,\"problem\":\"x\"}\n{\"id\":\"2\",\"problem\":\"y\"}\n"};
    for (size_t i = 0; i < 3; i++) {
        struct problems problems;
        struct surety_error error;
        write_file(lines[i], strlen(lines[i]));
        assert_int_equal(problems_open(&problems, path, &plain, &error), SURETY_ERR_INVALID);
        assert_non_null(strstr(error.message, ":2:"));
        assert_non_null(strstr(error.message, "line 1"));
    }
}

static void problems_failed_line_takes_no_id_of_another(void **state)
{
    struct problems problems;
    struct problem p;
    open_lines(&problems, "{\"id\":\"2\",\"problem\":\"x\"}\nbroken\n");
    assert_true(problems_next(&problems, &p));
    problem_fini(&p);
    assert_true(problems_next(&problems, &p));
    assert_string_equal(p.id, "line-2");
    problem_fini(&p);
    problems_close(&problems);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(text_is_made_valid_and_bounded, make_file, remove_file),
        cmocka_unit_test_setup_teardown(profile_is_a_name_or_a_checked_file, make_file,
                                        remove_file),
        cmocka_unit_test_setup_teardown(problems_are_read_with_ids_and_golds, make_file,
                                        remove_file),
        cmocka_unit_test_setup_teardown(problems_have_the_names_and_number_that_are_told, make_file,
                                        remove_file),
        cmocka_unit_test_setup_teardown(problems_gold_is_what_check_takes, make_file, remove_file),
        cmocka_unit_test_setup_teardown(problems_bad_lines_fail_alone, make_file, remove_file),
        cmocka_unit_test_setup_teardown(problems_unbuilt_field_is_refused_by_name, make_file,
                                        remove_file),
        cmocka_unit_test_setup_teardown(problems_failed_line_keeps_its_gold, make_file,
                                        remove_file),
        cmocka_unit_test_setup_teardown(problems_duplicate_id_names_both_lines, make_file,
                                        remove_file),
        cmocka_unit_test_setup_teardown(problems_failed_line_takes_no_id_of_another, make_file,
                                        remove_file),
    };
    return cmocka_run_group_tests_name("scaler.input", tests, NULL, NULL);
}
