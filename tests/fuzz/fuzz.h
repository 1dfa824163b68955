/* fuzz.h - what a fuzz target defines; see replay.c for the program around it without libFuzzer. */
#ifndef SURETY_TESTS_FUZZ_FUZZ_H
#define SURETY_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Aborts when a property does not hold, in every build. */
#define FUZZ_CHECK(condition)                                                                      \
    do {                                                                                           \
        if (!(condition))                                                                          \
            __builtin_trap();                                                                      \
    } while (0)

#endif
