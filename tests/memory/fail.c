#include "tests/memory/fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/jsonl.h"
#include <surety/arena.h>

static size_t left; /* allocations until the one that fails; 0: none does */
static bool happened, failing, paused;

void fail_at(size_t nth)
{
    jsonl_count_failures(); /* as the program does */
    left = nth;
    happened = false;
}

void fail_pause(bool pause)
{
    paused = pause;
}

bool fail_happened(void)
{
    return happened;
}

static bool fails(void)
{
    if (failing)
        return true;
    if (paused || left == 0 || --left > 0)
        return false;
    return happened = true;
}

bool fail_in_library(void)
{
    return fails();
}

/* Of an arena: as if it had needed a block of its own and got none. */
static bool block_fails(void)
{
    if (!fails())
        return false;
    failing = true;
    void *none = alloc_bytes(1);
    failing = false;
    return !none;
}

#define WRAP(type, name, parameters, arguments, fails)                                             \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        return fails() ? NULL : __real_##name arguments;                                           \
    }

WRAP(void *, malloc, (size_t size), (size), fails)
WRAP(void *, calloc, (size_t n, size_t size), (n, size), fails)
WRAP(void *, realloc, (void *old, size_t size), (old, size), fails)
WRAP(char *, strdup, (const char *text), (text), fails)
WRAP(void *, arena_alloc, (struct arena * a, size_t bytes), (a, bytes), block_fails)
WRAP(void *, arena_array, (struct arena * a, size_t n, size_t bytes), (a, n, bytes), block_fails)
WRAP(char *, arena_strndup, (struct arena * a, const char *text, size_t len), (a, text, len),
     block_fails)

/* A copy of nothing is NULL already. */
char *__real_arena_strdup(struct arena *a, const char *text);
char *__wrap_arena_strdup(struct arena *a, const char *text);
char *__wrap_arena_strdup(struct arena *a, const char *text)
{
    return text && block_fails() ? NULL : __real_arena_strdup(a, text);
}

char *__wrap_arena_printf(struct arena *a, const char *format, ...) SURETY_PRINTF(2, 3);
char *__wrap_arena_printf(struct arena *a, const char *format, ...)
{
    char text[4096];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return block_fails() ? NULL : __real_arena_strdup(a, text);
}
