/*
 * sse.h - reads a stream of server-sent events (WHATWG HTML, section 9.2.6) from pieces of any
 * size.
 *
 * Gives out the data of each event; names, ids and retry times mean nothing here. Deviates in that
 * an event without the empty line behind it still counts at the end of the stream, for servers
 * leave it out. Knows no JSON.
 */
#ifndef SURETY_ENGINE_OPENAI_SSE_H
#define SURETY_ENGINE_OPENAI_SSE_H

#include "base/buf.h"

struct sse {
    struct buf line; /* what of the line has come */
    struct buf data; /* of the event, its lines joined by newlines */
    bool has_data, after_cr, began;
    /* An event; data is NUL-terminated, and may hold NUL itself. An error ends the reading. */
    enum surety_err (*event)(void *user, const char *data, size_t len);
    void *user;
};

/* max_bytes: of a line, and of an event's data. */
void sse_init(struct sse *sse, size_t max_bytes,
              enum surety_err (*event)(void *user, const char *data, size_t len), void *user);
void sse_fini(struct sse *sse); /* zeroed is fine */

/* LIMIT (a line or an event is too long), NOMEM, and what event returns: final. */
enum surety_err sse_push(struct sse *sse, const char *bytes, size_t len);
enum surety_err sse_end(struct sse *sse);

#endif
