/*
 * gateway_http.h - HTTP requests in, JSON replies and event streams out. The only file that knows
 * libmicrohttpd, and nothing of what is asked.
 *
 * One thread drives it: it sleeps elsewhere until the descriptor is readable or the time has come,
 * and then lets it run. Sockets never block, so a slow client holds up its own reply alone. Without
 * keys only loopback is listened on.
 */
#ifndef SURETY_SCALER_GATEWAY_GATEWAY_HTTP_H
#define SURETY_SCALER_GATEWAY_GATEWAY_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <surety/err.h>

#define GATEWAY_BODY_MAX (32u << 20)    /* bytes of one body */
#define GATEWAY_BODIES_MAX (256u << 20) /* bytes of all bodies that are being read */
#define GATEWAY_HEAD_MAX 32768          /* bytes of a request's line and headers, about */
#define GATEWAY_CONNECTIONS_MAX 4096
#define GATEWAY_IDLE_S 60 /* a connection on which nothing moves, in either direction */
#define GATEWAY_BODY_S 60 /* from a request's head to the end of its body */

struct gateway_http;
struct gateway_exchange; /* a request and its reply */

struct gateway_request {
    const char *method, *path; /* path without what follows "?" */
    const char *content_type;  /* "" without one */
    const char *body;
    size_t len;
};

/* Called from gateway_http_run. */
struct gateway_http_calls {
    /* A whole request is there. It is answered, now or later, by gateway_http_reply or a stream. */
    void (*request)(void *user, struct gateway_exchange *x, const struct gateway_request *request);
    /* The exchange has ended, done or not; it is used no more. Only after `request`. */
    void (*ended)(void *user, struct gateway_exchange *x);
    /* The JSON of an error, for what is refused before it is whole; the caller frees. */
    char *(*refusal)(int status, const char *message);
};

/* Listens at HOST:PORT; port 0 is the system's choice. INVALID: not HOST:PORT, or not loopback;
 * ADDRESS_IN_USE, IO, NOMEM. */
enum surety_err gateway_http_open(const char *address, const struct gateway_http_calls *calls,
                                  void *user, struct gateway_http **ret_http,
                                  struct surety_error *err);
void gateway_http_close(struct gateway_http *http); /* NULL is fine; ends all exchanges */

const char *gateway_http_address(const struct gateway_http *http); /* HOST:PORT, for people */
int gateway_http_fd(const struct gateway_http *http);
int64_t gateway_http_wait_ms(const struct gateway_http *http); /* at most so long; -1: for ever */
void gateway_http_run(struct gateway_http *http);           /* what can be done without waiting */
bool gateway_http_is_busy(const struct gateway_http *http); /* an exchange is open */

/* What `ended` and others find again. */
void gateway_http_set_user(struct gateway_exchange *x, void *user);
void *gateway_http_user(const struct gateway_exchange *x);

/* Calls see(arg, name, value) for each header. */
void gateway_http_headers(struct gateway_exchange *x,
                          void (*see)(void *arg, const char *name, const char *value), void *arg);

/* The whole reply; takes json over (NULL: no memory for it). retry_s: 0, or what Retry-After says;
 * allow: NULL, or the methods that the path has. */
void gateway_http_reply(struct gateway_exchange *x, int status, char *json, int retry_s,
                        const char *allow);

/* A reply in pieces: begin, then any number of sends, then end. What was sent waits, without bound,
 * until the client takes it: gateway_http_queued tells how much does. */
void gateway_http_begin_stream(struct gateway_exchange *x);
void gateway_http_send(struct gateway_exchange *x, const char *text, size_t len);
void gateway_http_end_stream(struct gateway_exchange *x);
size_t gateway_http_queued(const struct gateway_exchange *x);

/* False once the client has gone: nobody waits for the reply, and the exchange is ended soon. One
 * that has closed its own side alone still waits. */
bool gateway_http_is_wanted(struct gateway_exchange *x);

#endif
