/*
 * fail.h - lets one allocation of the program's own code fail, each in turn.
 *
 * Tests that link it wrap the allocators (meson.build); what GMP and FLINT allocate goes through:
 * they would abort, and are bounded beforehand. One thread.
 */
#ifndef SURETY_TESTS_MEMORY_FAIL_H
#define SURETY_TESTS_MEMORY_FAIL_H

#include <stdbool.h>
#include <stddef.h>

/* The nth allocation from now on, from 1, returns NULL; 0: none does. */
void fail_at(size_t nth);

/* While it is paused none fails and none is counted. */
void fail_pause(bool paused);

/* An allocation that was not wrapped: does it fail? */
bool fail_in_library(void);

/* True when it has come to that since fail_at. */
bool fail_happened(void);

#endif
