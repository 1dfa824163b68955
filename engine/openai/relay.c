#include "engine/openai/relay.h"

#include <string.h>

#include "base/utf8.h"

void relay_init(struct relay *relay)
{
    *relay = (struct relay){0};
    buf_init(&relay->bytes, SURETY_TEXT_MAX);
}

void relay_fini(struct relay *relay)
{
    buf_fini(&relay->bytes);
}

enum surety_err relay_push(struct relay *relay, uint32_t status, const char *data, size_t len,
                           struct surety_error *err)
{
    relay->status = status;
    relay->total += len;
    if (relay->total > SURETY_TEXT_MAX)
        return surety_fail(err, SURETY_ERR_LIMIT, "the reply has more than %u bytes",
                           SURETY_TEXT_MAX);
    return buf_append(&relay->bytes, data, len)
               ? surety_fail(err, SURETY_ERR_NOMEM, "no memory for a reply")
               : SURETY_OK;
}

char *relay_take(struct relay *relay)
{
    struct buf *b = &relay->bytes;
    const char *last = b->len ? memrchr(b->data, '\n', b->len) : NULL;
    size_t n = relay->ended ? b->len : last ? (size_t)(last - b->data) + 1 : 0;
    char *text = n ? utf8_make_valid(b->data, n, NULL) : NULL;
    if (!text)
        return NULL;
    b->len -= n;
    memmove(b->data, b->data + n, b->len);
    relay->told = true;
    return text;
}
