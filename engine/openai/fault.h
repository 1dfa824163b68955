/*
 * fault.h - what a failed request means: an error with what to check, and what to do next.
 *
 * Pure. A server's words are quoted, but never the key.
 */
#ifndef SURETY_ENGINE_OPENAI_FAULT_H
#define SURETY_ENGINE_OPENAI_FAULT_H

#include "engine/openai/http_io.h"

enum fault_next {
    FAULT_FINAL, /* the same again would fail the same way */
    FAULT_RETRY, /* the server or the way to it is in trouble */
    FAULT_SLOWER /* the server has too much to do */
};

/* What the message is about. */
struct fault_place {
    const char *url;     /* of the request */
    const char *model;   /* that was asked for; "": none */
    const char *key;     /* that was sent; NULL: none */
    const char *key_env; /* its variable; NULL: none was named */
};

/* Of a request that did not end with status 200; body[0..len) is what came. Fills err. */
enum fault_next fault_explain(const struct http_end *end, const char *body, size_t len,
                              const struct fault_place *place, struct surety_error *err);

/* Whether a refusal (status 400 or 422) with this body is about the request's field. */
bool fault_names(const char *body, size_t len, const char *field);

#endif
