/* Any bytes as a recording: refused with a line, or every text in it is valid and found again. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/utf8.h"
#include "engine/recording.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("recording", MFD_CLOEXEC);
    FUZZ_CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct recording r;
    struct surety_error err = {0};
    enum surety_err code = recording_load(path, false, NULL, &r, &err);
    close(fd);
    FUZZ_CHECK(code == err.code && (code == SURETY_OK) == (err.message[0] == '\0'));
    if (code)
        return 0;
    size_t problems = 0;
    for (size_t i = 0; i < r.size; i++) {
        const struct takes *takes = r.table[i];
        if (!takes)
            continue;
        enum surety_err nomem;
        problems += !takes->problem;
        FUZZ_CHECK((takes->problem ? recording_claim(&r, takes->problem, takes->key, &nomem)
                                   : recording_problem(&r, takes->key)) == takes);
        size_t n = 0;
        for (const struct take *take = takes->first; take; take = take->next, n++)
            FUZZ_CHECK(utf8_is_valid(take->text, strlen(take->text)));
        FUZZ_CHECK(n == takes->n);
    }
    FUZZ_CHECK(problems == r.n_problems && problems > 0);
    recording_fini(&r);
    return 0;
}
