#include "scaler/cli/journal.h"
#include "tests/unit/test.h"

#include <stdio.h>

static int64_t leap_day(void)
{
    return 1709251199007; /* the last second of 2024-02-29 */
}

/* The one line that the journal has for it. */
static void expect_line(bool json, const struct core_note *note, const char *expected)
{
    char text[1000];
    FILE *file = tmpfile();
    assert_non_null(file);
    struct journal journal = {
        .json = json, .utc_ms = leap_day, .out = OUTLET_INIT(fileno(file), journal_lost, &journal)};
    if (note)
        journal_note(&journal, note);
    else
        journal_message(&journal, LOG_WARN, "refused: \n\x1b[2J \"a\"=b");
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    assert_string_equal(text, expected);
    outlet_fini(&journal.out);
    fclose(file);
}

static const struct core_note lost = {.what = NOTE_WORKER_LOST,
                                      .worker = 3,
                                      .name = "l\xc3\xa9\nft",
                                      .host = "box",
                                      .pid = 4294967295u,
                                      .model = "m",
                                      .slots = 4,
                                      .ms = -1,
                                      .tokens = -1,
                                      .why = "no heartbeat"};
static const struct core_note ended = {.what = NOTE_REQUEST_ENDED,
                                       .request = 7,
                                       .id = "p 1",
                                       .client = 2,
                                       .how = "complete",
                                       .ms = 0,
                                       .tokens = 0};

static void journal_text_is_one_line_of_ascii_with_its_time(void **state)
{
    expect_line(false, &lost,
                "2024-02-29T23:59:59.007Z worker_lost worker=3 name=\"l\\u00E9\\nft\" host=\"box\" "
                "pid=4294967295 model=\"m\" slots=4 why=\"no heartbeat\"\n");
    expect_line(false, &ended,
                "2024-02-29T23:59:59.007Z request_ended request=7 id=\"p 1\" client=2 "
                "how=\"complete\" ms=0 tokens=0\n");
    expect_line(false, NULL,
                "2024-02-29T23:59:59.007Z message level=\"warning\" "
                "message=\"refused: \\n\\u001B[2J \\\"a\\\"=b\"\n");
}

static void journal_json_is_an_object_with_the_same_keys(void **state)
{
    expect_line(true, &lost,
                "{\"time\":\"2024-02-29T23:59:59.007Z\",\"event\":\"worker_lost\",\"worker\":3,"
                "\"name\":\"l\\u00E9\\nft\",\"host\":\"box\",\"pid\":4294967295,\"model\":\"m\","
                "\"slots\":4,\"why\":\"no heartbeat\"}\n");
    expect_line(true, &ended,
                "{\"time\":\"2024-02-29T23:59:59.007Z\",\"event\":\"request_ended\",\"request\":7,"
                "\"id\":\"p 1\",\"client\":2,\"how\":\"complete\",\"ms\":0,\"tokens\":0}\n");
    expect_line(
        true, NULL,
        "{\"time\":\"2024-02-29T23:59:59.007Z\",\"event\":\"message\",\"level\":\"warning\","
        "\"message\":\"refused: \\n\\u001B[2J \\\"a\\\"=b\"}\n");
}

static void journal_tells_how_many_lines_were_lost(void **state)
{
    struct journal journal = {.utc_ms = leap_day};
    struct buf line;
    buf_init(&line, 1000);
    journal_lost(&journal, 12, &line);
    assert_string_equal(line.data, "2024-02-29T23:59:59.007Z lines_lost n=12\n");
    buf_reset(&line);
    journal.json = true;
    journal_lost(&journal, 12, &line);
    assert_string_equal(
        line.data, "{\"time\":\"2024-02-29T23:59:59.007Z\",\"event\":\"lines_lost\",\"n\":12}\n");
    buf_fini(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(journal_text_is_one_line_of_ascii_with_its_time),
        cmocka_unit_test(journal_json_is_an_object_with_the_same_keys),
        cmocka_unit_test(journal_tells_how_many_lines_were_lost),
    };
    return cmocka_run_group_tests_name("scaler.cli.journal", tests, NULL, NULL);
}
