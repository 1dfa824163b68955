#include "tests/unit/test.h"

#include <string.h>

#include "base/log.h"

struct lines {
    unsigned n;
    enum log_level level;
    char last[2000];
};

static void keep(void *user, enum log_level level, const char *message)
{
    struct lines *lines = user;
    lines->n++;
    lines->level = level;
    assert_true(strlen(message) < sizeof lines->last);
    memcpy(lines->last, message, strlen(message) + 1);
}

static void printf_formats_and_tells_the_level(void **state)
{
    struct lines lines = {0};
    const struct log log = {.write = keep, .user = &lines};
    log_printf(&log, LOG_WARN, "%d of %s", 3, "four");
    assert_int_equal(lines.n, 1);
    assert_int_equal(lines.level, LOG_WARN);
    assert_string_equal(lines.last, "3 of four");
}

static void printf_quieter_than_least_is_dropped(void **state)
{
    struct lines lines = {0};
    const struct log log = {.write = keep, .user = &lines, .least = LOG_WARN};
    log_printf(&log, LOG_DEBUG, "x");
    log_printf(&log, LOG_INFO, "x");
    assert_int_equal(lines.n, 0);
    log_printf(&log, LOG_WARN, "x");
    log_printf(&log, LOG_ERROR, "x");
    assert_int_equal(lines.n, 2);
}

static void printf_without_a_sink_is_silent(void **state)
{
    const struct log none = {0};
    log_printf(NULL, LOG_ERROR, "x");
    log_printf(&none, LOG_ERROR, "x");
}

static void printf_long_message_is_cut(void **state)
{
    struct lines lines = {0};
    const struct log log = {.write = keep, .user = &lines};
    log_printf(&log, LOG_INFO, "%1500d", 1);
    assert_int_equal(strlen(lines.last), 999);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(printf_formats_and_tells_the_level),
        cmocka_unit_test(printf_quieter_than_least_is_dropped),
        cmocka_unit_test(printf_without_a_sink_is_silent),
        cmocka_unit_test(printf_long_message_is_cut),
    };
    return cmocka_run_group_tests_name("base.log", tests, NULL, NULL);
}
