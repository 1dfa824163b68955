/*
 * buf.h - a growable byte buffer that cannot be made without a maximum size.
 *
 * A failed append leaves the buffer as it was and marks it failed; later appends then fail too, so
 * a run of appends is checked once, at its end.
 */
#ifndef SURETY_BASE_BUF_H
#define SURETY_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include <surety/err.h>

struct buf {
    char *data; /* NUL-terminated once anything was appended; NULL before */
    size_t len;
    size_t size;
    size_t max; /* largest len, in bytes */
    enum surety_err failed;
};

void buf_init(struct buf *b, size_t max_bytes);
void buf_fini(struct buf *b);  /* NULL is fine; leaves an empty buffer */
void buf_reset(struct buf *b); /* len = 0 and not failed; keeps the memory */

/* LIMIT beyond max_bytes, NOMEM without memory. */
enum surety_err buf_append(struct buf *b, const void *data, size_t len);
enum surety_err buf_puts(struct buf *b, const char *text);
enum surety_err buf_putc(struct buf *b, char c);
enum surety_err buf_printf(struct buf *b, const char *format, ...) SURETY_PRINTF(2, 3);

/* Gives the bytes to the caller, who frees them ("" as an empty allocation), and resets the
 * buffer. NULL when the buffer failed or no memory is left. ret_len may be NULL. */
char *buf_detach(struct buf *b, size_t *ret_len);

#endif
