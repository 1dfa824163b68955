#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

static _Thread_local size_t failures;

static void *told(void *memory)
{
    failures += !memory;
    return memory;
}

void *alloc_bytes(size_t bytes)
{
    return told(malloc(bytes ? bytes : 1));
}

void *alloc_zeroed(size_t count, size_t element_bytes)
{
    return told(calloc(count ? count : 1, element_bytes ? element_bytes : 1));
}

void *alloc_again(void *old, size_t bytes)
{
    return told(realloc(old, bytes ? bytes : 1));
}

char *alloc_text(const char *text)
{
    return told(strdup(text));
}

size_t alloc_failures(void)
{
    return failures;
}
