/*
 * fuzz_wire.c - the first byte chooses the command, the rest is its body. What decodes must encode,
 * and then decode and encode to the same bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/wire.h"
#include "tests/fuzz/fuzz.h"

#define ARENA_BYTES (16u << 20)

static void check_stable(enum wire_command command, const void *body, size_t len)
{
    struct arena arena, again_arena;
    struct wire_message message, again;
    char *first = NULL, *second = NULL;
    size_t first_len, second_len;

    arena_init(&arena, ARENA_BYTES);
    arena_init(&again_arena, ARENA_BYTES);
    if (wire_decode(command, body, len, &arena, &message, NULL) == SURETY_OK) {
        struct surety_error err = {0};
        FUZZ_CHECK(wire_check(body, len, NULL) == SURETY_OK);
        FUZZ_CHECK(wire_encode(&message, &first, &first_len, &err) == SURETY_OK);
        FUZZ_CHECK(wire_decode(command, first, first_len, &again_arena, &again, &err) == SURETY_OK);
        FUZZ_CHECK(wire_encode(&again, &second, &second_len, &err) == SURETY_OK);
        FUZZ_CHECK(first_len == second_len && memcmp(first, second, first_len) == 0);
    }
    free(first);
    free(second);
    arena_fini(&arena);
    arena_fini(&again_arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0) /* one value beyond the last command, too */
        check_stable((enum wire_command)(data[0] % (WIRE_COMMAND_COUNT_ + 1)), data + 1, size - 1);
    return 0;
}
