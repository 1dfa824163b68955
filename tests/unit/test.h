/* test.h - cmocka with the headers that it wants first. */
#ifndef SURETY_TESTS_UNIT_TEST_H
#define SURETY_TESTS_UNIT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
