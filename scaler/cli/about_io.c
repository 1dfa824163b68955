#include "scaler/cli/about.h"

#include <flint/flint.h>
#include <jansson.h>
#include <zmq.h>

void about_print(FILE *out)
{
    int major, minor, patch;
    zmq_version(&major, &minor, &patch);
    fprintf(out, "exact arithmetic: FLINT %s\n", flint_version);
    fprintf(out, "transport: ZeroMQ %d.%d.%d (ipc, tcp on loopback)\n", major, minor, patch);
    fprintf(out, "JSON: jansson %s\n", JANSSON_VERSION);
}
