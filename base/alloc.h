/*
 * alloc.h - allocation that remembers that it failed, in the thread that it failed in.
 *
 * Deep inside of a decision "no memory" looks like "not known". A function at a door of its room
 * compares alloc_failures before and after, and says NOMEM when they differ: what it found is then
 * not to be trusted. Arenas and buffers allocate through here.
 */
#ifndef SURETY_BASE_ALLOC_H
#define SURETY_BASE_ALLOC_H

#include <stddef.h>

/* Like malloc, calloc, realloc and strdup; the caller frees. */
void *alloc_bytes(size_t bytes);
void *alloc_zeroed(size_t count, size_t element_bytes);
void *alloc_again(void *old, size_t bytes);
char *alloc_text(const char *text);

/* How often one of these has failed in this thread. */
size_t alloc_failures(void);

#endif
