/*
 * http_io.h - HTTP requests side by side in one thread. The only file that knows libcurl.
 *
 * Knows nothing of models: bytes go out, bytes come in. Connections are kept for the next request
 * to the same server. Redirects are not followed, so that a key never reaches another server; a
 * proxy is taken from the environment, as curl does it, but never for this machine. HTTP/1.1 only:
 * a request has a connection of its own, and closing it is what tells a server to stop.
 */
#ifndef SURETY_ENGINE_OPENAI_HTTP_IO_H
#define SURETY_ENGINE_OPENAI_HTTP_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <surety/err.h>

#define HTTP_CONNECT_MS 10000

enum http_fault {
    HTTP_FINE,      /* a whole reply, of any status */
    HTTP_NO_HOST,   /* its name is unknown */
    HTTP_NO_SERVER, /* refused, or no way there */
    HTTP_NO_TLS,    /* no encrypted connection: certificate, protocol */
    HTTP_LOST,      /* the connection ended before the reply did */
    HTTP_SLOW,      /* timeout_ms passed */
    HTTP_STOPPED,   /* bytes said that it is enough */
    HTTP_BROKEN     /* what answers speaks no HTTP, or anything else */
};

struct http_end {
    enum http_fault fault;
    int status;             /* 0: there was no reply */
    int64_t retry_after_ms; /* what the server asked for; -1: nothing */
    char detail[256];       /* of a fault, for people; never holds the key */
};

struct http_request {
    const char *url;
    const char *body; /* JSON, sent by POST; lives until the end. NULL: GET */
    size_t body_len;
    const char *key;    /* sent as a bearer token; NULL: none */
    int64_t timeout_ms; /* of the whole; 0: none */
    /* What comes, also with an error's status. False: enough, close the connection. */
    bool (*bytes)(void *user, const char *data, size_t len);
    void (*end)(void *user, const struct http_end *end); /* the call is gone then */
    void *user;
};

struct http;
struct http_call;

/* NULL without memory. max_connections: those that are kept open. */
struct http *http_create(long max_connections);
void http_free(struct http *http); /* NULL is fine; closes all connections, ends nothing else */

/* Both functions of the request are called from http_run alone. NOMEM. */
enum surety_err http_start(struct http *http, const struct http_request *request,
                           struct http_call **ret_call, struct surety_error *err);

/* Closes the call's connection; its functions are not called any more. Not from within them. */
void http_stop(struct http *http, struct http_call *call);

/* Of the reply whose bytes come; from within the request's function `bytes`. */
int http_status(const struct http_call *call);

/* Does what can be done now; else waits for wait_ms at most, or until http_wake. IO: final. */
enum surety_err http_run(struct http *http, int wait_ms, struct surety_error *err);

void http_wake(struct http *http); /* from any thread; counts also before the wait */

#endif
