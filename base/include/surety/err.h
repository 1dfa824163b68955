/*
 * err.h - the one table of error codes, and an error with its message.
 *
 * Does not log, exit or keep a last error: a function that can fail returns an enum surety_err and
 * fills the caller's struct surety_error with a sentence that says what to do.
 */
#ifndef SURETY_ERR_H
#define SURETY_ERR_H

/* X(NAME, wire name, HTTP status, text). Wire names never change and are never used again. */
#define SURETY_ERR_TABLE(X)                                                                        \
    X(OK, "ok", 200, "no error")                                                                   \
    X(NOMEM, "out_of_memory", 503, "memory could not be allocated")                                \
    X(LIMIT, "limit_exceeded", 413, "a documented limit was exceeded")                             \
    X(INVALID, "invalid_argument", 400, "an argument or option is out of range")                   \
    X(PARSE, "malformed_input", 400, "the input is not in the expected format")                    \
    X(IO, "io_error", 500, "reading or writing failed")                                            \
    X(NOT_FOUND, "not_found", 404, "no such thing")                                                \
    X(UNSUPPORTED, "unsupported", 422, "a valid request for something that is not built")          \
    X(PROTOCOL, "protocol_error", 400, "a peer broke the protocol")                                \
    X(VERSION, "version_mismatch", 426, "a peer speaks another protocol version")                  \
    X(UNREACHABLE, "unreachable", 503, "no answer from the broker or the engine")                  \
    X(ADDRESS_IN_USE, "address_in_use", 503, "the endpoint is taken by another process")           \
    X(BUSY, "busy", 429, "the window or the slots are full; try again later")                      \
    X(ENGINE, "engine_failed", 502, "the engine could not produce an output")                      \
    X(EXHAUSTED, "exhausted", 404, "the recording holds no sample with this index")                \
    X(LOST, "worker_lost", 502, "the worker died while it held the task")                          \
    X(STALLED, "stalled", 504, "the worker made no progress on the task")                          \
    X(DEADLINE, "deadline_exceeded", 504, "the deadline passed first")                             \
    X(CANCELLED, "cancelled", 499, "the request was cancelled")                                    \
    X(INTERNAL, "internal_error", 500, "a bug in surety")

enum surety_err {
#define X(name, wire, http, text) SURETY_ERR_##name,
    SURETY_ERR_TABLE(X)
#undef X
        SURETY_ERR_COUNT_
};

#define SURETY_OK SURETY_ERR_OK

/* An error code with its sentence. message is UTF-8, cut to fit, and empty when code is OK. */
struct surety_error {
    enum surety_err code;
    char message[500];
};

#if defined(__GNUC__)
#define SURETY_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define SURETY_API __attribute__((visibility("default")))
#else
#define SURETY_PRINTF(fmt, args)
#define SURETY_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Wire name ("invalid_argument"), text and HTTP status of a code; never NULL, any code is fine. */
SURETY_API const char *surety_err_name(enum surety_err code);
SURETY_API const char *surety_err_text(enum surety_err code);
SURETY_API int surety_err_http_status(enum surety_err code);

/* The code with this wire name; INTERNAL for an unknown name or NULL. */
SURETY_API enum surety_err surety_err_from_name(const char *name);

/* Fills err (NULL is fine) and returns code, so that a caller can `return surety_fail(...)`.
 * Internal. */
enum surety_err surety_fail(struct surety_error *err, enum surety_err code, const char *format, ...)
    SURETY_PRINTF(3, 4);

#ifdef __cplusplus
}
#endif

#endif
