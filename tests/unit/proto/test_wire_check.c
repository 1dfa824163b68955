#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "proto/wire.h"

#define CHECK(bytes) wire_check(bytes, sizeof(bytes) - 1, NULL)

static void check_well_formed_maps_pass(void **state)
{
    assert_int_equal(CHECK("\x80"), SURETY_OK);
    assert_int_equal(CHECK("\x81\xa1k\x01"), SURETY_OK);
    assert_int_equal(CHECK("\xde\x00\x01\xa1k\xc0"), SURETY_OK);
    assert_int_equal(CHECK("\x82\xa1"
                           "a\x92\xcc\x80\xcb\0\0\0\0\0\0\0\0\xa1"
                           "b\x81\xa0\xd9\x02hi"),
                     SURETY_OK);
    assert_int_equal(CHECK("\x81\xa1k\xc7\x01\x05x"), SURETY_OK); /* ext: unknown keys may be */
    assert_int_equal(CHECK("\x81\xa1k\xd8\x05"
                           "0123456789abcdef"),
                     SURETY_OK);
}

static void check_malformed_is_parse(void **state)
{
    assert_int_equal(CHECK(""), SURETY_ERR_PARSE);
    assert_int_equal(CHECK("\x90"), SURETY_ERR_PARSE);      /* no map */
    assert_int_equal(CHECK("\xa1k"), SURETY_ERR_PARSE);     /* no map */
    assert_int_equal(CHECK("\x81"), SURETY_ERR_PARSE);      /* cut off */
    assert_int_equal(CHECK("\x81\xa1k"), SURETY_ERR_PARSE); /* cut off */
    assert_int_equal(CHECK("\x81\xa5k\x01"), SURETY_ERR_PARSE);
    assert_int_equal(CHECK("\x81\xa1k\xcd\x01"), SURETY_ERR_PARSE);
    assert_int_equal(CHECK("\x81\x01\x01"), SURETY_ERR_PARSE);      /* key is a number */
    assert_int_equal(CHECK("\x81\xc4\x01k\x01"), SURETY_ERR_PARSE); /* key is binary */
    assert_int_equal(CHECK("\x81\xa1k\xc1"), SURETY_ERR_PARSE);     /* never used */
    assert_int_equal(CHECK("\x80\x80"), SURETY_ERR_PARSE);          /* two maps */
}

static void check_every_cut_of_a_message_is_refused(void **state)
{
    static const char body[] = "\x83\xa1"
                               "a\x92\xcd\x01\x00\xcb\0\0\0\0\0\0\0\0\xa1"
                               "b\x81\xa2zz\xda\x00\x02hi\xa1"
                               "c\xdd\x00\x00\x00\x01\xc3";
    assert_int_equal(CHECK(body), SURETY_OK);
    for (size_t len = 0; len < sizeof body - 1; len++) {
        char *copy = malloc(len ? len : 1); /* exact, for the sanitizer */
        assert_non_null(copy);
        memcpy(copy, body, len);
        assert_int_equal(wire_check(copy, len, NULL), SURETY_ERR_PARSE);
        free(copy);
    }
}

/* Five bytes that make an unpacker allocate gigabytes. Nothing is allocated here: see wire_check.c,
 * which includes no allocator. */
static void check_bomb_is_refused(void **state)
{
    assert_int_equal(CHECK("\xdf\xff\xff\xff\xff"), SURETY_ERR_PARSE);
    assert_int_equal(CHECK("\x81\xa1k\xdd\xff\xff\xff\xff"), SURETY_ERR_PARSE);
    assert_int_equal(CHECK("\x81\xa1k\xdf\x80\x00\x00\x00\xa0"), SURETY_ERR_PARSE);
    assert_int_equal(CHECK("\x81\xa1k\xdb\xff\xff\xff\xff"), SURETY_ERR_PARSE);
    assert_int_equal(CHECK("\x81\xa1k\xc6\xff\xff\xff\xff"), SURETY_ERR_PARSE);
    assert_int_equal(CHECK("\x81\xa1k\xc9\xff\xff\xff\xff\x00"), SURETY_ERR_PARSE);
}

static void check_nesting_and_objects_are_bounded(void **state)
{
    char deep[64];
    for (int depth = 1; depth < 30; depth++) { /* a map with depth - 1 arrays of one inside */
        memset(deep, 0x91, sizeof deep);
        memcpy(deep, "\x81\xa1k", 3);
        deep[3 + depth - 1] = 0x01;
        assert_int_equal(wire_check(deep, 3 + (size_t)depth, NULL),
                         depth <= WIRE_DEPTH_MAX ? SURETY_OK : SURETY_ERR_LIMIT);
    }
    size_t n = WIRE_OBJECTS_MAX;
    char *flat = calloc(n + 8, 1);
    assert_non_null(flat);
    memcpy(flat, "\x81\xa1k\xdd", 4);
    for (int more = -3; more < 2; more++) { /* the map, its key and the array are objects too */
        uint32_t count = (uint32_t)((int)n + more);
        for (int i = 0; i < 4; i++)
            flat[4 + i] = (char)(count >> (24 - 8 * i));
        assert_int_equal(wire_check(flat, 8 + count - 0, NULL),
                         more <= -3 ? SURETY_OK : SURETY_ERR_LIMIT);
        if (more == 0)
            break;
    }
    free(flat);
    char *large = calloc((size_t)WIRE_BODY_MAX + 1, 1);
    assert_non_null(large);
    assert_int_equal(wire_check(large, (size_t)WIRE_BODY_MAX + 1, NULL), SURETY_ERR_LIMIT);
    free(large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_well_formed_maps_pass),
        cmocka_unit_test(check_malformed_is_parse),
        cmocka_unit_test(check_every_cut_of_a_message_is_refused),
        cmocka_unit_test(check_bomb_is_refused),
        cmocka_unit_test(check_nesting_and_objects_are_bounded),
    };
    return cmocka_run_group_tests_name("proto.wire_check", tests, NULL, NULL);
}
