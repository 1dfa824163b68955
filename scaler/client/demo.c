#include "scaler/client/demo.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* True when directory holds the file; its path in ret. */
static bool find_file(const char *directory, const char *name, char *ret, size_t size)
{
    int n = snprintf(ret, size, "%s/%s", directory, name);
    return n >= 0 && (size_t)n < size && access(ret, R_OK) == 0;
}

enum surety_err demo_model(char *ret, size_t size, struct surety_error *err)
{
    char directory[4096];
    ssize_t n = readlink("/proc/self/exe", directory, sizeof directory - 1);
    directory[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(directory, '/');
    if (slash)
        *slash = '\0';
    if (find_file(directory, "../share/surety/demo.gguf", ret, size) ||
        find_file(directory, "../examples/demo/demo.gguf", ret, size) ||
        find_file(SURETY_DATADIR, "demo.gguf", ret, size))
        return SURETY_OK;
    return surety_fail(err, SURETY_ERR_INVALID,
                       "the demo model is not installed (%s/demo.gguf): name a model with --model "
                       "FILE, or an engine with --engine",
                       SURETY_DATADIR);
}
