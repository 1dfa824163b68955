#include "base/outlet.h"
#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void say_lost(void *user, uint64_t n, struct buf *line)
{
    buf_printf(line, "%llu lost\n", (unsigned long long)n);
}

static void put(struct outlet *outlet, const char *line)
{
    outlet_put(outlet, line, strlen(line));
}

static size_t take(int fd, char *out, size_t size)
{
    ssize_t n = read(fd, out, size - 1);
    assert_true(n >= 0);
    out[n] = '\0';
    return (size_t)n;
}

static void put_goes_out_at_once(void **state)
{
    int ends[2];
    char text[100];
    assert_int_equal(pipe(ends), 0);
    struct outlet outlet = OUTLET_INIT(ends[1], say_lost, NULL);
    put(&outlet, "one\n");
    put(&outlet, "two\n");
    take(ends[0], text, sizeof text);
    assert_string_equal(text, "one\ntwo\n");
    outlet_fini(&outlet);
    close(ends[0]);
    close(ends[1]);
}

/* Nobody reads: nothing waits, lines stay whole, and what is missing is told. */
static void put_without_a_reader_loses_whole_lines_and_says_how_many(void **state)
{
    enum { LINES = 2000, LEN = 5001 }; /* of more than PIPE_BUF: one of them is cut */
    static char text[1 << 20], line[LEN + 1];
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct outlet outlet = OUTLET_INIT(ends[1], say_lost, NULL);
    memset(line, 'x', LEN);
    line[LEN - 1] = '\n';
    for (int i = 0; i < LINES; i++)
        put(&outlet, line);
    size_t n = take(ends[0], text, sizeof text);
    put(&outlet, "after\n");
    put(&outlet, "last\n");
    take(ends[0], text + n, sizeof text - n);
    size_t whole = 0;
    char *at = text;
    for (; *at == 'x'; at += LEN, whole++)
        assert_memory_equal(at, line, LEN);
    assert_in_range(whole, 2, LINES - 1);
    char expected[100];
    snprintf(expected, sizeof expected, "%zu lost\nafter\nlast\n", LINES - whole);
    assert_string_equal(at, expected);
    outlet_fini(&outlet);
    close(ends[0]);
    close(ends[1]);
}

static void put_line_that_is_too_long_is_lost_and_counted(void **state)
{
    char text[100], *line = calloc(1, OUTLET_LINE_MAX + 2);
    int ends[2];
    assert_non_null(line);
    memset(line, 'x', OUTLET_LINE_MAX + 1);
    assert_int_equal(pipe(ends), 0);
    struct outlet outlet = OUTLET_INIT(ends[1], say_lost, NULL);
    put(&outlet, line);
    put(&outlet, "next\n");
    take(ends[0], text, sizeof text);
    assert_string_equal(text, "1 lost\nnext\n");
    outlet_fini(&outlet);
    free(line);
    close(ends[0]);
    close(ends[1]);
}

static void put_where_nothing_can_go_is_no_failure(void **state)
{
    struct outlet outlet = OUTLET_INIT(open("/dev/full", O_WRONLY), say_lost, NULL);
    put(&outlet, "one\n");
    put(&outlet, "two\n");
    close(outlet.fd);
    put(&outlet, "three\n");
    outlet_fini(&outlet);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(put_goes_out_at_once),
        cmocka_unit_test(put_without_a_reader_loses_whole_lines_and_says_how_many),
        cmocka_unit_test(put_line_that_is_too_long_is_lost_and_counted),
        cmocka_unit_test(put_where_nothing_can_go_is_no_failure),
    };
    return cmocka_run_group_tests_name("base.outlet", tests, NULL, NULL);
}
