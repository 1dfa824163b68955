#include "tests/unit/test.h"

#include "base/hash.h"

/* The values are part of the protocol: a client in another language must find the same ones. */
static void known_values_never_change(void **state)
{
    char hex[17];
    hash_hex(hash_text(0, ""), hex);
    assert_string_equal(hex, "c3817c016ba4ff30");
    hash_hex(hash_text(0, "surety"), hex);
    assert_string_equal(hex, "402e9cfa11486fd8");
    hash_hex(hash_u64(hash_u64(0, 1), 2), hex);
    assert_string_equal(hex, "516115cdcd185dd2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(known_values_never_change)};
    return cmocka_run_group_tests_name("base.hash", tests, NULL, NULL);
}
