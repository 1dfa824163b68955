/*
 * reply.h - reads what a chat server answers, streamed or whole, into one text with its counts.
 *
 * Believes nothing: which of the two it is, is seen from the bytes; every size is bounded; counts
 * that cannot be are dropped. Opens no connection. The order of a streamed reply: chunks with text,
 * one with a finish reason, maybe one with the usage, "[DONE]", after which nothing counts.
 */
#ifndef SURETY_ENGINE_OPENAI_REPLY_H
#define SURETY_ENGINE_OPENAI_REPLY_H

#include "engine/openai/sse.h"
#include <surety/types.h>

#define REPLY_EVENT_MAX ((size_t)4 << 20)  /* bytes of one event of a stream */
#define REPLY_WHOLE_MAX ((size_t)32 << 20) /* bytes of a reply that is not streamed */
#define REPLY_JUNK_MAX 65536               /* bytes after "[DONE]" */
#define REPLY_SLACK 16 /* pieces beyond most_tokens, before the reply is ended here */

struct reply {
    const struct surety_sampling *sampling; /* its stop strings hold here too */
    uint32_t most_tokens;                   /* more is no reply; 0: unknown */
    enum { REPLY_NOTHING, REPLY_STREAM, REPLY_WHOLE } shape;
    struct sse sse;
    struct buf whole;
    struct buf text, thinking;
    uint32_t pieces;       /* chunks that brought text: an estimate of the tokens */
    bool finished;         /* it has said why it ends, or it was ended here */
    bool done;             /* "[DONE]" came */
    bool enough;           /* a stop string or the limit of tokens was found here: hang up */
    bool cut;              /* finish reason "length" */
    size_t junk;           /* bytes after "[DONE]" */
    int64_t prompt_tokens; /* as told; -1: not told, as the next two */
    int64_t cached_tokens, completion_tokens;
    double logprob;            /* sum; NaN: none came */
    char fingerprint[64];      /* the server's name for its set-up; "": none */
    struct surety_error error; /* an error object in place of a reply, in the server's words */
};

/* sampling outlives the reply; NULL: no stop strings. */
void reply_init(struct reply *reply, const struct surety_sampling *sampling, uint32_t most_tokens);
void reply_fini(struct reply *reply); /* zeroed is fine */

/* Takes bytes. LIMIT (too long), PARSE (no JSON), ENGINE (an error object; reply->error holds its
 * words), NOMEM: final, with a sentence. */
enum surety_err reply_push(struct reply *reply, const char *bytes, size_t len,
                           struct surety_error *err);

/* The connection has ended in good order. As reply_push; PARSE also when the reply is not whole. */
enum surety_err reply_end(struct reply *reply, struct surety_error *err);

/* The text, what was thought before it in a <think> block. The caller frees. NULL: NOMEM. */
char *reply_text(const struct reply *reply);

/* The server's words in an error's body (JSON of any of the known kinds, or text), folded to one
 * line of at most size bytes; "" when there are none worth showing. */
void reply_words(const char *body, size_t len, char *ret, size_t size);

#endif
