#include "proto/wire.h"

#include <string.h>

static const char *const names[] = {
#define X(name) [WIRE_##name] = #name,
    WIRE_COMMANDS(X)
#undef X
};

const char *wire_command_name(enum wire_command command)
{
    return (unsigned)command < WIRE_COMMAND_COUNT_ ? names[command] : "unknown";
}

bool wire_command_from_name(const char *name, size_t len, enum wire_command *ret_command)
{
    for (unsigned i = 0; i < WIRE_COMMAND_COUNT_; i++) {
        if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0) {
            *ret_command = (enum wire_command)i;
            return true;
        }
    }
    return false;
}
