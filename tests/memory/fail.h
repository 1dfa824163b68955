/*
 * fail.h - lets one allocation of the program's own code fail, each in turn.
 *
 * Tests that link it wrap the allocators (meson.build); what libraries allocate for themselves goes
 * through, and what exact_judge, equal_texts and equal_grouping_add do: without memory they leave
 * open what they would have decided. One thread.
 */
#ifndef SURETY_TESTS_MEMORY_FAIL_H
#define SURETY_TESTS_MEMORY_FAIL_H

#include <stdbool.h>
#include <stddef.h>

/* The nth allocation from now on, from 1, returns NULL; 0: none does. */
void fail_at(size_t nth);

/* True when it has come to that since fail_at. */
bool fail_happened(void);

#endif
