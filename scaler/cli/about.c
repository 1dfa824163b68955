#include "scaler/cli/about.h"

#include <flint/flint.h>
#include <jansson.h>

#include "proto/transport.h"

void about_print(FILE *out)
{
    char library[40];
    transport_library(library, sizeof library);
    fprintf(out, "exact arithmetic: FLINT %s\n", flint_version);
    fprintf(out, "transport: %s (ipc, tcp on loopback)\n", library);
    fprintf(out, "JSON: jansson %s\n", JANSSON_VERSION);
}
