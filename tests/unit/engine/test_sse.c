#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/openai/sse.h"

static char seen[1000]; /* events, each behind a '|' */
static enum surety_err answer;

static enum surety_err on_event(void *user, const char *data, size_t len)
{
    assert_int_equal(strlen(data), len);
    size_t at = strlen(seen);
    snprintf(seen + at, sizeof seen - at, "|%s", data);
    return answer;
}

/* Pushed in pieces of each size, a stream gives the same events. */
static void assert_events(const char *stream, const char *events)
{
    for (size_t size = 1; size <= strlen(stream) + 1; size++) {
        struct sse sse;
        sse_init(&sse, 100, on_event, NULL);
        seen[0] = '\0';
        for (size_t at = 0; at < strlen(stream); at += size) {
            size_t left = strlen(stream) - at;
            assert_int_equal(sse_push(&sse, stream + at, size < left ? size : left), SURETY_OK);
        }
        assert_int_equal(sse_end(&sse), SURETY_OK);
        assert_string_equal(seen, events);
        sse_fini(&sse);
    }
}

static void push_gives_each_events_data(void **state)
{
    assert_events("data: a\n\ndata: b\n\n", "|a|b");
    assert_events("data:a\r\n\r\ndata: b\r\rdata:  c\n\n", "|a|b| c");
    assert_events("data: a\ndata: b\ndata\ndata:\n\n", "|a\nb\n\n");
    assert_events(": ping\n\nevent: x\nid: 1\nretry: 3\ndata: a\n\n: ping\n\n", "|a");
    assert_events("\xEF\xBB\xBF"
                  "data: a\n\n",
                  "|a");
    assert_events("dat: a\ndatab: b\n\ndata: c\n\n", "|c");
    assert_events("", "");
    assert_events("\n\n\n", "");
}

static void end_gives_an_event_without_its_empty_line(void **state)
{
    assert_events("data: a\n\ndata: b\n", "|a|b");
    assert_events("data: a\n\ndata: b", "|a|b");
}

static void push_bounds_lines_and_events(void **state)
{
    struct sse sse;
    sse_init(&sse, 100, on_event, NULL);
    char line[51];
    memset(line, 'x', 50);
    line[50] = '\0';
    seen[0] = '\0';
    assert_int_equal(sse_push(&sse, line, 50), SURETY_OK);
    assert_int_equal(sse_push(&sse, line, 50), SURETY_OK);
    assert_int_equal(sse_push(&sse, line, 1), SURETY_ERR_LIMIT);
    assert_true(sse.line.size <= 256);
    sse_fini(&sse);
    sse_init(&sse, 100, on_event, NULL);
    enum surety_err code = SURETY_OK;
    for (int i = 0; i < 3 && !code; i++) {
        assert_int_equal(sse_push(&sse, "data: ", 6), SURETY_OK);
        assert_int_equal(sse_push(&sse, line, 50), SURETY_OK);
        code = sse_push(&sse, "\n", 1);
    }
    assert_int_equal(code, SURETY_ERR_LIMIT);
    assert_string_equal(seen, "");
    sse_fini(&sse);
}

static void push_stops_at_an_events_error(void **state)
{
    struct sse sse;
    sse_init(&sse, 100, on_event, NULL);
    seen[0] = '\0';
    answer = SURETY_ERR_PARSE;
    assert_int_equal(sse_push(&sse, "data: a\n\ndata: b\n\n", 18), SURETY_ERR_PARSE);
    assert_string_equal(seen, "|a");
    answer = SURETY_OK;
    sse_fini(&sse);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(push_gives_each_events_data),
        cmocka_unit_test(end_gives_an_event_without_its_empty_line),
        cmocka_unit_test(push_bounds_lines_and_events),
        cmocka_unit_test(push_stops_at_an_events_error),
    };
    return cmocka_run_group_tests_name("engine.sse", tests, NULL, NULL);
}
