/*
 * arena.h - memory that is freed together: one arena a request.
 *
 * Bounded: an arena cannot be made without a maximum size. Not thread-safe; one owner at a time.
 */
#ifndef SURETY_ARENA_H
#define SURETY_ARENA_H

#include <stddef.h>

#include <surety/err.h>

struct arena_block;

struct arena {
    struct arena_block *blocks;
    size_t used_bytes; /* what was handed out, with padding */
    size_t max_bytes;
};

void arena_init(struct arena *a, size_t max_bytes);
void arena_fini(struct arena *a); /* NULL is fine; leaves an empty arena */

/* Zeroed memory, aligned for any type; NULL beyond max_bytes or without memory. */
void *arena_alloc(struct arena *a, size_t bytes);
void *arena_array(struct arena *a, size_t count, size_t element_bytes); /* overflow-checked */

/* NUL-terminated copies. arena_strdup(a, NULL) is NULL. */
char *arena_strdup(struct arena *a, const char *text);
char *arena_strndup(struct arena *a, const char *text, size_t len);
char *arena_printf(struct arena *a, const char *format, ...) SURETY_PRINTF(2, 3);

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, count) ((type *)arena_array((a), (count), sizeof(type)))

#endif
