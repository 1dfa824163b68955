#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/plain.h"

void buf_init(struct buf *b, size_t max_bytes)
{
    *b = (struct buf){.max = max_bytes};
}

void buf_fini(struct buf *b)
{
    if (!b)
        return;
    free(b->data);
    buf_init(b, b->max);
}

void buf_reset(struct buf *b)
{
    b->len = 0;
    b->failed = SURETY_OK;
    if (b->data)
        b->data[0] = '\0';
}

/* Makes room for more bytes and the NUL. */
static enum surety_err reserve(struct buf *b, size_t more)
{
    if (b->failed)
        return b->failed;
    if (more > b->max - b->len)
        return b->failed = SURETY_ERR_LIMIT;
    size_t need = b->len + more + 1;
    if (need <= b->size)
        return SURETY_OK;
    size_t size = b->size > SIZE_MAX / 2 || b->size * 2 < need ? need : b->size * 2;
    if (size < 64)
        size = 64;
    char *data = alloc_again(b->data, size);
    if (!data)
        return b->failed = SURETY_ERR_NOMEM;
    b->data = data;
    b->size = size;
    return SURETY_OK;
}

enum surety_err buf_append(struct buf *b, const void *data, size_t len)
{
    enum surety_err err = reserve(b, len);
    if (err)
        return err;
    if (len)
        memcpy(b->data + b->len, data, len);
    b->len += len;
    b->data[b->len] = '\0';
    return SURETY_OK;
}

enum surety_err buf_puts(struct buf *b, const char *text)
{
    return buf_append(b, text, strlen(text));
}

enum surety_err buf_putc(struct buf *b, char c)
{
    return buf_append(b, &c, 1);
}

enum surety_err buf_printf(struct buf *b, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = plain_vprint(NULL, 0, format, args);
    va_end(args);
    enum surety_err err = len < 0 ? SURETY_ERR_INTERNAL : reserve(b, (size_t)len);
    if (!err) {
        plain_vprint(b->data + b->len, (size_t)len + 1, format, again);
        b->len += (size_t)len;
    }
    va_end(again);
    return err;
}

char *buf_detach(struct buf *b, size_t *ret_len)
{
    if (reserve(b, 0))
        return NULL;
    char *data = b->data;
    data[b->len] = '\0';
    if (ret_len)
        *ret_len = b->len;
    buf_init(b, b->max);
    return data;
}
