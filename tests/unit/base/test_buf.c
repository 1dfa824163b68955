#include "tests/unit/test.h"

#include <stdlib.h>

#include "base/buf.h"

static void append_within_max_grows(void **state)
{
    struct buf b;
    buf_init(&b, 1000);
    for (int i = 0; i < 100; i++)
        assert_int_equal(buf_printf(&b, "%02d", i), SURETY_OK);
    assert_int_equal(b.len, 200);
    assert_memory_equal(b.data, "000102", 6);
    buf_fini(&b);
    assert_null(b.data);
}

static void append_beyond_max_fails_and_stays_failed(void **state)
{
    struct buf b;
    buf_init(&b, 4);
    assert_int_equal(buf_puts(&b, "abcd"), SURETY_OK);
    assert_int_equal(buf_putc(&b, 'e'), SURETY_ERR_LIMIT);
    assert_int_equal(buf_append(&b, "", 0), SURETY_ERR_LIMIT);
    assert_string_equal(b.data, "abcd");
    assert_null(buf_detach(&b, NULL));
    buf_reset(&b);
    assert_int_equal(buf_puts(&b, "x"), SURETY_OK);
    buf_fini(&b);
}

static void detach_empty_is_an_empty_string(void **state)
{
    struct buf b;
    buf_init(&b, 4);
    size_t len;
    char *text = buf_detach(&b, &len);
    assert_string_equal(text, "");
    assert_int_equal(len, 0);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(append_within_max_grows),
        cmocka_unit_test(append_beyond_max_fails_and_stays_failed),
        cmocka_unit_test(detach_empty_is_an_empty_string),
    };
    return cmocka_run_group_tests_name("base.buf", tests, NULL, NULL);
}
