#include "scaler/demo.h"

#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The first file that a pattern matches. */
static bool find_file(const char *directory, const char *pattern, char *ret, size_t size)
{
    char whole[4200];
    glob_t found;
    int n = snprintf(whole, sizeof whole, "%s/%s", directory, pattern);
    if (n < 0 || (size_t)n >= sizeof whole)
        return false;
    bool ok = glob(whole, 0, NULL, &found) == 0 && strlen(found.gl_pathv[0]) < size;
    if (ok)
        snprintf(ret, size, "%s", found.gl_pathv[0]);
    globfree(&found);
    return ok;
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
        find_file(SURETY_DATADIR, "demo.gguf", ret, size) ||
        find_file(directory, "../../examples/demo/*.gguf", ret, size))
        return SURETY_OK;
    return surety_fail(err, SURETY_ERR_INVALID,
                       "the demo model is not installed (%s/demo.gguf): name a model with --model "
                       "FILE, or an engine with --engine",
                       SURETY_DATADIR);
}
