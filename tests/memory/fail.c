#include "tests/memory/fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "claims/math/equal.h"
#include "claims/math/exact.h"
#include <surety/arena.h>

static size_t left; /* allocations until the one that fails; 0: none does */
static bool happened;

void fail_at(size_t nth)
{
    left = nth;
    happened = false;
}

bool fail_happened(void)
{
    return happened;
}

static unsigned deep; /* in mathematics, which leaves open what it has no memory for */

static bool fails(void)
{
    if (deep || left == 0 || --left > 0)
        return false;
    return happened = true;
}

#define WRAP(type, name, parameters, arguments)                                                    \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        return fails() ? NULL : __real_##name arguments;                                           \
    }

WRAP(void *, malloc, (size_t size), (size))
WRAP(void *, calloc, (size_t n, size_t size), (n, size))
WRAP(void *, realloc, (void *old, size_t size), (old, size))
WRAP(char *, strdup, (const char *text), (text))
WRAP(void *, arena_alloc, (struct arena * a, size_t bytes), (a, bytes))
WRAP(void *, arena_array, (struct arena * a, size_t n, size_t bytes), (a, n, bytes))
WRAP(char *, arena_strndup, (struct arena * a, const char *text, size_t len), (a, text, len))

/* A copy of nothing is NULL already. */
char *__real_arena_strdup(struct arena *a, const char *text);
char *__wrap_arena_strdup(struct arena *a, const char *text);
char *__wrap_arena_strdup(struct arena *a, const char *text)
{
    return text && fails() ? NULL : __real_arena_strdup(a, text);
}

char *__wrap_arena_printf(struct arena *a, const char *format, ...) SURETY_PRINTF(2, 3);
char *__wrap_arena_printf(struct arena *a, const char *format, ...)
{
    char text[4096];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return fails() ? NULL : __real_arena_strdup(a, text);
}

/* ---- mathematics ---- */

#define WRAP_MATH(type, name, parameters, arguments)                                               \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        deep++;                                                                                    \
        type result = __real_##name arguments;                                                     \
        deep--;                                                                                    \
        return result;                                                                             \
    }

WRAP_MATH(enum exact_verdict, exact_judge, (const char *claim, char *reason, size_t size),
          (claim, reason, size))
WRAP_MATH(struct equal_result, equal_texts,
          (const char *gold, const char *pred, const char *problem), (gold, pred, problem))
WRAP_MATH(enum surety_err, equal_grouping_add,
          (struct equal_grouping * grouping, const char *answer, const struct equal_bounds *bounds),
          (grouping, answer, bounds))
